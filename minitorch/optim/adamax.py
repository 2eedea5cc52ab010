"""Adamax: https://arxiv.org/abs/1412.6980, section 7"""
from ..creation import tensor, zeros_like
from .optimizer import Optimizer, average, check_options, count


class Adamax(Optimizer):
    """Adam with the largest recent gradient in place of the root of the mean square:

        g = gradient + weight_decay * param                (-gradient to maximize)
        m = beta1 * m + (1 - beta1) * g                    exp_avg
        u = max(beta2 * u, |g| + eps)                      exp_inf
        param -= lr * m / (1 - beta1^t) / u                t = 1, 2, ...

    `foreach` and `capturable` are accepted, and without effect. ValueError for a negative option or a beta
    outside [0, 1).

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.Adamax([w], lr=0.1)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.9000, 1.9000], requires_grad=True)
    """

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None, *, maximize=False,
                 differentiable=False, capturable=False):
        check_options(betas, lr=lr, eps=eps, weight_decay=weight_decay)
        super().__init__(params, dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, foreach=foreach, maximize=maximize,
            differentiable=differentiable, capturable=capturable))

    def _start(self, param, options):
        return {"step": tensor(0.0), "exp_avg": zeros_like(param), "exp_inf": zeros_like(param)}

    def _update(self, k, param, grad, state, options):
        (beta1, beta2), t = options["betas"], count(state)
        m, u = state["exp_avg"], state["exp_inf"]
        average(m, grad, 1 - beta1)
        u[...] = k.maximum(beta2 * u, k.abs(grad) + options["eps"])
        param -= options["lr"] / (1 - beta1**t) * m / u
