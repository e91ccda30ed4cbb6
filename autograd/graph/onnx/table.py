"""The ops of the table that are one ONNX operator, and those that ONNX lacks; of all others the formula is written."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.graph.onnx.indexing import over
from autograd.graph.onnx.writer import Variable, Writer
from autograd.typing import Array, Axis, Function, X

__all__ = ["LACKING", "WHOLE"]


def _same(kind: str, *attributes: str) -> Function:
    """An op that is an operator, whose attributes are static arguments of the op: integers, and not several axes."""

    def rule(w: Writer, y: Array, *args: Variable, **params: X) -> Variable | None:
        own = {k: params[k] for k in attributes}
        if 0 in y.shape or (own and not y.ndim) or not all(type(v) is int for v in own.values()):
            return None
        return w.call(kind, *(w.cast(a, y.dtype) for a in args), like=y, **own)

    return rule


def _reduced(kind: str) -> Function:
    """A reduction; that of nothing is left to the formula."""

    def rule(w: Writer, y: Array, x: Variable, axis: Axis = None, keepdims: bool = False) -> Variable | None:
        if axis == () or not x.data.size or not x.ndim:
            return None
        return w.call(kind, w.cast(x, y.dtype), *over(x, axis), like=y, keepdims=int(keepdims))

    return rule


def _linear(w: Writer, y: Array, x: Variable, weight: Variable, bias: Variable) -> X:
    x, weight, bias = (w.cast(v, y.dtype) for v in (x, weight, bias))
    if (x.ndim, weight.ndim) == (2, 2) and bias.ndim < 2:
        return w.call("Gemm", x, weight, bias, like=y, transB=1)
    return x @ w.swapaxes(weight, -1, -2) + bias


def _standardise(
    w: Writer, y: Array, x: Variable, axis: Axis = -1, eps: float = 1e-5, centred: bool = True
) -> Variable | None:
    axes = sorted(normalize_axis_tuple(axis, x.ndim)) if axis is not None else list(range(x.ndim))
    if not (centred and x.size and _is_exact(eps, y) and axes == list(range(x.ndim))[-len(axes) :]):
        return None
    scale = np.ones(x.shape[axes[0] :], y.dtype)
    return w.call("LayerNormalization", x, Variable(w, scale), like=y, axis=axes[0] - x.ndim, epsilon=eps)


def _unique(w: Writer, y: Array, x: Variable, which: int = 1) -> X:
    """The first places, the places of the elements among the unique ones, or how many there are of each."""
    return w.reshape(w.call("Unique", x, like=y.reshape(-1), output=which, sorted=1), y.shape if which == 2 else (-1,))


def _exponential(w: Writer, y: Array, x: Variable, alpha: float = 1.0) -> Variable | None:
    return w.call("Elu", w.cast(x, y.dtype), like=y, alpha=float(alpha)) if _is_exact(alpha, y) else None


def _is_exact(number: float, y: Array) -> bool:
    """Whether an attribute, which is a float32, is exact in what is calculated."""
    return y.dtype == np.float32 or float(np.float32(number)) == number


WHOLE: Mapping[str, Function] = {
    "elu": _exponential, "linear": _linear, "log_softmax": _same("LogSoftmax", "axis"),
    "logsumexp": _reduced("ReduceLogSumExp"), "mean": _reduced("ReduceMean"), "positive": lambda w, y, x: x,
    "relu": _same("Relu"), "softmax": _same("Softmax", "axis"), "softplus": _same("Softplus"),
    "standardise": _standardise, "unique_indices": _unique,
}  # fmt: skip

_DERIVATIVE = "it is recorded by derivatives only, and has no operator there"
_EQUATIONS = "ONNX has no operator that solves linear equations"
_FACTORS = "ONNX has no operator that factorises a matrix"
_GAMMA = "ONNX has no gamma function"
_INVERSE = "ONNX has no error function but erf"
LACKING: Mapping[str, str] = {
    **dict.fromkeys(("cofactor", "conv_weight", "inverse_gaps", "prod_of_others", "recurrence"), _DERIVATIVE),
    "spread_pool": _DERIVATIVE,
    **dict.fromkeys(("inv", "pseudoinverse", "solve", "solve_sylvester"), _EQUATIONS),
    **dict.fromkeys(("cholesky", "eig_parts", "eigh_parts", "qr_parts", "svd_parts"), _FACTORS),
    **dict.fromkeys(("betaln", "gamma", "gammaln", "polygamma_of_order"), _GAMMA),
    **dict.fromkeys(("erfcinv", "erfcx", "erfinv"), _INVERSE),
    **dict.fromkeys(("logabsdet", "signdet"), "ONNX has only det, which overflows where this does not"),
    "argpartition": "the order on either side of the kth element is NumPy's own",
    "bessel": "ONNX has no Bessel functions",
    "matrix_function": "ONNX has no functions of matrices",
}  # fmt: skip
