"""Scaling of columns that can be undone."""

from __future__ import annotations

import numpy as np

from nn._types import Array, ArrayLike
from nn.host import as_numpy

__all__ = ["Scaler", "min_max", "standardize"]


class Scaler:
    """A map of columns that can be undone: ``(X - shift) / scale``.

    Attributes
    ----------
    shift, scale : array
        A number for each column.

    Examples
    --------
    >>> import nn
    >>> scaled, scaler = nn.data.min_max([[10.0], [20.0], [15.0]])
    >>> scaler.shift, scaler.scale
    (array([10.]), array([10.]))
    >>> scaler.transform([[12.0]]), scaler.inverse_transform([[0.5]])
    (array([[0.2]]), array([[15.]]))
    """

    def __init__(self, shift: Array, scale: Array) -> None:
        self.shift = shift
        self.scale = np.where(scale == 0, 1, scale).astype(scale.dtype)  # A constant column is only shifted.

    def transform(self, X: ArrayLike) -> Array:
        """The columns of `X`, shifted and scaled."""
        scaled: Array = (_as_matrix(X, len(self.shift)) - self.shift) / self.scale
        return scaled

    def inverse_transform(self, X: ArrayLike) -> Array:
        """The columns that :meth:`transform` maps to those of `X`."""
        columns: Array = _as_matrix(X, len(self.shift)) * self.scale + self.shift
        return columns


def standardize(X: ArrayLike) -> tuple[Array, Scaler]:
    """Columns with mean 0 and deviation 1, and the scaler that maps other data likewise; a nan stays one.

    Returns
    -------
    pair
        The scaled columns, an array, and the :class:`Scaler`: ``scaler.transform(X_test)`` uses the first data's
        numbers, ``scaler.inverse_transform`` goes back.

    Raises
    ------
    ValueError
        If the data are no matrix, or hold inf.

    Examples
    --------
    >>> from nn import data
    >>> scaled, scaler = data.standardize([[1.0], [3.0]])
    >>> scaled.ravel(), scaler.transform([[5.0]]).ravel(), scaler.inverse_transform(scaled).ravel()
    (array([-1.,  1.]), array([3.]), array([1., 3.]))
    """
    columns = _as_matrix(X)
    shift = np.nanmean(columns, axis=0)
    scale = np.nanstd(columns, axis=0)
    scale[scale <= 10 * np.finfo(columns.dtype).eps * np.abs(shift)] = 0  # Rounding alone gives a constant column this.
    scaler = Scaler(shift, scale)
    return scaler.transform(columns), scaler


def min_max(X: ArrayLike) -> tuple[Array, Scaler]:
    """Columns from 0 to 1, and the scaler that maps other data likewise; see :func:`standardize`.

    Returns
    -------
    pair
        The scaled columns, an array, and the :class:`Scaler`.

    Raises
    ------
    ValueError
        If the data are no matrix, or hold inf.

    Examples
    --------
    >>> from nn import data
    >>> scaled, scaler = data.min_max([[10.0], [20.0], [15.0]])
    >>> scaled.ravel(), scaler.transform([[25.0]]).ravel()
    (array([0. , 1. , 0.5]), array([1.5]))
    """
    columns = _as_matrix(X)
    low, high = np.nanmin(columns, axis=0), np.nanmax(columns, axis=0)
    scaler = Scaler(low, high - low)
    return scaler.transform(columns), scaler


def _as_matrix(X: ArrayLike, n: int | None = None) -> Array:
    """Data to scale as a matrix of floats."""
    a = np.asarray(as_numpy(X))
    a = a if a.dtype == np.float32 else a.astype(float)
    if a.ndim != 2 or a.size == 0 or (n is not None and a.shape[1] != n):
        columns = "" if n is None else f" with {n} columns"
        raise ValueError(f"scaling takes a matrix{columns}, a row for each sample, not data of shape {a.shape}")
    if np.isinf(a).any():
        raise ValueError("scaling takes finite numbers, and these data hold inf")
    return a
