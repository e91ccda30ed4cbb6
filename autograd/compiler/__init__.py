"""The compiler: a recorded graph becomes a program, and the program fast code that can be read."""

from autograd.compiler.backends import code_of
from autograd.compiler.code import Code
from autograd.compiler.lowering import lower
from autograd.compiler.numpy_source import numpy_code
from autograd.compiler.program import Program, Variable
from autograd.surface import publish

__all__ = ["Code", "Program", "Variable", "code_of", "lower", "numpy_code"]

publish(globals())
