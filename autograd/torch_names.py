"""PyTorch's names that are written otherwise here: what an error says of a method ``x.view`` or of ``autograd.cat``."""

from __future__ import annotations

import re
from importlib import import_module

__all__ = ["METHOD_NAMES", "function_advice", "keyword_advice", "method_advice"]

_words = str.split

# What is written for a name, of a node x: for a method, and for a function of x.
_CODE = {
    "abs": "abs(x)", "absolute": "abs(x)", "acos": "x.arccos()", "acosh": "x.arccosh()", "add": "x + y",
    "addbmm": "x + (a @ b).sum(axis=0)", "addcdiv": "x + weight * a / b", "addcmul": "x + weight * a * b",
    "addmm": "x + a @ b", "addmv": "x + a @ b", "addr": "x + autograd.outer(a, b)",
    "adjoint": "autograd.matrix_transpose(x)", "allclose": "numpy.allclose(x.data, y.data)",
    "aminmax": "x.min(), x.max()", "as_strided": "x[start:stop:step]",
    "as_strided_scatter": "autograd.where(mask, y, x)", "asin": "x.arcsin()", "asinh": "x.arcsinh()",
    "atan": "x.arctan()", "atan2": "x.arctan2(y)", "atanh": "x.arctanh()", "baddbmm": "x + a @ b",
    "bernoulli": "rng.random(x.shape) < x.data", "bitwise_and": "x & y", "bitwise_not": "~x", "bitwise_or": "x | y",
    "block_diag": "autograd.scipy.linalg.block_diag(x, y)", "bmm": "x @ y",
    "broadcast_tensors": "autograd.broadcast_arrays(x, y)", "bucketize": "autograd.searchsorted(edges, x)",
    "cat": "autograd.concatenate([x, y], axis)", "cdist": "autograd.norm(x[:, None] - y, axis=-1)",
    "chain_matmul": "x @ y @ z", "cholesky_inverse": "autograd.inv(x @ x.T)",
    "cholesky_solve": "autograd.solve(y @ y.T, x)", "chunk": "autograd.array_split(x, parts, axis)",
    "clamp": "x.clip(low, high)", "clamp_max": "x.minimum(high)", "clamp_min": "x.maximum(low)",
    "concat": "autograd.concatenate([x, y], axis)", "conj_physical": "x",
    "cumulative_trapezoid": "autograd.cumsum((x[1:] + x[:-1]) / 2)", "detach": "x.detach()",
    "detach_copy": "x.detach()", "diag_embed": "x[..., None] * numpy.eye(x.shape[-1])",
    "diagonal_scatter": "autograd.where(mask, y, x)", "digamma": "autograd.scipy.special.digamma(x)", "dim": "x.ndim",
    "dist": "autograd.norm(x - y)", "div": "x / y", "divide": "x / y", "eig": "autograd.numpy.linalg.eig(x)",
    "element_size": "x.dtype.itemsize", "eq": "x == y", "equal": "bool((x == y).all())",
    "erfinv": "autograd.scipy.special.erfinv(x)", "expand": "autograd.broadcast_to(x, shape)",
    "expand_as": "autograd.broadcast_to(x, y.shape)", "floor_divide": "x // y", "frac": "x - x.trunc()",
    "frobenius_norm": "autograd.norm(x)", "gather": "autograd.take_along_axis(x, indices, axis)", "ge": "x >= y",
    "ger": "autograd.outer(x, y)", "grad_dtype": "x.dtype", "grad_fn": "x.op", "greater": "x > y",
    "greater_equal": "x >= y", "gt": "x > y", "H": "x.T", "histc": "numpy.histogram(x.data, bins)",
    "i0": "autograd.scipy.special.i0(x)", "igamma": "autograd.scipy.special.gammainc(x.data, y)",
    "igammac": "autograd.scipy.special.gammaincc(x.data, y)", "index_add": "x + selection.T @ y",
    "index_copy": "autograd.where(mask, y, x)", "index_fill": "autograd.where(mask, value, x)",
    "index_put": "autograd.where(mask, value, x)", "index_reduce": "autograd.where(mask, x, -numpy.inf).max(axis)",
    "index_select": "x.take(indices, axis)", "inverse": "autograd.inv(x)", "is_floating_point": "x.dtype.kind == 'f'",
    "is_nonzero": "bool(x)", "is_same_size": "x.shape == y.shape", "is_signed": "x.dtype.kind in 'fi'",
    "is_tensor": "isinstance(x, (autograd.Tensor, autograd.Value))", "itemsize": "x.dtype.itemsize",
    "kthvalue": "autograd.sort(x, axis)[..., k - 1]", "le": "x <= y", "lerp": "x + weight * (y - x)", "less": "x < y",
    "less_equal": "x <= y", "lgamma": "autograd.scipy.special.gammaln(x)", "logdet": "autograd.slogdet(x)[1]",
    "logit": "autograd.scipy.special.logit(x)", "lstsq": "autograd.numpy.linalg.lstsq(x, y)", "lt": "x < y",
    "lu": "scipy.linalg.lu(x.data)", "lu_solve": "autograd.solve(a, x)",
    "masked_fill": "autograd.where(mask, value, x)", "masked_scatter": "autograd.where(mask, y, x)",
    "masked_select": "x[mask]", "matmul": "x @ y", "matrix_exp": "autograd.scipy.linalg.expm(x)",
    "matrix_rank": "numpy.linalg.matrix_rank(x.data)", "mH": "autograd.matrix_transpose(x)", "mm": "x @ y",
    "movedim": "autograd.moveaxis(x, source, destination)", "msort": "autograd.sort(x, 0)",
    "mT": "autograd.matrix_transpose(x)", "mul": "x * y", "multiply": "x * y", "mv": "x @ y",
    "mvlgamma": "autograd.scipy.special.multigammaln(x, d)", "narrow": "x[start:start + length]",
    "narrow_copy": "x[start:start + length]", "nbytes": "x.data.nbytes", "ndimension": "x.ndim", "ne": "x != y",
    "neg": "-x", "negative": "-x", "nelement": "x.size", "not_equal": "x != y",
    "nuclear_norm": "autograd.norm(x, 'nuc')", "numel": "x.size", "pairwise_distance": "autograd.norm(x - y, axis=-1)",
    "pdist": "autograd.norm(x[:, None] - x, axis=-1)", "permute": "x.transpose(axes)",
    "pinverse": "autograd.numpy.linalg.pinv(x)", "polygamma": "autograd.scipy.special.polygamma(n, x)",
    "positive": "+x", "pow": "x**y", "qr": "autograd.numpy.linalg.qr(x)", "remainder": "x % y",
    "repeat_interleave": "x.repeat(times, axis)", "reshape_as": "x.reshape(y.shape)", "resolve_conj": "x",
    "resolve_neg": "x", "retains_grad": "x.has_grad", "rsqrt": "1 / x.sqrt()", "rsub": "y - x",
    "scatter": "autograd.where(mask, y, x)", "scatter_add": "x + selection.T @ y",
    "scatter_reduce": "autograd.where(mask, x, -numpy.inf).max(axis)", "select": "x[i]",
    "select_scatter": "autograd.where(mask, y, x)", "sgn": "x.sign()", "slice_inverse": "autograd.where(mask, y, x)",
    "slice_scatter": "autograd.where(mask, y, x)", "sort": "autograd.sort(x, axis), x.argsort(axis)",
    "split_with_sizes": "autograd.split(x, numpy.cumsum(sizes)[:-1], axis)", "std_mean": "x.std(ddof=1), x.mean()",
    "stride": "x.data.strides", "sub": "x - y", "subtract": "x - y", "sum_to_size": "x.sum(axis, keepdims=True)",
    "svd": "autograd.numpy.linalg.svd(x)", "swapdims": "x.swapaxes(i, j)", "t": "x.T",
    "take_along_dim": "autograd.take_along_axis(x, indices, axis)",
    "tensor_split": "autograd.array_split(x, parts, axis)", "topk": "autograd.sort(x, axis)[..., ::-1][..., :k]",
    "trapz": "autograd.trapezoid(x)", "triangular_solve": "autograd.scipy.linalg.solve_triangular(y, x)",
    "true_divide": "x / y", "type_as": "x.astype(y.dtype)", "unbind": "list(x)", "unflatten": "x.reshape(shape)",
    "unfold": "x[numpy.arange(0, len(x) - size + 1, step)[:, None] + numpy.arange(size)]",
    "unsafe_chunk": "autograd.array_split(x, parts, axis)",
    "unsafe_split_with_sizes": "autograd.split(x, numpy.cumsum(sizes)[:-1], axis)",
    "unsqueeze": "autograd.expand_dims(x, axis)", "var_mean": "x.var(ddof=1), x.mean()", "view": "x.reshape(shape)",
    "view_as": "x.reshape(y.shape)", "where": "autograd.where(condition, x, y)",
    "xlogy": "autograd.scipy.special.xlogy(x, y)",
}  # fmt: skip
# Of methods alone.
_METHODS = {
    "apply_": "x.data[...] = f(x.data)", "argwhere": "numpy.argwhere(x.data)", "bool": "x != 0",
    "byte": "x.astype(int)", "char": "x.astype(int)", "contiguous": "x", "double": "x.astype(float)",
    "fill_diagonal_": "numpy.fill_diagonal(x.data, value)", "float": "x.astype(numpy.float32)", "index": "x[indices]",
    "int": "x.astype(int)", "long": "x.astype(int)", "map2_": "x.data[...] = f(x.data, y.data, z.data)",
    "map_": "x.data[...] = f(x.data, y.data)", "median": "autograd.median(x, axis)", "name": "x.label",
    "new": "numpy.array(data)", "new_empty": "numpy.empty(shape)", "new_empty_strided": "numpy.empty(shape)",
    "new_full": "numpy.full(shape, value)", "new_ones": "numpy.ones(shape)", "new_tensor": "numpy.array(data)",
    "new_zeros": "numpy.zeros(shape)", "norm": "autograd.norm(x)", "prelu": "nn.functional.prelu(x, weight)",
    "put": "autograd.where(mask, value, x)", "resize": "x.reshape(shape)", "resize_": "x.reshape(shape)",
    "resize_as": "x.reshape(y.shape)", "resize_as_": "x.reshape(y.shape)", "short": "x.astype(int)",
    "solve": "autograd.solve(x, y)", "split": "autograd.split(x, parts, axis)", "to": "x.astype(dtype)",
    "type": "x.astype(dtype)", "unique": "autograd.unique(x)", "unsafe_split": "autograd.split(x, parts, axis)",
    "volatile": "with autograd.no_grad():",
}  # fmt: skip
# Methods that change a tensor in place. A node keeps its value; what an optimiser does to a leaf has operators.
_IN_PLACE = _words(
    "abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr arccos arccosh arcsin arcsinh arctan arctan2 "
    "arctanh as_strided asin asinh atan atan2 atanh baddbmm bernoulli bitwise_and bitwise_left_shift bitwise_not "
    "bitwise_or bitwise_right_shift bitwise_xor cauchy ceil clamp clamp_max clamp_min clip conj_physical copy "
    "copysign cos cosh cumprod cumsum deg2rad detach digamma div divide eq erf erfc erfinv exp exp2 expm1 exponential "
    "fill fix float_power floor floor_divide fmod frac gcd ge geometric greater greater_equal gt heaviside hypot i0 "
    "igamma igammac index_add index_copy index_fill index_put index_reduce lcm ldexp le lerp less less_equal lgamma "
    "log log10 log1p log2 log_normal logical_and logical_not logical_or logical_xor logit lt masked_fill "
    "masked_scatter mul multiply mvlgamma nan_to_num ne neg negative nextafter normal not_equal polygamma pow put "
    "rad2deg random reciprocal relu remainder round rsqrt scatter scatter_add scatter_reduce sgn sigmoid sign sin "
    "sinc sinh sqrt square squeeze sub subtract swapaxes swapdims t tan tanh transpose tril triu true_divide trunc "
    "uniform unsqueeze xlogy zero"
)
_WRITTEN = {
    "bernoulli": "rng.random(x.shape) < p", "cauchy": "rng.standard_cauchy(x.shape)", "copy": "y.data",
    "exponential": "rng.exponential(size=x.shape)", "fill": "value", "geometric": "rng.geometric(p, x.shape)",
    "log_normal": "rng.lognormal(size=x.shape)", "normal": "rng.normal(mean, std, x.shape)",
    "random": "rng.integers(low, high, x.shape)", "uniform": "rng.uniform(low, high, x.shape)", "zero": "0",
}  # fmt: skip
_AUGMENTED = r"x ?(\+|-|\*|/|//|%|\*\*) ?y"
# Methods that a family below answers for, or a function of NumPy's name.
_OTHERS = _words(
    "angle apply_ as_subclass bfloat16 bincount bitwise_left_shift bitwise_right_shift bitwise_xor ccol_indices "
    "cdouble cfloat chalf cholesky coalesce col_indices conj const_data_ptr corrcoef cov cpu cross crow_indices cuda "
    "cummax cummin data_ptr dense_dim dequantize device diagflat dim_order dsplit fill_diagonal_ float_power frexp "
    "gcd geqrf get_device half hardshrink hash_tensor histogram hsplit imag indices int_repr ipu is_coalesced "
    "is_complex is_conj is_contiguous is_cpu is_cuda is_distributed is_inference is_ipu is_maia is_meta is_mkldnn "
    "is_mps is_mtia is_neg is_nested is_pinned is_quantized is_set_to is_shared is_sparse is_sparse_csr is_vulkan "
    "is_xla is_xpu isclose isneginf isposinf isreal istft layout lcm ldexp logcumsumexp map2_ map_ median mode "
    "module_load mtia multinomial nan_to_num nanmean nanmedian nanquantile nansum nextafter nonzero_static norm orgqr "
    "ormqr output_nr pin_memory q_per_channel_axis q_per_channel_scales q_per_channel_zero_points q_scale "
    "q_zero_point qscheme quantile real record_stream reinforce renorm renorm_ resize_ resize_as_ resize_as_sparse_ "
    "row_indices set_ share_memory_ sinc slogdet smm solve sparse_dim sparse_mask sparse_resize_ "
    "sparse_resize_and_clear_ sspaddmm stft storage storage_offset storage_type symeig to_dense to_mkldnn "
    "to_padded_tensor to_sparse to_sparse_bsc to_sparse_bsr to_sparse_coo to_sparse_csc to_sparse_csr unique "
    "unique_consecutive untyped_storage values vsplit xpu"
)
METHOD_NAMES = frozenset({*_CODE, *_METHODS, *(f"{name}_" for name in _IN_PLACE), *_OTHERS})
# Of torch, torch.autograd and torch.func alone.
_FUNCTIONS = {
    "as_tensor": "Tensor(data, requires_grad=False)", "autograd": "import autograd", "bool": "bool",
    "byte": "numpy.uint8", "cartesian_prod": "itertools.product(xs, ys)", "char": "numpy.int8", "clone": "x.clone()",
    "combinations": "itertools.combinations(xs, 2)", "cond": "autograd.where(condition, x, y)",
    "constant_pad_nd": "autograd.pad(x, widths)", "double": "float", "empty_permuted": "numpy.empty(shape)",
    "empty_strided": "numpy.empty(shape)", "fill": "autograd.full_like(x, value)", "flatten": "x.reshape(-1)",
    "float": "numpy.float32", "forward_ad": "autograd.jvp(f, (x,), (v,))", "from_file": "Tensor(numpy.memmap(path))",
    "from_numpy": "Tensor(array, requires_grad=False)", "func": "autograd.grad, jacobian, hessian, vjp, jvp and hvp",
    "functional": "autograd.jacobian, hessian, vjp, jvp and hvp, which are functions of a function",
    "Generator": "numpy.random.default_rng(seed)", "get_default_dtype": "numpy.float64, which is always it",
    "initial_seed": "nn.manual_seed(seed)", "int": "numpy.int32", "linalg": "autograd.numpy.linalg",
    "load": "nn.load(path)", "long": "numpy.int64",
    "manual_seed": "nn.manual_seed(seed) for the default generator of nn, or pass rng=numpy.random.default_rng(seed)",
    "masked": "x[mask]", "math": "import math", "nn": "import nn", "normal": "rng.normal(mean, std, shape)",
    "optim": "import nn, and nn.optim", "poisson": "rng.poisson(x.data)", "rand": "rng.random(shape)",
    "rand_like": "rng.random(x.shape)", "randint": "rng.integers(low, high, shape)",
    "randint_like": "rng.integers(low, high, x.shape)", "randn": "rng.normal(size=shape)",
    "randn_like": "rng.normal(size=x.shape)", "random": "numpy.random", "randperm": "rng.permutation(n)",
    "range": "numpy.arange(start, end + step, step)", "save": "nn.save(model, path)",
    "scalar_tensor": "Tensor(number, requires_grad=False)", "seed": "nn.manual_seed(seed)",
    "set_default_dtype": "dtype= where a Tensor or a layer is made; no default is set",
    "set_default_tensor_type": "dtype= where a Tensor or a layer is made; no default is set",
    "set_printoptions": "numpy.set_printoptions(...)", "short": "numpy.int16", "Size": "tuple(shape)",
    "special": "autograd.scipy.special",
    "tensor": "Tensor(data, requires_grad=False) for data, and Tensor(data) for what gets a gradient",
    "unsafe_split": "autograd.split(x, parts, axis)", "utils": "nn.utils and nn.data", "while_loop": "while",
}  # fmt: skip
# Families of names; the first that fits says what stands in their place.
_FAMILIES = [
    (r"^[A-Z]\w*Tensor$", "write Tensor(data, dtype=numpy.float32, requires_grad=False)"),
    (r"amp$|autocast|GradScaler", "there is no half precision: float32 and float64 are kept as they come"),
    (r"^(indices|values)$",
     "max, min and sort give the values alone: write x.argmax(axis), x.argmin(axis) or x.argsort(axis) beside them"),
    (r"^multinomial$", "write rng.choice(len(p), p=p) for each row p of x.data"),
    (r"sparse|coalesce|(^|_)(coo|csr|csc|bsr|bsc)(_|$)|(crow|ccol|row|col)_indices|to_dense|dense_dim|"
     r"^h?s(sp)?(add)?mm$|^spmm$|^hspmm$|^dsmm$|^hsmm$|^sspaddmm$|padded|jagged|nested",
     "there are no sparse tensors: make dense arrays of them, a.toarray()"),
    (r"quantiz|^q_|^qu?int|^u?int[1-7]$|int_repr|qscheme|qparams|fake_|fbgemm|per_(tensor|channel)|fused_moving|^bit$",
     "there is no quantisation: nodes carry float64 and float32"),
    (r"cuda|cudnn|miopen|mkldnn|mps$|mtia|vulkan|xla|xpu|[^r]?ipu|maia|meta|gpu|device|^(is_)?cpu$|pin|accelerator|"
     r"backends|stream|^Stream|^Event", "arrays of NumPy's lie in "
     "this machine's memory; x.to(\"torch\", device=\"cuda\") moves a leaf, and model.to(...) a net, to another "
     "library or device"),
    (r"[Ss]torage|data_ptr|_set_to|^set_$|resize_as|is_shared|share_memory|memory_format|contiguous|dim_order|layout|"
     r"strided$|preserve_format|channels_last|alias|dlpack|hash_tensor|_copy$",
     "arrays are NumPy's: x.data is that of a node x, and the elements of a leaf's may be written"),
    (r"complex|cfloat|cdouble|chalf|conj|is_neg$|^polar$|stft|view_as_real",
     "complex numbers are outside this project: carry the real and the imaginary part as two nodes"),
    (r"half|^float(4|8|16)|bfloat|^bits\d", "nodes carry float64 and float32: x.astype(numpy.float32)"),
    (r"deterministic|num_(interop_)?threads|flush_denormal|warn_always|matmul_precision",
     "NumPy calculates: OMP_NUM_THREADS sets its threads, and the same program gives the same numbers"),
    (r"rng_state|default_generator", "a generator rng has its state in rng.bit_generator.state"),
    (r"(cum|logcumsum)(max|min|exp)$", "collect the nodes in a loop, and join them with autograd.stack"),
    (r"^(native_|quantized_)?(adaptive|affine|alpha|avg|batch_norm|bilinear|celu|channel_sh|conv|cosine|ctc_|dropout|"
     r"embedding|feature_|grid_|group_norm|gru|hardshrink|hinge|instance_norm|kl_div|layer_norm|lstm|margin|max_pool|"
     r"native_norm|norm_except|pixel|poisson_|prelu|rms_norm|rnn_|rrelu|selu|threshold|triplet)",
     "layers and losses are nn's: see nn and nn.functional"),
    (r"_backward|_stats|_elemt", "autograd.gradients derives what is recorded"),
    (r"segment_reduce|consecutive|_static|renorm|lobpcg|lowrank|geqrf|orgqr|ormqr|symeig|histogramdd|nomial|^mode$|isin|"
     r"^cholesky$|unravel|_window$|^fft$|lu_unpack|^distributions$|quasirandom",
     "take NumPy's or SciPy's of x.data where no gradient is needed; a derivative of one's own is stated by "
     "autograd.primitive"),
    (r"jit|export|library|classes|overrides|^fx$|script|compiled_with|import_ir|parse_|^fork$|^wait$|futures|profiler|"
     r"monitor|package|^hub$|distributed|multiproc|signal|file_path|sym_|^Sym|classproperty|merge_type|unify_type|"
     r"thread_safe|torch_function|torch_version|return_types|typename|is_inference|anomaly|get_file|as_subclass|"
     r"module_load|output_nr|reinforce|function$|_mode$|Saved|serialization|^version$|^types$|^ao$|^has_|view_replay|"
     r"multithreading|policy|kineto|^cpp$",
     "it belongs to PyTorch's machinery, of which nothing is here; autograd.compile compiles a function"),
]  # fmt: skip
# Arguments by name.
_NOWHERE = "nothing: arrays of NumPy's lie in this machine's memory"
_KEYWORDS = {
    "allow_unused": "nothing: an input that the outputs do not depend on gets zeros", "correction": "ddof=",
    "create_graph": "autograd.gradients(y, leaves, create_graph=True), whose results are nodes",
    "descending": "[::-1] behind it", "device": "x.to(\"torch\", device=...) of a leaf, model.to(...) of a net",
    "diagonal": "k=", "dim": "axis=", "dims": "axis=",
    "inplace": "nothing: a node keeps its value", "inputs": "autograd.gradients(y, inputs)", "keepdim": "keepdims=",
    "non_blocking": _NOWHERE, "pin_memory": _NOWHERE, "requires_grad": "Tensor(data, requires_grad=...)",
    "retain_graph":
    "nothing: a graph stays as long as one of its nodes is in use, for as many passes as are wanted",
    "shifts": "shift=", "steps": "num=", "unbiased": "ddof=1 for True, PyTorch's default, and ddof=0 for False",
}  # fmt: skip


def method_advice(name: str) -> str:
    """What to write for a method, as the end of a sentence; empty for a name that is not PyTorch's."""
    if name not in METHOD_NAMES:
        return ""
    return f", which PyTorch's tensors have; {_instead(name, {**_CODE, **_METHODS}, '(x)')}"


def function_advice(name: str) -> str:
    """What to write for a function of torch's, as the end of a sentence; empty for a name that it has not."""
    instead = _instead(name, {**_CODE, **_FUNCTIONS}, "")
    return f", which torch has; {instead}" if instead else ""


def _instead(name: str, codes: dict[str, str], call: str) -> str:
    base = name.removesuffix("_")
    if name in codes:
        return f"write {codes[name]}"
    if base != name and base in _WRITTEN:
        return f"a node keeps its value: of a leaf write x.data[...] = {_WRITTEN[base]}"
    if base != name and base in _IN_PLACE:
        instead = _instead(base, codes, "(x)").removeprefix("write ")
        change = re.fullmatch(_AUGMENTED, instead)
        leaf = f"under autograd.no_grad() x {change[1]}= y" if change else "x.data[...] = its data"
        return f"a node keeps its value: write x = {instead}, or of a leaf {leaf}"
    if text := next((text for pattern, text in _FAMILIES if re.search(pattern, name)), ""):
        return text
    places = (place for place in ("autograd", "autograd.numpy") if name in dir(import_module(place)))
    return next((f"write {place}.{name}{call}" for place in places), "")


def keyword_advice(name: str) -> str:
    """What to write for an argument of PyTorch's by name, as the end of a sentence; empty for any other."""
    return f"; for PyTorch's {name}= write {_KEYWORDS[name]}" if name in _KEYWORDS else ""
