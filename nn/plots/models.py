"""Plots of trained models: their weights, their decisions, their losses.

Each draws into `ax`, by default the axes of a new figure, and returns it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from nn._types import Array, ArrayLike, Node
from nn.host import as_numpy
from nn.kinds import to_numpy
from nn.module import Module
from nn.optional import require
from nn.plots.axes import COLOURS, axes_or_new
from nn.regions import Classifier, regions_of, sides_around, without_graph

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["confusion_matrix", "decision_boundary", "loss_surface", "weights"]

NUMBERED = 8  # matrices of up to so many rows and columns have their numbers in them
LETTERS, SMALLEST = 2.8, 6.0  # a number is so many times as wide as high, and no smaller than so many points
EQUAL = 32  # up to so many rows and columns the cells of all matrices are equally large
STRETCH = 5  # a plane whose sides differ by more than this factor is stretched to a square
TITLE = 2.2  # the least width of a panel for its title, in cells
NEGATIVE = "#B4488A"  # as in draw_network, for vermilion is the gradients'


def decision_boundary(
    model: Module | Callable[[Array], Node | ArrayLike] | Classifier, X: ArrayLike, y: ArrayLike | None = None, *,
    ax: Axes | None = None, resolution: int = 200, threshold: float = 0.5,
) -> Axes:  # fmt: skip
    """The regions that a classifier of points in the plane gives to its classes, under the points.

    The surer the classifier, the stronger the colour: a model's output is read as a probability or a score of the class
    1 if it is one column, and as probabilities of the classes, or scores for a softmax, if there are several. An
    estimator shows its `predict_proba` if it has one. Where the output is nan there is no colour. The lines are where
    the class changes. Both axes have the same scale, unless one side is more than five times the other.

    Parameters
    ----------
    model : Module, estimator or callable
        For rows of two features it gives one column (compared with the threshold) or one for each class; an
        estimator's `predict` gives the classes themselves.
    X : array_like
        Points, of shape (n, 2); the picture shows the region around them.
    y : array_like, optional
        The classes of the points, of shape (n,) or (n, classes); with it the points are drawn.
    resolution : int
        The number of grid points in each direction.
    threshold : float
        The output at which the class changes, if there is one output: 0 for scores.

    Raises
    ------
    ValueError
        If `X` does not have two columns or holds no finite point, or `resolution` is less than 2.

    Examples
    --------
    >>> import nn
    >>> X, y = nn.data.moons(20, rng=0)
    >>> ax = nn.plots.decision_boundary(nn.MLP([2, 3, 1], "tanh", rng=0), X, y, threshold=0.0, resolution=20)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['0', '1']
    """
    points = np.asarray(as_numpy(X), float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"decision_boundary: X must hold points of the plane, shape (n, 2), not {points.shape}")
    sides = sides_around(points, resolution)
    ax = axes_or_new(ax)
    grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    regions = regions_of(model, grid, threshold)
    square = (resolution, resolution)
    colours = require("matplotlib.colors").ListedColormap([COLOURS[k % 7] for k in range(len(regions.names))])
    mesh = ax.pcolormesh(*sides, regions.classes.reshape(square), cmap=colours, vmin=0, vmax=len(regions.names) - 1,
                         rasterized=True)  # fmt: skip
    # Its type knows no array, and it no nan.
    mesh.set_alpha(cast(Any, np.nan_to_num(0.06 + 0.5 * regions.sure).reshape(square)))
    for text, heights in regions.edges:
        if np.any(heights < 0) and np.any(heights > 0):
            lines = ax.contour(*sides, heights.reshape(square), levels=[0], colors="#1F2328", linewidths=1)
            ax.clabel(lines, fmt=text, fontsize=8)
    if y is not None:
        _draw_points(ax, points, np.asarray(as_numpy(y)), regions.names)
    if max(map(np.ptp, sides)) <= STRETCH * min(map(np.ptp, sides)):
        ax.set_aspect("equal")
    return ax


def _draw_points(ax: Axes, points: Array, labels: Array, names: Array) -> None:
    """Draw each class of points with a colour and a marker of its own."""
    labels = labels.argmax(axis=1) if labels.ndim == 2 and labels.shape[1] > 1 else labels.reshape(-1)
    present = np.unique(labels)
    indices = np.searchsorted(names, present) if np.isin(present, names).all() else range(len(present))
    for k, name in zip(indices, present, strict=True):
        ax.plot(*points[labels == name].T, "os^Dv*P"[k % 7], color=COLOURS[k % 7], markersize=4,
                markeredgecolor="white", markeredgewidth=0.5,
                label=f"{name:g}" if labels.dtype.kind == "f" else str(name))  # fmt: skip
    ax.legend(loc="best")


def confusion_matrix(
    y: ArrayLike, predicted: ArrayLike, ax: Axes | None = None, labels: ArrayLike | None = None
) -> Axes:
    """Counts of samples: a row for each true class, a column for each predicted one.

    Parameters
    ----------
    y, predicted : array_like
        The true and the predicted classes, of shape (n,).
    labels : array_like, optional
        The classes in the order of the rows; by default all that occur, sorted.

    Raises
    ------
    ValueError
        If the two are not as many.

    Examples
    --------
    >>> from nn import plots
    >>> ax = plots.confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1])
    >>> [text.get_text() for text in ax.texts]
    ['1', '1', '0', '2']
    """
    true, guessed = np.ravel(as_numpy(y)), np.ravel(as_numpy(predicted))
    if true.shape != guessed.shape:
        raise ValueError(f"confusion_matrix: there are {len(true)} classes, but {len(guessed)} predicted ones")
    names = np.unique([true, guessed]) if labels is None else np.ravel(as_numpy(labels))
    counts = np.array([[np.sum((true == a) & (guessed == b)) for b in names] for a in names])
    ax = axes_or_new(ax)
    ax.imshow(counts, cmap="Blues", vmin=0)
    for (row, column), n in np.ndenumerate(counts):
        ax.text(column, row, str(n), ha="center", va="center", color="white" if 2 * n > counts.max() else "#1F2328")
    ticks = range(len(names))
    ax.set(xlabel="predicted", ylabel="true", xticks=ticks, yticks=ticks, xticklabels=names, yticklabels=names)
    return ax


def loss_surface(
    f: Callable[[Any, Any], Node | ArrayLike], x: tuple[float, float], y: tuple[float, float], *,
    path: ArrayLike | Mapping[str, ArrayLike] | None = None, ax: Axes | None = None, levels: int = 30,
) -> Axes:  # fmt: skip
    """The contours of a function of two numbers, and the path of a descent on it.

    Parameters
    ----------
    f : callable
        The loss as a function of two arrays of the same shape, or else of two numbers.
    x, y : tuple of float
        The ranges of the two.
    path : array_like or dict of str to array_like, optional
        The points of a descent in their order, of shape (n, 2), or several descents by name.
    levels : int
        The number of contours.

    Examples
    --------
    >>> from nn import plots
    >>> ax = plots.loss_surface(lambda a, b: a * a + 4 * b * b, (-2, 2), (-1, 1), path=[[2, 1], [1, 0.2], [0, 0]])
    >>> ax.get_xlim(), [text.get_text() for text in ax.get_legend().get_texts()]
    ((np.float64(-2.0), np.float64(2.0)), ['descent'])
    """
    ax = axes_or_new(ax)
    sides = np.linspace(*x, 100), np.linspace(*y, 100)
    a, b = np.meshgrid(*sides)
    try:
        z = np.asarray(without_graph(f(a, b)), float)
    except (TypeError, ValueError):
        z = np.empty(0)
    if z.shape != a.shape:
        z = np.vectorize(lambda p, q: float(to_numpy(f(p, q)).item()))(a, b)
    filled = ax.contourf(*sides, z, levels=levels, cmap="Blues_r")
    ax.figure.colorbar(filled, ax=ax, label="loss")
    paths = path if isinstance(path, Mapping) else {} if path is None else {"descent": path}
    for k, (name, points) in enumerate(paths.items()):
        p = np.asarray(as_numpy(points), float)
        ax.plot(*p.T, "o-", color=COLOURS[k + 1], markersize=3, linewidth=1.2, label=name)
        ax.plot(*p[0], "s", color=COLOURS[k + 1], markersize=7, markeredgecolor="white")
    if paths:
        ax.legend(loc="best")
    ax.set(xlim=x, ylim=y)
    return ax


def weights(model: Module, axes: Array | None = None) -> Array:
    """Every parameter as a picture with a row for each neuron, purple below 0 and blue above, all on one scale.

    All cells are equally large, unless a matrix has more than 32 rows or columns. One of up to eight of both has its
    numbers in it.

    Parameters
    ----------
    model : Module
        The model.
    axes : array of Axes, optional
        The axes to draw into, one for each parameter; by default those of a new figure.

    Returns
    -------
    array of Axes
        One for each parameter.

    Raises
    ------
    ValueError
        If the model has no parameters.

    Examples
    --------
    >>> import nn
    >>> panels = nn.plots.weights(nn.MLP([2, 3, 1], rng=0))
    >>> [ax.get_title() for ax in panels]
    ['0.weight', '0.bias', '2.weight', '2.bias']
    >>> [text.get_text() for text in panels[3].texts]
    ['0.41']
    """
    plt = require("matplotlib.pyplot")
    matrices = {name: w.reshape(len(w), -1) for name, w in model._arrays().items() if w.ndim and w.dtype.kind == "f"}
    if not matrices:
        raise ValueError("weights: the model has no parameters")
    rows, columns = (max(w.shape[k] for w in matrices.values()) for k in (0, 1))
    equal = max(rows, columns) <= EQUAL
    if axes is None:
        wide = [max(w.shape[1], TITLE) for w in matrices.values()]
        cell = min(0.55, max(9 / sum(wide), 0.42 if max(rows, columns) <= NUMBERED else 0.1))
        size = (cell * sum(wide) + 1.5, max(cell * rows, 1.0) + 1) if equal else (2.2 * len(matrices) + 1, 3.0)
        _, axes = plt.subplots(1, len(matrices), figsize=size, width_ratios=wide if equal else np.sqrt(wide),
                               squeeze=False, layout="constrained")  # fmt: skip
        axes = axes[0]
        spans = wide
    else:
        spans = [max(columns, TITLE)] * len(matrices)
    limit = max(float(np.abs(w[np.isfinite(w)]).max(initial=0.0)) for w in matrices.values()) or 1.0
    colours = require("matplotlib.colors").LinearSegmentedColormap.from_list(
        "weights", [NEGATIVE, "#FFFFFF", COLOURS[0]]
    )
    for ax, span, (name, w) in zip(axes, spans, matrices.items(), strict=True):
        image = ax.imshow(np.clip(w, -limit, limit), cmap=colours, vmin=-limit, vmax=limit,
                          aspect="equal" if equal else "auto", interpolation="nearest")  # fmt: skip
        ax.set(title=name, xticks=[], yticks=[])
        if equal:
            _draw_cells(ax, w, (rows, span), limit)
    axes[0].set(xlabel="input", ylabel="neuron")
    axes[0].figure.colorbar(image, ax=list(axes))
    return axes


def _draw_cells(ax: Axes, w: Array, span: tuple[int, float], limit: float) -> None:
    """Draw the frame of a matrix in the middle of its panel, which has room for so many rows and columns."""
    (height, width), (rows, columns) = w.shape, span
    ax.set(xlim=((width - columns) / 2 - 0.5, (width + columns) / 2 - 0.5),
           ylim=((height + rows) / 2 - 0.5, (height - rows) / 2 - 0.5))  # fmt: skip
    ax.spines[:].set_visible(False)
    frame = require("matplotlib.patches").Rectangle
    ax.add_patch(frame((-0.5, -0.5), width, height, fill=False, edgecolor="#57606A", linewidth=0.8))
    room = ax.get_window_extent()
    points = 72 / ax.figure.dpi * min(room.width / columns, room.height / rows) / LETTERS
    if max(w.shape) > NUMBERED or points < SMALLEST:
        return
    for (row, column), number in np.ndenumerate(w):
        ax.text(column, row, f"{number + 0.0:.2g}".replace("-", "−"), ha="center", va="center", fontsize=min(points, 8),
                color="white" if abs(number) > 0.87 * limit else "#1F2328")  # fmt: skip
