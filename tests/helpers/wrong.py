"""Primitives with mistakes in their derivatives, for the check to find; importable, so that snippets run."""

from autograd import primitive


@primitive("x³", elementwise=True)
def cube(xp, x):
    return x * x * x


cube.defvjps(x=lambda xp, g, y, x: g * (3 * x))


@primitive("<,>")
def inner(xp, a, b):
    return xp.sum(a * b)


inner.defvjps(a=lambda xp, g, y, a, b: g * b, b=lambda xp, g, y, a, b: g * b)


@primitive("x²", elementwise=True)
def square(xp, x):
    return x * x


def _detached(xp, g, y, x):
    """Right to first order; but the argument is read outside the graph."""
    return g * (2 * getattr(x, "data", x))


square.defvjps(x=lambda xp, g, y, x: g * (2 * x))
square.vjps = (_detached,)
square.uses = (frozenset({0}),)


@primitive("half", elementwise=True)
def good(xp, x):
    return x * 0.5


good.defvjps(x=lambda xp, g, y, x: g * 0.5)


@primitive("2x", elementwise=True)
def doubled(xp, x):
    return 2 * x


def _in_place(xp, g, y, x):
    """Right, but what others read too is overwritten."""
    g *= 2
    return g


doubled.defvjps(x=_in_place)
