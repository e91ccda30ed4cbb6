"""Libraries that need not be installed: imported where they are used, or an error that names the extra."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, NoReturn

__all__ = ["missing_library", "placeholder", "require"]

_EXTRAS = {
    "IPython": "notebook", "cloudpickle": "dask", "dask": "dask", "distributed": "dask", "hypothesis": "testing",
    "matplotlib": "plot", "onnx": "onnx", "pooch": "data", "pyarrow": "stored", "safetensors": "nn",
    "scipy": "nn", "sklearn": "data", "tqdm": "nn", "zarr": "stored",
}  # fmt: skip


def require(name: str, alternative: str = "") -> Any:
    """The module of that name; `alternative` says what else helps than to install it.

    Raises
    ------
    ImportError
        If its library is missing: the message names the extra that brings it.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise missing_library("this", name, alternative) from error


def missing_library(user: str, name: str, alternative: str = "") -> ImportError:
    """The error that says which extra brings the library that `user` needs."""
    library = name.partition(".")[0]
    return ImportError(
        f"{user} needs {library}: pip install 'graphgrad[{_EXTRAS[library]}]'{alternative}", name=library
    )


@cache
def placeholder(name: str, text: str) -> type:
    """A class in the place of one whose library is missing: it can be imported, and making an instance raises `text`.

    So ``from nn import *`` and ``hasattr(nn, name)`` work on a bare installation.
    """

    def refuse(cls: type, *args: object, **kwargs: object) -> NoReturn:
        raise ImportError(text)

    return type(name, (), {"__new__": refuse, "__doc__": text, "__module__": "nn"})
