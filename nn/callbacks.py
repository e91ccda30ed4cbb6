"""Callbacks of `nn.fit`: stop early, write checkpoints, clip gradients.

A callback is a function of the run, called after each epoch, or an object with any of the methods ``on_train_begin``,
``on_backward`` (after each minibatch's backward pass, before the step), ``on_step`` (after it), ``on_epoch_end`` and
``on_train_end``, each of which takes the run. The state of a callback with ``state_dict`` and ``load_state_dict`` is
part of checkpoints. A callback that sets ``run.stopped`` to a reason ends the training after the epoch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from nn import safetensors
from nn._types import Array, PathLike, State
from nn.metrics import less_is_better
from nn.nested import packed, unpacked
from nn.run import Run
from nn.states import validated_state
from nn.utils import clip_grad_norm_, clip_grad_value_

__all__ = ["Checkpoint", "ClipGradients", "EarlyStopping", "restore"]

# A checkpoint whose parts are not those that were written raises these when it is read.
_DAMAGE_ERRORS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


class EarlyStopping:
    """Stop when a loss or metric has not improved for `patience` epochs.

    Parameters
    ----------
    patience : int
        The number of epochs without improvement to wait.
    monitor : str, optional
        The loss or metric, by its name in the history's logs; by default ``"val_loss"``, or ``"loss"`` without
        validation data.
    min_delta : float
        The least change that counts as an improvement.
    mode : {"min", "max"}, optional
        Whether less or more is better; for losses, and for metrics that `nn.fit` knows by name, it is known.
    restore_best : bool
        Whether the model ends with the weights of its best epoch.

    Raises
    ------
    ValueError
        If `patience` is less than 1, or there is no such mode; when the training begins, if it does not log what is
        monitored, or nothing says whether less of it is better.

    Examples
    --------
    >>> import nn
    >>> X, y = [[0.0], [1.0], [2.0]], [[1.0], [3.0], [5.0]]
    >>> stop = nn.EarlyStopping(patience=3, min_delta=1e-6)
    >>> history = nn.fit(nn.Linear(1, 1, rng=0), X, y, loss="mse", optimizer="adam", epochs=10_000, callbacks=[stop],
    ...                  rng=0, progress=False)
    >>> len(history) < 10_000, len(history) - stop.best_epoch
    (True, 3)
    """

    def __init__(
        self, patience: int = 10, monitor: str | None = None, min_delta: float = 0.0, mode: str | None = None,
        restore_best: bool = True,
    ) -> None:  # fmt: skip
        if patience < 1 or mode not in (None, "min", "max"):
            raise ValueError("EarlyStopping: patience must be at least 1, and mode 'min' or 'max'")
        self.patience, self.monitor, self.min_delta = patience, monitor, min_delta
        self.mode, self.restore_best = mode, restore_best
        self._reset()

    def _reset(self) -> None:
        self.best, self.wait, self.best_epoch = math.inf, 0, 0
        self.best_state: State = {}

    def on_train_begin(self, run: Run) -> None:
        """Forget the last training, and check that this one logs what is monitored."""
        self._reset()
        monitor = "loss" if self.monitor is None else self.monitor
        if monitor not in run.history.logs:
            names = ", ".join(run.history.logs)
            raise ValueError(f"EarlyStopping: this training does not log {monitor!r}; monitor one of {names}")
        less = less_is_better(monitor) if self.mode is None else self.mode == "min"
        if less is None:
            raise ValueError(f"EarlyStopping: is less or more of {monitor!r} better? Say mode='min' or mode='max'")
        self._sign = 1 if less else -1

    def on_epoch_end(self, run: Run) -> None:
        """Compare the epoch with the best so far, and stop if it was too long ago."""
        number = run.monitored if self.monitor is None else run.history[self.monitor][-1]
        number *= self._sign
        if number < self.best - self.min_delta:
            self.best, self.wait, self.best_epoch = number, 0, run.epoch
            self.best_state = run.model.state_dict() if self.restore_best else {}
        else:
            self.wait += 1
            if self.wait >= self.patience:
                run.stopped = f"no improvement for {self.patience} epochs"

    def on_train_end(self, run: Run) -> None:
        """Restore the weights of the best epoch."""
        if self.best_state:
            run.model.load_state_dict(self.best_state)

    def state_dict(self) -> State:
        """The best epoch so far, and how long ago it was."""
        return {key: vars(self)[key] for key in ("best", "wait", "best_epoch", "best_state")}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Set the state to one that :meth:`state_dict` gave."""
        vars(self).update(validated_state("EarlyStopping", self.state_dict(), state))


class ClipGradients:
    """Clip gradients before each step: all of them together to a norm, or each element to a limit.

    Parameters
    ----------
    max_norm : float, optional
        The largest norm of all gradients together.
    clip_value : float, optional
        The largest absolute value of an element; one of the two is passed.

    Raises
    ------
    ValueError
        If both are passed, or none.

    Examples
    --------
    >>> import nn
    >>> X, y = [[0.0], [1.0], [2.0]], [[1e6], [3e6], [5e6]]
    >>> net = nn.Linear(1, 1, rng=0)
    >>> before = net.bias.data.copy()
    >>> history = nn.fit(net, X, y, loss="mse", optimizer=nn.optim.SGD(net.parameters(), lr=1.0), epochs=1,
    ...                  callbacks=[nn.ClipGradients(clip_value=0.5)], progress=False)
    >>> net.bias.data - before
    array([0.5])
    """

    def __init__(self, max_norm: float | None = None, clip_value: float | None = None) -> None:
        if (max_norm is None) == (clip_value is None):
            raise ValueError("ClipGradients: give max_norm or clip_value")
        self.max_norm, self.clip_value = max_norm, clip_value

    def on_backward(self, run: Run) -> None:
        """Clip the gradients of the model's parameters."""
        if self.max_norm is not None:
            clip_grad_norm_(run.model.parameters(), self.max_norm)
        elif self.clip_value is not None:
            clip_grad_value_(run.model.parameters(), self.clip_value)


class Checkpoint:
    """Write all that a resumed training needs, after every `every` epochs and at the end.

    ``nn.fit(..., callbacks=[nn.Checkpoint("run.safetensors")], resume="run.safetensors")`` can be killed at any moment
    and run again: the file is replaced atomically, and the resumed training is bit for bit the uninterrupted one.

    Parameters
    ----------
    path : path
        The file; see ``nn.safetensors`` for its form.
    every : int
        The number of epochs between two checkpoints.

    Attributes
    ----------
    epoch : int or None
        The number of epochs that are done in the file; None as long as this training has none.

    Raises
    ------
    ValueError
        If `every` is less than 1.
    FileNotFoundError
        When the training begins, if there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> import nn
    >>> X, y = [[0.0], [1.0], [2.0]], [[1.0], [3.0], [5.0]]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/run.safetensors"
    ...     options = {"loss": "mse", "rng": 0, "progress": False, "callbacks": [nn.Checkpoint(path)], "resume": path}
    ...     first = nn.fit(nn.Linear(1, 1, rng=0), X, y, epochs=2, **options)
    ...     second = nn.fit(nn.Linear(1, 1, rng=0), X, y, epochs=5, **options)
    >>> len(first), len(second), second["loss"][:2] == first["loss"]
    (2, 5, True)
    """

    epoch: int | None = None

    def __init__(self, path: PathLike, every: int = 1) -> None:
        if every < 1:
            raise ValueError(f"Checkpoint: every must be at least 1, not {every}")
        self.path, self.every = Path(path), every

    def on_train_begin(self, run: Run) -> None:
        """Check that the folder exists, and forget the last training."""
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"Checkpoint: there is no folder {self.path.parent}")
        self.epoch = None

    def on_epoch_end(self, run: Run) -> None:
        """Write the file if a checkpoint is due."""
        if run.epoch % self.every == 0 or run.epoch == run.epochs or run.stopped:
            arrays: dict[str, Array] = {}
            state = packed(run.state_dict(), arrays)
            safetensors.write(self.path, arrays, {"run": state})
            self.epoch = run.epoch


def restore(run: Run, path: PathLike) -> None:
    """Set a run to the state in a checkpoint.

    It is what `nn.fit` does with its `resume`.

    Parameters
    ----------
    run : object
        What callbacks take.
    path : path
        A file that :class:`nn.Checkpoint` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, holds no training, or one of another model, optimiser or data.

    Examples
    --------
    >>> import tempfile
    >>> import nn
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/run.safetensors"
    ...     options = {"loss": "mse", "progress": False}
    ...     saved = nn.fit(nn.Linear(1, 1), [[0.0]], [[1.0]], epochs=2, callbacks=[nn.Checkpoint(path)], **options)
    ...     def go_back(run):
    ...         if run.epoch == 1:
    ...             nn.callbacks.restore(run, path)
    ...     again = nn.fit(nn.Linear(1, 1), [[0.0]], [[1.0]], epochs=3, callbacks=[go_back], **options)
    >>> again["loss"][:2] == saved["loss"]
    True
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"fit: there is no {str(path)!r} to resume; callbacks=[nn.Checkpoint(path)] writes one")
    advice = "; nn.safetensors.write(path, *nn.safetensors.read(path, verify=False)) makes it trusted"
    arrays, description = safetensors.read(path, advice=advice)
    if description is None or "run" not in description:
        raise ValueError(f"{path} holds no training; a model by nn.save is read by nn.load")
    before = run.state_dict()
    try:
        run.load_state_dict(unpacked(description["run"], arrays))
    except _DAMAGE_ERRORS as error:
        run.load_state_dict(before)
        raise ValueError(
            f"{path} does not fit this training, or is damaged: {safetensors.short(error, 500)}"
        ) from error
    for callback in run.callbacks:
        if isinstance(callback, Checkpoint) and callback.path == Path(path):
            callback.epoch = run.epoch
