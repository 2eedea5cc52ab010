"""torch.Size: the tuple of ints that a tensor's shape is."""
import math
import operator

from . import _shapes

__all__ = ["Size", "broadcast_shapes"]


class Size(tuple):
    """A tuple of ints that stays a Size when it is sliced, concatenated or repeated.

    Raises TypeError for an item that is no integer.

    >>> size = Size([2, 3])
    >>> size, size.numel(), size[1:] + (4,)
    (torch.Size([2, 3]), 6, torch.Size([3, 4]))
    """

    __slots__ = ()

    def __new__(cls, sizes=(), /):
        return super().__new__(cls, [_integer(i, size) for i, size in enumerate(sizes)])

    def __repr__(self):
        return f"torch.Size({list(self)})"

    def __getitem__(self, index):
        item = super().__getitem__(index)
        return Size(item) if isinstance(index, slice) else item

    def __add__(self, other):
        if isinstance(other, tuple):
            return Size((*self, *other))
        if hasattr(other, "__radd__"):  # an ndarray adds the sizes to its elements
            return NotImplemented
        raise TypeError(f"can only concatenate tuple (not {type(other).__name__}) to torch.Size")

    def __radd__(self, other):
        return Size((*other, *self)) if isinstance(other, tuple) else NotImplemented

    def __mul__(self, times):
        repeated = tuple(self) * times
        return Size(repeated) if isinstance(repeated, tuple) else repeated  # an ndarray multiplies its elements

    __rmul__ = __mul__

    def numel(self):
        """The number of elements of a tensor of this size: the product of the sizes, 1 for no sizes at all."""
        return math.prod(self)


def broadcast_shapes(*shapes):
    """The shape that tensors of these shapes (or lengths of vectors) broadcast to. RuntimeError where they do not.

    >>> broadcast_shapes((2, 1), 3)
    torch.Size([2, 3])
    """
    shapes = [(shape,) if hasattr(shape, "__index__") else tuple(shape) for shape in shapes]
    for shape in shapes:
        if min(shape, default=0) < 0:
            raise ValueError(f"Attempting to broadcast a dimension with negative length, in the shape {shape}!")
    try:
        return Size(_shapes.broadcast_shapes(*shapes))
    except RuntimeError as error:
        raise RuntimeError(f"Shape mismatch: objects cannot be broadcast to a single shape: {shapes}. {error}"
                           ) from None


def _integer(position, size):
    """`size` as a plain int."""
    try:
        return operator.index(size)
    except TypeError:
        message = f"torch.Size() takes an iterable of 'int' (item {position} is '{type(size).__name__}')"
        raise TypeError(message) from None
