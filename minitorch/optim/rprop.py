"""Rprop, resilient backpropagation: https://doi.org/10.1109/ICNN.1993.298623"""
from ..creation import full_like, tensor, zeros_like
from .optimizer import Optimizer, check_options, count


class Rprop(Optimizer):
    """Only the signs of the gradient count. Each element has a step size of its own, lr at first:

        g kept its sign:        step_size *= etas[1]                       (-gradient to maximize)
        g changed its sign:     step_size *= etas[0], and g = 0            it jumped over a minimum: wait a step
        param -= step_size * sign(g)                                       step_size is kept within step_sizes

    For whole batches: the sign of a small batch's gradient is noise. `foreach` and `capturable` are accepted, and
    without effect. ValueError for a negative lr, or unless 0 < etas[0] < 1 < etas[1].

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.Rprop([w], lr=0.1)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.9000, 1.9000], requires_grad=True)
    """

    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50), *, capturable=False, foreach=None,
                 maximize=False, differentiable=False):
        check_options(lr=lr)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(params, dict(
            lr=lr, etas=etas, step_sizes=step_sizes, foreach=foreach, maximize=maximize, differentiable=differentiable,
            capturable=capturable))

    def _start(self, param, options):
        return {"step": tensor(0.0), "prev": zeros_like(param), "step_size": full_like(param, options["lr"])}

    def _update(self, k, param, grad, state, options):
        count(state)
        (shrink, grow), (smallest, largest) = options["etas"], options["step_sizes"]
        prev, step_size = state["prev"], state["step_size"]
        agreement = grad * prev
        step_size[...] = k.clamp(
            k.where(agreement > 0, step_size * grow, k.where(agreement < 0, step_size * shrink, step_size)),
            smallest, largest)
        prev[...] = k.where(agreement < 0, 0.0, grad)
        param -= k.sign(prev) * step_size
