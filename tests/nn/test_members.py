"""Members, hooks and dtypes of modules beyond what PyTorch has: Values, compiled steps, tables, what is said."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from tests.helpers.containers import net_of_containers

X, Y = np.random.default_rng(0).normal(size=(5, 3)), np.ones((5, 1))


def test_a_python_list_s_and_dict_s_other_methods():
    layers = nn.ModuleList(nn.Linear(1, i) for i in (1, 2, 3))
    one = layers[0]
    layers.reverse()
    layers.remove(one)
    assert [layer.out_features for layer in layers] == [3, 2]
    assert layers.index(layers[1]) == 1
    assert one not in layers
    assert [name for name, _ in layers.named_children()] == ["0", "1"]
    with pytest.raises(AttributeError):
        del one.scale
    merged = {"b": nn.Parameter(1.0)} | nn.ParameterDict({"a": nn.Parameter(2.0)})
    assert list(merged) == ["b", "a"]
    part = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid())[1:]
    assert [name for name, _ in part.named_children()] == ["1", "2"]
    assert [type(module) for module in part.append(nn.ReLU())] == [nn.Tanh, nn.Sigmoid, nn.ReLU]
    heads = nn.ModuleDict([("x", one)])
    assert heads.get("y") is None
    assert heads.setdefault("y", nn.Tanh()) is heads["y"]
    assert heads.popitem()[0] == "y"
    assert heads != nn.ModuleDict(heads)
    assert len({heads, copy.deepcopy(heads)}) == 2
    for wrong, words in ((3, "not int"), ([one], "there is Linear for a pair"), ([("x", one, 1)], "there are 3 for")):
        with pytest.raises((TypeError, ValueError), match=f"ModuleDict.update: pass a mapping, or pairs.*{words}"):
            heads.update(wrong)
    with pytest.raises(KeyError, match="ModuleDict: there is no 'q'; it has x"):
        heads["q"]
    with pytest.raises(TypeError, match=r"Sequential\(OrderedDict\(modules\)\), which keeps the names"):
        nn.Sequential({"a": one})


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
def test_containers_are_copied_and_shown(twin):
    model = net_of_containers()
    other = twin(model)
    assert repr(other) == repr(model)
    assert repr(model).splitlines()[-2:] == ["  named: ParameterDict(gain: (2,))", ")"]
    assert list(other.state_dict()) == list(model.state_dict())
    other.weights.append(np.ones(1))
    assert len(model.weights) == 2


def test_a_list_of_parameters_becomes_values():
    weights = nn.ParameterList([np.ones(2)]).to_scalars()
    assert [name for name, _ in weights.named_parameters()] == ["0[0]", "0[1]"]
    assert weights.get_parameter("0[1]") is weights[0][1]
    assert nn.ParameterList([Value(1.0)]).state_dict() == {"0": 1.0}


def test_a_model_computes_with_lists_and_dicts_of_parameters():
    class Polynomial(nn.Module):
        def __init__(self):
            self.powers = nn.ParameterList(nn.Parameter(float(i)) for i in range(3))
            self.out = nn.ParameterDict({"scale": nn.Parameter(2.0)})

        def forward(self, x):
            return self.out["scale"] * sum(p * x**i for i, p in enumerate(self.powers))

    model = Polynomial()
    model(np.array(3.0)).backward()
    assert [float(p.grad) for p in model.parameters()] == [2.0, 6.0, 18.0, 21.0]
    step = nn.compile_step(model, "mse", nn.optim.SGD(model.parameters(), 0.01))
    first = step(X[:, 0], Y[:, 0])
    assert step(X[:, 0], Y[:, 0]) < first
    assert step.compiled is True


# ---- buffers, names, what is said ----


class Scaled(nn.Module):
    def __init__(self):
        self.register_buffer("mean", X.mean(0))
        self.register_buffer("shift", np.zeros(3), persistent=False)
        self.linear = nn.Linear(3, 1, rng=0)

    def forward(self, x):
        return self.linear(x - self.mean + self.shift)


def test_a_buffer_is_trained_with_compiled_and_loaded():
    model = Scaled()
    assert (
        list(model.state_dict()) == ["mean", "linear.weight", "linear.bias"] or list(model.state_dict())[-1] == "mean"
    )
    step = nn.compile_step(model, "mse", nn.optim.SGD(model.parameters(), 0.01))
    step(X, Y)
    model.mean = np.zeros(3)
    assert step(X, Y) == pytest.approx(nn.MSELoss()(model(X), Y).item(), rel=0.1)
    assert step.compiled is True
    other = Scaled()
    other.load_state_dict(model.state_dict())
    np.testing.assert_array_equal(other.mean, 0.0)
    model.mean = np.float64(2.0)
    assert isinstance(model.mean, np.ndarray)


@pytest.mark.parametrize("make", [np.zeros, lambda n: Tensor(np.zeros(n), requires_grad=False)], ids=["array", "node"])
def test_a_buffer_that_each_pass_changes_is_a_leaf_and_compiles(make):
    class Centred(nn.Module):
        def __init__(self):
            self.register_buffer("count", make(1))
            self.register_buffer("mean", make(3))
            self.linear = nn.Linear(3, 1, rng=0)

        def forward(self, x):
            x = nn.kinds.as_node(x)
            self.count += 1
            self.mean = 0.9 * self.mean + 0.1 * x.mean(axis=0)
            return self.linear(x - self.mean)

    models = [Centred(), Centred()]
    steps = [nn.compile_step(model, "mse", nn.optim.SGD(model.parameters(), 0.1)) for model in models]
    steps[0].compiled = "not asked for"
    for i in range(5):
        for step in steps:
            step(X, Y)
        if i == 2:
            models[0].mean, models[1].mean = make(3), make(3)
    assert steps[1].compiled is True
    for (name, a), b in zip(models[0].state_dict().items(), models[1].state_dict().values(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, err_msg=name)
    assert models[0].count == 5
    for model in models:
        assert type(model.mean) is type(make(1))
        assert getattr(model.mean, "op", None) is None
        model.load_state_dict(model.state_dict())


def test_an_array_that_the_state_leaves_out_is_named():
    class Forgets(nn.Module):
        def __init__(self):
            self.mean, self._cache, self.rate = np.zeros(3), np.ones(2), 0.1

    model = nn.Sequential(Forgets())
    with pytest.warns(UserWarning, match=r"Forgets\.mean is an array, but no buffer.*register_buffer\('mean', array\)"):
        assert model.state_dict() == {}
    mean = model[0].mean
    del model[0].mean
    model[0].register_buffer("mean", mean, persistent=False)
    assert model.state_dict() == {}

    class Weighted(nn.CrossEntropyLoss):
        pass

    Weighted(weight=np.ones(3)).state_dict()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wieght", "'Linear' object has no attribute 'wieght'; did you mean 'weight'\\?"),
        ("cuda", "computes with NumPy on the CPU"),
        ("half", r"model\.float\(\)"),
        ("compile", "compile_step"),
        ("_modules", "named_children"),
        ("_secret", "'Linear' object has no attribute '_secret'$"),
    ],
)
def test_an_attribute_that_is_not_there(name, words):
    with pytest.raises(AttributeError, match=words) as caught:
        getattr(nn.Linear(1, 1), name)
    assert caught.value.name == name


def test_an_error_in_a_property_is_its_own():
    class Wrong(nn.Module):
        @property
        def size(self):
            return self.weihgt.size

    with pytest.raises(AttributeError, match="'Wrong' object has no attribute 'weihgt'"):
        Wrong().size


def test_an_error_of_loading_is_pytorch_s_and_ours():
    layer = nn.Linear(2, 1)
    for kind in (RuntimeError, ValueError):
        with pytest.raises(kind, match=r'"weight" \(1, 2\), "bias" \(1,\)\.\n\tUnexpected key\(s\) in state_dict: "q"'):
            layer.load_state_dict({"q": 1.0})
    keys = layer.load_state_dict({"weight": [[1.0, 2.0]]}, strict=False)
    assert keys == (["bias"], [])
    assert str(keys) == "IncompatibleKeys(missing_keys=['bias'], unexpected_keys=[])"


def test_a_state_of_pytorch_s_is_loaded():
    torch = pytest.importorskip("torch")
    theirs, ours = torch.nn.Linear(2, 1), nn.Linear(2, 1)
    ours.load_state_dict(dict(theirs.named_parameters()))
    np.testing.assert_array_equal(ours.weight.data, theirs.weight.detach().numpy())
    with pytest.raises(RuntimeError, match="no array of real numbers, or not in float64, float32 or integers: weight"):
        ours.load_state_dict(theirs.bfloat16().state_dict())


def test_a_tied_weight_has_all_its_names_and_a_file_needs_one(tmp_path):
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[1].weight = model[0].weight
    state = model.state_dict()
    assert len(state) == 4
    del state["1.weight"]
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "1\.weight"'):
        model.load_state_dict(state)
    nn.save(state, tmp_path / "state")
    assert nn.load(tmp_path / "state", model) is model


def test_extra_repr_is_shown():
    class Power(nn.Module):
        def __init__(self, p, inner=None):
            self.p, self.inner = p, inner

        def extra_repr(self):
            return f"power={self.p}"

    assert repr(Power(3)) == "Power(power=3)"
    assert repr(Power(3, nn.Tanh())) == "Power(\n  power=3\n  inner: Tanh()\n)"


# ---- dtypes ----


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("rule", ["SGD", "Adam", "RMSprop", "Adagrad"])
@pytest.mark.parametrize(("first", "second"), [("float64", "float32"), ("float32", "float64")])
def test_a_training_goes_on_in_another_dtype(rule, first, second, compiled):
    options = {"momentum": 0.9} if rule == "SGD" else {}

    def trained(change):
        model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.Tanh(), nn.Linear(2, 1, rng=1)).to(first)
        weight = model[0].weight
        optimizer = getattr(nn.optim, rule)(model.parameters(), lr=0.1, **options)
        step = nn.compile_step(model, "mse", optimizer)
        step.compiled = step.compiled if compiled else "not asked for"
        for i in range(4):
            if i == 2 and change:
                assert model.to(second) is model
            step(X, Y)
        assert model[0].weight is weight
        return model, optimizer

    (model, optimizer), (plain, _) = trained(True), trained(False)
    dtypes = {p.dtype for p in model.parameters()} | {p.grad.dtype for p in model.parameters()}
    memory = {x.dtype for state in optimizer.state.values() for x in state.values() if isinstance(x, np.ndarray)}
    assert dtypes == memory == {np.dtype(second)}
    for a, b in zip(model.parameters(), plain.parameters(), strict=True):
        np.testing.assert_allclose(a.data, b.data, rtol=1e-4, atol=1e-5)


def test_dtypes_are_named_in_many_ways():
    model = nn.Linear(2, 1)
    for way in ("float32", np.float32, np.zeros(1, np.float32), Tensor(np.zeros(1, np.float32)), np.dtype("f4")):
        assert model.double().to(way).weight.dtype == np.float32
    assert model.to("cpu", np.float64, True).weight.dtype == np.float64
    assert model.to(dtype=np.float32).type(float).bias.dtype == np.float64
    model.register_buffer("mask", Tensor([1.0, 0.0], requires_grad=False))
    mask = model.float().mask
    assert (mask.dtype, mask.op, mask.requires_grad) == (np.float32, None, False)
    norm = nn.BatchNorm1d(2).float()
    assert norm.running_mean.dtype == np.float32
    assert norm.num_batches_tracked.dtype.kind == "i"
    frozen = nn.Linear(2, 1).requires_grad_(False).float()
    assert frozen.weight.requires_grad is False
    assert nn.predict(frozen, X[:, :2]).dtype == np.float32
    for way in ("cuda", "int64", np.int32, np.float16, "nonsense", object()):
        with pytest.raises(TypeError, match="Linear: parameters are float64 or float32, on the CPU"):
            model.to(way)
    scalar = nn.MLP([2, 1], scalar=True)
    assert scalar.double() is scalar
    with pytest.raises(TypeError, match="a scalar net computes with Python's floats"):
        scalar.float()


def test_a_recorded_graph_notices_another_dtype():
    layer = nn.Linear(2, 1)
    loss = (layer.weight * layer.weight).sum()
    layer.float()
    with pytest.raises(ValueError, match="changed"):
        loss.backward()


def test_loading_may_take_over_dtypes():
    layer, state = nn.Linear(2, 1, rng=0), nn.Linear(2, 1, rng=1).float().state_dict()
    layer.load_state_dict(state)
    assert layer.weight.dtype == np.float64
    layer.load_state_dict(state, assign=True)
    assert layer.weight.dtype == np.float32
    layer.load_state_dict({"weight": [[1, 2]], "bias": [1e300]}, assign=True)
    assert layer.weight.dtype == np.float32
    assert layer.bias.data == 1e300
    norm = nn.BatchNorm1d(1).float()
    with pytest.raises(ValueError, match="not to be held by float32: running_mean"):
        norm.load_state_dict(norm.state_dict() | {"running_mean": [1e300]}, assign=True)
    layer.load_state_dict(state)
    step = nn.compile_step(layer.double(), "mse", nn.optim.SGD(layer.parameters(), 0.0))
    step(X[:, :2], Y)
    layer.load_state_dict(state, assign=True)
    step(X[:, :2], Y)
    assert step.compiled is True
    assert layer.weight.dtype == np.float32
    np.testing.assert_array_equal(layer.weight.data, state["weight"])


# ---- hooks ----


def test_backward_hooks_take_values_and_recorded_gradients():
    class Square(nn.Module):
        def forward(self, x):
            return x * x

    square, seen = Square(), []
    handle = square.register_full_backward_hook(lambda module, grad_input, grad_output: seen.append(grad_input))
    x = Value(3.0)
    square(x).backward()
    assert seen == [(6.0,)]
    t = Tensor([3.0])
    (gradient,) = autograd.gradients(square(t).sum(), [t], create_graph=True)
    (second,) = autograd.gradients(gradient.sum(), [t])
    assert second.tolist() == [2.0]
    assert isinstance(seen[1][0], Tensor)
    with autograd.no_grad():
        assert square(t).tolist() == [9.0]
    handle.remove()
    assert square(t).parents[0] is t


def test_hooks_that_cannot_run_say_so():
    with pytest.raises(TypeError, match="Linear: a hook is a function, not int"):
        nn.Linear(1, 1).register_forward_hook(3)

    class Product(nn.Module):
        def forward(self, x, y):
            return x * y

    product = Product()
    product.register_full_backward_hook(lambda *args: None)
    with pytest.raises(TypeError, match="a single Value, or Tensors; node"):
        product(Value(1.0), Value(2.0))

    class Pair(nn.Module):
        def forward(self, x):
            return {"y": x}

    model = Pair()
    with model.register_full_backward_hook(lambda *args: None):
        with pytest.warns(
            UserWarning, match="Pair to run, its result should be a Tensor or a tuple of Tensors, not dict"
        ):
            model(Tensor([1.0]))
    layer = nn.Linear(3, 1)
    layer.register_forward_pre_hook(lambda module, args: None)
    step = nn.compile_step(layer, "mse", nn.optim.SGD(layer.parameters(), 0.1))
    with pytest.warns(UserWarning, match="Linear has the hook"):
        step(X, Y)


def test_an_error_of_a_hook_after_an_error_is_a_warning():
    layer = nn.Linear(2, 1)
    layer.register_forward_hook(lambda *args: 1 / 0, always_call=True)
    with pytest.warns(UserWarning, match="always_call failed after another error, ZeroDivisionError"):
        with pytest.raises(ValueError, match="Linear"):
            layer(np.ones(3))


# ---- tables ----


class Table:
    """As pandas and polars have them."""

    def __init__(self, data):
        self.data = data

    def to_numpy(self):
        return self.data

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.data, dtype)


def test_a_model_takes_a_table():
    for model in (nn.Linear(3, 1), nn.MLP([3, 2, 1], scalar=True), nn.LayerNorm(3), nn.BatchNorm1d(3), nn.Flatten()):
        np.testing.assert_array_equal(
            nn.kinds.to_numpy(model(Table(X))), nn.kinds.to_numpy(copy.deepcopy(model).train()(X))
        )
    with pytest.raises(TypeError, match="the table holds object, not numbers only"):
        nn.Linear(3, 1)(Table(np.array([["a", 1, 2]], object)))


def test_a_module_with_hooks_is_freed_at_once_and_its_copies_have_their_own():
    module = nn.Linear(1, 1)
    handles = [module.register_forward_hook(_seen), module.register_full_backward_hook(_seen)]
    twin, copied = copy.deepcopy((module, handles))
    thawed = pickle.loads(pickle.dumps((module, handles)))
    assert thawed[1][0].module is thawed[0]
    copied[0].remove()
    assert (len(module._hooks), len(twin._hooks), len(thawed[0]._hooks)) == (2, 1, 2)
    dead = weakref.ref(module)
    gc.disable()
    try:
        del module
        assert dead() is None
    finally:
        gc.enable()
    handles[0].remove()
    assert pickle.loads(pickle.dumps(handles[0])).module is None


def _seen(*args):
    """A hook that can be pickled."""


def test_hooks_that_always_run_do_after_a_pre_hook_that_raised():
    layer, seen = nn.Linear(1, 1), []
    layer.register_forward_pre_hook(lambda module, args: 1 / 0)
    layer.register_forward_hook(lambda module, args, output: seen.append(output), always_call=True)
    with pytest.raises(ZeroDivisionError):
        layer([1.0])
    assert seen == [None]


def test_backward_hooks_take_tensors_of_two_dtypes():
    class Total(nn.Module):
        def forward(self, a, b):
            return (a * a).sum() + b.sum()

    total, seen = Total(), []
    total.register_full_backward_hook(lambda module, grad_input, grad_output: seen.extend(grad_input))
    a, b = Tensor(np.ones(2, np.float32)), Tensor(np.ones((2, 1)))
    total(a, b).backward()
    assert [g.dtype for g in (*seen, a.grad, b.grad)] == [np.float32, np.float64] * 2
    np.testing.assert_array_equal(seen[0], [2.0, 2.0])


def test_hooks_of_states_leave_compiled_trainings_alone():
    layer, seen = nn.Linear(2, 1), []
    layer.register_state_dict_pre_hook(lambda *args: seen.append(args))
    nn.fit(layer, np.ones((4, 2)), np.ones((4, 1)), loss="mse", epochs=2, compiled=True)
    assert len(seen) == 0


def test_a_file_of_a_model_refuses_what_is_no_array(tmp_path):
    class Counted(nn.Module):
        n = 3

        def get_extra_state(self):
            return {"n": self.n}

        def set_extra_state(self, state):
            self.n = state["n"]

    model, twin = Counted(), Counted()
    model.n = 4
    with pytest.raises(TypeError, match=r"_extra_state is no array; nn\.save\(model\.state_dict\(\), path\)"):
        nn.save(model, tmp_path / "model")
    nn.save(model.state_dict(), tmp_path / "state")
    assert nn.load(tmp_path / "state", twin).n == 4


def test_to_takes_pytorch_s_places():
    layer = nn.Linear(1, 1)
    assert layer.to("cpu", np.float32, True).weight.dtype == np.float32
    assert layer.to(np.float64, False).weight.dtype == np.float64
    with pytest.raises(TypeError, match="True stands in the place of a dtype; write non_blocking=True"):
        layer.to("cpu", True)


def test_refusals_begin_with_pytorch_s_words():
    layer, x = nn.Linear(1, 1), Tensor([1.0], requires_grad=False)
    with pytest.raises(ValueError, match="training mode is expected to be boolean"):
        layer.train("no")
    with pytest.raises(TypeError, match="Expected state_dict to be dict-like, got int"):
        layer.load_state_dict(3)
    with layer.register_full_backward_hook(lambda module, grad_input, grad_output: x):
        output = layer(x)
    with pytest.raises(RuntimeError, match="where no input requires gradient; return None"):
        output.backward()
    layer.register_forward_pre_hook(lambda module, args, kwargs: args, with_kwargs=True)
    with pytest.raises(RuntimeError, match="forward pre-hook must return None or a tuple of"):
        layer(x)


def test_pytorch_s_older_name_of_a_backward_hook():
    module, x = nn.Tanh(), Tensor([0.5])
    with module.register_backward_hook(lambda module, grad_input, grad_output: (grad_input[0] * 2,)):
        module(x).backward()
    np.testing.assert_allclose(x.grad, 2 * (1 - np.tanh([0.5]) ** 2))
