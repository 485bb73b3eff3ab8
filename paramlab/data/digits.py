"""Handwritten digits: 1,797 images of 8 × 8 pixels."""

from __future__ import annotations

from functools import cache

import numpy as np

from ..autograd import Array
from ..creation import tensor
from .bundled import chosen_rows, text_of
from .dataset import TensorDataset


def digits(train: bool | None = None) -> TensorDataset:
    """Return images ``(N, 64)``, float32 from 0 to 1, and the digits meant ``(N,)``, int64.

    ``train=True`` are four fifths of them (1,438), ``train=False`` the rest (359), None all.
    """
    pixels, labels = _read()
    rows = chosen_rows(len(labels), train)
    return TensorDataset(tensor(pixels[rows]), tensor(labels[rows]))


@cache
def _read() -> tuple[Array, Array]:
    rows = [line.split(",") for line in text_of("digits.csv.gz").splitlines()]
    table = np.array(rows, dtype=np.float32)
    return table[:, :-1] / 16, table[:, -1].astype(np.int64)
