"""Write docs/systems.md, the index of the five texts' systems: each one's section, tests and numbers.

Sections come from the lessons' headings, tests from their marks (``@pytest.mark.system("K5")``), expected numbers from
the lessons, results from what ``scripts/demo.sh --mnist DIR`` left in out/results.json. ``--check`` compares the page
with all but the results, which differ between machines in their last digits: those must be as expected on the machine
that computed them. A system without a section, a test or a result is an error.
"""

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import lessons

sys.path.insert(0, str(lessons.FOLDER))
from lesson import EXPECTED, show

PAGE = lessons.ROOT / "docs" / "systems.md"
LONGEST = 60  # characters of a table of numbers
UNKNOWN = "?"  # in place of a result: only ever compared, never written
DIGITS = re.compile(r"\d\.\d+(e[−-]?\d+)?")

HEAD = """# The systems of the five texts

Written by `scripts/systems.py` from the notebooks, the tests and a run of `scripts/demo.sh`, and compared with them in
CI. A number agrees if it is the expected one to 1e−12, or as nearly as is said beside it.
"""


class Test(NamedTuple):
    """A test that is marked as one of a system."""

    path: str
    name: str

    def link(self) -> str:
        return f"[{Path(self.path).name}::{self.name}](../{self.path})"


def tests() -> dict[str, list[Test]]:
    """The tests of each system, by their marks."""
    by_system: dict[str, list[Test]] = {}
    for path in sorted((lessons.ROOT / "tests").rglob("test_*.py")):
        for f in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(f, ast.FunctionDef):
                for key in _marks(f):
                    by_system.setdefault(key, []).append(Test(str(path.relative_to(lessons.ROOT).as_posix()), f.name))
    return by_system


def _marks(f: ast.FunctionDef) -> Iterator[str]:
    for mark in f.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.system":
            yield from (ast.literal_eval(argument) for argument in mark.args)


def page(texts: list[lessons.Lesson], marked: dict[str, list[Test]], results: dict[str, Any]) -> str:
    """The index as Markdown."""
    parts = [HEAD]
    for text in texts:
        systems, numbers = [], []
        for key, section in sorted(text.sections.items()):
            computed = {row["name"]: row["texts"][0] for row in results[key]["rows"]}
            expected = {name: show(want) for name, want in EXPECTED[key].items()}
            where = f"[{key} · {section.title}](../notebooks/{text.name}.ipynb#{section.anchor})"
            systems.append((where, ", ".join(test.link() for test in marked[key]), str(len(expected))))
            numbers += [
                (key, name, _short(computed.get(name, UNKNOWN)), _short(want)) for name, want in expected.items()
            ]
        parts += [f"## {text.title}\n", _table(("system", "tests", "numbers"), systems)]
        parts += [_table(("", "number", "result", "expected"), numbers)]
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    cells = [head, ("---",) * len(head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "".join(f"| {' | '.join(row)} |\n" for row in cells)


def _short(text: str) -> str:
    """A number or table, unless it is long, to twelve digits."""
    text = DIGITS.sub(lambda number: f"{float(number[0].replace('−', '-')):.12g}".replace("-", "−"), text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3].rpartition(', ')[0]}, …"


def without_results(page: str) -> list[list[str]]:
    """The page's lines in cells, without the results."""
    lines = [re.split(r" (?<!\\)\| ", line) for line in page.splitlines()]
    return [[*cells[:2], *cells[3:]] if len(cells) == 4 else cells for cells in lines]


def lacking(texts: list[lessons.Lesson], marked: dict[str, list[Test]], results: dict[str, Any]) -> list[str]:
    """What each system lacks: a section, a test, a number, a result that is as expected."""
    needs = {
        "section in a notebook": {key for text in texts for key in text.sections},
        "test marked with @pytest.mark.system": marked,
        "expected number": [key for key, expected in EXPECTED.items() if expected],
        "result; run scripts/demo.sh": results,
    }
    problems = [f"{key} has no {need}" for need, there in needs.items() for key in lessons.SYSTEMS if key not in there]
    problems += [
        f"there is no system {key}, which a test is marked with" for key in marked if key not in lessons.SYSTEMS
    ]
    for key, result in results.items():
        wrong = [row["name"] for row in result["rows"] if not row["agrees"]]
        problems += [f"{key}: {name} is not as expected" for name in wrong]
        if not result["rows"] and not result["left_out"]:
            problems.append(f"{key} has no number")
    return problems


def main() -> int:
    """Write the page, or compare it with the one that is there."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="exit with 1 if the page is not up to date")
    parser.add_argument("--results", type=Path, default=lessons.ROOT / "out" / "results.json")
    options = parser.parse_args()
    if not options.results.exists():
        parser.error(f"there is no {options.results}; run bash scripts/demo.sh first")
    texts = [lessons.read(name) for name in lessons.TEXTS.values()]
    marked, results = tests(), json.loads(options.results.read_text("utf-8"))
    problems = lacking(texts, marked, results)
    if not options.check:
        left_out = [key for key, result in results.items() if result["left_out"]]
        problems += [f"{key} was left out; run scripts/demo.sh --mnist DIR" for key in left_out]
    if not problems:
        written = page(texts, marked, results)
        if not options.check:
            PAGE.write_text(written, "utf-8")
            print(f"wrote {PAGE}")
        elif not PAGE.exists() or without_results(PAGE.read_text("utf-8")) != without_results(written):
            problems.append(f"{PAGE} is stale; run bash scripts/demo.sh --mnist DIR and python scripts/systems.py")
    for problem in problems:
        print(problem, file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
