"""The parameters that an optimiser is given: as nodes, as pairs of a name and a node, or in groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from autograd import Tensor, Value
from autograd.compiler import warn
from nn._types import Node, State, ValueArray
from nn.containers import ParameterList
from nn.utils import list_parameters

__all__ = ["Params", "check_leaves", "list_or_groups", "split_names"]

Params: TypeAlias = Iterable[Node | ValueArray] | Iterable[tuple[str, Node]] | Iterable[State]


def list_or_groups(name: str, params: Params) -> list[Any]:
    """The parameters, or the groups of them, as a list."""
    if isinstance(params, (Tensor, Value)):
        raise TypeError(
            f"params argument given to the optimizer should be an iterable of Tensors or dicts; {name}: pass a list of "
            f"parameters, [p], not a single one"
        )
    listed = list(params) if isinstance(params, ParameterList) else list_parameters(name, params)
    if not listed:
        raise ValueError(
            f"optimizer got an empty parameter list; {name}: there are no parameters; a used generator is empty, so "
            f"call model.parameters() anew"
        )
    return listed


def split_names(name: str, params: list[Any]) -> tuple[list[Any], list[str]]:
    """The parameters, and their names if they are pairs, as ``model.named_parameters()`` gives them."""
    names = [p[0] for p in params if isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str)]
    if names and len(names) < len(params):
        raise ValueError(
            f"all optimizer params should be with/without names. Some param names are missing; {name}: pass "
            f"model.parameters() or model.named_parameters()"
        )
    return [p for _, p in params] if names else params, names


def check_leaves(name: str, leaves: list[object], others: list[Node]) -> None:
    """Raise unless each is a leaf, and no other parameter."""
    earlier, seen = set(map(id, others)), dict[int, int]()
    for i, p in enumerate(leaves):
        if not isinstance(p, (Tensor, Value)):
            kind = type(p).__name__
            advice = (
                ""
                if not isinstance(p, Iterable)
                else "; nn.Parameter(...) makes one of an array, [*a, *b] one list of two"
            )
            raise TypeError(
                f"optimizer can only optimize Tensors, but one of the params is {kind}; {name}: parameter {i} is "
                f"{kind}, not a Tensor or Value{advice}"
            )
        if p.op is not None:
            raise ValueError(
                f"can't optimize a non-leaf Tensor; {name}: parameter {i} is the result of {p.op.name!r}; only leaves "
                f"are trained"
            )
        if id(p) in earlier:
            raise ValueError(
                f"some parameters appear in more than one parameter group; {name}: parameters of an earlier group and "
                f"{i} are the same node; pass each once"
            )
        if id(p) in seen:
            warn(
                f"optimizer contains a parameter group with duplicate parameters; {name}: parameters {seen[id(p)]} and "
                f"{i} are the same node, which each step moves twice; pass each once",
                UserWarning,
            )
        seen[id(p)] = i
