"""RMSprop: https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf"""
from ..creation import tensor, zeros_like
from .optimizer import Optimizer, average, average_square, check_options, count


class RMSprop(Optimizer):
    """Each element moves by its gradient, over the root of the mean of its square:

        g = gradient + weight_decay * param                                (-gradient to maximize)
        v = alpha * v + (1 - alpha) * g²                                   square_avg
        u = g / (sqrt(v) + eps)                                            centered: sqrt(v - (average of g)²)
        param -= lr * u                                                    momentum: b = momentum * b + u;  lr * b

    `foreach` and `capturable` are accepted, and without effect. ValueError for a negative option.

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.RMSprop([w], lr=0.1, alpha=0.75)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.8000, 1.8000], requires_grad=True)
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False,
                 capturable=False, foreach=None, maximize=False, differentiable=False):
        check_options(lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        super().__init__(params, dict(
            lr=lr, momentum=momentum, alpha=alpha, eps=eps, centered=centered, weight_decay=weight_decay,
            capturable=capturable, foreach=foreach, maximize=maximize, differentiable=differentiable))

    def _start(self, param, options):
        state = {"step": tensor(0.0), "square_avg": zeros_like(param)}
        if options["momentum"] > 0:
            state["momentum_buffer"] = zeros_like(param)
        if options["centered"]:
            state["grad_avg"] = zeros_like(param)
        return state

    def _update(self, k, param, grad, state, options):
        count(state)
        v, alpha = state["square_avg"], options["alpha"]
        average_square(v, grad, alpha)
        if options["centered"]:
            average(state["grad_avg"], grad, 1 - alpha)
            v = v - state["grad_avg"] ** 2
        update = grad / (k.sqrt(v) + options["eps"])
        if options["momentum"] > 0:
            b = state["momentum_buffer"]
            b *= options["momentum"]
            b += update
            update = b
        param -= options["lr"] * update
