"""An explanation as text: aligned lines for a terminal, a table for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import islice, pairwise
from math import log10
from typing import Protocol

import numpy as np

from autograd.engine.libraries import fetched
from autograd.engine.node import Node, toposort
from autograd.graph import formatting
from autograd.graph.formulas import Texts, operand_number
from autograd.graph.pathways import count_paths, nearest_on_a_path
from autograd.typing import Data

__all__ = ["table", "text"]

SHOWN_PATHS = 12
ENDS = 5  # a long path is written with so many nodes at either end
LONGEST = 60  # the columns of a formula that the others are aligned with
WIDTH = 100  # a product that needs more columns goes below its path


class Path(Protocol):
    """What is written of a path: see :class:`autograd.graph.Path`."""

    nodes: tuple[Node, ...]
    slots: tuple[int, ...]
    gradients: tuple[Data, ...]
    product: Data

    @property
    def _of(self) -> Explanation: ...
    def factor(self, arrow: int) -> Data: ...
    def formula(self, arrow: int) -> str: ...
    def pulled(self, arrow: int) -> str: ...
    def note(self, arrow: int) -> str: ...


class Explanation(Protocol):
    """What is written of an explanation: see :class:`autograd.graph.Explanation`."""

    y: Node
    x: Node
    gradient: Data
    seed: Data
    total: Data
    count: int
    names: dict[Node, str]

    @property
    def paths(self) -> Sequence[Path]: ...


def text(of: Explanation) -> str:
    """Write the explanation in lines."""
    paths = list(islice(of.paths, SHOWN_PATHS))
    if not paths:
        return _title(of)
    write = _product_lines if all(map(_is_product, paths)) else _gradient_lines
    return "\n".join([_title(of), "", *write(of, paths)])


def table(of: Explanation) -> str:
    """Write the explanation as an HTML table."""
    paths = list(islice(of.paths, SHOWN_PATHS))
    if not paths:
        return f"<p>{escape(_title(of))}</p>"
    products = all(map(_is_product, paths))
    heads = ["path", "local derivatives", *(["numbers"] if products else []), "contribution"]
    rows = [
        [
            route(path),
            " · ".join(_formulas(of, path)) if products else ", then ".join(_gradient_formulas(path)),
            *([" · ".join(_numbers(of, path))] if products else []),
            formatting.value_text(path.product) + (f" ({note})" if (note := _note(path)) else ""),
        ]
        for path in paths
    ]
    if of.count > len(paths):
        rows.append([_more(of, paths), *[""] * (len(heads) - 1)])
    if of.count > 1:
        rows.append(["sum", *[""] * (len(heads) - 2), formatting.value_text(of.total)])
    head = "".join(f'<th style="text-align: left">{h}</th>' for h in heads)
    cells = ["".join(f'<td style="text-align: left">{escape(cell)}</td>' for cell in row) for row in rows]
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><caption>{escape(_title(of))}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _title(of: Explanation) -> str:
    y, x = of.names[of.y], of.names[of.x]
    title = f"{formatting.partial(y, x)} = {formatting.value_text(of.total)}"
    if of.count == 0:
        indirect = any(node is of.x for node in toposort(of.y))
        why = "; it only decides conditions, indices or shapes" if indirect else _advice_on_a_new_node(of)
        return f"{title}: no path leads from {x} to {y}{why}"
    start = "" if of.gradient is None else f", starting from g = {formatting.value_text(of.seed)}"
    return f"{title}, {'1 path' if of.count == 1 else f'the sum over {_count(of.count)} paths'}{start}"


def _advice_on_a_new_node(of: Explanation) -> str:
    """Advice on what to ask instead if `x` is a new node (an element, say) that `y` was not computed from."""
    nearest = nearest_on_a_path(of.y, of.x)
    if nearest is None:
        return ""
    x, y, name = (of.names[node] for node in (of.x, of.y, nearest))
    count = count_paths(of.y, nearest)
    lead = "a path leads" if count == 1 else f"{_count(count)} paths lead"
    made = f"{x} = {Texts(of.names).call(of.x)}"
    return f"; {made} is a new node, which {y} was not computed from; {lead} from {name}: explain that instead"


def _product_lines(of: Explanation, paths: Sequence[Path]) -> list[str]:
    """Write a line for each path with its product, and their sum below."""
    ways, notes = [route(p) for p in paths], [_note(p) for p in paths]
    rows = [
        (" · ".join(_formulas(of, p)), " · ".join(_numbers(of, p)), formatting.value_text(p.product)) for p in paths
    ]
    columns = list(zip(*rows, strict=True))
    columns = [a for a, b in pairwise(columns) if a != b] + columns[-1:]  # a column that repeats the next is left out
    total = formatting.value_text(of.total)
    widths = [max(map(formatting.columns, column)) for column in (ways, *columns)]
    last = widths.pop() if of.count == 1 else max(widths.pop(), formatting.columns(total))
    margin = sum(widths) + 3 * len(widths) + 2
    inline = margin + last <= WIDTH
    lines = []
    for way, note, *parts, product in zip(ways, notes, *columns, strict=True):
        note = f"   ({note})" if note else ""
        if inline:
            padded = [_padded(part, width) for part, width in zip(parts, widths[1:], strict=True)]
            equal = " = ".join([*padded, " " * (last - formatting.columns(product)) + product])
            lines.append(f"  {_padded(way, widths[0])}   {equal}{note}")
        else:
            lines += [f"  {way}", "    " + "\n    = ".join([*parts, product]) + note]
    if of.count > len(paths):
        lines.append(f"  {_more(of, paths)}")
    if of.count > 1 and inline:
        lines += [" " * margin + "─" * last, " " * (margin + last - formatting.columns(total)) + total]
    elif of.count > 1:
        lines.append(f"  sum = {total}")
    return lines


def _gradient_lines(of: Explanation, paths: Sequence[Path]) -> list[str]:
    """Write for each path the gradient on its way back, node by node."""
    lines = []
    for path in paths:
        lines.append(f"  {route(path)}")
        rows = [("g at " + of.names[of.y], "", formatting.value_text(of.seed))]
        for arrow in _shortened_range(len(path.slots)):
            if arrow is None:
                rows.append(("…", "", "…"))
                continue
            formula, note = path.pulled(arrow), path.note(arrow)
            value = formatting.value_text(path.gradients[arrow + 1]) + (f"   ({note})" if note else "")
            rows.append((f"g at {of.names[path.nodes[arrow + 1]]}", formula, value))
        columns = [[formatting.columns(row[i]) for row in rows] for i in (0, 1)]
        # A formula that is far longer than the others moves its own value only.
        widths = max(columns[0]), max(n for n in columns[1] if n <= LONGEST)
        for first, formula, value in rows:
            middle = f" = {_padded(formula, widths[1])}" if formula else " " * (widths[1] + 3)
            lines.append(f"    {_padded(first, widths[0])}{middle if any(columns[1]) else ''} = {value}")
    if of.count > len(paths):
        lines.append(f"  {_more(of, paths)}")
    if of.count > 1:
        lines.append(f"  sum = {formatting.value_text(of.total)}")
    return lines


def _is_product(path: Path) -> bool:
    return all(np.ndim(g) == 0 for g in path.gradients)


def route(path: Path) -> str:
    """Write a path by the names of its nodes; where an op uses a node more than once, also which operand it is."""
    names, nodes = path._of.names, path.nodes
    which = ["", *map(operand_number, nodes, path.slots)]
    return " ← ".join("…" if i is None else names[nodes[i]] + which[i] for i in _shortened_range(len(nodes)))


def _gradient_formulas(path: Path) -> list[str]:
    return ["…" if i is None else path.pulled(i) for i in _shortened_range(len(path.slots))] or ["g"]


def _formulas(of: Explanation, path: Path) -> list[str]:
    texts = ["…" if i is None else path.formula(i) for i in _shortened_range(len(path.slots))]
    return [*(["g"] if of.gradient is not None else []), *texts] or ["1"]


def _numbers(of: Explanation, path: Path) -> list[str]:
    texts = [
        "…" if i is None else formatting.value_text(np.asarray(fetched(path.factor(i))).item())
        for i in _shortened_range(len(path.slots))
    ]
    texts = [*([formatting.value_text(of.seed)] if of.gradient is not None else []), *texts] or ["1"]
    return [f"({text})" if text.startswith(formatting.MINUS) and len(texts) > 1 else text for text in texts]


def _shortened_range(n: int) -> list[int | None]:
    """The indices of a list to write: all of a short one; both ends of a long one, with None between."""
    return [*range(n)] if n <= 2 * ENDS + 1 else [*range(ENDS), None, *range(n - ENDS, n)]


def _note(path: Path) -> str:
    notes = (path.note(arrow) for arrow in _shortened_range(len(path.slots)) if arrow is not None)
    return "; ".join(dict.fromkeys(filter(None, notes)))


def _more(of: Explanation, paths: Sequence[Path]) -> str:
    return f"… and {_count(of.count - len(paths))} more paths"


def _count(n: int) -> str:
    """Write a count exactly as long as it is readable."""
    return f"{n:,}" if n < 10**15 else f"about 10^{int(log10(n))}"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - formatting.columns(text))
