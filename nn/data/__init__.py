"""Data to learn from: small sets to play with, MNIST, minibatches, and scaling that can be undone.

A set is ``X, y``; irises and digits need scikit-learn, all else is NumPy. No function changes its arguments.
Randomness comes from `rng`, a generator or a seed for one. Datasets and `DataLoader` have PyTorch's names.
"""

from nn.data.datasets import ConcatDataset, Dataset, Subset, TensorDataset, random_split
from nn.data.loading import DataLoader, default_collate
from nn.data.scaling import Scaler, min_max, standardize
from nn.data.sets import circles, demand, digits, iris, moons, spiral
from nn.data.splitting import batches, train_test_split
from nn.data.stored import Stored, stored
from nn.functional import one_hot
from nn.mnist import mnist

__all__ = [
    "ConcatDataset", "DataLoader", "Dataset", "Scaler", "Stored", "Subset", "TensorDataset", "batches", "circles",
    "default_collate", "demand", "digits", "iris", "min_max", "mnist", "moons", "one_hot", "random_split", "spiral",
    "standardize", "stored", "train_test_split",
]  # fmt: skip
