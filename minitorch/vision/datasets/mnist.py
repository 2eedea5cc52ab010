"""MNIST and the datasets that come in its format, IDX: a header of big-endian numbers, then bytes."""
import gzip
import os

import numpy as np
from PIL import Image

from ...creation import from_numpy
from .download import fetch
from .vision import VisionDataset


def read_idx(path):
    """The uint8 array in an IDX file, which may be compressed (.gz). ValueError for another file.

    Two zero bytes, the type (8: bytes), the number of dimensions; each dimension in 4 bytes; the elements.
    """
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        content = file.read()
    if content[:3] != b"\0\0\x08" or len(content) < 4 or len(content) < 4 + 4 * content[3]:
        raise ValueError(f"{path} is not an IDX file of bytes: it begins with {content[:4]!r}")
    ndim = content[3]
    shape = np.frombuffer(content, ">u4", ndim, offset=4)
    elements = np.frombuffer(content, np.uint8, offset=4 + 4 * ndim)
    if elements.size != shape.prod():
        raise ValueError(f"{path} should hold {' x '.join(map(str, shape))} bytes, but holds {elements.size}")
    return elements.reshape(shape).copy()


class MNIST(VisionDataset):
    """Handwritten digits: 60,000 to train with, 10,000 to test; PIL pictures of 28 x 28 grey pixels, and classes.

    root: the files are kept in root/MNIST/raw. download: fetch those that are missing. `data` (N, 28, 28), uint8, and
    `targets` (N) hold everything. RuntimeError if the files are not there.
    """

    mirrors = ["https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"]
    resources = [("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
                 ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
                 ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
                 ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c")]
    classes = ["0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven",
               "8 - eight", "9 - nine"]

    def __init__(self, root, train=True, transform=None, target_transform=None, download=False):
        super().__init__(root, transform=transform, target_transform=target_transform)
        self.train = train
        if download:
            self.download()
        split = "train" if train else "t10k"
        images, labels = (self._find(f"{split}-{kind}-ubyte") for kind in ("images-idx3", "labels-idx1"))
        if images is None or labels is None:
            raise RuntimeError("Dataset not found. You can use download=True to download it, or put the files "
                               f"{', '.join(name for name, _ in self.resources)} into {self.raw_folder}")
        self.data = from_numpy(read_idx(images))  # (N, 28, 28)
        self.targets = from_numpy(read_idx(labels).astype(np.int64))  # (N)

    @property
    def raw_folder(self):
        return os.path.join(self.root, type(self).__name__, "raw")

    @property
    def class_to_idx(self):
        return {name: i for i, name in enumerate(self.classes)}

    def _find(self, name):
        """The path of a file, compressed or not, or None."""
        path = os.path.join(self.raw_folder, name)
        return next(filter(os.path.isfile, [path, path + ".gz"]), None)

    def download(self):
        """Fetch the files that are not there."""
        for name, md5 in self.resources:
            if self._find(name.removesuffix(".gz")) is None:
                fetch([mirror + name for mirror in self.mirrors], os.path.join(self.raw_folder, name), md5)

    def __getitem__(self, index):
        return self._transformed(Image.fromarray(self.data[index].numpy()), int(self.targets[index]))

    def __len__(self):
        return len(self.data)

    def extra_repr(self):
        return f"Split: {'Train' if self.train else 'Test'}"


class FashionMNIST(MNIST):
    """Clothes, in MNIST's format: 60,000 pictures to train with, 10,000 to test."""

    mirrors = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"]
    resources = [("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                 ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
                 ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
                 ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310")]
    classes = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]


class KMNIST(MNIST):
    """Handwritten Japanese syllables, in MNIST's format: 60,000 pictures to train with, 10,000 to test."""

    mirrors = ["http://codh.rois.ac.jp/kmnist/dataset/kmnist/"]
    resources = [("train-images-idx3-ubyte.gz", "bdb82020997e1d708af4cf47b453dcf7"),
                 ("train-labels-idx1-ubyte.gz", "e144d726b3acfaa3e44228e80efcd344"),
                 ("t10k-images-idx3-ubyte.gz", "5c965bf0a639b31b8f53240b1b52f4d7"),
                 ("t10k-labels-idx1-ubyte.gz", "7320c461ea6c1c855c0b718fb2a4b134")]
    classes = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]
