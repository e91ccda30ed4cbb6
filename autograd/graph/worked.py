"""How an explanation is written: in a terminal as aligned lines, in a notebook as a table."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import islice
from math import log10
from typing import TYPE_CHECKING

import numpy as np

from autograd.graph import words
from autograd.node import toposort

if TYPE_CHECKING:
    from autograd.graph.explaining import Explanation, Path

__all__ = ["table", "text"]

SHOWN_PATHS = 12
ENDS = 4  # of a long path, how many nodes are written at either end
WIDTH = 100  # a product that needs more columns is written below its path


def text(of: Explanation) -> str:
    """The worked chain rule in lines."""
    paths = list(islice(of.paths, SHOWN_PATHS))
    if not paths:
        return _title(of)
    write = _sum if all(map(_is_product, paths)) else _pulled_back
    return "\n".join([_title(of), "", *write(of, paths)])


def table(of: Explanation) -> str:
    """The worked chain rule as an HTML table."""
    paths = list(islice(of.paths, SHOWN_PATHS))
    products = all(map(_is_product, paths))
    heads = ["path", "local derivatives", *(["numbers"] if products else []), "contribution"]
    rows = [
        [
            _route(of, path),
            (" · " if products else ", then ").join(_shortened(path.formulas)),
            *([" · ".join(_numbers(of, path))] if products else []),
            words.shown(path.product) + (f" ({note})" if (note := _note(path)) else ""),
        ]
        for path in paths
    ]
    if of.count > len(paths):
        rows.append([_more(of, paths), *[""] * (len(heads) - 1)])
    if of.count > 1:
        rows.append(["sum", *[""] * (len(heads) - 2), words.shown(of.total)])
    head = "".join(f'<th style="text-align: left">{h}</th>' for h in heads)
    cells = ["".join(f'<td style="text-align: left">{escape(cell)}</td>' for cell in row) for row in rows]
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><caption>{escape(_title(of))}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _title(of: Explanation) -> str:
    y, x = of.names[of.y], of.names[of.x]
    title = f"∂{y}/∂{x} = {words.shown(of.total)}"
    if of.count == 0:
        indirect = any(node is of.x for node in toposort(of.y))
        why = "; it only decides conditions, indices or shapes" if indirect else ""
        return f"{title}: no path leads from {x} to {y}{why}"
    start = "" if of.gradient is None else f", starting from g = {words.shown(of.paths._of._seed)}"
    return f"{title}, {'1 path' if of.count == 1 else f'the sum over {_count(of.count)} paths'}{start}"


def _sum(of: Explanation, paths: Sequence[Path]) -> list[str]:
    """A line for each path with its product, and their sum below."""
    rows = [
        (_route(of, p), " · ".join(_formulas(of, p)), " · ".join(_numbers(of, p)), words.shown(p.product), _note(p))
        for p in paths
    ]
    widths = [max(map(words.columns, column)) for column in zip(*rows, strict=True)]
    last = max(widths[3], words.columns(words.shown(of.total)) if of.count > 1 else 0)
    inline = sum(widths[:3]) + last + 11 <= WIDTH
    lines = []
    for route, formula, numbers, product, note in rows:
        note = f"   ({note})" if note else ""
        if inline:
            line = f"  {_padded(route, widths[0])}   {_padded(formula, widths[1])} = {_padded(numbers, widths[2])} = "
            lines.append(line + " " * (last - words.columns(product)) + product + note)
        else:
            lines += [f"  {route}", f"    {formula}", f"    = {numbers}", f"    = {product}{note}"]
    if of.count > len(paths):
        lines.append(f"  {_more(of, paths)}")
    total = words.shown(of.total)
    if of.count > 1 and inline:
        indent = " " * (sum(widths[:3]) + 11)
        lines += [indent + "─" * last, indent + " " * (last - words.columns(total)) + total]
    elif of.count > 1:
        lines.append(f"  sum = {total}")
    return lines


def _pulled_back(of: Explanation, paths: Sequence[Path]) -> list[str]:
    """For each path, the gradient on its way back, node by node."""
    lines = []
    for path in paths:
        lines.append(f"  {_route(of, path)}")
        rows = [("g at " + of.names[of.y], "", words.shown(path.gradients[0]))]
        for node, formula, g, note in zip(path.nodes[1:], path.formulas, path.gradients[1:], path.notes, strict=True):
            is_factor = path.factors[len(rows) - 1] is not None
            rows.append(
                (
                    f"g at {of.names[node]}",
                    f"g·{formula}" if is_factor and formula != "1" else "g" if is_factor else formula,
                    words.shown(g) + (f"   ({note})" if note else ""),
                )
            )
        if len(rows) > 2 * ENDS + 1:
            rows = [*rows[:ENDS], ("…", "", f"{len(rows) - 2 * ENDS} more"), *rows[-ENDS:]]
        widths = [max(words.columns(row[i]) for row in rows) for i in (0, 1)]
        for first, formula, value in rows:
            middle = f" = {_padded(formula, widths[1])}" if formula else " " * (widths[1] + 3)
            lines.append(f"    {_padded(first, widths[0])}{middle if widths[1] else ''} = {value}")
    if of.count > len(paths):
        lines.append(f"  {_more(of, paths)}")
    if of.count > 1:
        lines.append(f"  sum = {words.shown(of.total)}")
    return lines


def _is_product(path: Path) -> bool:
    return all(f is not None and np.ndim(f) == 0 for f in path.factors) and np.ndim(path.product) == 0


def _route(of: Explanation, path: Path) -> str:
    return " ← ".join(_shortened([of.names[node] for node in path.nodes]))


def _formulas(of: Explanation, path: Path) -> list[str]:
    return [*(["g"] if of.gradient is not None else []), *_shortened(path.formulas)] or ["1"]


def _numbers(of: Explanation, path: Path) -> list[str]:
    texts = [words.shown(np.asarray(f).item()) for f in path.factors]
    texts = [*([words.shown(path.gradients[0])] if of.gradient is not None else []), *_shortened(texts)] or ["1"]
    return [f"({text})" if text.startswith(words.MINUS) and len(texts) > 1 else text for text in texts]


def _shortened(texts: Sequence[str]) -> list[str]:
    """A long list's beginning and end, with … between."""
    return list(texts) if len(texts) <= 2 * ENDS + 1 else [*texts[:ENDS], "…", *texts[-ENDS:]]


def _note(path: Path) -> str:
    return "; ".join(dict.fromkeys(note for note in path.notes if note))


def _more(of: Explanation, paths: Sequence[Path]) -> str:
    return f"… and {_count(of.count - len(paths))} more paths"


def _count(n: int) -> str:
    """A number of things, exactly while that can be read."""
    return f"{n:,}" if n < 10**15 else f"about 10^{int(log10(n))}"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - words.columns(text))
