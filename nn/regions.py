"""The regions into which a classifier divides the plane."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, cast

import numpy as np

from autograd import Tensor, Value
from nn._types import Array, ArrayLike, Node
from nn.module import Module
from nn.prediction import predict

__all__ = ["Classifier", "Regions", "regions_of", "without_graph"]


class Classifier(Protocol):
    """An estimator as scikit-learn has them."""

    classes_: ArrayLike

    def predict(self, X: Array, /) -> ArrayLike:
        """The class of each row."""


class Regions(NamedTuple):
    """What a classifier says of points: the class of each, how sure it is of it from 0 to 1, and where it changes.

    It is sure by nan where its output is nan. An edge is where its numbers are 0, with a text for its line.
    """

    names: Array
    classes: Array
    sure: Array
    edges: list[tuple[str, Array]]


def sides_around(points: Array, resolution: int) -> list[Array]:
    """The coordinates of a grid around points of the plane, with a margin."""
    finite = points[np.isfinite(points).all(axis=1)]
    if not len(finite):
        raise ValueError("decision_boundary: X holds no finite point, so there is no region to draw")
    if resolution < 2:
        raise ValueError(f"decision_boundary: resolution counts grid points, 2 or more, not {resolution!r}")
    spread = np.ptp(finite, axis=0)
    margin = np.where(spread > 0, 0.1 * spread, 0.5 * (spread.max() or 1.0))
    ends = zip(finite.min(axis=0) - margin, finite.max(axis=0) + margin, strict=True)
    return [np.linspace(low, high, resolution) for low, high in ends]


def regions_of(
    model: Module | Callable[[Array], Node | ArrayLike] | Classifier, grid: Array, threshold: float
) -> Regions:
    """What a classifier says of points; the class of a single output changes at the threshold."""
    if hasattr(model, "classes_"):
        classifier = cast(Classifier, model)
        names = np.asarray(classifier.classes_)
        classes: Array = np.searchsorted(names, classifier.predict(grid))
        probabilities = getattr(classifier, "predict_proba", None)
        if probabilities is None:
            return Regions(names, classes, np.full(len(grid), 0.4), [])
        return _of_probabilities(names, np.asarray(probabilities(grid)), classes)
    output = predict(model, grid) if isinstance(model, Module) else np.asarray(without_graph(model(grid)))
    output = np.asarray(output.reshape(len(grid), -1), float)
    if output.shape[1] > 1:
        known = output[np.isfinite(output).all(axis=1)]
        are_probabilities = len(known) and np.all(known >= 0) and np.allclose(known.sum(axis=1), 1)
        with np.errstate(invalid="ignore"):  # where a score is infinite
            p = output if are_probabilities else np.exp(output - output.max(axis=1, keepdims=True))
        return _of_probabilities(np.arange(output.shape[1]), p / p.sum(axis=1, keepdims=True), p.argmax(axis=1))
    above = output[:, 0] - threshold
    if 0 < threshold < 1 and not np.any((output < 0) | (output > 1)):
        sure = np.where(above > 0, above / (1 - threshold), -above / threshold)
    else:
        sure = np.tanh(np.abs(above) / 2)  # 2p − 1 for a score whose probability is the sigmoid of it
    return Regions(np.arange(2), (above > 0).astype(int), sure, [(f"{threshold:g}", above)])


def _of_probabilities(names: Array, p: Array, classes: Array) -> Regions:
    """The regions of classes with these probabilities, a column for each."""
    sure = (p.max(axis=1) - 1 / p.shape[1]) / (1 - 1 / p.shape[1])
    if p.shape[1] == 2:
        return Regions(names, classes, sure, [("0.5", p[:, 1] - 0.5)])
    others = [p[:, k] - np.delete(p, k, axis=1).max(axis=1) for k in range(p.shape[1])]
    return Regions(names, classes, sure, [("", each) for each in others])


def without_graph(x: Node | ArrayLike) -> ArrayLike:
    """The plain data of a node, and anything else as it is."""
    return x.data if isinstance(x, (Tensor, Value)) else x
