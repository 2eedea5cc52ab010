"""torchvision.utils: many pictures in one, and pictures into files."""
from ..autograd import no_grad
from ..ops import cat, stack
from ..tensor import Tensor
from .transforms.functional import to_pil_image


@no_grad()
def make_grid(tensor, nrow=8, padding=2, normalize=False, value_range=None, scale_each=False, pad_value=0.0):
    """Pictures (N, C, H, W) side by side, `nrow` in a row, `padding` pixels of `pad_value` around each: (C, ...).

    A list of pictures, one picture (C, H, W) and one grey picture (H, W) will do too; grey ones become RGB. normalize:
    scale to [0, 1] from `value_range`, else from the smallest and largest number of all pictures, or with `scale_each`
    of each. TypeError for anything else.

    >>> import minitorch as torch
    >>> make_grid(torch.ones(3, 1, 2, 2), nrow=2, padding=1).shape
    torch.Size([3, 7, 7])
    """
    if isinstance(tensor, (list, tuple)):
        tensor = stack(list(tensor))
    if not isinstance(tensor, Tensor):
        raise TypeError(f"tensor or list of tensors expected, got {type(tensor)}")
    images = tensor.reshape(-1, *((1,) * (3 - tensor.dim()) + tensor.shape)[-3:])  # (N, C, H, W)
    if images.shape[1] == 1:
        images = cat([images] * 3, 1)  # (N, 3, H, W)
    if normalize:
        each = [_scaled(image, value_range) for image in (images if scale_each else [images])]
        images = cat([part.reshape(-1, *images.shape[1:]) for part in each])  # (N, C, H, W)
    N, C, H, W = images.shape
    if N == 1:
        return images[0]
    columns = min(nrow, N)
    rows = -(-N // columns)
    H, W = H + padding, W + padding
    grid = images.new_full((C, H * rows + padding, W * columns + padding), pad_value)
    for i, image in enumerate(images):
        y, x = i // columns * H + padding, i % columns * W + padding
        grid[:, y:y + H - padding, x:x + W - padding] = image
    return grid


def _scaled(x, value_range):
    low, high = (float(x.min()), float(x.max())) if value_range is None else value_range
    return (x.clamp(low, high) - low) / max(high - low, 1e-5)


def save_image(tensor, fp, format=None, **grid):
    """Write a picture, or the `make_grid` of several, to the path or file `fp`. `grid`: make_grid's options."""
    picture = make_grid(tensor, **grid).mul(255).add(0.5).clamp(0, 255).byte()  # (3, H, W)
    to_pil_image(picture).save(fp, format=format)
