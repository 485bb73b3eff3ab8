"""Handwritten digits: 1,797 images of 8 × 8 pixels. Source and licence: ``SOURCES.md`` beside this file."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files

import numpy as np

from ..autograd import Array
from ..creation import tensor
from .dataset import TensorDataset

TEST_EVERY = 5  # every fifth image is kept for testing


def digits(train: bool | None = None) -> TensorDataset:
    """Return images ``(N, 64)``, float32 from 0 to 1, and the digits meant ``(N,)``, int64.

    ``train=True`` are four fifths of them (1,438), ``train=False`` the rest (359), None all.
    """
    pixels, labels = _read()
    chosen = np.arange(len(labels)) % TEST_EVERY == TEST_EVERY - 1
    rows = slice(None) if train is None else (~chosen if train else chosen)
    return TensorDataset(tensor(pixels[rows]), tensor(labels[rows]))


@cache
def _read() -> tuple[Array, Array]:
    packed = files(__package__).joinpath("digits.csv.gz").read_bytes()
    rows = [line.split(",") for line in gzip.decompress(packed).decode("ascii").splitlines()]
    table = np.array(rows, dtype=np.float32)
    return table[:, :-1] / 16, table[:, -1].astype(np.int64)
