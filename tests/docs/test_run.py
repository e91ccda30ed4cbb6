"""The button "Run this" of the site: what a click runs, what is loaded before it (nothing), what a reader is told."""

import functools
import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.helpers.browser import browsing

DOCS = Path(__file__).parents[2] / "docs"
STATIC = DOCS / "_static"
PYODIDE = os.environ.get("PYODIDE_DIR")  # a folder with Pyodide, its NumPy, and viz-global.js of @viz-js/viz

FENCES = [
    ">>> from autograd import Value, viz\n>>> x = Value(3.0)\n>>> x * 2\nValue(6.0, op='×')\n",
    ">>> y = x * x\n>>> y.backward()\n>>> x.grad\n6.0\n>>> picture = viz.draw(y)\n",
    ">>> page = viz.stepper(y)\n",
    "x.missing",
]


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_with_a_button_have_examples_and_what_they_load_has_a_version(monkeypatch):
    pytest.importorskip("sphinx")
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("PYODIDE_URL", "VIZ_JS_URL"):
        monkeypatch.delenv(name, raising=False)
    conf = load("conf", DOCS / "conf.py")
    assert "site_run" in conf.extensions
    pages = [DOCS.parent / f"{page}.md" for page in conf.run_pages]
    assert [page.name for page in pages if "```python\n" not in page.read_text(encoding="utf-8")] == []
    version = re.fullmatch(r"https://cdn\.jsdelivr\.net/pyodide/v(\d+\.\d+\.\d+)/full/", conf.run_places["pyodide"])[1]
    package = re.search(r"/npm/(@viz-js/viz@\d+\.\d+\.\d+)/", conf.run_places["viz"])[1]
    page = (DOCS / "in_the_browser.md").read_text(encoding="utf-8")
    assert version in page
    assert package in page


@pytest.fixture
def session(monkeypatch):
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # put back after the test
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    module = load("run_fence", STATIC / "run_fence.py")
    made = module.Session()
    return lambda text: json.loads(made.run(text))


def answer(text="", shown=None, failed=False):
    return {"text": text, "shown": shown, "failed": failed}


def test_a_session_prints_what_a_prompt_prints(session):
    assert session(">>> a = 2\n>>> a\n2\n>>> print(a + 1)\n3\n>>> None\n>>> for k in range(2):\n...     k\n") == answer(
        "2\n3\n"
    )
    assert session(">>> a, [a]\n(7, 'what the page says is not read')\n") == answer("(2, [2])\n")
    assert session(">>> import sys\n>>> _ = sys.stderr.write('beside')\n") == answer("beside")


def test_a_cell_shows_its_last_expression(session):
    assert session("a = 2\na\na + 1") == answer("3\n")
    assert session("b = 1") == answer()
    assert session("print(a)") == answer("2\n")


def test_an_error_ends_a_fence_unless_the_page_expects_it(session):
    text = ">>> 1 / 0\nTraceback (most recent call last):\n    ...\nZeroDivisionError: division by zero\n>>> 3\n3\n"
    assert session(text) == answer("ZeroDivisionError: division by zero\n3\n")
    assert session(">>> missing\n>>> 3\n") == answer("NameError: name 'missing' is not defined\n", failed=True)
    assert session("1 +")["failed"]
    assert "SyntaxError" in session("1 +")["text"]
    assert session("raise SystemExit(2)") == answer("SystemExit: 2\n", failed=True)


def test_pictures_and_pages_show_themselves(session):
    pytest.importorskip("pygraphviz")
    session(">>> from autograd import Value, viz\n>>> x = Value(2.0)\n>>> y = x * 3\n")
    assert session(">>> y\n")["shown"].startswith("<svg ")
    named = session(">>> picture = viz.draw(y)\n")
    assert named["text"] == ""
    assert ">x<" in named["shown"]  # a node is called by its variable
    assert "<iframe" in session("viz.stepper(y)")["shown"]
    assert "<iframe" in session(">>> page = viz.stepper(y)\n>>> page.description[:4]\n")["shown"]
    assert session(">>> z = y\n") == answer()
    assert session(">>> data = viz.show(y)\n") == answer()


def test_plots_show_themselves(session):
    pytest.importorskip("matplotlib").use("agg")
    session("from matplotlib.figure import Figure")
    shown = session(">>> ax = Figure().add_subplot()\n")["shown"]
    assert re.fullmatch(r'<img alt="a plot" src="data:image/png;base64,[\w+/]+=*">', shown)


def test_a_function_of_a_fence_has_its_source(session):
    assert session(">>> def f(x):\n...     return x + 1\n>>> import inspect\n>>> print(inspect.getsource(f))\n")[
        "text"
    ] == ("def f(x):\n    return x + 1\n\n")


def test_the_wheels_are_whole(tmp_path):
    pytest.importorskip("sphinx")
    site_run = load("site_run", DOCS / "site_run.py")
    site_run.write_wheels(tmp_path)
    wheels = sorted(tmp_path.iterdir())
    assert [wheel.name for wheel in wheels] == [site_run.wheel_name(package) for package in ("graphgrad", "graphviz")]
    names = [name for wheel in wheels for name in zipfile.ZipFile(wheel).namelist()]
    assert {"autograd/__init__.py", "autograd/viz/page/stepper.js", "nn/__init__.py", "graphviz/__init__.py"} <= {
        *names
    }
    assert not [name for name in names if name.endswith(".pyc") or name.startswith(("tests", ".."))]
    # They are installed as they are, away from this checkout.
    code = "import autograd, graphviz; print(autograd.__version__, autograd.__file__, (autograd.Value(2.0) * 3).data)"
    path = os.pathsep.join(map(str, wheels))
    numpy = Path(importlib.util.find_spec("numpy").origin).parents[1]
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.append({str(numpy)!r}); {code}"],
        capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.split()[1].startswith(str(wheels[0]))
    assert done.stdout.split()[2] == "6.0"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def browser():
    with browsing() as started:
        yield started


@pytest.fixture
def page(browser, tmp_path):
    """A page as Sphinx writes it, with the fences; `requests` has what it asked the server for."""
    pytest.importorskip("sphinx")
    site_run = load("site_run", DOCS / "site_run.py")
    (tmp_path / "_static").mkdir()
    for name in ("run.js", "run_worker.js", "run_fence.py", "theme.js", "site.css"):
        (tmp_path / "_static" / name).write_bytes((STATIC / name).read_bytes())
    if PYODIDE:
        (tmp_path / "pyodide").symlink_to(PYODIDE)
        site_run.write_wheels(tmp_path / "_static")
    blocks = "".join(
        f'<div class="highlight-python"><div class="highlight"><pre>{text.replace(">", "&gt;")}\n</pre></div></div>'
        for text in FENCES
    )
    script = (
        f'<script data-packages="{" ".join(map(site_run.wheel_name, site_run.PACKAGES))}" data-pyodide="../pyodide/" '
        'data-viz="../pyodide/viz-global.js" defer src="_static/run.js"></script>'
    )
    (tmp_path / "page.html").write_text(
        "<!DOCTYPE html><meta charset=utf-8><link rel=icon href='data:,'><link rel=stylesheet href=_static/site.css>"
        "<style>pre { overflow-x: auto }</style><script src=_static/theme.js></script>"
        f"{script}<body data-theme=auto><h1>page</h1>{blocks}",
        encoding="utf-8",
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="light")
    opened = context.new_page()
    opened.requests = []
    opened.on("request", lambda request: opened.requests.append(request.url.rsplit("/", 1)[1]))
    opened.goto(f"http://127.0.0.1:{server.server_port}/page.html")
    yield opened
    context.close()
    server.shutdown()
    server.server_close()


def status(page, k):
    return page.locator(".run-bar span").nth(k)


def click(page, k):
    button = page.locator(".run-bar button").nth(k)
    button.scroll_into_view_if_needed()
    page.wait_for_timeout(300)  # a click right after the scrolling would go to the frame that was there
    button.click()
    page.locator(".run-bar button:text-is('Stop')").wait_for(state="detached", timeout=120_000)


def test_nothing_is_loaded_before_a_click(page):
    buttons = page.locator(".run-bar button")
    assert buttons.all_inner_texts() == ["Run this"] * len(FENCES)
    assert page.locator(".run-output:visible").count() == 0
    page.wait_for_timeout(300)
    assert sorted(page.requests) == ["page.html", "run.js", "site.css", "theme.js"]


def test_what_cannot_be_loaded_is_named(page):
    page.route("**/pyodide/**", lambda route: route.abort())
    for _ in range(2):  # a second click tries again
        click(page, 0)
        assert status(page, 0).inner_text().startswith("Python, from http://127.0.0.1:")
        assert "/pyodide/, could not be loaded" in status(page, 0).inner_text()
        assert page.locator(".run-bar button:enabled").all_inner_texts() == ["Run this"] * len(FENCES)
    assert page.requests.count("run_worker.js") == 2


def test_a_load_without_end_can_be_stopped(page):
    page.route("**/pyodide/**", lambda route: None)  # neither an answer nor an error
    page.locator(".run-bar button").nth(1).click()
    page.locator(".run-bar span:text('loading Python')").wait_for()
    assert page.locator(".run-bar button:disabled").count() == len(FENCES) - 1
    click(page, 1)
    assert status(page, 1).inner_text() == "stopped"
    assert page.locator(".run-bar button:disabled").count() == 0
    page.unroute_all(behavior="ignoreErrors")


def test_a_page_in_a_frame_takes_the_sites_colours(page):
    from autograd import Value, viz

    frame = viz.stepper(Value(2.0, "x") * 3)._repr_mimebundle_()["text/html"]
    page.evaluate(
        "(html) => { document.body.append(document.createElement('p')); document.querySelector('p').innerHTML = html }",
        frame,
    )
    page.frame_locator("iframe").locator("#next").wait_for()
    background = "getComputedStyle(document.body).backgroundColor"
    for theme, colour in [("dark", "rgb(13, 17, 23)"), ("light", "rgb(255, 255, 255)"), ("auto", "rgb(255, 255, 255)")]:
        page.evaluate("(theme) => { document.body.dataset.theme = theme }", theme)
        page.wait_for_timeout(100)
        assert page.frames[1].evaluate(background) == colour


@pytest.mark.slow
@pytest.mark.skipif(not PYODIDE, reason="PYODIDE_DIR is not set")
def test_a_click_runs_the_fences_up_to_it(page):
    click(page, 1)
    outputs = page.locator(".run-output")
    assert status(page, 1).inner_text() == ""
    assert "Value(6.0, op='×')" in outputs.nth(0).inner_text()
    assert "6.0" in outputs.nth(1).inner_text()
    assert outputs.nth(1).locator("svg").count() == 1
    assert not outputs.nth(2).is_visible()
    click(page, 2)  # goes on where it was
    assert page.requests.count("pyodide.asm.wasm") == 1
    page.frame_locator("iframe").locator("#next").click()
    click(page, 3)
    assert status(page, 3).inner_text() == "it failed"
    assert "AttributeError" in outputs.nth(3).inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
