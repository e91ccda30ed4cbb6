"""Whatever a user writes as a label can be drawn, and is what is read in the picture."""

import math
import re
import unicodedata
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from autograd import Tensor, Value, primitive, viz
from autograd.graph import formatting
from tests.helpers.support import examples

SVG = "{http://www.w3.org/2000/svg}"
MARK = "\u200e"


def written(figure):
    """The text of each node, by its name, as an XML parser reads it from the picture."""
    texts = {}
    for group in ET.fromstring(figure.svg).iter(f"{SVG}g"):
        if "node" in group.get("class", "").split():
            lines = ["".join(t.itertext()) for t in group.iter(f"{SVG}text")]
            # Older Graphviz does not preserve spaces, so a reader would lose these.
            assert not any(line[:1] == " " or line[-1:] == " " or "  " in line for line in lines)
            texts[group.get("id").split("-")[1]] = "".join(lines).replace("\xa0", " ")
    return texts


TRICKY = [
    "]", "[0]", "]]", 'say "hi"', "a<b>c", "&amp;", "R&D", "{x|y}", "\\G", "back\\slash", "\\N", "\\n", "trailing\\",
    "\\\\", "<b>bold</b>", "-->", "]]>", "x₁", "∂L/∂w", "重み", "🙂", "👩‍👩‍👧", "שלום", "مرحبا", "e\u0301", "%s",
    "node", "strict", "a;b", "#1", "'", "\u00ad",
]  # fmt: skip


def test_tricky_labels_read_as_written(renderer):
    figure = viz.draw([Value(1.0, label) for label in TRICKY])
    texts = written(figure)
    assert [texts[f"n{i}"].replace(MARK, "") for i in range(len(TRICKY))] == [f"{label} = 1" for label in TRICKY]


def printable(label):
    return label == " ".join(label.split()) and all(
        unicodedata.category(c) not in ("Cc", "Cs", "Cf") and ord(c) & 0xFFFE != 0xFFFE for c in label
    )


@examples(60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1, max_size=15), min_size=1, max_size=12))
def test_any_label_can_be_drawn(renderer, labels):
    nodes = [Value(1.0, label) for label in labels]
    figure = viz.draw(nodes)
    texts = written(figure)
    assert len(texts) == len(labels)
    for i, label in enumerate(labels):
        text = texts[f"n{i}"].replace(MARK, "")
        name = formatting.name(nodes[i]).replace(MARK, "")
        assert text == f"{name} = 1" if name else re.fullmatch(r"v\d+ = 1", text)
        if printable(label):
            assert name == label


def test_spaces_are_kept(renderer):
    texts = written(viz.draw(Tensor([[1.0, 2.0]], "W")))
    assert texts["n0"] == "W  f64[1,2][1  2]"


def test_any_label_in_a_derivative(renderer):
    x, y = Value(2.0, '<"&\\'), None
    y = x * 3
    y.label = "</FONT>\n]"
    y.backward()
    assert written(viz.draw(y))["n0"] == '<"&\\ = 2∂</FONT> ]/∂<"&\\ = 3'


def test_any_sign_of_an_op(renderer):
    for symbol in ("<>", '"', "\\", "&", "<b>", "->", "]"):
        odd = primitive(symbol, elementwise=True)(lambda xp, x: x)
        assert written(viz.draw(odd(Value(1.0))))["op1"] == symbol


def test_controls_and_turning_marks_are_replaced():
    assert formatting.name(Value(1.0, "a\x00b\x1b\u202ec\ud800")) == "a�b��c�"
    assert formatting.name(Value(1.0, "  two\n\twords ")) == "two words"
    assert formatting.name(Value(1.0, " \n ")) == ""


def test_long_labels_are_shortened():
    name = formatting.name(Value(1.0, "w" * 1000))
    assert name == "w" * 39 + "…"
    assert formatting.columns(formatting.name(Value(1.0, "重" * 1000))) <= 40


def test_names_written_from_the_right_leave_the_number_in_its_place():
    assert formatting.name(Value(1.0, "שלום")).endswith(MARK)
    assert not formatting.name(Value(1.0, "x")).endswith(MARK)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("重み", 4), ("e\u0301", 1), ("🙂", 2), ("Ａ", 2), ("x₁", 2), ("", 0), ("│  ├─ ", 6)],
)
def test_columns(text, columns):
    assert formatting.columns(text) == columns


@given(st.floats(), st.integers(1, 17))
@example(1.5e308, 1)
def test_numbers_are_short_and_signed_truly(x, precision):
    text = formatting.number(x, precision)
    assert "-" not in text
    assert text != "−0"
    # As a Decimal, for a number may be rounded to one that no float holds.
    value = Decimal(text.replace("−", "-"))
    if math.isfinite(x):
        assert abs(value - Decimal(x)) <= Decimal("0.51") * abs(Decimal(x)) * Decimal(10) ** (1 - precision)
    else:
        assert str(float(value)) == str(x)
