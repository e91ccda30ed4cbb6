"""``plot_function``: plot a function of one number with its derivatives and a tangent."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.engine.gradients import gradients
from autograd.engine.node import Node
from autograd.graph import formatting
from autograd.typing import Data, Function, Keywords
from autograd.value import Value
from autograd.viz import style

__all__ = ["plot_function"]

POINTS = 401
# A curve has a pole if all of it spans STEEP times what most of it does, and its ends lie LEAP of that apart from their
# neighbours.
STEEP, LEAP = 5.0, 0.25
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
    """Plot a function with its first and second derivative, and its tangent at a point.

    Derivatives are drawn where the function has a value. At a pole the curves are cut off, so that the rest is visible.

    Parameters
    ----------
    f : callable
        A function of one number, made of this package's ops; it is called with a Value.
    at : float, optional
        The point of the tangent.
    interval : (float, float), optional
        The ends of the plot; by default three to the left and right of `at`, or −5 to 5.
    derivatives : {0, 1, 2}
        How many derivatives to draw.
    ax : matplotlib.axes.Axes, optional
        The axes to draw on; by default those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; ``.figure.savefig(path)`` writes the plot.

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
    ['f', 'f′', 'f″', 'tangent, slope −4', 'f(−1) = 4']
    """
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError('plot_function draws with matplotlib: run `pip install "graphgrad[plot]"`') from None
    if derivatives not in (0, 1, 2):
        raise ValueError(f"plot_function: derivatives is 0, 1 or 2, not {derivatives!r}")
    low, high = interval if interval is not None else (-5.0, 5.0) if at is None else (at - 3.0, at + 3.0)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"plot_function: interval is (left, right) with left below right, not {(low, high)}")
    y, slope = (0.0, 0.0) if at is None else _derivatives(f, float(at), 1)
    if not math.isfinite(y):
        raise ValueError(f"plot_function: f({at:g}) is {y}, so there is no tangent; choose another `at`")
    xs = np.linspace(low, high, POINTS)
    table = np.array([_derivatives(f, x, derivatives) for x in xs.tolist()])
    table[~np.isfinite(table[:, 0])] = np.nan
    bottom, top = _frame(table.T)
    if ax is None:
        _, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    limits = ax.get_ylim() if ax.has_data() else ()
    for (label, look), ys in zip(_LINES, table.T, strict=False):
        side = np.sign(np.clip(ys, bottom, top) - ys)
        across = side[:-1] * side[1:] < 0
        ys[:-1][across] = np.nan  # no line joins the two sides of a pole
        ax.plot(xs, ys, label=label, **look)
    if at is not None:
        x_text, y_text, slope_text = (formatting.number(float(v), 4) for v in (at, y, slope))
        ax.axline((at, y), slope=slope, color="#3A424C", linewidth=1.1, label=f"tangent, slope {slope_text}")
        ax.plot([at], [y], "o", color="#3A424C", markersize=6, label=f"f({x_text}) = {y_text}")
    # The tangent must not decide the limits; what was on the plot before stays inside them.
    ax.set_ylim(min([bottom, *limits]), max([top, *limits]))
    ax.set_xlim(low, high)
    ax.axhline(0.0, color=style.LINE, linewidth=0.7, zorder=0)
    ax.grid(alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_xlabel("x")
    ax.legend(loc="best", edgecolor="none", framealpha=0.8)
    return ax


def _frame(curves: Data) -> tuple[float, float]:
    """The y-limits: all of each curve, but a function with a pole is cut off, and a derivative with one is ignored."""
    ranges = []
    for k, ys in enumerate(curves):
        finite = ys[np.isfinite(ys)]
        if not finite.size:
            continue
        whole = finite.min(), finite.max()
        most = tuple(np.percentile(finite, (5, 95)))
        if np.ptp(whole) <= STEEP * np.ptp(most) or not _breaks_off(ys, whole):
            ranges.append(whole)
        elif k == 0:
            ranges.append(most)
    bottom, top = (
        float(pick(ends)) for pick, ends in zip((min, max), zip(*ranges or [(0.0, 1.0)], strict=True), strict=True)
    )
    margin = 0.06 * ((top - bottom) or 1.0)
    return bottom - margin, top + margin


def _breaks_off(ys: Data, ends: tuple[float, float]) -> bool:
    """Whether a curve leaps away from its largest or smallest value, as beside a pole."""
    leaps = np.abs(np.diff(ys, prepend=np.nan, append=np.nan))
    beside = np.fmax(leaps[:-1], leaps[1:])
    return bool(np.any(beside[np.isin(ys, ends)] > LEAP * np.ptp(ends)))


def _derivatives(f: Function, at: float, order: int) -> list[float]:
    """The value of a function at a point, and its first `order` derivatives there."""
    x = Value(at)
    y = f(x)
    results = []
    for left in range(order, -1, -1):
        try:
            results.append(float(np.asarray(y._data).item() if isinstance(y, Node) else y))
        except (TypeError, ValueError):
            raise TypeError(f"plot_function: f must give one number for one number, not {type(y).__name__}") from None
        if left:
            depends = isinstance(y, Node) and y.requires_grad
            y = gradients(y, x, create_graph=left > 1) if depends else 0.0
    return results
