"""Pruning: zero the parameters that matter least, and keep them zero while the others learn on.

Pruning module.weight registers the parameter weight_orig and the buffer weight_mask, of zeros and ones; a hook before
each forward computes weight = weight_orig * weight_mask. A pruning method says, in `compute_mask`, which elements go.
Pruning again combines the methods in a PruningContainer: the new one chooses among what is left.
"""
import numbers
from abc import ABC, abstractmethod
from collections.abc import Iterable

from ...creation import ones_like, rand, rand_like, zeros_like
from ...ops import norm, topk
from .convert_parameters import parameters_to_vector


class BasePruningMethod(ABC):
    """A way of pruning: subclass it, and define compute_mask and PRUNING_TYPE.

    PRUNING_TYPE   what compute_mask sees of a tensor that is pruned already: "unstructured", the elements left, in a
                   row; "structured", the channels left along self.dim; "global", everything
    """

    _tensor_name = None

    def __call__(self, module, inputs):
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t, default_mask):
        """The mask for scores t, given the mask so far; of t's shape."""

    def apply_mask(self, module):
        """The tensor that the module's forward uses."""
        original = getattr(module, f"{self._tensor_name}_orig")
        return getattr(module, f"{self._tensor_name}_mask").to(original.dtype) * original

    @classmethod
    def apply(cls, module, name, *args, importance_scores=None, **kwargs):
        """Prune module.<name> with cls(*args, **kwargs), by the scores given or its own values. Returns the method."""
        method = cls(*args, **kwargs)
        method._tensor_name = name
        original = getattr(module, name)
        scores = _scores(original, importance_scores)
        key, old = _find(module, name)
        if old is None:
            mask = ones_like(original)
        else:
            container = old if isinstance(old, PruningContainer) else PruningContainer(old)
            container.add_pruning_method(method)
            method, mask = container, getattr(module, f"{name}_mask").clone()
        mask = method.compute_mask(scores, mask)
        if old is None:
            delattr(module, name)
            module.register_parameter(f"{name}_orig", original)
        else:
            del module._forward_pre_hooks[key]
        module.register_buffer(f"{name}_mask", mask)
        method(module, None)
        module.register_forward_pre_hook(method)
        return method

    def prune(self, t, default_mask=None, importance_scores=None):
        """t, pruned: without a module."""
        default_mask = ones_like(t) if default_mask is None else default_mask
        return t * self.compute_mask(_scores(t, importance_scores), default_mask)

    def remove(self, module):
        """Make the pruned tensor an ordinary parameter again. What was pruned stays zero."""
        name = self._tensor_name
        value, original = self.apply_mask(module), getattr(module, f"{name}_orig")
        for attribute in name, f"{name}_orig", f"{name}_mask":
            delattr(module, attribute)
        original.data = value.detach()
        module.register_parameter(name, original)


class PruningContainer(BasePruningMethod):
    """Several methods that prune one tensor, one after the other."""

    def __init__(self, *methods):
        self._pruning_methods = ()
        self._tensor_name = methods[0]._tensor_name if methods else None
        for method in methods:
            self.add_pruning_method(method)

    def add_pruning_method(self, method):
        """Add a method. ValueError if it prunes another tensor."""
        if not isinstance(method, BasePruningMethod):
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if method._tensor_name != self._tensor_name:
            raise ValueError(f"Can only add pruning methods acting on the parameter named '{self._tensor_name}' to "
                             f"PruningContainer {self}. Found '{method._tensor_name}'")
        self._pruning_methods += (method,)

    def __len__(self):
        return len(self._pruning_methods)

    def __iter__(self):
        return iter(self._pruning_methods)

    def __getitem__(self, index):
        return self._pruning_methods[index]

    def compute_mask(self, t, default_mask):
        """The old mask, changed by the last method where that one is to look."""
        method = self._pruning_methods[-1]
        if method.PRUNING_TYPE == "unstructured":
            left = default_mask == 1
        elif method.PRUNING_TYPE == "structured":
            dim = method.dim % t.dim()
            left = (slice(None),) * dim + (default_mask.sum([d for d in range(t.dim()) if d != dim]) != 0,)
        elif method.PRUNING_TYPE == "global":
            left = ...
        else:
            raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
        mask = default_mask.to(t.dtype, copy=True)
        mask[left] = method.compute_mask(t[left], default_mask[left]).to(mask.dtype)
        return mask


class Identity(BasePruningMethod):
    """Prunes nothing: a mask of ones."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        return default_mask


class CustomFromMask(BasePruningMethod):
    """Prunes where a given mask is zero."""

    PRUNING_TYPE = "global"

    def __init__(self, mask):
        self.mask = mask

    def compute_mask(self, t, default_mask):
        return default_mask * self.mask.to(default_mask.dtype)


class _Amount(BasePruningMethod):
    """Prunes `amount` of the elements or channels: a number of them (int) or a fraction (float)."""

    def __init__(self, amount):
        if not isinstance(amount, numbers.Real):
            raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
        if amount < 0 or not isinstance(amount, numbers.Integral) and amount > 1:
            raise ValueError(f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer")
        self.amount = amount

    def _count(self, size):
        """How many of `size`."""
        count = self.amount if isinstance(self.amount, numbers.Integral) else round(self.amount * size)
        if count > size:
            raise ValueError(f"amount={count} should be smaller than the number of parameters to prune={size}")
        return count


class _Unstructured(_Amount):
    """Prunes the elements with the smallest scores."""

    PRUNING_TYPE = "unstructured"

    def compute_mask(self, t, default_mask):
        count, mask = self._count(t.numel()), default_mask.clone()
        if count:
            mask.view(-1)[self._lowest(t.detach(), count)] = 0
        return mask


class RandomUnstructured(_Unstructured):
    """Prunes any elements."""

    def _lowest(self, t, count):
        return topk(rand_like(t).view(-1), count).indices


class L1Unstructured(_Unstructured):
    """Prunes the elements of smallest absolute value."""

    def _lowest(self, t, count):
        return topk(t.abs().view(-1), count, largest=False).indices


class _Structured(_Amount):
    """Prunes whole channels along `dim`."""

    PRUNING_TYPE = "structured"

    def compute_mask(self, t, default_mask):
        if t.dim() <= 1:
            raise ValueError("Structured pruning can only be applied to multidimensional tensors. Found tensor of "
                             f"shape {t.shape} with {t.dim()} dims")
        if self.dim >= t.dim():
            raise IndexError(f"Invalid index {self.dim} for tensor of size {t.shape}")
        size = t.shape[self.dim]
        count = self._count(size)
        if count == 0:
            return default_mask
        mask = zeros_like(t)
        mask.movedim(self.dim, 0)[self._kept(t.detach(), size - count)] = 1
        return mask * default_mask.to(mask.dtype)


class RandomStructured(_Structured):
    """Prunes any channels along `dim`."""

    def __init__(self, amount, dim=-1):
        super().__init__(amount)
        self.dim = dim

    def _kept(self, t, count):
        return topk(rand(t.shape[self.dim]), count).indices


class LnStructured(_Structured):
    """Prunes the channels along `dim` of smallest n-norm."""

    def __init__(self, amount, n, dim=-1):
        super().__init__(amount)
        self.n, self.dim = n, dim

    def _kept(self, t, count):
        others = [d for d in range(t.dim()) if d != self.dim % t.dim()]
        return topk(norm(t, p=self.n, dim=others), count).indices


def identity(module, name):
    """Prune nothing, but register the mask, of ones. Returns the module."""
    Identity.apply(module, name)
    return module


def random_unstructured(module, name, amount):
    """Prune `amount` (int: a number, float: a fraction) of the elements of module.<name>, any. Returns the module."""
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module, name, amount, importance_scores=None):
    """Prune `amount` of the elements of module.<name>, those of smallest absolute value or score. Returns the module.

    >>> import minitorch as torch
    >>> layer = l1_unstructured(torch.nn.Linear(2, 3), "weight", amount=0.5)
    >>> int((layer.weight == 0).sum())
    3
    >>> list(layer.state_dict())
    ['bias', 'weight_orig', 'weight_mask']
    """
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module, name, amount, dim):
    """Prune `amount` of the channels of module.<name> along `dim`, any. Returns the module."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module, name, amount, n, dim, importance_scores=None):
    """Prune `amount` of the channels of module.<name> along `dim`, those of smallest n-norm. Returns the module."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module, name, mask):
    """Prune module.<name> where `mask` is zero. Returns the module."""
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(parameters, pruning_method, importance_scores=None, **kwargs):
    """Prune several tensors, given as (module, name) pairs, as if they were one, with pruning_method(**kwargs).

    importance_scores: {(module, name): scores}. TypeError for a method that is not unstructured.
    """
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    if not isinstance(importance_scores, (dict, type(None))):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    parameters, given = list(parameters), importance_scores or {}
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError('Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
                        f"{pruning_method} of type {method.PRUNING_TYPE}")
    tensors = [getattr(module, name) for module, name in parameters]
    scores = [given.get(pair, tensor) for pair, tensor in zip(parameters, tensors)]
    masks = [getattr(module, f"{name}_mask", ones_like(tensor)) for (module, name), tensor in zip(parameters, tensors)]
    mask = PruningContainer(method).compute_mask(*map(parameters_to_vector, (scores, masks)))
    for (module, name), part in zip(parameters, mask.split([tensor.numel() for tensor in tensors])):
        custom_from_mask(module, name, part.view_as(getattr(module, name)))


def remove(module, name):
    """Make the pruned tensor an ordinary parameter again. Returns the module. ValueError if it is not pruned."""
    key, method = _find(module, name)
    if method is None:
        raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")
    method.remove(module)
    del module._forward_pre_hooks[key]
    return module


def is_pruned(module):
    """Is a tensor of this module, or of one below, pruned?"""
    return any(isinstance(hook.function, BasePruningMethod)
               for part in module.modules() for hook in part._forward_pre_hooks.values())


def _find(module, name):
    """(key, method) of the hook that prunes this tensor; (None, None) if it is not pruned."""
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook.function, BasePruningMethod) and hook.function._tensor_name == name:
            return key, hook.function
    return None, None


def _scores(tensor, scores):
    if scores is None:
        return tensor
    if scores.shape != tensor.shape:
        raise AssertionError("importance_scores should have the same shape as the tensor to prune, got "
                             f"{scores.shape} and {tensor.shape}")
    return scores
