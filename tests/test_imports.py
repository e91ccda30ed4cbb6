"""Imports go down the floors only, and importing the package is cheap."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import autograd
import nn

ROOTS = Path(autograd.__file__).parent, Path(nn.__file__).parent
# From the ground up: a module may import from its own floor (within a package) and from those before it.
FLOORS = [
    ["autograd.typing"],
    ["autograd.other_modules", "autograd.torch_names", "autograd.callers"],
    ["autograd.other_names"],
    ["autograd.messages", "autograd.surface", "autograd.tracebacks"],
    ["autograd.namespaces"],
    ["autograd.engine"],
    ["autograd.ops"],
    ["autograd.numpy"],
    ["autograd.torch_functions"],
    ["autograd.torch_methods"],
    ["autograd.operators"],
    ["autograd.methods"],
    ["autograd.value", "autograd.tensor", "autograd.framing"],
    ["autograd.library_tensor", "autograd.backends"],
    ["autograd.graph"],
    ["autograd.transforms"],
    ["autograd.builtins", "autograd.misc"],
    ["autograd.vspace"],
    ["autograd.opaque"],
    ["autograd.extend", "autograd.wrap_util"],
    ["autograd.differential_operators"],
    ["autograd.numpy.numpy_wrapper", "autograd.tracer"],
    ["autograd.core", "autograd.misc.fixed_points"],
    ["autograd.scipy"],
    ["autograd.compiler"],
    ["autograd.testing"],
    ["autograd.test_util"],
    ["autograd.util"],
    ["autograd.viz"],
    ["nn._types", "nn.optional", "nn.other_names", "nn.options", "nn.restoring"],
    ["nn.host"],
    [
        "nn.hook",
        "nn.safetensors",
        "nn.minimize",
        "nn.mnist",
        "nn.parameter",
        "nn.randomness",
    ],
    ["nn.kinds"],
    [
        "nn.functional.class_indices",
        "nn.functional.dropout",
        "nn.functional.embedding",
        "nn.functional.linear",
        "nn.functional.normalization",
        "nn.functional.padding",
    ],
    ["nn.functional.windows"],
    [
        "nn.functional.activations",
        "nn.functional.softmaxes",
        "nn.init",
        "nn.functional.loss_arguments",
        "nn.members",
        "nn.nested",
        "nn.states",
    ],
    [
        "nn.functional.attention",
        "nn.functional.class_losses",
        "nn.functional.distances",
        "nn.functional.losses",
        "nn.summary",
    ],
    ["nn.functional"],
    ["nn.loss_names"],
    ["nn.data"],
    ["nn.metrics", "nn.views"],
    ["nn.moving"],
    ["nn.module"],
    ["nn.function_module"],
    ["nn.calls", "nn.divergence", "nn.layers", "nn.neurons", "nn.penalties"],
    ["nn.containers"],
    ["nn.utils"],
    ["nn.activations", "nn.losses", "nn.prediction"],
    ["nn.mlp", "nn.optim", "nn.regions"],
    ["nn.plots.axes"],
    ["nn.plots.models", "nn.plots.training"],
    ["nn.plots"],
    ["nn.compiled_rule", "nn.history", "nn.onnx.writing", "nn.onnx.calls"],
    ["nn.onnx.activations"],
    ["nn.onnx.reading"],
    ["nn.onnx"],
    ["nn.saving", "nn.snapshot", "nn.step", "nn.testing"],
    ["nn.loaders"],
    ["nn.run"],
    ["nn.callbacks", "nn.fit_arguments", "nn.live", "nn.minibatches", "nn.parallel.shards"],
    ["nn.parallel.cluster"],
    ["nn.parallel"],
    ["nn.compiled_variant"],
    ["nn.compilers", "nn.rule_numbers"],
    ["nn.library_rule"],
    ["nn.library_step"],
    ["nn.compiled"],
    ["nn.training"],
    ["nn.estimators"],
    ["nn.playground"],
]
# What nn may import of autograd: its public packages, and what serves packages that are built on it.
PUBLIC = {
    "autograd", "autograd.backends", "autograd.compiler", "autograd.testing", "autograd.testing.strategies",
    "autograd.viz",
    "autograd.framing", "autograd.surface", "autograd.tracebacks", "autograd.typing",
}  # fmt: skip
# A backward pass works for any op: it knows the record of one, and nothing of the table.
NOT_BELOW = {"autograd.engine.backward": {"autograd.ops"}, "autograd.engine.anomaly": {"autograd.ops"}}


def floor(module):
    """The height and the name of the floor that a module is on; a module may be on another one than its package."""
    found = [
        (height, name) for height, names in enumerate(FLOORS) for name in names if f"{module}.".startswith(f"{name}.")
    ]
    return max(found, key=lambda place: len(place[1]), default=None)


def modules():
    for root in ROOTS:
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root.parent).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), path


def imports(path, module, typing=False):
    """Every module that a file imports, with whether it does so inside a function; for type checking only if asked."""
    tree = ast.parse(path.read_text(encoding="utf-8"))

    def visit(node, inside):
        if not typing and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
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
every_module_of_nn = pytest.mark.parametrize(
    ("module", "path"), [(m, path) for m, path in modules() if m.split(".")[0] == "nn"]
)


@every_module
def test_every_module_has_a_floor(module, path):
    assert module in ("autograd", "nn") or floor(module) is not None


@every_module
def test_imports_go_down(module, path):
    here = floor(module)
    if here is None:
        return
    for name, _ in imports(path, module, typing=True):
        there = floor(name)
        if there is None:
            assert name.split(".")[0] != "autograd" or module.startswith(("autograd.viz", "nn.")) or name == "autograd"
        else:
            assert there[0] < here[0] or there[1] == here[1], f"{module} imports {name}"
            assert there[1] not in NOT_BELOW.get(module, set())


@every_module
def test_the_engine_knows_nothing_of_nn(module, path):
    assert module.split(".")[0] == "nn" or not any(name.split(".")[0] == "nn" for name, _ in imports(path, module))


@every_module
def test_no_import_of_the_packages_own_hides_in_a_function(module, path):
    if module == "autograd":  # the hook by which a node shows itself
        return
    assert not [name for name, inside in imports(path, module) if inside and name.split(".")[0] in ("autograd", "nn")]


@every_module_of_nn
def test_nn_uses_what_is_public_in_autograd(module, path):
    own = {name for kind in (autograd.Tensor, autograd.Value) for name in dir(kind) if name.startswith("_")}
    private = {name for name in own if not name.startswith("__")}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names if a.name.split(".")[0] == "autograd"]
            assert set(names) <= PUBLIC
        elif isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "autograd":
            assert node.module in PUBLIC
            names = {a.name for a in node.names if f"{node.module}.{a.name}" not in PUBLIC}
            assert names <= set(dir(import_module(node.module)))
        elif isinstance(node, ast.Attribute):
            assert node.attr not in private, f"{module} reads .{node.attr} of a node"


@every_module
def test_a_module_has_a_docstring(module, path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_importing_costs_numpy_and_little_else():
    heavy = [
        "matplotlib", "pygraphviz", "torch", "hypothesis", "IPython", "sklearn", "tqdm", "numba", "dask", "scipy",
        "pandas", "jax", "safetensors", "pytest", "nn", "numpy.random", "numpy.typing", "pathlib", "urllib",
        "importlib.metadata",
    ]  # fmt: skip
    code = f"import autograd, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""


def files_imported(path, module, known):
    """The files of ours that a file imports, for type checking too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {n if (n := f"{node.module}.{a.name}") in known else node.module for a in node.names}
    return names & known - {module}


def test_no_two_files_need_each_other_for_typing_neither():
    known = {module for module, _ in modules()}
    needs = {module: files_imported(path, module, known) for module, path in modules()}
    while free := {module for module, names in needs.items() if not names & needs.keys()}:
        needs = {module: names for module, names in needs.items() if module not in free}
    assert needs.keys() == set(), "each of these imports another of them"
