"""SciPy's wrappers are outside this project; importing one of them says so."""

from typing import Any


def __getattr__(name: str) -> Any:
    # `import autograd.scipy.stats` asks for the path of a package first.
    kind = ImportError if name == "__path__" else AttributeError
    raise kind(
        "autograd.scipy: SciPy's functions are outside this project; write the formula with autograd.numpy, or make "
        "SciPy's function a primitive: autograd.extend.primitive and defvjp"
    )
