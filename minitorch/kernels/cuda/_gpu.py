"""The GPU: memory, copies, and kernels compiled by numba-cuda. The only file that knows NVIDIA's Python packages.

Numba compiles a function to PTX, NVIDIA's linker makes machine code of it, which is kept on disk, and cuda.core
launches that. Numba's own launcher looks at every argument anew, and takes ten times as long.
"""
import ctypes
import functools
import hashlib
import os
import pathlib
import re
import tempfile
import types as python_types
from importlib import metadata

import numpy as np
from cuda.bindings import driver as api
from cuda.core import Device, EventOptions, LaunchConfig, Linker, LinkerOptions, ObjectCode, launch
from numba import cuda
from numba.cuda import types
from numba.cuda.np.numpy_support import from_dtype


class Gpu:
    """The first GPU. Its default stream is the one that PyTorch uses: work is done in the order of the calls."""

    def __init__(self):
        self._device = Device(0)
        self._device.set_current()
        self._stream = self._device.default_stream
        self.name = self._device.name
        self.capability = tuple(self._device.compute_capability)
        self._config = functools.lru_cache(4096)(lambda grid, block: LaunchConfig(grid=grid, block=block))

    # ------------------------------------------------------------------------------------------------------- memory
    def allocate(self, nbytes):
        """The address of new memory, or None if there is not enough."""
        error, address = api.cuMemAlloc(nbytes)
        if error == api.CUresult.CUDA_ERROR_OUT_OF_MEMORY:
            return None
        _check(error)
        return int(address)

    def free(self, address):
        _check(*api.cuMemFree(address))

    def copy_in(self, target, source, nbytes):
        """From the host's address to the GPU's."""
        _check(*api.cuMemcpyHtoD(target, source, nbytes))

    def copy_out(self, target, source, nbytes):
        """From the GPU's address to the host's."""
        _check(*api.cuMemcpyDtoH(target, source, nbytes))

    def memory_info(self):
        """(free, total) bytes."""
        error, free, total = api.cuMemGetInfo()
        _check(error)
        return free, total

    # ------------------------------------------------------------------------------------------------------ kernels
    def launch(self, kernel, grid, block, *args):
        key = tuple([_key(arg) for arg in args])
        compiled = kernel.compiled.get(key)
        if compiled is None:
            code, entry = build(kernel, args, self.capability)
            compiled = kernel.compiled[key] = ObjectCode.from_cubin(code).get_kernel(entry)
        launch(self._stream, self._config(grid, block), compiled, *_words(args))

    def synchronize(self):
        """Wait for all kernels and copies."""
        _check(*api.cuCtxSynchronize())

    def record(self):
        """A mark behind what has been launched: an object with `sync()` and `is_done`."""
        return self._stream.record(options=EventOptions(timing_enabled=True))

    def milliseconds(self, start, end):
        """The time between two marks."""
        end.sync()
        return end - start


def _check(error, *_):
    """RuntimeError, in the words that people search for, unless a call of the driver has succeeded."""
    if error != api.CUresult.CUDA_SUCCESS:
        _, text = api.cuGetErrorString(error)
        raise RuntimeError(f"CUDA error: {text.decode() if text else error.name}")


def _key(arg):
    """What the type of an argument depends on."""
    if type(arg) is int:
        return int
    return len(arg) if type(arg) is tuple else (arg.dtype, isinstance(arg, np.generic))


def numba_type(arg):
    """The type of a kernel's argument: an int, a tuple of ints, a number of NumPy's, or an array."""
    if isinstance(arg, int):
        return types.uint32
    if isinstance(arg, tuple):
        return types.UniTuple(types.uint32, len(arg))
    dtype = from_dtype(np.dtype(np.uint8) if arg.dtype == np.bool_ else arg.dtype)  # a bool is a byte in memory
    return dtype if isinstance(arg, np.generic) else types.CPointer(dtype)


def _words(args):
    """The arguments as cuda.core takes them: addresses and ints as ints, floats with their C type."""
    for arg in args:
        if isinstance(arg, int):
            yield arg
        elif isinstance(arg, tuple):
            yield from arg
        elif not isinstance(arg, np.generic):
            yield arg.address
        else:
            yield ctypes.c_float(arg) if arg.dtype == np.float32 else arg.item()


# ------------------------------------------------------------------------------------------------------------ compiling
def build(kernel, args, capability):
    """(machine code, its name in there) of a kernel for arguments of these types, from the cache if it is there."""
    signature = types.void(*map(numba_type, args))
    arch = "sm_{}{}".format(*capability)
    file = _cache_folder() / f"{_fingerprint(kernel.function)}-{_digest(str(signature))}-{arch}.cubin"
    if file.exists():
        entry, _, code = file.read_bytes().partition(b"\n")
        return code, entry.decode()
    text, entry = ptx(kernel, signature, capability)
    code = Linker(ObjectCode.from_ptx(text.encode()), options=LinkerOptions(arch=arch)).link("cubin").code
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as new:
        new.write(entry.encode() + b"\n" + code)
    os.replace(new.name, file)  # at once: another process may read it
    return code, entry


def ptx(kernel, signature, capability):
    """(PTX, name of the kernel in it)"""
    text, _ = cuda.compile(kernel.function, signature, cc=capability, device=False, abi="numba",
                           launch_bounds=kernel.launch_bounds)
    return text, re.search(r"\.visible \.entry (\w+)", text).group(1)


@functools.cache
def _cache_folder():
    """$NUMBA_CACHE_DIR, or the user's cache; a folder for each state of this package's files and for each compiler."""
    base = os.environ.get("NUMBA_CACHE_DIR") or pathlib.Path.home() / ".cache" / "minitorch"
    sources = [file.read_text() for file in sorted(pathlib.Path(__file__).parent.glob("*.py"))]
    folder = pathlib.Path(base, "cuda-" + _digest(metadata.version("numba-cuda"), *sources))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _digest(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:20]


def _fingerprint(function):
    """Tells kernels apart that come from the same lines of a factory: by what those lines have captured."""
    return f"{function.__name__.strip('_')}-{_digest(_described(function))}"


def _described(x):
    x = getattr(x, "py_func", x)  # a @device function
    if isinstance(x, python_types.FunctionType):
        code, captured = x.__code__, [cell.cell_contents for cell in x.__closure__ or ()]
        return "\0".join([code.co_filename, str(code.co_firstlineno), code.co_code.hex(), repr(code.co_names),
                          *map(_described, code.co_consts), *map(_described, captured)])
    if isinstance(x, python_types.CodeType):
        return x.co_code.hex()
    return "\0".join(map(_described, x)) if isinstance(x, tuple) else repr(x)
