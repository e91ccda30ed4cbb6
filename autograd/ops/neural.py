"""Functions of neural nets: activations, softmax and its kin, the cross-entropy of an output.

Each has a form in other ops (the tests hold it), which is less accurate or overflows: hence one op for it.
"""

from math import inf

from autograd.engine.primitive import primitive
from autograd.ops._helpers import XP, Axis, X, along_each_axis, unary, unreduced
from autograd.ops.shaping import shape
from autograd.typing import Function

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "elu", "erf", "erfc", "linear", "log_softmax",
    "logsumexp", "mean_square", "relu", "sigmoid", "softmax", "softplus", "standardise",
]  # fmt: skip

sigmoid = unary("sigmoid", """The logistic function σ(x) = 1/(1 + e⁻ˣ).

    >>> from autograd import grad, sigmoid
    >>> sigmoid(0.0), grad(sigmoid)(0.0), grad(sigmoid)(40.0)  # the last one vanishes
    (0.5, 0.25, 0.0)
    """, "σ")  # fmt: skip
sigmoid.defvjps(x=lambda xp, g, y, x: g * (y * (1 - y)))
sigmoid.caveat(
    "x", "1 − y cancels from x = 2 on and is 0 from 37 (float32: 17) on; it reads the result only, as PyTorch's"
)


@primitive("softplus", elementwise=True)
def softplus(xp: XP, x: X) -> X:
    """log(1 + eˣ), without overflow; its derivative is σ(x).

    >>> from autograd import grad, softplus
    >>> round(softplus(0.0), 6), grad(softplus)(0.0), softplus(1000.0)
    (0.693147, 0.5, 1000.0)
    """
    return xp.logaddexp(x, 0.0)


softplus.defvjps(x=lambda xp, g, y, x: g * xp.sigmoid(x))


@primitive("relu", elementwise=True)
def relu(xp: XP, x: X) -> X:
    """The larger of `x` and 0.

    >>> from autograd import grad, relu
    >>> [relu(x) for x in (-2.0, 0.0, 2.0)], [grad(relu)(x) for x in (-2.0, 0.0, 2.0)]
    ([0.0, 0.0, 2.0], [0.0, 0.0, 1.0])
    """
    return xp.maximum(x, 0.0)


relu.defvjps(x=lambda xp, g, y, x: xp.where(x > 0, g, 0.0))
relu.convention("x", lambda xp, x: x == 0, None, "0, as for x < 0", {(0.0,): 0.0})


@primitive("logΣexp")
def logsumexp(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The logarithm of the sum of eˣ over all elements, or along `axis`, without overflow; −inf of no elements.

    >>> from autograd import Tensor, logsumexp
    >>> x = Tensor([1000.0, 1000.0])
    >>> y = logsumexp(x)
    >>> y.backward()
    >>> round(y.item(), 6), x.grad.round(6).tolist()  # this is 1000 + log 2, and the softmax
    (1000.693147, [0.5, 0.5])
    """
    if 0 in shape(x):
        return xp.sum(x, axis=axis, keepdims=keepdims) - inf
    top = xp.max(x, axis=axis, keepdims=True)
    top = xp.where(xp.isfinite(top), top, 0.0)  # inf − inf would be nan
    y = top + xp.log(xp.sum(xp.exp(x - top), axis=axis, keepdims=True))
    return y if keepdims else xp.sum(y, axis=axis)  # a sum of one element drops the axes


logsumexp.defvjps(
    x=lambda xp, g, y, x, axis, keepdims: (
        unreduced(xp, g, axis, keepdims) * xp.exp(x - unreduced(xp, y, axis, keepdims))
    )
)
logsumexp.caveat("y", "the largest element and the logarithm cancel where the sum is near 1")
logsumexp.caveat("x", "x − y is rounded before the exponential, which makes |y|/2 ulp of it")


@primitive("softmax")
def softmax(xp: XP, x: X, /, axis: Axis = -1) -> X:
    """eˣ divided by its sum along `axis`, without overflow.

    >>> from autograd import Tensor, softmax
    >>> x = Tensor([1000.0, 1000.0])
    >>> y = softmax(x)
    >>> y[0].backward()
    >>> y.tolist(), x.grad.tolist()
    ([0.5, 0.5], [0.25, -0.25])
    """
    if 0 in shape(x):
        return xp.exp(x - xp.sum(x, axis=axis, keepdims=True))  # no elements have no largest one
    e = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return e / xp.sum(e, axis=axis, keepdims=True)


softmax.defvjps(x=lambda xp, g, y, x, axis: y * (g - xp.sum(g * y, axis=axis, keepdims=True)))
softmax.samples = along_each_axis()
softmax.caveat("x", "g − Σ g·y cancels where a share is near 1, as PyTorch's")


@primitive("log softmax")
def log_softmax(xp: XP, x: X, /, axis: Axis = -1) -> X:
    """The logarithm of the softmax along `axis`, exact also where that is 0.

    >>> from autograd import Tensor, log_softmax
    >>> x = Tensor([0.0, 1000.0])
    >>> y = log_softmax(x)
    >>> y[0].backward()
    >>> y.tolist(), x.grad.tolist()  # log(softmax(x)) begins with -inf
    ([-1000.0, 0.0], [1.0, -1.0])
    """
    if 0 in shape(x):
        return xp.exp(x - xp.sum(x, axis=axis, keepdims=True))
    z = x - xp.max(x, axis=axis, keepdims=True)
    return z - xp.log(xp.sum(xp.exp(z), axis=axis, keepdims=True))


log_softmax.defvjps(x=lambda xp, g, y, x, axis: g - xp.exp(y) * xp.sum(g, axis=axis, keepdims=True))
log_softmax.caveat("y", "the logarithm of a sum near 1: it is 0 where the others' share is below ε, as PyTorch's")
log_softmax.caveat("x", "g − eʸ·Σ g cancels where a share is near 1, as PyTorch's")


# One op stands for three: a transposed copy of the weights, or of their gradient, costs as much as a product.
@primitive("linear")
def linear(xp: XP, x: X, weight: X, bias: X) -> X:
    """A layer of neurons ``x @ weight.T + bias``, with a row of weights for each.

    `x` has shape (…, inputs), `weight` (outputs, inputs), `bias` (outputs,), and the result (…, outputs).

    >>> from autograd import Tensor, linear
    >>> x, weight, bias = Tensor([1.0, 2.0]), Tensor([[1.0, 0.0], [3.0, 4.0]]), Tensor([0.5, 0.5])
    >>> y = linear(x, weight, bias)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist(), weight.grad.tolist()
    ([1.5, 11.5], [4.0, 4.0], [[1.0, 2.0], [1.0, 2.0]])
    """
    rows = _rows(xp, x, weight)
    if rows is x or bias.ndim > 1:
        return x @ xp.swapaxes(weight, -1, -2) + bias
    return xp.reshape(rows @ xp.swapaxes(weight, -1, -2) + bias, (*shape(x)[:-1], shape(weight)[0]))


def _rows(xp: XP, x: X, weight: X) -> X:
    """All vectors below each other, as one product takes them, and no sum of products has to follow."""
    if x.ndim < 3 or weight.ndim != 2 or 0 in shape(weight):
        return x
    return xp.reshape(x, (-1, shape(x)[-1]))


def _linear_weight(xp: XP, g: X, y: X, x: X, weight: X, bias: X) -> X:
    if x.ndim == 1:
        return xp.expand_dims(g, -1) * x
    return xp.swapaxes(_rows(xp, g, weight), -1, -2) @ _rows(xp, x, weight)


linear.defvjps(
    x=lambda xp, g, y, x, weight, bias: g @ weight,
    weight=_linear_weight,
    bias=lambda xp, g, y, x, weight, bias: g,
)
linear.samples = (
    ((4, 3), (2, 3), (2,), {}),
    ((3,), (2, 3), (2,), {}),
    ((2, 4, 3), (5, 3), (5,), {}),
    ((2, 4, 3), (5, 3), (4, 5), {}),
)


@primitive("mean ²")
def mean_square(xp: XP, x: X, /, axis: Axis = None, keepdims: bool = False) -> X:
    """The mean of the squares of all elements, or along `axis`.

    >>> from autograd import Tensor, mean_square
    >>> target = Tensor([1.0, 2.0])
    >>> output = Tensor([1.0, 4.0])
    >>> loss = mean_square(output - target)
    >>> loss.backward()
    >>> loss.item(), output.grad.tolist()
    (2.0, [0.0, 2.0])
    """
    return xp.sum(x * x, axis=axis, keepdims=keepdims) / xp.count(x, axis)


mean_square.defvjps(
    x=lambda xp, g, y, x, axis, keepdims: unreduced(xp, g * (2 / xp.count(x, axis)), axis, keepdims) * x
)


# One op, for a minibatch is much read and written: of several ops, each would keep arrays as large as it.
@primitive("standardise")
def standardise(xp: XP, x: X, /, axis: Axis = -1, eps: float = 1e-5, centred: bool = True) -> X:
    """The distance from the mean (or, not `centred`, from 0) along `axis`, in units of √(its mean square + eps).

    >>> from autograd import Tensor, standardise
    >>> x = Tensor([1.0, 3.0])
    >>> standardise(x, eps=0.0).tolist(), standardise(x, eps=3.0).tolist()
    ([-1.0, 1.0], [-0.5, 0.5])
    """
    mean = _mean_along(xp, x, axis)
    c = x - mean(x) if centred else x
    return c / xp.sqrt(mean(c * c) + eps)


def _mean_along(xp: XP, x: X, axis: Axis) -> Function:
    """The mean along axes of an array of that shape; of nothing, 0."""
    n = 1 if 0 in shape(x) else xp.count(x, axis)
    return lambda v: xp.sum(v, axis=axis, keepdims=True) / n


def _standardise(xp: XP, g: X, y: X, x: X, axis: Axis, eps: float, centred: bool) -> X:
    mean = _mean_along(xp, x, axis)
    c = x - mean(x) if centred else x
    slope = g - y * mean(g * y)
    return (slope - mean(g) if centred else slope) / xp.sqrt(mean(c * c) + eps)


standardise.defvjps(x=_standardise)
standardise.samples = along_each_axis(eps=1e-5, centred=True) + along_each_axis(eps=0.1, centred=False)
standardise.caveat("y", "the distance from the mean has no digits in which the data agree")
standardise.caveat("x", "so has it, and what is taken from g cancels where the data are few")

erf = unary("erf", """The error function 2/√π ∫₀ˣ exp(−t²) dt; for arrays about thirty times the time of a tanh.

    >>> from autograd import erf, grad
    >>> round(erf(0.5), 6), round(grad(erf)(0.0), 6)  # the slope at 0 is 2/√π
    (0.5205, 1.128379)
    """)  # fmt: skip


_SQUARED = "x·x is rounded before the exponential, which makes x²/2 ulp of it"
erf.defvjps(x=lambda xp, g, y, x: g * (1.1283791670955126 * xp.exp(-(x * x))))
erf.caveat("x", _SQUARED)

erfc = unary("erfc", """1 − erf(x), exact also where that is small.

    >>> from autograd import erfc, grad
    >>> f"{erfc(10.0):.6g}", round(grad(erfc)(0.0), 6)  # 1 - erf(10.0) is 0
    ('2.08849e-45', -1.128379)
    """)  # fmt: skip
erfc.defvjps(x=lambda xp, g, y, x: -g * (1.1283791670955126 * xp.exp(-(x * x))))
erfc.caveat("x", _SQUARED)


@primitive("elu", elementwise=True)
def elu(xp: XP, x: X, /, alpha: float = 1.0) -> X:
    """`x` where it is positive, else alpha·(eˣ − 1).

    >>> from autograd import elu, grad
    >>> [round(elu(x), 6) for x in (-1.0, 0.0, 2.0)], grad(elu)(0.0), grad(lambda x: elu(x, alpha=0.5))(0.0)
    ([-0.632121, 0.0, 2.0], 1.0, 0.5)
    """
    return xp.where(x > 0, x, alpha * xp.expm1(xp.minimum(x, 0.0)))


# The form y + alpha would be rounded to 0 from −37 on.
elu.defvjps(x=lambda xp, g, y, x, alpha: xp.where(x > 0, g, g * (alpha * xp.exp(xp.minimum(x, 0.0)))))
elu.convention("x", lambda xp, x, alpha: x == 0, None, "alpha, as for x < 0", {(0.0,): 1.0, (0.0, 0.5): 0.5})


# The limits are PyTorch's: a loss of at most 100, and a slope of at most 1e12 where the right output has probability 0.
def _log(xp: XP, p: X) -> X:
    """log p, at least −100. The bound 1e-45 has a lower logarithm, and is not 0 in float32 either."""
    return xp.maximum(xp.log(xp.maximum(p, 1e-45)), -100.0)


def _log_other(xp: XP, p: X) -> X:
    """log(1 − p), at least −100; log1p keeps it exact where 1 − p is rounded to 1."""
    return xp.where(p < 0.5, xp.log1p(-xp.minimum(p, 0.5)), _log(xp, 1 - p))


@primitive("bce", elementwise=True)
def binary_cross_entropy(xp: XP, p: X, t: X) -> X:
    """−t log p − (1 − t) log(1 − p), for a probability `p` and its target `t`; logarithms are at least −100.

    >>> from autograd import binary_cross_entropy, grad
    >>> round(binary_cross_entropy(0.5, 1.0), 6), grad(binary_cross_entropy)(0.5, 1.0)  # the loss is log 2
    (0.693147, -2.0)
    >>> binary_cross_entropy(0.0, 1.0)
    100.0
    """
    return (t - 1) * _log_other(xp, p) - t * _log(xp, p)


binary_cross_entropy.defvjps(
    p=lambda xp, g, y, p, t: g * ((p - t) / xp.maximum(p * (1 - p), 1e-12)),
    t=lambda xp, g, y, p, t: g * (_log_other(xp, p) - _log(xp, p)),
)
binary_cross_entropy.caveat("y", "logarithms are at least −100: PyTorch's limit")
binary_cross_entropy.caveat("p", "p·(1 − p) is at least 1e-12, so that a slope is at most 1e12: PyTorch's limit")
binary_cross_entropy.caveat("t", "the logarithms are at least −100, and cancel where p is near ½")


@primitive("bce logits", elementwise=True)
def binary_cross_entropy_with_logits(xp: XP, x: X, t: X, pos_weight: X) -> X:
    """−w·t·log σ(x) − (1 − t)·log σ(−x), for a score `x`, its target `t` and the weight w of positive targets.

    No term is lost, and an infinite score of the right sign costs nothing.

    >>> from autograd import binary_cross_entropy_with_logits, grad
    >>> loss = lambda x: binary_cross_entropy_with_logits(x, 1.0, 1.0)
    >>> round(loss(0.0), 6), grad(loss)(0.0), loss(-1000.0), grad(loss)(-1000.0)
    (0.693147, -0.5, 1000.0, -1.0)
    """
    slope = xp.where(x > 0, 1 - t, t * pos_weight)
    line = slope * xp.where(slope == 0, 0.0, xp.abs(x))  # 0·∞ would be nan
    return line + (t * pos_weight + (1 - t)) * xp.log1p(xp.exp(-xp.abs(x)))


binary_cross_entropy_with_logits.defvjps(
    x=lambda xp, g, y, x, t, pos_weight: g * ((1 - t) * xp.sigmoid(x) - t * pos_weight * xp.sigmoid(-x)),
    t=lambda xp, g, y, x, t, pos_weight: g * (pos_weight * xp.logaddexp(-x, 0.0) - xp.logaddexp(x, 0.0)),
    pos_weight=lambda xp, g, y, x, t, pos_weight: g * (t * xp.logaddexp(-x, 0.0)),
)
_NEAR = "the terms of both classes cancel where "
binary_cross_entropy_with_logits.caveat("x", f"{_NEAR}a soft target is near the probability")
binary_cross_entropy_with_logits.caveat("t", f"{_NEAR}they are near each other")
