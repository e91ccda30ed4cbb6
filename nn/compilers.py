"""How libraries compile a pure function of arrays: JAX by ``jit``, PyTorch by ``make_fx`` and ``torch.compile``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Protocol

from nn._types import X

__all__ = ["COMPILERS", "Compiler"]


class Compiler(Protocol):
    """What a step asks of a library's compiler."""

    def discover(self, function: Callable[..., X], *args: X) -> None:
        """Run a function once, for what it tells meanwhile."""

    def compiled(self, function: Callable[..., X], args: Sequence[X]) -> Callable[..., X]:
        """The function compiled, for arguments of these shapes and dtypes."""

    def number(self, x: float, like: X) -> X:
        """A number as an argument that a trace takes for a variable, and which leaves the dtype of arrays as it is."""


class _JAX:
    def discover(self, function: Callable[..., X], *args: X) -> None:
        import jax

        jax.eval_shape(function, *args)

    def compiled(self, function: Callable[..., X], args: Sequence[X]) -> Callable[..., X]:
        import jax

        made: Callable[..., X] = jax.jit(function)
        return made

    def number(self, x: float, like: X) -> X:
        return x  # Numbers of Python's are weak in a trace, too.


class _Torch:
    """PyTorch: its Dynamo cannot read our code, so that the function is traced, and the trace compiled.

    PyTorch notes for all threads that one of them traces, so that they take turns.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    def discover(self, function: Callable[..., X], *args: X) -> None:
        function(*args)

    def compiled(self, function: Callable[..., X], args: Sequence[X]) -> Callable[..., X]:
        import torch
        from torch.fx.experimental.proxy_tensor import make_fx
        from torch.utils._pytree import tree_map_only

        # Tensors that come twice would be one input of the trace.
        with self._lock:
            graph = make_fx(function)(*tree_map_only(torch.Tensor, torch.clone, args))
        made: Callable[..., X] = torch.compile(graph, fullgraph=True, dynamic=False)
        is_compiled = False

        def run(*args: X) -> X:
            nonlocal is_compiled
            if is_compiled:
                try:
                    return made(*args)
                except RuntimeError as error:  # Another thread traces meanwhile: that is refused before anything runs.
                    if "FX to symbolically trace" not in str(error):
                        raise
            with self._lock:  # The first call compiles.
                results = made(*args)
            is_compiled = True
            return results

        return run

    def number(self, x: float, like: X) -> X:
        import torch

        return torch.tensor(x, dtype=like.dtype)


COMPILERS: Mapping[str, Compiler] = {"jax": _JAX(), "torch": _Torch()}
