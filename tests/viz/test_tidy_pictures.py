"""Pictures and texts of derivative graphs: tidy by default, all of it on request, with what was folded on hovering."""

from functools import partial

import pytest

from autograd import Value, gradients, hypot, viz
from autograd.graph import to_latex, to_mermaid, toposort


def bend_of_a_cube():
    x = Value(2.0, "x")
    slope = gradients(x**3, x, create_graph=True)
    return gradients(slope, x, create_graph=True)


@pytest.mark.parametrize("draw", [viz.draw, viz.draw_backward, partial(viz.draw_backward, style="rows")])
def test_a_derivative_graph_is_drawn_tidy_and_whole_on_request(draw):
    bend = bend_of_a_cube()
    assert "1 operation" in repr(draw(bend, names={}))
    assert "11 operations" in repr(draw(bend, names={}, tidy=False))
    assert "False" not in draw(bend, names={}).source
    a, b = Value(3.0, "a"), Value(4.0, "b")
    slope = gradients(hypot(a, b), a, create_graph=True)
    assert "stated: 0 at the origin, the tip of a cone" in draw(slope, names={}).source


def test_hovering_tells_what_was_folded_and_a_badge_what_is_stated():
    bend = bend_of_a_cube()
    assert any("in place of 3·4" in title for title in viz.draw(bend, names={}).titles.values())
    a, b = Value(3.0, "a"), Value(4.0, "b")
    slope = gradients(hypot(a, b), a, create_graph=True)
    figure = viz.draw(slope, names={})
    assert "stated: 0 at the origin, the tip of a cone" in figure.source
    assert any("stated: 0 at the origin" in title for title in figure.titles.values())
    assert "stated" not in viz.draw(slope, names={}, tidy=False).source
    assert viz.text(slope, names={}).endswith("\nv2, stated: 0 at the origin, the tip of a cone")
    assert "v2 = 0.6\n        stated#58; 0 at the origin, the tip of a cone" in to_mermaid(slope, names={})


def test_names_of_variables_are_found_in_the_tidy_graph_too():
    x = Value(2.0, "x")
    slope = gradients(x**3, x, create_graph=True)
    figure = viz.draw(slope, names={"slope": slope})
    assert "<B>slope</B>&#160;= 12" in figure.source
    assert "graph of slope" in figure.description
    slope.grad = 1.0
    assert "∂slope/∂slope = 1" in viz.draw(slope, names={"slope": slope}).source


def test_a_hostile_label_stays_a_text_in_the_tidy_graph():
    bend = bend_of_a_cube()
    bend.label = '<script>"]]>{}'
    assert "&lt;script&gt;" in viz.draw(bend).source


def test_formulas_and_mermaid_are_tidy_too():
    bend = bend_of_a_cube()
    bend.label = "d"
    assert to_latex(bend) == r"d = 6 \cdot x"
    assert "cases" in to_latex(bend, tidy=False)
    (x,) = [node for node in toposort(bend) if node.label == "x"]
    assert r"\frac{\partial d}{\partial x} &= 6" in to_latex(bend, x)
    assert to_mermaid(bend).count("((") == 1
    assert to_mermaid(bend, tidy=False).count("((") == 11
