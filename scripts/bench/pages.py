"""Pages: what the playground and the replay of a graph take in a browser.

An epoch of the playground with everything that it draws, of 150 samples, one by one; a graph of 200 nodes computed
again, values and gradients, as a slider does.

    python scripts/bench/pages.py [--quick]
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from timing import Gates, table

from autograd import Value, graph, viz
from autograd.viz.javascript import script_safe
from autograd.viz.page_program import program

EPOCH, REPLAY = 25.0, 16.0  # milliseconds
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
        browser.close()
    print(table(["milliseconds", "median", "largest"], rows), end="\n\n")
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
