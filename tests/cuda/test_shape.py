"""Views and rearranging copies of the GPU against those of the CPU; and that no view reads the GPU's memory."""
import ctypes

import numpy as np
import pytest

from minitorch.kernels import cpu, cuda
from minitorch.kernels.cuda._memory import CudaArray
from tests.cuda.twins import check, on_cuda, same

X = np.arange(120, dtype=np.float32).reshape(2, 3, 4, 5)
VIEWS = [
    ("view", (6, 20)), ("view", (2, 3, 20)), ("permute", (3, 1, 0, 2)), ("expand", (7, 2, 3, 4, 5)),
    ("as_strided", (3, 2), (7, 1), 4), ("basic_index", (1, slice(0, 3, 2))), ("basic_index", (..., None, 2)),
    ("basic_index", (0, 1, 2, 3)), ("diagonal", 1, 2, 3), ("sliding_window", 3, 2, 2)]


@pytest.mark.parametrize("name, params", [(view[0], view[1:]) for view in VIEWS])
def test_views_are_those_of_numpy(name, params):
    check(name, X, *params)
    base = on_cuda(X)
    view = getattr(cuda, name)(base, *params)
    assert cuda.geometry_of(view) == cpu.geometry_of(getattr(cpu, name)(X, *params))
    cuda.add_(view, 1000)  # seen through the base
    expected = X.copy()
    expected_view = getattr(cpu, name)(expected, *params)
    if name != "expand":
        expected_view += 1000
        same(base, expected)


@pytest.mark.parametrize("name, params", [(view[0], view[1:]) for view in VIEWS])
def test_a_view_does_not_read_the_memory(name, params):
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    forbidden = libc.mmap(None, 1 << 20, 0, 0x22, -1, 0)  # to read or write here is a segmentation fault

    class Memory:
        __array_interface__ = {"data": (forbidden, False), "shape": X.shape, "typestr": "<f4", "version": 3}

    array = CudaArray(np.asarray(Memory()))
    view = getattr(cuda, name)(array, *params)
    view.reshape(view.shape), view.transpose(), view.view(), view[..., None], repr(view), cuda.memory_of(view)
    assert forbidden <= view.address < forbidden + X.nbytes


def test_transposes_of_views():
    check("basic_index_backward", X[0, 1:], (0, slice(1, None)), (2, 3, 4, 5))
    check("diagonal_backward", X[0, 0, 0, :3], (3, 5), 1)
    check("sliding_window_backward", cpu.sliding_window(X, 2, 3, 1), (2, 3, 4, 5), 2, 3, 1)
    check("sliding_window_backward", cpu.sliding_window(X, 3, 2, 2), (2, 3, 4, 5), 3, 2, 2)
    check("relayout", X[0, 0], ((4, 5), (5, 1), 3), ((5, 2), (4, 1), 1))


def test_copies():
    for dim in (0, 1, -1):
        check("cat", [X, X + 1, X[:, :, :, ::-1].copy()], dim)
    check("cat", [X[0, 0, 0], np.arange(3), X[0, 0, 0, :0]])
    check("roll", X, (1, -2), (0, 3))
    check("roll", X, (7,), (2,))
    for diagonal in (0, 1, -2):
        check("tril", X, diagonal)
        check("triu", X, diagonal)


def test_memory_with_given_strides():
    out = cuda.empty_strided((2, 3), (1, 2), np.float32)
    assert out.shape == (2, 3) and out.strides == (4, 8)
