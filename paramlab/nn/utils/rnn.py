"""Sequences of different lengths in one tensor."""

from __future__ import annotations

from collections.abc import Iterable

from ... import ops
from ...ops.operands import check_broadcast
from ...tensor import Tensor, wrap


def pad_sequence(
    sequences: Iterable[Tensor], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Return sequences ``(Li, *)`` as one tensor ``(L, N, *)``, or ``(N, L, *)``, shorter ones filled up.

    ``padding_side`` is ``"right"`` or ``"left"``. ``RuntimeError`` for no sequences, another side, or sequences
    that differ in more than the length.
    """
    if not isinstance(sequences, Iterable):
        raise RuntimeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    sequences = list(sequences)
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    longest = max(len(sequence) for sequence in sequences)
    filled = []
    for sequence in sequences:
        check_broadcast((1, *sequences[0].shape[1:]), (1, *sequence.shape[1:]))
        missing = ops.scalar_like(sequence, padding_value)._array
        gap = wrap(missing.repeat(longest - len(sequence)), sequence._device)
        gap = ops.expand(ops.reshape(gap, (-1, *[1] * (sequence.ndim - 1))), (-1, *sequence.shape[1:]))
        filled.append(ops.cat([sequence, gap] if padding_side == "right" else [gap, sequence]))
    return ops.stack(filled, 0 if batch_first else 1)
