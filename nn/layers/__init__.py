"""Layers: modules with parameters, or with another behaviour in training; a file for each kind."""

from autograd.surface import publish
from nn.layers.attention import MultiheadAttention
from nn.layers.dropout import Dropout
from nn.layers.embedding import Embedding
from nn.layers.linear import Linear
from nn.layers.normalization import BatchNorm1d, BatchNorm2d, LayerNorm, RMSNorm
from nn.layers.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from nn.layers.shapes import Flatten, Unflatten
from nn.layers.windows import AvgPool1d, AvgPool2d, Conv1d, Conv2d, MaxPool1d, MaxPool2d

__all__ = [
    "GRU", "LSTM", "RNN", "AvgPool1d", "AvgPool2d", "BatchNorm1d", "BatchNorm2d", "Conv1d", "Conv2d", "Dropout",
    "Embedding", "Flatten", "GRUCell", "LSTMCell", "LayerNorm", "Linear", "MaxPool1d", "MaxPool2d",
    "MultiheadAttention", "RMSNorm", "RNNCell", "Unflatten",
]  # fmt: skip

publish(globals())
