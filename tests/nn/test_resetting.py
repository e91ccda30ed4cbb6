"""Layers start anew."""

import numpy as np
import pytest

import nn

LAYERS = {
    "linear": lambda: nn.Linear(3, 4, bias=False),
    "embedding": lambda: nn.Embedding(5, 3, padding_idx=1),
    "lstm": lambda: nn.LSTM(3, 4, 2, bidirectional=True),
    "rnn": lambda: nn.RNN(3, 4, nonlinearity="relu", bias=False),
    "cell": lambda: nn.GRUCell(3, 4),
    "attention": lambda: nn.MultiheadAttention(4, 2, kdim=3, add_bias_kv=True),
    "convolution": lambda: nn.Conv2d(2, 3, (3, 2), padding="same", groups=1),
    "batch norm": lambda: nn.BatchNorm1d(3),
    "layer norm": lambda: nn.LayerNorm((3, 2), bias=False),
}


@pytest.mark.parametrize("name", LAYERS)
def test_reset_parameters(name):
    nn.manual_seed(0)
    layer = LAYERS[name]()
    start, parameters = layer.state_dict(), list(layer.parameters())
    for p in parameters:
        p.data = p.data + 7.0
    nn.manual_seed(0)
    layer.reset_parameters()
    for key, x in layer.state_dict().items():
        np.testing.assert_array_equal(x, start[key])
    assert all(a is b for a, b in zip(layer.parameters(), parameters, strict=True))


def test_of_a_users_class_in_float32_and_of_values():
    class Wide(nn.Linear):
        def __init__(self):
            super().__init__(2, 50, dtype=np.float32)

    layer = Wide()
    layer.weight.requires_grad = False
    layer.reset_parameters()
    assert layer.weight.dtype == np.float32
    assert not layer.weight.requires_grad
    scalars = nn.Linear(2, 1, rng=0).to_scalars()
    before = scalars.weight[0, 0].data
    scalars.reset_parameters()
    assert scalars.weight[0, 0].data != before
    assert not hasattr(nn.Sequential(), "reset_parameters")
