"""Mixed precision: products in bfloat16 or float16, everything else in float32 (https://arxiv.org/abs/1710.03740).

autocast chooses dtypes, function by function (see autocast.py). GradScaler keeps small gradients from vanishing in
float16: it differentiates scale * loss, divides the gradients by the scale again, and looks for a good scale.
"""
import functools
import warnings

import numpy as np

from . import dtypes
from .autograd.grad_mode import _Switch
from .device import device as device_class
from .graph import TensorBase, grad_mode

__all__ = ["autocast", "custom_bwd", "custom_fwd", "get_autocast_dtype", "GradScaler", "is_autocast_available",
           "is_autocast_enabled"]


class autocast(_Switch):
    """Inside (or in a decorated function), products and convolutions of float32 compute in `dtype`, losses in float32.

    device_type: "cpu"; on others autocast warns and does nothing. dtype: torch.bfloat16 (default) or torch.float16.

    >>> import minitorch as torch
    >>> with torch.autocast("cpu"):
    ...     product = torch.ones(2, 2) @ torch.ones(2, 2)
    >>> product.dtype, (product + torch.ones(2)).dtype
    (torch.bfloat16, torch.float32)
    """

    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=None):
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        self.device, self.fast_dtype = device_class(device_type).type, dtype or dtypes.bfloat16
        if enabled and self.device == "cuda":
            warnings.warn("CUDA is not available or torch_xla is imported. Disabling autocast.", stacklevel=2)
        if self.device != "cpu":
            super().__init__()
            return
        if enabled and self.fast_dtype not in (dtypes.bfloat16, dtypes.float16):
            warnings.warn("In CPU autocast, but the target dtype is not supported. Disabling autocast.\nCPU Autocast "
                          "only supports dtypes of torch.bfloat16, torch.float16 currently.", stacklevel=2)
            enabled = False
        super().__init__(autocast=self.fast_dtype.numpy if enabled else None)


def is_autocast_available(device_type):
    """Whether autocast works on a device: on the CPU.

    >>> is_autocast_available("cpu")
    True
    """
    return device_class(device_type).type == "cpu"


def is_autocast_enabled(device_type="cuda"):
    """Whether we are inside an autocast for this device.

    >>> is_autocast_enabled("cpu")
    False
    """
    return device_type == "cpu" and grad_mode.autocast is not None


def get_autocast_dtype(device_type):
    """The dtype of autocast's products on this device.

    >>> get_autocast_dtype("cpu"), get_autocast_dtype("cuda")
    (torch.bfloat16, torch.float16)
    """
    if device_type != "cpu":
        return dtypes.float16
    return dtypes.bfloat16 if grad_mode.autocast is None else dtypes.of_numpy(grad_mode.autocast)


def custom_fwd(fwd=None, *, device_type, cast_inputs=None):
    """Decorates the forward of an autograd.Function: under autocast it gets its tensors in dtype `cast_inputs`, and
    runs without autocast."""
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def forward(ctx, *args, **kwargs):
        ctx._autocast = grad_mode.autocast
        if cast_inputs is None or not is_autocast_enabled(device_type):
            return fwd(ctx, *args, **kwargs)
        args = [x.to(cast_inputs) if isinstance(x, TensorBase) and x.is_floating_point() else x for x in args]
        with autocast(device_type, enabled=False):
            return fwd(ctx, *args, **kwargs)

    return forward


def custom_bwd(bwd=None, *, device_type):
    """Decorates the backward of an autograd.Function: it runs under the autocast that forward ran under."""
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def backward(ctx, *grads):
        with _Switch(autocast=ctx._autocast):
            return bwd(ctx, *grads)

    return backward


class GradScaler:
    """scale(loss).backward(); step(optimizer); update(): training with gradients that are `scale` times as large.

    A step whose gradients hold inf or NaN is left out, and the scale multiplied by backoff_factor; after
    growth_interval steps without, by growth_factor. For device "cuda", which is not there, it warns and does nothing.

    >>> import minitorch as torch
    >>> w = torch.nn.Parameter(torch.tensor(1.))
    >>> optimizer, scaler = torch.optim.SGD([w], lr=0.1), GradScaler("cpu", init_scale=8.)
    >>> scaler.scale(w * w).backward(); scaler.step(optimizer); scaler.update()
    >>> w.grad, w.item() < 1
    (tensor(2.), True)
    """

    def __init__(self, device="cuda", init_scale=2.0**16, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000,
                 enabled=True):
        if enabled and device == "cuda":
            warnings.warn("torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.", stacklevel=2)
            enabled = False
        if enabled and growth_factor <= 1:
            raise AssertionError("The growth factor must be > 1.0.")
        if enabled and backoff_factor >= 1:
            raise AssertionError("The backoff factor must be < 1.0.")
        self._enabled, self._scale, self._growth_tracker = enabled, float(init_scale), 0
        self._growth_factor, self._backoff_factor = growth_factor, backoff_factor
        self._growth_interval = growth_interval
        self._found_inf = {}  # id of an optimizer whose gradients are unscaled -> whether they hold inf or NaN
        self._stepped = set()

    def is_enabled(self):
        return self._enabled

    def scale(self, outputs):
        """Tensors (one, or nested in lists and tuples), times the scale."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, TensorBase):
            return outputs * self._scale
        if isinstance(outputs, (list, tuple)):
            return type(outputs)([self.scale(x) for x in outputs])
        raise ValueError("outputs must be a Tensor or an iterable of Tensors")

    def unscale_(self, optimizer):
        """Divide the gradients of an optimizer's parameters by the scale: once before each step."""
        if not self._enabled:
            return
        if id(optimizer) in self._stepped:
            raise RuntimeError("unscale_() is being called after step().")
        if id(optimizer) in self._found_inf:
            raise RuntimeError("unscale_() has already been called on this optimizer since the last update().")
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads:
            grad.array[...] = grad.array / np.float32(self._scale)
        self._found_inf[id(optimizer)] = any(not np.isfinite(grad.array.astype(np.float64)).all() for grad in grads)

    def step(self, optimizer, *args, **kwargs):
        """optimizer.step(), unless a gradient is inf or NaN. Unscales first, if that was not done yet."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise RuntimeError("Closure use is not currently supported if GradScaler is enabled.")
        if id(optimizer) in self._stepped:
            raise RuntimeError("step() has already been called since the last update().")
        if id(optimizer) not in self._found_inf:
            self.unscale_(optimizer)
        self._stepped.add(id(optimizer))
        return None if self._found_inf[id(optimizer)] else optimizer.step(*args, **kwargs)

    def update(self, new_scale=None):
        """Choose the next scale: `new_scale`, or larger or smaller as the steps since the last update say."""
        if not self._enabled:
            return
        if new_scale is not None:
            self._scale = float(new_scale)
        elif not self._found_inf:
            raise AssertionError("No inf checks were recorded prior to update.")
        elif any(self._found_inf.values()):
            self._scale, self._growth_tracker = self._scale * self._backoff_factor, 0
        else:
            self._growth_tracker += 1
            if self._growth_tracker == self._growth_interval:
                self._scale, self._growth_tracker = self._scale * self._growth_factor, 0
        self._found_inf, self._stepped = {}, set()

    def get_scale(self):
        return self._scale if self._enabled else 1.0

    def get_growth_factor(self):
        return self._growth_factor

    def set_growth_factor(self, new_factor):
        self._growth_factor = new_factor

    def get_backoff_factor(self):
        return self._backoff_factor

    def set_backoff_factor(self, new_factor):
        self._backoff_factor = new_factor

    def get_growth_interval(self):
        return self._growth_interval

    def set_growth_interval(self, new_interval):
        self._growth_interval = new_interval

    def state_dict(self):
        """The scale, and how it changes; empty if not enabled."""
        if not self._enabled:
            return {}
        return {"scale": self._scale, "growth_factor": self._growth_factor, "backoff_factor": self._backoff_factor,
                "growth_interval": self._growth_interval, "_growth_tracker": self._growth_tracker}

    def load_state_dict(self, state_dict):
        """Take over what state_dict() returned. RuntimeError for an empty one."""
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError("The source state dict is empty, possibly because it was saved from a disabled instance "
                               "of GradScaler.")
        self._scale, self._growth_tracker = state_dict["scale"], state_dict["_growth_tracker"]
        self._growth_factor, self._backoff_factor = state_dict["growth_factor"], state_dict["backoff_factor"]
        self._growth_interval = state_dict["growth_interval"]
