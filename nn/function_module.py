"""``FunctionModule``: a function of :mod:`nn.functional` as a module, so that a net holds it with its options."""

from __future__ import annotations

import inspect
from typing import ClassVar, dataclass_transform

from nn._types import Function, Output
from nn.kinds import to_python
from nn.module import Module
from nn.options import check_options, checked_reduction

__all__ = ["FunctionModule"]


@dataclass_transform()
class FunctionModule(Module):
    """The base of activations and losses: ``class ELU(FunctionModule, function=F.elu)`` names the function.

    The class states the function's options as fields, ``alpha: float = 1.0``. They are the constructor's
    arguments, in that order, and the module's attributes, which may be changed. PyTorch's field `inplace`, whether to
    reuse memory, changes no result and has no effect. A class without an example shows its function's, and
    leads to that.

    Raises
    ------
    TypeError, ValueError
        If there is no such option, or it is out of its range.
    """

    _function: ClassVar[Function]
    _options: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, function: Function | None = None) -> None:
        if function is None:  # A user's class derives from one of nn's, or a family has one base.
            return
        kind, required = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty
        fields = {  # those of a family's base first
            name: inspect.Parameter(name, kind, default=getattr(cls, name, required), annotation=annotation)
            for base in reversed(cls.__mro__[: cls.__mro__.index(FunctionModule)])
            for name, annotation in inspect.get_annotations(base, eval_str=True).items()
        }
        options = tuple(name for name in fields if name not in ("inplace", "size_average", "reduce"))
        signature = inspect.Signature(list(fields.values()))

        def __init__(self: FunctionModule, *args: object, **kwargs: object) -> None:  # noqa: N807
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{cls.__name__}{signature}: {error}") from None
            bound.apply_defaults()
            chosen, name = bound.arguments, type(self).__name__
            if "size_average" in chosen:
                deprecated = chosen.pop("size_average"), chosen.pop("reduce")
                chosen["reduction"] = checked_reduction(name, *deprecated, chosen["reduction"])
            check_options(name, **chosen)
            vars(self).update({option: chosen[option] for option in options})

        own = inspect.Parameter("self", kind)
        __init__.__signature__ = signature.replace(parameters=[own, *fields.values()])  # type: ignore[attr-defined]
        setattr(cls, "__init__", __init__)  # noqa: B010  a method assigned
        cls._function, cls._options = staticmethod(function), options
        text = cls.__doc__ or "Examples"
        if "Examples" not in text:
            place = f":func:`nn.functional.{function.__name__}`"
            link = "" if place in text else f"\n\n    Shapes, options and errors are those of {place}."
            cls.__doc__ = f"{text}{link}\n\n    Examples{(function.__doc__ or '').partition('    Examples')[2]}"

    def _call_function(self, *inputs: object) -> Output:
        """The function of the inputs, with the module's options."""
        own = vars(self)
        return self._function(*inputs, **{name: own[name] for name in self._options})

    def arguments(self) -> dict[str, object]:
        """The options, with arrays as lists; the module's repr shows them, `nn.save` stores them."""
        return super().arguments() | {name: to_python(vars(self)[name]) for name in self._options}
