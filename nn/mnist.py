"""MNIST's handwritten digits, from a folder or from a public mirror."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from autograd.tracebacks import entrances
from nn._types import Array, PathLike
from nn.optional import require

__all__ = ["mnist"]

_MNIST = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
_MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")


def mnist(path: PathLike | None = None, reduce: int = 28) -> tuple[Array, Array, Array, Array]:
    """MNIST's handwritten digits: ``X, y, X_test, y_test``, 60,000 and 10,000 of them.

    Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998.

    Parameters
    ----------
    path : path, optional
        A folder with the four IDX files, packed (.gz) or unpacked. Without it they are fetched once from a public
        mirror into the user's cache, and their checksums compared.
    reduce : int
        The number of pixels of a side: 28, or a divisor of it; 14 takes the rounded mean of each 2×2 block.

    Returns
    -------
    tuple of array
        Pixels from 0 to 1, floats of shape (n, reduce²); digits, integers of shape (n,).

    Raises
    ------
    FileNotFoundError
        If the folder lacks a file.
    ValueError
        If a file is damaged, or `reduce` is no divisor of 28.

    Examples
    --------
    >>> from nn import data
    >>> X, y, X_test, y_test = data.mnist()  # doctest: +SKIP
    >>> X.shape, y[:5]  # doctest: +SKIP
    ((60000, 784), array([5, 0, 4, 1, 9]))
    """
    if not isinstance(reduce, int) or reduce < 1 or 28 % reduce:
        raise ValueError(f"mnist: reduce must be a divisor of 28, not {reduce!r}")
    X, y, X_test, y_test = (_read_idx(_mnist_file(name, path)) for name in _MNIST)
    if X.shape[1:] != (28, 28) or X_test.shape[1:] != (28, 28) or len(X) != len(y) or len(X_test) != len(y_test):
        raise ValueError(f"mnist: the files in {path} do not belong together: {X.shape}, {y.shape}, {X_test.shape}")
    return _downsampled(X, reduce), y.astype(int), _downsampled(X_test, reduce), y_test.astype(int)


def _mnist_file(name: str, path: PathLike | None) -> Path:
    if path is not None:
        for candidate in (Path(path) / name, Path(path) / name.removesuffix(".gz")):
            if candidate.is_file():
                return candidate
        raise FileNotFoundError(f"mnist: {path} has no {name}, packed or unpacked")
    pooch = require("pooch", "; or name a folder that has it")
    failure: Exception | None = None
    for mirror in _MIRRORS:
        try:
            return Path(pooch.retrieve(mirror + name, _MNIST[name], name, pooch.os_cache("graphgrad") / "mnist"))
        except Exception as error:  # Each library for the network has its own kinds.
            failure = error
    raise OSError(f"mnist: {name} could not be fetched ({failure}); name a folder that has it: mnist(path)")


def _read_idx(path: Path) -> Array:
    """The array in an IDX file of bytes."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, OSError, ValueError, zlib.error) as error:
        raise ValueError(f"mnist: {path} is damaged ({error})") from error
    if content[:3] != b"\x00\x00\x08" or len(content) < 4 or len(content) < 4 + 4 * content[3]:
        raise ValueError(f"mnist: {path} is no IDX file of bytes")
    shape = tuple(int.from_bytes(content[4 + 4 * k : 8 + 4 * k], "big") for k in range(content[3]))
    if len(content) != 4 + 4 * len(shape) + math.prod(shape):
        raise ValueError(f"mnist: {path} is truncated: its head says {shape}, but it has {len(content)} bytes")
    return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def _downsampled(images: Array, side: int) -> Array:
    """Pixels from 0 to 1 in rows, with the rounded mean of each block as a pixel."""
    k = 28 // side
    blocks: Array = images.reshape(-1, side, k, side, k).mean(axis=(2, 4)) if k > 1 else images
    return (np.round(blocks) / 255).reshape(len(images), side * side)


# The function is wrapped in the file that defines it, so that everyone imports the wrapped one.
entrances(globals(), __all__)
