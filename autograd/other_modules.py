"""Modules of HIPS autograd's, of today or of old, that are not here: importing one says what to do."""

import sys
from collections.abc import Sequence
from types import ModuleType

__all__ = ["install"]

_FFT = (
    "Fourier transforms are outside this project: of plain arrays take numpy.fft, and of a node make a primitive with "
    "autograd.extend.primitive and defvjp"
)
_ADVICE = {
    "autograd.container_types": "lists, tuples and dicts of nodes are Python's own",
    "autograd.convenience_wrappers": "its transforms are autograd's own: from autograd import grad, jacobian",
    "autograd.fft": _FFT,
    "autograd.node_types": "the nodes are autograd.Value and autograd.Tensor",
    "autograd.numpy.fft": _FFT,
    "autograd.numpy.numpy_extra": "its functions are autograd.numpy's own",
    "autograd.numpy.numpy_grads": "derivatives stand beside the functions, in autograd.ops; autograd.formula shows one",
    "autograd.numpy.numpy_jvps": "tangents follow from the derivatives that are stated for cotangents: autograd.jvp",
    "autograd.numpy.numpy_vspaces": "spaces are made by autograd.core.vspace",
    "autograd.optimizers": "they are in autograd.misc.optimizers",
    "autograd.scipy.fft": _FFT,
    "autograd.scipy.misc": "logsumexp is in autograd.scipy.special",
}
# Packages whose errors for attributes say what to do; an import of such a name says the same.
_PACKAGES = ("autograd", "autograd.numpy", "autograd.scipy", "autograd.scipy.stats")


class _Advisor:
    """What Python asks for a module that it did not find; it finds none either, and says what to do."""

    asking = False  # whether a package is asked for the name, which may import

    @classmethod
    def find_spec(cls, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if name in _ADVICE:
            # No ModuleNotFoundError: `from autograd.numpy import fft` would put a text of its own in place of that.
            raise ImportError(f"{name} of HIPS autograd is not here; {_ADVICE[name]}", name=name)
        package, _, member = name.rpartition(".")
        if package in _PACKAGES and not cls.asking:
            cls.asking = True
            try:
                getattr(sys.modules[package], member)
            except AttributeError as error:
                if not str(error).endswith(f"has no attribute {member!r}"):  # it says more than that
                    raise ImportError(str(error), name=name) from None
            finally:
                cls.asking = False


def install() -> None:
    """Let imports of the modules that are not here say what to do."""
    sys.meta_path.append(_Advisor)
