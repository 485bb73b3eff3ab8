"""Schedules along a cosine: Loshchilov & Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017)."""

from __future__ import annotations

import math

from ..optimizer import Optimizer
from .scheduler import LRScheduler, Rate, values_of


class CosineAnnealingLR(LRScheduler):
    """From the rate at the start down to ``eta_min`` in ``T_max`` epochs, along half a cosine, and up again.

    ``eta_min + (lr - eta_min) * (1 + cos(pi * epoch / T_max)) / 2``, without the paper's restarts.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:  # noqa: N803
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """Compute the rates of epoch ``last_epoch``: those in the groups, moved along the cosine."""
        self._warn_get_lr()
        rates = values_of(self.optimizer, "lr")
        if self._is_initial:
            return rates
        if self._step_count == 1 and self.last_epoch > 0:
            return self._get_closed_form_lr()
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:  # at the bottom, where the ratio is 0 / 0
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            return [rate + (base - self.eta_min) * rise for base, rate in zip(self.base_lrs, rates, strict=True)]
        now, before = (1 + math.cos(math.pi * epoch / self.T_max) for epoch in (self.last_epoch, self.last_epoch - 1))
        return [now / before * (rate - self.eta_min) + self.eta_min for rate in rates]

    def _get_closed_form_lr(self) -> list[Rate]:
        return _between(self.eta_min, self.base_lrs, self.last_epoch / self.T_max)


class CosineAnnealingWarmRestarts(LRScheduler):
    """From the rate at the start down to ``eta_min`` along half a cosine, again and again.

    The first time takes ``T_0`` epochs, each further one ``T_mult`` times as many. ``step(epoch)`` may name a
    fraction of an epoch. ``ValueError`` unless both are positive integers.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,  # noqa: N803
        T_mult: int = 1,  # noqa: N803
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        if not isinstance(eta_min, float | int):
            raise ValueError(f"Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}")
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Rate]:
        """Compute the rates of ``T_cur`` epochs after the last restart."""
        self._warn_get_lr()
        return _between(self.eta_min, self.base_lrs, self.T_cur / self.T_i)

    def step(self, epoch: float | None = None) -> None:
        """Go on to the next epoch, or to the one named, which may be a fraction: ``epoch + batch / batches``.

        ``ValueError`` for a negative one.
        """
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            self._go_to(epoch)
        self.last_epoch = math.floor(epoch)
        with self._allow_get_lr():
            self._write(self.get_lr())

    def _go_to(self, epoch: float) -> None:
        """Find how long the last restart before ``epoch`` was ago, and how many epochs it is until the next."""
        if epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        if epoch < self.T_0:
            self.T_i, self.T_cur = self.T_0, epoch
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:  # n restarts took T_0 * (1 + T_mult + ... + T_mult ** (n - 1)) epochs
            n = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**n - 1) / (self.T_mult - 1)
            self.T_i = self.T_0 * self.T_mult**n


def _between(low: float, highs: list[Rate], share: float) -> list[Rate]:
    """Return what is on half a cosine from each of ``highs`` to ``low``, at a share of the way."""
    return [low + (high - low) * (1 + math.cos(math.pi * share)) / 2 for high in highs]
