"""Every layer, activation and loss: its derivatives to second order, its picture, its entry on the page of layers."""

import importlib.util
import re
import sys
from functools import partial
from pathlib import Path

import pytest

import nn
from autograd import Tensor
from autograd.graph import toposort
from autograd.testing import check_gradients
from nn.testing import _parameters

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("layer_page", ROOT / "scripts" / "layer_page.py")
layer_page = sys.modules["layer_page"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(layer_page)
EXAMPLES = {name: (kind, example) for kind, name, example in layer_page.examples()}
PAGE = 1340  # pixels, of which a page of 838 shows texts of 16 pixels at 10
# Recurrent layers have their derivatives tested on two steps of one number.
STEPS = (layer_page.numbers(2, 1, 1),)
SMALL = {
    name: layer_page.Example(
        partial(getattr(nn, name), 1, 1, rng=0), (layer_page.numbers(1, 1),) if "Cell" in name else STEPS
    )
    for name in ("GRU", "GRUCell", "LSTM", "LSTMCell", "RNN", "RNNCell")
}
every_module = pytest.mark.parametrize("name", EXAMPLES)
every_layer = pytest.mark.parametrize("name", [name for name, (kind, _) in EXAMPLES.items() if kind == "Layers"])


@every_module
def test_the_derivatives_of_first_and_second_order(name):
    example = SMALL.get(name, EXAMPLES[name][1])
    varied = [i for i, x in enumerate(example.inputs) if isinstance(x, Tensor) and x.requires_grad]

    def f(parameters, *arrays):
        module, inputs = example.make(), list(example.inputs)  # a module that draws begins with the same numbers
        for i, x in zip(varied, arrays, strict=True):
            inputs[i] = x
        with _parameters(module, parameters):
            y = module(*inputs)
            return y[0] if isinstance(y, tuple) else y

    state = {path: p.data for path, p in example.make().named_parameters()}
    check_gradients(f, (state, *(example.inputs[i].data for i in varied)))


@every_layer
def test_a_picture_of_it_fits_a_page(name):
    figure = layer_page.draw(EXAMPLES[name][1])
    assert float(re.search(r'viewBox="\S+ \S+ (\S+)', figure.svg)[1]) * 96 / 72 <= PAGE
    assert any(node.op is not None for node in toposort(layer_page.result(EXAMPLES[name][1])))


def test_the_page_is_what_nn_computes():
    assert (ROOT / "docs" / "layers.md").read_text(encoding="utf-8") == layer_page.page()


@every_module
def test_it_has_an_entry_and_what_has_an_entry_exists(name):
    page = (ROOT / "docs" / "layers.md").read_text(encoding="utf-8")
    assert f"\n### {name}\n" in page
    assert set(re.findall(r"^### (\w+)$", page, re.MULTILINE)) <= set(nn.__all__)
    if EXAMPLES[name][0] == "Layers":
        assert (ROOT / "docs" / "layers" / f"{name}.svg").exists()
