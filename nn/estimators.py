"""``MLPClassifier`` and ``MLPRegressor``: multilayer perceptrons as scikit-learn's estimators.

Arguments, defaults, starts and stopping rules are scikit-learn's; the results are not bit for bit the same, because the
random numbers are those of NumPy's new generators. Sparse input, sample weights, `partial_fit` and the Poisson loss are
missing.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self, TypeAlias

import numpy as np

from autograd import Tensor
from nn import functional as F  # noqa: N812  as in PyTorch
from nn import init, penalties
from nn._types import Array, ArrayLike, State
from nn.activations import Identity, ReLU, Sigmoid, Tanh
from nn.compiled import WORTH_COMPILING
from nn.containers import Sequential
from nn.layers.linear import Linear
from nn.metrics import accuracy, r2
from nn.minimize import scipy_minimize
from nn.module import Module
from nn.optim import SGD, Adam, Optimizer
from nn.prediction import predict
from nn.run import Run
from nn.training import fit

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import LabelBinarizer
    from sklearn.utils import check_random_state, column_or_1d
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError("the estimators need scikit-learn 1.6 or later: pip install 'graphgrad[data]'") from error

__all__ = ["MLPClassifier", "MLPRegressor"]

RandomState: TypeAlias = int | np.random.RandomState | None

_ACTIVATIONS = {"identity": Identity, "logistic": Sigmoid, "tanh": Tanh, "relu": ReLU}
_CHOICES = {
    "activation": tuple(_ACTIVATIONS),
    "solver": ("adam", "sgd", "lbfgs"),
    "learning_rate": ("constant", "invscaling", "adaptive"),
}


class _MLP(BaseEstimator):  # type: ignore[misc]
    """The base of classifier and regressor: a subclass says what targets, errors and decisions are."""

    _metric: ClassVar[staticmethod[[Array, Array], float]]

    def __init__(
        self, hidden_layer_sizes: int | Sequence[int] = (100,), activation: str = "relu", *, solver: str = "adam",
        alpha: float = 1e-4, batch_size: int | Literal["auto"] = "auto", learning_rate: str = "constant",
        learning_rate_init: float = 1e-3, power_t: float = 0.5, max_iter: int = 200, shuffle: bool = True,
        random_state: RandomState = None, tol: float = 1e-4, verbose: bool = False, warm_start: bool = False,
        momentum: float = 0.9, nesterovs_momentum: bool = True, early_stopping: bool = False,
        validation_fraction: float = 0.1, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8,
        n_iter_no_change: int = 10, max_fun: int = 15000,
    ) -> None:  # fmt: skip
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train on samples `X`, shape (n, features), and their targets `y`; returns the estimator."""
        self._check_arguments()
        hidden = np.ravel(np.asarray(self.hidden_layer_sizes, dtype=int)).tolist()
        goes_on = self.warm_start and hasattr(self, "module_")
        samples: Array
        samples, y = validate_data(self, X, y, multi_output=True, dtype=(np.float64, np.float32), reset=not goes_on)
        if np.ndim(y) == 2 and np.shape(y)[1] == 1:
            y = column_or_1d(y, warn=True)
        targets = self._targets(np.asarray(y), goes_on).astype(samples.dtype)
        state = check_random_state(self.random_state)
        rng = np.random.default_rng(state.randint(np.iinfo(np.int32).max))
        if not goes_on:
            self.n_outputs_ = targets.shape[1]
            self._build([samples.shape[1], *hidden, self.n_outputs_], samples.dtype, rng)
            self.loss_curve_: list[float] = []
            self.best_loss_ = np.inf
            self.validation_scores_: list[float] | None = None
        if self.solver == "lbfgs":
            self._fit_lbfgs(samples, targets)
        else:
            self._fit_stochastic(samples, targets, state, rng)
        linear = [m for m in self.module_ if isinstance(m, Linear)]
        self.coefs_ = [m.weight.numpy().T for m in linear]
        self.intercepts_ = [m.bias.numpy() for m in linear if m.bias is not None]
        return self

    def _check_arguments(self) -> None:
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, not {getattr(self, name)!r}")
        if np.any(np.asarray(self.hidden_layer_sizes) <= 0):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {self.hidden_layer_sizes!r}")
        for name in ("learning_rate_init", "max_iter", "n_iter_no_change", "max_fun", "epsilon"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be positive, not {getattr(self, name)!r}")
        if not self.alpha >= 0 or not 0 <= self.validation_fraction < 1:
            raise ValueError("alpha must be at least 0, and validation_fraction in [0, 1)")
        if self.batch_size != "auto" and not self.batch_size >= 1:
            raise ValueError(f"batch_size must be 'auto' or at least 1, not {self.batch_size!r}")

    def _build(self, sizes: list[int], dtype: np.dtype[np.generic], rng: np.random.Generator) -> None:
        modules: list[Module] = []
        for n, m in pairwise(sizes):
            layer = Linear(n, m, rng=rng, dtype=dtype)
            limit = ((2 if self.activation == "logistic" else 6) / (n + m)) ** 0.5
            for p in layer.parameters():
                init.uniform_(p, -limit, limit, rng)
            modules += [layer, _ACTIVATIONS[self.activation]()]
        self.module_ = Sequential(*modules[:-1])  # Its outputs are scores.
        self.n_layers_ = len(sizes)

    def _loss(self, output: Tensor, targets: Array) -> Tensor:
        """The mean error of the scores, with the penalty."""
        weights = [m.weight for m in self.module_ if isinstance(m, Linear)]
        error = self._error(output, targets)
        if self.alpha:
            error = error + penalties.l2(weights) * (0.5 * self.alpha / len(targets))
        return error

    def _fit_lbfgs(self, X: Array, targets: Array) -> None:
        module = self.module_
        options = {"maxfun": self.max_fun, "maxiter": self.max_iter, "gtol": self.tol}
        result = scipy_minimize(lambda: self._loss(module(X), targets), module.parameters(), options=options)
        self.n_iter_, self.loss_ = int(result.nit), float(result.fun)
        if result.status == 1:
            warnings.warn(f"lbfgs stopped before it converged: {result.message}", ConvergenceWarning, stacklevel=3)

    def _fit_stochastic(self, X: Array, targets: Array, state: np.random.RandomState, rng: np.random.Generator) -> None:
        held_out = None
        if self.early_stopping:
            stratify = targets if is_classifier(self) and self.n_outputs_ == 1 else None
            X, X_held, targets, held = train_test_split(
                X, targets, random_state=state, test_size=self.validation_fraction, stratify=stratify
            )
            if len(X_held) < 2:
                raise ValueError("the validation set is too small; increase validation_fraction or the data")
            held_out = X_held, self._decide(held)
        n = len(X)
        size = min(200, n) if self.batch_size == "auto" else int(min(self.batch_size, n))
        stopping = _SklearnStopping(self, held_out, n)
        loss = lambda output, targets: self._loss(output, targets)  # The method would tell of what changes meanwhile.
        fit(
            self.module_, X, targets, loss=loss, optimizer=self._optimizer(), epochs=self.max_iter,
            batch_size=size, shuffle=self.shuffle, callbacks=[stopping], rng=rng, progress=False,
            compiled=self.max_iter * -(-n // size) >= WORTH_COMPILING,
        )  # fmt: skip
        if stopping.best_state:
            self.module_.load_state_dict(stopping.best_state)
        if not stopping.stopped:
            text = f"{self.max_iter} epochs are over, and the loss still falls: raise max_iter"
            warnings.warn(text, ConvergenceWarning, stacklevel=3)

    def _optimizer(self) -> Optimizer:
        parameters = self.module_.parameters()
        if self.solver == "adam":
            return Adam(parameters, self.learning_rate_init, (self.beta_1, self.beta_2), self.epsilon)
        nesterov = bool(self.nesterovs_momentum and self.momentum > 0)
        return SGD(parameters, self.learning_rate_init, self.momentum, nesterov=nesterov)

    def _scores(self, X: ArrayLike) -> Array:
        check_is_fitted(self, "coefs_")
        samples: Array = validate_data(self, X, dtype=(np.float64, np.float32), reset=False)
        return predict(self.module_, samples.astype(self.coefs_[0].dtype, copy=False))

    def __setstate__(self, state: State) -> None:
        super().__setstate__(state)
        if hasattr(self, "module_"):
            for p in self.module_.parameters():
                p.data = np.asarray(p.data)  # Joblib may have mapped the data from a file.

    def _targets(self, y: Array, goes_on: bool) -> Array:
        """The numbers that the scores are compared with."""
        raise NotImplementedError

    def _error(self, output: Tensor, targets: Array) -> Tensor:
        raise NotImplementedError

    def _decide(self, scores: Array) -> Array:
        """The prediction for the net's targets or final outputs."""
        raise NotImplementedError

    def _decide_scores(self, scores: Array) -> Array:
        """The prediction for the net's scores."""
        return self._decide(scores)


class _SklearnStopping:
    """scikit-learn's rules for the end of an epoch: note its numbers, stop in time, lower the rate."""

    def __init__(self, estimator: _MLP, held_out: tuple[Array, Array] | None, n: int) -> None:
        self.estimator, self.held_out, self.n = estimator, held_out, n
        self.best, self.count, self.stopped = np.inf, 0, False
        self.best_state: State = {}

    def on_epoch_end(self, run: Run) -> None:
        """Note the loss, and stop the training or lower the rate where scikit-learn would."""
        e = self.estimator
        e.loss_, e.n_iter_ = run.history["loss"][-1], run.epoch
        e.loss_curve_.append(e.loss_)
        e.best_loss_ = min(e.best_loss_, e.loss_)
        if e.verbose:
            print(f"epoch {run.epoch}, loss {e.loss_:.8f}")
        criterion = e.loss_
        if self.held_out is not None:
            X, y = self.held_out
            score = e._metric(y, e._decide_scores(predict(run.model, X)))
            e.validation_scores_ = [*(e.validation_scores_ or []), score]
            criterion = -score
        self.count = 0 if criterion <= self.best - e.tol else self.count + 1
        if criterion < self.best:
            self.best = criterion
            if self.held_out is not None:
                self.best_state = run.model.state_dict()
        if e.solver == "sgd" and e.learning_rate == "invscaling":
            _slow_down(run.optimizer, e.learning_rate_init / (run.epoch * self.n + 1) ** e.power_t)
        if self.count > e.n_iter_no_change:
            if e.solver == "sgd" and e.learning_rate == "adaptive" and run.optimizer.lr > 1e-6:
                _slow_down(run.optimizer, run.optimizer.lr / 5)
                self.count = 0
            else:
                self.stopped = True
                run.stopped = "converged"


def _slow_down(optimizer: Optimizer, rate: float) -> None:
    """Set the rate without changing the velocity, which in scikit-learn is the rate times the buffer."""
    for state in optimizer.state.values():
        if "momentum_buffer" in state:
            state["momentum_buffer"] = state["momentum_buffer"] * (optimizer.lr / rate)
    optimizer.lr = rate


class MLPClassifier(ClassifierMixin, _MLP):  # type: ignore[misc]
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
    learning_rate, learning_rate_init, power_t : {"constant", "invscaling", "adaptive"}, float, float
        The rate and its schedule; all schedules but the first are for "sgd" only.
    max_iter, tol, n_iter_no_change : int, float, int
        The largest number of epochs; training stops before if the loss does not improve by `tol` for more than
        `n_iter_no_change` of them.
    shuffle, random_state
        Whether the order of samples is random, and the source of randomness.
    verbose, warm_start : bool
        Whether to print each epoch's loss; whether `fit` goes on from the last weights.
    momentum, nesterovs_momentum : float, bool
        Options of "sgd".
    early_stopping, validation_fraction : bool, float
        Whether to stop by the score on held-out data, and their share.
    beta_1, beta_2, epsilon : float
        Options of "adam".
    max_fun : int
        The largest number of evaluations of "lbfgs".

    Attributes
    ----------
    coefs_, intercepts_ : list of ndarray
        Each layer's weights, shape (features in, features out), and biases.
    module_ : nn.Sequential
        The trained net, for pictures and for :func:`nn.save`.
    loss_, loss_curve_, best_loss_, n_iter_, n_layers_, n_outputs_, n_features_in_, out_activation_, validation_scores_
        As scikit-learn's estimators have them.
    classes_ : ndarray
        The labels.

    Examples
    --------
    >>> import nn
    >>> X, y = nn.data.moons(200, rng=0)
    >>> classifier = nn.MLPClassifier((16,), solver="lbfgs", random_state=0).fit(X, y)
    >>> bool(classifier.score(X, y) > 0.95)
    True
    """

    _metric = staticmethod(accuracy)

    def predict(self, X: ArrayLike) -> Array:
        """The class of each sample."""
        return self._decide_scores(self._scores(X))

    def predict_proba(self, X: ArrayLike) -> Array:
        """The probability of each class, shape (n, classes), in the order of `classes_`."""
        p = self._probabilities(self._scores(X))
        return np.hstack([1 - p, p]) if p.shape[1] == 1 else p

    def predict_log_proba(self, X: ArrayLike) -> Array:
        """The logarithm of :meth:`predict_proba`."""
        with np.errstate(divide="ignore"):
            logarithms: Array = np.log(self.predict_proba(X))
        return logarithms

    def _targets(self, y: Array, goes_on: bool) -> Array:
        check_classification_targets(y)
        if not goes_on:
            self._binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._binarizer.classes_
            self.out_activation_ = "softmax" if self._binarizer.y_type_ == "multiclass" else "logistic"
        elif not np.isin(np.unique(y), self.classes_).all():
            raise ValueError(f"warm_start: y holds classes other than {self.classes_}, which it was trained for")
        targets: Array = self._binarizer.transform(y)
        return targets

    def _error(self, output: Tensor, targets: Array) -> Tensor:
        if self.out_activation_ == "softmax":
            return F.cross_entropy(output, targets)
        error: Tensor = F.binary_cross_entropy_with_logits(output, targets, reduction="sum") / len(targets)
        return error

    def _probabilities(self, scores: Array) -> Array:
        return F.softmax(scores, 1) if self.out_activation_ == "softmax" else F.sigmoid(scores)

    def _decide_scores(self, scores: Array) -> Array:
        return self._decide(self._probabilities(scores))

    def _decide(self, scores: Array) -> Array:
        labels: Array = self._binarizer.inverse_transform(scores.ravel() if self.n_outputs_ == 1 else scores)
        return labels

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class MLPRegressor(RegressorMixin, _MLP):  # type: ignore[misc]
    """A multilayer perceptron that predicts numbers, trained on half the squared error.

    Parameters and attributes are those of :class:`MLPClassifier`, but for `classes_`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> X = np.linspace(-2, 2, 100)[:, None]
    >>> regressor = nn.MLPRegressor((20,), "tanh", solver="lbfgs", random_state=0).fit(X, np.sin(2 * X[:, 0]))
    >>> bool(regressor.score(X, np.sin(2 * X[:, 0])) > 0.99)
    True
    """

    _metric = staticmethod(r2)

    def predict(self, X: ArrayLike) -> Array:
        """The number (or numbers) predicted for each sample."""
        return self._decide(self._scores(X))

    def _targets(self, y: Array, goes_on: bool) -> Array:
        self.out_activation_ = "identity"
        return y.reshape(len(y), -1).astype(float)

    def _error(self, output: Tensor, targets: Array) -> Tensor:
        error: Tensor = F.mse_loss(output, targets) * 0.5
        return error

    def _decide(self, scores: Array) -> Array:
        return scores.ravel() if self.n_outputs_ == 1 else scores
