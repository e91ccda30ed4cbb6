"""The text of a program: what runs is what one reads."""

import re
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from autograd import gradients
from autograd.compiler import Program, code_of, numpy_code
from autograd.compiler.tracing import record

HERE = Path(__file__).name


def code(f, *data, labels=(), marked=False):
    labels = labels or [f"x{i}" for i in range(len(data))]
    recording = record(f, data, labels, "f", marked=marked)
    return code_of(recording, recording.outputs, marked=marked)


def lines(text):
    """The lines of the function's body, without comments on places."""
    return [re.sub(r"  # .*", "", line).strip() for line in text.splitlines()]


def test_a_program_of_numbers_is_a_line_for_each_op_and_its_derivatives():
    def slope(x):
        y = ag.sin(x**3 + 5)
        return y, gradients(y, x)

    text = code(slope, 1.0, labels=["x"]).text
    assert lines(text) == [
        "def run(x):",
        "t1 = power(x, 3)",
        "t2 = t1 + 5.0",
        "t3 = sin(t2)",
        "d2 = cos(t2)",
        "d_x = d2 * (3 * power(x, 2))",
        "return t3, d_x",
    ]
    first = slope.__code__.co_firstlineno + 1
    assert f"t3 = sin(t2)  # {HERE}:{first}" in text
    assert f"d_x = d2 * (3 * power(x, 2))  # ∂ {HERE}:{first}" in text


def test_a_program_on_arrays_writes_into_buffers_made_once():
    def loss(x, W):
        z = ag.tanh(x @ W)
        total = (z * z).sum()
        return gradients(total, W)

    made = code(loss, np.ones((2, 3)), np.ones((3, 4)), labels=["x", "W"])
    assert made.backend == "numpy"
    head, body = made.text.split("    def run(x, W):")
    assert head.count("empty((2, 4), 'float64')") == 2
    assert made.bytes == 2 * 2 * 4 * 8
    assert "t1 = dot(x, W, _1)" in body
    assert "t2 = tanh(t1, _1)" in body  # in place: nobody reads t1 any more
    assert "sum" not in body  # the loss itself is not asked for
    run = made.make()
    first = run(np.ones((2, 3)), np.ones((3, 4)))[0]
    kept = first.copy()
    second = run(np.ones((2, 3)), np.zeros((3, 4)))[0]
    np.testing.assert_array_equal(first, kept)
    assert not np.shares_memory(first, second)


def test_every_line_is_needed():
    def f(x):
        dead = ag.exp(x) * 3  # noqa: F841
        return ag.sin(x)

    for data in (2.0, np.ones(3)):
        assert "exp" not in code(f, data).text


@pytest.mark.parametrize(
    "label",
    ["class", "print", "t1", "d_x", "_1", "k3", "c2", "__import__('os')", "a\nb", "x) or (", "é", "", " ", "1a"],
)
def test_a_label_that_cannot_stand_in_code_is_a_comment(label):
    for data in (2.0, np.array([1.0, 2.0])):
        made = code(lambda x: x * x + 1, data, labels=[label])
        assert "v1" in made.text
        assert f"# v1 is {label!a}" in made.text.splitlines()
        assert np.all(made.make()(data)[0] == data * data + 1)


def test_labels_of_functions_and_of_each_other_do_not_collide():
    made = code(lambda a, b: ag.exp(a) * b, 1.0, 2.0, labels=["exp", "exp"])
    assert "def run(v1, v2):" in made.text
    assert made.make()(0.0, 3.0) == (3.0,)


def test_labels_of_inner_nodes_are_names():
    def f(x, w):
        z = x * w
        z.label = "z"
        return z * z

    text = code(f, 2.0, 3.0, labels=["x", "w"]).text
    assert lines(text)[1:3] == ["z = x * w", "t1 = z * z"]


def test_numbers_give_what_ieee_arithmetic_gives():
    made = code(lambda x: (1 / x, ag.exp(x * 1000), ag.log(x)), 1.0)
    inverse, power, logarithm = made.make()(0.0)
    assert (inverse, power, logarithm) == (np.inf, 1.0, -np.inf)
    assert np.isnan(made.make()(-1.0)[2])


def test_whole_numbers_of_any_size_meet_arrays():
    x = np.array([1.0, 2.0])
    (result,) = code(lambda x: x * 2**70 + 3, x).make()(x)
    np.testing.assert_array_equal(result, x * 2.0**70 + 3)


def test_each_constant_has_a_name_of_its_own():
    arrays = [np.array([1.0, n]) for n in range(20)]
    made = code(lambda x: sum((x + a for a in arrays), x), x := np.ones(2))
    (result,) = made.make()(x)
    np.testing.assert_array_equal(result, 21 * x + sum(arrays))


def test_equal_instructions_are_one_and_constants_fold():
    def f(x):
        return ag.sin(x) * ag.sin(x) + ag.log(ag.exp(2.0)) * (ag.numpy.array(2.0) * 3)

    text = code(f, 2.0).text
    assert text.count("sin(") == 1
    assert "log(" not in text


def test_a_store_writes_over_its_array_when_nobody_reads_it_any_more():
    program = Program()
    p, v, lr = (program.input(x, name) for x, name in ((np.ones(3), "p"), (np.ones(3), "v"), (0.5, "lr")))
    v_new = 0.9 * v + p
    p_new = p - lr * v_new
    weights, memory = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, -1.0])
    made = numpy_code([], [p, v, lr], fixed={p: weights, v: memory}, stores=[(p, p_new), (v, v_new)])
    expected_v = 0.9 * memory + weights
    expected_p = weights - 0.1 * expected_v
    assert made.make()(0.1) == ()
    np.testing.assert_array_equal(memory, expected_v)
    np.testing.assert_array_equal(weights, expected_p)
    assert "copyto" not in made.text


def test_stores_that_exchange_two_arrays():
    program = Program()
    a, b = program.input(np.ones(2), "a"), program.input(np.ones(2), "b")
    one, other = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    numpy_code([], [a, b], fixed={a: one, b: other}, stores=[(a, b * 1.5), (b, a * 2.0)]).make()()
    np.testing.assert_array_equal(one, [4.5, 6.0])
    np.testing.assert_array_equal(other, [2.0, 4.0])


def test_an_output_into_an_array_is_not_returned():
    program = Program()
    x = program.input(np.ones(3), "x")
    place = np.zeros(3)
    y = x * 2
    made = numpy_code([y, y.program.sum(y)], [x], into={y: place})
    (total,) = made.make()(np.array([1.0, 2.0, 3.0]))
    assert total == 12
    np.testing.assert_array_equal(place, [2.0, 4.0, 6.0])


def test_large_constants_in_tuples_are_told_apart():
    ramp = np.arange(5000.0)
    other = ramp.copy()
    other[2500] = -1.0  # where a text of the array has dots
    program = Program()
    x = program.input(np.ones(10_000), "x")
    y = x * program.concatenate((ramp, ramp)) + x * program.concatenate((ramp, other))
    (total,) = numpy_code([y], [x]).make()(np.ones(10_000))
    np.testing.assert_array_equal(total, np.concatenate([ramp, ramp]) + np.concatenate([ramp, other]))
    with pytest.raises(TypeError, match="by position"):
        np.clip(x, a_min=ramp, a_max=None)
