"""The engine as a state machine beside a naive twin: whatever a user does, in whatever order, they agree.

>>> from hypothesis.stateful import run_state_machine_as_test
>>> from tests.helpers.twin import Machine
>>> run_state_machine_as_test(Machine)  # doctest: +SKIP
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from autograd.engine.gradients import gradients
from autograd.engine.node import Node, registry
from autograd.engine.switches import no_grad
from autograd.tensor import Tensor
from autograd.value import Value

__all__ = ["OPS", "Machine", "TensorMachine", "Twin"]

Slope = tuple[tuple[int, ...], Callable[..., float]]


class Twin:
    """A node as one would write it in an afternoon: recursion, no care for cost."""

    def __init__(
        self,
        data: float,
        parents: tuple[Twin, ...] = (),
        slopes: list[Slope] | None = None,
        leaf: bool = True,
        requires: bool = True,
    ) -> None:
        self.data, self.parents, self.slopes, self.leaf, self.requires = data, parents, slopes or [], leaf, requires
        self.grad: float | None = None
        self.version, self.seen = 0, [p.version for p in parents]

    def order(self, done: dict[Twin, None]) -> list[Twin]:
        """Parents before children."""
        for p in self.parents:
            if p not in done and p.requires:
                p.order(done)
        done[self] = None
        return list(done)

    def stale(self) -> bool:
        """Whether a value that a derivative reads was changed: each slope names those it reads."""
        for p, (reads, _) in zip(self.parents, self.slopes, strict=True):
            if p.requires and any(self.parents[k].version != self.seen[k] for k in reads):
                return True
        return False

    def gradients(self) -> dict[Twin, float]:
        """The gradient of every node below."""
        order = self.order({})
        grads = dict.fromkeys(order, 0.0) | {self: 1.0}
        for node in reversed(order):
            if node.parents and node.stale():
                raise ValueError("changed")
            for p, (_, slope) in zip(node.parents, node.slopes, strict=True):
                if p.requires:
                    grads[p] += grads[node] * slope(node.data, *(q.data for q in node.parents))
        return grads

    def backward(self) -> None:
        """Add to leaves, set at inner nodes."""
        for node, g in self.gradients().items():
            node.grad = g + (node.grad or 0.0) if node.leaf else g


# By NumPy's name: forward, and for each argument the arguments whose values its slope reads, and the slope.
OPS: dict[str, tuple[Callable[..., float], list[Slope]]] = {
    "add": (lambda a, b: a + b, [((), lambda y, a, b: 1.0), ((), lambda y, a, b: 1.0)]),
    "subtract": (lambda a, b: a - b, [((), lambda y, a, b: 1.0), ((), lambda y, a, b: -1.0)]),
    "multiply": (lambda a, b: a * b, [((1,), lambda y, a, b: b), ((0,), lambda y, a, b: a)]),
    "tanh": (math.tanh, [((), lambda y, a: 1 - y * y)]),
    "sin": (math.sin, [((0,), lambda y, a: math.cos(a))]),
    "maximum": (
        max,
        [((0, 1), lambda y, a, b: (a > b) + 0.5 * (a == b)), ((0, 1), lambda y, a, b: (b > a) + 0.5 * (a == b))],
    ),
}
BINARY, UNARY = (sorted(n for n in OPS if len(OPS[n][1]) == k) for k in (2, 1))
NUMBERS = st.floats(-1.5, 1.5).map(lambda v: round(v, 2))
Pair = tuple[Any, Twin]


class Machine(RuleBasedStateMachine):
    """Makes leaves, applies ops, goes backward, changes data, pickles, drops; nodes and twins agree after each step."""

    nodes: Any = Bundle("nodes")
    kind: type[Node] = Value

    def __init__(self) -> None:
        super().__init__()
        self.known: list[Pair] = []
        self.recording = True

    def paired(self, node: Any, twin: Twin) -> Pair:
        """A node and its twin, watched from now on."""
        self.known.append((node, twin))
        return node, twin

    def made(self, name: str, pairs: list[Pair]) -> Pair:
        """The result of an op, on both sides."""
        forward, slopes = OPS[name]
        twins = tuple(t for _, t in pairs)
        node = getattr(registry, name)(*(n for n, _ in pairs))
        data = forward(*(t.data for t in twins))
        if not self.recording:
            return self.paired(node, Twin(data, requires=False))
        return self.paired(node, Twin(data, twins, slopes, leaf=False, requires=any(t.requires for t in twins)))

    @initialize(target=nodes)
    def begin(self) -> Any:
        """Two leaves."""
        kind: Any = self.kind
        return multiple(*(self.paired(kind(v), Twin(v)) for v in (0.5, -1.25)))

    @rule(target=nodes, v=NUMBERS, requires=st.booleans())
    def leaf(self, v: float, requires: bool) -> Pair:
        """Make a leaf."""
        kind: Any = self.kind
        return self.paired(kind(v, requires_grad=requires), Twin(v, requires=requires))

    @rule(target=nodes, name=st.sampled_from(BINARY), a=nodes, b=nodes)
    def record_two(self, name: str, a: Pair, b: Pair) -> Pair:
        """Apply an op of two arguments."""
        return self.made(name, [a, b])

    @rule(target=nodes, name=st.sampled_from(UNARY), a=nodes)
    def record_one(self, name: str, a: Pair) -> Pair:
        """Apply an op of one argument."""
        return self.made(name, [a])

    @rule(target=nodes, a=nodes)
    def detach(self, a: Pair) -> Pair:
        """Take a leaf with the same data."""
        return self.paired(a[0].detach(), Twin(a[1].data, requires=False))

    @rule()
    def switch_recording(self) -> None:
        """Enter or leave no_grad."""
        if self.recording:
            self.off = no_grad()
            self.off.__enter__()
        else:
            self.off.__exit__(None, None, None)
        self.recording = not self.recording

    @rule(a=nodes, times=st.integers(1, 2))
    def backward(self, a: Pair, times: int) -> None:
        """Go backward, once or twice."""
        node, twin = a
        for _ in range(times):
            if not twin.requires:
                with raises("requires no gradient"):
                    node.backward()
                continue
            try:
                twin.backward()
            except ValueError:
                with raises("changed after"):
                    node.backward()
                self.forget_inner_gradients()
            else:
                node.backward()

    def forget_inner_gradients(self) -> None:
        """A pass that failed promises to leave leaves alone, and nothing of inner nodes."""
        for node, twin in self.known:
            if not twin.leaf:
                node.grad = twin.grad = None

    @rule(a=nodes, b=nodes, create_graph=st.booleans())
    def gradient_of_one_by_another(self, a: Pair, b: Pair, create_graph: bool) -> None:
        """Ask for a gradient, as plain data or as a graph."""
        (node, twin), (x, by) = a, b
        if not by.requires:
            with raises("requires no gradient"):
                gradients(node, x, create_graph=create_graph)
            return
        try:
            expected = twin.gradients().get(by, 0.0) if twin.requires else 0.0
        except ValueError:
            return  # stale somewhere: the engine may still answer where it need not look
        found = gradients(node, x, create_graph=create_graph)
        assert isinstance(found, Node) == create_graph
        number = float(found.data if isinstance(found, Node) else found)
        assert close(number, expected), (number, expected)

    @rule(a=nodes)
    def zero_grad(self, a: Pair) -> None:
        """Forget a gradient."""
        a[0].zero_grad()
        a[1].grad = None

    @rule(a=nodes, v=NUMBERS)
    def rebind(self, a: Pair, v: float) -> None:
        """Change a leaf's data; a result's cannot be."""
        node, twin = a
        if not twin.leaf:
            with raises("is a result"):
                node.data = v
            return
        node.data = v
        twin.data, twin.version = v, twin.version + 1

    @rule(a=nodes, v=NUMBERS)
    def update(self, a: Pair, v: float) -> None:
        """Update a leaf in place, under no_grad."""
        node, twin = a
        if self.recording or not (twin.leaf and twin.requires):
            return
        node -= v
        twin.data, twin.version = twin.data - v, twin.version + 1

    @rule(a=nodes)
    def pickle(self, a: Pair) -> None:
        """A copy by pickle has the same data and gradient, and goes backward alike."""
        node, twin = a
        copy = pickle.loads(pickle.dumps(node))
        assert close(float(copy.data), float(node.data))
        assert copy.has_grad == node.has_grad
        if twin.requires and twin.leaf:
            copy.zero_grad()
            copy.backward()
            assert float(copy.grad) == 1.0

    @rule(a=consumes(nodes))
    def drop(self, a: Pair) -> None:
        """Forget a node."""
        self.known = [pair for pair in self.known if pair[0] is not a[0]]

    @invariant()
    def the_twins_agree(self) -> None:
        """Data, gradients and flags are the same on both sides."""
        for node, twin in self.known:
            assert close(float(node.data), twin.data), (node, twin.data)
            assert node.requires_grad == twin.requires
            assert (node.op is None) == twin.leaf
            assert node.has_grad == (twin.grad is not None), node
            if twin.grad is not None:
                assert close(float(node.grad), twin.grad), (node, twin.grad)
                assert type(node.grad) is type(node.data)

    def teardown(self) -> None:
        """Leave no_grad."""
        if not self.recording:
            self.off.__exit__(None, None, None)


class TensorMachine(Machine):
    """The same with 0-d Tensors."""

    kind = Tensor


def close(a: float, b: float) -> bool:
    """Whether two numbers are the same but for rounding."""
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


@contextmanager
def raises(text: str) -> Iterator[None]:
    """Fail unless the block raises a ValueError that says so."""
    try:
        yield
    except ValueError as error:
        if text not in str(error):
            raise AssertionError(f"the error does not say {text!r}: {error}") from error
    else:
        raise AssertionError(f"no error that says {text!r}")
