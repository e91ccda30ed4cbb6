"""Write docs/ops.md, docs/numpy.md and the plots in docs/ops/ from the op table itself; ``--check`` only compares.

A check compares numbers in plots to a pixel's fraction, because the last digit of a function may differ between
machines, and NumPy's names only where the page was written with the same version of NumPy.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from inspect import Parameter, Signature, getdoc, signature
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import autograd
import autograd.scipy.linalg
import autograd.scipy.special
from autograd import elementwise_grad, ops, supported
from autograd.engine.node import functions
from autograd.engine.op import Op
from autograd.namespaces import arrays
from autograd.namespaces.notations import latex
from autograd.namespaces.symbols import latex_bound

DOCS = Path(__file__).parent.parent / "docs"
VERSION = ".".join(np.__version__.split(".")[:2])
# NumPy's modules whose functions users call on data; the others (fft, random, polynomial, ...) are outside.
MODULES = {"": np, "linalg.": np.linalg}
# The modules of ours that have functions of the table beside `autograd` itself.
PLACES = {
    module.__name__: module
    for module in (autograd.numpy, autograd.numpy.linalg, autograd.scipy.special, autograd.scipy.linalg)
}
COMPOSED = ("composed of ", "used with ")  # with which the lines of `formula` begin that name other ops
LONGEST_FORMULA = 100  # characters of LaTeX, of which a line of the page has room for about so many

HEAD = """# The op table

Printed by the op table itself (`python scripts/op_table.py`): each function with its signature, its contract, an
example that is run, and its formulas, every one of which is the one that computes. Functions without formulas are
composed of others. Where no module is named, a function is in `autograd`, and under NumPy's name in `autograd.numpy`.

For an elementwise op the local derivative is given; for the others, what the gradient `g` of the result becomes. Where
an argument was broadcast, the engine then sums over the axes that this made, whatever the op; formulas of recorded ops
show that sum. Plots show f (solid) and f′ (dashed), from −3 to 3. Which of NumPy's functions can be used on nodes is
listed in [numpy.md](numpy.md). Values and derivatives are within 4 ulp of the exact ones (`python
scripts/bench/ulps.py` holds them against mpmath) but where an entry says more.
"""
NUMPY = """# NumPy's functions on nodes

NumPy {version}, printed by `python scripts/op_table.py`; in code, `autograd.supported("name")` gives the same answer.
*Differentiable* functions record what they compute. *Constant* ones take nodes too, and their derivative is 0 wherever
they have one. All others take plain data only.
"""


def page() -> str:
    """The op table as Markdown: for each family its ops and the functions written in them, by their public names."""
    parts, known = [HEAD], entries()
    for family in ops.families():
        parts.append(f"## {family.__name__.rpartition('.')[2]}\n\n{_markdown(family)}\n")
        parts += [_entry(*entry) for entry in known.items() if entry[1][0].__module__ == family.__name__]
    return "\n".join(parts)


def entries() -> dict[str, list[Any]]:
    """What has an entry under each name: a function and the ops that serve it alone, or an op."""
    known: dict[str, list[Any]] = {}
    for family in ops.families():
        for name, member in vars(family).items():
            public = name in family.__all__
            if getattr(member, "__module__", "") == family.__name__ and (public or isinstance(member, Op)):
                known.setdefault(name if public else member.name, []).append(member)
    return {name: sorted(members, key=lambda member: isinstance(member, Op)) for name, members in known.items()}


def _entry(name: str, members: list[Any]) -> str:
    """The entry of a name: signature, docstring and examples, then the formulas of its ops."""
    first, *serving = members
    own = first.name if isinstance(first, Op) else first.__name__
    if own != name:
        return f"### {name}\n\nAnother name of [{own}](#{own}).\n"
    lines = [f"### {name}", "", f"`{name}{_signature(first)}`{_place(name, first)}", "", _markdown(first), ""]
    if name in plotted():
        lines += [f"![{name} and its derivative](ops/{name}.svg)", ""]
    if isinstance(first, Op):
        return "\n".join(lines + _formulas(first)) + "\n"
    lines += [f"- {_linked(line)}" for line in ops.formula(name).splitlines() if line.startswith(COMPOSED)]
    for op in serving:
        lines += [f"- op `{op.__name__}`: {_first_line(op)}", *(f"  {line}" for line in _formulas(op))]
    return "\n".join(lines) + "\n"


def _signature(f: Any) -> str:
    parameters = signature(f).parameters.values()
    return str(Signature([p.replace(annotation=Parameter.empty) for p in parameters]))


def _place(name: str, f: Any) -> str:
    """Where users have a function, if not in `autograd` by this name alone."""
    if getattr(autograd, name, None) is f:
        others = [n for n, known in functions().items() if known is f and not hasattr(autograd, n)]
        return "".join(f", which NumPy calls `{n}`" for n in others)
    # An older NumPy lacks some functions of the table, and so does our module of its names.
    home = next((place for place, module in PLACES.items() if hasattr(module, name)), next(iter(PLACES)))
    public = name in sys.modules[f.__module__].__all__
    return f" in `{home}`" if public or hasattr(PLACES[home], name) else ", an op that serves others"


def _markdown(f: Any) -> str:
    """A docstring as Markdown, its examples as fences."""
    parts = re.split(r"^(>>> .*(?:\n.+)*)$", getdoc(f) or "", flags=re.MULTILINE)
    text = [f"```python\n{part}\n\n```" if part.startswith(">>> ") else _prose(part.strip()) for part in parts]
    return "\n\n".join(filter(None, text))


def _prose(text: str) -> str:
    """Text of a docstring as Markdown: links to entries, and no sign taken for a mark."""
    text = re.sub(r":func:`(\w+)`", r"[`\1`](#\1)", text)
    text = re.sub(r":(?:mod|class|meth|data):(?=`)", "", text)
    parts = re.split(r"(``.+?``|`[^`]+`)", text, flags=re.DOTALL)
    return "".join(part if part.startswith("`") else re.sub(r"([*<])", r"\\\1", part) for part in parts)


def _linked(line: str) -> str:
    """A line that names ops, with a link for each."""
    start = next(words for words in COMPOSED if line.startswith(words))
    known = {op.name for op in ops.table()}
    return start + re.sub(r"\w+", lambda m: f"[{m[0]}](#{m[0]})" if m[0] in known else m[0], line.removeprefix(start))


def _first_line(f: Any) -> str:
    return _prose((getdoc(f) or "").partition("\n")[0])


def _formulas(op: Op[Any]) -> list[str]:
    """An op's formulas, as they are typed; as mathematics too where they fit on a line."""
    lines = [f"- symbol: {op.symbol}", f"- y = `{op.on_names(None)}`"]
    own = [*op.argument_names(len(op.argnames) + op.variadic), *op.params]
    words = {
        name: latex_bound(name) for name in own if len(name) > 1
    }  # a longer name is text, not a product of letters
    for arg, formula in ops.derivatives(op).items():
        typeset = latex(formula, words)
        lines.append(
            f"- {f'∂y/∂{arg}' if op.elementwise else f'gradient of {arg}'} = `{formula}`"
            + (f", ${typeset}$" if len(typeset) <= LONGEST_FORMULA else "")
        )
    if not op.differentiable:
        lines.append("- no derivative: constant wherever it has one")
    lines += [f"- where singular, by {s.arg}: {s.why}" for s in op.conventions]
    return lines + [f"- more than 4 ulp off, {'y' if c.of == 'y' else f'by {c.of}'}: {c.why}" for c in op.caveats]


def numpys() -> str:
    """Every public function of NumPy's, and whether it takes nodes."""
    answers = [supported(prefix + n) for prefix, module in MODULES.items() for n in _functions(module)]
    parts = [NUMPY.format(version=VERSION)]
    for status in ("differentiable", "constant", "not supported"):
        group = [a for a in answers if a.status == status]
        lines: dict[str, list[str]] = {}  # names by their text
        for a in group:
            lines.setdefault(a.advice or _link(a.name), []).append(f"`{a.name}`")
        groups = sorted(lines.items(), key=lambda group: len(group[1]) > 20)  # what has no advice of its own comes last
        text = "\n".join(f"- {', '.join(names)}: {text}" for text, names in groups)
        parts.append(f"## {status.capitalize()} ({len(group)})\n\n{text}\n")
    return "\n".join(parts)


def _functions(module: ModuleType) -> Iterator[str]:
    for n in sorted(module.__all__):
        f = getattr(module, n)
        if callable(f) and not isinstance(f, type):
            yield n


def _link(name: str) -> str:
    """A link to what a function of NumPy's is on nodes."""
    theirs = getattr(MODULES["linalg." if name.startswith("linalg.") else ""], name.removeprefix("linalg."))
    ours = next(f for n, f in functions().items() if _same(n, theirs))
    return f"[{ours.__name__}](ops.md#{ours.__name__})"


def _same(name: str, theirs: Any) -> bool:
    return theirs in (getattr(np, name, None), getattr(np.linalg, name, None))


WIDTH, HEIGHT, REACH = 180, 120, 3.0


def plotted() -> dict[str, Op[Any]]:
    """The functions of one number, with a derivative, that have a curve."""
    return {
        op.name: op
        for op in ops.table()
        if op.elementwise and op.differentiable and len(op.argnames) == 1 and Parameter.empty not in op.params.values()
    }


def plot(op: Op[Any]) -> str:
    """A function of one number and its derivative as a small SVG."""
    x = np.linspace(-REACH, REACH, 241)
    y = arrays.quietly(op, x)
    slope = np.where(np.isnan(y), np.nan, arrays.quietly(elementwise_grad(op), x))
    curves = "".join(
        f'<path d="{_path(x, values)}" fill="none" stroke="{colour}" stroke-width="1.5"{dashes}/>\n'
        for values, colour, dashes in ((slope, "#c4622d", ' stroke-dasharray="4 3"'), (y, "#2f6f9f", ""))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">\n'
        f"<title>{op.name} (solid) and its derivative (dashed), from −3 to 3</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n'
        f'<path d="M0 {HEIGHT / 2:g}H{WIDTH}M{WIDTH / 2:g} 0V{HEIGHT}" stroke="#bbbbbb" stroke-width="1"/>\n'
        f'<path d="{_ticks()}" stroke="#bbbbbb" stroke-width="1"/>\n'
        f"{curves}</svg>\n"
    )


def _ticks() -> str:
    unit, middle, axis = WIDTH / (2 * REACH), WIDTH / 2, HEIGHT / 2
    across = (f"M{middle + k * unit:g} {axis - 2:g}v4" for k in (-2, -1, 1, 2))
    up = (f"M{middle - 2:g} {axis + k * unit:g}h4" for k in (-1, 1))
    return "".join((*across, *up))


def _path(x: np.ndarray, y: np.ndarray) -> str:
    """A curve with equal units on both axes, broken where it leaves the picture, jumps or is not defined."""
    unit = WIDTH / (2 * REACH)
    path, last = [], np.nan
    for a, b in zip(WIDTH / 2 + unit * x, HEIGHT / 2 - unit * y, strict=True):
        inside = bool(-HEIGHT < b < 2 * HEIGHT)
        if inside:
            path.append(f"{'L' if abs(b - last) < unit / 2 else 'M'}{a:.1f} {b:.1f}")
        last = b if inside else np.nan
    return "".join(path)


def pages() -> dict[Path, str]:
    """Every file, by its path."""
    plots = {DOCS / "ops" / f"{name}.svg": plot(op) for name, op in plotted().items()}
    return {DOCS / "ops.md": page(), DOCS / "numpy.md": numpys(), **plots}


def _up_to_date(path: Path, text: str) -> bool:
    there = path.read_text(encoding="utf-8") if path.exists() else ""
    if path.suffix == ".svg":
        number = re.compile(r"-?\d+\.?\d*")
        a, b = (np.array(number.findall(t), float) for t in (there, text))
        return number.sub("", there) == number.sub("", text) and bool((np.abs(a - b) < 0.25).all())
    if path.name == "numpy.md" and there and f"NumPy {VERSION}," not in there:
        return True
    return there == text


def main() -> int:
    """Write the pages, or compare them with what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 if a page is not up to date")
    check = parser.parse_args().check
    contents = pages()
    stray = sorted({*(DOCS / "ops").glob("*.svg")} - set(contents))
    if check:
        stale = [path for path, text in contents.items() if not _up_to_date(path, text)] + stray
        for path in stale:
            print(f"{path} is not what the op table prints; run python scripts/op_table.py", file=sys.stderr)
        return bool(stale)
    (DOCS / "ops").mkdir(exist_ok=True)
    for path, text in contents.items():
        path.write_text(text, encoding="utf-8")
    for path in stray:
        path.unlink()
    print(f"wrote {DOCS / 'ops.md'}, {DOCS / 'numpy.md'} and {len(contents) - 2} plots")
    return 0


if __name__ == "__main__":
    sys.exit(main())
