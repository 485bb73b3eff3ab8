"""Attention: each query takes a mean of the values, weighted by how well their keys fit.

Source: Vaswani et al., "Attention is all you need" (2017), section 3.2.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ... import ops
from ...dtypes import dtype as DType
from ...ops.complaints import explained
from ...tensor import Tensor, wrap
from .dropout import dropout
from .linear import linear


@explained
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """Return ``softmax(query @ keyᵀ * scale + attn_mask) @ value``.

    ``query`` is ``(…, L, E)``, ``key`` ``(…, S, E)``, ``value`` ``(…, S, Ev)``, the result ``(…, L, Ev)``; ``scale``
    is ``1 / sqrt(E)`` if it is not given. A bool ``attn_mask`` is true where a query may look, a floating-point one
    is added; ``is_causal`` lets it look at no later key. A query that may look at nothing gets zeros. With
    ``enable_gqa`` one head of keys and values serves several of the queries. Dropout is applied whenever
    ``dropout_p`` is above 0. ``RuntimeError`` for dtypes and shapes that do not fit.
    """
    _check_attention(query, key, value, attn_mask)
    if attn_mask is not None and is_causal:
        raise RuntimeError(
            "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True. Put both into "
            "one mask."
        )
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {dropout_p:g}")
    if enable_gqa:
        key, value = (_for_heads(t, query.shape[-3]) for t in (key, value))
    bias = None if attn_mask is None else _additive(attn_mask, query.dtype)
    if is_causal:
        earlier = wrap(np.tri(query.shape[-2], key.shape[-2], dtype=bool), query._device)
        bias = _additive(earlier, query.dtype)
    blind = None if bias is None else np.asarray(np.isneginf(bias._array).all(axis=-1, keepdims=True))
    if bias is None or blind is None or not blind.any():
        return ops.matmul(_weights(query, key, bias, dropout_p, scale), value)
    nobody = wrap(blind, query._device)  # a softmax of nothing but -inf is nan
    weights = _weights(query, key, ops.masked_fill(bias, nobody, 0), dropout_p, scale)
    return ops.matmul(ops.masked_fill(weights, nobody, 0), value)


def _weights(query: Tensor, key: Tensor, mask: Tensor | None, dropout_p: float, scale: float | None) -> Tensor:
    """Return how much each query takes of each value, ``(…, L, S)``."""
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = ops.matmul(query * factor, ops.transpose(key, -2, -1))
    weights = ops.softmax(scores if mask is None else scores + mask, -1)
    return dropout(weights, dropout_p) if dropout_p > 0 else weights


def multi_head_attention_forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Run ``num_heads`` attentions side by side on projections of the inputs, and project what they return.

    The shapes are those of ``nn.MultiheadAttention`` without ``batch_first``; the projections are packed in
    ``in_proj_weight`` ``(3 * E, E)``, or separate. Returns the output and, if ``need_weights``, the attention's
    weights. ``AssertionError`` and ``RuntimeError`` for shapes that do not fit.
    """
    batched = _check_batched(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = (t.unsqueeze(1) for t in (query, key, value))
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    length, batch, width = query.shape
    padding, mask = _canonical_masks(key_padding_mask, attn_mask, query.dtype)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    is_causal = is_causal and padding is None and not need_weights
    if is_causal:
        mask = None
    _check_widths(query, key, value, embed_dim_to_check, num_heads, use_separate_proj_weight)
    separate = (q_proj_weight, k_proj_weight, v_proj_weight)
    packed = None if use_separate_proj_weight else in_proj_weight
    q, k, v = _projections((query, key, value), packed, separate, in_proj_bias)
    _check_mask(mask, batch * num_heads, length, key.shape[0])
    _check_padding(padding, batch, key.shape[0])
    added = 0  # keys that come after those of the input
    if bias_k is not None and bias_v is not None:
        k, v = (ops.cat([t, ops.expand(b, (1, batch, width))]) for t, b in ((k, bias_k), (v, bias_v)))
        added += 1
    q, k, v = (_into_heads(t, num_heads) for t in (q, k, v))
    k, v = k if static_k is None else _static(static_k, k), v if static_v is None else _static(static_v, v)
    if add_zero_attn:
        k, v = (ops.cat([t, wrap(np.zeros_like(t._array[..., :1, :]), t._device)], 2) for t in (k, v))
        added += 1
    bias = _merged(mask, padding, added, batch, num_heads, k.shape[2])
    drop = dropout_p if training else 0.0
    weights = None
    if need_weights:
        weights = _weights(q, k, bias, drop, None)
        heads = ops.matmul(weights, v)
        weights = ops.mean(weights, 1) if average_attn_weights else weights
    else:
        heads = scaled_dot_product_attention(q, k, v, bias, drop, is_causal)
    joined = ops.reshape(ops.permute(heads, (2, 0, 1, 3)), (length, batch, width))
    output = linear(joined, out_proj_weight, out_proj_bias)
    if not batched:
        return output.squeeze(1), None if weights is None else weights.squeeze(0)
    return output, weights


# ------------------------------------------------------------------ projections and heads


def _projections(
    inputs: tuple[Tensor, ...], packed: Tensor | None, separate: tuple[Any, ...], bias: Tensor | None
) -> tuple[Tensor, ...]:
    """Return queries, keys and values ``(length, N, E)``, in one product where the three are one tensor."""
    query, key, value = inputs
    width = query.shape[-1]
    if packed is not None and query is key is value:
        together = linear(query, packed, bias)
        return tuple(together[..., i * width : (i + 1) * width] for i in range(3))
    weights = separate if packed is None else tuple(packed[i * width : (i + 1) * width] for i in range(3))
    biases = [None if bias is None else bias[i * width : (i + 1) * width] for i in range(3)]
    return tuple(linear(t, w, b) for t, w, b in zip(inputs, weights, biases, strict=True))


def _into_heads(t: Tensor, heads: int) -> Tensor:
    """Return ``(length, N, E)`` as ``(N, heads, length, E / heads)``."""
    length, batch, width = t.shape
    return ops.permute(ops.reshape(t, (length, batch, heads, width // heads)), (1, 2, 0, 3))


def _static(given: Tensor, like: Tensor) -> Tensor:
    """Return keys or values ``(N * heads, S, E / heads)`` that were handed in, in the place of projected ones."""
    rows, width = like.shape[0] * like.shape[1], like.shape[3]
    for dim, wanted in ((0, rows), (2, width)):
        if given.shape[dim] != wanted:
            raise AssertionError(f"expecting static size({dim}) of {wanted}, but got {given.shape[dim]}")
    return ops.reshape(given, (like.shape[0], like.shape[1], given.shape[1], width))


def _for_heads(t: Tensor, heads: int) -> Tensor:
    """Repeat each head of keys or values for as many neighbouring heads of queries as share it."""
    *batch, own, length, width = t.shape
    if heads % own:
        raise RuntimeError("Number of heads in key and value must divide the number of heads in query")
    repeated = ops.expand(ops.unsqueeze(t, -3), (*batch, own, heads // own, length, width))
    return ops.reshape(repeated, (*batch, heads, length, width))


# ------------------------------------------------------------------ masks


def _canonical_masks(
    key_padding_mask: Tensor | None, attn_mask: Tensor | None, kind: DType
) -> tuple[Tensor | None, Tensor | None]:
    """Return both masks as numbers to add; in a bool one, true says where *not* to look."""
    for name, mask in (("key_padding_mask", key_padding_mask), ("attn_mask", attn_mask)):
        if mask is not None and mask._array.dtype.kind not in "bf":
            raise AssertionError(f"only bool and floating types of {name} are supported")
    if key_padding_mask is not None and attn_mask is not None and key_padding_mask.dtype is not attn_mask.dtype:
        warnings.warn(
            "Support for mismatched key_padding_mask and attn_mask is deprecated. Use same type for both instead.",
            stacklevel=4,
        )
    masks = (None if m is None else _additive(_inverted(m), kind) for m in (key_padding_mask, attn_mask))
    padding, mask = masks
    return padding, mask


def _inverted(mask: Tensor) -> Tensor:
    return ops.logical_not(mask) if mask._array.dtype.kind == "b" else mask


def _additive(mask: Tensor, kind: DType) -> Tensor:
    """Return a mask that is true where one may look as numbers to add: 0 there, else ``-inf``."""
    if mask._array.dtype.kind == "f":
        return mask
    return wrap(np.where(mask._array, 0, -np.inf).astype(kind.numpy), mask._device)


def _merged(
    mask: Tensor | None, padding: Tensor | None, added: int, batch: int, heads: int, keys: int
) -> Tensor | None:
    """Return the sum of both masks in a shape that broadcasts to ``(N, heads, L, S)``; added keys are seen by all."""
    merged = None
    if mask is not None:
        wide = _widened(mask, added)
        merged = wide if wide.ndim == 2 else ops.reshape(wide, (batch, heads, -1, keys))
    if padding is not None:
        wide = ops.reshape(_widened(padding, added), (batch, 1, 1, keys))
        merged = wide if merged is None else merged + wide
    return merged


def _widened(mask: Tensor, added: int) -> Tensor:
    if not added:
        return mask
    return ops.cat([mask, wrap(np.zeros((*mask.shape[:-1], added), mask._array.dtype), mask._device)], -1)


# ------------------------------------------------------------------ checks


def _check_attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> None:
    if not query.dtype is key.dtype is value.dtype:
        kinds = [ops.c_name(t.dtype) for t in (query, key, value)]
        raise RuntimeError(
            f"Expected query, key, and value to have the same dtype, but got query.dtype: {kinds[0]} key.dtype: "
            f"{kinds[1]} and value.dtype: {kinds[2]} instead."
        )
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{query.ndim} key.dim: {key.ndim} and value.dim: {value.ndim} instead."
        )
    if not query.is_floating_point():
        raise RuntimeError(f"expected scalar type Float but found {query.dtype.word}")
    if mask is not None and mask._array.dtype.kind != "b" and mask.dtype is not query.dtype:
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: "
            f"{ops.c_name(mask.dtype)} and  query.dtype: {ops.c_name(query.dtype)} instead."
        )


def _check_batched(
    query: Tensor, key: Tensor, value: Tensor, padding: Tensor | None, mask: Tensor | None, heads: int
) -> bool:
    """Return whether the inputs have the dimension of the batch; ``AssertionError`` if they disagree."""
    if query.ndim not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {query.ndim}-D query tensor"
        )
    dims = query.ndim
    start = f"For {'batched' if dims == 3 else 'unbatched'} ({dims}-D) `query`, expected"
    if key.ndim != dims or value.ndim != dims:
        raise AssertionError(
            f"{start} `key` and `value` to be {dims}-D but found {key.ndim}-D and {value.ndim}-D tensors respectively"
        )
    if padding is not None and padding.ndim != dims - 1:
        raise AssertionError(
            f"{start} `key_padding_mask` to be `None` or {dims - 1}-D but found {padding.ndim}-D tensor instead"
        )
    if mask is not None and mask.ndim not in (2, 3):
        raise AssertionError(f"{start} `attn_mask` to be `None`, 2-D or 3-D but found {mask.ndim}-D tensor instead")
    if mask is not None and dims == 2 and mask.ndim == 3:
        expected = (heads, query.shape[0], key.shape[0])
        if mask.shape != expected:
            raise AssertionError(f"Expected `attn_mask` shape to be {expected} but got {mask.shape}")
    return dims == 3


def _check_widths(query: Tensor, key: Tensor, value: Tensor, width: int, heads: int, separate: bool) -> None:
    if query.shape[-1] != width:
        raise AssertionError(f"was expecting embedding dimension of {width}, but got {query.shape[-1]}")
    if width % heads:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {heads}")
    if separate and key.shape[:2] != value.shape[:2]:
        raise AssertionError(f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}")
    if not separate and key.shape != value.shape:
        raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")


def _check_mask(mask: Tensor | None, rows: int, queries: int, keys: int) -> None:
    if mask is None:
        return
    expected = (queries, keys) if mask.ndim == 2 else (rows, queries, keys)
    if mask.shape != expected:
        raise RuntimeError(f"The shape of the {mask.ndim}D attn_mask is {mask.shape}, but should be {expected}.")


def _check_padding(padding: Tensor | None, batch: int, keys: int) -> None:
    for dim, wanted in enumerate((batch, keys)):
        if padding is not None and padding.shape[dim] != wanted:
            raise AssertionError(f"Expected key_padded_mask.shape[{dim}] to be {wanted}, but got {padding.shape[dim]}")
