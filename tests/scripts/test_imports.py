"""Every script can be imported, so that none breaks unseen while no one runs it; the picture of differences is made."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(p for p in ROOT.glob("scripts/**/*.py") if p.name != "without_init.py")  # whose import is an error
PACKAGES = {"autograd", "nn", *(p.stem for p in SCRIPTS), *(p.stem for p in ROOT.glob("notebooks/*.py"))}
PROGRAM = """
import importlib.util, json, sys
failures = {}
for path in sys.argv[1:]:
    folder, name = path.rsplit("/", 1)
    sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(f"script_{name[:-3]}", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        failures[path] = error.name
    except BaseException as error:
        failures[path] = repr(error)
    sys.path.remove(folder)
print(json.dumps(failures))
"""


def test_every_script_can_be_imported():
    paths = [str(p) for p in SCRIPTS]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT / 'notebooks')!r})\n{PROGRAM}", *paths],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    failures = json.loads(done.stdout.splitlines()[-1])
    # A package of others may be missing here, a module of ours may not.
    assert {p: e for p, e in failures.items() if e.partition(".")[0] in PACKAGES or not e.isidentifier()} == {}
    assert len(failures) < len(paths) / 2


def test_the_picture_of_differences_is_made(tmp_path):
    pytest.importorskip("matplotlib")
    program = f"import differences; from pathlib import Path; differences.draw(Path({str(tmp_path / 'made.svg')!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "scripts", env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0
    made, shown = (
        sum(1 for _ in ElementTree.parse(p).iter("{http://www.w3.org/2000/svg}path"))
        for p in (tmp_path / "made.svg", ROOT / "docs" / "pictures" / "differences.svg")
    )
    assert made == shown > 50
