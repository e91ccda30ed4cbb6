"""What a page's "Run this" runs in the reader's browser: a fence of Python, as a session of ``>>>`` or as a cell."""

from __future__ import annotations

import ast
import doctest
import io
import json
import linecache
import sys
import traceback
from base64 import b64encode
from contextlib import redirect_stderr, redirect_stdout
from types import ModuleType
from typing import Any

__all__ = ["Session"]

SHOWN = ("image/svg+xml", "text/html")  # what a page can show, the best first
PICTURES = ("autograd.viz.", "matplotlib.")  # whose objects are pictures


class Session:
    """The fences of a page, which share their names, as those of a prompt do."""

    def __init__(self) -> None:
        main = ModuleType("__main__")
        self.names = vars(main)
        sys.modules["__main__"] = main
        sys.ps1 = ">>> "  # nodes without a label are called by their variables
        self.fences = 0

    def run(self, text: str) -> str:
        """Run a fence.

        Parameters
        ----------
        text : str
            Its text. With ``>>>`` before its lines each statement is run as at a prompt, and what the page says it
            prints is left out; without, it is run as a cell.

        Returns
        -------
        str
            JSON of an object: ``text``, what was printed; ``shown``, in SVG or HTML the result, or else the latest
            picture or page that the fence made, or null;
            ``failed``, whether an error ended it, which is the end of the text.
        """
        self.fences += 1
        examples = doctest.DocTestParser().get_examples(text)
        pieces = [(e.source, e.exc_msg is not None) for e in examples] or [(text, False)]
        printed, last, failed = io.StringIO(), None, False
        self.picture = None
        with redirect_stdout(printed), redirect_stderr(printed):
            for k, (source, is_expected) in enumerate(pieces):
                try:
                    last = self._statement(source, f"<fence {self.fences}, statement {k + 1}>", bool(examples))
                except BaseException as error:
                    print("".join(traceback.format_exception_only(error)), end="")
                    if not is_expected:
                        failed = True
                        break
        shown = None if failed else _shown(last) or _shown(self.picture)
        if shown is None and not examples and not failed and last is not None:
            printed.write(f"{last!r}\n")
        return json.dumps({"text": printed.getvalue(), "shown": shown, "failed": failed})

    def _statement(self, source: str, name: str, at_a_prompt: bool) -> Any:
        """Run statements; what the last one is worth, if it is an expression."""
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        tree = ast.parse(source, name)
        value = None
        for statement in tree.body:
            value = None
            if isinstance(statement, ast.Expr):
                value = eval(compile(ast.Expression(statement.value), name, "eval"), self.names)
                made = value
                if at_a_prompt and value is not None:
                    print(repr(value))
            else:
                exec(compile(ast.Module([statement], []), name, "exec"), self.names)
                target = statement.targets[0] if isinstance(statement, ast.Assign) else None
                made = self.names[target.id] if isinstance(target, ast.Name) else None
            if type(made).__module__.startswith(PICTURES):
                self.picture = made
        return value


def _shown(value: Any) -> str | None:
    """A value as SVG or HTML, if it has a picture or a page, or is a plot."""
    plot = getattr(value, "figure", value)
    if hasattr(plot, "savefig"):
        content = io.BytesIO()
        plot.savefig(content, format="png", dpi=96, bbox_inches="tight")
        return f'<img alt="a plot" src="data:image/png;base64,{b64encode(content.getvalue()).decode()}">'
    if value is None or not hasattr(value, "_repr_mimebundle_"):
        return None
    bundle = value._repr_mimebundle_()
    return next((bundle[kind] for kind in SHOWN if kind in bundle), None)
