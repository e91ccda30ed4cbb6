"""The strategy of small nets: each is right to second order, learns, is shown as code, and is left as it was."""

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings

import nn
from autograd.testing import GradientError, check_gradients, mutants
from nn.testing import Case, modules
from tests.helpers.support import examples


@pytest.mark.no_cover  # as in tests/ops/test_gradients.py
@given(modules())
@examples(20)
def test_the_loss_is_right_to_second_order_by_parameters_and_inputs(case):
    check_gradients(case, (case.model.state_dict(), case.X))


@pytest.mark.no_cover  # as in tests/ops/test_gradients.py
@given(modules(dtype=np.float32))
@examples(10)
def test_float32_stays(case):
    assert case.X.dtype == case.target.dtype == np.float32
    loss = case(case.model.state_dict(), case.X)
    assert loss.dtype == np.float32
    check_gradients(case, (case.model.state_dict(), case.X), order=1)


@given(modules(activations=["relu"]))
@examples(40)
def test_the_function_of_the_parameters_is_the_models_own(case):
    before = case.model.state_dict()
    loss = case.loss(case.model(case.X), case.target)
    assert case(before, case.X).item() == loss.item()
    other = {name: p + 1.0 for name, p in before.items()}
    case(other, case.X)
    for name, p in case.model.state_dict().items():
        np.testing.assert_array_equal(p, before[name])
    loss.backward()
    assert all(isinstance(p, nn.Parameter) and p.has_grad for p in case.model.parameters())


@given(modules())
@examples(30)
def test_a_small_step_down_the_gradient_lowers_the_loss(case):
    optimizer = nn.optim.SGD(case.model.parameters(), lr=1e-4)
    before = case.loss(case.model(case.X), case.target)
    before.backward()
    if max(abs(p.grad).max() for p in case.model.parameters()) < 1e-6:
        return
    optimizer.step()
    assert case.loss(case.model(case.X), case.target).item() < before.item()


@given(modules())
@examples(30)
def test_a_case_is_shown_as_code_that_makes_it(case):
    arguments = eval(repr(case).replace("Case(", "dict(model=", 1), {"nn": nn, "np": np, "dict": dict})
    twin = Case(**arguments, seed=case.seed)
    assert float(twin(twin.model.state_dict(), twin.X)) == float(case(case.model.state_dict(), case.X))


def test_a_bug_in_an_op_is_found_in_a_small_net():
    from autograd import tanh

    def wrong(case):
        try:
            check_gradients(case, (case.model.state_dict(), case.X), order=1)
        except GradientError as error:
            return error.op is tanh
        return False

    with next(mutants(tanh)).planted():
        smallest = find(
            modules(activations=["tanh"]),
            wrong,
            settings=settings(max_examples=200, suppress_health_check=list(HealthCheck)),
        )
    assert smallest.model.sizes == (1, 1, 1)


def test_other_names_of_parameters_are_an_error():
    case = find(modules(), lambda case: True)
    with pytest.raises(ValueError, match=r"the parameters are \['0.weight', '0.bias'\], not \['w'\]"):
        case({"w": 1.0}, case.X)
