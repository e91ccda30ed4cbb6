"""``plot_function``: plot a function of one number with its derivatives and a tangent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.graph import formatting
from autograd.typing import Array, Data, Function, Keywords
from autograd.viz import style
from autograd.viz.curves import Curve, curves, derivatives_at

__all__ = ["plot_function"]

# A curve has a pole if all of it spans STEEP times what most of it does, and its ends lie LEAP of that apart from their
# neighbours.
STEEP, LEAP = 5.0, 0.25
INK = "#3A424C"
# The lines differ in dashes and width too, for those who see no colours.
_LINES: tuple[tuple[str, Keywords], ...] = (
    ("f", {"color": "#0072B2", "linewidth": 2.2}),
    ("f′", {"color": style.BACKWARD, "linewidth": 1.8, "linestyle": (0, (6, 2))}),
    ("f″", {"color": "#8E63B0", "linewidth": 1.6, "linestyle": (0, (1.5, 1.5))}),
)


def plot_function(
    f: Function,
    at: float | None = None,
    *,
    interval: tuple[float, float] | None = None,
    derivatives: int = 2,
    ax: Any = None,
) -> Data:
    """Plot a function over its first and second derivative, each in a panel of its own, with its tangent at a point.

    Where a curve leaps, as the derivative of relu does, its line has a gap between two circles, and a dot is its value
    there, which for a derivative is the stated one. Derivatives are drawn where the function has a value. At a pole the
    curves are cut off, so that the rest is visible.

    Parameters
    ----------
    f : callable
        A function of one number, made of this package's ops; it is called with a Value.
    at : float, optional
        The point of the tangent.
    interval : pair of float, optional
        The ends of the plot; by default three to the left and right of `at`, or −5 to 5.
    derivatives : {0, 1, 2}
        How many derivatives to draw.
    ax : Axes, optional
        The axes to draw all curves on; by default a new figure has a panel for each. There the function chooses the
        scale, and a derivative that goes far beyond it is cut off.

    Returns
    -------
    Axes
        The axes of the function. ``.figure.axes`` are all panels, from the function down; ``.figure.savefig(path)``
        writes the plot.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    TypeError
        If `f` is no function of one number that gives a number.
    ValueError
        If `interval` or `derivatives` is out of range, or `f` has no finite value at `at`.

    Examples
    --------
    >>> from autograd import viz
    >>> ax = viz.plot_function(lambda p: (1 - p) ** 2, at=-1.0)     # doctest: +SKIP
    >>> [line.get_label() for line in ax.lines]                     # doctest: +SKIP
    ['f', 'tangent, slope −4', 'f(−1) = 4']
    >>> [panel.get_ylabel() for panel in ax.figure.axes]            # doctest: +SKIP
    ['f', 'f′', 'f″']
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError('plot_function draws with matplotlib: run `pip install "graphgrad[plot]"`') from None
    if derivatives not in (0, 1, 2):
        raise ValueError(f"plot_function: derivatives is 0, 1 or 2, not {derivatives!r}")
    if not (at is None or np.ndim(at) == 0):
        raise TypeError(f"plot_function: at is a number, not {at!r}; the ends of the plot are interval=(left, right)")
    low, high = interval if interval is not None else (-5.0, 5.0) if at is None else (at - 3.0, at + 3.0)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"plot_function: interval is (left, right) with left below right, not {(low, high)}")
    point = [] if at is None else derivatives_at(f, float(at), max(derivatives, 1))
    if point and not math.isfinite(point[0]):
        raise ValueError(f"plot_function: f({at:g}) is {point[0]}, so there is no tangent; choose another `at`")
    drawn = curves(f, low, high, derivatives)
    if ax is None:
        size = (6.4, 4.2 + 1.7 * derivatives)
        ratios = [2.0, 1.2, 1.2][: derivatives + 1]
        figure = plt.figure(figsize=size, layout="constrained")
        panels = list(figure.subplots(len(ratios), sharex=True, squeeze=False, height_ratios=ratios)[:, 0])
    else:
        panels = [ax] * (derivatives + 1)
    before = ax.get_ylim() if ax is not None and ax.has_data() else ()
    for panel, curve, (label, look) in zip(panels, drawn, _LINES, strict=False):
        _draw(panel, curve, label, look)
    if at is not None:
        _mark(panels, float(at), point)
    for panel, curve, (label, _) in zip(panels, drawn, _LINES, strict=False):
        bottom, top = _frame([curve] if ax is None else drawn)
        # The tangent must not decide the limits; what was on the plot before stays inside them.
        panel.set_ylim(min([bottom, *before]), max([top, *before]))
        _dress(panel, (low, high), label if ax is None and derivatives else "")
    panels[-1].set_xlabel("x")
    return panels[0]


def _draw(panel: Any, curve: Curve, label: str, look: Keywords) -> None:
    """Draw a curve with its gaps, and its poles."""
    panel.plot(curve.x, curve.y, label=label, **look)
    colour = look["color"]
    for leap in curve.leaps:
        ends = [y for y in dict.fromkeys((leap.left, leap.right)) if y != leap.value]
        panel.plot([leap.x] * len(ends), ends, "o", color=colour, markerfacecolor="white", markersize=6)
        if math.isfinite(leap.value):
            x, y = (formatting.number(x, 4) for x in (leap.x, leap.value))
            panel.plot([leap.x], [leap.value], "o", color=colour, markersize=6, label=f"{label}({x}) = {y}")
    for pole in curve.poles:
        panel.axvline(pole, color=style.LINE, linewidth=0.9, linestyle=(0, (1, 2)), zorder=0)


def _mark(panels: Sequence[Any], at: float, point: Sequence[float]) -> None:
    """Draw the tangent, and the values at its point."""
    texts = [formatting.number(float(v), 4) for v in (at, *point)]
    label = f"tangent, slope {texts[2]}"
    if math.isfinite(point[1]):
        panels[0].axline((at, point[0]), slope=point[1], color=INK, linewidth=1.1, label=label)
    separate = len({id(panel) for panel in panels}) > 1
    for k, panel in enumerate(panels if separate else panels[:1]):
        label = f"{_LINES[k][0]}({texts[0]}) = {texts[1 + k]}"
        panel.plot([at], [point[k]], "o", color=INK, markersize=6, label=label)


def _dress(panel: Any, interval: tuple[float, float], label: str) -> None:
    panel.set_xlim(*interval)
    panel.axhline(0.0, color=style.LINE, linewidth=0.7, zorder=0)
    panel.grid(alpha=0.25)
    panel.spines[["top", "right"]].set_visible(False)
    panel.set_ylabel(label)
    if len(panel.get_legend_handles_labels()[1]) > bool(label):  # the label of an axis names a curve too
        panel.legend(loc="best", edgecolor="none", framealpha=0.8)


def _frame(drawn: Sequence[Curve]) -> tuple[float, float]:
    """The y-limits: all of the first curve, but for a pole, and of the others what is not far beyond it."""
    limits: tuple[float, float] | None = None
    low, high = -math.inf, math.inf
    for curve in drawn:
        finite = curve.y[np.isfinite(curve.y)]
        if not finite.size:
            continue
        ends, whole = _ends(curve.y, finite)
        if limits is None:
            limits, reach = ends, (ends[1] - ends[0]) or math.inf
            low, high = ends[0] - reach, ends[1] + reach
        elif whole:
            limits = min(limits[0], max(ends[0], low)), max(limits[1], min(ends[1], high))
    bottom, top = limits or (0.0, 1.0)
    margin = 0.06 * ((top - bottom) or max(1.0, abs(top)))
    return bottom - margin, top + margin


def _ends(ys: Array, finite: Array) -> tuple[tuple[float, float], bool]:
    """The ends of a curve, and whether they are those of all of it: beside a pole they are those of most of it."""
    whole = float(finite.min()), float(finite.max())
    low, high = (float(x) for x in np.percentile(finite, (5, 95)))
    if whole[1] - whole[0] <= STEEP * (high - low) or not _breaks_off(ys, whole):
        return whole, True
    return (low, high), False


def _breaks_off(ys: Array, ends: tuple[float, float]) -> bool:
    """Whether a curve leaps away from its largest or smallest value, as beside a pole."""
    leaps = np.abs(np.diff(ys, prepend=np.nan, append=np.nan))
    beside = np.fmax(leaps[:-1], leaps[1:])
    return bool(np.any(beside[np.isin(ys, ends)] > LEAP * (ends[1] - ends[0])))
