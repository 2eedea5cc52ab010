"""Parameter and Buffer: tensors that a Module registers when they are assigned to it; and both before their shape is
known.
"""
from .. import creation
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


class _Uninitialized:
    """A tensor whose shape is not known yet. It has a dtype and a device, and becomes a tensor by `materialize`."""

    def __init__(self, requires_grad, device, dtype):
        self._empty = creation.empty(0, device=device, dtype=dtype)
        self.requires_grad = requires_grad

    def materialize(self, shape, device=None, dtype=None):
        """Become an ordinary Parameter or Tensor of that shape, with any numbers; the same object."""
        array = creation.empty(shape, device=device or self.device, dtype=dtype or self.dtype).array
        self.__class__ = self.cls_to_become
        self.array = array

    @property
    def array(self):  # whatever needs numbers asks for it
        raise ValueError("Attempted to use an uninitialized parameter. This error happens when you are using a "
                         f"`LazyModule` or explicitly manipulating `torch.nn.parameter.{type(self).__name__}` objects. "
                         "When using LazyModules Call `forward` with a dummy batch to initialize the parameters before "
                         "calling torch functions")

    @property
    def shape(self):
        raise RuntimeError("Can't access the shape of an uninitialized parameter or buffer. This error usually happens "
                           "in `load_state_dict` when trying to load an uninitialized parameter into an initialized "
                           "one. Call `forward` to initialize the parameters before accessing their attributes.")

    @property
    def data(self):
        return self._empty

    @data.setter
    def data(self, value):
        self._empty = value

    @property
    def dtype(self):
        return self._empty.dtype

    @property
    def device(self):
        return self._empty.device

    def is_floating_point(self):
        return self._empty.is_floating_point()

    def detach(self):  # what a state dict holds
        return self

    def __repr__(self):
        return f"<{type(self).__name__}>"

    def __deepcopy__(self, memo):
        return memo.setdefault(id(self), type(self)(self.requires_grad, self.device, self.dtype))

    def __reduce__(self):
        return type(self), (self.requires_grad, self.device, self.dtype)


class UninitializedParameter(_Uninitialized, Parameter):
    """A Parameter whose shape is not known yet: ValueError or RuntimeError for all but `materialize`, dtype and device.

    >>> import minitorch as torch
    >>> weight = UninitializedParameter()
    >>> weight
    <UninitializedParameter>
    >>> weight.materialize((2, 3)); weight.shape
    torch.Size([2, 3])
    """

    cls_to_become = Parameter

    def __init__(self, requires_grad=True, device=None, dtype=None):
        super().__init__(requires_grad, device, dtype)


class UninitializedBuffer(_Uninitialized, Buffer):
    """A Buffer whose shape is not known yet; `materialize` makes it a Tensor. See UninitializedParameter."""

    cls_to_become = Tensor

    def __init__(self, requires_grad=False, device=None, dtype=None, persistent=True):
        super().__init__(requires_grad, device, dtype)
        self.persistent = persistent


def is_lazy(tensor):
    """Has this parameter or buffer no shape yet?"""
    return isinstance(tensor, _Uninitialized)
