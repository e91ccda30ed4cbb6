"""The pages that the op table prints: up to date, complete, and with pictures that are pictures."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd import supported
from autograd.ops import table

ROOT = Path(__file__).parents[2]
OPS = (ROOT / "docs" / "ops.md").read_text(encoding="utf-8")
NUMPY = (ROOT / "docs" / "numpy.md").read_text(encoding="utf-8")
PLOTS = sorted((ROOT / "docs" / "ops").glob("*.svg"))


def test_the_pages_are_what_the_table_prints():
    done = subprocess.run([sys.executable, "scripts/op_table.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_op_has_its_entry_once():
    entries = re.findall(r"^### (\w+)$", OPS, re.MULTILINE)
    assert sorted(entries) == sorted(op.name for op in table())
    for op in table():
        for convention in op.conventions:
            assert convention.why in OPS


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


def test_the_links_lead_to_headings():
    headings = set(re.findall(r"^#{2,3} (\w+)$", OPS, re.MULTILINE))
    assert set(re.findall(r"\(ops\.md#(\w+)\)", NUMPY)) <= headings
    assert all((ROOT / "docs" / path).exists() for path in re.findall(r"\]\((ops/\w+\.svg)\)", OPS))


@pytest.mark.parametrize("path", PLOTS, ids=lambda path: path.stem)
def test_a_plot_shows_two_curves(path):
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    curves = [p.get("d") for p in root.iter("{http://www.w3.org/2000/svg}path") if p.get("fill") == "none"]
    assert len(curves) == 2
    assert all(len(re.findall(r"[ML]", d)) > 20 for d in curves)
