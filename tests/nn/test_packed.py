"""Packed sequences: packing, padding, and recurrent layers on them, all as in PyTorch."""

import importlib
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab
from paramlab.nn.utils.rnn import pack_padded_sequence, pack_sequence, unpack_sequence
from tests.conftest import assert_same, outcome

LINES = """
rnn.pack_padded_sequence(torch.arange(12.0).reshape(4, 3), [4, 3, 1])
rnn.pack_padded_sequence(torch.arange(12.0).reshape(4, 3), [3, 3, 1])
rnn.pack_padded_sequence(torch.arange(12).reshape(4, 3), torch.tensor([1, 3, 3]), enforce_sorted=False)
rnn.pack_padded_sequence(torch.arange(24.0).reshape(3, 4, 2), [4, 2, 2], batch_first=True)
rnn.pack_padded_sequence(torch.arange(12.0).reshape(3, 4), torch.tensor([2.5, 2, 1]), True)
rnn.pack_padded_sequence(torch.ones(4, 3), [1, 3, 4])
rnn.pack_padded_sequence(torch.ones(4, 3), [4, 3])
rnn.pack_padded_sequence(torch.ones(4, 3), [4, 3, 0])
rnn.pack_padded_sequence(torch.ones(4, 3), [1, -1, 3], enforce_sorted=False)
rnn.pack_padded_sequence(torch.ones(4, 3), 4)
rnn.pack_padded_sequence(torch.ones(4, 3), [[4, 3, 1]])
rnn.pack_padded_sequence(torch.ones(0, 3), [0, 0, 0])
rnn.pack_padded_sequence(torch.ones(4), [4])
rnn.pack_sequence([torch.arange(3), torch.arange(2)])
rnn.pack_sequence([torch.ones(1), torch.ones(2)])
rnn.pack_sequence([torch.ones(1), torch.ones(2)], enforce_sorted=False)
rnn.pack_sequence([])
rnn.pack_sequence([torch.tensor(1.0)])
rnn.pack_sequence([torch.ones(2, 3), torch.ones(2, 4)])
rnn.pad_packed_sequence(rnn.pack_sequence([torch.arange(3), torch.arange(1)]), padding_value=7, total_length=5)
rnn.pad_packed_sequence(rnn.pack_sequence([torch.arange(1), torch.arange(3)], False), batch_first=True)
rnn.pad_packed_sequence(rnn.pack_sequence([torch.arange(3)]), total_length=2)
rnn.unpad_sequence(torch.arange(6).reshape(3, 2), torch.tensor([3, 1]))
rnn.PackedSequence(torch.ones(2))
rnn.PackedSequence((torch.ones(2), torch.tensor([1, 1])))
rnn.PackedSequence(torch.ones(3), torch.tensor([3]), torch.tensor([2, 0, 1]))
rnn.pack_sequence([torch.ones(1), torch.ones(2)], False).double().data
rnn.pack_sequence([torch.ones(2)])._fields
"""


@pytest.mark.parametrize("line", LINES.strip().splitlines())
def test_packing_and_padding(line, agree):
    def program(torch):
        rnn = importlib.import_module(f"{torch.__name__}.nn.utils.rnn")
        answer = eval(line, {"torch": torch, "rnn": rnn})
        return (repr(answer), *answer) if isinstance(answer, tuple) else answer

    agree(program)


def test_lengths_beyond_the_padding_are_refused():
    with pytest.raises(RuntimeError, match="a length of 5 is more than the 4 steps"):
        pack_padded_sequence(paramlab.ones(4, 2), [5, 1])


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(0, 2**16))
def test_unpacking_undoes_packing(lengths, seed):
    rng = np.random.default_rng(seed)
    sequences = [paramlab.tensor(rng.normal(size=(length, 2))) for length in lengths]
    back = unpack_sequence(pack_sequence(sequences, enforce_sorted=False))
    assert all(a.equal(b) for a, b in zip(sequences, back, strict=True))


@st.composite
def packed_runs(draw):
    """Draw a layer, its options, and the lengths of sequences."""
    kind = draw(st.sampled_from(["RNN", "LSTM", "GRU"]))
    options = {"num_layers": draw(st.integers(1, 2)), "bidirectional": draw(st.booleans())}
    options |= {"bias": draw(st.booleans()), "batch_first": draw(st.booleans())}
    if kind == "LSTM":
        options["proj_size"] = draw(st.sampled_from([0, 0, 2]))
    lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    return kind, options, lengths, draw(st.booleans()), draw(st.integers(0, 2**16))


def run(torch, kind, options, lengths, with_states, seed):
    """Return a layer's packed output, its states, and every gradient."""
    rng = np.random.default_rng(seed)

    def numbers(shape):
        return torch.tensor(rng.normal(0, 0.7, tuple(shape)), dtype=torch.float64)

    rnn = importlib.import_module(f"{torch.__name__}.nn.utils.rnn")
    layer = getattr(torch.nn, kind)(3, 4, dtype=torch.float64, **options)
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(numbers(p.shape))
    sequences = [numbers((length, 3)).requires_grad_() for length in lengths]
    states = []
    if with_states:
        rows = options["num_layers"] * (1 + options["bidirectional"])
        sizes = [options.get("proj_size") or 4] + [4] * (kind == "LSTM")
        states = [numbers((rows, len(lengths), size)).requires_grad_() for size in sizes]
    given = (tuple(states) if kind == "LSTM" else states[0],) if states else ()
    warnings.filterwarnings("ignore", "LSTM with projections")  # PyTorch's, of what it runs on
    packed, ends = layer(rnn.pack_sequence(sequences, enforce_sorted=False), *given)
    padded, _ = rnn.pad_packed_sequence(packed, batch_first=True, padding_value=2.0)
    ends = list(ends) if isinstance(ends, tuple) else [ends]
    sum((out * numbers(out.shape)).sum() for out in (padded, *ends)).backward()
    asked = [*sequences, *states, *layer.parameters()]
    return packed.batch_sizes, packed.sorted_indices, padded.detach(), ends, [t.grad for t in asked]


@given(packed_runs())
def test_a_layer_on_packed_sequences_and_all_its_gradients(torch, given):
    theirs, ours = (outcome(lambda package: run(package, *given), package) for package in (torch, paramlab))
    assert_same(theirs, ours, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("given", ["torch.ones(2, 1, 4)", "torch.ones(1, 3, 4)", "torch.ones(1, 1, 5)"])
def test_a_state_of_another_shape_is_refused(given, agree):
    def program(torch):
        rnn = importlib.import_module(f"{torch.__name__}.nn.utils.rnn")
        return torch.nn.GRU(3, 4)(rnn.pack_sequence([torch.ones(2, 3)]), eval(given, {"torch": torch}))

    agree(program)


def test_a_packed_sequence_moves_as_one():
    packed = pack_sequence([paramlab.ones(1), paramlab.ones(2)], enforce_sorted=False)
    moved = packed.to("sim")
    places = [t.device.type for t in moved]
    assert places == ["sim", "cpu", "sim", "sim"]
    assert packed.to("cpu") is packed
