"""The engine as a state machine beside a naive twin: whatever a user does, in whatever order, they agree."""

import math

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

import autograd
from autograd import Tensor, Value, gradients, no_grad


class Twin:
    """A node as one would write it in an afternoon: recursion, no care for cost."""

    def __init__(self, data, parents=(), slopes=None, leaf=True, requires=True):
        self.data, self.parents, self.slopes, self.leaf, self.requires = data, parents, slopes, leaf, requires
        self.grad, self.version, self.seen = None, 0, [p.version for p in parents]

    def order(self, done):
        for p in self.parents:
            if p not in done and p.requires:
                p.order(done)
        done[self] = None
        return list(done)

    def stale(self):
        """Whether a value that a derivative reads was changed: each slope names those it reads."""
        for p, (reads, _) in zip(self.parents, self.slopes, strict=True):
            if p.requires and any(self.parents[k].version != self.seen[k] for k in reads):
                return True
        return False

    def gradients(self):
        order = self.order({})
        grads = dict.fromkeys(order, 0.0) | {self: 1.0}
        for node in reversed(order):
            if node.parents and node.stale():
                raise ValueError("changed")
            for p, (_, slope) in zip(node.parents, node.slopes or (), strict=True):
                if p.requires:
                    grads[p] += grads[node] * slope(node.data, *(q.data for q in node.parents))
        return grads

    def backward(self):
        for node, g in self.gradients().items():
            node.grad = g + (node.grad or 0.0) if node.leaf else g


OPS = {  # forward, and for each argument: the arguments whose values its slope reads, and the slope
    "add": (lambda a, b: a + b, [((), lambda y, a, b: 1.0), ((), lambda y, a, b: 1.0)]),
    "sub": (lambda a, b: a - b, [((), lambda y, a, b: 1.0), ((), lambda y, a, b: -1.0)]),
    "mul": (lambda a, b: a * b, [((1,), lambda y, a, b: b), ((0,), lambda y, a, b: a)]),
    "tanh": (math.tanh, [((), lambda y, a: 1 - y * y)]),
    "sin": (math.sin, [((0,), lambda y, a: math.cos(a))]),
    "maximum": (
        max,
        [((0, 1), lambda y, a, b: (a > b) + 0.5 * (a == b)), ((0, 1), lambda y, a, b: (b > a) + 0.5 * (a == b))],
    ),
}
BINARY, UNARY = sorted(n for n in OPS if len(OPS[n][1]) == 2), sorted(n for n in OPS if len(OPS[n][1]) == 1)
NUMBERS = st.floats(-1.5, 1.5).map(lambda v: round(v, 2))


class Machine(RuleBasedStateMachine):
    nodes = Bundle("nodes")
    kind = Value

    def __init__(self):
        super().__init__()
        self.known = []
        self.recording = True

    def paired(self, node, twin):
        self.known.append((node, twin))
        return node, twin

    def made(self, name, pairs):
        forward, slopes = OPS[name]
        twins = [t for _, t in pairs]
        node = getattr(autograd, name)(*(n for n, _ in pairs))
        data = forward(*(t.data for t in twins))
        if not self.recording:
            return self.paired(node, Twin(data, requires=False))
        return self.paired(node, Twin(data, tuple(twins), slopes, leaf=False, requires=any(t.requires for t in twins)))

    @initialize(target=nodes)
    def begin(self):
        return multiple(*(self.paired(self.kind(v), Twin(v)) for v in (0.5, -1.25)))

    @rule(target=nodes, v=NUMBERS, requires=st.booleans())
    def leaf(self, v, requires):
        return self.paired(self.kind(v, requires_grad=requires), Twin(v, requires=requires))

    @rule(target=nodes, name=st.sampled_from(BINARY), a=nodes, b=nodes)
    def record_two(self, name, a, b):
        return self.made(name, [a, b])

    @rule(target=nodes, name=st.sampled_from(UNARY), a=nodes)
    def record_one(self, name, a):
        return self.made(name, [a])

    @rule(target=nodes, a=nodes)
    def detach(self, a):
        return self.paired(a[0].detach(), Twin(a[1].data, requires=False))

    @rule()
    def switch_recording(self):
        if self.recording:
            self.off = no_grad()
            self.off.__enter__()
        else:
            self.off.__exit__(None, None, None)
        self.recording = not self.recording

    @rule(a=nodes, times=st.integers(1, 2))
    def backward(self, a, times):
        node, twin = a
        for _ in range(times):
            if not twin.requires:
                with pytest.raises(ValueError, match="requires no gradient"):
                    node.backward()
                continue
            try:
                twin.backward()
            except ValueError:
                with pytest.raises(ValueError, match="changed after"):
                    node.backward()
                self.forget_inner_gradients()
            else:
                node.backward()

    def forget_inner_gradients(self):
        """A pass that failed promises to leave leaves alone, and nothing of inner nodes."""
        for node, twin in self.known:
            if not twin.leaf:
                node.grad = twin.grad = None

    @rule(a=nodes, b=nodes)
    def gradient_of_one_by_another(self, a, b):
        (node, twin), (x, by) = a, b
        if not by.requires:
            with pytest.raises(ValueError, match="requires no gradient"):
                gradients(node, x)
            return
        try:
            expected = twin.gradients().get(by, 0.0) if twin.requires else 0.0
        except ValueError:
            return  # stale somewhere: the engine may still answer where it need not look
        assert float(gradients(node, x)) == pytest.approx(expected, rel=1e-9, abs=1e-12)

    @rule(a=nodes)
    def zero_grad(self, a):
        a[0].zero_grad()
        a[1].grad = None

    @rule(a=nodes, v=NUMBERS)
    def rebind(self, a, v):
        node, twin = a
        if not twin.leaf:
            with pytest.raises(ValueError, match="is a result"):
                node.data = v
            return
        node.data = v
        twin.data, twin.version = v, twin.version + 1

    @rule(a=nodes, v=NUMBERS)
    def update(self, a, v):
        node, twin = a
        if self.recording or not (twin.leaf and twin.requires):
            return
        node -= v
        twin.data, twin.version = twin.data - v, twin.version + 1

    @rule(a=consumes(nodes))
    def drop(self, a):
        self.known = [pair for pair in self.known if pair[0] is not a[0]]

    @invariant()
    def the_twins_agree(self):
        for node, twin in self.known:
            assert float(node.data) == pytest.approx(twin.data, rel=1e-12, abs=1e-15)
            assert node.requires_grad == twin.requires
            assert (node.op is None) == twin.leaf
            assert (node.grad is None) == (twin.grad is None)
            if twin.grad is not None:
                assert float(node.grad) == pytest.approx(twin.grad, rel=1e-9, abs=1e-12)
                assert type(node.grad) is (float if self.kind is Value else np.ndarray)

    def teardown(self):
        if not self.recording:
            self.off.__exit__(None, None, None)


class TensorMachine(Machine):
    kind = Tensor


class TestValueBesideItsTwin(Machine.TestCase):
    settings = settings(max_examples=60, stateful_step_count=40)


class TestTensorBesideItsTwin(TensorMachine.TestCase):
    settings = settings(max_examples=60, stateful_step_count=40)


def test_the_twin_itself_is_right():
    x, y = Twin(2.0), Twin(3.0)
    product = Twin(6.0, (x, y), OPS["mul"][1], leaf=False)
    product.backward()
    product.backward()
    assert (x.grad, y.grad, product.grad) == (6.0, 4.0, 1.0)
