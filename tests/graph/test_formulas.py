"""Formulas as they are printed are true: read and calculated with NumPy alone, they give the engine's numbers."""

from html import unescape

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, gradients, ops, where
from autograd.graph import explain, steps, to_latex
from tests.helpers.reading import calculated, calculated_latex
from tests.helpers.samplers import samples
from tests.helpers.support import examples

OPERATIONS = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: a**b,
    autograd.maximum,
    autograd.hypot,
    lambda a, b: where(a > b, a, b),
    lambda a, b: where(b > 1.0, a * 2.0, b),
]


@st.composite
def operand(draw, shape, label, kinds=(Tensor, Value)):
    """A Value, or a Tensor whose shape becomes that shape when it is broadcast."""
    if Value in kinds and draw(st.integers(0, 4)) == 0:
        return Value(draw(st.floats(0.5, 2.0)), label)
    own = shape[draw(st.integers(0, len(shape))) :] if draw(st.booleans()) else shape
    lengths = [1 if draw(st.integers(0, 2)) == 0 else n for n in own]
    return Tensor(np.random.default_rng(draw(st.integers(0, 99))).uniform(0.5, 2.0, lengths), label)


@st.composite
def elementwise(draw):
    shape = tuple(draw(st.lists(st.integers(1, 3), max_size=4)))
    a, b, c = (draw(operand(shape, label)) for label in "abc")
    first, second = (draw(st.sampled_from(OPERATIONS)) for _ in range(2))
    return second(first(a, b), c), (a, b, c)


@st.composite
def products(draw):
    """Matrices and vectors, stacks of them with broadcast axes before, and a bias."""
    stack = tuple(draw(st.lists(st.integers(2, 3), max_size=2)))
    n, k, m = (draw(st.integers(1, 3)) for _ in range(3))
    left, right = (draw(operand((*stack, 0), "", (Tensor,))).shape[:-1] for _ in range(2))
    A, B = [(*left, n, k), (k,)], [(*right, k, m), (k,)]
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    a, b = (Tensor(rng.uniform(0.5, 2.0, draw(st.sampled_from(s))), name) for s, name in ((A, "A"), (B, "B")))
    y = a @ b
    if a.ndim > 1 and draw(st.booleans()):
        b = Tensor(rng.uniform(0.5, 2.0, (m, k)), "B")
        y = autograd.linear(a, b, bias := Tensor(rng.uniform(0.5, 2.0, m), "d"))
        c = draw(operand(y.shape, "c"))
        return y * c, (a, b, bias, c)
    c = draw(operand(y.shape, "c"))
    return y * c, (a, b, c)


def equal(actual, expected, rtol=1e-10):
    assert np.shape(actual) == np.shape(expected)
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=1e-12)


@given(elementwise() | products())
@examples(200)
def test_what_a_derivative_is_printed_as_is_what_it_is(drawn):
    y, leaves = drawn
    seed = np.cos(np.arange(y.size)).reshape(y.shape)
    for step in steps(y, seed):
        values = {name: node.data for node, name in step.names.items()} | {"g": step.gradient}
        for c in step.contributions:
            equal(calculated(c.formula, values), c.value)
    for x in leaves:
        explained = explain(y, x, seed)
        table = unescape(explained._repr_html_())
        for path in explained.paths:
            for arrow, g in enumerate(path.gradients[:-1]):
                values = {name: node.data for node, name in explained.names.items()} | {"g": g}
                equal(calculated(path.pulled(arrow), values), path.gradients[arrow + 1])
                assert path.pulled(arrow) in table or not y.ndim


def _rows_of_a_linear_layer():
    leaves = [Tensor(np.ones(shape), name) for shape, name in (((2, 3, 4), "A"), ((5, 4), "B"), (5, "d"))]
    return autograd.linear(*leaves) * 2.0, leaves


@given(elementwise() | products())
@example(_rows_of_a_linear_layer())
@examples(200)
def test_latex_of_a_derivative_is_what_it_is(drawn):
    y, leaves = drawn
    for x in leaves:
        values = {leaf.label: leaf.data for leaf in leaves}
        lines = to_latex(y, x).removeprefix(r"\begin{aligned}").removesuffix(r"\end{aligned}").strip().split("\\\\\n")
        assert len(lines) > 1
        for line in lines:
            name, _, formula = line.strip().partition(" &= ")
            values[name] = calculated_latex(formula, values)
        equal(values[name], gradients(y, x, np.ones(y.shape)))


# Their derivatives put elements in places, or take them, and are written with indices and subscripts.
PLACED = {
    "contraction", "cofactor", "concatenate_args", "cumprod", "diag", "diagonal", "first_difference", "getitem",
    "eig_parts", "eigh_parts", "matrix_function", "pad_array", "prod_of_others", "pseudoinverse", "qr_parts",
    "recurrence", "repeat", "scatter_like", "stack_args", "svd_parts", "tile",
}  # fmt: skip


@pytest.mark.parametrize(
    "op", [op for op in ops.table() if op.differentiable and op.__name__ not in PLACED], ids=lambda op: op.__name__
)
def test_the_derivatives_of_every_op_are_printed_as_they_are(op):
    for sample in samples(op):
        xs = [Tensor(a, f"x{i}", requires_grad=np.asarray(a).dtype.kind == "f") for i, a in enumerate(sample.args)]
        y = op(*xs, **sample.params)
        step = next(iter(steps(y, np.cos(np.arange(y.size)).reshape(y.shape))))
        values = {name: node.data for node, name in step.names.items()} | {"g": step.gradient}
        with np.errstate(all="ignore"):
            for c in step.contributions:
                equal(calculated(c.formula, values), c.value, rtol=1e-5)  # numbers have six digits
