"""Tensor: an array with a place in the graph. Thin on purpose: every operator and method is one line over `ops`.

Most methods *are* the functions of `ops` (`exp = ops.exp`): torch.exp(x) and x.exp() are one thing. Methods whose
arguments differ (`x.view(2, 3)`), and what only a tensor has (gradients, conversion, printing), follow below.
"""
import builtins
import warnings

import numpy as np

from . import dtypes, ops
from ._layout import contiguous_format, preserve_format, strided
from ._printing import tensor_str
from ._shapes import normalize_dim
from ._size import Size
from .device import CPU, CUDA, device_of, kernels_for, place, register, resolve
from .device import device as device_class
from .differentiate import backward
from .engine import operator
from .graph import TensorBase, follow_base, grad_mode, wrap, wrap_with
from .hooks import RemovableHandle
from .ops.inplace import in_place, reshape_in_place
from .storage import UntypedStorage

_OPERANDS = (TensorBase, int, float, np.ndarray, np.generic)


def _operator(function):
    """A binary Python operator: NotImplemented for operands that are neither tensors nor numbers."""

    def operator(self, other):
        return function(self, other) if isinstance(other, _OPERANDS) else NotImplemented

    return operator


def _reflected(function):
    def operator(self, other):
        if not isinstance(self, TensorBase):
            raise TypeError(f"expected a Tensor for {function.__name__}, not {type(self).__name__}")
        return function(other, self) if isinstance(other, _OPERANDS) else NotImplemented

    return operator


def sizes(args):
    """The sizes of f(2, 3), f((2, 3)) and f(torch.Size([2, 3])) alike."""
    return tuple(args[0]) if len(args) == 1 and isinstance(args[0], (tuple, list)) else args


def _variadic(function):
    """The method x.f(2, 3) or x.f((2, 3)) of a function f(x, (2, 3))."""

    def method(self, *args, **kwargs):
        return function(self, **kwargs) if kwargs else function(self, sizes(args))

    method.__name__ = method.__qualname__ = function.__name__
    method.__doc__ = function.__doc__
    return method


def _cast_method(dtype):
    def method(self, memory_format=None):
        return self.to(dtype, memory_format=memory_format)

    method.__name__ = method.__qualname__ = dtype.name
    method.__doc__ = f"The tensor as {dtype}, or itself if it is."
    return method


def parse_to(args, dtype, device):
    """The (dtype, device) that x.to(*args, dtype=, device=) asks for; None for what stays as it is."""
    for arg in args:
        if isinstance(arg, TensorBase):
            dtype, device = arg.dtype, arg.device
        elif isinstance(arg, dtypes.dtype):
            dtype = arg
        elif isinstance(arg, (str, device_class)) or (isinstance(arg, int) and not isinstance(arg, bool)):
            device = arg
        elif arg is not None and not isinstance(arg, bool):
            raise TypeError(f"to() received an invalid argument of type {type(arg).__name__}: expected a dtype, device "
                            "or Tensor")
    return dtype, device


def _transposed(name, x):
    """The last two dimensions exchanged; a scalar as it is."""
    if x.array.ndim == 1:
        raise RuntimeError(f"{name} is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return ops.transpose(x, -2, -1) if x.array.ndim else x


class Tensor(TensorBase):
    """torch.Tensor: an n-dimensional array of one dtype, which can record what is computed with it.

    Make one with torch.tensor, zeros, rand and their relatives. `Tensor(2, 3)` is uninitialised float32 memory of that
    shape, `Tensor([1, 2])` is that data as float32.

    >>> import minitorch as torch
    >>> x = torch.tensor([1., 2.], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """

    __array_priority__ = 1000  # ndarray + Tensor is Tensor.__radd__: a Tensor

    def __init_subclass__(cls):
        register(cls, ops)

    def __init__(self, *args):
        if len(args) == 1 and not isinstance(args[0], int):
            data = args[0]
            if isinstance(data, TensorBase):
                self.array = data.array.view()
                return
            if not isinstance(data, Size):
                self.array = np.array(data, dtypes.get_default_dtype().numpy)
                return
        self.array = np.empty(sizes(args) if args else (0,), dtypes.get_default_dtype().numpy)

    # ------------------------------------------------------------------------------------------------ what it is
    @property
    def shape(self):
        return Size(self.array.shape)

    def size(self, dim=None):
        """The shape, or the length of one dimension."""
        return self.shape if dim is None else self.array.shape[normalize_dim(dim, self.array.ndim)]

    @property
    def dtype(self):
        return dtypes.of_numpy(self.array.dtype)

    @property
    def device(self):
        return device_of(self.array)

    @property
    def ndim(self):
        return self.array.ndim

    def dim(self):
        return self.array.ndim

    ndimension = dim

    def numel(self):
        return self.array.size

    nelement = numel

    @property
    def itemsize(self):
        return self.array.itemsize

    def element_size(self):
        return self.array.itemsize

    @property
    def nbytes(self):
        return self.array.nbytes

    def stride(self, dim=None):
        """Steps between neighbours along each dimension, in elements."""
        strides = ops.geometry_of(self.array)[1]
        return strides if dim is None else strides[normalize_dim(dim, self.array.ndim)]

    def storage_offset(self):
        return ops.geometry_of(self.array)[2]

    def data_ptr(self):
        return self.array.ctypes.data if self.array.size else 0

    def is_contiguous(self, memory_format=contiguous_format):
        """Do the elements lie in order, without gaps? In the order of `memory_format`."""
        order = memory_format.order
        if order is None:
            return self.array.flags.c_contiguous
        return self.array.ndim == len(order) and self.array.transpose(order).flags.c_contiguous

    def dim_order(self):
        """The dimensions in the order in which they lie in memory, slowest first."""
        strides = self.array.strides
        return tuple(sorted(range(self.array.ndim), key=lambda d: -strides[d]))

    def untyped_storage(self):
        return UntypedStorage(ops.memory_of(self.array))

    def is_set_to(self, tensor):
        """Is it the same view of the same memory?"""
        same_memory = self.untyped_storage().data_ptr() == tensor.untyped_storage().data_ptr()
        return same_memory and ops.geometry_of(self.array) == ops.geometry_of(tensor.array)

    def is_shared(self):
        return False

    def is_same_size(self, other):
        return self.array.shape == other.array.shape

    def is_nonzero(self):
        """The truth of the one element."""
        return builtins.bool(self)

    def is_floating_point(self):
        return self.array.dtype.kind in dtypes.FLOATS

    def is_signed(self):
        return self.dtype.is_signed

    def get_device(self):
        """The number of its GPU; -1 on the CPU."""
        return 0 if self.is_cuda else -1

    is_cpu = property(lambda self: self.device is CPU)
    is_cuda = property(lambda self: self.device is CUDA)
    is_sparse = is_quantized = is_meta = is_mkldnn = is_nested = False
    is_xla = is_xpu = is_mps = is_mtia = is_ipu = is_maia = is_vulkan = is_sparse_csr = False
    layout = strided

    # --------------------------------------------------------------------------------------------------- autograd
    @property
    def requires_grad(self):
        if self.base is not None:
            follow_base(self)
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value):
        if not value and self.node is not None:
            raise RuntimeError("you can only change requires_grad flags of leaf variables. If you want to use a "
                               "computed variable in a subgraph that doesn't require differentiation use var_no_grad = "
                               "var.detach().")
        if value and not self.is_floating_point():
            raise RuntimeError("only Tensors of floating point and complex dtype can require gradients")
        if value and self._inference and not grad_mode.inference:
            raise RuntimeError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
        self._requires_grad = builtins.bool(value)

    def requires_grad_(self, requires_grad=True):
        """Set requires_grad; returns the tensor."""
        self.requires_grad = requires_grad
        return self

    @property
    def is_leaf(self):
        return self.grad_fn is None

    @property
    def grad_fn(self):
        """The node of the graph that made this tensor, or None for a leaf."""
        if self.base is not None:
            follow_base(self)
        return self.node

    @property
    def grad(self):
        if self._grad is None and self.node is not None and not self._retains_grad:
            warnings.warn("The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad "
                          "attribute won't be populated during autograd.backward(). If you indeed want the .grad field "
                          "to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor.",
                          stacklevel=2)
        return self._grad

    @grad.setter
    def grad(self, value):
        if value is not None:
            if not isinstance(value, TensorBase):
                raise TypeError("assigned grad expected to be a Tensor or None but got grad of type "
                                f"{type(value).__name__}")
            if value.array.shape != self.array.shape:
                raise RuntimeError(f"attempting to assign a gradient of size '{list(value.array.shape)}' to a tensor "
                                   f"of size '{list(self.array.shape)}'. Please ensure that the gradient and the "
                                   "tensor are the same size")
            if value.array.dtype != self.array.dtype:
                raise RuntimeError(f"assigned grad has data of a different type: {value.dtype} for a tensor of "
                                   f"{self.dtype}")
        self._grad = value

    def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
        """Compute d(self)/d(leaf) for every leaf below and add it to the leaf's `.grad`.

        `gradient` is dL/d(self); it may be left out for a single element. `retain_graph` keeps what backward needs, for
        a second call; `create_graph` records backward itself, for higher derivatives; `inputs` limits the leaves.
        """
        backward([self], [gradient], retain_graph, create_graph, inputs)

    def detach(self):
        """The same memory, outside the graph."""
        out = wrap(self.array.view())
        out._writes, out._inference = self.version(), self._inference
        return out

    def detach_(self):
        """Take the tensor out of the graph."""
        if self.base is not None:
            raise RuntimeError("Can't detach views in-place. Use detach() instead.")
        self.origin, self._requires_grad, self._retains_grad = None, False, False
        return self

    @property
    def data(self):
        """The same memory as a tensor of its own: writes to it are not noticed by autograd."""
        return wrap(self.array.view())

    @data.setter
    def data(self, value):
        if not isinstance(value, TensorBase):
            raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
        if self.requires_grad and not value.is_floating_point():
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        self.array = value.array.view()

    def retain_grad(self):
        """Keep `.grad` although this is not a leaf."""
        if not self.requires_grad:
            raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
        self.retain()

    @property
    def retains_grad(self):
        return self._retains_grad

    def register_hook(self, hook):
        """Call hook(grad) whenever this tensor's gradient is computed; what it returns replaces the gradient."""
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        node, nr = self.edge()
        return RemovableHandle(node.hooks_on(nr), hook)

    def register_post_accumulate_grad_hook(self, hook):
        """Call hook(tensor) after a gradient was added to this leaf's `.grad`."""
        if self.node is not None:
            raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
        if self._post_accumulate_hooks is None:
            self._post_accumulate_hooks = {}
        return RemovableHandle(self._post_accumulate_hooks, hook)

    _base = property(lambda self: self.base)

    @property
    def _version(self):
        """How often the memory was written in place."""
        if self._inference:
            raise RuntimeError("Inference tensors do not track version counter.")
        return self.version()[0]

    def _is_view(self):
        return self.base is not None

    def is_inference(self):
        """Whether it was made in inference mode: then it can never be part of a graph."""
        return self._inference

    # ------------------------------------------------------------------------------------------------- conversion
    def item(self):
        """The one element as a Python number."""
        if self.array.size != 1:
            raise RuntimeError(f"a Tensor with {self.array.size} elements cannot be converted to Scalar")
        return self.array.item()

    def tolist(self):
        """Nested lists of Python numbers."""
        return self.array.tolist()

    def numpy(self, *, force=False):
        """The NumPy array that this tensor wraps, sharing memory. RuntimeError for a tensor that requires grad."""
        if self.requires_grad and not force:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if self.dtype is dtypes.bfloat16:
            raise TypeError("Got unsupported ScalarType BFloat16")
        if not self.is_cpu:
            if not force:
                raise TypeError(f"can't convert {self.device} device type tensor to numpy. Use Tensor.cpu() to copy "
                                "the tensor to host memory first.")
            return place(self.array, CPU)
        return self.array.view()

    def __array__(self, dtype=None, copy=None):
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return wrap(np.asarray(array))  # NumPy's functions of a tensor return a tensor

    def __dlpack__(self, **options):
        return self.numpy().__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()

    def __bool__(self):
        if self.array.size != 1:
            kind = "more than one value" if self.array.size else "no values"
            raise RuntimeError(f"Boolean value of Tensor with {kind} is ambiguous")
        return builtins.bool(self.array.item())

    def __int__(self):
        return builtins.int(self.item())

    def __float__(self):
        return builtins.float(self.item())

    def __index__(self):
        if self.array.size != 1 or self.is_floating_point():
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return builtins.int(self.array.item())

    def __len__(self):
        if not self.array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return len(self.array)

    def __iter__(self):
        if not self.array.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __reversed__(self):
        return ops.flip(self, tuple(range(self.array.ndim)))

    def __complex__(self):
        return builtins.complex(self.item())

    def apply_(self, callable):
        """Replace each element by callable(element): slow, for the CPU only."""
        return self.map_(self, lambda x, _: callable(x))

    def map_(self, tensor, callable):
        """Replace each element by callable(element, the element of `tensor` there): slow, for the CPU only."""
        if self.requires_grad:
            raise RuntimeError("Can't call map_() or apply_() on Variable that requires grad. Use var.detach() first.")
        other = np.broadcast_to(tensor.array, self.array.shape)
        for index in np.ndindex(self.array.shape):
            self.array[index] = callable(self.array[index].item(), other[index].item())
        self.version()[0] += 1
        return self

    def __contains__(self, element):
        if isinstance(element, _OPERANDS):
            return builtins.bool((self == element).array.any())
        raise RuntimeError(f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element)}.")

    def __format__(self, spec):
        plain_number = not self.array.ndim and type(self) is Tensor
        return format(self.item(), spec) if plain_number else object.__format__(self, spec)

    def __repr__(self, *, tensor_contents=None):
        node = self.grad_fn
        grad = f"grad_fn=<{node.name()}>" if node is not None else "requires_grad=True" if self._requires_grad else None
        device = None if self.is_cpu else self.device
        return tensor_str(place(self.array, CPU), self.dtype, dtypes.get_default_dtype(), device=device, grad=grad)

    __str__ = __repr__

    def __hash__(self):
        return id(self)

    def __deepcopy__(self, memo):
        if self.node is not None:
            raise RuntimeError("Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
                               "protocol at the moment.  If you were attempting to deepcopy a module, this may be "
                               "because of a torch.nn.utils.weight_norm usage, see "
                               "https://github.com/pytorch/pytorch/pull/103001")
        if id(self) not in memo:
            memo[id(self)] = copy = type(self).__new__(type(self))
            copy.array = self.array.copy(order="K")
            copy._requires_grad = self._requires_grad
            if self._grad is not None:
                copy._grad = self._grad.__deepcopy__(memo)
        return memo[id(self)]

    def __reduce__(self):
        if self.node is not None:
            raise RuntimeError("cannot pickle a Tensor that is part of a graph (a non-leaf that requires grad): "
                               "detach() it first")
        return _rebuild, (type(self), self.array, self._requires_grad)

    # ------------------------------------------------------------------------------------------------------ casts
    def to(self, *args, dtype=None, device=None, non_blocking=False, copy=False, memory_format=None):
        """In another dtype, on another device, or like another tensor: to(dtype), to(device, dtype), to(other).

        The tensor itself where nothing changes.
        """
        dtype, device = parse_to(args, dtype, device)
        out = self if device is None else ops.move(self, resolve(device))
        if dtype is not None and dtypes.to_numpy(dtype) != self.array.dtype:
            out = ops.cast(out, dtype)
        elif copy and out is self:
            out = self.clone()
        return out if memory_format is None or memory_format.order is None else out.contiguous(memory_format)

    def type(self, dtype=None, non_blocking=False):
        """The name of the tensor's type, or the tensor cast to `dtype` (a dtype, or such a name)."""
        if dtype is None:
            return f"torch.{'cuda.' if self.is_cuda else ''}{self.dtype.scalar_name}Tensor"
        if isinstance(dtype, str):
            dtype = next((d for d in dtypes.ALL if dtype == f"torch.{d.scalar_name}Tensor"), dtype)
        return self.to(dtype=getattr(dtype, "dtype", dtype))

    def to_dense(self, dtype=None, *, masked_grad=None):
        return self.to(dtype=dtype)

    def type_as(self, other):
        return self.to(other.dtype)

    half, bfloat16, float, double, byte, char, short, int, long, bool = map(_cast_method, (
        dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64, dtypes.uint8, dtypes.int8, dtypes.int16,
        dtypes.int32, dtypes.int64, dtypes.bool_))

    def cpu(self, memory_format=None):
        """The tensor on the CPU, or itself if it is there."""
        return self.to(device=CPU, memory_format=memory_format)

    def cuda(self, device=None, non_blocking=False, memory_format=None):
        """The tensor on the GPU, or itself if it is there."""
        return self.to(device="cuda" if device is None else device, memory_format=memory_format)

    def pin_memory(self):
        return self

    def is_pinned(self):
        return False

    # ------------------------------------------------------------------------------------------------- arithmetic
    __add__ = __radd__ = operator(ops.Add)  # 1 + x is x + 1 in the graph too
    __sub__ = operator(ops.Sub)
    __rsub__ = _reflected(ops.sub)
    __mul__ = __rmul__ = operator(ops.Mul)
    __truediv__ = operator(ops.Div)
    __rtruediv__ = __rdiv__ = _reflected(ops.div)
    __floordiv__ = _operator(ops.floor_divide)
    __rfloordiv__ = _reflected(ops.floor_divide)
    __mod__ = _operator(ops.remainder)
    __rmod__ = _reflected(ops.remainder)
    __pow__ = _operator(ops.pow)
    __rpow__ = _reflected(ops.pow)
    __matmul__ = _operator(ops.matmul)
    __rmatmul__ = _reflected(ops.matmul)
    __neg__ = ops.neg
    __pos__ = ops.positive
    __abs__ = ops.abs
    __eq__ = _operator(ops.eq)
    __ne__ = _operator(ops.ne)
    __lt__ = _operator(ops.lt)
    __le__ = _operator(ops.le)
    __gt__ = _operator(ops.gt)
    __ge__ = _operator(ops.ge)
    __and__, __rand__ = _operator(ops.bitwise_and), _reflected(ops.bitwise_and)
    __or__, __ror__ = _operator(ops.bitwise_or), _reflected(ops.bitwise_or)
    __xor__, __rxor__ = _operator(ops.bitwise_xor), _reflected(ops.bitwise_xor)

    def __invert__(self):
        if self.is_floating_point():
            raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
        return ops.bitwise_not(self)

    __lshift__, __rlshift__ = _operator(ops.bitwise_left_shift), _reflected(ops.bitwise_left_shift)
    __rshift__, __rrshift__ = _operator(ops.bitwise_right_shift), _reflected(ops.bitwise_right_shift)
    __getitem__ = ops.getitem
    __setitem__ = ops.setitem

    add, sub, mul, div, neg, rsub = ops.add, ops.sub, ops.mul, ops.div, ops.neg, ops.rsub
    subtract, multiply, divide, true_divide, negative = ops.sub, ops.mul, ops.div, ops.div, ops.neg
    floor_divide, remainder, fmod, pow, float_power = (
        ops.floor_divide, ops.remainder, ops.fmod, ops.pow, ops.float_power)
    maximum, minimum, fmax, fmin, atan2, arctan2, hypot = (
        ops.maximum, ops.minimum, ops.fmax, ops.fmin, ops.atan2, ops.atan2, ops.hypot)
    addcmul, addcdiv, lerp, xlogy = ops.addcmul, ops.addcdiv, ops.lerp, ops.xlogy

    abs = absolute = ops.abs
    positive = ops.positive
    sign, square, sqrt, rsqrt, reciprocal = ops.sign, ops.square, ops.sqrt, ops.rsqrt, ops.reciprocal
    exp, exp2, expm1, log, log2, log10, log1p = ops.exp, ops.exp2, ops.expm1, ops.log, ops.log2, ops.log10, ops.log1p
    sin, cos, tan, asin, acos, atan = ops.sin, ops.cos, ops.tan, ops.asin, ops.acos, ops.atan
    sinh, cosh, tanh, asinh, acosh, atanh = ops.sinh, ops.cosh, ops.tanh, ops.asinh, ops.acosh, ops.atanh
    arcsin, arccos, arctan, arcsinh, arccosh, arctanh = ops.asin, ops.acos, ops.atan, ops.asinh, ops.acosh, ops.atanh
    sigmoid, erf, erfc, erfinv, lgamma, digamma = ops.sigmoid, ops.erf, ops.erfc, ops.erfinv, ops.lgamma, ops.digamma
    i0, igamma, igammac, logit, mvlgamma, sinc = ops.i0, ops.igamma, ops.igammac, ops.logit, ops.mvlgamma, ops.sinc
    i0_, igamma_, igammac_, logit_, mvlgamma_, sinc_ = map(
        in_place, (ops.i0, ops.igamma, ops.igammac, ops.logit, ops.mvlgamma, ops.sinc))

    def polygamma(self, n):
        return ops.polygamma(n, self)

    polygamma_, xlogy_ = in_place(polygamma), in_place(ops.xlogy)
    floor, ceil, round, trunc, fix, frac = ops.floor, ops.ceil, ops.round, ops.trunc, ops.trunc, ops.frac
    clamp = clip = ops.clamp
    clamp_min, clamp_max, nan_to_num = ops.clamp_min, ops.clamp_max, ops.nan_to_num

    copysign, heaviside, sgn, signbit, angle, frexp, ldexp, nextafter = (
        ops.copysign, ops.heaviside, ops.sgn, ops.signbit, ops.angle, ops.frexp, ops.ldexp, ops.nextafter)
    deg2rad, rad2deg, gcd, lcm, logaddexp, logaddexp2 = (
        ops.deg2rad, ops.rad2deg, ops.gcd, ops.lcm, ops.logaddexp, ops.logaddexp2)
    conj, conj_physical, resolve_conj, resolve_neg, isreal, is_complex, is_conj, is_neg = (
        ops.conj, ops.conj_physical, ops.resolve_conj, ops.resolve_neg, ops.isreal, ops.is_complex, ops.is_conj,
        ops.is_neg)
    real, imag = property(ops.real), property(ops.imag)
    isposinf, isneginf = ops.isposinf, ops.isneginf
    copysign_, heaviside_, sgn_, ldexp_, nextafter_, deg2rad_, rad2deg_, gcd_, lcm_ = map(
        in_place, (ops.copysign, ops.heaviside, ops.sgn, ops.ldexp, ops.nextafter, ops.deg2rad, ops.rad2deg, ops.gcd,
                   ops.lcm))
    conj_physical_ = in_place(ops.conj_physical)

    eq, ne, lt, le, gt, ge = ops.eq, ops.ne, ops.lt, ops.le, ops.gt, ops.ge
    less, less_equal, greater, greater_equal, not_equal = ops.lt, ops.le, ops.gt, ops.ge, ops.ne
    isnan, isinf, isfinite, isclose, allclose, equal = (
        ops.isnan, ops.isinf, ops.isfinite, ops.isclose, ops.allclose, ops.equal)
    logical_and, logical_or, logical_xor, logical_not = (
        ops.logical_and, ops.logical_or, ops.logical_xor, ops.logical_not)
    bitwise_and, bitwise_or, bitwise_xor, bitwise_not = (
        ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor, ops.bitwise_not)
    bitwise_left_shift, bitwise_right_shift = ops.bitwise_left_shift, ops.bitwise_right_shift

    add_ = ops.add_
    sub_, mul_, div_, neg_ = map(in_place, (ops.sub, ops.mul, ops.div, ops.neg))
    floor_divide_, remainder_, fmod_, pow_ = map(in_place, (ops.floor_divide, ops.remainder, ops.fmod, ops.pow))
    addcmul_, addcdiv_, lerp_ = map(in_place, (ops.addcmul, ops.addcdiv, ops.lerp))
    float_power_, atan2_, hypot_ = map(in_place, (ops.float_power, ops.atan2, ops.hypot))
    subtract_, multiply_, divide_, true_divide_, negative_, arctan2_ = sub_, mul_, div_, div_, neg_, atan2_
    abs_, sign_, square_, sqrt_, rsqrt_, reciprocal_ = map(
        in_place, (ops.abs, ops.sign, ops.square, ops.sqrt, ops.rsqrt, ops.reciprocal))
    exp_, expm1_, log_, log2_, log10_, log1p_ = map(
        in_place, (ops.exp, ops.expm1, ops.log, ops.log2, ops.log10, ops.log1p))
    exp2_, sigmoid_, erf_, erfc_, erfinv_, lgamma_, digamma_ = map(
        in_place, (ops.exp2, ops.sigmoid, ops.erf, ops.erfc, ops.erfinv, ops.lgamma, ops.digamma))
    sin_, cos_, tan_, asin_, acos_, atan_ = map(in_place, (ops.sin, ops.cos, ops.tan, ops.asin, ops.acos, ops.atan))
    sinh_, cosh_, tanh_, asinh_, acosh_, atanh_ = map(
        in_place, (ops.sinh, ops.cosh, ops.tanh, ops.asinh, ops.acosh, ops.atanh))
    absolute_, arcsin_, arccos_, arctan_, arcsinh_, arccosh_, arctanh_ = (
        abs_, asin_, acos_, atan_, asinh_, acosh_, atanh_)
    floor_, ceil_, round_, trunc_, frac_ = map(in_place, (ops.floor, ops.ceil, ops.round, ops.trunc, ops.frac))
    fix_ = trunc_
    clamp_, clamp_min_, clamp_max_, nan_to_num_ = map(
        in_place, (ops.clamp, ops.clamp_min, ops.clamp_max, ops.nan_to_num))
    clip_ = clamp_
    eq_, ne_, lt_, le_, gt_, ge_ = map(in_place, (ops.eq, ops.ne, ops.lt, ops.le, ops.gt, ops.ge))
    not_equal_, less_, less_equal_, greater_, greater_equal_ = ne_, lt_, le_, gt_, ge_
    logical_and_, logical_or_, logical_xor_, logical_not_ = map(
        in_place, (ops.logical_and, ops.logical_or, ops.logical_xor, ops.logical_not))
    bitwise_and_, bitwise_or_, bitwise_xor_, bitwise_not_, bitwise_left_shift_, bitwise_right_shift_ = map(
        in_place, (ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor, ops.bitwise_not, ops.bitwise_left_shift,
                   ops.bitwise_right_shift))
    masked_fill_, masked_scatter_, scatter_, scatter_add_, index_add_ = map(
        in_place, (ops.masked_fill, ops.masked_scatter, ops.scatter, ops.scatter_add, ops.index_add))
    tril_, triu_, addmm_, addmv_, baddbmm_ = map(in_place, (ops.tril, ops.triu, ops.addmm, ops.addmv, ops.baddbmm))
    index_put_ = in_place(ops.index_put)
    fill_, zero_, copy_, fill_diagonal_ = ops.fill_, ops.zero_, ops.copy_, ops.fill_diagonal_
    uniform_, normal_, random_, bernoulli_, exponential_ = (
        ops.uniform_, ops.normal_, ops.random_, ops.bernoulli_, ops.exponential_)
    geometric_, cauchy_, log_normal_ = ops.geometric_, ops.cauchy_, ops.log_normal_
    bernoulli, multinomial = ops.bernoulli, ops.multinomial

    relu, prelu, hardshrink, softmax, log_softmax = ops.relu, ops.prelu, ops.hardshrink, ops.softmax, ops.log_softmax
    relu_ = in_place(ops.relu)
    dist, renorm, renorm_ = ops.dist, ops.renorm, in_place(ops.renorm)

    def __iadd__(self, other):
        return self.add_(other)

    def __isub__(self, other):
        return self.sub_(other)

    def __imul__(self, other):
        return self.mul_(other)

    def __itruediv__(self, other):
        return self.div_(other)

    def __ifloordiv__(self, other):
        return self.floor_divide_(other)

    def __imod__(self, other):
        return self.remainder_(other)

    def __ipow__(self, other):
        return self.pow_(other)

    def __iand__(self, other):
        return self.bitwise_and_(other)

    def __ior__(self, other):
        return self.bitwise_or_(other)

    def __ixor__(self, other):
        return self.bitwise_xor_(other)

    def __ilshift__(self, other):
        return self.bitwise_left_shift_(other)

    def __irshift__(self, other):
        return self.bitwise_right_shift_(other)

    # ------------------------------------------------------------------------------------------------- reductions
    sum, mean, prod, var, std, norm, logsumexp = ops.sum, ops.mean, ops.prod, ops.var, ops.std, ops.norm, ops.logsumexp
    max, min, amax, amin, aminmax = ops.max, ops.min, ops.amax, ops.amin, ops.aminmax
    argmax, argmin, any, all, count_nonzero = ops.argmax, ops.argmin, ops.any, ops.all, ops.count_nonzero
    cumsum, cumprod, cummax, cummin, median = ops.cumsum, ops.cumprod, ops.cummax, ops.cummin, ops.median

    nansum, nanmean, nanmedian, quantile, nanquantile, mode = (
        ops.nansum, ops.nanmean, ops.nanmedian, ops.quantile, ops.nanquantile, ops.mode)
    cov, corrcoef, histc, histogram, diff, logcumsumexp = (
        ops.cov, ops.corrcoef, ops.histc, ops.histogram, ops.diff, ops.logcumsumexp)
    cumsum_, cumprod_ = map(in_place, (ops.cumsum, ops.cumprod))

    def sum_to_size(self, *size):
        return ops.sum_to(self, sizes(size))

    # --------------------------------------------------------------------------------------------- matrix products
    matmul, mm, bmm, mv, dot, outer, ger, inner = (
        ops.matmul, ops.mm, ops.bmm, ops.mv, ops.dot, ops.outer, ops.outer, ops.inner)
    addmm, addmv, baddbmm, trace = ops.addmm, ops.addmv, ops.baddbmm, ops.trace
    addbmm, addr, vdot, kron, cross = ops.addbmm, ops.addr, ops.vdot, ops.kron, ops.cross
    addbmm_, addr_ = map(in_place, (ops.addbmm, ops.addr))

    # ---------------------------------------------------------------------------------------------- linear algebra
    det, slogdet, logdet, inverse, pinverse = (
        ops.linalg_det, ops.linalg_slogdet, ops.logdet, ops.linalg_inv, ops.pinverse)
    matrix_power, matrix_exp = ops.linalg_matrix_power, ops.linalg_matrix_exp
    cholesky, cholesky_solve, cholesky_inverse, triangular_solve = (
        ops.cholesky, ops.cholesky_solve, ops.cholesky_inverse, ops.triangular_solve)
    lu, lu_solve, qr, geqrf, orgqr, ormqr, svd = (
        ops.lu, ops.lu_solve, ops.qr, ops.geqrf, ops.orgqr, ops.ormqr, ops.svd)

    # ------------------------------------------------------------------------------------------------------ shapes
    def view(self, *shape):
        """The same memory in another shape, or (given a dtype) the same bytes as another dtype."""
        if len(shape) == 1 and isinstance(shape[0], dtypes.dtype):
            return wrap(self.array.view(shape[0].numpy))
        return ops.view(self, sizes(shape))

    def view_as(self, other):
        return ops.view(self, other.array.shape)

    def reshape_as(self, other):
        return ops.reshape(self, other.array.shape)

    reshape, expand, permute, repeat, tile, flip = map(
        _variadic, (ops.reshape, ops.expand, ops.permute, ops.repeat, ops.tile, ops.flip))

    @property
    def T(self):
        """The dimensions in reverse order."""
        return ops.permute(self, tuple(range(self.array.ndim))[::-1])

    @property
    def mT(self):
        """The last two dimensions exchanged."""
        return _transposed("tensor.mT", self)

    @property
    def mH(self):
        """mT: of complex numbers, which minitorch does not have, it would be the conjugate."""
        return _transposed("tensor.mH", self)

    @property
    def H(self):
        """A matrix transposed."""
        if self.array.ndim != 2:
            raise RuntimeError(f"tensor.H is only supported on matrices (2-D tensors). Got {self.array.ndim}-D tensor.")
        return ops.transpose(self, 0, 1)

    def adjoint(self):
        """mH as a method."""
        return _transposed("tensor.adjoint()", self)

    flatten, unflatten, ravel, transpose, t, movedim, moveaxis = (
        ops.flatten, ops.unflatten, ops.flatten, ops.transpose, ops.t, ops.movedim, ops.movedim)
    swapaxes = swapdims = ops.transpose
    squeeze, unsqueeze, expand_as, broadcast_to, as_strided = (
        ops.squeeze, ops.unsqueeze, ops.expand_as, ops.broadcast_to, ops.as_strided)
    diagonal, diag, diag_embed, unfold = ops.diagonal, ops.diag, ops.diag_embed, ops.sliding_window
    select, narrow, split, split_with_sizes, chunk, tensor_split, unbind = (
        ops.select, ops.narrow, ops.split, ops.split_with_sizes, ops.chunk, ops.tensor_split, ops.unbind)
    roll, tril, triu = ops.roll, ops.tril, ops.triu
    hsplit, vsplit, dsplit, unsafe_split, unsafe_split_with_sizes, unsafe_chunk, narrow_copy = (
        ops.hsplit, ops.vsplit, ops.dsplit, ops.unsafe_split, ops.unsafe_split_with_sizes, ops.unsafe_chunk,
        ops.narrow_copy)
    fliplr, flipud, rot90, diagflat = ops.fliplr, ops.flipud, ops.rot90, ops.diagflat
    select_scatter, slice_scatter, diagonal_scatter, as_strided_scatter = (
        ops.select_scatter, ops.slice_scatter, ops.diagonal_scatter, ops.as_strided_scatter)

    def contiguous(self, memory_format=contiguous_format):
        """The tensor itself if its elements lie in the order of `memory_format`, without gaps; else such a copy."""
        order = memory_format.order
        if order is None:
            return ops.contiguous(self)
        if self.array.ndim != len(order):
            raise RuntimeError(f"required rank {len(order)} tensor to use {memory_format.name} format, but got rank "
                               f"{self.array.ndim}")
        return self if self.is_contiguous(memory_format) else ops.lay(self, order)

    def clone(self, *, memory_format=preserve_format):
        """A differentiable copy with memory of its own."""
        return ops.clone(self if memory_format is preserve_format else self.contiguous(memory_format))

    def resize_(self, *size, memory_format=None):
        return ops.resize_(self, sizes(size))

    def resize_as_(self, other, *, memory_format=None):
        return ops.resize_(self, other.array.shape)

    squeeze_, unsqueeze_, t_, transpose_, as_strided_ = map(
        reshape_in_place, (ops.squeeze, ops.unsqueeze, ops.t, ops.transpose, ops.as_strided))
    swapaxes_ = swapdims_ = transpose_

    # ----------------------------------------------------------------------------------------------------- indexing
    gather, scatter, scatter_add, index_select, index_add, index_put, take, take_along_dim = (
        ops.gather, ops.scatter, ops.scatter_add, ops.index_select, ops.index_add, ops.index_put, ops.take,
        ops.take_along_dim)
    scatter_reduce, index_reduce, index_copy, index_fill, put = (
        ops.scatter_reduce, ops.index_reduce, ops.index_copy, ops.index_fill, ops.put)
    scatter_reduce_, index_reduce_, index_copy_, index_fill_, put_ = map(
        in_place, (ops.scatter_reduce, ops.index_reduce, ops.index_copy, ops.index_fill, ops.put))
    nonzero_static, unique_consecutive = ops.nonzero_static, ops.unique_consecutive
    masked_fill, masked_select, masked_scatter, nonzero, argwhere = (
        ops.masked_fill, ops.masked_select, ops.masked_scatter, ops.nonzero, ops.argwhere)
    sort, argsort, msort, topk, kthvalue, unique, bincount, repeat_interleave = (
        ops.sort, ops.argsort, ops.msort, ops.topk, ops.kthvalue, ops.unique, ops.bincount, ops.repeat_interleave)

    def where(self, condition, other):
        return ops.where(condition, self, other)

    # ---------------------------------------------------------------------------------- new tensors of the same kind
    def _device(self, device):
        """A usable device from a `device=` argument; None is this tensor's."""
        return self.device if device is None else resolve(device)

    def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
        data = place(data.array, CPU) if isinstance(data, TensorBase) else data
        array = place(np.array(data, dtypes.to_numpy(dtype or self.dtype)), self._device(device))
        return wrap(array).requires_grad_(requires_grad)

    def new_full(self, size, fill_value, *, dtype=None, device=None, requires_grad=False):
        k = kernels_for(self._device(device))
        return wrap(k.full(size, fill_value, dtypes.to_numpy(dtype or self.dtype))).requires_grad_(requires_grad)

    def new_empty_strided(self, size, stride, *, dtype=None, device=None, requires_grad=False):
        array = kernels_for(self._device(device)).empty_strided(size, stride, dtypes.to_numpy(dtype or self.dtype))
        return wrap(array).requires_grad_(requires_grad)

    def new_zeros(self, *size, dtype=None, device=None, requires_grad=False):
        return self.new_full(sizes(size), 0, dtype=dtype, device=device, requires_grad=requires_grad)

    def new_ones(self, *size, dtype=None, device=None, requires_grad=False):
        return self.new_full(sizes(size), 1, dtype=dtype, device=device, requires_grad=requires_grad)

    new_empty = new_zeros

    def new(self, *args):
        return self.new_tensor(args[0]) if args and not isinstance(args[0], builtins.int) else self.new_empty(*args)


def _rebuild(cls, array, requires_grad):
    tensor = cls.__new__(cls)
    tensor.array, tensor._requires_grad = array.view(dtypes.of_numpy(array.dtype).numpy), requires_grad
    return tensor


wrap_with(Tensor)
register(Tensor, ops)
