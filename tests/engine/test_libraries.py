"""Nodes on the arrays of other libraries: what they hold, show and update, and their backward passes."""

import copy
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, backends, gradients, no_grad
from tests.helpers.places import LIBRARIES, array_of, name_of, place_of

a = autograd
NOT_JAX = [p for p in LIBRARIES if p != "jax"]


@pytest.fixture(params=LIBRARIES)
def make(request):
    return array_of(request.param)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def values(x):
    return np.array(x.tolist()) if hasattr(x, "tolist") else np.array(x)


# ---- texts ----


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_node_is_written_by_its_plain_class_its_values_its_dtype_and_its_place(library):
    make, place = array_of(library), place_of(library)
    x = Tensor(make([1.0, 2.0], "float32"), "x")
    assert repr(x) == str(x) == f"{x}" == f"Tensor([1., 2.], dtype=float32, on={place!r}, label='x')"
    assert repr(x > 1.0) == f"Tensor([False,  True], on={place!r}, op='>')"
    assert repr(x.sum()) == f"Tensor(3., dtype=float32, on={place!r}, op='Σ')"
    assert repr(nn.Parameter(make([1.0], "float64"))) == f"Parameter([1.], dtype=float64, on={place!r})"
    x.grad = 1.0
    assert repr(x).endswith("label='x', grad=...)")
    assert f"{x.sum():.2f}" == "3.00"
    assert f"on={place!r}" in repr(Tensor(make(np.zeros(100))))


@pytest.mark.parametrize("library", LIBRARIES)
def test_messages_say_where_a_node_is(library):
    make, place = array_of(library), place_of(library)
    x = Tensor(make([1.0, 2.0, 3.0], "float32"), "x")
    with pytest.raises(TypeError, match=rf"^item: Tensor 'x' f32\[3\] on {place} is not one number"):
        x.item()
    with pytest.raises(
        ValueError, match=rf"^add\(Tensor 'x' f32\[3\] on {place}, Tensor f32\[2\] on {place}\): the sh"
    ):
        x + make([1.0, 2.0], "float32")
    with pytest.raises(ValueError, match=r"^matmul\(.*the last length of the left"):
        x @ make([1.0, 2.0], "float32")
    with pytest.raises(ValueError, match=r"^reshape\(.*shape=\(2, 2\)\): .*keeps the number of elements"):
        x.reshape(2, 2)
    with pytest.raises(IndexError, match=r"^getitem\(.*key=\(5,\)\): index 5 is out of bounds"):
        x[5]
    with pytest.raises(ValueError, match=rf"^add\(array f64\[2\] on {place}, array f64\[3\] on {place}\): the shapes"):
        autograd.add(make([1.0, 2.0]), make([1.0, 2.0, 3.0]))


# ---- what a node is ----


def test_a_node_of_a_class_of_ones_own_is_of_that_class(make):
    class Weight(nn.Parameter):
        pass

    w = Weight(make([1.0, 2.0]))
    assert isinstance(w, Weight)
    assert isinstance(w, nn.Parameter)
    assert type(w * 2) is type(Tensor(make([1.0])) * 2)
    assert type(type(w)(make([1.0]))) is type(w)
    assert type(type(w)([1.0])) is Weight  # the class is that of the data
    assert type(w)([1.0], "b").label == "b"


def test_numbers_come_out_of_a_node(make):
    x, i = Tensor(make([[1.0, 2.0], [3.0, 4.0]]), "x"), Tensor(make([2, 0], "int64"))
    assert (len(x), x.shape, x.ndim, x.size) == (2, (2, 2), 2, 4)
    assert x.sum().item() == 10.0
    assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert [row.tolist() for row in x] == x.tolist()
    assert "abc"[i[0]] == "c"
    assert round(x.detach()[0, 0] / 3, 2) == 0.33
    assert (int(x.detach()[1, 1]), float(x.detach()[1, 1])) == (4, 4.0)
    assert bool(x[0, 0] > 0.5)
    assert np.asarray(i).tolist() == [2, 0]
    assert np.asarray(x.detach() > 2).tolist() == [[False, False], [True, True]]
    with pytest.raises(TypeError, match="would leave the graph as a plain array"):
        np.asarray(x)
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        "abc"[x[0, 0]]
    with pytest.raises(TypeError, match="has no length"):
        len(x.sum())
    with pytest.raises(ValueError, match="neither true nor false as a whole"):
        bool(x)
    with pytest.warns(autograd.LeavesGraphWarning):
        float(x[0, 0])


def test_numpy_gives_an_array_of_its_own(make):
    x = Tensor(make([1.0, 2.0]))
    x.numpy()[0] = 7.0
    assert x.tolist() == [1.0, 2.0]


def test_data_of_whole_numbers_are_carried(make):
    i = Tensor(make([1, 2], "int64"))
    assert not i.requires_grad
    with pytest.raises(TypeError, match=r"cannot require a gradient; write 1.0 for 1"):
        Tensor(make([1, 2], "int64"), requires_grad=True)
    with pytest.raises(TypeError, match=r"have no gradient; write 1.0 for 1"):
        i.grad = [1.0, 1.0]
    with pytest.raises(TypeError, match="keeps its dtype, and the new data, f64"):
        i.data = make([1.5, 2.0])
    i.data = make([3.0, 4.0])
    assert i.tolist() == [3, 4]
    with no_grad(), pytest.raises(TypeError, match=r"^div in place, on Tensor i64\[2\]"):
        i /= 2


def test_the_dtype_can_be_chosen(make):
    for dtype in ("float32", np.float32, np.dtype(np.float32)):
        assert Tensor(make([1.0, 2.0]), dtype=dtype).numpy().dtype == np.float32
    assert Tensor(make([1, 2], "int64"), dtype=float).requires_grad
    with pytest.raises(TypeError, match="carr"):
        Tensor(make([1.0]), dtype="float16")


# ---- copies ----


def test_copies_and_pickles_keep_the_place(make):
    x = Tensor(make([1.0, 2.0]), "x")
    y = (x * x).sum()
    y.backward()
    for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert (type(twin), twin.label, twin.tolist(), values(twin.grad).tolist()) == (type(x), "x", [1, 2], [2, 4])
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert type(twin) is type(y)
        twin.backward()
        leaf = twin.parents[0].parents[0]
        assert (leaf.label, values(leaf.grad).tolist()) == ("x", [4.0, 8.0])
    assert values(x.grad).tolist() == [2.0, 4.0]


def test_pickles_are_read_by_another_process():
    make = array_of("array_api_strict")
    p = nn.Parameter(make([1.0, 2.0]), "p")
    text = pickle.dumps((p, (p * 3).sum()))
    code = (
        "import pickle, sys\n"
        f"p, y = pickle.loads({text!r})\n"
        "y.backward()\n"
        "print(p, type(p).__mro__[1].__name__, y.item(), p.grad.tolist() if hasattr(p.grad, 'tolist') else '')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Parameter([1., 2.]" in done.stdout
    assert "Parameter 9.0" in done.stdout


# ---- memory ----


def test_data_of_a_leaf_change_in_place_and_of_a_result_do_not(make):
    x = Tensor(make([1.0, 2.0, 3.0]))
    y = x * 2
    d = x.data
    if hasattr(d, "at"):
        pytest.skip("arrays of JAX cannot change")
    d[0] = 5.0
    assert x.tolist() == [5.0, 2.0, 3.0]
    y.data[0] = 7.0
    assert y.tolist() == [2.0, 4.0, 6.0]
    with pytest.raises(ValueError, match="is a result, so its data follow from its parents"):
        y.data = make([1.0, 2.0, 3.0])


def test_what_a_user_gives_is_copied(make):
    given = make([1.0, 2.0])
    x = Tensor(given)
    x.data = given
    x.grad = given
    with no_grad():
        x += 1.0
    x.grad += 1.0
    assert values(given).tolist() == [1.0, 2.0]
    assert values(x.grad).tolist() == x.tolist() == [2.0, 3.0]


def test_gradients_of_two_leaves_share_no_memory(make):
    x, y = Tensor(make([1.0, 2.0])), Tensor(make([3.0, 4.0]))
    (x + y).sum().backward()
    x.grad += 1.0
    assert values(y.grad).tolist() == [1.0, 1.0]
    gx, gy = gradients(x + y, [x, y], make([5.0, 6.0]))
    gx += 1.0
    assert values(gy).tolist() == [5.0, 6.0]


def test_a_gradient_that_is_kept_stays(make):
    x = Tensor(make([1.0, 2.0]))
    y = (x * x).sum()
    y.backward()
    g = x.grad
    y.backward()
    assert values(g).tolist() == [2.0, 4.0]
    assert values(x.grad).tolist() == [4.0, 8.0]
    x.zero_grad()
    assert x.grad is None
    assert not x.has_grad


@pytest.mark.parametrize("view", [
    lambda x: x.reshape(3, 1), lambda x: x.T, lambda x: x[:], lambda x: x[None], lambda x: +x,
    lambda x: a.broadcast_to(x, (2, 3)), lambda x: a.numpy.squeeze(x[None]), lambda x: a.numpy.flip(x),
])  # fmt: skip
def test_what_was_recorded_stays_when_a_leaf_is_updated(make, view):
    x = Tensor(make([1.0, 2.0, 3.0]))
    y = view(x)
    before, z = y.tolist(), (y * y).sum()
    with no_grad():
        x -= 10.0
    assert y.tolist() == before
    x.zero_grad()
    z.backward()  # it reads y, and not x
    want = Tensor([1.0, 2.0, 3.0])
    (view(want) * view(want)).sum().backward()
    np.testing.assert_allclose(values(x.grad), want.grad)


def test_a_leaf_that_was_changed_before_its_derivative_is_an_error(make):
    x = Tensor(make([1.0, 2.0]), "x")
    y = (x * x).sum()
    with no_grad():
        x -= 1.0
    with pytest.raises(ValueError, match=r"the data of Tensor 'x' .* were changed after mul was recorded"):
        y.backward()
    y = (x * x).sum()
    x.data -= 1.0
    with pytest.raises(ValueError, match="were changed after mul was recorded"):
        y.backward()


UPDATES = {
    "+=": lambda x, b: x.__iadd__(b), "-=": lambda x, b: x.__isub__(b), "*=": lambda x, b: x.__imul__(b),
    "/=": lambda x, b: x.__itruediv__(b), "**=": lambda x, b: x.__ipow__(2), "//=": lambda x, b: x.__ifloordiv__(b),
    "%=": lambda x, b: x.__imod__(b), "number": lambda x, b: x.__isub__(0.5),
}  # fmt: skip


@pytest.mark.parametrize("name", UPDATES)
def test_in_place_operators_update_a_leaf_under_no_grad(make, name):
    x, want = Tensor(make([3.0, 5.0], "float32"), "x"), Tensor(np.array([3.0, 5.0], np.float32))
    version = x._version
    for b in (make([1.5, 2.0]), np.array([1.5, 2.0]), Tensor(make([1.5, 2.0]))):
        y, plain = x.detach(), want.detach()
        with no_grad():
            assert UPDATES[name](y, b) is y
            UPDATES[name](plain, np.array([1.5, 2.0]))
        assert y._version > version
        assert y.numpy().dtype == np.float32
        np.testing.assert_allclose(y.numpy(), plain.data, rtol=1e-6)
    z = x + 0.0
    assert UPDATES[name](z, make([1.5, 2.0])) is not z  # while recording it is a node


def test_in_place_operators_of_matrices_and_conditions(make):
    with no_grad():
        M, c = Tensor(make([[1.0, 2.0], [3.0, 4.0]])), Tensor(make([True, False], "bool"))
        M @= make([[0.0, 1.0], [1.0, 0.0]])
        c &= make([True, True], "bool")
        assert M.tolist() == [[2.0, 1.0], [4.0, 3.0]]
        assert c.tolist() == [True, False]
        c |= make([True, True], "bool")
        assert c.tolist() == [True, True]
        for wrong in (make([1.0, 2.0, 3.0]), make([[[1.0, 2.0], [1.0, 2.0]]])):
            with pytest.raises(ValueError, match=r"^add in place, on Tensor f64\[2,2\]"):
                M += wrong


# ---- operands ----


OPERATORS = {
    "+": lambda p, q: p + q, "-": lambda p, q: p - q, "*": lambda p, q: p * q, "/": lambda p, q: p / q,
    "@": lambda p, q: p @ q, "**": lambda p, q: p**q, "<": lambda p, q: p < q, ">=": lambda p, q: p >= q,
    "==": lambda p, q: p == q, "!=": lambda p, q: p != q, "//": lambda p, q: p // q, "%": lambda p, q: p % q,
}  # fmt: skip


@pytest.mark.parametrize("name", OPERATORS)
def test_arrays_stand_on_either_side(make, name):
    p, q = np.array([1.0, 4.0]), np.array([2.0, 3.0])
    want, f = OPERATORS[name](p, q), OPERATORS[name]
    kind = type(Tensor(make(p)) * 1.0)
    pairs = [(Tensor(make(p)), make(q)), (p, Tensor(make(q))), (Tensor(make(p)), q)]
    if make.library != "array_api_strict":  # whose operators refuse what they do not know
        pairs.append((make(p), Tensor(make(q))))
    for y in (f(*pair) for pair in pairs):
        assert type(y) is kind
        np.testing.assert_allclose(values(y), want)
    if name not in ("@",):
        np.testing.assert_allclose(values(f(Tensor(make(p)), 3.0)), f(p, 3.0))
        np.testing.assert_allclose(values(f(3.0, Tensor(make(q)))), f(3.0, q))


def test_plain_numbers_and_arrays_go_to_the_library_in_its_float_dtype(make):
    x = Tensor(make([1.0, 2.0], "float32"))
    for other in (2.0, 2, np.float64(2.0), np.array([2.0, 2.0]), [2.0, 2.0], Value(2.0)):
        for y in (x * other, other * x):
            assert type(y) is type(x)
            assert (y.numpy().dtype, y.tolist()) == (np.float32, [2.0, 4.0])
    v = Value(3.0)
    y = (v * make([1.0, 2.0])).sum()
    y.backward()
    assert (type(v.grad), v.grad) == (float, 3.0)
    assert type(np.exp(x)) is type(x)


def test_two_libraries_never_meet_silently(make):
    x, other = Tensor(make([1.0, 2.0]), "x"), Tensor([3.0, 4.0], "n")
    here = rf"Tensor 'x' f64\[2\] on {name_of(make)}"
    meets = rf"Tensor 'n' f64\[2\] on numpy meets {here}.*; nothing moves by itself: x\.to\(\"{name_of(make)}\""
    for act in (
        lambda: x * other, lambda: other * x, lambda: autograd.add(x, other), lambda: x @ other,
        lambda: autograd.concatenate([x, other]), lambda: np.add(x, other), lambda: x < other,
    ):  # fmt: skip
        with pytest.raises(TypeError, match=meets):
            act()
    with pytest.raises(TypeError, match="nothing moves by itself"):
        other * make([1.0, 2.0])
    y = x * 2
    with pytest.raises(TypeError, match=r"the gradient given: Tensor 'n'.* meets"):
        y.backward(other)
    with pytest.raises(TypeError, match=r"the gradient given: Tensor 'n'.* meets"):
        gradients(y, x, other, create_graph=True)
    z = other * 2
    for act in (lambda: z.backward(make([1.0, 1.0])), lambda: setattr(other, "grad", make([1.0, 1.0]))):
        with pytest.raises(TypeError, match="number"):
            act()
    with pytest.raises(TypeError, match="number"):
        other.data = make([1.0, 1.0])
    with no_grad(), pytest.raises(TypeError, match=r"^add in place: .* meets Tensor 'n' f64.* on numpy"):
        other += make([1.0, 1.0])


@pytest.mark.parametrize("library", NOT_JAX)
def test_arrays_of_a_third_library_are_refused_everywhere(library):
    make = array_of(library)
    foreign = array_of(next(p for p in NOT_JAX if p != library))([1.0, 1.0])
    x = Tensor(make([1.0, 2.0]), "x")
    y = x * 2
    for act in (
        lambda: x * foreign, lambda: autograd.add(foreign, x), lambda: y.backward(foreign),
        lambda: gradients(y, x, foreign), lambda: setattr(x, "grad", foreign), lambda: setattr(x, "data", foreign),
        lambda: no_grad()(lambda: x.__iadd__(foreign))(),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=r"nothing moves by itself: x.to"):
            act()


@pytest.mark.parametrize("library", NOT_JAX)
def test_a_hook_gives_an_array_of_the_library(library):
    y = Tensor(array_of(library)([1.0, 2.0]), "x") * 2
    foreign = array_of(next(p for p in NOT_JAX if p != library))([1.0, 1.0])
    with y.register_hook(lambda g: foreign), pytest.raises(TypeError, match=r"the hook <lambda>: .*nothing moves"):
        y.backward([1.0, 1.0])


def test_two_devices_never_meet_silently():
    torch = pytest.importorskip("torch")
    x, m = Tensor(torch.ones(2), "x"), Tensor(torch.ones(2, device="meta"), "m")
    assert repr(m) == "Tensor(f32[2], on='torch meta', label='m')"
    for act in (
        lambda: x * m, lambda: x * torch.ones(2, device="meta"), lambda: setattr(x, "grad", m.data),
        lambda: setattr(x, "data", m.data), lambda: (x * 1).backward(torch.ones(2, device="meta")),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=r'torch meta.*x.to."torch", device='):
            act()


# ---- backward passes ----


POLES = {
    "where": lambda x: a.where(x > 0, a.sqrt(x), 0.0), "relu": lambda x: a.relu(a.log(x + 1) - 0.5),
    "relu of a pole": lambda x: a.relu(a.sqrt(x) - 0.5), "clip": lambda x: a.clip(a.sqrt(x), 0.5, 1.5),
    "maximum": lambda x: a.maximum(a.sqrt(x), 1.5), "max": lambda x: a.sqrt(x).max(),
    "sort": lambda x: a.sort(a.sqrt(x))[1:], "getitem": lambda x: a.sqrt(x)[1:],
    "pad": lambda x: a.pad(a.sqrt(x)[1:], 1), "mask": lambda x: a.sqrt(x)[np.array([False, True, True])],
    "condition": lambda x: a.sqrt(x)[x > 0], "tril": lambda x: a.tril(a.sqrt(x) * np.ones((3, 3)), -2),
    "take": lambda x: a.take(a.sqrt(x), np.array([1, 2])), "pole": lambda x: a.cos(a.sqrt(x)),
    "in two steps": lambda x: a.where(x > 0, a.log(x) * a.sqrt(x), x),
    "concatenate": lambda x: a.concatenate([a.sqrt(x)[1:], x]),
}  # fmt: skip


@pytest.mark.parametrize("name", POLES)
def test_structural_zeros_are_those_of_numpy(make, name):
    f, at = POLES[name], np.array([0.0, 1.0, 4.0])

    def results(x):
        with np.errstate(all="ignore"):
            y = f(x).sum()
            first = gradients(y, x, create_graph=True)
            return [gradients(y, x), first, gradients(first.sum(), x), gradients(y, x, strict=True)]

    for got, want in zip(results(Tensor(make(at))), results(Tensor(at)), strict=True):
        np.testing.assert_allclose(values(got), values(want), rtol=1e-12)
    x, want = Tensor(make(at)), Tensor(at)
    with np.errstate(all="ignore"):
        f(x).sum().backward()
        f(want).sum().backward()
    np.testing.assert_allclose(values(x.grad), want.grad, rtol=1e-12)


def mlp(make, rng):
    """Leaves of a small classifier, and its loss."""
    W1, b1, W2, b2 = (Tensor(make(rng.normal(size=s))) for s in ((4, 8), (8,), (8, 3), (3,)))
    X, labels = Tensor(make(rng.normal(size=(5, 4))), requires_grad=False), np.eye(3)[[0, 1, 2, 1, 0]]

    def loss():
        logits = a.relu(X @ W1 + b1) @ W2 + b2
        return -(logits - a.logsumexp(logits, axis=-1, keepdims=True))[np.arange(5), labels.argmax(1)].mean()

    return [W1, b1, W2, b2], loss


def test_a_pass_asks_one_question_about_nan(make, monkeypatch, rng):
    leaves, loss = mlp(make, rng)
    y = loss()
    asked = []

    def any_nan(self, arrays):
        asked.append(len(arrays))
        return False

    monkeypatch.setattr(type(backends.use(make.library)), "any_nan", any_nan)
    y.backward()
    assert len(asked) == 1
    assert asked[0] >= len(leaves)
    gradients(loss(), leaves)
    assert len(asked) == 2


def test_forward_and_backward_read_no_other_value(monkeypatch, rng):
    torch = pytest.importorskip("torch")
    from torch.utils._python_dispatch import TorchDispatchMode

    read = []

    class Reads(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            if "_local_scalar_dense" in str(func) or "nonzero" in str(func) or "is_nonzero" in str(func):
                read.append(str(func))
            return func(*args, **(kwargs or {}))

    _, loss = mlp(array_of("torch"), rng)
    questions = []
    kind = type(backends.use("torch"))
    monkeypatch.setattr(kind, "any_nan", lambda self, arrays: bool(questions.append(1)))
    for name in ("to_numpy", "read"):
        monkeypatch.setattr(kind, name, lambda self, x: pytest.fail("a value was fetched"))
    monkeypatch.setattr(torch.Tensor, "numpy", lambda self: pytest.fail("a value was fetched"))
    with Reads():
        loss().backward()
    assert (read, questions) == ([], [1])


def test_hooks_get_and_give_arrays_of_the_library(make):
    x = Tensor(make([1.0, 2.0]))
    y = x * 3
    seen = []
    handle = y.register_hook(lambda g: seen.append(g) or make([10.0, 20.0]))
    (y * 2).sum().backward()
    assert values(x.grad).tolist() == [30.0, 60.0]
    assert type(seen[0]) is type(x.data)
    if not hasattr(seen[0], "at"):
        seen[0][0] = 99.0
    assert values(y.grad).tolist() == [10.0, 20.0]
    handle.remove()
    after = []
    x.zero_grad()
    with x.register_post_accumulate_grad_hook(after.append), y.register_hook(lambda g: np.array([1.0, 2.0])):
        (y * 2).sum().backward()
    assert after == [x]
    assert values(x.grad).tolist() == [3.0, 6.0]


def test_anomalies_are_named(make):
    x = Tensor(make([0.0, 4.0]), "x")
    with autograd.detect_anomaly():
        (x * x).sum().backward()
        with pytest.raises(FloatingPointError, match=r"sqrt: the gradient of its argument x is 1 inf among 2"):
            a.sqrt(x).sum().backward()
        with (
            np.errstate(all="ignore"),
            pytest.raises(FloatingPointError, match=r"log gave 1 inf among 2 elements") as e,
        ):
            a.log(x)
        assert "min 0, max 4" in str(e.value)
    assert values(x.grad).tolist() == [0.0, 8.0]


def test_elements_that_were_written_are_seen_under_detect_anomaly(make):
    x = Tensor(make([1.0, 2.0]), "x")
    if hasattr(x.data, "at"):
        pytest.skip("arrays of JAX cannot change")
    with autograd.detect_anomaly():
        y = (x * x).sum()
        x.data[0] = 5.0
        with pytest.raises(ValueError, match=r"elements of the data of Tensor 'x' .* were written"):
            y.backward()


def test_gradients_to_start_from(make):
    x = Tensor(make([1.0, 2.0], "float32"))
    y = x * 3
    for given in (make([1.0, 2.0]), np.array([1.0, 2.0]), [1.0, 2.0], Tensor(make([1.0, 2.0]))):
        g = gradients(y, x, given)
        assert (type(g), values(g).tolist()) == (type(x.data), [3.0, 6.0])
        assert str(g.dtype) == str(x.dtype)
        node = gradients(y, x, given, create_graph=True)
        assert (type(node), node.tolist()) == (type(x), [3.0, 6.0])
    (both,) = gradients([y, y], [x], [make([1.0, 2.0]), np.array([1.0, 1.0])])
    assert values(both).tolist() == [6.0, 9.0]
    with pytest.raises(ValueError, match=r"is not a scalar; reduce it .* pass a gradient of shape \(2,\)"):
        y.backward()
    with pytest.raises(ValueError, match=r"has shape \(3,\), but Tensor from 'mul' .* has shape \(2,\)"):
        y.backward(make([1.0, 2.0, 3.0]))
    for wrong, error in ((make([1.0, 2.0, 3.0]), ValueError), ("a", TypeError), (x, TypeError)):
        with pytest.raises(error):
            x.grad = wrong
    for given in (1.0, np.array([1.0, 1.0]), make([1.0, 1.0]), make([1.0, 1.0], "float32")):
        x.grad = given
        assert (values(x.grad).tolist(), str(x.grad.dtype)) == ([1.0, 1.0], str(x.dtype))


def test_the_parts_of_a_row_get_their_gradients(make):
    x, y = Tensor(make([1.0, 2.0])), Tensor(make([[3.0], [4.0]]))
    for joined in (a.concatenate([x * 1, a.reshape(y, -1)]), a.concatenate([x, y[:, 0]])):
        gx, gy = gradients((joined**2).sum(), [x, y])
        assert (values(gx).tolist(), values(gy).tolist()) == ([2.0, 4.0], [[6.0], [8.0]])


def test_a_derivative_of_a_wrong_shape_is_told(make):
    @autograd.primitive("t")
    def twice(xp, x):
        return x * 2.0

    twice.defvjps(x=lambda xp, g, y, x: xp.concatenate([g, g]))
    x = Tensor(make([1.0, 2.0]))
    with pytest.raises(ValueError, match="the derivative of 'twice' has the wrong shape"):
        twice(x).sum().backward()


def test_threads_add_to_shared_leaves(make):
    x = Tensor(make([1.0, 2.0]))
    threads = [threading.Thread(target=lambda: (x * 2).sum().backward()) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert values(x.grad).tolist() == [16.0, 16.0]


def test_under_no_grad_nothing_is_recorded(make):
    x = Tensor(make([1.0, 2.0]))
    with no_grad():
        y = (x * 2).sum()
    assert (y.op, y.requires_grad, type(y)) == (None, False, type(x))


# ---- PyTorch's functions of nodes ----


def test_functions_of_pytorch_are_ours_of_nodes():
    torch = pytest.importorskip("torch")
    at = torch.tensor([[0.3, 0.6], [0.2, 0.9]], dtype=torch.float64)
    x = Tensor(at, "x")
    for f in (
        torch.exp, torch.log, torch.sin, torch.tanh, torch.sqrt, torch.sigmoid, torch.relu, torch.abs, torch.acos,
        torch.atan, torch.square, torch.floor, torch.sign, torch.log1p, torch.expm1, torch.erf, torch.neg, torch.lgamma,
        torch.nn.functional.relu, torch.sum, torch.mean, torch.prod, torch.amax, torch.reciprocal,
    ):  # fmt: skip
        y = f(x)
        assert type(y) is type(x)
        np.testing.assert_allclose(y.numpy(), f(at).numpy(), rtol=1e-12)
    for f in (torch.add, torch.sub, torch.mul, torch.div, torch.matmul, torch.mm, torch.pow, torch.atan2, torch.maximum,
              torch.remainder, torch.lt, torch.eq, torch.hypot, torch.logaddexp):  # fmt: skip
        for y in (f(x, at + 1), f(at + 1, x)):
            assert type(y) is type(x)
        np.testing.assert_allclose(f(x, at + 1).numpy(), f(at, at + 1).numpy(), rtol=1e-12)
    for dim in (0, 1):
        for f in (torch.sum, torch.mean, torch.amax, torch.cumsum, torch.logsumexp, torch.softmax, torch.argmax):
            np.testing.assert_allclose(f(x, dim=dim).numpy(), f(at, dim=dim).numpy(), rtol=1e-12)
        np.testing.assert_allclose(torch.cat([x, at], dim=dim).numpy(), torch.cat([at, at], dim=dim).numpy())
        np.testing.assert_allclose(torch.stack([at, x], dim).numpy(), torch.stack([at, at], dim).numpy())
    assert torch.sum(x, 0, keepdim=True).shape == (1, 2)
    assert torch.where(at > 0.5, x, 0.0).tolist() == [[0.0, 0.6], [0.0, 0.9]]
    assert torch.clamp(x, 0.25, 0.5).tolist() == [[0.3, 0.5], [0.25, 0.5]]
    assert at[Tensor(1, dtype=int)].tolist() == [0.2, 0.9]
    assert type(torch.exp(Tensor([1.0]))) is Tensor
    assert type(torch.exp(Value(1.0))) is Value


def test_functions_of_pytorch_that_mean_something_else_say_what_to_write():
    torch = pytest.importorskip("torch")
    x = Tensor(torch.ones(3), "x")
    for act, text in (
        (lambda: torch.std(x), r"^torch\.std takes no node of autograd's"),
        (lambda: torch.max(x, dim=0), r"^torch\.max takes no node"),
        (lambda: torch.unsqueeze(x, 0), r"takes no node of autograd's; write .*expand_dims"),
        (lambda: torch.add(x, x, alpha=2), r"^torch\.add: alpha= goes with no node of autograd's"),
        (lambda: torch.nn.functional.linear(x, torch.ones(2, 3)), "layers and losses are nn's"),
        (lambda: torch.nn.Linear(3, 2)(x), "layers and losses are nn's"),
        (lambda: torch.ones(3).add_(x), r"which would leave the graph: write t = t \+ x"),
        (lambda: torch.ones(3).__setitem__(0, x[0]), r"which would leave the graph"),
        (lambda: torch.ones(3)[x[0]], "Tensor from 'getitem' .* is no index"),
    ):
        with pytest.raises(TypeError, match=text):
            act()


def test_what_other_libraries_differentiate_comes_in_as_leaves():
    torch = pytest.importorskip("torch")
    p = torch.nn.Parameter(torch.ones(2))
    x = Tensor(p)
    assert not x.data.requires_grad
    (x * x).sum().backward()
    assert p.grad is None
    with pytest.raises(TypeError, match=r"would lose its graph here: pass x\.detach\(\)"):
        Tensor(p * 2)
    with pytest.raises(TypeError, match=r"to_dense"):
        Tensor(torch.ones(2).to_sparse())
    for half in (torch.float16, torch.bfloat16):
        with pytest.raises(TypeError, match="nodes carry float64 and float32"):
            Tensor(torch.ones(2, dtype=half))
