"""Layers beside PyTorch's, containers, hooks, scalar nets, starts."""

import copy

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from autograd.graph import toposort

torch = pytest.importorskip("torch")

from tests.nn.test_functional import close, scalars, slopes  # noqa: E402  # which also needs PyTorch

X = np.random.default_rng(0).normal(2, 3, (6, 4))


def both(ours, theirs, x=X):
    """Value and gradients of a layer, as arrays and as scalars, beside torch's."""
    g = np.random.default_rng(1).normal(size=x.shape)
    theirs.load_state_dict({k: torch.tensor(v) for k, v in ours.state_dict().items()})
    twin = copy.deepcopy(ours).to_scalars()
    node, cells, t = Tensor(x), scalars(x), torch.tensor(x, requires_grad=True)
    y, z, expected = ours(node), twin(cells), theirs(t)
    y.backward(g)
    (z * g).sum().backward()
    expected.backward(torch.tensor(g))
    close(y.data, expected.detach().numpy())
    close(nn.kinds.to_numpy(z), expected.detach().numpy())
    close(node.grad, t.grad.numpy())
    close(slopes(cells), t.grad.numpy())
    for (name, p), q, cell in zip(ours.named_parameters(), theirs.parameters(), twin._named_weights(), strict=True):
        close(p.grad, q.grad.numpy())
        close(slopes(cell[1]), q.grad.numpy())
        assert name == cell[0]
    for name, value in theirs.state_dict().items():
        close(ours.state_dict()[name], value.numpy())
        close(twin.state_dict()[name], value.numpy())


@pytest.mark.parametrize("options", [{}, {"eps": 0.1, "momentum": 0.3}, {"momentum": None}, {"affine": False}], ids=str)
@pytest.mark.parametrize("shape", [(6, 4), (3, 4, 2)])
def test_batch_norm(options, shape):
    ours, theirs = nn.BatchNorm1d(4, **options), torch.nn.BatchNorm1d(4, **options, dtype=torch.float64)
    if options.get("affine", True):
        nn.init.normal_(ours.weight, rng=0)
        nn.init.normal_(ours.bias, rng=1)
    for _ in range(3):
        ours.zero_grad()
        theirs.zero_grad()
        both(ours, theirs, X.reshape(shape) if len(shape) == 2 else X.reshape(3, 4, 2))
    assert ours.state_dict()["num_batches_tracked"] == 3
    ours.eval()
    theirs.eval()
    ours.zero_grad()
    theirs.zero_grad()
    both(ours, theirs)


def test_batch_norm_without_running_statistics():
    ours = nn.BatchNorm1d(4, track_running_stats=False)
    theirs = torch.nn.BatchNorm1d(4, track_running_stats=False, dtype=torch.float64)
    both(ours.eval(), theirs.eval())
    assert list(ours.state_dict()) == ["weight", "bias"]


@pytest.mark.parametrize(
    ("shape", "options"),
    [(4, {}), ((6, 4), {"eps": 0.1}), (4, {"bias": False}), (4, {"elementwise_affine": False})],
    ids=str,
)
def test_layer_norm(shape, options):
    ours = nn.LayerNorm(shape, **options)
    for p in ours.parameters():
        nn.init.normal_(p, rng=2)
    both(ours, torch.nn.LayerNorm(shape, **options, dtype=torch.float64))


def test_dropout():
    drop = nn.Dropout(0.3, rng=0)
    x = Tensor(np.ones((200, 50)))
    y = drop(x)
    kept = y.data != 0
    assert abs(kept.mean() - 0.7) < 0.02
    np.testing.assert_allclose(y.data[kept], 1 / 0.7)
    y.backward(np.ones(y.shape))
    np.testing.assert_array_equal(x.grad, y.data)
    assert (drop(x).data != y.data).any()
    assert drop.eval()(x) is x
    np.testing.assert_array_equal(nn.Dropout(1.0)(x).data, 0.0)
    assert nn.Dropout(0.5, rng=0)(Tensor(np.ones(3, np.float32))).dtype == np.float32
    cells = nn.Dropout(0.5, rng=0)(scalars(np.ones(8)))
    assert {v.data for v in cells} == {0.0, 2.0}
    a, b = nn.Dropout(0.5, rng=4)(x), nn.Dropout(0.5, rng=4)(x)
    np.testing.assert_array_equal(a.data, b.data)


def test_what_dropout_drops_is_0_whatever_it_meets():
    x = Tensor(np.zeros(20))
    y = nn.Dropout(0.5, rng=0)(autograd.sqrt(x))
    (g,) = autograd.gradients(y.sum(), [x])
    dropped = nn.Dropout(0.5, rng=0)(np.ones(20)).data == 0
    np.testing.assert_array_equal(g, np.where(dropped, 0.0, np.inf))


def test_flatten():
    x = np.arange(24.0).reshape(2, 3, 4)
    for dims in ((1, -1), (0, 1), (0, -1), (2, 2)):
        assert nn.Flatten(*dims)(x).shape == tuple(torch.nn.Flatten(*dims)(torch.tensor(x)).shape)
    assert nn.Flatten()(Tensor(x)).shape == (2, 12)
    assert nn.Flatten()(scalars(x)).shape == (2, 12)


def test_a_module_list():
    class Net(nn.Module):
        def __init__(self):
            self.layers = nn.ModuleList([nn.Linear(2, 2, rng=0)])
            self.layers.extend([nn.Linear(2, 2, rng=1), nn.Tanh()])

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    net = Net()
    assert [name for name, _ in net.named_parameters()] == [
        "layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias",
    ]  # fmt: skip
    assert net(X[:, :2]).shape == (6, 2)
    assert len(net.layers[:2]) == 2
    assert isinstance(net.layers[:2], nn.ModuleList)
    net.layers[-1] = nn.ReLU()
    assert isinstance(net.layers[2], nn.ReLU)
    with pytest.raises(TypeError, match="ModuleList: argument 3 is a function"):
        net.layers.append(np.tanh)
    with pytest.raises(TypeError, match="argument 0 is 3, not a module"):
        net.layers[0] = 3


def test_hooks_see_and_change_results():
    net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU())
    plain = net(X[:, :2]).data
    seen = []
    first = net[0].register_forward_hook(lambda module, args, output: seen.append((module, args[0], output)))
    double = net.register_forward_hook(lambda module, args, output: output * 2)
    np.testing.assert_array_equal(net(X[:, :2]).data, 2 * plain)
    assert seen[0][0] is net[0]
    assert seen[0][2].shape == (6, 3)
    first.remove()
    double.remove()
    np.testing.assert_array_equal(net(X[:, :2]).data, plain)
    assert len(seen) == 1


def test_apply_goes_from_the_inside_out():
    names = []
    net = nn.Sequential(nn.Sequential(nn.ReLU()), nn.Tanh())
    assert net.apply(lambda m: names.append(type(m).__name__)) is net
    assert names == ["ReLU", "Sequential", "Tanh", "Sequential"]


def test_freezing():
    net = nn.MLP([2, 3, 1], rng=0).requires_grad_(False)
    assert not any(p.requires_grad for p in net.parameters())
    assert "(13 frozen)" in net.summary()
    assert all(p.requires_grad for p in net.requires_grad_().parameters())
    small = nn.MLP([2, 2, 1], scalar=True).requires_grad_(False)
    assert len(list(small.requires_grad_().parameters())) == 9


def test_summary_counts_and_leaves_no_hook():
    net = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Sequential(nn.Linear(4, 2, bias=False)))
    text = net.summary(np.ones((5, 3)))
    assert text.splitlines()[-1].split() == ["total", "24"]
    assert "(5, 2)" in text
    assert repr(text) == str(text)
    assert not any(m._hooks for m in net.modules())
    assert net.training


# ---- scalar nets ----


def test_state_moves_between_arrays_and_scalars():
    arrays, small = nn.MLP([3, 4, 2], "tanh", rng=0), nn.MLP([3, 4, 2], "tanh", scalar=True, rng=1)
    small.load_state_dict(arrays.state_dict())
    close(nn.predict(small, X[:, :3]), arrays(X[:, :3]).data)
    arrays.load_state_dict(nn.MLP([3, 4, 2], scalar=True, rng=1).state_dict())
    close(arrays[0].weight.data, nn.MLP([3, 4, 2], rng=1)[0].weight.data)
    with pytest.raises(ValueError, match="size mismatch"):
        small.load_state_dict(nn.MLP([3, 5, 2]).state_dict())


def test_a_scalar_net_is_a_graph_of_values():
    net = nn.MLP([2, 2, 1], "sigmoid", scalar=True, rng=0)
    x = np.array([Value(0.5, "x0"), Value(-1.2, "x1")], object)
    (y,) = net(x)
    assert type(y) is Value
    names = {n.label for n in toposort(y) if n.op is None}
    assert names >= {"x0", "x1", "0.weight[1,0]", "2.bias[0]"}
    y.backward()
    array_net = nn.MLP([2, 2, 1], "sigmoid", rng=0)
    t = Tensor([0.5, -1.2])
    array_net(t).backward([1.0])
    close([v.grad for v in x], t.grad)
    close(slopes(net[0].weight), array_net[0].weight.grad)
    assert [name for name, _ in net.named_parameters()][:3] == ["0.weight[0,0]", "0.weight[0,1]", "0.weight[1,0]"]


def test_scalar_nets_copy_and_pickle():
    net = nn.MLP([2, 2, 1], scalar=True, rng=0)
    twin = copy.deepcopy(net)
    next(twin.parameters()).data = 5.0
    assert next(net.parameters()).data != 5.0


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.MLP([2, 1], scalar=True)(Tensor([1.0, 2.0])), TypeError, "not a Tensor"),
        (lambda: nn.MLP([2, 1])(scalars(np.ones(2))), TypeError, "to_scalars"),
        (lambda: nn.MLP([2, 1], scalar=True)([1.0, 2.0, 3.0]), ValueError, "takes 2 features"),
        (lambda: nn.MLP([2]), ValueError, "input, hidden layers and output"),
        (lambda: nn.MLP(2), ValueError, "not 2"),
        (lambda: nn.MLP([2, 3.5, 1]), TypeError, "out_features should be of type int, got: float"),
        (lambda: nn.Flatten(3)(np.ones((2, 2))), ValueError, "takes an input with those axes"),
        (lambda: nn.MLP([2, 2, 1], "rellu"), ValueError, "no activation 'rellu'; there are celu, elu, gelu"),
        (lambda: nn.MLP([2, 2, 1], output="soft"), ValueError, "no activation 'soft'"),
        (lambda: nn.Dropout(1.5), ValueError, r"\[0, 1\]"),
        (lambda: nn.BatchNorm1d(3)(np.ones((5, 4))), ValueError, r"\(samples, 3\)"),
        (lambda: nn.BatchNorm1d(3)(np.ones((1, 3))), ValueError, "no variance"),
        (lambda: nn.LayerNorm(3)(np.ones((5, 4))), ValueError, "last lengths"),
        (lambda: nn.init.xavier_normal_(nn.Parameter([1.0])), ValueError, "weight matrix"),
        (lambda: nn.init.kaiming_normal_(nn.Parameter([[1.0]]), mode="fan"), ValueError, "fan_in or fan_out"),
        (lambda: nn.init.zeros_(np.ones(3, int)), TypeError, "a parameter is set"),
    ],
)
def test_mistakes_are_explained(call, error, words):
    with pytest.raises(error, match=words):
        call()


# ---- starts ----


@pytest.mark.parametrize(
    "name", ["uniform_", "normal_", "xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"]
)
def test_starts_have_torchs_spread(name):
    ours = getattr(nn.init, name)(nn.Parameter(np.zeros((300, 200))), rng=0).data
    torch.manual_seed(0)
    theirs = getattr(torch.nn.init, name)(torch.zeros((300, 200))).numpy()
    assert ours.std() == pytest.approx(theirs.std(), rel=0.02)
    assert abs(ours.mean() - theirs.mean()) < 0.01
    assert abs(ours).max() == pytest.approx(abs(theirs).max(), rel=0.02 if "uniform" in name else 0.4)
    again = nn.init.uniform_(nn.Parameter(np.zeros(3)), rng=5).data
    np.testing.assert_array_equal(again, nn.init.uniform_(nn.Parameter(np.zeros(3)), rng=5).data)


@pytest.mark.parametrize("nonlinearity", ["linear", "sigmoid", "tanh", "relu", "leaky_relu"])
def test_gains_are_torchs(nonlinearity):
    assert nn.init.calculate_gain(nonlinearity) == pytest.approx(torch.nn.init.calculate_gain(nonlinearity), rel=1e-15)
    w, t = nn.Parameter(np.zeros((200, 300))), torch.empty(200, 300)
    for start, other in (
        (nn.init.kaiming_uniform_, torch.nn.init.kaiming_uniform_),
        (nn.init.kaiming_normal_, torch.nn.init.kaiming_normal_),
    ):
        start(w, 0.5, "fan_out", nonlinearity, rng=0)
        other(t, 0.5, "fan_out", nonlinearity)
        assert w.data.std() == pytest.approx(t.std().item(), rel=0.02)


def test_a_start_of_scalars_and_of_single_ones():
    layer = nn.Linear(3, 2, rng=0).to_scalars()
    nn.init.xavier_uniform_(layer.weight, rng=1)
    close(nn.kinds.to_numpy(layer.weight), nn.init.xavier_uniform_(nn.Parameter(np.zeros((2, 3))), rng=1).data)
    for p in layer.parameters():
        nn.init.constant_(p, 0.5)
    assert {v.data for v in layer.parameters()} == {0.5}


def test_a_summary_shows_gradients_after_a_pass_and_units_that_do_nothing():
    net = nn.Sequential(nn.Linear(2, 4, rng=0), nn.ReLU(), nn.Linear(4, 3, rng=1), nn.Tanh(), nn.Softmax())
    X = np.random.default_rng(0).normal(size=(6, 2))
    assert "gradient" not in net.summary(X)
    net[0].weight.data[:2] = 0.0
    net[0].bias.data = [-1.0, 1.0, 3.0, 3.0]
    net[2].bias.data[...] = [0.0, 4.0, -40.0]
    net(X)[:, :2].sum().backward()
    lines = str(net.summary(X)).splitlines()
    assert lines[0].split() == ["name", "module", "output", "parameters", "count", "gradient", "units"]
    assert lines[2].endswith("1 dead of 4")
    assert lines[4].endswith("1 dead, 1 saturated of 3")
    assert lines[5].split()[:2] == ["4", "Softmax"]
    assert "of" not in lines[5].split()
    for line, layer in ((lines[1], net[0]), (lines[3], net[2])):
        norm = np.sqrt(np.sum(layer.weight.grad**2) + np.sum(layer.bias.grad**2))
        assert f"{norm:.2g}" in line.split()
    with autograd.no_grad():
        assert str(net.summary(X)).splitlines() == lines
    net.zero_grad()
    assert "gradient" not in net.summary(X)
    scalars = nn.MLP([2, 3, 1], "sigmoid", rng=0).to_scalars()
    assert "of 3" not in scalars.summary([0.1, 0.2])
    assert str(scalars.summary([900.0, -900.0])).splitlines()[2].endswith("of 3")


def test_identity_takes_any_arguments():
    x = np.ones(3)
    assert nn.Identity(54, unused=True)(x) is x
