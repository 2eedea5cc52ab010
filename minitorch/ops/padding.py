"""Padding: a border around the last axes of a tensor, and its gradient."""
from .._shapes import tuple_of
from ..engine import Op


class ConstantPad(Op):
    """out = x with a border of `value`; the gradient cuts the border off."""

    torch_name = "ConstantPadNdBackward0"

    def forward(self, x, pad, value):
        self.pad = pad
        return self.k.pad(x, pad, "constant", value)

    def backward(self, grad):
        return self.k.pad(grad, tuple(-width for width in self.pad), "constant", 0.0)


class RepeatingPad(Op):
    """out = x with a border that repeats its own pixels; each pixel's gradient is the sum over its copies."""

    def forward(self, x, pad, mode):
        self.pad, self.mode = pad, mode
        self.torch_name = {"reflect": "ReflectionPad{}DBackward0", "replicate": "ReplicationPad{}DBackward0",
                           "circular": "CopySlices"}[mode].format(len(pad) // 2)
        return self.k.pad(x, pad, mode, 0.0)

    def backward(self, grad):
        return self.k.pad_backward(grad, self.pad, self.mode)


class RepeatingPadBackward(Op):
    """out = the sums over the copies of each pixel: linear, so its own gradient is padding again."""

    def forward(self, grad, pad, mode):
        self.pad, self.mode = pad, mode
        return self.k.pad_backward(grad, pad, mode)

    def backward(self, grad):
        return self.k.pad(grad, self.pad, self.mode, 0.0)


def pad(input, pad, mode="constant", value=None):
    """Add pixels at the ends of the last axes; negative widths cut pixels off.

    pad lists (before, after) from the last axis back: (left, right, top, bottom) for an image. mode is "constant" (fill
    with value, by default 0), "reflect" (mirror at the edge pixel), "replicate" (repeat the edge pixel) or "circular"
    (continue at the other end); these three pad all axes but one or two. RuntimeError where widths do not fit,
    NotImplementedError for another mode or number of axes.

    >>> import minitorch as torch
    >>> row = torch.tensor([[1., 2., 3.]])
    >>> torch.nn.functional.pad(row, (1, 1)), torch.nn.functional.pad(row, (2, -1), mode="reflect")
    (tensor([[0., 1., 2., 3., 0.]]), tensor([[3., 2., 1., 2.]]))
    """
    if mode == "constant":
        return constant_pad_nd(input, pad, 0.0 if value is None else value)
    pad, widths = _widths(input, pad)
    _check_repeating(input.array.shape, pad, widths, mode, value)
    return RepeatingPad.apply(input, pad=pad, mode=mode)


def _widths(input, pad):
    """`pad` as a tuple of ints, and [(axis, before, after)] from the last axis back, checked."""
    if not isinstance(pad, (tuple, list)):
        raise TypeError(f"pad(): argument 'pad' must be tuple of ints, not {type(pad).__name__}")
    shape, pad = input.array.shape, tuple_of(pad, len(pad), "pad", "pad")
    if len(pad) % 2:
        raise RuntimeError(f"Padding length must be divisible by 2, but got {list(pad)}")
    if len(pad) > 2 * len(shape):
        raise RuntimeError("Padding length should be less than or equal to two times the input dimension but got "
                           f"padding length {len(pad)} and input of dimension {len(shape)}")
    widths = list(zip(range(len(shape) - 1, -1, -1), pad[::2], pad[1::2]))  # (axis, before, after), the last axis first
    for axis, before, after in widths:
        if min(before, 0) + shape[axis] + min(after, 0) < 0:
            raise RuntimeError(f"pad: the input size {shape[axis]}, plus negative padding {before} and {after}, gives "
                               f"a negative size at dimension {axis} of input {list(shape)}")
    return pad, widths


def _check_repeating(shape, pad, widths, mode, value):
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if value:
        raise RuntimeError(f"Padding mode \"{mode}\" doesn't take in value argument")
    rank = len(pad) // 2
    if rank not in (1, 2, 3) or len(shape) - rank not in (1, 2):
        raise NotImplementedError(f"Padding size {len(pad)} is not supported for {len(shape)}D input tensor: "
                                  f"\"{mode}\" pads the last axis of 2D or 3D, the last 2 of 3D or 4D, or the last 3 "
                                  "of 4D or 5D input")
    if mode != "circular" and 0 in shape[-rank - 1:]:
        raise RuntimeError(f"Expected {rank + 1}D or {rank + 2}D (batch mode) tensor with possibly 0 batch size and "
                           f"other non-zero dimensions for input, but got: {list(shape)}")
    for position, (axis, before, after) in enumerate(widths):
        most = max(before, after)
        if mode == "reflect" and most >= shape[axis]:
            raise RuntimeError(f"Argument #{4 + 2 * position}: Padding size should be less than the corresponding "
                               f"input dimension, but got: padding ({before}, {after}) at dimension {axis} of input "
                               f"{list(shape)}")
        if mode == "circular" and most > shape[axis]:
            raise RuntimeError(f"Padding value causes wrapping around more than once: padding ({before}, {after}) at "
                               f"dimension {axis} of input {list(shape)}")


def constant_pad_nd(input, pad, value=0):
    """F.pad with mode="constant", under its older name.

    >>> import minitorch as torch
    >>> torch.constant_pad_nd(torch.ones(1), (1, 1))
    tensor([0., 1., 0.])
    """
    return ConstantPad.apply(input, pad=_widths(input, pad)[0], value=value)


def pad_backward(grad, pad, mode):
    """The gradient of `pad` for the modes that repeat pixels."""
    return RepeatingPadBackward.apply(grad, pad=pad, mode=mode)
