"""ONNX graphs for any batch, of two recordings: run at other sizes, and what differs otherwise is refused."""

import inspect

import numpy as np
import pytest

import autograd
from autograd.compiler import record
from autograd.graph import to_onnx

pytest.importorskip("onnxruntime")

from tests.graph.test_onnx import run  # which also needs it

RNG = np.random.default_rng(0)
START = RNG.bit_generator.state
ROWS = RNG.normal(size=(2, 3)).astype(np.float32)
COUNT = np.arange(3, 100)


@pytest.fixture(autouse=True)
def _same_numbers_in_any_order():
    RNG.bit_generator.state = START


def exported(f, *shape, sizes=(4, 11)):
    """The model of a function of a batch of floats, from batches of two sizes."""
    runs = [record(f, [RNG.normal(size=(n, *shape)).astype(np.float32)], ["x"], "to_onnx") for n in sizes]
    first, *again = [(run.outputs, run.inputs) for run in runs]
    return to_onnx(*first, again=again)


def dims(value):
    return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]


@pytest.mark.parametrize(
    ("f", "shape"),
    [
        (lambda x: x.reshape(len(x), -1), ["N", 6]),
        (lambda x: x.reshape(len(x) * 3, -1), ["3*N", 2]),
        (lambda x: x.swapaxes(0, 1).reshape(2, -1), [2, "3*N"]),
        (lambda x: x.reshape(2, 3, len(x)), [2, 3, "N"]),
        (lambda x: x[1:], ["N-1", 2, 3]),
        (lambda x: x[: len(x) - 1] * x[1:], ["N-1", 2, 3]),
        (lambda x: x[::-1], ["N", 2, 3]),
        (lambda x: x.sum(axis=0) / len(x), [2, 3]),
        (lambda x: x.mean(axis=0), [2, 3]),
        (lambda x: x - x.var(axis=0, ddof=1), ["N", 2, 3]),
        (lambda x: x / x.std(axis=0, ddof=1), ["N", 2, 3]),
        (lambda x: autograd.mean_square(x, axis=(0, 1)), [3]),
        (lambda x: autograd.roll(x, 1, axis=0), ["N", 2, 3]),
        (lambda x: autograd.concatenate([x, np.ones((1, 2, 3), np.float32)]), ["N+1", 2, 3]),
        (lambda x: autograd.concatenate([x, x]), ["2*N", 2, 3]),
        (lambda x: autograd.concatenate([np.tile(ROWS, (len(x), 1, 1)), x], axis=1), ["N", 4, 3]),
        (lambda x: autograd.broadcast_to(x[:, None], (len(x), 5, 2, 3)), ["N", 5, 2, 3]),
        (lambda x: x[COUNT[: len(x)] - 3, 1], ["N", 3]),
        (lambda x: x * COUNT[: len(x), None, None], ["N", 2, 3]),
        (lambda x: x.argmax(axis=-1) + COUNT[: len(x), None].astype(np.int32), ["N", 2]),
        (lambda x: autograd.take_along_axis(x, x.argmax(axis=-1, keepdims=True), -1), ["N", 2, 1]),
        (lambda x: x[:, 0] @ x[:, 1].T, ["N", "N"]),
        (lambda x: x.cumsum(axis=0), ["N", 2, 3]),
        (lambda x: x + COUNT[: len(x), None, None] * ROWS, ["N", 2, 3]),
        (lambda x: x, ["N", 2, 3]),
        (lambda x: x[x > 0], ["y_0"]),
        (lambda x: autograd.repeat(x, 3, axis=0), ["3*N", 2, 3]),
    ],
)
def test_a_model_of_two_recordings_takes_any_batch(f, shape):
    model = exported(f, 2, 3)
    assert dims(model.graph.input[0]) == ["N", 2, 3]
    assert dims(model.graph.output[0]) == shape
    for n in (2, 5, 33):
        x = RNG.normal(size=(n, 2, 3)).astype(np.float32)
        (have,) = run(model, x)
        want = f(autograd.Tensor(x)).data
        assert have.shape == want.shape
        np.testing.assert_allclose(have, want, rtol=2e-6, atol=2e-6)


def test_a_reshape_reads_as_one_writes_it():
    shape = lambda f: [a for a in exported(f, 2, 3).graph.initializer if list(a.dims) == [2]]
    (flat,) = shape(lambda x: x.reshape(len(x), -1))
    (rows,) = shape(lambda x: x.reshape(len(x) * 2, 3))
    assert [np.frombuffer(a.raw_data, np.int64).tolist() for a in (flat, rows)] == [[0, -1], [-1, 3]]


def test_a_length_is_calculated_once():
    model = exported(lambda x: x.reshape(len(x) // 1, 3, 2)[: len(x) - 1] + x.reshape(len(x), 3, 2)[1:], 6)
    assert [node.op_type for node in model.graph.node].count("Shape") == 1


def test_two_recordings_of_one_size_have_no_axis_of_the_batch():
    model = exported(lambda x: x.reshape(8, 3), 2, 3, sizes=(4, 4))
    assert [dims(v) for v in (model.graph.input[0], model.graph.output[0])] == [[4, 2, 3], [8, 3]]


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: x * min(len(x), 20), "the constant 4.0 becomes the constant 20.0"),
        (lambda x: x * (len(x) % 7), "the constant 4.0 becomes the constant 2.0"),
        (lambda x: x * len(x) ** 2, "the constant 16.0 becomes the constant 1369.0"),
        (lambda x: x.sum(axis=-1) if len(x) < 20 else x.mean(axis=-1), "there is sum, and then mean"),
    ],
)
def test_a_third_size_tells_what_two_do_not(f, words):
    with pytest.raises(ValueError, match=r"^to_onnx: for 4 samples .* than for 37: ") as caught:
        exported(f, 2, sizes=(4, 11, 37))
    assert words in str(caught.value)
    assert f"line {inspect.getsourcelines(f)[1]}: (lambda x:" in str(caught.value)


def test_of_three_sizes_any_line_is_told():
    model = exported(lambda x: x * (2 * len(x) + 3), 2, sizes=(4, 11, 37))
    x = RNG.normal(size=(5, 2)).astype(np.float32)
    np.testing.assert_array_equal(run(model, x)[0], x * 13)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: autograd.stack([row.sum() for row in x]), "there is "),
        (lambda x: autograd.concatenate([x[i : i + 1] for i in range(len(x))]), "there is "),
        (lambda x: x * len(x) ** 0.25, "the constant 1.41421"),
        (lambda x: x * np.linspace(0, 1, len(x))[:, None], "a constant float64[4, 1] becomes"),
        (lambda x: x[::2] * 1, "y has shape (2, 2), and then (6, 2)"),
        (lambda x: (x @ x.T).reshape(-1), "y has shape (16,), and then (121,)"),
        (lambda x: (x @ x.T).reshape(len(x) ** 2).sum(), "a constant int64[1] becomes another one"),
        (lambda x: x.sum(axis=-1) if len(x) == 4 else x.mean(axis=-1), "there is sum, and then mean"),
        (lambda x: x.elu(alpha=1 / len(x)), "elu has {'alpha': 0.25}, and then {'alpha': 0.0909"),
        (lambda x: x**0.5 if len(x) == 4 else x**0.25, "the constant 0.5 becomes the constant 0.25"),
    ],
)
def test_what_else_differs_is_refused_with_the_line(f, words):
    with pytest.raises(
        ValueError, match=r"^to_onnx: for 4 samples something else is calculated than for 11: "
    ) as caught:
        exported(f, 2)
    assert words in str(caught.value)
    if "y has" not in words:
        assert f"line {inspect.getsourcelines(f)[1]}: (lambda x:" in str(caught.value)


def test_the_second_recording_has_the_same_inputs_and_outputs():
    x, z = autograd.Tensor(ROWS, "x"), autograd.Tensor(ROWS, "z")
    for again in (([z * 2], [z]), ([x * 2, x * 3], [x])):
        with pytest.raises(ValueError, match=r"^to_onnx: the calculation for another .* other inputs or outputs"):
            to_onnx(x * 2, x, again=[again])
