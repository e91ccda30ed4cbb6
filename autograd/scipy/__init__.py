"""SciPy's functions, accepting nodes, as HIPS autograd has them: ``from autograd.scipy.special import gammaln``.

On plain data a function is SciPy's own; on nodes it records, in ops of the table. What is not here takes plain data
only.
"""

from importlib import import_module
from typing import Any

from autograd.surface import publish

try:
    import scipy as _scipy
except ModuleNotFoundError:
    raise ImportError('autograd.scipy stands beside SciPy: pip install "graphgrad[scipy]"') from None

__all__ = ["integrate", "linalg", "signal", "special", "stats"]

publish(globals())


def __getattr__(name: str) -> Any:
    if name in __all__:
        return import_module(f"autograd.scipy.{name}")
    text = f"module 'autograd.scipy' has no attribute {name!r}"
    if not name.startswith("__") and hasattr(_scipy, name):
        text += f": scipy.{name} takes plain data only; to record it, make its function a primitive"
    raise AttributeError(text)
