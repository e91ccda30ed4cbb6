"""What all plots share: colours, and the axes that they draw into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nn.optional import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["COLOURS", "axes_or_new"]

# Okabe and Ito's colours, which most eyes distinguish; black comes last.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]


def axes_or_new(ax: Axes | None) -> Axes:
    """The axes themselves, or for None those of a new figure."""
    axes: Axes = require("matplotlib.pyplot").subplots(layout="constrained")[1] if ax is None else ax
    return axes
