"""Scalar graphs by levels and on the machine: every op, runs of additions, several passes, threads."""

import threading
from importlib.util import find_spec
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import assume, given, settings

import autograd
from autograd import Tensor, Value, gradients, primitive, value_and_grad
from autograd.compiler import machine, program, record
from autograd.compiler.flat import flattened
from autograd.compiler.levels import levels_code
from autograd.compiler.machine import machine_code
from autograd.engine.node import functions, registry, toposort
from autograd.engine.op import Op
from autograd.ops import special
from autograd.testing.strategies import expressions
from tests.compiler.scalars import gradient_nodes, net, recorded
from tests.helpers.support import examples, ulps

NUMBA = find_spec("numba") is not None
BACKENDS = {"levels": levels_code, "machine": machine_code}
needs_numba = pytest.mark.skipif(not NUMBA, reason="needs numba")
OPS = sorted({op for op in functions().values() if isinstance(op, Op) and op.elementwise}, key=lambda op: op.__name__)
both = pytest.mark.parametrize("backend", ["levels", pytest.param("machine", marks=needs_numba)])
# numba takes a quarter of a second for a branch: only the thorough tests make a machine of all ops.
ALL = settings.default.max_examples > 100
COMMON = {getattr(registry, name) for name in machine.COMMON}


@pytest.fixture(autouse=True, scope="module")
def one_machine():
    """One machine serves all tests, so that numba compiles once."""
    with pytest.MonkeyPatch.context() as patch:
        if ALL:
            names = {op: name for name, op in functions().items() if op in OPS and "machine" not in op.lacks}
            patch.setattr(machine, "COMMON", tuple(names.values()))
        yield


def with_backends(ops):
    """Ops with the back ends that are tried on them."""
    levels = [pytest.param(op, "levels", id=f"{op.__name__}-levels") for op in ops]
    of_machine = [op for op in ops if (ALL or op in COMMON) and "machine" not in op.lacks]
    return levels + [pytest.param(op, "machine", marks=needs_numba, id=f"{op.__name__}-machine") for op in of_machine]


def run(backend, recording, outputs):
    """What a back end gives for the data of a recording."""
    code = BACKENDS[backend](recording, outputs)
    assert code.backend == backend
    return code.make()(*(x._data for x in (*recording.inputs, *code.captured)))


def places(op):
    """Arguments of an op: many where it is smooth, and all its singular points."""
    rng = np.random.default_rng(0)
    domain = op.domain or ((0.2, 0.9),) * op.arity
    rows = [[float(rng.uniform(low, high)) for low, high in domain] for _ in range(20)]
    if op.__name__ in ("where", "stated"):
        rows = [[float(i % 2), *row[1:]] for i, row in enumerate(rows)]
    return rows


def near(actual, expected, limit=4):
    """Whether numbers are equal or within so many ulp; where eager repeats its pass with marks, nan asks for that."""
    return isnan(actual) or ulps(actual, expected) <= limit


@pytest.mark.parametrize(("op", "backend"), with_backends(OPS))
def test_ops(op, backend):
    """Values and gradients of every elementwise op, at twenty places in one call."""
    params = {k: v if type(v) in (int, str) else 1.7 for k, v in op.params.items()}
    rows = [[Value(a) for a in row] for row in places(op)]
    outputs = [op(*row, **params) for row in rows]
    nodes = [*outputs]
    expected = [y.data for y in outputs]
    if op.differentiable:
        for y, row in zip(outputs, rows, strict=True):
            of = [x for i, x in enumerate(row) if op.vjp(i)]
            nodes += gradient_nodes(y, of)
            expected += gradients(y, of)
    leaves = [x for row in rows for x in row]
    results = run(backend, recorded(leaves), nodes)
    assert len(results) == len(expected)
    for actual, right in zip(results, expected, strict=True):
        assert type(actual) is type(right)
        # NumPy's functions of arrays are within 4 ulp, and which they are depends on the CPU; a slope reads the value.
        assert ulps(actual, right) <= 8, (actual, right)


@pytest.mark.parametrize(("op", "backend"), with_backends([op for op in OPS if op.conventions]))
def test_singular_points(op, backend):
    """What is stated for kinks, ties and poles; nan where eager repeats its pass with marks."""
    for stated in op.conventions:
        for point, expected in stated.examples.items():
            point = point if isinstance(point, tuple) else (point,)
            args = [Value(float(a)) for a in point[: op.arity]]
            params = {**op.params, **dict(zip(op.params, point[op.arity :], strict=False))}
            x = args[op.argnames.index(stated.arg)]
            y = op(*args, **params)
            (g,) = run(backend, recorded(args), gradient_nodes(y, [x]))
            assert ulps(g, expected) <= 4 or isnan(g), (op, point, g, expected)


@needs_numba
def test_an_op_that_the_machine_lacks_is_left_to_others():
    x = Value(1.3)
    y = special.gammaln(x) * x
    assert machine_code(recorded([x]), [y]) is None
    assert run("levels", recorded([x]), [y]) == (y.data,)


@both
def test_demo(backend):
    """micrograd's demo: the loss to the last digit, 337 gradients."""
    loss, parameters = net([2, 16, 16, 1], 20, Value.relu)
    outputs = [loss, *gradient_nodes(loss, parameters)]
    code = BACKENDS[backend](recorded([], parameters), outputs)
    assert set(code.captured) == set(parameters)
    value, *found = code.make()(*(p.data for p in code.captured))
    assert value == loss.data
    for g, node in zip(found, outputs[1:], strict=True):
        assert abs(g - node.data) <= 1e-15
    assert flattened(recorded([], parameters), outputs).calculated > 13_000
    assert code.instructions < 60 if backend == "levels" else code.instructions > 13_000


@both
def test_sums_are_those_of_numbers_added_one_by_one(backend):
    rng = np.random.default_rng(0)
    for runs, terms in ((1, 40), (2, 40), (7, 3), (40, 17), (1, 2)):
        xs = [
            [Value(float(a)) for a in rng.normal(size=terms) * 10.0 ** rng.integers(-8, 8, terms)] for _ in range(runs)
        ]
        outputs = [sum(row[1:], row[0]) for row in xs]
        leaves = [x for row in xs for x in row]
        assert run(backend, recorded(leaves), outputs) == tuple(y.data for y in outputs)


@both
def test_sums_whose_parts_are_used_elsewhere(backend):
    a, b, c, d = (Value(v) for v in (1.0, 2.0, 4.0, 8.0))
    part = a + b
    whole = part + c
    y = (whole + d) * part
    nodes = [y, part, *gradient_nodes(y, [a, b, c, d, part, whole])]
    assert run(backend, recorded([a, b, c, d]), nodes) == (45.0, 3.0, 18.0, 18.0, 3.0, 3.0, 18.0, 3.0)


@both
@given(e=expressions(max_nodes=24, shapes=[()]))
@examples(20)
def test_expressions(backend, e):
    xs = [Value(a) for a in e.inputs]
    y = e(*xs)
    assume(type(y.data) is float and flattened(recorded(xs), [y]) is not None)  # else it has an op such as sum
    assume(backend == "levels" or ALL or COMMON.issuperset(n.op for n in toposort(y) if n.op))
    nodes = [y, *(gradient_nodes(y, xs) if y.requires_grad else [])]
    for actual, node in zip(run(backend, recorded(xs), nodes), nodes, strict=True):
        assert isnan(actual) or abs(actual - node.data) <= 1e-9 * max(1.0, abs(node.data))


@both
def test_several_passes_and_what_is_made_of_gradients(backend):
    """A step downhill inside: the gradient of the second pass depends on the numbers of the first."""
    x, y = Value(0.5), Value(-0.25)
    f = lambda a, b: (a * b).tanh() + a * a + b.exp()
    (dx, dy) = gradient_nodes(f(x, y), [x, y])
    u, v = x - 0.1 * dx, y - 0.1 * dy
    second = f(u, v)
    nodes = [second, *gradient_nodes(second, [u, v], seed=2.0), dx]
    values = run(backend, recorded([x, y]), nodes)
    for actual, node in zip(values, nodes, strict=True):
        assert ulps(actual, node.data) <= 8


@both
def test_seeds_that_are_calculated(backend):
    from autograd.compiler.requests import GRADIENT, Request

    x = Value(3.0)
    seed, y = x * 2.0, x * x
    node = Value(0.0)
    node._fill(36.0, None, False, GRADIENT, (y, seed), {"request": Request({y: seed}, [x], False), "index": 0})
    assert run(backend, recorded([x]), [node]) == (36.0,)


@both
def test_inputs_of_a_request_that_are_not_reached(backend):
    x, z = Value(3.0), Value(4.0)
    assert run(backend, recorded([x, z]), gradient_nodes(x * x, [x, z])) == (6.0, 0.0)


@both
def test_strict(backend):
    x = Value(0.0)
    code = BACKENDS[backend](recorded([x]), gradient_nodes(abs(x), [x], strict=True))
    if backend == "machine" and code is None:
        return  # nan has no source; levels serve then
    assert isnan(*code.make()(0.0))
    assert code.make()(2.0) == (1.0,)


@both
def test_what_requires_no_gradient_hands_none_on(backend):
    x, w = Value(3.0), Value(2.0)
    fixed = (x * x).detach()
    y = fixed * w + w**2
    assert run(backend, recorded([w]), gradient_nodes(y, [w])) == (13.0,)


@both
def test_captured_leaves_are_read_and_captured_results_are_not_calculated_again(backend):
    x, w = Value(3.0), Value(2.0)
    before = w * w
    y = before * x
    code = BACKENDS[backend](recorded([x], [before]), [y])
    assert code.captured == [before]
    assert code.make()(3.0, 5.0) == (15.0,)


@both
def test_guards_are_bools(backend):
    x = Value(3.0)
    values = run(backend, recorded([x]), [x > 2, x * 2, x < 2])
    assert values == (True, 6.0, False)
    assert [type(v) for v in values] == [bool, float, bool]


@both
def test_a_nan_that_a_selection_met_asks_for_eager(backend):
    """where(x > 0, sqrt(x), 0) at 0, behind an infinite slope: eager's second pass, with marks, gives 0."""
    x = Value(0.0)
    y = autograd.where(x > 0, x.sqrt(), 0.0)
    (g,) = gradients(y, [x])
    assert g == 0.0
    (found,) = run(backend, recorded([x]), gradient_nodes(y, [x]))
    assert isnan(found)


@both
def test_ieee(backend):
    x = Value(0.0)
    values = run(backend, recorded([x]), [1 / x, -1 / x, x / x, (x - 1).log(), (x + 1000).exp()])
    assert np.array_equal(values, [np.inf, -np.inf, nan, nan, np.inf], equal_nan=True)


def test_graphs_with_arrays_are_none():
    x = Tensor([1.0, 2.0])
    v = Value(2.0)
    assert levels_code(recorded([x]), [x * 2]) is None
    assert levels_code(recorded([v]), [v * x]) is None
    assert machine_code(recorded([x]), [x * 2]) is None


def test_narrow_graphs_are_none_where_that_is_asked():
    x = y = Value(0.5)
    for _ in range(50):
        y = y.tanh()
    assert levels_code(recorded([x]), [y], width=2.0) is None
    assert levels_code(recorded([x]), [y]).make()(0.5)[0] == pytest.approx(y.data, abs=1e-15)


@both
def test_own_ops(backend, monkeypatch):
    monkeypatch.setattr(machine, "COMMON", ("add",))

    @primitive("§", elementwise=True)
    def cube(xp, x):
        return x * x * x

    cube.defvjps(x=lambda xp, g, y, x: g * (3 * x * x))
    x = Value(2.0)
    y = cube(x)
    assert run(backend, recorded([x]), [y, *gradient_nodes(y, [x])]) == (8.0, 12.0)


def test_own_ops_without_code():
    """An op that asks for a rank is called by levels; the machine has no branch for it."""

    @primitive("§", elementwise=True)
    def cube(xp, x):
        return x * x * x if getattr(x, "ndim", 0) < 9 else xp.sum(x)

    cube.defvjps(x=lambda xp, g, y, x: g * (3 * x * x) if getattr(x, "ndim", 0) < 9 else g)
    x = Value(2.0)
    y = cube(x)
    nodes = [y, *gradient_nodes(y, [x])]
    assert run("levels", recorded([x]), nodes) == (8.0, 12.0)
    assert machine_code(recorded([x]), nodes) is None


def test_own_ops_that_branch_on_numbers():
    """Eager mode takes them for numbers, and levels leave them to others."""

    @primitive("§", elementwise=True, differentiable=False)
    def sides(xp, x):
        return 1.0 if x > 0 else 2.0

    @primitive("¶", elementwise=True, differentiable=False)
    def other(xp, x):
        return xp.sum(x) if hasattr(x, "ndim") else x

    xs = [Value(1.0), Value(-1.0)]
    for op in (sides, other):
        assert levels_code(recorded(xs), [op(x) for x in xs]) is None
        assert machine_code(recorded(xs), [op(x) for x in xs]) is None
    assert program([sides(x) for x in xs], xs)([-3.0, 3.0]) == [2.0, 1.0]


@both
def test_static_arguments(backend):
    xs = [Value(0.3 + 0.1 * i) for i in range(6)]
    ys = [x**n for x, n in zip(xs, (2, 3, 0, -1, 0.5, 2), strict=True)] + [autograd.elu(x - 1, alpha=0.5) for x in xs]
    nodes = [*ys, *(g for y, x in zip(ys, xs + xs, strict=True) for g in gradient_nodes(y, [x]))]
    for actual, node in zip(run(backend, recorded(xs), nodes), nodes, strict=True):
        assert ulps(actual, node.data) <= 4


@both
def test_recorded_functions(backend):
    """A recording of a function that asks for gradients, with the user's lines."""
    f = value_and_grad(lambda xs: sum(x.tanh() * x for x in xs))
    xs = [0.1 * i for i in range(30)]
    recording = record(lambda *xs: f([*xs]), xs, [None] * 30, "f")
    code = BACKENDS[backend](recording, recording.outputs)
    value, gradient = f(xs)
    actual, *found = code.make()(*xs)
    assert abs(actual - value) <= 1e-15
    assert np.abs(np.array(found) - gradient).max() <= 1e-15
    assert "30 × tanh  test_levels.py:" in code.text
    assert "∂ 30 × tanh  test_levels.py:" in code.text


@both
def test_threads_have_workspaces_of_their_own(backend):
    loss, parameters = net([2, 4, 1], 5, Value.tanh)
    code = BACKENDS[backend](recorded(parameters), [loss, *gradient_nodes(loss, parameters)])
    rng = np.random.default_rng(0)
    points = rng.normal(size=(8, len(parameters))).tolist()
    alone = [code.make()(*point) for point in points]
    wrong = []

    def work(k):
        own = code.make()
        wrong.extend(k for _ in range(200) if own(*points[k]) != alone[k])

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_the_text():
    """A level a line: what is read is what runs."""
    xs = [Value(float(i)) for i in range(4)]
    y = xs[0] * xs[1] + xs[1] * xs[2] + xs[2] * xs[3]
    code = levels_code(recorded(xs), [y, *gradient_nodes(y, xs)])
    assert [line.strip() for line in code.text.splitlines()] == [
        "def make():",
        "v, d = empty(13), zeros(13)",
        "v[4:5] = c1",
        "def run(*numbers):",
        "pack(v, 0, *numbers)",
        "v[5:8] = v[0:3] * v[1:4]  # 3 × mul",
        "v[8] = add.accumulate(v[5:8])[-1]  # 1 × sum of 3",
        "# the gradients of 1 output by 4",
        "d.fill(0.0)",
        "d[8] = 1.0",
        "d[5:8] += d[8]  # ∂ 1 × sum of 3",
        "d[0:3] += d[5:8] * v[1:4]  # ∂ 3 × mul",
        "d[1:4] += d[5:8] * v[0:3]  # ∂ 3 × mul",
        "v[9:13] = d[0:4]",
        "return (*v[8:13].tolist(),)",
        "return partial(quietly, run)",
    ]


def test_constants_whose_bits_differ_are_told_apart():
    x = Value(-1.0)
    ys = [autograd.arctan2(c, x) for c in (0.0, -0.0)]
    assert run("levels", recorded([x]), ys) == (np.pi, -np.pi)
