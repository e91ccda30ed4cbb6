"""What shows a module: its picture, and the table of its submodules."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import autograd
from autograd import Tensor, Value
from autograd.tracebacks import entrance
from nn._types import Input, LossLike, Output
from nn.kinds import to_numpy
from nn.loss_names import resolve_loss
from nn.members import Members
from nn.restoring import call_and_restore
from nn.summary import Call, Text, idle_units, summary

if TYPE_CHECKING:
    from autograd.viz import Figure

__all__ = ["Shown"]


class Shown(Members):
    """What can be drawn and summarised: the part of :class:`nn.Module` for that."""

    def draw(
        self,
        x: Input,
        y: Input | None = None,
        *,
        loss: LossLike | None = None,
        neuron: tuple[int, int] | None = None,
        precision: int = 3,
    ) -> Figure:
        """Draw the net as neurons in columns, for one sample: :func:`autograd.viz.draw_network`.

        Parameters
        ----------
        x : array_like
            The sample, of shape (n,).
        y : array_like, optional
            Its target, which the loss compares the output with; of a net with one output, a number will do.
        loss : str or callable, optional
            A loss by its name ("mse", "cross_entropy", ...), or a function of (output, y), or of the output if there is
            no `y`; with it each neuron shows its δ.
        neuron : pair of int, optional
            A layer and a neuron in it, both counted from 1, whose sums are written out.
        precision : int
            Significant digits of numbers.

        Returns
        -------
        Figure
            The picture: it shows itself in a notebook, and has ``.save(path)``.

        Raises
        ------
        TypeError, ValueError
            If there is no loss of that name, a named loss has no `y`, or as from ``draw_network``.

        Examples
        --------
        >>> import nn
        >>> net = nn.MLP([2, 3, 1], "tanh", rng=0)
        >>> net.draw([0.5, -1.2], [1.0], loss="mse")
        <Figure: network 2-3-1 with outputs and δs>
        """
        if isinstance(loss, str) and y is None:
            text = f"draw: the loss {loss!r} compares the output with a target; pass draw(x, y, loss={loss!r})"
            raise TypeError(text)
        function = None if loss is None else resolve_loss(loss)
        if not isinstance(loss, str) or function is None:
            return autograd.viz.draw_network(self, x, y, loss=function, neuron=neuron, precision=precision)

        def named_loss(output: Tensor | Value, y: Input) -> Output:
            target = to_numpy(y)
            is_single = target.size == 1 == math.prod(output.shape)
            return function(output, target.reshape(output.shape) if is_single else y)

        return autograd.viz.draw_network(self, x, y, loss=named_loss, neuron=neuron, precision=precision)

    @entrance
    def summary(self, x: Input | None = None) -> Text:
        """A table of the submodules: their parameters' shapes and counts, and the results' shapes for an input.

        After a backward pass it has the norm of each module's gradients. For an input it marks units of activations
        that do nothing: dead ones, whose slope is 0 for every sample, and saturated ones, where it is at most 0.01.

        Parameters
        ----------
        x : array_like, optional
            An input; the net is evaluated on it, as in :meth:`eval`.

        Examples
        --------
        >>> import numpy as np
        >>> import nn
        >>> nn.Sequential(nn.Linear(3, 10), nn.Sigmoid(), nn.Linear(10, 1)).summary(np.ones((5, 3)))
        name   module   output   parameters       count
        0      Linear   (5, 10)  (10, 3) + (10,)     40
        1      Sigmoid  (5, 10)                       0
        2      Linear   (5, 1)   (1, 10) + (1,)      11
        total                                        51
        >>> net = nn.Sequential(nn.Linear(1, 3, rng=0), nn.ReLU(), nn.Linear(3, 1, rng=1))
        >>> net[0].bias.data = [-9.0, 9.0, 9.0]
        >>> (net([[1.0], [2.0]]) ** 2).sum().backward()
        >>> net.summary([[1.0], [2.0]])
        name   module  output  parameters     count  gradient  units
        0      Linear  (2, 3)  (3, 1) + (3,)      6       8.2
        1      ReLU    (2, 3)                     0            1 dead of 3
        2      Linear  (2, 1)  (1, 3) + (1,)      4        77
        total                                    10        78
        """
        calls: dict[Members, list[Call]] = {}

        def note(module: Members, args: tuple[object, ...], output: object) -> None:
            units = idle_units(module, args[0]) if module._is_elementwise else ""
            first = output[0] if isinstance(output, tuple) else output  # Recurrent layers and attention give tuples.
            calls.setdefault(module, []).append(Call(to_numpy(first).shape, units))

        def evaluate() -> None:
            for module in self.eval().modules():
                module.register_forward_hook(note)
            self(x)

        if x is not None:
            call_and_restore(self.modules(), ("training", "_hooks"), evaluate)
        return summary(list(self.named_modules(remove_duplicate=False)), calls)
