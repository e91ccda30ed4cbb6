"""An error shows one frame of ours below the user's code; what that raises passes as it is, with a note."""

import ast
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
import nn
import nn.functional as F
from autograd import Tensor, Value, grad, gradients, graph, jacobian, no_grad, primitive, vjp
from autograd.engine.fast import source
from autograd.tracebacks import entrance, is_ours
from tests.test_messages import failed, messages, scope

X, A = Tensor(np.ones(3), "x"), Tensor(np.ones((2, 3)), "A")
V = Value(2.0, "v")
MODEL = nn.Sequential(nn.Linear(3, 2, rng=0), nn.ReLU(), nn.Linear(2, 1, rng=0))


def own(frame):
    """Whether a frame belongs to one of the two packages."""
    return is_ours(frame) and str(frame.f_globals["__name__"]).partition(".")[0] in ("autograd", "nn")


def frames_below_the_users(error):
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    last = max(i for i, frame in enumerate(frames) if not is_ours(frame))
    return [frame.f_code.co_name for frame in frames[last + 1 :] if own(frame)]


def is_short(error):
    text = "".join(traceback.format_exception(error))
    assert len(frames_below_the_users(error)) <= 1, text
    assert "During handling" not in text
    assert "direct cause" not in text
    return text


mistakes = pytest.mark.parametrize("mistake", [p.values[0] for p in messages()])


@mistakes
def test_a_mistake_brings_a_short_traceback(mistake):
    text = is_short(failed(mistake))
    runs_of_ours = [line for line in text.splitlines() if line.startswith("  File")]
    assert len(text.splitlines()) <= 6 + 3 * len(runs_of_ours)


@mistakes
@pytest.mark.parametrize("transform", [grad, jacobian])
def test_a_mistake_in_a_transformed_function_brings_a_short_traceback(transform, mistake):
    with np.errstate(all="ignore"):
        is_short(raised(lambda: transform(lambda x: exec(mistake, scope()))(1.0)))


def raised(call):
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("no error")


ENTRANCES: dict[str, Callable[[], object]] = {
    "operator": lambda: X + np.ones(2),
    "operator, reflected": lambda: np.ones(2) - X,
    "operator on a list": lambda: [1.0, 2.0] * X,
    "operator in place": lambda: X.__iadd__(np.ones(2)),
    "in place under no_grad": lambda: no_grad()(lambda: Tensor([1.0]).__imul__("a"))(),
    "matmul": lambda: A @ A,
    "power": lambda: X ** np.ones(2),
    "divmod": lambda: divmod(X, np.ones(2)),
    "comparison": lambda: X < np.ones(2),
    "equality": lambda: X == np.ones(2),
    "and": lambda: X & X,
    "negation": lambda: ~X,
    "index": lambda: X[7],
    "index by a text": lambda: X["a"],
    "iteration": lambda: iter(Tensor(1.0)),
    "bool": lambda: bool(X),
    "float": lambda: float(X),
    "method": lambda: X.reshape(2, 2),
    "reduction": lambda: A.sum(axis=5),
    "method of the table": lambda: X.clip("a"),
    "function": lambda: autograd.where(X > 0, np.ones(2), 0.0),
    "derived function": lambda: autograd.stack([X, A]),
    "derived function of derived ones": lambda: anp.column_stack([A, np.ones(5)]),
    "plain data": lambda: autograd.add(np.ones(2), np.ones(3)),
    "a missing argument": lambda: autograd.matmul(X),
    "a wrong keyword": lambda: autograd.sum(X, axes=1),
    "NumPy's function": lambda: np.concatenate([X, A]),
    "NumPy's ufunc": lambda: np.add(X, np.ones(2)),
    "NumPy's reduction": lambda: np.add.reduce(A, axis=4),
    "autograd.numpy": lambda: anp.sum(A, axis=4),
    "autograd.numpy, plain": lambda: anp.sum(np.ones(2), axis=4),
    "autograd.numpy.linalg": lambda: anp.linalg.norm(A, axis=(0, 1, 2)),
    "a name that NumPy lacks": lambda: anp.summ,
    "Tensor": lambda: Tensor([[1.0], [1.0, 2.0]]),
    "Value": lambda: Value("a"),
    "data": lambda: setattr(Value(1.0), "data", "a"),
    "grad": lambda: setattr(Tensor([1.0]), "grad", np.ones(3)),
    "label": lambda: setattr(Value(1.0), "label", 3),
    "backward": lambda: (X * 2).backward(),
    "backward, a gradient": lambda: (X * 2).backward(np.ones(5)),
    "gradients": lambda: gradients(X * 2, X),
    "grad of no function": lambda: grad(3),
    "grad at a text": lambda: grad(autograd.sum)("a"),
    "grad of no scalar": lambda: grad(autograd.sin)(np.ones(2)),
    "grad of what returns no node": lambda: grad(lambda x: "a")(1.0),
    "grad of grad": lambda: grad(grad(lambda x: x * X))(1.0),
    "jacobian": lambda: jacobian(lambda x: None)(np.ones(2)),
    "vjp": lambda: vjp(autograd.sin, 1.0)[1]("a"),
    "an op in a transformed function": lambda: grad(lambda x: (x + X).sum())(np.ones(2)),
    "replay": lambda: graph.replay(X * 2, {X: np.ones(7)}),
    "from_json": lambda: graph.from_json("{}"),
    "explain": lambda: graph.explain(3, X),
    "defvjps": lambda: autograd.sin.defvjps(y=None),
    "primitive": lambda: primitive("a\n"),
    "formula": lambda: autograd.formula("no such op"),
    "supported": lambda: autograd.supported(3),
    "F": lambda: F.mse_loss(X, A),
    "F.cross_entropy": lambda: F.cross_entropy(A, np.ones(3, int)),
    "F.softmax": lambda: F.softmax(A, dim=7),
    "layer": lambda: nn.Linear(2, 3, rng=0)(np.ones((4, 5))),
    "layers in a model": lambda: MODEL(np.ones((4, 5))),
    "loss": lambda: nn.MSELoss()(X, np.ones(7)),
    "constructor of a layer": lambda: nn.Linear(-1, 3),
    "constructor of a loss": lambda: nn.MSELoss(reduction="no such"),
    "optimiser": lambda: nn.optim.SGD([], lr=0.1),
    "step": lambda: nn.optim.SGD(MODEL.parameters(), lr=0.1).step(),
    "load_state_dict": lambda: MODEL.load_state_dict({}),
    "over a parameter": lambda: setattr(MODEL[0], "weight", 3.0),
    "fit": lambda: nn.fit(MODEL, np.ones((4, 3)), np.ones((3, 1)), loss="mse"),
    "fit, features": lambda: nn.fit(MODEL, np.ones((4, 5)), np.ones((4, 1)), loss="mse"),
    "predict": lambda: nn.predict(MODEL, np.ones((4, 5))),
}


@pytest.mark.parametrize("name", ENTRANCES)
def test_every_entrance_shows_one_frame_of_ours(name):
    error = raised(ENTRANCES[name])
    is_short(error)
    assert len(frames_below_the_users(error)) <= 1
    assert getattr(error, "__notes__", []) == []


def test_a_shape_error_shows_the_line_of_ours_that_refuses_it():
    text = "".join(traceback.format_exception(failed("x + Tensor([1.0, 2.0])")))
    assert len(text.splitlines()) <= 8
    assert "return apply(op, (n0, n1,), NO_PARAMS)" in text
    cause = failed("x + Tensor([1.0, 2.0])").__context__
    assert isinstance(cause, ValueError)  # NumPy's own error is kept
    assert cause.__context__ is None  # and raised once: no op is evaluated again inside an `except`


# ---- code of a user's ----


class Mine(Exception):
    """An error of a user's."""


ERRORS = [Mine("mine"), KeyError("mine"), ValueError("mine"), TypeError("mine"), IndexError("mine"),
          ZeroDivisionError("mine"), OverflowError("mine"), RuntimeError("mine")]  # fmt: skip
errors = pytest.mark.parametrize("error", ERRORS, ids=lambda e: type(e).__name__)


def fails(error):
    raise error  # the user's own line


def passes_unchanged(call, error, note):
    error.__notes__, error.__context__, error.__traceback__ = [], None, None
    error.__suppress_context__ = False
    found = raised(lambda: call(error))
    assert found is error
    assert traceback.extract_tb(found.__traceback__)[-1].line == "raise error  # the user's own line"
    assert frames_below_the_users(found) == []
    assert not found.__suppress_context__
    assert found.__context__ is None
    assert any(note in n for n in found.__notes__), found.__notes__
    assert len(set(found.__notes__)) == len(found.__notes__)
    del error.__notes__


def op_that_fails(error, elementwise, backward=False):
    @primitive("bad", elementwise=elementwise)
    def bad(xp, x, /, n=1):  # with a static argument formulas are called, not written out
        if not backward and isinstance(x, (float, np.ndarray)):
            fails(error)
        return x * x

    bad.defvjps(x=lambda xp, g, y, x, n: fails(error) if backward and isinstance(x, (float, np.ndarray)) else g * x)
    return bad


@errors
@pytest.mark.parametrize("x", [V, X, 2.0, np.ones(2)], ids=["Value", "Tensor", "float", "array"])
@pytest.mark.parametrize("elementwise", [True, False])
def test_a_primitives_error_passes(error, x, elementwise):
    if x is V and not elementwise:
        return
    passes_unchanged(lambda e: op_that_fails(e, elementwise)(x), error, "in the primitive bad(")


@errors
def test_a_primitives_error_passes_out_of_compiled_code(error):
    @primitive("bad")
    def bad(xp, x):
        return fails(error)

    passes_unchanged(lambda e: bad(X), error, "in the primitive bad(")


@errors
@pytest.mark.parametrize("elementwise", [True, False])
def test_a_derivatives_error_passes(error, elementwise):
    x = X
    y = autograd.sum(op_that_fails(error, elementwise, backward=True)(x))
    passes_unchanged(lambda e: y.backward(), error, "in the derivative of bad")
    passes_unchanged(lambda e: gradients(y, x), error, "in the derivative of bad")


@errors
def test_a_transformed_functions_error_passes(error):
    for transform, note in ((grad, "grad"), (jacobian, "jacobian"), (autograd.hessian, "hessian")):
        passes_unchanged(lambda e, t=transform: t(lambda x: fails(e))(1.0), error, f"in the function that {note} diff")
    passes_unchanged(lambda e: vjp(lambda x: fails(e), 1.0), error, "in the function that vjp diff")
    passes_unchanged(lambda e: autograd.jvp(lambda x: fails(e), (1.0,), (1.0,)), error, "in the function that jvp diff")
    passes_unchanged(lambda e: grad(grad(lambda x: fails(e)))(1.0), error, "in the function that grad diff")


@errors
def test_an_error_in_a_forward_a_loss_or_a_callback_passes(error):
    class Net(nn.Module):
        def __init__(self, broken):
            self.line = nn.Linear(1, 1, rng=0)
            self.broken = broken

        def forward(self, x):
            return fails(error) if self.broken else self.line(x)

    data = {"X": np.ones((2, 1)), "y": np.ones((2, 1)), "progress": False, "epochs": 1}
    passes_unchanged(lambda e: Net(True)(np.ones((1, 1))), error, "in the forward pass of Net")
    passes_unchanged(lambda e: nn.Sequential(Net(True))(np.ones((1, 1))), error, "in the forward pass of Net")
    passes_unchanged(lambda e: nn.fit(Net(True), loss="mse", **data), error, "in nn.fit")
    passes_unchanged(lambda e: nn.fit(Net(False), loss=lambda y, t: fails(e), **data), error, "in nn.fit")
    passes_unchanged(
        lambda e: nn.fit(Net(False), loss="mse", callbacks=[lambda run: fails(e)], **data), error, "in nn.fit"
    )


def test_a_users_error_that_is_caught_and_explained_keeps_its_cause():
    def f(x):
        try:
            fails(KeyError("first"))
        except KeyError as cause:
            raise Mine("second") from cause

    error = raised(lambda: grad(f)(1.0))
    assert isinstance(error.__cause__, KeyError)
    assert "direct cause" in "".join(traceback.format_exception(error))


def test_frames_of_ours_between_those_of_a_users_are_one():
    def inner(x):
        return grad(lambda z: fails(Mine()))(x)

    found = raised(lambda: grad(inner)(1.0))
    assert [f.f_code.co_name for f, _ in traceback.walk_tb(found.__traceback__)] == [
        "raised", "<lambda>", "gradient", "inner", "gradient", "<lambda>", "fails",
    ]  # fmt: skip


def test_an_interrupt_is_left_alone():
    def f(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as interrupt:
        grad(f)(1.0)
    assert not hasattr(interrupt.value, "__notes__")


def test_an_entrance_is_the_function_to_who_asks():
    for f in (autograd.stack, grad, graph.replay, F.mse_loss, nn.fit, nn.predict):
        assert pickle.loads(pickle.dumps(f)) is f
        assert f.__globals__["__name__"] == f.__module__  # where doctest looks
        assert f.__doc__

    @entrance
    def f(a, *, b=1):
        """Its text."""
        return a, b

    assert f(1, b=2) == (1, 2)
    assert (f.__name__, f.__doc__, f.__wrapped__.__kwdefaults__) == ("f", "Its text.", {"b": 1})


def test_no_op_is_applied_while_an_error_is_handled():
    files = [path.read_text("utf-8") for path in Path(autograd.__file__).parent.rglob("*.py")]
    made = [source(op) for op in autograd.ops.table() if op.arity < 3 and not op.variadic]
    for text in files + made:
        handlers = [h for h in ast.walk(ast.parse(text)) if isinstance(h, ast.ExceptHandler)]
        calls = [node.func for h in handlers for node in ast.walk(h) if isinstance(node, ast.Call)]
        names = {getattr(f, "id", getattr(f, "attr", "")) for f in calls}
        assert names.isdisjoint({"apply", "recording_of"}), text
    assert any("except" in text for text in made)
