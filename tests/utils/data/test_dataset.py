"""Datasets behave as PyTorch's, and random_split draws PyTorch's permutation."""
import pytest

from tests.oracle import check_raises, check_same, import_torch

import_torch()


class Counting:
    """A map-style dataset, derived from the library's Dataset."""

    def __new__(cls, T, n, start=0):
        class Dataset(T.utils.data.Dataset[int]):
            def __len__(self):
                return n

            def __getitem__(self, i):
                if not 0 <= i < n:
                    raise IndexError(i)
                return start + i
        return Dataset()


class Fetching:
    """The same, with `__getitems__`: which says so."""

    def __new__(cls, T, n, fetched=None):
        class Dataset(T.utils.data.Dataset):
            def __len__(self):
                return n

            def __getitem__(self, i):
                return ("one", i)

            def __getitems__(self, indices):
                return [("many", i) for i in indices][:fetched]
        return Dataset()


def stream(T, *values):
    class Stream(T.utils.data.IterableDataset):
        def __iter__(self):
            return iter(values)

        def __len__(self):
            return len(values)
    return Stream()


def test_dataset():
    check_same(lambda T: list(Counting(T, 3) + Counting(T, 2, 10)))
    check_raises(lambda T: T.utils.data.Dataset()[0], "Subclasses of Dataset should implement __getitem__")
    check_raises(lambda T: len(T.utils.data.Dataset()))


def test_tensor_dataset():
    def read(T):
        dataset = T.utils.data.TensorDataset(T.arange(6).reshape(3, 2), T.tensor([0.5, 1.5, 2.5]))
        return len(dataset), dataset[1], dataset[-1], dataset[[0, 2]], dataset[1:], list(dataset.tensors)
    check_same(read)
    check_same(lambda T: list(T.utils.data.DataLoader(T.utils.data.TensorDataset(T.arange(4)), 2, sampler=[3, -1])))
    check_raises(lambda T: list(T.utils.data.DataLoader(T.utils.data.TensorDataset(T.zeros(2)), sampler=[2])))
    check_raises(lambda T: T.utils.data.TensorDataset(T.zeros(2), T.zeros(3)), "Size mismatch between tensors")
    check_raises(lambda T: T.utils.data.TensorDataset(T.zeros(2))[2], "index 2 is out of bounds for dimension 0")


def test_concat_dataset():
    def read(T):
        dataset = T.utils.data.ConcatDataset(iter([Counting(T, 2), Counting(T, 0), Counting(T, 3, 10)]))
        return len(dataset), [dataset[i] for i in range(-5, 5)], dataset.cumulative_sizes
    check_same(read)
    check_raises(lambda T: T.utils.data.ConcatDataset([]), "datasets should not be an empty iterable")
    check_raises(lambda T: T.utils.data.ConcatDataset([stream(T, 1)]), "ConcatDataset does not support IterableDataset")
    check_raises(lambda T: (Counting(T, 2) + Counting(T, 1))[-4], "absolute value of index should not exceed")
    check_raises(lambda T: (Counting(T, 2) + Counting(T, 1))[3])


def test_chain_dataset():
    check_same(lambda T: [list(stream(T, 1, 2) + stream(T, 3)), len(stream(T, 1, 2) + stream(T, 3))])
    check_raises(lambda T: list(stream(T, 1) + Counting(T, 2)), "ChainDataset only supports IterableDataset")
    check_raises(lambda T: len(stream(T, 1) + Counting(T, 2)), "ChainDataset only supports IterableDataset")
    check_raises(lambda T: list(T.utils.data.IterableDataset()))


def test_stack_dataset():
    def read(T):
        D = T.utils.data
        row, named = D.StackDataset(Counting(T, 3), Fetching(T, 3)), D.StackDataset(a=Counting(T, 3), b=Fetching(T, 3))
        return len(row), row[1], named[2], row.__getitems__([0, 2]), named.__getitems__([2, 1]), named.__getitems__([])
    check_same(read)
    check_raises(lambda T: T.utils.data.StackDataset(), "At least one dataset should be passed")
    check_raises(lambda T: T.utils.data.StackDataset([1], a=[1]), "both types are given")
    check_raises(lambda T: T.utils.data.StackDataset([1], [1, 2]), "Size mismatch between datasets")
    check_raises(lambda T: T.utils.data.StackDataset(a=[1], b=[1, 2]), "Size mismatch between datasets")
    check_raises(lambda T: T.utils.data.StackDataset(Fetching(T, 3, 1)).__getitems__([0, 1]), "Expected 2, got 1")


def test_subset():
    def read(T):
        Subset = T.utils.data.Subset
        plain, fetching = Subset(Counting(T, 9), [5, 3, 1]), Subset(Fetching(T, 9), [5, 3, 1])
        tensors = Subset(T.utils.data.TensorDataset(T.arange(4)), [3, 1, 0])
        return (len(plain), list(plain), plain.__getitems__([2, 0]), fetching[0], fetching.__getitems__([2, 0]),
                Subset(plain, [2, 1]).__getitems__([0, 1]), tensors[[2, 0]])
    check_same(read)

    def override(T):
        class Doubled(T.utils.data.Subset):
            def __getitem__(self, i):
                return 2 * super().__getitem__(i)
        return Doubled([1], [0])
    check_raises(override, "Doubled overrides __getitem__ but not __getitems__")


@pytest.mark.parametrize("n, lengths", [
    (10, [3, 7]), (10, [10, 0]), (10, [0.25, 0.25, 0.5]), (11, [0.25] * 4), (1, [1]), (0, [])])
def test_random_split(n, lengths):
    def split(T):
        T.manual_seed(3)
        parts = T.utils.data.random_split(range(n), lengths)
        generator = T.Generator().manual_seed(1)
        return [part.indices for part in parts + T.utils.data.random_split(range(n), lengths, generator)], T.rand(1)
    check_same(split)


def test_random_split_refuses():
    check_raises(lambda T: T.utils.data.random_split(range(10), [3, 8]), "Sum of input lengths does not equal")
    check_raises(lambda T: T.utils.data.random_split(range(10), [1.5, -0.5]), "Fraction at index 0 is not between 0")
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        check_same(lambda T: [len(part) for part in T.utils.data.random_split(range(2), [0.9, 0.1])])
