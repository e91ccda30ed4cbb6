"""``MultiheadAttention``: queries look at keys, in several heads side by side, and take of the values."""

from __future__ import annotations

import math
from functools import reduce

import numpy as np

import autograd
from autograd.backends import numpy_dtype
from nn import init
from nn._types import DType, Input, Output, Rng, X
from nn.functional.attention import attention_weights
from nn.functional.dropout import dropout
from nn.functional.linear import linear
from nn.kinds import as_input, as_target, concatenate, mean, parts
from nn.layers.linear import Linear
from nn.layers.resetting import Resettable
from nn.options import ArgumentError, check_options, check_sizes
from nn.parameter import Parameter
from nn.randomness import as_generator

__all__ = ["MultiheadAttention"]


class MultiheadAttention(Resettable):
    """Attention in heads: each compares queries with keys in a projection of its own, and takes of the values.

    Source: Vaswani et al., "Attention is all you need", 2017.

    Parameters
    ----------
    embed_dim, num_heads : int
        The length of vectors, and how many heads share it.
    dropout : float
        The probability by which a weight is left out in training.
    bias, add_bias_kv, add_zero_attn : bool
        Whether projections have biases; whether there is one more key, with its value, that is trained, or is zeros.
    kdim, vdim : int, optional
        The lengths of keys and values; by default `embed_dim`.
    batch_first : bool
        Whether the first axis counts samples and the second places; else it is the other way round.
    rng : Generator or int, optional
    dtype : dtype
        As of :class:`nn.Linear`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> attention = nn.MultiheadAttention(4, 2, batch_first=True, rng=0)
    >>> x = np.ones((5, 3, 4))
    >>> output, weights = attention(x, x, x)
    >>> output.shape, weights.shape
    ((5, 3, 4), (5, 3, 3))
    """

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, add_bias_kv: bool = False,
        add_zero_attn: bool = False, kdim: int | None = None, vdim: int | None = None, batch_first: bool = False, *,
        rng: Rng = None, device: object = None, dtype: DType = np.float64,
    ) -> None:  # fmt: skip
        name, generator = "MultiheadAttention", as_generator(rng)
        self.embed_dim, self.num_heads, self.dropout, self.bias = embed_dim, num_heads, dropout, bias
        self.add_bias_kv, self.add_zero_attn, self.batch_first = add_bias_kv, add_zero_attn, batch_first
        self.kdim, self.vdim = (embed_dim if n is None else n for n in (kdim, vdim))
        check_sizes(name, embed_dim=embed_dim, num_heads=num_heads, kdim=self.kdim, vdim=self.vdim)
        check_options(name, dropout=dropout, bias=bias, batch_first=batch_first, device=device)
        if embed_dim % num_heads:
            raise ArgumentError(
                f"{name}: embed_dim must be divisible by num_heads, but {embed_dim} is not by {num_heads}"
            )

        def weight(label: str, *shape: int) -> Parameter:
            return init.xavier_uniform_(Parameter(np.zeros(shape), label, dtype=dtype), rng=generator)

        together = self.kdim == self.vdim == embed_dim
        self.in_proj_weight = weight("in_proj_weight", 3 * embed_dim, embed_dim) if together else None
        self.q_proj_weight = None if together else weight("q_proj_weight", embed_dim, embed_dim)
        self.k_proj_weight = None if together else weight("k_proj_weight", embed_dim, self.kdim)
        self.v_proj_weight = None if together else weight("v_proj_weight", embed_dim, self.vdim)
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim), "in_proj_bias", dtype=dtype) if bias else None
        self.bias_k: Parameter | None = None
        self.bias_v: Parameter | None = None
        if add_bias_kv:
            for label in ("bias_k", "bias_v"):
                start = generator.normal(0, embed_dim**-0.5, (1, 1, embed_dim))
                setattr(self, label, Parameter(start, label, dtype=dtype))
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=generator, dtype=dtype)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)

    def forward(
        self, query: Input, key: Input, value: Input, key_padding_mask: Input | None = None, need_weights: bool = True,
        attn_mask: Input | None = None, average_attn_weights: bool = True, is_causal: bool = False,
    ) -> tuple[Output, Output | None]:  # fmt: skip
        """What each query takes of the values, and the weights by which it does.

        Parameters
        ----------
        query, key, value : node or array_like
            Of shapes (L, samples, embed_dim), (S, samples, kdim) and (S, samples, vdim), samples first with
            `batch_first`, or without samples.
        key_padding_mask : array_like, optional
            Of shape (samples, S) or (S,): True where a key is to be left out, or floats to be added to the scores.
        need_weights, average_attn_weights : bool
            Whether the weights are returned, and then their mean over the heads or all of them.
        attn_mask : array_like, optional
            Of shape (L, S) or (samples · num_heads, L, S): as `key_padding_mask`, for each query. (A mask of
            ``F.scaled_dot_product_attention`` is True elsewhere.)
        is_causal : bool
            PyTorch's, a hint that `attn_mask` is causal; it has no effect here.

        Returns
        -------
        output : node
            Of the shape of `query`.
        weights : node or None
            Of shape (samples, L, S), for all heads (samples, num_heads, L, S).
        """
        if is_causal and attn_mask is None:
            raise ValueError("MultiheadAttention: is_causal is a hint only; pass attn_mask, ~np.tri(L, S, dtype=bool)")
        alike = query is key is value
        q, k, v = self._vectors(query, key, value)
        swapped = len(q.shape) == 3 and not self.batch_first
        q, k, v = self._heads([x.swapaxes(0, 1) if swapped else x for x in (q, k, v)], alike)
        mask = self._joint_mask(attn_mask, key_padding_mask, (*q.shape[:-1], k.shape[-2]))
        biases: X = (self.bias_k, self.bias_v)
        of_heads = [b.reshape((self.num_heads, 1, -1)) for b in biases if b is not None]
        for of_k, of_v in [of_heads] * self.add_bias_kv + [[0.0, 0.0]] * self.add_zero_attn:
            k, v = _extended(k, of_k, -2), _extended(v, of_v, -2)
            mask = None if mask is None else _extended(mask, True if numpy_dtype(mask).kind == "b" else 0.0, -1)
        weights = dropout(attention_weights(q, k, mask), self.dropout, self.training)
        taken = (weights @ v).swapaxes(-3, -2)
        output = self.out_proj(taken.reshape((*taken.shape[:-2], self.embed_dim)))
        if need_weights and average_attn_weights:
            weights = mean(weights, axis=-3)
        return output.swapaxes(0, 1) if swapped else output, weights if need_weights else None

    def _vectors(self, *inputs: Input) -> list[X]:
        """Queries, keys and values as operands, if they fit each other."""
        xs: list[X] = [as_input(x, self.out_proj.weight) for x in inputs]
        of_query, *others = (len(x.shape) for x in xs)
        words = ""
        if of_query not in (2, 3):
            words = f"query should be unbatched 2D or batched 3D tensor but received {of_query}-D query tensor"
        elif others != [of_query] * 2:
            met = " and ".join(f"{n}-D" for n in others)
            words = f"expected `key` and `value` to be {of_query}-D but found {met} tensors respectively"
        samples = {x.shape[:1] if self.batch_first else x.shape[1:-1] for x in xs if len(x.shape) == 3}
        lengths = [x.shape[-1:] for x in xs]
        fit = lengths == [(n,) for n in (self.embed_dim, self.kdim, self.vdim)] and xs[1].shape[:-1] == xs[2].shape[:-1]
        if words or len(samples) > 1 or not fit:
            axes = "(samples, {}, {})" if self.batch_first else "({}, samples, {})"
            of = [axes.format(*each) for each in (("L", self.embed_dim), ("S", self.kdim), ("S", self.vdim))]
            raise ArgumentError(
                f"MultiheadAttention: {words + '; ' if words else ''}it takes queries {of[0]}, keys {of[1]} and values "
                f"{of[2]}, or all without samples, but got {', '.join(str(x.shape) for x in xs)}"
            )
        return xs

    def _heads(self, vectors: list[X], alike: bool) -> list[X]:
        """Queries, keys and values in the projections of the heads, (..., heads, L, E); of the same vectors at once."""
        if alike and self.in_proj_weight is not None:
            together = linear(vectors[0], self.in_proj_weight, self.in_proj_bias)
            split = together.reshape((*together.shape[:-1], 3, self.num_heads, -1))
            n = len(split.shape) - 4
            split = split.transpose((n + 1, *range(n), n + 2, n, n + 3))
            return [split[i] for i in range(3)]
        weights: X = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        if self.in_proj_weight is not None:
            weights = parts(self.in_proj_weight, 3, axis=0)
        biases = [None] * 3 if self.in_proj_bias is None else parts(self.in_proj_bias, 3)
        projected = map(linear, vectors, weights, biases)
        return [x.reshape((*x.shape[:-1], self.num_heads, -1)).swapaxes(-3, -2) for x in projected]

    def _joint_mask(self, attention: Input | None, padding: Input | None, shape: tuple[int, ...]) -> X:
        """Both masks as one for scores of that shape: True where a query looks, or floats to add; None without any."""
        *batch, heads, n, m = shape
        masks: list[X] = []
        for name, axes, mask, shapes in (
            ("attn_mask", ", 2-D or 3-D", attention, {(n, m): (n, m), (math.prod(batch) * heads, n, m): shape}),
            ("key_padding_mask", f" or {len(batch) + 1}-D", padding, {(*batch, m): (*batch, 1, 1, m)}),
        ):
            if mask is None:
                continue
            x = as_target(mask, self.out_proj.weight)
            if x.shape not in shapes or numpy_dtype(x).kind not in "bf":
                words = f"Expected `{name}` shape to be {' or '.join(map(str, [*shapes][::-1]))} but got {x.shape}"
                if len(x.shape) not in map(len, shapes):
                    words = f"expected `{name}` to be `None`{axes} but found {len(x.shape)}-D tensor instead; {words}"
                raise ArgumentError(f"MultiheadAttention: {words}; it holds conditions or floats, here {x.dtype}")
            masks.append(x.reshape(shapes[x.shape]))
        if not masks:
            return None
        if all(numpy_dtype(x).kind == "b" for x in masks):
            return autograd.logical_not(reduce(autograd.logical_or, masks))
        return sum(autograd.where(x, -np.inf, 0.0) if numpy_dtype(x).kind == "b" else x for x in masks)


def _extended(x: X, more: X, axis: int) -> X:
    """A node or array with one more along `axis`: a number, or a vector for each sample."""
    shape = list(x.shape)
    shape[axis] = 1
    if isinstance(more, (bool, float)):
        more = np.array(more, None if numpy_dtype(x).kind == "O" else numpy_dtype(x))
    return concatenate([x, (np if isinstance(more, np.ndarray) else autograd).broadcast_to(more, tuple(shape))], axis)
