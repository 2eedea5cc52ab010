"""The transforms: pictures in, pictures or tensors out. Random ones draw what torchvision's draw: the same seed gives
the same crops."""
import math
from enum import Enum
from numbers import Number

from ...creation import empty, rand, randint, randperm
from ...nn import Module
from . import functional as F
from .functional import InterpolationMode


class Transform(Module):
    """A transform as a module, which prints its settings."""

    def __repr__(self):
        settings = {name: value for name, value in vars(self).items() if name[0] != "_" and name != "training"}
        return f"{type(self).__name__}({', '.join(f'{name}={_shown(value)}' for name, value in settings.items())})"


def _shown(value):
    if isinstance(value, Enum):
        return value.value
    return tuple(round(x, 4) for x in value) if isinstance(value, tuple) else value


class Compose:
    """One transform after the other.

    >>> import numpy as np
    >>> Compose([ToTensor(), Normalize((0.5,), (0.5,))])(np.uint8([[0, 255]]))
    tensor([[[-1.,  1.]]])
    """

    def __init__(self, transforms):
        self.transforms = transforms

    def __call__(self, img):
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self):
        return "\n".join(["Compose(", *(f"    {transform}" for transform in self.transforms), ")"])


class ToTensor(Transform):
    """A PIL picture, or an array (H, W, C), as a float tensor (C, H, W) in [0, 1]."""

    def forward(self, pic):
        return F.to_tensor(pic)


class PILToTensor(Transform):
    """A PIL picture as a tensor of its bytes, (C, H, W)."""

    def forward(self, pic):
        return F.pil_to_tensor(pic)


class ToPILImage(Transform):
    """A tensor (C, H, W), or an array (H, W, C), as a PIL picture."""

    def __init__(self, mode=None):
        super().__init__()
        self.mode = mode

    def forward(self, pic):
        return F.to_pil_image(pic, self.mode)


class ConvertImageDtype(Transform):
    """The tensor in another dtype, scaled to its range."""

    def __init__(self, dtype):
        super().__init__()
        self.dtype = dtype

    def forward(self, image):
        return F.convert_image_dtype(image, self.dtype)


class Normalize(Transform):
    """(x - mean) / std, channel by channel."""

    def __init__(self, mean, std, inplace=False):
        super().__init__()
        self.mean, self.std, self._inplace = mean, std, inplace

    def forward(self, tensor):
        return F.normalize(tensor, self.mean, self.std, self._inplace)


class Lambda:
    """A function as a transform."""

    def __init__(self, lambd):
        if not callable(lambd):
            raise TypeError(f"Argument lambd should be callable, got {type(lambd).__name__}")
        self.lambd = lambd

    def __call__(self, img):
        return self.lambd(img)

    def __repr__(self):
        return "Lambda()"


class Resize(Transform):
    """To (H, W), or, one number, to that length of the shorter side."""

    def __init__(self, size, interpolation=InterpolationMode.BILINEAR, max_size=None, antialias=True):
        super().__init__()
        if not isinstance(size, (int, list, tuple)):
            raise TypeError(f"Size should be int or sequence. Got {type(size)}")
        if not isinstance(size, int) and len(size) not in (1, 2):
            raise ValueError(f"If size is a sequence, it should have 1 or 2 values, but got {size}")
        self.size, self.interpolation, self.max_size, self.antialias = size, interpolation, max_size, antialias

    def forward(self, img):
        return F.resize(img, self.size, self.interpolation, self.max_size, self.antialias)


class CenterCrop(Transform):
    """The middle (H, W), or square."""

    def __init__(self, size):
        super().__init__()
        self.size = F.pair(size)

    def forward(self, img):
        return F.center_crop(img, self.size)


class Pad(Transform):
    """A border."""

    def __init__(self, padding, fill=0, padding_mode="constant"):
        super().__init__()
        self.padding, self.fill, self.padding_mode = padding, fill, padding_mode

    def forward(self, img):
        return F.pad(img, self.padding, self.fill, self.padding_mode)


class Grayscale(Transform):
    """Luminance, in 1 or 3 channels."""

    def __init__(self, num_output_channels=1):
        super().__init__()
        self.num_output_channels = num_output_channels

    def forward(self, img):
        return F.rgb_to_grayscale(img, self.num_output_channels)


# ----------------------------------------------------------------------------------------------------------- random


def _uniform(low, high):
    return empty(1).uniform_(low, high).item()


def _below(n):
    """A random integer of [0, n)."""
    return randint(0, n, (1,)).item()


class _Sometimes(Transform):
    """A transform that happens with probability p."""

    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, img):
        return self._transform(img) if rand(1) < self.p else img


class RandomHorizontalFlip(_Sometimes):
    """Left and right exchanged, with probability p."""

    _transform = staticmethod(F.hflip)


class RandomVerticalFlip(_Sometimes):
    """Top and bottom exchanged, with probability p."""

    _transform = staticmethod(F.vflip)


class RandomGrayscale(_Sometimes):
    """Without color, with probability p; as many channels as before."""

    def __init__(self, p=0.1):
        super().__init__(p)

    @staticmethod
    def _transform(img):
        return F.rgb_to_grayscale(img, F.get_dimensions(img)[0])


class RandomApply(_Sometimes):
    """All these transforms with probability p, else none."""

    def __init__(self, transforms, p=0.5):
        super().__init__(p)
        self.transforms = transforms

    def forward(self, img):
        return img if self.p < rand(1) else Compose(self.transforms)(img)


class RandomCrop(Transform):
    """A random (H, W), or square. ValueError for a picture that is smaller, also after padding."""

    def __init__(self, size, padding=None, pad_if_needed=False, fill=0, padding_mode="constant"):
        super().__init__()
        self.size, self.padding = F.pair(size), padding
        self._pad_if_needed, self._border = pad_if_needed, (fill, padding_mode)

    def forward(self, img):
        if self.padding is not None:
            img = F.pad(img, self.padding, *self._border)
        height, width = self.size
        _, H, W = F.get_dimensions(img)
        if self._pad_if_needed:
            img = F.pad(img, (max(width - W, 0), max(height - H, 0)), *self._border)
            _, H, W = F.get_dimensions(img)
        if H < height or W < width:
            raise ValueError(f"Required crop size {height, width} is larger than input image size {H, W}")
        if (H, W) == (height, width):
            return img
        top, left = _below(H - height + 1), _below(W - width + 1)
        return F.crop(img, top, left, height, width)


class RandomResizedCrop(Transform):
    """A random part of the picture, of `scale` times its area and with sides in a `ratio`, resized to `size`."""

    def __init__(self, size, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), interpolation=InterpolationMode.BILINEAR,
                 antialias=True):
        super().__init__()
        self.size, self.scale, self.ratio = F.pair(size), scale, ratio
        self.interpolation, self.antialias = interpolation, antialias

    def forward(self, img):
        return F.resized_crop(img, *self._rectangle(*F.get_dimensions(img)[1:]), self.size, self.interpolation,
                              self.antialias)

    def _rectangle(self, H, W):
        """Top, left, height and width."""
        low, high = (math.log(ratio) for ratio in self.ratio)
        for _ in range(10):
            area = H * W * _uniform(*self.scale)
            ratio = math.exp(_uniform(low, high))
            width, height = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < width <= W and 0 < height <= H:
                return _below(H - height + 1), _below(W - width + 1), height, width
        height, width = H, W  # nothing fitted: the largest centered rectangle of an allowed ratio
        if W / H < self.ratio[0]:
            height = round(W / self.ratio[0])
        elif W / H > self.ratio[1]:
            width = round(H * self.ratio[1])
        return (H - height) // 2, (W - width) // 2, height, width


class RandomRotation(Transform):
    """Turned by a random angle: of (-degrees, degrees), or of the range `degrees`."""

    def __init__(self, degrees, interpolation=InterpolationMode.NEAREST, expand=False, center=None, fill=0):
        super().__init__()
        if isinstance(degrees, Number) and degrees < 0:
            raise ValueError("If degrees is a single number, it must be positive.")
        self.degrees = [-float(degrees), float(degrees)] if isinstance(degrees, Number) else list(map(float, degrees))
        self.interpolation, self.expand, self.fill = interpolation, expand, fill
        self._center = center

    def forward(self, img):
        return F.rotate(img, _uniform(*self.degrees), self.interpolation, self.expand, self._center, self.fill)


class ColorJitter(Transform):
    """Random brightness, contrast, saturation (factors of [1 - x, 1 + x], or a range) and hue, in random order."""

    def __init__(self, brightness=0, contrast=0, saturation=0, hue=0):
        super().__init__()
        self.brightness = self._range("brightness", brightness, 1, 0, math.inf)
        self.contrast = self._range("contrast", contrast, 1, 0, math.inf)
        self.saturation = self._range("saturation", saturation, 1, 0, math.inf)
        self.hue = self._range("hue", hue, 0, -0.5, 0.5)

    @staticmethod
    def _range(name, value, center, least, most):
        if isinstance(value, Number):
            if value < 0:
                raise ValueError(f"If {name} is a single number, it must be non negative.")
            value = max(center - value, least) if center else -value, center + value
        if not least <= value[0] <= value[1] <= most:
            raise ValueError(f"{name} values should be between {least} and {most}, but got {list(value)}.")
        return None if tuple(value) == (center, center) else tuple(map(float, value))

    def forward(self, img):
        order = randperm(4)
        ranges = self.brightness, self.contrast, self.saturation, self.hue
        factors = [None if bounds is None else _uniform(*bounds) for bounds in ranges]
        adjust = F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue
        for i in order.tolist():
            if factors[i] is not None:
                img = adjust[i](img, factors[i])
        return img


# ------------------------------------------------------------------------------------------- torchvision.transforms.v2


class ToImage(Transform):
    """A PIL picture or array as a tensor (C, H, W) of the same numbers."""

    def forward(self, pic):
        return F.pil_to_tensor(F.to_pil_image(pic) if not hasattr(pic, "getbands") else pic)


class ToDtype(Transform):
    """The tensor in another dtype; `scale` to its range, as ConvertImageDtype does."""

    def __init__(self, dtype, scale=False):
        super().__init__()
        self.dtype, self.scale = dtype, scale

    def forward(self, image):
        return F.convert_image_dtype(image, self.dtype) if self.scale else image.to(self.dtype)
