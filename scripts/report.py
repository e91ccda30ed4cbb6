"""The results of the lessons, as text for a terminal and as a page that needs nothing but itself."""

import re
from html import escape
from pathlib import Path
from typing import Any

import matplotlib as mpl
from lessons import Lesson, Section, plain
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser
from matplotlib.textpath import TextPath
from running import Picture, Result, Row

SIZE, EM = 16, 14  # points: a formula is drawn in SIZE for a text of EM, whose letters are larger
# How matplotlib writes what LaTeX writes otherwise: it wants braces, has one kind of bars and one size of brackets.
DIALECT = (
    (r"\\frac\s*(\w)\s*(\w)", r"\\frac{\1}{\2}"),
    (r"(\\sqrt(?:\[\w+\])?)\s*(\\[a-zA-Z]+|\w)", r"\1{\2}"),
    (r"\\[lr]([vV]ert)(?![a-zA-Z])", r"\\\1 "),
    (r"\\[bB]igg?[lr]?(?![a-zA-Z])", ""),
    (r"\\tag\{(\w+)\}", r"\\qquad (\\mathrm{\1})"),
)
WIDE = 560  # points of a graph, pixels of a plot: what is wider scrolls on a phone


def data(result: Result) -> dict[str, Any]:
    """A result as JSON holds it."""
    fields = ("name", "found", "expected", "agrees", "texts")
    rows = [dict(zip(fields, row, strict=True)) for row in result.rows]
    return {"rows": rows, "seconds": round(result.seconds, 2), "left_out": result.left_out}


def agreement(results: list[Result]) -> str:
    """How many of all numbers and tables are as expected."""
    agree = [row.agrees for result in results for row in result.rows]
    systems = sum(not result.left_out for result in results)
    return f"{sum(agree)} of {len(agree)} numbers and tables of {systems} systems agree"


def line(result: Result) -> str:
    """A system in a line."""
    if result.left_out:
        return f"{result.key} left out"
    agree = [row.agrees for row in result.rows]
    return f"{result.key} {_mark(all(agree))} {sum(agree)} of {len(agree)}, {result.seconds:.1f} s"


def text(section: Section, result: Result) -> str:
    """A system in aligned columns."""
    lines = [f"{section.key} · {plain(section.title)}"]
    if result.left_out:
        return f"{lines[0]}\n  left out: {result.left_out}\n"
    numbers = [row for row in result.rows if not _is_long(row)]
    if numbers:
        body = [("", "found", "expected", "")]
        body += [(row.name, *row.texts, _mark(row.agrees)) for row in numbers]
        widths = [max(len(cells[i]) for cells in body) for i in range(3)]
        for name, got, want, mark in body:
            lines.append(f"  {name:<{widths[0]}}  {got:>{widths[1]}}  {want:>{widths[2]}}  {mark}".rstrip())
    for row in filter(_is_long, result.rows):
        lines.append(f"  {row.name}  {_mark(row.agrees)}")
        lines += [f"    {label:<8}  {written}" for label, written in zip(("found", "expected"), row.texts, strict=True)]
    return "\n".join(lines) + "\n"


def _mark(agrees: bool) -> str:
    return "✓" if agrees else "✗"


def _is_long(row: Row) -> bool:
    """Whether it would make its column too wide."""
    return max(map(len, row.texts)) > 40


def _is_table(row: Row) -> bool:
    """Whether it is a matrix: numbers in rows and columns."""
    return isinstance(row.got, list) and len(row.got) > 0 and all(isinstance(each, list) for each in row.got)


def page(texts: list[Lesson], results: dict[str, Result], wrong: list[str], seconds: float) -> str:
    """All systems as one HTML file: pictures inline, nothing loaded; only what can be stepped through has a script."""
    verdict = f"✗ Not as expected: {'; '.join(wrong)}." if wrong else f"✓ {agreement(list(results.values()))}."
    left_out = [result.key for result in results.values() if result.left_out]
    if left_out:
        verdict += f" Left out: {', '.join(left_out)}."
    parts = {
        "style": _file("report.css"),
        "verdict": escape(verdict),
        "verdict_class": "bad" if wrong else "good",
        "seconds": f"{seconds:.0f}",
        "contents": "".join(_contents(text, results) for text in texts),
        "texts": "".join(_text(text, results) for text in texts),
    }
    return re.sub(r"\{(\w+)\}", lambda slot: parts[slot[1]], _file("report.html"))


def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def _contents(text: Lesson, results: dict[str, Result]) -> str:
    items = "".join(
        f'<li>{_grade(results.get(key))}<a href="#{key}">{_key(section)} {_prose(section.title)}</a></li>'
        for key, section in text.sections.items()
    )
    return f"<div><h2>{_prose(text.title)}</h2><ul>{items}</ul></div>"


def _key(section: Section) -> str:
    return f'<span class="key">{section.key}</span>'


def _text(text: Lesson, results: dict[str, Result]) -> str:
    sections = "".join(_section(section, results[key]) for key, section in text.sections.items() if key in results)
    return f'<article><h2 class="text">{_prose(text.title)}</h2>{sections}</article>'


def _grade(result: Result | None) -> str:
    if result is None:
        return '<span class="bad">✗</span>'
    if result.left_out:
        return '<span class="soft">–</span>'
    return _judged(all(row.agrees for row in result.rows))


def _judged(agrees: bool) -> str:
    return f'<span class="{"good" if agrees else "bad"}">{_mark(agrees)}</span>'


def _section(section: Section, result: Result) -> str:
    heading = f"<h3>{_key(section)} {_prose(section.title)}</h3>"
    parts = [f'<section id="{section.key}">{heading}<p>{_prose(section.prose)}</p>']
    if result.left_out:
        return f'{"".join(parts)}<p class="soft">Left out: {escape(result.left_out)}.</p></section>'
    pictures = [picture for picture in result.pictures if picture.kind != "steps"]
    if pictures:
        drawn = (_picture(picture, f"{section.key}, {i}: ") for i, picture in enumerate(pictures, 1))
        parts.append(f'<div class="pictures">{"".join(drawn)}</div>')
    parts += [f'<div class="steps">{p.html}</div>' for p in result.pictures if p.kind == "steps"]
    numbers = [row for row in result.rows if not _is_table(row)]
    if numbers:
        head = "<thead><tr><th>number</th><th>found</th><th>expected</th><td></td></tr></thead>"
        parts.append(f'<table class="numbers">{head}<tbody>{"".join(map(_number, numbers))}</tbody></table>')
    parts += map(_matrices, filter(_is_table, result.rows))
    return f'{"".join(parts)}<p class="soft">{result.seconds:.1f} s</p></section>'


def _picture(picture: Picture, place: str) -> str:
    """A picture that shrinks with the page; a graph not below what can be read: then it scrolls."""
    label = f'aria-label="{escape(place + picture.description)}"'
    hint = '<p class="hint">The picture scrolls sideways.</p>'
    if picture.kind == "plot":
        wide = int(re.search(r'width="(\d+)"', picture.html)[1]) > WIDE
        return f'{hint if wide else ""}<figure class="plot" tabindex="0" role="region" {label}>{picture.html}</figure>'
    head, bracket, rest = picture.html.partition(">")
    width = float(re.search(r'viewBox="\S+ \S+ (\S+) ', head)[1])
    head = re.sub(r'style="[^"]*"', f'style="width:100%;min-width:{0.65 * width:.0f}pt;height:auto"', head, count=1)
    figure = f'<figure tabindex="0" role="region" {label} style="width:min({width:.0f}pt,100%)">'
    return f"{hint if width > WIDE else ''}{figure}{head}{bracket}{rest}</figure>"


def _number(row: Row) -> str:
    got, want = map(escape, row.texts)
    kind = ' class="long"' if _is_long(row) else ""
    return (
        f'<tr{kind}><th>{escape(row.name)}</th><td data-is="found">{got}</td><td data-is="expected">{want}</td>'
        f'<td class="mark">{_judged(row.agrees)}</td></tr>'
    )


def _matrices(row: Row) -> str:
    """Two tables side by side, or one where the expected one is not of that kind."""
    both = [("found", row.got, row.texts[0]), ("expected", row.want, row.texts[1])]
    tables = "".join(_matrix(caption, table, text) for caption, table, text in both)
    return f'<h4>{escape(row.name)} {_judged(row.agrees)}</h4><div class="pair">{tables}</div>'


def _matrix(caption: str, table: Any, text: str) -> str:
    if isinstance(table, dict):
        table = table.get("is")
    if not (isinstance(table, list) and all(isinstance(cells, list) for cells in table)):
        table = [[text]]
    body = "".join(f"<tr>{''.join(f'<td>{_entry(x)}</td>' for x in cells)}</tr>" for cells in table)
    return f'<table class="matrix"><caption>{caption}</caption>{body}</table>'


def _entry(x: Any) -> str:
    return escape(f"{x:.12g}".replace("-", "−") if isinstance(x, (int, float)) else str(x))


def _prose(markdown: str) -> str:
    """A paragraph of a lesson as HTML: code, emphasis and formulas stay, a link becomes its text."""
    parts = re.split(r"(\${1,2}[^$]+\${1,2}|`[^`]+`)", markdown)
    return "".join(_formula(p) if p[:1] == "$" else _code(p) if p[:1] == "`" else _words(p) for p in parts)


def _code(markdown: str) -> str:
    return f"<code>{escape(markdown.strip('`'))}</code>"


def _words(markdown: str) -> str:
    html = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", escape(markdown, quote=False))
    html = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html)
    html = re.sub(r"(?<![\w*])\*([^*\s][^*]*)\*(?!\w)", r"<em>\1</em>", html)
    return re.sub(r"(?<=\d)-(?=\d)", "\N{NON-BREAKING HYPHEN}", html)


def _formula(tex: str) -> str:
    """A formula of LaTeX as a drawing in the page's ink, on the line of the text."""
    tex = f"${tex.strip('$')}$"
    for written, known in DIALECT:
        tex = re.sub(written, known, tex)
    try:
        with mpl.rc_context({"mathtext.fontset": "cm"}):
            outline = TextPath((0, 0), tex, size=SIZE)
            width, height, depth, *_ = MathTextParser("path").parse(tex, 72, FontProperties(size=SIZE))
    except ValueError:  # not among the commands that matplotlib knows
        return f"<code>{escape(tex.strip('$'))}</code>"
    box = f"-0.5 {-height - 0.5:.2f} {width + 1:.2f} {height + depth + 1:.2f}"
    look = f"width:{(width + 1) / EM:.3f}em;vertical-align:{-(depth + 0.5) / EM:.3f}em"
    label = f'role="img" aria-label="{escape(tex.strip("$"))}"'
    return f'<svg class="formula" {label} viewBox="{box}" style="{look}"><path d="{_outline(outline)}"/></svg>'


def _outline(path: Any) -> str:
    letters = {path.MOVETO: "M", path.LINETO: "L", path.CURVE3: "Q", path.CURVE4: "C"}

    def drawn(points: Any, code: Any) -> str:
        pairs = " ".join(f"{x:.2f} {-y:.2f}" for x, y in points.reshape(-1, 2))
        return "Z" if code == path.CLOSEPOLY else letters[code] + pairs

    return "".join(drawn(*segment) for segment in path.iter_segments(simplify=False, curves=True))
