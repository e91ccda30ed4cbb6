"""A graph in time as rows: one for each step, or one for all of them, with what other rows computed as chips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from math import ceil
from typing import Any

from autograd.engine.libraries import fetched
from autograd.graph import formatting
from autograd.viz import placing, style
from autograd.viz.folding import Item
from autograd.viz.forward import REFERENCE_COLUMNS, Picture
from autograd.viz.node_html import Cards, html

__all__ = ["Row", "RowsPicture", "arrange"]

TITLE, EDGES, GAP = 64.0, 50.0, 21.0  # points across of the titles of rows, of all frames and margins, of each gap
HIGH = 470.0  # points: rows of rolled steps that are higher write formulas
SHORT = 3  # chips: a shorter formula may be written at each use
FORMULAS = 160.0, 190.0, 215.0, 240.0, 300.0  # points: a wider formula continues in a further line
LONG = 130.0  # points; a wider line is written smaller
STEP_BEFORE = "↺"  # marks what the step before computed, where all steps are drawn once
_FRAME = {**style.FRAME, "margin": "4"}
_TITLE = style.attributes(style.COLUMN)


def common_start(texts: Sequence[str]) -> str:
    """The signs with which all texts begin."""
    alike = takewhile(lambda signs: len(set(signs)) == 1, zip(*texts, strict=False))
    return "".join(signs[0] for signs in alike)


def joined(lines: list[str], width: float) -> list[str]:
    """Put the last two lines of a card on one, if it is wide enough."""
    both = "&#160; ".join(lines[-2:])
    return [*lines[:-2], both] if len(lines) > 1 and placing.text_width(both) <= width else lines


def pieces_width(pieces: Sequence[str]) -> float:
    """Points that pieces beside one another take."""
    return sum(map(_piece_width, pieces))


def _piece_width(piece: str) -> float:
    if stated := placing.stated_width(piece):
        return stated + 1
    return placing.text_width(piece) + (11 if piece.startswith("<TABLE") else 4)


def row_width(parts: Sequence[str]) -> int:
    """Points that pieces beside one another need: the stated widths, and those of texts in any font."""
    tables = map(placing.stated_sizes, parts)
    return 2 + ceil(
        sum(t[0] + 1 if t else placing.text_width(p, fixed=True) + 4 for t, p in zip(tables, parts, strict=True))
    )


def row_height(parts: Sequence[str]) -> int:
    """Points that pieces beside one another take from top to bottom."""
    return 2 + max(map(placing.text_height, parts))


def in_a_row(parts: Sequence[str]) -> str:
    """Write pieces of Graphviz's HTML beside one another."""
    cells = "".join(f'<TD VALIGN="TOP">{part}</TD>' for part in parts)
    # A table in a table would grow to the size of the card.
    look = f'FIXEDSIZE="TRUE" WIDTH="{row_width(parts)}" HEIGHT="{row_height(parts)}"'
    return f'<TABLE {look} BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="0"><TR>{cells}</TR></TABLE>'


def _shrunk(line: str) -> str:
    """Write a long line smaller."""
    long = "POINT-SIZE" not in line and placing.text_width(line) > LONG
    return f'<FONT POINT-SIZE="10">{line}</FONT>' if long else line


@dataclass(eq=False)
class Row:
    """The cards of a step: lines of columns, and in the column of its title the leaves that it alone reads."""

    title: str
    leaves: list[list[Item]]  # those of each line
    lines: list[list[list[Item]]]  # the columns of each line


def arrange(
    items: Sequence[Item], feeds: Callable[[Item], Sequence[Item]], width: Callable[[Item], float]
) -> list[Row]:
    """Choose the rows: a step that is wider than a page continues in a further line, in all steps at the same place."""
    steps: dict[int, list[Item]] = {}
    for item in items:
        if item.step is not None:
            steps.setdefault(item.step, []).append(item)
    shared = [item for item in items if item.step is None]
    column = {item: c for step in steps.values() for item, c in _columns(step, feeds).items()}
    widths = {item: width(item) for item in items}
    title = max((widths[item] for step in steps.values() for item in step if item not in column), default=0.0)
    room = placing.ROOM - EDGES - max(TITLE, title)
    across = _most_columns(column, widths, room)
    rows = [_grid(shared, across)] if shared else []
    for number in sorted(steps):
        found: dict[int, list[list[Item]]] = {}
        for item in steps[number]:
            if item in column:
                line, place = divmod(column[item], across)
                found.setdefault(line, [[] for _ in range(across)])[place].append(item)
        lines = [found[line] for line in sorted(found)] or [[[]]]
        leaves: list[list[Item]] = [[] for _ in lines]
        for leaf in (item for item in steps[number] if item not in column):
            users = (i for i, line in enumerate(lines) for several in line for item in several if leaf in feeds(item))
            leaves[next(users, 0)].append(leaf)
        rows.append(Row(steps[number][0].title, leaves, lines))
    return rows


def _most_columns(column: dict[Item, int], widths: dict[Item, float], room: float) -> int:
    """How many columns fit on a page."""
    deepest = max(column.values(), default=0) + 1
    for lines in range(1, deepest):
        across = -(-deepest // lines)
        widest = [0.0] * across
        for item, c in column.items():
            widest[c % across] = max(widest[c % across], widths[item])
        if sum(widest) + GAP * across <= room:
            return across
    return 1


def _columns(step: Sequence[Item], feeds: Callable[[Item], Sequence[Item]]) -> dict[Item, int]:
    """The column of each op of a step: as near to the end as its users allow."""
    there = {item for item in step if item.operands}
    behind: dict[Item, int] = {}
    for item in reversed(step):
        if item in there:
            behind.setdefault(item, 0)
            for o in feeds(item):
                if o in there:
                    behind[o] = max(behind.get(o, 0), behind[item] + 1)
    deepest = max(behind.values(), default=0)
    return {item: deepest - b for item, b in behind.items()}


def _grid(items: Sequence[Item], across: int) -> Row:
    """The row of the leaves that several steps read; it has no title, so they begin in that column."""
    first, *others = (list(items[c :: across + 1]) for c in range(across + 1))
    return Row("", [first], [others])


class RowsPicture(Picture):
    """Writes a graph in time: frames below one another, the cards in each from left to right."""

    high = HIGH
    formula_widths: Sequence[float] = FORMULAS

    def __init__(self, items: Sequence[Item], *others: Any) -> None:
        self.line_of: dict[Item, Any] = {}
        self.inlined: set[Item] = set()
        self.numbers: dict[Item, str] = {}  # names of numbers without one
        self.first: dict[Item, tuple[Item, int]] = {}
        self.formula_width = FORMULAS[0]
        self.rolled = any(item.before for item in items)
        super().__init__(items, *others)
        self.direction, self.compact, self.beside = "LR", True, {}
        for item in items:
            self.begin(item)
        # A number without a name is told in full by its chip.
        numbers = {item for item in items if self.is_number(item) and self.outputs.isdisjoint(item.members)}
        self.chips, self.items = self.chips | numbers, [item for item in items if item not in numbers]
        unnamed = (item for item in self.items if not self.cards.names[item.members[0]])
        self.numbers = {item: f"c{i}" for i, item in enumerate((x for x in unnamed if len(x.members) > 1), 1)}
        self.arrange()
        if self.rolled and self.height() > self.high:
            self.inlined = {item for item in self.items if self.can_be_inlined(item)}
            self.items = [item for item in self.items if item not in self.inlined]
            heights = {}
            for width in self.formula_widths:
                self.formula_width = width
                self.arrange()
                heights[width] = self.height()
            self.formula_width = min(heights, key=heights.__getitem__)
            self.arrange()

    def begin(self, item: Item) -> None:
        """Of an op that reads in the first step something else than in the others, note what."""
        if not item.ordered and item.step is not None and any(item.before):
            others = [o for o in item.operands if o not in item.way]
            item.operands, item.ordered = item.way, True
            self.first |= dict.fromkeys(others, (item, item.before.index(True)))

    def arrange(self) -> None:
        """Give each card its line."""
        self.line_of = {}
        self.rows = arrange(self.items, self.feeds, self.width)
        for row in self.rows:
            for leaves, line in zip(row.leaves, row.lines, strict=True):
                self.line_of |= {item: line for column in (leaves, *line) for item in column}

    def height(self) -> float:
        """About how many points the rows take."""
        lines = [[a, *b] for row in self.rows for a, b in zip(row.leaves, row.lines, strict=True)]
        cards = {item: self.card_height(item) for item in self.line_of}
        return 14 * len(self.rows) + sum(max(sum(map(cards.__getitem__, c)) for c in line) for line in lines)

    def card_height(self, item: Item) -> float:
        """About how many points a card takes from top to bottom."""
        return 18 + 16 * len(self.card_lines(item))

    def can_be_inlined(self, item: Item) -> bool:
        """Whether an item can be part of formulas: nobody named it, and its step uses it once, or it is short."""
        uses = [
            (user, place) for user in self.users.get(item, []) for place, o in enumerate(user.operands) if o is item
        ]
        within = all(user.step == item.step and not self.is_before(user, place) for user, place in uses)
        short = self.size(item) <= SHORT
        free = not any(node.label or node in self.outputs for node in item.members)
        return free and self.made(item) and within and (len(uses) == 1 or (short and len(uses) > 1))

    def size(self, item: Item) -> int:
        """How many chips the formula of an item has at most."""
        operands = enumerate(item.operands)
        atoms = (o.members[0].op is None or o.members[0].label or self.is_before(item, i) for i, o in operands)
        return sum(1 if atom else self.size(o) for atom, o in zip(atoms, item.operands, strict=True))

    def is_before(self, item: Item, place: int) -> bool:
        """Whether an operand is what the step before computed, where all steps are drawn once."""
        return self.rolled and item.ordered and place < len(item.before) and item.before[place]

    def feeds(self, item: Item) -> list[Item]:
        """The cards that an item's formula reads, each once."""
        found: dict[Item, None] = {}
        for place, o in enumerate(item.operands):
            if o in self.inlined:
                found |= dict.fromkeys(self.feeds(o))
            elif o not in self.chips and not self.is_before(item, place):
                found[o] = None
        return list(found)

    def is_number(self, item: Item) -> bool:
        """Whether an item is one constant without a name."""
        node, *others = item.members
        nameless = not self.cards.names[node] and style.role(node, self.inputs) is style.CONSTANT
        return nameless and all(fetched(node.data) == fetched(other.data) for other in others)

    def named(self, item: Item, place: int) -> bool:
        """Whether an operand is named by a chip: a leaf used often, a card in another row, all that a formula has."""
        operand = item.operands[place]
        if operand in self.chips or operand.step != item.step or self.is_before(item, place) or self.inlined:
            return True
        # Widths are asked for before there are lines.
        return bool(self.line_of) and self.line_of[operand] is not self.line_of[item]

    def reference_name(self, item: Item, place: int) -> str:
        """The name by which an item's chip calls an operand."""
        name = self.common_name(item.operands[place])
        return formatting.elide(f"{STEP_BEFORE} {name}" if self.is_before(item, place) else name, REFERENCE_COLUMNS)

    def in_order(self, item: Item) -> bool:
        """Whether Graphviz is told to keep the order of operands; in frames it does so by itself where it can."""
        return self.numbered(item)

    def common_name(self, item: Item) -> str:
        """The name of a card: of several values what their names begin with, or the first one's."""
        names = [self.cards.called(node) for node in item.members]
        if item in self.numbers:
            return self.numbers[item]
        if len(names) == 1 or not item.members[0].label:
            return names[0]
        return common_start([name.rstrip("0123456789") for name in names]).rstrip(",_ ") or names[0]

    def group_lines(self, item: Item) -> list[str]:
        """Write the lines of a card for the values of all steps: the first name and the last in place of a count."""
        lines = super().group_lines(item)
        names = [self.cards.called(node) for node in (item.members[0], item.members[-1])]
        title = self.numbers.get(item) or " … ".join(formatting.elide(name, REFERENCE_COLUMNS) for name in names)
        shape = formatting.shape(fetched(item.members[0].data))
        return [f"<B>{html(title)}</B>" + (f"&#160; {shape}" if shape else ""), *lines[1:]]

    def card_lines(self, item: Item) -> list[str]:
        """Write the lines of a card, long ones smaller."""
        lines = self.value_lines(item)
        if item in self.first:
            lines.append(f"at first {html(self.reference_name(*self.first[item]))}")
        if self.inlined and self.made(item):
            formula = self.formula_lines(item)
            rows = [in_a_row(line) for line in formula]
            lines = [*rows, *joined(lines, max(LONG, *map(pieces_width, formula)))]
        elif self.inlined and len(item.members) > 1 and len(lines) > 2:
            lines = joined(lines, 1.5 * LONG)
        return [_shrunk(line) for line in lines]

    def value_lines(self, item: Item) -> list[str]:
        """Write the lines of a card without its formula."""
        cards, self.cards = self.cards, self.writer(item)
        lines = super().card_lines(item)
        self.cards = cards
        return lines

    def writer(self, item: Item) -> Cards:
        """What writes a card: the elements of an array only if someone named it."""
        node = item.members[0]
        brief = self.rolled or (node.op is not None and not node.label)
        return replace(self.cards, brief=True) if brief else self.cards

    def sign(self, item: Item) -> list[str]:
        """Write an op's sign with its chips beside the lines, unless the first line is its formula."""
        return [] if self.inlined else super().sign(item)

    def formula(self, item: Item) -> tuple[int, list[str]]:
        """Write how a card is computed, in signs and chips, with its binding strength."""
        sign = " ".join(item.op_text()).strip()
        behind = len(item.operands) == 1 and sign[0] in "[(ᵀ"  # an index, a power or a transpose
        strength = 3 if behind else 1 if sign in ("+", "−") else 2 if self.infix(item) else 9
        parts: list[list[str]] = []
        for place, o in enumerate(item.operands):
            inner, text = self.formula(o) if o in self.inlined else (9, [self.reference(item, place)])
            loose = inner < strength or (inner == strength and (behind or (place and sign not in "+×")))
            parts.append(["(", *text, ")"] if loose and strength < 9 else text)
        large = self.sign_in_formula(item, f"<B>{html(sign.replace('(·)', ''))}</B>")
        if behind:
            return strength, [*parts[0], large]
        if strength < 9:
            return strength, [*parts[0], large, *parts[1]]
        inside = [piece for i, several in enumerate(parts) for piece in ([",", *several] if i else several)]
        return strength, [large, "(", *inside, ")"]

    def sign_in_formula(self, item: Item, sign: str) -> str:
        """Write the sign of an op in a formula."""
        return sign

    def formula_lines(self, item: Item) -> list[list[str]]:
        """Break a formula into lines."""
        lines: list[list[str]] = [[]]
        for piece in self.formula(item)[1]:
            if lines[-1] and piece not in (")", ",") and pieces_width([*lines[-1], piece]) > self.formula_width:
                lines.append([])
            lines[-1].append(piece)
        return lines

    def width(self, item: Item) -> float:
        """Points that a card takes across."""
        if not self.inlined or not self.made(item):
            return super().width(item)
        lines = [x for x in self.card_lines(item) if not x.startswith("<TABLE")]
        texts = [*map(placing.text_width, lines), *map(pieces_width, self.formula_lines(item))]
        return max(texts) + placing.MARGIN

    def arrows(self, item: Item) -> Iterator[str]:
        """Write the arrows between the cards of a line."""
        if not self.inlined:
            yield from super().arrows(item)
            return
        for o in self.feeds(item):
            if self.line_of[o] is self.line_of[item]:
                yield f"\tn{o.id} -> n{item.id}\n"

    def lines(self) -> Iterator[str]:
        """Write every row, the last first, because Graphviz puts the first frame to the bottom."""
        yield "\tnewrank=true ranksep=0.28 nodesep=0.14\n"
        for i, row in reversed(list(enumerate(self.rows))):
            yield f'\tsubgraph cluster_{i} {{\n\tlabel="" {style.attributes(_FRAME)}\n'
            for k in range(len(row.lines)):
                yield from self.line(f"{i}_{k}", row.title if k == 0 else "", row.leaves[k], row.lines[k])
            yield "\t}\n"
        for same in self.ranks():
            if same:
                yield f"\t{{rank=same; {'; '.join(same)}}}\n"
        for item in self.items:
            yield from self.arrows(item)

    def line(self, name: str, title: str, leaves: list[Item], columns: list[list[Item]]) -> Iterator[str]:
        """Write a line of a row, which begins with its title."""
        yield f'\tsubgraph cluster_{name} {{\n\tlabel="" peripheries=0 margin=2 style=""\n'
        look = f"label=<<B>{html(title)}</B>> {_TITLE}" if title else 'label="" style=invis width=0 height=0'
        yield f"\ta{name} [{look}]\n"
        for column in (leaves, *columns):
            for item in column:
                yield from self.nodes(item)
        if title:
            yield from (f"\tn{leaf.id} -> a{name} [style=invis]\n" for leaf in leaves)
        before = f"a{name}"
        for column in columns:  # an invisible chain keeps empty columns free
            if column:
                yield f"\t{before} -> n{column[0].id} [style=invis weight=0]\n"
                before = f"n{column[0].id}"
        yield "\t}\n"

    def ranks(self) -> Iterator[list[str]]:
        """Yield the nodes of each column, those of the titles first."""
        titles = [f"a{i}_{k}" for i, row in enumerate(self.rows) for k in range(len(row.lines))]
        yield titles + [f"n{leaf.id}" for row in self.rows for leaves in row.leaves for leaf in leaves]
        lines = [line for row in self.rows for line in row.lines]
        for c in range(max(map(len, lines))):
            yield [f"n{item.id}" for line in lines for item in (line[c] if c < len(line) else [])]
