"""The kernels of the CPU as the oracle of those of the GPU: both get the same arrays, and must give the same."""
import numpy as np
import pytest

from minitorch.device import CUDA, place, resolve
from minitorch.kernels import cpu, cuda

resolve("cuda")
TOLERANCE = {np.float16: 2e-3, np.float32: 2e-6, np.float64: 1e-12}


def to_cuda(x):
    """Arrays, also those in lists and tuples, on the GPU; all else as it is."""
    if isinstance(x, (list, tuple)):
        return type(x)(map(to_cuda, x))
    return on_cuda(x) if isinstance(x, np.ndarray) else x


def on_cuda(x):
    """This array on the GPU with the strides that it has: a slice stays a slice."""
    owner = x
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    _, strides, offset = cpu.geometry_of(x)
    return cuda.as_strided(place(owner, CUDA), x.shape, strides, offset)


def check(name, *args, rtol=None, atol=0, signs=True, **params):
    """Assert that kernel `name` gives the same on both devices (`signs`: also 0 or -0), and spares its arguments."""
    expected = getattr(cpu, name)(*args, **params)
    on_gpu = to_cuda(args)
    found = getattr(cuda, name)(*on_gpu, **params)
    pairs = zip(expected, found, strict=True) if isinstance(expected, tuple) else [(expected, found)]
    for theirs, ours in pairs:
        same(ours, theirs, rtol, atol, signs)
    for ours, theirs in zip(on_gpu, args):
        if isinstance(theirs, np.ndarray):
            np.testing.assert_array_equal(place(ours, resolve("cpu")), theirs, err_msg=f"{name} changed its input")


def same(ours, theirs, rtol=None, atol=0, signs=True):
    """Assert that a CudaArray has the shape, dtype and numbers of a NumPy array."""
    assert isinstance(ours, cuda.CudaArray)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    host = place(ours, resolve("cpu"))
    if theirs.dtype.kind == "f":
        rtol = TOLERANCE[theirs.dtype.type] if rtol is None else rtol
        np.testing.assert_allclose(host.astype(np.float64), theirs.astype(np.float64), rtol, atol)
        zeros = (theirs == 0) & (host == 0) & signs
        np.testing.assert_array_equal(np.signbit(host[zeros]), np.signbit(theirs[zeros]), err_msg="the signs of zeros")
    else:
        np.testing.assert_array_equal(host, theirs)


def raises_on_both(error, name, *args, **params):
    """Assert that kernel `name` raises this on both devices, in the same words."""
    with pytest.raises(error) as theirs:
        getattr(cpu, name)(*args, **params)
    with pytest.raises(error) as ours:
        getattr(cuda, name)(*to_cuda(args), **params)
    assert str(ours.value) == str(theirs.value)
