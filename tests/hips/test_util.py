"""HIPS autograd's small helpers."""

from types import SimpleNamespace

from autograd import Value
from autograd.util import func, subval, subvals, toposort


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
