"""Nets on the arrays of PyTorch, JAX and the array API standard: what NumPy calculates, and where it lies."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor, no_grad, stack
from autograd.backends import library_of, moves, numpy_dtype, use

ROOT = Path(__file__).parents[2]
if "layer_page" not in sys.modules:
    spec = importlib.util.spec_from_file_location("layer_page", ROOT / "scripts" / "layer_page.py")
    sys.modules["layer_page"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["layer_page"])
EXAMPLES = {name: example for _, name, example in sys.modules["layer_page"].examples()}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3))
REAL = np.sin(X.sum(axis=1, keepdims=True))
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5)
LOSSES = {"mse": REAL, "cross_entropy": LABELS, "bce_with_logits": (REAL > 0).astype(float)}
TOLERANCE = {"float64": 1e-12, "float32": 2e-6}
RULES = {
    "SGD": {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}, "Adam": {"amsgrad": True}, "AdamW": {},
    "NAdam": {}, "RAdam": {}, "Adamax": {}, "RMSprop": {"centered": True, "momentum": 0.5}, "Adagrad": {},
    "Adadelta": {}, "Rprop": {}, "ASGD": {"t0": 2}, "LBFGS": {"max_iter": 3, "line_search_fn": "strong_wolfe"},
}  # fmt: skip


@pytest.fixture(params=["torch", "array_api_strict"])
def library(request):
    pytest.importorskip(request.param)
    return request.param


def fetched(x):
    """The numbers in a node or an array."""
    x = x.data if isinstance(x, Tensor) else x
    return np.asarray(x) if library_of(x) is None else library_of(x).to_numpy(x)


def mlp(outputs=1, dtype="float64"):
    return nn.Sequential(nn.Linear(3, 5, rng=0), nn.Tanh(), nn.Linear(5, outputs, rng=1)).to(dtype)


def trained(model, rule, options=None, loss="mse", steps=10, change=None):
    """The numbers of the parameters after some steps; `change` is called before the fourth."""
    optimizer = getattr(nn.optim, rule)(model.parameters(), **(options or {}))
    function, y = nn.losses.loss_function(loss), LOSSES[loss]

    def closure():
        optimizer.zero_grad()
        value = function(model(X), y)
        value.backward()
        return value

    for i in range(steps):
        if i == 3 and change is not None:
            optimizer = change(model, optimizer) or optimizer
        optimizer.step(closure)
    return [fetched(p) for p in model.parameters()], optimizer


def agree(ours, theirs, tolerance):
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("rule", ["SGD", "Adam"])
def test_ten_steps_are_numpys(library, rule, loss, dtype):
    outputs = 3 if loss == "cross_entropy" else 1
    ours, _ = trained(mlp(outputs, dtype).to(library), rule, {"lr": 0.05}, loss)
    theirs, _ = trained(mlp(outputs, dtype), rule, {"lr": 0.05}, loss)
    agree(ours, theirs, TOLERANCE[dtype])


def test_steps_are_numpys_with_jax():
    pytest.importorskip("jax")  # which compiles each operation when it first meets it
    results = []
    for where in ("numpy", "jax"):
        model = nn.Linear(3, 1, rng=0).float().to(where)
        results.append(trained(model, "SGD", {"lr": 0.05, "momentum": 0.5}, steps=3)[0])
    agree(*results, TOLERANCE["float32"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_values_and_gradients_of_every_module(name):
    pytest.importorskip("torch")
    results = []
    for where in ("numpy", "torch"):
        nn.manual_seed(0)
        module = EXAMPLES[name].make().to(where)
        inputs = [x.detach().to(where) if isinstance(x, Tensor) else x for x in EXAMPLES[name].inputs]
        for x, given in zip(inputs, EXAMPLES[name].inputs, strict=True):
            if isinstance(x, Tensor):
                x.requires_grad_(given.requires_grad)
        y = module(*inputs)
        y = y[0] if isinstance(y, tuple) else y
        assert library_of(y) is (None if where == "numpy" else use(where))
        (y * y).sum().backward()
        leaves = [x for x in (*module.parameters(), *inputs) if isinstance(x, Tensor) and x.has_grad]
        results.append([fetched(x) for x in (y, *(leaf.grad for leaf in leaves), *module.buffers())])
    agree(*results, 1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_memory_follows_a_net_that_moves(library, rule):
    theirs, _ = trained(mlp(), rule, RULES[rule], steps=6)
    ours, optimizer = trained(mlp(), rule, RULES[rule], steps=6, change=lambda model, _: model.to(library) and None)
    agree(ours, theirs, 1e-12)
    arrays = [x for state in optimizer.state.values() for x in state.values() if getattr(x, "shape", ())]
    assert arrays
    assert rule == "LBFGS" or all(library_of(x) is use(library) for x in arrays)


@pytest.mark.parametrize("rule", RULES)
def test_an_optimisers_state_is_loaded_where_the_parameters_are(library, rule):
    def other(model, optimizer):
        fresh = getattr(nn.optim, rule)(model.to(library).parameters(), **RULES[rule])
        fresh.load_state_dict(optimizer.state_dict())
        return fresh

    theirs, _ = trained(mlp(), rule, RULES[rule], steps=5)
    agree(trained(mlp(), rule, RULES[rule], steps=5, change=other)[0], theirs, 1e-12)


def test_a_net_moves_in_place(library):
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.BatchNorm1d(3))
    model.tied = model[0].weight
    model.register_buffer("mask", Tensor([1.0, 0.0], requires_grad=False))
    parameters, mask, before = list(model.parameters()), model.mask, moves.count
    assert model.to(library) is model
    assert all(p is q for p, q in zip(parameters, model.parameters(), strict=True))
    assert model.mask is mask
    assert moves.count == before + len(parameters) + 1
    assert all(library_of(x) is use(library) for x in (*parameters, *model.buffers()))
    assert all(isinstance(p, nn.Parameter) for p in parameters)
    assert numpy_dtype(model[1].num_batches_tracked).kind == "i"
    assert model.to("float32").to("numpy").to(library)[1].running_mean.dtype == use(library).dtype_of("float32")
    assert repr(model[0]) == "Linear(weight: (3, 2) float32, bias: (3,) float32)"
    assert type(model.to("numpy")[1].running_mean) is np.ndarray


def test_places_are_named_as_the_library_names_them():
    torch = pytest.importorskip("torch")
    model = mlp().to("torch")
    assert model.to(torch.float32)[0].weight.dtype == torch.float32
    assert model.to(torch.device("cpu"), torch.float64)[0].weight.dtype == torch.float64
    assert model.to("cpu").cpu().to(device="meta")[0].weight.device.type == "meta"
    jax = pytest.importorskip("jax")
    model = mlp(dtype="float32").to("jax")
    assert model.to(jax.devices()[0])[0].weight.dtype == np.float32


def test_what_cannot_move_says_so_and_moves_nothing():
    torch = pytest.importorskip("torch")
    pytest.importorskip("jax")
    model = mlp()
    for place in ("cuda", "float16", "bfloat16", torch.float16):
        with pytest.raises(TypeError, match="parameters are float64 or float32, on the CPU"):
            model.to(place)
    with pytest.raises(TypeError, match=r'"torch", device=.cuda.'):
        model.to("cuda")
    for place in ("float16", torch.bfloat16):
        with pytest.raises(TypeError, match="nodes carry float64 and float32"):
            mlp().to("torch").to(place)
    if not sys.modules["jax"].config.jax_enable_x64:
        with pytest.raises(TypeError, match=r'dtype="float32", or call jax\.config\.update\("jax_enable_x64", True\)'):
            model.to("jax")
    assert all(library_of(p) is None for p in model.parameters())
    with pytest.raises(TypeError, match=r"a scalar net computes with Python's floats.*make a net of arrays"):
        nn.MLP([2, 1], scalar=True).to("torch")


def test_states_are_the_librarys_own_and_load_from_any(library, tmp_path):
    ours = nn.Sequential(nn.Linear(2, 3, rng=0), nn.BatchNorm1d(3)).to(library)
    theirs = nn.Sequential(nn.Linear(2, 3, rng=1), nn.BatchNorm1d(3))
    ours(np.ones((4, 2)) * np.arange(4.0)[:, None])
    state = ours.state_dict()
    assert all(library_of(x) is use(library) for x in state.values())
    kept = fetched(state["0.weight"]).copy()
    theirs.load_state_dict(state)
    agree(list(theirs.state_dict().values()), [fetched(x) for x in state.values()], 0)
    fresh = nn.Sequential(nn.Linear(2, 3, rng=2), nn.BatchNorm1d(3)).to(library)
    fresh.load_state_dict(theirs.state_dict())
    assert all(library_of(x) is use(library) for x in fresh.state_dict().values())
    agree([fetched(x) for x in fresh.state_dict().values()], [fetched(x) for x in state.values()], 0)
    with no_grad():
        ours[0].weight -= 1.0
    np.testing.assert_array_equal(fetched(state["0.weight"]), kept)
    nn.save(ours, tmp_path / "net.safetensors")
    agree(
        [*nn.load(tmp_path / "net.safetensors").state_dict().values()],
        list(map(fetched, ours.state_dict().values())),
        0,
    )


@pytest.mark.parametrize("loss", LOSSES)
def test_fit_trains_as_with_numpy(library, loss, tmp_path):
    y = LOSSES[loss]

    def run(where, resume=False):
        nn.manual_seed(3)
        model = nn.Sequential(
            nn.Linear(3, 5, rng=0), nn.Dropout(0.2), nn.BatchNorm1d(5), nn.Linear(5, 3 if y.ndim == 1 else 1, rng=1)
        ).to(where)
        path = tmp_path / where
        options = {
            "validation_data": (X[:8], y[:8]),
            "metrics": ["mean_squared_error"] if loss == "mse" else ["accuracy"],
        }
        for epochs in (2, 3) if resume else (3,):
            history = nn.fit(
                model, X, y, loss=loss, optimizer=nn.optim.SGD(model.parameters(), 0.05, momentum=0.5), epochs=epochs,
                batch_size=8, rng=0, progress=False, record=["weights", "gradients"],
                callbacks=[nn.ClipGradients(max_norm=0.5), nn.EarlyStopping(), nn.Checkpoint(path)],
                resume=path if resume else None, **options,
            )  # fmt: skip
        return history, model

    (theirs, plain), (ours, model), (resumed, _) = run("numpy"), run(library), run(library, resume=True)
    for name in theirs.logs:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=1e-11)
        np.testing.assert_array_equal(resumed[name], ours[name])
    agree([fetched(x) for x in model.state_dict().values()], [*plain.state_dict().values()], 1e-11)
    assert type(nn.predict(model, X)) is np.ndarray


def test_fit_takes_the_librarys_arrays_and_checks_labels_once():
    torch = pytest.importorskip("torch")
    model = mlp(3, "float32").to("torch")
    history = nn.fit(model, torch.tensor(X), torch.tensor(LABELS), loss="cross_entropy", epochs=1, progress=False)
    assert np.isfinite(history["loss"]).all()
    with pytest.raises(ValueError, match="Target 9 is out of bounds"):
        nn.fit(model, X, np.full(20, 9), loss="cross_entropy", epochs=1, progress=False)
    with pytest.raises(ValueError, match="Target 9 is out of bounds"):
        F.cross_entropy(model(X), np.full(20, 9))
    with pytest.raises(TypeError, match="shards are calculated with NumPy"):
        nn.fit(model, X, LABELS, loss="cross_entropy", epochs=1, progress=False, shards=2)


def test_functions_take_arrays_of_a_library():
    torch = pytest.importorskip("torch")
    x, y = torch.tensor(X), torch.tensor(LABELS)
    for function in (
        lambda a, y: F.pad(a, (1, 2)), lambda a, y: F.cross_entropy(a, y, label_smoothing=0.1),
        lambda a, y: F.nll_loss(F.log_softmax(a), y, weight=[1.0, 2.0, 3.0]), lambda a, y: F.normalize(a),
        lambda a, y: F.normalize(a, p=0), lambda a, y: F.normalize(a, p=3), lambda a, y: F.cosine_similarity(a, a + 1),
        lambda a, y: F.triplet_margin_loss(a, a + 1, a - 1), lambda a, y: F.batch_norm(a, None, None, training=True),
        lambda a, y: F.rms_norm(a, (3,)), lambda a, y: F.layer_norm(a, (3,)), lambda a, y: F.dropout(a, rng=0),
        lambda a, y: F.binary_cross_entropy_with_logits(a, a * 0 + 1, pos_weight=[1.0, 2.0, 3.0]),
        lambda a, y: F.binary_cross_entropy(a * 0 + 0.25, a * 0 + 1), lambda a, y: F.mse_loss(a, a + 1),
        lambda a, y: F.embedding(y, a), lambda a, y: F.linear(a, a),
        lambda a, y: F.cross_entropy(a, y, ignore_index=1), lambda a, y: F.gaussian_nll_loss(a, a + 1, a * 0 + 2),
        lambda a, y: F.scaled_dot_product_attention(a, a, a, is_causal=True),
    ):  # fmt: skip
        result = function(x, y)
        assert library_of(result) is use("torch")
        np.testing.assert_allclose(fetched(result), fetched(function(X, LABELS)), rtol=0, atol=1e-12)
    mean, variance = torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    F.batch_norm(x, mean, variance, training=True)
    np.testing.assert_allclose(mean.numpy(), X.mean(axis=0) * 0.1, rtol=0, atol=1e-15)


def test_plain_data_go_where_the_weights_are_after_layers_without_any(library):
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.0), nn.Dropout(0.5), nn.ReLU(), nn.Linear(3, 2, rng=0)).to(library)
    assert library_of(model(X)) is use(library)


def test_a_leaf_moves_only_where_it_is_told_to():
    pytest.importorskip("torch")
    with pytest.raises(TypeError, match="nothing moves by itself"):
        nn.Linear(3, 2).to("torch")(Tensor(X))


def test_gradients_are_clipped_on_the_device(library):
    for order in (1.0, 2.0, 3.0, float("inf")):
        norms = []
        for where in ("numpy", library):
            model = mlp().to(where)
            F.mse_loss(model(X), REAL).backward()
            norms.append(
                (
                    nn.utils.clip_grad_norm_(model.parameters(), 0.1, order),
                    *map(fetched, (p.grad for p in model.parameters())),
                )
            )
            nn.utils.clip_grad_value_(model.parameters(), 0.01)
            assert max(np.abs(fetched(p.grad)).max() for p in model.parameters()) <= 0.01
        agree(*[[np.asarray(x) for x in each] for each in norms], 1e-13)


def test_buffers_hooks_and_parametrizations_are_of_the_library(library):
    module = nn.Module()
    module.register_buffer("offset", use(library).array(np.arange(3.0)))
    assert module.state_dict()["offset"] is not module.offset
    layer = nn.Linear(2, 2, rng=0).to(library)
    seen = []
    layer.register_forward_hook(lambda module, args, output: seen.append(library_of(output)))
    symmetric = nn.Module()
    symmetric.forward = lambda w: w + w.T
    nn.utils.parametrize.register_parametrization(layer, "weight", symmetric)
    layer(np.ones((1, 2)))
    assert seen == [use(library)]
    assert np.array_equal(fetched(layer.weight), fetched(layer.weight).T)


def test_a_list_of_a_librarys_arrays_does_not_leave_it_silently():
    torch = pytest.importorskip("torch")
    a, b = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    for given in ([a, b], (1.0, a[0]), [[a[0]], [b[0]]], [np.ones(2), a]):
        with pytest.raises(TypeError, match=r"a list of arrays of PyTorch.*autograd\.stack\(\[a, b\]\), which stays"):
            Tensor(given)
    assert isinstance(Tensor(stack([a, b])).data, torch.Tensor)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "uint64"])
def test_integers_without_a_sign_are_labels_and_samples(dtype):
    torch = pytest.importorskip("torch")
    labels, scores = LABELS.astype(dtype), np.linspace(-1, 1, 60).reshape(20, 3)
    for loss in (F.cross_entropy, F.nll_loss):
        there = loss(Tensor(torch.tensor(scores)), torch.tensor(labels), ignore_index=0)
        assert there.item() == pytest.approx(loss(Tensor(scores), labels, ignore_index=0).item())
    rows = F.one_hot(Tensor(torch.tensor(labels)))
    assert library_of(rows).name == "torch"
    np.testing.assert_array_equal(fetched(rows), F.one_hot(labels))
    samples, trainings = np.arange(60, dtype=dtype).reshape(20, 3), []
    for place in ("numpy", "torch"):
        model = mlp(3).to(place)
        options = {"loss": "cross_entropy", "optimizer": "sgd", "batch_size": 7, "epochs": 2, "rng": 0}
        trainings.append(nn.fit(model, samples, labels, progress=False, **options)["loss"])
    np.testing.assert_allclose(*trainings)
