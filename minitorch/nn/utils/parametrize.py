"""Parametrizations: a parameter that is computed from another one, each time it is read.

register_parametrization(layer, "weight", Symmetric()) moves layer.weight to layer.parametrizations.weight.original,
which is what the optimizer learns; reading layer.weight computes Symmetric()(original), with gradients. Several on one
tensor form a chain. Writing layer.weight works too, if each has a `right_inverse`.

For this the module gets a class of its own, a subclass of what it was, with a property for each such tensor.
"""
import copy
from contextlib import contextmanager

from ...autograd import no_grad
from ...engine import TensorBase
from ..modules import ModuleDict, ModuleList
from ..parameter import Parameter

_caches = []  # one dict for each `cached` block that is open; all use the first


@contextmanager
def cached():
    """In this block, compute each parametrized tensor once, when it is first read."""
    _caches.append({})
    try:
        yield
    finally:
        _caches.pop()


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, in the order in which they apply, and what they start from: `original`, or
    `original0`, `original1` ... if the first one has a right_inverse that returns several tensors.
    """

    def __init__(self, modules, original, unsafe=False):
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        dtype, shape = original.dtype, original.shape
        with no_grad():
            new = original
            for parametrization in reversed(list(self)):
                new = _right_inverse(parametrization, new)
        self.is_tensor = isinstance(new, TensorBase)
        self.ntensors = 1 if self.is_tensor else len(_sequence(new))
        if self.is_tensor:
            if new.dtype != dtype:
                raise ValueError("When `right_inverse` outputs one tensor, it may not change the dtype.\n"
                                 f"original.dtype: {dtype}\nright_inverse(original).dtype: {new.dtype}")
            if new is not original:
                original.data = new.detach()
            _register(self, "original", original)
        else:
            for i, tensor in enumerate(new):
                if isinstance(original, Parameter):
                    tensor = Parameter(tensor, original.requires_grad)
                _register(self, f"original{i}", tensor)
        if not unsafe:
            _check_form("", "unparametrized", "parametrized", self(), dtype, shape)

    def originals(self):
        """The tensors from which the chain starts."""
        names = ["original"] if self.is_tensor else [f"original{i}" for i in range(self.ntensors)]
        return [getattr(self, name) for name in names]

    def forward(self):
        first, *rest = self
        x = first(*self.originals())
        for parametrization in rest:
            x = parametrization(x)
        return x

    @no_grad()
    def right_inverse(self, value):
        """Set the originals so that the tensor becomes `value`, by the right_inverse of each, from the last back."""
        for parametrization in reversed(list(self)):
            if not hasattr(parametrization, "right_inverse"):
                raise RuntimeError(f"parametrization {type(parametrization).__name__} does not implement "
                                   "right_inverse.")
            value = parametrization.right_inverse(value)
        if self.is_tensor and not isinstance(value, TensorBase):
            raise ValueError(f"`right_inverse` should return a tensor. Got {type(value).__name__}")
        values = [value] if self.is_tensor else _sequence(value)
        if len(values) != self.ntensors:
            raise ValueError(f"'right_inverse' must return a sequence of tensors of length {self.ntensors}. Got a "
                             f"sequence of length {len(values)}.")
        for original, new in zip(self.originals(), values):
            if new.dtype != original.dtype:
                raise ValueError(f"The tensor returned by `right_inverse` has dtype {new.dtype} while `original` has "
                                 f"dtype {original.dtype}")
            original.data = new.detach()


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    """Let module.<tensor_name> be parametrization(original), computed when it is read. Returns the module.

    `parametrization` is a Module. It may have a method right_inverse(value), which returns the original (or several
    tensors, for a parametrization of several arguments) for a value; registering and assigning use it.
    unsafe: the parametrization may change dtype and shape, and is not tried out here. ValueError if it is not unsafe
    and does, or if there is no parameter or buffer of that name.

    >>> import minitorch as torch
    >>> class Symmetric(torch.nn.Module):
    ...     def forward(self, x):
    ...         return x.triu() + x.triu(1).T
    >>> layer = register_parametrization(torch.nn.Linear(3, 3), "weight", Symmetric())
    >>> torch.equal(layer.weight, layer.weight.T)
    True
    >>> [name for name, _ in layer.named_parameters()]
    ['bias', 'parametrizations.weight.original']
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        chain = module.parametrizations[tensor_name]
        if not unsafe:
            _check_link(module, tensor_name, parametrization)
        chain.append(parametrization)
        chain.unsafe |= unsafe
    elif tensor_name in module._buffers or tensor_name in module._parameters:
        chain = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
        delattr(module, tensor_name)
        if not is_parametrized(module):
            module.parametrizations = ModuleDict()
        base = type_before_parametrizations(module)
        module.parametrizations[tensor_name] = chain
        _change_class(module, base)
    else:
        raise ValueError(f"Module '{module}' does not have a parameter, a buffer, or a parametrized element with name "
                         f"'{tensor_name}'")
    return module


def is_parametrized(module, tensor_name=None):
    """Is this tensor of the module, or any, parametrized?"""
    chains = module._modules.get("parametrizations")
    if not isinstance(chains, ModuleDict):
        return False
    return len(chains) > 0 if tensor_name is None else tensor_name in chains


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    """Make a parametrized tensor an ordinary one: its present value or, if not `leave_parametrized`, its original.

    Returns the module. ValueError if it is not parametrized, or if there are several originals to leave.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    chain = module.parametrizations[tensor_name]
    if not chain.is_tensor and not leave_parametrized:
        raise ValueError("Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in "
                         "terms of a sequence of tensors.")
    value = getattr(module, tensor_name)
    if chain.is_tensor:
        if leave_parametrized:
            chain.original.data = value.detach()
        value = chain.original
    elif value.requires_grad:
        value = Parameter(value)
    base = type_before_parametrizations(module)
    del module.parametrizations[tensor_name]
    _change_class(module, base)
    if not is_parametrized(module):
        del module.parametrizations
    _register(module, tensor_name, value)
    return module


def type_before_parametrizations(module):
    """The module's class, without what parametrizations made of it."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def transfer_parametrizations_and_params(from_module, to_module, tensor_name=None):
    """Register the parametrizations of one module, all or those of one tensor, with their originals, in another one.

    Returns to_module.
    """
    names = list(from_module.parametrizations) if is_parametrized(from_module) else []
    for name in names if tensor_name is None else [tensor_name] if names else []:
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name)))
        chain = from_module.parametrizations[name]
        for parametrization in chain:
            register_parametrization(to_module, name, parametrization)
        for key in [*chain._parameters, *chain._buffers]:
            setattr(to_module.parametrizations[name], key, getattr(chain, key))
    return to_module


def _change_class(module, base):
    """Give the module a subclass of `base` with a property for each parametrized tensor; without any, `base` itself."""
    names = list(module.parametrizations)
    members = {name: _property(name) for name in names}
    members.update(__getstate__=_refuse_to_pickle, __deepcopy__=_deepcopy)
    module.__class__ = type(f"Parametrized{base.__name__}", (base,), members) if names else base


def _property(name):
    def read(module):
        chain = module.parametrizations[name]
        if not _caches:
            return chain()
        key = id(module), name
        if key not in _caches[0]:
            _caches[0][key] = chain()
        return _caches[0][key]

    def write(module, value):
        module.parametrizations[name].right_inverse(value)

    return property(read, write)


def _refuse_to_pickle(module):
    raise RuntimeError("Serialization of parametrized modules is only supported through state_dict(). See:\n"
                       "https://pytorch.org/tutorials/beginner/saving_loading_models.html"
                       "#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training")


def _deepcopy(module, memo):
    if id(module) not in memo:
        memo[id(module)] = replica = module.__new__(type(module))
        replica.__dict__ = copy.deepcopy(module.__dict__, memo)
    return memo[id(module)]


def _right_inverse(parametrization, value):
    """What a parametrization would have to get to give `value`; `value` itself if it does not say."""
    if not hasattr(parametrization, "right_inverse"):
        return value
    try:
        return parametrization.right_inverse(value)
    except NotImplementedError:
        return value


def _sequence(value):
    """ValueError unless it is a list or tuple of tensors."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(x, TensorBase) for x in value):
        raise ValueError("'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got "
                         f"{type(value).__name__}")
    return value


def _check_link(module, name, parametrization):
    """Try a parametrization, that is to join the chain, on the tensor's present value."""
    value = getattr(module, name)
    new = parametrization(value)
    _check_form("the ", f"module.{name}", f"parametrization(module.{name})", new, value.dtype, value.shape)
    back = _right_inverse(parametrization, new)
    if not isinstance(back, TensorBase):
        raise ValueError(f"parametrization.right_inverse must return a tensor. Got: {type(back).__name__}")
    for what in "dtype", "shape":
        wanted, got = getattr(value, what), getattr(back, what)
        if got != wanted:
            raise ValueError(f"The tensor returned by parametrization.right_inverse must have the same {what} as "
                             f"module.{name}, unless the `unsafe` flag is enabled.\nmodule.{name}.{what}: {wanted}\n"
                             f"returned {what}: {got}")


def _check_form(the, before, after, tensor, dtype, shape):
    """ValueError unless `tensor` is one, of that dtype and shape."""
    if not isinstance(tensor, TensorBase):
        raise ValueError(f"A parametrization must return a tensor. Got {type(tensor).__name__}.")
    for what, wanted, got in ("dtype", dtype, tensor.dtype), ("shape", shape, tensor.shape):
        if got != wanted:
            raise ValueError(f"Registering a parametrization may not change the {what} of the tensor, unless "
                             f"{the}`unsafe` flag is enabled.\n{before} {what}: {wanted}\n{after} {what}: {got}")


def _register(module, name, tensor):
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)
