"""The Fourier transforms between real numbers, by SciPy's FFT.

A real signal of n points has a spectrum whose second half mirrors the first, so n // 2 + 1 numbers of it say all. These
kernels take such a half that happens to be real back to the real signal, in several dimensions; the last one of `dim`
is the halved one.
"""
import numpy as np

__all__ = ["hermitian_fft", "hermitian_fft_backward"]


def hermitian_fft(input, s, dim, norm):
    """out[k] = scale * sum over j of w_j x_j cos(2 pi sum_d j_d k_d / s_d), with s points in the dimensions `dim`.

    w is 1 for the first (and, where s is even, the middle) element of the halved dimension, and 2 for those that stand
    for their mirror image too. The scale is 1, 1 / points or 1 / sqrt(points) for the norm "backward", "forward" or
    "ortho".
    """
    from scipy import fft
    return fft.hfftn(input, s, dim, norm)


def hermitian_fft_backward(grad, input_shape, dim, norm):
    """The transpose: dx[j] = scale * w_j * sum over k of g_k cos(2 pi sum_d j_d k_d / s_d)."""
    from scipy import fft
    n = grad.shape[dim[-1]]
    spectrum = fft.rfftn(grad, axes=dim, norm=norm).real
    weight = np.full(spectrum.shape[dim[-1]], 2, spectrum.dtype)
    weight[0] = 1
    if n % 2 == 0:
        weight[-1] = 1
    spectrum = np.moveaxis(np.moveaxis(spectrum, dim[-1], -1) * weight, -1, dim[-1])
    out = np.zeros(input_shape, grad.dtype)
    shared = tuple(slice(min(a, b)) for a, b in zip(input_shape, spectrum.shape))
    out[shared] = spectrum[shared]  # what forward cut off has no gradient, and what it filled up with zeros is cut off
    return out
