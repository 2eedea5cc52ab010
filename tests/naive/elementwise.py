"""Functions of one number, as they are defined."""
import math


def exp(x):
    return math.inf if x > 709 else math.exp(x)


def log(x):
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def sigmoid(x):
    return 1 / (1 + exp(-x))


def sigmoid_backward(grad, y):
    return grad * y * (1 - y)


def tanh(x):
    return math.tanh(x)


def tanh_backward(grad, y):
    return grad * (1 - y * y)
