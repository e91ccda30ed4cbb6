"""The record of an op: its forward formula, and for each argument the formula of its derivative.

Each formula takes ``xp``, the namespace to calculate in, and uses nothing but operators and `xp`'s functions; so one
record serves floats, arrays, graphs (derivatives of any order) and names (formulas as text).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Generic, ParamSpec

import numpy as np

from autograd.engine.calling import bind, plain
from autograd.engine.contributions import OneOf, identity_vjp
from autograd.engine.conventions import Caveat, Convention, amended
from autograd.engine.fast import backward_of, recording_of
from autograd.engine.node import NO_PARAMS, Node, functions, registry
from autograd.engine.recording import apply
from autograd.messages import unknown_function
from autograd.namespaces import names, notations
from autograd.namespaces.marks import SELECTING, UNBOUNDED
from autograd.tracebacks import entrance, shorten
from autograd.typing import Formula, Function, Params, X

__all__ = ["Op"]

P = ParamSpec("P")


def _takes_position(formula: Formula) -> bool:
    parameters = inspect.signature(formula).parameters.values()
    return any(p.name == "position" or p.kind is p.VAR_KEYWORD for p in parameters)


class Op(Generic[P]):
    """One record of the op table, which :func:`autograd.primitive` makes.

    A call on numbers or arrays gives numbers or arrays; on nodes, a recorded node.

    Attributes
    ----------
    name, symbol : str
        What users call it, and what pictures write on its node. Several ops may serve one function; files and pickles
        find each by its ``__name__``, that of its formula.
    argnames, params : tuple of str, mapping
        Its arguments that are nodes, and its static ones with their defaults.
    elementwise, differentiable : bool
        Whether it works element by element (with broadcasting), and whether it has derivatives.
    commutative : bool
        Whether its operands may change places.
    shape_only : tuple of str
        The arguments of which only the shape is read.
    lacks : frozenset of str
        The targets that cannot calculate it, as "javascript".
    selects, poles : bool
        Whether a derivative drops elements of the gradient that it is given, as that of ``where`` does; and whether it,
        or the result, can be inf or nan at finite data. A gradient graph gets marks where the two meet.
    vjps : tuple
        For each argument ``f(xp, g, y, *args, **params)``, the gradient `g` of the result `y` turned into that of the
        argument; None where there is none. The conventions at singular points are built in.
    formulas : tuple
        The derivatives as textbooks have them, without the conventions.
    conventions : list of Convention
        The conventions at kinks, ties and poles, with examples.
    caveats : list of Caveat
        Where the value or a derivative is further than 4 ulp from the exact one, and why.
    shape_of : callable or None
        The shape of the result, from the shape of the argument and the static arguments, where these decide it.
    sized_by : callable or None
        The positions of the operands whose values, and not only shapes, decide the shape of the result, from their
        data.
    message : callable or None
        A text of its own for an error, from NumPy's text and the operands' data.
    domain, samples : tuple
        Where to try it, if trying at random finds nothing: the range of each argument of an elementwise op, in which
        it is smooth; calls of another one, with for each argument a shape or an array of integers or conditions, and
        last the static arguments.
    opaque : bool
        Whether its formulas are any functions of plain data, which nothing but a call tells more of.
    named : bool
        Whether its name is its own, so that files find it; the op of one call alone has that of others.
    backward_on_floats, backward_on_arrays : callable
        What passes the gradient of a node on, made from all this when first needed: of (node, g, waiting).
    backward_on_libraries : dict
        The same for other libraries' arrays, by the namespace.
    """

    opaque = False
    named = True

    def __init__(
        self, forward: Formula, symbol: str, *, elementwise: bool = False, differentiable: bool = True, name: str = "",
        commutative: bool = False, shape_only: Sequence[str] = (), lacks: Sequence[str] = (),
    ) -> None:  # fmt: skip
        _, *parameters = inspect.signature(forward).parameters.values()
        kinds = [p.kind for p in parameters]
        # Left of `/` (or of the first keyword-only one) stand the nodes, right of it the static arguments.
        split = inspect.Parameter.POSITIONAL_ONLY in kinds
        nodes = [
            p for p in parameters
            if p.kind is p.POSITIONAL_ONLY or p.kind is p.VAR_POSITIONAL
            or (not split and p.kind is p.POSITIONAL_OR_KEYWORD)
        ]  # fmt: skip
        self.forward = forward
        self.symbol = symbol
        self.name = name or forward.__name__
        self.__name__ = forward.__name__
        self.__qualname__, self.__module__, self.__doc__ = forward.__qualname__, forward.__module__, forward.__doc__
        self.__signature__ = inspect.Signature([p.replace(annotation=p.empty) for p in parameters])
        self.elementwise = elementwise
        self.differentiable = differentiable
        self.commutative = commutative
        self.shape_only = tuple(shape_only)
        self.lacks = frozenset(lacks)
        self.argnames = tuple(p.name for p in nodes)
        self.params: Params = {p.name: p.default for p in parameters if p not in nodes}
        self.arity = len(nodes)
        self.variadic = any(p.kind is p.VAR_POSITIONAL for p in nodes)
        # Until they are stated, using a derivative is an error, never a silent zero.
        self.vjps: tuple[Formula | None, ...] = ((self._missing if differentiable else None),) * len(nodes)
        self.formulas: tuple[Formula | None, ...] = (None,) * len(nodes)
        self.conventions: list[Convention] = []
        self.caveats: list[Caveat] = []
        self.backward_on_floats: Callable[..., None] = self._first_on_floats
        self.backward_on_arrays: Callable[..., None] = self._first_on_arrays
        self.selects = self.poles = False
        self.shape_of: Callable[..., tuple[int, ...]] | None = None
        self.sized_by: Callable[..., Iterable[int]] | None = None
        self.message: Callable[..., str] | None = None
        self.domain: tuple[tuple[float, float], ...] = ()
        self.samples: tuple[X, ...] = ()
        self._recorders: dict[type, Function] = {}  # by the type of the first node's data

    @entrance
    def defvjps(self, **vjps: Formula | None) -> None:
        """Enter the derivatives: for each argument by name, ``f(xp, g, y, *args, **params)``.

        None says that an argument has no gradient (a condition, an index). For an op of any number of arguments there
        is one formula, which also takes ``position``; or, without that, gives the list of what all of them get, which
        for thousands of arguments is as much less work as they are many.
        """
        if set(vjps) != set(self.argnames):
            raise TypeError(
                f"{self.name}.defvjps: give a derivative for each of {', '.join(self.argnames)} (None for an argument "
                f"without a gradient), not for {', '.join(vjps) or 'none'}"
            )
        *fixed, last = (vjps[a] for a in self.argnames)
        if self.variadic and last and not _takes_position(last):
            self.formulas = self.vjps = (*fixed, OneOf(last))
        else:
            self.formulas = self.vjps = (*fixed, last)
        self.conventions = []
        self.vjps = tuple(identity_vjp if v and self._passes_on(v) else v for v in self.formulas)
        self._analyse()
        heads_met = notations.heads(self.on_names(None))
        self.selects = False
        for a, f in zip(self.argnames, self.formulas, strict=True):
            heads = notations.heads(self.on_names(f, names.Name("g"))) if f else set()
            if not str(self.__module__).startswith("autograd.ops."):  # where a function may follow the op that needs it
                self._check_functions(heads, a)
            self.selects |= not SELECTING.isdisjoint(heads)
            heads_met |= heads
        self.poles = not UNBOUNDED.isdisjoint(heads_met)

    def _check_functions(self, heads: set[str], argument: str) -> None:
        """Raise if a derivative calls a function that no namespace has."""
        if lacking := heads - notations.NO_FUNCTIONS - vars(registry).keys() - functions().keys():
            raise unknown_function(
                min(lacking), functions(), who=f"{self.name}.defvjps: the derivative by {argument}: "
            )

    @entrance
    def convention(
        self, arg: str, where: Formula, gradient: float | None, why: str, examples: Mapping[X, X] = NO_PARAMS, *,
        removable: bool = False, lift: Formula | None = None,
    ) -> None:  # fmt: skip
        """State what the derivative by `arg` is at a singular point: ``where(xp, *args, **params)``.

        A number is put in place of the formula there, as a factor on the incoming gradient; None says that the formula
        gives the stated value by itself. `examples` has the derivative for the arguments of a call: tests follow from
        it. `removable` says that the function is smooth there and only the formula fails, so that strict mode has no
        objection, and that the number does not change beside the point; else it has the derivative of the formula.
        Where an op is not elementwise, ``lift(xp, g, **params)`` is the incoming gradient as it meets the factor.
        """
        stated = Convention(arg, where, gradient, why, examples, removable)
        self.conventions.append(stated)
        if gradient is None:
            return
        position = self.argnames.index(arg)
        formula = self.vjps[position]
        if formula is None:
            raise TypeError(f"{self.name}.convention: there is no derivative by {arg!r} to amend")
        formula = amended(formula, stated, self.elementwise, lift)
        self.vjps = (*self.vjps[:position], formula, *self.vjps[position + 1 :])
        self._analyse()

    def caveat(self, of: str, why: str) -> None:
        """State where the value (of ``"y"``) or the derivative by an argument is more than 4 ulp off, and why."""
        self.caveats.append(Caveat(of, why))

    def argument_names(self, count: int) -> list[str]:
        """The names of so many arguments; the last of a variadic op stands for several."""
        *fixed, last = self.argnames
        return [*fixed, *(f"{last}{i}" if self.variadic else last for i in range(count - len(fixed)))]

    def _passes_on(self, formula: Formula) -> bool:
        """Whether a derivative is the incoming gradient itself, whatever the arguments' ranks."""
        if not self.elementwise or self.variadic or self.params:
            return False
        g = names.Name("g")
        try:
            return self.on_names(formula, g, [names.Opaque(a) for a in self.argnames]) is g
        except TypeError:
            return False

    def _analyse(self) -> None:
        vars(self).pop("uses", None)
        self.backward_on_floats, self.backward_on_arrays = self._first_on_floats, self._first_on_arrays
        self.backward_on_libraries: dict[X, Callable[..., None]] = {}

    # Made when first needed: most ops of the table are not met in a program.
    def _first_on_floats(self, *at: X) -> None:
        self.backward_on_floats = backward_of(self, float)
        self.backward_on_floats(*at)

    def _first_on_arrays(self, *at: X) -> None:
        self.backward_on_arrays = backward_of(self, np.ndarray)
        self.backward_on_arrays(*at)

    def vjp(self, position: int) -> Formula | None:
        """The derivative by the argument at a position, also for an op of any number of them."""
        last = len(self.vjps) - 1
        each = self.vjps[min(position, last)]
        if not self.variadic or position < last or each is None:
            return each
        return OneOf(each.formula, position - last) if type(each) is OneOf else partial(each, position=position - last)

    def _missing(self, *_: X, **params: X) -> X:
        raise TypeError(
            f"{self.name} has no derivatives: state them with {self.name}.defvjps({self.argnames[0]}=lambda xp, g, y, "
            f"{', '.join(self.argnames)}: ...), or make it with differentiable=False"
        )

    @cached_property
    def uses(self) -> tuple[frozenset[int], ...]:
        """For each argument, which values its derivative reads: positions of arguments, and -1 for the result."""
        return self.uses_with(self.params)

    def uses_with(self, params: Params) -> tuple[frozenset[int], ...]:
        """`uses` for given static parameters: each derivative is run once on names, and the text read."""
        args = [names.Name(f"x{i}") for i in range(self.arity + self.variadic)]
        positions = {f"x{i}": min(i, self.arity - 1) for i in range(len(args))} | {"y": -1}
        found = []
        for v in self.vjps:
            text = self.on_names(v, names.Name("g"), args, params) if v else None
            symbols = text.reads() if isinstance(text, names.Name) else set()
            found.append(frozenset(positions[s] for s in symbols if s in positions))
        return tuple(found)

    def on_names(self, formula: Formula | None, g: X = None, args: X = None, params: Params | None = None) -> X:
        """A formula (None: the forward one) evaluated on names: by default those of the arguments."""
        if args is None:
            args = [names.Name(a) for a in self.argument_names(len(self.argnames) + self.variadic)]
        params = self.params if params is None else params
        params = {k: names.Name(k) if v is inspect.Parameter.empty else v for k, v in params.items()}
        if formula is None:
            return self.forward(names.xp, *args, **params)
        if self.variadic and formula is self.vjps[-1]:
            params["position"] = 0
        return formula(names.xp, g, names.Name("y"), *args, **params)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> X:
        """Numbers or arrays from numbers and arrays; a recorded node where one of them is a node."""
        try:
            if not kwargs and len(args) == self.arity and isinstance(args[0], Node) and not self.params:
                native = type(args[0]._data)
                if native not in self._recorders:
                    self._recorders[native] = recording_of(self, native)
                return self._recorders[native](*args)
            nodes: tuple[X, ...] = args
            params = NO_PARAMS
            if kwargs or self.params or len(args) != self.arity:
                nodes, params = bind(self, args, kwargs)
            for a in nodes:
                if isinstance(a, Node):
                    return apply(self, nodes, params)
            return plain(self, nodes, params)
        except Exception as error:
            shorten(error)
            raise

    def __reduce__(self) -> str:
        return self.__qualname__  # by reference, like a function

    def __repr__(self) -> str:
        return f"<op {self.name} {self.symbol}{self.__signature__}>"
