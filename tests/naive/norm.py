"""Standardising one vector, as it is defined."""
import numpy as np


def standardize(x, eps):
    """y = (x - mean) / sqrt(variance + eps)"""
    return (x - x.mean()) / np.sqrt(x.var() + eps)


def standardize_backward(grad, x, eps):
    """dx[i] = sum_j dy[j] * J[j, i], with the derivatives J[j, i] = r * ((i == j) - 1/n - y[j] * y[i] / n) of y[j] by
    x[i], and r = 1 / sqrt(variance + eps)
    """
    y, n = standardize(x, eps), len(x)
    return grad @ (np.eye(n) - 1 / n - np.outer(y, y) / n) / np.sqrt(x.var() + eps)
