"""Activations and losses as functions, under PyTorch's names: ``import nn.functional as F``.

Activations take a node, an array, a number, or an object array of Values, of any shape, and give the same kind. Losses
take a prediction and a target, and give a node.
"""

from autograd import heaviside, sigmoid, tanh
from nn.functional.activations import (
    celu,
    elu,
    gelu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    logsigmoid,
    mish,
    prelu,
    relu,
    relu6,
    selu,
    silu,
    softplus,
    softshrink,
    softsign,
    tanhshrink,
    threshold,
)
from nn.functional.attention import scaled_dot_product_attention
from nn.functional.class_indices import one_hot
from nn.functional.class_losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    nll_loss,
)
from nn.functional.distances import (
    cosine_embedding_loss,
    cosine_similarity,
    margin_ranking_loss,
    pairwise_distance,
    triplet_margin_loss,
)
from nn.functional.dropout import dropout
from nn.functional.embedding import embedding
from nn.functional.linear import linear
from nn.functional.losses import (
    gaussian_nll_loss,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    poisson_nll_loss,
    smooth_l1_loss,
    soft_margin_loss,
)
from nn.functional.normalization import batch_norm, layer_norm, normalize, rms_norm
from nn.functional.padding import pad
from nn.functional.softmaxes import glu, log_softmax, softmax, softmin
from nn.functional.windows import avg_pool1d, avg_pool2d, conv1d, conv2d, max_pool1d, max_pool2d

__all__ = [
    "avg_pool1d", "avg_pool2d", "batch_norm", "binary_cross_entropy", "binary_cross_entropy_with_logits", "celu",
    "conv1d", "conv2d", "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "dropout", "elu", "embedding",
    "gaussian_nll_loss", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "heaviside", "hinge_loss",
    "huber_loss", "kl_div", "l1_loss", "layer_norm", "leaky_relu", "linear", "log_softmax", "logsigmoid",
    "margin_ranking_loss", "max_pool1d", "max_pool2d", "mish", "mse_loss", "nll_loss", "normalize", "one_hot", "pad",
    "pairwise_distance", "poisson_nll_loss", "prelu", "relu", "relu6", "rms_norm", "scaled_dot_product_attention",
    "selu", "sigmoid", "silu", "smooth_l1_loss", "soft_margin_loss", "softmax", "softmin", "softplus", "softshrink",
    "softsign", "tanh", "tanhshrink", "threshold", "triplet_margin_loss",
]  # fmt: skip
