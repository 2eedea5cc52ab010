"""torchvision.transforms.v2: the same transforms, with ToImage and ToDtype in ToTensor's place."""
from .. import functional
from ..functional import InterpolationMode
from ..transforms import (
    CenterCrop, ColorJitter, Compose, Grayscale, Lambda, Normalize, Pad, PILToTensor, RandomApply, RandomCrop,
    RandomGrayscale, RandomHorizontalFlip, RandomResizedCrop, RandomRotation, RandomVerticalFlip, Resize, ToDtype,
    ToImage, ToPILImage, ToTensor)
