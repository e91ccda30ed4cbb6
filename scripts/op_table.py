"""Write docs/ops.md, the table of all ops, from the op table itself; ``--check`` only compares."""

import argparse
import sys
from pathlib import Path

from autograd import ops

PAGE = Path(__file__).parent.parent / "docs" / "ops.md"
HEAD = """# The op table

Printed by the op table itself (`python scripts/op_table.py`): every formula here is the one that computes. For an
elementwise op the local derivative is given; for the others, what the gradient `g` of the result becomes.

| op | symbol | y | derivatives | at singular points |
| --- | --- | --- | --- | --- |
"""


def page() -> str:
    """The page as Markdown."""
    rows = []
    for op in ops.table():
        left = "∂y/∂{}" if op.elementwise else "gradient of {}"
        texts = [f"{left.format(arg)} = `{text}`" for arg, text in ops.derivatives(op).items()]
        special = [f"by {s.arg}: {s.why}" for s in op.singular]
        value = f"`{op.on_names(None)}`"
        cells = [f"`{op.name}`", op.symbol, value, "<br>".join(texts) or "none", "<br>".join(special)]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return HEAD + "\n".join(rows) + "\n"


def main() -> int:
    """Write the page, or compare it with what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 if the page is not up to date")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
        print(f"wrote {PAGE}")
        return 0
    if PAGE.read_text(encoding="utf-8") == page():
        return 0
    print(f"{PAGE} is not what the op table prints; run python scripts/op_table.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
