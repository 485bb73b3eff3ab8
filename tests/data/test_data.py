"""Data sets, batches, and the digits."""

import numpy as np
import pytest

import paramlab
from paramlab.data import DataLoader, Dataset, Subset, TensorDataset, default_collate, digits


class Squares(Dataset):
    def __getitem__(self, index):
        return paramlab.tensor(float(index)), index**2

    def __len__(self):
        return 10


def test_batches_cover_the_data_in_order():
    batches = list(DataLoader(Squares(), batch_size=4))
    assert [x.tolist() for x, _ in batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert batches[0][1].tolist() == [0, 1, 4, 9]


def test_shuffling_draws_a_new_order_and_can_be_repeated():
    loader = DataLoader(Squares(), batch_size=10, shuffle=True, generator=paramlab.Generator().manual_seed(1))
    again = DataLoader(Squares(), batch_size=10, shuffle=True, generator=paramlab.Generator().manual_seed(1))
    first, second = (next(iter(loader))[0].tolist() for _ in range(2))
    assert sorted(first) == list(range(10))
    assert first != second
    assert next(iter(again))[0].tolist() == first


def test_a_short_batch_can_be_dropped():
    assert len(DataLoader(Squares(), batch_size=4)) == 3
    loader = DataLoader(Squares(), batch_size=4, drop_last=True)
    assert len(loader) == len(list(loader)) == 2


@pytest.mark.parametrize("size", [0, -1, 1.5, True, None])
def test_a_batch_size_is_a_positive_whole_number(size):
    with pytest.raises(ValueError, match="batch_size should be a positive integer value"):
        DataLoader(Squares(), batch_size=size)


def test_batches_of_tensors_are_what_a_stack_of_rows_is():
    data = TensorDataset(paramlab.arange(10.0).view(5, 2), paramlab.arange(5))
    quick = list(DataLoader(data, batch_size=2))
    slow = list(DataLoader(data, batch_size=2, collate_fn=lambda rows: default_collate(rows)))
    for one, other in zip(quick, slow, strict=True):
        for a, b in zip(one, other, strict=True):
            assert paramlab.equal(a, b)
            assert a.dtype is b.dtype


def test_tensors_of_a_data_set_have_one_length():
    with pytest.raises(AssertionError, match="Size mismatch between tensors"):
        TensorDataset(paramlab.ones(2), paramlab.ones(3))


COLLATED = ["[1.5, 2.5]", "[1, 2]", "[True, False]", "['a', 'b']", "[(1, 2.0), (3, 4.0)]", "[{'x': 1}, {'x': 2}]"]


@pytest.mark.parametrize("batch", [*COLLATED, "[np.ones(2), np.zeros(2)]", "[torch.ones(2), torch.zeros(2)]"])
def test_collating_is_that_of_pytorch(batch, torch, agree):
    from torch.utils.data import default_collate as theirs

    def program(package):
        collate = theirs if package is torch else default_collate
        return collate(eval(batch, {"torch": package, "np": np}))

    agree(program)


def test_what_cannot_be_collated_is_refused():
    with pytest.raises(TypeError, match="default_collate: batch must contain tensors"):
        default_collate([object(), object()])


def test_a_subset_reads_through():
    assert [Subset(Squares(), [3, 1])[i][1] for i in range(2)] == [9, 1]


def test_a_data_set_without_items_says_so():
    with pytest.raises(NotImplementedError):
        Dataset()[0]


def test_the_digits_are_split_and_scaled():
    train, test, both = digits(True), digits(False), digits()
    assert (len(train), len(test), len(both)) == (1438, 359, 1797)
    x, y = train[:]
    assert (x.shape, x.dtype, y.dtype) == ((1438, 64), paramlab.float32, paramlab.int64)
    assert (x.min().item(), x.max().item(), sorted(set(y.tolist()))) == (0, 1, list(range(10)))


def test_the_digits_can_be_learned_from_and_not_be_changed():
    x, y = digits(True)[:]
    x.zero_()
    assert digits(True)[:][0].sum().item() > 0
    x, y = digits(True)[:]
    test_x, test_y = digits(False)[:]
    centres = paramlab.stack([x[y == digit].mean(0) for digit in range(10)])
    distances = (test_x[:, None] - centres).square().sum(-1)
    assert (distances.argmin(1) == test_y).float().mean().item() > 0.85
