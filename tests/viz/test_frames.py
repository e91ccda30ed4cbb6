"""Frames hold what the calls of modules recorded."""

import copy
import gc
import re
import subprocess
import sys

import numpy as np
import pytest

import nn
from autograd import Tensor, no_grad, viz
from autograd.framing import CALLS
from autograd.graph import toposort

X = np.random.default_rng(0).normal(size=(4, 3))


def given():
    return Tensor(X, "X", requires_grad=False)


def frames(y, names, **options):
    """For each frame, by the titles around it and its own, the ops and the leaves in it that are in no inner one."""
    titles, around = [], {}
    for line in viz.draw(y, names=names, **options).source.splitlines():
        if "subgraph cluster_" in line:
            titles.append("")
        elif "labeljust" in line:
            titles[-1] = re.search(r"<B>([^<]*)</B>", line)[1]
        elif line == "\t}":
            titles.pop()
        elif found := re.match(r"\tn(\d+) \[label=", line):
            around[int(found[1])] = tuple(titles)
    inside = {}
    for i, node in enumerate(toposort(y)):
        name = node.op.name if node.op is not None else node.label or "leaf"
        inside.setdefault(around[i], []).append(name)
    return inside


def test_statistics_activations_and_masks_stand_in_the_frames_of_their_modules():
    net = nn.Sequential(
        nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5, rng=0), nn.Linear(4, 2, rng=1)
    )
    inside = frames(net(given()), net)
    assert inside.pop(()) == ["X"]
    assert inside[("ReLU 2",)] == ["relu"]
    assert inside[("Dropout 3",)] == ["leaf", "leaf", "leaf", "mul", "where"]  # the scale, the mask and 0
    assert {"mean", "sub", "mean_square", "mul", "add", "weight", "bias"} <= set(inside[("BatchNorm1d 1",)])
    assert sorted(inside[("Linear 4 (4→2)",)]) == ["bias", "linear", "weight"]
    assert len(inside) == 5


def test_an_array_that_a_net_is_called_with_stands_outside():
    net = nn.Sequential(nn.Flatten(), nn.Linear(3, 2, rng=0), nn.Softmax(dim=1))
    assert frames(net(X[:, None]), net)[()] == ["leaf"]
    target, loss = np.zeros((4, 3)), nn.MSELoss()
    inside = frames(loss(given() * 2, target), {"loss": loss})
    assert sorted(inside[()]) == ["X", "leaf", "leaf", "mul"]  # the target and the 2
    assert inside[("MSELoss loss",)][0] == "sub"


def test_what_stands_between_two_calls_is_in_no_frame():
    first, second = nn.LayerNorm(3), nn.Linear(3, 2, rng=0)
    y = second((first(given()) * 2).tanh()).exp()
    inside = frames(y, {"first": first, "second": second})
    assert {"mul", "tanh", "exp"} <= set(inside[()])
    assert "linear" in inside[("Linear second (3→2)",)]


class Block(nn.Module):
    """A residual block, whose activation serves twice and keeps its result."""

    def __init__(self):
        self.inner = nn.Sequential(nn.Linear(3, 3, rng=0), nn.LayerNorm(3))
        self.act = nn.ReLU()
        self.last = None

    def forward(self, x, *, scale=1.0):
        h = self.act(self.inner(self.act(x)))
        y = x + h * scale if self.last is None else x + h * scale + self.last
        self.last = y
        return {"y": [y], "h": h}


def test_frames_are_nested_as_the_modules_are():
    block = Block()
    y = block(given(), scale=given() * 3)["y"][0]
    inside = frames(y, {"block": block})
    assert inside[("Block block",)] == ["mul", "add"]
    assert inside[("Block block", "ReLU block.act")] == ["relu"]
    assert inside[("Block block", "ReLU block.act, call 2")] == ["relu"]
    linear = ("Block block", "Sequential block.inner", "Linear block.inner.0 (3→3)")
    assert "linear" in inside[linear]
    assert sorted(inside[()]) == ["X", "X", "leaf", "mul"]


def test_a_result_that_a_module_kept_ends_the_walk():
    block = Block()
    block(given())
    before = (given() + 1.0).exp()
    y = block(before)["y"][0]
    assert "exp" in frames(y, {"block": block})[()]


def test_an_activation_that_is_called_again_folds_to_a_box_for_each_call(parsed):
    block = Block()
    y = block(given())["y"][0].sum()
    graph = parsed(viz.draw(y, names=block, unfold=["inner"]))
    boxes = [a["label"].split("\n")[0] for a in graph.nodes.values() if a["class"] == "module"]
    assert sorted(boxes) == [
        "LayerNorm inner.1", "Linear inner.0 (3→3)", "ReLU act", "ReLU act, call 2",
    ]  # fmt: skip
    opened = viz.draw(y, names=block, unfold=["inner", "act"]).source
    assert "ReLU act, call 2" in opened
    assert "1 op" not in opened


def test_a_module_opens_with_those_around_it(parsed):
    block = Block()
    y = block(given())["y"][0].sum()
    graph = parsed(viz.draw(y, names={"block": block}, unfold=["block.inner.0"]))
    boxes = [a["label"].split("\n")[0] for a in graph.nodes.values() if a["class"] == "module"]
    assert sorted(boxes) == ["LayerNorm block.inner.1", "ReLU block.act", "ReLU block.act, call 2"]


def test_folded_modules_stand_in_a_column_where_a_row_would_be_too_wide():
    rng = np.random.default_rng(0)
    kinds = (lambda: nn.Linear(8, 8, rng=rng)), (lambda: nn.BatchNorm1d(8)), nn.ReLU, (lambda: nn.Dropout(0.1))
    net = nn.Sequential(*[make() for _ in range(7) for make in kinds])
    source = viz.draw(net(np.ones((2, 8))).sum(), names=net).source
    assert source.count('class="module"') == 28
    assert "rankdir=TB" in source


def test_scalar_nets_have_them_too():
    net = nn.Sequential(nn.Linear(2, 1, rng=0), nn.Tanh()).to_scalars()
    y = net([1.0, 2.0])[0]
    inside = frames(y, net)
    assert inside[("Tanh 1",)] == ["tanh"]


def test_a_copy_is_framed_by_its_parameters():
    net = nn.Sequential(nn.Linear(3, 2, rng=0), nn.ReLU())
    other, y = copy.deepcopy((net, net(given())))
    assert set(frames(y, other)) == {(), ("Linear 0 (3→2)",)}


@pytest.fixture
def no_calls():
    gc.collect()
    return set(CALLS)


def test_noting_keeps_nothing_alive(no_calls):
    net = nn.Sequential(nn.Linear(3, 2, rng=0), nn.ReLU(), nn.Dropout(0.5).eval())
    y = net(given())
    noted = [call for call in CALLS if call not in no_calls]
    assert [type(call.module()).__name__ for call in noted] == ["Linear", "ReLU", "Sequential"]
    module = noted[1].module
    gc.disable()
    try:
        del y
        assert set(CALLS) == no_calls
        del net
        assert module() is None
    finally:
        gc.enable()


def test_nothing_is_noted_where_nothing_is_recorded(no_calls):
    with no_grad():
        y = nn.ReLU()(given())
    assert y.op is None
    assert set(CALLS) == no_calls


def test_nothing_is_noted_before_pictures_are_loaded():
    code = """
import nn, sys
from autograd.framing import CALLS
net = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
y = net([[1.0]])
assert "autograd.viz" not in sys.modules and not CALLS
from autograd import viz
y = net([[1.0]])
assert len(CALLS) == 3, len(CALLS)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
