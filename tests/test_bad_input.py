"""Mistakes that people make: each raises PyTorch's exception type, with a message that says what does not fit.

A row is (a call, words that both libraries' messages contain); `T` is the library.
"""
import numpy as np
import pytest

import minitorch
from minitorch.nn import functional as F

from .oracle import check_raises, check_same


def rows(*table):
    return pytest.mark.parametrize("call, match", table, ids=[f"{n}-{row[1][:40]}" for n, row in enumerate(table)])


@rows(
    (lambda T: T.zeros(2, 3) @ T.zeros(2, 3), r"mat1 and mat2 shapes cannot be multiplied \(2x3 and 2x3\)"),
    (lambda T: T.zeros(2, 3) @ T.zeros(2), "size mismatch"),
    (lambda T: T.zeros(2, 3) @ T.tensor(1.), "at least 1D"),
    (lambda T: T.zeros(2, 3, 4) @ T.zeros(2, 3, 4), "Expected size for first two dimensions"),
    (lambda T: T.mm(T.zeros(3), T.zeros(3, 1)), "must be a matrix"),
    (lambda T: T.zeros(3).dot(T.zeros(4)), "inconsistent tensor size"),
    (lambda T: T.zeros(2, 3) @ T.zeros(3, 2).double(), "same dtype"),
    (lambda T: T.addmm(T.zeros(2).double(), T.zeros(2, 3), T.zeros(3, 2)), "must have the same dtype"),
    (lambda T: T.zeros(2, 3) + T.zeros(2, 2), "must match the size of tensor b"),
    (lambda T: T.zeros(2, 3).mul_(T.zeros(4, 2, 3)), "doesn't match the broadcast shape"),
    (lambda T: T.zeros(2, dtype=T.int64).div_(2), "can't be cast"),
    (lambda T: T.zeros(2).bool() - T.zeros(2).bool(), "Subtraction"),
    (lambda T: -T.zeros(2).bool(), "Negation"),
)
def test_arithmetic(call, match):
    check_raises(call, match)


@rows(
    (lambda T: T.nn.functional.linear([1.0], T.zeros(2, 1)), r"linear\(\): argument 'input' .* not list"),
    (lambda T: T.nn.Linear(1, 1)([1.0]), "must be Tensor, not list"),
    (lambda T: T.nn.Linear(1, 1)(np.ones((1, 1), np.float32)), "must be Tensor, not (numpy.)?ndarray"),
    (lambda T: T.nn.Linear(1, 1)(None), "must be Tensor, not NoneType"),
    (lambda T: T.relu([1.0]), "must be Tensor, not list"),
    (lambda T: T.exp("a"), "must be Tensor, not str"),
    (lambda T: T.sqrt(2.0), "must be Tensor, not float"),
    (lambda T: T.matmul(T.zeros(1), [1.0]), r"matmul\(\): argument 'other' \(position 2\) must be Tensor, not list"),
    (lambda T: T.nn.functional.cross_entropy(T.zeros(1, 2), [1]), "'target' .* must be Tensor, not list"),
    (lambda T: T.nn.Embedding(3, 2)([1]), r"embedding\(\): argument"),
    (lambda T: T.nn.functional.max_pool2d([1.0], 2), "max_pool2d"),
    (lambda T: T.nn.functional.conv2d([1.0], T.zeros(1, 1, 1, 1)), "conv2d"),
    (lambda T: T.nn.Dropout()([1.0]), "must be Tensor, not list"),
    (lambda T: T.cat([T.zeros(1), 2]), "expected Tensor as element 1 in argument 0, but got int"),
    (lambda T: T.stack([1, 2]), "expected Tensor as element 0 in argument 0, but got int"),
    (lambda T: T.cat(T.zeros(2, 2)), r"cat\(\): argument 'tensors' .* must be tuple of Tensors, not Tensor"),
    (lambda T: T.stack(5), r"stack\(\): argument 'tensors' \(position 1\) must be tuple of Tensors, not int"),
    (lambda T: T.maximum(T.zeros(2), [1, 2]), "must be Tensor, not list"),
    (lambda T: T.eq(T.zeros(2), "a"), "eq"),
    (lambda T: T.zeros(2) + "a", "unsupported operand"),
    (lambda T: T.zeros(2) + [1.0, 2.0], "unsupported operand"),
    (lambda T: T.zeros(2) < "a", "not supported between instances"),
    (lambda T: T.zeros(2) < None, "not supported between instances"),
    (lambda T: T.zeros(2, 2) @ [1.0, 1.0], "unsupported operand"),
    (lambda T: T.from_numpy([1.0]), r"expected np.ndarray \(got list\)"),
    (lambda T: T.zeros(2).copy_([1.0, 2.0]), "copy_"),
    (lambda T: "a" in T.zeros(2), "only supports Tensor or scalar"),
)
def test_what_is_no_tensor(call, match):
    check_raises(call, match)


@rows(
    (lambda T: T.zeros(2, 3) & T.zeros(2, 3), "not implemented for 'Float'"),
    (lambda T: T.zeros(2).bool() | T.zeros(2), "not implemented for 'Float'"),
    (lambda T: T.zeros(2) ^ True, "not implemented for 'Float'"),
    (lambda T: ~T.zeros(2), "only implemented on integer and Boolean"),
    (lambda T: T.lerp(T.zeros(2), T.zeros(2).double(), 0.5), "expected dtype float for `end` but got dtype double"),
    (lambda T: T.arange(3).mean(), "could not infer output dtype"),
    (lambda T: T.arange(3).softmax(0), "not implemented for 'Long'"),
    (lambda T: T.nn.BatchNorm1d(3)(T.zeros(2, 3).long()), "not implemented for 'Long'"),
    (lambda T: T.nn.Linear(3, 1)(T.zeros(2, 3).long()), "same dtype"),
    (lambda T: T.nn.Linear(3, 1)(T.zeros(2, 3).double()), "same dtype"),
    (lambda T: T.nn.Conv2d(1, 1, 1)(T.zeros(1, 1, 2, 2).double()), "should be the same"),
    (lambda T: T.nn.Embedding(3, 2)(T.zeros(2)), "scalar types: Long, Int"),
    (lambda T: T.nn.functional.one_hot(T.zeros(2)), "LongTensor"),
    (lambda T: T.tensor([1, 2], requires_grad=True), "floating point"),
    (lambda T: T.arange(3).requires_grad_(), "floating point"),
    (lambda T: T.zeros(2, dtype="float32"), "dtype"),
)
def test_dtypes(call, match):
    check_raises(call, match)


@rows(
    (lambda T: T.tensor([[1, 2], [3]]), r"expected sequence of length 2 at dim 1 \(got 1\)"),
    (lambda T: T.tensor("a"), "invalid data type 'str'"),
    (lambda T: T.tensor(["a"]), "too many dimensions 'str'"),
    (lambda T: T.tensor([None]), "Could not infer dtype of NoneType"),
    (lambda T: T.from_numpy(np.zeros(3)[::-1]), "negative"),
    (lambda T: T.zeros(-1), "imension"),
    (lambda T: T.zeros(2.5), "float"),
    (lambda T: T.zeros("a"), "str"),
    (lambda T: T.arange(0, 3, 0), "step must be nonzero"),
    (lambda T: T.arange(3, 0), "inconsistent with step sign"),
    (lambda T: T.linspace(0, 1, -1), "non-negative"),
    (lambda T: T.eye(-1), "greater or equal to 0"),
    (lambda T: T.zeros(2, device="gpu"), "device type at start of device string: gpu"),
    (lambda T: T.device("cpu:x"), "Invalid device string"),
)
def test_creation(call, match):
    check_raises(call, match)


@rows(
    (lambda T: T.zeros(2, 3).view(4, 2), r"shape '\[4, 2\]' is invalid for input of size 6"),
    (lambda T: T.zeros(2, 3).reshape(-1, 4), "is invalid for input of size 6"),
    (lambda T: T.zeros(2, 3).view(-1, -1), "only one dimension can be inferred"),
    (lambda T: T.zeros(2, 3).view(-2, 3), "invalid shape dimension -2"),
    (lambda T: T.zeros(0, 3).view(-1, 0), "ambiguous"),
    (lambda T: T.zeros(2, 3).view(1.5, 4), "float"),
    (lambda T: T.zeros(2, 3).t().view(6), "view size is not compatible"),
    (lambda T: T.zeros(2, 3).expand(2, 4), "must match the existing size"),
    (lambda T: T.zeros(2, 3).permute(0, 0), "dim"),
    (lambda T: T.zeros(2, 3).transpose(0, 2), "Dimension out of range"),
    (lambda T: T.zeros(2, 3).sum(2), "Dimension out of range"),
    (lambda T: T.zeros(2, 3).sum(1.5), "float"),
    (lambda T: T.zeros(2, 3).sum((0, 0)), "appears multiple times"),
    (lambda T: T.zeros(0).max(), "max"),
    (lambda T: T.zeros(0).argmax(), "argmax"),
    (lambda T: T.cat([]), "non-empty list"),
    (lambda T: T.stack([]), "non-empty TensorList"),
    (lambda T: T.cat([T.zeros(2, 3), T.zeros(3, 2)]), "Sizes of tensors must match except in dimension 0"),
    (lambda T: T.cat([T.tensor(1.0)]), "zero-dimensional"),
    (lambda T: T.stack([T.zeros(2), T.zeros(3)]), "stack expects each tensor to be equal size"),
    (lambda T: T.zeros(4).split(-1), "-1"),
    (lambda T: T.zeros(4).chunk(0), "chunks"),
    (lambda T: T.zeros(3).topk(4), "selected index k out of range"),
)
def test_shapes(call, match):
    check_raises(call, match)


@rows(
    (lambda T: T.zeros(2, 3)[2], "index 2 is out of bounds for dimension 0 with size 2"),
    (lambda T: T.zeros(2, 3)[0, -4], "out of bounds"),
    (lambda T: T.zeros(2, 3)[0, 0, 0], "too many indices for tensor of dimension 2"),
    (lambda T: T.zeros(2, 3)[T.tensor([0, 2])], "out of bounds"),
    (lambda T: T.zeros(2, 3)[T.tensor([0.0])], "must be long, int, byte or bool"),
    (lambda T: T.zeros(2, 3)[T.tensor([True])], "does not match the shape"),
    (lambda T: T.zeros(2, 3)[T.tensor([0, 1]), T.tensor([0, 1, 2])], "could not be broadcast"),
    (lambda T: T.zeros(2, 3)[1.5], "only integers, slices"),
    (lambda T: T.zeros(2, 3)[{}], "only integers, slices"),
    (lambda T: T.zeros(2, 3)[::-1], "step must be greater than zero"),
    (lambda T: T.zeros(2, 3).__setitem__(2, 0.0), "out of bounds"),
    (lambda T: T.zeros(2, 3).__setitem__(0, T.zeros(2)), "expand"),
    (lambda T: T.zeros(2, 3).__setitem__(T.tensor([5]), 0.0), "out of bounds"),
    (lambda T: T.zeros(2, 3).gather(1, T.tensor([[3]])), "out of bounds"),
    (lambda T: T.zeros(2, 3).scatter(1, T.tensor([[-4]]), 1.0), "out of bounds"),
    (lambda T: T.zeros(2, 3).index_select(0, T.tensor([2])), "out of range"),
    (lambda T: T.zeros(2, 3).index_select(0, T.tensor([0.0])), "int32 or int64"),
    (lambda T: T.zeros(3).take(T.tensor([3])), "index"),
    (lambda T: T.zeros(2, 3).masked_fill(T.zeros(2, 3), 1.0), "bool"),
    (lambda T: T.zeros(2, 3).narrow(1, 2, 2), "exceeds dimension size"),
    (lambda T: T.zeros(2, 3).item(), "cannot be converted to Scalar"),
    (lambda T: bool(T.zeros(2)), "ambiguous"),
    (lambda T: len(T.tensor(1.0)), "0-d tensor"),
    (lambda T: list(T.tensor(1.0)), "0-d tensor"),
)
def test_indexing(call, match):
    check_raises(call, match)


@rows(
    (lambda T: T.nn.Linear(3, 1)(T.zeros(2, 4)), r"mat1 and mat2 shapes cannot be multiplied \(2x4 and 3x1\)"),
    (lambda T: T.nn.Linear(3, 1)(T.tensor(1.0)), "both arguments to linear need to be at least 1D"),
    (lambda T: T.nn.Conv2d(3, 4, 3)(T.zeros(1, 1, 8, 8)), "to have 3 channels, but got 1 channels instead"),
    (lambda T: T.nn.Conv2d(3, 4, 3)(T.zeros(8, 8)), "Expected 3D .unbatched. or 4D .batched. input"),
    (lambda T: T.nn.Conv2d(3, 4, 3)(T.zeros(1, 3, 2, 2)), "Kernel size can't be greater than actual input size"),
    (lambda T: T.nn.Conv2d(3, 4, 3, groups=2), "in_channels must be divisible by groups"),
    (lambda T: T.nn.functional.conv2d(T.zeros(1, 1, 3, 3), T.zeros(1, 1, 1, 1), stride=0), "non-positive stride"),
    (lambda T: T.nn.functional.conv2d(T.zeros(1, 1, 3, 3), T.zeros(1, 1, 1, 1), padding=-1), "negative padding"),
    (lambda T: T.nn.functional.conv2d(T.zeros(1, 1, 3, 3), T.zeros(1, 1, 1, 1), T.zeros(2)), "expected bias to be"),
    (lambda T: T.nn.functional.max_pool2d(T.zeros(1, 1, 2, 2), 3), "Output size is too small"),
    (lambda T: T.nn.functional.max_pool2d(T.zeros(1, 1, 4, 4), 0), "zero"),
    (lambda T: T.nn.functional.max_pool2d(T.zeros(1, 1, 4, 4), 2, padding=2), "at most half"),
    (lambda T: T.nn.functional.avg_pool2d(T.zeros(1, 1, 4, 4), 2, divisor_override=0), "not zero"),
    (lambda T: T.nn.functional.max_pool2d(T.zeros(1, 1, 0, 4), 2), "Expected 3D or 4D"),
    (lambda T: T.nn.functional.adaptive_avg_pool2d(T.zeros(2, 3, 4, 4, 4), 2), "Expected 3D or 4D"),
    (lambda T: T.nn.BatchNorm2d(3)(T.zeros(2, 3)), r"expected 4D input \(got 2D input\)"),
    (lambda T: T.nn.BatchNorm1d(3)(T.zeros(1, 3)), "more than 1 value per channel"),
    (lambda T: T.nn.BatchNorm1d(3)(T.zeros(2, 4)), "running_mean should contain 4 elements not 3"),
    (lambda T: T.nn.LayerNorm(3)(T.zeros(2, 4)), "normalized_shape"),
    (lambda T: T.nn.Dropout(1.5), "dropout probability has to be between 0 and 1"),
    (lambda T: T.nn.Embedding(3, 2)(T.tensor([3])), "index out of range in self"),
    (lambda T: T.nn.Embedding(3, 2)(T.tensor([-1])), "index out of range in self"),
    (lambda T: T.nn.functional.embedding(T.tensor([0]), T.zeros(3)), "'weight' must be 2-D"),
    (lambda T: T.nn.Sequential(3), "int is not a Module subclass"),
    (lambda T: T.nn.Linear(3, 1).load_state_dict({}), "Missing key"),
    (lambda T: T.nn.Linear(3, 1).load_state_dict(T.nn.Linear(2, 1).state_dict()), "size mismatch for weight"),
    (lambda T: T.nn.Linear(3, 1).load_state_dict([1]), "Expected state_dict to be dict-like"),
)
def test_layers(call, match):
    check_raises(call, match)


@rows(
    (lambda T: T.nn.functional.cross_entropy(T.zeros(2, 3), T.tensor([0])), "to match target batch_size"),
    (lambda T: T.nn.functional.cross_entropy(T.zeros(2, 3), T.tensor([0, 3])), "Target 3 is out of bounds"),
    (lambda T: T.nn.functional.cross_entropy(T.zeros(2, 3), T.tensor([0, -1])), "Target -1 is out of bounds"),
    (lambda T: T.nn.functional.cross_entropy(T.zeros(2, 3), T.zeros(2)), "expected target dtype|scalar type"),
    (lambda T: T.nn.functional.cross_entropy(T.zeros(2, 3), T.zeros(2, 1).long()), "multi-target not supported"),
    (lambda T: T.nn.functional.cross_entropy(T.zeros(2, 3), T.tensor([0, 1]), T.zeros(2)), "weight tensor"),
    (lambda T: T.nn.functional.nll_loss(T.zeros(2, 3), T.tensor([0, 7])), "out of bounds"),
    (lambda T: T.nn.functional.mse_loss(T.zeros(2), T.zeros(2), reduction="all"), "not a valid value for reduction"),
    (lambda T: T.nn.functional.binary_cross_entropy(T.zeros(2), T.zeros(3)), "different"),
    (lambda T: T.nn.functional.binary_cross_entropy(T.ones(2) * 2, T.zeros(2)), "between 0 and 1"),
    (lambda T: T.nn.functional.binary_cross_entropy_with_logits(T.zeros(2), T.zeros(3)), "must be the same as input"),
    (lambda T: T.nn.functional.cross_entropy(T.zeros(2, 3), T.tensor([0, 1]), label_smoothing=2.0), "label_smoothing"),
)
def test_losses(call, match):
    check_raises(call, match)


def twice(T):
    loss = T.ones(2, requires_grad=True).exp().sum()
    loss.backward()
    loss.backward()


@rows(
    (lambda T: T.zeros(2).sum().backward(), "does not require grad"),
    (lambda T: T.zeros(2, requires_grad=True).exp().backward(), "can be implicitly created only for scalar outputs"),
    (lambda T: T.zeros(2, requires_grad=True).exp().backward(T.zeros(3)), "Mismatch in shape"),
    (twice, "backward through the graph a second time"),
    (lambda T: T.zeros(2, requires_grad=True).add_(1), "leaf Variable that requires grad"),
    (lambda T: T.zeros(2, requires_grad=True).numpy(), "Can't call numpy"),
    (lambda T: setattr(T.zeros(2), "grad", T.zeros(3)), "same size"),
    (lambda T: T.optim.SGD([], lr=0.1), "optimizer got an empty parameter list"),
    (lambda T: T.optim.SGD(T.zeros(2), lr=0.1), "iterable"),
    (lambda T: T.optim.SGD([1.0], lr=0.1), "optimizer can only optimize Tensors"),
    (lambda T: T.optim.SGD([T.zeros(2, requires_grad=True).exp()], lr=0.1), "can't optimize a non-leaf Tensor"),
    (lambda T: T.optim.SGD([T.zeros(2)], lr=-1.0), "Invalid learning rate"),
    (lambda T: T.optim.Adam([T.zeros(2)], betas=(1.0, 0.9)), "Invalid beta parameter"),
    (lambda T: T.utils.data.DataLoader([1], batch_size=0), "batch_size"),
    (lambda T: T.utils.data.DataLoader([1], batch_size=2, num_workers=-1), "num_workers"),
    (lambda T: T.utils.data.DataLoader([1], shuffle=True, sampler=[0]), "mutually exclusive"),
    (lambda T: next(iter(T.utils.data.DataLoader([object()]))), "default_collate"),
    (lambda T: next(iter(T.utils.data.DataLoader([[1], [1, 2]], batch_size=2))), "equal size"),
    (lambda T: T.utils.data.TensorDataset(T.zeros(2), T.zeros(3)), "Size mismatch"),
    (lambda T: T.utils.data.random_split([1, 2, 3], [1, 1]), "does not equal the length"),
)
def test_training(call, match):
    check_raises(call, match)


@rows(
    (lambda T: T.linalg.inv(T.zeros(2, 2)), "singular"),
    (lambda T: T.linalg.inv(T.zeros(2, 3)), "must be batches of square matrices"),
    (lambda T: T.linalg.inv(T.eye(2).long()), "floating point"),
    (lambda T: T.linalg.solve(T.eye(2), T.zeros(3)), "Incompatible shapes"),
    (lambda T: T.linalg.cholesky(-T.eye(2)), "not positive-definite"),
    (lambda T: T.linalg.svd(T.eye(2) * float("nan")), "failed to converge"),
    (lambda T: T.linalg.cross(T.zeros(3), T.zeros(3).double()), "expected scalar type Float but found Double"),
    (lambda T: T.tensordot(T.zeros(2, 3), T.zeros(2, 3), -1), "dims >= 0"),
    (lambda T: T.lu_unpack(T.eye(2), T.tensor([9, 9], dtype=T.int32)), "between 1 and LU.size"),
    (lambda T: T.linalg.lu_solve(T.eye(2), T.tensor([0, 1], dtype=T.int32), T.zeros(2, 1)), "lu_factor"),
    (lambda T: T.linalg.ldl_solve(T.eye(2), T.tensor([-9, -9], dtype=T.int32), T.zeros(2, 1)), "ldl_factor"),
    (lambda T: T.fft.irfft(T.zeros(3), n=0), "Invalid number of data points"),
    (lambda T: T.fft.irfft(T.zeros(3), n=2.5), "must be int, not float"),
    (lambda T: T.fft.irfft([1.0]), "argument 'input' .position 1. must be Tensor, not list"),
    (lambda T: T.fft.fftfreq(-1), "negative dimension"),
    (lambda T: T.hann_window(2.5), "must be int, not float"),
    (lambda T: T.signal.windows.gaussian(3, std=0), "must be positive"),
    (lambda T: T.polygamma(1.5, T.zeros(2)), "must be int, not float"),
)
def test_mathematics(call, match):
    check_raises(call, match)


@rows(
    (lambda T: T.zeros(3).index_copy(0, T.tensor([-1]), T.ones(1)), "out of bounds"),
    (lambda T: T.zeros(3).index_reduce(0, T.tensor([3]), T.ones(1), "prod"), "out of range"),
    (lambda T: T.zeros(3).index_add(0, T.tensor([3]), T.ones(1)), "out of range"),
    (lambda T: T.zeros(3).index_fill(0, T.tensor([-4]), 1), "out of bounds"),
    (lambda T: T.zeros(3).put(T.tensor([3]), T.ones(1)), "out of range"),
    (lambda T: T.zeros(3).scatter_reduce(0, T.tensor([3]), T.ones(1), "sum"), "out of bounds"),
    (lambda T: T.take_along_dim(T.zeros(3, 2), T.tensor([1]), 0), "same number of dimensions"),
    (lambda T: T.bincount(T.tensor([1]), minlength=-1), "minlength should be >= 0"),
    (lambda T: T.quantile(T.zeros(3), 1.5), r"in the range \[0, 1\]"),
    (lambda T: T.histc(T.tensor([float("inf")])), "is not finite"),
    (lambda T: T.histogram(T.zeros(3), T.zeros(2, 2)), "bins"),
    (lambda T: T.histogram(T.zeros(3), 3, range=(0.0,)), "should have 2 elements"),
    (lambda T: T.multinomial(T.ones(3), 4), "cannot sample"),
    (lambda T: T.poisson(T.tensor([-1.0])), "non-negative"),
    (lambda T: T.as_strided(T.zeros(3), (2,), (5,)), "out of bounds for storage"),
    (lambda T: T.zeros(2).resize_(-1), "overflow|must not be negative"),
)
def test_positions_and_statistics(call, match):
    check_raises(call, match)


def unpool(T, indices, **options):
    return T.nn.functional.max_unpool2d(T.zeros(1, 1, 2, 2), T.tensor(indices).view(1, 1, 2, 2), 2, **options)


@rows(
    (lambda T: unpool(T, [0, 1, 2, 16]), "invalid max index"),
    (lambda T: unpool(T, [0, 1, 2, -1]), "invalid max index"),
    (lambda T: unpool(T, [0.0, 1.0, 2.0, 3.0]), "int64"),
    (lambda T: unpool(T, [0, 1, 2, 3], output_size=(9, 9)), "invalid output_size"),
    (lambda T: T.nn.functional.max_unpool2d(T.zeros(1, 0, 2, 2), T.zeros(1, 0, 2, 2).long(), 2), "non-zero size"),
    (lambda T: T.nn.functional.interpolate(T.zeros(1, 1, 4), scale_factor=float("nan")), "cannot be converted|finite"),
    (lambda T: T.nn.functional.interpolate(T.zeros(1, 1, 4), size=-1), "greater than 0"),
    (lambda T: T.nn.functional.grid_sample(T.zeros(1, 1, 2, 2), T.zeros(2, 1, 1, 2), align_corners=False),
     "same batch size"),
    (lambda T: T.nn.functional.unfold(T.zeros(1, 1, 4, 4), 5), "sliding blocks"),
    (lambda T: T.nn.functional.fold(T.zeros(1, 4, 8), 4, 2), "sliding blocks"),
    (lambda T: T.pixel_shuffle(T.zeros(3, 2, 2), 2), "divisible by the square"),
    (lambda T: T.nn.functional.embedding_bag(T.tensor([0, 3]), T.ones(3, 2), T.tensor([0])),
     "not in the valid range"),
    (lambda T: T.nn.functional.embedding_bag(T.tensor([0, 1]), T.ones(3, 2), T.tensor([0, -1])),
     "out of range|must not decrease"),
    (lambda T: T.nn.functional.ctc_loss(T.zeros(3, 1, 4), T.tensor([1, 2]), (4,), (2,)), "at most 3"),
    (lambda T: T.nn.functional.ctc_loss(T.zeros(3, 1, 4), T.tensor([1, 2]), (3,), (2,), blank=4), "label range"),
    (lambda T: T.nn.functional.ctc_loss(T.zeros(4), T.tensor([1, 2]), (3,), (2,)), "dimension"),
    (lambda T: T.nn.LSTM(3, 4)(T.zeros(5, 2, 4)), "input.size"),
    (lambda T: T.nn.LSTMCell(3, 4)(T.zeros(2, 3), T.zeros(2, 4)), "'hx' .* must be tuple of Tensors, not Tensor"),
    (lambda T: T.gru_cell(T.zeros(2, 3), T.zeros(2, 4), T.zeros(11, 3), T.zeros(12, 4)), "weight_ih first dim"),
    (lambda T: T.nn.MultiheadAttention(5, 2), "embed_dim must be divisible by num_heads"),
    (lambda T: T.nn.utils.rnn.pack_padded_sequence(T.zeros(5, 2, 3), [3, 5]), "sorted in decreasing order"),
    (lambda T: T.utils.checkpoint.checkpoint(T.exp, T.zeros(2), use_reentrant=False, determinism_check="all"),
     "determinism_check should be one of"),
    (lambda T: T.func.vmap(T.exp)(T.tensor(1.0)), "in_dims"),
    (lambda T: T.func.grad(T.exp)(T.zeros(2)), "scalar"),
    (lambda T: T.distributions.Normal(0.0, -1.0), "to satisfy the constraint"),
    (lambda T: T.distributions.Bernoulli(), "Either `probs` or `logits`"),
    (lambda T: T.distributions.TransformedDistribution(T.distributions.Normal(0.0, 1.0), 3), "Transform or list"),
)
def test_later_layers(call, match):
    check_raises(call, match)


@pytest.mark.parametrize("call", [
    lambda T: T.zeros(0, 3) @ T.zeros(3, 2),
    lambda T: T.zeros(2, 0) @ T.zeros(0, 2),
    lambda T: T.nn.functional.conv2d(T.zeros(0, 3, 8, 8), T.zeros(4, 3, 3, 3)),
    lambda T: T.nn.functional.max_pool2d(T.zeros(0, 3, 8, 8), 2),
    lambda T: T.nn.functional.max_pool2d(T.tensor([[[1.0, float("nan")], [3.0, 2.0]]]), 2, return_indices=True),
    lambda T: T.nn.functional.linear(T.zeros(0, 3), T.zeros(2, 3), T.zeros(2)),
    lambda T: T.nn.functional.cross_entropy(T.zeros(0, 3), T.zeros(0, dtype=T.int64)),
    lambda T: T.nn.functional.embedding(T.zeros(0, dtype=T.int64), T.zeros(3, 2)),
    lambda T: [T.zeros(0).sum(), T.zeros(0).mean(), T.zeros(0).prod()],
    lambda T: T.cat([T.zeros(0), T.zeros(2, 3)]),
    lambda T: T.where(T.tensor([False, True, True])),
    lambda T: T.zeros(3).copy_(1.5),
    lambda T: T.allclose(T.tensor([True]), T.tensor([True])),
    lambda T: [T.zeros(2) == "a", T.zeros(2) == None],  # noqa: E711
    lambda T: T.linalg.ldl_solve(T.eye(2), T.tensor([-2, -2], dtype=T.int32), T.ones(2, 1)),
    lambda T: [T.fft.fftfreq(3, 0.0), T.fft.rfftfreq(0)],
    lambda T: T.special.legendre_polynomial_p(T.tensor(0.5), T.tensor([float("inf"), float("nan"), -1.0, 1e5])),
    lambda T: T.diff(T.zeros(3), n=10**9),
    lambda T: [T.func.jacrev(T.exp)(T.zeros(0)), T.func.jacfwd(T.exp)(T.zeros(0))],
    lambda T: T.mvlgamma(T.ones(2), 10**6),
    lambda T: T.nn.functional.grid_sample(T.ones(1, 1, 2, 2), T.full((1, 1, 1, 2), float("nan")), align_corners=False),
    lambda T: T.nn.functional.scaled_dot_product_attention(T.ones(1, 2), T.eye(2), T.eye(2), scale=-1.0),
    lambda T: T.nn.MultiheadAttention(4, 2)(*[T.zeros(3, 0, 4)] * 3),
])
@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")  # in torch.func.jacfwd
def test_edges_that_are_no_mistakes(call):
    check_same(call)


# ------------------------------------------------------------------------------------------------- without PyTorch
@pytest.mark.parametrize("call, match", [
    (lambda: minitorch.zeros(2, device="cuda"), "device 'cuda' is not available"),
    (lambda: minitorch.zeros(2).to("cuda:1"), "device 'cuda:1' is not available"),
    (lambda: minitorch.nn.Linear(1, 1).cuda(), "not available"),
])
def test_our_own_limits(call, match):
    with pytest.raises((RuntimeError, NotImplementedError), match=match):
        call()


@pytest.mark.parametrize("loss", [F.mse_loss, F.cross_entropy, F.nll_loss])
def test_a_loss_names_the_argument_that_is_no_tensor(loss):
    with pytest.raises(TypeError, match=r"'input' \(position 1\) must be Tensor, not list"):
        loss([1.0], minitorch.zeros(1))
