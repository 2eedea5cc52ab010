"""Switches for the whole program, and torch.typename."""
import warnings

from .engine import TensorBase
from .kernels.cpu import _jit

_state = {"matmul precision": "highest", "deterministic": False, "warn only": False}


def set_float32_matmul_precision(precision):
    """"highest", "high" or "medium": how exact products of float32 matrices have to be.

    They are always computed in float32. Warns, and changes nothing, for another word."""
    if precision not in ("highest", "high", "medium"):
        warnings.warn(f"{precision} is not one of 'highest', 'high', or 'medium'; the current "
                      "set_float32_matmul_precision call has no effect.", stacklevel=2)
    else:
        _state["matmul precision"] = precision


def get_float32_matmul_precision():
    """What set_float32_matmul_precision was told."""
    return _state["matmul precision"]


def use_deterministic_algorithms(mode, *, warn_only=False):
    """Ask for operations that give the same numbers in every run. All of minitorch's do, so nothing changes."""
    _state["deterministic"], _state["warn only"] = mode, warn_only


def are_deterministic_algorithms_enabled():
    """What use_deterministic_algorithms was told."""
    return _state["deterministic"]


def is_deterministic_algorithms_warn_only_enabled():
    """The `warn_only` that use_deterministic_algorithms was told."""
    return _state["warn only"]


def set_num_threads(num_threads):
    """Limit the threads of this thread's kernels, at most to what Numba started with (NUMBA_NUM_THREADS).

    RuntimeError unless it is positive.
    """
    if num_threads <= 0:
        raise RuntimeError(f"set_num_threads expects a positive integer, but got {num_threads}")
    _jit.set_num_threads(num_threads)


def get_num_threads():
    """How many threads the kernels use."""
    return _jit.get_num_threads()


def set_num_interop_threads(num_threads):
    """Accepted, and without effect: operations run one after the other. RuntimeError unless it is positive."""
    if num_threads <= 0:
        raise RuntimeError(f"set_num_interop_threads expects a positive integer, but got {num_threads}")


def get_num_interop_threads():
    """How many operations run at once in one thread: 1."""
    return 1


def typename(obj):
    """The name of an object's type: "torch.FloatTensor" for a tensor, else its module and class.

    >>> typename({}), typename(set_num_threads)
    ('dict', 'minitorch.settings.set_num_threads')
    """
    if isinstance(obj, TensorBase):
        return obj.type()
    kind = obj if hasattr(obj, "__qualname__") else type(obj)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
