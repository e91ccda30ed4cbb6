"""Functions recorded for the compiler, as tests call it."""

from autograd.compiler.tracing import record
from autograd.graph import toposort


def recorded(f, *inputs, **options):
    """A recording of a function of numbers and arrays."""
    return record(f, inputs, [f"x{i}" for i in range(len(inputs))], "compile", **options)


def ops(recording):
    """The names of the ops of a recording's outputs, in order."""
    return [n.op.name for n in toposort(recording.outputs) if n.op]


def line_of(f):
    """The line where a function begins."""
    return f.__code__.co_firstlineno
