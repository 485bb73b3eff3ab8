"""The graph that operations leave behind: its nodes, its edges, and how a write in between is noticed."""

from __future__ import annotations

import functools
import itertools
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np
import numpy.typing as npt

from ..dtypes import dtype
from .grad_mode import mode

if TYPE_CHECKING:
    from ..tensor import Tensor

Array = npt.NDArray[Any]
ArrayHook = Callable[[Array], Array]

order = itertools.count()  # tells nodes and writes which came first


class _Writes:
    """When any tensor was written to for the latest time, on the scale of ``Operation.order``."""

    __slots__ = ("latest",)

    def __init__(self) -> None:
        self.latest = -1


writes = _Writes()


class Version:
    """Counts the in-place writes to a piece of memory; a tensor and its views share one.

    Made when a tensor is first written to or shared. ``tensor``, for the text of an error, is that tensor as
    long as it is alive.
    """

    __slots__ = ("count", "kind", "shape", "tensor")

    def __init__(self, tensor: Tensor) -> None:
        self.count = 0
        self.tensor = weakref.ref(tensor)
        self.kind, self.shape = tensor._array.dtype, tensor._array.shape

    def bump(self) -> None:
        """Count a write."""
        self.count += 1
        writes.latest = next(order)


class InferenceVersion:
    """The place of a ``Version`` in a tensor made in ``inference_mode``: nothing is counted, so nothing is saved."""

    __slots__ = ()

    @property
    def count(self) -> NoReturn:
        """Refuse: an operation asks for the count where it saves a tensor."""
        raise RuntimeError(
            "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
            "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and "
            "use it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
        )

    def bump(self) -> None:
        """Refuse a write outside of ``inference_mode``."""
        if not mode.inference:
            raise RuntimeError(
                "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get "
                "a normal tensor before doing inplace update.See "
                "https://github.com/pytorch/rfcs/pull/17 for more details."
            )


INFERENCE = InferenceVersion()


class NumberVersion:
    """The place of a ``Version`` in a tensor made of a number for one operation: nobody else can write to it."""

    __slots__ = ()

    count = 0


NUMBER = NumberVersion()

Stamp = tuple[Version, int, tuple[int, ...]]  # of a tensor: how often it had been written to, and its shape


class Operation:
    """A step of a computation and, once it is recorded, a node of the graph.

    A subclass writes ``forward`` (arrays in, an array out) and ``backward`` (the gradient of the output in,
    one gradient for each input out, or None) side by side. What ``backward`` reads it keeps in
    ``self.saved``; ``self.needs[i]``, known to both, says whether a gradient of input ``i`` is asked for.
    ``uses[i]`` names the inputs whose values the gradient of input ``i`` reads, and ``uses_result`` says
    that the output is read: if one of them is written to in between, the walk backwards refuses instead of
    computing a wrong gradient. With ``takes_scalars`` tensors without dimensions reach ``forward`` as NumPy
    scalars, if all are: NumPy computes with these five times as fast as with arrays. With ``in_float32`` half
    precision is rounded once, at the end, see ``of_half``.
    """

    uses: ClassVar[tuple[tuple[int, ...], ...]] = ()
    uses_result: ClassVar[bool] = False
    is_view: ClassVar[bool] = False
    takes_scalars: ClassVar[bool] = False
    in_float32: ClassVar[bool] = False

    forward: Callable[..., Array]
    """Compute the output of the inputs' arrays and the options; each operation has parameters of its own."""

    saved: Any = ()
    needs: tuple[bool, ...] = (False,) * 8  # no gradient is asked for, unless the operation is recorded
    edges: Sequence[Operation | Tensor | None] = ()
    stamps: Sequence[Stamp] = ()  # of what backward reads
    hooks: OrderedDict[int, ArrayHook] | None = None
    keep: ArrayHook | None = None  # sees the gradient after the hooks
    order: int = 0
    variant: int = 0
    number: int = 0  # which output of the operation the gradient belongs to
    _version_: Version | None = None  # that of the output, once there is one

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        """Return the gradient of each input, given that of the output."""
        raise NotImplementedError

    def connect(self, inputs: Sequence[Tensor]) -> None:
        """Draw the edges to what made the inputs, and note how often what ``backward`` reads was written to.

        What has no version yet was never written to; if it gets one, the edge to it knows. So mostly there
        is nothing to note, which is quick, and leaves the garbage collector less to look at.
        """
        needs: list[bool] = []
        edges: list[Operation | Tensor | None] = []
        unwritten = True
        for t in inputs:
            if t._requires_grad:
                needs.append(True)
                edges.append(t._node or t)
                if t._version_ is not None:
                    unwritten = False
            else:
                needs.append(False)
                edges.append(None)
                unwritten = False
        self.needs, self.edges, self.order = tuple(needs), tuple(edges), next(order)
        if self.uses and not unwritten:
            self.stamps = self._stamps(inputs)

    def record(self, output: Tensor) -> None:
        """Become the node that made ``output``, which, if it gets a version, lets the node know."""
        if self.uses_result and output._version_ is not None:
            self.stamps = (output._stamp(),)
        output._node = self
        output._requires_grad = True

    def _stamps(self, inputs: Sequence[Tensor]) -> Sequence[Stamp]:
        return tuple([inputs[i]._stamp() for i in _read_by(self.uses, self.needs)])

    def check_versions(self) -> None:
        """Refuse to go on if what ``backward`` reads was written to meanwhile."""
        for stamp in self.stamps:
            if stamp[0].count != stamp[1]:
                refuse_stale(stamp, self.name() if self.uses_result else None)
        if self.stamps:
            return
        if self.uses_result and self._version_ is not None and self._version_.count:
            refuse_stale((self._version_, 0, self._version_.shape), self.name())
        if self.uses:
            for edge in self.edges:
                if edge is not None and edge._version_ is not None:
                    self._check_edges()
                    return

    def _check_edges(self) -> None:
        for needed, read in zip(self.needs, self.uses, strict=True):
            for i in read if needed else ():
                edge = self.edges[i]
                version = None if edge is None else edge._version_
                if version is not None and version.count:
                    refuse_stale((version, 0, version.shape))

    def free(self) -> None:
        """Forget what ``backward`` needs; what needs nothing can be walked again."""
        if self.saved:
            self.saved = None
            self.stamps = ()

    def name(self) -> str:
        """Return the node's name, such as ``MulBackward0``."""
        return f"{type(self).__name__}Backward{self.variant}"

    @property
    def shown(self) -> Operation:
        """What a tensor shows as its ``grad_fn``."""
        return self

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The nodes that the gradient flows to, each with the number of its output.

        A leaf is reached through an ``AccumulateGrad``; None stands for an input that asks for no gradient.
        """
        return tuple(_shown(edge) for edge in self.edges)

    def __repr__(self) -> str:
        return f"<{self.name().removeprefix('torch::autograd::')} object at {id(self):#x}>"


class _OfHalf(Operation):
    """What ``of_half`` adds to an operation."""

    in_float32 = False  # it is already

    def forward(self, *arrays: Array, **options: Any) -> Array:
        self.kinds = [array.dtype for array in arrays]
        result = np.asarray(super().forward(*map(_widened, arrays), **options))
        return result.astype(np.float16) if result.dtype == np.float32 else result

    def backward(self, grad: Array) -> tuple[Array | None, ...]:
        parts = super().backward(_widened(grad))
        return tuple([p if p is None else p.astype(kind) for p, kind in zip(parts, self.kinds, strict=False)])


def _widened(array: Array) -> Array:
    return array.astype(np.float32) if array.dtype == np.float16 else array


_of_half: dict[type[Operation], type[Operation]] = {}


def of_half(operation: type[Operation]) -> type[Operation]:
    """Return an operation on half precision as PyTorch computes it on a CPU: in float32, rounded once."""
    if operation not in _of_half:
        _of_half[operation] = type(operation.__name__, (_OfHalf, operation), {})
    return _of_half[operation]


@functools.cache
def _read_by(uses: tuple[tuple[int, ...], ...], needs: tuple[bool, ...]) -> tuple[int, ...]:
    """Return which inputs are read for the gradients that are asked for."""
    return tuple(sorted({i for needed, read in zip(needs, uses, strict=True) if needed for i in read}))


def _shown(edge: Operation | Tensor | None) -> tuple[Any, int]:
    if isinstance(edge, Operation):
        return edge.shown, edge.number
    return (None if edge is None else AccumulateGrad(edge)), 0


def refuse_stale(stamp: Stamp, maker: str | None = None) -> NoReturn:
    """Raise PyTorch's error for a tensor that was saved and then written to; ``maker`` is the node it came from."""
    version, expected, shape = stamp
    tensor = version.tensor()
    if maker is None and tensor is not None and tensor.grad_fn is not None:
        maker = tensor.grad_fn.name()
    output_of = "" if maker is None else f", which is output 0 of {maker.partition('Backward')[0]},"
    raise RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{dtype.of(version.kind).tensor_name} {list(shape)}]{output_of} is at version {version.count}; "
        f"expected version {expected} instead. Hint: write to a copy (x.clone()), or use the operation without a "
        "trailing underscore."
    )


class Part(Operation):
    """One output of an operation that has several: hands its gradient to the ``whole`` as one of a ``Bundle``.

    So a node has one output, as far as the walk backwards is concerned, and several cost the others nothing.
    """

    whole: Operation
    count: int

    @classmethod
    def record_all(cls, whole: Operation, inputs: Sequence[Tensor], outputs: Sequence[Tensor | None]) -> None:
        """Make ``whole`` the node that made ``outputs`` of ``inputs``; None stands for one that has no gradient."""
        whole.connect(inputs)
        for number, output in enumerate(outputs):
            if output is None:
                continue
            part = cls()
            part.whole, part.number, part.count = whole, number, len(outputs)
            part.order, part.edges = next(order), (whole,)
            output._node, output._requires_grad = part, True

    def backward(self, grad: Array) -> tuple[Any, ...]:
        """Return a bundle in which just this output's gradient has arrived."""
        return (Bundle.of(grad, self.number, self.count),)

    @property
    def shown(self) -> Operation:
        """The whole."""
        return self.whole


class Bundle(tuple[Any, ...]):
    """The gradients of an operation's outputs, None where none arrived: added, they are joined."""

    __slots__ = ()

    base = None

    @classmethod
    def of(cls, grad: Array, number: int, count: int) -> Bundle:
        """Return a bundle in which just one gradient has arrived."""
        return cls(grad if i == number else None for i in range(count))

    def __add__(self, other: Any) -> Any:
        return Bundle(b if a is None else a for a, b in zip(self, other, strict=True))

    def __radd__(self, nothing: int) -> Bundle:
        return self  # sums begin with 0


class AccumulateGrad:
    """The end of a path through the graph: what arrives here is added to the leaf's ``grad``."""

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable

    @property
    def next_functions(self) -> tuple[()]:
        """Nothing: the path ends here."""
        return ()

    def name(self) -> str:
        """Return the node's name."""
        return "torch::autograd::AccumulateGrad"

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self):#x}>"


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
