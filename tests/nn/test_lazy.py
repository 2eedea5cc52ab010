"""Lazy modules against PyTorch: before, at and after their first call."""
import copy
import pickle

import pytest

import minitorch
from minitorch import nn
from tests.oracle import check_raises, check_same

LAYERS = [  # make a layer, shape of its input
    (lambda nn: nn.LazyLinear(3), (2, 4)),
    (lambda nn: nn.LazyLinear(3, bias=False), (4,)),
    (lambda nn: nn.LazyConv1d(4, 2, groups=2, padding_mode="circular", padding=1), (2, 4, 5)),
    (lambda nn: nn.LazyConv2d(4, 3, bias=False), (4, 5, 5)),
    (lambda nn: nn.LazyConvTranspose2d(4, 3, 2, output_padding=1), (2, 3, 4, 4)),
    (lambda nn: nn.LazyBatchNorm1d(), (3, 4)),
    (lambda nn: nn.LazyBatchNorm2d(affine=False), (2, 3, 4, 4)),
    (lambda nn: nn.LazyBatchNorm3d(bias=False), (2, 3, 4, 4, 2)),
    (lambda nn: nn.LazyBatchNorm1d(affine=False, track_running_stats=False), (3, 4)),
    (lambda nn: nn.LazyInstanceNorm1d(affine=True), (2, 3, 4)),
    (lambda nn: nn.LazyInstanceNorm2d(track_running_stats=True), (2, 3, 4, 4)),
]


@pytest.mark.parametrize("make, shape", LAYERS, ids=range(len(LAYERS)))
def test_the_first_call(make, shape):
    def run(T):
        T.manual_seed(0)
        layer = make(T.nn)
        before = repr(layer), list(layer.state_dict()), layer.has_uninitialized_params()
        layer.double()
        T.rand(3)
        out = layer(T.rand(shape, dtype=T.float64))
        return before, repr(layer), type(layer).__name__, out, dict(layer.state_dict()), T.rand(1)

    check_same(run)


def test_parameters_stay_the_same_objects():
    layer = nn.LazyLinear(2)
    params = list(layer.parameters())
    layer(minitorch.ones(3))
    assert all(one is two for one, two in zip(params, layer.parameters(), strict=True))
    assert all(type(p) is nn.Parameter for p in params)
    assert type(layer) is nn.Linear


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["copy", "pickle"])
def test_copies(duplicate):
    layer = nn.LazyBatchNorm1d(dtype=minitorch.float64)
    twin = duplicate(layer)
    assert repr(twin) == repr(layer)
    assert twin.weight is not layer.weight and twin.weight.dtype == minitorch.float64
    twin(minitorch.ones(3, 4, dtype=minitorch.float64))
    assert layer.has_uninitialized_params() and type(twin) is nn.BatchNorm1d


def test_loading():
    def run(T):
        T.manual_seed(0)
        known, lazy = T.nn.Linear(2, 3), T.nn.LazyLinear(3)
        keys = lazy.load_state_dict(T.nn.LazyLinear(3).state_dict()), lazy.has_uninitialized_params()
        lazy.load_state_dict(known.state_dict())
        loaded = lazy.has_uninitialized_params(), type(lazy).__name__
        return tuple(keys[0]), keys[1], loaded, lazy(T.ones(2)), repr(lazy), type(lazy).__name__

    check_same(run)


def mixin(T, initialize=None):
    class Scale(T.nn.modules.lazy.LazyModuleMixin, T.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = T.nn.UninitializedParameter()
            self.mean = T.nn.UninitializedBuffer()

        def forward(self, x):
            return x * self.weight + self.mean

    if initialize is not None:
        Scale.initialize_parameters = initialize
    return Scale()


def test_a_lazy_module_of_ones_own():
    calls = []

    def initialize(self, x):
        calls.append(x)
        for tensor in self.weight, self.mean:
            tensor.materialize(x.shape)
        nn.init.ones_(self.weight)
        nn.init.ones_(self.mean)

    module = mixin(minitorch, initialize)
    assert [repr(x) for x in module.state_dict().values()] == ["<UninitializedParameter>", "<UninitializedBuffer>"]
    assert module(minitorch.ones(2)).tolist() == module(minitorch.ones(2)).tolist() == [2, 2]
    assert len(calls) == 1
    assert type(module.mean) is minitorch.Tensor


@pytest.mark.parametrize("call, match", [
    (lambda T: T.nn.LazyLinear(3).weight + 1, "Attempted to use an uninitialized parameter"),
    (lambda T: T.nn.LazyLinear(3).weight.shape, "Can't access the shape of an uninitialized parameter or buffer"),
    (lambda T: T.nn.Linear(2, 3).load_state_dict(T.nn.LazyLinear(3).state_dict()), "Can't access the shape of an unin"),
    (lambda T: T.nn.LazyConv2d(4, 3, groups=2)(T.ones(1, 3, 5, 5)), "in_channels must be divisible by groups"),
    (lambda T: T.nn.LazyConv2d(4, 3)(T.ones(3, 5)), r"3D \(unbatched\) or 4D \(batched\) input to LazyConv2d, but got"),
    (lambda T: mixin(T)(T.ones(2)), "initialize_parameters is not implemented for Scale"),
    (lambda T: mixin(T, lambda self, x: None)(T.ones(2)), "module Scale has not been fully initialized"),
], ids=range(7))
def test_bad_input(call, match):
    check_raises(call, match)


def test_another_size_than_the_loaded_one():
    def run(T):
        layer = T.nn.LazyLinear(3)
        layer.load_state_dict(T.nn.Linear(2, 3).state_dict())
        layer(T.ones(5))

    check_raises(run, "in_features inferred from input: 5 is not equal to in_features from self.weight: 2")
