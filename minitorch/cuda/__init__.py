"""torch.cuda: the questions that device-independent programs ask. There is no CUDA backend yet; the answers say so."""
from . import amp  # noqa: F401


def is_available():
    """Can tensors live on an NVIDIA GPU? Not yet.

    >>> is_available()
    False
    """
    return False


def device_count():
    """How many GPUs can be used."""
    return 0


def manual_seed(seed):
    """Seed the GPU's generator: there is none."""


manual_seed_all = manual_seed


def empty_cache():
    """Give cached GPU memory back: there is none."""


def synchronize(device=None):
    """Wait for the GPU's kernels: there are none."""


def memory_allocated(device=None):
    """Bytes of GPU memory in use: none."""
    return 0


memory_reserved = max_memory_allocated = max_memory_reserved = memory_allocated


def is_initialized():
    """Has the GPU been used? No."""
    return False


def is_bf16_supported():
    """Can the GPU compute in bfloat16? There is none."""
    return False


def _no_gpu(*args, **kwargs):
    """Raises AssertionError: there is no GPU to ask."""
    raise AssertionError("Torch not compiled with CUDA enabled: minitorch has no CUDA backend yet "
                         "(torch.cuda.is_available() is False here)")


current_device = set_device = get_device_name = get_device_capability = get_device_properties = _no_gpu
mem_get_info = reset_peak_memory_stats = current_stream = Stream = Event = _no_gpu
