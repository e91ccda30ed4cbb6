"""Networks, losses and optimisers step by step beside PyTorch's, from the same weights."""

import itertools

import numpy as np
import pytest

import nn
from nn import optim

torch = pytest.importorskip("torch")

ACTIVATIONS = ["Sigmoid", "Tanh", "ReLU"]
CLOSE = {"rtol": 0, "atol": 1e-10}


def pair(activation, rng, sizes=(3, 10, 5, 1)):
    """The same network here and in torch, with our weights copied over."""
    ours, theirs = [], []
    for i, (n, m) in enumerate(itertools.pairwise(sizes)):
        if i:
            ours.append(getattr(nn, activation)())
            theirs.append(getattr(torch.nn, activation)())
        ours.append(nn.Linear(n, m, rng=rng))
        theirs.append(torch.nn.Linear(n, m, dtype=torch.float64))
    a, b = nn.Sequential(*ours), torch.nn.Sequential(*theirs)
    b.load_state_dict({k: torch.from_numpy(v) for k, v in a.state_dict().items()})
    return a, b


def same_state(ours, theirs, **tolerance):
    state = theirs.state_dict()
    assert list(ours.state_dict()) == list(state)
    for name, value in ours.state_dict().items():
        np.testing.assert_allclose(value, state[name].numpy(), **(tolerance or CLOSE), err_msg=name)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_forward_loss_and_gradients(activation, reduction):
    rng = np.random.default_rng(1)
    ours, theirs = pair(activation, rng)
    X, y = rng.normal(size=(7, 3)), rng.normal(size=(7, 1))
    a, b = ours(X), theirs(torch.from_numpy(X))
    np.testing.assert_allclose(a.numpy(), b.detach().numpy(), **CLOSE)
    la = nn.MSELoss(reduction=reduction)(a, y)
    lb = torch.nn.MSELoss(reduction=reduction)(b, torch.from_numpy(y))
    assert la.item() == pytest.approx(lb.item(), abs=1e-10)
    la.backward()
    lb.backward()
    for (name, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(p.grad, q.grad.numpy(), **CLOSE, err_msg=name)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_twenty_steps(activation, momentum):
    rng = np.random.default_rng(2)
    ours, theirs = pair(activation, rng)
    mine, yours = optim.SGD(ours.parameters(), 0.05, momentum), torch.optim.SGD(theirs.parameters(), 0.05, momentum)
    X, y = rng.normal(size=(11, 3)), rng.normal(size=(11, 1))
    for _ in range(20):
        mine.zero_grad()
        yours.zero_grad()
        la = nn.MSELoss()(ours(X), y)
        lb = torch.nn.MSELoss()(theirs(torch.from_numpy(X)), torch.from_numpy(y))
        assert la.item() == pytest.approx(lb.item(), abs=1e-10)
        la.backward()
        lb.backward()
        mine.step()
        yours.step()
        same_state(ours, theirs)


def test_a_parameter_without_gradient_keeps_its_momentum_as_in_torch():
    def run(leaf, sgd, gradient):
        p, q = leaf(), leaf()
        optimizer = sgd([p, q], lr=0.1, momentum=0.9)
        for step in range(5):
            optimizer.zero_grad()
            gradient(p, 1.0)
            if step != 2:
                gradient(q, 2.0)
            optimizer.step()
        return p, q

    def ours(p, slope):
        p.grad = np.array([slope])

    def theirs(p, slope):
        p.grad = torch.tensor([slope], dtype=torch.float64)

    a = run(lambda: nn.Parameter([1.0]), optim.SGD, ours)
    b = run(lambda: torch.ones(1, dtype=torch.float64, requires_grad=True), torch.optim.SGD, theirs)
    for p, q in zip(a, b, strict=True):
        np.testing.assert_allclose(p.data, q.detach().numpy(), **CLOSE)


def test_torch_state_loads_here():
    ours, theirs = nn.Linear(4, 3, rng=0), torch.nn.Linear(4, 3, dtype=torch.float64)
    ours.load_state_dict(theirs.state_dict())
    same_state(ours, theirs, rtol=0, atol=0)


def test_the_start_is_drawn_from_torchs_interval():
    limit = 1 / np.sqrt(50)
    for layer in (nn.Linear(50, 400, rng=3), torch.nn.Linear(50, 400)):
        for p in layer.parameters():
            values = np.array(p.tolist()) if isinstance(p, torch.Tensor) else p.data
            assert 0.95 * limit < abs(values).max() <= limit * (1 + 1e-6)
            assert abs(values.std() - limit / np.sqrt(3)) < 0.1 * limit


def script(nn, optim, to_data, copy_from=None):
    """A training script as written for torch; only its imports and data differ."""
    rng = np.random.default_rng(5)
    X = to_data(rng.random((16, 3)))
    y = to_data(rng.random((16, 1)))
    model = nn.Sequential(nn.Linear(3, 10), nn.Sigmoid(), nn.Linear(10, 5), nn.Sigmoid(), nn.Linear(5, 1)).train()
    if copy_from is not None:
        model.load_state_dict(copy_from)
    start = {k: np.asarray(v).copy() for k, v in model.state_dict().items()}
    criterion = nn.MSELoss()
    optimizer = optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = criterion(model(X), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return start, losses


def test_a_torch_script_runs_after_changing_its_imports():
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        start, theirs = script(torch.nn, torch.optim, torch.from_numpy)
    finally:
        torch.set_default_dtype(default)
    _, ours = script(nn, nn.optim, lambda a: a, copy_from=start)
    np.testing.assert_allclose(ours, theirs, **CLOSE)
