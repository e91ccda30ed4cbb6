"""Types say something: what checkers infer of code that users write, and the mistakes that they find in it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES, MISTAKES = (ROOT / "tests" / "typing" / name for name in ("examples.py", "mistakes.py"))
MARKED = [i for i, line in enumerate(MISTAKES.read_text(encoding="utf-8").splitlines(), 1) if line.endswith("# error")]


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
    found = [d for d in json.loads(done.stdout)["generalDiagnostics"] if d["severity"] == "error"]
    return [d["range"]["start"]["line"] + 1 for d in found], "\n".join(d["message"] for d in found)


checkers = pytest.mark.parametrize("lines", [by_mypy, by_pyright])


@checkers
def test_the_examples_have_the_types_they_assert(lines):
    found, text = lines(EXAMPLES)
    assert found == [], text


@checkers
def test_each_mistake_is_found(lines):
    found, text = lines(MISTAKES)
    assert sorted(set(found)) == MARKED, text


def test_the_stubs_are_what_the_table_says():
    done = run("scripts/stubs.py", "--check")
    assert done.returncode == 0, done.stderr


def test_the_stub_of_the_package_names_all_that_is_public():
    import ast

    import autograd

    tree = ast.parse((ROOT / "autograd" / "__init__.pyi").read_text(encoding="utf-8"))
    names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    names |= {n.target.id for n in tree.body if isinstance(n, ast.AnnAssign)}
    names |= {a.asname or "" for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    assert set(dir(autograd)) - names == set()
