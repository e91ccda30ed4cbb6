"""What the benchmarks share: interleaved timing, the spread of the samples, tables and gates."""

import gc
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple


class Spread(NamedTuple):
    """The samples of one case, in seconds a call. The least is what the code costs, the rest is the machine's noise."""

    least: float
    median: float


def interleaved(
    cases: dict[str, Callable[[], Any]], *, rounds: int, number: int = 1, collector: bool = False
) -> dict[str, Spread]:
    """Time each case in every round, in turns, so that a slow spell of the machine falls on all of them.

    A case's turn is `number` calls, each a sample. Without `collector`, Python's cyclic garbage is collected between
    turns only. What a call returns is freed outside its time.
    """
    samples: dict[str, list[float]] = {name: [] for name in cases}
    was_on = gc.isenabled()
    for call in cases.values():
        call()
    try:
        for _ in range(rounds):
            for name, call in cases.items():
                gc.collect()
                if collector:
                    gc.enable()
                else:
                    gc.disable()
                for _ in range(number):
                    start = perf_counter()
                    result = call()
                    samples[name].append(perf_counter() - start)
                    del result
    finally:
        if was_on:
            gc.enable()
        else:
            gc.disable()
    return {name: Spread(min(s), sorted(s)[len(s) // 2]) for name, s in samples.items()}


def table(head: list[str], rows: list[list[str]]) -> str:
    """Rows under a head: the first column to the left, the others to the right."""
    cells = [head, ["-" * len(h) for h in head], *rows]
    widths = [max(len(row[k]) for row in cells) for k in range(len(head))]
    return "\n".join(
        "  ".join(c.rjust(w) if k else c.ljust(w) for k, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in cells
    )


class Gates:
    """Requirements met and missed; prints each, and gives the exit status."""

    def __init__(self) -> None:
        self.missed = 0

    def check(self, what: str, ok: bool) -> None:
        """Print whether a requirement is met."""
        self.missed += not ok
        print(f"{'PASS' if ok else 'FAIL'}  {what}")

    def status(self) -> int:
        """0 if all are met."""
        return 1 if self.missed else 0
