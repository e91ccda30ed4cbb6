"""Rendering by Graphviz: by the system's if there is one, else by the one inside pygraphviz."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import graphviz

__all__ = ["RenderError", "is_available", "positions", "rendered"]

_first = Lock()


class RenderError(RuntimeError):
    """No picture could be made; the message says what to install or what Graphviz said."""


def is_available() -> bool:
    """Whether there is a Graphviz to draw with, as far as can be told without starting it."""
    return shutil.which("dot") is not None or importlib.util.find_spec("pygraphviz") is not None


def rendered(source: str, form: str, engine: str = "dot") -> bytes:
    """Render DOT text as the content of a file.

    Parameters
    ----------
    source : str
        The DOT text.
    form : str
        ``"svg"``, ``"png"`` or ``"pdf"``.
    engine : str
        The layout: ``"dot"`` for graphs in ranks, ``"neato"`` for positions that the text states.

    Raises
    ------
    RenderError
        If there is no Graphviz, or it fails.
    """
    try:
        content: bytes = graphviz.pipe(engine, form, source.encode(), quiet=True)
    except (graphviz.ExecutableNotFound, OSError):  # there is no `dot`, or it cannot start
        return _bundled(source, form, engine)
    except graphviz.CalledProcessError as error:
        said = (error.stderr or b"").decode(errors="replace").strip()
        raise RenderError(f"Graphviz failed: {said or f'exit status {error.returncode}'}") from error
    if not content:
        raise RenderError("Graphviz drew nothing: the DOT text holds no graph")
    return content


def positions(source: str) -> dict[str, tuple[float, float]]:
    """Where Graphviz puts the middle of each node of a graph in ranks, in inches from the lower left corner.

    Raises
    ------
    RenderError
        If there is no Graphviz, or it fails.
    """
    lines = (line.split(" ", 4) for line in rendered(source, "plain").decode().splitlines())
    return {name: (float(x), float(y)) for kind, name, x, y, *_ in (p for p in lines if p[0] == "node")}


def _bundled(source: str, form: str, engine: str) -> bytes:
    try:
        import pygraphviz
    except ImportError:
        raise RenderError(
            'no Graphviz to draw with: run `pip install "graphgrad[draw]"`, or install Graphviz so that `dot` is found '
            "on the PATH; the DOT text is in .source"
        ) from None
    with _first:
        _read_font_settings(Path(pygraphviz.__file__).parent)
    try:
        content = pygraphviz.AGraph(string=source).draw(format=form, prog=engine)
    except (ValueError, OSError) as error:  # bad DOT text, or a failure of Graphviz
        raise RenderError(f"Graphviz (in pygraphviz) failed: {error}") from error
    return bytes(content)


@cache
def _read_font_settings(package: Path) -> None:
    """Give the fontconfig of the wheel this system's settings before it looks for them itself.

    By itself it also reads the system's folder of optional settings. These may be newer than it is, and then it writes
    warnings to the terminal, or into the first output of a notebook. It draws the same either way.
    """
    libraries = [*package.parent.glob("pygraphviz.libs/libfontconfig*"), *package.glob(".dylibs/libfontconfig*")]
    if not libraries:
        return
    try:
        fontconfig: Any = ctypes.CDLL(str(libraries[0]))
        create, read, use = fontconfig.FcConfigCreate, fontconfig.FcConfigParseAndLoad, fontconfig.FcConfigSetCurrent
    except (OSError, AttributeError):
        return
    create.restype = ctypes.c_void_p
    read.argtypes, use.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int], [ctypes.c_void_p]
    config = create()
    if config and read(config, None, False):
        use(config)
