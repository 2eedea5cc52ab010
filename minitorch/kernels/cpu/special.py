"""Special functions, by SciPy; integers compute in the default float."""
import numpy as np

from .elementwise import _float_binary, _special, _unary

__all__ = """
logit sinc i0 i0e i1 i1e entr erfcx ndtr ndtri log_ndtr xlog1py zeta igamma igammac
airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 modified_bessel_k0 modified_bessel_k1
scaled_modified_bessel_k0 scaled_modified_bessel_k1 spherical_bessel_j0
chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w
shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v
shifted_chebyshev_polynomial_w hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l legendre_polynomial_p
""".split()


# -------------------------------------------------------------------------------------------------- with a derivative
def logit(input, eps=None):
    """log(x / (1 - x)), of x clamped to [eps, 1 - eps]."""
    def function(x):
        x = x if eps is None else np.clip(x, eps, 1 - eps)
        return np.log(x / (1 - x))

    return _unary(function, input)


def sinc(input):
    """sin(pi x) / (pi x), 1 at 0."""
    return _unary(np.sinc, input)


def i0(input):
    return _unary(_special("i0"), input)


def i0e(input):
    return _unary(_special("i0e"), input)


def i1(input):
    return _unary(_special("i1"), input)


def i1e(input):
    return _unary(_special("i1e"), input)


def entr(input):
    """-x log(x), 0 at 0 and -inf below."""
    return _unary(_special("entr"), input)


def erfcx(input):
    """exp(x^2) erfc(x)."""
    return _unary(_special("erfcx"), input)


def ndtr(input):
    """The area under the normal distribution's bell up to x."""
    return _unary(_special("ndtr"), input)


def ndtri(input):
    """The inverse of ndtr."""
    return _unary(_special("ndtri"), input)


def log_ndtr(input):
    return _unary(_special("log_ndtr"), input)


def xlog1py(input, other):
    """a * log(1 + b), and 0 where a is 0."""
    return _float_binary(_special("xlog1py"), input, other)


def zeta(input, other):
    """Hurwitz' zeta function: the sum of 1 / (b + i)^a over i = 0, 1, ...; inf at a = 1 and NaN below."""
    return _float_binary(_special("zeta"), input, other)


def igamma(input, other):
    """The regularized lower incomplete gamma function."""
    return _float_binary(_special("gammainc"), input, other)


def igammac(input, other):
    """The regularized upper incomplete gamma function: 1 - igamma."""
    return _float_binary(_special("gammaincc"), input, other)


# --------------------------------------------------------------------------------------------------- Bessel functions
def airy_ai(input):
    airy = _special("airy")
    return _unary(lambda x: airy(x)[0], input)


def bessel_j0(input):
    return _unary(_special("j0"), input)


def bessel_j1(input):
    return _unary(_special("j1"), input)


def bessel_y0(input):
    return _unary(_special("y0"), input)


def bessel_y1(input):
    return _unary(_special("y1"), input)


def modified_bessel_k0(input):
    return _unary(_special("k0"), input)


def modified_bessel_k1(input):
    return _unary(_special("k1"), input)


def scaled_modified_bessel_k0(input):
    return _unary(_special("k0e"), input)


def scaled_modified_bessel_k1(input):
    return _unary(_special("k1e"), input)


def spherical_bessel_j0(input):
    """sin(x) / x, 1 at 0."""
    return _unary(lambda x: np.where(np.isinf(x), 0, np.sinc(x / np.pi)), input)


# --------------------------------------------------------------------------------------------- orthogonal polynomials
def _polynomial(evaluate, input, n):
    """evaluate(n, x) for the whole part of n; 0 for n < 0, and where n is no finite number."""
    def function(x, n):
        n = np.where(np.isfinite(n), n, -1).astype(np.int64)  # SciPy runs the recurrence for integers
        return np.where(n < 0, 0.0, evaluate(np.maximum(n, 0), x.astype(np.float64)))

    return _float_binary(function, input, n)


def _chebyshev_v(n, x):
    u = _special("eval_chebyu")
    return u(n, x) - u(n - 1, x)


def _chebyshev_w(n, x):
    u = _special("eval_chebyu")
    return u(n, x) + u(n - 1, x)


def _shifted(evaluate):
    """The polynomials of 2x - 1, which are orthogonal on [0, 1]."""
    return lambda n, x: evaluate(n, 2 * x - 1)


def chebyshev_polynomial_t(input, n):
    return _polynomial(_special("eval_chebyt"), input, n)


def chebyshev_polynomial_u(input, n):
    return _polynomial(_special("eval_chebyu"), input, n)


def chebyshev_polynomial_v(input, n):
    return _polynomial(_chebyshev_v, input, n)


def chebyshev_polynomial_w(input, n):
    return _polynomial(_chebyshev_w, input, n)


def shifted_chebyshev_polynomial_t(input, n):
    return _polynomial(_shifted(_special("eval_chebyt")), input, n)


def shifted_chebyshev_polynomial_u(input, n):
    return _polynomial(_shifted(_special("eval_chebyu")), input, n)


def shifted_chebyshev_polynomial_v(input, n):
    return _polynomial(_shifted(_chebyshev_v), input, n)


def shifted_chebyshev_polynomial_w(input, n):
    return _polynomial(_shifted(_chebyshev_w), input, n)


def hermite_polynomial_h(input, n):
    """The physicists' Hermite polynomial."""
    return _polynomial(_special("eval_hermite"), input, n)


def hermite_polynomial_he(input, n):
    """The probabilists' Hermite polynomial."""
    return _polynomial(_special("eval_hermitenorm"), input, n)


def laguerre_polynomial_l(input, n):
    return _polynomial(_special("eval_laguerre"), input, n)


def legendre_polynomial_p(input, n):
    return _polynomial(_special("eval_legendre"), input, n)
