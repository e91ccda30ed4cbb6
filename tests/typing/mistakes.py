"""Mistakes, each of which type checkers find in its line; a test gives them to mypy and to pyright."""

import autograd
from autograd import Tensor, Value

x, t = Value(2.0), Tensor([1.0])
x.misspelled_method()  # error
t.misspelled_method()  # error
x.gard  # error
x.relu(1)  # error
t.sum(axs=0)  # error
x + None  # error
x.label = 1.0  # error
autograd.sni(x)  # error
autograd.sin()  # error
autograd.sin(x, x)  # error
autograd.sin(None)  # error
autograd.sum(x, axs=0)  # error
autograd.grad(x)  # error
autograd.grad(autograd.sin)()  # error

autograd.compile(3)  # error
autograd.compile(autograd.grad(autograd.sin))()  # error
