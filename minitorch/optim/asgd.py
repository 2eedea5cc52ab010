"""Averaged stochastic gradient descent: https://dl.acm.org/doi/10.1137/0330046"""
from ..creation import tensor, zeros_like
from .optimizer import Optimizer, check_options, count


class ASGD(Optimizer):
    """Gradient descent that also keeps the average of the path, in `state[param]["ax"]`:

        g = gradient + weight_decay * param                        (-gradient to maximize)
        param = (1 - lambd * eta) * param - eta * g                eta = lr at first
        ax += mu * (param - ax)                                    mu = 1 at first: ax = param
        eta = lr / (1 + lambd * lr * t)^alpha                      t = 1, 2, ...
        mu = 1 / max(1, t - t0)                                    averages what comes after step t0

    `foreach` and `capturable` are accepted, and without effect. ValueError for a negative lr or weight_decay.

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.ASGD([w], lr=0.1, lambd=0)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.8000, 1.6000], requires_grad=True)
    """

    def __init__(self, params, lr=1e-2, lambd=1e-4, alpha=0.75, t0=1e6, weight_decay=0, foreach=None, maximize=False,
                 differentiable=False, capturable=False):
        check_options(lr=lr, weight_decay=weight_decay)
        super().__init__(params, dict(
            lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay, foreach=foreach, maximize=maximize,
            differentiable=differentiable, capturable=capturable))

    def _start(self, param, options):
        return {"step": tensor(0.0), "eta": tensor(float(options["lr"])), "mu": tensor(1.0), "ax": zeros_like(param)}

    def _update(self, k, param, grad, state, options):
        t, lr, lambd = count(state), options["lr"], options["lambd"]
        eta, mu, ax = state["eta"], state["mu"], state["ax"]
        param *= 1 - lambd * eta.item()
        param -= eta.item() * grad
        ax += mu.item() * (param - ax)
        eta[...] = lr / (1 + lambd * lr * t) ** options["alpha"]
        mu[...] = 1 / max(1, t - options["t0"])
