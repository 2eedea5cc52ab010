"""The steps of optimizers, in place."""
from ._each import each, formula
from .elementwise import add, div, maximum, mul, sqrt, sub

__all__ = ["axpby", "momentum_step", "adam_step"]

_scaled_sum = formula(3, lambda x, y, alpha: alpha * x + y)


def axpby(alpha, x, beta, y):
    """y = alpha * x + beta * y, written into y. (alpha and beta are numbers; BLAS calls it so.)"""
    each(_scaled_sum, x, y if beta == 1 else mul(y, beta), alpha, dtype=y.dtype, out=y)


def momentum_step(param, grad, buffer, lr, momentum, dampening, nesterov):
    """b = momentum * b + (1 - dampening) * g, and param -= lr * b; for nesterov, param -= lr * (g + momentum * b)."""
    axpby(1 - dampening, grad, momentum, buffer)
    axpby(-lr, add(grad, mul(buffer, momentum)) if nesterov else buffer, 1, param)


def adam_step(param, grad, mean, square, largest, beta1, beta2, step_size, root, eps, shrink):
    """Adam's formula, written into param, mean and square: optim/adam.py has it in words.

    `largest` is None, or the largest square so far, of which a new one is returned. root = sqrt(1 - beta2^t).
    """
    axpby(1 - beta1, sub(grad, mean), 1, mean)
    axpby(1 - beta2, mul(grad, grad), beta2, square)
    largest = None if largest is None else maximum(largest, square)
    scale = add(div(sqrt(square if largest is None else largest), root), eps)
    axpby(-step_size, div(mean, scale), shrink, param)
    return largest
