"""The arguments of `nn.fit`: checked before any training, with messages that say what helps."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Mapping, Sized
from contextlib import closing, suppress
from types import SimpleNamespace
from typing import cast

import numpy as np

from autograd import Tensor, Value, no_grad
from autograd.backends import numpy_dtype
from nn._types import Array, DType, Function, Input, Rng
from nn.calls import call_in_mode
from nn.data import DataLoader, Dataset, Stored
from nn.data.passes import Check, Data, passed
from nn.data.stored import refuse_path
from nn.host import as_numpy
from nn.kinds import dtype_refusal, to_numpy
from nn.loaders import Loader
from nn.losses import Loss
from nn.module import Module
from nn.moving import placed
from nn.optim import Optimizer, optimizer_by_name
from nn.options import checked_count
from nn.randomness import as_generator
from nn.run import Callback

__all__ = [
    "checked_batch_size", "checked_callbacks", "checked_data", "checked_loader", "checked_optimizer", "checked_pair",
    "read_through",
]  # fmt: skip

_METHODS = ("on_epoch_end", "on_train_begin", "on_backward", "on_step", "on_train_end")


def checked_data(
    model: Module, loss: Function, X: Input | Stored, y: Input | Stored, which: str = ""
) -> tuple[Data, Data, Check | None]:
    """Samples and targets in the model's dtype, after the model and the loss were tried on one sample.

    Of stored data only the first chunk is read; what is returned with them checks each chunk's targets.

    Samples of integers stay so where the model takes no floats: they number the rows of a table, as of an `Embedding`.
    """
    first = next(iter(model.parameters()), None)
    dtype = numpy_dtype(first) if isinstance(first, Tensor) else np.dtype(float)
    samples, targets = _checked_source(f"{which}X", X), _checked_source(f"{which}y", y)
    targets = targets.astype(dtype, copy=False) if targets.dtype.kind == "f" else targets
    if samples.ndim == 0 or len(samples) == 0:
        raise ValueError(f"fit: there are no {which}data: X has shape {samples.shape}")
    if targets.ndim == 0 or len(samples) != len(targets):
        raise ValueError(
            f"fit: {which}X has {len(samples)} rows, but y has shape {targets.shape}; they need a row for each sample"
        )

    is_stored = isinstance(samples, Stored) or isinstance(targets, Stored)
    check: TargetCheck | None = None

    @no_grad()
    def loss_of_one(samples: Data) -> object:
        nonlocal check
        output = model(*placed(model, samples[:1]))  # A wrong number of features is an error here.
        if not isinstance(loss, Loss):
            return loss(output, *placed(model, targets[:1]))
        if isinstance(output, tuple):
            raise TypeError("fit: the model gives a tuple; train a module around it, whose forward returns one part")
        check = TargetCheck(
            loss, (output.shape if isinstance(output, Tensor) else np.shape(output))[1:], dtype, f"{which}y"
        )
        if is_stored:
            check.look(targets[:1] if isinstance(targets, Stored) else targets, 0)
        return check.loss_of(targets[:1] if is_stored else targets[:])  # It checks every target.

    floats = samples.astype(dtype, copy=False)
    result = None
    if samples.dtype.kind in "iu":
        with suppress(Exception):  # What is wrong with the integers themselves shows below.
            result = call_in_mode(model, False, lambda: loss_of_one(floats))
    if result is not None or samples.dtype.kind not in "iu":
        samples = floats
    if result is None:
        result = call_in_mode(model, False, lambda: loss_of_one(samples))
    if not isinstance(result, (Tensor, Value)):
        raise TypeError(f"fit: the loss is {type(result).__name__}, not a node made of the model's output")
    if result.shape != ():
        raise ValueError(f"fit: the loss has shape {result.shape}; it must be one number (reduction='mean' or 'sum')")
    return samples, targets, check if isinstance(targets, Stored) else None


def read_through(data: tuple[Data, ...], check: Check | None) -> None:
    """Read stored data once, so that what is wrong with them shows before any training."""
    if any(isinstance(each, Stored) for each in data):
        with closing(passed(data, _BLOCK, check=check)) as minibatches:
            deque(minibatches, 0)


_BLOCK = 1024


class TargetCheck:
    """The check of a chunk's targets, once: whether the loss, one of nn's, takes each, whatever the model's output."""

    def __init__(self, loss: Loss, shape: tuple[int, ...], dtype: DType, name: str) -> None:
        self._loss, self._shape, self._dtype, self._name = loss, shape, dtype, name
        self._checked: set[int] = set()

    def __call__(self, parts: tuple[Array, ...], start: int) -> None:
        if start not in self._checked:
            self.look(parts[-1], start)
            self._checked.add(start)

    def look(self, targets: Array, start: int) -> None:
        """Raise with the number of the first row that the loss refuses; they begin with `start`."""
        for i in range(0, len(targets), _BLOCK):
            block = targets[i : i + _BLOCK]
            if (error := self._error(block)) is not None:
                row = bisect_left(range(len(block)), True, key=lambda k: self._error(block[: k + 1]) is not None)
                kind = TypeError if isinstance(error, TypeError) else ValueError
                raise kind(f"{self._error(block[row : row + 1]) or error} (row {start + i + row} of {self._name})")

    def loss_of(self, targets: Array) -> object:
        """The loss where all outputs are ½."""
        return self._loss(np.full((len(targets), *self._shape), 0.5, self._dtype), targets)

    @no_grad()
    def _error(self, targets: Array) -> Exception | None:
        """What the loss says of these targets."""
        try:
            self.loss_of(targets)
        except (TypeError, ValueError) as error:
            return error
        return None


def _checked_source(name: str, x: Input | Stored) -> Data:
    """Data of finite numbers: an array, or what is stored, which is checked when it is read."""
    if not isinstance(x, Stored):
        return _checked_array(name, x)
    if why := dtype_refusal(np.empty(0, x.dtype)):
        raise TypeError(f"fit: {name}: {why}")
    return x.checked(f"fit: {name}")


def _checked_array(name: str, x: Input) -> Array:
    """Data as an array of finite numbers."""
    if isinstance(x, (Dataset, DataLoader)) or _is_dataset(x):
        raise TypeError(f"fit: {name} is a {type(x).__name__}, which holds the targets too: pass it alone, without y")
    refuse_path(f"fit: {name}", x)
    if isinstance(x, np.ma.MaskedArray) and np.ma.is_masked(x):
        raise ValueError(f"fit: {name} is a masked array; fill the gaps, or remove such rows")
    try:
        a = to_numpy(x) if isinstance(x, Tensor) else np.asarray(as_numpy(x))
    except ValueError:
        raise ValueError(f"fit: the rows of {name} differ in length") from None
    except TypeError as error:
        raise TypeError(f"fit: {name}: {error}") from None
    if a.dtype.kind == "O" and a.ndim == 0:
        raise TypeError(f"fit: {name} is a {type(x).__name__}, no array; a loader holds the targets too: pass it alone")
    if a.dtype.kind not in "fiub":
        raise TypeError(
            f"fit: {name} holds {a.dtype}, not numbers; labels that are texts become numbers with "
            "np.unique(y, return_inverse=True)"
        )
    if why := dtype_refusal(a):
        raise TypeError(f"fit: {name}: {why}")
    if a.dtype.kind == "f" and not np.isfinite(a).all():
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(a))[0])
        raise ValueError(f"fit: {name} holds {a[index]} at {index}; remove such rows, or fill them in")
    return a


def checked_batch_size(batch_size: int | str | None, n: int, optimizer: Optimizer) -> int:
    """The samples of a minibatch: by default 32, or all `n` where the optimiser needs a closure."""
    if batch_size is None or (batch_size == "auto" and optimizer.needs_closure):
        return n
    return checked_count("fit", "batch_size", 32 if batch_size == "auto" else batch_size)


def checked_loader(
    x: object, batch_size: int | str | None, shuffle: bool, optimizer: Optimizer, rng: Rng
) -> Iterable[object]:
    """What gives minibatches: of a dataset its loader, else `x` itself."""
    if _is_dataset(x):
        n = len(DataLoader(x))
        size = checked_batch_size(batch_size, n, optimizer)
        is_shuffled = shuffle and size < n
        seed = int(as_generator().integers(2**63)) if is_shuffled and rng is None else rng  # as `Run` has it for arrays
        return DataLoader(x, size, is_shuffled, generator=seed)
    if isinstance(x, Stored):
        raise TypeError("fit: X is stored without its targets: pass y too, an array or what nn.data.stored gives")
    if batch_size != "auto" or not shuffle:
        raise ValueError("fit: a loader makes the minibatches and their order; set batch_size and shuffle there")
    return cast(Iterable[object], x)


def _is_dataset(x: object) -> bool:
    """Whether `x` gives a sample for an index, and is no collection: a dataset of ours or of PyTorch's."""
    has_samples = hasattr(x, "__getitem__") and isinstance(x, Sized) and not isinstance(x, (Iterable, Stored))
    return has_samples or isinstance(x, Dataset)


def checked_pair(data: object) -> tuple[Input | Stored, Input | Stored]:
    """Validation data as samples and targets."""
    if _is_dataset(data):
        data = DataLoader(data, 1024)
    if isinstance(data, (tuple, list)) and len(data) == 2:
        return data[0], data[1]
    if isinstance(data, (tuple, list, Mapping, np.ndarray)) or not isinstance(data, Iterable):
        raise TypeError("fit: validation_data is a pair, (X, y), or a loader of such")
    loader = Loader(data, "validation_data")
    return loader.X, loader.y


def checked_optimizer(optimizer: Optimizer | str, model: Module, name: str = "fit") -> Optimizer:
    """The optimiser, or the one of that name for the model's parameters; it must train some of them."""
    if isinstance(optimizer, str):
        optimizer = optimizer_by_name(optimizer, model.parameters())
    if not isinstance(optimizer, Optimizer):
        kind = optimizer.__name__ if isinstance(optimizer, type) else "SGD"
        raise TypeError(f"{name}: pass an optimiser, nn.optim.{kind}(model.parameters()), or a name, not {optimizer!r}")
    optimized = {id(p) for group in optimizer.param_groups for p in group["params"]}
    trained = [p for p in model.parameters() if id(p) in optimized]
    if not trained:
        raise ValueError(f"{name}: this optimiser holds none of the model's parameters; make one of model.parameters()")
    if not any(p.requires_grad for p in trained):
        raise ValueError(f"{name}: all parameters are frozen; model.requires_grad_() frees them")
    return optimizer


def checked_callbacks(callbacks: Iterable[Callback]) -> list[object]:
    """The callbacks as objects with methods: a function becomes one that is called after each epoch."""
    if not isinstance(callbacks, Iterable) or isinstance(callbacks, (str, bytes, Mapping)):
        single = callable(callbacks) or any(hasattr(callbacks, name) for name in _METHODS)
        named = getattr(callbacks, "__name__", f"{type(callbacks).__name__}(...)")
        advice = f"[{named}], not a single one" if single else f"[nn.EarlyStopping()], not {callbacks!r:.60}"
        raise TypeError(f"fit: callbacks is a list, as in callbacks={advice}")
    checked: list[object] = []
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
