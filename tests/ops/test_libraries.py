"""Every op on other libraries' arrays through the engine: value, gradient and second gradient are NumPy's.

PyTorch and array-api-strict take their turn in every run, JAX, which compiles each call, in the thorough one.
"""

import numpy as np
import pytest
from hypothesis import settings

import autograd
from autograd import Tensor, gradients
from autograd.engine.libraries import library_named, library_of, numpy_dtype
from autograd.engine.node import Node
from autograd.ops import table
from tests.helpers.samplers import samples, varied
from tests.helpers.support import numbers
from tests.ops.test_derived import FUNCTIONS, cases, listed

THOROUGH = settings.default.max_examples > 100
LIBRARIES = ["array_api_strict", "torch", *["jax"] * THOROUGH]


def namespace(request):
    """The namespace of a library; JAX has doubles only if it is told."""
    module = pytest.importorskip(request.param)
    library = library_named(request.param)
    if request.param != "jax":
        yield library
        return
    before = module.config.jax_enable_x64
    module.config.update("jax_enable_x64", True)
    yield library
    module.config.update("jax_enable_x64", before)


xp = pytest.fixture(namespace, params=LIBRARIES, name="xp")
# The standard does not say what a float and an integer give together, as in the calls of derived functions.
promoting = pytest.fixture(namespace, params=LIBRARIES[1:], name="promoting")


def in_dtype(args, dtype):
    """Arguments with floats in a dtype."""
    return [np.asarray(a).astype(dtype) if np.asarray(a).dtype.kind == "f" else np.asarray(a) for a in args]


def on(convert, args):
    """Arguments on a library: nodes of floats, and plain arrays of integers and conditions."""
    return [Tensor(convert(a)) if a.dtype.kind == "f" else convert(a) for a in args]


def weighed(y, convert, seed):
    """A scalar that tells every element apart."""
    weights = numbers(y.shape, seed, 0.5, 2.0).astype(np.float32 if "float32" in str(y.dtype) else float)
    return autograd.sum(y * convert(weights))


def derivatives(outputs, leaves, convert):
    """Gradients of the sum of all outputs, by a graph and without one, and the gradients of these."""
    first = gradients(outputs, leaves, create_graph=True)
    found = [*first, *gradients(outputs, leaves)]
    slopes = [weighed(g, convert, 6) for g in first if g.requires_grad]
    return found + (gradients(slopes, leaves) if slopes else [])


def all_of(op, args, params, convert):
    """The value of an op at nodes of such arrays, and its derivatives of both orders."""
    nodes = on(convert, args)
    y = op(*nodes, **params)
    found = [y]
    if isinstance(y, Node) and y.requires_grad:
        by_sign = op.__name__.endswith("_parts")  # eigenvectors have any sign, and their squares none
        leaves = [nodes[i] for i in varied(op, args)]
        found += derivatives([weighed(y * y if by_sign else y, convert, 5)], leaves, convert)
        found[0] = abs(y) if by_sign else y
    return found


def agree(xp, found, expected, exact, tolerance):
    """Whether results are NumPy's: in kind, shape, dtype, and but for rounding in value.

    NumPy's own error against the `exact` numbers, the condition of what is calculated, is allowed several times.
    """
    assert len(found) == len(expected)
    for ours, theirs, true in zip(found, expected, exact, strict=True):
        ours, theirs, true = (x._data if isinstance(x, Node) else x for x in (ours, theirs, true))
        if not isinstance(theirs, np.ndarray):
            assert (type(ours), ours) == (type(theirs), theirs)
            continue
        assert library_of(ours) is xp
        ours = xp.to_numpy(ours)
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        if theirs.dtype.kind != "f":
            np.testing.assert_array_equal(ours, theirs)
            continue
        scale = np.abs(true[np.isfinite(true)]).max(initial=1e-3)
        with np.errstate(invalid="ignore"):
            allowed = tolerance * scale + 8 * np.nanmax(np.abs(theirs - true), initial=0.0)
            near = np.abs(ours - theirs) <= allowed
        assert (near | (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))).all()


every_op = pytest.mark.parametrize("op", table(), ids=lambda op: op.__name__)


@every_op
def test_value_and_derivatives_of_both_orders_are_numpys(op, xp):
    for args, params in samples(op):
        args = in_dtype(args, float)
        expected = all_of(op, args, params, np.array)
        agree(xp, all_of(op, args, params, xp.array), expected, expected, 1e-11)


@every_op
def test_float32_stays_float32_and_is_as_near_as_numpys(op, xp):
    for args, params in samples(op):
        single = in_dtype(args, "float32")
        expected, exact = all_of(op, single, params, np.array), all_of(op, in_dtype(single, float), params, np.array)
        if op.__name__ == "to_floats":  # which makes float64 of them
            exact = expected
        agree(xp, all_of(op, single, params, xp.array), expected, exact, 32 * np.finfo("float32").eps)


# ---- functions that are written in other ops ----

OF_SHAPES = {"diag_indices_from", "tril_indices_from", "triu_indices_from", "ix_"}  # these may give NumPy's integers
BY_SIGN = {"eigh", "svd"}  # eigenvectors have any sign
every_function = pytest.mark.parametrize("name", sorted(FUNCTIONS))


def moved(x, convert):
    """Arguments on a library; lists of numbers stay."""
    if isinstance(x, (list, tuple)):
        return type(x)(moved(a, convert) for a in x)
    return convert(x) if isinstance(x, np.ndarray) else x


def results_of(name, f, arrays, convert):
    """The results of a function of nodes, and of plain integers and conditions of the library too."""
    nodes = [Tensor(convert(a)) for a in arrays]
    call = lambda *args, **kwargs: FUNCTIONS[name](
        *moved(args, convert), **dict(zip(kwargs, moved([*kwargs.values()], convert), strict=True))
    )
    return nodes, listed(f(*nodes, of=call))


@every_function
def test_derived_functions_and_their_derivatives_are_numpys(name, promoting):
    for f, arrays in cases(name):
        sides = []
        for convert in (np.array, promoting.array):
            nodes, results = results_of(name, f, arrays, convert)
            found = [abs(y) if name in BY_SIGN else y for y in results]
            found = [y for y in found if isinstance(y, Node) or name not in OF_SHAPES]
            for y in results:
                if isinstance(y, Node) and y.requires_grad:
                    found += derivatives([weighed(y * y if name in BY_SIGN else y, convert, 5)], nodes, convert)
            sides.append(found)
        agree(promoting, sides[1], sides[0], sides[0], 1e-11)


@every_function
def test_derived_functions_keep_float32(name, promoting):
    for f, arrays in cases(name):
        arrays = [a.astype("float32") for a in arrays]
        nodes, results = results_of(name, f, arrays, promoting.array)
        _, numpys = results_of(name, f, arrays, np.array)
        for y, theirs in zip(results, numpys, strict=True):
            if not isinstance(y, Node) or not y.requires_grad:
                continue
            allowed = {"float32", str(theirs.dtype)} if name in ("astype", "float_power", "cov") else {"float32"}
            assert str(y.dtype).rpartition(".")[2] in allowed
            for g in gradients([weighed(y, promoting.array, 5)], nodes, create_graph=True):
                assert numpy_dtype(g) == "float32"
