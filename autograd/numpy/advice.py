"""What to write in place of NumPy's functions, names and keywords that nodes do not take."""

__all__ = ["DROPPED", "INSTEAD", "KEYWORDS", "METHODS", "OF_SCIPY", "OUTSIDE", "PLAIN_ONLY"]

# Expressions to write in place of functions that the op table lacks, by NumPy's name.
INSTEAD = {
    "copyto": "np.where(condition, new, x)",
    "fill_diagonal": "np.where(np.eye(*x.shape) == 1, new, x)",
    "place": "np.where(condition, new, x)",
    "polymul": "np.convolve(x, y)",
    "put": "np.where(condition, new, x)",
    "putmask": "np.where(condition, new, x)",
}
_COUNTS = (
    "counts have no derivative: give it x.data; of weights np.bincount(np.digitize(x.data, bins), weights) has one"
)
OUTSIDE = {
    "angle": "complex numbers are outside this project; carry their parts as two nodes",
    "arange": "how many numbers there are has no derivative; write start + step * np.arange(n)",
    "roots": "the zeros of a polynomial may be complex, and complex numbers are outside this project",
    "fft": "Fourier transforms are outside this project (on plain arrays take numpy.fft)",
    "polyfit": "it is a problem of least squares; write np.linalg.lstsq(np.vander(x, deg + 1), y)[0]",
    "random": "drawing has no derivative; draw plain numbers and compute with them, as in mean + scale * randn()",
    **dict.fromkeys(("histogram", "histogram2d", "histogramdd"), _COUNTS),
}
PLAIN_ONLY = (
    "it takes plain data only: give it x.data (which leaves the graph), write it with supported functions, or make it "
    "a primitive"
)
OF_SCIPY = "SciPy's functions of nodes are in autograd.scipy.special; make another one a primitive"
METHODS = {
    "at": "it changes an array in place: make a new node, with np.where(condition, new, x) or x + change",
    "outer": "give one of them an axis: {}(x[:, None], y)",
}
# Names that NumPy has dropped without a word; of the others it says itself what to write.
DROPPED = {
    "NAN": "np.nan", "alen": "len(x)", "asscalar": "x.item()", "cumproduct": "np.cumprod", "float": "float",
    "in1d": "np.isin", "int": "int", "msort": "np.sort(x, axis=0)", "object": "object", "product": "np.prod",
    "rank": "np.ndim", "trapz": "np.trapezoid",
}  # fmt: skip
# Why other values are refused, and what to write.
_ORDER = "order= is not supported on nodes, whose elements lie in C's order;"
KEYWORDS = {
    "out": "out= would overwrite an array with what is to be recorded; take the result, y = {}({})",
    "where": "where= is not supported on nodes; choose the elements before: {}(x[condition])",
    "dtype": "nodes keep theirs, here {}; convert them first, x.astype(...)",
    "initial": "initial= is not supported on nodes; combine it with the result",
    "ravel.order": f"{_ORDER} transpose before: {{}}({{}}.T)",
    "reshape.order": f"{_ORDER} transpose before and after: {{}}({{}}.T, shape[::-1]).T",
    "average.returned": "returned= is not supported on nodes; the sum of the weights is np.sum(weights)",
    "cholesky.upper": "upper= is not supported on nodes; transpose the result",
    "linspace.axis": "axis= is not supported on nodes; move the first axis: np.moveaxis(y, 0, axis)",
    "linspace.retstep": "retstep= is not supported on nodes; the step is (stop - start) / (num - 1)",
    "searchsorted.sorter": "sorter= is not supported on nodes; sort before: np.sort(a)",
    "std.mean": "mean= is not supported on nodes, which calculate it",
    "var.mean": "mean= is not supported on nodes, which calculate it",
}
