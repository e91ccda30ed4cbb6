"""The button "Run this" on the site: on which pages it is, and the wheels that the reader's browser loads."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ROOT = Path(__file__).parent.parent
PACKAGES = ("graphgrad", "graphviz")  # each in Python alone, and with no requirement but NumPy
WHEEL = "Wheel-Version: 1.0\nGenerator: graphgrad\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel_name(package: str) -> str:
    """The name of a package's wheel."""
    return f"{package}-{version(package)}-py3-none-any.whl"


def write_wheels(folder: Path) -> None:
    """Write the wheels: of the checkout, and of what is installed; nothing is fetched."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        info = f"{package}-{version(package)}.dist-info"
        content = {name: path.read_bytes() for name, path in _files(package)}
        content[f"{info}/METADATA"] = (distribution(package).read_text("METADATA") or "").encode()
        content[f"{info}/WHEEL"] = WHEEL.encode()
        record = "".join(f"{name},,\n" for name in [*content, f"{info}/RECORD"])
        content[f"{info}/RECORD"] = record.encode()
        with zipfile.ZipFile(folder / wheel_name(package), "w", zipfile.ZIP_DEFLATED) as wheel:
            for name, data in content.items():
                wheel.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


def _files(package: str) -> Iterator[tuple[str, Path]]:
    """The files of a package by their names in the wheel."""
    if package == "graphgrad":
        paths = sorted(path for part in ("autograd", "nn") for path in (ROOT / part).rglob("*") if path.is_file())
        yield from ((path.relative_to(ROOT).as_posix(), path) for path in paths if "__pycache__" not in path.parts)
        return
    for file in distribution(package).files or ():
        if file.parts[0] == package and file.suffix != ".pyc":
            yield str(file), Path(str(file.locate()))


def add_button(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Let a page load the script of the button, with the places of what it loads at a click."""
    if page in app.config.run_pages:
        places = {f"data-{name}": place for name, place in app.config.run_places.items()}
        wheels = " ".join([*app.config.run_pages[page], *map(wheel_name, PACKAGES)])
        app.add_js_file("run.js", loading_method="defer", **places, **{"data-packages": wheels})


def finish(app: Sphinx, error: Exception | None) -> None:
    """Put the wheels beside the scripts."""
    if error is None and app.config.run_pages:
        write_wheels(Path(app.outdir) / "_static")


def setup(app: Sphinx) -> dict[str, Any]:
    """Enter the configuration and the two steps at Sphinx."""
    app.add_config_value("run_pages", {}, "html", [dict])
    app.add_config_value("run_places", {}, "html", [dict])
    app.connect("html-page-context", add_button)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
