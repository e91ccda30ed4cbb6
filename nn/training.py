"""``fit``: the training loop, with what surrounds it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol, TypeAlias, cast

from autograd import no_grad
from autograd.tracebacks import hosting
from nn._types import Array, Input, LossLike, PathLike, Rng
from nn.callbacks import Checkpoint, restore
from nn.calls import call_in_mode
from nn.compiled import CompiledStep
from nn.divergence import describe_overflow
from nn.fit_arguments import (
    checked_batch_size,
    checked_callbacks,
    checked_data,
    checked_loader,
    checked_optimizer,
    checked_pair,
)
from nn.history import History
from nn.loaders import Loader
from nn.losses import loss_function
from nn.metrics import Metric, Metrics, metric_functions
from nn.module import Module
from nn.optim import Optimizer
from nn.optional import require
from nn.options import checked_count
from nn.prediction import predict
from nn.randomness import as_generator
from nn.run import Callback, Run
from nn.step import Step

__all__ = ["fit"]

Minibatch: TypeAlias = Callable[[], tuple[Array, Array]]


@hosting("in nn.fit")
def fit(
    model: Module,
    X: Input | Iterable[Any],
    y: Input | None = None,
    *,
    loss: LossLike,
    optimizer: Optimizer | str = "adam",
    epochs: int = 10,
    batch_size: int | str | None = "auto",
    shuffle: bool = True,
    validation_data: tuple[Input, Input] | Iterable[Any] | None = None,
    metrics: Metrics = (),
    record: Iterable[str] = (),
    callbacks: Iterable[Callback] = (),
    rng: Rng = None,
    progress: bool = True,
    resume: PathLike | None = None,
    compiled: bool = False,
) -> History:
    """Train a model: in each epoch every sample once, in minibatches.

    Parameters
    ----------
    model : Module
        The model to train. It is in training mode meanwhile, in evaluation mode where it is measured, and afterwards in
        the mode that it was in.
    X, y : array_like
        Samples and their targets, a row for each; constants. Or X alone: a dataset of pairs, or a loader, such as
        :class:`nn.data.DataLoader`, that gives each epoch's minibatches (X, y), and is read once before.
    loss : str or callable
        A name ("mse", "cross_entropy", "bce", ...) or a function of (output, y) that gives a scalar node, a mean over
        samples. A loss of nn's with ``reduction="sum"`` is logged divided by the number of samples.
    optimizer : Optimizer or str
        An optimiser of the model's parameters, or the name of one ("adam", "sgd", ...) with its defaults.
    epochs : int
        The number of epochs to reach, those of a resumed training included.
    batch_size : int, "auto" or None
        Samples of a minibatch; None takes all of them at once. "auto" takes 32, or all where the optimiser evaluates
        the loss several times in a step, as LBFGS does; the minibatch is the same in all evaluations of a step, the
        first of which is the loss that is logged.
    shuffle : bool
        Whether each epoch has a new random order.
    validation_data : tuple of (X, y), dataset or loader, optional
        Data to measure the loss ("val_loss") and metrics on after each epoch.
    metrics : list or dict
        Further measures, on training and validation data: names ("accuracy", "r2", ...) or functions of (y, output).
        A single output means class 1 above ½; above 0 where the loss is the hinge loss or takes logits,
        or the targets are −1 and 1. Of several columns the largest is the class; where rows of the targets hold
        several classes or none, each column is decided by itself, and a row is right if all of it is.
    record : list of str
        What else the history notes of each epoch: "weights", "gradients", "dead" (ReLU units).
    callbacks : list
        :class:`EarlyStopping`, :class:`Checkpoint`, a schedule of `nn.optim.lr_scheduler`, ...; see `nn.callbacks`.
    rng : numpy.random.Generator or int, optional
        The source of the order: a generator, or a seed for one; by default the default one.
    progress : bool
        Whether to show a bar, in a terminal or notebook only.
    resume : path, optional
        A checkpoint to go on from. Where a :class:`Checkpoint` writes to that path, it need not exist yet.
    compiled : bool
        Whether to compile the steps, as :func:`compile_step` does; where that cannot be, ``history.compiled`` says why.

    Returns
    -------
    History
        Losses and metrics epoch by epoch, and what `record` names.

    Raises
    ------
    ValueError, TypeError
        Before any training, if data, sizes, labels or names are wrong.
    FloatingPointError
        If the loss is not finite; the message says in which layer the first value overflowed.

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
    function = loss_function(loss)
    if not isinstance(model, Module):
        raise TypeError(f"fit: pass a module to train, not {type(model).__name__}")
    optimizer = checked_optimizer(optimizer, model)
    loader = None
    if y is None:
        loader = Loader(checked_loader(X, batch_size, shuffle, optimizer, rng))
        X, y = loader.X, loader.y
    X, y = checked_data(model, function, cast(Input, X), y)
    held_out = None
    if validation_data is not None:
        held_out = checked_data(model, function, *checked_pair(validation_data), "validation ")
    size = checked_batch_size(batch_size, len(X), optimizer)
    epochs = checked_count("fit", "epochs", epochs)
    # A checkpoint is last, so that it saves what the other callbacks note.
    each = sorted(checked_callbacks(callbacks), key=lambda c: isinstance(c, Checkpoint))
    measures = metric_functions(metrics, function, y)
    history, generator = History(record), as_generator(rng)
    names = ["loss", *measures]
    history.logs = {name: [] for name in names + [f"val_{name}" for name in names if held_out is not None]}
    run = Run(model, optimizer, function, X, y, size, epochs, generator, history, shuffle, each, loader=loader)
    step = (CompiledStep if compiled else Step)(model, function, optimizer)
    _call(run, "on_train_begin")
    if resume is not None and (Path(resume).exists() or not _writes_checkpoint(each, resume)):
        restore(run, resume)
    else:
        history.start(model)

    @no_grad()
    def note(logs: dict[str, float]) -> None:
        logs |= _measured(run, measures, held_out)
        history.add(logs, model, X)

    def train() -> None:
        with _progress_bar(progress, run) as bar:
            while run.epoch < run.epochs and not run.stopped:
                logs = {"loss": _epoch(run, step, bar)}
                run.epoch += 1
                run.compiled = history.compiled = step.compiled
                call_in_mode(model, False, partial(note, logs))
                bar.set_postfix({name: f"{number:.4g}" for name, number in logs.items()}, refresh=False)
                _call(run, "on_epoch_end")

    call_in_mode(model, True, train)
    _call(run, "on_train_end")
    return history


def _call(run: Run, method: str) -> None:
    """Call the callbacks that have the method."""
    for function in _methods(run, method):
        function(run)


def _methods(run: Run, name: str) -> list[Callable[[Run], object]]:
    return [getattr(c, name) for c in run.callbacks if hasattr(c, name)]


def _epoch(run: Run, step: Step, bar: _Bar) -> float:
    """Train for one epoch; returns the mean loss over its samples."""
    total, n = 0.0, 0
    on_backward, on_step = _methods(run, "on_backward"), _methods(run, "on_step")

    def evaluate(minibatch: Minibatch, checks: Iterator[Callable[[float], None]]) -> float:
        # The minibatch has no name, so that its memory serves again at once, from the processor's cache.
        number = step.backward(*minibatch(), next(checks, None))
        for call in on_backward:
            call(run)
        return number

    def check(i: int, minibatch: Minibatch, number: float) -> None:
        if not math.isfinite(number):
            raise FloatingPointError(
                f"fit: the loss became {number} in epoch {run.epoch + 1}, minibatch {i + 1}, at learning "
                f"rate {run.optimizer.lr:g}: {describe_overflow(run.model, minibatch()[0])}; a lower rate, or "
                f"nn.ClipGradients, may keep it finite"
            )

    for i, (count, minibatch) in enumerate(_minibatches(run)):
        checks = iter([partial(check, i, minibatch)])  # The loss of a step that was only tried may be infinite.
        if run.optimizer.needs_closure:
            number = run.optimizer.step(partial(evaluate, minibatch, checks))
        else:
            number = evaluate(minibatch, checks)
            step.update()
        for call in on_step:
            call(run)
        total += run.per_sample(number, count) * count
        n += count
        bar.update()
    return total / n


def _minibatches(run: Run) -> Iterator[tuple[int, Minibatch]]:
    """The minibatches of an epoch: the number of samples in each, and what makes it."""
    X, y, size, n = run.X, run.y, run.batch_size, len(run.X)
    if run.loader is not None:
        for samples, targets in run.loader:
            pair = samples.astype(X.dtype, copy=False), targets.astype(y.dtype, copy=False)
            yield len(samples), partial(_rows, *pair, slice(None))
        return
    order = run.rng.permutation(n) if run.shuffle and size < n else None
    for start in range(0, n, size):
        rows = slice(start, start + size) if order is None else order[start : start + size]
        yield min(size, n - start), partial(_rows, X, y, rows)


def _rows(X: Array, y: Array, rows: slice | Array) -> tuple[Array, Array]:
    return (X[rows], y[rows]) if isinstance(rows, slice) else (X.take(rows, axis=0), y.take(rows, axis=0))


def _measured(run: Run, metrics: Mapping[str, Metric], held_out: tuple[Array, Array] | None) -> dict[str, float]:
    """The metrics on the training data, and the loss and the metrics on the validation data."""
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


def _writes_checkpoint(callbacks: Iterable[object], path: PathLike) -> bool:
    return any(isinstance(c, Checkpoint) and c.path == Path(path) for c in callbacks)


class _Bar(Protocol):
    def update(self) -> object: ...
    def set_postfix(self, numbers: Mapping[str, str], refresh: bool) -> object: ...


_NO_BAR = SimpleNamespace(update=lambda: None, set_postfix=lambda numbers, refresh: None)


def _progress_bar(progress: bool, run: Run) -> AbstractContextManager[_Bar]:
    """A progress bar over all minibatches, in a terminal or notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    notebook = shell is not None and hasattr(shell, "kernel")
    if not progress or not (notebook or sys.stderr.isatty()):
        return nullcontext(_NO_BAR)
    bars = require("tqdm.notebook" if notebook and find_spec("ipywidgets") else "tqdm", ", or pass progress=False")
    each = run.steps // run.epochs
    bar: AbstractContextManager[_Bar] = bars.tqdm(
        total=each * run.epochs, initial=each * run.epoch, unit="minibatch", leave=True
    )
    return bar
