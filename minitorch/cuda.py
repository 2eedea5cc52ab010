"""torch.cuda: the questions that device-independent programs ask. There is no CUDA backend yet; the answers say so."""


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
