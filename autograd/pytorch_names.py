"""Methods of nodes that PyTorch's tensors have and NumPy's arrays have not."""

from __future__ import annotations

from autograd.engine.hooks import AFTER, BEFORE, Handle, register
from autograd.engine.node import Node
from autograd.messages import describe
from autograd.tracebacks import entrance
from autograd.typing import Function

__all__ = ["PyTorchNames"]


class PyTorchNames(Node):
    """What both kinds of node have under PyTorch's names."""

    __slots__ = ()
    __hash__ = object.__hash__

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

    def retain_grad(self) -> None:
        """Do nothing: every node that a backward pass reaches keeps its gradient."""

    @property
    def is_leaf(self) -> bool:
        """Whether no op made the node."""
        return self.op is None
