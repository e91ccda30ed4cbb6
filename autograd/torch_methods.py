"""What nodes have under PyTorch's names, where NumPy's arrays have nothing."""

from __future__ import annotations

from math import prod
from typing import NoReturn, Self

import numpy as np

from autograd.engine.hooks import AFTER, BEFORE, Handle, register
from autograd.engine.libraries import numpy_dtype
from autograd.engine.modes import usual
from autograd.engine.node import Node
from autograd.engine.trace import taken
from autograd.messages import describe
from autograd.ops import creation
from autograd.torch_functions import torch_function
from autograd.tracebacks import entrance
from autograd.typing import Function, Keywords, X

__all__ = ["TorchMethods"]


class _Size(int):
    """The number of elements, which is no method as in PyTorch."""

    def __call__(self, axis: object = None) -> NoReturn:
        raise TypeError(
            f"x.size is the number of elements, {int(self)}, as in NumPy; PyTorch's x.size() is x.shape here, and its "
            "x.size(0) is x.shape[0]"
        )


class TorchMethods(Node):
    """What both kinds of node have under PyTorch's names."""

    __slots__ = ()
    __hash__ = object.__hash__

    @classmethod
    @entrance
    def __torch_function__(
        cls, function: Function, types: object, args: tuple[X, ...] = (), kwargs: Keywords | None = None
    ) -> X:
        return torch_function(function, args, kwargs or {})

    @property
    def size(self) -> int:
        """The number of elements; 1 for a scalar."""
        return _Size(prod(self.shape))

    @property
    def is_leaf(self) -> bool:
        """Whether no op made the node, or it requires no gradient."""
        return self.op is None or not self.requires_grad

    @entrance
    def clone(self) -> Self:
        """A copy that is a node of the graph: gradients flow through it."""
        copied: Self = creation.copy(self)
        return copied

    def tolist(self) -> X:
        """The value as a number or nested lists. It leaves the graph on purpose: no gradient flows through it."""
        if usual() is not None:
            taken(self, ".tolist()")
        return np.asarray(self._data).tolist()

    @entrance
    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set whether backward passes give this leaf a gradient; returns the leaf.

        Examples
        --------
        >>> from autograd import Tensor
        >>> x = Tensor([1.0, 2.0], requires_grad=False).requires_grad_()
        >>> (x * x).sum().backward()
        >>> x.grad.tolist()
        [2.0, 4.0]
        """
        if self.op is not None and requires_grad != self.requires_grad:
            raise ValueError(
                f"requires_grad_: {describe(self)} is a result, which requires a gradient as its operands do; take "
                "x.detach() for a leaf with these data"
            )
        if requires_grad and numpy_dtype(self._data).kind != "f":
            raise TypeError(f"requires_grad_: {describe(self)} holds no floats, so no gradient; write 1.0 for 1")
        self.requires_grad = bool(requires_grad)
        return self

    def retain_grad(self) -> None:
        """Do nothing: every node that a backward pass reaches keeps its gradient."""

    @entrance
    def register_hook(self, hook: Function) -> Handle:
        """Have a function called with the gradient of this node in each backward pass, once the gradient is complete.

        What it returns takes the place of the gradient, here and below; None leaves it. Hooks run in the order of
        registration, on plain data, which they must not change, or on a node in a pass with ``create_graph=True``.
        They are not copied, pickled or compiled, and go with the node, unless they hold it themselves.

        Returns
        -------
        handle
            Its ``remove()`` takes the hook off.

        Examples
        --------
        >>> from autograd import Value
        >>> x = Value(3.0)
        >>> square = x * x
        >>> handle = square.register_hook(lambda g: 10 * g)
        >>> square.backward()
        >>> x.grad, square.grad
        (60.0, 10.0)
        """
        return register(BEFORE, self, hook, "register_hook")

    @entrance
    def register_post_accumulate_grad_hook(self, hook: Function) -> Handle:
        """Have a function called with this leaf after each backward pass that has added to its gradient.

        Examples
        --------
        >>> from autograd import Value
        >>> x = Value(3.0)
        >>> handle = x.register_post_accumulate_grad_hook(lambda x: print(x.grad))
        >>> (x * x).backward()
        6.0
        """
        if self.op is not None:
            raise ValueError(f"register_post_accumulate_grad_hook: {describe(self)} is no leaf; take register_hook")
        return register(AFTER, self, hook, "register_post_accumulate_grad_hook")
