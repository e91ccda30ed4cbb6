"""What type checkers say of code that users write. Nothing here runs: a test gives it to mypy and to pyright."""

from typing import Any, assert_type

import numpy as np
import numpy.typing as npt

import autograd
from autograd import Tensor, Value, graph, viz
from autograd.engine.op import Op

x, t = Value(2.0, "x"), Tensor([1.0, 2.0], "t")
a: npt.NDArray[np.float64] = np.ones(2)


# ---- functions of the table ----

assert_type(autograd.sin(1.0), float)
assert_type(autograd.sin(1), float)
assert_type(autograd.sin(x), Value)
assert_type(autograd.sin(t), Tensor)
assert_type(autograd.sin(a), np.ndarray[Any, Any])
assert_type(autograd.less(1.0, 2.0), bool)
assert_type(autograd.less(x, 2.0), Value)
assert_type(autograd.maximum(x, 0.0), Value)
assert_type(autograd.maximum(0.0, x), Value)
assert_type(autograd.maximum(np.float32(0), x), Value)
assert_type(autograd.maximum(x, t), Tensor)
assert_type(autograd.maximum(a, x), Tensor)
assert_type(autograd.maximum(t, a), Tensor)
assert_type(autograd.maximum(a, 0.0), np.ndarray[Any, Any])
assert_type(autograd.where(autograd.less(x, 1.0), x, 0.0), Value)
assert_type(autograd.where(autograd.less(t, 1.0), t, 0.0), Tensor)
assert_type(autograd.sum(t, axis=0, keepdims=True), Tensor)
assert_type(autograd.sum(x), Value)
assert_type(autograd.stack([x, x]), Tensor)
assert_type(autograd.concatenate([t, t], axis=0), Tensor)
assert_type(autograd.square(x), Value)
assert_type(autograd.divmod(x, 2.0), tuple[Value, Value])
assert_type(autograd.split(t, 2), list[Tensor])
assert_type(autograd.matmul(t, [1.0, 2.0]), Tensor)
assert_type(autograd.einsum("i,i->", t, t), Tensor)
assert_type(autograd.shape(t), tuple[int, ...])
assert_type(autograd.ndim(x), int)


def either(node: Value | Tensor) -> None:
    """An operand of either kind."""
    assert_type(autograd.exp(node), Value | Tensor)
    assert_type(autograd.maximum(node, 0.0), Value | Tensor)


def of_an_op(op: Op[...]) -> str:
    """Functions of the table are ops, with the fields of one."""
    return autograd.formula(op)


of_an_op(autograd.sin)
assert_type(autograd.sin.name, str)


# ---- nodes: operators, methods, data and gradients ----

assert_type(x + 1, Value)
assert_type(1 + x, Value)
assert_type(np.float64(1) * x, Value)
assert_type(x + t, Tensor)
assert_type(t + x, Tensor)
assert_type(x + a, Tensor)
assert_type(a * t, Tensor)
assert_type(a @ t, Tensor)
assert_type(t @ [1.0, 2.0], Tensor)
assert_type(x**2, Value)
assert_type(2**x, Value)
assert_type(-x, Value)
assert_type(abs(t), Tensor)
assert_type(x < 1, Value)
assert_type(x == 1, Value)
assert_type(divmod(x, 2), tuple[Value, Value])
assert_type(x.sin(), Value)
assert_type(x.maximum(0.0), Value)
assert_type(x.maximum(t), Tensor)
assert_type(t.sum(), Tensor)
assert_type(t.sum(axis=0), Tensor)
assert_type(t.reshape(2, -1).max(axis=0).T, Tensor)
assert_type(t[0], Tensor)
assert_type(list(t), list[Tensor])
assert_type(x.data, float)
assert_type(x.grad, float)
assert_type(x.item(), float)
assert_type(t.data, np.ndarray[Any, Any])
assert_type(t.grad, np.ndarray[Any, Any] | None)
assert_type(t.shape, tuple[int, ...])
assert_type(x.detach(), Value)
x += 1
assert_type(x, Value)
x.grad = None
x.data -= 0.1
t.data = np.zeros(2)
t.data[0] = 1.0


# ---- transforms ----

assert_type(autograd.grad(autograd.sin)(1.0), float)
assert_type(autograd.grad(autograd.sin)(1), float)
assert_type(autograd.grad(autograd.sin)(x), Value)
assert_type(autograd.grad(autograd.sum)(a), npt.NDArray[np.float64])
assert_type(autograd.grad(lambda p: p["w"] * 2.0)({"w": 1.0}), dict[str, float])
assert_type(autograd.grad(autograd.grad(autograd.sin))(1.0), float)
assert_type(autograd.grad(autograd.maximum, argnums=(0, 1))(1.0, 2.0), tuple[Any, ...])
assert_type(autograd.grad(autograd.maximum, argnum=1)(1.0, 2.0), Any)
assert_type(autograd.value_and_grad(autograd.maximum, argnum=[0])(1.0, 2.0), tuple[Any, Any])
assert_type(autograd.value_and_grad(autograd.sin)(1.0)[1], float)
assert_type(autograd.gradients(x * t, x), float)
assert_type(autograd.gradients(x * t, t), np.ndarray[Any, Any])
assert_type(autograd.gradients(x * t, [t, t]), list[np.ndarray[Any, Any]])
assert_type(autograd.gradients(x * x, x, create_graph=True), Value)
assert_type(autograd.gradients(t, [t], np.ones(2), create_graph=True), list[Tensor])
assert_type(autograd.elementwise_grad(autograd.sin)(a), npt.NDArray[np.float64])


# ---- the graph, and pictures of it ----

assert_type(graph.to_latex(x), str)
assert_type(graph.to_dot(x), str)
assert_type(viz.draw(x).source, str)


# ---- compiled functions keep their types ----


@autograd.compile
def compiled_product(u: float, n: int = 2) -> float:
    """A function of a number, with a static argument."""
    return u * n


assert_type(compiled_product(1.0), float)
assert_type(compiled_product(1.0, n=3), float)
assert_type(compiled_product.source(1.0), str)
assert_type(compiled_product.variants[0].bytes, int)
assert_type(autograd.compile(autograd.grad(compiled_product))(1.0), float)
assert_type(autograd.compile(autograd.grad(compiled_product))(a), npt.NDArray[np.float64])
