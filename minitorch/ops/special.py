"""Special functions: torch.special beyond elementwise.py. Those of the second half have no gradient, as in torch."""
import math

import numpy as np

from .. import dtypes
from ..engine import Op, compute, wrap
from .elementwise import _as_tensor as as_tensor, add, cast, lgamma, sub
from .reduce import sum
from .shape import unsqueeze

SQRT_2 = math.sqrt(2)
SQRT_2_PI = math.sqrt(2 * math.pi)
SQRT_2_OVER_PI = math.sqrt(2 / math.pi)


# -------------------------------------------------------------------------------------------------- with a derivative


class Logit(Op):
    """out = log(x / (1 - x)), x clamped to [eps, 1 - eps]: slope 1 / (x (1 - x)), 0 where clamped.   Saves: x."""

    def forward(self, x, eps):
        self.eps = eps
        self.save(x)
        return self.k.logit(x, eps)

    def backward(self, grad):
        (x,) = self.saved
        k, low = self.k, 0.0 if self.eps is None else self.eps
        outside = k.logical_or(k.lt(x, low), k.gt(x, 1.0 - low))
        return k.where(outside, math.nan if self.eps is None else 0.0, k.div(grad, k.mul(x, k.sub(1.0, x))))


def logit(input, eps=None):
    """log(x / (1 - x)), the inverse of sigmoid; with an `eps`, x is clamped to [eps, 1 - eps] before.

    >>> import minitorch as torch
    >>> torch.logit(torch.tensor([0.5, 1.0])), torch.logit(torch.tensor(1.0), eps=0.5)
    (tensor([0., inf]), tensor(0.))
    """
    return Logit.apply(input, eps=eps)


class Sinc(Op):
    """out = sin(pi x) / (pi x): slope (cos(pi x) - out) / x, 0 at 0.   Saves: x, out."""

    def forward(self, x):
        out = self.k.sinc(x)
        self.save(x, out)
        return out

    def backward(self, grad):
        x, out = self.saved
        k = self.k
        slope = k.div(k.sub(k.cos(k.mul(x, math.pi)), out), x)
        return k.mul(grad, k.where(k.eq(x, 0), 0.0, slope))


def sinc(input):
    """sin(pi x) / (pi x), and 1 at 0.

    >>> import minitorch as torch
    >>> torch.sinc(torch.tensor([0.0, 0.5]))
    tensor([1.0000, 0.6366])
    """
    return Sinc.apply(input)


class I0(Op):
    """out = I_0(x): slope I_1(x).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.i0(x)

    def backward(self, grad):
        (x,) = self.saved
        return self.k.mul(grad, self.k.i1(x))


def i0(input):
    """The modified Bessel function of the first kind, of order 0.

    >>> import minitorch as torch
    >>> torch.i0(torch.tensor([0., 1.]))
    tensor([1.0000, 1.2661])
    """
    return I0.apply(input)


class I0e(Op):
    """out = exp(-|x|) I_0(x): slope exp(-|x|) I_1(x) - sign(x) out.   Saves: x, out."""

    torch_name = "SpecialI0EBackward0"

    def forward(self, x):
        out = self.k.i0e(x)
        self.save(x, out)
        return out

    def backward(self, grad):
        x, out = self.saved
        k = self.k
        return k.mul(grad, k.sub(k.i1e(x), k.mul(k.sign(x), out)))


def i0e(input):
    """exp(-|x|) * i0(x), which does not overflow.

    >>> import minitorch as torch
    >>> torch.special.i0e(torch.tensor([0., 100.]))
    tensor([1.0000, 0.0399])
    """
    return I0e.apply(input)


class I1(Op):
    """out = I_1(x): slope I_0(x) - out / x, 1/2 at 0.   Saves: x, out."""

    torch_name = "SpecialI1Backward0"

    def forward(self, x):
        out = self.k.i1(x)
        self.save(x, out)
        return out

    def backward(self, grad):
        x, out = self.saved
        k = self.k
        at_zero = k.eq(x, 0)
        return k.mul(grad, k.where(at_zero, 0.5, k.sub(k.i0(x), k.div(out, k.where(at_zero, 1.0, x)))))


def i1(input):
    """The modified Bessel function of the first kind, of order 1.

    >>> import minitorch as torch
    >>> torch.special.i1(torch.tensor([0., 1.]))
    tensor([0.0000, 0.5652])
    """
    return I1.apply(input)


class I1e(Op):
    """out = exp(-|x|) I_1(x): slope exp(-|x|) I_0(x) - out * (sign(x) + 1/x), 1/2 at 0.   Saves: x, out."""

    torch_name = "SpecialI1EBackward0"

    def forward(self, x):
        out = self.k.i1e(x)
        self.save(x, out)
        return out

    def backward(self, grad):
        x, out = self.saved
        k = self.k
        at_zero = k.eq(x, 0)
        slope = k.sub(k.i0e(x), k.mul(out, k.add(k.sign(x), k.reciprocal(k.where(at_zero, 1.0, x)))))
        return k.mul(grad, k.where(at_zero, 0.5, slope))


def i1e(input):
    """exp(-|x|) * i1(x), which does not overflow.

    >>> import minitorch as torch
    >>> torch.special.i1e(torch.tensor([0., 100.]))
    tensor([0.0000, 0.0397])
    """
    return I1e.apply(input)


class Entr(Op):
    """out = -x log(x): slope -1 - log(x).   Saves: x."""

    torch_name = "SpecialEntrBackward0"

    def forward(self, x):
        self.save(x)
        return self.k.entr(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.sub(-1.0, k.log(x)))


def entr(input):
    """-x * log(x), a term of an entropy: 0 at 0, -inf below.

    >>> import minitorch as torch
    >>> torch.special.entr(torch.tensor([0.0, 0.5, -1.0]))
    tensor([0.0000, 0.3466,   -inf])
    """
    return Entr.apply(input)


class Erfcx(Op):
    """out = exp(x^2) erfc(x): slope 2 x out - 2 / sqrt(pi).   Saves: x, out."""

    torch_name = "SpecialErfcxBackward0"

    def forward(self, x):
        out = self.k.erfcx(x)
        self.save(x, out)
        return out

    def backward(self, grad):
        x, out = self.saved
        k = self.k
        return k.mul(grad, k.sub(k.mul(k.mul(x, out), 2.0), 2 / math.sqrt(math.pi)))


def erfcx(input):
    """exp(x^2) * erfc(x), which does not underflow.

    >>> import minitorch as torch
    >>> torch.special.erfcx(torch.tensor([0., 10.]))
    tensor([1.0000, 0.0561])
    """
    return Erfcx.apply(input)


class Ndtr(Op):
    """out = the normal distribution up to x: slope exp(-x^2 / 2) / sqrt(2 pi).   Saves: x."""

    torch_name = "SpecialNdtrBackward0"

    def forward(self, x):
        self.save(x)
        return self.k.ndtr(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.div(k.exp(k.mul(k.square(x), -0.5)), SQRT_2_PI))


def ndtr(input):
    """The probability that a standard normal variable is below x.

    >>> import minitorch as torch
    >>> torch.special.ndtr(torch.tensor([0., 1.96]))
    tensor([0.5000, 0.9750])
    """
    return Ndtr.apply(input)


class Ndtri(Op):
    """out = the inverse of ndtr: slope sqrt(2 pi) exp(out^2 / 2).   Saves: out."""

    torch_name = "SpecialNdtriBackward0"

    def forward(self, x):
        out = self.k.ndtri(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        k = self.k
        return k.mul(grad, k.mul(k.exp(k.mul(k.square(out), 0.5)), SQRT_2_PI))


def ndtri(input):
    """The x below which a standard normal variable lies with this probability: the inverse of ndtr.

    >>> import minitorch as torch
    >>> torch.special.ndtri(torch.tensor([0.5, 0.975, 1.0]))
    tensor([0.0000, 1.9600,    inf])
    """
    return Ndtri.apply(input)


class LogNdtr(Op):
    """out = log(ndtr(x)): slope sqrt(2 / pi) / erfcx(-x / sqrt(2)).   Saves: x."""

    torch_name = "SpecialLogNdtrBackward0"

    def forward(self, x):
        self.save(x)
        return self.k.log_ndtr(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(k.div(grad, k.erfcx(k.div(x, -SQRT_2))), SQRT_2_OVER_PI)


def log_ndtr(input):
    """log(ndtr(x)), also far below 0.

    >>> import minitorch as torch
    >>> torch.special.log_ndtr(torch.tensor([0., -100.]))
    tensor([-6.9315e-01, -5.0055e+03])
    """
    return LogNdtr.apply(input)


class Xlog1py(Op):
    """out = a log(1 + b), 0 where a is 0.   Saves: a, b."""

    torch_name = "SpecialXlog1PyBackward0"

    def forward(self, a, b):
        self.save(a, b)
        return self.k.xlog1py(a, b)

    def backward(self, grad):
        a, b = self.saved
        k = self.k
        wants_a, wants_b = self.needs_input_grad
        nothing = k.logical_and(k.eq(a, 0), k.le(b, -1))
        return (k.mul(grad, k.where(nothing, 0.0, k.log1p(b))) if wants_a else None,
                k.mul(grad, k.div(a, k.add(b, 1.0))) if wants_b else None)


def xlog1py(input, other):
    """input * log(1 + other), and 0 where input is 0.

    >>> import minitorch as torch
    >>> torch.special.xlog1py(torch.tensor([0., 2.]), torch.tensor([-1., 1.]))
    tensor([0.0000, 1.3863])
    """
    return Xlog1py.apply(*_both(input, other))


def _both(input, other):
    """Two tensors; a number becomes one, of the dtype in which it computes with the other argument."""
    return as_tensor(input, other), as_tensor(other, input)


class Zeta(Op):
    """out = sum over i of (b + i)^-a: slope in b -a zeta(a + 1, b); torch has none in a.   Saves: a, b."""

    torch_name = "SpecialZetaBackward0"

    def forward(self, a, b):
        self.save(a, b)
        return self.k.zeta(a, b)

    def backward(self, grad):
        a, b = self.saved
        k = self.k
        if self.needs_input_grad[0]:
            raise NotImplementedError("the derivative for 'zeta' is not implemented.")
        return None, k.mul(grad, k.neg(k.mul(a, k.zeta(k.add(a, 1.0), b))))


def zeta(input, other):
    """Hurwitz' zeta function: the sum of 1 / (other + i)^input over i = 0, 1, ...; Riemann's for other = 1.

    >>> import minitorch as torch
    >>> torch.special.zeta(torch.tensor([2., 4.]), 1)
    tensor([1.6449, 1.0823])
    """
    return Zeta.apply(*_both(input, other))


class Igamma(Op):
    """out = P(a, x): slope in x x^(a-1) e^-x / gamma(a); torch has none in a.   Saves: a, x."""

    sign = 1.0

    def forward(self, a, x):
        self.save(a, x)
        return self.k.igamma(a, x)

    def backward(self, grad):
        a, x = self.saved
        k = self.k
        if self.needs_input_grad[0]:
            raise NotImplementedError(f"the derivative for '{type(self).__name__.lower()}: input' is not implemented.")
        density = k.exp(k.sub(k.sub(k.mul(k.sub(a, 1.0), k.log(x)), x), k.lgamma(a)))
        return None, k.mul(grad, k.mul(density, self.sign))


class Igammac(Igamma):
    """out = Q(a, x) = 1 - P(a, x).   Saves: a, x."""

    sign = -1.0

    def forward(self, a, x):
        self.save(a, x)
        return self.k.igammac(a, x)


def igamma(input, other):
    """The regularized lower incomplete gamma function: the integral of t^(a-1) e^-t from 0 to x, over gamma(a), for
    a = input and x = other.

    >>> import minitorch as torch
    >>> torch.igamma(torch.tensor([1., 4.]), torch.tensor([1., 4.]))
    tensor([0.6321, 0.5665])
    """
    return Igamma.apply(*_floats("igamma", input, other))


def igammac(input, other):
    """The regularized upper incomplete gamma function: 1 - igamma(input, other).

    >>> import minitorch as torch
    >>> torch.igammac(torch.tensor([1., 4.]), torch.tensor([1., 4.]))
    tensor([0.3679, 0.4335])
    """
    return Igammac.apply(*_floats("igammac", input, other))


def _floats(name, input, other):
    dtype = dtypes.result_type(input.array, other.array)
    if not dtype.is_floating_point:
        raise dtypes.not_implemented(f"{name}_cpu", dtype)
    return input, other


def mvlgamma(input, p):
    """The logarithm of the gamma function of p dimensions: the sum of lgamma(x - i / 2) over i = 0, ..., p - 1, and
    p (p - 1) / 4 log(pi).

    RuntimeError for p < 1.

    >>> import minitorch as torch
    >>> torch.mvlgamma(torch.tensor([2.]), 2)
    tensor([0.4516])
    """
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    if not input.dtype.is_floating_point:
        input = cast(input, dtypes.get_default_dtype().numpy)
    halves = wrap((np.arange(p) / 2).astype(input.array.dtype))  # (p)
    terms = lgamma(sub(unsqueeze(input, -1), halves))  # (...) -> (..., p)
    return add(sum(terms, -1), p * (p - 1) / 4 * math.log(math.pi))


# ----------------------------------------------------------------------------------------------- without a derivative


def _without_gradient(name, *inputs):
    """The kernel `name`; NotImplementedError for half precision."""
    for x in inputs:
        if x.array.dtype.itemsize == 2 and x.dtype.is_floating_point:
            raise dtypes.not_implemented(f"{name}_cpu", x.dtype)
    return compute(name, *inputs)


def airy_ai(input):
    """The Airy function Ai, which solves y'' = x y and vanishes at inf.

    >>> import minitorch as torch
    >>> torch.special.airy_ai(torch.tensor([0., 1.]))
    tensor([0.3550, 0.1353])
    """
    return _without_gradient("airy_ai", input)


def bessel_j0(input):
    """The Bessel function of the first kind, of order 0.

    >>> import minitorch as torch
    >>> torch.special.bessel_j0(torch.tensor([0., 1.]))
    tensor([1.0000, 0.7652])
    """
    return _without_gradient("bessel_j0", input)


def bessel_j1(input):
    """The Bessel function of the first kind, of order 1.

    >>> import minitorch as torch
    >>> torch.special.bessel_j1(torch.tensor([0., 1.]))
    tensor([0.0000, 0.4401])
    """
    return _without_gradient("bessel_j1", input)


def bessel_y0(input):
    """The Bessel function of the second kind, of order 0.

    >>> import minitorch as torch
    >>> torch.special.bessel_y0(torch.tensor([0., 1.]))
    tensor([  -inf, 0.0883])
    """
    return _without_gradient("bessel_y0", input)


def bessel_y1(input):
    """The Bessel function of the second kind, of order 1.

    >>> import minitorch as torch
    >>> torch.special.bessel_y1(torch.tensor([0., 1.]))
    tensor([   -inf, -0.7812])
    """
    return _without_gradient("bessel_y1", input)


def modified_bessel_k0(input):
    """The modified Bessel function of the second kind, of order 0.

    >>> import minitorch as torch
    >>> torch.special.modified_bessel_k0(torch.tensor([0., 1.]))
    tensor([   inf, 0.4210])
    """
    return _without_gradient("modified_bessel_k0", input)


def modified_bessel_k1(input):
    """The modified Bessel function of the second kind, of order 1.

    >>> import minitorch as torch
    >>> torch.special.modified_bessel_k1(torch.tensor([0., 1.]))
    tensor([   inf, 0.6019])
    """
    return _without_gradient("modified_bessel_k1", input)


def scaled_modified_bessel_k0(input):
    """exp(x) * modified_bessel_k0(x), which does not underflow.

    >>> import minitorch as torch
    >>> torch.special.scaled_modified_bessel_k0(torch.tensor([0., 1.]))
    tensor([   inf, 1.1445])
    """
    return _without_gradient("scaled_modified_bessel_k0", input)


def scaled_modified_bessel_k1(input):
    """exp(x) * modified_bessel_k1(x), which does not underflow.

    >>> import minitorch as torch
    >>> torch.special.scaled_modified_bessel_k1(torch.tensor([0., 1.]))
    tensor([   inf, 1.6362])
    """
    return _without_gradient("scaled_modified_bessel_k1", input)


def spherical_bessel_j0(input):
    """sin(x) / x, the spherical Bessel function of order 0; 1 at 0.

    >>> import minitorch as torch
    >>> torch.special.spherical_bessel_j0(torch.tensor([0., 1.]))
    tensor([1.0000, 0.8415])
    """
    return _without_gradient("spherical_bessel_j0", input)


def chebyshev_polynomial_t(input, n):
    """The Chebyshev polynomial of the first kind: T_n(cos a) = cos(n a).

    >>> import minitorch as torch
    >>> torch.special.chebyshev_polynomial_t(torch.tensor([0., 2.]), 2)
    tensor([-1.,  7.])
    """
    return _without_gradient("chebyshev_polynomial_t", *_both(input, n))


def chebyshev_polynomial_u(input, n):
    """The Chebyshev polynomial of the second kind: U_n(cos a) = sin((n + 1) a) / sin(a).

    >>> import minitorch as torch
    >>> torch.special.chebyshev_polynomial_u(torch.tensor([0., 2.]), 2)
    tensor([-1., 15.])
    """
    return _without_gradient("chebyshev_polynomial_u", *_both(input, n))


def chebyshev_polynomial_v(input, n):
    """The Chebyshev polynomial of the third kind: V_n(cos a) = cos((n + 1/2) a) / cos(a / 2).

    >>> import minitorch as torch
    >>> torch.special.chebyshev_polynomial_v(torch.tensor([0., 2.]), 2)
    tensor([-1., 11.])
    """
    return _without_gradient("chebyshev_polynomial_v", *_both(input, n))


def chebyshev_polynomial_w(input, n):
    """The Chebyshev polynomial of the fourth kind: W_n(cos a) = sin((n + 1/2) a) / sin(a / 2).

    >>> import minitorch as torch
    >>> torch.special.chebyshev_polynomial_w(torch.tensor([0., 2.]), 2)
    tensor([-1., 19.])
    """
    return _without_gradient("chebyshev_polynomial_w", *_both(input, n))


def shifted_chebyshev_polynomial_t(input, n):
    """T_n(2x - 1), on [0, 1].

    >>> import minitorch as torch
    >>> torch.special.shifted_chebyshev_polynomial_t(torch.tensor([0., 2.]), 2)
    tensor([ 1., 17.])
    """
    return _without_gradient("shifted_chebyshev_polynomial_t", *_both(input, n))


def shifted_chebyshev_polynomial_u(input, n):
    """U_n(2x - 1), on [0, 1].

    >>> import minitorch as torch
    >>> torch.special.shifted_chebyshev_polynomial_u(torch.tensor([0., 2.]), 2)
    tensor([ 3., 35.])
    """
    return _without_gradient("shifted_chebyshev_polynomial_u", *_both(input, n))


def shifted_chebyshev_polynomial_v(input, n):
    """V_n(2x - 1), on [0, 1].

    >>> import minitorch as torch
    >>> torch.special.shifted_chebyshev_polynomial_v(torch.tensor([0., 2.]), 2)
    tensor([ 5., 29.])
    """
    return _without_gradient("shifted_chebyshev_polynomial_v", *_both(input, n))


def shifted_chebyshev_polynomial_w(input, n):
    """W_n(2x - 1), on [0, 1].

    >>> import minitorch as torch
    >>> torch.special.shifted_chebyshev_polynomial_w(torch.tensor([0., 2.]), 2)
    tensor([ 1., 41.])
    """
    return _without_gradient("shifted_chebyshev_polynomial_w", *_both(input, n))


def hermite_polynomial_h(input, n):
    """The physicists' Hermite polynomial: H_0 = 1, H_1 = 2x, H_n = 2x H_{n-1} - 2(n - 1) H_{n-2}.

    >>> import minitorch as torch
    >>> torch.special.hermite_polynomial_h(torch.tensor([0., 2.]), 2)
    tensor([-2., 14.])
    """
    return _without_gradient("hermite_polynomial_h", *_both(input, n))


def hermite_polynomial_he(input, n):
    """The probabilists' Hermite polynomial: He_0 = 1, He_1 = x, He_n = x He_{n-1} - (n - 1) He_{n-2}.

    >>> import minitorch as torch
    >>> torch.special.hermite_polynomial_he(torch.tensor([0., 2.]), 2)
    tensor([-1.,  3.])
    """
    return _without_gradient("hermite_polynomial_he", *_both(input, n))


def laguerre_polynomial_l(input, n):
    """The Laguerre polynomial: L_0 = 1, L_1 = 1 - x, n L_n = (2n - 1 - x) L_{n-1} - (n - 1) L_{n-2}.

    >>> import minitorch as torch
    >>> torch.special.laguerre_polynomial_l(torch.tensor([0., 2.]), 2)
    tensor([ 1., -1.])
    """
    return _without_gradient("laguerre_polynomial_l", *_both(input, n))


def legendre_polynomial_p(input, n):
    """The Legendre polynomial: P_0 = 1, P_1 = x, n P_n = (2n - 1) x P_{n-1} - (n - 1) P_{n-2}.

    >>> import minitorch as torch
    >>> torch.special.legendre_polynomial_p(torch.tensor([0., 2.]), 2)
    tensor([-0.5000,  5.5000])
    """
    return _without_gradient("legendre_polynomial_p", *_both(input, n))
