"""Activations and losses as functions, under PyTorch's names: ``import nn.functional as F``.

Activations take a node, an array, a number, or an object array of Values, of any shape, and give the same kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import Tensor, Value, heaviside, relu, sigmoid, tanh
from autograd.tracebacks import entrances
from nn import kinds
from nn.kinds import as_node, is_value_array

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "elu", "gelu", "heaviside",
    "hinge_loss", "huber_loss", "l1_loss", "leaky_relu", "log_softmax", "mse_loss", "nll_loss", "one_hot", "relu",
    "sigmoid", "silu", "softmax", "softplus", "tanh",
]  # fmt: skip


def leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    """`x` where it is positive, else ``negative_slope * x``, which is also the side that 0 belongs to."""
    return autograd.where(autograd.greater(x, 0), x, x * negative_slope)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """`x` where it is positive, else ``alpha * (exp(x) - 1)``."""
    return autograd.elu(x, alpha=float(alpha))


def gelu(x: Any, approximate: str = "none") -> Any:
    """x·Φ(x), with Φ the normal distribution function; with ``approximate="tanh"`` PyTorch's approximation of it.

    On arrays the approximation is several times as fast: NumPy has no erf.
    """
    check_options("gelu", approximate=approximate)
    if approximate == "tanh":
        return x * 0.5 * (autograd.tanh((x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)) + 1)
    return x * 0.5 * autograd.erfc(x * -math.sqrt(0.5))


def silu(x: Any) -> Any:
    """x·σ(x)."""
    return x * sigmoid(x)


def softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """``log(1 + exp(beta * x)) / beta``; as in PyTorch, just `x` where ``beta * x`` exceeds the threshold."""
    return autograd.where(autograd.greater(x * beta, threshold), x, autograd.softplus(x * beta) / beta)


def softmax(x: Any, dim: int = -1) -> Any:
    """exp(x) divided by its sum along `dim`; stable for inputs of any size."""
    return autograd.exp(kinds.log_softmax(x, dim)) if is_value_array(x) else autograd.softmax(x, axis=dim)


def log_softmax(x: Any, dim: int = -1) -> Any:
    """The logarithm of :func:`softmax`, exact also where that is 0."""
    return kinds.log_softmax(x, dim)


def mse_loss(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """The squared error ``(prediction - target)**2``; see :class:`nn.MSELoss`."""
    prediction, target = _matched("mse_loss", prediction, target)
    error = prediction - target
    return _reduce("mse_loss", error * error, reduction)


def l1_loss(prediction: Any, target: Any, reduction: str = "mean") -> Any:
    """The absolute error; see :class:`nn.L1Loss`."""
    prediction, target = _matched("l1_loss", prediction, target)
    return _reduce("l1_loss", autograd.abs(prediction - target), reduction)


def huber_loss(prediction: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    """Half the squared error where that is within `delta`, beyond it linear; see :class:`nn.HuberLoss`."""
    check_options("huber_loss", delta=delta)
    prediction, target = _matched("huber_loss", prediction, target)
    error = prediction - target
    near = autograd.clip(error, -delta, delta)  # no branch squares an error that is far
    return _reduce("huber_loss", near * (error - near * 0.5), reduction)


def hinge_loss(prediction: Any, target: Any, reduction: str = "mean", margin: float = 1.0) -> Any:
    """``max(0, margin - target * prediction)`` for targets −1 and 1; see :class:`nn.HingeLoss`."""
    prediction, target = _matched("hinge_loss", prediction, target)
    if not (np.abs(kinds.to_numpy(target)) == 1).all():
        raise ValueError("hinge_loss: targets must be -1 or 1; 2 * y - 1 makes them of 0 and 1")
    return _reduce("hinge_loss", autograd.relu(margin - target * prediction), reduction)


def binary_cross_entropy(prediction: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Any:
    """The cross-entropy of probabilities and targets in [0, 1]; see :class:`nn.BCELoss`."""
    name = "binary_cross_entropy"
    prediction, target = _matched(name, prediction, target)
    _check_unit_interval(name, "predictions", prediction, "; for scores use BCEWithLogitsLoss")
    _check_unit_interval(name, "targets", target)
    losses = autograd.binary_cross_entropy(prediction, target)
    return _reduce(name, losses if weight is None else losses * _as_weights(weight, losses), reduction)


def binary_cross_entropy_with_logits(
    prediction: Any, target: Any, weight: Any = None, reduction: str = "mean", pos_weight: Any = None
) -> Any:
    """The cross-entropy of σ(prediction), stable for scores of any size; see :class:`nn.BCEWithLogitsLoss`."""
    name = "binary_cross_entropy_with_logits"
    x, t = _matched(name, prediction, target)
    _check_unit_interval(name, "targets", t)
    weight_of_1 = 1.0 if pos_weight is None else _as_weights(pos_weight, x)
    losses = autograd.binary_cross_entropy_with_logits(x, t, weight_of_1)
    return _reduce(name, losses if weight is None else losses * _as_weights(weight, losses), reduction)


def cross_entropy(
    prediction: Any, target: Any, weight: Any = None, *, reduction: str = "mean", label_smoothing: float = 0.0
) -> Any:
    """The cross-entropy of softmax(prediction); see :class:`nn.CrossEntropyLoss`."""
    name = "cross_entropy"
    check_options(name, label_smoothing=label_smoothing)
    x = as_node(prediction, None)
    wanted, by_index = _class_shares(name, x, target, probabilities=True)
    smooth = (
        wanted * (1 - label_smoothing) + label_smoothing / wanted.shape[_class_axis(x)] if label_smoothing else wanted
    )
    return _class_loss(
        name, kinds.log_softmax(x, _class_axis(x)), (wanted if by_index else None), smooth, weight, reduction
    )


def nll_loss(prediction: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Any:
    """Minus the logarithmic probability of the right class; see :class:`nn.NLLLoss`."""
    x = as_node(prediction, None)
    wanted, _ = _class_shares("nll_loss", x, target, probabilities=False)
    return _class_loss("nll_loss", x, wanted, wanted, weight, reduction)


def one_hot(target: Any, num_classes: int | None = None) -> np.ndarray[Any, Any]:
    """Class indices as rows of zeros with a one at the index, floats of shape ``(*target.shape, num_classes)``.

    Raises
    ------
    ValueError, TypeError
        If an index is negative or no less than `num_classes`, or no integer.

    Examples
    --------
    >>> from nn.functional import one_hot
    >>> one_hot([0, 2, 1])
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]])
    """
    indices = np.asarray(target)
    if indices.dtype.kind not in "iu":
        raise TypeError(
            f"one_hot: class indices must be integers, not {indices.dtype}; y.astype(int) if they are whole"
        )
    n = int(indices.max(initial=-1)) + 1 if num_classes is None else num_classes
    _check_indices("one_hot", indices, n)
    rows: np.ndarray[Any, Any] = indices[..., None] == np.arange(n)
    return rows.astype(float)


def _is_number(x: Any) -> bool:
    if isinstance(x, bool) or not isinstance(x, (int, float, np.integer, np.floating)):
        return False
    try:
        return not math.isnan(x)
    except OverflowError:  # an integer that no float holds
        return False


def _is_axis(x: Any) -> bool:  # of an array of NumPy's, which has 64 at most
    return _is_number(x) and isinstance(x, (int, np.integer)) and bool(-64 <= x < 64)


_NUMBER = _is_number, "a number"
_AXIS = _is_axis, "an axis, an integer"
_RANGES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "alpha": _NUMBER,
    "approximate": (lambda x: x in ("none", "tanh"), "'none' or 'tanh'"),
    "at_zero": _NUMBER,
    "beta": _NUMBER,
    "delta": (lambda x: _is_number(x) and x > 0, "positive"),
    "dim": _AXIS,
    "end_dim": _AXIS,
    "eps": (lambda x: _is_number(x) and 0 <= x < math.inf, "a number of at least 0"),
    "inplace": (lambda x: isinstance(x, bool), "True or False"),
    "label_smoothing": (lambda x: _is_number(x) and 0 <= x <= 1, "in [0, 1]"),
    "margin": _NUMBER,
    "momentum": (lambda x: x is None or (_is_number(x) and 0 <= x <= 1), "in [0, 1], or None"),
    "negative_slope": _NUMBER,
    "num_features": (lambda x: isinstance(x, (int, np.integer)) and bool(x > 0), "an integer of at least 1"),
    "p": (lambda x: _is_number(x) and 0 <= x <= 1, "in [0, 1]"),
    "reduction": (lambda x: x in ("mean", "sum", "none"), "one of mean, sum, none"),
    "start_dim": _AXIS,
    "threshold": _NUMBER,
}


def check_options(name: str, **options: Any) -> None:
    """Raise ValueError if an option of the function or module `name` is out of its range."""
    for key, x in options.items():
        if key in _RANGES and not _RANGES[key][0](x):
            raise ValueError(f"{name}: {key} must be {_RANGES[key][1]}, not {x!r}")


def _reduce(name: str, losses: Any, reduction: str) -> Any:
    """Losses element by element as their mean, their sum, or themselves."""
    if reduction == "mean":
        return kinds.mean(losses)
    check_options(name, reduction=reduction)
    return kinds.sum(losses) if reduction == "sum" else losses


def _as_weights(weight: Any, losses: Any) -> Any:
    """Weights in the losses' dtype, of which a weight in float64 would make float64; a single one as a number."""
    return np.asarray(weight, np.result_type(kinds.to_numpy(losses).dtype, np.float32))[()]


def _class_axis(x: Any) -> int:
    """The axis of the classes, PyTorch's: the second, or the only one."""
    return 0 if np.ndim(x) == 1 else 1


def _matched(name: str, prediction: Any, target: Any) -> tuple[Any, Any]:
    """A prediction and its target as what can meet: of one shape, the target a constant unless it is a node."""
    prediction = as_node(prediction, None)
    if not isinstance(target, (Tensor, Value)) and not is_value_array(target):
        if isinstance(prediction, Value) and np.ndim(target) == 0:
            target = Value(target, requires_grad=False)
        elif is_value_array(prediction):
            target = np.asarray(target, float)
        else:
            target = as_node(target, prediction.dtype)
    if prediction.shape != target.shape:
        raise ValueError(
            f"{name}: the prediction has shape {prediction.shape}, the target {target.shape}; "
            f"they must be equal{_shape_advice(prediction.shape, target.shape)}"
        )
    return prediction, target


def _shape_advice(prediction: tuple[int, ...], target: tuple[int, ...]) -> str:
    if prediction == (*target, 1):
        return ": target[:, None] makes a column of it"
    if prediction and (*prediction, 1) == target:
        return ": target[:, 0] takes its only column"
    return ""


def _check_unit_interval(name: str, what: str, x: Any, advice: str = "") -> None:
    data = kinds.to_numpy(x)
    if np.minimum.reduce(data * (1 - data), axis=None, initial=0.0) < 0:  # a nan passes, and shows in the loss
        raise ValueError(
            f"{name}: {what} must be in [0, 1]; they run from {data.min():.4g} to {data.max():.4g}{advice}"
        )


def _check_indices(name: str, indices: np.ndarray[Any, Any], n: int) -> None:
    if indices.size and (indices.min() < 0 or indices.max() >= n):
        raise ValueError(
            f"{name}: class indices must be at least 0 and less than {n}, the number of classes; "
            f"they run from {indices.min()} to {indices.max()}"
        )


def _class_shares(name: str, x: Any, target: Any, probabilities: bool) -> tuple[Any, bool]:
    """The share of each class in the target, in the shape of the prediction; and whether indices were given.

    Shares are an array, or what they are given as if they require a gradient: a node, or an object array of Values.
    """
    if np.ndim(x) == 0:
        raise ValueError(f"{name}: the prediction is a single number; it needs a score for each class")
    if isinstance(target, (list, tuple)) and any(isinstance(t, Value) for t in target):
        target = np.array(target, object)
    if probabilities and kinds.requires_grad(target) and np.shape(target) == x.shape:
        return target, False
    if kinds.requires_grad(target):
        raise TypeError(f"{name}: class indices are constants; pass target.detach()")
    y, axis = kinds.to_numpy(target), _class_axis(x)
    if y.dtype.kind == "f" and (why := kinds.dtype_refusal(y)):
        raise TypeError(f"{name}: the target: {why}")
    without = x.shape[:axis] + x.shape[axis + 1 :]
    if y.shape == without:
        if y.dtype.kind not in "iu":
            raise TypeError(f"{name}: class indices must be integers, not {y.dtype}; y.astype(int) if they are whole")
        _check_indices(name, y, x.shape[axis])
        places = np.arange(x.shape[axis]).reshape(-1, *[1] * (len(x.shape) - axis - 1))
        wanted = np.expand_dims(y, axis) == places
        return wanted.astype(float if is_value_array(x) else x.dtype), True
    if y.shape == x.shape and probabilities:
        return y.astype(float if is_value_array(x) else x.dtype), False
    allowed = f"{without} (class indices)" + (f" or {x.shape} (probabilities)" if probabilities else "")
    raise ValueError(f"{name}: for a prediction of shape {x.shape} the target has shape {allowed}, not {y.shape}")


def _class_loss(name: str, log_p: Any, counted: Any, wanted: Any, weight: Any, reduction: str) -> Any:
    """−Σ wanted·log p over the classes; the mean is over samples, or by the weight of each one's class."""
    axis = _class_axis(log_p)
    if weight is not None:
        weight = np.asarray(weight, float)
        if weight.shape != (log_p.shape[axis],):
            raise ValueError(f"{name}: weight must hold {log_p.shape[axis]} numbers, one for each class")
        weight = weight.reshape(-1, *[1] * (len(log_p.shape) - axis - 1)).astype(wanted.dtype)
        wanted = wanted * weight
    total = None if weight is None or counted is None or reduction != "mean" else float((counted * weight).sum())
    # `where` keeps −inf at a class that is not wanted out of the sum, where 0·(−inf) would be nan. Where nothing counts
    # at all the classes stay in, so that the gradient is nan as the loss is; a share that requires a gradient has one
    # where it is 0 too.
    chosen = (counted if total == 0 else wanted) != 0
    if kinds.requires_grad(wanted):
        chosen = autograd.logical_or(chosen, autograd.isfinite(log_p))
    losses = -kinds.sum(autograd.where(chosen, log_p, 0.0) * wanted, axis=axis)
    return _reduce(name, losses, reduction) if total is None else kinds.sum(losses) / (total or math.nan)


# Here, so that whoever compares functions compares these.
entrances(globals(), __all__)
