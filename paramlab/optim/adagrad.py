"""Adagrad: the gradient, divided by the size of all gradients so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from ..autograd import no_grad
from ..tensor import Tensor
from .arrays import beside, count_writes, full_of, gradients, of_one_step, scalars, step_counter
from .optimizer import Optimizer, closure_loss
from .options import check_lr, check_not_negative, check_switches


class Adagrad(Optimizer):
    """``p -= lr * grad / (sqrt(sum) + eps)``, where ``sum`` adds up the squares of all gradients so far.

    In step ``t`` the rate is ``lr / (1 + (t - 1) * lr_decay)``; ``sum`` starts at ``initial_accumulator_value``.
    ``weight_decay`` adds that share of the tensor to its gradient; ``maximize`` goes uphill; ``foreach`` and
    ``fused`` change nothing. A tensor without a gradient is skipped. ``ValueError`` for a negative option.

    State, for each tensor and from the beginning: ``step`` and ``sum``. Duchi, Hazan & Singer, "Adaptive
    Subgradient Methods for Online Learning and Stochastic Optimization" (2011).
    """

    _added_later: ClassVar[dict[str, Any]] = {
        "foreach": None,
        "maximize": False,
        "differentiable": False,
        "fused": None,
    }

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_lr(lr)
        check_not_negative("lr_decay", lr_decay)
        check_not_negative("weight_decay", weight_decay)
        check_not_negative("initial_accumulator_value", initial_accumulator_value)
        check_not_negative("epsilon", eps)
        options = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, options)
        check_switches(foreach, differentiable, fused)
        for group in self.param_groups:
            for p in group["params"]:
                self._state_of(p)

    @no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Add each gradient's square to its tensor's sum, and move the tensor; return the closure's loss, if any."""
        loss = closure_loss(closure)
        for group in self.param_groups:
            updated = self._updated(group)
            for steps, held in of_one_step(updated, [self._state_of(p) for p in updated]):
                slower = 1 + (steps - 1) * group["lr_decay"]
                rate, eps = scalars(held[0]._array.dtype, float(group["lr"]) / slower, group["eps"])
                for p, grad in zip(held, gradients(held, group), strict=True):
                    total = beside(p, self.state[p]["sum"])
                    total += grad * grad
                    p._array -= rate * (grad / (np.sqrt(total) + eps))
                count_writes(held)
        return loss

    def _state_of(self, p: Tensor) -> dict[str, Any]:
        """Return what is remembered of a tensor; the sum starts at ``initial_accumulator_value``."""
        state: dict[str, Any] = self.state[p]
        if not state:
            state.update(step=step_counter(), sum=full_of(p, self.defaults["initial_accumulator_value"]))
        return state
