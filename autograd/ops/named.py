"""Ops that are the namespace's own function of their name: a line for each, and a line for its derivative."""

from typing import Any

from autograd.engine.op import Op, primitive

__all__ = ["named"]


def named(
    module: str, name: str, symbol: str, text: str, args: tuple[str, ...] = ("x",), *, elementwise: bool = True,
    differentiable: bool = True, **params: Any,
) -> Op[Any]:  # fmt: skip
    """The op ``xp.name(*args, *params)``, documented by a text; ``...`` stands for no default of a parameter.

    Its formula is made as the text that one would write, so that calling it costs no more.
    """
    static = [k if v is ... else f"{k}={v!r}" for k, v in params.items()]
    head = ", ".join(["xp", *args, *(["/", *static] if static else [])])
    scope: dict[str, Any] = {"__name__": module}
    exec(f"def {name}({head}):\n    return xp.{name}({', '.join([*args, *params])})", scope)
    forward = scope[name]
    forward.__doc__ = text
    return primitive(symbol, elementwise=elementwise, differentiable=differentiable)(forward)
