"""Imports: what ``import autograd`` costs on top of ``import numpy``, and what it must not pull in.

Fresh interpreters, in turns with a bare ``import numpy``; the least of the repetitions counts.

    python scripts/bench/imports.py [--quick] [--numbers FILE]
"""

import argparse
import os
import subprocess
import sys
from time import perf_counter

from record import add_option, record
from timing import Gates, spread, table

LIMIT = 50.0  # milliseconds
FORBIDDEN = ["matplotlib", "pygraphviz", "IPython", "hypothesis", "numba", "torch"]

INSIDE = "import numpy; from time import perf_counter; t = perf_counter(); import autograd; print(perf_counter() - t)"
LOADED = "import autograd, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"


def python(code: str, *options: str) -> tuple[float, subprocess.CompletedProcess[str]]:
    """Run a line in a fresh interpreter: seconds, and what came of it."""
    start = perf_counter()
    # As users have it: with cached bytecode (some test machines switch that off, and then every import compiles anew).
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *options, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return perf_counter() - start, done


def slowest(limit: int) -> list[list[str]]:
    """The modules that take most by themselves, by ``-X importtime``, of those that numpy has not loaded already."""
    code = "import numpy; import sys; print('here', file=sys.stderr); import autograd"
    times = []
    for line in python(code, "-X", "importtime")[1].stderr.partition("here\n")[2].splitlines():
        own, _, name = (part.strip() for part in line.removeprefix("import time:").split("|"))
        times.append((int(own) / 1e3, name))
    return [[name, f"{own:.1f}"] for own, name in sorted(times, reverse=True)[:limit]]


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    add_option(parser)
    options = parser.parse_args()
    rounds = 3 if options.quick else 25

    inside, alone, both = [], [], []
    python("import numpy, autograd")  # writes the compiled files
    for _ in range(rounds):
        alone.append(python("import numpy")[0])
        both.append(python("import numpy, autograd")[0])
        inside.append(float(python(INSIDE)[1].stdout))
    rows = []
    for name, samples in [
        ("python -c 'import numpy'", alone),
        ("python -c 'import numpy, autograd'", both),
        ("import autograd, after numpy", inside),
    ]:
        s = spread([[sample] for sample in samples])
        rows.append([name, f"{1e3 * s.least:.1f}", f"{1e3 * s.median:.1f}"])
    print(table(["milliseconds", "min", "median"], rows), end="\n\n")
    print(table(["slowest modules", "own ms"], slowest(8)), end="\n\n")
    gates = Gates()
    cost = 1e3 * min(inside)
    gates.check(f"import autograd after numpy: {cost:.1f} ms, at most {LIMIT:.0f}", cost <= LIMIT)
    loaded = set(python(LOADED)[1].stdout.split())
    pulled = [name for name in FORBIDDEN if name in loaded]
    gates.check(f"pulls in none of {', '.join(FORBIDDEN)}{': ' + ', '.join(pulled) if pulled else ''}", not pulled)
    record(options.numbers, {"imports.milliseconds": (cost, ".0f")})
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
