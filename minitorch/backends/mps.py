"""torch.backends.mps: Apple's GPUs."""


def is_available():
    """Can tensors live on an Apple GPU? No."""
    return False


def is_built():
    """Could they, on another machine? No."""
    return False
