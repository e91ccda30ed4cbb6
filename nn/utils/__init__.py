"""Gradient clipping, parameters as a vector, and parametrizations, under PyTorch's names."""

from nn.utils import parametrizations, parametrize
from nn.utils.clipping import clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm
from nn.utils.listing import list_parameters
from nn.utils.vectors import parameters_to_vector, vector_to_parameters

__all__ = [
    "clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm", "list_parameters",
    "parameters_to_vector", "parametrizations", "parametrize", "vector_to_parameters",
]  # fmt: skip
