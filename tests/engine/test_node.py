"""Nodes are plain data: order, duplicates, identity, freedom from cycles, long chains, pickling and copying."""

import contextlib
import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, gradients, graph, no_grad, where
from autograd.engine.node import Node
from autograd.graph import toposort
from tests.helpers.support import KINDS

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
MILLION = 1_000_000


@kinds
def test_operands_keep_their_order_and_duplicates(kind):
    x, y = kind(2.0), kind(3.0)
    for node, parents in [
        (x - y, (x, y)),
        (y - x, (y, x)),
        (x * x, (x, x)),
        (where(x > y, x, y), None),
        (2.0 - x, None),
    ]:
        if parents:
            assert all(a is b for a, b in zip(node.parents, parents, strict=True))
        assert isinstance(node.parents, tuple)
    assert (2.0 - x).parents[1] is x
    assert (2.0 - x).parents[0].data == 2.0
    chosen = where(x > y, x, y)
    assert chosen.parents[0].op.name == "greater"
    assert chosen.parents[1:] == (x, y) or (chosen.parents[1] is x and chosen.parents[2] is y)


@kinds
def test_a_leaf_has_no_op_and_a_fresh_node_no_gradient(kind):
    x = kind(2.0, label="x")
    assert (x.op, x.parents, dict(x.params), x.label, x.has_grad, x.requires_grad) == (None, (), {}, "x", False, True)
    y = x * x
    assert (y.label, y.has_grad, y.requires_grad) == (None, False, True)


@kinds
def test_nodes_hold_no_closures_and_take_no_other_attributes(kind):
    y = kind(2.0) * 3
    for name in ("data", "grad", "op", "parents", "params", "label", "requires_grad"):
        assert not callable(getattr(y, name)) or name == "op"
    assert not hasattr(y, "__dict__")
    with pytest.raises(AttributeError):
        y.backward_function = None
    with pytest.raises((AttributeError, TypeError)):
        (kind([1.0]) if kind is Tensor else y).params["axis"] = 0


@kinds
@pytest.mark.parametrize("name", ["m", "v", "velocity", "exp_avg", "name", "lable", "requires_gard", "grd", "buffer"])
def test_an_attribute_of_ones_own_is_an_error_that_says_where_to_keep_it(kind, name):
    for node in (kind(2.0), kind(2.0) * 3):
        with pytest.raises(AttributeError, match=rf"{name!r}.* in a dict keyed by the node.*subclass.*class My") as e:
            setattr(node, name, 0)
        assert (e.value.name, e.value.obj) == (name, node) or e.value.obj is node
        assert not hasattr(node, name)
        assert not hasattr(kind, name)
        assert name not in dir(node)
    with pytest.raises(AttributeError, match="its requires_grad may be meant"):
        kind(1.0).require_grad = False
    with pytest.raises(AttributeError, match=f"{kind.__name__!r} object has no attribute 'm'"):
        kind(1.0).m


@pytest.mark.parametrize("kind", [Value, Tensor, nn.Parameter])
def test_a_subclass_takes_attributes_and_copies_of_it_have_them(kind):
    class Weight(kind):
        step = 0

    Weight.__qualname__ = "Weight"
    Weight.__module__ = __name__
    globals()["Weight"] = Weight
    w = Weight([2.0] if kind is nn.Parameter else 2.0, "w")
    w.m, w.other, w.itself = [0.5], {"a": 1}, w
    w.step += 1
    assert "m" in dir(w)
    for twin in (copy.copy(w), copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        assert type(twin) is Weight
        assert (twin.m, twin.other, twin.step, twin.label) == ([0.5], {"a": 1}, 1, "w")
    for twin in (copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        assert twin.itself is twin
        assert twin.m is not w.m
    leaf = toposort(copy.deepcopy(w * 2))[0]
    assert leaf.m == [0.5]
    if kind is nn.Parameter:
        assert type(w * 2) is Tensor
        return
    y = w * 2
    y.m, y.of = [1.5], w
    for twin in (copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert type(twin) is Weight
        assert (twin.m, twin.of.label, twin.parents[0].label) == ([1.5], "w", "w")


@kinds
def test_nodes_are_weakly_referable(kind):
    x = kind([1.0, 2.0]) if kind is Tensor else kind(1.0)
    y = x * x
    gone = weakref.ref(y)
    assert gone() is y
    kept, members = weakref.WeakKeyDictionary({x: "x", y: "y"}), weakref.WeakSet([x])
    for mode in (contextlib.nullcontext, no_grad):
        with mode():
            assert (kept[x], kept[y], kept.get(x + 0.0)) == ("x", "y", None)
            assert x in members
            assert y not in members
    del y
    assert gone() is None
    assert list(kept.values()) == ["x"]
    if kind is Tensor:
        with pytest.raises(ValueError, match="neither true nor false"):
            bool(x == x + 0.0)


class Text(str):
    """A text of a kind of one's own."""


@pytest.mark.parametrize("kind", [Value, Tensor, lambda data, label: nn.Parameter([data], label)])
@pytest.mark.parametrize("label", [3, 1.5, b"x", ["x"], ("a", "b"), {"x"}, np.array("x"), Value(1.0)], ids=repr)
def test_a_label_is_a_text_or_none(kind, label):
    with pytest.raises(TypeError, match=r"(Value|Tensor|Parameter): a label is a text or None, not \w+"):
        kind(1.0, label)
    x = kind(1.0, "x")
    for node in (x, x * 2):
        with pytest.raises(TypeError, match="a label is a text or None, not"):
            node.label = label
        node.label = Text("y")
        assert type(node.label) is str
        assert node.label == "y"
        node.label = None
        assert node.label is None
    with pytest.raises(TypeError, match="not bool; requires_grad="):
        x.label = True


# ---- whether there is a gradient ----


@kinds
def test_has_grad_says_whether_a_pass_reached_the_node(kind):
    x, other = kind(2.0), kind(3.0)
    nothing = 0.0 if kind is Value else None
    y = x * x
    assert (x.has_grad, x.grad, y.has_grad, y.grad) == (False, nothing, False, nothing)
    assert "grad" not in repr(x)
    y.backward()
    assert x.has_grad
    assert y.has_grad
    assert "grad" in repr(x)
    assert (other.has_grad, other.grad) == (False, nothing)
    for clear in (lambda: x.zero_grad(), lambda: setattr(x, "grad", None)):
        x.grad = 1.0
        assert x.has_grad
        clear()
        assert (x.has_grad, x.grad) == (False, nothing)
    x.grad = 0.0
    assert x.has_grad
    assert "grad" in repr(x)
    c = x > 1
    assert (c.has_grad, c.grad) == (False, nothing)
    with pytest.raises(AttributeError):
        x.has_grad = True


def test_a_values_gradient_is_added_to_from_nothing():
    p, unused = Value(2.0), Value(1.0)
    p.grad += 3.0
    assert (p.has_grad, p.grad) == (True, 3.0)
    (p * p).backward()
    assert p.grad == 7.0
    for q in (p, unused):  # micrograd's zero_grad
        q.grad = 0.0
    assert unused.has_grad


@kinds
def test_has_grad_survives_every_copy(kind):
    x, unused = kind(2.0, "x"), kind(3.0, "unused")
    y = x * 2.0
    y.backward()
    z = y + unused
    twins = [copy.deepcopy(z), pickle.loads(pickle.dumps(z)), graph.from_json(graph.to_json(z))]
    for twin in twins:
        assert {n.label: n.has_grad for n in toposort(twin) if n.label} == {"x": True, "unused": False}
    entries = graph.to_dict(z)["nodes"]
    assert [e["grad"] for e in entries if e["label"]] == [2.0, None]


def test_the_ops_of_the_table_are_shared_records():
    a, b = Value(1.0) + 1, Tensor([1.0]) + 1
    assert a.op is b.op is autograd.add


def test_equality_is_elementwise_and_hashing_by_identity():
    x, y = Value(1.0), Value(1.0)
    assert isinstance(x == y, Value)
    assert (x == y).data is True
    assert len({x, y}) == 2
    assert hash(x) == object.__hash__(x)
    np.testing.assert_array_equal((Tensor([1.0, 2.0]) == Tensor([1.0, 3.0])).data, [True, False])
    assert len({Tensor([1.0, 2.0]), Tensor([1.0, 2.0])}) == 2
    assert (x == None) is False  # noqa: E711
    assert (x != "x") is True


@kinds
def test_comparisons_are_nodes_with_parents_and_without_gradients(kind):
    x, y = kind(1.0), kind(2.0)
    for node in (x < y, x <= y, x > y, x >= y, x == y, x != y, autograd.sign(x), autograd.isfinite(x)):
        assert isinstance(node, kind)
        assert node.parents[0] is x
        assert not node.requires_grad
    with pytest.raises(ValueError, match="requires no gradient"):
        (x < y).backward()


@kinds
def test_arithmetic_of_conditions_gives_numbers(kind):
    x = kind(2.0)
    for node in ((x > 1) * (x > 1), (x > 1) + 1.0, (x > 1) * x):
        assert kind is Tensor or type(node.data) is float
    assert ((x > 1) * x).item() == 2.0


# ---- the order ----


def diamond(kind=Value):
    x, y = kind(2.0, "x"), kind(3.0, "y")
    s = x + y
    return (s * x) * (s * y), x, y, s


@kinds
def test_the_order_has_every_node_once_parents_first(kind):
    out, x, y, _ = diamond(kind)
    order = toposort(out)
    place = {n: i for i, n in enumerate(order)}
    assert len(place) == len(order) == 6
    assert all(place[p] < place[n] for n in order for p in n.parents)
    assert order[0] is x
    assert order[1] is y
    assert order[-1] is out


def test_the_order_is_a_pure_function_of_the_graph():
    out, *_ = diamond()
    first = [id(n) for n in toposort(out)]
    before = [(n.data, n.grad, n.parents, n.label) for n in toposort(out)]
    out.backward()
    assert [id(n) for n in toposort(out)] == first
    assert [(n.data, n.parents, n.label) for n in toposort(out)] == [(d, p, label) for d, _, p, label in before]
    twin, *_ = diamond()
    assert [(n.label, n.op) for n in toposort(twin)] == [(n.label, n.op) for n in toposort(out)]


def test_several_outputs_are_sorted_together():
    x = Value(1.0)
    a = x + 1
    b = a * x
    for outputs in ([b, a], [a, b], [b, b]):
        order = toposort(outputs)
        assert len(order) == len(set(order))
        assert order[-1] is b


# ---- no cycles ----


def built_and_dropped(kind):
    x = kind(2.0) if kind is Value else kind([2.0, 3.0])
    y = (x * x + x.sin()) / (x + 1.0)
    y = where(y > 0, y, -y)
    y = y if kind is Value else y[y > 0].sum()
    y.backward()
    y.backward()
    slope = gradients(y, x, create_graph=True)
    slope = slope if kind is Value else slope.sum()
    slope.backward()
    copy.deepcopy(y)
    pickle.loads(pickle.dumps(y))
    repr(y)


def recorded_nodes():
    """The recorded nodes alive in this process, by identity: other tests may hold some (in a traceback, say)."""
    return {id(o) for o in gc.get_objects() if issubclass(type(o), Node) and o.op is not None}


@kinds
def test_a_dropped_graph_is_freed_without_the_collector(kind):
    built_and_dropped(kind)
    gc.collect()
    gc.disable()
    try:
        before = recorded_nodes()
        built_and_dropped(kind)
        assert not recorded_nodes() - before
        unreachable = gc.collect()
    finally:
        gc.enable()
    assert unreachable == 0


def test_a_dropped_graph_is_freed_after_an_error_too():
    gc.collect()
    gc.disable()
    try:
        before = recorded_nodes()
        for bad in ([1.0, 2.0, 3.0], [1.0, 2.0]):  # shapes that do not meet; a backward of no scalar
            try:
                (Tensor([1.0, 2.0]) * Tensor(bad)).backward()
            except ValueError:
                pass
        assert not recorded_nodes() - before
    finally:
        gc.enable()


# ---- long chains ----


@pytest.mark.no_cover  # as in tests/ops/test_gradients.py
def test_a_chain_of_a_million_additions():
    x, one = Value(1.0), Value(1.0)
    y = x
    for _ in range(MILLION):
        y = y + one
    assert y.data == MILLION + 1
    y.backward()
    assert x.grad == 1.0
    assert one.grad == MILLION
    assert gradients(y, x) == 1.0
    assert len(toposort(y)) == MILLION + 2
    del y  # the nesting is a million deep, and dropping it must not recurse


def test_a_long_chain_of_arrays_and_of_gradient_graphs():
    x = Tensor([1.0, 2.0])
    y = x
    for _ in range(20_000):
        y = y * 1.0001
    y.sum().backward()
    np.testing.assert_allclose(x.grad, 1.0001**20_000, rtol=1e-9)
    slope = gradients(y.sum(), x, create_graph=True)
    np.testing.assert_array_equal(slope.data, x.grad)
    del y, slope


def chain(n):
    x = Value(0.5, label="x")
    y = x
    for _ in range(n):
        y = y * 1.0 + x
    return y, x


def test_a_long_chain_is_copied_and_pickled():
    y, x = chain(20_000)
    assert len(toposort(y)) >= 40_000
    for twin in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert twin.data == y.data
        leaf = next(n for n in toposort(twin) if n.label == "x")
        assert leaf is not x
        twin.backward()
        assert leaf.grad == 20_001.0
        assert not x.has_grad


# ---- copies ----


def model():
    x, w = Tensor([[1.0, 2.0], [3.0, 4.0]], "x"), Tensor([0.5, -1.0], "w")
    y = (x @ w).sigmoid()
    z = (y * y)[y > 0.1].sum() + Value(2.0, "v") * w.sum()
    z.backward()
    return z


@pytest.mark.parametrize("twin_of", [copy.deepcopy, lambda z: pickle.loads(pickle.dumps(z))], ids=["copied", "pickled"])
def test_a_copy_is_the_same_graph_and_shares_nothing(twin_of):
    z = model()
    twin = twin_of(z)
    old, new = toposort(z), toposort(twin)
    assert len(old) == len(new)
    for a, b in zip(old, new, strict=True):
        assert a is not b
        assert (type(a), a.op, a.label, a.requires_grad, dict(a.params)) == (
            type(b),
            b.op,
            b.label,
            b.requires_grad,
            dict(b.params),
        )
        np.testing.assert_array_equal(a.data, b.data)
        assert a.has_grad == b.has_grad
        if a.has_grad:
            np.testing.assert_array_equal(a.grad, b.grad)
        if isinstance(a, Tensor):
            assert not np.shares_memory(a.data, b.data)
        assert [place_in(old, p) for p in a.parents] == [place_in(new, p) for p in b.parents]
    before = [np.copy(n.grad) for n in old if n.has_grad]
    twin.backward()
    for g, n in zip(before, [n for n in old if n.has_grad], strict=True):
        np.testing.assert_array_equal(g, n.grad)


def place_in(nodes, node):
    return next(i for i, n in enumerate(nodes) if n is node)


def test_nodes_copied_or_pickled_together_keep_sharing_leaves():
    x = Value(2.0)
    for a, b in (copy.deepcopy([x * x, x + 1]), pickle.loads(pickle.dumps([x * x, x + 1]))):
        assert a.parents[0] is b.parents[0]
        assert a.parents[0] is a.parents[1]


@kinds
@pytest.mark.parametrize("twins_of", [copy.deepcopy, lambda nodes: pickle.loads(pickle.dumps(nodes))])
def test_nodes_copied_or_pickled_together_stay_in_one_graph(kind, twins_of):
    x = kind(2.0)
    h = x * x
    y, z = h * 3.0, (h + 1.0) * x
    for nodes in ([y, h, z, x], [x, h, y, z], [z, y, x, h]):
        twin = dict(zip(nodes, twins_of(nodes), strict=True))
        assert twin[h] is not h
        assert twin[y].parents[0] is twin[h] is twin[z].parents[0].parents[0]
        assert twin[h].parents[0] is twin[x] is twin[z].parents[1]
        assert gradients(twin[y], twin[h]) == 3.0


def test_nodes_of_a_long_chain_are_pickled_together():
    y, _ = chain(2_000)
    nodes = toposort(y)
    for order in (nodes, nodes[::-1]):
        twins = pickle.loads(pickle.dumps(order))
        place = {n: i for i, n in enumerate(order)}
        assert all(
            p is twins[place[q]]
            for n, t in zip(order, twins, strict=True)
            for p, q in zip(t.parents, n.parents, strict=True)
        )
    assert len(pickle.dumps(nodes)) < 3 * len(pickle.dumps(y))  # in which none is written twice


def test_pickling_anew_writes_what_is_now():
    x = Value(2.0)
    y = x * x
    first = pickle.dumps(y)
    y.label = "y"
    y.backward()
    twin = pickle.loads(pickle.dumps(y))
    assert (twin.label, twin.grad, twin.parents[0].grad) == ("y", 1.0, 4.0)
    assert pickle.loads(first).label is None


def test_a_copied_graph_can_be_changed_and_recorded_on():
    z = model()
    twin = copy.deepcopy(z)
    w = next(n for n in toposort(twin) if n.label == "w")
    y = (twin * w).sum()
    y.backward()
    w.data -= 0.1
    with pytest.raises(ValueError, match="changed after"):
        y.backward()
