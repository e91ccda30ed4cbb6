"""Everything about an op is in its record: no other file knows ops by name, and a new one works everywhere."""

import ast
import json
import pickle
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import autograd
from autograd import Tensor, Value, formula, gradients, primitive, viz
from autograd.engine.node import functions, registry
from autograd.graph import (
    diff,
    explain,
    from_json,
    replay,
    stats,
    steps,
    to_dict,
    to_json,
    to_latex,
    to_mermaid,
    toposort,
)  # fmt: skip
from autograd.ops import javascript, table
from autograd.testing import check_gradients
from autograd.testing.op_inputs import domain
from autograd.testing.strategies import expressions, op_calls

ROOT = Path(autograd.__file__).parents[1]
OUTSIDE = [
    path
    for package in ("autograd", "nn")
    for path in sorted((ROOT / package).rglob("*.py"))
    if ROOT / "autograd/ops" not in path.parents
]
NAMES = {op.name for op in table()} | {op.__name__ for op in table()} | functions().keys()
# The tables of targets: what a notation or a namespace writes or calls for a function, and the names of Python's,
# NumPy's and PyTorch's functions; and tables of words that no op is meant by. None stands for the whole file.
TARGETS = {
    "autograd/engine/leaving.py": {"_OURS"},
    "autograd/operators.py": {"MADE"},  # the methods and operators of nodes
    "autograd/methods.py": {"_IN_PLACE", "_LATE", "_TORCHS"},  # names of methods of ndarray, and of PyTorch's tensors
    "autograd/namespaces/arrays.py": {"_NAMED"},
    "autograd/namespaces/marks.py": None,
    "autograd/namespaces/names.py": {"HEADS"},
    "autograd/compiler/instructions.py": {"_VIEWS"},
    "autograd/compiler/levels.py": {""},  # what needs brackets of its own in a call
    "autograd/compiler/machine.py": {"COMMON", "_NUMPYS"},
    "autograd/compiler/numpy_source.py": None,
    "autograd/compiler/programs.py": {"_COMMUTATIVE", "_SHAPED_LIKE"},
    "autograd/compiler/python_source.py": {"_HEADS", "NOT_CALLED"},
    "autograd/compiler/rules.py": {"_RULES"},
    "autograd/compiler/variables.py": {"OPERATORS", ""},
    "autograd/namespaces/notations.py": None,
    "autograd/namespaces/special.py": None,
    **{f"autograd/namespaces/{name}.py": None for name in ("cupy", "jax", "numpy_like", "torch")},
    "autograd/namespaces/library.py": {"_RENAMED"},
    **{f"autograd/namespaces/standard_{family}.py": None for family in ("elementwise", "shapes")},
    "autograd/torch_functions.py": None,  # PyTorch's names
    "autograd/scipy/special.py": {"_TABLE"},  # SciPy's names
    "autograd/numpy/advice.py": {"INSTEAD", "OUTSIDE"},
    "autograd/numpy/dispatch.py": {"_OTHER_NAMES"},
    "autograd/other_names.py": {"_INSTEAD", "_PYTORCHS"},
    "autograd/torch_names.py": None,
    "autograd/graph/onnx/functions.py": {"FUNCTIONS"},
    "autograd/graph/onnx/indexing.py": {"INDEXING"},
    "autograd/graph/onnx/table.py": {"LACKING", "WHOLE"},
    "autograd/graph/onnx/windows.py": {"WINDOWS"},
    "autograd/graph/serialization.py": {"_RENAMED"},  # names of ops in older files
    "autograd/testing/op_inputs.py": {"FLAVOURS"},  # of matrices
    "autograd/viz/options.py": {"COLORS"},
    "autograd/viz/page_program.py": {"_BY_ELEMENTS", "_OF_SHAPES", "_WRITTEN_OUT"},
    "autograd/viz/playground.py": {"_ACTIVATIONS"},  # what a reader chooses from
    "autograd/viz/style.py": {"STROKES", "WEIGHTS"},  # positive, negative
}  # fmt: skip


def is_an_ops_name(node):
    """Whether an expression is the name or the symbol of an op: ``op.name``, ``node.op.__name__``."""
    if not isinstance(node, ast.Attribute) or node.attr not in ("name", "__name__", "symbol"):
        return False
    of = node.value
    return (isinstance(of, ast.Name) and of.id in ("op", "o")) or (isinstance(of, ast.Attribute) and of.attr == "op")


def decisions(tree):
    """Where code compares an op's name, or looks something up by it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            identity = all(isinstance(o, (ast.Is, ast.IsNot)) for o in node.ops)
            if not identity and any(map(is_an_ops_name, [node.left, *node.comparators])):
                yield node
        elif isinstance(node, ast.Subscript) and is_an_ops_name(node.slice):
            yield node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("get", "startswith", "endswith"):
                if any(map(is_an_ops_name, [node.func.value, *node.args[:1]])):
                    yield node
        elif isinstance(node, ast.Match) and is_an_ops_name(node.subject):
            yield node


def tables(tree):
    """Sets, lists and mappings by the names of several ops, but for lists of public names; with the variable's name."""
    for statement in tree.body:
        targets = [statement.target] if isinstance(statement, ast.AnnAssign) else getattr(statement, "targets", [])
        variable = targets[0].id if targets and isinstance(targets[0], ast.Name) else ""
        for node in ast.walk(statement):
            keys = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
            texts = [k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
            if sum(text in NAMES for text in texts) >= 2 and variable not in ("__all__", "SHADOWING"):
                yield variable, [t for t in texts if t in NAMES]


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_decides_by_the_name_of_an_op(path):
    tree = ast.parse(path.read_text())
    assert [ast.unparse(node) for node in decisions(tree)] == []
    allowed = TARGETS.get(str(path.relative_to(ROOT)), set())
    if (
        allowed is not None and ROOT / "nn" not in path.parents
    ):  # whose layers, losses and their options are named like ops
        assert [(variable, names) for variable, names in tables(tree) if variable not in allowed] == []


def test_a_file_that_decides_by_the_name_of_an_op_is_seen():
    for code in (
        "if op.name == 'matmul': pass", "x = node.op.name in KNOWN", "TEXTS[op.name]", "TEXTS.get(op.name, '')",
        "match op.name:\n    case 'add': pass", "op.__name__.startswith('log')",
    ):  # fmt: skip
        assert list(decisions(ast.parse(code))), code
    for code in ("_SYMMETRIC = frozenset({'add', 'mul', 'x'})", "def f(): return {'tril': 1, 'where': 2}"):
        assert list(tables(ast.parse(code))), code
    assert not list(decisions(ast.parse("a = op.name; b = op is where; c = os.name == 'nt'")))


# A new op: nothing but its record knows it.
@primitive("◇", elementwise=True, commutative=True)
def lozenge(xp, a, b):
    """The sum of the squares, and thrice the product."""
    return a * a + b * b + 3 * a * b


lozenge.defvjps(a=lambda xp, g, y, a, b: g * (2 * a + 3 * b), b=lambda xp, g, y, a, b: g * (2 * b + 3 * a))


@primitive("◁", elementwise=True)
def leftward(xp, a, b):
    """A difference, with the left twice."""
    return a * a - b


leftward.defvjps(a=lambda xp, g, y, a, b: g * (2 * a), b=lambda xp, g, y, a, b: -g)


@primitive("⋈", name="bowtie")
def bowtie_of_arrays(xp, x, like, /, axis=0):
    """The sums of squares along an axis, spread over the shape of another array."""
    return xp.broadcast_like(xp.sum(x * x, axis=axis, keepdims=True), like)


bowtie_of_arrays.defvjps(
    x=lambda xp, g, y, x, like, axis: 2 * x * xp.sum(g, axis=axis, keepdims=True),
    like=None,
)
bowtie_of_arrays.samples = (((2, 3), (2, 3), {"axis": 0}), ((3,), (3,), {"axis": -1}))
NEW = [lozenge, leftward, bowtie_of_arrays]


def on_nodes(op):
    a, b = Tensor([[1.0, 2.0], [0.5, -1.0]], "a"), Tensor([[3.0, 0.5], [2.0, 1.0]], "b")
    return op(a, b), a, b


@pytest.mark.parametrize("op", NEW, ids=lambda op: op.__name__)
class TestANewOp:
    def test_is_written(self, op):
        lines = formula(op).splitlines()
        assert lines[0].startswith(f"{op.name}  {op.symbol}  the sum" if op is not leftward else "leftward  ◁  a diff")
        assert len(lines) == 2 + sum(f is not None for f in op.formulas)
        y, a, _ = on_nodes(op)
        assert repr(op).startswith(f"<op {op.name} {op.symbol}(")
        assert op.name in to_latex(y, names={}).replace(r"\_", "_")
        assert f"d{a.label}" in str(explain(y, a, gradient=np.ones(y.shape))).replace("∂", "d")

    def test_is_drawn_with_numbers_where_its_operands_may_not_change_places(self, op):
        y, *_ = on_nodes(op)
        source = viz.draw(y).source
        assert op.symbol in source
        numbered = not op.commutative
        assert ("taillabel" in source or "headlabel" in source) == numbered
        assert ("|1|" in to_mermaid(y)) == numbered
        assert op.symbol in viz.draw_backward(y, gradient=np.ones(y.shape)).source

    def test_is_counted_listed_and_compared_by_its_public_name(self, op):
        y, *_ = on_nodes(op)
        assert stats(y).ops == {op.name: 1}
        assert to_dict(y)["nodes"][-1]["op"] == op.name
        other, *_ = on_nodes(leftward if op is not leftward else lozenge)
        assert op.name in str(diff(y, other))

    def test_goes_through_json_and_pickle(self, op):
        y, *_ = on_nodes(op)
        text = to_json(y)
        assert json.loads(text)["primitives"] == [op.__name__]
        again = from_json(text, primitives=[op])
        assert again.op is op
        np.testing.assert_array_equal(again.data, y.data)
        assert pickle.loads(pickle.dumps(y)).op is op
        with pytest.raises(ValueError, match=rf"uses a primitive '{op.__name__}'"):
            from_json(text)

    def test_is_replayed_and_differentiated_again(self, op):
        y, a, b = on_nodes(op)
        new = np.array([[2.0, 1.0], [1.0, 3.0]])
        np.testing.assert_allclose(replay(y, {a: new}), op(new, b.data))
        slope = gradients(y.sum(), a, create_graph=True)
        x = Tensor(new)
        np.testing.assert_allclose(replay(slope, {a: new}), gradients(op(x, b).sum(), x))
        assert next(step.op for step in steps(y, np.ones(y.shape))) is op

    def test_is_checked_and_drawn_at_random(self, op):
        @settings(max_examples=2, deadline=None, database=None)
        @given(op_calls(op))
        def checked(call):
            assert op.__name__ in repr(call)
            for order in (1, 2):
                check_gradients(
                    lambda *xs: op(*xs, *call.args[len(xs) :], **call.params), call.args[: _floats(op)], order=order
                )

        checked()

    def test_is_named_in_errors(self, op):
        with pytest.raises(TypeError, match=rf"^{op.name} takes "):
            op(Tensor([1.0, 2.0]))
        if op.elementwise:  # an error out of a user's formula passes, with a note
            with pytest.raises(ValueError, match="broadcast") as caught:
                op(Tensor([[1.0, 2.0]]), Tensor([[1.0, 2.0, 3.0]]))
            assert any(f"in the primitive {op.name}(" in note for note in caught.value.__notes__)

    def test_reports_nan_by_its_public_name(self, op):
        with autograd.detect_anomaly(), pytest.raises(FloatingPointError, match=op.name):
            op(Tensor([np.inf, 1.0]), Tensor([np.inf, 1.0])) - np.inf


def _floats(op):
    return sum(v is not None for v in op.vjps)


def test_a_new_op_takes_values_and_random_expressions():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    y = lozenge(a, b)
    y.backward()
    assert (y.data, a.grad, b.grad) == (31.0, 13.0, 12.0)
    assert gradients(gradients(y, a, create_graph=True), b) == 3.0

    @settings(max_examples=2, deadline=None, database=None)
    @given(expressions(n_inputs=2, ops=[lozenge, leftward], max_nodes=3), st.just(0))
    def run(expression, _):
        assert "lozenge" in repr(expression) or "leftward" in repr(expression)
        check_gradients(expression, expression.inputs)

    run()


def test_a_domain_of_its_own_is_where_arguments_are_drawn():
    @primitive("far", elementwise=True)
    def far(xp, x):
        return xp.sqrt(x - 5.0) * xp.sqrt(6.0 - x)

    far.defvjps(x=lambda xp, g, y, x: g * (5.5 - x) / y)
    with pytest.raises(ValueError, match="far has no smooth point"):
        domain(far)
    far.domain = ((5.2, 5.8),)
    assert 5.2 <= domain(far).point[0] <= 5.8


def test_a_target_that_an_op_lacks_says_so():
    @primitive("here", elementwise=True, lacks=("javascript",))
    def here(xp, x):
        return x * x

    assert here.lacks == {"javascript"}
    with pytest.raises(ValueError, match=r"^here cannot be calculated in JavaScript"):
        javascript(here)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: autograd.matmul(x, 2.0), r"^matmul\(.*with a number write \*"),
        (lambda x: autograd.reshape(x, (3,)), r"^reshape\(.*keeps the number of elements"),
        (lambda x: autograd.transpose(x, (1, 1)), r"^transpose\(.*name each of the 1 axes once"),
    ],
)  # fmt: skip
def test_an_op_adds_its_own_text_to_an_error(call, text):
    with pytest.raises(ValueError, match=text):
        call(Tensor([1.0, 2.0]))


def test_an_argument_of_which_the_shape_is_read_is_no_use():
    by_name = {op.__name__: op for op in table()}
    for name, argument in (("broadcast_like", "like"), ("scatter_like", "like"), ("count", "x"), ("zeros_like", "x")):
        assert by_name[name].shape_only == (argument,)
    assert bowtie_of_arrays.uses == (frozenset({0}), frozenset())


# What users call is what they see; the names by which files find ops tell those apart that serve one function.
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("concatenate", lambda x: autograd.concatenate([x, x])), ("stack", lambda x: autograd.stack([x, x])),
        ("norm", autograd.norm), ("diff", autograd.diff), ("pad", lambda x: autograd.pad(x, 1)),
        ("einsum", lambda x: autograd.einsum("i,i->", x, x)), ("astype", lambda x: autograd.astype(x, "float32")),
        ("slogdet", lambda x: autograd.slogdet(x * np.eye(3)).logabsdet),
    ],
)  # fmt: skip
def test_an_op_is_shown_by_the_name_that_users_call(name, make):
    y = make(Tensor([1.0, 2.0, 3.0], "x"))
    assert y.op.name == name
    assert stats(y).ops[name] == 1
    assert to_dict(y)["nodes"][-1]["op"] == name
    assert repr(y.op).startswith(f"<op {name} ")
    assert any(part.startswith(f"{name}  ") for part in formula(name).split("\n\n"))
    assert from_json(to_json(y)).op is y.op


def test_formulas_of_functions_composed_of_several_ops_name_these():
    assert formula("clip").splitlines()[1] == "composed of maximum, minimum"
    assert formula("hstack").splitlines()[1] == "composed of concatenate, expand_dims"
    assert formula("linspace").splitlines()[1] == "composed of operators and indices"
    assert formula("norm").splitlines()[-1].startswith("used with abs, ")
    for name in functions():
        assert formula(name).startswith(f"{name}  ") or not isinstance(getattr(registry, name), type(is_an_ops_name))


def test_files_of_the_version_before_are_read():
    x = Tensor([1.0, 2.0, 3.0], "x")
    for new, old, y in [
        ("concatenate_args", "join", autograd.concatenate([x, x])), ("stack_args", "layers", autograd.stack([x, x])),
        ("euclidean_norm", "length", autograd.norm(x)), ("first_difference", "steps", autograd.diff(x)),
        ("pad_array", "padded", autograd.pad(x, 1)), ("median_indices", "middle_places", autograd.median(x)),
        ("unique_indices", "unique_places", autograd.unique(x)),
    ]:  # fmt: skip
        text = to_json(y).replace(f'"op": "{new}"', f'"op": "{old}"')
        assert f'"op": "{old}"' in text
        again = from_json(text)
        assert [n.op for n in toposort(again)] == [n.op for n in toposort(y)]
