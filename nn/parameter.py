"""``Parameter``: a tensor that a module trains; ``Buffer``: one that belongs to it without being trained."""

from __future__ import annotations

from autograd import Tensor
from autograd.backends import destination, move
from nn._types import ArrayLike, DType

__all__ = ["Buffer", "Parameter"]


class Parameter(Tensor, results=Tensor):
    """A :class:`autograd.Tensor` that a module counts among its parameters when it is one of its attributes.

    Parameters
    ----------
    data : array_like or Tensor, optional
        Floats, of any shape, which are copied; by default none, an empty array. Of a Tensor, the numbers: a leaf, or a
        result that requires no gradient.
    label : str, optional
        A name for texts and pictures. A bool in its place is `requires_grad`, as in PyTorch.
    requires_grad : bool
        False freezes it: backward passes and optimisers leave it alone.
    dtype : dtype, optional
        The dtype of the data; by default their own.

    Raises
    ------
    TypeError
        If the data are no floats: integers cannot be differentiated. If they are a result that requires a gradient,
        from which a parameter would be cut off.

    Examples
    --------
    >>> from nn import Parameter
    >>> w = Parameter([0.5, -1.0], "w")
    >>> (w * w).sum().backward()
    >>> w.grad
    array([ 1., -2.])
    """

    __slots__ = ()

    def __init__(
        self, data: ArrayLike | Tensor | None = None, label: str | bool | None = None, requires_grad: bool = True,
        dtype: DType | None = None,
    ) -> None:  # fmt: skip
        text, trained = (None, label) if isinstance(label, bool) else (label, requires_grad)
        data = () if data is None else data  # no numbers
        if isinstance(data, Tensor):
            if data.op is not None and data.requires_grad:
                raise TypeError(
                    f"Parameter: {data!r} is a result, and its gradient would end here; pass x.detach(), or its data"
                )
            text, data = text or data.label, data.data
        super().__init__(data, text, True, dtype)  # Integers are an error for a frozen one, too.
        self.requires_grad = trained

    def numel(self) -> int:
        """The number of elements, under PyTorch's name."""
        return self.size

    def recast(self, dtype: DType) -> None:
        """Take another dtype in place, with the gradient: the node stays the one that modules and optimisers hold."""
        move(self, destination(self.data, dtype=dtype))


class Buffer(Tensor, results=Tensor):
    """A Tensor that is a buffer of the module whose attribute it becomes, as ``module.register_buffer`` makes one.

    Its numbers are a copy, and part of the module's state unless `persistent` is False.

    Examples
    --------
    >>> import nn
    >>> module = nn.Module()
    >>> module.mean = nn.Buffer([1.0, 2.0])
    >>> module.state_dict()
    {'mean': array([1., 2.])}
    """

    persistent = True

    def __init__(self, data: ArrayLike | Tensor | None = None, *, persistent: bool = True) -> None:
        numbers = () if data is None else data.data if isinstance(data, Tensor) else data
        super().__init__(numbers, requires_grad=False)
        self.persistent = persistent
