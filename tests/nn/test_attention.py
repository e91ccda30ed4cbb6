"""Attention beside PyTorch's: values, first and second derivatives, masks, state dicts, options, errors."""

import copy
import itertools
import pickle

import numpy as np
import pytest

import nn
import nn.functional as F
from autograd import Tensor
from autograd.testing import check_gradients
from tests.nn.test_recurrent import CLOSE, as_torch, assert_same, data

CAUSAL = np.tri(5, 5, dtype=bool)


def with_second_derivative():
    """The only way of PyTorch's to attend that has one."""
    backends = pytest.importorskip("torch").nn.attention
    return backends.sdpa_kernel(backends.SDPBackend.MATH)


@pytest.mark.parametrize(
    ("shapes", "mask", "options"),
    [
        (((5, 4), (6, 4), (6, 3)), None, {}),
        (((2, 3, 5, 4), (2, 3, 6, 4), (2, 3, 6, 3)), None, {"scale": 0.3}),
        (((2, 5, 4), (2, 6, 4), (2, 6, 3)), None, {"is_causal": True}),
        (((2, 5, 4), (2, 5, 4), (2, 5, 3)), CAUSAL, {}),
        (((2, 5, 4), (2, 5, 4), (2, 5, 3)), data(5, 5), {}),
        (((2, 5, 4), (2, 5, 4), (2, 5, 3)), np.where(CAUSAL, 0.5, -np.inf), {}),
        (((2, 5, 4), (2, 5, 4), (2, 5, 3)), data(2, 5, 5) > 9.0, {}),  # no query sees a key
        (((2, 4, 5, 3), (2, 2, 6, 3), (2, 2, 6, 3)), None, {"enable_gqa": True}),
        (((0, 5, 4), (0, 6, 4), (0, 6, 3)), None, {}),
    ],
    ids=str,
)
def test_attention_is_torchs_to_second_order(shapes, mask, options):
    torch = pytest.importorskip("torch")
    inputs = tuple(data(*shape, k)[..., 0] for k, shape in enumerate(shapes, 1))

    class Ours(nn.Module):
        def forward(self, *inputs):
            return F.scaled_dot_product_attention(*inputs, mask, **options)

    class Theirs(torch.nn.Module):
        def forward(self, *inputs):
            given = None if mask is None else torch.from_numpy(mask)
            with with_second_derivative():
                return torch.nn.functional.scaled_dot_product_attention(*inputs, given, **options)

    assert_same(Ours(), Theirs(), inputs)


def test_a_mask_that_is_learned_and_float32():
    q, bias = data(5, 4), data(5, 5)
    check_gradients(lambda q, bias: (F.scaled_dot_product_attention(q, q, q, bias) ** 2).sum(), (q[:2], bias[:2, :2]))
    x = Tensor(q, dtype=np.float32)
    for mask in (None, CAUSAL, bias):
        assert F.scaled_dot_product_attention(x, q, q, mask).dtype == np.float32


def test_dropout_of_weights():
    x = np.ones((40, 3))
    first, again, plain = (F.scaled_dot_product_attention(x, x, x, dropout_p=p).data for p in (0.5, 0.5, 0.0)
                           if nn.manual_seed(0))  # fmt: skip
    np.testing.assert_array_equal(first, again)
    assert (first != plain).any()


MASKS = {
    "none": {},
    "causal": {"attn_mask": ~CAUSAL, "is_causal": True},
    "floats": {"attn_mask": data(5, 5)},
    "each head": {"attn_mask": data(4, 5, 5) > 0.9},
    "padding": {"key_padding_mask": np.array([[False] * 5, [False, False, False, True, True]])},
    "both": {"attn_mask": ~CAUSAL, "key_padding_mask": np.array([[False] * 5, [False] * 4 + [True]])},
    "both floats": {"attn_mask": data(5, 5), "key_padding_mask": data(2, 5)},
}  # fmt: skip
EXTRAS = [{}, {"bias": False, "add_bias_kv": True}, {"add_bias_kv": True, "add_zero_attn": True}]


def pair(*sizes, **options):
    torch = pytest.importorskip("torch")
    ours = nn.MultiheadAttention(*sizes, rng=0, **options)
    theirs = torch.nn.MultiheadAttention(*sizes, **options).double()
    state = {k: v + data(*v.shape, 1)[..., 0] for k, v in ours.state_dict().items()}  # no bias is zero
    ours.load_state_dict(state)
    assert list(theirs.state_dict()) == list(state)
    theirs.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()})
    return ours, theirs


def call(attention, is_torch, **options):
    """A module whose inputs are the vectors, and whose results are nodes only."""
    torch = pytest.importorskip("torch")
    if is_torch:
        options = {k: torch.from_numpy(x) if isinstance(x, np.ndarray) else x for k, x in options.items()}

    def forward(*inputs):
        with with_second_derivative():
            output, weights = attention(*(inputs * 3)[:3] if len(inputs) == 1 else inputs, **options)
        assert (weights is None) is (options.get("need_weights") is False)
        return output if weights is None else (output, weights)

    forward.parameters = attention.parameters
    return forward


@pytest.mark.parametrize("options", EXTRAS, ids=str)
@pytest.mark.parametrize("mask", MASKS)
def test_self_attention_is_torchs_to_second_order(mask, options):
    ours, theirs = pair(6, 2, **options)
    extra = {"average_attn_weights": mask != "floats"}
    assert_same(call(ours, False, **MASKS[mask], **extra), call(theirs, True, **MASKS[mask], **extra), (data(5, 2, 6),))


@pytest.mark.parametrize(("kdim", "need_weights"), list(itertools.product((None, 3), (True, False))))
def test_attention_to_other_vectors(kdim, need_weights):
    ours, theirs = pair(6, 3, batch_first=True, kdim=kdim, vdim=4)
    inputs = data(2, 5, 6), data(2, 7, kdim or 6), data(2, 7, 4)
    both = {"need_weights": need_weights, "key_padding_mask": data(2, 7) > 0.8}
    assert_same(call(ours, False, **both), call(theirs, True, **both), inputs)
    a = ours(*(x[0] for x in inputs), key_padding_mask=both["key_padding_mask"][0])[0]
    b = theirs(*(as_torch(x[0]) for x in inputs), key_padding_mask=as_torch(both["key_padding_mask"][0] * 1.0) > 0)[0]
    np.testing.assert_allclose(a.data, b.detach().numpy(), **CLOSE)


def test_saving_copying_values_and_float32(tmp_path):
    for options in ({"kdim": 3, "dtype": np.float32}, {"add_bias_kv": True, "add_zero_attn": True, "bias": False}):
        attention = nn.MultiheadAttention(4, 2, rng=0, **options).eval()
        nn.save(attention, tmp_path / "attention")
        inputs = data(5, 2, 4), data(6, 2, attention.kdim), data(6, 2, 4)
        result = attention(*inputs)
        assert {x.dtype for x in result} == {attention.out_proj.weight.dtype}
        for twin in (nn.load(tmp_path / "attention"), pickle.loads(pickle.dumps(attention))):
            np.testing.assert_array_equal(twin(*inputs)[0].data, result[0].data)
        scalars = copy.deepcopy(attention).to_scalars()(*inputs, attn_mask=np.zeros((5, 6), bool))
        for a, b in zip(scalars, result, strict=True):
            np.testing.assert_allclose(np.vectorize(lambda v: v.data)(a), b.data, rtol=1e-4)


def test_training_compiled_or_not():
    class Net(nn.Module):
        def __init__(self):
            self.attention = nn.MultiheadAttention(4, 2, dropout=0.2, batch_first=True, rng=0)

        def forward(self, x):
            return self.attention(x, x, x, attn_mask=~np.tri(3, dtype=bool))[0]

    X, ends = data(20, 3, 4), []
    for compiled in (False, True):
        net = Net()
        nn.manual_seed(0)
        adam = nn.optim.Adam(net.parameters(), 0.01)
        history = nn.fit(net, X, X, loss="mse", optimizer=adam, epochs=3, compiled=compiled, rng=0, progress=False)
        ends.append(history["loss"])
    assert ends[0][-1] < ends[0][0]
    np.testing.assert_allclose(*ends, **CLOSE)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: nn.MultiheadAttention(5, 2),
            ValueError,
            "embed_dim must be divisible by num_heads",
        ),
        (lambda: nn.MultiheadAttention(4, 0), ValueError, "num_heads must be greater than zero"),
        (lambda: nn.MultiheadAttention(4, 2, dropout=2.0), ValueError, "dropout must be in"),
        (lambda: nn.MultiheadAttention(4, 2)(*[data(5, 2, 3)] * 3), ValueError, r"takes queries \(L, samples, 4\)"),
        (lambda: nn.MultiheadAttention(4, 2)(*[data(5, 2, 4)] * 2, data(6, 2, 4)), ValueError, "but got"),
        (lambda: nn.MultiheadAttention(4, 2)(*[data(5, 4)] * 3, is_causal=True), ValueError, "pass attn_mask"),
        (
            lambda: nn.MultiheadAttention(4, 2)(*[data(5, 4)] * 3, attn_mask=CAUSAL[1:]),
            ValueError,
            "Expected `attn_mask` shape",
        ),
        (lambda: F.scaled_dot_product_attention(data(5, 4), data(5, 3), data(5, 4)), ValueError, "takes queries"),
        (lambda: F.scaled_dot_product_attention(*[data(5, 4)] * 3, CAUSAL, is_causal=True), ValueError, "not both"),
        (lambda: F.scaled_dot_product_attention(*[data(5, 4)] * 3, dropout_p=2.0), ValueError, "p must be in"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
