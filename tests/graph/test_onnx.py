"""ONNX models of recorded graphs, run by onnxruntime: every op that has a counterpart."""

import sys
import warnings

import numpy as np
import pytest

import autograd.extend
from autograd import Tensor, Value, gradients, primitive
from autograd.engine.node import registry
from autograd.graph import to_onnx, toposort
from autograd.graph.onnx.table import LACKING, WHOLE
from autograd.ops import table
from tests.helpers.derived import DERIVED
from tests.helpers.samplers import samples

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
OPS = {op.__name__: op for op in table()}


def run(model, *data):
    """What onnxruntime makes of arrays."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip([i.name for i in model.graph.input], map(np.asarray, data), strict=True)))


TOLERANCE = {np.dtype("f4"): 1e-6, np.dtype("f8"): 1e-14}


def check(nodes, outputs):
    """Compare a model with the recording that it was made of; a tolerance is a share of the largest number."""
    outputs = outputs if isinstance(outputs, list) else [outputs]
    model = to_onnx(outputs, nodes)
    for have, node in zip(run(model, *(x.data for x in nodes)), outputs, strict=True):
        want = np.asarray(node.data)
        assert (have.dtype, have.shape) == (want.dtype, want.shape)
        same = (have == want) | ((have != have) & (want != want))
        if want.dtype.kind == "f":
            with np.errstate(invalid="ignore"):
                same |= np.abs(have - want) <= TOLERANCE[want.dtype] * np.abs(want[np.isfinite(want)]).max(initial=0)
        assert same.all(), (have, want)
    return model


def in_float32(a):
    a = np.asarray(a)
    return a.astype(np.float32) if a.dtype == np.float64 else a


@pytest.mark.parametrize("name", sorted(OPS.keys() - LACKING.keys()))
def test_every_op_agrees_with_onnxruntime_on_samples(name):
    op = OPS[name]
    calls = [([Tensor(in_float32(a)) for a in args], params) for args, params in samples(op)]
    check([x for nodes, _ in calls for x in nodes], [op(*nodes, **params) for nodes, params in calls])


def test_what_is_exported_and_what_is_not():
    assert len(OPS.keys() - LACKING.keys()) >= 90
    assert LACKING.keys() <= OPS.keys()
    assert WHOLE.keys() <= OPS.keys() - LACKING.keys()


@pytest.mark.parametrize("name", sorted(LACKING))
def test_an_op_that_onnx_lacks_is_refused_with_the_reason(name):
    args, params = next(iter(samples(OPS[name])))
    nodes = [Tensor(a) for a in args]
    with pytest.raises(ValueError, match=f"^to_onnx: {OPS[name].name} is not exported: ") as caught:
        to_onnx(OPS[name](*nodes, **params), nodes)
    assert LACKING[name] in str(caught.value)


# ---- what NumPy says at singular points, in other dtypes and shapes ----

SPECIAL = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 1, -1, 0.5, -0.5, 2.5, -2.5, 3, -3, 7, -7, 1e-5, -1e-5, 1e20, -1e20, 88, -88],
    np.float32,
)
ELEMENTWISE = sorted(name for name in OPS.keys() - LACKING.keys() if OPS[name].elementwise)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_an_elementwise_op_has_numpys_conventions(name):
    op = OPS[name]
    values = SPECIAL if op.arity < 3 else SPECIAL[::2]
    nodes = [Tensor(a.ravel()) for a in np.meshgrid(*[values] * op.arity)]
    with np.errstate(all="ignore"):
        outputs = [op(*nodes, **params) for _, params in samples(op)]
        for have, y in zip(run(to_onnx(outputs, nodes), *(x.data for x in nodes)), outputs, strict=True):
            want = y.data
            # Each by itself, but for what is calculated to 1e-6 of 1.
            least = 1e-6 if name in ("elu", "erfc", "sigmoid") else 1e-37
            near = want.dtype.kind == "f" and np.abs(have - want) <= 2e-5 * np.abs(want) + least
            assert (near | (have == want) | (np.isnan(have) & np.isnan(want))).all()


def converted(args, dtype):
    kind = np.dtype(dtype).kind
    whole = [np.round(3 * a) if kind in "iu" else a for a in map(np.asarray, args)]
    return [
        (np.abs(w) if kind == "u" else w).astype(dtype) if np.asarray(a).dtype == np.float64 else np.asarray(a)
        for a, w in zip(args, whole, strict=True)
    ]


# Of small integers those that are equal are in NumPy's own order, those to search in are in none, −x of an unsigned one
# is large, a triangle of truths is no triangle, and sinc of whole numbers is the rounding of π.
LEFT_OUT = {"binary_cross_entropy_with_logits", "half_tril", "median_indices", "searchsorted", "sinc"}
NOT_IN_FLOAT64 = {
    "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "avg_pool", "conv", "conv_transpose",
    "cosh", "det", "erf", "erfc", "sinh", "tan",
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "int64", "int8", "uint8", "bool", "int16"])
def test_other_dtypes_give_what_they_give_here(dtype):
    inputs, outputs = [], []
    for name in sorted(OPS.keys() - LACKING.keys() - LEFT_OUT):
        args, params = next(iter(samples(OPS[name])))
        nodes = [Tensor(a) for a in converted(args, dtype)]
        with np.errstate(all="ignore"):
            try:
                y = OPS[name](*nodes, **params)
            except (TypeError, ValueError):
                continue
        if np.asarray(y.data).dtype != np.float32 and name in NOT_IN_FLOAT64:
            with pytest.raises(ValueError, match=r"float32 only.*model\.float\(\)"):
                to_onnx(y, nodes)
        else:
            outputs.append(y)
            inputs += nodes
    assert len(outputs) >= 60
    check(inputs, outputs)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_nan_and_an_infinity_go_where_they_go_here(bad):
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4) - 7
    for place in ((0, 0, 0), (1, 2, 3), (0, 1, 2)):
        x[place] = bad
        node = Tensor(x)
        with np.errstate(all="ignore"):
            outputs = [
                getattr(autograd, f)(node, axis=axis)
                for f in ("max", "min", "argmax", "argmin", "sum", "mean", "prod", "std", "var", "logsumexp")
                for axis in (None, 0, -1)
            ]
            outputs += [autograd.softmax(node), autograd.norm(node), autograd.argsort(node), autograd.cumsum(node, 1)]
        check([node], outputs)


def test_empty_arrays_and_numbers():
    for shape in ((), (0,), (0, 3), (2, 0)):
        x = Tensor(np.ones(shape, np.float32))
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check([x], [x.sum(), x.mean(), x.prod(), x * 2 - x.sum(), x.reshape(-1), autograd.cumsum(x), x.var()])


def test_nothing_to_reduce_to_broadcast_to_or_to_share():
    x, empty = Tensor(np.ones((2, 3), np.float32)), Tensor(np.ones((3, 0), np.float32))
    check([x], [f(x, axis=()) for f in (autograd.sum, autograd.max, autograd.prod)])
    check([x], autograd.broadcast_to(x[:, :1], (2, 0)))
    check([empty], [autograd.softmax(empty), autograd.log_softmax(empty)])


def test_whole_numbers_divided_by_0_are_0():
    a, b = Tensor(np.array([7, -7, 0])), Tensor(np.array([0, 2, 0]))
    with np.errstate(all="ignore"):
        check([a, b], [a // b, a % b, autograd.fmod(a, b)])


def test_numbers_do_not_widen_what_they_meet():
    large, small = Tensor(np.array([2**60 + 1, 3, -5])), Tensor(np.array([0, 7], np.uint8))
    check([large], [large * 2, large % 2, large // 3, large > 2**60, autograd.where(large > 0, large, 0)])
    check([small], [small + 1, small > -1, small < 300, small * 0.5])
    x, v = Tensor(np.ones((2, 3), np.float32)), Value(0.1, "v")
    assert kinds(check([x, v], autograd.arctan2(x, v)))[0] == "Cast"


def test_windows_that_end_outside_and_places_in_a_matrix():
    x = Tensor(np.random.default_rng(0).normal(size=(2, 3, 6, 8)).astype(np.float32))
    for border in (True, False):
        how = {"stride": 3, "padding": 1, "ceil_mode": True, "count_include_pad": border}
        check([x], [autograd.avg_pool(x, (2, 3), **how), autograd.avg_pool(x[0, 0], (3, 3), **how)])
    check([x], [autograd.max_pool(x, (2, 3), 3, 1, 1, True), autograd.max_pool(x[0, 0], (2, 2), 2, 1, (1, 2), True)])
    wide = autograd.max_pool(x, (2, 2), 2, 3), autograd.avg_pool(x, (2, 2), 2, 3, count_include_pad=False)
    assert "Pad" in kinds(check([x], list(wide)))
    m = Tensor(np.array([[3, 1, 3], [2, 1, 0]], np.float32))
    check([m], list(autograd.unique(m, return_index=True, return_inverse=True, return_counts=True)))


X = np.random.default_rng(0).normal(size=(4, 3, 5, 2)).astype(np.float32)
K, J = np.array([0, -1, 2]), np.array([[1], [2]])
ALL = slice(None)


@pytest.mark.parametrize(
    "key",
    [
        0, -1, slice(1, 3), slice(None, None, -1), slice(3, 0, -2), slice(-3, None), slice(0, 0), slice(5, 9), ..., (),
        (0, 1), (0, ..., 1), (..., 0), (None, 0), (ALL, None, 0), (..., None), (ALL, slice(-100, 2)),
        (ALL, slice(100, None, -1)), K, np.array(1), K[:0], (K, K), (ALL, K), (ALL, K, K), (K, ALL, K), (K, 0), (0, K),
        (0, ALL, K), (ALL, 0, K), (ALL, K, 0), (K, None), (None, K), (ALL, K, None, 0), (ALL, None, K), (K, None, K),
        (J, K), (ALL, J, K), (slice(1, None), K, slice(None, None, -1)), X > 0, X[..., 0] > 0, X[:, 0, 0, 0] > 0,
        (ALL, X[0, :, 0, 0] > 0), (ALL, X[0, :, :, 0] > 0), (ALL, X[0, :, :, 0] > 0, None), (X[:, 0, 0, 0] > 0, 0),
        (X[:, 0, 0, 0] > 0, K[:1]),
    ],
)  # fmt: skip
def test_an_index_picks_what_numpy_picks(key):
    x = Tensor(X)
    check([x], x[key])
    arrays = [k for k in (key if isinstance(key, tuple) else (key,)) if isinstance(k, np.ndarray)]
    if arrays:  # arrays that are inputs too
        nodes = {id(a): Tensor(a) for a in arrays}
        other = tuple(nodes.get(id(k), k) for k in (key if isinstance(key, tuple) else (key,)))
        check([x, *nodes.values()], x[other])


def test_an_index_that_is_one_condition_is_refused():
    x = Tensor(X)
    with pytest.raises(ValueError, match="single condition"):
        to_onnx(x[np.array(True)], x)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: [x[x > 0], x[x > 0].sum(), x[x > 0] * 2, autograd.logsumexp(x[x > 0])],
        lambda x: [x[x[:, 0] > 0], x[x[:, 0] > 0, 0], x[x[:, 0] > 0, :2].mean(axis=1), x[:, x[0] > 0].T],
        lambda x: [x[x > 0].reshape(-1, 1), autograd.unique(x), autograd.concatenate([x[x > 0], x[:, 0]])],
        lambda x: [x[autograd.numpy.flatnonzero(x[:, 1] > 0)], x[x > 0] @ x[x > 0], x[x > 0][-1]],
    ],
)
def test_as_many_elements_as_values_decide(f):
    x, *others = (Tensor(np.random.default_rng(i).normal(size=(5, 3)).astype("f4")) for i in range(3))
    model = to_onnx(f(x), x)
    for other in (x, *others):
        for have, y in zip(run(model, other.data), f(other), strict=True):
            np.testing.assert_allclose(have, y.data, rtol=1e-6)
            assert have.shape == y.shape
    dims = model.graph.output[0].type.tensor_type.shape.dim
    assert dims[0].dim_param == "y0_0"


@pytest.mark.parametrize(
    "f",
    [
        autograd.var, autograd.std, autograd.norm, autograd.mean_square, autograd.sort, autograd.zeros_like,
        lambda x: x.reshape(2, 1), lambda x: autograd.pad(x, 1), lambda x: autograd.roll(x, 1), autograd.median,
    ],
)  # fmt: skip
def test_what_reads_how_many_values_decide_is_refused(f):
    x = Tensor(np.float32([1, -2, 3, -4]))
    with pytest.raises(ValueError, match=r"it reads the shape of elements that were picked by values"):
        to_onnx(f(x[x > 0]), x)


# ---- the model ----


def kinds(model):
    return [node.op_type for node in model.graph.node]


def test_one_operator_stands_for_an_op_where_it_is_the_op():
    x, w, b = (Tensor(np.ones(shape, np.float32), requires_grad=False) for shape in ((4, 3), (2, 3), (2,)))
    wide = Tensor(np.ones((2, 1, 6, 6), np.float32))
    for y, leaf, written in [
        (autograd.softmax(x), x, ["Softmax"]), (autograd.log_softmax(x), x, ["LogSoftmax"]),
        (autograd.relu(x), x, ["Relu"]), (autograd.mean(x, 0), x, ["ReduceMean"]), (x @ w.T, x, ["MatMul"]),
        (autograd.standardise(x), x, ["LayerNormalization"]), (autograd.linear(x, w, b), x, ["Gemm"]),
        (autograd.max_pool(wide, (2, 2), 2), wide, ["MaxPool"]), (x.reshape(3, 4), x, ["Reshape"]),
        (autograd.avg_pool(wide, (2, 2), 2), wide, ["AveragePool"]), (autograd.logsumexp(x), x, ["ReduceLogSumExp"]),
        (x[:, 0], x, ["Gather"]), (x[1:, :2], x, ["Slice"]), (x[..., None], x, ["Unsqueeze"]),
        (autograd.concatenate([x, x]), x, ["Concat"]), (x % 2.0, x, None), (x.T, x, ["Transpose"]),
    ]:  # fmt: skip
        model = to_onnx(y, leaf)
        assert written is None or kinds(model) == written


def test_a_bias_stands_in_its_convolution():
    r = np.random.default_rng(0)
    x, w, b = (Tensor(r.normal(size=shape).astype("f4"), requires_grad=False) for shape in ((2, 3, 6), (4, 3, 2), (4,)))
    y = autograd.conv(x, w)
    column = b.reshape(4, 1)
    assert kinds(check([x, w, b], y + column)) == kinds(check([x, w, b], column + y)) == ["Conv"]
    back = autograd.conv_transpose(x, w.swapaxes(0, 1), np.zeros((2, 4, 7), "f4"))
    assert kinds(check([x, w, b], back + column)) == ["Transpose", "ConvTranspose"]
    for other in ([y + column, y], [y + column, y * 2], [y + b[:1].reshape(1, 1)], [y + Tensor(np.ones(5, "f4"))],
                  [y + autograd.exp(column)], [y + autograd.ones_like(b).reshape(1, 4, 1)[:, :1]]):  # fmt: skip
        assert "Add" in kinds(check([x, w, *([b] if b in set(toposort(other)) else [])], other))


def test_what_is_the_same_is_written_once():
    x, ones = Tensor(np.ones((2, 3), np.float32), "x"), np.ones((2, 3), np.float32)
    a, b = Tensor(ones, "a"), Tensor(ones, "b")
    model = check([x], [x[1:] * 2 + autograd.exp(x[1:]) * 2, x * 3, x * 3, x * a + x * b])
    assert [kinds(model).count(kind) for kind in ("Slice", "Exp", "Mul", "Add")] == [1, 1, 6, 2]
    assert (
        len(model.graph.initializer) == 7
    )  # a, b, 2, 3, and the end, the axis, and both the start and step of a slice


def test_what_an_attribute_cannot_hold_is_written_out():
    x = Tensor(np.random.default_rng(0).normal(size=(2, 3, 4)).astype("f4"))
    check([x], [f(x, axis=axis) for f in (autograd.softmax, autograd.log_softmax) for axis in (None, 1, (0, -1))])
    for dtype, whole in (("f4", True), ("f8", False)):
        x = Tensor(np.random.default_rng(0).normal(size=(3, 5)).astype(dtype))
        assert ("LayerNormalization" in kinds(check([x], autograd.standardise(x, eps=1e-5)))) == whole
        assert ("Elu" in kinds(check([x], autograd.elu(x, alpha=0.3)))) == whole
        assert kinds(check([x], autograd.elu(x, alpha=0.5))) == ["Elu"]


def test_names_are_labels_or_what_names_says():
    x, w = Tensor(np.ones((2, 3), np.float32), "x"), Tensor(np.ones((3, 2), np.float32), requires_grad=False)
    y = autograd.tanh(x @ w)
    y.label = "result"
    model = to_onnx(y, x, names={"weights": w})
    assert [i.name for i in model.graph.input] == ["x"]
    assert [o.name for o in model.graph.output] == ["result"]
    assert [i.name for i in model.graph.initializer] == ["weights"]
    assert model.opset_import[0].version == 18
    # Names that are taken by others do not meet.
    a, b = Tensor(np.float32(1), "v1"), Tensor(np.float32(2), "v1")
    model = check([a, b], [a * b + 1, a - b])
    assert [i.name for i in model.graph.input] == ["v1", "v1_1"]
    assert [o.name for o in model.graph.output] == ["y0", "y1"]


def test_a_name_is_the_label_itself():
    label = "the probability of a very long sentence\nin the language of the text"
    x, w = Tensor(np.ones(2, np.float32), label), Tensor(np.ones(2, np.float32), "\ud800 w")
    model = check([x], x * w)
    assert [i.name for i in model.graph.input] == [label]
    assert [i.name for i in model.graph.initializer] == ["? w"]


def test_an_input_that_is_passed_twice_is_one():
    x = Tensor(np.ones(3, np.float32), "x")
    assert [i.name for i in to_onnx(x * 2, [x, x]).graph.input] == ["x"]


def test_what_depends_on_no_input_is_calculated_once():
    x, c = Tensor(np.ones(3, np.float32)), Tensor(np.arange(3, dtype=np.float32))
    assert kinds(check([x], x * autograd.exp(c).sum())) == ["Mul"]
    assert kinds(check([x, c], x * autograd.exp(c).sum())) == ["Exp", "ReduceSum", "Mul"]


def test_outputs_may_be_inputs_constants_and_the_same_twice():
    x = Tensor(np.ones(3, np.float32), "x")
    y = x * 2
    outputs = [y, x, y, Tensor(np.float32(4)), y.reshape(3)]
    model = to_onnx(outputs, x)
    assert [o.name for o in model.graph.output] == ["y0", "x_1", "y2", "y3"]
    for have, want in zip(run(model, x.data), [y, x, outputs[3], y], strict=True):
        np.testing.assert_array_equal(have, want.data)


def test_an_inner_node_may_be_an_input():
    x = Tensor(np.ones(3, np.float32))
    middle = autograd.exp(x)
    assert kinds(check([middle], autograd.sqrt(middle))) == ["Sqrt"]


def test_a_net_of_values_goes_too():
    x, y = Value(2.0, "x"), Value(-3.0, "y")
    check([x, y], [x * y + x**2 / y, autograd.relu(y) + autograd.exp(x) - x // y])


def test_a_primitive_of_a_users_is_written_by_its_formula():
    @primitive("⊕")
    def mixed(xp, a, b, /, axis=0):
        """A user's."""
        return xp.sum(xp.where(a > b, a * b, xp.exp(-a)), axis=axis) / xp.count(a, axis)

    a, b = Tensor(np.array([[1, 2], [3, 4]], np.float32)), Tensor(np.array([2.0, 1.0], np.float32))
    check([a, b], mixed(a, b, axis=1))

    @primitive("?", differentiable=False)
    def special(xp, a):
        """Calls what ONNX lacks."""
        return xp.inv(a)

    with pytest.raises(ValueError, match=r"^to_onnx: special is not exported: there is no inv in ONNX"):
        to_onnx(special(a), a)

    def branching(xp, a):
        """Takes the branch of the recording."""
        return 2 * a if xp.sum(a) > 0 else a

    def numpys(xp, a):
        """Takes another namespace."""
        return np.sort(a)

    for formula, why in ((branching, "it branches on a value"), (numpys, "it calls NumPy")):
        with pytest.raises(ValueError, match=rf"{formula.__name__} is not exported: {why}"):
            to_onnx(primitive("?", differentiable=False)(formula)(a), a)
    of_plain_arrays = autograd.extend.primitive(lambda x: np.sort(x))
    with pytest.raises(ValueError, match="is not exported: it is a function of plain numbers"):
        to_onnx(of_plain_arrays(a), a)


def test_errors_say_what_to_do(monkeypatch, tmp_path):
    x, z = Tensor(np.ones((2, 2)), "x"), Tensor([1.0], "z")
    with pytest.raises(ValueError, match=r"'z' f64\[1\] is an input, but the outputs do not depend on it"):
        to_onnx(x * 2, [x, z])
    with pytest.raises(ValueError, match="to_onnx: there are no outputs"):
        to_onnx([], [])
    with pytest.raises(TypeError, match="to_onnx: pass a Value or a Tensor"):
        to_onnx(2.0, x)
    with pytest.raises(TypeError, match="inputs takes a Value or a Tensor"):
        to_onnx(x * 2, np.ones(2))
    with autograd.detect_anomaly():
        y = autograd.inv(x + np.eye(2))
    line = y._version.location[1]
    with pytest.raises(ValueError, match=rf"inv is not exported: (.|\n)*test_onnx.py, line {line}: "):
        to_onnx(y, x)
    path = tmp_path / "model.onnx"
    assert onnx.load(path if to_onnx(x * 2, x, path) else "").graph.input[0].name == "x"
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"pip install 'graphgrad\[onnx\]'"):
        to_onnx(x * 2, x)


# ---- functions composed of ops ----


def nodes_in(y):
    return (
        [y] if isinstance(y, Tensor) else [n for part in y for n in nodes_in(part)] if type(y) in (list, tuple) else []
    )


def test_functions_of_several_ops_are_exported_too():
    inputs, outputs, names = [], [], set()

    def as_node(x):
        if isinstance(x, (list, tuple)):
            return type(x)(map(as_node, x))
        if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
            return x
        found.append(Tensor(in_float32(x)))
        return found[-1]

    for name, derived in DERIVED.items():
        found = []
        call = derived.calls[0]
        with np.errstate(all="ignore"):
            y = getattr(autograd.numpy, name, getattr(registry, name))(*map(as_node, call.args), **call.kwargs)
        results = [n for n in nodes_in(y) if n.op is not None]
        order = toposort(results)
        if results and not any(n.op is not None and n.op.__name__ in LACKING for n in order):
            inputs += [x for x in found if x in set(order)]
            outputs += results
            names.add(name)
    assert {"average", "clip", "diff", "einsum", "median", "pad", "sort", "tensordot", "trapezoid"} <= names
    check(inputs, outputs)


def test_a_recorded_gradient_is_exported_as_any_graph():
    r = np.random.default_rng(0)
    x, w, v = (Tensor(r.normal(size=shape).astype("f4")) for shape in ((2, 1, 6, 6), (3, 1, 3, 3), (4, 12)))
    hidden = autograd.max_pool(autograd.relu(autograd.conv(x, w)), (2, 2), 2).reshape(2, -1)
    loss = -autograd.log_softmax(hidden @ v.T)[np.arange(2), [1, 3]].mean()
    slopes = gradients(loss, [x, v], create_graph=True)
    check([x, v], [loss, *slopes])
    far = Tensor(np.array([[3, 4], [0, 0], [1, -2]], np.float32))
    distance = autograd.norm(far, axis=1) + autograd.sqrt(autograd.abs(far)).sum(axis=1)
    check([far], gradients(distance.sum(), [far], create_graph=True))
