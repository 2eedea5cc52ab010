"""Arrays behind which no memory is: for kernels in vectors, which look at no bounds."""
import ctypes
import mmap
import sys

import numpy as np
import pytest

needs_guards = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mprotect is called as on Linux")


def guarded(array):
    """A copy that ends where a page ends; a look at the next page, on Linux, kills the process."""
    size = -(-array.nbytes // mmap.PAGESIZE) * mmap.PAGESIZE
    memory = mmap.mmap(-1, size + mmap.PAGESIZE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(address + size), ctypes.c_size_t(mmap.PAGESIZE), 0) == 0
    copy = np.ndarray(array.shape, array.dtype, memory, offset=size - array.nbytes)
    copy[...] = array
    return copy
