"""The stepper's page, in a headless Chromium."""

import json
import os
import re
import shutil
from base64 import b64decode
from types import SimpleNamespace

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, Value, viz
from autograd.graph import steps, toposort
from autograd.graph.formatting import value_text

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)


@pytest.fixture
def simple():
    x, m = Value(3.0, "x"), Value(2.0, "m")
    p, q = x * x, m * x
    y = p + q
    p.label, q.label, y.label = "p", "q", "y"
    return SimpleNamespace(x=x, m=m, p=p, q=q, y=y)


def data(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1])


def test_each_contribution_is_a_step_with_the_numbers_of_the_pass(simple):
    content = data(viz.stepper(simple.y, inputs=simple.x).html)
    script = [(s["phase"], s["formula"], s["result"], s["sum"]) for s in content["steps"]]
    assert script == [
        ("forward", "p = 3·3", "9", ""),
        ("forward", "q = 2·3", "6", ""),
        ("forward", "y = 9 + 6", "15", ""),
        ("backward", "∂y/∂y", "1", ""),
        ("backward", "∂y/∂p += g", "1", ""),
        ("backward", "∂y/∂q += g", "1", ""),
        ("backward", "∂y/∂x += g·x = 1·3", "3", ""),
        ("backward", "∂y/∂x += g·x = 1·3", "3", "contributions add up: ∂y/∂x = 3 + 3 = 6"),
        ("backward", "∂y/∂m += g·x = 1·3", "3", ""),
        ("backward", "∂y/∂x += g·m = 1·2", "2", "contributions add up: ∂y/∂x = 6 + 2 = 8"),
    ]
    totals = [entry["total"] for node in content["nodes"] if node["name"] == "x" for entry in node["entries"]]
    assert totals[-1] == "8"
    assert content["steps"][-1]["phase"] == "backward"
    walked = [c for step in steps(simple.y) for c in step.contributions]
    assert [s["result"] for s in content["steps"][4:]] == [value_text(c.value) for c in walked]


def test_the_sum_that_undoes_a_broadcast_is_written(renderer):
    X, b = Tensor([[1.0, 2.0], [3.0, 4.0]], "X"), Tensor([0.5, 0.25], "b")
    content = data(viz.stepper(X + b).html)
    *_, last = content["steps"]
    assert last["formula"].endswith("/∂b += Σ over rows of g = Σ over rows of [1  1; 1  1]")
    assert last["result"] == "[2  2]"
    c = Value(2.0, "c")
    *_, last = data(viz.stepper(X * c).html)["steps"]
    assert last["formula"].endswith("/∂c += Σ over all of g·X = Σ over all of [1  1; 1  1]·[1  2; 3  4]")
    assert last["result"] == "10"


def test_numbers_have_the_precision_that_is_asked_for():
    x, w = Value(1 / 3, "x"), Value(-2 / 3, "w")
    y = x * w
    (content,) = {viz.stepper(y, precision=2).html for _ in range(2)}
    formulas = [s["formula"] for s in data(content)["steps"]]
    assert formulas == ["v1 = 0.33·(−0.67)", "∂v1/∂v1", "∂v1/∂x += g·w = 1·(−0.67)", "∂v1/∂w += g·x = 1·0.33"]


def test_the_page_is_closed_and_of_one_piece(renderer, simple, tmp_path):
    figure = viz.stepper(simple.y)
    page = figure.save(tmp_path / "y.html").read_text(encoding="utf-8")
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';" in page
    assert re.findall(r"(?:src|href)=|@import|url\(|fetch\(|https?://(?!www\.w3\.org)", page) == []
    assert figure.save(tmp_path / "y.svg").read_text(encoding="utf-8").startswith("<svg")
    assert figure.save(tmp_path / "y.dot").read_text(encoding="utf-8") == figure.source
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert viz.stepper(simple.y).html == page


def test_a_notebook_gets_a_frame_without_network(renderer, simple, tmp_path):
    bundle = viz.stepper(simple.y)._repr_mimebundle_()
    style, frame, still = re.fullmatch(
        "(?s)(<style>.*?)(<iframe.*?</iframe>)(<div class=still>.*?</div>)", bundle["text/html"]
    ).groups()
    assert style == "<style>.still{display:none}</style>"
    assert frame.startswith('<iframe sandbox="allow-scripts" title="step by step: y = p + q, 10 steps"')
    assert "srcdoc=" in frame
    assert "trust this notebook to step through it" in still
    png = viz.stepper(simple.y).save(tmp_path / "y.png").read_bytes()
    assert b64decode(re.search('src="data:image/png;base64,([^"]*)"', still)[1]) == png
    assert set(bundle) == {"text/html", "text/plain"}  # a PNG beside it would show nowhere
    assert bundle["text/plain"] == "<Figure: step by step: y = p + q, 10 steps>"


def test_as_a_picture_it_is_the_last_step(simple):
    source = viz.stepper(simple.y, inputs=simple.x).source
    labels = re.findall(r'\tn\d+ \[label="([^"]*)"', source)
    assert sorted(labels) == [
        r"m = 2\n∂y/∂m = 3", r"p = 9\n∂y/∂p = 1", r"q = 6\n∂y/∂q = 1", r"x = 3\n∂y/∂x = 8", r"y = 15\n∂y/∂y = 1",
    ]  # fmt: skip
    assert "arrowtail" not in source


def test_without_a_renderer_a_notebook_gets_text(no_renderer, simple):
    bundle = viz.stepper(simple.y)._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}
    assert 'pip install "graphgrad[draw]"' in bundle["text/plain"]
    with pytest.raises(viz.RenderError, match="install Graphviz"):
        _ = viz.stepper(simple.y).html


def test_no_gradient_is_read_or_written(simple):
    viz.stepper(simple.y)
    assert not simple.x.has_grad
    assert not simple.y.has_grad


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (3.0, TypeError, "stepper: pass a Value or a Tensor, not float"),
        (Value(1.0, requires_grad=False), ValueError, "requires no gradient"),
        (sum([Value(1.0) for _ in range(5000)], Value(0.0)), ValueError, r"10,001 nodes are too many .*at most 10,000"),
    ],
)
def test_errors_say_what_to_do(y, error, message):
    with pytest.raises(error, match=message):
        viz.stepper(y)


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="no playwright to drive a browser")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    os.environ.pop("DISPLAY", None)
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a figure's page; at the end there must have been no message in the console, no error and no request."""
    pages, said = [], []

    def open_page(figure, width=1000, dark=False):
        path = figure.save(tmp_path / f"{len(pages)}.html")
        page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme="dark" if dark else "light")
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url) if request.url != path.as_uri() else None)
        page.goto(path.as_uri())
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert said == []


def plain(gradient):
    return " ".join(value_text(gradient).split())  # a page folds spaces


def gradients_on_page(page):
    rows = page.locator("#ledger tr")
    return {rows.nth(i).locator("td").nth(0).inner_text(): rows.nth(i).locator("td").nth(2).inner_text()
            for i in range(rows.count())}  # fmt: skip


def test_stepping_to_the_end_shows_the_engines_gradients(opened, simple):
    page = opened(viz.stepper(simple.y, inputs=simple.x))
    assert set(gradients_on_page(page).values()) == {""}
    for _ in range(10):
        page.get_by_label("one step forward").click()
    assert "step 10 of 10" in page.locator("#panel").inner_text()
    simple.y.backward()
    expected = {n.label: value_text(n.grad) for n in (simple.y, simple.q, simple.p, simple.m, simple.x)}
    assert gradients_on_page(page) == expected
    assert page.locator("#wide .node text", has_text="∂y/∂x = 8").count() == 1
    page.get_by_label("one step forward").click()  # there is no further step
    assert gradients_on_page(page) == expected
    for _ in range(10):
        page.get_by_label("one step back").click()
    assert set(gradients_on_page(page).values()) == {""}


def test_keys_and_the_slider(opened, simple):
    page = opened(viz.stepper(simple.y))
    panel = page.locator("#panel")
    page.keyboard.press("ArrowRight")
    assert "p = 3·3 = 9" in panel.inner_text()
    assert page.locator("#wide .forward").count() > 0
    page.keyboard.press("End")
    assert "step 10 of 10 · backward" in panel.inner_text()
    page.keyboard.press("ArrowLeft")
    assert "step 9 of 10" in panel.inner_text()
    page.keyboard.press("Home")
    assert "10 steps" in panel.inner_text()
    page.locator("#slider").focus()
    page.keyboard.press("ArrowRight")  # moves the slider itself, by one and not by two
    assert page.locator("#slider").input_value() == "1"
    assert "step 1 of 10" in panel.inner_text()
    assert page.locator("#slider").get_attribute("aria-valuetext") == "step 1 of 10: p = 9"


def test_values_come_one_by_one_and_arrows_turn_round(opened, simple):
    page = opened(viz.stepper(simple.y))
    texts = page.locator("#wide .node text")
    assert "p" in texts.all_text_contents()
    assert "p = 9" not in texts.all_text_contents()
    page.keyboard.press("ArrowRight")
    assert "p = 9" in texts.all_text_contents()
    edge = page.locator("#wide-r2")
    assert edge.locator("polygon.head").is_visible()
    assert not edge.locator("polygon.tail").is_visible()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    back = page.locator("#wide .edge.backward").first
    assert back.locator("polygon.tail").is_visible()
    assert not back.locator("polygon.head").is_visible()


def test_a_click_or_enter_shows_a_nodes_details(opened, simple):
    page = opened(viz.stepper(simple.y))
    details = page.locator("#details")
    assert not details.is_visible()
    page.locator("#wide-n2").click()
    assert "computed as" in details.inner_text()
    page.locator("#wide-n0").focus()
    page.keyboard.press("Enter")
    assert "used by" in details.inner_text()
    assert page.locator("#wide-n0").get_attribute("aria-label") == "details of x"


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
    # No text runs out of its card.
    assert page.evaluate("""() => [...document.querySelectorAll("#narrow .node")].every(node => {
        const card = node.querySelector("polygon, path, ellipse").getBoundingClientRect();
        return [...node.querySelectorAll("text")].every(text => {
            const box = text.getBoundingClientRect();
            return box.left >= card.left - 1 && box.right <= card.right + 1;
        });
    })""")
    size = page.evaluate("""() => document.querySelector("#narrow .node text").getBoundingClientRect().height""")
    assert size >= 11


def test_arrays_masks_and_hostile_labels(opened):
    x = Tensor([0.0, 4.0], '</script><b>"&\\')
    y = ag.where(x > 0, ag.sqrt(x), 0.0).sum()
    page = opened(viz.stepper(y))
    page.keyboard.press("End")
    (gradient,) = ag.gradients([y], [x])
    assert gradients_on_page(page)['</script><b>"&\\'] == plain(gradient)
    for _ in range(100):
        page.keyboard.press("ArrowLeft")


@pytest.fixture
def repeated():
    """A loss over many samples: nodes of the same structure."""
    w, b, loss = Value(0.5, "w"), Value(0.1, "b"), Value(0.0, requires_grad=False)
    for x in np.random.default_rng(0).normal(size=60):
        loss = loss + (w * x + b).tanh() ** 2
    loss.label = "L"
    return SimpleNamespace(w=w, b=b, y=loss)


def test_each_node_of_a_folded_graph_has_its_steps(repeated):
    figure = viz.stepper(repeated.y)
    content = data(figure.html)
    order = toposort(repeated.y)
    assert len(content["cards"]) < 60 < len(content["nodes"]) == len(order)
    assert sorted(i for card in content["cards"] for i in card["members"]) == list(range(len(order)))
    walked = [c for step in steps(repeated.y) for c in step.contributions]
    backward = [s["result"] for s in content["steps"] if s["phase"] == "backward"]
    assert backward[1:] == [value_text(c.value) for c in walked]
    assert "values in" in figure.source
    parts = {part for card in content["cards"] for part in [*card["parts"], *card["arrows"]]}
    assert {part for step in content["steps"] for part in step["active"]} <= parts
    assert len(re.findall(r'id="n\d+"', viz.stepper(repeated.y, limit=None).source)) == len(order)


def test_a_shared_card_shows_the_node_at_work(opened, repeated):
    page = opened(viz.stepper(repeated.y))
    texts = page.evaluate("data.steps.map((step) => step.what)")
    squares = [i for i, what in enumerate(texts) if "**2" in what or "²" in what]
    for i in squares[:2]:
        page.evaluate(f"show({i + 1})")
        name = texts[i].split(" = ")[0]
        value = page.evaluate(f"data.steps[{i}].result")
        assert f"{name} = {value}" in " ".join(page.locator("#wide .node.forward").all_text_contents())
    page.keyboard.press("End")
    totals = dict(zip(("w", "b"), ag.gradients(repeated.y, [repeated.w, repeated.b]), strict=True))
    wide = page.locator("#wide").text_content()
    for name, gradient in totals.items():
        assert f"∂L/∂{name} = {value_text(gradient)}" in wide
    card = page.evaluate("data.cards.find((card) => card.members.length === 60).id")
    page.locator(f"#wide-{card}").click()
    choices = page.locator("#details select option")
    assert choices.count() == 60
    page.locator("#details select").select_option(index=7)
    assert page.locator("#details dd").first.inner_text() == choices.nth(7).inner_text()


def test_a_page_that_is_too_large_is_not_put_into_a_notebook(repeated, monkeypatch):
    monkeypatch.setattr("autograd.viz.stepping.MAX_BYTES", 1000)
    bundle = viz.stepper(repeated.y)._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert ".save(" in bundle["text/plain"]


def test_vector_results_step_with_a_seed_of_ones(opened):
    W, b = Tensor([[0.1, 0.7], [0.3, 0.2]], "W"), Tensor([0.1, -0.2], "b")
    y = (W @ np.array([0.5, 0.8]) + b).sigmoid()
    y.label = "y"
    page = opened(viz.stepper(y))
    page.keyboard.press("End")
    shares = gradients_on_page(page)
    (gW, gb) = ag.gradients([y], [W, b], [np.ones(2)])
    assert (shares["W"], shares["b"], shares["y"]) == (plain(gW), plain(gb), "[1 1]")


def test_the_frame_in_a_notebook_runs(browser, simple, tmp_path):
    path = tmp_path / "frame.html"
    frame = viz.stepper(simple.y)._repr_mimebundle_()["text/html"]
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8><body>{frame}</body>", encoding="utf-8")
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    inner = page.frame_locator("iframe")
    inner.get_by_label("one step forward").click()
    assert "p = 3·3 = 9" in inner.locator("#panel").inner_text()
    assert page.locator(".still").is_hidden()
    assert errors == []
    page.close()


def test_a_graph_that_can_be_read_smaller_is_shrunk_not_scrolled(opened):
    W, b = Tensor([[0.1, 0.7], [0.3, 0.2]], "W"), Tensor([0.1, -0.2], "b")
    figure = viz.stepper((W @ Tensor([0.5, 0.8], "x") + b).sigmoid())
    for width, view in ((1000, "wide"), (390, "narrow")):
        frame = opened(figure, width).locator(f"#{view}")
        assert frame.evaluate("(e) => e.scrollWidth <= e.clientWidth")
    long = Tensor([0.5, 0.8], "x")
    for _ in range(20):
        long = long.tanh()
    frame = opened(viz.stepper(long), 1000).locator("#wide")
    assert frame.evaluate("(e) => e.scrollWidth > e.clientWidth")
    assert frame.evaluate("(e) => e.querySelector('text').getBoundingClientRect().height") > 9
