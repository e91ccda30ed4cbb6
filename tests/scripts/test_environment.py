"""The environment of the scripts: pip runs for what is not installed yet, and for nothing else."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = """#!/usr/bin/env bash
case "$*" in
    *"pip install"*) echo "${@: -1}" >>"$LOG"; [[ ! -e "$LOG.broken" ]] ;;
esac
"""


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """Prepare extras in a checkout whose Python only notes what it is to install; what it noted."""
    if shutil.which("bash") is None:
        pytest.skip("no bash on the PATH")
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "env.sh", tmp_path / "scripts")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PYTHON, encoding="utf-8")
    python.chmod(0o755)
    log = tmp_path / "log"
    monkeypatch.setenv("LOG", str(log))

    def prepare(extras):
        log.unlink(missing_ok=True)
        code = f'set -euo pipefail; source scripts/env.sh; prepare {extras}; [[ "$PY" == "$PWD/.venv/bin/python" ]]'
        done = subprocess.run(["bash", "-c", code], cwd=tmp_path, capture_output=True, text=True)
        asked = log.read_text(encoding="utf-8").split() if log.exists() else []
        return [each.removeprefix(str(tmp_path)) for each in asked], done.returncode

    return prepare


def test_what_is_installed_is_not_installed_again(prepared):
    assert prepared("draw,plot,nn") == (["[draw,plot,nn]"], 0)
    assert prepared("draw,plot,nn") == ([], 0)
    assert prepared("nn,draw") == ([], 0)
    assert prepared("nn,docs,draw") == (["[docs]"], 0)
    assert prepared("docs,plot") == ([], 0)


def test_a_changed_pyproject_and_a_failure_install_again(prepared, tmp_path):
    assert prepared("draw") == (["[draw]"], 0)
    (tmp_path / "pyproject.toml").write_text("[project]\nversion = '2'\n", encoding="utf-8")
    (tmp_path / "log.broken").touch()
    asked, failed = prepared("draw")
    assert asked == ["[draw]"]
    assert failed
    (tmp_path / "log.broken").unlink()
    assert prepared("draw") == (["[draw]"], 0)
    assert prepared("draw") == ([], 0)
