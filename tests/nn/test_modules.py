"""Modules: what they find, name, save and refuse."""

import copy
import pickle
import sys
import weakref

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, no_grad, viz


def net(**kwargs):
    rng = np.random.default_rng(0)
    return nn.Sequential(nn.Linear(3, 4, rng=rng, **kwargs), nn.Tanh(), nn.Linear(4, 2, rng=rng, **kwargs))


class Shared(nn.Module):
    """Parameters in every place where they are looked for."""

    def __init__(self):
        self.gain = nn.Parameter(2.0)
        self.layers = [nn.Linear(2, 2, rng=0), nn.Linear(2, 2, rng=1)]
        self.heads = {"left": nn.Linear(2, 1, rng=2), "right": (nn.Parameter([1.0]), nn.Parameter([2.0]))}
        self.again = self.layers[0]
        self.slope = Value(3.0)
        self.fixed = Value(4.0, requires_grad=False)
        self.cache = Tensor([5.0])
        self.name = "shared"


def test_parameters_are_named_in_order_of_assignment():
    assert [name for name, _ in net().named_parameters()] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert [p.shape for p in net().parameters()] == [(4, 3), (4,), (2, 4), (2,)]


def test_parameters_are_found_in_containers_and_once():
    assert [name for name, _ in Shared().named_parameters()] == [
        "gain", "heads.right.0", "heads.right.1", "slope",
        "layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias",
        "heads.left.weight", "heads.left.bias",
    ]  # fmt: skip


def test_modules_and_children():
    model = nn.Sequential(nn.Sequential(nn.Linear(1, 1), nn.ReLU()), nn.Sigmoid())
    assert [name for name, _ in model.named_modules()] == ["", "0", "0.0", "0.1", "1"]
    assert [type(m).__name__ for m in model.modules()] == ["Sequential", "Sequential", "Linear", "ReLU", "Sigmoid"]
    assert [type(m).__name__ for m in model.children()] == ["Sequential", "Sigmoid"]


def test_train_and_eval_reach_every_module():
    model = nn.Sequential(nn.Sequential(nn.Sigmoid()))
    assert all(m.training for m in model.modules())
    assert model.eval() is model
    assert not any(m.training for m in model.modules())
    assert model.train() is model
    assert all(m.training for m in model.modules())


def test_zero_grad():
    model = net()
    model(np.ones((5, 3))).sum().backward()
    assert all(p.grad.shape == p.shape for p in model.parameters())
    assert sum(p.numel() for p in model.parameters()) == 26
    model.zero_grad()
    assert not any(p.has_grad for p in model.parameters())


def test_gradients_are_forgotten_or_zeros():
    layer, v = nn.Linear(2, 1), Value(2.0)
    point = nn.Parameter(1.0)
    for p, zero in ((layer.weight, np.zeros((1, 2))), (point, np.array(0.0)), (v, 0.0)):
        holder = nn.Module()
        holder.p = p
        for owner in (holder, nn.optim.SGD([p])):
            (p * p).sum().backward() if p is not v else (p * p).backward()
            owner.zero_grad(set_to_none=False)
            assert type(p.grad) is type(zero)
            assert np.array_equal(p.grad, zero)
            owner.zero_grad()
            assert not p.has_grad


def test_state_goes_round_and_is_a_copy():
    a, b = net(), net()
    with no_grad():
        for p in b.parameters():
            p *= 3.0
    state = b.state_dict()
    a.load_state_dict(state)
    for name, value in a.state_dict().items():
        np.testing.assert_array_equal(value, state[name])
    state["0.bias"][:] = 7.0
    assert not (a[0].bias.data == 7.0).any()
    assert not (b[0].bias.data == 7.0).any()


def test_state_of_values():
    a, b = Shared(), Shared()
    a.slope.data = 9.0
    b.load_state_dict(a.state_dict())
    assert b.slope.data == 9.0
    assert type(b.slope.data) is float


def test_loading_lists_everything_wrong_and_changes_nothing():
    model = net()
    before = model.state_dict()
    state = {"0.weight": np.ones((3, 4)), "0.bias": np.ones(4), "2.weight": np.ones((2, 4)), "extra": 1.0}
    with pytest.raises(ValueError, match="Missing") as caught:
        model.load_state_dict(state)
    for part in (
        'Missing key(s) in state_dict: "2.bias" (2,)', 'Unexpected key(s) in state_dict: "extra"',
        "size mismatch for 0.weight: copying a param with shape (3, 4) from",
    ):  # fmt: skip
        assert part in str(caught.value)
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


@pytest.mark.parametrize("bias", [["x"], [1 + 2j], [[1.0], [1.0, 2.0]], [None]], ids=str)
def test_loading_what_is_no_number_changes_nothing(bias):
    layer = nn.Linear(1, 1, rng=0)
    before = layer.state_dict()
    with pytest.raises(ValueError, match=r"no array of real numbers.*: bias"):
        layer.load_state_dict({"weight": [[5.0]], "bias": bias})
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_what_a_dtype_cannot_hold_is_not_loaded():
    model = nn.Sequential(nn.Linear(2, 1, dtype=np.float32), nn.BatchNorm1d(1))
    before = model.state_dict()
    for name, value in (
        ("0.bias", [1e300]), ("0.bias", [10**300]), ("1.num_batches_tracked", 1.5), ("1.num_batches_tracked", np.inf),
        ("1.num_batches_tracked", np.nan), ("1.num_batches_tracked", np.uint64(2**64 - 1)),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=rf"not to be held by \w+: {name}|no array of real numbers.*: {name}"):
            model.load_state_dict(before | {name: value})
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    model.load_state_dict(before | {"0.bias": [np.inf], "0.weight": [[np.nan, 1 / 3]], "1.num_batches_tracked": 3.0})
    assert model[0].bias.data == np.inf
    assert model[1].num_batches_tracked == 3


def test_a_state_may_hold_nodes():
    layer, other = nn.Linear(2, 1, rng=0), nn.Linear(2, 1, rng=1)
    layer.load_state_dict(dict(other.named_parameters()))
    np.testing.assert_array_equal(layer.weight.data, other.weight.data)


def test_changed_data_are_noticed_by_a_recorded_graph():
    model = nn.Linear(3, 2)
    loss = (model.weight * model.weight).sum()
    model.load_state_dict(model.state_dict())
    with pytest.raises(ValueError, match="changed"):
        loss.backward()


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
def test_a_copy_is_equal_and_separate(twin):
    model = net()
    other = twin(model)
    assert repr(other) == repr(model)
    X = np.random.default_rng(1).normal(size=(4, 3))
    np.testing.assert_array_equal(other(X).data, model(X).data)
    assert all(type(p) is nn.Parameter and p.requires_grad for p in other.parameters())
    with no_grad():
        for p in other.parameters():
            p += 1.0
    assert (other[0].weight.data != model[0].weight.data).all()


@pytest.mark.parametrize("scalar", [False, True])
def test_a_net_draws_itself(scalar):
    model = nn.MLP([2, 3, 1], "tanh", scalar=scalar, rng=0)
    x, y = [0.5, -1.2], [1.0]
    drawn = viz.draw_network(model, x, y, loss=nn.MSELoss(), precision=2)
    assert model.draw(x, y, loss="mse", precision=2).source == drawn.source
    assert model.draw(x, 1.0, loss="mse", precision=2).source == drawn.source  # one output, one number
    assert model.draw(x, y, loss=nn.MSELoss(), precision=2).source == drawn.source
    assert model.draw(x, loss=lambda o: ((o - 1.0) ** 2).sum()).description == "network 2-3-1 with outputs and δs"
    assert model.draw(x).description == "network 2-3-1 with outputs"
    assert "δs" in nn.MLP([2, 3], scalar=scalar).draw(x, 2, loss="cross_entropy").description
    with pytest.raises(ValueError, match="no loss 'mess'; there are bce"):
        model.draw(x, y, loss="mess")
    with pytest.raises(TypeError, match=r"pass draw\(x, y, loss='mse'\)"):
        model.draw(x, loss="mse")


def test_parameters_are_hashed_by_identity():
    p, q = nn.Parameter([1.0]), nn.Parameter([1.0])
    assert len({p: 1, q: 2}) == 2
    assert nn.Parameter.__hash__ is object.__hash__


def test_results_are_tensors():
    assert type(nn.Parameter([1.0]) * 2.0) is Tensor


def test_a_parameter_of_a_tensor_has_its_numbers_and_its_name():
    x = Tensor([1.0, 2.0], "x", requires_grad=False)
    p = nn.Parameter(x)
    assert (p.label, p.requires_grad, p.op, p.data.tolist()) == ("x", True, None, [1.0, 2.0])
    p.data[0] = 5.0
    assert x.data[0] == 1.0
    assert nn.Parameter(x * 2.0, "w").label == "w"
    assert nn.Parameter(nn.Parameter([1.0]), dtype=np.float32).dtype == np.float32
    with pytest.raises(TypeError, match=r"its gradient would end here; pass x\.detach"):
        nn.Parameter(p * 2.0)
    assert nn.Parameter((p * 2.0).detach()).data.tolist() == [10.0, 4.0]


def test_float32_stays_float32():
    model = net(dtype=np.float32)
    X, y = np.ones((5, 3)), np.zeros((5, 2))
    out = model(X)
    assert out.dtype == np.float32
    loss = nn.MSELoss()(out, y)
    assert loss.dtype == np.float32
    loss.backward()
    optimizer = nn.optim.SGD(model.parameters(), lr=np.float64(0.1), momentum=0.9)
    for _ in range(2):
        optimizer.step()
    assert all(p.dtype == p.grad.dtype == np.float32 for p in model.parameters())
    assert "float32" in repr(model)


def test_repr_shows_shapes():
    assert repr(net()) == (
        "Sequential(\n  0: Linear(weight: (4, 3), bias: (4,))\n  1: Tanh()\n  2: Linear(weight: (2, 4), bias: (2,))\n)"
    )
    nested = nn.Sequential(nn.Sequential(nn.ReLU()))
    assert repr(nested) == "Sequential(\n  0: Sequential(\n    0: ReLU()\n  )\n)"


@pytest.mark.parametrize(
    ("module", "says"),
    [
        (nn.Conv2d(1, 2, 3), "Conv2d(weight: (2, 1, 3, 3), bias: (2,))"),
        (nn.Conv2d(1, 2, 3, 2, (1, 0)), "Conv2d(weight: (2, 1, 3, 3), bias: (2,), stride=(2, 2), padding=(1, 0))"),
        (nn.Conv1d(1, 2, 3, padding="same", bias=False), "Conv1d(weight: (2, 1, 3), padding='same')"),
        (nn.Embedding(4, 2, padding_idx=0), "Embedding(weight: (4, 2), padding_idx=0)"),
        (nn.RMSNorm(3, eps=1e-6), "RMSNorm(weight: (3,), eps=1e-06)"),
        (nn.GRUCell(1, 1, bias=False), "GRUCell(weight_ih: (3, 1), weight_hh: (3, 1), bias=False)"),
    ],
)
def test_repr_shows_what_is_not_at_its_default(module, says):
    assert repr(module) == says


def test_linear_takes_arrays_lists_and_nodes_of_any_rank():
    layer = nn.Linear(2, 3, rng=0)
    x = np.arange(12.0).reshape(3, 2, 2)
    expected = x @ layer.weight.data.T + layer.bias.data
    for samples in (x, x.tolist(), Tensor(x)):
        np.testing.assert_allclose(layer(samples).data, expected)
    assert layer(x[0, 0]).shape == (3,)
    assert layer(np.ones((1, 2), int)).dtype == np.float64
    x = Tensor(x[0])
    layer(x).sum().backward()
    assert x.grad.shape == x.shape


def test_linear_without_bias():
    layer = nn.Linear(2, 3, bias=False, rng=0)
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    np.testing.assert_array_equal(layer(np.zeros(2)).data, np.zeros(3))


def test_a_seed_gives_the_same_start_and_a_generator_goes_on():
    a, b = nn.Linear(2, 2, rng=4), nn.Linear(2, 2, rng=4)
    np.testing.assert_array_equal(a.weight.data, b.weight.data)
    rng = np.random.default_rng(4)
    c, d = nn.Linear(2, 2, rng=rng), nn.Linear(2, 2, rng=rng)
    np.testing.assert_array_equal(a.weight.data, c.weight.data)
    assert (c.weight.data != d.weight.data).all()
    assert (nn.Linear(2, 2).weight.data != nn.Linear(2, 2).weight.data).all()


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.ones((5, 2)), ["Linear(3 → 2)", "(..., 3)", "(5, 2)"]),
        (np.ones((3, 5)), ["(3, 5)", "x.T"]),
        (1.0, ["Linear(3 → 2)", "()"]),
    ],
)
def test_wrong_features(x, words):
    with pytest.raises(ValueError, match="Linear") as caught:
        nn.Linear(3, 2)(x)
    assert all(word in str(caught.value) for word in words)


def test_one_feature_asks_for_a_column():
    with pytest.raises(ValueError, match=r"x\[:, None\]"):
        nn.Linear(1, 2)(np.ones(5))
    with pytest.raises(ValueError, match="along the last axis"):
        nn.Linear(1, 2)(np.ones((5, 2)))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: nn.Linear(0, 2), ValueError, "in_features must be greater than zero"),
        (lambda: nn.Linear(2, -1), ValueError, "out_features must be greater than zero"),
        (lambda: nn.Linear(2.0, 1), TypeError, "in_features should be of type int, got: float"),
        (lambda: nn.Linear(2, 1, dtype=int), TypeError, "cannot require a gradient"),
        (lambda: nn.Parameter([1, 2]), TypeError, "cannot require a gradient"),
        (lambda: nn.Parameter([1, 2], requires_grad=False), TypeError, "cannot require a gradient"),
        (lambda: nn.Module()(1.0), NotImplementedError, "has no forward"),
        (lambda: nn.Sequential(nn.Sigmoid), TypeError, "write Sigmoid"),
        (lambda: nn.Sequential([nn.Sigmoid()]), TypeError, r"Sequential\(\*modules\)"),
        (lambda: nn.Sequential({"a": nn.Sigmoid()}), TypeError, r"Sequential\(\*modules.values\(\)\)"),
        (lambda: nn.LeakyReLU(slope=0.1), TypeError, r"LeakyReLU\(negative_slope: float = 0.01, inplace"),
        (
            lambda: nn.ReLU(0.5),
            ValueError,
            "inplace should be of type bool, got: float; .* not 0.5",
        ),
        (lambda: nn.Sigmoid(True), TypeError, r"Sigmoid\(\): too many"),
        (lambda: nn.MSELoss(reduction=0.5), ValueError, "reduction must be one of"),
        (lambda: nn.Sequential(np.tanh), TypeError, "a function, not a module"),
        (lambda: net().load_state_dict(net()), TypeError, "dict-like, got Sequential; .*model.state_dict"),
        (lambda: net().load_state_dict(net().state_dict), TypeError, r"call it: model.state_dict\(\)"),
        (lambda: nn.Sequential(3), TypeError, "3, not a module"),
        (lambda: net()[3], IndexError, "there is no item 3; it has 3"),
        (lambda: nn.Linear(2, 1)([Value(1.0), Value(2.0)]), TypeError, "list of nodes"),
        (lambda: nn.Linear(2, 1)(np.array([Value(1.0), Value(2.0)], dtype=object)), TypeError, "object"),
    ],
)
def test_mistakes_are_explained(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_sequential_is_a_sequence():
    model = net()
    assert len(model) == len(list(model)) == 3
    assert model[-1] is model[2]
    assert isinstance(model[:2], nn.Sequential)
    assert model[:2][0] is model[0]
    assert len(nn.Sequential()) == 0
    assert nn.Sequential()(3.0) == 3.0


def test_options_of_functions_are_kept_and_may_change():
    class Steep(nn.LeakyReLU):
        def __init__(self):
            super().__init__(negative_slope=0.5)

    for module in (nn.ReLU(inplace=True), nn.ReLU(True), nn.SiLU(False)):
        assert repr(module) == f"{type(module).__name__}()"
    assert repr(nn.LeakyReLU(0.2, True)) == "LeakyReLU(negative_slope=0.2)"
    assert repr(nn.Dropout(0.2, True)) == repr(nn.Dropout(0.2, inplace=True)) == "Dropout(p=0.2)"
    assert repr(nn.ELU(2.0)) == "ELU(alpha=2.0)"
    assert repr(nn.CrossEntropyLoss(None, "sum", label_smoothing=0.1)) == (
        "CrossEntropyLoss(weight=None, ignore_index=-100, reduction='sum', label_smoothing=0.1)"
    )
    steep = Steep()
    assert steep(-2.0) == -1.0
    steep.negative_slope = 0.25
    assert steep(-2.0) == -0.5


def test_what_is_not_installed_is_named_with_its_extra(monkeypatch, tmp_path):
    for library, extra, call in (
        ("safetensors.numpy", "nn", lambda: nn.save(net(), tmp_path / "net")),
        ("scipy.optimize", "nn", lambda: nn.scipy_minimize(lambda: 0.0, net().parameters())),
        ("sklearn.datasets", "data", nn.data.iris),
        ("pooch", "data", nn.data.mnist),
        ("matplotlib.pyplot", "plot", lambda: nn.plots.weights(net())),
    ):
        monkeypatch.setitem(sys.modules, library, None)
        with pytest.raises(ImportError, match=rf"{library.partition('.')[0]}: pip install 'graphgrad\[{extra}\]'"):
            call()


def test_a_bool_in_the_labels_place_freezes_as_in_pytorch():
    p = nn.Parameter([1.0], False)
    assert (p.label, p.requires_grad) == (None, False)
    assert nn.Parameter([1.0], True).requires_grad
    assert nn.Parameter([1.0], "w").label == "w"


def test_a_summary_has_a_row_for_every_place_of_a_shared_module():
    layer, act = nn.Linear(2, 2), nn.ReLU()
    table = str(nn.Sequential(layer, act, nn.Linear(2, 3), act, nn.Linear(3, 2), layer).summary(np.ones((4, 2))))
    rows = [line.split() for line in table.splitlines()[1:]]
    assert [row[:4] for row in rows[:-1]] == [
        ["0", "Linear", "(4,", "2)"], ["1", "ReLU", "(4,", "2)"], ["2", "Linear", "(4,", "3)"],
        ["3", "ReLU", "(4,", "3)"], ["4", "Linear", "(4,", "2)"], ["5", "Linear", "(4,", "2)"],
    ]  # fmt: skip
    assert rows[5][4:] == ["those", "of", "0"]
    assert rows[-1] == ["total", "23"]


def test_buffers_are_listed():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.BatchNorm1d(3, track_running_stats=False))
    names = ["1.running_mean", "1.running_var", "1.num_batches_tracked"]
    assert [name for name, _ in model.named_buffers()] == names
    assert next(model.buffers()) is model[1].running_mean
    parameters = ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert list(model.state_dict()) == [*parameters, *names, "2.weight", "2.bias"]


def test_a_frozen_parameter():
    layer = nn.Linear(2, 1, rng=0)
    layer.bias = nn.Parameter([0.0], requires_grad=False)
    layer(np.ones((3, 2))).sum().backward()
    assert not layer.bias.has_grad
    before = layer.bias.numpy()
    nn.optim.SGD(layer.parameters(), 0.1).step()
    np.testing.assert_array_equal(layer.bias.data, before)


class Tied(nn.Module):
    def __init__(self):
        self.a, self.b = nn.Linear(2, 2, rng=0), nn.Linear(2, 2, rng=1)
        self.b.weight = self.a.weight

    def forward(self, x):
        return self.b(self.a(x))


def test_tied_weights_stay_tied_as_scalars():
    model = Tied()
    names = list(model.state_dict())
    expected = model([[0.5, -1.0]]).data
    model.to_scalars()
    assert model.a.weight is model.b.weight
    assert list(model.state_dict()) == names == ["a.weight", "a.bias", "b.weight", "b.bias"]
    np.testing.assert_allclose(nn.kinds.to_numpy(model(np.array([[0.5, -1.0]]))), expected, rtol=1e-15)


def test_to_scalars_refuses_parameters_in_containers_and_changes_nothing():
    model = Tied()
    model.listed = [model.a.weight]
    with pytest.raises(TypeError, match=r"listed\.0 is in a list"):
        model.to_scalars()
    assert all(isinstance(p, nn.Parameter) for p in model.parameters())


def step(p):
    (p * p).sum().backward() if isinstance(p, Tensor) else (p * p).backward()
    return p - 0.1 * p.grad


def scalar_step(layer):
    layer([1.0, 2.0])[0].backward()
    return layer.weight - 0.1 * np.array([[v.grad for v in row] for row in layer.weight])


def detached_step(p):
    with no_grad():
        return step_of(p)


def step_of(p):
    return p - 0.1 * p


@pytest.mark.parametrize(
    ("make", "name", "new", "words"),
    [
        (lambda: nn.Linear(2, 1, rng=0), "weight", lambda m: step(m.weight), "Linear.weight is a parameter.*result of"),
        (lambda: nn.Linear(2, 1, rng=0), "weight", lambda m: detached_step(m.weight), "Tensor in its place would not"),
        (lambda: nn.Linear(2, 1, rng=0), "weight", lambda m: m.weight.data, r"ndarray .*assign an nn\.Parameter"),
        (lambda: nn.Linear(2, 1, rng=0), "weight", lambda m: Tensor(m.weight.data), "Tensor in its place"),
        (lambda: nn.Linear(2, 1, rng=0), "bias", lambda m: 0.0, "Linear.bias is a parameter.*float"),
        (lambda: nn.Linear(2, 1, rng=0), "bias", lambda m: nn.Tanh(), "Linear.bias is a parameter.*Tanh"),
        (lambda: nn.Linear(2, 1, rng=0), "bias", lambda m: [m.bias], "Linear.bias is a parameter.*list"),
        (lambda: nn.Linear(2, 1, rng=0).to_scalars(), "weight", scalar_step, "ndarray in its place would not"),
        (Shared, "slope", lambda m: step(m.slope), r"Shared.slope is a parameter.*assign an autograd\.Value"),
        (Shared, "slope", lambda m: detached_step(m.slope), "Value in its place would not be trained"),
        (Shared, "slope", lambda m: 2.0, "Shared.slope is a parameter"),
        (Shared, "gain", lambda m: m.gain * 2, "result of 'mul'"),
        (Shared, "heads", lambda m: m.heads | {"right": tuple(p * 2 for p in m.heads["right"])}, r"right\.0 is a"),
        (Shared, "layers", lambda m: [m.layers[0], np.tanh], r"layers\.1 is a submodule, and ufunc"),
        (Tied, "a", lambda m: np.tanh, "a is a submodule.*assign a module, or None"),
        (Tied, "a", lambda m: m.a.weight * 2, "a is a submodule, and Tensor"),
    ],
)  # fmt: skip
def test_what_would_drop_weights_in_silence_is_an_error_and_changes_nothing(make, name, new, words):
    model = make()
    before, names = getattr(model, name), [n for n, _ in model.named_parameters()]
    value = new(model)
    with pytest.raises(TypeError, match=words):
        setattr(model, name, value)
    assert getattr(model, name) is before
    assert [n for n, _ in model.named_parameters()] == names


def test_in_place_operators_on_a_parameter_train_it_or_are_an_error():
    layer = nn.Linear(2, 1, rng=0)
    layer([[1.0, 2.0]]).sum().backward()
    with pytest.raises(TypeError, match="no_grad"):
        layer.weight -= 0.1 * layer.weight.grad
    before = layer.weight.data.copy()
    with no_grad():
        layer.weight -= 0.1 * layer.weight.grad
    np.testing.assert_allclose(layer.weight.data, before - [[0.1, 0.2]])
    assert isinstance(layer.weight, nn.Parameter)


def test_what_may_stand_in_a_weights_or_a_modules_place():
    layer, other = nn.Linear(2, 1, rng=0), nn.Parameter([[1.0, 2.0]])
    layer.weight = layer.weight
    layer.weight = other
    assert next(layer.parameters()) is other
    layer.bias = None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    layer.bias = nn.Parameter([0.0], requires_grad=False)
    layer.bias = nn.Parameter([1.0])
    layer.weight = nn.kinds.to_value_array(other, "weight")
    assert len(list(layer.parameters())) == 3
    model = Shared()
    model.slope = Value(1.0)
    model.fixed, model.cache, model.name = 3.0, [1.0], Tensor([2.0])  # no parameters
    model.cache = "changed"
    model.layers = [nn.Tanh(), None]
    model.heads = {}
    model.again = None
    model.again = nn.ReLU()
    model.again = nn.Parameter([1.0])  # as in PyTorch
    assert [name for name, _ in model.named_parameters()] == ["gain", "again", "slope"]
    del model.again
    assert not hasattr(model, "again")


def test_float16_is_refused_by_layers_states_and_fits():
    half, model = np.ones((4, 2), np.float16), nn.Linear(2, 1)
    before = model.weight.data.copy()
    with pytest.raises(ValueError, match="float64, float32 or integers: weight"):
        model.load_state_dict({name: a.astype(np.float16) for name, a in model.state_dict().items()})
    for refused in (
        lambda: model(half),
        lambda: nn.predict(model, half),
        lambda: nn.Linear(2, 1, dtype=np.float16),
        lambda: nn.Parameter(half),
        lambda: nn.MSELoss()(model(np.ones((4, 2))), half[:, :1]),
        lambda: nn.CrossEntropyLoss()(np.ones((4, 2)), half),
        lambda: nn.fit(model, half, np.ones((4, 1)), loss="mse", progress=False),
        lambda: nn.fit(model, np.ones((4, 2)), half[:, :1], loss="mse", progress=False),
    ):
        with pytest.raises(TypeError, match=r"float16 cannot be carried: .*\.astype\(np\.float32\)"):
            refused()
    np.testing.assert_array_equal(model.weight.data, before)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("is_run", [False, True])
def test_backward_hooks_of_a_module_keep_no_graph(count, is_run):
    class Products(nn.Module):
        def forward(self, a):
            return (a * a, a + a)[:count]

    model = Products()
    model.register_full_backward_hook(lambda *args: None)
    model.register_full_backward_pre_hook(lambda *args: None)
    y = model(Tensor([1.0, 2.0]) * 3.0)
    if is_run:
        y[0].sum().backward()
    results = [weakref.ref(part) for part in y]
    del y
    assert [result() for result in results] == [None] * count
