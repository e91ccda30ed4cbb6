"""Sliders on the leaves: what the stepper's page computes itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor, Value, viz
from autograd.graph import replay, toposort
from autograd.graph.formatting import value_text
from tests.helpers.stepping import data, filled, go, gradients_on_page, plain


def moved(page, leaf, number):
    """Type a number for a leaf, and wait for the page to follow."""
    if not page.locator("summary").evaluate("(e) => e.parentElement.open"):
        page.locator("summary").click()
    field = page.get_by_label(f"{leaf}, the number itself")
    field.fill(repr(number))
    field.press("Enter")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_a_leaf_can_be_moved_and_everything_follows(opened, neuron):
    x1, x2 = neuron.inputs
    page = opened(viz.stepper(neuron.o, inputs=neuron.inputs))
    go(page, 15)
    moved(page, "x₁", -0.75)
    leaves = {n.label: n for n in toposort(neuron.o) if n.op is None}
    new = {n: Value(-0.75 if n is x1 else n.data, n.label) for n in leaves.values()}
    o = (new[x1] * new[leaves["w₁"]] + new[x2] * new[leaves["w₂"]] + new[leaves["b"]]).tanh()
    o.label = "o"
    again = data(viz.stepper(o).html)
    expected = {n.label: value_text(g) for n, g in zip(new.values(), ag.gradients(o, [*new.values()]), strict=True)}
    assert {k: v for k, v in gradients_on_page(page).items() if k in expected} == expected
    for i, step in enumerate(again["steps"]):  # every text is that of a stepper of the other numbers
        go(page, i + 1)
        written = page.locator("#panel").inner_text()
        if "rule" in step and step["phase"] == "forward":
            node = again["nodes"][step["node"]]
            assert f"{node['name']} = {filled(again, step, 'numbers')} = {node['value']}" in written
        elif "slot" in step:
            assert f"{step['chain']} = {filled(again, step, 'numbers')} = {step['value']}" in written
    page.get_by_label("x₁", exact=True).press("ArrowRight")
    page.get_by_role("button", name="as recorded").click()
    assert gradients_on_page(page)["b"] == "0.8556"


@pytest.fixture(scope="module")
def browser_page(browser, tmp_path_factory):
    """A page of a graph of 200 nodes, opened once."""
    x, w = Value(0.5, "x"), Value(-0.25, "w")
    y = x * w
    while len(toposort(y)) < 200:
        y = ag.tanh(y * w + x) if len(toposort(y)) % 3 else ag.sin(y) + ag.exp(-(w * w)) * y
    path = viz.stepper(y).save(tmp_path_factory.mktemp("page") / "page.html")
    page = browser.new_page()
    page.goto(path.as_uri())
    yield page, y, toposort(y)[:2]
    page.close()


@given(x=st.floats(-3, 3), w=st.floats(-3, 3))
@settings(max_examples=15, deadline=None)
def test_what_the_page_computes_is_what_the_engine_computes(browser_page, x, w):
    page, y, leaves = browser_page
    page.evaluate(f"live.set(0, 0, {x!r}); live.set(1, 0, {w!r}); compute()")
    order = toposort(y)
    values = replay(order, dict(zip(leaves, (x, w), strict=True)))
    fresh = dict(zip(leaves, (Value(x), Value(w)), strict=True))
    slopes = ag.gradients(replay(y, fresh), [*fresh.values()])
    np.testing.assert_allclose(
        page.evaluate("data.nodes.map((node, i) => live.value(i)[0])"), values, rtol=1e-12, atol=1e-300
    )
    np.testing.assert_allclose(
        page.evaluate("[live.gradient(0)[0], live.gradient(1)[0]]"), slopes, rtol=1e-12, atol=1e-14
    )
    shown = page.evaluate("data.nodes.map((node, i) => moved.value(i))")
    assert shown == [value_text(v) for v in values]


def test_elements_of_small_arrays_can_be_moved(opened, layer):
    page = opened(viz.stepper(layer.s))
    go(page, 100)
    moved(page, "W[1, 0]", 2.5)
    W, x, b = (Tensor(t.data, t.label, requires_grad=t.requires_grad) for t in (layer.W, layer.x, layer.b))
    W.data = np.array([[0.1, 0.7], [2.5, -0.2]])
    s = (W @ x + b).sigmoid().sum()
    expected = {n.label: plain(g) for n, g in zip((W, b), ag.gradients(s, [W, b]), strict=True)}
    assert {k: v for k, v in gradients_on_page(page).items() if k in "Wb"} == expected


def test_the_op_that_stands_in_the_way_is_named(opened):
    x = Tensor([[2.0, 0.5], [0.5, 1.0]], "x")
    page = opened(viz.stepper(ag.numpy.linalg.det(x)))
    assert "The leaves cannot be moved: det stands in the way" in page.locator("#leaves").inner_text()


@given(st.floats(), st.integers(2, 8))
@settings(max_examples=60, deadline=None)
def test_numbers_are_written_as_in_python(browser_page, x, precision):
    page, *_ = browser_page
    literal = "NaN" if x != x else repr(x).replace("inf", "Infinity")
    assert page.evaluate(f"numberText({literal}, {precision})") == value_text(x, precision)


@pytest.mark.parametrize("x", [1000.5, 1001.5, 12345.0, 0.00012345, 99999.0, 9.9995, -(2.0**-30), 1e22, 5e-324])
def test_ties_and_powers_are_written_as_in_python(browser_page, x):
    assert browser_page[0].evaluate(f"numberText({x!r}, 4)") == value_text(x)
