"""Convolution and transposed convolution against PyTorch."""
import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same

# PyTorch says once that padding="same" may have to copy the input.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same'")


def F(T):
    return T.nn.functional


IMAGE, FILTER, BIAS = (2, 4, 7, 6), (6, 4, 3, 2), (6,)
TRANSPOSED = (4, 6, 3, 2)  # the filter of a transposed convolution of IMAGE
OPTIONS = [
    {}, {"stride": 2}, {"stride": (2, 3)}, {"padding": 1}, {"padding": (2, 0)}, {"dilation": 2}, {"dilation": (1, 3)},
    {"stride": 2, "padding": 2, "dilation": 2}, {"stride": 3, "padding": 1}, {"padding": "valid"}, {"padding": "same"},
    {"padding": "same", "dilation": (3, 1)}, {"stride": [2], "padding": [1]}]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_conv2d(options):
    check_op([IMAGE, FILTER, BIAS], lambda T, x, w, b: F(T).conv2d(x, w, b, **options))


@pytest.mark.parametrize("groups, shape", [(2, (6, 2, 3, 2)), (4, (8, 1, 3, 2)), (4, (4, 1, 1, 1))])
def test_groups(groups, shape):
    check_op([IMAGE, shape, shape[:1]], lambda T, x, w, b: F(T).conv2d(x, w, b, 2, 1, 1, groups))


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"dilation": 2}, {"padding": "same"}], ids=str)
def test_conv1d_and_conv3d(options):
    check_op([(2, 3, 9), (4, 3, 4), (4,)], lambda T, x, w, b: F(T).conv1d(x, w, b, **options))
    check_op([(2, 2, 5, 4, 6), (3, 2, 2, 2, 3), (3,)], lambda T, x, w, b: F(T).conv3d(x, w, b, **options))


def test_without_bias_and_without_batch():
    check_op([IMAGE, FILTER], lambda T, x, w: F(T).conv2d(x, w))
    check_op([IMAGE[1:], FILTER, BIAS], lambda T, x, w, b: F(T).conv2d(x, w, b, padding="same"))
    check_op([(3, 9), (4, 3, 4)], lambda T, x, w: F(T).conv1d(x, w))
    check_op([(2, 5, 4, 6), (3, 2, 2, 2, 3)], lambda T, x, w: F(T).conv3d(x, w))


@pytest.mark.parametrize("wanted", [(True, False, False), (False, True, False), (False, False, True)])
def test_only_the_gradients_that_are_wanted(wanted):
    check_op([IMAGE, FILTER, BIAS], lambda T, x, w, b: F(T).conv2d(x, w, b, 2, 1), grad=wanted)
    check_op([IMAGE, TRANSPOSED, BIAS], lambda T, x, w, b: F(T).conv_transpose2d(x, w, b, 2, 1), grad=wanted)


def test_the_first_layer_computes_no_gradient_of_its_input(monkeypatch):
    monkeypatch.setattr(minitorch.kernels.cpu, "convolution_input_grad", None)
    weight = minitorch.ones(FILTER, requires_grad=True)
    minitorch.nn.functional.conv2d(minitorch.ones(IMAGE), weight).sum().backward()
    assert weight.grad is not None


@pytest.mark.parametrize("options", [
    {}, {"stride": 2}, {"stride": (2, 3), "padding": 1}, {"stride": 2, "output_padding": 1}, {"dilation": 2},
    {"dilation": 2, "output_padding": 1},
    {"stride": 3, "padding": (1, 0), "output_padding": (2, 1), "dilation": (1, 2)}],
    ids=str)
def test_conv_transpose2d(options):
    check_op([(2, 4, 5, 4), (4, 3, 3, 2), (3,)], lambda T, x, w, b: F(T).conv_transpose2d(x, w, b, **options))


def test_conv_transpose_of_groups_and_other_ranks():
    check_op([(2, 4, 5, 4), (4, 3, 3, 2), (6,)], lambda T, x, w, b: F(T).conv_transpose2d(x, w, b, 2, 1, 1, 2))
    check_op([(4, 5, 4), (4, 3, 3, 2)], lambda T, x, w: F(T).conv_transpose2d(x, w))
    check_op([(2, 3, 5), (3, 2, 4), (2,)], lambda T, x, w, b: F(T).conv_transpose1d(x, w, b, stride=3))
    check_op([(2, 3, 2, 3, 2), (3, 2, 2, 1, 3), (2,)], lambda T, x, w, b: F(T).conv_transpose3d(x, w, b, stride=2))


@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "int32", "uint8"])
def test_dtypes(dtype):
    low, high = (0, 5) if dtype == "uint8" else (-1, 1) if dtype == "float16" else (-5, 5)
    tolerance = {"rtol": 5e-3, "atol": 5e-3} if dtype == "float16" else {"atol": 1e-4} if dtype == "float32" else {}
    limits = {"dtype": dtype, "low": low, "high": high, "second": False, **tolerance}
    check_op([IMAGE, FILTER, BIAS], lambda T, x, w, b: F(T).conv2d(x, w, b), **limits)
    if dtype not in ("int32", "uint8"):  # which PyTorch refuses
        check_op([IMAGE, TRANSPOSED], lambda T, x, w: F(T).conv_transpose2d(x, w), **limits)


def test_an_empty_batch():
    check_op([(0, 4, 7, 6), FILTER, BIAS], lambda T, x, w, b: F(T).conv2d(x, w, b, stride=2))
    check_op([(0, 4, 7, 6), TRANSPOSED, BIAS], lambda T, x, w, b: F(T).conv_transpose2d(x, w, b, stride=2))


def test_no_channels():  # where PyTorch loses the output channels
    out = minitorch.nn.functional.conv2d(minitorch.ones(2, 0, 7, 6), minitorch.ones(6, 0, 3, 2), minitorch.ones(6))
    assert out.shape == (2, 6, 5, 5) and (out == 1).all()


def test_infinity_and_nan_stay_in_their_windows():
    image = np.zeros((1, 1, 5, 5))
    image[0, 0, 0, 0], image[0, 0, 4, 4] = np.nan, np.inf
    check_op([image, np.ones((1, 1, 2, 2))], lambda T, x, w: F(T).conv2d(x, w), grad=False)


def test_the_graph_looks_like_torch():
    def graph(T):
        x, w, b = (T.ones(shape).requires_grad_() for shape in (IMAGE, FILTER, BIAS))
        results = [F(T).conv2d(x, w, b), F(T).conv2d(x.detach(), w), F(T).conv_transpose2d(x, w.transpose(0, 1), b)]
        return [[result.grad_fn.name(), *inputs(result.grad_fn)] for result in results]

    def inputs(node):
        return [None if edge is None else edge.name().rpartition("::")[2] for edge, _ in node.next_functions]

    check_same(graph)


@pytest.mark.parametrize("message, call", [
    (r"Given groups=1, weight of size \[6, 4, 3, 2\], expected input\[2, 3, 7, 6\] to have 4 channels, but got 3",
     lambda T, o: F(T).conv2d(o(2, 3, 7, 6), o(FILTER))),
    (r"Expected 3D \(unbatched\) or 4D \(batched\) input to conv2d, but got input of size: \[8, 8\]",
     lambda T, o: F(T).conv2d(o(8, 8), o(FILTER))),
    (r"Expected 2D \(unbatched\) or 3D \(batched\) input to conv1d, but got input of size: \[2, 4, 7, 6\]",
     lambda T, o: F(T).conv1d(o(IMAGE), o(6, 4, 3))),
    (r"Calculated padded input size per channel: \(2 x 6\). Kernel size: \(3 x 2\). Kernel size can't be greater",
     lambda T, o: F(T).conv2d(o(2, 4, 2, 6), o(FILTER))),
    (r"Given weight of size \[6, 4, 3, 2\], expected bias to be 1-dimensional with 6 elements, but got bias",
     lambda T, o: F(T).conv2d(o(IMAGE), o(FILTER), o(2))),
    (r"Input type \(torch.FloatTensor\) and weight type \(torch.DoubleTensor\) should be the same",
     lambda T, o: F(T).conv2d(o(IMAGE), o(FILTER).double())),
    (r"Input type \(float\) and bias type \(double\) should be the same",
     lambda T, o: F(T).conv2d(o(IMAGE), o(FILTER), o(BIAS).double())),
    (r"not implemented for 'Bool'", lambda T, o: F(T).conv2d(o(IMAGE).bool(), o(FILTER).bool())),
    (r"padding='same' is not supported for strided convolutions",
     lambda T, o: F(T).conv2d(o(IMAGE), o(FILTER), stride=2, padding="same")),
    (r"non-positive dilation is not supported",
     lambda T, o: F(T).conv2d(o(IMAGE), o(FILTER), dilation=0, padding="same")),
    (r"Invalid padding string: 'sam'", lambda T, o: F(T).conv2d(o(IMAGE), o(FILTER), padding="sam")),
    (r"expected stride to be a single integer value or a list of 2 values to match the convolution dimensions, but got "
     r"stride=\[1, 2, 3\]", lambda T, o: F(T).conv2d(o(IMAGE), o(FILTER), stride=(1, 2, 3))),
    (r"non-positive stride is not supported", lambda T, o: F(T).conv2d(o(IMAGE), o(FILTER), stride=0)),
    (r"conv2d\(\)", lambda T, o: F(T).conv2d(o(IMAGE), o(FILTER), stride=1.5)),
    (r"Given transposed=1, weight of size \[6, 4, 3, 2\], expected input\[2, 4, 7, 6\] to have 6 channels, but got 4",
     lambda T, o: F(T).conv_transpose2d(o(IMAGE), o(FILTER))),
    (r"output padding must be smaller than either stride or dilation, but got output_padding",
     lambda T, o: F(T).conv_transpose2d(o(IMAGE), o(TRANSPOSED), stride=2, output_padding=2)),
    (r"conv_transpose2d\(\): argument 'padding' must be tuple of ints, not str",
     lambda T, o: F(T).conv_transpose2d(o(IMAGE), o(TRANSPOSED), padding="same")),
    (r"expected output_padding to be a single integer value or a list of 2 values",
     lambda T, o: F(T).conv_transpose2d(o(IMAGE), o(TRANSPOSED), output_padding=(1, 1, 1))),
    (r"Expected 3D \(unbatched\) or 4D \(batched\) input to conv_transpose2d, but got input of size: \[4\]",
     lambda T, o: F(T).conv_transpose2d(o(4), o(TRANSPOSED))),
])
def test_errors(message, call):
    check_raises(lambda T: call(T, T.ones), match=message)


def test_a_saved_weight_must_not_change():
    x, w = minitorch.ones(IMAGE, requires_grad=True), minitorch.ones(FILTER)
    out = minitorch.nn.functional.conv2d(x, w)
    w.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation.*ConvolutionBackward0"):
        out.sum().backward()
