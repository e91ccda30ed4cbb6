"""PyTorch's names: what is here under them means what it means there, and every other one answers with ours."""

import re
import types

import numpy
import numpy as np
import pytest
import scipy.linalg

import autograd
import nn
from autograd import Tensor, Value
from autograd.torch_names import _CODE, _METHODS, METHOD_NAMES

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

METHODS = [name for name in dir(torch.Tensor) if not name.startswith("_")]
FUNCTION = (types.FunctionType, types.BuiltinFunctionType, torch.dtype, torch.layout, torch.memory_format)
FUNCTIONS = [
    name
    for name, f in vars(torch).items()
    if not name.startswith("_") and (isinstance(f, FUNCTION) or name in ("FloatTensor", "Generator", "nn"))
]
M = np.array([[0.3, 0.2, -0.7], [0.5, -0.4, 0.1], [-0.2, 0.8, 0.6]])


@pytest.mark.parametrize("kind", [Tensor, Value, nn.Parameter])
def test_every_method_of_a_tensor_is_here_or_answers(kind):
    x = kind([1.0, 2.0] if kind is not Value else 1.0)
    shown = dir(x)
    for name in METHODS:
        if not hasattr(x, name):
            with pytest.raises(AttributeError) as told:
                getattr(x, name)
            text = str(told.value)
            assert text.startswith(
                f"{kind.__name__!r} object has no attribute {name!r}, which PyTorch's tensors have; "
            )
            assert re.search(r"write |: |autograd\.|NumPy|x\.data|nn\.functional", text), text
            assert name not in shown
            assert not hasattr(kind, name)


def test_every_function_of_torchs_is_here_or_answers():
    for name in FUNCTIONS:
        if not hasattr(autograd, name) and name != "vmap":
            with pytest.raises(AttributeError, match=rf"^module 'autograd' has no .* {name!r}, which torch has; \S"):
                getattr(autograd, name)


def test_the_indices_beside_a_maximum():
    for name in ("indices", "values"):
        with pytest.raises(AttributeError, match=r"the values alone: write x\.argmax\(axis\), x\.argmin"):
            getattr(Tensor(M).max(1), name)
    with pytest.raises(AttributeError, match=r"torch has; write rng\.choice\(len\(p\), p=p\)"):
        autograd.multinomial(M, 1)


@pytest.mark.parametrize("name", ["cat", "nn", "zeros", "cuda", "float32", "no_such_thing_as_this"])
def test_an_import_answers_too(name):
    says = "cannot import name" if "_" in name else rf"no attribute {name!r}, which torch has; \S"
    with pytest.raises(ImportError, match=says):
        exec(f"from autograd import {name}")


def test_the_names_may_be_those_of_attributes_of_ones_own():
    with pytest.raises(AttributeError, match=r"'values', and takes none of your own\. Keep values in a dict keyed"):
        Tensor([1.0]).values = 3

    class Weight(Tensor):
        index = 0

        def clamp(self):
            return "clamped"

    w = Weight([1.0])
    w.values, w.index = 3, 4
    assert (w.values, w.index, w.clamp()) == (3, 4, "clamped")


def test_a_name_that_nobody_has_is_missing_as_usual():
    with pytest.raises(AttributeError, match=r"^'Tensor' object has no attribute 'nothing'$"):
        Tensor([1.0]).nothing
    assert {name for name in METHOD_NAMES - set(METHODS) if hasattr(torch, name)} == METHOD_NAMES - set(METHODS)


def variables(of):
    """What stands in the codes that errors show."""
    x, y = of(M), of(M[::-1].copy())
    mask = M > 0
    return {
        "a": y, "autograd": autograd, "axes": (1, 0), "axis": 1, "b": x, "bins": 3, "condition": mask, "d": 2,
        "data": M, "destination": 0, "edges": np.array([0.0, 0.5]), "high": 0.4, "i": 0,
        "indices": np.array([[0, 2]]), "j": 1, "k": 2, "length": 2, "low": -0.1, "mask": mask, "n": 1, "nn": nn,
        "numpy": numpy, "parts": 3, "rng": np.random.default_rng(0), "selection": np.eye(3), "shape": (9,), "size": 2,
        "scipy": scipy, "sizes": [1, 2], "source": 1, "start": 1, "step": 1, "stop": 3, "times": 2, "value": 7.0,
        "weight": 0.25, "x": x, "y": y, "z": y, "dtype": float, "f": lambda *xs: xs[0] + 1, "widths": 1,
    }  # fmt: skip


# These take other shapes than the variables have, or are no expressions.
OTHERS = {"addbmm", "addr", "expand", "is_nonzero", "prelu", "volatile"}


@pytest.mark.parametrize("name", sorted({**_CODE, **_METHODS}.keys() - OTHERS))
def test_what_is_advised_runs(name):
    code = {**_CODE, **_METHODS}[name]
    scope = variables(Tensor)
    if name in ("acosh", "lgamma", "polygamma", "mvlgamma", "logit", "xlogy", "igamma", "igammac", "digamma", "logdet"):
        scope["x"], scope["y"] = Tensor(abs(M) + 2.0), Tensor(abs(M) + 1.0)
    if name == "eig":
        scope["x"] = Tensor(M + M.T)
    if name in ("bitwise_and", "bitwise_or", "bitwise_not"):
        scope["x"], scope["y"] = Tensor(M > 0), Tensor(M > 0.2)
    with np.errstate(all="ignore"):
        exec(code, scope)


# What is written there, and what the error advises here.
PAIRS = {
    "absolute": "t.absolute()", "acos": "t.acos()", "addcdiv": "t.addcdiv(u, t, value=0.25)",
    "addcmul": "t.addcmul(u, t, value=0.25)", "addmm": "t.addmm(u, t)", "asin": "t.asin()", "asinh": "t.asinh()",
    "atan": "t.atan()", "atan2": "t.atan2(u)", "atanh": "t.atanh()", "cat": "torch.cat([t, u], 1)",
    "cdist": "torch.cdist(t, u)", "clamp": "t.clamp(-0.1, 0.4)", "clamp_max": "t.clamp_max(0.4)",
    "clamp_min": "t.clamp_min(-0.1)", "diag_embed": "t.diag_embed()", "digamma": "t.digamma()", "dim": "t.dim()",
    "dist": "t.dist(u)", "div": "t.div(u)", "equal": "t.equal(u)", "erfinv": "t.erfinv()",
    "expand_as": "t.expand_as(u)", "floor_divide": "t.floor_divide(u)", "frac": "t.frac()", "ge": "t.ge(u)",
    "ger": "torch.outer(t[0], u[0])", "index_fill": "t.masked_fill(t > 0, 7.0)", "inverse": "t.inverse()",
    "is_floating_point": "t.is_floating_point()", "kthvalue": "t.kthvalue(2, 1).values", "lerp": "t.lerp(u, 0.25)",
    "mT": "t.mT", "masked_fill": "t.masked_fill(t > 0, 7.0)", "masked_select": "t.masked_select(t > 0)",
    "matrix_exp": "t.matrix_exp()", "mm": "t.mm(u)", "movedim": "t.movedim(1, 0)", "msort": "t.msort()",
    "narrow": "t.narrow(0, 1, 2)", "negative": "t.negative()", "norm": "t.norm()", "numel": "t.numel()",
    "permute": "t.permute(1, 0)", "pow": "t.pow(u)", "remainder": "t.remainder(u)",
    "repeat_interleave": "t.repeat_interleave(2, 1)", "rsqrt": "t.rsqrt()", "rsub": "torch.rsub(t, u)",
    "select": "t.select(0, 0)", "sgn": "t.sgn()", "sinc": "t.sinc()", "slice_scatter": "t.where(t <= 0, u)",
    "std_mean": "torch.std_mean(t)", "sub": "t.sub(u)", "swapdims": "t.swapdims(0, 1)", "t": "t.t()",
    "to": "t.to(torch.float64)", "topk": "t.topk(2, 1).values", "trapz": "torch.trapz(t)",
    "unflatten": "t.reshape(9)", "unfold": "t.unfold(0, 2, 1).transpose(1, 2)", "unsqueeze": "t.unsqueeze(1)",
    "var_mean": "torch.var_mean(t)", "view": "t.view(9)", "view_as": "t.view_as(u)", "where": "t.where(t > 0, u)",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PAIRS.keys() & {**_CODE, **_METHODS}.keys()))
def test_what_is_advised_gives_pytorchs_numbers(name):
    scope = variables(Tensor)
    a, b = (abs(M), abs(M[::-1])) if name in ("pow", "rsqrt") else (M, M[::-1].copy())
    scope["x"], scope["y"] = Tensor(a), Tensor(b)
    ours = eval({**_CODE, **_METHODS}[name].replace("outer(x, y)", "outer(x[0], y[0])"), scope)
    theirs = eval(PAIRS[name], {"torch": torch, "t": torch.tensor(a), "u": torch.tensor(b)})
    if not isinstance(ours, tuple):
        ours, theirs = (ours,), (theirs,)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(getattr(a, "data", a), getattr(b, "numpy", lambda b=b: b)(), rtol=1e-12)


# Methods that are here because they mean the same.
SAME = {
    "amax": "(1)", "amin": "(0)", "broadcast_to": "((2, 3, 3))", "clone": "()", "copysign": "(u)",
    "count_nonzero": "()", "deg2rad": "()", "det": "()", "diag": "()", "diff": "(1, 1)", "fix": "()", "flip": "(1)",
    "fliplr": "()", "flipud": "()", "fmax": "(u)", "fmin": "(u)", "inner": "(u)", "kron": "(u)", "log_softmax": "(1)",
    "logical_and": "(u)", "logical_or": "(u)", "logical_xor": "(u)", "logsumexp": "(1)", "matrix_power": "(3)",
    "moveaxis": "(0, 1)", "outer": None, "rad2deg": "()", "reciprocal": "()", "roll": "(1, 0)", "rot90": "()",
    "softmax": "(1)", "square": "()", "tile": "((2, 1))", "tolist": "()", "tril": "(1)", "triu": "(-1)", "vdot": None,
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_a_method_of_the_name_means_the_same(name):
    theirs = torch.tensor(M, requires_grad=True)
    ours, other = Tensor(M), M[::-1] + 0.05  # no ties, whose gradient is shared here
    if SAME[name] is None:
        a, b = getattr(ours[0], name)(other[0]), getattr(theirs[0], name)(torch.tensor(other[0]))
    else:
        a = eval(f"x.{name}{SAME[name]}", {"x": ours, "u": other})
        b = eval(f"x.{name}{SAME[name]}", {"x": theirs, "u": torch.tensor(other)})
    if name == "tolist":
        assert a == b
        return
    np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-12, atol=1e-15)
    if a.requires_grad:
        a.sum().backward()
        b.sum().backward()
        np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_a_clone_is_a_node_of_the_graph():
    for x in (Value(2.0), Tensor([2.0])):
        y = x.clone()
        assert y is not x
        assert not y.is_leaf
        assert x.is_leaf
        (y * 3).sum().backward()
        assert x.grad == 3.0


def test_whether_a_leaf_requires_a_gradient():
    x = Tensor([1.0, 2.0], requires_grad=False)
    assert x.requires_grad_() is x
    assert x.requires_grad is True
    assert x.requires_grad_(False).requires_grad is False
    y = Value(2.0) * 3
    assert y.requires_grad_() is y
    with pytest.raises(ValueError, match=r"^requires_grad_: Value from 'mul' is a result, .* take x\.detach\(\)"):
        y.requires_grad_(False)
    with pytest.raises(TypeError, match=r"^requires_grad_: Tensor i64\[1\] holds no floats"):
        Tensor([1]).requires_grad_()


def test_values_taken_out_by_tolist_are_seen_by_transforms():
    with pytest.raises(TypeError, match=r"\.tolist\(\)"):
        autograd.grad(lambda x: sum(x.tolist()))(np.ones(2))


def test_a_graph_is_retained():
    x = Tensor([3.0])
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward(None, False)
    assert x.grad.tolist() == [12.0]
    assert not y.is_leaf
    assert (x > 1).is_leaf
    assert (Tensor([1.0], requires_grad=False) * 2).is_leaf


def test_every_inner_node_retains_its_gradient():
    x = Value(3.0)
    y = x * x
    y.retain_grad()
    (2 * y).backward()
    assert y.grad == 2.0


X = Tensor(M)


@pytest.mark.parametrize(
    ("call", "kind", "says"),
    [
        (lambda: X.sum(dim=0), TypeError, r"argument 'dim'; for PyTorch's dim= write axis=$"),
        (lambda: X.max(dim=0), TypeError, r"got 1 argument, dim=; for PyTorch's dim= write axis=$"),
        (lambda: X.mean(0, keepdim=True), TypeError, r"'keepdim'; for PyTorch's keepdim= write keepdims=$"),
        (lambda: autograd.softmax(X, dim=1), TypeError, "for PyTorch's dim= write axis=$"),
        (lambda: autograd.stack([X, X], dim=1), TypeError, "for PyTorch's dim= write axis=$"),
        (lambda: X.std(unbiased=False), TypeError, "write ddof=1 for True, PyTorch's default, and ddof=0 for False$"),
        (lambda: autograd.gradients(X.sum(), X, retain_graph=True), TypeError, "'retain_graph'; .* stays as long as"),
        (lambda: autograd.jacobian(abs, X.data), TypeError, r"what jacobian gives is called: jacobian\(f\)\(x\)$"),
        (lambda: X.sum().backward(create_graph=True), TypeError, r"gradients\(y, leaves, create_graph=True\)"),
        (lambda: Tensor([1.0], device="cpu"), TypeError, r"device= write x\.to\(\"torch\", device=\.\.\.\) of a leaf"),
        (lambda: X.size(), TypeError, r"^x\.size is the number of elements, 9, .*x\.size\(\) is x\.shape here"),
        (lambda: Value(1.0).size(0), TypeError, r"x\.size\(0\) is x\.shape\[0\]$"),
        (lambda: X.flatten(1), TypeError, r"write x\.reshape\(len\(x\), -1\)$"),
        (lambda: autograd.grad(X.sum(), X), TypeError, r"pass a function, not Tensor; .* autograd\.gradients\(y, x\)$"),
        (lambda: autograd.grad([X.sum()], X), TypeError, r"not list; .* autograd\.gradients\(y, x\)$"),
        (lambda: autograd.tensor(3.0), AttributeError, r"write Tensor\(data, requires_grad=False\) for data"),
        (lambda: autograd.Function, AttributeError, r"(?s)forward\(ctx, x\).*backward\(ctx, g\).*primitive\(\)"),
        (lambda: X.add_(1.0), AttributeError, r"write x = x \+ y, or of a leaf under autograd\.no_grad\(\) x \+= y$"),
        (lambda: X.zero_(), AttributeError, r"a node keeps its value: of a leaf write x\.data\[\.\.\.\] = 0$"),
        (lambda: Value(1.0).zero_(), AttributeError, r"of a leaf write x\.data = 0$"),
        (lambda: X.t(), AttributeError, r"write x\.T$"),
    ],
)  # fmt: skip
def test_what_is_written_otherwise(call, kind, says):
    with pytest.raises(kind, match=says):
        call()


def test_the_primitive_that_is_shown_in_place_of_a_function_class_runs():
    with pytest.raises(AttributeError) as told:
        autograd.Function
    code = re.search(r"(?s)\n(    @.*)\nand", str(told.value))[1]
    scope = {"autograd": autograd}
    exec("\n".join(line[4:] for line in code.splitlines()), scope)
    x = Tensor([0.5, 1.5])
    scope["f"](x).sum().backward()
    np.testing.assert_allclose(x.grad, np.exp(x.data))


def test_the_limits_of_clip_have_numpys_other_names():
    np.testing.assert_array_equal(X.clip(min=0.0).data, M.clip(min=0.0))
    np.testing.assert_array_equal(autograd.clip(X, max=0.0).data, M.clip(max=0.0))


def test_a_size_is_a_number():
    assert X.size == 9
    assert repr(X.size) == "9"
    assert np.zeros(X.size).shape == (9,)
