"""torch.backends.mkldnn: oneDNN."""


def is_available():
    """Is it used? No."""
    return False
