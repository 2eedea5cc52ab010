"""Where an array lives: the memory that it shares with its views, and its place in there."""
import numpy as np


def owner_of(array):
    """The array that owns the memory in which this view lives."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def memory_of(array):
    """The owner's elements in memory order, as a vector on the same memory; with gaps, what lies between them too."""
    owner = owner_of(array)
    if owner.flags.forc:
        return owner.ravel(order="K")
    reach = 1 + sum((n - 1) * step // owner.itemsize for n, step in zip(owner.shape, owner.strides))
    return np.lib.stride_tricks.as_strided(owner, (reach,), (owner.itemsize,))


def geometry_of(array):
    """(size, strides, storage offset) of an array, in elements."""
    offset = array.__array_interface__["data"][0] - owner_of(array).__array_interface__["data"][0]
    return array.shape, tuple([s // array.itemsize for s in array.strides]), offset // array.itemsize
