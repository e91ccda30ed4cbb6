"""What runs is what one reads: the files that the docs name hold every line of a step, or `inspect` shows it."""

import inspect
import re
import sys
from pathlib import Path

import pytest

import autograd
from autograd import Tensor, Value, source

ROOT = Path(autograd.__file__).parents[1]


def lines_of(step):
    """The files of the lines that run, and the functions."""
    files, functions = set(), set()

    def watch(frame, event, _):
        files.add(frame.f_code.co_filename)
        functions.add(frame.f_code)
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        step()
    finally:
        sys.settrace(before)
    ours = {file for file in files if file.startswith(("<autograd", str(ROOT / "autograd")))}
    return ours, functions  # and neither this file nor what a collection of garbage calls in between


def named_in_docs():
    page = (ROOT / "docs" / "how_it_works.md").read_text(encoding="utf-8")
    return {str(ROOT / name) for name in re.findall(r"\]\(\.\./(autograd/[\w/]+\.py)\)", page)}


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_every_line_of_a_step_lies_in_a_file_that_the_docs_name_or_is_shown(kind):
    a, b = kind(2.0), kind(3.0)

    def step():
        y = a * b
        y.backward()

    step()
    files, functions = lines_of(step)
    generated = {code for code in functions if code.co_filename.startswith("<autograd")}
    assert {code.co_name for code in generated} == {"mul", "mul_backward"}
    for code in generated:
        assert inspect.getsource(code) in source(autograd.mul)
    written = {file for file in files if not file.startswith("<autograd")}
    assert written <= named_in_docs()
    assert len(written) <= 7


def test_a_recorded_op_of_the_plain_way_too():
    x = Tensor([1.0, 2.0, 3.0])
    files, _ = lines_of(lambda: autograd.gradients(autograd.stack([x, x]).sum(), x, create_graph=True))
    assert str(ROOT / "autograd" / "engine" / "recording.py") in files
