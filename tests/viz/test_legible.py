"""Whatever is written in a picture can be read: on a light page and on a dark one, in whatever font the reader has."""

import pytest

from tests.helpers.pictures import KINDS, PAGES, contrast, words

FONTS = "Liberation Sans", "DejaVu Sans", "Noto Sans"
# A font that is there gives a text the same width whatever would follow it.
IS_THERE = """(font) => {
  const paper = document.createElement("canvas").getContext("2d");
  const width = (next) => { paper.font = `40px '${font}', ${next}`; return paper.measureText("wide Illicit").width; };
  return width("monospace") === width("cursive") && width("monospace") === width("serif");
}"""
# By how much each text leaves the card on which its middle lies, on whichever side; in points. Up and down its signs
# count, which are as high as the font's size says; a node also holds the text's box, with its room for accents.
OVERHANGS = """(font) => {
  document.getElementById("font").textContent = `svg text { font-family: '${font}' !important; }`;
  const cards = [], found = [];
  const sides = (e) => { const b = e.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height]; };
  for (const e of document.querySelectorAll("svg :is(polygon, path, ellipse, text)")) {
    const [left, top, right, bottom] = sides(e);
    if (e.tagName !== "text") {
      if (!["none", "transparent"].includes(e.getAttribute("fill"))) cards.push([left, top, right, bottom]);
    } else if (e.textContent.trim()) {
      const [base, size] = ["y", "font-size"].map((name) => Number(e.getAttribute(name)));
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      const card = cards.findLast((c) => c[0] <= x && x <= c[2] && c[1] <= y && y <= c[3]) || Array(4).fill(NaN);
      const over = [card[0] - left, right - card[2], card[1] - base + 0.8 * size, base + 0.25 * size - card[3]];
      const node = e.closest(".node");
      if (node) {
        const shapes = [...node.querySelectorAll("polygon, path, ellipse")].map(sides);
        over.push(Math.min(...shapes.map((s) => s[1])) - top - 1, bottom - Math.max(...shapes.map((s) => s[3])));
      }
      found.push([e.textContent, Math.max(...over)]);
    }
  }
  return found;
}"""
# Two texts of a line that run into one another.
COLLISIONS = """() => [...document.querySelectorAll("svg .node")].flatMap((node) => {
  const texts = [...node.querySelectorAll("text")].filter((e) => e.textContent.trim())
    .map((e) => [e.textContent, e.getBBox(), e.getAttribute("y")]);
  return texts.slice(1).filter(([, box, y], i) => y === texts[i][2] && box.x < texts[i][1].x + texts[i][1].width - 1);
})"""


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_stands_out_from_what_is_behind_it(renderer, kind):
    written = words(KINDS[kind]().svg)
    assert written
    ratios = [(word.text, page, round(contrast(word, page), 2)) for word in written for page in PAGES]
    assert [ratio for ratio in ratios if ratio[-1] < 4.5] == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_leaves_its_card_in_any_font(renderer, page, kind):
    page.set_content(f'<style id="font"></style>{KINDS[kind]().svg}')
    fonts = [font for font in FONTS if page.evaluate(IS_THERE, font)]
    if not fonts:
        pytest.skip(f"none of {', '.join(FONTS)} is installed")
    for font in fonts:
        overhangs = page.evaluate(OVERHANGS, font)
        assert overhangs
        assert [(text, over, font) for text, over in overhangs if not over <= 0.5] == []
        assert page.evaluate(COLLISIONS) == []
