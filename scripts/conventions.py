"""Write the tables of docs/conventions.md from the op table: which derivative is stated where. ``--check`` compares."""

import argparse
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograd import ops

PAGE = Path(__file__).resolve().parent.parent / "docs" / "conventions.md"
PART = re.compile(r"(?ms)^<!-- conventions: (\w+) -->\n(.*?)^<!-- /conventions -->$")
HEAD = "| op | by | stated | for example |\n| --- | --- | --- | --- |\n"


def kind(convention: Any) -> str:
    """Which table a convention stands in: smooth points, poles (where an example is not finite), or kinks and ties."""
    if convention.removable:
        return "smooth"
    return "kinks" if all(math.isfinite(x) for x in _numbers(list(convention.examples.values()))) else "poles"


def _numbers(x: Any) -> Iterator[float]:
    if isinstance(x, (list, tuple)):
        for each in x:
            yield from _numbers(each)
    else:
        yield x


def written(x: Any) -> str:
    """A number, a text or nested tuples of numbers, as in mathematics: ``[0, ½]`` is ``[0, 0.5]``, −1 has its sign."""
    if isinstance(x, tuple):
        return f"[{', '.join(map(written, x))}]"
    if isinstance(x, str):
        return x
    return "∞" if x == math.inf else "−∞" if x == -math.inf else f"{x:g}".replace("-", "−")


def row(op: Any, convention: Any) -> str:
    """A line of a table; the example is the first of the record's."""
    args, slope = next(iter(convention.examples.items()))
    example = f"at {', '.join(map(written, args))}: {written(slope)}"
    return f"| [{op.name}](ops.md#{op.name}) | {convention.arg} | {convention.why} | {example} |".replace(
        "|x|", r"\|x\|"
    )


def tables() -> dict[str, str]:
    """The tables, by the mark at which they stand."""
    rows: dict[str, list[str]] = {"kinks": [], "poles": [], "smooth": []}
    for op in ops.table():
        for convention in op.conventions:
            rows[kind(convention)].append(row(op, convention))
    return {name: HEAD + "".join(f"{line}\n" for line in lines) for name, lines in rows.items()}


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit with 1 if the page is not up to date"
    )
    options = parser.parse_args()
    made, page = tables(), PAGE.read_text("utf-8")
    new = PART.sub(lambda m: f"<!-- conventions: {m[1]} -->\n{made.pop(m[1])}<!-- /conventions -->", page)
    if made:
        print(f"{PAGE.name} has no place for the tables {', '.join(made)}", file=sys.stderr)
        return 1
    if options.check and new != page:
        print(f"{PAGE.name} is not what the op table states; run python scripts/conventions.py", file=sys.stderr)
        return 1
    if not options.check:
        PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
