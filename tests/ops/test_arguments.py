"""NumPy's parameters, function by function: each is accepted on nodes, or refused by an error that names it."""

import inspect

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor
from autograd.engine.node import Node, functions
from tests.helpers.support import plain

# A value to give a parameter, one that is not NumPy's default.
OTHER = {
    "casting": "unsafe", "constant_values": 1.0, "copy": True, "correction": 1, "ddof": 1, "device": "cpu",
    "dtype": "f4", "endpoint": False, "equal_nan": False, "initial": 1.0, "keepdims": True, "kind": "stable",
    "like": np.ones(2), "max": 1.5, "min": -1.5, "mean": 0.5, "ndmin": 3, "ndmax": 2, "order": "F", "out": np.ones(2),
    "retstep": True, "return_counts": True, "return_index": True, "return_inverse": True, "returned": True,
    "side": "right", "signature": "d->d", "sorted": False, "sorter": np.array([0, 1]), "stable": True, "subok": True,
    "upper": True, "where": np.array([True, False]),
}  # fmt: skip
SQUARE = np.array([[2.0, 0.5], [0.5, 1.0]])


def numpys():
    for name in sorted(functions()):
        theirs = getattr(np, name, None) or getattr(np.linalg, name, None)
        if callable(theirs):
            try:
                yield name, theirs, inspect.signature(theirs).parameters
            except ValueError:
                continue


THREE = np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]])
FIRST = {  # what a function takes before its options, where that is not one matrix, or two for a ufunc of two
    "append": (SQUARE, SQUARE), "array_split": (SQUARE, 2), "broadcast_to": (SQUARE, (2, 2)),
    "column_stack": ([SQUARE],),
    "concatenate": ([SQUARE, SQUARE],), "dot": (SQUARE, SQUARE), "dsplit": (SQUARE[:, :, None] * SQUARE, 2),
    "dstack": ([SQUARE],), "einsum": ("ij->i", SQUARE), "expand_dims": (SQUARE, 0), "full": (2, np.asarray(1.5)),
    "full_like": (SQUARE, 2.0), "hsplit": (SQUARE, 2), "hstack": ([SQUARE],), "inner": (SQUARE, SQUARE),
    "kron": (SQUARE, SQUARE), "linspace": (SQUARE, 1.0, 3), "matrix_power": (SQUARE, 2), "moveaxis": (SQUARE, 0, 1),
    "outer": (SQUARE[0], SQUARE[0]), "pad": (SQUARE, 1), "repeat": (SQUARE, 2), "reshape": (SQUARE, (4,)),
    "roll": (SQUARE, 1), "searchsorted": (SQUARE[0], 1.0), "select": ([SQUARE > 1], [SQUARE]),
    "solve": (SQUARE, SQUARE),
    "split": (SQUARE, 2), "stack": ([SQUARE, SQUARE],), "swapaxes": (SQUARE, 0, 1), "take": (SQUARE, [0]),
    "take_along_axis": (SQUARE, np.array([[0], [1]])), "tensordot": (SQUARE, SQUARE), "tile": (SQUARE, 2),
    "vdot": (SQUARE, SQUARE), "vecdot": (SQUARE, SQUARE), "vsplit": (SQUARE, 2), "vstack": ([SQUARE],),
    "where": (SQUARE > 1, SQUARE, SQUARE), "average": (SQUARE,), "clip": (SQUARE, -1.0, 1.5),
    "bitwise_and": (SQUARE > 1, SQUARE > 1), "bitwise_or": (SQUARE > 1, SQUARE > 1), "invert": (SQUARE > 1,),
    "allclose": (SQUARE, SQUARE), "apply_along_axis": (np.cumsum, 1, SQUARE),
    "apply_over_axes": (np.sum, SQUARE, [0]), "argpartition": (SQUARE, 0), "array_equal": (SQUARE, SQUARE),
    "array_equiv": (SQUARE, SQUARE), "bincount": (np.array([1, 0]), SQUARE[0]), "bitwise_xor": (SQUARE > 1, SQUARE > 1),
    "choose": (np.array([1, 0]), [SQUARE, SQUARE]), "compress": ([True, False], SQUARE),
    "convolve": (SQUARE[0], SQUARE[1]), "correlate": (SQUARE[0], SQUARE[1]), "delete": (SQUARE, 1),
    "digitize": (SQUARE, SQUARE[0]), "extract": (SQUARE > 1, SQUARE), "geomspace": (SQUARE, 4.0, 3),
    "insert": (SQUARE, 1, 2.0), "interp": (SQUARE, [0.0, 1.0, 2.0], np.array([1.0, 3.0, 2.0])),
    "intersect1d": (SQUARE, SQUARE), "isclose": (SQUARE, SQUARE), "isin": (SQUARE, SQUARE[0]),
    "ldexp": (SQUARE, np.array([1, 2])), "lexsort": ([SQUARE[0], SQUARE[1]],), "logspace": (SQUARE, 1.0, 3),
    "nanpercentile": (SQUARE, 30.0), "nanquantile": (SQUARE, 0.3), "partition": (SQUARE, 0),
    "percentile": (SQUARE, 30.0), "piecewise": (SQUARE, [SQUARE > 1], [1.0]), "poly": (SQUARE[0],),
    "polyadd": (SQUARE[0], SQUARE[1]), "polyder": (SQUARE[0],), "polyint": (SQUARE[0],),
    "polysub": (SQUARE[0], SQUARE[1]), "polyval": (SQUARE[0], SQUARE), "quantile": (SQUARE, 0.3),
    "resize": (SQUARE, (3, 2)), "rollaxis": (SQUARE, 1), "row_stack": ([SQUARE],), "setdiff1d": (SQUARE, SQUARE[0]),
    "setxor1d": (SQUARE, SQUARE[0]), "union1d": (SQUARE, SQUARE[0]), "vander": (SQUARE[0],),
    "cumulative_sum": (SQUARE[0],), "cumulative_prod": (SQUARE[0],), "block": ([SQUARE],),
    "cross": (THREE, THREE[::-1]),    "lstsq": (SQUARE, np.array([1.0, 3.0])), "tensorsolve": (SQUARE, SQUARE[0]),
    "tensorinv": (np.eye(4).reshape(2, 2, 2, 2),),
}  # fmt: skip
NO_OPTION = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY}


def first(name, theirs):
    return FIRST.get(name, (SQUARE,) * getattr(theirs, "nin", 1))


def on_nodes(args):
    """Arguments with nodes for the arrays of floats or conditions in them."""
    if isinstance(args, (list, tuple)):
        return type(args)(map(on_nodes, args))
    return Tensor(args) if isinstance(args, np.ndarray) and args.dtype.kind in "fb" else args


def options():
    for name, theirs, parameters in numpys():
        given = first(name, theirs)
        for k, p in list(parameters.items())[len(given) :]:
            if p.kind not in NO_OPTION and name != "empty_like":  # whose numbers are any
                yield name, k


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:divide by zero encountered:RuntimeWarning")
@pytest.mark.parametrize(("name", "k"), [*options()])
def test_an_option_does_what_numpys_does_or_is_refused_by_name(name, k):
    """Only what changes NumPy's result tells: the value that is tried is not the default."""
    theirs = getattr(np, name, None) or getattr(np.linalg, name)
    ours = getattr(anp, name, None) or getattr(anp.linalg, name)
    args = first(name, theirs)
    default = inspect.signature(theirs).parameters[k].default
    value = OTHER.get(k, 1 if k in ("axis", "n", "num", "decimals", "offset", "k", "ord") else default)
    value = [(0, 1)] * 3 if name in ("matmul", "matvec", "vecdot", "vecmat") and k == "axes" else value
    try:
        result, refusal = ours(*on_nodes(args), **{k: value}), ""
    except (TypeError, ValueError) as error:
        result, refusal = None, str(error)
    if refusal:
        assert k in refusal
        assert "unexpected keyword" not in refusal
        return
    expected = theirs(*args, **{k: value})
    pairs = zip(result, expected, strict=True) if isinstance(result, (list, tuple)) else [(result, expected)]
    for y, e in pairs:
        np.testing.assert_allclose(plain(y), e)
        assert not isinstance(y, Node) or np.asarray(plain(y)).dtype == np.asarray(e).dtype


@pytest.mark.parametrize("name", sorted(n for n, t, p in numpys() if not isinstance(t, np.ufunc)))
def test_arguments_may_be_given_by_numpys_names(name):
    theirs = getattr(np, name, None) or getattr(np.linalg, name)
    ours = getattr(anp, name, None) or getattr(anp.linalg, name)
    kinds = inspect.signature(theirs).parameters
    args = first(name, theirs)
    named = list(kinds)[: len(args)]
    if any(kinds[k].kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD for k in named):
        pytest.skip("NumPy's own takes them by position only")
    by_name = ours(**dict(zip(named, on_nodes(args), strict=False)))
    by_place = ours(*on_nodes(args))
    both = [y if isinstance(y, (list, tuple)) else [y] for y in (by_name, by_place)]
    for a, b in zip(*both, strict=True):
        np.testing.assert_array_equal(plain(a), plain(b))


@pytest.mark.parametrize(
    "f",
    [
        lambda np, x, k: np.tensordot(x, x, k(1)),
        lambda np, x, k: np.tensordot(x, x, (k(1), k(0))),
        lambda np, x, k: np.linalg.norm(x, axis=k(1)),
        lambda np, x, k: np.linalg.norm(x, 1, (k(0), k(1))),
        lambda np, x, k: np.average(x, axis=k(1), weights=[1.0, 3.0]),
        lambda np, x, k: np.average(x, axis=k(-1)),
        lambda np, x, k: np.prod(x, axis=k(1)),
        lambda np, x, k: np.sum(x, axis=(k(0), k(1))),
        lambda np, x, k: np.cumprod(x, axis=k(1)),
        lambda np, x, k: np.diff(x, k(1), axis=k(0)),
        lambda np, x, k: np.sort(x, axis=k(0)),
        lambda np, x, k: np.stack([x, x], axis=k(1)),
    ],
)
def test_axes_may_be_integers_of_numpys(f):
    x = Tensor(SQUARE)
    y = f(anp, x, np.int64)
    np.testing.assert_allclose(y.data, f(np, SQUARE, int))
    anp.sum(y**2).backward()
    assert x.grad.shape == x.shape


def test_arrays_that_do_not_broadcast_are_described():
    with pytest.raises(ValueError, match=r"broadcast_arrays\(Tensor f64\[2\], f64\[3\]\): the shapes do not broadcast"):
        anp.broadcast_arrays(Tensor(np.ones(2)), np.ones(3))
