"""Recurrent layers: weights that are used again at every step."""

from __future__ import annotations

import math
import numbers
import warnings
from functools import partial
from typing import Any

from .. import ops
from ..creation import empty, zeros
from ..dtypes import dtype as DType
from ..tensor import Tensor
from . import functional as F
from . import init
from .functional import recurrent
from .module import Module
from .parameter import Parameter
from .utils.rnn import PackedSequence

GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}


class RNNBase(Module):
    """What RNN, LSTM and GRU share: ``num_layers`` layers, each in one direction or both.

    The Parameters of layer ``k`` are ``weight_ih_lk`` ``(gates * hidden_size, features)``, ``weight_hh_lk``
    ``(gates * hidden_size, hidden_size)``, ``bias_ih_lk`` and ``bias_hh_lk`` ``(gates * hidden_size,)``, with the
    ending ``_reverse`` for the other direction; all start evenly distributed in ``±1 / sqrt(hidden_size)``.
    ``dropout`` is put on the outputs of all layers but the last.
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        _check_dropout(dropout, num_layers)
        _check_types(bias=(bias, bool), batch_first=(batch_first, bool))
        _check_types(input_size=(input_size, int), hidden_size=(hidden_size, int))
        _check_sizes(input_size, hidden_size, num_layers, proj_size)
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._all_weights: list[list[str]] = []
        for layer in range(num_layers):
            features = input_size if layer == 0 else (proj_size or hidden_size) * self._directions
            for ending in ("", "_reverse")[: self._directions]:
                self._add_weights(f"l{layer}{ending}", features, device, dtype)
        self.reset_parameters()

    def _add_weights(self, ending: str, features: int, device: Any, dtype: DType | None) -> None:
        """Make the Parameters of one layer in one direction."""
        rows = GATES[self.mode] * self.hidden_size
        states = self.proj_size or self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, features), "weight_hh": (rows, states)}
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        for name, shape in shapes.items():
            setattr(self, f"{name}_{ending}", Parameter(empty(*shape, device=device, dtype=dtype)))
        self._all_weights.append([f"{name}_{ending}" for name in shapes])

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The Parameters, a list for each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    def flatten_parameters(self) -> None:
        """Do nothing: PyTorch lays the weights side by side here, for a GPU."""

    def reset_parameters(self) -> None:
        """Draw new first values."""
        reset_evenly(self, self.hidden_size)

    # ------------------------------------------------------------------ checks

    def check_input(self, input: Tensor, batch_sizes: Tensor | None = None) -> None:
        """Raise what PyTorch raises if the input ``(L, N, input_size)`` does not fit the layer."""
        kind = self.all_weights[0][0].dtype
        if input.dtype is not kind:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({kind}). Convert input: "
                f"input.to({kind}), or convert model: model.to({input.dtype})"
            )
        dims = 3 if batch_sizes is None else 2
        if input.ndim != dims:
            raise RuntimeError(f"input must have {dims} dimensions, got {input.ndim}")
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.shape[-1]}"
            )

    def get_expected_hidden_size(self, input: Tensor, batch_sizes: Tensor | None = None) -> tuple[int, int, int]:
        """Return the shape that the states ``h`` must have for this input, packed with ``batch_sizes`` or not."""
        batch = input.shape[0 if self.batch_first else 1] if batch_sizes is None else int(batch_sizes[0])
        return self.num_layers * self._directions, batch, self.proj_size or self.hidden_size

    def check_hidden_size(
        self, hx: Tensor, expected_hidden_size: tuple[int, int, int], msg: str = "Expected hidden size {}, got {}"
    ) -> None:
        """Raise ``RuntimeError`` unless a state has the expected shape."""
        if hx.shape != expected_hidden_size:
            raise RuntimeError(msg.format(expected_hidden_size, list(hx.shape)))

    def check_forward_args(self, input: Tensor, hidden: Any, batch_sizes: Tensor | None = None) -> None:
        """Raise what PyTorch raises if input and state do not fit the layer."""
        self.check_input(input, batch_sizes)
        self.check_hidden_size(hidden, self.get_expected_hidden_size(input, batch_sizes))
        if hidden.dtype is not input.dtype:
            recurrent.refuse_dtype(hidden, self.all_weights[0][0], self.bias)

    def _check_hidden_dims(self, hx: Tensor, batched: bool) -> None:
        if hx.ndim != (3 if batched else 2):
            what = (
                "batched 3-D input, hx should also be 3-D" if batched else "unbatched 2-D input, hx should also be 2-D"
            )
            raise RuntimeError(f"For {what} but got {hx.ndim}-D tensor")

    # ------------------------------------------------------------------ running

    def _starts(self, input: Tensor, batched: bool, hx: Any, batch_sizes: Tensor | None = None) -> list[Tensor]:
        """Return the states at the start ``(num_layers * directions, N, hidden_size)``: ``hx``, or zeros."""
        shape = self.get_expected_hidden_size(input, batch_sizes)
        if hx is None:
            hx = zeros(*shape, dtype=input.dtype, device=input.device)
        else:
            self._check_hidden_dims(hx, batched)
            hx = hx if batched else hx.unsqueeze(1)
        self.check_forward_args(input, hx, batch_sizes)
        return [hx]

    def _run(self, input: Any, hx: Any) -> tuple[Any, list[Tensor]]:
        """Return the last layer's output, packed if the input is, and each layer's states after the last step."""
        if isinstance(input, PackedSequence):
            return self._run_packed(input, hx)
        if input.ndim not in (2, 3):
            kind = type(self).__name__
            noun = " tensor" if self.mode.startswith("RNN") else ""
            raise ValueError(f"{kind}: Expected input to be 2D or 3D, got {input.ndim}D{noun} instead")
        batched = input.ndim == 3
        x = input if batched else input.unsqueeze(0 if self.batch_first else 1)
        starts = self._starts(x, batched, hx)
        x = x.transpose(0, 1) if self.batch_first else x
        if x.shape[0] == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        output, finals = self._through_layers(x, starts)
        if not batched:
            return output.squeeze(1), [final.squeeze(1) for final in finals]
        return output.transpose(0, 1) if self.batch_first else output, finals

    def _run_packed(self, input: PackedSequence, hx: Any) -> tuple[PackedSequence, list[Tensor]]:
        data, batch_sizes, order, back = input
        starts = self._starts(data, True, hx, batch_sizes)
        if hx is not None and order is not None:
            starts = [start.index_select(1, order) for start in starts]
        output, finals = self._through_layers(data, starts, batch_sizes.tolist())
        if back is not None:
            finals = [final.index_select(1, back) for final in finals]
        return PackedSequence(output, batch_sizes, order, back), finals

    def _through_layers(
        self, x: Tensor, starts: list[Tensor], batch_sizes: list[int] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        run = recurrent.layer if batch_sizes is None else partial(recurrent.packed_layer, batch_sizes=batch_sizes)
        finals: list[list[Tensor]] = [[] for _ in starts]
        weights = self.all_weights
        for layer in range(self.num_layers):
            outputs = []
            for direction in range(self._directions):
                i = layer * self._directions + direction
                states = [start[i] for start in starts]
                output, ends = run(self.mode, x, states, weights[i], reverse=direction == 1)
                outputs.append(output)
                for collected, end in zip(finals, ends, strict=True):
                    collected.append(end)
            x = recurrent.concatenated(outputs)
            if self.dropout and layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, self.training)
        return x, [ops.stack(collected) for collected in finals]

    def extra_repr(self) -> str:
        """Return the sizes, and the options that are not the default."""
        shown = f"{self.input_size}, {self.hidden_size}"
        defaults = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0,
            "bidirectional": False,
        }
        for name, default in defaults.items():
            if getattr(self, name) != default:
                shown += f", {name}={getattr(self, name)}"
        return shown


class RNN(RNNBase):
    """An Elman network: ``h = tanh(x @ weight_ihᵀ + bias_ih + h @ weight_hhᵀ + bias_hh)``.

    ``RNN(input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False, dropout=0.0,
    bidirectional=False, device=None, dtype=None)``. The input is ``(L, N, input_size)``, ``(N, L, input_size)`` with
    ``batch_first``, or ``(L, input_size)``; the state ``hx`` ``(num_layers * directions, N, hidden_size)``, zeros if
    it is not given. Returns the outputs of the last layer and the states after the last step. A ``PackedSequence``
    gives a packed output, and the states after the last step of each sequence.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _no_projection(kwargs)
        if len(args) > 3:
            nonlinearity, args = args[3], args[:3] + args[4:]
        else:
            nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(f"RNN_{nonlinearity.upper()}", *args, **kwargs)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        """Return the outputs and the last states."""
        output, (h,) = self._run(input, hx)
        return output, h


class GRU(RNNBase):
    """Gated recurrent units: like ``RNN``, with gates ``r``, ``z``, ``n`` that say what of the state is kept.

    ``GRU(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False,
    device=None, dtype=None)``; shapes as for ``RNN``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _no_projection(kwargs)
        super().__init__("GRU", *args, **kwargs)

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        """Return the outputs and the last states."""
        output, (h,) = self._run(input, hx)
        return output, h


class LSTM(RNNBase):
    """Long short-term memory: a state ``h`` and a cell ``c``; gates ``i``, ``f``, ``g``, ``o``.

    ``LSTM(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False,
    proj_size=0, device=None, dtype=None)``; shapes as for ``RNN``, the states being a tuple ``(h, c)``. With a
    ``proj_size`` ``P``, ``h`` is ``weight_hr @ h``, ``weight_hr_lk`` being ``(P, hidden_size)``: outputs and ``h`` are
    ``P`` long, and ``c`` is ``hidden_size`` long.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def get_expected_cell_size(self, input: Tensor, batch_sizes: Tensor | None = None) -> tuple[int, int, int]:
        """Return the shape that the states ``c`` must have for this input."""
        layers, batch, _ = self.get_expected_hidden_size(input, batch_sizes)
        return layers, batch, self.hidden_size

    def _starts(self, input: Tensor, batched: bool, hx: Any, batch_sizes: Tensor | None = None) -> list[Tensor]:
        if hx is None:
            shapes = self.get_expected_hidden_size(input, batch_sizes), self.get_expected_cell_size(input, batch_sizes)
            hx = [zeros(*shape, dtype=input.dtype, device=input.device) for shape in shapes]
        else:
            wanted = 3 if batched else 2
            if hx[0].ndim != wanted or hx[1].ndim != wanted:
                what = "batched" if batched else "unbatched"
                raise RuntimeError(
                    f"For {what} {wanted}-D input, hx and cx should also be {wanted}-D but got ({hx[0].ndim}-D, "
                    f"{hx[1].ndim}-D) tensors"
                )
            hx = hx if batched else (hx[0].unsqueeze(1), hx[1].unsqueeze(1))
        self.check_forward_args(input, hx, batch_sizes)
        return list(hx)

    def check_forward_args(self, input: Tensor, hidden: Any, batch_sizes: Tensor | None = None) -> None:
        """Raise what PyTorch raises if input and states do not fit the layer."""
        self.check_input(input, batch_sizes)
        shapes = self.get_expected_hidden_size(input, batch_sizes), self.get_expected_cell_size(input, batch_sizes)
        for i in range(2):
            self.check_hidden_size(hidden[i], shapes[i], f"Expected hidden[{i}] size {{}}, got {{}}")
            if hidden[i].dtype is not input.dtype:
                recurrent.refuse_dtype(hidden[i], self.all_weights[0][0], self.bias)

    def forward(self, input: Any, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Any, tuple[Tensor, Tensor]]:
        """Return the outputs, and the last states ``(h, c)``."""
        output, (h, c) = self._run(input, hx)
        return output, (h, c)


# ------------------------------------------------------------------ what they share


def reset_evenly(module: Module, hidden_size: int) -> None:
    """Fill a module's Parameters evenly from ``±1 / sqrt(hidden_size)``."""
    bound = 1 / math.sqrt(hidden_size) if hidden_size > 0 else 0
    for parameter in module.parameters():
        init.uniform_(parameter, -bound, bound)


def _no_projection(options: dict[str, Any]) -> None:
    if "proj_size" in options:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


def _check_dropout(dropout: Any, num_layers: int) -> None:
    if not isinstance(dropout, numbers.Number) or isinstance(dropout, bool) or not 0 <= dropout <= 1:  # type: ignore[operator]
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
        )
    if dropout > 0 and num_layers == 1:  # type: ignore[operator]
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers "
            f"greater than 1, but got dropout={dropout} and num_layers={num_layers}",
            stacklevel=4,
        )


def _check_types(**given: tuple[Any, type]) -> None:
    for name, (value, wanted) in given.items():
        if not isinstance(value, wanted):
            raise TypeError(f"{name} should be of type {wanted.__name__}, got: {type(value).__name__}")


def _check_sizes(input_size: int, hidden_size: int, num_layers: int, proj_size: int) -> None:
    for name, size in {"input_size": input_size, "hidden_size": hidden_size, "num_layers": num_layers}.items():
        if size <= 0:
            raise ValueError(f"{name} must be greater than zero")
    if proj_size < 0:
        raise ValueError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")
