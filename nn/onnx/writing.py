"""``to_onnx``: a model as an ONNX file, which other programs run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import numpy as np

import autograd
from autograd import Tensor, Value, graph, no_grad
from autograd.compiler import NotCompiledError, Recording, place_of, record
from autograd.tracebacks import line_of
from nn._types import Array, Input, PathLike, X
from nn.calls import call_in_mode
from nn.kinds import as_node, is_value_array, to_numpy
from nn.module import Module
from nn.optional import require
from nn.parameter import Parameter

__all__ = ["to_onnx"]

T = TypeVar("T")
_SIZES = 4, 11, 37  # of the batches of which the graphs are compared


def to_onnx(
    model: Module, path: PathLike, example: Input | tuple[Input, ...], *,
    batch_axis: int | tuple[int | None, ...] | None = 0,
) -> None:  # fmt: skip
    """Write what a model calculates in evaluation mode to an ONNX file (opset 18), for any number of samples.

    No layer is known to it: the file has what one forward pass records, op by op. The model runs on the example's
    samples in batches of a few sizes, and what differs between them is the length of the batch, named ``N``. Weights
    and buffers have the names of :meth:`Module.state_dict`. The input is ``x``, or has the names of the arguments of
    ``forward`` if there are several; the output is ``y``, or ``y0``, ``y1``, ..., or has the keys of a dict.

    Parameters
    ----------
    model : Module
        A net of arrays or of Values.
    path : path
        The file to write.
    example : array_like or tuple of array_like
        An input, or one for each argument of ``forward``. Floats are taken in the dtype of the model's weights, and so
        are integers, but where the model takes no floats, as of indices; conditions stay what they are.
    batch_axis : int, None or tuple of int
        The axis that counts samples, of each input; None for an input of one shape.

    Raises
    ------
    ImportError
        If onnx is not installed.
    TypeError
        If the model takes a value out of the graph, as ``.item()`` does, or its output is no node.
    ValueError
        If an op has no counterpart in ONNX, or none in onnxruntime in this dtype (then ``model.float()`` helps); if the
        model calculates something else for another number of samples, for other values, or by chance. The message has
        the op and the line of the user's code.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> import onnxruntime
    >>> import nn
    >>> net, x = nn.MLP([2, 3, 1], "tanh", rng=0), np.ones((5, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.to_onnx(net, f"{folder}/net.onnx", x)
    ...     session = onnxruntime.InferenceSession(f"{folder}/net.onnx")
    >>> np.allclose(session.run(None, {"x": x})[0], nn.predict(net, x))
    True
    """
    if not isinstance(model, Module):
        raise TypeError(
            f"to_onnx: pass a module (of an estimator its module_), not {type(model).__name__}; autograd.graph.to_onnx "
            "writes recordings"
        )
    require("onnx")
    path = os.fspath(path)
    examples = _numbers(model, example if isinstance(example, tuple) else (example,))
    axes = batch_axis if isinstance(batch_axis, tuple) else (batch_axis,) * len(examples)
    _check(examples, axes)
    keys = _names(model, len(examples))
    names: dict[X, str] = {}

    def recorded(size: int) -> tuple[list[X], list[X]]:
        batch = [_batch(x, axis, size) for x, axis in zip(examples, axes, strict=True)]
        try:
            run = record(lambda *inputs: _outputs(model(*inputs)), batch, keys, "to_onnx", deferred=False)
        except NotCompiledError as error:
            reason = error.reason.removeprefix("to_onnx: ")
            raise ValueError(f"to_onnx: a file has recorded ops only, and {reason}") from None
        except Exception as error:
            if not str(error).startswith("to_onnx: ") and any(axis is not None for axis in axes):
                model(*examples)  # which raises what is wrong with the model in any batch
                raise _only_for_the_example(error, size) from error
            raise
        _refuse_what_varies(run, len(examples))
        return run.outputs, run.inputs

    def call() -> list[tuple[list[X], list[X]]]:
        names.update({x: name for name, x in reversed(model._state().items()) if isinstance(x, (Tensor, Value))})
        return [recorded(size) for size in (_SIZES if any(a is not None for a in axes) else _SIZES[:1])]

    first, *again = _with_nodes(model, lambda: call_in_mode(model, False, call))
    graph.to_onnx(*first, path, names=names, again=again)


def _only_for_the_example(error: Exception, size: int) -> ValueError:
    """The error of a model that takes the example, but not as many samples as another batch has."""
    line = line_of(error)
    place = f"\n  at {line}" if line else ""
    return ValueError(
        f"to_onnx: the model takes the example, but not {size} samples: {error}; write it for any number of samples, "
        f"or pass batch_axis=None for a file that takes the example's only{place}"
    )


def _numbers(model: Module, inputs: tuple[Input, ...]) -> list[Array]:
    """An example as arrays in the dtype of the model's weights; integers stay so where the model takes no floats."""
    if len(inputs) == 1 and isinstance(inputs[0], list) and len({np.shape(x) for x in inputs[0]}) > 1:
        raise ValueError("to_onnx: the items of this list differ in shape; several inputs are a tuple, (x, z)")
    examples = [to_numpy(as_node(x)) for x in inputs]
    dtypes = (to_numpy(p).dtype for p in model._state().values() if not isinstance(p, Value))
    dtype = next((d for d in dtypes if d.kind == "f"), None)
    for i, x in enumerate(examples):
        floats = [*examples[:i], x.astype(dtype or x.dtype), *examples[i + 1 :]]
        if x.dtype.kind == "f" or (x.dtype.kind in "iu" and _takes(model, floats)):
            examples = floats
    return examples


@no_grad()
def _takes(model: Module, inputs: list[Array]) -> bool:
    """Whether a model calculates something of inputs."""
    try:
        call_in_mode(model, False, lambda: model(*inputs))
    except Exception:
        return False
    return True


def _check(examples: list[Array], axes: tuple[int | None, ...]) -> None:
    """Raise if the inputs have no axis that counts as many samples in each."""
    if len(axes) != len(examples):
        raise ValueError(f"to_onnx: batch_axis has {len(axes)} items for {len(examples)} inputs; name one for each")
    sizes = set()
    for x, axis in zip(examples, axes, strict=True):
        if axis is None:
            continue
        if type(axis) is not int or not -x.ndim <= axis < x.ndim:
            raise ValueError(
                f"to_onnx: an example of shape {x.shape} has no batch_axis {axis!r}; pass a batch of samples, or "
                "batch_axis=None for a model that takes this shape only"
            )
        sizes.add(x.shape[axis])
    if sizes == {0} or len(sizes) > 1:
        shapes = ", ".join(str(x.shape) for x in examples)
        raise ValueError(f"to_onnx: pass at least one sample, and as many in each input, not {shapes}")


def _batch(x: Array, axis: int | None, size: int) -> Array:
    """So many samples, those of the example again and again."""
    return x if axis is None else np.take(x, np.arange(size) % x.shape[axis], axis)


def _names(model: Module, count: int) -> list[str]:
    """Names of the inputs."""
    if count == 1:
        return ["x"]
    code = type(model).forward.__code__
    own = code.co_varnames[1 : code.co_argcount]
    return [own[i] if i < len(own) else f"x{i}" for i in range(count)]


def _outputs(result: object) -> list[X]:
    """The nodes in what a model returned, labelled; None, as in the place of weights, is left out."""
    if isinstance(result, Mapping):
        named = {str(key): x for key, x in result.items()}
    else:
        flat = list(_flat(result))
        named = {"y" if len(flat) == 1 else f"y{i}": x for i, x in enumerate(flat)}
    outputs: list[X] = []
    for name, x in named.items():
        if not isinstance(x, (Tensor, Value)):
            raise TypeError(
                f"to_onnx: a model returns nodes, or tuples, lists or a dict of them, not {type(x).__name__} as {name}"
            )
        y = autograd.copy(x) if x.op is None or any(x is other for other in outputs) else x  # with a name of its own
        y.label = name
        outputs.append(y)
    return outputs


def _flat(result: object) -> Iterator[object]:
    if isinstance(result, (tuple, list)):
        for x in result:
            yield from _flat(x)
    elif result is not None:
        yield result


def _refuse_what_varies(run: Recording, inputs: int) -> None:
    """Raise if Python read values of the inputs, or something is drawn anew in each call."""
    if run.draws:
        raise ValueError("to_onnx: the model draws random numbers in evaluation mode, too, and ONNX files have none")
    for node, kind, value in run.guards:
        if not set(run.inputs[:inputs]).isdisjoint(graph.toposort(node)):
            what = f"is {value}" if kind == "bool" else f"has shape {value}"
            raise ValueError(
                f"to_onnx: the model asks in Python whether {node!r} {what}, which depends on the input's values; "
                f"choose with autograd.where{place_of(node)}"
            )


def _with_nodes(model: Module, call: Callable[[], T]) -> T:
    """The result of a call during which buffers and scalars are nodes of arrays, by which the graph names them."""
    before = [
        (vars(module), name, x)
        for module in model.modules()
        for name, x in vars(module).items()
        if isinstance(x, np.ndarray) and (is_value_array(x) or name in module.buffer_names)
    ]
    nodes = {
        id(x): Parameter(to_numpy(x)) if is_value_array(x) else Tensor(x, requires_grad=False) for _, _, x in before
    }

    def restore() -> None:
        for attributes, name, x in before:
            attributes[name] = x

    try:
        try:
            for attributes, name, x in before:
                attributes[name] = nodes[id(x)]
            return call()
        finally:
            restore()
    finally:
        restore()  # An interrupt may have cut the first one short.
