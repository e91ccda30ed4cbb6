"""The two plots: samples with what the nets learned, and how the losses fell."""

import io
import re
from functools import cached_property

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

INK = "#1f2328"
BLUE, RED = "#0083c4", "#d55e00"  # legible on white and on a dark page, and told apart without colour vision
LOOK = {
    "font.family": "sans-serif",
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "lines.linewidth": 1.8,
    "svg.fonttype": "path",
}


class Plot:
    """A matplotlib figure with the ways of a figure of :mod:`autograd.viz`: ``.svg`` and ``.save(path)``."""

    def __init__(self, name, description, figure):
        self.name, self.description, self.figure = name, description, figure

    @cached_property
    def svg(self):
        """An element for a page: its ink is the page's, and its ids are its own."""
        buffer = io.StringIO()
        with mpl.rc_context({**LOOK, "svg.hashsalt": self.name}):
            self.figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
        svg = buffer.getvalue()
        svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
        svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
        svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{self.name}-", svg)
        return svg.replace("<svg", f'<svg role="img" aria-label="{self.description}" style="max-width:100%"', 1).strip()

    def save(self, path):
        with mpl.rc_context({**LOOK, "svg.hashsalt": self.name}):
            metadata = {"Date": None} if path.suffix == ".svg" else {}
            self.figure.savefig(path, dpi=160, facecolor="white", metadata=metadata)
        return path


def boundaries(iris, nets):
    """The samples in the plane of their two features, and where each net's score is 0."""
    kinds = ((0, "setosa", BLUE, "o"), (1, "versicolor", RED, "^"))
    styles = dict(zip(nets, ("-", "--"), strict=True))
    key = [Line2D([], [], color=INK, linestyle=style, label=name) for name, style in styles.items()]
    with mpl.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(5.2, 4.8), layout="constrained")
        for kind, name, colour, marker in kinds:
            training = {"marker": marker, "color": colour, "markersize": 5.5, "markeredgewidth": 0, "linestyle": ""}
            test = {**training, "markersize": 7.5, "markeredgewidth": 1.6, "markerfacecolor": "none"}
            key += axes.plot(*iris.X[iris.y == kind].T, **training, label=f"{name}, training")
            key += axes.plot(*iris.X_test[iris.y_test == kind].T, **test, label=f"{name}, test")
        grid = np.meshgrid(np.linspace(*axes.get_xlim(), 100), np.linspace(*axes.get_ylim(), 100))
        points = np.column_stack([g.ravel() for g in grid])
        for name, score in nets.items():
            axes.contour(*grid, score(points).reshape(grid[0].shape), [0.0], colors=INK, linestyles=styles[name])
        axes.set_xlabel("sepal length, standardised")
        axes.set_ylabel("sepal width, standardised")
        figure.legend(
            handles=key, loc="outside lower center", ncols=3, handlelength=1.6, handletextpad=0.4, columnspacing=1
        )
        plt.close(figure)
    return Plot("boundary", "Two kinds of iris by sepal length and width, with the boundary each net learned", figure)


def losses(runs):
    """The loss before each step, each curve named on its plateau."""
    with mpl.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(5.2, 4.0), layout="constrained")
        for (name, values), colour, style in zip(runs.items(), (BLUE, RED), ("-", "--"), strict=True):
            axes.plot(np.arange(1, len(values) + 1), values, style, color=colour)
            axes.annotate(name, (45, values[44]), (0, 6), textcoords="offset points", ha="center")
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:.0f}")
        axes.set_xlim(1, max(map(len, runs.values())))
        axes.set_ylim(0, None)
        axes.set_xlabel("step")
        axes.set_ylabel("loss: mean of ½‖error‖²")
        axes.grid(axis="y", color="#737b85", alpha=0.25, linewidth=0.8)
        plt.close(figure)
    return Plot("loss", "The loss of both nets against the number of steps taken", figure)
