"""What every lesson uses: its numbers beside those expected of it, and the folder with MNIST, if there is one.

A lesson is a notebook kept as a plain Python file: it runs in Jupyter and as ``python backpropagation.py``. What its
:func:`check` calls saw stays in ``FOUND``, from which the report and the index of systems are made.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

# A plot is shown where it is the last line of a cell, and there only. In this order: a notebook's backend, when it is
# loaded, turns the showing of all new plots on.
plt.switch_backend(plt.get_backend())
plt.ioff()

HERE = Path(__file__).resolve().parent
EXPECTED: dict[str, dict[str, Any]] = {
    key: rows
    for path in sorted((HERE / "expected").glob("*.json"))
    for key, rows in json.loads(path.read_text("utf-8")).items()
}
TOLERANCE = 1e-12
_started = time.perf_counter()


@dataclass
class Row:
    """A number, or a table of numbers, beside the one expected (None where one of the two is missing)."""

    name: str
    got: Any
    want: Any

    @property
    def agrees(self) -> bool:
        """Whether it is as expected: equal to 1e-12, or as near, or in the range, that the expectation says."""
        if self.got is None or self.want is None:
            return False
        if isinstance(self.want, dict) and "between" in self.want:
            low, high = self.want["between"]
            return bool(low <= self.got <= high)
        value, within = (
            (self.want["is"], self.want["within"]) if isinstance(self.want, dict) else (self.want, TOLERANCE)
        )
        got, want = np.asarray(self.got), np.asarray(value)
        return got.shape == want.shape and bool(np.all(np.abs(got - want) <= within))


@dataclass
class System:
    """One system of the texts as a lesson found it."""

    key: str
    rows: list[Row]
    pictures: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    left_out: str = ""

    def __repr__(self) -> str:
        if self.left_out:
            return f"{self.key}: left out, {self.left_out}"
        return "\n".join(
            f"{'✓' if r.agrees else '✗'} {r.name} = {show(r.got)}, expected {show(r.want)}" for r in self.rows
        )

    def _repr_html_(self) -> str:
        if self.left_out:
            return f"<p>{escape(repr(self))}</p>"
        cells = (("✓" if r.agrees else "✗", r.name, show(r.got), show(r.want)) for r in self.rows)
        body = "".join(
            "<tr>" + "".join(f"<td style='text-align:left'>{escape(c)}</td>" for c in row) + "</tr>" for row in cells
        )
        return f"<table><tr><th></th><th>{escape(self.key)}</th><th>found</th><th>expected</th></tr>{body}</table>"


FOUND: list[System] = []
# Who listens (the report does) is told of each system as it is found, and judges it: a wrong number then stops nothing.
LISTENERS: list[Callable[[System], None]] = []


def show(x: Any) -> str:
    """A number or table as people read it."""
    if isinstance(x, dict):
        return (
            f"{show(x['between'][0])} to {show(x['between'][1])}"
            if "between" in x
            else f"{show(x['is'])} ± {show(x['within'])}"
        )
    if x is None:
        return "missing"
    if isinstance(x, (list, tuple, np.ndarray)):
        return "[" + ", ".join(show(each) for each in x) + "]"
    return (
        str(x) if isinstance(x, (bool, np.bool_, str)) else f"{x:.{2 if abs(x) < TOLERANCE else 15}g}".replace("-", "−")
    )


def check(key: str, found: dict[str, Any], pictures: dict[str, Any] | None = None) -> System:
    """Put what was found of a system beside what is expected of it.

    Parameters
    ----------
    key
        The system's name, ``"K5"``; the section's heading begins with it.
    found
        Numbers, arrays and tables by name.
    pictures
        Figures of the engine or of matplotlib by file name, for the report.

    Raises
    ------
    AssertionError
        If a number differs, is missing or is not expected; the message lists them all.
    """
    expected = EXPECTED.get(key, {})
    rows = [Row(name, found.get(name), expected.get(name)) for name in {**found, **expected}]
    system = _tell(System(key, rows, pictures or {}, time.perf_counter() - _started))
    wrong = [] if LISTENERS else [row for row in rows if not row.agrees]
    assert not wrong, f"{key} is not as expected:\n" + "\n".join(
        f"{r.name}: {show(r.got)}, not {show(r.want)}" for r in wrong
    )
    return system


def leave_out(key: str, why: str) -> System:
    """Say that a system was not run here, and why."""
    return _tell(System(key, [], left_out=why))


def _tell(system: System) -> System:
    global _started
    FOUND.append(system)
    for listener in LISTENERS:
        listener(system)
    _started = time.perf_counter()  # what listeners do is no part of the next system
    return system


def mnist_folder() -> Path | None:
    """The folder with MNIST's four files, if ``MNIST_DIR`` names one."""
    folder = os.environ.get("MNIST_DIR")
    return Path(folder) if folder else None
