"""Rendering by Graphviz: by a renderer of the user's, the system's `dot`, the page's, or the one inside pygraphviz."""

from __future__ import annotations

import ctypes
import importlib.util
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import graphviz

__all__ = ["RenderError", "Renderer", "is_available", "positions", "rendered", "use_renderer"]

Renderer = Callable[[str, str, str], bytes | str]

_first = Lock()
_chosen: list[Renderer] = []  # one at most
_SIGNS = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}  # what such a file holds


class RenderError(RuntimeError):
    """No picture could be made; the message says what to install or what Graphviz said.

    Examples
    --------
    >>> from autograd import viz
    >>> try:
    ...     viz.Figure("digraph { a -> }", "a figure with a mistake").svg
    ... except viz.RenderError as error:
    ...     print("no picture")
    no picture
    """


def is_available() -> bool:
    """Whether there is a Graphviz to draw with, as far as can be told without starting it."""
    if _chosen:
        return True
    if sys.platform == "emscripten":
        return _of_the_page() is not None
    return shutil.which("dot") is not None or importlib.util.find_spec("pygraphviz") is not None


def use_renderer(f: Renderer | None) -> None:
    """Let a function make every picture, in place of the Graphviz of this system.

    It holds in all threads, from the next picture on; a figure that was shown before keeps its picture.

    Parameters
    ----------
    f : callable or None
        ``f(source, form, engine)`` takes DOT text, a format and a layout engine of Graphviz's, and answers with the
        content of a file, bytes or str. The engine is ``"dot"``, or ``"neato"`` where the text states all positions.
        The format is ``"svg"``, Graphviz's own with its size in points; ``"png"`` and ``"pdf"``, for notebooks and for
        :meth:`autograd.viz.Figure.save`; ``"plain"``, from which ``draw_backward(y, style="rows")`` reads where nodes
        stand; ``"xdot"``, from which the widths of texts are read. It may raise for any but ``"svg"``: what
        needs the others is left out, or says why there is none. None is the default again: Graphviz's ``dot``, else the
        one inside pygraphviz; in a browser (Pyodide) the function ``graphvizRender(source, form, engine)`` of the page
        or the worker, if there is one.

    Raises
    ------
    TypeError
        If `f` cannot be called.

    Examples
    --------
    >>> from autograd import Value, viz
    >>> def a_box(source, form, engine):
    ...     return '<svg width="9pt" height="9pt"><rect width="9" height="9"/></svg>'
    >>> viz.use_renderer(a_box)
    >>> "<rect" in viz.draw(Value(2.0) * 3).svg
    True
    >>> viz.use_renderer(None)
    """
    if f is not None and not callable(f):
        raise TypeError(
            f"use_renderer: pass a function f(source, form, engine), or None for Graphviz, not {type(f).__name__}"
        )
    _chosen[:] = [] if f is None else [f]


def rendered(source: str, form: str, engine: str = "dot") -> bytes:
    """Render DOT text as the content of a file, by whatever :func:`use_renderer` says.

    Parameters
    ----------
    source : str
        The DOT text.
    form : str
        ``"svg"``, ``"png"``, ``"pdf"``, ``"plain"`` or ``"xdot"``.
    engine : str
        The layout: ``"dot"`` for graphs in ranks, ``"neato"`` for positions that the text states.

    Raises
    ------
    RenderError
        If there is no Graphviz, or it fails.
    """
    if chosen := _chosen[:1]:
        return _checked(chosen[0], source, form, engine)
    if sys.platform == "emscripten":
        return _checked(_in_a_page(), source, form, engine)
    return _by_graphviz(source, form, engine)


def _checked(f: Renderer, source: str, form: str, engine: str) -> bytes:
    """What a renderer that is not ours makes; whatever goes wrong in it, a notebook goes on and shows the reason."""
    try:
        content = f(source, form, engine)
    except RenderError:
        raise
    except Exception as error:
        raise RenderError(f"the renderer failed at {form!r}: {type(error).__name__}: {error}") from error
    if not isinstance(content, bytes | str):
        raise RenderError(
            f"the renderer answered {form!r} with {type(content).__name__}; it must return bytes or str, the content "
            "of a file"
        )
    content = content.encode() if isinstance(content, str) else content
    if not content or _SIGNS.get(form, b"") not in content:
        raise RenderError(f"the renderer answered {form!r} with no picture, but {content[:40]!r}")
    return content


def _in_a_page() -> Renderer:
    f = _of_the_page()
    if f is None:
        raise RenderError(
            "no Graphviz in this page: load @viz-js/viz and pass its renderString to autograd.viz.use_renderer, as "
            "docs/in_the_browser.md shows; the DOT text is in .source"
        )
    return f


def _of_the_page() -> Renderer | None:
    """The function that a page defines for Python in a browser, or that the worker does in which it runs."""
    try:
        import js
    except ImportError:  # not Pyodide
        return None
    return getattr(js, "graphvizRender", None)


def _by_graphviz(source: str, form: str, engine: str) -> bytes:
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
    lines = (line.split(" ", 4) for line in rendered(source, "plain").decode(errors="replace").splitlines())
    try:
        return {name: (float(x), float(y)) for kind, name, x, y, *_ in (p for p in lines if p[0] == "node")}
    except ValueError:
        raise RenderError("the renderer answered 'plain' with lines that are not Graphviz's") from None


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
