"""The one jit policy: how every CPU kernel is compiled, cached and launched.

    @jit                  a kernel
    @jit(fast=True)       sums may be reordered, so that they run in SIMD lanes
    @jit(fused=True)      a * b + c may be one instruction, which rounds once

    kernel(*args)         calls it
    kernel[n](*args)      calls kernel(item, *args) for the items 0, 1, ..., n - 1, shared between the cores

`fast` is for sums, also of products. Kernels that compare numbers, as for a maximum, go without it.

* Numba is imported, and a kernel compiled, when the kernel is first called: importing minitorch stays quick.
* Machine code is cached on disk, so that only the first run on a machine waits for the compiler. An edit of a kernel's
  file, or of a file of this folder that it imports, has the kernel compiled anew.
* An item must write what no other item reads or writes: the order of the items, and which run at once, is chance.
* Kernels may be called from any thread and in a forked process.
"""
import functools
import hashlib
import os
import re
import sys
from pathlib import Path

import numpy as np

from . import _blas, _parallel

__all__ = ["FAST", "get_num_threads", "jit", "on_compile", "set_num_threads", "working_arrays"]

# LLVM's licences to reorder arithmetic. Numba's fastmath=True would grant two more, nnan and ninf: "assume that there
# is no NaN and no inf", after which `x != x` is always False and a NaN slips silently through a max.
FAST = {"contract", "reassoc", "nsz", "arcp", "afn"}
FUSED = {"contract"}

WORTH_SHARING = 1 << 15  # elements


class Kernel:
    """A function that Numba compiles when it is first called."""

    def __init__(self, function, fast, fused):
        functools.update_wrapper(self, function)
        # error_model: 1 / 0 is inf, as in NumPy; without the test for 0 kernels also compile faster.
        self.options = {"fastmath": FAST if fast else FUSED if fused else False, "error_model": "numpy"}

    def __call__(self, *args):
        return self.dispatcher(*args)

    @functools.cached_property
    def dispatcher(self):
        """What Numba makes of the function: compiled once per argument types, or loaded from the cache on disk."""
        return self._njit(self.__wrapped__)

    def __getitem__(self, items):
        """kernel[items](*args) calls kernel(item, *args) for 0, 1, ..., items - 1, shared between the cores.

        kernel[items, elements] does so where the items have many elements, all in all; otherwise other threads are not
        worth waking: that takes microseconds, and milliseconds while other programs keep the cores busy.
        """
        items, elements = items if isinstance(items, tuple) else (items, WORTH_SHARING)
        threads = 1 if elements < WORTH_SHARING or _forked else max(1, min(items, get_num_threads()))
        return functools.partial(self.loop, items, threads)

    @functools.cached_property
    def loop(self):
        """What runs the items: compiled, like the kernel itself, once per argument types."""
        return self._njit(_parallel.loop_over(self.__wrapped__, self.dispatcher))

    def _njit(self, function):
        numba = _import_numba()
        try:
            dispatcher = numba.njit(function, cache=True, **self.options)
        except RuntimeError:  # Numba found no directory it may write to: every process compiles for itself
            return numba.njit(function, **self.options)
        if hasattr(dispatcher, "_cache"):  # not under NUMBA_DISABLE_JIT
            # The cache is valid for as long as this stamp is the same. Numba's own looks at no imported file.
            dispatcher._cache._cache_file._source_stamp = _stamp(Path(function.__code__.co_filename))
        return dispatcher

    @property
    def _numba_type_(self):
        """Numba asks for this when another kernel calls this one."""
        if "get_call_template" not in vars(self.dispatcher):
            # A number that is written in a call, like 0, has a type of its own, for which Numba would compile anew.
            template, unliteral = self.dispatcher.get_call_template, _import_numba().types.unliteral
            self.dispatcher.get_call_template = lambda args, kws: template([unliteral(arg) for arg in args], kws)
        return self.dispatcher._numba_type_


def jit(function=None, *, fast=False, fused=False):
    """Decorator that makes a function a kernel; the module's docstring has the ways to write it."""
    if function is None:
        return functools.partial(Kernel, fast=fast, fused=fused)
    return Kernel(function, fast, fused)


@functools.lru_cache(maxsize=None)
def _stamp(path):
    """A hash of a source file and of all the files of this folder that it, or one of them, imports."""
    source = path.read_bytes() if path.exists() else b""
    stamp = hashlib.sha256(source)
    for module, names in re.findall(rb"^from (?:minitorch\.kernels\.cpu)?\.(\w*) import (.+)", source, re.MULTILINE):
        for name in [module] if module else names.split(b", "):
            stamp.update(_stamp(Path(__file__).with_name(f"{name.decode()}.py")))
    return stamp.digest()


def working_arrays(*arrays):
    """The common dtype of the arrays, and the arrays as kernels take them: contiguous, in float32, float64 or int64.

    Each layout and each dtype would be compiled anew, and the CPU does not compute in float16. The caller casts the
    result back.
    """
    dtype = arrays[0].dtype
    if dtype.char in "fd" and all([x.dtype == dtype and x.ndim and x.flags.c_contiguous for x in arrays]):
        return dtype, arrays
    dtype = np.result_type(*arrays)
    working = np.result_type(dtype, np.float32) if dtype.kind == "f" else np.int64
    return dtype, [np.ascontiguousarray(array, working) for array in arrays]


# In a forked child GNU OpenMP kills the process at the first launch: there, no work is shared. Numba's simplest pool
# would not survive two threads inside of it; they never are, because a launch keeps Python's lock.
_forked = False


def _after_fork_in_child():
    global _forked
    _forked = True


@functools.lru_cache(maxsize=None)
def _import_numba():
    import numba
    from numba.core import event

    class Listener(event.Listener):
        def on_start(self, event):
            _listener(event.data["dispatcher"].__name__)

        def on_end(self, event):
            pass

    event.register("numba:compile", Listener())
    if hasattr(os, "register_at_fork"):  # Windows does not fork
        os.register_at_fork(after_in_child=_after_fork_in_child)
    _blas.use_one_thread()
    return numba


def set_num_threads(count):
    """Limit the threads of kernels, at most to NUMBA_NUM_THREADS."""
    global _threads
    _threads = min(count, _import_numba().config.NUMBA_NUM_THREADS)


def get_num_threads():
    """How many threads kernels use."""
    return _threads or _import_numba().config.NUMBA_NUM_THREADS


_threads = None  # not set


def on_compile(listener):
    """Have `listener(name)` called before a kernel is compiled; a kernel found in the cache is not.

    In place of the default, which says once, if a person is watching, why the first run takes seconds longer.
    """
    global _listener
    _listener = listener


def _announce(name):
    on_compile(lambda name: None)
    if sys.stderr.isatty():
        print("minitorch: compiling kernels for this machine; later runs will find them in a cache", file=sys.stderr)


_listener = _announce
