"""Write what the benchmarks measured into the pages: README.md, CONTRIBUTING.md and docs/*.md from docs/numbers.json.

A number that was measured stands between marks that no reader sees,
``<!-- number: scalars.speed -->2.09<!-- /number -->``, and a table of them between ``<!-- numbers: speed -->`` and
``<!-- /numbers -->``, on lines of their own. The scripts in scripts/bench write docs/numbers.json
(``bash scripts/bench/all.sh --numbers docs/numbers.json``); with each number goes the command that measured it, the
machine and the day.

    python scripts/measured.py            # write the pages
    python scripts/measured.py --check    # compare, and look for numbers without a mark and keys without a script
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NUMBERS = ROOT / "docs" / "numbers.json"
BENCH = ROOT / "scripts" / "bench"

Records = dict[str, dict[str, Any]]

MARK = re.compile(r"<!-- number: (\S+) -->(.*?)<!-- /number -->")
BLOCK = re.compile(r"(?ms)^<!-- numbers: (\S+) -->\n(.*?)^<!-- /numbers -->$")
ANY_MARK = re.compile(r"<!-- /?numbers?\b")
# A line that begins with a comment is a block of HTML to Markdown, which then shows the rest of the line as it is.
AT_MARGIN = re.compile(r"(?m)^\s*<!-- /?number\b")

# What reads like something measured: 2.09 times, 5×, 1/3.59, 26 ms, 3 times as fast.
MEASURED = re.compile(
    r"\b\d+\.\d+ times\b|\b\d+(\.\d+)?×(?!\d)|\b1/\d+\.\d+|\b\d+(\.\d+)? (ms|µs|times (as|the|faster))\b"
)
# Pages that speak of speed; elsewhere "4 times" may be said of anything.
SPEAKS_OF_SPEED = ("README.md", "docs/beside_other_libraries.md")

NETS = {
    "196-100-50-10": "196-100-50-10, batch 64",
    "784-256-128-10": "784-256-128-10, batch 128",
    "2-16-16-1": "2-16-16-1, batch 32",
}
COLUMNS = {
    "graphgrad": "arrays.{}.graphgrad",
    "compiled": "compile.{}.sgd.graphgrad",
    "compiled, Adam": "compile.{}.adam.graphgrad",
    "PyTorch": "arrays.{}.pytorch",
    "`jax.jit`": "compile.{}.sgd.jax",
    "HIPS autograd": "arrays.{}.hips",
    "MyGrad": "arrays.{}.mygrad",
}


def speed(records: Records) -> str:
    """The table of one training step, and where its numbers come from."""
    keys = [pattern.format(net) for net in NETS for pattern in COLUMNS.values()]
    rows = [["", *COLUMNS], ["---", *["--:"] * len(COLUMNS)]]
    for net, name in NETS.items():
        rows.append([name, *(text(records, pattern.format(net)) for pattern in COLUMNS.values())])
    table = "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows)
    return f"{table}\n\n{origin(records, keys)}"


BLOCKS: dict[str, Callable[[Records], str]] = {"speed": speed}


def text(records: Records, key: str) -> str:
    """A number as pages show it."""
    if key not in records:
        raise KeyError(f"docs/numbers.json has no {key}")
    shown: str = records[key]["text"]
    return shown


def origin(records: Records, keys: list[str]) -> str:
    """A sentence that says with which commands, when and where numbers were measured."""
    origins = sorted({(r["machine"], r["command"], r["date"]) for r in (records[key] for key in keys)})
    machines: dict[str, list[str]] = {}
    for machine, command, date in origins:
        machines.setdefault(machine, []).append(f"`{command}` ({date})")
    return "Measured " + ";\n".join("on {} by\n{}".format(m, ",\n".join(by)) for m, by in machines.items()) + "."


def pages(root: Path = ROOT) -> list[Path]:
    """The pages in which numbers may stand."""
    return [
        p for p in (root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").glob("*.md"))) if p.exists()
    ]


def written(page: str, records: Records) -> str:
    """A page with the numbers of the records; a KeyError where a mark names none."""

    def block(match: re.Match[str]) -> str:
        if match[1] not in BLOCKS:
            raise KeyError(f"scripts/measured.py has no block {match[1]}")
        return f"<!-- numbers: {match[1]} -->\n{BLOCKS[match[1]](records)}\n<!-- /numbers -->"

    page = BLOCK.sub(block, page)
    return MARK.sub(lambda m: f"<!-- number: {m[1]} -->{text(records, m[1])}<!-- /number -->", page)


def faults(name: str, page: str, records: Records) -> Iterator[str]:
    """What is wrong with a page: other numbers, marks that are broken, and measured numbers without a mark."""
    try:
        if written(page, records) != page:
            yield f"{name}: the numbers are not those of docs/numbers.json; run python scripts/measured.py"
    except KeyError as error:
        yield f"{name}: {error.args[0]}"
    bare = MARK.sub("", BLOCK.sub("", page))
    if ANY_MARK.search(bare):
        yield f"{name}: a mark is not closed, or not as scripts/measured.py writes it"
    if AT_MARGIN.search(page):
        yield f"{name}: a line begins with a mark, which would make it a block of HTML; break the line elsewhere"
    if name in SPEAKS_OF_SPEED:
        prose = re.sub(r"(?ms)^\s*```.*?^\s*```|`[^`\n]*`", "", bare)
        for match in MEASURED.finditer(prose):
            line = prose[prose.rfind("\n", 0, match.start()) + 1 :].partition("\n")[0].strip()
            yield f"{name}: “{match[0]}” was measured and has no mark: {line}"


def orphans(records: Records) -> Iterator[str]:
    """Keys that no script writes, and records that do not say by what they were measured."""
    for key, record in records.items():
        script = BENCH / f"{key.partition('.')[0]}.py"
        if not script.exists() or "record(" not in script.read_text("utf-8"):
            yield f"docs/numbers.json: {key} has no script that writes it"
        elif not record["command"].startswith(f"python scripts/bench/{script.name}"):
            yield f"docs/numbers.json: {key} was not measured by {script.name}, but by {record['command']}"


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if something is wrong")
    options = parser.parse_args()
    records: Records = json.loads(NUMBERS.read_text("utf-8"))
    found = list(orphans(records))
    for path in pages():
        page = path.read_text("utf-8")
        if not options.check and (new := written(page, records)) != page:
            path.write_text(new, "utf-8")
            print("wrote", path.relative_to(ROOT))
            page = new
        found += faults(path.relative_to(ROOT).as_posix(), page, records)
    print("\n".join(found), end="\n" * bool(found), file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
