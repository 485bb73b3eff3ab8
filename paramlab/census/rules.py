"""What is wrong with who picks a tensor up: one small function a rule.

A ``bug`` is a tensor that somebody meant to train, save or move and that is out of reach; a ``check``
may be meant; a ``fact`` is only worth knowing. Each says what will happen, why, and the line that mends it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import across, aliases, held, layers
from .frameworks import Framework
from .rows import Finding, Row
from .walk import Found, Hiding

if TYPE_CHECKING:
    from .read import Examination


@dataclass(slots=True)
class Case:
    """One tensor before the rules. Never changed."""

    found: Found
    row: Row
    home: str
    optimizer: str
    framework: Framework

    @property
    def expr(self) -> str:
        """What one types to get at the tensor."""
        return self.row.access

    @property
    def is_named(self) -> bool:
        """Whether it is an ordinary attribute, so that it can be registered under its own name."""
        return self.found.slot == "attribute"

    def finding(self, rule: str, severity: Any, message: str, fix: str = "") -> Finding:
        """Return a finding about this tensor."""
        return Finding(rule, self.row.name, severity, message, fix, (self.row.name,))


Rule = Callable[[Case], Iterator[Finding]]


def findings_of(exam: Examination) -> tuple[Finding, ...]:
    """Return what there is to say about all rows: bugs first, then what to check, then facts."""
    found, rows = exam.found, exam.rows
    stranger = held.another_model(rows, exam.orphans, exam.walk.title, exam.name, exam.optimizer_name)
    stale = aliases.stale_aliases(found, rows)
    all_findings: list[Finding] = [] if stranger is None else [stranger]
    for one, row in zip(found, rows, strict=True):
        case = Case(one, row, exam.home, exam.optimizer_name, exam.framework)
        if row.name in stale:
            all_findings.append(stale[row.name])
            continue
        for rule in _RULES:
            if stranger is None or rule is not _missing_from_optimizer:
                all_findings += rule(case)
    all_findings += across.hidden_in_container(found, rows)
    all_findings += across.shared_tensor(found, rows)
    if stranger is None:
        all_findings += across.stale_in_optimizer(rows, exam.orphans, exam.name, exam.optimizer_name)
    all_findings += held.optimizer_state_left(
        [id(one.tensor) for one in found], rows, exam.left_state, exam.optimizer_name
    )
    all_findings += across.mixed_in_one_module(found, rows)
    all_findings += aliases.alias_of_buffer(found, rows)
    all_findings += layers.frozen_norm_in_training(found, rows)
    all_findings += layers.init_never_ran(found)
    order = {"bug": 0, "check": 1, "fact": 2}
    return tuple(sorted(all_findings, key=lambda finding: order[finding.severity]))


# ---------------------------------------------------------------------- rules about one tensor


def _non_persistent_buffer(case: Case) -> Iterator[Finding]:
    if case.row.kind == "Buffer" and case.found.registered and not case.row.persistent:
        message = (
            f"{case.row.name} is a Buffer with persistent=False: .to() moves it, state_dict() does not save it, "
            "and after loading it has the value that __init__ gave it."
        )
        yield case.finding("non-persistent-buffer", "fact", message, f"{case.expr} = nn.Buffer({case.expr})")


def _unregistered_grad_tensor(case: Case) -> Iterator[Finding]:
    row = case.row
    if row.parameters or not (row.learns or row.kind == "Parameter") or not _is_plain(case):
        return
    if row.optimizer is not None:
        message = (
            f"{row.name} was handed to the optimizer itself, so it is trained. It is not registered, "
            "so state_dict() does not save it and .to() does not move it."
        )
    else:
        cause = (
            "It stands in the body of the class, and a module registers what is assigned to self."
            if case.found.slot == "class"
            else "requires_grad=True does not make a Parameter."
        )
        message = (
            f"{row.name} gets a gradient that nobody uses: it is not registered, so parameters() does not list it, "
            f"no optimizer updates it, state_dict() does not save it and .to() does not move it. {cause}"
        )
    severity = "check" if row.optimizer is not None else "bug"
    yield case.finding("unregistered-grad-tensor", severity, message, _as_parameter(case))


def _unregistered_tensor(case: Case) -> Iterator[Finding]:
    row = case.row
    if not _is_plain(case) or row.requires_grad or row.kind == "Parameter" or _is_recomputed(case.found):
        return
    message = (
        f"{row.name} is a plain Tensor: state_dict() does not save it and .to() leaves it on {row.device}. "
        f"If the model needs it, make it a Buffer{_in_init(case)}. If it is a cache that may be lost, leave it."
    )
    yield case.finding("unregistered-tensor", "check", message, _as_buffer(case))


def _nonleaf_attribute(case: Case) -> Iterator[Finding]:
    row = case.row
    if row.is_leaf or case.found.registered or "same" in row.facts or _is_recomputed(case.found):
        return
    message = (
        f"{row.name} was computed from other tensors and carries their graph along: copy.deepcopy(model) raises, the "
        "next backward() may run through an old graph, and memory grows. A cached state wants detach(). If it was "
        "meant to be learned, wrap the result: nn.Parameter(...) * 0.1 is not a Parameter, nn.Parameter(... * 0.1) is."
    )
    yield case.finding("nonleaf-attribute", "check", message, f"{case.expr} = {case.expr}.detach()")


def _missing_from_optimizer(case: Case) -> Iterator[Finding]:
    row = case.row
    if case.found.registered and row.reasons[2] in ("late", "replaced") and "same" not in row.facts:
        cause = (
            "the optimizer still holds an object of the same shape that the model no longer has"
            if row.reasons[2] == "replaced"
            else "an optimizer keeps the objects that it was handed when it was made, and this one was not among them"
        )
        message = f"{row.name} will not change: {cause}. It gets a gradient, and step() does not use it."
        fix = f'{case.optimizer}.add_param_group({{"params": [{case.expr}]}})'
        yield case.finding("missing-from-optimizer", "bug", message, fix)


def _frozen_in_optimizer(case: Case) -> Iterator[Finding]:
    row = case.row
    if row.reasons[2] == "held-frozen":
        message = (
            f"{row.name} is frozen and the optimizer holds it: step() skips it while its .grad is None, "
            "weight decay and momentum included. After zero_grad(set_to_none=False) it would not be None."
        )
        yield case.finding("frozen-in-optimizer", "fact", message)
    elif row.reasons[2] == "held-moving":
        message = (
            f"{row.name} is frozen, but it still has the .grad of an earlier backward(): "
            "step() keeps moving it, until that gradient is gone."
        )
        yield case.finding("frozen-in-optimizer", "check", message, f"{case.expr}.grad = None")


def _parameter_as_buffer(case: Case) -> Iterator[Finding]:
    if not _is_parameter_as_buffer(case):
        return
    message = (
        f"{case.row.name} is a Parameter that was registered as a buffer: state_dict() saves it and .to() moves it, "
        "but parameters() does not list it, so no optimizer trains it. Its gradient is for nobody. Assigned to a "
        "module, a Parameter registers itself."
    )
    fix = f"p = {case.expr}; del {case.expr}; {case.expr} = p"
    yield case.finding("parameter-as-buffer", "bug", message, fix)


def _is_parameter_as_buffer(case: Case) -> bool:
    is_buffer = case.found.slot == "buffer" and case.row.requires_grad
    return is_buffer and isinstance(case.found.tensor, case.framework.parameter)


def _buffer_requires_grad(case: Case) -> Iterator[Finding]:
    row = case.row
    if row.kind != "Buffer" or not row.requires_grad or not case.found.registered or _is_parameter_as_buffer(case):
        return
    if row.is_leaf:
        message = (
            f"{row.name} is a Buffer that requires a gradient: backward() computes one, and an optimizer that is "
            "handed parameters() never uses it. State needs no gradient; something to learn is a Parameter."
        )
        fix = f"{case.expr}.requires_grad_(False)"
    else:
        message = (
            f"{row.name} is a Buffer that was updated with a tensor of the graph, and keeps that graph alive: the next "
            "backward() runs through it again and raises, or memory grows. Detach what is stored."
        )
        fix = f"{case.expr} = {case.expr}.detach()"
    yield case.finding("buffer-requires-grad", "check", message, fix)


def _device_mismatch(case: Case) -> Iterator[Finding]:
    if case.row.reasons[4] == "left":
        message = (
            f"{case.row.name} is on {case.row.device} and the registered tensors are on {case.home}: computing "
            "with both raises. .to() moves what is registered, and this is not."
        )
        yield case.finding("device-mismatch", "check", message, f"{case.expr} = {case.expr}.to({case.home!r})")


def _no_gradient(case: Case) -> Iterator[Finding]:
    if case.row.reasons[0] == "unreached" and "same" not in case.row.facts:
        message = (
            f"{case.row.name} has no gradient, while other parameters have one: the loss of the last backward() does "
            "not depend on it. Was it used in forward(), or replaced since?"
        )
        yield case.finding("no-gradient", "check", message)


_RULES: tuple[Rule, ...] = (
    _unregistered_grad_tensor,
    _missing_from_optimizer,
    _unregistered_tensor,
    _nonleaf_attribute,
    _parameter_as_buffer,
    _buffer_requires_grad,
    _frozen_in_optimizer,
    _device_mismatch,
    _no_gradient,
    _non_persistent_buffer,
)


def _is_plain(case: Case) -> bool:
    """Return whether a tensor is an ordinary value of its own, held by no registered name."""
    return (
        case.found.slot in ("attribute", "class", "item")
        and "same" not in case.row.facts
        and (case.found.slot != "item" or not (case.row.learns or case.row.kind == "Parameter"))
    )


def _is_recomputed(found: Found) -> bool:
    """Return whether hooks make this tensor anew from a registered one, as weight_norm and pruning do."""
    registered = found.owner.__dict__.get("_parameters") or {}
    return any(f"{found.key}{suffix}" in registered for suffix in ("_orig", "_g"))


def _in_init(case: Case) -> str:
    return f"; in __init__: self.register_buffer({case.found.key!r}, ...)" if case.is_named else ""


def _as_parameter(case: Case) -> str:
    detached = f"{case.expr}.detach()" + (".clone()" if case.found.slot == "class" else "")
    return f"{case.expr} = nn.Parameter({detached})"


def _as_buffer(case: Case) -> str:
    """Return the line that registers a tensor as a buffer; over an ordinary attribute a Buffer is refused."""
    if case.is_named:
        return f"t = {case.expr}; del {case.expr}; {case.expr} = nn.Buffer(t)"
    owner = case.found.place.hiding
    return "" if owner is None else _registered_copy(owner, case.found.key, case.expr)


def _registered_copy(hiding: Hiding, key: str, expr: str) -> str:
    """Return the line that gives a tensor in a container, or in a class, a registered name of its own."""
    if hiding.holder == "class":
        return f"{expr} = nn.Buffer({expr})"
    path, _, last = hiding.access.rpartition(".")
    name = "_".join([*re.findall(r"\w+", last), "item", *re.findall(r"\w+", key)])
    return f"{path}.register_buffer({name!r}, {expr})"
