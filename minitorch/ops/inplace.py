"""Writing to a tensor in place, under autograd.

`x.add_(y)` computes `add(x, y)` and then *assigns*: the numbers are copied into x's memory, and x takes over the
result's place in the graph. So an in-place operation needs no backward of its own. Every write is counted (`version`):
an operation that saved the old numbers notices, unless it is the writing operation itself, which keeps a copy.

A view shares its base's memory, so writing to it rewrites the base: see `rebase`.
"""
import builtins
import math

import numpy as np

from .._shapes import expand_shape
from ..device import kernels_of
from ..engine import Op, TensorBase, grad_mode, wrap
from ..graph import check_tensors, follow_base
from .elementwise import add, cast, move
from .index import index_put, split_index
from .shape import CopySlices, as_strided, basic_index, geometry_of, memory_of


def assign(target, result):
    """Write `result` into `target`, numbers and history: the second half of every in-place operation. Returns `target`.

    RuntimeError, as in torch, for a leaf that requires grad, for a result of another shape or of a dtype that does not
    fit, and for a target whose elements share memory (an expanded tensor).
    """
    check_writable(target)
    array, new = target.array, result.array
    if new.shape != array.shape:
        raise RuntimeError(f"output with shape {list(array.shape)} doesn't match the broadcast shape {list(new.shape)}")
    if result.dtype.category > target.dtype.category:
        raise RuntimeError(f"result type {result.dtype.scalar_name} can't be cast to the desired output type "
                           f"{target.dtype.scalar_name}")
    if new.dtype != array.dtype:
        result = cast(result, array.dtype)
    if result.node is not None and result is not target:
        result.node.keep_copy_of(array)
    kernels_of(array).copy_(array, result.array)
    target.version()[0] += 1
    if grad_mode.enabled and (result._requires_grad or target._requires_grad):
        rebase(target, result)
    return target


def check_writable(target):
    """RuntimeError where writing in place would be wrong."""
    array, base = target.array, target.base
    if target._inference and not grad_mode.inference:
        raise RuntimeError("Inplace update to inference tensor outside InferenceMode is not allowed.You can make a "
                           "clone to get a normal tensor before doing inplace update.See "
                           "https://github.com/pytorch/rfcs/pull/17 for more details.")
    if grad_mode.enabled and base is not None and base._requires_grad:
        if base.node is None:
            raise RuntimeError("a view of a leaf Variable that requires grad is being used in an in-place operation.")
        if not target.requires_grad:
            raise RuntimeError("A view was created in no_grad mode and is being modified inplace with grad mode "
                               "enabled. Given that this use case is ambiguous and error-prone, it is forbidden. You "
                               "can clarify your code by moving both the view and the inplace either both inside the "
                               "no_grad block (if you don't want the inplace to be tracked) or both outside (if you "
                               "want the inplace to be tracked).")
    if grad_mode.enabled and target._requires_grad:
        if target.node is None:
            raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
        if base is not None and target.node.custom:
            raise RuntimeError(f"Output {target.origin[1]} of {target.node.function.__name__} is a view and is being "
                               "modified inplace. This view was created inside a custom Function (or because an input "
                               "was returned as-is) and the autograd logic to handle view+inplace would override the "
                               "custom backward associated with the custom Function, leading to incorrect gradients. "
                               "This behavior is forbidden. You can fix this by cloning the output of the custom "
                               "Function.")
    if any(stride == 0 and n > 1 for stride, n in zip(array.strides, array.shape)) and array.size:
        raise RuntimeError("unsupported operation: more than one element of the written-to tensor refers to a single "
                           "memory location. Please clone() the tensor before performing the operation.")


def rebase(target, result):
    """Give `target` the history of `result`, and the base of a view the history "I, with that view replaced"."""
    base = target.base
    if base is None:
        target.take_history(result)
        return
    rewritten = CopySlices(base, target)
    rewritten.needs_input_grad = (base._requires_grad, result._requires_grad)
    base_after = wrap(base.array)
    rewritten.record((base.source(), result.source()), [base_after])
    base.take_history(base_after)
    follow_base(target)


def reshape_in_place(function):
    """The in-place method of a function that gives a view: the tensor itself becomes that view."""

    def method(self, *args, **kwargs):
        if grad_mode.enabled and self.requires_grad and self.node is None:
            raise RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
        view = function(self, *args, **kwargs)
        self.array = view.array
        self.version()[0] += 1
        if view.node is not None:
            self.take_history(view)
        return self

    method.__name__ = method.__qualname__ = function.__name__ + "_"
    method.__doc__ = f"In-place {function.__name__}: the tensor becomes that view of itself, and is returned."
    return method


def in_place(function):
    """The in-place method of an out-of-place function: add_ from add."""

    def method(self, *args, **kwargs):
        return assign(self, function(self, *args, **kwargs))

    method.__name__ = method.__qualname__ = function.__name__ + "_"
    method.__doc__ = f"In-place {function.__name__}: writes the result into the tensor, and returns it."
    return method


def add_(input, other, *, alpha=1):
    """input += alpha * other."""
    return assign(input, add(input, other, alpha=alpha))


class Fill(Op):
    """out = a number everywhere: nothing of x is left, its gradient is zero."""

    def forward(self, x, value):
        return self.k.full(x.shape, value, x.dtype)

    def backward(self, grad):
        k = self.k
        return k.full(grad.shape, 0, grad.dtype), k.sum(grad) if self.needs_input_grad[1] else None


def fill(input, value):
    """A tensor like `input`, filled with a number or a 0-d tensor."""
    if isinstance(value, TensorBase) and value.array.ndim:
        raise RuntimeError(f"fill_ only supports 0-dimension value tensor but got tensor with {value.array.ndim} "
                           "dimensions.")
    return Fill.apply(input, value)


def fill_(input, value):
    """Fill with a number or a 0-d tensor."""
    return assign(input, fill(input, value))


def zero_(input):
    """Fill with zeros."""
    return assign(input, fill(input, 0))


def fill_diagonal_(input, fill_value, wrap=False):
    """Fill the main diagonal; with `wrap`, that of a tall matrix begins again below its end, after a row without it.

    >>> import minitorch as torch
    >>> torch.zeros(2, 2).fill_diagonal_(1.)
    tensor([[1., 0.],
            [0., 1.]])
    """
    shape = input.array.shape
    if len(shape) < 2:
        raise RuntimeError(f"fill_diagonal_: dimensions must larger than 1, but got {len(shape)}")
    if len(shape) > 2 and len(set(shape)) > 1:
        raise RuntimeError(f"fill_diagonal_: all dimensions of input must be of equal length, but got {list(shape)}")
    _, strides, offset = geometry_of(input.array)
    again = shape[1] + 1
    for top in range(0, shape[0] if wrap else builtins.min(shape[0], 1), again):
        length = builtins.min(shape[0] - top, *shape[1:])
        fill_(as_strided(input, (length,), (builtins.sum(strides),), offset + top * strides[0]), fill_value)
    return input


def resize_(input, size):
    """Give the tensor another shape: its memory is read in order, and grows by undefined elements where it is short."""
    if input._requires_grad:
        raise RuntimeError("cannot resize variables that require grad")
    if builtins.min(size, default=0) < 0:
        raise RuntimeError(f"resize_: sizes must not be negative, but got {list(size)}")
    count, start = math.prod(size), geometry_of(input.array)[2]
    memory = memory_of(input.array)
    if memory.size < start + count:
        memory = np.concatenate([memory, np.empty(start + count - memory.size, memory.dtype)])
    input.array = memory[start : start + count].reshape(size)  # (count) -> size
    input.version()[0] += 1
    return input


class Copy(Op):
    """out = src, cast to x's dtype and expanded to its shape: nothing of x is left, its gradient is zero."""

    torch_name = "CopyBackwards"

    def forward(self, x, src):
        return self.k.cast(self.k.expand(src, x.shape), x.dtype)

    def backward(self, grad):
        return self.k.full(grad.shape, 0, grad.dtype), grad


def copy_(input, src, non_blocking=False):
    """Overwrite with the elements of `src` (a tensor or a number), cast and broadcast."""
    if isinstance(src, (int, float)):
        return input.fill_(src)
    check_tensors("copy_", src=src)
    expand_shape(input.array.shape, src.array.shape)  # RuntimeError unless src broadcasts to the input
    return assign(input, Copy.apply(input, move(src, input.device)))


def setitem(input, index, value):
    """input[index] = value, for everything that can be read by input[index]; `value` is cast and broadcast."""
    basic, indices = split_index(input.array.shape, index)
    whole = all(i is Ellipsis or i == slice(None) for i in basic)
    target = input if whole else basic_index(input, basic)
    if not isinstance(value, TensorBase):
        value = wrap(np.asarray(value, None if isinstance(value, np.ndarray) else target.array.dtype))
    value = _drop_leading_ones(value, len(target.array.shape) if not indices else None)
    if not indices:
        copy_(target, value)
        return
    if value.array.dtype != target.array.dtype:
        value = cast(value, target.array.dtype)
    assign(target, index_put(target, indices, value))


def _drop_leading_ones(value, ndim):
    """torch lets a value have more dimensions than its place, if they are of size 1 and in front."""
    if ndim is None or value.array.ndim <= ndim:
        return value
    extra = value.array.ndim - ndim
    if any(n != 1 for n in value.array.shape[:extra]):
        return value
    return basic_index(value, (0,) * extra)
