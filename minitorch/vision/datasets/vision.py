"""VisionDataset: what the datasets of pictures share."""
import os

from ...utils.data import Dataset


class VisionDataset(Dataset):
    """Pictures in a folder `root`, transformed as they are read.

    transform: function of the picture; target_transform: of the target; transforms: of both, instead of those two.
    A subclass has `__getitem__` and `__len__`. ValueError for `transforms` together with one of the others.
    """

    def __init__(self, root=None, transforms=None, transform=None, target_transform=None):
        if transforms is not None and (transform or target_transform):
            raise ValueError("Only transforms or transform/target_transform can be passed as argument")
        self.root = os.path.expanduser(root) if isinstance(root, str) else root
        self.transform, self.target_transform = transform, target_transform
        both = transform is not None or target_transform is not None
        self.transforms = StandardTransform(transform, target_transform) if both else transforms

    def _transformed(self, image, target):
        return (image, target) if self.transforms is None else self.transforms(image, target)

    def extra_repr(self):
        """Lines to print below the size and the root."""
        return ""

    def __repr__(self):
        lines = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            lines.append(f"Root location: {self.root}")
        lines += self.extra_repr().splitlines()
        if self.transforms is not None:
            lines.append(repr(self.transforms))
        return "\n".join([f"Dataset {type(self).__name__}", *("    " + line for line in lines)])


class StandardTransform:
    """One function of the picture, one of the target."""

    def __init__(self, transform=None, target_transform=None):
        self.transform, self.target_transform = transform, target_transform

    def __call__(self, input, target):
        input = input if self.transform is None else self.transform(input)
        return input, target if self.target_transform is None else self.target_transform(target)

    def __repr__(self):
        lines = ["StandardTransform"]
        for head, transform in ("Transform: ", self.transform), ("Target transform: ", self.target_transform):
            if transform is not None:
                first, *rest = repr(transform).splitlines()
                lines += [head + first, *(" " * len(head) + line for line in rest)]
        return "\n".join(lines)
