"""Compiled steps of models that draw, keep statistics, branch and change; and what is not compiled."""

import numpy as np
import pytest

import autograd
import nn
from autograd.compiler import CompileWarning
from tests.nn.test_compiled import CLASSES, Twins, X, Y, made, mlp


def sgd(model):
    return nn.optim.SGD(model.parameters(), lr=0.05, momentum=0.5)


def normed(dtype=np.float64):
    return nn.Sequential(
        nn.Linear(3, 6, rng=0, dtype=dtype), nn.BatchNorm1d(6, dtype=dtype), nn.ReLU(), nn.Dropout(0.4, rng=3),
        nn.Linear(6, 4, rng=1, dtype=dtype), nn.LayerNorm(4, dtype=dtype), nn.Dropout(0.2, rng=4),
        nn.Linear(4, 2, rng=2, dtype=dtype),
    )  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_dropout_and_normalisation(dtype):
    twins = Twins(normed(dtype), sgd)
    twins.run(steps=3)
    twins.change(lambda m, o: m.eval())
    twins.run(steps=3)  # the statistics are constants, and no number is drawn
    twins.change(lambda m, o: m.train())
    twins.run(steps=2)
    twins.change(lambda m, o: m[1].eval())  # frozen statistics in a net that is trained
    twins.run(steps=2)
    twins.change(lambda m, o: m[1].running_mean.__iadd__(0.25))
    twins.run(steps=2)
    twins.change(lambda m, o: setattr(m[1], "running_var", m[1].running_var * 2))
    twins.run(steps=2)
    assert twins.is_compiled
    a, b = (m[3].rng.bit_generator.state for m in twins.models)
    assert a == b  # stream for stream


def test_attributes_of_modules_are_noticed():
    twins = Twins(normed(), sgd).run()

    def change(model, optimizer):
        model[3].p = 0.1
        model[1].momentum, model[5].eps = 0.3, 0.01

    twins.change(change)
    twins.run()
    twins.change(lambda m, o: setattr(m[3], "rng", np.random.default_rng(9)))
    twins.run()
    assert twins.is_compiled


class Scaled(nn.Module):
    """Reads attributes of many kinds."""

    gain = 1.0

    def __init__(self):
        self.layers = [nn.Linear(3, 4, rng=0), nn.Linear(4, 2, rng=1)]
        self.table = {"scale": 0.5, "shifts": (0.1, [0.2])}
        self.mask = np.array([1.0, 0.0, 1.0, 1.0])
        self.power = 2

    def forward(self, x):
        hidden = self.layers[0](x) * self.table["scale"] * self.mask + self.table["shifts"][1][0]
        return self.layers[1](hidden**self.power * self.gain)


@pytest.mark.parametrize(
    "change",
    [
        lambda m, o: m.table.update(scale=0.7),
        lambda m, o: m.table["shifts"][1].__setitem__(0, 0.9),
        lambda m, o: m.mask.__setitem__(1, 0.3),
        lambda m, o: setattr(m, "power", 3),
        lambda m, o: setattr(m, "power", 2.0),
        lambda m, o: m.layers.__setitem__(1, nn.Linear(4, 2, rng=7)),
        lambda m, o: setattr(m, "gain", 3.0),
        lambda m, o: setattr(Scaled, "gain", Scaled.gain + 1),
    ],
)
def test_plain_attributes_are_noticed(change, monkeypatch):
    monkeypatch.setattr(Scaled, "gain", 1.0)
    twins = Twins(Scaled(), sgd).run()
    twins.change(change)
    twins.run()
    assert twins.is_compiled


@pytest.mark.parametrize(
    ("loss", "y", "change"),
    [
        ("cross_entropy", CLASSES, None),
        (nn.CrossEntropyLoss(weight=[0.3, 0.7], label_smoothing=0.1), CLASSES, ("label_smoothing", 0.3)),
        (nn.CrossEntropyLoss(weight=[0.3, 0.7]), CLASSES, ("weight", [0.6, 0.1])),
        ("cross_entropy", np.eye(2)[CLASSES], None),
        (nn.MSELoss(reduction="sum"), Y, ("reduction", "mean")),
        (nn.HuberLoss(), Y, ("delta", 0.1)),
        ("mse", (Y > 0).astype(int), None),
        ("bce_with_logits", (Y > 0).astype(float), None),
        ("bce_with_logits", Y > 0, None),
        ("hinge", np.sign(Y).astype(int), None),
        ("l1", Y, None),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_losses(loss, y, change, dtype):
    twins = Twins(mlp(dtype), sgd, loss).run(X.astype(dtype), y)
    if change is not None:
        for function in twins.losses:
            setattr(function, *change)
        twins.run(X.astype(dtype), y)
    assert twins.is_compiled


def test_a_loss_on_log_probabilities_or_probabilities():
    net = nn.Sequential(nn.Linear(3, 2, rng=0), nn.LogSoftmax(1))
    assert Twins(net, sgd, "nll").run(y=CLASSES).is_compiled
    net = nn.Sequential(nn.Linear(3, 2, rng=0), nn.Sigmoid())
    assert Twins(net, sgd, "bce").run(y=(Y > 0).astype(float)).is_compiled


@pytest.mark.parametrize(
    ("loss", "y"), [("cross_entropy", np.where(CLASSES == 1, 2, CLASSES)), ("hinge", Y), ("bce_with_logits", Y * 9)]
)
def test_targets_are_checked_at_each_step(loss, y):
    right = {"cross_entropy": CLASSES, "hinge": np.sign(Y), "bce_with_logits": (Y > 0) * 1.0}[loss]
    twins = Twins(mlp(), sgd, loss).run(y=right)
    before = twins.models[1].state_dict()
    for step in twins.written, twins.step:
        with pytest.raises(ValueError, match=r"must be|class indices"):
            step.backward(X, y.astype(right.dtype))
    twins.compare(0.0, 0.0)
    assert all((before[key] == x).all() for key, x in twins.models[1].state_dict().items())
    assert twins.run(y=right).is_compiled


def test_minibatches_of_other_lengths_and_dtypes():
    twins = Twins(mlp(), lambda m: made("adam", m)).run()
    twins.run(X[:7], Y[:7]).run().run(X[:7], Y[:7])
    twins.run(np.round(X * 3).astype(int), Y)
    twins.run(X > 0, Y > 0)
    twins.run(X.tolist(), Y.tolist())
    twins.run(np.asfortranarray(X), Y[::-1])
    assert twins.is_compiled
    twins.run(autograd.Tensor(X, requires_grad=False), Y)  # nodes: as it is written, in silence
    assert twins.step.compiled is True
    assert not twins.is_compiled


def test_floats_are_taken_in_the_dtype_of_the_parameters():
    model = mlp(np.float32)
    step = nn.compile_step(model, "mse", sgd(model))
    step(X, Y)
    assert all(p.grad.dtype == np.float32 for p in model.parameters())


class Tied(nn.Module):
    """Two outputs of one body, whose matrix is used twice."""

    def __init__(self):
        self.body, self.head = nn.Linear(3, 3, rng=0), nn.Linear(3, 1, rng=1)
        self.again = self.body
        self.offset = nn.Parameter([0.1])
        self.second = nn.Parameter([0.2])
        self.unused = nn.Parameter([1.0])

    def forward(self, x):
        h = autograd.tanh(self.again(autograd.tanh(self.body(x))))
        return self.head(h) + self.offset + self.second, h


def of_both(outputs, y):
    a, h = outputs
    return ((a - y[:, :1]) ** 2).mean() + (h * h).mean()


@pytest.mark.parametrize("name", ["momentum", "adamw"])
def test_tied_weights_several_outputs_and_equal_gradients(name):
    twins = Twins(Tied(), lambda m: made(name, m), of_both).run(steps=4)
    assert twins.is_compiled
    assert not twins.models[1].unused.has_grad


def test_gradients_that_are_no_results():
    class Plain(nn.Module):
        def __init__(self):
            self.w, self.v, self.c = nn.Parameter(np.ones((24, 3))), nn.Parameter(2.0), nn.Parameter(1.0)

        def forward(self, x):
            return (self.w * x).sum() * 1.0 + self.v + self.c

    assert Twins(Plain(), sgd, lambda output, y: output).run(steps=3).is_compiled


def test_parameters_outside_of_the_optimiser_add_up():
    free = [nn.Parameter([0.3]), nn.Parameter([0.3])]
    model, twin = mlp(), mlp()
    steps = []
    for m, p in ((model, free[0]), (twin, free[1])):
        loss = lambda output, y, p=p: ((output - y) ** 2).mean() * (p * p).sum()
        kind = nn.step.Step if m is model else nn.compiled.CompiledStep
        steps.append(kind(m, loss, nn.optim.SGD([*m.parameters()][:2], lr=0.1)))
    for k in range(4):
        for step in steps:
            step.backward(X, Y)
            step.update()
        if k == 2:
            for p in free:
                p.data = [0.7]
        for p, q in zip([*model.parameters(), free[0]], [*twin.parameters(), free[1]], strict=True):
            np.testing.assert_allclose(q.grad, p.grad, rtol=1e-12)
            np.testing.assert_allclose(q.data, p.data, rtol=1e-12)
    free[1].requires_grad = False
    before = free[1].grad.copy()
    steps[1].backward(X, Y)
    assert (free[1].grad == before).all()


class Branching(nn.Module):
    """Takes one of two ways by its data."""

    def __init__(self):
        self.a, self.b = nn.Linear(3, 2, rng=0), nn.Linear(3, 2, rng=1)

    def forward(self, x):
        return self.a(x) if x.sum() > 0 else self.b(x)


def test_branches():
    twins = Twins(Branching(), sgd)
    for sign in (1, -1, 1, 1, -1):
        twins.run(np.abs(X) * sign, Y, steps=1)
    assert twins.is_compiled


def test_nan_in_a_gradient_is_what_a_backward_pass_gives():
    class Root(nn.Module):
        def __init__(self):
            self.w = nn.Parameter([1.0, 2.0, 3.0])

        def forward(self, x):
            z = x * self.w
            return autograd.where(z > 0, autograd.sqrt(z), 0.0)

    twins = Twins(Root(), sgd, lambda output, y: -output.sum()).run(np.abs(X), Y)
    zeros = np.abs(X) * (X > 0)
    twins.run(zeros, Y).run(np.abs(X), Y).run(zeros, Y)
    assert twins.is_compiled
    assert np.isfinite(twins.models[1].w.grad).all()


def test_what_is_held_of_a_gradient_stays():
    model = mlp()
    step = nn.compile_step(model, "mse", sgd(model))
    held = []
    for k in range(6):
        step(X, Y)
        if k % 2:
            held.append((model[0].weight.grad, model[0].weight.grad.copy()))
            held.append((model[4].bias.grad[:1], model[4].bias.grad[:1].copy()))
    assert all((g == copy).all() for g, copy in held)
    twins = Twins(mlp(), sgd).run()
    views = [next(m.parameters()).grad for m in twins.models]
    twins.run(steps=3)
    twins.run(between=lambda m, o: nn.utils.clip_grad_norm_(m.parameters(), 0.01))
    np.testing.assert_allclose(*views)


def test_an_older_graph_refuses_data_that_a_step_has_changed():
    model = mlp()
    step = nn.compile_step(model, "mse", sgd(model))
    for _ in range(3):
        y = (model(X) ** 2).sum()
        step(X, Y)
        with pytest.raises(ValueError, match="were changed"):
            y.backward()


def test_two_steps_of_one_model_in_turns():
    twins = Twins(mlp(), lambda m: made("adam", m))
    other = nn.compiled.CompiledStep(twins.step.model, nn.losses.loss_function("l1"), twins.step.optimizer)
    written = nn.step.Step(twins.written.model, nn.losses.loss_function("l1"), twins.written.optimizer)
    for _ in range(4):
        twins.run(steps=1)
        numbers = [step.backward(X, Y) for step in (written, other)]
        for step in written, other:
            step.update()
        twins.compare(*numbers)
    assert twins.is_compiled
    assert other.compiled is True


def test_a_schedule_and_options_of_groups():
    def make(model):
        first, *rest = model.parameters()
        return nn.optim.AdamW(
            [{"params": [first], "lr": 0.03, "weight_decay": 0.0}, {"params": rest, "betas": (0.8, 0.9)}]
        )

    twins = Twins(mlp(), make)
    for k in range(12):
        twins.change(lambda m, o, k=k: setattr(o, "lr", 0.1 / (k + 1)))
        twins.run(steps=1)
    twins.change(lambda m, o: o.param_groups[1].update(weight_decay=0.0))
    assert twins.run().is_compiled


class NormSGD(nn.optim.Optimizer):
    """A rule that is none of elements: the step has the length of the rate."""

    def __init__(self, params, lr=0.1):
        super().__init__(params, lr=lr, weight_decay=0.0)

    def _update(self, g, group, state):
        return group["lr"] * g / max(1.0, float(np.linalg.norm(g)) * 10)


class Mean(NormSGD):
    def _update(self, g, group, state):
        return group["lr"] * (g - np.mean(g))


class ByShape(NormSGD):
    def _update(self, g, group, state):
        return group["lr"] * (g if g.ndim == 2 else 0.1 * g)


class Writes(NormSGD):
    def _update(self, g, group, state):
        m = state.setdefault("m", np.zeros_like(g))
        m *= 0.9
        m += g
        return group["lr"] * m


class Counts(NormSGD):
    def __init__(self, params):
        super().__init__(params)
        self.calls = 0

    def _update(self, g, group, state):
        self.calls += 1
        return group["lr"] / self.calls * g


class OwnStep(nn.optim.SGD):
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = p.grad * 0.5
        super().step()


class Annealed(NormSGD):
    factor = 1.0

    def _update(self, g, group, state):
        return group["lr"] * self.factor * g


@pytest.mark.parametrize("kind", [NormSGD, Mean, ByShape, Writes, Counts, OwnStep, Annealed])
def test_rules_that_are_no_program_are_run_as_they_are_written(kind):
    twins = Twins(mlp(), lambda m: kind(m.parameters())).run(steps=4)
    twins.change(lambda m, o: setattr(o, "factor", 0.5))
    twins.run(steps=2)
    assert twins.is_compiled


def test_a_penalty_on_gradients_is_compiled():
    def smooth(output, y):
        return (output * output).mean()

    class Slope(nn.Module):
        def __init__(self):
            self.inner = nn.MLP([3, 4, 1], "tanh", rng=0)

        def forward(self, x):
            x = autograd.Tensor(np.ones(3)) * x
            x.requires_grad = True
            y = self.inner(x)
            return autograd.gradients(y.sum(), x, create_graph=True)

    assert Twins(Slope(), sgd, smooth).run().is_compiled


# What is not compiled.


def refused(model, loss="mse", y=Y, match=""):
    twins = Twins(model, sgd, loss)
    with pytest.warns(CompileWarning, match=match) as caught:
        twins.run(y=y, steps=3)
    assert len(caught) == 1
    assert isinstance(twins.step.compiled, str)
    return twins


def test_hooks():
    model = mlp()

    def spy(module, args, output):
        return output * 2

    model[1].register_forward_hook(spy)
    assert "spy" in refused(model, match="spy").step.compiled


def test_a_hook_that_comes_later():
    twins = Twins(mlp(), sgd).run()
    twins.change(lambda m, o: m[0].register_forward_hook(lambda module, args, output: output * 2))
    with pytest.warns(CompileWarning, match="hook"):
        twins.run()


def test_a_model_with_a_hook_runs_as_it_is_in_a_compiled_function_too():
    model, shapes = mlp(), []

    def spy(module, args, output):
        shapes.append(output.shape)

    compiled = autograd.compile(model)
    handle = model[1].register_forward_hook(spy)
    x = np.ones((2, 3))
    with pytest.warns(CompileWarning, match="has the hook .*spy") as caught:
        results = [compiled(x) for _ in range(3)]
    assert len(caught) == 1
    assert all((result == model(x).data).all() for result in results)
    assert len(shapes) >= 3
    handle.remove()


class Counting(nn.Module):
    def __init__(self):
        self.inner, self.calls, self.seen = nn.Linear(3, 2, rng=0), 0, []

    def forward(self, x):
        self.calls += 1
        self.seen.append(self.calls)
        return self.inner(x) * self.calls


def test_a_forward_pass_that_changes_the_model():
    twins = refused(Counting(), match="calls")
    assert twins.models[0].calls == twins.models[1].calls == 3
    assert twins.models[1].seen == [1, 2, 3]


def test_more_signatures_than_are_compiled():
    twins = Twins(mlp(), sgd)

    def all_lengths():
        for n in range(2, 14):
            twins.run(X[:n], Y[:n], steps=1)

    with pytest.warns(CompileWarning, match="variants"):
        all_lengths()


def test_a_value_that_is_taken_out_is_an_error():
    class Peeks(nn.Module):
        def __init__(self):
            self.inner = nn.Linear(3, 2, rng=0)

        def forward(self, x):
            y = self.inner(x)
            return y / y.data.max()

    model = Peeks()
    step = nn.compile_step(model, "mse", sgd(model))
    before = model.state_dict()
    with pytest.raises(TypeError, match=r"test_compiled_models\.py"):
        step(X, Y)
    assert all((before[key] == x).all() for key, x in model.state_dict().items())


def test_errors_of_the_model_are_those_without_compiling():
    model = mlp()
    step = nn.compile_step(model, "mse", sgd(model))
    with pytest.raises(ValueError, match="takes 3 features"):
        step(X[:, :2], Y)
    with pytest.raises(ValueError, match="the prediction has shape"):
        step(X, Y[:, 0])
    assert step(X, Y) > 0
    assert step.compiled is True


def test_nets_of_values_run_as_they_are_written():
    model = nn.MLP([3, 2, 2], "tanh", scalar=True, rng=0)
    step = nn.compile_step(model, "mse", nn.optim.SGD(model.parameters(), lr=0.1))
    other = nn.MLP([3, 2, 2], "tanh", rng=0)
    same = nn.compile_step(other, "mse", nn.optim.SGD(other.parameters(), lr=0.1))
    assert step(X, Y) == pytest.approx(same(X, Y), rel=1e-12)


def test_inside_blocks_steps_are_not_compiled():
    model = mlp()
    step = nn.compile_step(model, "mse", sgd(model))
    with autograd.detect_anomaly():
        step(X, Y)
    assert step._last is None
    with autograd.no_grad(), pytest.raises(ValueError, match="requires no gradient"):
        step.backward(X, Y)
    step(X, Y)
    assert step.compiled is True


def test_arguments():
    model = mlp()
    with pytest.raises(TypeError, match="compile_step: pass a module"):
        nn.compile_step(lambda x: x, "mse", sgd(model))
    with pytest.raises(TypeError, match="compile_step: pass an optimiser"):
        nn.compile_step(model, "mse", nn.optim.SGD)
    with pytest.raises(ValueError, match="no loss"):
        nn.compile_step(model, "msee", sgd(model))
    assert nn.compile_step(model, "mse", "adam")(X, Y) > 0
