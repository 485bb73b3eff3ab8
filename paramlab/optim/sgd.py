"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..autograd import Array, no_grad
from ..tensor import Tensor
from .arrays import beside, gradient, scalars
from .optimizer import Group, Optimizer, closure_loss
from .options import check_lr, check_not_negative, check_switches


class SGD(Optimizer):
    """``p -= lr * grad``, with momentum and weight decay on request.

    With ``momentum``, the step follows ``buf = momentum * buf + (1 - dampening) * grad`` (the first time
    ``buf = grad``), or with ``nesterov`` the gradient plus ``momentum * buf``. ``weight_decay`` adds that
    share of the tensor to its gradient; ``maximize`` goes uphill. ``foreach`` and ``fused`` change nothing.
    A tensor without a gradient is skipped, decay and momentum included. ``ValueError`` for a negative option.

    State: with momentum a ``momentum_buffer`` for each tensor, without it nothing. Sutskever et al., "On the
    importance of initialization and momentum in deep learning" (2013), with PyTorch's placing of ``lr``.
    """

    _added_later: ClassVar[dict[str, Any]] = {
        "nesterov": False,
        "maximize": False,
        "foreach": None,
        "differentiable": False,
        "fused": False,
    }

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float | Tensor = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_lr(lr)
        check_not_negative("momentum", momentum)
        check_not_negative("weight_decay", weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        options = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, options)
        check_switches(foreach, differentiable, fused)

    @no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move each tensor that has a gradient by ``lr`` against it; return the closure's loss, if there is one."""
        loss = closure_loss(closure)
        for group in self.param_groups:
            factors = _factors(group)
            for p in group["params"]:
                if p.grad is not None:
                    by = factors(p._array.dtype)
                    p._array -= by.lr * self._direction(p, group, by)
                    p._bump()
        return loss

    def _direction(self, p: Tensor, group: Group, by: _Factors) -> Array:
        """Return where the step goes: the gradient with weight decay, and with what momentum makes of it."""
        grad = gradient(p, group, by.weight_decay)
        if group["momentum"] == 0:
            return grad
        state = self.state[p]
        kept = state.get("momentum_buffer")
        if kept is None:
            buffer: Array = np.array(grad, p._array.dtype)
            state["momentum_buffer"] = p._beside(buffer)
        else:
            buffer = beside(p, kept)
            buffer *= by.momentum
            buffer += grad if group["dampening"] == 0 else by.undampened * grad
        return grad + by.momentum * buffer if group["nesterov"] else buffer


class _Factors(NamedTuple):
    lr: Array
    momentum: Array
    undampened: Array
    weight_decay: Array


def _factors(group: Group) -> Callable[[np.dtype[Any]], _Factors]:
    """Return the numbers of a group, for each dtype of its tensors once."""
    numbers = group["lr"], group["momentum"], 1 - group["dampening"], group["weight_decay"]
    return cache(lambda dtype: _Factors(*scalars(dtype, *numbers)))
