"""``MLPClassifier``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import (
    _check_partial_fit_first_call,
    check_classification_targets,
    type_of_target,
    unique_labels,
)

from nn._types import Array, ArrayLike
from nn.estimators.base import Perceptron, RandomState, is_stochastic
from nn.host import as_numpy

__all__ = ["MLPClassifier"]


class MLPClassifier(ClassifierMixin, Perceptron):  # type: ignore[misc]
    """A multilayer perceptron that predicts classes, trained on the cross-entropy.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int
        Neurons in each hidden layer.
    activation : {"relu", "tanh", "logistic", "identity"}
        The activation after each hidden layer.
    solver : {"adam", "sgd", "lbfgs"}
        The optimiser; the last is SciPy's, on all samples at once.
    alpha : float
        The strength of the penalty ½·alpha·Σw² on the weights, divided by the number of samples in a minibatch.
    batch_size : int or "auto"
        Samples of a minibatch; "auto" is 200, or all if they are fewer.
    learning_rate : {"constant", "invscaling", "adaptive"}
        The schedule of the rate; all but the first are for "sgd" only.
    learning_rate_init, power_t : float
        The first rate, and the exponent of "invscaling".
    max_iter, n_iter_no_change : int
        The largest number of epochs; training stops before if the loss does not improve by `tol` for more than
        `n_iter_no_change` of them.
    tol : float
        The least improvement that counts.
    shuffle : bool
        Whether the order of samples is random.
    random_state : int or RandomState, optional
        The source of randomness.
    verbose, warm_start : bool
        Whether to print each epoch's loss; whether `fit` goes on from the last weights.
    momentum : float
        The momentum of "sgd".
    nesterovs_momentum : bool
        Whether it is Nesterov's.
    early_stopping : bool
        Whether to stop by the score on held-out data.
    validation_fraction : float
        The share of these data.
    beta_1, beta_2, epsilon : float
        Options of "adam".
    max_fun : int
        The largest number of evaluations of "lbfgs".

    Attributes
    ----------
    coefs_, intercepts_ : list of array
        Each layer's weights, shape (features in, features out), and biases: the net's own, which may be set.
    module_ : Sequential
        The trained net, for pictures and for :func:`nn.save`; its outputs are scores, before `out_activation_`.
    loss_ : float
    loss_curve_ : list of float
    best_loss_, best_validation_score_ : float or None
    validation_scores_ : list of float or None
    n_iter_, t_, n_layers_, n_outputs_ : int
    out_activation_ : str
        As scikit-learn's estimators have them, `n_features_in_` and `feature_names_in_` too.
    classes_ : array
        The labels.

    Examples
    --------
    >>> import nn
    >>> X, y = nn.data.moons(200, rng=0)
    >>> classifier = nn.MLPClassifier((16,), solver="lbfgs", random_state=0).fit(X, y)
    >>> bool(classifier.score(X, y) > 0.95)
    True
    """

    loss = "log_loss"
    _score_function = staticmethod(accuracy_score)

    def __init__(
        self, hidden_layer_sizes: int | Sequence[int] = (100,), activation: str = "relu",
        *, solver: str = "adam", alpha: float = 1e-4, batch_size: int | Literal["auto"] = "auto",
        learning_rate: str = "constant", learning_rate_init: float = 1e-3, power_t: float = 0.5, max_iter: int = 200,
        shuffle: bool = True, random_state: RandomState = None, tol: float = 1e-4, verbose: bool = False,
        warm_start: bool = False, momentum: float = 0.9, nesterovs_momentum: bool = True,
        early_stopping: bool = False, validation_fraction: float = 0.1, beta_1: float = 0.9, beta_2: float = 0.999,
        epsilon: float = 1e-8, n_iter_no_change: float = 10, max_fun: int = 15000,
    ) -> None:  # fmt: skip
        super().__init__(locals())

    @available_if(is_stochastic)  # type: ignore[untyped-decorator]
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None, classes: ArrayLike | None = None
    ) -> Self:
        """Go on training for one epoch of these samples; the first call needs all `classes` that there will be."""
        y, classes = as_numpy(y), as_numpy(classes)
        if _check_partial_fit_first_call(self, classes):
            is_multilabel = type_of_target(y).startswith("multilabel")
            self._label_binarizer = LabelBinarizer().fit(y if is_multilabel else classes)
        return self._fit(X, y, sample_weight, incremental=True)

    def predict_proba(self, X: ArrayLike) -> Array:
        """The probability of each class, shape (n, classes), in the order of `classes_`."""
        p = self._outputs(X)
        return np.hstack([1 - p, p]) if p.shape[1] == 1 else p

    def predict_log_proba(self, X: ArrayLike) -> Array:
        """The logarithm of :meth:`predict_proba`."""
        with np.errstate(divide="ignore"):
            logarithms: Array = np.log(self.predict_proba(X))
        return logarithms

    def _targets(self, y: Array, incremental: bool) -> Array:
        check_classification_targets(y)
        if not hasattr(self, "classes_") or not (self.warm_start or incremental):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        else:
            classes = unique_labels(y)
            if self.warm_start and set(classes) != set(self.classes_):
                raise ValueError(
                    "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                    f"Previously got {self.classes_}, `y` has {classes}. "
                    "With warm_start=False, fit starts anew; partial_fit takes some of the classes only."
                )
            if len(np.setdiff1d(classes, self.classes_)):
                raise ValueError(
                    f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {classes}. "
                    "Pass all of them as classes= to the first partial_fit."
                )
        targets: Array = self._label_binarizer.transform(y).astype(bool)
        return targets

    def _out_activation(self) -> str:
        return "softmax" if self._label_binarizer.y_type_ == "multiclass" else "logistic"

    def _decide(self, outputs: Array) -> Array:
        labels: Array = self._label_binarizer.inverse_transform(outputs.ravel() if self.n_outputs_ == 1 else outputs)
        return labels

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
