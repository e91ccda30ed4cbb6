"""The benchmark for a machine with a GPU, on one without."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def gpu(monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(str(ROOT / "scripts" / "bench"))
    import gpu

    yield gpu
    for name in ("gpu", "timing"):
        sys.modules.pop(name, None)


def test_a_pass_asks_once(gpu):
    ours, theirs, passes = gpu.steps(16, 8, "cpu")
    assert gpu.questions(passes, "cpu") == 1
    assert ours().shape == theirs().shape == ()


def test_it_says_that_there_is_none(gpu, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gpu.py"])
    monkeypatch.setattr(gpu.torch.cuda, "is_available", lambda: False)
    assert gpu.main() == 0
    assert capsys.readouterr().out == "no GPU\n"
