"""detect_anomaly names the op that first gave something that is not finite, its inputs and the user's line."""

import asyncio
import copy
import gc
import pickle
import re
import sys
import threading
import weakref
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Tensor, Value, detect_anomaly, exp, grad, gradients, hessian, jacobian, log, no_grad, sqrt, where
from autograd.engine.anomaly import WatchedVersion
from autograd.engine.modes import current_mode
from autograd.engine.node import versions
from tests.helpers.support import KINDS

INF, NAN = float("inf"), float("nan")
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def line():
    """The number of the line that calls this."""
    return sys._getframe(1).f_lineno


def message(f):
    with pytest.raises(FloatingPointError) as caught:
        f()
    return str(caught.value)


def place(text):
    """The file and line that a message ends with."""
    file, number = re.search(r"  (?:at|recorded at) (.*), line (\d+): ", text).groups()
    return file, int(number)


# --- forward: the cause, not its consequence


@kinds
def test_a_logarithm_deep_in_a_chain_is_named_with_its_inputs_and_line(kind):
    here = []

    def f():
        x = kind(2.0, "x")
        for _ in range(10):
            x = x - 0.5
        here.append(line() + 1)
        y = log(x)
        return exp(y.sin() * 2 + x)

    text = message(detect_anomaly()(f))
    assert text.startswith("log gave nan, from finite inputs\n  x: ")
    assert "from 'sub'" in text
    assert "-3.0" in text
    assert place(text) == (__file__, here[0])
    assert text.endswith("y = log(x)")


@kinds
def test_zero_by_zero_and_a_division_by_zero(kind):
    with detect_anomaly():
        assert "div gave nan" in message(lambda: (kind(0.0, "a") / kind(0.0, "b")) * 2)
        text = message(lambda: kind(1.0, "a") / kind(0.0, "b") + 1)
    assert "div gave inf, from finite inputs" in text
    assert re.search(r"a: \w+ 'a'.*1\.0\n  b: \w+ 'b'.*0\.0\n", text)


@kinds
def test_an_overflow_is_named_and_not_the_difference_of_infinities_that_follows(kind):
    with detect_anomaly():
        x = kind(1000.0, "x")
        text = message(lambda: exp(x) - exp(x))
    assert text.startswith("exp gave inf, from finite inputs")


def test_inputs_are_summarized_by_shape_dtype_range_and_what_is_not_finite():
    with detect_anomaly():
        x = Tensor(np.array([[1.0, -2.0, 3.0], [0.5, -1.0, 0.0]], np.float32), "x")
        text = message(lambda: log(x).sum())
        assert text.startswith("log gave 2 nan and 1 inf among 6 elements, from finite inputs\n")
        assert "\n  x: Tensor 'x' f32[2,3], min -2, max 3\n" in text
        w = Tensor([1.0, NAN, INF, -INF], "w")
        text = message(lambda: w * 2)
    assert "input Tensor 'w' f64[4] already holds 1 nan and 2 inf among 4 elements" in text
    assert "a: Tensor 'w' f64[4], min 1, max 1, 1 nan and 2 inf among 4 elements\n  b: Value 2\n" in text


@kinds
def test_a_nan_that_the_user_brought_is_said_to_be_the_inputs(kind):
    with detect_anomaly():
        text = message(lambda: kind(NAN, "x") * 2)
        assert re.match(r"mul: its input \w+ 'x'.* already holds nan; it is a leaf or constant", text)
        text = message(lambda: kind(2.0, "x") + INF)
        assert text.startswith("add: its input Value inf already holds inf; it is a leaf or constant")
    with np.errstate(invalid="ignore"):
        y = kind(0.0) * INF
    with detect_anomaly():
        assert "from 'mul'" in (text := message(lambda: y + 1))
        assert "computed outside detect_anomaly" in text


def test_inputs_of_every_dtype_are_summarized():
    with detect_anomaly():
        x = Tensor([1.0, -INF])
        text = message(lambda: where(np.array([False, True]), x, np.array([3, 4])))
        assert "\n  condition: Tensor bool[2], min 0, max 1\n" in text
        assert "\n  b: Tensor i64[2], min 3, max 4\n" in text
        assert "\n  at " in text


@kinds
def test_infinities_that_end_in_finite_values_are_fine(kind):
    with detect_anomaly():
        assert autograd.minimum(kind(2.0), INF).item() == 2.0
        assert exp(kind(-INF)).item() == 0.0
        assert not autograd.isfinite(kind(NAN)).data
        assert (kind(1.0) < INF).data


def test_no_numpy_warning_comes_before_the_error():
    with detect_anomaly():
        message(lambda: log(Tensor([-1.0])))
        message(lambda: Tensor([0.0]) / 0.0)
        message(lambda: Tensor([1e300]) * 1e300)
    with pytest.warns(RuntimeWarning):
        log(Tensor([-1.0]))


def test_plain_data_and_integers_are_left_alone():
    with detect_anomaly():
        assert autograd.abs(-INF) == INF
        assert (Tensor([1, 2]) * 2).data.tolist() == [2, 4]


# --- backward


@kinds
def test_the_gradient_of_a_root_at_0_names_the_root_and_the_line_that_recorded_it(kind):
    with detect_anomaly():
        x = kind(0.0, "x")
        h = sqrt(x)
        number = line() - 1
        h.label = "h"
        y = h * 3 + x.sin()
        text = message(y.backward)
    assert text.startswith("sqrt: the gradient of its argument x is inf, though what it is computed from is finite")
    assert re.search(r"\n  x: \w+ 'x'.*0\.0\n  the result: \w+ 'h'.*0\.0\n  its gradient: 3\.0\n", text)
    assert place(text) == (__file__, number)
    assert not x.has_grad


@kinds
def test_a_graph_recorded_outside_is_checked_too_but_its_line_is_not_known(kind):
    x = kind(0.0, "x")
    y = sqrt(x) * 3
    with detect_anomaly():
        text = message(y.backward)
        assert "recorded at a line outside detect_anomaly; record it inside" in text
        assert "sqrt: the gradient" in message(lambda: gradients(y, x))
        assert "sqrt: the gradient" in message(lambda: gradients(y, x, create_graph=True))
    y.backward()
    assert float(x.grad) == INF


@kinds
def test_in_a_backward_pass_too_the_cause_is_named_and_not_its_consequence(kind):
    x = kind(0.0, "x")
    h = sqrt(x.sin() * 1.0)  # the gradient of everything before is infinite, or nan
    with detect_anomaly():
        text = message(lambda: gradients((h - 5) * 2, x))
    assert text.startswith("sqrt: the gradient")


@kinds
def test_what_a_mask_drops_is_no_anomaly(kind):
    x = kind(0.0, "x")
    with detect_anomaly():
        y = where(x > 0, sqrt(x), x * 3)  # finite forward; in the backward pass 0·inf
        y.backward()
        assert float(x.grad) == 3.0
        first = gradients(y, x, create_graph=True)
        assert first.item() == 3.0
        assert float(gradients(first, x)) == 0.0
        assert "sqrt: the gradient" in message(lambda: gradients(where(x < 1, sqrt(x), x), x))


@kinds
def test_a_second_derivative_that_is_not_finite_is_found(kind):
    with detect_anomaly():
        x = kind(0.0, "x")
        y = x**1.5
        slope = gradients(y, x, create_graph=True)
        number = line() - 1
        text = message(lambda: gradients(slope, x))
    assert text.startswith("pow: the gradient of its argument a is inf")
    assert place(text) == (__file__, number)


@kinds
def test_an_input_that_was_not_finite_before_is_blamed_in_a_backward_pass(kind):
    x, w = kind(2.0, "x"), kind(INF, "w")
    y = x * w
    with detect_anomaly():
        text = message(y.backward)
    assert re.match(r"mul: its input \w+ 'w'.* already holds inf", text)


@kinds
def test_a_gradient_given_that_is_not_finite_is_blamed(kind):
    x = kind(2.0, "x")
    y = x * 3
    with detect_anomaly():
        assert "backward: the gradient given for" in message(lambda: y.backward(NAN))
        assert "already holds inf" in message(lambda: gradients(y, x, INF))


@kinds
def test_a_sum_of_gradients_that_overflows(kind):
    x = kind(1e-9, "x")
    with detect_anomaly():
        text = message((x * 1e308 + x * 1e308).backward)
    assert text.startswith("backward: the contributions to the gradient of")
    assert "finite, but not their sum" in text


def test_gradients_of_every_kind_are_unchanged_by_watching():
    rng = np.random.default_rng(0)
    A, b = rng.normal(size=(4, 3)), rng.normal(size=3)

    def f(w):
        h = autograd.tanh(A @ w + 0.1)
        picked = h[np.array([0, 1, 1])]
        joined = autograd.stack([picked, w * b])
        return (joined.max(axis=0) * w).sum() + autograd.relu(w).sum() / (1 + (w * w).sum())

    expected = grad(f)(b), hessian(f)(b), jacobian(lambda w: w * f(w))(b)
    with detect_anomaly():
        for got, want in zip((grad(f)(b), hessian(f)(b), jacobian(lambda w: w * f(w))(b)), expected, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-15)
        x = Tensor(b)
        f(x).backward()
    np.testing.assert_allclose(x.grad, expected[0], rtol=1e-13)


@given(st.lists(st.sampled_from(["sin", "exp", "log", "sqrt", "square", "reciprocal"]), max_size=6), st.floats(-3, 3))
def test_what_is_raised_is_what_is_not_finite(names, at):
    functions = {
        "sin": autograd.sin, "exp": exp, "log": log, "sqrt": sqrt,
        "square": lambda x: x**2, "reciprocal": lambda x: 1 / x,
    }  # fmt: skip
    values = [x := Value(at)]
    for name in names:
        values.append(functions[name](values[-1]))
    bad = next((v for v in values if not np.isfinite(v.data)), None)

    def watched():
        y = Value(at)
        for name in names:
            y = functions[name](y)
        return y

    if bad is not None:
        with detect_anomaly():
            assert message(watched).startswith(f"{bad.op.name} gave")
        return
    values[-1].backward()
    with detect_anomaly():
        if all(np.isfinite(v.grad) for v in values):
            assert gradients(values[-1], x) == x.grad
        else:
            last = [v for v in values if not np.isfinite(v.grad)][-1]
            consumer = next(v for v in values if any(p is last for p in v.parents))
            assert message(lambda: gradients(values[-1], x)).startswith(f"{consumer.op.name}: the gradient")


# --- elements written behind the engine's back


def test_elements_written_after_recording_are_seen():
    with detect_anomaly():
        x, w = Tensor([1.0, 2.0], "x"), Tensor([3.0, 4.0], "w")
        y = (x * w).sum()
        number = line() - 1
        x.data[0] = 7.0
        with pytest.raises(ValueError, match=r"mul: elements .* Tensor 'x' f64\[2\] were written") as caught:
            y.backward()
        assert place(str(caught.value)) == (__file__, number)
        assert not w.has_grad
        with pytest.raises(ValueError, match="were written after mul"):
            gradients(y, w, create_graph=True)
    assert gradients(y, w)[0] == 7.0  # unseen outside, as documented


def test_elements_that_no_derivative_reads_may_be_written():
    with detect_anomaly():
        x = Tensor([1.0, 2.0], "x")
        y = (x.tanh() + x * 3).sum()
        x.data[0] = 7.0
        y.backward()
    np.testing.assert_allclose(x.grad, 4 - np.tanh([1.0, 2.0]) ** 2)


def test_elements_written_before_recording_are_fine():
    x = Tensor([1.0, 2.0])
    with detect_anomaly():
        x.data[0] = 7.0
        y = (x * x).sum()
        y.backward()
        x.data[1] = 3.0
        (x * x).sum().backward()
    assert x.grad.tolist() == [28.0, 10.0]


def test_an_index_array_that_was_written_is_seen_and_a_transposed_array_is_no_obstacle():
    with detect_anomaly():
        x, k = Tensor(np.arange(6.0).reshape(2, 3), "x"), Tensor([0, 1], "k")
        y = (x.T @ x)[k].sum()
        k.data[0] = 1
        with pytest.raises(ValueError, match=r"getitem: elements of the data of Tensor 'k'"):
            y.backward()


# --- the user's line


def test_the_line_is_the_users_also_through_modules_losses_and_transforms():
    model = nn.Sequential(nn.Linear(2, 3), nn.Sigmoid())
    with detect_anomaly():
        text = message(lambda: model(np.array([[1.0, INF]])))
        number = line() - 1
        assert place(text) == (__file__, number)
        text = message(lambda: grad(lambda x: x.log())(-1.0))
        number = line() - 1
        assert place(text) == (__file__, number)


def test_training_that_blows_up_is_stopped_where_it_does():
    model = nn.Sequential(nn.Linear(1, 4), nn.Linear(4, 1))
    optimizer = nn.optim.SGD(model.parameters(), lr=1e3)
    X = np.linspace(-1, 1, 8)[:, None]

    def train():
        for step in range(200):
            optimizer.zero_grad()
            loss = nn.MSELoss()(model(X), X**2)
            loss.backward()
            optimizer.step()
        return step

    with detect_anomaly():
        text = message(train)
    assert place(text)[0] == __file__
    assert re.match(r"(\w+ gave|\w+: )", text)


# --- the mode


def test_it_ends_with_its_block_and_costs_nothing_after():
    assert current_mode() is None
    with detect_anomaly():
        assert current_mode() is not None
        x = Value(1.0) * 2
    assert current_mode() is None
    message_free = log(Value(-1.0))
    assert np.isnan(message_free.data)
    assert isinstance(x._version, WatchedVersion)
    for node in (Value(1.0) * 2, autograd.relu(Tensor([1.0])), Tensor([1.0]) @ Tensor([2.0])):
        assert type(node._version) is int
    with pytest.raises(KeyError), detect_anomaly():
        raise KeyError
    assert current_mode() is None


def test_nesting_with_itself_with_no_grad_and_with_transforms():
    with detect_anomaly():
        with detect_anomaly():
            message(lambda: log(Value(-1.0)))
        with no_grad():
            message(lambda: log(Value(-1.0)))
            assert (Value(1.0) * 2).op is None
        message(lambda: log(Value(-1.0)))
        assert (Value(1.0) * 2).op is not None
        assert grad(grad(lambda x: x**3))(2.0) == 12.0
        message(lambda: grad(grad(lambda x: log(x) * x))(-1.0))
    with no_grad(), detect_anomaly():
        message(lambda: log(Value(-1.0)))
        assert (Value(1.0) * 2).op is None
    assert "log gave" in message(lambda: grad(lambda x: detect_anomaly()(log)(x))(-1.0))


def test_as_a_decorator():
    @detect_anomaly()
    def f(x):
        return log(x)

    for _ in range(2):
        message(lambda: f(Value(-1.0)))
        assert current_mode() is None
    assert f(Value(1.0)).data == 0.0


def test_other_threads_and_tasks_are_not_watched():
    seen = []
    with detect_anomaly():
        thread = threading.Thread(target=lambda: seen.append(log(Value(-1.0)).data))
        thread.start()
        thread.join()
    assert np.isnan(seen[0])

    async def quiet(start, done):
        await start.wait()
        y = log(Value(-1.0))
        done.set()
        return y.data

    async def watched(start, done):
        with detect_anomaly():
            start.set()
            await done.wait()
            return message(lambda: log(Value(-1.0)))

    async def both():
        start, done = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(quiet(start, done), watched(start, done))

    nan, text = asyncio.run(both())
    assert np.isnan(nan)
    assert "log gave nan" in text


def test_nothing_is_kept_alive_no_frame_no_graph_no_cycle():
    class Held(np.ndarray):
        pass

    def recorded():
        in_the_frame = np.ones(3).view(Held)
        freed = []
        weakref.finalize(in_the_frame, freed.append, True)
        x = Tensor([1.0, 2.0])
        return (x * x + in_the_frame[:2].sum().item()).sum(), freed

    gc.collect()
    gc.disable()
    try:
        with detect_anomaly():
            before = sum(type(o) in (Value, Tensor) for o in gc.get_objects())
            y, freed = recorded()
            assert freed == [True]
            assert sum(type(o) in (Value, Tensor) for o in gc.get_objects()) > before
            y.backward()
            gradients(y, y.parents[0], create_graph=True)
            del y
            assert sum(type(o) in (Value, Tensor) for o in gc.get_objects()) == before
            assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_watched_graph_is_copied_and_pickled_with_its_places():
    with detect_anomaly():
        x = Value(0.0, "x")
        y = sqrt(x) * 2
    assert type(versions.latest) is int
    later = pickle.loads(pickle.dumps(y))
    stamp = WatchedVersion(versions.latest + 5)
    stamp.location, stamp.checksums = y._version.location, {}
    later._version = stamp
    pickle.loads(pickle.dumps(later))  # as from a process that is ahead
    assert type(versions.latest) is int
    assert type((x * 2)._version) is int
    for twin in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y), copy.copy(y)):
        with detect_anomaly():
            text = message(twin.backward)
        assert place(text)[0] == __file__


def test_in_a_notebook_the_place_is_a_cell(monkeypatch):
    cells = {__file__: ("Cell", "In[3]")}
    shell = SimpleNamespace(compile=SimpleNamespace(format_code_name=cells.get))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    for name in (r"cell In\[3\]", r".*test_anomaly\.py"):
        with pytest.raises(FloatingPointError, match=rf"(?m)^  at {name}, line \d+: Value\(0\.0\)\.log\(\)$"):
            with detect_anomaly():
                Value(0.0).log()
        cells.clear()
