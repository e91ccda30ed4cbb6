"""``from_onnx``: a chain of layers and activations in an ONNX file as a ``Sequential``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from nn._types import Array, PathLike
from nn.containers import Sequential
from nn.layers import Flatten, Linear
from nn.module import Module
from nn.onnx.activations import OPERATORS, of_several
from nn.onnx.calls import TAKES, Calculation, Call, calculation, dtype_of
from nn.optional import require

__all__ = ["from_onnx"]

_OLDEST = 13  # Softmax has another meaning in older opsets.

Made: TypeAlias = tuple[Module | None, int]  # a module (None: nothing is calculated), and how many calls it stands for


def from_onnx(path: PathLike) -> Sequential:
    """The chain of layers and activations in an ONNX file as a :class:`nn.Sequential`; nothing in the file is run.

    It reads Gemm, MatMul and Add with constant weights, Flatten, and activations: as operators, as PyTorch writes them,
    and as :func:`to_onnx` writes nn's, but for GLU. What :func:`nn.predict` gives is bit for bit that of the net of
    arrays which was written.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    ImportError
        If onnx is not installed.
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no ONNX file, or has anything in it but such a chain: the message names the operator.

    Examples
    --------
    >>> import tempfile
    >>> import nn
    >>> net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.LeakyReLU(0.1), nn.Linear(3, 1, rng=1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.to_onnx(net, f"{folder}/net.onnx", [[1.0, 2.0]])
    ...     twin = nn.from_onnx(f"{folder}/net.onnx")
    >>> twin[1]
    LeakyReLU(negative_slope=0.1)
    >>> nn.predict(twin, [[1.0, 2.0]]) == nn.predict(net, [[1.0, 2.0]])
    array([[ True]])
    """
    onnx = require("onnx")
    try:
        model = onnx.load(os.fspath(path))
        onnx.checker.check_model(model)
    except (OSError, TypeError):
        raise
    except Exception as error:  # Each of the parsers has a class of its own.
        raise ValueError(f"from_onnx: {path} is damaged, or no ONNX file: {str(error)[:200]}") from error
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), _OLDEST)
    if opset < _OLDEST:
        raise ValueError(f"from_onnx: the file has opset {opset}; onnx.version_converter makes {_OLDEST} of it")
    return Sequential(*_Chain(calculation(model)))


class _Chain:
    """The modules of a calculation, one after the other."""

    def __init__(self, of: Calculation) -> None:
        self.calls, self.at, self.dtype, self.rank, self.output = of
        self.width = 0  # of the last layer of neurons

    def __iter__(self) -> Iterator[Module]:
        i = 0
        while i < len(self.calls):
            call = self.calls[i]
            if not any(map(self._is_last, call.inputs)):
                raise call.refusal("its operand is not what was calculated last")
            made = self._linear(i) or of_several(self.calls[i:], self.at, self.dtype.name) or self._of_one(call)
            if made is None:
                raise call.refusal()
            module, count = made
            i += count
            self.at = self.calls[i - 1].output
            if isinstance(module, Flatten):
                self.rank = 2
            if module is not None:
                yield module
        if self.at != self.output:
            raise ValueError(f"from_onnx: the output is not what is calculated last. {TAKES}")

    def _is_last(self, x: object) -> bool:
        """Whether an operand is what was calculated last."""
        return isinstance(x, str) and x == self.at

    def _linear(self, i: int) -> Made | None:
        """A layer of neurons."""
        call = self.calls[i]
        x, weight, *bias = (*call.inputs, None, None)[:3]
        if call.kind not in ("Gemm", "MatMul"):
            return None
        if not self._is_last(x) or not isinstance(weight, np.ndarray) or weight.ndim != 2 or 0 in weight.shape:
            raise call.refusal("it is not of what was calculated last and a constant matrix")
        if call.kind == "Gemm":
            options = {key: call.attributes.get(key, 1.0) for key in ("alpha", "beta")}
            if call.attributes.get("transA") or set(options.values()) != {1.0}:
                raise call.refusal(f"it has {dict(call.attributes)}")
            made = self._neurons(call, weight if call.attributes.get("transB") else weight.T, bias[0])
            return made, 1
        following = self.calls[i + 1] if i + 1 < len(self.calls) else call
        if following.kind == "Add" and any(isinstance(a, str) and a == call.output for a in following.inputs):
            constant = next((a for a in following.inputs if isinstance(a, np.ndarray)), None)
            if constant is not None:
                return self._neurons(following, weight.T, constant), 2
        return self._neurons(call, weight.T, None), 1

    def _neurons(self, call: Call, weight: Array, bias: str | Array | None) -> Linear:
        width, features = weight.shape
        if weight.dtype not in (np.float32, np.float64):
            raise call.refusal(f"its weights are {weight.dtype}, and nodes carry float64 and float32")
        if bias is not None and (
            not isinstance(bias, np.ndarray) or bias.shape not in ((width,), (1, width), (1,), ())
        ):
            raise call.refusal(f"what it adds is no constant for each of {width} outputs")
        layer = Linear(features, width, bias is not None, rng=0, dtype=weight.dtype)
        layer.weight.data = weight
        if layer.bias is not None:
            layer.bias.data = np.broadcast_to(np.ravel(bias), (width,))  # type: ignore[arg-type]
        self.width = width
        return layer

    def _of_one(self, call: Call) -> Made | None:
        """What stands for one call, if what it is called with has a module."""
        first, *rest = call.inputs
        make = OPERATORS.get(call.kind)
        if make is None or not self._is_last(first) or any(isinstance(x, str) for x in rest):
            return None
        if call.kind == "Cast" and dtype_of(call.attributes["to"]) == self.dtype:
            return None, 1
        if call.kind == "Reshape" and self.rank == 2 and np.array_equal(np.asarray(rest[0]), [-1, self.width]):
            return None, 1  # as scikit-learn's regressors end
        if call.kind == "PRelu" and not self._is_for_channels(slopes := np.asarray(rest[0])):
            raise call.refusal(f"its slopes, of shape {slopes.shape}, are not one for each channel")
        try:
            return make(call.attributes, *rest), 1
        except LookupError:
            raise call.refusal(f"no module calculates it with {dict(call.attributes)}") from None

    def _is_for_channels(self, x: Array) -> bool:
        """Whether all elements of an array are along the second axis of what it meets."""
        behind = max(self.rank - 2, 0)
        length: int = ((1,) * (behind + 1) + x.shape)[-behind - 1]
        return length == x.size
