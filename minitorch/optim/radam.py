"""RAdam: https://arxiv.org/abs/1908.03265"""
import math

from ..creation import tensor, zeros_like
from .optimizer import Optimizer, average, average_square, check_options, count


class RAdam(Optimizer):
    """Adam that is careful while it has seen few gradients, and so knows little about their variance:

        g = gradient + weight_decay * param                        (-gradient to maximize)
        m = beta1 * m + (1 - beta1) * g                            exp_avg
        v = beta2 * v + (1 - beta2) * g²                           exp_avg_sq
        L = 2 / (1 - beta2) - 1                                    how many gradients v averages over, in the end
        l = L - 2 * t * beta2^t / (1 - beta2^t)                    and after t of them
        r = sqrt((l - 4) * (l - 2) * L / ((L - 4) * (L - 2) * l))
        param -= lr * m / (1 - beta1^t) * r * sqrt(1 - beta2^t) / (sqrt(v) + eps)          if l > 5
        param -= lr * m / (1 - beta1^t)                                                    otherwise

    With decoupled_weight_decay, param *= 1 - lr * weight_decay comes before, and g is the gradient alone.
    `foreach` and `capturable` are accepted, and without effect. ValueError for a negative option or a beta
    outside [0, 1).

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.RAdam([w], lr=0.1)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.8000, 1.6000], requires_grad=True)
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, decoupled_weight_decay=False, *,
                 foreach=None, maximize=False, capturable=False, differentiable=False):
        check_options(betas, lr=lr, eps=eps, weight_decay=weight_decay)
        super().__init__(params, dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize, foreach=foreach,
            capturable=capturable, decoupled_weight_decay=decoupled_weight_decay, differentiable=differentiable))

    def _start(self, param, options):
        return {"step": tensor(0.0), "exp_avg": zeros_like(param), "exp_avg_sq": zeros_like(param)}

    def _update(self, k, param, grad, state, options):
        (beta1, beta2), t = options["betas"], count(state)
        m, v = state["exp_avg"], state["exp_avg_sq"]
        average(m, grad, 1 - beta1)
        average_square(v, grad, beta2)
        update = options["lr"] / (1 - beta1**t) * m
        L = 2 / (1 - beta2) - 1
        l = L - 2 * t * beta2**t / (1 - beta2**t)  # noqa: E741
        if l > 5:  # the variance of 1 / sqrt(v) is known
            r = math.sqrt((l - 4) * (l - 2) * L / ((L - 4) * (L - 2) * l))
            update = update * (r * (1 - beta2**t) ** 0.5) / (k.sqrt(v) + options["eps"])
        param -= update
