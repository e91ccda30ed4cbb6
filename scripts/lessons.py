"""The lessons' sources as data: each lesson's title, and the systems whose sections it has.

A lesson is a plain Python file of cells, ``# %%`` for code and ``# %% [markdown]`` for text, written as comments. A
system's section begins with a heading such as ``## K5 · The line``; its first paragraph says what the system is.
"""

import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
# A lesson for each of the five texts, by the letter of its systems.
TEXTS = {
    "K": "backpropagation",
    "C": "forward_and_backward",
    "N": "four_equations",
    "L": "worked_example",
    "G": "visual",
}
SYSTEMS = [f"{letter}{i}" for letter, n in zip("KCNLG", (8, 4, 7, 3, 6), strict=True) for i in range(1, n + 1)]

_HEADING = re.compile(r"##+ ([KCNLG]\d) · (.+)")


class Section(NamedTuple):
    """Where a lesson treats a system."""

    key: str
    title: str
    prose: str

    @property
    def anchor(self) -> str:
        """The heading's name in a link to the notebook, as GitHub and Jupyter make it."""
        return quote(f"{self.key} · {plain(self.title)}".replace(" ", "-"))


class Lesson(NamedTuple):
    """A lesson's name, title and systems, in their order."""

    name: str
    title: str
    sections: dict[str, Section]


def read(name: str, folder: Path = FOLDER) -> Lesson:
    """The lesson of that name; an error if it has no title, or two sections for one system."""
    title, sections = "", {}
    blocks = [block for cell in _texts((folder / f"{name}.py").read_text("utf-8")) for block in _blocks(cell)]
    for block, following in pairwise([*blocks, ""]):
        if block.startswith("# ") and not title:
            title = block[2:]
        elif heading := _HEADING.fullmatch(block):
            key = heading[1]
            if key in sections:
                raise ValueError(f"{name}.py has two sections for {key}; give the second another heading")
            sections[key] = Section(key, heading[2], "" if following.startswith("#") else following)
    if not title:
        raise ValueError(f"{name}.py has no title; begin its first text cell with '# # Title'")
    return Lesson(name, title, sections)


def _texts(source: str) -> list[str]:
    """The text cells, without the comments' signs."""
    cells = re.split(r"(?m)^# %%", source)[1:]
    return [
        "\n".join(re.sub(r"^# ?", "", line) for line in cell.splitlines()[1:])
        for cell in cells
        if cell.split("\n", 1)[0].strip() == "[markdown]"
    ]


def _blocks(cell: str) -> list[str]:
    """Headings and paragraphs, each in one line."""
    apart = re.sub(r"(?m)^(#+ .*)$", r"\n\1\n", cell)
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", apart) if block.strip()]


def plain(markdown: str) -> str:
    """A line of Markdown without its signs."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)|`([^`]*)`|\*+([^*]+)\*+|\$([^$]*)\$", lambda m: m[m.lastindex], markdown)
