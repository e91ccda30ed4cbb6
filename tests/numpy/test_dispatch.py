"""`supported`: what it answers follows the registry, and its advice is for what is missing only."""

import re
from operator import attrgetter

import numpy as np
import pytest

import autograd
from autograd import supported
from autograd.engine.node import functions, registry
from autograd.numpy.advice import INSTEAD, OUTSIDE
from autograd.numpy.dispatch import dispatch
from autograd.ops import table


@pytest.mark.parametrize("op", table(), ids=lambda op: op.name)
def test_every_op_is_answered_by_its_record(op):
    answer = supported(op)
    assert answer.status == ("differentiable" if op.differentiable else "constant")
    assert answer.advice == ""
    assert answer
    name = next((n for n, f in functions().items() if f is op), None)
    if name:
        assert supported(name).status == answer.status
        theirs = getattr(np, name, None)
        if theirs:
            assert supported(theirs).status == supported("np." + name).status == answer.status
            assert supported("numpy." + name).name == name


def test_every_name_of_numpys_has_an_answer():
    names = [n for n in dir(np) if callable(getattr(np, n)) and not n.startswith("_")]
    assert len(names) > 300
    for name in names:
        answer = supported(name)
        assert answer.name == name
        assert answer.status in ("differentiable", "constant", "not supported")
        assert bool(answer.advice) == (answer.status == "not supported") == (not answer)
        assert repr(answer).startswith(f"{name}: {answer.status}")


def test_aliases_are_one_function():
    for name, alias in (("abs", "absolute"), ("mod", "remainder"), ("concatenate", "concat"), ("power", "pow")):
        assert supported(name).status == supported(alias).status == "differentiable"
        assert supported(getattr(np, alias)).status == "differentiable"


def test_an_answer_is_a_tuple_that_reads_as_a_sentence():
    name, status, advice = supported("place")
    assert (name, status, advice) == ("place", "not supported", "use np.where(condition, new, x)")
    assert (
        str(supported("place")) == repr(supported("place")) == "place: not supported; use np.where(condition, new, x)"
    )
    assert f"{supported('sin')}" == "sin: differentiable"
    assert repr(supported("greater")) == repr(supported(np.shape)).replace("shape", "greater") == "greater: constant"
    assert not supported("place")


def test_what_is_outside_is_said_to_be():
    assert "outside this project" in supported("fft.rfft").advice
    assert "outside this project" in supported(np.fft.ifft2).advice
    assert "outside this project" in supported("angle").advice
    assert "drawing has no derivative" in supported("random.normal").advice
    assert supported("linalg.matrix_rank").name == supported(np.linalg.matrix_rank).name == "linalg.matrix_rank"
    assert supported("fliip").advice == "there is no function of this name"
    assert supported("pi").advice == "there is no function of this name"


def test_a_function_of_ones_own():
    assert supported(lambda x: x).status == "not supported"
    assert supported(autograd.concatenate).status == "differentiable"
    assert supported(autograd.numpy.exp) == ("exp", "differentiable", "")
    assert supported(autograd.numpy.place).advice == "use np.where(condition, new, x)"
    with pytest.raises(TypeError, match=r"supported: give a function or its name, not int"):
        supported(3)


@pytest.mark.parametrize("name", INSTEAD)
def test_advice_is_for_functions_that_numpy_has_and_the_registry_lacks(name):
    assert callable(attrgetter(name)(np))
    assert not hasattr(registry, name), f"{name} is supported now: remove its row of advice"


X = np.array([-1.5, 2.5, 3.0])
TALL = np.array([[0.5, -1.0], [2.0, 1.5], [-0.3, 0.8]])
VECTORS_ONLY = {"polymul"}
MATRICES_ONLY = {"fill_diagonal"}
SQUARE_ONLY = {"linalg.matmul", "linalg.tensordot"}
NEW = -7.0
# How NumPy calls what changes an array, given the condition that the advice has.
CHANGING = {
    "copyto": lambda x, c: np.copyto(x, NEW, where=c),
    "fill_diagonal": lambda x, c: np.fill_diagonal(x, NEW),
    "place": lambda x, c: np.place(x, c, NEW),
    "put": lambda x, c: np.put(x, np.flatnonzero(c), NEW),
    "putmask": lambda x, c: np.putmask(x, c, NEW),
}


def inputs(name):
    if name not in MATRICES_ONLY | SQUARE_ONLY:
        yield X
    if name in SQUARE_ONLY:
        yield X[:, None] * X
    elif name not in VECTORS_ONLY:
        yield from (TALL, TALL.T)


@pytest.mark.parametrize(("name", "x"), [(name, x) for name in INSTEAD for x in inputs(name)])
def test_the_advice_computes_what_numpy_does(name, x):
    advice, _, aside = INSTEAD[name].partition(" with ")
    if " for a tall x, " in advice:
        advice = advice.removesuffix(" for a wide one").split(" for a tall x, ")[x.shape[0] < x.shape[1]]
    y = x + 1
    scope = {"np": np, "x": x, "y": y, "condition": x > 0.6, "new": NEW}
    exec(aside, scope)
    got = eval(advice, scope)
    if name in CHANGING:
        x = x.copy()
        taken = CHANGING[name](x, scope["condition"])
        expected = x if taken is None else taken
    else:
        expected = attrgetter(name)(np)(*((x, y) if re.search(r"\by\b", advice) else (x,)))
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_the_advice_on_orders_gives_numpys():
    x = np.arange(6.0).reshape(2, 3)
    for f, args, expected in (
        (np.ravel, (), np.ravel(x, order="F")),
        (np.reshape, ((3, 2),), np.reshape(x, (3, 2), order="F")),
    ):
        with pytest.raises(TypeError, match="order= is not supported") as error:
            f(autograd.Tensor(x), *args, order="F")
        advice = str(error.value).rpartition(": ")[2]
        np.testing.assert_array_equal(eval(advice, {"np": np, "x": x, "shape": (3, 2)}), expected)


def test_the_lookup_is_by_function_for_numpys_protocols():
    x = autograd.Tensor([1.0, 2.0])
    assert dispatch(np.absolute, (x,), {}).op is autograd.ops.arithmetic.abs
    assert dispatch(np.sum, (x,), {"axis": 0}).op is autograd.sum
    assert dispatch(np.exp, (x,), {"out": None, "where": True}).op is autograd.exp
    assert dispatch(np.stack, ([x, x],), {}).shape == (2, 2)
    assert set(OUTSIDE) >= {"fft", "random"}
