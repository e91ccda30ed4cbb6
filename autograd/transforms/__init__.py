"""Functions of functions: gradients, Jacobians, Hessians and their products with vectors.

Each of them traces one call of the function on fresh variables, and pulls gradients back through what it recorded.
Nested calls do not mix, because each has variables of its own.
"""

from autograd.surface import publish
from autograd.transforms.gradients import elementwise_grad, grad, value_and_grad
from autograd.transforms.jacobians import hessian, jacobian
from autograd.transforms.products import hvp, jvp, vjp

__all__ = ["elementwise_grad", "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

publish(globals())
