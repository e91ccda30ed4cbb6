"""What tests of compiled functions share: comparing results, and counting recordings."""

import numpy as np


def same(a, b):
    """Whether two results are alike: containers, types, dtypes and shapes, and numbers up to the order of sums."""
    assert type(a) is type(b), (a, b)
    if isinstance(a, dict):
        assert list(a) == list(b)
        return all(same(a[k], b[k]) for k in a)
    if isinstance(a, (tuple, list)):
        assert len(a) == len(b)
        return all(map(same, a, b))
    if isinstance(a, np.ndarray):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        assert a.flags.writeable
    if isinstance(a, (float, np.ndarray, np.floating)):
        np.testing.assert_allclose(a, b, 1e-12 if np.asarray(a).dtype != np.float32 else 1e-5, 1e-15)
        return True
    return a == b


def recordings(f):
    """A function that counts how often it runs itself, and the list of its calls."""
    calls = []

    def counted(*args, **kwargs):
        calls.append(args)
        return f(*args, **kwargs)

    counted.__wrapped__ = f
    return counted, calls
