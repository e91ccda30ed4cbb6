"""Compiled functions record again where a call takes another path, and calculate with marks where a nan comes."""

import math
import re
import warnings

import numpy as np
import pytest

import autograd
from autograd import (
    Tensor,
    Value,
    compile,
    grad,
    gradients,
    hessian,
    sin,
    sqrt,
    value_and_grad,
    where,
)  # fmt: skip
from autograd.compiler import CompileWarning, afterwards, fresh
from autograd.compiler.compiled import LIMIT
from tests.helpers.compiling import recordings, same


def wave(x):
    return sin(x**3 + 5)


# ---- paths ----


def test_a_branch_is_a_variant():
    counted, calls = recordings(lambda x: x * 2.0 if x > 0 else x * 3.0)
    compiled = compile(counted)
    assert [compiled(x) for x in (1.0, -1.0, 2.0, -2.0)] == [2.0, -3.0, 4.0, -6.0]
    assert len(compiled.variants) == 2
    assert len(calls) == 4
    assert ["true" in v.guards[0] for v in compiled.variants] == [True, False]
    assert all(f"{__file__}, line " in v.guards[0] for v in compiled.variants)


def test_a_loop_is_a_variant_for_each_number_of_turns():
    def doubled(x):
        while x < 100:
            x = x * 2.0
        return x

    compiled = compile(doubled)
    assert [compiled(x) for x in (1.0, 3.0, 60.0, 1.5)] == [doubled(x) for x in (1.0, 3.0, 60.0, 1.5)]
    assert same(compile(grad(doubled))(3.0), 64.0)


def test_a_branch_on_a_gradient():
    def step(x):
        slope = grad(wave)(x)
        return x - slope if slope > 0 else x + slope

    compiled = compile(step)
    for x in (1.0, -1.0, 1.0):
        assert same(compiled(x), step(x))
    assert len(compiled.variants) == 2


def test_a_branch_on_a_gradient_that_is_nan_without_marks():
    slope = grad(lambda x: where(x > 0, sqrt(x), 0.0))
    for f in (
        lambda x: x + 1 if slope(x) >= 0 else x - 1,
        lambda x: where(slope(x) >= 0, x + 1, x - 1),
    ):
        compiled = compile(f)
        for x in (4.0, 0.0, -1.0, 0.0):
            assert same(compiled(x), x + 1)


def test_shapes_that_depend_on_values():
    f = lambda x: ((x[x > 0] * 2) ** 2).mean()
    compiled, slope = compile(f), compile(grad(f))
    for x in ([1.0, -1.0, 2.0], [1.0, 1.0, 2.0], [-1.0, -1.0, 2.0]):
        x = np.array(x)
        assert same(compiled(x), f(x))
        assert same(slope(x), grad(f)(x))


def test_reading_such_a_shape_is_a_guard():
    compiled = compile(lambda x: x[x > 0].sum() * len(x[x > 0]))
    for x in ([1.0, -1.0, 2.0], [1.0, 1.0, 2.0], [-1.0, 3.0, 2.0]):
        x = np.array(x)
        assert same(compiled(x), x[x > 0].sum() * len(x[x > 0]))
    assert len(compiled.variants) == 2
    assert "shape (2,)" in compiled.variants[0].guards[0]


def test_more_variants_than_the_limit_run_as_they_are_with_one_warning():
    counted, calls = recordings(lambda x, n: x * n)
    compiled = compile(counted)
    for n in range(LIMIT):
        assert compiled(2.0, n) == 2.0 * n
    with pytest.warns(CompileWarning, match=rf"(?s)recorded {LIMIT} times.*n=50.*{re.escape(__file__)}, line ") as seen:
        assert compiled(2.0, 50) == 100.0
    assert [w.filename for w in seen] == [__file__]
    recorded = len(calls)
    assert compiled(2.0, 51) == 102.0
    assert len(calls) == recorded + 1
    assert compiled(3.0, 1) == 3.0
    assert len(calls) == recorded + 1
    assert len(compiled.variants) == LIMIT
    with pytest.raises(ValueError, match="runs as it is"):
        compiled.source(2.0, 50)


def test_what_no_program_can_do_runs_as_it_is_with_one_warning():
    compiled = compile(lambda x: None)
    with pytest.warns(CompileWarning, match=rf"(?s)<lambda>.*{re.escape(__file__)}, line "):
        assert compiled(2.0) is None
    assert compiled(2.0) is None
    compiled = compile(lambda x: autograd.exp(np.array([x, x * 2], dtype=object)).sum())
    with pytest.warns(CompileWarning, match=re.escape(__file__)):
        assert same(compiled(2.0), math.exp(2) + math.exp(4))
    assert same(compiled(0.0), 2.0)


@pytest.mark.parametrize("first", [np.zeros((2, 2)), np.eye(2)])
def test_a_function_that_catches_an_error_of_an_op_runs_as_it_is(first):
    @compile
    def f(a):
        try:
            return autograd.inv(a).sum()
        except np.linalg.LinAlgError:
            return a.sum() - 1.0

    points = {0.0: -1.0, 1.0: 2.0, 2.0: 1.0}
    assert first[0, 0] == 0.0 or f(first) == 2.0
    with pytest.warns(CompileWarning, match=rf"(?s)catches an error of inv.*{re.escape(__file__)}, line "):
        assert f(np.zeros((2, 2))) == -1.0
    for k in points:
        assert f(k * np.eye(2)) == points[k]


def test_side_effects_take_place_twice_and_then_never():
    seen = []

    @compile
    def f(x):
        seen.append(x)
        return x * 2

    assert [f(x) for x in (1.0, 2.0, 3.0)] == [2.0, 4.0, 6.0]
    assert len(seen) == 2


# ---- nan ----

NANS = {
    "where": (lambda x: where(x > 0, sqrt(x), 0.0), [4.0, 0.0, -1.0]),
    "where, arrays": (lambda x: where(x > 0, sqrt(x), 0.0).sum(), [np.array([4.0, 1.0]), np.array([0.0, 4.0])]),
    "x log x": (lambda x: where(x > 0, x * autograd.log(x), 0.0).sum(), [np.ones(2), np.zeros(2)]),
    "product": (lambda x: x * sqrt(x), [4.0, 0.0]),
    "arithmetic": (lambda x: autograd.cos(sqrt(x)), [4.0, 0.0]),
    "maximum": (lambda x: autograd.maximum(sqrt(x), 0.0), [4.0, 0.0]),
    "undefined": (autograd.log, [1.0, -1.0]),
}


@pytest.mark.parametrize(("f", "points"), NANS.values(), ids=NANS)
@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian])
def test_singular_points_give_what_eager_gives(f, points, transform):
    compiled = compile(transform(f))
    for x in [*points, *points[::-1]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = transform(f)(x)
        assert same(compiled(x), expected)
    assert len([v for v in compiled.variants if not v.marked]) == 1


def test_marked_programs_are_recorded_once():
    counted, calls = recordings(grad(lambda x: where(x > 0, sqrt(x), 0.0)))
    compiled = compile(counted)
    compiled(4.0)
    compiled(0.0)
    recorded = len(calls)
    assert compiled(0.0) == 0.0
    assert compiled(-1.0) == 0.0
    assert len(calls) == recorded
    assert [v.marked for v in compiled.variants] == [False, True]
    assert "with marks" in repr(compiled.variants[1])


def test_what_has_no_derivative_needs_no_marks():
    compiled = compile(lambda x: autograd.log(x) * 2)
    assert math.isnan(compiled(-1.0))
    assert not any(v.marked for v in compiled.variants)


def test_no_warning_of_numpys_comes_out_of_a_program():
    compiled = compile(lambda x: autograd.log(x) / x)
    assert compiled(np.ones(2)).tolist() == [0.0, 0.0]
    assert compiled(np.zeros(2)).tolist() == [-np.inf, -np.inf]
    assert np.isnan(compiled(-np.ones(2))).all()
    with np.errstate(all="raise"):
        assert compiled(np.zeros(2)).tolist() == [-np.inf, -np.inf]
    assert compile(lambda x: 1 / x)(0.0) == np.inf


# ---- what a function captures ----


def test_captured_leaves_are_read_anew():
    w = Tensor([1.0, 2.0], "w")
    compiled = compile(lambda x: (w * x).sum())
    slope = compile(lambda x: gradients((w * w * x).sum(), w))
    x = np.ones(2)
    assert compiled(x) == 3.0
    assert slope(x).tolist() == [2.0, 4.0]
    w.data = [5.0, 5.0]
    assert compiled(x) == 10.0
    assert slope(x).tolist() == [10.0, 10.0]
    w.data -= 1.0
    assert compiled(x) == 8.0
    w.data[0] = 0.0
    assert compiled(x) == 4.0
    assert len(compiled.variants) == 1


def test_captured_numbers_and_constants_too():
    v, c = Value(2.0), Value(3.0, requires_grad=False)
    compiled = compile(lambda x: v * x + c)
    assert compiled(1.0) == 5.0
    v.data, c.data = 4.0, 5.0
    assert compiled(1.0) == 9.0


def test_captured_arrays_are_constants():
    a, n = np.ones(2), [1.0]
    compiled = compile(lambda x: (x * a).sum() * n[0])
    assert compiled(np.ones(2)) == 2.0
    a[:] = 7.0
    n[0] = 2.0
    assert compiled(np.ones(2)) == 2.0


def test_random_constants_are_an_error():
    generator = np.random.default_rng(0)
    compiled = compile(lambda x: x * generator.normal())
    for _ in range(2):
        with pytest.raises(TypeError, match=re.escape(__file__)):
            compiled(1.0)


def test_drawn_numbers_are_drawn_once_a_call_whatever_is_tried():
    def f(x):
        calls.append(x)
        u = fresh(generator.random)
        return (u, x * 2) if u > 0.5 else (u, x * 3)

    calls = []
    generator, eager = np.random.default_rng(3), np.random.default_rng(3)
    compiled = compile(f)
    results = [compiled(1.0) for _ in range(20)]
    assert [u for u, _ in results] == [eager.random() for _ in range(20)]
    assert [y for _, y in results] == [2.0 if u > 0.5 else 3.0 for u, _ in results]
    assert len(compiled.variants) == 2
    assert len(calls) == 4


def test_other_draws_than_those_of_the_path_tried_first_are_drawn_anew():
    def f(x):
        u = fresh(lambda: 0.0)
        return u + fresh(lambda: generator.random() / 2) if x > 0 else u - fresh(lambda: 1 + generator.random())

    generator = np.random.default_rng(3)
    compiled = compile(f)
    results = [compiled(x) for x in (1.0, -1.0, 2.0, -2.0)]
    assert all(0 < y < 0.5 for y in results[::2])
    assert all(-2 < y < -1 for y in results[1::2])
    assert len(set(results)) == 4


def test_drawn_numbers_with_marks():
    generator, eager = np.random.default_rng(3), np.random.default_rng(3)
    f = lambda draw: grad(lambda x: where(x > 0, sqrt(x), 0.0) * draw())
    compiled = compile(f(lambda: fresh(generator.random)))
    points = [4.0, 0.0, 4.0, 0.0, 1.0]
    assert [compiled(x) for x in points] == [f(eager.random)(x) for x in points]


def test_effects_take_place_once_after_each_call():
    written = []

    @compile
    def f(x):
        y = x * 2 if x > 0 else x * 3
        afterwards(written.append, y)
        return y + 1

    assert [f(x) for x in (1.0, -1.0, 2.0, -2.0)] == [3.0, -2.0, 5.0, -5.0]
    assert written == [2.0, -3.0, 4.0, -6.0]
    f.source(1.0)
    assert len(written) == 4
