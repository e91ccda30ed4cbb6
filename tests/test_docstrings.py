"""Docstrings: what is public has a contract in one form, types in one vocabulary, and examples that stand alone."""

import builtins
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.helpers.docstrings import (
    MODULES,
    SECTIONS,
    SERVES,
    Public,
    entries,
    free_names,
    is_ours,
    public,
    sections,
    unknown,
    vocabulary,
)

pytest.importorskip("sklearn")  # which the estimators derive from
PUBLIC = public()
CLASSES = {thing.name.rpartition(".")[2]: thing.thing for thing in PUBLIC if thing.kind == "class"}
WORDS = vocabulary(CLASSES)
TYPED = ("Parameters", "Attributes", "Returns", "Yields")


def typed(text):
    """The entries of a docstring that have a type, with the title of their section."""
    for title, body in sections(text):
        for entry in entries(body) if title in TYPED else []:
            yield title, entry
            if entry.names[:1] and entry.names[0].startswith("**"):  # options have entries of their own
                for names, kind in re.findall(r"^ {4}([\w, ]+) : (.+)$", entry.text, flags=re.MULTILINE):
                    yield "options", entry._replace(names=names.split(", "), type=kind, text="")


def summary(thing):
    """A docstring begins with a line that is a sentence, and an empty line follows."""
    first, _, rest = thing.text.partition("\n")
    if not re.search(r"[.:]$", first) or rest[:1].strip() or first.startswith("The same"):
        yield f"begins with {first!r}"


def order(thing):
    """Sections are NumPy's, in their order, and examples are in theirs."""
    titles = [title for title, _ in sections(thing.text)[1:]]
    if titles != [title for title in SECTIONS if title in titles]:
        yield f"has the sections {titles}"
    for title, body in sections(thing.text):
        if not body.strip() or (">>> " in body and title != "Examples" and titles):
            yield f"has {'examples' if body.strip() else 'nothing'} below {title or 'its text'}"


def types(thing):
    """Types are words of the vocabulary."""
    for title, entry in typed(thing.text):
        kind = re.sub(r", default .+$", "", entry.type) if title == "options" else entry.type
        if not entry.names and title not in ("Returns", "Yields"):
            yield f"has no type for {entry.type}"
        elif unknown(kind, WORDS):
            yield f"has {', '.join(entry.names) or title} : {entry.type}, and no type is {unknown(kind, WORDS)}"


def parameters(thing):
    """Parameters are those of the signature, and optional where it says so."""
    known = signature_of(thing.thing)
    for entry in (entry for title, entry in typed(thing.text) if title == "Parameters"):
        for name in entry.names:
            given = known.get(name.lstrip("*"))
            if given is None:
                if not any(p.kind is p.VAR_KEYWORD for p in known.values()):
                    yield f"has no parameter {name}"
            elif not str(given).startswith(name):
                yield f"has the stars of {name} wrong"
            elif entry.type.endswith(", optional") and given.default is given.empty:
                yield f"needs {name}, which is not optional"
            elif given.default is None and not re.search(r"\b(None|object|optional)\b", entry.type):
                yield f"has an optional {name}"


def signature_of(thing):
    """The parameters of a function, or of a class, where they are those of its `__init__`."""
    if inspect.isclass(thing) and "__init__" in {name for kind in thing.__mro__[:-1] for name in vars(kind)}:
        return dict(list(inspect.signature(thing.__init__).parameters.items())[1:])
    return inspect.signature(thing).parameters if callable(thing) else {}


def attributes(thing):
    """Attributes are there, on the class or set by its methods."""
    if thing.kind == "class":
        files = {Path(import_module(k.__module__).__file__) for k in thing.thing.__mro__ if is_ours(k)}
        files |= {beside for file in files for beside in file.parent.glob("*.py")}
        source = "".join(file.read_text(encoding="utf-8") for file in files)
        for name in (name for title, entry in typed(thing.text) if title == "Attributes" for name in entry.names):
            if not hasattr(thing.thing, name) and not re.search(rf"\w\.{name}\b.* = |^ +{name}: ", source, re.M):
                yield f"has no attribute {name}"


def errors(thing):
    """What is raised is an error, and what is warned of a warning; below stands when."""
    for title, body in sections(thing.text):
        for entry in entries(body) if title in ("Raises", "Warns") else []:
            for name in entry.type.split(", "):
                error = CLASSES.get(name) or getattr(builtins, name, object)
                if not issubclass(error, Warning if title == "Warns" else Exception) or not entry.text:
                    yield f"has {title} {name}: {entry.text[:20]}"


def example(thing):
    """A function or a class has an example, unless it serves packages built on autograd."""
    if thing.kind != "member" and ">>> " not in thing.text and SERVES not in " ".join(thing.text.split()):
        yield "has no example"


def standing(thing):
    """An example imports or makes what it reads."""
    if ">>> " in thing.text and (names := free_names(thing.text)):
        yield f"reads {', '.join(sorted(names))} in its example, which it has from nowhere"


def markup(thing):
    """Sphinx reads no bars as a substitution, no star as emphasis, no beginning of what is no function as a type."""
    bare = re.sub(r"``.*?``|(?<!`)`[^`]+`", "", thing.text.partition(">>> ")[0], flags=re.DOTALL)
    bare = re.sub(r"^ *\*+\w.* : .*$", "", bare, flags=re.MULTILINE)  # a parameter with stars
    if signs := re.findall(r"(?<!\w)\|\w[^|\n]*\|(?!\w)|(?<!\w)\*+\w+(?![\w*])", bare):
        yield f"has {signs} outside of double backticks"
    if not (inspect.isroutine(thing.thing) or inspect.isclass(thing.thing)) and ": " in thing.text.partition("\n")[0]:
        yield "begins with what reads as a type"


RULES = [summary, order, types, parameters, attributes, errors, example, standing, markup]


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_every_docstring_keeps_the_rule(rule):

    broken = [f"{thing.name} {fault}" for thing in PUBLIC for fault in rule(thing)]
    assert not broken, f"{rule.__doc__}\n" + "\n".join(broken)


def _wrong(f, x=None, *args):
    """No: sentence

    Take |x| and *y, and ``|y|``.

    Returns
    -------
    gradient
        It.

    Parameters
    ----------
    f : function
        One.
    y : int
        Another.
    x : int
        A third.
    args : int
        More.

    Raises
    ------
    Nothing
    """


class _Wrong:
    """A class.

    Parameters
    ----------
    x : int
        A number.

        >>> np.ones(x)  # doctest: +SKIP

    Attributes
    ----------
    lost : int
        It was.
    other
        It has no type.
    """


@pytest.mark.parametrize(
    ("rule", "thing", "count"),
    [
        (summary, _wrong, 1), (order, _wrong, 1), (types, _wrong, 2), (parameters, _wrong, 3), (errors, _wrong, 1),
        (example, _wrong, 1), (markup, _wrong, 1), (markup, property(_wrong), 2), (order, _Wrong, 1),
        (attributes, _Wrong, 1), (types, _Wrong, 1), (standing, _Wrong, 1),
    ],
)  # fmt: skip
def test_a_rule_finds_what_breaks_it(rule, thing, count):
    kind = "class" if inspect.isclass(thing) else "function"
    assert len(list(rule(Public("thing", kind, thing)))) == count


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("int", []), ("list of str or None, optional", []), ("dict of str to list of array", []),
        ('{"min", "max"} or callable, optional', []), ("{0, 1, None}", []), ("int, str or None", []),
        ("sequence of nodes", ["nodes"]), ("array, shape (n,)", ["shape (n,)"]), ("{min, max}", ["min", "max"]),
        ("optional", ["optional"]), ("int, default=1", ["default=1"]),
    ],
)  # fmt: skip
def test_a_type_is_made_of_words(kind, words):
    assert unknown(kind, WORDS) == words


def test_every_public_module_says_what_it_is_for():
    assert [name for name in MODULES if not re.search(r"[.:]$", import_module(name).__doc__.partition("\n")[0])] == []
