"""Embedding: rows looked up, and the gradients that reach them, are PyTorch's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

from ..conftest import assert_same, outcome


@given(
    rows=st.integers(1, 8),
    features=st.integers(1, 4),
    shape=st.lists(st.integers(0, 4), max_size=3),
    seed=st.integers(0, 100),
    by_frequency=st.booleans(),
    data=st.data(),
)
def test_rows_and_their_gradients(rows, features, shape, seed, by_frequency, data, torch):
    rng = np.random.default_rng(seed)
    table, indices = rng.normal(size=(rows, features)), rng.integers(0, rows, shape)
    back = rng.normal(size=(*shape, features))
    padding_idx = data.draw(st.none() | st.integers(-rows, rows - 1))

    def program(torch):
        weight = torch.tensor(table, requires_grad=True)
        out = torch.nn.functional.embedding(torch.tensor(indices), weight, padding_idx, scale_grad_by_freq=by_frequency)
        out.backward(torch.tensor(back))
        return out.detach(), out.grad_fn.name(), weight.grad

    assert_same(outcome(program, torch), outcome(program, paramlab))


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0, float("inf")])
def test_rows_that_are_too_long_are_scaled_down_in_place(norm_type, agree):
    table = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)

    def program(torch):
        layer = torch.nn.Embedding(5, 3, max_norm=1.0, norm_type=norm_type, _weight=torch.tensor(table))
        out = layer(torch.tensor([[0, 2], [2, 4]]))
        out.sum().backward()
        return out.detach(), layer.weight.detach(), layer.weight.grad, layer.weight._version

    agree(program)


def test_indices_written_to_later_do_not_change_the_gradient(agree):
    def program(torch):
        weight, indices = torch.zeros(3, 1, requires_grad=True), torch.tensor([0, 1])
        out = torch.nn.functional.embedding(indices, weight).sum()
        out.backward()
        return weight.grad

    agree(program)


def test_the_row_of_the_padding_starts_as_zeros_and_stays(agree):
    def program(torch):
        layer = torch.nn.Embedding(4, 3, padding_idx=-1)
        layer(torch.tensor([0, 3, 3])).sum().backward()
        return layer.weight[3].detach(), layer.weight.grad, (layer.weight[:3] == 0).any().item()

    agree(program)


def test_first_values_are_normally_distributed():
    paramlab.manual_seed(0)
    weight = paramlab.nn.Embedding(100, 100).weight
    assert weight.mean().item() == pytest.approx(0, abs=0.05)
    assert weight.std().item() == pytest.approx(1, abs=0.05)


def test_a_pretrained_table_is_used_as_it_is(agree):
    def program(torch):
        table = torch.arange(6.0).reshape(3, 2)
        frozen = torch.nn.Embedding.from_pretrained(table)
        tuned = torch.nn.Embedding.from_pretrained(table, freeze=False, padding_idx=1)
        table[0] = 7
        return [(m.weight, m.weight.requires_grad, m.padding_idx, m(torch.tensor(0))) for m in (frozen, tuned)]

    agree(program)


ODD = [
    "F.embedding(torch.tensor([1, 3]), torch.ones(3, 2))",
    "F.embedding(torch.tensor([1, -1]), torch.ones(3, 2))",
    "F.embedding(torch.tensor([1.0, 2.0]), torch.ones(3, 2))",
    "F.embedding(torch.tensor([1, 2], dtype=torch.int32), torch.ones(3, 2))",
    "F.embedding(torch.tensor([1, 2], dtype=torch.uint8), torch.ones(3, 2))",
    "F.embedding(torch.tensor(1), torch.ones(3, 2))",
    "F.embedding(torch.tensor([1, 2]), torch.ones(3))",
    "F.embedding([1, 2], torch.ones(3, 2))",
    "F.embedding(torch.tensor([1, 2]), torch.ones(3, 2), padding_idx=5)",
    "F.embedding(torch.tensor([1, 2]), torch.ones(3, 2), padding_idx=-5)",
    "nn.Embedding(3, 2, padding_idx=3)",
    "nn.Embedding(3, 2, padding_idx=-4)",
    "nn.Embedding(3, 2, _weight=torch.ones(2, 2))",
    "nn.Embedding.from_pretrained(torch.ones(3))",
    "repr(nn.Embedding(3, 2))",
    "repr(nn.Embedding(3, 2, padding_idx=-1))",
    "repr(nn.Embedding(3, 2, 0, max_norm=1.0, norm_type=1.0, scale_grad_by_freq=True, sparse=True))",
    "nn.Embedding(3, 2, dtype=torch.float64).weight.dtype",
    "F.one_hot(torch.tensor([[0, 2], [1, 0]]))",
    "F.one_hot(torch.tensor([0, 2]), 5)",
    "F.one_hot(torch.tensor([0, 2]), 2)",
    "F.one_hot(torch.tensor([0, -2]), 2)",
    "F.one_hot(torch.tensor([0.0, 2]), 3)",
    "F.one_hot(torch.tensor([0, 2], dtype=torch.int32), 3)",
    "F.one_hot(torch.tensor([], dtype=torch.int64))",
    "F.one_hot(torch.tensor([], dtype=torch.int64), 3).shape",
    "F.one_hot(torch.tensor(1), 3)",
]


@pytest.mark.parametrize("expression", ODD)
def test_a_corner_of_an_embedding(expression, agree):
    agree(expression)


def test_sparse_gradients_are_refused():
    with pytest.raises(NotImplementedError, match="sparse=False"):
        paramlab.nn.Embedding(3, 2, sparse=True)(paramlab.tensor([0]))
