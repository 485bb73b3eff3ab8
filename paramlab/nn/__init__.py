"""Modules, their parameters and buffers, and the layers made of them."""

from . import functional, init
from .activation import ReLU, Sigmoid, Tanh
from .containers import ModuleDict, ModuleList, ParameterList, Sequential
from .linear import Identity, Linear
from .loss import CrossEntropyLoss, MSELoss
from .module import Module
from .norm import BatchNorm1d
from .parameter import Buffer, Parameter

__all__ = [
    "BatchNorm1d",
    "Buffer",
    "CrossEntropyLoss",
    "Identity",
    "Linear",
    "MSELoss",
    "Module",
    "ModuleDict",
    "ModuleList",
    "Parameter",
    "ParameterList",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "functional",
    "init",
]
