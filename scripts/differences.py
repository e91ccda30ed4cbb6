"""Draw the error of numerical gradients against the step into docs/pictures: a U for differences, none for complex."""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from autograd.testing import numerical_gradient

PATH = Path(__file__).parent.parent / "docs" / "pictures" / "differences.svg"
AT = 1.0
STEPS = np.logspace(-15, 0, 61)
INK, BLUE, RED, GREEN = "#1f2328", "#0083c4", "#d55e00", "#00795c"
LOOK = {
    "font.family": "sans-serif", "font.size": 11, "text.color": INK, "lines.linewidth": 1.8,
    "axes.edgecolor": INK, "axes.labelcolor": INK, "axes.spines.top": False, "axes.spines.right": False,
    "axes.linewidth": 0.8, "xtick.color": INK, "ytick.color": INK,
    "svg.fonttype": "path", "svg.hashsalt": "differences",
}  # fmt: skip
LINES = [
    ("forward", RED, "-", (1e-12, 4e-3), "forward: best near √ε"),
    ("central", BLUE, "-", (3e-11, 1.5e-12), "central: near ∛ε"),
    ("richardson", GREEN, "-", (3e-3, 1e-11), "Richardson"),
    ("complex", INK, "--", (1e-15, 1e-18), "complex step: nothing cancels"),
]


def error(method, step):
    """The relative error of a numerical derivative of exp(sin x)."""
    exact = np.cos(AT) * np.exp(np.sin(AT))
    result = numerical_gradient(lambda x: np.exp(np.sin(x)), AT, method, step).gradient
    return max(abs(result / exact - 1), 1e-17)


def draw(path=PATH):
    """Write the plot to a file."""
    with mpl.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(7.2, 4.2))
        for method, colour, style, place, text in LINES:
            axes.loglog(STEPS, [error(method, h) for h in STEPS], style, color=colour)
            axes.annotate(text, place, color=colour, fontsize=10)
        axes.set(xlabel="step h", ylabel="relative error of the derivative", ylim=(2e-19, 3e1))
        axes.annotate("rounding: ε/h", (2e-14, 1.2e0), color=INK, fontsize=9)
        axes.annotate("truncation: h, h², …", (2e-5, 1.2e0), color=INK, fontsize=9)
        figure.tight_layout()
        figure.savefig(path, facecolor="white", metadata={"Date": None})
        plt.close(figure)
    return path


if __name__ == "__main__":
    print("wrote", draw())
