"""Adagrad: https://jmlr.org/papers/v12/duchi11a.html"""
from ..creation import full_like, tensor
from .optimizer import Optimizer, check_options, count


class Adagrad(Optimizer):
    """Each element moves by its gradient, over the root of the sum of all its squared gradients so far:

        g = gradient + weight_decay * param                                (-gradient to maximize)
        sum += g²                                                          from initial_accumulator_value
        param -= lr / (1 + (t - 1) * lr_decay) * g / (sqrt(sum) + eps)     t = 1, 2, ...

    `foreach` and `fused` are accepted, and without effect. ValueError for a negative option.

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.9000, 1.9000], requires_grad=True)
    """

    def __init__(self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10,
                 foreach=None, *, maximize=False, differentiable=False, fused=None):
        check_options(lr=lr, lr_decay=lr_decay, weight_decay=weight_decay,
                      initial_accumulator_value=initial_accumulator_value, eps=eps)
        super().__init__(params, dict(
            lr=lr, lr_decay=lr_decay, eps=eps, weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value, foreach=foreach, maximize=maximize,
            differentiable=differentiable, fused=fused))
        for group in self.param_groups:  # as torch, which has a state dict before the first step
            for param in group["params"]:
                self.state[param] = self._start(param, group)

    def _start(self, param, options):
        return {"step": tensor(0.0), "sum": full_like(param, options["initial_accumulator_value"])}

    def _update(self, k, param, grad, state, options):
        t, total = count(state), state["sum"]
        total += grad * grad
        param -= options["lr"] / (1 + (t - 1) * options["lr_decay"]) * grad / (k.sqrt(total) + options["eps"])
