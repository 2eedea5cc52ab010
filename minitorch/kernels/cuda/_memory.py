"""Arrays in the GPU's memory, and the store that they come from.

A CudaArray has a NumPy array for its geometry: one that points at the GPU's memory. The processor cannot read there,
and nothing ever asks it to; but all that NumPy computes for a view is addresses, shapes and strides. So slices,
transposes and `base` are NumPy's here too, memory is returned when the last view of it is gone, and in the simulator,
whose memory is the host's, the geometry simply is the array.
"""
import collections
import math
import threading

import numpy as np

from ..cpu import _memory
from ._runtime import driver


LIMIT = 1 << 31  # elements of an array: kernels count in 32 bits


class OutOfMemoryError(RuntimeError):
    """torch.OutOfMemoryError: the GPU has no memory left, and none was in the store."""


class CudaArray:
    """An array on the GPU: what kernels.cuda computes on, as kernels.cpu computes on NumPy's."""

    __slots__ = ("geometry", "shape", "dtype", "address")
    __array_ufunc__ = None  # NumPy's functions raise TypeError

    def __init__(self, geometry):
        self.geometry, self.shape, self.dtype = geometry, geometry.shape, geometry.dtype
        self.address = geometry.__array_interface__["data"][0]

    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: self.geometry.size)
    itemsize = property(lambda self: self.dtype.itemsize)
    nbytes = property(lambda self: self.geometry.nbytes)
    strides = property(lambda self: self.geometry.strides)
    flags = property(lambda self: self.geometry.flags)
    ctypes = property(lambda self: self.geometry.ctypes)

    @property
    def base(self):
        """What it shows a part of, or None if the memory is its own."""
        return self.geometry.base if isinstance(self.geometry.base, np.ndarray) else None

    def __len__(self):
        return len(self.geometry)

    def __repr__(self):
        return f"CudaArray(shape={self.shape}, dtype={self.dtype})"

    def __array__(self, dtype=None, copy=None):
        raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host "
                        "memory first.")

    def __reduce__(self):
        return to_device, (to_host(self),)

    def copy(self, order="K"):
        """A copy with the same strides where the array is dense."""
        return to_device(to_host(self))

    # ------------------------------------------------------------------------------------------------------- views
    def view(self, dtype=None):
        return CudaArray(self.geometry.view() if dtype is None else self.geometry.view(dtype))

    def transpose(self, *dims):
        return CudaArray(self.geometry.transpose(*dims))

    def reshape(self, *shape):
        """A view; ValueError where no strides describe that shape."""
        return CudaArray(self.geometry.reshape(*shape, copy=False))

    def __getitem__(self, index):
        """A view, also of one element: integers, slices, None and ... are what may stand in the brackets."""
        index = index if isinstance(index, tuple) else (index,)
        return CudaArray(self.geometry[index if Ellipsis in index else (*index, ...)])

    # --------------------------------------------------------------------------------------------- to Python's numbers
    def item(self):
        return to_host(self).item()

    def tolist(self):
        return to_host(self).tolist()


def memory_of(array):
    """The elements of the memory that this array shows a part of, as a vector."""
    return CudaArray(_memory.memory_of(array.geometry))


def geometry_of(array):
    """(size, strides, storage offset) of an array, in elements."""
    return _memory.geometry_of(array.geometry)


def empty(shape, dtype):
    """A new array of undefined numbers."""
    return CudaArray(np.asarray(_Block(shape, np.dtype(dtype))))


def empty_like(array, dtype, shape=None):
    """A new dense array of undefined numbers, whose dimensions lie in memory in the order of those of `array`.

    `array` may be None: then the order is C's, and the shape is `shape`.
    """
    if array is None or array.flags.c_contiguous:
        return empty(shape if array is None else array.shape, dtype)
    order = sorted(range(array.ndim), key=lambda d: -array.strides[d])  # slowest first
    places = sorted(range(array.ndim), key=order.__getitem__)
    return empty([array.shape[d] for d in order], dtype).transpose(places)


def to_device(array):
    """A copy of a NumPy array on the GPU, with the same strides where the array is dense."""
    array = array if array.flags.forc else array.copy(order="K")
    memory = empty((array.size,), array.dtype)
    driver().copy_in(memory.address, array.ctypes.data, array.nbytes)
    return CudaArray(np.ndarray(array.shape, array.dtype, memory.geometry, 0, array.strides))


def to_host(array):
    """A NumPy array with the numbers of one on the GPU, and with its strides; it waits for the kernels before.

    The part of memory from the first element to the last one is copied.
    """
    shape, strides, _ = geometry_of(array)
    reach = 1 + sum((n - 1) * step for n, step in zip(shape, strides)) if array.size else 0
    memory = np.empty(reach, array.dtype)
    driver().copy_out(memory.ctypes.data, array.address, memory.nbytes)
    return np.ndarray(shape, array.dtype, memory, 0, array.strides) if array.size else memory.reshape(shape)


# ----------------------------------------------------------------------------------------------------------- the store
class _Block:
    """Memory of the GPU, as long as an array shows it."""

    def __init__(self, shape, dtype):
        count = math.prod(map(int, shape))
        if count >= LIMIT:
            raise NotImplementedError(f"on CUDA, minitorch computes on fewer than 2^31 elements, not {count}")
        self.size = _rounded(count * dtype.itemsize)
        self.address = store.take(self.size)
        self.__array_interface__ = {"data": (self.address, False), "shape": tuple(shape), "typestr": dtype.str,
                                    "version": 3}

    def __del__(self):
        if hasattr(self, "address"):
            store.put_back(self.address, self.size)


def _rounded(nbytes):
    """Sizes in which memory is handed out: few of them, so that what is put back is likely to fit the next one."""
    step = 512 if nbytes <= 1 << 20 else 1 << 21
    return max(-(-nbytes // step), 1) * step


class Store:
    """Keeps memory that arrays have let go of: the driver takes a thousand times as long to find some.

    Kernels run in the order of their launches. So memory may be handed out again while one that reads it is waiting.
    """

    def __init__(self):
        self._free, self._lock = collections.defaultdict(list), threading.RLock()  # size -> addresses
        self.allocated = self.reserved = self.most = 0  # bytes in use, taken from the driver, and most in use so far

    def take(self, size):
        with self._lock:
            address = self._free[size].pop() if self._free[size] else self._more(size)
            self.allocated += size
            self.most = max(self.most, self.allocated)
            return address

    def _more(self, size):
        address = driver().allocate(size)
        if address is None:
            self.empty()
            address = driver().allocate(size)
        if address is None:
            raise OutOfMemoryError(f"CUDA out of memory. Tried to allocate {size / 2**20:.2f} MiB. Of the allocated "
                                   f"memory {self.allocated / 2**20:.2f} MiB is in use by minitorch.")
        self.reserved += size
        return address

    def put_back(self, address, size):
        with self._lock:
            self._free[size].append(address)
            self.allocated -= size

    def empty(self):
        """Give memory that no array uses back to the driver."""
        with self._lock:
            for size, addresses in self._free.items():
                while addresses:
                    driver().free(addresses.pop())
                    self.reserved -= size


store = Store()
