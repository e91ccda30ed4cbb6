"""Small networks on autograd's nodes, with PyTorch's names: modules, losses, optimisers, and all around a training.

>>> import nn
>>> X, y = nn.data.moons(200, rng=0)
>>> model = nn.MLP([2, 16, 1], activation="tanh", rng=0)
>>> optimizer = nn.optim.Adam(model.parameters(), lr=0.05)
>>> history = nn.fit(model, X, y[:, None], loss="bce_with_logits", optimizer=optimizer, epochs=50,
...                  metrics=["accuracy"], rng=0, progress=False)
>>> history["accuracy"][-1] > 0.95
True
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import autograd

if not hasattr(autograd, "Value"):
    _place = autograd.__file__ or next(iter(autograd.__path__))
    raise ImportError(
        f"nn needs the autograd of graphgrad, and {_place} is another, or has lost files, because HIPS autograd, "
        f"a distribution with the same import name, was installed or removed beside it: run "
        f"`pip uninstall autograd graphgrad`, then install graphgrad again"
    )

from autograd.surface import publish
from autograd.tracebacks import entrances
from nn import data, functional, init, optim, parallel, penalties, plots, utils
from nn.activations import (
    CELU,
    ELU,
    GELU,
    GLU,
    SELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    Heaviside,
    Identity,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softmin,
    Softplus,
    Softshrink,
    Softsign,
    Tanh,
    Tanhshrink,
    Threshold,
)
from nn.callbacks import Checkpoint, ClipGradients, EarlyStopping
from nn.compiled import compile_step
from nn.containers import (
    ModuleDict,
    ModuleList,
    ParameterDict,
    ParameterList,
    Sequential,
)
from nn.history import History
from nn.layers import Dropout, Embedding, Flatten, Linear, Unflatten
from nn.layers.attention import MultiheadAttention
from nn.layers.normalization import BatchNorm1d, BatchNorm2d, LayerNorm, RMSNorm
from nn.layers.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from nn.layers.windows import AvgPool1d, AvgPool2d, Conv1d, Conv2d, MaxPool1d, MaxPool2d
from nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineEmbeddingLoss,
    CosineSimilarity,
    CrossEntropyLoss,
    GaussianNLLLoss,
    HingeLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MarginRankingLoss,
    MSELoss,
    NLLLoss,
    PairwiseDistance,
    PoissonNLLLoss,
    SmoothL1Loss,
    SoftMarginLoss,
    TripletMarginLoss,
)
from nn.minimize import scipy_minimize
from nn.mlp import MLP
from nn.module import Module
from nn.neurons import Layer, Neuron
from nn.onnx.reading import from_onnx
from nn.onnx.writing import to_onnx
from nn.optional import placeholder
from nn.other_names import answer, missing
from nn.parameter import Buffer, Parameter
from nn.prediction import predict
from nn.randomness import manual_seed
from nn.saving import load, save
from nn.training import fit

if TYPE_CHECKING:
    from nn.estimators import MLPClassifier, MLPRegressor
    from nn.live import LiveView

__all__ = [
    "CELU", "ELU", "GELU", "GLU", "GRU", "LSTM", "MLP", "RNN", "SELU", "AvgPool1d", "AvgPool2d", "BCELoss",
    "BCEWithLogitsLoss", "BatchNorm1d", "BatchNorm2d", "Buffer", "Checkpoint", "ClipGradients", "Conv1d", "Conv2d",
    "CosineEmbeddingLoss", "CosineSimilarity", "CrossEntropyLoss", "Dropout", "EarlyStopping", "Embedding", "Flatten",
    "GRUCell", "GaussianNLLLoss", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "Heaviside", "HingeLoss",
    "History", "HuberLoss", "Identity", "KLDivLoss", "L1Loss", "LSTMCell", "Layer", "LayerNorm", "LeakyReLU", "Linear",
    "LiveView", "LogSigmoid", "LogSoftmax", "MLPClassifier", "MLPRegressor", "MSELoss", "MarginRankingLoss",
    "MaxPool1d", "MaxPool2d", "Mish", "Module", "ModuleDict", "ModuleList", "MultiheadAttention", "NLLLoss", "Neuron",
    "PReLU", "PairwiseDistance", "Parameter", "ParameterDict", "ParameterList", "PoissonNLLLoss", "RMSNorm", "RNNCell",
    "ReLU", "ReLU6", "Sequential", "SiLU", "Sigmoid", "SmoothL1Loss", "SoftMarginLoss", "Softmax", "Softmin",
    "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold", "TripletMarginLoss", "Unflatten",
    "compile_step", "data", "fit", "from_onnx", "functional", "init", "load", "manual_seed", "optim", "parallel",
    "penalties", "plots", "predict", "save", "scipy_minimize", "to_onnx", "utils",
]  # fmt: skip

__version__: str

publish(globals())
entrances(globals(), __all__)
_NAMED = (sys.modules[__name__], data, functional, init, optim, optim.lr_scheduler, parallel, penalties, plots, utils)
_SPACES = {space.__name__: space for space in (*_NAMED, utils.parametrizations, utils.parametrize)}
for _name, _space in list(_SPACES.items())[1:]:
    publish(vars(_space))
    entrances(vars(_space), _space.__all__)
    vars(_space)["__getattr__"] = answer(_name, _SPACES)

_LAZY = {"MLPClassifier": "nn.estimators", "MLPRegressor": "nn.estimators", "LiveView": "nn.live"}


def __getattr__(name: str) -> Any:
    # scikit-learn takes a second to import, so it is imported with the estimators, when they are first used.
    if name in _LAZY:
        try:
            return getattr(import_module(_LAZY[name]), name)
        except ImportError as error:
            return placeholder(name, str(error))
    if name == "__version__":
        return autograd.__version__
    raise missing("nn", name, _SPACES)
