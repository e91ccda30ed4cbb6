"""``MLPClassifier`` and ``MLPRegressor``: multilayer perceptrons as scikit-learn's estimators.

Arguments, defaults, random starts, orders of samples, steps and stopping rules are scikit-learn's: from one
`random_state` both come to the same weights, up to rounding.
"""

try:
    import sklearn  # noqa: F401
except ImportError as error:
    raise ImportError("the estimators need scikit-learn 1.6 or later: pip install 'graphgrad[data]'") from error

from autograd.surface import publish
from nn.estimators.classifier import MLPClassifier
from nn.estimators.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]

publish(globals())
