"""Draw the error of numerical gradients against the step into docs/pictures: a U for differences, none for complex."""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from plots import BLUE, INK, LOOK, RED, Plot

from autograd.testing import numerical_gradient

AT = 1.0
STEPS = np.logspace(-15, 0, 61)


def error(method, step):
    """The relative error of a numerical derivative of exp(sin x)."""
    exact = np.cos(AT) * np.exp(np.sin(AT))
    found = numerical_gradient(lambda x: np.exp(np.sin(x)), AT, method, step).gradient
    return max(abs(found / exact - 1), 1e-17)


def curves():
    """The plot."""
    with mpl.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(7.2, 4.2))
        lines = [
            ("forward", RED, "-", (1e-12, 4e-3), "forward: best near √ε"),
            ("central", BLUE, "-", (3e-11, 1.5e-12), "central: near ∛ε"),
            ("richardson", "#00795c", "-", (3e-3, 1e-11), "Richardson"),
            ("complex", INK, "--", (1e-15, 1e-18), "complex step: nothing cancels"),
        ]
        for method, colour, style, place, text in lines:
            errors = [error(method, h) for h in STEPS]
            axes.loglog(STEPS, errors, style, color=colour)
            axes.annotate(text, place, color=colour, fontsize=10)
        axes.set(xlabel="step h", ylabel="relative error of the derivative", ylim=(2e-19, 3e1))
        axes.annotate("rounding: ε/h", (2e-14, 1.2e0), color=INK, fontsize=9)
        axes.annotate("truncation: h, h², …", (2e-5, 1.2e0), color=INK, fontsize=9)
        figure.tight_layout()
    about = "Error of numerical derivatives against the step: U-shaped for differences, flat for the complex step."
    return Plot("differences", about, figure)


if __name__ == "__main__":
    path = Path(__file__).parent.parent / "docs" / "pictures" / "differences.svg"
    print("wrote", curves().save(path))
