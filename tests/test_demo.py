"""The demonstration: what it writes, and that it notices a wrong number."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
PICTURES = ("line", "one_sample", "boundary", "loss")


def demo(out, expected=SCRIPTS / "expected.json"):
    command = [sys.executable, SCRIPTS / "demo.py", "--out", out, "--expected", expected]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "out"
    return out, demo(out)


def test_everything_agrees(good):
    _, run = good
    assert run.returncode == 0, run.stdout + run.stderr
    assert "✗" not in run.stdout
    agree = re.search(r"(\d+) of (\d+) agree", run.stdout)
    assert agree[1] == agree[2] == "36"
    assert run.stderr == ""


def test_it_writes_the_pictures(good):
    out, run = good
    for name in PICTURES:
        assert (out / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (out / f"{name}.svg").read_text(encoding="utf-8")
        assert str(out / f"{name}.svg") in run.stdout
    assert {path.name for path in out.iterdir()} == {f"{n}.{s}" for n in PICTURES for s in ("svg", "png")} | {
        "report.html"
    }


def test_the_page_stands_by_itself(good):
    page = (good[0] / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == len(PICTURES)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!#)', page)
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))


def test_a_wrong_number_is_named(tmp_path):
    expected = json.loads((SCRIPTS / "expected.json").read_text(encoding="utf-8"))
    expected["L1"]["O(e) after the step"] = 0.648366218
    expected["K5"]["∂y/∂m"] += 1e-11
    expected["K3"]["after training"] = [[14, 1], [1, 14]]
    del expected["K1"]["L"]
    expected["K1"]["a3"] = 1.0
    expected["K9"] = {"x": 1.0}
    falsified = tmp_path / "expected.json"
    falsified.write_text(json.dumps(expected), encoding="utf-8")
    run = demo(tmp_path / "out", falsified)
    assert run.returncode == 1
    last = run.stdout.splitlines()[-1]
    assert last == (
        "NOT as expected: K5 ∂y/∂m; L1 O(e) after the step; K1 L; K1 a3; K3 after training; K9 (no such system)"
    )
    assert "✗ Not as expected: K5 ∂y/∂m" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
