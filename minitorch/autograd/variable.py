"""Variable: what a tensor with a gradient was called before 2018. Today every tensor is one."""
import warnings

from ..graph import TensorBase
from ..tensor import Tensor


class _VariableType(type):
    def __instancecheck__(cls, x):
        return isinstance(x, TensorBase)


class Variable(metaclass=_VariableType):
    """Variable(x, requires_grad=False): a tensor on the same memory. TypeError unless x is a tensor.

    >>> import minitorch as torch
    >>> torch.autograd.Variable(torch.ones(2), requires_grad=True)
    tensor([1., 1.], requires_grad=True)
    """

    def __new__(cls, data=None, requires_grad=False, volatile=None):
        if volatile is not None:
            warnings.warn("volatile was removed and now has no effect. Use `with torch.no_grad():` instead.",
                          stacklevel=2)
        if data is None:
            return Tensor()
        if not isinstance(data, TensorBase):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        return data.detach().requires_grad_(requires_grad)
