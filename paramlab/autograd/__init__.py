"""Where gradients come from: the grad mode, the graph that operations leave behind, the walk backwards."""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from .dtypes import dtype

if TYPE_CHECKING:
    from .tensor import Tensor

Array = npt.NDArray[Any]
F = TypeVar("F", bound=Callable[..., Any])

# ------------------------------------------------------------------ grad mode


class _Mode(threading.local):
    """Whether operations are recorded, for each thread. One object, so that the hot path reads one attribute."""

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
        """Decorate a function."""
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

    if not TYPE_CHECKING:  # a type checker is to see that a decorated function keeps its type

        def __new__(cls, function=None):
            """Make ``@no_grad`` without parentheses a decorator too."""
            return super().__new__(cls) if function is None else cls()(function)

    def __init__(self) -> None:
        self._previous: list[bool] = []

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

    forward: Callable[..., Array]
    """Compute the output of the inputs' arrays and the options; each operation has parameters of its own."""

    saved: Any = ()
    needs: Sequence[bool] = ()
    edges: Sequence[Operation | Tensor | None] = ()
    versions: Sequence[Stamp] = ()
    hooks: list[ArrayHook] | None = None
    keep: ArrayHook | None = None  # sees the gradient after the hooks
    order: int = 0
    variant: int = 0

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        """Return the gradient of each input, given that of the output."""
        raise NotImplementedError

    def record(self, inputs: Sequence[Tensor], output: Tensor) -> None:
        """Become the node that made ``output`` of ``inputs``."""
        self.needs = [t._requires_grad for t in inputs]
        self.edges = [(t._node or t) if t._requires_grad else None for t in inputs]
        self.order = next(_order)
        if self.uses:
            reads = zip(self.needs, self.uses, strict=True)
            self.versions = [_stamp(inputs[i]) for needed, read in reads if needed for i in read]
        if self.uses_result:
            version = output._version_counter()
            # the node itself stands for its output, which holds the node: a circle would live until the next gc
            self.versions = [(version, version.count, output._array, self)]
        output._node = self
        output._requires_grad = True

    def free(self) -> None:
        """Forget what ``backward`` needs; what needs nothing can be walked again."""
        if self.saved:
            self.saved = None
            self.versions = ()

    def name(self) -> str:
        """Return the node's name, such as ``MulBackward0``."""
        return f"{type(self).__name__}Backward{self.variant}"

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The nodes that the gradient flows to; a leaf is reached through an ``AccumulateGrad``."""
        return tuple(
            (edge if edge is None or isinstance(edge, Operation) else AccumulateGrad(edge), 0) for edge in self.edges
        )

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"


# Which memory was read, how often it had been written to by then, and for the error's text its array and maker.
Stamp = tuple[Version, int, Array, Operation | None]
ArrayHook = Callable[[Array], Array]


def _stamp(tensor: Tensor) -> Stamp:
    version = tensor._version_counter()
    return version, version.count, tensor._array, tensor._node


class AccumulateGrad:
    """The end of a path through the graph: what arrives here is added to the leaf's ``grad``."""

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable

    def name(self) -> str:
        """Return the node's name."""
        return "AccumulateGrad"

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self):#x}>"


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
    if root.grad_fn is None:
        accumulate(root, grad, owned=False)
        return
    arrived: dict[Operation, Array] = {root.grad_fn: grad}
    with np.errstate(all="ignore"):  # an overflow is a value (inf), not a message
        for node in _downstream(root.grad_fn):
            grad_out = arrived.pop(node, None)
            if grad_out is not None:
                _pass_on(node, grad_out, arrived)
                if not retain_graph:
                    node.free()


def _downstream(root: Operation) -> list[Operation]:
    """Return the nodes that can be reached from ``root``, the youngest first."""
    found = {root}
    waiting = [root]
    while waiting:
        for edge in waiting.pop().edges:
            if isinstance(edge, Operation) and edge not in found:
                found.add(edge)
                waiting.append(edge)
    return sorted(found, key=_order_of, reverse=True)


def _order_of(node: Operation) -> int:
    return node.order


def _pass_on(node: Operation, grad: Array, arrived: dict[Operation, Array]) -> None:
    """Hand the gradient of a node's output on: to the nodes it was computed of, and to the leaves."""
    for hook in node.hooks or ():
        grad = hook(grad)
    if node.keep is not None:
        node.keep(grad)
    for edge, grad_in in zip(node.edges, _gradients(node, grad), strict=True):
        if edge is None or grad_in is None:
            continue
        if isinstance(edge, Operation):
            waiting = arrived.get(edge)
            arrived[edge] = grad_in if waiting is None else waiting + grad_in
        else:
            # a view, or what was handed in, may be somebody else's too
            accumulate(edge, grad_in, owned=grad_in is not grad and grad_in.base is None)


def _gradients(node: Operation, grad: Array) -> tuple[Array | None, ...]:
    if node.saved is None:
        raise RuntimeError(SECOND_TIME)
    for version, count, array, maker in node.versions:
        if version.count != count:
            _refuse_stale(array, maker, version.count, count)
    return node.backward(grad)


def _refuse_stale(array: Array, maker: Operation | None, now: int, expected: int) -> None:
    output_of = "" if maker is None else f", which is output 0 of {maker.name().partition('Backward')[0]},"
    raise RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{dtype.of(array.dtype).tensor_name} {list(array.shape)}]{output_of} is at version {now}; "
        f"expected version {expected} instead. Write to a copy (x.clone()) or use the operation without "
        "a trailing underscore."
    )


def accumulate(leaf: Tensor, grad: Array, owned: bool) -> None:
    """Add ``grad`` to the leaf's. ``owned`` says that nobody else refers to this array."""
    for hook in leaf._hooks or ():
        grad, owned = hook(grad), False
    if leaf._grad is not None:
        leaf._grad._array += grad
        leaf._grad._bump()
    else:
        kept = grad if owned and isinstance(grad, np.ndarray) else np.array(grad)
        leaf._grad = leaf._beside(kept)


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
