"""The cards, discs, chips and arrows of the forward graph as DOT text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import prod

from autograd.engine.libraries import fetched
from autograd.engine.node import Node
from autograd.graph import formatting
from autograd.viz import colours, placing, style
from autograd.viz.folding import Item
from autograd.viz.node_html import OFF, Cards, chip, disc, html, large_sign, reference, table
from autograd.viz.options import Settings

__all__ = ["Picture"]

WIDE_OPS = 12  # a graph of scalars with more is drawn in the compact form
REFERENCE_COLUMNS, MOST_REFERENCES = 16, 4

_NUMBER = style.attributes({"labeldistance": "1.8", "fontsize": "9"})


class Picture:
    """Writes DOT text for items, and sentences for their tooltips."""

    sign_margin = 6.0  # points beside the text of each part of a sign

    def __init__(
        self, items: Sequence[Item], cards: Cards, inputs: set[Node], outputs: set[Node], settings: Settings,
        modules: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.items, self.cards, self.inputs, self.outputs, self.modules = items, cards, inputs, outputs, modules
        self.chips = placing.references(items)
        ops = sum(item.members[0].op is not None for item in items)
        scalars = not any(node.ndim for item in items for node in item.members)
        self.compact = ops > WIDE_OPS and scalars if settings.compact is None else settings.compact
        self.fills = colours.fills(items, settings.color) if settings.color else {}
        self.finite = settings.color == "finite"
        self.titles: dict[str, str] = {}
        self.frames = 0
        self.direction = settings.direction or "LR"
        self.users: dict[Item, list[Item]] = {}
        for item in items:
            for operand in dict.fromkeys(item.operands):
                self.users.setdefault(operand, []).append(item)
        # A leaf of a module stands beside its op, not a rank before it, so that modules stand in a row.
        self.beside = {} if self.compact else {item: op for item in items if (op := self._only_op(item))}
        if settings.direction is None:
            self.direction = placing.best_direction(items, self.chips, self.width, self.gap)
        # Looks are written once here and not for each node, because graphs may be large.
        self.plain = {role.word: style.attributes(role.look) for role in style.ROLES}
        self.ringed = {role.word: style.attributes({**role.look, **style.OUTPUT}) for role in style.ROLES}

    def _only_op(self, item: Item) -> Item | None:
        """The one op that uses a leaf, if both are in the same module."""
        users = self.users.get(item, [])
        if item.members[0].op is not None or not item.modules or len(users) != 1:
            return None
        return users[0] if users[0].modules == item.modules and not users[0].folded else None

    def lines(self) -> Iterator[str]:
        """Write every node, those of a module inside its frame, and every arrow."""
        if self.compact and self.direction in ("LR", "RL"):  # Graphviz puts those named first to the bottom
            yield f"\t{'; '.join(f'n{item.id}' for item in reversed(self.items) if not item.modules)}\n"
        framed: dict[tuple[str, ...], list[str]] = {}
        for item in self.items:
            framed.setdefault(item.modules, []).extend(self.nodes(item))
        opened: tuple[str, ...] = ()
        # In sorted order a module's parts follow it, so that frames open and close like brackets.
        for path in sorted(framed):
            shared = next((i for i, (a, b) in enumerate(zip(opened, path, strict=False)) if a != b), len(opened))
            yield from ["\t}\n"] * (len(opened) - shared)
            for module in path[shared:]:
                yield from self.frame(module)
            yield from framed[path]
            opened = path
        yield from ["\t}\n"] * len(opened)
        for item in self.items:
            yield from self.arrows(item)

    def frame(self, path: str) -> Iterator[str]:
        """Write the beginning of a cluster."""
        title = f"<B>{html(formatting.line(self.modules.get(path, path)))}</B>"
        label = chip([title])
        if self.direction in ("TB", "BT"):  # as much room beside it, so that no arrow runs down over the title
            free = f'<TD WIDTH="{placing.text_width(title) + 2 * placing.MARGIN:.0f}"></TD>'
            label = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0"><TR><TD>{label}</TD>{free}</TR></TABLE>'
        self.frames += 1
        yield f"\tsubgraph cluster_{self.frames} {{\n"
        yield f"\tlabel=<{label}> {style.attributes(style.FRAME)}\n"

    def nodes(self, item: Item) -> Iterator[str]:
        """Write the disc and the card of an item."""
        name, node = f"n{item.id}", item.members[0]
        if not (self.compact and self.made(item)):
            for place, operand in enumerate(item.operands):
                if self.named(item, place):
                    yield self.reference_node(item, place, operand)
        if item.folded:
            yield from self.box(item)
            return
        role = style.role(node, self.inputs)
        look = (self.ringed if node in self.outputs else self.plain)[role.word]
        if self.compact and len(item.operands) > 1 and self.in_order(item):
            look += ' ordering="in"'
        if item in self.fills:
            look += " " + style.attributes(self.fills[item])
        if node.op is not None and not item.joined:
            disc_name = f"op{item.id}"
            if item.cut:
                yield f'\t{disc_name} [label="⋯" {style.attributes(style.CUT)}]\n'
            elif not self.compact:
                round_look = disc(*item.op_text(), ordered=self.in_order(item))
                yield f'\t{disc_name} [{round_look} id="{disc_name}"]\n'
                meaning = (node.op.__doc__ or "").strip().splitlines()[:1]
                self.titles[disc_name] = ": ".join([node.op.name, *meaning]).replace("`", "")
        yield f'\t{name} [label={self.card(item)} id="{name}" {look}]\n'
        sentence = self.cards.tooltip(node, role)
        self.titles[name] = item.description(sentence)
        if item in self.beside:
            yield f"\t{{rank=same; {name}; op{self.beside[item].id}}}\n"

    def in_order(self, item: Item) -> bool:
        """Whether the first operand is to be on top: where the order matters, or can be kept without a crossing."""
        op = item.members[0].op
        if op is None or not op.commutative or not item.ordered:
            return True
        return all(o in self.chips or len(self.users[o]) == 1 for o in item.operands) and len(set(item.operands)) > 1

    def made(self, item: Item) -> bool:
        """Whether an item's op is drawn with it: on its card in the compact form, else on a disc."""
        return item.members[0].op is not None and not item.joined and not item.cut and not item.folded

    def named(self, item: Item, place: int) -> bool:
        """Whether an operand is named by a chip, so that no arrow leads from its card."""
        return item.operands[place] in self.chips

    def card_lines(self, item: Item) -> list[str]:
        """Write the lines of a card in Graphviz's HTML."""
        node = item.members[0]
        single = len(item.members) == 1
        lines = self.cards.lines(node, style.role(node, self.inputs)) if single else self.group_lines(item)
        if self.finite and (text := colours.nonfinite_text(item)):
            lines.append(html(text))
        return lines

    def group_lines(self, item: Item) -> list[str]:
        """Write the lines of a card for several values."""
        return self.cards.group_lines(item.counted(item.members), item.members)

    def card(self, item: Item) -> str:
        """Write the label of a card: the lines, and in the compact form the op's sign with its chips."""
        return table(self.card_lines(item), self.sign(item) if self.compact and self.made(item) else [])

    def sign(self, item: Item) -> list[str]:
        """Write an op's sign with its chips; an operator of two operands has them on its two sides."""
        sign = large_sign(*item.op_text())
        parts = [self.reference(item, i) if self.named(item, i) else "" for i in range(len(item.operands))]
        if sum(map(bool, parts)) > MOST_REFERENCES:  # of a long list the ends are enough
            shown = [part for part in parts if part]
            parts = [shown[0], html("…"), shown[-1]]
        parts = [parts[0], sign, parts[1]] if self.infix(item) else [sign, *parts]
        shown = [part for part in parts if part]
        return shown if len(shown) == 1 else [*shown, "&#160;"]

    def infix(self, item: Item) -> bool:
        """Whether an item's op is a sign between two operands."""
        two = len(item.operands) == 2 and item.ordered
        return two and not item.op_text()[0][0].isalnum()

    def reference_name(self, item: Item, place: int) -> str:
        """The name by which an item's chip calls an operand."""
        return formatting.elide(self.cards.called(item.operands[place].members[0]), REFERENCE_COLUMNS)

    def reference(self, item: Item, place: int) -> str:
        """Write the chip that stands for an operand."""
        return reference(self.reference_name(item, place), style.role(item.operands[place].members[0], self.inputs))

    def reference_node(self, item: Item, place: int, operand: Item) -> str:
        """Write a chip that stands by itself before a disc or a box."""
        name, node = f"r{item.id}_{place}", operand.members[0]
        look = style.role(node, self.inputs).look
        look = {**style.REFERENCE, "shape": "box", "fillcolor": look["fillcolor"], "color": look["color"]}
        text = html(self.reference_name(item, place))
        self.titles[name] = self.cards.tooltip(node, style.role(node, self.inputs))
        return f'\t{name} [label=<<B>{text}</B>> id="{name}" {style.attributes(look)}]\n'

    def width(self, item: Item) -> float:
        """Points that a card takes across."""
        if item.folded:
            return placing.text_width("".join(self.box(item))) + placing.MARGIN
        sign = self.sign(item) if self.compact and self.made(item) else []
        lines = max(map(placing.text_width, self.card_lines(item)), default=0.0)
        return lines + sum(placing.text_width(part) + self.sign_margin for part in sign) + placing.MARGIN

    @property
    def gap(self) -> float:
        """Points between the cards of two ranks."""
        return placing.GAP if self.compact else 3 * placing.GAP

    @property
    def is_narrow(self) -> bool:
        """Whether a page is wide enough for the picture from left to right."""
        return placing.across(self.items, self.chips, self.width, self.gap) <= placing.ROOM

    def box(self, item: Item) -> Iterator[str]:
        """Write the box of a folded module."""
        first, last = item.folded[0], item.folded[-1]
        title = formatting.line(self.modules.get(first, first))
        if first != last:
            title = title.replace(first, f"{first} … {last}", 1) + f", {len(item.folded)} alike"
        parameters = [n for n in item.members if n.op is None and n.requires_grad]
        ops = sum(n.op is not None for n in item.members)
        count = sum(prod(p.shape) for p in parameters)
        texts = [f"{count} parameter" + "s" * (count != 1) if parameters else f"{ops} op" + "s" * (ops != 1)]
        gradients = [fetched(p.grad) for p in parameters if p.has_grad]
        if gradients and self.cards.gradients:
            texts.append(self.cards.gradient_norm(gradients))
        lines = [
            f"<B>{html(title)}</B>",
            f'<FONT POINT-SIZE="10">{texts[0]}</FONT>',
            *map(self.cards.gradient_line, texts[1:]),
        ]
        fill = self.fills.get(item, {})
        yield f'\tn{item.id} [label={table(lines)} id="n{item.id}" {style.attributes({**style.MODULE, **fill})}]\n'
        self.titles[f"n{item.id}"] = ", ".join(["folded module " + title, *texts])

    def arrows(self, item: Item) -> Iterator[str]:
        """Write an arrow for each use of an operand, and one from the disc to the card."""
        name, op = f"n{item.id}", item.members[0].op
        if op is None and not item.folded:
            return
        target = name if self.compact or item.folded or item.joined else f"op{item.id}"
        count, numbered = len(item.operands), self.numbered(item)
        for place, operand in enumerate(item.operands):
            named = self.named(item, place)
            if named and self.compact and self.made(item):
                continue  # the chip is on the card
            look = self.number(place, count) if numbered else ""
            if (item.folded or operand.folded) and operand is not item:
                shape = "" if item.joined else self.shape_read(item, operand)
                look = f"label={table([chip([shape]), OFF])} fontsize=10" if shape else ""
            if operand in self.beside and any(o in self.beside for o in item.operands[place + 1 :]):
                # All but the last of several leaves beside an op stand on its other side: no arrow goes round a card.
                look = look.replace("headlabel", "taillabel")
                yield f"\t{target} -> n{operand.id} [dir=back {look}]\n"
            else:
                source = f"r{item.id}_{place}" if named else f"n{operand.id}"
                yield f"\t{source} -> {target}{f' [{look}]' if look else ''}\n"
        if item.cut and self.compact:
            target = f"op{item.id}"
        if target != name:
            yield f"\t{target} -> {name}\n"

    def shape_read(self, item: Item, operand: Item) -> str:
        """The shape of what an item reads of an operand; the op of an output is inside the module that gives it."""
        outputs = (user for user in self.users.get(item, []) if user.joined)
        readers = (node for reader in (item, *outputs) for node in reader.members)
        there = set(operand.members)
        return next((formatting.shape(fetched(p.data)) for node in readers for p in node.parents if p in there), "")

    def numbered(self, item: Item) -> bool:
        """Whether the arrows of an item's operands have numbers, because their order matters."""
        op = item.members[0].op
        several = op is not None and not op.commutative and item.ordered and len(item.operands) > 1
        if self.compact and self.made(item) and self.infix(item) and any(map(partial(self.named, item), range(2))):
            return False  # the chip stands on one side of the sign
        return several and not item.joined and not any(o.folded for o in (item, *item.operands))

    def number(self, place: int, count: int) -> str:
        """The attributes of an operand's number: beside the head of its arrow, away from the middle.

        Above a wide card it is towards the middle, where the card is farther away.
        """
        # Graphviz counts angles from the direction in which the arrow comes.
        is_above_disc = self.direction in ("TB", "BT") and not self.compact
        angle = 40 if (place < count / 2) == is_above_disc else -40
        return f'headlabel=<{chip([str(place + 1)], style.NUMBER)}> labelangle="{angle}" {_NUMBER}'
