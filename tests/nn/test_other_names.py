"""Every public name of PyTorch's is here, or answers with what to write; so do misspellings."""

import re
import types
from importlib import import_module

import pytest

import autograd
import nn
from nn.members import _ELSEWHERE
from nn.other_names import _KERAS

torch = pytest.importorskip("torch")
HERE = {
    "nn": nn, "nn.functional": nn.functional, "nn.init": nn.init, "nn.utils": nn.utils, "optim": nn.optim,
    "optim.lr_scheduler": nn.optim.lr_scheduler, "utils.data": nn.data,
    "nn.utils.parametrizations": nn.utils.parametrizations, "nn.utils.parametrize": nn.utils.parametrize,
}  # fmt: skip


def names_of(path):
    """What a module of PyTorch's defines, or takes from its own package."""
    module = import_module(f"torch.{path}")
    package = ".".join(module.__name__.split(".")[:2])
    for name in dir(module):
        member = getattr(module, name)
        if isinstance(member, types.ModuleType):
            is_own = member.__name__ == f"{module.__name__}.{name}"
        else:
            is_own = callable(member) and (getattr(member, "__module__", None) or package).startswith(package)
        if is_own and not name.startswith("_"):
            yield name


def answer(space, name):
    with pytest.raises(AttributeError) as caught:
        getattr(space, name)
    return str(caught.value)


@pytest.mark.parametrize("path", HERE)
def test_every_name_is_here_or_answered(path):
    space = HERE[path]
    lacking = [name for name in names_of(path) if not hasattr(space, name)]
    silent = [n for n in lacking if not re.search(r", which PyTorch has; write |; it is ", answer(space, n))]
    assert silent == []


@pytest.mark.parametrize("path", HERE)
def test_answers_name_what_there_is(path):
    roots = {"nn": nn, "F": nn.functional, "autograd": autograd}
    for name in names_of(path):
        if not hasattr(HERE[path], name):
            text = answer(HERE[path], name).partition("attribute")[2]
            for root, rest in re.findall(r"\b(nn|F|autograd)\.([\w.]*\w)", text):
                there = roots[root]
                for part in rest.split("."):
                    there = getattr(there, part)


@pytest.mark.parametrize(
    ("space", "name", "words"),
    [
        (nn, "Conv3d", "module 'nn' has no attribute 'Conv3d', which PyTorch has; write autograd.conv"),
        (nn, "LazyLinear", "write nn.Linear, with the size of its input"),
        (nn, "Relu", "did you mean ReLU"),
        (nn, "CrossEntropyLos", "did you mean CrossEntropyLoss"),
        (nn, "relu", "; it is nn.functional.relu"),
        (nn, "Adam", "; it is nn.optim.Adam"),
        (nn, "Tensor", "; it is autograd.Tensor"),
        (nn.functional, "relu_", "write F.relu, as no function changes its argument"),
        (nn.functional, "crossentropy", "did you mean cross_entropy"),
        (nn.init, "normal", "write nn.init.normal_, which"),
        (nn.optim, "StepLR", "; it is nn.optim.lr_scheduler.StepLR"),
        (nn, "Dense", "module 'nn' has no attribute 'Dense', which Keras has; write nn.Linear(inputs, outputs)"),
        (nn, "Input", "which Keras has; write nothing: the first layer is told the number of its inputs"),
        (nn, "Conv2D", "which Keras has; write nn.Conv2d("),
        (nn, "Convolution1D", "write nn.Conv1d("),
        (nn, "MaxPooling2D", "write nn.MaxPool2d(size)"),
        (nn, "AveragePooling1D", "write nn.AvgPool1d(size)"),
        (nn, "SimpleRNNCell", "write nn.RNNCell"),
        (nn, "BatchNormalization", "write nn.BatchNorm1d(features), or nn.BatchNorm2d"),
        (nn, "GlobalAveragePooling2D", "write autograd.mean or autograd.max, with axis=-1"),
        (nn, "ReduceLROnPlateau", "; it is nn.optim.lr_scheduler.ReduceLROnPlateau"),
        (nn, "optimizers", "write nn.optim"),
        (nn.MLP([1, 1]), "compile", "loss, optimiser and metrics of Keras's are arguments of nn.fit; nn.compile_step"),
        (nn.MLP([1, 1]), "fit", "'MLP' object has no attribute 'fit'; write nn.fit(model, X, y, loss=...)"),
        (nn.MLP([1, 1]), "predict", "write nn.predict(model, X)"),
        (nn.MLP([1, 1]), "evaluate", "write nn.predict(model, X), and the loss"),
        (nn.MLP([1, 1]), "get_weights", "write model.state_dict()"),
        (nn.optim, "Sgd", "did you mean SGD"),
    ],
)
def test_answers(space, name, words):
    assert words in answer(space, name)


def test_answers_to_kerass_names_name_what_there_is():
    roots = {"nn": nn, "F": nn.functional, "autograd": autograd}
    for words in [*_KERAS.values(), *_ELSEWHERE.values()]:
        for root, rest in re.findall(r"\b(nn|F|autograd)\.([\w.]*\w)", re.sub(r"\{\d\}+d?", "", words)):
            there = roots[root]
            for part in rest.split("."):
                there = there if part in {"Conv", "MaxPool", "AvgPool"} else getattr(there, part)


def test_an_import_shows_the_answer_too():
    with pytest.raises(ImportError, match=r"name 'Conv3d' from 'nn', which PyTorch has; write autograd\.conv"):
        from nn import Conv3d  # noqa: F401
    with pytest.raises(ImportError, match=r"name 'normal' from 'nn\.init', which PyTorch has; write"):
        from nn.init import normal  # noqa: F401


def test_nothing_is_made_up():
    assert answer(nn, "zzzzqqq") == "module 'nn' has no attribute 'zzzzqqq'"
    assert not hasattr(nn, "__wrapped__")
    assert not hasattr(nn, "Conv3d")
