"""The backward pass step by step: the engine's own order and numbers, with formulas from the op table."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

import autograd
from autograd import Tensor, Value, gradients, primitive, relu, sqrt, where
from autograd.engine.contributions import plus
from autograd.graph import steps, toposort
from tests.helpers.programs import SHAPES, ours, programs
from tests.helpers.support import KINDS, examples

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def same(a, b):
    """Equal to the last bit, signs of zeros included."""
    assert type(a) is type(b)
    assert np.asarray(a).dtype == np.asarray(b).dtype
    assert np.shape(a) == np.shape(b)
    assert np.array_equal(a, b, equal_nan=True)
    assert np.array_equal(np.signbit(a) & ~np.isnan(a), np.signbit(b) & ~np.isnan(b))


def check(y, gradient=None):
    """Each step's gradient is what backward() leaves in the node, and each total what the contributions add up to."""
    walked = list(steps(y, gradient))
    assert not any(node.has_grad for node in toposort(y))
    y.backward(gradient)
    assert {s.node for s in walked} == {node for node in toposort(y) if node.has_grad}
    totals = {}
    for s in walked:
        same(s.gradient, s.node.grad)
        assert s.op is s.node.op
        if s.node in totals:
            same(totals[s.node], s.gradient)
        for c in s.contributions:
            assert s.node.parents[c.slot] is c.parent
            same(plus(totals[c.parent], c.value) if c.parent in totals else c.value, c.total)
            totals[c.parent] = c.total
    assert all(a.node._depth >= b.node._depth for a, b in pairwise(walked))
    return walked


@given(programs([()]))
@examples(150)
def test_random_scalar_expressions(program):
    leaves, lines = program
    check(ours([Value(x) for x in leaves], lines))


@given(programs(SHAPES))
@examples(150)
def test_random_expressions_of_arrays(program):
    leaves, lines = program
    y = ours([Tensor(x) for x in leaves], lines)
    check(y, np.cos(np.arange(y.size)).reshape(y.shape))


@kinds
@pytest.mark.parametrize(
    "f",
    [
        lambda x: where(x > 0, sqrt(x), 0.0),
        lambda x: where(x > 0, autograd.log(x), x) * x,
        lambda x: relu(x) * abs(x),
        lambda x: x**0 + x**1 + x**2.0 + x**-1,
        lambda x: autograd.maximum(x, x) / x,
        lambda x: sqrt(x) * 2,
        lambda x: x * float("nan") + x,
    ],
)
@pytest.mark.parametrize("at", [-1.0, 0.0, 4.0, -0.0, float("inf"), float("nan"), 1e300])
def test_singular_points_and_masks(f, at, kind):
    with np.errstate(all="ignore"):
        check(f(kind(at)))


def test_the_line():
    m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    y = m * x + b
    first, second, *leaves = check(y)
    assert [c.formula for c in first.contributions] == ["g", "g"]
    assert [(c.parent.label, c.local, c.formula, c.numbers, c.value) for c in second.contributions] == [
        ("m", "x", "g·x", "1·2", 2.0), ("x", "m", "g·m", "1·3", 3.0),
    ]  # fmt: skip
    assert {s.node.label: s.gradient for s in leaves} == {"m": 2.0, "x": 3.0, "b": 1.0}


def test_the_neurons_formulas_are_those_of_vectors_and_matrices():
    W, x, b = Tensor([[0.1, 0.7], [0.3, 0.2]], "W"), Tensor([0.5, 0.8], "x"), Tensor([0.1, -0.2], "b")
    y = autograd.sigmoid(W @ x + b)
    y.label = "y"
    walked = check(y, np.ones(2))
    assert [[c.formula for c in s.contributions] for s in walked[:3]] == [
        ["g·y·(1 − y)"],
        ["g", "g"],
        ["g ⊗ x", "Wᵀ @ g"],
    ]
    assert "∂y/∂x += Wᵀ @ g" in str(walked[2])
    rows = Tensor(np.ones((4, 2)), "X") @ W
    assert [c.formula for c in next(steps(rows, np.ones((4, 2)))).contributions] == ["g @ Wᵀ", "Xᵀ @ g"]
    vectors = Tensor([1.0, 2.0], "u") @ W
    assert [c.formula for c in next(steps(vectors, np.ones(2))).contributions] == ["W @ g", "u ⊗ g"]


def test_a_broadcast_is_undone_by_a_sum():
    X, b = Tensor(np.ones((3, 2)), "X"), Tensor([1.0, 2.0], "b")
    step, *_ = check(X + b, np.ones((3, 2)))
    assert [(c.formula, c.local, c.value.shape) for c in step.contributions] == [
        ("g", "1", (3, 2)), ("Σ over rows of g", "1", (2,)),
    ]  # fmt: skip
    assert str(step).splitlines()[2].endswith("/∂b += Σ over rows of g = Σ over rows of [1  1; 1  1; 1  1] = [3  3]")


def test_what_is_used_twice_is_added_to_twice():
    x = Value(3.0, "x")
    step, leaf = check(x * x)
    assert str(step).splitlines()[1:] == [
        "  ∂v1/∂x += g·x = 1·3 = 3  (operand 1)",
        "  ∂v1/∂x += g·x = 1·3 = 3  → 6  (operand 2)",
    ]
    assert [(c.slot, c.value, c.total) for c in step.contributions] == [(0, 3.0, 3.0), (1, 3.0, 6.0)]
    assert "→ 6" in str(step)
    assert leaf.gradient == 6.0


def test_conventions_and_masks_are_noted():
    x = Value(0.0, "x")
    assert "as for x < 0" in next(steps(relu(x))).contributions[0].note
    x = Value(-1.0, "x")
    y = where(x > 0, sqrt(x), 0.0)
    notes = [c.note for s in steps(y) for c in s.contributions]
    assert any("not finite" in note for note in notes)
    assert next(steps(Value(2.0) * 3)).contributions[0].note == ""


def test_a_mask_over_a_pole_that_python_would_raise_at():
    @primitive("pole", elementwise=True)
    def pole(xp, x):
        return 1 / x

    pole.defvjps(x=lambda xp, g, y, x: -g * (1 / x) * (1 / x))
    x = Value(0.0, "x")
    notes = [c.note for s in check(where(x > 0, pole(x), x)) for c in s.contributions]
    assert sum("not finite" in note for note in notes) == 1


def test_numbers_put_in_have_brackets():
    x, w = Value(-2.0, "x"), Value(-3.0, "w - 1")
    (step, *_) = steps(x * w)
    assert step.contributions[0].formula == "g·(w - 1)"
    assert step.contributions[0].numbers == "1·(−3)"
    assert str(step).startswith("v1 = x·(w - 1),")


def test_a_users_own_primitive_and_joined_arrays():
    @primitive("x³", elementwise=True)
    def cube(xp, x):
        return x * x * x

    cube.defvjps(x=lambda xp, g, y, x: g * (3 * x * x))
    x = Value(2.0, "x")
    step, _ = check(cube(x))
    assert step.contributions[0].numbers == "1·3·2·2"
    assert "cube(x)" in str(step)
    parts = [Tensor([1.0], "p"), Tensor([2.0, 3.0], "q")]
    for s in check(autograd.concatenate(parts).sum()):
        assert str(s)
    for s in check(Tensor([[1.0, 2.0]])[0, 1:].sum()):
        assert str(s)


def test_a_leaf_a_constant_and_what_is_no_node():
    x = Value(2.0, "x")
    (only,) = steps(x)
    assert (only.node, only.op, only.gradient, only.contributions) == (x, None, 1.0, ())
    with pytest.raises(ValueError, match="requires no gradient"):
        steps(Value(2.0, requires_grad=False) * 3)
    with pytest.raises(ValueError, match="not a scalar"):
        steps(Tensor([1.0, 2.0]))
    with pytest.raises(TypeError, match="steps: pass a Value or a Tensor"):
        steps(3.0)


def test_what_a_step_shows_cannot_be_written_to():
    x = Tensor([1.0, 2.0])
    for s in steps((x * x).sum()):
        with pytest.raises(ValueError, match="read-only"):
            s.gradient[...] = 0


@pytest.mark.parametrize(
    "label", ['"<b>&', "{x}|\\N", "a\nb", "重み😀", "\u202eabc", "שלום", "</script>", "%s {0} \x00"]
)
def test_labels_are_written_as_one_line(label):
    x = Value(2.0, label)
    for s in steps(x * x + 1):
        assert len(str(s).splitlines()) == 1 + len(s.contributions)
        assert "\u202e" not in str(s)


def test_a_leaf_changed_since_is_an_error_as_in_a_backward_pass():
    x = Value(2.0, "x")
    y = x * x
    x.data = 3.0
    with pytest.raises(ValueError, match="'x' were changed"):
        steps(y)


def test_names_come_from_labels_then_from_a_mapping_then_from_the_order():
    x, w = Value(2.0, "x"), Value(3.0)
    h = x * w
    y = h.tanh() * w
    first = next(steps(y, names={"y": y, "h": h, "other": 3, "_": w, "v1": x}))
    assert sorted(first.names.values()) == ["h", "v1", "v2", "x", "y"]
    assert (first.names[h], first.names[w]) == ("h", "v1")
    assert next(steps(y, names={w: "weight"})).names[w] == "weight"
    with pytest.raises(TypeError, match=r"names: pass a mapping.*locals\(\)"):
        steps(y, names=[x])


def test_a_value_met_by_an_array():
    v, t = Value(2.0, "v"), Tensor([1.0, 2.0], "t")
    *_, leaf = check((t * v).sum() * v)
    assert leaf.op is None


def test_a_gradient_graph_has_steps_too():
    x = Value(2.0, "x")
    check(gradients(x**3, x, create_graph=True))


def test_empty_arrays():
    check(Tensor(np.zeros((0, 3)), "x").sum())


def test_a_long_chain():
    y = x = Value(1.0)
    for _ in range(5_000):
        y = y + x
    assert sum(1 for _ in steps(y)) == 5_001
