"""float32 stays float32, Python numbers are weak, integers are carried and never differentiated."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, Value, grad, gradients, no_grad
from autograd.graph import from_json, replay, to_json, toposort
from autograd.ops import table
from tests.helpers.samplers import samples, varied

# Those that are told a dtype are tried below.
DIFFERENTIABLE = [op for op in table() if op.differentiable and "dtype" not in op.params]
every_op = pytest.mark.parametrize("op", DIFFERENTIABLE, ids=lambda op: op.name)
shapes = pytest.mark.parametrize("shape", [(), (2, 3), (0,)], ids=str)


def single(a):
    return a.astype(np.float32) if a.dtype.kind == "f" else a


@every_op
@shapes
def test_float32_stays_float32_in_values_and_gradients_of_both_orders(op, shape):
    for args, params in samples(op, shape):
        nodes = [Tensor(single(a)) for a in args]
        y = op(*nodes, **params)
        z = autograd.sum(2 * y * y / 3 + 1)
        floats = [nodes[i] for i in varied(op, args)]
        for g in gradients(z, floats, create_graph=True):
            for node in toposort([z, g]):
                if node.data is not None and isinstance(node, Tensor) and node.data.dtype.kind == "f":
                    assert node.data.dtype == np.float32, node
        z.backward()
        for node in toposort(z):
            if node.has_grad:
                assert np.asarray(node.grad).dtype == node.data.dtype == np.float32
                assert type(node.grad) is np.ndarray


@every_op
def test_a_mixture_promotes_forward_and_returns_each_gradient_in_its_own_dtype(op):
    for args, params in samples(op):
        places = varied(op, args)
        if len(places) < 2:
            continue
        nodes = [Tensor(single(a) if i == places[0] else a) for i, a in enumerate(args)]
        y = op(*nodes, **params)
        autograd.sum(y).backward()
        assert nodes[places[0]].grad.dtype == np.float32
        assert all(not n.has_grad or n.grad.dtype == n.data.dtype for n in nodes)


@pytest.mark.parametrize("number", [2, 2.0, True, np.float64(2.0).item()], ids=repr)
def test_python_numbers_do_not_promote(number):
    x = Tensor(np.array([1.0, 2.0], np.float32))
    for y in (
        x + number,
        number - x,
        x * number,
        number / x,
        x**number,
        number**x,
        x > number,
        autograd.maximum(x, number),
    ):
        assert y.data.dtype in (np.float32, bool)


ENTRANCES = {
    "Tensor": lambda x, a: Tensor(a),
    "a list": lambda x, a: Tensor(list(a)),
    "dtype=": lambda x, a: Tensor([1.0, 2.0], dtype=a.dtype),
    "its name": lambda x, a: Tensor([1.0, 2.0], dtype=a.dtype.name),
    "x * a": lambda x, a: x * a,
    "a - x": lambda x, a: a - x,
    "0-d": lambda x, a: x * a[:1].reshape(()),
    "Value * a": lambda x, a: Value(2.0) * a,
    "@": lambda x, a: x @ a,
    "where": lambda x, a: np.where(x > 1, x, a),
    "concatenate": lambda x, a: anp.concatenate([x, a]),
    "stack": lambda x, a: anp.stack([a, x]),
    "plain": lambda x, a: autograd.sin(a),
    "data": lambda x, a: setattr(x, "data", a),
    "grad": lambda x, a: setattr(x, "grad", a),
    "seed": lambda x, a: (x * 2).backward(a),
    "gradients": lambda x, a: gradients(x * 2, x, a),
    "at": lambda x, a: autograd.grad(lambda z: (z * z).sum())(a),
    "jacobian": lambda x, a: autograd.jacobian(lambda z: z * z)(a),
    "cotangent": lambda x, a: autograd.vjp(lambda z: z * 2, x.data)[1](a),
    "tangent": lambda x, a: autograd.jvp(lambda z: z * 2, (x.data,), (a,)),
    "sum dtype": lambda x, a: np.sum(x, dtype=a.dtype),
    "array dtype": lambda x, a: anp.array([x[0], x[1]], dtype=a.dtype),
    "replay": lambda x, a: replay((x * x).sum(), {x: a}),
}


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble])
@pytest.mark.parametrize("way", ENTRANCES)
def test_floats_of_another_precision_are_refused_with_advice(way, dtype):
    x = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match=rf"{np.dtype(dtype)} cannot be carried: .*\.astype\(np\.float32\)"):
        ENTRANCES[way](x, np.ones(2, dtype))
    np.testing.assert_array_equal(x.data, [1.0, 2.0])
    assert x.grad is None


def test_in_place_they_are_refused_too():
    x = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match=r"mul in place.*float16 cannot be carried"), no_grad():
        x *= np.ones(2, np.float16)


def test_a_number_of_another_precision_is_a_python_float():
    for number in (np.float16(2.5), np.longdouble(2.5)):
        assert Value(number).data == Tensor(number).item() == 2.5
        assert Tensor(number).dtype == np.float64
        assert (Tensor(np.ones(2, np.float32)) * number).dtype == np.float32
        assert autograd.sqrt(number) == 2.5**0.5
        assert autograd.grad(lambda z: z * z)(number) == 5.0
    assert Tensor(np.ones(2, np.float16), dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8])
def test_no_function_makes_float16_of_8_bit_integers(dtype):
    k = np.ones(2, dtype)
    for call in (lambda: Tensor(k).exp(), lambda: np.hypot(Tensor(k), k), lambda: autograd.sqrt(k)):
        with pytest.raises(TypeError, match=r"(exp|hypot|sqrt): NumPy makes float16 .*dtype=float"):
            call()
    with no_grad(), pytest.raises(TypeError, match=r"exp: NumPy makes float16"):
        Tensor(k).exp()
    assert Tensor(k, dtype=float).exp().dtype == np.float64
    assert (Tensor(k) * 0.5).dtype == Tensor(k).mean().dtype == np.float64


def test_a_value_does_not_promote_either():
    x, v = Tensor(np.ones(3, np.float32)), Value(2.0)
    y = (x * v).sum()
    y.backward()
    assert y.data.dtype == x.grad.dtype == np.float32
    assert v.grad == 3.0


def test_0_d_float32_stays_float32():
    x = Tensor(np.float32(2.0))
    y = (3 * x * x + x).sin()
    y.backward()
    assert y.data.dtype == x.grad.dtype == np.float32
    assert type(x.grad) is np.ndarray


def test_integers_are_carried_but_asking_for_their_gradient_is_an_error():
    k = Tensor([1, 2, 3])
    assert k.data.dtype.kind == "i"
    assert not k.requires_grad
    assert (k + 1).data.dtype.kind == "i"
    x = Tensor([1.0, 2.0, 3.0])
    y = (k * x).sum()
    y.backward()
    np.testing.assert_array_equal(x.grad, [1.0, 2.0, 3.0])
    assert not k.has_grad
    with pytest.raises(ValueError, match=r"(int64|i64).*only floats are differentiated"):
        gradients(y, k)
    with pytest.raises(ValueError, match=r"(int64|i64).*only floats are differentiated"):
        (k * k).sum().backward()
    with pytest.raises(TypeError, match=r"dtype int64 cannot require a gradient; write 1\.0 for 1"):
        Tensor([1, 2], requires_grad=True)


@pytest.mark.parametrize("dtype", [np.int32, np.uint8, bool])
def test_every_integer_dtype_is_refused_a_gradient(dtype):
    with pytest.raises(TypeError, match="cannot require a gradient"):
        Tensor(np.ones(3, dtype), requires_grad=True)


@every_op
def test_an_op_on_integers_requires_no_gradient(op):
    for args, params in samples(op):
        nodes = [Tensor(np.round(a).astype(int) if a.dtype.kind == "f" else a) for a in args]
        try:
            with np.errstate(all="ignore"):
                y = op(*nodes, **params)
        except ValueError as error:
            assert "negative integer power" in str(error)  # NumPy has none  # noqa: PT017
            continue
        assert not y.requires_grad
        with pytest.raises(ValueError, match=r"requires no gradient"):
            y.backward(np.ones(y.shape))


@pytest.mark.parametrize("dtype", [np.int64, np.int8, bool])
def test_between_integers_lie_fractions(dtype):
    start = np.array([0, 1], dtype)
    got = autograd.linspace(Tensor(start), 5, 3)
    np.testing.assert_array_equal(got.data, np.linspace(start, 5, 3))


def test_a_border_of_integers_is_of_integers_or_refused():
    x = np.array([10, 21])
    for value in (1, 2.5, ((3, 4.5),)):
        got = autograd.pad(Tensor(x), 2, constant_values=value).data
        np.testing.assert_array_equal(got, np.pad(x, 2, constant_values=value))
        assert got.dtype == x.dtype
    np.testing.assert_array_equal(autograd.pad(Tensor(x), 2, "maximum").data, np.pad(x, 2, "maximum"))
    for mode in ("linear_ramp", "mean"):
        with pytest.raises(TypeError, match=rf"pad: mode='{mode}' would round, since Tensor i64\[2\]"):
            autograd.pad(Tensor(x), 3, mode)


# ---- astype and copy ----


@pytest.mark.parametrize("copied", [np.copy, lambda x: x.copy()])
@pytest.mark.parametrize(
    "x", [Value(2.0), Value(2.0) > 1, Tensor([1.0, 2.0]), Tensor([1, 2]), Tensor(1.0) > 0], ids=repr
)
def test_a_copy_is_a_node_of_its_own_of_the_same_kind_and_dtype(copied, x):
    y = copied(x)
    assert type(y) is type(x)
    assert y.op is autograd.copy
    assert y.parents[0] is x
    assert y.dtype == x.dtype
    assert y.requires_grad == x.requires_grad
    np.testing.assert_array_equal(y.data, x.data)
    if y.requires_grad:
        slope = gradients((y * x).sum(), x, create_graph=True)
        np.testing.assert_array_equal(slope.data, 2 * x.data)
    assert from_json(to_json(y)).dtype == x.dtype


@pytest.mark.parametrize(
    "cast", [lambda x, dtype: x.astype(dtype), autograd.astype, anp.astype][: 2 + hasattr(np, "astype")]
)
@pytest.mark.parametrize("source", [np.float32, np.float64])
@pytest.mark.parametrize("target", [np.float32, np.float64, "float32", np.dtype("f8")])
def test_floats_as_other_floats_are_recorded_and_the_gradient_returns_in_the_operands_dtype(cast, source, target):
    x = Tensor(np.array([0.1, -2.0], source), "x")
    y = cast(x, target)
    assert y.op is not None
    assert y.dtype == target
    np.testing.assert_array_equal(y.data, x.data.astype(target), strict=True)
    (y * y).sum().backward()
    assert x.grad.dtype == source
    np.testing.assert_allclose(x.grad, [0.2, -4.0], rtol=1e-7)
    (slope,) = gradients([(y * y * y).sum()], [x], create_graph=True)
    assert slope.dtype == source
    np.testing.assert_allclose(gradients(slope.sum(), x), 6 * x.data, rtol=1e-6)
    loaded = from_json(to_json(y))
    np.testing.assert_array_equal(replay(loaded, {toposort(loaded)[0]: [1.0, 2.0]}), [1.0, 2.0])


def test_a_value_is_a_float64_and_in_another_dtype_a_tensor():
    x = Value(0.1, "x")
    assert x.dtype == (x > 0).astype(float).dtype == np.float64
    assert (x > 0).dtype == bool
    assert type(x.astype(float)) is Value
    y = x.astype(np.float32)
    assert (type(y), y.shape, y.dtype) == (Tensor, (), np.float32)
    (y * 3).backward()
    assert (type(x.grad), x.grad) == (float, 3.0)
    assert gradients(gradients(y**3, x, create_graph=True), x) == pytest.approx(0.6, rel=1e-6)
    assert grad(lambda v: v.astype(np.float32) * v)(3.0) == 6.0
    with pytest.raises(AttributeError):
        x.dtype = np.float32


@pytest.mark.parametrize("kind", [Value, Tensor])
@pytest.mark.parametrize("dtype", [int, np.int8, np.uint16, bool])
def test_floats_as_integers_are_recorded_without_a_gradient(kind, dtype):
    x, table = kind(2.7, "x"), Tensor([10.0, 20.0, 30.0])
    k = x.astype(dtype)
    assert k.dtype == dtype
    assert not k.requires_grad
    assert replay(k, {x: 1.2}) == np.array(1.2).astype(dtype)
    y = table[k] * x
    y.sum().backward()
    np.testing.assert_allclose(x.grad, table.data[k.data].sum())
    with pytest.raises(ValueError, match="astype has no derivative but 0"):
        k.backward()
    np.testing.assert_array_equal((x > 2).astype(float).data, 1.0)


def test_astype_without_a_copy_and_of_plain_arrays():
    x = Tensor([1.0])
    assert x.astype(float, copy=False) is x
    assert x.astype(float) is not x
    assert autograd.astype(x, np.float32, copy=False).dtype == np.float32
    plain = np.array([1.5])
    assert autograd.astype(plain, float, copy=False) is plain
    assert type(autograd.astype(plain, int)) is np.ndarray
    assert not np.shares_memory(autograd.copy(plain), plain)
    for bad, text in [(np.float16, "65504"), (complex, "real and the imaginary"), ("U5", "real numbers"), ("x", "x")]:
        with pytest.raises(TypeError, match=f"astype: .*{text}"):
            x.astype(bad)


def test_a_file_names_no_other_dtype():
    text = to_json(Tensor([1.0]).astype(np.float32))
    for name in ("U100000000", "complex64", "float16", "O"):
        with pytest.raises(ValueError, match=f"astype takes no dtype='{name}'"):
            from_json(text.replace('{"dtype": "float32"}', f'{{"dtype": "{name}"}}'))
