import builtins
import os
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from autograd import Tensor, Value, viz
from autograd.graph import to_mermaid
from autograd.viz import Figure, RenderError
from autograd.viz.render import rendered


def test_svg_is_an_element_for_a_page(renderer, line):
    svg = viz.draw(line.y).svg
    assert svg.startswith("<svg ")
    assert svg.endswith("</svg>")
    root = ET.fromstring(svg)
    assert (root.get("width"), root.get("height")) == (None, None)
    assert re.fullmatch(r"max-width:[\d.]+pt;width:100%;height:auto", root.get("style"))
    assert root.get("viewBox")
    assert root.get("role") == "img"
    assert root.get("aria-label") == "computational graph of y, 5 values and 2 operations"
    assert "<!--" not in svg


def test_the_space_between_two_texts_counts(renderer):
    figure = viz.draw(Tensor([1.0, 2.0], "m") * 2)
    texts = re.findall(r"<text ([^>]*)>([^<]*)</text>", figure.svg)
    assert "f64[2]" in [text.strip() for _, text in texts if text[:1].isspace()]
    assert all(attributes.count('xml:space="preserve"') == 1 for attributes, _ in texts)


def test_titles_are_sentences(renderer, line):
    titles = re.findall(r"<title>(.*?)</title>", viz.draw(line.y, inputs=line.x).svg)
    assert "m = 3, parameter, ∂y/∂m = 2" in titles
    assert "x = 2, input, ∂y/∂x = 3" in titles
    assert len(titles) == 7  # of values and ops; none on arrows, which would show n0->op3


def test_each_output_in_a_notebook_has_ids_of_its_own(renderer, line):
    figure = viz.draw(line.y)
    outputs = [figure._repr_mimebundle_()["image/svg+xml"] for _ in range(2)]
    first, second = (re.findall(r' id="([^"]*)"', svg) for svg in outputs)
    assert len(set(first)) == len(first) > 7
    assert not set(first) & set(second)


def test_svg_is_the_same_each_time(renderer, line):
    assert viz.draw(line.y).svg == viz.draw(line.y).svg


def test_a_notebook_gets_a_picture_that_keeps_its_size(renderer, line):
    bundle = viz.draw(line.y)._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"image/svg+xml", "image/png", "text/plain"}
    assert bundle["image/png"].startswith(b"\x89PNG")
    root = ET.fromstring(bundle["image/svg+xml"])
    assert root.get("width").endswith("pt")  # shown as an image, it would else fill the page
    assert "max-width:100%" in root.get("style")
    assert bundle["text/plain"] == repr(viz.draw(line.y))


def test_a_picture_of_pixels_is_sharp_and_never_huge(renderer, line, monkeypatch, tmp_path):
    figure = viz.draw(line.y)
    points = [float(x) for x in re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', figure.svg).groups()]
    png = figure._repr_mimebundle_()["image/png"]
    pixels = struct.unpack(">II", png[16:24])
    assert pixels == pytest.approx([2 * x for x in points], abs=2)
    assert viz.draw(line.y).save(tmp_path / "y.png").read_bytes() == png  # the same each time, and in a file
    monkeypatch.setattr("autograd.viz.figure.PIXELS", 10_000)
    width, height = struct.unpack(">II", viz.draw(line.y)._repr_mimebundle_()["image/png"][16:24])
    assert 5_000 < width * height < 12_000


def test_the_bundled_renderer_writes_nothing_to_the_terminal(tmp_path):
    pytest.importorskip("pygraphviz")
    code = "from autograd import Value, viz; print(viz.draw(Value(2.0, 'x') * 3)._repr_mimebundle_()['image/png'][:4])"
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (done.stdout, done.stderr) == ("b'\\x89PNG'\n", "")


@pytest.mark.parametrize(
    ("suffix", "start"),
    [("svg", b"<svg "), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph {"), ("html", b"<!DOCTYPE html>")],
)
def test_save_by_suffix(renderer, line, tmp_path, suffix, start):
    for name in (f"graph.{suffix}", f"graph.{suffix.upper()}"):
        path = viz.draw(line.y).save(tmp_path / name)
        assert path == tmp_path / name
        assert path.read_bytes().startswith(start)


def test_the_page_is_closed_to_the_outside(renderer, line, tmp_path):
    page = viz.draw(line.y).save(str(tmp_path / "y.html")).read_text(encoding="utf-8")
    assert "Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"" in page
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="[^"]*"', page) == []
    assert "∂y/∂m = 2" in page


@pytest.mark.parametrize("name", ["graph.gif", "graph", "graph."])
def test_unknown_suffixes_are_refused(line, tmp_path, name):
    with pytest.raises(ValueError, match=r"choose one of \.svg, \.png, \.pdf, \.html, \.dot"):
        viz.draw(line.y).save(tmp_path / name)
    assert not (tmp_path / name).exists()


def test_unwritable_paths_are_named(line, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"cannot write '.*missing.*': .*; create the folder first"):
        viz.draw(line.y).save(tmp_path / "missing" / "graph.dot")
    (tmp_path / "folder.dot").mkdir()
    with pytest.raises(IsADirectoryError, match="choose another path"):
        viz.draw(line.y).save(tmp_path / "folder.dot")


def test_without_a_renderer_the_error_says_what_to_install(no_renderer, line, tmp_path):
    figure = viz.draw(line.y)
    with pytest.raises(RenderError, match=r'pip install "graphgrad\[draw\]"'):
        _ = figure.svg
    with pytest.raises(RenderError, match="install Graphviz"):
        figure.save(tmp_path / "y.png")
    assert not (tmp_path / "y.png").exists()
    assert figure.save(tmp_path / "y.dot").read_text(encoding="utf-8") == figure.source


def test_without_a_renderer_a_notebook_gets_text_with_a_hint(no_renderer, line):
    bundle = viz.draw(line.y)._repr_mimebundle_()
    assert bundle["text/plain"].startswith(repr(viz.draw(line.y)))
    assert 'pip install "graphgrad[draw]"' in bundle["text/plain"]


@pytest.mark.parametrize("draw", [viz.draw, viz.draw_backward])
def test_without_a_renderer_a_notebook_draws_by_mermaid(no_renderer, line, draw):
    bundle = draw(line.y, names={"total": line.b})._repr_mimebundle_()
    assert set(bundle) == {"text/vnd.mermaid", "text/plain"}
    assert bundle["text/vnd.mermaid"] == to_mermaid(line.y, names={"total": line.b})
    assert set(viz.show(line.y)) == {"text/vnd.mermaid", "text/plain"}
    y = Value(1.0)
    for _ in range(400):
        y = y.tanh()
    assert set(viz.show(y)) == {"text/plain"}  # too large for Mermaid


def test_a_graphviz_without_png_draws_all_the_same(line, monkeypatch):
    def no_png(source, form, engine="dot"):
        if form == "png":
            raise RenderError("no png here")
        return rendered(source, form, engine)

    monkeypatch.setattr("autograd.viz.figure.rendered", no_png)
    assert set(viz.draw(line.y)._repr_mimebundle_()) == {"image/svg+xml", "text/plain"}


@pytest.mark.parametrize("source", ["no dot text", "digraph { a [label=", ""])
def test_a_failure_of_graphviz_is_told_and_never_raised_in_a_notebook(renderer, source):
    figure = Figure(source, "broken")
    with pytest.raises(RenderError, match=r"Graphviz.* (failed|drew)"):
        _ = figure.svg
    assert set(figure._repr_mimebundle_()) == {"text/plain"}


def test_a_dot_that_cannot_be_started_is_passed_over(line, tmp_path, monkeypatch):
    pytest.importorskip("pygraphviz")
    (tmp_path / "dot").write_text("not a program")
    (tmp_path / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert viz.draw(line.y).svg.startswith("<svg")


def test_repr_is_short(line):
    assert repr(viz.draw(line.y)) == "<Figure: computational graph of y, 5 values and 2 operations>"
    assert repr(viz.draw(line.m)) == "<Figure: computational graph of m, 1 value and 0 operations>"
    assert repr(viz.draw(Value(2.0) ** 2)) == "<Figure: computational graph of v2, 2 values and 1 operation>"
    assert repr(viz.draw(Value(2.0))) == "<Figure: computational graph of v1, 1 value and 0 operations>"


def test_nodes_show_their_graph(renderer, line):
    bundle = viz.show(line.y)
    assert bundle["text/plain"] == repr(line.y)
    assert "∂y/∂m = 2" in bundle["image/svg+xml"]


def test_large_graphs_show_text_only(renderer):
    y = Value(1.0)
    for _ in range(4999):
        y = y.tanh()
    assert "image/svg+xml" in viz.show(y)
    assert set(viz.show(y.tanh())) == {"text/plain"}


def test_pygraphviz_is_imported_only_to_render(line, monkeypatch):
    real = builtins.__import__

    def guarded(name, *args, **kwargs):
        assert name != "pygraphviz"
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", guarded)
    assert viz.draw(line.y).source
