"""Schedules against PyTorch's, epoch by epoch, alone and in chains; saved, resumed, and in trainings."""

import json
import re

import numpy as np
import pytest

import nn
from nn import optim
from nn.optim import lr_scheduler

torch = pytest.importorskip("torch")
theirs = torch.optim.lr_scheduler
KEYS = ("lr", "momentum", "betas", "initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum")


class Power:
    """A function with an attribute."""

    def __init__(self, base):
        self.base = base

    def __call__(self, epoch):
        return self.base**epoch


def made(name, **options):
    return lambda schedules, optimizer: getattr(schedules, name)(optimizer, **options)


CYCLE = {"base_lr": 0.01, "max_lr": 0.3, "step_size_up": 5, "step_size_down": 3}
SINGLE = [
    ("StepLR", {"step_size": 3, "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [2, 5, 5, 9], "gamma": 0.3}),
    ("ConstantLR", {"factor": 0.5, "total_iters": 4}),
    ("LinearLR", {"start_factor": 0.2, "end_factor": 0.7, "total_iters": 9}),
    ("ExponentialLR", {"gamma": 0.9}),
    ("PolynomialLR", {"total_iters": 20, "power": 2.5}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2, "eta_min": 0.01}),
    ("CosineAnnealingWarmRestarts", {"T_0": 4}),
    ("LambdaLR", {"lr_lambda": [lambda epoch: epoch // 3, Power(0.9)]}),
    ("MultiplicativeLR", {"lr_lambda": lambda epoch: 0.95}),
    ("CyclicLR", CYCLE),
    ("CyclicLR", CYCLE | {"mode": "triangular2", "max_lr": [0.3, 0.4]}),
    ("CyclicLR", CYCLE | {"mode": "exp_range", "gamma": 0.97, "base_momentum": [0.5, 0.6]}),
    ("CyclicLR", CYCLE | {"scale_fn": Power(0.9), "scale_mode": "iterations", "cycle_momentum": False}),
    ("OneCycleLR", {"max_lr": [0.7, 0.9], "total_steps": 61}),
    ("OneCycleLR", {"max_lr": 0.7, "epochs": 7, "steps_per_epoch": 9, "anneal_strategy": "linear",
                    "three_phase": True, "pct_start": 0.4, "div_factor": 3.0}),
]  # fmt: skip
CHAINS = {
    "one after another": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.1, total_iters=5), s.ExponentialLR(o, 0.9), s.CosineAnnealingWarmRestarts(o, 4)], [5, 12]
    ),
    "begun at the second": lambda s, o: s.SequentialLR(o, [s.ConstantLR(o, 0.1), s.StepLR(o, 3, 0.5)], [0]),
    "all at once": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.1, total_iters=4), s.ExponentialLR(o, 0.9), s.MultiStepLR(o, [7])], optimizer=o
    ),
    "nested": lambda s, o: s.SequentialLR(
        o,
        [s.ChainedScheduler([s.ConstantLR(o, 0.1), s.ExponentialLR(o, 0.8)]), s.CosineAnnealingLR(o, 9, 0.01)],
        milestones=[7],
    ),
}
CASES = {f"{name} {i}": made(name, **options) for i, (name, options) in enumerate(SINGLE)} | CHAINS


def pair(name="SGD"):
    """An optimiser with two groups, and PyTorch's."""

    def groups(parameter):
        return [{"params": [parameter([1.0])], "lr": 0.2}, {"params": [parameter([2.0])], "lr": 0.5}]

    options = {"momentum": 0.9} if name == "SGD" else {}
    leaf = lambda x: torch.tensor(x, requires_grad=True)
    return getattr(optim, name)(groups(nn.Parameter), **options), getattr(torch.optim, name)(groups(leaf), **options)


def check(ours, other):
    for a, b in zip(ours.param_groups, other.param_groups, strict=True):
        for key in KEYS:
            assert (key in a) == (key in b)
            np.testing.assert_allclose(a.get(key, 0), b.get(key, 0), rtol=1e-12, atol=1e-15)


def step(optimizer):
    for group in optimizer.param_groups:
        for p in group["params"]:
            p.grad = p.detach() * 0 if isinstance(p, torch.Tensor) else p.data * 0
    optimizer.step()


@pytest.mark.parametrize(
    ("case", "name"), [(case, "SGD") for case in CASES] + [(case, "Adam") for case in CASES if "Cyc" in case]
)
@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")  # PyTorch's, of the nested one's making
def test_60_epochs_with_a_stop_between(case, name):
    a, b = pair(name)
    ours, other = CASES[case](lr_scheduler, a), CASES[case](theirs, b)
    check(a, b)
    step(a), step(b)
    for epoch in range(60):
        ours.step(), other.step()
        check(a, b)
        np.testing.assert_allclose(ours.get_last_lr(), other.get_last_lr(), rtol=1e-12)
        if epoch == 33:
            assert ours.state_dict().keys() == other.state_dict().keys()
            state = json.loads(json.dumps(ours.state_dict()))
            a, memory = pair(name)[0], a.state_dict()
            ours = CASES[case](lr_scheduler, a)
            ours.load_state_dict(other.state_dict())
            ours.load_state_dict(state)
            a.load_state_dict(memory)


@pytest.mark.parametrize("case", [case for case in CASES if case not in CHAINS])
@pytest.mark.filterwarnings("ignore:The epoch parameter")
def test_the_rate_of_an_epoch(case):
    a, b = pair()
    ours, other = CASES[case](lr_scheduler, a), CASES[case](theirs, b)
    step(b)
    for epoch in (3, 1, 7, 20, 21, 0, 11):
        if case.startswith("CosineAnnealingWarm"):
            ours.step(epoch + 0.25), other.step(epoch + 0.25)
        else:
            with pytest.warns(UserWarning, match=re.escape(lr_scheduler.EPOCH_DEPRECATION_WARNING)):
                ours.step(epoch)
            other.step(epoch)
        check(a, b)


@pytest.mark.parametrize(("name", "options"), SINGLE, ids=[name for name, _ in SINGLE])
@pytest.mark.parametrize("last", [0, 5, 8])
def test_last_epoch_goes_on(name, options, last):
    a, b = pair()
    for group in a.param_groups + b.param_groups:
        group |= {"initial_lr": 0.3, "max_lr": 0.7, "min_lr": 1e-3, "max_momentum": 0.9, "base_momentum": 0.8}
    ours = getattr(lr_scheduler, name)(a, **options, last_epoch=last)
    other = getattr(theirs, name)(b, **options, last_epoch=last)
    step(b)
    for _ in range(12):
        check(a, b)
        ours.step(), other.step()
    with pytest.raises(KeyError, match=r"'initial_lr' is not specified in param_groups\[0\]"):
        getattr(lr_scheduler, name)(
            optim.SGD([nn.Parameter([1.0])], momentum=0.9), **for_one_group(options), last_epoch=last
        )


def for_one_group(options):
    return {key: x[0] if isinstance(x, list) and key != "milestones" else x for key, x in options.items()}


def test_a_schedule_of_ones_own():
    class Harmonic(lr_scheduler.LRScheduler):
        def get_lr(self):
            return [base / (1 + self.last_epoch) for base in self.base_lrs]

    class Halved(lr_scheduler._LRScheduler):
        def _rate(self, lr, base):
            return lr if self._is_initial else lr / 2

    for kind in (Harmonic, Halved):
        optimizer = optim.SGD([nn.Parameter([1.0])], lr=0.6)
        schedule = kind(optimizer)
        assert optimizer.lr == 0.6
        schedule.step()
        assert schedule.get_last_lr() == [optimizer.lr] == [0.3]
    with pytest.warns(UserWarning, match="get_last_lr"):
        schedule.get_lr()
    with pytest.raises(NotImplementedError, match="get_lr"):
        lr_scheduler.LRScheduler(optimizer)


def test_functions_are_saved_by_their_attributes():
    def schedule(base):
        optimizer = optim.SGD([{"params": [nn.Parameter([1.0])]}, {"params": [nn.Parameter([1.0])]}], lr=1.0)
        return lr_scheduler.LambdaLR(optimizer, [lambda epoch: 1.0, Power(base)])

    a, b = schedule(0.5), schedule(0.1)
    assert json.loads(json.dumps(a.state_dict()))["lr_lambdas"] == [None, {"base": 0.5}]
    b.load_state_dict(a.state_dict())
    b.step()
    assert b.get_last_lr() == [1.0, 0.5]
    with pytest.raises(ValueError, match="it takes a dict of base"):
        b.load_state_dict(a.state_dict() | {"lr_lambdas": [None, {"__class__": "x"}]})


def test_plateau_with_pytorchs_attributes():
    a, b = pair()
    ours = lr_scheduler.ReduceLROnPlateau(a, patience=0, min_lr=[0.1, 0.3])
    other = theirs.ReduceLROnPlateau(b, patience=0, min_lr=[0.1, 0.3])
    assert {*vars(ours)} == {*vars(other)}
    for metric in (1.0, 2.0, 3.0):
        ours.step(nn.Parameter(metric)), other.step(metric)
        check(a, b)
        assert ours.get_last_lr() == other.get_last_lr()
        assert (ours.best, ours.num_bad_epochs, ours.in_cooldown) == (other.best, other.num_bad_epochs, False)
    ours.load_state_dict(json.loads(json.dumps(other.state_dict())))
    a.add_param_group({"params": [nn.Parameter([1.0])]})
    with pytest.raises(RuntimeError, match=r"The number of param groups in the `optimizer` \(3\) differs"):
        ours.step(9.0)


X, Y = np.linspace(0, 1, 40)[:, None], np.linspace(0, 1, 40)[:, None]


def trained(make, epochs=3, compiled=False, **options):
    model = nn.Linear(1, 1, rng=0)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    rates = []
    schedule = make(optimizer)
    callbacks = [schedule, lambda run: rates.append(optimizer.lr), *options.pop("callbacks", ())]
    history = nn.fit(model, X, Y, loss="mse", optimizer=optimizer, epochs=epochs, batch_size=10, rng=0,
                     callbacks=callbacks, progress=False, compiled=compiled, **options)  # fmt: skip
    return rates, model.weight.item(), history, schedule


def test_trainings_follow_epochs_or_minibatches():
    assert trained(lambda o: lr_scheduler.ExponentialLR(o, 0.5))[0] == [0.05, 0.025, 0.0125]
    rates, *_, schedule = trained(lambda o: lr_scheduler.OneCycleLR(o, 0.5, total_steps=12))
    assert schedule.last_epoch == 12
    assert rates[0] > rates[1] > rates[2]

    def by_minibatch(optimizer):
        schedule = lr_scheduler.ExponentialLR(optimizer, 0.5)
        schedule.per_minibatch = True
        return schedule

    assert trained(by_minibatch, 1)[0] == [0.1 / 16]


@pytest.mark.parametrize(
    "make",
    [
        lambda o: lr_scheduler.OneCycleLR(o, 0.5, total_steps=24),
        lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.2, 3),
        lambda o: lr_scheduler.SequentialLR(o, [lr_scheduler.MultiStepLR(o, [2]), lr_scheduler.LinearLR(o)], [3]),
    ],
)
def test_trainings_are_compiled_and_resumed_with_schedules(make, tmp_path):
    rates, weight, *_ = trained(make, 6)
    again = trained(make, 6, compiled=True)
    assert again[2].compiled is True
    np.testing.assert_allclose([*again[0], again[1]], [*rates, weight], rtol=1e-12)
    trained(make, 3, callbacks=[nn.Checkpoint(tmp_path / "a")])
    resumed = trained(make, 6, resume=tmp_path / "a")
    assert (resumed[0], resumed[1]) == (rates[3:], weight)


SGD = lambda: optim.SGD([nn.Parameter([1.0])], lr=0.1)
STEP = lambda: lr_scheduler.StepLR(SGD(), 1)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: lr_scheduler.StepLR(nn.Linear(1, 1), 1), TypeError, "Linear is not an Optimizer"),
        (lambda: lr_scheduler.StepLR(SGD(), "3"), TypeError, "StepLR: step_size must be a number, not '3'"),
        (lambda: lr_scheduler.ExponentialLR(SGD(), None), TypeError, "ExponentialLR: gamma must be a number, not None"),
        (lambda: lr_scheduler.LambdaLR(SGD(), [abs, abs]), ValueError, "2 values, and there are 1 groups"),
        (lambda: lr_scheduler.LambdaLR(SGD(), 0.9), TypeError, "should be a function, but got float"),
        (lambda: lr_scheduler.MultiStepLR(SGD(), 5), TypeError, "a list of numbers of epochs, not 5"),
        (lambda: lr_scheduler.ConstantLR(SGD(), 2.0), ValueError, "factor must be between 0 and 1"),
        (lambda: lr_scheduler.LinearLR(SGD(), 0.0), ValueError, "start_factor must be greater than 0"),
        (lambda: lr_scheduler.LinearLR(SGD(), 1.0, 2.0), ValueError, "end_factor must be between 0 and 1"),
        (lambda: lr_scheduler.CosineAnnealingWarmRestarts(SGD(), 0.5), ValueError, "positive integer T_0"),
        (lambda: lr_scheduler.CosineAnnealingWarmRestarts(SGD(), 1).step(-1), ValueError, "non-negative epoch"),
        (lambda: lr_scheduler.CyclicLR(SGD(), 0.1, 1.0, mode="zig"), ValueError, "mode is invalid"),
        (lambda: lr_scheduler.OneCycleLR(SGD(), 0.1), ValueError, "total_steps OR"),
        (lambda: lr_scheduler.OneCycleLR(SGD(), 0.1, total_steps=0), ValueError, "positive integer total_steps"),
        (lambda: lr_scheduler.OneCycleLR(SGD(), 0.1, total_steps=9, pct_start=2.0), ValueError, "pct_start"),
        (lambda: lr_scheduler.OneCycleLR(SGD(), 0.1, total_steps=9, anneal_strategy="x"), ValueError, "'cos' or"),
        (
            lambda: lr_scheduler.OneCycleLR(optim.Adagrad([nn.Parameter(1.0)]), 0.1, total_steps=9),
            ValueError,
            "Adagrad has neither, so pass cycle_momentum=False",
        ),
        (lambda: lr_scheduler.ChainedScheduler([]), ValueError, "at least one scheduler"),
        (lambda: lr_scheduler.ChainedScheduler([STEP(), STEP()]), ValueError, "the same optimizer"),
        (lambda: lr_scheduler.ChainedScheduler([SGD()]), TypeError, "at index 0 there should be a scheduler"),
        (
            lambda: lr_scheduler.ChainedScheduler([lr_scheduler.ReduceLROnPlateau(SGD())]),
            ValueError,
            "does not support `ReduceLROnPlateau`",
        ),
        (lambda: lr_scheduler.SequentialLR((s := STEP()).optimizer, [s], [1]), ValueError, "got 1 and 1"),
        (
            lambda: trained(lambda o: lr_scheduler.OneCycleLR(o, 0.5, total_steps=11)),
            ValueError,
            "takes 12 steps, a step for each minibatch, and the cycle has 11; pass total_steps=12",
        ),
        (
            lambda: trained(
                lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.CyclicLR(o, 0, 1), lr_scheduler.StepLR(o, 1)])
            ),
            ValueError,
            "some of its schedules follow minibatches",
        ),
    ],
)
def test_mistakes_are_explained(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_too_many_steps():
    schedule = lr_scheduler.OneCycleLR(optim.SGD([nn.Parameter([1.0])], lr=0.1, momentum=0.9), 0.1, total_steps=2)
    schedule.step(), schedule.step()
    with pytest.raises(ValueError, match="Tried to step 3 times"):
        schedule.step()


def test_a_schedule_that_steps_before_its_optimiser_is_noticed_once():
    p = nn.Parameter([1.0])
    p.grad = np.zeros(1)
    optimizer = optim.SGD([p], lr=0.1)
    schedule = lr_scheduler.StepLR(optimizer, 1)
    schedule.step()
    with pytest.warns(UserWarning, match="how-to-adjust-learning-rate"):
        optimizer.step()
    schedule.step()
    optimizer.step()
    again = lr_scheduler.StepLR(optimizer, 1)
    again.step()
    optimizer.step()
