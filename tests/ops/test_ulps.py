"""Every op's value and derivatives within 4 ulp of mpmath's, at a few of the points of scripts/bench/ulps.py."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograd.ops import formula, table

pytest.importorskip("mpmath")

# Down to the smallest, 100 digits are left of 220; where a slope is smaller than that, the points have a gap.
SIZES = (0.0, 1e-40, 1e-16, 0.3, 0.499999, 0.9, 1 + 2**-23, 3.7, 9.01, 37.0, 88.0, 300.0, 1023.7, 1e20, 1e155)
FEW = (0.0, 1e-16, 0.9, 3.7, 40.0, 1e30)
ROWS = ((1.0, 2.0, 4.0), (0.1, 0.2, 0.3, 0.7), (1e-20, 1.0), (88.5, 89.0, 3.0), (-20.0, 3.0))
TINY_AND_HUGE = ((1e-200, 3e-200), (1e155, 3e155))


def _swept() -> ModuleType:
    path = Path(__file__).parents[2] / "scripts" / "bench" / "ulps.py"
    spec = importlib.util.spec_from_file_location("ulps", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


ulps = _swept()
OPS = [op for op in table() if op.__name__ in ulps.OPS or op.__name__ in ulps.ROWS]


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
def test_values_and_derivatives_are_within_4_ulp_but_where_the_record_states_more(op):
    for dtype in (np.float64, np.float32):
        if op.__name__ in ulps.ROWS:
            homogeneous = op.__name__ in ("euclidean_norm", "std") and dtype is np.float64
            rows = ROWS + TINY_AND_HUGE if homogeneous else ROWS
            each = (e for row in rows for e in ulps.row_errors(op, np.array(row, dtype)))
        else:
            sizes = (SIZES, FEW, FEW[1::2])[op.arity - 1]
            each = (e for case in ulps.cases(op, dtype, sizes) for e in ulps.errors(case))
        found = ulps.worst(op, each, 220)
        assert found
        for of, e in found.items():
            assert ulps.stated(op, of) or e.ulps <= ulps.BOUND, (
                f"{op.__name__} {of} {dtype.__name__}: {e.ulps} ulp at {e}: write the formula so that nothing cancels "
                f"there, or say why it does with {op.__name__}.caveat({'y' if of == 'value' else of!r}, 'why')"
            )


@pytest.mark.op_files
def test_every_differentiable_elementwise_op_that_rounds_is_swept():
    elementwise = {op.__name__ for op in table() if op.elementwise and op.differentiable}
    missing = elementwise - ulps.OPS.keys() - ulps.ROUND_ONCE
    assert not missing, (
        f"scripts/bench/ulps.py has no exact value of {missing}: add the formula, written with mpmath, to OPS there "
        "(and to PARAMS if it has static arguments), or the name to ROUND_ONCE if the op rounds nothing, or once"
    )
    assert not (stray := (ulps.OPS.keys() | ulps.ROUND_ONCE) - elementwise), (
        f"scripts/bench/ulps.py: {stray}: no such op"
    )


def test_a_caveat_is_about_the_value_or_an_argument_and_is_printed():
    for op in table():
        for caveat in op.caveats:
            assert caveat.of in ("y", *op.argnames)
            assert caveat.why in formula(op)
    assert "more than 4 ulp off, by x: 1 − y² cancels" in formula("tanh")


def test_a_derivative_that_is_lost_is_found():
    op = next(op for op in OPS if op.__name__ == "arcsinh")
    right = op.vjps
    try:
        op.vjps = (lambda xp, g, y, x: g / xp.sqrt(1 + x * x),)
        op._analyse()
        found = ulps.worst(op, (e for case in ulps.cases(op, np.float64, (1e155,)) for e in ulps.errors(case)), 220)
    finally:
        op.vjps = right
        op._analyse()
    assert found["x"].ulps > 1e15
