"""Resizing images: nearest, linear and cubic interpolation. Letters: N batch, C channels, H W image, P Q output."""
import math
import warnings

from .._shapes import interpolate_shape
from ..engine import Op
from ..graph import check_tensors
from .pool import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d


class Resample(Op):
    """out = the image multiplied by a matrix along each axis; its gradient by their transposes."""

    def forward(self, x, output_size, torch_name, **how):
        self.image, self.how, self.torch_name = x.shape[2:], how, torch_name
        return self.k.resample(x, output_size, **how)

    def backward(self, grad):
        return self.k.resample_backward(grad, self.image, **self.how)


class ResampleBackward(Op):
    """The transpose of Resample, and it is that one's."""

    def forward(self, grad, image, **how):
        self.output_size, self.how = grad.shape[2:], how
        return self.k.resample_backward(grad, image, **how)

    def backward(self, grad):
        return self.k.resample(grad, self.output_size, **self.how)


def resample(input, output_size, scale_factors, mode, align_corners, antialias, torch_name="ResampleBackward0"):
    """The kernel with a gradient, for arguments that are already checked."""
    return Resample.apply(input, output_size=output_size, scale_factors=scale_factors, mode=mode,
                          align_corners=align_corners, antialias=antialias, torch_name=torch_name)


def resample_backward(grad, image, scale_factors, mode, align_corners, antialias):
    """The gradient of `resample` with respect to an image of this shape."""
    return ResampleBackward.apply(grad, image=image, scale_factors=scale_factors, mode=mode,
                                  align_corners=align_corners, antialias=antialias)


_RANKS = {"linear": 1, "bilinear": 2, "bicubic": 2, "lanczos": 2, "trilinear": 3}  # the others take every rank
_KINDS = {"linear": "linear", "bilinear": "linear", "trilinear": "linear", "bicubic": "cubic", "lanczos": "lanczos",
          "nearest": "nearest", "nearest-exact": "nearest-exact"}
_AREA = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None,
                antialias=False):
    """Resize sequences, images or volumes: (N, C, H, W) -> (N, C, P, Q), likewise (N, C, L) and (N, C, D, H, W).

    size is an int or (P, Q); or else scale_factor is a number, or one for each axis, and P = floor(H * scale_factor).
    mode: "nearest" (the pixel at floor(p * H/P)), "nearest-exact" (the pixel nearest to the centre), "area" (the mean
    of all pixels covered), "linear", "bilinear" and "trilinear" (for 3-d, 4-d and 5-d input), "bicubic" (4-d).
    align_corners makes the centres of the corner pixels coincide, rather than the corners of the image. With
    antialias, "bilinear" and "bicubic" (and "lanczos") take account of all pixels when they shrink an image.
    ValueError for arguments that do not fit together, NotImplementedError for other modes.

    >>> import minitorch as torch
    >>> row = torch.tensor([[[0., 1., 2.]]])
    >>> torch.nn.functional.interpolate(row, scale_factor=2)
    tensor([[[0., 0., 1., 1., 2., 2.]]])
    >>> torch.nn.functional.interpolate(row, size=5, mode="linear", align_corners=True)
    tensor([[[0.0000, 0.5000, 1.0000, 1.5000, 2.0000]]])
    """
    check_tensors("interpolate", input=input)
    if mode in ("nearest", "area", "nearest-exact") and align_corners is not None:
        raise ValueError("align_corners option can only be set with the interpolating modes: linear | bilinear | "
                         "bicubic | trilinear")
    shape, rank = input.array.shape, input.array.ndim - 2
    size, factors = _size_or_factors(shape, size, scale_factor)
    if recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if antialias and not (mode in ("bilinear", "bicubic", "lanczos") and rank == 2):
        raise ValueError("Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D "
                         "tensor as input")
    if rank not in (1, 2, 3) or mode not in _KINDS and mode != "area":
        raise NotImplementedError(f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {rank + 2}D) for the "
                                  "modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | "
                                  f"nearest-exact (got {mode})")
    if _RANKS.get(mode, rank) != rank:
        raise NotImplementedError(f"Got {rank + 2}D input, but {mode} mode needs {_RANKS[mode] + 2}D input")
    if mode == "lanczos" and (align_corners or not antialias):
        raise ValueError("Lanczos mode does not support align_corners=True" if align_corners else
                         "Lanczos mode requires antialias=True")
    if size is None:
        size = tuple(math.floor(n * factor) for n, factor in zip(shape[2:], factors))
        if recompute_scale_factor or mode == "area":
            factors = (None,) * rank
    if mode == "area":
        return _AREA[rank](input, size)
    interpolate_shape(shape, size)
    if input.dtype.scalar_name in ("Bool", "Char", "Short", "Int", "Long"):
        raise NotImplementedError(f"\"interpolate\" with mode '{mode}' not implemented for '{input.dtype.scalar_name}'")
    name = "".join(map(str.capitalize, mode.split("-")))  # nearest-exact -> NearestExact
    return resample(input, size, factors, _KINDS[mode], bool(align_corners), bool(antialias),
                    f"Upsample{name}{rank}D{'Aa' * bool(antialias)}Backward0")


def _size_or_factors(shape, size, scale_factor):
    """(output size or None, a factor or None for each axis)"""
    rank, image = len(shape) - 2, list(shape[2:])
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if size is not None:
        sizes = tuple(size) if isinstance(size, (tuple, list)) else (size,) * rank
        if len(sizes) != rank:
            raise ValueError("Input and output must have the same number of spatial dimensions, but got input with "
                             f"spatial dimensions of {image} and output size of {size}. Please provide input tensor in "
                             "(N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.")
        if not all(hasattr(n, "__index__") for n in sizes):
            raise TypeError("expected size to be one of int or Tuple[int] or Tuple[int, int] or Tuple[int, int, int], "
                            f"but got size with types {[type(n) for n in sizes]}")
        return tuple(n.__index__() for n in sizes), (None,) * rank
    factors = tuple(scale_factor) if isinstance(scale_factor, (tuple, list)) else (scale_factor,) * rank
    if len(factors) != rank:
        raise ValueError("Input and scale_factor must have the same number of spatial dimensions, but got input with "
                         f"spatial dimensions of {image} and scale_factor of shape {scale_factor}. Please provide "
                         "input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.")
    if not all(isinstance(factor, (int, float)) for factor in factors):
        raise TypeError(f"interpolate(): scale_factor must be a number for each axis, not {scale_factor!r}")
    if not all(map(math.isfinite, factors)):
        raise RuntimeError(f"interpolate(): scale_factor must be finite, but got {scale_factor!r}")
    return None, tuple(map(float, factors))


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """The old name of interpolate; UserWarning."""
    _deprecated("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    """interpolate with mode="nearest"; UserWarning."""
    _deprecated("upsample_nearest")
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input, size=None, scale_factor=None):
    """interpolate with mode="bilinear" and align_corners=True; UserWarning."""
    _deprecated("upsample_bilinear")
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


def _deprecated(name):
    warnings.warn(f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=3)
