"""Pictures of training and of trained nets, with matplotlib; each function draws into `ax` or a new figure.

All return the matplotlib axes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nn.kinds import to_numpy
from nn.module import Module
from nn.optional import require
from nn.prediction import predict

__all__ = ["confusion_matrix", "curves", "decision_boundary", "loss_surface", "weight_curves", "weights"]

# Okabe and Ito's colours, told apart by most eyes, with black for the first.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]


def curves(logs: Mapping[str, Any], ax: Any = None) -> Any:
    """Losses and metrics against epochs; validation dashed, in the colour of its twin. Losses have the left axis."""
    ax = _axes_or_new(ax)
    losses = {name: v for name, v in logs.items() if name.removeprefix("val_") == "loss"}
    others = {name: v for name, v in logs.items() if name not in losses}
    right = ax.twinx() if others else ax
    names = list(dict.fromkeys(name.removeprefix("val_") for name in logs))
    for name, values in {**losses, **others}.items():
        (ax if name in losses else right).plot(
            range(1, len(values) + 1), values, label=name, color=COLOURS[names.index(name.removeprefix("val_")) % 7],
            linestyle="--" if name.startswith("val_") else "-",
        )  # fmt: skip
    ax.set(xlabel="epoch", ylabel="loss")
    ax.xaxis.get_major_locator().set_params(integer=True)
    if others:
        text = ", ".join(name for name in others if not name.startswith("val_"))
        right.set_ylabel(text if len(text) <= 30 else "metrics")  # the legend has their names
    if losses and min(min(v) for v in losses.values()) > 0:
        ax.set_yscale("log")
    _legend_above(ax, right, names, validation=any(name.startswith("val_") for name in logs))
    return ax


def _legend_above(ax: Any, right: Any, names: list[str], validation: bool) -> None:
    """Every name's colour, in as few rows as the axes' width allows; inside, no place is free of both axes' curves."""
    line = require("matplotlib.lines").Line2D
    handles = [line([], [], color=COLOURS[k % 7], label=name) for k, name in enumerate(names)]
    handles += [line([], [], color="#57606A", linestyle="--", label="validation")] if validation else []
    for columns in range(len(handles), 0, -1):
        legend = right.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns,
                              frameon=False)  # fmt: skip
        if legend.get_window_extent().width <= ax.get_window_extent().width:
            break


def weight_curves(weights: Mapping[str, Any], ax: Any = None) -> Any:
    """A line for every single weight over the epochs, a colour for each parameter."""
    ax = _axes_or_new(ax)
    for i, (name, each) in enumerate(weights.items()):
        lines = ax.plot(np.array(each).reshape(len(each), -1), color=COLOURS[i % 7], linewidth=0.8, alpha=0.8)
        lines[0].set_label(name)
    ax.set(xlabel="epoch", ylabel="weight")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(loc="best")  # said, so that matplotlib does not warn where it takes a while
    return ax


def decision_boundary(
    model: Any, X: Any, y: Any = None, *, ax: Any = None, resolution: int = 200, threshold: float = 0.5
) -> Any:
    """Where a classifier of points in the plane draws the line, under the points.

    Parameters
    ----------
    model : Module, estimator or callable
        Gives for rows of two features one column (compared with the threshold) or one for each class; an estimator's
        `predict` gives the classes themselves.
    X, y : array_like
        Points, shape (n, 2), and their classes if they are to be drawn.
    ax : matplotlib axes, optional
        Where to draw.
    resolution : int
        The points of the grid in each direction.
    threshold : float
        Where a single output changes the class: 0 for scores.
    """
    X = np.asarray(X, float)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"decision_boundary: X must hold points of the plane, shape (n, 2), not {X.shape}")
    ax = _axes_or_new(ax)
    margin = 0.1 * np.ptp(X, axis=0)
    sides = [np.linspace(low, high, resolution) for low, high in zip(X.min(0) - margin, X.max(0) + margin, strict=True)]
    grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    if hasattr(model, "classes_"):
        names, single = np.asarray(model.classes_), False
        shown = np.searchsorted(names, model.predict(grid))
    else:
        output = predict(model, grid) if isinstance(model, Module) else np.asarray(_as_array(model(grid)))
        output = output.reshape(len(grid), -1)
        single = output.shape[1] == 1
        shown = (output[:, 0] > threshold).astype(int) if single else output.argmax(axis=1)
        names = np.arange(max(output.shape[1], 2))
    square = (resolution, resolution)
    colours = require("matplotlib.colors").ListedColormap([COLOURS[k % 7] for k in range(len(names))])
    ax.pcolormesh(*sides, shown.reshape(square), cmap=colours, vmin=0, vmax=len(names) - 1, alpha=0.25, rasterized=True)
    if single and output.min() < threshold < output.max():
        ax.contour(*sides, output.reshape(square), levels=[threshold], colors="#1F2328", linewidths=1)
    if y is not None:
        labels = np.asarray(y)
        labels = labels.argmax(axis=1) if labels.ndim == 2 and labels.shape[1] > 1 else labels.reshape(-1)
        present = np.unique(labels)
        places = np.searchsorted(names, present) if np.isin(present, names).all() else range(len(present))
        for k, name in zip(places, present, strict=True):
            ax.plot(*X[labels == name].T, "os^Dv*P"[k % 7], color=COLOURS[k % 7], markersize=4, markeredgecolor="white",
                    markeredgewidth=0.5, label=f"{name:g}" if labels.dtype.kind == "f" else str(name))  # fmt: skip
        ax.legend(loc="best")
    return ax


def confusion_matrix(y: Any, predicted: Any, ax: Any = None, labels: Any = None) -> Any:
    """Counts of samples: a row for each true class, a column for each predicted one, in the order of `labels`."""
    y, predicted = np.ravel(y), np.ravel(predicted)
    if y.shape != predicted.shape:
        raise ValueError(f"confusion_matrix: there are {len(y)} classes, but {len(predicted)} predicted ones")
    names = np.unique([y, predicted]) if labels is None else np.ravel(labels)
    counts = np.array([[np.sum((y == a) & (predicted == b)) for b in names] for a in names])
    ax = _axes_or_new(ax)
    ax.imshow(counts, cmap="Blues", vmin=0)
    for (row, column), n in np.ndenumerate(counts):
        ax.text(column, row, str(n), ha="center", va="center", color="white" if 2 * n > counts.max() else "#1F2328")
    places = range(len(names))
    ax.set(xlabel="predicted", ylabel="true", xticks=places, yticks=places, xticklabels=names, yticklabels=names)
    return ax


def loss_surface(
    f: Callable[[Any, Any], Any], x: tuple[float, float], y: tuple[float, float], *, path: Any = None, ax: Any = None,
    levels: int = 30,
) -> Any:  # fmt: skip
    """The contours of a function of two numbers, and the path of a descent on it.

    Parameters
    ----------
    f : callable
        Takes two arrays of the same shape, or else two numbers, and gives the loss there.
    x, y : tuple of float
        The ranges of the two.
    path : array_like, optional
        Points (n, 2) in their order, or a dict of such by name.
    ax : matplotlib axes, optional
        Where to draw.
    levels : int
        How many contours.
    """
    ax = _axes_or_new(ax)
    sides = np.linspace(*x, 100), np.linspace(*y, 100)
    a, b = np.meshgrid(*sides)
    try:
        z = np.asarray(_as_array(f(a, b)), float)
    except (TypeError, ValueError):
        z = np.empty(0)
    if z.shape != a.shape:
        z = np.vectorize(lambda p, q: float(to_numpy(f(p, q)).item()))(a, b)
    filled = ax.contourf(*sides, z, levels=levels, cmap="Blues_r")
    ax.figure.colorbar(filled, ax=ax, label="loss")
    paths = path if isinstance(path, Mapping) else {} if path is None else {"descent": path}
    for k, (name, points) in enumerate(paths.items()):
        p = np.asarray(points, float)
        ax.plot(*p.T, "o-", color=COLOURS[k + 1], markersize=3, linewidth=1.2, label=name)
        ax.plot(*p[0], "s", color=COLOURS[k + 1], markersize=7, markeredgecolor="white")
    if paths:
        ax.legend(loc="best")
    ax.set(xlim=x, ylim=y)
    return ax


def weights(model: Any, axes: Any = None) -> Any:
    """Every parameter as a picture with a row for each neuron, red below 0 and blue above, all on one scale.

    Returns an array of axes.
    """
    plt = require("matplotlib.pyplot")
    matrices = {name: w.reshape(len(w), -1) for name, w in model.state_dict().items() if w.ndim and w.dtype.kind == "f"}
    if not matrices:
        raise ValueError("weights: the model has no parameters")
    if axes is None:
        sizes = [max(w.shape[1], 2) for w in matrices.values()]
        _, axes = plt.subplots(1, len(matrices), figsize=(2.2 * len(matrices) + 1, 3), width_ratios=np.sqrt(sizes),
                               squeeze=False, layout="constrained")  # fmt: skip
        axes = axes[0]
    limit = max(float(np.abs(w).max()) for w in matrices.values()) or 1.0
    for ax, (name, w) in zip(axes, matrices.items(), strict=True):
        image = ax.imshow(w, cmap="RdBu", vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
        ax.set(title=name, xticks=[], yticks=[])
    axes[0].figure.colorbar(image, ax=list(axes))
    return axes


def _as_array(x: Any) -> Any:
    return getattr(x, "data", x)


def _axes_or_new(ax: Any) -> Any:
    return require("matplotlib.pyplot").subplots(layout="constrained")[1] if ax is None else ax
