"""The playground as a program: ``python -m nn.playground`` writes the page and opens it.

A module of its own, so that importing ``nn`` costs nothing more: :func:`autograd.viz.playground` makes the page.
"""

from __future__ import annotations

import sys
import webbrowser
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from autograd import viz

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page of a net that learns, and open it in a browser.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments, by default those of the command line: a path, ``--data xor``, ``--no-open``.

    Returns
    -------
    int
        0, or 1 if the page could not be written.

    Examples
    --------
    >>> import tempfile
    >>> main([f"{tempfile.mkdtemp()}/page.html", "--data", "xor", "--no-open"])  # doctest: +ELLIPSIS
    wrote ...page.html: a net 2-4-3-1 learns xor
    0
    """
    parser = ArgumentParser("python -m nn.playground", description="Write a page in which a small net learns; open it.")
    parser.add_argument("path", nargs="?", default="playground.html", help="where to write it (playground.html)")
    parser.add_argument("--data", help="what it learns at first: circle, xor, spiral, moons or line")
    parser.add_argument("--no-open", action="store_true", help="do not open it in a browser")
    chosen = parser.parse_args(arguments)
    try:
        page = viz.playground(data=chosen.data)
        path = page.save(chosen.path)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"wrote {path}: {page.description}")
    if not chosen.no_open:
        webbrowser.open(Path(path).resolve().as_uri())
    return 0


if __name__ == "__main__":
    sys.exit(main())
