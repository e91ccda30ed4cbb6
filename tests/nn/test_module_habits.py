"""What PyTorch's users write of modules and containers gives what it gives there: one line each, run with both."""

import copy
import pickle
from collections import OrderedDict

import numpy as np
import pytest

import autograd
import nn

torch = pytest.importorskip("torch")


def names(m):
    return [
        [name for name, _ in m.named_parameters()], [name for name, _ in m.named_modules()],
        [name for name, _ in m.named_buffers()], list(m.state_dict()), len(list(m.children())),
    ]  # fmt: skip


def scope(library):
    """What a habit may use, of either library."""

    def tensor(data, requires_grad=False):
        array = np.array(data, float)
        if library is torch:
            return torch.tensor(array, requires_grad=requires_grad)
        return autograd.Tensor(array, requires_grad=requires_grad)

    module = torch.nn if library is torch else nn

    class Net(module.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mean", tensor([1.0, 2.0]))
            self.register_buffer("cache", tensor([0.0]), persistent=False)
            self.register_parameter("gain", module.Parameter(tensor([3.0])))
            self.register_parameter("none", None)
            self.add_module("inner", module.Linear(2, 3))
            self.rest = module.Sequential(module.Tanh(), module.Linear(3, 1))
            self.rest[1].weight = self.inner.bias

    class Square(module.Module):
        def __init__(self):
            super().__init__()
            self.w = module.Parameter(tensor([[1.0, 2.0], [3.0, 4.0]]))

        def forward(self, x, scale=1.0):
            return (x @ self.w) ** 2 * scale

    class Two(module.Module):
        def forward(self, a, b):
            return a * b, a.sum()

    class Counted(module.Module):
        n = 0

        def get_extra_state(self):
            return {"n": self.n}

        def set_extra_state(self, state):
            self.n = state["n"]

    class More(module.Module):
        def state_dict(self, *, destination=None, prefix="", keep_vars=False):
            destination[prefix + "more"] = 1
            return destination

    class Failing(module.Module):
        def forward(self, x):
            raise RuntimeError("failed")

    def sizes(m):
        return [[type(x).__name__, getattr(x, "out_features", None)] for x in m]

    def numbers(x):
        if isinstance(x, (tuple, list)):
            return [numbers(each) for each in x]
        x = x.detach().numpy() if library is torch and isinstance(x, torch.Tensor) else x
        return None if x is None else np.asarray(x.data if isinstance(x, autograd.Tensor) else x).tolist()

    return {
        **locals(), "nn": module, "L": module.Linear, "N": names, "OrderedDict": OrderedDict, "copy": copy,
        "pickle": pickle, "P": lambda x: module.Parameter(tensor(x)), "T": lambda x: tensor(x, True), "log": [],
        "np": np,
    }  # fmt: skip


HABITS = """
N(nn.Sequential(OrderedDict([("a", L(2, 3)), ("b", nn.ReLU())])))
nn.Sequential(OrderedDict([("a", L(2, 3)), ("b", nn.ReLU())])).a.out_features
N(nn.Sequential(L(1, 2), L(2, 3), L(3, 4))[1:])
N(nn.Sequential(OrderedDict([("a", L(2, 3)), ("b", L(3, 3)), ("c", L(3, 1))]))[::2])
s = nn.Sequential(L(1, 2), L(2, 3), L(3, 4)); del s[1]; sizes(s), N(s)
s = nn.Sequential(L(1, 2), L(2, 3), L(3, 4)); del s[:2]; sizes(s), N(s)
s = nn.Sequential(L(1, 2), L(2, 3)); sizes(s.insert(1, nn.Tanh())), N(s)
s = nn.Sequential(L(1, 2), L(2, 3)); sizes(s.insert(-1, nn.Tanh())), N(s)
s = nn.Sequential(L(1, 2), L(2, 3)); s += nn.Sequential(nn.Tanh()); sizes(s), sizes(s + s), sizes(2 * s), sizes(s * 2)
s = nn.Sequential(L(1, 2)); s *= 3; sizes(s), N(s)
s = nn.Sequential(L(1, 2), nn.Tanh()); [type(s.pop(-1)).__name__, len(s)]
s = nn.Sequential(L(1, 2), nn.Tanh()); s[-1] = L(2, 7); sizes(s.extend([L(7, 1)])), "0" in dir(s)
nn.Sequential(L(1, 1)) + [L(1, 1)]
nn.Sequential(L(1, 1)) * 0
nn.Sequential(L(1, 1)) * 1.5
nn.Sequential(L(1, 1))[1]
nn.Sequential(L(1, 1)).insert(3, L(1, 1))
m = nn.ModuleList([L(1, 1)]); m.extend([L(1, 2)]); m.insert(0, L(1, 9)); m[1] = L(1, 5); sizes(m), N(m), sizes(m[:2])
m = nn.ModuleList([L(1, 1), L(1, 2), L(1, 3)]); del m[0]; del m[-1]; m += [nn.Tanh()]; sizes(m), sizes(m + [L(1, 4)])
m = nn.ModuleList([L(1, 1), L(1, 2)]); [m.pop(0).out_features, sizes(m), N(m), len(nn.ModuleList())]
nn.ModuleList().extend(3)
nn.ModuleList().append(3)
nn.ModuleList()(3)
nn.ModuleList([L(1, 1)])[2]
d = nn.ModuleDict({"x": L(1, 2), "y": nn.Tanh()}); d["z"] = L(2, 2); N(d), list(d), len(d), "y" in d, "q" in d
d = nn.ModuleDict({"x": L(1, 2)}); d.update({"x": L(1, 7)}); d.update([["q", nn.ReLU()]]); N(d), sizes(d.values())
d = nn.ModuleDict({"x": L(1, 2), "y": nn.Tanh()}); [type(d.pop("y")).__name__, list(d.keys()), len(d.items())]
d = nn.ModuleDict({"x": L(1, 2), "y": nn.Tanh()}); d.clear(); len(d)
d = nn.ModuleDict({"x": L(1, 2), "y": nn.Tanh()}); del d["x"]; list(d), N(d)
nn.ModuleDict({"a.b": L(1, 1)})
nn.ModuleDict({"": L(1, 1)})
nn.ModuleDict({"a": 3})
nn.ModuleDict({1: L(1, 1)})
nn.ModuleDict({"keys": L(1, 1)})
nn.ModuleDict({"training": L(1, 1)})
nn.ModuleDict()["q"]
nn.ModuleDict().update(3)
nn.ModuleDict().update([1])
nn.ModuleDict().update([("a",)])
p = nn.ParameterList([P([1.0]), T([2.0, 3.0])]); p.append(P([4.0])); p += [T([5.0])]; p[0] = T([9.0]); N(p), len(p)
p = nn.ParameterList([P([1.0]), P([2.0])]); [numbers(p[-1]), len(p[1:]), type(p[1:]).__name__, numbers(list(p))]
nn.ParameterList()[0]
nn.ParameterList()(1)
nn.ParameterList().extend(T([1.0]))
len(nn.ParameterList([1, "a"]))
d = nn.ParameterDict({"a": P([1.0]), "b": T([2.0])}); d["c"] = T([3.0]); d.setdefault("d", T([4.0])); N(d), list(d)
d = nn.ParameterDict({"a": P([1.0]), "b": T([2.0])}); [d.popitem()[0], d.get("b", 3), numbers(d.pop("a")), len(d)]
d = nn.ParameterDict({"a": P([1.0])}); list((d | {"b": T([2.0])}).keys()), list(d.fromkeys(["u", "v"])), list(d.copy())
d = nn.ParameterDict({"a": P([1.0]), "b": P([2.0])}); d |= {"c": T([2.0])}; del d["a"]; list(reversed(d)), "a" in d
nn.ParameterDict({1: T([1.0])})
nn.ParameterDict({"a.b": T([1.0])})
nn.ParameterDict({"keys": T([1.0])})
N(Net())
m = Net(); [n for n, _ in m.named_parameters("p", False)], [n for n, _ in m.named_parameters(prefix="p")]
[n for n, _ in Net().named_parameters(remove_duplicate=False)]
[n for n, _ in nn.Sequential(*2 * [L(1, 1)]).named_modules(None, "q", False)]
[n for n, _ in nn.Sequential(*2 * [L(1, 1)]).named_children()]
m = Net(); [n for n, _ in m.named_buffers("q")], [n for n, _ in m.named_buffers(recurse=False)], len(list(m.buffers()))
len(list(Net().parameters(False))), len(list(Net().modules()))
list(Net().state_dict(prefix="x."))
d = {}; Net().state_dict(destination=d); list(d)
m = Net(); m.state_dict(keep_vars=True)["gain"] is m.gain
m = Net(); m.get_parameter("inner.weight") is m.inner.weight, m.get_submodule("rest.0") is m.rest[0], m.get_submodule("") is m
m = Net(); m.get_buffer("mean") is m.mean
m = Net(); m.set_submodule("rest.0", nn.ReLU()); type(m.rest[0]).__name__
Net().get_parameter("inner.wieght")
Net().get_parameter("mean")
Net().get_submodule("rest.7")
Net().get_buffer("gain")
Net().wieght
d = nn.ParameterDict({"b": P([1.0]), "a": P([2.0])}); d.update({"d": P([1.0]), "c": P([1.0])}); list(d)
d = nn.ParameterDict([("b", P([1.0])), ("a", P([2.0]))]); d.update(OrderedDict(d=P([1.0]), c=P([1.0]))); list(d), list(d | nn.ParameterDict({"e": P([1.0])}))
m = Net(); m.set_submodule("rest.2", nn.Tanh()); N(m)
Net().set_submodule("rest.2", nn.Tanh(), strict=True)
Net().set_submodule("", nn.Tanh())
Net().set_submodule("inner", 3)
Net().set_submodule("mean", nn.Tanh())
m = Square(); m.zero_grad(False); m.w.grad
m = Square(); m(T([[1.0, -1.0]])).sum().backward(); m.zero_grad(set_to_none=False); numbers(m.w.grad)
m = nn.Module(); a, b, c = P([1.0]), P([2.0]), P([3.0]); m.a = None; m.a = a; m.b = b; m.a = None; m.a = c; [numbers(p) for p in m.parameters()]
m = nn.Module(); a, b = P([1.0]), P([2.0]); m.a = a; m.b = b; del m.a; m.a = a; [numbers(p) for p in m.parameters()], hasattr(m, "c")
m = nn.Module(); m.x = 5; m.register_buffer("x", tensor([1.0]))
m = nn.Module(); m.x = 5; m.add_module("x", L(1, 1))
m = nn.Module(); m.x = 5; m.register_parameter("x", P([1.0]))
m = nn.Module(); m.register_buffer("x", tensor([1.0]), persistent=False); del m.x; len(list(m.buffers())), m.load_state_dict({})[0]
m = nn.Module(); m.register_buffer("x", tensor([1.0]), False); m.register_buffer("x", tensor([2.0])); numbers(list(m.buffers())), len(m.state_dict())
m = nn.Module(); m.register_buffer("x", tensor([1.0]), False); m.x = None; m.x = tensor([2.0]); numbers(list(m.buffers())), len(m.state_dict())
m = nn.Module(); m.register_buffer("x", tensor([1.0])); m.x = P([2.0]); len(list(m.buffers())), len(list(m.parameters())), list(m.state_dict())
m = nn.Module(); m.register_buffer("x", tensor([1.0])); del m.x; m.x = tensor([2.0]); len(list(m.buffers())), list(m.state_dict())
del nn.Module().x
m = nn.ModuleList([L(1, 2), L(1, 3)]); m[np.int64(1)].out_features
m = L(2, 2); m.register_full_backward_hook(lambda m, i, o: (o[0],)); m(tensor([[1.0, 2.0]])).sum().backward()
Net().register_buffer("gain", tensor([1.0]))
Net().register_buffer("a.b", tensor([1.0]))
Net().register_buffer("", tensor([1.0]))
Net().register_buffer("q", 3)
Net().register_buffer(5, tensor([1.0]))
Net().register_buffer("forward", tensor([1.0]))
m = Net(); m.register_buffer("mean", None); m.mean, N(m)
m = Net(); m.mean = tensor([5.0, 6.0]); numbers(m.state_dict()["mean"])
m = Net(); m.mean = None; N(m)
Net().mean = 3.0
Net().register_parameter("mean", P([1.0]))
Net().register_parameter("z", tensor([1.0]))
Net().register_parameter("z", P([1.0]) * 2)
Net().register_parameter("z.a", P([1.0]))
Net().add_module("gain", L(1, 1))
Net().add_module("x", 3)
Net().add_module(3, L(1, 1))
m = Net(); m.register_module("more", L(1, 1)); N(m)
m = Net(); str(m.load_state_dict(m.state_dict()))
m = Net(); s = dict(m.state_dict()); s["extra"] = s.pop("gain"); m.load_state_dict(s)
m = Net(); s = dict(m.state_dict()); s["extra"] = s.pop("gain"); k = m.load_state_dict(s, strict=False); k.missing_keys, k[1]
m = Net(); m.load_state_dict(m.state_dict() | {"gain": tensor([1.0, 2.0])}, False)
Net().load_state_dict(3)
m = Net(); h = m.inner.register_state_dict_pre_hook(lambda m, prefix, keep_vars: log.append([prefix, keep_vars])); list(m.state_dict(prefix="p.")), log
m = Net(); h = m.inner.register_state_dict_post_hook(lambda m, state, prefix, _: state.update({prefix + "more": 1})); list(m.state_dict())
m = Net(); h = m.inner.register_state_dict_post_hook(lambda m, state, prefix, _: {}); m.state_dict()
m = Net(); h = m.inner.register_load_state_dict_pre_hook(lambda m, state, prefix, *_: log.append([type(m).__name__, prefix, list(state)])); k = m.load_state_dict(m.state_dict()); log
m = Net(); h = m.inner.register_load_state_dict_pre_hook(lambda m, state, prefix, *_: state.update({prefix + "bias": state.pop(prefix + "old")})); s = dict(m.state_dict()); s["inner.old"] = s.pop("inner.bias"); str(m.load_state_dict(s))
m = Net(); h = m.rest.register_load_state_dict_pre_hook(lambda *args: args[-1].append("refused")); m.load_state_dict(m.state_dict(), strict=False)
m = Net(); h = m.inner.register_load_state_dict_post_hook(lambda m, keys: keys.missing_keys.append("q")); m.load_state_dict(m.state_dict(), strict=False).missing_keys
m = Net(); h = m.inner.register_load_state_dict_post_hook(lambda m, keys: keys.missing_keys.append("q")); m.load_state_dict(m.state_dict())
m = Net(); h = m.register_load_state_dict_post_hook(lambda m, keys: keys.unexpected_keys.clear()); str(m.load_state_dict(dict(m.state_dict()) | {"q": m.gain}))
m = Net(); h = [x.register_load_state_dict_post_hook(lambda m, keys: log.append(type(m).__name__)) for x in (m, m.rest[0])]; k = m.load_state_dict(m.state_dict()); log
m = Net(); h = m.register_load_state_dict_post_hook(lambda m, keys: log.append(1)); h.remove(); k = m.load_state_dict(m.state_dict()); log
a, b = Counted(), Counted(); a.n = 3; k = b.load_state_dict(a.state_dict()); b.n, list(a.state_dict()), list(nn.Sequential(a).state_dict())
a = nn.Sequential(Counted(), nn.Sequential(Counted())); a[1][0].n = 3; b = copy.deepcopy(a); b[1][0].n = 0; k = b.load_state_dict(a.state_dict()); b[1][0].n
m = nn.Module(); m.a = nn.Buffer(tensor([1.0])); m.b = nn.Buffer(tensor([2.0]), persistent=False); N(m), numbers(m.a)
m = Net(); m.mean = nn.Buffer(tensor([5.0])); m.cache = nn.Buffer(tensor([6.0])); N(m), numbers(m.state_dict()["cache"])
m = nn.Module(); m.a = nn.Buffer(tensor([1.0])); m.a = tensor([2.0]); n = copy.deepcopy(m); N(n), numbers(n.a)
m = Net(); m.gain = nn.Buffer(tensor([5.0]))
m = nn.Module(); m.a = nn.Buffer(tensor([1.0]), persistent=False); m.a = P([2.0]); N(m)
m = nn.Module(); m.register_buffer("a", tensor([1.0]), persistent=False); del m.a; m.a = P([2.0]); N(m)
m = nn.Module(); m.a = nn.Buffer(None); m.a.shape[0], nn.Parameter().shape[0]
m = nn.Module(); m.b = 5; m.b = nn.Buffer(tensor([1.0]))
L(1, 1).to("cpu", True)
L(1, 1).to(None, True)
nn.Module().register_parameter(1, P([1.0]))
b = nn.Buffer(tensor([1.0])); m = nn.Module(); m.a = b; m.a is b, b.requires_grad, isinstance(b, nn.Buffer)
nn.Linear(2, 2)(tensor([1.0, 2.0])).backward()
tensor([1.0]).sum().backward()
L(1, 1)(tensor([1.0])).backward(tensor([1.0, 2.0]))
Counted().load_state_dict({})
Counted().load_state_dict({}, strict=False).missing_keys
L(1, 1).load_state_dict(dict(L(1, 1).state_dict()) | {"_extra_state": 1})
nn.Sequential(nn.Tanh(), More()).state_dict()
Net().train("x")
m = Net(); m.float() is m, m.cpu() is m, m.to("cpu") is m, m.double() is m
nn.Sequential(Failing(), L(1, 1)).extra_repr()
log.clear(); m = Square(); m.register_full_backward_hook(lambda m, i, o: log.append(numbers(i + o))); x = T([[1.0, -1.0]]); m(x).sum().backward(); log, numbers(x.grad), numbers(m.w.grad)
log.clear(); m = Square(); m.register_full_backward_pre_hook(lambda m, o: log.append(numbers(o))); m(T([[1.0, -1.0]])).sum().backward(); log
m = Square(); m.register_full_backward_hook(lambda m, i, o: (i[0] * 10,)); m.register_full_backward_pre_hook(lambda m, o: (o[0] * 2,)); x = T([[1.0, -1.0]]); m(x).sum().backward(); numbers(x.grad), numbers(m.w.grad)
log.clear(); m = Two(); m.register_full_backward_hook(lambda m, i, o: log.append(numbers(i + o))); a, b = T([1.0, -1.0]), T([2.0, 5.0]); p, s = m(a, b); (p.sum() * 3 + s).backward(); log, numbers(a.grad), numbers(b.grad)
m = Two(); m.register_full_backward_hook(lambda m, i, o: (i[0] * 2, i[1] * 3)); a, b = T([1.0, -1.0]), T([2.0, 5.0]); p, s = m(a, b); (p.sum() * 3 + s).backward(); numbers(a.grad), numbers(b.grad)
m = Two(); m.register_full_backward_pre_hook(lambda m, o: (o[0] * 2, o[1] * 3)); a, b = T([1.0, -1.0]), T([2.0, 5.0]); p, s = m(a, b); (p.sum() * 3 + s).backward(); numbers(a.grad), numbers(b.grad)
m = Square(); m.register_full_backward_hook(lambda m, i, o: (i[0], i[0])); m(T([[1.0, -1.0]])).sum().backward()
log.clear(); m = Square(); h = m.register_full_backward_hook(lambda *a: log.append(1)); h.remove(); h.remove(); m(T([[1.0, -1.0]])).sum().backward(); log
log.clear(); m = nn.Sequential(Square(), nn.Tanh(), Square()); h = [c.register_full_backward_hook(lambda m, i, o: log.append(numbers(i))) for c in m]; m(T([[0.1, -0.1]])).sum().backward(); np.round(log, 9).tolist()
log.clear(); m = Square(); m.register_full_backward_hook(lambda m, i, o: log.append(numbers(i))); x = T([[1.0, -1.0]]); (m(x) + m(2 * x)).sum().backward(); sorted(log), numbers(x.grad)
log.clear(); m = copy.deepcopy(Square()); m.register_forward_hook(lambda m, a, o: log.append(len(a))); m = copy.deepcopy(m); m(T([[1.0, -1.0]])); log
m = Square(); m.register_forward_pre_hook(lambda m, a: a[0] * 2); m.register_forward_hook(lambda m, a, o: o + 1); numbers(m(T([[1.0, -1.0]])))
m = Square(); m.register_forward_pre_hook(lambda m, a, k: (a, {"scale": k["scale"] * 2}), with_kwargs=True); numbers(m(T([[1.0, -1.0]]), scale=3.0))
m = Square(); m.register_forward_hook(lambda m, a, k, o: o * k["scale"], with_kwargs=True); numbers(m(T([[1.0, -1.0]]), scale=3.0))
m = Square(); m.register_forward_pre_hook(lambda m, a, k: 3, with_kwargs=True); m(T([[1.0, -1.0]]))
log.clear(); m = Square(); h = [m.register_forward_hook(lambda *a, i=i: log.append(i), prepend=i % 2 == 1) for i in range(5)]; m(T([[1.0, -1.0]])); log
log.clear(); m = Square(); h = [m.register_forward_pre_hook(lambda *a, i=i: log.append(i), prepend=i % 2 == 1) for i in range(5)]; m(T([[1.0, -1.0]])); log
log.clear(); m = Square(); h = [m.register_full_backward_hook(lambda *a, i=i: log.append(i), prepend=i % 2 == 1) for i in range(5)]; m(T([[1.0, -1.0]])).sum().backward(); log
m = Failing(); m.register_forward_hook(lambda m, a, o: log.append("always"), always_call=True); log.clear(); m(1.0)
with Square().register_forward_hook(lambda *a: None) as h: pass
"""  # noqa: E501


def outcome(habit, library):
    """What a habit gives: the value of its last expression, or the error."""
    *before, last = habit.split("; ")
    space = scope(library)
    try:
        exec("\n".join(before), space)
        try:
            code = compile(last, habit, "eval")
        except SyntaxError:
            return exec(last, space)
        return eval(code, space)
    except Exception as error:
        return error


def plain(x):
    return [plain(each) for each in x] if isinstance(x, (tuple, list)) else x


@pytest.fixture(autouse=True)
def _float64():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.filterwarnings("ignore:Full backward hook is firing:UserWarning")
@pytest.mark.parametrize("habit", HABITS.strip().splitlines())
def test_a_habit_of_pytorch(habit):
    theirs, ours = outcome(habit, torch), outcome(habit, nn)
    assert not isinstance(theirs, NameError), theirs
    if isinstance(theirs, Exception):
        assert isinstance(ours, type(theirs)), ours
        assert len(str(ours)) > 20 or str(ours) == str(theirs)
    elif not isinstance(ours, (torch.nn.Module, nn.Module)):
        assert not isinstance(ours, Exception), ours
        assert plain(ours) == plain(theirs)
