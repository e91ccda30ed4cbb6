"""``FunctionModule``: a function of :mod:`nn.functional` as a module, so that a net holds it with its options."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

from nn import functional as F  # noqa: N812  as in PyTorch
from nn.kinds import to_python
from nn.module import Module

__all__ = ["FunctionModule"]


class FunctionModule(Module):
    """The base of activations and losses: ``class Tanh(FunctionModule, function=F.tanh)`` names the function.

    What the function takes besides its inputs are the constructor's arguments, with the same names, order and defaults.
    They become attributes, and may be changed. Where PyTorch's class has `inplace`, whether to reuse memory, it is the
    last argument here too; it changes no result, and has no effect.

    Raises
    ------
    TypeError, ValueError
        If there is no such option, or it is out of its range.
    """

    inputs: ClassVar[int] = 1  # how many of the function's arguments `forward` takes
    _function: ClassVar[Callable[..., Any]]
    _options: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, function: Callable[..., Any] | None = None, inplace: bool = False) -> None:
        if function is None:  # a class of one's own, derived from one of these
            return
        arguments = list(inspect.signature(function, eval_str=True).parameters.values())
        options = [p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in arguments[cls.inputs :]]
        names = tuple(p.name for p in options)
        if inplace:
            options.append(
                inspect.Parameter("inplace", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False, annotation=bool)
            )
        signature = inspect.Signature(options)

        def __init__(self: FunctionModule, *args: Any, **given: Any) -> None:  # noqa: N807
            try:
                bound = signature.bind(*args, **given)
            except TypeError as error:
                raise TypeError(f"{cls.__name__}{signature}: {error}") from None
            bound.apply_defaults()
            F.check_options(type(self).__name__, **bound.arguments)
            vars(self).update({name: bound.arguments[name] for name in names})

        __init__.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD), *options]
        )
        setattr(cls, "__init__", __init__)  # noqa: B010  a method assigned
        cls._function, cls._options = staticmethod(function), names

    def forward(self, *inputs: Any) -> Any:
        """The function of the inputs, with the module's options."""
        own = vars(self)
        return self._function(*inputs, **{name: own[name] for name in self._options})

    def arguments(self) -> dict[str, Any]:
        """As of any module; of the function's options also arrays, as lists."""
        return super().arguments() | {name: to_python(vars(self)[name]) for name in self._options}
