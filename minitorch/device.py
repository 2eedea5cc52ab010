"""Devices, and the one place that picks a kernel module: by where the arrays live.

A device is a name and a namespace of kernels. `kernels.cpu` works on NumPy arrays; `kernels.cuda`, with the same public
functions, on CudaArrays. It is imported when a program first says "cuda".
"""
import functools
import threading

import numpy as np

from .kernels import bfloat16, cpu

_TYPES = ("cpu", "cuda", "xpu", "mps", "meta")


class device:
    """torch.device: where a tensor's memory lives; in a `with` block, where new tensors are made by default.

    Raises RuntimeError for a device type that is none.

    >>> device("cpu"), device("cuda", 1)
    (device(type='cpu'), device(type='cuda', index=1))
    """

    __slots__ = ("type", "index")

    def __init__(self, type, index=None):
        if isinstance(type, device):
            type, index = type.type, type.index
        elif isinstance(type, int):
            type, index = "cuda", type
        elif ":" in type:
            type, _, digits = type.partition(":")
            if not digits.isdecimal():
                raise RuntimeError(f"Invalid device string: '{type}:{digits}'")
            index = int(digits)
        if type not in _TYPES:
            raise RuntimeError(f"Expected one of {', '.join(_TYPES)} device type at start of device string: {type}")
        self.type, self.index = type, index

    def __repr__(self):
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self):
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other):
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self):
        return hash((self.type, self.index))

    def __reduce__(self):
        return device, (self.type, self.index)

    def __enter__(self):
        _defaults.outer.append(_defaults.device)
        _defaults.device = self
        return self

    def __exit__(self, *exc):
        _defaults.device = _defaults.outer.pop()


class _Defaults(threading.local):
    """Each thread's default device, and those of the `with` blocks around."""

    def __init__(self):
        self.device, self.outer = CPU, []


CPU, CUDA = device("cpu"), device("cuda", 0)
_defaults = _Defaults()
_KERNELS = {np.ndarray: cpu}  # array type -> the namespace that computes on it
_DEVICES = {np.ndarray: CPU}  # array type -> where such arrays live


def register(array_type, namespace):
    """Have `namespace` compute on this type of arrays. tensor.py says so of Tensor and `ops`."""
    _KERNELS[array_type] = namespace


def kernels_of(x):
    """The namespace that computes on x: the kernels of its device for an array, `ops` for a tensor."""
    k = _KERNELS[type(x)]
    return bfloat16 if k is cpu and x.dtype.kind == "V" else k


def kernels_for(d):
    """The kernel namespace that makes arrays on this device (from `resolve`)."""
    return cpu if d is CPU else cuda_kernels()


def device_of(array):
    """The device on which this array lives."""
    return _DEVICES[type(array)]


def place(array, d):
    """The array on this device (from `resolve`): itself, or a copy."""
    if device_of(array) is d:
        return array
    memory = cuda_kernels()._memory
    return memory.to_host(array) if d is CPU else memory.to_device(array)


@functools.cache
def cuda_kernels():
    """kernels.cuda. It takes numba-cuda along, and so is not imported before it is needed."""
    from .kernels import cuda
    _KERNELS[cuda.CudaArray], _DEVICES[cuda.CudaArray] = cuda, CUDA
    return cuda


def get_default_device():
    """Where new tensors are made if no `device=` is given.

    >>> get_default_device()
    device(type='cpu')
    """
    return _defaults.device


def set_default_device(device):
    """Make new tensors of this thread on `device` (None: the CPU) where no `device=` is given.

    A device that is not available raises RuntimeError when the first tensor is to be made there.
    """
    _defaults.device = CPU if device is None else type(CPU)(device)


def resolve(d):
    """A usable device from a `device=` argument (None: the default; a string, an index or a device).

    Raises RuntimeError, saying what to install, for a device that this machine or this version cannot compute on.
    """
    d = _defaults.device if d is None else device(d)
    if d.type == "cpu":
        return CPU
    if d.type != "cuda":
        raise RuntimeError(f"device '{d}' is not available: minitorch computes on 'cpu' and 'cuda'")
    why_not = cuda_kernels()._probe.why_not()
    if why_not:
        raise RuntimeError(f"device '{d}' is not available: {why_not}. Use device='cpu' (torch.cuda.is_available() is "
                           "False here).")
    if d.index not in (None, 0):
        raise RuntimeError(f"CUDA error: invalid device ordinal: '{d}'; minitorch uses the first GPU, 'cuda:0'")
    return CUDA
