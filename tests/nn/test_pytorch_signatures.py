"""Arguments of modules and functions are PyTorch's, by name, order and default, `device` and `dtype` too."""

import inspect

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch")
# What is left out, each with an answer of its own or without a meaning here.
WITHOUT = {
    "Embedding": {"_weight", "_freeze"}, "Hardtanh": {"min_value", "max_value"},
    "PoissonNLLLoss.forward": {"log_input"},
    "RMSNorm.forward": {"x"}, "normalize": {"out"}, "sigmoid": {"input"}, "tanh": {"input"},
}  # fmt: skip
ANYWHERE = {"device", "dtype", "bias", "_stacklevel"}  # By keyword only, as their places are those of others.


def arguments(function):
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return {}
    return {p.name: p.default for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


def pairs():
    for ours, theirs in ((nn, torch.nn), (nn.functional, torch.nn.functional)):
        for name in sorted(set(dir(ours)) & set(dir(theirs))):
            mine, other = getattr(ours, name), getattr(theirs, name)
            if isinstance(mine, type):
                yield name, mine.__init__, other.__init__
                if hasattr(other, "forward") and name not in ("Module", "ModuleList", "ModuleDict"):
                    yield f"{name}.forward", mine.forward, other.forward
            elif callable(mine):
                yield name, mine, other


PAIRS = [pair for pair in pairs() if arguments(pair[2])]


@pytest.mark.parametrize(("name", "ours", "theirs"), PAIRS, ids=[p[0] for p in PAIRS])
def test_arguments(name, ours, theirs):
    mine, other = arguments(ours), arguments(theirs)
    assert {*other} - {*mine} - WITHOUT.get(name, set()) <= {"_stacklevel"}
    assert [n for n in mine if n in {*other} - ANYWHERE] == [n for n in other if n in {*mine} - ANYWHERE]
    for n in {*mine} & {*other} - {"dtype", "dim"}:
        assert mine[n] == other[n], n


LAYERS = {
    **dict.fromkeys(("Linear", "Embedding", "RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"), (3, 2)),
    **dict.fromkeys(("LayerNorm", "RMSNorm", "BatchNorm1d", "BatchNorm2d", "PReLU"), (3,)),
    "Conv1d": (2, 3, 2),
    "Conv2d": (2, 3, 2),
    "MultiheadAttention": (4, 2),
}


@pytest.mark.parametrize("name", LAYERS)
def test_device_and_dtype(name):
    make, arguments = getattr(nn, name), LAYERS[name]
    for dtype in (None, np.float32):
        for p in make(*arguments, device="cpu", dtype=dtype).parameters():
            assert p.dtype == np.dtype(dtype)
    with pytest.raises(ValueError, match=f"{name}: device must be None or 'cpu', where NumPy's arrays are, not 'cuda'"):
        make(*arguments, device="cuda")
