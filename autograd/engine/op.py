"""The record of an op: its forward formula, and for each argument the formula of its derivative.

Each formula takes ``xp``, the namespace to calculate in, and uses nothing but operators and `xp`'s functions; so one
record serves floats, arrays, graphs (derivatives of any order) and names (formulas as text).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec

import numpy as np

from autograd.engine.coercion import FLOATS, array
from autograd.engine.contributions import OneOf, identity_vjp
from autograd.engine.fast import backward_of, recording_of
from autograd.engine.node import NO_PARAMS, Node, registry
from autograd.engine.recording import apply, evaluate, explain
from autograd.messages import half_precision, type_name, unknown_function, written
from autograd.namespaces import arrays, names, notations
from autograd.namespaces.marks import SELECTING, UNBOUNDED
from autograd.tracebacks import entrance, shorten

__all__ = ["Convention", "Op", "primitive"]

P = ParamSpec("P")
Formula = Callable[..., Any]


LONGEST = 40  # characters of the name or the symbol of an op


class Convention(NamedTuple):
    """What the derivative by an argument is at a kink, a tie or a pole, or where its formula fails."""

    arg: str
    where: Formula  # of (xp, *args, **params)
    gradient: float | None  # put in place of the formula's; None: the formula gives what is stated by itself
    why: str
    examples: Mapping[Any, Any]  # the arguments of a call -> the derivative there
    removable: bool  # the function is smooth there: the value is no convention, only the formula fails


def _takes_position(formula: Any) -> bool:
    parameters = inspect.signature(formula).parameters.values()
    return any(p.name == "position" or p.kind is p.VAR_KEYWORD for p in parameters)


class Caveat(NamedTuple):
    """Where a value or a derivative is further than 4 ulp from the exact one (ulp: units in the last place)."""

    of: str  # "y", or the argument that the derivative is by
    why: str


class Op(Generic[P]):
    """One record of the op table; made by :func:`primitive`.

    Calling it on numbers or arrays gives numbers or arrays; on nodes, a recorded node.

    Attributes
    ----------
    name, symbol : str
        What users call it, and what pictures write on its node. Its ``__name__`` is that of its formula, by which files
        and pickles find it: several ops may serve one function.
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
        Whether a derivative drops elements of the gradient it is given, as that of ``where`` does; and whether it, or
        the result, can be inf or nan at finite data. A gradient graph gets marks where the one meets the other.
    vjps : tuple
        For each argument ``f(xp, g, y, *args, **params)``, the gradient `g` of the result `y` turned into that of the
        argument; None where there is none. The conventions at singular points are built in.
    formulas : tuple
        The same as the textbook has them, without the conventions.
    conventions : list of Convention
        The conventions at kinks, ties and poles, with examples.
    caveats : list of Caveat
        Where the value or a derivative is further than 4 ulp from the exact one, and why.
    shape_of : callable or None
        The shape of the result, from that of the argument and the static arguments, where these decide it.
    message : callable or None
        A text of its own for an error, from NumPy's text and the operands' data.
    samples : tuple
        Calls to try it on, where trying at random does not find right ones: for each argument a shape or an array of
        integers or conditions, and last the static arguments.
    backward_on_floats, backward_on_arrays : callable
        What passes the gradient of a node on, made from all this when first needed: of (node, g, waiting).
    """

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
        self.params: Mapping[str, Any] = {p.name: p.default for p in parameters if p not in nodes}
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
        self.message: Callable[..., str] | None = None
        self.samples: tuple[Any, ...] = ()
        self._recorders: dict[type, Callable[..., Any]] = {}  # by the type of the first node's data

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
        found: set[str] = set()
        for a, v in zip(self.argnames, self.vjps, strict=True):
            heads = notations.heads(self.on_names(v, names.Name("g"))) if v else set()
            known = vars(registry)  # filled when the op table is complete
            if known and (lacking := heads - notations.NO_FUNCTIONS - known.keys()):
                raise unknown_function(min(lacking), known, who=f"{self.name}.defvjps: the derivative by {a}: ")
            found |= heads
        self.selects = bool(found & SELECTING)
        self.poles = bool((found | notations.heads(self.on_names(None))) & UNBOUNDED)

    @entrance
    def convention(
        self,
        arg: str,
        where: Formula,
        gradient: float | None,
        why: str,
        examples: Mapping[Any, Any] = NO_PARAMS,
        *,
        removable: bool = False,
        lift: Formula | None = None,
    ) -> None:
        """State what the derivative by `arg` is at a singular point: ``where(xp, *args, **params)``.

        A number is put in place of the formula there, as a factor on the incoming gradient; None says that the formula
        gives the stated value by itself. `examples` has the derivative for the arguments of a call: tests follow from
        it. `removable` says that the function is smooth there and only the formula fails, so that strict mode has no
        objection, and that the number does not change beside the point; else it has the derivative of the formula.
        Where an op is not elementwise, ``lift(xp, g, **params)`` is the incoming gradient as it meets the factor.
        """
        self.conventions.append(Convention(arg, where, gradient, why, examples, removable))
        if gradient is None:
            return
        position = self.argnames.index(arg)
        formula = self.vjps[position]
        if formula is None:
            raise TypeError(f"{self.name}.convention: there is no derivative by {arg!r} to amend")

        def amended(xp: Any, g: Any, y: Any, *args: Any, **params: Any) -> Any:
            at = where(xp, *args, **params)
            if at is False:
                return formula(xp, g, y, *args, **params)
            lifted = g if self.elementwise else lift(xp, g, **params) if lift else None
            if removable or lifted is None:
                put = gradient if lifted is None else lifted * gradient
                choose = xp.where if removable else xp.stated
                return put if at is True else choose(at, put, formula(xp, g, y, *args, **params))
            return lifted * xp.stated(at, gradient, formula(xp, 1.0, y, *args, **params))

        self.vjps = (*self.vjps[:position], amended, *self.vjps[position + 1 :])
        self._analyse()

    def caveat(self, of: str, why: str) -> None:
        """State where the value (of ``"y"``) or the derivative by an argument is more than 4 ulp off, and why."""
        self.caveats.append(Caveat(of, why))

    def conventions_at(self, position: int, args: Sequence[Any], params: Mapping[str, Any]) -> list[str]:
        """Why the derivative by an argument is what it is, for each kink, tie or pole among these values."""
        arg = self.argnames[min(position, len(self.argnames) - 1)]
        return [s.why for s in self.conventions if s.arg == arg and np.any(s.where(arrays, *args, **params))]

    def argument_names(self, count: int) -> list[str]:
        """The names of so many arguments; the last of a variadic op stands for several."""
        *fixed, last = self.argnames
        return [*fixed, *(f"{last}{i}" if self.variadic else last for i in range(count - len(fixed)))]

    def at_kinks(self, position: int, vjp: Formula, instead: Formula) -> Formula:
        """A derivative with ``instead(xp, where, g, c, x, factor)`` at the argument's kinks, ties and poles.

        There `c` is what the derivative gives for `g`, ``factor()`` what it gives for 1, and `x` the argument.
        """
        arg = self.argnames[min(position, len(self.argnames) - 1)]
        places = [s.where for s in self.conventions if s.arg == arg and not s.removable]

        def amended(xp: Any, g: Any, y: Any, *args: Any, **params: Any) -> Any:
            c = vjp(xp, g, y, *args, **params)
            for where in places:
                at = where(xp, *args, **params)
                if at is not False:
                    factor = partial(vjp, xp, 1.0, y, *args, **params)
                    c = instead(xp, at, g if self.elementwise else c, c, args[position], factor)
            return c

        return amended if places else vjp

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

    # Made when first needed: most ops of the table are not met in a program.
    def _first_on_floats(self, *at: Any) -> None:
        self.backward_on_floats = backward_of(self, float)
        self.backward_on_floats(*at)

    def _first_on_arrays(self, *at: Any) -> None:
        self.backward_on_arrays = backward_of(self, np.ndarray)
        self.backward_on_arrays(*at)

    def vjp(self, position: int) -> Formula | None:
        """The derivative by the argument at a position, also for an op of any number of them."""
        last = len(self.vjps) - 1
        each = self.vjps[min(position, last)]
        if not self.variadic or position < last or each is None:
            return each
        return OneOf(each.formula, position - last) if type(each) is OneOf else partial(each, position=position - last)

    def _missing(self, *_: Any, **params: Any) -> Any:
        raise TypeError(
            f"{self.name} has no derivatives: state them with {self.name}.defvjps({self.argnames[0]}=lambda xp, g, y, "
            f"{', '.join(self.argnames)}: ...), or make it with differentiable=False"
        )

    @cached_property
    def uses(self) -> tuple[frozenset[int], ...]:
        """For each argument, which values its derivative reads: positions of arguments, and -1 for the result."""
        return self.uses_with(self.params)

    def uses_with(self, params: Mapping[str, Any]) -> tuple[frozenset[int], ...]:
        """`uses` for given static parameters: each derivative is run once on names, and the text read."""
        args = [names.Name(f"x{i}") for i in range(self.arity + self.variadic)]
        positions = {f"x{i}": min(i, self.arity - 1) for i in range(len(args))} | {"y": -1}
        found = []
        for v in self.vjps:
            text = self.on_names(v, names.Name("g"), args, params) if v else None
            symbols = text.reads() if isinstance(text, names.Name) else set()
            found.append(frozenset(positions[s] for s in symbols if s in positions))
        return tuple(found)

    def on_names(
        self, formula: Formula | None, g: Any = None, args: Any = None, params: Mapping[str, Any] | None = None
    ) -> Any:
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

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Numbers or arrays from numbers and arrays; a recorded node where one of them is a node."""
        try:
            if not kwargs and len(args) == self.arity and isinstance(args[0], Node) and not self.params:
                native = type(args[0]._data)
                if native not in self._recorders:
                    self._recorders[native] = recording_of(self, native)
                return self._recorders[native](*args)
            nodes: tuple[Any, ...] = args
            params = NO_PARAMS
            if kwargs or self.params or len(args) != self.arity:
                nodes, params = self.bind(args, kwargs)
            for a in nodes:
                if isinstance(a, Node):
                    return apply(self, nodes, params)
            return self._plain(nodes, params)
        except Exception as error:
            shorten(error)
            raise

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
        """Split a call's arguments into nodes and static parameters."""
        if not self.params and not kwargs and (self.variadic or len(args) == len(self.argnames)):
            return args, NO_PARAMS
        n = len(args) if self.variadic else len(self.argnames)
        by_position = list(self.params)[: max(len(args) - n, 0)]
        too_many = len(args) > n + len(self.params)
        if len(args) < n or too_many or not kwargs.keys() <= self.params.keys() - set(by_position):
            rest = self.argnames[len(args) :]
            if rest and not self.variadic and all(a in kwargs for a in rest):  # arguments given by name
                by_name = [kwargs[a] for a in rest]
                return self.bind((*args, *by_name), {k: v for k, v in kwargs.items() if k not in rest})
            got = ", ".join([f"{len(args)} argument{'s' * (len(args) != 1)}", *(f"{k}=" for k in kwargs)])
            raise TypeError(f"{self.name} takes {self.__signature__}, got {got}")
        params = dict(zip(self.params, args[n:], strict=False))
        if len(params) < len(self.params):
            params = {**self.params, **params, **kwargs}
        for k, v in params.items():
            if v is inspect.Parameter.empty:
                raise TypeError(f"{self.name} takes {self.__signature__}; {k} is missing")
            if v is not None and type(v) is not int and type(v) is not bool:
                params[k] = self._static(k, v)
        return args[:n], params

    def _static(self, name: str, value: Any) -> Any:
        """A static argument as what a graph may hold: hashable, and writable as JSON."""
        if value is None or (isinstance(value, (bool, int, float, str)) and not isinstance(value, np.generic)):
            return value
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim):
            return tuple(self._static(name, v) for v in value)
        if isinstance(value, Node):
            text = f"{name} is static, so it cannot be a node; pass a number, e.g. int({name}.item())"
            raise TypeError(f"{self.name}: {text}")
        raise TypeError(f"{self.name}: {name} must be a number, a text or a tuple of such, not {type(value).__name__}")

    def _plain(self, args: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        scalars = all(isinstance(a, (int, float)) and not isinstance(a, np.generic) for a in args)
        if scalars and self.elementwise:
            try:
                return evaluate(self.forward, [float(a) if type(a) is int else a for a in args], params)
            except Exception as error:
                explain(self, args, params, error)
                raise
        if any(isinstance(a, np.ndarray) and a.dtype.kind == "O" for a in args):
            return apply(self, args, params)
        try:
            data = [self._plain_operand(a) for a in args]
        except (TypeError, ValueError) as error:
            raise type(error)(f"{written(self)}: {error}") from None
        try:
            result = self.forward(arrays, *data, **params)
        except Exception as error:
            explain(self, data, params, error)
            raise
        if getattr(result, "dtype", None) == np.float16:
            raise half_precision(self)
        return result.item() if scalars and isinstance(result, np.generic) else result

    @staticmethod
    def _plain_operand(a: Any) -> Any:
        if isinstance(a, np.floating) and a.dtype.char not in FLOATS:
            return float(a)
        return a if isinstance(a, (np.generic, int, float)) else array(a, copy=None)

    def __reduce__(self) -> str:
        return self.__qualname__  # by reference, like a function

    def __repr__(self) -> str:
        return f"<op {self.name} {self.symbol}{self.__signature__}>"


@entrance
def primitive(
    symbol: str = "",
    *,
    elementwise: bool = False,
    differentiable: bool = True,
    name: str = "",
    commutative: bool = False,
    shape_only: Sequence[str] = (),
    lacks: Sequence[str] = (),
) -> Callable[[Callable[Concatenate[Any, P], Any]], Op[P]]:
    """Make an op of a formula; its derivatives follow with :meth:`Op.defvjps`.

    The formula takes ``xp`` and then the arguments: nodes, and right of a ``/`` static parameters. It and the
    derivatives use operators and `xp`'s functions only; then every order of derivative, pictures and texts follow.

    Parameters
    ----------
    symbol : str
        What pictures write on its node; by default its name.
    elementwise : bool
        Whether it works element by element, with broadcasting; only then it takes Values.
    differentiable : bool
        False for an op without derivatives (a comparison).
    name : str
        What users call it, where that is not the name of its formula.
    commutative : bool
        Whether its operands may change places: pictures then do not number them.
    shape_only : sequence of str
        The arguments of which only the shape is read.
    lacks : sequence of str
        The targets that cannot calculate it.

    Examples
    --------
    >>> from autograd import Value, grad, primitive
    >>> @primitive("x³", elementwise=True)
    ... def cube(xp, x):
    ...     return x * x * x
    >>> cube.defvjps(x=lambda xp, g, y, x: g * (3 * x * x))
    >>> grad(cube)(2.0), grad(grad(cube))(2.0)
    (12.0, 12.0)
    """
    record: Any = {
        "elementwise": elementwise, "differentiable": differentiable, "name": name, "commutative": commutative,
        "shape_only": shape_only, "lacks": lacks,
    }  # fmt: skip
    if callable(symbol):
        raise TypeError('write @primitive("symbol") with the symbol for pictures, or @primitive()')
    if not isinstance(symbol, str):
        raise TypeError(f"primitive: the symbol is a short text for pictures, not {type_name(symbol)}")
    if not symbol.isprintable() or len(symbol) > LONGEST:
        raise ValueError(
            f"primitive: the symbol {symbol[:LONGEST]!r} cannot stand in a picture; give at most {LONGEST} characters, "
            "none of which is a line break or a control character"
        )

    @entrance
    def made(forward: Callable[Concatenate[Any, P], Any]) -> Op[P]:
        own = getattr(forward, "__name__", None)
        if not isinstance(own, str) or not (own == "<lambda>" or notations.is_word(own)) or len(own) > LONGEST:
            raise ValueError(
                f"primitive: the name of an op is that of its function, and {str(own)[:LONGEST]!r} is none for texts, "
                f"pictures and files; define it with `def`, by a name of at most {LONGEST} characters"
            )
        return Op(forward, symbol or own, **record)

    return made
