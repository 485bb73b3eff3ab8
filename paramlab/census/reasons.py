"""Why a consumer picks a tensor up, or does not: every sentence that the census can say, in one table.

A sentence stands here once, so that a table in the terminal, a picture and a lesson say the same thing.
What stands in braces differs from tensor to tensor and is filled in from the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .rows import State


@dataclass(frozen=True, slots=True)
class Reason:
    """An answer, and the sentence that explains it."""

    state: State
    text: str

    def say(self, facts: dict[str, str]) -> str:
        """Return the sentence with the tensor's own facts in it."""
        return self.text.format_map(facts) if "{" in self.text else self.text


REASONS: dict[str, Reason] = {
    # Does a gradient reach it? Autograd decides, by requires_grad.
    "learns": Reason(
        "yes", "requires_grad is True and it is a leaf: backward() adds to its .grad if the loss uses it."
    ),
    "frozen": Reason("no", "Frozen: requires_grad is False, so backward() computes no gradient for it."),
    "state": Reason("no", "A Buffer is state, not something to learn: requires_grad is False."),
    "constant": Reason("no", "A plain Tensor has requires_grad=False unless it is set, so backward() passes it by."),
    "whole-numbers": Reason("no", "Its elements are {dtype}: only floating-point and complex tensors have gradients."),
    "computed": Reason(
        "skip", "Not a leaf: the gradient passes through to what it was computed from, its own .grad stays None."
    ),
    "learning-buffer": Reason(
        "warn", "This Buffer requires a gradient: backward() computes one that parameters() hides from optimizers."
    ),
    "unreached": Reason("warn", "The last backward() reached other parameters, not this one: its .grad is still None."),
    # Does parameters() list it? Registration in the Module decides.
    "listed": Reason(
        "yes", "A Parameter assigned to a module is put in _parameters, and parameters() lists what is there."
    ),
    "listed-frozen": Reason("yes", "A frozen Parameter is a Parameter: parameters() does not look at requires_grad."),
    "listed-once": Reason("yes", "The same object as {same}: parameters() lists an object once, under its first name."),
    "unlisted-buffer": Reason("no", "A Buffer is put in _buffers, where parameters() does not look."),
    "unlisted": Reason(
        "no", "A plain Tensor is an ordinary attribute: a module registers Parameters, Buffers and Modules only."
    ),
    "unlisted-grad": Reason(
        "warn", "It wants a gradient and is a plain Tensor: requires_grad=True does not make a Parameter."
    ),
    "unlisted-item": Reason(
        "no", "It is inside {container}, an ordinary Python {holder}, where parameters() does not look."
    ),
    "unlisted-hidden": Reason(
        "warn", "It hides in {container}, an ordinary Python {holder}: parameters() does not look inside."
    ),
    "unlisted-class": Reason(
        "warn", "It belongs to the class: a module registers what is assigned to self, nothing else."
    ),
    # Does the optimizer hold it? What it was handed at construction decides.
    "held": Reason("yes", "The optimizer holds this very object: step() updates it whenever it has a .grad."),
    "held-frozen": Reason("skip", "Held, but frozen with .grad None: step() skips it, weight decay included."),
    "held-moving": Reason(
        "warn", "Frozen, but an old .grad is still there: step() keeps moving it until .grad is None."
    ),
    "late": Reason(
        "warn", "An optimizer keeps the objects it was handed when it was made, and this one was not among them."
    ),
    "replaced": Reason(
        "warn",
        "Replaced: the optimizer still holds an object of this shape that the model no longer has, and not this one.",
    ),
    "spared": Reason("no", "Frozen and not handed to the optimizer: step() cannot touch it."),
    "unheld-buffer": Reason("no", "The optimizer was handed parameters(), and a Buffer is not among them."),
    "unheld": Reason("no", "The optimizer was handed parameters(), and a plain Tensor is not among them."),
    "unheld-hidden": Reason(
        "warn", "The optimizer was handed parameters(), which did not list it: step() leaves it as it is."
    ),
    "no-optimizer": Reason("no", "No optimizer was named here, so there is nobody to update it."),
    # Does state_dict() save it? Registration decides again.
    "saved": Reason("yes", "state_dict() saves every Parameter, frozen or not."),
    "saved-buffer": Reason("yes", "A persistent Buffer is saved: the model needs this state again after loading."),
    "saved-twice": Reason("yes", "The same object as {same}: state_dict() saves it under every name it has."),
    "unsaved-buffer": Reason(
        "no", "persistent=False keeps this Buffer out of state_dict(); .to() moves it all the same."
    ),
    "unsaved": Reason("no", "Not registered, so not saved: after loading it has the value that __init__ gave it."),
    "unsaved-hidden": Reason(
        "warn", "Hidden in {container}, so not saved: after loading it has the value that __init__ gave it."
    ),
    # Does .to() move it? Registration decides, and Parameters and Buffers move differently.
    "moves": Reason("yes", ".to() swaps the data inside: the Parameter stays the same object."),
    "moves-buffer": Reason(
        "yes", ".to() puts a new tensor in its place: an older reference to this Buffer goes stale."
    ),
    "stays": Reason("no", "Not registered, so .to() leaves it where it is: on {device}."),
    "stays-hidden": Reason("warn", "Hidden in {container}, so .to() leaves it where it is: on {device}."),
    "left": Reason(
        "warn", "Left behind on {device}: the registered tensors are on {home}, and .to() moves only those."
    ),
    "left-alias": Reason("warn", "{container} keeps the old tensor when .to() puts a new one under {same}."),
    # A second, unregistered name for a registered object: the first name decides.
    "alias-yes": Reason("yes", "The same object as {same}, which is registered: its answer is this one's answer."),
    "alias-no": Reason("no", "The same object as {same}, which is registered: its answer is this one's answer."),
    # An object that only the optimizer still knows.
    "ghost-learns": Reason("no", "The model no longer uses it, so no new gradient reaches it."),
    "ghost-parameters": Reason("no", "The model does not have this object: parameters() cannot list it."),
    "ghost-held": Reason("warn", "The optimizer still holds it: what step() does to it does not reach the model."),
    "ghost-state_dict": Reason("no", "The model does not have this object, so state_dict() does not save it."),
    "ghost-moves": Reason("no", "The model does not have this object, so .to() does not reach it."),
}
