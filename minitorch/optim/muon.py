"""Muon, MomentUm Orthogonalized by Newton-Schulz: https://kellerjordan.github.io/posts/muon/"""
import math

from ..creation import zeros_like
from .optimizer import Optimizer, average, check_one_element


class Muon(Optimizer):
    """For the matrices (R, S) of hidden layers: the step is orthogonal, so it has the same length in every direction.

        m = momentum * m + (1 - momentum) * g                      momentum_buffer
        u = (1 - momentum) * g + momentum * m                      or, without nesterov, m
        param *= 1 - lr * weight_decay
        param -= lr * ratio * orthogonalize(u)                     ratio = sqrt(max(1, R / S))

    Where u = U diag(s) V^T, orthogonalize(u) is nearly U V^T: see there. adjust_lr_fn="match_rms_adamw" makes the ratio
    0.2 * sqrt(max(R, S)), with which the lr and weight_decay of AdamW can be used.

    Give biases, embeddings and the last layer to another optimizer. ValueError for a parameter that is not a matrix, a
    negative lr, momentum or weight_decay, or another adjust_lr_fn.

    >>> import minitorch as torch
    >>> w = torch.tensor([[3., 0.], [0., 1.]], requires_grad=True)
    >>> optimizer = torch.optim.Muon([w], lr=0.5, weight_decay=0)
    >>> (w * w).sum().backward(); optimizer.step(); w.round(decimals=1)
    tensor([[2.6000, 0.0000],
            [0.0000, 0.4000]], grad_fn=<RoundBackward0>)
    """

    def __init__(self, params, lr=1e-3, weight_decay=0.1, momentum=0.95, nesterov=True,
                 ns_coefficients=(3.4445, -4.7750, 2.0315), eps=1e-7, ns_steps=5, adjust_lr_fn=None):
        check_one_element(lr)
        options = {"Learning rate": lr, "momentum": momentum, "weight decay": weight_decay}
        for name, value in options.items():
            if not 0 <= value:
                raise ValueError(f"{name} should be >= 0 but is: {value}")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        super().__init__(params, dict(
            lr=lr, weight_decay=weight_decay, momentum=momentum, nesterov=nesterov, ns_coefficients=ns_coefficients,
            eps=eps, ns_steps=ns_steps, adjust_lr_fn=adjust_lr_fn))
        for group in self.param_groups:
            for param in group["params"]:
                if param.ndim != 2:
                    raise ValueError("Muon only supports 2D parameters whereas we found a parameter with size: "
                                     f"{param.size()}")

    def _start(self, param, options):
        return {"momentum_buffer": zeros_like(param)}

    def _gradient(self, k, param, grad, options):
        param *= 1 - options["lr"] * options["weight_decay"]
        return grad

    def _update(self, k, param, grad, state, options):
        momentum, m, (R, S) = options["momentum"], state["momentum_buffer"], param.shape
        average(m, grad, 1 - momentum)
        update = grad + momentum * (m - grad) if options["nesterov"] else m
        matched = options["adjust_lr_fn"] == "match_rms_adamw"
        ratio = 0.2 * math.sqrt(max(R, S)) if matched else math.sqrt(max(1, R / S))
        param -= options["lr"] * ratio * orthogonalize(
            k, update, options["ns_coefficients"], options["ns_steps"], options["eps"])


def orthogonalize(k, x, coefficients, steps, eps):
    """U p(..p(s)..) V^T for x = U diag(s) V^T, with p(s) = a s + b s³ + c s⁵, in float32.

    The coefficients (a, b, c) are such that a few steps take every s in (0, 1] close to 1: to about [0.7, 1.2].
    Numbers are rounded to the 8 bits of bfloat16 where PyTorch does so.  x (R, S) -> (R, S)
    """
    if steps >= 100:
        raise ValueError("Number of steps must be less than 100 for computational efficiency")
    if len(coefficients) != 3:
        raise ValueError("Coefficients must be a tuple of exactly 3 values")
    a, b, c = coefficients
    x = _bfloat16(k.cast(x, "float32"))
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T  # (S, R)
    x = _bfloat16(x / max(_bfloat16(k.vector_norm(x)).item(), eps))  # now s <= 1
    for _ in range(steps):
        gram = _bfloat16(x @ x.T)  # (S, S) or (R, R)
        x = _bfloat16(a * x + _bfloat16(b * gram + c * (gram @ gram)) @ x)
    return x.T if tall else x


def _bfloat16(x):
    """float32 x rounded to 8 significant bits; halfway between two such numbers, to the even one."""
    bits = x.view("int32")
    return (bits + 0x7FFF + (bits >> 16 & 1) & -0x10000).view("float32")
