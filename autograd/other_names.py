"""Names of HIPS autograd, which has the same import name, and of torch.autograd: where they are, or what to write.

If HIPS autograd is installed into the same folder, `BESIDE` says how to repair that.
"""

from autograd.torch_names import function_advice

__all__ = ["BESIDE", "ELSEWHERE", "WITHIN", "missing"]

BESIDE = (
    "HIPS autograd, a distribution with the same import name, was installed into the folder of graphgrad's autograd, "
    "and removing it will remove files of graphgrad: run `pip uninstall autograd graphgrad`, then install graphgrad "
    "again"
)
# Names of HIPS autograd's that `autograd` has without showing them, by the module that is imported for them.
ELSEWHERE = {
    **dict.fromkeys(
        [
            "checkpoint", "deriv", "grad_and_aux", "grad_named", "hessian_tensor_product", "hessian_vector_product",
            "holomorphic_grad", "jacobian_vector_product", "make_ggnvp", "make_hvp", "make_jvp", "make_vjp",
            "multigrad_dict", "tensor_jacobian_product", "vector_jacobian_product",
        ],
        "autograd.differential_operators",
    ),
    **dict.fromkeys(["dict", "isinstance", "list", "tuple", "type"], "autograd.builtins"),
}  # fmt: skip
# Functions that are looked for in `autograd`, and the module that has them.
WITHIN = {
    **dict.fromkeys(["count_paths", "explain", "paths", "replay", "stats", "steps", "tidied"], "graph"),
    **dict.fromkeys(["draw", "draw_backward", "draw_network", "plot_function", "slides", "stepper"], "viz"),
    **dict.fromkeys(["check_gradients", "numerical_gradient"], "testing"),
}
_INSTEAD = {
    "autograd": {},
    "autograd.extend": {
        "Box": "Value or Tensor",
        "JVPNode": "nothing: calls of a primitive are recorded, and jvp follows from its vjps",
        "SparseObject": "an array of zeros but for its elements",
        "VJPNode": "nothing: calls of a primitive are recorded",
        "VSpace": "nothing: gradients are floats, arrays and containers of such",
    },
}
_INSTEAD["autograd.core"] = _INSTEAD["autograd.extend"] | {
    "add_outgrads": "a + b",
    "Node": "Value or Tensor",
    "backward_pass": "pull, value = make_vjp(f)(x) and pull(g)",
    "sum_outgrads": "sum(gradients)",
}
_INSTEAD["autograd.builtins"] = {"make_dict": "dict(pairs)", "make_sequence": "tuple(elements) or list(elements)"}
_INSTEAD["autograd.numpy.numpy_wrapper"] = {
    "nograd_functions": "autograd.extend.register_notrace(f) for a primitive of yours; NumPy's are known"
}
_INSTEAD["autograd.tracer"] = {"new_box": "Value(x) or Tensor(x)"}
_INSTEAD["autograd.util"] = {
    "flatten": "autograd.misc.flatten.flatten",
    "flatten_func": "autograd.misc.flatten.flatten_func",
    "nd": "autograd.testing.numerical_gradient(f, x)",
}
# These are torch.autograd's.
_PYTORCHS = {
    "Function": "a primitive: forward(ctx, x) becomes its formula, and backward(ctx, g) its derivatives, which get the "
    "result y and the operands without ctx.save_for_backward:\n"
    "    @autograd.primitive()\n"
    "    def f(xp, x):\n"
    "        return xp.exp(x)\n"
    "    f.defvjps(x=lambda xp, g, y, x: g * y)\n"
    "and f(x) in place of F.apply(x)",
    "Variable": "Value or Tensor",
    "backward": "y.backward()",
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
    elif module == "autograd" and name == "vmap":
        text += (
            "; the gradients of samples are the rows of jacobian(f)(w), where f gives a loss for each, and any "
            "function is mapped by a loop: stack([f(x) for x in xs])"
        )
    elif module == "autograd" and name in WITHIN:
        text += f"; it is autograd.{WITHIN[name]}.{name}"
    elif module == "autograd":
        text += function_advice(name)
    return AttributeError(text)
