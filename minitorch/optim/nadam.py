"""NAdam: https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ"""
from ..creation import tensor, zeros_like
from .optimizer import Optimizer, average, average_square, check_options, count


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

    def _start(self, param, options):
        return {"step": tensor(0.0), "mu_product": tensor(1.0), "exp_avg": zeros_like(param),
                "exp_avg_sq": zeros_like(param)}

    def _update(self, k, param, grad, state, options):
        (beta1, beta2), t, lr = options["betas"], count(state), options["lr"]
        mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (s * options["momentum_decay"])) for s in (t, t + 1))
        m, v = state["exp_avg"], state["exp_avg_sq"]
        state["mu_product"] *= mu
        product = state["mu_product"].item()
        average(m, grad, 1 - beta1)
        average_square(v, grad, beta2)
        denominator = k.sqrt(v / (1 - beta2**t)) + options["eps"]
        param -= lr * (1 - mu) / (1 - product) * grad / denominator
        param -= lr * mu_next / (1 - product * mu_next) * m / denominator
