"""The pytest plugin, in a pytest of its own."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from autograd import Tensor
from autograd.testing.plugin import listing

TESTS = """
import pytest
from autograd import Value, mul, sin
from autograd.testing import mutants


def test_right(check_gradients):
    check_gradients(lambda x: sin(x) * x, (0.5,))


@pytest.mark.gradients(order=1)
def test_wrong(check_gradients):
    bug = next(mutants(mul))
    with bug.planted():
        check_gradients(lambda x: sin(x) * x, (0.5,))


@pytest.mark.gradients(order=2, modes=("reverse",))
def test_options(check_gradients):
    with pytest.raises(ValueError, match="order"):
        check_gradients(sin, (0.5,), order=0)


def test_other():
    assert Value(1.0).data == 2
"""


def ran(folder, *options):
    # The plugin may be installed as an entry point or not: it alone is loaded, by its module.
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    plugin = ["-p", "autograd.testing.plugin", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugin, "--strict-markers", "--rootdir", str(folder), *options]
    return subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, check=False)


def test_it_is_installed_under_the_name_of_its_module():
    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text(encoding="utf-8"))
    for name, module in project["project"]["entry-points"]["pytest11"].items():
        assert name == module  # else -p with the module loads a second one, which pytest refuses


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "test_it.py").write_text(TESTS)
    return tmp_path


def test_a_failure_has_the_graph_as_text_and_as_a_picture(folder):
    done = ran(folder, "-q")
    assert "2 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("graph of the function whose gradient is wrong") == 1
    assert "suspected op:        'mul'" in done.stdout
    assert "sin" in done.stdout.partition("graph of the function")[2]
    pictures = list((folder / "gradient-graphs").iterdir())
    assert [p.name for p in pictures] == ["test_it.py-test_wrong.svg"]
    assert pictures[0].read_text().startswith("<svg")
    assert str(pictures[0]) in done.stdout


def test_the_folder_and_the_marker_can_be_chosen(folder):
    done = ran(folder, "-q", "-m", "gradients", "--gradient-graphs", "pictures")
    assert "1 failed, 1 passed, 2 deselected" in done.stdout
    assert len(list((folder / "pictures").iterdir())) == 1


def test_nothing_happens_where_it_is_not_used(folder):
    done = ran(folder, "-q", "-k", "right or other")
    assert "1 failed, 1 passed" in done.stdout
    assert not (folder / "gradient-graphs").exists()
    assert "graph of the function" not in done.stdout


@pytest.mark.parametrize(("option", "named"), [("orders=1", "['orders']"), ("3", "[3]")])
def test_a_wrong_option_of_the_marker_is_an_error(folder, option, named):
    (folder / "test_it.py").write_text(TESTS.replace("gradients(order=1)", f"gradients({option})"))
    done = ran(folder, "-q", "-k", "wrong")
    assert f"the marker gradients takes atol, modes, order, rng, rtol by name, not {named}" in done.stdout


def test_a_failure_shows_the_test_and_not_the_source_of_the_check(folder):
    done = ran(folder, "-q", "-k", "wrong")
    assert ">           check_gradients(lambda x: sin(x) * x, (0.5,))" in done.stdout
    assert "Richardson" not in done.stdout  # its docstring
    assert "checks.check_gradients(" not in done.stdout.partition("graph of the function")[0]
    assert len(done.stdout.partition("short test summary")[0].splitlines()) < 70, done.stdout


def test_a_long_call_stands_apart_from_its_value_in_the_listing():
    x = Tensor([1.0, 2.0], label="x")
    lines = listing((x * 2.0).sum(axis=0, keepdims=True).sum()).splitlines()
    assert all(re.search(r"\S +(Tensor|Value) ", line) for line in lines), lines


AWKWARD = """
import pytest
from autograd import mul, sin
from autograd.testing import mutants


@pytest.mark.gradients(order=1)
class TestIt:
    @pytest.mark.gradients(modes=("forward",))
    @pytest.mark.parametrize("name", ["a b", "a-b", "x" * 300])
    def test_wrong(self, check_gradients, name):
        with next(mutants(mul)).planted():
            check_gradients(lambda x: sin(x) * x, (0.5,))
"""


def test_long_and_similar_names_have_pictures_of_their_own_and_markers_add_up(folder):
    (folder / "test_it.py").write_text(AWKWARD)
    done = ran(folder, "-q")
    assert "3 failed" in done.stdout, done.stdout + done.stderr
    assert len(list((folder / "gradient-graphs").iterdir())) == 3
    assert done.stdout.count("order=1, modes") == 0  # the op alone is checked in the snippet
    assert done.stdout.count("(forward mode)") >= 3


def test_where_no_picture_can_be_written_the_report_says_so(folder):
    (folder / "gradient-graphs").write_text("a file in the way")
    done = ran(folder, "-q")
    assert "2 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    assert "no picture: " in done.stdout
