"""The backward pass and `gradients`: what is accumulated, what is set, what is written to, and what never is."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, gradients, primitive
from autograd.graph import toposort
from autograd.namespaces.names import Name
from tests.support import KINDS, numbers

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def same(actual, expected):
    np.testing.assert_array_equal(np.asarray(actual), np.asarray(expected))


@kinds
def test_backward_twice_doubles_leaves_and_leaves_inner_gradients_right(kind):
    x = kind(2.0)
    square = x * x
    y = square * square
    y.backward()
    assert (float(x.grad), float(square.grad), float(y.grad)) == (32.0, 8.0, 1.0)
    y.backward()
    assert (float(x.grad), float(square.grad), float(y.grad)) == (64.0, 8.0, 1.0)
    x.zero_grad()
    assert x.grad is None
    y.backward()
    assert float(x.grad) == 32.0


@kinds
def test_the_squares_written_apart_give_the_same(kind):
    x = kind(2.0)
    y = (x * x) * (x * x)
    y.backward()
    assert float(x.grad) == 32.0
    y.backward()
    assert float(x.grad) == 64.0


@kinds
def test_a_node_used_many_times_adds_all_up(kind):
    x = kind(3.0)
    y = x + x + x * x - x / x + x**2
    y.backward()
    assert float(x.grad) == pytest.approx(2 + 6 + 0 + 6, rel=1e-15)


@kinds
def test_paths_of_unequal_length_are_waited_for(kind):
    x = kind(1.5)
    a = x * 2
    b = a
    for _ in range(5):
        b = b * 1.0
    y = a * b
    y.backward()
    assert float(x.grad) == pytest.approx(8 * 1.5, rel=1e-15)
    assert float(a.grad) == pytest.approx(6.0, rel=1e-15)


@kinds
def test_two_outputs_accumulate_into_their_common_leaf(kind):
    x = kind(2.0)
    (3 * x).backward()
    (x * x).backward()
    assert float(x.grad) == 7.0


@kinds
def test_gradients_are_plain_data_of_the_nodes_kind(kind):
    x = kind(2.0)
    y = (x * 3).sin() + x
    y.backward()
    y.backward()
    for node in toposort(y):
        if node.requires_grad:
            assert type(node.grad) is (float if kind is Value else np.ndarray)
            assert np.shape(node.grad) == np.shape(node.data)
    for g in (gradients(y, x), gradients([y, y], [x, x])[1]):
        assert type(g) is (float if kind is Value else np.ndarray)


@kinds
def test_constants_take_no_gradient(kind):
    x, c = kind(2.0), kind(3.0, requires_grad=False)
    y = x * c + 5.0 * c
    y.backward()
    assert float(x.grad) == 3.0
    assert c.grad is None
    assert all(n.grad is None for n in toposort(y) if not n.requires_grad)
    dead = c * 2.0
    assert not dead.requires_grad
    assert not x.detach().requires_grad


@kinds
def test_backward_of_a_leaf_seeds_itself(kind):
    x = kind(2.0)
    x.backward()
    x.backward()
    assert float(x.grad) == 2.0


def test_a_given_gradient_is_the_seed():
    x = Tensor([1.0, 2.0])
    y = x * x
    y.backward([1.0, 10.0])
    same(x.grad, [2.0, 40.0])
    same(y.grad, [1.0, 10.0])
    v = Value(3.0)
    (v * v).backward(0.5)
    assert v.grad == 3.0
    seed = np.array([1.0, 1.0])
    z = x + 0.0
    z.backward(seed)
    assert not np.shares_memory(z.grad, seed)
    z.grad[0] = 7.0
    same(seed, [1.0, 1.0])


@kinds
def test_an_intermediate_result_is_an_output_too(kind):
    x = kind(2.0)
    a = x * x
    b = a * x
    a.backward()
    b.backward()
    assert float(x.grad) == 4.0 + 12.0
    assert float(a.grad) == 2.0


@primitive("broken", elementwise=True)
def broken(xp, x):
    return x * 1


def _raise(xp, g, y, x):
    if not isinstance(g, Name):  # the op table reads the formula once, on names
        raise RuntimeError("half way")
    return g * np.ones(1)  # an array has no text, so that nothing can be compiled of this


broken.defvjps(x=_raise)


@kinds
def test_an_error_half_way_changes_no_leaf(kind):
    x, w = kind(2.0), kind(3.0)
    (x * w).backward()
    before = (float(x.grad), float(w.grad))
    y = x * w + broken(w) * x + x
    with pytest.raises(RuntimeError, match="half way"):
        y.backward()
    assert (float(x.grad), float(w.grad)) == before
    with pytest.raises(RuntimeError, match="half way"):
        gradients(y, [x, w])
    assert (float(x.grad), float(w.grad)) == before


@primitive("wrong", elementwise=False)
def wrongly_shaped(xp, x):
    return x * 1


wrongly_shaped.defvjps(x=lambda xp, g, y, x: xp.expand_dims(g, 1))


def test_a_derivative_of_the_wrong_shape_names_its_op():
    x = Tensor([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"derivative of 'wrongly_shaped'.*wrong shape"):
        wrongly_shaped(x).backward([1.0, 1.0, 1.0])
    assert x.grad is None


# ---- memory ----


@pytest.mark.parametrize(
    "f",
    [lambda x, y: x + y, lambda x, y: (x + y) + (x - (-y)), lambda x, y: x.reshape(2) + y.T, lambda x, y: x[:] + y[::-1][::-1]],
    ids=["sum", "sums", "views", "slices"],
)
def test_no_two_gradients_share_memory(f):
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    z = f(x, y)
    z.backward(np.ones(2))
    z.backward(np.ones(2))
    assert x.grad is not y.grad
    held = [a for n in toposort(z) for a in (n.grad, n.data) if isinstance(a, np.ndarray)]
    for i, a in enumerate(held):
        assert not any(np.shares_memory(a, b) for b in held[:i])
    gx, gy = gradients(z, [x, y], np.ones(2))
    assert not np.shares_memory(gx, gy)
    same_twice = gradients(z, [x, x], np.ones(2))
    assert not np.shares_memory(*same_twice)


def test_writing_into_a_gradient_changes_no_other():
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    z = x + y
    z.backward(np.ones(2))
    x.grad[:] = 9.0
    same(y.grad, [1.0, 1.0])
    same(z.grad, [1.0, 1.0])
    z.backward(np.ones(2))
    same(x.grad, [10.0, 10.0])
    same(y.grad, [2.0, 2.0])


def test_an_earlier_gradient_in_the_users_hands_is_not_changed_by_a_later_pass():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    mine = x.grad
    y.backward()
    same(mine, [2.0, 4.0])


# ---- gradients ----


@kinds
def test_gradients_writes_to_no_node(kind):
    x = kind(2.0)
    y = (x * x).sin() * x
    y.backward()
    before = [(n, n.grad) for n in toposort(y)]
    gradients(y, x)
    gradients(y, [x, y], create_graph=True)
    for node, g in before:
        assert node.grad is g


@kinds
def test_independent_inputs_have_zeros(kind):
    x, other = kind(2.0), kind(5.0)
    for create_graph in (False, True):
        g = gradients(x * x, [x, other], create_graph=create_graph)
        assert float(g[0]) == 4.0
        assert float(g[1]) == 0.0
    far = Tensor(numbers((2, 3)), requires_grad=True)
    same(gradients(x * x, far), np.zeros((2, 3)))
    assert gradients(x * x, Tensor(np.ones(2, np.float32))).dtype == np.float32
    assert float(gradients(kind(1.0, requires_grad=False) * 2, x)) == 0.0


@kinds
def test_an_input_that_requires_no_gradient_is_an_error(kind):
    x, c = kind(2.0), kind(3.0, requires_grad=False, label="c")
    with pytest.raises(ValueError, match=r"gradients: .*'c'.* requires no gradient.*requires_grad=False"):
        gradients(x * c, c)
    with pytest.raises(ValueError, match=r"gradients: .* requires no gradient"):
        gradients(x * c, [x, x > 1])


def test_an_output_that_is_no_scalar_needs_grad_outputs():
    x = Tensor([1.0, 2.0])
    y = x * x
    with pytest.raises(ValueError, match=r"Tensor from 'mul' f64\[2\] is not a scalar; .*y\.sum\(\)"):
        gradients(y, x)
    same(gradients(y, x, [1.0, 10.0]), [2.0, 40.0])
    same(gradients(y, x, grad_outputs=Tensor([1.0, 10.0])), [2.0, 40.0])
    same(gradients([y, x], x, [np.ones(2), np.ones(2)]), [3.0, 5.0])
    with pytest.raises(ValueError, match=r"shape \(3,\).*shape \(2,\)"):
        gradients(y, x, np.ones(3))


@kinds
def test_inner_nodes_are_inputs_too(kind):
    x = kind(3.0)
    a = x * x
    y = a * x
    by_a, by_x, by_y = gradients(y, [a, x, y])
    assert (float(by_a), float(by_x), float(by_y)) == (3.0, 27.0, 1.0)


@kinds
def test_several_outputs_are_summed(kind):
    x = kind(3.0)
    assert float(gradients([x * x, 2 * x], x)) == 8.0
    assert float(gradients([x * x, x * x], x, grad_outputs=[1.0, None])) == 12.0
    y = x * x
    assert float(gradients([y, y], x)) == 12.0


@kinds
def test_a_gradient_graph_is_a_graph_of_recorded_ops(kind):
    x = kind(2.0)
    g = gradients(x**3, x, create_graph=True)
    assert type(g) is kind
    assert any(n is x for n in toposort(g))
    g2 = gradients(g, x, create_graph=True)
    g3 = gradients(g2, x, create_graph=True)
    g4 = gradients(g3, x)
    assert [float(v) for v in (g, g2, g3, g4)] == [12.0, 12.0, 6.0, 0.0]
    g.backward()
    assert float(x.grad) == 12.0


def test_grad_outputs_that_are_nodes_can_be_differentiated():
    x, v = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    pulled = gradients(x * x, x, v, create_graph=True)
    same(gradients(pulled.sum(), v), [2.0, 4.0])
    same(gradients(pulled.sum(), x), [6.0, 8.0])


@primitive("watched", elementwise=True)
def watched(xp, a, b):
    return a * b


CALLS = []
watched.defvjps(
    a=lambda xp, g, y, a, b: CALLS.append("a") or g * b,
    b=lambda xp, g, y, a, b: CALLS.append("b") or g * a,
)


def test_the_pass_visits_only_what_requires_a_gradient():
    x, c = Tensor(2.0), Tensor(3.0, requires_grad=False)
    CALLS.clear()
    watched(x, c).backward()
    assert CALLS == ["a"]
    v, k = Value(2.0), Value(3.0, requires_grad=False)
    watched(v, k).backward()
    assert (v.grad, k.grad) == (3.0, None)


def test_every_local_derivative_is_evaluated_once():
    x = Tensor(1.0)
    z = watched(x, 2.0)
    for _ in range(10):  # 2¹⁰ paths
        z = z + z
    CALLS.clear()
    z.backward()
    assert CALLS == ["a"]
    assert float(x.grad) == 2048.0


@kinds
def test_a_stale_value_half_way_changes_no_leaf_either(kind):
    x, w = kind(2.0), kind(3.0)
    stale = x * w
    x.data = 1.0 if kind is Value else np.array(1.0)
    y = stale + w + w * w
    with pytest.raises(ValueError, match="changed after"):
        y.backward()
    assert x.grad is None
    assert w.grad is None


def test_autograd_sum_of_values_is_the_value():
    v = Value(2.0)
    autograd.sum(v * v).backward()
    assert v.grad == 4.0
