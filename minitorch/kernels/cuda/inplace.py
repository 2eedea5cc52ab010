"""Writing into an array."""
from ._each import each
from .elementwise import copy, plus

__all__ = ["add_", "copy_"]


def add_(input, other):
    """input += other"""
    each(plus, input, other, dtype=input.dtype, out=input)


def copy_(input, src):
    """input = src, cast and broadcast."""
    each(copy, src, dtype=src.dtype, out=input)
