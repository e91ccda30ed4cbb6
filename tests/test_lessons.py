"""The lessons' sources as data, the index of systems, and whether a notebook is what its source says."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

ROOT = Path(__file__).resolve().parent.parent


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
