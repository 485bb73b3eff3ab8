"""RMSprop: the gradient, divided by a running average of its size."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..autograd import Array, no_grad
from ..tensor import Tensor
from .arrays import (
    beside,
    check_average,
    count_step,
    count_writes,
    full_of,
    gradients,
    of_one_dtype,
    scalars,
    step_counter,
)
from .optimizer import Group, Optimizer, closure_loss
from .options import check_lr, check_not_negative, check_switches


class RMSprop(Optimizer):
    """``p -= lr * grad / (sqrt(v) + eps)``, where ``v = alpha * v + (1 - alpha) * grad ** 2``.

    ``centered`` takes the square of the gradient's own average off ``v``, which leaves an estimate of its
    variance. With ``momentum`` the step follows ``buf = momentum * buf + grad / (sqrt(v) + eps)``.
    ``weight_decay`` adds that share of the tensor to its gradient; ``maximize`` goes uphill; ``foreach`` changes
    nothing. A tensor without a gradient is skipped. ``ValueError`` for a negative option.

    State, for each tensor: ``step``, ``square_avg``, with momentum ``momentum_buffer``, centered ``grad_avg``.
    Tieleman & Hinton, "Neural Networks for Machine Learning", lecture 6.5 (2012); centered: Graves, "Generating
    Sequences With Recurrent Neural Networks" (2013).
    """

    _added_later: ClassVar[dict[str, Any]] = {
        "momentum": 0,
        "centered": False,
        "foreach": None,
        "maximize": False,
        "differentiable": False,
        "capturable": False,
    }

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_lr(lr)
        check_not_negative("epsilon", eps)
        check_not_negative("momentum", momentum)
        check_not_negative("weight_decay", weight_decay)
        check_not_negative("alpha", alpha)
        options = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, options)
        check_switches(foreach, differentiable, capturable=capturable)

    @no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Bring the averages of each tensor that has a gradient up to date, and move it; return the closure's loss."""
        loss = closure_loss(closure)
        for group in self.param_groups:
            for held in of_one_dtype(self._updated(group)):
                by = _Factors.of(group, held[0]._array.dtype)
                for p, grad in zip(held, gradients(held, group), strict=True):
                    state = self._state_of(p, group)
                    count_step(state)
                    p._array -= by.lr * _direction(p, grad, state, group, by)
                count_writes(held)
        return loss

    def _state_of(self, p: Tensor, group: Group) -> dict[str, Any]:
        """Return what is remembered of a tensor: as much as the options need, and zeros at first."""
        state: dict[str, Any] = self.state[p]
        if not state:
            state.update(step=step_counter(), square_avg=full_of(p))
            if group["momentum"] > 0:
                state["momentum_buffer"] = full_of(p)
            if group["centered"]:
                state["grad_avg"] = full_of(p)
        return state


class _Factors(NamedTuple):
    lr: Array
    alpha: Array
    fresh: Array
    eps: Array
    momentum: Array

    @classmethod
    def of(cls, group: Group, dtype: np.dtype[Any]) -> _Factors:
        """Return the numbers of a group, for tensors of one dtype."""
        alpha = group["alpha"]
        return cls(*scalars(dtype, group["lr"], alpha, 1 - alpha, group["eps"], group["momentum"]))


def _direction(p: Tensor, grad: Array, state: dict[str, Any], group: Group, by: _Factors) -> Array:
    """Bring the averages up to date; return the gradient over its average size, with momentum if there is one."""
    v = beside(p, state["square_avg"])
    v *= by.alpha
    v += by.fresh * grad * grad
    if group["centered"]:
        mean = beside(p, state["grad_avg"])
        check_average(mean, p._array)
        mean += by.fresh * (grad - mean)
        v = v - mean * mean
    direction: Array = grad / (np.sqrt(v) + by.eps)
    if group["momentum"] > 0:
        buffer: Array = beside(p, state["momentum_buffer"])
        buffer *= by.momentum
        buffer += direction
        return buffer
    return direction
