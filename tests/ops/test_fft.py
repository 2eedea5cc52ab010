"""Fourier transforms between real numbers against PyTorch: what its database of operators does not ask."""
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same


@pytest.mark.parametrize("s", [(2, 9), (3, 4)])
@pytest.mark.parametrize("norm", [None, "backward", "forward", "ortho"])
@pytest.mark.parametrize("name", ["hfftn", "irfftn"])
def test_sizes_that_cut_and_fill(name, norm, s):
    check_op([(3, 4, 2)], lambda T, x: getattr(T.fft, name)(x, s=s, dim=(2, 1), norm=norm))


@pytest.mark.parametrize("call", [
    lambda T: T.fft.fftfreq(5, 0.5),
    lambda T: T.fft.fftfreq(0),
    lambda T: T.fft.rfftfreq(4, dtype=T.float64),
    lambda T: T.fft.hfft(T.tensor([1, 2, 3])),
    lambda T: T.fft.fftshift(T.arange(15).view(3, 5), dim=1),
    lambda T: T.fft.ifftshift(T.arange(15).view(3, 5)),
], ids=range(6))
def test_result(call):
    check_same(call)


@pytest.mark.parametrize("call, words", [
    (lambda T: T.fft.hfft(T.ones(3), 0), r"Invalid number of data points \(0\) specified"),
    (lambda T: T.fft.hfft(T.ones(1)), r"Invalid number of data points \(0\) specified"),
    (lambda T: T.fft.hfft(T.tensor(1.0)), "Dimension specified as -1 but tensor has no dimensions"),
    (lambda T: T.fft.irfft(T.ones(3), norm="half"), "Invalid normalization mode: \"half\""),
    (lambda T: T.fft.hfftn(T.ones(3, 3), dim=(0, 0)), "FFT dims must be unique"),
    (lambda T: T.fft.hfftn(T.ones(3, 3), s=(2,), dim=(0, 1)), "dim and shape arguments must have the same length"),
    (lambda T: T.fft.hfftn(T.ones(3, 3), s=(2, 2, 2)), "Got shape with 3 values but input tensor only has 2"),
    (lambda T: T.fft.irfftn(T.ones(3, 3), dim=()), "irfftn must transform at least one axis"),
    (lambda T: T.fft.hfft(T.ones(3).half()), "Unsupported dtype Half"),
])
def test_refused(call, words):
    check_raises(call, match=words)


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "ihfft", "fft2", "rfftn"])
def test_complex_results_are_refused(name):
    with pytest.raises(NotImplementedError, match=f"fft.{name}: the result is complex"):
        getattr(minitorch.fft, name)(minitorch.ones(4))
