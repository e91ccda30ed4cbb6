"""CuPy's namespace, where there is no GPU on a stand-in: NumPy's functions under the name of a module `cupy`."""

import sys
from contextlib import nullcontext
from importlib import import_module
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import scipy.special

from autograd.namespaces.numpy_like import NumPyLike
from autograd.ops import table
from tests.helpers.libraries import agree, check, given


@pytest.fixture(scope="module")
def xp():
    stand_in, more = ModuleType("cupy"), ModuleType("cupyx.scipy")
    vars(stand_in).update({k: v for k, v in vars(np).items() if not k.startswith("__")})
    stand_in.asnumpy, stand_in.cuda = np.array, SimpleNamespace(Device=lambda number=None: nullcontext())
    more.special = scipy.special
    cupyx = ModuleType("cupyx")
    cupyx.scatter_add = np.add.at
    with pytest.MonkeyPatch.context() as patch:
        for name, module in {"cupy": stand_in, "cupyx": cupyx, "cupyx.scipy": more}.items():
            patch.setitem(sys.modules, name, module)
        patch.delitem(sys.modules, "autograd.namespaces.cupy", raising=False)
        namespace = import_module("autograd.namespaces.cupy")
        # NumPy's devices are no contexts, and some of its functions give numbers of its own for arrays of no axis.
        patch.setattr(namespace.CuPy, "entered", NumPyLike.entered)
        patch.setattr(namespace.CuPy, "filled", NumPyLike.filled)
        patch.setattr(namespace.CuPy, "natives", (np.ndarray, np.generic))
        yield namespace.xp
        patch.delitem(sys.modules, "autograd.namespaces.cupy")


@pytest.mark.parametrize("op", table(), ids=lambda op: op.__name__)
def test_value_and_derivatives_are_numpys(xp, op):
    for args, params in given(op):
        check(op, xp, args, params, 1e-11)


def test_memory_and_the_question_about_nan(xp):
    x = np.ones((2, 3))
    assert xp.own(x) is x
    for shared in (xp.own(x[0]), xp.own(x.T), xp.own(x, x), xp.own(xp.alias(x))):
        assert not np.shares_memory(shared, x)
    assert xp.any_nan([x, np.array([1.0, np.nan])])
    assert not xp.any_nan([x, np.arange(3)])
    assert not xp.any_nan([])
    assert xp.array(x, "cuda:0", "float32").dtype == np.float32


def test_places_named_twice_receive_both(xp):
    places, g = np.array([2, 2, 0]), np.array([np.inf, 1.0, 2.0])
    agree(xp, xp.scatter_like(g, np.zeros(4), places, key=("array",)), np.array([2.0, 0.0, np.inf, 0.0]), 0)
    agree(xp, xp.scatter_like(g, np.zeros(4), key=(("slice", None, 0, -1),)), np.array([0.0, 2.0, 1.0, np.inf]), 0)
