"""Pages have the colours of the system, or those that the page around them asks for by a message."""

import pytest

from autograd import Value, viz

LIGHT, DARK = "rgb(255, 255, 255)", "rgb(13, 17, 23)"
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def wide():
    x = Value(0.5, "x")
    for _ in range(40):
        x = x.tanh()
    return viz.stepper(x)


def slides():
    return viz.slides(Value(2.0, "x") * Value(3.0, "y") + 1.0)


PAGES = {"stepper": wide, "slides": slides, "playground": lambda: viz.playground(data="xor")}


@pytest.fixture(params=PAGES)
def framed(request, page):
    """A page in a frame, as a notebook or a site shows it, in a page around it."""
    page.set_viewport_size({"width": 1000, "height": 900})
    page.set_content(PAGES[request.param]()._repr_mimebundle_()["text/html"])
    page.frame_locator("iframe").locator("button").first.wait_for(state="attached")
    return page


def post(page, said):
    page.evaluate("(said) => document.querySelector('iframe').contentWindow.postMessage(said, '*')", said)
    page.wait_for_timeout(50)
    return page.frames[1].evaluate(BACKGROUND)


def test_a_message_sets_the_colours(framed):
    frame = framed.frames[1]
    assert frame.evaluate(BACKGROUND) == LIGHT
    assert post(framed, {"theme": "dark"}) == DARK
    assert frame.evaluate("getComputedStyle(document.body).color") == "rgb(230, 237, 243)"
    assert post(framed, {"theme": "light"}) == LIGHT
    framed.emulate_media(color_scheme="dark")
    assert frame.evaluate(BACKGROUND) == LIGHT  # what was asked for holds
    assert post(framed, {"theme": "auto"}) == DARK
    framed.emulate_media(color_scheme="light")
    assert frame.evaluate(BACKGROUND) == LIGHT


@pytest.mark.parametrize("said", [None, "dark", {"theme": "pink"}, {"theme": None}, {"colour": "dark"}, [1], 7])
def test_other_messages_say_nothing(framed, said):
    assert post(framed, {"theme": "dark"}) == DARK
    assert post(framed, said) == DARK


def test_messages_from_elsewhere_say_nothing(framed):
    framed.frames[1].evaluate("postMessage({ theme: 'dark' }, '*')")
    framed.wait_for_timeout(50)
    assert framed.frames[1].evaluate(BACKGROUND) == LIGHT


CANVASES = """() => [...document.querySelectorAll("canvas")].map((c) => c.toDataURL())"""


@pytest.mark.parametrize("framed", ["stepper", "playground"], indirect=True)
def test_what_is_painted_follows(framed):
    frame = framed.frames[1]
    if frame.locator("#overview").count():
        frame.locator("#overview").wait_for()
    framed.wait_for_timeout(100)
    light = frame.evaluate(CANVASES)
    post(framed, {"theme": "dark"})
    framed.wait_for_timeout(100)
    dark = frame.evaluate(CANVASES)
    assert len(light) == len(dark) > 0
    assert all(a != b for a, b in zip(light, dark, strict=True))
    post(framed, {"theme": "auto"})
    framed.wait_for_timeout(100)
    assert frame.evaluate(CANVASES) == light


@pytest.mark.parametrize("framed", ["stepper"], indirect=True)
def test_the_cards_of_the_picture_follow(framed):
    fills = "() => [...document.querySelectorAll('#wide .node polygon')].map((e) => getComputedStyle(e).fill)"
    light = framed.frames[1].evaluate(fills)
    post(framed, {"theme": "dark"})
    assert {*light} & {*framed.frames[1].evaluate(fills)} <= {"none"}


@pytest.mark.parametrize("framed", ["slides"], indirect=True)
def test_paper_is_light(framed):
    post(framed, {"theme": "dark"})
    framed.emulate_media(media="print")
    assert framed.frames[1].evaluate(BACKGROUND) == LIGHT
