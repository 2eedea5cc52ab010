"""torchvision.transforms.functional: the transforms as functions of a PIL picture or a tensor (..., C, H, W)."""
import math
from enum import Enum

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from ... import dtypes
from ...creation import as_tensor, from_numpy
from ...nn import functional as F
from ...tensor import Tensor


class InterpolationMode(Enum):
    """How pixels in between are computed."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


_RESAMPLE = {
    InterpolationMode.NEAREST: Image.Resampling.NEAREST, InterpolationMode.NEAREST_EXACT: Image.Resampling.NEAREST,
    InterpolationMode.BILINEAR: Image.Resampling.BILINEAR, InterpolationMode.BICUBIC: Image.Resampling.BICUBIC,
    InterpolationMode.BOX: Image.Resampling.BOX, InterpolationMode.HAMMING: Image.Resampling.HAMMING,
    InterpolationMode.LANCZOS: Image.Resampling.LANCZOS}


def _resample(interpolation):
    """PIL's number for a mode; an int is one already."""
    return interpolation if isinstance(interpolation, int) else _RESAMPLE[interpolation]


# ------------------------------------------------------------------------------------- between pictures and tensors


def pil_to_tensor(pic):
    """A PIL picture as the tensor (C, H, W) of its bytes. TypeError for anything else."""
    if not isinstance(pic, Image.Image):
        raise TypeError(f"pic should be PIL Image. Got {type(pic)}")
    array = np.array(pic, np.uint8 if pic.mode == "1" else None)  # (H, W) or (H, W, C)
    array = array * 255 if pic.mode == "1" else array
    array = array.astype(np.int32) if array.dtype == np.uint16 else array
    return from_numpy(np.ascontiguousarray(np.atleast_3d(array).transpose(2, 0, 1)))  # (C, H, W)


def to_tensor(pic):
    """A PIL picture or an array (H, W) or (H, W, C) as a tensor (C, H, W): bytes become floats in [0, 1].

    >>> to_tensor(np.uint8([[0, 255]]))
    tensor([[[0., 1.]]])
    """
    if isinstance(pic, np.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        image = from_numpy(np.ascontiguousarray(np.atleast_3d(pic).transpose(2, 0, 1)))  # (C, H, W)
    elif isinstance(pic, Image.Image):
        image = pil_to_tensor(pic)
    else:
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    return image.to(dtypes.get_default_dtype()) / 255 if image.dtype is dtypes.uint8 else image


def to_pil_image(pic, mode=None):
    """A tensor (C, H, W) or (H, W), or an array (H, W, C) or (H, W), as a PIL picture; floats count from 0 to 1.

    TypeError for anything else, ValueError for other shapes.
    """
    if isinstance(pic, Tensor):
        if pic.dim() not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.dim()} dimensions.")
        if pic.is_floating_point() and mode != "F":
            pic = pic.mul(255).byte()
        array = pic.numpy()
        array = array.transpose(1, 2, 0) if array.ndim == 3 else array  # (H, W, C)
    elif isinstance(pic, np.ndarray):
        if pic.ndim not in (2, 3):
            raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
        array = pic
    else:
        raise TypeError(f"pic should be Tensor or ndarray. Got {type(pic)}.")
    channels = array.shape[2] if array.ndim == 3 else 1
    if channels > 4:
        raise ValueError(f"pic should not have > 4 channels. Got {channels} channels.")
    image = Image.fromarray(np.ascontiguousarray(array[..., 0] if array.ndim == 3 and channels == 1 else array))
    return image if mode in (None, image.mode) else image.convert(mode)


def convert_image_dtype(image, dtype=dtypes.float32):
    """The picture in another dtype, scaled: floats count from 0 to 1, integers to the dtype's largest."""
    if image.dtype is dtype:
        return image
    if image.is_floating_point():
        if dtype.is_floating_point:
            return image.to(dtype)
        return image.mul(dtypes.iinfo(dtype).max + 1.0 - 1e-3).to(dtype)
    largest = dtypes.iinfo(image.dtype).max
    if dtype.is_floating_point:
        return image.to(dtype) / largest
    target = dtypes.iinfo(dtype).max
    return image.to(dtype) * ((target + 1) // (largest + 1)) if target > largest else (
        image.div((largest + 1) // (target + 1), rounding_mode="floor").to(dtype))


def normalize(tensor, mean, std, inplace=False):
    """(x - mean) / std, channel by channel: (..., C, H, W). ValueError for a std of 0.

    >>> import minitorch as torch
    >>> normalize(torch.ones(1, 1, 2), [0.5], [0.25])
    tensor([[[2., 2.]]])
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(tensor)}")
    if not tensor.is_floating_point():
        raise TypeError(f"Input tensor should be a float tensor. Got {tensor.dtype}.")
    if tensor.dim() < 3:
        raise ValueError(f"Expected tensor to be a tensor image of size (..., C, H, W). Got {tensor.size()}")
    mean, std = (as_tensor(x, dtype=tensor.dtype) for x in (mean, std))
    if (std == 0).any():
        raise ValueError(f"std evaluated to zero after conversion to {tensor.dtype}, leading to division by zero.")
    mean, std = (x.view(-1, 1, 1) if x.dim() == 1 else x for x in (mean, std))  # (C, 1, 1)
    return (tensor if inplace else tensor.clone()).sub_(mean).div_(std)


# --------------------------------------------------------------------------------------------------------- geometry


def get_dimensions(img):
    """[C, H, W]"""
    if isinstance(img, Image.Image):
        return [len(img.getbands()), img.height, img.width]
    return [1 if img.dim() == 2 else img.shape[-3], *img.shape[-2:]]


def get_image_size(img):
    """[W, H]"""
    return get_dimensions(img)[:0:-1]


def resize(img, size, interpolation=InterpolationMode.BILINEAR, max_size=None, antialias=True):
    """To (H, W); a single number is the length of the shorter side, the other one keeps the proportions."""
    _, H, W = get_dimensions(img)
    size = (size,) if isinstance(size, int) else tuple(size)
    if len(size) == 1:
        short, long = sorted((H, W))
        new_short, new_long = size[0], int(size[0] * long / short)
        if max_size is not None and new_long > max_size:
            new_short, new_long = int(max_size * new_short / new_long), max_size
        size = (new_long, new_short) if W <= H else (new_short, new_long)
    if size == (H, W):
        return img
    if isinstance(img, Image.Image):
        return img.resize(size[::-1], _resample(interpolation))
    batch = img.reshape(-1, *img.shape[-3:])  # (N, C, H, W)
    smooth = interpolation in (InterpolationMode.BILINEAR, InterpolationMode.BICUBIC)
    resized = F.interpolate(batch if img.is_floating_point() else batch.float(), size=size, mode=interpolation.value,
                            antialias=bool(antialias) and smooth, **({"align_corners": False} if smooth else {}))
    if not img.is_floating_point():
        largest = dtypes.iinfo(img.dtype).max
        resized = resized.clamp(0, largest).round().to(img.dtype)
    return resized.reshape(*img.shape[:-2], *size)


def crop(img, top, left, height, width):
    """The rectangle with that corner and size; what lies outside of the picture is 0."""
    if isinstance(img, Image.Image):
        return img.crop((left, top, left + width, top + height))
    _, H, W = get_dimensions(img)
    inside = img[..., max(top, 0):max(top + height, 0), max(left, 0):max(left + width, 0)]
    return F.pad(inside, [max(min(-left, width), 0), max(min(left + width - W, width), 0),
                         max(min(-top, height), 0), max(min(top + height - H, height), 0)])


def center_crop(img, output_size):
    """The middle (H, W), or square; smaller pictures get a black border first."""
    height, width = pair(output_size)
    _, H, W = get_dimensions(img)
    if width > W or height > H:
        img = pad(img, [max((width - W) // 2, 0), max((height - H) // 2, 0),
                        max((width - W + 1) // 2, 0), max((height - H + 1) // 2, 0)])
        _, H, W = get_dimensions(img)
    return crop(img, round((H - height) / 2), round((W - width) / 2), height, width)


def resized_crop(img, top, left, height, width, size, interpolation=InterpolationMode.BILINEAR, antialias=True):
    """`crop`, then `resize`."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def pad(img, padding, fill=0, padding_mode="constant"):
    """A border: one width, (left and right, top and bottom), or (left, top, right, bottom).

    padding_mode: "constant" (the color `fill`), "edge", "reflect" or "symmetric".
    """
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError(f"Padding mode should be either constant, edge, reflect or symmetric, but got {padding_mode}")
    padding = (padding,) if isinstance(padding, int) else tuple(padding)
    if len(padding) not in (1, 2, 4):
        raise ValueError(f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple")
    left, top, right, bottom = (padding * 4)[:4]
    if isinstance(img, Image.Image):
        if padding_mode == "constant":
            color = (fill,) * len(img.getbands()) if isinstance(fill, int) and len(img.getbands()) > 1 else fill
            return ImageOps.expand(img, (left, top, right, bottom), color)
        array = np.asarray(img)
        borders = ((top, bottom), (left, right)) + ((0, 0),) * (array.ndim - 2)
        return Image.fromarray(np.pad(array, borders, padding_mode))
    if padding_mode == "constant":
        return F.pad(img, [left, right, top, bottom], value=fill)
    borders = ((0, 0),) * (img.dim() - 2) + ((top, bottom), (left, right))
    return from_numpy(np.pad(img.numpy(), borders, padding_mode))


def hflip(img):
    """Left and right exchanged."""
    return img.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if isinstance(img, Image.Image) else img.flip(-1)


def vflip(img):
    """Top and bottom exchanged."""
    return img.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if isinstance(img, Image.Image) else img.flip(-2)


def rotate(img, angle, interpolation=InterpolationMode.NEAREST, expand=False, center=None, fill=0):
    """Turned by `angle` degrees, counterclockwise. PIL pictures only: TypeError for a tensor."""
    if not isinstance(img, Image.Image):
        raise TypeError(f"rotate: minitorch turns PIL pictures only, but got {type(img)}")
    return img.rotate(angle, _resample(interpolation), expand, center, fillcolor=fill or None)


# ------------------------------------------------------------------------------------------------------------ colors


def _blend(one, other, ratio):
    """ratio * one + (1 - ratio) * other, within the range of the dtype."""
    bound = 1.0 if one.is_floating_point() else dtypes.iinfo(one.dtype).max
    return (one * ratio + other * (1 - ratio)).clamp(0, bound).to(one.dtype)


def rgb_to_grayscale(img, num_output_channels=1):
    """Luminance, in 1 or 3 equal channels. ValueError for another number of them."""
    if num_output_channels not in (1, 3):
        raise ValueError(f"num_output_channels should be either 1 or 3, but got {num_output_channels}")
    if isinstance(img, Image.Image):
        grey = img.convert("L")
        return grey if num_output_channels == 1 else Image.merge("RGB", [grey] * 3)
    if img.shape[-3] == 1:
        grey = img
    else:
        red, green, blue = img.unbind(-3)  # (..., H, W) each
        grey = (0.2989 * red + 0.587 * green + 0.114 * blue).to(img.dtype).unsqueeze(-3)  # (..., 1, H, W)
    return grey if num_output_channels == 1 else grey.expand(*img.shape[:-3], 3, *img.shape[-2:])


to_grayscale = rgb_to_grayscale


def adjust_brightness(img, brightness_factor):
    """0 is black, 1 the picture, 2 twice as bright."""
    if isinstance(img, Image.Image):
        return ImageEnhance.Brightness(img).enhance(brightness_factor)
    return _blend(img, img * 0, brightness_factor)


def adjust_contrast(img, contrast_factor):
    """0 is grey, 1 the picture, 2 twice the contrast."""
    if isinstance(img, Image.Image):
        return ImageEnhance.Contrast(img).enhance(contrast_factor)
    grey = rgb_to_grayscale(img).to(dtypes.float32 if not img.is_floating_point() else img.dtype)
    return _blend(img, grey.mean((-3, -2, -1), keepdim=True), contrast_factor)


def adjust_saturation(img, saturation_factor):
    """0 is black and white, 1 the picture, 2 twice as colorful."""
    if isinstance(img, Image.Image):
        return ImageEnhance.Color(img).enhance(saturation_factor)
    return _blend(img, rgb_to_grayscale(img), saturation_factor)


def adjust_hue(img, hue_factor):
    """Colors turned on their circle, by -0.5 to 0.5 of it. PIL pictures only: TypeError for a tensor."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    if not isinstance(img, Image.Image):
        raise TypeError(f"adjust_hue: minitorch changes the hue of PIL pictures only, but got {type(img)}")
    if img.mode in ("L", "1", "I", "F"):
        return img
    hue, saturation, value = img.convert("HSV").split()
    turned = (np.asarray(hue).astype(np.int32) + math.trunc(hue_factor * 255)) % 256
    return Image.merge("HSV", (Image.fromarray(turned.astype(np.uint8)), saturation, value)).convert(img.mode)


def pair(size):
    """(H, W) from a number or a sequence of one or two."""
    size = (size,) if isinstance(size, int) else tuple(size)
    return size * 2 if len(size) == 1 else size
