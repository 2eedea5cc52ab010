"""Softmax and its logarithm of one vector, and their gradients, as they are defined."""
import numpy as np


def softmax(x):
    power = np.exp(x - x.max())
    return power / power.sum()


def log_softmax(x):
    return np.log(softmax(x))


def softmax_backward(grad, y):
    """dx[i] = sum_j dy[j] * J[j, i], with the derivatives J[j, i] = y[j] * ((i == j) - y[i])"""
    return grad @ (np.diag(y) - np.outer(y, y))


def log_softmax_backward(grad, y):
    """The same with J[j, i] = (i == j) - e^y[i]"""
    return grad @ (np.eye(len(y)) - np.exp(y))
