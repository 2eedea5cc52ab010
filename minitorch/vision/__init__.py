"""torchvision's names for minitorch: datasets, transforms of pictures, a few models, and `utils` to show pictures.

`python -m minitorch run` gives it to programs that import torchvision. It needs the package pillow.
"""
try:
    import PIL  # noqa: F401
except ImportError as error:
    raise ImportError("minitorch.vision (torchvision) needs the package pillow: pip install pillow") from error

from . import datasets, io, models, transforms, utils
from ..version import __version__
