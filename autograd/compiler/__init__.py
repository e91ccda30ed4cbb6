"""The compiler: a recorded graph becomes a program, and the program fast code that can be read.

For users there are `compile`; `program` and the `GraphProgram` that it makes; `fresh`, `afterwards` and `forbid` for
functions that are compiled; `CompileWarning` and `NotCompiledError`. The other names serve packages built on autograd,
as nn is, and say so.

>>> from autograd import Value
>>> from autograd.compiler import program
>>> x = Value(3.0, "x")
>>> program(x * x, [x])([4.0])
16.0
"""

from autograd.compiler.backends import code_of
from autograd.compiler.code import Code
from autograd.compiler.comparison import place_of
from autograd.compiler.compiled import compile as compile
from autograd.compiler.generators import Generators
from autograd.compiler.graphs import GraphProgram, program
from autograd.compiler.identity import IdentityTest
from autograd.compiler.lowering import lower
from autograd.compiler.naming import live
from autograd.compiler.numpy_source import numpy_code
from autograd.compiler.programs import Program
from autograd.compiler.segments import Segment, is_usual_mode
from autograd.compiler.tracing import (
    DRAWN,
    LibraryTrace,
    NotCompiledError,
    Recording,
    afterwards,
    forbid,
    fresh,
    keeps_effects,
    record,
)
from autograd.compiler.training import GradientProgram, record_loss, share, shared_leaf
from autograd.compiler.variables import Variable
from autograd.compiler.warning import CompileWarning, warn
from autograd.engine.hooks import has_hook
from autograd.surface import publish

__all__ = [
    "DRAWN", "Code", "CompileWarning", "Generators", "GradientProgram", "GraphProgram", "IdentityTest", "LibraryTrace",
    "NotCompiledError", "Program", "Recording", "Segment", "Variable", "afterwards", "code_of", "forbid", "fresh",
    "has_hook", "is_usual_mode", "keeps_effects", "live", "lower", "numpy_code", "place_of", "program", "record",
    "record_loss", "share", "shared_leaf", "warn",
]  # fmt: skip
SHADOWING = ["compile"]

publish(globals())
