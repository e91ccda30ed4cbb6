"""``dropout``: some elements left out at random."""

from __future__ import annotations

import autograd
from autograd.compiler import fresh
from autograd.tracebacks import entrances
from nn._types import Input, Output, Rng
from nn.kinds import as_node
from nn.options import check_options
from nn.randomness import as_generator

__all__ = ["dropout"]


def dropout(input: Input, p: float = 0.5, training: bool = True, inplace: bool = False, *, rng: Rng = None) -> Output:
    """In training, each element is 0 with probability `p` and else divided by 1 − p; otherwise `input` itself.

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.

    Parameters
    ----------
    input : node or array_like
        Of any shape.
    p : float
        The probability, in [0, 1].
    training : bool
        Whether anything is left out.
    inplace : bool
        PyTorch's, whether to reuse memory, which changes no result; here it has no effect.
    rng : Generator or int, optional
        The source of the choice; by default the default generator.

    Returns
    -------
    node, array or number
        Of the shape of `input`: in training a node.

    Raises
    ------
    ValueError
        If `p` is not in [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> import nn.functional as F
    >>> F.dropout(np.ones(6), rng=0)
    Tensor([2., 0., 0., 0., 2., 2.], op='where')
    """
    check_options("dropout", p=p)
    if not training or p == 0:
        return input
    x, generator = as_node(input), as_generator(rng)
    shape = x.shape
    mask = fresh(lambda: generator.random(shape) >= p)
    return autograd.where(mask, x * (1 / (1 - p) if p < 1 else 1.0), 0.0)  # an array of Values too


# The function is wrapped in the file that defines it, so that everyone imports the wrapped one.
entrances(globals(), __all__)
