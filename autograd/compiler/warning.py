"""The warning that what was to be compiled runs as it is."""

import warnings

from autograd.callers import frames_up

__all__ = ["CompileWarning", "warn"]


class CompileWarning(UserWarning):
    """What was to be compiled runs as it is, without a program: for good, or for what has none yet.

    Examples
    --------
    >>> import warnings
    >>> from autograd import compile
    >>> from autograd.compiler import CompileWarning
    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     compile(lambda x: None)(1.0)
    >>> [w.category.__name__ for w in seen]
    ['CompileWarning']
    """

    __module__ = "autograd.compiler"


def warn(text: str, category: type[Warning] = CompileWarning) -> None:
    """Warn at the user's line, the innermost that is neither in autograd nor in nn.

    It serves packages built on autograd, as nn is.

    Parameters
    ----------
    text : str
        The warning.
    category : type
        Its class.
    """
    _, height = frames_up()
    warnings.warn(text, category, stacklevel=1 + height)
