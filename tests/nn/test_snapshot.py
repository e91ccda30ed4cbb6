"""What functions capture, between the steps of a compiled training."""

import numpy as np

import autograd
import nn
from nn.snapshot import Snapshot
from tests.nn.test_compiled import Twins

GAIN, TABLE = 1.0, {"scale": 1.0, "shift": np.zeros(2)}


def sgd(model):
    return nn.optim.SGD(model.parameters(), lr=0.05, momentum=0.5)


def gained(x):
    return x * GAIN


class Base(nn.Module):
    def shifted(self, x):
        return x * TABLE["scale"] + TABLE["shift"]

    def unused(self):
        return COUNT  # noqa: F821  # which no forward pass reads


class Net(Base):
    def __init__(self):
        self.layer = nn.Linear(3, 2, rng=0)

    def forward(self, x):
        return self.shifted(gained(self.layer(x)))


def test_globals_that_methods_read_are_noticed(monkeypatch):
    twins = Twins(Net(), sgd).run()
    monkeypatch.setitem(globals(), "GAIN", 3.0)
    twins.run()
    monkeypatch.setitem(TABLE, "scale", 0.5)
    twins.run(steps=3)
    monkeypatch.setitem(TABLE, "shift", np.ones(2))
    twins.run()
    TABLE["shift"][0] = 4.0
    twins.run()
    assert twins.is_compiled


def test_what_no_forward_pass_reads_asks_for_no_variant(monkeypatch):
    twins = Twins(Net(), sgd)
    for i in range(12):
        monkeypatch.setitem(globals(), "COUNT", i)
        twins.run(steps=1)
    assert twins.is_compiled


def test_what_a_loss_captures_is_noticed():
    beta, options = 1.0, {"power": 2}

    def loss(output, y, *, weight=1.0):
        return autograd.abs(output - y).mean() * beta + weight * (output ** options["power"]).mean()

    for function in (loss, autograd.compile(loss)):
        beta, options["power"] = 1.0, 2
        loss.__kwdefaults__["weight"] = 1.0
        twins = Twins(nn.Linear(3, 2, rng=0), sgd, function).run()
        beta = 0.25
        twins.run()
        options["power"] = 4
        twins.run()
        loss.__kwdefaults__ = {"weight": 0.5}
        twins.run(steps=3)
        assert twins.is_compiled


def test_the_classes_of_libraries_are_left_alone():
    key = Snapshot({"model": nn.Sequential(nn.Linear(1, 1), nn.Tanh())}).key
    assert not [entry for entry in key if isinstance(entry[1], tuple) and entry[1][0] == "class"]
