"""Folding: which nodes a picture draws as one. An item is a single node, a folded module, or nodes that are alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence, Sized
from dataclasses import dataclass, field

from autograd.engine.node import Node, toposort
from autograd.graph import formatting
from autograd.graph.naming import Names
from autograd.viz import style
from autograd.viz.frames import Modules, framed, name_of
from autograd.viz.options import Settings
from autograd.viz.time_steps import Steps, find_steps

__all__ = ["OPEN", "Item", "alike", "check_names", "group_by", "plan", "within_depth"]

Key = Hashable
OPEN = 60  # in a larger graph modules fold, until it has fewer items than this
ROWS = 40  # more steps are drawn once, because nobody reads so many rows
SHARED, SHARED_SCALARS = (
    9,
    6,
)  # where more leaves than this are read at every step, the units of a layer are drawn once too
REPEATS = 4  # so many modules of the same structure are drawn as one
REACH = 3  # arrows may cross so many ranks, in units of the limit: Graphviz takes minutes for many long arrows
LOCAL = 2  # where whole histories differ too much, two nodes must look alike so many ops back


@dataclass(eq=False, repr=False)
class Item:
    """One or more nodes that are drawn as one, with the items of their operands."""

    members: list[Node] = field(default_factory=list)
    operands: list[Item] = field(default_factory=list)
    way: list[Item] = field(default_factory=list)  # the operands of most members, in order, duplicates kept
    ordered: bool = True  # whether `operands` are those of the op in order, duplicates kept; else each is there once
    id: str = ""
    modules: Modules = ()  # the modules in whose frames it stands
    folded: tuple[str, ...] = ()  # the paths of the folded modules for which it stands
    cut: bool = False  # whether its operands are left out
    joined: bool = False  # whether its op is inside a folded module
    step: int | None = None  # its step in time, if the graph has steps and the item belongs to one
    title: str = ""  # what that step is called
    before: tuple[bool, ...] = ()  # of an op in time, whether each of `way` is of a step before

    @property
    def is_mixed(self) -> bool:
        """Whether different ops made its members."""
        return any(node.op is not self.members[0].op for node in self.members)

    def counted(self, nodes: Sized) -> str:
        """Say how many some of its nodes are."""
        return f"{len(nodes)} {'values' if self.is_mixed and not self.folded else 'alike'}"

    def op_text(self) -> tuple[str, str]:
        """Write the op that made it as its disc shows it; several ops as dots, several static arguments not at all."""
        first = self.members[0]
        if self.is_mixed:
            return "⋯", ""
        return formatting.op_text(first) if alike(self.members) else formatting.op_text_of_any(first)

    def description(self, sentence: str) -> str:
        """Turn a sentence about the first node into one about all."""
        count = len(self.members)
        if count == 1:
            return sentence
        return f"{count} values, one of them: {sentence}" if self.is_mixed else f"{count} like this one: {sentence}"


def alike(nodes: Sequence[Node]) -> bool:
    """Whether the same op with the same static arguments made all nodes."""
    first = nodes[0]
    if any(node.op is not first.op for node in nodes):
        return False
    return not first.params or len({repr(dict(node.params)) for node in nodes}) == 1


def group_by(order: Sequence[Node], key: Callable[[Node], Key]) -> list[Item]:
    """Make an item of the nodes with the same key, in order of their first nodes."""
    items: dict[Key, Item] = {}
    of: dict[Node, Item] = {}
    for node in order:
        item = of[node] = items.setdefault(key(node), Item())
        item.members.append(node)
    for i, item in enumerate(items.values()):
        item.id = str(i)
        ways = Counter(tuple(of[p] for p in node.parents if p in of) for node in item.members)
        item.ordered, item.way = len(ways) == 1, list(ways.most_common(1)[0][0])
        item.operands = list(next(iter(ways)) if item.ordered else dict.fromkeys(o for way in ways for o in way))
    return list(items.values())


def plan(
    order: Sequence[Node], outputs: Sequence[Node], inputs: set[Node], names: Names, settings: Settings
) -> list[Item]:
    """Choose the items: a large graph folds its modules; if it is still large, nodes of the same structure too."""
    path = framed(order, names) if names.modules or names.paths else {}
    last = set(outputs)
    steps = find_steps(order) if settings.unfold is None else None
    # What repeats in time is in order by its steps, in which each module stands many times.
    inner = {} if steps else {node: p for node, p in path.items() if node not in last}
    folded = _folded_modules(inner, len(order), settings.unfold)
    items = group_by(order, lambda node: folded.get(node, node))
    rolled = False
    if _is_large(items, steps, settings):
        items, folded, rolled = _fold(order, last, inputs, folded, steps, settings)
    elif folded and settings.unfold is None and len(items) > OPEN / 2:
        repeated = _repeated_modules(order, folded, inputs)
        items = group_by(order, lambda node: node if node in last else repeated.get(node, node))
    if steps and (rolled or len(items) == len(order) or settings.roll is False):
        _place_in_time(items, steps, rolled)
    for item in items:
        node = item.members[0]
        item.folded = tuple(dict.fromkeys(folded[n] for n in item.members if n in folded))
        pairs = ((folded.get(p), folded.get(n)) for n in item.members for p in n.parents)
        if item.folded and not any(before in item.folded and before != own for before, own in pairs):
            item.operands = [o for o in item.operands if o is not item]  # no arrow leads from one of them to another
        own = path.get(node, ())
        item.modules = own[: own.index(item.folded[0])] if item.folded else own
        boxes = [o for o in item.operands if node in last and any(f in own for f in o.folded)]
        if boxes:  # the op of an output is in the box, so its operands become those of the box
            read = [o for o in item.operands if o is not boxes[0] and o not in boxes[0].operands]
            boxes[0].operands = [*boxes[0].operands, *dict.fromkeys(read)]
            item.joined, item.operands, item.modules = True, boxes[:1], ()
    return items


def _is_large(items: Sequence[Item], steps: Steps | None, settings: Settings) -> bool:
    """Whether a graph has to fold."""
    if settings.roll:
        return True
    if settings.limit is None:
        return False
    if steps:
        return len(items) > settings.limit or (settings.roll is None and steps.count > ROWS)
    return len(items) > settings.limit or _reach(items) > REACH * settings.limit


def _fold(
    order: Sequence[Node], last: set[Node], inputs: set[Node], folded: dict[Node, str], steps: Steps | None,
    settings: Settings,
) -> tuple[list[Item], dict[Node, str], bool]:  # fmt: skip
    """Fold until there are few enough items; also say which modules are folded, and whether time is."""
    limit = len(order) if settings.limit is None else settings.limit
    items: list[Item] = []
    if steps and settings.roll is not False:
        for alike in (steps.alike, _alike_units(order, steps, inputs)):
            keys = _rolled(order, steps, inputs, alike)
            items = group_by(order, lambda node: node if node in last else keys[node])  # noqa: B023
            shared = [item.members[0] for item in items if item.members[0] not in steps.number]
            most = SHARED if any(leaf.ndim for leaf in shared) else SHARED_SCALARS
            if len(items) <= limit and (len(shared) <= most or alike is not steps.alike):
                return items, folded, True
    number = steps.number if steps and settings.roll is False else {}
    few = min(limit, OPEN) if not number else limit
    for classes in _classes(order, inputs):
        keys = {node: (number.get(node), folded.get(node, key)) for node, key in classes.items()}
        items = group_by(order, lambda node: node if node in last else keys[node])  # noqa: B023
        if len(items) <= few and (number or sum(len(set(item.operands)) for item in items) <= 2 * OPEN):
            return items, folded, False
    roles = {node: style.role(node, inputs).word for node in order}
    for coarse in (lambda n: (n.op and n.op.name, roles[n]), roles.__getitem__, lambda n: None):
        if len(items) <= limit:
            break
        folded = {}
        items = group_by(order, lambda node: node if node in last else coarse(node))  # noqa: B023
        for item in items:  # what stands for leaves and results together looks like a result
            item.members.sort(key=lambda node: node.op is None)
    return items, folded, False


def _alike_units(order: Sequence[Node], steps: Steps, inputs: set[Node]) -> dict[Node, Key]:
    """Keys by which the units of a layer are alike too: they do the same with other leaves of the same name."""
    alike: dict[Node, Key] = {}
    ids: dict[Key, int] = {}
    carried = {  # what reads the step before; in the first step this may be a leaf
        (key, slot) for node, key in steps.alike.items() for slot, p in enumerate(node.parents)
        if steps.number.get(p, steps.number[node]) < steps.number[node]
    }  # fmt: skip
    for node in order:
        look = _node_look(node, inputs)
        if node in steps.alike:
            slots = enumerate(node.parents)
            inside = ["before" if (steps.alike[node], i) in carried else alike.get(p) for i, p in slots]
            alike[node] = ids.setdefault((look, *inside), len(ids))
        elif node.op is None and node not in steps.number:
            alike[node] = ids.setdefault((look, (node.label or "").rstrip("0123456789,_[] ")), len(ids))
    return alike


def _rolled(order: Sequence[Node], steps: Steps, inputs: set[Node], alike: dict[Node, Key]) -> dict[Node, Key]:
    """Keys by which what corresponds in all steps is one item, and so are the leaves that it reads."""
    keys: dict[Node, Key] = {node: ("step", key) for node, key in alike.items()}
    uses: dict[Node, set[Key]] = {}
    for node in order:
        for slot, p in enumerate(node.parents):
            if p.op is None and p in steps.number and node in steps.alike:
                uses.setdefault(p, set()).add((alike[node], slot))
    keys |= {leaf: (_node_look(leaf, inputs), frozenset(several)) for leaf, several in uses.items()}
    return {node: keys.get(node, node) for node in order}


def _place_in_time(items: Sequence[Item], steps: Steps, rolled: bool) -> None:
    """Tell each item its step, and what that is called."""
    titles = {0: "start", steps.count + 1: "end"}
    for item in items:
        step = steps.number.get(item.members[0])
        if step is None:
            continue
        item.title = titles.get(step) or (f"{steps.count} steps" if rolled else f"step {step}")
        item.step = step if not rolled or step in titles else 1
        item.members.sort(key=lambda node: steps.number.get(node, 0))
        last = item.members[-1]  # the first may read something else
        if rolled and last in steps.alike:
            own = steps.number[last]
            item.before = tuple(0 < steps.number.get(p, own) < own for p in last.parents)  # 0: before all steps
        if rolled and step > steps.count:
            item.step = 2


def check_names(unfold: Collection[str], names: Names) -> None:
    """Raise if `unfold` names a module that the graph lacks."""
    owners = (module for path in names.modules.values() for module in path)
    there = dict.fromkeys(filter(None, [*names.titles, *owners]))
    if unknown := [module for module in unfold if module not in there]:
        has = f"there are {', '.join(map(repr, there))}" if there else "no modules are known: pass names=model"
        raise ValueError(f"draw: unfold names no module {', '.join(map(repr, unknown))}; {has}")


def _repeated_modules(order: Sequence[Node], folded: dict[Node, str], inputs: set[Node]) -> dict[Node, Key]:
    """Keys that make one item of folded modules of the same structure, and one of what stands between them."""
    looks: dict[str, list[Key]] = {}
    for node in order:
        if node in folded:
            looks.setdefault(folded[node], []).append(_node_look(node, inputs))
    around = _surroundings(order, inputs)
    keys: dict[Node, Key] = {n: tuple(looks[folded[n]]) if n in folded else around[n] for n in order}
    for n in order:  # for a node right behind a module, only that module counts
        if n not in folded and any(p in folded for p in n.parents):
            keys[n] = _node_look(n, inputs), tuple(keys[p] for p in n.parents)
    counts = Counter(tuple(several) for several in looks.values()) + Counter(keys[n] for n in order if n not in folded)
    return {n: key if counts[key] >= REPEATS else folded.get(n, n) for n, key in keys.items()}


def _folded_modules(path: dict[Node, Modules], size: int, unfold: Collection[str] | None) -> dict[Node, str]:
    """The folded module to which each node belongs."""
    if unfold is not None:
        paths = set(path.values())
        # A module opens with all those around it.
        opened = {outer for p in paths for i, m in enumerate(p) if name_of(m) in unfold for outer in p[: i + 1]}
        outermost = {p: next((module for module in p if module not in opened), "") for p in paths}
        return {node: outermost[p] for node, p in path.items() if outermost[p]}
    if not path or size <= OPEN:
        return {}
    # The innermost modules first; their parents too, as long as there is too much to see.
    folded: dict[Node, str] = {}
    for level in range(max(map(len, path.values())), 0, -1):
        folded = {node: p[level - 1] for node, p in path.items() if len(p) >= level}
        if size - len(folded) + len(set(folded.values())) <= OPEN:
            break
    return folded


def _reach(items: Sequence[Item]) -> int:
    """How many ranks the arrows cross."""
    return sum(item.members[0]._depth - o.members[0]._depth - 1 for item in items for o in item.operands)


def within_depth(outputs: Sequence[Node], depth: int) -> tuple[list[Node], set[Node]]:
    """The nodes at most `depth` ops before the outputs, in order, and those whose own operands lie beyond."""
    distance = dict.fromkeys(outputs, 0)
    frontier = list(distance)
    cut: set[Node] = set()
    for step in range(1, depth + 1):
        before = dict.fromkeys(p for node in frontier for p in node.parents if p not in distance)
        distance |= dict.fromkeys(before, step)
        frontier = list(before)
    for node in distance:
        if any(p not in distance for p in node.parents):
            cut.add(node)
    return [node for node in toposort(outputs) if node in distance], cut


def _node_look(node: Node, inputs: set[Node]) -> Key:
    """The look of a node by itself: op, role and shape."""
    op = node.op and (node.op.name, tuple(node.params.items()))
    return op, style.role(node, inputs).word, node.ndim and node.shape


def _classes(order: Sequence[Node], inputs: set[Node]) -> Iterator[dict[Node, Key]]:
    """Yield classes of nodes that are alike, from the finest to the coarsest."""
    whole = _histories(order, inputs)
    yield _by_use(order, whole)
    yield whole
    for steps in range(LOCAL, -1, -1):
        nearby = _surroundings(order, inputs, steps)
        yield _by_use(order, nearby)
        yield nearby


def _histories(order: Sequence[Node], inputs: set[Node]) -> dict[Node, Key]:
    """Classes by all that a node depends on; a chain of the same op (a long sum) is one class."""
    numbers: dict[Key, int] = {}
    operands: dict[int, frozenset[int]] = {}
    class_of: dict[Node, int] = {}
    for node in order:
        look = _node_look(node, inputs)
        before = frozenset(class_of[p] for p in node.parents if p in class_of)
        chains = (c for c in sorted(before) if before - {c} <= operands[c] and numbers.get((look, operands[c])) == c)
        number = next(chains, None)
        if number is None:
            number = numbers.setdefault((look, before), len(numbers))
            operands[number] = before
        class_of[node] = number
    return {**class_of}


def _by_use(order: Sequence[Node], classes: dict[Node, Key]) -> dict[Node, Key]:
    """Split the classes of leaves by their users, so that the weights of each layer stand by themselves."""
    users: dict[Node, set[Key]] = {}
    for node in order:
        for p in node.parents:
            if p.op is None and p in classes:
                users.setdefault(p, set()).add(classes[node])
    return classes | {leaf: (classes[leaf], frozenset(several)) for leaf, several in users.items()}


def _surroundings(order: Sequence[Node], inputs: set[Node], steps: int = LOCAL) -> dict[Node, Key]:
    """Classes by the last few ops before a node; they make a loop of a network that is unrolled in time."""
    class_of: dict[Node, Key] = {node: _node_look(node, inputs) for node in order}
    for _ in range(steps):
        numbers: dict[Key, int] = {}
        class_of = {
            node: numbers.setdefault((class_of[node], frozenset(class_of.get(p) for p in node.parents)), len(numbers))
            for node in order
        }
    return class_of
