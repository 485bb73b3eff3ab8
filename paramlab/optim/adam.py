"""Adam and AdamW: a step size for each element, from running averages of the gradient and of its square."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from ..autograd import Array, no_grad
from ..tensor import Tensor
from .arrays import arrays, beside, check_average, count_writes, full_of, gradients, of_one_step, scalars, step_counter
from .optimizer import Group, Optimizer, closure_loss
from .options import check_lr, check_not_negative, check_switches

Betas = tuple[float | Tensor, float | Tensor]


class Adam(Optimizer):
    """``p -= lr * m / (sqrt(v) + eps)``, where ``m`` and ``v`` average the gradient and its square.

    In step ``t``, ``m = beta1 * m + (1 - beta1) * grad`` and ``v = beta2 * v + (1 - beta2) * grad ** 2``. Both
    start at zero; the update makes up for that by taking ``m / (1 - beta1 ** t)`` and ``v / (1 - beta2 ** t)``.
    ``weight_decay`` adds that share of the tensor to its gradient, or with ``decoupled_weight_decay`` makes
    the tensor itself smaller (AdamW); ``amsgrad`` divides by the largest ``v`` so far; ``maximize`` goes uphill.
    ``foreach`` and ``fused`` change nothing. A tensor without a gradient is skipped. ``ValueError`` for a negative
    option and for a beta that is not in [0, 1).

    State, for each tensor: ``step``, ``exp_avg``, ``exp_avg_sq``, with ``amsgrad`` also ``max_exp_avg_sq``.
    Kingma & Ba, "Adam: A Method for Stochastic Optimization" (2015); Reddi et al., "On the Convergence of Adam
    and Beyond" (2018) for ``amsgrad``.
    """

    _added_later: ClassVar[dict[str, Any]] = {
        "amsgrad": False,
        "maximize": False,
        "foreach": None,
        "capturable": False,
        "differentiable": False,
        "decoupled_weight_decay": False,
        "fused": None,
    }

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and foreach and not capturable:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        check_lr(lr)
        check_not_negative("epsilon", eps)
        check_not_negative("weight_decay", weight_decay)
        _check_betas(betas, bool(foreach and not capturable))
        options = {
            "lr": lr,
            "betas": tuple(beta.squeeze() if isinstance(beta, Tensor) else beta for beta in betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, options)
        check_switches(foreach, differentiable, fused, capturable)

    @no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move each tensor that has a gradient by ``lr * m / (sqrt(v) + eps)``; return the closure's loss, if any."""
        loss = closure_loss(closure)
        for group in self.param_groups:
            lr, beta1, beta2 = (float(number) for number in (group["lr"], *group["betas"]))
            update: Callable[..., None] = _amsgrad_update if group["amsgrad"] else adam_update
            updated = self._updated(group)
            for steps, held in of_one_step(updated, [self._state_of(p, group) for p in updated]):
                if group["decoupled_weight_decay"] and group["weight_decay"] != 0:
                    _shrink(held, 1 - lr * group["weight_decay"])
                averages = [[beside(p, self.state[p][name]) for p in held] for name in _averages(group)]
                check_average(averages[0][0], held[0]._array)
                update(arrays(held), gradients(held, group), *averages, steps, lr, beta1, beta2, group["eps"])
                count_writes(held)
        return loss

    def _state_of(self, p: Tensor, group: Group) -> dict[str, Any]:
        """Return a tensor's averages and its count of steps, which start at zero with its first gradient."""
        state: dict[str, Any] = self.state[p]
        if not state:
            state.update(step=step_counter(), **{name: full_of(p) for name in _averages(group)})
        return state


class AdamW(Adam):
    """Adam whose weight decay makes the tensor itself smaller, ``p *= 1 - lr * weight_decay``, in each step.

    So the decay is not divided by ``sqrt(v)``, as it is if the gradient carries it. Everything else as in Adam.
    Loshchilov & Hutter, "Decoupled Weight Decay Regularization" (2019).
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: Betas = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True


def adam_update(
    params: list[Array],
    grads: list[Array],
    exp_avgs: list[Array],
    exp_avg_sqs: list[Array],
    steps: float,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> None:
    """Bring the averages m and v of each gradient up to date, and move its array by lr * m / sqrt(v), in place."""
    # the corrections of m and v go into two numbers, not into whole arrays (Kingma & Ba, end of section 2)
    root = (1 - beta2**steps) ** 0.5
    numbers = lr * root / (1 - beta1**steps), eps * root, 1 - beta1, beta2, 1 - beta2
    rate, small, new1, old2, new2 = scalars(params[0].dtype, *numbers)
    for param, grad, m, v in zip(params, grads, exp_avgs, exp_avg_sqs, strict=True):
        m += new1 * (grad - m)
        v *= old2
        v += new2 * grad * grad
        param -= rate * (m / (np.sqrt(v) + small))


def _amsgrad_update(
    params: list[Array],
    grads: list[Array],
    exp_avgs: list[Array],
    exp_avg_sqs: list[Array],
    max_exp_avg_sqs: list[Array],
    steps: float,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
) -> None:
    """Do as ``adam_update``, and divide by the largest v that there has been so far (Reddi et al.)."""
    root = (1 - beta2**steps) ** 0.5
    (rate,) = scalars(params[0].dtype, lr * root / (1 - beta1**steps))
    new1, old2, new2, small = scalars(params[0].dtype, 1 - beta1, beta2, 1 - beta2, eps * root)
    averages = zip(exp_avgs, exp_avg_sqs, max_exp_avg_sqs, strict=True)
    for param, grad, (m, v, largest) in zip(params, grads, averages, strict=True):
        m += new1 * (grad - m)
        v *= old2
        v += new2 * grad * grad
        np.maximum(largest, v, out=largest)
        param -= rate * (m / (np.sqrt(largest) + small))


def _averages(group: Group) -> list[str]:
    """Return the names of the averages that the state keeps."""
    return ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"] if group["amsgrad"] else ["exp_avg", "exp_avg_sq"]


def _shrink(tensors: list[Tensor], factor: float) -> None:
    """Make the weights themselves smaller: weight decay that does not go through the gradient."""
    (share,) = scalars(tensors[0]._array.dtype, factor)
    for p in tensors:
        p._array *= share
    count_writes(tensors)


def _check_betas(betas: Betas, foreach: bool) -> None:
    for index in range(2):
        if not 0.0 <= (beta := betas[index]) < 1.0:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}. It has to be in [0, 1).")
    if not (all(isinstance(beta, float) for beta in betas) or all(isinstance(beta, Tensor) for beta in betas)):
        raise ValueError("betas must be either both floats or both Tensors")
    for index, beta in enumerate(betas):
        if isinstance(beta, Tensor) and foreach:
            raise ValueError(f"betas[{index}] as a Tensor is not supported for capturable=False and foreach=True")
        if isinstance(beta, Tensor) and beta.numel() != 1:
            raise ValueError(f"Tensor betas[{index}] must be 1-element")
