"""Where gradients come from: what is recorded, the graph that operations leave behind, the walk backwards."""

from . import function, grad_mode
from .function import Function, FunctionCtx, once_differentiable
from .grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    mode,
    no_grad,
    set_grad_enabled,
)
from .gradcheck import GradcheckError, gradcheck
from .gradients import backward, grad
from .graph import INFERENCE, NUMBER, Array, ArrayHook, Operation, Part, Version, unbroadcast
from .variable import Variable
from .walk import propagate

__all__ = [
    "INFERENCE",
    "NUMBER",
    "Array",
    "ArrayHook",
    "Function",
    "FunctionCtx",
    "GradcheckError",
    "Operation",
    "Part",
    "Variable",
    "Version",
    "backward",
    "enable_grad",
    "function",
    "grad",
    "grad_mode",
    "gradcheck",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "mode",
    "no_grad",
    "once_differentiable",
    "propagate",
    "set_grad_enabled",
    "unbroadcast",
]
