"""Whether ops are recorded is a matter of the thread and of the task, and no_grad ends as it should."""

import asyncio
import threading

import numpy as np
import pytest

from autograd import Tensor, Value, detect_anomaly, grad, gradients, no_grad
from tests.support import KINDS

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
