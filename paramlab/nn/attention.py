"""Attention with learned projections."""

from __future__ import annotations

from typing import Any

from ..creation import empty
from ..dtypes import dtype as DType
from ..tensor import Tensor
from . import functional as F
from .init import constant_, xavier_normal_, xavier_uniform_
from .linear import Linear
from .module import Module
from .parameter import Parameter


class NonDynamicallyQuantizableLinear(Linear):
    """A Linear under the name that PyTorch gives the last one of a ``MultiheadAttention``."""


class MultiheadAttention(Module):
    """``num_heads`` attentions side by side, each of ``embed_dim / num_heads`` features.

    Queries ``(L, N, E)``, keys ``(S, N, kdim)`` and values ``(S, N, vdim)`` give an output ``(L, N, E)``; with
    ``batch_first`` the batch ``N`` comes first, and it may be missing. Parameters: ``in_proj_weight`` ``(3 * E, E)``,
    or ``q_proj_weight``, ``k_proj_weight`` and ``v_proj_weight`` where the widths differ; ``in_proj_bias`` and
    ``out_proj.bias`` unless ``bias`` is False; with ``add_bias_kv`` a key ``bias_k`` and a value ``bias_v`` that are
    always there. ``add_zero_attn`` adds zeros as a key and value. Dropout falls on the weights.
    Source: Vaswani et al., "Attention is all you need" (2017).
    """

    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and num_heads={num_heads} "
                "instead"
            )
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AssertionError("embed_dim must be divisible by num_heads")
        place: dict[str, Any] = {"device": device, "dtype": dtype}
        self._add_projections(place)
        self.register_parameter("in_proj_bias", Parameter(empty(3 * embed_dim, **place)) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, **place)
        self.bias_k = Parameter(empty(1, 1, embed_dim, **place)) if add_bias_kv else None
        self.bias_v = Parameter(empty(1, 1, embed_dim, **place)) if add_bias_kv else None
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _add_projections(self, place: dict[str, Any]) -> None:
        """Register the weights that make queries, keys and values: one packed, or three; None for the others."""
        packed = self._qkv_same_embed_dim
        for name, width in (("q", self.embed_dim), ("k", self.kdim), ("v", self.vdim)):
            weight = None if packed else Parameter(empty(self.embed_dim, width, **place))
            self.register_parameter(f"{name}_proj_weight", weight)
        weight = Parameter(empty(3 * self.embed_dim, self.embed_dim, **place)) if packed else None
        self.register_parameter("in_proj_weight", weight)

    def _reset_parameters(self) -> None:
        """Draw new first values."""
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            if self._parameters[name] is not None:
                xavier_uniform_(getattr(self, name))
        if self.in_proj_bias is not None:
            constant_(self.in_proj_bias, 0.0)
            constant_(self.out_proj.bias, 0.0)
        for added in (self.bias_k, self.bias_v):
            if added is not None:
                xavier_normal_(added)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return the output and, if ``need_weights``, the attention's weights ``(N, L, S)``.

        ``key_padding_mask`` ``(N, S)`` says which keys nobody looks at, ``attn_mask`` ``(L, S)`` or
        ``(N * num_heads, L, S)`` which query does not look at which key: true in a bool mask; a floating-point one is
        added. ``is_causal`` is a hint that ``attn_mask`` is the causal one. With ``average_attn_weights=False`` the
        weights are ``(N, num_heads, L, S)``.
        """
        swap = self.batch_first and query.ndim == 3
        if swap:
            query, key, value = _batch_second(query, key, value)
        output, weights = F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return output.transpose(1, 0) if swap else output, weights


def _batch_second(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Swap the first two dimensions; what was one tensor stays one."""
    swapped = {id(t): t.transpose(1, 0) for t in (query, key, value)}
    return swapped[id(query)], swapped[id(key)], swapped[id(value)]
