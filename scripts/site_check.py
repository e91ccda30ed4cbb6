"""Check the built site: links, entries of public names, alt texts, and every page in a browser; faults are listed.

Every page is opened in Chromium at the widths of a phone and of a laptop, in light and in dark colours: nothing is
wider than the screen, nothing is asked of another host, nothing fails. The search answers questions as listed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "docs" / "questions.txt"
WIDTHS = (390, 1280)
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class Page(HTMLParser):
    """The anchors of a page, what it links to, and the images with no alternative text but perhaps their path."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.mute_images: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.anchors |= {value for key in ("id", "name") if (value := named.get(key))}
        self.links += [value for key in ("href", "src", "data") if (value := named.get(key))]
        if tag == "img" and (named.get("alt") or "").strip() in ("", named.get("src")):
            self.mute_images.append(named.get("src") or "")


def pages(site: Path) -> dict[Path, Page]:
    """The pages of a site by their paths, without the listings of source code."""
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}


def broken_links(read: dict[Path, Page]) -> Iterator[str]:
    """The links within the site that lead nowhere, by their pages."""
    for path, page in read.items():
        for link in dict.fromkeys(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                yield f"{path}: no file {link}"
            elif target in read and parts.fragment and unquote(parts.fragment) not in read[target].anchors:
                yield f"{path}: no anchor {link}"


def mute_images(read: dict[Path, Page]) -> Iterator[str]:
    """The images without an alternative text, by their pages."""
    yield from (f"{path}: no alt text of {src[:60]}" for path, page in read.items() for src in page.mute_images)


def missing_entries(site: Path) -> Iterator[str]:
    """The public names that have no entry in the site's inventory."""
    from sphinx.util.inventory import InventoryFile

    sys.path.insert(0, str(ROOT / "docs"))
    site_reference = import_module("site_reference")
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    entries = {name for kind in inventory.data if kind.startswith("py:") for name in inventory.data[kind]}
    for name in site_reference.MODULES:
        yield from (
            f"no entry of {name}.{public}"
            for public in site_reference.names(import_module(name))
            if f"{name}.{public}" not in entries
        )


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address at which the site is served on this machine."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def browser() -> Iterator[Any]:
    """A Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield chromium
        chromium.close()


def seen_faults(site: Path, read: Iterable[Path]) -> Iterator[str]:
    """What is wrong with pages in a browser, by their names."""
    names = [path.relative_to(site).as_posix() for path in read]
    with served(site) as address, browser() as chromium:
        for width in WIDTHS:
            tab = chromium.new_context(viewport={"width": width, "height": 800}).new_page()
            faults = watched(tab, address)
            for name in names:
                if name.startswith("_modules/") or name == "index.html":  # listings, and what leads on at once
                    continue
                tab.emulate_media(color_scheme="light")
                tab.goto(f"{address}/{name}", wait_until="load")
                for theme in ("light", "dark"):
                    tab.emulate_media(color_scheme=theme)
                    reach = tab.evaluate("Math.max(document.scrollingElement.scrollWidth, document.body.scrollWidth)")
                    if reach > width + 1:
                        faults.append(f"{reach} px wide in {theme} colours")
                yield from (f"{name} at {width} px: {fault}" for fault in faults)
                faults.clear()


def watched(tab: Any, address: str) -> list[str]:
    """A list to which all that goes wrong in a tab is added from now on."""
    faults: list[str] = []
    local = (address, "data:", "blob:", "about:")
    tab.on("request", lambda asked: None if asked.url.startswith(local) else faults.append(f"asks for {asked.url}"))
    tab.on("response", lambda reply: faults.append(f"{reply.status} {reply.url}") if reply.status >= 400 else None)
    tab.on("console", lambda said: faults.append(f"console: {said.text}") if said.type == "error" else None)
    tab.on("pageerror", lambda error: faults.append(f"error: {error}"))
    return faults


def unanswered(site: Path, questions: str) -> Iterator[str]:
    """The questions whose page is neither the first nor the second answer of the site's search."""
    with served(site) as address, browser() as chromium:
        tab = chromium.new_page()
        for line in questions.splitlines():
            question, arrow, expected = (part.strip() for part in line.partition("→"))
            if not arrow:
                continue
            tab.goto(f"{address}/search.html?{urlencode({'q': question})}")
            tab.wait_for_function("document.querySelector('.search-summary')?.innerText.match(/found|did not match/)")
            answers = tab.eval_on_selector_all(
                "#search-results li > a", "found => found.map(a => a.getAttribute('href'))"
            )
            if not any(page.strip() in answer for answer in answers[:2] for page in expected.split(" or ")):
                yield f"search: {question!r} should lead to {expected}, and leads to {answers[:3]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path, nargs="?", default=ROOT / "out" / "site")
    site = parser.parse_args().site.resolve()
    read = pages(site)
    faults = [*broken_links(read), *mute_images(read), *missing_entries(site)]
    if shutil.which("chromium"):
        faults += [*seen_faults(site, read), *unanswered(site, QUESTIONS.read_text(encoding="utf-8"))]
    else:
        print("no chromium: pages were not opened", file=sys.stderr)
    print(*faults, sep="\n")
    print(f"{len(read)} pages, {sum(len(p.links) for p in read.values())} links, {len(faults)} faults")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
