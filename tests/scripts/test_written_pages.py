"""Pages that scripts write from what the library states: conventions and messages."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograd.ops import table

ROOT = Path(__file__).resolve().parents[2]


def said(page):
    return (ROOT / "docs" / page).read_text("utf-8")


@pytest.mark.parametrize("script", ["conventions", "message_page"])
def test_the_page_is_what_the_library_states(script):
    done = subprocess.run([sys.executable, f"scripts/{script}.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_convention_has_its_row():
    rows = re.findall(r"^\| \[(\w+)\]\(ops\.md#\1\) \| (\w+) \|", said("conventions.md"), re.MULTILINE)
    assert sorted(rows) == sorted((op.name, c.arg) for op in table() for c in op.conventions)
    assert len(rows) > 50


def test_every_mistake_of_the_tests_stands_on_the_page_with_its_text():
    lines = (ROOT / "tests" / "messages.txt").read_text("utf-8").splitlines()
    mistakes = [line for line in lines if line and line[0] not in "# "]
    page = said("messages.md")
    assert all(f"`{mistake}`" in page for mistake in mistakes)
    assert len(mistakes) > 250
    kinds = re.findall(r"^    ([A-Z]\w+(?:Error|Warning)): ", "\n".join(lines), re.MULTILINE)
    assert len(kinds) == len(mistakes)
    assert len(re.findall(r"^  `+ ?[A-Z]\w+(?:Error|Warning): ", page, re.MULTILINE)) >= len(kinds)


def test_every_sign_of_the_pictures_is_explained():
    signs = {path.stem for path in (ROOT / "docs" / "pictures" / "language").glob("*.svg")}
    page = said("visual_language.md")
    assert set(re.findall(r"\(pictures/language/(\w+)\.svg\)", page)) == signs
    program = "import visual_language; print(*(name.removeprefix('language/') for name in visual_language.pictures()))"
    made = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "scripts", capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert set(made.stdout.split()) == signs, made.stderr
