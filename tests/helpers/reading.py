"""Printed formulas read as a person reads them, and calculated with NumPy: as text, and as LaTeX.

Functions are NumPy's, or where it has none of a name those that the op table is written with.
"""

import re
from itertools import count

import numpy as np

from autograd.namespaces import arrays

__all__ = ["calculated", "calculated_latex"]

COMPARED = {"=": np.equal, "≠": np.not_equal, "<": np.less, "≤": np.less_equal, ">": np.greater, "≥": np.greater_equal}

SIGNS = {r"\cdot": "·", r"\,": "@", r"\otimes": "⊗", "-": "−", r"\lor": "or", r"\land": "and", r"\lnot": "not",
         r"\ne": "≠", r"\le": "≤", r"\ge": "≥", r"\sum": "Σ"}  # fmt: skip


def function(name):
    own = {
        "sinc": arrays.sinc,
        "σ": lambda x: 1 / (1 + np.exp(-x)),
        "count": np.size,
        "linear": lambda x, w, b: x @ w.T + b,
    }
    return own.get(name) or getattr(np, name, None) or getattr(arrays, name)


def transposed(x):
    return np.swapaxes(x, -1, -2)


def outer(a, b):
    return a[..., :, None] * b[..., None, :]


class Reader:
    """The grammar that both notations share: what binds weakest first. A notation says what its tokens are."""

    def __init__(self, tokens, values):
        self.tokens, self.values, self.at = tokens, values, 0

    def next(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted):
        """The next token, if it is one of those wanted."""
        if self.next() in wanted and self.next():
            self.at += 1
            return self.tokens[self.at - 1]
        return ""

    def must(self, token):
        assert self.take(token), f"{token!r} expected at {self.tokens[self.at :]} of {self.tokens}"

    def whole(self):
        found = self.expression()
        assert self.at == len(self.tokens), f"{self.tokens[self.at :]} left of {self.tokens}"
        return found

    def expression(self):
        found = self.either()
        if self.take("spread over"):
            return np.broadcast_to(found, np.shape(self.either()))
        if self.take("if"):
            condition = self.either()
            self.must("else")
            return np.where(condition, found, self.expression())
        return found

    def either(self):
        found = self.both()
        while self.take("or"):
            found = np.logical_or(found, self.both())
        return found

    def both(self):
        found = self.negated()
        while self.take("and"):
            found = np.logical_and(found, self.negated())
        return found

    def negated(self):
        return np.logical_not(self.negated()) if self.take("not") else self.comparison()

    def comparison(self):
        found = self.total()
        if sign := self.take(*COMPARED):
            return COMPARED[sign](found, self.total())
        return found

    def total(self):
        if self.next() == "Σ":
            return self.summed()
        found = self.signed()
        while sign := self.take("+", "−"):
            found = found + self.product() if sign == "+" else found - self.product()
        return found

    def signed(self):
        return -self.product() if self.take("−") else self.product()

    def product(self):
        found = self.power()
        while sign := self.take("·", "/", "@", "⊗"):
            b = self.power()
            found = {"·": np.multiply, "/": np.divide, "@": np.matmul, "⊗": outer}[sign](found, b)
        return found


class Text(Reader):
    """``Σ over rows of g·x``."""

    def __init__(self, text, values):
        text = re.sub(r"(?<=\d)e−", "e-", text)
        number, name = r"\d+(?:\.\d+)?(?:e-?\d+)?", "[^\\W\\dᵀ][^\\Wᵀ²]*"
        super().__init__(re.findall(rf"\s*(spread over|{number}|{name}=(?=\S)|{name}|\S)", text), values)

    def power(self):
        if self.take("√"):
            return np.sqrt(self.postfix())
        base = self.postfix()
        if self.take("²"):
            return base**2
        return base ** self.power() if self.take("^") else base

    def postfix(self):
        found = self.atom()
        while sign := self.take("ᵀ", "["):
            found = transposed(found) if sign == "ᵀ" else self.indexed(found)
        return found

    def atom(self):
        if self.take("("):
            found = self.arguments()
            return found[0] if len(found) == 1 and self.tokens[self.at - 2] != "," else tuple(found)
        if self.take("|"):
            found = self.expression()
            self.must("|")
            return np.abs(found)
        token = self.next()
        self.at += 1
        if token[0].isdigit():
            return float(token) if "." in token or "e" in token else int(token)
        if token in self.values:
            return self.values[token]
        if token in ("True", "False", "None", "inf"):
            return {"True": True, "False": False, "None": None, "inf": np.inf}[token]
        self.must("(")
        found = self.arguments()
        named = [a for a in found if isinstance(a, dict)]
        return function(token)(
            *(a for a in found if not isinstance(a, dict)), **{k: v for a in named for k, v in a.items()}
        )

    def argument(self):
        if not self.next().endswith("=") or self.next() == "=":
            return self.expression()
        name = self.next()[:-1]
        self.at += 1
        return {name: self.expression()}

    def arguments(self):
        found = [self.argument()]
        while self.take(","):
            found += [] if self.next() == ")" else [self.argument()]
        self.must(")")
        return found

    def summed(self):
        for token in ("Σ", "over"):
            self.must(token)
        over = []
        while not self.take("of"):
            over.append(self.next())
            self.at += 1
        x = self.product()
        if over == ["all"]:
            axes = tuple(range(x.ndim))
        elif over in (["rows"], ["columns"]):
            assert x.ndim == 2
            axes = (over.index("rows"),) if over == ["rows"] else (1,)
        else:
            assert over[0] in ("axis", "axes")
            axes = tuple(int(k) for k in over[1:] if k != ",")
            assert (over[0] == "axis") == (len(axes) == 1)
        found = x.sum(axis=axes)
        if self.take(","):
            self.must("as")
            self.must("(")
            found = found.reshape([int(n) for n in self.arguments()])
        return found


class Latex(Reader):
    r"""``\sum_{i=1}^{5} g_{i,:}``. Symbols are what stood left of ``=`` in earlier lines, or leaves."""

    def __init__(self, text, values):
        symbols = sorted(((self.split(name), name) for name in values), key=lambda pair: -len(pair[0]))
        rest, tokens = self.split(text), []
        while rest:
            known = next(((s, name) for s, name in symbols if rest[: len(s)] == s), None)
            tokens.append(known[1] if known else SIGNS.get(rest[0], rest[0]))
            rest = rest[len(known[0]) if known else 1 :]
        super().__init__(tokens, values)

    @staticmethod
    def split(text):
        pattern = r"\\text\{[^{}]*\}|\\operatorname\{[^{}]*\}|\\begin\{cases\}|\\end\{cases\}|\\[A-Za-z]+|\\.|[\d.]+|\S"
        names = {r"\text{ spread over }": "spread over"}
        return [names.get(token, token) for token in re.findall(pattern, text) if token not in (r"\left", r"\right")]

    def braced(self):
        self.must("{")
        found = self.expression()
        self.must("}")
        return found

    def raw(self):
        """What stands in braces, as it stands."""
        self.must("{")
        found = []
        while not self.take("}"):
            found.append(self.next())
            self.at += 1
        return found

    def power(self):
        found = self.atom()
        while self.take("^"):
            if self.tokens[self.at : self.at + 3] == ["{", r"\top", "}"]:
                self.at += 3
                found = transposed(found)
            else:
                found = found ** self.braced()
        return found

    def atom(self):
        if self.take("("):
            found = [self.expression()]
            while self.take(","):
                found.append(self.expression())
            self.must(")")
            return found[0] if len(found) == 1 else tuple(found)
        if self.take("|"):
            found = self.expression()
            self.must("|")
            return np.abs(found)
        if self.take(r"\frac"):
            return self.braced() / self.braced()
        if self.take(r"\sqrt"):
            return np.sqrt(self.braced())
        if self.take(r"\mathbf"):
            (number,) = self.raw()
            self.must("_")
            return np.full([int(n) for n in self.raw() if n != r"\times"], float(number))
        if self.take(r"\begin{cases}"):
            first = self.expression()
            self.must("&")
            condition = self.expression()
            self.must(r"\\")
            second = self.expression()
            self.must("&")
            self.must(r"\text{else}")
            self.must(r"\end{cases}")
            return np.where(condition, first, second)
        token = self.next()
        self.at += 1
        if token in self.values:
            return self.values[token]
        if token[0].isdigit():
            return float(token) if "." in token or "e" in token else int(token)
        if token == "e":
            self.must("^")
            return np.exp(self.braced())
        name = re.sub(r"\\operatorname\{(.*)\}|\\", r"\1", token).replace("\\", "")
        self.must("(")
        found = [self.expression()]
        while self.take(","):
            found.append(self.expression())
        self.must(")")
        return function(name)(*found)

    def summed(self):
        lengths = {}
        while self.take("Σ"):
            self.must("_")
            index = "".join(self.raw())
            assert index.endswith("=1")
            self.must("^")
            lengths[index[:-2]] = int("".join(self.raw()))
        x = self.atom()
        self.must("_")
        places = "".join(self.raw()).split(",")
        assert len(places) == x.ndim
        for axis, place, n in zip(count(), places, x.shape):
            assert place == ":" or lengths.pop(place.strip("[]")) == n
        assert not lengths
        kept = tuple(k for k, place in enumerate(places) if place[0] == "[")
        dropped = tuple(k for k, place in enumerate(places) if place[0] not in "[:")
        return x.sum(axis=kept, keepdims=True).sum(axis=dropped)


def calculated(formula, values):
    """The value of a formula written as text, by the values of its symbols."""
    return Text(formula, values).whole()


def calculated_latex(formula, values):
    """The value of a formula written as LaTeX, by the values of its symbols, as these are written."""
    return Latex(formula, values).whole()
