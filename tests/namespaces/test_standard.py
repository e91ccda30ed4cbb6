"""The namespaces of other libraries: they have what the op table asks for, and calculate what NumPy does."""

import numpy as np
import pytest

from autograd.namespaces import arrays
from autograd.namespaces.library import Library
from autograd.namespaces.numpy_like import NumPyLike
from autograd.namespaces.standard import Standard
from autograd.ops import table
from tests.helpers.libraries import agree, check, derivatives, given
from tests.helpers.samplers import varied
from tests.helpers.support import numbers

OPS = table()
every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)


class Census:
    """``xp`` for NumPy arrays, which notes the functions that it is asked for."""

    def __init__(self):
        self.names = set()

    def __getattr__(self, name):
        self.names.add(name)
        return getattr(arrays, name)


def asked_by(op):
    """The functions of ``xp`` that the formulas of an op ask for."""
    xp = Census()
    for args, params in given(op):
        y = arrays.quietly(op.forward, xp, *args, **params)
        list(derivatives(op, xp, args, params, y, np.asarray))
        for stated in op.conventions:
            arrays.quietly(stated.where, xp, *args, **params)
    return xp.names


def missing(ops, namespace):
    """What ops ask of a namespace that it has not, but for those that say that they lack it."""
    asked = set().union(*(asked_by(op) for op in ops if namespace.name not in op.lacks))
    return {name for name in asked if not hasattr(namespace, name)}


@pytest.mark.parametrize("namespace", [Standard, NumPyLike], ids=lambda n: n.__name__)
def test_every_function_that_the_table_asks_for_is_there(namespace):
    assert len(set().union(*map(asked_by, OPS))) > 100
    assert missing(OPS, namespace) == set()
    assert not hasattr(Library, "sum")  # what a library has by chance does not count


def test_a_function_that_is_not_there_is_noticed(monkeypatch):
    assert missing([op for op in OPS if op.__name__ == "sigmoid"], Library) == {"sigmoid"}
    (op,) = (op for op in OPS if op.__name__ == "sigmoid")
    monkeypatch.setattr(op, "lacks", frozenset({Library.name}))
    assert missing([op], Library) == set()


# ---- the table on each library ----


class OnNumPy(NumPyLike):
    """What JAX's namespace and CuPy's have in common, on NumPy itself."""

    natives = (np.ndarray, np.generic)


def strict():
    return Standard(pytest.importorskip("array_api_strict"), "strict")


def torch():
    pytest.importorskip("torch")
    from autograd.namespaces.torch import xp

    return xp


def numpy():
    return OnNumPy(np, "numpy")


LIBRARIES = [strict, torch, numpy]
every_library = pytest.mark.parametrize("library", LIBRARIES, ids=lambda f: f.__name__)


@every_library
@every_op
def test_value_and_derivatives_are_numpys(op, library):
    xp = library()
    for args, params in given(op):
        check(op, xp, args, params, 1e-11)


@every_library
@every_op
def test_float32_stays_float32(op, library):
    if op.__name__ == "to_floats":  # which makes others
        return
    xp = library()
    for args, params in given(op):
        args = tuple(a.astype("float32") if a.dtype.kind == "f" else a for a in args)
        check(op, xp, args, params, 1e-3)


PLACES = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 0.5, -0.5, 4.0, 1e-10, 1e200, -1e200])
# PyTorch takes the root of −∞ for its power ½, as NumPy does, but not for −½.
OTHERWISE = {("torch", "pow_number", 0.5): [2], ("torch", "logaddexp2", None): [96]}


@every_library
@pytest.mark.parametrize("op", [op for op in OPS if op.elementwise], ids=lambda op: op.__name__)
def test_infinities_nans_and_zeros_are_numpys(op, library):
    xp = library()
    convert = xp.array if xp.name != "numpy" else np.asarray
    args = [a.ravel().copy() for a in np.meshgrid(PLACES, PLACES)]
    args = [args[i % 2] > 0 if op.__name__ == "where" and not i else args[i % 2] for i in range(op.arity)]
    for _, params in given(op):
        y = arrays.quietly(op.forward, arrays, *args, **params)
        pairs = [(arrays.quietly(op.forward, xp, *map(convert, args), **params), y)]
        if y.dtype.kind == "f":
            g = np.full(y.shape, 1.5)
            for i in varied(op, args):
                there = arrays.quietly(op.vjp(i), xp, *map(convert, (g, y, *args)), **params)
                pairs.append((there, arrays.quietly(op.vjp(i), arrays, g, y, *args, **params)))
        for found, expected in pairs:
            found = xp.to_numpy(found)
            with np.errstate(all="ignore"):
                near = np.abs(found * 1.0 - expected) <= 1e-11 * np.abs(expected) + 1e-15
            wrong = ~(near | (found == expected) | ((found != found) & (expected != expected)))
            places = sorted({int(k) % 15 if op.arity == 1 else int(k) for k in np.flatnonzero(wrong)})
            if op.__name__ == "betaln":  # Γ(a + b) differs in its last digits, and the terms cancel
                places = [k for k in places if 1e-10 not in (args[0][k], args[1][k])]
            assert places in ([], OTHERWISE.get((xp.name, op.__name__, params.get("exponent")), []))


@every_library
@pytest.mark.parametrize("op", [op for op in OPS if op.elementwise and op.arity > 1], ids=lambda op: op.__name__)
def test_a_python_number_meets_an_array(op, library):
    xp = library()
    convert = xp.array if xp.name != "numpy" else np.asarray
    for args, params in given(op):
        for i in range(op.arity):
            with_number = [a.flat[0].item() if k == i else a for k, a in enumerate(args)]
            there = [a if k == i else convert(a) for k, a in enumerate(with_number)]
            y = arrays.quietly(op.forward, arrays, *with_number, **params)
            agree(xp, op.forward(xp, *there, **params), y, 1e-11)
            for k in varied(op, args):
                if np.result_type(y).kind == "f":
                    g = np.ones(y.shape)
                    ours = arrays.quietly(op.vjp(k), arrays, g, y, *with_number, **params)
                    found = op.vjp(k)(xp, convert(g), convert(y), *there, **params)
                    agree(xp, found, ours, 1e-11)


# ---- what the engine asks beside the table ----


@every_library
def test_numbers_and_arrays_go_to_the_dtype_of_floats_and_integers_stay(library):
    xp = library()
    if xp.name == "numpy":
        return
    like, whole = xp.array(np.ones(3, "float32")), xp.array(np.arange(3))
    names = lambda x: str(x.dtype).rpartition(".")[2]
    assert names(like) == "float32"
    assert names(whole) == "int64"
    given = np.arange(3.0)
    entered = xp.asarray_like(given, like)
    given[:] = 7.0
    assert names(entered) == "float32"
    assert xp.to_numpy(entered).tolist() == [0, 1, 2]
    assert names(xp.asarray_like(0.5, like)) == "float32"
    assert names(xp.asarray_like(np.arange(3), like)) == "int64"
    assert names(xp.asarray_like(np.array([True]), like)) == "bool"
    assert names(xp.asarray_like(0.5, whole)) == "float64"
    assert xp.asarray_like(like, whole) is like
    copy = xp.to_numpy(entered)
    copy[:] = 7.0
    assert xp.to_numpy(entered).tolist() == [0, 1, 2]


@every_library
def test_a_nan_is_found_in_any_of_several_arrays(library):
    xp = library()
    convert = xp.array if xp.name != "numpy" else np.asarray
    plain = [np.ones((2, 3)), np.zeros(0, "float32"), np.full(4, 1e300), np.array(np.inf), np.arange(3)]
    assert not xp.any_nan([convert(a) for a in plain])
    assert xp.any_nan([convert(a) for a in [*plain, np.array([1.0, np.nan], "float32")]])
    assert xp.any_nan([convert(np.array(np.nan))])
    assert not xp.any_nan([])


@every_library
def test_what_an_operator_leaves_in_place_keeps_dtype_and_shape(library):
    xp = library()
    if xp.name == "numpy":
        return
    add, maximum = (next(op for op in OPS if op.__name__ == name) for name in ("add", "maximum"))
    x = xp.array(np.ones(3, "float32"))
    for op, result in ((add, [1, 2, 3]), (maximum, [1, 2, 3])):
        x = xp.updated(op, x, xp.array(np.arange(3.0)))
        assert xp.to_numpy(x).dtype == "float32"
        assert xp.to_numpy(x).tolist() == result
    with pytest.raises((ValueError, RuntimeError)):
        xp.updated(add, x, xp.array(np.ones((2, 3), "float32")))


@every_library
def test_data_that_nodes_do_not_carry_is_refused(library):
    xp = library()
    if xp.name == "numpy":
        return
    with pytest.raises(TypeError, match="complex numbers are outside this project"):
        xp.array(np.array([1j]))
    with pytest.raises(TypeError, match=r"<U1 cannot be carried.*converts texts"):
        xp.array(np.array(["1"]))
    with pytest.raises(TypeError, match=r"float16 cannot be carried.*float64 and float32|has none"):
        xp.array(np.ones(3, "float16"))
    assert xp.to_numpy(xp.array(np.ones(3), dtype="float32")).dtype == "float32"
    assert xp.to_numpy(xp.array(np.ones(3), dtype=np.dtype("float32"))).dtype == "float32"
    assert xp.to_numpy(xp.array(np.ones(3, "float32"), dtype=float)).dtype == "float64"


@every_library
def test_a_function_that_is_nowhere_is_an_error_that_names_the_library(library):
    xp = library()
    with pytest.raises(AttributeError, match=f"xp has no frobnicate on {xp.title}"):
        xp.frobnicate
    with pytest.raises(AttributeError, match=r"alike is xp\.sigmoid"):
        xp.sigmoidal


@every_library
def test_slices_go_backwards_and_places_named_twice_receive_both(library):
    xp = library()
    convert = xp.array if xp.name != "numpy" else np.asarray
    x = numbers((4, 5, 3), 1)
    keys = [
        (("slice", None, None, -1),), (("slice", 3, 0, -2), 1), ("...", ("slice", None, None, -2)), (-1, None, "..."),
        (("slice", 9, None, None),), (("slice", None, None, -1), "array"), ("array", ("slice", -1, -9, -1)),
        ("...", ("slice", 0, None, -1)), (("slice", 2, 9, None), "...", -1),
    ]  # fmt: skip
    for key in keys:
        indices = (np.array([0, 2, -1, 2, 2]),) * key.count("array")
        y = arrays.getitem(x, *indices, key=key)
        agree(xp, xp.getitem(convert(x), *map(convert, indices), key=key), y, 0)
        agree(xp, xp.getitem(convert(x), *indices, key=key), y, 0)
        g = numbers(np.shape(y), 2)
        there = xp.scatter_like(convert(g), convert(x), *map(convert, indices), key=key)
        agree(xp, there, arrays.scatter_like(g, x, *indices, key=key), 1e-15)


@every_library
def test_a_number_that_a_slice_parts_from_arrays_is_one_of_these(library):
    """The axes of what they choose come first, as NumPy has it."""
    xp = library()
    convert = xp.array if xp.name != "numpy" else np.asarray
    x = numbers((4, 3, 2, 5), 1)
    places, one, mask = np.array([[0, 2, -1]]), np.array(1), np.array([True, False, True])
    whole = ("slice", None, None, None)
    keys = [
        ((0, whole, whole, "array"), [places]), ((whole, "array", whole, -1), [places]),
        ((0, "...", "array"), [places]), ((whole, None, "array", "...", 1, whole), [mask]),
        ((whole, "array", "...", "array", 0), [places, places % 2]), ((whole, "array", "...", 1, 0), [places]),
        ((whole, 2, None, "array"), [one]), ((0, None, "array"), [mask]), ((0, "array", whole, -1), [mask]),
        (("array", ("slice", None, None, -1), "array"), [one, one]), (("array", whole, "array"), [one, one[None]]),
        ((0, "array", 1), [places]), ((whole, 0, "array", 1), [one[None]]), ((("part", 1),), [np.array([0, 1, 3])]),
    ]  # fmt: skip
    for key, indices in keys:
        y = arrays.getitem(x, *indices, key=key)
        agree(xp, xp.getitem(convert(x), *map(convert, indices), key=key), y, 0)
        g = numbers(np.shape(y), 2)
        there = xp.scatter_like(convert(g), convert(x), *map(convert, indices), key=key)
        agree(xp, there, arrays.scatter_like(g, x, *indices, key=key), 1e-15)


@every_library
def test_the_first_of_equal_elements_and_an_order_that_keeps_them(library):
    xp = library()
    convert = xp.array if xp.name != "numpy" else np.asarray
    x = np.array([[1.0, 3.0, 3.0, 0.0, 0.0], [np.nan, 1.0, np.nan, 2.0, 2.0]])
    for of in ("argmax", "argmin"):
        agree(xp, getattr(xp, of)(convert(x), 1), getattr(np, of)(x, 1), 0)
        agree(xp, getattr(xp, of)(convert(x > 1), 1, True), getattr(np, of)(x > 1, 1, keepdims=True), 0)
        agree(xp, getattr(xp, of)(convert(x), None, True), getattr(np, of)(x, None, keepdims=True), 0)
    agree(xp, xp.argsort(convert(x)), np.argsort(x, kind="stable"), 0)
    agree(xp, xp.max(convert(x), 1), x.max(1), 0)
    agree(xp, xp.sum(convert(x > 1), 0), (x > 1).sum(0), 0)
    agree(xp, xp.sum(convert(x > 1), ()), (x > 1).sum(()), 0)
    agree(xp, xp.max(convert(x), ()), x.max(()), 0)


@every_library
def test_an_infinite_gradient_goes_to_its_places_only(library):
    """A scatter that multiplied with ones and zeros would make nans of it."""
    xp = library()
    convert = xp.array if xp.name != "numpy" else np.asarray
    g, x = np.array([np.inf, 1.0, 2.0]), np.zeros(4)
    for how, static, moved in (("flip", (), g), ("diag", (1,), np.diag(g, 1))):
        found = xp.put_back(convert(moved), convert(x[:3]), how=how, given=static)
        agree(xp, found, arrays.put_back(moved, x[:3], how, static), 0)
    places = np.array([2, 2, 0])
    found = xp.scatter_like(convert(g), convert(x), convert(places), key=("array",))
    agree(xp, found, np.array([2.0, 0.0, np.inf, 0.0]), 0)
    agree(xp, xp.full_convolution(convert(g), convert(x[:2] + 1)), np.convolve(g, x[:2] + 1), 0)
