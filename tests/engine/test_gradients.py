"""`gradients`: what it returns, what it refuses, and that it writes to no node."""

import numpy as np
import pytest

from autograd import Tensor, gradients
from autograd.graph import toposort
from tests.helpers.support import KINDS, numbers, plain

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def same(actual, expected):
    np.testing.assert_array_equal(np.asarray(actual), np.asarray(expected))


@kinds
def test_gradients_writes_to_no_node(kind):
    x = kind(2.0)
    y = (x * x).sin() * x
    y.backward()
    before = [(n, n._grad) for n in toposort(y)]
    gradients(y, x)
    gradients(y, [x, y], create_graph=True)
    for node, g in before:
        assert node._grad is g


@kinds
def test_independent_inputs_have_zeros(kind):
    x, other = kind(2.0), kind(5.0)
    for create_graph in (False, True):
        g = gradients(x * x, [x, other], create_graph=create_graph)
        assert plain(g[0]) == 4.0
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


@pytest.mark.system("K7")
@kinds
def test_a_gradient_graph_is_a_graph_of_recorded_ops(kind):
    x = kind(2.0)
    g = gradients(x**3, x, create_graph=True)
    assert type(g) is kind
    assert any(n is x for n in toposort(g))
    g2 = gradients(g, x, create_graph=True)
    g3 = gradients(g2, x, create_graph=True)
    g4 = gradients(g3, x)
    assert [plain(v) for v in (g, g2, g3, g4)] == [12.0, 12.0, 6.0, 0.0]
    g.backward()
    assert float(x.grad) == 12.0


def test_grad_outputs_that_are_nodes_can_be_differentiated():
    x, v = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    pulled = gradients(x * x, x, v, create_graph=True)
    same(gradients(pulled.sum(), v), [2.0, 4.0])
    same(gradients(pulled.sum(), x), [6.0, 8.0])
