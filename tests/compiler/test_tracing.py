"""Recording a function for the compiler: what becomes a node or a guard, and what is refused."""

import copy
import math
import pickle
import re
import threading

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, detect_anomaly, grad, no_grad, sin
from autograd.compiler import CompileWarning
from autograd.compiler.tracing import NotCompiledError, location_of
from autograd.engine.modes import current_mode
from autograd.graph import toposort
from tests.helpers.recorded import line_of, recorded

HERE = re.escape(__file__)


def test_a_recording_has_inputs_outputs_and_lines():
    f = lambda x, a: {"y": sin(x) * 2, "z": (a.sum(), 3, "text", None)}
    r = recorded(f, 2.0, np.array([1.0, 2.0]))
    x, a = r.inputs
    assert type(x) is Value
    assert type(a) is Tensor
    assert (x.label, a.label) == ("x0", "x1")
    assert x.requires_grad
    assert a.requires_grad
    assert [y.op.name for y in r.outputs] == ["mul", "sum"]
    assert r.result["z"][1:] == (3, "text", None)
    assert location_of(r.outputs[0]) == (__file__, line_of(f))
    assert not r.guards
    assert not r.captured
    assert not r.draws
    assert not r.effects


ways = pytest.mark.parametrize(
    "way",
    [
        float, int, round, math.exp, math.floor, complex, lambda x: x.item(), lambda x: x.data, lambda x: x.numpy(),
        copy.copy, copy.deepcopy, pickle.dumps, lambda x: x.backward(), lambda x: f"{float(x):.2f}",
    ],
)  # fmt: skip
nodes = pytest.mark.parametrize(
    ("x", "made"),
    [
        (2.0, lambda x: x), (2.0, lambda x: x * 2), (np.array(2.0), lambda x: x * 2), (np.array([2.0]), lambda x: x),
        (np.array([2.0, 3.0]), lambda x: x[0]), (2.0, no_grad()(lambda x: x * 2)), (2.0, lambda x: x.detach()),
        (2.0, lambda x: x > 1), (np.array([2]), lambda x: x), (2.0, grad(lambda x: x * x)),
    ],
)  # fmt: skip


@ways
@nodes
def test_a_value_that_depends_on_an_argument_does_not_leave(way, x, made):
    def f(x):
        way(made(x))
        return x * 2

    with pytest.raises(TypeError, match=rf"depends on an argument.*\n  at {HERE}, line "):
        recorded(f, x)


def test_an_array_is_not_made_of_a_node():
    for f in (lambda x: np.asarray(x), lambda x: np.asarray(x * 2), lambda x: np.array([x, x])):
        with pytest.raises(TypeError, match="would leave the graph as a plain array"):
            recorded(f, 2.0)
    for f in (np.asarray, lambda x: np.asarray(x > 1), no_grad()(lambda x: np.asarray(x * 2))):
        with pytest.raises(TypeError, match=rf"np\.asarray\(x\) takes its value.*\n  at {HERE}"):
            recorded(lambda x, f=f: x * f(x), np.array([2]))


# Branches, and what was made before


def test_a_branch_on_an_argument_is_a_guard_and_asked_for_once():
    def f(x, w=Value(1.0)):
        for _ in range(10_000):
            if x > 0 and x < 5:
                pass
        while x < 10:
            x = x * w * 2
        return max(x, 3.0 * x)

    r = recorded(f, 2.0)
    assert [n.op.name for n, _, _ in r.guards[:2]] == ["greater", "less"]
    assert [value for _, kind, value in r.guards if kind == "bool"][-4:] == [True, True, False, True]
    assert len(r.captured) == 1
    x = recorded(lambda x: x * 2 if x else x, 2.0)
    assert [(n, value) for n, _, value in x.guards] == [(x.inputs[0], True)]


def test_a_branch_on_what_is_the_same_at_each_call_is_no_guard():
    assert not recorded(lambda x: x * 2 if Value(3.0) > 1 else x, 2.0).guards


def test_what_was_made_before_is_captured_and_what_is_made_inside_is_not():
    w = Tensor([1.0, 2.0])
    inner = w * 2
    r = recorded(lambda x: (w * x + inner + Tensor([3.0, 4.0])).sum(), np.array([1.0, 2.0]))
    assert r.captured == {w, *toposort(inner)}
    same = recorded(lambda x: (w, x), 1.0)
    assert same.captured == {w}
    assert same.outputs[0] is w


taking = pytest.mark.parametrize(
    "way", [lambda w: w.item(), lambda w: w.data, lambda w: w.numpy(), lambda w: bool(w > 1), lambda w: math.exp(w)]
)


@taking
@pytest.mark.filterwarnings("ignore::autograd.LeavesGraphWarning")
def test_a_value_taken_out_of_what_was_made_before_has_to_stay(way):
    for w in (Value(2.0), Tensor([2.0]), Tensor(2.0), Value(2.0) * 1, Value(0.0)):
        r = recorded(lambda x, w=w: x * way(w), 2.0)
        assert [(kind, value) for _, kind, value in r.guards] == [
            ("bool", bool(way(w) > 0) if way(w) is False else True)
        ]
        assert w in r.captured
    assert not recorded(lambda x: x * way(Value(2.0)), 2.0).guards


def test_minus_zero_is_another_value_than_zero():
    w = Value(-0.0)
    ((guard, _, value),) = recorded(lambda x: x / w.item(), 2.0).guards
    assert value is True
    assert autograd.graph.replay(guard, {w: 0.0}) is False
    assert autograd.graph.replay(guard, {w: -0.0}) is True


def test_a_nan_taken_out_of_what_was_made_before_is_not_compiled():
    w = Value(math.nan)
    with pytest.raises(NotCompiledError, match=r"\.item\(\) takes a nan out of Value"):
        recorded(lambda x: x * w.item(), 2.0)


def counted(x, state=[0]):
    state[0] += 1
    return x * state[0]


def growing(x, state=[]):
    state.append(x)
    return sum(state[:-1], x)


def kept(x, state=[]):
    state.append(x * 2)
    return x + state[0]


def branching(x, state=[0]):
    state[0] += 1
    if state[0] > 1:
        bool(x > 0)
    return x * 2


def other_op(x, state=[0]):
    state[0] += 1
    return autograd.sin(x) if state[0] > 1 else autograd.cos(x)


def other_exponent(x, state=[1]):
    state[0] += 1
    return x ** state[0]


def other_result(x, state=[1]):
    state[0] += 1
    return x * 2, state[0]


def other_structure(x, state=[1]):
    state[0] += 1
    return [x] * state[0]


def other_order(x, y, state=[1]):
    state[0] += 1
    return x - y if state[0] > 2 else y - x


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (counted, "a constant was 1.0 and then 2.0"), (growing, "'x0' stood where Value from 'add'"),
        (kept, "kept Value from 'mul'"), (branching, "branch"), (other_op, "'cos' and then Value from 'sin'"),
        (other_exponent, r"\(exponent=2\) and then"),
        (other_result, r"2 and then 3 at its result\[1\]"), (other_structure, "list of 2"),
        (other_order, "stood where"),
    ],
)  # fmt: skip
def test_runs_that_differ_are_refused(f, text):
    with pytest.raises(TypeError, match=rf"(?s)compile: .*differs from one run to the next: .*{text}"):
        recorded(f, 2.0, *([3.0] if f is other_order else []))


def test_the_error_names_the_line_of_the_constant():
    rng = np.random.default_rng(0)

    def f(x):
        y = x * 2
        return y + rng.random()

    with pytest.raises(TypeError, match=rf"\n  at {HERE}, line {line_of(f) + 2}: return y \+ rng\.random\(\)"):
        recorded(f, 2.0)


def test_constants_are_the_same_bit_for_bit():
    nan = np.array([np.nan, -0.0, 1.0])
    assert recorded(lambda x: x * nan + math.nan + float("inf") + x**math.nan, 2.0)
    signs = iter([0.0, -0.0])
    with pytest.raises(TypeError, match=r"a constant was 0\.0 and then -0\.0"):
        recorded(lambda x: x + next(signs), 2.0)


# What is not compiled


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda x: 3.0, "returned nothing that is made"), (lambda x: None, "returned nothing that is made"),
        (lambda x: (x, object()), "returned object"), (lambda x: (x, {1}), "returned set"),
        (lambda x: (x, np.array([x, x], dtype=object)), "returned ndarray"),
        (lambda x: autograd.sum(np.array([x, x], dtype=object)), "object array"),
        (detect_anomaly()(lambda x: x * 2), "detect_anomaly"),
        (lambda x, w=Value(3.0): (w * w).backward() or x * w, r"\.backward\(\) of Value"),
        (lambda x, w=Value(3.0): copy.deepcopy(w) * x, "deepcopy of Value"),
    ],
)  # fmt: skip
def test_what_no_program_can_do_is_not_compiled(f, text):
    with pytest.raises(NotCompiledError, match=rf"compile: .*{text}.*\n  at .*, line ") as caught:
        recorded(f, 2.0)
    assert caught.value.reason == str(caught.value)


def updated_data(x, w):
    w.data = w.data * 2
    return x * w


@no_grad()
def updated_in_place(x, w):
    w -= 1
    return x * w


@no_grad()
def updated_result(x, w):
    total = x * w
    alias = total
    total += 1
    return alias


@pytest.mark.parametrize("f", [updated_data, updated_in_place, updated_result])
@pytest.mark.parametrize("w", [Value(3.0), Tensor([3.0])])
def test_updates_are_not_compiled(f, w):
    with pytest.raises(NotCompiledError, match=r"(in place|\.data = \.\.\.) changes (Value|Tensor)"):
        recorded(lambda x: f(x, w), 2.0)


def test_an_update_by_an_argument_is_refused():
    def f(x):
        with no_grad():
            w.data = x
        return x * w

    for w in (Value(3.0), Tensor(3.0)):
        with pytest.raises(TypeError, match=r"depends on an argument, and \.data = \.\.\. puts its value into"):
            recorded(f, 2.0)


def test_a_refusal_that_the_function_catches_is_not_lost():
    def f(x):
        try:
            return x * float(x)
        except TypeError:
            return x

    with pytest.raises(TypeError, match="float makes a plain number"):
        recorded(f, 2.0)


def test_what_another_thread_records_is_not_compiled():
    def f(x):
        results = []
        thread = threading.Thread(target=lambda: results.append(x * 2))
        thread.start()
        thread.join()
        return results[0]

    with pytest.raises(NotCompiledError, match="another thread"):
        recorded(f, 2.0)


def test_an_error_of_the_functions_own_passes():
    with pytest.raises(ZeroDivisionError) as caught:
        recorded(lambda x: 1 / 0, 2.0)
    assert not hasattr(caught.value, "__notes__")
    numbers = iter([1.0])
    with pytest.raises(StopIteration) as again:
        recorded(lambda x: x * next(numbers), 2.0)
    assert "once more" in again.value.__notes__[0]


# Copies, files and pictures of the graph


@pytest.mark.parametrize(
    "way",
    [
        lambda y: autograd.graph.replay(y, {}), autograd.graph.to_json, autograd.graph.to_dict, autograd.graph.steps,
    ],
)  # fmt: skip
def test_the_graph_does_not_leave_either(way):
    way(Value(2.0) * 3)
    with pytest.raises(TypeError, match="depends on an argument"):
        recorded(lambda x: x * len(str(way(x * 2))), 2.0)


def test_a_node_is_printed_as_ever():
    texts = []
    recorded(lambda x: texts.append(f"{x} {x:.1f} {x!r}") or x * 2, 2.0)
    assert texts == ["Value(2.0, label='x0') 2.0 Value(2.0, label='x0')"] * 2


def test_nothing_of_a_recording_stays_in_force():
    with pytest.raises(TypeError):
        recorded(lambda x: float(x), 2.0)
    assert current_mode() is None
    with pytest.warns(autograd.LeavesGraphWarning):
        assert float(Value(2.0)) == 2.0


def test_what_was_recorded_outside_does_not_stand_for_a_call_under_no_grad():
    p = Value(1.0)

    @autograd.compile
    def updated(x, p=p):
        p -= x
        return p * 2

    @autograd.compile
    def predicted(x):
        return p * x

    assert (updated(3.0), p.data) == (-4.0, 1.0)
    with no_grad(), pytest.raises(TypeError, match=r"sub in place puts its value into Value"):
        updated(3.0)
    with no_grad():
        assert (predicted(2.0), predicted(3.0)) == (2.0, 3.0)
    assert len(predicted.variants) == 1
    assert (updated(3.0), p.data) == (-4.0, 1.0)

    @autograd.compile
    def counted(x):
        nonlocal p
        p -= 1.0
        return p * x

    with no_grad(), pytest.warns(CompileWarning, match=r"sub in place changes Value"):
        assert (counted(3.0), p.data) == (0.0, 0.0)
    with no_grad():
        assert (counted(3.0), p.data) == (-3.0, -1.0)
