"""The pages that the op table prints: up to date, complete, and with pictures that are pictures."""

import inspect
import re
import subprocess
import sys
from doctest import DocTestParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd
from autograd import supported
from autograd.engine.op import Op
from autograd.ops import derivatives, families, table

ROOT = Path(__file__).parents[2]
OPS = (ROOT / "docs" / "ops.md").read_text(encoding="utf-8")
NUMPY = (ROOT / "docs" / "numpy.md").read_text(encoding="utf-8")
PLOTS = sorted((ROOT / "docs" / "ops").glob("*.svg"))


def test_the_pages_are_what_the_table_prints():
    done = subprocess.run([sys.executable, "scripts/op_table.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


ENTRIES = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", OPS, re.MULTILINE | re.DOTALL))


def test_every_op_and_every_function_written_in_ops_has_its_entry_once():
    headings = re.findall(r"^### (\w+)$", OPS, re.MULTILINE)
    assert sorted(headings) == sorted({op.name for op in table()} | {n for f in families() for n in f.__all__})
    for op in table():
        for convention in op.conventions:
            assert f"where singular, by {convention.arg}: {convention.why}" in ENTRIES[op.name]
        for arg in derivatives(op):
            assert f"{'∂y/∂' if op.elementwise else 'gradient of '}{arg} = `" in ENTRIES[op.name]


@pytest.mark.parametrize("name", sorted(n for f in families() for n in f.__all__ if hasattr(autograd, n)))
def test_an_entry_has_the_signature_and_the_examples_of_the_function(name):
    f = getattr(autograd, name)
    own = f.name if isinstance(f, Op) else f.__name__
    if own != name:
        assert ENTRIES[name].strip() == f"Another name of [{own}](#{own})."
        return
    call = re.search(rf"^`{name}\((.*)\)`", ENTRIES[name], re.MULTILINE)
    assert [p for p in re.findall(r"[a-z]\w*", call[1]) if p in inspect.signature(f).parameters] == list(
        inspect.signature(f).parameters
    )
    assert "xp" not in re.findall(r"\w+", call[1])
    assert examples(ENTRIES[name].replace("```", "")) == examples(f.__doc__) != []


def examples(text):
    return [(example.source, example.want) for example in DocTestParser().get_examples(text)]


def test_no_formula_is_typeset_that_is_wider_than_the_page():
    assert max(map(len, re.findall(r", \$(.*)\$$", OPS, re.MULTILINE))) <= 100


def test_every_function_of_numpys_is_listed_once_with_its_answer():
    parts = dict(re.findall(r"^## ([A-Z][a-z ]+) \(\d+\)\n(.*?)(?=^## |\Z)", NUMPY, re.MULTILINE | re.DOTALL))
    listed = {status.lower(): re.findall(r"`([\w.]+)`(?=[,:])", text) for status, text in parts.items()}
    assert sum(map(len, listed.values())) == len({name for names in listed.values() for name in names}) > 350
    for status, names in listed.items():
        for name in names:
            assert supported(name).status == status
    everything = {name for names in listed.values() for name in names}
    assert {"sin", "sort", "argmax", "linalg.det", "put", "linalg.svd"} <= everything
    assert {n for n, f in vars(np).items() if isinstance(f, np.ufunc)} <= everything


def test_the_links_lead_to_entries():
    assert set(re.findall(r"\(ops\.md#(\w+)\)", NUMPY)) <= ENTRIES.keys()
    assert set(re.findall(r"\]\(#(\w+)\)", OPS)) <= ENTRIES.keys()
    assert all((ROOT / "docs" / path).exists() for path in re.findall(r"\]\((ops/\w+\.svg)\)", OPS))


@pytest.mark.parametrize("path", PLOTS, ids=lambda path: path.stem)
def test_a_plot_shows_two_curves(path):
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    curves = [p.get("d") for p in root.iter("{http://www.w3.org/2000/svg}path") if p.get("fill") == "none"]
    assert len(curves) == 2
    assert all(len(re.findall(r"[ML]", d)) > 20 for d in curves)
