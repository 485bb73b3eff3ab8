"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from ..autograd import Array, no_grad
from ..tensor import Tensor
from .arrays import arrays, beside, count_writes, full_of, gradients, of_one_dtype, scalars
from .optimizer import Optimizer, closure_loss
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
            lr, momentum = float(group["lr"]), float(group["momentum"])
            for held in of_one_dtype(self._updated(group)):
                grads = gradients(held, group)
                buffers: list[Array | None] = [None] * len(held)
                if momentum:
                    grads = self._dampened(held, grads, group["dampening"])
                    buffers = [self._buffer(p) for p in held]
                sgd_update(arrays(held), grads, buffers, lr, momentum, group["nesterov"])
                count_writes(held)
        return loss

    def _dampened(self, held: list[Tensor], grads: list[Array], dampening: float) -> list[Array]:
        """Return what momentum takes up of the gradients: a tensor's first is not dampened."""
        if dampening == 0:
            return grads
        (share,) = scalars(held[0]._array.dtype, 1 - dampening)
        known = [self.state[p].get("momentum_buffer") is not None for p in held]
        return [share * grad if old else grad for grad, old in zip(grads, known, strict=True)]

    def _buffer(self, p: Tensor) -> Array:
        """Return the momentum of a tensor, which is zero at first."""
        state = self.state[p]
        kept = state.get("momentum_buffer")
        if kept is None:
            kept = state["momentum_buffer"] = full_of(p)
        return beside(p, kept)


def sgd_update(
    params: list[Array], grads: list[Array], buffers: list[Any], lr: float, momentum: float, nesterov: bool
) -> None:
    """Move each array of params in place by lr against its gradient, or with momentum along its buffer."""
    rate, share = scalars(params[0].dtype, lr, momentum)
    for param, grad, buffer in zip(params, grads, buffers, strict=True):
        if buffer is None:
            direction = grad
        else:
            buffer *= share
            buffer += grad
            direction = grad + share * buffer if nesterov else buffer
        param -= rate * direction
