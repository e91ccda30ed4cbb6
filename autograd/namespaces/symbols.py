r"""Names and numbers in LaTeX: what anything that a user or an op is called looks like in math mode.

Whatever the name, the result compiles, and no part of it reads as mathematics that it is not: ``2.weight`` is no
number, ``w - 1`` no difference.
"""

import re
import unicodedata
from itertools import groupby

__all__ = ["ATOM", "FRACTION", "INDEXED", "latex_bound", "latex_number", "latex_symbol", "latex_text"]

ATOM = 9  # binds strongest: never in brackets
# What has a subscript takes no second one, what has a superscript neither; a fraction may be a factor.
INDEXED, RAISED, FRACTION = 8, 7, 6

_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER (FINAL )?(\w+)$")
_CAPITALS = {"GAMMA", "DELTA", "THETA", "LAMBDA", "XI", "PI", "SIGMA", "UPSILON", "PHI", "PSI", "OMEGA"}
_SIGNS = {c: rf"\{c}" for c in "{}$&#%_"} | {
    "\\": r"\backslash", "^": r"\wedge", "~": r"\sim", "∂": r"\partial", "∇": r"\nabla", "∞": r"\infty", "·": r"\cdot",
    "×": r"\times", "−": "-", "√": r"\surd", "±": r"\pm", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx",
    "→": r"\to", "←": r"\leftarrow", "⊗": r"\otimes", "∑": r"\Sigma", "∏": r"\Pi", "‖": r"\Vert", "ℓ": r"\ell",
}  # fmt: skip
_PARAMETER = re.compile(
    r"(\d[\w.]*)\.([^\W\d]\w*(?:\[[\d, ]*\])?)"
)  # of a module that is known by its number: 2.weight
_OPERATORS = frozenset("+-*/·−×⊗@=<>^|")  # a name with one of them reads like a calculation


def latex_symbol(name: str, otherwise: str = "text") -> str:
    r"""A name in math mode: a letter stands for itself, digits behind it become an index, all else is text.

    Examples
    --------
    >>> print(latex_symbol("w12"), latex_symbol("w₁₂"), latex_symbol("σ"), latex_symbol("my loss"))
    w_{12} w_{12} \sigma \text{my loss}
    >>> print(latex_symbol("2.weight"), latex_symbol("x²"))
    \text{weight}_{2} x^{2}
    """
    return latex_bound(name, otherwise)[1]


def latex_bound(name: str, otherwise: str = "text") -> tuple[int, str]:
    """The binding strength of a name in math mode, and the name: as an operand it may need brackets."""
    index = ""
    if parameter := _PARAMETER.fullmatch(name):
        path, name = parameter.groups()
        index = path if path.isdecimal() and path.isascii() else _text(path, otherwise)
    body, scripts = _scripts(name)
    letter = None if index else re.fullmatch(r"([^\W\d_])(?:_?([0-9]+))?", body)
    if letter:
        main, index = letter[1], letter[2] or ""
        main = _greek(main) or (main if main.isascii() else rf"\text{{{main}}}")
    else:
        main = _text(body, otherwise)
    scripts["_"] = ", ".join(filter(None, (index, scripts["_"])))
    strength = RAISED if scripts["^"] else INDEXED if scripts["_"] else ATOM
    if not letter and (body[:1].isdigit() or _OPERATORS & {*body}):
        strength = 0
    elif main == "e" or (
        len(body) > 1 and any(map(_sign, body))
    ):  # a power of e is an exponential, one of several pieces of the last
        strength = min(strength, RAISED)
    return strength, main + "".join(f"{sign}{{{text}}}" for sign, text in scripts.items() if text)


def latex_text(name: str) -> tuple[int, str]:
    """A name in math mode as upright text, with its binding strength: nothing in it becomes an index."""
    return 0 if name[:1].isdigit() or _OPERATORS & {*name} else RAISED, _text(name, "text")


def _scripts(name: str) -> tuple[str, dict[str, str]]:
    """A name without the small signs at its end, and these as TeX's subscript and superscript: ``w₁``, ``x²``."""
    found = {"_": "", "^": ""}
    end = len(name)
    while end and (small := _small(name[end - 1])):
        sign, text = small
        found[sign] = text + found[sign]
        end -= 1
    return (name[:end], found) if end else (name, {"_": "", "^": ""})


def _small(c: str) -> tuple[str, str] | None:
    if c in "′'":
        return "^", r"\prime "
    kind, _, code = unicodedata.decomposition(c).partition(" ")
    if kind not in ("<sub>", "<super>") or " " in code:
        return None
    large = chr(int(code, 16))
    command = _greek(large)
    text = f"{command} " if command else _SIGNS.get(large, large)
    return ("_" if kind == "<sub>" else "^"), text


def _text(name: str, otherwise: str) -> str:
    """Anything as upright text; some readers show a sign in it as it stands, so there it is left to math mode."""
    if otherwise == "text":
        pieces = (("".join(run), sign) for sign, run in groupby(name, _sign))
        return "".join(sign * len(run) if sign else rf"\text{{{run}}}" for run, sign in pieces) or r"\text{}"
    parts = (f"{sign}{' ' * sign[1:].isalpha()}" if (sign := _sign(c)) else c for c in name)
    return rf"\{otherwise}{{{''.join(parts)}}}"


def _sign(c: str) -> str:
    """TeX's command for what is no text; empty if there is none."""
    return _SIGNS.get(c) or _greek(c)


def _greek(letter: str) -> str:
    """TeX's command for a Greek letter; empty if it has none."""
    greek = _GREEK.match(unicodedata.name(letter, "").replace("LAMDA", "LAMBDA"))
    if not greek or greek[2] or greek[3] == "OMICRON" or (greek[1] == "CAPITAL" and greek[3] not in _CAPITALS):
        return ""
    return "\\" + (greek[3].lower() if greek[1] == "SMALL" else greek[3].title())


def latex_number(x: float) -> str:
    """A number in math mode, with its power of ten."""
    mantissa, e, exponent = (str(x) if isinstance(x, int) else f"{x:g}").replace("inf", r"\infty").partition("e")
    mantissa = r"\mathrm{nan}" if mantissa == "nan" else mantissa
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa
