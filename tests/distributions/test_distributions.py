"""torch.distributions: the same samples from the same seed, the same numbers, the same complaints."""
import numpy as np
import pytest

import minitorch
from minitorch import distributions
from tests.oracle import check_op, check_raises, check_same, import_torch

A, B = np.array([0.3, 1.2, 2.5]), np.array([0.5, 1.0, 3.0])
P = np.array([0.1, 0.5, 0.8])
ROWS = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
MATRIX = np.array([[2.0, 0.5], [0.5, 1.0]])

DISTRIBUTIONS = {  # (how to make it from its parameters, the parameters)
    "Normal": (lambda D, *p: D.Normal(*p), A, B),
    "LogNormal": (lambda D, *p: D.LogNormal(*p), A, P),
    "HalfNormal": (lambda D, *p: D.HalfNormal(*p), A),
    "Laplace": (lambda D, *p: D.Laplace(*p), A, B),
    "Cauchy": (lambda D, *p: D.Cauchy(*p), A, B),
    "Gumbel": (lambda D, *p: D.Gumbel(*p), A, B),
    "StudentT": (lambda D, *p: D.StudentT(*p), A + 2.5, A, B),
    "Uniform": (lambda D, *p: D.Uniform(*p), A, A + B),
    "Exponential": (lambda D, *p: D.Exponential(*p), A),
    "Gamma": (lambda D, *p: D.Gamma(*p), A, B),
    "Gamma without dimensions": (lambda D, *p: D.Gamma(*p), np.array(1.5), np.array(2.0)),
    "Chi2": (lambda D, *p: D.Chi2(*p), A),
    "Beta": (lambda D, *p: D.Beta(*p), A, B),
    "Dirichlet": (lambda D, *p: D.Dirichlet(*p), np.stack([A, B])),
    "Poisson": (lambda D, *p: D.Poisson(*p), np.array([0.5, 4.0, 30.0])),
    "Bernoulli": (lambda D, *p: D.Bernoulli(*p), P),
    "Bernoulli of logits": (lambda D, p: D.Bernoulli(logits=p), A),
    "Geometric": (lambda D, *p: D.Geometric(*p), P),
    "Binomial": (lambda D, p: D.Binomial(9, p), P),
    "Binomial of many": (lambda D, p: D.Binomial(300, p), P),
    "Categorical": (lambda D, *p: D.Categorical(*p), ROWS),
    "Categorical of logits": (lambda D, p: D.Categorical(logits=p), ROWS),
    "OneHotCategorical": (lambda D, *p: D.OneHotCategorical(*p), ROWS),
    "straight-through": (lambda D, *p: D.OneHotCategoricalStraightThrough(*p), ROWS),
    "Multinomial": (lambda D, p: D.Multinomial(7, p), ROWS),
    "MultivariateNormal": (lambda D, a, m: D.MultivariateNormal(a, m @ m.mT), A[:2], MATRIX),
    "MultivariateNormal of precision": (
        lambda D, a, m: D.MultivariateNormal(a, precision_matrix=m @ m.mT), A[:2], MATRIX),
    "MultivariateNormal of factor": (lambda D, a, m: D.MultivariateNormal(a, scale_tril=m.tril()), A[:2], MATRIX),
    "Independent": (lambda D, *p: D.Independent(D.Normal(*p), 1), A, B),
    "RelaxedBernoulli": (lambda D, t, p: D.RelaxedBernoulli(t, p), np.array(0.7), P),
    "RelaxedOneHotCategorical": (lambda D, t, p: D.RelaxedOneHotCategorical(t, p), np.array(0.7), ROWS),
    "tanh of Normal": (lambda D, *p: D.TransformedDistribution(
        D.Normal(*p), [D.TanhTransform(cache_size=1), D.AffineTransform(1.0, -2.0)]), A, B),
    "a power": (lambda D, *p: D.TransformedDistribution(D.Exponential(*p), D.PowerTransform(2.0)), A),
    "softplus and sigmoid": (lambda D, *p: D.TransformedDistribution(
        D.Normal(*p), D.ComposeTransform([D.SoftplusTransform(), D.SigmoidTransform()])), A, B),
    "stick breaking": (lambda D, *p: D.TransformedDistribution(D.Normal(*p), D.StickBreakingTransform()), A, B),
    "affine of more dimensions": (lambda D, a, b: D.TransformedDistribution(
        D.Normal(a[0], b[0]), D.AffineTransform(a, b)), A, B),
}
OTHER_GRADIENTS = {"Dirichlet", "Beta"}  # of samples, which are only one of many right ones
# PyTorch's are approximations, to some 1e-4
ROUGH_GRADIENTS = {"Gamma", "Gamma-without-dimensions", "Chi2", "StudentT"}
LISTS = [pytest.param(case[0], case[1:], id=name.replace(" ", "-")) for name, case in DISTRIBUTIONS.items()]


def attempt(function):
    """What the function returns, or that it is not there."""
    try:
        return function()
    except NotImplementedError:
        return "not implemented"


@pytest.mark.parametrize("make, parameters", LISTS)
def test_samples(make, parameters, request):
    def samples(T, *parameters):
        d = make(T.distributions, *parameters)
        T.manual_seed(0)
        drawn = [d.sample(), d.sample((4,)), d.expand((2, *d.batch_shape)).sample((2,))]
        return [*drawn, d.rsample((3, 2))] if d.has_rsample and name not in OTHER_GRADIENTS else drawn
    name = request.node.callspec.id
    rough = name in ROUGH_GRADIENTS
    check_op(list(parameters), samples, contiguous=True, second=False,
             rtol=1e-3 if rough else 1e-6, atol=1e-3 if rough else 1e-9)


@pytest.mark.parametrize("make, parameters", LISTS)
def test_numbers(make, parameters):
    def numbers(T, *parameters):
        d = make(T.distributions, *parameters)
        T.manual_seed(0)
        value = d.sample((3,))
        results = [attempt(lambda: d.mean), attempt(lambda: d.variance), attempt(lambda: d.stddev),
                   attempt(d.entropy), d.log_prob(value), d.expand((2, *d.batch_shape)).log_prob(value[:2, None])]
        return [result for result in results if not isinstance(result, str)]
    check_op(list(parameters), numbers, contiguous=True, second=False, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", ["Normal", "LogNormal", "HalfNormal", "Laplace", "Cauchy", "Gumbel", "Uniform",
                                  "Exponential", "tanh of Normal", "a power"])
def test_cumulative_probabilities_and_quantiles(name):
    make, *parameters = DISTRIBUTIONS[name]

    def both(T, *parameters):
        d = make(T.distributions, *parameters)
        value = d.icdf(T.tensor([0.25, 0.5, 0.75], dtype=T.float64))
        return value, d.cdf(value)
    check_op(parameters, both, contiguous=True, second=False, rtol=1e-6)


def test_cumulative_probabilities_of_gamma():
    check_op([B, A + 1], lambda T, rate, x: T.distributions.Gamma(T.tensor(A), rate).cdf(x), second=False, rtol=1e-6)
    with pytest.raises(ValueError, match="within the support"):
        distributions.Gamma(1.0, 1.0).cdf(minitorch.tensor(-1.0))


@pytest.mark.parametrize("make, parameters", LISTS)
def test_shapes_and_texts(make, parameters):
    def facts(T):
        d = make(T.distributions, *map(T.tensor, parameters))
        larger = d.expand((4, *d.batch_shape))
        support = d.support
        return [tuple(d.batch_shape), tuple(d.event_shape), d.has_rsample, d.has_enumerate_support, repr(support)[:12],
                support.event_dim, support.is_discrete, tuple(larger.batch_shape), tuple(larger.event_shape)]
    check_same(facts)


@pytest.mark.parametrize("make", [
    lambda D, T: D.Normal(0.0, 1.0), lambda D, T: D.Normal(T.zeros(2), 1), lambda D, T: D.Bernoulli(0.5),
    lambda D, T: D.Categorical(T.ones(3)), lambda D, T: D.Uniform(0, 1), lambda D, T: D.Gamma(T.ones(2), 1),
    lambda D, T: D.Independent(D.Normal(T.zeros(2), 1), 1), lambda D, T: D.Laplace(T.zeros(2), 1.5),
    lambda D, T: D.constraints.interval(0, 1), lambda D, T: D.constraints.simplex, lambda D, T: D.constraints.boolean,
    lambda D, T: D.constraints.nonnegative_integer, lambda D, T: D.ExpTransform(), lambda D, T: D.ExpTransform().inv])
def test_they_print_as_torchs_do(make):
    check_same(lambda T: repr(make(T.distributions, T)))


@pytest.mark.parametrize("name", ["Bernoulli", "Categorical", "OneHotCategorical"])
def test_enumerate_support(name):
    make, *parameters = DISTRIBUTIONS[name]
    check_same(lambda T: [make(T.distributions, *map(T.tensor, parameters)).enumerate_support(expand)
                          for expand in (True, False)])


@pytest.mark.parametrize("name", [
    "Normal", "LogNormal", "HalfNormal", "Laplace", "Cauchy", "Uniform", "Exponential", "Gamma", "Beta", "Dirichlet",
    "Poisson", "Bernoulli", "Geometric", "Binomial", "Categorical", "OneHotCategorical", "MultivariateNormal",
    "Independent"])
def test_kl_divergence(name):
    make, *parameters = DISTRIBUTIONS[name]

    def divergence(T, *parameters):
        D = T.distributions
        p, q = make(D, *parameters), make(D, *(x * 0.9 for x in parameters))
        return D.kl_divergence(p, q), D.kl_divergence(q, p)
    check_op(parameters, divergence, contiguous=True, second=False, rtol=1e-6, atol=1e-8)


def test_a_formula_for_a_divergence_can_be_registered():
    class Mine(distributions.Normal):
        pass

    @distributions.register_kl(Mine, distributions.Normal)
    def _(p, q):
        return 42
    mine, normal = Mine(0.0, 1.0), distributions.Normal(0.0, 1.0)
    assert distributions.kl_divergence(mine, normal) == 42
    assert distributions.kl_divergence(normal, mine) == 0  # that of two normal distributions
    with pytest.raises(NotImplementedError, match="is implemented for p type Normal and q type Beta"):
        distributions.kl_divergence(normal, distributions.Beta(1.0, 1.0))


@pytest.mark.parametrize("call, match", [
    (lambda D, T: D.Normal(T.tensor([float("nan")]), 1.0), "Expected parameter loc"),
    (lambda D, T: D.Normal(0.0, -1.0), r"to satisfy the constraint GreaterThan\(lower_bound=0.0\), but found invalid"),
    (lambda D, T: D.Normal(0.0, "1"), "Input arguments must all be instances of Number"),
    (lambda D, T: D.Normal(T.zeros(2), T.ones(3)), None),
    (lambda D, T: D.Bernoulli(), "Either `probs` or `logits` must be specified, but not both."),
    (lambda D, T: D.Bernoulli(0.5).log_prob(T.tensor(2.0)), r"to be within the support \(Boolean\(\)\)"),
    (lambda D, T: D.Bernoulli(0.5).log_prob(1.0), "The value argument to log_prob must be a Tensor"),
    (lambda D, T: D.Categorical(T.tensor([-1.0, 2.0])), r"the constraint Simplex\(\)"),
    (lambda D, T: D.Categorical(T.tensor(1.0)), "must be at least one-dimensional"),
    (lambda D, T: D.Categorical(T.ones(3)).log_prob(T.tensor(3)), "IntegerInterval"),
    (lambda D, T: D.Uniform(1.0, 0.0), "Expected parameter low"),
    (lambda D, T: D.Dirichlet(T.ones(3)).log_prob(T.ones(2)), "The right-most size of value must match event_shape"),
    (lambda D, T: D.Normal(T.zeros(2), 1).log_prob(T.zeros(3)), "Value is not broadcastable"),
    (lambda D, T: D.Poisson(1.0).rsample(), None),
    (lambda D, T: D.Independent(D.Normal(0.0, 1.0), 1), "Expected reinterpreted_batch_ndims <= "),
    (lambda D, T: D.MultivariateNormal(T.zeros(2)), "Exactly one of covariance_matrix or precision_matrix"),
    (lambda D, T: D.MultivariateNormal(T.zeros(2), -T.eye(2)), r"the constraint PositiveDefinite\(\)"),
])
def test_what_is_refused(call, match):
    check_raises(lambda T: call(T.distributions, T), match)


def test_validation_can_be_switched_off():
    distributions.Normal(0.0, -1.0, validate_args=False)
    distributions.Distribution.set_default_validate_args(False)
    try:
        distributions.Normal(0.0, -1.0)
    finally:
        distributions.Distribution.set_default_validate_args(True)


def test_a_sample_of_dirichlet_has_the_right_gradient_in_the_mean():
    """d mean / d concentration, by sampling and by the formula: single samples differ from PyTorch's."""
    a = minitorch.tensor([1.0, 2.0, 3.0], dtype=minitorch.float64, requires_grad=True)
    minitorch.manual_seed(0)
    sampled, = minitorch.autograd.grad(distributions.Dirichlet(a).rsample((4000,))[:, 0].mean(), a)
    exact, = minitorch.autograd.grad(distributions.Dirichlet(a).mean[0], a)
    np.testing.assert_allclose(sampled.numpy(), exact.numpy(), atol=0.01)


def test_constraints():
    import_torch()
    values = np.array([[-1.0, 0.0], [0.5, 0.5], [1.0, 2.0], [1.0, 0.0]])
    names = ["boolean", "one_hot", "nonnegative_integer", "positive_integer", "real", "real_vector", "positive",
             "nonnegative", "unit_interval", "simplex"]
    check_same(lambda T: [getattr(T.distributions.constraints, name).check(T.tensor(values)) for name in names])
    check_same(lambda T: [c(0.0).check(T.tensor(values)) for c in (
        T.distributions.constraints.greater_than, T.distributions.constraints.less_than,
        T.distributions.constraints.greater_than_eq)])
    matrices = np.array([[[1.0, 0.0], [0.5, 2.0]], [[1.0, 0.5], [0.5, 2.0]], [[1.0, 2.0], [2.0, 1.0]]])
    names = ["lower_triangular", "lower_cholesky", "symmetric", "positive_definite"]
    check_same(lambda T: [getattr(T.distributions.constraints, name).check(T.tensor(matrix))
                          for name in names for matrix in matrices])
