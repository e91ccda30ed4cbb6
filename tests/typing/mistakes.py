"""Mistakes, each of which type checkers find in its line; a test gives them to mypy and to pyright."""

import autograd
from autograd import Value

x = Value(2.0)
autograd.sni(x)  # error
autograd.sin()  # error
autograd.sin(x, x)  # error
autograd.sin(None)  # error
autograd.sum(x, axs=0)  # error
autograd.grad(x)  # error
autograd.grad(autograd.sin)()  # error
