"""torch.cuda: the GPU, its memory and its clock. Everything runs on one stream, in the order of the calls.

With NUMBA_ENABLE_CUDASIM=1 in the environment the GPU is a simulated one.
"""
import contextlib
from types import SimpleNamespace

from ..device import CUDA, cuda_kernels, resolve
from . import amp  # noqa: F401


def is_available():
    """Can tensors live on a GPU? True only if a kernel was compiled here, and ran.

    >>> is_available()
    False
    """
    return why_not() is None


def why_not():
    """Why is_available() is False, in a sentence; None where it is True."""
    return cuda_kernels()._probe.why_not()


def device_count():
    """How many GPUs can be used: minitorch uses the first one."""
    return int(is_available())


def is_initialized():
    """Can the GPU be used?"""
    return is_available()


def is_bf16_supported():
    """Can the GPU compute in bfloat16? minitorch has no such kernels yet."""
    return False


def _driver(device=None):
    """The GPU's driver; AssertionError where there is no GPU to ask."""
    if not is_available():
        raise AssertionError(f"Torch not compiled with CUDA enabled: {why_not()} (torch.cuda.is_available() is False)")
    if device is not None:
        resolve(device)
    return cuda_kernels()._runtime.driver()


# ------------------------------------------------------------------------------------------------------ which GPU it is
def current_device():
    """The number of the GPU in use."""
    _driver()
    return CUDA.index


def set_device(device):
    """Use this GPU: there is only the first. RuntimeError for another one."""
    _driver(device)


def get_device_name(device=None):
    """What the GPU calls itself."""
    return _driver(device).name


def get_device_capability(device=None):
    """The GPU's generation, as (9, 0)."""
    return _driver(device).capability


def get_device_properties(device=None):
    """Its name, `major` and `minor` capability, and `total_memory` in bytes."""
    gpu = _driver(device)
    (major, minor), (_, total) = gpu.capability, gpu.memory_info()
    return SimpleNamespace(name=gpu.name, major=major, minor=minor, total_memory=total)


def manual_seed(seed):
    """Numbers for the GPU are drawn from the CPU's generator, which torch.manual_seed seeds: this changes nothing."""


manual_seed_all = manual_seed


# --------------------------------------------------------------------------------------------------------------- memory
def _store():
    return cuda_kernels()._memory.store


def memory_allocated(device=None):
    """Bytes of GPU memory that tensors use."""
    return _store().allocated


def max_memory_allocated(device=None):
    """The most bytes that tensors used at a time, so far or since reset_peak_memory_stats."""
    return _store().most


def memory_reserved(device=None):
    """Bytes taken from the GPU: what tensors use, and what is kept for the next ones."""
    return _store().reserved


max_memory_reserved = memory_reserved


def reset_peak_memory_stats(device=None):
    """Have max_memory_allocated count from now on."""
    _driver(device)
    _store().most = _store().allocated


def empty_cache():
    """Give memory that no tensor uses back to the GPU."""
    _store().empty()


def mem_get_info(device=None):
    """(free, total) bytes of the GPU."""
    return _driver(device).memory_info()


# ----------------------------------------------------------------------------------------------------------------- time
def synchronize(device=None):
    """Wait for the GPU's kernels."""
    if is_available():
        _driver().synchronize()


class Stream:
    """Work of the GPU in the order of the calls. All streams are one: the first may be waited for, and that is all."""

    def __init__(self, device=None, priority=0):
        _driver(device)
        self.device = CUDA

    def synchronize(self):
        """Wait for its kernels."""
        _driver().synchronize()

    def wait_stream(self, stream):
        """It is the same stream."""

    def wait_event(self, event):
        """It is the same stream."""

    def record_event(self, event=None):
        """Mark the end of what has been launched."""
        event = event or Event()
        event.record(self)
        return event


def current_stream(device=None):
    """The stream in use."""
    return Stream(device)


default_stream = current_stream


def stream(stream):
    """Within this `with` block kernels run on `stream`."""
    return contextlib.nullcontext(stream)


class Event:
    """A mark between kernels: start.record(); ...; end.record(); start.elapsed_time(end) is in milliseconds."""

    def __init__(self, enable_timing=False, blocking=False, interprocess=False):
        _driver()
        self._enable_timing, self._mark = enable_timing, None

    def record(self, stream=None):
        """Put the mark behind what has been launched."""
        self._mark = _driver().record()

    def synchronize(self):
        """Wait until the GPU has come to the mark."""
        if self._mark is not None:
            self._mark.sync()

    def query(self):
        """Has it?"""
        return self._mark is None or self._mark.is_done

    def elapsed_time(self, end_event):
        """Milliseconds from this mark to the other one."""
        if not (self._enable_timing and end_event._enable_timing):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        if self._mark is None or end_event._mark is None:
            raise ValueError("Both events must be recorded before calculating elapsed time.")
        return _driver().milliseconds(self._mark, end_event._mark)
