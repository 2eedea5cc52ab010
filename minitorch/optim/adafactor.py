"""Adafactor: https://arxiv.org/abs/1804.04235"""
import math

import numpy as np

from ..creation import tensor, zeros, zeros_like
from .optimizer import Optimizer, average, check_one_element, count


class Adafactor(Optimizer):
    """For models that fill the memory: Adam without exp_avg, and exp_avg_sq of a matrix (R, S) kept as R + S numbers.

        w = t^beta2_decay                                                  t = 1, 2, ...; -gradient to maximize
        rows (R, 1) = average, with weight w, of the mean over S of g²     row_var
        cols (1, S) = average, with weight w, of the mean over R of g²     col_var
        v (R, S) = rows * cols / mean(rows)                                or, of a vector, the average of g²: variance
        u = g / sqrt(v)
        param *= 1 - lr * weight_decay
        param -= max(eps[1], rms(param)) * min(lr, 1 / sqrt(t)) / max(1, rms(u) / d) * u          rms: root mean square

    eps[0] keeps v from 0 (default: the dtype's eps). `foreach` is accepted, and without effect. ValueError for options
    out of range.

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.Adafactor([w], lr=0.1)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.8419, 1.8419], requires_grad=True)
    """

    def __init__(self, params, lr=1e-2, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0, weight_decay=0.0, *, foreach=None,
                 maximize=False):
        check_one_element(lr)
        if not 0 <= lr:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not beta2_decay <= 0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        for i, value in enumerate(eps, 1):
            if value is not None and not 0 <= value:
                raise ValueError(f"epsilon{i} should be >= 0 but is: {value}")
        if not 1 <= d:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        if not 0 <= weight_decay:
            raise ValueError(f"weight_decay should be >= 0 but is: {weight_decay}")
        super().__init__(params, dict(
            lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay, foreach=foreach,
            maximize=maximize))

    def _start(self, param, options):
        state = {"step": tensor(0.0)}
        if param.ndim > 1:
            *batch, R, S = param.shape
            state["row_var"] = zeros(*batch, R, 1, dtype=param.dtype)
            state["col_var"] = zeros(*batch, 1, S, dtype=param.dtype)
        else:
            state["variance"] = zeros_like(param)
        return state

    def _gradient(self, k, param, grad, options):
        return k.neg(grad) if options["maximize"] else grad  # the weights decay in _update

    def _update(self, k, param, grad, state, options):
        t, lr, (eps1, eps2) = count(state), options["lr"], options["eps"]
        if eps1 is None:
            eps1 = np.finfo(param.dtype).eps
        weight = t ** options["beta2_decay"]
        relative_lr = max(eps2, _root_mean_square(k, param)) * min(lr, 1 / math.sqrt(t))
        param *= 1 - lr * options["weight_decay"]
        square = grad * grad  # (..., R, S) or (S,)
        if "variance" in state:
            v = state["variance"]
            average(v, square, weight)
        else:
            rows, cols = state["row_var"], state["col_var"]
            average(rows, k.mean(square, -1, keepdim=True), weight)  # (..., R, 1)
            average(cols, k.mean(square, -2, keepdim=True), weight)  # (..., 1, S)
            mean = k.clamp(k.mean(rows, -2, keepdim=True), eps1)  # (..., 1, 1)
            v = rows * cols / mean  # (..., R, S)
        update = grad / k.sqrt(k.clamp(v, eps1 * eps1))
        param -= relative_lr / max(1, _root_mean_square(k, update) / options["d"]) * update


def _root_mean_square(k, x):
    return k.vector_norm(x).item() / math.sqrt(x.size)
