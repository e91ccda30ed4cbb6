"""What can be done between the epochs of `nn.fit`: stop early, write checkpoints, clip gradients.

A callback is a function of the run, called after each epoch, or an object with any of the methods ``on_train_begin``,
``on_backward`` (after each minibatch's backward pass, before the step), ``on_epoch_end`` and ``on_train_end``, each
given the run. One with ``state_dict`` and ``load_state_dict`` goes into checkpoints. Setting ``run.stopped`` to a
reason ends the training after the epoch.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nn import files
from nn.metrics import less_is_better
from nn.states import validated_state
from nn.utils import clip_grad_norm_, clip_grad_value_

if TYPE_CHECKING:
    from nn.training import Run

__all__ = ["Checkpoint", "ClipGradients", "EarlyStopping", "restore"]

# What reading a checkpoint raises whose parts are not those that were written.
_DAMAGE_ERRORS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


class EarlyStopping:
    """Stop when a loss or metric has not improved for `patience` epochs.

    Parameters
    ----------
    patience : int
        How many epochs without improvement to wait.
    monitor : str, optional
        What to watch: a name in the history's logs; by default ``"val_loss"``, or ``"loss"`` without validation data.
    min_delta : float
        By how much it must improve to count.
    mode : {"min", "max"}, optional
        Whether less or more is better; for losses, and metrics that `nn.fit` knows by name, it need not be said.
    restore_best : bool
        Whether the model ends with the weights of its best epoch.
    """

    def __init__(
        self,
        patience: int = 10,
        monitor: str | None = None,
        min_delta: float = 0.0,
        mode: str | None = None,
        restore_best: bool = True,
    ) -> None:
        if patience < 1 or mode not in (None, "min", "max"):
            raise ValueError("EarlyStopping: patience must be at least 1, and mode 'min' or 'max'")
        self.patience, self.monitor, self.min_delta = patience, monitor, min_delta
        self.mode, self.restore_best = mode, restore_best
        self._reset()

    def _reset(self) -> None:
        self.best, self.wait, self.best_epoch = math.inf, 0, 0
        self.best_state: dict[str, Any] = {}

    def on_train_begin(self, run: Run) -> None:
        """Start anew."""
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
        """Compare the epoch with the best so far."""
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
        """Go back to the best epoch's weights."""
        if self.best_state:
            run.model.load_state_dict(self.best_state)

    def state_dict(self) -> dict[str, Any]:
        """The best so far."""
        return {key: vars(self)[key] for key in ("best", "wait", "best_epoch", "best_state")}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there."""
        vars(self).update(validated_state("EarlyStopping", self.state_dict(), state))


class ClipGradients:
    """Clip gradients before each step: all of them together to a norm, or each element to a limit."""

    def __init__(self, max_norm: float | None = None, clip_value: float | None = None) -> None:
        if (max_norm is None) == (clip_value is None):
            raise ValueError("ClipGradients: give max_norm or clip_value")
        self.max_norm, self.clip_value = max_norm, clip_value

    def on_backward(self, run: Run) -> None:
        """Clip."""
        if self.max_norm is not None:
            clip_grad_norm_(run.model.parameters(), self.max_norm)
        elif self.clip_value is not None:
            clip_grad_value_(run.model.parameters(), self.clip_value)


class Checkpoint:
    """Write everything that a training needs to go on, after every `every` epochs and at its end.

    ``nn.fit(..., callbacks=[nn.Checkpoint("run.safetensors")], resume="run.safetensors")`` can be killed at any moment
    and run again: the file is replaced atomically, and the resumed training is bit for bit the uninterrupted one.

    Parameters
    ----------
    path : path
        The file; see :mod:`nn.files` for its form.
    every : int
        After how many epochs.
    """

    def __init__(self, path: str | os.PathLike[str], every: int = 1) -> None:
        if every < 1:
            raise ValueError(f"Checkpoint: every must be at least 1, not {every}")
        self.path, self.every = Path(path), every

    def on_train_begin(self, run: Run) -> None:
        """See that the folder is there."""
        if not self.path.parent.is_dir():
            raise FileNotFoundError(f"Checkpoint: there is no folder {self.path.parent}")

    def on_epoch_end(self, run: Run) -> None:
        """Write the file, if it is time."""
        if run.epoch % self.every == 0 or run.epoch == run.epochs or run.stopped:
            arrays: dict[str, Any] = {}
            state = _pack(run.state_dict(), "", arrays)
            files.write(self.path, arrays, {"run": state})


def restore(run: Run, path: str | os.PathLike[str]) -> None:
    """Set a run to the state in a checkpoint.

    Raises
    ------
    ValueError
        If the file is damaged, holds no training, or one of another model, optimiser or data.
    """
    advice = "; nn.files.write(path, *nn.files.read(path, verify=False)) makes it trusted"
    arrays, description = files.read(path, advice=advice)
    if description is None or "run" not in description:
        raise ValueError(f"{path} holds no training; a model by nn.save is read by nn.load")
    before = run.state_dict()
    try:
        run.load_state_dict(_unpack(description["run"], arrays))
    except _DAMAGE_ERRORS as error:
        run.load_state_dict(before)
        raise ValueError(f"{path} does not fit this training, or is damaged: {files.short(error, 500)}") from error


def _pack(x: Any, name: str, arrays: dict[str, Any]) -> Any:
    """Nested dicts and lists with every array put aside under its path, and its name in its place."""
    if isinstance(x, (np.ndarray, np.generic)):
        arrays[name] = np.asarray(x)
        return {"array": name}
    if isinstance(x, Mapping):
        return {str(key): _pack(item, f"{name}/{key}", arrays) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        return [_pack(item, f"{name}/{i}", arrays) for i, item in enumerate(x)]
    return x


def _unpack(x: Any, arrays: Mapping[str, Any]) -> Any:
    if isinstance(x, dict):
        if x.keys() == {"array"} and isinstance(x["array"], str):
            return arrays[x["array"]]
        return {key: _unpack(item, arrays) for key, item in x.items()}
    return [_unpack(item, arrays) for item in x] if isinstance(x, list) else x
