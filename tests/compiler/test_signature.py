"""The arguments of compiled functions: which belong to one signature, and which are refused."""

import inspect
import math
import pickle
from collections import OrderedDict, namedtuple
from functools import partial

import numpy as np
import pytest

from autograd import (
    compile,
    grad,
    hessian,
    sin,
    tanh,
    value_and_grad,
)  # fmt: skip
from autograd.compiler import fresh
from autograd.compiler.compiled import Compiled
from tests.helpers.compiling import same

Pair = namedtuple("Pair", "W b")


def wave(x):
    return sin(x**3 + 5)


def layer(p, x):
    return (tanh(x @ p["W"] + p["b"]) ** 2).mean()


def test_arguments_by_keyword():
    def f(x, scale=2.0, *, n=1):
        return x * scale + n

    compiled = compile(f)
    assert compiled(1.0) == 3.0
    assert compiled(x=1.0) == 3.0
    assert compiled(1.0, scale=3.0) == 4.0
    assert compiled(1.0, scale=4.0, n=5) == 9.0
    assert compiled(1.0, n=5, scale=4.0) == 9.0
    assert compile(lambda *args, **kwargs: sum(args) - kwargs["last"])(1.0, 2.0, last=0.5) == 2.5


CONTAINERS = [
    (1.0, np.ones(2)), [1.0, np.ones(2)], {"a": 1.0, "b": np.ones(2)}, Pair(1.0, np.ones(2)),
    OrderedDict(b=1.0, a=np.ones(2)), {"x": [1.0, (np.ones(2), {"y": 2.0})], "z": Pair(3.0, 4.0)}, {1: 2.0, None: 3.0},
    [[], (), {}, 1.0], ([1.0],), {"": 1.0, "not a name": 2.0},
]  # fmt: skip


@pytest.mark.parametrize("tree", CONTAINERS, ids=repr)
def test_containers_flow(tree):
    double = lambda t: (
        {k: double(v) for k, v in t.items()}
        if type(t) is dict
        else OrderedDict((k, double(v)) for k, v in t.items())
        if isinstance(t, dict)
        else Pair(*map(double, t))
        if isinstance(t, Pair)
        else type(t)(map(double, t))
        if isinstance(t, (tuple, list))
        else t * 2
    )
    compiled = compile(double)
    for _ in range(2):
        assert same(compiled(tree), double(tree))
    assert len(compiled.variants) == 1


@pytest.mark.parametrize("depth", [40, 200])
def test_containers_may_be_deep(depth):
    def deep(x):
        for _ in range(depth):
            x = [x]
        return x

    compiled = compile(lambda t: t)
    for _ in range(2):
        assert compiled(deep(2.0)) == deep(2.0)
    assert len(compiled.variants) == 1


def test_structures_are_told_apart():
    compiled = compile(lambda p: p[0] * 2 + len(p))
    assert compiled([1.0, 2.0]) == 4.0
    assert compiled((1.0, 2.0)) == 4.0
    assert compiled([1.0]) == 3.0
    assert compiled({0: 1.0}) == 3.0
    assert compiled({False: 1.0}) == 3.0
    assert len(compiled.variants) == 5


def test_shapes_and_dtypes_are_told_apart():
    compiled = compile(lambda x: (x * 2).sum())
    for x in (np.ones(3), np.ones(4), np.ones(3, np.float32), np.ones(3, int), 2.0, np.ones((3, 1)), np.array(1.0)):
        for _ in range(2):
            assert same(compiled(x), (x * 2).sum() if isinstance(x, np.ndarray) else x * 2)
    assert len(compiled.variants) == 7


@pytest.mark.parametrize("values", [(1, True, 2), ("a", "b"), (None, 0), (np.int64(1), 1), (np.bool_(True), True)])
def test_other_arguments_are_static(values):
    compiled = compile(lambda x, s: [x, s])
    for _ in range(2):
        for s in values:
            result = compiled(2.0, s)
            assert result == [2.0, s]
            assert type(result[1]) is type(s)
    assert len(compiled.variants) == len(values)


def test_a_static_argument_decides():
    def power(x, n):
        for _ in range(n):
            x = x * x
        return x

    compiled = compile(power)
    assert [compiled(2.0, n) for n in (2, 3, 2)] == [16.0, 256.0, 16.0]


@pytest.mark.parametrize("x", [np.float64(2.0), np.float32(2.0), np.longdouble(2.0)])
def test_a_float_of_numpys_is_a_float(x):
    compiled = compile(lambda x: x * 3)
    for _ in range(2):
        assert same(compiled(x), 6.0)
    assert same(compiled(2.0), 6.0)
    assert len(compiled.variants) == 1


def test_arrays_in_any_layout_and_of_subclasses():
    compiled = compile(lambda x: x * 2)
    x = np.arange(6.0).reshape(2, 3)
    frozen = x.copy()
    frozen.flags.writeable = False
    for a in (
        x,
        np.asfortranarray(x),
        np.ones((4, 6))[::2, ::2],
        frozen,
        x.view(np.memmap),
        pickle.loads(pickle.dumps(x)),
    ):
        result = compiled(a)
        assert type(result) is np.ndarray
        assert (result == a * 2).all()
    assert len(compiled.variants) == 1
    swapped = x.astype(x.dtype.newbyteorder())
    assert (compiled(swapped) == x * 2).all()


class Model:
    """As users have them."""

    scale = 2.0

    @compile
    def method(self, x):
        return x * self.scale

    def plain(self, x):
        return x * self.scale


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((1.0, Model()), "y: .*Model is neither a number, an array nor static"),
        ((1.0, tanh), "y: .*Op is neither"),
        ((1.0, math), "y: module is neither"),
        ((1.0, [2.0, {"k": len}]), r"y\[1\]\['k'\]: builtin_function_or_method is neither"),
        ((1.0, 1j), "y: complex is neither"),
        ((1.0, np.ones(2, complex)), "y: data of dtype complex128 cannot be carried"),
        ((1.0, np.ones(2, np.float16)), "y: data of dtype float16 cannot be carried"),
        ((1.0, np.array(["a"])), "y: data of dtype <U1 cannot be carried"),
        ((np.ma.masked_array([1.0], [True]), 1), "x: a masked array would lose its mask"),
        ((Pair(1.0, {2}), 1), r"x\.b: set is neither"),
    ],
)
def test_an_argument_of_another_type_is_an_error(args, text):
    compiled = compile(lambda x, y: x)
    for _ in range(2):
        with pytest.raises(TypeError, match=f"^compile: {text}"):
            compiled(*args)
    assert not compiled.variants


def test_a_method_has_its_object_as_argument_and_one_bound_captures_it():
    with pytest.raises(TypeError, match=r"self: .*Model is neither .* capture it"):
        Model().method(1.0)
    assert compile(Model().plain)(3.0) == 6.0


def test_a_generator_is_static():
    compiled = compile(lambda x, rng: x + fresh(lambda: rng.normal()))
    a, b, eager = (np.random.default_rng(seed) for seed in (1, 1, 1))
    assert [compiled(1.0, a) for _ in range(3)] == [1.0 + eager.normal() for _ in range(3)]
    assert len(compiled.variants) == 1
    compiled(1.0, b)
    assert len(compiled.variants) == 2


def test_only_a_function_can_be_compiled():
    for f in ("x + 1", 3, None):
        with pytest.raises(TypeError, match=f"^compile: pass a function, not {type(f).__name__}"):
            compile(f)


def test_a_function_that_runs_in_steps_cannot_be_compiled():
    async def awaited(x):
        return x

    def steps(x):
        yield x

    for f in (awaited, steps):
        with pytest.raises(TypeError, match=rf"^compile: {f.__name__} runs in steps"):
            compile(f)


@pytest.mark.parametrize(
    "f", [np.sin, np.tanh, sin, tanh, max, min, partial(np.maximum, 0.5), abs, Model().plain, np.add.reduce]
)
def test_any_callable_can_be_compiled(f):
    x = np.array([0.5, 2.0])
    for _ in range(2):
        assert same(compile(f)(x), f(x))
    assert repr(compile(f)).startswith("<compiled ")


def test_a_compiled_function_looks_like_the_function():
    compiled = compile(layer)
    assert (compiled.__name__, compiled.__doc__, compiled.__wrapped__) == ("layer", layer.__doc__, layer)
    assert inspect.signature(compiled) == inspect.signature(layer)
    assert isinstance(compiled, Compiled)
    assert inspect.signature(compile(grad(layer))) == inspect.signature(layer)
    assert [list(inspect.signature(t(layer)).parameters) for t in (grad, value_and_grad, hessian)] == [["p", "x"]] * 3
