"""``Figure``: a picture that shows itself in a notebook and saves itself to a file."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from html import escape, unescape
from itertools import count
from os import PathLike
from pathlib import Path

from autograd.engine.node import Node, toposort
from autograd.graph import to_mermaid
from autograd.typing import Keywords
from autograd.viz.pages import write
from autograd.viz.render import RenderError, is_available, rendered
from autograd.viz.text_widths import with_text_lengths

__all__ = ["Figure"]

SUFFIXES = (".svg", ".png", ".pdf", ".html", ".dot")
MAX_NODES = 1500  # the layout of more takes many seconds, too long for a picture that no one asked for
CHEAP_NODES = 300  # so few nodes get a PNG too, for viewers that show no SVG, such as a notebook not yet trusted
PIXELS = 3_000_000  # a PNG of more takes longer to compress than a reader wants to wait
SHARP = 2.0  # pixels to a point, unless `PIXELS` allows fewer
WIDEST = 1000  # points; a page shrinks a narrower picture to its own width

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 1rem; background: #ffffff; color: #1f2328; font: 1rem/1.4 Helvetica, Arial, sans-serif; }}
h1 {{ font-size: 1.1rem; margin: 0 0 1rem; overflow-wrap: anywhere; }}
.picture {{ overflow-x: auto; }}
.picture svg {{ max-width: none !important; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #0d1117; color: #e6edf3; }} }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<div class="picture" role="region" aria-label="the picture, which may scroll sideways" tabindex="0">{svg}</div>
</main>
</body>
</html>
"""
_SVG = re.compile(r'<svg\s+(width="(\d+(?:\.\d+)?)pt"\s+height="(\d+(?:\.\d+)?)pt")')
_GROUP = re.compile(r'<g id="([^"]*)"([^>]*)>\s*(?:<title>([^<]*)</title>\s*)?')
_numbers = count(1)


class Figure:
    """A picture of a graph: DOT text that is rendered when someone asks for the picture.

    The drawing functions make it, as :func:`autograd.viz.draw`.

    Parameters
    ----------
    source : str
        The DOT text.
    description : str
        A line that says what the picture shows, for those who cannot see it.
    titles : mapping of str to str, optional
        A sentence for each node by its name in the DOT text, or arrow (``a->b``); browsers show it as a tooltip.
    engine : str, optional
        Graphviz's layout engine.
    mermaid : str, optional
        The graph in Mermaid's language, for a notebook where there is no Graphviz.

    Examples
    --------
    >>> from autograd import Value, viz
    >>> x = Value(2.0, "x")
    >>> figure = viz.draw(x * x)
    >>> figure
    <Figure: computational graph of v1, 2 values and 1 operation>
    >>> figure.source.splitlines()[0]
    'digraph {'
    """

    def __init__(
        self, source: str, description: str, titles: Mapping[str, str] | None = None, engine: str = "dot",
        mermaid: str = "",
    ) -> None:  # fmt: skip
        self.source = source
        self.description = description
        self.titles = titles or {}
        self.engine = engine
        self.mermaid = mermaid

    @classmethod
    def of_graph(
        cls, source: str, description: str, titles: Mapping[str, str], outputs: Sequence[Node], names: object
    ) -> Figure:
        """A picture of a graph, which a notebook draws by Mermaid where there is no Graphviz."""
        drawn_by_mermaid = not is_available() and len(toposort(outputs)) <= CHEAP_NODES
        mermaid = to_mermaid(outputs, names=names) if drawn_by_mermaid else ""
        return cls(source, description, titles, mermaid=mermaid)

    @property
    def svg(self) -> str:
        """The picture as an ``<svg>`` element for a page, as wide as it has to be, and no wider than the page.

        Raises
        ------
        RenderError
            If there is no Graphviz, or it fails.
        """
        return self._svg("fig" + self._digest, inline=True)

    @cached_property
    def _digest(self) -> str:
        return sha256(self.source.encode()).hexdigest()[:8]

    @cached_property
    def _rendered(self) -> str:
        text = rendered(self.source, "svg", self.engine).decode(errors="replace")
        text = re.sub(r"<!--.*?-->\s*", "", text[text.index("<svg") :], flags=re.DOTALL)
        size = _SVG.match(text)
        if size is None or not float(size[2]) * float(size[3]):
            raise RenderError("the renderer's SVG is not Graphviz's: it must state its width and height in points")
        # Older versions of Graphviz leave out that the space before a text counts.
        return with_text_lengths(re.sub(r"<text (?!xml:space)", '<text xml:space="preserve" ', text))

    @property
    def _size(self) -> tuple[float, float]:
        """Width and height in points, as Graphviz states them."""
        _, width, height = _SVG.findall(self._rendered)[0]
        return float(width), float(height)

    @cached_property
    def _png(self) -> bytes:
        """The picture as a PNG, with two pixels to a point, or as many as `PIXELS` allows."""
        width, height = self._size
        dots = 72 * min(SHARP, (PIXELS / (width * height)) ** 0.5)
        return rendered(self.source.replace("{", f"{{ dpi={dots:.0f};", 1), "png", self.engine)

    @property
    def _still(self) -> str:
        """An image for a notebook that is not trusted, which takes the elements out of an SVG."""
        try:
            data = b64encode(self._png).decode()
        except RenderError:  # a Graphviz may be built without PNG
            return ""
        width = round(self._size[0] * 96 / 72)
        return f'<img alt="{escape(self.description)}" width="{width}" src="data:image/png;base64,{data}">'

    @property
    def _file(self) -> str:
        return self._svg("fig" + self._digest, inline=False)

    def _svg(self, prefix: str, *, inline: bool) -> str:
        """The element, with ids that start with `prefix`, because two pictures in one page must not share any.

        In a page it has a largest width and no size of its own. As an image (a file, or an output of a notebook) it
        needs its size, or it would grow to the width of the page.
        """

        def with_title(group: re.Match[str]) -> str:
            identifier, rest, node = group.groups()
            # The title of an arrow has the sides at which it ends too, ``a:e->b:w``.
            sentence = self.titles.get(re.sub(r":[a-z]+(?=->|$)", "", unescape(node or "")))
            title = f"<title>{escape(sentence)}</title>\n" if sentence else ""
            return f'<g id="{prefix}-{identifier}"{rest}>\n{title}'

        def with_size(svg: re.Match[str]) -> str:
            size, width, _ = svg.groups()
            style = f"max-width:{width}pt;width:100%" if inline else "max-width:100%"
            if float(width) > WIDEST:  # the reader scrolls; shrunk, nothing could be read
                style = f"max-width:none;width:{width}pt"
            size = "" if inline else f" {size}"
            return f'<svg role="img" aria-label="{escape(self.description)}"{size} style="{style};height:auto"'

        return _SVG.sub(with_size, _GROUP.sub(with_title, self._rendered), count=1).strip()

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the picture to a file.

        Parameters
        ----------
        path : path
            The file; its suffix is ``.svg``, ``.png``, ``.pdf``, ``.html`` (a page of its own) or ``.dot``.

        Returns
        -------
        pathlib.Path
            The path of the file.

        Raises
        ------
        ValueError
            If the suffix is none of these.
        OSError
            If the file cannot be written.
        RenderError
            If there is no Graphviz, or it fails.

        Examples
        --------
        >>> import tempfile
        >>> from autograd import Value, viz
        >>> folder = tempfile.mkdtemp()
        >>> viz.draw(Value(2.0) * 3).save(f"{folder}/product.dot").name
        'product.dot'
        """
        target = Path(path).expanduser()
        return write(target, self._content(target))

    def _content(self, target: Path) -> bytes:
        match target.suffix.lower():
            case ".dot":
                return self.source.encode()
            case ".svg":
                return self._file.encode()
            case ".html":
                return _PAGE.format(title=escape(self.description), svg=self._file).encode()
            case ".png":
                return self._png
            case ".pdf":
                return rendered(self.source, "pdf", self.engine)
            case suffix:
                kind = f"suffix {suffix!r}" if suffix else "no suffix"
                raise ValueError(f"cannot save {target.name!r} with {kind}: choose one of {', '.join(SUFFIXES)}")

    def __repr__(self) -> str:
        return f"<Figure: {self.description}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Keywords:
        text = repr(self)
        if len(self.titles) > MAX_NODES:
            return {"text/plain": f"{text}\nToo large to show by itself; .save('graph.svg') draws it all the same."}
        try:
            # The number keeps ids apart when a page shows the same figure twice.
            bundle: Keywords = {"image/svg+xml": self._svg(f"fig{self._digest}-{next(_numbers)}", inline=False)}
        except RenderError as error:
            drawn = {"text/vnd.mermaid": self.mermaid} if self.mermaid else {}
            return {**drawn, "text/plain": f"{text}\n{error}"}
        if len(self.titles) <= CHEAP_NODES:
            with suppress(RenderError):  # a Graphviz may be built without PNG
                bundle["image/png"] = self._png
        return {**bundle, "text/plain": text}
