"""Hypothesis strategies: numbers, nodes, shapes that broadcast, calls of any op, and random expressions over the table.

``nn.testing.modules`` draws small random nets with data.

>>> from hypothesis import given, settings
>>> from autograd import tanh
>>> from autograd.testing import check_gradients, strategies
>>> @settings(deadline=None)
... @given(strategies.op_calls(tanh))
... def test(call):
...     check_gradients(call.op, call.args)
>>> test()
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.op import Op
from autograd.ops import table
from autograd.ops.reductions import mean, sum
from autograd.ops.selection import where
from autograd.ops.trigonometric import tanh
from autograd.tensor import Tensor
from autograd.testing.op_inputs import (
    MAX_MAGNITUDE,
    MIN_DISTANCE,
    PARAMS,
    OpCall,
    Template,
    check_op,
    domain,
    is_float,
    is_smooth_at,
    templates,
)
from autograd.testing.reproducer import source
from autograd.typing import Array, Data, DTypeLike, Function, Keywords, Shape
from autograd.value import Value

try:
    from hypothesis import reject
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as hnp
except ModuleNotFoundError as error:
    text = "autograd.testing.strategies needs hypothesis: pip install 'graphgrad[testing]'"
    raise ImportError(text, name="hypothesis") from error

__all__ = ["Expression", "away_from", "broadcastable_shapes", "expressions", "op_calls", "tensors", "values"]

SHAPES: tuple[Shape, ...] = ((), (3,), (2, 1), (2, 3), (1,), (1, 3))


def numbers(low: float = -2.0, high: float = 2.0) -> st.SearchStrategy[float]:
    """Floats with two decimals, so that failing examples read well; they shrink to 1, where most ops are smooth."""
    return st.integers(round(100 * low) - 100, round(100 * high) - 100).map(lambda n: (n + 100) / 100)


def away_from(points: Sequence[float], low: float = -2.0, high: float = 2.0) -> st.SearchStrategy[float]:
    """Numbers in a range, none closer than 0.05 to any of `points`.

    Examples
    --------
    >>> from hypothesis import find
    >>> from autograd.testing import strategies
    >>> find(strategies.away_from([0.0, 1.0]), lambda x: x > 0)
    1.05
    """
    try:
        points = [float(p) for p in points]
    except (TypeError, ValueError):
        raise TypeError(f"away_from: points is a list of numbers, as [0.0], not {points!r}") from None
    return numbers(low, high).filter(lambda x: all(abs(x - p) >= MIN_DISTANCE for p in points))


def values(elements: st.SearchStrategy[float] | None = None) -> st.SearchStrategy[Value]:
    """Leaves of type `Value`.

    Parameters
    ----------
    elements : strategy, optional
        A strategy of the numbers; by default two decimals in [−2, 2].

    Examples
    --------
    >>> from hypothesis import find
    >>> from autograd.testing import strategies
    >>> find(strategies.values(), lambda x: x.data > 1)
    Value(1.01)
    """
    return (numbers() if elements is None else elements).map(Value)


def arrays(
    shape: Shape | st.SearchStrategy[Shape] | None = None,
    elements: st.SearchStrategy[float] | None = None,
    dtype: DTypeLike = float,
) -> st.SearchStrategy[Array]:
    """Arrays of floats, by default of any small shape."""
    shape = hnp.array_shapes(min_dims=0, max_dims=3, max_side=3) if shape is None else shape
    elements = numbers() if elements is None else elements
    drawn = hnp.arrays(np.float64, shape, elements=elements, fill=st.nothing())
    return drawn.map(lambda a: a.astype(dtype))


def tensors(
    shape: Shape | st.SearchStrategy[Shape] | None = None,
    elements: st.SearchStrategy[float] | None = None,
    dtype: DTypeLike = float,
) -> st.SearchStrategy[Tensor]:
    """Leaves of type `Tensor`, by default of any small shape.

    Parameters
    ----------
    shape : tuple of int or strategy, optional
        The shape, or a strategy of shapes; by default any of at most 3 axes of at most 3.
    elements : strategy, optional
        A strategy of the numbers; by default two decimals in [−2, 2].
    dtype : dtype
        The dtype of the data.

    Examples
    --------
    >>> from hypothesis import find
    >>> from autograd.testing import strategies
    >>> find(strategies.tensors(), lambda x: x.ndim == 2)
    Tensor([[1.]])
    """
    return arrays(shape, elements, dtype).map(Tensor)


def broadcastable_shapes(n: int) -> st.SearchStrategy[tuple[Shape, ...]]:
    """`n` shapes that broadcast with each other, of at most 3 axes of at most 3.

    Examples
    --------
    >>> from hypothesis import find
    >>> from autograd.testing import strategies
    >>> find(strategies.broadcastable_shapes(2), lambda shapes: shapes[0] != shapes[1])
    ((1,), ())
    """
    drawn = hnp.mutually_broadcastable_shapes(num_shapes=n, max_dims=3, max_side=3)
    return drawn.map(lambda shapes: tuple(shapes.input_shapes))


def op_calls(op: Op[...], dtype: DTypeLike = float) -> st.SearchStrategy[OpCall]:
    """Draw calls of any op, a user's too: arguments and static parameters, away from kinks, ties and poles.

    A search finds out where an op is smooth. Elementwise ops get every pattern of broadcasting.

    Parameters
    ----------
    op : op
        The op.
    dtype : dtype
        The dtype of the floats among its arguments.

    Returns
    -------
    strategy
        Calls with ``op``, ``args`` and ``params``; calling one calls the op on fresh nodes.

    Raises
    ------
    TypeError
        If `op` is no op.
    ValueError
        If the search finds no arguments.

    Examples
    --------
    >>> from hypothesis import find
    >>> from autograd import mul
    >>> from autograd.testing import strategies
    >>> find(strategies.op_calls(mul), lambda call: True)
    mul(np.array(1.0), np.array(1.0))
    """
    check_op("op_calls", op)
    drawn = _elementwise_calls(op) if op.elementwise and not op.variadic else _other_calls(op)
    return drawn.map(lambda call: call._replace(args=tuple(_cast(a, dtype) for a in call.args)))


def _cast(a: Data, dtype: DTypeLike) -> Data:
    return a.astype(dtype) if a.dtype.kind == "f" else a


@st.composite
def _elementwise_calls(draw: st.DrawFn, op: Op[...]) -> OpCall:
    params = {k: draw(st.sampled_from(PARAMS.get(k, (default,)))) for k, default in op.params.items()}
    known = domain(op, tuple(params.items()))
    args = []
    for i, shape in enumerate(draw(broadcastable_shapes(op.arity))):
        args.append(draw(arrays(shape, numbers(*known.ranges[i])) if is_float(op, i) else hnp.arrays(bool, shape)))
    wrong: Array = np.asarray(~is_smooth_at(op, args, params))
    if wrong.any():  # a smooth point replaces the elements that are not smooth
        for a, x in zip(args, known.point, strict=True):
            a[_any(wrong, a.shape)] = x
        if not is_smooth_at(op, args, params).all():
            args = [np.full_like(a, x) for a, x in zip(args, known.point, strict=True)]
    return OpCall(op, tuple(args), params)


def _any(mask: Array, shape: Shape) -> Array:
    """For each element of an argument, whether the mask holds for a result that uses it."""
    mask = np.asarray(mask.any(axis=tuple(range(mask.ndim - len(shape)))))
    axes = tuple(i for i, n in enumerate(shape) if n == 1)
    return np.broadcast_to(mask.any(axis=axes, keepdims=True), shape)


@st.composite
def _other_calls(draw: st.DrawFn, op: Op[...]) -> OpCall:
    template: Template = draw(st.sampled_from(templates(op)))
    for seed in range(draw(st.integers(0, 10**4)), 10**5):
        args = template.filled(np.random.default_rng(seed))
        args = tuple(np.asarray(np.round(a, 2)) if a.dtype.kind == "f" else a for a in args)
        if is_smooth_at(op, args, template.params).all():
            return OpCall(op, args, template.params)
    raise reject()


class ExpressionStep(NamedTuple):
    """A step of an expression: an op applied to earlier results, by position."""

    op: Op[...]
    places: tuple[int, ...]
    params: Keywords


class Expression(NamedTuple):
    """A random function as a list of steps, and arguments at which it is well conditioned.

    A call applies the steps; its repr is code that runs.

    Attributes
    ----------
    inputs : tuple of array
        Arguments for which it is far from kinks and poles.
    lines : tuple
        The steps, the last of which gives the result.

    Examples
    --------
    >>> from hypothesis import find
    >>> from autograd import neg
    >>> from autograd.testing import strategies
    >>> expression = find(strategies.expressions(1, [neg]), lambda expression: len(expression.lines) == 2)
    >>> expression(3.0)
    3.0
    >>> len(expression.lines), expression.inputs
    (2, (array(1.),))
    """

    inputs: tuple[Array, ...]
    lines: tuple[ExpressionStep, ...]

    def __call__(self, *xs: Data) -> Data:
        """Return the last step's result; `xs` may be nodes, arrays or numbers."""
        return self.evaluate(xs, lambda op: op)

    def evaluate(self, xs: Sequence[Data], of: Callable[[Op[...]], Function]) -> Data:
        """Return the last step's result, with other functions, say of another library, in place of the ops."""
        results = list(xs)
        for op, places, params in self.lines:
            args = [results[i] for i in places]
            if op is where:
                args[0] = args[0] > 0
            results.append(of(op)(*args, **params))
        return results[-1]

    def __repr__(self) -> str:
        n = len(self.inputs)
        ops = {op: f"from {op.__module__} import {op.__name__}" for op, _, _ in self.lines}
        lines = ["", "import numpy as np", *sorted(ops.values()), ""]
        lines += [f"def f({', '.join(f'x{i}' for i in range(n))}):"]
        for k, (op, places, params) in enumerate(self.lines):
            args = [f"x{i}" for i in places]
            if op is where:
                args[0] += " > 0"
            lines.append(
                f"    x{n + k} = {op.__name__}({', '.join([*args, *(f'{k}={v!r}' for k, v in params.items())])})"
            )
        lines += [f"    return x{n + len(self.lines) - 1}", ""]
        lines += [f"args = ({' '.join(source(a) + ',' for a in self.inputs)})"]
        return "\n".join(lines)


def expressions(
    n_inputs: int | None = None,
    ops: Sequence[Op[...]] | None = None,
    max_nodes: int = 12,
    shapes: Sequence[Shape] = SHAPES,
) -> st.SearchStrategy[Expression]:
    """Draw random functions over the op table with arguments away from kinks and poles; they shrink to few steps.

    Parameters
    ----------
    n_inputs : int, optional
        The number of arguments; by default 1 to 3.
    ops : sequence of op, optional
        The ops to draw from: elementwise ones, and reductions. By default every differentiable elementwise op of the
        table that no target lacks, sums and means.
    max_nodes : int
        The largest number of steps.
    shapes : sequence of tuple of int
        The shapes of arguments to draw from; ``[()]`` for scalar functions.

    Returns
    -------
    strategy of Expression
        Functions with ``inputs``, arrays, and ``lines``; a call with nodes applies the steps.

    Raises
    ------
    TypeError
        If one of `ops` is no op.
    ValueError
        If one of `ops` is neither elementwise nor a reduction of one argument, or there are none; or if `n_inputs` or
        `max_nodes` is less than 1.

    Examples
    --------
    >>> from hypothesis import find
    >>> from autograd import neg
    >>> from autograd.testing import strategies
    >>> print(str(find(strategies.expressions(1, [neg]), lambda expression: len(expression.lines) == 2)).strip())
    import numpy as np
    from autograd.ops.arithmetic import neg
    <BLANKLINE>
    def f(x0):
        x1 = neg(x0)
        x2 = neg(x1)
        return x2
    <BLANKLINE>
    args = (np.array(1.0),)
    """
    for name, number in (("n_inputs", n_inputs), ("max_nodes", max_nodes)):
        if number is not None and number < 1:
            raise ValueError(f"expressions: {name} is 1 or more, not {number!r}")
    if isinstance(ops, Op):
        raise TypeError(f"expressions: ops is a list of ops; write [{ops.name}]")
    if ops is not None and not ops:
        raise ValueError("expressions: ops is empty; None stands for the usual ones")
    for op in ops or ():
        if check_op("expressions", op).variadic or not (op.elementwise or (op.arity == 1 and "axis" in op.params)):
            raise ValueError(f"expressions: {op.name} is neither elementwise nor a reduction; draw it with op_calls")
    counts = st.integers(1, 3) if n_inputs is None else st.just(n_inputs)
    return _expressions(counts, _usual() if ops is None else list(ops), max_nodes, list(shapes))


@st.composite
def _expressions(
    draw: st.DrawFn, counts: st.SearchStrategy[int], ops: list[Op[...]], max_nodes: int, shapes: list[Shape]
) -> Expression:
    results: list[Array] = [draw(arrays(draw(st.sampled_from(shapes)))) for _ in range(draw(counts))]
    inputs, lines = tuple(results), []
    for k in range(max_nodes):
        if k and draw(st.integers(0, 9)) == 0:  # an end by chance, so that hypothesis can leave out any step
            break
        op = draw(st.sampled_from(ops))
        last = len(results) - 1
        places = tuple(last - draw(st.one_of(st.just(0), st.integers(0, last))) for _ in range(op.arity))
        params = {k: draw(_static(k, default, results[places[0]])) for k, default in op.params.items()}
        line, y = ExpressionStep(op, places, params), None
        for candidate in (
            line,
            ExpressionStep(tanh, (last,), {}),
        ):  # a tame step replaces a badly conditioned one
            if candidate.op is tanh and tanh not in ops:
                continue
            y = _evaluated_step(candidate, results)
            if y is not None:
                lines.append(candidate)
                results.append(y)
                break
    if not lines:
        reject()
    return _pruned(Expression(inputs, tuple(lines)))


def _usual() -> list[Op[...]]:
    return [op for op in table() if op.differentiable and not op.lacks and (op.elementwise or op in (mean, sum))]


def _static(name: str, default: object, x: Array) -> st.SearchStrategy[Any]:
    if name == "axis":
        return st.sampled_from([None, *range(-x.ndim, x.ndim)])
    return st.sampled_from(PARAMS.get(name, (default,)))


def _evaluated_step(line: ExpressionStep, results: Sequence[Array]) -> Array | None:
    """Evaluate a step; None if it is badly conditioned there."""
    op, places, params = line
    args: list[Data] = [results[i] for i in places]
    if op.elementwise:
        try:
            np.broadcast_shapes(*(a.shape for a in args))
        except ValueError:
            return None
    if op is where:
        if not (np.abs(args[0]) > MIN_DISTANCE).all():
            return None
        args[0] = args[0] > 0
    elif (
        len(set(places)) < len(places)
        and not is_smooth_at(op, [a + MIN_DISTANCE * i for i, a in enumerate(args)], params).all()
    ):
        return None  # x/x is smooth, max(x, x) is a tie
    if not is_smooth_at(op, args, params).all():
        return None
    y = np.asarray(op(*args, **params), float)
    return y if np.isfinite(y).all() and np.abs(y).max(initial=0.0) <= MAX_MAGNITUDE else None


def _pruned(expression: Expression) -> Expression:
    """Leave out the steps on which the last one does not depend."""
    inputs, lines = expression
    n = len(inputs)
    needed = {n + len(lines) - 1}
    for k in reversed(range(len(lines))):
        if n + k in needed:
            needed.update(lines[k].places)
    remaining = sorted(i for i in range(n + len(lines)) if i in needed or i < n)
    position = {i: new for new, i in enumerate(remaining)}
    steps = [lines[i - n] for i in remaining if i >= n]
    return Expression(inputs, tuple(s._replace(places=tuple(position[i] for i in s.places)) for s in steps))
