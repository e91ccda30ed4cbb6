"""``History``: the numbers of a training, epoch by epoch."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from nn import plots
from nn._types import Array, Input, State
from nn.activations import ReLU
from nn.calls import call_with_hook
from nn.data.passes import as_data, passed
from nn.data.stored import Stored
from nn.kinds import to_numpy, to_real_numpy
from nn.members import Weight
from nn.module import Module
from nn.states import is_list_of_numbers, validated_state

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["History"]

RECORDABLE = ("weights", "gradients", "dead")


class History(Mapping[str, list[float]]):
    """The numbers of a training, as :func:`nn.fit` returns them.

    It is a mapping from the names of losses and metrics to their numbers, epoch by epoch; ``len(history)`` alone counts
    epochs, not names.

    Attributes
    ----------
    logs : dict of str to list of float
        For each epoch the loss (the mean over its samples, as they came), and where asked for ``"val_loss"`` and
        metrics, measured at its end; ``history["loss"]`` is short for ``history.logs["loss"]``.
    weights : dict of str to list of array
        With ``record=["weights"]``: every parameter at the start, and after each epoch.
    gradients : dict of str to list of array
        With ``record=["gradients"]``: every parameter's gradient in each epoch's last minibatch.
    dead : dict of str to list of float
        With ``record=["dead"]``: after each epoch, for each ReLU the share of its units that are 0 for all samples.
    compiled : bool or str
        Whether the steps were compiled; a text says why they were not, though asked for.

    Examples
    --------
    >>> import nn
    >>> X, y = [[0.0], [1.0]], [[1.0], [3.0]]
    >>> history = nn.fit(nn.Linear(1, 1, rng=0), X, y, loss="mse", optimizer="sgd", epochs=3, progress=False)
    >>> len(history), list(history), "accuracy" in history, len(history["loss"])
    (3, ['loss'], False, 3)
    """

    def __init__(self, record: Iterable[str] = ()) -> None:
        self.record = tuple(record)
        if isinstance(record, str) or not set(RECORDABLE).issuperset(self.record):
            given = record if isinstance(record, str) else list(self.record)
            raise ValueError(f"record holds some of {', '.join(RECORDABLE)}, as in record=['weights'], not {given!r}")
        self.logs: dict[str, list[float]] = {}
        self.weights: dict[str, list[Array]] = {}
        self.gradients: dict[str, list[Array]] = {}
        self.dead: dict[str, list[float]] = {}
        self.compiled: bool | str = False

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.logs:
            raise KeyError(f"no {name!r} in this history; there are {', '.join(self.logs)}")
        return self.logs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.logs)

    # The views of Mapping take their length from its `__len__`, which here counts epochs.
    def keys(self) -> KeysView[str]:
        """The names of the losses and metrics."""
        return self.logs.keys()

    def values(self) -> ValuesView[list[float]]:
        """A list for each loss and metric, with a number for each epoch."""
        return self.logs.values()

    def items(self) -> ItemsView[str, list[float]]:
        """The names of the losses and metrics, each with its numbers."""
        return self.logs.items()

    # A history belongs to one training: it equals only itself, and a set can hold it.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __len__(self) -> int:
        return len(self.logs.get("loss", ()))

    def __repr__(self) -> str:
        last = ", ".join(f"{name}={values[-1]:.4g}" for name, values in self.logs.items())
        return f"History({len(self)} epochs{': ' if last else ''}{last})"

    def start(self, model: Module) -> None:
        """Note the weights that a training starts from."""
        if "weights" in self.record:
            _append(self.weights, model._arrays())

    def add(self, logs: Mapping[str, float], model: Module, X: Input | Stored) -> None:
        """Note an epoch: its numbers, and what `record` names of the model."""
        for name, number in logs.items():
            self.logs.setdefault(name, []).append(float(to_numpy(number).item()))
        if "weights" in self.record:
            _append(self.weights, model._arrays())
        if "gradients" in self.record:
            _append(self.gradients, {name: _gradient(p) for name, p in model._named_weights()})
        if "dead" in self.record:
            for name, share in dead_units(model, X).items():
                self.dead.setdefault(name, []).append(share)

    def state_dict(self) -> State:
        """The whole history, as a checkpoint stores it."""
        arrays = {kind: {n: np.array(each) for n, each in getattr(self, kind).items()} for kind in RECORDABLE[:2]}
        return {"logs": self.logs, "dead": self.dead, **arrays}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Set the history to a state that :meth:`state_dict` gave."""
        state = validated_state("History", self.state_dict(), state)
        if not all(is_list_of_numbers(each) for kind in ("logs", "dead") for each in state[kind].values()):
            raise ValueError("History.load_state_dict: logs and dead hold lists of numbers")
        self.logs, self.dead = dict(state["logs"]), dict(state["dead"])
        for kind in RECORDABLE[:2]:
            if any(np.ndim(stacked) == 0 or to_real_numpy(stacked) is None for stacked in state[kind].values()):
                raise ValueError(f"History.load_state_dict: {kind} hold arrays of numbers")
            setattr(self, kind, {name: list(stacked) for name, stacked in state[kind].items()})

    def plot(self, ax: Axes | None = None) -> Axes:
        """The curves of losses and metrics; returns the matplotlib axes."""
        return plots.curves(self.logs, ax)

    def plot_weights(self, ax: Axes | None = None) -> Axes:
        """A line for every single weight over the epochs, a colour for each parameter; returns the matplotlib axes.

        Raises
        ------
        ValueError
            If the training was not run with ``record=["weights"]``.
        """
        if not self.weights:
            raise ValueError("there are no weights in this history; train with fit(..., record=['weights'])")
        return plots.weight_curves(self.weights, ax)

    def plot_gradients(self, ax: Axes | None = None) -> Axes:
        """The size of each layer's gradient over the epochs, where it vanishes; returns the matplotlib axes.

        Raises
        ------
        ValueError
            If the training was not run with ``record=["gradients"]``.
        """
        if not self.gradients:
            raise ValueError("there are no gradients in this history; train with fit(..., record=['gradients'])")
        return plots.gradient_curves(self.gradients, ax)


def dead_units(model: Module, X: Input | Stored) -> dict[str, float]:
    """For each ReLU in a model, by name, the share of its units that are 0 for every sample of `X`."""
    last: dict[str, Array] = {}  # Of a module that is called several times its last call counts.
    alive: dict[str, Array] = {}
    names: dict[Module, str] = {module: name for name, module in model.named_modules() if isinstance(module, ReLU)}

    def note(module: Module, args: tuple[object, ...], output: object) -> None:
        data = to_numpy(output)
        last[names[module]] = np.asarray((data > 0).reshape(-1, *data.shape[-1:]).any(axis=0))

    def run() -> None:
        with closing(passed([as_data(X)], 1024)) as minibatches:
            for _, make in minibatches:
                model(*make())
                for name, units in last.items():
                    alive[name] = alive[name] | units if name in alive else units

    if names:
        call_with_hook(names, note, run)
    return {name: 1 - float(np.mean(each)) for name, each in alive.items()}


def _append(lists: dict[str, list[Array]], values: Mapping[str, Array]) -> None:
    for name, value in values.items():
        lists.setdefault(name, []).append(value)


def _gradient(p: Weight) -> Array:
    if isinstance(p, np.ndarray):
        return np.array([v.grad for v in p.ravel().tolist()]).reshape(p.shape)
    return to_numpy(p.grad).copy() if p.has_grad else np.zeros(p.shape)
