"""Which GPU there is, and how a kernel gets onto it. Kernel files import `cuda`, `device` and `kernel` from here.

    @device                                     a function that kernels call
    def square(x):
        return x * x

    @kernel                                     a function that every thread of a grid runs
    def _squares(n, x, out):
        i = cuda.grid(1)
        if i < n:
            out[i] = square(x[i])

    _squares[blocks, threads](n, x, out)        x and out are CudaArrays: the kernel sees vectors; n is an unsigned int

`cuda` is numba.cuda where numba-cuda is installed, else the simulator's: then the files can be imported, but without
NUMBA_ENABLE_CUDASIM=1 nothing runs. A kernel is compiled when it is first launched with arguments of these types.
"""
import functools
import importlib.util
import os
import threading

SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"
COMPILED = not SIMULATED and importlib.util.find_spec("numba_cuda") is not None

if COMPILED:
    from numba import cuda
else:
    from ._simulator import cuda

THREADS = 64 if SIMULATED else 256  # of a block, for kernels that leave the choice
_lock = threading.Lock()
_driver = None


def device(function):
    """A function that kernels call; the compiler puts its body where the call is."""
    return cuda.jit(device=True, forceinline=True)(function) if COMPILED else function


class Kernel:
    """A function that every thread of a grid runs: `kernel[blocks, threads](*args)` launches it, as in Numba.

    Arguments are arrays (seen as vectors from their first element on), ints (unsigned, 32 bits), tuples of such ints,
    and NumPy's numbers.
    """

    def __init__(self, function, launch_bounds=None):
        self.function, self.launch_bounds = function, launch_bounds
        self.compiled = {}  # types of arguments -> the kernel for them, on the GPU
        functools.update_wrapper(self, function)

    def __getitem__(self, configuration):
        grid, block = [x if isinstance(x, tuple) else (x,) for x in configuration]
        return functools.partial(driver().launch, self, grid, block)


def kernel(function=None, *, launch_bounds=None):
    """Decorator: make a Kernel. `launch_bounds` (threads of a block, blocks that a multiprocessor shall hold at once)
    limits its registers."""
    return Kernel(function, launch_bounds) if function else functools.partial(Kernel, launch_bounds=launch_bounds)


def driver():
    """What runs kernels: the GPU, or the simulator. RuntimeError, saying what is missing, where there is neither."""
    global _driver
    with _lock:
        if _driver is None:
            _driver = _start()
    return _driver


def use(new_driver):
    """Have another driver run the kernels; returns the one that did. Tests do so to look at what is launched."""
    global _driver
    before, _driver = _driver, new_driver
    return before


def _start():
    if SIMULATED:
        from ._simulator import Simulator
        return Simulator()
    if not COMPILED:
        raise RuntimeError("numba-cuda is not installed: pip install 'minitorch[cu13]' (or [cu12], for a driver older "
                           "than 580)")
    from ._gpu import Gpu
    return Gpu()
