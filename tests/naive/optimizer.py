"""The steps of optimizers, number by number, in float32 arithmetic."""
import numpy as np


def axpby(alpha, x, beta, y):
    """y = alpha * x + beta * y"""
    alpha, beta = np.float32(alpha), np.float32(beta)
    for i in range(y.size):
        y[i] = beta * y[i] + alpha * x[i]


def momentum_step(param, grad, buffer, lr, momentum, dampening, nesterov):
    """buffer follows grad; param moves against it or, for nesterov, against where it will be next."""
    lr, momentum, share = np.float32(lr), np.float32(momentum), np.float32(1 - dampening)
    for i in range(param.size):
        buffer[i] = momentum * buffer[i] + share * grad[i]
        param[i] = param[i] - lr * (grad[i] + momentum * buffer[i] if nesterov else buffer[i])


def adam_step(param, grad, mean, square, largest, beta1, beta2, step_size, root, eps, shrink):
    """mean and square follow grad and grad²; param moves by step_size * mean / (sqrt(square) / root + eps)."""
    new1, new2 = np.float32(1 - beta1), np.float32(1 - beta2)
    beta2, step_size, root, eps, shrink = map(np.float32, (beta2, step_size, root, eps, shrink))
    for i in range(param.size):
        mean[i] = mean[i] + new1 * (grad[i] - mean[i])
        square[i] = beta2 * square[i] + new2 * grad[i] * grad[i]
        param[i] = shrink * param[i] - step_size * mean[i] / (np.sqrt(square[i]) / root + eps)
