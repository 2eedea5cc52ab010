"""The steps of optimizers, in place. Long float32 vectors are read and written once: memory is what a step waits for.

The compiled loops round as the formulas in NumPy do, to the last bit.
"""
import numpy as np

from ._each import BLOCK, block, single
from ._jit import jit

__all__ = ["axpby", "adam_step", "momentum_step"]

WORTH_COMPILING = 1 << 16  # elements; fewer stay in the cache: NumPy is as quick, and nothing has to be compiled


def _in_one_pass(loop, numbers, *arrays):
    """Whether loop(item, numbers, a, b, ...) has run over the blocks of the arrays, as vectors."""
    first = arrays[0]
    if first.size < WORTH_COMPILING or not single(*arrays) or not all([x.flags.c_contiguous for x in arrays]):
        return False
    numbers = tuple([np.float32(number) for number in numbers])
    loop[-(-first.size // BLOCK), first.size](numbers, *[x.reshape(-1) for x in arrays])
    return True


def axpby(alpha, x, beta, y):
    """y = alpha * x + beta * y, written into y. (alpha and beta are numbers; BLAS calls it so.)"""
    if not _in_one_pass(_axpby, (alpha, beta), x, y):
        if beta != 1:
            y *= beta
        y += alpha * x


@jit
def _axpby(item, numbers, x, y):
    alpha, beta = numbers
    x, y = block(item, x), block(item, y)
    for i in range(y.size):
        y[i] = beta * y[i] + alpha * x[i]


def momentum_step(param, grad, buffer, lr, momentum, dampening, nesterov):
    """b = momentum * b + (1 - dampening) * g, and param -= lr * b; for nesterov, param -= lr * (g + momentum * b)."""
    if not _in_one_pass(_momentum, (lr, momentum, 1 - dampening, nesterov), param, grad, buffer):
        buffer *= momentum
        buffer += (1 - dampening) * grad if dampening else grad
        param -= lr * (grad + momentum * buffer if nesterov else buffer)


@jit
def _momentum(item, numbers, param, grad, buffer):
    lr, momentum, share, nesterov = numbers
    param, grad, buffer = block(item, param), block(item, grad), block(item, buffer)
    for i in range(param.size):
        b = momentum * buffer[i] + share * grad[i]
        buffer[i] = b
        param[i] -= lr * (grad[i] + momentum * b if nesterov else b)


def adam_step(param, grad, mean, square, largest, beta1, beta2, step_size, root, eps, shrink):
    """Adam's formula, written into param, mean and square: optim/adam.py has it in words.

    `largest` is None, or the largest square so far, of which a new one is returned. root = sqrt(1 - beta2^t).
    """
    numbers = 1 - beta1, beta2, 1 - beta2, step_size, root, eps, shrink
    if largest is None and _in_one_pass(_adam, numbers, param, grad, mean, square):
        return None
    mean += (1 - beta1) * (grad - mean)
    square *= beta2
    square += (1 - beta2) * grad * grad
    largest = None if largest is None else np.asarray(np.maximum(largest, square))
    if shrink != 1:
        param *= shrink
    param -= step_size * mean / (np.sqrt(square if largest is None else largest) / root + eps)
    return largest


@jit
def _adam(item, numbers, param, grad, mean, square):
    new1, beta2, new2, step_size, root, eps, shrink = numbers
    param, grad, mean, square = block(item, param), block(item, grad), block(item, mean), block(item, square)
    for i in range(param.size):
        m = mean[i] + new1 * (grad[i] - mean[i])
        v = beta2 * square[i] + new2 * grad[i] * grad[i]
        mean[i] = m
        square[i] = v
        param[i] = shrink * param[i] - step_size * m / (np.sqrt(v) / root + eps)
