"""Predicting in the stepper's page, and finding one's way in it."""

import re

import pytest

import autograd as ag
from autograd import Tensor, Value, viz
from tests.helpers.stepping import data, go


@pytest.fixture
def told():
    """A graph whose later numbers could not stand in its page by chance."""
    W, x, b = Tensor([[0.137, 0.719], [0.313, -0.229]], "W"), Tensor([0.531, 0.873], "x"), Value(0.347, "b")
    return (ag.tanh(W @ x + b) * W[0]).sum()


@pytest.mark.parametrize(("width", "predicting"), [(1000, False), (390, True)])
def test_no_later_number_is_in_the_document(opened, told, neuron, width, predicting):
    for y in (told, neuron.o):
        figure = viz.stepper(y)
        content = data(figure.html)
        page = opened(figure, width=width)
        if predicting:
            page.get_by_label("predict").check()
        page.locator("[role=button]").last.focus()
        known = {n for node in content["nodes"] if not node["forward"] for n in numbers(node["value"])}
        for step in range(len(content["steps"]) + 1):
            page.evaluate(f"show({step}); explain({step % len(content['nodes'])})")
            document = page.content()
            shown = re.sub(r' (d|points|transform|x|y|width|height|viewBox|style|textLength)="[^"]*"', "", document)
            ahead = content["steps"][step - predicting if step and predicting else step :]
            for later in ahead:
                texts = [later.get("value", ""), later.get("total", "")]
                if later["phase"] == "forward":
                    texts = [content["nodes"][later["node"]]["value"]]
                fresh = {n for text in texts for n in numbers(text)} - known
                assert not fresh & numbers(shown), (step, fresh & numbers(shown))
            for done in content["steps"][step : step + 1]:
                for text in (done.get("value", ""), done.get("total", ""), done.get("factor", "")):
                    known |= numbers(text)
                if done["phase"] == "forward":
                    known |= numbers(content["nodes"][done["node"]]["value"])
            known |= numbers(content["steps"][step].get("factor", "")) if step < len(content["steps"]) else set()


def numbers(text):
    """The numbers in a text that are no counts."""
    return set(re.findall(r"\d+\.\d{2,}", text))


def test_a_learner_types_the_number_and_is_told(opened, neuron):
    page = opened(viz.stepper(neuron.o))
    page.get_by_label("predict").check()
    go(page, 6)
    page.locator("#next").click()  # the seventh: through tanh
    panel, answer, verdict = page.locator("#panel"), page.locator("#answer"), page.locator("#verdict")
    assert "∂o/∂v4 += ∂o/∂o · ∂o/∂v4 = ?" in panel.inner_text()
    assert "0.8556" not in page.content()
    answer.fill("0,7")
    answer.press("Enter")
    assert "not right" in verdict.inner_text()
    answer.fill("about one")
    answer.press("Enter")
    assert "type a number" in verdict.inner_text()
    page.get_by_role("button", name="in numbers").click()
    assert "1 − 0.3799 · 0.3799" in panel.inner_text()
    assert "0.8556" not in page.content()
    answer.fill("0.86")
    answer.press("Enter")
    assert verdict.inner_text() == "right; 0 of 1 right at once"
    assert "= 0.8556" in panel.inner_text()
    page.keyboard.press("Enter")  # the next step has the focus, and then the answer
    answer.press_sequentially("77/90")
    answer.press("Enter")
    assert verdict.inner_text() == "right; 1 of 2 right at once"
    page.locator("#next").click()
    page.get_by_role("button", name="show").click()
    assert verdict.inner_text() == "shown; 1 of 3 right at once"


def test_an_array_is_predicted_row_by_row(opened):
    W = Tensor([[1.0, 2.0], [3.0, 4.0]], "W")
    page = opened(viz.stepper(W @ Tensor([1.0, -1.0], "x")))
    page.get_by_label("predict").check()
    go(page, 1)
    page.locator("#answer").fill("3")
    page.locator("#answer").press("Enter")
    assert page.locator("#verdict").inner_text() == "type 2 numbers, row by row"
    page.locator("#answer").fill("[-1, -1]")
    page.locator("#answer").press("Enter")
    assert "right" in page.locator("#verdict").inner_text()


def test_a_click_or_enter_goes_to_the_nodes_step(opened, simple):
    page = opened(viz.stepper(simple.y))
    details, panel = page.locator("#details"), page.locator("#panel")
    assert not details.is_visible()
    q = page.locator('#wide [aria-label^="q,"]')
    q.click()
    assert "step 2 of 10" in panel.inner_text()
    assert "computed as" in details.inner_text()
    q.click()  # again: its gradient
    assert "step 6 of 10" in panel.inner_text()
    page.locator("#wide-n0").focus()
    page.keyboard.press("Enter")
    assert "used by" in details.inner_text()
    assert "step 7 of 10" in panel.inner_text()
    details.get_by_role("button", name="gradient: step 10").click()
    assert "step 10 of 10" in panel.inner_text()
    page.get_by_label("predict").check()
    page.keyboard.press("Home")
    q.click()  # would tell what is before it
    assert "10 steps" in panel.inner_text()
    assert "value" not in details.inner_text()


def test_the_graph_is_one_tab_stop_that_arrow_keys_walk_through(opened, simple):
    page = opened(viz.stepper(simple.y))
    go(page, 9)
    svg = page.locator("#wide svg")
    assert svg.get_attribute("role") == "group"
    assert svg.locator('[tabindex="0"]').count() == 1
    named = "document.activeElement.getAttribute('aria-label')"
    page.locator("#wide-n0").focus()
    seen = [page.evaluate(named)]
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End"):
        page.keyboard.press(key)
        seen.append(page.evaluate(named))
    assert seen[0] == "x, value 3, ∂y/∂x 6 so far"
    assert seen[2] == "y, value 15, ∂y/∂y 1"
    assert {seen[1], seen[3]} <= {"p, value 9, ∂y/∂p 1", "q, value 6, ∂y/∂q 1"}
    assert seen[4:] == [seen[0], seen[2]]
    assert "step 9 of 10" in page.locator("#panel").inner_text()  # the arrow keys do not step there
    page.keyboard.press("ArrowLeft")
    others = {page.evaluate(named)}
    for key in ("ArrowUp", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
        others.add(page.evaluate(named))
    assert others == {"p, value 9, ∂y/∂p 1", "q, value 6, ∂y/∂q 1"}
    page.locator("#predict").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('svg') !== null")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('svg') === null")


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_gets_the_upright_picture_and_nothing_is_cut(opened, simple, dark):
    page = opened(viz.stepper(simple.y), width=390, dark=dark)
    page.keyboard.press("End")
    assert page.locator("#narrow").is_visible()
    assert not page.locator("#wide").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)"
    )
    for label in ("one step back", "one step forward"):
        box = page.get_by_label(label).bounding_box()
        assert min(box["width"], box["height"]) >= 44
    assert page.evaluate(INSIDE, "#narrow")
    assert page.evaluate(SMALLEST) >= 12


# No text runs out of its card.
INSIDE = """(view) => [...document.querySelectorAll(`${view} .node:not(.op)`)].every(node => {
    const card = node.querySelector("polygon, path, ellipse").getBoundingClientRect();
    return [...node.querySelectorAll("text")].every(text => {
        const box = text.getBoundingClientRect();
        return box.left >= card.left - 1 && box.right <= card.right + 1 && box.top >= card.top - 1
            && box.bottom <= card.bottom + 1;
    });
})"""
# The least size of a text in pixels.
SMALLEST = """() => Math.min(...[...document.querySelectorAll("body *")].filter((e) => e.getClientRects().length
    && [...e.childNodes].some((child) => child.nodeType === 3 && child.data.trim())).map((e) => {
        const svg = e.closest("svg"), size = parseFloat(getComputedStyle(e).fontSize);
        return svg ? size * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : size;
    }))"""


@pytest.mark.parametrize(("width", "height"), [(640, 360), (390, 844), (838, 720), (1280, 900)])
def test_picture_formula_and_current_row_are_on_one_screen(opened, neuron, width, height):
    page = opened(viz.stepper(neuron.o), width=width, height=height)
    for step in (7, 9, 12, 15):
        go(page, step)
        assert page.evaluate("document.documentElement.scrollHeight") <= height
        card = page.evaluate("view.name + '-' + data.steps[at - 1].active.at(-1)")
        boxes = [page.locator(part).first.bounding_box() for part in (f"#{card}", ".formula", ".chip.new")]
        for box in boxes:
            assert box["x"] >= 0
            assert box["y"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["y"] + box["height"] <= height + 1
        frame = page.locator("#frame").bounding_box()
        assert boxes[0]["x"] >= frame["x"] - 1
        assert boxes[0]["x"] + boxes[0]["width"] <= frame["x"] + frame["width"] + 1
    assert page.evaluate(SMALLEST) >= 12


def test_a_graph_that_does_not_fit_has_an_overview_and_a_zoom(opened):
    long = Tensor([0.5, 0.8], "x")
    for _ in range(20):
        long = long.tanh()
    page = opened(viz.stepper(long))
    frame, overview = page.locator("#frame"), page.locator("#overview")
    assert page.evaluate(SMALLEST) >= 12
    assert overview.is_visible()
    scale = "document.querySelector('.graph:not([hidden]) text').getBoundingClientRect().height"
    before = page.evaluate(scale)
    page.get_by_label("zoom in").click()
    assert page.evaluate(scale) > before
    page.get_by_label("whole graph").click()
    assert frame.evaluate("(e) => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight")
    page.get_by_label("whole graph").click()
    assert page.evaluate(scale) == pytest.approx(before, rel=0.1)
    page.keyboard.press("End")
    place = "[document.querySelector('#frame').scrollLeft, document.querySelector('#frame').scrollTop]"
    start = page.evaluate(place)
    box = overview.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.95, box["y"] + box["height"] * 0.95)
    assert page.evaluate(place) != start
    there = page.evaluate(place)
    area = frame.bounding_box()
    page.mouse.move(area["x"] + 5, area["y"] + 5)
    page.mouse.down()
    page.mouse.move(area["x"] + 60, area["y"] + 60)
    page.mouse.up()
    assert page.evaluate(place) != there


def test_a_graph_that_fits_needs_no_overview(opened, simple):
    page = opened(viz.stepper(simple.y))
    assert not page.locator("#overview").is_visible()
    assert page.locator("#frame").evaluate("(e) => e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight")


# The least contrast of a text on its card, by the formula of WCAG.
CONTRAST = """() => Math.min(...[...document.querySelectorAll(".graph:not([hidden]) .node text")].map((text) => {
    const card = text.closest(".node").querySelector("polygon, path, ellipse");
    const light = (colour) => {
        const [r, g, b] = colour.match(/[0-9.]+/g).map((c) => c / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const [a, b] = [getComputedStyle(text).fill, getComputedStyle(card).fill].map(light).sort((x, y) => x - y);
    return (b + 0.05) / (a + 0.05);
}))"""


@pytest.mark.parametrize("dark", [False, True])
def test_every_word_on_a_card_can_be_read_also_where_nothing_is_done_yet(opened, dark):
    x, i = Tensor([1.0, -2.0, 3.0], "x", requires_grad=False), Tensor([2, 0], "i", requires_grad=False)
    y = (ag.where(x > 0, x * Value(2.0, "w"), 0.5)[i] ** 2).sum()
    page = opened(viz.stepper(y, inputs=x), dark=dark)
    for step in (0, 3, 100):
        go(page, step)
        assert page.evaluate(CONTRAST) >= 4.5


def test_axe_has_nothing_to_say(opened, layer):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for width in (1000, 390):
        page = opened(viz.stepper(layer.s), width=width, dark=width == 390)
        for state in ("show(data.steps.length - 1); choose(2)", "predict.click(); show(2)"):
            page.evaluate(state)
            assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in axe.run(page).response["violations"]] == []


@pytest.mark.parametrize("light", [True, False])
def test_the_frame_has_the_notebooks_colours(browser, simple, tmp_path, light):
    path = tmp_path / "frame.html"
    frame = viz.stepper(simple.y)._repr_mimebundle_()["text/html"]
    body = f"<body data-jp-theme-light={str(light).lower()}>{frame}</body>"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8>{body}", encoding="utf-8")
    page = browser.new_page(color_scheme="null")  # as the page of a notebook, which says nothing of its system
    page.goto(path.as_uri())
    colour = page.frame_locator("iframe").locator("body").evaluate("(e) => getComputedStyle(e).backgroundColor")
    assert colour == ("rgb(255, 255, 255)" if light else "rgb(13, 17, 23)")
    page.close()


def test_a_frame_that_a_notebook_shows_later_has_the_whole_picture(page, neuron):
    frame = viz.stepper(neuron.o)._repr_mimebundle_()["text/html"]
    page.set_content(f"<div id=cell style='display: none; width: 1080px'>{frame}</div>")
    page.frame_locator("iframe").locator("#turn[aria-label]").wait_for(state="attached")
    page.wait_for_timeout(100)
    page.evaluate("document.getElementById('cell').style.display = 'block'")
    page.frame_locator("iframe").locator("#turn").wait_for()
    page.wait_for_timeout(100)
    frame = page.frames[1]
    assert frame.evaluate("overview.hidden && frame.scrollHeight <= frame.clientHeight && zoom.scale > 1")
