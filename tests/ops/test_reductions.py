"""Reductions and shapes at their edges: no elements, no axes, bad axes, scalars."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, concatenate, gradients, stack
from autograd.graph import replay
from autograd.testing import check_gradients
from tests.helpers.support import numbers


def test_sums_over_nothing():
    x = Tensor(np.zeros((0, 3)))
    assert x.sum().item() == 0.0
    np.testing.assert_array_equal(x.sum(axis=0).data, np.zeros(3))
    x.sum(axis=0).backward(np.ones(3))
    assert x.grad.shape == (0, 3)
    (x * 2).sum().backward()
    assert x.grad.shape == (0, 3)


@pytest.mark.parametrize("name", ["max", "min"])
def test_no_largest_element_of_nothing(name):
    with pytest.raises(ValueError, match=rf"{name}\(Tensor f64\[0\].*zero-size"):
        getattr(autograd, name)(Tensor([]))
    x = Tensor(np.zeros((0, 3)))
    assert getattr(autograd, name)(x, axis=1).shape == (0,)


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min"])
def test_a_0_d_array_and_a_value_reduce_to_themselves(name):
    f = getattr(autograd, name)
    for node in (Tensor(3.0), Value(3.0)):
        y = f(node)
        assert type(y) is type(node)
        y.backward()
        assert y.item() == 3.0
        assert float(node.grad) == 1.0


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min"])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, -2, (0, 1), (1, 0), (-1,), (), [0, 1], np.int64(1)], ids=repr)
@pytest.mark.parametrize("keepdims", [False, True])
def test_every_axis_as_function_and_as_method(name, axis, keepdims):
    a = numbers((2, 3))
    x = Tensor(a)
    y = getattr(autograd, name)(x, axis=axis, keepdims=keepdims)
    numpy_axis = tuple(axis) if isinstance(axis, list) else axis
    expected = getattr(np, name)(a, axis=numpy_axis, keepdims=keepdims)
    np.testing.assert_allclose(y.data, expected, rtol=1e-15)
    assert y.shape == np.shape(expected)
    np.testing.assert_array_equal(getattr(x, name)(axis=axis, keepdims=keepdims).data, y.data)
    check_gradients(lambda x: getattr(autograd, name)(x, axis=axis, keepdims=keepdims), (a,))


AXES = {
    "all": np.all, "any": np.any, "argmax": np.argmax, "argmin": np.argmin, "argsort": np.argsort,
    "average": np.average, "concatenate": lambda x, axis: np.concatenate([x, x], axis),
    "count_nonzero": np.count_nonzero, "cumprod": np.cumprod, "cumsum": np.cumsum,
    "diff": lambda x, axis: np.diff(x, 1, axis),
    "flip": np.flip, "log_softmax": autograd.log_softmax, "logsumexp": autograd.logsumexp, "max": np.max,
    "mean": np.mean, "median": np.median, "min": np.min, "norm": lambda x, axis: np.linalg.norm(x, None, axis),
    "prod": np.prod, "repeat": lambda x, axis: np.repeat(x, 2, axis), "roll": lambda x, axis: np.roll(x, 1, axis),
    "softmax": autograd.softmax, "sort": np.sort, "squeeze": np.squeeze,
    "stack": lambda x, axis: np.stack([x, x], axis),
    "std": np.std, "sum": np.sum, "take": lambda x, axis: np.take(x, 0, axis), "var": np.var,
}  # fmt: skip


@pytest.mark.parametrize("name", AXES)
def test_an_axis_that_is_not_there_is_numpys_error_with_the_functions_name(name):
    for x in (Tensor(np.ones((2, 1))), Tensor(3.0)):
        for axis in (5, -6):
            refused = pytest.raises(np.exceptions.AxisError, match=rf"{name}.*axis {axis} is out of bounds")
            if x.ndim == 0 and name == "concatenate":
                refused = pytest.raises(ValueError, match=r"^concatenate.*zero-dimensional")
            with refused:
                AXES[name](x, axis=axis)
    with pytest.raises((np.exceptions.AxisError, TypeError), match=name):
        AXES[name](Tensor(np.ones((2, 1))), axis=(0, 5))


@pytest.mark.parametrize("name", sorted(AXES.keys() - {"log_softmax", "logsumexp", "norm", "softmax", "concatenate"}))
@pytest.mark.parametrize("axis", [0, -1])
def test_a_number_has_the_axes_that_numpy_gives_it(name, axis):
    try:
        expected = AXES[name](np.float64(3.0), axis=axis)
    except (ValueError, IndexError) as error:
        with pytest.raises((ValueError, IndexError), match=rf"^{name}.*(axis {axis} is out of bounds|dimension)"):
            AXES[name](Tensor(3.0), axis=axis)
        assert "tuple index" not in str(error)  # noqa: PT017  what NumPy says of itself is no better than what we say
        return
    np.testing.assert_array_equal(np.asarray(AXES[name](Tensor(3.0), axis=axis).data), expected)


@pytest.mark.parametrize(("shape", "axis"), [((0,), 0), ((2, 0), 1), ((2, 0), -1), ((2, 0), 0), ((0, 3), 1)])
def test_softmax_and_its_kin_along_no_elements(shape, axis):
    for f in (autograd.softmax, autograd.log_softmax):
        for dtype in (np.float64, np.float32):
            x = Tensor(np.ones(shape, dtype))
            y = f(x, axis=axis)
            assert y.shape == shape
            assert y.dtype == dtype
            first = gradients(y, x, np.ones(shape), create_graph=True)
            assert first.shape == gradients(first, x, np.ones(shape)).shape == shape
        with pytest.raises(np.exceptions.AxisError):
            f(Tensor(np.ones(shape)), axis=2)


@pytest.mark.parametrize("keepdims", [False, True])
def test_the_logarithm_of_a_sum_of_no_exponentials_is_minus_infinity(keepdims):
    for shape, axis in (((0,), 0), ((0,), None), ((2, 0), 1), ((2, 0), 0), ((2, 0), (0, 1)), ((0, 3), None)):
        x = Tensor(np.ones(shape))
        y = autograd.logsumexp(x, axis=axis, keepdims=keepdims)
        np.testing.assert_array_equal(y.data, np.log(np.sum(x.data, axis, keepdims=keepdims) + 1) - np.inf)
        assert gradients(y, x, np.ones(y.shape)).shape == shape


@pytest.mark.parametrize("axis", [1.5, "rows"], ids=repr)
def test_an_axis_that_is_no_integer_is_an_error(axis):
    with pytest.raises(TypeError, match="sum"):
        autograd.sum(Tensor([1.0]), axis=axis)


def test_an_axis_cannot_be_a_node():
    with pytest.raises(TypeError, match=r"sum: axis is static, so it cannot be a node"):
        autograd.sum(Tensor([1.0]), axis=Value(0.0))


def test_reshapes_as_numpys():
    x = Tensor(numbers((2, 3)))
    for y, shape in [
        (x.reshape(3, 2), (3, 2)), (x.reshape((6,)), (6,)), (x.reshape(-1), (6,)), (x.T, (3, 2)),
        (x.transpose(), (3, 2)), (x.transpose(1, 0), (3, 2)), (x.transpose((0, 1)), (2, 3)),
        (x[None].squeeze(), (2, 3)),
    ]:  # fmt: skip
        assert y.shape == shape
        assert gradients(y.sum(), x).shape == (2, 3)
    with pytest.raises(ValueError, match=r"reshape\(Tensor f64\[2,3\].*keeps the number of elements"):
        x.reshape(4)


def test_joining_values_makes_a_tensor_of_the_graph():
    a, b = Value(2.0), Value(3.0)
    y = stack([a, b, 4.0])
    assert type(y) is Tensor
    np.testing.assert_array_equal(y.data, [2.0, 3.0, 4.0])
    (y * y).sum().backward()
    assert (a.grad, b.grad) == (4.0, 6.0)
    assert type(a.grad) is float


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_joining_arrays_and_tensors(axis):
    a, b = numbers((2, 2)), numbers((2, 2), 1)
    x = Tensor(a)
    for join, numpy_join in ((concatenate, np.concatenate), (stack, np.stack)):
        y = join([x, b, x], axis=axis)
        expected = numpy_join([a, b, a], axis=axis)
        np.testing.assert_array_equal(y.data, expected)
        check_gradients(lambda x, join=join: join([x, b, x], axis=axis), (a,))


@pytest.mark.parametrize("join", [concatenate, stack])
@pytest.mark.parametrize("bad", [[], 3, Tensor(1.0)], ids=["nothing", "number", "tensor"])
def test_joining_wants_a_list(join, bad):
    with pytest.raises(TypeError, match=rf"{join.__name__}: pass a list of at least one array"):
        join(bad)


def test_joining_what_does_not_fit_names_the_shapes():
    with pytest.raises(ValueError, match=r"f64\[1,2\].*f64\[1,3\]"):
        concatenate([Tensor([[1.0, 2.0]]), Tensor([[1.0, 2.0, 3.0]])])
    with pytest.raises(ValueError, match=r"f64\[.*2.*\].*f64\[.*3.*\]"):
        stack([Tensor([1.0, 2.0]), Tensor([1.0, 2.0, 3.0])])


def test_broadcasting_to_a_shape():
    x = Tensor(numbers((3,)))
    y = autograd.broadcast_to(x, (2, 3))
    np.testing.assert_array_equal(gradients(y.sum(), x), [2.0, 2.0, 2.0])
    with pytest.raises(ValueError, match=r"broadcast_to\(Tensor f64\[3\], shape=\(2,\)\)"):
        autograd.broadcast_to(x, (2,))


@pytest.mark.parametrize("name", ["norm", "prod", "std", "var", "max", "min", "sum", "mean"])
def test_a_number_and_a_0_d_array_reduce_alike(name):
    f = getattr(autograd, name)
    for at in (0.0, 2.0, -3.0):
        value, tensor = Value(at), Tensor(at)
        assert f(value).item() == f(tensor).item() == getattr(np.linalg if name == "norm" else np, name)(at)
        for node in (value, tensor):
            first = gradients(f(node), node, create_graph=True)
            assert type(first) is type(node)
            expected = {"norm": np.sign(at), "std": 0.0, "var": 0.0}.get(name, 1.0)
            assert float(gradients(f(node), node)) == first.item() == expected
            at_the_tip = (name, at) == ("norm", 0.0)
            np.testing.assert_equal(float(gradients(first, node)), np.nan if at_the_tip else 0.0)


def test_the_std_of_elements_that_are_alone_is_0_with_all_its_derivatives():
    x = Tensor([[1.0, 2.0, 3.0]])
    first = gradients(autograd.std(x, 0).sum(), x, create_graph=True)
    np.testing.assert_array_equal(first.data, np.zeros((1, 3)))
    np.testing.assert_array_equal(gradients(first.sum(), x), np.zeros((1, 3)))
    np.testing.assert_array_equal(gradients(autograd.std(x, 0).sum(), x, strict=True), np.zeros((1, 3)))
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        assert np.isnan(gradients(autograd.std(x, 0, ddof=1).sum(), x)).all()


@pytest.mark.parametrize(("name", "params"), [("prod", {}), ("norm", {}), ("std", {"ddof": 1}), ("var", {"ddof": 1})])
def test_a_recorded_gradient_also_holds_where_more_or_fewer_elements_are_selected(name, params):
    f = getattr(autograd, name)
    make = lambda x: f(x[x > 0], **params) ** 2
    for recorded in ([1.0, 2.0, -1.0, 3.0], [-1.0, 2.0, 1.5, 0.5]):
        x = Tensor(recorded)
        g = gradients(make(x), x, create_graph=True)
        h = gradients(g.sum(), x, create_graph=True)
        for other in ([1.0, 2.0, 3.0, -4.0], [0.5, 2.0, 1.0, 3.0]):
            z = Tensor(other)
            first = gradients(make(z), z, create_graph=True)
            np.testing.assert_allclose(replay(g, {x: other}), first.data, rtol=1e-12)
            np.testing.assert_allclose(replay(h, {x: other}), gradients(first.sum(), z), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("at", [0.5, np.array(0.5)], ids=["number", "0-d array"])
def test_what_numpy_lets_a_number_have_an_axis_for_has_derivatives_there(at, axis):
    for name in ("sum", "prod", "max", "min", "logsumexp"):
        f = getattr(autograd, name)
        assert f(Tensor(at), axis=axis).item() == 0.5
        check_gradients(lambda x, f=f: f(x, axis=axis) ** 2, (at,))
    for repeats in (3, (3,)):
        check_gradients(lambda x, n=repeats: autograd.repeat(x, n, axis=axis) ** 2, (at,))
