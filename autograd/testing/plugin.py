"""The pytest plugin: a fixture `check_gradients`, a marker `gradients`, and the graph of a gradient test that failed.

It is installed with the package and does nothing until used. A test that fails with a `GradientError` has the graph of
its function in the report, as text, and as a picture in a folder (``--gradient-graphs``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from autograd.engine.libraries import fetched
from autograd.engine.node import Node, toposort
from autograd.library_tensor import plain_class
from autograd.messages import short
from autograd.testing import checks
from autograd.typing import Data, Function

__all__ = ["check_gradients", "pytest_addoption", "pytest_configure", "pytest_runtest_makereport"]

MAX_LINES = 60  # a longer listing of a graph loses its middle
OPTIONS = {"order", "modes", "rtol", "atol", "rng"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the folder."""
    parser.getgroup("autograd").addoption(
        "--gradient-graphs",
        metavar="FOLDER",
        default="gradient-graphs",
        help="where the graphs of failed gradient tests go, as SVG (made when needed)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", "gradients(order, modes, rtol, atol, rng): a test of gradients; options for its check_gradients"
    )


@pytest.fixture(name="check_gradients")
def check_gradients(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Give :func:`autograd.testing.check_gradients` the options of the test's marker `gradients`."""
    markers = list(request.node.iter_markers("gradients"))  # the closest marker comes first
    options = {name: value for marker in reversed(markers) for name, value in marker.kwargs.items()}
    unknown = sorted(options.keys() - OPTIONS)
    wrong = [*(x for marker in markers for x in marker.args), *unknown]
    if wrong:
        raise pytest.UsageError(f"the marker gradients takes {', '.join(sorted(OPTIONS))} by name, not {wrong}")

    def check(f: Function, args: Sequence[Data], **more: Data) -> None:
        __tracebackhide__ = True
        checks.check_gradients(f, args, **{**options, **more})

    return check


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Attach the graph to the report of a test that failed with a GradientError."""
    report: Any = yield
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, checks.GradientError) and error.output is not None:
        lines = [listing(error.output)]
        picture = _picture(error.output)
        if picture is not None:
            folder = Path(item.config.rootpath, item.config.getoption("--gradient-graphs"))
            try:
                folder.mkdir(parents=True, exist_ok=True)
                path = folder / _filename(item.nodeid)
                path.write_text(picture, encoding="utf-8")
                lines.append(f"as a picture: {path}")
            except OSError as problem:  # a report without its picture is better than none
                lines.append(f"no picture: {problem}")
        report.sections.append(("graph of the function whose gradient is wrong", "\n".join(lines)))
    return report


def _filename(nodeid: str) -> str:
    """Make a file name of a test's id, with a hash where two ids could give the same name."""
    plain = re.sub(r"[^\w.-]+", "-", nodeid).strip("-")
    if len(plain) > 100 or plain != re.sub("::|/", "-", nodeid):
        plain = f"{plain[:100]}-{hashlib.sha256(nodeid.encode()).hexdigest()[:8]}"
    return plain + ".svg"


def listing(output: Data) -> str:
    """Write a graph with a line for each node, in the order of recording; a long one without its middle.

    Examples
    --------
    >>> from autograd import Value, sin
    >>> from autograd.testing.plugin import listing
    >>> x = Value(0.0, label="x")
    >>> print(listing(sin(x) * x))
    n0 = Value 'x' 0.0
    n1 = sin(n0)        Value 0.0
    n2 = mul(n1, n0)    Value 0.0
    """
    order = toposort(output)
    names = {node: f"n{i}" for i, node in enumerate(order)}
    lines = []
    for node in order:
        data = short(node._data) if node.ndim else f"{fetched(node._data)}"
        if node.op is None:
            label = f" {node.label!r}" if node.label else ""
            lines.append(f"{names[node]} = {plain_class(type(node)).__name__}{label} {data}")
        else:
            args = [names[p] for p in node.parents] + [f"{k}={v!r}" for k, v in node.params.items()]
            call = f"{names[node]} = {node.op.name}({', '.join(args)})"
            lines.append(f"{call:<19} {plain_class(type(node)).__name__} {data}")
    if len(lines) > MAX_LINES:
        lines[MAX_LINES // 2 : -MAX_LINES // 2] = [f"... {len(lines) - MAX_LINES} more"]
    return "\n".join(lines)


def _picture(output: Data) -> str | None:
    """The picture that a notebook shows of a graph; of several results, that of the first."""
    node: Any = output if isinstance(output, Node) else output[0]
    picture: str | None = node._repr_mimebundle_().get("image/svg+xml")
    return picture
