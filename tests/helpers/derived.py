"""What the tests know of each function that is written in other ops: calls to try it on, and PyTorch's function for it.

A function enters the tests with one line here. In a call, arrays of floats are what derivatives are taken by.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tests.helpers.support import numbers


class Call(NamedTuple):
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Derived(NamedTuple):
    calls: tuple[Call, ...]
    torch: Callable[..., Any] | None = None  # takes the module first


def call(*args: Any, **kwargs: Any) -> Call:
    return Call(args, kwargs)


def of(*calls: Call, torch: Callable[..., Any] | None = None) -> Derived:
    return Derived(calls, torch)


def axes(x: np.ndarray, *names: Any, **kwargs: Any) -> tuple[Call, ...]:
    return tuple(call(x, axis=axis, **kwargs) for axis in names)


X, Y = numbers((2, 3), 1), numbers((2, 3), 2)
V, W, U = numbers((3,), 3), numbers((3,), 4), numbers((4,), 5)
CUBE, FOUR = numbers((2, 3, 4), 6), numbers((2, 2, 3, 3), 7)
SQUARE = numbers((3, 3), 8) + 2 * np.eye(3)
DOMINANT = numbers((3, 3), 14, -0.4, 0.4) + np.diag([1.0, 2.5, 4.0])  # its eigenvalues are real
ROW, ONE, NONE, FLAT = numbers((1, 3), 9), np.asarray(0.7), np.zeros((0,)), np.zeros((2, 0))
HOLES = np.array([[0.5, np.nan, 1.5], [np.nan, -0.3, 2.0]])
WITH_ZEROS = np.array([[0.0, 2.0, -1.5], [1.2, 0.0, 0.0]])
AWAY = np.array([0.4, -1.3, 1.7, -0.6])
POSITIVE = numbers((2, 3), 10, 0.5, 2.0)
TRUTH = numbers((2, 3), 11) > 0
PLACES = np.array([[0, 2, 1], [2, 0, 0]])
PAIRS = ((X, Y), (X, V), (ROW, numbers((2, 1), 3)), (ONE, X), (X, ONE))
pairs = tuple(call(a, b) for a, b in PAIRS)
splits = (call(CUBE, 2), call(CUBE, [1]), call(CUBE, (0, 1, 1)))
several = (call([X, Y]), call([X, ROW, Y]), call((V, W)))

DERIVED = {
    "all": of(*axes(WITH_ZEROS, None, 0, -1, (0, 1)), call(NONE), call(X, axis=1, keepdims=True)),
    "any": of(*axes(WITH_ZEROS, None, 0, -1, (0, 1)), call(NONE), call(0 * X, axis=1, keepdims=True)),
    "append": of(call(X, Y), call(X, Y, axis=0), call(X, Y, axis=-1), call(V, ONE)),
    "around": of(call(X, 2)),
    "array": of(call([X, Y]), call([[ONE, 2.0], [1.0, ONE]]), call(X), call(ONE)),
    "array_split": of(call(V, 2), call(V, 5), call(CUBE, 3, axis=-1), *splits),
    "astype": of(call(X, float), call(ONE, "float64")),
    "asarray": of(call([X, Y]), call(X), call(ONE)),
    "atleast_1d": of(call(ONE), call(V, ONE)),
    "atleast_2d": of(call(ONE), call(V), call(CUBE, V)),
    "atleast_3d": of(call(ONE), call(V), call(X), call(CUBE), call(V, FOUR)),
    "average": of(
        call(X), call(X, axis=-1), call(X, weights=POSITIVE), call(X, axis=0, weights=POSITIVE),
        call(X, axis=-1, weights=POSITIVE[0]), call(X, axis=0, weights=POSITIVE[:, 0], keepdims=True),
        call(X, axis=(0, 1)),
    ),
    "bitwise_and": of(call(X > 0, Y > 0), call(X > 0, V > 0)),
    "bitwise_or": of(call(X > 0, Y > 0), call(X > 0, V > 0)),
    "invert": of(call(X > 0)),
    "broadcast_arrays": of(call(X, V), call(ROW, ONE, numbers((2, 1))), call(X), call(FLAT, ONE)),
    "clip": of(call(X, -0.5, 0.5), call(X, V - 2, None), call(X, None, V + 0.1)),
    "column_stack": of(call([V, W]), call([X, X[:, 0], X[:, :1]])),
    "concatenate": of(call([X, Y]), call([X, ROW], axis=0), call((X, Y), axis=-1), call([FLAT, X], axis=1)),
    "cond": of(*(call(SQUARE, p) for p in (-2, 1)), call(X)),
    "copysign": of(
        call(AWAY, -AWAY), call(POSITIVE, AWAY[:3]), call(AWAY, 1.0),
        torch=lambda t, a, b: t.copysign(a, t.as_tensor(b)),
    ),
    "count_nonzero": of(*axes(WITH_ZEROS, None, 0, -1, (0, 1)), call(X, keepdims=True)),
    "cross": of(
        call(X, V), call(X, Y), call(CUBE, V, axisa=1), call(CUBE, -CUBE[::-1], axis=1),
        call(X[:, None], CUBE, axisb=1, axisc=0),
    ),
    "deg2rad": of(call(X), torch=lambda t, x: t.deg2rad(x)),
    "degrees": of(call(X), torch=lambda t, x: t.rad2deg(x)),
    "diff": of(
        *axes(CUBE, 0, -1, 1), call(U, 2), call(U, n=0), call(V, 5), call(FLAT, axis=0), call(NONE),
        call(X, prepend=Y), call(CUBE, 2, 1, prepend=ONE, append=CUBE), call(U, append=2.0), call(U, 0, append=ONE),
        torch=lambda t, x, n=1, axis=-1, **ends: t.diff(
            x, n, axis, **{k: t.broadcast_to(t.as_tensor(v), np.diff(x.detach(), 0, axis)[tuple(
                slice(0, 1) if i == axis % x.ndim else slice(None) for i in range(x.ndim))].shape)
                if np.ndim(v) == 0 else v for k, v in ends.items()}
        ),
    ),
    "digamma": of(call(POSITIVE)),  # of which PyTorch's derivative has ten digits
    "divmod": of(call(X, AWAY[:3]), call(X, 0.7)),
    "dot": of(call(X, V), call(V, W), call(X, X.T), call(ONE, X), call(X, numbers((2, 3, 2), 4)), call(CUBE, U)),
    "dsplit": of(call(CUBE, 2), call(CUBE, [1, 3])),
    "dstack": of(*several[::2], call([CUBE, X[:, :, None]]), torch=lambda t, xs: t.dstack(xs)),
    "eig": of(call(DOMINANT), call(np.stack([DOMINANT, 2 * DOMINANT.T]))),
    "eigh": of(call(SQUARE), call(FOUR, "U"), call(SQUARE, UPLO="l")),
    "eigvals": of(call(DOMINANT)),
    "eigvalsh": of(call(SQUARE), call(FOUR, "U")),
    "einsum": of(
        call("ij,kj->ik", X, Y), call("ij,j", X, V), call("ii", SQUARE), call("ii->i", SQUARE),
        call("iii->i", numbers((3, 3, 3))),
        call("ij->j", X), call("ij->", X), call("ji", X), call("i,j->ij", V, U), call("i,j->", V, U),
        call("...ij->...ji", CUBE),
        call("...ij,...jk->...ik", CUBE, U[:, None]), call("i...,i...->...", CUBE, CUBE[:, :, :1]),
        call("ij,ij->j", X, ROW),
        call("ij,ij->i", ROW, X), call("ij,jk,kl->il", X, SQUARE, X.T), call(",ij->ij", ONE, X),
        call("b i j , b j -> b i", CUBE, numbers((2, 4), 3)),
        call("ijj,j->ij", FOUR[0], V), call("ij,ij,ij->", X, Y, POSITIVE, optimize=True),
        call("ij,jk->ik", FLAT, FLAT.T), call(X, [0, 1], Y, [2, 1], [0, 2]), call(X, (0, 1), V, (1,)),
        call(CUBE, [..., 0, 1], U, [1], [..., 0]),
        torch=lambda t, subscripts, *xs, optimize=None: t.einsum(subscripts, *xs),
    ),
    "fix": of(call(X)),
    "fliplr": of(call(X), call(CUBE), torch=lambda t, x: t.fliplr(x)),
    "flipud": of(call(V), call(CUBE), torch=lambda t, x: t.flipud(x)),
    "fmax": of(*pairs, call(HOLES, X), call(X, HOLES), torch=lambda t, a, b: t.fmax(a, b)),
    "fmin": of(*pairs, call(HOLES, X), call(X, HOLES), torch=lambda t, a, b: t.fmin(a, b)),
    "full": of(call(4, ONE), call((2, 3), ONE), call((), ONE), call((2, 3), V)),
    "full_like": of(call(X, ONE), call(X, V), call(X, 2.5), call(ONE, ONE)),
    "hsplit": of(call(V, 3), call(CUBE, 3), call(CUBE, [1])),
    "hstack": of(*several[:1], call((V, U)), call([ONE, V]), torch=lambda t, xs: t.hstack(xs)),
    "i0": of(call(X), torch=lambda t, x: t.i0(x)),
    **{name: of(*(call(v, POSITIVE) for v in (0, 1, 2, 1.5))) for name in ("iv", "ive", "jv", "kv", "yv")},
    "inner": of(call(V, W), call(X, V), call(X, Y), call(ONE, X), call(CUBE, U), torch=lambda t, a, b: t.inner(a, b)),
    "kron": of(
        call(X, SQUARE), call(V, U), call(X, V), call(V, CUBE), call(ONE, X), torch=lambda t, a, b: t.kron(a, b)
    ),
    "linspace": of(
        call(ONE, 2.0, 5), call(V, W, 4), call(V, ONE, 3, endpoint=False), call(ONE, POSITIVE, 1), call(ONE, V, 0),
    ),
    "logical_xor": of(call(TRUTH, X > 0.5), call(WITH_ZEROS, X)),
    "lstsq": of(call(X.T, V), call(X.T, SQUARE), call(X, U[:2]), call(SQUARE, V, rcond=1e-9)),
    "matrix_norm": of(
        call(CUBE), call(X, keepdims=True, ord="nuc")
    ),
    "matrix_power": of(
        *(call(SQUARE, n) for n in (0, 1, 2, 5, -1, -3)), call(FOUR, 3),
        torch=lambda t, x, n: t.linalg.matrix_power(x, n)
    ),
    "matrix_rank": of(
        call(X), call(FOUR), call(np.outer(V, U)), call(V), call(SQUARE, 1.0), call(FOUR, np.ones((2, 2))),
        call(SQUARE, hermitian=True), call(SQUARE, rtol=0.5),
    ),
    "matrix_transpose": of(call(X), call(CUBE), torch=lambda t, x: x.mT),
    "median": of(
        call(X), *axes(CUBE, 0, 1, -1, None), *axes(X, 0, 1, None, keepdims=True), call(V), call(U), call(ONE),
    ),
    "multi_dot": of(call([V, SQUARE, X.T, U[:2]]), call([X, SQUARE, X.T, X]), call([SQUARE, X.T]), call([V, SQUARE])),
    "ndim": of(call(CUBE), call(ONE)),
    "norm": of(
        call(X), *axes(CUBE, 0, (0, 2), (-1, 0)), *axes(X, None, -1, (1, 0), keepdims=True),
        *(call(V, ord) for ord in (None, 1, 2, 3, 0.5, -1, np.inf, -np.inf)),
        *(call(CUBE, ord, -2) for ord in (1, 2, 2.5, np.inf)),
        *(call(X, ord) for ord in ("fro", "nuc", 1, -1, -2, np.inf, -np.inf)), call(CUBE, 2, (2, 0), True),
        call(CUBE, 1, (0, 2)), call(CUBE, -np.inf, (2, 0), True), call(NONE),
        torch=lambda t, x, ord=None, axis=None, keepdims=False: t.linalg.norm(
            x if axis is not None or ord is not None else x.reshape(-1), ord, axis, keepdims
        ) if axis is not None or not keepdims else t.linalg.norm(x, ord, (0, 1), keepdims),
    ),
    "ones_like": of(call(X), call(ONE)),
    "outer": of(call(V, U), call(X, U), call(ONE, V)),
    "pad": of(
        call(X, 1), call(X, ((1, 0), (0, 2)), constant_values=1.5), call(V, (2, 1), "edge"),
        call(X, (1, 1), mode="wrap"),
        call(X, ((0, 1), (2, 1)), "reflect"), call(V, (4, 0), "symmetric"), call(FLAT, 1),
        *(call(X, ((1, 2), (0, 3)), mode) for mode in ("mean", "maximum", "minimum", "linear_ramp")),
        call(CUBE, 1, "mean", stat_length=((1, 2), (3, 1), (2, 2))), call(U, (2, 1), "maximum", stat_length=2),
        call(X, (2, 0), "linear_ramp", end_values=((1.0, 2.0), (3.0, 4.0))), call(FLAT, 0, "mean"),
    ),
    "pinv": of(call(X), call(FOUR), call(X.T, 0.1), call(SQUARE, hermitian=True), call(X, rtol=1e-5)),
    "qr": of(
        call(X), call(FOUR), call(X, "complete"), call(X.T, mode="complete"), call(X.T, mode="r"),
    ),
    "polygamma": of(*(call(n, POSITIVE) for n in range(3))),
    "rad2deg": of(call(X), torch=lambda t, x: t.rad2deg(x)),
    "radians": of(call(X), torch=lambda t, x: t.deg2rad(x)),
    "ravel": of(call(CUBE), call(FLAT), call(ONE), torch=lambda t, x: t.ravel(x)),
    "reciprocal": of(call(AWAY), torch=lambda t, x: t.reciprocal(x)),
    "round": of(call(X), call(X, 2), call(10 * X, decimals=-1)),
    "select": of(call([X > 0.5, X > 0], [Y, V], 0.5), call([TRUTH], [X]), call([TRUTH, X > 0], [ONE, Y], default=X)),
    "shape": of(call(CUBE), call(ONE)),
    "size": of(call(CUBE), call(CUBE, 1), call(ONE)),
    "slogdet": of(call(SQUARE), call(FOUR), torch=lambda t, x: t.linalg.slogdet(x)),
    "sort": of(
        *axes(CUBE, 0, 1, -1), call(X), call(V, kind="stable"), call(FLAT), call(X, axis=0, stable=True),
        torch=lambda t, x, axis=-1, kind=None, stable=None: t.sort(x, axis).values,
    ),
    "split": of(call(V, 3), call(CUBE, 2, axis=-1), *splits),
    "square": of(call(X), torch=lambda t, x: t.square(x)),
    "stack": of(call([X, Y]), call([X, Y], axis=-1), call([V, W, V], axis=1), call([ONE, ONE])),
    "svd": of(
        call(SQUARE), call(X), call(X.T, full_matrices=False), call(FOUR[0], compute_uv=False),
        call(SQUARE, hermitian=True), call(SQUARE, compute_uv=False, hermitian=True),
    ),
    "svdvals": of(call(X), call(CUBE)),
    "take": of(
        call(X, [0, 2, 2]), call(X, PLACES), call(X, [1, 1], axis=-1), call(X, PLACES % 2, axis=0), call(X, 1, axis=1),
        call(X, -1), call(CUBE, np.array([], int), axis=1), call(X, [7, -8], mode="wrap"),
        call(X, PLACES * 3 - 4, axis=1, mode="clip"), call(X, -5, axis=0, mode="clip"),
    ),
    "take_along_axis": of(
        call(X, PLACES, axis=-1), call(X, PLACES[:, :1], axis=1), call(X, PLACES % 2, axis=0),
        call(X, PLACES[0], axis=None),
    ),
    "tensorinv": of(call(SQUARE, 1), call(numbers((2, 3, 6), 12)), call(numbers((6, 2, 3), 13), ind=1)),
    "tensorsolve": of(
        call(SQUARE, V), call(numbers((2, 3, 6), 12), X), call(numbers((6, 2, 3), 13), X, axes=(0,)),
    ),
    "tensordot": of(
        call(X, Y.T, 1), call(CUBE, CUBE, ([0, 1], [0, 1])), call(CUBE, numbers((4, 3), 3), ([-1, 1], [0, 1])),
        call(V, U, 0),
        call(X, X, axes=([1], [1])), call(CUBE, CUBE, 3),
        torch=lambda t, a, b, axes: t.tensordot(a, b, axes),
    ),
    "trace": of(call(SQUARE), call(SQUARE, 1), call(FOUR, -1, -1, -2), call(CUBE, axis1=1, axis2=2)),
    "trapezoid": of(
        call(V), call(X), *axes(CUBE, 0, 1, -1), call(X, dx=0.3), call(X, POSITIVE), call(X, V), call(X, V[:2], axis=0),
        call(CUBE, CUBE**3, axis=1), call(CUBE, V, 1.0, 1), call(ONE[None]),
        torch=lambda t, y, x=None, dx=1.0, axis=-1: t.trapezoid(y, x, dim=axis) if x is not None
        else t.trapezoid(y, dx=dx, dim=axis),
    ),
    "unique": of(
        call(X), call(np.array([3.0, 1.0, 2.0])), call(V, return_index=True, return_counts=True),
        call(V, return_inverse=True),
    ),
    "vdot": of(call(V, W), call(X, Y), call(ONE, ONE)),
    "vecdot": of(call(X, V), call(CUBE, CUBE, axis=1)),
    "vector_norm": of(
        *axes(CUBE, None, 1, (0, 2)), call(X, keepdims=True), call(CUBE, axis=(1, -1), keepdims=True, ord=3),
        *(call(V, ord=ord) for ord in (1, -np.inf)),
    ),
    "vsplit": of(call(X, 2), call(CUBE, [1])),
    "vstack": of(*several, call([V, X]), torch=lambda t, xs: t.vstack(xs)),
}  # fmt: skip
