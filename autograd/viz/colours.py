"""Colours of cards by their contents: the size of gradients, their sign, or numbers that are not finite."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from autograd.engine.libraries import fetched
from autograd.typing import Data
from autograd.viz import style
from autograd.viz.folding import Item
from autograd.viz.node_html import finite_counts, norm

__all__ = ["fills", "legend", "nonfinite_text"]

# Each step is darker than the one before, so that the steps also read without colour.
SIZES = ("#FFF4EC", "#FFE0CB", "#FFC8A2", "#FFAE78", "#F7945A")
POSITIVE, NEGATIVE, MIXED, ZERO = "#D9ECFA", "#F2A065", "#EFE3F3", "#C9CED6"
NAN, INFINITE, FINITE = "#E7A9C9", "#F2E27A", "#F6F7F8"
_BOLD = {"penwidth": "3.4"}

Look = Mapping[str, str]


def fills(items: Sequence[Item], mode: str) -> dict[Item, Look]:
    """The attributes that replace a card's own, for each item that has any."""
    if mode == "finite":
        return {item: _finite(item) for item in items}
    gradients = {item: [fetched(n.grad) for n in item.members if n.has_grad] for item in items}
    known = {item: several for item, several in gradients.items() if several}
    if mode == "sign":
        return {item: {"fillcolor": _sign(several)} for item, several in known.items()}
    sizes = {item: norm([norm(g) for g in several]) for item, several in known.items()}
    whole = [s for s in sizes.values() if 0 < s < math.inf]
    return {item: {"fillcolor": _size(s, whole)} for item, s in sizes.items()}


def _size(size: float, whole: Sequence[float]) -> str:
    """The step for a size between the smallest and the largest, on a logarithmic scale."""
    if size == 0:
        return ZERO
    if not whole or not math.isfinite(size):
        return NAN
    low, high = math.log(min(whole)), math.log(max(whole))
    return SIZES[round((len(SIZES) - 1) * (math.log(size) - low) / (high - low))] if high > low else SIZES[-1]


def _sign(gradients: Sequence[Data]) -> str:
    with np.errstate(all="ignore"):
        signs = {int(s) for g in gradients for s in np.unique(np.sign(np.nan_to_num(g)))} - {0}
    if not signs:
        return ZERO
    return MIXED if len(signs) > 1 else POSITIVE if signs == {1} else NEGATIVE


def _finite(item: Item) -> Look:
    gradients = [fetched(n.grad) for n in item.members if n.has_grad]
    nans, infinite = finite_counts([*(fetched(n.data) for n in item.members), *gradients])
    if nans or infinite:
        return {"fillcolor": NAN if nans else INFINITE, **_BOLD}
    return {"fillcolor": ZERO if gradients and not any(np.any(g) for g in gradients) else FINITE}


def nonfinite_text(item: Item) -> str:
    """Write how many elements are not finite; empty if all are, or for scalars, whose numbers say it."""
    if not item.members[0].ndim:
        return ""
    texts = []
    for name, arrays in (
        ("", [fetched(n.data) for n in item.members]),
        ("grad: ", [fetched(n.grad) for n in item.members]),
    ):
        nans, infinite = finite_counts(arrays)
        counts = [f"{count} {word}" for count, word in ((nans, "nan"), (infinite, "inf")) if count]
        texts += [name + ", ".join(counts)] if counts else []
    return "; ".join(texts)


def legend(mode: str, coloured: bool = True) -> str:
    """Write what the colours mean, or why there are none, in Graphviz's HTML."""
    if not coloured:
        return "<TR><TD>no gradients to colour by: call backward() first</TD></TR>"
    if mode == "gradient":
        parts = [(ZERO, "0"), *((fill, "") for fill in SIZES)]
        return f"<TR><TD>size of the gradient&#160; </TD>{_swatches(parts)}<TD>&#160;largest</TD></TR>"
    if mode == "sign":
        parts = [(NEGATIVE, "−"), (ZERO, "0"), (POSITIVE, "+"), (MIXED, "both")]
        return f"<TR><TD>sign of the gradient&#160; </TD>{_swatches(parts)}</TR>"
    parts = [(NAN, "nan"), (INFINITE, "inf"), (ZERO, "gradient 0"), (FINITE, "finite")]
    return f"<TR>{_swatches(parts)}</TR>"


def _swatches(parts: Sequence[tuple[str, str]]) -> str:
    look = f'BORDER="1" CELLPADDING="3" COLOR="{style.LINE}"'
    return "".join(f'<TD BGCOLOR="{fill}" {look}>&#160;{text}&#160;</TD>' for fill, text in parts)
