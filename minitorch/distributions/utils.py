"""What the distributions share: broadcasting of parameters, and probabilities as logits."""
import functools
from numbers import Number

from .. import dtypes
from ..autograd import enable_grad
from ..creation import tensor
from ..nn.functional import softmax
from ..ops import broadcast_tensors, log, log1p, sigmoid
from ..tensor import Tensor

euler_constant = 0.5772156649015329


def broadcast_all(*values):
    """Numbers and tensors as tensors of one shape; a number takes the dtype of the first tensor.

    ValueError for anything else.
    """
    if not all(isinstance(value, (Tensor, Number)) for value in values):
        raise ValueError("Input arguments must all be instances of Number, torch.Tensor or objects implementing "
                         f"__torch_function__, but got {[type(value).__name__ for value in values]}")
    dtype = next((value.dtype for value in values if isinstance(value, Tensor)), dtypes.get_default_dtype())
    return broadcast_tensors(
        *(value if isinstance(value, Tensor) else tensor(value, dtype=dtype) for value in values))


def sum_rightmost(value, dims):
    """The sum over the last `dims` dimensions."""
    return value.sum(tuple(range(-dims, 0))) if dims else value


def clamp_probs(probs):
    """Probabilities kept away from 0 and 1 by the dtype's epsilon, so that their logarithms are finite."""
    eps = dtypes.finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs, is_binary=False):
    """log p, or for one of two outcomes log(p / (1 - p))."""
    probs = clamp_probs(probs)
    return log(probs) - log1p(-probs) if is_binary else log(probs)


def logits_to_probs(logits, is_binary=False):
    """The softmax over the last dimension, or for one of two outcomes the sigmoid."""
    return sigmoid(logits) if is_binary else softmax(logits, dim=-1)


class lazy_property:
    """A method that is computed when its attribute is first read, and kept."""

    def __init__(self, wrapped):
        self.wrapped = wrapped
        functools.update_wrapper(self, wrapped)

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        with enable_grad():
            value = self.wrapped(instance)
        setattr(instance, self.wrapped.__name__, value)
        return value
