"""Calling users' hooks in a backward pass, on tensors and on nodes; and what anomaly mode looks for.

The engine passes arrays, or tensors where backward is recorded. A hook always sees tensors.
"""
import os
import traceback
import warnings

from . import dtypes
from .device import kernels_of
from .graph import TensorBase, grad_mode, unwrap, wrap

_PACKAGE = os.path.dirname(__file__)


def call_tensor_hooks(node, grads):
    """Pass the list of gradients of a node's outputs by the hooks on those tensors; fill in .grad where retained."""
    for nr, hooks in (node.tensor_hooks or {}).items():
        for hook in list(hooks.values()):
            if grads[nr] is not None:
                grads[nr] = _replaced(grads[nr], hook(_as_tensor(grads[nr])), hook)
    for nr, reference in (node.retained or {}).items():
        tensor, grad = reference(), grads[nr]
        if tensor is not None and grad is not None:
            k = kernels_of(grad)
            tensor._grad = _as_tensor(k.clone(grad) if tensor._grad is None else k.add(_like(grad, tensor._grad), grad))


def run(node, grads):
    """node.run(grads), between the hooks on the node, and watched in anomaly mode."""
    for hook in list((node.pre_hooks or {}).values()):
        grads = _replaced_all(grads, hook(tuple(map(_as_tensor, grads))), hook)
    gradients = _run_watched(node, grads) if grad_mode.anomaly else node.run(grads)
    for hook in list((node.post_hooks or {}).values()):
        result = hook(tuple(map(_as_tensor, gradients)), tuple(map(_as_tensor, grads)))
        gradients = _replaced_all(gradients, result, hook)
    return gradients


def where_am_i():
    """The lines of the user's program that are running, as a traceback prints them."""
    stack = [frame for frame in traceback.extract_stack() if not frame.filename.startswith(_PACKAGE)]
    return "".join(traceback.format_list(stack))


def _run_watched(node, grads):
    """node.run(grads), where an error, or a NaN, is traced to the line that made the node."""
    try:
        gradients = node.run(grads)
        for i, grad in enumerate(map(unwrap, gradients)):
            if grad_mode.check_nan and grad is not None and kernels_of(grad).isnan(grad).any():
                raise RuntimeError(f"Function '{node.name()}' returned nan values in its {i}th output.")
    except Exception:
        forward = (f"Traceback of forward call that caused the error:\n{node.traceback}" if node.traceback else
                   "No forward pass information available. Enable detect anomaly during forward pass for more "
                   "information.")
        warnings.warn(f"Error detected in {node.name()}. {forward}", stacklevel=2)
        raise
    return gradients


def _as_tensor(grad):
    return grad if grad is None or isinstance(grad, TensorBase) else wrap(grad)


def _like(grad, tensor):
    """The tensor in the form in which the engine passes `grad`."""
    return tensor if isinstance(grad, TensorBase) else tensor.array


def _replaced(grad, result, hook):
    """The gradient after a hook returned `result`: checked, and in the engine's form."""
    if result is None:
        return grad
    if not isinstance(result, TensorBase):
        raise TypeError(f"expected Variable, but hook returned '{type(result).__name__}'")
    if grad is not None:
        new, old = result.array, unwrap(grad)
        name = getattr(hook, "__name__", type(hook).__name__)
        if new.shape != old.shape:
            raise RuntimeError(f"hook '{name}' has changed the size of value: from {list(old.shape)} to "
                               f"{list(new.shape)}")
        if new.dtype != old.dtype:
            was, got = (f"torch.{dtypes.of_numpy(x.dtype).scalar_name}Tensor" for x in (old, new))
            raise RuntimeError(f"hook '{name}' has changed the type of value (was {was} got {got})")
    return _like(grad, result)


def _replaced_all(grads, results, hook):
    if results is None:
        return grads
    if not isinstance(results, tuple):
        raise TypeError(f"expected tuple, but hook returned '{type(results).__name__}'")
    if len(results) != len(grads):
        name = getattr(hook, "__name__", type(hook).__name__)
        raise RuntimeError(f"hook '{name}' has returned an incorrect number of values (got {len(results)}, but "
                           f"expected {len(grads)})")
    return [_replaced(grad, result, hook) for grad, result in zip(grads, results)]
