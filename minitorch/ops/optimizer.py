"""The steps of optimizers, recorded: what their option `differentiable` asks for."""
from .elementwise import maximum, sqrt


def axpby(alpha, x, beta, y):
    """y = alpha * x + beta * y, written into y."""
    if beta != 1:
        y *= beta
    y += alpha * x


def momentum_step(param, grad, buffer, lr, momentum, dampening, nesterov):
    """One step of gradient descent with momentum, written into param and buffer."""
    axpby(1 - dampening, grad, momentum, buffer)
    axpby(-lr, grad + momentum * buffer if nesterov else buffer, 1, param)


def adam_step(param, grad, mean, square, largest, beta1, beta2, step_size, root, eps, shrink):
    """Adam's formula, written into param, mean and square; returns the new `largest` square, if there is an old one."""
    mean += (1 - beta1) * (grad - mean)
    square *= beta2
    square += (1 - beta2) * grad * grad
    largest = None if largest is None else maximum(largest, square)
    param *= shrink
    param -= step_size * mean / (sqrt(square if largest is None else largest) / root + eps)
    return largest
