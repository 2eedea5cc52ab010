"""How the elements of a tensor lie in memory: torch.layout and torch.memory_format."""
from dataclasses import dataclass


@dataclass(frozen=True, eq=False, repr=False)
class layout:
    """The kind of a tensor's memory. minitorch has one: `torch.strided`."""

    name: str

    def __repr__(self):
        return f"torch.{self.name}"

    def __reduce__(self):  # pickle and deepcopy give back the one object
        return self.name


@dataclass(frozen=True, eq=False, repr=False)
class memory_format:
    """An order of the dimensions in memory: `torch.channels_last` keeps the channels of a pixel side by side."""

    name: str
    order: tuple = None  # the dimensions, slowest first; None is the order in which they are

    __repr__, __reduce__ = layout.__repr__, layout.__reduce__


strided = layout("strided")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last", (0, 2, 3, 1))  # (N, C, H, W) lies as (N, H, W, C)
channels_last_3d = memory_format("channels_last_3d", (0, 2, 3, 4, 1))  # (N, C, D, H, W) lies as (N, D, H, W, C)
