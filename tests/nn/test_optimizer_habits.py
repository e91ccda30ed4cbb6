"""What PyTorch's users do with optimisers: closures, named parameters, groups, hooks, states that cross over."""

import copy
import functools
import pickle
import warnings

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, no_grad
from autograd.compiler import CompileWarning
from nn import optim
from nn.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 3)), RNG.normal(size=(20, 1))
RULES = {
    "SGD": {"momentum": 0.9}, "Adam": {"amsgrad": True}, "AdamW": {}, "RMSprop": {"momentum": 0.9, "centered": True},
    "Adagrad": {}, "Adadelta": {}, "Adamax": {}, "NAdam": {}, "RAdam": {}, "Rprop": {}, "ASGD": {},
}  # fmt: skip


pytestmark = pytest.mark.usefixtures("doubles")


def leaf(data=(1.0, 2.0)):
    return nn.Parameter(np.array(data))


def closure_of(optimizer, loss):
    """A closure as PyTorch's users write it; its `calls` counts."""

    def closure():
        closure.calls += 1
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    closure.calls = 0
    return closure


@pytest.mark.parametrize("name", RULES)
def test_a_closure_is_called_first_and_gives_the_result(name):
    p, q = leaf(), torch.tensor([1.0, 2.0], requires_grad=True)
    ours, theirs = getattr(optim, name)([p], lr=0.1), getattr(torch.optim, name)([q], lr=0.1)
    a, b = closure_of(ours, lambda: (p * p).sum()), closure_of(theirs, lambda: (q * q).sum())
    for _ in range(3):
        assert ours.step(a).item() == pytest.approx(theirs.step(b).item(), abs=1e-12)
    np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=0, atol=1e-12)
    with no_grad():
        assert ours.step(a).requires_grad  # The closure records, wherever it is called.
    with pytest.raises(TypeError, match="the closure is a function"):
        ours.step((p * p).sum())


LBFGS = [
    {}, {"lr": 0.3, "max_iter": 7}, {"max_iter": 1}, {"history_size": 2, "max_iter": 6, "lr": 0.4},
    {"tolerance_change": 1e-2}, {"line_search_fn": "strong_wolfe"}, {"line_search_fn": "strong_wolfe", "max_eval": 3},
    {"line_search_fn": "strong_wolfe", "lr": 20.0, "history_size": 3}, {"tolerance_grad": 0.1},
    {"line_search_fn": "strong_wolfe", "lr": 1e-3, "max_iter": 5},
]  # fmt: skip


def rosenbrock(x, y):
    return (1 - x) ** 2 + 10 * (y - x**2) ** 2


@pytest.mark.parametrize("options", LBFGS, ids=str)
def test_lbfgs(options):
    """A memory goes to PyTorch and back half way."""
    p, v, w = leaf([-1.2, 1.0]), Value(-1.2), Value(1.0)
    q = torch.tensor([-1.2, 1.0], requires_grad=True)
    ours, scalar, theirs = (
        optim.LBFGS([p], **options),
        optim.LBFGS([v, w], **options),
        torch.optim.LBFGS([q], **options),
    )
    closures = [
        closure_of(o, functools.partial(lambda x: rosenbrock(*x), x))
        for o, x in ((ours, p), (scalar, (v, w)), (theirs, q))
    ]
    for step in range(4):
        losses = [o.step(c).item() for o, c in zip((ours, scalar, theirs), closures, strict=True)]
        np.testing.assert_allclose(losses, losses[2], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=0, atol=1e-8)
        np.testing.assert_allclose([v.data, w.data], p.data, rtol=0, atol=1e-8)
        if step == 1:
            ours.load_state_dict(theirs.state_dict())
        if step == 2:
            ours.load_state_dict(copy.deepcopy(ours.state_dict()))
    assert len({c.calls for c in closures}) == 1
    assert ours.state[p]["n_iter"] == theirs.state[q]["n_iter"]
    assert type(v.data) is float


def test_lbfgs_keeps_float32_and_frozen_parameters():
    p, frozen = nn.Parameter([-1.2, 1.0], dtype=np.float32), nn.Parameter([3.0])
    frozen.requires_grad = False
    optimizer = optim.LBFGS([p, frozen], line_search_fn="strong_wolfe", max_iter=40)
    no_grad()(optimizer.step)(closure_of(optimizer, lambda: rosenbrock(p[0], p[1])))
    assert p.dtype == np.float32
    np.testing.assert_allclose(p.data, [1.0, 1.0], atol=1e-2)
    assert frozen.item() == 3.0


@pytest.mark.parametrize("compiled", [False, True])
def test_fit_gives_lbfgs_the_closure_of_all_rows(compiled):
    model = nn.MLP([3, 4, 1], "tanh", rng=0)
    twin, optimizer = copy.deepcopy(model), optim.LBFGS(model.parameters(), max_iter=4)
    seen = []

    class Watch:
        def on_backward(self, run):
            seen.append(run.batch_size)

    history = nn.fit(
        model, X, Y, loss="mse", optimizer=optimizer, epochs=3, callbacks=[Watch()], progress=False, compiled=compiled
    )
    other = optim.LBFGS(twin.parameters(), max_iter=4)
    losses = [other.step(closure_of(other, lambda: nn.MSELoss()(twin(X), Y))).item() for _ in range(3)]
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-9)
    assert history.compiled is compiled
    assert seen == [20] * 12  # an evaluation each
    nn.fit(model, X, Y, loss="mse", optimizer=optimizer, epochs=1, batch_size=8, progress=False)
    assert nn.compile_step(twin, "mse", other)(X, Y) < losses[-1]


def test_a_training_by_lbfgs_is_resumed(tmp_path):
    pytest.importorskip("safetensors")

    def run(path, epochs, resume=None):
        model = nn.MLP([3, 4, 1], "tanh", rng=0)
        optimizer = optim.LBFGS(model.parameters(), max_iter=3, line_search_fn="strong_wolfe")
        return nn.fit(model, X, Y, loss="mse", optimizer=optimizer, epochs=epochs, progress=False, resume=resume,
                      callbacks=[nn.Checkpoint(path)])["loss"]  # fmt: skip

    whole = run(tmp_path / "a", 5)
    run(tmp_path / "b", 2)
    assert run(tmp_path / "b", 5, tmp_path / "b") == whole


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("is_theirs_first", [True, False])
def test_a_state_crosses_over(name, is_theirs_first):
    p, q = leaf(), torch.tensor([1.0, 2.0], requires_grad=True)
    ours, theirs = getattr(optim, name)([p], **RULES[name]), getattr(torch.optim, name)([q], **RULES[name])
    for step in range(6):
        g = np.random.default_rng(step).normal(size=2)
        p.grad, q.grad = g.copy(), torch.tensor(g)
        if step >= 3 or not is_theirs_first:
            ours.step()
        if step >= 3 or is_theirs_first:
            theirs.step()
        if step == 2 and is_theirs_first:
            p.data = q.detach().numpy()
            ours.load_state_dict(theirs.state_dict())
        elif step == 2:
            q.data = torch.tensor(p.data)
            state = ours.state_dict()
            state["state"] = {i: {k: torch.tensor(x) for k, x in s.items()} for i, s in state["state"].items()}
            theirs.load_state_dict(state)
    np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=0, atol=1e-12)


def test_a_state_without_options_that_came_later_and_of_another_dtype():
    p, q = leaf(), nn.Parameter([1.0, 2.0], dtype=np.float32)
    a, b = optim.Adam([p], maximize=True), optim.Adam([q], maximize=True)
    p.grad = np.ones(2)
    a.step()
    state = a.state_dict()
    del state["param_groups"][0]["maximize"], state["param_groups"][0]["decoupled_weight_decay"]
    b.load_state_dict(state)
    assert b.param_groups[0]["maximize"] is True
    assert b.state[q]["exp_avg"].dtype == np.float32


def test_names_of_parameters():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    named = optim.SGD(model.named_parameters(), lr=0.1)
    names = ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert named.state_dict()["param_groups"][0]["param_names"] == names
    assert "0.weight" not in repr(named)
    plain = optim.SGD(model.parameters(), lr=0.2)
    named.load_state_dict(plain.state_dict())
    plain.load_state_dict(named.state_dict())
    assert named.param_groups[0]["param_names"] == plain.param_groups[0]["param_names"] == names
    assert len(optim.SGD(nn.ParameterList([leaf(), leaf()])).param_groups[0]["params"]) == 2
    groups = optim.SGD([{"params": model[0].named_parameters()}, {"params": model[1].named_parameters()}])
    assert [g["param_names"] for g in groups.param_groups] == [["weight", "bias"]] * 2


def test_groups_keep_keys_of_ones_own():
    body, head = leaf(), leaf()
    made = lambda: optim.SGD([{"params": [body], "name": "body"}, {"params": head, "lr": 1.0}], lr=0.1, momentum=0.9)
    optimizer = made()
    optimizer.param_groups[1]["freeze_after"] = [3, "epochs"]
    state = copy.deepcopy(optimizer.state_dict())
    other = optim.SGD([{"params": [leaf()]}, {"params": [leaf()]}])
    other.load_state_dict(state)
    assert [g.get("name") for g in other.param_groups] == ["body", None]
    assert other.param_groups[1]["freeze_after"] == [3, "epochs"]
    assert [g["lr"] for g in other.param_groups] == [0.1, 1.0]
    extra = nn.Parameter([1.0])
    optimizer.add_param_group({"params": extra, "name": "extra"})
    assert optimizer.param_groups[2]["params"][0] is extra
    with pytest.warns(UserWarning, match="did you mean 'weight_decay'"):
        optim.SGD([{"params": [leaf()], "weigth_decay": 0.1}])


def test_keys_of_ones_own_in_compiled_steps():
    model = nn.Linear(3, 1, rng=0)
    group = {"params": model.parameters(), "mask": np.ones(3), "name": "all", "scale": 2.0}
    optimizer = optim.Adam([group], lr=0.1)
    step = nn.compile_step(model, "mse", optimizer)
    losses = [step(X, Y) for _ in range(3)]
    optimizer.param_groups[0] |= {"mask": np.zeros(3), "scale": 3.0, "lr": 0.0}
    step(X, Y)
    assert step(X, Y) == step(X, Y) < losses[0]
    assert "def update" in step.source


def test_a_key_of_ones_own_is_resumed(tmp_path):
    pytest.importorskip("safetensors")

    def run(epochs, **own):
        model = nn.Linear(3, 1, rng=0)
        optimizer = optim.SGD([{"params": model.parameters(), **own}], lr=0.1)
        path = tmp_path / "a"
        nn.fit(model, X, Y, loss="mse", optimizer=optimizer, epochs=epochs, progress=False, rng=0, resume=path,
               callbacks=[nn.Checkpoint(path)])  # fmt: skip
        return optimizer.param_groups[0]

    run(1, name="all", factors=[1, 2])
    assert run(2, name="", factors=[])["factors"] == [1, 2]
    with pytest.raises(ValueError, match="groups had factors, name, and have not now"):
        run(3)


def test_the_memory_of_a_parameter():
    p, unused = leaf(), leaf()
    optimizer = optim.Adam([p, unused])
    assert optimizer.state[p] == {}
    assert optimizer.state_dict()["state"] == {}
    step = nn.compile_step(model := nn.Linear(3, 1, rng=0), "mse", compiled := optim.Adam(model.parameters()))
    for q in model.parameters():
        assert compiled.state[q] == {}  # To look at it does not make a step slow.
    for _ in range(3):
        step(X, Y)
    assert "def update" in step.source
    p.grad = np.ones(2)
    optimizer.step()
    assert sorted(optimizer.state[p]) == ["exp_avg", "exp_avg_sq", "step"]
    assert list(optimizer.state_dict()["state"]) == [0]


def test_hooks():
    w, seen = leaf(), []
    w.grad = np.ones(2)
    first, second = optim.SGD([w], lr=0.1), optim.Adam([w])
    note = lambda number: lambda optimizer, args, kwargs: seen.append(number)
    handles = [register_optimizer_step_pre_hook(note(0)), register_optimizer_step_post_hook(note(5))]
    for optimizer in (first, second):
        handles += [optimizer.register_step_pre_hook(note(1)), optimizer.register_step_post_hook(note(2))]
    first.step()
    second.step()
    assert seen == [0, 1, 2, 5] * 2
    assert copy.deepcopy(first)._hooks == ()
    for handle in handles:
        handle.remove()
    first.step()
    assert len(seen) == 8
    first.register_step_pre_hook(lambda optimizer, args, kwargs: ((lambda: 7.0,), {}))
    assert first.step() == 7.0
    second.register_step_pre_hook(lambda optimizer, args, kwargs: 3)
    with pytest.raises(RuntimeError, match=r"must return None or a tuple of \(new_args, new_kwargs\), but got 3"):
        second.step()


def test_hooks_of_a_step_of_ones_own():
    class Half(optim.SGD):
        def step(self, closure=None):
            for p in self.param_groups[0]["params"]:
                p.grad = p.grad * 0.5
            return super().step(closure)

    p, seen = leaf(), []
    p.grad = np.ones(2)
    optimizer = Half([p], lr=1.0)
    before = set(vars(optimizer))
    optimizer.register_step_post_hook(lambda optimizer, args, kwargs: seen.append((args, sorted(kwargs))))
    optimizer.step()
    assert p.data.tolist() == [0.5, 1.5]
    optimizer.step(closure=lambda: 1.0)
    assert seen == [((), []), ((), ["closure"])]
    assert set(vars(optimizer)) - before <= {"_hooks", "_opt_called"}


def test_hooks_of_compiled_steps():
    model, seen = nn.Linear(3, 1, rng=0), []
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    step = nn.compile_step(model, "mse", optimizer)
    for _ in range(3):
        step(X, Y)
    for register in (optimizer.register_step_post_hook, register_optimizer_step_post_hook):
        with register(lambda *args: seen.append(1)):
            step(X, Y)
            step(X, Y)
        step(X, Y)
    assert len(seen) == 4


def test_hooks_of_states():
    optimizer = optim.SGD([leaf()], lr=0.1)
    optimizer.register_state_dict_pre_hook(lambda o: o.state.update(test=1))
    assert optimizer.state_dict()["state"]["test"] == 1
    optimizer.register_state_dict_post_hook(lambda o, state: state | {"seen": state["state"].pop("test")})
    state = optimizer.state_dict()
    assert state.pop("seen") == 1

    def slower(optimizer, state):
        state = copy.deepcopy(state)
        state["param_groups"][0]["lr"] *= 0.5
        return state

    def half_a_unit(optimizer, state):
        state["param_groups"][0]["lr"] = 0.5

    optimizer.register_load_state_dict_pre_hook(slower)
    optimizer.load_state_dict(state)
    assert optimizer.lr == 0.05
    optimizer.register_load_state_dict_pre_hook(half_a_unit, prepend=True)
    rates = []
    optimizer.register_load_state_dict_post_hook(lambda o: rates.append(o.lr))
    optimizer.load_state_dict(state)
    assert rates == [0.25]


def test_an_optimizer_as_it_is_written_for_torch():
    class Plain(optim.Optimizer):
        def __init__(self, params, lr=1e-2, mode="plain", schedule=None):
            super().__init__(params, {"lr": lr, "mode": mode, "schedule": schedule})

        def step(self, closure=None):
            loss = closure() if closure is not None else None
            with no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        if p.grad is None:
                            continue
                        state = self.state[p]
                        if len(state) == 0:
                            state["step"] = 0
                        state["step"] += 1
                        p -= group["lr"] * p.grad
            return loss

    p = leaf()
    optimizer = Plain([p], lr=0.25)
    assert optimizer.step(closure_of(optimizer, lambda: (p * p).sum())).item() == 5.0
    assert p.data.tolist() == [0.5, 1.0]
    assert optimizer.state[p] == {"step": 1}
    assert repr(optimizer) == "Plain(1 parameters, lr=0.25, mode=plain, schedule=None)"
    with pytest.raises(NotImplementedError):
        optim.Optimizer([p], {"lr": 1e-3}).step()


def test_switches_of_torch():
    for name in ("Adam", "SGD", "Adagrad"):
        getattr(optim, name)([leaf()], foreach=False, fused=None, differentiable=False)
    for switch in ("foreach", "fused", "capturable"):
        with pytest.warns(UserWarning, match=f"Adam: {switch}=True changes nothing here"):
            optimizer = optim.Adam([leaf()], **{switch: True})
        assert switch not in optimizer.param_groups[0]


def test_steps_without_gradients():
    p, frozen = leaf(), nn.Parameter([1.0], requires_grad=False)
    for optimizer in (optim.SGD([p, frozen], lr=0.1), optim.LBFGS([p, frozen])):
        with pytest.warns(UserWarning, match=r"no parameter has a gradient.*loss\.backward\(\) first") as seen:
            assert optimizer.step(lambda: 3.0) == 3.0
        assert seen[0].filename == __file__
        optimizer.step(lambda: 3.0)
        with warnings.catch_warnings():
            assert copy.deepcopy(optimizer).step(lambda: 2.0) == 2.0
    assert p.data.tolist() == [1.0, 2.0]


def test_zero_grad():
    p, q = leaf(), leaf()
    optimizer = optim.SGD([p, q])
    p.grad = np.ones(2)
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0.0, 0.0]
    assert not q.has_grad
    optimizer.zero_grad()
    assert not p.has_grad


def test_rates_may_be_arrays_or_nodes_of_one_element():
    rates = [Tensor(0.5), Tensor([0.5], requires_grad=False), np.float32(0.5), np.array([0.5]), torch.tensor(0.5)]
    assert [optim.SGD([leaf()], lr=lr).lr for lr in rates] == [0.5] * 5
    assert optim.Adam([leaf()], betas=(np.float64(0.5), torch.tensor(0.75))).param_groups[0]["betas"] == (0.5, 0.75)


def test_copies():
    p = leaf()
    optimizer = optim.Adam([p], lr=0.5)
    p.grad = np.ones(2)
    optimizer.step()
    for twin in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        q = twin.param_groups[0]["params"][0]
        assert q is not p
        q.grad = np.ones(2)
        twin.step()
        assert twin.state[q]["step"] == 2
        assert {*vars(twin)} - {"_hooks"} == {*vars(optimizer)} - {"_hooks"}
    assert optimizer.state[p]["step"] == 1


W = leaf()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: optim.Adadelta(None, rho=1.1),
            ValueError,
            "^Invalid rho value: 1.1; Adadelta: rho must be .* at most 1",
        ),
        (lambda: optim.Adagrad(None, lr_decay=-0.5), ValueError, "^Invalid lr_decay value: -0.5"),
        (lambda: optim.Adam(None, betas=(1.0, 0.0)), ValueError, "^Invalid beta parameter at index 0: 1.0"),
        (lambda: optim.Adamax(None, betas=(0.0, 1.0)), ValueError, "^Invalid beta parameter at index 1: 1.0"),
        (lambda: optim.AdamW(None, weight_decay=-1), ValueError, "^Invalid weight_decay value: -1"),
        (lambda: optim.NAdam(None, momentum_decay=-0.2), ValueError, "^Invalid momentum_decay value: -0.2"),
        (lambda: optim.RMSprop(None, momentum=-1.0), ValueError, "^Invalid momentum value: -1.0"),
        (lambda: optim.Rprop(None, etas=(1.0, 0.5)), ValueError, "^Invalid eta values: 1.0, 0.5"),
        (lambda: optim.Rprop(None, step_sizes=(1.0, 0.5)), ValueError, "step_sizes must be the least and the largest"),
        (lambda: optim.RAdam(None, lr=-1), ValueError, "^Invalid learning rate: -1"),
        (lambda: optim.Adam(None, eps=-1), ValueError, "^Invalid epsilon value: -1"),
        (lambda: optim.SGD(None, lr=Tensor([0.1, 0.1])), ValueError, "^Tensor lr must be 1-element"),
        (
            lambda: optim.SGD([W], nesterov=True),
            ValueError,
            "^Nesterov momentum requires a momentum and zero dampening",
        ),
        (lambda: optim.SGD(W), TypeError, "should be an iterable of Tensors or dicts; SGD: pass a list"),
        (lambda: optim.SGD([("w", W), leaf()]), ValueError, "with/without names. Some param names are missing"),
        (
            lambda: optim.SGD([{"params": [leaf()]}, {"params": [("w", W)]}]),
            ValueError,
            "with/without names. cannot add param group with names to the optimizer",
        ),
        (lambda: optim.SGD([{"params": W}, {"params": W}]), ValueError, "appear in more than one parameter group"),
        (lambda: optim.SGD([{"params": {W}}]), TypeError, "the order of a set"),
        (lambda: optim.SGD([]), ValueError, "^optimizer got an empty parameter list"),
        (lambda: optim.SGD([(W, W)]), TypeError, "one of the params is tuple"),
        (
            lambda: optim.SGD([np.ones(2)]),
            TypeError,
            r"^optimizer can only optimize Tensors, .* ndarray; .*nn.Parameter",
        ),
        (lambda: optim.SGD([W * 2]), ValueError, "^can't optimize a non-leaf Tensor; SGD: parameter 0"),
        (
            lambda: optim.SGD([W]).load_state_dict(optim.SGD([W, leaf()]).state_dict()),
            ValueError,
            "^loaded state dict contains a parameter group that doesn't match",
        ),
        (
            lambda: optim.SGD([W]).load_state_dict(optim.SGD([{"params": [W]}, {"params": [leaf()]}]).state_dict()),
            ValueError,
            "^loaded state dict has a different number of parameter groups",
        ),
        (lambda: optim.SGD([leaf()]).add_param_group([W]), TypeError, "a dict with 'params'"),
        (lambda: optim.SGD([W], momntum=0.9), TypeError, "momntum"),
        (lambda: optim.Adam([W], betas=(0.9, Tensor(0.99))), ValueError, "either both floats or both Tensors"),
        (lambda: optim.Adam([W], lr=Tensor(0.1), foreach=True), ValueError, "lr as a Tensor is not supported"),
        (
            lambda: optim.Adam([W], betas=(Tensor(0.9), Tensor(0.99)), foreach=True),
            ValueError,
            r"betas\[0\] as a Tensor is not supported for capturable=False and foreach=True",
        ),
        (lambda: optim.SGD([W], differentiable=True), ValueError, r"gradients\(loss, \[p\], create_graph=True\)"),
        (
            lambda: optim.LBFGS([{"params": [W]}, {"params": [leaf()]}]),
            ValueError,
            "doesn't support per-parameter options",
        ),
        (lambda: optim.LBFGS([W], line_search_fn="armijo"), RuntimeError, "only 'strong_wolfe' is supported"),
        (lambda: optim.LBFGS([W], max_iter=2.5), ValueError, "max_iter must be an integer of at least 1"),
        (lambda: optim.LBFGS([W]).step(), TypeError, "pass a closure"),
        (lambda: optim.LBFGS([W]).step(lambda: None), TypeError, "returns None"),
        (
            lambda: optim.LBFGS([W]).load_state_dict(
                {"state": {0: {"d": np.ones(3)}}, "param_groups": optim.LBFGS([W]).state_dict()["param_groups"]}
            ),
            ValueError,
            "d is no part of the memory of 2 numbers",
        ),
    ],
)
def test_mistakes(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_parameter_that_is_passed_twice_moves_twice_as_in_pytorch():
    w, v = leaf(), torch.tensor(leaf().data, requires_grad=True)
    with pytest.warns(UserWarning, match="duplicate parameters.*moves twice"):
        ours = optim.Adam([w, w], lr=0.1)
    with pytest.warns(UserWarning, match="duplicate parameters"):
        theirs = torch.optim.Adam([v, v], lr=0.1)
    for _ in range(3):
        ours.step(lambda: (ours.zero_grad(), ((w - 3.0) ** 2).sum().backward()))
        theirs.step(lambda: (theirs.zero_grad(), ((v - 3.0) ** 2).sum().backward()))
    np.testing.assert_allclose(w.data, v.detach().numpy(), rtol=1e-12)


def test_a_compiled_step_leaves_a_parameter_that_is_passed_twice_to_the_optimizer():
    layer = nn.Linear(2, 1, rng=0)
    with pytest.warns(UserWarning, match="duplicate parameters"):
        step = nn.compile_step(layer, nn.MSELoss(), optim.Adam([layer.weight, layer.weight], lr=0.1))
    with pytest.warns(CompileWarning, match="moves a parameter twice"):
        [step(X[:, :2], Y) for _ in range(3)]
