"""Lessons run as plain scripts in processes of their own, and their results."""

import contextlib
import io
import multiprocessing
import os
import queue
import re
import runpy
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd import viz

PROCESSES = 2
INK = "#000000|#1f2328|#3a424c"  # the ink of plots, except on a coloured ground
_results: Any = None  # in a lesson's process: the queue for its results


class Row(NamedTuple):
    """A number or table beside the one expected, as plain data and as people read them."""

    name: str
    got: Any
    want: Any
    agrees: bool
    texts: tuple[str, str]


class Picture(NamedTuple):
    """A picture's file name, what it shows, its kind (graph, steps or plot) and its markup for a page."""

    name: str
    description: str
    kind: str
    html: str


class Result(NamedTuple):
    """The results of a lesson for a system."""

    key: str
    rows: list[Row]
    pictures: list[Picture]
    seconds: float
    left_out: str


class End(NamedTuple):
    """The end of a lesson; if an error ended it, the error and the lines that led to it."""

    lesson: str
    error: str = ""
    trace: str = ""


def run(lessons: list[str], folder: Path, out: Path) -> Iterator[Result | End | None]:
    """Run the lessons of a folder, two at a time, and yield their results as they come; None while they work.

    Their pictures are written into `out`, as SVG and PNG (a page for what can be stepped through).
    """
    # A lesson's sums must not depend on how many threads share them; nor do two processes need more than one each.
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(threads, "1")
    os.environ["MPLBACKEND"] = "Agg"
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    with ProcessPoolExecutor(PROCESSES, context, _listen, (results, str(folder))) as pool:
        running = {name: pool.submit(_run, name, folder, out) for name in lessons}
        while running:
            try:
                item = results.get(timeout=0.5)
            except queue.Empty:  # A process that was killed sends no more; one that is done may have sent more.
                dead = {name: f.exception() for name, f in running.items() if f.done()}
                ends = [End(name, f"{name}: {error!r}") for name, error in dead.items() if error]
                yield None
            else:
                ends = [item] if isinstance(item, End) else []
                if not ends:
                    yield item
            for end in ends:
                del running[end.lesson]
                yield end


def _listen(results: Any, folder: str) -> None:
    global _results
    _results = results
    sys.path.insert(0, folder)


def _run(name: str, folder: Path, out: Path) -> None:
    """Run one lesson in a process of its own, from its first cell to its last."""
    import lesson

    printed = io.StringIO()
    lesson.LISTENERS[:] = [lambda system: _results.put(_result(system, out))]
    end = End(name)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            runpy.run_path(str(folder / f"{name}.py"), run_name="__main__")
    except Exception as error:
        at = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).stem == name]
        text = f"{name}.py, line {at[-1] if at else '?'}: {type(error).__name__}: {error}"
        end = End(name, text, f"{printed.getvalue()}{traceback.format_exc()}")
    _results.put(end)


def _result(system: Any, out: Path) -> Result:
    from lesson import show

    rows = [Row(r.name, _bare(r.got), _bare(r.want), r.agrees, (show(r.got), show(r.want))) for r in system.rows]
    pictures = [_picture(f"{system.key}-{name}", picture, out) for name, picture in system.pictures.items()]
    return Result(system.key, rows, pictures, system.seconds, system.left_out)


def _bare(x: Any) -> Any:
    """Numbers and lists of them, which JSON can hold."""
    return np.asarray(x).tolist() if isinstance(x, (np.ndarray, np.generic, list, tuple)) else x


def _picture(name: str, picture: Any, out: Path) -> Picture:
    """Write a figure of the engine's or of matplotlib's, and make the markup that shows it in a page."""
    if isinstance(picture, viz.Stepper):
        picture.save(out / f"{name}.html")
        return Picture(name, picture.description, "steps", _frame(picture))
    if isinstance(picture, viz.Figure):
        for suffix in ("svg", "png"):
            picture.save(out / f"{name}.{suffix}")
        return Picture(name, picture.description, "graph", _apart(picture.svg, name))
    return _plot(name, picture, out)


def _frame(steps: viz.Stepper) -> str:
    page, title = escape(steps.html), escape(steps.description)
    return f'<iframe sandbox="allow-scripts" loading="lazy" title="{title}" srcdoc="{page}"></iframe>'


def _plot(name: str, picture: Any, out: Path) -> Picture:
    """A figure of matplotlib's, or the figure that its axes are in."""
    import matplotlib as mpl

    figure = picture if hasattr(picture, "savefig") else np.ravel(picture)[0].get_figure()
    look = {"facecolor": "white", "bbox_inches": "tight"}
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(out / f"{name}.svg", metadata={"Date": None}, **look)
    figure.savefig(out / f"{name}.png", dpi=150, **look)
    titles = [ax.get_title() for ax in figure.axes if ax.get_title()]
    description = "; ".join(dict.fromkeys(titles)) or name.partition("-")[2].replace("_", " ")
    return Picture(name, description, "plot", _themed((out / f"{name}.svg").read_text("utf-8"), name, description))


def _themed(svg: str, name: str, description: str) -> str:
    """A plot of matplotlib's as an element of a page, in the page's ink on the page's paper, light or dark."""
    width = float(re.search(r'viewBox="\S+ \S+ (\S+) ', svg)[1])
    # 100 pixels to an inch; below 60 its letters cannot be read. What matplotlib gives no colour is black.
    look = f'width="{width / 0.72:.0f}" style="min-width:{width / 1.2:.0f}px" fill="currentColor"'
    head, _, svg = svg[svg.index("<svg") :].partition(">")
    look += " " + re.sub(r'<svg | ?\b(width|height)="[^"]*"', "", head)
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = svg.replace('<style type="text/css">*{', '<style type="text/css">.plot *{')
    svg = re.sub(f"(?<=: )({INK})\\b", "currentColor", svg).replace(": #ffffff", ": var(--page)")
    return f'<svg role="img" aria-label="{escape(description)}" {look}>{_apart(svg, name)}'


def _apart(svg: str, name: str) -> str:
    """The element with ids of its own, for a page that may hold it twice."""
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
