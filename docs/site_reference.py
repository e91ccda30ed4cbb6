"""The pages of the site that list public modules: an entry for each name of their ``__all__``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import isclass, ismodule, isroutine
from pathlib import Path
from types import ModuleType
from typing import Any

from autograd.engine.node import functions
from autograd.engine.op import Op

OPS = "docs/ops"  # the page that has the functions of the op table
FOLDER = Path(__file__).parent / "reference"

# The public modules, each before those that offer its names again.
MODULES = [
    "autograd", "autograd.graph", "autograd.viz", "autograd.testing", "autograd.testing.strategies",
    "autograd.backends", "autograd.compiler", "autograd.ops", "autograd.extend",
    "nn", "nn.functional", "nn.optim", "nn.optim.lr_scheduler", "nn.data", "nn.init", "nn.plots", "nn.penalties",
    "nn.parallel", "nn.utils", "nn.utils.parametrize", "nn.utils.parametrizations", "nn.callbacks", "nn.metrics",
    "nn.testing",
]  # fmt: skip
# The parts of a module that is too long for one page, by the modules that define its names; the rest is on the first.
PARTS = {
    "nn": {
        "Layers": ["nn.layers"],
        "Activations": ["nn.activations"],
        "Losses": ["nn.losses"],
        "Modules and containers": ["nn.module", "nn.containers", "nn.parameter", "nn.mlp", "nn.neurons"],
    },
}

INDEX = """# Modules

Every public name, module by module; the functions of the op table stand on [its own page](../ops.md).

```{toctree}
"""


@cache
def ops() -> dict[str, Any]:
    """The public functions of the op table, which have their entries on its page."""
    autograd, table = import_module("autograd"), {id(f) for f in functions().values()}
    named = {name: getattr(autograd, name) for name in names(autograd)}
    chapters = "autograd.ops."
    return {
        name: f
        for name, f in named.items()
        if isinstance(f, Op) or id(f) in table or str(getattr(f, "__module__", "")).startswith(chapters)
    }


def names(module: ModuleType) -> list[str]:
    """The public names of a module, those that shadow Python's own too; modules in it have pages of their own."""
    listed = [*module.__all__, *getattr(module, "SHADOWING", [])]
    return sorted({n for n in listed if not ismodule(getattr(module, n))}, key=lambda name: (name.lower(), name))


@cache
def entries() -> dict[str, dict[str, str]]:
    """By module, the names that have their entry there, each with the kind that autodoc is to write."""
    listed: set[int] = set()
    result: dict[str, dict[str, str]] = {}
    for name in MODULES:
        module = import_module(name)
        result[name] = {}
        for public in names(module):
            thing = getattr(module, public)
            is_op = name == "autograd" and public in ops()
            if id(thing) in listed or is_op:
                continue
            result[name][public] = _kind(thing)
            if isclass(thing) or isroutine(thing):
                listed.add(id(thing))
    return result


def classes() -> list[str]:
    """The full names of the classes that have an entry; of errors, the pages know the short ones."""
    return [f"{module}.{n}" for module, own in entries().items() for n, kind in own.items() if kind == "class"]


@cache
def aliases() -> dict[str, str]:
    """The names that have their entry under another: ``nn.callbacks.Checkpoint`` has that of ``nn.Checkpoint``."""
    place = {id(getattr(import_module("autograd"), n)): f"autograd.{n}" for n in ops()}
    result = {}
    for name in MODULES:
        module = import_module(name)
        for public in names(module):
            full = f"{name}.{public}"
            if public in entries()[name]:
                place.setdefault(id(getattr(module, public)), full)
            elif (entry := place[id(getattr(module, public))]) != full:
                result[full] = entry
    return result


def _kind(thing: Any) -> str:
    if isclass(thing):
        return "exception" if issubclass(thing, BaseException) else "class"
    return "function" if callable(thing) else "data"


def write(app: Any) -> None:
    """Write the pages where they have changed, and remove those of modules that are no longer public."""
    FOLDER.mkdir(exist_ok=True)
    pages = {name.replace(" ", "_").lower(): text for module in MODULES for name, text in pages_of(module).items()}
    pages["index"] = INDEX + "\n".join(sorted(pages)) + "\n```\n"
    for path in FOLDER.glob("*.md"):
        if path.stem not in pages:
            path.unlink()
    for name, text in pages.items():
        path = FOLDER / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def pages_of(name: str) -> dict[str, str]:
    """The pages of a module by their names: one, or one for each of its parts."""
    module, own = import_module(name), entries()[name]
    pages, placed = {}, set()
    for title, homes in PARTS.get(name, {}).items():
        part = {n: kind for n, kind in own.items() if _home(getattr(module, n)).startswith(tuple(homes))}
        placed |= part.keys()
        pages[f"{name} {title}"] = _text(f"`{name}`: {title.lower()}", name, part)
    rest = {n: kind for n, kind in own.items() if n not in placed}
    lines = [f".. automodule:: {name}", ""]
    if elsewhere := {a: e for a, e in aliases().items() if a.rpartition(".")[0] == name}:
        lines += [
            "Also here: " + ", ".join(f":py:obj:`{a.rpartition('.')[2]} <{e}>`" for a, e in elsewhere.items()),
            "",
        ]
    if name == "autograd":
        links = ", ".join(f":py:obj:`{n} <autograd.{n}>`" for n in ops())
        lines += [f"The functions of the op table: {links}.", ""]
    return {name: _text(f"`{name}`", name, rest, lines), **pages}


def _home(thing: Any) -> str:
    return f"{getattr(thing, '__module__', '')}."


def _text(title: str, module: str, own: dict[str, str], before: list[str] | None = None) -> str:
    lines = list(before or [])
    for name, kind in own.items():
        lines += [f".. auto{kind}:: {module}.{name}", *(["   :members:"] if kind == "class" else []), ""]
        if kind == "data" and repr(getattr(import_module(module), name)).startswith("<"):
            lines.insert(-1, "   :no-value:")
        if f"{module}.{name}" in ("autograd.Tensor", "autograd.Value", "nn.Module"):
            lines.insert(-1, "   :inherited-members:")
    body = "\n".join(lines)
    return f"# {title}\n\n```{{eval-rst}}\n{body}```\n"
