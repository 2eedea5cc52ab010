"""Datasets: anything with `__getitem__` and `__len__`, or, where items come as a stream, with `__iter__`."""
import bisect
import itertools
import math
import warnings
from collections.abc import Iterable
from typing import Generic, TypeVar

from ...creation import randperm
from ...engine import wrap
from ...random import default_generator

T = TypeVar("T", covariant=True)


class Dataset(Generic[T]):
    """torch.utils.data.Dataset: a subclass writes `__getitem__(index)`, and usually `__len__()`.

    A `__getitems__(indices)`, where there is one, is asked for a whole batch: a list of items. `a + b` concatenates.

    >>> class Squares(Dataset):
    ...     def __len__(self): return 3
    ...     def __getitem__(self, i): return i * i
    >>> (Squares() + Squares())[4]
    1
    """

    def __getitem__(self, index):
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other):
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T], Iterable[T]):
    """A dataset that is a stream: a subclass writes `__iter__()`. Where a DataLoader has several workers, each of them
    iterates over a copy: share the items out by get_worker_info().
    """

    def __add__(self, other):
        return ChainDataset([self, other])


class TensorDataset(Dataset):
    """Item i is the tuple of the i-th entries of all tensors. AssertionError unless they have equally many.

    >>> import minitorch as torch
    >>> TensorDataset(torch.arange(3), torch.tensor([5., 6., 7.]))[1]
    (tensor(1), tensor(6.))
    """

    def __init__(self, *tensors):
        if any(len(tensor) != len(tensors[0]) for tensor in tensors):
            raise AssertionError("Size mismatch between tensors")
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(tensor[index] for tensor in self.tensors)

    def __getitems__(self, indices):
        if any(tensor.requires_grad for tensor in self.tensors) or any(type(i) is not int for i in indices):
            return [self[i] for i in indices]
        arrays = [tensor.array for tensor in self.tensors]  # nothing to record: many times faster than tensor[i]
        return [tuple([wrap(array[i, ...]) for array in arrays]) for i in indices]

    def __len__(self):
        return len(self.tensors[0])


class StackDataset(Dataset):
    """Item i is the tuple (or, for datasets given by name, the dict) of the i-th items of all datasets.

    ValueError unless they have equally many, and are all named or all not.

    >>> StackDataset(x=[1, 2], y=[3, 4])[1]
    {'x': 2, 'y': 4}
    """

    def __init__(self, *args, **kwargs):
        if args and kwargs:
            raise ValueError("Supported either ``tuple``- (via ``args``) or``dict``- (via ``kwargs``) like "
                             "input/output, but both types are given.")
        if not args and not kwargs:
            raise ValueError("At least one dataset should be passed")
        self.datasets = args or kwargs
        lengths = [len(dataset) for dataset in args or kwargs.values()]
        if len(set(lengths)) > 1:
            raise ValueError("Size mismatch between datasets")
        self._length = lengths[0]

    def __getitem__(self, index):
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __getitems__(self, indices):
        named = isinstance(self.datasets, dict)
        columns = [items_of(dataset, indices) for dataset in (self.datasets.values() if named else self.datasets)]
        for column in columns:
            if len(column) != len(indices):
                raise ValueError(f"Nested dataset's output size mismatch. Expected {len(indices)}, got {len(column)}")
        rows = zip(*columns)
        return [dict(zip(self.datasets, row)) for row in rows] if named else list(rows)

    def __len__(self):
        return self._length


class ConcatDataset(Dataset[T]):
    """One dataset after the other. AssertionError for none, or for an IterableDataset.

    >>> ConcatDataset(["ab", "cde"])[-1]
    'e'
    """

    def __init__(self, datasets):
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("datasets should not be an empty iterable")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise AssertionError("ConcatDataset does not support IterableDataset")
        self.cumulative_sizes = list(itertools.accumulate(map(len, self.datasets)))

    def __len__(self):
        return self.cumulative_sizes[-1]

    def __getitem__(self, idx):
        if idx < 0:
            if -idx > len(self):
                raise ValueError("absolute value of index should not exceed dataset length")
            idx += len(self)
        i = bisect.bisect_right(self.cumulative_sizes, idx)
        return self.datasets[i][idx - (self.cumulative_sizes[i - 1] if i else 0)]


class ChainDataset(IterableDataset):
    """One stream after the other. AssertionError, when iterating, for a dataset that is not an IterableDataset."""

    def __init__(self, datasets):
        self.datasets = datasets

    def _checked(self):
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise AssertionError("ChainDataset only supports IterableDataset")
            yield dataset

    def __iter__(self):
        return itertools.chain.from_iterable(self._checked())

    def __len__(self):
        return sum(map(len, self._checked()))


class Subset(Dataset[T]):
    """The items of `dataset` at `indices`.

    A subclass with its own `__getitem__` needs a `__getitems__` too: NotImplementedError.

    >>> list(Subset("abcd", [3, 0]))
    ['d', 'a']
    """

    def __init__(self, dataset, indices):
        self.dataset, self.indices = dataset, indices
        if type(self).__getitem__ is not Subset.__getitem__ and type(self).__getitems__ is Subset.__getitems__:
            raise NotImplementedError(f"{type(self).__name__} overrides __getitem__ but not __getitems__. When "
                                      "subclassing Subset and overriding __getitem__, you must also override "
                                      "__getitems__, which the DataLoader calls.")

    def __getitem__(self, idx):
        if isinstance(idx, list):
            return self.dataset[[self.indices[i] for i in idx]]
        return self.dataset[self.indices[idx]]

    def __getitems__(self, indices):
        return items_of(self.dataset, [self.indices[i] for i in indices])

    def __len__(self):
        return len(self.indices)


def items_of(dataset, indices):
    """The items at these indices, by `__getitems__` where the dataset has one."""
    getitems = getattr(dataset, "__getitems__", None)
    return getitems(indices) if getitems else [dataset[i] for i in indices]


def random_split(dataset, lengths, generator=default_generator):
    """Subsets of these lengths, of a random permutation: torch's permutation for the same seed.

    Lengths that sum to 1 are fractions; what rounding down leaves over goes to the first ones, one item each.
    ValueError where the lengths do not sum to the dataset's, or a fraction is not in [0, 1].

    >>> import minitorch as torch
    >>> [len(subset) for subset in random_split(range(10), [0.25, 0.75])]
    [3, 7]
    """
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        for i, fraction in enumerate(lengths):
            if not 0 <= fraction <= 1:
                raise ValueError(f"Fraction at index {i} is not between 0 and 1")
        lengths = [math.floor(len(dataset) * fraction) for fraction in lengths]
        for i in range(len(dataset) - sum(lengths)):
            lengths[i % len(lengths)] += 1
        for i, length in enumerate(lengths):
            if length == 0:
                warnings.warn(f"Length of split at index {i} is 0. This might result in an empty "
                              "dataset.", stacklevel=2)
    if sum(lengths) != len(dataset):
        raise ValueError("Sum of input lengths does not equal the length of the input dataset!")
    indices = iter(randperm(len(dataset), generator=generator).tolist())
    return [Subset(dataset, list(itertools.islice(indices, length))) for length in lengths]
