"""The stepper's page, in a headless Chromium."""

import re
from base64 import b64decode

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, Value, viz
from autograd.graph import explaining, steps, toposort
from autograd.graph.formatting import value_text
from tests.helpers.stepping import data, filled, go, gradients_on_page, plain


def test_each_contribution_is_a_step_with_the_numbers_of_the_pass(simple):
    content = data(viz.stepper(simple.y, inputs=simple.x).html)
    forward = [s for s in content["steps"] if s["phase"] == "forward"]
    assert [(s["rule"], filled(content, s, "numbers")) for s in forward] == [
        ("x · x", "3 · 3"), ("m · x", "2 · 3"), ("p + q", "9 + 6"),
    ]  # fmt: skip
    seed, *backward = content["steps"][3:]
    assert (seed["chain"], seed["value"]) == ("∂y/∂y", "1")
    assert [(s["chain"], filled(content, s, "numbers"), s["value"], s["total"]) for s in backward] == [
        ("∂y/∂y · ∂y/∂p", "1 · 1", "1", "1"),
        ("∂y/∂y · ∂y/∂q", "1 · 1", "1", "1"),
        ("∂y/∂p · ∂p/∂x", "1 · 3", "3", "3"),
        ("∂y/∂p · ∂p/∂x", "1 · 3", "3", "6"),
        ("∂y/∂q · ∂q/∂m", "1 · 3", "3", "3"),
        ("∂y/∂q · ∂q/∂x", "1 · 2", "2", "8"),
    ]
    assert [s["from"] for s in backward] == [
        "from y = p + q", "from y = p + q", "from p = x·x, argument 1", "from p = x·x, argument 2", "from q = m·x",
        "from q = m·x",
    ]  # fmt: skip
    walked = [c for step in steps(simple.y) for c in step.contributions]
    assert [s["value"] for s in backward] == [value_text(c.value) for c in walked]


def test_the_local_derivative_is_worked_out():
    x = Value(0.5, "x")
    y = ag.cos(x) * -1.5
    y.label = "y"
    content = data(viz.stepper(y).html)
    step = content["steps"][-1]
    assert (step["local"], step["rule"]) == ("∂v1/∂x", "−sin(x)")
    assert filled(content, step, "ruleNumbers") == "−sin(0.5)"
    assert filled(content, step, "numbers") == "(−1.5) · (−0.4794)"
    assert filled(content, step, "hint") == "1.5 · sin(0.5)" or "sin(0.5)" in filled(content, step, "hint")


def test_of_arrays_the_chain_rule_has_their_form(renderer):
    X, b = Tensor([[1.0, 2.0], [3.0, 4.0]], "X"), Tensor([0.5, 0.25], "b")
    y = X + b
    y.label = "y"
    content = data(viz.stepper(y).html)
    step = content["steps"][-1]
    assert step["chain"] == "Σ over rows of ∂y/∂y ⊙ ∂y/∂b"
    assert filled(content, step, "numbers") == "Σ over rows of [1  1; 1  1] ⊙ [1  1; 1  1]"
    assert step["value"] == "[2  2]"
    c = Value(2.0, "c")
    z = X * c
    z.label = "z"
    content = data(viz.stepper(z).html)
    *_, step = (s for s in content["steps"] if "Σ over all" in s.get("chain", ""))
    assert filled(content, step, "numbers") == "Σ over all of [1  1; 1  1] ⊙ [1  2; 3  4]"
    W, x = Tensor([[1.0, 2.0], [3.0, 4.0]], "W"), Tensor([0.5, -1.0], "x")
    u = W @ x
    u.label = "u"
    content = data(viz.stepper(u).html)
    chains = {s["chain"]: filled(content, s, "numbers") for s in content["steps"] if "slot" in s}
    assert chains == {
        "∂u/∂u ⊗ x": "[1  1] ⊗ [0.5  −1]",
        "(W)ᵀ @ ∂u/∂u".replace("(W)", "W"): "[1  2; 3  4]ᵀ @ [1  1]",
    }


def test_local_derivatives_times_gradients_are_the_contributions():
    x, w, c = Tensor([[0.3, -1.2], [2.0, 0.4]], "x"), Tensor([0.5, -0.7], "w"), Value(1.5, "c")
    y = ag.tanh(x * w + c) / (ag.exp(x) + c * c) ** 2
    for step in steps(y.sum()):
        for part in step.contributions:
            if step.op.elementwise:
                product = step.gradient * explaining.factor(step.node, part.slot)
                over = tuple(range(np.ndim(product) - part.parent.ndim))
                np.testing.assert_allclose(np.sum(product, axis=over), part.value, rtol=1e-12)


def test_a_seed_that_is_not_1_is_told(opened):
    y = Tensor([1.0, 2.0], "x") * 2.0
    y.label = "y"
    page = opened(viz.stepper(y, gradient=[2.0, 0.0]))
    assert "∂y/∂x stands for vᵀ∂y/∂x with v = [2 0], the seed" in page.locator("#panel").inner_text()
    go(page, 2)
    assert "∂y/∂y = [2 0]" in page.locator("#panel").inner_text()
    assert "the sum of the elements" in data(viz.stepper(y).html)["caption"][0]


def test_numbers_have_the_precision_that_is_asked_for():
    x, w = Value(1 / 3, "x"), Value(-2 / 3, "w")
    y = x * w
    (page,) = {viz.stepper(y, precision=2).html for _ in range(2)}
    content = data(page)
    assert [filled(content, s, "numbers") for s in content["steps"] if "numbers" in s] == [
        "0.33 · (−0.67)", "1 · (−0.67)", "1 · 0.33",
    ]  # fmt: skip


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


def test_stepping_to_the_end_shows_the_engines_gradients(opened, simple):
    page = opened(viz.stepper(simple.y, inputs=simple.x))
    assert gradients_on_page(page) == {}
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
    assert gradients_on_page(page) == {}


def test_a_step_is_written_by_leibniz(opened, neuron):
    page = opened(viz.stepper(neuron.o))
    panel = page.locator("#panel")
    go(page, 9)
    assert "∂o/∂b += ∂o/∂v4 · ∂v4/∂b = 0.8556 · 1 = 0.8556" in panel.inner_text()
    assert "where ∂v4/∂b = 1" in panel.inner_text()
    go(page, 7)
    assert "∂o/∂v4 += ∂o/∂o · ∂o/∂v4 = 1 · 0.8556 = 0.8556" in panel.inner_text()
    assert "where ∂o/∂v4 = 1 − o · o = 1 − 0.3799 · 0.3799 = 0.8556" in panel.inner_text()
    assert page.locator("#ledger .chip.new").inner_text() == "0.8556 from o = tanh(v4)"


def test_keys_and_the_slider(opened, simple):
    page = opened(viz.stepper(simple.y))
    panel = page.locator("#panel")
    page.keyboard.press("ArrowRight")
    assert "p = 3 · 3 = 9" in panel.inner_text()
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
    page.get_by_label("backward begins at step 4").click()
    assert "step 4 of 10 · backward" in panel.inner_text()
    mark, thumb = page.locator("#turn").bounding_box(), page.locator("#slider").bounding_box()
    middle = mark["x"] + mark["width"] / 2
    assert abs(middle - (thumb["x"] + 8 + (thumb["width"] - 16) * 0.4)) < 2 * thumb["width"] / 10


def test_it_plays_and_pauses(opened, simple):
    page = opened(viz.stepper(simple.y))
    page.evaluate("setInterval = (f) => { window.tick = f; return 1; }")
    page.get_by_role("button", name="play").click()
    page.evaluate("tick(); tick()")
    assert "step 2 of 10" in page.locator("#panel").inner_text()
    page.get_by_role("button", name="pause").click()
    page.get_by_role("button", name="play").click()
    page.evaluate("for (let i = 0; i < 8; i++) tick()")
    assert page.get_by_role("button", name="play").is_visible()  # it has come to the end


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


def test_arrays_masks_and_hostile_labels(opened):
    x = Tensor([0.0, 4.0], '</script><b>"&\\')
    y = ag.where(x > 0, ag.sqrt(x), 0.0).sum()
    page = opened(viz.stepper(y))
    page.keyboard.press("End")
    (gradient,) = ag.gradients([y], [x])
    assert gradients_on_page(page)['</script><b>"&\\'] == plain(gradient)
    for _ in range(100):
        page.keyboard.press("ArrowLeft")


def test_each_node_of_a_folded_graph_has_its_steps(repeated):
    figure = viz.stepper(repeated.y)
    content = data(figure.html)
    order = toposort(repeated.y)
    assert len(content["cards"]) < 60 < len(content["nodes"]) == len(order)
    assert sorted(i for card in content["cards"] for i in card["members"]) == list(range(len(order)))
    walked = [c for step in steps(repeated.y) for c in step.contributions]
    backward = [s["value"] for s in content["steps"] if s["phase"] == "backward"]
    assert backward[1:] == [value_text(c.value) for c in walked]
    assert "values in" in figure.source
    parts = {part for card in content["cards"] for part in [*card["parts"], *card["arrows"]]}
    assert {part for step in content["steps"] for part in step["active"]} <= parts
    assert len(re.findall(r'id="n\d+"', viz.stepper(repeated.y, limit=None).source)) == len(order)


def test_a_shared_card_shows_the_node_at_work(opened, repeated):
    page = opened(viz.stepper(repeated.y))
    rules = page.evaluate("data.steps.map((step) => step.rule || '')")
    for i in [i for i, rule in enumerate(rules) if "²" in rule][:2]:
        go(page, i + 1)
        name, value = page.evaluate(f"(({{name, value}}) => [name, value])(data.nodes[data.steps[{i}].node])")
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


def test_many_cards_are_laid_out_with_less_effort(simple):
    w, h = Value(0.5, "w"), Value(0.0, "h0")
    for k in range(32):
        h = (w * h + Value(0.1 * k, f"x{k}")).tanh()
    few, many = viz.stepper(simple.y), viz.stepper(h)
    assert not any("nslimit" in source for source in (few.source, *(p.source for p in few._pages)))
    assert all("nslimit" in source for source in (many.source, *(p.source for p in many._pages)))


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
    assert "p = 3 · 3 = 9" in inner.locator("#panel").inner_text()
    assert page.locator(".still").is_hidden()
    assert errors == []
    page.close()
