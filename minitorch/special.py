"""torch.special: functions of mathematical physics and statistics, elementwise. It lists names; the code is in
ops/special.py and ops/elementwise.py.

>>> import minitorch as torch
>>> torch.special.ndtri(torch.special.ndtr(torch.tensor([-1., 0., 2.])))
tensor([-1.0000,  0.0000,  2.0000])
"""
from .ops import (  # noqa: F401
    airy_ai, bessel_j0, bessel_j1, bessel_y0, bessel_y1, chebyshev_polynomial_t, chebyshev_polynomial_u,
    chebyshev_polynomial_v, chebyshev_polynomial_w, digamma, digamma as psi, entr, erf, erfc, erfcx, erfinv, exp2,
    expm1, hermite_polynomial_h, hermite_polynomial_he, i0, i0 as modified_bessel_i0, i0e, i1,
    i1 as modified_bessel_i1, i1e, igamma as gammainc, igammac as gammaincc, laguerre_polynomial_l,
    legendre_polynomial_p, lgamma as gammaln, log1p, log_ndtr, log_softmax, logit, logsumexp, modified_bessel_k0,
    modified_bessel_k1, mvlgamma as multigammaln, ndtr, ndtri, polygamma, round, scaled_modified_bessel_k0,
    scaled_modified_bessel_k1, shifted_chebyshev_polynomial_t, shifted_chebyshev_polynomial_u,
    shifted_chebyshev_polynomial_v, shifted_chebyshev_polynomial_w, sigmoid as expit, sinc, softmax,
    spherical_bessel_j0, xlog1py, xlogy, zeta)
from .ops.out import give_out

give_out(globals())
