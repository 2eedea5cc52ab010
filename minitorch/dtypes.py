"""torch's dtypes on top of NumPy's, and torch's promotion rules.

https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
"""
import functools
import numbers
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False, repr=False)
class dtype:
    """An element type: `torch.float32`, `torch.int64`, ... There is one object a type, so `is` compares them.

    >>> float32, float32.itemsize, float32.is_floating_point
    (torch.float32, 4, True)
    """

    name: str
    numpy: np.dtype  # the NumPy dtype that stores it
    category: int  # 0 bool, 1 integer, 2 floating point: the higher category wins a promotion
    scalar_name: str  # what torch's error messages call it: "Float", "Long", ...
    c_name: str  # or, in other messages, "float", "long int", ...

    @property
    def is_floating_point(self):
        return self.category == 2

    @property
    def is_complex(self):
        return False

    @property
    def is_signed(self):
        return self.numpy.kind in "if" or self is bfloat16

    @property
    def itemsize(self):
        return self.numpy.itemsize

    def __repr__(self):
        return f"torch.{self.name}"

    def __reduce__(self):  # pickle and deepcopy give back the one object
        return of_numpy, (self.numpy,)


class _BFloat16(dtype):
    """bfloat16, the upper half of a float32. NumPy has none: the package ml_dtypes adds it, when it is needed."""

    def __init__(self):
        for name, value in dict(name="bfloat16", category=2, scalar_name="BFloat16", c_name="c10::BFloat16").items():
            object.__setattr__(self, name, value)  # dataclasses are frozen

    @functools.cached_property
    def numpy(self):
        try:
            import ml_dtypes
        except ImportError as error:
            raise ImportError("torch.bfloat16 needs the package ml_dtypes, which gives NumPy this dtype: "
                              "pip install ml_dtypes, or pip install 'minitorch[bfloat16]'") from error
        numpy_dtype = np.dtype(ml_dtypes.bfloat16)
        _FROM_NUMPY[numpy_dtype] = self
        return numpy_dtype

    def __reduce__(self):
        return self.name  # pickle and deepcopy look the name up here


bool_ = dtype("bool", np.dtype(np.bool_), 0, "Bool", "bool")
uint8 = dtype("uint8", np.dtype(np.uint8), 1, "Byte", "unsigned char")
uint16 = dtype("uint16", np.dtype(np.uint16), 1, "UInt16", "uint16_t")
uint32 = dtype("uint32", np.dtype(np.uint32), 1, "UInt32", "uint32_t")
uint64 = dtype("uint64", np.dtype(np.uint64), 1, "UInt64", "uint64_t")
int8 = dtype("int8", np.dtype(np.int8), 1, "Char", "signed char")
int16 = dtype("int16", np.dtype(np.int16), 1, "Short", "short int")
int32 = dtype("int32", np.dtype(np.int32), 1, "Int", "int")
int64 = dtype("int64", np.dtype(np.int64), 1, "Long", "long int")
float16 = dtype("float16", np.dtype(np.float16), 2, "Half", "c10::Half")
bfloat16 = _BFloat16()
float32 = dtype("float32", np.dtype(np.float32), 2, "Float", "float")
float64 = dtype("float64", np.dtype(np.float64), 2, "Double", "double")

ALL = (bool_, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16, bfloat16, float32, float64)
FLOATS = "fV"  # the NumPy kinds of floating-point arrays: bfloat16 is V to NumPy, as any type that others add
_FROM_NUMPY = {d.numpy: d for d in ALL if d is not bfloat16}  # bfloat16 adds itself when it is first used
_default = float32


def of_numpy(numpy_dtype):
    """The torch dtype of a NumPy dtype; TypeError where torch has none (strings, objects, complex for now)."""
    try:
        return _FROM_NUMPY[numpy_dtype]
    except KeyError:
        if np.dtype(numpy_dtype).name == "bfloat16":
            return of_numpy(bfloat16.numpy)
        found = _FROM_NUMPY.get(np.dtype(numpy_dtype).newbyteorder("="))
        if found is None:
            raise TypeError(f"can't convert np.ndarray of type numpy.{numpy_dtype}. The only supported types are: "
                            "float64, float32, float16, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and "
                            "bool.") from None
        return found


def to_numpy(d):
    """The NumPy dtype of a torch dtype, of Python's `float`, `int` or `bool` (torch takes those too), or of itself."""
    if isinstance(d, dtype):
        return d.numpy
    if isinstance(d, np.dtype):
        return d
    if d in _PYTHON_TYPES:
        return _PYTHON_TYPES[d].numpy
    raise TypeError(f"dtype must be a torch.dtype, not {type(d).__name__} ({d!r})")


_PYTHON_TYPES = {float: float64, int: int64, bool: bool_}


def get_default_dtype():
    """The dtype of floating-point tensors made without a dtype: torch.float32, unless set_default_dtype changed it.

    >>> get_default_dtype()
    torch.float32
    """
    return _default


def set_default_dtype(d):
    """Set the dtype of new floating-point tensors. Raises TypeError if `d` is not floating point.

    >>> set_default_dtype(float64); print(get_default_dtype()); set_default_dtype(float32)
    torch.float64
    """
    global _default
    if not (isinstance(d, dtype) and d.is_floating_point):
        raise TypeError(f"only floating-point types are supported as the default type, not {d}")
    _default = d


def promote_types(a, b):
    """The smallest dtype that holds both: as NumPy, but an integer never widens a float.

    >>> promote_types(int64, float16), promote_types(uint8, int8)
    (torch.float16, torch.int16)
    """
    if a is b:
        return a
    if a.category == 2 > b.category:
        return a
    if b.category == 2 > a.category:
        return b
    if bfloat16 in (a, b):
        other = b if a is bfloat16 else a
        return float32 if other is float16 else other
    if not {uint16, uint32, uint64}.isdisjoint((a, b)):
        raise RuntimeError("Promotion for uint16, uint32, uint64 types is not supported, attempted to promote "
                           f"{a.scalar_name} and {b.scalar_name}")
    return of_numpy(np.promote_types(a.numpy, b.numpy))


def of_number(number):
    """The dtype that a Python number stands for: bool, int64 or the default float."""
    if isinstance(number, (bool, np.bool_)):
        return bool_
    if isinstance(number, numbers.Integral):
        return int64
    if isinstance(number, numbers.Real):
        return _default
    raise TypeError(f"expected a Tensor or a real number, not {type(number).__name__}")


def result_type(*operands):
    """The dtype in which an operation on arrays and Python numbers computes.

    Arrays with dimensions decide first, then 0-d arrays, then Python numbers: a later group only matters where its
    category (bool < integer < float) is higher.
    """
    groups = [None, None, None]
    for x in operands:
        if hasattr(x, "ndim"):
            group, d = (0 if x.ndim else 1), of_numpy(x.dtype)
        else:
            group, d = 2, of_number(x)
        groups[group] = d if groups[group] is None else promote_types(groups[group], d)
    result = groups[0]
    for weaker in groups[1:]:
        if result is None or (weaker is not None and weaker.category > result.category):
            result = weaker
    return result


def can_cast(from_, to):
    """May a result of one dtype be written to the other? Not to a lower category (float > integer > bool).

    >>> can_cast(float64, float32), can_cast(float32, int64)
    (True, False)
    """
    return from_.category <= to.category and not (from_.is_signed and to is uint8 and from_.category == 1)


def _finfo(numpy_dtype):
    if numpy_dtype.kind == "f":
        return np.finfo(numpy_dtype)
    import ml_dtypes
    return ml_dtypes.finfo(numpy_dtype)


class finfo:
    """Machine limits of a floating-point dtype (default: the default dtype).

    >>> finfo(float32).eps
    1.1920928955078125e-07
    """

    def __init__(self, type=None):
        self.dtype = type or get_default_dtype()
        if not self.dtype.is_floating_point:
            raise TypeError("torch.finfo() requires a floating point input type. Use torch.iinfo to handle "
                            "'torch.finfo'")
        limits = _finfo(self.dtype.numpy)
        self.bits = limits.bits
        self.eps, self.max, self.min = float(limits.eps), float(limits.max), float(limits.min)
        self.tiny = self.smallest_normal = float(limits.tiny)
        self.resolution = 10.0 ** -limits.precision

    def __repr__(self):
        return (f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
                f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype.name})")


class iinfo:
    """Limits of an integer dtype.

    >>> iinfo(int8).max
    127
    """

    def __init__(self, type):
        if type.category != 1:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        limits = np.iinfo(type.numpy)
        self.dtype, self.bits, self.min, self.max = type, limits.bits, int(limits.min), int(limits.max)

    def __repr__(self):
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype.name})"


def not_implemented(kernel, dtype):
    """The NotImplementedError with which torch's kernel of this name refuses a dtype.

    >>> print(not_implemented("frac_cpu", int64))
    "frac_cpu" not implemented for 'Long'
    """
    return NotImplementedError(f"\"{kernel}\" not implemented for '{dtype.scalar_name}'")
