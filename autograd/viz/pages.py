"""Pages: each is one file that needs nothing else, and may load nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from os import PathLike
from pathlib import Path

from autograd.typing import Keywords
from autograd.viz.javascript import PAGE

__all__ = ["MAX_BYTES", "Page", "filled", "framed", "part", "write"]

MAX_BYTES = 5_000_000  # a notebook keeps the page in its file, and shows no larger one
# The frame asks for the colour scheme of JupyterLab's or VS Code's theme, which the page in it then follows. A trusted
# notebook shows the frame, and the style hides the still picture; another one shows only the picture.
_FRAME = """<style>.still{{display:none}}</style>\
<iframe sandbox="allow-scripts" title="{title}" class="graphgrad-page" width="100%" height="{height}" \
style="border: 0" srcdoc="{page}"></iframe>\
<div class=still>{instead}\
<style>[data-jp-theme-light=true] .graphgrad-page,.vscode-light .graphgrad-page{{color-scheme:light}}\
[data-jp-theme-light=false] .graphgrad-page,.vscode-dark .graphgrad-page{{color-scheme:dark}}</style></div>"""


def part(name: str) -> str:
    """The text of a file that pages are made of."""
    return (PAGE / name).read_text(encoding="utf-8")


def filled(name: str, parts: Mapping[str, str]) -> str:
    """Every page's head, and a body; ``{name}`` is replaced by its part, and what parts hold is not looked through."""
    before, *rest = (part("head.html") + part(name)).split("{")
    for piece in rest:
        key, _, after = piece.partition("}")
        before += parts[key] + after
    return before


def framed(page: str, title: str, height: int, instead: str) -> str:
    """A page in a frame of its own, for a notebook, with the HTML that one sees who does not trust the notebook."""
    return _FRAME.format(title=escape(title), height=height, page=escape(page), instead=instead)


def write(target: Path, content: bytes) -> Path:
    """Write a file; an error says what to do."""
    try:
        target.write_bytes(content)
    except OSError as error:
        advice = "; create the folder first" if isinstance(error, FileNotFoundError) else "; choose another path"
        raise type(error)(f"cannot write {str(target)!r}: {error.strerror}{advice}") from error
    return target


class Page:
    """A page that shows itself in a notebook and saves itself to a file.

    Attributes
    ----------
    html : str
        The page.
    description : str
        A line that says what it shows.
    """

    height = 860  # pixels of the frame in a notebook

    def __init__(self, html: str, description: str) -> None:
        self.html = html
        self.description = description

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the page to a file.

        Parameters
        ----------
        path : path
            The file; its suffix is ``.html``.

        Returns
        -------
        pathlib.Path
            The path of the file.

        Raises
        ------
        ValueError
            If the suffix is another.
        OSError
            If the file cannot be written.
        """
        target = Path(path).expanduser()
        if target.suffix.lower() != ".html":
            raise ValueError(f"cannot save {target.name!r}: a page is one file with the suffix .html")
        return write(target, self.html.encode())

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.description}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Keywords:
        text = repr(self)
        if len(self.html) > MAX_BYTES:
            return {"text/plain": f"{text}\nToo large to show by itself; .save('page.html') writes it."}
        frame = framed(self.html, self.description, self.height, "trust this notebook to see the page")
        return {"text/html": frame, "text/plain": text}
