"""Sequences of different lengths in one tensor: filled up with padding, or packed without any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

from ... import ops
from ...creation import as_tensor
from ...creation.ranges import arange
from ...dtypes import contiguous_format, float16, float32, float64, int64
from ...ops.arguments import need_listed
from ...ops.complaints import explained
from ...ops.operands import check_broadcast
from ...tensor import Tensor, wrap


class _Packed(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Packed):
    """Sequences of different lengths without padding, step by step: the first items of all, then the second ones.

    ``data`` is ``(sum of the lengths, *)``; ``batch_sizes[t]`` says how many sequences have a step ``t``. They are
    sorted by length, the longest first: ``sorted_indices`` says where each was before that, ``unsorted_indices`` where
    each is now; both are None for those that came sorted. Made by ``pack_sequence`` and ``pack_padded_sequence``.
    ``ValueError`` if the ``batch_sizes`` are not in host memory.
    """

    def __new__(
        cls,
        data: Any,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> Self:
        """Put the parts together; without ``batch_sizes``, ``data`` is a pair of both."""
        if batch_sizes is None:
            if not (isinstance(data, list | tuple) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        elif batch_sizes.device.type != "cpu":
            raise ValueError("batch_sizes should always be on CPU. Make a PackedSequence with pack_sequence.")
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **options: Any) -> Self:
        """Return the sequence with its data in another dtype or on another device, as ``Tensor.to`` does it."""
        data = self.data.to(*args, **options)
        if data is self.data:
            return self
        places = [None if i is None else i.to(data.device) for i in (self.sorted_indices, self.unsorted_indices)]
        return type(self)(data, self.batch_sizes, *places)

    def cpu(self) -> Self:
        """Return the sequence in host memory."""
        return self.to("cpu")

    def double(self) -> Self:
        """Return the sequence with data of ``float64``."""
        return self.to(float64)

    def float(self) -> Self:
        """Return the sequence with data of ``float32``."""
        return self.to(float32)

    def half(self) -> Self:
        """Return the sequence with data of ``float16``."""
        return self.to(float16)


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """Return the permutation ``(N,)`` that undoes another; None for None."""
    return None if permutation is None else ops.argsort(permutation)


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences ``(Li, *)``; they have to be sorted, the longest first, unless ``enforce_sorted`` is False."""
    lengths = [sequence.size(0) for sequence in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def pack_padded_sequence(
    input: Tensor, lengths: Tensor | Sequence[int], batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack padded sequences ``(L, N, *)``, or ``(N, L, *)`` with ``batch_first``, whose ``lengths`` are ``(N,)``.

    ``RuntimeError`` for lengths that are not positive, of another number than ``N``, longer than ``L``, or that do
    not fall while ``enforce_sorted`` is True.
    """
    lengths = as_tensor(lengths).to(int64)
    _check_lengths(input, lengths, batch_first, enforce_sorted)
    rows = input.transpose(0, 1) if batch_first else input
    order = None
    if not enforce_sorted:
        lengths, order = ops.sort(lengths, descending=True, stable=True)
        order = order.to(input.device)
        rows = rows.index_select(1, order)
    longest = int(lengths[0])
    there = _steps_there(lengths, longest)
    return PackedSequence(rows[:longest][there], there.sum(1), order)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """Return packed sequences as one tensor ``(L, N, *)``, or ``(N, L, *)``, and their lengths ``(N,)``.

    What is missing is ``padding_value``. ``L`` is the length of the longest, or ``total_length``; ``ValueError`` if
    that is too short.
    """
    longest = len(sequence.batch_sizes)
    if total_length is not None and total_length < longest:
        raise ValueError(
            "Expected total_length to be at least the length of the longest sequence in input, but got "
            f"total_length={total_length} and max sequence length being {longest}"
        )
    data, sizes = sequence.data, sequence.batch_sizes
    lengths = ops.sum(sizes > arange(int(sizes[0])).unsqueeze(1), 1)
    padding = ops.scalar_like(data, padding_value)
    shape = (total_length or longest, len(lengths), *data.shape[1:])
    padded = padding.expand(shape).clone(memory_format=contiguous_format)
    padded[_steps_there(lengths, shape[0])] = data
    if sequence.unsorted_indices is not None:
        padded = padded.index_select(1, sequence.unsorted_indices)
        lengths = lengths[sequence.unsorted_indices.cpu()]
    return (padded.transpose(0, 1) if batch_first else padded), lengths


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """Return what ``pad_sequence`` was given: the first ``lengths[i]`` steps of each sequence."""
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[:length] for row, length in zip(rows, lengths.tolist(), strict=True)]


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Return what ``pack_sequence`` was given."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)


def _steps_there(lengths: Tensor, steps: int) -> Tensor:
    """Return ``(steps, N)``: whether a sequence has a step."""
    there: Tensor = arange(steps).unsqueeze(1) < lengths
    return there


def _check_lengths(input: Tensor, lengths: Tensor, batch_first: bool, in_order: bool) -> None:
    steps, count = (input.size(1), input.size(0)) if batch_first else (input.size(0), input.size(1))
    if input.numel() == 0:
        raise RuntimeError("Cannot pack empty tensors.")
    if lengths.ndim != 1 or lengths.device.type != "cpu":
        raise RuntimeError(
            f"'lengths' argument should be a 1D CPU int64 tensor, but got {lengths.ndim}D {lengths.device} Long tensor"
        )
    if len(lengths) != count:
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(lengths)} (batch_size={count})"
        )
    falling = sorted(lengths.tolist(), reverse=True)
    if in_order and lengths.tolist() != falling:
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence."
        )
    if falling[-1] <= 0:
        raise RuntimeError(
            "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        )
    if falling[0] > steps:
        raise RuntimeError(f"a length of {falling[0]} is more than the {steps} steps that the padded sequences have")


@explained
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
    need_listed(sequences)
    longest = max(len(sequence) for sequence in sequences)
    filled = []
    for sequence in sequences:
        check_broadcast((1, *sequences[0].shape[1:]), (1, *sequence.shape[1:]))
        missing = ops.scalar_like(sequence, padding_value)._array
        gap = wrap(missing.repeat(longest - len(sequence)), sequence._device)
        gap = ops.expand(ops.reshape(gap, (-1, *[1] * (sequence.ndim - 1))), (-1, *sequence.shape[1:]))
        filled.append(ops.cat([sequence, gap] if padding_side == "right" else [gap, sequence]))
    return ops.stack(filled, 0 if batch_first else 1)
