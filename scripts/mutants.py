"""Change the engine's own lines, one at a time, and list the changes that no test notices.

A sample of mutants is drawn with a seed; each is run against the tests that cover its lines, the nearest and quickest
first. Cosmic Ray writes the mutants (`pip install -e ".[mutation]"`), coverage says which tests run a line.

    python scripts/mutants.py --sample 100 --seed 1
    python scripts/mutants.py autograd/engine/backward.py autograd/graph/serialization.py
    python scripts/mutants.py --tests tests/engine/test_backward.py tests/test_value.py

The first run measures coverage, which takes a few minutes, and keeps it in out/mutants until a file changes. A mutant
that a test sees, or that never ends, is killed. One that survives is either equivalent or shows a hole in the tests.
"""

import argparse
import ast
import difflib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "out" / "mutants"
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:autograd.testing.plugin", "-p", "no:cacheprovider"]


class Mutant(NamedTuple):
    """One change of one place: the operator's `occurrence`-th chance in the file."""

    file: str
    operator: str
    occurrence: int
    lines: range
    column: int


class Killed(NamedTuple):
    """The tests' verdict on a mutant: how many ran, how many cover it, and whether one failed."""

    mutant: Mutant
    ran: int
    covering: int
    killed: bool


def operators() -> dict[str, Any]:
    """Cosmic Ray's operators that need no settings, and one of ours."""
    from cosmic_ray.operators.operator import Operator
    from cosmic_ray.plugins import get_operator, operator_names
    from parso import parse

    class DeleteStatement(Operator):
        """A statement that is no definition, import or docstring becomes `pass`."""

        def mutation_positions(self, node: Any) -> Iterator[Any]:
            first = node.children[0] if node.type == "simple_stmt" else None
            if first is not None and first.type not in ("string", "import_from", "import_name", "pass_stmt"):
                yield first.start_pos, first.end_pos

        def mutate(self, node: Any, index: int) -> Any:
            new = parse("pass\n").children[0]
            new.children[0].prefix = node.get_first_leaf().prefix
            return new

        @classmethod
        def examples(cls) -> Any:
            return ()

    names = [name for name in operator_names() if not get_operator(name).arguments()]
    # `a is b` has one neighbour that is worth a test run: `a < b` only raises.
    names = [name for name in names if not re.search("_Is(Not)?(_|$)", name) or name.endswith(("Is_IsNot", "IsNot_Is"))]
    return {"delete-statement": DeleteStatement()} | {name: get_operator(name)() for name in names}


def mutants(file: str, known: dict[str, Any]) -> Iterator[Mutant]:
    """Every mutant of a file but those of annotations, which nothing evaluates, and of `__all__`."""
    from cosmic_ray.ast import ast_nodes, get_ast

    source = (ROOT / file).read_text()
    silent = set(_silent_places(ast.parse(source)))
    nodes = list(ast_nodes(get_ast(source)))
    for name, operator in known.items():
        places = [place for node in nodes for place in operator.mutation_positions(node)]
        for i, ((line, column), (last, _)) in enumerate(places):
            if (line, column) not in silent:
                yield Mutant(file, name, i, range(line, last + 1), column)


def _silent_places(tree: ast.Module) -> Iterator[tuple[int, int]]:
    for node in ast.walk(tree):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            parts.append(node)
        for part in filter(None, parts):
            for line in range(part.lineno, (part.end_lineno or part.lineno) + 1):
                start = part.col_offset if line == part.lineno else 0
                end = part.end_col_offset if line == part.end_lineno else 1000
                yield from ((line, column) for column in range(start, end or 1000))


def sample(files: list[str], count: int, seed: int) -> list[Mutant]:
    """So many mutants at different places: operators that have many variants of one change weigh no more."""
    known = operators()
    by_place: dict[tuple[str, int, int], list[Mutant]] = {}
    for file in files:
        for mutant in mutants(file, known):
            by_place.setdefault((file, mutant.lines.start, mutant.column), []).append(mutant)
    draw = random.Random(seed)
    places = sorted(by_place)
    return [draw.choice(by_place[place]) for place in draw.sample(places, min(count, len(places)))]


def measured(tests: list[str], jobs: int) -> tuple[Any, dict[str, float]]:
    """Which tests run which lines (coverage's data), and how many seconds each test takes."""
    from coverage import CoverageData

    files = sorted(p for folder in ("autograd", "nn", "tests") for p in (ROOT / folder).rglob("*.py"))
    stamp = sha256(b"".join([*(p.read_bytes() for p in files), *map(str.encode, tests)])).hexdigest()
    data, seconds = KEPT / "coverage", KEPT / f"{stamp[:16]}.json"
    if not seconds.exists():
        print("Measuring which tests run which lines ...", flush=True)
        shutil.rmtree(KEPT, ignore_errors=True)
        KEPT.mkdir(parents=True)
        run = [*PYTEST, "-n", str(jobs), "--cov=autograd", "--cov=nn", "--cov-context=test", "--cov-report=", *tests]
        env = _env(ROOT) | {"COVERAGE_FILE": str(data), "MUTANTS_SECONDS": str(seconds)}
        subprocess.run([*run, "-p", "scripts.mutants"], cwd=ROOT, env=env, check=False)
        if not seconds.exists():
            sys.exit("the tests did not run to their end; see above")
    coverage = CoverageData(basename=str(data))
    coverage.read()
    return coverage, json.loads(seconds.read_text())


def tests_of(mutant: Mutant, data: Any, seconds: dict[str, float]) -> list[str]:
    """The tests that run a mutant's lines, nearest and quickest first; every test for lines that run at import only."""
    contexts = data.contexts_by_lineno(str(ROOT / mutant.file))
    covering = {c.partition("|")[0] for line in mutant.lines for c in contexts.get(line, ())} - {""}
    named = f"test_{Path(mutant.file).stem.strip('_')}.py"
    return sorted(covering & seconds.keys() or seconds, key=lambda t: (named not in t, seconds[t], t))


def mutated(mutant: Mutant) -> str:
    """The file's text with the change in it."""
    from cosmic_ray.mutating import mutate_code

    text = mutate_code((ROOT / mutant.file).read_text(), operators()[mutant.operator], mutant.occurrence)
    if text is None:
        raise ValueError(f"{mutant} is no place of the file")
    return str(text)


def run(mutant: Mutant, tree: Path, tests: list[str], seconds: dict[str, float], limit: float) -> Killed:
    """Run the tests of a mutant in a copy of the project, up to so many seconds of them."""
    chosen, total = [], 0.0
    for test in tests:
        total += seconds[test]
        if chosen and total > limit:
            break
        chosen.append(test)
    place = tree / mutant.file
    original = place.read_text()
    place.write_text(mutated(mutant))
    (tree / "chosen.json").write_text(json.dumps(chosen))
    files = sorted({test.partition("::")[0] for test in chosen})
    env = _env(tree) | {"MUTANTS_TESTS": str(tree / "chosen.json")}
    try:
        end = subprocess.run(
            [*PYTEST, "-x", "-p", "scripts.mutants", *files],
            cwd=tree, env=env, capture_output=True, timeout=60 + 5 * limit, check=False,
        )  # fmt: skip
        killed = end.returncode != 0
    except subprocess.TimeoutExpired:
        killed = True
    finally:
        place.write_text(original)
    return Killed(mutant, len(chosen), len(tests), killed)


def _env(tree: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


# The file is also the plugin that its runs of pytest load.
def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Keep the tests chosen for a mutant, in their order."""
    if path := os.environ.get("MUTANTS_TESTS"):
        order = {test: i for i, test in enumerate(json.loads(Path(path).read_text()))}
        items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])


_seconds: dict[str, float] = {}


def pytest_runtest_logreport(report: Any) -> None:
    """Note how long a test takes that passes."""
    if report.when == "call" and report.passed:
        _seconds[report.nodeid] = report.duration


def pytest_sessionfinish(session: Any) -> None:
    """Write the seconds down; in pytest-xdist's workers nobody asks for them."""
    if (path := os.environ.get("MUTANTS_SECONDS")) and not hasattr(session.config, "workerinput"):
        Path(path).write_text(json.dumps(_seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help="by default the files of autograd/ and autograd/namespaces/")
    parser.add_argument("--sample", type=int, default=100, help="how many mutants (100)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=40, help="of tests for each mutant (40)")
    parser.add_argument("--tests", nargs="*", default=["tests"], help="the tests to measure and run (all)")
    parser.add_argument("--jobs", type=int, default=2, help="mutants at a time (2)")
    options = parser.parse_args()
    files = options.files or [str(p.relative_to(ROOT)) for p in sorted(ROOT.glob("autograd/*.py"))]
    if not options.files:
        files += [str(p.relative_to(ROOT)) for p in sorted(ROOT.glob("autograd/namespaces/*.py"))]
    drawn = sample(files, options.sample, options.seed)
    data, seconds = measured(options.tests, options.jobs)
    trees: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        for i in range(options.jobs):
            tree = Path(folder) / str(i)
            names = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True)
            for name in filter(None, names.splitlines()):
                if (ROOT / name).is_file():
                    (tree / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / name, tree / name)
            trees.put(tree)

        def one(mutant: Mutant) -> Killed:
            tree = trees.get()
            try:
                return run(mutant, tree, tests_of(mutant, data, seconds), seconds, options.seconds)
            finally:
                trees.put(tree)

        results = []
        for result in pool.map(one, drawn):
            results.append(result)
            print("." if result.killed else "S", end="", flush=True)
    print()
    for result in results:
        if not result.killed:
            report(result)
    killed = sum(r.killed for r in results)
    print(f"seed {options.seed}: {killed} of {len(results)} mutants killed, {len(results) - killed} survived")


def report(result: Killed) -> None:
    """A survivor as the change of its lines."""
    old, new = (ROOT / result.mutant.file).read_text(), mutated(result.mutant)
    print(f"\n{result.mutant.file}:{result.mutant.lines.start}  {result.mutant.operator}", end="  ")
    print(f"(survived {result.ran} of the {result.covering} tests that cover it)")
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0):
        if line[:1] in "+-" and line[:3] not in ("+++", "---"):
            print("   ", line)


if __name__ == "__main__":
    main()
