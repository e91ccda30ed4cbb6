"""The writer of formulas: signs, brackets, and which values an expression reads."""

import pytest

from autograd.namespaces.names import Name, xp

g, x, y = Name("g"), Name("x"), Name("y")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (lambda: g * xp.cos(x), "g·cos(x)"),
        (lambda: g / (1 + x * x), "g/(1 + x·x)"),
        (lambda: (x + y) * g, "(x + y)·g"),
        (lambda: x - (y - g), "x − (y − g)"),
        (lambda: (x - y) - g, "x − y − g"),
        (lambda: x / (y / g), "x/(y/g)"),
        (lambda: x / (y * g), "x/(y·g)"),
        (lambda: -(x + y), "−(x + y)"),
        (lambda: -(-x), "x"),
        (lambda: 1 * x, "x"),
        (lambda: x + 0, "x"),
        (lambda: x**2, "x²"),
        (lambda: (x + y) ** 2, "(x + y)²"),
        (lambda: 2**x, "2^x"),
        (lambda: (x**y) ** 2, "(x^y)²"),
        (lambda: xp.abs(x), "|x|"),
        (lambda: xp.sqrt(x + y), "√(x + y)"),
        (lambda: xp.where(x > 0, g, 0.0), "g if x > 0 else 0"),
        (lambda: xp.matmul(x, xp.swapaxes(y, -1, -2)), "x @ yᵀ"),
    ],
)
def test_what_is_written(expression, text):
    assert str(expression()) == text


@pytest.mark.parametrize(
    ("expression", "reads"),
    [
        (lambda: g * x, {"g", "x"}),
        (lambda: xp.sum_like(g, x), {"g"}),
        (lambda: xp.broadcast_like(g, x) * y, {"g", "y"}),
        (lambda: xp.reshape_like(g, x), {"g"}),
        (lambda: xp.where(x > 0, g, 0.0), {"g", "x"}),
    ],
)
def test_reading_a_shape_is_no_use(expression, reads):
    assert expression().reads() == reads


def test_a_name_has_no_truth():
    with pytest.raises(TypeError, match=r"may not branch on a value.*xp\.where"):
        bool(x > 0)
