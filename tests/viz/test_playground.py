"""The playground: what its page computes beside Python, and the page itself, walked through by keyboard."""

import contextlib
import io
import json
import re
from html import unescape

import numpy as np
import pytest

import nn
import nn.playground
from autograd import Value, gradients, viz
from autograd.viz.javascript import op_table
from autograd.viz.pages import part
from autograd.viz.playground import _LOSSES, playground
from tests.helpers.javascript import NEEDS_NODE, evaluated

POINTS = np.random.default_rng(0).normal(size=(37, 2))
NUMBERS = np.sin(POINTS[:, 0])
TWO_BEHIND = nn.Sequential(
    nn.Linear(2, 3, bias=False, rng=0),
    nn.GELU(),
    nn.ELU(0.5),
    nn.Linear(3, 2, rng=1),
    nn.Linear(2, 1, bias=False, rng=2),
)
OF_MODULES = nn.Sequential(
    nn.Linear(2, 3, rng=0), nn.GELU(), nn.Linear(3, 2, rng=1), nn.LeakyReLU(0.2), nn.Linear(2, 1, rng=2), nn.Sigmoid()
)


def content(page):
    """What Python wrote into a page for its script."""
    return json.loads(
        re.search(r'<script type="application/json" id="content">(.*?)</script>', page.html, re.DOTALL)[1]
    )


def run(text):
    """The names that the lines of Python make."""
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(text, names)
    return names


def weights(model):
    """All weights in the page's order: of each neuron those of its inputs, then its bias."""
    layers = [layer for layer in model if hasattr(layer, "weight")]
    biases = [np.zeros(len(layer.weight)) if layer.bias is None else layer.bias.data for layer in layers]
    rows = [pair for layer, bs in zip(layers, biases, strict=True) for pair in zip(layer.weight.data, bs, strict=True)]
    return [w for row, b in rows for w in (*row, b)]


# ---- what the page computes, by node


def script(page, sizes, kinds, *, data, loss="squared", rate=0.03, batch=1, penalty=("", 0), seed=1):
    """The page's script without its controls, with a net and its training."""
    return f"""{op_table()}
{"".join(part(f"{name}.js") for name in ("replay", "playground_net", "playground_python"))}
const {{ activations, losses, layers }} = {json.dumps(content(page))};
const net = makeNet({sizes}, {json.dumps(kinds)}, activations, losses.{loss}, (layers || []).map((l) => l.unbiased));
const drawn = {data}, [low, high] = losses.{loss}.targets;
const data = {{ X: drawn.X, targets: drawn.classes ? drawn.y.map((k) => (k ? high : low)) : drawn.y }};
const settings = {{ rate: {rate}, batch: {batch}, penalty: {{ kind: "{penalty[0]}", strength: {penalty[1]} }} }};
const theta = layers ? Float64Array.from(layers.flatMap((l) => l.weight.flatMap((row, j) => [...row, l.bias[j]])))
  : net.start({seed});
const training = makeTraining(net, data, settings, theta);
const state = () => ({{
  place: [...training.place], theta: [...training.theta], loss: net.meanLoss(training.theta, data),
  delta: (training.go(...training.place), net.state.delta.slice(1).map((d) => [...d])),
  text: pythonText(net, training, activations, losses.{loss}) }});
"""


OWN = json.dumps({"X": POINTS.tolist(), "y": NUMBERS.tolist(), "classes": False})
CASES = {
    "one by one": ({}, [2, 4, 3, 1], ["tanh"] * 3, {"data": "drawnData('circle', 3)"}, "back('neuron')"),
    "minibatches": ({}, [2, 3, 1], ["relu", "linear"], {
        "data": "drawnData('spiral', 1)", "loss": "entropy", "batch": 30, "penalty": ("l2", 0.01)}, "back('sample')"),
    "all at once": ({}, [2, 1], ["linear"], {
        "data": "drawnData('line', 2)", "loss": "hinge", "batch": 0, "penalty": ("l1", 0.003)}, "back('layer')"),
    "a last batch that is smaller": ({}, [2, 2, 2, 1], ["elu", "sigmoid", "linear"], {
        "data": OWN, "batch": 10, "rate": 0.1}, "go(1, 33, 0)"),
    "modules": ({"model": OF_MODULES}, [2, 3, 2, 1], ["gelu", "leakyrelu", "sigmoid"], {
        "data": "drawnData('moons', 5)", "batch": 5}, "back('layer')"),
    "several activations and no bias": ({"model": TWO_BEHIND}, [2, 3, 2, 1], ["elu of gelu", "linear", "linear"], {
        "data": OWN, "batch": 10, "penalty": ("l2", 0.01)}, "back('layer')"),
}  # fmt: skip


@NEEDS_NODE
@pytest.mark.parametrize("name", CASES)
def test_the_lines_of_python_give_the_numbers_of_the_page(name):
    arguments, sizes, kinds, options, then = CASES[name]
    lines = script(playground(**arguments), sizes, kinds, **options)
    moves = f"training.forth('epoch'); training.forth('epoch'); training.{then};"
    found = evaluated(lines, f"(() => {{ {moves} return state(); }})()")
    names = run(found["text"])
    np.testing.assert_allclose(weights(names["model"]), found["theta"], rtol=1e-12, atol=1e-14)
    assert names["loss"] == pytest.approx(found["loss"], rel=1e-12)
    for d, expected in zip(names["delta"], found["delta"], strict=True):
        np.testing.assert_allclose(d, expected, rtol=1e-12, atol=1e-15)


@NEEDS_NODE
def test_back_is_where_forth_came_from():
    lines = script(playground(), [2, 3, 1], ["tanh", "tanh"], data=OWN, batch=7)
    walk = """(() => {
      const seen = [], same = [];
      for (const unit of ["neuron", "layer", "sample", "epoch"]) {
        training.go(0, 0, 0);
        const states = [state()];
        for (let k = 0; k < (unit === "epoch" ? 4 : 45); k++) { training.forth(unit); states.push(state()); }
        seen.push(states.map((s) => s.place));
        for (let k = states.length - 2; k >= 0; k--) {
          training.back(unit);
          same.push(JSON.stringify(state()) === JSON.stringify(states[k]));
        }
      }
      return [training.moments, seen, same.every(Boolean), training.losses];
    })()"""
    moments, (neurons, layers, samples, epochs), same, losses = evaluated(lines, walk)
    assert same
    phases = [m["phase"] for m in moments]
    assert phases == ["start", *["forward"] * 4, "loss", *["backward"] * 4, "update"]
    assert [m["layer"] for m in moments if "layer" in m] == [1, 1, 1, 2, 2, 1, 1, 1]
    assert neurons[:12] == [*([0, 0, k] for k in range(11)), [0, 1, 0]]
    assert layers[:8] == [[0, 0, k] for k in (0, 3, 4, 5, 6, 9, 10)] + [[0, 1, 0]]
    assert samples[:3] == [[0, 0, 0], [0, 0, 10], [0, 1, 10]]
    assert samples[37:39] == [[0, 36, 10], [1, 0, 10]]
    assert epochs == [[0, 0, 0], *([k, 36, 10] for k in range(4))]
    assert losses[-1] < losses[0]


@NEEDS_NODE
@pytest.mark.parametrize("loss", _LOSSES)
def test_gradients_are_those_of_differences(loss):
    kinds = ["elu", "tanh", _LOSSES[loss]["output"]]
    lines = script(playground(), [2, 3, 2, 1], kinds, data="drawnData('xor', 4)", loss=loss)
    found = evaluated(lines, "(() => { training.go(1, 4, 3); return [training.differences(), [...training.own]]; })()")
    np.testing.assert_allclose(found[0], found[1], rtol=1e-7, atol=1e-9)
    assert np.any(found[1])


@NEEDS_NODE
def test_a_seed_decides_data_and_weights():
    lines = script(playground(), [2, 3, 1], ["tanh", "tanh"], data=OWN)
    sets = [*content(playground())["titles"]][:-1]
    one, again, other = (
        evaluated(lines, f"[{json.dumps(sets)}.map((name) => drawnData(name, {seed})), [...net.start({seed})]]")
        for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other
    for drawn in one[0]:
        assert np.shape(drawn["X"]) == (150, 2)
        assert 40 < sum(drawn["y"]) < 110
        assert np.abs(drawn["X"]).max() < 2.4


@pytest.mark.parametrize("name", _LOSSES)
def test_the_texts_of_losses_say_what_is_calculated(name):
    loss = _LOSSES[name]

    def value(text, a, t):
        code = re.sub(r"log σ\(", "log_sigmoid(", text).replace("σ(", "float(sigmoid)(")
        code = code.replace("float(sigmoid)(", "one(").replace("·", "*").replace("−", "-").replace("²", "**2")
        one = lambda x: 1 / (1 + np.exp(-x))
        return eval(code, {"a": a, "t": t, "one": one, "log_sigmoid": lambda x: np.log(one(x)), "max": max})

    for a in (-1.7, 0.2, 3.0):
        for t in loss["targets"]:
            x = Value(a)
            y = loss["function"](x, float(t))
            assert value(loss["formula"], a, t) == pytest.approx(y.data, rel=1e-12)
            assert value(loss["slope"], a, t) == pytest.approx(gradients(y, x), rel=1e-12)


def test_the_texts_of_activations_are_the_op_tables():
    known = content(playground())["activations"]
    assert {name: (kind["formula"], kind["slope"]) for name, kind in known.items()} == {
        "tanh": ("tanh(z)", "1 − a·a"),
        "sigmoid": ("sigmoid(z)", "a·(1 − a)"),
        "relu": ("relu(z)", "1 if z > 0 else 0"),
        "elu": ("elu(z)", "1 if z > 0 else exp(minimum(z, 0))"),
        "linear": ("z", "1"),
    }


# ---- what it takes


def test_it_takes_nets_of_linear_layers_and_activations():
    net = nn.MLP([2, 3, 1], "sigmoid", scalar=True, rng=0)
    found = content(viz.playground(net, (POINTS, NUMBERS > 0)))
    assert [layer["activation"] for layer in found["layers"]] == ["sigmoid", "linear"]
    state = net.state_dict()
    assert found["layers"][0]["weight"] == state["0.weight"].tolist()
    assert found["layers"][1]["bias"] == state["2.bias"].tolist()
    assert found["own"]["y"] == (NUMBERS > 0).astype(int).tolist()
    assert found["start"]["sizes"] == [2, 3, 1]
    [layer] = content(playground(nn.Linear(2, 1, bias=False, rng=0)))["layers"]
    assert layer["bias"] == [0.0]
    assert layer["unbiased"]
    of_values = content(playground(data=([[Value(1.0), Value(2.0)], [3.0, Value(4.0)]], [Value(-1.0), Value(1.0)])))
    assert of_values["own"]["X"] == [[1.0, 2.0], [3.0, 4.0]]
    assert of_values["own"]["numbers"] == [-1.0, 1.0]
    tied = content(playground([nn.Linear(2, 2, rng=0), nn.Tanh(), nn.SiLU(), nn.Linear(2, 1, rng=0)]))
    assert tied["layers"][0]["activation"] == "silu of tanh"
    assert tied["activations"]["silu of tanh"]["python"] == ["nn.Tanh()", "nn.SiLU()"]


def test_hostile_words_stay_words():
    class Evil(nn.Module):
        def forward(self, x):
            return x * x

        def __repr__(self):
            return "</script><script>alert(1)</script>"

    page = playground(nn.Sequential(nn.Linear(2, 2), Evil(), nn.Linear(2, 1)), (POINTS, ["<b>", "]]>"] * 18 + ["<b>"]))
    assert page.html.count("<script") == 2
    assert "default-src 'none'" in page.html
    assert content(page)["activations"]["evil"]["python"] == ["</script><script>alert(1)</script>"]


class Other(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(2, 1)

    def forward(self, x):
        return self.layer(x) * 2


@pytest.mark.parametrize(
    ("model", "data", "error", "words"),
    [
        (None, "circles", ValueError, r"no data 'circles'; there are circle, xor, .*, or pass \(X, y\)"),
        (None, 3, TypeError, "a name or a pair"),
        (None, (POINTS,), TypeError, "a name or a pair"),
        (None, (POINTS, NUMBERS[1:]), ValueError, r"not \(37, 2\) and \(36,\)"),
        (None, (POINTS[:, :1], NUMBERS), ValueError, r"shape \(n, 2\)"),
        (None, (POINTS[:1], NUMBERS[:1]), ValueError, "takes 2 to 2,000 samples, not 1"),
        (None, (np.zeros((2001, 2)), np.zeros(2001)), ValueError, "not 2,001; pass some"),
        (None, (POINTS * np.nan, NUMBERS), ValueError, "must be finite"),
        (None, (POINTS[:3], ["a", "b", "c"]), ValueError, "numbers, or two classes, not 3"),
        (None, (np.full((3, 2), "x"), [1, 2, 3]), TypeError, "X holds no floats"),
        (None, (POINTS * 1j, NUMBERS), TypeError, "X holds no floats: they are complex"),
        (None, ([[10**400, 1], [2, 3]], [0, 1]), TypeError, "X holds no floats: int too large"),
        (None, ([[1, 2], [3]], [0, 1]), ValueError, r"a pair of arrays \(X, y\)"),
        (None, (POINTS[:2], np.array(["a", 1], object)), TypeError, "two classes of one type"),
        ("net", None, TypeError, "str is no chain of Linear layers"),
        (3, None, TypeError, "int is no chain of Linear layers"),
        ("xor", None, TypeError, "str is no chain of Linear layers"),
        (np.ones((2, 2)), None, TypeError, "ndarray is no chain of Linear layers"),
        (Other(), None, TypeError, "Other is no chain of Linear layers and activations"),
        (nn.MLP(2, [3, 1]), None, TypeError, "Layer is no chain"),
        (nn.Tanh(), None, TypeError, r"begins with a Linear layer, not with Tanh\(\)"),
        ([], None, TypeError, "has no Linear layer"),
        (nn.MLP([3, 2, 1]), None, ValueError, "from 2 numbers to 1, not from 3 to 1"),
        (nn.MLP([2, 2, 3]), None, ValueError, "not from 2 to 3"),
        (nn.MLP([2, 17, 1]), None, ValueError, "at most 5 layers of at most 16 neurons"),
        (nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1)), None, ValueError, "takes 4 numbers, .* before gives 3"),
        (nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2), nn.Linear(2, 1)), None, TypeError, "is no Linear layer"),
        (nn.Sequential(nn.Linear(2, 2), nn.Softmax(), nn.Linear(2, 1)), None, TypeError, "each number by itself"),
        (nn.Sequential(nn.Linear(2, 2), nn.Dropout(), nn.Linear(2, 1)), None, TypeError, "it drops numbers at random"),
    ],
)  # fmt: skip
def test_what_it_does_not_take(model, data, error, words):
    with pytest.raises(error, match=f"^playground: .*{words}"):
        playground(model, data)


def test_what_is_random_is_no_activation():
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Dropout(0.5), nn.Linear(2, 1))
    with pytest.raises(TypeError, match=r"at random; take net.eval\(\)"):
        playground(net)
    found = content(playground(net.eval()))
    assert found["layers"][0]["activation"] == "tanh"
    assert found["activations"]["tanh"]["python"] == ["nn.Tanh()"]


def test_a_weight_that_is_not_finite():
    net = nn.Linear(2, 1)
    net.weight.data[0, 0] = np.nan
    with pytest.raises(ValueError, match="a weight that is not finite"):
        playground(net)


# ---- the file, the notebook, the program


def test_it_saves_one_file(tmp_path):
    page = playground(data="moons")
    path = page.save(tmp_path / "page.html")
    assert path.read_text(encoding="utf-8") == page.html
    assert repr(page) == "<Playground: a net 2-4-3-1 learns two moons>"
    assert not re.search(r"(src|href)=|https?://(?!www\.w3\.org)|eval\(|new Function|innerHTML", page.html)
    with pytest.raises(ValueError, match=r"cannot save 'page.svg': a page is one file with the suffix .html"):
        page.save(tmp_path / "page.svg")
    with pytest.raises(FileNotFoundError, match="create the folder first"):
        page.save(tmp_path / "none" / "page.html")


def test_a_program_writes_and_opens_it(tmp_path, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    path = tmp_path / "my page.html"
    assert nn.playground.main([str(path), "--data", "xor"]) == 0
    assert opened == [path.as_uri()]
    assert "learns xor" in capsys.readouterr().out
    assert nn.playground.main([str(path), "--no-open"]) == 0
    assert len(opened) == 1
    assert nn.playground.main([str(tmp_path / "page.txt")]) == 1
    assert nn.playground.main([str(path), "--data", "nothing"]) == 1
    assert "there is no data 'nothing'" in capsys.readouterr().err


# ---- the page


@pytest.fixture
def shown(page, tmp_path):
    """The page of a playground in the browser, at an address."""

    def show(address="", **arguments):
        page.goto(playground(**arguments).save(tmp_path / "page.html").as_uri() + address)
        return page

    return show


def focused(page, attribute="id"):
    return page.evaluate(f"document.activeElement.getAttribute('{attribute}')")


def tab_to(page, wanted, key="Tab"):
    """Press Tab until the element has the focus."""
    for _ in range(40):
        page.keyboard.press(key)
        if focused(page) == wanted or focused(page, "value") == wanted:
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def wait_until(page, condition):
    """Wait for a condition; Playwright's own way needs the eval that a page forbids."""
    for _ in range(600):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(condition)


def as_number(text):
    return float(text.replace("−", "-").replace("∞", "inf"))


def test_a_walk_by_keyboard(shown):
    page = shown()
    tab_to(page, "data")
    page.keyboard.press("ArrowDown")  # from the circle to xor
    assert page.evaluate("document.getElementById('data').value") == "xor"
    tab_to(page, "train")
    page.keyboard.press("Enter")
    wait_until(page, "training.epochs >= 6")
    page.keyboard.press("t")
    wait_until(page, "document.getElementById('train').textContent.includes('train')")
    epochs = page.evaluate("training.epochs")
    assert f"after {epochs} epochs" in page.inner_text("#where")
    tab_to(page, "layer")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("unit()") == "neuron"
    page.keyboard.press("b")
    page.keyboard.press("b")
    assert re.match(r"backward: layer 1, neuron 3 has δ = ", page.inner_text("#now"))
    tab_to(page, "neuron-0-0")
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    name = focused(page, "aria-label")
    layer, neuron = map(int, re.match(r"layer (\d), neuron (\d), output ", name).groups())
    page.keyboard.press("Enter")
    assert page.inner_text("#chain h2") == f"layer {layer}, neuron {neuron} · sample 150"
    tab_to(page, "copy")
    page.keyboard.press("Enter")
    names = run(page.input_value("#python"))
    delta = names["delta"][layer - 1][neuron - 1]
    assert as_number(re.search(r"delta (\S+),", name)[1]) == pytest.approx(delta, rel=0.006)
    assert as_number(page.inner_text("#chain .back >> nth=2").rpartition("= ")[2]) == pytest.approx(delta, rel=6e-4)
    assert page.evaluate(f"net.state.delta[{layer}][{neuron - 1}]") == pytest.approx(delta, rel=1e-12)
    np.testing.assert_allclose(weights(names["model"]), page.evaluate("[...training.theta]"), rtol=1e-12, atol=1e-14)
    tab_to(page, "check", "Shift+Tab")
    page.keyboard.press("Enter")
    said = page.inner_text("#checked")
    assert said.startswith("31 slopes of the loss of sample 150")
    assert as_number(re.search(r"difference is (\S+),", said)[1]) < 1e-6


def test_steps_tell_only_what_is_computed(shown):
    page = shown("#data=moons")
    value = "[...document.querySelectorAll('.neuron b')].map((b) => b.textContent)"
    assert page.evaluate(value)[2:] == ["–"] * 8
    page.keyboard.press("s")
    assert page.evaluate(value).count("–") == 4
    assert page.inner_text("#now").startswith("forward: layer 1, neuron 4 gives ")
    assert page.evaluate("document.querySelectorAll('line.flow').length") == 2
    for _ in range(4):
        page.keyboard.press("s")
    assert page.inner_text("#now").startswith("backward: output has δ = ")
    assert page.evaluate("[...document.querySelectorAll('.delta')].filter((d) => d.textContent).length") == 1
    page.check("[value=gradients]", force=True)
    lines = "[...document.querySelectorAll('#net line')].map((line) => line.getAttribute('class'))"
    assert sum("unknown" in name for name in page.evaluate(lines)) == 8 + 12
    for _ in range(3):
        page.keyboard.press("s")
    assert page.inner_text("#now") == "update: w ← w − η·∂L/∂w"
    assert not any("unknown" in name for name in page.evaluate(lines))
    page.keyboard.press("Home")
    assert page.inner_text("#now") == "start: a sample comes in"


def test_the_address_keeps_what_is_chosen(shown):
    page = shown("#data=spiral&hidden=3-2&activation=relu&loss=entropy&rate=0.1&batch=10&penalty=L2 0.01&seed=7")
    assert page.inner_text("h1") == "a net 2-3-2-1 learns a spiral"
    theta = page.evaluate("[...training.theta]")
    assert page.evaluate("[training.batch, training.settings.rate, net.kinds]") == [10, 0.1, ["relu", "relu", "linear"]]
    page.get_by_label("one neuron more in layer 2").click()
    assert "hidden=3-3" in page.evaluate("location.hash")
    page.get_by_label("one neuron less in layer 2").click()
    assert page.evaluate("[...training.theta]") == theta
    page.get_by_text("new seed").click()
    assert "seed=8" in page.evaluate("location.hash")
    assert page.evaluate("[...training.theta]") != theta
    page.evaluate("location.hash = '#data=nothing&rate=-1&hidden=99&seed=x'")
    wait_until(page, "document.querySelector('h1').textContent === 'a net 2-4-3-1 learns a circle'")


@pytest.mark.parametrize("word", ["constructor", "__proto__"])
def test_words_of_javascript_in_the_address_choose_nothing(shown, word):
    page = shown(f"#data={word}&activation={word}&loss={word}&penalty={word}")
    assert page.inner_text("h1") == "a net 2-4-3-1 learns a circle"
    assert "activation=tanh" in page.evaluate("location.hash")


def test_a_layer_without_a_bias_has_one_when_the_net_is_drawn_anew(shown):
    page = shown(model=TWO_BEHIND)
    page.evaluate("training.forth('epoch')")
    biases = "net.layers.map((layer, k) => training.theta[net.bias(k + 1, 0)] !== 0)"
    assert page.evaluate(biases) == [False, True, False]
    page.get_by_text("new seed").click()
    page.evaluate("training.forth('epoch')")
    assert page.evaluate(biases) == [True, True, True]


def test_another_rate_goes_on_from_the_weights(shown):
    page = shown()
    page.evaluate("training.forth('epoch')")
    theta = page.evaluate("[...training.theta]")
    page.fill("#rate", "0.2")
    page.keyboard.press("Tab")
    assert page.evaluate("[...training.theta]") == theta
    assert "after 1 epoch " in page.inner_text("#where")
    page.fill("#rate", "-3")
    page.keyboard.press("Tab")
    assert page.input_value("#rate") == "0.2"


def test_a_model_of_ones_own_learns_ones_own_data(shown):
    page = shown(model=OF_MODULES, data=(POINTS, NUMBERS))
    assert page.inner_text("h1") == "a net 2-3-2-1 learns your data"
    np.testing.assert_array_equal(page.evaluate("[...training.theta]"), weights(OF_MODULES))
    assert page.evaluate("[...document.getElementById('loss').options].map((o) => o.disabled)") == [False, True, True]
    page.select_option("#activation", "tanh")
    assert page.evaluate("net.kinds") == ["tanh", "tanh", "linear"]


def test_a_notebook_shows_it_in_a_frame(page):
    bundle = playground(data="xor")._repr_mimebundle_()
    assert bundle["text/plain"] == "<Playground: a net 2-4-3-1 learns xor>"
    assert 'sandbox="allow-scripts"' in bundle["text/html"]
    assert "<!DOCTYPE html>" in unescape(bundle["text/html"])
    page.set_content(bundle["text/html"])
    frame = page.frame_locator("iframe")
    frame.locator("#step").click()
    assert frame.locator("#now").inner_text().startswith("forward")
    frame.locator("#copy").click()
    assert frame.locator("#python").input_value().startswith("import numpy as np")


def test_a_frame_that_a_notebook_shows_later_is_laid_out_for_its_width(page):
    frame = playground(data="xor")._repr_mimebundle_()["text/html"]
    page.set_content(f"<div id=cell style='display: none'>{frame}</div>")
    page.frame_locator("iframe").locator(".neuron").last.wait_for(state="attached")
    page.wait_for_timeout(300)  # the frame has no width, which it hears of by itself
    page.evaluate("document.getElementById('cell').style.display = 'block'")
    page.frame_locator("iframe").locator(".neuron").last.wait_for()
    wait_until(page.frames[1], "document.getElementById('choices').open")
    assert page.frames[1].evaluate("document.getElementById('net').className") == "net"


NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.mark.parametrize("size", [NARROW, {"width": 838, "height": 900}, WIDE], ids=lambda s: str(s["width"]))
@pytest.mark.parametrize("hidden", ["4-3", "8-8-8-8"])
def test_it_fits_and_can_be_read_and_touched(shown, page, size, hidden):
    page.set_viewport_size(size)
    page = shown(f"#hidden={hidden}")
    page.evaluate("document.getElementById('choices').open = true; training.forth('epoch'); draw(); check();")
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    small = """[...document.querySelectorAll('body *')].filter((e) => e.checkVisibility() && !e.childElementCount
      && e.textContent.trim() && !['SCRIPT', 'OPTION'].includes(e.tagName)
      && parseFloat(getComputedStyle(e).fontSize) < 12).map((e) => e.outerHTML)"""
    assert page.evaluate(small) == []
    targets = """[...document.querySelectorAll('button, select, input[type=number], .choice label, summary')]
      .filter((e) => {
        const { width, height } = e.getBoundingClientRect();
        return e.checkVisibility() && (width < 44 || height < 44);
      }).map((e) => e.outerHTML)"""
    assert page.evaluate(targets) == []
    cut = """[...document.querySelectorAll('.neuron .numbers')].filter((e) => e.scrollWidth > e.clientWidth + 1)
      .map((e) => e.textContent)"""
    assert page.evaluate(cut) == []
    overlapping = """[...document.querySelectorAll('.neuron')].map((e) => e.getBoundingClientRect())
      .filter((a, i, all) => all.some((b, k) => k < i && a.left < b.right && b.left < a.right && a.top < b.bottom
        && b.top < a.bottom)).length"""
    assert page.evaluate(overlapping) == 0
    vertical = page.evaluate("""(() => { const [a, b] = ['neuron-0-0', 'neuron-1-0'].map((id) => (
      document.getElementById(id).getBoundingClientRect())); return b.top > a.bottom; })()""")
    assert vertical == (size is NARROW)
    assert page.evaluate("document.querySelectorAll('#net [tabindex=\"0\"]').length") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=lambda s: str(s["width"]))
def test_axe_finds_nothing(browser, tmp_path, size, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(playground(data="xor").save(tmp_path / "page.html").as_uri())
    page.evaluate(
        "document.getElementById('choices').open = true; training.forth('epoch'); training.back('neuron'); check();"
    )
    found = axe.Axe().run(page)
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found.response["violations"]] == []
    context.close()
