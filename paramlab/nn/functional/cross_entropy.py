"""Losses of a classifier: the cross entropy, and the negative log likelihood inside of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import ops
from ...autograd import Array, Operation
from ...ops.complaints import explained
from ...tensor import Tensor, apply, common_device, wrap
from .activation import need_tensor
from .reduction import chosen

Grads = tuple[Array | None, ...]


class NllLoss(Operation):
    """``-factor[i] * log_p[i, target[i]]`` of each row ``i``, and their sum over ``total``.

    ``log_p`` is ``(N, C)``, ``(C,)`` or ``(N, C, d1, …)``: as many rows as there are targets. ``factor`` is a
    number, or one for each row. With ``shape`` the losses are not summed, but given that shape.
    """

    in_float32 = True
    uses = ((),)

    def forward(self, a: Array, target: Array, factor: Array, total: Any, shape: tuple[int, ...] | None) -> Array:
        self.shape = a.shape
        row = np.arange(len(target))
        log_p, memory = self.pick(_as_rows(a), row, target)
        self.saved = (row, target, factor / total if total else factor, *memory)
        losses = log_p * -factor
        if factor.ndim:
            losses[factor == 0] = 0  # an ignored class may have the probability 0, and 0 * inf is nan
        return np.asarray(losses.sum() / total) if shape is None else losses.reshape(shape)

    def pick(self, rows: Array, row: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        """Return the logarithm of each target's probability, and what ``backward`` needs besides."""
        return rows[row, target], ()

    def backward(self, grad: Array) -> Grads:
        row, target, share = self.saved
        spread = np.zeros((len(row), self.shape[min(len(self.shape) - 1, 1)]), grad.dtype)
        spread[row, target] = -(grad.reshape(-1) * share)
        return (_from_rows(spread, self.shape),)

    def name(self) -> str:
        """PyTorch has one for rows, one for pictures."""
        return "NllLossBackward0" if len(self.shape) < 3 else "NllLoss2DBackward0"


class CrossEntropy(NllLoss):
    """The same of ``log_p = log(softmax(scores))``, in one step.

    The scores get ``factor * (softmax(scores) - one_hot(target))``, the difference between what the model says
    and what is right.
    """

    def pick(self, rows: Array, row: Array, target: Array) -> tuple[Array, tuple[Array, ...]]:
        powers = rows - rows.max(axis=1, keepdims=True)  # exp never overflows
        right = powers[row, target]
        np.exp(powers, out=powers)
        sums = powers.sum(axis=1)
        return right - np.log(sums), (powers, sums)

    def backward(self, grad: Array) -> Grads:
        row, target, share, powers, sums = self.saved
        outer = grad.reshape(-1) * share
        spread = powers * (outer / sums)[:, None]
        spread[row, target] -= outer
        return (_from_rows(spread, self.shape),)


def _as_rows(a: Array) -> Array:
    """Return ``(N, C, d1, …)`` as ``(N * d1 * …, C)``."""
    if a.ndim == 2:
        return a
    return a[None] if a.ndim == 1 else np.moveaxis(a, 1, -1).reshape(-1, a.shape[1])


def _from_rows(rows: Array, shape: tuple[int, ...]) -> Array:
    """Undo ``_as_rows``."""
    if len(shape) < 3:
        return rows.reshape(shape)
    return np.moveaxis(rows.reshape(shape[0], *shape[2:], shape[1]), -1, 1)


# ------------------------------------------------------------------ functions


@explained
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Return the negative log likelihood of the classes ``target``.

    ``input`` holds log probabilities: ``(N, C)``, ``(C,)`` or ``(N, C, d1, …)``; ``target`` class indices, ``int64``
    or ``uint8``: ``(N,)``, ``()`` or ``(N, d1, …)``. ``weight`` ``(C,)`` weighs the classes. Targets that are
    ``ignore_index`` do not count. ``"mean"`` divides by the sum of the weights of the targets. ``ValueError`` if the
    batch sizes differ, ``RuntimeError`` for other shapes and dtypes, ``IndexError`` for a class that is none.
    """
    reduction = chosen(reduction, size_average, reduce)
    need_tensor("nll_loss_nd", input)
    need_tensor("nll_loss_nd", target, "target", 2)
    return _of_indices(NllLoss, input, target, weight, ignore_index, reduction)


@explained
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the cross entropy between ``target`` and the softmax of ``input``.

    ``input`` holds unnormalised scores: ``(N, C)``, ``(C,)`` or ``(N, C, d1, …)``. ``target`` holds class indices as
    for ``nll_loss``, or in the shape of ``input`` the probabilities of the classes; ``"mean"`` divides those by the
    number of examples. ``label_smoothing`` moves that share of each target to all classes evenly (Szegedy et al.,
    "Rethinking the Inception architecture", 2016). Errors as for ``nll_loss``.
    """
    reduction = chosen(reduction, size_average, reduce)
    need_tensor("cross_entropy_loss", input)
    need_tensor("cross_entropy_loss", target, "target", 2)
    if input._array.shape == target._array.shape:
        return _of_probabilities(input, target, weight, ignore_index, reduction, label_smoothing)
    if label_smoothing > 0:
        return _smoothed(input, target, weight, ignore_index, reduction, label_smoothing)
    return _of_indices(CrossEntropy, input, target, weight, ignore_index, reduction)


def _of_indices(
    operation: type[NllLoss],
    input: Tensor,
    target: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    reduction: str,
) -> Tensor:
    """Check the arguments, and run the operation with each row's share in the result."""
    _check_shapes(operation, input, target)
    common_device((input, target) if weight is None else (input, target, weight))
    classes = input._array.shape[min(input._array.ndim - 1, 1)]
    if weight is not None:
        _check_weight(weight, input, classes)
    index, kept = _check_classes(target._array.reshape(-1), classes, ignore_index)
    kind = input._array.dtype
    factor, total = np.ones((), kind), kind.type(len(index))
    if weight is not None or kept is not None:
        factor = (np.ones(classes, kind) if weight is None else weight._array)[index]
        factor = factor if kept is None else factor * kept
        total = factor.sum()
    if reduction != "mean":
        total = kind.type(1)
    shape = (target._array.shape if input._array.ndim > 1 else ()) if reduction == "none" else None
    return apply(operation, input, target=index, factor=factor, total=total, shape=shape)


def _smoothed(
    input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str, smoothing: float
) -> Tensor:
    """Return the loss whose targets are ``1 - smoothing`` of the class, and the rest spread over all classes."""
    _check_smoothing(smoothing)
    class_dim = min(input.ndim - 1, 1)
    log_p = ops.log_softmax(input, class_dim)
    right = _of_indices(NllLoss, log_p, target, weight, ignore_index, reduction)
    classes = input.shape[class_dim]
    weights = np.ones(classes, input._array.dtype) if weight is None else weight._array
    evenly = -ops.sum(log_p * _along(weights, class_dim, input), class_dim)
    kept = target._array != ignore_index
    evenly = ops.masked_fill(evenly, wrap(~kept.reshape(evenly.shape), input._device), 0)
    if reduction != "none":
        evenly = ops.sum(evenly)
    if reduction == "mean":
        evenly = evenly / float(weights[target._array[kept]].sum())
    mixed: Tensor = (1 - smoothing) * right + (smoothing / classes) * evenly
    return mixed


def _of_probabilities(
    input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str, smoothing: float
) -> Tensor:
    """Return ``-sum(target * log(softmax(input)))`` over the classes, for targets that are probabilities."""
    if not target.is_floating_point():
        raise RuntimeError(
            f"Expected floating point type for target with class probabilities, got {target.dtype.word}. Class "
            "indices have one dimension less than the input."
        )
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    _check_smoothing(smoothing)
    class_dim = min(input.ndim - 1, 1)
    classes = input.shape[class_dim]
    if weight is not None and weight.shape != (classes,):
        raise RuntimeError(f"cross_entropy: {_wrong_weight(weight, classes)}")
    log_p = ops.log_softmax(input, class_dim)
    wanted = target if smoothing <= 0 else target * (1 - smoothing) + smoothing / classes
    if weight is not None:
        log_p = log_p * _along(weight._array, class_dim, input)
    products = log_p * wanted
    if reduction == "none":
        return -ops.sum(products, class_dim)
    total: Tensor = -ops.sum(products)
    return total / (input.numel() / classes) if reduction == "mean" else total


def _along(weights: Array, dim: int, input: Tensor) -> Tensor:
    """Return one number a class in a shape that broadcasts against ``input``."""
    return wrap(weights.reshape([-1 if d == dim else 1 for d in range(input.ndim)]), input._device)


# ------------------------------------------------------------------ checks


def _check_shapes(operation: type[NllLoss], input: Tensor, target: Tensor) -> None:
    """Raise what PyTorch raises, unless there is one target for each row of classes."""
    scores, classes = input._array.shape, target._array.shape
    if len(scores) == 2 and classes == scores[:1] and target._array.dtype == np.int64 and input.is_floating_point():
        return
    if not scores:
        raise ValueError("Expected 1 or more dimensions (got 0)")
    if not input.is_floating_point():
        kernel = "nll_loss_out_frame" if operation is NllLoss else "log_softmax_lastdim_kernel_impl"
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{input.dtype.word}'. Convert it: x.float().")
    targets = classes[0] if classes else 0
    if len(scores) > 1 and scores[0] != targets:
        raise ValueError(
            f"Expected input batch_size ({scores[0]}) to match target batch_size ({targets}). There must be one target "
            "for each example."
        )
    if len(scores) < 3 and len(classes) > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if len(scores) == 1 and classes not in ((), (1,)):
        raise ValueError(f"For 1D input, 1D target must have size 1, but got target size: {classes[0]}")
    if len(scores) > 2 and classes != (expected := (scores[0], *scores[2:])):
        if len(scores) != 4:
            raise RuntimeError(f"Expected target size {list(expected)}, got {list(classes)}")
        if len(classes) != 3:
            raise RuntimeError(
                f"only batches of spatial targets supported (3D tensors) but got targets of dimension: {len(classes)}"
            )
        raise RuntimeError(f"size mismatch (got input: {list(scores)} , target: {list(classes)}")
    if target.dtype.name not in ("int64", "uint8"):
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {target.dtype.word}. Class indices are whole numbers: "
            "target.long()."
        )
    if len(scores) > 2 and target.dtype.name == "uint8":
        raise RuntimeError("expected scalar type Long but found Byte. For pictures convert them: target.long().")


def _check_weight(weight: Tensor, input: Tensor, classes: int) -> None:
    if weight.shape != (classes,):
        raise RuntimeError(_wrong_weight(weight, classes))
    if weight.dtype is not input.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.word} but found {weight.dtype.word}")


def _wrong_weight(weight: Tensor, classes: int) -> str:
    return (
        f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of "
        f"shape: {list(weight.shape)}"
    )


def _check_classes(index: Array, classes: int, ignore_index: int) -> tuple[Array, Array | None]:
    """Return the class indices, and which of them count (None for all); ``IndexError`` for one that is no class."""
    if not index.size or (index.min() >= 0 and index.max() < classes and ignore_index < 0):
        return index, None
    kept = index != ignore_index
    wrong = index[kept & ((index < 0) | (index >= classes))]
    if wrong.size:
        raise IndexError(f"Target {wrong[0]} is out of bounds. There are {classes} classes: 0 to {classes - 1}.")
    return np.where(kept, index, 0), kept


def _check_smoothing(smoothing: float) -> None:
    if smoothing > 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {smoothing:g}")
