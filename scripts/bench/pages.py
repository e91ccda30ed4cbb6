"""Pages: what the playground, the stepper and the replay of a graph take in a browser.

An epoch of the playground with everything that it draws, of 150 samples, one by one; a graph of 200 nodes computed
again, values and gradients, as a slider does; in the stepper of such a graph, none of it folded, a leaf moved and a
step. A move writes the formula and what is seen of the picture and of the list; times include the page's new layout.

    python scripts/bench/pages.py [--quick]
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
from autograd.viz.javascript import script_safe
from autograd.viz.page_program import program

EPOCH, REPLAY, MOVE = 25.0, 16.0, 16.0  # milliseconds
NETS = ("4-3", "8-8-8")
# The drawing of a frame ends when the next one begins.
TIMED = """async (rounds) => {
  const times = [];
  for (let k = 0; k < rounds; k++) {
    const start = performance.now();
    training.forth("epoch");
    draw();
    document.body.getBoundingClientRect();
    times.push(performance.now() - start);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""
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


def chain(count: int) -> Value:
    """A graph of about so many nodes."""
    leaves = [Value(0.1 * k, f"x{k}") for k in range(8)]
    y = leaves[0]
    while len(graph.toposort(y)) < count:
        y = (y * leaves[len(graph.toposort(y)) % 8]).tanh()
    return y


def epochs(browser: Any, hidden: str, rounds: int) -> list[float]:
    """The milliseconds of each epoch of a net, drawn."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    with tempfile.TemporaryDirectory() as folder:
        path = viz.playground(data="spiral").save(Path(folder) / "page.html")
        page.goto(f"{path.as_uri()}#data=spiral&hidden={hidden}")
        page.evaluate(TIMED, 5)
        times: list[float] = page.evaluate(TIMED, rounds)
    page.close()
    return times


def replays(browser: Any, count: int, rounds: int) -> list[float]:
    """The milliseconds of each run of a graph."""
    written = program(chain(count))
    page = browser.new_page()
    page.set_content(f"<script>{written.script}\nconst graph = replayer({script_safe(written.data)}, ops);</script>")
    run = """(rounds) => [...Array(rounds)].map((_, k) => {
      graph.set(0, 0, k / rounds);
      const start = performance.now();
      for (let i = 0; i < 10; i++) graph.run();
      return (performance.now() - start) / 10;
    })"""
    page.evaluate(run, 5)
    times: list[float] = page.evaluate(run, rounds)
    page.close()
    return times


def wide_net() -> Value:
    """The loss of a net 2-8-5-1 of scalars on one sample, of 218 nodes."""
    rng = np.random.default_rng(0)
    h = [Value(v, requires_grad=False) for v in rng.normal(size=2)]
    for width in (8, 5, 1):
        rows = [[Value(w) for w in row] for row in rng.normal(size=(width, len(h)))]
        h = [tanh(sum((w * v for w, v in zip(row, h, strict=True)), Value(0.1))) for row in rows]
    return (h[0] - 1.0) ** 2


def moves_and_steps(browser: Any, y: Value, rounds: int) -> tuple[list[float], list[float]]:
    """The milliseconds of each move of a leaf in a graph's stepper, and of each step."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    with tempfile.TemporaryDirectory() as folder:
        page.goto(viz.stepper(y, limit=None).save(Path(folder) / "page.html").as_uri())
        page.evaluate(MOVES, 5)
        times = page.evaluate(MOVES, rounds), page.evaluate(STEPS, rounds)
    page.close()
    return times


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 10 if parser.parse_args().quick else 60
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("no chromium on the PATH", file=sys.stderr)
        return 2
    gates = Gates()
    rows: list[list[str]] = []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for hidden in NETS:
            times = epochs(browser, hidden, rounds)
            rows.append([f"an epoch of 2-{hidden}-1", f"{statistics.median(times):.1f}", f"{max(times):.1f}"])
            if hidden == NETS[0]:
                gates.check(f"an epoch, drawn: {rows[-1][1]} ms, at most {EPOCH:g}", statistics.median(times) <= EPOCH)
        for count in (200, 2000):
            times = replays(browser, count, rounds)
            rows.append([f"a graph of {count} nodes again", f"{statistics.median(times):.2f}", f"{max(times):.2f}"])
            if count == 200:
                gates.check(f"200 nodes: {rows[-1][1]} ms, at most {REPLAY:g}", statistics.median(times) <= REPLAY)
        y = wide_net()
        moves, shown = moves_and_steps(browser, y, rounds)
        for what, times in (("a leaf moved", moves), ("a step", shown)):
            rows.append([f"{what} in a stepper", f"{statistics.median(times):.1f}", f"{max(times):.1f}"])
        text = f"a leaf moved among {len(graph.toposort(y))} nodes: {statistics.median(moves):.1f} ms, at most {MOVE:g}"
        gates.check(text, statistics.median(moves) <= MOVE)
        browser.close()
    print(table(["milliseconds", "median", "largest"], rows), end="\n\n")
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
