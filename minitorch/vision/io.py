"""torchvision.io: pictures in files as tensors of bytes."""
from enum import Enum

from PIL import Image

from .transforms.functional import pil_to_tensor, to_pil_image


class ImageReadMode(Enum):
    """What to convert a picture to."""

    UNCHANGED = None
    GRAY = "L"
    GRAY_ALPHA = "LA"
    RGB = "RGB"
    RGB_ALPHA = "RGBA"


def decode_image(input, mode=ImageReadMode.UNCHANGED):
    """The picture in the file `input` as a uint8 tensor (C, H, W). OSError if it is none."""
    mode = ImageReadMode[mode] if isinstance(mode, str) else mode
    with Image.open(input) as picture:
        target = mode.value or ("RGB" if picture.mode == "P" else picture.mode)  # P: numbers of a palette's colors
        return pil_to_tensor(picture.convert(target))


read_image = decode_image


def write_jpeg(input, filename, quality=75):
    """Write a uint8 tensor (C, H, W) as a JPEG file."""
    to_pil_image(input).save(filename, format="jpeg", quality=quality)


def write_png(input, filename, compression_level=6):
    """Write a uint8 tensor (C, H, W) as a PNG file."""
    to_pil_image(input).save(filename, format="png", compress_level=compression_level)
