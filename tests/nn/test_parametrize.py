"""nn.utils.parametrize, parametrizations and the older weight_norm and spectral_norm against PyTorch."""
import copy
import pickle

import pytest

import minitorch
from tests.oracle import check_raises, check_same


def P(T):
    return T.nn.utils.parametrize


def symmetric(T, back=True):
    """X -> X + X^T over two, whose right inverse is the identity; without `back` it has none."""
    class Symmetric(T.nn.Module):
        def forward(self, X):
            return (X + X.T) / 2

    if back:
        Symmetric.right_inverse = lambda self, A: A * 1.0
    return Symmetric()


def rank_one(T):
    class RankOne(T.nn.Module):
        def forward(self, x, y):
            return x.unsqueeze(-1) @ y.unsqueeze(-2)

        def right_inverse(self, Z):
            return Z[:, 0] * 1, Z[0] / Z[0, 0]

    return RankOne()


def returning(T, function, back=None):
    class Returning(T.nn.Module):
        def forward(self, *x):
            return function(*x)

    if back is not None:
        Returning.right_inverse = lambda self, x: back(x)
    return Returning()


def layer(T, n=3):
    T.manual_seed(0)
    return T.nn.Linear(n, 3)


def learnt(T, module, steps=2):
    """The module's text, state and gradients while it learns."""
    before, x = repr(module), T.linspace(-1, 1, 3)
    history = []
    optimizer = T.optim.SGD(module.parameters(), 0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        out = module(x).square().sum()
        out.backward()
        optimizer.step()
        history += [out, {name: p.grad.clone() for name, p in module.named_parameters()}]
    return before, history, dict(module.state_dict()), module.eval()(x)


REGISTER = [
    lambda T, m: P(T).register_parametrization(m, "weight", symmetric(T)),
    lambda T, m: P(T).register_parametrization(
        P(T).register_parametrization(m, "weight", symmetric(T)), "weight", T.nn.Tanh(), unsafe=True),
    lambda T, m: P(T).register_parametrization(m, "weight", rank_one(T), unsafe=True),
    lambda T, m: T.nn.utils.parametrizations.weight_norm(m),
    lambda T, m: T.nn.utils.parametrizations.weight_norm(m, dim=None),
    lambda T, m: T.nn.utils.parametrizations.spectral_norm(m, n_power_iterations=2),
    lambda T, m: T.nn.utils.parametrizations.spectral_norm(m, "bias"),
    lambda T, m: T.nn.utils.parametrizations.orthogonal(m),
    lambda T, m: T.nn.utils.parametrizations.orthogonal(m, orthogonal_map="cayley"),
    lambda T, m: T.nn.utils.parametrizations.orthogonal(m, orthogonal_map="householder", use_trivialization=False),
    lambda T, m: T.nn.utils.weight_norm(m),
    lambda T, m: T.nn.utils.weight_norm(m, dim=None),
    lambda T, m: T.nn.utils.spectral_norm(m, n_power_iterations=2),
]


@pytest.mark.filterwarnings("ignore:.*nn.utils.weight_norm. is deprecated")
@pytest.mark.parametrize("register", REGISTER, ids=range(len(REGISTER)))
def test_learning(register):
    check_same(lambda T: learnt(T, register(T, layer(T))), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (2, 3, 3)], ids=str)
@pytest.mark.parametrize("map_and_base", [("matrix_exp", True), ("cayley", True), ("householder", True),
                                          ("householder", False)], ids=str)
def test_orthogonal_matrices(shape, map_and_base):
    def run(T):
        T.manual_seed(0)
        module = T.nn.Module()
        module.weight = T.nn.Parameter(T.randn(shape, dtype=T.float64))
        T.nn.utils.parametrizations.orthogonal(module, "weight", map_and_base[0], use_trivialization=map_and_base[1])
        before = module.weight
        module.parametrizations.weight.original.data += 0.1 * T.randn(shape, dtype=T.float64).tril(-1)
        return before, module.weight, module.weight.mT @ module.weight

    check_same(run, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("leave", [True, False])
@pytest.mark.parametrize("register", [REGISTER[0], REGISTER[1], REGISTER[5]], ids=range(3))
def test_removing(register, leave):
    def run(T):
        module = register(T, layer(T))
        original = module.parametrizations.weight.original
        assert P(T).type_before_parametrizations(module) is T.nn.Linear
        P(T).remove_parametrizations(module, "weight", leave)
        return repr(module), dict(module.state_dict()), module.weight is original, type(module) is T.nn.Linear

    check_same(run, rtol=1e-5)


def test_removing_one_of_two():
    def run(T):
        module = layer(T)
        for name in "weight", "bias":
            P(T).register_parametrization(module, name, T.nn.Tanh())
        twin = copy.deepcopy(module)
        P(T).remove_parametrizations(module, "weight")
        checks = [P(T).is_parametrized(m, name) for m in (module, twin) for name in ("weight", "bias", None)]
        return repr(module), checks, type(module).__name__, module.bias, twin.bias

    check_same(run, rtol=1e-6)


@pytest.mark.filterwarnings("ignore:.*nn.utils.weight_norm. is deprecated")
def test_removing_the_hooks():
    def run(T):
        module = T.nn.utils.weight_norm(T.nn.utils.spectral_norm(layer(T)), "bias")
        state = dict(module.state_dict())
        T.nn.utils.remove_weight_norm(T.nn.utils.remove_spectral_norm(module), "bias")
        return state, dict(module.state_dict()), module(T.ones(3))

    check_same(run, rtol=1e-5)


def test_assigning_and_caching():
    def run(T):
        module = P(T).register_parametrization(layer(T), "weight", symmetric(T))
        module.weight = T.ones(3, 3)
        with P(T).cached():
            first = module.weight
            with P(T).cached():
                again = module.weight is first
        return module.weight, again, module.weight is first, module.parametrizations.weight.original

    check_same(run)


def test_transferring():
    def run(T):
        source, target = P(T).register_parametrization(layer(T), "weight", symmetric(T)), layer(T)
        P(T).transfer_parametrizations_and_params(source, target)
        return repr(target), target.parametrizations.weight.original is source.parametrizations.weight.original

    check_same(run)


@pytest.mark.filterwarnings("ignore:.*nn.utils.weight_norm. is deprecated")
def test_the_state_of_the_older_weight_norm_can_be_loaded():
    def run(T):
        old, new = T.nn.utils.weight_norm(layer(T)), T.nn.utils.parametrizations.weight_norm(T.nn.Linear(3, 3))
        new.load_state_dict(old.state_dict())
        return dict(new.state_dict())

    check_same(run)


def test_copies():
    module = P(minitorch).register_parametrization(layer(minitorch), "weight", minitorch.nn.Tanh())
    twin = copy.deepcopy(module)
    assert repr(twin) == repr(module)
    twin.parametrizations.weight.original.data.fill_(0)
    assert not twin.weight.any() and module.weight.all()
    with pytest.raises(RuntimeError, match="parametrized modules is only supported through state_dict"):
        pickle.dumps(module)


@pytest.mark.filterwarnings("ignore:.*nn.utils.weight_norm. is deprecated")
@pytest.mark.parametrize("call, match", [
    (lambda T: P(T).register_parametrization(layer(T), "gain", T.nn.Tanh()), "with name 'gain'"),
    (lambda T: P(T).register_parametrization(layer(T), "weight", returning(T, lambda x: x.double())),
     "may not change the dtype of the tensor"),
    (lambda T: P(T).register_parametrization(layer(T), "weight", returning(T, lambda x: x[0])),
     "may not change the shape of the tensor"),
    (lambda T: P(T).register_parametrization(layer(T), "weight", returning(T, lambda x: 3)),
     "must return a tensor. Got int"),
    (lambda T: P(T).register_parametrization(layer(T), "weight", returning(T, abs, back=lambda x: 3)),
     "must return a Tensor or a Sequence of tensors"),
    (lambda T: P(T).register_parametrization(layer(T), "weight", returning(T, abs, back=lambda x: x.double())),
     "it may not change the dtype"),
    (lambda T: P(T).register_parametrization(REGISTER[0](T, layer(T)), "weight", returning(T, lambda x: x[0])),
     "unless the `unsafe` flag"),
    (lambda T: P(T).register_parametrization(REGISTER[0](T, layer(T)), "weight",
                                             returning(T, abs, back=lambda x: x[0])), "must have the same shape"),
    (lambda T: P(T).remove_parametrizations(layer(T), "weight"), "does not have a parametrization on weight"),
    (lambda T: P(T).remove_parametrizations(REGISTER[2](T, layer(T)), "weight", False), "Cannot leave unparametrized"),
    (lambda T: setattr(P(T).register_parametrization(layer(T), "weight", symmetric(T, back=False)), "weight",
                       T.ones(3, 3)), "parametrization Symmetric does not implement right_inverse"),
    (lambda T: T.nn.utils.parametrizations.spectral_norm(layer(T), n_power_iterations=0), "to be positive, but got"),
    (lambda T: T.nn.utils.parametrizations.spectral_norm(layer(T), dim=2), "Dimension out of range"),
    (lambda T: T.nn.utils.parametrizations.spectral_norm(layer(T), "gain"), "no parameter or buffer with name 'gain'"),
    (lambda T: T.nn.utils.parametrizations.orthogonal(layer(T), "bias"), "Got a tensor of 1 dimensions"),
    (lambda T: T.nn.utils.parametrizations.orthogonal(layer(T), orthogonal_map="qr"), "has to be one of"),
    (lambda T: setattr(T.nn.utils.parametrizations.orthogonal(layer(T)), "weight", T.eye(2)), "of shape torch.Size"),
    (lambda T: T.nn.utils.weight_norm(T.nn.utils.weight_norm(layer(T))), "Cannot register two weight_norm hooks"),
    (lambda T: T.nn.utils.weight_norm(T.nn.LazyLinear(2)), "can't have uninitialized parameters"),
    (lambda T: T.nn.utils.spectral_norm(T.nn.utils.spectral_norm(layer(T))), "Cannot register two spectral_norm hooks"),
    (lambda T: T.nn.utils.spectral_norm(T.nn.LazyLinear(2)), "can't have uninitialized parameters"),
    (lambda T: T.nn.utils.spectral_norm(T.nn.Linear(2, 2, bias=False), "bias"), "parameter `bias` is None"),
    (lambda T: T.nn.utils.remove_weight_norm(layer(T)), "weight_norm of 'weight' not found in Linear"),
    (lambda T: T.nn.utils.remove_spectral_norm(layer(T)), "spectral_norm of 'weight' not found in Linear"),
], ids=range(24))
def test_bad_input(call, match):
    check_raises(call, match)


def test_the_older_weight_norm_is_deprecated():
    with pytest.warns(FutureWarning, match="deprecated in favor of `torch.nn.utils.parametrizations.weight_norm`"):
        minitorch.nn.utils.weight_norm(layer(minitorch))
