"""``Module``: what has parameters, and submodules that have parameters."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self, TypeVar

import numpy as np

from autograd import Tensor, Value
from autograd.tracebacks import entrance, shorten
from nn.kinds import (
    assign,
    is_value_array,
    representable,
    to_numpy,
    to_python,
    to_real_numpy,
    to_value_array,
    zero_gradient,
)
from nn.members import is_parameter, items, members
from nn.parameter import Parameter
from nn.tables import Text, table

__all__ = ["Module", "call_in_mode", "call_with_hook"]

T = TypeVar("T")


class Module:
    """A function with parameters: a layer, or a network of layers.

    Write a subclass that makes its parameters and submodules attributes and defines :meth:`forward`. They are found by
    attribute, in the order of assignment, also inside lists, tuples and dicts. A parameter is a :class:`Parameter`, a
    :class:`autograd.Value` that is a leaf and requires a gradient, or an object array of Values. Over a parameter only
    a parameter may be assigned, over a submodule only a module, and None over both; anything else is a TypeError.

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
    _hooks: tuple[Callable[..., Any], ...] = ()

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The result for an input; what calling the module does."""
        raise NotImplementedError(
            f"{type(self).__name__} has no forward: define `def forward(self, x)` to say what it computes"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The same as :meth:`forward`, and then the hooks."""
        try:
            output = self.forward(*args, **kwargs)
            for hook in self._hooks:
                changed = hook(self, args, output)
                output = output if changed is None else changed
        except Exception as error:
            shorten(error, f"in the forward pass of {type(self).__name__}")
            raise
        return output

    @entrance
    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; over a parameter only a parameter, over a submodule only a module, and None over both.

        Anything else would take the weights from the model in silence.
        """
        old = vars(self).get(name)
        if old is not None and old is not value:
            _check_replacement(f"{type(self).__name__}.{name}", old, value)
        object.__setattr__(self, name, value)

    def register_forward_hook(self, hook: Callable[[Module, Any, Any], Any]) -> Hook:
        """Call ``hook(module, args, output)`` after each forward pass; what it returns, if anything, is the output.

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
                    yield from walk(_join_path(path, name), child)

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
            if is_value_array(x):
                yield from ((f"{name}[{','.join(map(str, place))}]", v) for place, v in np.ndenumerate(x))
            else:
                yield name, x

    def parameters(self) -> Iterator[Parameter | Value]:
        """Every parameter of this module and its submodules, each once."""
        return (p for _, p in self.named_parameters())

    def _named_weights(self) -> Iterator[tuple[str, Any]]:
        """The parameters, each once, with object arrays of Values whole."""
        seen: set[int] = set()
        for path, module in self.named_modules():
            for name, x in members(vars(module)):
                if is_parameter(x) and id(x) not in seen:
                    seen.add(id(x))
                    yield _join_path(path, name), x

    def named_buffers(self) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
        """Every array that is no parameter but belongs to the state, with paths like ``"1.running_mean"``."""
        for path, module in self.named_modules():
            for name in module.buffer_names:
                if (x := getattr(module, name, None)) is not None:
                    yield _join_path(path, name), x

    def buffers(self) -> Iterator[np.ndarray[Any, Any]]:
        """Every array that is no parameter but belongs to the state."""
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
        """Set `training` here and in every submodule; returns the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """The same as ``train(False)``."""
        return self.train(False)

    def apply(self, f: Callable[[Module], Any]) -> Self:
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
                        f"to_scalars: {_join_path(path, name)} is in a list, tuple or dict; make it an attribute"
                    )
        for name, p in list(self._named_weights()):
            if isinstance(p, Parameter):
                cells = to_value_array(p, name)
                for module in self.modules():  # all that share it: tied weights stay tied
                    tied = [key for key, x in vars(module).items() if x is p]
                    vars(module).update(dict.fromkeys(tied, cells))
        return self

    def draw(self, x: Any, y: Any = None, *, loss: Any = None, precision: int = 3) -> Any:
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
        from autograd.viz import draw_network
        from nn.losses import loss_function

        if isinstance(loss, str) and y is None:
            raise TypeError(
                f"draw: the loss {loss!r} compares the output with a target; pass draw(x, y, loss={loss!r})"
            )
        function: Any = None if loss is None else loss_function(loss)
        if not isinstance(loss, str):
            return draw_network(self, x, y, loss=function, precision=precision)

        def named(output: Any, y: Any) -> Any:
            single = np.size(y) == 1 and math.prod(output.shape) == 1
            return function(output, np.reshape(y, output.shape) if single else y)

        return draw_network(self, x, y, loss=named, precision=precision)

    def state_dict(self) -> dict[str, np.ndarray[Any, Any]]:
        """The values of parameters and buffers by name, as arrays of their own; scalar nets have the same.

        Examples
        --------
        >>> import nn
        >>> a, b = nn.Linear(3, 2, rng=0), nn.Linear(3, 2, rng=1).to_scalars()
        >>> b.load_state_dict(a.state_dict())
        >>> bool((a.weight.data == b.state_dict()["weight"]).all())
        True
        """
        return {name: to_numpy(x).copy() for name, x in self._state().items()}

    def _state(self) -> dict[str, Any]:
        """What :meth:`state_dict` saves, module by module: parameters, then buffers."""
        held = dict(self._named_weights()), dict(self.named_buffers())
        state: dict[str, Any] = {}
        for path, module in self.named_modules():
            for kind, names in zip(held, (dict(members(vars(module))), module.buffer_names), strict=True):
                paths = [_join_path(path, name) for name in names]
                state |= {name: kind[name] for name in paths if name in kind}
        return state

    @entrance
    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> None:
        """Set parameters and buffers to the values in `state`, each kept in its own dtype.

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
        new = {name: to_real_numpy(value) for name, value in state.items()}
        problems = [f"missing: {name} {np.shape(x)}" for name, x in own.items() if strict and name not in new]
        problems += [f"unexpected: {name}" for name in new if strict and name not in own]
        found = [(name, x, new[name]) for name, x in own.items() if name in new]
        problems += [
            f"no array of real numbers, or not in float64, float32 or integers: {name}"
            for name, _, value in found
            if value is None
        ]
        problems += [
            f"misshapen: {name} is {np.shape(x)}, not {value.shape}"
            for name, x, value in found
            if value is not None and value.shape != np.shape(x)
        ]
        problems += [
            f"not to be held by {to_numpy(x).dtype}: {name}"
            for name, x, value in found
            if value is not None and not representable(value, to_numpy(x).dtype)
        ]
        if problems:
            raise ValueError(f"{type(self).__name__}.load_state_dict: " + "; ".join(problems))
        for _, x, value in found:
            assign(x, value)

    @entrance
    def summary(self, x: Any = None) -> Text:
        """A table of the submodules: their parameters' shapes and counts, and the results' shapes for an input.

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
        """
        shapes: dict[Module, list[Any]] = {}  # of every call
        if x is not None:
            note = lambda module, args, y: shapes.setdefault(module, []).append(np.shape(y))
            call_in_mode(self, False, call_with_hook, self.modules(), note, self, x)
        places: dict[Module, list[str]] = {}
        for path, module in self.named_modules(remove_duplicate=False):
            places.setdefault(module, []).append(path)
        rows: list[tuple[str, ...]] = [("name", "module", "output", "parameters", "count")]
        for path, module in self.named_modules(remove_duplicate=False):
            own = [p for _, p in members(vars(module)) if is_parameter(p)]
            if path and not own and any(True for _ in module.children()):
                continue
            if path or own:
                held, made = places[module], shapes.get(module, [""])
                output = made[max(held.index(path) - len(held), -len(made))]  # the last calls are those of its places
                count = str(int(np.sum([np.size(to_numpy(p)) for p in own])))
                own_shapes = " + ".join(str(p.shape) for p in own)
                if path != held[0]:
                    own_shapes, count = f"those of {held[0]}" if own else "", ""
                rows.append((path or "-", type(module).__name__, str(output), own_shapes, count))
        sizes = [(p, np.size(to_numpy(p))) for p in self.parameters()]
        total, frozen = int(np.sum([n for _, n in sizes])), int(np.sum([n for p, n in sizes if not p.requires_grad]))
        rows.append(("total", f"({frozen} frozen)" if frozen else "", "", "", str(total)))
        return table(rows)

    def arguments(self) -> dict[str, Any]:
        """The constructor's arguments that are kept as attributes of the same names: for its repr and `nn.save`."""
        names = inspect.signature(type(self)).parameters
        kept = {name: to_python(vars(self)[name]) for name in names if name in vars(self)}
        return {name: x for name, x in kept.items() if isinstance(x, (bool, int, float, str, tuple, type(None)))}

    def __repr__(self) -> str:
        inner = [f"{name}: {p.shape}{_dtype_suffix(p)}" for name, p in members(vars(self)) if is_parameter(p)]
        children = [f"{name}: {child!r}" for name, child in self.named_children()]
        if not children:
            inner = inner or [f"{name}={x!r}" for name, x in self.arguments().items()]
            return f"{type(self).__name__}({', '.join(inner)})"
        lines = "\n".join(inner + children).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {lines}\n)"


class Hook:
    """What :meth:`Module.register_forward_hook` returns; ``remove()`` takes the hook away."""

    def __init__(self, module: Module, hook: Callable[..., Any]) -> None:
        self.module, self.hook = module, hook

    def remove(self) -> None:
        """Take the hook away from its module."""
        self.module._hooks = tuple(h for h in self.module._hooks if h is not self.hook)


def call_in_mode(model: Module, training: bool, call: Callable[..., T], *args: Any) -> T:
    """What a function gives with a model in training or evaluation mode; each module's mode is then put back."""
    modes = [(m, m.training) for m in model.modules()]

    def restore() -> None:
        for module, mode in modes:
            module.training = mode

    return call_and_restore(restore, lambda: (model.train(training), call(*args))[1])


def call_with_hook(
    modules: Iterable[Module], hook: Callable[[Any, Any, Any], Any], call: Callable[..., T], *args: Any
) -> T:
    """What a function gives with a forward hook on several modules, which is then taken away."""
    before = [(m, m._hooks) for m in modules]

    def restore() -> None:
        for module, hooks in before:
            module._hooks = hooks

    def hooked() -> T:
        for module, _ in before:
            module.register_forward_hook(hook)
        return call(*args)

    return call_and_restore(restore, hooked)


def call_and_restore(restore: Callable[[], None], call: Callable[[], T]) -> T:
    """What a function gives, after which something is put back; twice, since an interrupt may come in the first."""
    try:
        try:
            return call()
        finally:
            restore()
    finally:
        restore()


def _check_replacement(name: str, old: Any, new: Any) -> None:
    """Raise if `new` in the place of `old`, both attributes or members of such, drops weights from the model."""
    if new is None or is_parameter(new):
        return
    if is_parameter(old):
        what = f"the result of {new.op.name!r}" if getattr(new, "op", None) is not None else type(new).__name__
        raise TypeError(
            f"{name} is a parameter, and {what} in its place would not be trained. To change its numbers: "
            f"`with autograd.no_grad(): p -= lr * p.grad`, or an optimiser of nn.optim; to "
            f"replace it: assign {'an autograd.Value' if isinstance(old, Value) else 'an nn.Parameter'}, or None"
        )
    if isinstance(old, Module) and not isinstance(new, Module):
        raise TypeError(
            f"{name} is a submodule, and {type(new).__name__} in its place would take it from the model: assign a "
            f"module, or None"
        )
    if isinstance(old, (list, tuple, dict)) and type(new) is type(old):
        inner, others = ({str(k): x for k, x in items(each)} for each in (old, new))
        for key in (key for key in inner if key in others):
            _check_replacement(f"{name}.{key}", inner[key], others[key])


def _dtype_suffix(p: Any) -> str:
    return f" {p.dtype}" if isinstance(p, Tensor) and p.dtype != np.float64 else ""


def _join_path(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
