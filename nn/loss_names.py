"""The losses by name."""

from __future__ import annotations

from collections.abc import Callable

from nn import functional as F  # noqa: N812  as in PyTorch
from nn._types import Function, LossLike, Output

__all__ = ["LOSSES", "resolve_loss"]

LOSSES: dict[str, Callable[..., Output]] = {
    "mse": F.mse_loss,
    "l1": F.l1_loss,
    "huber": F.huber_loss,
    "hinge": F.hinge_loss,
    "bce": F.binary_cross_entropy,
    "bce_with_logits": F.binary_cross_entropy_with_logits,
    "cross_entropy": F.cross_entropy,
    "nll": F.nll_loss,
    "smooth_l1": F.smooth_l1_loss,
    "soft_margin": F.soft_margin_loss,
    "kl_div": F.kl_div,
    "poisson_nll": F.poisson_nll_loss,
}


def resolve_loss(loss: LossLike) -> Function:
    """The function of a loss that is named (``"mse"``, ``"cross_entropy"``, ...); any other function as it is.

    Raises
    ------
    ValueError
        If there is no loss of that name; the message lists the names.
    TypeError
        If a loss's class is passed instead of an instance, or a loss of PyTorch's.
    """
    if isinstance(loss, str) and loss in LOSSES:
        return LOSSES[loss]
    if isinstance(loss, type) and hasattr(loss, "forward"):
        raise TypeError(f"the loss is a class: write {loss.__name__}(), which makes a module of it")
    if isinstance(loss, str) or not callable(loss):
        raise ValueError(f"no loss {loss!r}; there are {', '.join(sorted(LOSSES))}, and any function of (output, y)")
    if str(getattr(loss, "__module__", "")).startswith("torch."):
        name = getattr(loss, "__name__", type(loss).__name__)
        raise TypeError(f"the loss is PyTorch's {name}, which takes no nodes; nn and nn.functional have its names")
    return loss
