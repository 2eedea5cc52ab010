"""The Tensor class against PyTorch: what it is, conversion, operators, in-place writing, copies."""

import copy
import pickle

import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same, import_torch

torch = import_torch()


def test_what_it_is():
    check_same(
        lambda T: [
            (
                x.shape == (2, 3),
                x.size(1),
                x.dim(),
                x.ndim,
                x.numel(),
                x.nelement(),
                x.stride(),
                x.stride(0),
                x.element_size(),
                x.itemsize,
                x.nbytes,
                x.is_contiguous(),
                x.dtype,
                x.device,
                x.is_floating_point(),
                x.is_signed(),
                x.requires_grad,
                x.is_leaf,
                x.type(),
                x.is_cuda,
                x.storage_offset(),
                len(x),
                repr(x.size()),
                x.T.is_contiguous(),
                x.grad is None,
                x.grad_fn is None,
            )
            for x in [T.zeros(2, 3)]
        ]
    )
    check_raises(lambda T: T.zeros(2).size(1), match="Dimension out of range")
    check_raises(lambda T: len(T.zeros(())), match="len.. of a 0-d tensor")


def test_to_python():
    check_same(
        lambda T: [
            T.tensor(1.5).item(),
            T.tensor([[2]]).item(),
            T.tensor(True).item(),
            T.tensor([[1, 2]]).tolist(),
            T.tensor(2).tolist(),
            int(T.tensor(2.7)),
            float(T.tensor(2)),
            bool(T.tensor([0.0])),
            [10, 20, 30][T.tensor(1)],
            f"{T.tensor(1.23456):.2f}",
            f"{T.tensor([1.5])}",
            2 in T.tensor([1, 2]),
            5.0 in T.tensor([1, 2]),
            [x.item() for x in T.tensor([1, 2])],
        ]
    )
    check_raises(lambda T: T.zeros(2).item(), match="a Tensor with 2 elements cannot be converted to Scalar")
    check_raises(lambda T: bool(T.zeros(2)), match="Boolean value of Tensor with more than one value is ambiguous")
    check_raises(lambda T: bool(T.zeros(0)), match="Boolean value of Tensor with no values is ambiguous")
    check_raises(
        lambda T: [1, 2][T.tensor(1.0)], match="only integer tensors of a single element can be converted to an index"
    )
    check_raises(lambda T: iter(T.zeros(())), match="iteration over a 0-d tensor")


def test_numpy():
    x = minitorch.zeros(3)
    x.numpy()[0] = 4
    assert x[0] == 4 and np.asarray(x)[0] == 4 and np.asarray(x, np.int64).dtype == np.int64
    assert isinstance(np.ones(3) + x, minitorch.Tensor) and isinstance(x * np.ones(3), minitorch.Tensor)
    check_same(lambda T: [np.add(T.ones(2).numpy(), 1), np.float64(2) * T.ones(2), T.ones(2) * np.float64(2)])
    check_raises(
        lambda T: T.zeros(2, requires_grad=True).numpy(), match=r"Can't call numpy\(\) on Tensor that requires grad"
    )


def test_casts():
    names = ["float", "double", "half", "int", "long", "short", "byte", "char", "bool"]
    check_same(lambda T: [getattr(T.tensor([0.0, 1.5, 3.0]), name)() for name in names])
    check_same(
        lambda T: [
            T.ones(1).to(T.int64),
            T.ones(1).to("cpu"),
            T.ones(1).to("cpu", T.float64),
            T.ones(1).to(T.ones(1, dtype=T.int32)),
            T.ones(1).to(dtype=T.bool),
            T.ones(1).type(T.int32),
            T.ones(1).type("torch.DoubleTensor"),
            T.ones(1).type_as(T.tensor(1)),
            T.ones(1).type(T.LongTensor),
        ]
    )
    x = minitorch.zeros(2)
    assert (
        x.to(minitorch.float32) is x and x.float() is x and x.cpu() is x and x.to(minitorch.float32, copy=True) is not x
    )
    assert isinstance(x, minitorch.FloatTensor) and not isinstance(x, minitorch.LongTensor)
    check_same(lambda T: [T.FloatTensor([1, 2]), T.LongTensor([1.5]), T.IntTensor(2).shape, T.DoubleTensor([[1]])])
    check_same(
        lambda T: [
            T.promote_types(T.int32, T.float16),
            T.result_type(T.tensor([1]), 2.5),
            T.can_cast(T.float32, T.int64),
            T.finfo(T.float32).eps,
            T.iinfo(T.int16).max,
            T.get_default_dtype(),
            T.float32.itemsize,
            T.int8.is_floating_point,
            repr(T.half),
            T.is_tensor(T.ones(1)),
        ]
    )


def test_default_dtype():
    for T in (torch, minitorch):
        T.set_default_dtype(T.float64)
    try:
        check_same(lambda T: [T.tensor(1.5), T.zeros(1), T.tensor([1]) / 2, T.arange(0, 1, 0.5), repr(T.tensor([1.5]))])
    finally:
        for T in (torch, minitorch):
            T.set_default_dtype(T.float32)
    check_raises(lambda T: T.set_default_dtype(T.int64), match="only floating-point types are supported")


IN_PLACE = {
    "add_": lambda x, y: x.add_(y),
    "add_ alpha": lambda x, y: x.add_(y, alpha=2),
    "sub_": lambda x, y: x.sub_(y),
    "mul_": lambda x, y: x.mul_(y),
    "div_": lambda x, y: x.div_(y),
    "pow_": lambda x, y: x.pow_(2),
    "exp_": lambda x, y: x.exp_(),
    "sigmoid_": lambda x, y: x.sigmoid_(),
    "tanh_": lambda x, y: x.tanh_(),
    "neg_": lambda x, y: x.neg_(),
    "clamp_": lambda x, y: x.clamp_(-1, 1),
    "abs_": lambda x, y: x.abs_(),
    "zero_": lambda x, y: x.zero_(),
    "fill_": lambda x, y: x.fill_(2),
    "copy_": lambda x, y: x.copy_(y),
    "addcmul_": lambda x, y: x.addcmul_(y, y, value=0.5),
    "addcdiv_": lambda x, y: x.addcdiv_(y, y),
    "lerp_": lambda x, y: x.lerp_(y.expand(2, 3), 0.3),
    "masked_fill_": lambda x, y: x.masked_fill_(x.detach() > 0, 0),
    "iadd": lambda x, y: x.__iadd__(y),
    "isub": lambda x, y: x.__isub__(y),
    "imul": lambda x, y: x.__imul__(y),
    "itruediv": lambda x, y: x.__itruediv__(y),
    "ipow": lambda x, y: x.__ipow__(2),
    "square_": lambda x, y: x.square_(),
    "round_": lambda x, y: x.round_(),
    "sqrt_": lambda x, y: x.abs_().sqrt_(),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place(name):
    def run(T, x, y):
        x = x * 2
        out = IN_PLACE[name](x, y)
        assert out is x
        return x * x

    check_op([(2, 3), (3,)], run, low=0.3 if name == "addcdiv_" else -2)


def test_in_place_errors():
    check_raises(
        lambda T: T.ones(2, requires_grad=True).add_(1),
        match="a leaf Variable that requires grad is being used in an in-place operation",
    )
    check_raises(
        lambda T: T.ones(2, requires_grad=True)[0].add_(1),
        match="a view of a leaf Variable that requires grad is being used in an in-place",
    )
    check_raises(
        lambda T: T.ones(2).add_(T.ones(2, 2)),
        match=r"output with shape \[2\] doesn't match the broadcast shape \[2, 2\]",
    )
    check_raises(
        lambda T: T.tensor([1]).add_(1.5), match="result type Float can't be cast to the desired output type Long"
    )
    check_raises(
        lambda T: T.tensor([1]).div_(2), match="result type Float can't be cast to the desired output type Long"
    )
    check_raises(
        lambda T: T.ones(1).expand(3).add_(1),
        match="more than one element of the written-to tensor refers to a single memory location",
    )
    check_same(
        lambda T: [
            T.tensor([1, 2]).add_(1),
            T.tensor([1.0]).add_(T.tensor([1])),
            T.ones(2, dtype=T.float16).mul_(T.tensor(2.0)),
        ]
    )


def test_in_place_rebinding_operators_keep_the_object():
    x = y = minitorch.zeros(2)
    x += 1
    assert x is y and y.tolist() == [1, 1]

    def bits(T):
        a = b = T.tensor([1, 2, 12])
        a &= 14
        a |= 1
        a ^= T.tensor([2, 2, 0])
        a <<= 2
        a >>= 1
        return a, a is b, 1 << T.tensor([1, 2]), 9 >> T.tensor([1, 2])

    check_same(bits)


def test_data_and_detach():
    check_same(
        lambda T: [
            (lambda x: (x.detach().requires_grad, x.detach().is_leaf, x.data.requires_grad))(
                T.ones(2, requires_grad=True) * 2
            )
        ]
    )
    x = minitorch.ones(2, requires_grad=True)
    x.data.mul_(3)
    x.data = x.data + 1
    assert x.tolist() == [4, 4] and x.requires_grad
    x.detach()[0] = 9
    assert x[0] == 9


def test_requires_grad():
    check_raises(lambda T: T.tensor([1]).requires_grad_(), match="only Tensors of floating point")
    check_raises(
        lambda T: (T.ones(2, requires_grad=True) * 2).requires_grad_(False),
        match="you can only change requires_grad flags of leaf variables",
    )
    check_raises(lambda T: setattr(T.ones(2), "grad", T.ones(3)), match="attempting to assign a gradient of size")
    check_raises(lambda T: setattr(T.ones(2), "grad", 1.0))


def test_deepcopy_and_pickle():
    for clone in (copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))):
        x = minitorch.tensor([[1.0, 2.0]], requires_grad=True)
        y = clone(x)
        assert (
            y.requires_grad
            and y.tolist() == x.tolist()
            and not np.shares_memory(x.detach().numpy(), y.detach().numpy())
        )
        assert clone(minitorch.float32) is minitorch.float32 and clone(minitorch.device("cpu")) == minitorch.device(
            "cpu"
        )
        pair = clone([x, x])
        assert pair[0] is pair[1]
    check_raises(
        lambda T: copy.deepcopy(T.ones(1, requires_grad=True) * 2), match="Only Tensors created explicitly by the user"
    )


def test_printing_with_gradients():
    check_same(
        lambda T: [
            repr(T.ones(2, requires_grad=True)),
            repr(T.ones(2, requires_grad=True) * 2),
            str(T.ones(2, dtype=T.float64)),
            repr(T.nn.Parameter(T.ones(2))),
            repr(T.zeros(0, 3)),
            repr(T.tensor(1.0, requires_grad=True).exp()),
        ]
    )


def test_hash_and_sets():
    a, b = minitorch.ones(1), minitorch.ones(1)
    assert len({a, b, a}) == 2 and a in {a: 1} and {a: 1}[a] == 1


def test_attributes_of_users():
    x = minitorch.ones(1)
    x.tag = "mine"
    assert x.tag == "mine"


def test_a_number_on_the_left_comes_second_in_the_graph():
    def edges(T):
        x = T.ones(2, requires_grad=True)
        return [[node is not None for node, _ in (y.grad_fn.next_functions)] for y in (2 * x, 2 + x, x * 2)]
    check_same(edges)
