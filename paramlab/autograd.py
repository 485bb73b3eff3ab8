"""Where gradients come from: the grad mode, the graph that operations leave behind, the walk backwards."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from .tensor import Tensor

Array = npt.NDArray[Any]
F = TypeVar("F", bound=Callable[..., Any])

# ------------------------------------------------------------------ grad mode


class _Mode:
    """Whether operations are recorded. One object, so that the hot path reads one attribute."""

    enabled = True


mode = _Mode()


def is_grad_enabled() -> bool:
    """Return whether operations on tensors that require a gradient are recorded now."""
    return mode.enabled


class set_grad_enabled:  # noqa: N801 - PyTorch's name
    """Switch recording on or off: as a statement, for the length of a ``with``, or as a decorator."""

    def __init__(self, mode: bool) -> None:
        self.previous = is_grad_enabled()
        self.wanted = mode
        _set_mode(mode)

    def __call__(self, function: F) -> F:
        _set_mode(self.previous)  # as a decorator it acts while the function runs, not from now on
        return _decorate(function, lambda: set_grad_enabled(self.wanted))

    def __enter__(self) -> None:
        _set_mode(self.wanted)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _set_mode(self.previous)


class _Switch:
    """A context manager and decorator that fixes the grad mode while it is entered."""

    wanted: ClassVar[bool]

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        switch = super().__new__(cls)
        switch._previous = []
        return switch if function is None else switch(function)

    _previous: list[bool]

    def __call__(self, function: F) -> F:
        return _decorate(function, type(self))

    def __enter__(self) -> None:
        self._previous.append(mode.enabled)
        mode.enabled = self.wanted

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mode.enabled = self._previous.pop()


class no_grad(_Switch):  # noqa: N801 - PyTorch's name
    """Record nothing while this is entered: ``with no_grad():`` or ``@no_grad()``."""

    wanted = False


class enable_grad(_Switch):  # noqa: N801 - PyTorch's name
    """Record again inside of a ``no_grad``."""

    wanted = True


def _set_mode(enabled: bool) -> None:
    mode.enabled = enabled


def _decorate(function: F, context: Callable[[], Any]) -> F:
    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with context():
            return function(*args, **kwargs)

    return inside  # type: ignore[return-value]


# ------------------------------------------------------------------ the graph


class Version:
    """Counts the in-place writes to a piece of memory; a tensor and its views share one."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


_order = itertools.count()


class Operation:
    """A step of a computation and, once it is recorded, a node of the graph.

    A subclass writes ``forward`` (arrays in, an array out) and ``backward`` (the gradient of the output in,
    one gradient for each input out, or None) side by side. What ``backward`` reads it keeps in
    ``self.saved``. ``uses[i]`` names the inputs whose values the gradient of input ``i`` reads, and
    ``uses_result`` says that the output is read: if one of them is written to in between, the walk
    backwards refuses instead of computing a wrong gradient.
    """

    uses: ClassVar[tuple[tuple[int, ...], ...]] = ()
    uses_result: ClassVar[bool] = False
    is_view: ClassVar[bool] = False

    saved: tuple[Any, ...] | None = ()
    needs: tuple[bool, ...] = ()
    edges: tuple[Operation | Tensor | None, ...] = ()
    versions: Sequence[tuple[Version, int, Tensor]] = ()
    hooks: Sequence[Callable[[Tensor], Tensor | None]] = ()
    order: int = 0

    def forward(self, *arrays: Array, **options: Any) -> Array:
        """Compute the output; keep in ``self.saved`` what ``backward`` will need."""
        raise NotImplementedError

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        """Return the gradient of each input, given that of the output."""
        raise NotImplementedError

    def record(self, inputs: Sequence[Tensor], output: Tensor) -> None:
        """Become the node that made ``output`` of ``inputs``."""
        needs = tuple([t._requires_grad for t in inputs])
        self.needs = needs
        self.edges = tuple([(t._node or t) if t._requires_grad else None for t in inputs])
        self.order = next(_order)
        if self.uses:
            read = {j for i, needed in enumerate(needs) if needed for j in self.uses[i]}
            self.versions = [_stamp(inputs[j]) for j in read]
        if self.uses_result:
            self.versions = [*self.versions, _stamp(output)]

    def name(self) -> str:
        """Return the node's name, such as ``MulBackward0``."""
        return f"{type(self).__name__}Backward0"

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The nodes that the gradient flows to; a leaf is reached through an ``AccumulateGrad``."""
        return tuple(
            (edge if edge is None or isinstance(edge, Operation) else AccumulateGrad(edge), 0) for edge in self.edges
        )

    def __repr__(self) -> str:
        return f"<{self.name()} object>"


def _stamp(tensor: Tensor) -> tuple[Version, int, Tensor]:
    version = tensor._version_counter()
    # the alias has the shape for the error's text, and does not keep the graph alive
    return version, version.count, tensor


class AccumulateGrad:
    """The end of a path through the graph: what arrives here is added to the leaf's ``grad``."""

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable

    def name(self) -> str:
        """Return the node's name."""
        return "AccumulateGrad"

    def __repr__(self) -> str:
        return "<AccumulateGrad object>"


# ------------------------------------------------------------------ the walk backwards

SECOND_TIME = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
    "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
    "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
    "saved tensors after calling backward."
)


def backward(root: Tensor, grad: Array, retain_graph: bool = False) -> None:
    """Walk from ``root`` to the leaves, and add to each leaf's ``grad`` what reaches it.

    The nodes are visited in the reverse order of their making, so that a node has received all of its
    gradient before it hands it on. A loop, not a recursion: depth costs nothing but memory.
    """
    if root._node is None:
        accumulate(root, grad, owned=False)
        return
    arrived: dict[Operation, Array] = {root._node: grad}
    for node in _downstream(root._node):
        grad_out = arrived.pop(node, None)
        if grad_out is None:
            continue
        for hook in node.hooks:
            grad_out = _after_hook(hook, grad_out)
        for edge, grad_in in zip(node.edges, _gradients(node, grad_out), strict=True):
            if edge is None or grad_in is None:
                continue
            if isinstance(edge, Operation):
                waiting = arrived.get(edge)
                arrived[edge] = grad_in if waiting is None else waiting + grad_in
            else:
                accumulate(edge, grad_in, owned=grad_in is not grad_out and grad_in.base is None)
        if not retain_graph and node.saved:
            node.saved = None


def _downstream(root: Operation) -> list[Operation]:
    """Return the nodes that can be reached from ``root``, the youngest first."""
    found = {root}
    waiting = [root]
    while waiting:
        for edge in waiting.pop().edges:
            if isinstance(edge, Operation) and edge not in found:
                found.add(edge)
                waiting.append(edge)
    return sorted(found, key=lambda node: node.order, reverse=True)


def _gradients(node: Operation, grad: Array) -> tuple[Array | None, ...]:
    if node.saved is None:
        raise RuntimeError(SECOND_TIME)
    for version, count, tensor in node.versions:
        if version.count != count:
            _refuse_stale(tensor, version.count, count)
    return node.backward(grad)


def _refuse_stale(tensor: Tensor, now: int, expected: int) -> None:
    maker = "" if tensor._node is None else f", which is output 0 of {tensor._node.name()},"
    raise RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{tensor.dtype.tensor_name} {list(tensor.shape)}]{maker} is at version {now}; "
        f"expected version {expected} instead. Write to a copy (x.clone()) or use the operation without "
        "a trailing underscore."
    )


def _after_hook(hook: Callable[[Tensor], Tensor | None], grad: Array) -> Array:
    from .tensor import wrap

    replaced = hook(wrap(grad))
    return grad if replaced is None else replaced._array


def accumulate(leaf: Tensor, grad: Array, owned: bool) -> None:
    """Add ``grad`` to the leaf's. ``owned`` says that nobody else refers to this array."""
    from .tensor import wrap

    for hook in leaf._hooks:
        grad, owned = _after_hook(hook, grad), False
    if leaf._grad is not None:
        leaf._grad._array += grad
        leaf._grad._bump()
    else:
        kept = grad if owned and isinstance(grad, np.ndarray) else np.array(grad)
        leaf._grad = wrap(kept, leaf._device)


def unbroadcast(grad: Array, shape: tuple[int, ...]) -> Array:
    """Undo broadcasting: sum ``grad`` over the axes that were added or stretched to reach its shape.

    Each copy that broadcasting made of an element received a gradient of its own; the element's gradient
    is their sum. ``grad`` has any shape that ``shape`` broadcasts to; the result has the shape ``shape``.
    """
    if grad.shape == shape:
        return grad
    added = tuple(range(grad.ndim - len(shape)))
    grad = grad.sum(axis=added) if added else grad
    stretched = tuple(axis for axis, length in enumerate(shape) if length == 1 and grad.shape[axis] != 1)
    return grad.sum(axis=stretched, keepdims=True) if stretched else grad


__all__ = ["Operation", "enable_grad", "is_grad_enabled", "no_grad", "set_grad_enabled", "unbroadcast"]
