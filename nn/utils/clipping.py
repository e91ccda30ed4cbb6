"""Gradient clipping, under PyTorch's names."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor, Value
from autograd.backends import library_of
from nn._types import Array, Node, X
from nn.kinds import to_numpy
from nn.utils.listing import Parameters, list_parameters

__all__ = ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]


def get_total_norm(
    tensors: Iterable[Any], norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> float:
    """The norm of several arrays or nodes, as of one vector: of order 2, another p, or inf for the largest number.

    With `error_if_nonfinite` a norm that is inf or nan is a RuntimeError; `foreach` is PyTorch's, and has no effect.

    Examples
    --------
    >>> import nn
    >>> float(nn.utils.get_total_norm([[3.0], [4.0]]))
    5.0
    """
    order = float(norm_type)
    listed = [tensors] if isinstance(tensors, (Tensor, Value)) else list(tensors)
    library = library_of(listed[0]) if listed else None
    on_device = None if library is None or not order > 0 else _norm_on(library, listed, order)
    each = [np.ravel(to_numpy(x)) for x in ([on_device] if on_device is not None else listed)]
    with np.errstate(all="ignore"):  # A negative order divides by 0, and huge numbers overflow: the norm says so.
        norms = [np.linalg.norm(x, order) for x in each if x.size]
        norm = np.float64(np.linalg.norm(norms, order) if norms else 0.0)
    if error_if_nonfinite and not math.isfinite(norm):
        raise RuntimeError(
            f"The total norm of order {order} for gradients from `parameters` is non-finite, {norm}, so it cannot be "
            f"clipped; a lower learning rate may keep it finite"
        )
    return norm


def _norm_on(library: X, listed: list[X], order: float) -> X:
    """The norm of arrays of a library, which is left on their device: it is read once."""
    arrays = [library.abs(library.reshape(x.data if isinstance(x, Tensor) else x, (-1,))) for x in listed]
    arrays = [x for x in arrays if x.shape[0]]
    if not arrays:
        return None
    if order == math.inf:
        return library.max(library.stack([library.max(x) for x in arrays]))
    return library.sum(library.stack([library.sum(x**order) for x in arrays])) ** (1 / order)


def clip_grads_with_norm_(
    parameters: Parameters, max_norm: float, total_norm: float, foreach: bool | None = None
) -> None:
    """Scale all gradients by one factor, so that a norm of them all together, which is known, is at most `max_norm`.

    Nodes without a gradient are ignored; `foreach` is PyTorch's, and has no effect.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([3.0, 4.0])
    >>> (w * w / 2).sum().backward()
    >>> nn.utils.clip_grads_with_norm_([w], 1.0, 5.0)
    >>> w.grad.round(4)
    array([0.6, 0.8])
    """
    factor = float(max_norm / (total_norm + 1e-6))
    if not factor >= 1:  # A norm of nan makes all gradients nan.
        with np.errstate(invalid="ignore"):
            for p, g in _gradients("clip_grads_with_norm_", parameters):
                p.grad = g * factor


def clip_grad_norm_(
    parameters: Parameters, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool | None = None,
    foreach: bool | None = None,
) -> float:  # fmt: skip
    """Scale all gradients by one factor, so that the norm of them all together is at most `max_norm`.

    Source: Pascanu et al., "On the difficulty of training recurrent neural networks", 2012.

    Parameters
    ----------
    parameters : node or iterable of node
        Nodes without a gradient are ignored.
    max_norm : float
        The largest norm allowed; at least 0.
    norm_type : float
        The order of the norm: 2, another p, or inf for the largest absolute value.
    error_if_nonfinite : bool, optional
        Whether a norm that is not finite is PyTorch's RuntimeError, or scales the gradients to 0 and nan; by default a
        ValueError. An error changes nothing.

    Returns
    -------
    float
        The norm before.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([3.0, 4.0])
    >>> (w * w / 2).sum().backward()
    >>> nn.utils.clip_grad_norm_([w], 1.0).item()
    5.0
    >>> w.grad.round(4)
    array([0.6, 0.8])
    """
    if not max_norm >= 0:
        raise ValueError(f"clip_grad_norm_: max_norm must be at least 0, not {max_norm!r}")
    gradients = _gradients("clip_grad_norm_", parameters)
    norm = get_total_norm([g for _, g in gradients], norm_type, bool(error_if_nonfinite))
    if error_if_nonfinite is None and not math.isfinite(norm):
        raise ValueError(f"clip_grad_norm_: the gradients' norm is {norm}; a lower learning rate may keep it finite")
    clip_grads_with_norm_([p for p, _ in gradients], max_norm, norm)
    return norm


def clip_grad_value_(parameters: Parameters, clip_value: float, foreach: bool | None = None) -> None:
    """Limit every element of every gradient to [−clip_value, clip_value]; `foreach` is PyTorch's, and has no effect.

    Nodes without a gradient are ignored.

    Raises
    ------
    ValueError
        If `clip_value` is negative.

    Examples
    --------
    >>> import nn
    >>> w = nn.Parameter([3.0, 0.5])
    >>> (w * w).sum().backward()
    >>> nn.utils.clip_grad_value_([w], 2.0)
    >>> w.grad
    array([2., 1.])
    """
    if not clip_value >= 0:
        raise ValueError(f"clip_grad_value_: clip_value must be at least 0, not {clip_value!r}")
    for p, g in _gradients("clip_grad_value_", parameters):
        p.grad = (np if (library := library_of(g)) is None else library).clip(g, -clip_value, clip_value)


def _gradients(name: str, parameters: Parameters) -> list[tuple[Node, Array]]:
    """The parameters that have a gradient, each with it."""
    is_single = isinstance(parameters, (Tensor, Value))
    listed = list_parameters(name, [parameters] if is_single else parameters)
    return [(p, np.asarray(p.grad) if library_of(p) is None else p.grad) for p in listed if p.has_grad]
