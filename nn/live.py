"""``LiveView``: a picture of a training that changes while it goes on, for notebooks."""

from __future__ import annotations

from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any

from nn import plots
from nn.optional import require

if TYPE_CHECKING:
    from nn.training import Run

__all__ = ["LiveView"]


class LiveView:
    """A callback of `nn.fit` that shows the loss, the decision boundary (for points of the plane) and the weights.

    One picture that changes, of which a notebook keeps the last state; in a plain program, where nobody would see it,
    nothing is drawn.

    Parameters
    ----------
    every : int
        After how many epochs to draw anew.
    interval : float
        At least how many seconds to leave between two pictures, so that drawing does not slow the training down.
    threshold : float
        Where a single output changes the class; see :func:`nn.plots.decision_boundary`.

    Examples
    --------
    In a notebook: ``nn.fit(model, X, y, loss="bce", epochs=100, callbacks=[nn.LiveView()])``.
    """

    def __init__(self, every: int = 1, interval: float = 0.5, threshold: float = 0.5) -> None:
        self.every, self.interval, self.threshold = every, interval, threshold
        self._handle: Any = None
        self._last_drawn = -interval
        self._in_notebook = False

    def on_train_begin(self, run: Run) -> None:
        """Find the display."""
        tools = require("IPython.display")
        self._display, self._image, self._handle = tools.display, tools.Image, None
        self._in_notebook = require("IPython").get_ipython() is not None

    def on_epoch_end(self, run: Run) -> None:
        """Draw, if it is time."""
        if self._in_notebook and run.epoch % self.every == 0 and monotonic() - self._last_drawn >= self.interval:
            self._update(run)

    def on_train_end(self, run: Run) -> None:
        """Draw the end."""
        if self._in_notebook and len(run.history):
            self._update(run)

    def _update(self, run: Run) -> None:
        content = BytesIO()
        self.draw(run).savefig(content, format="png", dpi=80)
        picture = self._image(data=content.getvalue())  # a bare figure shows itself only once pyplot is set up
        if self._handle is None:
            self._handle = self._display(picture, display_id=True)
        else:
            self._handle.update(picture)
        self._last_drawn = monotonic()

    def draw(self, run: Run) -> Any:
        """The picture, a matplotlib figure that no window shows."""
        plane = run.X.ndim == 2 and run.X.shape[1] == 2
        figure = require("matplotlib.figure").Figure(figsize=(10, 6), layout="constrained")
        top, bottom = figure.subfigures(2, 1, height_ratios=(3, 2))
        places = top.subplots(1, 1 + plane, squeeze=False)[0]
        plots.curves(run.history.logs, places[0])
        if plane:
            plots.decision_boundary(run.model, run.X, run.y, ax=places[1], resolution=100, threshold=self.threshold)
        matrices = [w for w in run.model.state_dict().values() if w.ndim and w.dtype.kind == "f"]
        plots.weights(run.model, bottom.subplots(1, len(matrices), squeeze=False)[0])
        figure.suptitle(f"epoch {run.epoch} of {run.epochs}")
        return figure
