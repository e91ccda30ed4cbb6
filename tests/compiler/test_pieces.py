"""Arrays made of pieces: programs calculate these in place, and still give what eager gives."""

import numpy as np
import pytest

import autograd
import nn
from autograd import value_and_grad


def random_function(seed, size=14):
    """A function of three arrays that takes slices, stacks and joins what it made, and reads everything again."""

    def f(*xs):
        rng = np.random.default_rng(seed)
        pool = list(xs)
        for _ in range(size):
            a = pool[rng.integers(len(pool))]
            alike = [x for x in pool if x.shape == a.shape]
            b, c = (alike[i] for i in rng.integers(len(alike), size=2))
            half = a.shape[-1] // 2
            made = [
                lambda a=a: a[int(rng.integers(a.shape[0]))] if a.ndim > 1 else a[1:],
                lambda a=a, n=half: autograd.sigmoid(a[..., :n]) * autograd.tanh(a[..., n : 2 * n]),
                lambda a=a, n=half: autograd.concatenate([a[..., n:], autograd.sin(a[..., :n]), a[..., -n:] * 1.5], -1),
                lambda b=b, c=c: autograd.stack([b * 2.0, autograd.cos(c), b], int(rng.integers(-1, 2))),
                lambda b=b, c=c: autograd.concatenate([autograd.cos(b), c * 2.0]),
                lambda a=a, b=b: autograd.tanh(a + b),
                lambda a=a, b=b: a * b,
                lambda a=a: autograd.swapaxes(a, -1, -2) * 1.1 if a.ndim > 1 else autograd.sin(a),
            ][rng.integers(8)]()
            if 0 < made.size < 600:
                pool.append(made)
        return sum(((x * x).sum() for x in pool[-4:]), (pool[-1] ** 3).sum())

    return f


@pytest.mark.parametrize("seed", range(25))
def test_random_functions_of_slices(seed):
    eager = value_and_grad(random_function(seed), (0, 1, 2))
    fast = autograd.compile(eager)
    for again in range(2):
        xs = [np.random.default_rng((seed, again, i)).normal(size=s) for i, s in enumerate([(3, 4), (4, 3), (2, 3, 4)])]
        (a, of_a), (b, of_b) = eager(*xs), fast(*xs)
        np.testing.assert_allclose(a, b, rtol=1e-10)
        for x, y in zip(of_a, of_b, strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-9 * max(1.0, np.abs(x).max()))


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_the_steps_of_a_layer_are_calculated_in_their_places(kind):
    class Net(nn.Module):
        def __init__(self):
            self.layer = getattr(nn, kind)(2, 3, rng=0)

        def forward(self, x):
            return self.layer(x)[0]

    net, rng = Net(), np.random.default_rng(0)
    step = nn.compile_step(net, "mse", nn.optim.SGD(net.parameters(), 0.1))
    step(rng.random((5, 4, 2)), rng.random((5, 4, 3)))
    for name in ("concatenate(", "scatter_like(", "pieces(", "getitem("):
        assert name not in step.source


def test_numbers_and_constants_among_the_pieces():
    def f(x):
        parts = [x[0], 2.0, x[1] * x[0], np.float64(3.0), x[2]]
        return (autograd.stack(parts) * autograd.concatenate([x, np.ones(2)])).sum()

    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(autograd.compile(value_and_grad(f))(x)[1], value_and_grad(f)(x)[1])


def test_what_is_returned_has_memory_of_its_own():
    def f(x):
        h = autograd.tanh(x)
        whole = autograd.stack([h, h * 2.0])
        return h, whole, whole[1], (whole**2).sum()

    fast = autograd.compile(f)
    first = [np.array(y) for y in fast(np.array([1.0, 2.0]))]
    kept = fast(np.array([1.0, 2.0]))
    fast(np.array([5.0, 6.0]))
    for a, b in zip(first, kept, strict=True):
        np.testing.assert_array_equal(a, b)
