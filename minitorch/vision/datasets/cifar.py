"""CIFAR-10 and CIFAR-100: small color pictures, in Python's pickle format."""
import os
import pickle
import shutil
import tarfile

import numpy as np
from PIL import Image

from .download import fetch
from .vision import VisionDataset


class _Unpickler(pickle.Unpickler):
    """Reads arrays, numbers and strings in containers; a file that names anything else raises UnpicklingError."""

    ALLOWED = {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"),
               ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct")}

    def find_class(self, module, name):
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"a file of CIFAR has no use for {module}.{name}")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


class CIFAR10(VisionDataset):
    """Ten kinds of things: 50,000 PIL pictures of 32 x 32 pixels to train with, 10,000 to test, and their classes.

    root: the files are kept in root/cifar-10-batches-py. download: fetch them if they are missing. `data`
    (N, 32, 32, 3), uint8, and the list `targets` hold everything. RuntimeError if the files are not there.
    """

    base_folder = "cifar-10-batches-py"
    url = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
    tgz_md5 = "c58f30108f718f92721af3b95e74349a"
    train_list = [f"data_batch_{i}" for i in range(1, 6)]
    test_list = ["test_batch"]
    meta, names = "batches.meta", "label_names"
    labels = "labels"

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        if download:
            self.download()
        if not self._is_there():
            raise RuntimeError(f"Dataset not found. You can use download=True to download it, or unpack {self.url} "
                               f"into {self.root}")
        batches = [self._read(name) for name in (self.train_list if train else self.test_list)]
        pixels = np.concatenate([batch["data"] for batch in batches])  # (N, 3072)
        self.data = pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)  # (N, H, W, C)
        self.targets = [label for batch in batches for label in batch[self.labels]]
        self.classes = self._read(self.meta)[self.names]
        self.class_to_idx = {name: i for i, name in enumerate(self.classes)}

    def _path(self, name):
        return os.path.join(self.root, self.base_folder, name)

    def _is_there(self):
        return all(os.path.isfile(self._path(name)) for name in (*self.train_list, *self.test_list, self.meta))

    def _read(self, name):
        with open(self._path(name), "rb") as file:
            return _Unpickler(file, encoding="latin1").load()

    def download(self):
        """Fetch and unpack the files, unless they are there."""
        if self._is_there():
            return
        archive = os.path.join(self.root, os.path.basename(self.url))
        if not os.path.isfile(archive):
            fetch([self.url], archive, self.tgz_md5)
        os.makedirs(os.path.join(self.root, self.base_folder), exist_ok=True)
        with tarfile.open(archive) as tar:  # these files only: an archive may name any place on the disk
            for name in (*self.train_list, *self.test_list, self.meta):
                with tar.extractfile(f"{self.base_folder}/{name}") as source, open(self._path(name), "wb") as file:
                    shutil.copyfileobj(source, file)

    def __getitem__(self, index):
        return self._transformed(Image.fromarray(self.data[index]), self.targets[index])

    def __len__(self):
        return len(self.data)

    def extra_repr(self):
        return f"Split: {'Train' if self.train else 'Test'}"


class CIFAR100(CIFAR10):
    """A hundred kinds of things, otherwise as CIFAR10."""

    base_folder = "cifar-100-python"
    url = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
    tgz_md5 = "eb9058c3a382ffc7106e4002c42a8d85"
    train_list = ["train"]
    test_list = ["test"]
    meta, names = "meta", "fine_label_names"
    labels = "fine_labels"
