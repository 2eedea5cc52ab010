"""CUDA kernels: CudaArrays and plain numbers in, CudaArrays out. The files, functions and parameters of kernels/cpu.

What is not here yet raises NotImplementedError by name; nothing is computed on the CPU instead. Without a GPU the
kernels run in a simulator (_simulator.py).
"""
import functools

from .. import cpu
from . import _memory, _probe, _runtime  # noqa: F401
from ._memory import CudaArray, geometry_of, memory_of  # noqa: F401
from .activation import *  # noqa: F401,F403
from .elementwise import *  # noqa: F401,F403
from .inplace import *  # noqa: F401,F403
from .loss import *  # noqa: F401,F403
from .matmul import *  # noqa: F401,F403
from .optimizer import *  # noqa: F401,F403
from .reduce import *  # noqa: F401,F403
from .shape import *  # noqa: F401,F403
from .softmax import *  # noqa: F401,F403


def __getattr__(name):
    """A kernel that only the CPU has: it can be asked for, but not be called."""
    if not callable(getattr(cpu, name, None)):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    @functools.wraps(getattr(cpu, name))
    def missing(*args, **params):
        raise NotImplementedError(f"'{name}' has no CUDA kernel yet: move its inputs to the CPU (x.cpu())")

    return missing
