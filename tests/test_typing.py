"""Types say something: what checkers infer of code that users write, and the mistakes that they find in it."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import autograd

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "tests" / "typing").glob("*.py"))


def run(*command):
    return subprocess.run([sys.executable, *map(str, command)], cwd=ROOT, capture_output=True, text=True, check=False)


def by_mypy(path):
    """The lines in which mypy finds errors."""
    done = run("-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context", path)
    assert done.stderr == ""
    return [int(line) for line in re.findall(rf"{path.name}:(\d+): error:", done.stdout)], done.stdout


def by_pyright(path):
    """The lines in which pyright finds errors."""
    pytest.importorskip("pyright")
    done = run("-m", "pyright", "--pythonpath", sys.executable, "--outputjson", path)
    if "{" not in done.stdout:
        pytest.skip(f"pyright fetches itself at its first run, and cannot here: {done.stderr[-200:]}")
    # It may say before its answer that there is a newer version.
    found = [
        d for d in json.loads(done.stdout[done.stdout.index("{") :])["generalDiagnostics"] if d["severity"] == "error"
    ]
    return [d["range"]["start"]["line"] + 1 for d in found], "\n".join(d["message"] for d in found)


@pytest.mark.parametrize("errors", [by_mypy, by_pyright])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_examples_have_the_types_they_assert_and_each_mistake_is_an_error(path, errors):
    lines, text = errors(path)
    marked = [i for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if line.endswith("# error")]
    assert sorted(set(lines)) == marked, text
    assert bool(marked) == path.stem.endswith("mistakes")


def test_the_stubs_are_what_the_table_says():
    done = run("scripts/stubs.py", "--check")
    assert done.returncode == 0, done.stderr


def test_the_stub_of_the_package_names_all_that_is_public():
    tree = ast.parse((ROOT / "autograd" / "__init__.pyi").read_text(encoding="utf-8"))
    names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    names |= {n.target.id for n in tree.body if isinstance(n, ast.AnnAssign)}
    names |= {a.asname or "" for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    assert set(dir(autograd)) - names == set()


def test_few_types_are_any():
    """A name for what flows is stated once; what is only passed on is an object."""
    files = [
        f for package in ("autograd", "nn") for f in (ROOT / package).rglob("*.py*") if f.suffix in (".py", ".pyi")
    ]
    assert sum(len(re.findall(r"\bAny\b", f.read_text(encoding="utf-8"))) for f in files) < 400


def test_types_are_part_of_a_wheel():
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    assert wheel["packages"] == ["autograd", "nn"]
    assert not wheel.keys() & {"exclude", "only-include", "include"}
    for file in ("autograd/py.typed", "autograd/__init__.pyi", "autograd/methods.pyi", "nn/py.typed"):
        assert (ROOT / file).exists()
