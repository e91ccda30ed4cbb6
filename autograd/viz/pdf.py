"""PDF files of a page each, put together as one file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograd.viz.render import RenderError

__all__ = ["merged"]

CATALOG, PAGES = 1, 2  # numbers of objects


def merged(files: Sequence[bytes]) -> bytes:
    """Put the pages of PDF files, as Graphviz writes them, behind one another in one file.

    Raises
    ------
    RenderError
        If a file is written in another way, with a compressed table of its objects.
    """
    bodies: dict[int, bytes] = {}
    kids: list[int] = []
    for content in files:
        own = _objects(content)
        kinds = {number: re.search(rb"/Type\s*/(\w+)", _head(body)) for number, body in own.items()}
        named = {number: kind[1] for number, kind in kinds.items() if kind}
        place = {number: PAGES for number, kind in named.items() if kind == b"Pages"}
        kept = [number for number in own if named.get(number) not in (b"Pages", b"Catalog")]
        place |= {number: max(bodies, default=PAGES) + i for i, number in enumerate(kept, 1)}
        for number in kept:
            bodies[place[number]] = _renumbered(own[number], place)
        kids += [place[number] for number in kept if named.get(number) == b"Page"]
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    bodies[CATALOG] = b" << /Type /Catalog /Pages %d 0 R >>\n" % PAGES
    bodies[PAGES] = b" << /Type /Pages /Count %d /Kids [ %s ] >>\n" % (len(kids), listed)
    return _written(bodies)


def _objects(content: bytes) -> dict[int, bytes]:
    """The objects of a file by number, each from behind ``obj`` to ``endobj``."""
    start = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", content)
    table = re.compile(rb"xref\s+0 (\d+)\s+").match(content, int(start[1])) if start else None
    if table is None:
        raise RenderError(
            "this Graphviz writes PDF in a form that cannot be put together; save slides.html and print it"
        )
    rows = [content[i : i + 20] for i in range(table.end(), table.end() + 20 * int(table[1]), 20)]
    places = {number: int(row[:10]) for number, row in enumerate(rows) if row[17:18] == b"n"}
    ends = sorted([*places.values(), int(start[1]) if start else 0])
    found = {}
    for number, place in places.items():
        whole = content[place : ends[ends.index(place) + 1]]
        found[number] = whole[whole.index(b"obj") + 3 : whole.rindex(b"endobj")]
    return found


def _head(body: bytes) -> bytes:
    """An object without the bytes of its stream."""
    return body.partition(b"stream")[0]


def _renumbered(body: bytes, place: dict[int, int]) -> bytes:
    head, stream, rest = body.partition(b"stream")
    return re.sub(rb"\b(\d+) 0 R\b", lambda found: b"%d 0 R" % place.get(int(found[1]), 0), head) + stream + rest


def _written(bodies: dict[int, bytes]) -> bytes:
    content, offsets = b"%PDF-1.7\n%\xb5\xed\xae\xfb\n", []
    for number in sorted(bodies):
        offsets.append(len(content))
        content += b"%d 0 obj%sendobj\n" % (number, bodies[number])
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (len(offsets) + 1, CATALOG)
    return content + b"xref\n0 %d\n0000000000 65535 f \n%s%sstartxref\n%d\n%%%%EOF\n" % (
        len(offsets) + 1, rows, trailer, len(content),
    )  # fmt: skip
