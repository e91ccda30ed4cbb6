"""Numbers that were measured stand in the pages as the benchmarks wrote them, and no other way."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def loaded(path):
    spec = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


measured = loaded(ROOT / "scripts" / "measured.py")
RECORDS = json.loads((ROOT / "docs" / "numbers.json").read_text("utf-8"))
PAGE = """It takes <!-- number: imports.milliseconds -->{}<!-- /number --> ms.

<!-- numbers: speed -->
<!-- /numbers -->
"""


def found(page, name="README.md", records=RECORDS):
    return list(measured.faults(name, page, records))


def test_the_pages_are_what_the_benchmarks_measured():
    done = subprocess.run([sys.executable, "scripts/measured.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = (ROOT / "README.md").read_text("utf-8")
    assert len(measured.MARK.findall(page)) + len(measured.BLOCK.findall(page)) >= 4


def test_a_page_is_written_from_the_records():
    page = measured.written(PAGE.format("99"), RECORDS)
    assert found(page) == []
    assert f"-->{RECORDS['imports.milliseconds']['text']}<!--" in page
    assert RECORDS["arrays.2-16-16-1.hips"]["text"] in page
    assert measured.written(page, RECORDS) == page


MILLISECONDS = RECORDS["imports.milliseconds"]["text"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda page: page.replace(f"-->{MILLISECONDS}<", "-->0.5<"),
            "not those of docs/numbers.json",
        ),
        (lambda page: page.replace("imports.milliseconds", "imports.hours"), "has no imports.hours"),
        (lambda page: page.replace("numbers: speed", "numbers: sped"), "has no block sped"),
        (lambda page: page.replace("<!-- /number -->", ""), "is not closed"),
        (lambda page: page.replace("takes ", "takes\n"), "a line begins with a mark"),
        (lambda page: page + "It is 2.5 times as fast.\n", "“2.5 times” was measured"),
        (lambda page: page + "It is 5× as fast.\n", "“5×” was measured"),
        (lambda page: page + "It needs 1/3.6 of the memory.\n", "“1/3.6” was measured"),
        (lambda page: page + "It takes 31 µs.\n", "“31 µs” was measured"),
    ],
)
def test_what_is_wrong_with_a_page_is_said(change, words):
    page = measured.written(PAGE.format("26"), RECORDS)
    assert any(words in fault for fault in found(change(page))), found(change(page))


def test_numbers_that_were_not_measured_need_no_mark():
    for text in ("digits of 28×28", "`x * 2.5 times`", "twelve notebooks", "```\n3.5 times\n```"):
        assert found(f"{text}\n") == []
    assert found("It is 2.5 times as fast.\n", name="docs/compile.md") == []


def test_a_key_without_a_script_is_named():
    record = RECORDS["imports.milliseconds"]
    assert list(measured.orphans(RECORDS)) == []
    assert "has no script" in next(measured.orphans({"nothing.speed": record}))
    assert "has no script" in next(measured.orphans({"timing.speed": record}))
    assert "was not measured by scalars.py" in next(measured.orphans({"scalars.speed": record}))


def test_a_benchmark_merges_its_numbers(tmp_path, monkeypatch):
    record = loaded(ROOT / "scripts" / "bench" / "record.py")
    path = tmp_path / "numbers.json"
    path.write_text(json.dumps({"imports.milliseconds": RECORDS["imports.milliseconds"]}))
    arguments = ["--quick", "--python", "/home/me/bin/python", "--numbers", str(path)]
    monkeypatch.setattr(sys, "argv", ["scripts/bench/arrays.py", *arguments])
    record.record(None, {"arrays.a": (1.0, ".2f")})
    record.record(path, {"arrays.a": (1.23456, ".2f")})
    records = json.loads(path.read_text("utf-8"))
    assert records["imports.milliseconds"] == RECORDS["imports.milliseconds"]
    assert (records["arrays.a"]["text"], records["arrays.a"]["value"]) == ("1.23", 1.23)
    assert records["arrays.a"]["command"] == "python scripts/bench/arrays.py --quick --python PEERS/bin/python"
    assert records["arrays.a"]["machine"]
    with pytest.raises(ValueError, match=r"scalars\.speed: begin the key with the name of the script"):
        record.record(path, {"scalars.speed": (1.0, ".2f")})
    with pytest.raises(ValueError, match="nan is no measurement"):
        record.record(path, {"arrays.b": (float("nan"), ".2f")})


@pytest.mark.slow
def test_a_script_that_measures_takes_the_option(tmp_path):
    path = tmp_path / "numbers.json"
    command = [sys.executable, "scripts/bench/imports.py", "--quick", "--numbers", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "import autograd after numpy" in done.stdout, done.stderr
    assert list(json.loads(path.read_text("utf-8"))) == ["imports.milliseconds"]
