"""What is written as code makes the same again; snippets of failures run, and fail alike."""

import math
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value
from autograd.testing import GradientError, check_gradients
from autograd.testing.writing import Code

Point = namedtuple("Point", "x y")
FACTOR = 3.0


def made(x):
    """What the code for something makes, in an interpreter's empty scope."""
    code, scope = Code(), {}
    text = code.of(x)
    exec("\n".join(["import numpy as np", *code.before]), scope)
    return eval(text, scope)


def same(a, b):
    assert type(a) is type(b)
    if isinstance(a, autograd.node.Node):
        assert a.requires_grad == b.requires_grad
        same(a.data, b.data)
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for k in a:
            same(a[k], b[k])
    elif isinstance(a, (list, tuple)):
        for one, other in zip(a, b, strict=True):
            same(one, other)
    else:
        assert a == b or (a != a and b != b)


@pytest.mark.parametrize(
    "x",
    [
        1 / 3, math.inf, math.nan, 7, True, None, "a", (1.0,), [1.0, (2, "nan")], {"W": 0.1, "b": [math.nan]},
        np.array([1 / 3, math.nan, -math.inf]), np.array([[1, 2]]), np.array([True]), np.zeros((0, 3)),
        np.array([0.1], np.float32), np.array(["a", "nancy", "inf"]), np.array([1 + 2j, math.inf]), np.array(2.5),
        Point(1.0, np.ones(2)), Value(2.0), Tensor([1.0, 2.0]), Tensor([1.0], requires_grad=False),
    ],
    ids=repr,
)  # fmt: skip
def test_data_come_back(x):
    same(made(x), x)


def cancelled(x):
    return x * x.detach()


class Model:
    @staticmethod
    def loss(x):
        return x * x.detach()


def local():
    scale, values = np.array([2.0, 3.0]), Tensor([1.0, 1.0], requires_grad=False)
    inner = lambda x: x * FACTOR

    def loss(x):
        return autograd.sum(inner(x).detach() * x * scale * values) + math.pi

    return loss


def recursive():
    def power(x, n=2):
        return x if n == 0 else other(x, n) * x

    def other(x, n):
        return power(x, n - 1).detach()

    return power


def recursive_lambda():
    power = lambda x, n=2: x if n == 0 else power(x, n - 1).detach() * x
    return power


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (cancelled, (2.0,)),
        (Model.loss, (Tensor([1.0, 2.0]),)),
        (lambda p: p.x * p.y.detach(), (Point(1.0, 2.0),)),
        (lambda p, n: p["a"] * p["a"].detach() * FACTOR**n, ({"a": Value(2.0)}, 2)),
        (local(), (np.array([1.0, 2.0]),)),
        (recursive(), (2.0,)),
        (recursive_lambda(), (2.0,)),
    ],
    ids=["function", "static method", "named tuple", "lambda", "closure", "recursive", "recursive lambda"],
)
def test_a_snippet_without_a_suspect_runs_and_fails_alike(f, args):
    with pytest.raises(GradientError) as caught:
        check_gradients(f, args, modes=("reverse",), rng=3)
    assert caught.value.op is None
    assert "modes=('reverse',), rng=3" in caught.value.snippet
    with pytest.raises(GradientError) as again:
        exec(caught.value.snippet, {})
    assert (again.value.argument, again.value.index) == (caught.value.argument, caught.value.index)
    assert again.value.actual == pytest.approx(caught.value.actual)


class Callable:
    def __call__(self, x):
        return x * x.detach()


def test_what_has_no_text_is_said_to_be_ones_own():
    with pytest.raises(GradientError) as caught:
        check_gradients(Callable(), (2.0,))
    assert "# f is your own function" in caught.value.snippet
    anonymous = eval("lambda x: x * x.detach()")
    with pytest.raises(GradientError) as caught:
        check_gradients(anonymous, (2.0,))
    assert "# f is your own function, defined at <string>:1" in caught.value.snippet


def test_a_variable_that_cannot_be_written_is_named():
    code, model = Code(), OrderedDict(a=object())
    thing = object()
    code.function(lambda x: (thing, model, x))
    assert "# thing is your own object" in code.before


def test_a_long_array_is_named():
    data = np.zeros(100_000)
    with pytest.raises(GradientError) as caught:
        check_gradients(lambda x: autograd.sum(x * x.detach() + data), (np.ones(100_000),), order=1)
    assert "# data is your own array f64[100000]\n" in caught.value.snippet
    assert len(caught.value.snippet) < 500
