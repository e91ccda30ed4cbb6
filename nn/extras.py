"""What need not be installed: imported where it is used, or an error that says what to install."""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["needed"]

_EXTRAS = {
    "IPython": "notebook", "matplotlib": "plot", "pooch": "data", "safetensors": "nn", "scipy": "nn", "sklearn": "data",
    "tqdm": "nn",
}  # fmt: skip


def needed(name: str, otherwise: str = "") -> Any:
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
