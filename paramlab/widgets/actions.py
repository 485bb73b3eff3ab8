"""What a click stands for: a line of Python, which is then run as it is shown.

So the line in the footer is no description of what happened: it is what happened, and typing it in a
cell does the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..census.across import rebuild
from ..census.read import Examination
from ..census.rows import Row
from .names import Names

FLOATS = ("float16", "bfloat16", "float32", "float64")

# ---------------------------------------------------------------------- lines about one tensor


def change_kind(row: Row, slot: str, kind: str, names: Names) -> str:
    """Return the line that makes a tensor a Tensor, a Parameter or a Buffer under its own name.

    A Parameter may be assigned over anything. A Buffer over an attribute or a Parameter is refused, and so
    is a Tensor over a Parameter, while over a Buffer it becomes the Buffer: the old name has to go first.
    """
    here = row.access
    if slot == "item":
        return f"{here} = {_made(kind, f'{here}.detach()', names)}"
    if kind == "Parameter":
        return f"{here} = {names.nn}.Parameter({here}.detach())"
    return f"t = {here}.detach(); del {here}; {here} = {_made(kind, 't', names)}"


def _made(kind: str, value: str, names: Names) -> str:
    return value if kind == "Tensor" else f"{names.nn}.{kind}({value})"


def toggle_grad(row: Row) -> str:
    """Return the line that freezes a tensor, or unfreezes it."""
    return f"{row.access}.requires_grad_({not row.requires_grad})"


def toggle_persistent(row: Row, names: Names) -> str:
    """Return the line that has a Buffer saved, or not."""
    return f"{row.access} = {names.nn}.Buffer({row.access}, persistent={not row.persistent})"


def replace_object(row: Row, names: Names) -> str:
    """Return the line that puts a new object under the old name."""
    here = row.access
    if not row.dtype.startswith(FLOATS):
        return f"{here} = {here}.clone()"
    new = f"{names.torch}.randn_like({here})"
    if row.kind == "Parameter":
        frozen = "" if row.requires_grad else ", requires_grad=False"
        return f"{here} = {names.nn}.Parameter({new}{frozen})"
    return f"{here} = {new}.requires_grad_()" if row.requires_grad else f"{here} = {new}"


def write(row: Row, names: Names) -> str:
    """Return the line that writes other values into the object that is there."""
    here = row.access
    values = f"copy_({names.torch}.randn_like({here}))" if row.dtype.startswith(FLOATS) else "zero_()"
    return f"with {names.torch}.no_grad(): {here}.{values}"


def untie(row: Row, names: Names) -> str:
    """Return the line that gives a name an object of its own, with the values that it has."""
    here = row.access
    fresh = f"{here}.detach().clone()"
    if row.kind == "Parameter":
        return f"{here} = {names.nn}.Parameter({fresh}{'' if row.requires_grad else ', requires_grad=False'})"
    return f"{here} = {fresh}.requires_grad_()" if row.requires_grad else f"{here} = {fresh}"


# ---------------------------------------------------------------------- lines about the whole model


def step(names: Names, has_loss: bool) -> str:
    """Return the line that trains for one step: a whole one if there is a loss to call."""
    if has_loss:
        return f"{names.optimizer}.zero_grad(); {names.loss}().backward(); {names.optimizer}.step()"
    return f"{names.optimizer}.step()"


def new_optimizer(names: Names, exists: bool) -> str:
    """Return the line that hands the optimizer what the model has now; the learner's variable stays good."""
    if exists:
        return rebuild(names.model, names.optimizer)
    return f"{names.optimizer} = {names.torch}.optim.SGD({names.model}.parameters(), lr=0.1)"


def save(names: Names) -> str:
    """Return the line that keeps a copy; the values of a state_dict alias the live tensors."""
    return f"saved = {{key: value.clone() for key, value in {names.model}.state_dict().items()}}"


def load(names: Names) -> str:
    """Return the line that loads the copy, and tells which names did not match."""
    return f"{names.model}.load_state_dict(saved, strict=False)"


def move(exam: Examination, names: Names) -> str:
    """Return the line that moves the model: to another device, or to another precision where there is only one."""
    target = _target(exam)
    if target in FLOATS:
        return f"{names.model}.to({names.torch}.{target})"
    return f"{names.model}.to({target!r})"


def move_label(exam: Examination) -> str:
    """Return what the button is called."""
    target = _target(exam)
    return f"To {target}" if target in FLOATS else f"Move to {target}"


def _target(exam: Examination) -> str:
    registered = [row for found, row in zip(exam.found, exam.rows, strict=True) if found.registered]
    devices = [row.device.partition(":")[0] for row in registered]
    if exam.framework.name == "paramlab":
        return "cpu" if "sim" in devices else "sim"
    torch: Any = exam.framework.torch
    if torch.cuda.is_available():
        return "cpu" if "cuda" in devices else "cuda"
    return "float32" if any(row.dtype == "float64" for row in registered) else "float64"


# ---------------------------------------------------------------------- what came of it


def note_kind(kind: str, row: Row, has_optimizer: bool) -> str:
    """Say what a tensor is now."""
    if kind == "Parameter":
        late = " The optimizer does not hold it: it was made before." if has_optimizer else ""
        return f"Now a Parameter.{late}" if row.parameters else "A Parameter now, and still hidden."
    if kind == "Buffer":
        return "Now a Buffer: saved and moved, never trained." if row.moves else "A Buffer now, and still hidden."
    return "Now an ordinary attribute: the module does not know it any more."


def note_grad(before: Row) -> str:
    """Say what it means to be frozen, or not to be any more."""
    if before.requires_grad:
        return "Frozen: backward() computes no gradient for it."
    return "backward() computes a gradient for it again."


def note_replace(before: Row) -> str:
    """Say what became of the object that was replaced."""
    stale = " The optimizer still holds the old one." if before.optimizer is not None else ""
    return f"A new object under the old name.{stale}"


def note_step(updated: list[str], ghosts: int, has_loss: bool) -> str:
    """Say which tensors a step has changed; ``ghosts`` of those that were are not the model's any more."""
    parts = [f"Updated: {_listed(updated)}."] if updated else []
    if ghosts:
        parts.append(f"{_objects(ghosts)} updated that the model does not have.")
    return " ".join(parts) or (_NO_REACH if has_loss else _NO_GRAD)


_NO_REACH = "Nothing moved: the loss reaches no tensor that the optimizer holds."
_NO_GRAD = (
    "Nothing moved: no tensor that the optimizer holds has a .grad. Call loss.backward() first, "
    "or hand the map a loss: explore(model, optimizer, loss=...)."
)


def note_move(before: Sequence[Row], after: Sequence[Row]) -> str:
    """Say what moved, what was replaced on the way, and what stayed behind."""
    was = {row.name: (row.device, row.dtype) for row in before}
    moved = [row for row in after if was.get(row.name, (row.device, row.dtype)) != (row.device, row.dtype)]
    buffers = sum(row.kind == "Buffer" for row in moved)
    replaced = f" {buffers} of them Buffers, which are new objects now." if buffers else ""
    stayed = [row.name for row in after if moved and not row.moves and _differs(row, moved[0])]
    left = f" Left behind: {_listed(stayed)}." if stayed else ""
    return f"{len(moved)} moved.{replaced}{left}"


def _differs(row: Row, moved: Row) -> bool:
    is_float = row.dtype.startswith(FLOATS)
    return row.device != moved.device or (is_float and row.dtype != moved.dtype and moved.dtype in FLOATS)


def note_load(result: Any) -> str:
    """Say which names of the copy and the model did not match."""
    parts = [
        f"{what} keys: {_listed(list(names))}."
        for what, names in (("Missing", result.missing_keys), ("Unexpected", result.unexpected_keys))
        if names
    ]
    return " ".join(parts) or "Every saved value is back in its place."


def _listed(names: list[str], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _objects(number: int) -> str:
    return "One object was" if number == 1 else f"{number} objects were"
