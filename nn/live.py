"""``LiveView``: a picture of a training that changes while it goes on, for notebooks."""

from __future__ import annotations

from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any

from nn import plots

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
        self._shown: Any = None
        self._last = -interval
        self._seen = False

    def on_train_begin(self, run: Run) -> None:
        """Find the display."""
        try:
            from IPython import display, get_ipython
        except ImportError as error:
            raise ImportError("LiveView needs a notebook: pip install 'graphgrad[notebook]'") from error
        tools: Any = display
        self._display, self._image, self._shown = tools.display, tools.Image, None
        self._seen = get_ipython() is not None

    def on_epoch_end(self, run: Run) -> None:
        """Draw, if it is time."""
        if self._seen and run.epoch % self.every == 0 and monotonic() - self._last >= self.interval:
            self._update(run)

    def on_train_end(self, run: Run) -> None:
        """Draw the end."""
        if self._seen and len(run.history):
            self._update(run)

    def _update(self, run: Run) -> None:
        content = BytesIO()
        self.draw(run).savefig(content, format="png", dpi=80)
        picture = self._image(data=content.getvalue())  # a bare figure shows itself only once pyplot is set up
        if self._shown is None:
            self._shown = self._display(picture, display_id=True)
        else:
            self._shown.update(picture)
        self._last = monotonic()

    def draw(self, run: Run) -> Any:
        """The picture, a matplotlib figure that no window shows."""
        try:
            from matplotlib.figure import Figure
        except ImportError as error:
            raise ImportError("LiveView needs matplotlib: pip install 'graphgrad[plot]'") from error
        plane = run.X.ndim == 2 and run.X.shape[1] == 2
        figure: Any = Figure(figsize=(10, 6), layout="constrained")
        top, bottom = figure.subfigures(2, 1, height_ratios=(3, 2))
        places = top.subplots(1, 1 + plane, squeeze=False)[0]
        plots.curves(run.history.logs, places[0])
        if plane:
            plots.decision_boundary(run.model, run.X, run.y, ax=places[1], resolution=100, threshold=self.threshold)
        matrices = [w for w in run.model.state_dict().values() if w.ndim and w.dtype.kind == "f"]
        plots.weights(run.model, bottom.subplots(1, len(matrices), squeeze=False)[0])
        figure.suptitle(f"epoch {run.epoch} of {run.epochs}")
        return figure
