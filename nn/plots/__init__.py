"""Pictures of training and of trained nets, with matplotlib; each function draws into `ax` or a new figure.

Each returns the matplotlib axes.
"""

from nn.plots.axes import COLOURS as COLOURS  # for plots of one's own
from nn.plots.models import confusion_matrix, decision_boundary, loss_surface, weights
from nn.plots.training import curves, gradient_curves, weight_curves

__all__ = [
    "confusion_matrix", "curves", "decision_boundary", "gradient_curves", "loss_surface", "weight_curves", "weights",
]  # fmt: skip
