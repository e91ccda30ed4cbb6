"""Whether the fixed heights in a picture are enough for its texts, in whatever fonts they are written."""

import re
import xml.etree.ElementTree as ET

__all__ = ["too_low"]

EMS = 1.43  # a line in Noto Sans, which stands in for signs that other fonts lack, as Graphviz rounds it at 10 points


def too_low(figure, size=12):
    """The tables and cells that state less than their content takes: text, stated and needed height."""
    found = []
    for label in re.findall(r"label=<(<.*>)>", figure.source):
        _height(ET.fromstring(f"<TD>{label}</TD>"), size, found)
    return found


def _height(element, size, found):
    """Points that an element takes from top to bottom, inside of its padding."""
    needed, stated = (_rows if element.tag == "TABLE" else _lines)(element, size, found), element.get("HEIGHT", 0)
    if element.get("FIXEDSIZE") and needed > float(stated):
        found.append(("".join(element.itertext()), stated, needed))
    return max(needed, float(stated))


def _rows(table, size, found):
    border, space, padding = (float(table.get(name)) for name in ("BORDER", "CELLSPACING", "CELLPADDING"))
    rows = [[_height(cell, size, found) for cell in row if not cell.get("ROWSPAN")] for row in table]
    for cell in table.iterfind("TR/TD[@ROWSPAN]"):
        _height(cell, size, found)
    return 2 * border + space + sum(max(row, default=0) + 2 * padding + space for row in rows)


def _lines(cell, size, found):
    """Points that the lines of a cell take, or the table in it."""
    if (inner := cell.find("TABLE")) is not None:
        return _height(inner, size, found)
    sizes = [float(font.get("POINT-SIZE", size)) for font in cell.iter("FONT")] or [size]
    return EMS * (max(sizes) + sum(sizes[1:]) * (cell.find(".//BR") is not None))
