"""Kernels on bfloat16 arrays: those of the CPU, which compute in float32, and round once at the end.

A processor does the same, and so does PyTorch: a sum of many bfloat16 numbers that was rounded after each of them
would soon stop to grow. `kernels.bfloat16.mul` is `kernels.cpu.mul` between two casts; a kernel that shows its input's
memory, only copies it, or writes to it, takes the array as it is.
"""
import functools

import numpy as np

from .. import dtypes
from . import cpu

_AS_THEY_ARE = ("adam_step add_ as_strided axpby basic_index cast clone contiguous copy_ diagonal expand full "
                "geometry_of momentum_step permute sliding_window view").split()


def __getattr__(name):
    """The kernel `name`, on bfloat16 arrays."""
    kernel = getattr(cpu, name)  # AttributeError for a kernel that there is not
    globals()[name] = rounded = kernel if name in _AS_THEY_ARE or not callable(kernel) else _rounded(kernel)
    return rounded


def _rounded(kernel):
    @functools.wraps(kernel)
    def compute(*args, **params):
        out = kernel(*_map(_widen, args), **{name: _map(_widen, value) for name, value in params.items()})
        return _map(_narrow, out) if _wants_bfloat16([*args, *params.values()]) else out

    return compute


def _map(function, x):
    """function(x), or of each item of a list or tuple."""
    if type(x) in (list, tuple):
        return type(x)([_map(function, item) for item in x])
    return function(x)


def _widen(x):
    if isinstance(x, np.ndarray) and x.dtype == dtypes.bfloat16.numpy:
        return x.astype(np.float32)
    return np.dtype(np.float32) if isinstance(x, np.dtype) and x == dtypes.bfloat16.numpy else x


def _narrow(x):
    return x.astype(dtypes.bfloat16.numpy) if isinstance(x, np.ndarray) and x.dtype == np.float32 else x


def _wants_bfloat16(args):
    """Whether torch's promotion of the arguments gives bfloat16, or the caller asks for it."""
    arrays, asked = [], []

    def look(x):
        if isinstance(x, np.dtype):
            asked.append(x)
        elif isinstance(x, np.ndarray):
            arrays.append(x)

    _map(look, args)
    if asked:
        return asked[0] == dtypes.bfloat16.numpy
    return dtypes.result_type(*arrays) is dtypes.bfloat16
