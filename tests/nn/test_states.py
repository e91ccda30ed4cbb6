"""Containers and nested states in files."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import nn
from autograd import Value
from nn.nested import packed, unpacked
from tests.helpers.containers import net_of_containers

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=3),
    arrays_of.arrays(st.sampled_from([np.float64, np.float32, np.int64, np.bool_]), arrays_of.array_shapes(min_dims=0)),
)  # fmt: skip
KEYS = st.one_of(st.integers(), st.sampled_from(["array", "tuple", "#0", "##", "a", "a/b"]), st.text(max_size=2))
TREES = st.recursive(
    LEAVES,
    lambda each: st.one_of(
        st.lists(each, max_size=3), st.lists(each, max_size=3).map(tuple), st.dictionaries(KEYS, each, max_size=3)
    ),
    max_leaves=8,
)


@given(TREES)
@settings(max_examples=25, deadline=None)
def test_what_is_packed_comes_back(tree):
    arrays = {}
    described = json.loads(json.dumps(packed([tree], arrays)))
    np.testing.assert_equal(unpacked(described, arrays), [tree])
    assert list(map(str, [tree])) == list(map(str, unpacked(described, arrays)))


def test_containers_are_saved_and_built(tmp_path):
    model = net_of_containers()
    model.append(nn.ParameterList([np.ones(2, np.float32)]))
    nn.save(model, tmp_path / "net")
    twin = nn.load(tmp_path / "net")
    assert repr(twin) == repr(model)
    for (name, a), (other, b) in zip(model.state_dict().items(), twin.state_dict().items(), strict=True):
        assert name == other
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype
    scalars = nn.ParameterList([np.ones(2)]).to_scalars()
    nn.save(scalars, tmp_path / "net")
    assert nn.load(tmp_path / "net")[0][1].data == 1.0


def test_states_are_saved_and_come_back(tmp_path):
    path = tmp_path / "state"
    layer = nn.Linear(2, 1, rng=0)
    optimizer = nn.optim.Adam(layer.parameters())
    layer(np.ones((1, 2))).sum().backward()
    optimizer.step()
    saved = {
        "model": layer.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3, "note": "ü", "best": None,
        "mixed": [(1, 2.5, np.float32(1.5)), True, float("inf"), np.arange(3), np.array(7)],
        "a/b": np.ones(1), "a": {"b": np.zeros((0, 2), np.float32)}, 5: [], "node": layer.weight,
        "loss": (layer.weight**2).sum(), "value": Value(2.0) * 3.0,
        "#tags": [{"array": 1}, {"tuple": 2}, {"#0": 3}, {-1: 4}, {"##": 5}],
    }  # fmt: skip
    nn.save(saved, path)
    loaded = nn.load(path)
    assert list(loaded) == list(saved)
    assert loaded["loss"] == (layer.weight.data**2).sum()
    assert loaded["value"] == 6.0
    assert isinstance(loaded["value"], float)
    assert loaded["#tags"] == saved["#tags"]
    assert loaded["mixed"][0] == (1, 2.5, 1.5)
    assert loaded["mixed"][4].shape == ()
    assert loaded["a"]["b"].shape == (0, 2)
    assert loaded["a"]["b"].dtype == np.float32
    np.testing.assert_array_equal(loaded["node"], layer.weight.data)
    other = nn.Linear(2, 1, rng=1)
    other.load_state_dict(loaded["model"])
    nn.optim.Adam(other.parameters()).load_state_dict(loaded["optimizer"])
    nn.save(layer.state_dict(), path)
    assert nn.load(path).keys() == {"weight", "bias"}
    twin = nn.load(path, nn.Linear(2, 1))
    np.testing.assert_array_equal(twin.weight.data, layer.weight.data)


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (nn.optim.SGD([nn.Parameter(1.0)], 0.1), "pass a module, or a dict or list of arrays, not SGD"),
        ({"a": {"model": nn.Tanh()}}, r"save: a/model is Tanh; pass its state_dict\(\)"),
        ({2.5: 1}, "keys of a dict are texts and integers, not 2.5"),
        ({"x": {1, 2}}, "save: x is set; a file holds dicts"),
        ([np.array(["a"])], "save: 0 is ndarray; a file holds dicts"),
    ],
)
def test_what_no_file_holds(thing, words, tmp_path):
    with pytest.raises(TypeError, match=words):
        nn.save(thing, tmp_path / "state")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "tree", [{"array": "q"}, {"array": []}, {"array": {}}, {"tuple": 1}, [{"#x": 1}], {"a": {"tuple": None}}]
)
def test_a_damaged_state_is_refused(tree, tmp_path):
    nn.safetensors.write(tmp_path / "state", {"a": np.ones(1)}, {"tree": tree})
    with pytest.raises(ValueError, match="is damaged: it holds no dict or list"):
        nn.load(tmp_path / "state")


def test_a_file_of_another_kind_is_named(tmp_path):
    np.savez(tmp_path / "state.npz", weight=np.ones(1))
    with pytest.raises(ValueError, match=r"is a zip file, such as torch\.save.*save_file\(model\.state_dict"):
        nn.load(tmp_path / "state.npz")


@pytest.mark.parametrize(
    "parameters",
    [[["0", [10**9], "float64"]], [["0", [-1], "float64"]], [["0", "x", "float64"]], 3, [["a.b", [1], ""]]],
)
def test_a_damaged_list_of_parameters_is_refused(parameters, tmp_path):
    entry = {"class": "ParameterDict", "arguments": {}, "scalar": False, "parameters": parameters}
    nn.safetensors.write(tmp_path / "net", {"0": np.ones(1)}, {"architecture": entry, "training": True})
    with pytest.raises(ValueError, match="is damaged: its architecture cannot be built"):
        nn.load(tmp_path / "net")
