"""Layouts: how wide and how high nets in time are drawn, and how often arrows cross in both passes of random graphs.

Recurrent nets of 4 to 32 steps, open and rolled, by `viz.draw` and `viz.draw_backward`; random graphs of 5 to 60 values
in one layout for both passes, beside two rows.

    python scripts/bench/layouts.py [--quick]
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from timing import Gates, table

from autograd import Value, viz

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the tests draw these nets, and count crossings, too

from tests.helpers import recurrent
from tests.helpers.crossings import crossings

WIDE, HIGH, SHARE = 1100, 700, 0.5  # pixels, pixels when rolled, crossings as a part of those in two rows
NETS = {
    "RNN": recurrent.rnn, "RNN of scalars": recurrent.rnn_of_scalars, "GRU": recurrent.gru,
    "GRU of scalars": recurrent.gru_of_scalars,
}  # fmt: skip


def in_time(gates: Gates, lengths: tuple[int, ...]) -> list[list[str]]:
    """Width and height in pixels of each net and number of steps, for both functions, open and rolled."""
    rows = []
    for draw in (viz.draw, viz.draw_backward):
        for name, net in NETS.items():
            for steps in lengths:
                sizes = [[4 / 3 * x for x in draw(net(steps), limit=None, roll=roll)._size] for roll in (False, True)]
                what = f"{draw.__name__}, {name}, {steps} steps"
                rows.append([what, *(f"{w:.0f} × {h:.0f}" for w, h in sizes)])
                if max(w for w, _ in sizes) > WIDE or sizes[1][1] > HIGH:
                    gates.check(f"{what}: {rows[-1][1]}, rolled {rows[-1][2]}; at most {WIDE} wide, {HIGH}", False)
    return rows


def expression(rng: np.random.Generator) -> Value:
    """A graph of 5 to 60 values, each of which may be used again and again."""
    nodes = [Value(0.5 + i / 8, f"x{i}") for i in range(rng.integers(1, 6))]
    size = rng.integers(5, 61)
    while len(nodes) < size:
        a, b = (nodes[i] for i in rng.integers(0, len(nodes), 2))
        nodes.append([a + b, a * b, a - b, a / b, a.tanh(), (-a).exp()][rng.integers(6)])
    used = {id(p) for node in nodes for p in node.parents}
    return sum((node for node in nodes[:-1] if id(node) not in used and node.op), nodes[-1])


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer steps and graphs")
    quick = parser.parse_args().quick
    gates = Gates()
    rows = in_time(gates, (4, 8) if quick else (4, 8, 16, 32))
    print(table(["pixels", "open", "rolled"], rows), end="\n\n")
    rng, counts = np.random.default_rng(0), []
    for _ in range(8 if quick else 100):
        y = expression(rng)
        counts.append((crossings(viz.draw_backward(y)), crossings(viz.draw_backward(y, style="rows"))))
    cards, in_rows = np.array(counts).T
    worst = max((c / r for c, r in counts if r), default=0.0)
    print(f"{len(counts)} random graphs: {cards.sum():,} crossings, {in_rows.sum():,} in two rows")
    gates.check(f"worst share {worst:.2f}, at most {SHARE}", bool(np.all(cards <= SHARE * in_rows)))
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
