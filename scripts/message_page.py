"""Write docs/messages.md: what errors and warnings say, by the mistake that brings them. ``--check`` only compares.

The mistakes with operands, shapes, the graph and so on, and their texts, are those of tests/messages.txt, which a test
holds the library to. Those with nets, and warnings, are made here, and what is said about them is written down.
"""

import argparse
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import autograd
import nn

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "messages.md"
MESSAGES = ROOT / "tests" / "messages.txt"

Said = tuple[str, list[str]]  # a mistake, and the lines that are said about it

HEAD = """<!-- written by scripts/message_page.py -->
# Messages: errors and warnings

What an error or a warning means, what brought it about, and what to do: every message that a test holds graphgrad to,
under the line that brings it. Search this page for some words of yours. A message names the op and its operands (by
kind, label, dtype and shape: `Tensor 'x' f64[3]`), says what is wrong, and after that what to write instead. The
traceback ends at your own line: at most one frame of the library is below it.

In the examples `v` is a `Value`, `x` and `A` are `Tensor`s of the shapes (3,) and (2, 3), `i` is a `Tensor` of
integers, `a` an array of three ones, `W` an object array of `Value`s, `masked` a masked array, `box` one of HIPS
autograd's boxes, `series` one of pandas; `square` gives x², and `nothing` None. `…` stands for words that are NumPy's
own. The names of `autograd` are imported, `np` is NumPy and `anp` is `autograd.numpy`.
"""
# The title of each part of messages.txt, what its mistakes have in common, and where to read on.
PARTS = {
    "operands": "What can stand beside a node: numbers, arrays of numbers, and other nodes.",
    "shapes": "Shapes meet from the right, as NumPy's do; each op says which ones it was given.",
    "making nodes": "`Value` takes a number, `Tensor` numbers in any nesting, or an array.",
    "truth, conditions, numbers": "A plain number that is made of a node [leaves the graph](graph_doors.md).",
    "indexing, assignment, changing data": "A recorded value does not change: make a new node, or change a leaf.",
    "plain arrays of nodes": "NumPy would take nodes apart: [leaving the graph](graph_doors.md).",
    "NumPy's functions": "[What NumPy's functions do with nodes](numpy.md), one by one.",
    "backward and gradients": "A pass starts at one number, and reaches leaves that require a gradient.",
    "transforms": "Transforms take functions, and functions return nodes made of their arguments.",
    "the table": "`formula` and `supported` answer for the [op table](ops.md).",
    "replay": "Leaves take new values of their own shapes.",
    "compile": "[What a function may do](compile.md#what-a-function-may-do) that is compiled.",
    "ops of plain arrays": "A function of the table on plain numbers says the same as on nodes.",
    "HIPS autograd's operators and primitives": "[What differs](coming_from_hips.md) from HIPS autograd.",
    "NumPy's later and rarer functions": "Arguments that NumPy takes and a gradient cannot.",
    "linear algebra": "Matrices that are singular, not square, or not symmetric.",
    "pictures of both passes": "[Draw](draw.md) what was recorded, from one output.",
    "pages": "The stepper, slides and the playground.",
    "other pictures": "Plots of functions and of networks.",
}
# Mistakes with nets; what is said is written down when the page is made.
NETS = """
nn.Linear(2, 3)(np.ones((4, 5)))
nn.MSELoss()(np.ones((4, 1)), np.ones(4))
nn.CrossEntropyLoss()(np.ones((4, 3)), np.array([0, 1, 2, 3]))
nn.Conv2d(3, 8, 3)(np.ones((1, 1, 8, 8)))
nn.Embedding(10, 4)(np.array([11]))
nn.BatchNorm1d(3)(np.ones((1, 3)))
nn.Dropout(1.5)
nn.MLP([2, 4, 1], "rely")
model = nn.MLP([2, 4, 1]); model[0].weight = np.ones((4, 2))
nn.fit(nn.MLP([2, 4, 1]), np.ones((4, 2)), np.ones((4, 1)), loss="nothing")
nn.fit(nn.MLP([2, 4, 1]), np.ones((4, 2)), np.ones((3, 1)), loss="mse")
nn.optim.SGD([], lr=0.1)
nn.optim.SGD(nn.Linear(2, 1).parameters(), lr=-1.0)
nn.Linear(2, 1).to("cuda")
nn.Linear(2, 1).half()
nn.Linear(2, 1).load_state_dict({"weight": np.ones((1, 3))})
nn.load("nothing.safetensors")
nn.data.mnist("nowhere")
"""
ANOMALIES = """
with detect_anomaly(): autograd.log(Value(0.0, "x"))
with detect_anomaly(): autograd.sqrt(Value(0.0, "x")).backward()
autograd.testing.check_gradients(abs, (0.0,))
autograd.testing.check_gradients(wrong, (2.0,))
"""
WARNINGS = """
y = v * math.exp(v)
p = Value(1.0, "p"); p.register_hook(lambda g: g); autograd.compile(lambda x: gradients(p * x, p))(2.0)
f = autograd.compile(lambda x, k: x / k); [f(1.0, k) for k in range(1, 11)]
"""


def of_the_tests() -> Iterator[tuple[str, list[Said]]]:
    """The parts of messages.txt, each with its mistakes and what is said about them."""
    part, said, text = "", [], []
    for line in [*MESSAGES.read_text("utf-8").splitlines(), "# ---- end ----"]:
        if line.startswith("    "):
            text.append(line.strip())
            said[-1] = (said[-1][0], [" ".join(text)])
        elif line.startswith("# ----"):
            if said:
                yield part, said
            part, said = line.strip("# -"), []
        elif line and not line.startswith("#"):
            said.append((line, []))
            text = []


def made(mistakes: str) -> list[Said]:
    """Mistakes, each made in a scope of its own, and what is said about them."""
    said = []
    for mistake in mistakes.strip().splitlines():
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            try:
                exec(compile(mistake, "your file", "exec"), scope())
                error = None
            except Exception as raised:
                error = raised
        lines = [f"{w.category.__name__}: {w.message}" for w in seen]
        lines += [] if error is None else [f"{type(error).__name__}: {error}"]
        if not lines:
            raise RuntimeError(f"nothing was said about {mistake}")
        said.append((mistake, [line for text in lines for line in text.splitlines()]))
    return said


def scope() -> dict[str, object]:
    """What the mistakes are made with."""
    import math

    from autograd import viz

    @autograd.primitive("wrong", elementwise=True)
    def wrong(xp: object, x: object) -> object:
        return x * x  # type: ignore[operator]

    wrong.defvjps(x=lambda xp, g, y, x: g * x)
    public = {name: getattr(autograd, name) for name in autograd.__all__}
    return public | {
        "autograd": autograd, "math": math, "nn": nn, "np": np, "viz": viz,
        "v": autograd.Value(2.0, "v"), "wrong": wrong,
    }  # fmt: skip


def entry(mistake: str, lines: list[str]) -> str:
    """A mistake and what is said about it, as an item of a list."""
    if len(lines) == 1:
        return f"- {code(mistake)}\\\n  {code(lines[0])}"
    block = "\n".join(f"  {line}".rstrip() for line in ["```text", *lines, "```"])
    return f"- {code(mistake)}\n\n{block}\n"


def code(text: str) -> str:
    """A text as a code span, whatever is in it."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def classes() -> list[str]:
    """The public classes of errors and warnings, each with the first line of its docstring."""
    modules = (autograd, autograd.compiler, autograd.testing, autograd.viz, nn)
    found = {}
    for module in modules:
        for name in module.__all__:
            kind = getattr(module, name)
            if isinstance(kind, type) and issubclass(kind, Exception):
                found[name] = f"- `{module.__name__}.{name}`: {first_line(kind)}"
    return [found[name] for name in sorted(found)]


def first_line(kind: type) -> str:
    """The summary of a class, with code spans as Markdown has them."""
    return (kind.__doc__ or "").strip().partition("\n")[0].replace("``", "`")


def page() -> str:
    """The text of the page."""
    parts = [HEAD]
    for part, said in of_the_tests():
        title = part[0].upper() + part[1:]
        parts.append(f"## {title}\n\n{PARTS.get(part, '')}\n\n" + "\n".join(entry(*each) for each in said) + "\n")
    for title, text, mistakes in (
        ("Nets", "Layers, losses, optimisers, saving; where PyTorch has a text for it, that comes first.", NETS),
        (
            "Anomalies and checks",
            "[Find a nan](find_a_nan.md), and [test a gradient](testing.md). `wrong` is x² with the derivative x.",
            ANOMALIES,
        ),
        ("Warnings", "Python shows a warning once for each line of yours; `-W error` makes errors of them.", WARNINGS),
    ):
        parts.append(f"## {title}\n\n{text}\n\n" + "\n".join(entry(*each) for each in made(mistakes)) + "\n")
    parts.append("## Classes\n\nErrors are Python's own kinds, where none says more:\n\n" + "\n".join(classes()) + "\n")
    return "\n".join(parts)


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit with 1 if the page is not up to date"
    )
    options = parser.parse_args()
    new = page()
    if not options.check:
        PAGE.write_text(new, "utf-8")
    elif PAGE.read_text("utf-8") != new:
        print(f"{PAGE.name} is not what is said today; run python scripts/message_page.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
