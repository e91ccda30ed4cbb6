"""The graph in Mermaid's language and in LaTeX's: what is written is whole, escaped and the same every time."""

import re

import numpy as np
import pytest
from docutils.utils.math.latex2mathml import tex2mathml
from hypothesis import given
from latex2mathml.converter import convert

import autograd
from autograd import Tensor, Value, exp, graph, ops, sigmoid, sin, softplus, viz, where
from autograd.graph import to_dot, to_latex, to_mermaid, toposort
from autograd.namespaces.notations import latex
from tests.helpers.programs import SHAPES, ours, programs
from tests.helpers.samplers import samples
from tests.helpers.support import examples

LABELS = [
    '"',
    "<b>&",
    "{x}|",
    "a\nb",
    "</script>",
    "`*_$#;%^~\\",
    "😀",
    "שלום",
    "\u202egnp",
    "end",
    "\x00",
    "]])",
    "))",
    "w₁",
    "x²",
    "∂L/∂v_3",
    "2.weight",
    "0.weight[1,0]",
    "x_1",
    "a b",
    "50%",
    "v_2_[0, 1:]",
    "λ",
    "w - 1",
]


def whole(text):
    """Whether its braces match, and two parsers take it: one knows all commands, one refuses a second subscript."""
    depth = 0
    for c in re.sub(r"\\[{}]", "", text):
        depth += {"{": 1, "}": -1}.get(c, 0)
        if depth < 0:
            return False
    try:
        return depth == 0 and bool(tex2mathml(text) and convert(text))
    except Exception:
        return False


@pytest.mark.parametrize("text", ["v_{2}_{[0]}", "x^{2}^{3}", r"\foo", r"\left(x", "{x", "x}", "50%", "a & b"])
def test_the_parsers_refuse_what_does_not_compile(text):
    assert not whole(text)


@given(programs(SHAPES))
@examples(60)
def test_random_graphs(program):
    leaves, lines = program
    xs = [Tensor(x) for x in leaves]
    y = ours(xs, lines)
    order = toposort(y)
    text = to_mermaid(y)
    assert text == to_mermaid(ours([Tensor(x) for x in leaves], lines))
    shape = re.compile(
        r'    (n\d+(\[".*"\]|\(".*"\)|\(\[".*"\]\))|op\d+\(\(".*"\)\)|\w+ -->(\|\d\|)? \w+'
        r"|classDef \w+ fill:#\w{6},stroke:#\w{6},color:#\w{6}|class (n|op)\d+(,(n|op)\d+)* \w+)$"
    )
    assert all(shape.match(line) for line in text.splitlines()[1:])
    assert text.count("-->") == sum(len(n.parents) + (n.op is not None) for n in order)
    classes = 2 * text.count("classDef")
    assert len(text.splitlines()) == 1 + text.count("-->") + len(order) + sum(n.op is not None for n in order) + classes
    members = re.findall(r"\w+", " ".join(re.findall(r"^    class (\S+)", text, re.MULTILINE)))
    assert sorted(members) == sorted(set(re.findall(r"^    (\w+)[\[(]", text, re.MULTILINE)))
    assert whole(to_latex(y))
    for x in xs:
        assert whole(to_latex(y, x))


def test_mermaid_has_the_colours_of_the_roles():
    x, w = Value(2.0, "x", requires_grad=False), Value(3.0, "w")
    text = to_mermaid(x * w)
    assert "    classDef param fill:#FFD98A,stroke:#9A6400,color:#1F2328\n    class n1 param\n" in text
    assert "    class n0 const\n" in text
    assert text.endswith("    classDef op fill:#4A5563,stroke:#8B949E,color:#FFFFFF\n    class op2 op")


def test_mermaid_numbers_operands_whose_order_matters():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    assert "|" not in to_mermaid(a * b + a)
    text = to_mermaid(a - b, "TB")
    assert text.startswith("flowchart TB\n")
    assert "n0 -->|1| op2" in text
    assert "n1 -->|2| op2" in text
    assert 'op1(("(·)³"))' in to_mermaid(a**3)
    assert 'op2(("#43;"))' in to_mermaid(a + b)  # a plus would begin a list
    with pytest.raises(ValueError, match="direction 'XY'"):
        to_mermaid(a, "XY")
    with pytest.raises(TypeError, match="to_mermaid: pass a Value"):
        to_mermaid(1.0)


@pytest.mark.parametrize("label", LABELS)
def test_labels_in_mermaid(label):
    text = to_mermaid(Value(2.0, label) * 3)
    assert len(text.splitlines()) == 8 + 2 * 4
    (line,) = (line for line in text.splitlines() if line.strip().startswith("n0["))
    inside = re.fullmatch(r'    n0\["(.*)"\]', line)[1]
    assert not set(inside) & set('"<>&`|{}[]\\$*')
    assert not re.search(r"#(?!\d+;)", inside)
    text = re.sub(r"#(\d+);", lambda m: chr(int(m[1])), inside)
    assert text.endswith(" = 2")
    if label.isascii() and label.isprintable():
        assert text == f"{label} = 2"


# Tried in Mermaid 10.9, 11.0, 11.4, 11.6, 11.9, 11.12 and 12.3: each shows the label as it is, before "= 2" and alone.
@pytest.mark.parametrize(
    ("label", "written"),
    [
        ("+", "#43;"), ("-", "#45;"), ("1.", "1#46;"), ("2. x", "2#46; x"), ("1) x", "1#41; x"),
        ("x*w + y*w", "x#42;w #43; y#42;w"),
        ("_x_", "#95;x#95;"), ("__init__", "#95;#95;init#95;#95;"), ("a_b", "a_b"), ("---", "#45;#45;#45;"),
        ("> a", "#62; a"), ("`a`", "#96;a#96;"), ("# a", "#35; a"), ("www.a.b", "www#46;a#46;b"),
        ("$$a$$", "#36;#36;a#36;#36;"),
        ("sin(x, 1.5)", "sin(x, 1.5)"), ("(·)³", "(·)³"), ("a\n\nb", "a b"),
    ],
)  # fmt: skip
def test_no_label_is_markdown_for_mermaid(label, written):
    x = Value(2.0, label)
    assert f'    n0["{written} = 2"]\n' in to_mermaid(x * 3)
    (x * 3).backward()
    assert f'    n0["{written} = 2\n        grad = 3"]\n' in to_mermaid(x * 3)


def test_no_sign_of_an_op_is_markdown_for_mermaid():
    x, y = Value(2.0, "x"), Value(3.0, "y")
    text = to_mermaid((x + y) * (x - y))
    assert [re.search(r'op\d+\(\("(.*)"\)\)', row)[1] for row in text.splitlines() if "op" in row and '"' in row] == [
        "#43;", "−", "×"
    ]  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
def test_labels_in_latex(label):
    x, X = Value(2.0, label), Tensor(np.ones((3, 2)), label)
    y = ((X @ X.T)[0, 1:] ** 2 / x + X.sum(axis=1)[0]).sum()
    for text in (to_latex(x * x + 1), to_latex(x * x, x), to_latex(x), to_latex(y), to_latex(y, X), to_latex(y, x)):
        assert whole(text)
        assert "\u202e" not in text
        assert "\n\n" not in text


@pytest.mark.parametrize("op", ops.table(), ids=lambda op: op.name)
def test_latex_of_every_op(op):
    assert all(map(whole, map(latex, (op.on_names(None), *ops.derivatives(op).values()))))
    for sample in samples(op):
        xs = [Tensor(a, f"x_{i}") for i, a in enumerate(sample.args)]
        y = op(*xs, **sample.params)
        assert whole(to_latex(y))
        for i, x in enumerate(xs):
            if y.requires_grad and x.requires_grad and op.vjp(i) is not None:
                assert whole(to_latex(y, x))
                assert whole(to_latex(autograd.gradients(y, x, np.ones(y.shape), create_graph=True)))


def test_the_expression_as_a_person_writes_it():
    x, w, s = Value(2.0, "x"), Value(3.0, "w1"), Value(1.0, "σ")
    y = (x + w) ** 2 / sin(x) - exp(-x) * s
    assert to_latex(y, names={"y": y}) == (
        r"y = \frac{\left(x + w_{1}\right)^{2}}{\sin\left(x\right)} - e^{-x} \cdot \sigma"
    )
    assert to_latex(where(x > 0, x, -2.0)) == r"v_{2} = \begin{cases} x & x > 0 \\ -2 & \text{else} \end{cases}"
    W, v = Tensor(np.ones((2, 2)), "W"), Tensor([1.0, 2.0], "x")
    assert to_latex(sigmoid(W @ v)) == r"v_{2} = \sigma\left(W \, x\right)"
    assert to_latex(softplus(x)) == r"v_{1} = \operatorname{softplus}\left(x\right)"
    assert to_latex(Value(1.5e-7, "x")) == r"x = 1.5 \cdot 10^{-7}"
    assert to_latex(Value(-float("inf"), "x")) == r"x = -\infty"
    assert to_latex(Tensor(1.5e-7, "x")) == r"x = 1.5 \cdot 10^{-7}"
    assert to_latex(2.0 * Tensor(3.0, "x")) == r"v_{1} = 2 \cdot x"
    assert to_latex(Tensor([-1.5], "x")) == r"x = \text{[-1.5]}"
    assert to_latex(v) == r"x = \text{[1  2]}"


def test_constants_are_numbers_unless_they_have_a_name():
    x, c = Value(2.0, "x"), Value(0.5, requires_grad=False)
    y = x * c
    assert to_latex(y) == r"v_{1} = x \cdot 0.5"
    assert to_latex(y, names={"c": c, "y": y}) == r"y = x \cdot c"


def test_what_is_used_twice_or_labelled_is_defined_once():
    x = Value(2.0, "x")
    h = sin(x)
    assert to_latex(h * h).splitlines() == [
        r"\begin{aligned}", r"v_{1} &= \sin\left(x\right) \\", r"v_{2} &= v_{1} \cdot v_{1}", r"\end{aligned}",
    ]  # fmt: skip
    h.label = "h"
    assert r"h &= \sin" in to_latex(h + 1)


def test_names_that_would_look_the_same_do_not():
    x, v = Value(2.0, "x"), Value(3.0, "v_1")
    h = sin(x)
    assert to_latex(h * h * v).splitlines()[1:3] == [
        r"\text{v1} &= \sin\left(x\right) \\", r"v_{3} &= \text{v1} \cdot \text{v1} \cdot v_{1}",
    ]  # fmt: skip
    assert to_latex(Value(2.0, "w1") * Value(3.0, "w₁")) == r"v_{1} = w_{1} \cdot \text{w₁}"
    assert to_latex(Value(2.0, "w") * Value(3.0, "w")) == r"v_{1} = w \cdot w"  # as they are called


def test_static_arguments_are_written_where_they_are_no_defaults():
    Z = Tensor([[1.0, 2.0], [3.0, 4.0]], "Z")
    assert to_latex(Z[1, 0] * Z[0, 1]) == r"v_{3} = Z_{[1, 0]} \cdot Z_{[0, 1]}"
    assert to_latex(Z[np.array([0, 1]), 1:]) == r"v_{2} = Z_{[v_{1}, 1:]}"
    assert to_latex(Z.sum()) == r"v_{1} = \operatorname{sum}\left(Z\right)"
    assert to_latex(Z.sum(axis=0)) == r"v_{1} = \operatorname{sum}\left(Z, \text{axis}=0\right)"
    texts = [
        to_latex(f(Z))
        for f in (
            lambda z: z.mean(axis=0), lambda z: z.mean(axis=1), lambda z: z.mean(axis=0, keepdims=True),
            autograd.softmax, lambda z: autograd.softmax(z, axis=0), lambda z: autograd.logsumexp(z, axis=1),
            lambda z: autograd.numpy.stack([z, z]), lambda z: autograd.numpy.stack([z, z], axis=1),
            autograd.elu, lambda z: autograd.elu(z, alpha=2.0),
        )
    ]  # fmt: skip
    assert len(set(texts)) == len(texts)
    assert texts[-1] == r"v_{1} = \operatorname{elu}\left(Z, \text{alpha}=2\right)"
    assert all(text.isascii() for text in texts)


def test_a_number_with_a_power_of_ten_has_one_exponent():
    assert to_latex(1e-12 ** Value(2.0, "x")) == r"v_{1} = \left(1 \cdot 10^{-12}\right)^{x}"


def test_the_chain_rule_of_the_neurons():
    W, x = Tensor(np.ones((2, 2)), "W"), Tensor([1.0, 2.0], "x")
    z = W @ x
    y = sigmoid(z)
    assert to_latex(y, x, names={"y": y, "z": z}).splitlines()[1:-1] == [
        r"z &= W \, x \\",
        r"y &= \sigma\left(z\right) \\",
        r"\frac{\partial y}{\partial z} &= y \cdot \left(1 - y\right) \\",
        r"\frac{\partial y}{\partial x} &= W^{\top} \, \frac{\partial y}{\partial z}",
    ]


def test_the_sum_over_a_minibatch():
    X, W, b = (Tensor(np.ones(shape), name) for shape, name in (((5, 2), "X"), ((2, 3), "W"), ((3,), "b")))
    y = X @ W + b
    y.label = "y"
    L = (y * y).sum()
    L.label = "L"
    *_, last = to_latex(L, b).splitlines()[:-1]
    assert last == (r"\frac{\partial L}{\partial b} &= \sum_{i=1}^{5} \left(\frac{\partial L}{\partial y}\right)_{i,:}")
    *_, last = to_latex(y, b).splitlines()[:-1]
    assert last == r"\frac{\partial y}{\partial b} &= \sum_{i=1}^{5} \left(\mathbf{1}_{5 \times 3}\right)_{i,:}"
    *_, last = to_latex(y, W).splitlines()[:-1]
    assert last == r"\frac{\partial y}{\partial W} &= X^{\top} \, \frac{\partial y}{\partial v_{1}}"
    *_, last = to_latex(y, y).splitlines()[:-1]
    assert last == r"\frac{\partial y}{\partial y} &= \mathbf{1}_{5 \times 3}"


def test_no_path_and_a_node_by_itself():
    x, z = Value(2.0, "x"), Value(3.0, "z")
    y = x * 2
    assert to_latex(y, z) == r"\frac{\partial v_{1}}{\partial z} = 0"
    assert to_latex(where(z > 0, x, 1.0), z).splitlines()[-2] == r"\frac{\partial v_{2}}{\partial z} &= 0"
    W = Tensor(np.ones((3, 1)), "W")
    assert to_latex(x * x, W) == r"\frac{\partial v_{1}}{\partial W} = \mathbf{0}_{3 \times 1}"
    assert to_latex(where(W > 0, x, 1.0), W).splitlines()[-2].endswith(r"{\partial W} &= \mathbf{0}_{3 \times 1}")
    assert to_latex(x, x) == r"\frac{\partial x}{\partial x} = 1"
    anew = to_latex(y, x + 1)
    assert anew == r"\frac{\partial v_{1}}{\partial v_{2}} = 0 \quad \text{(a new node; paths lead from }x\text{)}"
    assert whole(anew)
    with pytest.raises(TypeError, match="to_latex: pass a Value"):
        to_latex(y, 1.0)


def test_long_graphs_are_written_without_recursion_and_without_growing():
    x = y = Value(0.5, "x")
    for _ in range(3_000):
        y = autograd.cos(y)
    text = to_latex(y)
    assert len(text) < 150_000
    assert to_latex(y, x).count("{") == to_latex(y, x).count("}")
    z = x
    for _ in range(100):
        z = z + z  # 2¹⁰⁰ terms, if written out
    assert len(to_latex(z)) < 10_000
    assert len(to_mermaid(y).splitlines()) == 1 + 1 + 3_000 * 2 + 2 * 2  # the signs stand with their results
    assert 'n1(["cos → v1 = 0.8776"])' in to_mermaid(y)


def test_a_gradient_graph_shows_its_sums():
    X, b, v = Tensor(np.ones((3, 2)), "X"), Tensor([1.0, 2.0], "b"), Value(2.0, "v")
    slope = autograd.gradients((X * b).sum(), b, create_graph=True)
    *_, last = to_latex(slope, names={"s": slope}).splitlines()[:-1] or [to_latex(slope, names={"s": slope})]
    assert r"\sum_{i=1}^{3}" in last
    assert '(("#931;"))' in to_mermaid(slope).replace("Σ", "#931;")
    assert "bcast" not in to_mermaid(slope) + viz.text(slope) + viz.draw(slope).source
    slope = autograd.gradients((v * X).sum(), v, create_graph=True)
    assert r"\sum_{i=1}^{3} \sum_{j=1}^{2}" in to_latex(slope)
    assert whole(to_latex(slope, v))
    scalar = autograd.gradients(v * Tensor(3.0, "t"), v, create_graph=True)  # nothing to be summed
    assert "sum" not in to_latex(scalar)


def test_a_gradient_graph():
    x = Value(2.0, "x")
    slope = autograd.gradients(sin(x) * x, x, create_graph=True)
    assert whole(to_latex(slope))
    assert whole(to_latex(slope, x))


def test_dot_is_what_the_pictures_are_made_of():
    x, w = Value(2.0, "x"), Value(3.0, "w")
    y = x * w + x
    assert to_dot(y) == to_dot(y) == viz.draw(y).source
    assert to_dot([y, x], direction="TB") == viz.draw([y, x], direction="TB").source
    with pytest.raises(TypeError, match="to_dot: pass a Value"):
        to_dot(1.0)


def test_a_graph_is_one_node_or_a_list_a_set_or_an_object_array_of_them_everywhere():
    a, b = Value(1.0, "a") * 2, Value(3.0, "b") * 4
    array = np.array([[a, b]], dtype=object)
    for nodes in ([a, b], (a, b), {a, b}, frozenset([a, b]), array):
        assert graph.stats(nodes).nodes == 6
        assert to_dot(nodes).count("shape=") == to_dot([a, b]).count("shape=")
        assert viz.draw(nodes).source.count("shape=") == to_dot([a, b]).count("shape=")
        assert sorted(graph.replay(nodes, {})) == [2.0, 12.0]
        assert sorted(y.data for y in graph.from_json(graph.to_json(nodes))) == [2.0, 12.0]
