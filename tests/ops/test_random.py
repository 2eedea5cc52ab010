"""Random tensors against PyTorch: the same seed gives the same numbers."""
import pytest

import minitorch
from tests.oracle import check_raises, check_same

DRAWS = [("uniform_", ()), ("uniform_", (-2.0, 3.0)), ("normal_", ()), ("normal_", (1.0, 2.0)), ("random_", ()),
         ("random_", (10,)), ("random_", (5, 10)), ("bernoulli_", ()), ("bernoulli_", (0.3,)), ("exponential_", (1.5,)),
         ("geometric_", (0.3,)), ("cauchy_", (1.0, 2.0)), ("log_normal_", (0.5, 0.25))]
LAYOUTS = {"plain": lambda x: x, "transposed": lambda x: x.t(), "strided": lambda x: x[:, ::2],
           "column": lambda x: x[:, 1], "empty": lambda x: x[:0]}


def F(T):
    return T.nn.functional


def seeded(use):
    def run(T):
        T.manual_seed(7)
        return use(T), T.rand(3)  # and the stream has moved as far

    return run


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name, args", DRAWS, ids=str)
def test_in_place_draws(name, args, layout):
    def use(T):
        x = T.zeros(5, 8)
        part = LAYOUTS[layout](x)
        assert getattr(part, name)(*args) is part
        return x

    check_same(seeded(use))


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "bool", "float64"])
def test_other_dtypes(dtype):
    check_same(seeded(lambda T: [T.zeros(20, dtype=getattr(T, dtype)).random_(),
                                 T.zeros(20, dtype=getattr(T, dtype)).bernoulli_(0.4)]))


def test_draws_are_unrecorded_and_counted():
    def leaf(T):
        return T.ones(2, requires_grad=True).uniform_()

    def saved(T):
        x, w = T.ones(2), T.ones(2, requires_grad=True)
        y = x * w
        x.normal_()
        y.sum().backward()

    check_raises(leaf, "a leaf Variable that requires grad")
    check_raises(saved, "modified by an inplace operation")
    check_raises(lambda T: T.ones(1).expand(3).uniform_(), "single memory location")


def test_generators():
    def use(T):
        g = T.Generator().manual_seed(3)
        return [T.empty(3).uniform_(generator=g), T.empty(3).normal_(generator=g),
                T.bernoulli(T.full((4,), 0.5), generator=g), T.multinomial(T.ones(5), 3, generator=g),
                T.normal(0.0, 1.0, (2,), generator=g)]

    check_same(seeded(use))


def test_bernoulli():
    def use(T):
        p = T.linspace(0, 1, 12).reshape(3, 4)
        return [T.bernoulli(p), p.bernoulli(), p.t().bernoulli(), T.bernoulli(p, 0.3), T.zeros(3, 4).bernoulli_(p),
                p.bernoulli(0.5)]

    check_same(seeded(use))


def test_multinomial():
    def use(T):
        p = T.tensor([[0.1, 0.2, 0.7], [5.0, 0.0, 1.0]])
        return [T.multinomial(p, 2), p.multinomial(4, replacement=True), T.multinomial(p[0], 1)]

    check_same(seeded(use))


def test_normal():
    def use(T):
        mean, std = T.arange(4.0), T.tensor([[0.1], [2.0]])
        return [T.normal(mean, 2.0), T.normal(1.0, std), T.normal(mean, std), T.normal(1.0, 2.0, (2, 9)),
                T.normal(mean)]

    check_same(seeded(use))


DROPOUTS = [("dropout", (5, 8)), ("alpha_dropout", (5, 8)), ("feature_alpha_dropout", (5, 8, 3)),
            ("dropout1d", (5, 8, 3)), ("dropout1d", (8, 3)), ("dropout2d", (4, 6, 2, 3)),
            ("dropout3d", (2, 6, 2, 2, 3)), ("dropout3d", (6, 2, 2, 3))]


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("name, shape", DROPOUTS, ids=str)
def test_dropout(name, shape, p):
    def use(T):
        x = T.linspace(-1, 1, T.zeros(shape).numel()).reshape(shape).requires_grad_()
        y = getattr(F(T), name)(x, p, training=True)
        (y * y).sum().backward()
        return y.detach(), x.grad, getattr(F(T), name)(x, p, training=False) is x

    check_same(seeded(use))


@pytest.mark.parametrize("name, shape", [(name, shape) for name,
                                         shape in DROPOUTS if len(shape) > 2 or name == "dropout"], ids=str)
def test_dropout_in_place(name, shape):
    def use(T):
        x = T.ones(shape)
        return getattr(F(T), name)(x, 0.4, training=True, inplace=True), x

    check_same(seeded(use))


def test_dropout_of_a_transposed_tensor():
    check_same(seeded(lambda T: F(T).dropout(T.ones(5, 8).t(), 0.3)))
    check_same(seeded(lambda T: F(T).dropout(T.ones(5, 8, dtype=T.float64)[:, ::2], 0.3)))


def test_dropout_of_nothing_draws_nothing():
    check_same(seeded(lambda T: F(T).dropout(T.ones(0, 3))))


def test_dropout2d_of_other_shapes_warns():
    def use(T):
        with pytest.warns(UserWarning, match="assuming that channel-wise 1D dropout behavior is desired"):
            three = F(T).dropout2d(T.ones(3, 4, 2))
        with pytest.warns(UserWarning, match="Received a 2-D input to dropout2d"):
            return three, F(T).dropout2d(T.ones(3, 4))

    check_same(seeded(use))


def test_a_whole_channel_falls():
    minitorch.manual_seed(0)
    sums = F(minitorch).dropout2d(minitorch.ones(10, 10, 3, 3)).sum((2, 3))
    assert set(sums.flatten().tolist()) == {0.0, 18.0}


@pytest.mark.parametrize("use, match", [
    (lambda T: F(T).dropout(T.ones(2), 1.5), "dropout probability has to be between 0 and 1, but got 1.5"),
    (lambda T: F(T).dropout1d(T.ones(2)), "dropout1d: Expected 2D or 3D input"),
    (lambda T: T.ones(2).uniform_(2, 1), r"uniform_ expects to return a \[from, to\) range"),
    (lambda T: T.ones(2).normal_(0, -1), "normal expects std >= 0.0"),
    (lambda T: T.ones(2).bernoulli_(2.0), r"bernoulli_ expects p to be in \[0, 1\]"),
    (lambda T: T.multinomial(T.ones(2), 3), "cannot sample n_sample > prob_dist.size"),
    (lambda T: T.ones(2).long().uniform_(), "not implemented for 'Long'"),
])
def test_errors(use, match):
    check_raises(use, match)
