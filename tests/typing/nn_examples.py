"""What type checkers say of code that trains nets. Nothing here runs: a test gives it to mypy and to pyright."""

from collections.abc import Iterator
from typing import Any, assert_type

import numpy as np

import nn
import nn.functional as F
from autograd import Tensor, Value
from nn.run import Run

x, t = Value(2.0, "x"), Tensor([[1.0, 2.0]], "t")
X, y = nn.data.moons(200, rng=0)
a = np.ones((3, 2))


# ---- calling a module takes and gives what its own forward does ----


class Line(nn.Module):
    """A user's module."""

    def __init__(self) -> None:
        self.m, self.b = nn.Parameter(3.0), nn.Parameter(1.0)

    def forward(self, x: Tensor, *, twice: bool = False) -> Tensor:
        return self.m * x + self.b


assert_type(Line()(t), Tensor)
assert_type(Line()(t, twice=True), Tensor)
assert_type(nn.Linear(2, 1)(a), Tensor | Any)
assert_type(nn.Sequential(nn.Linear(2, 3), nn.ReLU())(t), Tensor | Any)
assert_type(nn.MLP([2, 3, 1], "tanh")(a), Tensor | Any)
assert_type(nn.Tanh()(t), Tensor)
assert_type(nn.Tanh()(x), Value)
assert_type(nn.Tanh()(0.5), float)
assert_type(nn.LeakyReLU(negative_slope=0.5)(t), Tensor)
assert_type(nn.Identity()("anything"), str)
assert_type(nn.MSELoss(reduction="sum")(t, a), Tensor | Any)
assert_type(nn.CrossEntropyLoss(label_smoothing=0.1)(t, [0]), Tensor | Any)


# ---- modules ----

model = nn.MLP([2, 3, 1], "tanh")
assert_type(model.state_dict(), dict[str, np.ndarray[Any, Any]])
assert_type(model.parameters(), Iterator[nn.Parameter | Value])
assert_type(model.modules(), Iterator[nn.Module])
assert_type(model.eval(), nn.MLP)
assert_type(nn.Linear(2, 1).weight, nn.Parameter)
assert_type(nn.Linear(2, 1).bias, nn.Parameter | None)
assert_type(nn.load("file", nn.Linear(2, 1)), nn.Linear)
assert_type(nn.predict(model, X), np.ndarray[Any, Any])
assert_type(nn.init.zeros_(nn.Linear(2, 1).weight), nn.Parameter)


# ---- functions ----

assert_type(F.silu(t), Tensor)
assert_type(F.silu(x), Value)
assert_type(F.softmax(t, dim=0), Tensor)
assert_type(F.softplus(a), np.ndarray[Any, Any])
assert_type(F.mse_loss(t, a), Tensor | Any)
assert_type(F.one_hot([0, 1]), np.ndarray[Any, Any])


# ---- training ----


def note(run: Run) -> None:
    """A callback that is a function."""
    assert_type(run.epoch, int)
    assert_type(run.model, nn.Module)
    assert_type(run.optimizer, nn.optim.Optimizer)


optimizer = nn.optim.Adam(model.parameters(), lr=0.05)
schedule = nn.optim.lr_scheduler.StepLR(optimizer, step_size=10)
history = nn.fit(model, X, y[:, None], loss="bce_with_logits", optimizer=optimizer, metrics=["accuracy"],
                 callbacks=[nn.EarlyStopping(), nn.Checkpoint("file"), schedule, note], rng=0)  # fmt: skip
assert_type(history, nn.History)
assert_type(history["loss"], list[float])
assert_type(history.weights, dict[str, list[np.ndarray[Any, Any]]])
assert_type(optimizer.lr, float)
nn.optim.SGD(model.named_parameters(), 0.1, momentum=0.9, maximize=True)
nn.optim.NAdam([{"params": [nn.Parameter(1.0)], "name": "head"}], decoupled_weight_decay=True)
assert_type(nn.optim.LBFGS(model.parameters(), line_search_fn="strong_wolfe").step(lambda: 1.0), float)
assert_type(nn.utils.clip_grad_norm_(model.parameters(), 1.0), float)
assert_type(nn.utils.parameters_to_vector(model.parameters()), Tensor)
assert_type(nn.init.orthogonal_(nn.Linear(2, 1).weight, generator=0), nn.Parameter)
loader = nn.data.DataLoader(nn.data.TensorDataset(X, y[:, None]), batch_size=8, shuffle=True, rng=0)
cycle = nn.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, epochs=10, steps_per_epoch=len(loader))
assert_type(nn.fit(model, loader, loss="mse", validation_data=loader, callbacks=[cycle]), nn.History)
assert_type(cycle.get_last_lr(), list[float])


def accuracy(y: np.ndarray[Any, Any], output: np.ndarray[Any, Any]) -> float:
    """A metric of a user's."""
    return float(np.mean(y == (output > 0)))


def loss(output: Tensor, y: np.ndarray[Any, Any]) -> Tensor:
    """A loss of a user's."""
    error = output - y
    return (error * error).mean()


nn.fit(model, X, y, loss=loss, optimizer="adam", metrics={"right": accuracy}, validation_data=(X, y))
