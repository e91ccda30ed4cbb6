"""``LiveView``: a picture of a training that changes while it goes on, for notebooks."""

from __future__ import annotations

from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from nn import plots
from nn._types import Array
from nn.optional import require
from nn.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LiveView"]


class LiveView:
    """A callback of `nn.fit` that shows the loss, the decision boundary (for points of the plane) and the weights.

    It is one picture that changes, and a notebook keeps its last state. In a plain program, where nobody would see it,
    nothing is drawn.

    Parameters
    ----------
    every : int
        The number of epochs between two pictures.
    interval : float
        The least number of seconds between two pictures, so that drawing does not slow the training down.
    threshold : float
        The output at which the class changes, if there is one output; see :func:`nn.plots.decision_boundary`.

    Examples
    --------
    >>> import nn
    >>> X, y = nn.data.moons(40, rng=0)
    >>> history = nn.fit(nn.MLP([2, 4, 1], "tanh", "sigmoid", rng=0), X, y[:, None], loss="bce", epochs=2,
    ...                  callbacks=[nn.LiveView()], progress=False)
    """

    def __init__(self, every: int = 1, interval: float = 0.5, threshold: float = 0.5) -> None:
        self.every, self.interval, self.threshold = every, interval, threshold
        self._handle: Any = None
        self._last_drawn = -interval
        self._in_notebook = False

    def on_train_begin(self, run: Run) -> None:
        """Look for the notebook's display."""
        tools = require("IPython.display")
        self._display, self._image, self._handle = tools.display, tools.Image, None
        self._in_notebook = require("IPython").get_ipython() is not None

    def on_epoch_end(self, run: Run) -> None:
        """Draw the picture if one is due."""
        if self._in_notebook and run.epoch % self.every == 0 and monotonic() - self._last_drawn >= self.interval:
            self._update(run)

    def on_train_end(self, run: Run) -> None:
        """Draw the last picture."""
        if self._in_notebook and len(run.history):
            self._update(run)

    def _update(self, run: Run) -> None:
        content = BytesIO()
        self.draw(run).savefig(content, format="png", dpi=80)
        picture = self._image(data=content.getvalue())  # A bare figure shows itself only once pyplot is set up.
        if self._handle is None:
            self._handle = self._display(picture, display_id=True)
        else:
            self._handle.update(picture)
        self._last_drawn = monotonic()

    def draw(self, run: Run) -> Figure:
        """The picture as a matplotlib figure that no window shows."""
        plane = run.X.ndim == 2 and run.X.shape[1] == 2
        figure: Figure = require("matplotlib.figure").Figure(figsize=(10, 6), layout="constrained")
        top, bottom = cast(Array, figure.subfigures(2, 1, height_ratios=(3, 2)))
        axes = top.subplots(1, 1 + plane, squeeze=False)[0]
        plots.curves(run.history.logs, axes[0])
        if plane:
            plots.decision_boundary(run.model, run.X, run.y, ax=axes[1], resolution=100, threshold=self.threshold)
        matrices = [w for w in run.model._arrays().values() if w.ndim and w.dtype.kind == "f"]
        plots.weights(run.model, bottom.subplots(1, len(matrices), squeeze=False)[0])
        figure.suptitle(f"epoch {run.epoch} of {run.epochs}")
        return figure
