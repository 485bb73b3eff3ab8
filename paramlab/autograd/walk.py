"""The walk backwards: from the outputs to the leaves, each node once, its gradient complete when it is visited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .graph import Array, Operation

if TYPE_CHECKING:
    from ..tensor import Tensor

Edge = Any  # an Operation, or a leaf of the graph: a Tensor
Grads = tuple[Array | None, ...]

SECOND_TIME = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
    "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
    "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
    "saved tensors after calling backward."
)


class Start(Operation):
    """The node that a walk starts at: hands the given gradients to the tensors that the walk is about."""

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
        self.nodes, self.expected = _downstream(start)
        self.arrived: dict[Edge, Any] = {start: start.grads}
        self.sums: set[Edge] = set()  # where what arrived was added up here: an array that nobody else refers to
        self.targets = None if targets is None else set(targets)
        self.collect = collect
        self.found: dict[Edge, Array] = {}
        self.ends: set[Operation] = set()  # targets that no way to another target leads through
        if self.targets is not None:
            self._keep_to_the_ways(self.targets)

    def run(self, retain_graph: bool) -> None:
        """Visit the nodes; each is freed behind the walk unless ``retain_graph``."""
        arrived, expected, ends = self.arrived, self.expected, self.ends
        with np.errstate(all="ignore"):  # an overflow is a value (inf), not a message
            for node in self.nodes:
                grad = arrived.pop(node, None)
                if node.hooks or node.keep or self.targets:
                    grad = self._look_at(node, grad)
                    if node in ends:
                        continue
                if grad is None:
                    grads: Grads = (None,) * len(node.edges)
                else:
                    if node.stamps or node.uses:
                        node.check_versions()
                    if node.saved is None:
                        raise RuntimeError(SECOND_TIME)
                    grads = node.backward(grad)
                    if not retain_graph:
                        node.free()
                for edge, grad_in in zip(node.edges, grads, strict=True):
                    if edge in expected:
                        self._deliver(edge, grad_in, grad_in is not grad)
                    elif grad_in is not None and edge is not None:
                        arrived[edge] = self._sum(edge, grad_in) if edge in arrived else grad_in

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

    def _sum(self, edge: Edge, grad: Array) -> Array:
        """Return what has arrived at an edge's end, and ``grad``."""
        total = self.arrived[edge]
        if edge in self.sums:
            total += grad  # in place, unless it is a NumPy scalar
            return total  # type: ignore[no-any-return]
        self.sums.add(edge)
        return total + grad  # type: ignore[no-any-return]

    def _deliver(self, leaf: Edge, grad: Array | None, fresh: bool) -> None:
        """Add a gradient to what has arrived at a leaf; if the leaf waits for no other, hand it over."""
        if grad is not None:
            self.arrived[leaf] = self._sum(leaf, grad) if leaf in self.arrived else grad
        self.expected[leaf] -= 1
        if not self.expected[leaf] and leaf in self.arrived:
            total = self.arrived.pop(leaf)
            # a view, or what the node itself was handed, may be somebody else's too
            self._reach(leaf, total, leaf in self.sums or (total is grad and fresh))

    def _reach(self, leaf: Tensor, grad: Array, fresh: bool) -> None:
        if self.targets is not None and leaf not in self.targets:
            return
        for hook in list(leaf._hooks.values()) if leaf._hooks else ():
            grad, fresh = hook(grad), False
        if self.collect:
            self.found[leaf] = grad
        else:
            accumulate(leaf, grad, fresh and grad.base is None)

    def _keep_to_the_ways(self, targets: set[Edge]) -> None:
        """Leave out what leads to no target; the oldest node comes last in ``nodes``."""
        onward: set[Edge] = set()
        for node in reversed(self.nodes):
            if any(edge in onward or edge in targets for edge in node.edges if edge is not None):
                onward.add(node)
        self.nodes = [node for node in self.nodes if node in onward or node in targets]
        self.ends = targets - onward
        self.expected = _count_leaves(node for node in self.nodes if node in onward)


def _downstream(start: Operation) -> tuple[list[Operation], dict[Edge, int]]:
    """Return the nodes that can be reached, the youngest first, and how many edges lead to each leaf."""
    found: set[Edge] = {start}
    nodes: list[Operation] = []
    leaves: dict[Edge, int] = {}
    waiting = [start]
    while waiting:
        for edge in waiting.pop().edges:
            if edge in leaves:
                leaves[edge] += 1
            elif edge is not None and edge not in found:
                if isinstance(edge, Operation):
                    found.add(edge)
                    nodes.append(edge)
                    waiting.append(edge)
                else:
                    leaves[edge] = 1
    nodes.sort(key=_order_of, reverse=True)
    return [start, *nodes], leaves


def _order_of(node: Operation) -> int:
    return node.order


def _count_leaves(nodes: Iterable[Operation]) -> dict[Edge, int]:
    leaves: dict[Edge, int] = {}
    for node in nodes:
        for edge in node.edges:
            if edge is not None and not isinstance(edge, Operation):
                leaves[edge] = leaves.get(edge, 0) + 1
    return leaves


def accumulate(leaf: Tensor, grad: Array, owned: bool) -> None:
    """Add ``grad`` to the leaf's. ``owned`` says that nobody else refers to this array."""
    if leaf._grad is None:
        leaf._grad = leaf._beside(grad if owned and isinstance(grad, np.ndarray) else grad.copy("K"))
    else:
        leaf._grad._array += grad
        leaf._grad._bump()
    for hook in list(leaf._hooks_after.values()) if leaf._hooks_after else ():
        hook(leaf)
