"""A net with one of each container."""

from collections import OrderedDict

import numpy as np

import nn


def net_of_containers():
    return nn.Sequential(
        OrderedDict(
            first=nn.Linear(3, 2, rng=0),
            norm=nn.BatchNorm1d(2),
            heads=nn.ModuleDict({"a": nn.Tanh(), "b": nn.Linear(2, 1, rng=1)}),
            weights=nn.ParameterList([np.ones((2, 2)), nn.Parameter(np.zeros(3, np.float32))]),
            named=nn.ParameterDict({"gain": np.arange(2.0)}),
        )
    )
