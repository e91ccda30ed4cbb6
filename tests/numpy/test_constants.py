"""What has no gradient is as good as plain data; lists of nodes are arrays to NumPy's functions; ``r_`` and ``c_``."""

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, Value, grad
from autograd.graph import replay

X = np.array([3.0, 1.0, 2.0])
PLAIN = np.array([10.0, 20.0, 30.0])


def taken_in(f):
    """What a function gives while it is differentiated."""
    found = []

    def g(x):
        found.append(f(x))
        return anp.sum(x)

    grad(g)(X)
    return found[0]


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: PLAIN[anp.argsort(x)], PLAIN[[1, 2, 0]]),
        (lambda x: PLAIN[x > 1.5], PLAIN[[0, 2]]),
        (lambda x: PLAIN[anp.argmax(x)], 10.0),
        (lambda x: ["a", "b", "c"][anp.argmin(x)], "b"),
        (lambda x: list(range(anp.argmax(-x))), [0]),
        (lambda x: PLAIN[: anp.argmin(x)], [10.0]),
        (lambda x: np.asarray(anp.searchsorted(PLAIN, 9 * x)), [2, 0, 1]),
        (lambda x: anp.unravel_index(anp.argmax(x), (3, 1)), (0, 0)),
        (lambda x: anp.bincount(anp.argsort(x)), [1, 1, 1]),
        (lambda x: anp.allclose(x, X + 1e-12), True),
        (lambda x: anp.array_equal(x, X), True),
        (lambda x: anp.isscalar(x[0]), True),
        (lambda x: anp.isscalar(x), False),
        (lambda x: anp.isscalar(1.0), True),
        (lambda x: anp.iscomplexobj(x), False),
        (lambda x: anp.iterable(x), True),
        (lambda x: anp.empty_like(x).shape, (3,)),
        (lambda x: anp.result_type(x, np.float32), np.float64),
        (lambda x: anp.result_type(Value(1.0), np.float32(1)), np.float32),
        (lambda x: anp.delete(PLAIN, anp.argmax(x)), [20.0, 30.0]),
    ],
)
def test_a_constant_of_a_node_is_plain(f, expected):
    result = taken_in(f)
    np.testing.assert_array_equal(result, expected)
    assert not isinstance(result, (Tensor, Value))


def test_places_are_integers_that_follow_in_a_replay():
    x = Tensor(X)
    (places,) = anp.where(x > 1.5)
    assert places.data.tolist() == anp.nonzero(x > 1.5)[0].data.tolist() == [0, 2]
    y = anp.sum(x[anp.nonzero(x > 1.5)] ** 2)
    assert replay(y, {x: np.array([3.0, 2.0, 2.0])}) == 17.0
    y.backward()
    assert x.grad.tolist() == [6.0, 0.0, 4.0]
    with pytest.raises(TypeError, match=r"would leave the graph"):
        PLAIN[x]


def test_where_takes_its_choices_by_keyword():
    assert grad(lambda x: anp.sum(anp.where(x > 1.5, x=x * x, y=0.0)))(X).tolist() == [6.0, 0.0, 4.0]


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: anp.sum([x, x * 2, 1.0]), 3.0),
        (lambda x: anp.mean((x, x + 2)), 1.0),
        (lambda x: anp.max([x, 2.0]), 1.0),
        (lambda x: anp.prod([x, x]), 6.0),
        (lambda x: anp.var([x, 1.0]), 1.0),
        (lambda x: anp.std([x, 1.0]), 0.5),
        (lambda x: anp.dot([x, 1.0], [2.0, x]), 3.0),
        (lambda x: anp.inner([x, 1.0], PLAIN[:2]), 10.0),
        (lambda x: anp.sum(anp.kron([x, 1.0], PLAIN[:2])), 30.0),
        (lambda x: anp.append([x], x)[1], 1.0),
        (lambda x: anp.sum(anp.exp([0 * x, 0.0])), 0.0),
        (lambda x: anp.sum(anp.transpose([[x, 1.0], [x, x]])[0]), 2.0),
        (lambda x: anp.linalg.norm([x, 4.0]), 0.6),
        (lambda x: anp.sum(anp.maximum([x, 1.0], [2.0, x])), 2.0),
        (lambda x: anp.average([x, 1.0], weights=[x, 1.0]), 7 / 8),
        (lambda x: anp.median([x, 1.0, 5.0]), 1.0),
        (lambda x: anp.clip([x, 7.0], 0.0, 5.0)[0], 1.0),
        (lambda x: anp.sum([[x, 1.0], [x, x]], axis=0)[0], 2.0),
    ],
)
def test_lists_of_nodes_are_arrays(f, slope):
    assert grad(f)(3.0) == pytest.approx(slope, rel=1e-14)


JOINED = {
    "r_": (
        lambda r, x, a: r[x], lambda r, x, a: r[x, a, x], lambda r, x, a: r[x, 1:4], lambda r, x, a: r[x, 0:1:3j, 2.0],
        lambda r, x, a: r["0,2", x, a], lambda r, x, a: r["-1", x, a], lambda r, x, a: r["1,2,0", x, a],
        lambda r, x, a: r[x[0], [1.0, 2.0]],
    ),
    "c_": (lambda c, x, a: c[x, a], lambda c, x, a: c[x, a, x], lambda c, x, a: c[a, x[0]] if x.ndim == 2 else c[x]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "f"), [(name, f) for name, fs in JOINED.items() for f in fs])
def test_r_and_c_join_nodes_as_arrays(name, f):
    x, a = X, PLAIN
    expected = f(getattr(np, name), x, a)
    node = Tensor(x)
    result = f(getattr(anp, name), node, a)
    np.testing.assert_array_equal(result.data, expected)
    weights = np.arange(1.0, 1 + result.size).reshape(result.shape)
    anp.sum(result * weights).backward()
    moved = [f(getattr(np, name), x + step, a) for step in np.eye(3)]
    np.testing.assert_allclose(node.grad, [np.sum((y - expected) * weights) for y in moved], atol=1e-12)
    np.testing.assert_array_equal(f(getattr(anp, name), x, a), expected)
    assert len(getattr(anp, name)) == 0
    assert "NumPy" in repr(getattr(anp, name))


def test_make_diagonal_is_undone_by_diagonal():
    d = np.arange(6.0).reshape(2, 3)
    for axes in ((-1, -2), (-2, -1), (0, 2)):
        made = anp.make_diagonal(Tensor(d), axis1=axes[0], axis2=axes[1])
        np.testing.assert_array_equal(np.diagonal(made.data, axis1=axes[0], axis2=axes[1]), d)
        assert made.data.sum() == d.sum()
    assert grad(lambda d: anp.sum(anp.make_diagonal(d, axis1=-1, axis2=-2) ** 2))(d).tolist() == (2 * d).tolist()
    assert type(anp.make_diagonal(d, axis1=-1, axis2=-2)) is np.ndarray
