"""Names of HIPS autograd's that are not here: importing one says what to write, and that is right."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import autograd
from autograd.other_names import _INSTEAD, ELSEWHERE, WITHIN


@pytest.mark.parametrize(("module", "name"), [(m, name) for m, names in _INSTEAD.items() for name in names])
def test_an_import_says_what_to_write(module, name):
    with pytest.raises(ImportError, match=rf"^{module}\.{name} of HIPS autograd is not here; write ."):
        exec(f"from {module} import {name}")


def test_other_names_are_missing_as_usual():
    with pytest.raises(AttributeError, match=r"^module 'autograd' has no attribute 'nothing'$"):
        autograd.nothing
    assert not hasattr(autograd.extend, "nothing")


@pytest.mark.parametrize("name", WITHIN)
def test_a_name_of_a_module_within_is_found(name):
    place = f"autograd.{WITHIN[name]}"
    assert callable(getattr(import_module(place), name))
    with pytest.raises(ImportError, match=rf"^module 'autograd' has no attribute '{name}'; it is {place}\.{name}$"):
        exec(f"from autograd import {name}")


def test_names_of_other_modules_are_here_without_being_shown():
    for name, module in ELSEWHERE.items():
        assert getattr(autograd, name) is getattr(import_module(module), name)
        assert name not in dir(autograd)


# What both distributions install, and some of what HIPS autograd alone does.
SHARED = ("__init__.py", "core.py", "extend.py", "numpy/__init__.py", "numpy/linalg.py", "numpy/random.py")
THEIRS = ("numpy/numpy_jvps.py",)
ROOT = Path(autograd.__file__).parents[1]
CURE = "`pip uninstall autograd graphgrad`, then install graphgrad again"


def installed(folder, state):
    """The packages as links to their files, changed as installing or removing HIPS autograd beside them does."""
    for package in ("autograd", "nn"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / package, copy_function=os.symlink, ignore=ignore)
    (folder / "autograd.py").symlink_to(ROOT / "scripts" / "without_init.py")  # as in a wheel
    if state in ("second", "removed", "removed, no autograd.py"):
        for name in SHARED:
            (folder / "autograd" / name).unlink()
    if state in ("first", "second"):
        for name in THEIRS + SHARED * (state == "second"):
            (folder / "autograd" / name).unlink(missing_ok=True)  # a link, behind which nothing is to change
            (folder / "autograd" / name).write_text("grad = None")
    if state == "removed, no autograd.py":
        (folder / "autograd.py").unlink()
    if state == "elsewhere":  # ours is editable, or lies behind on the path
        for name in THEIRS + SHARED:
            path = folder / "site" / "autograd" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("grad = None")
    return os.pathsep.join([str(folder / "site"), str(folder)])


@pytest.mark.parametrize(
    ("state", "code", "says"),
    [
        ("alone", "from autograd import Value; import nn", None),
        ("first", "from autograd import Value; import nn", "UserWarning: HIPS autograd, .* removing it will remove"),
        ("second", "import nn", r"ImportError: nn needs the autograd of graphgrad, and .*__init__\.py is another"),
        ("elsewhere", "import nn", r"ImportError: nn needs the autograd of graphgrad, and .*site.*\.py is another"),
        ("removed", "import nn", "ImportError: autograd of graphgrad lost files when HIPS autograd, "),
        ("removed", "import autograd", "ImportError: autograd of graphgrad lost files when HIPS autograd, "),
        ("removed", "from autograd import Value", "ImportError: autograd of graphgrad lost files when HIPS autograd, "),
        ("removed, no autograd.py", "import nn", "ImportError: nn needs the autograd .* or has lost files"),
    ],
)  # fmt: skip
def test_beside_hips_autograd_an_import_names_cause_and_cure_in_one_sentence(state, code, says, tmp_path):
    environment = os.environ | {"PYTHONPATH": installed(tmp_path, state), "OMP_NUM_THREADS": "1"}
    others = f"[p for p in sys.path if {str(tmp_path)!r} in p or not os.path.exists(os.path.join(p, 'autograd'))]"
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"import os, sys; sys.path[:] = {others}; {code}"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = [line for line in done.stderr.splitlines() if "HIPS" in line]
    if says is None:
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert done.returncode == (state != "first")
        assert len(lines) == 1, done.stderr
        assert re.search(says, lines[0])
        assert lines[0].endswith(CURE)


def test_a_wheel_has_what_speaks_once_the_package_has_lost_its_init(monkeypatch):
    names = "hatchling.builders.hooks.plugin.interface".split(".")
    for i in range(len(names)):
        stub = ModuleType(".".join(names[: i + 1]))
        stub.BuildHookInterface = object
        monkeypatch.setitem(sys.modules, stub.__name__, stub)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    path = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["path"]
    hook = runpy.run_path(ROOT / path)["Hook"]()
    for version, included in (("standard", {"scripts/without_init.py": "autograd.py"}), ("editable", {})):
        data = {"force_include": {}}
        hook.initialize(version, data)
        assert data["force_include"] == included
        assert all((ROOT / name).is_file() for name in included)
