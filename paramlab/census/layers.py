"""What is wrong with a module itself: statistics that move in a frozen one, an ``__init__`` that never ran."""

from __future__ import annotations

from collections.abc import Iterator

from .rows import Finding, Row
from .walk import Found, held


def frozen_norm_in_training(found: list[Found], rows: tuple[Row, ...]) -> Iterator[Finding]:
    """Find normalisation layers whose own parameters are all frozen, and whose statistics move all the same."""
    moving: dict[int, list[Row]] = {}
    layers: dict[int, str] = {}
    for one, row in zip(found, rows, strict=True):
        if one.slot == "buffer" and one.key in ("running_mean", "running_var") and _is_frozen_but_trains(one):
            layers.setdefault(id(one.owner), row.access.removesuffix(f".{one.key}"))
            moving.setdefault(id(one.owner), []).append(row)
    if not layers:
        return
    all_rows = [row for several in moving.values() for row in several]
    first, *rest = layers.values()
    name = all_rows[0].name
    which = name.rpartition(".")[0] or "this layer"
    more = f" (and {len(rest)} more like it)" if rest else ""
    message = (
        f"{which}{more} is frozen, but in training mode: each forward() moves running_mean and running_var, under "
        "no_grad() too. They are Buffers, and requires_grad has no say in that. eval() stops it; model.train() undoes "
        "that, so call eval() after it each time."
    )
    fix = f"for layer in ({', '.join(layers.values())}): layer.eval()" if rest else f"{first}.eval()"
    yield Finding("frozen-norm-moves", name, "check", message, fix, tuple(row.name for row in all_rows))


def _is_frozen_but_trains(found: Found) -> bool:
    layer = found.owner.__dict__
    own = held(found.owner, "_parameters")
    tracks = layer.get("training") is True and layer.get("track_running_stats", True)
    return bool(tracks and own and not any(tensor.requires_grad for _, tensor in own))


def init_never_ran(found: list[Found]) -> Iterator[Finding]:
    """Find modules that were given tensors before, or instead of, ``super().__init__()``."""
    names: dict[int, list[Found]] = {}
    for one in found:
        if one.slot == "attribute" and "_parameters" not in one.owner.__dict__:
            names.setdefault(id(one.owner), []).append(one)
    for several in names.values():
        one = several[0]
        cls, here = type(one.owner).__name__, one.place.access.removesuffix(f".{one.key}")
        message = (
            f"{cls}.__init__ never called super().__init__(), so this module has no place to register anything: "
            f"{one.place.name} is an ordinary attribute, assigning a Parameter raises, and so does calling the model. "
            f"Make super().__init__() the first line of {cls}.__init__."
        )
        tensors = tuple(one.place.name for one in several)
        yield Finding("init-never-ran", one.place.name, "bug", message, f"nn.Module.__init__({here})", tensors)
