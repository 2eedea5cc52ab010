"""Window functions against PyTorch: the older names, which its database does not have, and odd arguments."""
import pytest

from tests.oracle import check_raises, check_same


@pytest.mark.parametrize("length", [0, 1, 2, 5, 6])
@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("name", ["hann", "hamming", "blackman", "bartlett", "kaiser"])
def test_older_name(name, periodic, length):
    check_same(lambda T: getattr(T, f"{name}_window")(length, periodic), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("call", [
    lambda T: T.hamming_window(5, True, 0.5, 0.6),
    lambda T: T.kaiser_window(5, False, 3.0),
    lambda T: T.hann_window(5, dtype=T.float64, requires_grad=True),
    lambda T: T.signal.windows.exponential(5, center=1, sym=False, tau=2.0),
    lambda T: T.signal.windows.exponential(5, sym=False),
    lambda T: T.signal.windows.gaussian(6, std=2.0, sym=False),
    lambda T: T.signal.windows.cosine(6, sym=False),
], ids=range(7))
def test_result(call):
    check_same(call)


@pytest.mark.parametrize("call, words", [
    (lambda T: T.hann_window(-1), "hann_window requires non-negative window_length, got window_length=-1"),
    (lambda T: T.hann_window(4, dtype=T.int64), "hann_window expects floating point dtypes, got"),
    (lambda T: T.signal.windows.hann(-1), "requires non-negative window length, got M=-1"),
    (lambda T: T.signal.windows.hann(3, dtype=T.float16), "expects float32 or float64 dtypes, got: torch.float16"),
    (lambda T: T.signal.windows.gaussian(3, std=0), "Standard deviation must be positive, got: 0 instead"),
    (lambda T: T.signal.windows.exponential(3, center=1), "Center must be None for symmetric windows"),
    (lambda T: T.signal.windows.kaiser(3, beta=-1), "beta must be non-negative, got: -1 instead"),
    (lambda T: T.signal.windows.general_cosine(3, a=[]), "Coefficients cannot be empty"),
    (lambda T: T.signal.windows.general_cosine(3, a=1.0), "Coefficients must be a list/tuple"),
])
def test_refused(call, words):
    check_raises(call, match=words)
