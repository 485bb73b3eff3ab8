"""The layers' computations as functions: no state, everything handed in."""

from ...ops import log_softmax, sigmoid, softmax, tanh
from .activation import relu
from .linear import linear
from .loss import cross_entropy, mse_loss, nll_loss
from .norm import batch_norm

__all__ = [
    "batch_norm",
    "cross_entropy",
    "linear",
    "log_softmax",
    "mse_loss",
    "nll_loss",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
