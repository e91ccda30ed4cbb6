"""Extras: how many gigabytes each adds to the engine alone, in environments that are made and thrown away.

Needs a network, and for all of them minutes and some gigabytes of the temporary folder.

    python scripts/bench/extras.py [EXTRA ...] [--numbers FILE]
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

from record import add_option, record
from timing import table

ROOT = Path(__file__).resolve().parents[2]
GIGABYTE = 1e9
ALONE = "alone"  # the key of the engine without an extra


def size(folder: Path) -> int:
    """The bytes of the files in a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def installed(extra: str) -> int:
    """The bytes that a new environment has with the package and an extra ("": none), pip not counted."""
    folder = Path(tempfile.mkdtemp(prefix="extras"))
    try:
        venv.create(folder, with_pip=True)
        before = size(folder)
        python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, f"{ROOT}[{extra}]" if extra else str(ROOT)], check=True)
        return size(folder) - before
    finally:
        shutil.rmtree(folder)


def main() -> int:
    """Install, measure and print."""
    extras = list(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("extras", nargs="*", metavar="EXTRA", help="which; all by default")
    add_option(parser)
    options = parser.parse_args()
    if unknown := set(options.extras) - set(extras):
        parser.error(f"there is no extra {', '.join(sorted(unknown))}; there are {', '.join(extras)}")
    alone = installed("")
    sizes = {ALONE: alone}
    for extra in options.extras or extras:
        sizes[extra] = installed(extra) - alone
        print(f"{extra}: {sizes[extra] / GIGABYTE:.3f} GB", file=sys.stderr)
        record(options.numbers, {f"extras.{name}": (n / GIGABYTE, ".2f") for name, n in sizes.items()})
    print(table(["extra", "GB"], [[name, f"{n / GIGABYTE:.3f}"] for name, n in sizes.items()]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
