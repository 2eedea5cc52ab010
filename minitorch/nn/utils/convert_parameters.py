"""All parameters of a model as one vector, and back: for methods that see the model as a point in space."""
from ...ops import cat
from ...tensor import Tensor


def parameters_to_vector(parameters):
    """The elements of all parameters, one after the other. Gradients flow through.

    >>> import minitorch as torch
    >>> parameters_to_vector([torch.ones(2), torch.zeros(1, 2)])
    tensor([1., 1., 0., 0.])
    """
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec, parameters):
    """Let the parameters show the elements of `vec`, one after the other: they share its memory.

    >>> import minitorch as torch
    >>> weight = torch.zeros(2)
    >>> vector_to_parameters(torch.tensor([1., 2.]), [weight])
    >>> weight
    tensor([1., 2.])
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {type(vec).__name__}")
    start = 0
    for p in parameters:
        end = start + p.numel()
        p.data = vec[start:end].view_as(p)
        start = end
