"""torch.signal.windows: M weights that fade a stretch of a signal in and out.

Each window is a formula in n = 0, ..., M - 1, with x = n / (M - 1) running from 0 to 1. `sym=False` gives the M values
that a spectrum wants, a period: the window of M + 1 without its last.

>>> import minitorch as torch
>>> torch.signal.windows.hann(5), torch.signal.windows.hann(4, sym=False)
(tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000]), tensor([0.0000, 0.5000, 1.0000, 0.5000]))
"""
import math

import numpy as np

from .. import dtypes
from ..creation import from_numpy
from ..device import resolve

__all__ = """
bartlett blackman cosine exponential gaussian general_cosine general_hamming hamming hann kaiser nuttall
""".split()


def _window(name, M, sym, options, formula):
    """formula(n, size) for n = 0, ..., M - 1, where size is M or, for a period, M + 1; a window of one is [1]."""
    dtype, _, device, requires_grad = options
    dtype = dtypes.get_default_dtype() if dtype is None else dtype
    resolve(device)
    if not isinstance(M, int):
        raise TypeError(f"{name}(): argument 'M' (position 1) must be int, not {type(M).__name__}")
    if M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    if dtype not in (dtypes.float32, dtypes.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {dtype}")
    values = formula(np.arange(M), M if sym else M + 1) if M > 1 else np.ones(M)
    return from_numpy(values.astype(dtype.numpy)).requires_grad_(requires_grad)


def exponential(M, *, center=None, tau=1.0, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """exp(-|n - center| / tau); the centre is in the middle unless `sym` is False and a `center` is given.

    >>> import minitorch as torch
    >>> torch.signal.windows.exponential(3)
    tensor([0.3679, 1.0000, 0.3679])
    """
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")

    def formula(n, size):
        return np.exp(-np.abs(n - ((size - 1) / 2 if center is None else center)) / tau)

    return _window("exponential", M, sym, (dtype, layout, device, requires_grad), formula)


def cosine(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """sin(pi (n + 1/2) / M).

    >>> import minitorch as torch
    >>> torch.signal.windows.cosine(3)
    tensor([0.5000, 1.0000, 0.5000])
    """
    return _window("cosine", M, sym, (dtype, layout, device, requires_grad),
                   lambda n, size: np.sin(math.pi * (n + 0.5) / size))


def gaussian(M, *, std=1.0, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """exp(-(d / std)^2 / 2) at the distance d from the middle.

    >>> import minitorch as torch
    >>> torch.signal.windows.gaussian(3)
    tensor([0.6065, 1.0000, 0.6065])
    """
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")
    return _window("gaussian", M, sym, (dtype, layout, device, requires_grad),
                   lambda n, size: np.exp(-(((n - (size - 1) / 2) / std) ** 2) / 2))


def kaiser(M, *, beta=12.0, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """i0(beta sqrt(1 - (2x - 1)^2)) / i0(beta).

    >>> import minitorch as torch
    >>> torch.signal.windows.kaiser(3, beta=1.)
    tensor([0.7898, 1.0000, 0.7898])
    """
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")

    def formula(n, size):
        from scipy.special import i0
        return i0(beta * np.sqrt(1 - (2 * n / (size - 1) - 1) ** 2)) / i0(beta)

    return _window("kaiser", M, sym, (dtype, layout, device, requires_grad), formula)


def bartlett(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """A triangle: 1 - |2x - 1|.

    >>> import minitorch as torch
    >>> torch.signal.windows.bartlett(5)
    tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    return _window("bartlett", M, sym, (dtype, layout, device, requires_grad),
                   lambda n, size: 1 - np.abs(2 * n / (size - 1) - 1))


def general_cosine(M, *, a, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """The sum of (-1)^i a_i cos(2 pi i x) over i = 0, 1, ...

    >>> import minitorch as torch
    >>> torch.signal.windows.general_cosine(3, a=[0.5, 0.5])
    tensor([0., 1., 0.])
    """
    if not isinstance(a, (list, tuple)):
        raise TypeError("Coefficients must be a list/tuple")
    if not a:
        raise ValueError("Coefficients cannot be empty")

    def formula(n, size):
        return sum((-1) ** i * a_i * np.cos(2 * math.pi * i * n / (size - 1)) for i, a_i in enumerate(a))

    return _window("general_cosine", M, sym, (dtype, layout, device, requires_grad), formula)


def general_hamming(M, *, alpha=0.54, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """alpha - (1 - alpha) cos(2 pi x).

    >>> import minitorch as torch
    >>> torch.signal.windows.general_hamming(3, alpha=0.75)
    tensor([0.5000, 1.0000, 0.5000])
    """
    return general_cosine(M, a=[alpha, 1.0 - alpha], sym=sym, dtype=dtype, layout=layout, device=device,
                          requires_grad=requires_grad)


def hamming(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """0.54 - 0.46 cos(2 pi x).

    >>> import minitorch as torch
    >>> torch.signal.windows.hamming(3)
    tensor([0.0800, 1.0000, 0.0800])
    """
    return general_hamming(M, sym=sym, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad)


def hann(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """(1 - cos(2 pi x)) / 2.

    >>> import minitorch as torch
    >>> torch.signal.windows.hann(5)
    tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    return general_hamming(M, alpha=0.5, sym=sym, dtype=dtype, layout=layout, device=device,
                           requires_grad=requires_grad)


def blackman(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """0.42 - 0.5 cos(2 pi x) + 0.08 cos(4 pi x).

    >>> import minitorch as torch
    >>> torch.signal.windows.blackman(4)
    tensor([-1.3878e-17,  6.3000e-01,  6.3000e-01, -1.3878e-17])
    """
    return general_cosine(M, a=[0.42, 0.5, 0.08], sym=sym, dtype=dtype, layout=layout, device=device,
                          requires_grad=requires_grad)


def nuttall(M, *, sym=True, dtype=None, layout=None, device=None, requires_grad=False):
    """A sum of four cosines whose side lobes are small.

    >>> import minitorch as torch
    >>> torch.signal.windows.nuttall(3)
    tensor([3.6280e-04, 1.0000e+00, 3.6280e-04])
    """
    return general_cosine(M, a=[0.3635819, 0.4891775, 0.1365995, 0.0106411], sym=sym, dtype=dtype, layout=layout,
                          device=device, requires_grad=requires_grad)


# ------------------------------------------------------------------------------ the older names: periodic by default


def _older(name, window, window_length, periodic, options, **params):
    """A window under its older name torch.{name}, in any floating dtype."""
    dtype, layout, device, requires_grad = options
    dtype = dtypes.get_default_dtype() if dtype is None else dtype
    if not isinstance(window_length, int):
        raise TypeError(f"{name}(): argument 'window_length' (position 1) must be int, not "
                        f"{type(window_length).__name__}")
    if window_length < 0:
        raise RuntimeError(f"{name} requires non-negative window_length, got window_length={window_length}")
    if not dtype.is_floating_point:
        raise RuntimeError(f"{name} expects floating point dtypes, got: {dtype}")
    values = window(window_length, sym=not periodic, dtype=dtypes.float64, layout=layout, device=device, **params)
    return values.to(dtype).requires_grad_(requires_grad)


def hann_window(window_length, periodic=True, *, dtype=None, layout=None, device=None, requires_grad=False):
    """(1 - cos(2 pi x)) / 2: torch.signal.windows.hann, periodic by default.

    >>> import minitorch as torch
    >>> torch.hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return _older("hann_window", hann, window_length, periodic, (dtype, layout, device, requires_grad))


def hamming_window(window_length, periodic=True, alpha=0.54, beta=0.46, *, dtype=None, layout=None, device=None,
                   requires_grad=False):
    """alpha - beta cos(2 pi x), periodic by default.

    >>> import minitorch as torch
    >>> torch.hamming_window(4)
    tensor([0.0800, 0.5400, 1.0000, 0.5400])
    """
    return _older("hamming_window", general_cosine, window_length, periodic, (dtype, layout, device, requires_grad),
                  a=[alpha, beta])


def blackman_window(window_length, periodic=True, *, dtype=None, layout=None, device=None, requires_grad=False):
    """torch.signal.windows.blackman, periodic by default.

    >>> import minitorch as torch
    >>> torch.blackman_window(4)[1:]
    tensor([0.3400, 1.0000, 0.3400])
    """
    return _older("blackman_window", blackman, window_length, periodic, (dtype, layout, device, requires_grad))


def bartlett_window(window_length, periodic=True, *, dtype=None, layout=None, device=None, requires_grad=False):
    """1 - |2x - 1|: torch.signal.windows.bartlett, periodic by default.

    >>> import minitorch as torch
    >>> torch.bartlett_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return _older("bartlett_window", bartlett, window_length, periodic, (dtype, layout, device, requires_grad))


def kaiser_window(window_length, periodic=True, beta=12.0, *, dtype=None, layout=None, device=None,
                  requires_grad=False):
    """torch.signal.windows.kaiser, periodic by default.

    >>> import minitorch as torch
    >>> torch.kaiser_window(4, beta=1.)
    tensor([0.7898, 0.9450, 1.0000, 0.9450])
    """
    return _older("kaiser_window", kaiser, window_length, periodic, (dtype, layout, device, requires_grad), beta=beta)
