"""Every public function has an example, and every example of an op runs: doctest does not look into ops by itself."""

import doctest
import pydoc
import subprocess
import sys

import pytest

import autograd
from autograd import numpy as anp
from autograd.ops import families, table

# The ops and functions of the table by where they are defined, once each, whatever other names they have.
ENTRIES = {f"{f.__module__}.{f.__name__}": f for f in table()} | {
    f"{family.__name__}.{name}": getattr(family, name) for family in families() for name in family.__all__
}
PUBLIC = {f"autograd.{name}": getattr(autograd, name) for name in (*autograd.__all__, *autograd.SHADOWING)} | {
    f"{family.__name__}.{name}": getattr(family, name) for family in families() for name in family.__all__
}


def examples(f):
    return doctest.DocTestParser().get_examples(f.__doc__ or "")


def failures(f, name):
    """How many examples of a docstring fail, in a session of its own, and what doctest says."""
    test = doctest.DocTestParser().get_doctest(f.__doc__ or "", {}, name, None, None)
    said = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    return result.failed, "".join(said)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_example_runs_and_imports_what_it_uses(name):
    failed, said = failures(ENTRIES[name], name)
    assert not failed, said


@pytest.mark.parametrize("name", sorted(name for name, f in PUBLIC.items() if callable(f)))
def test_a_public_name_has_an_example(name):
    assert examples(PUBLIC[name]), f"{name}: give its docstring an example"


def test_an_example_that_does_not_run_fails():
    def wrong():
        """The docstring of an example whose result is another one, and that imports nothing.

        >>> sin(0.0)
        1.0
        """

    failed, said = failures(wrong, "wrong")
    assert failed == 1
    assert "NameError" in said


def test_doctest_looks_through_the_table_without_loading_the_chapters_that_wait():
    code = "import doctest, sys, autograd.ops as ops; doctest.DocTestFinder().find(ops); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "autograd.ops.rounding" in done.stdout.split()
    assert "autograd.ops.statistics" not in done.stdout.split()


def test_help_shows_the_text_of_an_op_not_of_its_class():
    for op in (autograd.sin, anp.linalg.eigvalsh, autograd.sum):
        text = pydoc.render_doc(op, renderer=pydoc.plaintext)
        assert op.__doc__.splitlines()[0].strip() in text
        assert ">>> " in text or not examples(op)
        assert "Whether it works element by element" not in text
