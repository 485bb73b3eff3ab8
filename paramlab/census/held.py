"""What is wrong between an optimizer and its model as a whole: another model's parameters, state left behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .across import rebuild
from .rows import Finding, Row


@dataclass(frozen=True, slots=True)
class LeftState:
    """A tensor that an optimizer keeps for a parameter, in another place or precision than the parameter's."""

    parameter: int  # id of the parameter
    key: str
    dtype: str
    device: str


def left_state(optimizer: Any) -> tuple[LeftState, ...]:
    """Return what an optimizer remembers of its tensors elsewhere than they are now.

    Only what has the shape of its parameter is meant to stand beside it: a counter may be anywhere.
    """
    left: list[LeftState] = []
    state = getattr(optimizer, "state", None)
    for tensor, values in state.items() if isinstance(state, dict) else ():
        device, dtype = getattr(tensor, "device", None), getattr(tensor, "dtype", None)
        if device is None or not isinstance(values, dict):
            continue
        for key, value in values.items():
            place = getattr(value, "device", None)
            if place is None or (place == device and value.dtype == dtype) or value.shape != tensor.shape:
                continue
            if key != "step":
                left.append(LeftState(id(tensor), key, str(value.dtype).removeprefix("torch."), str(place)))
    return tuple(left)


def optimizer_state_left(
    ids: list[int], rows: tuple[Row, ...], left: tuple[LeftState, ...], optimizer: str
) -> Iterator[Finding]:
    """Find the optimizer's state that did not follow a move of the model; one finding for all of it."""
    by_id = dict(zip(reversed(ids), reversed(rows), strict=True))
    known = [(by_id[one.parameter], one) for one in left if one.parameter in by_id]
    if not known:
        return
    row, first = known[0]
    keys = list(dict.fromkeys(one.key for _, one in known if one.parameter == first.parameter))
    names = tuple(dict.fromkeys(row.name for row, _ in known))
    rest = f", and so for {len(names) - 1} more" if len(names) > 1 else ""
    was, now = (first.device, row.device) if first.device != row.device else (first.dtype, row.dtype)
    message = (
        f"{' and '.join(keys)} of {row.name} in the optimizer's state {'are' if len(keys) > 1 else 'is'} {was}, and "
        f"{row.name} is {now}{rest}: .to() moves what the model has, not what an optimizer remembers. The next step() "
        "raises, or computes with the old one. Move the model first and make its optimizer then."
    )
    fix = f"{optimizer}.load_state_dict({optimizer}.state_dict())"  # loading puts each value beside its parameter
    yield Finding("optimizer-state-left", names[0], "check", message, fix, names)


def another_model(
    rows: tuple[Row, ...], orphans: tuple[Row, ...], title: str, model: str, optimizer: str
) -> Finding | None:
    """Find an optimizer that holds nothing of the model at all, where one finding a tensor would hide the cause."""
    missing = [row for row in rows if row.reasons[2] in ("late", "replaced") and "same" not in row.facts]
    if len(missing) < 2 or any(row.optimizer is not None for row in rows):
        return None
    holds = (
        f"The optimizer holds {len(orphans)} tensors, and none of them is this {title}'s: it was handed the "
        "parameters of another model, such as a copy, or of the one that was there before it was built anew"
        if orphans
        else f"The optimizer holds no tensor at all: the parameters of this {title} were never handed over"
    )
    message = f"{holds}. Gradients arrive and step() does not use them, so nothing of the model changes."
    return Finding(
        "optimizer-of-another-model",
        optimizer,
        "bug",
        message,
        rebuild(model, optimizer),
        tuple(row.name for row in (*missing, *orphans)),
    )
