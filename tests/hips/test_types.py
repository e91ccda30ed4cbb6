"""Questions about types as HIPS autograd's scripts ask them: boxes, values, containers."""

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, Value, builtins, core, extend, grad, jacobian, tracer
from autograd import dict as ag_dict
from autograd import isinstance as ag_isinstance
from autograd import list as ag_list
from autograd import tuple as ag_tuple
from autograd import type as ag_type
from autograd.builtins import DictBox, ListBox, SequenceBox, TupleBox
from autograd.numpy.numpy_boxes import ArrayBox
from autograd.tracer import Box, getval, isbox


@pytest.mark.parametrize(
    ("x", "kind", "others"),
    [
        (2.0, float, (np.ndarray, list)),
        (np.ones(2), np.ndarray, (float, list, np.float64)),
        ([1.0, 2.0], list, (tuple, dict, np.ndarray)),
        ((1.0, 2.0), tuple, (list, dict, float)),
        ({"a": 1.0}, dict, (list, tuple, float)),
    ],
)
def test_inside_a_transform_an_argument_is_what_it_was(x, kind, others):
    def f(x):
        assert ag_type(x) is kind
        assert ag_isinstance(x, kind)
        assert ag_isinstance(x, (str, kind))
        assert not any(ag_isinstance(x, other) for other in others)
        return anp.sum(anp.array(list(x.values()) if kind is dict else x))

    f(x)
    grad(f)(x)


def test_a_sum_is_a_number_as_numpys_is():
    def f(x):
        assert ag_type(anp.sum(x)) is np.float64
        assert ag_isinstance(anp.sum(x), float)
        assert type(anp.sum(x)._value) is np.float64
        return anp.sum(x)

    grad(f)(np.ones(2))


def test_every_node_is_a_box():
    def f(x):
        assert isinstance(x, ArrayBox)
        assert isinstance(x, anp.numpy_boxes.ArrayBox)
        assert isinstance(x, Box)
        assert ag_isinstance(x, ArrayBox)
        assert isbox(x)
        return x * 2.0

    grad(f)(2.0)
    jacobian(f)(np.ones(2))
    for plain in (2.0, np.ones(2), [1.0], None):
        assert not isinstance(plain, ArrayBox)
        assert not isbox(plain)


def test_containers_of_nodes_are_pythons():
    assert (ag_list, ag_tuple, ag_dict) == (list, tuple, dict)
    for box in (DictBox, ListBox, SequenceBox, TupleBox):
        assert not any(isinstance(x, box) for x in ({}, [], (), Value(1.0)))
    assert grad(lambda x: ag_dict(a=x, b=ag_list((x, x)))["b"][1] * 3.0)(1.0) == 3.0
    made = ag_type("Made", (Value,), {})
    assert issubclass(made, Value)


def test_values_of_nodes_are_plain():
    x = Tensor([1.0, 2.0])
    assert getval(Value(2.0)) == 2.0 == Value(2.0)._value
    np.testing.assert_array_equal(getval(x), [1.0, 2.0])
    assert type(getval(x)) is np.ndarray
    assert getval("text") == "text"
    seen = []
    outer = grad(lambda x: grad(lambda y: seen.append(getval(x * y)) or x * y)(2.0))
    assert outer(3.0) == 1.0
    assert seen == [6.0]


def test_a_value_taken_out_is_named_where_a_gradient_would_be_lost():
    with pytest.raises(TypeError, match=r"taken out of the graph by \._value at .*test_types\.py:\d+"):
        grad(lambda x: x._value**2)(2.0)
    assert grad(lambda x: x * x._value)(2.0) == 2.0


def test_the_modules_are_there_without_an_import_of_their_own():
    assert autograd.builtins is builtins
    assert autograd.tracer is tracer


class Names(tracer.Node):
    """A node that keeps the names of the ops before it."""

    def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
        self.seen = [n for p in parents for n in p.seen] + [(fun.__name__, args, kwargs, parent_argnums, value)]

    def initialize_root(self, seen):
        self.seen = seen


def test_a_trace_makes_nodes_of_a_class_of_ones_own():
    value, end = tracer.trace(Names.new_root([]), lambda x: anp.sum(2.0 * anp.exp(x), axis=0), np.zeros(2))
    assert value == 4.0
    (exp, *_), (mul, factors, _, argnums, _), (total, _, options, *_) = end.seen
    assert (exp, mul, total) == ("exp", "mul", "sum")
    assert factors[0] == 2.0
    assert argnums == (1,)
    assert options["axis"] == 0


def test_a_trace_of_what_does_not_depend_on_its_argument_has_no_node():
    assert tracer.trace(Names.new_root([]), lambda x: 3.0, 1.0) == (3.0, None)
    _, end = tracer.trace(Names.new_root([]), lambda p: p["a"] * Value(2.0), {"a": 1.0})
    assert len(end.seen) == 1


def test_the_core_has_the_names_of_the_tracer():
    assert core.getval is tracer.getval
    assert core.isbox is tracer.isbox
    assert tracer.primitive is extend.primitive
    assert tracer.notrace_primitive is extend.notrace_primitive
