"""The machine's own: what numba keeps on disk, and what is done where it cannot."""

import inspect
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd import Value, primitive
from autograd.compiler import machine, program
from tests.compiler.scalars import recorded

numba = pytest.importorskip("numba")
appdirs = pytest.importorskip("numba.misc.appdirs")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A machine with one op, whose files are kept in a folder of their own."""
    monkeypatch.setattr(machine, "COMMON", ("add",))
    monkeypatch.setattr(appdirs.AppDirs, "user_cache_dir", property(lambda _: str(tmp_path / "cache")))
    machine._loop.cache_clear()
    yield tmp_path / "cache"
    machine._loop.cache_clear()


def calculated():
    """What the machine gives for a sum, and its loop."""
    x = Value(1.0)
    code = machine.machine_code(recorded([x]), [x + 2.0])
    assert code.make()(3.0) == (5.0,)
    return machine._loop("forward", machine.Machine().forward.text(machine.FORWARD))


def test_what_numba_made_is_read_from_disk(folder):
    first = calculated()
    assert sum(first.stats.cache_misses.values()) == 1
    machine._loop.cache_clear()
    second = calculated()
    assert second is not first
    assert sum(second.stats.cache_hits.values()) == 1


def test_the_loops_can_be_read(folder):
    loop = calculated()
    assert Path(inspect.getsourcefile(loop.py_func)).parent == folder / "machine"
    assert "v[y] = (v[rows[i, 1]] + v[rows[i, 2]])" in inspect.getsource(loop.py_func)


def test_a_folder_that_cannot_be_written(folder):
    folder.write_text("a file where the folder should be")
    assert not calculated().stats.cache_path


def test_a_disk_that_is_full(folder, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numba.core.caching.FunctionCache.save_overload", full)
    assert not calculated().stats.cache_path


def test_numba_that_does_not_load(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    x = Value(1.0)
    assert machine.machine_code(recorded([x]), [x + 2.0]) is None


def test_without_numba(folder, monkeypatch):
    monkeypatch.setattr(machine, "find_spec", lambda name: None)
    monkeypatch.setattr("autograd.compiler.backends.find_spec", lambda name: None)
    x = Value(1.0)
    with pytest.raises(ValueError, match=r"the back end 'machine' needs numba: pip install 'graphgrad\[numba\]'"):
        program(x + 2.0, [x], "machine")


def test_an_op_without_code(folder):
    @primitive("§", elementwise=True)
    def odd(xp, a, b, c, d):
        return a + b + c + d

    xs = [Value(float(i)) for i in range(4)]
    with pytest.raises(ValueError, match="the back end 'machine' has no code for one of the ops of this graph"):
        program(odd(*xs), xs, "machine")


def test_ops_with_the_same_lines_share_a_branch():
    whole = machine.Machine()
    known = len(whole.backward.codes)
    codes = {
        whole.of_gradient(op, {}, i, machine.NUMBERS.vjp)[0]
        for op, i in ((_op("add"), 0), (_op("add"), 1), (_op("subtract"), 0))
    }
    assert len(codes) == 1  # all hand the gradient on
    assert len({whole.of_gradient(_op("multiply"), {}, i, machine.NUMBERS.vjp)[0] for i in (0, 1)}) == 1
    assert len(whole.backward.codes) == known


def _op(name):
    from autograd.engine.node import registry

    return getattr(registry, name)


def test_threads_run_at_once(folder):
    """The loops hold no lock of Python's."""
    assert calculated().targetoptions["nogil"]


def test_functions_of_floats_are_compiled_as_they_are():
    scope = {}
    machine._enter(scope, "logaddexp", numba.njit(error_model="numpy"))
    assert set(scope) >= {"logaddexp", "maximum", "exp", "log1p"}
    assert scope["logaddexp"](np.inf, np.inf) == np.inf
    assert np.isnan(scope["maximum"](np.nan, 1.0))
