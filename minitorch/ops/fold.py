"""Cutting images into blocks (unfold), and adding blocks up to images (fold), each the other's gradient.

Letters: N batch, C channels, H W image, R S block, L number of blocks.
"""
import math

from .. import dtypes
from .._shapes import conv_output_size
from ..engine import Op
from ..graph import check_tensors
from .shape import squeeze, unsqueeze


class Im2col(Op):
    """out = the blocks of the image, as columns."""

    torch_name = "Im2ColBackward0"

    def forward(self, x, **blocks):
        self.image, self.blocks = x.shape[2:], blocks
        return self.k.im2col(x, **blocks)

    def backward(self, grad):
        return self.k.col2im(grad, self.image, **self.blocks)


class Col2im(Op):
    """out = the sum of all blocks, each in its place."""

    torch_name = "Col2ImBackward0"

    def forward(self, x, output_size, **blocks):
        self.blocks = blocks
        return self.k.col2im(x, output_size, **blocks)

    def backward(self, grad):
        return self.k.im2col(grad, **self.blocks)


def im2col(input, kernel_size, dilation=1, padding=0, stride=1):
    """F.unfold: each block of R x S pixels of an image as a column: (N, C, H, W) -> (N, C*R*S, L), likewise (C, H, W)

    Blocks begin every `stride` pixels, their pixels are `dilation` apart, and the image has a border of `padding`
    zeros. Arguments are an int or a pair. RuntimeError where sizes do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.unfold(torch.arange(6.).view(1, 1, 2, 3), 2)
    tensor([[[0., 1.],
             [1., 2.],
             [3., 4.],
             [4., 5.]]])
    """
    check_tensors("im2col", input=input)
    blocks = _blocks("im2col", kernel_size, dilation, padding, stride)
    shape = input.array.shape
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        if len(shape) == 2:
            raise IndexError(f"Dimension out of range: unfold expects a 3D or 4D input, but got {list(shape)}")
        raise RuntimeError("Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero "
                           f"dimensions for input, but got: {list(shape)}")
    counts = _counts(shape[-2:], **blocks)
    if min(counts) < 1:
        raise RuntimeError(f"Given input with spatial size {shape[-2:]}, {_given(blocks)}, calculated shape of the "
                           f"array of sliding blocks as {counts}, but its components must be at least one.")
    if input.dtype.scalar_name in ("Byte", "Char", "Short", "Int", "Long"):
        raise dtypes.not_implemented("im2col_out_cpu", input.dtype)
    if len(shape) == 3:
        return squeeze(Im2col.apply(unsqueeze(input, 0), **blocks), 0)
    return Im2col.apply(input, **blocks)


def col2im(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """F.fold: add blocks up to an image, (N, C*R*S, L) -> (N, C, *output_size), likewise (C*R*S, L); see unfold.

    RuntimeError where sizes do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.fold(torch.ones(1, 4, 2), (2, 3), 2)
    tensor([[[[1., 2., 1.],
              [1., 2., 1.]]]])
    """
    check_tensors("col2im", input=input)
    output_size = _pair("output_size", output_size, "col2im")
    blocks = _blocks("col2im", kernel_size, dilation, padding, stride)
    shape = input.array.shape
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError("Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero "
                           f"dimensions for input, but got: {list(shape)}")
    if shape[-2] % math.prod(blocks["kernel_size"]):
        raise RuntimeError("Expected size of input's dimension 1 to be divisible by the product of kernel_size, but "
                           f"got input.size(1)={shape[-2]} and kernel_size={blocks['kernel_size']}.")
    P, Q = _counts(output_size, **blocks)
    if P * Q != shape[-1] or P < 1 or Q < 1:
        raise RuntimeError(f"Given output_size={output_size}, {_given(blocks)}, stride={blocks['stride']}, expected "
                           "size of input's dimension 2 to match the calculated number of sliding blocks "
                           f"{P} * {Q} = {P * Q}, but got input.size(2)={shape[-1]}.")
    if input.dtype.scalar_name in ("Byte", "Char", "Short", "Int", "Long"):
        raise dtypes.not_implemented("col2im_out_cpu", input.dtype)
    if len(shape) == 2:
        return squeeze(Col2im.apply(unsqueeze(input, 0), output_size=output_size, **blocks), 0)
    return Col2im.apply(input, output_size=output_size, **blocks)


def _pair(name, value, function):
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2:
        raise RuntimeError(f"It is expected {name} equals to 2, but got size {len(pair)}")
    for position, number in enumerate(pair):
        if not hasattr(number, "__index__"):
            raise TypeError(f"{function}(): argument '{name}' must be tuple of ints, but found element of type "
                            f"{type(number).__name__} at pos {position}")
    return pair


def _blocks(function, kernel_size, dilation, padding, stride):
    """The arguments as pairs, checked."""
    blocks = {"kernel_size": kernel_size, "dilation": dilation, "padding": padding, "stride": stride}
    blocks = {name: _pair(name, value, function) for name, value in blocks.items()}
    for name, (height, width) in blocks.items():
        if min(height, width) < (name != "padding"):
            what, short = name.replace("_", " "), {"kernel_size": "kernel", "padding": "pad"}.get(name, name)
            least = "non-negative" if name == "padding" else "greater than zero"
            raise RuntimeError(f"{what} should be {least}, but got {short}_height: {height} {short}_width: {width}")
    return blocks


def _counts(image, kernel_size, dilation, padding, stride):
    """How many blocks there are along the height and the width."""
    return tuple(map(conv_output_size, image, kernel_size, stride, padding, dilation))


def _given(blocks):
    return ", ".join(f"{name}={blocks[name]}" for name in ("kernel_size", "dilation", "padding"))
