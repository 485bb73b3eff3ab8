"""LRScheduler: counts epochs, and writes a learning rate into each group of an optimizer."""

from __future__ import annotations

import functools
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ...tensor import Tensor
from ..optimizer import Group, Optimizer

# A learning rate is a number, or, if the group holds a tensor of one element, a tensor.
Rate = Any


class LRScheduler:
    """The base of every schedule: one step of it for an epoch, or a batch, after the optimizer's.

    A schedule writes ``get_lr()``: the rates of epoch ``last_epoch``, one for each group, mostly computed of the
    rates that are in the groups now, so that several schedules can act on one optimizer. Where it has a
    ``_get_closed_form_lr()``, ``step(epoch)`` computes from that. ``base_lrs`` are the rates at the
    start, which every group also keeps as ``"initial_lr"``.

    With ``last_epoch=-1`` a schedule starts; with another it goes on after that epoch, and the groups have to
    have an ``"initial_lr"``, else ``KeyError``. ``TypeError`` if ``optimizer`` is no optimizer.
    """

    _get_lr_called_within_step: bool = False
    _is_initial: bool = False
    _step_count: int
    _last_lr: list[Rate]
    _get_closed_form_lr: Callable[[], list[Rate]]

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        check_optimizer(optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", copy_of(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler with "
                    "last_epoch >= 0.\nThis typically happens when:\n1. Training goes on, and the optimizer's "
                    "state_dict was not loaded: load it before the schedule is made.\n2. Training starts: leave "
                    "last_epoch at -1."
                )
        self.base_lrs: list[Rate] = values_of(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        _watch_steps(optimizer)
        self._initial_step()

    def _initial_step(self) -> None:
        """Write the rates of the first epoch."""
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def get_last_lr(self) -> list[Rate]:
        """Return the rates that the last step wrote, one for each group."""
        return self._last_lr

    def get_lr(self) -> list[Rate]:
        """Compute the rates of epoch ``last_epoch``; every schedule writes its own. Called by ``step()``."""
        raise NotImplementedError

    def step(self, epoch: int | None = None) -> None:
        """Go on to the next epoch, after ``optimizer.step()``, and write its rates into the groups.

        A warning if the optimizer made no step before; ``epoch`` names an epoch to go to, which is deprecated.
        """
        if self._step_count == 1:
            _warn_of_order(self.optimizer)
        self._step_count += 1
        if epoch is not None:
            warnings.warn(EPOCH_DEPRECATED, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        with self._allow_get_lr():
            self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
            closed = epoch is not None and hasattr(self, "_get_closed_form_lr")
            rates = self._get_closed_form_lr() if closed else self.get_lr()
        self._write(rates)

    def _write(self, rates: Iterable[Rate]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            set_value(group, "lr", rate)
        self._last_lr = values_of(self.optimizer, "lr")

    @contextmanager
    def _allow_get_lr(self) -> Iterator[None]:
        self._get_lr_called_within_step = True
        try:
            yield
        finally:
            self._get_lr_called_within_step = False

    def _warn_get_lr(self) -> None:
        """Warn who calls ``get_lr()`` to read the rate: it computes the next one."""
        if not self._get_lr_called_within_step:
            warnings.warn(
                "To get the last learning rate computed by the scheduler, please use `get_last_lr()`.",
                UserWarning,
                stacklevel=3,
            )

    def state_dict(self) -> dict[str, Any]:
        """Return everything that the schedule remembers, its optimizer excepted."""
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what ``state_dict()`` returned; the rates in the optimizer's groups are the optimizer's to load."""
        self.__dict__.update(state_dict)


def check_optimizer(optimizer: Any) -> None:
    """Raise ``TypeError`` for what is no optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")


def copy_of(value: Any) -> Any:
    """Return a number, or a copy of a tensor: nobody is to change a rate that was handed out."""
    return value.clone() if isinstance(value, Tensor) else value


def values_of(optimizer: Optimizer, option: str) -> list[Any]:
    """Return an option of each group."""
    return [copy_of(group[option]) for group in optimizer.param_groups]


def set_value(group: Group, option: str, value: Any) -> None:
    """Set an option of a group; a tensor stays the same object."""
    if isinstance(group[option], Tensor):
        group[option].fill_(value.squeeze() if isinstance(value, Tensor) else value)
    else:
        group[option] = value


def for_each_group(name: str, optimizer: Optimizer, value: Any) -> list[Any]:
    """Return one value for each group, of a list or a single one; ``ValueError`` for a list of another length."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [copy_of(value) for _ in range(groups)]
    if len(value) != groups:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} values, "
            f"param_groups has {groups}."
        )
    return [copy_of(item) for item in value]


def _watch_steps(optimizer: Any) -> None:
    """Let the optimizer note that it made a step: a schedule warns if it did not."""
    if hasattr(optimizer.step, "_wrapped_by_lr_sched"):
        return
    step = optimizer.step.__func__
    kept_by = weakref.ref(optimizer)  # an optimizer that referred to itself would live until the next gc

    @functools.wraps(step)
    def noted(*args: Any, **kwargs: Any) -> Any:
        mine: Any = kept_by()
        mine._opt_called = True
        return step(mine, *args, **kwargs)

    noted._wrapped_by_lr_sched = True  # type: ignore[attr-defined]
    optimizer.step = noted


def _warn_of_order(optimizer: Any) -> None:
    if not hasattr(optimizer.step, "_wrapped_by_lr_sched"):
        said = (
            "Seems like `optimizer.step()` has been overridden after learning rate scheduler initialization. Please, "
            "make sure to call `optimizer.step()` before `lr_scheduler.step()`."
        )
    elif not getattr(optimizer, "_opt_called", False):
        said = (
            "Detected call of `lr_scheduler.step()` before `optimizer.step()`. Call them in the opposite order: "
            "`optimizer.step()` before `lr_scheduler.step()`. Failure to do this will result in skipping the first "
            "value of the learning rate schedule."
        )
    else:
        return
    warnings.warn(said, UserWarning, stacklevel=3)


EPOCH_DEPRECATED = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use "
    "`scheduler.step()` to step the scheduler. If epoch is different from None, the closed form is used instead of "
    "the chainable form, where available."
)
