"""From a list of items to a batch."""
import copy
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence

import numpy as np

from ...creation import as_tensor, tensor
from ...device import kernels_of
from ...dtypes import float64
from ...engine import TensorBase, wrap
from ...ops import stack

_NOT_NUMBERS = "SaUO"  # dtype kinds of NumPy that no tensor holds: bytes, strings, objects


def default_collate(batch):
    """A batch of N items as one: what DataLoader does with them unless it has a `collate_fn`.

    tensors, arrays            -> a tensor with a new first dimension N
    numbers                    -> a tensor of shape (N,): float64 for floats, int64 for ints, NumPy's own dtype
    strings, bytes             -> the list itself
    dicts, tuples, sequences   -> the same container of collated entries; a plain tuple becomes a list

    TypeError for other items, RuntimeError for tensors or sequences of different sizes.

    >>> default_collate([(1, {"a": 0.5}), (2, {"a": 1.5})])
    [tensor([1, 2]), {'a': tensor([0.5000, 1.5000], dtype=torch.float64)}]
    """
    item = batch[0]
    if isinstance(item, TensorBase):
        return _stack(batch)
    if isinstance(item, np.ndarray):
        if item.dtype.kind in _NOT_NUMBERS:
            raise TypeError(_cannot_collate(item.dtype))
        return _stack([as_tensor(array) for array in batch])
    if isinstance(item, (np.bool_, np.number)):
        return as_tensor(batch)
    if isinstance(item, float):
        return tensor(batch, dtype=float64)
    if isinstance(item, int):
        return tensor(batch)
    if isinstance(item, (str, bytes)):
        return batch
    if isinstance(item, Mapping):
        return _like(item, {key: default_collate([other[key] for other in batch]) for key in item})
    if isinstance(item, Sequence):
        if any(len(other) != len(item) for other in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        return _like(item, [default_collate(entries) for entries in zip(*batch)])
    raise TypeError(_cannot_collate(type(item)))


def _stack(batch):
    """ops.stack, but faster where there is nothing to record: a batch has many small items."""
    arrays = [item.array for item in batch]
    if any(item.requires_grad for item in batch) or len({(array.shape, array.dtype) for array in arrays}) > 1:
        return stack(batch)
    return wrap(kernels_of(arrays[0]).cat([array[None] for array in arrays], 0))  # N x (1, ...) -> (N, ...)


def _cannot_collate(kind):
    return f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {kind}"


def default_convert(data):
    """The arrays and NumPy numbers in `data` as tensors, everything else as it is: DataLoader(batch_size=None).

    >>> default_convert([np.zeros(2), "text"])
    [tensor([0., 0.], dtype=torch.float64), 'text']
    """
    if isinstance(data, (np.ndarray, np.generic)) and data.dtype.kind not in _NOT_NUMBERS:
        return as_tensor(data)
    if isinstance(data, Mapping):
        return _like(data, {key: default_convert(data[key]) for key in data})
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _like(data, [default_convert(entry) for entry in data])
    return data


def _like(container, entries):
    """A container of the same type, where possible, with these entries (a dict or a list); a list for a tuple."""
    if isinstance(container, tuple):
        return type(container)(*entries) if hasattr(container, "_fields") else entries
    try:
        if isinstance(container, MutableMapping):
            container = copy.copy(container)  # not a new one: it may be a defaultdict, which is made in another way
            container.update(entries)
            return container
        if isinstance(container, MutableSequence):
            container = copy.copy(container)
            for i, entry in enumerate(entries):
                container[i] = entry
            return container
        return type(container)(entries)
    except TypeError:  # an array.array holds no tensors, a range cannot be made of them
        return entries
