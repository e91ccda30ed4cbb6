"""Names of HIPS autograd's that are not here: importing one says what to write, and that is right."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd.other_names import _INSTEAD

A = np.array([[2.0, 1.0, -1.0], [0.5, -3.0, 1.5]])
X, V, W = np.array([0.3, -1.2, 0.8]), np.array([1.0, 2.0, -1.0]), np.array([0.7, -0.4])
CURVED = lambda x: anp.sum(x**4) + x[0] * x[1]
VECTOR = lambda x: anp.tanh(A @ x)
JACOBIAN = (1 - np.tanh(A @ X) ** 2)[:, None] * A
HESSIAN = np.diag(12 * X**2) + np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
PRODUCTS = {
    "hessian_tensor_product": (CURVED, V, HESSIAN @ V),
    "hessian_vector_product": (CURVED, V, HESSIAN @ V),
    "make_ggnvp": (VECTOR, V, JACOBIAN.T @ JACOBIAN @ V),
    "make_hvp": (CURVED, V, HESSIAN @ V),
    "make_jvp": (VECTOR, V, (VECTOR(X), JACOBIAN @ V)),
    "tensor_jacobian_product": (VECTOR, W, W @ JACOBIAN),
    "vector_jacobian_product": (VECTOR, W, W @ JACOBIAN),
}


@pytest.mark.parametrize(("module", "name"), [(m, name) for m, names in _INSTEAD.items() for name in names])
def test_an_import_says_what_to_write(module, name):
    with pytest.raises(ImportError, match=rf"^{module}\.{name} of HIPS autograd is not here; write ."):
        exec(f"from {module} import {name}")


def test_other_names_are_missing_as_usual():
    with pytest.raises(AttributeError, match=r"^module 'autograd' has no attribute 'nothing'$"):
        autograd.nothing
    assert not hasattr(autograd.extend, "nothing")


@pytest.mark.parametrize("name", PRODUCTS)
def test_the_advised_product_is_the_one_meant(name):
    f, v, expected = PRODUCTS[name]
    got = eval(_INSTEAD["autograd"][name], vars(autograd) | {"f": f, "x": X, "v": v})
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_what_else_is_advised_is_right():
    y, pull = autograd.vjp(VECTOR, X)
    np.testing.assert_array_equal(y, VECTOR(X))
    np.testing.assert_allclose(pull(W)[0], W @ JACOBIAN)
    assert autograd.jvp(autograd.sin, (0.5,), (1.0,))[1] == np.cos(0.5)
    (y, aux), pull = autograd.vjp(lambda x: (x**2, 3 * x), 2.0)
    assert (y, aux, pull((1.0, 0.0))[0]) == (4.0, 6.0, 4.0)
    assert autograd.grad(lambda a, b: a * b, argnums=(0, 1))(2.0, 3.0) == (3.0, 2.0)


# What both distributions install, and some of what HIPS autograd alone does.
SHARED = ("__init__.py", "extend.py", "numpy/__init__.py", "numpy/linalg.py", "numpy/random.py")
THEIRS = ("differential_operators.py", "core.py")
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
