"""Features: what graphgrad, micrograd, HIPS autograd, MyGrad and PyTorch do, each claim a line or two that can be run.

A feature is there if its lines end in something true. The table of docs/beside_other_libraries.md is made here, and
``--check`` compares it. The peers have an interpreter of their own, which ``arrays.py --make-peers PEERS`` makes.

    python scripts/bench/features.py --python PEERS/bin/python [--check | --verbose]
"""

import argparse
import ast
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "beside_other_libraries.md"
LIBRARIES = {
    "graphgrad": "import numpy as np, autograd as ag; from autograd import *",
    "micrograd": "from micrograd.engine import Value",
    "HIPS autograd": "import numpy, autograd as ag, autograd.numpy as np",
    "MyGrad": "import numpy as np, mygrad as mg",
    "PyTorch": "import numpy as np, torch",
}
TWICE = "a = x * x; y = a * a; y.backward(); y.backward()"
# What it is, and the lines for each library that has something to try.
FEATURES: dict[str, dict[str, str]] = {
    "scalars on Python floats": {
        "graphgrad": "x = Value(3.0); (x * x).backward(); type(x.grad) is float",
        "micrograd": "x = Value(3.0); (x * x).backward(); type(x.grad) is float",
    },
    "arrays, broadcast": {
        "graphgrad": "x = Tensor([1.0, 2.0]); (x * np.ones((3, 2))).sum().backward(); x.grad.tolist() == [3, 3]",
        "HIPS autograd": "ag.grad(lambda x: np.sum(x * np.ones((3, 2))))(np.array([1.0, 2.0])).tolist() == [3, 3]",
        "MyGrad": "x = mg.tensor([1.0, 2.0]); (x * np.ones((3, 2))).sum().backward(); x.grad.tolist() == [3, 3]",
        "PyTorch": "x = torch.ones(2, requires_grad=True); (x * torch.ones(3, 2)).sum().backward(); "
        "x.grad.tolist() == [3, 3]",
    },
    "NumPy's own functions on nodes": {
        "graphgrad": "x = Tensor([0.0]); np.sin(x).sum().backward(); x.grad == 1",
        "HIPS autograd": "ag.grad(lambda x: numpy.sum(numpy.sin(x)))(numpy.array([0.0])) == 1",
        "MyGrad": "x = mg.tensor([0.0]); np.sin(x).sum().backward(); x.grad == 1",
        "PyTorch": "x = torch.zeros(1, requires_grad=True); np.sin(x).sum().backward(); x.grad == 1",
    },
    "derivatives of derivatives": {
        "graphgrad": "grad(grad(lambda x: x**3))(2.0) == 12",
        "HIPS autograd": "ag.grad(ag.grad(lambda x: x**3))(2.0) == 12",
        "PyTorch": "x = torch.tensor(2.0, requires_grad=True); g, = torch.autograd.grad(x**3, x, create_graph=True); "
        "torch.autograd.grad(g, x)[0] == 12",
    },
    "Hessian in one call": {
        "graphgrad": "hessian(lambda x: (x**3).sum())(np.ones(2)).tolist() == [[6, 0], [0, 6]]",
        "HIPS autograd": "ag.hessian(lambda x: np.sum(x**3))(np.ones(2)).tolist() == [[6, 0], [0, 6]]",
        "PyTorch": "torch.func.hessian(lambda x: (x**3).sum())(torch.ones(2)).tolist() == [[6, 0], [0, 6]]",
    },
    "two backward passes add up": {
        "graphgrad": f"x = Value(2.0); {TWICE}; x.grad == 64",
        "micrograd": f"x = Value(2.0); {TWICE}; x.grad == 64",
        "MyGrad": f"x = mg.tensor(2.0); {TWICE}; x.grad == 64",
        "PyTorch": "x = torch.tensor(2.0, requires_grad=True); a = x * x; y = a * a; y.backward(retain_graph=True); "
        "y.backward(); x.grad == 64",
    },
    "a chain of 100,000 operations": {
        "graphgrad": "x = y = Value(1.0)\nfor _ in range(10**5): y = y + 1.0\ny.backward(); x.grad == 1",
        "micrograd": "x = y = Value(1.0)\nfor _ in range(10**5): y = y + 1.0\ny.backward(); x.grad == 1",
        "HIPS autograd": "def f(x):\n for _ in range(10**5): x = x + 1.0\n return x\nag.grad(f)(1.0) == 1",
        "MyGrad": "x = y = mg.tensor(1.0)\nfor _ in range(10**5): y = y + 1.0\ny.backward(); x.grad == 1",
        "PyTorch": "x = y = torch.tensor(1.0, requires_grad=True)\nfor _ in range(10**5): y = y + 1.0\n"
        "y.backward(); x.grad == 1",
    },
    "a branch not taken gives no nan": {
        "graphgrad": "grad(lambda x: where(x > 0, sqrt(x), 0.0))(0.0) == 0",
        "HIPS autograd": "ag.grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0).sum())(np.zeros(1)) == 0",
        "MyGrad": "x = mg.tensor(0.0); mg.where(x > 0, mg.sqrt(x), 0.0).backward(); x.grad == 0",
        "PyTorch": "x = torch.zeros(1, requires_grad=True); torch.where(x > 0, x.sqrt(), 0.0).backward(); x.grad == 0",
    },
    "names the op that made a nan": {
        "graphgrad": "try:\n with detect_anomaly(): log(Value(-1.0) * 2)\n"
        "except ArithmeticError as e: said = str(e)\n'log' in said",
        "PyTorch": "x = torch.tensor(0.0, requires_grad=True)\ntry:\n with torch.autograd.detect_anomaly(): "
        "(x.sqrt() * 0).backward()\nexcept RuntimeError as e: said = str(e)\n'Sqrt' in said",
    },
    "notices a value changed before backward": {
        "graphgrad": "x = Tensor([2.0]); y = (x * x).sum(); x.data -= 1\ntry: y.backward(); said = ''\n"
        "except ValueError as e: said = str(e)\n'changed' in said",
        "MyGrad": "x = mg.tensor([2.0]); y = (x * x).sum()\ntry: x.data -= 1; said = ''\n"
        "except ValueError as e: said = str(e)\n'read-only' in said",
        "PyTorch": "x = torch.tensor([2.0], requires_grad=True); a = x * 1; y = (a * a).sum(); a.detach().sub_(1)\n"
        "try: y.backward(); said = ''\nexcept RuntimeError as e: said = str(e)\n'modified' in said",
    },
    "checks gradients by differences": {
        "graphgrad": "from autograd.testing import check_gradients; check_gradients(ag.sin, (1.0,)) is None",
        "HIPS autograd": "from autograd.test_util import check_grads; check_grads(np.sin)(1.0) is None",
        "PyTorch": "torch.autograd.gradcheck(torch.sin, torch.ones(1, dtype=torch.float64, requires_grad=True))",
    },
    "draws the graph": {
        "graphgrad": "'<svg' in viz.draw(Value(2.0) * 3).svg",
        "MyGrad": "from mygrad.computational_graph import build_graph; x = mg.tensor(2.0); y = x * 3; "
        "'digraph' in build_graph(y, locals()).source",
    },
    "draws the backward pass": {"graphgrad": "'<svg' in viz.draw_backward(Value(2.0) * 3).svg"},
    "explains a gradient path by path": {
        "graphgrad": "x = Value(3.0); [p.product for p in ag.graph.explain(x * x, x).paths] == [3, 3]",
    },
    "prints an op's derivative": {"graphgrad": "'∂y/∂x = y·(1 − y)' in str(formula('sigmoid'))"},
    "evaluates what was recorded at other inputs": {
        "graphgrad": "x = Value(3.0); ag.graph.replay(x.relu() * x, {x: 5.0}) == 25",
        "PyTorch": "torch.jit.trace(lambda x: x.relu() * x, torch.tensor(3.0))(torch.tensor(5.0)) == 25",
    },
    "pickles a graph": {
        "graphgrad": "import pickle; x = Value(2.0); y = pickle.loads(pickle.dumps(x * x)); y.backward(); "
        "y.parents[0].grad == 4",
        "micrograd": "import pickle; x = Value(2.0); y = pickle.loads(pickle.dumps(x * x)); y.backward(); y.grad == 1",
        "MyGrad": "import pickle; x = mg.tensor(2.0); pickle.loads(pickle.dumps(x * x)).creator is not None",
        "PyTorch": "import pickle; x = torch.tensor(2.0, requires_grad=True); y = pickle.loads(pickle.dumps(x * x)); "
        "y.grad_fn is not None",
    },
    "layers and optimisers": {
        "graphgrad": "import nn; m = nn.Linear(2, 1); m(np.ones((1, 2))).sum().backward(); "
        "nn.optim.Adam(m.parameters()).step() is None",
        "PyTorch": "m = torch.nn.Linear(2, 1); m(torch.ones(1, 2)).sum().backward(); "
        "torch.optim.Adam(m.parameters()).step() is None",
    },
    "complex numbers": {
        "HIPS autograd": "ag.grad(lambda x: np.real(x * np.conj(x)))(1 + 2j) == 2 - 4j",
        "PyTorch": "x = torch.tensor(1 + 2j, requires_grad=True); (x * x.conj()).real.backward(); x.grad == 2 + 4j",
    },
    "a function mapped over a batch (vmap)": {
        "PyTorch": "torch.vmap(torch.func.grad(lambda x: x**2))(torch.ones(3)).tolist() == [2, 2, 2]",
    },
}


def tried(lines: str, names: dict[str, object]) -> str:
    """Run the lines; nothing if they end in something true, else what they ended in."""
    *before, last = ast.parse(lines).body
    try:
        exec(compile(ast.Module(before, []), "lines", "exec"), names)
        ends = eval(compile(ast.Expression(last.value), "lines", "eval"), names)
    except Exception as error:  # whatever a library does instead of the feature
        return f"{type(error).__name__}: {str(error)[:100]}"
    return "" if ends else f"ends in {ends!r}"


def try_all(library: str) -> dict[str, str]:
    """What each feature's lines ended in."""
    answers = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for feature, lines in FEATURES.items():
            names: dict[str, object] = {"__name__": "lines"}
            if library in lines:
                exec(LIBRARIES[library], names)
                answers[feature] = tried(lines[library], names)
    return answers


def asked(python: Path, library: str) -> dict[str, str]:
    """What an interpreter finds of a library; the peers' must not see this package."""
    ours = library == "graphgrad"
    env = {k: v for k, v in os.environ.items() if ours or k not in ("PYTHONPATH", "PYTHONHOME")}
    command = [sys.executable if ours else str(python), __file__, "--library", library]
    answers: dict[str, str] = json.loads(
        subprocess.run(command, env=env, capture_output=True, check=True, text=True).stdout
    )
    return answers


def main() -> int:
    """Try every line, print the table, and compare it with the page's."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, help="interpreter that has the peers")
    parser.add_argument("--check", action="store_true", help="exit with 1 if the page's table says something else")
    parser.add_argument("--verbose", action="store_true", help="print every line, and what it ended in")
    parser.add_argument("--library", choices=LIBRARIES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.library:
        print(json.dumps(try_all(options.library)))
        return 0
    if not options.python:
        parser.error("name an interpreter that has the peers with --python; arrays.py --make-peers makes one")
    answers = {library: asked(options.python, library) for library in LIBRARIES}
    rows = [["", *LIBRARIES], ["---", *[":-:"] * len(LIBRARIES)]]
    for feature, lines in FEATURES.items():
        rows.append([feature, *["✓" if answers[library].get(feature) == "" else "" for library in LIBRARIES]])
        for library in lines if options.verbose else ():
            print(f"\n{feature}, {library}: {answers[library][feature] or '✓'}\n{lines[library]}")
    table = "".join(f"| {' | '.join(row)} |\n".replace("|  ", "| ") for row in rows)
    print(table)
    if options.check and table not in PAGE.read_text("utf-8"):
        print(f"{PAGE.name} has another table", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
