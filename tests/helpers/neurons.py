"""The numbers that a picture of a net shows, and what follows from them."""

import math
import re


def number(text):
    return float(text.replace("−", "-"))


def cards(parsed, figure):
    """The texts of each neuron's card by what they say, its weights by input; an input has only its output."""
    return {
        name: _card(name, [line for line in look["label"].split("\n") if line.strip()], look, figure)
        for name, look in parsed(figure).nodes.items()
        if re.fullmatch(r"n\d+_\d+", name)
    }


def _card(name, lines, look, figure):
    if name.startswith("n0_"):
        return {"a": lines[1]}
    ports = [int(i) for i in re.findall(r'PORT="w(\d+)"', source_line(figure, name))]
    card = {"w": dict(zip(ports, lines, strict=False))}
    rest = lines[len(ports) :]
    if rest[0] == "Σ w·a":
        card["rest"] = rest[1]
        rest = rest[2:]
    for line in rest:
        label, _, text = line.rpartition(" ")
        card["rest" if label.endswith(" more:") else label.rstrip("₀₁₂₃₄₅₆₇₈₉")] = text
    return card


def source_line(figure, name):
    return next(line for line in figure.source.splitlines() if line.startswith(f"\t{name} ["))


def numbers(card):
    return {label: number(text) for label, text in card.items() if label != "w"}


class Interval:
    """All numbers that a text of so many digits may stand for."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    @classmethod
    def of(cls, text, digits=3):
        x = number(text)
        half = 0.5 * 10.0 ** (math.floor(math.log10(abs(x))) - digits + 1) if x else 0.0
        return cls(x - half, x + half)

    def __add__(self, other):
        return Interval(self.low + other.low, self.high + other.high)

    def __mul__(self, other):
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def meets(self, other):
        slack = 1e-9 * (abs(self.low) + abs(self.high) + 1e-30)
        return self.low <= other.high + slack and other.low <= self.high + slack

    @property
    def width(self):
        return self.high - self.low


def shown(card, name):
    """The interval of one of a card's numbers; 0 if it is not there."""
    return Interval.of(card.get(name, "0"))
