"""Steps that JAX or PyTorch compiles, against the same steps as they are written on NumPy's arrays."""

import copy
import pickle
from importlib import import_module
from threading import Thread

import numpy as np
import pytest
from hypothesis import settings

import nn
import nn.functional as F
from autograd import Tensor
from nn import optim

pytest.importorskip("jax")
pytest.importorskip("torch")

X = np.random.default_rng(0).normal(size=(12, 4))
Y = np.tanh(X[:, :2] * X[:, 1:3])
LABELS = np.arange(12) % 2
TOLERANCE = {"float64": 1e-12, "float32": 2e-6}


@pytest.fixture(params=["jax", "torch"], autouse=True)
def using(request, monkeypatch):
    if request.param == "jax":
        import jax

        before = jax.config.jax_enable_x64
        jax.config.update("jax_enable_x64", True)
        yield request.param
        jax.config.update("jax_enable_x64", before)
    else:
        import torch

        compiled = torch.compile
        monkeypatch.setattr(torch, "compile", lambda graph, **how: compiled(graph, **how, backend="aot_eager"))
        yield request.param
        torch._dynamo.reset()


def net(dtype="float64", dropout=0.0):
    return nn.Sequential(
        nn.Linear(4, 6, rng=0, dtype=dtype), nn.Tanh(), nn.Dropout(dropout, rng=5), nn.Linear(6, 2, rng=1, dtype=dtype)
    )


def trained(using, make, model=net, loss=F.mse_loss, steps=6, y=Y, between=lambda i, model, optimizer, schedule: None):
    """The parameters, losses and optimiser after some steps, as written on NumPy or compiled by a library."""
    model = model()
    if using is not None:
        model.to(using)
    optimizer = make(model.parameters())
    step = nn.compile_step(model, loss, optimizer, using=using) if using is not None else None
    schedule = optim.lr_scheduler.ExponentialLR(optimizer, 0.8)
    losses = []
    for i in range(steps):
        if step is not None:
            losses.append(step(X.astype(model[0].weight.numpy().dtype), y))
        else:
            optimizer.zero_grad()
            error = loss(model(X.astype(model[0].weight.dtype)), y)
            error.backward()
            optimizer.step()
            losses.append(error.item())
        schedule.step()
        between(i, model, optimizer, schedule)
    assert step is None or step.compiled is True
    return [p.numpy() for p in model.parameters()], losses, optimizer, step


def same(a, b, tolerance):
    for p, q in zip(a[0], b[0], strict=True):
        assert p.dtype == q.dtype
        np.testing.assert_allclose(p, q, rtol=0, atol=tolerance * max(1, np.abs(q).max()))
    np.testing.assert_allclose(a[1], b[1], rtol=0, atol=tolerance * 10)


RULES = {
    "sgd": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda p: optim.Adam(p, lr=0.05),
    "adamw": lambda p: optim.AdamW(p, lr=0.05),
    "radam": lambda p: optim.RAdam(p, lr=0.05),
    "nadam": lambda p: optim.NAdam(p, lr=0.05),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.05, momentum=0.5, centered=True),
    "adagrad": lambda p: optim.Adagrad(p, lr=0.05, lr_decay=0.1),
    "adadelta": lambda p: optim.Adadelta(p, lr=0.5),
}


# Each is compiled for two libraries: Adam is in other tests too, the others take their turn in the thorough run.
OFTEN = RULES if settings.default.max_examples > 100 else ("momentum", "radam")


@pytest.mark.parametrize("rule", OFTEN)
def test_every_number_of_a_rule_goes_on(using, rule):
    ours, numpys = (trained(u, RULES[rule], model=line, steps=8) for u in (using, None))
    same(ours, numpys, 1e-12)
    counts = [{k: x for k, x in s.items() if isinstance(x, int)} for s in ours[2].state.values()]
    assert counts == [{k: x for k, x in s.items() if isinstance(x, int)} for s in numpys[2].state.values()]


def test_float32_stays(using):
    model = lambda: net("float32")
    same(trained(using, RULES["adam"], model), trained(None, RULES["adam"], model), 2e-6)


def test_what_is_dropped_is_drawn_anew_in_each_step_as_without_a_compiler(using):
    model = lambda: net(dropout=0.5)
    same(trained(using, RULES["adam"], model), trained(None, RULES["adam"], model), 1e-12)


def test_a_rule_that_needs_the_numbers_runs_as_it_is_written(using):
    make = lambda p: optim.LBFGS(p, lr=0.5, max_iter=2)
    model, again = net().to(using), net()
    step = nn.compile_step(model, "mse", make(model.parameters()))
    optimizer = make(again.parameters())
    for _ in range(3):
        step(X, Y)

        def closure():
            optimizer.zero_grad()
            error = F.mse_loss(again(X), Y)
            error.backward()
            return error

        optimizer.step(closure)
    for p, q in zip(model.parameters(), again.parameters(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy(), atol=1e-9)


def test_what_changes_between_steps_is_noticed(using):
    saved = {}

    def between(i, model, optimizer, schedule):
        if i == 1:
            saved.update(model=model.state_dict(), optimizer=optimizer.state_dict())
        if i == 3:
            model.load_state_dict(saved["model"])
            optimizer.load_state_dict(saved["optimizer"])
        if i == 4:
            model[3].weight.requires_grad = False
            optimizer.param_groups[0]["betas"] = (0.8, 0.99)

    same(*(trained(u, RULES["adam"], between=between, steps=8) for u in (using, None)), 1e-12)


def test_a_leaf_that_the_loss_captures_is_an_input(using):
    found = []
    for u in (using, None):
        scale = Tensor(2.0, requires_grad=False)
        scale = scale.to(u) if u else scale

        def between(i, *_, scale=scale):
            scale.data = scale.data + 1.0

        loss = lambda output, y, scale=scale: (scale * (output - y) ** 2).mean()
        found.append(trained(u, RULES["sgd"], model=line, loss=loss, between=between, steps=4))
    same(*found, 1e-12)


def test_another_length_of_minibatch_is_another_variant(using):
    model, again = net().to(using), net()
    step = nn.compile_step(model, "mse", optim.SGD(model.parameters(), lr=0.1))
    optimizer = optim.SGD(again.parameters(), lr=0.1)
    for n in (12, 5, 12, 5):
        optimizer.zero_grad()
        F.mse_loss(again(X[:n]), Y[:n]).backward()
        optimizer.step()
        step(X[:n], Y[:n])
    for p, q in zip(model.parameters(), again.parameters(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy(), atol=1e-12)
        np.testing.assert_allclose(p.numpy(), q.numpy(), atol=1e-12)


def test_targets_that_are_the_samples_are_inputs_of_their_own(using):
    found = []
    for u in (using, None):
        model = nn.Sequential(nn.Linear(4, 4, rng=0), nn.Tanh())
        asarray = lambda x: x
        if u:
            asarray = import_module("jax.numpy" if u == "jax" else u).asarray
            model.to(u)
        optimizer = optim.SGD(model.parameters(), lr=0.1)
        step = nn.compile_step(model, "mse", optimizer)
        data = asarray(X)
        for y in (data, data, data, asarray(X[::-1].copy())):
            step(data, y)
        found.append([p.numpy() for p in model.parameters()])
    for p, q in zip(*found, strict=True):
        np.testing.assert_allclose(p, q, atol=1e-12)


def test_a_model_elsewhere_is_refused_with_the_way(using):
    model = net()
    with pytest.raises(TypeError, match=rf'call model\.to\("{using}"\) first'):
        nn.compile_step(model, "mse", optim.SGD(model.parameters(), lr=0.1), using=using)
    with pytest.raises(ValueError, match="'numba' compiles no steps; using= takes 'jax', 'torch'"):
        nn.compile_step(model, "mse", optim.SGD(model.parameters(), lr=0.1), using="numba")


def test_fit_compiles_too(using):
    histories = []
    for u in (using, None):
        model = net()
        if u:
            model.to(u)
        optimizer = optim.Adam(model.parameters(), lr=0.05)
        histories.append(
            nn.fit(model, X, Y, loss="mse", optimizer=optimizer, epochs=3, batch_size=4, rng=0, progress=False,
                   callbacks=[nn.ClipGradients(0.1)], compiled=u or False)
        )  # fmt: skip
    assert histories[0].compiled is True
    np.testing.assert_allclose(histories[0]["loss"], histories[1]["loss"], atol=1e-12)


def line():
    return nn.Sequential(nn.Linear(4, 2, rng=0))


def is_numpys(using, make, **options):
    """Whether a training on the library gives NumPy's parameters and losses, and leaves the same kinds of memories."""
    ours, numpys = (trained(u, make, **{"model": line, "steps": 4} | options) for u in (using, None))
    same(ours, numpys, 1e-12)
    kinds = [
        [{k: type(x) if isinstance(x, (bool, int, float)) else tuple(x.shape) for k, x in memory.items()}
         for memory in optimizer.state.values()]
        for _, _, optimizer, _ in (ours, numpys)
    ]  # fmt: skip
    assert kinds[0] == kinds[1]


def test_options_of_any_kind_change_and_parameters_come_later(using):
    def between(i, model, optimizer, schedule):
        options = optimizer.param_groups[0]
        if i == 0:
            options["betas"] = [0.9, 0.999]
        if i == 1:
            options["params"].append(model[0].bias)  # whose memory begins with its own numbers
            options["betas"][0] = 0.5
        if i == 2:
            options["lr"] = np.float64(0.3)

    is_numpys(using, lambda p: optim.Adam([next(iter(p))], lr=0.1), between=between)


def test_a_rate_may_be_a_number_of_numpys(using):
    found = []
    for u in (using, "numpy"):
        model = line().float().to(u)
        optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
        optimizer.param_groups[0]["momentum"] = np.float64(0.5)
        for _ in range(2):
            F.mse_loss(model(X.astype(np.float32)), Y.astype(np.float32)).backward()
            optimizer.step()  # without a warning of PyTorch's
        memory = optimizer.state[model[0].weight]["momentum_buffer"]
        found.append((model[0].weight.numpy(), str(memory.dtype)))
    np.testing.assert_allclose(found[0][0], found[1][0], atol=2e-6)
    assert {dtype.removeprefix("torch.") for _, dtype in found} == {"float32"}


class Odd(optim.Optimizer):
    """A rule that a trace does not hold, but for the flag in its memory."""

    def __init__(self, params, way):
        super().__init__(params, lr=0.1, way=way)
        self.count, self.rng = 0, np.random.default_rng(0)

    def _update(self, g, group, state):
        rate = group["lr"]
        if group["way"] == "flag":
            state["flag"], state["one"] = not state.get("flag", False), 1.0
            rate = rate * (2 if state["flag"] else 1)
        elif group["way"] == "option":
            group["lr"] = rate * 0.5
        elif group["way"] == "attribute":
            self.count += 1
        elif group["way"] == "drawn":
            rate = rate * float(self.rng.random())
        return rate * g


def test_what_a_rule_leaves_in_its_memory_is_read_anew(using):
    is_numpys(using, lambda p: Odd(p, "flag"))


@pytest.mark.parametrize("way", ["option", "attribute", "drawn", "twice"])
def test_a_rule_that_reads_what_it_changes_runs_as_it_is_written(using, way):
    model = line().to(using)
    optimizer = Odd(model.parameters(), way)
    step = nn.compile_step(model, "mse", optimizer)
    if way == "twice":
        optimizer.param_groups[0]["params"] *= 2
    drawn = np.random.default_rng(0).random()
    assert step._with_rule([], step._moved(lambda p: True), None) is None
    assert (optimizer.count, optimizer.rng.random(), optimizer.lr) == (0, drawn, 0.1)


def test_an_update_follows_the_gradients_that_there_are(using):
    found = []
    for u in (using, None):
        model = line()
        model.unused = nn.Parameter([1.0])
        optimizer = optim.SGD(model.to(u or "numpy").parameters(), lr=0.1)
        step = nn.compile_step(model, "mse", optimizer)
        for i in range(3):
            step.backward(X, Y)
            if i == 1:
                model[0].weight.grad = None
                model.unused.grad = np.ones(1)
            if i == 2:
                model[0].bias.requires_grad = False
            step.update()
        found.append([p.numpy() for p in model.parameters()])
    for p, q in zip(*found, strict=True):
        np.testing.assert_allclose(p, q, atol=1e-12)


def test_a_hook_of_a_parameter_is_no_part_of_a_trace(using):
    def between(i, model, optimizer, schedule):
        if i == 0:
            hooks.append(model[0].weight.register_hook(lambda g: g * 3))
        if i == 2:
            hooks.pop().remove()

    hooks = []
    is_numpys(using, RULES["sgd"], between=between)


class Hidden:
    __slots__ = ("leaf",)


def test_a_leaf_that_is_held_out_of_sight_is_an_input(using):
    found = []
    for u in (using, None):
        hidden = Hidden()
        hidden.leaf = Tensor(2.0).to(u or "numpy")

        def between(i, *_, hidden=hidden):
            hidden.leaf.data = hidden.leaf.data + 1.0

        likely = nn.BCEWithLogitsLoss(pos_weight=[1.0, 2.0])
        loss = lambda output, y, hidden=hidden: hidden.leaf * likely(output, y)
        y = (Y > 0).astype(float)
        found.append(trained(u, RULES["sgd"], model=line, loss=loss, y=y, between=between, steps=4))
        assert not hidden.leaf.has_grad or np.isfinite(float(hidden.leaf.grad))  # which is no tracer
    same(*found, 1e-12)


class Noisy(nn.Linear):
    def forward(self, x):
        return super().forward(x) + self.rng.normal(size=2)


def test_noise_of_a_models_own_is_refused(using):
    model = Noisy(4, 2, rng=0).to(using)
    model.rng = np.random.default_rng(0)
    step = nn.compile_step(model, "mse", optim.SGD(model.parameters(), lr=0.1))
    with pytest.raises(TypeError, match=r"draws random numbers.*autograd\.compiler\.fresh"):
        step.backward(X, Y)


def test_a_wrong_label_stops_a_step_before_anything_moves(using):
    model = line().to(using)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    step = nn.compile_step(model, "cross_entropy", optimizer)
    for _ in range(2):
        step(X, LABELS)
    before = [p.numpy() for p in model.parameters()]
    with pytest.raises(ValueError, match="Target 2 is out of bounds"):
        step(X, LABELS + 1)
    assert all(np.array_equal(p.numpy(), q) for p, q in zip(model.parameters(), before, strict=True))
    assert [memory["step"] for memory in optimizer.state.values()] == [2, 2]


def test_a_layer_that_was_replaced_rests(using):
    def between(i, model, optimizer, schedule):
        if i == 1:
            model[0] = nn.Linear(4, 2, rng=1).to("numpy" if type(model[0].weight.data) is np.ndarray else using)
            optimizer.add_param_group({"params": model[0].parameters()})

    is_numpys(using, RULES["sgd"], between=between)
    model = line().to(using)
    step = nn.compile_step(model, "mse", optim.SGD(model.parameters(), lr=0.1))
    model[0] = nn.Linear(4, 2)
    with pytest.raises(TypeError, match=rf'call model\.to\("{using}"\) first'):
        step.backward(X, Y)


def test_a_model_takes_another_dtype_between_steps(using):
    places = np.arange(12) % 5
    model = nn.Embedding(5, 2, rng=0).to(using)
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
    step = nn.compile_step(model, "cross_entropy", optimizer)
    for dtype in ("float64", "float32"):
        model.to(dtype=dtype)
        for _ in range(2):
            step(places, LABELS)
        arrays = model.weight.data, model.weight.grad, optimizer.state[model.weight]["momentum_buffer"]
        assert {str(x.dtype).removeprefix("torch.") for x in arrays} == {dtype}


def test_a_step_is_copied_and_pickled_with_what_it_trains(using):
    for u in (using, "numpy"):
        model = line().to(u)
        step = nn.compile_step(model, "mse", optim.SGD(model.parameters(), lr=0.1))
        step.backward(X, Y)
        for other in (copy.deepcopy(step), pickle.loads(pickle.dumps(step))):
            assert other.optimizer.param_groups[0]["params"][0] is other.model[0].weight is not model[0].weight
            assert other.backward(X, Y) == pytest.approx(step.backward(X, Y))


def test_data_that_are_no_numbers_are_named(using):
    model = line().to(using)
    step = nn.compile_step(model, "mse", optim.SGD(model.parameters(), lr=0.1))
    for x, reason in ((X.astype(str), "converts texts"), (None, "None is not a number"), (X * 1j, "complex128")):
        with pytest.raises(TypeError, match=reason):
            step(x, Y)


def test_threads_that_compile_at_once_take_turns(using):
    rng, losses = np.random.default_rng(0), {}
    X = rng.normal(size=(12, 3))

    def train(width):
        model = nn.MLP([3, width, 1], "tanh", rng=0).to(using)
        history = nn.fit(
            model, X, X[:, :1], loss="mse", optimizer="sgd", batch_size=6, epochs=3, rng=0, progress=False,
            compiled=using,
        )  # fmt: skip
        losses[width] = history.compiled, history["loss"]

    threads = [Thread(target=train, args=(width,)) for width in (2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [losses[width][0] for width in (2, 3, 4)] == [True] * 3
    model = nn.MLP([3, 4, 1], "tanh", rng=0)
    alone = nn.fit(model, X, X[:, :1], loss="mse", optimizer="sgd", batch_size=6, epochs=3, rng=0, progress=False)
    np.testing.assert_allclose(losses[4][1], alone["loss"])
