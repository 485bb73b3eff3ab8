"""The walk backwards: from the outputs to the leaves, each node once, its gradient complete when it is visited."""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .grad_mode import no_grad
from .graph import Array, Operation, writes

if TYPE_CHECKING:
    from ..tensor import Tensor

Edge = Any  # an Operation, or a leaf of the graph: a Tensor
Grads = tuple[Array | None, ...]
Visits = Iterator[tuple[Operation, Array]]

SECOND_TIME = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
    "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
    "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
    "saved tensors after calling backward."
)


class Start(Operation):
    """The node that a walk starts at: hands the given gradients to the tensors that the walk is about."""

    order = sys.maxsize  # younger than any other

    def __init__(self, roots: Sequence[Tensor], grads: Sequence[Array]) -> None:
        self.edges = [root.grad_fn_or_self for root in roots]
        self.grads = tuple([grad.view() for grad in grads])  # views: the arrays are the caller's, not to be kept

    def backward(self, grad: Any) -> Grads:
        """Return the gradients that were given."""
        return self.grads


class Walk:
    """A walk from ``start`` to the leaves, which adds to each leaf's ``grad`` what reaches it.

    With ``targets``, which are nodes and leaves, only what lies on a way to one of them is visited; with
    ``collect`` what reaches them is ``found`` and no ``grad`` is written. The nodes are visited in the
    reverse order of their making, so that a node has received all of its gradient before it hands it on. A
    loop, not a recursion: depth costs nothing but memory.
    """

    def __init__(self, start: Start, targets: Iterable[Edge] | None = None, collect: bool = False) -> None:
        self.nodes, self.leaves, self.several = _downstream(start)
        self.arrived: dict[Edge, Any] = {start: start.grads}
        self.targets = None if targets is None else set(targets)
        self.collect = collect
        self.found: dict[Edge, Array] = {}
        self.ends: set[Operation] = set()  # targets that no way to another target leads through
        leading = self.nodes if self.targets is None else self._keep_to_the_ways(self.targets)
        self.complete = _completing(leading, self.leaves)

    def run(self, retain_graph: bool) -> None:
        """Visit the nodes; each is freed behind the walk unless ``retain_graph``."""
        with no_grad(), np.errstate(all="ignore"):  # hooks record nothing; an overflow is a value (inf), not a message
            propagate(self._visits(retain_graph), self.arrived)

    def _visits(self, retain_graph: bool) -> Visits:
        """Yield each node with its gradient; behind it, hand over to the leaves what has arrived there.

        The nodes come in the reverse order of their making, so that a node has received all of its gradient.
        """
        arrived, complete, several, targets = self.arrived, self.complete, self.several, self.targets
        for node in self.nodes:
            grad = arrived.pop(node, None)
            if node.hooks or node.keep or targets:
                grad = self._look_at(node, grad)
                if node in self.ends:
                    continue
            if grad is not None:
                if node.order < writes.latest:  # else nothing that it reads was written to since
                    node.check_versions()
                if node.saved is None:
                    raise RuntimeError(SECOND_TIME)
                yield node, grad
                if not retain_graph:
                    node.free()
            if node in complete:
                for leaf in complete[node]:
                    if leaf in arrived:
                        part = arrived.pop(leaf)
                        # others may have been handed what a node passes on as it came
                        self._reach(leaf, part, leaf not in several and part is not grad)

    def _look_at(self, node: Operation, grad: Array | None) -> Array | None:
        """Show a node's gradient to its hooks, which may replace it, and to who wants to keep it."""
        if grad is None:
            return None
        for hook in list(node.hooks.values()) if node.hooks else ():
            grad = hook(grad)
        if node.keep is not None:
            node.keep(grad)
        if self.targets is not None and node in self.targets:
            self.found[node] = grad
        return grad

    def _reach(self, leaf: Tensor, grad: Array, fresh: bool) -> None:
        """Give a leaf what has arrived there; ``fresh`` says that nobody else refers to this array."""
        if self.targets is not None and leaf not in self.targets:
            return
        if grad.dtype is not leaf._array.dtype:  # what it was added to in place is of another type
            grad, fresh = grad.astype(leaf._array.dtype, copy=False), False
        for hook in tuple(leaf._hooks.values()) if leaf._hooks else ():
            grad, fresh = hook(grad), False
        if self.collect:
            self.found[leaf] = grad
        elif leaf._requires_grad:  # it may have been frozen since
            accumulate(leaf, grad, fresh and grad.base is None)

    def _keep_to_the_ways(self, targets: set[Edge]) -> list[Operation]:
        """Leave out what leads to no target; return what leads on, without the targets at the ends."""
        onward: set[Edge] = set()
        for node in reversed(self.nodes):  # the oldest first
            if any(edge in onward or edge in targets for edge in node.edges if edge is not None):
                onward.add(node)
        self.nodes = [node for node in self.nodes if node in onward or node in targets]
        self.ends = targets - onward
        return [node for node in self.nodes if node in onward]


def propagate(visits: Visits, arrived: dict[Edge, Any]) -> None:
    """Hand the gradients of each node on to its edges, the nodes and leaves that it was computed of.

    ``visits`` yields ``node, grad``, the youngest node first; ``arrived`` holds what is at an edge by now.
    """
    sums = set()  # the edges whose array was made here: it may be written to
    for node, grad in visits:
        for edge, part in zip(node.edges, node.backward(grad)):
            if edge is None or part is None:
                continue
            if edge in sums:
                arrived[edge] += part
            elif edge in arrived:
                arrived[edge] = arrived[edge] + part
                sums.add(edge)
            else:
                arrived[edge] = part


def _downstream(start: Operation) -> tuple[list[Operation], set[Edge], set[Edge]]:
    """Return the nodes that can be reached, the youngest first, the leaves, and what several edges lead to."""
    found: set[Edge] = {start, None}
    nodes: list[Operation] = [start]
    leaves: set[Edge] = set()
    several: set[Edge] = set()
    for node in nodes:  # which grows meanwhile
        for edge in node.edges:
            if edge in found:
                several.add(edge)
            else:
                found.add(edge)
                if isinstance(edge, Operation):
                    nodes.append(edge)
                else:
                    leaves.add(edge)
    nodes.sort(key=_order_of, reverse=True)
    return nodes, leaves, several


_order_of = operator.attrgetter("order")


def _completing(nodes: Sequence[Operation], leaves: set[Edge]) -> dict[Operation, list[Edge]]:
    """Return the leaves that each node is the last to lead to: behind it, nothing more arrives there."""
    complete: dict[Operation, list[Edge]] = {}
    missing = set(leaves)
    for node in reversed(nodes):  # the oldest first
        for edge in node.edges:
            if edge in missing:
                missing.remove(edge)
                complete.setdefault(node, []).append(edge)
        if not missing:
            break
    return complete


def accumulate(leaf: Tensor, grad: Array, owned: bool) -> None:
    """Add ``grad`` to the leaf's. ``owned`` says that nobody else refers to this array."""
    if leaf._grad is None:
        leaf._grad = leaf._beside(grad if owned and isinstance(grad, np.ndarray) else grad.copy("K"))
    else:
        leaf._grad._array += grad
        leaf._grad._bump()
    for hook in list(leaf._hooks_after.values()) if leaf._hooks_after else ():
        hook(leaf)
