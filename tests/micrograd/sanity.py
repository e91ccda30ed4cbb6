"""Gradients of an expression with every operator, beside PyTorch's."""

import torch
from micrograd.engine import Value


def expression(x, y):
    z = 3 * x + 1.5 + y
    q = z.relu() + z * y - x / 2
    h = (q * q).relu() + (y - 1) ** 3 + 2 / (x * x + 1)
    h += x
    h *= 0.5
    return h + q + q * -x + (1 - y) ** -2 + (-x).relu()


x, y = Value(-4.0), Value(2.5)
out = expression(x, y)
out.backward()
tx, ty = (torch.tensor([v], dtype=torch.float64, requires_grad=True) for v in (-4.0, 2.5))
of_torch = expression(tx, ty)
of_torch.backward()
tolerance = 1e-6
print(f"{out.data:.6f} {x.grad:.6f} {y.grad:.6f}")
print(abs(out.data - of_torch.data.item()) < tolerance)
print(abs(x.grad - tx.grad.item()) < tolerance, abs(y.grad - ty.grad.item()) < tolerance)
