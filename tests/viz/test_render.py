"""``use_renderer``: a function of the user's, or of the page, in the place of Graphviz."""

import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from autograd import viz
from autograd.viz import RenderError
from autograd.viz.render import is_available, positions, rendered

SVG = '<svg width="90pt" height="30pt"><g id="graph0" class="graph"><title>%3</title><text x="1">hello</text></g></svg>'
FORMS = ["svg", "png", "pdf", "plain", "xdot"]


@pytest.fixture
def use():
    """Sets the renderer, for a test only."""
    yield viz.use_renderer
    viz.use_renderer(None)


@pytest.fixture
def in_a_page(monkeypatch):
    """Python in a browser, as far as pictures see it; the function it makes defines what the page offers."""
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setitem(sys.modules, "js", page := SimpleNamespace())
    return page


def only_svg(source, form, engine):
    if form != "svg":
        raise ValueError(f"no {form} here")
    return SVG


@pytest.mark.parametrize("picture", ["draw", "draw_backward", "draw_network", "stepper", "slides"])
def test_every_picture_comes_from_the_renderer(no_renderer, use, layer, picture):
    asked = []

    def renderer(source, form, engine):
        asked.append((source[:7], form, engine))
        return only_svg(source, form, engine)

    use(renderer)
    if picture == "draw_network":
        nn = pytest.importorskip("nn")
        figure = viz.draw_network(nn.MLP([2, 2, 1], rng=0), [0.5, 1.0])
    else:
        figure = getattr(viz, picture)(layer.s)
    assert "hello" in figure.svg
    assert ("digraph", "svg", "neato" if picture == "draw_network" else "dot") in asked
    use(None)
    with pytest.raises(RenderError, match="no Graphviz to draw with"):
        rendered("digraph {a}", "svg")


def test_str_and_bytes_are_the_same(no_renderer, use, line):
    use(lambda source, form, engine: SVG)
    text = viz.draw(line.y).svg
    use(lambda source, form, engine: SVG.encode())
    assert viz.draw(line.y).svg == text


def test_graphviz_behind_a_function_draws_what_it_draws_by_itself(renderer, use, layer, tmp_path):
    def drawn():
        rows = viz.draw_backward(layer.s, style="rows")
        files = [viz.draw(layer.s).save(tmp_path / f"s.{suffix}").read_bytes() for suffix in ("svg", "png")]
        return rows.source, rows.svg, viz.stepper(layer.s).html, *files

    plain, forms = drawn(), set()

    def behind(source, form, engine):
        viz.use_renderer(None)
        try:
            return rendered(source, form, engine)
        finally:
            forms.add(form)
            viz.use_renderer(behind)

    use(behind)
    assert drawn() == plain
    assert forms == {"svg", "png", "plain", "xdot"}


def test_a_notebook_keeps_the_picture_where_there_is_no_png(no_renderer, use, line, tmp_path):
    use(only_svg)
    assert is_available()
    assert set(viz.draw(line.y)._repr_mimebundle_()) == {"image/svg+xml", "text/plain"}
    assert set(viz.show(line.y)) == {"image/svg+xml", "text/plain"}
    assert set(viz.stepper(line.y)._repr_mimebundle_()) == {"text/html", "text/plain"}
    with pytest.raises(RenderError, match=r"the renderer failed at 'png': ValueError: no png here") as raised:
        viz.draw(line.y).save(tmp_path / "y.png")
    assert isinstance(raised.value.__cause__, ValueError)
    assert viz.draw(line.y).save(tmp_path / "y.svg").read_text(encoding="utf-8").startswith("<svg ")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("answer", [None, 3, bytearray(b"<svg"), [], object()])
def test_other_types_are_refused(use, form, answer):
    use(lambda source, form, engine: answer)
    with pytest.raises(RenderError, match=f"answered '{form}' with {type(answer).__name__}; it must return bytes or"):
        rendered("digraph {a}", form)


@pytest.mark.parametrize("answer", ["", b"", "no picture at all"])
def test_an_answer_that_is_no_picture_is_refused(use, line, answer):
    use(lambda source, form, engine: answer)
    with pytest.raises(RenderError, match="with no picture, but b'"):
        _ = viz.draw(line.y).svg
    assert set(viz.draw(line.y)._repr_mimebundle_()) == {"text/plain"}
    assert "with no picture" in viz.draw(line.y)._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize(
    "size",
    ['width="9px" height="9px"', 'width="0pt" height="9pt"', 'width="1.2.3pt" height="9pt"'],
)
def test_an_svg_without_a_size_in_points_is_refused(use, line, size):
    use(lambda source, form, engine: f"<svg {size}/>")
    with pytest.raises(RenderError, match="must state its width and height in points"):
        _ = viz.draw(line.y).svg
    assert set(viz.draw(line.y)._repr_mimebundle_()) == {"text/plain"}


def test_bytes_that_are_no_text_harm_only_themselves(use, line):
    use(lambda source, form, engine: SVG.replace("hello", "h\xe9llo").encode("latin-1"))
    assert "h\ufffdllo" in viz.draw(line.y).svg


def test_an_answer_that_is_no_png_is_left_out(use, line):
    use(lambda source, form, engine: SVG)
    assert "image/png" not in viz.draw(line.y)._repr_mimebundle_()
    with pytest.raises(RenderError, match="answered 'png' with no picture, but b'<svg"):
        rendered("digraph {a}", "png")


def test_slides_need_an_svg_of_graphvizs(use, layer):
    use(lambda source, form, engine: '<svg width="9pt" height="9pt"/>')
    with pytest.raises(RenderError, match="the renderer's SVG is not Graphviz's: slides need"):
        _ = viz.slides(layer.s).html


def test_an_answer_to_another_question_does_no_harm(use, layer):
    use(lambda source, form, engine: SVG)  # also to "plain" and "xdot"
    assert "hello" in viz.draw_backward(layer.s, style="rows").svg
    use(lambda source, form, engine: SVG if form == "svg" else "node a b c d\n")
    assert "hello" in viz.draw_backward(layer.s, style="rows").svg
    with pytest.raises(RenderError, match="'plain' with lines that are not Graphviz's"):
        positions("digraph {a}")


def test_a_render_error_of_the_renderer_passes(use):
    def fails(source, form, engine):
        raise RenderError("out of ink")

    use(fails)
    with pytest.raises(RenderError, match=r"^out of ink$"):
        rendered("digraph {a}", "svg")


def test_it_holds_in_every_thread(no_renderer, use, line):
    use(only_svg)
    with ThreadPoolExecutor(4) as pool:
        assert all("hello" in svg for svg in pool.map(lambda _: viz.draw(line.y).svg, range(20)))
        pool.submit(viz.use_renderer, None).result()
    with pytest.raises(RenderError, match="no Graphviz"):
        _ = viz.draw(line.y).svg


@pytest.mark.parametrize("f", [3, "dot", [only_svg]])
def test_what_cannot_be_called_is_refused(use, f):
    with pytest.raises(TypeError, match=rf"use_renderer: pass a function f\(source.*not {type(f).__name__}"):
        use(f)


def test_in_a_page_its_function_draws(in_a_page, line):
    asked = []
    in_a_page.graphvizRender = lambda *args: asked.append(args[1:]) or only_svg(*args)
    assert is_available()
    assert set(viz.show(line.y)) == {"image/svg+xml", "text/plain"}
    assert asked == [("svg", "dot"), ("xdot", "dot"), ("png", "dot")]


def test_in_a_page_a_renderer_of_the_user_comes_first(in_a_page, use, line):
    in_a_page.graphvizRender = lambda *args: "nothing"
    use(only_svg)
    assert "hello" in viz.draw(line.y).svg


def test_in_a_page_without_graphviz_the_advice_fits(in_a_page, line):
    assert not is_available()
    with pytest.raises(RenderError, match=r"in this page: load @viz-js/viz .* autograd\.viz\.use_renderer") as raised:
        _ = viz.draw(line.y).svg
    assert "pip" not in str(raised.value)
    assert set(viz.show(line.y)) == {"text/vnd.mermaid", "text/plain"}


def test_in_a_browser_without_a_page_the_advice_is_the_same(in_a_page, monkeypatch):
    monkeypatch.setitem(sys.modules, "js", None)
    assert not is_available()
    with pytest.raises(RenderError, match="no Graphviz in this page"):
        rendered("digraph {a}", "svg")
