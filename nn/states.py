"""What a checkpoint may set: a saved state is looked at, key by key, before an object takes it over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["is_list_of_numbers", "validated_state"]


def validated_state(name: str, own: Mapping[str, Any], state: Any) -> dict[str, Any]:
    """A saved state, if it has the keys of the present one, `own`, and in each what can stand there.

    A number stands in a number's place (an integer in an integer's), a bool in a bool's, a text in a text's, a list of
    numbers in that of one, a dict in a dict's; where None is, anything can.

    Raises
    ------
    ValueError
        If it is another object's state, or damaged; `name` is whose it was to be.
    """
    if not isinstance(state, Mapping) or state.keys() != own.keys():
        raise ValueError(f"{name}.load_state_dict: it takes a dict of {', '.join(own)}")
    for key, x in own.items():
        if not _can_replace(x, state[key]):
            raise ValueError(f"{name}.load_state_dict: {key} cannot be {type(state[key]).__name__}")
    return dict(state)


def _can_replace(old: Any, new: Any) -> bool:
    """Whether a saved value can stand where the present one does."""
    if isinstance(old, (bool, str, dict)):
        return isinstance(new, type(old))
    if isinstance(old, (int, float)):
        return is_list_of_numbers([new], type(old))
    if isinstance(old, (list, tuple)):
        return isinstance(new, (list, tuple)) and (not old or not is_list_of_numbers(old) or is_list_of_numbers(new))
    return old is None or isinstance(new, (np.ndarray, type(old)))


def is_list_of_numbers(xs: Any, kind: type = float) -> bool:
    """Whether `xs` is a list of numbers; of integers, if that is the kind."""
    kinds = (int,) if issubclass(kind, int) else (int, float)
    return isinstance(xs, (list, tuple)) and all(isinstance(x, kinds) and not isinstance(x, bool) for x in xs)
