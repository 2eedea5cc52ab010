"""Pictures of noise, to try a program without data."""
from ...creation import randint, randn
from ...random import Generator
from ..transforms.functional import to_pil_image
from .vision import VisionDataset


class FakeData(VisionDataset):
    """`size` random PIL pictures of `image_size` (C, H, W) in random classes; number i is the same every time."""

    def __init__(self, size=1000, image_size=(3, 224, 224), num_classes=10, transform=None, target_transform=None,
                 random_offset=0):
        super().__init__(transform=transform, target_transform=target_transform)
        self.size, self.image_size, self.num_classes = size, image_size, num_classes
        self.random_offset = random_offset

    def __getitem__(self, index):
        if index >= self.size:
            raise IndexError(f"FakeData index out of range: {index} of {self.size}")
        generator = Generator().manual_seed(index + self.random_offset)
        image = to_pil_image(randn(*self.image_size, generator=generator))
        target = randint(0, self.num_classes, (1,), generator=generator).item()
        return self._transformed(image, target)

    def __len__(self):
        return self.size
