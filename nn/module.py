"""``Module``: what has parameters, and submodules that have parameters."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

import numpy as np

import autograd
from autograd import Tensor, Value
from autograd.compiler import forbid
from autograd.tracebacks import entrance, shorten
from nn._types import Array, Input, LikeForward, LossLike, Output
from nn.hook import Hook
from nn.kinds import assign, to_numpy, to_python, to_value_array, zero_gradient
from nn.loss_names import resolve_loss
from nn.members import Weight, check_replacement, is_parameter, join_path, members
from nn.parameter import Parameter
from nn.restoring import call_and_restore
from nn.states import validated_arrays
from nn.summary import Call, Text, idle_units, summary

if TYPE_CHECKING:
    from autograd.viz import Figure

__all__ = ["ForwardHook", "Module"]

ForwardHook: TypeAlias = Callable[["Module", tuple[Any, ...], Any], object]


class Module:
    """A function with parameters: a layer, or a network of layers.

    Write a subclass that makes its parameters and submodules attributes and defines :meth:`forward`. The module knows
    them by attribute, in the order of assignment, also inside lists, tuples and dicts. A parameter is a
    :class:`Parameter`, a :class:`autograd.Value` that is a leaf and requires a gradient, or an object array of Values.
    Only a parameter replaces a parameter, only a module a submodule, and None both; anything else is a TypeError.

    Attributes
    ----------
    training : bool
        Whether it is being trained, for modules that behave differently then; see :meth:`train`.
    buffer_names : tuple of str
        Names of the attributes (arrays) that are no parameters but belong to the state; a subclass states them.

    Examples
    --------
    >>> import nn
    >>> class Line(nn.Module):
    ...     def __init__(self):
    ...         self.m = nn.Parameter(3.0)
    ...         self.b = nn.Parameter(1.0)
    ...     def forward(self, x):
    ...         return self.m * x + self.b
    >>> line = Line()
    >>> line(2.0)
    Tensor(7., op='+')
    >>> [name for name, _ in line.named_parameters()]
    ['m', 'b']
    >>> line
    Line(m: (), b: ())
    """

    training: bool = True
    buffer_names: ClassVar[tuple[str, ...]] = ()
    _is_elementwise: ClassVar[bool] = False
    _hooks: tuple[ForwardHook, ...] = ()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The result for an input; a subclass defines it, and calling the module calls it."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward: define `def forward(self, x)` to say what it computes"
        )

    if TYPE_CHECKING:
        __call__: ClassVar[LikeForward]
    else:

        def __call__(self, *args, **kwargs):
            """The result of :meth:`forward`, as the hooks change it."""
            try:
                output = self.forward(*args, **kwargs)
                for hook in self._hooks:
                    forbid(f"{type(self).__name__} has the hook {getattr(hook, '__qualname__', repr(hook))}")
                    changed = hook(self, args, output)
                    output = output if changed is None else changed
            except Exception as error:
                shorten(error, f"in the forward pass of {type(self).__name__}")
                raise
            return output

    @entrance
    def __setattr__(self, name: str, value: object) -> None:
        """Set an attribute: only a parameter replaces a parameter, only a module a submodule, and None replaces both.

        Anything else would take the weights from the model in silence.
        """
        old = vars(self).get(name)
        if old is not None and old is not value:
            check_replacement(f"{type(self).__name__}.{name}", old, value, Module)
        object.__setattr__(self, name, value)

    def register_forward_hook(self, hook: ForwardHook) -> Hook:
        """Call ``hook(module, args, output)`` after each forward pass; a result that is not None replaces the output.

        Examples
        --------
        >>> import nn
        >>> net = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
        >>> seen = []
        >>> handle = net[0].register_forward_hook(lambda module, args, output: seen.append(output.shape))
        >>> _ = net([[1.0, 2.0]])
        >>> handle.remove()
        >>> seen
        [(1, 3)]
        """
        self._hooks = (*self._hooks, hook)
        return Hook(self, hook)

    def named_modules(self, *, remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """The module itself (named ``""``) and every submodule, with paths like ``"0.inner"``.

        Each comes once, or with ``remove_duplicate=False`` in every place where it stands.
        """
        seen: set[int] = set()

        def walk(path: str, module: Module) -> Iterator[tuple[str, Module]]:
            if id(module) not in seen or not remove_duplicate:
                seen.add(id(module))
                yield path, module
                for name, child in module.named_children():
                    yield from walk(join_path(path, name), child)

        return walk("", self)

    def modules(self) -> Iterator[Module]:
        """The module itself and every submodule, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct submodules, with their names."""
        return ((name, x) for name, x in members(vars(self)) if isinstance(x, Module))

    def children(self) -> Iterator[Module]:
        """The direct submodules."""
        return (child for _, child in self.named_children())

    def named_parameters(self) -> Iterator[tuple[str, Parameter | Value]]:
        """Every parameter of this module and its submodules, each once, with paths like ``"0.weight"``.

        The scalars of an object array come one by one, as ``"0.weight[1,0]"``.

        Examples
        --------
        >>> import nn
        >>> net = nn.Sequential(nn.Linear(3, 10), nn.Sigmoid(), nn.Linear(10, 1))
        >>> {name: p.shape for name, p in net.named_parameters()}
        {'0.weight': (10, 3), '0.bias': (10,), '2.weight': (1, 10), '2.bias': (1,)}
        """
        for name, x in self._named_weights():
            if isinstance(x, np.ndarray):
                yield from ((f"{name}[{','.join(map(str, index))}]", v) for index, v in np.ndenumerate(x))
            else:
                yield name, x

    def parameters(self) -> Iterator[Parameter | Value]:
        """Every parameter of this module and its submodules, each once."""
        return (p for _, p in self.named_parameters())

    def _named_weights(self) -> Iterator[tuple[str, Weight]]:
        """Every parameter once, and every object array of Values as a whole."""
        seen: set[int] = set()
        for path, module in self.named_modules():
            for name, x in members(vars(module)):
                if is_parameter(x) and id(x) not in seen:
                    seen.add(id(x))
                    yield join_path(path, name), x

    def named_buffers(self) -> Iterator[tuple[str, Array]]:
        """Every array that belongs to the state without being a parameter, with paths like ``"1.running_mean"``."""
        for path, module in self.named_modules():
            for name in module.buffer_names:
                if (x := getattr(module, name, None)) is not None:
                    yield join_path(path, name), x

    def buffers(self) -> Iterator[Array]:
        """Every array that belongs to the state without being a parameter."""
        return (x for _, x in self.named_buffers())

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget every parameter's gradient, or set it to zeros."""
        for p in self.parameters():
            p.grad = None if set_to_none else zero_gradient(p)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze every parameter (False), or free it again; returns the module.

        A single Value that is frozen is a constant, no parameter any more.
        """
        for p in list(self.parameters()):
            p.requires_grad = requires_grad
        return self

    def train(self, mode: bool = True) -> Self:
        """Set `training` in the module and in every submodule; returns the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set evaluation mode, as ``train(False)`` does; returns the module."""
        return self.train(False)

    def apply(self, f: Callable[[Module], object]) -> Self:
        """Call `f` with every submodule, inner ones first, and with the module itself; returns the module.

        Examples
        --------
        >>> import nn
        >>> def start(module):
        ...     if isinstance(module, nn.Linear):
        ...         nn.init.zeros_(module.bias)
        >>> net = nn.Sequential(nn.Linear(2, 3), nn.ReLU()).apply(start)
        >>> net[0].bias.data
        array([0., 0., 0.])
        """
        for child in self.children():
            child.apply(f)
        f(self)
        return self

    def to_scalars(self) -> Self:
        """Make each parameter an object array of Values, so that every weight is a node; returns the module.

        Examples
        --------
        >>> import nn
        >>> layer = nn.Linear(2, 1, rng=0).to_scalars()
        >>> y = layer([1.0, 2.0])[0]
        >>> y.backward()
        >>> layer.weight[0, 1].grad
        2.0
        """
        for path, module in self.named_modules():
            for name, x in members(vars(module)):
                if isinstance(x, Parameter) and name not in vars(module):
                    raise TypeError(
                        f"to_scalars: {join_path(path, name)} is in a list, tuple or dict; make it an attribute"
                    )
        for name, p in list(self._named_weights()):
            if isinstance(p, Parameter):
                cells = to_value_array(p, name)
                for module in self.modules():  # Every module that shares it gets them: tied weights stay tied.
                    tied = [key for key, x in vars(module).items() if x is p]
                    vars(module).update(dict.fromkeys(tied, cells))
        return self

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
        x : array_like, shape (n,)
            The sample.
        y : optional
            Its target, which the loss compares the output with; of a net with one output, a number will do.
        loss : str or callable, optional
            A loss by its name ("mse", "cross_entropy", ...), or a function of (output, y), or of the output if there is
            no `y`; with it each neuron shows its δ.
        neuron : (int, int), optional
            A layer and a neuron in it, both counted from 1, whose sums are written out.
        precision : int
            Significant digits of numbers.

        Returns
        -------
        autograd.viz.Figure
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

    def state_dict(self) -> dict[str, Array]:
        """Copies of the parameters and buffers as arrays, by name; a net of Values has the names of the net of arrays.

        Examples
        --------
        >>> import nn
        >>> a, b = nn.Linear(3, 2, rng=0), nn.Linear(3, 2, rng=1).to_scalars()
        >>> b.load_state_dict(a.state_dict())
        >>> bool((a.weight.data == b.state_dict()["weight"]).all())
        True
        """
        return {name: to_numpy(x).copy() for name, x in self._state().items()}

    def _state(self) -> dict[str, Weight | Array]:
        """What :meth:`state_dict` copies, module by module: parameters, then buffers."""
        weights, buffers = dict(self._named_weights()), dict(self.named_buffers())
        state: dict[str, Weight | Array] = {}
        for path, module in self.named_modules():
            own = [join_path(path, name) for name, _ in members(vars(module))]
            state |= {name: weights[name] for name in own if name in weights}
            own = [join_path(path, name) for name in module.buffer_names]
            state |= {name: buffers[name] for name in own if name in buffers}
        return state

    @entrance
    def load_state_dict(self, state: Mapping[str, object], strict: bool = True) -> None:
        """Set parameters and buffers to the values in `state`; each keeps its dtype.

        Parameters
        ----------
        state : mapping of str to array_like
            A value for every name in :meth:`state_dict`, of that shape.
        strict : bool
            False leaves alone what is missing, and passes over what is unexpected.

        Raises
        ------
        ValueError
            If names are missing or unexpected, values are no real numbers or lost in the dtype (a fraction in a count,
            1e300 in float32), or shapes differ: all of them are listed, and nothing is changed.
        """
        if not isinstance(state, Mapping):
            advice = "; call it: model.state_dict()" if callable(state) else ""
            raise TypeError(f"{type(self).__name__}.load_state_dict: pass a dict, not {type(state).__name__}{advice}")
        own = self._state()
        for name, values in validated_arrays(type(self).__name__, own, state, strict).items():
            assign(own[name], values)

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
        calls: dict[Module, list[Call]] = {}

        def note(module: Module, args: tuple[Any, ...], output: Any) -> None:
            units = idle_units(module, args[0]) if module._is_elementwise else ""
            calls.setdefault(module, []).append(Call(np.shape(output), units))

        def evaluate() -> None:
            for module in self.eval().modules():
                module.register_forward_hook(note)
            self(x)

        if x is not None:
            call_and_restore(self.modules(), ("training", "_hooks"), evaluate)
        return summary(list(self.named_modules(remove_duplicate=False)), calls)

    def arguments(self) -> dict[str, object]:
        """The constructor's arguments that the module has as attributes; its repr shows them, `nn.save` stores them."""
        own, names = vars(self), inspect.signature(type(self)).parameters
        attributes = {name: to_python(own[name]) for name in names if name in own}
        return {name: x for name, x in attributes.items() if isinstance(x, (bool, int, float, str, tuple, type(None)))}

    def __repr__(self) -> str:
        inner = [f"{name}: {p.shape}{_dtype_suffix(p)}" for name, p in members(vars(self)) if is_parameter(p)]
        children = [f"{name}: {child!r}" for name, child in self.named_children()]
        if not children:
            inner = inner or [f"{name}={x!r}" for name, x in self.arguments().items()]
            return f"{type(self).__name__}({', '.join(inner)})"
        lines = "\n".join(inner + children).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {lines}\n)"


def _dtype_suffix(p: Weight) -> str:
    return f" {p.dtype}" if isinstance(p, Tensor) and p.dtype != np.float64 else ""
