"""``compile``: a function is recorded for each signature of its arguments, and from then on its program runs."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import update_wrapper
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction, unwrap
from types import MethodType
from typing import TYPE_CHECKING, Generic

import numpy as np

from autograd.callers import location_text
from autograd.compiler.dispatch import dispatcher
from autograd.compiler.refusals import PROGRAMS
from autograd.compiler.signature import Call, call_of, description, input_labels
from autograd.compiler.tracing import NotCompiledError, record
from autograd.compiler.variants import Outcome, Variant
from autograd.compiler.warning import warn
from autograd.engine.libraries import IN_USE, library_of
from autograd.engine.modes import Mode, current_mode, run_in
from autograd.engine.node import Node
from autograd.tensor import Tensor
from autograd.tracebacks import entrance, shorten
from autograd.transforms.containers import leaves, rebuilt
from autograd.transforms.tracing import is_transform
from autograd.typing import F, Keywords, Tree, X
from autograd.value import Value

__all__ = ["Compiled", "compile"]

LIMIT = 8  # variants of a function
HOST = "in the compiled function"


@dataclass
class _Signature:
    """The variants for arguments of one signature; the marked ones for calls whose plain derivatives are nan."""

    kinds: Tree
    recording: bool  # False: the calls are under no_grad
    variants: list[Variant] = field(default_factory=list)
    marked: list[Variant] = field(default_factory=list)


class Compiled(Generic[F]):
    """A function that runs as programs: what :func:`compile` gives.

    Attributes
    ----------
    variants : list of Variant
        The paths recorded, each with its `signature`, `guards`, `source`, `backend`, `instructions` and `bytes`.
    """

    __wrapped__: F

    def __init__(self, f: F) -> None:
        update_wrapper(self, f, updated=())  # what else a module has is its own
        self._name = _title(f)
        self._signatures: dict[Hashable, _Signature] = {}
        self._dispatch = dispatcher([])
        self._stopped = ""  # why nothing is recorded any more

    if TYPE_CHECKING:
        __call__: F

    else:

        def __call__(self, *args, **kwargs):  # noqa: D102
            try:
                return self._dispatch(self, args, kwargs)
            except Exception as error:
                shorten(error, HOST)
                raise

    def __get__(self, instance: object, owner: type | None = None) -> X:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> X:
        f: X = self.__wrapped__
        place = sys.modules.get(f.__module__)
        name = getattr(f, "__qualname__", "")
        return name if getattr(place, name, None) is self else (compile, (f,))  # by name, like a function

    @property
    def variants(self) -> list[Variant]:
        """The paths recorded, in the order of their signatures' first calls."""
        return [v for s in list(self._signatures.values()) for v in (*s.variants, *s.marked)]

    @entrance
    def source(self, *args: object, **kwargs: object) -> str:
        """The program that runs for such arguments, as Python; the function is recorded if it has none yet.

        Raises
        ------
        TypeError, ValueError
            If an argument is a node, or the function runs as it is for such arguments; and what the function raises.
        """
        if _is_recorded(args, kwargs):
            raise TypeError(f"compile: given nodes {self._name} runs as it is; pass numbers and arrays")
        found = run_in(None, self._resolve, call_of(self.__wrapped__, args, kwargs))
        if found is None:
            reason = self._stopped or "its program and itself disagree for these arguments"
            raise ValueError(f"compile: {self._name} runs as it is for these arguments: {reason}")
        source: str = found[0].source
        return source

    def __repr__(self) -> str:
        n = len(self.variants)
        return f"<compiled {self._name}: {n} variant{'s' * (n != 1)}>"

    def __str__(self) -> str:
        return "\n\n".join([repr(self), *map(str, self.variants)])

    # ---- what the dispatcher leaves ----

    def _search(self, args: tuple[Tree, ...], kwargs: Keywords) -> Tree:
        """The result of any call."""
        state = current_mode()
        if (state is not None and state.trace is not None) or _is_recorded(args, kwargs):
            return self.__wrapped__(*args, **kwargs)
        if IN_USE and any(library_of(x) is not None for x in leaves((args, kwargs))):
            warn(f"compile: {self._name} runs as it is for arrays of another library: {PROGRAMS}")
            return self._on_nodes(args, kwargs)
        call = call_of(self.__wrapped__, args, kwargs)
        if state is None:
            return self._result(call)
        if state.watch is not None:
            return self._eagerly(call)
        if state.recording:
            return run_in(None, self._result, call)
        # There `p -= x` updates the leaf p, which no program does: what was recorded outside does not stand for it.
        return run_in(Mode(recording=False), self._result, call._replace(key=(call.key, "no_grad")))

    def _result(self, call: Call) -> Tree:
        found = self._resolve(call)
        if found and found[1] is Outcome.NAN:
            found = self._resolve(call, marked=True) if found[0].backend in ("python", "numpy") else None
        if found is None:
            return self._eagerly(call)
        variant, outcome = found
        return variant.result(outcome)

    def _resolve(self, call: Call, marked: bool = False) -> tuple[Variant, X] | None:
        """The variant for a call, and what it gives; None where f has to run as it is."""
        new: Variant | None = None
        undefined: Variant | None = None
        tried = 0
        while True:
            variants = self._known(call, marked)
            while tried < len(variants):
                variant = variants[tried]
                tried += 1
                try:
                    outcome = variant(call)
                except Exception as error:  # f itself raises it too, or takes another path here
                    outcome = Outcome.MISS
                    if variant is new:
                        self._stop(f"{self._name}: its program raises {type(error).__name__}: {error}")
                if outcome is Outcome.NAN:
                    undefined = variant
                elif outcome is not Outcome.MISS:
                    return variant, outcome
            if undefined:
                return undefined, Outcome.NAN
            if new is None:
                new = self._recorded(call, marked)
                if new is None:
                    return None
            elif new not in variants:  # nor has another thread made one meanwhile that serves
                self._enter(call, new, marked)
            else:
                return None  # its own guards come out otherwise: it rounds otherwise than what was recorded

    def _known(self, call: Call, marked: bool) -> list[Variant]:
        signature = self._signatures.get(call.key)
        if signature is None:
            return []
        return signature.marked if marked else signature.variants

    def _enter(self, call: Call, new: Variant, marked: bool) -> None:
        recording = current_mode() is None
        self._signatures.setdefault(call.key, _Signature(call.kinds, recording))
        self._known(call, marked).append(new)
        if recording and not marked:
            known = list(self._signatures.values())
            self._dispatch = dispatcher([(s.kinds, s.variants) for s in known if s.recording])

    def _recorded(self, call: Call, marked: bool) -> Variant | None:
        """A new variant; None if there will be no more."""
        if self._stopped:
            return None
        f = self.__wrapped__

        def on_nodes(*nodes: Node) -> Tree:
            args, kwargs = call.arguments(nodes)
            return f(*args, **kwargs)

        signature = description(f, call)
        every = [v for v in self.variants if v.marked == marked]
        if len(every) >= LIMIT:
            self._stop(_limit_text(self._name, f, signature, every[-1]))
            return None
        try:
            recording = record(
                on_nodes, call.inputs, input_labels(f, call), self._name, marked=marked, recall=call.recall
            )
            return Variant(recording, signature, scalars=not is_transform(f), marked=marked)
        except NotCompiledError as error:
            self._stop(error.reason)
            return None

    def _stop(self, reason: str) -> None:
        """Record nothing any more, and say why, once."""
        self._stopped = reason
        warn(f"compile: what {self._name} has no program for runs as it is from now on. {reason}")

    def _eagerly(self, call: Call) -> Tree:
        """What f itself gives: on nodes, which it may ask for methods that numbers lack."""
        return self._on_nodes(*call.arguments(call.inputs))

    def _on_nodes(self, args: Sequence[Tree], kwargs: Keywords) -> Tree:
        f = self.__wrapped__
        if is_transform(f):
            return f(*args, **kwargs)
        given = args, kwargs
        args, kwargs = rebuilt(given, (_as_node(x) for x in leaves(given)))
        result = f(*args, **kwargs)
        return rebuilt(result, map(_plain, leaves(result)))


@entrance
def compile(f: F) -> Compiled[F]:  # Python's own makes code of text
    """Compile a function: it is recorded once for each kind of arguments, and from then on what was recorded runs.

    Of floats the type belongs to the kind of an argument, of arrays the shape and dtype; ints, bools, texts, None and
    generators are static: each of their values is a kind of its own. Where the function branches (``if x > 0``,
    ``while``), each path through it is recorded when a call first takes it.

    What the function captures, in its closure or as a global, belongs to what is recorded: plain arrays and numbers
    are constants, with the values that they had then; the data of nodes (a model's parameters) are read anew at each
    call. Side effects, such as ``print``, take place twice when a call is recorded, and then never.

    Parameters
    ----------
    f : callable
        A function as for :func:`autograd.grad`, or one that a transform gives: its arguments are numbers, arrays,
        containers of them, and static arguments; it is called with nodes in place of floats and arrays.

    Returns
    -------
    callable
        Takes the same arguments and gives the same results: floats for numbers, arrays of the caller's own, containers
        of them, and what else `f` returned beside nodes. Given nodes, inside a transform and under `detect_anomaly`
        `f` itself runs, so that derivatives of every order can be taken. It has `source`, the program for such
        arguments as text, and `variants`, which lists what was recorded; printing it shows both.

    Raises
    ------
    TypeError
        If `f` is no function. When called: if an argument is none of these kinds; if a value that depends on an
        argument is taken out of the graph (``float(x)``, ``x.item()``, ``x.data``); or if two recordings differ, as by
        random numbers (which :func:`autograd.compiler.fresh` draws anew at each call) or a counter.

    Warns
    -----
    CompileWarning
        Once, when the function has been recorded 8 times and a call would need one more, or when it does what no
        program can do: it then runs as it is where it has no program yet.

    Examples
    --------
    >>> from autograd import compile, grad, sin
    >>> slope = compile(grad(lambda x: sin(x**3 + 5)))
    >>> round(slope(1.0), 6)
    2.880511
    >>> @compile
    ... def halve_or_double(x):
    ...     return x / 2 if x > 1 else x * 2
    >>> halve_or_double(3.0), halve_or_double(0.5)
    (1.5, 1.0)
    >>> halve_or_double
    <compiled halve_or_double: 2 variants>
    >>> halve_or_double.variants[1].signature
    'x: float'
    """
    if not callable(f):
        raise TypeError(f"compile: pass a function, not {type(f).__name__}; Python's own compile is builtins.compile")
    if iscoroutinefunction(f) or isgeneratorfunction(f) or isasyncgenfunction(f):
        raise TypeError(f"compile: {_title(f)} runs in steps, which a program does not; compile what it calls in each")
    return Compiled(f)


def _is_recorded(args: tuple[Tree, ...], kwargs: Keywords) -> bool:
    """Whether a node is among the arguments, or an array of them."""
    return any(
        isinstance(x, Node) or (isinstance(x, np.ndarray) and x.dtype.kind == "O") for x in leaves((args, kwargs))
    )


def _plain(y: Tree) -> Tree:
    """The data of a node, as functions of numbers and arrays give them."""
    if not isinstance(y, Node):
        return y
    if (library := library_of(y._data)) is not None:
        return library.copy(y._data)
    return y._data.copy()[()] if isinstance(y._data, np.ndarray) else y._data


def _as_node(x: Tree) -> Tree:
    """The node for a number or an array of floats, integers or bools; what is static stays."""
    if isinstance(x, float):
        return Value(float(x))
    return Tensor(x) if isinstance(x, np.ndarray) or library_of(x) is not None else x


def _title(f: X) -> str:
    """The name of a function, for messages."""
    name = getattr(f, "__name__", type(f).__name__)
    return f"{name}({_title(f.__wrapped__)})" if is_transform(f) else str(name)


def _limit_text(name: str, f: X, signature: str, last: Variant) -> str:
    """Why there are no more variants, and what to do."""
    code = getattr(unwrap(f), "__code__", None)
    place = f"\n  at {location_text((code.co_filename, code.co_firstlineno))}" if code else ""
    branch = f"\n  the last one where {last.guards[-1]}" if last.guards else ""
    return (
        f"{name} was recorded {LIMIT} times, for other kinds of arguments or other branches, and this call, "
        f"{signature}, asks for one more: pass what changes as floats and arrays, and choose with autograd.where "
        f"instead of `if`, or compile a function for each{place}{branch}"
    )
