"""Bad input: a short error that names the op, what met, and what to do. Never a bare message from below."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, gradients, sigmoid, sin
from tests.helpers.support import KINDS

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)

NO_NUMBERS = [
    ("text", r"'text' is not a number.*float\("),
    (None, r"None is not a number.*is a return missing"),
    ({}, r"dict is not a number"),
    (1j, r"1j is complex: complex numbers are outside this project; carry .* as two nodes$"),
    (object(), r"object is not a number"),
    (np.array(["a"]), r"dtype <U1 cannot be carried: pass real numbers"),
    (np.array([1j]), r"dtype complex128 cannot be carried: complex numbers are outside this project"),
    ([[1.0, 2.0], [3.0]], r"one length"),
    (lambda x: x, r"function is not a number"),
]
no_numbers = pytest.mark.parametrize(("bad", "text"), NO_NUMBERS, ids=lambda p: type(p).__name__)


def short(error):
    assert len(str(error.value)) < 500
    assert "\n" not in str(error.value)


@kinds
@no_numbers
def test_what_is_no_number_meets_no_node(kind, bad, text):
    x = kind(2.0)
    for name, f in {
        "add": lambda: x + bad,
        "mul": lambda: x * bad,
        "div": lambda: x / bad,
        "less": lambda: x < bad,
    }.items():
        with pytest.raises((TypeError, ValueError), match=rf"^{name}: .*({text})") as error:
            f()
        short(error)
    for name, f in {"sub": lambda: bad - x, "pow": lambda: bad**x, "maximum": lambda: autograd.maximum(bad, x)}.items():
        with pytest.raises((TypeError, ValueError), match=rf"^{name}: .*({text})") as error:
            f()
        short(error)


@no_numbers
def test_what_is_no_number_makes_no_tensor_and_goes_into_no_function(bad, text):
    with pytest.raises((TypeError, ValueError), match=rf"^Tensor: .*({text})") as error:
        Tensor(bad)
    short(error)
    if isinstance(bad, np.ndarray) and bad.dtype.kind == "c":
        return  # functions of plain arrays are NumPy's, and NumPy's carry complex numbers
    with pytest.raises((TypeError, ValueError), match=rf"^sin: .*({text})"):
        sin(bad)
    with pytest.raises((TypeError, ValueError), match=rf"^sum: .*({text})"):
        autograd.sum(bad)


@pytest.mark.parametrize("bad", ["text", None, {}, 1j, [1.0], np.ones(2), np.array("a")], ids=repr)
def test_a_value_holds_one_real_number(bad):
    with pytest.raises(
        TypeError, match=r"^Value: .*(is not a number|complex numbers are outside|an array goes into a Tensor)"
    ):
        Value(bad)


def test_numbers_too_large_for_a_float_are_named():
    with pytest.raises((OverflowError, TypeError, ValueError), match=r"^Value: "):
        Value(10**400)
    with pytest.raises((OverflowError, TypeError, ValueError), match=r"^add: "):
        Value(1.0) + 10**400


@kinds
def test_a_node_is_not_wrapped_again(kind):
    for outer in KINDS:
        with pytest.raises(TypeError, match=rf"^{outer.__name__}: this is a node already; x\.detach\(\)"):
            outer(kind(1.0))


def test_lists_and_nodes():
    with pytest.raises(TypeError, match=r"sum: a list of nodes is no array: .*autograd\.stack"):
        autograd.sum([Value(1.0), Value(2.0)])
    with pytest.raises(TypeError, match=r"a list of nodes is no array"):
        Tensor([1.0, 2.0]) * [Value(1.0), 2.0]


@kinds
def test_a_torch_tensor_meets_no_array_of_numpys(kind):
    torch = pytest.importorskip("torch")
    t = torch.tensor([1.0, 2.0])
    x = kind(2.0)
    for f in (lambda: x + t, lambda: t + x, lambda: x * t, lambda: t * x):
        if kind is Value:  # a number goes anywhere
            assert type(f().data) is torch.Tensor
            continue
        with pytest.raises(TypeError, match=r"on numpy meets .* on torch cpu; nothing moves by itself"):
            f()


@pytest.mark.parametrize(("a", "b"), [((2,), (3,)), ((2, 3), (2,)), ((2, 3), (3, 2)), ((0,), (2,))], ids=str)
@pytest.mark.parametrize("name", ["add", "mul", "div", "maximum", "less", "pow"])
def test_shapes_that_do_not_meet_are_shown_with_the_rule(name, a, b):
    x, y = Tensor(np.ones(a), "x"), Tensor(np.ones(b))
    left, right = (rf"f64\[{','.join(map(str, s))}\]" for s in (a, b))
    text = rf"^{name}\(Tensor 'x' {left}, Tensor {right}\): .*meet from the right"
    with pytest.raises(ValueError, match=text) as error:
        getattr(autograd, name)(x, y)
    short(error)
    with pytest.raises(ValueError, match=r"where\(.*meet from the right"):
        autograd.where(x > 0, y, 0.0)


def test_an_error_names_labels_and_the_ops_of_results():
    W, x = Tensor(np.ones((2, 3)), "W"), Tensor(np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"matmul\(Tensor 'W' f64\[2,3\], Tensor from 'sigmoid' f64\[4,2\]\)"):
        W @ sigmoid(x)


@kinds
def test_backward_on_what_requires_nothing(kind):
    c = kind(2.0, "c", requires_grad=False)
    with pytest.raises(ValueError, match=r"backward: .*'c'.* requires no gradient.*requires_grad=False"):
        c.backward()
    with pytest.raises(ValueError, match=r"backward: .*from 'mul'.* requires no gradient: no leaf"):
        (c * c).backward()
    with pytest.raises(ValueError, match=r"backward: .* requires no gradient"):
        (kind(2.0) > 1).backward()


def test_backward_on_what_is_no_scalar():
    y = Tensor([1.0, 2.0]) * 2
    with pytest.raises(
        ValueError, match=r"backward: Tensor from 'mul' f64\[2\] is not a scalar; reduce it \(y\.sum\(\)"
    ):
        y.backward()
    Tensor([[1.0]]).backward()  # one element is enough


@pytest.mark.parametrize(
    ("gradient", "text"),
    [
        ([1.0], r"backward: the gradient has shape \(1,\), but .* shape \(2,\)"),
        (1.0, r"backward: the gradient has shape \(\), but .* shape \(2,\)"),
        (np.ones((2, 2)), r"backward: the gradient has shape \(2, 2\)"),
        ("text", r"backward: .*'text' is not a number"),
        ([[1.0], [1.0, 2.0]], r"backward: .*one length"),
        (np.array(["a", "b"]), r"backward: .*<U1"),
    ],
    ids=repr,
)
def test_a_gradient_of_another_shape_or_kind(gradient, text):
    y = Tensor([1.0, 2.0]) * 2
    with pytest.raises((TypeError, ValueError), match=text):
        y.backward(gradient)


def test_gradients_of_what_is_no_node():
    x = Value(2.0)
    y = x * x
    for call in (
        lambda: gradients(y, 3),
        lambda: gradients(4.0, x),
        lambda: gradients(y, [x, 3.0]),
        lambda: gradients([y, None], x),
    ):
        with pytest.raises(
            TypeError, match=r"^gradients: .*(Value|node).*(int|float|NoneType)|^gradients: (int|float|NoneType) "
        ):
            call()
    with pytest.raises(ValueError, match=r"gradients: 2 outputs but 1 grad_outputs"):
        gradients([y, y], x, [1.0])


def test_grad_outputs_as_an_array():
    x = Value(2.0)
    assert gradients([x * x, 3 * x], x, np.array([1.0, 2.0])) == 10.0


def test_no_assertion_stands_between_a_user_and_a_lesson():
    for call in (
        lambda: Tensor([1.0]).reshape("a"),
        lambda: autograd.transpose(Tensor([1.0]), (0, 1)),
        lambda: autograd.swapaxes(Tensor([1.0]), 0, 3),
    ):
        with pytest.raises((TypeError, ValueError), match=r"^(reshape|transpose|swapaxes)[(:]"):
            call()
