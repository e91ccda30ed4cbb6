"""Every mutant of every op is killed by the check of gradients, or equals the right derivative where that exists."""

import re

import numpy as np
import pytest

from autograd import Tensor, Value, add, div, grad, heaviside, matmul, maximum, minimum, mul, sub, where
from autograd.ops import table
from autograd.testing import check_gradients, mutants, verdicts
from autograd.testing.strategies import op_calls
from tests.helpers.support import drawn
from tests.ops import test_singular as singular

OPS = [op for op in table() if op.differentiable]

# Mistakes that are none for some ops, whose derivatives do not depend on what is mistaken; and those that differ from
# the right derivative at ties only, where a test of the convention kills them (below). That of heaviside by x is 0.
HARMLESS = re.compile(
    r".*(the incoming gradient is passed on|the operands are confused|argument and result are confused)"
    r"|(maximum|minimum) by .: the divisor 2 is left out of g/2|heaviside by .*"
    r"|erfcx by x: .*x > 50.*"  # its series far right, which tests of its own hold
    r"|(full_convolution|valid_correlation) by .: it is transposed"  # vectors have one axis
)


@pytest.mark.no_cover  # as in tests/ops/test_gradients.py
@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_mutant_is_killed_or_equal(op, record_property):
    calls = [(call.args, call.params) for call in drawn(op_calls(op), 100, derandomize=True)]
    by_verdict = {"killed": [], "equal": [], "survived": []}
    for mutant, verdict in verdicts(op, calls):
        by_verdict[verdict].append(str(mutant))
        record_property(verdict, str(mutant))
    assert by_verdict["survived"] == []
    assert len(by_verdict["killed"]) >= 3
    assert [m for m in by_verdict["equal"] if not HARMLESS.fullmatch(m)] == []


def test_operands_may_be_confused_in_a_sum_and_not_in_a_product():
    verdict_of = {str(m): v for op in (add, mul) for m, v in verdicts(op, [((3.0, 2.0), {})])}
    assert verdict_of["add by a: the operands are confused"] == "equal"
    assert verdict_of["mul by a: the operands are confused"] == "killed"


def test_a_derivative_that_fails_is_noticed():
    x = np.arange(6.0).reshape(2, 3)
    verdict_of = {m.mistake: v for m, v in verdicts(matmul, [((x, x.T @ x), {})])}
    assert verdict_of["the operands are confused"] == "killed"  # it has another shape


def at_the_step():
    h0 = Tensor([0.5, 0.25, 1.0])
    (3.0 * heaviside(np.array([[0.0, 1.0, 0.0], [0.0, -2.0, 5.0]]), h0)).sum().backward()
    np.testing.assert_array_equal(h0.grad, [6.0, 0.0, 3.0])


def test_a_test_at_the_step_kills_the_mutants_that_differ_only_there():
    at_the_step()
    mistakes = ("the sign is flipped", "it is doubled", "it is 0", "is forgotten", "undone by a mean")
    tried = [m for m in mutants(heaviside) if "by h0" in str(m) and str(m).endswith(mistakes)]
    assert len(tried) == len(mistakes)
    for mutant in tried:
        with mutant.planted(), pytest.raises(AssertionError):
            at_the_step()


@pytest.mark.parametrize("op", [maximum, minimum], ids=lambda op: op.name)
def test_the_tests_of_conventions_kill_mutants_that_are_wrong_at_ties_only(op):
    for mutant in mutants(op):
        if "divisor 2" in mutant.mistake:
            with mutant.planted(), pytest.raises(AssertionError):
                singular.test_ties_of_maximum_and_minimum_share_equally(Value)
    singular.test_ties_of_maximum_and_minimum_share_equally(Value)


def test_mistakes_are_named():
    names = [str(m) for m in mutants(div)]
    assert "div by b: the divisor b is left out of g·y/b" in names
    assert "div by b: the sign is flipped" in names
    assert any("a broadcast is undone by a mean" in n for n in names)
    assert len(set(names)) > 15


def test_an_op_or_an_argument_without_derivatives_has_no_mutants():
    from autograd import less

    assert list(mutants(less)) == []
    assert {m.argname for m in mutants(where)} == {"a", "b"}


def test_a_planted_mutant_works_everywhere_and_goes_again():
    f = lambda x: x * 3.0
    before = mul.vjps
    for mutant in mutants(mul):
        with mutant.planted() as op:
            assert op is mul
            if mutant.argname == "a" and "sign" in mutant.mistake:
                assert grad(f)(1.0) == -3.0
                assert grad(lambda x: Value(3.0) * x)(1.0) == 3.0
    assert mul.vjps is before
    assert grad(f)(1.0) == 3.0
    check_gradients(f, (1.0,))


def test_a_mutant_goes_again_after_an_error():
    mutant = next(mutants(sub))
    with pytest.raises(ZeroDivisionError), mutant.planted():
        1 / 0
    assert grad(lambda x: x - 1.0)(1.0) == 1.0


def test_verdicts_need_calls():
    with pytest.raises(ValueError, match=r"no calls of mul.*op_calls\(mul\)"):
        verdicts(mul, [])


@pytest.mark.parametrize("calls", [1.0, [1.0], [(1.0, {})], [((1.0, 2.0), None)], drawn(op_calls(mul), 1), [()]])
def test_what_is_no_call_is_named_with_what_is(calls):
    with pytest.raises(TypeError, match=r"verdicts: a call is \(args, params\), .*\(call\.args, call\.params\)"):
        verdicts(mul, calls)
