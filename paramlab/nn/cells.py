"""Recurrent cells: one step of a recurrent layer, for loops of one's own."""

from __future__ import annotations

from typing import Any

from ..creation import empty, zeros
from ..dtypes import dtype as DType
from ..tensor import Tensor
from .functional import recurrent
from .module import Module
from .parameter import Parameter
from .recurrent import reset_evenly


class RNNCellBase(Module):
    """What the cells share: ``weight_ih``, ``weight_hh``, ``bias_ih`` and ``bias_hh``, shaped as for ``RNNBase``."""

    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = num_chunks * hidden_size
        self.weight_ih = Parameter(empty(rows, input_size, device=device, dtype=dtype))
        self.weight_hh = Parameter(empty(rows, hidden_size, device=device, dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(empty(rows, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new first values."""
        reset_evenly(self, self.hidden_size)

    def _step(self, mode: str, input: Tensor, states: Any) -> list[Tensor]:
        """Run one step on ``(N, input_size)`` or ``(input_size,)``; ``states`` is None for zeros."""
        if input.ndim == 1:
            states = None if states is None else [state.unsqueeze(0) for state in states]
            return [state.squeeze(0) for state in self._step(mode, input.unsqueeze(0), states)]
        if states is None:
            state = zeros(input.shape[0], self.hidden_size, dtype=input.dtype, device=input.device)
            states = [state] * (2 if mode == "LSTM" else 1)
        weights: list[Tensor] = [self.weight_ih, self.weight_hh]
        if self.bias_ih is not None and self.bias_hh is not None:
            weights += [self.bias_ih, self.bias_hh]
        return recurrent.cell(mode, input, states, weights)

    def _check_dims(self, what: str, tensor: Tensor) -> None:
        if tensor.ndim not in (1, 2):
            raise ValueError(f"{type(self).__name__}: Expected {what} to be 1D or 2D, got {tensor.ndim}D instead")

    def extra_repr(self) -> str:
        """Return the sizes, and the options that are not the default."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias is True else f", bias={self.bias}")


class RNNCell(RNNCellBase):
    """A step of an Elman network: the input ``(N, input_size)`` and the state ``(N, hidden_size)`` give a new state.

    ``nonlinearity`` is ``"tanh"`` or ``"relu"``. Without the dimension of the batch, both have one less.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return the new state."""
        self._check_dims("input", input)
        if hx is not None:
            self._check_dims("hidden", hx)
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}. Choose 'tanh' or 'relu'.")
        return self._step(f"RNN_{self.nonlinearity.upper()}", input, None if hx is None else [hx])[0]

    def extra_repr(self) -> str:
        """Return the sizes, and the options that are not the default."""
        shown = super().extra_repr()
        return shown if self.nonlinearity == "tanh" else f"{shown}, nonlinearity={self.nonlinearity}"


class LSTMCell(RNNCellBase):
    """A step of an LSTM: the input ``(N, input_size)`` and the states ``(h, c)`` ``(N, hidden_size)`` give new ones."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: DType | None = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """Return the new states ``(h, c)``."""
        self._check_dims("input", input)
        if isinstance(hx, Tensor):
            raise TypeError("lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor")
        for i, state in enumerate(hx or ()):
            self._check_dims(f"hx[{i}]", state)
        h, c = self._step("LSTM", input, hx)
        return h, c


class GRUCell(RNNCellBase):
    """A step of a GRU: the input ``(N, input_size)`` and the state ``(N, hidden_size)`` give a new state."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: DType | None = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return the new state."""
        self._check_dims("input", input)
        if hx is not None:
            self._check_dims("hidden", hx)
        return self._step("GRU", input, None if hx is None else [hx])[0]
