"""torch.backends.mkl: Intel's Math Kernel Library."""


def is_available():
    """Is it used? No."""
    return False
