"""The stepper's page: what it takes in a browser when a leaf is moved, and when one steps.

A graph of some 200 nodes, none of them folded. A move computes every value and every gradient anew, and writes the
formula and what is seen of the picture and of the list; its time includes the page's new layout.

    python scripts/bench/stepper.py [--quick]
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright
from timing import Gates, table

from autograd import Value, graph, tanh, viz

MOVE = 16.0  # milliseconds, so that a drag is smooth
# What waits until no other move follows is left out: a next one comes first while somebody drags.
MOVES = """async (rounds) => {
  const times = [];
  show(Math.floor(data.steps.length * 0.8));
  for (let k = 0; k < rounds; k++) {
    const start = performance.now();
    live.set(movable[0].node, 0, Math.sin(k));
    compute();
    refresh(true);
    document.body.getBoundingClientRect();
    times.push(performance.now() - start);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""
STEPS = """async (rounds) => {
  const times = [];
  for (let k = 0; k < rounds; k++) {
    const start = performance.now();
    show(Math.floor(data.steps.length * (0.5 + k / 2 / rounds)));
    document.body.getBoundingClientRect();
    times.push(performance.now() - start);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""


def net() -> Value:
    """The loss of a net 2-8-5-1 of scalars on one sample, of 218 nodes."""
    rng = np.random.default_rng(0)
    h = [Value(v, requires_grad=False) for v in rng.normal(size=2)]
    for width in (8, 5, 1):
        rows = [[Value(w) for w in row] for row in rng.normal(size=(width, len(h)))]
        h = [tanh(sum((w * v for w, v in zip(row, h, strict=True)), Value(0.1))) for row in rows]
    return (h[0] - 1.0) ** 2


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 20 if parser.parse_args().quick else 100
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("no chromium on the PATH", file=sys.stderr)
        return 2
    gates = Gates()
    rows: list[list[str]] = []
    with sync_playwright() as started, tempfile.TemporaryDirectory() as folder:
        browser: Any = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        y = net()
        page.goto(viz.stepper(y, limit=None).save(Path(folder) / "page.html").as_uri())
        page.evaluate(MOVES, 5)
        for what, script in {"a leaf moved": MOVES, "a step": STEPS}.items():
            times: list[float] = page.evaluate(script, rounds)
            rows.append([what, f"{statistics.median(times):.1f}", f"{max(times):.1f}"])
            if script is MOVES:
                count = len(graph.toposort(y))
                gates.check(f"{count} nodes: {rows[-1][1]} ms, at most {MOVE:g}", statistics.median(times) <= MOVE)
        browser.close()
    print(table(["milliseconds", "median", "largest"], rows), end="\n\n")
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
