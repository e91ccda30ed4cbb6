"""``playground``: a page in which a small net learns, neuron by neuron, forwards and backwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from html import escape

import numpy as np

from autograd.engine.node import Node
from autograd.namespaces.notations import ATOM, text
from autograd.ops import arithmetic, derivatives
from autograd.ops.neural import binary_cross_entropy_with_logits, elu, relu, sigmoid
from autograd.ops.trigonometric import tanh
from autograd.tensor import Tensor
from autograd.typing import Array, Data, Function, Json, X
from autograd.value import Value
from autograd.viz.javascript import op_table, script_safe
from autograd.viz.page_program import Program, function_program
from autograd.viz.pages import Page, filled, part

__all__ = ["Playground", "playground"]

# The sets that the page draws, each with its words in a title.
SETS = {"circle": "a circle", "xor": "xor", "spiral": "a spiral", "moons": "two moons", "line": "a line"}
SCRIPTS = (
    "theme", "replay", "playground_net", "playground_python", "playground_plane", "playground_view", "playground",
)  # fmt: skip
MAX_SAMPLES, MAX_WIDTH, MAX_LAYERS = 2000, 16, 5
# What the page calculates beside activations and losses.
_NET_OPS = (arithmetic.add, arithmetic.sub, arithmetic.mul, arithmetic.abs)
# The activations that the page offers, and the modules that the lines of Python name.
_ACTIVATIONS: dict[str, tuple[Function, list[str]]] = {
    "tanh": (tanh, ["nn.Tanh()"]),
    "sigmoid": (sigmoid, ["nn.Sigmoid()"]),
    "relu": (relu, ["nn.ReLU()"]),
    "elu": (elu, ["nn.ELU()"]),
    "linear": (lambda z: z, []),
}
# The losses: of the output a and the target t, their texts, the targets of two classes and the output's activation.
_LOSSES: dict[str, Json] = {
    "squared": {
        "title": "squared error", "python": "nn.MSELoss()", "targets": [-1, 1], "output": "tanh",
        "formula": "(a − t)²", "slope": "2·(a − t)", "function": lambda a, t: (a - t) ** 2,
    },
    "entropy": {
        "title": "cross-entropy", "python": "nn.BCEWithLogitsLoss()", "targets": [0, 1], "output": "linear",
        "formula": "−t·log σ(a) − (1 − t)·log σ(−a)", "slope": "σ(a) − t",
        "function": lambda a, t: binary_cross_entropy_with_logits(a, t, 1.0),
    },
    "hinge": {
        "title": "hinge", "python": "nn.HingeLoss()", "targets": [-1, 1], "output": "linear",
        "formula": "max(0, 1 − t·a)", "slope": "−t if t·a < 1 else 0",
        "function": lambda a, t: relu(1.0 - t * a),
    },
}  # fmt: skip


class Playground(Page):
    """A page with a small net that learns; :func:`playground` makes it.

    It shows itself in a notebook; ``.html`` is the page, a text, which ``.save("net.html")`` writes.

    Examples
    --------
    >>> from autograd import viz
    >>> page = viz.playground(data="moons")
    >>> page.html.splitlines()[0]
    '<!DOCTYPE html>'
    """


def playground(model: X = None, data: X = None) -> Playground:
    """Make a page in which a small net learns to tell two kinds of points apart, step by step in both directions.

    Each neuron shows what it answers over the plane, its output and its δ; the page goes on and back by a neuron, a
    layer, a sample or an epoch, and writes the chain rule of the chosen neuron in numbers. Whoever reads chooses data,
    layers, activation, loss, rate, minibatch, penalty and seed, which the address keeps behind its #. It computes with
    the formulas of the op table, compares gradients with differences, and gives its state as lines of Python. The page
    is one file for wide screens and phones, light and dark, and loads nothing from anywhere.

    Parameters
    ----------
    model : Module, optional
        The net to start from, its weights included: Linear layers of at most 16 neurons and activations, from two
        numbers to one, as ``nn.MLP([2, 4, 1], "tanh")``. By default 2-4-3-1 with tanh.
    data : str or pair of array_like, optional
        "circle", "xor", "spiral", "moons" or "line", which the page draws by its seed; or points, shape (n, 2), and for
        each a number or one of two classes, shape (n,), at most 2,000. By default a circle, or what is there to choose.

    Returns
    -------
    Playground
        It shows itself in a notebook, and has ``.html`` and ``.save(path)``.

    Raises
    ------
    TypeError
        If `model` is no chain of such layers, or `data` neither a name nor a pair of arrays.
    ValueError
        If there is no such set of data, or shapes do not fit, or there are more samples or neurons than a page shows.

    Examples
    --------
    >>> from autograd import viz
    >>> viz.playground(data="xor")
    <Playground: a net 2-4-3-1 learns xor>
    """
    own = None if data is None or isinstance(data, str) else _own_data(data)
    if isinstance(data, str) and data not in SETS:
        raise ValueError(f"playground: there is no data {data!r}; there are {', '.join(SETS)}, or pass (X, y)")
    activations = {name: _activation(name, *known) for name, known in _ACTIVATIONS.items()}
    layers = None if model is None else _layers(model, activations)
    losses = {name: _loss(loss) for name, loss in _LOSSES.items()}
    programs = [kind.pop("recorded") for kind in (*activations.values(), *losses.values())]
    ops = {op.__name__: op for op in _NET_OPS}
    for program in programs:
        ops |= program.ops
    sizes = [2, 4, 3, 1] if layers is None else [2, *(len(layer["bias"]) for layer in layers)]
    content: Json = {
        "activations": activations, "losses": losses, "sets": [*SETS, *(["own"] if own else [])], "own": own,
        "layers": layers, "titles": SETS | {"own": "your data"},
        "start": {"data": "own" if own else data or "circle", "sizes": sizes, "activation": "tanh"},
    }  # fmt: skip
    title = f"a net {'-'.join(map(str, sizes))} learns {content['titles'][content['start']['data']]}"
    script = "\n".join([op_table(ops), *(part(f"{name}.js") for name in SCRIPTS)])
    parts = {"title": escape(title), "style": part("playground.css"), "data": script_safe(content), "script": script}
    return Playground(filled("playground.html", parts), title)


def _activation(name: str, function: Function, python: list[str]) -> Json:
    """What the page knows of an activation: its program, and the op table's formula of it and of its derivative."""
    recorded = function_program(function, 0.3)
    steps = recorded.data["steps"]
    formula, slope = ("z", "1") if not steps else (f"{name}(z)", "")
    if len(steps) == 1 and len(steps[0][2]) == 1:
        (op,) = recorded.ops.values()
        words = {op.argnames[0]: (ATOM, "z"), "y": (ATOM, "a")}
        slope = text(derivatives(op)[op.argnames[0]], words)
    return {"title": name, "python": python, "formula": formula, "slope": slope, **_page_form(recorded)}


def _loss(loss: Json) -> Json:
    words = {key: loss[key] for key in ("title", "python", "targets", "output", "formula", "slope")}
    return words | _page_form(function_program(loss["function"], 0.3, 1.0))


def _page_form(recorded: Program) -> Json:
    return {"program": recorded.data, "recorded": recorded}


def _own_data(data: X) -> Json:
    """Points with their numbers or classes."""
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TypeError(f"playground: data is a name or a pair (X, y), not {type(data).__name__}")
    try:
        points, y = (_plain(x) for x in data)
    except ValueError as error:  # rows of several lengths
        raise ValueError(f"playground: data is a pair of arrays (X, y): {error}") from None
    y = y.reshape(len(y)) if y.ndim == 2 and y.shape[1] == 1 else y
    if points.ndim != 2 or points.shape[1] != 2 or y.shape != points.shape[:1]:
        raise ValueError(
            f"playground: X holds points, shape (n, 2), and y their n numbers, not {points.shape} and {y.shape}"
        )
    if not 2 <= len(points) <= MAX_SAMPLES:
        raise ValueError(
            f"playground: the page takes 2 to {MAX_SAMPLES:,} samples, not {len(points):,}; pass some of them"
        )
    try:
        kinds, classes = np.unique(y, return_inverse=True)
    except TypeError as error:
        raise TypeError(f"playground: y holds numbers, or two classes of one type: {error}") from None
    of_numbers = y.dtype.kind in "fiub"
    if len(kinds) != 2 and not of_numbers:
        raise ValueError(f"playground: y holds numbers, or two classes, not {len(kinds)} of {y.dtype}")
    try:
        if points.dtype.kind == "c":
            raise TypeError("they are complex")
        points, numbers = points.astype(float), y.astype(float) if of_numbers else classes.astype(float)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(f"playground: X holds no floats: {error}") from None
    if not (np.isfinite(points).all() and np.isfinite(numbers).all()):
        raise ValueError("playground: X and y must be finite")
    two = len(kinds) == 2
    return {"X": points.tolist(), "y": (classes if two else numbers).tolist(), "numbers": numbers.tolist(), "two": two}


def _layers(model: X, activations: dict[str, Json]) -> list[Json]:
    """The weights and the activation of each layer; activations that are not there yet are entered."""
    layers: list[Json] = []
    behind: list[list[X]] = []
    for module in _modules(model):
        if hasattr(module, "weight"):
            layers.append(_linear(module))
            behind.append([])
        elif layers:
            behind[-1].append(module)
        else:
            raise TypeError(f"playground: the net begins with a Linear layer, not with {module!r}")
    if not layers:
        raise TypeError("playground: the net has no Linear layer")
    sizes = [len(layers[0]["weight"][0]), *(len(layer["bias"]) for layer in layers)]
    if sizes[0] != 2 or sizes[-1] != 1:
        raise ValueError(f"playground: the net leads from 2 numbers to 1, not from {sizes[0]} to {sizes[-1]}")
    if max(sizes) > MAX_WIDTH or len(layers) > MAX_LAYERS:
        raise ValueError(f"playground: the page shows at most {MAX_LAYERS} layers of at most {MAX_WIDTH} neurons")
    for layer, modules in zip(layers, behind, strict=True):
        layer["activation"] = _entered(modules, activations)
    for before, layer in zip(sizes, layers, strict=False):
        if len(layer["weight"][0]) != before:
            raise ValueError(
                f"playground: a layer takes {len(layer['weight'][0])} numbers, and the one before gives {before}"
            )
    return layers


def _modules(model: X) -> Iterator[X]:
    """The layers and activations of a net, in the order in which it calls them."""
    children = getattr(model, "children", None)
    has_parameters = callable(getattr(type(model), "parameters", None))
    if hasattr(model, "weight"):
        yield model
    elif isinstance(model, (list, tuple)) or (has_parameters and hasattr(type(model), "__iter__")):
        for module in model:
            yield from _modules(module)
    elif not callable(model) or (callable(children) and list(children())):
        raise TypeError(
            f"playground: {type(model).__name__} is no chain of Linear layers and activations; pass nn.Sequential(...)"
        )
    else:
        yield model


def _linear(module: X) -> Json:
    weight, bias = _numbers(module.weight), getattr(module, "bias", None)
    shape = np.shape(weight)
    if len(shape) != 2:
        raise TypeError(f"playground: {module!r} is no Linear layer: its weight has the shape {shape}")
    biases = np.zeros(shape[0]) if bias is None else _numbers(bias)
    x = np.linspace(-0.7, 0.9, shape[1])
    if biases.shape != shape[:1] or not np.allclose(_numbers(module(x)), weight @ x + biases, equal_nan=True):
        raise TypeError(f"playground: {module!r} computes something else than weight @ x + bias")
    return {
        "weight": [list(map(_finite, row)) for row in weight.tolist()], "bias": list(map(_finite, biases.tolist())),
        "unbiased": bias is None,
    }  # fmt: skip


def _finite(number: float) -> Json:
    if not np.isfinite(number):
        raise ValueError("playground: the net has a weight that is not finite")
    return number


def _plain(x: Data) -> Array:
    """The data of a node, an array, or an array or list of Values."""
    if isinstance(x, Node):
        return np.asarray(x.data)
    if isinstance(x, (list, tuple)) and any(isinstance(v, (Node, list, tuple)) for v in x):
        return np.array([_plain(v) for v in x])
    array = np.asarray(x)
    if not any(isinstance(v, Value) for v in array.flat):
        return array
    return np.array([v.data if isinstance(v, Value) else v for v in array.flat]).reshape(array.shape)


def _numbers(x: Data) -> Array:
    return _plain(x).astype(float)


def _entered(modules: Sequence[X], activations: dict[str, Json]) -> str:
    """The name of what a layer's modules do after it, which is entered among the activations."""
    python = list(map(_in_python, modules))
    numbers = np.linspace(-1.1, 0.9, 50)  # so many that what is random gives itself away
    try:
        if any("Dropout" in type(m).__name__ and getattr(m, "training", True) for m in modules):
            raise ValueError("it drops numbers at random; take net.eval()")
        # What does nothing, as Dropout of a net that is not in training, is not written: there it would do something.
        at_work = [module for module in modules if function_program(module, 0.3).data["steps"]]
        if not at_work:
            return "linear"
        function = partial(_chained, at_work)
        name = " of ".join(type(m).__name__.lower() for m in reversed(at_work))
        known = _activation(name, function, list(map(_in_python, at_work)))
        apart = [_numbers(function(Value(x))).item() for x in numbers.tolist()]
        if not np.allclose(_numbers(function(Tensor(numbers))), apart, equal_nan=True):
            raise ValueError("it is no function of each number by itself")
    except (TypeError, ValueError, AttributeError) as error:
        raise TypeError(f"playground: {', '.join(python)} is no activation that a page can compute: {error}") from None
    same = [key for key, kind in activations.items() if kind["program"] == known["program"]]
    key = same[0] if same else name
    while key in activations and not same:
        key += "′"
    activations.setdefault(key, known)
    return key


def _chained(modules: Sequence[X], z: X) -> X:
    for module in modules:
        z = module(z)
    return z


def _in_python(module: X) -> str:
    return f"nn.{module!r}" if type(module).__module__.partition(".")[0] == "nn" else f"{module!r}"
