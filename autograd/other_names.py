"""Advice on names of HIPS autograd, which has the same import name, and of torch.autograd: what to write for them here.

If HIPS autograd is installed into the same folder, `BESIDE` says how to repair that.
"""

__all__ = ["BESIDE", "missing"]

BESIDE = (
    "HIPS autograd, a distribution with the same import name, was installed into the folder of graphgrad's autograd, "
    "and removing it will remove files of graphgrad: run `pip uninstall autograd graphgrad`, then install graphgrad "
    "again"
)
_INSTEAD = {
    "autograd": {
        "checkpoint": "f: a call keeps what it records, and nothing is computed twice",
        "deriv": "jvp(f, (x,), (1.0,))[1]",
        "grad_and_aux": "(y, aux), pull = vjp(f, x) and pull((1.0, 0.0))[0], with zeros in the shape of aux",
        "hessian_tensor_product": "hvp(f, x, v)",
        "hessian_vector_product": "hvp(f, x, v)",
        "holomorphic_grad": "grad of the real and the imaginary part; complex numbers are outside this project",
        "make_ggnvp": "vjp(f, x)[1](jvp(f, (x,), (v,))[1])[0]",
        "make_hvp": "hvp(f, x, v)",
        "make_jvp": "jvp(f, (x,), (v,))",
        "make_vjp": "y, pull = vjp(f, x) and pull(g)[0]",
        "multigrad_dict": "grad(f, argnums=(0, 1)), or grad of a function of one dict",
        "tensor_jacobian_product": "vjp(f, x)[1](v)[0]",
        "vector_jacobian_product": "vjp(f, x)[1](v)[0]",
    },
    "autograd.extend": {
        "Box": "Value or Tensor",
        "VSpace": "nothing: gradients are floats, arrays and containers of such",
        "defjvp": "defvjp alone, from which jvp follows",
        "defvjp_argnum": "defvjp with a function for each argument",
        "defvjp_argnums": "defvjp with a function for each argument",
        "notrace_primitive": "autograd.primitive(differentiable=False)",
        "vspace": "nothing: gradients are floats, arrays and containers of such",
    },
}
# These are torch.autograd's.
_PYTORCHS = {
    "Function": "a primitive: @autograd.primitive() above its formula, and f.defvjps(x=...) for its derivatives",
    "Variable": "Value or Tensor",
    "backward": "y.backward()",
    "enable_grad": "the code outside no_grad(), where everything is recorded",
    "gradcheck": "autograd.testing.check_gradients(f, (x,))",
    "gradgradcheck": "autograd.testing.check_gradients(f, (x,)), which checks the second derivatives too",
    "set_detect_anomaly": "with autograd.detect_anomaly():",
}


def missing(module: str, name: str) -> Exception:
    """The error for a name that a module lacks; for a name of HIPS's an ImportError, whose text an import shows."""
    if advice := _INSTEAD[module].get(name):
        return ImportError(f"{module}.{name} of HIPS autograd is not here; write {advice}")
    text = f"module {module!r} has no attribute {name!r}"
    if module == "autograd" and name in _PYTORCHS:
        text += f", which torch.autograd has; write {_PYTORCHS[name]}"
    return AttributeError(text)
