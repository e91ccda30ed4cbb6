"""The compiler: a recorded graph becomes a program, and the program fast code that can be read."""

from autograd.surface import publish

__all__: list[str] = []

publish(globals())
