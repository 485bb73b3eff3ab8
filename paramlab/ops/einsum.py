"""Einstein's sum convention: products and sums told by letters, one for each dimension."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..tensor import Tensor
from .diagonals import diagonal
from .linalg import bmm, mm
from .order import permute
from .pointwise import mul
from .reduce import sum as sum_over
from .shape import reshape, squeeze

Labels = list[str]  # a letter a dimension; the dimensions of an ellipsis are "...0" (the last), "...1" and so on


def einsum(*args: Any) -> Tensor:
    """Return the sum of products that the equation tells: ``einsum("ij,jk->ik", a, b)`` is ``a @ b``.

    A letter that is in no result is summed over; a letter twice in one operand takes the diagonal; ``...``
    stands for dimensions that broadcast. Without an arrow the result has the letters that occur once, in
    alphabetical order. Operands and lists of numbers may alternate instead: ``einsum(a, [0, 1], b, [1, 2], [0, 2])``.
    Pairs are contracted from left to right, each by one matrix product. ``RuntimeError`` for an equation that
    does not fit its operands.
    """
    equation, operands = _arguments(args)
    inputs, output = _parse(equation, operands)
    sizes = _sizes(inputs, operands)
    terms = [_without_broadcast(*_take_diagonals(t, ls), sizes) for t, ls in zip(operands, inputs, strict=True)]
    tensor, labels = terms[0]
    for place, (other, others) in enumerate(terms[1:], start=2):
        needed = {*output, *(label for _, later in terms[place:] for label in later)}
        tensor, labels = _contract(tensor, labels, other, others, needed)
    return _arrange(tensor, labels, output, permuted=len(terms) == 1)


# ------------------------------------------------------------------ reading the equation


def _arguments(args: tuple[Any, ...]) -> tuple[str, list[Tensor]]:
    if not args:
        raise ValueError("einsum(): must specify the equation string and at least one operand")
    if isinstance(args[0], Tensor):
        return _from_lists(args)
    equation, *rest = args
    if not isinstance(equation, str):
        raise TypeError(f"einsum(): argument 'equation' (position 1) must be str, not {type(equation).__name__}")
    operands: list[Any] = list(rest[0]) if len(rest) == 1 and isinstance(rest[0], list | tuple) else rest
    if not operands:
        raise ValueError("einsum(): must specify the equation string and at least one operand, or at least one operand")
    for place, operand in enumerate(operands):
        if not isinstance(operand, Tensor):
            raise TypeError(f"expected Tensor as element {place} in argument 1, but got {type(operand).__name__}")
    return equation.replace(" ", ""), operands


def _from_lists(args: tuple[Any, ...]) -> tuple[str, list[Tensor]]:
    """Turn numbers from 0 to 51 into letters, as PyTorch does: capital letters first."""

    def letters(numbers: Sequence[Any]) -> str:
        if any(n is not Ellipsis and not 0 <= n < 52 for n in numbers):
            raise ValueError("einsum(): subscripts in the list must be within the range [0, 52)")
        return "".join("..." if n is Ellipsis else chr((65 if n < 26 else 71) + n) for n in numbers)

    pairs = len(args) // 2
    equation = ",".join(letters(args[2 * i + 1]) for i in range(pairs))
    if len(args) % 2:
        equation += "->" + letters(args[-1])
    return equation, list(args[0 : 2 * pairs : 2])


def _parse(equation: str, operands: list[Tensor]) -> tuple[list[Labels], Labels]:
    """Return the labels of each operand and of the result."""
    left, arrow, right = equation.partition("->")
    texts = left.split(",")
    if len(texts) > len(operands):
        raise RuntimeError("einsum(): fewer operands were provided than specified in the equation")
    if len(texts) < len(operands):
        raise RuntimeError("einsum(): more operands were provided than specified in the equation")
    inputs, start = [], 0
    for place, (text, operand) in enumerate(zip(texts, operands, strict=True)):
        inputs.append(_labels(text, start, place, operand.ndim))
        start += len(text) + 1
    seen = [label for labels in inputs for label in labels]
    dots = sorted({label for label in seen if label[0] == "."}, key=lambda label: -int(label[3:]))
    if not arrow:
        once = sorted(label for label in set(seen) if label[0] != "." and seen.count(label) == 1)
        return inputs, dots + once
    before, ellipsis, after = right.partition("...")
    _check_letters(right.replace("...", "", 1), len(left) + 2, "the output")
    output = [*before, *(dots if ellipsis else ()), *after]
    for label in output:
        if output.count(label) > 1:
            raise RuntimeError(f"einsum(): output subscript {label} appears more than once in the output")
        if label not in seen:
            raise RuntimeError(
                f"einsum(): output subscript {label} does not appear in the equation for any input operand"
            )
    return inputs, output


def _labels(text: str, start: int, place: int, ndim: int) -> Labels:
    before, ellipsis, after = text.partition("...")
    _check_letters(before + after, start, f"operand {place}")
    covered = ndim - len(before) - len(after)
    if covered < 0 or (covered > 0 and not ellipsis):
        dots = "" if ellipsis else " and no ellipsis was given"
        verb = "is more than" if ellipsis else "does not match"
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({len(before) + len(after)}) {verb} the number of "
            f"dimensions ({ndim}) for operand {place}{dots}"
        )
    return [*before, *(f"...{covered - 1 - i}" for i in range(covered)), *after]


def _check_letters(text: str, start: int, where: str) -> None:
    for place, letter in enumerate(text):
        if letter == ".":
            raise RuntimeError(f"einsum(): found '.' for {where} that is not part of any ellipsis")
        if not (letter.isascii() and letter.isalpha()):
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {start + place} in the equation string, subscripts must "
                "be in [a-zA-Z]"
            )


def _sizes(inputs: list[Labels], operands: list[Tensor]) -> dict[str, int]:
    """Return the length that each label stands for; ``RuntimeError`` where operands do not agree."""
    sizes: dict[str, int] = {}
    for place, (labels, operand) in enumerate(zip(inputs, operands, strict=True)):
        own: dict[str, int] = {}
        for label, length in zip(labels, operand.shape, strict=True):
            if own.setdefault(label, length) != length:
                raise RuntimeError(
                    f"einsum(): subscript {label} is repeated for operand {place} but the sizes don't match, "
                    f"{length} != {own[label]}"
                )
        for label, length in own.items():
            known = sizes.get(label, 1)
            if length != known and 1 not in (length, known):
                raise RuntimeError(
                    f"einsum(): subscript {label} has size {length} for operand {place} which does not broadcast with "
                    f"previously seen size {known}"
                )
            sizes[label] = length if known == 1 else known
    return sizes


# ------------------------------------------------------------------ computing


def _take_diagonals(tensor: Tensor, labels: Labels) -> tuple[Tensor, Labels]:
    """Return the tensor with each label once: a diagonal in the place of a repeated one."""
    for label in labels:
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            tensor = diagonal(tensor, 0, first, second)
            labels = [other for place, other in enumerate(labels) if place not in (first, second)] + [label]
    return tensor, labels


def _without_broadcast(tensor: Tensor, labels: Labels, sizes: dict[str, int]) -> tuple[Tensor, Labels]:
    """Take out the dimensions of length 1 that are longer elsewhere: they count for all places there."""
    stretched = tuple(d for d, label in enumerate(labels) if tensor.shape[d] != sizes[label])
    if not stretched:
        return tensor, labels
    return squeeze(tensor, dim=stretched), [label for d, label in enumerate(labels) if d not in stretched]


def _sum_out(tensor: Tensor, labels: Labels, kept: set[str]) -> tuple[Tensor, Labels]:
    dims = [d for d, label in enumerate(labels) if label not in kept]
    if not dims:
        return tensor, labels
    return sum_over(tensor, tuple(dims)), [label for label in labels if label in kept]


def _contract(a: Tensor, of_a: Labels, b: Tensor, of_b: Labels, needed: set[str]) -> tuple[Tensor, Labels]:
    """Multiply two operands and sum over the labels that nobody needs any more."""
    a, of_a = _sum_out(a, of_a, needed | set(of_b))
    b, of_b = _sum_out(b, of_b, needed | set(of_a))
    shared = [label for label in of_a if label in of_b]
    batch, summed = [x for x in shared if x in needed], [x for x in shared if x not in needed]
    rows, columns = [x for x in of_a if x not in shared], [x for x in of_b if x not in shared]
    length = dict(zip(of_a + of_b, a.shape + b.shape, strict=True))
    result = batch + rows + columns
    left, right = permute(a, _order(of_a, batch + rows + summed)), permute(b, _order(of_b, batch + summed + columns))
    if summed and a.dtype is not b.dtype:
        raise RuntimeError(f"expected scalar type {a.dtype.word} but found {b.dtype.word}. Convert one of them.")
    if not summed:
        left = reshape(left, [length[x] for x in batch + rows] + [1] * len(columns))
        right = reshape(right, [length[x] for x in batch] + [1] * len(rows) + [length[x] for x in columns])
        return mul(left, right), result
    n, m, k, stack = (math.prod([length[x] for x in group]) for group in (rows, columns, summed, batch))
    if batch:
        product = bmm(reshape(left, (stack, n, k)), reshape(right, (stack, k, m)))
    else:
        product = mm(reshape(left, (n, k)), reshape(right, (k, m)))
    return reshape(product, [length[x] for x in result]), result


def _order(labels: Labels, wanted: Labels) -> list[int]:
    return [labels.index(label) for label in wanted]


def _arrange(tensor: Tensor, labels: Labels, output: Labels, permuted: bool) -> Tensor:
    """Bring the result's dimensions into order, and sum over those that it does not have."""
    rest = [label for label in labels if label not in output]
    if permuted or rest or labels != output:
        tensor = permute(tensor, _order(labels, output + rest))
    return sum_over(tensor, tuple(range(len(output), len(labels)))) if rest else tensor
