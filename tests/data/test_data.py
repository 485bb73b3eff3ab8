"""Data sets put together and taken apart, and what the loader makes of them."""

from collections import UserDict, UserList, deque, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab
from paramlab.data import DataLoader, Dataset, Subset, TensorDataset, default_collate, random_split

Point = namedtuple("Point", ["x", "y"])


class Squares(Dataset):
    def __getitem__(self, index):
        return paramlab.tensor(float(index)), index**2

    def __len__(self):
        return 10


def data_of(package):
    """Return ``package.utils.data`` as a program finds it."""
    import importlib

    return importlib.import_module(f"{package.__name__}.utils.data")


def stream(data, count):
    class Count(data.IterableDataset):
        def __iter__(self):
            return iter(range(count))

        def __len__(self):
            return count

    return Count()


# ------------------------------------------------------------------ data sets

PARTS = [
    "len(data.ConcatDataset([range(3), range(4)]))",
    "[data.ConcatDataset([range(3), range(3, 3), range(10, 14)])[i] for i in (0, 2, 3, 6, -1, -7)]",
    "data.ConcatDataset([range(3)])[-4]",
    "data.ConcatDataset([range(3)])[3]",
    "data.ConcatDataset([])",
    "data.ConcatDataset([stream(data, 2)])",
    "list(stream(data, 2) + stream(data, 3))",
    "len(stream(data, 2) + stream(data, 3))",
    "list(data.ChainDataset([range(2)]))",
    "data.Subset([5, 6, 7], [2, 0])[0]",
    "[x.tolist() for x in data.Subset(data.TensorDataset(torch.arange(5)), [3, 1])[[0, 1]]]",
    "data.Subset([5, 6, 7], [2, 0]).__getitems__([0, 1])",
    "len(data.TensorDataset(torch.ones(3, 2), torch.ones(3)))",
    "data.TensorDataset(torch.ones(2), torch.ones(3))",
    "data.TensorDataset(torch.arange(4), torch.arange(4) * 2)[1]",
    "data.TensorDataset(torch.arange(4))[1:3]",
    "data.Dataset()[0]",
    "len(data.Dataset())",
    "list(data.Sampler())",
    "data.IterableDataset()",
    "type('Silent', (data.IterableDataset,), {})()",
]


def test_each_name_is_found_where_pytorch_keeps_it(fw):
    import importlib

    for place, name in (("dataset", "Dataset"), ("sampler", "SubsetRandomSampler"), ("dataloader", "DataLoader")):
        module = importlib.import_module(f"{fw.__name__}.utils.data.{place}")
        assert getattr(module, name) is getattr(data_of(fw), name)


@pytest.mark.parametrize("program", PARTS)
def test_parts_are_those_of_pytorch(program, agree):
    agree(lambda torch: eval(program, {"torch": torch, "data": data_of(torch), "stream": stream}))


def test_two_data_sets_add_up():
    both = TensorDataset(paramlab.arange(2)) + TensorDataset(paramlab.arange(5, 7))
    assert [x.item() for (x,) in (both[i] for i in range(4))] == [0, 1, 5, 6]


def test_an_annotation_may_say_what_is_in_a_data_set():
    class Pairs(Dataset[tuple[int, int]]):
        pass

    assert issubclass(Pairs, Dataset)


def test_a_subset_with_an_item_of_its_own_needs_items_too(agree):
    def program(torch):
        class Doubled(data_of(torch).Subset):
            def __getitem__(self, index):
                return 2 * super().__getitem__(index)

        return Doubled([1, 2], [0])

    agree(program)


# ------------------------------------------------------------------ random_split

LENGTHS = [
    [3, 7],
    [0.5, 0.5],
    [0.3, 0.3, 0.4],
    [0.55, 0.45],
    [10],
    [1.0],
    [0.99, 0.01],
    [5, 4],
    [0.5, 0.6],
    [-0.5, 1.5],
]


@pytest.mark.parametrize("lengths", [*LENGTHS, [0.0, 1.0], [1, 0], [0.1] * 10, [1 / 3] * 3, [11, -1]])
def test_a_split_has_the_lengths_of_pytorch(lengths, agree):
    agree(lambda torch: [len(part) for part in data_of(torch).random_split(range(10), lengths)])


@pytest.mark.filterwarnings("ignore:Length of split")
@given(st.integers(1, 200), st.lists(st.integers(1, 20), min_size=1, max_size=6), st.integers(0, 2**32))
def test_a_split_deals_out_each_example_once(count, weights, seed):
    fractions = [weight / 128 for weight in weights]  # exact in binary, so that they add up to 1
    fractions.append(1 - sum(fractions))
    parts = random_split(range(count), fractions, generator=paramlab.Generator().manual_seed(seed))
    assert sorted(index for part in parts for index in part.indices) == list(range(count))
    again = random_split(range(count), [len(part) for part in parts], paramlab.Generator().manual_seed(seed))
    assert [part.indices for part in again] == [part.indices for part in parts]


# ------------------------------------------------------------------ samplers

SAMPLERS = [
    "list(data.SequentialSampler([7, 8, 9]))",
    "sorted(data.RandomSampler([7, 8, 9]))",
    "len(list(data.RandomSampler(range(3), num_samples=8)))",
    "sorted(list(data.RandomSampler(range(3), num_samples=7))[:6])",
    "len(data.RandomSampler(range(3), replacement=True, num_samples=8))",
    "set(data.RandomSampler(range(3), replacement=True, num_samples=200))",
    "data.RandomSampler([])",
    "data.RandomSampler(range(3), num_samples=0)",
    "data.RandomSampler(range(3), replacement=1)",
    "sorted(data.SubsetRandomSampler([4, 2, 9]))",
    "len(data.SubsetRandomSampler([4, 2, 9]))",
    "set(data.WeightedRandomSampler([0, 1, 3], 100))",
    "sorted(data.WeightedRandomSampler([1, 0, 3], 2, replacement=False))",
    "len(data.WeightedRandomSampler([1, 2], 5))",
    "data.WeightedRandomSampler([1, 2], 0)",
    "data.WeightedRandomSampler([1, 2], True)",
    "data.WeightedRandomSampler([1, 2], 2, replacement=1)",
    "data.WeightedRandomSampler([[1, 2]], 2)",
    "list(data.WeightedRandomSampler([-1.0, 2], 1, replacement=False))",
    "list(data.WeightedRandomSampler([-1.0, 2], 2))",
    "list(data.WeightedRandomSampler([0.0, 0.0], 2))",
    "list(data.WeightedRandomSampler([1.0, 1.0], 3, replacement=False))",
    "list(data.BatchSampler(range(7), 3, False))",
    "list(data.BatchSampler(range(7), 3, drop_last=True))",
    "[len(data.BatchSampler(range(n), 3, drop)) for n in (0, 6, 7) for drop in (True, False)]",
    "data.BatchSampler(range(7), 0, False)",
    "data.BatchSampler(range(7), 2.0, False)",
    "data.BatchSampler(range(7), 2, 1)",
]


@pytest.mark.parametrize("program", SAMPLERS)
def test_samplers_are_those_of_pytorch(program, agree):
    agree(lambda torch: eval(program, {"data": data_of(torch)}))


def test_heavy_examples_are_drawn_more_often():
    generator = paramlab.Generator().manual_seed(0)
    drawn = list(paramlab.data.WeightedRandomSampler([1, 3], 4000, generator=generator))
    assert drawn.count(1) / len(drawn) == pytest.approx(0.75, abs=0.03)


# ------------------------------------------------------------------ the loader

LOADERS = [
    "[b.tolist() for b in data.DataLoader(range(7), batch_size=3)]",
    "[b.tolist() for b in data.DataLoader(range(7), 3, drop_last=True)]",
    "[len(data.DataLoader(range(7), 3, drop_last=drop)) for drop in (True, False)]",
    "sorted(x for b in data.DataLoader(range(7), 3, shuffle=True) for x in b.tolist())",
    "list(data.DataLoader([1, 2.5, 'a'], batch_size=None))",
    "list(data.DataLoader([(np.ones(2), 3)], batch_size=None))",
    "list(data.DataLoader([{'x': np.float32(2), 'y': [np.arange(2)]}], batch_size=None))",
    "len(data.DataLoader(range(5), batch_size=None))",
    "[b.tolist() for b in data.DataLoader(range(7), 2, sampler=[5, 3, 1])]",
    "[b.tolist() for b in data.DataLoader(range(7), batch_sampler=[[5, 3], [1]])]",
    "data.DataLoader(range(7), batch_sampler=[[5, 3], [1]]).batch_size",
    "[b for b in data.DataLoader(range(4), 2, collate_fn=sum)]",
    "[b.tolist() for b in data.DataLoader(stream(data, 5), 2)]",
    "[b.tolist() for b in data.DataLoader(stream(data, 5), 2, drop_last=True)]",
    "list(data.DataLoader(stream(data, 3), batch_size=None))",
    "[len(data.DataLoader(stream(data, 5), n)) for n in (2, 5, None)]",
    "[b[0].tolist() for b in data.DataLoader(data.Subset(data.TensorDataset(torch.arange(9)), [8, 2, 4]), 2)]",
    "[type(b).__name__ for b in data.DataLoader(data.TensorDataset(torch.arange(3)), 2)]",
    "data.DataLoader(range(3), batch_size=0)",
    "data.DataLoader(range(3), batch_size=-1)",
    "data.DataLoader(range(3), batch_size=1.5)",
    "data.DataLoader(range(3), batch_size=True)",
    "data.DataLoader([], shuffle=True)",
    "list(data.DataLoader([]))",
    "data.DataLoader(range(3), shuffle=True, sampler=[1])",
    "data.DataLoader(range(3), batch_size=2, batch_sampler=[[1]])",
    "data.DataLoader(range(3), shuffle=True, batch_sampler=[[1]])",
    "data.DataLoader(range(3), batch_size=None, drop_last=True)",
    "data.DataLoader(range(3), num_workers=-1)",
    "data.DataLoader(range(3), timeout=-1)",
    "data.DataLoader(range(3), prefetch_factor=2)",
    "data.DataLoader(range(3), persistent_workers=True)",
    "data.DataLoader(range(3), pin_memory=False, num_workers=0).num_workers",
    "data.DataLoader(stream(data, 3), shuffle=True)",
    "data.DataLoader(stream(data, 3), sampler=[1])",
    "data.DataLoader(stream(data, 3), batch_sampler=[[1]])",
    "setattr(data.DataLoader(range(3)), 'batch_size', 2)",
    "data.DataLoader(range(3), multiprocessing_context='fork')",
    "list(data.DataLoader(range(3), timeout=1))",
    "[b.tolist() for b in data.DataLoader(range(3), pin_memory=True)]",
    "len(iter(data.DataLoader(range(7), 3)))",
    "(lambda passed: iter(passed) is passed)(iter(data.DataLoader(range(3))))",
]


def test_a_stream_longer_than_it_said_is_warned_of_once_the_length_was_asked_for(agree):
    def program(torch):
        class Liar(data_of(torch).IterableDataset):
            def __iter__(self):
                return iter(range(4))

            def __len__(self):
                return 2

        loader = data_of(torch).DataLoader(Liar(), batch_size=None)
        return [list(iter(loader)), list(iter(loader)), len(loader), list(iter(loader))]

    agree(program)


@pytest.mark.parametrize("program", LOADERS)
def test_loaders_are_those_of_pytorch(program, agree):
    names = {"np": np, "stream": stream}
    agree(lambda torch: eval(program, {"torch": torch, "data": data_of(torch), **names}))


def test_shuffling_draws_a_new_order_and_can_be_repeated():
    loader = DataLoader(Squares(), batch_size=10, shuffle=True, generator=paramlab.Generator().manual_seed(1))
    again = DataLoader(Squares(), batch_size=10, shuffle=True, generator=paramlab.Generator().manual_seed(1))
    first, second = (next(iter(loader))[0].tolist() for _ in range(2))
    assert sorted(first) == list(range(10))
    assert first != second
    assert next(iter(again))[0].tolist() == first


def test_a_generator_of_its_own_leaves_the_common_one_alone():
    def drawn_after(work):
        paramlab.manual_seed(3)
        work()
        return paramlab.rand(2).tolist()

    own = paramlab.Generator().manual_seed(0)
    loader = DataLoader(Squares(), shuffle=True, generator=own)
    assert drawn_after(lambda: (list(loader), random_split(Squares(), [4, 6], own))) == drawn_after(lambda: None)


def test_workers_are_accepted_and_do_nothing():
    loader = DataLoader(Squares(), batch_size=5, num_workers=2, persistent_workers=True)
    assert [x.tolist() for x, _ in loader] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


def test_a_loader_is_lazy():
    seen = []

    class Noted(Squares):
        def __getitem__(self, index):
            seen.append(index)
            return index

    next(iter(DataLoader(Noted(), batch_size=2)))
    assert seen == [0, 1]


def test_batches_of_tensors_are_what_a_stack_of_rows_is():
    data = TensorDataset(paramlab.arange(10.0).view(5, 2), paramlab.arange(5))
    quick = list(DataLoader(data, batch_size=2))
    slow = list(DataLoader(data, batch_size=2, collate_fn=lambda rows: default_collate(rows)))
    for one, other in zip(quick, slow, strict=True):
        for a, b in zip(one, other, strict=True):
            assert paramlab.equal(a, b)
            assert a.dtype is b.dtype


def test_a_subclass_of_tensor_dataset_is_asked_for_its_own_items():
    class Negative(TensorDataset):
        def __getitem__(self, index):
            return tuple(-x for x in super().__getitem__(index))

    assert next(iter(DataLoader(Negative(paramlab.ones(2)), 2)))[0].tolist() == [-1, -1]


# ------------------------------------------------------------------ collating

COLLATED = [
    "[1.5, 2.5]",
    "[1, 2]",
    "[True, False]",
    "['a', 'b']",
    "('a', 'b')",
    "[b'a', b'b']",
    "[(1, 2.0), (3, 4.0)]",
    "[[1, 2.0], [3, 4.0]]",
    "[{'x': 1}, {'x': 2}]",
    "[(1, {'x': [2.0, 'a']}), (3, {'x': [4.0, 'b']})]",
    "[Point(1, 2.0), Point(3, 4.0)]",
    "[range(2), range(2)]",
    "[np.ones(2), np.zeros(2)]",
    "[np.float32(1), np.float32(2)]",
    "[np.int64(1), np.int64(2)]",
    "[np.bool_(True)]",
    "[torch.ones(2), torch.zeros(2)]",
    "[torch.ones(2), torch.zeros(3)]",
    "[(1, 2), (3,)]",
    "[np.array(['a'])]",
    "[None]",
    "[object()]",
]


@pytest.mark.parametrize("batch", COLLATED)
def test_collating_is_that_of_pytorch(batch, agree):
    def program(torch):
        collated = data_of(torch).default_collate(eval(batch, {"torch": torch, "np": np, "Point": Point}))
        return type(collated).__name__, collated

    agree(program)


@pytest.mark.parametrize("kind", [UserDict, UserList])
def test_a_container_of_another_class_stays_one(kind, agree):
    content = {"x": 1} if kind is UserDict else [1, 2]

    def program(torch):
        collated = data_of(torch).default_collate([kind(content), kind(content)])
        return type(collated).__name__, collated.data

    agree(program)


def test_a_deque_stays_a_deque(agree):
    def program(torch):
        collated = data_of(torch).default_collate([deque([1, 2]), deque([3, 4])])
        return type(collated).__name__, list(collated)

    agree(program)


def test_what_is_collated_was_not_written_to():
    rows = [[1, 2], [3, 4]]
    default_collate(rows)
    assert rows == [[1, 2], [3, 4]]


def test_what_cannot_be_collated_is_refused_with_a_way_out():
    with pytest.raises(TypeError, match=r"default_collate: batch must contain tensors.*collate_fn of your own"):
        default_collate([object(), object()])


def test_a_subset_reads_through():
    assert [Subset(Squares(), [3, 1])[i][1] for i in range(2)] == [9, 1]


def test_there_is_no_worker_in_the_main_process(fw):
    assert data_of(fw).get_worker_info() is None


def test_a_loader_and_a_data_set_may_be_annotated_with_what_they_give():
    assert DataLoader[int] is DataLoader
    assert Dataset[int] is Dataset
