"""``Run``: a training in progress, and the methods by which callbacks take part in it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np

from nn._types import Function, State
from nn._types import X as Native
from nn.data.passes import Check, Data, chunk_bounds
from nn.history import History
from nn.loaders import Loader
from nn.module import Module
from nn.optim import Optimizer
from nn.randomness import as_generator, generators_of
from nn.states import validated_state

__all__ = ["Callback", "OnBackward", "OnEpochEnd", "OnStep", "OnTrainBegin", "OnTrainEnd", "Run"]


@dataclass
class Run:
    """A training in progress, as callbacks see it.

    Attributes
    ----------
    model, optimizer, loss
        The module that is trained, its optimiser, and the function of (output, y) that is minimised.
    X, y : array or Stored
        The training data.
    batch_size, epochs, shuffle : int, int, bool
        Samples of a minibatch, the number of epochs to reach, and whether each epoch has a new order.
    rng : Generator
        The source of the order of samples; one of its own, seeded by what was passed, if layers may draw from that.
    history : History
        The epochs so far.
    callbacks : list of Callback
        All callbacks of the training.
    epoch : int
        The number of epochs that are done.
    stopped : str or None
        A callback's reason to end the training after this epoch.
    loader : Loader or None
        What gives the minibatches, in the place of rows of `X` and `y`.
    check : callable or None
        What looks at each chunk of stored data when it is read.
    compiled : bool or str
        Whether the last epoch's steps were compiled; a text says why they were not, though asked for.
    shards : int or None
        The number of parts that a minibatch is cut into; None computes it as a whole.
    minibatch : int
        The number of minibatches before this one in its epoch.
    seeds : list of list of int
        Where the random numbers in a shard begin: those of the modules' generators, and of the default one.
    """

    model: Module
    optimizer: Optimizer
    loss: Function
    X: Data
    y: Data
    batch_size: int
    epochs: int
    rng: np.random.Generator
    history: History
    shuffle: bool = True
    callbacks: list[object] = field(default_factory=list)
    epoch: int = 0
    stopped: str | None = None
    compiled: bool | str = False
    loader: Loader | None = None
    check: Check | None = None
    shards: int | None = None
    minibatch: int = 0
    seeds: list[list[int]] = field(default_factory=list)
    there: Native = None  # where the model was on a library, and the data there

    def __post_init__(self) -> None:
        rng, *others = self.generators()
        is_drawn = self.loader is None and self.shuffle and self.batch_size < len(self.X)
        if is_drawn and any(each is rng for each in others):
            # Layers may draw from it, too, and more or less often: the order does not depend on that.
            self.rng = np.random.default_rng(rng.integers(2**63))
        if self.shards is not None:  # The generators stay where they are: the minibatches are those without shards.
            *own, default = [int(deepcopy(generator).integers(2**63)) for generator in self.generators()]
            self.seeds = [own, [default]]

    @property
    def monitored(self) -> float:
        """The last epoch's validation loss; without validation data its loss."""
        return self.history.logs.get("val_loss", self.history["loss"])[-1]

    @property
    def steps(self) -> int:
        """The number of minibatches in all epochs."""
        return (-(-len(self.X) // self.batch_size) if self.loader is None else len(self.loader)) * self.epochs

    def per_sample(self, loss: float, n: int) -> float:
        """The loss of `n` samples as its mean over them, also where it is their sum."""
        return loss / n if getattr(self.loss, "reduction", "mean") == "sum" else loss

    def settings(self) -> State:
        """What a resumed training must have in common with the one that is resumed."""
        chunks = len(chunk_bounds(self.X, self.y)) - 1
        return {
            "optimizer": type(self.optimizer).__name__,
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "samples": list(self.X.shape),
            "chunks": chunks if chunks > 1 else None,
            "record": list(self.history.record),
            "shards": self.shards,
        }

    def generators(self) -> list[np.random.Generator]:
        """Every source of randomness: the run's, the loader's, those of modules such as Dropout, the default one."""
        inner = (x for _, _, x in generators_of(self.model.modules()))
        of_loader = [] if self.loader is None or self.loader.generator is None else [self.loader.generator]
        return [self.rng, *of_loader, *inner, as_generator()]

    def state_dict(self) -> State:
        """All that a resumed training needs."""
        return {
            "settings": self.settings(),
            "epoch": self.epoch,
            "stopped": self.stopped,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generators": [generator.bit_generator.state for generator in self.generators()],
            "seeds": self.seeds,
            "history": self.history.state_dict(),
            "callbacks": [c.state_dict() for c in self.callbacks if hasattr(c, "state_dict")],
        }

    def load_state_dict(self, state: object) -> None:
        """Go on from a state that :meth:`state_dict` gave; an error if it is another training's."""
        kinds = {
            "settings": {}, "epoch": 0, "stopped": None, "model": {}, "optimizer": {}, "generators": [], "seeds": [],
            "history": {}, "callbacks": [],
        }  # fmt: skip
        state = validated_state("fit", kinds, state)
        if state["epoch"] < 0 or not isinstance(state["stopped"], str | None):
            raise TypeError("the epoch, or the reason to stop, is none")
        for key, own in self.settings().items():
            if (saved := state["settings"].get(key)) != own:
                raise ValueError(f"{key} was {saved}, and is {own} now")
        own_keys = {key for group in self.optimizer.param_groups for key in group}
        if foreign := {key for group in state["optimizer"]["param_groups"] for key in group} - own_keys:
            raise ValueError(f"the optimiser's groups had {', '.join(sorted(foreign))}, and have not now")
        loads = [c.load_state_dict for c in self.callbacks if hasattr(c, "load_state_dict")]
        generators = self.generators()
        if (len(state["callbacks"]), len(state["generators"])) != (len(loads), len(generators)):
            raise ValueError("the callbacks, or the modules that draw random numbers, are not as many as they were")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        for generator, saved in zip(generators, state["generators"], strict=True):
            generator.bit_generator.state = saved
        for load, saved in zip(loads, state["callbacks"], strict=True):
            load(saved)
        self.history.load_state_dict(state["history"])
        self.epoch, self.stopped, self.seeds = state["epoch"], state["stopped"], state["seeds"]


class OnTrainBegin(Protocol):
    """A callback that is called before the first epoch."""

    def on_train_begin(self, run: Run, /) -> object: ...  # noqa: D102


class OnBackward(Protocol):
    """A callback that is called after each minibatch's backward pass, before the optimiser's step."""

    def on_backward(self, run: Run, /) -> object: ...  # noqa: D102


class OnStep(Protocol):
    """A callback that is called after each minibatch's step."""

    def on_step(self, run: Run, /) -> object: ...  # noqa: D102


class OnEpochEnd(Protocol):
    """A callback that is called after each epoch."""

    def on_epoch_end(self, run: Run, /) -> object: ...  # noqa: D102


class OnTrainEnd(Protocol):
    """A callback that is called after the last epoch."""

    def on_train_end(self, run: Run, /) -> object: ...  # noqa: D102


# A plain function of the run is called after each epoch.
Callback: TypeAlias = Callable[[Run], object] | OnTrainBegin | OnBackward | OnStep | OnEpochEnd | OnTrainEnd
