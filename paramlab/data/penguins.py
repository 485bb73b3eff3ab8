"""Penguins of the Palmer Archipelago: four measurements of 342 birds, and which of three species each is."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np

from ..autograd import Array
from ..creation import tensor
from ..tensor import Tensor
from .bundled import chosen_rows, text_of
from .dataset import TensorDataset

FEATURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
CLASSES = ("Adelie", "Chinstrap", "Gentoo")


class Table(TensorDataset):
    """Rows of standardised numbers and their classes, with the names of both.

    ``x * table.std + table.mean`` are the numbers as they were measured.
    """

    features: tuple[str, ...]
    classes: tuple[str, ...]
    mean: Tensor
    std: Tensor


def penguins(train: bool | None = None) -> Table:
    """Return measurements ``(N, 4)``, float32, and species ``(N,)``, int64 from 0 to 2.

    ``features`` and ``classes`` have the names. The two birds that were not measured are left out. Each column
    is standardised by its ``mean`` and ``std`` among the rows to train on, so that what is tested is not looked
    at. ``train=True`` are four fifths of the rows (274), ``train=False`` the rest (68), None all.
    """
    measured, species = _read()
    to_train = measured[chosen_rows(len(species), True)]
    mean, std = to_train.mean(axis=0), to_train.std(axis=0)
    rows = chosen_rows(len(species), train)
    table = Table(tensor(((measured - mean) / std)[rows].astype(np.float32)), tensor(species[rows]))
    table.features, table.classes = FEATURES, CLASSES
    table.mean, table.std = tensor(mean.astype(np.float32)), tensor(std.astype(np.float32))
    return table


@cache
def _read() -> tuple[Array, Array]:
    birds = [bird for bird in csv.DictReader(text_of("penguins.csv.gz").splitlines()) if bird["body_mass_g"] != "NA"]
    measured = np.array([[float(bird[name]) for name in FEATURES] for bird in birds])
    return measured, np.array([CLASSES.index(bird["species"]) for bird in birds])
