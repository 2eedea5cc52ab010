"""NAdam: https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ"""
from ..creation import tensor, zeros_like
from .optimizer import Optimizer, check_options, run


class NAdam(Optimizer):
    """Adam with Nesterov's momentum: the mean gradient of the next step, as far as it is known now.

        g = gradient + weight_decay * param                        (-gradient to maximize)
        m = beta1 * m + (1 - beta1) * g                            exp_avg
        v = beta2 * v + (1 - beta2) * g²                           exp_avg_sq
        mu(t) = beta1 * (1 - 0.96^(t * momentum_decay) / 2)        p(t) = mu(1) * ... * mu(t): mu_product
        n = mu(t + 1) * m / (1 - p(t + 1)) + (1 - mu(t)) * g / (1 - p(t))
        param -= lr * n / (sqrt(v / (1 - beta2^t)) + eps)          t = 1, 2, ...

    With decoupled_weight_decay, param *= 1 - lr * weight_decay comes before, and g is the gradient alone.
    `foreach` and `capturable` are accepted, and without effect. ValueError for a negative option or a beta
    outside [0, 1).

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.NAdam([w], lr=0.1)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.8944, 1.8944], requires_grad=True)
    """

    def __init__(self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, momentum_decay=4e-3,
                 decoupled_weight_decay=False, *, foreach=None, maximize=False, capturable=False, differentiable=False):
        check_options(betas, lr=lr, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay)
        super().__init__(params, dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay, maximize=maximize, foreach=foreach, capturable=capturable,
            differentiable=differentiable))

    def _update(self, param, grad, state, group):
        if not state:
            state.update(
                step=tensor(0.0), mu_product=tensor(1.0), exp_avg=zeros_like(param), exp_avg_sq=zeros_like(param))
        run("nadam", param, grad, state, lr=group["lr"], betas=group["betas"], eps=group["eps"],
            weight_decay=group["weight_decay"] if group["decoupled_weight_decay"] else 0,
            momentum_decay=group["momentum_decay"])
