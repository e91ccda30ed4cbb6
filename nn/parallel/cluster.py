"""Shards on the workers of a Dask cluster: what is sent, waited for, and said where the cluster is gone."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nn._types import Array, Node, X
from nn.callbacks import Checkpoint
from nn.data.passes import Data, Rows
from nn.optional import require
from nn.parallel.shards import Entropies, Part, Shard, ShardedStep, check_hooks, computed, entropies, parameters_of
from nn.run import Run

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["ClusterError", "ClusterStep", "checked_client"]

# Half of a part as a task takes it: an array or a source, and which rows of it, None for all. An array that all tasks
# share has a name, which comes first; a worker that has it at hand gets no more than that.
Sent: TypeAlias = tuple[str | None, X, Array | None]
# Tasks, each with the number of its shard, the worker that it was given to, and since when.
Running: TypeAlias = "dict[Future, tuple[int, str | None, float]]"

PATIENCE = 60.0  # seconds without any worker
# On a worker, arrays that shards take rows of. The scheduler would drop such copies every two seconds.
_at_hand: dict[str, Array] = {}
# Those that are not wanted any more: a shard may still run when its training has failed.
_forgotten: deque[str] = deque(maxlen=100)
_MOST = 4  # samples and targets of two trainings


class ClusterError(RuntimeError):
    """The cluster that computes a training's shards failed; the message names the checkpoint to go on from.

    Examples
    --------
    >>> import nn
    >>> issubclass(nn.parallel.ClusterError, RuntimeError)
    True
    """


def checked_client(client: object) -> Client:
    """A client that can be used, or an error that says which one can."""
    distributed = require("distributed")
    if not isinstance(client, distributed.Client):
        is_cluster = hasattr(client, "scheduler_address")
        address = "cluster" if is_cluster else repr(client if isinstance(client, str) else "tcp://address:8786")
        raise TypeError(
            f"fit: client is the client of a Dask cluster: pass distributed.Client({address}), not {client!r:.60}"
        )
    if client.asynchronous:
        raise TypeError("fit: the client is asynchronous, and a training waits for each step: pass one that is not")
    if client.status != "running":
        raise ValueError(f"fit: the client is {client.status}; make a new one, distributed.Client(address)")
    own = _version()
    for worker, theirs in client.run(_version, on_error="return").items():
        if isinstance(theirs, (ImportError, AttributeError)):
            raise ValueError(f"fit: the worker {worker} cannot import graphgrad: {theirs}; install it there, too")
        if isinstance(theirs, str) and theirs != own:
            raise ValueError(f"fit: the worker {worker} has graphgrad {theirs}, and this process {own}; install one")
    return client


def _version() -> str:
    """The version of this package."""
    try:
        return version("graphgrad")
    except PackageNotFoundError:  # It runs out of a folder.
        return "of a folder"


class ClusterStep(ShardedStep):
    """A step whose shards are computed by the workers of a cluster.

    The model, the loss and the parameters go to them together, as they are at this step, and come to each task as a
    copy of its own. All is sent as the result of a task, which the scheduler has computed again if its worker dies;
    what is scattered would be gone. Arrays in memory are sent once, with a worker's first shard, and stay there.
    """

    lazy = True

    def __init__(self, run: Run, client: Client, compiled: bool = False) -> None:
        super().__init__(run, compiled)
        self.client = client
        self._arrays: dict[int, tuple[Array, Future]] = {}
        self._equipped: set[str | None] = set()  # workers that have the arrays at hand
        self._seconds: dict[str | None, float] = {}  # that a worker took for its last shard
        check_hooks(run)
        self._pickled(parameters_of(run))

    def _shards(self, parts: Sequence[Part], parameters: Sequence[Node]) -> list[Shard]:
        """What each part adds, in order: a worker gets the next one when it is done, so that fast ones get more."""
        pickled = self._pickled(parameters)
        net: Future | None = None
        running: Running = {}
        shards: dict[int, Shard] = {}
        waiting = deque(enumerate(parts))
        try:
            net, places = self._submit(_given, pickled), self._places(len(parts))
            while len(shards) < len(parts):
                while waiting and places:
                    (k, (X, y)), worker = waiting.popleft(), places.popleft()
                    data = self._sent(X, worker), self._sent(y, worker)
                    future = self._submit(_task, net, *data, entropies(self.run, k), worker=worker)
                    running[future] = k, worker, time.monotonic()
                for future, shard in self._finished(running):
                    k, worker, begun = running.pop(future)
                    future.release()  # The frames of an error, such as that it took long, may keep it in a cycle.
                    if shard is None:  # It was another worker, or one that had to begin anew.
                        self._equipped.discard(worker)
                        waiting.appendleft((k, parts[k]))
                        places.append(worker)
                        continue
                    self._equipped.add(worker)
                    shards[k], self._seconds[worker] = shard, time.monotonic() - begun
                    if self._is_of_use(worker, len(waiting), [other for _, other, _ in running.values()]):
                        places.append(worker)
        except BaseException as error:
            if self.client.status == "running":
                with suppress(Exception):
                    self.client.cancel([*running, *([] if net is None else [net])])
            elif isinstance(error, Exception) and not isinstance(error, ClusterError):
                raise ClusterError(self._farewell(f"the client is {self.client.status}")) from error
            raise
        net.release()
        return [shards[k] for k in range(len(parts))]

    def _places(self, n: int) -> deque[str | None]:
        """The workers, each as often as it has threads; before there is one, nobody in particular `n` times."""
        try:
            threads = self.client.nthreads().items()
        except Exception as error:
            raise ClusterError(self._farewell(f"the scheduler does not answer: {error}")) from error
        return deque([worker for _, worker in sorted((i, w) for w, k in threads for i in range(k))] or [None] * n)

    def close(self) -> None:
        """Let the workers forget the data."""
        if self._arrays and self.client.status == "running":
            with suppress(Exception):
                self.client.run(_forget, [future.key for _, future in self._arrays.values()])
        for _, future in self._arrays.values():
            future.release()
        self._arrays.clear()

    def _pickled(self, parameters: Sequence[Node]) -> bytes:
        try:
            pickled: bytes = require("cloudpickle").dumps((self.model, self.loss, parameters))
        except Exception as error:
            raise TypeError(
                f"fit: the model or the loss cannot be sent to the workers of a cluster: {error}"
            ) from error
        return pickled

    def _sent(self, data: Data | Rows, worker: str | None) -> Sent:
        """Samples or targets as a task on that worker takes them."""
        if not isinstance(data, Rows):
            return None, data, None
        if not isinstance(data.data, np.ndarray):
            return None, data.data, data.indices
        if id(data.data) not in self._arrays:
            self._arrays[id(data.data)] = data.data, self._submit(_given, data.data)
        future = self._arrays[id(data.data)][1]
        return future.key, None if worker in self._equipped else future, data.indices

    def _is_of_use(self, worker: str | None, n: int, busy: Sequence[str | None]) -> bool:
        """Whether a worker is done with one more shard before the busy ones would have done all `n` that wait."""
        others = [self._seconds[other] for other in busy if other != worker and other in self._seconds]
        rate = sum(1 / max(seconds, 1e-6) for seconds in others)
        return not rate or self._seconds[worker] <= (n + len(others)) / rate

    def _submit(self, function: X, *args: object, worker: str | None = None) -> Future:
        """A task, if possible on that worker: the scheduler would choose those that have the net already."""
        place = {} if worker is None else {"workers": [worker], "allow_other_workers": True}
        # What is large here goes to workers in this way on purpose.
        with require("dask").config.set({"distributed.admin.large-graph-warning-threshold": "1 PiB"}):
            return self.client.submit(function, *args, pure=False, **place)

    def _finished(self, running: Running) -> list[tuple[Future, Shard | None]]:
        """Those tasks that are done, at least one, with their results."""
        alone, patience, futures = None, PATIENCE, list(running)
        while True:
            shards = self._waited(futures, patience)
            if not isinstance(shards, Exception):
                return shards
            if failed := next((future for future in futures if future.status == "error"), None):
                error = failed.exception()
                if not isinstance(error, require("distributed").KilledWorker):
                    error.add_note(f"in shard {running[failed][0] + 1} of {self.run.shards}, on a worker")
                    raise error.with_traceback(failed.traceback()) from error.__cause__
                raise ClusterError(self._farewell(f"a shard's workers died: {error}")) from error
            if any(future.cancelled() for future in futures):
                raise ClusterError(self._farewell("the scheduler is gone, or has cancelled the tasks")) from shards
            if not isinstance(shards, TimeoutError):
                raise ClusterError(self._farewell(str(shards))) from shards
            if self._has_workers():
                alone, patience = None, 2 * patience
            elif alone is None:
                alone = time.monotonic()
            elif time.monotonic() - alone > PATIENCE:
                raise ClusterError(self._farewell(f"there has been no worker for {PATIENCE:g} s"))

    def _waited(self, futures: Sequence[Future], patience: float) -> list[tuple[Future, Shard | None]] | Exception:
        """Tasks that are done, with their results; or why there are none: it takes a second, or something failed."""

        async def finished() -> list[tuple[Future, Shard | None]]:
            with self.client.as_current():
                waited = await require("distributed").wait(futures, min(1.0, PATIENCE / 2), "FIRST_COMPLETED")
            done = list(waited.done)
            return list(zip(done, await self.client.gather(done, asynchronous=True), strict=True))

        try:
            # Cut short, Dask's fetching would leave the client unusable.
            results: list[tuple[Future, Shard | None]] = self.client.sync(
                finished, callback_timeout=max(patience, 10.0)
            )
        except Exception as error:
            return error
        return results

    def _has_workers(self) -> bool:
        try:
            return bool(self.client.nthreads())
        except Exception:  # There is no scheduler; that the futures are cancelled says so next.
            return False

    def _farewell(self, why: str) -> str:
        """The message where there is no cluster any more."""
        run = self.run
        each = [c for c in run.callbacks if isinstance(c, Checkpoint)]
        written = next((c for c in each if c.epoch is not None), None)
        advice = (
            f"resume={str(written.path)!r} goes on after epoch {written.epoch}" if written
            else "the checkpoint is not written yet" if each
            else "no checkpoint was written: callbacks=[nn.Checkpoint(path)] writes one after each epoch"
        )  # fmt: skip
        return f"fit: the cluster failed in epoch {run.epoch + 1}, minibatch {run.minibatch + 1}: {why}; {advice}"


def _given(x: X) -> X:
    """What is to be sent, as the result of a task."""
    return x


def _task(net: bytes, X: Sent, y: Sent, entropy: Entropies) -> Shard | None:
    """What a shard adds, on a worker; None if it has an array not at hand."""
    part = _read(*X), _read(*y)
    if part[0] is None or part[1] is None:
        return None
    model, loss, parameters = require("cloudpickle").loads(net)
    return computed(model, loss, part, parameters, entropy)


def _read(name: str | None, data: X, rows: Array | None) -> Array | None:
    """The rows; None if nobody sent the array, and it is not at hand."""
    if name is not None and data is not None and name not in _forgotten:
        _at_hand[name] = data
        for old in list(_at_hand)[:-_MOST]:
            _at_hand.pop(old, None)
    array: Array | None = _at_hand.get(name) if name is not None and data is None else data
    return array if array is None or rows is None else array[rows]


def _forget(names: Sequence[str]) -> None:
    """Have arrays not at hand any more."""
    _forgotten.extend(names)
    for name in names:
        _at_hand.pop(name, None)
