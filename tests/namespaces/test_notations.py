"""Formulas as code: Python that computes what the formula computes, and JavaScript that agrees with it."""

import itertools
import json
import math

import pytest

from autograd import primitive, prod
from autograd.engine.recording import evaluate
from autograd.namespaces import floats
from autograd.namespaces.names import Name, Opaque, xp
from autograd.namespaces.notations import JAVASCRIPT, JAVASCRIPT_FUNCTIONS, PYTHON, source
from autograd.ops import javascript, table
from tests.helpers.javascript import NEEDS_NODE, evaluated

g, x, y = Name("g"), Name("x"), Name("y")
SIZES = [-math.inf, -40.0, -2.5, -1.0, -0.4, -0.0, 0.0, 1e-9, 0.3, 1.0, 2.0, 2.5, 30.0, math.inf, math.nan]
FEWER = [-1.5, -0.0, 0.0, 0.3, 1.0, 4.0, math.inf, math.nan]
# Some 300 for each op: singular points, sizes at which something over- or underflows, and what is between.
SINGULAR = [0.0, 0.5, 1.0, 2.0, 3.0, 1e-300, 1e-9, 709.0, 745.0, 1e300, math.inf]
MANY = [sign * x for x in (*SINGULAR, *(1.13**k for k in range(-70, 67))) for sign in (1, -1)] + [math.nan]
PAIRS = [sign * x for x in (0.0, 0.3, 1.0, 2.5, 40.0, 1e-300, 1e300, math.inf) for sign in (1, -1)] + [math.nan]
TRIPLES = [-math.inf, -1.5, -0.0, 0.3, 1.0, 1e300, math.nan]


@pytest.mark.parametrize(
    ("expression", "python", "javascript"),
    [
        (lambda: x + (y + g), "x + (y + g)", "x + (y + g)"),
        (lambda: (x + y) + g, "x + y + g", "x + y + g"),
        (lambda: x * (y * g), "x * (y * g)", "x * (y * g)"),
        (lambda: x / (y / g) - -x, "x / (y / g) - -x", "x / (y / g) - -x"),
        (lambda: x * -2, "x * (-2)", "x * (-2.0)"),
        (lambda: -(-(x + y) * g), "(x + y) * g", "(x + y) * g"),
        (lambda: x**2, "power(x, 2)", "xp.power(x, 2.0)"),
        (lambda: xp.where(x > 0, g, 0.0) + 1, "(g if x > 0 else 0.0) + 1", "(x > 0.0 ? g : 0.0) + 1.0"),
        (lambda: xp.where(x, g, xp.where(x == y, 1, 2)), "g if x != 0 else 1 if x == y else 2",
         "x != 0.0 ? g : x == y ? 1.0 : 2.0"),
        (lambda: (x < y) == (y < g), "(x < y) == (y < g)", "(x < y) == (y < g)"),
        (lambda: xp.logical_and(x > 0, xp.logical_not(y)), "x > 0 and not y != 0", "x > 0.0 && !(y != 0.0)"),
        (lambda: xp.arctan2(x, 1e-300), "arctan2(x, 1e-300)", "Math.atan2(x, 1e-300)"),
        (lambda: xp.fmod(x, y) * g, "fmod(x, y) * g", "x % y * g"),
    ],
)  # fmt: skip
def test_code_keeps_the_order_of_operations(expression, python, javascript):
    for code, notation in ((python, PYTHON), (javascript, JAVASCRIPT)):
        assert source(expression(), notation) in (f"({code})", code)


@pytest.mark.parametrize(
    "expression",
    [(x, y), [x], None, math.nan, math.inf, "x", xp.sum(x, axis=0), xp.getitem(x, key=(0,)), xp.concatenate([x, y], 0)],
    ids=str,
)
def test_what_is_no_number_has_no_source(expression):
    with pytest.raises(ValueError, match="has no source"):
        source(expression)


def test_a_function_that_is_not_known_is_named():
    with pytest.raises(ValueError, match=r"1 \+ airy\(x\) has no source: there is no airy"):
        source(1 + xp.airy(x), known=vars(floats))
    with pytest.raises(ValueError, match="airy has no source in JavaScript"):
        source(xp.airy(x), JAVASCRIPT)


def formulas():
    """Every formula of an elementwise op on numbers: a name, the symbols that it is in, the formula and its tree."""
    for op in table():
        if op.elementwise and not op.lacks:  # of SciPy's functions
            args = [Opaque(a) for a in op.argnames]
            params = {k: Name(k) for k in op.params}
            yield op, "y", None, op.on_names(None, args=args, params=params)
            for a, vjp in zip(op.argnames, op.vjps, strict=True):
                if vjp is not None:
                    yield op, a, vjp, op.on_names(vjp, Name("g"), args, params)


def calls(op, vjp, sizes=(SIZES, SIZES, FEWER)):
    """Numbers for the arguments of a formula: ordinary ones and singular ones."""
    count = len(op.argnames) + len(op.params)
    for numbers in itertools.product(sizes[count - 1], repeat=count):
        args, params = numbers[: len(op.argnames)], dict(zip(op.params, numbers[len(op.argnames) :], strict=True))
        value = evaluate(op.forward, args, params)
        yield numbers, value if vjp is None else evaluate(vjp, (1.7, float(value), *args), params), float(value)


def test_python_computes_what_the_formula_computes():
    for op, of, vjp, tree in formulas():
        code = compile(source(tree, known=vars(floats)), op.name, "eval")
        for numbers, right, value in calls(op, vjp):
            here = dict(zip((*op.argnames, *op.params), numbers, strict=True))
            try:
                found = eval(code, vars(floats) | here | {"g": 1.7, "y": value})
            except (ArithmeticError, ValueError):  # IEEE's answer is of another namespace
                continue
            assert found == right or (found != found and right != right), (op.name, of, numbers)


@NEEDS_NODE
def test_javascript_agrees_with_python_on_every_formula_of_an_elementwise_op():
    ops = [op for op in table() if op.elementwise and "javascript" not in op.lacks]
    cases, expected = [], []
    for i, op in enumerate(ops):
        for which, vjp in enumerate((None, *op.vjps), -1):
            if vjp is not None or which < 0:
                for arguments, right, value in calls(op, vjp, (MANY, PAIRS, TRIPLES)):
                    cases.append([i, which, 1.7, value, *arguments])
                    expected.append((f"{op.name} {which}", arguments, right))
    assert len({(i, which) for i, which, *_ in cases}) > 130
    lines = [
        f"const xp = {{{', '.join(f'{k}: {f}' for k, f in JAVASCRIPT_FUNCTIONS.items())}}};",
        f"const ops = [{', '.join(map(javascript, ops))}];",
        f"const cases = {json.dumps(cases)};".replace("Infinity", "1/0"),
        "const result = (op, which, g, y, xs) => which < 0 ? op.value(...xs) : op.vjps[which](g, y, ...xs);",
    ]
    results = evaluated("\n".join(lines), "cases.map(([i, j, g, y, ...xs]) => Number(result(ops[i], j, g, y, xs)))")
    wrong = {}
    for (name, arguments, right), found in zip(expected, map(float, results), strict=True):
        if not math.isclose(found, right, rel_tol=1e-13, abs_tol=1e-300) and not (found != found and right != right):
            wrong.setdefault(name, []).append((arguments, found, right))
    assert not wrong, {name: (len(several), several[:3]) for name, several in wrong.items()}


def test_what_javascript_cannot_calculate_is_named():
    with pytest.raises(ValueError, match="prod cannot be calculated in JavaScript: it is not elementwise"):
        javascript(prod)

    @primitive("f", elementwise=True, lacks=["javascript"])
    def f(xp, x):
        return xp.erf(x)

    with pytest.raises(ValueError, match=r"^f cannot be calculated in JavaScript$"):
        javascript(f)

    @primitive("h", elementwise=True)
    def h(xp, x):
        return xp.airy(x)

    with pytest.raises(ValueError, match="h cannot be calculated in JavaScript: airy has no source in JavaScript"):
        javascript(h)
