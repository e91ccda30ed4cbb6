"""Every kink, tie and pole of an elementwise op at a usual point is stated in its record."""

from itertools import product

import numpy as np
import pytest

from autograd import Value, gradients
from autograd.namespaces import arrays
from autograd.ops import table
from tests.helpers.samplers import known

STEP = 2.0**-20
# Steep, for the loss stays below a bound of PyTorch's; and defined for positive numbers.
EXEMPT = {"binary_cross_entropy", "betaln"}
OPS = [op for op in table() if op.elementwise and op.differentiable and op.name not in EXEMPT]


def one_sided(op, point, position, params):
    """The slopes on both sides of a point, by steps."""

    def y(step):
        moved = [np.float64(p + step * (k == position)) for k, p in enumerate(point)]
        return float(arrays.quietly(op, *moved, **params))

    left, here, right = map(y, (-STEP, 0.0, STEP))
    return (here, np.nan, np.nan) if np.isinf(here) else (here, (here - left) / STEP, (right - here) / STEP)


def is_singular(here, left, right, slope):
    """Whether the slope is no number where the value is one, or a pole's; or the sides differ."""
    parts = abs(left - right) > 1e-3 * (1 + abs(left))  # False where a side is nan, outside the domain
    return not np.isfinite(slope) or bool(parts)


def is_stated(op, argument, point, params):
    at = [np.float64(p) for p in point]
    wheres = [s.where for s in op.conventions if s.arg == argument]
    return any(np.all(arrays.quietly(where, arrays, *at, **{**op.params, **params})) for where in wheres)


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_kink_tie_and_pole_at_a_usual_point_has_a_convention(op):
    for params in known(op).params:
        numbers = [v for v in params.values() if isinstance(v, int | float)]
        usual = sorted({0.0, 1.0, -1.0, *map(float, numbers), *(-float(v) for v in numbers)})
        for point in product(usual, repeat=op.arity):
            nodes = [Value(p) for p in point]
            y = op(*nodes, **params)
            if np.isnan(y.data) or (np.isinf(y.data) and op.arity > 1):
                continue
            for i, argument in enumerate(op.argnames):
                if op.vjps[i] is None:
                    continue
                slope = gradients(y, nodes[i])
                here, left, right = one_sided(op, point, i, params)
                assert not is_singular(here, left, right, slope) or is_stated(op, argument, point, params), (
                    f"{op.name}, the derivative by {argument} at {point} {params or ''}: {slope}; by steps {left:g} "
                    f"from the left, {right:g} from the right. State what it is there, in {op.__module__}: "
                    f"{op.name}.convention({argument!r}, ...), as relu (a kink), log (pole) and hypot (a cone's tip) do"
                )
