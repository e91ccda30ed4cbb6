"""The lessons' sources as data, the index of systems, and whether a notebook is what its source says."""

import io
import json
import os
import re
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from secrets import token_hex
from threading import Thread

import numpy as np
import pytest

pytest.importorskip("matplotlib")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def scripts(monkeypatch):
    """The folder of scripts, importable as their own files see it."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    monkeypatch.setattr(sys, "path", sys.path[:])  # systems.py adds the lessons' folder


@pytest.fixture
def systems(scripts):
    import systems

    return systems


@pytest.fixture
def complete(systems):
    """What the index is made from, with nothing lacking."""
    texts = [systems.lessons.read(name) for name in systems.lessons.TEXTS.values()]
    results = {
        key: {"rows": [{"name": n, "texts": ["1.0", "?"], "agrees": True} for n in expected], "left_out": ""}
        for key, expected in systems.EXPECTED.items()
    }
    return texts, systems.tests(), results


def test_a_lesson_is_read(scripts, tmp_path):
    import lessons

    (tmp_path / "one.py").write_text(
        "# %% [markdown]\n# # The *title*\n# ## K1 · A `net` of $x$ − y\n# First\n# paragraph.\n#\n# Second.\n\n# %%\n"
        "# ## K2 · in code\n\n# %% [markdown]\n# ## No system\n#\n# ## C2 · Empty\n# ## C3 · Last\n#\n# End.\n",
        encoding="utf-8",
    )
    lesson = lessons.read("one", tmp_path)
    assert lesson.title == "The *title*"
    assert {key: section.prose for key, section in lesson.sections.items()} == {
        "K1": "First paragraph.", "C2": "", "C3": "End.",
    }  # fmt: skip
    assert lesson.sections["K1"].anchor == "K1-%C2%B7-A-net-of-x-%E2%88%92-y"
    for source, said in (
        ("# %%\n1\n", "no title"),
        ("# %% [markdown]\n# # T\n# ## K1 · a\n# ## K1 · b\n", "two sections"),
    ):
        (tmp_path / "two.py").write_text(source, encoding="utf-8")
        with pytest.raises(ValueError, match=said):
            lessons.read("two", tmp_path)


def test_every_formula_of_a_lesson_is_drawn_in_the_report(scripts):
    import lessons
    import report

    texts = [cell for path in lessons.FOLDER.glob("*.py") for cell in lessons._texts(path.read_text("utf-8"))]
    formulas = [" ".join(tex.split()) for text in texts for tex in re.findall(r"\${1,2}[^$]+\${1,2}", text)]
    assert len(formulas) > 80
    assert [tex for tex in formulas if not report._formula(tex).startswith("<svg")] == []
    assert report._formula(r"$\unheardof x$") == r"<code>\unheardof x</code>"


def test_nothing_lacks_in_the_index(systems, complete):
    assert systems.lacking(*complete) == []
    page = systems.page(*complete)
    for key in systems.lessons.SYSTEMS:
        assert f"[{key} · " in page


def test_what_lacks_in_the_index_is_named(systems, complete):
    texts, marked, results = complete
    texts[0].sections.pop("K3")
    marked["Z1"] = marked.pop("L1")
    del marked["K5"]
    del results["N2"]
    results["G1"]["rows"][0]["agrees"] = False
    results["G2"]["rows"] = []
    assert systems.lacking(texts, marked, results) == [
        "K3 has no section in a notebook",
        "K5 has no test marked with @pytest.mark.system",
        "L1 has no test marked with @pytest.mark.system",
        "N2 has no result; run scripts/demo.sh",
        "there is no system Z1, which a test is marked with",
        f"G1: {results['G1']['rows'][0]['name']} is not as expected",
        "G2 has no number",
    ]


def test_the_index_is_compared_without_what_was_found(systems, complete):
    texts, marked, results = complete
    page = systems.page(*complete)
    for result in results.values():
        for row in result["rows"]:
            row["texts"][0] = "2.0"
    other = systems.page(*complete)
    assert page != other
    assert systems.without_results(page) == systems.without_results(other)
    assert systems.without_results(page) != systems.without_results(page.replace("0.272468981105 |", "0.27 |"))
    marked["K5"].pop()
    assert systems.without_results(page) != systems.without_results(systems.page(texts, marked, results))


def test_a_notebook_that_is_not_its_source_is_noticed(scripts, tmp_path):
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("jupytext")
    pytest.importorskip("nbclient")
    import notebooks

    source, path = tmp_path / "a.py", tmp_path / "a.ipynb"
    source.write_text("# %% [markdown]\n# # Title\n\n# %%\nx = 1\n\n# %%\nx\n", encoding="utf-8")
    assert notebooks.stale(source) == "has not been made"
    notebook = notebooks.cells(source)
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in notebooks.cells(source).cells]

    def said():
        nbformat.write(notebook, path)
        return notebooks.stale(source)

    assert said() == "was not run from its first cell to its last"
    for i, cell in enumerate(notebook.cells[1:], 1):
        cell.execution_count = i
    assert said() == ""
    notebook.cells[2].outputs = [nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])]
    assert said() == "ends in an error"
    notebook.cells[2].source = "x + 1"
    assert said() == "has other cells than its source"


def test_a_picture_of_a_notebook_has_a_palette_with_its_flat_colours(scripts):
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("jupytext")
    pytest.importorskip("nbclient")
    import notebooks

    pale = [(211, 231, 248, 255), (230, 244, 236, 255), (255, 233, 220, 255), (255, 255, 255, 0)]  # of cards, and none
    pixels = np.repeat(np.array(pale, np.uint8), 500, axis=0).reshape(40, 50, 4)
    pixels[20] = [(k, 2 * k, 3 * k, 5 * k) for k in range(50)]
    pixels[10] = [(255 - k, k, k, 255) for k in range(50)]
    png = io.BytesIO()
    image.fromarray(pixels).save(png, "png")
    reduced = notebooks.paletted(png.getvalue())
    assert reduced == notebooks.paletted(png.getvalue())
    seen = image.open(io.BytesIO(reduced))
    assert (seen.mode, seen.size, len(seen.getcolors())) == ("P", (50, 40), notebooks.COLOURS)
    shown = np.asarray(seen.convert("RGBA"))
    for row, colour in zip((0, 12, 22, 39), pale, strict=True):
        np.testing.assert_array_equal(shown[row][0], colour)
    assert np.abs(shown[10].astype(int) - pixels[10]).max() <= 8
    html = f'<div><img alt="x" src="data:image/png;base64,{b64encode(png.getvalue()).decode()}"></div>'
    data = {"text/html": html}
    assert notebooks._reduced(data) == {}
    assert data["text/html"] == html.replace(b64encode(png.getvalue()).decode(), b64encode(reduced).decode())
    data = {"image/svg+xml": '<svg width="75pt" height="9pt">', "image/png": b64encode(png.getvalue()).decode()}
    assert notebooks._reduced(data) == {"image/png": {"width": 100}}
    assert b64decode(data["image/png"]) == reduced
    with pytest.raises(ValueError, match="a picture has no PNG"):
        notebooks._reduced({"image/svg+xml": "<svg>"})


@pytest.fixture
def lab(tmp_path):
    """A page of JupyterLab, with settings and trust of its own, in which no kernel starts."""
    api = pytest.importorskip("playwright.sync_api", reason="no playwright to drive a browser")
    pytest.importorskip("jupyterlab", reason="no JupyterLab to open the notebooks in")
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("no Chromium on this machine")
    for name, settings in {
        "notebook-extension/tracker": {"windowingMode": "none"},  # every output is drawn, also those out of sight
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    }.items():
        path = tmp_path / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    environment = {**os.environ, **{place: str(tmp_path / place) for place in places}}
    environment["JUPYTERLAB_SETTINGS_DIR"] = str(tmp_path / "settings")
    token, others = token_hex(), ("jupyterlab_jupytext", "jupyter_lsp", "jupyter_server_terminals")
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
        f"--ServerApp.root_dir={ROOT / 'notebooks'}", f"--IdentityProvider.token={token}",
        f"--ServerApp.jpserver_extensions={ {'jupyterlab': True, **dict.fromkeys(others, False)} }",
        "--LabApp.expose_app_in_browser=True", "--KernelSpecManager.allowed_kernelspecs=none",
        "--KernelSpecManager.ensure_native_kernel=False",
    ]  # fmt: skip
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            said = ""
            while not (found := re.search(r"http://127\.0\.0\.1:\d+/lab", said)):
                said = server.stderr.readline() or pytest.fail("JupyterLab did not start")
            Thread(target=server.stderr.read, daemon=True).start()  # what else it writes must not fill the pipe
            with api.sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
                page = browser.new_page()
                page.set_default_timeout(120_000)
                page.goto(f"{found[0]}?token={token}")
                page.wait_for_function("window.jupyterapp?.commands.hasCommand('docmanager:open')")
                yield page
                browser.close()
        finally:
            server.terminate()


OPENED = """async ([path, pictures]) => {
    const {context, content, node} = await jupyterapp.commands.execute('docmanager:open', {path, factory: 'Notebook'});
    await context.ready;
    const images = () => [...node.querySelectorAll('.jp-OutputArea-output img')];
    const seen = (image) => image.naturalWidth > 0 && image.getClientRects().length > 0;
    const end = Date.now() + 30000;
    while (Date.now() < end && images().filter(seen).length < pictures) await new Promise((go) => setTimeout(go, 100));
    return {
        pictures: images().filter(seen).length,
        failed: images().filter((image) => !seen(image)).length,
        widest: Math.max(0, ...images().map((image) => image.width - image.parentElement.clientWidth)),
        trusted: [...content.model.cells].filter((cell) => cell.type === 'code' && cell.trusted).length,
        frames: node.querySelectorAll('.jp-OutputArea-output iframe').length,
        stderr: node.querySelectorAll('[data-mime-type$="stderr"]').length,
    };
}"""


def test_a_notebook_that_is_not_trusted_shows_its_pictures_in_jupyterlab(lab):
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        outputs = [o for cell in json.loads(path.read_text("utf-8"))["cells"] for o in cell.get("outputs", [])]
        shown = [output.get("data", {}) for output in outputs]
        pictures = sum(
            "image/png" in data or "<div class=still>" in "".join(data.get("text/html", "")) for data in shown
        )
        assert pictures > 2
        assert not [data for data in shown if "image/svg+xml" in data and "image/png" not in data]
        assert lab.evaluate(OPENED, [path.name, pictures]) == {
            "pictures": pictures, "failed": 0, "widest": 0, "trusted": 0, "frames": 0, "stderr": 0,
        }, path.name  # fmt: skip
