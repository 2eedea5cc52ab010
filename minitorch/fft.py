"""torch.fft, as far as inputs and outputs are real. The transforms to complex numbers raise NotImplementedError.

>>> import minitorch as torch
>>> torch.fft.irfft(torch.tensor([4., 0., 0.]))
tensor([1., 1., 1., 1.])
"""
import numpy as np

from . import dtypes
from .creation import from_numpy
from .device import resolve
from .ops.fft import fftshift, hfft, hfft2, hfftn, ifftshift, irfft, irfft2, irfftn  # noqa: F401
from .ops.out import give_out


def _complex(name):
    def function(input, *args, **kwargs):
        raise NotImplementedError(f"fft.{name}: the result is complex, and minitorch has no complex numbers; of the "
                                  "transforms there are hfft and irfft, and their forms in several dimensions")

    function.__name__ = function.__qualname__ = name
    function.__doc__ = "NotImplementedError: the result would be complex."
    return function


fft, ifft, fft2, ifft2, fftn, ifftn, rfft, rfft2, rfftn, ihfft, ihfft2, ihfftn = map(
    _complex, "fft ifft fft2 ifft2 fftn ifftn rfft rfft2 rfftn ihfft ihfft2 ihfftn".split())


def _frequencies(name, n, d, start, count, dtype, device, requires_grad):
    """The `count` numbers from `start` on, over n d, with 0 at the front."""
    resolve(device)
    if not isinstance(n, int):
        raise TypeError(f"fft_{name}(): argument 'n' (position 1) must be int, not {type(n).__name__}")
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    dtype = dtypes.get_default_dtype() if dtype is None else dtype
    if not dtype.is_floating_point:
        raise RuntimeError(f"{name} requires a floating point or complex dtype, but got {dtype}")
    numbers = np.roll(np.arange(start, start + count), start)  # (count)
    return (from_numpy(numbers.astype(dtype.numpy)) / (n * d)).requires_grad_(requires_grad)


def fftfreq(n, d=1.0, *, dtype=None, layout=None, device=None, requires_grad=False):
    """The frequencies of the n elements of a spectrum, for points at the distance d: 0, 1, ..., -2, -1, over n d.

    >>> fftfreq(4)
    tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    return _frequencies("fftfreq", n, d, -(n // 2), n, dtype, device, requires_grad)


def rfftfreq(n, d=1.0, *, dtype=None, layout=None, device=None, requires_grad=False):
    """The frequencies of the first n // 2 + 1 elements of a spectrum: 0, 1, ..., over n d.

    >>> rfftfreq(4)
    tensor([0.0000, 0.2500, 0.5000])
    """
    return _frequencies("rfftfreq", n, d, 0, n // 2 + 1, dtype, device, requires_grad)


give_out(globals())
