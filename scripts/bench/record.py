"""Numbers for the pages: what a benchmark measured is merged into a file, from which scripts/measured.py writes them.

A script that measures what a page says takes ``--numbers FILE`` and calls :func:`record`. A key begins with the
script's name, so that everyone can see where a number comes from: ``scalars.speed`` is from scalars.py.
"""

import argparse
import datetime
import json
import math
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

# Paths differ from one machine to the next; in a command that a page shows they have these names.
PLACES = {"--python": "PEERS/bin/python", "--make-peers": "PEERS", "--casadi": "CASADI/bin/python"}


def add_option(parser: argparse.ArgumentParser) -> None:
    """Give a script its option ``--numbers``."""
    parser.add_argument("--numbers", type=Path, metavar="FILE", help="merge the pages' numbers into docs/numbers.json")


def record(path: Path | None, measured: Mapping[str, tuple[float, str]]) -> None:
    """Merge numbers into a file; what other scripts wrote there stays.

    Parameters
    ----------
    path : Path or None
        What ``--numbers`` named; without it nothing is written.
    measured : mapping
        By key the number and the format in which pages show it, such as ``".2f"``.
    """
    if path is None:
        return
    origin = {"command": command(), "machine": machine(), "date": datetime.date.today().isoformat()}
    records = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for key, (value, form) in measured.items():
        if not key.startswith(f"{Path(sys.argv[0]).stem}."):
            raise ValueError(f"{key}: begin the key with the name of the script that measures it")
        if not math.isfinite(value):
            raise ValueError(f"{key}: {value} is no measurement")
        text = format(value, form)
        records[key] = {"value": float(text), "text": text, **origin}
    path.write_text(json.dumps(dict(sorted(records.items())), indent=1, ensure_ascii=False) + "\n", "utf-8")


def command() -> str:
    """The command line that runs, as a page may show it: without ``--numbers``, and with names for paths."""
    words = [f"python scripts/bench/{Path(sys.argv[0]).name}"]
    for argument in sys.argv[1:]:
        name = argument.partition("=")[0]
        if name.startswith("--") and name != "--numbers":
            words.append(f"{name} {PLACES[name]}" if name in PLACES else argument)
    return " ".join(words)


def machine() -> str:
    """The processor's name, as the system has it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
