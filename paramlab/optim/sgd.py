"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..autograd import no_grad
from ..tensor import Tensor
from .optimizer import Group, Optimizer, closure_loss


class SGD(Optimizer):
    """``p -= lr * grad``, with momentum and weight decay on request.

    With ``momentum``, the step follows ``buf = momentum * buf + (1 - dampening) * grad`` (the first time
    ``buf = grad``), or with ``nesterov`` the gradient plus ``momentum * buf``. ``weight_decay`` adds that
    share of the tensor to its gradient; ``maximize`` goes uphill. A tensor without a gradient is skipped,
    decay and momentum included. ``ValueError`` for a negative option. Sutskever et al., "On the importance
    of initialization and momentum in deep learning" (2013), with PyTorch's placing of ``lr``.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        options = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, options)

    @no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every held tensor that has a gradient; return the closure's loss, if there is one."""
        loss = closure_loss(closure)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.add_(self._direction(p, group), alpha=-group["lr"])
        return loss

    def _direction(self, p: Tensor, group: Group) -> Tensor:
        """Return where the step goes: the gradient, with weight decay and momentum."""
        grad: Tensor = -p.grad if group["maximize"] else p.grad  # type: ignore[operator, assignment]
        if group["weight_decay"] != 0:
            grad = grad.add(p, alpha=group["weight_decay"])
        if group["momentum"] == 0:
            return grad
        state = self.state[p]
        if state.get("momentum_buffer") is None:
            state["momentum_buffer"] = grad.detach().clone()
        else:
            state["momentum_buffer"].mul_(group["momentum"]).add_(grad, alpha=1 - group["dampening"])
        buffer: Tensor = state["momentum_buffer"]
        return grad.add(buffer, alpha=group["momentum"]) if group["nesterov"] else buffer
