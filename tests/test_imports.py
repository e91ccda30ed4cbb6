"""Imports go down the floors only, and importing the package is cheap."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import autograd

ROOT = Path(autograd.__file__).parent
# From the ground up: a module may import from its own floor (within a package) and from those before it.
FLOORS = [
    ["autograd.typing"],
    ["autograd.scipy", "autograd.other_names", "autograd.callers"],
    ["autograd.messages", "autograd.surface", "autograd.tracebacks"],
    ["autograd.namespaces"],
    ["autograd.engine"],
    ["autograd.ops"],
    ["autograd.numpy"],
    ["autograd.operators"],
    ["autograd.methods"],
    ["autograd.value", "autograd.tensor"],
    ["autograd.extend"],
    ["autograd.graph"],
    ["autograd.transforms"],
    ["autograd.compiler"],
    ["autograd.testing"],
    ["autograd.viz"],
]
# A backward pass works for any op: it knows the record of one, and nothing of the table.
NOT_BELOW = {"autograd.engine.backward": {"autograd.ops"}, "autograd.engine.anomaly": {"autograd.ops"}}


def floor(module):
    for height, names in enumerate(FLOORS):
        for name in names:
            if module == name or module.startswith(name + "."):
                return height, name
    return None


def modules():
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), path


def imports(path, module):
    """Every module that a file imports, but for type checking; with whether it does so inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))

    def visit(node, inside):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            yield from ((a.name, inside) for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
                base = ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])
            yield base, inside
            yield from ((f"{base}.{a.name}", inside) for a in node.names)
        inside = inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.iter_child_nodes(node):
            yield from visit(child, inside)

    yield from visit(tree, False)


every_module = pytest.mark.parametrize(("module", "path"), list(modules()), ids=[m for m, _ in modules()])


@every_module
def test_every_module_has_a_floor(module, path):
    assert module == "autograd" or floor(module) is not None


@every_module
def test_imports_go_down(module, path):
    here = floor(module)
    if here is None:
        return
    for name, _ in imports(path, module):
        there = floor(name)
        if there is None:
            assert name.split(".")[0] != "autograd" or module.startswith("autograd.viz") or name == "autograd"
        else:
            assert there[0] < here[0] or there[1] == here[1], f"{module} imports {name}"
            assert there[1] not in NOT_BELOW.get(module, set())


@every_module
def test_the_engine_knows_nothing_of_nn(module, path):
    assert not any(name.split(".")[0] == "nn" for name, _ in imports(path, module))


@every_module
def test_no_import_of_the_packages_own_hides_in_a_function(module, path):
    if module == "autograd":  # the hook by which a node shows itself
        return
    assert not [name for name, inside in imports(path, module) if inside and name.split(".")[0] == "autograd"]


@every_module
def test_a_module_has_a_docstring(module, path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_importing_costs_numpy_and_little_else():
    heavy = [
        "matplotlib", "pygraphviz", "torch", "hypothesis", "IPython", "sklearn", "tqdm", "numba", "dask", "scipy",
        "pandas", "jax", "safetensors", "pytest", "nn",
    ]  # fmt: skip
    code = f"import autograd, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
