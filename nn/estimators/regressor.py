"""``MLPRegressor``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.metaestimators import available_if

from nn._types import Array, ArrayLike
from nn.estimators.base import Perceptron, RandomState, is_stochastic

__all__ = ["MLPRegressor"]


class MLPRegressor(RegressorMixin, Perceptron):  # type: ignore[misc]
    """A multilayer perceptron that predicts numbers, trained on half the squared error or on Poisson's deviance.

    Other parameters, and attributes but for `classes_`, are those of :class:`MLPClassifier`.

    Parameters
    ----------
    loss : {"squared_error", "poisson"}
        Half the squared error, or half the Poisson deviance of counts, of whose rate the net gives the logarithm.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> X = np.linspace(-2, 2, 100)[:, None]
    >>> regressor = nn.MLPRegressor(hidden_layer_sizes=(20,), activation="tanh", solver="lbfgs", random_state=0)
    >>> bool(regressor.fit(X, np.sin(2 * X[:, 0])).score(X, np.sin(2 * X[:, 0])) > 0.99)
    True
    """

    _score_function = staticmethod(r2_score)

    def __init__(
        self, loss: str = "squared_error", hidden_layer_sizes: int | Sequence[int] = (100,), activation: str = "relu",
        *, solver: str = "adam", alpha: float = 1e-4, batch_size: int | Literal["auto"] = "auto",
        learning_rate: str = "constant", learning_rate_init: float = 1e-3, power_t: float = 0.5, max_iter: int = 200,
        shuffle: bool = True, random_state: RandomState = None, tol: float = 1e-4, verbose: bool = False,
        warm_start: bool = False, momentum: float = 0.9, nesterovs_momentum: bool = True,
        early_stopping: bool = False, validation_fraction: float = 0.1, beta_1: float = 0.9, beta_2: float = 0.999,
        epsilon: float = 1e-8, n_iter_no_change: float = 10, max_fun: int = 15000,
    ) -> None:  # fmt: skip
        super().__init__(locals())

    @available_if(is_stochastic)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Go on training for one epoch of these samples."""
        return self._fit(X, y, sample_weight, incremental=True)

    def _targets(self, y: Array, incremental: bool) -> Array:
        if y.dtype.kind in "US":
            raise ValueError(
                f"MLPRegressor predicts numbers, and y holds texts ({y.flat[0]!s:.30}); MLPClassifier takes them"
            )
        targets = np.asarray(y, float)
        if self.loss == "poisson" and (targets < 0).any():
            raise ValueError(
                "Some value(s) of y are out of the valid range of the loss 'poisson'. It takes counts, y >= 0; "
                "loss='squared_error' takes any number."
            )
        return targets

    def _out_activation(self) -> str:
        return "exp" if self.loss == "poisson" else "identity"

    def _decide(self, outputs: Array) -> Array:
        return outputs.ravel() if self.n_outputs_ == 1 else outputs
