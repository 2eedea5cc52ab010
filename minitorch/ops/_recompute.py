"""The gradient of a fused operation, recorded: by computing it once more from differentiable operations."""
from ..differentiate import grad
from .elementwise import clone


def differentiate(function, inputs, grads):
    """The gradients of function(*inputs), recorded; None for inputs that need none. `grads`: those of its results."""
    needed = [x is not None and x.requires_grad for x in inputs]
    inputs = [clone(x) if need else x for x, need in zip(inputs, needed)]  # apart: one may be made from another
    wanted = [x for x, need in zip(inputs, needed) if need]
    found = iter(grad(function(*inputs), wanted, grads, create_graph=True))
    return tuple([next(found) if need else None for need in needed])
