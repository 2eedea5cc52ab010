"""Writing into an array."""
import numpy as np

__all__ = ["add_", "copy_"]


def add_(input, other):
    """input += other"""
    input += other


def copy_(input, src):
    """input = src, cast and broadcast."""
    np.copyto(input, src)
