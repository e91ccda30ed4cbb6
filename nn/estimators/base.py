"""The base of classifier and regressor: arguments, validation, the net and its weights."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeAlias

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.neural_network import MLPRegressor as _Sklearn
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils._param_validation import InvalidParameterError, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

import autograd
from autograd import Tensor
from nn import functional as F  # noqa: N812  as in PyTorch
from nn._types import Array, ArrayLike, State
from nn.activations import Identity, ReLU, Sigmoid, Tanh
from nn.containers import Sequential
from nn.estimators.solvers import ROWS, Rows, dense, fit_lbfgs, fit_stochastic, value_and_gradient
from nn.host import as_numpy
from nn.layers.linear import Linear
from nn.module import Module
from nn.prediction import predict

__all__ = ["Perceptron", "RandomState", "is_stochastic"]

RandomState: TypeAlias = int | np.random.RandomState | None

_ACTIVATIONS = {"identity": Identity, "logistic": Sigmoid, "tanh": Tanh, "relu": ReLU}


class _Head(NamedTuple):
    """What the scores of a net become, and each sample's error."""

    output: Callable[[Array], Array]
    errors: Callable[[Tensor, Array], Tensor]


# Targets are ones and zeros by now: the losses of `nn.functional` would look at each minibatch whether they are.
_HEADS = {
    "softmax": _Head(lambda x: F.softmax(x, 1), lambda x, y: -(y * F.log_softmax(x, 1)).sum(axis=1)),
    "logistic": _Head(F.sigmoid, lambda x, y: (autograd.softplus(x) - y * x).sum(axis=1)),
    "exp": _Head(np.exp, lambda x, y: _half_deviance(x, y).sum(axis=1)),
    "identity": _Head(lambda x: x, lambda x, y: 0.5 * F.mse_loss(x, y, reduction="none").sum(axis=1)),
}


def _half_deviance(x: Tensor, y: Array) -> Tensor:
    """Poisson's, of the logarithm of the rate: 0 where the rate is the count."""
    error: Tensor = autograd.exp(x) - y * x + (y * autograd.log(autograd.where(y > 0, y, 1.0)) - y)
    return error


def is_stochastic(estimator: Perceptron) -> bool:
    """Whether the solver goes by minibatches; else `partial_fit` is not there, and scikit-learn's words say so."""
    if estimator.solver == "lbfgs":
        raise AttributeError(
            "partial_fit is only available for stochastic optimizers. lbfgs is not stochastic; "
            "solver='adam' and solver='sgd' are."
        )
    return True


class Perceptron(BaseEstimator):  # type: ignore[misc]
    """The base of classifier and regressor: a subclass says what targets and decisions are, and how they are scored."""

    # A net without hidden layers is allowed, as scikit-learn allows it.
    _parameter_constraints: ClassVar[State] = {
        **_Sklearn._parameter_constraints,
        "loss": [StrOptions({"squared_error", "poisson"})],
    }
    _score_function: ClassVar[staticmethod[..., float]]

    def __init__(self, arguments: State) -> None:
        for name in arguments.keys() - {"self", "__class__"}:  # of a subclass's constructor
            setattr(self, name, arguments[name])

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train on samples `X`, shape (n, features), dense or sparse, and their targets `y`; returns the estimator.

        `sample_weight` says how much each sample counts.
        """
        return self._fit(X, y, sample_weight, incremental=False)

    def _fit(self, X: Rows, y: ArrayLike, sample_weight: ArrayLike | None, incremental: bool) -> Self:
        X, y, sample_weight = map(as_numpy, (X, y, sample_weight))
        self._check_params()
        hidden = self._hidden_sizes()
        is_first = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, y = validate_data(
            self, X, y, accept_sparse="csr", multi_output=True, dtype=(np.float64, np.float32), reset=is_first
        )
        if np.ndim(y) == 2 and np.shape(y)[1] == 1:
            y = column_or_1d(y, warn=True)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        if weights is not None and not weights.any():
            raise ValueError("Sample weights must contain at least one non-zero number.")
        targets = self._targets(np.asarray(y), incremental)
        targets = targets.reshape(len(targets), -1)
        sizes = [X.shape[1], *hidden, targets.shape[1]]
        self._random_state = check_random_state(self.random_state)
        if is_first:
            self._start(sizes, X.dtype)
        elif (before := [self.n_features_in_, *(np.shape(w)[1] for w in self.coefs_)]) != sizes:
            raise ValueError(
                f"hidden_layer_sizes and y ask for layers of {sizes} neurons, and the net has {before}; "
                "fit with warm_start=False starts a new one"
            )
        self._net()
        if self.solver == "lbfgs":
            fit_lbfgs(self, X, targets, weights)
        else:
            fit_stochastic(self, X, targets, weights, incremental)
        self._take_weights()
        if not all(np.isfinite(w).all() for w in self._own):
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
                "preprocessed. StandardScaler() before the estimator in a pipeline does that; a lower "
                "learning_rate_init may help, too."
            )
        return self

    def _check_params(self) -> None:
        """Raise scikit-learn's error for a wrong parameter; sizes in the place of a regressor's loss are named."""
        try:
            self._validate_params()
        except InvalidParameterError as error:
            if isinstance(self.loss, (int, list, tuple)):
                raise InvalidParameterError(
                    f"{error} The first argument is the loss; write hidden_layer_sizes={self.loss!r}."
                ) from None
            raise

    def _hidden_sizes(self) -> list[int]:
        sizes = self.hidden_layer_sizes
        each = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
        if not all(isinstance(n, Integral) for n in each):
            raise InvalidParameterError(
                f"The 'hidden_layer_sizes' parameter of {type(self).__name__} must be an int or a sequence of ints, "
                f"the number of neurons in each hidden layer. Got {sizes!r} instead."
            )
        if any(n <= 0 for n in each):
            raise ValueError(
                f"hidden_layer_sizes must be > 0, got {each}. Leave a layer out by leaving its number out."
            )
        return [int(n) for n in each]

    def _start(self, sizes: list[int], dtype: np.dtype[np.floating]) -> None:
        """Draw weights as scikit-learn does, and forget the last training."""
        self.n_outputs_, self.n_layers_ = sizes[-1], len(sizes)
        self.out_activation_ = self._out_activation()
        self.n_iter_ = self.t_ = self._no_improvement_count = 0
        self.coefs_: list[Array] = []
        self.intercepts_: list[Array] = []
        for n, m in pairwise(sizes):
            limit = ((2 if self.activation == "logistic" else 6) / (n + m)) ** 0.5
            for arrays, shape in ((self.coefs_, (n, m)), (self.intercepts_, (m,))):
                arrays.append(self._random_state.uniform(-limit, limit, shape).astype(dtype, copy=False))
        for name in {"module_", "loss_curve_", "_optimizer"} & set(vars(self)):
            delattr(self, name)

    def _net(self) -> Sequential:
        """The net. What a user has set in `coefs_` and `intercepts_` is in it."""
        if not hasattr(self, "module_"):
            modules: list[Module] = []
            for w in self.coefs_:
                modules += [Linear(*np.shape(w), dtype=w.dtype, rng=0), _ACTIVATIONS[self.activation]()]
            self.module_ = Sequential(*modules[:-1])
            self._own: list[Array] = []
        arrays = [*self.coefs_, *self.intercepts_]
        if len(arrays) != len(self._own) or any(a is not b for a, b in zip(arrays, self._own, strict=True)):
            for layer, w, b in zip(self._linear(), self.coefs_, self.intercepts_, strict=True):
                layer.weight.data, layer.bias.data = np.transpose(w), b
            self._take_weights()
        return self.module_

    def _linear(self) -> list[Any]:
        return [m for m in self.module_ if isinstance(m, Linear)]

    def _take_weights(self) -> None:
        """Let `coefs_` and `intercepts_` be the net's own weights, so that a change of the ones changes the others."""
        self.coefs_ = [layer.weight.data.T for layer in self._linear()]
        self.intercepts_ = [layer.bias.data for layer in self._linear()]
        self._own = [*self.coefs_, *self.intercepts_]

    def _copied_weights(self) -> list[Array]:
        self._take_weights()
        return [w.copy() for w in self._own]

    def _set_weights(self, weights: list[Array]) -> None:
        n = self.n_layers_ - 1
        self.coefs_, self.intercepts_ = weights[:n], weights[n:]
        self._net()

    def _scores(self, X: Rows, check: bool = True) -> Array:
        """The net's outputs for samples, dense or sparse."""
        check_is_fitted(self)
        if check:
            X = validate_data(self, as_numpy(X), accept_sparse="csr", dtype=(np.float64, np.float32), reset=False)
        net, dtype = self._net(), self.coefs_[0].dtype
        starts = range(0, max(X.shape[0], 1), ROWS)
        return np.concatenate([predict(net, dense(X[i : i + ROWS], dtype), ROWS) for i in starts])

    def _outputs(self, X: Rows, check: bool = True) -> Array:
        """What the scores become: probabilities, rates, or the scores themselves."""
        scores = self._scores(X, check)
        return _HEADS[self.out_activation_].output(scores)

    def predict(self, X: Rows) -> Array:
        """The prediction for each sample: its class, or its number."""
        return self._decide(self._outputs(X))

    def _score(self, X: Rows, y: Array, sample_weight: Array | None) -> float:
        """The score of samples that are checked; nan if an output is not finite."""
        outputs = self._outputs(X, check=False)
        if not np.isfinite(outputs).all():
            return float("nan")
        return float(self._score_function(y, self._decide(outputs), sample_weight=sample_weight))

    def _errors(self) -> Callable[[Tensor, Array], Tensor]:
        """Each sample's error as a function of scores and targets."""
        return _HEADS[self.out_activation_].errors

    def _loss_grad_lbfgs(
        self, packed: Array, X: Rows, y: Array, sample_weight: Array | None = None, *_: object
    ) -> tuple[float, Array]:
        """The loss and its gradient by all weights in one vector, under scikit-learn's name for it."""
        self._net()
        with value_and_gradient(self, X, np.asarray(y, self.coefs_[0].dtype), sample_weight) as losses:
            return losses(packed)

    def __setstate__(self, state: State) -> None:
        super().__setstate__(state)
        if hasattr(self, "module_"):
            for p in self._net().parameters():
                p.data = np.array(p.data)  # Joblib may have mapped the data from a file.
            self._take_weights()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _targets(self, y: Array, incremental: bool) -> Array:
        """The numbers that the scores are compared with."""
        raise NotImplementedError

    def _out_activation(self) -> str:
        """What the scores go through: a name in the table of heads."""
        raise NotImplementedError

    def _decide(self, outputs: Array) -> Array:
        """The prediction for outputs, or for targets."""
        raise NotImplementedError
