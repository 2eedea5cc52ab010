"""Adadelta: https://arxiv.org/abs/1212.5701"""
from ..creation import tensor, zeros_like
from .optimizer import Optimizer, average_square, check_options, count


class Adadelta(Optimizer):
    """Each element moves by its gradient, scaled to the size that its steps have had:

        g = gradient + weight_decay * param                (-gradient to maximize)
        v = rho * v + (1 - rho) * g²                       square_avg
        d = sqrt(u + eps) / sqrt(v + eps) * g
        u = rho * u + (1 - rho) * d²                       acc_delta
        param -= lr * d

    `foreach` and `capturable` are accepted, and without effect. ValueError for a negative option, or rho above 1.

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.Adadelta([w], lr=10.)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.9684, 1.9684], requires_grad=True)
    """

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, foreach=None, *, capturable=False,
                 maximize=False, differentiable=False):
        check_options(lr=lr, eps=eps, weight_decay=weight_decay)
        if not 0 <= rho <= 1:
            raise ValueError(f"Invalid rho value: {rho}")
        super().__init__(params, dict(
            lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize, capturable=capturable,
            foreach=foreach, differentiable=differentiable))

    def _start(self, param, options):
        return {"step": tensor(0.0), "square_avg": zeros_like(param), "acc_delta": zeros_like(param)}

    def _update(self, k, param, grad, state, options):
        count(state)
        v, u, rho, eps = state["square_avg"], state["acc_delta"], options["rho"], options["eps"]
        average_square(v, grad, rho)
        delta = k.sqrt(u + eps) / k.sqrt(v + eps) * grad
        average_square(u, delta, rho)
        param -= options["lr"] * delta
