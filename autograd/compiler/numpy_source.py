"""Programs on arrays as NumPy source: ufuncs write into buffers, in place where an operand is read no more.

A workspace has buffers of its own, made once; so are the views that are the same at each call (``W.T``). Numbers that
meet arrays are 0-d arrays, for NumPy converts a number of Python's at each call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.compiler.code import Code, compiled_text
from autograd.compiler.instructions import fills, is_called, is_ufunc, is_view, squares, swaps
from autograd.compiler.naming import Scope, live, names_of, note
from autograd.compiler.pieces import homes, key_text, layout
from autograd.compiler.python_source import (
    argument,
    expression,
    in_ieee,
    name_tree,
    number_text,
    params_text,
    returned,
    text_of,
)
from autograd.compiler.variables import Variable
from autograd.typing import Array, X

__all__ = ["numpy_code"]

# Some functions that give an array of their own; any but these and views may do either.
_OWN = {"where", "concatenate", "scatter_like", "pieces", "put_back", "cumsum", "zeros_like", "matmul", "sum", "power"}
_NAMED_OUT = {np.maximum, np.minimum}  # which take the target by name only
_BY_KIND = {"astype", "broadcast_like", "sum_like"}  # they tell an array of no axes from a number of NumPy's
_ARITHMETIC = {"add", "subtract", "multiply", "divide", "negative"}
_USED = {
    "array": np.array, "asarray": np.asarray, "copyto": np.copyto, "dot": np.dot, "empty": np.empty,
    "matmul": np.matmul, "ones": np.ones, "reduce": np.add.reduce, "vdot": np.vdot,
}  # fmt: skip


def numpy_code(
    outputs: Sequence[Variable],
    inputs: Sequence[Variable],
    *,
    name: str = "run",
    fixed: Mapping[Variable, Array] | None = None,
    into: Mapping[Variable, Array] | None = None,
    stores: Sequence[tuple[Variable, Variable]] = (),
) -> Code:
    """A program on arrays, as calls of NumPy.

    It serves packages built on autograd, as nn is.

    Parameters
    ----------
    outputs : sequence of Variable
        What it gives: arrays of one's own, numbers of Python's. Those in `into` are not returned.
    inputs : sequence of Variable
        What it takes, in this order, but for those in `fixed`.
    name : str
        The function's name.
    fixed : mapping of Variable to array, optional
        Inputs that are this very array at each call.
    into : mapping of Variable to array, optional
        Outputs that are written into an array of that shape and dtype.
    stores : sequence of pair of Variable
        Fixed inputs, each with what is written over its array when everything is calculated.
    """
    writer = _Writer(outputs, inputs, dict(into or {}), list(stores))
    return writer.code(name, fixed or {})


class _Writer:
    """Writes one program.

    Attributes
    ----------
    last : dict of Variable to int
        The last place in the order at which a value is read.
    head, body : list of str
        Lines that run once for a workspace, and at each call.
    stable : dict of Variable to str
        The values whose array is the same at each call, by a name that the head knows.
    blocks, sharers : dict
        The blocks of memory in which a value may lie, and the values so far that may lie in a block. A block has the
        name of its buffer, or is a number where it has none.
    whole : dict of Variable to str
        The values that are a buffer of the workspace, or an array that is written over, as it is.
    buffers_of : dict
        The buffers of each shape and dtype.
    """

    def __init__(
        self, outputs: Sequence[Variable], inputs: Sequence[Variable], into: dict[Variable, Array],
        stores: list[tuple[Variable, Variable]],
    ) -> None:  # fmt: skip
        self.inputs, self.into, self.stores = inputs, into, stores
        self.results = [v for v in outputs if v not in into]
        ends = [*outputs, *(new for _, new in stores)]
        order = live(ends)
        self.squares = squares(order, set(ends))
        unmade = set(self.squares.values())
        self.order = [v for v in order if v not in unmade]
        self.last = {o: k for k, v in enumerate(self.order) for o in self.squares.get(v, v).operands()}
        self.last |= dict.fromkeys(ends, len(self.order))
        self.scope = Scope(_USED)
        self.functions = {v: self.scope.name(v.name, v.function) for v in self.order if is_called(v)}
        self.names, self.comments = names_of(list(dict.fromkeys([*inputs, *self.order])), self.scope)
        self.head: list[str] = []
        self.body: list[str] = []
        self.bytes = self.buffers = 0
        self.constants: dict[X, str] = {}
        self.stable: dict[Variable, str] = {}
        self.whole: dict[Variable, str] = {}
        self.blocks: dict[Variable, set[X]] = {v: {v.number} for v in inputs}
        self.sharers: dict[X, set[Variable]] = defaultdict(set)
        self.buffers_of: dict[X, list[str]] = defaultdict(list)
        given = {*ends, *self.into}
        layouts = {v: layout(v) for v in self.order if v not in given}
        self.layouts = {v: pieces for v, pieces in layouts.items() if pieces}
        self.homes = homes(self.layouts, lambda v: v not in given and (v in self.layouts or fills(v)))
        self.views: dict[tuple[str, str], str] = {}  # the names of places in blocks
        self.around: dict[str, str] = {}  # the block in which a place lies

    def code(self, name: str, fixed: Mapping[Variable, Array]) -> Code:
        """The program."""
        self.scope |= {self.names[v]: array for v, array in fixed.items()}
        self.stable |= {v: self.names[v] for v in fixed}
        places = {v: self._name_of(array, f"_{self._count()}") for v, array in self.into.items()}
        over: dict[Variable, str] = {}  # what is to go over an old value, and may as soon as nobody reads that
        for x, new in self.stores:
            self.whole[x] = self.names[x]
            self.blocks[x] = {self.names[x]}
            self.sharers[self.names[x]].add(x)
            if new not in self.into and is_ufunc(new):
                over.setdefault(new, self.names[x])
        for k, v in enumerate(self.order):
            if v.function is None:
                continue
            if v in over and any(self.last.get(s, -1) > k for s in self.sharers[over[v]]):
                del over[v]
            if v in self.layouts:
                self._assemble(k, v)
            else:
                home = self._place_in(k, *self.homes[v]) if v in self.homes else None
                self._write(k, v, places.get(v, over.get(v, home)))
        self.body += [f"copyto({self.names[x]}, {self._read(new)})" for x, new in self.stores
                      if over.get(new) != self.names[x]]  # fmt: skip
        results = [self._result(v, self.results[:i]) for i, v in enumerate(self.results)]
        self.body.append(returned(results))
        arguments = ", ".join(self.names[v] for v in self.inputs if v not in fixed)
        lines = [
            *(f"# {comment}" for comment in self.comments), "def make():", *(f"    {line}" for line in self.head),
            f"    def {name}({arguments}):", *(f"        {line}" for line in self.body), f"    return {name}",
        ]  # fmt: skip
        text = "\n".join(lines)
        make = compiled_text("make", text, self.scope)
        if any(v.is_number and v.function for v in self.order) and not self.into and not self.stores:
            order, outputs, inputs, plain = live(self.results), self.results, self.inputs, make
            make = lambda: in_ieee(plain(), order, outputs, inputs)
        return Code(text, make, [], "numpy", len(self.body) - 1, self.bytes)

    def _write(self, k: int, v: Variable, place: str | None) -> None:
        """The line of an instruction; `place` is an array into which its result is to go."""
        written = False
        if v in self.squares:
            x = self._read(self.squares[v].args[0])
            text = f"vdot({x}, {x})"
        elif not isinstance(v.data, np.ndarray) or not v.data.ndim or v.dynamic:
            text = self._expression(v)
            self._share(v, v.operands())
        elif is_ufunc(v) or v.name in ("matmul", "sum"):
            target = self._target(k, v, place)
            written = place is not None
            text = self._call_into(v, target)
        else:
            text = self._call(v)
            source = v.args[0] if isinstance(v.args[0], Variable) else None
            self._share(v, () if v.name in _OWN else v.operands())
            if is_view(v) and source in self.stable and place is None:
                self.head.append(f"{self.names[v]} = {self._call(v, self.stable)}")
                self.stable[v] = self.names[v]
                return
        self.body.append(f"{self.names[v]} = {text}{note(v)}")
        if place is not None and not written:
            self.body.append(f"copyto({place}, {self.names[v]})")

    def _target(self, k: int, v: Variable, place: str | None) -> str:
        """Where an instruction writes: a place that is asked for, an operand's, a buffer, or nowhere."""
        if place is None and self.last[v] == len(self.order):
            self._share(v, ())  # the user gets it, so it has memory of its own
            return ""
        if place is None and is_ufunc(v):
            for o in v.operands():
                block = self.whole.get(o)
                is_fit = block and (o.shape, o.dtype) == (v.shape, v.dtype)
                if is_fit and all(self.last.get(s, -1) <= k for s in self.sharers[block]):
                    place = block
                    break
        place = place or self._buffer(k, v)
        if v not in self.into:
            self.whole[v] = place
        self.stable[v] = place
        self._hold(place, v)
        return place

    def _assemble(self, k: int, v: Variable) -> None:
        """An array of pieces, most of which are in their places already."""
        block = self.whole.get(v) or self._claim(k, v)
        self.head.append(f"{self.names[v]} = {block}{note(v)}")
        for piece, key in self.layouts[v]:
            place = self._place(block, key)
            if self.whole.get(piece) != place:
                self.body.append(f"copyto({place}, {self._read(piece)})")

    def _claim(self, k: int, v: Variable) -> str:
        """The block for an array of pieces, from the first of them on."""
        block = self._place_in(k, *self.homes[v]) if v in self.homes else self._buffer(k, v)
        self.whole[v] = self.stable[v] = block
        self._hold(block, v)
        return block

    def _place_in(self, k: int, whole: Variable, key: X) -> str:
        """The place of a piece in the block of the whole array, which then holds it, too."""
        place = self._place(self.whole.get(whole) or self._claim(k, whole), key)
        owner: Variable | None = whole
        while owner is not None:
            self.sharers[place].add(owner)
            owner = self.homes[owner][0] if owner in self.homes else None
        return place

    def _place(self, block: str, key: X) -> str:
        text = key_text(key)
        if (block, text) not in self.views:
            name = self.views[block, text] = f"{block}_{len(self.views) + 1}"
            self.head.append(f"{name} = {block}[{text}]")
            self.around[name] = block
        return self.views[block, text]

    def _hold(self, block: str, v: Variable) -> None:
        """Note that a value lies in a block, and so in those around it."""
        self.blocks[v] = {block}
        inner: str | None = block
        while inner is not None:
            self.sharers[inner].add(v)
            inner = self.around.get(inner)

    def _buffer(self, k: int, v: Variable) -> str:
        """A buffer of that kind in which is nothing that is still read, or a new one."""
        kind = v.data.shape, v.dtype
        for block in self.buffers_of[kind]:
            if all(self.last.get(s, -1) < k for s in self.sharers[block]):
                return block
        block = f"_{self._count()}"
        self.buffers_of[kind].append(block)
        self.head.append(f"{block} = empty({v.data.shape}, {v.dtype.name!r})")
        self.bytes += v.data.nbytes
        return block

    def _share(self, v: Variable, operands: X) -> None:
        """Note that a value lies in memory of its own, or in that of operands."""
        self.blocks[v] = {v.number}.union(*(self.blocks.get(o, set()) for o in operands))
        for block in self.blocks[v]:
            while block is not None:
                self.sharers[block].add(v)
                block = self.around.get(block)

    def _count(self) -> int:
        self.buffers += 1
        return self.buffers

    def _name_of(self, array: Array, name: str) -> str:
        self.scope[name] = array
        return name

    def _call_into(self, v: Variable, target: str) -> str:
        """A call that writes into its target."""
        operands = list(v.operands())
        out = [target] if target else []
        if v.name == "matmul":
            product = "dot" if all(o.ndim == 2 for o in operands) else "matmul"
            return f"{product}({', '.join([*map(self._read, operands), *out])})"
        if v.name != "sum":
            arrays = [o.dtype for o in operands if not o.is_number]
            if target and v.function in _NAMED_OUT:
                out = [f"out={target}"]
            return f"{self.functions[v]}({', '.join([*(self._read(o, arrays) for o in operands), *out])})"
        (x,) = operands
        axis, keepdims = v.params.get("axis"), v.params.get("keepdims", False)
        if axis == 0 and x.ndim == 2 and not keepdims and v.dtype.kind == "f" and v.dtype == x.dtype and not x.dynamic:
            ones = self._constant(("ones", x.shape[0], v.dtype), f"ones({x.shape[0]}, {v.dtype.name!r})")
            return f"dot({', '.join([ones, self._read(x), *out])})"
        return f"reduce({self._read(x)}, {axis!r}, None, {target or None}, {keepdims!r})"

    def _expression(self, v: Variable) -> str:
        """A call or an operator that gives a number, a 0-d array or an array of a shape that depends on values."""
        if type(v.data) in (float, int, bool) and all(o.is_number for o in v.operands()):
            return text_of(expression(v, lambda o: self._tree(o), self.functions.get(v), self.scope))
        if v.name in _ARITHMETIC or v.name == "part":
            return text_of(expression(v, lambda o: self._tree(o), None, self.scope))
        return self._call(v) + ".item()" * v.item

    def _call(self, v: Variable, names: Mapping[Variable, str] | None = None) -> str:
        """A call of a function, of values by these names."""
        names = names or self.names
        sensitive = v.name in _BY_KIND or isinstance(v.function, partial)

        def tree(o: Variable) -> X:
            if sensitive and o in names and isinstance(o.data, np.ndarray) and not o.ndim and o.function is not None:
                return name_tree(o, f"asarray({names[o]})")  # NumPy's operators on 0-d arrays give numbers
            return name_tree(o, names[o]) if o in names else self._tree(o)

        if v.name in ("swapaxes", "transpose") and v.ndim == 2 and v.shape == v.args[0].shape[::-1] and swaps(v):
            return f"{text_of(tree(v.args[0]))}.T"
        if v.name == "part":
            return text_of(expression(v, tree, None, self.scope))
        if v.name == "getitem" and is_view(v):
            return f"{text_of(tree(v.args[0]))}[{key_text(v.params['key'])}]"
        arguments = [*(argument(a, tree, self.scope) for a in v.args), *params_text(v, self.scope)]
        return f"{self.functions[v]}({', '.join(arguments)})"

    def _tree(self, v: Variable) -> X:
        return number_text(v.data, self.scope) if v.is_constant and v.is_number else name_tree(v, self._read(v))

    def _read(self, v: Variable, arrays: Sequence[np.dtype[Any]] = ()) -> str:
        """How a value is read; a number that meets arrays as a 0-d array."""
        if not v.is_constant:
            if self.stores and arrays and type(v.data) in (float, int):
                return self._cell(v, np.result_type(*arrays, v.data))
            return self.names[v]
        if v.is_number and arrays and type(v.data) is not bool:
            dtype = np.result_type(*arrays, v.data)
            return self._constant((v.number, dtype), f"array({_number(v.data)}, {dtype.name!r})")
        if v.is_number:
            return text_of(number_text(v.data, self.scope))
        if not v.ndim:
            return self._constant((v.number, v.dtype), f"array({_number(v.data.item())}, {v.dtype.name!r})")
        if ("array", v.number) not in self.constants:
            self.constants["array", v.number] = self.scope.constant(v.data)
        return self.constants["array", v.number]

    def _cell(self, v: Variable, dtype: np.dtype[Any]) -> str:
        """A 0-d array of the workspace with a number, for the calls in which it meets arrays."""
        if (v, dtype) not in self.constants:
            name = self._constant((v, dtype), f"empty((), {dtype.name!r})")
            self.body.append(f"{name}[()] = {self.names[v]}")
        return self.constants[v, dtype]

    def _constant(self, key: X, text: str) -> str:
        """The name of a constant that the head makes."""
        if key not in self.constants:
            name = self.constants[key] = self.scope.constant(None)
            self.head.append(f"{name} = {text}")
        return self.constants[key]

    def _result(self, v: Variable, before: Sequence[Variable]) -> str:
        """What the user gets: a number, or an array in memory that nobody else has."""
        name = self._read(v)
        if not isinstance(v.data, np.ndarray):
            return name
        shared = {v.number} != self.blocks.get(v) or any(self.blocks.get(o, set()) & {v.number} for o in before)
        if v.ndim and not shared and v.function is not None:
            return name
        return f"array({name})"


def _number(x: float) -> str:
    return repr(x) if isinstance(x, int) or np.isfinite(x) else f"float({str(x)!r})"
