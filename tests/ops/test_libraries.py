"""Every op on other libraries' arrays through the engine: value, gradient and second gradient are NumPy's.

PyTorch and array-api-strict take their turn in every run, JAX, which compiles each call, in the thorough one.
"""

import numpy as np
import pytest
from hypothesis import settings

import autograd
from autograd import Tensor, Value, gradients
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


# ---- what meets, and what indexes ----


@every_op
def test_numpys_float64_beside_a_float32_node_is_float32(op, xp):
    for args, params in samples(op):
        args = in_dtype(args, float)
        places = varied(op, args)
        if len(places) < 2 or op.__name__ == "to_floats":
            continue
        here = [Tensor(xp.array(a.astype("float32"))) if i == places[0] else a for i, a in enumerate(args)]
        there = [Tensor(a.astype("float32")) if i == places[0] else a for i, a in enumerate(in_dtype(args, "float32"))]
        y, theirs = op(*here, **params), op(*there, **params)
        agree(xp, [y], [theirs], [theirs], 1e-5)
        if op.differentiable:
            (g,) = gradients([weighed(y, xp.array, 5)], [here[places[0]]], create_graph=True)
            assert library_of(g) is xp
            assert numpy_dtype(g) == "float32"


@every_op
def test_plain_arrays_give_plain_arrays(op, xp):
    args, params = next(iter(samples(op)))
    args = in_dtype(args, float)
    y, theirs = op(*map(xp.array, args), **params), op(*args, **params)
    assert not isinstance(y, Node)
    if isinstance(theirs, np.ndarray) and op.__name__ != "bounds":  # which follow from shapes
        signs = op.__name__.endswith("_parts")
        agree(xp, *([abs(x) if signs else x] for x in (y, theirs, theirs)), 1e-11)


KEYS = {
    "integers": lambda of: of([2, 0, 2]),
    "one integer": lambda of: of([1]),
    "an integer": lambda of: of(1),
    "bytes": lambda of: of([0, 1], "uint8"),
    "negative": lambda of: of([[-1, 0], [-4, 2]]),
    "condition": lambda of: of(numbers((4, 3), 1) > 0),
    "rows": lambda of: of([True, False, True, False]),
    "two": lambda of: (of([0, 3]), of([2, 0])),
    "apart": lambda of: (of([0, 3]), None, of([2, 0])),
    "with a slice": lambda of: (slice(None, None, -2), of([2, 0])),
    "with an ellipsis": lambda of: (..., of([1, 1])),
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("of_numpy", [True, False], ids=["numpys", "its own"])
def test_index_arrays_pick_what_they_pick_in_numpy(key, of_numpy, xp):
    a = numbers((4, 3), 2)
    x, numpys = Tensor(xp.array(a)), Tensor(a)
    convert = np.array if of_numpy else lambda *args: xp.array(np.array(*args))
    sides = []
    for node, k in ((x, key(convert)), (numpys, key(np.array))):
        y = node[k]
        sides.append([y, *gradients([autograd.sum(y * y)], [node])])
    agree(xp, *sides, sides[1], 1e-15)


@pytest.mark.parametrize(
    "key",
    [slice(None, None, -1), (..., None, slice(2, None, -2)), (None, slice(1, 9), -1), True, [], [0, 2], np.int8(1)],
)
def test_keys_of_numbers_pick_what_they_pick_in_numpy(key, xp):
    a = numbers((4, 3), 2)
    x, numpys = Tensor(xp.array(a)), Tensor(a)
    agree(xp, [x[key]], [numpys[key]], [numpys[key]], 0)


def test_an_index_that_is_none_is_an_error_with_the_key(xp):
    x = Tensor(xp.array(numbers((4, 3), 2)))
    wrong = [7, (0, 0, 0), *[xp.array(np.array([9]))] * (xp.name != "jax")]  # JAX takes the last place for it
    for key in wrong:
        with pytest.raises(IndexError, match=r"getitem\(Tensor f64\[4,3\] on"):
            x[key]
    with pytest.raises(IndexError, match="cannot index with"):
        x[xp.array(np.array([0.5]))]


def test_plain_arrays_meet_nodes(xp):
    a = numbers((2, 3), 1)
    plain, node = xp.array(a), Tensor(xp.array(a))
    joined = [[node, plain], [plain, node], [node, a], [a, node]]
    for y in (autograd.concatenate(arrays) for arrays in joined):
        agree(xp, [y], [Tensor(np.concatenate([a, a]))], [Tensor(np.concatenate([a, a]))], 0)
    single = xp.array(a.astype("float32"))
    for y in (autograd.where(plain > 0, Tensor(single), a), autograd.where(plain > 0, single, a)):
        assert numpy_dtype(y) == "float32"


def test_a_value_that_meets_an_array_has_a_gradient_that_is_a_float(xp):
    v, a = Value(2.0), numbers((2, 3), 1).astype("float32")
    plain, node = xp.array(a), Tensor(xp.array(a))
    products = [v * plain, v * node, node * v]
    if xp.name != "array_api_strict":  # whose operators raise where they should leave it to the other side
        products.append(plain * v)
    for y in products:
        assert isinstance(y, Tensor)
        assert numpy_dtype(y) == "float32"
        (g,) = gradients([autograd.sum(y)], [v])
        assert type(g) is float
        assert g == pytest.approx(a.sum(), rel=1e-5)


def test_arrays_of_two_libraries_do_not_meet(xp):
    a, x = np.ones(3), xp.array(np.ones(3))
    with pytest.raises(
        TypeError, match=r"^add: Tensor f64\[3\] on numpy meets .* on .*nothing moves by itself: x\.to\("
    ):
        Tensor(a) + x
    with pytest.raises(TypeError, match=r"^concatenate: .* on numpy meets"):
        autograd.concatenate([Tensor(x), Tensor(a)])
    other = library_named("torch" if xp.name == "array_api_strict" else "array_api_strict").array(a)
    with pytest.raises(TypeError, match=r"^add: array f64\[3\] on .* meets array f64\[3\] on"):
        autograd.add(x, other)


def test_errors_name_op_and_shapes_as_for_numpy(xp):
    x = Tensor(xp.array(np.ones((4, 3))))
    for wrong, op in (
        (lambda: x + np.ones(5), "add"),
        (lambda: x @ x, "matmul"),
        (lambda: autograd.reshape(x, 5), "reshape"),
        (lambda: autograd.concatenate([x, np.ones((2, 2))]), "concatenate"),
        (lambda: autograd.broadcast_to(x, (2, 2)), "broadcast_to"),
        (lambda: autograd.sum(x, 7), "sum"),
    ):
        with pytest.raises((ValueError, IndexError), match=rf"^{op}\(Tensor f64\[4,3\] on"):
            wrong()
    with pytest.raises(ValueError, match=r"^stack\(Tensor f64\[4,3\] on .*, f64\[2\]\): what stands side by side"):
        autograd.stack([x, xp.array(np.ones(2))])


def test_numpys_functions_of_nodes_and_of_plain_arrays_are_ours(xp):
    a = numbers((2, 3), 1).astype("float32")
    x = Tensor(xp.array(a))
    for f in (
        np.exp, np.sum, np.linalg.norm, np.argsort, np.var, lambda x: np.concatenate([x, x]), lambda x: np.add(a, x),
        lambda x: np.add.reduce(x, axis=1), lambda x: np.where(x > 0, x, 0.0), lambda x: np.mean(x, dtype=np.float32),
        lambda x: np.pad(x, 1, "mean"), lambda x: np.quantile(x, 0.6), lambda x: np.clip(x, a * 0.5, None),
        lambda x: np.dot(a.T, x), lambda x: autograd.numpy.r_[x[0], 1.0],
    ):  # fmt: skip
        y, theirs = f(x), f(Tensor(a))
        agree(xp, [y], [theirs], [theirs], 1e-6)
    for name in ("exp", "cumsum", "mean"):
        y = getattr(autograd.numpy, name)(xp.array(a))
        assert library_of(y) is xp
        assert not isinstance(y, Node)
    assert library_of(autograd.numpy.concatenate([xp.array(a), xp.array(a)])) is xp
    with pytest.raises(TypeError, match=r"np\.mean: dtype=.*here float32"):
        np.mean(x, dtype=float)


def test_dtypes_are_taken_by_their_names_in_the_library(xp):
    x = Tensor(xp.array(np.ones(3)))
    module = xp.module if xp.name != "jax" else pytest.importorskip("jax.numpy")
    for dtype in (module.float32, np.float32, "float32"):
        assert numpy_dtype(x.astype(dtype)) == "float32"
    if hasattr(module, "bfloat16"):
        with pytest.raises(TypeError, match="bfloat16 cannot be carried: it has too few digits; take float32"):
            x.astype(module.bfloat16)
