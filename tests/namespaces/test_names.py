"""The writer of formulas: signs, brackets, and which values an expression reads."""

import pytest

from autograd.namespaces.names import Name, Shaped, summed, xp
from autograd.namespaces.notations import latex, source, text
from autograd.namespaces.symbols import latex_bound, latex_symbol

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
        (lambda: g - xp.sum(x, axis=(0, -1), keepdims=True), "g − sum(x, axis=(0, −1), keepdims=True)"),
        (lambda: g - xp.sum(x, axis=0, keepdims=False), "g − sum(x, axis=0)"),
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
        ("my σ", r"\text{my }\sigma"), ("w₁", "w_{1}"), ("μ₁₂", r"\mu_{12}"), ("x²", "x^{2}"), ("w1ᵢ", "w_{1, i}"),
        ("aᵦ", r"a_{\beta }"), ("xₙ₊₁", "x_{n+1}"), ("L⁻¹", "L^{-1}"), ("x′", r"x^{\prime }"), ("²", r"\text{²}"),
        ("loss₂", r"\text{loss}_{2}"), ("2.weight", r"\text{weight}_{2}"), ("2.w₁", r"\text{w}_{2, 1}"),
        ("0.layers.2.W", r"\text{W}_{\text{0.layers.2}}"), ("0.weight[1,0]", r"\text{weight[1,0]}_{0}"),
        ("∂L/∂w_3", r"\partial\text{L/}\partial\text{w}\_\text{3}"), ("x_", r"\text{x}\_"), ("50%", r"\text{50}\%"),
        (r"\{", r"\backslash\{"),
    ],
)  # fmt: skip
def test_names_in_latex(name, tex):
    assert latex_symbol(name) == tex


@pytest.mark.parametrize(
    ("name", "square", "product"),
    [
        ("x", "x^{2}", r"g \cdot x"), ("w₁", "w_{1}^{2}", r"g \cdot w_{1}"),
        ("x²", r"\left(x^{2}\right)^{2}", r"g \cdot x^{2}"),
        ("e", r"\left(e\right)^{2}", r"g \cdot e"),  # no exponential
        ("a_b", r"\left(\text{a}\_\text{b}\right)^{2}", r"g \cdot \text{a}\_\text{b}"),
        ("3d", r"\left(\text{3d}\right)^{2}", r"g \cdot \left(\text{3d}\right)"),  # no number
        ("w - 1", r"\left(\text{w - 1}\right)^{2}", r"g \cdot \left(\text{w - 1}\right)"),  # no difference
    ],
)  # fmt: skip
def test_names_in_latex_do_not_run_into_what_stands_beside_them(name, square, product):
    words = {"x": latex_bound(name)}
    assert latex(x**2, words) == square
    assert latex(g * x, words) == product


def test_one_subscript_each():
    words = {"x": latex_bound("v2"), "y": latex_bound("v_3")}
    assert latex(xp.getitem(x, key=(0, ("slice", 1, None, None))), words) == r"\left(v_{2}\right)_{[0, 1:]}"
    assert latex(xp.getitem(xp.getitem(x, key=(0,)), key=(1,)), words) == r"\left(\left(v_{2}\right)_{[0]}\right)_{[1]}"
    assert latex(xp.swapaxes(x / y, -1, -2)) == r"\left(\frac{x}{y}\right)^{\top}"


@pytest.mark.parametrize(
    ("shape", "like", "written", "tex"),
    [
        ((5, 3), (3,), "Σ over rows of g·x", r"\sum_{i=1}^{5} \left(g \cdot x\right)_{i,:}"),
        ((5, 3), (1, 3), "Σ over rows of g·x, as (1, 3)", r"\sum_{i=1}^{5} \left(g \cdot x\right)_{[i],:}"),
        ((5, 3), (5, 1), "Σ over columns of g·x, as (5, 1)", r"\sum_{i=1}^{3} \left(g \cdot x\right)_{:,[i]}"),
        ((5, 3), (1,), "Σ over all of g·x, as (1,)", r"\sum_{i=1}^{5} \sum_{j=1}^{3} \left(g \cdot x\right)_{i,[j]}"),
        ((3,), (), "Σ over all of g·x", r"\sum_{i=1}^{3} \left(g \cdot x\right)_{i}"),
        ((2, 5, 3), (5, 3), "Σ over axis 0 of g·x", r"\sum_{i=1}^{2} \left(g \cdot x\right)_{i,:,:}"),
        (
            (2, 5, 3), (1, 3), "Σ over axes 0, 1 of g·x, as (1, 3)",
            r"\sum_{i=1}^{2} \sum_{j=1}^{5} \left(g \cdot x\right)_{i,[j],:}",
        ),
        ((5, 3), (5, 3), "g·x", r"g \cdot x"),
    ],
)  # fmt: skip
def test_the_sum_that_undoes_a_broadcast(shape, like, written, tex):
    assert text(summed(g * x, shape, like)) == written
    assert latex(summed(g * x, shape, like)) == tex


def test_a_sum_is_told_from_what_stands_beside_it():
    rows = xp.sum_like(Shaped("x", (5, 3)), Shaped("y", (3,)))
    assert text(rows + g) == "(Σ over rows of x) + g"
    assert text(rows * g) == "(Σ over rows of x)·g"
    assert text(summed(x - y, (5, 3), (3,))) == "Σ over rows of (x − y)"
    assert latex(g + rows, {"g": (9, "i")}) == r"i + \left(\sum_{i=1}^{5} x_{i,:}\right)"
    assert latex(rows, {"x": (9, "i")}) == r"\sum_{j=1}^{5} i_{j,:}"  # `i` is a name of the user's
    assert rows.reads() == {"x"}


def test_what_is_more_than_a_matrix_or_a_vector_is_written_out():
    stack, rows = Shaped("x", (4, 2, 3)), Shaped("y", (5, 3))
    assert text(xp.swapaxes(stack, 0, 1)) == "swapaxes(x, 0, 1)"
    assert text(xp.swapaxes(rows, 0, 1)) == "yᵀ"
    assert text(xp.expand_dims(g, -1) * rows) == "expand_dims(g, −1)·y"
    assert text(xp.squeeze(stack @ xp.expand_dims(rows, -1), -1)) == "squeeze(x @ expand_dims(y, −1), −1)"
