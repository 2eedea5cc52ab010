"""Stochastic gradient descent."""
from .optimizer import Optimizer, check_options


class SGD(Optimizer):
    """Gradient descent, with momentum if asked for:

        g = gradient + weight_decay * param            (-gradient to maximize)
        b = momentum * b + (1 - dampening) * g         b = g at the first step
        param -= lr * b                                g + momentum * b for nesterov; g without momentum

    `foreach` and `fused` choose among torch's implementations of this: accepted, and without effect. ValueError for a
    negative lr, momentum or weight_decay, or nesterov without momentum or with dampening.

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.SGD([w], lr=0.1)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.8000, 1.6000], requires_grad=True)
    """

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False,
                 foreach=None, differentiable=False, fused=None):
        check_options(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(params, dict(
            lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov,
            maximize=maximize, foreach=foreach, differentiable=differentiable, fused=fused))

    def _update(self, k, param, grad, state, options):
        lr, momentum, nesterov = options["lr"], options["momentum"], options["nesterov"]
        if momentum and "momentum_buffer" in state:
            k.momentum_step(param, grad, state["momentum_buffer"], lr, momentum, options["dampening"], nesterov)
            return
        if momentum:
            b = state["momentum_buffer"] = k.mul(grad, 1)  # a copy
            grad = grad + momentum * b if nesterov else b
        k.axpby(-lr, grad, 1, param)
