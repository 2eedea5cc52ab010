"""Datasets in folders: one folder for each class."""
import os

from PIL import Image

from .vision import VisionDataset

IMG_EXTENSIONS = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


def default_loader(path):
    """The picture in a file, in color."""
    with open(path, "rb") as file:
        return Image.open(file).convert("RGB")


class DatasetFolder(VisionDataset):
    """Files below root/<class>/, read by `loader`: those with one of the `extensions`, or that `is_valid_file` likes.

    `samples` lists (path, class index), `classes` the folders in order. FileNotFoundError if there is no folder, or
    one without a file.
    """

    def __init__(self, root, loader, extensions=None, transform=None, target_transform=None, is_valid_file=None,
                 allow_empty=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.loader, self.extensions = loader, extensions
        valid = is_valid_file or (lambda path: path.lower().endswith(tuple(extensions)))
        self.classes, self.class_to_idx = self.find_classes(self.root)
        self.samples = [(path, self.class_to_idx[name]) for name in self.classes
                        for path in self._files(os.path.join(self.root, name)) if valid(path)]
        self.targets = [target for _, target in self.samples]
        empty = sorted(set(self.class_to_idx.values()) - set(self.targets))
        if empty and not allow_empty:
            names = ", ".join(self.classes[i] for i in empty)
            raise FileNotFoundError(f"Found no valid file for the classes {names}. Supported extensions are: "
                                    f"{', '.join(extensions or ())}")

    @staticmethod
    def find_classes(directory):
        """The sorted names of the folders in `directory`, and {name: index}."""
        classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
        if not classes:
            raise FileNotFoundError(f"Couldn't find any class folder in {directory}.")
        return classes, {name: i for i, name in enumerate(classes)}

    @staticmethod
    def _files(folder):
        for parent, _, names in sorted(os.walk(folder, followlinks=True)):
            yield from (os.path.join(parent, name) for name in sorted(names))

    def __getitem__(self, index):
        path, target = self.samples[index]
        return self._transformed(self.loader(path), target)

    def __len__(self):
        return len(self.samples)


class ImageFolder(DatasetFolder):
    """Pictures in root/<class>/: (PIL picture, class index). `imgs` is another name of `samples`."""

    def __init__(self, root, transform=None, target_transform=None, loader=default_loader, is_valid_file=None,
                 allow_empty=False):
        super().__init__(root, loader, None if is_valid_file else IMG_EXTENSIONS, transform, target_transform,
                         is_valid_file, allow_empty)
        self.imgs = self.samples
