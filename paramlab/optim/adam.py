"""Adam and AdamW: a step size for each element, from running averages of the gradient and of its square."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..autograd import Array, no_grad
from ..tensor import Tensor
from .arrays import beside, count_step, full_of, gradient, scalars, step_counter
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
            factors = _factors(group)
            for p in group["params"]:
                if p.grad is not None:
                    state = self._state_of(p, group)
                    by = factors(p._array.dtype, count_step(state))
                    grad = _decayed(p, group, by)
                    m, v = beside(p, state["exp_avg"]), beside(p, state["exp_avg_sq"])
                    m += by.fresh1 * (grad - m)
                    v *= by.beta2
                    v += by.fresh2 * grad * grad
                    p._array -= by.lr * (m / (np.sqrt(_largest(v, state, group)) + by.eps))
                    p._bump()
        return loss

    def _state_of(self, p: Tensor, group: Group) -> dict[str, Any]:
        """Return a tensor's averages and its count of steps, which start at zero with its first gradient."""
        state: dict[str, Any] = self.state[p]
        if not state:
            state.update(step=step_counter(), exp_avg=full_of(p), exp_avg_sq=full_of(p))
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = full_of(p)
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


class _Factors(NamedTuple):
    lr: Array
    eps: Array
    fresh1: Array
    beta2: Array
    fresh2: Array
    weight_decay: Array
    shrink: Array


def _factors(group: Group) -> Callable[[np.dtype[Any], float], _Factors]:
    """Return the numbers of a group's step ``t``, for each dtype of its tensors once.

    The corrections of ``m`` and ``v`` go into ``lr`` and ``eps``, which saves two divisions of a whole tensor
    (Kingma & Ba, end of section 2).
    """
    lr, beta1, beta2 = (float(number) for number in (group["lr"], *group["betas"]))
    shrink, decay = 1.0, group["weight_decay"]
    if group["decoupled_weight_decay"]:
        shrink, decay = 1 - lr * decay, 0.0

    @cache
    def at(dtype: np.dtype[Any], t: float) -> _Factors:
        root = (1 - beta2**t) ** 0.5
        corrected = lr * root / (1 - beta1**t), group["eps"] * root
        return _Factors(*scalars(dtype, *corrected, 1 - beta1, beta2, 1 - beta2, decay, shrink))

    return at


def _decayed(p: Tensor, group: Group, by: _Factors) -> Array:
    """Let the weights decay, in place or as a part of the gradient, and return the gradient."""
    if group["decoupled_weight_decay"] and group["weight_decay"] != 0:
        p._array *= by.shrink
        p._bump()
    return gradient(p, group, by.weight_decay)


def _largest(v: Array, state: dict[str, Any], group: Group) -> Array:
    """Return ``v``, or with ``amsgrad`` the largest that it has been so far."""
    if not group["amsgrad"]:
        return v
    largest: Array = state["max_exp_avg_sq"]._array
    return np.maximum(largest, v, out=largest)


def _check_betas(betas: Betas, foreach: bool) -> None:
    for index, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}. It has to be in [0, 1).")
    if not (all(isinstance(beta, float) for beta in betas) or all(isinstance(beta, Tensor) for beta in betas)):
        raise ValueError("betas must be either both floats or both Tensors")
    for index, beta in enumerate(betas):
        if isinstance(beta, Tensor) and foreach:
            raise ValueError(f"betas[{index}] as a Tensor is not supported for capturable=False and foreach=True")
        if isinstance(beta, Tensor) and beta.numel() != 1:
            raise ValueError(f"Tensor betas[{index}] must be 1-element")
