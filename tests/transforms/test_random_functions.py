"""Random functions of random containers: gradients, Jacobians and Hessians agree with PyTorch's to 1e-9.

Each function is an expression as in `test_expressions`, with its leaves packed into nested tuples, lists and dicts.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import grad, hessian, jacobian, jvp, vjp
from autograd.testing.strategies import expressions
from autograd.transforms.containers import leaves, rebuilt
from tests.helpers.support import examples

pytestmark = pytest.mark.no_cover  # as in tests/ops/test_gradients.py
torch = pytest.importorskip("torch")

from tests.engine.test_expressions import NODES, agree, theirs, within_theirs  # noqa: E402  # which also needs it


@st.composite
def packed(draw, parts):
    """The parts, in order, in a random container."""
    if len(parts) == 1 and draw(st.booleans()):
        return parts[0]
    cut = draw(st.integers(1, len(parts)))
    halves = [part for part in (parts[:cut], parts[cut:]) if part]
    children = [half[0] if len(parts) == 1 else draw(packed(half)) for half in halves]
    kind = draw(st.sampled_from([tuple, list, dict]))
    return dict(zip("ab", children, strict=False)) if kind is dict else kind(children)


@st.composite
def functions(draw):
    """Its argument, in containers; an expression for its first result, and the part of it for its second."""
    whole = draw(expressions(max_nodes=NODES))
    plain = [float(a) if a.ndim == 0 and draw(st.booleans()) else a for a in whole.inputs]
    return draw(packed(plain)), whole, whole._replace(lines=whole.lines[: draw(st.integers(0, len(whole.lines)))])


@given(functions())
@examples(340)
def test_gradients_jacobians_and_hessians(function):
    tree, whole, part = function
    within_theirs(whole)
    arrays = leaves(tree)
    tensors = tuple(torch.tensor(a, dtype=torch.float64) for a in arrays)
    f = lambda tree: {"last": whole(*leaves(tree)), "middle": [part(*leaves(tree))]}
    total = lambda tree: autograd.sum(f(tree)["last"]) + autograd.sum(f(tree)["middle"][0])
    g = lambda *xs: (theirs(whole, xs), theirs(part, xs))
    their_total = lambda *xs: sum(y.sum() for y in g(*xs))

    gradients = grad(total)(tree)
    assert type(rebuilt(gradients, iter(arrays))) is type(tree)
    jacobians = torch.autograd.functional.jacobian(g, tensors)
    slopes = torch.autograd.functional.jacobian(their_total, tensors)
    for one, x, other in zip(leaves(gradients), arrays, slopes, strict=True):
        assert type(one) is type(x)
        agree(one, other.numpy(), "gradient")

    J = jacobian(f)(tree)
    for block, row in zip((J["last"], J["middle"][0]), jacobians, strict=True):
        for one, other in zip(leaves(block), row, strict=True):
            agree(one, other.numpy(), "Jacobian")

    curvatures = torch.autograd.functional.hessian(their_total, tensors)
    H = leaves(hessian(total)(tree))
    for k, (one, other) in enumerate(zip(H, [b for row in curvatures for b in row], strict=True)):
        agree(one, other.numpy(), f"Hessian, block {divmod(k, len(arrays))}")

    # A direction pushed forward, and pulled back, by the Jacobian just confirmed.
    v = [np.cos(np.arange(np.size(a)) + 1.0).reshape(np.shape(a)) for a in arrays]
    pushed = jvp(f, (tree,), (rebuilt(tree, iter(v)),))[1]
    pulled = vjp(f, tree)[1](pushed)[0]
    for y, block in zip(leaves(pushed), (J["last"], J["middle"][0]), strict=True):
        agree(y, sum_of(np.tensordot(one, d, np.ndim(d)) for one, d in zip(leaves(block), v, strict=True)), "pushed")
    for k, x in enumerate(leaves(pulled)):
        blocks = [leaves(block)[k] for block in (J["last"], J["middle"][0])]
        agree(x, sum_of(np.tensordot(y, b, np.ndim(y)) for y, b in zip(leaves(pushed), blocks, strict=True)), "pulled")


def sum_of(terms):
    return np.sum(list(terms), axis=0)
