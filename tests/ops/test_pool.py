"""Pooling against PyTorch."""
import numpy as np
import pytest

from tests.oracle import check_op, check_raises, check_same


def F(T):
    return T.nn.functional


SLIDING = [
    {"kernel_size": 2}, {"kernel_size": (3, 2)}, {"kernel_size": 3, "stride": 1}, {"kernel_size": 2, "stride": (3, 1)},
    {"kernel_size": 3, "padding": 1}, {"kernel_size": (2, 3), "stride": 2, "padding": (1, 0)}, {"kernel_size": [2]},
    {"kernel_size": 2, "stride": ()}, {"kernel_size": 2, "ceil_mode": True},
    {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, {"kernel_size": (7, 6)}, {"kernel_size": 1},
    {"kernel_size": 2, "stride": 3, "ceil_mode": True}]
SLIDING_1D = [{"kernel_size": 2}, {"kernel_size": (3,), "stride": 1}, {"kernel_size": 3, "stride": 2, "padding": 1},
              {"kernel_size": 2, "ceil_mode": True}]


@pytest.mark.parametrize("options", SLIDING, ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 7, 6), (3, 7, 6), (0, 3, 7, 6)])
def test_max_pool2d(options, shape):
    check_op([shape], lambda T, x: F(T).max_pool2d(x, **options, return_indices=True))


def test_max_pool2d_dilated():
    check_op([(2, 3, 9, 8)], lambda T, x: F(T).max_pool2d(x, 3, 2, 1, 2))
    check_op([(2, 3, 9, 8)], lambda T, x: F(T).max_pool2d(x, 2, dilation=(3, 1), ceil_mode=True))


@pytest.mark.parametrize("options", SLIDING, ids=str)
@pytest.mark.parametrize("more", [
    {}, {"count_include_pad": False}, {"divisor_override": 3}, {"divisor_override": -2}], ids=str)
def test_avg_pool2d(options, more):
    check_op([(2, 3, 7, 6)], lambda T, x: F(T).avg_pool2d(x, **options, **more))


def test_avg_pool2d_without_batch_or_with_an_empty_one():
    check_op([(3, 7, 6)], lambda T, x: F(T).avg_pool2d(x, 2))
    check_op([(0, 3, 7, 6)], lambda T, x: F(T).avg_pool2d(x, 2))


@pytest.mark.parametrize("options", SLIDING_1D, ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 9), (3, 9), (0, 3, 9)])
def test_sequences(options, shape):
    check_op([shape], lambda T, x: F(T).max_pool1d(x, **options, return_indices=True))
    check_op([shape], lambda T, x: [F(T).max_pool1d(x, **options), F(T).max_pool1d(x, 2, dilation=2)])
    check_op([shape], lambda T, x: [F(T).avg_pool1d(x, **options), F(T).avg_pool1d(x, 3, 2, 1, True, False)])


NONE = (0, 2)  # no windows: PyTorch refuses to compute the gradient of nothing


@pytest.mark.parametrize("size", [3, (2, 5), (None, 2), 1, (12, 11), NONE], ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 7, 6), (3, 7, 6), (0, 3, 7, 6)])
def test_adaptive_pools(size, shape):
    check_op([shape], lambda T, x: F(T).adaptive_avg_pool2d(x, size), grad=size != NONE)
    check_op([shape], lambda T, x: F(T).adaptive_max_pool2d(x, size, return_indices=True), grad=size != NONE)


@pytest.mark.parametrize("size", [3, (2,), 1, 0, 12], ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 7), (3, 7)])
def test_adaptive_pools_of_sequences(size, shape):
    check_op([shape], lambda T, x: F(T).adaptive_avg_pool1d(x, size), grad=size != 0)
    check_op([shape], lambda T, x: F(T).adaptive_max_pool1d(x, size), grad=size != 0)
    check_op([shape], lambda T, x: F(T).adaptive_max_pool1d(x, size, True), grad=size != 0)


def test_a_pixel_in_several_windows_gets_all_their_gradients():
    peak = np.zeros((1, 1, 3, 3))
    peak[0, 0, 1, 1] = 1.0
    check_op([peak], lambda T, x: F(T).max_pool2d(x, 2, stride=1))


TIES = np.array([[[1.0, 3.0, 3.0, 1.0], [3.0, 3.0, 1.0, 3.0]]])
NAN, INF = np.nan, np.inf
NANS = np.array([[[1.0, NAN, 5.0, -INF], [NAN, 9.0, NAN, INF], [-INF, -INF, -INF, -INF], [0.0, -INF, INF, NAN]]])


@pytest.mark.parametrize("image", [TIES, NANS], ids=["ties", "nans"])
def test_ties_and_nans(image):
    for options in ({"kernel_size": 2}, {"kernel_size": 2, "stride": 1}, {"kernel_size": 2, "padding": 1}):
        check_op([image], lambda T, x: F(T).max_pool2d(x, **options, return_indices=True))
        check_op([image], lambda T, x: F(T).avg_pool2d(x, **options), grad=False)
    check_op([image], lambda T, x: F(T).adaptive_max_pool2d(x, (1, 3), return_indices=True))


@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "int32", "uint8"])
def test_dtypes(dtype):
    limits = {"dtype": dtype, "low": 0, "high": 9}
    check_op([(2, 3, 6, 6)], lambda T, x: F(T).max_pool2d(x, 2, return_indices=True), **limits)
    if dtype not in ("int32", "uint8"):
        check_op([(2, 3, 6, 6)], lambda T, x: F(T).avg_pool2d(x, 2), **limits)
    if dtype.startswith("float"):
        check_op([(2, 3, 6, 6)], lambda T, x: F(T).adaptive_avg_pool2d(x, 4), **limits)
        check_op([(2, 3, 6, 6)], lambda T, x: F(T).adaptive_max_pool2d(x, 4), **limits)


def test_names():
    def names(T):
        f, x = F(T), T.ones(2, 3, 8).requires_grad_()
        images = [f.max_pool2d(x, 2), f.avg_pool2d(x, 2), f.adaptive_avg_pool2d(x, 2), f.adaptive_max_pool2d(x, 1)]
        rows = [f.max_pool1d(x, 2), f.avg_pool1d(x, 2), f.adaptive_avg_pool1d(x, 2), f.adaptive_max_pool1d(x, 2)]
        nodes = [out.grad_fn for out in images] + [out.grad_fn.next_functions[0][0] for out in rows]
        return [node.name() for node in nodes] + [out.grad_fn.name() for out in rows]

    check_same(names)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@pytest.mark.parametrize("message, arguments", [
    ("stride should not be zero", (2, 0)),
    ("stride should be greater than zero, but got dH: -1 dW: -1", (2, -1)),
    ("kernel size should be greater than zero, but got kH: 0 kW: 0", (0, 1)),
    ("pad must be non-negative, but got pad: -1", (2, 2, -1)),
    ("pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 and dilation=1", (2, 2, 2)),
    (r"Given input size: \(3x7x6\). Calculated output size: \(3x0x0\). Output size is too small", (9,)),
    ("kernel_size must either be a single int, or a tuple of two ints", ((2, 2, 2),)),
    ("stride must either be", (2, (1, 2, 3))),
    ("padding must either be a single int, or a tuple of two ints", (2, 2, (1, 2, 3))),
    ("argument 'kernel_size'.*must be tuple of ints, not float", (2.0,)),
    ("argument 'kernel_size'.*must be tuple of ints, not NoneType", (None,)),
    ("argument 'padding'.*must be tuple of ints, not float", (2, 2, 1.0)),
])
def test_errors_of_arguments(name, message, arguments):
    check_raises(lambda T: getattr(F(T), name)(T.ones(2, 3, 7, 6), *arguments), match=message)


@pytest.mark.parametrize("message, call", [
    ("3D or 4D", lambda T, f: f.max_pool2d(T.ones(1, 2, 3, 7, 6), 2)),
    (r"Expected 3D or 4D \(batch mode\) tensor with optional 0 dim batch size for input, but got:\[2, 0, 7, 6\]",
     lambda T, f: f.max_pool2d(T.ones(2, 0, 7, 6), 2)),
    ("dilation should be greater than zero, but got dilationH: 0 dilationW: 0",
     lambda T, f: f.max_pool2d(T.ones(2, 3, 7, 6), 2, dilation=0)),
    ("\"max_pool2d\" not implemented for 'Bool'", lambda T, f: f.max_pool2d(T.ones(2, 3, 7, 6).bool(), 2)),
    ("\"avg_pool2d\" not implemented for 'Byte'", lambda T, f: f.avg_pool2d(T.ones(2, 3, 7, 6).byte(), 2)),
    ("divisor must be not zero", lambda T, f: f.avg_pool2d(T.ones(2, 3, 7, 6), 2, divisor_override=0)),
    ("Expected 2 to 3 dimensions, but got 1-dimensional tensor", lambda T, f: f.avg_pool1d(T.ones(7), 2)),
    ("Expected 2 to 3 dimensions, but got 4-dimensional tensor",
     lambda T, f: f.max_pool1d(T.ones(1, 2, 3, 7), 2, return_indices=True)),
    ("max_pool1d.*kernel_size", lambda T, f: f.max_pool1d(T.ones(2, 3, 7), (2, 2))),
    (r"Given input size: \(3x1x7\). Calculated output size: \(3x1x0\)", lambda T, f: f.avg_pool1d(T.ones(2, 3, 7), 9)),
    ("Input dimension should be at least 3", lambda T, f: f.adaptive_avg_pool2d(T.ones(7, 6), (2, 2))),
    ("adaptive_avg_pool2d: output_size must be 2", lambda T, f: f.adaptive_avg_pool2d(T.ones(2, 3, 7, 6), (2, 2, 2))),
    ("output_size", lambda T, f: f.adaptive_max_pool2d(T.ones(3, 7, 6), (2,))),
    (r"elements of output_size must be greater than or equal to 0 but received \{-1, -1\}",
     lambda T, f: f.adaptive_avg_pool2d(T.ones(3, 7, 6), -1)),
    (r"Expected input to have non-zero size for non-batch dimensions, but input has sizes \[2, 3, 0, 6\]",
     lambda T, f: f.adaptive_max_pool2d(T.ones(2, 3, 0, 6), 2)),
    ("\"adaptive_avg_pool2d\" not implemented for 'Long'",
     lambda T, f: f.adaptive_avg_pool2d(T.ones(3, 7, 6).long(), 2)),
    ("adaptive_avg_pool1d.*'output_size'.*must be tuple of ints, not float",
     lambda T, f: f.adaptive_avg_pool1d(T.ones(3, 7), 2.0)),
])
def test_other_errors(message, call):
    check_raises(lambda T: call(T, F(T)), match=message)


VOLUMES = [{"kernel_size": 2}, {"kernel_size": (1, 3, 2), "stride": (2, 1, 2), "padding": (0, 1, 1)},
           {"kernel_size": 2, "stride": 3, "ceil_mode": True}]


@pytest.mark.parametrize("options", VOLUMES, ids=str)
def test_volumes(options):
    for shape in ((2, 3, 4, 5, 6), (3, 4, 5, 6), (0, 3, 4, 5, 6)):
        check_op([shape], lambda T, x: F(T).max_pool3d(x, **options, return_indices=True))
        check_op([shape], lambda T, x: F(T).avg_pool3d(x, **options, count_include_pad=False))
    check_op([(2, 3, 4, 5, 6)], lambda T, x: F(T).max_pool3d(x, 2, 1, dilation=(1, 2, 3)))


def test_bad_volumes():
    for name in ("max_pool3d", "avg_pool3d"):
        check_raises(lambda T: getattr(F(T), name)(T.ones(2, 3, 0, 6, 5), 2), match="to have positive length")
        check_raises(lambda T: getattr(F(T), name)(T.ones(7, 6, 5), 2), match="non-empty 4D or 5D")
        check_raises(lambda T: getattr(F(T), name)(T.ones(1, 2, 3, 4, 5), 0, 1), match="got kT: 0 kH: 0 kW: 0")
        check_raises(lambda T: getattr(F(T), name)(T.ones(1, 2, 3, 4, 5), (2, 2)), match="a tuple of three ints")


def test_fractional_pools_draw_as_torch():
    def draw(T):
        T.manual_seed(0)
        x = T.arange(280.0).view(1, 2, 4, 7, 5)
        return [F(T).fractional_max_pool2d(x[0], 2, output_ratio=(0.8, 0.5), return_indices=True),
                F(T).fractional_max_pool3d(x, (2, 1, 3), output_size=(2, 4, 2)), T.rand(1)]

    check_same(draw)


@pytest.mark.parametrize("message, call", [
    ("requires specifying either an output_size or an output_ratio", lambda T, f, x: f.fractional_max_pool2d(x, 2)),
    (None, lambda T, f, x: f.fractional_max_pool3d(x, 1, (2, 4, 3))),
    (None, lambda T, f, x: f.fractional_max_pool2d(x, 5, 2)), (None, lambda T, f, x: f.fractional_max_pool2d(x, 2, 9)),
    ("Expect _random_samples", lambda T, f, x: f.fractional_max_pool2d(x, 2, 2, _random_samples=T.zeros(1, 1, 2))),
    ("Found an invalid max index: 99", lambda T, f, x: f.max_unpool2d(x, T.full((1, 2, 4, 4), 99), 2)),
    ("elements in indices should be type int64", lambda T, f, x: f.max_unpool2d(x, x.int(), 2)),
    ("Input to max_unpooling2d should be a 3d or 4d", lambda T, f, x: f.max_unpool2d(x[0, 0], x[0, 0].long(), 2)),
    ("Expected shape of indices to be", lambda T, f, x: f.max_unpool2d(x, x[..., :2].long(), 2)),
    ("invalid output_size", lambda T, f, x: f.max_unpool2d(x, x.long(), 2, output_size=(4, 4))),
    ("output_size should be a sequence containing 2 or 4", lambda T, f, x: f.max_unpool2d(x, x.long(), 2, 2, 0, (8,))),
])
def test_errors_of_random_places_and_of_the_way_back(message, call):
    check_raises(lambda T: call(T, F(T), T.zeros(1, 2, 4, 4)), match=message)


def test_with_indices():
    def pairs(T):
        x = T.arange(120.0).view(1, 2, 3, 4, 5)
        return [F(T).max_pool3d_with_indices(x, 2), F(T).max_pool2d_with_indices(x[0], 2, 1),
                F(T).adaptive_max_pool2d_with_indices(x[0], (2, 1)), F(T).max_pool1d_with_indices(x[0, 0], 2)]

    check_same(pairs)


def test_an_output_too_large_for_any_memory_is_refused_at_once():
    check_raises(lambda T: F(T).adaptive_avg_pool2d(T.ones(1, 1, 4, 4), 2**30))
