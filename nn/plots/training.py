"""Plots of a training's history: curves of losses, of weights and of gradients over the epochs.

Each draws into `ax`, by default the axes of a new figure, and returns it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nn._types import ArrayLike
from nn.optional import require
from nn.plots.axes import COLOURS, axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["curves", "gradient_curves", "weight_curves"]

MAGNITUDE = 10  # losses that span this factor get a logarithmic axis


def curves(logs: Mapping[str, Sequence[float]], ax: Axes | None = None) -> Axes:
    """Losses and metrics against epochs.

    Losses have the left axis, which is returned, metrics the right one; the losses' is logarithmic if the largest is at
    least ten times the smallest. What is measured on validation data is dashed, in the colour of the same measure on
    training data.

    Parameters
    ----------
    logs : mapping of str to list of float
        A number for each epoch, by name, as ``logs`` of a :class:`nn.History` holds them.

    Examples
    --------
    >>> from nn import plots
    >>> ax = plots.curves({"loss": [2.0, 0.1], "val_loss": [2.5, 0.2], "accuracy": [0.5, 0.75]})
    >>> ax.get_yscale(), [line.get_label() for line in ax.lines]
    ('log', ['loss', 'val_loss'])
    """
    ax = axes_or_new(ax)
    losses = {name: v for name, v in logs.items() if name.removeprefix("val_") == "loss"}
    others = {name: v for name, v in logs.items() if name not in losses}
    right = ax.twinx() if others else ax
    names = list(dict.fromkeys(name.removeprefix("val_") for name in logs))
    for name, values in {**losses, **others}.items():
        (ax if name in losses else right).plot(
            range(1, len(values) + 1), values, label=name, color=COLOURS[names.index(name.removeprefix("val_")) % 7],
            linestyle="--" if name.startswith("val_") else "-", marker="o" if len(values) == 1 else None,
        )  # fmt: skip
    ax.set(xlabel="epoch", ylabel="loss")
    ax.locator_params(axis="x", integer=True)
    if others:
        text = ", ".join(name for name in others if not name.startswith("val_"))
        right.set_ylabel(text if len(text) <= 30 else "metrics")  # The legend has their names.
    all_losses = np.concatenate([np.asarray(v, float) for v in losses.values()] or [np.empty(0)])
    finite = all_losses[np.isfinite(all_losses)]
    if finite.size and 0 < MAGNITUDE * finite.min() <= finite.max():
        ax.set_yscale("log")
    _legend_above(ax, right, names, validation=any(name.startswith("val_") for name in logs))
    return ax


def _legend_above(ax: Axes, right: Axes, names: list[str], validation: bool) -> None:
    """Add a legend in as few rows as the axes' width allows; inside the axes it would cover curves."""
    line = require("matplotlib.lines").Line2D
    handles = [line([], [], color=COLOURS[k % 7], label=name) for k, name in enumerate(names)]
    handles += [line([], [], color="#57606A", linestyle="--", label="validation")] if validation else []
    for columns in range(len(handles), 0, -1):
        legend = right.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns,
                              frameon=False)  # fmt: skip
        if legend.get_window_extent().width <= ax.get_window_extent().width:
            break


def weight_curves(weights: Mapping[str, Sequence[ArrayLike]], ax: Axes | None = None) -> Axes:
    """A line for every single weight over the epochs, a colour for each parameter.

    Parameters
    ----------
    weights : mapping of str to list of array_like
        Each parameter's numbers at the start and after each epoch, as ``weights`` of a :class:`nn.History` holds them.

    Examples
    --------
    >>> from nn import plots
    >>> ax = plots.weight_curves({"weight": [[0.0, 1.0], [0.5, 0.5], [0.75, 0.25]], "bias": [0.0, 0.1, 0.2]})
    >>> len(ax.lines), len(ax.lines[0].get_ydata())
    (3, 3)
    """
    ax = axes_or_new(ax)
    for i, (name, each) in enumerate(weights.items()):
        lines = ax.plot(np.array(each).reshape(len(each), -1), color=COLOURS[i % 7], linewidth=0.8, alpha=0.8,
                        marker="o" if len(each) == 1 else None)  # fmt: skip
        lines[0].set_label(name)
    ax.set(xlabel="epoch", ylabel="weight")
    ax.locator_params(axis="x", integer=True)
    ax.legend(loc="best")  # If it is not requested, matplotlib warns that it takes a while.
    return ax


def gradient_curves(gradients: Mapping[str, Sequence[ArrayLike]], ax: Axes | None = None) -> Axes:
    """The size of each layer's gradient over the epochs: where it vanishes or explodes, from the output to the input.

    The size is the root of the mean square of the gradient's elements, over all parameters of the layer, on a
    logarithmic axis. Layers run from yellow, near the input, to blue, near the output. A gradient of 0 is a cross at
    the bottom.

    Parameters
    ----------
    gradients : mapping of str to list of array_like
        Each parameter's gradient in each epoch, as ``gradients`` of a :class:`nn.History` holds them.

    Examples
    --------
    >>> from nn import plots
    >>> ax = plots.gradient_curves({"0.weight": [[1e-6], [1e-7]], "2.weight": [[0.5], [0.1]]})
    >>> ax.get_yscale(), [line.get_label() for line in ax.lines]
    ('log', ['0', '2'])
    """
    layers: dict[str, list[str]] = {}
    for name in gradients:
        layers.setdefault(name.rpartition(".")[0] or name, []).append(name)
    ax = axes_or_new(ax)
    shades = require("matplotlib").colormaps["cividis_r"](np.linspace(0.1, 1.0, len(layers)))
    ax.set(xlabel="epoch", ylabel="gradient (root mean square)", yscale="log")
    ax.locator_params(axis="x", integer=True)
    for colour, (layer, names) in zip(shades, layers.items(), strict=True):
        epochs = zip(*(gradients[name] for name in names), strict=True)
        sizes = np.array([_root_mean_square(parts) for parts in epochs])
        at = np.arange(1, len(sizes) + 1)
        ax.plot(at, np.where(sizes > 0, sizes, np.nan), color=colour, label=layer, marker="o" if len(at) == 1 else None)
        zero = at[sizes == 0]
        if len(zero):
            ax.plot(zero, np.full(len(zero), 0.01), "x", color=colour, transform=ax.get_xaxis_transform())
    ax.legend(title="layer", loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, reverse=True)
    return ax


def _root_mean_square(parts: Sequence[ArrayLike]) -> float:
    """The root of the mean square of all elements; scaled, so that no square overflows or vanishes."""
    flat = np.concatenate([np.ravel(np.asarray(part, float)) for part in parts])
    largest = float(np.abs(flat).max(initial=0.0))
    return largest * float(np.sqrt(np.mean((flat / largest) ** 2))) if 0 < largest < np.inf else largest
