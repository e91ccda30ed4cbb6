"""Tables as text."""

from __future__ import annotations

__all__ = ["Text", "table"]


class Text(str):
    """A text that a prompt and a notebook show as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def table(rows: list[tuple[str, ...]]) -> Text:
    """Rows in columns, of which the last stands to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    *left, last = widths
    lines = (
        "  ".join([*(c.ljust(w) for c, w in zip(row, left, strict=False)), row[-1].rjust(last)]).rstrip()
        for row in rows
    )
    return Text("\n".join(lines))
