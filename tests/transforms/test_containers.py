"""Nested tuples, lists and dicts: taken apart, rebuilt, compared; and what transforms make of them."""

from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value, elementwise_grad, grad, hessian, hvp, jacobian, jvp, sum, tanh, value_and_grad, vjp
from autograd.transforms.containers import leaves, matched, rebuilt

Layer = namedtuple("Layer", "W b")
trees = st.recursive(
    st.integers(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2), inner, max_size=3),
        st.tuples(inner, inner).map(lambda pair: Layer(*pair)),
    ),
    max_leaves=8,
)


def same_types(a, b):
    assert type(a) is type(b)
    for x, y in zip(a.values(), b.values(), strict=True) if isinstance(a, dict) else ():
        same_types(x, y)
    for x, y in zip(a, b, strict=True) if isinstance(a, (list, tuple)) else ():
        same_types(x, y)


@given(trees)
def test_rebuilding_from_the_leaves_gives_the_same_container(tree):
    twin = rebuilt(tree, iter(leaves(tree)))
    assert twin == tree
    same_types(twin, tree)
    if isinstance(tree, (list, dict)):
        assert twin is not tree


@given(trees)
def test_a_container_matches_itself_leaf_by_leaf(tree):
    places = list(matched(tree, tree, "tree"))
    assert [leaf for _, leaf, _ in places] == leaves(tree)
    for place, leaf, other in places:
        assert leaf is other
        assert eval(place, {"tree": tree}) == leaf


def test_kinds_of_dicts_are_kept():
    counts = defaultdict(list, a=[1], b=[2])
    twin = rebuilt(counts, iter("xy"))
    assert twin == {"a": ["x"], "b": ["y"]}
    assert twin.default_factory is list
    assert counts == {"a": [1], "b": [2]}
    ordered = OrderedDict(z=1, a=2)
    assert list(rebuilt(ordered, iter("xy")).items()) == [("z", "x"), ("a", "y")]
    assert list(leaves({2: "b", 1: "a"})) == ["b", "a"]


def test_a_counterpart_may_have_its_keys_in_another_order_and_lists_for_tuples():
    assert list(matched({"a": 1, "b": (2, 3)}, {"b": [20, 30], "a": 10})) == [
        ("['a']", 1, 10), ("['b'][0]", 2, 20), ("['b'][1]", 3, 30),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tree", "other", "text"),
    [
        ({"a": 1}, {"b": 1}, r"^at must be a dict with the keys 'a', not one with 'b'$"),
        ({"a": 1}, {}, r"^at must be a dict with the keys 'a', not one with none$"),
        ({"a": 1}, 3.0, r"^at must be a dict with the keys 'a', not a float$"),
        ({"a": (1, 2)}, {"a": (1,)}, r"^at\['a'\] must be a tuple of 2, not one of 1$"),
        ([[1]], [{}], r"^at\[0\] must be a list of 1, not one with none$"),
    ],
)
def test_the_place_where_structures_differ_is_named(tree, other, text):
    with pytest.raises(ValueError, match=text):
        list(matched(tree, other, "at"))


def net(p):
    first, second = p["layers"]
    hidden = tanh(first.W @ p["x"] + first.b)
    return sum(second[0] * hidden) ** 2 + second[1]


W, b, x = np.array([[0.1, 0.7], [0.3, 0.2]]), np.array([0.5, -0.5]), np.array([0.5, 0.8])
P = {"layers": [Layer(W, b), (np.array([0.4, 0.6]), 2.0)], "x": x}


def close(a, b):
    for one, other in zip(leaves(a), leaves(b), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_the_gradient_of_a_container_is_the_same_container():
    g = grad(net)(P)
    same_types(g, P)
    assert [np.shape(one) for one in leaves(g)] == [(2, 2), (2,), (2,), (), (2,)]
    by_W = grad(lambda W: net({**P, "layers": [Layer(W, b), P["layers"][1]]}))(W)
    by_last = grad(lambda c: net({**P, "layers": [P["layers"][0], (P["layers"][1][0], c)]}))(2.0)
    np.testing.assert_array_equal(g["layers"][0].W, by_W)
    assert g["layers"][1][1] == by_last == 1.0
    assert type(g["layers"][1][1]) is float
    value, again = value_and_grad(net)(P)
    assert float(value) == net({**P, "layers": [Layer(Tensor(W), b), P["layers"][1]]}).item()
    close(again, g)


def test_arguments_are_left_as_they_were():
    before = [np.copy(one) for one in leaves(P)]
    layers = P["layers"]
    g = grad(net)(P)
    hessian(net)(P)
    assert P["layers"] is layers
    for one, old, slope in zip(leaves(P), before, leaves(g), strict=True):
        np.testing.assert_array_equal(one, old)
        assert not np.shares_memory(one, slope)


def test_containers_may_be_changed_by_the_function_and_after_it():
    def popping(p):
        return p.pop("a") * p["b"].pop()

    p = {"a": 2.0, "b": [3.0]}
    assert grad(popping)(p) == {"a": 3.0, "b": [2.0]}
    value, pull = vjp(lambda p: [p["a"] * p["b"][0]], p)
    p["c"] = 1.0
    value.append(0.0)
    assert pull([1.0]) == ({"a": 3.0, "b": [2.0]},)
    value, pull = vjp(lambda p: [p["a"] * 2.0], {"a": Value(1.0)})
    value.append(0.0)
    assert float(pull([1.0])[0]["a"]) == 2.0


def test_argnums_give_a_tuple_of_containers():
    f = lambda p, c, q: p["a"] * q[0] * c
    assert grad(f, (2, 0))({"a": 2.0}, 3.0, [5.0]) == ([6.0], {"a": 15.0})
    assert grad(f, (0,))({"a": 2.0}, 3.0, [5.0]) == ({"a": 15.0},)
    assert jacobian(f, (0, 1))({"a": 2.0}, 3.0, [5.0]) == ({"a": 15.0}, 10.0)
    assert hessian(f, (0, 2))({"a": 2.0}, 3.0, [5.0]) == ({"a": ({"a": 0.0}, [3.0])}, [({"a": 3.0}, [0.0])])


def test_the_layout_of_jacobian_and_hessian():
    f = lambda p: {"u": p["x"] * p["c"], "v": (sum(p["x"]),)}
    J = jacobian(f)({"x": np.array([1.0, 2.0, 3.0]), "c": 2.0})
    assert list(J) == ["u", "v"]
    assert list(J["u"]) == ["x", "c"]
    np.testing.assert_array_equal(J["u"]["x"], 2 * np.eye(3))
    np.testing.assert_array_equal(J["u"]["c"], [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(J["v"][0]["x"], np.ones(3))
    assert float(J["v"][0]["c"]) == 0.0
    H = hessian(lambda p: sum(p.W**2) * p.b)(Layer(np.array([1.0, 2.0]), 3.0))
    np.testing.assert_array_equal(H.W.W, 6 * np.eye(2))
    np.testing.assert_array_equal(H.W.b, [2.0, 4.0])
    np.testing.assert_array_equal(H.b.W, [2.0, 4.0])
    assert H.b.b == 0.0
    assert type(H.b.b) is float


def test_a_hessian_is_symmetrical_over_containers():
    H = hessian(net)(P)
    blocks = [leaves(row) for row in (H["layers"][0].W, H["layers"][0].b, *H["layers"][1], H["x"])]
    rows = [np.atleast_1d(one).ravel() for one in leaves(P)]
    full = np.block([[np.reshape(B, (r.size, c.size)) for B, c in zip(row, rows)] for row, r in zip(blocks, rows)])
    np.testing.assert_allclose(full, full.T, rtol=1e-12, atol=1e-15)
    v = {"layers": [Layer(W + 1, b - 1), (x * 2, 0.5)], "x": x - 3}
    flat = np.concatenate([np.atleast_1d(one).ravel() for one in leaves(v)])
    product = np.concatenate([np.atleast_1d(one).ravel() for one in leaves(hvp(net, P, v))])
    np.testing.assert_allclose(product, full @ flat, rtol=1e-11)


def test_vjp_and_jvp_keep_structures_and_are_each_others_transpose():
    f = lambda p, c: [(p["layers"][0].W @ p["x"] * c).sin(), {"n": net(p)}]
    tangents = ({"layers": [Layer(W + 1, b - 1), (x * 2, 0.5)], "x": x - 3}, 2.0)
    cotangent = [np.array([0.3, -2.0]), {"n": 1.5}]
    value, pull = vjp(f, P, 1.5)
    pulled = pull(cotangent)
    same_types(pulled, (P, 1.5))
    again, pushed = jvp(f, (P, 1.5), tangents)
    close(value, again)
    assert isinstance(pushed, list)
    assert list(pushed[1]) == ["n"]
    inner = lambda a, b: float(np.sum([np.sum(np.multiply(i, j)) for i, j in zip(leaves(a), leaves(b), strict=True)]))
    assert inner(cotangent, pushed) == pytest.approx(inner(pulled, tangents), rel=1e-12)


def test_constants_beside_nodes_in_a_result_have_zeros():
    f = lambda x: (x * x, 3.0, np.array([1.0, 2.0]), 4)
    value, pull = vjp(f, 3.0)
    assert value[:2] == (9.0, 3.0)
    np.testing.assert_array_equal(value[2], [1.0, 2.0])
    assert pull((1.0, 5.0, [6.0, 7.0], 8)) == (6.0,)
    J = jacobian(f)(3.0)
    assert (J[0], J[1], J[3]) == (6.0, 0.0, 0.0)
    np.testing.assert_array_equal(J[2], [0.0, 0.0])
    tangent = jvp(f, (3.0,), (1.0,))[1]
    assert (tangent[0], tangent[1], tangent[3]) == (6.0, 0.0, 0.0)


def test_integers_among_the_leaves():
    g = grad(lambda p: p["w"] * p["n"])({"w": 2.0, "n": 3})
    assert g == {"w": 3.0, "n": 2.0}
    g = grad(lambda p: (p["w"] * p["n"]).sum())({"w": 2.0, "n": np.array([3, 4])})
    assert g["w"] == 7.0
    np.testing.assert_array_equal(g["n"], [2.0, 2.0], strict=True)
    with pytest.raises(TypeError, match=r"^grad: args\[0\]\['n'\]: data of dtype bool .*1\.0 for 1"):
        grad(lambda p: p["w"])({"w": 2.0, "n": np.array([True])})


def test_nodes_in_containers_give_nodes():
    w = Value(2.0)
    g = grad(lambda p: p["w"] ** 2 * p["c"])({"w": w, "c": 3.0})
    assert isinstance(g["w"], Value)
    g["w"].backward()
    assert w.grad == 6.0
    assert float(g["c"].data) == 4.0


def test_empty_containers():
    assert grad(lambda x, p: x * x, (0, 1))(3.0, {}) == (6.0, {})
    assert grad(lambda p: p[0] ** 2)((3.0, (), [])) == (6.0, (), [])
    assert vjp(lambda x: (x, []), 2.0)[1]((1.0, [])) == (1.0,)


def test_elementwise_grad_of_a_container():
    g = elementwise_grad(lambda p: p["a"] ** 2 * p["b"])({"a": np.array([1.0, 2.0]), "b": 3.0})
    np.testing.assert_array_equal(g["a"], [6.0, 12.0])
    assert g["b"] == 5.0


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: grad(net)({**P, "x": "text"}), TypeError, r"^grad: args\[0\]\['x'\]: 'text' is not a number"),
        (lambda: grad(lambda x, p: x)(1.0, [(None,)]), None, ""),
        (lambda: grad(lambda x, p: x, 1)(1.0, [(None,)]), TypeError, r"^grad: args\[1\]\[0\]\[0\]: None is not a num"),
        (lambda: hessian(lambda p: p)({"a": {1.0}}), TypeError, r"^hessian: args\[0\]\['a'\]: set is not a number"),
        (lambda: vjp(lambda x: {"u": x, "v": x}, 1.0)[1]({"u": 1.0}), ValueError, r"^vjp: cotangent must be a dict wi"),
        (lambda: vjp(lambda x: (x, [x]), 1.0)[1]((1.0, 2.0)), ValueError, r"^vjp: cotangent\[1\] must be a list of 1"),
        (lambda: vjp(lambda p: p[0] * p[1], (1.0, x))[1](1.0), ValueError, r"^vjp: cotangent has shape \(\), but "),
        (lambda: jvp(net, (P,), ({**P, "x": 1.0},)), ValueError, r"^jvp: tangents\[0\]\['x'\] has shape \(\), but it"),
        (lambda: jvp(net, (P,), (P, P)), ValueError, r"^jvp: tangents must be a tuple of 1, not one of 2"),
        (lambda: hvp(net, P, P["layers"]), ValueError, r"^hvp: v must be a dict with the keys 'layers', 'x', "),
        (lambda: hvp(net, P, {**P, "x": None}), TypeError, r"^hvp: v\['x'\]: None is not a number"),
        (lambda: grad(lambda x: (x, x))(1.0), TypeError, r"^grad: the function returned tuple, .*vjp, jvp "),
        (lambda: jacobian(lambda x: (x, "a"))(1.0), TypeError, r"^jacobian: what the function returned: 'a' is not a"),
    ],
)
def test_errors_name_the_place(call, kind, text):
    if kind is None:
        assert call() == 1.0
        return
    with pytest.raises(kind, match=text):
        call()
