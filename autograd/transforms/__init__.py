"""Functions of functions: gradients, Jacobians, Hessians and their products with vectors."""

from autograd.transforms.derivatives import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

__all__ = ["elementwise_grad", "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]
