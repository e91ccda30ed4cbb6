"""Strategies: valid calls of every op, well-conditioned expressions, and examples that shrink and run."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, primitive
from autograd.engine.node import Node
from autograd.ops import table
from autograd.testing import GradientError, check_gradients, mutants, verdicts
from autograd.testing.op_inputs import MIN_DISTANCE, is_smooth_at
from autograd.testing.strategies import (
    Expression,
    away_from,
    broadcastable_shapes,
    expressions,
    op_calls,
    tensors,
    values,
)
from tests.helpers.support import examples

OPS = table()
every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
looking = settings(
    max_examples=1000, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)  # fmt: skip


@pytest.mark.no_cover  # as in tests/ops/test_gradients.py
@every_op
def test_every_op_gets_valid_calls(op):
    @examples(20)
    @given(op_calls(op))
    def check(call):
        assert isinstance(call(), Node)
        assert is_smooth_at(op, call.args, call.params).all()
        assert call.op.__name__ in repr(call)

    check()


@pytest.mark.parametrize("op", [op for op in OPS if op.differentiable], ids=lambda op: op.name)
def test_calls_in_float32_stay_in_it(op):
    @examples(3)
    @given(op_calls(op, dtype=np.float32))
    def check(call):
        assert call().dtype == call.params.get("dtype", np.float32)

    check()


@pytest.mark.parametrize("place", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_tie_is_not_gentle_wherever_it_is(place):
    x = np.linspace(-1.0, 1.0, 9)
    assert is_smooth_at(autograd.max, [x.reshape(3, 3)], {"axis": None, "keepdims": False}).all()
    x[[0, place]] = 1.5
    assert not is_smooth_at(autograd.max, [x.reshape(3, 3)], {"axis": None, "keepdims": False}).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_jump_of_the_second_derivative_is_not_gentle(dtype):
    x = np.array([-2.0, -0.1, 0.0, 0.1, 2.0], dtype)
    assert is_smooth_at(autograd.elu, [x], {"alpha": 1.0}).tolist() == [True, True, False, True, True]
    assert is_smooth_at(autograd.sin, [x], {}).all()


def test_a_call_is_shown_as_code_that_runs():
    scope = {"np": np} | {op.__name__: op for op in OPS}
    for op in (autograd.where, autograd.sum, autograd.ops.indexing.getitem):
        call = find(op_calls(op), lambda c: True, settings=looking)
        np.testing.assert_array_equal(eval(repr(call), scope), call().data)


def test_calls_of_a_users_op_and_the_lesson_where_there_are_none():
    @primitive("acosh", elementwise=True)
    def acosh(xp, x):
        return xp.log(x + xp.sqrt(x * x - 1))

    acosh.defvjps(x=lambda xp, g, y, x: g / xp.sqrt(x * x - 1))

    @given(op_calls(acosh))
    @examples(20)
    def check(call):
        assert (call.args[0] > 1).all()
        check_gradients(acosh, call.args)

    check()

    @primitive("nan", elementwise=True)
    def hopeless(xp, x):
        return xp.log(x * 0 - 1)

    hopeless.defvjps(x=lambda xp, g, y, x: g)
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="hopeless has no smooth point"):
        find(op_calls(hopeless), lambda c: True, settings=looking)


def test_calls_of_a_users_op_that_is_not_elementwise_are_found_by_trying():
    @primitive("H")
    def entropy(xp, p):
        return -xp.sum(p * xp.log(p))

    entropy.defvjps(p=lambda xp, g, y, p: g * (-1 - xp.log(p)))
    shapes = set()

    @given(op_calls(entropy))
    @examples(30)
    def check(call):
        assert (call.args[0] > 0).all()
        shapes.add(call.args[0].shape)
        check_gradients(entropy, call.args)

    check()
    assert len(shapes) > 3

    @primitive("nan")
    def hopeless(xp, a):
        return xp.sum(xp.log(a * 0 - 1))

    hopeless.defvjps(a=lambda xp, g, y, a: g)
    with pytest.raises(ValueError, match="no arguments for hopeless were found by trying"):
        find(op_calls(hopeless), lambda c: True, settings=looking)


@given(st.integers(1, 4).flatmap(broadcastable_shapes))
@examples(50)
def test_shapes_broadcast(shapes):
    np.broadcast_shapes(*shapes)


@given(away_from([0.0, 1.0]), values(), tensors(shape=(2, 3), dtype=np.float32), tensors())
@examples(50)
def test_numbers_and_nodes(x, v, t, any_tensor):
    assert min(abs(x), abs(x - 1)) >= MIN_DISTANCE
    assert type(v) is Value
    assert -2 <= v.data <= 2
    assert (t.shape, t.dtype) == ((2, 3), np.float32)
    assert type(any_tensor) is Tensor
    assert any_tensor.dtype == float


@pytest.mark.no_cover  # as in tests/ops/test_gradients.py
def test_expressions_draw_from_the_whole_table():
    drawn = set()

    @given(expressions(max_nodes=24))
    @examples(400)
    def collect(e):
        drawn.update(line.op.name for line in e.lines)

    collect()
    scalar = {op.name for op in OPS if op.elementwise and op.differentiable and not op.lacks}
    assert {"sum", "mean", "where", "pow_number"} <= drawn
    assert len(scalar & drawn) >= 0.75 * len(scalar)


@given(expressions(max_nodes=8))
@examples(60)
def test_an_expression_is_right_and_is_shown_as_code_that_runs(e):
    scope = {}
    exec(repr(e), scope)
    np.testing.assert_array_equal(np.asarray(scope["f"](*scope["args"])), np.asarray(e(*e.inputs)))
    assert np.isfinite(np.asarray(e(*e.inputs))).all()
    check_gradients(e, e.inputs, order=1)


@given(expressions(n_inputs=2, ops=[autograd.mul, autograd.add, autograd.tanh], max_nodes=5, shapes=[()]))
@examples(40)
def test_options_of_expressions(e):
    assert isinstance(e, Expression)
    assert len(e.inputs) == 2
    assert {line.op.name for line in e.lines} <= {"mul", "add", "tanh"}
    assert 1 <= len(e.lines) <= 5
    assert all(x.shape == () for x in e.inputs)
    check_gradients(e, tuple(map(float, e.inputs)), order=1)


def test_ops_that_cannot_be_drawn_are_named():
    with pytest.raises(ValueError, match=r"matmul is neither elementwise nor a reduction; draw it with op_calls"):
        expressions(ops=[autograd.tanh, autograd.matmul])
    with pytest.raises(ValueError, match="ops is empty"):
        expressions(ops=[])


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("op_calls", op_calls),
        ("expressions", lambda op: expressions(ops=[op])),
        ("mutants", mutants),
        ("verdicts", lambda op: verdicts(op, [((1.0,), {})])),
    ],
)
def test_what_is_no_op_is_named_at_once(name, use):
    with pytest.raises(TypeError, match=rf"{name}: 'sin' is no op; pass one of the table, as autograd\.sin"):
        use(np.sin)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: expressions(ops=autograd.sin), r"expressions: ops is a list of ops; write \[sin\]"),
        (lambda: expressions(max_nodes=0), "expressions: max_nodes is 1 or more, not 0"),
        (lambda: expressions(n_inputs=0), "expressions: n_inputs is 1 or more, not 0"),
        (lambda: away_from(1.0), r"away_from: points is a list of numbers, as \[0\.0\], not 1\.0"),
        (lambda: away_from(["a"]), "away_from: points is a list of numbers"),
    ],
)
def test_wrong_options_are_named_before_anything_is_drawn(call, text):
    with pytest.raises((TypeError, ValueError), match=text):
        call()


def wrong(e):
    try:
        check_gradients(e, e.inputs, order=1, modes=("reverse",))
    except GradientError:
        return True
    return False


@pytest.mark.no_cover  # as in tests/ops/test_gradients.py
@pytest.mark.parametrize("name", ["mul", "sqrt", "tanh", "mean"])
def test_a_bug_planted_in_an_op_shrinks_to_at_most_three_nodes(name):
    op = next(op for op in OPS if op.name == name)
    bug = next(m for m in mutants(op) if "doubled" in m.mistake)
    with bug.planted():
        smallest = find(expressions(max_nodes=10), wrong, settings=looking)
    assert len(smallest.lines) <= 3
    assert name in repr(smallest)
    assert not wrong(smallest)


@pytest.mark.parametrize("name", ["autograd.testing.strategies", "nn.testing"])
def test_without_hypothesis_an_error_names_the_extra(name):
    code = f"import sys; sys.modules['hypothesis'] = None; import autograd.testing, nn\ntry: import {name}\n"
    code += "except ImportError as e: assert \"needs hypothesis: pip install 'graphgrad[testing]'\" in str(e), e\n"
    code += "else: raise SystemExit('imported')"
    subprocess.run([sys.executable, "-c", code], check=True)
