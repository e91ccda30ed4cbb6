"""What PyTorch refuses is refused here, with an error of its type whose text has its words, and then advice."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

import nn

torch = pytest.importorskip("torch")
OURS = SimpleNamespace(nn=nn, F=nn.functional, data=lambda *shape: np.ones(shape), to=lambda x: x)
THEIRS = SimpleNamespace(
    nn=torch.nn,
    F=torch.nn.functional,
    data=lambda *shape: torch.ones(*shape, dtype=torch.float64),
    to=torch.from_numpy,
)
MASK = np.zeros((4, 4), bool)
REFUSED = [
    (lambda t: t.nn.RNN(3.0, 5), "input_size should be of type int, got: float"),
    (lambda t: t.nn.GRU(3, 5, bias=1), "bias should be of type bool, got: int"),
    (lambda t: t.nn.LSTM(3, 0), "hidden_size must be greater than zero"),
    (
        lambda t: t.nn.LSTM(3, 2).double()(t.data(4, 5, 4)),
        "input.size(-1) must be equal to input_size. Expected 3, got 4",
    ),
    (lambda t: t.nn.GRU(3, 2).double()(t.data(2, 3, 4, 5)), "Expected input to be 2D or 3D, got 4D"),
    (
        lambda t: t.nn.GRU(3, 2).double()(t.data(4, 5, 3), t.data(1, 4, 2)),
        "Expected hidden size (1, 5, 2), got [1, 4, 2]",
    ),
    (lambda t: t.nn.GRUCell(3, 2).double()(t.data(4, 5)), "input has inconsistent input_size: got 5 expected 3"),
    (
        lambda t: t.nn.RNNCell(3, 2).double()(t.data(4, 3), t.data(4, 5)),
        "has inconsistent hidden_size: got 5, expected 2",
    ),
    (
        lambda t: t.nn.RNNCell(3, 2).double()(t.data(4, 3), t.data(5, 2)),
        "Input batch size 4 doesn't match hidden0 batch size 5",
    ),
    (
        lambda t: t.nn.LSTMCell(3, 2).double()(t.data(4, 3), [t.data(1, 1, 4, 2)] * 2),
        "Expected hx[0] to be 1D or 2D, got 4D",
    ),
    (lambda t: t.nn.MultiheadAttention(5, 2), "embed_dim must be divisible by num_heads"),
    (
        lambda t: attention(t, t.data(4, 4, 4), t.data(4, 4)),
        "expected `key` and `value` to be 3-D but found 2-D and 2-D tensors",
    ),
    (
        lambda t: attention(t, *[t.data(4)] * 2),
        "query should be unbatched 2D or batched 3D tensor but received 1-D query tensor",
    ),
    (
        lambda t: attention(t, *[t.data(4, 4, 4)] * 2, attn_mask=t.to(MASK[0])),
        "expected `attn_mask` to be `None`, 2-D or 3-D but found 1-D tensor instead",
    ),
    (
        lambda t: attention(t, *[t.data(4, 4)] * 2, key_padding_mask=t.to(MASK)),
        "expected `key_padding_mask` to be `None` or 1-D but found 2-D tensor instead",
    ),
    (
        lambda t: attention(t, *[t.data(4, 4)] * 2, attn_mask=t.to(MASK[None])),
        "Expected `attn_mask` shape to be (4, 4, 4)",
    ),
    (lambda t: t.nn.Embedding(4, 2, padding_idx=4), "Padding_idx must be within num_embeddings"),
    (lambda t: t.nn.Embedding.from_pretrained(t.data(4)), "Embeddings parameter is expected to be 2-dimensional"),
    (lambda t: t.F.embedding(t.to(np.array([0])), t.data(1, 1, 1)), "'weight' must be 2-D"),
    (lambda t: t.F.embedding(t.to(np.array([9])), t.data(4, 2)), "index out of range in self"),
    (lambda t: t.F.embedding(t.data(3), t.data(4, 2)), "Expected tensor for argument"),
    (lambda t: t.F.conv1d(t.data(1, 2, 4), t.data(2, 2, 2), groups=0), "non-positive groups is not supported"),
    (
        lambda t: t.F.conv1d(t.data(2, 2, 4), t.data(2, 2, 2), groups=3),
        "expected weight to be at least 3 at dimension 0",
    ),
    (lambda t: t.F.conv1d(t.data(1, 1, 4), t.data(1, 2)), "weight should have at least three dimensions"),
    (lambda t: t.F.conv1d(t.data(1, 1, 4), t.data(1, 1, 2), padding=-1), "negative padding is not supported"),
    (lambda t: t.F.max_pool1d(t.data(3, 3, 3), 1, stride=0), "stride must be greater than zero"),
    (lambda t: t.F.avg_pool2d(t.data(2, 2, 4), 2, padding=-1), "pad must be non-negative"),
    (
        lambda t: t.F.max_pool2d(t.data(1, 1, 4, 0), 1),
        "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size",
    ),
    (lambda t: t.F.pad(t.data(1, 1, 4), (0, -5)), "negative"),
    (
        lambda t: t.F.layer_norm(t.data(2, 3), (2,)),
        "Given normalized_shape=[2], expected input with shape [*, 2], but got input",
    ),
    (lambda t: t.F.rms_norm(t.data(2, 3), (3,), t.data(2)), "Expected weight to be of same shape as normalized_shape"),
    (
        lambda t: t.F.layer_norm(t.data(2, 3), (3,), bias=t.data(1)),
        "Expected bias to be of same shape as normalized_shape",
    ),
    (
        lambda t: t.nn.BatchNorm1d(3, eps=0.0).double()(t.data(2, 3)),
        "batch_norm eps must be positive during training, but got 0",
    ),
    (
        lambda t: t.nn.BatchNorm1d(3).double()(t.data(1, 3)),
        "Expected more than 1 value per channel when training, got input size",
    ),
    (lambda t: t.nn.BatchNorm2d(3).double()(t.data(2, 3)), "expected 4D input (got 2D input)"),
    (lambda t: t.F.mse_loss(t.data(3), t.data(3), reduction="all"), "all is not a valid value for reduction"),
    (lambda t: t.F.huber_loss(t.data(3), t.data(3), delta=0.0), "does not support non-positive values for delta"),
    (
        lambda t: t.F.cross_entropy(t.data(2, 3), t.to(np.zeros(3, int))),
        "Expected input batch_size (2) to match target batch_size (3)",
    ),
    (
        lambda t: t.F.cross_entropy(t.data(2, 3), t.data(2, 3), ignore_index=1),
        "ignore_index is not supported for floating point target",
    ),
    (lambda t: t.F.triplet_margin_loss(*[t.data(2, 3)] * 3, margin=0.0), "margin must be greater than 0"),
    (lambda t: t.F.glu(t.data(2, 3)), "Halving dimension must be even"),
    (lambda t: t.F.one_hot(t.to(np.array([0, -1]))), "Class values must be non-negative"),
    (lambda t: t.F.one_hot(t.to(np.array([0, 3])), 2), "Class values must be smaller than num_classes"),
    (lambda t: t.F.one_hot(t.to(np.array([], int))), "Can not infer total number of classes from empty tensor"),
    (lambda t: t.F.nll_loss(t.data(2, 3), t.to(np.array([0, 3]))), "Target 3 is out of bounds"),
    (lambda t: t.F.batch_norm(t.data(2, 3), t.data(2), t.data(3)), "running_mean should contain 3 elements"),
    (lambda t: t.F.batch_norm(t.data(2, 3), t.data(3), t.data(3), t.data(1)), "weight should contain 3 elements"),
    (lambda t: t.nn.Linear(3, 2).double()(t.data(2, 4)), "mat1 and mat2 shapes cannot be multiplied (2x4 and 3x2)"),
    (lambda t: t.F.prelu(t.data(2, 3), t.data(4)), "Mismatch of parameter numbers and input channel size"),
]


def attention(t, query, key, **masks):
    return t.nn.MultiheadAttention(4, 4).double()(query, key, key, **masks)


@pytest.mark.parametrize(("call", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_pytorchs_error_and_words(call, words):
    with pytest.raises(Exception, match=re.escape(words)) as theirs:
        call(THEIRS)
    with pytest.raises(theirs.type, match=re.escape(words)):
        call(OURS)
