"""Distances and angles between vectors, and the losses of them, under PyTorch's names."""

from __future__ import annotations

import autograd
from autograd.tracebacks import entrances
from nn import kinds
from nn._types import Input, Output, X
from nn.functional.loss_arguments import beside, check_broadcast, matched, reduced
from nn.kinds import as_node, is_value_array
from nn.options import ShapeError, check_options

__all__ = [
    "cosine_embedding_loss", "cosine_similarity", "margin_ranking_loss", "pairwise_distance", "triplet_margin_loss",
]  # fmt: skip


def cosine_similarity(x1: Input, x2: Input, dim: int = 1, eps: float = 1e-8) -> Output:
    """The cosine of the angle between vectors along an axis, whose lengths are taken as at least `eps`.

    Parameters
    ----------
    x1, x2 : node or array_like
        The vectors, whose shapes broadcast.
    dim : int
        The axis along which they lie.
    eps : float
        The least length.

    Returns
    -------
    node
        The cosines, of that shape without the axis.

    Raises
    ------
    ValueError
        If the shapes do not broadcast, or an option is out of its range.
    TypeError
        If they are of Values.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.cosine_similarity([[1.0, 0.0]], [[3.0, 4.0]]).data
    array([0.6])
    """
    check_options("cosine_similarity", dim=dim, eps=eps)
    vectors = autograd.broadcast_arrays(*_tensors("cosine_similarity", x1, x2))
    a, b = (v / kinds.at_least(autograd.norm(v, axis=dim, keepdims=True), eps) for v in vectors)
    return (a * b).sum(axis=dim)


def pairwise_distance(x1: Input, x2: Input, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Output:
    """The p-norm of ``x1 - x2 + eps`` along the last axis.

    Parameters
    ----------
    x1, x2 : node or array_like
        The vectors, whose shapes broadcast.
    p : float
        The order of the norm, ``(Σ|x|ᵖ)^(1/p)``.
    eps : float
        What is added to each difference, so that the derivative is finite where they are equal.
    keepdim : bool
        Whether the last axis stays, with length 1.

    Returns
    -------
    node
        The distances, of that shape without its last axis.

    Raises
    ------
    ValueError
        If the shapes do not broadcast, or an option is out of its range.
    TypeError
        If they are of Values.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.pairwise_distance([[1.0, 0.0]], [[4.0, 4.0]], eps=0.0).data
    array([5.])
    """
    check_options("pairwise_distance", p=p, eps=eps)
    a, b = _tensors("pairwise_distance", x1, x2)
    return autograd.norm(a - b + eps, p, -1, keepdim)


def margin_ranking_loss(
    input1: Input, input2: Input, target: Input, margin: float = 0.0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Output:  # fmt: skip
    """``max(0, margin - target * (input1 - input2))``: the first is to be ranked higher for 1, lower for −1.

    All three have one shape. Options, the result and errors are those of :func:`mse_loss`.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.margin_ranking_loss([2.0, 2.0], [0.5, 0.5], [1, -1], reduction="none").data
    array([0. , 1.5])
    """
    a, b = matched("margin_ranking_loss", input1, input2)
    _, t = matched("margin_ranking_loss", a, target)
    return reduced("margin_ranking_loss", _excess(margin - t * (a - b)), size_average, reduce, reduction)


def cosine_embedding_loss(
    input1: Input, input2: Input, target: Input, margin: float = 0.0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Output:  # fmt: skip
    """1 − cos of the angle between rows that belong together (target 1); ``max(0, cos - margin)`` of others (−1).

    Inputs are of shape (samples, features) and the target of (samples,), or of shapes (features,) and (). Reductions,
    the result and errors are those of :func:`mse_loss`.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.cosine_embedding_loss([[1.0, 0.0]], [[3.0, 4.0]], [-1], margin=0.5).item().__round__(6)
    0.1
    """
    name = "cosine_embedding_loss"
    a, b = _tensors(name, input1, input2)
    t: X = beside(a, target)
    if a.ndim not in (1, 2) or t.shape != a.shape[:-1] or b.shape != a.shape:
        raise ShapeError(
            f"{name}: inputs have shape (samples, features) and the target (samples,), or (features,) and (); "
            f"they have shapes {a.shape}, {b.shape} and {t.shape}"
        )
    cosine = (a * b).sum(axis=-1) / autograd.sqrt(((a * a).sum(axis=-1) + 1e-12) * ((b * b).sum(axis=-1) + 1e-12))
    others = autograd.where(autograd.equal(t, -1), _excess(cosine - margin), 0.0)
    return reduced(name, autograd.where(autograd.equal(t, 1), 1 - cosine, others), size_average, reduce, reduction)


def triplet_margin_loss(
    anchor: Input, positive: Input, negative: Input, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6,
    swap: bool = False, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Output:  # fmt: skip
    """``max(0, margin + d(anchor, positive) - d(anchor, negative))`` of :func:`pairwise_distance` d.

    With `swap`, the negative's distance is the one to the positive if that is less.

    All three are of shape (samples, features), or (features,). Reductions, the result and errors are those of
    :func:`mse_loss`. Balntas et al., "Learning local feature descriptors with triplets and shallow convolutional neural
    networks", 2016.

    Examples
    --------
    >>> import nn.functional as F
    >>> F.triplet_margin_loss([[0.0]], [[1.0]], [[1.5]], eps=0.0).item()
    0.5
    """
    name = "triplet_margin_loss"
    check_options(name, margin=margin, p=p, eps=eps)
    a, b, c = _tensors(name, anchor, positive, negative)
    if not a.ndim == b.ndim == c.ndim:
        raise ShapeError(
            f"{name}: The anchor, positive, and negative tensors are expected to have the same number of dimensions, "
            f"but got: anchor {a.ndim}D, positive {b.ndim}D, and negative {c.ndim}D inputs"
        )
    near, far = pairwise_distance(a, b, p, eps), pairwise_distance(a, c, p, eps)
    if swap:
        far = autograd.minimum(far, pairwise_distance(b, c, p, eps))
    return reduced(name, _excess(margin + near - far), size_average, reduce, reduction)


def _excess(x: X) -> X:
    """`x` where it is at least 0, else 0: its derivative at 0 is 1, as that of PyTorch's clamping."""
    return autograd.where(autograd.less(x, 0), 0.0, x)


def _tensors(name: str, *xs: Input) -> tuple[X, ...]:
    """Operands as Tensors, of which arrays have the dtype of the first."""
    if any(is_value_array(x) for x in xs):
        raise TypeError(f"{name}: vectors are rows of a Tensor or an array, not of Values")
    first = as_node(xs[0])
    tensors = first, *(beside(first, x) for x in xs[1:])
    check_broadcast(name, *tensors)
    return tensors


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
