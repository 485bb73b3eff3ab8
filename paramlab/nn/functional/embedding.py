"""Embedding: rows of a table, looked up by their numbers."""

from __future__ import annotations

import numpy as np

from ...autograd import Array, Operation
from ...dtypes import int64
from ...ops.arguments import need_tensors, not_a_tensor
from ...ops.complaints import explained
from ...tensor import Tensor, apply, common_device, typename, wrap


class Embedding(Operation):
    """The rows ``indices`` of a table; each row gets the gradients of the places that it was copied to, summed.

    The row ``padding_idx`` gets none; ``by_frequency`` makes the sum a mean.
    """

    def forward(self, weight: Array, indices: Array, padding_idx: int | None, by_frequency: bool) -> Array:
        self.saved, self.shape = (indices,), weight.shape
        self.padding_idx, self.by_frequency = padding_idx, by_frequency
        return weight.take(indices, axis=0)

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        rows = self.saved[0].reshape(-1)
        grads = grad.reshape(len(rows), self.shape[1])
        to_weight = np.zeros(self.shape, grad.dtype)
        # element by element: add.at has a quick path for one dimension, and is slow for whole rows
        places = rows[:, None] * self.shape[1] + np.arange(self.shape[1])
        np.add.at(to_weight.reshape(-1), places.reshape(-1), grads.reshape(-1))
        if self.by_frequency:
            to_weight /= np.maximum(np.bincount(rows, minlength=self.shape[0]), 1)[:, None].astype(grad.dtype)
        if self.padding_idx is not None:
            to_weight[self.padding_idx] = 0
        return (to_weight,)


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Return the rows of ``weight``, ``(rows, features)``, whose numbers ``input`` holds: ``(*, features)``.

    The row ``padding_idx`` gets no gradient. Rows whose ``norm_type``-norm is larger than ``max_norm`` are
    first scaled down to it, in place. ``scale_grad_by_freq`` divides a row's gradient by how often it was
    looked up. ``IndexError`` for a number that is no row, ``RuntimeError`` for indices of another dtype than
    ``int64`` and ``int32``, ``NotImplementedError`` for ``sparse``.
    """
    if not isinstance(input, Tensor):
        raise not_a_tensor("embedding", input, "indices", 2)
    if sparse:
        raise NotImplementedError("sparse gradients are not supported: leave sparse=False")
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    padding_idx = row_of_padding(padding_idx, weight.shape[0])
    indices = _indices(input, weight)
    if max_norm is not None:
        _scale_down(weight, indices, max_norm, norm_type)
    return apply(Embedding, weight, indices=indices, padding_idx=padding_idx, by_frequency=scale_grad_by_freq)


def row_of_padding(padding_idx: int | None, rows: int) -> int | None:
    """Return ``padding_idx`` counted from the front; ``AssertionError`` if there is no such row."""
    if padding_idx is None:
        return None
    if not -rows <= padding_idx < max(rows, 1):
        raise AssertionError("Padding_idx must be within num_embeddings")
    return padding_idx % rows if rows else padding_idx


def _indices(input: Tensor, weight: Tensor) -> Array:
    if input.dtype.name not in ("int64", "int32"):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"{typename(input)} instead (while checking arguments for embedding). Convert them: indices.long()."
        )
    common_device((weight, input))
    indices = input._array
    if indices.size and not 0 <= indices.min() <= indices.max() < weight.shape[0]:
        raise IndexError(
            f"index out of range in self: the rows are 0 to {weight.shape[0] - 1}, the indices {indices.min()} to "
            f"{indices.max()}"
        )
    return indices.copy()  # it is read again in the walk backwards


def _scale_down(weight: Tensor, indices: Array, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are looked up and too long; written to the memory, unrecorded."""
    rows = np.unique(indices)
    found = weight._array[rows]
    norms = np.linalg.norm(found, ord=norm_type, axis=1)
    long = norms > max_norm
    factor = max_norm / (norms[long] + 1e-7)  # as PyTorch: never longer than max_norm, whatever the rounding
    weight._array[rows[long]] = found[long] * factor[:, None].astype(found.dtype)
    weight._bump()


@explained
def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """Return ``int64`` rows of zeros with a 1 at the class: ``(*, num_classes)`` of classes ``(*)``.

    Without ``num_classes`` there are as many as the largest class asks for. ``RuntimeError`` unless the classes
    are ``int64``, not negative and less than ``num_classes``.
    """
    need_tensors("one_hot", input=input)
    if input.dtype is not int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor. Convert it: x.long().")
    classes = input._array
    if classes.size == 0 and num_classes <= 0:
        raise RuntimeError("Can not infer total number of classes from empty tensor.")
    if classes.size and classes.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    count = int(classes.max()) + 1 if num_classes == -1 else num_classes
    if classes.size and classes.max() >= count:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return wrap((classes[..., None] == np.arange(count)).astype(np.int64), input._device)
