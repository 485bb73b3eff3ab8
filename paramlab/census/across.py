"""What is wrong between tensors: several in one container, two under one name, an optimizer and its model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .rows import Finding, Row
from .walk import Found, Hiding


def hidden_in_container(found: list[Found], rows: tuple[Row, ...]) -> Iterator[Finding]:
    """One finding a container, however many tensors are in it."""
    inside: dict[Hiding, list[Row]] = {}
    for one, row in zip(found, rows, strict=True):
        hiding = one.place.hiding
        if hiding is None or one.slot == "class" or "same" in row.facts:
            continue
        if one.slot == "item" and not (row.learns or row.kind == "Parameter"):
            continue
        if one.slot == "attribute":
            continue  # an attribute of a hidden module has findings of its own
        inside.setdefault(hiding, []).append(row)
    for hiding, hidden in inside.items():
        wanted = [row for row in hidden if row.optimizer is None]
        count = f"{len(hidden)} tensor{'s' * (len(hidden) > 1)}"
        what = (
            f"{hiding.name} is a {hiding.holder} in an ordinary attribute"
            if _is_module(hiding)
            else f"{hiding.name} is an ordinary Python {hiding.holder}"
        )
        message = (
            f"{what}, and {count} in it {'are' if len(hidden) > 1 else 'is'} out of reach: parameters() does not "
            "list what is inside, so no optimizer that is handed parameters() trains it, state_dict() does not save "
            "it and .to() does not move it."
        )
        fix = _container_fix(hiding, hidden)
        severity: Any = "bug" if wanted else "check"
        yield Finding("hidden-in-container", hiding.name, severity, message, fix, tuple(row.name for row in hidden))


def _is_module(hiding: Hiding) -> bool:
    return hiding.access in hiding.direct


def _container_fix(hiding: Hiding, hidden: list[Row]) -> str:
    """Return the line that registers what a container hides: its registered twin, or a list beside it."""
    here = hiding.access
    if _is_module(hiding):
        return f"{here} = {here}"  # assigned again, now that __init__ has run, it is registered
    items = {row.access for row in hidden}
    tensors = [expr for expr in hiding.direct if expr in items]
    modules = [expr for expr in hiding.direct if expr not in items]
    twins = {"list": ("ModuleList", "ParameterList"), "tuple": ("ModuleList", "ParameterList")}
    twins |= {"dict": ("ModuleDict", "ParameterDict"), "OrderedDict": ("ModuleDict", "ParameterDict")}
    if hiding.holder in twins and not hiding.deeper and not (tensors and modules):
        return f"{here} = nn.{twins[hiding.holder][0 if modules else 1]}({here})"
    if modules:
        return f"{here}_modules = nn.ModuleList([{', '.join(modules)}])"
    return f"{here}_parameters = nn.ParameterList([{', '.join(tensors)}])"


def shared_tensor(found: list[Found], rows: tuple[Row, ...]) -> Iterator[Finding]:
    """Find objects that have several names."""
    names: dict[int, list[int]] = {}
    for at, one in enumerate(found):
        names.setdefault(id(one.tensor), []).append(at)
    for several in names.values():
        if len(several) < 2:
            continue
        first, second = rows[several[0]], rows[several[1]]
        listed = [rows[at].name for at in several]
        message = (
            f"{' and '.join(listed)} are one object: whoever changes one changes the other. parameters() lists it "
            "once, state_dict() saves it under every registered name."
        )
        fix = f"{second.access} = nn.Parameter({second.access}.detach().clone())" if first.kind == "Parameter" else ""
        yield Finding("shared-tensor", first.name, "fact", message, fix, tuple(listed))


def stale_in_optimizer(
    rows: tuple[Row, ...], orphans: tuple[Row, ...], model: str, optimizer: str
) -> Iterator[Finding]:
    """Find what the optimizer holds and the model does not have, and guess what it was."""
    missing = [row for row in rows if row.reasons[2] == "replaced"]
    for orphan in orphans:
        twin = next((row for row in missing if row.shape == orphan.shape), None)
        if twin is not None:
            missing.remove(twin)
        guess = f" It was probably {twin.name} before that was replaced." if twin is not None else ""
        message = (
            f"{orphan.name} is an object that the model does not have: what step() does to it has no effect on the "
            f"model.{guess} Hand the optimizer the parameters that there are now."
        )
        yield Finding(
            "stale-in-optimizer",
            orphan.name,
            "bug",
            message,
            rebuild(model, optimizer),
            (orphan.name,) if twin is None else (orphan.name, twin.name),
        )


def rebuild(model: str, optimizer: str) -> str:
    """Return the line that hands an optimizer the model's parameters anew, keeping the optimizer itself."""
    return (
        f"{optimizer}.param_groups.clear(); {optimizer}.state.clear(); "
        f'{optimizer}.add_param_group({{"params": {model}.parameters()}})'
    )


def mixed_in_one_module(found: list[Found], rows: tuple[Row, ...]) -> Iterator[Finding]:
    """Find registered tensors that differ in device, or in precision, from the first of their own module."""
    first: dict[int, Row] = {}
    for one, row in zip(found, rows, strict=True):
        if not one.registered or not row.dtype.startswith(("float", "bfloat")):
            continue
        lead = first.setdefault(id(one.owner), row)
        if row.device != lead.device:
            message = (
                f"{row.name} is on {row.device} and {lead.name}, of the same module, on {lead.device}: "
                "computing with both raises. One of them was made after the model was moved."
            )
            fix = f"{row.access}.data = {row.access}.data.to({lead.device!r})"
            yield Finding("device-mismatch", row.name, "check", message, fix, (row.name,))
        if row.dtype != lead.dtype and row.kind == lead.kind == "Parameter":
            message = (
                f"{row.name} is {row.dtype} and {lead.name}, of the same module, {lead.dtype}: "
                "a product of the two raises."
            )
            fix = f"{row.access}.data = {row.access}.data.to({lead.access}.dtype)"
            yield Finding("dtype-mismatch", row.name, "check", message, fix, (row.name,))
