"""JavaScript, run by node."""

import json
import shutil
import subprocess
from typing import Any

import pytest

__all__ = ["NEEDS_NODE", "evaluated"]

NEEDS_NODE = pytest.mark.skipif(shutil.which("node") is None, reason="no node on the PATH, which runs JavaScript")


def evaluated(script: str, expression: str) -> Any:
    """What an expression is after a script; numbers that are not finite come as texts that `float` reads."""
    text = "(k, v) => typeof v === 'number' && !Number.isFinite(v) ? String(v) : v"
    run = f"{script}\nconsole.log(JSON.stringify({expression}, {text}));"
    done = subprocess.run(["node", "-"], input=run, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)
