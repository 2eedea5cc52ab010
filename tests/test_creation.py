"""Making tensors, against PyTorch."""

import pickle

import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, check_same, import_torch

torch = import_torch()


@pytest.mark.parametrize(
    "data",
    [
        1,
        1.5,
        True,
        [1, 2],
        [1.0, 2],
        [[1, 2], [3, 4]],
        [True, False],
        [],
        [[]],
        [[], []],
        (1, 2),
        np.float64(1.5),
        np.int32(3),
        np.arange(3),
        np.ones((2, 2), np.float32),
        np.array(True),
        np.array([1.5]),
        range(3),
        [1, True],
        [2**40],
        float("nan"),
        np.zeros((0, 3), np.int16),
    ],
    ids=repr,
)
def test_tensor(data):
    check_same(lambda T: T.tensor(data))
    check_same(lambda T: [T.tensor(data, dtype=T.float64), T.tensor(data, dtype=T.bool), T.as_tensor(data)])


def test_tensors_in_lists():
    check_same(
        lambda T: [
            T.tensor([T.tensor(1), T.tensor(2)]),
            T.tensor([T.tensor(1.5), 2]),
            T.tensor([[T.tensor(1)], [T.tensor(2)]]),
        ]
    )
    check_same(lambda T: T.tensor(np.float64(3)).dtype)
    assert minitorch.tensor(0.1, dtype=minitorch.float64).item() == 0.1  # not by way of float32


@pytest.mark.parametrize("data", ["a", None, ["a"], [1, [2]], [[1, 2], [3]], {"a": 1}, [None]], ids=repr)
def test_no_tensor(data):
    check_raises(lambda T: T.tensor(data))


def test_tensor_copies_and_from_numpy_shares():
    array = np.zeros(3)
    shared, copied, same = minitorch.from_numpy(array), minitorch.tensor(array), minitorch.as_tensor(array)
    array[0] = 5
    assert shared[0] == 5 and copied[0] == 0 and same[0] == 5
    shared[1] = 7
    assert array[1] == 7 and np.shares_memory(shared.numpy(), array)
    check_raises(lambda T: T.from_numpy([1, 2]), match="expected np.ndarray")
    check_raises(lambda T: T.from_numpy(np.zeros(3)[::-1]), match="stride")
    check_raises(lambda T: T.from_numpy(np.array(["a"])), match="can't convert np.ndarray")
    check_raises(lambda T: T.from_numpy(np.zeros(2, ">f4")))


@pytest.mark.parametrize("make", [minitorch.tensor, minitorch.as_tensor, minitorch.from_numpy,
                                  lambda array: pickle.loads(pickle.dumps(minitorch.tensor(array)))])
def test_numpys_dtype_objects_become_one(make):
    float32 = np.dtype(np.float32)
    array = np.ones(2, float32.newbyteorder("="))  # as pickle makes it: equal, but not the same
    assert array.dtype is not float32
    assert make(array).array.dtype is float32


def test_filled():
    check_same(
        lambda T: [
            T.zeros(2, 3),
            T.zeros((2, 3)),
            T.zeros([2]),
            T.zeros(T.Size([1, 2])),
            T.zeros(()),
            T.zeros(0),
            T.ones(2, dtype=T.int64),
        ]
    )
    check_same(
        lambda T: [
            T.full((2,), 3),
            T.full((2,), 3.0),
            T.full((), True),
            T.full((2,), 1, dtype=T.float64),
            T.eye(3),
            T.eye(2, 3),
            T.eye(0),
        ]
    )
    x = [[1, 2], [3, 4]]
    check_same(
        lambda T: [
            T.zeros_like(T.tensor(x)),
            T.ones_like(T.tensor(x), dtype=T.float32),
            T.full_like(T.tensor(x), 2),
            T.empty_like(T.tensor(x)).shape,
        ]
    )
    check_same(
        lambda T: [
            T.tensor(x).new_zeros(2),
            T.tensor(x).new_ones(2, 3),
            T.tensor(x).new_full((2,), 3),
            T.tensor(x).new_tensor([1.5]),
            T.tensor(x).new_empty(2).dtype,
        ]
    )
    check_same(
        lambda T: [
            T.zeros(2, requires_grad=True).requires_grad,
            T.empty(2, 3).shape == (2, 3),
            T.Tensor(2, 3).shape,
            T.Tensor([1, 2]),
            T.Tensor().shape,
        ]
    )
    check_same(lambda T: [T.zeros(2, out=T.ones(2)), T.arange(3, out=T.zeros(3, dtype=T.int64))])
    check_raises(lambda T: T.zeros(-1), match="negative")
    check_raises(
        lambda T: T.zeros(2, dtype=T.int64, requires_grad=True), match="Only Tensors|only Tensors|floating point"
    )


@pytest.mark.parametrize(
    "args",
    [
        (5,),
        (1, 5),
        (1, 2, 0.3),
        (5, 0, -2),
        (0.0, 1.0, 0.1),
        (2.5,),
        (0,),
        (3, 3),
        (-1, 1, 0.25),
        (0, 1, 1 / 3),
        (1, 6, 2),
    ],
)
def test_arange(args):
    check_same(lambda T: T.arange(*args))
    check_same(lambda T: [T.arange(*args, dtype=T.float64), T.arange(*args, dtype=T.int32)])


@pytest.mark.parametrize(
    "args", [(0, 1, 5), (-3, 10, 7), (0, 1, 1), (0, 1, 0), (1, 1, 3), (0, 10, 4), (3, -3, 50), (-np.pi, np.pi, 2000)]
)
def test_linspace(args):
    check_same(lambda T: T.linspace(*args, dtype=T.float64))
    assert np.array_equal(torch.linspace(*args).numpy(), minitorch.linspace(*args).numpy())


def test_counting_errors():
    check_raises(
        lambda T: T.arange(0, 5, -1), match="upper bound and lower bound inconsistent|inconsistent with step sign"
    )
    check_raises(lambda T: T.arange(0, 5, 0), match="step must be nonzero")
    check_raises(lambda T: T.linspace(0, 1, -1), match="number of steps must be non-negative")


def test_indices_and_ranges():
    check_same(
        lambda T: [
            T.tril_indices(3, 3),
            T.triu_indices(3, 4, 1),
            T.logspace(0, 2, 3, dtype=T.float64),
            T.scalar_tensor(2),
        ]
    )


def test_random_tensors():
    for T in (torch, minitorch):
        T.manual_seed(3)
    check_same(
        lambda T: [
            T.rand(3),
            T.rand(2, 2, dtype=T.float64),
            T.randint(10, (5,)),
            T.randint(-3, 3, (2, 2)),
            T.randperm(7),
            T.rand_like(T.zeros(2, 2)),
            T.randint_like(T.zeros(3), 5),
            T.randperm(0),
            T.rand(0),
        ]
    )
    for size in ((5,), (4, 4), (3, 7)):
        assert np.allclose(torch.randn(size).numpy(), minitorch.randn(size).numpy(), rtol=1e-6, atol=1e-6)
    check_same(lambda T: T.rand(2, generator=T.Generator().manual_seed(5)))
    check_same(lambda T: (T.manual_seed(1).initial_seed(), T.initial_seed()))


def test_random_state():
    state = minitorch.get_rng_state()
    first = minitorch.rand(3)
    minitorch.set_rng_state(state)
    assert minitorch.equal(first, minitorch.rand(3))
    torch.manual_seed(9)
    minitorch.set_rng_state(minitorch.from_numpy(torch.get_rng_state().numpy()))
    assert minitorch.rand(2).tolist() == torch.rand(2).tolist()


def test_devices():
    assert minitorch.zeros(1, device="cpu").device == minitorch.device("cpu")
    check_same(
        lambda T: [
            repr(T.device("cpu")),
            str(T.device("cuda", 1)),
            T.device("cuda:0") == T.device("cuda", 0),
            T.zeros(1).device,
        ]
    )
    check_raises(lambda T: T.device("foo"), match="device type at start of device string")
    x = minitorch.zeros(1)
    for make in (minitorch.zeros, x.new_zeros, x.new_tensor, minitorch.scalar_tensor,
                 lambda n, device: minitorch.tril_indices(n, n, device=device)):
        with pytest.raises(RuntimeError, match="not available"):
            make(1, device="cuda")
