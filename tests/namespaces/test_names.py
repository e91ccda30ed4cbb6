"""The writer of formulas: signs, brackets, and which values an expression reads."""

import pytest

from autograd.namespaces.names import Name, latex, latex_symbol, source, text, xp

g, x, y = Name("g"), Name("x"), Name("y")


@pytest.mark.parametrize(
    ("expression", "written"),
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
        (lambda: xp.sum(x, axis=None, keepdims=True), "sum(x)"),
        (lambda: g - xp.sum(x, axis=(0, -1), keepdims=True), "g − sum(x, axis=(0, −1))"),
        (lambda: xp.broadcast_like(g * y, x), "g·y spread over x"),
        (lambda: g / xp.broadcast_like(x > y, x), "g/((x > y) spread over x)"),
        (lambda: xp.concatenate([x, y], 1), "concatenate(x, y, axis=1)"),
        (lambda: xp.getitem(x, key=(1, 0)), "x[1, 0]"),
        (lambda: xp.getitem(x, y, key=("array", "...", ("slice", 1, None, -2))), "x[y, ..., 1::−2]"),
        (lambda: xp.getitem(x, key=()), "x[()]"),
    ],
)
def test_what_is_written(expression, written):
    assert str(expression()) == written


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


def test_index_arrays_are_read_and_static_arguments_are_no_values():
    assert xp.getitem(x, y, key=(0, "array")).reads() == {"x", "y"}
    assert xp.sum(x, axis=0).reads() == {"x"}
    with pytest.raises(ValueError, match="axis=0 has no source"):
        source(xp.sum(x, axis=0))


def test_a_name_has_no_truth():
    with pytest.raises(TypeError, match=r"may not branch on a value.*xp\.where"):
        bool(x > 0)


@pytest.mark.parametrize(
    ("expression", "tex"),
    [
        (lambda: g * xp.cos(x), r"g \cdot \cos\left(x\right)"),
        (lambda: g / (1 + x * x), r"\frac{g}{1 + x \cdot x}"),
        (lambda: (x / y) ** 2, r"\left(\frac{x}{y}\right)^{2}"),
        (lambda: -(x - y), r"-\left(x - y\right)"),
        (lambda: x ** (y + 1), "x^{y + 1}"),
        (lambda: (x**y) ** g, r"\left(x^{y}\right)^{g}"),
        (lambda: xp.sqrt(x) * xp.abs(y), r"\sqrt{x} \cdot \left|y\right|"),
        (lambda: xp.where(x > 0, g, 0.0), r"\begin{cases} g & x > 0 \\ 0 & \text{else} \end{cases}"),
        (lambda: xp.matmul(x, xp.swapaxes(y, -1, -2)), r"x \, y^{\top}"),
        (lambda: xp.reshape_like(x, y), r"\operatorname{reshape\_like}\left(x, y\right)"),
        (lambda: xp.broadcast_like(g / x, y), r"\frac{g}{x} \text{ spread over } y"),
        (lambda: xp.sum(x, axis=-1), r"\operatorname{sum}\left(x, \text{axis}=-1\right)"),
        (lambda: xp.getitem(x, y, key=("array", ("slice", None, -1, None), 2)), "x_{[y, :-1, 2]}"),
        (lambda: 1e-12**x, r"\left(1 \cdot 10^{-12}\right)^{x}"),
        (lambda: x * 1e-12, r"x \cdot 1 \cdot 10^{-12}"),
        (lambda: xp.lo_Σ_exp(x), r"\operatorname{lo\_\Sigma \_exp}\left(x\right)"),
        (lambda: x * -1.5e-9, r"x \cdot \left(-1.5 \cdot 10^{-9}\right)"),
        (lambda: x + float("inf"), r"x + \infty"),
    ],
)
def test_what_is_written_in_latex(expression, tex):
    assert latex(expression()) == tex


def test_what_is_put_in_the_place_of_a_symbol_keeps_its_brackets():
    words = {"x": (4, "a + b"), "y": (9, "c")}
    assert text(x * y, words) == "(a + b)·c"
    assert text(x + y, words) == "a + b + c"
    assert text(x + y, words, within=5) == "(a + b + c)"
    assert latex(x * y, words) == r"\left(a + b\right) \cdot c"


def test_powers_with_exponents_1_and_0_are_simple():
    assert xp.power(x, 1) is x
    assert x**0 == 1
    assert source(x**2) == "power(x, 2)"
    assert source(g * (2 * xp.power(x, 1))) == "(g * (2 * x))"


def test_vectors_that_numpy_makes_rows_and_columns():
    assert text(xp.expand_dims(g, -1) * x) == "g ⊗ x"
    assert text(xp.expand_dims(x, -1) * xp.expand_dims(g, -2)) == "x ⊗ g"
    assert text(xp.squeeze(xp.swapaxes(x, -1, -2) @ xp.expand_dims(g, -1), -1)) == "xᵀ @ g"


@pytest.mark.parametrize(
    ("name", "tex"),
    [
        ("x", "x"), ("w12", "w_{12}"), ("w_3", "w_{3}"), ("λ", r"\lambda"), ("Σ", r"\Sigma"), ("ο", r"\text{ο}"),
        ("my loss", r"\text{my loss}"), ("a_b", r"\text{a}\_\text{b}"), ("", r"\text{}"), ("é", r"\text{é}"),
        ("my σ", r"\text{my }\sigma\text{}"),
    ],
)  # fmt: skip
def test_names_in_latex(name, tex):
    assert latex_symbol(name) == tex
