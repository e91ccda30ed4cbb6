"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

import autograd
from autograd import Tensor
from nn._types import ArrayLike, Node, ValueArray
from nn.kinds import assign, to_numpy
from nn.utils.listing import list_parameters

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Node | ValueArray]) -> Tensor:
    """All parameters, flat, one after the other: a node of them, so that it can be differentiated.

    Examples
    --------
    >>> import nn
    >>> nn.utils.parameters_to_vector(nn.MLP([1, 2, 1], rng=0).parameters()).shape
    (7,)
    """
    listed = list_parameters("parameters_to_vector", parameters)
    if not listed:
        raise ValueError("parameters_to_vector: there are no parameters; a used generator is empty")
    parts = [p.reshape(-1) if isinstance(p, Tensor) else autograd.stack([p]) for p in listed]
    vector: Tensor = autograd.concatenate(parts)
    return vector


def vector_to_parameters(vec: Tensor | ArrayLike, parameters: Iterable[Node | ValueArray]) -> None:
    """Set all parameters to the numbers of a vector, one after the other; each keeps its shape and dtype.

    Raises
    ------
    ValueError
        If the vector has not as many numbers as the parameters; nothing is changed then.

    Examples
    --------
    >>> import nn
    >>> layer = nn.Linear(2, 1)
    >>> nn.utils.vector_to_parameters([1.0, 2.0, 3.0], layer.parameters())
    >>> layer.weight.data, layer.bias.data
    (array([[1., 2.]]), array([3.]))
    """
    listed, numbers = list_parameters("vector_to_parameters", parameters), to_numpy(vec)
    sizes = [int(p.size) for p in listed]
    if numbers.shape != (sum(sizes),):
        raise ValueError(
            f"vector_to_parameters: the parameters have {sum(sizes)} numbers in all, and the vector has shape "
            f"{numbers.shape}"
        )
    for p, part in zip(listed, np.split(numbers, np.cumsum(sizes)[:-1]), strict=True):
        assign(p, part.reshape(p.shape))
