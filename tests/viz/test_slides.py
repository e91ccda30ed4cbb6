"""The slides of a lecture: their texts, their page in a headless Chromium, and their file of PDF."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from autograd import Tensor, Value, viz

PRESSES = {"PageDown": 1, "ArrowRight": 2, " ": 3, "ArrowLeft": 2, "PageUp": 1, "End": 7, "Home": 0}


@pytest.fixture
def twice():
    x, w = Value(2.0, "x"), Value(0.5, "w")
    y = (x * w).tanh() + x
    y.label = "y"
    return viz.slides(y, inputs=x)


def test_each_frame_says_what_is_new(twice):
    headings = [frame.heading for frame in twice.frames]
    assert headings == [
        "forward: the leaves", "forward: v1 = x·w", "forward: v2 = tanh(v1)", "forward: y = v2 + x",
        "backward: the seed", "backward: through + of y", "backward: through tanh of v2", "backward: through × of v1",
    ]  # fmt: skip
    assert twice.frames[1].notes == ["v1 = x·w = 2·0.5 = 1"]
    assert twice.frames[4].notes == ["∂y/∂y = 1"]
    assert twice.frames[7].notes == [
        "∂y/∂x += g·w = 0.42·0.5 = 0.21", "∂y/∂w += g·x = 0.42·2 = 0.8399", "∂y/∂x = 1.21 = 1 + 0.21",
    ]  # fmt: skip
    assert repr(twice) == "<Figure: slides of the forward and backward pass of y, 5 values and 3 operations>"


def shown(page):
    """The texts that are seen in the picture of the frame that is seen, and where each stands."""
    return page.evaluate("""() => {
      const at = Number(document.querySelector("section.now").style.getPropertyValue("--at"));
      return [...document.querySelectorAll("#picture text")].filter((text) => text.textContent.trim())
        .filter((text) => at >= Number(text.style.getPropertyValue("--from") || 0))
        .map((text) => [text.textContent.trim(), text.getAttribute("x"), text.getAttribute("y")]);
    }""")


def test_keys_turn_the_pages_and_nothing_moves(renderer, page, twice, tmp_path):
    page.goto(twice.save(tmp_path / "slides.html").as_uri())
    before, places = [], set()
    for k in range(8):
        place = page.evaluate("""() => {
          const now = document.querySelectorAll("section.now");
          const box = now[0].querySelector("svg").getBoundingClientRect();
          return [now.length, now[0].id, `${box.x} ${box.y} ${box.width} ${box.height}`];
        }""")
        assert place[:2] == [1, f"frame{k + 1}"]
        places.add(place[2])
        seen = shown(page)
        assert all(text in seen for text in before)  # what was there stays there
        assert len(seen) > len(before)
        before = seen
        page.keyboard.press("ArrowRight")
    assert len(places) == 1
    page.keyboard.press("Home")
    for key, at in PRESSES.items():
        page.keyboard.press(key)
        assert page.evaluate("location.href").endswith(f"#{at + 1}")
        assert page.get_by_role("status").text_content().startswith(f"frame {at + 1} of 8")
    page.get_by_label("one frame forward").click()
    assert page.evaluate("location.href").endswith("#2")
    assert page.get_by_label("one frame back").is_enabled()


def test_numbers_wait_for_their_frame(page, twice, tmp_path):
    page.goto(twice.save(tmp_path / "slides.html").as_uri() + "#4")
    assert "∂y/∂y = 1" not in {text for text, *_ in shown(page)}
    painted = """(text) => {
      const part = [...document.querySelectorAll("#picture text")].find((e) => e.textContent === text);
      const copy = part.cloneNode(true), section = document.querySelector("section.now");
      section.append(copy);
      const opacity = getComputedStyle(copy).opacity;
      copy.remove();
      return Number(opacity);
    }"""
    assert page.evaluate(painted, "∂y/∂y = 1") == 0
    page.keyboard.press("ArrowRight")
    assert page.evaluate(painted, "∂y/∂y = 1") == 1


def test_printed_each_frame_is_a_page_of_a4(page, twice, tmp_path):
    page.goto(twice.save(tmp_path / "slides.html").as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) == 8
    (box,) = set(re.findall(rb"/MediaBox \[([\d. ]+)\]", printed))
    assert [float(n) for n in box.split()] == pytest.approx([0, 0, 841.9, 595.3], abs=1)


def test_a_pdf_has_a_page_for_each_frame(renderer, twice, tmp_path):
    content = twice.save(tmp_path / "slides.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", content)) == 8
    assert len(set(re.findall(rb"/MediaBox \[([\d. ]+)\]", content))) == 1  # no frame has another layout
    table = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", content)[1])
    rows = content[table:].split(b"\n")[3:]
    places = [int(row[:10]) for row in rows if row.endswith(b" n ")]
    assert all(content[place:].startswith(b"%d 0 obj" % number) for number, place in enumerate(places, 1))
    assert b" 0 0 R" not in content


def test_frames_of_a_pdf_differ_by_what_is_new(renderer, twice):
    spots = []
    for picture in twice._pictures():
        svg = ET.fromstring(picture.svg)
        texts = [(t.text, t.get("x"), t.get("y")) for t in svg.iter("{http://www.w3.org/2000/svg}text")
                 if t.get("fill") not in ("transparent", "#000000") and t.get("fill-opacity") != "0"]  # fmt: skip
        spots.append({text for text in texts if not text[0].startswith(("forward", "backward"))})
    assert any(text.startswith("∂y/∂x") for text, *_ in spots[-1])
    assert not any(text == "∂y/∂y = 1" for text, *_ in spots[3])


@pytest.mark.parametrize("label", ["<script>alert(1)</script>", "]]>", '"quoted"', "{title}", "重み🙂", "\\N"])
def test_labels_are_only_text(page, label, tmp_path):
    x = Value(2.0, label)
    page.goto(viz.slides(x * x).save(tmp_path / "slides.html").as_uri())
    assert label in page.locator("section.now .notes").inner_text()


def test_arrays_folds_and_broken_numbers(renderer, tmp_path):
    W = Tensor([[0.1, np.nan], [0.3, np.inf]], "W")
    for figure in (
        viz.slides((W @ Tensor([1.0, 2.0], "x")).sum()),
        viz.slides(sum((Value(i) for i in range(99)), W[0, 0])),
    ):
        assert len(figure.frames) > 4
        assert figure.html.count("<section") == len(figure.frames)
        assert figure.save(tmp_path / "slides.pdf").read_bytes().startswith(b"%PDF")


def test_a_notebook_gets_the_page_in_a_frame(page, twice, tmp_path):
    frame = twice._repr_mimebundle_()["text/html"]
    (tmp_path / "frame.html").write_text(f"<!DOCTYPE html><meta charset=utf-8><body>{frame}</body>", encoding="utf-8")
    page.goto((tmp_path / "frame.html").as_uri())
    inner = page.frame_locator("iframe")
    inner.get_by_label("one frame forward").click()
    assert "v1 = x·w" in inner.locator("section.now h2").inner_text()


def test_a_notebook_that_is_not_trusted_shows_an_image(renderer, twice):
    still = twice._repr_mimebundle_()["text/html"].split("</iframe>")[1]
    assert re.search(
        'trust this notebook to turn the pages <img alt="slides .*" width="\\d+" src="data:image/png', still
    )
    assert "<svg" not in still  # of which only the texts would be left


def test_errors_say_what_to_do():
    with pytest.raises(TypeError, match="slides: pass a Value or a Tensor, not float"):
        viz.slides(2.0)
    with pytest.raises(TypeError, match="slides has no option 'direction'; it has precision, limit, tidy"):
        viz.slides(Value(2.0) * 3, direction="TB")
    with pytest.raises(ValueError, match="limit"):
        viz.slides(Value(2.0) * 3, limit=0)
