"""Parameter and Buffer: tensors that a Module registers when they are assigned to it."""
from ..tensor import Tensor


class Parameter(Tensor):
    """A tensor to be learned: it requires grad, and a Module lists it among its parameters.

    It shares the memory of `data` (None: empty). What is computed with it is a plain Tensor. RuntimeError for a `data`
    that is not floating point, unless `requires_grad` is False.

    >>> import minitorch as torch
    >>> Parameter(torch.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    def __init__(self, data=None, requires_grad=True):
        _share(self, data)
        self.requires_grad = requires_grad

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()

    __str__ = __repr__

    def __deepcopy__(self, memo):
        copy = super().__deepcopy__(memo)
        copy.grad = None  # as in torch: a copied model starts without gradients
        return copy


class Buffer(Tensor):
    """A tensor that belongs to a Module's state but is not learned; state_dict() leaves it out if not `persistent`.

    >>> import minitorch as torch
    >>> Buffer(torch.zeros(2), persistent=False)
    tensor([0., 0.])
    """

    persistent = True

    def __init__(self, data=None, *, persistent=True):
        _share(self, data)
        self.requires_grad = data is not None and data.requires_grad
        self.persistent = persistent


def _share(tensor, data):
    """Let a new tensor show the memory of `data`."""
    source = (Tensor() if data is None else data).detach()
    tensor.array, tensor._writes = source.array, source.version()
