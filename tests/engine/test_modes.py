"""Whether ops are recorded is a matter of the thread and of the task, and no_grad ends as it should."""

import asyncio
import inspect
import threading
from contextlib import ExitStack

import numpy as np
import pytest

from autograd import (
    Tensor,
    Value,
    detect_anomaly,
    enable_grad,
    grad,
    gradients,
    inference_mode,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
)
from autograd.engine.modes import current_mode
from tests.helpers.interrupts import interrupted
from tests.helpers.support import KINDS

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def records():
    return (Value(1.0) * 2).op is not None


@kinds
def test_under_no_grad_results_are_constants(kind):
    x = kind(2.0)
    with no_grad():
        y = (x * x).sin() + 1
        assert (y.op, y.parents, y.requires_grad) == (None, (), False)
        assert float(y) == pytest.approx(np.sin(4.0) + 1)
    assert (x * x).requires_grad
    with pytest.raises(ValueError, match=r"requires no gradient.*no_grad"):
        y.backward()


def test_it_nests_and_ends_with_an_error():
    with no_grad():
        with no_grad():
            assert not records()
        assert not records()
    assert records()
    with pytest.raises(KeyError), no_grad():
        raise KeyError
    assert records()


def test_leaves_made_under_no_grad_require_gradients():
    with no_grad():
        x = Value(2.0)
    (x * x).backward()
    assert x.grad == 4.0


def test_a_backward_pass_and_gradients_work_under_no_grad():
    x = Value(2.0)
    y = x * x
    with no_grad():
        y.backward()
        assert x.grad == 4.0
        assert gradients(y, x) == 4.0
        assert grad(lambda v: v * v)(3.0) == 6.0
        assert not records()


def test_as_a_decorator():
    @no_grad()
    def f():
        return records()

    assert [f(), f()] == [False, False]
    assert records()


@pytest.mark.parametrize("switch", [no_grad, detect_anomaly])
def test_a_decorator_without_brackets_is_told_what_to_write(switch):
    with pytest.raises(TypeError, match=rf"{switch.__name__} takes no arguments: .*`@{switch.__name__}\(\)` above"):

        @switch
        def f():
            return records()


def test_one_object_is_entered_again_inside_itself():
    quiet = no_grad()
    with quiet:
        with quiet, detect_anomaly(), quiet:
            assert not records()
        assert not records()
    assert records()


def test_threads_share_one_object():
    quiet, together, seen = no_grad(), threading.Barrier(2), []

    def work():
        with quiet:
            together.wait(10)
            inside = records()
            together.wait(10)
        seen.append((inside, records()))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert seen == [(False, True)] * 2


def test_asyncio_tasks_share_one_object():
    quiet = no_grad()

    async def work(mine, others):
        with quiet:
            mine.set()
            await others.wait()
            inside = records()
        return inside, records()

    async def both():
        a, b = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(work(a, b), work(b, a))

    assert asyncio.run(both()) == [(False, True)] * 2


def test_other_threads_go_on_recording():
    inside, checked = threading.Event(), threading.Event()
    seen = {}

    def other():
        inside.wait(10)
        seen["other"] = records()
        with no_grad():
            seen["own"] = records()
        checked.set()

    thread = threading.Thread(target=other)
    thread.start()
    with no_grad():
        inside.set()
        checked.wait(10)
        assert not records()
    thread.join()
    assert seen == {"other": True, "own": False}
    assert records()


def test_threads_differentiate_side_by_side():
    results = {}

    def work(k):
        for _ in range(20):
            x = Tensor(np.full(50, float(k)))
            with no_grad():
                _ = x * 2
            y = (x * x).sum()
            y.backward()
            results.setdefault(k, []).append(bool((x.grad == 2.0 * k).all()))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(len(r) == 20 and all(r) for r in results.values())
    assert len(results) == 8


@kinds
def test_threads_differentiate_graphs_that_share_leaves_and_inner_nodes(kind):
    w = kind(3.0)
    shared = (w * 2.0).sin()
    results = {}

    def work(k):
        for _ in range(100):
            y = w
            for _ in range(10):
                y = y * 1.0 + shared
            results.setdefault(k, set()).add(float(gradients(y * float(k), w)))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for k in range(6):
        (g,) = results[k]
        assert g == pytest.approx(k * (1 + 20 * np.cos(6.0)), rel=1e-12)
    assert not w.has_grad


def test_asyncio_tasks_are_apart():
    async def quiet(start, done):
        with no_grad():
            start.set()
            await done.wait()
            return records()

    async def loud(start, done):
        await start.wait()
        seen = records()
        done.set()
        return seen

    async def both():
        start, done = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(quiet(start, done), loud(start, done))

    assert asyncio.run(both()) == [False, True]
    assert records()


def test_a_generator_that_is_left_open_ends_with_its_consumer():
    def batches():
        with no_grad():
            yield records()

    assert list(batches()) == [False]
    assert records()


# ---- generators and coroutines ----


def watched():
    state = current_mode()
    return state is not None and state.watch is not None


SWITCHES = [(no_grad, lambda: not records()), (detect_anomaly, watched)]
switches = pytest.mark.parametrize(("switch", "inside"), SWITCHES, ids=["no_grad", "detect_anomaly"])


@switches
def test_a_decorated_generator_is_inside_at_each_step_and_its_caller_outside(switch, inside):
    seen = []

    @switch()
    def steps(n):
        """A text."""
        seen.append(inside())
        try:
            for i in range(n):
                got = yield i
                seen.append((got, inside()))
            return "done"
        except KeyError:
            seen.append(inside())
            yield "caught"
        finally:
            seen.append(inside())

    assert inspect.isgeneratorfunction(steps)
    assert (steps.__name__, steps.__doc__) == ("steps", "A text.")
    g = steps(2)
    assert seen == []  # nothing runs before the first step
    assert next(g) == 0
    assert not inside()
    assert g.send("a") == 1
    assert not inside()
    with pytest.raises(StopIteration, match="done") as end:
        g.send("b")
    assert end.value.value == "done"
    assert seen == [True, ("a", True), ("b", True), True]

    seen.clear()
    g = steps(2)
    next(g)
    assert g.throw(KeyError) == "caught"
    assert not inside()
    g.close()
    assert seen == [True, True, True]
    assert not inside()

    g = steps(2)
    next(g)
    with switch():
        assert next(g) == 1
        assert inside()
    assert not inside()
    with pytest.raises(ValueError, match="mine"):
        g.throw(ValueError("mine"))
    assert list(steps(3)) == [0, 1, 2]
    assert not inside()


@switches
def test_a_decorated_generator_takes_its_callers_other_switches_as_they_are(switch, inside):
    other, other_inside = SWITCHES[switch is no_grad]

    @switch()
    def steps():
        while True:
            yield inside() and other_inside()

    g = steps()
    assert next(g) is False
    with other():
        assert next(g) is True
    assert next(g) is False


@switches
def test_a_block_that_a_decorated_generator_leaves_open_is_its_own(switch, inside):
    other, other_inside = SWITCHES[switch is no_grad]

    @switch()
    def steps():
        with other():
            with other():
                yield inside(), other_inside()
            yield inside(), other_inside()
        yield inside(), other_inside()

    g = steps()
    for expected in ((True, True), (True, True), (True, False)):
        assert next(g) == expected
        assert (inside(), other_inside()) == (False, False)
        with other():
            assert (inside(), other_inside()) == (False, True)
    assert next(g, None) is None
    assert current_mode() is None


@switches
def test_a_decorated_coroutine_is_inside_and_the_others_are_not(switch, inside):
    @switch()
    async def work(mine, others):
        assert inside()
        mine.set()
        await others.wait()
        assert inside()
        await asyncio.sleep(0)
        return inside()

    async def loud(mine, others):
        seen = [inside()]
        mine.set()
        await others.wait()
        return [*seen, inside()]

    async def outer():
        a, b = asyncio.Event(), asyncio.Event()
        both = await asyncio.gather(work(a, b), loud(b, a))
        awaited = await work(a, b)
        return both, awaited, inside()

    assert inspect.iscoroutinefunction(work)
    assert asyncio.run(outer()) == ([True, [False, False]], True, False)
    assert not inside()


@switches
def test_a_decorated_coroutine_can_be_cancelled(switch, inside):
    seen = []

    @switch()
    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            seen.append(inside())

    async def outer():
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return inside()

    assert asyncio.run(outer()) is False
    assert seen == [True]


@switches
def test_a_decorated_async_generator(switch, inside):
    seen = []

    @switch()
    async def steps(n):
        try:
            for i in range(n):
                await asyncio.sleep(0)
                got = yield i, inside()
                seen.append((got, inside()))
        except KeyError:
            yield "caught", inside()
        finally:
            await asyncio.sleep(0)
            seen.append(inside())

    async def outer():
        assert inspect.isasyncgenfunction(steps)
        found = []
        async for item in steps(2):
            found.append((item, inside()))
        g = steps(3)
        found.append((await g.asend(None), inside()))
        found.append((await g.asend("sent"), inside()))
        found.append((await g.athrow(KeyError), inside()))
        await g.aclose()
        g = steps(3)
        await anext(g)
        await g.aclose()
        return found

    found = asyncio.run(outer())
    assert found == [((0, True), False), ((1, True), False), *[((i, True), False) for i in (0, 1)],
                     (("caught", True), False)]  # fmt: skip
    assert seen == [(None, True), (None, True), True, ("sent", True), True, True]


# ---- an interrupt ----


def run_generator():
    @no_grad()
    def steps():
        with detect_anomaly():
            yield records()
        yield records()

    list(steps())


def run_coroutine():
    @no_grad()
    async def work():
        with detect_anomaly():
            return records()

    with pytest.raises(StopIteration):
        work().send(None)


def run_blocks():
    with no_grad():
        records()
        with detect_anomaly(), no_grad():
            records()
    records()


def run_transforms():
    grad(grad(lambda x: x**3))(2.0)
    with detect_anomaly():
        grad(lambda x: x * x)(2.0)
    with no_grad():
        grad(lambda z: grad(lambda x: z * x * x)(3.0))(1.0)


MODES = ("/autograd/engine/modes.py", "/autograd/engine/switches.py")


@pytest.mark.no_cover  # which traces too
@pytest.mark.filterwarnings("ignore:.*never awaited", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("run", [run_blocks, no_grad()(records), run_generator, run_coroutine, run_transforms])
def test_an_interrupt_leaves_the_mode_as_it_was(run):
    for n in interrupted(run, (*MODES, "/autograd/transforms/tracing.py")):
        assert records(), n
        assert current_mode() is None, n
    with no_grad():
        for n in interrupted(run, MODES):
            assert not records(), n
    assert current_mode() is None


def test_blocks_may_be_entered_and_left_by_hand_and_in_any_order():
    a, b = no_grad(), detect_anomaly()
    a.__enter__()
    b.__enter__()
    with no_grad():
        assert not records()
    assert not records()
    assert watched()
    b.__exit__(None, None, None)
    assert not records()
    assert not watched()
    with ExitStack() as stack:
        stack.enter_context(b)
        assert watched()
    assert not watched()
    a.__exit__(None, None, None)
    assert current_mode() is None
    assert hasattr(a, "__exit__")  # asking is harmless
    with pytest.raises(RuntimeError, match="no_grad: there is no block to leave"):
        a.__exit__(None, None, None)


def test_a_task_that_is_started_after_a_block_is_outside_of_it():
    async def work():
        return records()

    async def outer():
        with no_grad():
            inside = asyncio.create_task(work())
            first = await inside
        return first, await asyncio.create_task(work())

    assert asyncio.run(outer()) == (False, True)


# ---- PyTorch's other names ----


def test_recording_is_switched_on_inside_no_grad():
    with no_grad():
        with enable_grad():
            assert records()
            assert is_grad_enabled()
        assert not records()
        assert enable_grad()(records)()
    with no_grad(), inference_mode(False):
        assert records()
    with inference_mode():
        assert not records()
    assert not inference_mode()(records)()
    assert records()


@pytest.mark.parametrize("enabled", [True, False, np.bool(True), 0])
def test_set_grad_enabled_is_a_block_a_decorator_and_a_call(enabled):
    with set_grad_enabled(enabled):
        assert records() == bool(enabled)
        with set_grad_enabled(not enabled):
            assert records() != bool(enabled)
        assert records() == bool(enabled)
    assert records()
    decorated = set_grad_enabled(enabled)(records)
    assert records()
    assert decorated() == bool(enabled)
    try:
        set_grad_enabled(enabled)
        assert records() == is_grad_enabled() == bool(enabled)
    finally:
        set_grad_enabled(True)
    assert records()


def test_a_call_of_set_grad_enabled_ends_with_the_block_around_it():
    with no_grad():
        set_grad_enabled(True)
        assert records()
    assert current_mode() is None
    with detect_anomaly(), no_grad():
        set_grad_enabled(True)
        with pytest.raises(FloatingPointError, match="sub"):  # the rest of the mode stays
            Value(np.inf) - 1.0
    assert current_mode() is None


def test_modes_take_no_function():
    for mode in (no_grad, enable_grad):
        with pytest.raises(TypeError, match=rf"^{mode.__name__} takes no arguments: write `with {mode.__name__}\(\):`"):
            mode(records)


def test_a_block_that_changes_nothing_costs_recording_nothing():
    for switch in (enable_grad, lambda: set_grad_enabled(True), lambda: inference_mode(False)):
        with switch():
            assert current_mode() is None
            with no_grad():
                assert not records()
            assert current_mode() is None
            set_grad_enabled(False)
        assert current_mode() is None
        with ExitStack() as stack:
            stack.enter_context(switch())
            assert records()
        with pytest.raises(KeyError), switch():
            raise KeyError
        assert current_mode() is None
