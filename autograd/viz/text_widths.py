"""The widths of texts as Graphviz measures them, to which a reader's browser can keep in whatever font it has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from autograd.viz import style
from autograd.viz.node_html import html
from autograd.viz.render import RenderError, rendered

__all__ = ["with_text_lengths"]

_TEXT = re.compile(r"<text ([^>]*)>([^<]*[^<\s][^<]*)</text>")
_WIDTH = re.compile(r" T [-\d.]+ [-\d.]+ -?\d ([\d.]+) \d+ -")  # in xdot: where a text stands, and how wide it is

Text = tuple[str, str, bool]  # what is written, in which size, and whether it is bold


def with_text_lengths(svg: str) -> str:
    """Tell each text of a picture how wide it is where Graphviz placed it.

    Cards are as large as the writer's font makes the texts in them. For a reader with another font texts would leave
    their cards, and names run into values; a text that knows its length is spread or narrowed to its place. A renderer
    that does not measure texts leaves them as they are.
    """
    try:
        widths = _widths(_text(found) for found in _TEXT.finditer(svg))
    except RenderError:
        return svg

    def with_length(found: re.Match[str]) -> str:
        length = f'textLength="{widths[_text(found)]}" lengthAdjust="spacingAndGlyphs"'
        return f"<text {found[1]} {length}>{found[2]}</text>"

    return _TEXT.sub(with_length, svg)


def _text(found: re.Match[str]) -> Text:
    attributes, text = found.groups()
    size = re.search(r'font-size="([\d.]+)"', attributes)
    return unescape(text), size[1] if size else "14", 'font-weight="bold"' in attributes


def _widths(texts: Iterable[Text]) -> dict[Text, str]:
    """The width of each text in points: Graphviz draws them all, a line each, and says in xdot what it measured."""
    known = list(dict.fromkeys(texts))
    if not known:
        return {}
    lines = []
    for text, size, bold in known:
        line = f'<FONT POINT-SIZE="{size}">{html(text)}</FONT><BR/>'
        lines.append(f"<B>{line}</B>" if bold else line)
    source = f'digraph {{ node [shape="plaintext" fontname="{style.FONT}"] texts [label=<{"".join(lines)}>] }}'
    drawn = rendered(source, "xdot").decode(errors="replace").replace("\\\n", "")
    measured = _WIDTH.findall(drawn)
    if len(measured) != len(known):
        raise RenderError("the renderer answered 'xdot' with text that is not Graphviz's")
    return dict(zip(known, measured, strict=True))
