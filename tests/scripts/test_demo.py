"""The report: what it writes, what it notices, and what a browser makes of it. The lesson here is a small one."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.browser import browsing

pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

ROOT = Path(__file__).resolve().parents[2]
LESSON = """
# %% [markdown]
# # A worked example

# %%
import matplotlib.pyplot as plt
from lesson import check, leave_out

from autograd import Value, viz

# %% [markdown]
# ## L1 · One `Value`, $x^2$
#
# The square of *x*, where $\\frac12x$ is 1 & no more
# than that.
#
# Not this.

# %%
print("not shown")
x = Value(2.0, "x")
y = x * x
y.backward()
fig, ax = plt.subplots()
ax.plot([1, 2])
pictures = {"graph": viz.draw(y), "again": viz.draw(y), "plot": ax, "steps": viz.stepper(y)}
check("L1", {"y": y.data, "∂y/∂x": x.grad, "table": [[14, 1], [0, 15]], "range": 0.5}, pictures)

# %% [markdown]
# ## L2 · Two

# %%
check("L2", {"y": 1.0})

# %% [markdown]
# ## L3 · Three

# %%
leave_out("L3", "it needs data")
"""
EXPECTED = {
    "L1": {"y": 4, "∂y/∂x": {"is": 4, "within": 0.1}, "table": [[14, 1], [0, 15]], "range": {"between": [0, 1]}},
    "L2": {"y": 1},
}
PICTURES = {"L1-graph.svg", "L1-graph.png", "L1-again.svg", "L1-again.png", "L1-plot.svg", "L1-plot.png"}


def demo(folder, expected=EXPECTED, source=LESSON):
    """Run the demonstration on one lesson; its report is in folder/out."""
    (folder / "expected").mkdir()
    shutil.copy(ROOT / "notebooks" / "lesson.py", folder)
    (folder / "worked_example.py").write_text(source, encoding="utf-8")
    (folder / "expected" / "worked_example.json").write_text(json.dumps(expected), encoding="utf-8")
    command = [sys.executable, ROOT / "scripts" / "demo.py", "worked_example", "--lessons", folder]
    command += ["--out", folder / "out"]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=600, check=False)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder / "out", demo(folder)


def test_everything_agrees(good):
    _, run = good
    assert run.returncode == 0, run.stdout + run.stderr
    assert "✗" not in run.stdout
    assert "5 of 5 numbers and tables of 2 systems agree" in run.stdout
    assert "L3 was left out: it needs data" in run.stdout
    assert run.stdout.splitlines()[:2] == ["3 systems, two lessons at a time:", run.stdout.splitlines()[1]]
    assert run.stdout.splitlines()[1].startswith("[1/3] L1 ✓ 4 of 4, ")
    assert run.stderr == ""


def test_it_writes_the_pictures_and_the_results(good):
    out, _ = good
    assert {path.name for path in out.iterdir()} == PICTURES | {"L1-steps.html", "report.html", "results.json"}
    for name in PICTURES:
        content = (out / name).read_bytes()
        assert content.startswith(b"\x89PNG") if name.endswith("png") else b"<svg" in content
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert {key: {row["name"]: row["found"] for row in result["rows"]} for key, result in results.items()} == {
        "L1": {"y": 4.0, "∂y/∂x": 4.0, "table": [[14, 1], [0, 15]], "range": 0.5},
        "L2": {"y": 1.0},
        "L3": {},
    }


def test_the_page_stands_by_itself(good):
    page = (good[0] / "report.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!#|data:)', page)
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert 'class="formula"' in page  # those of matplotlib's, which knows no \frac without braces
    assert "<code>Value</code>" in page
    assert "<em>x</em>, where" in page
    assert "1 &amp; no more than that.</p>" in page
    assert "Not this" not in page


@pytest.fixture(scope="module")
def browser():
    with browsing() as started:
        yield started


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_loads_nothing_and_scrolls_down_only(good, browser, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url[:40]))
    page.goto((good[0] / "report.html").as_uri())
    page.locator("iframe").scroll_into_view_if_needed()
    frame = page.frame_locator("iframe")
    frame.locator("input[type=range]").press("ArrowRight")
    assert frame.locator("svg:visible").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") == width
    ink, paper = page.evaluate(
        "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
    )
    look = "[...document.querySelectorAll('.plot svg :is(path, use)')].map((each) => getComputedStyle(each))"
    assert page.evaluate(f"{look}[0].fill") == paper  # the plot's own paper comes first
    lines = set(page.evaluate(f"{look}.flatMap(({{fill, stroke}}) => [fill, stroke])")) - {"none", paper}
    assert lines == {ink, "rgb(31, 119, 180)"}  # a light page's ink on a light page; one line has a colour
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    faults = axe.run(page).response["violations"]
    assert [(fault["id"], [node["html"][:200] for node in fault["nodes"]][:3]) for fault in faults] == []
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [asked[0]]
    page.close()


def test_wrong_missing_and_unexpected_numbers_are_named(tmp_path):
    expected = json.loads(json.dumps(EXPECTED))
    expected["L1"]["y"] += 1e-11
    expected["L1"]["table"] = [[14, 1], [1, 14]]
    expected["L1"]["range"] = {"between": [0.6, 1]}
    expected["L1"]["z"] = 1.0
    expected["L9"] = {"x": 1.0}
    del expected["L2"]["y"]
    run = demo(tmp_path, expected)
    assert run.returncode == 1
    assert run.stdout.splitlines()[-1] == ("NOT as expected: L1 y; L1 table; L1 range; L1 z; L2 y; L9 (not found)")
    assert "✗ Not as expected: L1 y" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_lesson_that_stops_is_named_with_its_line(tmp_path):
    source = LESSON.replace('check("L2", {"y": 1.0})', "assert 1 + 1 == 3, 'no'")
    run = demo(tmp_path, source=source)
    line = source.splitlines().index("assert 1 + 1 == 3, 'no'") + 1
    assert run.returncode == 1
    assert run.stdout.splitlines()[-1] == (
        f"NOT as expected: L2 (not found); L3 (not found); worked_example.py, line {line}: AssertionError: no"
    )
    assert "Traceback" in run.stderr
    assert (tmp_path / "out" / "report.html").exists()


def test_folders_and_lessons_that_are_not_there():
    for arguments, said in ((["no_such"], "no_such is no lesson"), (["--mnist", "nowhere"], "there is no folder")):
        command = [sys.executable, ROOT / "scripts" / "demo.py", *arguments]
        run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
        assert run.returncode == 2
        assert said in run.stderr
