"""``check_gradients``: compare the engine's derivatives of a function with differences of its values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.coercion import constant
from autograd.engine.libraries import fetched, library_of
from autograd.engine.modes import Mode, current_mode, run_in
from autograd.engine.node import Node, toposort
from autograd.engine.trace import Trace
from autograd.testing.blame import Suspect, display_name, snippet, suspect
from autograd.testing.contracts import Breach, find_breach, find_decision
from autograd.testing.findings import Problem, Tolerance, fresh_leaf
from autograd.testing.places import brought, on_numpy
from autograd.testing.rounding import lossiest_node
from autograd.testing.slopes import ShapeError
from autograd.testing.verdict import MODES, NotDifferentiableError, find_problem
from autograd.transforms.containers import leaves, matched, rebuilt
from autograd.typing import Data, Keywords, Rng

__all__ = ["GradientError", "check_gradients"]

WRONG = ("wrong", "unstable")
RETRIES = 20  # when something looks wrong, so many more calls show whether the function is random


class GradientError(AssertionError):
    """A derivative is wrong: the message says which, by how much, which op is suspected, and how to reproduce it.

    Attributes
    ----------
    argument : str
        The argument with the worst element, as ``"args[0]['W']"``.
    index : tuple of int
        The place of that element in it.
    actual, expected : float
        The engine's derivative there, and that by differences; nan if the formula breaks its contract (its result has
        another shape or dtype than the argument, or it writes into its arguments).
    op : op or None
        The op whose own derivative is wrong at its recorded inputs, or where a convention or a selection decides it.
    snippet : str
        Code that reproduces the failure.
    output : node or None
        The result of the function, with its graph.

    Examples
    --------
    >>> from autograd import primitive
    >>> from autograd.testing import GradientError, check_gradients
    >>> @primitive(elementwise=True)
    ... def square(xp, x):
    ...     return x * x
    >>> square.defvjps(x=lambda xp, g, y, x: g * x)  # 2 is forgotten
    >>> try:
    ...     check_gradients(square, (3.0,))
    ... except GradientError as error:
    ...     print(error.argument, error.op.name, round(error.actual, 6), round(error.expected, 6))
    args[0] square 3.0 6.0
    """

    argument: str
    index: tuple[int, ...]
    actual: float
    expected: float
    op: Any = None
    snippet: str = ""
    output: Data = None


def check_gradients(
    f: Callable[..., Data],
    args: Sequence[Data],
    order: int = 2,
    modes: Sequence[str] = MODES,
    rtol: float | None = None,
    atol: float | None = None,
    rng: Rng = None,
) -> None:
    """Check every derivative of a function, up to an order, against differences of its values; silent if all is right.

    A Jacobian of at most 64 rows and columns is checked in full, a larger one in random directions, argument by
    argument; of a derivative of higher order, the Jacobian of a random projection of the one below. Differences are
    Richardson's, in float64, and estimate their own error, the rounding of what cancels in the function included.

    An element may differ from its difference quotient by ``atol + rtol·D + 10·error + 50·ε·S + 10·scatter``, all in
    float64: D is the largest derivative of that result by that argument, ``error`` the differences' own estimate, ε
    2.2e-16, S the size of terms that may cancel: that of the result or D, at most 1, but 1 where the quotient cannot be
    told from 0. ``scatter`` is the rounding of larger terms: how much the engine's derivative differs between points √ε
    apart, its change not counted; at most √ε·max(D, S). A quotient that is not sure to
    ``1e-3·D + 1e-8·|f| + 1.1e-11`` is an error, not a pass; but where only the rounding of the function's values is to
    blame, one that is sure to 0.2·D, and agrees within that, is enough if each op recorded is right at its own inputs.

    If arguments or results are float32, the derivative in float32 must also equal that in float64, within
    ``atol + rtol·D + √ε·max(D, S)`` with the ε of float32.

    Parameters
    ----------
    f : callable
        Takes nodes (in the containers of `args`) and returns a node, or containers of nodes.
    args : tuple
        Its arguments: numbers, arrays or nodes, in any containers. It is differentiated by floats and arrays of floats;
        all else (integers, bools, texts) is passed on as it is.
    order : int
        The highest order of derivative to check.
    modes : sequence of {"reverse", "forward"}
        The modes to check: backward passes (`vjp`), tangents pushed forward (`jvp`), or both.
    rtol, atol : float, optional
        Tolerances of your own: relative to D, by default 1000 ε, 2.2e-13; and absolute, by default 0.
    rng : Generator or int, optional
        The source of directions; by default always the same.

    Raises
    ------
    GradientError
        If a derivative is wrong. It names the argument, the index of the worst element, both values and the op that
        is suspected, and has a snippet that reproduces the failure.
    NotDifferentiableError
        If the function has a kink, a tie or a pole here: move the point away from it. Or if its own values carry so few
        digits that not even the first one of the derivative is seen, and each op is right at its own inputs: "cannot be
        judged here".
    TypeError, ValueError
        If `args` hold no floats, or `f` returns no floats, or changes its result or its shape from call to call; or if
        an option is wrong.

    Examples
    --------
    >>> import numpy as np
    >>> import autograd
    >>> from autograd.testing import check_gradients
    >>> check_gradients(lambda p, x: autograd.tanh(x @ p["W"]), ({"W": np.eye(2)}, np.ones((3, 2))))
    >>> check_gradients(autograd.relu, (0.0,))
    Traceback (most recent call last):
        ...
    autograd.testing.verdict.NotDifferentiableError: check_gradients: not differentiable here: by args[0] ...
    """
    __tracebackhide__ = True  # pytest leaves this frame out, because the message says enough
    if not callable(f):
        raise TypeError(f"check_gradients: pass a function, not {type(f).__name__}")
    if not isinstance(args, (tuple, list)):
        raise TypeError(
            f"check_gradients: write check_gradients(f, (x,)), with a tuple of arguments, not {type(args).__name__}"
        )
    if not isinstance(modes, (tuple, list, set, frozenset)) or not modes or not all(m in MODES for m in modes):
        raise ValueError(f"check_gradients: modes are {MODES}, one or both, not {modes!r}")
    if not isinstance(order, (int, np.integer)) or isinstance(order, bool) or order < 1:
        raise ValueError(f"check_gradients: order is 1 or more, not {order!r}")
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance is not None and not (isinstance(tolerance, (int, float, np.number)) and tolerance >= 0):
            raise ValueError(f"check_gradients: {name} is a number from 0, or None for the default, not {tolerance!r}")
    if not isinstance(rng, (int, np.integer, np.random.Generator, type(None))):
        raise TypeError(f"check_gradients: rng is a numpy.random.Generator, a seed or None, not {rng!r}")
    if isinstance(rng, (int, np.integer)) and rng < 0:
        raise ValueError(f"check_gradients: rng is a numpy.random.Generator, a seed from 0 or None, not {rng!r}")
    function = Function(f, tuple(args))
    broken = find_breach(function.output)
    if broken is not None:
        raise _broken(function, broken)
    directions = np.random.default_rng(0 if rng is None else rng)
    sound = lambda order: suspect(function.output, order, _problem_of) is None
    problem = find_problem(
        function, function.xs, order, list(modes), Tolerance(rtol, atol or 0.0), directions, sound=sound
    )
    if problem is not None:
        function.repeats(RETRIES)  # a wrong gradient may be one of several
        options: Keywords = {"modes": None if tuple(modes) == MODES else tuple(modes), "rtol": rtol, "atol": atol}
        options["rng"] = None if isinstance(rng, np.random.Generator) else rng
        raise _error(function, problem, {name: value for name, value in options.items() if value is not None})


class Function:
    """A function as one of a flat list of floats and arrays, that returns a flat list; checked for bad behaviour."""

    def __init__(self, f: Callable[..., Data], args: tuple[Data, ...]) -> None:
        self.f, self.args = f, args
        self.places: list[str] = []
        self.xs: list[Data] = []
        self._fill: list[int | None] = []
        self._likes: list[Data] = []  # of each of these another library's array, if the function is given such
        for place, x, _ in matched(args, args, "args"):
            given = x._data if isinstance(x, Node) else x
            data = fetched(given)
            floating = isinstance(data, (float, np.floating)) or (
                isinstance(data, np.ndarray) and data.dtype.kind == "f"
            )
            self._fill.append(len(self.xs) if floating else None)
            if floating:
                self.places.append(place)
                self.xs.append(data if isinstance(data, np.ndarray) else float(data))
                self._likes.append(None if library_of(given) is None else given)
        if not self.xs:
            raise TypeError(
                f"check_gradients: the arguments hold no floats, so there is nothing to check; {_instead(args)}"
            )
        self._shapes: list[tuple[int, ...]] | None = None
        self.leaves = [fresh_leaf(x) for x in self.xs]
        state = current_mode() or Mode()
        trace = Trace("check_gradients", state.trace)  # what leaves the graph inside raises an error with this name
        trace.variables.update(self.leaves)
        self.output = on_numpy(run_in(state._replace(trace=trace), self, *self.leaves))
        self.repeats(1)

    def repeats(self, times: int) -> None:
        """Raise unless so many more calls at the point give equal results."""
        for _ in range(times):
            for a, b in zip(self.output, self(*map(fresh_leaf, self.xs)), strict=True):
                if not np.array_equal(np.asarray(a._data), np.asarray(b._data), equal_nan=True):
                    raise ValueError(
                        "check_gradients: the function is random: two calls with the same arguments differ; make its "
                        "Generator inside, from a fixed seed"
                    )

    def __call__(self, *xs: Data) -> list[Data]:
        xs = tuple(x if like is None else brought(x, like) for x, like in zip(xs, self._likes, strict=True))
        pairs = zip(leaves(self.args), self._fill, strict=True)
        filled = rebuilt(self.args, (a if i is None else xs[i] for a, i in pairs))
        outputs, nodes = [], False
        for y in leaves(self.f(*filled)):
            y = _on_numpy(y)
            if not isinstance(y, Node):
                if not isinstance(y, (int, float, np.ndarray, np.generic)):
                    advice = "is a return missing?" if y is None else "return nodes, or containers of nodes"
                    raise TypeError(f"check_gradients: the function returned {type(y).__name__}; {advice}")
                if isinstance(y, np.ndarray) and y.dtype.kind == "O":
                    raise TypeError(
                        "check_gradients: the function returned an object array; autograd.stack joins nodes"
                    )
                data = np.asarray(y)
                y = fresh_leaf(data if data.ndim else data.item()) if data.dtype.kind == "f" else constant(y)
            else:
                nodes = True
            if np.asarray(y._data).dtype.kind == "f":
                outputs.append(y)
        if not outputs:
            raise TypeError("check_gradients: the function returned no floats, so there is no derivative")
        if not nodes:
            raise TypeError(
                "check_gradients: the function returned plain numbers: float(x), x.data and the functions of math "
                "leave the graph; use autograd's, or autograd.numpy"
            )
        shapes = [y.shape for y in outputs]
        if self._shapes is not None and shapes != self._shapes:
            raise ShapeError(
                f"check_gradients: the function returned shapes {self._shapes}, then {shapes} at a point nearby; its "
                "result must keep its shape"
            )
        self._shapes = shapes
        return outputs


def _on_numpy(y: Data) -> Data:
    """A result of the function on NumPy's arrays, recorded as before."""
    return brought(y, np.zeros(())) if library_of(y._data if isinstance(y, Node) else y) is not None else y


def _instead(args: tuple[Data, ...]) -> str:
    """Advice on what to pass in place of arguments without floats."""
    kinds = {np.asarray(x).dtype.kind for x in leaves(args) if isinstance(x, (complex, np.generic, np.ndarray))}
    if "c" in kinds:
        return "complex arguments are not differentiated: pass their real and imaginary parts"
    if "O" in kinds:
        return "for an object array pass x.astype(float), or the list of its Values, x.tolist()"
    return "write 1.0 for 1"


def _error(function: Function, problem: Problem, options: Keywords) -> Exception:
    """The error for a problem, with code that calls the check with the same options."""
    place = function.places[problem.argument]
    decision = find_decision(function.output, function.leaves)
    if problem.kind not in (*WRONG, "rounded") and not problem.coarse:
        return NotDifferentiableError(
            f"check_gradients: not differentiable here: by {place}{_index_text(problem.place)} {problem.kind}"
            f"{f', in {display_name(decision.op)!r}' if decision else ''}; "
            f"move the point away{'' if problem.order == 1 else f' (order {problem.order})'}"
        )
    blamed: Suspect | None = suspect(function.output, problem.order, _problem_of)
    if (problem.coarse or problem.kind == "unstable") and blamed is None:
        return NotDifferentiableError(_coarse(function, problem, place))
    code = snippet(blamed, function.f, function.args, problem.order, options)
    which = {1: "gradient", 2: "second derivative", 3: "third derivative"}.get(problem.order, f"order {problem.order}")
    say = _rounded if problem.kind == "rounded" else _wrong
    verdict, *lines, nobody, blame = say(function, problem)
    lines[:0] = [
        f"check_gradients: the {which} by {place} {verdict} ({problem.mode} mode)",
        f"  worst element found: {place}{_index_text(problem.place)}",
    ]
    suspected = nobody
    if blamed is None and decision is not None:
        suspected = f"none is wrong by itself; what decided is {decision.why}"
    if blamed is not None and blamed.missing:
        suspected = f"{blamed.name!r}, which depends on {blamed.argname!r} and has no derivative by it"
    elif blamed is not None:
        suspected = f"{blamed.name!r}, whose own derivative by {blamed.argname!r} {blame}"
    lines.append(f"  suspected op:        {suspected}")
    lines += ["  to reproduce:", "", *(f"    {line}" for line in code.splitlines())]
    error = GradientError("\n".join(lines))
    error.argument, error.index = place, problem.place or ()
    error.actual, error.expected = problem.actual, problem.expected
    guilty = blamed or decision
    error.op, error.snippet = guilty and guilty.op, code
    error.output = function.output[0] if len(function.output) == 1 else function.output
    return error


def _broken(function: Function, broken: Breach) -> GradientError:
    """The error for a derivative that breaks its contract."""
    order, blamed = toposort(broken.node), broken.suspect
    place = next((p for p, x in zip(function.places, function.leaves, strict=True) if any(x is n for n in order)), "")
    code = snippet(blamed, function.f, function.args, 1, {})
    lines = [
        f"check_gradients: the derivative of {blamed.name!r} by {blamed.argname!r} {broken.how}",
        f"  on the way from:     {place}",
        "  to reproduce:", "", *(f"    {line}" for line in code.splitlines()),
    ]  # fmt: skip
    error = GradientError("\n".join(lines))
    error.argument, error.index, error.actual, error.expected = place, (), np.nan, np.nan
    error.op, error.snippet = blamed.op, code
    error.output = function.output[0] if len(function.output) == 1 else function.output
    return error


def _wrong(function: Function, problem: Problem) -> list[str]:
    """Texts on a wrong derivative: the verdict, the values, and what to say of no suspect and of a suspect."""
    return [
        "is wrong",
        f"  by the engine:       {problem.actual:.12g}{_scatter_note(problem)}",
        f"  by differences:      {problem.expected:.12g} ± {problem.error:.1g}",
        "none; each one recorded is right at its own inputs (was something detached?)",
        "is wrong",
    ]


def _coarse(function: Function, problem: Problem, place: str) -> str:
    """The text for a function whose values are too rough to judge a derivative by."""
    node = lossiest_node(function.output)
    lost = "" if node is None or node.op is None else f", most of them lost in {display_name(node.op)!r}"
    by = f"by {place}{_index_text(problem.place)}{'' if problem.order == 1 else f' (order {problem.order})'}"
    what = f"{problem.kind}{lost}"
    if problem.kind == "unstable":
        off = f"{problem.actual:.6g}, off by {problem.scatter:.1g} by rounding"
        what = f"the engine's derivative carries so few digits ({off})"
    return (
        f"check_gradients: cannot be judged here: {by} {what}; each op recorded is right at its own "
        "inputs. Move the point, or write a form in which less cancels"
    )


def _rounded(function: Function, problem: Problem) -> list[str]:
    """Texts, as those of :func:`_wrong`, on a derivative that is right in float64 only."""
    data = [*function.xs, *(y._data for y in function.output)]
    dtypes = " and ".join(sorted({np.asarray(x).dtype.name for x in data} - {"float64"}))
    return [
        f"is right in float64, and lost to rounding in {dtypes}",
        f"  in {dtypes}:".ljust(23) + f"{problem.actual:.12g}",
        f"  in float64:          {problem.expected:.12g}",
        "  what helps:          smaller terms that cancel, or float64; atol= allows it",
        "none; each one recorded keeps its digits at its own inputs",
        "loses its digits",
    ]


def _scatter_note(problem: Problem) -> str:
    """Add a remark if rounding explains much of the difference."""
    if not 10 * problem.scatter >= abs(
        problem.actual - problem.expected
    ):  # true also if the engine's derivative is nan
        return ""
    return f" ± {problem.scatter:.1g} by rounding alone (more than half of the digits cancel: a stable form is needed)"


def _index_text(index: tuple[int, ...] | None) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""


def _problem_of(f: Callable[..., Data], xs: list[Data], order: int) -> Problem | None:
    """Find what is wrong with a function at a point; None also where it is not differentiable."""
    try:
        problem = find_problem(f, xs, order, ("reverse",), Tolerance(None, 0.0), np.random.default_rng(0))
    except NotDifferentiableError:
        return None
    return problem if problem is not None and problem.kind in (*WRONG, "rounded") else None
