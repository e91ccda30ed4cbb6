"""The text of every error that a user's mistake brings: the mistakes and their texts stand in messages.txt."""

import math
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, Value, grad

MESSAGES = Path(__file__).with_name("messages.txt")


def messages():
    """The mistakes, each with its text: lines at the margin, and under them, indented, the error."""
    mistake, text = "", []
    for line in [*MESSAGES.read_text(encoding="utf-8").splitlines(), "end"]:
        if line.startswith("    "):
            text.append(line.strip())
        elif line and not line.startswith("#"):
            if mistake:
                yield pytest.param(mistake, " ".join(text), id=mistake)
            mistake, text = line, []


class ArrayBox:
    """A box as HIPS autograd has them."""

    __module__ = "autograd.numpy.numpy_boxes"

    def __init__(self, value):
        self._value, self._trace, self._node = value, 0, None


class Series:
    """As pandas has them."""

    __module__ = "pandas"

    def to_numpy(self):
        return np.ones(3)


def scope():
    """What the mistakes are made with: a Value, Tensors, an array, an object array of Values."""
    return {
        **{name: getattr(autograd, name) for name in autograd.__all__},
        **{"autograd": autograd, "np": np, "anp": anp, "math": math, "Decimal": Decimal},
        "v": Value(2.0, "v"),
        "x": Tensor([1.0, 2.0, 3.0], "x"),
        "A": Tensor(np.ones((2, 3)), "A"),
        "i": Tensor([1, 2, 3], "i"),
        "a": np.ones(3),
        "W": np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]], dtype=object),
        "masked": np.ma.masked_array([1.0, 2.0, 3.0], [0, 1, 0]),
        "box": ArrayBox(np.ones(3)),
        "series": Series(),
        "nothing": lambda *args: None,
        "square": lambda x: x * x,
    }


def failed(mistake):
    try:
        exec(mistake, scope())
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize(("mistake", "text"), list(messages()))
def test_a_mistake_brings_its_lesson(mistake, text):
    error = failed(mistake)
    said = f"{type(error).__name__}: {error}"
    # … stands for what NumPy says in its own words
    assert re.fullmatch(re.escape(text).replace("…", ".*"), said), said
    assert "\n" not in said
    assert len(said) < 420


def test_a_lesson_is_not_told_twice():
    found = [p.values[0] for p in messages()]
    assert len(set(found)) == len(found) > 150


def test_a_result_of_pytorchs_autograd_is_told_the_way():
    torch = pytest.importorskip("torch")
    for f in (lambda t: t * Value(1.0), lambda t: Tensor([1.0]) + t, lambda t: Tensor(t), lambda t: grad(np.sin)(t)):
        with pytest.raises(TypeError, match=r"[;:] pass x\.detach\(\)"):
            f(torch.ones(1, requires_grad=True) * 2)


def test_a_micrograd_value_is_told_the_way():
    engine = pytest.importorskip("micrograd.engine")
    with pytest.raises(TypeError, match=r"^mul: micrograd\.engine\.Value is not a number .*; pass x\.data$"):
        Value(2.0) * engine.Value(3.0)


def test_a_numpy_matrix_is_refused():
    with pytest.warns(PendingDeprecationWarning):
        m = np.matrix([[1.0, 2.0]])
    with pytest.raises(TypeError, match=r"^mul: np\.matrix has products of its own: pass np\.asarray\(x\)"):
        m * Tensor([1.0, 2.0])
