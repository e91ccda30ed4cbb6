"""The texts of a stepper's page: what each step says, with gaps for the numbers, and the cards that hold nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

import graphviz
import numpy as np

from autograd.engine.libraries import fetched
from autograd.engine.node import Node
from autograd.graph import Contribution, Step, explaining, formatting, formulas
from autograd.graph.formatting import value_text
from autograd.graph.formulas import Texts
from autograd.namespaces import arrays, notations
from autograd.namespaces.names import Name, summed
from autograd.typing import Data, Json, X
from autograd.viz import style
from autograd.viz.drawing import node_title
from autograd.viz.folding import Item
from autograd.viz.node_html import caption, quoted

__all__ = ["Script"]

USERS = 20  # the details of a node list at most so many of its users
FROM_COLUMNS = 28  # of the formula by which a contribution's origin is known
MANY = 60  # cards; Graphviz straightens the arrows of so many for minutes, if it may
GRADIENT, FACTOR = -1, -2  # gaps of a formula that hold no node's value: the node's gradient, the local derivative
# Two signs around a gap, and two brackets that stand only around a negative number; no text holds them.
_OPEN, _CLOSE, _LEFT, _RIGHT = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
_GAP = re.compile(f"{_LEFT}{_OPEN}(-?\\d+){_CLOSE}{_RIGHT}|{_OPEN}(-?\\d+){_CLOSE}")
_SPACED = notations.TEXT._replace(
    forms={**notations.TEXT.forms, "*": (5, "{} · {}", (5, 5)), "/": (5, "{} / {}", (5, 6))},
    brackets=f"{_LEFT}{{}}{_RIGHT}",
)
_ELEMENTWISE = _SPACED._replace(forms={**_SPACED.forms, "*": (5, "{} ⊙ {}", (5, 5))})
_FRACTION = 6  # how strongly ∂y/∂x binds


def _written(formula: X, words: notations.Words, notation: notations.Notation = _SPACED) -> list[Any]:
    """A formula as a list of texts and gaps; the gap of a number that may need brackets is a list of its own."""
    text = notations.written(formula, words, notation)[1]
    parts: list[Any] = []
    end = 0
    for gap in _GAP.finditer(text):
        parts += [text[end : gap.start()], [int(gap[1])] if gap[1] else int(gap[2])]
        end = gap.end()
    parts.append(text[end:])
    return [p.replace(_LEFT, "(").replace(_RIGHT, ")") if isinstance(p, str) else p for p in parts if p != ""]


def _gap(place: int) -> tuple[int, str]:
    return 4, f"{_OPEN}{place}{_CLOSE}"  # as strong as a negative number


class Script:
    """Every text that the page shows at its steps: the cards in a picture, and the nodes that share them."""

    def __init__(
        self, order: Sequence[Node], items: Sequence[Item], walked: Sequence[Step], name_of: dict[Node, str],
        precision: int,
    ) -> None:  # fmt: skip
        self.order, self.items, self.precision, self.name_of = order, items, precision, name_of
        self.names = {node: name_of[node] or value_text(fetched(node.data), precision) for node in order}
        self.texts = Texts(name_of, precision)
        self.place = {node: i for i, node in enumerate(order)}
        self.item = {node: item for item in items for node in item.members}
        self.y = order[-1]
        self.output = node_title(self.y, name_of)
        self.steps: list[Json] = []
        self.forward_step = {node: self._forward(node) if node.op is not None else 0 for node in order}
        self.totals: dict[Node, list[str]] = {}
        for step in walked:
            self._backward(step)
        self.gradients = {step.node: step.gradient for step in walked}
        users: dict[Node, list[str]] = {node: [] for node in order}
        for node in order:
            for p in dict.fromkeys(node.parents):
                users[p].append(self.names[node])
        self.nodes = [self._node(node, users[node]) for node in order]
        self.cards = [self._card(item) for item in items]
        y = self.y
        self.title = f"{self.names[y]} = {self.texts.call(y)}" if y.op is not None else self.names[y]

    def _value(self, data: Data) -> str:
        return value_text(data, self.precision)

    def _symbols(self, node: Node) -> dict[str, tuple[int, str]]:
        """What is written for the symbols of a formula: names."""
        names, digits = self.name_of, self.precision
        return formulas.symbols_of(
            node, lambda n: formulas.bind(names[n]) if names[n] else formulas.number_text(fetched(n.data), digits)
        )

    def _gaps(self, node: Node) -> dict[str, tuple[int, str]]:
        """What is written for the symbols of a formula: gaps for the numbers."""
        return formulas.symbols_of(node, lambda n: _gap(self.place[n])) | {"g": _gap(GRADIENT), "d": _gap(FACTOR)}

    def _edge(self, node: Node, slot: int) -> str:
        """The id of the arrow by which an operand enters an op."""
        item = self.item[node]
        return f"e{item.id}_{slot if item.ordered else item.operands.index(self.item[node.parents[slot]])}"

    def _derivative(self, node: Node) -> str:
        return formatting.partial(self.output, self.names[node])

    def _forward(self, node: Node) -> int:
        i = self.item[node].id
        edges = [self._edge(node, slot) for slot in range(len(node.parents))]
        operands = [f"n{self.item[p].id}" for p in node.parents]
        call = formulas.call(node)
        self.steps.append({
            "phase": "forward", "node": self.place[node],
            "rule": "".join(_written(call, self._symbols(node))), "numbers": _written(call, self._gaps(node)),
            "active": [f"n{i}", f"op{i}", f"r{i}", *edges, *operands],
            "nodes": [self.place[n] for n in (*node.parents, node)],
        })  # fmt: skip
        return len(self.steps)

    def _backward(self, step: Step) -> None:
        node, i = step.node, self.item[step.node].id
        if node is self.y:
            self._enter(node, step.gradient, step.gradient, {
                "what": "the seed: the backward pass starts from the gradient of the output by itself",
                "chain": self._derivative(node), "from": "the seed", "active": [f"n{i}"], "nodes": [self.place[node]],
            })  # fmt: skip
        for c in step.contributions:
            several = sum(p is c.parent for p in node.parents) > 1
            which = f", argument {c.slot + 1}" if several else ""
            call = formatting.elide(self.texts.call(node), FROM_COLUMNS)
            origin = f"{self.names[node]} = {call}{which}"
            self._enter(c.parent, c.value, c.total, {
                "what": f"back through {origin}", "from": f"from {origin}", "note": c.note,
                "node": self.place[node], "slot": c.slot, **self._chain(node, c),
                "active": [f"n{i}", f"op{i}", f"r{i}", self._edge(node, c.slot), f"n{self.item[c.parent].id}"],
                "nodes": [self.place[n] for n in (node, c.parent)],
            })  # fmt: skip

    def _chain(self, node: Node, c: Contribution) -> Json:
        """The chain rule for a contribution: as a product with the local derivative where that is a factor."""
        total, op = self._derivative(node), node.op
        whole = formulas.derivative(node, c.slot)
        words = self._symbols(node) | {"g": (_FRACTION, total)}
        hint = _written(whole, self._gaps(node))
        if op is None or not op.elementwise:
            return {"chain": "".join(_written(whole, words)), "numbers": hint}
        local = formatting.partial(self.names[node], self.names[c.parent])
        product = summed(Name("*", Name("g"), Name("d")), node.shape, c.parent.shape)
        notation = _ELEMENTWISE if node.ndim else _SPACED
        factor = formulas.derivative(node, c.slot, local=True)
        rule = "".join(_written(factor, self._symbols(node)))
        return {
            "chain": "".join(_written(product, words | {"d": (_FRACTION, local)}, notation)),
            "numbers": _written(product, self._gaps(node), notation), "hint": hint,
            "local": local, "rule": rule, "factor": self._value(arrays.quietly(explaining.factor, node, c.slot)),
            "ruleNumbers": _written(factor, self._gaps(node)),
        }  # fmt: skip

    def _enter(self, node: Node, value: Data, total: Data, step: Json) -> None:
        """Add a step of the backward pass."""
        total = self._value(total)
        self.steps.append({
            "phase": "backward", "to": self.place[node], "value": self._value(value), "total": total, **step,
        })  # fmt: skip
        self.totals.setdefault(node, []).append(total)

    def _node(self, node: Node, users: list[str]) -> Json:
        more = [f"and {len(users) - USERS:,} more"] if len(users) > USERS else []
        made: Json = {
            "name": self.names[node], "forward": self.forward_step[node], "value": self._value(fetched(node.data)),
            "users": ", ".join([*users[:USERS], *more]),
        }  # fmt: skip
        if not self.name_of[node]:
            made["bare"] = True
        if node.ndim:
            made |= {"shape": formatting.shape(fetched(node.data)), "whole": str(fetched(node.data))}
        if node.op is not None:
            made |= {"call": self.texts.call(node), "op": f"{node.op.name}: {_meaning(node)}"}
        if node in self.gradients:
            made["derivative"] = self._derivative(node)
            if node.ndim:
                made["wholeGradient"] = str(self.gradients[node])
        return made

    def _card(self, item: Item) -> Json:
        i, made = item.id, item.members[0].op is not None
        edges = [f"e{i}_{k}" for k in range(len(item.operands))]
        return {
            "id": f"n{i}", "parts": [f"n{i}", f"op{i}"] if made else [f"n{i}"], "arrows": [f"r{i}", *edges] * made,
            "operands": list(dict.fromkeys(f"n{o.id}" for o in item.operands)),
            "members": [self.place[node] for node in item.members],
            "head": [f"{len(item.members)} alike"] if len(item.members) > 1 else [],
        }  # fmt: skip

    def kinds(self) -> list[Json]:
        """What a page needs to write another number in the place of each node's: its axes, and whether it is whole."""
        kinds = {"b": "truth", "i": "integer", "u": "integer"}
        return [
            {"axes": node.shape, "kind": kinds.get(np.asarray(fetched(node.data)).dtype.kind, "")}
            for node in self.order
        ]

    def source(self, inputs: set[Node], direction: str) -> str:
        """Write the graph for a page: its cards are as large as the longest texts that they will hold."""
        return self._source(inputs, direction, {"dir": "both", "arrowtail": "normal"}, self._room)

    def still(self, inputs: set[Node], rows: Sequence[str]) -> str:
        """Write the graph as it is at the last step, with rows of a caption."""
        return self._source(inputs, "LR", {}, self._last, rows)

    def _lines(self, place: int, total: str | None = None) -> list[str]:
        """The lines of a card about the value of a node, or about its gradient."""
        node, made = self.order[place], self.nodes[place]
        name = made["derivative"] if total is not None else "" if made.get("bare") else made["name"]
        text = total if total is not None else made["value"]
        return [name, text] if node.ndim and name else [f"{name} = {text}" if name else text]

    def _last(self, card: Json) -> list[str]:
        first = card["members"][0]  # the backward pass comes to it last
        totals = self.totals.get(self.order[first])
        return [*card["head"], *self._lines(first), *(self._lines(first, totals[-1]) if totals else [])]

    def _room(self, card: Json) -> list[str]:
        """The longest text that each line of a card will hold, with noughts for digits: no number is told early."""
        members = card["members"]
        lines = [*card["head"], *_longest(map(self._masked, members))]
        return lines + _longest(self._masked(i, total) for i in members for total in self.totals.get(self.order[i], []))

    def _masked(self, place: int, total: str | None = None) -> list[str]:
        *names, last = self._lines(place, total)
        before, equal, number = last.rpartition(" = ")
        number = re.sub(r"\d", "0", number)
        if not self.order[place].ndim:
            number = max(number, "−0." + "0" * self.precision, key=len) if not self.nodes[place].get("bare") else number
        return [*names, before + equal + number]

    def _source(
        self, inputs: set[Node], direction: str, edge: dict[str, str], lines: Any, rows: Sequence[str] = ()
    ) -> str:
        effort = {"nslimit": "0.5"} if len(self.items) > MANY else {}
        dot = graphviz.Digraph(
            graph_attr={**style.GRAPH, "rankdir": direction, **effort},
            node_attr=style.NODE,
            edge_attr={**style.EDGE, **edge},
        )
        for item, card in zip(self.items, self.cards, strict=True):
            i, node = item.id, item.members[0]
            look = style.role(node, inputs).look
            if node is self.y:
                look = {**look, **style.OUTPUT}
            label = "\\n".join(map(quoted, lines(card)))
            dot.body.append(f'\tn{i} [label="{label}" id="n{i}" {style.attributes({**look, "margin": "0.16,0.07"})}]\n')
            if node.op is not None:
                sign = " ".join(formatting.op_text(node)).strip()
                disc = style.attributes({**style.OP, **style.disc(sign, "")})
                dot.body.append(f'\top{i} [label="{quoted(sign)}" id="op{i}" {disc}]\n')
                for k, operand in enumerate(item.operands):
                    dot.body.append(f'\tn{operand.id} -> op{i} [id="e{i}_{k}"]\n')
                dot.body.append(f'\top{i} -> n{i} [id="r{i}"]\n')
        if rows:
            dot.body.append(caption(rows))
        source: str = dot.source
        return source


def _longest(texts: Iterable[Sequence[str]]) -> list[str]:
    """The longest text that each line of a card will hold."""
    return [max(several, key=formatting.columns) for several in zip_longest(*texts, fillvalue="")]


def _meaning(node: Node) -> str:
    return ((node.op and node.op.__doc__) or "").strip().partition("\n")[0].replace("`", "")
