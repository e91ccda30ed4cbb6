"""Signatures: what of a call's arguments decides which programs serve it, and the code that tests it.

Floats and arrays flow through a program: of a float its type belongs to the signature, of an array its shape and dtype.
Ints, bools, texts, None and generators are static: their values belong to it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from inspect import Parameter, signature
from types import FunctionType
from typing import NamedTuple

import numpy as np

from autograd.engine.coercion import array
from autograd.messages import type_name
from autograd.transforms.containers import leaves, rebuilt
from autograd.typing import Function, Keywords, Tree, X

__all__ = ["MANY", "Call", "Kind", "call_of", "description", "input_labels", "test_of"]

_STATIC = (int, str, type(None), np.integer, np.bool_, np.random.Generator)
MANY = 8  # arguments or results, from which on they are tested together
DEEPEST = 50  # levels of nested containers
_LONGEST = 40  # characters of a static argument in a description


@dataclass(frozen=True)
class Kind:
    """What of a leaf of an argument belongs to the signature.

    Attributes
    ----------
    type : type
        Its type, which for an input is float or numpy.ndarray.
    value : hashable
        The shape and dtype of an array, the value of a static argument.
    """

    type: type
    value: X = None

    @property
    def is_input(self) -> bool:
        """Whether it flows through a program."""
        return self.type is float or self.type is np.ndarray


class Call(NamedTuple):
    """One call of a compiled function.

    Attributes
    ----------
    inputs : list of float or array
        The leaves of the arguments that flow.
    kinds : container
        ``(args, kwargs)`` with a `Kind` in place of each leaf.
    key : hashable
        Equal for calls of one signature.
    drawn : list of (callable, float or array)
        What was drawn in this call, and by what.
    """

    inputs: list[X]
    kinds: Tree
    key: Hashable
    drawn: list[tuple[Function, X]]

    def arguments(self, inputs: Iterable[X]) -> tuple[tuple[Tree, ...], Keywords]:
        """The arguments with others for the inputs: nodes, for example."""
        rest = iter(inputs)
        new = (next(rest) if kind.is_input else kind.value for kind in leaves(self.kinds))
        args, kwargs = rebuilt(self.kinds, new)
        return args, kwargs

    def draw(self, place: int, draw: Function) -> X:
        """What is drawn in a place of this call: once, however many variants are tried."""
        value = self.recall(place, draw)
        if value is None:
            value = draw()
            self.drawn[place:] = [(draw, value)]
        return value

    def recall(self, place: int, draw: Function) -> X:
        """What has been drawn in a place of this call already, if by such a function; else None."""
        same = place < len(self.drawn) and _is_same(draw, self.drawn[place][0])
        return self.drawn[place][1] if same else None


def call_of(f: Function, args: tuple[Tree, ...], kwargs: Keywords) -> Call:
    """A call of a function with plain arguments.

    Raises
    ------
    TypeError
        If an argument is neither a number, an array, nor static.
    """
    inputs, kinds = [], []
    for i, x in enumerate(leaves((args, kwargs))):
        try:
            if isinstance(x, np.ndarray):
                x = array(x, copy=None)
            elif isinstance(x, (float, np.floating)):
                x = float(x)
            elif not isinstance(x, _STATIC):
                raise TypeError(
                    f"{type_name(x)} is neither a number, an array nor static (an int, a bool, a text, None, a "
                    "generator): let the function capture it, as in compile(lambda x: f(x, it))"
                )
        except TypeError as error:
            path = [path for _, path, _ in _paths(f, args, kwargs)][i]
            raise TypeError(f"compile: {path}: {error}") from None
        kind = _kind(x)
        kinds.append(kind)
        if kind.is_input:
            inputs.append(x)
    tree = rebuilt((args, kwargs), iter(kinds))
    return Call(inputs, tree, _key(tree), [])


def _is_same(draw: X, other: X) -> bool:
    """Whether two functions draw alike: each recording has its own, of one code, which refers to the same objects."""
    if draw is other:
        return True
    if not isinstance(draw, FunctionType) or not isinstance(other, FunctionType):
        return bool(draw == other)  # a method of a generator, for example
    if draw.__code__ is not other.__code__ or draw.__defaults__ != other.__defaults__:
        return False
    mine, theirs = ([cell.cell_contents for cell in f.__closure__ or ()] for f in (draw, other))
    return all(a is b or (isinstance(a, (int, float, str)) and a == b) for a, b in zip(mine, theirs, strict=True))


def _kind(x: X) -> Kind:
    if type(x) is np.ndarray:
        return Kind(np.ndarray, (x.shape, x.dtype))
    return Kind(float) if type(x) is float else Kind(type(x), x)


def _key(tree: Tree) -> Hashable:
    """The structure of a container and its kinds."""
    if isinstance(tree, Kind):
        return tree
    if isinstance(tree, dict):
        return type(tree), *((type(k), k, _key(child)) for k, child in tree.items())
    return type(tree), *map(_key, tree)


# ---- for people: labels of inputs, the signature as text ----


def input_labels(f: Function, call: Call) -> list[str]:
    """A name for each input: that of its parameter, and its place in a container, as ``p_w``."""
    return [label for label, _, kind in _paths(f, *call.kinds) if kind.is_input]


def description(f: Function, call: Call) -> str:
    """The signature of a call as text, as ``x: float64 (3,), n=2``."""
    texts = []
    for _, path, kind in _paths(f, *call.kinds):
        if kind.type is np.ndarray:
            shape, dtype = kind.value
            texts.append(f"{path}: {dtype} {shape}")
        elif kind.is_input:
            texts.append(f"{path}: float")
        else:
            text = repr(kind.value)
            texts.append(f"{path}={text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}")
    if len(texts) > MANY:
        texts[3:-1] = [f"… ({len(texts) - 4} more)"]
    return ", ".join(texts)


def _paths(f: Function, args: tuple[Tree, ...], kwargs: Keywords) -> Iterator[tuple[str, str, Tree]]:
    """The leaves of the arguments of a function, each with a label and its path, as ``p_w`` and ``p['w']``."""
    for name, tree in zip([*_names(f, len(args)), *kwargs], [*args, *kwargs.values()], strict=True):
        yield from _inside(tree, name, name)


def _names(f: Function, count: int) -> list[str]:
    """The names of so many positional arguments of a function."""
    try:
        parameters = list(signature(f).parameters.values())
    except (TypeError, ValueError):  # as of some functions in C
        parameters = []
    single = [p.name for p in parameters if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    rest = next((p.name for p in parameters if p.kind is Parameter.VAR_POSITIONAL), "x")
    return [*single, *(f"{rest}_{i}" for i in range(count - len(single)))][:count]


def _inside(tree: Tree, label: str, path: str) -> Iterator[tuple[str, str, Tree]]:
    if isinstance(tree, dict):
        places = [(str(k), f"[{k!r}]", child) for k, child in tree.items()]
    elif hasattr(tree, "_fields"):
        places = [(k, f".{k}", child) for k, child in zip(tree._fields, tree, strict=True)]
    elif isinstance(tree, (tuple, list)):
        places = [(str(i), f"[{i}]", child) for i, child in enumerate(tree)]
    else:
        yield label, path, tree
        return
    for place, step, child in places:
        yield from _inside(child, f"{label}_{place}", path + step)


# ---- for machines: the test of a signature as code ----


def test_of(kinds: Tree, name: Callable[[object], str]) -> tuple[list[str], list[str]] | None:
    """The code that tests whether ``args`` and ``kwargs`` have a signature; None if only :func:`call_of` can tell.

    A level of nested containers is unpacked where the test of the level above holds.

    Parameters
    ----------
    kinds : container
        The signature, as in a `Call`.
    name : callable
        Gives a name for an object that the code refers to.

    Returns
    -------
    lines, inputs : list of str
        The code, each ``if`` of which holds all lines after it; what stands for the inputs inside them.
    """
    args, kwargs = kinds
    level: list[tuple[tuple[int, ...], str, Tree]] = [((0,), "args", args), ((1,), "kwargs", kwargs)]
    lines: list[str] = []
    inputs: list[tuple[tuple[int, ...], str]] = []
    while level:
        if len(level[0][0]) > DEEPEST:
            return None  # code can be indented no further
        conditions, unpacked, below = [], [], []
        for place, at, kind in level:
            if isinstance(kind, Kind):
                conditions.append(_leaf_test(at, kind, name))
                if kind.type is float:
                    lines.append(f"if type({at}) is float64: {at} = float({at})")
                if kind.is_input:
                    inputs.append((place, at))
                continue
            if isinstance(kind, dict) and not all(type(k) is str for k in kind):
                return None  # 1, 1.0 and True are equal keys
            conditions.append(_container_test(at, kind, name))
            if _is_of_floats(kind) and at != "kwargs":
                items = _items(at, kind)
                conditions.append(f"({at}_types := {{*map(type, {items})}}) <= floats")
                inputs.append((place, f"*(map(float, {items}) if float64 in {at}_types else {items})"))
                continue
            children = [f"{'x' if at == 'args' else f'{at}_'}{i}" for i in range(len(kind))]
            if children:
                unpacked.append(f"{', '.join(children)}, = {_items(at, kind)}")
            inside = kind.values() if isinstance(kind, dict) else kind
            below += [((*place, i), children[i], child) for i, child in enumerate(inside)]
        lines += [f"if {' and '.join(conditions)}:", *unpacked]
        level = below
    return lines, [at for _, at in sorted(inputs)]  # in the order of their leaves


def _items(at: str, kind: Tree) -> str:
    return f"{at}.values()" if isinstance(kind, dict) else at


def _is_of_floats(kind: Tree) -> bool:
    """Whether a container holds floats only, and so many that a test of each would take longer than a program."""
    items = kind.values() if isinstance(kind, dict) else kind
    return len(kind) > MANY and all(isinstance(k, Kind) and k.type is float for k in items)


def _leaf_test(at: str, kind: Kind, name: Callable[[object], str]) -> str:
    if kind.type is float:
        return f"type({at}) is float"
    if kind.type is np.ndarray:
        shape, dtype = kind.value
        return f"type({at}) is ndarray and {at}.shape == {shape} and {at}.dtype == {name(dtype)}"
    if kind.value is None or kind.type in (bool, np.random.Generator):
        return f"{at} is {name(kind.value)}"
    return f"type({at}) is {name(kind.type)} and {at} == {name(kind.value)}"


def _container_test(at: str, kind: Tree, name: Callable[[object], str]) -> str:
    structure = f"len({at}) == {len(kind)}"
    if isinstance(kind, dict):
        structure = f"tuple({at}) == {name(tuple(kind))}" if kind else f"not {at}"
    return structure if at in ("args", "kwargs") else f"type({at}) is {name(type(kind))} and {structure}"
