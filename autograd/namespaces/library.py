"""What the engine asks of a library of arrays beside the functions of the op table, by the array API standard."""

from __future__ import annotations

import numpy as np

from autograd.messages import COMPLEX, unknown_function, unsupported_dtype
from autograd.namespaces import arrays
from autograd.typing import Function, Native, X

__all__ = ["Library"]

# Functions of the standard, or of a library, whose name in the op table is another.
_RENAMED = {
    "arccos": "acos", "arccosh": "acosh", "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2",
    "arctanh": "atanh", "concatenate": "concat", "mod": "remainder", "rint": "round",
}  # fmt: skip
_FLOATS = ("float64", "float32")


class Library:
    """A library of arrays: its module, the types of its arrays, and what is asked of them.

    Nothing here writes into an array of a user's, and everything that is made lies on the device of an operand.

    Parameters
    ----------
    module : module
        The library's own functions.
    name : str
        Its name in ``to(name)``; by default that of the module.
    natives : tuple of type
        The types of its arrays; by default the one that the module makes.
    """

    name = ""  # as in `to("torch")`
    title = ""  # as in a sentence
    module: Native
    natives: Native = ()  # a tuple of types

    def __init__(self, module: Native, name: str = "", natives: Native = ()) -> None:
        self.module = module
        self.name = name or self.name or module.__name__
        self.title = self.title or self.name
        self.natives = natives or self.natives or (type(module.asarray(0.0)),)

    def __repr__(self) -> str:
        return f"<namespace of {self.title}>"

    def __reduce__(self) -> str:
        return "xp"  # by reference: a library's file has one

    def __getattr__(self, name: str) -> Native:
        """A function that the library itself has under the table's name for it, or under the standard's."""
        if name.startswith("_") or "module" not in vars(self):
            raise AttributeError(name)
        theirs = _RENAMED.get(name, name)
        for module in (self.module, getattr(self.module, "linalg", None)):
            if callable(found := getattr(module, theirs, None)):
                return found
        known = [k for k in dir(type(self)) if not k.startswith("_")]
        raise unknown_function(name, known, f" on {self.title}")

    # ---- what an array is ----

    def is_float(self, x: X) -> bool:
        """Whether the elements of an array are floats."""
        return bool(self.module.isdtype(x.dtype, "real floating"))

    def traced(self, x: X) -> bool:
        """Whether an array stands for values that are not there yet, so that none can be read."""
        return False

    def device(self, x: X) -> Native:
        """The device that an array lies on, in the library's own words."""
        return x.device

    def has_device(self, device: Native) -> bool:
        """Whether there is a device of that name here."""
        try:
            self.module.asarray(0.0, device=device)
        except Exception:  # each library has its own
            return False
        return True

    def is_on(self, x: X, device: Native) -> bool:
        """Whether an array lies on a device, which may be named."""
        return str(self.device(x)) == str(device)

    def any_nan(self, arrays: list[X]) -> bool:
        """Whether one of the arrays holds a nan; on a device, the only question of a backward pass that waits."""
        m = self.module
        return any(bool(m.any(m.isnan(x))) for x in arrays if self.is_float(x))

    # ---- arrays from elsewhere, and for elsewhere ----

    def array(self, data: X, device: Native = None, dtype: Native = None) -> X:
        """An array of its own, from NumPy's or from one of the library's; by default in its dtype.

        Raises
        ------
        TypeError
            If nodes carry no such data.
        """
        given = data if isinstance(data, self.natives) else self.numbers(data)
        dtype = self.carried(self.dtype_of(given.dtype if dtype is None else dtype))
        return self.module.asarray(given, dtype=dtype, device=device, copy=True)

    @staticmethod
    def numbers(data: X) -> X:
        """Data that are no array of the library's, as an array of NumPy's of its own; an error if it has no numbers."""
        found = np.array(data)
        if found.dtype.kind not in "biuf":
            raise unsupported_dtype(found.dtype)
        return found

    def dtype_of(self, dtype: Native) -> Native:
        """The library's dtype of that name, or itself."""
        text = _text(dtype)
        found = getattr(self.module, text, None)
        if found is None:
            raise TypeError(f"data of dtype {text} cannot be carried: {self.title} has none; take float64 or float32")
        return found

    def carried(self, dtype: Native) -> Native:
        """A dtype of the library's, if nodes carry it: float64, float32, integers or bools; else an error."""
        text = _text(dtype)
        if text.startswith("complex"):
            raise TypeError(f"data of dtype {text} cannot be carried: {COMPLEX}")
        if "float" in text and text not in _FLOATS:
            why = "its sums overflow at 65504 and it has three digits" if text == "float16" else "it has too few digits"
            advice = f"nodes carry float64 and float32; {self.conversion} converts them"
            raise TypeError(f"data of dtype {text} cannot be carried: {why}; {advice}")
        if text not in _FLOATS and text != "bool" and not text.removeprefix("u").startswith("int"):
            raise TypeError(f"data of dtype {text} cannot be carried: pass real numbers")
        return dtype

    errors: Native = ()  # what its functions raise for operands that do not fit, beside Python's

    conversion = ".astype(float)"  # how users of the library make floats of an array

    def asarray_like(self, a: X, like: X) -> X:
        """A number or an array of NumPy's as an array of its own beside `like`: on its device, floats in its dtype."""
        if isinstance(a, self.natives):
            return a
        a = np.asarray(a)
        return self.entered(a, like, like.dtype if a.dtype.kind == "f" and self.is_float(like) else None)

    def to_numpy(self, x: X) -> X:
        """A copy as an array of NumPy's."""
        return np.array(x)

    def entered(self, a: X, like: X, dtype: Native = None) -> X:
        """Numbers that NumPy has calculated, as an array on the device of `like`."""
        return self.module.asarray(np.array(a), dtype=dtype, device=like.device)

    def rows(self, x: X, places: X) -> X:
        """The rows of an array at places, a vector of NumPy's."""
        return self.module.take(x, self.entered(places, x), axis=0)

    def filled(self, shape: tuple[int, ...], value: float, like: X, dtype: Native) -> X:
        """An array of one number, on the device of `like`."""
        return self.module.full(shape, value, dtype=dtype, device=like.device)

    def cast(self, x: X, dtype: Native) -> X:
        """An array in a dtype of the library's; itself if it has that."""
        return x if x.dtype == dtype else self.module.astype(x, dtype)

    # ---- memory ----

    def alias(self, x: X) -> X:
        """Another object on the memory of an array; itself where arrays cannot change."""
        return x

    def is_alias(self, x: X, y: X) -> bool:
        """Whether two arrays are one: the same elements of the same memory, as :meth:`alias` gives them."""
        return x is y

    def own(self, x: X, *others: X) -> X:
        """An array in memory that it shares with none of the others, and of which it is no view.

        The standard does not tell views from other arrays, so that this is a copy.
        """
        return self.module.asarray(x, copy=True)

    def updated(self, op: X, x: X, other: X, ufunc: X = None) -> X:
        """What an in-place operator, and NumPy's function of it, leaves in a leaf, in its shape and dtype."""
        y = self.cast(op.forward(self, x, other), x.dtype)
        if tuple(y.shape) != tuple(x.shape):
            raise ValueError(f"{op.name}: a result of shape {tuple(y.shape)} does not fit into {tuple(x.shape)}")
        return y

    # ---- what no library of arrays has ----

    def on_host(self, name: str, *args: X, shape: tuple[int, ...] | None = None, dtype: Native = None) -> X:
        """A function that NumPy or SciPy calculates, of arrays fetched for it; the result goes back to their device.

        `shape` is that of the result where it is known before, which has the `dtype` of a float operand.
        """
        like = next(a for a in args if isinstance(a, self.natives))
        for a in args:
            if isinstance(a, self.natives) and self.traced(a):
                return self.host_in_trace(name, args, shape, like)
        return self.asarray_like(self.of_numpy(name, args), like)

    def host_in_trace(self, name: str, args: tuple[X, ...], shape: tuple[int, ...] | None, like: X) -> X:
        """The call of a function of NumPy's as a part of a trace; an error where that cannot be."""
        function = name.removesuffix("_parts")
        raise TypeError(
            f"{function}: {self.title} has no such function; NumPy calculates it, which a trace does not record, so "
            "call it outside of what is traced"
        )

    def of_numpy(self, name: str, args: tuple[X, ...]) -> X:
        """NumPy's or SciPy's function of that name, of arrays of any library."""
        plain = (self.to_numpy(a) if isinstance(a, self.natives) else a for a in args)
        return arrays.quietly(getattr(arrays, name), *plain)

    def of_numbers(self, name: str, *args: X) -> X:
        """A function of Python numbers alone; IEEE arithmetic, as that of arrays."""
        function: Function = getattr(arrays, name)
        result = arrays.quietly(function, *(np.float64(a) if type(a) is float else a for a in args))
        return result.item() if isinstance(result, np.generic) else result

    def read(self, x: X) -> X:
        """Places that a function has to know, as an array of NumPy's."""
        if not isinstance(x, self.natives):
            return np.asarray(x)
        if self.traced(x):
            raise TypeError(f"the places of elements have to be known in a trace of {self.title}; pass a NumPy array")
        return self.to_numpy(x)


def _text(dtype: Native) -> str:
    """The name of a dtype of NumPy's, of the standard's or of a library's: ``torch.float32`` is float32."""
    if dtype in (float, int, bool) or isinstance(dtype, np.dtype):
        return str(np.dtype(dtype).name)
    return str(dtype.__name__ if isinstance(dtype, type) else dtype).rpartition(".")[2]
