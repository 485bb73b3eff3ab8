"""From a model to its census: each tensor that the walk met becomes a row, with a reason for each answer."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .diff import mark
from .frameworks import Framework, check_optimizer, framework_of, is_buffer
from .held import LeftState, left_state
from .reasons import REASONS
from .rows import LANES, Census, Row
from .rules import findings_of
from .walk import Found, Walk


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the garbage collector from running meanwhile.

    A look makes tens of thousands of small objects, none of them garbage. Python would go through everything
    that the notebook holds several times over, which takes longer than the look itself.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Context:
    """What a row needs to know besides its own tensor."""

    framework: Framework
    walk: Walk
    groups: dict[int, int]  # id of a tensor -> its group in the optimizer
    has_optimizer: bool
    home: str  # the device of most registered tensors
    trained: bool  # whether a gradient has arrived anywhere
    lost: frozenset[tuple[Any, ...]]  # shapes of what only the optimizer still has

    def general(self) -> tuple[Any, ...]:
        """Return what all rows depend on."""
        return self.has_optimizer, self.home, self.trained, self.lost


@dataclass(frozen=True)
class Examination:
    """What a look at a model found, the objects included; ``census`` is what may be kept of it."""

    framework: Framework
    walk: Walk
    rows: tuple[Row, ...]
    ghosts: list[Any]
    orphans: tuple[Row, ...]
    home: str
    name: str
    optimizer_name: str
    has_optimizer: bool
    left_state: tuple[LeftState, ...]
    known: dict[Any, Row] = field(repr=False)  # the rows by all that they were made of

    @property
    def found(self) -> list[Found]:
        """The tensors, each under one of its names, a row each."""
        return self.walk.found

    @cached_property
    @undisturbed()
    def census(self) -> Census:
        """The plain data: with findings, and with marks by which a later census tells what has changed."""
        return Census(
            title=self.walk.title,
            rows=self.rows,
            orphans=self.orphans,
            findings=findings_of(self),
            tree=tuple(self.walk.tree),
            marks=tuple(mark(found.tensor) for found in self.found),
            has_optimizer=self.has_optimizer,
        )


@undisturbed()
def examine(
    model: Any,
    optimizer: Any = None,
    name: str = "model",
    optimizer_name: str = "optimizer",
    earlier: Examination | None = None,
) -> Examination:
    """Look at a model; ``name`` is what the lines of Python call it.

    Rows of an ``earlier`` look are taken over where nothing that they tell has changed: a live picture looks
    after every cell.
    """
    framework = framework_of(model)
    check_optimizer(optimizer)
    walk = Walk(model, framework, name)
    groups, ghosts = _held_by(optimizer, {id(found.tensor) for found in walk.found}, optimizer_name)
    context = Context(
        framework,
        walk,
        groups,
        optimizer is not None,
        _home(walk),
        any(found.registered and _was_reached(found.tensor) for found in walk.found),
        frozenset(_look(tensor, "shape") for _, tensor, _ in ghosts),
    )
    rows, known = _rows(walk.found, context, {} if earlier is None else earlier.known)
    return Examination(
        framework,
        walk,
        rows,
        [tensor for _, tensor, _ in ghosts],
        tuple(_ghost_row(*ghost) for ghost in ghosts),
        context.home,
        name,
        optimizer_name,
        optimizer is not None,
        left_state(optimizer) if model.__dict__.get("training", True) else (),  # in eval mode there is no step()
        known,
    )


def _rows(found: list[Found], context: Context, before: dict[Any, Row]) -> tuple[tuple[Row, ...], dict[Any, Row]]:
    """Return a row a tensor, and the rows by what they were made of."""
    general = context.general()
    rows: list[Row] = []
    known: dict[Any, Row] = {}
    for one in found:
        key = _ingredients(one, context, general)
        row = known[key] = before.get(key) or _row(one, context)
        rows.append(row)
    return tuple(rows), known


def _ingredients(found: Found, context: Context, general: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return everything that a row is made of: two tensors of which all this is equal have equal rows."""
    tensor, place = found.tensor, found.place
    is_leaf = tensor.is_leaf
    return (
        place.access,
        place.name,
        None if place.hiding is None else (place.hiding.name, place.hiding.holder),
        found.slot,
        found.persistent,
        context.walk.registered.get(id(tensor)),
        context.groups.get(id(tensor)),
        type(tensor),
        is_buffer(tensor),
        tensor.requires_grad,
        is_leaf,
        is_leaf and tensor.grad is None,
        tensor.dtype,
        tensor.device,
        _look(tensor, "shape"),
        general,
    )


def _held_by(optimizer: Any, known: set[int], name: str) -> tuple[dict[int, int], list[tuple[str, Any, int]]]:
    """Return the group of each tensor that an optimizer holds, and those that the model does not have."""
    groups: dict[int, int] = {}
    ghosts: list[tuple[str, Any, int]] = []
    for group, options in enumerate(optimizer.param_groups if optimizer is not None else ()):
        for at, tensor in enumerate(list(options.get("params", ()))):
            groups.setdefault(id(tensor), group)
            if id(tensor) not in known:
                ghosts.append((f"{name}.param_groups[{group}]['params'][{at}]", tensor, group))
    return groups, ghosts


def _home(walk: Walk) -> str:
    """Return the device on which most registered tensors are."""
    devices = Counter(str(found.tensor.device) for found in walk.found if found.registered)
    return devices.most_common(1)[0][0] if devices else ""


# ---------------------------------------------------------------------- one row


def _row(found: Found, context: Context) -> Row:
    tensor, same = found.tensor, context.walk.registered.get(id(found.tensor))
    name = found.place.name
    kind = _kind(found, context)
    dtype, device = _dtype(tensor), str(tensor.device)
    facts = {"dtype": dtype, "device": device, "home": context.home}
    if same is not None and same != name:
        facts["same"] = same
    if found.place.hiding is not None:
        facts |= {"container": found.place.hiding.name, "holder": found.place.hiding.holder}
    codes = tuple(answer(found, kind, facts, context) for answer in _ANSWERS)
    listed = same is not None and (kind == "Parameter")
    return Row(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        shape=_look(tensor, "shape"),
        dtype=dtype,
        device=device,
        requires_grad=tensor.requires_grad,
        is_leaf=_is_leaf(tensor),
        persistent=found.persistent,
        learns=tensor.requires_grad and _is_leaf(tensor),
        parameters=listed,
        optimizer=context.groups.get(id(tensor)),
        state_dict=_picks_up(codes[3]),
        moves=_picks_up(codes[4]),
        access=found.place.access,
        reasons=codes,
        facts=facts,
    )


def _picks_up(reason: str) -> bool:
    return REASONS[reason].state in ("yes", "skip")


def _kind(found: Found, context: Context) -> str:
    """Return the kind that consumers see: by registration, and by class where there is none."""
    if found.slot == "parameter":
        return "Parameter"
    if found.slot == "buffer":
        return "Buffer"
    if isinstance(found.tensor, context.framework.parameter):
        return "Parameter"
    return "Buffer" if is_buffer(found.tensor) else "Tensor"


def _ghost_row(name: str, tensor: Any, group: int) -> Row:
    """Return the row of a tensor that only the optimizer still knows."""
    return Row(
        name=name,
        kind="Parameter",
        shape=_look(tensor, "shape"),
        dtype=_dtype(tensor),
        device=str(tensor.device),
        requires_grad=tensor.requires_grad,
        is_leaf=_is_leaf(tensor),
        persistent=False,
        learns=False,
        parameters=False,
        optimizer=group,
        state_dict=False,
        moves=False,
        access=name,
        reasons=tuple("ghost-held" if lane == "optimizer" else f"ghost-{lane}" for lane in LANES),
        facts={},
    )


def _look(tensor: Any, attribute: str) -> Any:
    """Return the shape, or None where there is none yet, as in a lazy layer before its first call."""
    try:
        return tuple(map(int, getattr(tensor, attribute)))
    except RuntimeError:
        return None


def _dtype(tensor: Any) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _is_leaf(tensor: Any) -> bool:
    return bool(tensor.is_leaf)


def _was_reached(tensor: Any) -> bool:
    """Return whether a backward has reached a tensor; a gradient from before it was frozen says nothing."""
    return bool(tensor.requires_grad) and _is_leaf(tensor) and tensor.grad is not None


def _can_learn(tensor: Any) -> bool:
    return _dtype(tensor).startswith(("float", "bfloat", "complex", "double", "half"))


# ---------------------------------------------------------------------- the five answers, each by its reason


def _learns(found: Found, kind: str, facts: dict[str, str], context: Context) -> str:
    tensor = found.tensor
    if not tensor.requires_grad:
        if not _can_learn(tensor):
            return "whole-numbers"
        return {"Parameter": "frozen", "Buffer": "state"}.get(kind, "constant")
    if kind == "Buffer":
        return "learning-buffer"
    if not _is_leaf(tensor):
        return "computed"
    waiting = not context.has_optimizer or id(tensor) in context.groups
    if found.registered and context.trained and waiting and tensor.grad is None:
        return "unreached"
    return "learns"


def _parameters(found: Found, kind: str, facts: dict[str, str], context: Context) -> str:
    if found.registered:
        if kind == "Buffer":
            return "unlisted-buffer"
        if "same" in facts:
            return "listed-once"
        return "listed" if found.tensor.requires_grad else "listed-frozen"
    if "same" in facts:
        return "alias-yes" if kind == "Parameter" else "alias-no"
    if found.slot == "class" and _wants(found, kind):
        return "unlisted-class"
    if found.place.hiding is not None and found.slot != "class":
        return "unlisted-hidden" if _wants(found, kind) else "unlisted-item"
    return "unlisted-grad" if _wants(found, kind) else "unlisted"


def _optimizer(found: Found, kind: str, facts: dict[str, str], context: Context) -> str:
    tensor = found.tensor
    if not context.has_optimizer:
        return "no-optimizer"
    if id(tensor) in context.groups:
        if tensor.requires_grad:
            return "held"
        return "held-frozen" if tensor.grad is None else "held-moving"
    if kind == "Parameter" and (found.registered or "same" in facts):
        if not tensor.requires_grad:
            return "spared"
        return "replaced" if _look(tensor, "shape") in context.lost else "late"
    if kind == "Buffer":
        return "unheld-buffer"
    return "unheld-hidden" if _wants(found, kind) else "unheld"


def _state_dict(found: Found, kind: str, facts: dict[str, str], context: Context) -> str:
    if found.registered:
        if kind == "Buffer" and not found.persistent:
            return "unsaved-buffer"
        if "same" in facts:
            return "saved-twice"
        return "saved-buffer" if kind == "Buffer" else "saved"
    if "same" in facts:
        return "alias-yes"
    return "unsaved-hidden" if _is_hidden(found, kind) else "unsaved"


def _moves(found: Found, kind: str, facts: dict[str, str], context: Context) -> str:
    if found.registered:
        return "moves-buffer" if kind == "Buffer" else "moves"
    if "same" in facts:
        is_parameter = isinstance(found.tensor, context.framework.parameter)
        return "alias-yes" if is_parameter else "left-alias"
    if context.home not in ("", facts["device"]):
        return "left"
    return "stays-hidden" if _is_hidden(found, kind) else "stays"


_ANSWERS: tuple[Callable[[Found, str, dict[str, str], Context], str], ...] = (
    _learns,
    _parameters,
    _optimizer,
    _state_dict,
    _moves,
)


def _wants(found: Found, kind: str) -> bool:
    """Return whether somebody meant this tensor to be trained: a Parameter, or a leaf that wants a gradient."""
    return kind == "Parameter" or (found.tensor.requires_grad and _is_leaf(found.tensor))


def _is_hidden(found: Found, kind: str) -> bool:
    """Return whether a Parameter, or a tensor of a module, is out of reach because of where it is kept."""
    return found.place.hiding is not None and (_wants(found, kind) or found.slot in ("parameter", "buffer"))
