"""What the benchmarks share: interleaved timing, the spread of the samples, tables and gates."""

import gc
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple


class Spread(NamedTuple):
    """The samples of one case, in seconds a call: the least, the median, and the least of each turn."""

    least: float
    median: float
    turns: list[float]


def ratio(a: Spread, b: Spread) -> float:
    """How many times as long `a` takes as `b`: the median over the rounds, each of which compares neighbouring turns.

    A slow spell that lasts for seconds falls on both; the ratio of the least samples is wrong by a half where one case
    never ran in a quiet moment.
    """
    ratios = sorted(x / y for x, y in zip(a.turns, b.turns, strict=True))
    return ratios[len(ratios) // 2]


def interleaved(
    cases: dict[str, Callable[[], Any]], *, rounds: int, number: int = 1, collector: bool = False
) -> dict[str, Spread]:
    """Time each case in every round, in turns, so that a slow spell of the machine falls on all of them.

    A case's turn is `number` calls, each a sample. Without `collector`, Python's cyclic garbage is collected between
    turns only. What a call returns is freed outside its time.
    """
    samples: dict[str, list[list[float]]] = {name: [] for name in cases}
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
                turn: list[float] = []
                for _ in range(number):
                    start = perf_counter()
                    result = call()
                    turn.append(perf_counter() - start)
                    del result
                samples[name].append(turn)
    finally:
        if was_on:
            gc.enable()
        else:
            gc.disable()
    return {name: spread(turns) for name, turns in samples.items()}


def spread(turns: list[list[float]]) -> Spread:
    """The statistics of a case's samples."""
    every = sorted(s for turn in turns for s in turn)
    return Spread(every[0], every[len(every) // 2], [min(turn) for turn in turns])


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
