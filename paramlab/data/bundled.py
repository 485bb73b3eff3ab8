"""Reading the files that come with the package. Sources and licences: ``SOURCES.md`` beside this file."""

from __future__ import annotations

import gzip
from importlib.resources import files

import numpy as np

from ..autograd import Array

TEST_EVERY = 5  # every fifth row of a table is kept for testing


def text_of(name: str) -> str:
    """Return the text of a packed file."""
    packed = files(__package__).joinpath(name).read_bytes()
    return gzip.decompress(packed).decode("ascii")


def chosen_rows(count: int, train: bool | None) -> Array:
    """Return which of ``count`` rows are meant, as truth values: four fifths to train, the rest to test, None all."""
    test = np.arange(count) % TEST_EVERY == TEST_EVERY - 1
    return np.ones(count, bool) if train is None else ~test if train else test
