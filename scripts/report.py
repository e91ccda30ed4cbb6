"""What the demonstration found, as text for a terminal and as a page that needs nothing but itself."""

import re
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple

TOLERANCE = 1e-12


class Row(NamedTuple):
    """A number, or a table of counts, beside the one expected (None where one of them is missing)."""

    name: str
    got: Any
    want: Any

    @property
    def agrees(self):
        if self.got is None or self.want is None:
            return False
        if isinstance(self.want, list) or isinstance(self.got, list):
            return self.got == self.want
        return abs(self.got - self.want) <= TOLERANCE

    @property
    def mark(self):
        return "✓" if self.agrees else "✗"


@dataclass
class Section:
    """One system: what it is, its numbers and tables by name, its pictures by file name."""

    key: str
    title: str
    prose: str
    found: dict[str, Any]
    pictures: dict[str, Any] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def compare(self, expected):
        """Put what was found beside what was expected; a name on one side only is a mismatch too."""
        self.rows = [Row(name, self.found.get(name), expected.get(name)) for name in {**self.found, **expected}]

    def wrong(self):
        return [row.name for row in self.rows if not row.agrees]

    def save(self, folder):
        return [picture.save(folder / f"{name}.{s}") for name, picture in self.pictures.items() for s in ("svg", "png")]


def number(x):
    if x is None:
        return "missing"
    return f"{x:.15g}".replace("-", "−") if isinstance(x, (int, float)) else str(x)


def text(section):
    """A section in aligned columns."""
    lines = [f"{section.key} · {section.title}"]
    numbers = [row for row in section.rows if not _is_table(row)]
    if numbers:
        body = [("", "computed", "expected", "")]
        body += [(row.name, number(row.got), number(row.want), row.mark) for row in numbers]
        widths = [max(len(line[i]) for line in body) for i in range(3)]
        for name, got, want, mark in body:
            lines.append(f"  {name:<{widths[0]}}  {got:>{widths[1]}}  {want:>{widths[2]}}  {mark}".rstrip())
    for row in filter(_is_table, section.rows):
        lines.append(f"  {row.name}")
        lines.append(f"              {'computed':^14}    {'expected':^14}".rstrip())
        lines.append(f"  predicted   {'kind 0':>6}  {'kind 1':>6}    {'kind 0':>6}  {'kind 1':>6}")
        for kind in (0, 1):
            counts = [f"{x[kind][j]:>6}" if _fits(x) else f"{'?':>6}" for x in (row.got, row.want) for j in (0, 1)]
            mark = row.mark if kind else ""
            lines.append(f"  true kind {kind} {counts[0]}  {counts[1]}    {counts[2]}  {counts[3]}  {mark}".rstrip())
    return "\n".join(lines) + "\n"


def _is_table(row):
    return isinstance(row.want, list) or isinstance(row.got, list)


def _fits(table):
    """Whether it is two rows of two counts, as a confusion table is."""
    return isinstance(table, list) and [len(r) if isinstance(r, list) else 0 for r in table] == [2, 2]


def page(sections):
    """All sections as one HTML file: pictures inline, no script, nothing loaded."""
    wrong = [f"{s.key} {name}" for s in sections for name in s.wrong()]
    count = sum(len(s.rows) for s in sections)
    verdict = (
        f"✗ Not as expected: {', '.join(wrong)}." if wrong else f"✓ All {count} numbers and tables are as expected."
    )
    links = "".join(f'<a href="#{s.key}">{escape(s.title)}</a>' for s in sections)
    return _PAGE.format(
        style=_STYLE,
        verdict=escape(verdict),
        verdict_class="bad" if wrong else "good",
        links=links,
        sections="".join(map(_section, sections)),
    )


def _section(section):
    numbers = [row for row in section.rows if not _is_table(row)]
    tables = [row for row in section.rows if _is_table(row)]
    title = re.sub(r"(?<=\d)-(?=\d)", "\N{NON-BREAKING HYPHEN}", escape(section.title))
    parts = [f'<section id="{section.key}"><h2><span class="key">{section.key}</span> {title}</h2>']
    parts.append(f"<p>{escape(section.prose)}</p>")
    if section.pictures:
        parts.append('<div class="pictures">' + "".join(map(_picture, section.pictures.values())) + "</div>")
    if numbers:
        parts.append(
            '<table class="numbers"><thead><tr><th></th><th>computed</th><th>expected</th><th></th></tr></thead>'
        )
        parts.append("<tbody>" + "".join(map(_number, numbers)) + "</tbody></table>")
    if tables:
        parts.append('<div class="tables">' + "".join(map(_confusion, tables)) + "</div>")
    return "".join(parts) + "</section>"


def _picture(picture):
    """A picture that shrinks with the page, but not below what can be read: then it scrolls."""
    head, bracket, rest = picture.svg.partition(">")
    width = float(re.search(r'viewBox="\S+ \S+ (\S+) ', head)[1])
    head = re.sub(r'style="[^"]*"', f'style="width:100%;min-width:{0.65 * width:.0f}pt;height:auto"', head, count=1)
    label = escape(picture.description)
    hint = '<p class="hint">The picture scrolls sideways.</p>' if width > 540 else ""
    return (
        f'{hint}<figure tabindex="0" role="region" aria-label="{label}" style="width:min({width:.0f}pt,52rem)">'
        f"{head}{bracket}{rest}</figure>"
    )


def _number(row):
    return (
        f'<tr><th>{escape(row.name)}</th><td data-is="computed">{number(row.got)}</td>'
        f'<td data-is="expected">{number(row.want)}</td><td class="mark {_grade(row)}">{row.mark}</td></tr>'
    )


def _grade(row):
    return "good" if row.agrees else "bad"


def _confusion(row):
    def table(title, counts):
        if not _fits(counts):
            return f"<table><caption>{title}</caption><tr><td>{escape(number(counts))}</td></tr></table>"
        lines = "".join(
            f"<tr><th>true {i}</th>"
            + "".join(f'<td class="{"diagonal" if i == j else ""}">{counts[i][j]}</td>' for j in (0, 1))
            + "</tr>"
            for i in (0, 1)
        )
        head = "<tr><th></th><th>predicted 0</th><th>predicted 1</th></tr>"
        return f'<table class="confusion"><caption>{title}</caption>{head}{lines}</table>'

    return (
        f'<div><h3>{escape(row.name)} <span class="{_grade(row)}">{row.mark}</span></h3>'
        f'<div class="pair">{table("computed", row.got)}{table("expected", row.want)}</div></div>'
    )


_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --page: #ffffff; --card: #f6f8fa; --line: #d1d9e0;
  --good: #1a7f37; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b3; --page: #0d1117; --card: #161b22;
  --line: #3d444d; --good: #4ac26b; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0.5rem 0 0.75rem; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 0.5rem; }
h3 { font-size: 1rem; margin: 1rem 0 0.25rem; }
p { max-width: 44rem; margin: 0 0 1rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 1rem 0 0; }
nav a { color: inherit; padding: 0.35rem 0; text-underline-offset: 0.2em; }
section { border-top: 1px solid var(--line); padding-top: 1.75rem; margin-top: 2rem; }
.key { color: var(--soft); font-weight: 500; margin-right: 0.35rem; }
.verdict { font-weight: 600; }
.good { color: var(--good); }
.bad { color: var(--bad); font-weight: 600; }
.pictures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 0 0 1.25rem; }
figure { overflow-x: auto; min-width: 0; max-width: 100%; margin: 0; }
figure svg { display: block; }
.hint { display: none; margin: 0; color: var(--soft); font-size: 0.875rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.75rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th, .confusion tr:first-child th { color: var(--soft); font-weight: 500; font-size: 0.875rem; }
.numbers th:first-child { text-align: left; font-weight: 500; padding-left: 0; }
.numbers td { font-family: ui-monospace, monospace; font-size: 0.9rem; }
.tables, .pair { display: flex; flex-wrap: wrap; gap: 0.5rem 2.5rem; }
.pair { gap: 0.75rem 1.5rem; }
caption { text-align: left; color: var(--soft); font-size: 0.875rem; }
.confusion th { font-weight: 500; text-align: left; }
.confusion .diagonal { font-weight: 700; background: var(--card); }
@media (max-width: 40rem) {
  .hint { display: block; }
  .numbers, .numbers tbody { display: block; }
  .numbers thead { display: none; }
  .numbers tr { display: grid; grid-template-columns: 1fr auto auto; align-items: center; padding: 0.35rem 0;
    border-bottom: 1px solid var(--line); }
  .numbers th, .numbers td { border: 0; padding: 0 0.25rem; }
  .numbers th:first-child { grid-row: span 2; white-space: normal; }
  .numbers [data-is]::before { content: attr(data-is); color: var(--soft); font: 0.8rem system-ui, sans-serif;
    padding-right: 0.75rem; }
  .numbers [data-is="expected"] { grid-area: 2 / 2; }
  .numbers .mark { grid-area: 1 / 3 / span 2; }
}
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nets from the textbooks</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>Nets from the textbooks</h1>
<p>Each was built from graphgrad’s nodes and differentiated by its backward pass. Every number stands beside the one
that hand-written formulas give, and must agree to 1e−12; tables must agree exactly.</p>
<p class="verdict {verdict_class}">{verdict}</p>
<nav aria-label="Sections">{links}</nav>
{sections}
</main>
</body>
</html>
"""
