"""``Resettable``: what layers with parameters have in common, that they can start anew."""

from __future__ import annotations

import inspect

from nn.members import is_parameter
from nn.module import Module

__all__ = ["Resettable"]


class Resettable(Module):
    """A layer whose parameters can start anew."""

    def reset_parameters(self) -> None:
        """Set parameters and buffers to a start as a new layer of the same arguments has it, by the default generator.

        Examples
        --------
        >>> import nn
        >>> layer = nn.Linear(2, 1)
        >>> layer.weight.data = [[5.0, 5.0]]
        >>> layer.reset_parameters()
        >>> bool((abs(layer.weight.data) < 1).all())
        True
        """
        kind = next(k for k in type(self).__mro__ if k.__module__.startswith("nn."))  # A user's class may take others.
        own = vars(self)
        names = [n for n in inspect.signature(kind).parameters if n in own and not is_parameter(own[n])]
        self.load_state_dict(kind(**{name: own[name] for name in names}).state_dict())
