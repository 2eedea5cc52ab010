"""Forward mode: tensors that carry a tangent, the speed with which they move, through every operation.

>>> import minitorch as torch
>>> with dual_level():
...     x = make_dual(torch.tensor([1., 2.]), torch.tensor([1., 10.]))
...     unpack_dual(x ** 2).tangent
tensor([ 2., 40.])

The engine only runs backward, so the tangents are computed when they are asked for: a dual tensor is a variable of the
graph, and unpack_dual takes the derivative along all of them with two backward passes (see functional.pushforward).
"""
import threading
from collections import namedtuple

from ..graph import TensorBase
from .functional import pushforward
from .grad_mode import enable_grad

UnpackedDualTensor = namedtuple("UnpackedDualTensor", "primal tangent")


class _State(threading.local):
    duals = None  # inside a level: [(variable, tangent)]


_state = _State()


class dual_level:
    """Inside, make_dual and unpack_dual work. RuntimeError for a level in a level."""

    def __enter__(self):
        return enter_dual_level()

    def __exit__(self, *exc):
        exit_dual_level()


def enter_dual_level():
    """Begin a level; dual_level does it for a `with` block."""
    if _state.duals is not None:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    _state.duals = []
    return 0


def exit_dual_level(*, level=None):
    """End the level: tensors forget their tangents."""
    if _state.duals is None:
        raise RuntimeError("Trying to exit a forward AD level but no level exists")
    _state.duals = None


def make_dual(tensor, tangent, *, level=None):
    """A tensor with the numbers of `tensor` that moves along `tangent`, of the same shape.

    RuntimeError outside a level or for another shape, ValueError for numbers that are not floating point.
    """
    if _state.duals is None:
        raise RuntimeError("Trying to create a dual Tensor for forward AD but no level exists, make sure to "
                           "enter_dual_level() first.")
    for name, x in (("primal", tensor), ("tangent", tangent)):
        if not (isinstance(x, TensorBase) and x.is_floating_point()):
            found = x.dtype if isinstance(x, TensorBase) else type(x).__name__
            raise ValueError(f"Expected {name} to be floating point or complex, but got: {found}")
    if tensor.array.shape != tangent.array.shape:
        raise RuntimeError("Trying to set a forward gradient that has a different size than that of the original "
                           f"Tensor, this is not supported. Tensor is of size {list(tensor.array.shape)} while the "
                           f"given forward gradient is of size {list(tangent.array.shape)}.")
    with enable_grad():
        variable = tensor.view_as(tensor) if tensor.requires_grad else tensor.detach().requires_grad_()
    _state.duals.append((variable, tangent))
    return variable


def unpack_dual(tensor, *, level=None):
    """The named tuple (primal, tangent) of a tensor; the tangent is None where no dual tensor has influence."""
    if not _state.duals or not tensor.requires_grad:
        return UnpackedDualTensor(tensor, None)
    variables, tangents = zip(*_state.duals)
    with enable_grad():
        (tangent,) = pushforward([tensor], variables, tangents, create_graph=True, retain_graph=True)
    if any(not x.is_leaf or v.requires_grad for x, v in _state.duals):  # differentiable from outside too
        return UnpackedDualTensor(tensor, tangent)
    return UnpackedDualTensor(tensor.detach(), None if tangent is None else tangent.detach())
