"""Reverse-mode differentiation on a graph that can be read, drawn, replayed and differentiated again.

`Value` is a scalar node, `Tensor` an array node; ``y.backward()`` gives every node its gradient.

>>> from autograd import Value
>>> m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
>>> y = m * x + b
>>> y.backward()
>>> m.grad, x.grad, b.grad
(2.0, 3.0, 1.0)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd import graph, ops
from autograd import numpy as numpy
from autograd.anomaly import detect_anomaly
from autograd.backward import gradients
from autograd.lookup import supported
from autograd.node import no_grad
from autograd.op import primitive
from autograd.operators import Operators
from autograd.ops import formula
from autograd.ops.algebra import (
    cholesky,
    det,
    einsum,
    inner,
    inv,
    kron,
    matrix_power,
    norm,
    outer,
    slogdet,
    solve,
    tensordot,
    vdot,
    vecdot,
)
from autograd.ops.arithmetic import abs as abs
from autograd.ops.arithmetic import add, div, floor_divide, mod, mul, neg, positive, sub
from autograd.ops.arithmetic import pow as pow
from autograd.ops.choosing import all as all
from autograd.ops.choosing import any as any
from autograd.ops.choosing import (
    argmax,
    argmin,
    argsort,
    count_nonzero,
    searchsorted,
    select,
    sort,
    take,
    take_along_axis,
    unique,
)
from autograd.ops.functions import (
    arctan,
    arctan2,
    cos,
    cosh,
    exp,
    expm1,
    hypot,
    log,
    log1p,
    relu,
    sigmoid,
    sin,
    sinh,
    softplus,
    sqrt,
    tan,
    tanh,
)
from autograd.ops.moving import (
    append,
    array_split,
    atleast_1d,
    atleast_2d,
    atleast_3d,
    broadcast_arrays,
    column_stack,
    diag,
    diagonal,
    dsplit,
    dstack,
    flip,
    fliplr,
    flipud,
    hsplit,
    hstack,
    matrix_transpose,
    moveaxis,
    ravel,
    repeat,
    roll,
    rot90,
    split,
    tile,
    tril,
    triu,
    vsplit,
    vstack,
)
from autograd.ops.neural import binary_cross_entropy, elu, erf, heaviside, linear, log_softmax, logsumexp, softmax
from autograd.ops.padding import pad
from autograd.ops.reductions import prod, std, var
from autograd.ops.selection import (
    clip,
    equal,
    greater,
    greater_equal,
    isfinite,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    not_equal,
    sign,
    where,
)
from autograd.ops.shape import (
    array,
    broadcast_to,
    concatenate,
    dot,
    expand_dims,
    full,
    matmul,
    mean,
    reshape,
    squeeze,
    stack,
    swapaxes,
    transpose,
    zeros_like,
)
from autograd.ops.shape import max as max
from autograd.ops.shape import min as min
from autograd.ops.shape import sum as sum
from autograd.ops.summing import average, cumprod, cumsum, diff, full_like, linspace, ones_like, trace
from autograd.ops.ufuncs import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctanh,
    cbrt,
    ceil,
    copysign,
    deg2rad,
    degrees,
    exp2,
    fabs,
    fix,
    floor,
    fmax,
    fmin,
    fmod,
    isinf,
    isnan,
    log2,
    log10,
    logaddexp,
    logaddexp2,
    logical_xor,
    rad2deg,
    radians,
    reciprocal,
    rint,
    signbit,
    square,
    trunc,
)
from autograd.ops.ufuncs import divmod as divmod
from autograd.ops.ufuncs import round as round
from autograd.tensor import Tensor
from autograd.transforms import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value

if TYPE_CHECKING:
    from autograd import testing, viz

# Names that shadow Python's own (abs, all, max, sum, ...), and numpy, are left out of a star import: they are
# autograd.sum, ...
__all__ = [
    "Tensor",
    "Value",
    "add",
    "append",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "argmax",
    "argmin",
    "argsort",
    "array",
    "array_split",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "average",
    "binary_cross_entropy",
    "broadcast_arrays",
    "broadcast_to",
    "cbrt",
    "ceil",
    "cholesky",
    "clip",
    "column_stack",
    "concatenate",
    "copysign",
    "cos",
    "cosh",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "deg2rad",
    "degrees",
    "det",
    "detect_anomaly",
    "diag",
    "diagonal",
    "diff",
    "div",
    "dot",
    "dsplit",
    "dstack",
    "einsum",
    "elementwise_grad",
    "elu",
    "equal",
    "erf",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "fabs",
    "fix",
    "flip",
    "fliplr",
    "flipud",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "formula",
    "full",
    "full_like",
    "grad",
    "gradients",
    "graph",
    "greater",
    "greater_equal",
    "heaviside",
    "hessian",
    "hsplit",
    "hstack",
    "hvp",
    "hypot",
    "inner",
    "inv",
    "isfinite",
    "isinf",
    "isnan",
    "jacobian",
    "jvp",
    "kron",
    "less",
    "less_equal",
    "linear",
    "linspace",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "logsumexp",
    "matmul",
    "matrix_power",
    "matrix_transpose",
    "maximum",
    "mean",
    "minimum",
    "mod",
    "moveaxis",
    "mul",
    "neg",
    "no_grad",
    "norm",
    "not_equal",
    "ones_like",
    "ops",
    "outer",
    "pad",
    "positive",
    "primitive",
    "prod",
    "rad2deg",
    "radians",
    "ravel",
    "reciprocal",
    "relu",
    "repeat",
    "reshape",
    "rint",
    "roll",
    "rot90",
    "searchsorted",
    "select",
    "sigmoid",
    "sign",
    "signbit",
    "sin",
    "sinh",
    "slogdet",
    "softmax",
    "softplus",
    "solve",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "sub",
    "supported",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tensordot",
    "testing",
    "tile",
    "trace",
    "transpose",
    "tril",
    "triu",
    "trunc",
    "unique",
    "value_and_grad",
    "var",
    "vdot",
    "vecdot",
    "viz",
    "vjp",
    "vsplit",
    "vstack",
    "where",
    "zeros_like",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    # Pictures and tests are imported when they are first used, so that `import autograd` stays cheap.
    if name in ("testing", "viz"):
        return import_module(f"autograd.{name}")
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


def _show(node: Any) -> dict[str, Any]:
    bundle: dict[str, Any] = import_module("autograd.viz").show(node)
    return bundle


def _drawn(nodes: Any, **options: Any) -> str:
    source: str = import_module("autograd.viz").draw(nodes, **{"limit": None, "names": {}} | options).source
    return source


Operators._show = staticmethod(_show)
graph.markup.drawn = _drawn
