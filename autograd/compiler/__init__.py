"""The compiler: a recorded graph becomes a program, and the program fast code that can be read."""

from autograd.compiler.backends import code_of
from autograd.compiler.code import Code
from autograd.compiler.compiled import CompileWarning
from autograd.compiler.compiled import compile as compile
from autograd.compiler.lowering import lower
from autograd.compiler.numpy_source import numpy_code
from autograd.compiler.program import Program, Variable
from autograd.compiler.tracing import NotCompiledError, Recording, afterwards, fresh, record
from autograd.surface import publish

__all__ = [
    "Code", "CompileWarning", "NotCompiledError", "Program", "Recording", "Variable", "afterwards", "code_of", "fresh",
    "lower", "numpy_code", "record",
]  # fmt: skip
SHADOWING = ["compile"]

publish(globals())
