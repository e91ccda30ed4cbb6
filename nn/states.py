"""What a saved state may set: each of its items is checked before an object takes it over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeGuard

import numpy as np

from autograd.backends import library_of, numpy_dtype
from nn._types import Array, State, X
from nn.kinds import representable, to_numpy, to_real_numpy
from nn.parameter import Parameter

__all__ = [
    "EXTRA_STATE", "IncompatibleKeys", "StateError", "before_load", "check_state", "extra_states",
    "is_list_of_numbers", "validated_arrays", "validated_state",
]  # fmt: skip

EXTRA_STATE = "_extra_state"  # the name of a module's extra state in a state


class StateError(RuntimeError, ValueError):
    """A state that does not fit a module: PyTorch's users expect a RuntimeError."""


class IncompatibleKeys(NamedTuple):
    """The names that only the module has, and those that only the state has."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not any(self):
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def validated_state(name: str, own: Mapping[str, object], state: object) -> State:
    """A saved state, if it has the keys of the present one, `own`, and for each a value that can replace the present.

    A number replaces a number (an integer an integer), a bool a bool, a str a str, a list of numbers another, a dict a
    dict; anything replaces None.

    Raises
    ------
    ValueError
        If it is another object's state, or damaged; `name` is the class that loads it.
    """
    if not isinstance(state, Mapping) or state.keys() != own.keys():
        raise ValueError(f"{name}.load_state_dict: it takes a dict of {', '.join(own)}")
    for key, x in own.items():
        if not _can_replace(x, state[key]):
            raise ValueError(f"{name}.load_state_dict: {key} cannot be {type(state[key]).__name__}")
    return {key: float(x) if isinstance(own[key], float) else x for key, x in state.items()}


def _can_replace(old: object, new: object) -> bool:
    """Whether a saved value is of the present one's kind."""
    if isinstance(old, dict):  # a Counter, too
        return isinstance(new, dict)
    if isinstance(old, (bool, str)):
        return isinstance(new, type(old))
    if isinstance(old, (int, float)):
        return is_list_of_numbers([new], type(old))
    if isinstance(old, (list, tuple)):
        return isinstance(new, (list, tuple)) and (not old or not is_list_of_numbers(old) or is_list_of_numbers(new))
    return old is None or isinstance(new, (np.ndarray, type(old)))


def is_list_of_numbers(xs: object, kind: type = float) -> TypeGuard[list[float]]:
    """Whether `xs` is a list of numbers; of integers, if that is the kind."""
    kinds = (int,) if issubclass(kind, int) else (int, float)
    return isinstance(xs, (list, tuple)) and all(isinstance(x, kinds) and not isinstance(x, bool) for x in xs)


def before_load(
    modules: Sequence[tuple[str, X]],
    state: Mapping[str, object],
    strict: bool,
    keys: IncompatibleKeys,
    problems: list[str],
) -> dict[str, object]:
    """A state as the hooks before a load change it, each of which gets its module's part."""
    changed = dict(state)
    for prefix, module in modules:
        for hook in module._called("load_pre"):
            part = {key: x for key, x in changed.items() if key.startswith(prefix)}
            changed = {key: x for key, x in changed.items() if key not in part}
            hook(module, part, prefix, {}, strict, *keys, problems)
            changed |= part
    return changed


def extra_states(
    modules: Sequence[tuple[str, X]], state: dict[str, object], keys: IncompatibleKeys
) -> list[Callable[[], object]]:
    """What sets the modules' extra states, which are taken from a state."""
    extras = list[Callable[[], object]]()
    for prefix, module in modules:
        set_extra_state, key = getattr(type(module), "set_extra_state", None), prefix + EXTRA_STATE
        if set_extra_state is None:
            continue
        if key in state:
            extras.append(partial(set_extra_state, module, state.pop(key)))
        else:
            keys.missing_keys.append(key)
    return extras


def validated_arrays(
    own: Mapping[str, object],
    state: Mapping[str, object],
    keys: IncompatibleKeys,
    problems: list[str],
    assign: bool = False,
) -> dict[str, Array]:
    """The arrays in a saved state that replace those in `own`, if each is of real numbers, fits, and none is lost.

    Names that only one of the two has are added to `keys`, and what is wrong to `problems`. With `assign` the dtype of
    a parameter need not fit.
    """
    arrays = {key: to_real_numpy(x.detach() if hasattr(x, "detach") else x) for key, x in state.items()}
    keys.missing_keys.extend(key for key in own if key not in arrays)
    keys.unexpected_keys.extend(key for key in arrays if key not in own)
    shared = [(key, _shaped(x), arrays[key]) for key, x in own.items() if key in arrays]
    problems += [
        f"no array of real numbers, or not in float64, float32 or integers: {key}"
        for key, _, new in shared
        if new is None
    ]
    valid = [(key, old, new) for key, old, new in shared if new is not None]
    problems += [
        f"size mismatch for {key}: copying a param with shape {new.shape} from checkpoint, the shape in current model "
        f"is {old.shape}."
        for key, old, new in valid
        if new.shape != old.shape
    ]
    problems += [
        f"not to be held by {old.dtype}: {key}"
        for key, old, new in valid
        if not representable(new, new.dtype if assign and isinstance(own[key], Parameter) else old.dtype)
    ]
    return {key: new for key, _, new in valid}


def _shaped(x: X) -> Array:
    """The numbers in `x`; where they are on a library, others of the same shape and dtype, for which nobody waits."""
    return to_numpy(x) if library_of(x) is None else np.empty(tuple(x.shape), numpy_dtype(x))


def check_state(name: str, own: Mapping[str, object], keys: IncompatibleKeys | None, problems: Sequence[str]) -> None:
    """Raise a StateError that lists the names which are missing and unexpected, and the other problems."""
    missing, unexpected = keys or ((), ())
    shapes = {key: f" {_shaped(own[key]).shape}" for key in missing if key in own}
    listed = [f'"{key}"{shapes.get(key, "")}' for key in missing], [f'"{key}"' for key in unexpected]
    both = zip(("Missing", "Unexpected"), listed, strict=True)
    every = [*(f"{what} key(s) in state_dict: {', '.join(names)}." for what, names in both if names), *problems]
    if every:
        raise StateError("\n\t".join((f"Error(s) in loading state_dict for {name}:", *every)))
