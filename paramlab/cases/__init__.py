"""Tiny programs whose answers are PyTorch's: conformance tests, checks of a lesson and grades at once.

Each family is a file. A program runs on PyTorch and on paramlab; run on paramlab with a learner's piece
plugged in, it checks the piece.
"""

from .case import CASES, Case, Failure, Outcome, attempt, case, plain
from .judge import same

from . import autograd, buffers, containers, iteration, parameter, registration, sgd, state_dict  # isort: skip - they need `case`

__all__ = [
    "CASES",
    "Case",
    "Failure",
    "Outcome",
    "attempt",
    "autograd",
    "buffers",
    "case",
    "containers",
    "iteration",
    "parameter",
    "plain",
    "registration",
    "same",
    "sgd",
    "state_dict",
]
