"""How libraries compile a pure function of arrays: JAX by ``jit``, PyTorch by ``make_fx`` and ``torch.compile``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

__all__ = ["COMPILERS", "Compiler"]


class Compiler(Protocol):
    """What a step asks of a library's compiler."""

    def discover(self, function: Callable[..., Any], *args: Any) -> None:
        """Run a function once, for what it tells meanwhile."""

    def compiled(self, function: Callable[..., Any], args: Sequence[Any]) -> Callable[..., Any]:
        """The function compiled, for arguments of these shapes and dtypes."""

    def number(self, x: float, like: Any) -> Any:
        """A number as an argument that a trace takes for a variable, and which leaves the dtype of arrays as it is."""


class _JAX:
    def discover(self, function: Callable[..., Any], *args: Any) -> None:
        import jax

        jax.eval_shape(function, *args)

    def compiled(self, function: Callable[..., Any], args: Sequence[Any]) -> Callable[..., Any]:
        import jax

        made: Callable[..., Any] = jax.jit(function)
        return made

    def number(self, x: float, like: Any) -> Any:
        return x  # Numbers of Python's are weak in a trace, too.


class _Torch:
    """PyTorch: its Dynamo cannot read our code, so that the function is traced, and the trace compiled."""

    def discover(self, function: Callable[..., Any], *args: Any) -> None:
        function(*args)

    def compiled(self, function: Callable[..., Any], args: Sequence[Any]) -> Callable[..., Any]:
        import torch
        from torch.fx.experimental.proxy_tensor import make_fx

        graph = make_fx(function)(*args)
        made: Callable[..., Any] = torch.compile(graph, fullgraph=True, dynamic=False)
        return made

    def number(self, x: float, like: Any) -> Any:
        import torch

        return torch.tensor(x, dtype=like.dtype)


COMPILERS: Mapping[str, Compiler] = {"jax": _JAX(), "torch": _Torch()}
