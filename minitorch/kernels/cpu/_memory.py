"""Where an array lives: the memory that it shares with its views, and its place in there."""
import numpy as np


def owner_of(array):
    """The array that owns the memory in which this view lives."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def memory_of(array):
    """The owner's elements in memory order, as a vector on the same memory."""
    return owner_of(array).ravel(order="K")


def geometry_of(array):
    """(size, strides, storage offset) of an array, in elements."""
    offset = array.__array_interface__["data"][0] - owner_of(array).__array_interface__["data"][0]
    return array.shape, tuple([s // array.itemsize for s in array.strides]), offset // array.itemsize
