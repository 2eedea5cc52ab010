"""Which functions autocast changes: inside `with torch.autocast("cpu")` they cast their arguments first.

Matrix products and convolutions, where the time goes, compute in the lower precision; losses, where the last bits
matter, in float32. All others take what they get. (amp.py is the switch.)
"""
import functools

import numpy as np

from .device import kernels_of
from .dtypes import FLOATS
from .graph import TensorBase, grad_mode


def in_lower_precision(function):
    """Under autocast, the function gets its tensors in autocast's dtype."""
    return _casting(function, lambda: grad_mode.autocast)


def in_float32(function):
    """Under autocast, the function gets its tensors in float32."""
    return _casting(function, lambda: _FLOAT32)


_FLOAT32 = np.dtype(np.float32)


def _casting(function, target):
    @functools.wraps(function)
    def cast_first(*args, **params):
        if grad_mode.autocast is None:
            return function(*args, **params)
        dtype = target()
        return function(*[_cast(x, dtype) for x in args], **{name: _cast(x, dtype) for name, x in params.items()})

    return cast_first


def _cast(x, dtype):
    """A floating tensor in this dtype; float64 was asked for, and stays."""
    if isinstance(x, TensorBase) and x.array.dtype.kind in FLOATS and x.array.dtype not in (np.float64, dtype):
        return kernels_of(x).cast(x, dtype)
    return x
