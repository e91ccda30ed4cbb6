"""What a page computes: values, gradients and contributions as the engine has them, for other values of the leaves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, gradients, primitive
from autograd.engine.node import registry
from autograd.graph import replay, steps, toposort
from autograd.ops import table
from autograd.viz.javascript import calculates, op_table, script_safe
from autograd.viz.page_program import _BY_ELEMENTS, program
from tests.helpers.javascript import NEEDS_NODE, evaluated
from tests.helpers.support import examples, numbers

close = {"rtol": 1e-12, "atol": 1e-14}


def replayed(y, new, gradient=None):
    """What the page has for each node: its value, its gradient, and what each of its operands gets from it."""
    written, places = program(y, gradient), {node: i for i, node in enumerate(toposort(y))}
    changes = [(places[node], np.ravel(value).tolist()) for node, value in new.items()]
    script = f"""{written.script}
const graph = replayer({script_safe(written.data)}, ops);
for (const [node, numbers] of {script_safe(changes)}) numbers.forEach((number, i) => graph.set(node, i, number));
graph.run();
const slots = {[len(node.parents) for node in places]};"""
    of_node = "[graph.value(n), graph.gradient(n), [...Array(k).keys()].map((i) => graph.contribution(n, i))]"
    return evaluated(script, f"slots.map((k, n) => {of_node})")


def agrees(y, new, gradient=None):
    """Values, gradients and contributions are those of the graph with the new values in its leaves."""
    order = toposort(y)
    found = dict(zip(order, replayed(y, new, gradient), strict=True))
    leaves = {n: type(n)(new.get(n, n.data), requires_grad=n.requires_grad) for n in order if n.op is None}
    for node, value in zip(order, replay(order, new), strict=True):
        np.testing.assert_allclose(np.array(found[node][0], float), np.ravel(value), **close, err_msg=repr(node))
    again = replay(order, leaves)
    twin = dict(zip(again, order, strict=True))
    seed = np.ones(y.shape) if gradient is None else gradient
    walked = list(steps(again[-1], seed))
    for step in walked:
        _, g, gets = found[twin[step.node]]
        np.testing.assert_allclose(np.array(g, float), np.ravel(step.gradient), **close, err_msg=repr(step.node))
        for c in step.contributions:
            np.testing.assert_allclose(np.array(gets[c.slot], float), np.ravel(c.value), **close)
    reached = {twin[step.node] for step in walked}
    for node in order:
        assert (found[node][1] is not None) == node.requires_grad
        assert node in reached or not node.requires_grad or not np.any(np.array(found[node][1], float))


@NEEDS_NODE
def test_a_graph_of_numbers_follows_its_leaves():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(0.5, "c", requires_grad=False)
    y = (a * b + c * b**3 + a.relu() * a).tanh() / (1.0 + autograd.maximum(a, b) ** 2)
    agrees(y, {})
    agrees(y, {a: -1.3, c: 2.0})
    agrees(y, {a: 0.0, b: 0.0}, 2.5)


@NEEDS_NODE
@examples(15)
@given(data=st.data())
def test_random_graphs_of_numbers(data):
    finite = st.floats(-3, 3)
    nodes = [Value(data.draw(finite), f"x{i}", requires_grad=i != 1) for i in range(4)]
    leaves = nodes[:]
    unary = ["tanh", "exp", "sin", "sigmoid", "relu", "softplus", "arctan", "abs", "elu", "expm1"]
    binary = ["add", "subtract", "multiply", "maximum", "minimum", "hypot", "logaddexp", "greater", "power"]
    for _ in range(data.draw(st.integers(1, 12))):
        name = data.draw(st.sampled_from(unary + binary))
        operands = [data.draw(st.sampled_from(nodes)) for _ in range(1 + (name in binary))]
        nodes.append(getattr(registry, name)(*map(autograd.tanh, operands)))
    y = (nodes[-1] + nodes[-2]) * nodes[0]
    new = {x: data.draw(finite) for x in leaves if x in {*toposort(y)}}
    agrees(y, new)


A, B, C = numbers((3, 4), 1), numbers((4, 2), 2), numbers((3, 2), 3)
ON_ARRAYS = {
    "matmul": lambda a, b, c: (a @ b + c[0]).tanh(),
    "matmul of a vector": lambda a, b, c: a[0] @ b @ c.T @ a,
    "linear": lambda a, b, c: autograd.linear(a, b.T, c[0]),
    "contraction": lambda a, b, c: autograd.einsum("ij,jk,ik->k", a, b, c),
    "sums": lambda a, b, c: a.sum(axis=0) + a.mean(axis=0, keepdims=True) * a.mean() - b.sum(axis=(0, 1)),
    "moments": lambda a, b, c: a.var(axis=1) + a.var(),
    "products": lambda a, b, c: a.prod(axis=1) + autograd.cumprod(c, axis=0).sum(axis=1) + autograd.cumsum(c[:, 0]),
    "extremes": lambda a, b, c: autograd.max(a, axis=1) - autograd.min(a, axis=(0, 1), keepdims=True) * a.max(),
    "norm": lambda a, b, c: autograd.norm(a, axis=0) * autograd.norm(b),
    "softmax": lambda a, b, c: autograd.softmax(a) @ b - autograd.log_softmax(c, axis=0),
    "logsumexp": lambda a, b, c: autograd.logsumexp(a, axis=(0, 1)) + autograd.logsumexp(c, axis=1, keepdims=True),
    "pieces": lambda a, b, c: a[1:, :2] * c[[0, 2]] - a[-1, ::2] + c[np.array([True, False, True])],
    "joined": lambda a, b, c: autograd.concatenate([a[:, :2], b, c * c]) * autograd.stack([c[0], c[1]]).sum(axis=0),
    "moved": lambda a, b, c: autograd.flip(a, 1)[:, :2] + autograd.roll(c, 1) + autograd.moveaxis(b[:3], 0, 1).T,
    "shaped": lambda a, b, c: autograd.tile(c, (2, 1)).reshape(4, 3) @ autograd.expand_dims(c[:, 0], 1).squeeze(),
    "triangles": lambda a, b, c: autograd.tril(a) @ b + autograd.triu(c) + autograd.diagonal(a)[:, None],
    "broadcast": lambda a, b, c: autograd.broadcast_to(c[:1], (3, 2)) * autograd.repeat(c[:, :1], 2, axis=1),
    "chosen": lambda a, b, c: autograd.where(c > 0, c, -(c**2)) + (c > 0).sum(),
    "number": lambda a, b, c: Value(2.0) * c.sum(),
    "derivative": lambda a, b, c: gradients(((a @ b) * c).tanh().sum(), c, create_graph=True),
}


@NEEDS_NODE
@pytest.mark.parametrize("name", ON_ARRAYS)
def test_arrays_are_written_out_by_elements(name):
    a, b, c = Tensor(A, "a"), Tensor(B, "b"), Tensor(C, "c")
    y = ON_ARRAYS[name](a, b, c)
    new = {x: numbers(x.shape, 5) for x in (a, b, c) if x in {*toposort(y)}}
    agrees(y, new, numbers(y.shape, 6) if y.ndim else None)


def test_what_is_written_out_is_in_the_table():
    assert {op.__name__ for op in table() if not op.elementwise} >= _BY_ELEMENTS


@NEEDS_NODE
def test_a_tie_shares_the_gradient_and_what_is_dropped_stays_0():
    x = Tensor([1.0, 3.0, 3.0, 3.0], "x")
    agrees(x.max() * 2.0, {x: [3.0, 3.0, 3.0, 1.0]})
    v = Value(-1.0, "v")
    y = autograd.where(v > 0, v.sqrt(), 2.0)
    agrees(y, {v: -2.0})
    assert [float(g[0]) for _, g, _ in replayed(y, {v: -2.0}) if g] == [0.0, 0.0, 1.0]
    agrees(v.sqrt().relu(), {v: 0.0})  # at the kink nothing is dropped: 0·∞
    agrees(abs(v.sqrt()), {v: 0.0})
    agrees(autograd.maximum(v.sqrt(), -1.0 - v), {v: 0.0})
    agrees(v.log() * v, {v: -2.0})
    agrees(1.0 / v, {v: 0.0})


@NEEDS_NODE
def test_a_primitive_of_ones_own_is_calculated_too():
    @primitive("cube", elementwise=True)
    def mul(xp, x):  # by the name of one of the table
        return x * x * x

    mul.defvjps(x=lambda xp, g, y, x: g * (3 * x * x))
    x = Value(2.0, "x")
    agrees(mul(x) * x, {x: -1.5})


def test_what_stands_in_the_way_is_named():
    a = Tensor(A[:, :3], "a")

    @primitive("mine")
    def mine(xp, x):
        return xp.sum(x)

    mine.defvjps(x=lambda xp, g, y, x: g * xp.ones_like(x))
    for y, named in (
        (autograd.inv(a), "inv stands in the way: it is not written out by elements"),
        (autograd.sort(a, axis=0), "argsort stands in the way"),
        (mine(a), "mine stands in the way"),
        (registry.gammaln(a * a), "gammaln stands in the way: JavaScript cannot calculate it"),
        (a[(a > 0)].sum(), "its index is computed"),
        (Tensor(np.ones((200, 100))) @ Tensor(np.ones((100, 20))), "the page would have to compute 848,000 numbers"),
    ):
        with pytest.raises(ValueError, match=named):
            program(y)


def test_the_op_table_is_small():
    assert sum(map(calculates, table())) > 60
    assert len(op_table().encode()) < 10_000
