"""torch.backends.openmp: OpenMP (the kernels' threads are Numba's)."""


def is_available():
    """Is it used? No."""
    return False
