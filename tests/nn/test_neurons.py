"""Neuron, Layer and the perceptron of them: micrograd's, on Values."""

import copy
import pickle
import random

import numpy as np
import pytest

import nn
from autograd import Value


def test_a_perceptron_of_neurons_is_micrograds():
    theirs = pytest.importorskip("micrograd.nn")
    models = []
    for library in (nn, theirs):
        random.seed(3)
        models.append(library.MLP(2, [5, 4, 1]))
    a, b = models
    assert repr(a) == repr(b)
    assert [p.data for p in a.parameters()] == [p.data for p in b.parameters()]
    for x in ([0.3, -1.2], [2, 1]):
        y, z = a(x), b(x)
        assert y.data == z.data
        y.backward()
        z.backward()
    assert [p.grad for p in a.parameters()] == [p.grad for p in b.parameters()]
    a.zero_grad()
    assert {p.grad for p in a.parameters()} == {0.0}


def test_its_parts_and_what_they_give():
    model = nn.MLP(2, [3, 3, 2], rng=0)
    assert isinstance(model, nn.MLP)
    assert [len(layer.neurons) for layer in model.layers] == [3, 3, 2]
    assert [[n.nonlin for n in layer.neurons] for layer in model.layers] == [[True] * 3, [True] * 3, [False] * 2]
    assert all(type(n.w) is list and len(n.w) == 2 and n.b.data == 0.0 for n in model.layers[0].neurons)
    assert all(-1 <= w.data < 1 for n in model.layers[0].neurons for w in n.w)
    parameters = model.parameters()
    assert type(parameters) is list
    assert len(parameters) == 9 + 12 + 8
    assert parameters[:3] == [*model.layers[0].neurons[0].w, model.layers[0].neurons[0].b]
    out = model([Value(1.0), 2.0])
    assert [type(y) for y in out] == [Value, Value]
    assert [y.data for y in model(np.array([1.0, 2.0]))] == [y.data for y in out]
    assert type(nn.Neuron(2)([1.0, 2.0])) is Value
    assert type(nn.Layer(2, 1, nonlin=False)([1.0, 2.0])) is Value
    assert repr(nn.Layer(2, 1, nonlin=False)) == "Layer of [LinearNeuron(2)]"


def test_what_draws_the_start():
    def weights(**rng):
        return [p.data for p in nn.MLP(2, [3, 1], **rng).parameters()]

    random.seed(5)
    first, second = weights(), weights()
    random.seed(5)
    assert weights() == first != second
    assert weights(rng=0) == weights(rng=np.random.default_rng(0)) != weights(rng=1)
    assert len(set(weights(rng=0))) == 10  # no neuron is another's twin; biases are 0


def test_it_is_a_module():
    model = nn.MLP(2, [3, 1], rng=0)
    x = [0.5, -1.0]
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin(x).data == model(x).data
        assert not {*twin.parameters()} & {*model.parameters()}
    other = nn.MLP(2, [3, 1], rng=1)
    other.load_state_dict(model.state_dict())
    assert other(x).data == model(x).data
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    before = model.parameters()[0].data
    model(x).backward()
    optimizer.step()
    assert model.layers[1].neurons[0].b.data == pytest.approx(-0.1)
    assert model.parameters()[0].data != before or model.parameters()[0].grad == 0.0
    assert "network 2-3-1" in repr(model.draw(x))


def test_mistakes():
    with pytest.raises(ValueError, match=r"ReLUNeuron\(2\) takes 2 numbers, and not 3"):
        nn.MLP(2, [3, 1])([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="sizes are those of input, hidden layers and output"):
        nn.MLP(3)
