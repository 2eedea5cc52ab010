"""Blocks of images and shuffled pixels against PyTorch: what op_db leaves out."""
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same


def F(T):
    return T.nn.functional


@pytest.mark.parametrize("options", [
    {"kernel_size": 2}, {"kernel_size": (2, 3), "stride": (2, 1)}, {"kernel_size": 3, "padding": (1, 2)},
    {"kernel_size": 2, "dilation": (1, 2), "stride": 2, "padding": 1}], ids=str)
def test_fold(options):
    _, pixels, blocks = F(minitorch).unfold(minitorch.zeros(1, 2, 5, 6), **options).shape
    check_op([(2, pixels, blocks)], lambda T, x: F(T).fold(x, (5, 6), **options))
    check_op([(pixels, blocks)], lambda T, x: F(T).fold(x, (5, 6), **options))
    check_op([(2, 3, 5, 6)], lambda T, x: F(T).unfold(x, **options))
    check_op([(0, 3, 5, 6)], lambda T, x: F(T).unfold(x, **options))


def test_names():
    def names(T):
        x = T.ones(1, 4, 4, 4).requires_grad_()
        outs = (F(T).unfold(x, 2), F(T).fold(x[0], 2, 2, stride=2, padding=1), T.pixel_shuffle(x, 2),
                T.pixel_unshuffle(x, 2), T.channel_shuffle(x, 2))
        return [out.grad_fn.name() for out in outs]

    check_same(names)


@pytest.mark.parametrize("match, call", [
    ("kernel size should be greater than zero, but got kernel_height: 0 kernel_width: 1",
     lambda T, x: F(T).unfold(x, (0, 1))),
    ("dilation should be greater than zero, but got dilation_height: 0", lambda T, x: F(T).unfold(x, 2, 0)),
    ("padding should be non-negative, but got pad_height: -1", lambda T, x: F(T).unfold(x, 2, 1, -1)),
    ("stride should be greater than zero, but got stride_height: 0", lambda T, x: F(T).unfold(x, 2, 1, 0, 0)),
    ("It is expected kernel_size equals to 2, but got size 3", lambda T, x: F(T).unfold(x, (2, 2, 2))),
    (r"calculated shape of the array of sliding blocks as \(0, 0\)", lambda T, x: F(T).unfold(x, 5)),
    ("Expected 3D or 4D", lambda T, x: F(T).unfold(x[:, :0], 2)),
    ("Dimension out of range", lambda T, x: F(T).unfold(x[0, 0], 2)),
    ("\"im2col_out_cpu\" not implemented for 'Long'", lambda T, x: F(T).unfold(x.long(), 2)),
    ("must be tuple of ints, but found element of type float", lambda T, x: F(T).unfold(x, 2.0)),
    ("expected size of input's dimension 2 to match the calculated number of sliding blocks 4 \\* 4 = 16",
     lambda T, x: F(T).fold(x[0], 5, 2)),
    ("to be divisible by the product of kernel_size", lambda T, x: F(T).fold(x[0], 4, 3)),
    ("Expected 2D or 3D", lambda T, x: F(T).fold(x[0, 0, 0], 4, 2)),
    ("to be divisible by the square of upscale_factor", lambda T, x: T.pixel_shuffle(x, 3)),
    ("pixel_shuffle expects a positive upscale_factor, but got 0", lambda T, x: T.pixel_shuffle(x, 0)),
    ("at least 3 dimensions, but got input with 2", lambda T, x: T.pixel_shuffle(x[0, 0], 2)),
    ("must be int, not float", lambda T, x: T.pixel_shuffle(x, 2.0)),
    ("expects height to be divisible by downscale_factor", lambda T, x: T.pixel_unshuffle(x, 3)),
    ("Number of channels must be divisible by groups. Got 4 channels and 3", lambda T, x: T.channel_shuffle(x, 3)),
    ("must be positive. Value of groups:0", lambda T, x: T.channel_shuffle(x, 0)),
    ("channel_shuffle expects input with > 2 dims", lambda T, x: T.channel_shuffle(x[0, 0], 2)),
])
def test_errors(match, call):
    check_raises(lambda T: call(T, T.ones(1, 4, 4, 4)), match=match)
