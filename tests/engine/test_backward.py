"""The backward pass and `gradients`: what is accumulated, what is set, what is written to, and what never is."""

import os
import subprocess
import sys
from time import thread_time

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, detect_anomaly, gradients, primitive
from autograd.graph import replay, toposort
from autograd.namespaces.names import Name
from autograd.testing import check_gradients
from tests.helpers.support import KINDS

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def same(actual, expected):
    np.testing.assert_array_equal(np.asarray(actual), np.asarray(expected))


@kinds
def test_backward_twice_doubles_leaves_and_leaves_inner_gradients_right(kind):
    x = kind(2.0)
    square = x * x
    y = square * square
    y.backward()
    assert (float(x.grad), float(square.grad), float(y.grad)) == (32.0, 8.0, 1.0)
    y.backward()
    assert (float(x.grad), float(square.grad), float(y.grad)) == (64.0, 8.0, 1.0)
    x.zero_grad()
    assert not x.has_grad
    y.backward()
    assert float(x.grad) == 32.0


@kinds
def test_the_squares_written_apart_give_the_same(kind):
    x = kind(2.0)
    y = (x * x) * (x * x)
    y.backward()
    assert float(x.grad) == 32.0
    y.backward()
    assert float(x.grad) == 64.0


@kinds
def test_a_node_used_many_times_adds_all_up(kind):
    x = kind(3.0)
    y = x + x + x * x - x / x + x**2
    y.backward()
    assert float(x.grad) == pytest.approx(2 + 6 + 0 + 6, rel=1e-15)


@kinds
def test_paths_of_unequal_length_are_waited_for(kind):
    x = kind(1.5)
    a = x * 2
    b = a
    for _ in range(5):
        b = b * 1.0
    y = a * b
    y.backward()
    assert float(x.grad) == pytest.approx(8 * 1.5, rel=1e-15)
    assert float(a.grad) == pytest.approx(6.0, rel=1e-15)


@kinds
def test_two_outputs_accumulate_into_their_common_leaf(kind):
    x = kind(2.0)
    (3 * x).backward()
    (x * x).backward()
    assert float(x.grad) == 7.0


@kinds
def test_gradients_are_plain_data_of_the_nodes_kind(kind):
    x = kind(2.0)
    y = (x * 3).sin() + x
    y.backward()
    y.backward()
    for node in toposort(y):
        if node.requires_grad:
            assert type(node.grad) is (float if kind is Value else np.ndarray)
            assert np.shape(node.grad) == np.shape(node.data)
    for g in (gradients(y, x), gradients([y, y], [x, x])[1]):
        assert type(g) is (float if kind is Value else np.ndarray)


@kinds
def test_constants_take_no_gradient(kind):
    x, c = kind(2.0), kind(3.0, requires_grad=False)
    y = x * c + 5.0 * c
    y.backward()
    assert float(x.grad) == 3.0
    assert not c.has_grad
    assert not any(n.has_grad for n in toposort(y) if not n.requires_grad)
    dead = c * 2.0
    assert not dead.requires_grad
    assert not x.detach().requires_grad


@kinds
def test_backward_of_a_leaf_seeds_itself(kind):
    x = kind(2.0)
    x.backward()
    x.backward()
    assert float(x.grad) == 2.0


def test_a_given_gradient_is_the_seed():
    x = Tensor([1.0, 2.0])
    y = x * x
    y.backward([1.0, 10.0])
    same(x.grad, [2.0, 40.0])
    same(y.grad, [1.0, 10.0])
    v = Value(3.0)
    (v * v).backward(0.5)
    assert v.grad == 3.0
    seed = np.array([1.0, 1.0])
    z = x + 0.0
    z.backward(seed)
    assert not np.shares_memory(z.grad, seed)
    assert seed.flags.writeable
    seed[0] = 7.0
    same(z.grad, [1.0, 1.0])


@kinds
def test_an_intermediate_result_is_an_output_too(kind):
    x = kind(2.0)
    a = x * x
    b = a * x
    a.backward()
    b.backward()
    assert float(x.grad) == 4.0 + 12.0
    assert float(a.grad) == 2.0


@primitive("broken", elementwise=True)
def broken(xp, x):
    return x * 1


def _raise(xp, g, y, x):
    if not isinstance(g, Name):  # the op table reads the formula once, on names
        raise RuntimeError("half way")
    return g * np.ones(1)  # an array has no text, so that nothing can be compiled of this


broken.defvjps(x=_raise)


@kinds
def test_an_error_half_way_changes_no_leaf(kind):
    x, w = kind(2.0), kind(3.0)
    (x * w).backward()
    before = (float(x.grad), float(w.grad))
    y = x * w + broken(w) * x + x
    with pytest.raises(RuntimeError, match="half way"):
        y.backward()
    assert (float(x.grad), float(w.grad)) == before
    with pytest.raises(RuntimeError, match="half way"):
        gradients(y, [x, w])
    assert (float(x.grad), float(w.grad)) == before
    (x * w + x).backward()  # nothing of the failed passes is left over
    assert (float(x.grad), float(w.grad)) == (before[0] + 4.0, before[1] + 2.0)


@primitive("wrong", elementwise=False)
def wrongly_shaped(xp, x):
    return x * 1


wrongly_shaped.defvjps(x=lambda xp, g, y, x: xp.expand_dims(g, 1))


def test_a_derivative_of_the_wrong_shape_names_its_op():
    x = Tensor([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"derivative of 'wrongly_shaped'.*wrong shape"):
        wrongly_shaped(x).backward([1.0, 1.0, 1.0])
    assert not x.has_grad


# ---- memory ----


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x + y,
        lambda x, y: (x + y) + (x - (-y)),
        lambda x, y: x.reshape(2) + y.T,
        lambda x, y: x[:] + y[::-1][::-1],
    ],
    ids=["sum", "sums", "views", "slices"],
)
def test_no_two_gradients_share_memory_that_can_be_written_to(f):
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    z = f(x, y)
    z.backward(np.ones(2))
    z.backward(np.ones(2))
    assert x.grad is not y.grad
    held = [a for n in toposort(z) for a in (n.grad, n.data) if isinstance(a, np.ndarray)]
    for i, a in enumerate(held):
        for b in held[:i]:
            assert not np.shares_memory(a, b) or not (a.flags.writeable or b.flags.writeable)
    for leaf in (x, y):
        assert leaf.grad.flags.writeable
        assert leaf._grad.base is None
    gx, gy = gradients(z, [x, y], np.ones(2))
    assert not np.shares_memory(gx, gy)
    same_twice = gradients(z, [x, x], np.ones(2))
    assert not np.shares_memory(*same_twice)


def test_writing_into_a_gradient_changes_no_other():
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    z = x + y
    z.backward(np.ones(2))
    x.grad[:] = 9.0
    same(y.grad, [1.0, 1.0])
    same(z.grad, [1.0, 1.0])
    z.backward(np.ones(2))
    same(x.grad, [10.0, 10.0])
    same(y.grad, [2.0, 2.0])


def test_an_earlier_gradient_in_the_users_hands_is_not_changed_by_a_later_pass():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    mine = x.grad
    y.backward()
    same(mine, [2.0, 4.0])


# ---- what is visited ----


@primitive("watched", elementwise=True)
def watched(xp, a, b):
    return a * b


CALLS = []
watched.defvjps(
    a=lambda xp, g, y, a, b: CALLS.append("a") or g * b,
    b=lambda xp, g, y, a, b: CALLS.append("b") or g * a,
)


def test_the_pass_visits_only_what_requires_a_gradient():
    x, c = Tensor(2.0), Tensor(3.0, requires_grad=False)
    CALLS.clear()
    watched(x, c).backward()
    assert CALLS == ["a"]
    v, k = Value(2.0), Value(3.0, requires_grad=False)
    watched(v, k).backward()
    assert (v.grad, k.has_grad) == (3.0, False)


def test_every_local_derivative_is_evaluated_once():
    x = Tensor(1.0)
    z = watched(x, 2.0)
    for _ in range(10):  # 2¹⁰ paths
        z = z + z
    CALLS.clear()
    z.backward()
    assert CALLS == ["a"]
    assert float(x.grad) == 2048.0


@primitive("inner", elementwise=True)
def solved(xp, x):
    return x * 1


BETWEEN = Value(2.0)


def _by_another_pass(xp, g, y, x):
    if isinstance(g, Name):
        return g * np.ones(1)
    return g * gradients(BETWEEN**3, BETWEEN)


solved.defvjps(x=_by_another_pass)


@kinds
def test_a_derivative_may_run_a_pass_of_its_own(kind):
    x = kind(2.0)
    BETWEEN.zero_grad()
    later = ((x * 1.0) * 1.0) * BETWEEN  # reaches the node before the other pass does
    (solved(x) * x + x + later).backward()
    assert float(x.grad) == 12.0 * 2.0 + 2.0 + 1.0 + 2.0
    assert float(BETWEEN.grad) == 2.0


@kinds
def test_a_stale_value_half_way_changes_no_leaf_either(kind):
    x, w = kind(2.0), kind(3.0)
    stale = x * w
    x.data = 1.0 if kind is Value else np.array(1.0)
    y = stale + w + w * w
    with pytest.raises(ValueError, match="changed after"):
        y.backward()
    assert not x.has_grad
    assert not w.has_grad


SHARED = np.array([1.0, 2.0])


@primitive("fixed")
def fixed(xp, x):
    return xp.sum(x * SHARED)


fixed.defvjps(x=lambda xp, g, y, x: g * SHARED if isinstance(g, Name) else SHARED)


def test_an_array_that_a_users_derivative_returns_stays_the_users():
    x, w = Tensor([3.0, 4.0]), Tensor([5.0, 6.0])
    y = fixed(x + w)
    y.backward()
    for g in (x.grad, w.grad, *gradients(y, [x, w])):
        same(g, [1.0, 2.0])
        assert not np.shares_memory(g, SHARED)
    assert SHARED.flags.writeable
    x.grad[0] = 9.0
    same(SHARED, [1.0, 2.0])


def test_autograd_sum_of_values_is_the_value():
    v = Value(2.0)
    autograd.sum(v * v).backward()
    assert v.grad == 4.0


# ---- gradients set by hand ----


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_gradient_set_by_hand_takes_the_datas_dtype_and_shape(dtype):
    p = Tensor(np.ones(3, dtype), "p")
    (p * p).sum().backward()
    p.grad = mine = p.grad
    assert np.shares_memory(p.grad, mine)  # and is not copied without need
    p.grad = other = np.ones(3, dtype)
    p.grad *= 2
    np.testing.assert_array_equal(other, np.ones(3))  # as the engine owns its arrays
    p.grad += 0
    p.grad = p.grad * np.float64(0.5)
    assert p.grad.dtype == dtype
    (p * p).sum().backward()
    assert p.grad.dtype == dtype
    np.testing.assert_array_equal(p.grad, [3.0, 3.0, 3.0])
    p.grad = 0  # as micrograd's zero_grad does
    np.testing.assert_array_equal(p.grad, np.zeros(3), strict=dtype is np.float64)
    (p * p).sum().backward()
    np.testing.assert_array_equal(p.grad, [2.0, 2.0, 2.0])
    with pytest.raises(ValueError, match=r"'p' f\d\d\[3\]: a gradient has the shape .* \(3,\), and not \(2,\)"):
        p.grad = np.ones(2)
    np.testing.assert_array_equal(p.grad, [2.0, 2.0, 2.0])


def test_a_values_gradient_set_by_hand_is_a_float():
    v = Value(1.0, "v")
    v.grad = np.array(2)
    assert type(v.grad) is float
    with pytest.raises(ValueError, match=r"'v': a gradient has the shape of the data, \(\), and not \(3,\)"):
        v.grad = np.ones(3)
    with pytest.raises(TypeError, match=r"'v': a gradient: .*complex"):
        v.grad = np.array(1j)


# ---- thousands of operands, and of picks from one array ----

MANY = {
    "stack of Values": lambda n: autograd.stack([Value(float(i)) for i in range(n)]).sum(),
    "stack": lambda n: autograd.stack([Tensor([float(i), 1.0]) for i in range(n)], axis=-1).sum(),
    "concatenate": lambda n: autograd.concatenate([Tensor([float(i), 1.0]) for i in range(n)]).sum(),
    "array": lambda n: autograd.numpy.array([Value(float(i)) for i in range(n)]).sum(),
    "x[i]": lambda n: sum(x[i] for x in [Tensor(np.ones(20 * n))] for i in range(n)),
    "rows": lambda n: sum((row * row).sum() for row in Tensor(np.ones((n, 20)))),
    "split": lambda n: sum((p * p).sum() for p in autograd.numpy.split(Tensor(np.ones((n, 20))), n)),
    "embeddings": lambda n: sum(x[[i, i, 0]].sum() for x in [Tensor(np.ones((n, 20)))] for i in range(n)),
}


@pytest.mark.no_cover
@pytest.mark.parametrize("name", MANY)
def test_the_cost_of_a_pass_is_linear_in_the_number_of_operands(name):
    seconds = {}
    for n in (1000, 8000):
        y = MANY[name](n)
        taken = []
        for _ in range(3):
            start = thread_time()
            y.backward()
            taken.append(thread_time() - start)
        seconds[n] = min(taken)
    assert seconds[8000] < 30 * seconds[1000], seconds  # 8 times is linear, 64 quadratic


def test_pieces_and_whole_gradients_add_up():
    x = Tensor(np.arange(1.0, 7.0).reshape(2, 3))
    parts = [x[0], x[1, 2], x * x, x[[1, 1, 0]], x[x > 2], x[:, ::-1], x[..., None], x.T[0], x[1, 2]]
    y = sum((k * p * p).sum() for k, p in enumerate(parts, 1))
    expected = np.zeros((2, 3))
    for k, p in enumerate(parts, 1):
        expected += gradients((k * p * p).sum(), x)
    np.testing.assert_allclose(gradients(y, x), expected, rtol=1e-15)
    np.testing.assert_allclose(gradients(y, x, create_graph=True).data, expected, rtol=1e-15)
    with detect_anomaly():
        np.testing.assert_allclose(gradients(y, x), expected, rtol=1e-15)
    y.backward()
    y.backward()
    np.testing.assert_allclose(x.grad, 2 * expected, rtol=1e-15)
    inner = x * 1.0
    z = (inner[0] * inner[1]).sum() + inner.sum() * inner[0, 0]
    z.backward()
    assert inner.grad.shape == (2, 3)
    np.testing.assert_array_equal(inner.grad, gradients(z, inner))


def test_float32_pieces_stay_float32():
    x = Tensor(np.ones(3, np.float32))
    (x[0] * x[1] * x.sum()).backward()
    assert x.grad.dtype == np.float32


@primitive("total", elementwise=False)
def total(xp, *xs):
    return sum(xs[1:], xs[0])


def test_a_variadic_derivative_may_give_all_contributions_at_once():
    seen = []

    def together(xp, g, y, *xs):
        seen.append(len(xs))
        return [g] * len(xs)

    total.defvjps(xs=together)
    seen.clear()
    xs = [Tensor([1.0, 2.0]) for _ in range(5)]
    (total(*xs) ** 2).sum().backward()
    assert seen == [5]
    for x in xs:
        np.testing.assert_array_equal(x.grad, [10.0, 20.0])
    xs[0].grad[0] = -1.0
    assert xs[1].grad[0] == 10.0  # their memory is apart
    check_gradients(total, tuple(x.data for x in xs), order=2)
    assert "gradient of xs: g" in autograd.formula(total)
    total.defvjps(xs=lambda xp, g, y, *xs: [g])
    with pytest.raises(TypeError, match=r"the derivative of 'total' must be a list, with one for each xs"):
        total(*xs).sum().backward()


@pytest.mark.parametrize("axis", [0, -1])
def test_the_gradient_of_a_concatenation_replays_where_its_parts_have_other_lengths(axis):
    def f(x):
        chosen = x[x > 0]
        rows = [chosen * x[0], x * x, chosen**3]
        return (autograd.concatenate([r[None] if axis else r for r in rows], axis=axis) ** 2).sum()

    x = Tensor([1.0, -2.0, 3.0])
    first = gradients(f(x), x, create_graph=True)
    second = gradients(first.sum(), x, create_graph=True)
    for point in ([2.0, 1.0, -1.0], [0.5, 1.5, 2.5], [-1.0, -2.0, 3.0]):
        z = Tensor(point)
        g = gradients(f(z), z, create_graph=True)
        np.testing.assert_allclose(replay(first, {x: point}), g.data, rtol=1e-13)
        np.testing.assert_allclose(replay(second, {x: point}), gradients(g.sum(), z), rtol=1e-13)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_forked_during_a_pass_of_another_thread_runs_its_own():
    code = """
import os, threading, time, warnings
warnings.simplefilter("ignore")  # Python's of 3.12 about threads and forks
import numpy as np
from autograd import Tensor, Value, primitive

stop = threading.Event()
x = Tensor(np.ones(1000))


def passes():
    while not stop.is_set():
        (x * x).sum().backward()


threads = [threading.Thread(target=passes) for _ in range(3)]
[t.start() for t in threads]
for _ in range(20):
    child = os.fork()
    if child == 0:
        y = Value(2.0)
        (y * y).backward()
        (x * 2.0).sum().backward()
        os._exit(y.grad != 4.0)
    for _ in range(1000):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.01)
    else:
        os.kill(child, 9)
        print("hangs")
    assert status == 0
stop.set()
[t.join() for t in threads]
print("done")
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert run.stdout == "done\n", run.stderr
