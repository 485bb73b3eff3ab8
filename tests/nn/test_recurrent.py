"""Recurrent layers and cells: outputs, states and gradients are PyTorch's for any options; errors too."""

import copy
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab
from paramlab import nn as our_nn
from tests.conftest import assert_same, outcome

FEATURES, HIDDEN = 3, 4


@st.composite
def runs(draw):
    """Draw a layer or cell, its options, and the shape of what goes in."""
    kind = draw(st.sampled_from(["RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"]))
    options = {"bias": draw(st.booleans())}
    if kind.startswith("RNN"):
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    batched, steps, batch = draw(st.booleans()), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    if kind.endswith("Cell"):
        shape = (batch, FEATURES) if batched else (FEATURES,)
        state = (*shape[:-1], HIDDEN)
    else:
        options |= {
            "num_layers": draw(st.integers(1, 3)),
            "bidirectional": draw(st.booleans()),
            "batch_first": draw(st.booleans()),
        }
        order = (batch, steps) if options["batch_first"] else (steps, batch)
        shape = (*order, FEATURES) if batched else (steps, FEATURES)
        layers = options["num_layers"] * (1 + options["bidirectional"])
        state = (layers, batch, HIDDEN) if batched else (layers, HIDDEN)
        if kind == "LSTM":
            options["proj_size"] = draw(st.sampled_from([0, 0, 2]))
    return {
        "kind": kind,
        "options": options,
        "shape": shape,
        "state": state if draw(st.booleans()) else None,
        "seed": draw(st.integers(0, 2**16)),
        "double": draw(st.booleans()),
    }


def flat(value):
    return [t for part in value for t in flat(part)] if isinstance(value, tuple) else [value]


def run(torch, kind, options, shape, state, seed, double):
    """Return outputs and every gradient, of weights and numbers that depend on the seed alone."""
    rng = np.random.default_rng(seed)
    dtype = torch.float64 if double else torch.float32

    def numbers(size):
        return torch.tensor(rng.normal(0, 0.7, tuple(size)), dtype=dtype)

    module = getattr(torch.nn, kind)(FEATURES, HIDDEN, dtype=dtype, **options)
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(numbers(p.shape))
    x, starts = numbers(shape).requires_grad_(), []
    if state is not None:
        sizes = [options.get("proj_size") or HIDDEN] + [HIDDEN] * kind.startswith("LSTM")
        starts = [numbers((*state[:-1], size)).requires_grad_() for size in sizes]
    given = () if state is None else (tuple(starts) if kind.startswith("LSTM") else starts[0],)
    warnings.filterwarnings("ignore", "LSTM with projections")  # PyTorch's, of what it runs on
    outputs = flat(module(x, *given))
    sum((out * numbers(out.shape)).sum() for out in outputs).backward()
    grads = {name: p.grad for name, p in module.named_parameters()}
    return [out.detach() for out in outputs], x.grad, [start.grad for start in starts], grads, repr(module)


@given(runs())
def test_any_layer_or_cell_and_all_its_gradients(torch, given):
    theirs, ours = (outcome(lambda package: run(package, **given), package) for package in (torch, paramlab))
    assert_same(theirs, ours, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_dropout_falls_between_layers_in_training_only(kind, torch):
    for package in (torch, paramlab):
        package.manual_seed(0)
        layer = getattr(package.nn, kind)(3, 50, num_layers=2, dropout=0.5)
        x = package.ones(1, 1, 3)
        assert (layer(x)[0] - layer(x)[0]).abs().sum() > 0
        assert (layer(x)[0] != 0).all()  # the last layer's outputs are all there
        layer.eval()
        assert (layer(x)[0] - layer(x)[0]).abs().sum() == 0


def test_a_loop_over_a_cell_is_the_layer(agree):
    def program(torch):
        rng = np.random.default_rng(0)
        layer, cell = torch.nn.LSTM(3, 4), torch.nn.LSTMCell(3, 4)
        cell.load_state_dict({name.removesuffix("_l0"): p for name, p in layer.state_dict().items()})
        x, state, outputs = torch.tensor(rng.normal(size=(5, 2, 3)).astype(np.float32)), None, []
        for step in x:
            state = cell(step, state)
            outputs.append(state[0])
        loop = torch.stack(outputs)
        loop.sum().backward()
        whole, (h, c) = layer(x)
        whole.sum().backward()
        close = [torch.allclose(a, b, atol=1e-5) for a, b in ((loop, whole), (state[0], h[0]), (state[1], c[0]))]
        grads = zip(cell.parameters(), layer.parameters(), strict=True)
        return close, [torch.allclose(a.grad, b.grad, atol=1e-4) for a, b in grads]

    agree(program)


def test_a_frozen_layer_passes_the_gradient_on(agree):
    def program(torch):
        layer = torch.nn.GRU(3, 4).requires_grad_(False)
        x = torch.ones(2, 1, 3, requires_grad=True)
        layer(x)[0].sum().backward()
        return [p.grad for p in layer.parameters()], x.grad.abs().sum().item() > 0

    agree(program)


@pytest.mark.parametrize("kind", ["RNNCell", "RNN", "LSTM", "GRU"])
def test_weights_written_to_before_backward_are_noticed(kind, fw):
    layer = getattr(fw.nn, kind)(3, 4)
    out = layer(fw.ones(2, 3, requires_grad=True))
    with fw.no_grad():
        for p in layer.parameters():
            p.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        flat(out)[0].sum().backward()


def test_writing_to_the_result_does_not_spoil_the_gradient():
    grads = []
    for write in (False, True):
        paramlab.manual_seed(0)
        layer = our_nn.LSTM(2, 3)
        out, _ = layer(paramlab.ones(4, 1, 2))
        copied = out * 1
        if write:
            with paramlab.no_grad():
                out.detach().zero_()
        copied.sum().backward()
        grads.append(layer.weight_hh_l0.grad.tolist())
    assert grads[0] == grads[1]


NAMES = [
    "nn.RNN(4, 5)",
    "nn.LSTM(4, 5, 2, bidirectional=True)",
    "nn.GRU(4, 5, 2, bias=False)",
    "nn.RNNCell(4, 5)",
    "nn.LSTMCell(4, 5, bias=False)",
    "nn.GRUCell(4, 5)",
]


@pytest.mark.parametrize("made", NAMES)
def test_parameters_have_pytorchs_names_shapes_and_order(made, agree):
    agree(lambda torch: [(n, list(p.shape)) for n, p in eval(made, {"nn": torch.nn}).named_parameters()])


@pytest.mark.parametrize("made", NAMES)
def test_weights_start_evenly_within_one_over_the_root_of_the_size(made):
    paramlab.manual_seed(0)
    module = eval(made.replace("4, 5", "40, 100"), {"nn": our_nn})
    for p in module.parameters():
        assert p.abs().max().item() <= 0.1
        assert p.abs().max().item() > 0.08
        assert p.mean().item() == pytest.approx(0, abs=0.03)
    before = next(module.parameters()).clone()
    module.reset_parameters()
    assert not paramlab.equal(before, next(module.parameters()))


ODD = [
    "nn.RNNCell(4, 5)(torch.ones(3, 3))",
    "nn.RNNCell(4, 5)(torch.ones(3, 4), torch.ones(3, 6))",
    "nn.RNNCell(4, 5)(torch.ones(3, 4), torch.ones(2, 5))",
    "nn.RNNCell(4, 5)(torch.ones(3, 4).double())",
    "nn.RNNCell(4, 5)(torch.ones(3, 4), torch.ones(3, 5).double())",
    "nn.RNNCell(4, 5)(torch.ones(3, 4, 1))",
    "nn.RNNCell(4, 5)(torch.ones(3, 4), torch.ones(3, 4, 1))",
    "nn.RNNCell(4, 5, nonlinearity='x')(torch.ones(3, 4))",
    "nn.RNNCell(4, 5)(torch.ones(3, 4)).grad_fn.name()",
    "nn.RNNCell(4, 5, nonlinearity='relu')(torch.ones(3, 4)).grad_fn.name()",
    "nn.GRUCell(4, 5)(torch.ones(3, 4)).grad_fn.name()",
    "[part.grad_fn.name() for part in nn.RNN(4, 5)(torch.ones(2, 3, 4))]",
    "[part.grad_fn.name() for part in nn.GRU(4, 5, 2)(torch.ones(2, 3, 4))]",
    "nn.GRU(4, 5, bidirectional=True)(torch.ones(2, 3, 4))[0].grad_fn.name()",
    "nn.LSTMCell(4, 5)(torch.ones(3, 3))",
    "nn.LSTMCell(4, 5)(torch.ones(3, 4), (torch.ones(3, 6), torch.ones(3, 6)))",
    "nn.LSTMCell(4, 5)(torch.ones(3, 4), (torch.ones(3, 5), torch.ones(3, 6)))",
    "nn.LSTMCell(4, 5)(torch.ones(3, 4), (torch.ones(2, 5), torch.ones(3, 5)))",
    "nn.LSTMCell(4, 5)(torch.ones(3, 4), torch.ones(3, 5))",
    "nn.LSTMCell(4, 5)(torch.ones(3, 4, 1))",
    "nn.LSTMCell(4, 5)(torch.ones(3, 4), (torch.ones(3, 5), torch.ones(3, 5, 1)))",
    "nn.GRUCell(4, 5)(torch.ones(3, 3))",
    "nn.GRUCell(4, 5)(torch.ones(3, 4), torch.ones(3, 6))",
    "nn.GRUCell(4, 5)(torch.ones(2, 3, 4))",
    "nn.RNNCell(4, 0)(torch.ones(2, 4))",
    "nn.RNN(4, 5)(torch.ones(2, 3, 4).double())",
    "nn.RNN(4, 5)(torch.ones(2, 3, 3))",
    "nn.RNN(4, 5)(torch.ones(2))",
    "nn.LSTM(4, 5)(torch.ones(2))",
    "nn.GRU(4, 5)(torch.ones(2))",
    "nn.RNN(4, 5)(torch.ones(2, 3, 4), torch.ones(1, 3, 6))",
    "nn.RNN(4, 5)(torch.ones(2, 3, 4), torch.ones(3, 5))",
    "nn.RNN(4, 5)(torch.ones(2, 4), torch.ones(1, 3, 5))",
    "nn.RNN(4, 5)(torch.ones(2, 3, 4), torch.ones(1, 3, 5).double())",
    "nn.LSTM(4, 5)(torch.ones(2, 3, 4), (torch.ones(1, 3, 6), torch.ones(1, 3, 6)))",
    "nn.LSTM(4, 5)(torch.ones(2, 3, 4), (torch.ones(1, 3, 5), torch.ones(1, 3, 6)))",
    "nn.LSTM(4, 5)(torch.ones(2, 3, 4), (torch.ones(1, 3, 5), torch.ones(3, 6)))",
    "nn.LSTM(4, 5)(torch.ones(2, 4), (torch.ones(1, 3, 5), torch.ones(3, 6)))",
    "nn.RNN(4, 5)(torch.ones(0, 3, 4))",
    "nn.LSTM(4, 5)(torch.ones(0, 3, 4))",
    "nn.RNN(4, 5)(torch.ones(2, 0, 4))[0].shape",
    "nn.RNN(4, 5, nonlinearity='x')",
    "nn.RNN(4, 5, proj_size=2)",
    "nn.GRU(4, 5, proj_size=2)",
    "nn.LSTM(4, 5, proj_size=7)",
    "nn.LSTM(4, 5, proj_size=-1)",
    "nn.LSTM(1, 3, proj_size=2)(torch.ones(2, 1, 1), (torch.ones(1, 1, 3), torch.ones(1, 1, 3)))",
    "nn.LSTM(1, 3, proj_size=2)(torch.ones(2, 1, 1), (torch.ones(1, 1, 2), torch.ones(1, 1, 2)))",
    "repr(nn.RNN(4, 5, dropout=0.5))",
    "nn.RNN(4, 5, dropout=2)",
    "nn.RNN(4, 5, dropout=True)",
    "nn.RNN(4.0, 5)",
    "nn.RNN(4, 5.0)",
    "nn.RNN(0, 5)",
    "nn.RNN(4, 0)",
    "nn.RNN(4, 5, 0)",
    "nn.RNN(4, 5, bias=1)",
    "nn.RNN(4, 5, batch_first=1)",
    "nn.RNN()",
    "nn.LSTM()",
    "repr(nn.RNN(4, 5, 2, 'relu', False, True, 0.5, True))",
    "repr(nn.LSTM(4, 5, 2, bidirectional=True, batch_first=True, bias=False))",
    "repr(nn.RNNCell(4, 5, False, 'relu'))",
    "[w.shape for layer in nn.LSTM(4, 5, 2).all_weights for w in layer]",
    "nn.RNN(4, 5, batch_first=True)(torch.ones(2, 3, 4))[0].is_contiguous()",
    "nn.RNN(4, 5).flatten_parameters()",
    "[nn.RNN(4, 5).mode, nn.GRU(4, 5).mode, nn.LSTM(4, 5).proj_size, nn.LSTM(4, 5, 2, True, False, 0.1).dropout]",
    "nn.RNN(4, 5, nonlinearity='relu').nonlinearity",
    "nn.GRU(4, 5).double().all_weights[0][0].dtype",
]


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_a_recurrent_layer(expression, agree):
    agree(expression)


def test_projections_have_pytorchs_parameters(agree):
    def program(torch):
        layer = torch.nn.LSTM(4, 5, 2, bidirectional=True, proj_size=3)
        return [(name, list(p.shape)) for name, p in layer.named_parameters()], repr(layer)

    agree(program)


def test_a_replaced_weight_is_the_one_that_counts(agree):
    def program(torch):
        layer = torch.nn.RNN(2, 3)
        layer.weight_ih_l0 = torch.nn.Parameter(torch.zeros(3, 2))
        x = torch.ones(2, 1, 2)
        same = torch.equal(layer(x)[0], layer(x * 100)[0])
        twin = copy.deepcopy(layer)
        return same, torch.equal(layer(x)[0], twin(x)[0])

    agree(program)


def test_a_layer_stays_on_its_device():
    layer = our_nn.LSTM(2, 3).to("sim")
    out, (h, _) = layer(paramlab.ones(4, 1, 2, device="sim"))
    assert out.device.type == h.device.type == "sim"
    with pytest.raises(RuntimeError, match="same device"):
        layer(paramlab.ones(4, 1, 2))


PADDED = [
    "pad([a, b])",
    "pad([a, b], batch_first=True)",
    "pad([a, b], True, -1.0)",
    "pad([a, b], padding_side='left')",
    "pad([torch.tensor([1, 2]), torch.tensor([3])], padding_value=9)",
    "pad(torch.ones(2, 3))",
    "pad([])",
    "pad(3)",
    "pad([a, b], padding_side='x')",
    "pad([a, torch.ones(2, 2)])",
]


@pytest.mark.parametrize("expression", PADDED)
def test_sequences_of_different_lengths_are_padded(expression, agree):
    def program(torch):
        a, b = torch.ones(2, 3, requires_grad=True), torch.full((4, 3), 2.0)
        pad = torch.nn.utils.rnn.pad_sequence
        padded = eval(expression, {"torch": torch, "a": a, "b": b, "pad": pad})
        if padded.requires_grad:
            (padded * torch.arange(1.0, padded.numel() + 1).reshape(padded.shape)).sum().backward()
        return padded.detach(), a.grad

    agree(program)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_output_of_a_layer_can_be_viewed_as_rows(kind, bidirectional, agree):
    def program(torch):
        layer = getattr(torch.nn, kind)(FEATURES, HIDDEN, 2, bidirectional=bidirectional)
        out, last = layer(torch.ones(5, 2, FEATURES))
        states = last if isinstance(last, tuple) else (last,)
        return out.view(10, -1).shape, [state.view(-1).shape for state in states], out.stride()

    agree(program)


MISFITS = [
    "nn.RNNCell(3, 4, bias=False)(torch.ones(2, 3).double())",
    "nn.LSTMCell(3, 4)(torch.ones(2, 3), (torch.ones(2, 4).double(), torch.ones(2, 4).double()))",
    "nn.GRUCell(3, 4, bias=False)(torch.ones(2, 3), torch.ones(2, 4).half())",
    "nn.RNN(3, 4)(torch.ones(5, 2, 3), torch.ones(1, 2, 4).double())",
    "nn.GRU(3, 4, bias=False)(torch.ones(5, 2, 3), torch.ones(1, 2, 4).double())",
    "nn.LSTM(3, 4).double()(torch.ones(5, 2, 3).double(), (torch.ones(1, 2, 4), torch.ones(1, 2, 4)))",
]


@pytest.mark.parametrize("expression", MISFITS)
def test_a_state_or_an_input_of_another_type_is_refused(expression, agree):
    agree(expression)
