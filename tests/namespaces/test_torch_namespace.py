"""What PyTorch's namespace has beyond the common tests: memory, tensors with a graph, traces, its own windows."""

import copy
import pickle

import numpy as np
import pytest

from autograd.namespaces import arrays
from autograd.namespaces.standard import Standard
from autograd.ops import table
from tests.helpers.libraries import agree, given
from tests.helpers.samplers import varied
from tests.helpers.support import numbers

torch = pytest.importorskip("torch")
from torch.fx.experimental.proxy_tensor import make_fx  # noqa: E402

from autograd.namespaces.torch import xp  # noqa: E402

OPS = {op.__name__: op for op in table()}


def test_a_parameter_is_copied_and_what_pytorch_differentiates_is_refused():
    weight = torch.nn.Parameter(torch.ones(3))
    copied = xp.array(weight)
    assert type(copied) is torch.Tensor
    assert not copied.requires_grad
    with torch.no_grad():
        weight += 1
    assert copied.tolist() == [1, 1, 1]
    with pytest.raises(TypeError, match=r"pass x\.detach\(\)"):
        xp.array(weight * 2)
    with pytest.raises(TypeError, match=r"pass x\.to_dense\(\)"):
        xp.array(torch.ones(2, 2).to_sparse())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_refused_with_what_to_call(dtype):
    with pytest.raises(TypeError, match=r"nodes carry float64 and float32; \.float\(\) or \.double\(\) converts them"):
        xp.array(torch.ones(3, dtype=dtype))


def test_what_shares_memory_is_copied():
    x = torch.arange(6.0).reshape(2, 3).clone()
    assert xp.own(x) is x
    assert xp.own(x, torch.ones(3)) is x
    for shared in (xp.own(x[0]), xp.own(x.T), xp.own(xp.alias(x)), xp.own(x, x), xp.own(x.expand(2, 2, 3))):
        before = shared.clone()
        x += 1
        assert (shared == before).all()
        assert shared.is_contiguous()
    with torch.inference_mode():
        y = torch.ones(4)
        assert xp.own(y[1:]).data_ptr() != y[1:].data_ptr()
    alias = xp.alias(x)
    assert alias is not x
    assert alias.data_ptr() == x.data_ptr()


def test_an_operator_in_place_changes_the_tensor_itself_but_in_a_trace():
    x = torch.ones(3)
    assert xp.updated(OPS["sub"], x, torch.full((3,), 2.0), np.subtract) is x
    assert x.tolist() == [-1, -1, -1]

    def step(x):
        return xp.updated(OPS["sub"], x, torch.full((3,), 2.0), np.subtract)

    names = [node.target for node in make_fx(step)(x).graph.nodes]
    assert torch.ops.aten.sub.Tensor in names
    assert torch.ops.aten.sub_.Tensor not in names


def test_no_answer_is_read_until_all_gradients_are_asked(monkeypatch):
    asked = []
    for how in ("__bool__", "__float__", "__int__", "item", "tolist", "numpy"):
        read = getattr(torch.Tensor, how)
        monkeypatch.setattr(torch.Tensor, how, lambda x, read=read: asked.append(x) or read(x))
    tensors = [torch.ones(3), torch.ones(2, 2, dtype=torch.float64), torch.zeros(0), torch.full((2,), float("inf"))]
    plain, holding = xp.total_norm(tensors), xp.total_norm([*tensors, torch.tensor(float("nan"))])
    assert asked == []
    assert not plain.isnan()
    assert holding.isnan()
    asked.clear()
    tensors = [x.to("meta") for x in tensors]  # a device that has no answers
    with pytest.raises(RuntimeError):
        xp.any_nan(tensors)
    assert len(asked) == 1


def test_a_trace_is_noticed_and_what_numpy_calculates_is_an_error_there():
    assert not xp.traced(torch.ones(2))
    seen = []
    make_fx(lambda x: seen.append(xp.traced(x)) or x + 1)(torch.ones(2))
    assert seen == [True]
    with pytest.raises(TypeError, match="eig: PyTorch has no such function; NumPy calculates it"):
        make_fx(lambda x: xp.eig_parts(x))(torch.eye(2))


# Every op but those of which PyTorch has no function: tracing all takes some seconds.
TRACED = [
    "broadcast_like", "cofactor", "concatenate_args", "contraction", "conv", "cumprod", "diag", "erf", "euclidean_norm",
    "first_difference", "getitem", "linear", "logsumexp", "max", "max_pool", "max_unpool", "median_indices",
    "pad_array", "prod", "qr_parts", "recurrence", "repeat", "scatter_like", "sinc", "std", "where",
]  # fmt: skip


@pytest.mark.parametrize("name", TRACED)
def test_a_traced_formula_is_a_graph_of_pytorchs_functions(name):
    op = OPS[name]
    args, params = next(given(op))
    there = [xp.array(a) for a in args]
    places = varied(op, args)

    def pass_on(*values):
        full = list(there)
        for i, x in zip(places, values, strict=True):
            full[i] = x
        y = op.forward(xp, *full, **params)
        passed = [op.vjp(i)(xp, torch.ones_like(y), y, *full, **params) for i in places]
        return y, [d for each in passed for d in (each if isinstance(each, list) else [each])]

    values = [there[i] for i in places]
    graph = make_fx(pass_on)(*values)
    others = [x * 0.9 for x in values]
    y, passed = pass_on(*others)
    traced_y, traced = graph(*others)
    for a, b in zip([traced_y, *traced], [y, *passed], strict=True):
        assert torch.equal(a, b)


# ---- windows ----

WAYS = [
    ((2, 3, 9), (4, 3, 3), {"stride": 2, "padding": 1}),
    ((3, 9), (2, 3, 3), {"dilation": 2, "padding": 2}),
    ((2, 2, 4, 6, 5), (6, 2, 2, 3), {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}),
    ((2, 4, 5, 5, 4), (2, 4, 2, 3, 2), {"padding": 1}),
    ((1, 1, 3, 3, 3, 3), (1, 1, 2, 2, 2, 2), {}),  # along four axes, for which PyTorch has none
]


@pytest.mark.parametrize(("x", "weight", "how"), WAYS)
@pytest.mark.parametrize("dtype", ["float64", "int64"])
def test_convolutions(x, weight, how, dtype):
    x, weight = ((4 * numbers(shape, 1)).astype(dtype) for shape in (x, weight))
    if how.get("groups") == 2:
        weight = weight[:, : x.shape[-weight.ndim + 1] // 2]
    y = arrays.conv(x, weight, **how)
    there = [torch.from_numpy(a) for a in (x, weight, y)]
    agree(xp, xp.conv(*there[:2], **how), y, 1e-13)
    agree(xp, Standard.conv(xp, *there[:2], **how), y, 1e-13)
    passed = arrays.conv_transpose(y, weight, x, **how)
    agree(xp, xp.conv_transpose(there[2], there[1], there[0], **how), passed, 1e-13)
    passed = arrays.conv_weight(y, x, weight, **how)
    agree(xp, xp.conv_weight(there[2], there[0], there[1], **how), passed, 1e-13)


POOLS = [
    ((2, 9), {"kernel": (3,), "stride": 2, "padding": 1}),
    ((2, 9), {"kernel": (3,), "stride": 3, "padding": 2, "ceil_mode": True}),  # a border that PyTorch refuses
    ((3, 2, 7, 8), {"kernel": (3, 2), "stride": (2, 3), "padding": (1, 0), "ceil_mode": True}),
    ((5, 4, 6), {"kernel": (2, 2, 2), "stride": 2, "ceil_mode": True}),
    ((2, 3, 3, 3, 3), {"kernel": (2, 2, 2, 2)}),
]


@pytest.mark.parametrize(("shape", "how"), POOLS)
def test_pooling(shape, how):
    x = np.round(numbers(shape, 3))  # with ties
    x.flat[5:9] = np.nan, np.inf, -np.inf, np.nan
    for more in ({}, {"dilation": 2}) if min(shape[-len(how["kernel"]) :]) > 4 else ({},):
        y, places = arrays.max_pool(x, **how, **more), arrays.max_pool_places(x, **how, **more)
        agree(xp, xp.max_pool(torch.from_numpy(x), **how, **more), y, 0)
        agree(xp, xp.max_pool_places(torch.from_numpy(x), **how, **more), places, 0)
        agree(xp, Standard.max_pool_places(xp, torch.from_numpy(x), **how, **more), places, 0)
    x = numbers(shape, 4)
    for more in ({}, {"count_include_pad": False}, {"divisor_override": 3}):
        y = arrays.avg_pool(x, **how, **more)
        agree(xp, xp.avg_pool(torch.from_numpy(x), **how, **more), y, 1e-14)
        passed = arrays.spread_pool(y, x, **how, **more)
        agree(xp, xp.spread_pool(torch.from_numpy(y), torch.from_numpy(x), **how, **more), passed, 1e-14)


def test_a_singular_matrix_is_numpys_error():
    for f in (xp.inv, lambda x: xp.solve(x, x), xp.cholesky):
        with pytest.raises(np.linalg.LinAlgError):
            f(torch.zeros(2, 2))


def test_two_numbers_that_are_selected_keep_their_digits():
    chosen = xp.where(torch.tensor([True, False]), 0.1, 0.2)
    assert chosen.tolist() == [0.1, 0.2]  # in float32 they would be others
    assert xp.where(torch.tensor([True, False]), 1, 0).dtype is torch.int64
    assert xp.where(torch.tensor([True, False]), torch.ones(2), 0).dtype is torch.float32


def test_what_follows_from_shapes_can_be_read_in_a_trace():
    bounds = xp.bounds(np.zeros(2), np.zeros(3), axis=0)
    graph = make_fx(lambda x: xp.getitem(x, xp.asarray_like(bounds, x), key=(("part", 1),)))(torch.zeros(5))
    assert graph(torch.arange(5.0)).tolist() == [2, 3, 4]


def test_the_namespace_is_pickled_and_copied_by_reference():
    assert pickle.loads(pickle.dumps(xp)) is xp
    assert copy.deepcopy(xp) is xp
