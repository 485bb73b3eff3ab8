"""The beats of a training loop: the line of Python each one is, and the sentences that tell what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..census.graph import Graph, Node
from ..census.render import count
from .names import Names

ORDER = ("zero_grad", "forward", "backward", "step")
CELL = "cell"  # whatever was written between two beats
WRITERS = {
    "": "nobody yet",
    CELL: "a cell",
    "zero_grad": "zero_grad()",
    "forward": "forward",
    "backward": "backward()",
    "step": "step()",
}


def lines(names: Names, value: str) -> dict[str, str]:
    """Return the line that each beat is; ``value`` is the variable of the loss."""
    return {
        "zero_grad": f"{names.optimizer}.zero_grad()",
        "forward": f"{value} = {names.loss}()",
        "backward": f"{value}.backward()",
        "step": f"{names.optimizer}.step()",
    }


def following(beat: str, failed: bool) -> str:
    """Return the beat that comes next in a training loop; after a walk that was refused, a new forward pass."""
    if failed:
        return "forward" if beat == "backward" else beat
    return ORDER[(ORDER.index(beat) + 1) % len(ORDER)]


@dataclass(slots=True)
class Written:
    """Names of the tensors that a beat wrote to, or to whose ``.grad``; ``grads`` with whether there was one before."""

    values: list[str] = field(default_factory=list)
    grads: dict[str, bool] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)


def note(beat: str, written: Written, loss: str, waiting: int, again: bool) -> str:
    """Say what a beat did.

    ``loss`` is its value now, ``waiting`` the number of gradients that there were before, and ``again`` says
    that the beat before was the same.
    """
    if beat == "zero_grad":
        return _note_zero_grad(written)
    if beat == "forward":
        return _note_forward(written, loss, waiting)
    if beat == "backward":
        return _note_backward(written)
    return _note_step(written, waiting, again)


def _note_zero_grad(written: Written) -> str:
    if written.gone:
        return f"{_gradients(len(written.gone))} None again."
    if written.grads:
        return f"{_gradients(len(written.grads))} full of zeros now."
    return "There was no gradient to clear."


def _note_forward(written: Written, loss: str, waiting: int) -> str:
    told = f"The loss is {loss}." if loss else "The result is no scalar tensor, so it is no loss."
    told += f" Written on the way: {listed(written.values)}." if written.values else " No tensor of the model changed."
    if waiting:
        told += f" {_gradients(waiting)} still there: the next backward adds to them."
    return told


def _note_backward(written: Written) -> str:
    added = sum(written.grads.values())
    if not written.grads:
        return "No tensor of the model received a gradient."
    if not added:
        return f"{_gradients(len(written.grads))} new. No value changed: that is for step()."
    return f"Added to {_gradients(added, verb=False)} already there: without zero_grad() they add up."


def _note_step(written: Written, waiting: int, again: bool) -> str:
    if written.values:
        once_more = " With the same gradients as before: no backward() came in between." if again else ""
        return f"Updated: {listed(written.values)}.{once_more}"
    if not waiting:
        return "Nothing moved: every .grad is None. A step needs a backward() first."
    return "Nothing moved: the optimizer holds no tensor that has a .grad."


def _gradients(number: int, verb: bool = True) -> str:
    told = count(number, "gradient")
    if not verb:
        return told
    return f"{told} {'is' if number == 1 else 'are'}"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Return names in a sentence, not all of a great many."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


# ---------------------------------------------------------------------- the graph


def tell_node(graph: Graph, at: int) -> str:
    """Say what a node is, where its gradient comes from, and where it goes."""
    node = graph.nodes[at]
    if node.what == "loss":
        if not graph.edges:
            return f"{node.title} has no graph: nothing that it was computed of asks for a gradient."
        return f"{node.title}, the loss. backward() starts here, with the gradient 1."
    sources = [graph.nodes[start].title for start in dict.fromkeys(graph.before(at))]
    if node.what == "gap":
        return _tell_gap(node)
    if node.what == "leaf":
        told = f"{node.title}, a leaf: the way ends here. What arrives from {listed(sources)} is added to its .grad."
        return f"{told} It is used more than once." if len(graph.before(at)) > 1 else told
    return _tell_operation(node, sources, [graph.nodes[end].title for end in dict.fromkeys(graph.after(at))])


def _tell_operation(node: Node, sources: Sequence[str], ends: Sequence[str]) -> str:
    operation = node.title.partition("Backward")[0]
    first = f"{node.title} is the way back through {operation}."
    summed = ", added up," if len(sources) > 1 else ""
    passed = f"The gradient of its result comes from {listed(sources)}{summed} and goes on to {listed(ends, 6)}."
    freed = " What it had saved is freed: a second backward() raises." if node.freed else ""
    return f"{first} {passed}{freed}"


def _tell_gap(node: Node) -> str:
    if node.blocks:
        return f"Left out: {count(node.blocks, 'block')} like the one before, {count(node.count, 'node')} in all."
    return f"Left out to keep this readable: {count(node.count, 'node')}."


def tell_graph(graph: Graph) -> str:
    """Say how large the graph is, and what of it is not shown."""
    leaves = len({name for node in graph.nodes for name in node.leaves})
    ends = f"{leaves} {'leaf' if leaves == 1 else 'leaves'}"
    left_out = f", {graph.left_out:,} left out" if graph.left_out else ""
    return f"{count(graph.size, 'node')}{left_out}, {ends}"
