"""A GPU made of Python: runs kernels thread by thread, slowly, with every index checked, where there is no GPU.

Every thread of a block is a greenlet, a function that can pause. It pauses where the threads of a block, or of a warp,
wait for each other, and goes on when all of them have arrived. The order in which they run is shuffled, memory that was
never written holds NaN, and a barrier that only some threads reach is an error: so a kernel that works here by luck is
rare. (Numba has a simulator too; it lacks shuffles, takes a system thread for every thread, and is ten to a hundred
times slower.)

    NUMBA_ENABLE_CUDASIM=1 python script.py          here device="cuda" is the simulator
"""
import ctypes
import itertools
import os
import random
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np

from ..cpu._memory import memory_of, owner_of

WARP = 32
BLOCK, WARP_ONLY = "syncthreads", "a warp's barrier"


class _Index:
    """x, y and z of a thread or a block."""

    __slots__ = ("x", "y", "z")

    def __init__(self, x, y=1, z=1):
        self.x, self.y, self.z = x, y, z


class _Thread:
    """A thread of the block that runs, and what it waits for."""

    def __init__(self, number, index):
        self.number, self.index = number, index
        self.lane, self.warp = number % WARP, number // WARP
        self.waits = None
        self.exchanges = 0  # values that it has shown its warp


class Cuda:
    """What kernels call `cuda`, with the names that numba.cuda has; the state is that of the thread that runs."""

    warpsize = WARP

    def __init__(self):
        self.shared = SimpleNamespace(array=self._shared_array)
        self.local = SimpleNamespace(array=_poisoned)
        self.atomic = SimpleNamespace(add=self._atomic_add)

    # ----------------------------------------------------------------------------------------------- in a kernel
    def grid(self, ndim):
        x = self.blockIdx.x * self.blockDim.x + self.threadIdx.x
        return x if ndim == 1 else (x, self.blockIdx.y * self.blockDim.y + self.threadIdx.y)

    def gridsize(self, ndim):
        x = self.gridDim.x * self.blockDim.x
        return x if ndim == 1 else (x, self.gridDim.y * self.blockDim.y)

    @property
    def laneid(self):
        return self._thread.lane

    def syncthreads(self):
        self._wait(BLOCK)

    def syncwarp(self, mask=0xFFFFFFFF):
        self._wait(WARP_ONLY)

    def shfl_sync(self, mask, value, lane):
        return self._exchange(value, lane)

    def shfl_xor_sync(self, mask, value, lanes):
        return self._exchange(value, self._thread.lane ^ lanes)

    def shfl_down_sync(self, mask, value, delta):
        lane = self._thread.lane + delta
        return self._exchange(value, lane if lane < WARP else self._thread.lane)

    def fma(self, a, b, c):
        return a * b + c

    def _exchange(self, value, lane):
        """What that lane of the warp has shown. Two places in turn: a quick thread may be one exchange ahead."""
        thread = self._thread
        place = thread.exchanges % 2
        thread.exchanges += 1
        self._shown[thread.warp, thread.lane, place] = value
        self._wait(WARP_ONLY)
        return self._shown[thread.warp, lane, place]

    def _wait(self, reason):
        self._thread.waits = reason
        self._pause()

    def _shared_array(self, shape, dtype):
        """The block's array for the place in the program that asks: the same one every time, and for every thread."""
        caller = sys._getframe(1)
        place = caller.f_code, caller.f_lasti, dtype
        if place not in self._arrays:
            self._arrays[place] = _poisoned(shape, dtype)
        return self._arrays[place]

    def _atomic_add(self, array, index, value):
        before = array[index]
        array[index] = before + value
        return before

    # -------------------------------------------------------------------------------------------------- the machine
    def run(self, function, grid, block, args):
        """Run every block of the grid, one after the other."""
        from greenlet import getcurrent, greenlet  # here: only the simulator needs it
        self.gridDim, self.blockDim = _Index(*grid), _Index(*block)
        hub = getcurrent()
        self._pause, order = hub.switch, random.Random(0)
        for z, y, x in itertools.product(*map(range, (self.gridDim.z, self.gridDim.y, self.gridDim.x))):
            self.blockIdx = _Index(x, y, z)
            self._arrays, self._shown = {}, {}
            threads = {}
            for number, (z, y, x) in enumerate(itertools.product(*map(range, (self.blockDim.z, self.blockDim.y,
                                                                              self.blockDim.x)))):
                threads[_Thread(number, _Index(x, y, z))] = greenlet(function, hub)
            self._run_block(threads, args, order)

    def _run_block(self, threads, args, order):
        """Run the warps in a random order, each one as far as it gets: no order shows missing barriers better."""
        warps = {}
        for thread in threads:
            warps.setdefault(thread.warp, []).append(thread)
        size, waiting = len(threads), list(warps.values())
        while waiting:
            order.shuffle(waiting)
            waiting = [warp for warp in waiting if self._run_warp(warp, threads, args, order)]
            if waiting and len(threads) < size:
                raise RuntimeError(f"{len(threads)} of {size} threads of block {self.blockIdx.x} wait at syncthreads, "
                                   "and the others have left")

    def _run_warp(self, warp, threads, args, order):
        """Run a warp until its threads have left (False), or all wait for the block (True)."""
        while True:
            order.shuffle(warp)
            for thread in warp:
                thread.waits = None
                self._thread, self.threadIdx = thread, thread.index
                started = threads[thread]
                started.switch() if started else started.switch(*args)
                if started.dead:
                    del threads[thread]
            reasons = {thread.waits for thread in warp}
            if len(reasons) > 1:
                places = " and ".join([reason or "the end" for reason in reasons])
                raise RuntimeError(f"the threads of a warp of block {self.blockIdx.x} have come to different places: "
                                   f"{places}")
            if reasons != {WARP_ONLY}:
                return reasons == {BLOCK}


class Pointer:
    """Memory from an array's first element to the end of its allocation, as a kernel sees it: a vector."""

    __slots__ = ("memory",)

    def __init__(self, memory):
        self.memory = memory

    def __getitem__(self, i):
        if i < 0:
            raise IndexError(f"index {i} is out of bounds: it is negative")
        return self.memory[i]

    def __setitem__(self, i, value):
        if i < 0:
            raise IndexError(f"index {i} is out of bounds: it is negative")
        self.memory[i] = value


def _seen_by_kernel(arg):
    if isinstance(arg, (int, tuple, np.generic)):
        return arg
    start = arg.address - owner_of(arg.geometry).ctypes.data
    memory = memory_of(arg.geometry).view(np.uint8)[start:].view(arg.dtype)
    return Pointer(memory.view(np.uint8) if arg.dtype == np.bool_ else memory)


def _poisoned(shape, dtype):
    """New memory, full of NaN (or of the largest integer)."""
    dtype = np.dtype(dtype)
    return np.full(shape, np.nan if dtype.kind == "f" else np.iinfo(dtype).max, dtype)


cuda = Cuda()


class Simulator:
    """The driver (see _driver.py) of the simulated GPU, whose memory is the host's."""

    name, capability = "Simulator", (9, 0)

    def __init__(self):
        self._memory = {}  # address -> the array there
        self._lock = threading.Lock()  # one kernel at a time

    def allocate(self, nbytes):
        memory = np.full(nbytes, 255, np.uint8)  # NaN, as a float
        self._memory[memory.ctypes.data] = memory
        return memory.ctypes.data

    def free(self, address):
        del self._memory[address]

    def copy(self, target, source, nbytes):
        """From address to address."""
        ctypes.memmove(target, source, nbytes)

    copy_in = copy_out = copy

    def launch(self, kernel, grid, block, *args):
        with self._lock:
            cuda.run(kernel.function, grid, block, [_seen_by_kernel(arg) for arg in args])

    def synchronize(self):
        """Nothing runs in the background."""

    def memory_info(self):
        """(free, total) bytes: the host's."""
        return tuple([os.sysconf(f"SC_{pages}_PAGES") * os.sysconf("SC_PAGE_SIZE") for pages in ("AVPHYS", "PHYS")])

    def record(self):
        return SimpleNamespace(seconds=time.perf_counter(), sync=lambda: None, is_done=True)

    def milliseconds(self, start, end):
        return (end.seconds - start.seconds) * 1000
