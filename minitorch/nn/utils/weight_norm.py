"""Weight normalisation: a weight as its length times its direction, w = g * v / |v| (Salimans and Kingma, 2016).

This is the older way, with a hook before each forward; new programs use nn.utils.parametrizations.weight_norm.
"""
import warnings

from ...ops import vector_norm
from ..parameter import Parameter, is_lazy


def norm_except_dim(v, pow=2, dim=0):
    """The norm of each slice of v along `dim`, with all dimensions kept; dim -1: of all of v, a 0-d tensor."""
    if dim == -1:
        return vector_norm(v, pow)
    length = v.size(dim)
    norms = vector_norm(v.movedim(dim, 0).reshape(length, -1), pow, 1)  # (..., K, ...) -> (K, -1) -> (K)
    return norms.reshape([length if d == dim else 1 for d in range(v.dim())])  # (K) -> (1, ..., K, ..., 1)


def scaled(v, g, dim):
    """g * v / |v|."""
    return v * (g / norm_except_dim(v, 2, dim))


class WeightNorm:
    """The hook: computes the weight from <name>_g and <name>_v before each forward."""

    def __init__(self, name, dim):
        self.name, self.dim = name, dim

    def compute_weight(self, module):
        return scaled(getattr(module, f"{self.name}_v"), getattr(module, f"{self.name}_g"), self.dim)

    def __call__(self, module, inputs):
        setattr(module, self.name, self.compute_weight(module))


def weight_norm(module, name="weight", dim=0):
    """Replace the parameter `name` by <name>_g, its length, and <name>_v, its direction. Returns the module.

    dim: the dimension along which each slice has a length of its own; None: one length for all.
    RuntimeError if the parameter is normalised already, ValueError if it is uninitialised.

    >>> import minitorch as torch
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     layer = weight_norm(torch.nn.Linear(20, 40))
    >>> layer.weight_g.size(), layer.weight_v.size()
    (torch.Size([40, 1]), torch.Size([40, 20]))
    """
    warnings.warn("`torch.nn.utils.weight_norm` is deprecated in favor of "
                  "`torch.nn.utils.parametrizations.weight_norm`.", FutureWarning, stacklevel=2)
    if any(isinstance(hook.function, WeightNorm) and hook.function.name == name
           for hook in module._forward_pre_hooks.values()):
        raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    weight = getattr(module, name)
    if is_lazy(weight):
        raise ValueError("The module passed to `WeightNorm` can't have uninitialized parameters. Make sure to run the "
                         "dummy forward before applying weight normalization")
    hook = WeightNorm(name, -1 if dim is None else dim)
    delattr(module, name)
    module.register_parameter(f"{name}_g", Parameter(norm_except_dim(weight, 2, hook.dim).detach()))
    module.register_parameter(f"{name}_v", Parameter(weight.detach()))
    hook(module, None)
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module, name="weight"):
    """Undo weight_norm: the parameter is what it is computed to be. Returns the module. ValueError if there is none."""
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook.function, WeightNorm) and hook.function.name == name:
            weight = hook.function.compute_weight(module)
            for attribute in name, f"{name}_g", f"{name}_v":
                delattr(module, attribute)
            module.register_parameter(name, Parameter(weight.detach()))
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"weight_norm of '{name}' not found in {module}")
