"""A user's own primitive: four lines that serve floats, arrays, graphs and names."""

import copy
import functools
import pickle
import xml.dom.minidom

import numpy as np
import pytest

from autograd import Tensor, Value, formula, grad, gradients, primitive, viz
from autograd.graph import replay, toposort
from autograd.namespaces import names, notations
from autograd.namespaces.names import Opaque, Shaped
from autograd.testing import check_gradients
from tests.helpers.support import KINDS

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@primitive("x³", elementwise=True)
def cube(xp, x):
    """The third power."""
    return x * x * x


cube.defvjps(x=lambda xp, g, y, x: g * (3 * x * x))


@primitive("h", elementwise=True)
def weighted(xp, x, y):
    """x²y, with the letters that anyone would take."""
    return x * x * y


weighted.defvjps(x=lambda xp, g, out, x, y: g * (2 * x * y), y=lambda xp, g, out, x, y: g * (x * x))


@primitive("leaky", elementwise=True)
def leaky(xp, x, /, slope=0.1):
    """x, or slope·x below 0."""
    return xp.where(x > 0, x, slope * x)


leaky.defvjps(x=lambda xp, g, y, x, slope: xp.where(x > 0, g, g * slope))


@primitive("power", elementwise=True)
def raised(xp, x, /, n=2):
    """xⁿ, with a branch on a static argument."""
    return x**n


raised.defvjps(x=lambda xp, g, y, x, n: g * 2 * x if n == 2 else g * n * x ** (n - 1))


@primitive("flat")
def trace_of(xp, a):
    """The sum of the squares of all elements, of an array as a whole."""
    return xp.sum(a * a)


trace_of.defvjps(a=lambda xp, g, y, a: g * (2 * a))


@pytest.mark.system("K8")
@kinds
def test_a_primitive_serves_every_kind_and_order(kind):
    x = kind(2.0, "x")
    y = cube(x)
    assert type(y) is kind
    assert (y.item(), y.op, y.op.symbol, y.parents[0] is x) == (8.0, cube, "x³", True)
    first = gradients(y, x, create_graph=True)
    second = gradients(first, x, create_graph=True)
    third = gradients(second, x)
    assert (first.item(), second.item(), float(third)) == (12.0, 12.0, 6.0)
    y.backward()
    assert float(x.grad) == 12.0
    assert float(replay(first, {x: 3.0})) == 27.0


def test_a_primitive_serves_plain_numbers_and_arrays():
    assert cube(2.0) == 8.0
    assert type(cube(2.0)) is float
    np.testing.assert_array_equal(cube(np.array([1.0, 2.0])), [1.0, 8.0])
    assert grad(cube)(2.0) == 12.0
    assert grad(grad(cube))(2.0) == 12.0


def test_a_primitive_broadcasts_and_keeps_float32_without_a_word_about_it():
    x, y = Tensor(np.ones((2, 3), np.float32)), Tensor(np.full((3,), 2.0, np.float32))
    z = weighted(x, y)
    z.backward(np.ones((2, 3)))
    np.testing.assert_array_equal(y.grad, [2.0, 2.0, 2.0])
    np.testing.assert_array_equal(x.grad, np.full((2, 3), 4.0))
    assert x.grad.dtype == y.grad.dtype == z.data.dtype == np.float32


def test_a_primitive_of_whole_arrays():
    a = Tensor([[1.0, 2.0], [3.0, 4.0]])
    first = gradients(trace_of(a), a, create_graph=True)
    np.testing.assert_array_equal(first.data, 2 * a.data)
    np.testing.assert_array_equal(gradients(first.sum(), a), np.full((2, 2), 2.0))


@kinds
def test_the_letters_of_the_arguments_do_not_matter(kind):
    x, y = kind(3.0), kind(5.0)
    weighted(x, y).backward()
    assert (float(x.grad), float(y.grad)) == (30.0, 9.0)
    assert [set(u) for u in weighted.uses] == [{0, 1}, {0}]


NAMES = [
    ("g", "h"),
    ("y", "g"),
    ("n0", "n1"),
    ("node", "grads"),
    ("levels", "where"),
    ("g0", "g1"),
    ("exp", "log"),
    ("λ", "μ"),
]


@kinds
@pytest.mark.parametrize("names", NAMES, ids=str)
def test_nor_whether_they_are_words_of_the_engines(kind, names):
    a, b = names
    scope = {}
    exec(f"def f(xp_, {a}, {b}): return {a} * {a} * {b}", scope)
    exec(f"def by_a(xp_, gg, out, {a}, {b}): return gg * (2 * {a} * {b})", scope)
    exec(f"def by_b(xp_, gg, out, {a}, {b}): return gg * ({a} * {a})", scope)
    op = primitive("f", elementwise=True)(scope["f"])
    op.defvjps(**{a: scope["by_a"], b: scope["by_b"]})
    left, right = kind(3.0), kind(5.0)
    op(left, right).backward()
    assert (float(left.grad), float(right.grad)) == (30.0, 9.0)


@kinds
@pytest.mark.parametrize("slope", [0.1, 0.5, -2.0])
def test_static_arguments_reach_the_derivative(kind, slope):
    x = kind(-1.0)
    y = leaky(x, slope=slope)
    assert dict(y.params) == {"slope": slope}
    assert y.item() == -slope
    y.backward()
    assert float(x.grad) == slope
    assert float(gradients(y, x, create_graph=True)) == slope


@kinds
@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_derivative_may_branch_on_a_static_argument(kind, n):
    x = kind(1.5)
    raised(x, n).backward()
    assert float(x.grad) == pytest.approx(n * 1.5 ** (n - 1), rel=1e-15)
    x.zero_grad()
    raised(x).backward()
    assert float(x.grad) == 3.0


@kinds
def test_a_derivative_that_reads_more_in_another_branch_is_guarded_there_too(kind):
    x = kind(2.0)
    y = chooser(x, mode="square")
    x.data = 5.0 if kind is Value else np.array(5.0)
    with pytest.raises(ValueError, match="changed after"):
        y.backward()


@primitive("choose", elementwise=True)
def chooser(xp, x, /, mode="line"):
    """2x or x²."""
    return 2 * x if mode == "line" else x * x


chooser.defvjps(x=lambda xp, g, y, x, mode: g * 2 if mode == "line" else g * (2 * x))


def test_a_formula_means_on_floats_what_it_does_on_arrays():
    @primitive("odd", elementwise=True)
    def odd(xp, x):
        """A formula with every sign, to be read with its brackets."""
        return -(2.0**x) - (x - (x - 3)) + (-x) ** 2 / (2 / (3 / x)) - (x * -1e-5) ** 3

    odd.defvjps(
        x=lambda xp, g, y, x: (
            -g * 2.0**x * xp.log(2.0 + 0 * x)
            + (2 * -x * -1) * g / (2 / (3 / x))
            + (-x) ** 2 * (-(3 / (x * x)) / 2) * g
            - 3 * (x * -1e-5) ** 2 * -1e-5 * g
        )
    )
    for at in (0.7, 1.3, 2.9):
        v, t = Value(at), Tensor(at)
        odd(v).backward()
        odd(t).backward()
        h = 1e-6
        assert v.grad == pytest.approx(float(t.grad), rel=1e-14)
        assert v.grad == pytest.approx((odd(at + h) - odd(at - h)) / (2 * h), rel=1e-7)


def test_a_primitive_has_a_formula():
    assert formula(cube).splitlines() == ["cube  x³  the third power", "y = x·x·x", "∂y/∂x = 3·x·x"]
    assert formula(leaky).splitlines()[1].startswith("y = ")
    assert repr(cube) == "<op cube x³(x)>"


def test_a_primitive_pickles_by_reference():
    assert pickle.loads(pickle.dumps(cube)) is cube
    assert copy.deepcopy(cube) is cube
    y = cube(Value(2.0, "x")) + 1
    for twin in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y)):
        assert [n.op for n in toposort(twin)] == [n.op for n in toposort(y)]
        twin.backward()
        assert toposort(twin)[0].grad is None or toposort(twin)[0].grad == 12.0


@primitive("none", elementwise=True)
def underived(xp, a, b):
    """No derivative is stated."""
    return a * b


@kinds
def test_a_missing_derivative_is_an_error_that_says_what_to_do(kind):
    x = kind(2.0)
    y = underived(x, 3.0)
    assert y.item() == 6.0
    with pytest.raises(TypeError, match=r"underived has no derivatives: .*underived\.defvjps\(.*differentiable=False"):
        y.backward()
    with pytest.raises(TypeError, match="underived has no derivatives"):
        gradients(y, x, create_graph=True)
    assert not x.has_grad


def test_a_derivative_left_out_or_of_another_argument_is_an_error():
    with pytest.raises(TypeError, match=r"underived\.defvjps: .*a, b.*not for a$"):
        underived.defvjps(a=lambda xp, g, y, a, b: g * b)
    with pytest.raises(TypeError, match=r"underived\.defvjps: .*a, b.*not for a, c"):
        underived.defvjps(a=lambda xp, g, y, a, b: g * b, c=lambda xp, g, y, a, b: g)
    with pytest.raises(TypeError, match=r"underived\.defvjps"):
        underived.defvjps()


def test_none_states_that_an_argument_has_no_gradient():
    @primitive("pick", elementwise=True)
    def pick(xp, c, a):
        return xp.where(c, a, 0.0)

    pick.defvjps(c=None, a=lambda xp, g, y, c, a: xp.where(c, g, 0.0))
    for kind in KINDS:
        c, a = kind(1.0), kind(2.0)
        pick(c, a).backward()
        assert float(a.grad) == 1.0
        assert not c.has_grad
        assert float(gradients(pick(c, a), c)) == 0.0


def test_a_branch_on_a_value_is_refused_with_the_remedy():
    @primitive("bad", elementwise=True)
    def bad(xp, x):
        return x * 1

    with pytest.raises(TypeError, match=r"may not branch on a value.*xp\.where"):
        bad.defvjps(x=lambda xp, g, y, x: g if x > 0 else g * 2)


def test_a_formula_may_ask_for_the_size():
    @primitive("average")
    def average(xp, x):
        return xp.sum(x) / x.size

    average.defvjps(x=lambda xp, g, y, x: xp.broadcast_like(g / x.size, x))
    check_gradients(lambda x: average(x * x), (np.array([[1.0, 2.0, 3.0]]),))
    assert formula(average).splitlines()[1:] == ["y = sum(x)/count(x)", "gradient of x: g/count(x) spread over x"]
    assert average.uses == (frozenset(),)
    assert Shaped("x", (2, 3)).size == 6
    with pytest.raises(TypeError, match="not known"):
        _ = Opaque("x").size


@pytest.mark.parametrize("elementwise", [True, False])
def test_a_function_that_formulas_do_not_have_is_named_with_what_they_have(elementwise):
    @primitive("bad", elementwise=elementwise)
    def bad(xp, x, /, n=2):
        return xp.absolute(x)

    told = r"^bad\.defvjps: the derivative by x: xp has no absolute; write xp\.abs$"
    with pytest.raises(AttributeError, match=told):
        bad.defvjps(x=lambda xp, g, y, x, n: g * xp.absolute(x))
    bad.defvjps(x=lambda xp, g, y, x, n: g * xp.sinn(x) if n == 3 else g)
    x = Tensor([1.0])
    with pytest.raises(AttributeError, match=r"^xp has no sinn; alike is xp\.sin or"):
        gradients(bad(x, n=3).sum(), x, create_graph=True)
    if elementwise:
        for x in (1.0, Value(1.0)):
            with pytest.raises(AttributeError, match=r"^xp has no absolute on floats; write xp\.abs$"):
                bad(x)


def test_a_derivative_of_functions_that_floats_do_not_have_is_told_so():
    @primitive("bad", elementwise=True)
    def bad(xp, x):
        return x * 1

    bad.defvjps(x=lambda xp, g, y, x: g * xp.clip(x, 0.0, 1.0))
    np.testing.assert_array_equal(grad(lambda x: bad(x).sum())(np.array([0.5, 2.0])), [0.5, 1.0])
    with pytest.raises(AttributeError, match=r"^xp has no clip on floats; compose it of functions it has$"):
        grad(bad)(0.5)


def test_a_forgotten_call_of_the_decorator_is_named():
    with pytest.raises(TypeError, match=r'@primitive\("symbol"\)'):

        @primitive
        def forgotten(xp, x):
            return x


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: cube(x, x), r"cube takes \(x\), got 2 arguments"),
        (lambda x: cube(), r"cube takes \(x\), got 0 arguments"),
        (lambda x: leaky(x, slope=0.1, other=1), r"leaky takes \(x, /, slope=0\.1\).*other"),
        (lambda x: leaky(x, slope=x), r"leaky: slope is static, so it cannot be a node"),
        (lambda x: leaky(x, slope=object()), r"leaky: slope must be a number, a text or a tuple"),
    ],
)
def test_a_wrong_call_names_the_op_and_what_it_takes(call, text):
    with pytest.raises(TypeError, match=text):
        call(Value(1.0))


def test_a_convention_is_put_in_place_of_the_formula():
    @primitive("root", elementwise=True)
    def root(xp, x):
        """The root, with slope 0 at 0."""
        return xp.sqrt(x)

    root.defvjps(x=lambda xp, g, y, x: g / (2 * y))
    root.convention("x", lambda xp, x: x == 0, 0.0, "0, for this test")
    for kind in KINDS:
        x = kind(0.0)
        assert float(gradients(root(x), x)) == 0.0
        assert gradients(root(x), x, create_graph=True).item() == 0.0
    np.testing.assert_array_equal(gradients(root(t := Tensor([0.0, 4.0])), t, [1.0, 1.0]), [0.0, 0.25])
    assert "where singular, by x: 0, for this test" in formula(root)


@pytest.mark.parametrize("elementwise", [True, False])
@pytest.mark.parametrize("node", [Value(2.0), Tensor([1.0, 2.0])], ids=["Value", "Tensor"])
@pytest.mark.parametrize(
    ("given", "named"),
    [(lambda x: (x, x), "tuple"), (lambda x: [x], "list"), (lambda x: None, r"None.*return missing")],
)
def test_a_formula_that_gives_no_number_and_no_array_is_named(elementwise, node, given, named):
    @primitive("q", elementwise=elementwise)
    def q(xp, x):
        return given(x)

    q.defvjps(x=lambda xp, g, y, x: g)
    with pytest.raises(TypeError, match=f"q gave {named}"):
        q(node)

    @primitive("r", elementwise=elementwise)
    def r(xp, x):
        return x * x

    r.defvjps(x=lambda xp, g, y, x: given(g))
    for create_graph in (False, True):
        with pytest.raises(TypeError, match=f"the derivative of 'r' gave {named}"):
            gradients(r(node), node, np.ones(node.shape), create_graph=create_graph)


# ---- names and symbols: texts of a user's that go into pictures, files and code ----

UNFIT = [
    "a\nb", "a\tb", "a\x00b", "\x1b[31m", "a\u202eb", "a\u2028b", "\ud800", "a\x7f", "\ufffe", "x" * 41,
]  # fmt: skip


@pytest.mark.parametrize("text", UNFIT, ids=repr)
def test_a_symbol_that_breaks_a_picture_is_refused(text):
    with pytest.raises(ValueError, match=r"^primitive: the symbol .* cannot stand in a picture; give at most 40"):
        primitive(text)
    with pytest.raises(ValueError, match=r"^primitive: the symbol"):
        primitive(symbol=text, elementwise=True)


@pytest.mark.parametrize("symbol", [3, None, b"x", ["x"]], ids=repr)
def test_a_symbol_is_a_text(symbol):
    with pytest.raises(TypeError, match=r"^primitive: the symbol is a short text for pictures, not "):
        primitive(symbol)


@pytest.mark.parametrize("name", [*UNFIT, "a b", "<b>", 'a"', "a'b", "a;b", "1a", "lambda", "", "a&b", None], ids=repr)
def test_a_function_whose_name_is_no_name_is_no_primitive(name):
    def forward(xp, x):
        return x

    if name is None:
        forward = functools.partial(forward)
    else:
        forward.__name__ = name
    with pytest.raises(ValueError, match=r"^primitive: the name of an op is that of its function, .* define it with"):
        primitive("f", elementwise=True)(forward)


@pytest.mark.parametrize("symbol", ["<", "a&b", '"', "'", "]]>", "{x}", "|", "\\n", "σ", "x³", "重み", "מ", "→", "%s"])
def test_any_other_symbol_can_be_drawn_printed_and_written(symbol):
    @primitive(symbol, elementwise=True)
    def drawn(xp, x):
        return x * x

    drawn.defvjps(x=lambda xp, g, y, x: g * (2 * x))
    y = drawn(Value(2.0))
    assert repr(symbol) in repr(y)
    assert symbol in formula(drawn)
    xml.dom.minidom.parseString(viz.draw(y).svg)
    xml.dom.minidom.parseString(viz.draw_backward(y).svg)


@pytest.mark.parametrize(
    "text", ["x0; import os", "__import__('os').abort()", "x0\n    raise SystemExit", "lambda", "0", ""], ids=repr
)
def test_no_text_of_a_users_formula_becomes_code(text):
    @primitive("f", elementwise=True)
    def f(xp, x):
        return getattr(xp, text)()

    with pytest.raises(AttributeError, match=r"xp has no|^__import__"):
        f(Value(1.0))
    identity = primitive("g", elementwise=True)(lambda xp, x: x)
    with pytest.raises(AttributeError, match=r"xp has no|^__import__"):
        identity.defvjps(x=lambda xp, g, y, x: getattr(xp, text)())
    for name in (names.Name(text), names.Name(text, names.Name("x")), names.Name("+", names.Name(text), 1)):
        with pytest.raises(ValueError, match="has no source"):
            notations.source(name)


def test_a_function_without_arguments_is_no_symbol():
    @primitive("f", elementwise=True)
    def f(xp, x):
        return x + xp.x0()

    with pytest.raises(TypeError, match=r"xp\.x0\(\) without arguments"):
        f.defvjps(x=lambda xp, g, y, x: g)
