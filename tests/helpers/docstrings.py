"""What is public and has a docstring, and a reader of NumPy-style docstrings: sections, entries and their types."""

import ast
import builtins
import inspect
import re
from importlib import import_module, util
from pathlib import Path
from typing import NamedTuple


def beside(name):
    """A module of the site's."""
    spec = util.spec_from_file_location(name, Path(__file__).parents[2] / "docs" / f"{name}.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODULES = [*beside("site_reference").MODULES, "autograd.differential_operators"]
SECTIONS = ["Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns", "Notes", "References", "Examples"]
# What is public because packages built on this one import it says so; for its users an example teaches little.
SERVES = "It serves packages built on autograd, as nn is."


class Public(NamedTuple):
    """Something public: its place, its kind (class, function or member), and what has the docstring."""

    name: str
    kind: str
    thing: object

    @property
    def text(self):
        return inspect.cleandoc(self.thing.__doc__ or "")


class Entry(NamedTuple):
    """A line of a section with what stands below it: ``names : type``."""

    names: list[str]
    type: str
    text: str


def public():
    """Everything public in the modules, each once; of a class its methods and properties too."""
    seen, found = set(), []

    def add(name, kind, thing):
        if id(thing) not in seen:
            seen.add(id(thing))
            found.append(Public(name, kind, thing))

    for space in map(import_module, MODULES):
        for name in [*space.__all__, *getattr(space, "SHADOWING", [])]:
            thing = getattr(space, name)
            if inspect.isclass(thing):
                add(f"{space.__name__}.{name}", "class", thing)
                for owner, attribute, member in members(thing):
                    add(f"{owner.__module__}.{owner.__name__}.{attribute}", "member", member)
            elif callable(thing) and is_ours(thing):
                add(f"{space.__name__}.{name}", "function", thing)
    return found


def is_ours(thing):
    return str(getattr(thing, "__module__", "")).partition(".")[0] in ("autograd", "nn")


def members(kind):
    """The public methods and properties that a class has from us."""
    for owner in filter(is_ours, kind.__mro__):
        for name, member in vars(owner).items():
            member = getattr(member, "func", getattr(member, "__func__", member))  # of a cached one, of a class method
            if not name.startswith("_") and (inspect.isroutine(member) or isinstance(member, property)):
                if is_ours(getattr(member, "fget", member)):
                    yield owner, name, member


def sections(text):
    """The sections of a docstring by their titles; what stands before them has none."""
    parts = re.split(r"^(\w[\w ]*)\n(-{3,})$", text, flags=re.MULTILINE)
    return [("", parts[0]), *zip(parts[1::3], parts[3::3])]


def entries(body):
    """The entries of a section; an unindented line begins one."""
    for block in re.split(r"^(?=\S)", body.strip("\n"), flags=re.MULTILINE):
        if head := block.partition("\n")[0]:
            names, colon, kind = head.partition(" : ")
            yield Entry(names.split(", ") if colon else [], kind if colon else names, block.partition("\n")[2].strip())


def vocabulary(classes):
    """The words for types: those of `docs/docstring_types.py`, Python's, and the names of classes."""
    words = beside("docstring_types")
    return {*words.WORDS, *words.PYTHONS, *classes}


def unknown(kind, words):
    """The parts of a type that are no words of the vocabulary."""
    kind = kind.removesuffix(", optional")
    braces = re.fullmatch(r"(.*?)\{(.+)\}(.*)", kind)
    if braces:
        literals = [part for part in braces[2].split(", ") if not re.fullmatch(r'"[^"]*"|-?\d+|None|True|False', part)]
        kind = f"{braces[1]}None{braces[3]}"
        return literals + unknown(kind, words)
    return [w for w in re.split(r", or | or | of | to |, ", kind) if w not in words and not re.fullmatch(r'"\w+"', w)]


def free_names(text):
    """The names that a docstring's examples read without having made or imported them."""
    source = "\n".join(re.findall(r"^ *(?:>>>|\.\.\.) ?(.*)$", text, flags=re.MULTILINE))
    tree = ast.parse(source)
    made = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    made |= {n.name for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler)}
    made |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    made |= {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            made |= {(a.asname or a.name).partition(".")[0] for a in node.names}
    read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return read - made - set(dir(builtins)) - {"_"}
