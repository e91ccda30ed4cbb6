"""Make the notebooks from their sources: each notebooks/NAME.py, run, as NAME.ipynb; ``--check`` compares their cells.

A notebook holds nothing that differs from run to run by itself (times, counters, random cell names), so that its
differences are those of its source and its results.
"""

import argparse
import io
import os
import re
import sys
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import numpy as np
from lessons import FOLDER
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from PIL import Image

LARGEST = 2_000_000  # bytes; GitHub shows no notebook that is much larger
COLOURS = 64  # of a graph's PNG
_PNG = re.compile(r'(src="data:image/png;base64,)([^"]+)')
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


def sources() -> list[Path]:
    """Every lesson's source: the files with cells."""
    return [path for path in sorted(FOLDER.glob("*.py")) if re.search(r"(?m)^# %%", path.read_text("utf-8"))]


def cells(source: Path) -> NotebookNode:
    """The notebook of a source, not run yet; a cell is named by what it holds."""
    notebook = jupytext.read(source)
    notebook.metadata = nbformat.from_dict(METADATA)
    names: dict[str, int] = {}
    for cell in notebook.cells:
        name = sha256(cell.source.encode()).hexdigest()[:8]
        names[name] = names.get(name, 0) + 1
        cell.id = f"{name}-{names[name]}"
        cell.metadata = NotebookNode()
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def make(source: Path, timeout: int) -> str:
    """Run a source's cells and write the notebook; says how it went."""
    notebook, path = cells(source), source.with_suffix(".ipynb")
    settings = {"timeout": timeout, "record_timing": False, "coalesce_streams": True}
    settings["resources"] = {"metadata": {"path": str(FOLDER)}}
    settings["extra_arguments"] = ["--log-level=ERROR"]  # not each kernel's warning that its messages are not encrypted
    NotebookClient(notebook, **settings).execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise ValueError(f"{path.name} would show what a cell wrote to stderr: {output.text.strip()}")
            if "data" in output:
                output.metadata = NotebookNode(_reduced(output.data))
    text = nbformat.writes(notebook) + "\n"
    if address := re.search(r".{0,60}( at 0x[0-9a-f]{6,}|/ipykernel_\d+)", text):
        raise ValueError(f"{path.name} would show an address, which differs each time: {address[0].strip()}")
    if len(text) > LARGEST:
        raise ValueError(f"{path.name} would have {len(text):,} bytes, over {LARGEST:,}; make its pictures smaller")
    path.write_text(text, "utf-8")
    return f"wrote {path.relative_to(FOLDER.parent)}, {len(text) // 1000} kB"


def _reduced(data: NotebookNode) -> dict[str, Any]:
    """Give the pictures of pixels in an output a palette; what to note beside it.

    A notebook that its reader does not trust yet displays them, and no SVG or frame.
    """
    if html := data.get("text/html"):
        data["text/html"] = _PNG.sub(lambda png: png[1] + b64encode(paletted(b64decode(png[2]))).decode(), html)
    if not {"image/svg+xml", "image/png"} <= data.keys():
        if "image/svg+xml" in data:
            raise ValueError(f"a picture has no PNG: {data.get('text/plain')}; make it smaller")
        return {}
    png = paletted(b64decode(data["image/png"]))
    data["image/png"] = b64encode(png).decode()
    width = re.search(r'<svg[^>]* width="([\d.]+)pt"', data["image/svg+xml"])
    return {"image/png": {"width": round(float(width[1]) * 96 / 72)}}  # as wide as the SVG


def paletted(png: bytes) -> bytes:
    """The picture in few colours, a fifth of its size: the flat ones as they are, edges in the nearest.

    Pillow's own ways merge pale colours, which tell the roles of nodes apart, or know no transparency.
    """
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    packed, places, counts = np.unique(
        np.asarray(image).view(np.uint32).ravel(), return_inverse=True, return_counts=True
    )
    colours = packed.view(np.uint8).reshape(-1, 4).astype(np.int64)
    seen = np.column_stack([colours[:, :3] * colours[:, 3:] // 255, colours[:, 3]])  # what is transparent has no colour
    chosen = np.array([np.argmax(counts)])
    wrong = ((seen - seen[chosen]) ** 2).sum(axis=1)
    while len(chosen) < COLOURS and (wrong * counts).any():
        worst = np.argmax(wrong * counts)
        chosen = np.append(chosen, worst)
        wrong = np.minimum(wrong, ((seen - seen[worst]) ** 2).sum(axis=1))
    nearest = ((seen[:, None] - seen[chosen]) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    reduced = Image.fromarray(nearest[places].reshape(image.size[::-1]), "P")
    palette = colours[chosen].astype(np.uint8)
    reduced.putpalette(palette[:, :3].tobytes())
    out = io.BytesIO()
    reduced.save(out, "png", optimize=True, transparency=palette[:, 3].tobytes())
    return out.getvalue()


def stale(source: Path) -> str:
    """Why a notebook is not what its source says; nothing if it is."""
    path = source.with_suffix(".ipynb")
    if not path.exists():
        return "has not been made"
    there = nbformat.read(path, as_version=4)
    sources = [(cell.cell_type, cell.source) for cell in cells(source).cells]
    if [(cell.cell_type, cell.source) for cell in there.cells] != sources:
        return "has other cells than its source"
    code = [cell for cell in there.cells if cell.cell_type == "code"]
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        return "was not run from its first cell to its last"
    if any(output.output_type == "error" for cell in code for output in cell.outputs):
        return "ends in an error"
    return ""


def main() -> int:
    """Make the notebooks, or compare them with their sources."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("name", nargs="*", help="notebooks to make; all of them otherwise")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a notebook's cells are not its source's")
    parser.add_argument("--stale", action="store_true", help="make only those whose cells are not their source's")
    parser.add_argument("--mnist", type=Path, metavar="DIR", help="a folder with MNIST's four files")
    parser.add_argument("--timeout", type=int, default=300, metavar="S", help="seconds a cell may take")
    options = parser.parse_args()
    chosen = [source for source in sources() if not options.name or source.stem in options.name]
    if missing := set(options.name) - {source.stem for source in chosen}:
        parser.error(f"no such source in {FOLDER}: {', '.join(sorted(missing))}")
    if options.check:
        problems = {source.with_suffix(".ipynb").name: stale(source) for source in chosen}
        if not options.name:
            expected = {source.with_suffix(".ipynb") for source in chosen}
            problems |= {path.name: "has no source" for path in set(FOLDER.glob("*.ipynb")) - expected}
        for name, why in sorted(problems.items()):
            if why:
                print(f"notebooks/{name} {why}; run python scripts/notebooks.py --stale", file=sys.stderr)
        return int(any(problems.values()))
    if options.stale:
        chosen = [source for source in chosen if stale(source)]
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["PYTHONWARNINGS"] = "ignore:Creating legend:UserWarning"  # which matplotlib says on a busy machine
    if options.mnist:
        os.environ["MNIST_DIR"] = str(options.mnist.resolve())
    failed = False
    with ThreadPoolExecutor(2) as pool:
        futures = {source: pool.submit(make, source, options.timeout) for source in chosen}
        for source, future in futures.items():
            try:
                print(future.result())
            except (CellExecutionError, ValueError) as error:
                failed = True
                print(f"{source.name} fails: {error}", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
