"""Recurrent layers and cells: outputs, states, and the gradients that come back through time."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _run(torch: Any, rng: Rng, layer: Any, shape: tuple[int, ...], *state: tuple[int, ...]) -> list[Any]:
    """Return outputs, states and all gradients of a layer whose weights are drawn; ``state`` is the shape of each."""
    layer = layer.double()
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(floats(torch, rng, *p.shape) / 2)
    x, *starts = (floats(torch, rng, *s).double().requires_grad_() for s in (shape, *state))
    given = () if not starts else (starts[0],) if len(starts) == 1 else (tuple(starts),)
    outputs = _flat(layer(x, *given))
    torch.stack([(out * floats(torch, rng, *out.shape)).sum() for out in outputs]).sum().backward()
    return [[out.detach() for out in outputs], [t.grad for t in (x, *starts)], [p.grad for p in layer.parameters()]]


def _flat(value: Any) -> list[Any]:
    return [t for part in value for t in _flat(part)] if isinstance(value, tuple) else [value]


@case
def a_step_of_each_cell(torch: Any, rng: Rng) -> Any:
    """``RNNCell`` (tanh, relu), ``LSTMCell``, ``GRUCell``: new states and all gradients, from states that are given."""
    nn, shape, state = torch.nn, (2, 3), (2, 4)
    cells = [nn.RNNCell(3, 4), nn.RNNCell(3, 4, nonlinearity="relu"), nn.GRUCell(3, 4, bias=False)]
    return [_run(torch, rng, c, shape, state) for c in cells], _run(torch, rng, nn.LSTMCell(3, 4), shape, state, state)


@case
def a_cell_without_a_state_or_a_batch(torch: Any, rng: Rng) -> Any:
    """Each cell on ``(3,)`` and without a state: zeros take its place."""
    return [_run(torch, rng, made(3, 2), (3,)) for made in (torch.nn.RNNCell, torch.nn.LSTMCell, torch.nn.GRUCell)]


@case
def a_whole_sequence(torch: Any, rng: Rng) -> Any:
    """``RNN``, ``LSTM``, ``GRU`` over four steps: outputs, last states and all gradients."""
    return [_run(torch, rng, made(3, 2), (4, 2, 3)) for made in (torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU)]


@case
def layers_and_both_directions(torch: Any, rng: Rng) -> Any:
    """Two layers in both directions with ``batch_first`` and given states: outputs, last states, all gradients."""
    nn, options = torch.nn, {"num_layers": 2, "bidirectional": True, "batch_first": True}
    shape, state = (2, 3, 2), (4, 2, 2)
    found = [_run(torch, rng, made(2, 2, **options), shape, state) for made in (nn.RNN, nn.GRU)]
    return found, _run(torch, rng, nn.LSTM(2, 2, **options), shape, state, state)


@case
def a_sequence_without_a_batch(torch: Any, rng: Rng) -> Any:
    """Each layer on ``(3, 2)`` without biases."""
    return [_run(torch, rng, m(2, 2, bias=False), (3, 2)) for m in (torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU)]


@case
def names_of_the_weights(torch: Any, rng: Rng) -> Any:
    """``named_parameters()`` with their shapes, and what is printed, of layers and cells."""
    nn = torch.nn
    layers = [nn.LSTM(3, 2, 2, bidirectional=True), nn.GRU(3, 2, bias=False), nn.RNNCell(3, 2, nonlinearity="relu")]
    return [[repr(m), [[name, list(p.shape)] for name, p in m.named_parameters()]] for m in layers]


@case
def inputs_and_states_that_do_not_fit(torch: Any, rng: Rng) -> Any:
    """Another number of features, another state, another dtype, one dimension too few: what is raised."""
    rnn, lstm, cell = torch.nn.RNN(3, 2), torch.nn.LSTM(3, 2), torch.nn.GRUCell(3, 2)
    x, h = floats(torch, rng, 4, 1, 3), floats(torch, rng, 1, 1, 5)
    tries = (lambda: rnn(x[..., :2]), lambda: rnn(x, h), lambda: rnn(x.double()), lambda: rnn(x[0, 0]))
    more = (lambda: lstm(x, (h, h)), lambda: lstm(x, (h[0], h)), lambda: cell(x), lambda: cell(x[0], h[0]))
    return [attempt(t) for t in (*tries, *more, lambda: torch.nn.RNN(3, 2, nonlinearity="sigmoid"))]
