"""``fit``: the training loop, with what surrounds it."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd import Tensor, Value, no_grad
from autograd.tracebacks import hosting
from nn.callbacks import Checkpoint, restore
from nn.history import History
from nn.kinds import dtype_refusal, to_numpy
from nn.losses import Loss, loss_function
from nn.metrics import metric_functions
from nn.module import Module, call_in_mode
from nn.optim import Optimizer, optimizer_by_name
from nn.optional import require
from nn.prediction import predict
from nn.states import validated_state

__all__ = ["Run", "fit"]

Array = np.ndarray[Any, Any]


@dataclass
class Run:
    """A training in progress, as callbacks see it.

    Attributes
    ----------
    model, optimizer, loss
        What is trained, how, and the function of (output, y) that is minimised.
    X, y : ndarray
        The training data.
    batch_size, epochs, shuffle : int, int, bool
        Samples of a minibatch, the number of epochs to reach, whether each has a new order.
    rng : numpy.random.Generator
        Where the order of samples comes from.
    history : History
        What was recorded so far.
    callbacks : list
        All of them.
    epoch : int
        How many epochs are done.
    stopped : str or None
        A callback's reason to end the training after this epoch.
    """

    model: Module
    optimizer: Optimizer
    loss: Any
    X: Array
    y: Array
    batch_size: int
    epochs: int
    rng: np.random.Generator
    history: History
    shuffle: bool = True
    callbacks: list[Any] = field(default_factory=list)
    epoch: int = 0
    stopped: str | None = None

    @property
    def monitored(self) -> float:
        """The last epoch's validation loss, or without validation data its loss."""
        return self.history.logs.get("val_loss", self.history["loss"])[-1]

    def per_sample(self, loss: float, n: int) -> float:
        """The loss of `n` samples as its mean over them, also where it is their sum."""
        return loss / n if getattr(self.loss, "reduction", "mean") == "sum" else loss

    def settings(self) -> dict[str, Any]:
        """What a resumed training must have in common with the one that is resumed."""
        return {
            "optimizer": type(self.optimizer).__name__,
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "samples": list(self.X.shape),
            "record": list(self.history.record),
        }

    def generators(self) -> list[np.random.Generator]:
        """Every source of randomness: the run's, and those of modules such as Dropout."""
        inner = (x for m in self.model.modules() for x in vars(m).values() if isinstance(x, np.random.Generator))
        return [self.rng, *inner]

    def state_dict(self) -> dict[str, Any]:
        """Everything from which the training can go on."""
        return {
            "settings": self.settings(),
            "epoch": self.epoch,
            "stopped": self.stopped,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generators": [generator.bit_generator.state for generator in self.generators()],
            "history": self.history.state_dict(),
            "callbacks": [c.state_dict() for c in self.callbacks if hasattr(c, "state_dict")],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there; an error if it is another training's."""
        kinds = {"settings": {}, "epoch": 0, "stopped": None, "model": {}, "optimizer": {}, "generators": []}
        state = validated_state("fit", kinds | {"history": {}, "callbacks": []}, state)
        if state["epoch"] < 0 or not isinstance(state["stopped"], str | None):
            raise TypeError("the epoch, or the reason to stop, is none")
        for key, own in self.settings().items():
            if state["settings"][key] != own:
                raise ValueError(f"{key} was {state['settings'][key]}, and is {own} now")
        mine = [c for c in self.callbacks if hasattr(c, "state_dict")]
        generators = self.generators()
        if (len(state["callbacks"]), len(state["generators"])) != (len(mine), len(generators)):
            raise ValueError("the callbacks, or the modules that draw random numbers, are not as many as they were")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        for generator, saved in zip(generators, state["generators"], strict=True):
            generator.bit_generator.state = saved
        for callback, saved in zip(mine, state["callbacks"], strict=True):
            callback.load_state_dict(saved)
        self.history.load_state_dict(state["history"])
        self.epoch, self.stopped = state["epoch"], state["stopped"]


@hosting("in nn.fit")
def fit(
    model: Module,
    X: Any,
    y: Any,
    *,
    loss: Any,
    optimizer: Any = "adam",
    epochs: int = 10,
    batch_size: int | None = 32,
    shuffle: bool = True,
    validation_data: tuple[Any, Any] | None = None,
    metrics: Any = (),
    record: Iterable[str] = (),
    callbacks: Iterable[Any] = (),
    rng: np.random.Generator | int | None = None,
    progress: bool = True,
    resume: str | os.PathLike[str] | None = None,
) -> History:
    """Train a model: in each epoch every sample once, in minibatches.

    Parameters
    ----------
    model : Module
        What to train; it is in training mode meanwhile, in evaluation mode where it is measured, then as it was.
    X, y : array_like
        Samples and their targets, constants, one of each in a row.
    loss : str or callable
        A name ("mse", "cross_entropy", "bce", ...) or a function of (output, y) that gives a scalar node, a mean over
        samples; what nn's losses with ``reduction="sum"`` give is logged divided by the number of samples.
    optimizer : Optimizer or str
        An optimiser of the model's parameters, or the name of one ("adam", "sgd", ...) with its defaults.
    epochs : int
        The number of epochs to reach, those of a resumed training included.
    batch_size : int or None
        Samples of a minibatch; None takes all of them at once.
    shuffle : bool
        Whether each epoch has a new random order.
    validation_data : tuple of (X, y), optional
        Data to measure the loss ("val_loss") and metrics on after each epoch.
    metrics : list or dict
        What else to measure, on training and validation data: names ("accuracy", "r2", ...) or functions of
        (y, output). A single output means class 1 above ½; above 0 where the loss is the hinge loss or takes logits,
        or the targets are −1 and 1. Of several columns the largest is the class; where rows of the targets hold
        several classes or none, each column is decided by itself, and a row is right if all of it is.
    record : list of str
        What the history also keeps of each epoch: "weights", "gradients", "dead" (ReLU units).
    callbacks : list
        :class:`EarlyStopping`, :class:`Checkpoint`, a schedule of `nn.optim.lr_scheduler`, ...; see `nn.callbacks`.
    rng : numpy.random.Generator or int, optional
        Where the order comes from: a generator, or a seed for one; by default a fresh one.
    progress : bool
        Whether to show a bar, in a terminal or notebook only.
    resume : path, optional
        A checkpoint to go on from. Where a :class:`Checkpoint` writes to that path, it need not exist yet.

    Returns
    -------
    History
        Losses and metrics epoch by epoch, and what was to be recorded.

    Raises
    ------
    ValueError, TypeError
        Before any training, if data, sizes, labels or names are wrong.
    FloatingPointError
        If the loss is not finite.

    Examples
    --------
    >>> import nn
    >>> X, y = [[0.0], [1.0], [2.0]], [[1.0], [3.0], [5.0]]
    >>> model = nn.Linear(1, 1, rng=0)
    >>> optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    >>> history = nn.fit(model, X, y, loss="mse", optimizer=optimizer, epochs=200, batch_size=1, rng=0, progress=False)
    >>> history["loss"][-1] < 1e-6
    True
    """
    loss = loss_function(loss)
    if not isinstance(model, Module):
        raise TypeError(f"fit: pass a module to train, not {type(model).__name__}")
    optimizer = _optimizer(optimizer, model)
    X, y = _data(model, loss, X, y, "")
    held_out = None if validation_data is None else _data(model, loss, *_two(validation_data), "validation ")
    size = len(X) if batch_size is None else _count("batch_size", batch_size)
    callbacks = sorted(_checked(callbacks), key=lambda c: isinstance(c, Checkpoint))  # last: they save what others note
    measured = metric_functions(metrics, loss, y)
    history, generator = History(tuple(record)), np.random.default_rng(rng)
    names = ["loss", *measured]
    history.logs = {name: [] for name in names + [f"val_{name}" for name in names if held_out is not None]}
    run = Run(model, optimizer, loss, X, y, size, _count("epochs", epochs), generator, history, shuffle, callbacks)
    for callback in _with_method(callbacks, "on_train_begin"):
        callback.on_train_begin(run)
    if resume is not None and (Path(resume).exists() or not _writes_checkpoint(callbacks, resume)):
        restore(run, resume)
    else:
        history.start(model)
    per_epoch = [c.on_epoch_end for c in _with_method(callbacks, "on_epoch_end")]

    @no_grad()
    def measure(logs: dict[str, float]) -> None:
        logs |= _measured(run, measured, held_out)
        history.add(logs, model, X)

    def train() -> None:
        with _bar(progress, run) as bar:
            while run.epoch < run.epochs and not run.stopped:
                logs = {"loss": _epoch(run, bar)}
                run.epoch += 1
                call_in_mode(model, False, measure, logs)
                bar.set_postfix({name: f"{number:.4g}" for name, number in logs.items()}, refresh=False)
                for call in per_epoch:
                    call(run)

    call_in_mode(model, True, train)
    for callback in _with_method(callbacks, "on_train_end"):
        callback.on_train_end(run)
    return history


def _epoch(run: Run, bar: Any) -> float:
    """One epoch; returns the mean loss over its samples."""
    model, optimizer, loss, X, y, size = run.model, run.optimizer, run.loss, run.X, run.y, run.batch_size
    n, total = len(X), 0.0
    hooks = [c.on_backward for c in _with_method(run.callbacks, "on_backward")]
    order = run.rng.permutation(n) if run.shuffle and size < n else None
    for start in range(0, n, size):
        optimizer.zero_grad()
        # No names for the minibatch, and none for the graph after its use: their memory serves again at once, from the
        # processor's cache.
        if order is None:
            error = loss(model(X[start : start + size]), y[start : start + size])
        else:
            chosen = order[start : start + size]
            error = loss(model(X.take(chosen, axis=0)), y.take(chosen, axis=0))
        number = error.item()
        if not math.isfinite(number):
            raise FloatingPointError(
                f"fit: the loss became {number} in epoch {run.epoch + 1}, minibatch {start // size + 1}, at learning "
                f"rate {optimizer.lr:g}; a lower rate, or nn.ClipGradients, may keep it finite"
            )
        error.backward()
        del error
        for hook in hooks:
            hook(run)
        optimizer.step()
        count = min(size, n - start)
        total += run.per_sample(number, count) * count
        bar.update()
    return total / n


def _measured(run: Run, metrics: Mapping[str, Any], held_out: tuple[Array, Array] | None) -> dict[str, float]:
    """The metrics on the training data, and on the validation data the loss too."""
    logs: dict[str, float] = {}
    if metrics:
        output = predict(run.model, run.X)
        logs |= {name: metric(run.y, output) for name, metric in metrics.items()}
    if held_out is not None:
        X, y = held_out
        output = predict(run.model, X)
        logs["val_loss"] = run.per_sample(run.loss(output, y).item(), len(X))
        logs |= {f"val_{name}": metric(y, output) for name, metric in metrics.items()}
    return logs


def _data(model: Module, loss: Any, X: Any, y: Any, which: str) -> tuple[Array, Array]:
    """Data as arrays in the model's dtype, once all that can be wrong with them was looked for."""
    first = next(iter(model.parameters()), None)
    dtype = first.dtype if isinstance(first, Tensor) else np.float64
    X, y = _numbers(f"{which}X", X), _numbers(f"{which}y", y)
    X = X.astype(dtype, copy=False)
    y = y.astype(dtype, copy=False) if y.dtype.kind == "f" else y
    if X.ndim == 0 or len(X) == 0:
        raise ValueError(f"fit: there are no {which}data: X has shape {X.shape}")
    if y.ndim == 0 or len(X) != len(y):
        raise ValueError(f"fit: {which}X has {len(X)} rows, but y has shape {y.shape}; they need a row for each sample")

    @no_grad()
    def tried() -> Any:
        output = model(X[:1])  # a wrong number of features shows here
        shape = (len(X), *np.shape(output)[1:])
        return loss(np.full(shape, 0.5, dtype), y) if isinstance(loss, Loss) else loss(output, y[:1])

    made = call_in_mode(model, False, tried)
    if not isinstance(made, (Tensor, Value)):
        raise TypeError(f"fit: the loss is {type(made).__name__}, not a node made of the model's output")
    if made.shape != ():
        raise ValueError(f"fit: the loss has shape {np.shape(made)}; it must be one number (reduction='mean' or 'sum')")
    return X, y


def _numbers(name: str, x: Any) -> Array:
    if isinstance(x, np.ma.MaskedArray) and np.ma.is_masked(x):
        raise ValueError(f"fit: {name} is a masked array; fill the gaps, or remove such rows")
    try:
        a = to_numpy(x) if isinstance(x, Tensor) else np.asarray(x)
    except ValueError:
        raise ValueError(f"fit: the rows of {name} differ in length") from None
    if a.dtype.kind not in "fiub":
        raise TypeError(
            f"fit: {name} holds {a.dtype}, not numbers; labels that are texts become numbers with "
            "np.unique(y, return_inverse=True)"
        )
    if why := dtype_refusal(a):
        raise TypeError(f"fit: {name}: {why}")
    if a.dtype.kind == "f" and not np.isfinite(a).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(a))[0])
        raise ValueError(f"fit: {name} holds {a[place]} at {place}; remove such rows, or fill them in")
    return a


def _two(pair: Any) -> tuple[Any, Any]:
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise TypeError("fit: validation_data is a pair, (X, y)")
    return pair[0], pair[1]


def _count(name: str, n: Any) -> int:
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 1:
        raise ValueError(f"fit: {name} must be an integer of at least 1, not {n!r}")
    return int(n)


def _optimizer(optimizer: Any, model: Module) -> Optimizer:
    if isinstance(optimizer, str):
        optimizer = optimizer_by_name(optimizer, model.parameters())
    if not isinstance(optimizer, Optimizer):
        name = optimizer.__name__ if isinstance(optimizer, type) else "SGD"
        raise TypeError(f"fit: pass an optimiser, nn.optim.{name}(model.parameters()), or a name, not {optimizer!r}")
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    trained = [p for p in model.parameters() if id(p) in held]
    if not trained:
        raise ValueError("fit: this optimiser holds none of the model's parameters; make one of model.parameters()")
    if not any(p.requires_grad for p in trained):
        raise ValueError("fit: all parameters are frozen; model.requires_grad_() frees them")
    return optimizer


def _with_method(callbacks: Iterable[Any], method: str) -> list[Any]:
    return [c for c in callbacks if hasattr(c, method)]


_METHODS = ("on_epoch_end", "on_train_begin", "on_backward", "on_train_end")


def _checked(callbacks: Any) -> list[Any]:
    """The callbacks as objects with methods: a function becomes one that is called after each epoch."""
    if not isinstance(callbacks, Iterable) or isinstance(callbacks, (str, bytes, Mapping)):
        single = callable(callbacks) or any(hasattr(callbacks, name) for name in _METHODS)
        named = getattr(callbacks, "__name__", f"{type(callbacks).__name__}(...)")
        advice = f"[{named}], not a single one" if single else f"[nn.EarlyStopping()], not {callbacks!r:.60}"
        raise TypeError(f"fit: callbacks is a list, as in callbacks={advice}")
    checked = []
    for c in callbacks:
        if isinstance(c, type):
            raise TypeError(f"fit: a callback is a class: write {c.__name__}(...), which makes one of it")
        if any(hasattr(c, name) for name in _METHODS):
            checked.append(c)
        elif callable(c):
            checked.append(SimpleNamespace(on_epoch_end=c))
        else:
            raise TypeError(f"fit: {c!r} is no callback: a function of the run, or an object with {_METHODS[0]}(run)")
    return checked


def _writes_checkpoint(callbacks: Iterable[Any], path: Any) -> bool:
    return any(isinstance(c, Checkpoint) and c.path == Path(path) for c in callbacks)


_NO_BAR = SimpleNamespace(update=lambda: None, set_postfix=lambda numbers, refresh: None)


def _bar(progress: bool, run: Run) -> Any:
    """A progress bar over all minibatches, where somebody watches."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    notebook = shell is not None and hasattr(shell, "kernel")
    if not progress or not (notebook or sys.stderr.isatty()):
        return nullcontext(_NO_BAR)
    bars = require("tqdm.notebook" if notebook and find_spec("ipywidgets") else "tqdm", ", or pass progress=False")
    each = -(-len(run.X) // run.batch_size)
    return bars.tqdm(total=each * run.epochs, initial=each * run.epoch, unit="minibatch", leave=True)
