"""``nn.save`` and ``nn.load``: what comes back, and what is refused."""

import json
import pickle
import struct

import numpy as np
import pytest

import nn
from nn import files

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
    files.write(tmp_path / "a", arrays, {})
    got, description = files.read(tmp_path / "a")
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
    with pytest.raises(ValueError, match=r"does not fit the model.*misshapen"):
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
    for loss in (nn.CrossEntropyLoss([1.0, 3.0], label_smoothing=0.1), nn.NLLLoss(np.array([1.0, 3.0]))):
        nn.save(loss, tmp_path / "loss")
        assert nn.load(tmp_path / "loss").weight == [1.0, 3.0]


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model"
    nn.save(nn.Linear(2, 1, rng=0), path)
    before = path.read_bytes()
    monkeypatch.setattr(files.os, "fsync", lambda fd: (_ for _ in ()).throw(OSError("disk full")))
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
    with pytest.raises(ValueError, match="truncated, damaged"):
        nn.load(path)


def test_flipped_bytes_are_an_error_or_other_weights_never_more(tmp_path):
    path = tmp_path / "model"
    nn.save(nn.MLP([2, 3, 1], rng=0), path)
    content = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)
    for _ in range(300):
        damaged = content.copy()
        for place in rng.integers(0, len(content), 2):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            nn.load(path)
        except ValueError:
            pass


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('code was run')",)


def test_foreign_files(tmp_path):
    path = tmp_path / "file"
    for content in (b"", b"{}", pickle.dumps(Bomb()), b"\x80" * 100, b"\xff" * 8 + b"{" * 100):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="truncated, damaged"):
            nn.load(path)
    import safetensors.numpy

    safetensors.numpy.save_file({"a": np.ones(2)}, path)
    with pytest.raises(ValueError, match="of other origin"):
        nn.load(path)
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "none")


def write(path, architecture, arrays=None):
    files.write(path, arrays or {"weight": np.ones((1, 2)), "bias": np.ones(1)}, architecture)


LINEAR = {"class": "Linear", "arguments": {"in_features": 2, "out_features": 1}, "scalar": False}


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        ({**LINEAR, "class": "os.system"}, "holds a os.system"),
        ({**LINEAR, "class": ["Linear"]}, "not one of nn's own modules"),
        ({**LINEAR, "class": "Module"}, "not one of nn's own modules"),
        ({**LINEAR, "arguments": {"in_features": 10**9, "out_features": 10**9}}, "larger than the weights"),
        ({**LINEAR, "arguments": {"in_features": -2, "out_features": -1}}, "damaged"),
        ({**LINEAR, "arguments": {"in_features": "2", "out_features": 1}}, "damaged"),
        ({**LINEAR, "arguments": {"in_features": 2, "out_features": 1, "evil": 1}}, "damaged"),
        ({**LINEAR, "arguments": [1]}, "damaged"),
        ({**LINEAR, "arguments": {"in_features": 1, "out_features": 1}}, "does not fit"),
        ({"class": "MLP", "arguments": {"sizes": [2, 10**12, 1]}, "scalar": False}, "larger than the weights"),
        ({"class": "BatchNorm1d", "arguments": {"num_features": 10**12}, "scalar": False}, "larger than the weights"),
        ({"class": "LayerNorm", "arguments": {"normalized_shape": [10**6, 10**6]}, "scalar": False}, "larger"),
        ({"class": "Sequential", "arguments": {}, "scalar": False, "modules": [1, 2]}, "damaged"),
        ({"class": "Sequential", "arguments": {}, "scalar": False, "modules": [{"shared": 0}]}, "damaged"),
        ({"class": "Sequential", "arguments": {}, "scalar": False, "modules": [{"shared": "0"}]}, "damaged"),
        (3, "damaged"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_hostile_architectures(architecture, words, tmp_path):
    write(tmp_path / "file", {"architecture": architecture, "training": True})
    with pytest.raises(ValueError, match=words):
        nn.load(tmp_path / "file")


def test_a_description_that_is_no_json(tmp_path):
    layer = '{"class": "Sequential", "arguments": {}, "scalar": false, "modules": ['
    deep = '{"training": true, "architecture": ' + layer * 600 + "]}" * 600 + "}"
    for text in ("[" * 100_000, deep, "nonsense", "[1]"):
        head = json.dumps({"__metadata__": {"graphgrad": text}}).encode()
        (tmp_path / "file").write_bytes(struct.pack("<Q", len(head)) + head)
        with pytest.raises(ValueError, match="damaged"):
            nn.load(tmp_path / "file")


def test_only_modules_are_saved(tmp_path):
    with pytest.raises(TypeError, match="pass a module"):
        nn.save({"w": 1}, tmp_path / "file")
