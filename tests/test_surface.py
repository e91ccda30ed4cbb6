"""The public surface: one explicit list a package, which ``dir``, completion and star imports show."""

import ast
import builtins
import pickle
import pkgutil
import re
import subprocess
import sys
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from rlcompleter import Completer
from types import ModuleType

import numpy as np
import pytest

import autograd
import nn
from autograd import graph, ops, viz
from autograd.ops import families
from autograd.other_names import _PYTORCHS


def is_ours(module):
    return module is not None and module.split(".")[0] in ("autograd", "nn")


def spaces():
    """Every public module of ours: the two packages, packages in them with a surface, and what those show."""
    reached, waiting = {}, [autograd, nn]
    for package in (autograd, nn):
        waiting += [import_module(m.name) for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
                    if m.ispkg and (m.name != "nn.estimators" or find_spec("sklearn"))]  # fmt: skip
    waiting += [
        import_module(name)
        for name in (
            "autograd.numpy.linalg",
            "autograd.numpy.random",
            "autograd.extend",
            "autograd.core",
            "autograd.differential_operators",
            "autograd.wrap_util",
        )
    ]
    while waiting:
        space = waiting.pop()
        if space.__name__ not in reached and hasattr(space, "__all__"):
            reached[space.__name__] = space
            shown = [getattr(space, name) for name in dir(space)]
            waiting += [
                m for m in shown if isinstance(m, ModuleType) and m.__name__.split(".")[0] in ("autograd", "nn")
            ]
    return reached


SPACES = spaces()
every_space = pytest.mark.parametrize("space", SPACES.values(), ids=list(SPACES))


def test_the_walk_comes_by_every_public_package():
    packages = {"autograd", "nn", "nn.optim"} | {
        f"autograd.{p}" for p in ("compiler", "extend", "graph", "numpy", "ops", "testing", "transforms", "viz")
    }
    modules = {"data", "functional", "init", "optim.lr_scheduler", "parallel", "penalties", "plots", "utils"}
    assert packages | {f"nn.{m}" for m in modules} | {"autograd.numpy.linalg", "autograd.numpy.random"} <= SPACES.keys()


@every_space
def test_dir_shows_public_names_and_nothing_else(space):
    assert dir(space) == sorted({*space.__all__, *space.SHADOWING})
    assert len(dir(space)) == len(space.__all__) + len(space.SHADOWING)
    assert all(hasattr(space, name) for name in dir(space))


@every_space
def test_completion_shows_what_dir_does(space):
    matches = Completer({"space": space}).attr_matches("space.")
    found = sorted(m.removeprefix("space.").partition("(")[0] for m in matches)
    assert found == [name for name in dir(space) if not name.startswith("_")]


@every_space
def test_a_surface_is_explicit(space):
    """No star import, and nothing that adds to a list of names or takes from it."""
    tree = ast.parse(Path(space.__file__).read_text(encoding="utf-8"))
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in ("__all__", "SHADOWING")]
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.names[0].name == "*"]
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.AugAssign) and n.target in names]
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.value in names]


def test_a_star_import_leaves_pythons_own_names_alone():
    scope = {}
    exec("from autograd import *", scope)
    assert sorted(scope.keys() - {"__builtins__"}) == sorted(autograd.__all__)
    assert not scope.keys() & vars(builtins).keys()
    assert set(autograd.SHADOWING) - vars(builtins).keys() == {"copy", "numpy"}


@pytest.mark.op_files
@pytest.mark.parametrize("family", families(), ids=lambda family: family.__name__.rpartition(".")[2])
def test_every_public_function_of_the_table_is_on_the_surface(family):
    """On that of the package if it is loaded with it, else on one that is named like NumPy's or SciPy's."""
    early = family.__name__.rpartition(".")[2] in ops._EARLY
    beside = [s for n, s in SPACES.items() if n.startswith(("autograd.numpy", "autograd.scipy"))]
    for name in family.__all__:
        assert (name in {*autograd.__all__, *autograd.SHADOWING}) == early, (
            f"{name} is public in {family.__name__}: import it in autograd/__init__.py, and add it to `__all__` there"
            if early
            else f"{name} is of a chapter that is loaded late: leave it out of autograd/__init__.py"
        )
        assert not early or getattr(autograd, name) is getattr(family, name)
        # Those that NumPy has from 2.1 on, and one that it has up to 2.4.
        not_here = name in ("cumulative_prod", "cumulative_sum", "unstack", "row_stack") and name not in np.__all__
        assert not_here or any(name in dir(space) for space in [autograd, *beside]), (
            f"{name} is public in {family.__name__}, and no package has it: name it in one of autograd.numpy, "
            "autograd.numpy.linalg or autograd.scipy, whichever is like NumPy's or SciPy's"
        )


def test_importing_the_package_loads_no_late_chapter():
    code = "import autograd, sys; print(*(c for c in autograd.ops._LATE if f'autograd.ops.{c}' in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


@pytest.mark.parametrize("space", [s for n, s in SPACES.items() if not n.startswith("autograd.numpy")])
def test_what_is_public_is_pickled_by_name(space):
    found = [getattr(space, name) for name in dir(space)]
    for function in (f for f in found if callable(f) and is_ours(getattr(f, "__module__", None))):
        assert pickle.loads(pickle.dumps(function)) is function


@pytest.mark.parametrize("name", _PYTORCHS)
def test_a_name_of_torch_autograds_answers_with_ours(name):
    with pytest.raises(AttributeError, match=f"'{name}', which torch.autograd has; write "):
        getattr(autograd, name)
    assert not hasattr(autograd, name)


def test_the_version_is_that_of_what_is_installed(monkeypatch):
    assert autograd.__version__ == nn.__version__ == metadata.version("graphgrad")
    assert re.match(r"\d+(\.\d+)*", autograd.__version__)

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert autograd.__version__ == nn.__version__ == "0+unknown"


def test_backward_is_a_method():
    with pytest.raises(AttributeError, match=r"write y\.backward\(\)$"):
        autograd.backward


def test_dot_is_of_viz_and_no_import_goes_up_before_it_is_asked_for():
    assert graph.to_dot is viz.to_dot
    with pytest.raises(AttributeError, match=r"^module 'autograd\.graph' has no attribute 'dot'$"):
        graph.dot
    code = "import autograd, sys; assert 'autograd.viz' not in sys.modules; from autograd.graph import to_dot"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
