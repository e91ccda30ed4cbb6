"""Random expressions over the op table: values, gradients and Hessian-vector products agree with PyTorch's.

Hypothesis draws programs: each line applies an op to earlier results, up to fourteen deep. What is badly conditioned
(near a kink or a tie, huge, tiny in a denominator) is replaced by a tame line while the program is written.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, gradients
from autograd.ops import table

torch = pytest.importorskip("torch")

DEPTH = 14
TAME, FAR = 30.0, 0.05  # no number is larger, none nearer to a kink, a tie or a pole
SHAPES = [(), (3,), (2, 1), (2, 3), (1,), (1, 3)]


def away(x):
    return bool((np.abs(x) > FAR).all())


def distinct(a, b):
    return away(a - b)


def between(a, b):
    """Whether a/b is small and away from whole numbers."""
    return bool(np.abs(b).min() > 0.3 and away(a / b - np.round(a / b)))


def apart(a, b):
    """Whether the points (a, b) are away from the origin."""
    return bool(np.hypot(a, b).min() > 0.3)


def meet(*arrays):
    try:
        np.broadcast_shapes(*(a.shape for a in arrays))
    except ValueError:
        return False
    return True


# For each op: the condition on its arguments under which it is well conditioned, and PyTorch's function.
UNARY = {
    "abs": (away, torch.abs),
    "arccos": (lambda x: np.abs(x).max() < 0.9, torch.arccos),
    "arccosh": (lambda x: x.min() > 1.2, torch.arccosh),
    "arcsin": (lambda x: np.abs(x).max() < 0.9, torch.arcsin),
    "arcsinh": (None, torch.arcsinh),
    "arctan": (None, torch.arctan),
    "arctanh": (lambda x: np.abs(x).max() < 0.9, torch.arctanh),
    "cbrt": (lambda x: np.abs(x).min() > 0.3, lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3)),
    "cos": (None, torch.cos),
    "elu": (away, torch.nn.functional.elu),
    "erf": (None, torch.erf),
    "cosh": (lambda x: np.abs(x).max() < 3, torch.cosh),
    "exp": (lambda x: x.max() < 3, torch.exp),
    "exp2": (lambda x: x.max() < 4, torch.exp2),
    "expm1": (lambda x: x.max() < 3, torch.expm1),
    "log": (lambda x: x.min() > 4 * FAR, torch.log),
    "log10": (lambda x: x.min() > 4 * FAR, torch.log10),
    "log2": (lambda x: x.min() > 4 * FAR, torch.log2),
    "log1p": (lambda x: x.min() > 4 * FAR - 1, torch.log1p),
    "neg": (None, torch.neg),
    "positive": (None, torch.positive),
    "relu": (away, torch.relu),
    "sigmoid": (None, torch.sigmoid),
    "sin": (None, torch.sin),
    "sinh": (lambda x: np.abs(x).max() < 3, torch.sinh),
    "softplus": (None, lambda x: torch.logaddexp(x, torch.zeros_like(x))),
    "sqrt": (lambda x: x.min() > 4 * FAR, torch.sqrt),
    "tan": (lambda x: np.abs(x).max() < 1.3, torch.tan),
    "tanh": (None, torch.tanh),
}
BINARY = {
    "add": (None, torch.add),
    "binary_cross_entropy": (
        lambda p, t: p.min() > FAR and p.max() < 1 - FAR,
        lambda p, t: -(t * torch.log(p) + (1 - t) * torch.log1p(-p)),
    ),
    "heaviside": (lambda x, h0: away(x), lambda x, h0: (x > 0).double() + 0 * h0),
    "fmod": (between, torch.fmod),
    "logaddexp": (None, torch.logaddexp),
    "arctan2": (lambda a, b: apart(a, b) and bool((np.where(b < 0, np.abs(a), 1) > FAR).all()), torch.arctan2),
    "div": (lambda a, b: np.abs(b).min() > 0.3, torch.div),
    "hypot": (apart, torch.hypot),
    "maximum": (distinct, torch.maximum),
    "minimum": (distinct, torch.minimum),
    "mod": (between, torch.remainder),
    "mul": (None, torch.mul),
    "pow": (lambda a, b: a.min() > 4 * FAR and np.abs(b).max() < 3, torch.pow),
    "sub": (None, torch.sub),
}
POWERS = [2, 3, -1, 0.5, 1.5]


def test_the_expressions_draw_from_the_whole_table():
    scalar = {op.name for op in table() if op.elementwise and op.differentiable}
    assert scalar - {"where", "pow_number"} == {*UNARY, *BINARY}


def numpy_of(name):
    return lambda *args: np.asarray(getattr(autograd, name)(*args))


@st.composite
def programs(draw, shapes):
    """Leaves, and lines ``(kind, name, positions, extra)``; the numbers met on the way decide what is allowed."""
    leaves = []
    for shape in draw(st.lists(st.sampled_from(shapes), min_size=1, max_size=3)):
        seed = draw(st.integers(0, 10**6))
        leaves.append(np.asarray(np.random.default_rng(seed).uniform(-2, 2, shape)))
    results, depths, lines = list(leaves), [0] * len(leaves), []
    for _ in range(draw(st.integers(1, 24))):
        open_ = [i for i, d in enumerate(depths) if d < DEPTH]
        last = open_[-1]
        at = lambda: draw(st.one_of(st.just(last), st.sampled_from(open_)))
        kind = draw(st.sampled_from(["unary", "unary", "binary", "binary", "binary", "power", "where", "reduce"]))
        line, y = None, None
        with np.errstate(all="ignore"):
            if kind == "unary":
                i, name = at(), draw(st.sampled_from(sorted(UNARY)))
                if UNARY[name][0] is None or UNARY[name][0](results[i]):
                    line, y = (kind, name, (i,), None), numpy_of(name)(results[i])
            elif kind == "binary":
                i, j, name = at(), at(), draw(st.sampled_from(sorted(BINARY)))
                a, b = results[i], results[j]
                if meet(a, b) and (i != j or name not in ("maximum", "minimum")):
                    if BINARY[name][0] is None or BINARY[name][0](a, b):
                        line, y = (kind, name, (i, j), None), numpy_of(name)(a, b)
            elif kind == "power":
                i, c = at(), draw(st.sampled_from(POWERS))
                if results[i].min() > 4 * FAR or (c in (2, 3)):
                    line, y = (kind, "", (i,), c), np.asarray(results[i] ** c)
            elif kind == "where":
                c, i, j = at(), at(), at()
                if meet(results[c], results[i], results[j]) and away(results[c]):
                    line, y = (kind, "", (c, i, j), None), np.where(results[c] > 0, results[i], results[j])
            else:
                i, name = at(), draw(st.sampled_from(["sum", "mean"]))
                axis = draw(st.sampled_from([None, *range(-results[i].ndim, results[i].ndim)]))
                line = (kind, name, (i,), {"axis": axis, "keepdims": draw(st.booleans())})
                y = np.asarray(getattr(np, name)(results[i], **line[3]))
        if line is None or not np.isfinite(y).all() or np.abs(y).max() > TAME:
            i = last
            line, y = ("unary", "tanh", (i,), None), np.tanh(results[i])
        lines.append(line)
        results.append(y)
        depths.append(1 + max(depths[i] for i in line[2]))
    return leaves, lines


def run(leaves, lines, unary, binary, where, power, reduce):
    results = list(leaves)
    for kind, name, places, extra in lines:
        args = [results[i] for i in places]
        match kind:
            case "unary":
                results.append(unary(name)(*args))
            case "binary":
                results.append(binary(name)(*args))
            case "where":
                results.append(where(args[0] > 0, args[1], args[2]))
            case "power":
                results.append(power(args[0], extra))
            case _:
                results.append(reduce(args[0], name, extra))
    return results[-1]


def ours(leaves, lines):
    of = lambda name: getattr(autograd, name)
    return run(leaves, lines, of, of, autograd.where, lambda x, c: x**c, lambda x, name, p: of(name)(x, **p))


def reduced(x, name, p):
    axis = tuple(range(x.ndim)) if p["axis"] is None else p["axis"]
    if x.ndim == 0:
        return x * 1
    return getattr(x, name)(axis, keepdim=p["keepdims"])


def theirs(leaves, lines):
    return run(leaves, lines, lambda n: UNARY[n][1], lambda n: BINARY[n][1], torch.where, lambda x, c: x**c, reduced)


def agree(actual, expected, what):
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    assert np.abs(actual - expected).max(initial=0.0) <= 1e-9 * scale, (what, actual, expected)


def total(g, xs, vs):
    """Σ v·g over all leaves: the scalar whose gradient is the Hessian times v."""
    out = 0.0
    for one, v in zip(g, vs, strict=True):
        out = autograd.sum(one * v) + out
    return out


def compare(program, kind):
    leaves, lines = program
    xs = [kind(a) for a in leaves]
    ts = [torch.tensor(a, requires_grad=True) for a in leaves]
    y, t = ours(xs, lines), theirs(ts, lines)
    agree(y.data, t.detach().numpy(), "value")
    y, t = autograd.sum(y), t.sum()
    g = gradients(y, xs, create_graph=True)
    tg = torch.autograd.grad(t, ts, create_graph=True, allow_unused=True)
    tg = [torch.zeros_like(x) if one is None else one for one, x in zip(tg, ts, strict=True)]
    for one, other in zip(g, tg, strict=True):
        agree(one.data, other.detach().numpy(force=True), "gradient")
    y.backward()
    for x, other in zip(xs, tg, strict=True):
        agree(0.0 * x.data if x.grad is None else x.grad, other.detach().numpy(force=True), "backward")
    vs = [np.cos(np.arange(a.size) + 1.0).reshape(a.shape) for a in leaves]
    vs_ = [float(v) for v in vs] if kind is Value else vs
    s, st_ = total(g, xs, vs_), sum((one * torch.tensor(v)).sum() for one, v in zip(tg, vs, strict=True))
    th = torch.autograd.grad(st_, ts, allow_unused=True) if st_.requires_grad else [None] * len(ts)
    for x, one, other in zip(xs, gradients(s, xs), th, strict=True):
        agree(one, np.zeros(np.shape(x.data)) if other is None else other.numpy(force=True), "Hessian times v")


@given(programs([()]))
@settings(max_examples=250)
def test_scalar_expressions(program):
    compare(program, Value)


@given(programs([()]))
@settings(max_examples=100)
def test_0_d_expressions(program):
    compare(program, Tensor)


@given(programs(SHAPES))
@settings(max_examples=250)
def test_expressions_of_arrays_that_broadcast(program):
    compare(program, Tensor)
