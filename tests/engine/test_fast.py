"""The functions made for an op: they run wherever they can, give what the plain way gives, and can be read."""

import cProfile
import gc
import inspect
import linecache
import pstats
import sys
import traceback
from collections import Counter
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given

import autograd
from autograd import Tensor, Value, gradients, primitive, source
from autograd.engine.backward import visits
from autograd.engine.calling import bind
from autograd.engine.contributions import contributions
from autograd.engine.fast import backward_code, recording_code
from autograd.engine.recording import apply
from autograd.engine.templates import compiled, filled
from autograd.ops import table
from autograd.testing.strategies import expressions
from tests.helpers.samplers import samples, varied
from tests.helpers.support import contract, examples

GENERAL = {apply.__code__: "recorded", contributions.__code__: "pulled"}
OPS = [op for op in table() if op.differentiable and not op.variadic]
ELEMENTWISE = [op for op in OPS if op.elementwise]
by_name = pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
without_params = pytest.mark.parametrize("op", [op for op in OPS if not op.params], ids=lambda op: op.name)


@contextmanager
def counting():
    """How many nodes are recorded and pulled in the general way."""
    found = Counter()

    def watch(frame, event, _):
        if event == "call" and frame.f_code in GENERAL:
            found[GENERAL[frame.f_code]] += 1

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield found
    finally:
        sys.setprofile(before)


def test_the_general_way_is_counted():
    x = Value(2.0)
    with counting() as found:
        gradients(x * x, x, create_graph=True)  # records the products of a gradient graph, by contributions
    assert found["pulled"]


def twice(call):
    """A call once more, when all that is made at the first use is there."""
    call()
    with counting() as found:
        call()
    return found


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_scalar_expression_of_operators_and_methods_is_neither_recorded_nor_pulled_in_the_general_way(kind):
    def expression():
        a, b = kind(1.5), kind(0.5)
        y = -(a * b + 2.0 - b / a) + (3.0 - a) * 1.5 / b
        y = y.tanh() * a.sigmoid() + b.exp().log() + a.sqrt().sin().cos() + b.relu() + a**2
        y.backward()

    assert not twice(expression)


def test_a_layer_and_its_loss_are_neither_recorded_nor_pulled_in_the_general_way():
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=(5, 3)), Tensor(rng.normal(size=(3, 2))), Tensor(np.zeros(2))

    def loss():
        error = (x @ W + b).tanh() - 1.0
        (error**2).mean().backward()
        (error * error).sum().backward()

    assert not twice(loss)


@without_params
def test_an_op_without_static_arguments_is_recorded_by_its_own_function(op):
    sample = next(iter(samples(op)))
    nodes = [Tensor(a) for a in sample.args]
    assert not twice(lambda: op(*nodes))["recorded"]


@by_name
def test_an_op_on_arrays_is_pulled_by_its_own_function(op):
    for sample in samples(op):
        nodes = [Tensor(a) for a in sample.args]
        y = op(*nodes, **sample.params)
        wanted = [nodes[i] for i in varied(op, sample.args)]
        if wanted:
            loss = contract(y)
            assert not twice(lambda: gradients(loss, wanted))["pulled"]


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_an_elementwise_op_on_floats_is_pulled_by_its_own_function(op):
    sample = next(iter(samples(op, ())))
    nodes = [Value(float(a)) for a in sample.args]
    y = op(*nodes, **sample.params)
    assert not twice(lambda: gradients(y, [nodes[i] for i in varied(op, sample.args)]))["pulled"]


# ---- the plain way gives the same ----


def plainly(op):
    """An op, recorded by `apply`."""

    def record(*args, **params):
        nodes, static = bind(op, args, params)
        return apply(op, nodes, static)

    return record


def same(a, b):
    return type(a) is type(b) and np.array_equal(a, b, equal_nan=True) and np.shape(a) == np.shape(b)


def both_ways_agree(expression, kind):
    fast, plain = ([kind(a) for a in expression.inputs] for _ in range(2))
    y, z = expression.evaluate(fast, lambda op: op), expression.evaluate(plain, plainly)
    seed = np.cos(np.arange(np.size(y.data), dtype=float)).reshape(y.shape) if y.ndim else 0.7
    y.backward(seed)
    walked, leaves = visits(z, seed)
    of = dict(zip(autograd.graph.toposort(z), autograd.graph.toposort(y), strict=True))
    for node, other in of.items():
        assert same(node.data, other.data)
        assert node.requires_grad == other.requires_grad
        assert (node.op, node.params, node._depth) == (other.op, other.params, other._depth)
    assert {of[visit.node] for visit in walked} == {node for node in of.values() if node.op and node.has_grad}
    for visit in walked:
        assert same(np.asarray(visit.gradient), np.asarray(of[visit.node].grad))
    for leaf, g in leaves.items():
        assert same(np.asarray(g), np.asarray(of[leaf].grad))


@given(expressions(max_nodes=20, shapes=[()]))
@examples(100)
def test_values_fast_and_plain_are_the_same(expression):
    both_ways_agree(expression, Value)


@given(expressions(max_nodes=20))
@examples(100)
def test_tensors_fast_and_plain_are_the_same(expression):
    both_ways_agree(expression, Tensor)


# ---- the code can be read ----


@pytest.mark.parametrize("kind", [Value, Tensor])
@pytest.mark.parametrize("name", ["__mul__", "__rmul__", "exp", "_pow_number"])
def test_the_source_of_a_method_is_shown(kind, name):
    method = getattr(kind, name)
    code = inspect.getsource(method)
    assert "node.parents = (n0," in code
    assert (method.__qualname__, method.__module__) == (f"{kind.__name__}.{name}", kind.__module__)
    assert code.startswith(f"def {name.strip('_').removeprefix('r') if 'mul' in name else name.removeprefix('_')}(")


def test_source_gives_the_code_of_an_op():
    text = source(autograd.mul)
    assert "data = (x0 * x1)" in text  # recorded on floats
    assert "= (g * x1)" in text  # its derivatives
    assert "= (g * x0)" in text
    assert "vjp0(xp, g, y, x0, x1)" in text  # on arrays
    assert text.count("def mul(") == text.count("def mul_backward(") == 2
    for op in table():
        for native, kind in ((float, "floats"), (np.ndarray, "arrays")):
            code = recording_code(op, native)
            assert (code is None) == (op.variadic or (native is float and not op.elementwise))
            assert code is None or f"# {op.__name__} on {kind}\n{code}" in source(op)
            assert (backward_code(op, native, op.params) or "") in source(op)


def test_a_profile_lists_every_op_by_itself():
    def steps():
        x = Value(1.0)
        for _ in range(500):
            x = (x * 1.01 + 0.1).tanh() - 0.2
        x.backward()

    steps()
    profile = cProfile.Profile()
    profile.runcall(steps)
    calls = {name: count for (_, _, name), (count, *_) in pstats.Stats(profile).stats.items()}
    for name in ("mul", "add", "tanh", "sub"):
        assert calls[name] == calls[f"{name}_backward"] == 500


def test_a_traceback_shows_the_line_of_generated_code():
    def f():
        return Value(1.0) * "x"

    with pytest.raises(TypeError) as caught:
        f()
    ours = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (ours.filename, ours.name) == ("<autograd mul on floats>", "mul")
    assert ours.line == "if node is None: return apply(op, (n0, n1,), NO_PARAMS)"


def test_generated_code_goes_with_its_op():
    def lines():
        return sum("passing on floats" in file for file in linecache.cache)

    for _ in range(3):

        @primitive(elementwise=True)
        def passing(xp, x):
            return xp.exp(x)

        passing.defvjps(x=lambda xp, g, y, x: g * y)
        passing(Value(1.0)).backward()
        assert lines() == 2
        linecache.checkcache()
        assert lines() == 2
        del passing
        gc.collect()
        assert lines() == 0


def test_two_ops_of_one_name_keep_their_own_code():
    first = compiled("f", "def f():\n    return 1\n", "twice", {})
    second = compiled("f", "def f():\n    return 2\n", "twice", {})
    assert (first(), second()) == (1, 2)
    assert "return 1" in inspect.getsource(first)
    assert "return 2" in inspect.getsource(second)


def test_a_template_is_filled_for_each_operand_that_a_mark_stands_for():
    template = """
def {name}({nodes}):
    x{i} = n{i}    #: each
    y{i} = {t}     #: each
    z = 1          #: yes
    z = 2          #: no
    w{i} = x{i}    #: some, yes
    v{i} = x{i}    #: some, no
"""
    code = filled(
        template, {"each": range(2), "some": [1], "yes": True, "no": False},
        name="f", nodes="n0, n1", t={0: "a", 1: "b"},
    )  # fmt: skip
    assert code.splitlines() == [
        "def f(n0, n1):", "    x0 = n0", "    y0 = a", "    x1 = n1", "    y1 = b", "    z = 1", "    w1 = x1",
    ]  # fmt: skip


def test_the_code_for_static_arguments_is_bounded():
    before = len(linecache.cache)
    for k in range(150):
        x = Value(1.5)
        (x ** (k + 0.25)).backward()
        assert x.grad == pytest.approx((k + 0.25) * 1.5 ** (k - 0.75))
    assert len(linecache.cache) - before <= 110


def test_source_refuses_what_is_no_op():
    for x in (autograd.norm, np.sin, 3, Value(1.0)):
        with pytest.raises(TypeError, match="source takes an op"):
            source(x)


def test_an_op_named_by_a_keyword_is_recorded():
    def lambda_(xp, x):
        return x * 2

    lambda_.__name__ = "f"
    op = primitive(elementwise=True)(lambda_)
    op.__name__ = "lambda"
    op.defvjps(x=lambda xp, g, y, x: g * 2)
    x = Tensor([1.0, 2.0])
    op(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [2.0, 2.0])


def test_static_arguments_0_and_minus_0_have_code_of_their_own():
    @primitive(elementwise=True)
    def angle(xp, a, /, c):
        return xp.arctan2(c, a)

    angle.defvjps(a=lambda xp, g, y, a, c: g * xp.arctan2(c, a))
    for c in (0.0, -0.0):
        x = Value(-1.0)
        angle(x, c).backward()
        assert x.grad == np.arctan2(c, -1.0)


def test_a_derivative_that_is_a_whole_number_gives_floats():
    @primitive(elementwise=True)
    def three(xp, x):
        return x * 3

    three.defvjps(x=lambda xp, g, y, x: 3)
    x = Value(2.0)
    u = x * 1.0
    three(u).backward()
    assert (type(u.grad), u.grad, x.grad) == (float, 3.0, 3.0)


def test_a_half_precision_result_is_refused_also_where_a_gradient_is_required():
    @primitive(elementwise=True)
    def half(xp, x):
        return x.astype("e") if isinstance(x, np.ndarray) else x + 0

    half.defvjps(x=lambda xp, g, y, x: g)
    with pytest.raises(TypeError, match="float16"):
        half(Tensor([1.0, 2.0]))
