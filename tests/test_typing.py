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


def by_mypy():
    """The lines in which mypy finds errors, by their files, and what it said."""
    done = run("-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context", *FILES)
    assert done.stderr == ""
    found = re.findall(r"(\w+)\.py:(\d+): error:", done.stdout)
    return [(name, int(line)) for name, line in found], done.stdout


def by_pyright():
    """The lines in which pyright finds errors, by their files, and what it said."""
    pytest.importorskip("pyright")
    done = run("-m", "pyright", "--pythonpath", sys.executable, "--outputjson", *FILES)
    if "{" not in done.stdout:
        pytest.skip(f"pyright fetches itself at its first run, and cannot here: {done.stderr[-200:]}")
    # It may say before its answer that there is a newer version.
    found = [
        d for d in json.loads(done.stdout[done.stdout.index("{") :])["generalDiagnostics"] if d["severity"] == "error"
    ]
    lines = [(Path(d["file"]).stem, d["range"]["start"]["line"] + 1) for d in found]
    return lines, "\n".join(d["message"] for d in found)


@pytest.mark.parametrize("errors", [by_mypy, by_pyright])
def test_the_examples_have_the_types_they_assert_and_each_mistake_is_an_error(errors):
    """All files are given to a checker at once, which reads the packages once."""
    found, text = errors()
    marked = {
        path.stem: [
            i for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if line.endswith("# error")
        ]
        for path in FILES
    }
    assert {name for name, _ in found} <= marked.keys(), text
    assert {name: sorted({line for file, line in found if file == name}) for name in marked} == marked, text
    assert all(bool(lines) == name.endswith("mistakes") for name, lines in marked.items())


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
