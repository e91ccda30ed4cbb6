"""Gradient testing: numerical derivatives, a check of gradients, hypothesis strategies, mutants, a pytest plugin.

>>> from autograd import sin
>>> from autograd.testing import check_gradients, numerical_gradient
>>> check_gradients(lambda x: sin(x) * x, (2.0,))
>>> round(numerical_gradient(lambda x: x**3, 2.0).gradient, 8)
12.0
"""

from importlib import import_module
from typing import Any

from autograd.surface import publish
from autograd.testing.checks import GradientError, check_gradients
from autograd.testing.differences import NumericalGradient, numerical_gradient
from autograd.testing.mutation import Mutant, mutants, verdicts
from autograd.testing.verdict import NotDifferentiableError

__all__ = [
    "GradientError", "Mutant", "NotDifferentiableError", "NumericalGradient", "check_gradients", "mutants",
    "numerical_gradient", "verdicts",
]  # fmt: skip

publish(globals())


def __getattr__(name: str) -> Any:
    if name == "strategies":  # they need hypothesis, and are imported when they are first used
        return import_module("autograd.testing.strategies")
    raise AttributeError(f"module 'autograd.testing' has no attribute {name!r}")
