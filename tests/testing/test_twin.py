"""The engine beside its naive twin; and that the twin would notice an engine that is wrong."""

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from autograd import mul
from autograd.testing import mutants
from tests.helpers.support import examples
from tests.helpers.twin import OPS, Machine, TensorMachine, Twin


class TestValueBesideItsTwin(Machine.TestCase):
    settings = examples(60, stateful_step_count=40)


class TestTensorBesideItsTwin(TensorMachine.TestCase):
    settings = examples(60, stateful_step_count=40)


def test_the_twin_itself_is_right():
    x, y = Twin(2.0), Twin(3.0)
    product = Twin(6.0, (x, y), OPS["multiply"][1], leaf=False)
    product.backward()
    product.backward()
    assert (x.grad, y.grad, product.grad) == (6.0, 4.0, 1.0)


# The same search each time: whether it meets a planted bug is not to be a matter of luck.
looking = settings(
    max_examples=400, stateful_step_count=30, phases=[Phase.generate], report_multiple_bugs=False, database=None,
    derandomize=True,
)  # fmt: skip


@pytest.mark.parametrize("machine", [Machine, TensorMachine])
def test_a_bug_in_the_engine_is_noticed(machine):
    bug = next(m for m in mutants(mul) if "sign" in m.mistake)
    with bug.planted(), pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=looking)


def test_an_engine_that_forgets_to_accumulate_is_noticed(monkeypatch):
    from autograd.engine import backward

    monkeypatch.setattr(backward, "plus", lambda total, g: g)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Machine, settings=looking)
