"""`out=`: an operation that writes its result into a tensor that is there already."""
import functools
import inspect
import types
import warnings

import numpy as np

from ..engine import TensorBase
from ..graph import grad_mode
from .inplace import assign


def give_out(namespace):
    """Give `out=` to every operation in a namespace of torch's: `torch.exp(x, out=y)` writes into y and returns it."""
    for name, value in namespace.items():
        if isinstance(value, types.FunctionType) and value.__module__.startswith(f"{__package__}."):
            namespace[name] = with_out(value)
            namespace[name].__module__ = namespace["__name__"]  # where pickle finds it


def with_out(function):
    """`function` with a keyword `out`: a tensor, or a tuple of them where it has several results.

    The result is computed first, so `out` may be an input as well. An `out` of another shape is resized, with torch's
    warning unless it was empty. RuntimeError where the result's dtype does not fit, or where a gradient is wanted.
    """

    @functools.wraps(function)
    def into(*args, out=None, **kwargs):
        try:
            result = function(*args, **kwargs)
        except AttributeError as error:
            if error.name in ("array", "dtype"):
                _blame(function, args, kwargs, error.obj)
            raise
        return result if out is None else write(function.__name__, result, out)

    return into


def _blame(function, args, kwargs, x):
    """TypeError, as torch words it, if x, which turned out to be no tensor, is an argument of the function."""
    arguments = inspect.signature(function).bind(*args, **kwargs).arguments
    for position, (name, value) in enumerate(arguments.items(), 1):
        if value is x and not isinstance(x, TensorBase):
            raise TypeError(f"{function.__name__}(): argument '{name}' (position {position}) must be Tensor, not "
                            f"{type(x).__name__}") from None


def write(name, result, out):
    """Write one or several results of the operation `name` into `out`, and return them as the operation would."""
    if isinstance(result, TensorBase) and isinstance(out, TensorBase):
        return _write_one(name, result, out)
    if isinstance(result, tuple) and isinstance(out, (tuple, list)) and len(out) == len(result):
        written = [_write_one(name, *pair) for pair in zip(result, out)]
        return type(result)(*written) if hasattr(result, "_fields") else tuple(written)
    expected = f"tuple of {len(result)} Tensors" if isinstance(result, tuple) else "Tensor"
    raise TypeError(f"{name}(): argument 'out' must be {expected}, not {type(out).__name__}")


def _write_one(name, result, out):
    if grad_mode.enabled and (result.requires_grad or out.requires_grad):
        raise RuntimeError(f"{name}(): functions with out=... arguments don't support automatic differentiation, but "
                           "one of the arguments requires grad.")
    if out.array.shape != result.array.shape:
        if out.array.size:
            warnings.warn("An output with one or more elements was resized since it had shape "
                          f"{list(out.array.shape)}, which does not match the required output shape "
                          f"{list(result.array.shape)}. Resize it to zero elements first, with out.resize_(0), if it "
                          "may be reused.", stacklevel=4)
        out.array = np.empty(result.array.shape, out.array.dtype)
    return assign(out, result)
