"""The pages pass axe-core's rules, light and dark, wide and narrow."""

import pytest

from autograd import viz
from tests.helpers.pictures import layer, neuron

PAGES = {
    "figure": lambda: viz.draw(neuron()),
    "figure of a net": lambda: viz.draw(layer()[1], names=layer()[0]),
    "both passes": lambda: viz.draw_backward(neuron()),
    "slides": lambda: viz.slides(neuron()),
    "stepper": lambda: viz.stepper(neuron()),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_fault(page, tmp_path, name, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.emulate_media(color_scheme=scheme)
    page.goto(PAGES[name]().save(tmp_path / "page.html").as_uri())
    for width, keys in ((1280, []), (390, ["ArrowRight"] * 3), (390, ["End"])):
        page.set_viewport_size({"width": width, "height": 844})
        for key in keys:
            page.keyboard.press(key)
        found = axe.run(page).response["violations"]
        assert [(fault["id"], [node["html"][:200] for node in fault["nodes"]][:3]) for fault in found] == []
