"""Special functions against PyTorch: what its database of operators does not ask."""
import pytest

from tests.oracle import check_raises, check_same

NAN, INF = float("nan"), float("inf")
EDGES = [0.0, -1.0, INF, -INF, NAN]

UNARY = """airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 modified_bessel_k0 modified_bessel_k1 entr erfcx i0 i0e i1
i1e scaled_modified_bessel_k0 scaled_modified_bessel_k1 spherical_bessel_j0 logit sinc ndtr ndtri log_ndtr""".split()


@pytest.mark.parametrize("name", UNARY)
def test_at_the_edges(name):
    check_same(lambda T: getattr(T.special, name)(T.tensor(EDGES)))


@pytest.mark.parametrize("call", [
    lambda T: T.logit(T.tensor([-1.0, 0.0, 0.5, 1.0, 2.0]), eps=0.1),
    lambda T: T.special.zeta(T.tensor([0.5, 1.0, 2.0]), 2),
    lambda T: T.special.xlog1py(0, T.tensor([-1.0, NAN, INF])),
    lambda T: T.igamma(T.tensor([0.0, 1.0, -1.0, 2.0]), T.tensor([1.0, 0.0, 2.0, INF])),
    lambda T: T.igammac(T.tensor([0.0, 1.0, -1.0, 2.0]), T.tensor([1.0, 0.0, 2.0, INF])),
    lambda T: T.special.chebyshev_polynomial_t(T.tensor([0.5, 1.5]), -1),
    lambda T: T.special.chebyshev_polynomial_v(T.tensor([0.5, 1.5]), 2.7),
    lambda T: T.special.laguerre_polynomial_l(2, T.tensor([0, 1, 2])),
    lambda T: T.special.hermite_polynomial_h(T.tensor([0.5, NAN]), T.tensor([0, 1])),
    lambda T: T.mvlgamma(T.tensor([0.2, 5.0]), 3),
    lambda T: T.special.bessel_j0(T.ones(2, requires_grad=True)).requires_grad,
], ids=range(11))
def test_result(call):
    check_same(call)


@pytest.mark.parametrize("call, words", [
    (lambda T: T.mvlgamma(T.ones(2), 0), "p has to be greater than or equal to 1"),
    (lambda T: T.igamma(T.tensor([1]), T.tensor([1])), "\"igamma_cpu\" not implemented for 'Long'"),
    (lambda T: T.special.bessel_j0(T.ones(2).half()), "\"bessel_j0_cpu\" not implemented for 'Half'"),
    (lambda T: T.special.zeta(T.ones(1, requires_grad=True), 2).sum().backward(), "derivative for 'zeta' is not impl"),
    (lambda T: T.igamma(T.ones(1, requires_grad=True), T.ones(1)).sum().backward(), "'igamma: input' is not implem"),
])
def test_refused(call, words):
    check_raises(call, match=words)
