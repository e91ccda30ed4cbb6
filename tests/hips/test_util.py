"""HIPS autograd's small helpers."""

from types import SimpleNamespace

import pytest

from autograd import Value
from autograd.tracer import getval
from autograd.util import func, quick_grad_check, subval, subvals, toposort


def test_tuples_with_others_in_their_places():
    assert subvals([1, 2, 3], zip((0, 2), "ac", strict=True)) == ("a", 2, "c")
    assert subval((1, 2), -1, "b") == (1, "b")
    assert func(Value.exp) is Value.exp


def test_children_come_before_their_parents():
    x = Value(2.0)
    y = x * x
    z = y + x
    assert [*toposort(z)] == [z, y, x]
    a = SimpleNamespace(before=[])
    b = SimpleNamespace(before=[a])
    c = SimpleNamespace(before=[a, b])
    ids = {id(n): n for n in (a, b, c)}
    assert [*toposort(id(c), lambda n: [id(p) for p in ids[n].before])] == [id(c), id(b), id(a)]


def test_the_old_check_of_gradients_is_by_the_first_argument():
    quick_grad_check(lambda x, y, z=1.0: x**2 * z + getval(y), 1.0, (2.0,), {"z": 3.0}, verbose=False)

    def a_function(x):
        return x * getval(x)

    with pytest.raises(AssertionError, match=r"^Derivative \(VJP\) check of a_function failed"):
        quick_grad_check(a_function, 1.0)
