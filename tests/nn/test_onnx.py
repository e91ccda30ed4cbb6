"""Models as ONNX files: run by onnxruntime at any batch, and read back as chains of layers."""

import numpy as np
import pytest

import autograd.numpy
import nn
import nn.functional as F
from autograd import Value, no_grad
from nn.activations import NAMED
from nn.kinds import to_numpy

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
SMALL = {"dtype": np.float32, "rng": 0}
RNG = np.random.default_rng(0)
START = RNG.bit_generator.state


@pytest.fixture(autouse=True)
def _same_numbers_in_any_order():
    RNG.bit_generator.state = START


def run(path, *inputs):
    """What onnxruntime makes of a file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {i.name: x for i, x in zip(session.get_inputs(), inputs, strict=True)})


def flat(result):
    return [y for part in result for y in flat(part)] if isinstance(result, (tuple, list)) else [to_numpy(result)]


def check(model, path, draw, sizes=(1, 5, 33), **options):
    """Compare a model with its file at several sizes of batches; `draw` makes the inputs of a size."""
    nn.to_onnx(model, path, draw(3), **options)
    model.eval()
    for n in sizes:
        inputs = draw(n)
        inputs = inputs if isinstance(inputs, tuple) else (inputs,)
        for have, want in zip(run(path, *inputs), flat(model(*inputs)), strict=True):
            assert (have.shape, have.dtype) == (want.shape, want.dtype)
            assert np.abs(have - want).max(initial=0) <= 1e-6 * np.abs(want).max(initial=0)


def of(*shape, dtype=np.float32):
    return lambda n: RNG.normal(size=(n, *shape)).astype(dtype)


class Call(nn.Module):
    """A module around a function of another."""

    def __init__(self, f, *modules):
        self.f, self.modules_ = f, nn.ModuleList(modules)

    def forward(self, *inputs):
        return self.f(*self.modules_, *inputs)


def batch_norm(layer):
    layer.running_mean[...], layer.running_var[...] = RNG.normal(size=layer.num_features), 0.5
    return layer


def mlp(dtype):
    return nn.MLP([4, 16, 3], "tanh", "softmax", rng=0, dtype=dtype)


NETS = {
    "MLP": (mlp(np.float32), of(4)),
    "MLP in float64": (mlp(np.float64), of(4, dtype=float)),
    "MLP of Values": (nn.MLP([4, 5, 3], "sigmoid", scalar=True, rng=0), of(4, dtype=float)),
    "BatchNorm and Dropout": (
        nn.Sequential(nn.Linear(4, 8, **SMALL), batch_norm(nn.BatchNorm1d(8, dtype=np.float32)), nn.LeakyReLU(),
                      nn.Dropout(0.5), nn.Linear(8, 3, **SMALL), nn.LogSoftmax()),
        of(4),
    ),
    "LayerNorm, RMSNorm, GELU and SiLU": (
        nn.Sequential(nn.Linear(4, 8, **SMALL), nn.LayerNorm(8, dtype=np.float32), nn.GELU(),
                      nn.Linear(8, 8, **SMALL), nn.RMSNorm(8, dtype=np.float32), nn.SiLU(), nn.Linear(8, 3, **SMALL)),
        of(4),
    ),
    "convolutions": (
        nn.Sequential(nn.Conv2d(2, 4, 3, padding=1, **SMALL), batch_norm(nn.BatchNorm2d(4, dtype=np.float32)),
                      nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 2, 2, stride=2, bias=False, **SMALL),
                      nn.AvgPool2d((1, 2)), nn.Flatten(), nn.Linear(4, 3, **SMALL)),
        of(2, 8, 8),
    ),
    "convolutions of sequences": (
        nn.Sequential(nn.Conv1d(3, 4, 3, dilation=2, **SMALL), nn.ELU(0.5), nn.MaxPool1d(3, stride=2), nn.Softplus()),
        of(3, 12),
    ),
    "Elman's": (nn.RNN(3, 4, batch_first=True, nonlinearity="relu", **SMALL), of(5, 3)),
    "LSTM": (nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True, **SMALL), of(3, 3)),
    "GRU": (
        Call(lambda gru, line, x: line(gru(x)[0][:, -1]), nn.GRU(3, 4, batch_first=True, **SMALL),
             nn.Linear(4, 2, **SMALL)),
        of(4, 3),
    ),
    "a cell": (nn.LSTMCell(3, 4, **SMALL), of(3)),
    "attention": (
        Call(lambda attention, x: x + attention(x, x, x)[0], nn.MultiheadAttention(4, 2, batch_first=True, **SMALL)),
        of(3, 4),
    ),
    "attention that extends its keys": (
        Call(lambda attention, q, k: attention(q, k, k),
             nn.MultiheadAttention(4, 2, batch_first=True, add_bias_kv=True, add_zero_attn=True, **SMALL)),
        lambda n: (of(3, 4)(n), of(5, 4)(n)),
    ),
    "causal attention": (Call(lambda x: F.scaled_dot_product_attention(x, x, x, is_causal=True)), of(4, 2)),
    "embedding": (
        nn.Sequential(nn.Embedding(9, 4, padding_idx=0, **SMALL), nn.Flatten(), nn.Linear(12, 3, **SMALL)),
        lambda n: RNG.integers(0, 9, (n, 3)),
    ),
    "skip connections": (
        Call(lambda a, b, x: autograd.concatenate([x, b(F.relu(a(x)) + x)], axis=-1), nn.Linear(4, 4, **SMALL),
             nn.Linear(4, 2, False, **SMALL)),
        of(4),
    ),
    "neurons on an axis more": (nn.Sequential(nn.Linear(4, 3, **SMALL), nn.PReLU(2, dtype=np.float32)), of(2, 4)),
    "a mean over places, and one over samples": (Call(lambda x: x.mean(axis=1) - x.mean(axis=0)[0]), of(2, 3)),
    "each sample's own place": (Call(lambda x: x[np.arange(len(x)), x[:, :, 0].argmax(axis=1)]), of(3, 2)),
    "a mask beside the input": (
        Call(lambda attention, x, mask: attention(x, x, x, key_padding_mask=mask)[0],
             nn.MultiheadAttention(4, 2, batch_first=True, **SMALL)),
        lambda n: (of(3, 4)(n), RNG.random((n, 3)) < 0.3),
    ),
    "class indices as rows": (
        Call(lambda line, i: line(autograd.astype(F.one_hot(i, 5), np.float32)), nn.Linear(5, 2, **SMALL)),
        lambda n: RNG.integers(0, 5, (n, 3)),
    ),
    "a loss of class indices": (
        Call(lambda x, y: F.cross_entropy(x, y, reduction="none")), lambda n: (of(5)(n), RNG.integers(0, 5, n)),
    ),
    "a gradient": (Call(lambda net, x: autograd.grad(lambda x: net(x).sum())(x), nn.MLP([3, 2, 1], rng=0)),
                   of(3, dtype=float)),
    "no weights": (nn.Sequential(nn.Tanh(), nn.Unflatten(1, (2, -1))), of(6)),
    "nothing": (nn.Sequential(), of(6)),
}  # fmt: skip


@pytest.mark.parametrize("name", NETS)
def test_a_net_agrees_with_onnxruntime_at_any_batch(name, tmp_path):
    model, draw = NETS[name]
    training = model.training
    state = {key: x.copy() for key, x in model.state_dict().items()}
    check(model.train(), tmp_path / "net.onnx", draw)
    graph = onnx.load(tmp_path / "net.onnx").graph
    for value in graph.input:
        assert value.type.tensor_type.shape.dim[0].dim_param == "N"
    weights = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer if t.name in state}
    unread = {"modules_.0.2.bias"} if name == "a gradient" else set()
    assert weights.keys() == {key for key in state if "num_batches" not in key} - unread
    assert all(np.array_equal(weights[key], state[key]) for key in weights)
    assert model.state_dict().keys() == state.keys()
    model.train(training)


def test_the_model_stays_as_it_is(tmp_path):
    net = nn.Sequential(nn.Linear(2, 2, rng=0), nn.BatchNorm1d(2), nn.MLP([2, 2], scalar=True, rng=0)).train()
    before = [dict(vars(module)) for module in net.modules()]
    with no_grad():
        nn.to_onnx(net, tmp_path / "net.onnx", [[1.0, 2.0]])
    assert all(
        vars(module).keys() == old.keys() and all(vars(module)[key] is old[key] for key in old)
        for module, old in zip(net.modules(), before, strict=True)
    )
    with pytest.raises(TypeError, match="to_onnx: the function differs from one run to the next"):
        nn.to_onnx(Call(lambda net, x: net(x) * np.random.default_rng().random(len(x))[:, None], net),
                   tmp_path / "net.onnx", [[1.0, 2.0]])  # fmt: skip
    assert all(vars(module)[key] is old[key] for module, old in zip(net.modules(), before, strict=True) for key in old)


def test_names_of_inputs_and_outputs(tmp_path):
    def names(model, example):
        nn.to_onnx(model, tmp_path / "net.onnx", example)
        graph = onnx.load(tmp_path / "net.onnx").graph
        return [v.name for v in graph.input], [v.name for v in graph.output]

    class Pair(nn.Module):
        def forward(self, left, right):
            return {"sum": left + right, "y": left - right}

    x = np.ones((2, 3))
    assert names(nn.Tanh(), x) == (["x"], ["y"])
    assert names(Pair(), (x, x)) == (["left", "right"], ["sum", "y"])
    assert names(Call(lambda a, b: (a + b, [a * b, None])), (x, x)) == (["x0", "x1"], ["y0", "y1"])
    assert names(Call(lambda x: (x, x)), x) == (["x"], ["y0", "y1"])


def test_the_batch_may_be_another_axis_or_none(tmp_path):
    path = tmp_path / "net.onnx"
    check(nn.GRU(3, 2, **SMALL), path, lambda n: of(5, 3)(n).swapaxes(0, 1), batch_axis=1)
    check(nn.GRU(3, 2, **SMALL), path, lambda n: of(5, 3)(n).swapaxes(0, 1), batch_axis=-2)
    check(Call(lambda x, y: x @ y), path, lambda n: (of(3)(n), of(4)(3)), batch_axis=(0, None))
    check(Call(lambda x: x * 2), path, lambda n: of()(4), batch_axis=None)
    line = nn.Module()
    line.m = Value(2.0)
    check(Call(lambda line, x: x * line.m, line), path, lambda n: np.array(3.0), batch_axis=None)
    check(nn.MLP(2, [3, 2]), path, lambda n: np.array([0.5, -0.5]), batch_axis=None)


def test_numbers_of_the_example_are_of_the_models_dtype(tmp_path):
    def dtypes(model, *example):
        nn.to_onnx(model, tmp_path / "net.onnx", example)
        values = onnx.load(tmp_path / "net.onnx").graph.input
        return [onnx.TensorProto.DataType.Name(value.type.tensor_type.elem_type) for value in values]

    for row in ([1.0, 2.0, 3.0, 4.0], [1, 2, 3, 4]):
        assert dtypes(mlp(np.float32), [row]) == ["FLOAT"]
        assert dtypes(nn.MLP([4, 2], scalar=True), [row]) == ["DOUBLE"]
    rows = Call(lambda table, line, i, x: line(table(i)) * x, nn.Embedding(9, 4, **SMALL), nn.Linear(4, 2, **SMALL))
    assert dtypes(rows, [1, 2], [[3, 4], [5, 6]]) == ["INT64", "FLOAT"]
    assert dtypes(Call(lambda x: x * 2), [1, 2]) == ["INT64"]


class Branch(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class Fixed(nn.Module):
    def forward(self, x):
        return x.reshape(6, -1)


class Item(nn.Module):
    def forward(self, x):
        return x * x.max().item()


@pytest.mark.parametrize(
    ("model", "example", "error", "words"),
    [
        (lambda x: x, [[1.0]], TypeError, r"pass a module \(of an estimator its module_\), not function"),
        (nn.Tanh(), 1.0, ValueError, r"an example of shape \(\) has no batch_axis 0; pass a batch of samples, or"),
        (nn.Tanh(), np.ones((0, 2)), ValueError, "pass at least one sample"),
        (Call(F.mse_loss), (np.ones((2, 1)), np.ones((3, 1))), ValueError, r"as many in each input, not \(2, 1\), \(3"),
        (
            Branch(),
            [[1.0]],
            ValueError,
            r"(?s)asks in Python whether .* True, which depends on the input's values.*, line",
        ),
        (nn.Tanh(), [np.ones((2, 1)), np.ones((3, 1))], ValueError, r"items of this list differ in shape; .* a tuple"),
        (
            Fixed(),
            np.ones((3, 2)),
            ValueError,
            r"(?s)takes the example, but not 4 samples: reshape\(Tensor 'x' f64\[4,2\].*"
            r"pass batch_axis=None .*  at .*line \d+: return x\.reshape\(6, -1\)",
        ),
        (nn.Linear(3, 2), np.ones((3, 2)), ValueError, "(?s)^Linear"),
        (Item(), [[1.0]], TypeError, r"(?s)\.item\(\) takes its value out of the graph.*x \* x\.max\(\)\.item\(\)"),
        (Call(lambda x: F.dropout(x, 0.5)), [[1.0]], ValueError, "draws random numbers in evaluation mode"),
        (Call(lambda x: x.data), [[1.0]], TypeError, r"\.data takes its value out of the graph"),
        (Call(lambda x: ()), [[1.0]], ValueError, "the function returned nothing"),
        (Call(lambda x: "text"), [[1.0]], TypeError, "a model returns nodes, .* not str as y"),
        (Call(lambda x: autograd.stack([row * 2 for row in x])), [[1.0]], ValueError, "(?s)for 4 samples .*line"),
        (nn.Conv1d(1, 1, 1), np.ones((2, 1, 3)), ValueError, r"(?s)conv is not exported.*float32.*model\.float\(\)"),
        (Call(lambda x: autograd.numpy.linalg.inv(x)), np.ones((2, 1, 1)), ValueError, "(?s)inv is not exported.*line"),
    ],
)
def test_what_cannot_be_written_is_an_error_and_no_file(model, example, error, words, tmp_path):
    with pytest.raises(error, match=f"^to_onnx: .*{words}" if "(?s)" not in words else words):
        nn.to_onnx(model, tmp_path / "net.onnx", example)
    assert not list(tmp_path.iterdir())


def test_a_hook_is_refused(tmp_path):
    net = nn.Sequential(nn.Tanh())
    net[0].register_forward_hook(print)
    with pytest.raises(ValueError, match=r"^to_onnx: a file has recorded ops only, and Tanh has the hook"):
        nn.to_onnx(net, tmp_path / "net.onnx", [[1.0]])


def test_a_path_is_one(tmp_path):
    with pytest.raises(TypeError, match=r"os\.PathLike"):
        nn.to_onnx(nn.Tanh(), None, [[1.0]])
    with pytest.raises(TypeError, match=r"os\.PathLike"):
        nn.from_onnx(None)


def test_batch_axis_is_one_for_each_input(tmp_path):
    with pytest.raises(ValueError, match="batch_axis has 1 items for 2 inputs"):
        nn.to_onnx(Call(lambda x, y: x + y), tmp_path / "net.onnx", (np.ones(2), np.ones(2)), batch_axis=(0,))


# ---- read back ----


def assert_twin(twin, net, dtype):
    assert type(twin) is nn.Sequential
    assert repr(twin) == repr(net)
    x = (RNG.normal(size=(20, 4)) * 3).astype(dtype)
    assert np.array_equal(nn.predict(twin, x), nn.predict(net, x))
    for mine, other in zip(twin.parameters(), net.parameters(), strict=True):
        assert mine.dtype == other.dtype
        assert np.array_equal(mine.data, other.data)


OPTIONS = [
    *(kind() for kind in NAMED if kind is not nn.Identity), nn.LeakyReLU(0.3),  nn.ELU(0.7),
    nn.CELU(0.3), nn.Softplus(2.0, 5.0), nn.Hardtanh(-0.3, 0.6), nn.Hardshrink(0.1), nn.Softshrink(0.2),
    nn.Heaviside(0.0), nn.Threshold(0.3, -0.2), nn.GELU("tanh"), nn.Softmax(1), nn.Softmin(1), nn.LogSoftmax(0),
]  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_activation_is_read_back_bit_for_bit(dtype, tmp_path):
    for activation in OPTIONS:
        if dtype == np.float64 and isinstance(activation, nn.GELU) and activation.approximate == "none":
            continue
        first, last = nn.Linear(4, 5, rng=0, dtype=dtype), nn.Linear(5, 3, bias=False, rng=1, dtype=dtype)
        net = nn.Sequential(first, activation, last)
        nn.to_onnx(net, tmp_path / "net.onnx", np.ones((2, 4)))
        assert_twin(nn.from_onnx(tmp_path / "net.onnx"), net, dtype)


@pytest.mark.parametrize("count", [1, 5])
def test_slopes_that_are_learnt_are_read_back(count, tmp_path):
    net = nn.Sequential(nn.Linear(4, 5, **SMALL), nn.PReLU(count, dtype=np.float32), nn.Tanh())
    net[1].weight.data = RNG.normal(size=count)
    nn.to_onnx(net, tmp_path / "net.onnx", np.ones((2, 4)))
    assert_twin(nn.from_onnx(tmp_path / "net.onnx"), net, np.float32)


def test_reading_draws_nothing_and_keeps_the_mode(tmp_path):
    net = nn.Sequential(nn.Linear(4, 5, rng=0), nn.SiLU(), nn.Linear(5, 2, rng=1))
    nn.to_onnx(net, tmp_path / "net.onnx", np.ones((2, 4)))
    nn.manual_seed(3)
    expected = nn.Linear(2, 2).weight.data.copy()
    nn.manual_seed(3)
    with no_grad():
        twin = nn.from_onnx(tmp_path / "net.onnx")
    assert np.array_equal(nn.Linear(2, 2).weight.data, expected)
    assert all(p.requires_grad for p in twin.parameters())


def test_a_chain_of_vectors_and_with_flatten(tmp_path):
    net = nn.Sequential(nn.Flatten(), nn.Linear(4, 3, **SMALL), nn.ReLU())
    nn.to_onnx(net, tmp_path / "net.onnx", np.ones((2, 2, 2)))
    twin, x = nn.from_onnx(tmp_path / "net.onnx"), of(2, 2)(7)
    assert repr(twin) == repr(net)
    assert np.array_equal(nn.predict(twin, x), nn.predict(net, x))
    net = nn.Sequential(nn.Linear(4, 3, **SMALL), nn.Tanh(), nn.Linear(3, 2, False, **SMALL))
    nn.to_onnx(net, tmp_path / "net.onnx", np.ones((2, 5, 4)))
    twin, x = nn.from_onnx(tmp_path / "net.onnx"), of(5, 4)(7)
    assert np.array_equal(nn.predict(twin, x), nn.predict(net, x))


def model_of(calls, constants=(), inputs=("x",), opset=18, elem_type=onnx.TensorProto.FLOAT, shape=("N", 4), rank=2):
    """A file of calls, ``(kind, inputs, output, attributes)``, as other programs write it."""
    h = onnx.helper
    nodes = [h.make_node(kind, into, [out], name=f"{kind}_{i}", **a) for i, (kind, into, out, a) in enumerate(calls)]
    values = [h.make_tensor_value_info(name, elem_type, shape) for name in inputs]
    out = [h.make_tensor_value_info(calls[-1][2], elem_type, (None,) * rank)]
    weights = [onnx.numpy_helper.from_array(a, name) for name, a in dict(constants).items()]
    graph = h.make_graph(nodes, "graph", values, out, weights)
    return h.make_model(graph, opset_imports=[h.make_opsetid("", opset)], ir_version=8)


def one(kind, *constants, **attributes):
    names = [f"c{i}" for i in range(len(constants))]
    return model_of([(kind, ["x", *names], "y", attributes)], zip(names, map(np.asarray, constants), strict=True))


W = RNG.normal(size=(3, 4)).astype(np.float32)
B = RNG.normal(size=3).astype(np.float32)


@pytest.mark.parametrize(
    ("model", "module"),
    [
        (one("LeakyRelu"), nn.LeakyReLU()),
        (one("LeakyRelu", alpha=0.2), nn.LeakyReLU(0.2)),
        (one("Elu", alpha=0.3), nn.ELU(0.3)),
        (one("Celu", alpha=0.3), nn.CELU(0.3)),
        (one("Selu"), nn.SELU()),
        (one("Selu", alpha=1.6732632423543772, gamma=1.0507009873554805), nn.SELU()),
        (one("HardSigmoid", alpha=1 / 6), nn.Hardsigmoid()),
        (one("HardSwish"), nn.Hardswish()),
        (one("Softsign"), nn.Softsign()),
        (one("Softplus"), nn.Softplus(threshold=float("inf"))),
        (one("Mish"), nn.Mish()),
        (one("ThresholdedRelu", alpha=0.5), nn.Threshold(0.5, 0.0)),
        (one("Softmax"), nn.Softmax()),
        (one("LogSoftmax", axis=1), nn.LogSoftmax(1)),
        (one("Shrink", lambd=0.4), nn.Hardshrink(0.4)),
        (one("Shrink", lambd=0.4, bias=0.4), nn.Softshrink(0.4)),
        (one("Clip", np.float32(0), np.float32(6)), nn.Hardtanh(0.0, 6.0)),
        (one("Dropout"), nn.Dropout()),
        (one("Dropout", np.float32(0.3), np.False_), nn.Dropout(0.3)),
        (one("Flatten"), nn.Flatten()),
        (one("PRelu", np.float32([0.2])), nn.PReLU(1)),
        (one("Gemm", W, B, transB=1), nn.Linear(4, 3)),
        (one("Gemm", W.T.copy(), B[None]), nn.Linear(4, 3)),
        (one("Gemm", W.T.copy()), nn.Linear(4, 3, bias=False)),
        (one("MatMul", W.T.copy()), nn.Linear(4, 3, bias=False)),
    ],
    ids=lambda x: str(x).partition("(")[0] if isinstance(x, nn.Module) else "",
)
def test_operators_of_other_programs_are_read(model, module, tmp_path):
    path = tmp_path / "net.onnx"
    onnx.save(model, path)
    (read,) = nn.from_onnx(path)
    assert type(read) is type(module)
    assert read.arguments() == module.arguments()
    x = (RNG.normal(size=(9, 4)) * 2).astype(np.float32)
    np.testing.assert_allclose(nn.predict(read, x), run(path, x)[0], rtol=1e-6, atol=1e-6)


def test_constants_are_read_as_they_are_given(tmp_path):
    calls = [("Constant", [], "b", {"value_floats": [0.1, 2.0, -3.0]}), ("Gemm", ["x", "w", "b"], "a", {"transB": 1}),
             ("Constant", [], "low", {"value_float": -0.1}), ("Constant", [], "high", {"value_float": 0.7}),
             ("Clip", ["a", "low", "high"], "c", {}), ("Constant", [], "shape", {"value_ints": [-1, 3]}),
             ("Reshape", ["c", "shape"], "y", {})]  # fmt: skip
    onnx.save(model_of(calls, {"w": W}), tmp_path / "net.onnx")
    net, x = nn.from_onnx(tmp_path / "net.onnx"), of(4)(9)
    assert repr(net[1]) == "Hardtanh(min_val=-0.1, max_val=0.7)"
    np.testing.assert_allclose(nn.predict(net, x), run(tmp_path / "net.onnx", x)[0], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("shape", "slopes"), [((2, 4), (1, 4)), ((2, 4, 3), (4, 1)), ((2, 4, 3), (1, 1, 1))])
def test_slopes_for_channels_are_read(shape, slopes, tmp_path):
    call = ("PRelu", ["x", "s"], "y", {})
    onnx.save(model_of([call], {"s": of(*slopes)(1)[0]}, shape=shape, rank=len(shape)), tmp_path / "net.onnx")
    x = of(*shape[1:])(2)
    assert np.array_equal(nn.predict(nn.from_onnx(tmp_path / "net.onnx"), x), run(tmp_path / "net.onnx", x)[0])


@pytest.mark.parametrize(("shape", "slopes"), [((4, 4), (4, 1)), ((2, 4, 3), (3,)), ((2, 4, 3), (4, 3))])
def test_slopes_for_other_axes_are_refused(shape, slopes, tmp_path):
    call = ("PRelu", ["x", "s"], "y", {})
    onnx.save(model_of([call], {"s": of(*slopes)(1)[0]}, shape=shape, rank=len(shape)), tmp_path / "net.onnx")
    with pytest.raises(ValueError, match=r"PRelu 'PRelu_0' is not read: its slopes, of shape .* for each channel"):
        nn.from_onnx(tmp_path / "net.onnx")


def test_a_perceptron_of_scikit_learn_is_read(tmp_path):
    calls = [
        ("Cast", ["x"], "cast", {"to": 1}), ("Identity", ["w0"], "w", {}), ("MatMul", ["cast", "w"], "mul", {}),
        ("Add", ["b0", "mul"], "added", {}), ("Relu", ["added"], "hidden", {}),
        ("Constant", [], "w1", {"value": onnx.numpy_helper.from_array(W[:, :1])}),
        ("MatMul", ["hidden", "w1"], "out", {}), ("Reshape", ["out", "shape"], "y", {}),
    ]  # fmt: skip
    onnx.save(model_of(calls, {"w0": W.T.copy(), "b0": B, "shape": np.array([-1, 1])}), tmp_path / "net.onnx")
    net = nn.from_onnx(tmp_path / "net.onnx")
    assert [type(m) for m in net] == [nn.Linear, nn.ReLU, nn.Linear]
    x = of(4)(9)
    np.testing.assert_allclose(nn.predict(net, x), run(tmp_path / "net.onnx", x)[0], rtol=1e-6, atol=1e-6)


def calls_of(*steps):
    """A file of calls of one or two operands, constants among them."""
    constants, calls = {}, []
    for i, (kind, *operands) in enumerate(steps):
        names = []
        for operand in operands:
            if not isinstance(operand, str):
                constants[f"c{len(constants)}"] = np.float32(operand)
                operand = f"c{len(constants) - 1}"
            names.append(operand)
        calls.append((kind, names, "y" if i == len(steps) - 1 else f"v{i}", {}))
    return model_of(calls, constants)


@pytest.mark.parametrize(
    ("model", "module"),
    [
        (calls_of(("Div", "x", 2**0.5), ("Erf", "v0"), ("Add", "v1", 1), ("Mul", "x", "v2"), ("Mul", "v3", 0.5)),
         nn.GELU()),
        (calls_of(("Mul", "x", "x"), ("Mul", "x", "v0"), ("Mul", 0.044715, "v1"), ("Add", "x", "v2"),
                  ("Mul", (2 / np.pi) ** 0.5, "v3"), ("Tanh", "v4"), ("Add", 1, "v5"), ("Mul", "x", "v6"),
                  ("Mul", 0.5, "v7")), nn.GELU("tanh")),
        (calls_of(("Mul", "x", 2), ("Softplus", "v0"), ("Div", "v1", 2)), nn.Softplus(2.0, float("inf"))),
        (calls_of(("Sigmoid", "x"), ("Log", "v0")), nn.LogSigmoid()),
        (calls_of(("Sigmoid", "x"), ("Mul", "x", "v0")), nn.SiLU()),
        (calls_of(("Sigmoid", "x"), ("Mul", "v0", "x")), nn.SiLU()),
        (calls_of(("Softplus", "x"), ("Tanh", "v0"), ("Mul", "x", "v1")), nn.Mish()),
        (calls_of(("Tanh", "x"), ("Sub", "x", "v0")), nn.Tanhshrink()),
    ],
    ids=lambda x: type(x).__name__,
)  # fmt: skip
def test_activations_as_pytorch_writes_them(model, module, tmp_path):
    onnx.save(model, tmp_path / "net.onnx")
    (read,) = nn.from_onnx(tmp_path / "net.onnx")
    assert repr(read) == repr(module)
    x = of(4)(9)
    np.testing.assert_allclose(nn.predict(read, x), run(tmp_path / "net.onnx", x)[0], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (one("Sin"), "Sin 'Sin_0' is not read"),
        (one("Sqrt"), "Sqrt 'Sqrt_0' is not read. from_onnx takes a chain of Gemm"),
        (one("HardSigmoid"), "HardSigmoid 'HardSigmoid_0' is not read: no module calculates it with {}"),
        (one("Selu", alpha=1.0), "Selu 'Selu_0' is not read: no module calculates it with {'alpha': 1.0}"),
        (one("Clip", np.float32(0)), "Clip 'Clip_0' is not read: no module"),
        (one("Flatten", axis=2), "no module calculates it with {'axis': 2}"),
        (one("Dropout", np.float32(0.3), np.True_), "Dropout 'Dropout_0' is not read"),
        (one("Shrink", lambd=0.4, bias=0.2), "no module calculates it with"),
        (one("Cast", to=11), "Cast 'Cast_0' is not read"),
        (one("Reshape", np.array([-1, 2])), "Reshape 'Reshape_0' is not read"),
        (one("Add", B[:1]), "Add 'Add_0' is not read"),
        (one("Gemm", W, B, transB=1, alpha=2.0), "it has {'alpha': 2.0, 'transB': 1}"),
        (one("Gemm", W, W, transB=1), "what it adds is no constant for each of 3 outputs"),
        (one("MatMul", W.astype(np.float16).T), "its weights are float16, and nodes carry float64 and float32"),
        (model_of([("MatMul", ["w", "x"], "y", {})], {"w": W}), "it is not of what was calculated last and a constant"),
        (model_of([("Tanh", ["x"], "a", {}), ("Add", ["x", "a"], "y", {})]), "Add 'Add_1' is not read"),
        (model_of([("Tanh", ["x"], "a", {}), ("Relu", ["x"], "y", {})]), "its operand is not what was calculated last"),
        (model_of([("Add", ["x", "z"], "y", {})], inputs=("x", "z")), "there are 2 inputs and 1 outputs"),
        (
            model_of([("Relu", ["x"], "y", {})], elem_type=onnx.TensorProto.INT32),
            "the input is INT32; nets calculate in",
        ),
        (model_of([("Relu", ["x"], "y", {})], elem_type=onnx.TensorProto.BFLOAT16), "the input is BFLOAT16"),
        (model_of([("Relu", ["x"], "y", {})], opset=11), "the file has opset 11; onnx.version_converter"),
        (model_of([("Tanh", ["x"], "a", {}), ("Constant", [], "y", {"value_string": "?"})]), "Constant 'Constant_1'"),
        (
            model_of([("Tanh", ["x"], "a", {}), ("Constant", [], "y", {"value_float": 1.0})]),
            "not what is calculated last",
        ),
    ],
)
def test_what_is_no_chain_is_refused_by_name(model, words, tmp_path):
    onnx.save(model, tmp_path / "net.onnx")
    with pytest.raises(ValueError, match=r"^from_onnx: ") as caught:
        nn.from_onnx(tmp_path / "net.onnx")
    assert words in str(caught.value)


def test_a_net_that_is_no_chain_is_refused_by_name(tmp_path):
    nn.to_onnx(nn.Conv1d(4, 2, 1, **SMALL), tmp_path / "net.onnx", of(4, 3)(2))
    with pytest.raises(ValueError, match=r"^from_onnx: Conv 'conv_0' is not read"):
        nn.from_onnx(tmp_path / "net.onnx")


def test_a_file_that_is_no_model(tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"^from_onnx: .*net\.onnx is damaged, or no ONNX file"):
        nn.from_onnx(tmp_path / "net.onnx")
    with pytest.raises(FileNotFoundError):
        nn.from_onnx(tmp_path / "none.onnx")
