"""``compile``: compiled functions give what eager ones give, and look like functions."""

import copy
import inspect
import math
import pickle
import re
import subprocess
import sys
import threading
from collections import namedtuple
from functools import partial

import numpy as np
import pytest

import autograd
from autograd import (
    Value,
    compile,
    compiler,
    detect_anomaly,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    sin,
    tanh,
    value_and_grad,
    vjp,
    where,
)  # fmt: skip
from tests.helpers.compiling import recordings, same

Pair = namedtuple("Pair", "W b")
rng = np.random.default_rng(0)


def wave(x):
    return sin(x**3 + 5)


def quadratic(x):
    return (x * x * x[0]).sum()


def layer(p, x):
    return (tanh(x @ p["W"] + p["b"]) ** 2).mean()


PARAMETERS = {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}
DATA = rng.normal(size=(4, 3))


# ---- results ----

CASES = {
    "number": (wave, (1.0,)),
    "vector": (lambda x: (x * 2, x.sum(), x.sum(keepdims=True)), (np.arange(3.0),)),
    "float32": (lambda x: (x * 2, x.sum()), (np.arange(3, dtype=np.float32),)),
    "integers": (lambda i, x: x[i] + i, (np.array([2, 0]), np.arange(3.0))),
    "bools": (lambda c, x: where(c, x, 0.0), (np.array([True, False]), np.ones(2))),
    "conditions": (lambda x: (x > 1.0, x.argmax()), (np.arange(3.0),)),
    "0-d": (lambda x: x * 2, (np.array(2.0),)),
    "mixed": (lambda x, a: (x * a, x + 1), (2.0, np.ones(3))),
    "gradient": (grad(wave), (1.0,)),
    "gradient of a 0-d array": (grad(lambda x: x * x), (np.array(3.0),)),
    "gradient of an array": (grad(quadratic), (np.arange(3.0),)),
    "gradient at integers": (grad(quadratic), (np.arange(3),)),
    "gradients by two": (grad(lambda a, b: (a * b).sum(), (0, 1)), (np.ones(3), np.arange(3.0))),
    "value and gradient": (value_and_grad(layer), (PARAMETERS, DATA)),
    "value and gradient of a number": (value_and_grad(wave), (1.0,)),
    "elementwise": (elementwise_grad(tanh), (np.arange(3.0),)),
    "jacobian": (jacobian(lambda x: x**2 * x[0]), (np.arange(3.0),)),
    "hessian": (hessian(quadratic), (np.arange(3.0),)),
    "hessian of a container": (hessian(lambda p: (p["a"] * p["b"]).sum()), ({"a": np.ones(2), "b": 3.0},)),
    "third order": (grad(grad(grad(wave))), (1.0,)),
    "many numbers": (value_and_grad(lambda p: sum(p[1:], p[0] * p[1])), ([float(i) for i in range(20)],)),
    "many numbers of NumPy's": (grad(lambda p: sum(p[1:], p[0] * p[1])), ([*np.arange(20.0), 1.0],)),
    "many numbers by name": (grad(lambda p: sum(p.values(), 0.0)), ({f"p{i}": float(i) for i in range(20)},)),
    "many arrays": (grad(lambda p: sum(a.sum() for a in p)), ([np.ones(3) for i in range(20)],)),
    "nothing to differentiate": (grad(lambda x: 3.0), (np.ones(2),)),
}
each = pytest.mark.parametrize(("f", "args"), CASES.values(), ids=CASES)


@each
def test_results_are_what_eager_gives(f, args):
    compiled = compile(f)
    expected = f(*args)
    for _ in range(3):
        assert same(compiled(*args), expected)
    assert len(compiled.variants) == 1


@each
def test_from_the_second_call_on_only_the_program_runs(f, args):
    counted, calls = recordings(f)
    compiled = compile(counted)
    compiled(*args)
    recorded = len(calls)
    assert recorded >= 2
    compiled._search = None  # what the dispatcher leaves
    compiled(*args)
    assert len(calls) == recorded


def test_other_numbers_give_other_results():
    slope = compile(grad(wave))
    for x in (1.0, -2.0, 0.5, 3):
        assert same(slope(x), grad(wave)(x))
    step = compile(value_and_grad(layer))
    for _ in range(3):
        x = rng.normal(size=(4, 3))
        assert same(step(PARAMETERS, x), value_and_grad(layer)(PARAMETERS, x))


def test_a_function_may_ask_nodes_for_what_numbers_lack():
    assert compile(lambda x: x.relu() + x.tanh())(0.0) == 0.0
    assert compile(lambda x: x.relu())(np.array([-1.0, 1.0])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    "transform",
    [
        lambda f, x: grad(f)(x),
        lambda f, x: grad(grad(f))(x),
        lambda f, x: value_and_grad(f)(x),
        lambda f, x: jvp(f, (x,), (1.0,)),
        lambda f, x: hvp(f, x, 1.0),
        lambda f, x: vjp(f, x)[1](1.0),
        lambda f, x: hessian(f)(x),
        lambda f, x: compile(grad(f))(x),
        lambda f, x: compile(grad(compile(grad(f))))(x),
        lambda f, x: compile(lambda x: hvp(f, x, 1.0))(x),
        lambda f, x: compile(lambda x: jvp(f, (x,), (1.0,)))(x),
        lambda f, x: compile(lambda x: vjp(f, x)[1](2.0))(x),
        lambda f, x: compile(lambda x: x - 0.1 * grad(f)(x))(x),
    ],
)
def test_transforms_go_through_compiled_functions_and_compile_through_transforms(transform):
    compiled = compile(wave)
    compiled(1.0)
    assert same(transform(compiled, 1.0), transform(wave, 1.0))
    assert same(transform(compiled, 2.0), transform(wave, 2.0))


def test_given_nodes_the_function_itself_runs():
    compiled = compile(wave)
    x = Value(1.0)
    y = compiled(x)
    assert type(y) is Value
    y.backward()
    assert x.grad == grad(wave)(1.0)
    assert not compiled.variants
    cells = np.array([Value(1.0), Value(2.0)], dtype=object)
    assert type(compile(lambda a: a.sum())(cells)) is Value
    assert type(compile(lambda p: p["x"][0] * 2)({"x": [x]})) is Value


def test_inside_a_transform_a_node_may_also_be_captured():
    product = lambda w: compile(lambda x: w * x)(2.0)
    assert grad(product)(3.0) == 2.0


def test_anomalies_are_detected_in_the_function_itself():
    compiled = compile(lambda x: x.log())
    assert compiled(1.0) == 0.0
    with detect_anomaly():
        assert compiled(1.0) == 0.0
        with pytest.raises(FloatingPointError, match="log gave nan"):
            compiled(-1.0)
    assert math.isnan(compiled(-1.0))


def test_a_compiled_function_runs_under_no_grad():
    counted, calls = recordings(value_and_grad(wave))
    compiled = compile(counted)
    with no_grad():
        assert same(compiled(1.0), value_and_grad(wave)(1.0))
        recorded = len(calls)
        assert same(compiled(2.0), value_and_grad(wave)(2.0))
    assert len(calls) == recorded


# ---- what results are ----


def test_results_are_the_callers_own():
    compiled = compile(lambda x: (x, x.T, x + 1, x + 1, x.reshape(-1), {"a": [x * 2]}))
    x = np.arange(6.0).reshape(2, 3)
    first = compiled(x)
    arrays = [*first[:5], first[5]["a"][0]]
    copies = [a.copy() for a in arrays]
    for i, a in enumerate(arrays):
        assert not np.shares_memory(a, x)
        assert not any(np.shares_memory(a, b) for b in arrays[:i])
    compiled(x + 1)
    assert all(map(np.array_equal, arrays, copies))
    for a in arrays:
        a += 1
    assert same(compiled(x)[2], x + 1)
    assert compiled(x)[5] is not first[5]


def test_results_may_be_static_too():
    table = np.ones(2)
    compiled = compile(lambda x, n: {"y": x * n, "n": n, "text": "a", "none": None, "table": table, "half": 0.5})
    for _ in range(2):
        result = compiled(2.0, 3)
        assert {k: v for k, v in result.items() if k != "table"} == {
            "y": 6.0, "n": 3, "text": "a", "none": None, "half": 0.5,
        }  # fmt: skip
        assert result["table"] is not table
        result["table"][:] = 5.0
    assert compiled(2.0, 3)["table"].tolist() == [1.0, 1.0]


def test_a_result_may_depend_on_no_argument():
    w = Value(2.0)
    assert [compile(lambda x: w * 2)(1.0), compile(lambda: w * 3)(), compile(grad(lambda x: x * x))(3)] == [
        4.0,
        6.0,
        6.0,
    ]


# ---- errors ----


def failing(x, y):
    return x @ y


def test_an_error_of_the_function_passes_as_it_is():
    compiled = compile(failing)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"matmul\(.*'x' f64\[2\].*'y' f64\[3\]") as seen:
            compiled(np.ones(2), np.ones(3))
        files = [frame.filename for frame in inspect.getinnerframes(seen.tb)]
        assert files[-2:].count(__file__) >= 1
        assert sum(file.endswith("compiler/compiled.py") for file in files) == 1
    assert compiled(np.ones(2), np.ones(2)) == 2.0


def test_an_error_of_a_users_own_gets_a_note():
    @compile
    def f(x):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine") as seen:
        f(1.0)
    assert seen.value.__notes__ == ["in the compiled function"]


def test_an_error_that_only_some_numbers_bring():
    compiled = compile(lambda a: autograd.inv(a).sum())
    assert compiled(np.eye(2)) == 2.0
    for _ in range(2):
        with pytest.raises(np.linalg.LinAlgError, match=r"^inv\(.*singular"):
            compiled(np.zeros((2, 2)))
    assert compiled(2 * np.eye(2)) == 1.0
    assert len(compiled.variants) == 1


def test_another_branch_where_the_first_one_raises():
    compiled = compile(lambda a: autograd.inv(a).sum() if autograd.det(a) > 0 else a.sum())
    assert [compiled(a) for a in (np.eye(2), np.zeros((2, 2)), 2 * np.eye(2))] == [2.0, 0.0, 1.0]


def test_a_value_taken_out_is_an_error_with_the_line():
    compiled = compile(lambda x: x * float(x))
    for _ in range(2):
        with pytest.raises(TypeError, match=re.escape(__file__)):
            compiled(2.0)


# ---- threads ----


def test_eight_threads_at_once():
    f = value_and_grad(layer)
    compiled, number = compile(f), compile(grad(lambda x: wave(x) if x > 1.5 else x * x))
    cases = [({"W": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}, rng.normal(size=(4, 3))) for _ in range(8)]
    start = threading.Barrier(8)
    wrong = []

    def work(k):
        start.wait()
        own = [number(1.0 + k / 4) for _ in range(2)]
        first = compiled(*cases[k])
        for _ in range(200):
            value, slopes = compiled(*cases[k])
            if value != first[0] or any((slopes[n] != first[1][n]).any() for n in slopes):
                wrong.append(k)
            if number(1.0 + k / 4) != own[0]:
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    finally:
        sys.setswitchinterval(interval)
    assert not wrong
    assert all(same(compiled(*case), f(*case)) for case in cases)
    assert len(compiled.variants) == 1
    assert len(number.variants) == 2


# ---- texts ----


def test_source_has_the_labels_and_lines_of_the_user():
    slope = compile(grad(wave))
    text = slope.source(1.0)
    line = inspect.getsourcelines(wave)[1] + 1
    assert text.startswith("def run(x):\n")
    assert f"# test_compiled.py:{line}" in text
    assert f"# ∂ test_compiled.py:{line}" in text
    assert slope.source(2.0) is text
    assert [v.source for v in slope.variants] == [text]
    assert slope(1.0) == grad(wave)(1.0)


def test_inputs_have_the_names_of_parameters():
    f = lambda p, *rest, **more: p["w"] * p["b"][0] + rest[0] + more["last"] + rest[1].W
    source = compile(f).source({"w": 2.0, "b": [3.0]}, 1.0, Pair(1.0, 2.0), last=4.0)
    assert "(p_w, p_b_0, rest_0, rest_1_W, rest_1_b, last)" in source


@pytest.mark.parametrize("key", ["", "1", "x y", "):\n    import os", "'", "lambda", "é", "__import__", "run", "make"])
def test_hostile_names(key):
    compiled = compile(lambda p: p[key] * 2)
    assert compiled({key: 3.0}) == 6.0
    assert compiled({key: np.ones(2)}).tolist() == [2.0, 2.0]


def test_variants_say_what_they_are_for():
    compiled = compile(lambda x, p, n, flag=None: (x * p["w"] * n).sum())
    compiled(np.ones(3), {"w": 2.0}, 2, flag="a" * 100)
    (variant,) = compiled.variants
    assert variant.signature == f"x: float64 (3,), p['w']: float, n=2, flag='{'a' * 38}…"
    assert variant.guards == ()
    assert variant.backend == "numpy"
    assert variant.instructions > 0
    assert variant.bytes > 0
    assert variant.source == compiled.source(np.ones(3), {"w": 2.0}, 2, flag="a" * 100)
    assert repr(variant).startswith("<variant for x: float64 (3,), p['w']: float, n=2, flag=")


def test_printing_shows_variants_and_sources():
    def halves(x):
        return x / 2 if x > 0 else x

    compiled = compile(halves)
    assert repr(compiled) == str(compiled) == "<compiled halves: 0 variants>"
    compiled(1.0)
    compiled(-1.0)
    text = str(compiled)
    assert text.startswith("<compiled halves: 2 variants>\n\n# x: float (python, ")
    assert all(v.source in text and v.guards[0] in text for v in compiled.variants)
    assert repr(compile(hessian(halves))) == "<compiled hessian(halves): 0 variants>"


def test_source_is_for_plain_arguments():
    with pytest.raises(TypeError, match=r"^compile: .*nodes"):
        compile(wave).source(Value(1.0))


# ---- the name ----


def test_the_compiler_is_imported_when_it_is_asked_for():
    code = (
        "import autograd, sys; assert 'autograd.compiler' not in sys.modules; autograd.compile; "
        "assert 'autograd.compiler' in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_compile_is_public():
    assert autograd.compile is compiler.compile is compile
    assert "compile" in autograd.SHADOWING
    assert "compile" not in autograd.__all__


@compile
def decorated(x):
    return x * 2


compiled_wave = compile(wave)


def test_compiled_functions_can_be_pickled():
    assert pickle.loads(pickle.dumps(decorated)) is decorated
    twin = pickle.loads(pickle.dumps(compiled_wave))
    assert twin(1.0) == wave(1.0)
    assert twin.__wrapped__ is wave
    assert copy.copy(decorated) is copy.deepcopy(decorated) is decorated
    assert copy.deepcopy(compile(partial(wave)))(1.0) == wave(1.0)
