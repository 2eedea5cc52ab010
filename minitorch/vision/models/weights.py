"""Weights trained on ImageNet: where they are, and the pictures that they want."""
from enum import Enum
from urllib.error import URLError

from ...hub import load_state_dict_from_url
from ..transforms import CenterCrop, Compose, Normalize, Resize, ToTensor

_FOLDER = "https://download.pytorch.org/models/"


class Weights(Enum):
    """An enumeration of files. `transforms()` makes a picture what the network was trained on."""

    def get_state_dict(self, progress=True, check_hash=True):
        """Download the file, unless it is in torch.hub's cache, and read it. RuntimeError without a connection."""
        url = _FOLDER + self.value
        try:
            return load_state_dict_from_url(url, progress=progress, check_hash=check_hash)
        except URLError as error:
            raise RuntimeError(f"{self}: {url} cannot be reached ({error.reason}). Get that file elsewhere and put it "
                               "into the folder checkpoints in torch.hub.get_dir(), or pass weights=None") from error

    @staticmethod
    def transforms():
        return Compose([Resize(256), CenterCrop(224), ToTensor(),
                        Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])


def choose(kind, weights, pretrained):
    """A member of the enumeration `kind`, or None, from a model's arguments: a member, its name, or pretrained=True."""
    if weights is None:
        return kind.DEFAULT if pretrained else None
    if isinstance(weights, str):
        return kind[weights.removeprefix(f"{kind.__name__}.")]
    if not isinstance(weights, kind):
        raise TypeError(f"Invalid Weight class provided; expected {kind.__name__} but received "
                        f"{type(weights).__name__}.")
    return weights
