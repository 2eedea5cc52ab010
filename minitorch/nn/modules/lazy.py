"""Lazy layers: they find out from their first input how many features or channels come in.

Until then their parameters are uninitialised: they have no shape. The first call gives them one, draws their numbers,
and turns the layer into the ordinary one, `LazyLinear` into `Linear`. The parameters stay the same objects.
"""
from ..parameter import UninitializedBuffer, UninitializedParameter, is_lazy
from .batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from .conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .linear import Linear
from .module import Module

__all__ = """
LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d
LazyConvTranspose3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear
""".split()


class LazyModuleMixin:
    """Makes a Module lazy: list it as the first base, and define initialize_parameters.

    Before its first forward, the module calls initialize_parameters with the same arguments; there, uninitialised
    parameters get their shapes by `materialize`. Then the module becomes a `cls_to_become`, if there is one.
    RuntimeError if a parameter is still uninitialised.
    """

    cls_to_become = None
    _has_run = False

    def __call__(self, *args, **kwargs):
        if not self._has_run:
            self.initialize_parameters(*args, **kwargs)
            if self.has_uninitialized_params():
                raise RuntimeError(f"module {self._get_name()} has not been fully initialized")
            if self.cls_to_become is None:
                self._has_run = True
            else:
                self.__class__ = self.cls_to_become
        return Module.__call__(self, *args, **kwargs)

    def initialize_parameters(self, *args, **kwargs):
        """Override: give the uninitialised parameters their shapes and numbers."""
        raise NotImplementedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self):
        """Is there a parameter or buffer without a shape?"""
        return any(map(is_lazy, [*self._parameters.values(), *self._buffers.values()]))

    def _load_from_state_dict(self, state_dict, prefix, *args):
        for name, tensor in {**self._parameters, **self._buffers}.items():
            new = state_dict.get(prefix + name)
            if is_lazy(tensor) and new is not None and not is_lazy(new):
                tensor.materialize(new.shape)
        super()._load_from_state_dict(state_dict, prefix, *args)


class _LazyLayer(LazyModuleMixin):
    """One of the layers below: made with 0 inputs, and all its tensors uninitialised."""

    _size = None  # the name of the attribute that the first input decides

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for members, kind in (self._parameters, UninitializedParameter), (self._buffers, UninitializedBuffer):
            for name, tensor in members.items():
                if tensor is not None and tensor.is_floating_point():
                    members[name] = kind(tensor.requires_grad, tensor.device, tensor.dtype)

    def reset_parameters(self):
        """Draw new parameters, if there are any yet."""
        if getattr(self, self._size) and not self.has_uninitialized_params():
            super().reset_parameters()

    def initialize_parameters(self, input):
        """Give the parameters their shapes and numbers."""
        size = self._size_in(input)
        if getattr(self, self._size) == 0:
            setattr(self, self._size, size)
        if self.has_uninitialized_params():
            for name, shape in self._shapes().items():
                tensor = getattr(self, name)
                if tensor is not None:
                    tensor.materialize(shape)
            self.reset_parameters()


class LazyLinear(_LazyLayer, Linear):
    """A Linear that takes in_features from the last size of its first input.

    >>> import minitorch as torch
    >>> layer = LazyLinear(30); layer
    LazyLinear(in_features=0, out_features=30, bias=True)
    >>> layer(torch.zeros(128, 20)).shape; layer
    torch.Size([128, 30])
    Linear(in_features=20, out_features=30, bias=True)
    """

    cls_to_become = Linear
    _size = "in_features"

    def __init__(self, out_features, bias=True, device=None, dtype=None):
        super().__init__(0, out_features, bias, device, dtype)

    def _size_in(self, input):
        size = input.shape[-1]
        if not is_lazy(self.weight) and self.weight.shape[-1] != size:
            raise AssertionError(f"The in_features inferred from input: {size} is not equal to in_features from "
                                 f"self.weight: {self.weight.shape[-1]}")
        return size

    def _shapes(self):
        return {"weight": (self.out_features, self.in_features), "bias": (self.out_features,)}


class _LazyConv(_LazyLayer):
    """A convolution that takes in_channels from its first input. Arguments: the usual ones without in_channels."""

    _size = "in_channels"

    def __init__(self, out_channels, *args, **kwargs):
        super().__init__(0, out_channels, *args, **kwargs)

    def _size_in(self, input):
        ndim = self._rank + 2
        if input.dim() not in (ndim - 1, ndim):
            raise RuntimeError(f"Expected {ndim - 1}D (unbatched) or {ndim}D (batched) input to {type(self).__name__}, "
                               f"but got input of size: {input.shape}")
        return input.shape[-ndim + 1]

    def _shapes(self):
        self._check()  # that groups divides in_channels
        return {"weight": self._weight_shape(), "bias": (self.out_channels,)}


class LazyConv1d(_LazyConv, Conv1d):
    """A Conv1d that takes in_channels from its first input."""

    cls_to_become = Conv1d


class LazyConv2d(_LazyConv, Conv2d):
    """A Conv2d that takes in_channels from its first input.

    >>> import minitorch as torch
    >>> layer = LazyConv2d(33, kernel_size=3)
    >>> layer(torch.zeros(1, 16, 5, 5)).shape; layer
    torch.Size([1, 33, 3, 3])
    Conv2d(16, 33, kernel_size=(3, 3), stride=(1, 1))
    """

    cls_to_become = Conv2d


class LazyConv3d(_LazyConv, Conv3d):
    """A Conv3d that takes in_channels from its first input."""

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyConv, ConvTranspose1d):
    """A ConvTranspose1d that takes in_channels from its first input."""

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConv, ConvTranspose2d):
    """A ConvTranspose2d that takes in_channels from its first input."""

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConv, ConvTranspose3d):
    """A ConvTranspose3d that takes in_channels from its first input."""

    cls_to_become = ConvTranspose3d


class _LazyNorm(_LazyLayer):
    """A normalisation that takes num_features from its first input; affine and with running statistics by default."""

    _size = "num_features"

    def __init__(self, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None, *,
                 bias=True):
        super().__init__(0, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def initialize_parameters(self, input):
        """Give the parameters their shapes and numbers; without any there is nothing to find out."""
        if self.has_uninitialized_params():
            super().initialize_parameters(input)

    def _size_in(self, input):
        return input.shape[1]  # PyTorch does not look for a missing batch dimension here

    def _shapes(self):
        return dict.fromkeys(["weight", "bias", "running_mean", "running_var"], (self.num_features,))


class LazyBatchNorm1d(_LazyNorm, BatchNorm1d):
    """A BatchNorm1d that takes num_features from its first input."""

    cls_to_become = BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, BatchNorm2d):
    """A BatchNorm2d that takes num_features from its first input.

    >>> import minitorch as torch
    >>> layer = LazyBatchNorm2d()
    >>> _ = layer(torch.zeros(1, 16, 5, 5)); layer
    BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    """

    cls_to_become = BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, BatchNorm3d):
    """A BatchNorm3d that takes num_features from its first input."""

    cls_to_become = BatchNorm3d


class LazyInstanceNorm1d(_LazyNorm, InstanceNorm1d):
    """An InstanceNorm1d that takes num_features from its first input."""

    cls_to_become = InstanceNorm1d


class LazyInstanceNorm2d(_LazyNorm, InstanceNorm2d):
    """An InstanceNorm2d that takes num_features from its first input."""

    cls_to_become = InstanceNorm2d


class LazyInstanceNorm3d(_LazyNorm, InstanceNorm3d):
    """An InstanceNorm3d that takes num_features from its first input."""

    cls_to_become = InstanceNorm3d
