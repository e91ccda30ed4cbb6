"""A graph as plain data and as JSON: read back, it holds, runs and differentiates as before; bad text is an error."""

import copy
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, gradients, primitive, where
from autograd.graph import from_json, replay, to_dict, to_json, toposort
from autograd.ops import table
from autograd.ops.rearranging import diag, pad_array, repeat, tile
from autograd.ops.shaping import reshape
from autograd.ops.static import CHECKS
from autograd.testing.op_inputs import templates
from nn import Parameter
from tests.helpers.programs import SHAPES, ours, programs
from tests.helpers.support import KINDS, examples

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def identical(a, b):
    """Equal to the last bit, in type, dtype and shape; a nan is a nan."""
    assert type(a) is type(b)
    if a is not None:
        a, b = np.asarray(a), np.asarray(b)
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        if a.dtype.kind == "f":
            assert np.array_equal(np.signbit(a) & ~np.isnan(a), np.signbit(b) & ~np.isnan(b))


def round_trip(y, primitives=()):
    text = to_json(y)
    back = from_json(text, primitives)
    assert to_json(back) == text
    for a, b in zip(toposort(y), toposort(back), strict=True):
        identical(a._data, b._data)
        identical(a.grad, b.grad)
        assert (a.op, dict(a.params), a.requires_grad) == (b.op, dict(b.params), b.requires_grad)
        assert a.label == b.label
    return back


@given(programs([()]))
@examples(60)
def test_random_scalar_graphs(program):
    leaves, lines = program
    y = ours([Value(x) for x in leaves], lines)
    back = round_trip(y)
    y.backward()
    back.backward()
    round_trip(y)
    for a, b in zip(toposort(y), toposort(back), strict=True):
        identical(a.grad, b.grad)


@given(programs(SHAPES))
@examples(60)
def test_random_graphs_of_arrays(program):
    leaves, lines = program
    xs = [Tensor(x) for x in leaves]
    y = ours(xs, lines)
    back = round_trip(y)
    seed = np.cos(np.arange(y.size)).reshape(y.shape)
    twins = dict(zip(toposort(y), toposort(back), strict=True))
    y.backward(seed)
    back.backward(seed)
    for a, b in twins.items():
        identical(a.grad, b.grad)
    moved = {x: x.data + 0.125 for x in xs if x in twins}
    with np.errstate(all="ignore"):
        identical(replay(y, moved), replay(back, {twins[x]: v for x, v in moved.items()}))


def test_the_dictionary_has_exactly_these_entries():
    m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    y = m * x + b
    y.backward()
    graph = to_dict(y)
    assert graph == {
        "nodes": [
            {"id": 0, "kind": "Value", "op": None, "params": {}, "label": "m", "data": 3.0, "grad": 2.0, "shape": []},
            {"id": 1, "kind": "Value", "op": None, "params": {}, "label": "x", "data": 2.0, "grad": 3.0, "shape": []},
            {"id": 2, "kind": "Value", "op": None, "params": {}, "label": "b", "data": 1.0, "grad": 1.0, "shape": []},
            {"id": 3, "kind": "Value", "op": "mul", "params": {}, "label": None, "data": 6.0, "grad": 1.0, "shape": []},
            {"id": 4, "kind": "Value", "op": "add", "params": {}, "label": None, "data": 7.0, "grad": 1.0, "shape": []},
        ],
        "edges": [
            {"from": 0, "to": 3, "slot": 0},
            {"from": 1, "to": 3, "slot": 1},
            {"from": 3, "to": 4, "slot": 0},
            {"from": 2, "to": 4, "slot": 1},
        ],
    }
    W = Parameter([[1.0, 2.0]], "W")
    (node, total) = to_dict(W.sum(axis=(0, 1)))["nodes"]
    assert total["params"] == {"axis": [0, 1], "keepdims": False}
    assert (node["kind"], node["data"], node["shape"]) == ("Tensor", [[1.0, 2.0]], [1, 2])


def test_ids_do_not_depend_on_where_nodes_lie_in_memory():
    def build():
        junk = [Value(i) for i in range(100)]
        x, w = Value(1.0), Value(2.0)
        y = (x * w + x).tanh() * w
        del junk
        return y

    assert len({to_json(build()) for _ in range(5)}) == 1


@pytest.mark.parametrize("label", ['"', "<b>", "{x}", "a\nb", "</script>", "😀", "\u202egnp", "\ud800", "\x00", ""])
def test_labels(label):
    round_trip(Value(1.0, label) * 2)


@kinds
@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
def test_numbers_that_are_not_finite_and_extreme_ones(kind):
    for number in (float("nan"), float("inf"), -float("inf"), -0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2):
        x = kind(number)
        y = x * number + x**2
        y.backward()
        text = to_json(y)
        json.loads(text, parse_constant=lambda s: pytest.fail(f"{s} is not JSON"))
        round_trip(y)
    round_trip(kind(2.0) ** float("inf"))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8, np.int64, np.uint64, bool])
def test_dtypes_and_shapes(dtype):
    for shape in ((), (3,), (0,), (0, 3), (2, 0, 3), (1, 2, 1)):
        x = Tensor(np.ones(shape, dtype), "x")
        back = round_trip(x)
        assert back.data.dtype == dtype
        assert back.shape == shape
    x = Tensor(np.array([1.5, np.nan, -np.inf], np.float32))
    round_trip(x * 2)
    round_trip(Tensor(np.array(2**63, np.uint64)))


def test_many_kinds_of_ops_with_static_arguments():
    x = Tensor(np.arange(6.0).reshape(2, 3) + 1, "x")
    for y in (
        x[0, 1:], x[:, None], x[..., -1], x[x > 2], x[[0, 1], [1, 2]], x.sum(axis=(0, 1), keepdims=True), x.T,
        x.mean(axis=-1), x.reshape(3, -1), autograd.concatenate([x, x], axis=1), autograd.swapaxes(x, 0, 1), x**0.5,
        x**2, where(x > 2, x, 0), autograd.stack([x, x]), x @ x.T, x.max(axis=0), autograd.broadcast_to(x, (4, 2, 3)),
    ):  # fmt: skip
        back = round_trip(y)
        leaf = next(n for n in toposort(back) if n.label == "x")
        y.backward(np.ones(y.shape))
        back.backward(np.ones(y.shape))
        identical(x.grad, leaf.grad)
        identical(replay(y, {x: x.data * 2}), replay(back, {leaf: x.data * 2}))
        x.zero_grad()


def test_a_gradient_graph_is_a_graph_too():
    x = Value(2.0, "x")
    slope = gradients(autograd.sin(x**3), x, create_graph=True)
    back = round_trip(slope)
    leaf = next(n for n in toposort(back) if n.label == "x")
    identical(gradients(slope, x), gradients(back, leaf))


def test_several_outputs_share_their_graph():
    x = Value(2.0, "x")
    y, z = from_json(to_json([x * x, x + 1]))
    (y * z).backward()
    assert toposort(y)[0] is toposort(z)[0]
    assert toposort(y)[0].grad == 16.0
    assert from_json(to_json([])) == []


@primitive("x³", elementwise=True)
def cube(xp, x):
    """The third power."""
    return x * x * x


cube.defvjps(x=lambda xp, g, y, x: g * (3 * x * x))


def test_primitives_of_ones_own_are_passed_in():
    y = cube(Value(2.0, "x"))
    back = round_trip(y, [cube])
    back.backward()
    assert toposort(back)[0].grad == 12.0
    with pytest.raises(ValueError, match=r"primitive 'cube'.*primitives=\[cube\]"):
        from_json(to_json(y))

    @primitive("×", elementwise=True)
    def mul(xp, a, b):
        return a + b

    mul.defvjps(a=lambda xp, g, y, a, b: g, b=lambda xp, g, y, a, b: g)
    x = Value(2.0)
    with pytest.raises(ValueError, match="primitive 'mul'"):
        from_json(to_json(mul(x, x)))
    with pytest.raises(ValueError, match="share one of mul"):
        to_json(mul(x, x) * x)


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_loaded_graph_refuses_what_changed_after_its_recording(kind):
    x, w = kind(2.0, "x"), kind(3.0, "w")
    before = x * w
    x.data = 5.0
    after = x * w
    w.data -= 1.0
    later = w * w
    texts = [to_json(y) for y in (before, after, later, x + w)]
    assert ["stamp" in text for text in texts] == [True, True, False, False]
    assert to_json(from_json(texts[0])) == texts[0]
    for text in texts:
        Value(1.0).data = 2.0  # stamps are of the process, and what counts is their order
        y = from_json(text)
        if y.op.name == "add" or text == texts[2]:
            y.backward()
        else:
            with pytest.raises(ValueError, match=r"mul: .*changed after mul was recorded"):
                y.backward()
    fresh = from_json(texts[2])
    toposort(fresh)[0].data = 7.0
    with pytest.raises(ValueError, match="changed after"):
        fresh.backward()
    y, z = from_json(to_json([before, later]))
    z.backward()
    with pytest.raises(ValueError, match="changed after"):
        y.backward()
    both = y + z
    with pytest.raises(ValueError, match="changed after"):
        from_json(to_json(from_json(to_json(both)))).backward()


@pytest.mark.parametrize("stamp", ["-1", "99", "true", "1.0", '"1"', "null"])
def test_hostile_stamps(stamp):
    text = GOOD.replace('"label": "x"', f'"label": "x", "stamp": {stamp}')
    with pytest.raises(ValueError, match=r"^from_json: node \d: .*stamp"):
        from_json(text)


@pytest.mark.parametrize(
    ("data", "shape"), [([[1, 2, 3], [4, 5, 6]], [3, 2]), ([[1, 2, 3], [4, 5, 6]], [6]), ([1, 2], [2, 1]), ([1], []),
                        ([[], []], [3, 0]), ([], [2, 0]), ([], []), ([[]], [0, 3]), ([[], []], [2, 0, 3, 1])],
)  # fmt: skip
def test_a_leaf_whose_data_have_another_shape(data, shape):
    leaf = json.loads(to_json(Tensor([1.0])))
    leaf["nodes"][0] |= {"data": data, "shape": shape}
    for grad in (None, data):
        leaf["nodes"][0]["grad"] = grad
        text = json.dumps(leaf)
        if (data, shape) == ([[], []], [2, 0, 3, 1]):  # lists end at a length of 0
            assert from_json(text).shape == (2, 0, 3, 1)
        else:
            with pytest.raises(ValueError, match="from_json: node 0: the data have shape"):
                from_json(text)


def test_what_cannot_be_written():
    with pytest.raises(TypeError, match="to_json: pass a Value or a Tensor"):
        to_json(3.0)
    with pytest.raises(TypeError, match="to_dict: pass a Value or a Tensor"):
        to_dict({})
    with pytest.raises(ValueError, match=r"dtype 'float16'"):
        from_json(to_json(Tensor([1.0, 2.0])).replace('"float64"', '"float16"'))


GOOD = to_json(Tensor([[1.0, 2.0]], "x") ** 2 * Tensor([[3.0], [4.0]], "w"))


def test_a_text_that_is_cut_off_anywhere():
    for end in range(0, len(GOOD) - 2, 3):
        with pytest.raises(ValueError, match="from_json: "):
            from_json(GOOD[:end])


HOSTILE = [
    ('"shape": [2, 2]', '"shape": [2, 3]'),
    ('"shape": [2, 2]', '"shape": [4]'),
    ('"shape": [2, 2]', '"shape": [2, -2]'),
    ('"shape": [1, 2]', '"shape": [1e3]'),
    ('"op": "mul"', '"op": "os.system"'),
    ('"op": "mul"', '"op": "__import__"'),
    ('"op": "mul"', '"op": ["mul"]'),
    ('"op": "mul"', '"op": null'),
    ('"op": "mul"', '"op": "matmul_"'),
    ('"op": "mul"', '"op": "where"'),
    ('"op": "mul"', '"op": "less"'),
    ('"exponent": 2', '"exponent": {"eval": "1"}'),
    ('"exponent": 2', '"other": 2'),
    ('"exponent": 2', '"exponent": {"float": "2"}'),
    ('"from": 0', '"from": 3'),
    ('"from": 0', '"from": -1'),
    ('"from": 0', '"from": 1.0'),
    ('"from": 0', '"from": true'),
    ('"slot": 1', '"slot": 0'),
    ('"slot": 1', '"slot": 2'),
    ('"slot": 1', '"slot": "1"'),
    ('"to": 3', '"to": 99'),
    ('"id": 2', '"id": 1'),
    ('"data": [[1.0, 2.0]]', '"data": [[1.0, "2.0"]]'),
    ('"data": [[1.0, 2.0]]', '"data": [[1.0], 2.0]'),
    ('"data": [[1.0, 2.0]]', '"data": [[1.0, null]]'),
    ('"data": [[1.0, 2.0]]', '"data": [[1.0, {}]]'),
    ('"data": [[1.0, 2.0]]', '"data": 1.0'),
    ('"data": [[1.0, 2.0]]', '"data": [[1.0, true]]'),
    ('"data": [[1.0, 2.0]]', f'"data": [[1.0, 1{"0" * 400}]]'),
    ('"grad": null', '"grad": [1.0]'),
    ('"dtype": "float64"', '"dtype": "object"'),
    ('"dtype": "float64"', '"dtype": "float"'),
    ('"dtype": "float64"', '"dtype": ["float64"]'),
    ('"dtype": "float64"', '"dtype": "int64"'),
    ('"kind": "Tensor"', '"kind": "Value"'),
    ('"kind": "Tensor"', '"kind": "Node"'),
    ('"label": "x"', '"label": 3'),
    ('"requires_grad": true', '"requires_grad": 1'),
    ('"outputs": ', '"outputs": 1'),
    ('"outputs": ', '"outputs": "x", "was": '),
    ('"format": "graphgrad"', '"format": "pickle"'),
    ('"version": 1', '"version": 2'),
    ('"primitives": []', '"primitives": ["mul"]'),
    ('"primitives": []', '"primitives": [["mul"]]'),
    ('"nodes": [', '"nodes": {}, "were": ['),
    ('"edges": [', '"edges": [7,'),
]


@pytest.mark.parametrize(("old", "new"), HOSTILE)
def test_hostile_texts(old, new):
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    with pytest.raises(ValueError, match=r"^from_json: ") as error:
        from_json(text)
    assert len(str(error.value)) < 700


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "3", "{}", "NaN", "[" * 100_000, '{"a":' * 5000, "\x00", b"\xff\xfe"]
)
def test_texts_that_are_no_graph(text):
    with pytest.raises(ValueError, match=r"^from_json: "):
        from_json(text)


def test_a_static_argument_nested_without_end():
    deep = "[" * 900 + "]" * 900
    with pytest.raises(ValueError, match=r"^from_json: "):
        from_json(GOOD.replace('"exponent": 2', f'"exponent": {deep}, "y": {deep}'))
    with pytest.raises(TypeError, match="from_json: pass the text"):
        from_json(None)


@given(st.data())
@examples(200)
def test_a_text_with_a_part_exchanged_is_a_graph_or_a_clear_error(data):
    tokens = re.findall(r'"[^"]*"|[\d.]+|[^"\d]', GOOD)
    i, j = (data.draw(st.integers(0, len(tokens) - 1)) for _ in range(2))
    tokens[i] = tokens[j]
    try:
        from_json("".join(tokens))
    except ValueError as error:
        message = str(error)
    else:
        return
    assert message.startswith("from_json: ")


# ---- static arguments ----


@pytest.mark.op_files
def test_every_static_argument_of_the_table_has_a_check():
    missing = {f"{name} of {op.name}" for op in table() for name in op.params if name not in CHECKS}
    assert not missing, (
        f"a graph read from a file could hold anything for {missing}: add a check to autograd/ops/static.py"
    )


@pytest.mark.parametrize("op", [op for op in table() if op.params and not op.elementwise], ids=lambda op: op.name)
def test_the_static_arguments_of_every_op_are_taken_as_written(op):
    for template in templates(op):
        args = template.filled(np.random.default_rng(0))
        y = op(*(Tensor(a) for a in args), **template.params)
        again = from_json(to_json(y))
        assert (again.params, again.shape) == (y.params, y.shape)
        if op.shape_of is not None:
            assert op.shape_of(np.shape(args[0]), **y.params) == y.shape


def test_shapes_are_told_without_making_anything():
    x, v = np.ones((2, 3)), np.ones(3)
    for a, reps in ((x, 2), (x, (2, 1)), (x, (2, 1, 3)), (v, (2, 2)), (np.ones(()), (2,)), (x, (0, 2)), (x, ())):
        assert tile.shape_of(a.shape, reps=reps) == np.tile(a, reps).shape
    for a, n, axis in ((x, 2, None), (x, 2, 1), (x, (2, 1, 0), 1), (x, (3,), -1), (v, (1, 2, 3), None)):
        assert repeat.shape_of(a.shape, repeats=n, axis=axis) == np.repeat(a, n, axis).shape
    for a, k in ((x, 0), (x, 2), (x, 3), (x, 7), (x, -1), (x, -4), (v, 0), (v, 2), (v, -2)):
        assert diag.shape_of(a.shape, k=k) == np.diag(a, k).shape
    for a, width in ((x, 1), (x, (1, 2)), (x, ((1, 2), (3, 0))), (v, ((1, 2),))):
        assert pad_array.shape_of(a.shape, pad_width=width, mode="constant") == np.pad(a, width).shape
    for a, shape in ((x, 6), (x, -1), (x, (3, -1)), (x, (1, 6)), (np.ones((0, 2)), (2, 0))):
        assert reshape.shape_of(a.shape, shape=shape) == a.reshape(shape).shape


M = Tensor(np.ones((2, 3)))
STATICS = {
    "sum": (lambda: M.sum(axis=0), "axis", [10**9, -65, 1.0, True, "0", [0, 10**9], [[0]], {}, [0] * 100]),
    "keepdims": (lambda: M.sum(axis=0), "keepdims", [0, 1, None, "yes", []]),
    "broadcast_to": (lambda: np.broadcast_to(M, (4, 2, 3)), "shape", [[10**12, 2, 3], 10**12, [4, 2], [-1, 2, 3], "a"]),
    "reshape": (lambda: M.reshape(3, 2), "shape", [[10**6, 10**6], 7, [-1, -1], [2.0, 3], None]),
    "tile": (lambda: np.tile(M, (2, 1)), "reps", [[10**6, 10**6], 10**12, [-1, 1], [2.0], "a", [[2]]]),
    "repeat": (lambda: np.repeat(M, 2, 1), "repeats", [10**12, -2, 2.0, [1, 2], True, None]),
    "repeat, axis": (lambda: np.repeat(M, 2, 1), "axis", [0, None, 5, 10**9]),
    "pad": (lambda: np.pad(M, 1), "pad_width", [10**9, -1, [[10**9, 0], [0, 0]], [1, 2, 3], "a", [[[1]]]]),
    "pad, mode": (lambda: np.pad(M, 1), "mode", ["empty", "os.system", None, 3]),
    "diag": (lambda: np.diag(Tensor(np.ones(3))), "k", [10**9, 1, 0.0, None, 10**30]),
    "roll": (lambda: np.roll(M, 1), "shift", [10**30, 1.5, None, "a"]),
    "transpose": (lambda: M.T, "axes", [[0, 10**9], "a", [0.0, 1]]),
    "getitem": (lambda: M[0], "key", [["array"], [10**30], [["slice", 0, 1]], [["slice", 0, 1, 0]], [1.0], "a", [True],
                                      [["part", 0]], [["part", -1]], [{}]]),
    "einsum": (lambda: np.einsum("ij,kj->ik", M, M), "subscripts",
               ["ij,jk", "ij->ij", "ijk,kj->i", "ij,kj->iz", "__", 3]),
    "put_back": (lambda: graph_of(np.repeat(M, [1, 2, 0], 1)), "how",
                 ["load", "save", "fromfile", "os.system", "exec", "__import__", "linspace", "sum", "", ["flip"]]),
    "put_back, given": (lambda: graph_of(np.repeat(M, [1, 2, 0], 1)), "given",
                        [[], [10**12, 1], [[1, 2, 0], 1, 3], ["a", 1], "a", None, [[10**12, 2, 0], 1]]),
    "searchsorted": (lambda: np.searchsorted(Tensor([1.0, 2.0]), Tensor([1.5])), "side", ["middle", None, 1]),
    "var": (lambda: autograd.numpy.var(M, axis=0), "ddof", ["a", None, True, [1]]),
    "to_floats": (lambda: M.astype("float32"), "dtype",
                  ["O", "U100000000", "float16", "complex128", None, 3, ["float32"]]),
    "exponent": (lambda: M**2, "exponent", [10**400, True, "2", None, [2]]),
}  # fmt: skip


def graph_of(y):
    return gradients(y.sum(), M, create_graph=True)


@pytest.mark.parametrize("name", STATICS)
def test_hostile_static_arguments(name):
    make, param, hostile = STATICS[name]
    good = json.loads(to_json(make()))
    (place,) = [i for i, node in enumerate(good["nodes"]) if param in node["params"] and node["op"] == op_named(name)]
    from_json(json.dumps(good))
    for value in hostile:
        bad = copy.deepcopy(good)
        bad["nodes"][place]["params"][param] = value
        with pytest.raises(ValueError, match=rf"^from_json: node {place}: ") as error:
            from_json(json.dumps(bad))
        assert len(str(error.value)) < 300, value


def op_named(name):
    name = name.partition(",")[0]
    return {"keepdims": "sum", "pad": "pad_array", "einsum": "contraction", "exponent": "pow_number"}.get(name, name)
