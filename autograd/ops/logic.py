"""Logic: comparisons, conditions and their combinations, none of which has a gradient.

Of nodes they give nodes of bools, which follow in a replay; an ``if`` takes one of a single element.
"""

from functools import partial

from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.libraries import numpy_dtype
from autograd.engine.node import Node
from autograd.messages import describe
from autograd.ops._helpers import Axis, X, binary, constant_result, unary
from autograd.ops.reductions import sum
from autograd.ops.shaping import ndim

__all__ = [
    "all", "any", "bitwise_and", "bitwise_or", "count_nonzero", "equal", "greater", "greater_equal", "invert",
    "isfinite", "isinf", "isnan", "less", "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor",
    "not_equal", "signbit",
]  # fmt: skip

_of_one, _of_two = partial(unary, differentiable=False), partial(binary, differentiable=False)

equal = _of_two("equal", """Whether `a` is equal to `b`, elementwise.

    >>> from autograd import equal
    >>> equal([1.0, 2.0], [1.0, 3.0]).tolist()
    [True, False]
    """, "=", commutative=True)  # fmt: skip
not_equal = _of_two("not_equal", """Whether `a` is different from `b`, elementwise.

    >>> from autograd import not_equal
    >>> not_equal([1.0, 2.0], [1.0, 3.0]).tolist()
    [False, True]
    """, "≠", commutative=True)  # fmt: skip
less = _of_two("less", """Whether `a` is less than `b`, elementwise.

    >>> from autograd import Tensor, less
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> less(x, 2.0), (x < 2.0).requires_grad
    (Tensor([ True, False, False], op='<'), False)
    """, "<")  # fmt: skip
less_equal = _of_two("less_equal", """Whether `a` is at most `b`, elementwise.

    >>> from autograd import less_equal
    >>> less_equal([1.0, 2.0, 3.0], 2.0).tolist()
    [True, True, False]
    """, "≤")  # fmt: skip
greater = _of_two("greater", """Whether `a` is greater than `b`, elementwise.

    >>> from autograd import greater
    >>> greater([1.0, 2.0, 3.0], 2.0).tolist()
    [False, False, True]
    """, ">")  # fmt: skip
greater_equal = _of_two("greater_equal", """Whether `a` is at least `b`, elementwise.

    >>> from autograd import greater_equal
    >>> greater_equal([1.0, 2.0, 3.0], 2.0).tolist()
    [False, True, True]
    """, "≥")  # fmt: skip
logical_and = _of_two("logical_and", """Whether `a` and `b` both hold, elementwise.

    >>> from autograd import logical_and
    >>> logical_and([1.0, 2.0, 0.0], [1.0, 0.0, 0.0]).tolist()  # a number holds where it is not 0
    [True, False, False]
    """, "∧", commutative=True)  # fmt: skip
logical_or = _of_two("logical_or", """Whether `a` or `b` holds, elementwise.

    >>> from autograd import logical_or
    >>> logical_or([1.0, 2.0, 0.0], [1.0, 0.0, 0.0]).tolist()
    [True, True, False]
    """, "∨", commutative=True)  # fmt: skip
logical_not = _of_one("logical_not", """Whether `x` does not hold, elementwise.

    >>> from autograd import logical_not
    >>> logical_not([1.0, 0.0]).tolist()
    [False, True]
    """, "¬")  # fmt: skip
isfinite = _of_one("isfinite", """Whether `x` is neither inf nor nan, elementwise.

    >>> from autograd import isfinite
    >>> isfinite([1.0, float("inf"), float("nan")]).tolist()
    [True, False, False]
    """, "finite?")  # fmt: skip
isnan = _of_one("isnan", """Whether `x` is nan, elementwise.

    >>> from autograd import isnan
    >>> isnan([1.0, float("inf"), float("nan")]).tolist()
    [False, False, True]
    """, "nan?")  # fmt: skip
isinf = _of_one("isinf", """Whether `x` is inf or −inf, elementwise.

    >>> from autograd import isinf
    >>> isinf([1.0, float("-inf"), float("nan")]).tolist()
    [False, True, False]
    """, "inf?")  # fmt: skip
signbit = _of_one("signbit", """Whether the sign of `x` is negative, elementwise; that of −0.0 is.

    >>> from autograd import signbit
    >>> signbit([-1.0, -0.0, 0.0]).tolist()  # -0.0 < 0 is False
    [True, True, False]
    """, "−?")  # fmt: skip


@constant_result
def logical_xor(a: X, b: X) -> X:
    """Whether exactly one of `a` and `b` holds, elementwise.

    >>> from autograd import logical_xor
    >>> logical_xor([True, True, False], [True, False, False]).tolist()
    [False, True, False]
    """
    return not_equal(logical_not(a), logical_not(b))


def _conditions(sign: str, *nodes: X) -> None:
    for x in nodes:
        data = x._data if isinstance(x, Node) else x
        if not isinstance(data, bool) and numpy_dtype(data).kind != "b":
            met = describe(x) if isinstance(x, Node) else repr(x)
            raise TypeError(
                f"{sign} is for conditions, and {met} is none; compare in brackets, (x > 0) & (x < 1), because {sign} "
                "binds tighter than >; for the truth of numbers take logical_and, logical_or or logical_not"
            )


@constant_result
def bitwise_and(a: X, b: X) -> X:
    """``a & b`` of conditions: whether both hold.

    Numbers are a ``TypeError``: their truth is for :func:`logical_and`.

    >>> from autograd import Tensor
    >>> x = Tensor([0.5, 1.5])
    >>> ((x > 0) & (x < 1)).tolist()
    [True, False]
    """
    _conditions("&", a, b)
    return logical_and(a, b)


@constant_result
def bitwise_or(a: X, b: X) -> X:
    """``a | b`` of conditions: whether one of them holds.

    Numbers are a ``TypeError``: their truth is for :func:`logical_or`.

    >>> from autograd import Tensor
    >>> x = Tensor([-0.5, 0.5, 1.5])
    >>> ((x < 0) | (x > 1)).tolist()
    [True, False, True]
    """
    _conditions("|", a, b)
    return logical_or(a, b)


@constant_result
def invert(x: X) -> X:
    """``~x`` of a condition: whether it does not hold.

    A number is a ``TypeError``: its truth is for :func:`logical_not`.

    >>> from autograd import Tensor
    >>> (~(Tensor([0.5, 1.5]) > 1)).tolist()
    [True, False]
    """
    _conditions("~", x)
    return logical_not(x)


@constant_result
def count_nonzero(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The number of elements that are not 0, or of those along `axis`.

    >>> from autograd import count_nonzero
    >>> x = [[0.0, 2.0], [3.0, 4.0]]
    >>> int(count_nonzero(x)), count_nonzero(x, axis=0).tolist()
    (3, [1, 2])
    """
    return _number_of("count_nonzero", not_equal(x, 0), axis, keepdims)


def _number_of(name: str, condition: X, axis: Axis, keepdims: bool) -> X:
    """The number of true elements; an error names the function."""
    if axis is not None:
        normalize_axis_tuple(axis, max(ndim(condition), 1), name)
    return sum(condition, axis, keepdims)


@constant_result
def any(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """Whether any element is not 0, or any along `axis`.

    Of no elements it is False.

    >>> import autograd
    >>> x = autograd.Tensor([[0.0, 2.0], [0.0, 0.0]])
    >>> bool(autograd.any(x)), autograd.any(x, axis=1).tolist()
    (True, [True, False])
    """
    return _number_of("any", not_equal(x, 0), axis, keepdims) > 0


@constant_result
def all(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """Whether no element is 0, or none along `axis`.

    Of no elements it is True.

    >>> import autograd
    >>> x = autograd.Tensor([[1.0, 2.0], [0.0, 3.0]])
    >>> bool(autograd.all(x)), autograd.all(x, axis=1).tolist()
    (False, [True, False])
    """
    return _number_of("all", equal(x, 0), axis, keepdims) == 0
