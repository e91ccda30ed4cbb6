"""Write docs/layers.md and its pictures in docs/layers/: what each module of nn computes on a small input.

Equations are read from the recorded graph, and the ops in them from the op table; ``--check`` only compares the page.
"""

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import nn
from autograd import Tensor, formula, viz
from autograd.graph import to_latex, toposort
from nn import activations, layers, losses

DOCS = Path(__file__).parent.parent / "docs"
HEAD = """# Layers, activations, losses

What each module of `nn` computes, on the input that stands with it. The equations are read from the graph that it
records, and the ops in them are written out by the op table (`python scripts/layer_page.py`). Names, arguments and
defaults are PyTorch's.
"""
# Ops whose signs a reader knows.
PLAIN = {
    "abs", "add", "astype", "broadcast_to", "clip", "concatenate", "copy", "div", "exp", "expand_dims",
    "getitem", "greater", "log", "matmul", "max", "maximum", "mean", "min", "minimum", "moveaxis", "mul", "neg",
    "pow", "reshape", "sqrt", "square", "squeeze", "stack", "stop_gradient", "sub", "sum", "swapaxes", "tanh",
    "transpose", "where",
}  # fmt: skip


class Example(NamedTuple):
    """A module, and what it is called with."""

    make: Callable[[], nn.Module]
    inputs: tuple[Any, ...]


def numbers(*shape: int, at: int = 0) -> Tensor:
    """Numbers between −2 and 2 in a fixed disorder, no two alike and none near a kink."""
    n = int(np.prod(shape))
    order = np.random.default_rng(at).permutation(n)
    return Tensor(np.linspace(-1.9, 2.0, n)[order].round(2).reshape(shape), "x" if at == 0 else "xyzuvw"[at])


def constants(*rows: Any) -> Tensor:
    """A target."""
    return Tensor(np.array(rows, float), "target", requires_grad=False)


X = numbers(2, 3)
SCORES, SHARES = numbers(2, 3), Tensor([[0.2, 0.7, 0.1], [0.5, 0.2, 0.3]], "x")
BITS = constants([1, 0, 1], [0, 1, 1])
STEPS = numbers(3, 1, 2)  # three steps in time of one sample
WORDS = numbers(1, 3, 4)
LAYERS = {
    "AvgPool1d": Example(lambda: nn.AvgPool1d(2), (numbers(1, 6),)),
    "AvgPool2d": Example(lambda: nn.AvgPool2d(2), (numbers(1, 4, 4),)),
    "BatchNorm1d": Example(lambda: nn.BatchNorm1d(3), (numbers(4, 3),)),
    "BatchNorm2d": Example(lambda: nn.BatchNorm2d(2), (numbers(2, 2, 2, 1),)),
    "Conv1d": Example(lambda: nn.Conv1d(1, 1, 3, rng=0), (numbers(1, 6),)),
    "Conv2d": Example(lambda: nn.Conv2d(1, 1, 2, rng=0), (numbers(1, 3, 3),)),
    "Dropout": Example(lambda: nn.Dropout(0.5, rng=0), (X,)),
    "Embedding": Example(lambda: nn.Embedding(4, 2, rng=0), (np.array([2, 0, 2]),)),
    "Flatten": Example(lambda: nn.Flatten(), (numbers(2, 2, 2),)),
    "GRU": Example(lambda: nn.GRU(2, 2, rng=0), (STEPS,)),
    "GRUCell": Example(lambda: nn.GRUCell(2, 2, rng=0), (numbers(1, 2),)),
    "LSTM": Example(lambda: nn.LSTM(2, 2, rng=0), (STEPS,)),
    "LSTMCell": Example(lambda: nn.LSTMCell(2, 2, rng=0), (numbers(1, 2),)),
    "LayerNorm": Example(lambda: nn.LayerNorm(3), (X,)),
    "Linear": Example(lambda: nn.Linear(3, 2, rng=0), (X,)),
    "MaxPool1d": Example(lambda: nn.MaxPool1d(2), (numbers(1, 6),)),
    "MaxPool2d": Example(lambda: nn.MaxPool2d(2), (numbers(1, 4, 4),)),
    "MultiheadAttention": Example(lambda: nn.MultiheadAttention(4, 2, batch_first=True, rng=0), (WORDS, WORDS, WORDS)),
    "RMSNorm": Example(lambda: nn.RMSNorm(3), (X,)),
    "RNN": Example(lambda: nn.RNN(2, 2, rng=0), (STEPS,)),
    "RNNCell": Example(lambda: nn.RNNCell(2, 2, rng=0), (numbers(1, 2),)),
    "Unflatten": Example(lambda: nn.Unflatten(1, (2, 2)), (numbers(2, 4),)),
}
ACTIVATIONS = {
    "GLU": Example(lambda: nn.GLU(), (numbers(2, 4),)),
    "Threshold": Example(lambda: nn.Threshold(0.1, -1.0), (X,)),
}
OTHER = numbers(2, 3, at=1)
SIGNS = constants([1, -1, 1], [-1, 1, 1])
LOSSES = {
    "BCELoss": Example(nn.BCELoss, (SHARES, BITS)),
    "BCEWithLogitsLoss": Example(nn.BCEWithLogitsLoss, (X, BITS)),
    "CosineEmbeddingLoss": Example(nn.CosineEmbeddingLoss, (X, OTHER, np.array([1.0, -1.0]))),
    "CosineSimilarity": Example(nn.CosineSimilarity, (X, OTHER)),
    "CrossEntropyLoss": Example(nn.CrossEntropyLoss, (SCORES, np.array([2, 0]))),
    "GaussianNLLLoss": Example(nn.GaussianNLLLoss, (X, BITS, SHARES)),
    "HingeLoss": Example(nn.HingeLoss, (X, SIGNS)),
    "KLDivLoss": Example(
        lambda: nn.KLDivLoss(reduction="batchmean"), (SCORES, constants([0.2, 0.8, 0], [0.1, 0.4, 0.5]))
    ),
    "MarginRankingLoss": Example(nn.MarginRankingLoss, (X, OTHER, SIGNS)),
    "NLLLoss": Example(nn.NLLLoss, (SCORES, np.array([2, 0]))),
    "PairwiseDistance": Example(nn.PairwiseDistance, (X, OTHER)),
    "PoissonNLLLoss": Example(nn.PoissonNLLLoss, (X, constants([1, 0, 2], [3, 1, 1]))),
    "SoftMarginLoss": Example(nn.SoftMarginLoss, (X, SIGNS)),
    "TripletMarginLoss": Example(nn.TripletMarginLoss, (X, OTHER, numbers(2, 3, at=2))),
}
DEFAULT_LOSS = X, constants([0.5, -1.0, 1.5], [0.0, 1.0, -0.5])


def examples() -> Iterator[tuple[str, str, Example]]:
    """Every module with its kind and its name."""
    for name in layers.__all__:
        yield "Layers", name, LAYERS[name]
    for name in activations.__all__:
        if inspect.isclass(getattr(activations, name)):
            yield "Activations", name, ACTIVATIONS.get(name, Example(getattr(nn, name), (X,)))
    for name in losses.__all__:
        kind = getattr(losses, name)
        if inspect.isclass(kind) and hasattr(nn, name):
            yield "Losses", name, LOSSES.get(name, Example(kind, DEFAULT_LOSS))


def result(example: Example) -> Tensor:
    """The node that the module gives; of several results the first."""
    y = example.make()(*example.inputs)
    return y[0] if isinstance(y, tuple) else y


def draw(example: Example) -> viz.Figure:
    """What the module computes, with a card for each op and its result."""
    module = example.make()
    y = module(*example.inputs)
    options = {"roll": True} if isinstance(module, nn.RNN | nn.GRU | nn.LSTM) else {}
    return viz.draw(
        y, compact=True, **options, inputs=[x for x in example.inputs if isinstance(x, Tensor)], precision=2
    )


def section(name: str, example: Example, picture: bool) -> str:
    """A module's entry."""
    kind, y = getattr(nn, name), result(example)
    lines = [f"### {name}", "", f"`{name}{_signature(kind)}`", "", _summary(kind), ""]
    if isinstance(y, Tensor) and y.op is not None:
        lines += ["```math", to_latex(y, names={"y": y}), "```", ""]
        if written_out := _written_out(y):
            lines += ["```text", *written_out, "```", ""]
    if picture:
        lines += [f"![{name} on a small input](layers/{name}.svg)", ""]
    return "\n".join(lines)


def _summary(kind: type) -> str:
    """The first paragraph of the docstring, whose links and code are code in Markdown."""
    text = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0]
    return re.sub(r":\w+:(`[^`]+`)", r"\1", text).replace("``", "`")


def _signature(kind: type) -> str:
    parameters = list(inspect.signature(kind).parameters.values())
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
    return str(inspect.Signature(plain)).replace("<class 'numpy.float64'>", "float64")


def _written_out(y: Tensor) -> list[str]:
    """The formulas of the ops that are no common sign, and of their derivatives."""
    names = dict.fromkeys(node.op.name for node in toposort(y) if node.op is not None and node.op.name not in PLAIN)
    lines: list[str] = []
    for name in names:
        formulas = [line for line in formula(name).splitlines()[1:] if line.startswith(("y = ", "∂", "gradient of"))]
        lines += [f"{name}:", *(f"    {line}" for line in formulas)]
    return lines


def page() -> str:
    """The page as Markdown."""
    parts, last = [HEAD], ""
    for kind, name, example in examples():
        if kind != last:
            parts.append(f"## {kind}\n")
            last = kind
        parts.append(section(name, example, picture=kind == "Layers"))
    return "\n".join(parts)


def main() -> int:
    """Write the page and its pictures, or compare the page with what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 if the page is not up to date")
    path, text = DOCS / "layers.md", page()
    if parser.parse_args().check:
        stale = not path.exists() or path.read_text(encoding="utf-8") != text
        if stale:
            print(f"{path} is not what nn computes; run python scripts/layer_page.py", file=sys.stderr)
        return stale
    path.write_text(text, encoding="utf-8")
    (DOCS / "layers").mkdir(exist_ok=True)
    for kind, name, example in examples():
        if kind == "Layers":
            draw(example).save(DOCS / "layers" / f"{name}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
