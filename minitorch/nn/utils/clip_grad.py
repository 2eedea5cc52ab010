"""Gradient clipping: what to do between loss.backward() and optimizer.step() when gradients explode."""
from ...engine import TensorBase
from ...ops import isfinite, stack, vector_norm
from ...tensor import Tensor


def get_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """The norm of all tensors as if they were one vector, a 0-d tensor. (`foreach` changes nothing.)

    norm_type: p of the p-norm, inf for the largest absolute value. RuntimeError for a norm of inf or nan, if
    `error_if_nonfinite`.

    >>> import minitorch as torch
    >>> get_total_norm([torch.tensor([3.]), torch.tensor([4.])])
    tensor(5.)
    """
    tensors = [tensors] if isinstance(tensors, TensorBase) else list(tensors)
    norm_type = float(norm_type)
    if not tensors:
        return Tensor([0.])[0]
    norm = vector_norm(stack([vector_norm(x.detach(), norm_type) for x in tensors]), norm_type)
    if error_if_nonfinite and not isfinite(norm):
        raise RuntimeError(f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it "
                           "cannot be clipped. To disable this error and scale the gradients by the non-finite norm "
                           "anyway, set `error_if_nonfinite=False`")
    return norm


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Scale all gradients by one factor, in place, so that their total norm is at most `max_norm`.

    factor = min(1, max_norm / (norm + 1e-6)).   Returns the norm before clipping; see get_total_norm.

    >>> import minitorch as torch
    >>> weight = torch.zeros(2, requires_grad=True)
    >>> weight.grad = torch.tensor([3., 4.])
    >>> clip_grad_norm_([weight], max_norm=1.)
    tensor(5.)
    >>> weight.grad
    tensor([0.6000, 0.8000])
    """
    parameters = [parameters] if isinstance(parameters, TensorBase) else list(parameters)
    norm = get_total_norm(_grads(parameters), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, norm)
    return norm


def clip_grads_with_norm_(parameters, max_norm, total_norm, foreach=None):
    """The second half of clip_grad_norm_: scale all gradients, in place, given their total norm."""
    factor = (max_norm / (total_norm + 1e-6)).clamp(max=1.0)
    for grad in _grads(parameters):
        grad.mul_(factor)


def clip_grad_value_(parameters, clip_value, foreach=None):
    """Clamp every element of every gradient to [-clip_value, clip_value], in place. (`foreach` changes nothing.)

    >>> import minitorch as torch
    >>> weight = torch.zeros(2, requires_grad=True)
    >>> weight.grad = torch.tensor([3., -0.5])
    >>> clip_grad_value_(weight, 1.)
    >>> weight.grad
    tensor([ 1.0000, -0.5000])
    """
    for grad in _grads(parameters):
        grad.clamp_(-float(clip_value), float(clip_value))


def _grads(parameters):
    """The gradients of one tensor or of several, outside the graph."""
    parameters = [parameters] if isinstance(parameters, TensorBase) else parameters
    return [p.grad.detach() for p in parameters if p.grad is not None]
