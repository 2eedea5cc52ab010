"""Spectral normalisation: a weight divided by its largest singular value (Miyato et al., 2018).

The power method finds that value: u and v follow the weight matrix W by u = W v / |W v|, v = W^T u / |W^T u|, a step or
so for each forward, and the value is u^T W v.

This is the older way, with a hook before each forward; new programs use nn.utils.parametrizations.spectral_norm.
"""
from ...autograd import no_grad
from ...creation import randn
from ..functional import normalize
from ..modules import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from ..parameter import Parameter, is_lazy


def default_dim(module):
    """The dimension of the outputs in a module's weight."""
    return 1 if isinstance(module, (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)) else 0


def as_matrix(weight, dim):
    """Dimension `dim` in front, all others in one: (..., K, ...) -> (K, -1)."""
    weight = weight.movedim(dim, 0)
    return weight.reshape(len(weight), -1)


def first_vectors(matrix, eps):
    """Random u and v of length 1, for a matrix of shape (K, L): (K), (L)."""
    return tuple(normalize(randn(size, dtype=matrix.dtype, device=matrix.device), dim=0, eps=eps)
                 for size in matrix.shape)


def check_steps(n_power_iterations):
    """ValueError unless there is at least one step of the power method."""
    if n_power_iterations <= 0:
        raise ValueError("Expected n_power_iterations to be positive, but got "
                         f"n_power_iterations={n_power_iterations}")


class SpectralNorm:
    """The hook: before each forward, compute the weight from <name>_orig; in training, after power iterations."""

    def __init__(self, name, n_power_iterations, dim, eps):
        check_steps(n_power_iterations)
        self.name, self.n_power_iterations, self.dim, self.eps = name, n_power_iterations, dim, eps

    def compute_weight(self, module, steps):
        weight, u, v = (getattr(module, f"{self.name}_{suffix}") for suffix in ("orig", "u", "v"))
        matrix = as_matrix(weight, self.dim)
        with no_grad():
            for _ in range(steps):
                v.copy_(normalize(matrix.t().mv(u), dim=0, eps=self.eps))
                u.copy_(normalize(matrix.mv(v), dim=0, eps=self.eps))
        # copies, for backward: the next forward moves u and v
        return weight / u.clone().dot(matrix.mv(v.clone()))

    def __call__(self, module, inputs):
        steps = self.n_power_iterations if module.training else 0
        setattr(module, self.name, self.compute_weight(module, steps))


def spectral_norm(module, name="weight", n_power_iterations=1, eps=1e-12, dim=None):
    """Divide the parameter `name` by its largest singular value, estimated by n_power_iterations steps each forward.

    The parameter is now <name>_orig; buffers <name>_u and <name>_v hold the vectors. dim: that of the outputs, 0, or 1
    for a transposed convolution. Returns the module. RuntimeError if the parameter is normalised already, ValueError
    if it is None or uninitialised.

    >>> import minitorch as torch
    >>> layer = spectral_norm(torch.nn.Linear(20, 40))
    >>> layer.weight_u.size()
    torch.Size([40])
    """
    if any(isinstance(hook.function, SpectralNorm) and hook.function.name == name
           for hook in module._forward_pre_hooks.values()):
        raise RuntimeError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    hook = SpectralNorm(name, n_power_iterations, default_dim(module) if dim is None else dim, eps)
    weight = module._parameters[name]
    if weight is None:
        raise ValueError(f"`SpectralNorm` cannot be applied as parameter `{name}` is None")
    if is_lazy(weight):
        raise ValueError("The module passed to `SpectralNorm` can't have uninitialized parameters. Make sure to run "
                         "the dummy forward before applying spectral normalization")
    u, v = first_vectors(as_matrix(weight, hook.dim), eps)
    delattr(module, name)
    module.register_parameter(f"{name}_orig", weight)
    setattr(module, name, weight.data)  # until the first forward
    module.register_buffer(f"{name}_u", u)
    module.register_buffer(f"{name}_v", v)
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module, name="weight"):
    """Undo spectral_norm: the parameter is what it is computed to be. Returns the module. ValueError if there is none.
    """
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook.function, SpectralNorm) and hook.function.name == name:
            weight = hook.function.compute_weight(module, steps=0)
            for attribute in name, f"{name}_u", f"{name}_v", f"{name}_orig":
                delattr(module, attribute)
            module.register_parameter(name, Parameter(weight.detach()))
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(f"spectral_norm of '{name}' not found in {module}")
