"""``Dropout``: in training some elements are left out at random."""

from __future__ import annotations

import numpy as np

from nn._types import Input, Output, Rng
from nn.functional.dropout import dropout
from nn.module import Module
from nn.options import check_options
from nn.randomness import as_generator

__all__ = ["Dropout"]


class Dropout(Module):
    """In training, each element is 0 with probability `p` and else divided by 1 − p; in evaluation, unchanged.

    Options are those of :func:`nn.functional.dropout`; without `rng`, each call draws from the default generator.

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> drop = nn.Dropout(0.5, rng=0)
    >>> drop(np.ones(6))
    Tensor([2., 0., 0., 0., 2., 2.], op='where')
    >>> drop.eval()(np.ones(6))
    array([1., 1., 1., 1., 1., 1.])
    """

    rng: np.random.Generator | None = None

    def __init__(self, p: float = 0.5, inplace: bool = False, *, rng: Rng = None) -> None:
        check_options("Dropout", p=p)
        self.p = p
        if rng is not None:
            self.rng = as_generator(rng)

    def forward(self, input: Input) -> Output:
        """The input, of any shape; in training a node with some elements dropped, in evaluation the input itself."""
        return dropout(input, self.p, self.training, rng=self.rng)
