"""bfloat16 against PyTorch: values, promotion, gradients, modules; and without ml_dtypes. Wide unsigned integers."""
import copy
import pickle
import sys

import pytest

import minitorch
from minitorch import dtypes
from tests.oracle import check_raises, check_same

pytest.importorskip("ml_dtypes")


def vector(T):
    return T.tensor([1.5, 2.25, 3.001], dtype=T.bfloat16)


def matrix(T):
    return T.tensor([[1., 2, 3], [4, 5, 6]], dtype=T.bfloat16)


@pytest.mark.parametrize("call", [
    lambda T, x, y: [x.exp(), x.log(), x.sin(), x.tanh(), x.sigmoid(), x.sqrt(), x.erf(), x.relu(), x / 3, x ** 2],
    lambda T, x, y: [x + x, x + 1, x * 1.5, x > 2, x == x, x // 1, x.clamp(2, 3), T.where(x > 2, x, 0 * x)],
    lambda T, x, y: [y @ y.T, y @ x, T.einsum("ij,kj->ik", y, y), T.addmm(y[:, :2], y, y.T)],
    lambda T, x, y: [y.sum(), y.mean(1), y.max(1).values, y.argmax(), y.var(), y.cumsum(0), x.norm(), y.prod()],
    lambda T, x, y: T.full((3000,), 0.1, dtype=T.bfloat16).sum(),  # a sum that rounds after each step would stick
    lambda T, x, y: [y[0, 1:], x[x > 2], y.t().contiguous(), y.view(3, 2), y.gather(1, T.tensor([[0], [1]]))],
    lambda T, x, y: [T.cat([x, x]), T.stack([x, x]), x.sort(descending=True).values, x.topk(2).indices, y.flip(0)],
    lambda T, x, y: [x + T.ones(3), T.ones(3) + x, x + T.tensor(1.), x + T.ones(3, dtype=T.float16), x + T.arange(3)],
    lambda T, x, y: [T.softmax(x, 0), T.nn.functional.cross_entropy(y, T.tensor([0, 1])), T.nn.functional.gelu(x)],
    lambda T, x, y: [T.nn.functional.conv1d(y[None], T.ones(1, 2, 2, dtype=T.bfloat16)),
                     T.nn.functional.max_pool1d(y[None], 2), T.nn.functional.layer_norm(y, (3,)) * 0],
    lambda T, x, y: [T.arange(3, dtype=T.bfloat16), T.linspace(0, 1, 5, dtype=T.bfloat16), T.zeros_like(x)],
    lambda T, x, y: [x.float(), x.double(), x.int(), T.tensor([True]).to(T.bfloat16), x.view(T.int16), x.tolist()],
    lambda T, x, y: [x.clone().add_(1), x.clone().mul_(T.ones(3) * 1.3), x.clone().fill_(0.1)],
    lambda T, x, y: [str(x), repr(y), str(T.finfo(T.bfloat16)), x.type(), str(x[0]), x[0].item()],
    lambda T, x, y: [x.dtype, x.dtype.itemsize, x.is_floating_point(), T.promote_types(T.bfloat16, T.float16),
                     T.promote_types(T.int8, T.bfloat16), T.promote_types(T.float64, T.bfloat16)],
])
def test_values(call):
    check_same(lambda T: call(T, vector(T), matrix(T)), rtol=0, atol=0)


def test_random_numbers():
    def draws(T):
        T.manual_seed(0)
        return T.rand(5, dtype=T.bfloat16), T.randn(5, dtype=T.bfloat16), T.rand(20, dtype=T.bfloat16)
    check_same(draws)


def test_gradients():
    def gradients(T):
        x, w = vector(T).requires_grad_(), T.ones(3, requires_grad=True)
        y = ((x * w.bfloat16()).exp() * x).sum()
        return T.autograd.grad(y, [x, w], create_graph=True)
    check_same(gradients)


def test_training():
    def trained(T):
        T.manual_seed(0)
        model = T.nn.Sequential(T.nn.Linear(3, 4), T.nn.BatchNorm1d(4), T.nn.ReLU(), T.nn.Linear(4, 1)).bfloat16()
        opt = T.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        for _ in range(2):
            opt.zero_grad()
            model(matrix(T)).square().mean().backward()
            opt.step()
        return [p.detach() for p in model.parameters()], [b for b in model.buffers()]
    check_same(trained, rtol=0.05, atol=0.05)


@pytest.mark.parametrize("name, options", [("SGD", {}), ("AdamW", {}), ("Adam", {"amsgrad": True})])
def test_optimizers_write_into_the_parameter(name, options):
    def stepped(T):
        w = T.tensor([1., -2., 3.], dtype=T.bfloat16, requires_grad=True)
        opt = getattr(T.optim, name)([w], lr=0.1, **options)
        for _ in range(3):
            opt.zero_grad()
            (w * w).sum().backward()
            opt.step()
        return w.detach()
    check_same(stepped, rtol=0.02, atol=0)


def test_the_dtype_is_one_object():
    assert pickle.loads(pickle.dumps(minitorch.bfloat16)) is copy.deepcopy(minitorch.bfloat16) is minitorch.bfloat16
    x = vector(minitorch)
    assert pickle.loads(pickle.dumps(x)).dtype is copy.deepcopy(x).dtype is minitorch.bfloat16
    assert minitorch.from_numpy(x.array.copy()).dtype is minitorch.bfloat16


def test_numpy_has_none():
    check_raises(lambda T: vector(T).numpy(), "Got unsupported ScalarType BFloat16")


def test_without_ml_dtypes(monkeypatch):
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    missing = dtypes._BFloat16()
    assert repr(missing) == "torch.bfloat16" and missing.is_floating_point
    with pytest.raises(ImportError, match="pip install ml_dtypes"):
        missing.numpy


def test_wide_unsigned_integers():
    check_same(lambda T: [T.tensor([1, 2], dtype=d).sum() for d in (T.uint16, T.uint32, T.uint64)])
    check_same(lambda T: [T.tensor([1, 2], dtype=T.uint16) * 2.5, T.zeros(2, dtype=T.uint32), T.iinfo(T.uint64).max,
                          T.promote_types(T.uint16, T.float32), T.promote_types(T.uint16, T.uint16)])
    check_raises(lambda T: T.promote_types(T.uint16, T.int64), "Promotion for uint16, uint32, uint64 types is not")
