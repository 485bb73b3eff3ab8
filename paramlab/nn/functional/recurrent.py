"""Recurrent layers: all steps of a layer, or one, as one operation, with back-propagation through time inside.

Source: Werbos, "Backpropagation through time: what it does and how to do it" (1990).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from ... import ops
from ...autograd import Array, Operation
from ...tensor import Tensor, apply

Grads = tuple[Array | None, ...]
Memory = tuple[Array, ...]


class Recurrence(Operation):
    """One layer in one direction, over all steps.

    The inputs are ``x`` ``(L, N, I)``, the states at the start ``(N, H)``, ``weight_ih`` ``(G, I)``, ``weight_hh``
    ``(G, H)``, ``bias_ih`` and ``bias_hh`` ``(G,)``. The result holds the states after each step. The input's share
    in all steps is one large product, and so are the gradients of the weights: only ``h @ weight_hhᵀ`` has to wait
    for the step before.
    """

    def forward(self, x: Array, *rest: Array, reverse: bool = False) -> Array:
        *starts, w_ih, w_hh, b_ih, b_hh = rest
        x = x[::-1] if reverse else x
        flat = x.reshape(-1, x.shape[-1])
        shares = flat @ w_ih.T
        shares += b_ih
        shares = shares.reshape(*x.shape[:2], len(w_ih))
        result, memory = self.run(shares, w_hh, b_hh, *starts)
        self.saved, self.reverse, self.shape = (flat, w_ih, w_hh, *memory), reverse, x.shape
        return result[::-1] if reverse else result

    def run(self, shares: Array, w_hh: Array, b_hh: Array, *starts: Array) -> tuple[Array, Memory]:
        """Go through the steps, ``shares`` being what the input adds to each.

        Return the states after them, and what ``back`` will need: first ``h`` before each step ``(L, N, H)``.
        """
        raise NotImplementedError

    def back(self, grad: Array, w_hh: Array, previous: Array, *memory: Array) -> tuple[Array, Array, Memory]:
        """Go through the steps backwards.

        Return the gradients of ``shares`` and of ``h @ weight_hhᵀ + bias_hh`` ``(L, N, G)``, and of the states at
        the start.
        """
        raise NotImplementedError

    def backward(self, grad: Array) -> Grads:
        flat, w_ih, w_hh, previous, *memory = self.saved
        to_shares, to_hidden, to_starts = self.back(grad[::-1] if self.reverse else grad, w_hh, previous, *memory)
        to_shares = to_shares.reshape(-1, to_shares.shape[-1])
        to_hidden = to_hidden.reshape(to_shares.shape)
        to_x = (to_shares @ w_ih).reshape(self.shape) if self.needs[0] else None  # data rarely asks for one
        return (
            to_x[::-1] if self.reverse and to_x is not None else to_x,
            *to_starts,
            to_shares.T @ flat,
            to_hidden.T @ previous.reshape(-1, previous.shape[-1]),
            to_shares.sum(axis=0),
            to_hidden.sum(axis=0),
        )

    def name(self) -> str:
        """PyTorch's last node: the steps, stacked."""
        return "StackBackward0"


class Bend(Operation):
    """The nonlinearity of an Elman network."""

    @staticmethod
    def bend(step: Array) -> Array:
        """Bend the sums in place, and return them."""
        raise NotImplementedError

    @staticmethod
    def slope_of(result: Array) -> Array:
        """Return the derivative of ``bend`` where it gave ``result``."""
        raise NotImplementedError


class Tanh(Bend):
    """``tanh(x)``."""

    @staticmethod
    def bend(step: Array) -> Array:
        return np.tanh(step, out=step)

    @staticmethod
    def slope_of(result: Array) -> Array:
        return 1 - result * result


class Relu(Bend):
    """``max(0, x)``."""

    @staticmethod
    def bend(step: Array) -> Array:
        return np.maximum(step, 0, out=step)

    @staticmethod
    def slope_of(result: Array) -> Array:
        return result > 0


class Rnn(Bend, Recurrence):
    """``h = bend(x @ weight_ihᵀ + bias_ih + h @ weight_hhᵀ + bias_hh)``. Elman, "Finding structure in time" (1990)."""

    uses = ((2, 3), (3,), (0, 3), (3,), (3,), (3,))

    def run(self, shares: Array, w_hh: Array, b_hh: Array, *starts: Array) -> tuple[Array, Memory]:
        (h,) = starts
        start, across = h, w_hh.T
        shares += b_hh
        for step in shares:
            step += h @ across
            h = self.bend(step)
        # copies: nothing of the memory is the result's, which the user may write to
        return shares, (np.concatenate((start[None], shares[:-1])), self.slope_of(shares))

    def back(self, grad: Array, w_hh: Array, previous: Array, *memory: Array) -> tuple[Array, Array, Memory]:
        (slope,) = memory
        deltas = np.empty(slope.shape, grad.dtype)
        later: Any = 0  # the gradient that the steps after this one hand back
        for t in reversed(range(len(deltas))):
            np.multiply(grad[t] + later, slope[t], out=deltas[t])
            later = deltas[t] @ w_hh
        return deltas, deltas, (later,)


class RnnTanh(Tanh, Rnn):
    """The Elman network with ``tanh``."""


class RnnRelu(Relu, Rnn):
    """The Elman network with ``max(0, x)``."""


class Lstm(Recurrence):
    """``c = f * c + i * g`` and ``h = o * tanh(c)``; the result is ``(L, 2, N, H)``, the ``h`` and ``c`` of each step.

    The gates ``i``, ``f``, ``g``, ``o`` are computed of the input and ``h``, and lie side by side in the weights: ``g``
    goes through ``tanh``, the others through the sigmoid. Hochreiter and Schmidhuber, "Long short-term memory"
    (1997); Gers et al., "Learning to forget" (2000).
    """

    uses = ((3, 4), (4,), (4,), (0, 4), (4,), (4,), (4,))

    def run(self, shares: Array, w_hh: Array, b_hh: Array, *starts: Array) -> tuple[Array, Memory]:
        h, c = starts
        across, size = w_hh.T, w_hh.shape[1]
        shares += b_hh
        # all h side by side in memory, then all c: the h of all steps, which a layer returns, can be viewed
        states = np.empty((2, len(shares), *h.shape), shares.dtype).swapaxes(0, 1)
        bent = np.empty_like(states[:, 0])
        scale = np.repeat(np.asarray((0.5, 0.5, 1, 0.5), shares.dtype), size)
        shift = np.repeat(np.asarray((0.5, 0.5, 0, 0.5), shares.dtype), size)
        for step, state, bent_c in zip(shares, states, bent, strict=True):
            step += h @ across
            step *= scale
            np.tanh(step, out=step)  # sigmoid(x) is (1 + tanh(x / 2)) / 2: one call for all gates
            step *= scale
            step += shift
            i, f, g, o = _quarters(step, size)
            np.multiply(f, c, out=state[1])
            state[1] += i * g
            np.tanh(state[1], out=bent_c)
            np.multiply(o, bent_c, out=state[0])
            h, c = state
        before = np.concatenate((np.stack(starts)[None], states[:-1]))
        return states, (before[:, 0], shares, before[:, 1], bent)

    def back(self, grad: Array, w_hh: Array, previous: Array, *memory: Array) -> tuple[Array, Array, Memory]:
        gates, cells, bent = memory
        size = w_hh.shape[1]
        slopes = gates * (1 - gates)
        slopes[..., 2 * size : 3 * size] = 1 - gates[..., 2 * size : 3 * size] ** 2
        deltas = np.empty_like(gates)
        to_c_of_h = gates[..., 3 * size :] * (1 - bent * bent)
        h_later: Any = 0
        c_later: Any = 0
        for t in reversed(range(len(gates))):
            to_h = grad[t, 0] + h_later
            to_c = grad[t, 1] + c_later + to_h * to_c_of_h[t]
            i, f, g, _ = _quarters(gates[t], size)
            for delta, factor in zip(_quarters(deltas[t], size), (g, cells[t], i), strict=False):
                np.multiply(to_c, factor, out=delta)
            np.multiply(to_h, bent[t], out=deltas[t, :, 3 * size :])
            deltas[t] *= slopes[t]
            h_later, c_later = deltas[t] @ w_hh, to_c * f
        return deltas, deltas, (h_later, c_later)


class Gru(Recurrence):
    """``h = (1 - z) * n + z * h`` with ``n = tanh(x_n + r * h_n)``, the gates ``r``, ``z`` and ``n`` side by side.

    Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014); ``r`` is applied after the
    product, as in cuDNN and PyTorch.
    """

    uses = Rnn.uses

    def run(self, shares: Array, w_hh: Array, b_hh: Array, *starts: Array) -> tuple[Array, Memory]:
        (h,) = starts
        start, across, size = h, w_hh.T, w_hh.shape[1]
        hidden = np.empty((*shares.shape[:2], size), shares.dtype)
        proposals = np.empty_like(hidden)  # h_n, before r is applied
        for step, after, h_n in zip(shares, hidden, proposals, strict=True):
            of_h = h @ across
            of_h += b_hh
            h_n[...] = of_h[:, 2 * size :]
            gates, n = step[:, : 2 * size], step[:, 2 * size :]
            gates += of_h[:, : 2 * size]
            gates *= 0.5
            np.tanh(gates, out=gates)  # sigmoid(x) is (1 + tanh(x / 2)) / 2
            gates *= 0.5
            gates += 0.5
            r, z = gates[:, :size], gates[:, size:]
            n += r * h_n
            np.tanh(n, out=n)
            np.subtract(h, n, out=after)
            after *= z
            after += n
            h = after
        return hidden, (np.concatenate((start[None], hidden[:-1])), shares, proposals)

    def back(self, grad: Array, w_hh: Array, previous: Array, *memory: Array) -> tuple[Array, Array, Memory]:
        gates, proposals = memory
        size = w_hh.shape[1]
        r, z, n = (gates[..., k * size : (k + 1) * size] for k in range(3))
        to_n_of_h = (1 - z) * (1 - n * n)
        to_z_of_h = (previous - n) * z * (1 - z)
        to_r_of_n = proposals * r * (1 - r)
        to_shares, to_hidden = np.empty_like(gates), np.empty_like(gates)
        later: Any = 0
        for t in reversed(range(len(gates))):
            to_h = grad[t] + later
            delta = to_shares[t]
            np.multiply(to_h, to_n_of_h[t], out=delta[:, 2 * size :])
            np.multiply(to_h, to_z_of_h[t], out=delta[:, size : 2 * size])
            np.multiply(delta[:, 2 * size :], to_r_of_n[t], out=delta[:, :size])
            to_hidden[t] = delta
            to_hidden[t, :, 2 * size :] *= r[t]
            later = to_h * z[t] + to_hidden[t] @ w_hh
        return to_shares, to_hidden, (later,)


def _quarters(gates: Array, size: int) -> list[Array]:
    return [gates[:, k * size : (k + 1) * size] for k in range(4)]


# ------------------------------------------------------------------ one step


class RnnCell(Bend):
    """A step of an Elman network, ``x`` being ``(N, I)``: what ``Rnn`` does, without what many steps need."""

    uses = ((2,), (3,), (0,), (1,), (), ())

    def forward(self, x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Array, b_hh: Array) -> Array:
        step = x @ w_ih.T
        step += h @ w_hh.T
        step += b_ih + b_hh
        result = self.bend(step)
        self.saved = (x, h, w_ih, w_hh, self.slope_of(result))
        return result

    def backward(self, grad: Array) -> Grads:
        x, h, w_ih, w_hh, slope = self.saved
        delta = grad * slope
        to_bias = delta.sum(axis=0)
        return (
            delta @ w_ih if self.needs[0] else None,
            delta @ w_hh if self.needs[1] else None,
            delta.T @ x,
            delta.T @ h,
            to_bias,
            to_bias[:],  # a view: two leaves are not to own one array
        )

    def name(self) -> str:
        """PyTorch's last node of it."""
        return "TanhBackward0" if isinstance(self, Tanh) else "ReluBackward0"


class RnnTanhCell(Tanh, RnnCell):
    """A step of an Elman network with ``tanh``."""


class RnnReluCell(Relu, RnnCell):
    """A step of an Elman network with ``max(0, x)``."""


class OneStep(Operation):
    """Makes a ``Recurrence``, which comes after it among the bases, one of a single step: ``x`` is ``(N, I)``."""

    def forward(self, x: Array, *rest: Array, **options: Any) -> Array:
        result: Array = super().forward(x[None], *rest, **options)[0]
        return result

    def backward(self, grad: Array) -> Grads:
        to_x, *others = super().backward(grad[None])
        return (None if to_x is None else to_x[0], *others)


class LstmCell(OneStep, Lstm):
    """A step of an LSTM; the result is ``(2, N, H)``, ``h`` and ``c``."""


class GruCell(OneStep, Gru):
    """A step of a GRU."""

    def name(self) -> str:
        """PyTorch's last node of it."""
        return "AddBackward0"


# ------------------------------------------------------------------ functions

LAYERS: dict[str, type[Recurrence]] = {"RNN_TANH": RnnTanh, "RNN_RELU": RnnRelu, "LSTM": Lstm, "GRU": Gru}
CELLS: dict[str, type[Operation]] = {
    "RNN_TANH": RnnTanhCell,
    "RNN_RELU": RnnReluCell,
    "LSTM": LstmCell,
    "GRU": GruCell,
}


def layer(
    mode: str, input: Tensor, states: Sequence[Tensor], weights: Sequence[Tensor], reverse: bool
) -> tuple[Tensor, list[Tensor]]:
    """Run a layer in one direction; return its output ``(L, N, H)`` and its states after the last step.

    ``mode`` names the layer in ``LAYERS``; ``reverse`` goes through the steps from the last to the first.
    """
    if len(weights) % 2:
        return _projected(input, states, weights, reverse)
    result = apply(LAYERS[mode], input, *states, *_with_biases(weights), reverse=reverse)
    last = result[0 if reverse else -1]
    if len(states) == 1:
        return result, [last]
    return result[:, 0], [last[0], last[1]]


def _projected(
    input: Tensor, states: Sequence[Tensor], weights: Sequence[Tensor], reverse: bool
) -> tuple[Tensor, list[Tensor]]:
    """Do what ``layer`` does for an LSTM that hands on ``weight_hr @ h``, ``(P, H)`` being the last of the weights.

    Rarely used, so it is written with an operation for each step. Sak et al., "Long short-term memory recurrent
    neural network architectures for large scale acoustic modeling" (2014).
    """
    h, c = states
    w_ih, w_hh, b_ih, b_hh = _with_biases(weights[:-1])
    outputs = []
    steps = (input @ w_ih.t() + b_ih).unbind(0)
    for step in reversed(steps) if reverse else steps:
        i, f, g, o = (step + h @ w_hh.t() + b_hh).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = (o.sigmoid() * c.tanh()) @ weights[-1].t()
        outputs.append(h)
    return ops.stack(outputs[::-1] if reverse else outputs), [h, c]


def packed_layer(
    mode: str, data: Tensor, states: Sequence[Tensor], weights: Sequence[Tensor], reverse: bool, batch_sizes: list[int]
) -> tuple[Tensor, list[Tensor]]:
    """Do what ``layer`` does on packed sequences ``(sum(batch_sizes), I)``, the output being packed too.

    Steps that equally many sequences have make one stretch, on which ``layer`` runs. The states of the others wait:
    of those that are over, their last; of those that begin later, in reverse, their first.
    """
    stretches: list[Tensor] = []
    done = 0
    for count, steps in groupby(batch_sizes):
        rows = count * len(list(steps))
        stretches.append(data[done : done + rows].reshape(-1, count, data.shape[1]))
        done += rows
    outputs, states = [], list(states)
    for x in reversed(stretches) if reverse else stretches:
        count = x.shape[1]
        output, ends = layer(mode, x, [state[:count] for state in states], weights, reverse)
        states = [ops.cat([end, state[count:]]) for end, state in zip(ends, states, strict=True)]
        outputs.append(output.reshape(-1, output.shape[2]))
    return ops.cat(outputs[::-1] if reverse else outputs), states


def cell(mode: str, input: Tensor, states: Sequence[Tensor], weights: Sequence[Tensor]) -> list[Tensor]:
    """Run one step on an input ``(N, I)``; return the states after it."""
    _check_cell(input, states, weights)
    result = apply(CELLS[mode], input, *states, *_with_biases(weights))
    return [result] if len(states) == 1 else [result[0], result[1]]


def _with_biases(weights: Sequence[Tensor]) -> Sequence[Tensor]:
    """Return the weights and two biases; where there are none, a 0 takes their place."""
    return weights if len(weights) == 4 else [*weights, *[ops.scalar_like(weights[0], 0)] * 2]


def _check_cell(input: Tensor, states: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
    w_ih, w_hh = weights[:2]
    rows, features = input._array.shape
    if features != w_ih._array.shape[1]:
        raise RuntimeError(f"input has inconsistent input_size: got {features} expected {w_ih.shape[1]}")
    for i, state in enumerate(states):
        if state._array.shape != (rows, w_hh._array.shape[1]):
            _refuse_state(i, state, rows, w_hh.shape[1])
    kind = w_ih._array.dtype
    for t in (input, *states):
        if t._array.dtype != kind:
            refuse_dtype(t, w_ih, len(weights) == 4)


def refuse_dtype(given: Tensor, weight: Tensor, biased: bool) -> None:
    """Raise PyTorch's ``RuntimeError`` for an input or a state of another dtype than the weights."""
    if biased:
        start = f"mat1 and mat2 must have the same dtype, but got {given.dtype.word} and {weight.dtype.word}"
    else:
        words = ops.c_name(given.dtype), ops.c_name(weight.dtype)
        start = f"expected m1 and m2 to have the same dtype, but got: {words[0]} != {words[1]}"
    raise RuntimeError(f"{start}. Convert it, for example with .to(cell.weight_ih.dtype).")


def _refuse_state(number: int, state: Tensor, rows: int, size: int) -> None:
    if state.shape[0] != rows:
        raise RuntimeError(f"Input batch size {rows} doesn't match hidden{number} batch size {state.shape[0]}")
    raise RuntimeError(f"hidden{number} has inconsistent hidden_size: got {state.shape[1]}, expected {size}")


def concatenated(outputs: Sequence[Tensor]) -> Tensor:
    """Return the outputs of both directions side by side, or the only one there is."""
    return outputs[0] if len(outputs) == 1 else ops.cat(list(outputs), -1)
