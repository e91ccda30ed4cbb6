"""Scripts written for micrograd run here when nothing but their imports is changed, and print the same."""

import contextlib
import importlib.util
import io
import random
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "micrograd"
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if path.stem != "conftest")


def printed(script):
    """What a script prints."""
    out = io.StringIO()
    state = random.getstate()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(script, "<script>", "exec"), {"__name__": "__main__"})
    finally:
        random.setstate(state)
    return out.getvalue()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_runs_with_other_imports(path):
    script = path.read_text(encoding="utf-8")
    if "import torch" in script:
        pytest.importorskip("torch")
    changed = script.replace("from micrograd.engine", "from autograd").replace("from micrograd.nn", "from nn")
    assert changed.count("\n") == script.count("\n")
    assert "micrograd" not in changed
    assert printed(changed) == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_script_prints_so_with_micrograd(path):
    script = path.read_text(encoding="utf-8")
    for module in ("micrograd", *(["torch"] if "import torch" in script else [])):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    assert printed(script) == path.with_suffix(".txt").read_text(encoding="utf-8")
