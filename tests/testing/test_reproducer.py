"""What is written as code makes the same again; snippets of failures run, and fail alike."""

import functools
import math
import sys
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, extend, primitive
from autograd.testing import GradientError, check_gradients
from autograd.testing.reproducer import Code

Point = namedtuple("Point", "x y")
FACTOR = 3.0


def made(x):
    """What the code for something makes, in an interpreter's empty scope."""
    code, scope = Code(), {}
    text = code.expression(x)
    exec("\n".join(["import numpy as np", *code.preamble]), scope)
    return eval(text, scope)


def same(a, b):
    assert type(a) is type(b)
    if isinstance(a, autograd.engine.node.Node):
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


class Callable:
    def __call__(self, x):
        return x * x.detach()

    def loss(self, x):
        return self(x)


held = Callable()


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


def decorated():
    def traced(f):
        @functools.wraps(f)
        def wrapper(*args, times=1):
            return f(*args) * times

        return wrapper

    @traced
    def power(x: Tensor, n: int = 2) -> Tensor:
        return x.detach() if n == 0 else power(x, n - 1) * x

    return power


def twice(*ks):
    """Closures of one factory, each with its own variable k; in one there is another k inside."""

    def made(k):
        def g(x, of=lambda x: x):
            return k * of(x) + (lambda k: k * x.detach())(4.0)

        return g

    a, b = map(made, ks)
    return lambda x: a(x) * b(x).detach()


def of_containers():
    layers = [autograd.tanh, lambda x: x * x.detach(), np.negative, {"last": cancelled}]
    options = {"axis": None, "at": (slice(1, None), ...), "in": {3.0}, 1: complex(math.nan, 1)}

    def loss(x):
        y = layers[3]["last"](layers[1](layers[0](x)))
        return autograd.sum(y[options["at"]]) * (FACTOR if FACTOR in options["in"] else 0.0) + layers[2](1.0)

    return loss


def of_partial():
    g = functools.partial(lambda k, x, n: k * x * x.detach() ** n, 3.0, n=2)
    return lambda x: g(x)


def of_namedtuple():
    Local = namedtuple("Local", "x y")
    return lambda p: p.x * Local(p.y.detach(), 1).x, (Local(1.0, 2.0),)


def shadowed():
    """A function of a module's name that is another one; and variables with the names of what snippets import."""
    np, check_gradients = 3.0, 2.0

    def cancelled(x):
        return np * x * x.detach() ** check_gradients

    g, cancelled.__qualname__ = cancelled, "cancelled"
    return lambda x, cancelled=1.0: autograd.sum(g(x)) * cancelled


bound = lambda x: x * x.detach()
bound.__qualname__ = "cancelled"
numbered = [lambda x, k=k, *, n=k: x * x.detach() * k**n for k in (1.0, 2.0)]


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
        (decorated(), (2.0,)),
        (twice(2.0, 3.0), (2.0,)),
        (of_containers(), (np.array([1.0, 2.0]),)),
        (of_partial(), (2.0,)),
        of_namedtuple(),
        (shadowed(), (np.array([1.0, 2.0]),)),
        (bound, (2.0,)),
        (numbered[1], (2.0,)),
        (held, (2.0,)),
        (held.loss, (2.0,)),
        (lambda x: sum(x * x.detach() * FACTOR for _ in range(2)), (2.0,)),
    ],
    ids=[
        "function", "static method", "named tuple", "lambda", "closure", "recursive", "recursive lambda", "decorated",
        "twice", "containers", "partial", "local named tuple", "shadowed", "bound", "defaults", "object", "method",
        "generator",
    ],
)  # fmt: skip
def test_a_snippet_without_a_suspect_runs_and_fails_alike(f, args):
    with pytest.raises(GradientError) as caught:
        check_gradients(f, args, modes=("reverse",), rng=3)
    assert caught.value.op is None
    assert "modes=('reverse',), rng=3" in caught.value.snippet
    with pytest.raises(GradientError) as again:
        exec(caught.value.snippet, {})
    assert (again.value.argument, again.value.index) == (caught.value.argument, caught.value.index)
    assert again.value.actual == pytest.approx(caught.value.actual)


def gelu(xp, x):
    return x * FACTOR


def without_a_module(how):
    """An op whose derivative is wrong, as it is made inside of a function."""
    if how == "decorated":

        @primitive("x³", elementwise=True)
        def cubel(xp, x):
            return xp.where(x > 0, x, x) ** 3

        cubel.defvjps(x=lambda xp, g, y, x: g * FACTOR)
        cubel.convention("x", lambda xp, x: x == 0, 0.0, "it is flat")
        return cubel
    if how == "other":
        g = primitive("gelu", elementwise=True)(gelu)
        vjp = lambda xp, g, y, x: g
        g.defvjps(x=vjp)
        return g
    op = primitive("<,>")(lambda xp, a, b, i, /, n=1: xp.sum(a * b) * n)
    op.defvjps(a=lambda xp, g, y, a, b, i, n: g * b * n, b=lambda xp, g, y, a, b, i, n: g * b, i=None)
    return op


renamed = without_a_module("other")


@pytest.mark.parametrize(
    ("op", "args", "name", "line"),
    [
        (without_a_module("decorated"), (2.0,), "cubel", "@primitive('x³', elementwise=True)\ndef cubel(xp, x):"),
        (without_a_module("other"), (2.0,), "gelu", "@primitive('gelu', elementwise=True)\ndef gelu(xp, x):"),
        (without_a_module("lambda"), (2.0, 3.0, 1), "<,>", "op = primitive('<,>')(lambda xp, a, b, i, /, n=1:"),
        (renamed, (2.0,), "gelu", "import renamed\n"),
    ],
    ids=["decorated", "other", "lambda", "renamed"],
)
def test_a_suspect_that_its_module_does_not_hold_by_its_name_is_written(op, args, name, line):
    with pytest.raises(GradientError) as caught:
        check_gradients(op, args, order=1)
    assert f"suspected op:        {name!r}" in str(caught.value)
    assert line in caught.value.snippet
    with pytest.raises(GradientError) as again:
        exec(caught.value.snippet, {})
    assert again.value.op.name == op.name
    assert again.value.actual == caught.value.actual


def test_a_name_in_a_prompt_is_used_where_it_stands_for_the_same(monkeypatch):
    op = without_a_module("decorated")
    op.__module__ = "__main__"
    monkeypatch.setattr(sys.modules["__main__"], "cubel", gelu, raising=False)
    op.__qualname__ = "cubel"
    code = Code()
    assert code.function(op) == "cubel"
    assert any("def cubel" in line for line in code.preamble)
    monkeypatch.setattr(sys.modules["__main__"], "cube", op, raising=False)
    assert Code().function(op) == "cube"


def test_what_has_no_text_is_said_to_be_ones_own():
    with pytest.raises(GradientError) as caught:
        check_gradients(Callable(), (2.0,))
    assert "# f is your own function" in caught.value.snippet
    anonymous = eval("lambda x: x * x.detach()")
    with pytest.raises(GradientError) as caught:
        check_gradients(anonymous, (2.0,))
    assert "# f is your own function, defined at <string>:1" in caught.value.snippet
    with pytest.raises(GradientError) as caught:
        check_gradients(Callable().loss, (2.0,))
    assert f"# loss is your own method, defined at {__file__}:" in caught.value.snippet

    @extend.primitive
    def cube(x):
        return x**3

    extend.defvjp(cube, lambda ans, x: lambda g: g * x)
    with pytest.raises(GradientError) as caught:
        check_gradients(cube, (2.0,))
    assert f"# cube is your own function, defined at {__file__}:" in caught.value.snippet


def test_a_variable_that_cannot_be_written_is_named():
    code, model = Code(), OrderedDict(a=object())
    thing = object()
    code.function(lambda x: (thing, model, x))
    assert "# thing is your own object" in code.preamble


def test_a_long_array_is_named():
    data = np.zeros(100_000)
    with pytest.raises(GradientError) as caught:
        check_gradients(lambda x: autograd.sum(x * x.detach() + data), (np.ones(100_000),), order=1)
    assert "# data is your own array f64[100000]\n" in caught.value.snippet
    assert len(caught.value.snippet) < 500
