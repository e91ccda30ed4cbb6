"""The words on the arrows of pictures: none of the engine's own, and true ones."""

import re

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.graph.formulas import Texts, has_derivative
from autograd.graph.wording import text
from autograd.namespaces.names import Name, Shaped, xp
from autograd.viz.backward_arrows import COLUMNS
from tests.helpers.samplers import STRUCTURAL
from tests.ops.test_table import OPS

ENGINES = re.compile(r"(scatter|reshape|broadcast|sum)_like|put_back|count\(|\bpart \d")


def arrow(y, slot=0):
    names = {p: p.label or "?" for p in y.parents} | {y: "y"}
    return Texts(names, write=text).derivative(y, slot)


A, B = Tensor(np.arange(6.0).reshape(2, 3), "A"), Tensor(np.ones((1, 3)), "B")
v, w = Tensor([1.0, 2.0, 3.0], "v"), Tensor([4.0], "w")
M = Tensor([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 4.0]], "M")
T = Tensor(np.ones((2, 1, 2)), "T")


@pytest.mark.parametrize(
    ("y", "slot", "words"),
    [
        (A[0, 1:], 0, "g put at [0, 1:]"),
        (A.sum(), 0, "g in every place"),
        (A.sum(axis=0), 0, "g in every row"),
        (A.sum(axis=1), 0, "g in every column"),
        (v.sum(axis=0), 0, "g in every place"),
        (A.mean(), 0, "g/6 in every place"),
        (A.mean(axis=-1), 0, "g/3 in every column"),
        (T.mean(axis=(0, 2)), 0, "g/4 spread over T"),
        (A.T, 0, "gᵀ"),
        (A.reshape(3, 2), 0, "g reshaped to (2, 3)"),
        (ag.concatenate([A, B]), 0, "rows 0–1 of g"),
        (ag.concatenate([A, B]), 1, "row 2 of g"),
        (ag.concatenate([A, A], axis=-1), 1, "columns 3–5 of g"),
        (ag.concatenate([v, w]), 0, "elements 0–2 of g"),
        (ag.concatenate([v, w]), 1, "element 3 of g"),
        (ag.concatenate([T, T], axis=1), 1, "g[:, 1:2]"),
        (ag.stack([v, v]), 1, "g[1]"),
        (A.max(), 0, "g where A = y, shared by ties"),
        (A.min(axis=1), 0, "g where A = y, shared by ties"),
        (ag.numpy.diag(v), 0, "g put back into v"),
        (ag.numpy.linalg.det(M), 0, "g·cofactor(M)"),
    ],
)
def test_the_words_on_an_arrow(y, slot, words):
    assert arrow(y, slot) == words


def test_no_arrow_has_a_word_of_the_engine():
    for op in OPS:
        for args, params in STRUCTURAL[op.__name__].samples if op.__name__ in STRUCTURAL else ():
            nodes = [Tensor(np.asarray(a), "abcdefgh"[i]) for i, a in enumerate(args)]
            y = op(*nodes, **params)
            written = [arrow(y, i) for i in range(len(nodes)) if has_derivative(y, i)]
            if "_like" not in op.__name__ and not op.__name__.endswith(("_parts", "of_others")):
                assert [t for t in written if ENGINES.search(t[:COLUMNS])] == [], op


def test_what_has_no_shape_keeps_its_words():
    g, x = Name("g"), Name("x")
    assert text(xp.reshape_like(g, x)) == "reshape_like(g, x)"
    assert text(xp.broadcast_like(g, x)) == "g spread over x"


def test_words_are_bracketed_within_a_product():
    g, a = Shaped("g", ()), Shaped("a", (2, 3))
    assert text(2 * xp.broadcast_like(g, a)) == "2·(g in every place)"
