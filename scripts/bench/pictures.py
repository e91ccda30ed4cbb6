"""Pictures: what drawing adds to Graphviz's own time, how long a large graph takes to fold, and to write as text.

The graphs are those of nets of scalars, after a backward pass. A drawing is made whole (``limit=None``) and rendered;
beside it, `dot` alone renders the same text, as a subprocess both times.

    python scripts/bench/pictures.py [--quick]
    python scripts/bench/pictures.py --peers [--out FOLDER]      # instead: pictures beside those of the peers
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import numpy as np
import picture_peers
from picture_graphs import cases, ours
from timing import Gates, interleaved, ratio, table

from autograd import Value, graph, tanh, viz

LIMIT = 2.0  # times Graphviz's own time
FOLDED, UNROLLED, EXPORTED = 5.0, 1.0, 10.0  # seconds
SIZES = {"20 nodes": (1, 1), "200 nodes": (4, 4), "2000 nodes": (20, 11)}  # samples and width of a net
TEXTS: dict[str, Callable[[Value], Any]] = {
    "to_dict": graph.to_dict,
    "to_json": graph.to_json,
    "to_dot, folded": graph.to_dot,
    "to_dot, whole": lambda y: graph.to_dot(y, limit=None),
    "to_mermaid": graph.to_mermaid,
    "to_latex": graph.to_latex,
    "viz.text": lambda y: viz.text(y, limit=None),
    "str(stats)": lambda y: str(graph.stats(y)),
}


def net(samples: int, width: int) -> Value:
    """The loss of a 2-width-1 net of scalars, after a backward pass."""
    rng = np.random.default_rng(0)
    hidden = [[Value(w) for w in rng.normal(size=2)] for _ in range(width)]
    last = [Value(w) for w in rng.normal(size=width)]
    loss = Value(0.0, requires_grad=False)
    for a, b in rng.normal(size=(samples, 2)):
        h = [tanh(v * a + w * b) for v, w in hidden]
        loss = loss + (sum(v * x for v, x in zip(last, h, strict=True)) - 1.0) ** 2
    loss.backward()
    return loss


def rendered(source: str) -> bytes:
    """What `dot` alone makes of a text."""
    return subprocess.run(["dot", "-Tsvg"], input=source.encode(), capture_output=True, check=True).stdout


def drawn(gates: Gates, rounds: int) -> list[list[str]]:
    """Draw graphs of each size beside `dot` alone."""
    rows = []
    for name, size in SIZES.items():
        y = net(*size)
        source = viz.draw(y, limit=None).source
        cases = {"draw": lambda y=y: viz.draw(y, limit=None).svg, "dot": lambda source=source: rendered(source)}
        timings = interleaved(cases, rounds=rounds)
        times = ratio(timings["draw"], timings["dot"])
        rows.append(
            [
                f"{name} ({graph.stats(y).nodes})",
                *(f"{1e3 * timings[case].median:.1f}" for case in cases),
                f"{times:.2f}",
            ]
        )
        gates.check(f"{name}: {times:.2f} times dot alone, at most {LIMIT:g}", times <= LIMIT)
    return rows


def taken(call: Callable[[], Any]) -> tuple[float, float]:
    """Seconds by the clock, and of this process's own work."""
    clock, own = perf_counter(), process_time()
    call()
    return perf_counter() - clock, process_time() - own


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, and texts of 10,000 nodes")
    parser.add_argument("--peers", action="store_true", help="draw and measure graphs beside the peers; no gates")
    parser.add_argument("--out", type=Path, help="the folder to write the peers' pictures to; by default none is kept")
    options = parser.parse_args()
    if options.peers:
        with TemporaryDirectory() as folder:
            picture_peers.main(options.out or Path(folder))
        return 0
    quick = options.quick
    gates = Gates()

    rows = drawn(gates, 5 if quick else 15)
    print(table(["milliseconds", "draw", "dot alone", "ratio"], rows), end="\n\n")

    many = net(100, 6)
    nodes = graph.stats(many).nodes
    seconds, _ = taken(lambda: viz.draw(many).svg)
    recurrent, _ = ours(cases()["RNN, 8 steps"])
    unrolled, _ = taken(lambda: viz.draw(recurrent).svg)
    gates.check(f"a recurrent net of 8 steps: {unrolled:.2f} s, at most {UNROLLED:g}", unrolled <= UNROLLED)
    gates.check(f"{nodes:,} nodes, folded and rendered: {seconds:.2f} s, at most {FOLDED:g}", seconds <= FOLDED)

    large = net(100 if quick else 1000, 12)
    nodes = graph.stats(large).nodes
    times = {name: taken(lambda write=write: write(large)) for name, write in TEXTS.items()}
    rows = [[name, f"{seconds:.2f}", f"{own:.2f}"] for name, (seconds, own) in times.items()]
    print(table([f"{nodes:,} nodes as text", "seconds", "own"], rows), end="\n\n")
    slowest = max(own for _, own in times.values())
    gates.check(f"{nodes:,} nodes as text: {slowest:.1f} s of own work, at most {EXPORTED:g}", slowest <= EXPORTED)
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
