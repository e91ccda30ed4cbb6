"""What need not be installed: imported where it is used, or an error that says what to install."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["placeholder", "require"]

_EXTRAS = {
    "IPython": "notebook", "matplotlib": "plot", "pooch": "data", "safetensors": "nn", "scipy": "nn", "sklearn": "data",
    "tqdm": "nn",
}  # fmt: skip


def require(name: str, otherwise: str = "") -> Any:
    """The module of that name; `otherwise` says what else to do than to install it.

    Raises
    ------
    ImportError
        If its library is missing: the error names the extra that brings it.
    """
    try:
        return import_module(name)
    except ImportError as error:
        library = name.partition(".")[0]
        raise ImportError(f"this needs {library}: pip install 'graphgrad[{_EXTRAS[library]}]'{otherwise}") from error


def placeholder(name: str, error: ImportError) -> type:
    """What stands for a class whose library is missing: it can be imported and asked for, and making one raises.

    So ``from nn import *`` and ``hasattr(nn, name)`` work on a bare installation.
    """
    text = str(error)

    def refuse(cls: type, *args: Any, **kwargs: Any) -> Any:
        raise ImportError(text)

    return type(name, (), {"__new__": refuse, "__doc__": text, "__module__": "nn"})
