"""Every op of the table: its value, on arrays, on floats and on nodes."""

import json
import pickle
from itertools import product

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value
from autograd.engine.node import Node, functions
from autograd.namespaces import arrays
from autograd.ops import families, formula, table
from tests.helpers.samplers import ELEMENTWISE, STRUCTURAL, known, reference, samples, varied
from tests.helpers.support import numbers, plain, ulps

OPS = table()
SCALAR = [op for op in OPS if op.elementwise]
# A target and a probability are finite; of √−∞, C's power and NumPy's square root disagree.
NOT_OF_INFINITIES = {"binary_cross_entropy", "binary_cross_entropy_with_logits", "pow", "pow_number"}
every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
every_elementwise_op = pytest.mark.parametrize("op", SCALAR, ids=lambda op: op.__name__)


@pytest.mark.op_files
def test_every_op_has_samples_and_every_sampler_an_op():
    for op in OPS:
        known(op)
    stray = {*ELEMENTWISE, *STRUCTURAL} - {op.__name__ for op in OPS}
    assert not stray, f"tests/helpers/samplers.py has lines for what is no op: {stray}"
    misplaced = {op.__name__ for op in SCALAR} ^ {*ELEMENTWISE}
    assert not misplaced, f"ELEMENTWISE in tests/helpers/samplers.py is for elementwise ops, and for all: {misplaced}"


def test_names_are_unique():
    names = [op.__name__ for op in OPS]
    assert len(set(names)) == len(names)


@every_op
def test_an_op_is_found_by_its_name_in_the_package_and_in_the_registry(op):
    family = next(f for f in families() if f.__name__ == op.__module__)
    assert getattr(family, op.__name__) is op
    assert any(f is op for f in functions().values()) or op.__name__ not in family.__all__
    assert pickle.loads(pickle.dumps(op)) is op


@every_op
def test_an_op_is_documented_in_one_line_and_has_a_symbol(op):
    assert op.__doc__
    assert len(op.__doc__.splitlines()[0]) > 10
    assert op.symbol


@every_op
def test_the_formula_of_every_op_is_written_without_an_error(op):
    text = formula(op)
    lines = text.splitlines()
    assert lines[0].startswith(f"{op.name}  {op.symbol}  ")
    assert lines[1].startswith("y = ")
    derivatives = [line for line in lines if line.startswith(("∂y/∂", "gradient of "))]
    assert len(derivatives) == sum(f is not None for f in op.formulas)
    assert sum(line.startswith("where singular") for line in lines) == len(op.conventions)
    assert "object at 0x" not in text
    assert "<" not in text.replace(" < ", "")


@every_op
def test_uses_names_positions_of_arguments_or_the_result(op):
    assert len(op.uses) == len(op.vjps) == len(op.argnames)
    for uses, vjp in zip(op.uses, op.vjps, strict=True):
        assert uses <= {-1, *range(len(op.argnames))}
        assert vjp is not None or not uses


@every_op
def test_a_derivative_reads_no_value_beyond_its_uses(op):
    for args, params in samples(op):
        y = np.asarray(op(*args, **params))
        g = numbers(y.shape, 5)
        for i in varied(op, args):
            by_i = lambda y, args: op.vjp(i)(arrays, g, y, *args, **{**op.params, **params})
            uses = op.uses[min(i, len(op.uses) - 1)]
            used = {j if j < 0 else k for j in uses for k in (range(j, len(args)) if j == len(op.uses) - 1 else [j])}
            for k in {-1, *range(len(args))} - used:
                other = [np.full_like(a, 0) if j == k else a for j, a in enumerate(args)]
                changed = by_i(np.full_like(y, 0) if k == -1 else y, other)
                np.testing.assert_array_equal(changed, by_i(y, args))


@every_op
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,), (2, 0)], ids=str)
def test_the_value_on_arrays_and_on_nodes_is_numpys(op, shape):
    for args, params in samples(op, shape):
        expected = np.asarray(reference(op)(*args, **params))
        # An element that several terms make may be what is left of large ones, in an order of LAPACK's choice.
        atol = 0.0 if op.elementwise else 4e-15 * np.abs(expected).max(initial=0)
        on_arrays = np.asarray(op(*args, **params))
        node = op(*map(Tensor, args), **params)
        assert isinstance(node, Node)
        for result in (on_arrays, np.asarray(plain(node))):
            assert result.shape == expected.shape
            assert result.dtype == expected.dtype or op.__name__ == "count"
            np.testing.assert_allclose(result, expected, rtol=4e-15, atol=atol)


@every_elementwise_op
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_of_nan_and_infinities_the_value_is_numpys(op):
    """A selection that compares with nan takes its other branch, which must not make a number of it."""
    for params in known(op).params:
        for args in product((np.nan, np.inf, -np.inf, 0.5), repeat=op.arity):
            if np.isfinite(args).all() or (not np.isnan(args).any() and op.__name__ in NOT_OF_INFINITIES):
                continue
            expected = reference(op)(*map(np.float64, args), **params)
            for on in (Value, Tensor):
                y = plain(op(*map(on, args), **params))
                assert np.allclose(y, expected, rtol=4e-15, atol=0.0, equal_nan=True), (
                    f"{op.__name__}{args} of a {on.__name__} is {y}, and {expected} by tests/helpers/samplers.py: "
                    "nan fails every comparison, so let it reach a branch that gives nan; or correct that formula"
                )


@every_elementwise_op
def test_a_value_computes_what_a_0_d_tensor_does(op):
    for args, params in samples(op, ()):
        on_value = op(*(Value(a) for a in args), **params)
        on_tensor = op(*(Tensor(a) for a in args), **params)
        on_numbers = op(*(float(a) for a in args), **params)
        assert type(on_value) is Value
        assert type(on_tensor) is Tensor
        assert type(on_tensor.data) is np.ndarray
        assert type(on_value.data) is type(on_numbers) is (bool if on_tensor.data.dtype == bool else float)
        assert ulps(on_value.data, on_tensor.data) <= 4
        assert on_value.data == on_numbers


@every_op
def test_a_result_records_its_op_its_operands_in_order_and_its_parameters(op):
    for args, params in samples(op):
        nodes = tuple(Tensor(a) for a in args)
        y = op(*nodes, **params)
        assert y.op is op
        assert [id(p) for p in y.parents] == [id(n) for n in nodes]
        assert dict(y.params) == {**op.params, **params}
        hash(tuple(y.params.items()))
        json.dumps(dict(y.params))
        assert y.requires_grad == (op.differentiable and any(n.requires_grad for n in nodes))
        assert not y.has_grad


@every_op
def test_an_op_leaves_its_arguments_as_they_were(op):
    for args, params in samples(op):
        before = [a.copy() for a in args]
        frozen = [a.flags.writeable for a in args]
        op(*args, **params)
        op(Tensor(args[0]), *args[1:], **params)
        assert [a.flags.writeable for a in args] == frozen
        for a, b in zip(args, before, strict=True):
            np.testing.assert_array_equal(a, b)


@every_op
def test_an_array_as_result_shares_no_memory_with_a_nodes_data(op):
    for args, params in samples(op):
        nodes = tuple(Tensor(a) for a in args)
        y = op(*nodes, **params)
        if isinstance(y, Tensor):
            assert not any(np.shares_memory(y.data, n.data) for n in nodes)


def test_formulas_are_the_textbooks():
    expected = {
        "add": ["y = a + b", "∂y/∂a = 1", "∂y/∂b = 1"],
        "sub": ["y = a − b", "∂y/∂a = 1", "∂y/∂b = −1"],
        "mul": ["y = a·b", "∂y/∂a = b", "∂y/∂b = a"],
        "div": ["y = a/b", "∂y/∂a = 1/b", "∂y/∂b = −y/b"],
        "neg": ["y = −x", "∂y/∂x = −1"],
        "sin": ["y = sin(x)", "∂y/∂x = cos(x)"],
        "cos": ["y = cos(x)", "∂y/∂x = −sin(x)"],
        "exp": ["y = exp(x)", "∂y/∂x = y"],
        "log": ["y = log(x)", "∂y/∂x = 1/x"],
        "sqrt": ["y = √x", "∂y/∂x = 1/(2·y)"],
        "tanh": ["y = tanh(x)", "∂y/∂x = 1 − y·y"],
        "sigmoid": ["y = 1/(1 + exp(−x))", "∂y/∂x = y·(1 − y)"],
        "relu": ["y = maximum(x, 0)", "∂y/∂x = 1 if x > 0 else 0"],
        "matmul": ["y = a @ b", "gradient of a: g @ bᵀ", "gradient of b: aᵀ @ g"],
        "where": ["y = a if condition else b", "∂y/∂a = 1 if condition else 0", "∂y/∂b = 0 if condition else 1"],
    }
    for name, lines in expected.items():
        assert formula(name).splitlines()[1 : 1 + len(lines)] == lines


def test_a_formula_is_found_by_numpys_name_too_and_an_unknown_one_lists_the_known():
    assert autograd.formula("multiply") == autograd.formula("mul")
    with pytest.raises(KeyError, match=r"no op 'foo'; there are abs, add"):
        autograd.formula("foo")


def test_uses_are_the_values_that_a_derivative_reads():
    expected = {
        "add": [set(), set()],
        "sub": [set(), set()],
        "mul": [{1}, {0}],
        "div": [{1}, {1, -1}],
        "matmul": [{1}, {0}],
        "where": [set(), {0}, {0}],
        "sigmoid": [{-1}],
        "tanh": [{-1}],
        "exp": [{-1}],
        "sin": [{0}],
        "sum": [set()],
        "mean": [set()],
        "reshape": [set()],
        "transpose": [set()],
        "broadcast_like": [set(), set()],
        "getitem": [{1}, set()],
        "scatter_like": [{2}, set(), set()],
        "concatenate_args": [set()],
        "relu": [{0}],
        "maximum": [{0, 1}, {0, 1}],
    }
    by_name = {op.__name__: op for op in OPS}
    for name, uses in expected.items():
        assert [set(u) for u in by_name[name].uses] == uses, name
