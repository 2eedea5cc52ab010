"""Functions of one number, as they are defined."""
import math


def exp(x):
    return math.inf if x > 709 else math.exp(x)


def sigmoid(x):
    return 1 / (1 + exp(-x))
