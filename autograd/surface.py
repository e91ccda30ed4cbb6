"""The public surface of a package: its ``__all__``, and what it has under names of Python's beside it."""

from __future__ import annotations

from autograd.typing import Namespace

__all__ = ["publish"]


def publish(space: Namespace) -> None:
    """Let ``dir`` of a module, and completion with it, show its public names and nothing else.

    SHADOWING lists the public names that a star import leaves out, because they would shadow Python's own.
    """
    space.setdefault("SHADOWING", [])
    space["__dir__"] = lambda: sorted({*space["__all__"], *space["SHADOWING"]})
