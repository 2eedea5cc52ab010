"""Kullback-Leibler divergences: KL(p || q) is the mean of log p(x) - log q(x) under p."""
import math

from ..ops import digamma, exp, lgamma, log, matmul, where, xlogy
from .bernoulli import Bernoulli
from .beta import Beta
from .binomial import Binomial
from .categorical import Categorical
from .cauchy import Cauchy
from .dirichlet import Dirichlet
from .exponential import Exponential
from .gamma import Gamma
from .geometric import Geometric
from .half_normal import HalfNormal
from .independent import Independent
from .laplace import Laplace
from .multivariate_normal import MultivariateNormal
from .normal import Normal
from .one_hot_categorical import OneHotCategorical
from .poisson import Poisson
from .transformed_distribution import TransformedDistribution
from .uniform import Uniform
from .utils import sum_rightmost

_FORMULAS = {}  # (type of p, type of q) -> function


def register_kl(type_p, type_q):
    """A decorator: the function computes KL(p || q) for these types and their subclasses."""
    def register(function):
        _FORMULAS[type_p, type_q] = function
        return function
    return register


def kl_divergence(p, q):
    """KL(p || q), of shape batch_shape. NotImplementedError for a pair without a formula.

    >>> kl_divergence(Normal(0.0, 1.0), Normal(1.0, 1.0))
    tensor(0.5000)
    """
    for type_p in type(p).__mro__:  # the nearest relatives first
        for type_q in type(q).__mro__:
            if (type_p, type_q) in _FORMULAS:
                return _FORMULAS[type_p, type_q](p, q)
    raise NotImplementedError("No KL(p || q) is implemented for p type "
                              f"{type(p).__name__} and q type {type(q).__name__}")


@register_kl(Normal, Normal)
def _(p, q):
    ratio = (p.scale / q.scale)**2
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale)**2 - 1 - log(ratio))


@register_kl(HalfNormal, HalfNormal)
def _(p, q):
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(MultivariateNormal, MultivariateNormal)
def _(p, q):
    half = matmul(q.precision_matrix, p.covariance_matrix)
    difference = (q.loc - p.loc).unsqueeze(-1)  # (..., D, 1)
    distance = matmul(difference.mT, matmul(q.precision_matrix, difference)).flatten(-2).squeeze(-1)
    trace = half.diagonal(dim1=-2, dim2=-1).sum(-1)
    return q.log_volume() - p.log_volume() + 0.5 * (trace + distance - p.loc.shape[-1])


@register_kl(Bernoulli, Bernoulli)
def _(p, q):
    return (xlogy(p.probs, p.probs) - xlogy(p.probs, q.probs)
            + xlogy(1 - p.probs, 1 - p.probs) - xlogy(1 - p.probs, 1 - q.probs))


@register_kl(Binomial, Binomial)
def _(p, q):
    """Infinite where p has more trials; without a formula where q has more."""
    if (p.total_count < q.total_count).any():
        raise NotImplementedError("KL between Binomials where q.total_count > p.total_count is not implemented")
    same = p.total_count * (p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p())
    return where(p.total_count > q.total_count, math.inf, same)


@register_kl(Geometric, Geometric)
def _(p, q):
    return -p.entropy() - (-q.probs).log1p() / p.probs - q.logits


def _kl_categories(p, q):
    terms = p.probs * (p.logits - q.logits)
    terms = terms.masked_fill((q.probs == 0).expand(terms.shape), math.inf)
    return terms.masked_fill((p.probs == 0).expand(terms.shape), 0).sum(-1)


register_kl(Categorical, Categorical)(_kl_categories)
register_kl(OneHotCategorical, OneHotCategorical)(_kl_categories)


@register_kl(Beta, Beta)
def _(p, q):
    return kl_divergence(p._dirichlet, q._dirichlet)


@register_kl(Dirichlet, Dirichlet)
def _(p, q):
    a, b = p.concentration, q.concentration
    return (lgamma(a.sum(-1)) - lgamma(b.sum(-1)) - (lgamma(a) - lgamma(b)).sum(-1)
            + ((a - b) * (digamma(a) - digamma(a.sum(-1, keepdim=True)))).sum(-1))


@register_kl(Exponential, Exponential)
def _(p, q):
    ratio = q.rate / p.rate
    return ratio - log(ratio) - 1


@register_kl(Gamma, Gamma)
def _(p, q):
    a, b = p.concentration, q.concentration
    return (b * log(p.rate / q.rate) + lgamma(b) - lgamma(a) + (a - b) * digamma(a) + (q.rate - p.rate) * a / p.rate)


@register_kl(Poisson, Poisson)
def _(p, q):
    return p.rate * (log(p.rate) - log(q.rate)) - (p.rate - q.rate)


@register_kl(Laplace, Laplace)
def _(p, q):
    ratio, distance = p.scale / q.scale, (p.loc - q.loc).abs()
    return -log(ratio) + distance / q.scale + ratio * exp(-distance / p.scale) - 1


@register_kl(Cauchy, Cauchy)
def _(p, q):
    return log(((p.scale + q.scale)**2 + (p.loc - q.loc)**2) / (4 * p.scale * q.scale))


@register_kl(Uniform, Uniform)
def _(p, q):
    """Infinite where p reaches beyond q."""
    inside = (q.low <= p.low) & (p.high <= q.high)
    return where(inside, log((q.high - q.low) / (p.high - p.low)), math.inf)


@register_kl(TransformedDistribution, TransformedDistribution)
def _(p, q):
    """An invertible transform changes nothing."""
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError("KL between distributions with different transforms is not implemented")
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Independent, Independent)
def _(p, q):
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError("KL between Independents with different reinterpreted_batch_ndims is not implemented")
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)
