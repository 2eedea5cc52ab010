"""Making tensors: from data, filled, counted, random."""
import math
from operator import index

import numpy as np

from . import dtypes, random
from ._size import Size
from .device import CPU, kernels_for, place, resolve
from .engine import TensorBase, wrap
from .ops import move
from .tensor import sizes


def _new(array, requires_grad=False, device=CPU):
    """A tensor of this array, on the device that a `device=` argument names."""
    return wrap(place(array, resolve(device))).requires_grad_(requires_grad)


def _dtype(dtype):
    """The NumPy dtype of a dtype argument; None is the default float."""
    return dtypes.to_numpy(dtype or dtypes.get_default_dtype())


def _out(array, out, requires_grad, device):
    """The new tensor, or `out` overwritten with it."""
    return _new(array, requires_grad, device) if out is None else out.copy_(move(wrap(array), out.device))


# -------------------------------------------------------------------------------------------------------- from data


def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """A tensor with a copy of `data`: numbers, nested sequences, an array, a tensor.

    Floats become the default dtype, ints int64, bools bool; an array keeps its dtype.

    >>> tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    >>> tensor(0.5).dtype
    torch.float32
    """
    if device is None and isinstance(data, TensorBase):
        device = data.device
    return _new(_array(data, dtype, copy=True), requires_grad, device)


def _array(data, dtype, copy):
    if isinstance(data, TensorBase):
        data = place(data.array, CPU)
    if isinstance(data, (np.ndarray, np.generic)):
        array = np.asarray(data)
        dtypes.of_numpy(array.dtype)  # TypeError for what torch cannot hold
    else:
        array = _array_of_sequence(data)
        if dtype is None and array.dtype == np.float64 and not isinstance(_first(data), (np.generic, np.ndarray)):
            dtype = dtypes.get_default_dtype()  # of Python's floats
    dtype = dtypes.of_numpy(array.dtype).numpy if dtype is None else dtypes.to_numpy(dtype)
    return array.astype(dtype, copy=copy).view(dtype)  # NumPy has several objects for one dtype, we use but one


def _array_of_sequence(data):
    """Nested Python sequences of numbers, arrays and tensors as one array; Python's floats are float64."""
    try:
        array = np.asarray(_without_tensors(data))
    except ValueError:
        _check_lengths(data)
        raise
    if array.dtype.kind not in "biufV":
        if isinstance(data, str):
            raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
        if array.dtype.kind in "US":
            raise ValueError(f"too many dimensions '{type(_first(data)).__name__}'")
        raise RuntimeError(f"Could not infer dtype of {type(_first(data)).__name__}")
    return array


def _without_tensors(data):
    if isinstance(data, TensorBase):
        return place(data.array, CPU)
    if isinstance(data, (list, tuple)) and any(isinstance(x, (TensorBase, list, tuple)) for x in data):
        return [_without_tensors(x) for x in data]
    return data


def _first(data):
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return data


def _check_lengths(data, dim=1):
    """The error for nested sequences that are no array."""
    items = [x for x in data if isinstance(x, (list, tuple))]
    if len(items) != len(data):
        raise TypeError(f"expected a number at dim {dim - 1}, but got a sequence of type '{type(items[0]).__name__}'")
    for x in items:
        if len(x) != len(items[0]):
            raise ValueError(f"expected sequence of length {len(items[0])} at dim {dim} (got {len(x)})")
    for x in items:
        _check_lengths(x, dim + 1)


def as_tensor(data, dtype=None, device=None):
    """The data as a tensor, without a copy where that is possible: a tensor itself, an array's own memory."""
    if isinstance(data, TensorBase):
        return data.to(dtype=dtype, device=device)
    return _new(_array(data, dtype, copy=False), device=device)


asarray = as_tensor


def from_numpy(ndarray):
    """A tensor that shares the array's memory. TypeError for anything else, ValueError for negative strides.

    >>> a = np.zeros(2)
    >>> t = from_numpy(a)
    >>> t[0] = 1; a
    array([1., 0.])
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    dtype = dtypes.of_numpy(ndarray.dtype).numpy
    if not ndarray.dtype.isnative:
        raise ValueError("given numpy array has byte order different from the native byte order. Conversion between "
                         "byte orders is currently not supported.")
    if any(stride < 0 for stride in ndarray.strides):
        raise ValueError("At least one stride in the given numpy array is negative, and tensors with negative strides "
                         "are not currently supported. (You can probably work around this by making a copy of your "
                         "array  with array.copy().)")
    return wrap(ndarray.view(dtype))


def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    """A tensor over the bytes of a buffer."""
    return _new(np.frombuffer(buffer, dtypes.to_numpy(dtype), count, offset), requires_grad)


class _LegacyTensorType(type):
    """The type of torch.FloatTensor and its relatives: isinstance asks for the dtype."""

    def __instancecheck__(cls, instance):
        return isinstance(instance, TensorBase) and instance.dtype is cls.dtype

    def __call__(cls, *args):
        """Uninitialised memory of a shape, or data cast to the dtype."""
        if len(args) == 1 and not isinstance(args[0], int) and not isinstance(args[0], Size):
            return tensor(args[0], dtype=cls.dtype)
        return empty(*args if args else (0,), dtype=cls.dtype)


def _legacy_type(dtype):
    return _LegacyTensorType(dtype.scalar_name + "Tensor", (), {"dtype": dtype, "__module__": "torch"})


BoolTensor, ByteTensor, CharTensor, ShortTensor, IntTensor, LongTensor, HalfTensor, FloatTensor, DoubleTensor = map(
    _legacy_type, (dtypes.bool_, dtypes.uint8, dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.float16,
                   dtypes.float32, dtypes.float64))


def is_tensor(obj):
    """Is it a Tensor?"""
    return isinstance(obj, TensorBase)


def numel(input):
    """The number of elements."""
    return input.numel()


def is_floating_point(input):
    """Is its dtype a floating-point dtype?"""
    return input.is_floating_point()


def result_type(tensor1, tensor2):
    """The dtype in which an operation on the two (tensors or numbers) computes.

    >>> result_type(tensor([1]), 0.5)
    torch.float32
    """
    return dtypes.result_type(*(x.array if isinstance(x, TensorBase) else x for x in (tensor1, tensor2)))


# ----------------------------------------------------------------------------------------------------------- filled


def _size(args):
    size = tuple(map(index, sizes(args)))
    for n in size:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {list(size)}")
    return size


def _filled(on_cpu, value, size, dtype, out, requires_grad, device):
    """A tensor of one number; on the CPU `on_cpu(size, dtype)` makes the array."""
    d = resolve(device if out is None else out.device)
    array = on_cpu(size, _dtype(dtype)) if d is CPU else kernels_for(d).full(size, value, _dtype(dtype))
    return _out(array, out, requires_grad, d)


def full(size, fill_value, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """A tensor filled with a number, whose type decides the dtype (bool, int64 or the default float).

    >>> full((2,), 7), full((2,), 7.)
    (tensor([7, 7]), tensor([7., 7.]))
    """
    if isinstance(fill_value, TensorBase):
        fill_value = fill_value.item()
    dtype = dtypes.of_number(fill_value) if dtype is None else dtype
    return _filled(lambda size, dtype: np.full(size, fill_value, dtype), fill_value, _size((size,)), dtype, out,
                   requires_grad, device)


def zeros(*size, out=None, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False):
    """Zeros.

    >>> zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return _filled(np.zeros, 0, _size(size), dtype, out, requires_grad, device)


def ones(*size, out=None, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False):
    """Ones.

    >>> ones(2, dtype=dtypes.int64)
    tensor([1, 1])
    """
    return _filled(np.ones, 1, _size(size), dtype, out, requires_grad, device)


def empty(
    *size, out=None, dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False, memory_format=None
):
    """Uninitialised memory."""
    return _filled(np.empty, 0, _size(size), dtype, out, requires_grad, device)


def empty_strided(size, stride, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False):
    """Uninitialised memory with these strides, in elements.

    >>> empty_strided((2, 3), (1, 2)).stride()
    (1, 2)
    """
    if len(size) != len(stride):
        raise RuntimeError(f"dimensionality of sizes ({len(size)}) must match dimensionality of strides "
                           f"({len(stride)})")
    return _new(kernels_for(resolve(device)).empty_strided(tuple(size), tuple(stride), _dtype(dtype)), requires_grad,
                device)


def empty_permuted(
    size, physical_layout, *, dtype=None, layout=None, device=None, requires_grad=False, pin_memory=False
):
    """Uninitialised memory in which the dimensions lie in the order `physical_layout`, slowest first.

    >>> empty_permuted((2, 3, 4), (0, 2, 1)).stride()
    (12, 1, 3)
    """
    order = tuple(physical_layout)
    if len(size) != len(order):
        raise RuntimeError("Number of dimensions in size does not match the length of the physical_layout; i.e. "
                           f"len(size) = {len(size)} is not equal to len(physical_layout) = {len(order)}")
    if not all(0 <= d < len(size) for d in order):
        raise RuntimeError(f"Dimension out of range (expected to be between 0 and {len(size) - 1}, but got {order})")
    if len(set(order)) != len(order):
        raise RuntimeError(f"Duplicate dim not allowed in the physical_layout {order}")
    steps = {d: math.prod(size[later] for later in order[place + 1 :]) for place, d in enumerate(order)}
    return empty_strided(size, [steps[d] for d in range(len(size))], dtype=dtype, device=device,
                         requires_grad=requires_grad)


def from_dlpack(ext_tensor):
    """A tensor on the memory of another library's array, which has `__dlpack__`."""
    return from_numpy(np.from_dlpack(ext_tensor))


def _like(input, on_cpu, value, dtype, device, requires_grad):
    """A tensor of one number, shaped as `input`; on the CPU `on_cpu(input's array, dtype)` makes the array."""
    d = input.device if device is None else resolve(device)
    dtype = input.array.dtype if dtype is None else dtypes.to_numpy(dtype)
    if d is input.device is CPU:
        array = on_cpu(input.array, dtype=dtype)
    else:
        array = kernels_for(d).full(input.array.shape, value, dtype)
    return _new(array, requires_grad, d)


def zeros_like(input, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """Zeros, shaped as `input` and of its dtype.

    >>> zeros_like(tensor([1, 2]))
    tensor([0, 0])
    """
    return _like(input, np.zeros_like, 0, dtype, device, requires_grad)


def ones_like(input, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """Ones, shaped as `input` and of its dtype."""
    return _like(input, np.ones_like, 1, dtype, device, requires_grad)


def empty_like(input, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """Uninitialised memory, shaped as `input` and of its dtype."""
    return _like(input, np.empty_like, 0, dtype, device, requires_grad)


def full_like(input, fill_value, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """A tensor filled with a number, shaped as `input` and of its dtype."""
    return _like(input, lambda x, dtype: np.full_like(x, fill_value, dtype), fill_value, dtype, device, requires_grad)


def eye(n, m=None, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """Ones on the diagonal of an n x m matrix, zeros elsewhere.

    >>> eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    for name, count in (("n", n), ("m", m)):
        if count is not None and count < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {count}")
    return _out(np.eye(n, m, dtype=_dtype(dtype)), out, requires_grad, device)


# ---------------------------------------------------------------------------------------------------------- counted


def arange(start, end=None, step=1, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """start, start + step, ... below end; `arange(n)` counts from 0. int64 unless a bound is a float.

    >>> arange(3), arange(0, 1, 0.5)
    (tensor([0, 1, 2]), tensor([0.0000, 0.5000]))
    """
    start, end = (0, start) if end is None else (start, end)
    start, end, step = (x.item() if isinstance(x, TensorBase) else x for x in (start, end, step))
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if dtype is None and out is not None:
        dtype = out.dtype
    if dtype is None:
        whole = all(isinstance(x, (int, np.integer)) for x in (start, end, step))
        dtype = dtypes.int64 if whole else dtypes.get_default_dtype()
    numpy_dtype = dtypes.to_numpy(dtype)
    if dtype is dtypes.int64:
        start, end, step = int(start), int(end), int(step)
        if step == 0:
            raise ValueError("step must be nonzero")
    count = math.ceil((end - start) / step)
    if numpy_dtype.kind in dtypes.FLOATS:  # start + i * step, in double precision as torch counts
        array = (start + np.arange(count, dtype=np.float64) * step).astype(numpy_dtype)
    else:
        array = (int(start) + np.arange(count, dtype=np.int64) * int(step)).astype(numpy_dtype)
    return _out(array, out, requires_grad, device)


def linspace(start, end, steps, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """`steps` numbers from start to end, both included, equally far apart.

    >>> linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    dtype = _dtype(dtype)
    start, end = _ends("linspace", start, end, steps, dtype)
    return _out(_evenly(start, end, steps, dtype), out, requires_grad, device)


def _ends(name, start, end, steps, dtype):
    """The first and last number of a range as Python numbers, whole ones for integers; errors for what is no range."""
    if not isinstance(steps, int):
        raise TypeError(f"{name}() received an invalid combination of arguments - got ({type(start).__name__}, "
                        f"{type(end).__name__}, {type(steps).__name__}), but 'steps' must be an int")
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    dims = [x.array.ndim if isinstance(x, TensorBase) else 0 for x in (start, end)]
    if any(dims):
        raise RuntimeError(f"{name} only supports 0-dimensional start and end tensors, but got start with "
                           f"{dims[0]} dimension(s) and end with {dims[1]} dimension(s).")
    number = int if dtype.kind in "iu" else float
    return tuple(number(x.item() if isinstance(x, TensorBase) else x) for x in (start, end))


def _evenly(start, end, steps, dtype):
    """torch counts up from the start in the first half and down from the end in the second.

    The step is rounded to the dtype, the sum only once (a fused multiply-add), as float64 does it for float32.
    """
    kind = dtype.type if dtype.kind == "f" else np.float64
    if steps == 1:
        return np.full(1, start, dtype)
    step = np.float64(kind((kind(end) - kind(start)) / kind(max(steps - 1, 1))))
    i = np.arange(steps)
    return np.where(i < steps // 2, kind(start) + step * i, kind(end) - step * (steps - 1 - i)).astype(dtype)


def logspace(start, end, steps, base=10.0, *, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """base ** linspace(start, end, steps).

    >>> logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    dtype = _dtype(dtype)
    start, end = _ends("logspace", start, end, steps, dtype)
    base = base.item() if isinstance(base, TensorBase) else base
    return _out((base ** _evenly(start, end, steps, np.dtype(np.float64))).astype(dtype), out, requires_grad, device)


def tril_indices(row, col, offset=0, *, dtype=None, device=None, layout=None):
    """(2, count): rows and columns of the lower triangle, in row-major order.

    >>> tril_indices(2, 2)
    tensor([[0, 1, 1],
            [0, 0, 1]])
    """
    return _new(np.stack(np.tril_indices(row, offset, col)).astype(dtypes.to_numpy(dtype or dtypes.int64)),
                device=device)


def triu_indices(row, col, offset=0, *, dtype=None, device=None, layout=None):
    """(2, count): rows and columns of the upper triangle, in row-major order.

    >>> triu_indices(2, 2)
    tensor([[0, 0, 1],
            [0, 1, 1]])
    """
    return _new(np.stack(np.triu_indices(row, offset, col)).astype(dtypes.to_numpy(dtype or dtypes.int64)),
                device=device)


def scalar_tensor(s, *, dtype=None, device=None, requires_grad=False):
    """A 0-d tensor of the default dtype."""
    return _new(np.asarray(s, _dtype(dtype)), requires_grad, device)


# ----------------------------------------------------------------------------------------------------------- random


def rand(
    *sizes, size=(), generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False,
    pin_memory=False
):
    """Uniform in [0, 1).

    >>> _ = random.manual_seed(0)
    >>> rand(3)
    tensor([0.4963, 0.7682, 0.0885])
    """
    g = generator or random.default_generator
    return _out(g.uniform(_size(sizes or (size,)), dtype=_dtype(dtype)), out, requires_grad, device)


def randn(
    *sizes, size=(), generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False,
    pin_memory=False
):
    """Normal with mean 0 and standard deviation 1.

    >>> _ = random.manual_seed(0)
    >>> randn(3)
    tensor([ 1.5410, -0.2934, -2.1788])
    """
    g = generator or random.default_generator
    return _out(g.normal(_size(sizes or (size,)), dtype=_dtype(dtype)), out, requires_grad, device)


def randint(
    low=0, high=None, size=None, *, generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False
):
    """Integers in [low, high); `randint(high, size)` counts from 0.

    >>> _ = random.manual_seed(0)
    >>> randint(10, (4,))
    tensor([4, 9, 3, 0])
    """
    if size is None:
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    array = (generator or random.default_generator).integers(
        low, high, _size((size,)), dtypes.to_numpy(dtype or dtypes.int64)
    )
    return _out(array, out, requires_grad, device)


def randperm(n, *, generator=None, out=None, dtype=None, layout=None, device=None, requires_grad=False):
    """The integers below n in random order.

    >>> _ = random.manual_seed(0)
    >>> randperm(4)
    tensor([0, 1, 3, 2])
    """
    array = (generator or random.default_generator).permutation(n, dtypes.to_numpy(dtype or dtypes.int64))
    return _out(array, out, requires_grad, device)


def rand_like(input, *, generator=None, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """Uniform in [0, 1), shaped as `input` and of its dtype."""
    out = empty_like(input, dtype=dtype, device=device)
    g = generator or random.default_generator
    random.fill(out.array, lambda shape: g.uniform(shape, dtype=out.array.dtype))
    return out.requires_grad_(requires_grad)


def randn_like(input, *, generator=None, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None):
    """Normal with mean 0 and standard deviation 1, shaped as `input` and of its dtype."""
    out = empty_like(input, dtype=dtype, device=device)
    g = generator or random.default_generator
    random.fill(out.array, lambda shape: g.normal(shape, dtype=out.array.dtype))
    return out.requires_grad_(requires_grad)


def randint_like(
    input, low, high=None, *, dtype=None, layout=None, device=None, requires_grad=False, memory_format=None
):
    """Integers in [low, high), shaped as `input` and of its dtype."""
    low, high = (0, low) if high is None else (low, high)
    out = empty_like(input, dtype=dtype, device=device)
    random.fill(out.array, lambda shape: random.default_generator.integers(low, high, shape, out.array.dtype))
    return out.requires_grad_(requires_grad)
