"""The graph of a loss: its nodes in the order of the walk backwards, down to the leaves. For any framework.

Read through what both frameworks offer to everybody: ``grad_fn``, ``next_functions`` and ``name()``, and
``variable`` of a leaf's node. Nothing is computed, and the graph is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

MOST = 120  # nodes that one can still read; of a larger graph an extract is shown
LONGEST_BLOCK = 120  # nodes of a block whose repetition is looked for


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the graph.

    ``what`` is "loss", "operation", "leaf", or "gap" for several nodes that an extract leaves out; ``title`` is the
    name of the operation or of the tensor. ``leaves`` names the tensors whose gradients end here; ``freed`` says that
    a walk has let go of what the gradient needs; ``count`` is how many nodes this one stands for, ``blocks`` how
    many alike blocks these make up.
    """

    title: str
    what: Literal["loss", "operation", "leaf", "gap"]
    shape: tuple[int, ...] = ()
    leaves: tuple[str, ...] = ()
    freed: bool = False
    count: int = 1
    blocks: int = 0


Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, the loss first, each before all that its gradient flows to; edges from a node to such a one."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def size(self) -> int:
        """How many nodes the whole graph has, the loss not counted."""
        return sum(node.count for node in self.nodes) - 1

    @property
    def left_out(self) -> int:
        """How many nodes an extract does not show."""
        return sum(node.count for node in self.nodes if node.what == "gap")

    def after(self, at: int) -> list[int]:
        """Return the nodes that a node's gradient flows to, one of them twice if it is used twice."""
        return [end for start, end in self.edges if start == at]

    def before(self, at: int) -> list[int]:
        """Return the nodes that a node's gradient comes from."""
        return [start for start, end in self.edges if end == at]


def read_graph(loss: Any, names: Mapping[int, str] | None = None, most: int = MOST) -> Graph:
    """Read the graph of a tensor; ``names`` has names of tensors by their ``id``.

    A graph of more than ``most`` nodes is cut down to an extract: of alike blocks that follow each other the first
    and the last stay, and of what is still too long the middle goes.
    """
    names = names or {}
    root = Node(names.get(id(loss), "loss"), "loss", _shape(loss))
    first = loss.grad_fn if loss.grad_fn is not None else _Leaf(loss) if loss.requires_grad else None
    if first is None:
        return Graph((root,), ())
    found, after = _collect(first)
    order = _walk_order(_key(first), found, after)
    place = {key: at for at, key in enumerate(order, start=1)}
    nodes = [root, *(_node(found[key], names) for key in order)]
    edges = [(0, 1), *((place[key], place[end]) for key in order for end in after[key])]
    while len(nodes) > most:
        nodes, edges = _cut(nodes, edges, most)
    return Graph(tuple(nodes), tuple(edges))


class _Leaf:
    """Stands for the node of a leaf that is a loss itself: it has none."""

    next_functions: tuple[Any, ...] = ()

    def __init__(self, variable: Any) -> None:
        self.variable = variable

    def name(self) -> str:
        return "AccumulateGrad"


def _is_leaf(function: Any) -> bool:
    return bool(function.name().endswith("AccumulateGrad"))


def _key(function: Any) -> int:
    """Return what a node is known by. A leaf's may be another object each time one asks for it."""
    return id(function.variable) if _is_leaf(function) else id(function)


def _collect(first: Any) -> tuple[dict[int, Any], dict[int, list[int]]]:
    """Return all nodes by their keys, and the keys of those that each one's gradient flows to."""
    found = {_key(first): first}
    after: dict[int, list[int]] = {}
    waiting = [first]
    while waiting:
        function = waiting.pop()
        ends = [] if _is_leaf(function) else [end for end, _ in function.next_functions if end is not None]
        after[_key(function)] = [_key(end) for end in ends]
        for end in ends:
            if _key(end) not in found:
                found[_key(end)] = end
                waiting.append(end)
    return found, after


def _walk_order(first: int, found: Mapping[int, Any], after: Mapping[int, list[int]]) -> list[int]:
    """Return the keys as the walk visits them: a node when all of its gradient has arrived, a leaf at once.

    Of several that are ready the one goes first whose result was used last: mostly it was made last, which is
    what both frameworks go by.
    """
    missing = Counter(end for ends in after.values() for end in ends)
    order, ready = [], [first]
    while ready:
        key = ready.pop()
        order.append(key)
        for end in after[key]:
            missing[end] -= 1
            if missing[end]:
                continue
            if _is_leaf(found[end]):
                order.append(end)
            else:
                ready.append(end)
    return order


def _node(function: Any, names: Mapping[int, str]) -> Node:
    if not _is_leaf(function):
        return Node(function.name(), "operation", freed=is_freed(function))
    tensor = function.variable
    shape = _shape(tensor)
    name = names.get(id(tensor)) or f"a tensor of shape {list(shape)}"
    return Node(name, "leaf", shape, (name,))


def _shape(tensor: Any) -> tuple[int, ...]:
    return tuple(map(int, tensor.shape))


def is_freed(function: Any) -> bool:
    """Return whether a node has let go of what its gradient needs: it cannot be walked a second time.

    paramlab's nodes tell; PyTorch's do only by raising where one asks for a saved tensor, so they are not asked.
    """
    return getattr(function, "saved", ()) is None


# ---------------------------------------------------------------------- an extract of a large graph


def _cut(nodes: Sequence[Node], edges: Iterable[Edge], most: int) -> tuple[list[Node], list[Edge]]:
    """Put a gap in the place of alike blocks, or of the middle.

    The nodes that a gap stands for follow each other in the order of the walk, so no circle can arise.
    """
    start, end, blocks = _alike(nodes)
    if not blocks:
        start, end = most // 2, len(nodes) - (most - most // 2 - 1)
    inside = nodes[start:end]
    leaves = tuple(dict.fromkeys(name for node in inside for name in node.leaves))
    count = sum(node.count for node in inside)
    gap = Node(f"{count} nodes", "gap", leaves=leaves, count=count, blocks=blocks)
    if any(node.freed for node in inside):
        gap = replace(gap, freed=True)
    away = end - start - 1

    def moved(at: int) -> int:
        return at if at < start else start if at < end else at - away

    kept = dict.fromkeys((moved(a), moved(b)) for a, b in edges)
    return [*nodes[:start], gap, *nodes[end:]], [edge for edge in kept if edge[0] != edge[1]]


def _alike(nodes: Sequence[Node]) -> tuple[int, int, int]:
    """Return from where to where alike blocks follow each other, but for the first and the last, and their number.

    Blocks are alike if the same operations follow each other in them. Of all lengths of a block the one is
    chosen that leaves out most; 0 for the number if there is none.
    """
    signs = [node.title if node.what == "operation" else f"{node.what} {node.shape}" for node in nodes]
    best = (0, 1, 0)  # start, end, blocks
    for period in range(1, min(LONGEST_BLOCK, len(signs) // 3) + 1):
        run = 0  # how many nodes up to here are like the one a period later
        for at in range(len(signs) - period):
            run = run + 1 if signs[at] == signs[at + period] else 0
            blocks = run // period - 1
            if blocks > 0 and blocks * period > best[1] - best[0]:
                start = at + 1 - run + period
                best = (start, start + blocks * period, blocks)
    return best
