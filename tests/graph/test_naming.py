import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, viz
from autograd.graph import explain, steps, to_latex, to_mermaid, toposort
from autograd.graph.naming import find_names, number_unnamed


def test_variables_lists_and_object_arrays():
    x, w = Value(1.0), [Value(2.0), Value(3.0)]
    W = np.array([[Value(4.0), Value(5.0)]], dtype=object)
    names = find_names({"w": w, "W": W, "x": x, "again": x, "other": "text", 3: x})
    assert names.names == {x: "x", w[0]: "w[0]", w[1]: "w[1]", W[0, 0]: "W[0, 0]", W[0, 1]: "W[0, 1]"}


def test_a_variable_comes_before_the_list_that_also_holds_the_node():
    x = Value(1.0)
    assert find_names({"values": [x], "x": x}).of(x) == "x"


def test_parameters_are_called_by_their_paths():
    net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=0))
    named = {path: find_names(net).of(p) for path, p in net.named_parameters()}
    assert named == {path: path for path in ("0.weight", "0.bias", "2.weight", "2.bias")}
    assert find_names({"net": net}).of(net[0].weight) == "net.0.weight"
    net[0].weight.label = "first weight"
    assert find_names(net).of(net[0].weight) == "first weight"


def test_an_object_that_answers_anything_is_not_asked():
    class Anything:
        def __getattr__(self, name):
            raise RuntimeError("asked")

    assert find_names({"a": Anything()}).names == {}


def test_names_are_one_line_that_any_file_can_hold():
    x = Value(1.0)
    assert find_names({"a\x00\n b": x}).of(x) == "a� b"


def test_a_programs_variables_are_not_looked_at(monkeypatch):
    x = Value(1.0)
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(x=x))
    monkeypatch.delattr(sys, "ps1", raising=False)
    assert find_names().names == {}


def test_a_prompts_variables_are_found(monkeypatch):
    x, y = Value(1.0), Value(2.0)
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(x=x, _=y))
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    assert find_names().names == {x: "x"}
    assert "<B>x</B>" in viz.draw(x * y).source
    assert viz.text(x * y).splitlines()[2].startswith("├─ x  param")
    assert str(explain(x * y, x)).splitlines()[0] == "∂v2/∂x = 2, 1 path"
    assert [str(step) for step in steps(x * y)][1:] == ["∂v2/∂x = 2", "∂v2/∂v1 = 1"]
    assert to_latex(x * 3.0) == to_latex(x * 3.0, names={"x": x})


def test_explanations_and_exports_take_modules_too():
    net = nn.Sequential(nn.Linear(1, 1, rng=0), nn.Tanh())
    y = net(Tensor([[2.0]]))[0, 0]
    assert "← 0.weight" in str(explain(y, net[0].weight, names=net))
    written = re.sub(r"#(\d+);", lambda sign: chr(int(sign[1])), to_mermaid(y, names={"net": net}))
    assert "net.0.bias = " in written
    assert [step.names[step.node] for step in steps(y, names=net)][-2:] == ["0.weight", "0.bias"]


def test_constants_are_known_by_their_number():
    x = Value(1.0, "x")
    order = toposort(x * 2.0 + Tensor([1.0, 2.0], requires_grad=False))
    assert list(number_unnamed(find_names(), order).values()) == ["x", "", "v1", "v2", "v3"]


@pytest.mark.parametrize("names", [3, ["x"], "x"])
def test_other_things_are_refused(names):
    with pytest.raises(TypeError, match=r"such as locals\(\), or a module with named_parameters"):
        viz.draw(Value(1.0), names=names)


def test_the_steps_of_a_loop_are_numbered_in_time():
    w, h = Value(0.5, "w"), Value(1.0, "h")
    products = []
    for x in (1.0, 2.0, 3.0):
        products.append(w * x)
        h = (products[-1] + h).tanh()
    name_of = number_unnamed(find_names({}), toposort(h))
    assert [name_of[p] for p in products] == ["v1", "v3", "v6"]
    assert name_of[h] == "v9"
