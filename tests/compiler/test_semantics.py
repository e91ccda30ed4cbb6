"""What Python does around a compiled function: branches, shapes, captured nodes, threads, labels: as in eager mode."""

import ast
import itertools
import keyword
import random
import threading
import warnings
from typing import NamedTuple

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, detect_anomaly, grad, hessian, no_grad, value_and_grad
from autograd.extend import primitive as primitive_of_hips
from tests.helpers.compiled import assert_compiled_is_eager, assert_same, everything
from tests.helpers.support import numbers

X = np.array([0.5, -1.0, 2.0])


# ---- branches


def bent(x):
    if x > 0:
        return x * 2.0
    return x * 3.0


def doubled_past_100(x):
    while x < 100:
        x = x * 2.0
    return x


def chained(x, y):
    return x * y if 0 < x < y else x - y


def of_three(x, y, z):
    return max(x, y, z) * 2.0 - min(x * y, z)


def in_order(x, y, z):
    a, b, c = sorted([x, y, z])
    return a + 2.0 * b + 3.0 * c


def logical(x, y):
    if (x > 0 and y > 0) or not x < 1:
        return x + y
    return x * y


def counted(x):
    return x * sum(bool(x > k) for k in range(3))


def of_all(x):
    return autograd.sum(x) if (x > 0).all() else autograd.sum(x * x)


def looked_for(x):
    total = x * 0.0
    for k in range(5):
        total = total + x
        if total > 2:
            break
    return total


NUMBERS = (1.0, -1.0, 3.0, 0.25, 60.0, 0.0, -0.0)


@pytest.mark.parametrize("f", [bent, counted, looked_for])
def test_branches_on_one_number(f):
    for function in (f, grad(f), value_and_grad(f)):
        assert_compiled_is_eager(function, [(x,) for x in NUMBERS], exact=True)


def test_a_loop_that_depends_on_the_value():
    assert_compiled_is_eager(doubled_past_100, [(x,) for x in (1.0, 3.0, 60.0, 1.5, 200.0)], exact=True)
    assert_compiled_is_eager(grad(doubled_past_100), [(x,) for x in (1.0, 3.0, 60.0, 1.5, 200.0)], exact=True)


@pytest.mark.parametrize("f", [of_three, in_order, chained, logical])
def test_branches_on_several_numbers(f):
    n = f.__code__.co_argcount
    orders = [*itertools.permutations([1.0, -2.0, 3.0][:n]), (1.0,) * n]
    for function in (f, grad(f, tuple(range(n)))):
        assert_compiled_is_eager(function, orders, exact=True)


def test_branches_on_arrays():
    for function in (of_all, grad(of_all)):
        assert_compiled_is_eager(function, [(X,), (abs(X),), (-abs(X),)], exact=False, terms=3)
        fast = autograd.compile(function)
        assert [fast(x).shape for x in (X, abs(X), X)] == [function(X).shape] * 3
        assert len(fast.variants) == 2


def test_nan_takes_the_branch_that_eager_takes():
    for function in (bent, of_three, grad(bent)):
        n = 3 if function is of_three else 1
        fast = autograd.compile(function)
        for x in (1.0, np.nan, -1.0, np.inf, -np.inf, np.nan):
            assert_same(fast(*[float(x)] * n), function(*[float(x)] * n), exact=True)


def test_more_variants_than_the_limit_are_run_eagerly_with_one_warning():
    def stairs(x):
        k = 0
        while x > k:
            k += 1
        return x * k

    fast = autograd.compile(grad(stairs))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            for k in range(12):
                assert fast(k + 0.5) == grad(stairs)(k + 0.5)
    assert len(caught) == 1
    assert "test_semantics.py" in str(caught[0].message)


# ---- signatures


def test_shapes_dtypes_and_kinds():
    f = lambda x: autograd.sum(x * x) / 3.0
    arguments = [
        np.ones(3), np.ones(4), np.ones((2, 3)), np.ones(3, np.float32), np.array(2.0), 2.0, np.float64(2.0),
        np.ones(0), np.arange(3.0)[::-1], np.ones(6)[::2], np.ones((3, 2)).T, 3.0, np.ones(3) * 1.5,
    ]  # fmt: skip
    for function in (f, grad(f)):
        fast = autograd.compile(function)
        for x in arguments + arguments[::-1]:
            assert_same(fast(x), function(x), exact=False, terms=8)


def test_arrays_that_are_not_contiguous_or_may_not_be_written():
    f = lambda a, b: autograd.sum(autograd.tanh(a @ b) * a)
    base = numbers((6, 6), 1)
    frozen = base[:3, :3].copy()
    frozen.flags.writeable = False
    views = [(base[:3, :3], base[3:, 3:]), (base[::2, ::2], base[1::2, 1::2].T), (base.T[:3, :3],) * 2]
    calls = [*views, (frozen, frozen)]
    assert_compiled_is_eager(everything(f, [0, 1]), calls, exact=False, terms=9, factor=16.0)


def test_static_arguments():
    def powered(x, n, how="times", scale=None, flag=True):
        for _ in range(n):
            x = x * x if how == "times" else x + x
        if scale is not None:
            x = x * scale
        return x if flag else -x

    fast = autograd.compile(powered)
    calls = [(2.0, 2), (2.0, 3), (2.0, 2, "plus"), (2.0, 2, "times", None, False), (2.0, 1, "times", 0.5), (3.0, 2)]
    for args in calls:
        assert fast(*args) == powered(*args)
    assert fast(2.0, n=2, how="plus") == powered(2.0, n=2, how="plus")
    counted = autograd.compile(powered)
    assert [counted(2.0, n) for n in (True, 1, 0, False)] == [4.0, 4.0, 2.0, 2.0]


def test_true_is_not_one_and_zero_has_a_sign():
    kinds = autograd.compile(lambda x, n: x * 2.0 if n is True else x * 3.0)
    assert [kinds(1.0, n) for n in (1, True, 1, True)] == [3.0, 2.0, 3.0, 2.0]
    assert autograd.compile(lambda x: 1.0 / (x * 1.0))(-0.0) == -np.inf
    quotient = autograd.compile(lambda x, y: x / y)
    assert [quotient(1.0, y) for y in (0.0, -0.0, 2.0)] == [np.inf, -np.inf, 0.5]


class Pair(NamedTuple):
    left: object
    right: object


def test_containers():
    def f(parameters, pair, *rest, scale=1.0):
        (a, [b, c]), d = parameters["inner"], parameters["d"]
        return {"sum": (a * b + c * d) * scale, "pair": Pair(pair.right * a, [pair.left, *rest])}

    fast = autograd.compile(f)
    for k in (1.0, 2.0):
        parameters = {"inner": (k, [2.0, 3.0 * k]), "d": 4.0}
        args = (parameters, Pair(k, np.array([1.0, k])), 5.0 * k, np.array([k]))
        results, expected = fast(*args, scale=0.5), f(*args, scale=0.5)
        assert type(results["pair"]) is Pair
        assert_same(results, expected, exact=True)
    fast = autograd.compile(grad(lambda p: p["w"] * p["x"] ** 2))
    assert fast({"w": 3.0, "x": 2.0}) == {"w": 4.0, "x": 12.0}
    assert fast({"x": 2.0, "w": 3.0}) == {"x": 12.0, "w": 4.0}  # another order of the keys
    assert list(fast({"x": 2.0, "w": 3.0})) == ["x", "w"]
    assert fast({"w": 3.0, "x": 2.0, "u": 1.0}) == {"w": 4.0, "x": 12.0, "u": 0.0}


def test_results_are_of_eagers_kinds_and_the_callers_own():
    def f(x):
        return x, x.T, x + 1.0, x + 1.0, x[0], 2.5, np.ones(2), "text", None, 3, (x * 0 == 0), x.sum()

    fast = autograd.compile(f)
    a = numbers((2, 3), 1)
    first = fast(a)
    for result, expected in zip(first, f(a), strict=True):
        assert type(result) is type(expected)
        np.testing.assert_array_equal(result, expected)
    for one in range(5):
        first[one][...] = 7.0
    np.testing.assert_array_equal(a, numbers((2, 3), 1))
    first[6][...] = 7.0
    second = fast(a)
    for result, expected in zip(second, f(a), strict=True):
        np.testing.assert_array_equal(result, expected)
    arrays = [r for r in (*first, *second, a) if isinstance(r, np.ndarray)]
    for one, other in itertools.combinations(arrays, 2):
        assert not np.shares_memory(one, other)


def test_a_result_that_does_not_depend_on_the_argument():
    w = Tensor([1.0, 2.0])
    for f in (lambda x: 3.0, lambda x: np.ones(2)):
        fast = autograd.compile(f)
        with pytest.warns(autograd.compiler.CompileWarning, match="returned nothing that is made from its arguments"):
            np.testing.assert_array_equal(fast(1.0), f(1.0))
        np.testing.assert_array_equal(fast(1.0), f(1.0))
    squares = autograd.compile(lambda x: autograd.sum(w * w))
    assert squares(1.0) == squares(1.0) == 5.0
    for f in (lambda x: 3.0, lambda x: 0.0 * x, lambda x: x.detach() if hasattr(x, "detach") else x):
        assert_same(autograd.compile(grad(f))(1.0), grad(f)(1.0), exact=True)


# ---- what is captured


def test_captured_leaves_are_read_anew():
    w, b = Tensor([1.0, 2.0, 3.0], label="w"), Value(0.5, label="b")
    f = lambda x: autograd.sum(w * x) + b
    fast, slope = autograd.compile(f), autograd.compile(grad(f))
    for _ in range(2):
        for change in (
            lambda: None, lambda: setattr(w, "data", w.data * 2), lambda: w.data.__setitem__(0, 9.0),
            lambda: setattr(b, "data", -b.data),
        ):  # fmt: skip
            change()
            assert fast(X) == np.float64(f(Tensor(X)).data)
            np.testing.assert_array_equal(slope(X), w.data)
    with no_grad():
        for _ in range(3):
            w -= 0.25
            assert fast(X) == np.float64(f(Tensor(X)).data)


def test_a_graph_that_was_recorded_before_is_read_anew_where_eager_reads_it():
    w = Tensor([1.0, 2.0, 3.0])
    u = w * 2.0
    f = lambda x: autograd.sum(u * x)
    fast = autograd.compile(f)
    assert fast(X) == f(Tensor(X)).data
    w.data = np.zeros(3)
    assert fast(X) == f(Tensor(X)).data


def test_a_captured_name_that_is_bound_anew():
    factor = 2.0
    fast = autograd.compile(lambda x: x * factor)
    assert fast(3.0) == 6.0  # a constant, as documented


def test_two_arguments_that_are_one_array():
    f = lambda a, b: autograd.sum(a * b * b)
    for calls in ([(X, X), (X, X + 1.0)], [(X, X + 1.0), (X, X)]):
        assert_compiled_is_eager(grad(f, (0, 1)), calls, exact=False, terms=3)


# ---- composition


def test_every_order_of_compile_and_transforms():
    f = lambda x: autograd.sin(x**3 + 5)
    c = autograd.compile
    for x in (1.0, 0.3):
        assert c(f)(x) == value_and_grad(f)(x)[0]
        for g in (c(grad(f)), grad(c(f)), c(grad(c(f))), c(c(grad(f)))):
            assert g(x) == grad(f)(x)
        for g in (c(grad(grad(f))), grad(c(grad(f))), c(grad(c(grad(c(f))))), grad(grad(c(f)))):
            assert g(x) == grad(grad(f))(x)
    rosenbrock = lambda x: autograd.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    assert_compiled_is_eager(hessian(rosenbrock), [(X,), (X + 1.0,)], exact=False, terms=4, factor=16.0)


def test_given_nodes_and_under_detect_anomaly_the_function_itself_runs():
    calls = []

    def f(x):
        calls.append(type(x))
        return x * x

    fast = autograd.compile(f)
    x = Value(3.0)
    y = fast(x)
    y.backward()
    assert (y.data, x.grad) == (9.0, 6.0)
    with detect_anomaly():
        assert fast(3.0) == 9.0
        with pytest.raises(FloatingPointError):
            autograd.compile(grad(lambda x: autograd.cos(autograd.sqrt(x))))(0.0)
    before = len(calls)
    assert fast(3.0) == fast(3.0) == 9.0
    assert len(calls) - before == 2  # the two recordings


def test_detached_and_not_recorded_parts_are_calculated_anew():
    def f(x):
        with no_grad():
            scale = x * 2.0
        return x * scale + x.detach() * x

    for function in (grad(f), value_and_grad(f)):
        assert_compiled_is_eager(function, [(1.0,), (2.0,), (-3.0,)], exact=True)


# ---- what is refused


@pytest.mark.parametrize(
    "read",
    [
        float, int, round, np.asarray, lambda x: x.item(), lambda x: x.data, lambda x: x.numpy(),
        lambda x: [float(x)], lambda x: f"{float(x):.2f}", lambda x: range(int(x)),
    ],
)  # fmt: skip
def test_a_value_that_is_taken_out_is_refused_with_the_line(read):
    def peeking(x):
        y = x * 2.0
        read(y)
        return y * 3.0

    with pytest.raises(TypeError, match=r"test_semantics\.py, line \d+: |would leave the graph as a plain array"):
        autograd.compile(peeking)(2.0)
    with pytest.raises(TypeError):
        autograd.compile(grad(peeking))(2.0)


def test_random_numbers_and_counters_are_refused_with_the_line():
    rng, count = np.random.default_rng(0), itertools.count(1.0)

    def dropped(x):
        return autograd.sum(x * (rng.random(100) > 0.5))

    def drawn(x):
        return x * rng.random()

    def counting(x):
        return x + next(count)

    for f in (drawn, counting, grad(counting)):
        with pytest.raises(TypeError, match=r"test_semantics\.py, line \d+"):
            autograd.compile(f)(2.0)
    state = rng.bit_generator.state
    with pytest.raises(TypeError, match=r"test_semantics\.py, line \d+"):
        autograd.compile(dropped)(np.ones(100))
    assert rng.bit_generator.state == state


@pytest.mark.parametrize("seed", range(4))
def test_draws_that_come_out_alike_by_chance_are_refused_too(seed):
    rng, old, python = np.random.default_rng(seed), np.random.RandomState(seed), random.Random(seed)
    for draw in (rng.random, old.rand, python.random, np.random.rand, random.random):
        for f in (lambda x: x * (draw() > 0.5), lambda x: x * 2.0 if draw() > 0.5 else x * 3.0):
            with pytest.raises(TypeError, match="random numbers"):
                autograd.compile(f)(2.0)
            with pytest.raises(TypeError, match="random numbers"):
                autograd.compile(grad(lambda x: f(x) * x))(2.0)


def test_an_error_of_the_function_is_the_users():
    fast = autograd.compile(lambda a, b: a + b)
    with pytest.raises(ValueError, match=r"broadcast|shapes"):
        fast(np.ones(2), np.ones(3))
    assert fast(1.0, 2.0) == 3.0
    late = autograd.compile(lambda a: a[3])
    with pytest.raises(IndexError):
        late(np.ones(2))
    assert late(np.ones(4)) == 1.0


# ---- threads


def test_eight_threads_at_once():
    fast = autograd.compile(value_and_grad(lambda W, x: autograd.mean((autograd.tanh(x @ W) - 1.0) ** 2)))
    cases = [(numbers((6, 3), k), numbers((5, 6), k + 50)) for k in range(8)]
    expected = [value_and_grad(lambda W, x: autograd.mean((autograd.tanh(x @ W) - 1.0) ** 2))(*c) for c in cases]
    ready, wrong = threading.Barrier(8), []

    def work(k):
        ready.wait()
        kept = [fast(*cases[k]) for _ in range(200)]
        for value, gradient in kept:
            if abs(value - expected[k][0]) > 1e-14 or np.abs(gradient - expected[k][1]).max() > 1e-14:
                wrong.append(k)
        if any(v != kept[0][0] or not np.array_equal(g, kept[0][1]) for v, g in kept):
            wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(fast.variants) == 1


def test_a_function_that_calls_itself_compiled():
    @autograd.compile
    def tower(x, n):
        return x if n == 0 else autograd.sin(tower(x, n - 1))

    assert tower(1.0, 3) == np.sin(np.sin(np.sin(1.0)))
    assert tower(0.5, 3) == np.sin(np.sin(np.sin(0.5)))


def test_a_call_from_inside_a_users_op_of_the_same_program():
    @primitive_of_hips
    def inner(x):
        return np.asarray(fast(x * 0.5, False)) if depth.pop() else x

    fast = autograd.compile(lambda x, outer=True: autograd.sum(inner(x) * x))
    depth = [False] * 8
    assert fast(X) == np.sum(X * X)


# ---- labels

HOSTILE = [
    "__import__('os')", "a\nb", "x) or (", "# x", '"', "'", "\\", "{x}", "%s", "x y", "x;y", "1x", "", " ", "\x00",
    "\r", "é", "λ", "π2", "ﬁ", "Ａ", "x" * 500, *keyword.kwlist[:6], "lambda", "None", "True", "match", "print", "len",
    "sum", "__builtins__", "t1", "t2", "d1", "d2", "d_x", "b0", "b1", "v1", "k1", "f1", "c1", "s1", "np", "exp", "xp",
    "multiply", "run", "make", "out", "self", "dot", "sin", "add", "empty", "free", "where", "float", "_", "__", "x1",
]  # fmt: skip


def scaled_by(labels):
    """A function whose captured leaf, argument and inner node have hostile labels, by plain calculation too."""
    w, v = Tensor([1.5, 2.0, -1.0], label=labels[0]), Tensor([0.5, 0.25, 1.0], label=labels[1])

    def f(x):
        y = autograd.exp(w * x)
        if hasattr(y, "label"):
            y.label = labels[2]
        z = y * autograd.sin(v * x) + y
        if hasattr(z, "label"):
            z.label = labels[3]
        return autograd.sum(z * z)

    return f, w, v


@pytest.mark.parametrize("k", range(len(HOSTILE)))
def test_labels_are_names_or_comments_and_never_code(k):
    labels = [HOSTILE[(k + j * j) % len(HOSTILE)] for j in range(4)]
    f, *_ = scaled_by(labels)
    function = value_and_grad(f)
    fast = assert_compiled_is_eager(function, [(X,), (X * 0.5,)], exact=False, terms=3)
    text = fast.source(X)
    code = ast.unparse(ast.parse(text))  # without comments
    assert "__import__" not in code
    assert "\x00" not in text
    for node in ast.walk(ast.parse(text)):
        name = getattr(node, "id", getattr(node, "arg", None))
        assert name is None or name.isascii()


def test_equal_labels_are_told_apart():
    f, *_ = scaled_by(["w"] * 4)
    assert_compiled_is_eager(value_and_grad(f), [(X,), (X * 0.5,)], exact=False, terms=3)


@pytest.mark.parametrize("name", ["np", "exp", "t1", "d1", "b0", "v1", "k1", "sum", "λ", "run", "out", "make", "float"])
def test_arguments_of_any_name(name):
    scope = {"autograd": autograd}
    exec(f"def f({name}, other): return autograd.sum(autograd.exp({name} * other) * {name})", scope)
    function = value_and_grad(scope["f"], (0, 1))
    assert_compiled_is_eager(function, [(X, X + 1.0), (X * 2.0, X)], exact=False, terms=3)
    assert_compiled_is_eager(value_and_grad(scope["f"], (0, 1)), [(0.5, 2.0), (1.5, -1.0)], exact=True)


def test_a_function_of_any_name():
    for name in ("np", "exp", "λ", "run", "<lambda>", "a b", "__import__('os')"):
        f = lambda x: autograd.exp(x) * x
        f.__name__ = f.__qualname__ = name
        assert autograd.compile(grad(f))(1.0) == grad(f)(1.0)
        assert autograd.compile(f).source(1.0)
