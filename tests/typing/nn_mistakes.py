"""Mistakes in code that trains nets, each of which type checkers find in its line."""

import nn
import nn.functional as F
from autograd import Tensor

model = nn.Linear(2, 1)
t = Tensor([[1.0, 2.0]])
model.weigth  # error
model(t).misspelled()  # error
model()  # error
model(t, t)  # error
nn.Linear(2)  # error
nn.LeakyReLU(slope=0.1)  # error
nn.Dropout(p="half")  # error
nn.Tanh()(None)  # error
nn.Sequential(nn.Linear(2, 1), F.relu)  # error
F.mse_loss(t)  # error
nn.optim.Adam(model.parameters(), rate=0.1)  # error
nn.fit(model, [[1.0, 2.0]], [0.0], loss="mse", epoch=3)  # error
nn.fit(model, [[1.0, 2.0]], [0.0], loss=3)  # error
nn.fit(model, [[1.0, 2.0]], [0.0], loss="mse", callbacks=[3])  # error
nn.load("file", nn.Linear(2, 1)).weigth  # error
