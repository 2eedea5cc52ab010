"""Statistics, where PyTorch's own samples do not look: NaN, infinities, integers, nothing at all."""
import numpy as np
import pytest

from tests.oracle import check_op, check_raises, check_same

nan, inf = float("nan"), float("inf")


@pytest.mark.parametrize("how", ["linear", "lower", "higher", "midpoint", "nearest"])
@pytest.mark.parametrize("name", ["quantile", "nanquantile"])
def test_quantiles_of_nan(name, how):
    rows = [[1., nan, 3., 8.], [4., 1., 9., 2.], [nan, nan, nan, nan]]
    check_same(lambda T: getattr(T, name)(T.tensor(rows), T.tensor([0., 0.4, 1.]), dim=1, interpolation=how))
    check_same(lambda T: getattr(T, name)(T.tensor(rows), 0.3, keepdim=True, interpolation=how))


def test_quantile_of_a_scalar():
    check_same(lambda T: [T.quantile(T.tensor(3.), 0.5), T.quantile(T.tensor(3.), T.tensor([0.5]), dim=0)])


def test_quantile_has_a_gradient():
    check_op([(4, 5)], lambda T, x: T.quantile(x, T.tensor([0.1, 0.6], dtype=T.float64), dim=0))


def test_nan_is_skipped():
    check_same(lambda T: [f(T.tensor([[1., nan], [nan, nan]]), 1) for f in (T.nansum, T.nanmean, T.nanmedian)])
    check_same(lambda T: [T.nansum(T.tensor([1, 2])), T.nanmedian(T.tensor([3, 1, 2])), T.nansum(T.tensor([True]))])
    check_raises(lambda T: T.nanmean(T.tensor([1])), "floating point")


def test_mode_takes_the_smallest_at_its_last_place():
    check_same(lambda T: T.mode(T.tensor([[2, 1, 2, 1], [5, 4, 3, 3]]), 1))
    check_raises(lambda T: T.mode(T.zeros(0, 2), 0), "non-zero size")


def test_logcumsumexp_far_from_zero():
    rows = np.array([[-2000., -1000., 0., 800.], [-inf, -inf, 1., inf]])
    check_same(lambda T: T.logcumsumexp(T.tensor(rows), 1))

    def gradient(T):
        x = T.tensor(rows[0], requires_grad=True)
        T.logcumsumexp(x, 0).backward(T.tensor([1., -2., 3., 0.5], dtype=T.float64))
        return x.grad
    check_same(gradient)


def test_cov_counts_observations():
    x = [[1., 2., 4., 8.], [3., 1., 4., 1.]]
    check_same(lambda T: T.cov(T.tensor(x), fweights=T.tensor([1, 2, 1, 3]), aweights=T.tensor([.1, .2, .3, .4])))
    check_same(lambda T: [T.cov(T.tensor([1, 2, 4])), T.corrcoef(T.tensor(x)), T.corrcoef(T.tensor([1., 2.]))])


def test_histograms():
    x = [1., 2., 1., nan, 4., 9.]
    check_same(lambda T: T.histc(T.tensor(x), bins=4, min=0, max=8))
    check_same(lambda T: T.histogram(T.tensor([1., 2., 2., 8.]), T.tensor([0., 2., 3., 8.]), density=True))
    check_same(lambda T: T.histogramdd(T.tensor([[0., 1.], [1., 0.], [5., 5.]]), [2, 3], range=[0., 2., 0., 3.]))
    check_same(lambda T: T.histogram(T.ones(3), 2))


def test_gradient_of_samples():
    x = np.arange(5.) ** 2
    for order in (1, 2):
        check_same(lambda T: T.gradient(T.tensor(x), spacing=0.5, edge_order=order))
        check_same(lambda T: T.gradient(T.tensor(x), spacing=[T.tensor([0., 1., 3., 4., 9.]).double()],
                                        edge_order=order))
    check_same(lambda T: T.gradient(T.arange(6).view(2, 3), dim=1))
    check_same(lambda T: T.gradient(T.tensor([1., 4.])))


def test_trapezoids():
    check_same(lambda T: [T.trapezoid(T.tensor([1, 2, 4])), T.trapezoid(T.ones(2, 3), T.tensor([0., 1., 5.])),
                          T.trapezoid(T.ones(3, 0)), T.cumulative_trapezoid(T.tensor([1., 2., 4.]), dx=0.5)])
    check_raises(lambda T: T.trapezoid(T.ones(3), T.ones(3), dx=1), "invalid combination")
