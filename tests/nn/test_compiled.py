"""Compiled steps: what they give is what the steps as they are written give, whatever changes between two of them."""

from copy import deepcopy

import numpy as np
import pytest

import nn

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((24, 3)), RNG.standard_normal((24, 2))
CLASSES = RNG.integers(0, 2, 24)

OPTIMIZERS = {
    "sgd": (nn.optim.SGD, {"lr": 0.1}),
    "momentum": (nn.optim.SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.1}),
    "nesterov": (nn.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "decay": (nn.optim.SGD, {"lr": 0.1, "weight_decay": 0.01}),
    "adam": (nn.optim.Adam, {"lr": 0.01}),
    "amsgrad": (nn.optim.Adam, {"lr": 0.01, "amsgrad": True, "weight_decay": 0.01}),
    "adamw": (nn.optim.AdamW, {"lr": 0.01}),
    "rmsprop": (nn.optim.RMSprop, {"lr": 0.01}),
    "centered": (nn.optim.RMSprop, {"lr": 0.01, "centered": True, "momentum": 0.5}),
    "adagrad": (nn.optim.Adagrad, {"lr": 0.05, "lr_decay": 0.1}),
    "adadelta": (nn.optim.Adadelta, {"weight_decay": 0.01, "maximize": True}),
    "adamax": (nn.optim.Adamax, {"lr": 0.01}),
    "nadam": (nn.optim.NAdam, {"lr": 0.01, "weight_decay": 0.01, "decoupled_weight_decay": True}),
    "radam": (nn.optim.RAdam, {"lr": 0.01, "betas": (0.8, 0.7)}),  # It takes its other way in the fourth step.
    "rprop": (nn.optim.Rprop, {"lr": 0.01}),
    "asgd": (nn.optim.ASGD, {"lr": 0.1, "t0": 3}),
}


class Lion(nn.optim.Optimizer):
    """A user's own rule, with a warm-up that branches on the number of steps."""

    def __init__(self, params, lr=0.01, beta=0.9):
        super().__init__(params, lr=lr, beta=beta, weight_decay=0.0)
        self.warm_up = 2

    def _update(self, g, group, state):
        t = state["step"] = state.get("step", 0) + 1
        m = state["m"] = group["beta"] * state.get("m", 0.0) + (1 - group["beta"]) * g
        share = t / self.warm_up if t < self.warm_up else 1.0
        return group["lr"] * share * np.sign(m) * np.minimum(1.0, np.abs(m) * 100)


OPTIMIZERS["own"] = (Lion, {})
each_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)
# Of some rules it is enough that their steps are right: their memory is of the kinds that others have.
unlike_optimizers = pytest.mark.parametrize("name", [n for n in OPTIMIZERS if n not in ("adadelta", "adamax", "rprop")])


def mlp(dtype=np.float64, **options):
    return nn.MLP([3, 8, 5, 2], "tanh", rng=0, dtype=dtype, **options)


def made(name, model):
    kind, options = OPTIMIZERS[name]
    return kind(model.parameters(), **options)


class Twins:
    """A model that is trained as it is written, and its twin with compiled steps."""

    def __init__(self, model, make, loss="mse"):
        self.models = model, deepcopy(model)
        self.optimizers = tuple(map(make, self.models))
        losses = (loss, deepcopy(loss)) if isinstance(loss, nn.Module) else (loss, loss)
        functions = [nn.losses.loss_function(f) for f in losses]
        pairs = list(zip(self.models, functions, self.optimizers, strict=True))
        self.written, self.step = nn.step.Step(*pairs[0]), nn.compiled.CompiledStep(*pairs[1])
        self.losses = functions

    def change(self, f):
        for model, optimizer in zip(self.models, self.optimizers, strict=True):
            f(model, optimizer)

    def run(self, X=X, y=Y, steps=2, between=None):
        for _ in range(steps):
            numbers = []
            for step in (self.written, self.step):
                numbers.append(step.backward(X, y))
                if between is not None:
                    between(step.model, step.optimizer)
                step.update()
            self.compare(*numbers)
        return self

    def compare(self, *losses):
        a, b = self.models
        tolerance = 1e-12 if next(a.parameters()).dtype == np.float64 else 2e-5

        def close(x, y):
            np.testing.assert_allclose(y, x, rtol=tolerance, atol=tolerance)

        close(*losses)
        for p, q in zip(a.parameters(), b.parameters(), strict=True):
            close(p.data, q.data)
            assert p.has_grad == q.has_grad
            if p.has_grad:
                close(p.grad, q.grad)
        for x, y in zip(a.buffers(), b.buffers(), strict=True):
            close(x, y)
        state, other = (optimizer.state_dict()["state"] for optimizer in self.optimizers)
        assert state.keys() == other.keys()
        for i in state:
            assert list(state[i]) == list(other[i])
            for key, x in state[i].items():
                close(x, other[i][key])
                assert np.asarray(x).dtype == np.asarray(other[i][key]).dtype

    @property
    def is_compiled(self):
        return self.step.compiled is True and self.step._last is not None


@each_optimizer
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_steps_are_those_that_are_written(name, dtype):
    twins = Twins(mlp(dtype), lambda m: made(name, m)).run(steps=6)
    assert twins.is_compiled
    assert "def update" in twins.step.source


def load_model(model, optimizer):
    model.load_state_dict({key: x + 0.1 for key, x in model.state_dict().items()})


def set_data(model, optimizer):
    next(model.parameters()).data = np.full((8, 3), 0.3)


def write_data(model, optimizer):
    next(model.parameters()).data[0] = 0.2


def freeze(model, optimizer):
    model[0].requires_grad_(False)


def free(model, optimizer):
    model.requires_grad_()


def load_optimizer(model, optimizer):
    state = optimizer.state_dict()
    for own in state["state"].values():
        for key, x in own.items():
            own[key] = x + 3 if key == "step" else x * 0.5
    optimizer.load_state_dict(state)


def replace_memory(model, optimizer):
    for own in optimizer.state.values():
        own |= {key: x * 0.5 for key, x in own.items() if key != "step"}


def age_one(model, optimizer):
    own = next(iter(optimizer.state.values()))
    if "step" in own:
        own["step"] += 5


def change_options(model, optimizer):
    (group,) = optimizer.param_groups
    for key, x in group.items():
        if key == "betas":
            group[key] = (0.8, 0.99)
        elif isinstance(x, float) and x:
            group[key] = x * 0.9


def switch_decay_on(model, optimizer):
    optimizer.param_groups[0]["weight_decay"] = 0.1


def forget_memory(model, optimizer):
    optimizer.state.clear()


def replace_layer(model, optimizer):
    model[2].weight.data *= 0.5
    model[1] = nn.Sigmoid()


def replace_parameter(model, optimizer):
    model[4].bias = nn.Parameter(model[4].bias.data)  # the optimiser still has the old one


def add_group(model, optimizer):
    model.extra = nn.Linear(2, 2, rng=1)
    optimizer.add_param_group({"params": model.extra.parameters(), "lr": 0.03})


def to_eval(model, optimizer):
    model.eval()


CHANGES = [
    load_model, set_data, write_data, load_optimizer, replace_memory, age_one, change_options, switch_decay_on,
    forget_memory, replace_layer, replace_parameter, add_group, to_eval,
]  # fmt: skip


@unlike_optimizers
@pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__)
def test_a_change_between_two_steps_is_noticed(name, change):
    twins = Twins(mlp(), lambda m: made(name, m)).run()
    twins.change(change)
    assert twins.run().is_compiled


@unlike_optimizers
def test_parameters_that_are_frozen_and_freed(name):
    twins = Twins(mlp(), lambda m: made(name, m)).run()
    for change in (freeze, free, freeze, free):
        twins.change(change)
        assert twins.run(steps=1).is_compiled
    assert twins.run().is_compiled


@unlike_optimizers
def test_callbacks_change_gradients_between_the_two_programs(name):
    twins = Twins(mlp(), lambda m: made(name, m)).run()
    twins.run(between=lambda m, o: nn.utils.clip_grad_norm_(m.parameters(), 0.01))
    twins.run(between=lambda m, o: nn.utils.clip_grad_value_(m.parameters(), 0.02))

    def write(model, optimizer):
        model[0].bias.grad[...] *= 2
        model[2].bias.grad *= 0.5

    def clear(model, optimizer):
        model[0].bias.grad = None

    twins.run(between=write).run(between=clear).run()
    assert twins.is_compiled
