"""A notebook's part in the tests: cells that run as IPython runs them, on a bench with nothing on it."""

import contextlib
import inspect
import itertools
import linecache
import os

from paramlab.workshop import use
from paramlab.workshop.bench import REFERENCE, bench
from paramlab.workshop.catalogue import PIECES

IMPORTS = """
import math
import warnings

import numpy as np
import paramlab as torch
from paramlab import Tensor, empty, nn, optim
from paramlab.autograd import unbroadcast
from paramlab.nn import Buffer, Module, Parameter, init
from paramlab.nn import functional as F
from paramlab.nn.functional.correlation import scratch
from paramlab.nn.init import _calculate_correct_fan, calculate_gain, uniform_
from paramlab.optim.arrays import scalars
from paramlab.workshop import check, implement, use
"""
numbers = itertools.count(1)


class Notebook:
    """A namespace with a lesson's imports; ``run`` runs a cell in it."""

    def __init__(self):
        self.names = {"__name__": "__main__"}
        exec(IMPORTS, self.names)

    def run(self, cell):
        """Run a cell; its source is to be had afterwards, as in IPython."""
        filename = f"<cell {next(numbers)}>"
        linecache.cache[filename] = (len(cell), None, cell.splitlines(keepends=True), filename)
        exec(compile(cell, filename, "exec"), self.names)
        return self.names


def is_the_reference():
    """Return whether the package has its own definition of every piece."""
    return all(
        inspect.getattr_static(piece.owner, piece.attribute) is REFERENCE[name] for name, piece in PIECES.items()
    )


@contextlib.contextmanager
def a_fresh_start(home):
    """Give the block an empty folder and a bare bench, and clear up after it."""
    before = os.environ.get("PARAMLAB_HOME")
    os.environ["PARAMLAB_HOME"] = str(home)
    clear()
    try:
        yield
    finally:
        clear()
        if before is None:
            del os.environ["PARAMLAB_HOME"]
        else:
            os.environ["PARAMLAB_HOME"] = before
    assert is_the_reference()


def clear():
    use("reference")
    for names in (bench.mine, bench.passed, bench.refused):
        names.clear()
