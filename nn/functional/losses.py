"""Losses of numbers and of densities, under PyTorch's names; `nn.functional` has them beside the activations.

Each takes a prediction `input` and a `target` of one shape and gives a node: a Tensor, or a Value if the prediction is
a Value or an object array of them. A target is a constant unless it is a node. By `reduction` the result is the mean
over all elements, their sum, or with "none" each element's loss. PyTorch's deprecated `size_average` and `reduce`,
which are there for the order of the arguments, are refused.
"""

from __future__ import annotations

import math
from typing import cast

import autograd
from autograd.tracebacks import entrances
from nn import kinds
from nn._types import ArrayLike, Input, Operand, Output, X
from nn.functional.loss_arguments import (
    averaged,
    beside,
    check_broadcast,
    check_signs,
    check_variances,
    matched,
    reduced,
    weighted,
)
from nn.kinds import as_node
from nn.options import check_options

__all__ = [
    "gaussian_nll_loss", "hinge_loss", "huber_loss", "kl_div", "l1_loss", "mse_loss", "poisson_nll_loss",
    "smooth_l1_loss", "soft_margin_loss",
]  # fmt: skip


def mse_loss(
    input: Input, target: Input, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", weight: ArrayLike | None = None,
) -> Output:  # fmt: skip
    """The squared error ``(input - target)**2``; with weights of that shape, the mean is the weighted one.

    Parameters
    ----------
    input : node or array_like
        The prediction.
    target : node or array_like
        The target, of the shape of `input`; a constant in its dtype, unless it is a node.
    reduction : {"mean", "sum", "none"}
        Whether the result is the mean over all elements, their sum, or each element's loss.
    weight : array_like, optional
        A factor for the loss of each element, of that shape.
    size_average, reduce : None
        PyTorch's, which are deprecated there and refused here; they are there for the order of the arguments.

    Returns
    -------
    node
        A scalar, or with "none" a node of the shape of `input`: a Tensor, or a Value if the prediction is one or is of
        them.

    Raises
    ------
    ValueError
        If the two shapes differ, or an option is out of its range; so do all losses.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> prediction = Tensor([1.0, 2.0])
    >>> loss = F.mse_loss(prediction, [0.0, 4.0])
    >>> loss.backward()
    >>> loss.item(), prediction.grad
    (2.5, array([ 1., -2.]))
    """
    x, t = matched("mse_loss", input, target)
    error = x - t
    return reduced("mse_loss", error * error, size_average, reduce, reduction, weight)


def l1_loss(
    input: Input, target: Input, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", weight: ArrayLike | None = None,
) -> Output:  # fmt: skip
    """The absolute error ``|input - target|``; its derivative at 0 is 0. With weights, the mean is the weighted one.

    Operands, options, result and errors are those of :func:`mse_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.l1_loss(Tensor([1.0, 2.0]), [0.0, 4.0]).item()
    1.5
    """
    x, t = matched("l1_loss", input, target)
    return reduced("l1_loss", autograd.abs(x - t), size_average, reduce, reduction, weight)


def huber_loss(
    input: Input, target: Input, reduction: str = "mean", delta: float = 1.0, weight: ArrayLike | None = None
) -> Output:
    """Half the squared error up to `delta`, beyond it ``delta * (|error| - delta/2)``; times a weight for each element.

    Operands, options, result and errors are those of :func:`mse_loss`.

    Source: Huber, "Robust estimation of a location parameter", 1964.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.huber_loss(Tensor([0.5, 3.0]), [0.0, 0.0], reduction="none").data
    array([0.125, 2.5  ])
    """
    check_options("huber_loss", delta=delta)
    x, t = matched("huber_loss", input, target)
    return reduced("huber_loss", weighted("huber_loss", _huber(x - t, delta), weight), None, None, reduction)


def smooth_l1_loss(
    input: Input, target: Input, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", beta: float = 1.0,
) -> Output:  # fmt: skip
    """The :func:`huber_loss` divided by `beta`: beyond it the absolute error less ``beta/2``; with 0 :func:`l1_loss`.

    Operands, options, result and errors are those of :func:`mse_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.smooth_l1_loss(Tensor([0.5, 3.0]), [0.0, 0.0], reduction="none").data
    array([0.125, 2.5  ])
    """
    check_options("smooth_l1_loss", beta=beta)
    x, t = matched("smooth_l1_loss", input, target)
    losses = _huber(x - t, beta) / beta if beta else autograd.abs(x - t)
    return reduced("smooth_l1_loss", losses, size_average, reduce, reduction)


def _huber(error: Operand, delta: float) -> X:
    near = autograd.clip(error, -delta, delta)  # A large error is never squared, so that it cannot overflow.
    return near * (error - near * 0.5)


def hinge_loss(input: Input, target: Input, reduction: str = "mean", margin: float = 1.0) -> Output:
    """``max(0, margin - target * input)`` for targets −1 and 1: no loss for a clear score of the right sign.

    Operands, options, result and errors are those of :func:`mse_loss`; targets other than −1 and 1 are a ValueError.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.hinge_loss(Tensor([2.0, 0.5, 0.5]), [1, 1, -1], reduction="none").data
    array([0. , 0.5, 1.5])
    """
    x, t = matched("hinge_loss", input, target)
    kinds.check(check_signs, t)
    return reduced("hinge_loss", autograd.relu(margin - t * x), None, None, reduction)


def soft_margin_loss(
    input: Input, target: Input, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
) -> Output:  # fmt: skip
    """``log(1 + exp(-target * input))`` for targets −1 and 1, for scores of any size.

    Operands, options, result and errors are those of :func:`mse_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.soft_margin_loss(Tensor([0.0, -1000.0]), [1, 1], reduction="none").data.round(4)
    array([6.931e-01, 1.000e+03])
    """
    x, t = matched("soft_margin_loss", input, target)
    return reduced("soft_margin_loss", autograd.softplus(-t * x), size_average, reduce, reduction)


def kl_div(
    input: Input, target: Input, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", log_target: bool = False,
) -> Output:  # fmt: skip
    """The divergence ``target * (log(target) - input)`` of logarithmic probabilities `input` from probabilities.

    With `log_target` the target holds logarithms too. The divergence of a sample is the sum over its classes, which
    reduction="batchmean" averages over samples; "mean" divides by the number of classes too.

    Operands, options, result and errors are those of :func:`mse_loss`; `reduction` may be "batchmean", too.

    Source: Kullback and Leibler, "On information and sufficiency", 1951.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.kl_div(Tensor(np.log([[0.5, 0.5]])), [[1.0, 0.0]], reduction="batchmean").item()
    0.6931471805599453
    """
    check_options("kl_div", reduction=reduction)
    x, t = matched("kl_div", input, target)
    if log_target:
        losses = autograd.exp(t) * (t - x)
    else:
        present: X = autograd.where(autograd.equal(t, 0), 1.0, cast(X, t))
        losses = t * (autograd.log(present) - x)
    if reduction != "batchmean":
        return reduced("kl_div", losses, size_average, reduce, reduction)
    return averaged(losses, x.shape[0] if x.shape else 1)


def poisson_nll_loss(
    input: Input, target: Input, log_input: bool = True, full: bool = False, size_average: bool | None = None,
    eps: float = 1e-8, reduce: bool | None = None, reduction: str = "mean",
) -> Output:  # fmt: skip
    """Minus the logarithmic probability of a count `target` if its logarithmic mean is `input`, less a constant.

    Without `log_input`, `input` is the mean itself, and `eps` is added in the logarithm. With `full`, Stirling's
    approximation of the constant is added for counts above 1.

    Operands, options, result and errors are those of :func:`mse_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.poisson_nll_loss(Tensor([0.0, 0.0]), [1, 3], reduction="none").data
    array([1., 1.])
    """
    check_options("poisson_nll_loss", eps=eps)
    x, t = matched("poisson_nll_loss", input, target)
    losses: X = autograd.exp(x) - t * x if log_input else x - t * autograd.log(x + eps)
    if full:
        large = autograd.greater(t, 1)
        count: X = autograd.where(large, cast(X, t), 1.0)
        stirling = count * autograd.log(count) - count + autograd.log(count * (2 * math.pi)) * 0.5
        losses = losses + autograd.where(large, stirling, 0.0)
    return reduced("poisson_nll_loss", losses, size_average, reduce, reduction)


def gaussian_nll_loss(
    input: Input, target: Input, var: Input, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Output:
    """Minus the logarithmic density of `target` in the normal distribution of mean `input` and variance `var`.

    Options, the result and errors are those of :func:`mse_loss`; a negative variance is a ValueError, too.

    Parameters
    ----------
    var : node, array or number
        Variances of the shape of `input`, where an axis may have length 1, or the last one be absent; at least `eps` is
        taken, but the gradient passes as if it were not.
    full : bool
        Whether the constant ½ log 2π is added.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn.functional as F
    >>> F.gaussian_nll_loss(Tensor([0.0, 1.0]), [1.0, 1.0], [1.0, 1.0], reduction="none").data
    array([0.5, 0. ])
    """
    check_options("gaussian_nll_loss", eps=eps)
    x: X = as_node(input)
    spread: X = beside(x, var)
    kinds.check(check_variances, spread)
    shape = spread.shape
    if shape and shape == x.shape[:-1] != x.shape:
        spread = spread.reshape((*shape, 1))
    elif shape and (len(shape) != len(x.shape) or sum(m for m, n in zip(shape, x.shape, strict=True) if m != n) > 1):
        raise ValueError(
            f"gaussian_nll_loss: var is of incorrect size {shape}; it must be that of the input, {x.shape}, with the "
            "last axis left out, or with length 1 for one"
        )
    spread = kinds.at_least(spread, eps)
    t = beside(x, target)
    check_broadcast("gaussian_nll_loss", x, t, spread)
    error = x - t
    losses = (autograd.log(spread) + error * error / spread) * 0.5
    return reduced("gaussian_nll_loss", losses + 0.5 * math.log(2 * math.pi) if full else losses, None, None, reduction)


# The functions are wrapped in the file that defines them, so that everyone imports the wrapped ones.
entrances(globals(), __all__)
