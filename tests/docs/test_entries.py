"""The entries of the site's reference: what stands in their heads is what a reader types."""

import importlib
import inspect
import sys
from pathlib import Path

import pytest

import autograd
import nn
from autograd import compiler

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def site_ext(monkeypatch):
    pytest.importorskip("sphinx")
    pytest.importorskip("latex2mathml")
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    return importlib.import_module("site_ext")


@pytest.mark.parametrize(
    ("thing", "written"),
    [
        (autograd.Tensor, "(data, label=None, requires_grad=None, dtype=None)"),
        (autograd.Value, "(data, label=None, requires_grad=True)"),
        (autograd.no_grad, "()"),
        (nn.Sequential, "(*modules)"),
        (nn.RMSNorm, "(normalized_shape, eps=None, elementwise_affine=True, *, device=None, dtype=float64)"),
    ],
)
def test_a_class_is_written_as_it_is_called(site_ext, thing, written):
    assert site_ext.written_signature(None, "class", "", thing, None, "(*args, **kwargs)", None) == (written, None)


def test_defaults_of_functions_are_written_as_one_types_them(site_ext):
    signature = "(shape=None, dtype=<class 'numpy.float32'>, key=<function <lambda>>)"
    written = site_ext.written_signature(None, "function", "", max, None, signature, None)
    assert written == ("(shape=None, dtype=float32, key=...)", None)


def test_a_constant_does_not_say_how_its_type_is_called(site_ext):
    lines = inspect.getdoc(compiler.DRAWN).splitlines()
    site_ext.own_docstrings(None, "data", "", compiler.DRAWN, None, lines)
    assert lines == []
    lines = ["What it is for."]
    site_ext.own_docstrings(None, "data", "", compiler.DRAWN, None, lines)
    assert lines == ["What it is for."]


def test_fields_of_named_tuples_stand_in_the_docstring_alone(site_ext):
    assert site_ext.skips(None, "class", "text", compiler.Code.text, False, None)
    assert site_ext.skips(None, "class", "draw", autograd.Tensor.backward, False, None) is None
