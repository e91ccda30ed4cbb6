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
from os import path
from typing import TYPE_CHECKING, Any
from warnings import warn

from autograd import graph, ops, other_modules
from autograd import numpy as numpy
from autograd.engine.anomaly import detect_anomaly
from autograd.engine.fast import source
from autograd.engine.gradients import gradients
from autograd.engine.leaving import LeavesGraphWarning
from autograd.engine.modes import is_grad_enabled
from autograd.engine.primitive import primitive
from autograd.engine.switches import enable_grad, inference_mode, no_grad, set_grad_enabled
from autograd.library_tensor import LibraryTensor as _LibraryTensor  # noqa: F401  # enters the classes
from autograd.numpy.dispatch import supported
from autograd.operators import Operators
from autograd.ops import formula
from autograd.other_names import BESIDE, ELSEWHERE, missing
from autograd.surface import publish
from autograd.tensor import Tensor
from autograd.transforms import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value

# The functions of the op table, by chapter.
# isort: off
from autograd.ops.arithmetic import (
    abs as abs, add, cbrt, div, divmod as divmod, fabs, floor_divide, fmod, mod, mul, neg, positive, pow as pow,
    reciprocal, sign, sqrt, square, sub,
)  # fmt: skip
from autograd.ops.creation import astype, copy as copy, full, full_like, linspace, ones_like, zeros_like
from autograd.ops.cumulative import cumprod, cumsum, diff, trapezoid
from autograd.ops.exponential import exp, exp2, expm1, log, log10, log1p, log2, logaddexp, logaddexp2
from autograd.ops.indexing import take, take_along_axis
from autograd.ops.joining import (
    append, array, asarray, atleast_1d, atleast_2d, atleast_3d, broadcast_arrays, column_stack, concatenate, dstack,
    hstack, ravel, stack, vstack,
)  # fmt: skip
from autograd.ops.linear_algebra import cholesky, det, inv, norm, slogdet, solve, trace
from autograd.ops.logic import (
    all as all, any as any, bitwise_and, bitwise_or, count_nonzero, equal, greater, greater_equal, invert, isfinite,
    isinf, isnan, less, less_equal, logical_and, logical_not, logical_or, logical_xor, not_equal, signbit,
)  # fmt: skip
from autograd.ops.neural import (
    binary_cross_entropy, binary_cross_entropy_with_logits, elu, erf, erfc, linear, log_softmax, logsumexp,
    mean_square, relu, sigmoid, softmax, softplus, standardise,
)  # fmt: skip
from autograd.ops.padding import pad
from autograd.ops.products import dot, einsum, inner, kron, matmul, matrix_power, outer, tensordot, vdot, vecdot
from autograd.ops.rearranging import (
    diag, diagonal, flip, fliplr, flipud, moveaxis, repeat, roll, rot90, tile, tril, triu,
)  # fmt: skip
from autograd.ops.reductions import amax, amin, average, max as max, mean, min as min, prod, std, sum as sum, var
from autograd.ops.rounding import around, ceil, fix, floor, rint, round as round, trunc
from autograd.ops.selection import clip, copysign, fmax, fmin, heaviside, maximum, minimum, select, where
from autograd.ops.shaping import (
    broadcast_to, expand_dims, matrix_transpose, ndim, reshape, shape, size, squeeze, swapaxes, transpose,
)  # fmt: skip
from autograd.ops.sorting import argmax, argmin, argsort, median, searchsorted, sort, unique
from autograd.ops.splitting import array_split, dsplit, hsplit, split, vsplit
from autograd.ops.trigonometric import (
    arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, cos, cosh, deg2rad, degrees, hypot, rad2deg, radians,
    sin, sinh, tan, tanh,
)  # fmt: skip
from autograd.ops.windows import avg_pool, conv, conv_transpose, max_pool, max_pool_places, max_unpool
# isort: on

if TYPE_CHECKING:
    from autograd import backends, compiler, testing, viz
    from autograd.compiler import compile as compile

__all__ = [
    "LeavesGraphWarning", "Tensor", "Value", "add", "amax", "amin", "append", "arccos", "arccosh", "arcsin",
    "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "argsort", "around", "array", "array_split",
    "asarray", "astype", "atleast_1d", "atleast_2d", "atleast_3d", "average", "avg_pool", "backends",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "bitwise_and", "bitwise_or", "broadcast_arrays", "broadcast_to", "cbrt",
    "ceil", "cholesky", "clip", "column_stack", "compiler", "concatenate", "conv", "conv_transpose", "copysign",
    "cos", "cosh", "count_nonzero", "cumprod", "cumsum", "deg2rad", "degrees", "det", "detect_anomaly", "diag",
    "diagonal", "diff", "div", "dot", "dsplit", "dstack", "einsum", "elementwise_grad", "elu", "enable_grad",
    "equal", "erf", "erfc", "exp", "exp2", "expand_dims", "expm1", "fabs", "fix", "flip", "fliplr", "flipud",
    "floor", "floor_divide", "fmax", "fmin", "fmod", "formula", "full", "full_like", "grad", "gradients", "graph",
    "greater", "greater_equal", "heaviside", "hessian", "hsplit", "hstack", "hvp", "hypot", "inference_mode",
    "inner", "inv", "invert", "is_grad_enabled", "isfinite", "isinf", "isnan", "jacobian", "jvp", "kron", "less",
    "less_equal", "linear", "linspace", "log", "log1p", "log2", "log10", "log_softmax", "logaddexp", "logaddexp2",
    "logical_and", "logical_not", "logical_or", "logical_xor", "logsumexp", "matmul", "matrix_power",
    "matrix_transpose", "max_pool", "max_pool_places", "max_unpool", "maximum", "mean", "mean_square", "median",
    "minimum", "mod", "moveaxis", "mul", "ndim", "neg", "no_grad", "norm", "not_equal", "ones_like", "ops", "outer",
    "pad", "positive", "primitive", "prod", "rad2deg", "radians", "ravel", "reciprocal", "relu", "repeat",
    "reshape", "rint", "roll", "rot90", "searchsorted", "select", "set_grad_enabled", "shape", "sigmoid", "sign",
    "signbit", "sin", "sinh", "size", "slogdet", "softmax", "softplus", "solve", "sort", "source", "split", "sqrt",
    "square", "squeeze", "stack", "standardise", "std", "sub", "supported", "swapaxes", "take", "take_along_axis",
    "tan", "tanh", "tensordot", "testing", "tile", "trace", "transpose", "trapezoid", "tril", "triu", "trunc",
    "unique", "value_and_grad", "var", "vdot", "vecdot", "viz", "vjp", "vsplit", "vstack", "where", "zeros_like",
]  # fmt: skip
# The public names that a star import leaves out: Python has functions and a module under them, and NumPy is np.
SHADOWING = ["abs", "all", "any", "compile", "copy", "divmod", "max", "min", "numpy", "pow", "round", "sum"]

_MODULES = [
    "backends", "builtins", "compiler", "core", "differential_operators", "extend", "misc", "scipy", "test_util",
    "testing", "tracer", "util", "viz", "vspace", "wrap_util",
]  # fmt: skip

__version__: str

publish(globals())


def __getattr__(name: str) -> Any:
    # What is first imported when it is used, so that `import autograd` stays cheap.
    if name in _MODULES:
        return import_module(f"autograd.{name}")
    if name in ELSEWHERE:
        return getattr(import_module(ELSEWHERE[name]), name)
    if name == "compile":
        return import_module("autograd.compiler").compile
    if name == "__version__":
        return _version()
    raise missing("autograd", name)


def _version() -> str:
    """The version in the metadata of what is installed; files that are only on the path have none."""
    metadata = import_module("importlib.metadata")
    try:
        return str(metadata.version("graphgrad"))
    except metadata.PackageNotFoundError:
        return "0+unknown"


def _show(node: Any) -> dict[str, Any]:
    bundle: dict[str, Any] = import_module("autograd.viz").show(node)
    return bundle


Operators._show = staticmethod(_show)
other_modules.install()
del globals()["tensor"]  # the module, in the place of which torch.tensor(data) is answered
if path.exists(path.join(path.dirname(__file__), "numpy", "numpy_jvps.py")):  # which HIPS autograd alone has
    warn(BESIDE, stacklevel=2)
