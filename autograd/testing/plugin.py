"""The pytest plugin: a fixture `check_gradients`, a marker `gradients`, and the graph of a gradient test that failed.

It is installed with the package and does nothing until used. A test that fails with a `GradientError` has the graph of
its function in the report, as text, and as a picture in a folder (``--gradient-graphs``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd.node import Node
from autograd.testing import checks

__all__ = ["check_gradients", "pytest_addoption", "pytest_configure", "pytest_runtest_makereport"]

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
    """:func:`autograd.testing.check_gradients`, with the options of the test's marker `gradients`."""
    marker = request.node.get_closest_marker("gradients")
    options = dict(marker.kwargs) if marker else {}
    unknown = sorted(options.keys() - OPTIONS)
    if unknown or (marker and marker.args):
        raise pytest.UsageError(f"the marker gradients takes {', '.join(sorted(OPTIONS))} by name, not {unknown}")

    def check(f: Callable[..., Any], args: Any, **more: Any) -> None:
        checks.check_gradients(f, args, **{**options, **more})

    return check


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Attach the graph to the report of a test that failed with a GradientError."""
    report = yield
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, checks.GradientError) and error.output is not None:
        shown = _shown(error.output)
        lines = [shown["text/plain"]] if "text/plain" in shown else []
        if "image/svg+xml" in shown:
            folder = Path(item.config.rootpath, item.config.getoption("--gradient-graphs"))
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / (re.sub(r"[^\w.-]+", "-", item.nodeid).strip("-") + ".svg")
            path.write_text(shown["image/svg+xml"], encoding="utf-8")
            lines.append(f"as a picture: {path}")
        report.sections.append(("graph of the function whose gradient is wrong", "\n".join(lines)))
    return report


def _shown(output: Any) -> dict[str, str]:
    """What a rich display shows for a graph, by kind of content; of several results the first."""
    node: Any = output if isinstance(output, Node) else output[0]
    bundle: dict[str, str] = node._repr_mimebundle_()
    return bundle
