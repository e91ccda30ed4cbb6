"""Modules on their way to another library, device or dtype, with what belongs to them."""

from __future__ import annotations

import numpy as np

from autograd import Tensor, Value
from autograd.backends import Destination, destination, library_of, move, moved, numpy_dtype
from nn._types import X
from nn.host import as_numpy
from nn.members import Members
from nn.parameter import Parameter

__all__ = ["first_array", "move_module", "placed"]


def first_array(module: Members) -> X:
    """The data of a module's first parameter, or else buffer; a number if it has none: where they are, all of it is."""
    for x in (*(p for _, p in module._named_weights()), *module.buffers()):
        return x.data if isinstance(x, (Tensor, Value)) else x
    return 0.0


def move_module(module: Members, places: list[X], device: object, dtype: object) -> None:
    """Move the parameters and buffers of a module in place; each that is shared once, and none if one cannot."""
    name, at = type(module).__name__, first_array(module)
    try:
        to = _destination(at, places, device, dtype)
    except (TypeError, ValueError) as error:
        cpu = ", on the CPU" if library_of(at) is None else ""
        raise TypeError(f"{name}: parameters are float64 or float32{cpu}; {error}") from None
    if to.library is library_of(at) and to.device is None and to.dtype is None:
        return
    every = [p for _, p in module._named_weights()]
    weights = [p for p in every if isinstance(p, Parameter)]
    if len(weights) < len(every):
        _check_scalars(name, to)
    buffers = [(each, key, x) for each in module.modules() for key, x in each._own_buffers()]
    for met in {numpy_dtype(x) for x in (*weights, *(x for *_, x in buffers))}:
        try:
            moved(np.empty(0, met), to)
        except TypeError as error:
            raise TypeError(f"{name}.to: {error}") from None
    for p in weights:
        move(p, to)
    done: dict[int, tuple[X, X]] = {}  # with what was there, so that nothing else gets its id
    for each, key, x in buffers:
        if id(x) not in done:
            done[id(x)] = x, _moved_buffer(x, to)
        vars(each)[key] = done[id(x)][1]


def placed(model: Members, *data: X) -> tuple[X, ...]:
    """Arrays where a model is that is on a library: on its device, floats in its dtype; others as they are."""
    at = first_array(model)
    if (library := library_of(at)) is None:
        return data
    to = Destination(library, library.device(at), numpy_dtype(at) if library.is_float(at) else None)
    return tuple(moved(np.asarray(as_numpy(x)) if library_of(x) is not library else x, to) for x in data)


def _destination(at: X, places: list[X], device: object, dtype: object) -> Destination:
    """Where the arguments of ``to`` lead: a library, and then devices and dtypes in any order."""
    to = Destination(library_of(at))
    for x in places:
        data = x.data if isinstance(x, Tensor) else x
        if x is None:
            continue
        if isinstance(data, np.ndarray):
            to = to._replace(dtype=destination(0.0, dtype=data.dtype).dtype)
        elif (library := library_of(data)) is not None:
            to = Destination(library, library.device(data), numpy_dtype(data))
        else:
            step = destination(_sample(to), x)
            to = Destination(step.library, *(b if b is not None else a for a, b in zip(to[1:], step[1:], strict=True)))
    step = destination(_sample(to), None, device, dtype)
    return Destination(step.library, *(b if b is not None else a for a, b in zip(to[1:], step[1:], strict=True)))


def _sample(to: Destination) -> X:
    """An array of the library of a destination."""
    return 0.0 if to.library is None else to.library.array(np.zeros(0, np.float32))


def _moved_buffer(x: X, to: Destination) -> X:
    """A buffer at a destination: a leaf stays the node that it is."""
    if not isinstance(x, Tensor):
        return moved(x, to)
    if x.op is not None:
        return Tensor(moved(x.data, to), x.label, x.requires_grad)
    move(x, to)
    return x


def _check_scalars(name: str, to: Destination) -> None:
    """Raise if a net of Values cannot be at a destination."""
    if to.library is not None:
        raise TypeError(
            f"{name}: a scalar net computes with Python's floats, which lie on no device; make a net of arrays, "
            "without scalar=True or to_scalars(), and load_state_dict(scalar_net.state_dict())"
        )
    if to.dtype == np.float32:
        raise TypeError(f"{name}: a scalar net computes with Python's floats, which are float64")
