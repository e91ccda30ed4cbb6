"""HIPS autograd's operators, which make a function of a function's arguments; each is a use of the transforms here.

Gradients and tangents may be containers, and an `argnum` may be a tuple: what belongs to it is then a tuple too.
"""

from __future__ import annotations

import inspect
from typing import NoReturn

import numpy as np

from autograd.engine.modes import Mode
from autograd.engine.node import NODE_CLASSES, leaf, registry
from autograd.messages import COMPLEX, describe
from autograd.opaque import OpaquePrimitive
from autograd.surface import publish
from autograd.tracebacks import entrance
from autograd.transforms import elementwise_grad, grad, hessian, jacobian, value_and_grad
from autograd.transforms.containers import rebuilt
from autograd.transforms.products import pulling, pushing
from autograd.transforms.tracing import Argnums, Call, check_function, differentiating, trace
from autograd.typing import Function, Keywords, Tree, X

__all__ = [
    "checkpoint", "deriv", "elementwise_grad", "grad", "grad_and_aux", "grad_named", "hessian",
    "hessian_tensor_product", "hessian_vector_product", "holomorphic_grad", "jacobian", "jacobian_vector_product",
    "make_ggnvp", "make_hvp", "make_jvp", "make_jvp_reversemode", "make_vjp", "multigrad_dict",
    "tensor_jacobian_product", "value_and_grad", "vector_jacobian_product",
]  # fmt: skip

publish(globals())


def _of_a_call(name: str, fun: Function, argnum: Argnums, use: Function) -> Function:
    """A function of the arguments of `fun` that traces it, and gives what `use` makes of the call."""
    argnums = check_function(name, fun, argnum)

    @differentiating(name, fun)
    def function(*args: Tree, **kwargs: object) -> X:
        return use(trace(name, fun, argnums, args, kwargs))

    return function


@entrance
def make_vjp(fun: Function, argnum: Argnums = 0) -> Function:
    """Make a function of the arguments of `fun` that gives ``(vjp, value)``; ``vjp(g)`` is a gradient by `argnum`.

    What `fun` may take and give, and errors, are those of :func:`autograd.vjp`; `argnum` is an int or a tuple of them.

    Examples
    --------
    >>> from autograd.differential_operators import make_vjp
    >>> pull, value = make_vjp(lambda x: x**2)(3.0)
    >>> pull(1.0), value
    (6.0, 9.0)
    """
    return _of_a_call("make_vjp", fun, argnum, lambda call: (pulling(call, "the cotangent"), call.value()))


@entrance
def make_jvp(fun: Function, argnum: Argnums = 0) -> Function:
    """Make a function of the arguments of `fun` that gives a function ``v -> (value, tangent)``.

    What `fun` may take and give, and errors, are those of :func:`autograd.vjp`; `argnum` is an int or a tuple of them.

    Examples
    --------
    >>> from autograd.differential_operators import make_jvp
    >>> make_jvp(lambda x: x**2)(3.0)(10.0)
    (9.0, 60.0)
    """

    def pushed(call: Call) -> Function:
        push = pushing(call, "the tangent")
        return entrance(lambda v: (call.value(), push(v)))

    return _of_a_call("make_jvp", fun, argnum, pushed)


@entrance
def make_jvp_reversemode(fun: Function, argnum: Argnums = 0) -> Function:
    """Make a function of the arguments of `fun` that gives a function of `v`, the Jacobian times it.

    What `fun` may take and give, and errors, are those of :func:`autograd.vjp`; `argnum` is an int or a tuple of them.

    Examples
    --------
    >>> from autograd.differential_operators import make_jvp_reversemode
    >>> make_jvp_reversemode(lambda x: x**2)(3.0)(10.0)
    60.0
    """
    return _of_a_call("make_jvp_reversemode", fun, argnum, lambda call: pushing(call, "the tangent"))


@entrance
def make_hvp(fun: Function, argnum: Argnums = 0) -> Function:
    """Make a function of the arguments of `fun` that gives ``(hvp, gradient)``; ``hvp(v)`` is the Hessian times `v`.

    What `fun` may take and give, and errors, are those of :func:`autograd.vjp`; `argnum` is an int or a tuple of them.

    Examples
    --------
    >>> from autograd.differential_operators import make_hvp
    >>> times, gradient = make_hvp(lambda x: x**3)(2.0)
    >>> times(1.0), gradient
    (12.0, 12.0)
    """
    return make_vjp(grad(fun, argnum), argnum)


@entrance
def hessian_tensor_product(fun: Function, argnum: Argnums = 0) -> Function:
    """Make a function of the arguments of `fun`, and of a last one `v`, that gives the Hessian times `v`.

    What `fun` may take and give, and errors, are those of :func:`autograd.vjp`; `argnum` is an int or a tuple of them.

    Examples
    --------
    >>> from autograd.differential_operators import hessian_tensor_product
    >>> hessian_tensor_product(lambda x, a: a * x**3)(2.0, 5.0, 1.0)
    60.0
    """
    pull = make_hvp(fun, argnum)

    @differentiating("hessian_tensor_product", fun)
    def product(*args: Tree, **kwargs: object) -> Tree:
        return pull(*args[:-1], **kwargs)[0](args[-1])

    return product


@entrance
def tensor_jacobian_product(fun: Function, argnum: Argnums = 0) -> Function:
    """Make a function of the arguments of `fun`, and of a last one `v`, that gives `v` times the Jacobian.

    Axes of the value that `v` lacks stay, as the first ones.

    What `fun` may take and give, and errors, are those of :func:`autograd.vjp`; `argnum` is an int or a tuple of them.

    Examples
    --------
    >>> from autograd.differential_operators import tensor_jacobian_product
    >>> tensor_jacobian_product(lambda x, a: a * x**3)(2.0, 5.0, 1.0)
    60.0
    """

    @differentiating("tensor_jacobian_product", fun)
    def product(*args: Tree, **kwargs: object) -> Tree:
        def contracted(*inputs: Tree, **keywords: object) -> X:
            return registry.tensordot(args[-1], fun(*inputs, **keywords), np.ndim(args[-1]))

        return jacobian(contracted, argnum)(*args[:-1], **kwargs)

    return product


@entrance
def jacobian_vector_product(fun: Function, argnum: Argnums = 0) -> Function:
    """Make a function of the arguments of `fun`, and of a last one `v`, that gives the Jacobian times `v`.

    What `fun` may take and give, and errors, are those of :func:`autograd.vjp`; `argnum` is an int or a tuple of them.

    Examples
    --------
    >>> from autograd.differential_operators import jacobian_vector_product
    >>> jacobian_vector_product(lambda x, a: a * x**3)(2.0, 5.0, 1.0)
    60.0
    """
    push = make_jvp_reversemode(fun, argnum)

    @differentiating("jacobian_vector_product", fun)
    def product(*args: Tree, **kwargs: object) -> Tree:
        return push(*args[:-1], **kwargs)(args[-1])

    return product


hessian_vector_product = hessian_tensor_product
vector_jacobian_product = tensor_jacobian_product


def _half_square(y: X) -> X:
    return 0.5 * registry.sum(y**2, axis=-1)


@entrance
def make_ggnvp(f: Function, g: Function = _half_square, f_argnum: Argnums = 0) -> Function:
    """Make a function of the arguments of `f` that gives a function of `v`, the Gauss-Newton matrix times it.

    The matrix is that of `g` ∘ `f`: Jᵀ H J, with the Jacobian J of `f` and the Hessian H of `g` at the value of `f`.

    Source: Schraudolph, "Fast curvature matrix-vector products for second-order gradient descent", 2002.

    Examples
    --------
    >>> from autograd.differential_operators import make_ggnvp
    >>> make_ggnvp(lambda x: x**2, lambda y: y**3)(2.0)(1.0)
    384.0
    """

    def product(call: Call) -> Function:
        pull, push = pulling(call, "the cotangent"), pushing(call, "the vector")
        times, _ = make_hvp(g)(call.value())
        return lambda v: pull(times(push(v)))

    return _of_a_call("make_ggnvp", f, f_argnum, product)


@entrance
def deriv(fun: Function, argnum: Argnums = 0) -> Function:
    """Make the derivative of a function of a number, by a tangent of ones: at an array the sums of the Jacobian's rows.

    What `fun` may take and give, and errors, are those of :func:`autograd.vjp`; `argnum` is an int or a tuple of them.

    Examples
    --------
    >>> from autograd.differential_operators import deriv
    >>> deriv(lambda x: x**3)(2.0)
    12.0
    """

    def along_ones(call: Call) -> Tree:
        return pushing(call, "the tangent")(rebuilt(call.arguments, (np.ones(x.shape) for x in call.variables)))

    return _of_a_call("deriv", fun, argnum, along_ones)


@entrance
def grad_and_aux(fun: Function, argnum: Argnums = 0) -> Function:
    """Make a function that gives the gradient of the first of two results of `fun`, and the second one as it is.

    What `fun` may take and give, and errors, are those of :func:`autograd.vjp`; `argnum` is an int or a tuple of them.

    Examples
    --------
    >>> from autograd.differential_operators import grad_and_aux
    >>> grad_and_aux(lambda x: (x**2, x + 1))(3.0)
    (6.0, 4.0)
    """

    def of_the_first(call: Call) -> tuple[Tree, Tree]:
        if not isinstance(call.output, (tuple, list)) or len(call.output) != 2:
            raise TypeError("grad_and_aux: the function returns a pair, what is differentiated and anything else")
        first, second = (call._replace(output=result) for result in call.output)
        y = first.node()
        return first.pull_back([y], [np.ones(y.shape)], call.nested), second.value()

    return _of_a_call("grad_and_aux", fun, argnum, of_the_first)


@entrance
def grad_named(fun: Function, argname: str) -> Function:
    """Make the gradient by the argument of a name.

    Raises
    ------
    ValueError
        If there is no argument of that name.

    Examples
    --------
    >>> from autograd.differential_operators import grad_named
    >>> grad_named(lambda x, y: x * y, "y")(2.0, 3.0)
    2.0
    """
    names = list(inspect.signature(fun).parameters)
    if argname not in names:
        raise ValueError(f"grad_named: the function has no argument {argname!r}, but {', '.join(names)}")
    return grad(fun, names.index(argname))


@entrance
def multigrad_dict(fun: Function) -> Function:
    """Make the gradient by all arguments, a dict by their names in which ``*args`` have a tuple, ``**kwargs`` a dict.

    What `fun` may take and give, and errors, are those of :func:`autograd.grad`.

    Examples
    --------
    >>> from autograd.differential_operators import multigrad_dict
    >>> multigrad_dict(lambda x, y=5.0: x * y)(2.0)
    {'x': 5.0, 'y': 2.0}
    """
    signature = inspect.signature(fun)

    @differentiating("multigrad_dict", fun)
    def gradient(*args: Tree, **kwargs: Tree) -> dict[str, Tree]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def of_arguments(arguments: Keywords) -> X:
            bound.arguments = arguments
            return fun(*bound.args, **bound.kwargs)

        return grad(of_arguments)(dict(bound.arguments))

    return gradient


class _Checkpoint(OpaquePrimitive):
    """A function that is run on nodes, but not recorded; a pass that reaches its result runs and records it then."""

    mode = Mode(recording=False)

    @staticmethod
    def entering(data: X) -> X:
        """The node for an operand."""
        return leaf(NODE_CLASSES[type(data)], data)


@entrance
def checkpoint(fun: Function) -> Function:
    """Make a function that keeps nothing but its result: the backward pass runs it once more.

    So its memory is that of the arguments and the result, at the price of computing all twice.

    Source: Chen et al., "Training deep nets with sublinear memory cost", 2016.

    Parameters
    ----------
    fun : callable
        A function as :func:`grad` takes, of any containers; what it computes from is all among its arguments.

    Raises
    ------
    TypeError
        In the backward pass, if it reads another node, which would get no gradient.

    Examples
    --------
    >>> from autograd import checkpoint, grad, sin
    >>> block = checkpoint(lambda x: sin(sin(x)))
    >>> grad(lambda x: block(block(x)))(1.0) == grad(lambda x: sin(sin(sin(sin(x)))))(1.0)
    True
    """
    check_function("checkpoint", fun, 0)
    made = _Checkpoint(fun)

    def together(argnums: tuple[int, ...], ans: Tree, args: tuple[Tree, ...], kwargs: Keywords) -> Function:
        call = trace("checkpoint", fun, argnums, args, kwargs)
        _refuse_others(call)
        return pulling(call, "the gradient")

    made.together = together
    made.state()
    return made


def _refuse_others(call: Call) -> None:
    """Raise if the result of a call depends on nodes that are not among its arguments."""
    reached = set(call.variables)
    stack = call.nodes()
    while stack:
        node = stack.pop()
        if node.requires_grad and node not in reached:
            reached.add(node)
            stack.extend(node.parents)
            if node.op is None:
                raise TypeError(
                    f"{call.name}: {describe(node)} is not among the arguments of the function, and would get no "
                    "gradient; make it one"
                )


@entrance
def holomorphic_grad(fun: Function, argnum: Argnums = 0) -> NoReturn:
    """Raise TypeError, for complex numbers are outside this project.

    Raises
    ------
    TypeError
        Always.

    Examples
    --------
    >>> from autograd.differential_operators import holomorphic_grad
    >>> try:
    ...     holomorphic_grad(lambda x: x**2)
    ... except TypeError as error:
    ...     print(str(error).partition(":")[0])
    holomorphic_grad is for complex numbers
    """
    raise TypeError(f"holomorphic_grad is for complex numbers: {COMPLEX}")
