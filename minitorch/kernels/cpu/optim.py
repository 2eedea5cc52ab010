"""The updates of the optimizers: each writes into `param` and into its own state, and only reads `grad`.

`param`, `grad` and the averages have one shape and one floating-point dtype. `step`, 0-d, counts the updates: t = 1,
2, ... The names are those of the equations in `minitorch.optim` and of the entries of a state dict.

These kernels have no gradient, so no twins in `minitorch.ops`: they are called as `kernels_of(param).optim.sgd(...)`.
"""
import math

import numpy as np

__all__ = "sgd adam rmsprop adagrad adadelta adamax nadam radam asgd rprop adafactor".split()


def _count(step):
    step += 1
    return step.item()


def _average(average, x, weight):
    """average = (1 - weight) average + weight x"""
    average += weight * (x - average)


def _average_square(average, x, decay):
    """average = decay average + (1 - decay) x²"""
    average *= decay
    average += (1 - decay) * x * x


def sgd(param, grad, momentum_buffer=None, *, lr, momentum, dampening, nesterov):
    """b = momentum b + (1 - dampening) g;  param -= lr b"""
    if momentum_buffer is not None:
        momentum_buffer *= momentum
        momentum_buffer += (1 - dampening) * grad
        grad = grad + momentum * momentum_buffer if nesterov else momentum_buffer
    param -= lr * grad


def adam(param, grad, step, exp_avg, exp_avg_sq, max_exp_avg_sq=None, *, lr, betas, eps, weight_decay):
    """m, v = averages of g, g²;  param -= lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)"""
    (beta1, beta2), t = betas, _count(step)
    param *= 1 - lr * weight_decay
    _average(exp_avg, grad, 1 - beta1)
    _average_square(exp_avg_sq, grad, beta2)
    if max_exp_avg_sq is not None:
        exp_avg_sq = np.maximum(max_exp_avg_sq, exp_avg_sq, out=max_exp_avg_sq)
    param -= lr / (1 - beta1**t) * exp_avg / (np.sqrt(exp_avg_sq) / math.sqrt(1 - beta2**t) + eps)


def rmsprop(param, grad, step, square_avg, momentum_buffer=None, grad_avg=None, *, lr, alpha, eps, momentum):
    """v = average of g², less that of g, squared, if centered;  param -= lr g / (sqrt(v) + eps)"""
    _count(step)
    _average_square(square_avg, grad, alpha)
    variance = square_avg
    if grad_avg is not None:
        _average(grad_avg, grad, 1 - alpha)
        variance = square_avg - grad_avg * grad_avg
    update = grad / (np.sqrt(variance) + eps)
    if momentum_buffer is not None:
        momentum_buffer *= momentum
        momentum_buffer += update
        update = momentum_buffer
    param -= lr * update


def adagrad(param, grad, step, sum, *, lr, lr_decay, eps):
    """sum += g²;  param -= lr / (1 + (t - 1) lr_decay) g / (sqrt(sum) + eps)"""
    t = _count(step)
    sum += grad * grad
    param -= lr / (1 + (t - 1) * lr_decay) * grad / (np.sqrt(sum) + eps)


def adadelta(param, grad, step, square_avg, acc_delta, *, lr, rho, eps):
    """v = average of g²;  d = sqrt(u + eps) / sqrt(v + eps) g;  u = average of d²;  param -= lr d"""
    _count(step)
    _average_square(square_avg, grad, rho)
    delta = np.sqrt(acc_delta + eps) / np.sqrt(square_avg + eps) * grad
    _average_square(acc_delta, delta, rho)
    param -= lr * delta


def adamax(param, grad, step, exp_avg, exp_inf, *, lr, betas, eps):
    """m = average of g;  u = max(beta2 u, |g| + eps);  param -= lr m / (1 - beta1^t) / u"""
    (beta1, beta2), t = betas, _count(step)
    _average(exp_avg, grad, 1 - beta1)
    np.maximum(beta2 * exp_inf, np.abs(grad) + eps, out=exp_inf)
    param -= lr / (1 - beta1**t) * exp_avg / exp_inf


def nadam(param, grad, step, mu_product, exp_avg, exp_avg_sq, *, lr, betas, eps, weight_decay, momentum_decay):
    """param -= lr (mu' m / (1 - mu1 .. mut mu') + (1 - mut) g / (1 - mu1 .. mut)) / (sqrt(v / (1 - beta2^t)) + eps)"""
    (beta1, beta2), t = betas, _count(step)
    param *= 1 - lr * weight_decay
    mu = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))
    mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
    mu_product *= mu
    product = mu_product.item()
    _average(exp_avg, grad, 1 - beta1)
    _average_square(exp_avg_sq, grad, beta2)
    denominator = np.sqrt(exp_avg_sq / (1 - beta2**t)) + eps
    param -= lr * (1 - mu) / (1 - product) * grad / denominator
    param -= lr * mu_next / (1 - product * mu_next) * exp_avg / denominator


def radam(param, grad, step, exp_avg, exp_avg_sq, *, lr, betas, eps, weight_decay):
    """As adam, times r(t); while r is undefined, its variance being infinite: param -= lr m / (1 - beta1^t)"""
    (beta1, beta2), t = betas, _count(step)
    param *= 1 - lr * weight_decay
    _average(exp_avg, grad, 1 - beta1)
    _average_square(exp_avg_sq, grad, beta2)
    update = lr / (1 - beta1**t) * exp_avg
    longest = 2 / (1 - beta2) - 1  # the number of terms that exp_avg_sq averages over: at last, and now
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    if length > 5:
        r = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
        update = update * (r * math.sqrt(1 - beta2**t)) / (np.sqrt(exp_avg_sq) + eps)
    param -= update


def asgd(param, grad, step, eta, mu, ax, *, lr, lambd, alpha, t0):
    """param = (1 - lambd eta) param - eta g;  ax += mu (param - ax);  eta = lr / (1 + lambd lr t)^alpha"""
    t = _count(step)
    param *= 1 - lambd * eta.item()
    param -= eta.item() * grad
    ax += mu.item() * (param - ax)
    eta[...] = lr / (1 + lambd * lr * t) ** alpha
    mu[...] = 1 / max(1, t - t0)


def rprop(param, grad, step, prev, step_size, *, etas, step_sizes):
    """step_size *= 1.2 where g kept its sign, 0.5 where it changed (and g = 0 there);  param -= sign(g) step_size"""
    _count(step)
    shrink, grow = etas
    agreement = grad * prev
    step_size *= np.where(agreement > 0, grow, np.where(agreement < 0, shrink, 1)).astype(step_size.dtype)
    np.clip(step_size, *step_sizes, out=step_size)
    prev[...] = np.where(agreement < 0, 0, grad)
    param -= np.sign(prev) * step_size


def adafactor(param, grad, step, row_var=None, col_var=None, variance=None, *, lr, beta2_decay, eps, d, weight_decay):
    """v = average of g², kept as (mean over columns) (mean over rows) / mean;  param -= a g / sqrt(v), clipped to d

    param, grad (..., R, S); row_var (..., R, 1); col_var (..., 1, S); or all of one shape (S,) and `variance` too
    """
    t = _count(step)
    eps1, eps2 = np.finfo(param.dtype).eps if eps[0] is None else eps[0], eps[1]
    weight = t**beta2_decay
    relative_lr = max(eps2, _root_mean_square(param)) * min(lr, 1 / math.sqrt(t))
    param *= 1 - lr * weight_decay
    square = grad * grad
    if variance is not None:
        _average(variance, square, weight)
    else:
        _average(row_var, square.mean(axis=-1, keepdims=True), weight)  # (..., R, 1)
        _average(col_var, square.mean(axis=-2, keepdims=True), weight)  # (..., 1, S)
        mean = np.maximum(row_var.mean(axis=-2, keepdims=True), eps1)  # (..., 1, 1)
        variance = row_var * col_var / mean  # (..., R, S)
    update = grad / np.sqrt(np.maximum(variance, eps1 * eps1))
    param -= relative_lr / max(1, _root_mean_square(update) / d) * update


def _root_mean_square(x):
    return float(np.linalg.norm(x)) / math.sqrt(x.size)
