"""The error at ``p.m = 0``: a node takes no attributes of a user's own, and says where to keep them instead.

A ``__dict__`` would cost every node 32 bytes and a scalar step a tenth of its speed. A ``__setattr__`` that words the
error for every name would cost recording many times its speed, for CPython writes slots fast only in classes without
one, and a ``__getattr__`` as much. So each name that optimisers, scripts for other libraries and misspellings commonly
set has a descriptor that refuses it, and so has each of PyTorch's methods, of which it says what is written here; other
names meet CPython's own AttributeError.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd.torch_names import METHOD_NAMES, method_advice
from autograd.typing import X

__all__ = ["REFUSED", "refuse_attributes"]

# What optimisers, pictures, and scripts for micrograd and PyTorch keep beside a node.
_KEPT = (
    "b", "c", "g", "h", "k", "m", "n", "p", "s", "t", "u", "v", "w", "x", "y", "z", "_backward", "avg", "buf", "buffer",
    "cache", "count", "delta", "exp_avg", "exp_avg_sq", "extra", "hook", "id", "info", "init", "lr", "mask",
    "meta", "moment", "momentum", "momentum_buffer", "note", "owner", "prev", "prev_grad", "rms", "square_avg", "state",
    "step", "steps", "tag", "tags", "user_data", "velocity",
)  # fmt: skip


def _misspelled(name: str) -> Iterator[str]:
    """A name with one letter left out, or two that follow each other exchanged."""
    for i, letter in enumerate(name):
        yield name[:i] + name[i + 1 :]
        if i:
            yield name[: i - 1] + letter + name[i - 1] + name[i + 1 :]


# What is meant for an attribute that nodes have, by the wrong name.
_MEANT = {wrong: name for name in ("data", "grad", "label", "requires_grad") for wrong in _misspelled(name)} | {
    "gradient": "grad", "labels": "label", "name": "label", "requires_gradient": "requires_grad", "title": "label",
    "trainable": "requires_grad", "val": "data", "value": "data",
}  # fmt: skip


class _Refused:
    """A name that cannot be set on a node; a subclass's instances, which have a ``__dict__``, keep it there."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, node: X, kind: type) -> X:
        kept = getattr(node, "__dict__", {})
        if node is not None and self.name in kept:
            return kept[self.name]
        text = f"{kind.__name__!r} object has no attribute {self.name!r}"
        if advice := method_advice(self.name):
            if isinstance(getattr(node, "_data", None), float):  # which has no elements to write
                advice = advice.replace("x.data[...]", "x.data")
            raise AttributeError(text + advice)  # without a guess of Python's
        raise AttributeError(text, name=self.name, obj=node)

    def __set__(self, node: X, value: X) -> None:
        if hasattr(node, "__dict__"):
            node.__dict__[self.name] = value
            return
        kind, name = type(node).__name__, self.name
        meant = f"; its {_MEANT[name]} may be meant" if name in _MEANT else ""
        raise AttributeError(
            f"a {kind} has no attribute {name!r}, and takes none of your own{meant}. Keep {name} in a dict keyed by "
            f"the node, {{p: 0.0 for p in parameters}}, or subclass: instances of class My{kind}({kind}) take them",
            name=name,
            obj=node,
        )

    def __delete__(self, node: X) -> None:
        try:
            del node.__dict__[self.name]
        except (AttributeError, KeyError):
            raise AttributeError(self.name, name=self.name, obj=node) from None


REFUSED = frozenset(_KEPT) | _MEANT.keys() | METHOD_NAMES


def refuse_attributes(kind: type) -> None:
    """Enter the names into a class of nodes."""
    for name in REFUSED:
        setattr(kind, name, _Refused(name))
