"""Optimisers, schedules and clipping beside PyTorch's, step by step, for every option; on arrays and on Values."""

import copy

import numpy as np
import pytest

import nn
from autograd import Value
from nn import optim
from nn.optim import lr_scheduler
from nn.utils import clip_grad_norm_, clip_grad_value_

torch = pytest.importorskip("torch")


pytestmark = pytest.mark.usefixtures("doubles")

START = np.random.default_rng(0).normal(size=(3, 2))
OPTIONS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, "nesterov": True}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("Adam", {}),
    ("Adam", {"lr": 0.05, "betas": (0.5, 0.7), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.05, "amsgrad": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.2, "amsgrad": True}),
    ("RMSprop", {}),
    ("RMSprop", {"alpha": 0.5, "eps": 1e-3, "weight_decay": 0.1}),
    ("RMSprop", {"momentum": 0.9, "centered": True}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.5, "eps": 1e-3, "weight_decay": 0.1}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "betas": (0.5, 0.7), "eps": 1e-2, "weight_decay": 0.1}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.05, "weight_decay": 0.1, "momentum_decay": 0.02, "decoupled_weight_decay": True}),
    ("RAdam", {"lr": 0.05}),
    ("RAdam", {"lr": 0.05, "betas": (0.5, 0.7), "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("Adam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.3, "etas": (0.3, 1.5), "step_sizes": (1e-2, 0.4)}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 5, "weight_decay": 0.1}),
]
OPTIONS += [(name, options | {"maximize": True}) for name, options in OPTIONS if len(options) > 2]
every_option = pytest.mark.parametrize(("name", "options"), OPTIONS, ids=[f"{n} {o}" for n, o in OPTIONS])


def gradient(step):
    return np.random.default_rng(100 + step).normal(size=START.shape)


def close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-12)


@every_option
def test_thirty_steps(name, options):
    p, q = nn.Parameter(START), torch.tensor(START, requires_grad=True)
    values = nn.kinds.to_value_array(p, "p")
    ours, scalars = (getattr(optim, name)(x, **options) for x in ([p], values.flat))
    theirs = getattr(torch.optim, name)([q], **options)
    for step in range(30):
        g = gradient(step)
        p.grad, q.grad = g.copy(), torch.tensor(g)
        for v, x in zip(values.flat, g.flat, strict=True):
            v.grad = float(x)
        for optimizer in (ours, scalars, theirs):
            optimizer.step()
        close(p.data, q.detach().numpy())
        close(nn.kinds.to_numpy(values), p.data)
    assert all(type(v.data) is float for v in values.flat)
    assert set(ours.state[p]) == set(theirs.state[q])


@every_option
def test_a_saved_state_goes_on_where_it_stopped(name, options):
    make = getattr(optim, name)
    p, q = nn.Parameter(START), nn.Parameter(START)
    a, b = make([p], **options), make([q])
    for step in range(12):
        if step == 5:
            state = copy.deepcopy(a.state_dict())
            q.data = p.data
            b.load_state_dict(state)
        p.grad = gradient(step)
        a.step()
        if step >= 5:
            q.grad = gradient(step)
            b.step()
            np.testing.assert_array_equal(p.data, q.data)
    assert repr(a) == repr(b)


def test_groups_have_options_of_their_own():
    shapes = [(2,), (3,), (1,)]
    ours = [nn.Parameter(np.ones(s)) for s in shapes]
    theirs = [torch.ones(s, dtype=torch.float64, requires_grad=True) for s in shapes]
    groups = lambda ps: [{"params": ps[:1], "lr": 0.5}, {"params": ps[1:2], "momentum": 0.9}]
    a, b = optim.SGD(groups(ours), lr=0.1), torch.optim.SGD(groups(theirs), lr=0.1)
    a.add_param_group({"params": ours[2:], "weight_decay": 0.1})
    b.add_param_group({"params": theirs[2:], "weight_decay": 0.1})
    for _ in range(5):
        for p, q in zip(ours, theirs, strict=True):
            p.grad, q.grad = p.data * 2, q.detach() * 2
        a.step()
        b.step()
        for p, q in zip(ours, theirs, strict=True):
            close(p.data, q.detach().numpy())
    a.lr = 0.3
    assert [g["lr"] for g in a.param_groups] == [0.3] * 3


def test_float32_stays_float32():
    for name, options in OPTIONS:
        p = nn.Parameter(START, dtype=np.float32)
        optimizer = getattr(optim, name)([p], **options)
        for step in range(3):
            p.grad = gradient(step).astype(np.float32)
            optimizer.step()
        assert p.dtype == np.float32
        memory = [x for s in optimizer.state.values() for x in s.values()]
        assert all(x.dtype == np.float32 if isinstance(x, np.ndarray) else type(x) in (int, float) for x in memory)


def test_a_0_d_parameter():
    for name, options in OPTIONS:
        p = nn.Parameter(1.0)
        optimizer = getattr(optim, name)([p], **options)
        for _ in range(3):
            optimizer.zero_grad()
            (p * p).backward()
            optimizer.step()
        assert isinstance(p.data, np.ndarray)
        assert abs(p.item()) > 1 if options.get("maximize") else abs(p.item()) < 1


SCHEDULES = [
    ("StepLR", {"step_size": 3, "gamma": 0.5}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ("CosineAnnealingLR", {"T_max": 40}),
]


@pytest.mark.parametrize(("name", "options"), SCHEDULES, ids=[str(s) for s in SCHEDULES])
def test_schedules(name, options):
    p, q = nn.Parameter([1.0]), torch.ones(1, requires_grad=True)
    groups = lambda x: [{"params": [x], "lr": 0.2}]
    a, b = optim.SGD(groups(p)), torch.optim.SGD(groups(q))
    ours, theirs = getattr(lr_scheduler, name)(a, **options), getattr(torch.optim.lr_scheduler, name)(b, **options)
    q.grad = torch.ones(1)
    for _ in range(30):
        b.step()
        ours.step()
        theirs.step()
        close(ours.get_last_lr(), theirs.get_last_lr())
        close(a.lr, theirs.get_last_lr()[0])


BOTH = [(nn.Parameter, optim, lr_scheduler)]
BOTH += [(lambda x: torch.tensor(x, requires_grad=True), torch.optim, torch.optim.lr_scheduler)]


def test_schedules_compose_and_keep_what_is_set_by_hand():
    def rates(parameter, optim, schedulers):
        p = parameter([1.0])
        optimizer = optim.SGD([p], lr=0.1)
        schedules = [schedulers.StepLR(optimizer, 2, 0.5), schedulers.CosineAnnealingLR(optimizer, 5, 0.001)]
        plateau = schedulers.ReduceLROnPlateau(optimizer, patience=3)
        for epoch in range(14):
            if epoch == 3:
                optimizer.param_groups[0]["lr"] = 0.07
            p.sum().backward()
            optimizer.step()
            for schedule in schedules:
                schedule.step()
            plateau.step(1.0)
            yield optimizer.param_groups[0]["lr"]

    ours, theirs = (list(rates(*each)) for each in BOTH)
    close(ours, theirs)


def test_groups_that_come_later_are_scheduled_too():
    def rates(parameter, optim, schedulers):
        p = parameter([1.0])
        optimizer = optim.SGD([p], lr=0.1)
        schedule = schedulers.StepLR(optimizer, 2, 0.5)
        for epoch in range(5):
            if epoch == 1:
                optimizer.add_param_group({"params": [parameter([2.0])], "lr": 0.3})
            p.sum().backward()
            optimizer.step()
            schedule.step()
        return schedule.get_last_lr()

    ours, theirs = (rates(*each) for each in BOTH)
    close(ours, theirs)
    optimizer = optim.SGD([nn.Parameter([1.0])], lr=0.1)
    schedule = lr_scheduler.CosineAnnealingLR(optimizer, 4)
    schedule.step()
    optimizer.add_param_group({"params": [nn.Parameter([2.0])], "lr": optimizer.lr / 2})
    for _ in range(3):
        schedule.step()
        close(optimizer.param_groups[1]["lr"] * 2, optimizer.lr)


@pytest.mark.parametrize(
    "options",
    [
        {"patience": 2},
        {"patience": 1, "factor": 0.5, "cooldown": 3, "min_lr": 0.02},
        {"mode": "max", "patience": 1, "threshold": 0.1, "threshold_mode": "abs"},
        {"mode": "max", "patience": 0, "threshold": 0.01},
        {"patience": 0, "eps": 0.05},
    ],
    ids=str,
)
def test_reduce_on_plateau(options):
    a, b = optim.SGD([nn.Parameter([1.0])], lr=0.1), torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1)
    ours, theirs = (
        lr_scheduler.ReduceLROnPlateau(a, **options),
        torch.optim.lr_scheduler.ReduceLROnPlateau(b, **options),
    )
    rng = np.random.default_rng(3)
    for epoch in range(60):
        metric = float(rng.random() / (epoch + 1) + 0.5 * (epoch % 7 == 0))
        ours.step(metric)
        theirs.step(metric)
        close(a.lr, b.param_groups[0]["lr"])
    assert a.lr < 0.1


def test_a_schedule_is_saved_and_loaded():
    a, b = (lr_scheduler.StepLR(optim.SGD([nn.Parameter([1.0])], lr=0.1), 2, 0.5) for _ in range(2))
    for _ in range(3):
        a.step()
    b.load_state_dict(a.state_dict())
    b.optimizer.load_state_dict(a.optimizer.state_dict())
    a.step()
    b.step()
    assert a.get_last_lr() == b.get_last_lr() == [0.025]


@pytest.mark.parametrize("kind", [1.0, 2.0, 3.0, np.inf])
@pytest.mark.parametrize("limit", [0.5, 100.0])
def test_clipping_by_norm(kind, limit):
    grads = [np.random.default_rng(i).normal(size=s) for i, s in enumerate([(2, 3), (4,), ()])]
    ours = [nn.Parameter(np.zeros(np.shape(g))) for g in grads]
    theirs = [torch.zeros(np.shape(g), dtype=torch.float64, requires_grad=True) for g in grads]
    for p, q, g in zip(ours, theirs, grads, strict=True):
        p.grad, q.grad = np.array(g), torch.tensor(g)
    norm = clip_grad_norm_([*ours, nn.Parameter([1.0])], limit, kind)
    close(norm, torch.nn.utils.clip_grad_norm_(theirs, limit, kind).item())
    for p, q in zip(ours, theirs, strict=True):
        assert isinstance(p.grad, np.ndarray)
        close(p.grad, q.grad.numpy())


def test_clipping_by_value_and_of_values():
    p, v = nn.Parameter([1.0, 2.0]), Value(3.0)
    p.grad, v.grad = np.array([-5.0, 0.5]), 7.0
    clip_grad_value_([p, v], 1.0)
    assert p.grad.tolist() == [-1.0, 0.5]
    assert v.grad == 1.0
    assert type(v.grad) is float
    assert clip_grad_norm_([p, v], 0.75) == 1.5
    assert v.grad == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize("name", sorted({name for name, _ in OPTIONS}))
def test_what_no_pass_reached_is_left_alone(name):
    options = {"momentum": 0.9} if name in ("SGD", "RMSprop") else {}
    used, unused, frozen = Value(2.0), Value(3.0), Value(5.0, requires_grad=False)
    array, weight = nn.Parameter([7.0, 8.0]), nn.Linear(1, 1).to_scalars().weight
    initial = weight[0, 0].data
    options |= {} if name == "Rprop" else {"weight_decay": 0.5}
    optimizer = getattr(optim, name)([used, unused, frozen, array, weight], lr=0.1, **options)
    for _ in range(3):
        (used * used * frozen).backward()
        clip_grad_norm_([used, unused, frozen, array, weight], 1.0)
        clip_grad_value_([used, unused, frozen, array, weight], 0.5)
        optimizer.step()
        optimizer.zero_grad()
        assert not any(p.has_grad for p in (used, unused, frozen, array, weight[0, 0]))
    assert used.data < 2.0
    assert (unused.data, frozen.data, array.data.tolist(), weight[0, 0].data) == (3.0, 5.0, [7.0, 8.0], initial)
    assert [p is used for p in optimizer.state] == [True]
    before = used.data
    with pytest.warns(UserWarning, match=r"no parameter has a gradient.*call loss.backward\(\) first"):
        optimizer.step()
    optimizer.step()  # It has said so.
    assert used.data == before
    unused.grad = 0.0  # as micrograd's zero_grad: a gradient that was set, so that the weight decays
    optimizer.step()
    assert unused.data < 3.0 or name == "Rprop"


def test_clipping_of_a_single_parameter():
    p, v, weight = nn.Parameter([3.0, 4.0]), Value(1.0), nn.Linear(1, 1).to_scalars().weight  # Values in an array
    p.grad, v.grad, weight[0, 0].grad = np.array([3.0, 4.0]), 5.0, -5.0
    for single in (p, v, weight):
        assert clip_grad_norm_(single, 1.0) == 5.0
    close(p.grad, np.array([0.6, 0.8]) / (1 + 2e-7))
    for single in (p, v, weight):
        clip_grad_value_(single, 0.5)
    assert (p.grad.tolist(), v.grad, weight[0, 0].grad) == ([0.5, 0.5], 0.5, -0.5)


W = Value(1.0)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: optim.SGD([W], nesterov=True), ValueError, "momentum"),
        (lambda: optim.Adam([W], betas=(0.9, 1.0)), ValueError, r"betas.*\[0, 1\)"),
        (lambda: optim.Adam([W], betas=0.9), ValueError, "two numbers"),
        (lambda: optim.Adam([W], weight_decay=-1), ValueError, "weight_decay must be finite and at least 0"),
        (lambda: optim.Adam([{"params": [W]}, {"params": [W]}]), ValueError, "parameters of an earlier group and 0"),
        (lambda: optim.Adam([{"lr": 1}]), TypeError, "a dict with 'params'"),
        (lambda: optim.Adam([{"params": []}]), ValueError, "no parameters"),
        (
            lambda: optim.optimizer_by_name("adm", [W]),
            ValueError,
            "there are (.*, )?adagrad, (.*, )?adam, adamax, adamw, (.*, )?rmsprop, (.*, )?sgd",
        ),
        (lambda: optim.SGD([W]).load_state_dict(optim.SGD([W, Value(1.0)]).state_dict()), ValueError, r"\[2\]"),
        (lambda: optim.SGD([W]).load_state_dict(optim.Adam([W]).state_dict()), ValueError, "not SGD's"),
        (lambda: lr_scheduler.StepLR([W], 1), TypeError, "pass the optimiser"),
        (lambda: lr_scheduler.StepLR(optim.SGD([W]), 0), ValueError, "at least 1"),
        (lambda: lr_scheduler.ReduceLROnPlateau(optim.SGD([W])).step(), ValueError, r"step\(loss\)"),
        (lambda: lr_scheduler.ReduceLROnPlateau(optim.SGD([W]), mode="best"), ValueError, "'min' or 'max'"),
        (lambda: clip_grad_norm_([W], -1), ValueError, "at least 0"),
        (lambda: clip_grad_value_([W], -1), ValueError, "at least 0"),
        (lambda: clip_grad_norm_(nn.Linear(1, 1), 1.0), TypeError, r"Linear's parameters, model.parameters\(\)"),
        (lambda: clip_grad_value_(nn.Linear(1, 1).parameters, 1.0), TypeError, "call it"),
    ],
)
def test_mistakes_are_explained(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_norm_that_is_not_finite_changes_nothing():
    p = nn.Parameter([1.0])
    p.grad = np.array([np.nan])
    with pytest.raises(ValueError, match="nan"):
        clip_grad_norm_([p], 1.0)
