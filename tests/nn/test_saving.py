"""``nn.save`` and ``nn.load``: what comes back, and what is refused."""

import contextlib
import json
import pickle
import struct
import traceback

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn import safetensors

pytest.importorskip("safetensors")
X = np.random.default_rng(0).normal(size=(6, 3))


def models():
    yield nn.MLP([3, 4, 2], "gelu", output="softmax", rng=0)
    yield nn.MLP([3, 2, 1], "tanh", scalar=True, rng=0)
    yield nn.MLP([3, 4, 2], dtype=np.float32, rng=0)
    yield nn.Linear(3, 2, bias=False, rng=0)
    yield nn.Linear(3, 2, rng=0).to_scalars()
    yield nn.Sequential(nn.Linear(3, 4, rng=0), nn.Sequential(nn.LeakyReLU(0.3)), nn.Linear(4, 1, rng=0)).eval()
    yield nn.Sequential(
        nn.Flatten(), nn.Linear(3, 4, rng=0, dtype=np.float32), nn.BatchNorm1d(4, momentum=None, dtype=np.float32),
        nn.Dropout(0.3, rng=0), nn.LayerNorm((4,), bias=False, dtype=np.float32), nn.ELU(0.5), nn.Softplus(2.0),
    ).eval()  # fmt: skip
    changed = nn.MLP([3, 4, 2], "tanh", rng=0)
    changed[1] = nn.Sigmoid()
    yield changed.append(nn.ELU(0.5))
    yield nn.Sequential(nn.Linear(3, np.prod((2, 2)), rng=0), nn.LayerNorm(np.int64(4)), nn.LeakyReLU(np.float32(0.25)))
    yield nn.Sequential(
        nn.BatchNorm1d(3, affine=False, track_running_stats=False), nn.BatchNorm1d(3, affine=False, dtype=np.float32),
        nn.LayerNorm(3, elementwise_affine=False), nn.Softplus(threshold=np.inf), nn.Flatten(0, -1), nn.Softmax(0),
    ).eval()  # fmt: skip
    smaller = nn.MLP([3, 40, 2], rng=0)
    smaller[2] = nn.Sequential(nn.Linear(40, 5, rng=1), nn.Linear(5, 2, rng=2, bias=False))
    yield smaller
    layer, twice = nn.Linear(3, 3, rng=0), nn.Sequential(nn.Linear(3, 3, rng=1), nn.Tanh())
    yield nn.Sequential(layer, nn.Sequential(twice, nn.ReLU()), layer, twice)


@pytest.mark.parametrize("model", list(models()), ids=lambda m: repr(m).replace("\n", "")[:60])
def test_it_comes_back(model, tmp_path):
    path = tmp_path / "model.safetensors"
    nn.save(model, path)
    twin = nn.load(path)
    assert type(twin) is type(model)
    assert repr(twin) == repr(model)
    assert twin.training == model.training
    assert [type(p) for p in twin.parameters()] == [type(p) for p in model.parameters()]
    for name, value in model.state_dict().items():
        other = twin.state_dict()[name]
        np.testing.assert_array_equal(other, value)
        assert other.dtype == value.dtype
    np.testing.assert_array_equal(nn.predict(twin, X), nn.predict(model, X))
    assert not list(tmp_path.glob("*.part"))


def test_arrays_in_any_layout_are_saved_right(tmp_path):
    a = np.arange(12.0).reshape(3, 4)
    arrays = {"t": a.T, "step": a[::2], "back": a[::-1], "column": a[:, 1], "scalar": np.array(3.0), "empty": a[:0]}
    safetensors.write(tmp_path / "a", arrays, {})
    got, description = safetensors.read(tmp_path / "a")
    assert description == {}
    for name, value in arrays.items():
        np.testing.assert_array_equal(got[name], value)
        assert got[name].shape == value.shape


class Own(nn.Module):
    def __init__(self, n):
        self.layer = nn.Linear(n, 1, rng=0)

    def forward(self, x):
        return self.layer(x)


def test_a_class_of_ones_own_is_filled(tmp_path):
    nn.save(Own(3), tmp_path / "own")
    with pytest.raises(ValueError, match=r"holds a .*\.Own.*nn\.load\(path, model\)"):
        nn.load(tmp_path / "own")
    model = Own(3)
    nn.init.zeros_(model.layer.weight)
    assert nn.load(tmp_path / "own", model) is model
    np.testing.assert_array_equal(model.layer.weight.data, Own(3).layer.weight.data)
    with pytest.raises(ValueError, match=r"does not fit the model: Error\(s\) in loading state_dict for Own: size mis"):
        nn.load(tmp_path / "own", Own(4))


def test_a_class_of_ones_own_with_the_name_of_one_of_nns(tmp_path):
    class Linear(nn.Linear):
        def forward(self, x):
            return -super().forward(x)

    class MLP(nn.Module):
        def __init__(self):
            self.sizes = nn.Linear(2, 1, rng=0)

    for model in (Linear(2, 1, rng=0), MLP(), nn.Sequential(nn.Tanh(), Linear(2, 1, rng=0))):
        nn.save(model, tmp_path / "own")
        with pytest.raises(ValueError, match=r"holds a .*<locals>\.(Linear|MLP), .*nn\.load\(path, model\)"):
            nn.load(tmp_path / "own")
        assert nn.load(tmp_path / "own", model) is model


def test_what_is_shared_stays_shared(tmp_path):
    layer = nn.Linear(2, 2, rng=0)
    nn.save(nn.Sequential(layer, nn.Tanh(), layer), tmp_path / "file")
    twin = nn.load(tmp_path / "file")
    assert twin[0] is twin[2]
    assert len(list(twin.parameters())) == 2


def test_the_weights_of_a_loss_are_kept(tmp_path):
    weights = [1.0, 3.0]
    for loss in (
        nn.CrossEntropyLoss(weights, label_smoothing=0.1), nn.NLLLoss(np.array(weights)), nn.NLLLoss(Tensor(weights)),
    ):  # fmt: skip
        nn.save(loss, tmp_path / "loss")
        assert nn.load(tmp_path / "loss").weight == [1.0, 3.0]


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model"
    nn.save(nn.Linear(2, 1, rng=0), path)
    before = path.read_bytes()
    monkeypatch.setattr(safetensors.os, "fsync", lambda fd: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        nn.save(nn.Linear(2, 1, rng=1), path)
    assert path.read_bytes() == before


def test_every_truncation_is_noticed(tmp_path):
    path = tmp_path / "model"
    nn.save(nn.MLP([2, 3, 1], rng=0), path)
    content = path.read_bytes()
    for cut in [*range(0, 40), *range(40, len(content), 37), len(content) - 1]:
        path.write_bytes(content[:cut])
        with pytest.raises(ValueError, match="truncated, damaged"):
            nn.load(path)
    path.write_bytes(content + b"more")
    with pytest.raises(ValueError, match="truncated, damaged") as caught:
        nn.load(path)
    assert "Traceback" not in "".join(traceback.format_exception(caught.value)[1:])  # one, not the library's too


def same(model, other):
    state = other.state_dict()
    return repr(model) == repr(other) and model.training == other.training and all(
        np.array_equal(value, state[name]) and value.dtype == state[name].dtype
        for name, value in model.state_dict().items()
    )  # fmt: skip


def test_a_flipped_bit_is_an_error_or_changes_nothing(tmp_path):
    path = tmp_path / "model"
    model = nn.Sequential(nn.Linear(2, 1, rng=0), nn.Dropout(0.25)).eval()
    nn.save(model, path)
    content = path.read_bytes()
    refused, places = 0, range(0, 8 * len(content), 13)
    for place in places:
        damaged = bytearray(content)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        try:
            assert same(model, nn.load(path)), f"bit {place} changed the model"
        except ValueError:
            refused += 1
    assert refused > 0.99 * len(places)  # the rest are blanks in JSON


def test_flipped_bits_with_a_model_to_fill_or_without_a_checksum_are_never_another_error(tmp_path):
    path = tmp_path / "model"
    nn.save(nn.MLP([2, 3, 1], "gelu", rng=0), path)
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(400):
        damaged = bytearray(content)
        for place in rng.integers(0, 8 * len(content), 2):
            damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        for use in (lambda: nn.load(path, nn.MLP([2, 3, 1])), lambda: nn.load(path, verify=False)):
            with contextlib.suppress(ValueError):
                use()


def test_a_changed_file_is_read_without_its_checksum_only_on_request(tmp_path):
    path = tmp_path / "model"
    model = nn.Linear(2, 1, rng=0)
    nn.save(model, path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 64
    path.write_bytes(content)
    for models in ((), (nn.Linear(2, 1),)):
        with pytest.raises(ValueError, match=r"does not agree with its checksum.*nn\.load\(path, verify=False\)"):
            nn.load(path, *models)
        twin = nn.load(path, *models, verify=False)
        assert (twin.weight.data != model.weight.data).sum() + (twin.bias.data != model.bias.data).sum() == 1
    path.write_bytes(path.read_bytes().replace(b'"sha256"', b'"sha250"'))
    with pytest.raises(ValueError, match=r"has no checksum.*nn\.load\(path, verify=False\)"):
        nn.load(path)
    assert isinstance(nn.load(path, verify=False), nn.Linear)


def test_our_checksum_without_our_description_is_no_file_of_other_origin(tmp_path):
    path = tmp_path / "model"
    nn.save(nn.Linear(2, 1, rng=0), path)
    path.write_bytes(path.read_bytes().replace(b'"graphgrad"', b'"graphgrab"'))
    with pytest.raises(ValueError, match="does not agree with its checksum"):
        nn.load(path, nn.Linear(2, 1))
    assert isinstance(nn.load(path, nn.Linear(2, 1), verify=False), nn.Linear)


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}, {"format": "pt", "sha1": "0"}])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_a_file_of_other_origin_fills_a_model(metadata, dtype, tmp_path):
    import safetensors.numpy

    source = nn.Sequential(nn.Linear(3, 2, rng=0), nn.BatchNorm1d(2))
    state = {
        name: value.astype(dtype if value.dtype.kind == "f" else int) for name, value in source.state_dict().items()
    }
    safetensors.numpy.save_file(state, tmp_path / "theirs", metadata)
    model = nn.Sequential(nn.Linear(3, 2, rng=1), nn.BatchNorm1d(2)).eval()
    assert nn.load(tmp_path / "theirs", model) is model
    assert not model.training
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, state[name])
    with pytest.raises(ValueError, match=r"of other origin.*nn\.load\(path, model\)"):
        nn.load(tmp_path / "theirs")
    with pytest.raises(ValueError, match=r'(?s)does not fit.*Unexpected key.*"1\.num_batches_tracked", "1\.running'):
        nn.load(tmp_path / "theirs", nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2)))
    for options in ({"weights_only": True}, {"weights_only": False, "map_location": "cpu"}):
        assert nn.load(tmp_path / "theirs", model, **options) is model
    with pytest.raises(ValueError, match="load: map_location must be None or 'cpu', where NumPy's arrays are, not 'cu"):
        nn.load(tmp_path / "theirs", model, map_location="cuda:0")
    with pytest.raises(TypeError, match="pass a module to fill, not dict"):
        nn.load(tmp_path / "theirs", {})


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('code was run')",)


def test_foreign_files(tmp_path):
    path = tmp_path / "file"
    for content in (b"", b"{}", pickle.dumps(Bomb()), b"\x80" * 100, b"\xff" * 8 + b"{" * 100):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="truncated, damaged"):
            nn.load(path)
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "none")


def write(path, architecture, arrays=None):
    safetensors.write(path, arrays or {"weight": np.ones((1, 2)), "bias": np.ones(1)}, architecture)


LINEAR = {"class": "Linear", "arguments": {"in_features": 2, "out_features": 1}, "scalar": False}
LONG = "a" * 10**6


def linear(**arguments):
    return {**LINEAR, "arguments": LINEAR["arguments"] | arguments}


def layer(name, **arguments):
    return {"class": name, "arguments": arguments, "scalar": False}


def inside(entry, name="Sequential"):
    return {**layer(name), "modules": [entry]}


def nested(depth):
    entry = LINEAR
    for _ in range(depth):
        entry = inside(entry)
    return entry


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ({**LINEAR, "class": "os.system"}, "holds a os.system"),
        ({**LINEAR, "class": ["Linear"]}, "not one of nn's own modules"),
        ({**LINEAR, "class": "Module"}, "not one of nn's own modules"),
        ({**LINEAR, "class": LONG}, "not one of nn's own modules"),
        (linear(in_features=10**9, out_features=10**9), "larger than the weights"),
        (linear(in_features=3), "larger than the weights"),
        (linear(in_features=-2, out_features=-1), "in_features must be greater than zero"),
        (linear(out_features=-1), "out_features must be greater than zero"),
        (linear(in_features=0), "in_features"),
        (linear(in_features="2"), "no such in_features"),
        (linear(in_features=LONG), "no such in_features"),
        (linear(out_features=LONG), "no such out_features"),
        (linear(in_features=2.0), "no such in_features"),
        (linear(in_features=True), "no such in_features"),
        (linear(in_features=None), "no such in_features"),
        (linear(in_features=[2]), "no such in_features"),
        (linear(in_features=float("nan")), "no such in_features"),
        (linear(in_features=10**4000), "larger than the weights"),
        (linear(bias=1), "no such bias"),
        (linear(bias="yes"), "no such bias"),
        (linear(rng=0), "no such rng"),
        (linear(evil=1), "no such evil"),
        (linear(**{LONG: 1}), "no such aaaa"),
        (linear(dtype="U100000000"), "no such dtype"),
        (linear(dtype="float16"), "no such dtype"),
        (linear(dtype="object"), "no such dtype"),
        (linear(dtype=8), "no such dtype"),
        (linear(dtype=["float64"]), "no such dtype"),
        ({**LINEAR, "arguments": [1]}, "arguments is list"),
        ({**LINEAR, "arguments": {}}, "damaged"),
        ({**LINEAR, "scalar": 1}, "scalar is int"),
        ({**LINEAR, "scalar": []}, "scalar is list"),
        ({"class": "Linear"}, "damaged"),
        (linear(in_features=1), "does not fit"),
        (layer("MLP", sizes=[2, 10**12, 1]), "a MLP larger than the weights"),
        (layer("MLP", sizes=[10**5, 10**5]), "a MLP larger than the weights"),
        ({**layer("MLP", sizes=[10**5, 10**5]), "modules": [LINEAR]}, "a MLP larger than the weights"),
        ({**layer("MLP", sizes=[2, 2]), "modules": [LINEAR]}, "a MLP larger than the weights"),
        ({**layer("MLP", sizes=[2]), "modules": [LINEAR]}, "one size"),
        ({**layer("MLP", sizes=[]), "modules": [LINEAR]}, "one size"),
        ({**layer("MLP", sizes=[2, -1]), "modules": [LINEAR]}, "no such sizes"),
        ({**layer("MLP", sizes=[2, "1"]), "modules": [LINEAR]}, "no such sizes"),
        ({**layer("MLP", sizes=LONG), "modules": [LINEAR]}, "no such sizes"),
        ({**layer("MLP", sizes=[2, 1], activation="exec"), "modules": [LINEAR]}, "no activation 'exec'"),
        ({**layer("MLP", sizes=[2, 1], activation=LONG), "modules": [LINEAR]}, "no such activation"),
        ({**layer("MLP", sizes=[2, 1], output=3), "modules": [LINEAR]}, "no such output"),
        ({**layer("MLP", sizes=[2, 1], scalar="x"), "modules": [LINEAR]}, "no such scalar"),
        (layer("MLP", sizes=[2, 1]), "damaged"),
        (layer("BatchNorm1d", num_features=10**12), "larger than the weights"),
        (layer("BatchNorm1d", num_features=1), "larger than the weights"),
        (layer("BatchNorm1d", num_features=-1, affine=False), "damaged"),
        (layer("BatchNorm1d", num_features=0), "num_features must be an integer of at least 1"),
        (inside(layer("BatchNorm1d", num_features=1, affine=False, track_running_stats=False, eps="x")), "no such eps"),
        (inside(layer("BatchNorm1d", num_features=1, affine=False, track_running_stats=False, eps=-1)), "eps must be"),
        (inside(layer("BatchNorm1d", num_features=1, affine=False, track_running_stats=False, momentum=7)), "momentum"),
        (layer("LayerNorm", normalized_shape=[10**6, 10**6]), "larger"),
        (layer("LayerNorm", normalized_shape=[-1, -3]), "no such normalized_shape"),
        (layer("LayerNorm", normalized_shape=[1] * 65), "no such normalized_shape"),
        (layer("LayerNorm", normalized_shape=[]), "lengths of axes"),
        (layer("LayerNorm", normalized_shape=[1.5]), "no such normalized_shape"),
        (layer("Dropout", p="x"), "no such p"),
        (layer("Dropout", p=1.5), "p must be in"),
        (layer("Dropout", p=float("nan")), "p must be in"),
        (layer("Dropout", p=float("inf")), "p must be in"),
        (layer("Flatten", start_dim="x"), "no such start_dim"),
        (layer("Flatten", end_dim=2**70), "end_dim must be an axis"),
        (layer("Softmax", dim="x"), "no such dim"),
        (layer("Softmax", dim=1.0), "no such dim"),
        (layer("LogSoftmax", dim=10**400), "dim must be an axis"),
        (layer("Softmax", dim=True), "no such dim"),
        (layer("GELU", approximate="maybe"), "approximate must be"),
        (layer("GELU", approximate=LONG), "no such approximate"),
        (layer("LeakyReLU", negative_slope=[1]), "no such negative_slope"),
        (layer("ELU", alpha=float("nan")), "alpha must be a number"),
        (layer("Softplus", beta=10**400), "damaged"),
        (layer("ReLU", inplace=3), "no such inplace"),
        (layer("MSELoss", reduction=LONG), "no such reduction"),
        (layer("MSELoss", reduction="median"), "reduction must be one of"),
        (layer("HuberLoss", delta=-1.0), "delta must be positive"),
        (layer("CrossEntropyLoss", weight=LONG), "no such weight"),
        (layer("CrossEntropyLoss", weight=[1.0, "x"]), "no such weight"),
        (layer("CrossEntropyLoss", weight=[True]), "no such weight"),
        (layer("NLLLoss", weight=[float("nan")]), "no such weight"),
        (layer("NLLLoss", weight=[10**400]), "damaged"),
        (layer("NLLLoss", weight={"x": 1}), "no such weight"),
        ({**layer("Sequential"), "modules": [1, 2]}, "a module is int"),
        ({**layer("Sequential"), "modules": {"0": LINEAR}}, "modules is dict"),
        ({**layer("Sequential"), "modules": LONG}, "modules is str"),
        (layer("Sequential"), "damaged"),
        (inside(LINEAR) | {"arguments": {"modules": [LINEAR]}}, "no such modules"),
        (inside(LINEAR, "ModuleList") | {"arguments": {"modules": [LINEAR]}}, "no such modules"),
        (inside({"shared": 0}), "shared that is not there"),
        (inside({"shared": "0"}), "shared that is not there"),
        (inside({"shared": True}), "shared that is not there"),
        ({**layer("Sequential"), "modules": [LINEAR, {"shared": -1}]}, "shared that is not there"),
        ({**layer("Sequential"), "modules": [LINEAR, {"shared": 1}]}, "shared that is not there"),
        ({**layer("Sequential"), "modules": [LINEAR, LINEAR]}, "larger than the weights"),  # each by itself is not
        (nested(101), "more than 100 modules within each other"),
        (3, "a module is int"),
        (None, "a module is NoneType"),
        ([LINEAR], "a module is list"),
    ],
    ids=lambda x: x[:30] if isinstance(x, str) else "",
)
def test_hostile_architectures(architecture, words, tmp_path):
    write(tmp_path / "file", {"architecture": architecture, "training": True})
    with pytest.raises(ValueError, match=words) as caught:
        nn.load(tmp_path / "file")
    assert len(str(caught.value)) < 1000
    assert (
        "file is damaged" in str(caught.value)
        or "not one of nn's own" in words
        or "holds a os" in words
        or "fit" in words
    )


@pytest.mark.parametrize("training", [[], 0, 1, None, "yes", {}])
def test_training_is_a_bool(training, tmp_path):
    write(tmp_path / "file", {"architecture": LINEAR, "training": training})
    with pytest.raises(ValueError, match=f"damaged.*training is {type(training).__name__}"):
        nn.load(tmp_path / "file")
    write(tmp_path / "file", {"architecture": LINEAR})
    with pytest.raises(ValueError, match="damaged"):
        nn.load(tmp_path / "file")


def test_hostile_arrays(tmp_path):
    weight, bias = np.ones((1, 2)), np.ones(1)
    norm = layer("BatchNorm1d", num_features=1, affine=False)
    stats = {"running_mean": np.zeros(1), "running_var": np.ones(1)}
    for architecture, arrays, words in (
        (LINEAR, {"weight": weight}, "larger than the weights"),
        (LINEAR, {"weight": weight, "bias": bias, LONG: bias}, 'Unexpected key.s. in state_dict: "aaaa'),
        (LINEAR, {"weight": weight, "bias": bias[None]}, "size mismatch for bias"),
        (linear(dtype="float32"), {"weight": weight * 1e300, "bias": bias}, "not to be held by float32: weight"),
        (norm, stats | {"num_batches_tracked": np.array(1.5)}, "not to be held by int64: num_batches_tracked"),
        (norm, stats | {"num_batches_tracked": np.array(np.nan)}, "not to be held by int64"),
        (norm, stats | {"num_batches_tracked": np.array(2**64 - 1, np.uint64)}, "not to be held by int64"),
    ):
        write(tmp_path / "file", {"architecture": architecture, "training": True}, arrays)
        with pytest.raises(ValueError, match=words) as caught:
            nn.load(tmp_path / "file")
        assert len(str(caught.value)) < 3000
    write(tmp_path / "file", {"architecture": norm, "training": True}, stats | {"num_batches_tracked": np.array(3.0)})
    assert nn.load(tmp_path / "file").num_batches_tracked == 3


def test_a_hostile_file_costs_no_more_than_its_size(tmp_path):
    import tracemalloc

    entry = linear(in_features=10_000, out_features=100)
    many = {**layer("Sequential"), "modules": [entry] * 50}
    write(tmp_path / "file", {"architecture": many, "training": True}, {"weight": np.ones(1_100_000)})
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="larger than the weights"):
            nn.load(tmp_path / "file")
        assert tracemalloc.get_traced_memory()[1] < 8 * 1_100_000 * 6
    finally:
        tracemalloc.stop()


def test_modules_as_deep_as_can_be_loaded_are_saved_and_no_deeper(tmp_path):
    model = nn.Linear(1, 1, rng=0)
    for _ in range(100):
        model = nn.Sequential(model)
    nn.save(model, tmp_path / "file")
    assert len(list(nn.load(tmp_path / "file").modules())) == 101
    with pytest.raises(ValueError, match="save: there are more than 100 modules within each other"):
        nn.save(nn.Sequential(model), tmp_path / "file")


def test_a_description_that_is_no_json(tmp_path):
    layer = '{"class": "Sequential", "arguments": {}, "scalar": false, "modules": ['
    deep = '{"training": true, "architecture": ' + layer * 600 + "]}" * 600 + "}"
    for text in ("[" * 100_000, deep, "nonsense", "[1]", '{"architecture": ' + "9" * 5000 + "}"):
        head = json.dumps({"__metadata__": {"graphgrad": text, "sha256": safetensors._checksum({}, text)}}).encode()
        (tmp_path / "file").write_bytes(struct.pack("<Q", len(head)) + head)
        with pytest.raises(ValueError, match="damaged"):
            nn.load(tmp_path / "file")


def test_only_modules_and_states_are_saved(tmp_path):
    with pytest.raises(TypeError, match="pass a module"):
        nn.save(np.ones(3), tmp_path / "file")
