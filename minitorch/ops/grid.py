"""Reading an image at given places: spatial transformers. Letters: N batch, C channels, D H W image, O P Q output.

grid_sample has no kernel and no gradient of its own: it is a weighted sum of pixels, written with operations that have.
"""
import functools
import itertools
import warnings

import numpy as np

from .. import dtypes
from ..engine import named
from ..graph import check_tensors, wrap
from .elementwise import add, cast, clamp, floor, fmod, ge, gt, logical_and, lt, mul, remainder, round, sub, where
from .matmul import bmm
from .pool import max_pool_gather
from .shape import expand, reshape, select, transpose, unsqueeze


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """out[n, c, p, q] = the pixel of input[n, c] at the place grid[n, p, q] = (x, y), from (-1, -1) to (1, 1)

    input (N, C, H, W), grid (N, P, Q, 2) -> (N, C, P, Q), or input (N, C, D, H, W), grid (N, O, P, Q, 3), places
    (x, y, z). -1 and 1 are the centres of the corner pixels with align_corners, else the edges of the image. mode:
    "bilinear" (between all neighbours, also in volumes), "nearest" or "bicubic" (images only). padding_mode: outside
    the image are "zeros", the pixels of the "border", or its "reflection". ValueError for other modes, RuntimeError
    where shapes or dtypes do not fit, UserWarning if align_corners is left out.

    >>> import minitorch as torch
    >>> image = torch.tensor([[[[0., 1.], [2., 3.]]]])
    >>> places = torch.tensor([[[[-1., -1.], [0., 0.], [1., 0.]]]])
    >>> torch.nn.functional.grid_sample(image, places, align_corners=True)
    tensor([[[[0.0000, 1.5000, 2.0000]]]])
    """
    if mode not in ("bilinear", "nearest", "bicubic"):
        raise ValueError("nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but "
                         f"got: '{mode}'")
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError("nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', "
                         f"but got: '{padding_mode}'")
    if align_corners is None:
        _warn_of_align_corners()
    _check_grid(input, grid, mode)
    image = input.array.shape[2:]
    rank = len(image)
    pad = functools.partial(_PADDING[padding_mode], align_corners=align_corners)
    axes = []  # for each axis the neighbours of all places, [(pixel (N, P, Q), weight (N, P, Q)), ...]
    for axis, size in enumerate(image):
        x = select(grid, -1, rank - 1 - axis)  # (N, P, Q, 2) -> (N, P, Q); the last axis comes first
        x = mul(x, (size - 1) / 2) if align_corners else mul(x, size / 2)
        axes.append(_NEIGHBOURS[mode](add(x, (size - 1) / 2), functools.partial(pad, size=size)))
    return named(functools.reduce(add, [_read(input, corner) for corner in itertools.product(*axes)]),
                 f"GridSampler{rank}DBackward0")


def _check_grid(input, grid, mode):
    check_tensors("grid_sampler", input=input, grid=grid)
    shape, places = input.array.shape, grid.array.shape
    given = f"but got input with sizes {list(shape)} and grid with sizes {list(places)}"
    if not shape or not places or shape[0] != places[0]:
        raise RuntimeError(f"grid_sampler(): expected grid and input to have same batch size, {given}")
    if places[-1] != len(shape) - 2:
        raise RuntimeError(f"grid_sampler(): expected grid to have size {len(shape) - 2} in last dimension, {given}")
    if len(shape) not in (4, 5) or len(places) != len(shape):
        raise RuntimeError(f"grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, {given}")
    if 0 in shape[2:]:
        raise RuntimeError("grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes "
                           f"{list(shape)} with dimension {2 + shape[2:].index(0)} being empty")
    if mode == "bicubic" and len(shape) != 4:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    if input.array.dtype != grid.array.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.scalar_name} but found {grid.dtype.scalar_name}")
    if input.array.dtype.kind != "f":
        raise dtypes.not_implemented("grid_sampler", input.dtype)


# Along one axis, places outside [0, size - 1] come into the image. On its very border their slope is already 0, as in
# PyTorch.

def _stay(x, size, align_corners):
    return x


def _clip(x, size, align_corners):
    x = where(gt(x, 0), x, 0.0)
    return where(lt(x, size - 1), x, float(size - 1))


def _reflect(x, size, align_corners):
    """Back and forth between the centres of the border pixels, or between their outer edges."""
    edge, span = (0.0, size - 1) if align_corners else (-0.5, size)
    if span == 0:
        return mul(x, 0.0)
    x = sub(x, edge)
    x = where(lt(x, 0), mul(x, -1), x)
    part, way_back = fmod(x, span), ge(remainder(x, 2 * span), span)
    return _clip(add(where(way_back, sub(span, part), part), edge), size, align_corners)


_PADDING = {"zeros": _stay, "border": _clip, "reflection": _reflect}


# Which pixels make up the value at a place, and with what weights.

def _nearest(x, pad):
    return [(round(pad(x)), where(wrap(np.zeros((), bool)), x, 1.0))]  # the weight is 1, and its slope 0


def _between(x, pad):
    x = pad(x)
    left = floor(x.detach())
    right = add(left, 1)
    return [(left, sub(right, x)), (right, sub(x, left))]


def _cubic(x, pad):
    """Keys' cubic convolution with slope -3/4 at distance 1; here the pixels are padded, not the places."""
    first = floor(x.detach())
    part = sub(x, first)
    taps = []
    for step, distance in enumerate((add(part, 1), part, sub(1, part), sub(2, part)), -1):
        a, b, c, d = (1.25, -2.25, 0, 1) if step in (0, 1) else (-0.75, 3.75, -6, 3)
        weight = add(mul(add(mul(add(mul(distance, a), b), distance), c), distance), d)
        taps.append((pad(add(first, step)), weight))
    return taps


_NEIGHBOURS = {"nearest": _nearest, "bilinear": _between, "bicubic": _cubic}


def _read(input, corner):
    """The pixels, one (tap, weight) for each axis, times their weights; 0 outside the image."""
    N, C, *image = input.array.shape
    index, inside, weights = wrap(np.zeros((), np.int64)), [], []
    for (tap, weight), size in zip(corner, image):
        pixel = cast(clamp(tap.detach(), 0, size - 1), dtypes.int64)
        index = add(mul(index, size), pixel)
        inside.append(logical_and(ge(tap, 0), lt(tap, size)))
        weights.append(weight)
    output = index.array.shape[1:]
    index = expand(unsqueeze(index, 1), (N, C, *output))                                # (N, P, Q) -> (N, C, P, Q)
    inside = unsqueeze(functools.reduce(logical_and, inside), 1)                        # (N, 1, P, Q)
    pixels = where(inside, max_pool_gather(input, index, tuple(image)), 0.0)            # (N, C, P, Q)
    return mul(pixels, unsqueeze(functools.reduce(mul, weights), 1))


def affine_grid(theta, size, align_corners=None):
    """The grid at which grid_sample reads an image transformed by theta: grid[n, p, q] = theta[n] @ (x, y, 1)

    theta (N, 2, 3), size (N, C, P, Q) -> (N, P, Q, 2), or theta (N, 3, 4), size (N, C, O, P, Q) -> (N, O, P, Q, 3).
    ValueError for other shapes, UserWarning if align_corners is left out.

    >>> import minitorch as torch
    >>> torch.nn.functional.affine_grid(torch.tensor([[[1., 0., 0.5], [0., 1., 0.]]]), (1, 1, 1, 2), False)
    tensor([[[[0., 0.],
              [1., 0.]]]])
    """
    check_tensors("affine_grid", theta=theta)
    if align_corners is None:
        _warn_of_align_corners()
    size, (_, _, *output), shape = tuple(size), size, theta.array.shape
    if theta.array.dtype.kind != "f":
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if len(size) not in (4, 5):
        raise NotImplementedError("affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, "
                                  f"respectively. Got size {size}.")
    rank = len(output)
    if len(shape) != 3 or shape[1:] != (rank, rank + 1):
        raise ValueError(f"Expected a batch of {rank}D affine matrices of shape Nx{rank}x{rank + 1} for size {size}. "
                         f"Got {list(shape)}.")
    if min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    if align_corners and min(output) == 1:
        warnings.warn("Since version 1.3.0, affine_grid behavior has changed for unit-size grids when "
                      "align_corners=True. This is not an intended use case of affine_grid. See the documentation of "
                      "affine_grid for details.", stacklevel=2)
    places = _corner_to_corner(theta.array, output, bool(align_corners))                # (P*Q, 3)
    places = expand(wrap(places), (size[0], *places.shape))                             # (N, P*Q, 3)
    grid = bmm(places, transpose(theta, 1, 2))                                          # (N, P*Q, 2)
    return named(reshape(grid, (size[0], *output, rank)), "AffineGridGeneratorBackward0")


def _corner_to_corner(theta, output, align_corners):
    """The places (x, y, 1) of all pixels of an image that goes from -1 to 1 on each axis: (P*Q, 3)"""
    axes = [np.linspace(-1, 1, n) if n > 1 else np.zeros(1) for n in output]
    if not align_corners:
        axes = [axis * (n - 1) / n for axis, n in zip(axes, output)]
    places = np.stack([*np.meshgrid(*axes, indexing="ij")[::-1], np.ones(output)], axis=-1)   # (P, Q, 3)
    return places.reshape(-1, len(output) + 1).astype(theta.dtype)


def _warn_of_align_corners():
    warnings.warn("Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please "
                  "specify align_corners=True if the old behavior is desired. See the documentation of grid_sample for "
                  "details.", stacklevel=3)
