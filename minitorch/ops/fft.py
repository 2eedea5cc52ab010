"""Fourier transforms whose input and output are real."""
from .. import dtypes
from .._shapes import normalize_dim
from ..engine import Op
from .elementwise import cast
from .shape import roll

# By which of hfft's norms a function scales: irfft divides by the points where hfft does not.
SCALED = {None: "backward", "backward": "backward", "forward": "forward", "ortho": "ortho"}
INVERSE = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


class HermitianFft(Op):
    """out = the real signal of which x is the real half spectrum; linear, so its gradient is its transpose."""

    torch_name = "FftC2RBackward0"

    def forward(self, x, s, dim, norm):
        self.shape, self.dim, self.norm = x.shape, dim, norm
        return self.k.hermitian_fft(x, s, dim, norm)

    def backward(self, grad):
        return self.k.hermitian_fft_backward(grad, self.shape, self.dim, self.norm)


class HermitianFftBackward(Op):
    """The transpose of HermitianFft, whose transpose is HermitianFft."""

    def forward(self, grad, input_shape, dim, norm):
        self.s, self.dim, self.norm = tuple(grad.shape[d] for d in dim), dim, norm
        return self.k.hermitian_fft_backward(grad, input_shape, dim, norm)

    def backward(self, grad):
        return self.k.hermitian_fft(grad, self.s, self.dim, self.norm)


def hermitian_fft(input, s, dim, norm):
    """The real signal, with s points in the dimensions `dim`, of a real half spectrum."""
    return HermitianFft.apply(input, s=s, dim=dim, norm=norm)


def hermitian_fft_backward(grad, input_shape, dim, norm):
    """The gradient of `hermitian_fft`."""
    return HermitianFftBackward.apply(grad, input_shape=input_shape, dim=dim, norm=norm)


def _transform(name, input, s, dim, norm, scales):
    """Check the arguments; the last dimension has 2 (m - 1) points by default."""
    ndim = input.array.ndim
    if not input.dtype.is_floating_point:
        input = cast(input, dtypes.get_default_dtype().numpy)
    if input.array.itemsize < 4:
        raise RuntimeError(f"Unsupported dtype {input.dtype.scalar_name}")
    if norm not in scales:
        raise RuntimeError(f'Invalid normalization mode: "{norm}"')
    s, dim = ((x,) if isinstance(x, int) else x for x in (s, dim))
    if dim is None and s is not None and len(s) > ndim:
        raise RuntimeError(f"Got shape with {len(s)} values but input tensor only has {ndim} dimensions.")
    if dim is None:
        dim = range(ndim) if s is None else range(ndim - len(s), ndim)
    if ndim == 0 and len(dim):
        raise IndexError(f"Dimension specified as {dim[0]} but tensor has no dimensions")
    dim = tuple(normalize_dim(d, ndim) for d in dim)
    if len(set(dim)) != len(dim):
        raise RuntimeError("FFT dims must be unique")
    if s is not None and len(s) != len(dim):
        raise RuntimeError("When given, dim and shape arguments must have the same length")
    if not dim:
        raise RuntimeError(f"{name} must transform at least one axis")
    sizes = [input.array.shape[d] for d in dim]
    sizes[-1] = 2 * (sizes[-1] - 1)
    sizes = [size if given in (None, -1) else given for size, given in zip(sizes, s or sizes)]
    for size in sizes:
        if size < 1:
            raise RuntimeError(f"Invalid number of data points ({size}) specified")
    return hermitian_fft(input, tuple(sizes), dim, scales[norm])


def _one(name, input, n, dim, norm, scales):
    if not (n is None or isinstance(n, int)):
        raise TypeError(f"fft_{name}(): argument 'n' must be int, not {type(n).__name__}")
    if n is not None and n < 1:
        raise RuntimeError(f"Invalid number of data points ({n}) specified")
    return _transform(name, input, None if n is None else (n,), (dim,), norm, scales)


def hfft(input, n=None, dim=-1, norm=None):
    """The n real points (default 2 (m - 1)) of which the m elements of `input`, real here, are one half of the inverse
    transform: x_0 + 2 sum_j x_j cos(2 pi j k / n).

    norm: "backward" (the default) scales by 1, "forward" by 1 / n, "ortho" by 1 / sqrt(n).

    >>> import minitorch as torch
    >>> torch.fft.hfft(torch.tensor([1., 1., 0.]))
    tensor([ 3.,  1., -1.,  1.])
    """
    return _one("hfft", input, n, dim, norm, SCALED)


def irfft(input, n=None, dim=-1, norm=None):
    """The n real points (default 2 (m - 1)) whose spectrum begins with the m elements of `input`, real here.

    norm: "backward" (the default) scales by 1 / n, "forward" by 1, "ortho" by 1 / sqrt(n).

    >>> import minitorch as torch
    >>> torch.fft.irfft(torch.tensor([1., 1., 0.]))
    tensor([ 0.7500,  0.2500, -0.2500,  0.2500])
    """
    return _one("irfft", input, n, dim, norm, INVERSE)


def hfftn(input, s=None, dim=None, norm=None):
    """hfft in several dimensions, all by default; the last is the one of which the input has a half.

    >>> import minitorch as torch
    >>> torch.fft.hfftn(torch.ones(2, 2))
    tensor([[4., 0.],
            [0., 0.]])
    """
    return _transform("hfftn", input, s, dim, norm, SCALED)


def irfftn(input, s=None, dim=None, norm=None):
    """irfft in several dimensions, all by default; the last is the one of which the input has a half.

    >>> import minitorch as torch
    >>> torch.fft.irfftn(torch.ones(2, 2))
    tensor([[1., 0.],
            [0., 0.]])
    """
    return _transform("irfftn", input, s, dim, norm, INVERSE)


def hfft2(input, s=None, dim=(-2, -1), norm=None):
    """hfftn in the last two dimensions."""
    return hfftn(input, s, dim, norm)


def irfft2(input, s=None, dim=(-2, -1), norm=None):
    """irfftn in the last two dimensions."""
    return irfftn(input, s, dim, norm)


def fftshift(input, dim=None):
    """The frequency 0 from the front to the middle of each dimension of `dim` (all by default).

    >>> import minitorch as torch
    >>> torch.fft.fftshift(torch.tensor([0, 1, 2, -2, -1]))
    tensor([-2, -1,  0,  1,  2])
    """
    return _rolled(input, dim, lambda n: n // 2)


def ifftshift(input, dim=None):
    """The inverse of fftshift: from the middle to the front.

    >>> import minitorch as torch
    >>> torch.fft.ifftshift(torch.tensor([-2, -1, 0, 1, 2]))
    tensor([ 0,  1,  2, -2, -1])
    """
    return _rolled(input, dim, lambda n: -(n // 2))


def _rolled(input, dim, shift):
    shape = input.array.shape
    dims = range(len(shape)) if dim is None else (dim,) if isinstance(dim, int) else dim
    dims = tuple(normalize_dim(d, len(shape)) for d in dims)
    return roll(input, tuple(shift(shape[d]) for d in dims), dims)
