"""How the estimators are trained: scikit-learn's loop, splits and rules to stop, and SciPy's L-BFGS-B."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from scipy.optimize import minimize
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from autograd import Tensor
from nn import penalties
from nn._types import Array, DType, Output
from nn.compiled import CompiledStep
from nn.estimators.rules import SklearnAdam, SklearnSGD
from nn.optim import SGD, Optimizer
from nn.step import Step

__all__ = ["ROWS", "dense", "fit_lbfgs", "fit_stochastic", "value_and_gradient"]

# A Perceptron, whose file imports this one.
Estimator: TypeAlias = Any
# Samples: an array, or a sparse matrix of SciPy's, which states no types.
Rows: TypeAlias = Any
# Samples, targets and weights to measure a score on.
HeldOut: TypeAlias = tuple[Rows, Array, Array | None]
# So many steps, or numbers in the samples of all steps, are compiled. The first training of a shape may lose by it what
# the second gains.
_WORTH_COMPILING, _MANY = 30, 2 * 10**5
_NEAR = 2**16  # so many numbers of a layer stay near the processor
ROWS = 1024  # so many rows of a sparse matrix are made dense at once


def dense(X: Rows, dtype: DType) -> Array:
    """Rows as an array, which those of a sparse matrix become."""
    rows: Array = X.toarray() if hasattr(X, "toarray") else X
    return rows.astype(dtype, copy=False)


def fit_stochastic(e: Estimator, X: Rows, targets: Array, weights: Array | None, incremental: bool) -> None:
    """Train by minibatches, one epoch of them if `incremental`, until scikit-learn would stop."""
    if e.early_stopping and incremental:
        raise ValueError("partial_fit does not support early_stopping=True: it holds no data out, and goes one epoch")
    if not incremental or not hasattr(e, "_optimizer"):
        e._optimizer = _optimizer(e)
    _begin(e)
    held_out: HeldOut | None = None
    if e.early_stopping:
        X, targets, weights, held_out = _split(e, X, targets, weights)
    n = X.shape[0]
    size = min(200, n) if e.batch_size == "auto" else min(e.batch_size, n)
    if e.batch_size != "auto" and e.batch_size > n:
        text = f"Got `batch_size` less than 1 or larger than sample size. It is going to be clipped to {n}"
        warnings.warn(text, stacklevel=4)
    epochs = 1 if incremental else e.max_iter
    with _step(e, e._optimizer, X, size, epochs * -(-n // size), is_weighted=weights is not None) as step:
        try:
            _epochs(e, step, (X, _with_weights(e, targets, weights), weights), size, held_out, incremental)
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.", stacklevel=4)
    if e.early_stopping:
        e._set_weights(e._best_weights)


def _epochs(
    e: Estimator, step: Step, data: tuple[Rows, Array, Array | None], size: int, held_out: HeldOut | None, once: bool
) -> None:
    order = np.arange(len(data[1]))
    for epoch in range(1, e.max_iter + 1):
        e.n_iter_ = epoch
        if e.shuffle:
            places = np.arange(len(order))
            e._random_state.shuffle(places)
            order = order[places]  # scikit-learn's order
        e.loss_ = _reported(e, _epoch(step, *data, order, size))
        e.t_ += len(order)
        if _ends(e, held_out) or once:
            return
    warnings.warn(
        f"Stochastic Optimizer: Maximum iterations ({e.max_iter}) reached and the optimization hasn't converged yet. "
        f"{_advice(e)}",
        ConvergenceWarning,
        stacklevel=5,
    )


def _optimizer(e: Estimator) -> SklearnAdam | SklearnSGD:
    parameters = e.module_.parameters()
    if e.solver == "adam":
        return SklearnAdam(parameters, e.learning_rate_init, (e.beta_1, e.beta_2), e.epsilon).start()
    nesterov = bool(e.nesterovs_momentum and e.momentum > 0)
    return SklearnSGD(parameters, e.learning_rate_init, e.momentum, nesterov=nesterov).start()


def _begin(e: Estimator) -> None:
    """Set what is noted of epochs, unless a training goes on."""
    if not hasattr(e, "loss_curve_"):
        e.loss_curve_ = []
        e.best_loss_ = e.best_validation_score_ = e.validation_scores_ = None
    if not e.early_stopping:
        e.best_loss_ = math.inf if e.best_loss_ is None else e.best_loss_
        e.best_validation_score_ = e.validation_scores_ = None
    elif e.validation_scores_ is None:
        e.best_loss_, e.best_validation_score_, e.validation_scores_ = None, -math.inf, []
        e._best_weights = e._copied_weights()


def _split(e: Estimator, X: Rows, targets: Array, weights: Array | None) -> tuple[Rows, Array, Array | None, HeldOut]:
    """Data to train on, and those that are held out."""
    arrays = [X, targets] if weights is None else [X, targets, weights]
    stratify = targets if is_classifier(e) and e.n_outputs_ == 1 else None
    parts = train_test_split(*arrays, random_state=e._random_state, test_size=e.validation_fraction, stratify=stratify)
    (X, X_held), (targets, held), *rest = zip(parts[::2], parts[1::2], strict=True)
    weights, held_weights = rest[0] if rest else (None, None)
    if X_held.shape[0] < 2:
        raise ValueError(
            f"The validation set is too small. Increase 'validation_fraction' or the size of your dataset: of "
            f"{X.shape[0] + X_held.shape[0]} samples, {X_held.shape[0]} would be held out, and a score needs 2."
        )
    return X, targets, weights, (X_held, e._decide(held), held_weights)


def _loss(e: Estimator, is_weighted: bool, share: float) -> Callable[[Tensor, Tensor], Output]:
    """The loss of a minibatch: the weighted mean of errors. The targets' last column are the weights, if there are any.

    The penalty, of which there is a `share`, is divided by the sum of the weights.
    """
    errors, penalty, matrices = e._errors(), 0.5 * e.alpha * share, [layer.weight for layer in e._linear()]

    def loss(scores: Tensor, y: Tensor) -> Output:
        count: Tensor | int
        if is_weighted:
            w, y = y[:, -1], y[:, :-1]
            total, count = (errors(scores, y) * w).sum(), w.sum()
        else:
            total, count = errors(scores, y).sum(), len(y)
        return (total + penalty * penalties.l2(matrices) if penalty else total) / count

    return loss


@contextmanager
def _step(
    e: Estimator, optimizer: Optimizer, X: Rows, rows: int, steps: int, *, is_weighted: bool, share: float = 1.0
) -> Iterator[Step]:
    """A step for minibatches of so many rows, compiled if so many steps are worth it.

    A search fits nets of the same shapes many times. So a compiled step, with the net that it moves, serves the next
    training that is like this one; the estimator has a copy of the net afterwards.
    """
    if steps < _WORTH_COMPILING and steps * rows * X.shape[1] < _MANY:
        yield Step(e.module_, _loss(e, is_weighted, share), optimizer)
        return
    sizes, dtype = tuple(w.shape for w in e.coefs_), e.coefs_[0].dtype
    key = (type(optimizer), e.activation, e.out_activation_, sizes, dtype, X.shape, rows, is_weighted, share, e.alpha)
    step = _IDLE.pop(key, None)
    if step is None:
        step = CompiledStep(e.module_, _loss(e, is_weighted, share), optimizer)
    else:
        _adopt(e, step, optimizer)
    stochastic = optimizer is vars(e).get("_optimizer")
    if stochastic:
        e._optimizer = step.optimizer
    yield step
    if step.compiled is True and rows * max(map(max, sizes)) <= _MANY:
        _IDLE[key] = step
        weights = e._copied_weights()
        del e.module_
        e._set_weights(weights)
        if stochastic:
            e._optimizer = _optimizer(e)
            e._optimizer.load_state_dict(step.optimizer.state_dict())
        for oldest in list(_IDLE)[:-_MOST_IDLE]:
            _IDLE.pop(oldest, None)  # Another thread may have been faster.


# Compiled steps of trainings that are over, by what a training must have in common with theirs.
_IDLE: dict[object, CompiledStep] = {}
_MOST_IDLE = 8


def _adopt(e: Estimator, step: CompiledStep, optimizer: Optimizer) -> None:
    """Give a step's net the estimator's weights, and its optimiser the state of a new one."""
    weights = e._copied_weights()
    e.module_ = step.model
    e._set_weights(weights)
    step.optimizer.load_state_dict(optimizer.state_dict())


def _with_weights(e: Estimator, targets: Array, weights: Array | None) -> Array:
    columns = targets if weights is None else np.column_stack([targets, weights])
    return columns.astype(e.coefs_[0].dtype)


def _epoch(step: Step, X: Rows, y: Array, weights: Array | None, order: Array, size: int) -> float:
    """Train on each sample once; returns the mean loss. A minibatch whose weights are 0 takes no step."""
    total, counted = 0.0, 0
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        if weights is None or weights[rows].sum():
            samples = X.take(rows, axis=0) if isinstance(X, np.ndarray) else X[rows]
            total += step.backward(dense(samples, y.dtype), y.take(rows, axis=0)) * len(rows)
            step.update()
            counted += len(rows)
    return total / max(counted, 1)


def _reported(e: Estimator, loss: float) -> float:
    """The loss as it is noted: where scikit-learn minimises the squares' sum over outputs, it notes their mean."""
    return loss / e.n_outputs_ if e.out_activation_ == "identity" else loss


def _ends(e: Estimator, held_out: HeldOut | None) -> bool:
    """Note an epoch's loss or score; whether to stop. Where the rate adapts, it is lowered first."""
    e.loss_curve_.append(e.loss_)
    say = print if e.verbose else lambda text: None
    say(f"Iteration {e.n_iter_}, loss = {e.loss_:.8f}")
    if held_out is None:
        what, is_worse = "Training loss", e.loss_ > e.best_loss_ - e.tol
        e.best_loss_ = min(e.best_loss_, e.loss_)
    else:
        score = e._score(*held_out)
        say(f"Validation score: {score:f}")
        e.validation_scores_.append(score)
        what, is_worse = "Validation score", score < e.best_validation_score_ + e.tol
        if score > e.best_validation_score_:
            e.best_validation_score_, e._best_weights = score, e._copied_weights()
    e._no_improvement_count = e._no_improvement_count + 1 if is_worse else 0
    schedule, optimizer = e.learning_rate if e.solver == "sgd" else "constant", e._optimizer
    if schedule == "invscaling":
        optimizer.lr = e.learning_rate_init / (e.t_ + 1) ** e.power_t
    if e._no_improvement_count <= e.n_iter_no_change:
        return False
    text = f"{what} did not improve more than tol={e.tol:f} for {e.n_iter_no_change} consecutive epochs."
    if schedule != "adaptive" or optimizer.lr <= 1e-6:
        say(f"{text} {'Learning rate too small. ' if schedule == 'adaptive' else ''}Stopping.")
        return True
    optimizer.lr /= 5
    say(f"{text} Setting learning rate to {optimizer.lr:f}")
    e._no_improvement_count = 0
    return False


def _advice(e: Estimator) -> str:
    """What the course of the last training says of it."""
    is_loss = e.validation_scores_ is None
    name, sign, course = ("loss", 1, e.loss_curve_) if is_loss else ("validation score", -1, e.validation_scores_)
    course = course[-e.n_iter_ :]
    recent = course[-11:]
    if not math.isfinite(course[-1]):
        return f"The {name} is {course[-1]}: scale the data (StandardScaler), or lower learning_rate_init."
    if len(course) == 1:
        return "One epoch says little; raise max_iter."
    if sign * (course[-1] - course[0]) > 0:
        return (
            f"The {name} went from {course[0]:.4g} to {course[-1]:.4g}, the wrong way: lower learning_rate_init "
            f"({e.learning_rate_init:g}), or scale the data (StandardScaler)."
        )
    if sign * (recent[0] - recent[-1]) > 0.5 * sum(abs(b - a) for a, b in pairwise(recent)):
        return (
            f"The {name} went from {recent[0]:.4g} to {recent[-1]:.4g} in the last {len(recent)} epochs: "
            "raise max_iter, or tol if that is good enough."
        )
    return (
        f"The {name} goes up and down, between {min(recent):.4g} and {max(recent):.4g} in the last {len(recent)} "
        f"epochs: lower learning_rate_init ({e.learning_rate_init:g}), or raise tol ({e.tol:g})."
    )


def fit_lbfgs(e: Estimator, X: Rows, targets: Array, weights: Array | None) -> None:
    """Train on all samples at once."""
    start = np.concatenate([w.ravel() for w in (*e.coefs_, *e.intercepts_)]).astype(float)
    options = {"maxfun": e.max_fun, "maxiter": e.max_iter, "gtol": e.tol}
    with value_and_gradient(e, X, targets, weights, e.max_iter) as losses:
        result = minimize(losses, start, method="L-BFGS-B", jac=True, options=options)
    shapes = [w.shape for w in (*e.coefs_, *e.intercepts_)]
    parts = np.split(result.x, np.cumsum([math.prod(shape) for shape in shapes])[:-1])
    e._set_weights([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])
    e.n_iter_, e.loss_ = min(int(result.nit), e.max_iter), _reported(e, float(result.fun))
    if e.verbose:
        print(f"Iteration {e.n_iter_}, loss = {e.loss_:.8f}")
    if result.status:
        advice = "Scale the data (StandardScaler); the line search found no lower loss."
        if e.n_iter_ == e.max_iter:
            advice = f"Increase the number of iterations to improve the convergence (max_iter={e.max_iter}), or tol."
        elif result.nfev >= e.max_fun:
            advice = f"Increase the number of evaluations (max_fun={e.max_fun})."
        text = f"lbfgs failed to converge after {e.n_iter_} iteration(s) (status={result.status}): {result.message}"
        warnings.warn(f"{text}\n{advice}", ConvergenceWarning, stacklevel=4)


@contextmanager
def value_and_gradient(
    e: Estimator, X: Rows, targets: Array, weights: Array | None, steps: int = 1
) -> Iterator[Callable[[Array], tuple[float, Array]]]:
    """The loss of all samples and its gradient as a function of the weights, `coefs_` and `intercepts_` in one vector.

    It is summed over parts of one size, whose numbers stay near the processor, and of which one is dense at a time.
    """
    n, is_sparse, widest = X.shape[0], not isinstance(X, np.ndarray), max(max(w.shape) for w in e.coefs_)
    count = -(-n // max(32 if is_sparse else 256, _NEAR // widest))
    size = -(-n // count)
    y = _with_weights(e, targets, np.ones(n) if weights is None else weights)
    y = np.concatenate([y, np.zeros((count * size - n, y.shape[1]), y.dtype)])  # rows without weight fill the last part
    parts = [slice(i, i + size) for i in range(0, count * size, size) if y[i : i + size, -1].sum()]
    shares = [y[part, -1].sum() / y[:, -1].sum() for part in parts]

    def samples(part: slice) -> Array:
        rows = dense(X[part], y.dtype)
        return rows if len(rows) == size else np.concatenate([rows, np.zeros((size - len(rows), X.shape[1]), y.dtype)])

    # A program lives on with what it was recorded with: that is not to be a view of all data.
    batches = [y[part].copy() for part in parts]
    ready = None if is_sparse else [samples(part) if i else samples(part).copy() for i, part in enumerate(parts)]
    with _step(
        e, SGD(e.module_.parameters()), X, size, steps * len(parts), is_weighted=True, share=1 / len(parts)
    ) as step:
        layers = e._linear()
        parameters = [*(layer.weight for layer in layers), *(layer.bias for layer in layers)]
        ends = np.cumsum([0, *(p.size for p in parameters)])
        places = [(p, slice(*ends[i : i + 2]), p.shape[::-1]) for i, p in enumerate(parameters)]

        def losses(packed: Array) -> tuple[float, Array]:
            for p, place, shape in places:
                p.data.T[...] = packed[place].reshape(shape)
            loss, gradient = 0.0, np.zeros(len(packed))
            for share, rows, batch in zip(shares, ready or map(samples, parts), batches, strict=True):
                loss += share * step.backward(rows, batch)
                for p, place, shape in places:
                    gradient[place].reshape(shape)[...] += share * p.grad.T
            return loss, gradient

        yield losses
