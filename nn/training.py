"""``fit``: the training loop, with what surrounds it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from autograd import no_grad
from autograd.backends import library_of
from autograd.tracebacks import hosting
from nn._types import Input, LossLike, PathLike, Rng
from nn.callbacks import Checkpoint, restore
from nn.calls import call_in_mode
from nn.compiled import compiled_step
from nn.data.passes import Data
from nn.data.stored import Stored
from nn.divergence import broken_arrays, describe_overflow
from nn.fit_arguments import (
    checked_batch_size,
    checked_callbacks,
    checked_data,
    checked_loader,
    checked_optimizer,
    checked_pair,
    read_through,
)
from nn.history import History
from nn.kinds import to_numpy, unchecked
from nn.loaders import Loader
from nn.losses import loss_function
from nn.metrics import Metric, Metrics, metric_functions
from nn.minibatches import Minibatch, minibatches
from nn.module import Module
from nn.moving import first_array, placed
from nn.optim import Optimizer
from nn.optional import require
from nn.options import checked_count
from nn.parallel.cluster import ClusterStep, checked_client
from nn.parallel.shards import ShardedStep, check_shards
from nn.prediction import predict
from nn.randomness import as_generator
from nn.run import Callback, Run
from nn.step import Step

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["fit"]


@hosting("in nn.fit")
def fit(
    model: Module,
    X: Input | Stored | Iterable[Any],
    y: Input | Stored | None = None,
    *,
    loss: LossLike,
    optimizer: Optimizer | str = "adam",
    epochs: int = 10,
    batch_size: int | str | None = "auto",
    shuffle: bool = True,
    validation_data: tuple[Input | Stored, Input | Stored] | Iterable[Any] | None = None,
    metrics: Metrics = (),
    record: Iterable[str] = (),
    callbacks: Iterable[Callback] = (),
    rng: Rng = None,
    progress: bool = True,
    resume: PathLike | None = None,
    compiled: bool | str = False,
    client: Client | None = None,
    shards: int | None = None,
) -> History:
    """Train a model: in each epoch every sample once, in minibatches.

    Parameters
    ----------
    model : Module
        The model to train. It is in training mode meanwhile, in evaluation mode where it is measured, and afterwards in
        the mode that it was in.
    X : array_like, Stored, sequence or iterable
    y : array_like or Stored, optional
        Samples and their targets, a row for each; constants. Or X alone: a dataset of pairs, or a loader, such as
        :class:`nn.data.DataLoader` or PyTorch's, that gives each epoch's minibatches (X, y), and is read once before.
        Either may lie in files larger than memory, :func:`nn.data.stored`: its chunks are read and checked one after
        the other, in a new random order in each epoch, and their rows come in a random order; of one chunk the result
        is that of arrays. Metrics and validation losses hold the outputs and the targets of all rows, but not the
        samples.
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
    validation_data : pair of array_like, sequence or iterable, optional
        Data to measure the loss ("val_loss") and metrics on after each epoch, in memory or stored.
    metrics : list or dict
        Further measures, on training and validation data: names ("accuracy", "r2", ...) or functions of (y, output).
        A single output means class 1 above ½; above 0 where the loss is the hinge loss or takes logits,
        or the targets are −1 and 1. Of several columns the largest is the class; where rows of the targets hold
        several classes or none, each column is decided by itself, and a row is right if all of it is.
    record : list of str
        What else the history notes of each epoch: "weights", "gradients", "dead" (ReLU units).
    callbacks : list
        :class:`EarlyStopping`, :class:`Checkpoint`, a schedule of `nn.optim.lr_scheduler`, ...; see `nn.callbacks`.
    rng : Generator or int, optional
        The source of the order: a generator, or a seed for one; by default the default one. Where layers may draw from
        it, too, as from the default one, it seeds a generator for the order alone.
    progress : bool
        Whether to show a bar, in a terminal or notebook only.
    resume : path, optional
        A checkpoint to go on from. Where a :class:`Checkpoint` writes to that path, it need not exist yet.
    compiled : bool or str
        Whether to compile the steps, as :func:`compile_step` does; where that cannot be, ``history.compiled`` says why.
        ``"jax"`` or ``"torch"`` is its `using`.
    client : Client, optional
        The client of a Dask cluster, whose workers compute the shards; see :mod:`nn.parallel`.
    shards : int, optional
        The number of consecutive parts that each minibatch is cut into, whose gradients are summed in order: here, or
        on the workers, with the same result.

    Returns
    -------
    History
        Losses and metrics epoch by epoch, and what `record` names.

    Raises
    ------
    ValueError, TypeError
        Before any training, if data, sizes, labels or names are wrong; of stored data when the flaw is read.
    FloatingPointError
        If the loss is not finite; the message says in which layer the first value overflowed. Or if a parameter is not
        when the training has ended.

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
        raise TypeError(f"fit: pass a module of nn's to train, not {type(model).__module__}.{type(model).__qualname__}")
    optimizer = checked_optimizer(optimizer, model)
    loader = None
    if y is None:
        loader = Loader(checked_loader(X, batch_size, shuffle, optimizer, rng))
        X, y = loader.X, loader.y
    X, y, check = checked_data(model, function, cast(Input, X), y)
    held_out: tuple[Data, Data] | None = None
    if validation_data is not None:
        *pair, of_pair = checked_data(model, function, *checked_pair(validation_data), "validation ")
        held_out = (pair[0], pair[1])
        read_through(held_out, of_pair)
    size = checked_batch_size(batch_size, len(X), optimizer)
    epochs = checked_count("fit", "epochs", epochs)
    # A checkpoint is last, so that it saves what the other callbacks note.
    each = sorted(checked_callbacks(callbacks), key=lambda c: isinstance(c, Checkpoint))
    measures = metric_functions(metrics, function, y)
    history, generator = History(record), as_generator(rng)
    names = ["loss", *measures]
    history.logs = {name: [] for name in names + [f"val_{name}" for name in names if held_out is not None]}
    count = None if shards is None else checked_count("fit", "shards", shards)
    run = Run(model, optimizer, function, X, y, size, epochs, generator, history, shuffle, each, loader=loader,
              check=check, shards=count)  # fmt: skip
    step = _step(run, compiled, client)
    is_on_library = library_of(first_array(model)) is not None
    _call(run, "on_train_begin")
    if resume is not None and (Path(resume).exists() or not _writes_checkpoint(each, resume)):
        restore(run, resume)
    else:
        history.start(model)

    measure = no_grad()(partial(_measured, run, measures, held_out))

    def train() -> None:
        # The targets are checked already, and those who ask a device for one number wait for all of its work.
        with closing(step), _progress_bar(progress, run) as bar, unchecked() if is_on_library else nullcontext():
            while run.epoch < run.epochs and not run.stopped:
                logs = {"loss": _epoch(run, step, bar)}
                run.epoch += 1
                run.compiled = history.compiled = step.compiled
                if measures or held_out is not None:
                    logs |= call_in_mode(model, False, measure)
                history.add(logs, model, X)
                bar.set_postfix({name: f"{number:.4g}" for name, number in logs.items()}, refresh=False)
                _call(run, "on_epoch_end")

    call_in_mode(model, True, train)
    _call(run, "on_train_end")
    if broken := broken_arrays(model.named_parameters()):
        raise FloatingPointError(f"fit: {broken} since the last step, {_rate(run)}; {_REMEDY}")
    return history


def _step(run: Run, compiled: bool | str, client: Client | None) -> Step:
    """What makes the steps of a training."""
    if run.shards is None:
        if client is not None:
            raise ValueError(
                "fit: client= takes shards=, the number of parts of each minibatch, such as 8: it is part of the "
                "result, since sums depend on their order; the number of workers is not"
            )
        if not compiled:
            return Step(run.model, run.loss, run.optimizer)
        using = compiled if isinstance(compiled, str) else None
        return compiled_step(run.model, run.loss, run.optimizer, using)
    if library_of(first_array(run.model)) is not None:
        raise TypeError('fit: shards are calculated with NumPy; call model.to("numpy") first, or leave shards out')
    if run.check is not None:  # Of a chunk's rows, shards would know no numbers.
        read_through((run.y,), run.check)
    check_shards(run)
    return (
        ShardedStep(run, bool(compiled)) if client is None else ClusterStep(run, checked_client(client), bool(compiled))
    )


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

    def check(minibatch: Minibatch, number: float) -> None:
        if not math.isfinite(number):
            where = describe_overflow(run.model, to_numpy(minibatch()[0]))
            raise FloatingPointError(
                f"fit: the loss became {number} in epoch {run.epoch + 1}, minibatch {run.minibatch + 1}, {_rate(run)}: "
                f"{where}; {_REMEDY}"
            )

    # Of an overflow the errors here say more than NumPy's warnings; who has NumPy raise, sees what it raises.
    unwarned: Any = {kind: "ignore" for kind, how in np.geterr().items() if how == "warn"}
    with np.errstate(**unwarned), closing(minibatches(run, lazy=step.lazy)) as each:
        for i, (count, minibatch) in enumerate(each):
            run.minibatch = i
            checks = iter([partial(check, minibatch)])  # The loss of a step that was only tried may be infinite.
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


_REMEDY = "a lower rate, or nn.ClipGradients, may keep it finite"


def _rate(run: Run) -> str:
    return f"at learning rate {run.optimizer.lr:g}"


def _measured(run: Run, metrics: Mapping[str, Metric], held_out: tuple[Data, Data] | None) -> dict[str, float]:
    """The metrics on the training data, and the loss and the metrics on the validation data."""
    logs: dict[str, float] = {}
    if metrics:
        output, y = predict(run.model, run.X), np.asarray(run.y)
        logs |= {name: metric(y, output) for name, metric in metrics.items()}
    if held_out is not None:
        output, y = predict(run.model, held_out[0]), np.asarray(held_out[1])
        logs["val_loss"] = run.per_sample(run.loss(*placed(run.model, output, y)).item(), len(y))
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
