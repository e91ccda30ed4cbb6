"""JAX's namespace: the table on its arrays and, compiled, on tracers. JAX compiles for minutes: in the thorough run."""

import numpy as np
import pytest
from hypothesis import settings

from autograd.namespaces import arrays
from autograd.ops import table
from tests.helpers.libraries import agree, check, given
from tests.helpers.samplers import varied

jax = pytest.importorskip("jax")
from autograd.namespaces.jax import xp  # noqa: E402

OPS = {op.__name__: op for op in table()}
ALL = settings.default.max_examples > 100
FEW = ["add", "argmax", "getitem", "linear", "relu", "scatter_like", "sum"]
every_op = pytest.mark.parametrize("op", [OPS[name] for name in (OPS if ALL else FEW)], ids=lambda op: op.__name__)
NOT_TRACED = ("flatnonzero", "unique_indices")  # their results are as long as values say


@pytest.fixture(autouse=True)
def doubles():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


@every_op
def test_value_and_derivatives_are_numpys(op):
    for args, params in given(op):
        check(op, xp, args, params, 1e-11)


@every_op
def test_a_compiled_formula_is_the_formula(op):
    if op.__name__ in NOT_TRACED or op.__name__ == "bounds":
        return
    args, params = next(given(op))
    places = varied(op, args)
    full = [xp.array(a) for a in args]

    def pass_on(*values):
        here = list(full)
        for i, x in zip(places, values, strict=True):
            assert xp.traced(x)
            here[i] = x
        y = op.forward(xp, *here, **params)
        passed = [op.vjp(i)(xp, jax.numpy.ones(y.shape, y.dtype), y, *here, **params) for i in places]
        return [y, *(d for each in passed for d in (each if isinstance(each, list) else [each]))]

    compiled = jax.jit(pass_on)(*(full[i] for i in places))
    y = arrays.quietly(op.forward, arrays, *args, **params)
    agree(xp, compiled[0], y, 1e-11, signs=op.__name__.endswith("_parts"))
    if not op.__name__.endswith("_parts"):
        ours = [arrays.quietly(op.vjp(i), arrays, np.ones_like(y), y, *args, **params) for i in places]
        ours = [d for each in ours for d in (each if isinstance(each, list) else [each])]
        for a, b in zip(compiled[1:], ours, strict=True):
            agree(xp, a, b, 1e-11)


def test_an_index_out_of_bounds_is_an_error_which_jax_would_clip():
    x = xp.array(np.arange(3.0))
    for key, indices in (((3,), ()), (("array",), (np.array([0, 7]),))):
        with pytest.raises(IndexError):
            xp.getitem(x, *indices, key=key)


def test_float64_needs_x64():
    jax.config.update("jax_enable_x64", False)
    with pytest.raises(TypeError, match=r'pass dtype="float32", or call jax\.config\.update\("jax_enable_x64", True\)'):
        xp.array(np.ones(3))
    assert xp.array(np.ones(3), dtype="float32").dtype == np.float32
    assert xp.array(np.arange(3)).dtype == np.int32


def test_what_numpy_calculates_is_called_from_the_compiled_function():
    x = np.array([[2.0, 1.0], [0.5, -1.0]])
    found = jax.jit(xp.eig_parts)(xp.array(x))
    agree(xp, found, arrays.eig_parts(x), 1e-14)
    with pytest.raises(TypeError, match="unique: JAX has no such function; NumPy calculates it"):
        jax.jit(lambda x: xp.unique(x)[0])(xp.array(x))


def test_what_follows_from_shapes_can_be_read_in_a_trace():
    bounds = xp.bounds(np.zeros(2), np.zeros(3), axis=0)

    def part(x):
        entered = xp.asarray_like(bounds, x)
        assert not xp.traced(entered)
        assert xp.device(x) == xp.device(entered)
        assert not xp.device(x) != xp.device(entered)
        return xp.getitem(x, entered, key=(("part", 1),))

    assert jax.jit(part)(xp.array(np.arange(5.0))).tolist() == [2, 3, 4]
