"""Moving pixels between channels and places. Letters: N batch, C channels, H W image, r the factor, G groups."""
from ..engine import named
from ..graph import check_tensors
from .shape import permute, reshape


def pixel_shuffle(input, upscale_factor):
    """out[..., c, h*r + i, w*r + j] = input[..., c*r*r + i*r + j, h, w]: (..., C*r*r, H, W) -> (..., C, H*r, W*r)

    RuntimeError where r*r does not divide the channels.

    >>> import minitorch as torch
    >>> torch.pixel_shuffle(torch.arange(4.).view(4, 1, 1), 2)
    tensor([[[0., 1.],
             [2., 3.]]])
    """
    r = _factor("pixel_shuffle", "upscale_factor", input, upscale_factor)
    *batch, C, H, W = input.array.shape
    if C % r**2:
        raise RuntimeError("pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
                           f"upscale_factor, but input.size(-3)={C} is not divisible by {r**2}")
    n = len(batch)
    split = reshape(input, (*batch, C // r**2, r, r, H, W))
    moved = permute(split, (*range(n), n, n + 3, n + 1, n + 4, n + 2))                  # (..., C, H, r, W, r)
    return named(reshape(moved, (*batch, C // r**2, H * r, W * r)), "PixelShuffleBackward0")


def pixel_unshuffle(input, downscale_factor):
    """The way back from pixel_shuffle: (..., C, H*r, W*r) -> (..., C*r*r, H, W). RuntimeError where r does not divide.

    >>> import minitorch as torch
    >>> torch.pixel_unshuffle(torch.arange(4.).view(1, 2, 2), 2).flatten()
    tensor([0., 1., 2., 3.])
    """
    r = _factor("pixel_unshuffle", "downscale_factor", input, downscale_factor)
    *batch, C, H, W = input.array.shape
    for name, dim, size in ("height", -2, H), ("width", -1, W):
        if size % r:
            raise RuntimeError(f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but "
                               f"input.size({dim})={size} is not divisible by {r}")
    n = len(batch)
    split = reshape(input, (*batch, C, H // r, r, W // r, r))
    moved = permute(split, (*range(n), n, n + 2, n + 4, n + 1, n + 3))                  # (..., C, r, r, H, W)
    return named(reshape(moved, (*batch, C * r**2, H // r, W // r)), "PixelUnshuffleBackward0")


def _factor(name, argument, input, factor):
    check_tensors(name, input=input)
    if not isinstance(factor, int):
        raise TypeError(f"{name}(): argument '{argument}' (position 2) must be int, not {type(factor).__name__}")
    if input.array.ndim < 3:
        raise RuntimeError(f"{name} expects input to have at least 3 dimensions, but got input with "
                           f"{input.array.ndim} dimension(s)")
    if factor <= 0:
        raise RuntimeError(f"{name} expects a positive {argument}, but got {factor}")
    return factor


def channel_shuffle(input, groups):
    """Deal the channels of each group out, so that neighbours come from different groups: (N, C, ...) -> (N, C, ...)

    RuntimeError where `groups` does not divide the channels.

    >>> import minitorch as torch
    >>> torch.channel_shuffle(torch.arange(4.).view(1, 4, 1), 2).flatten()
    tensor([0., 2., 1., 3.])
    """
    check_tensors("channel_shuffle", input=input)
    shape = input.array.shape
    if len(shape) <= 2:
        raise RuntimeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(shape)}")
    if groups <= 0:
        raise RuntimeError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    N, C, *image = shape
    if C % groups:
        raise RuntimeError(f"Number of channels must be divisible by groups. Got {C} channels and {groups} groups.")
    split = reshape(input, (N, groups, C // groups, *image))
    moved = permute(split, (0, 2, 1, *range(3, len(shape) + 1)))                        # (N, C/G, G, ...)
    return named(reshape(moved, shape), "ChannelShuffleBackward0")
