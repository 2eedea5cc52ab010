"""Adam: https://arxiv.org/abs/1412.6980"""
from ..creation import tensor, zeros_like
from ..engine import TensorBase
from .optimizer import Optimizer, check_options, count


class Adam(Optimizer):
    """Each element moves by its mean gradient, over the root of its mean squared gradient:

        g = gradient + weight_decay * param                        (-gradient to maximize)
        m = beta1 * m + (1 - beta1) * g                            exp_avg
        v = beta2 * v + (1 - beta2) * g²                           exp_avg_sq; amsgrad: its maximum so far
        param -= lr * m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)          t = 1, 2, ...

    With decoupled_weight_decay, param *= 1 - lr * weight_decay comes before, and g is the gradient alone: AdamW.
    `foreach`, `capturable` and `fused` choose among torch's implementations of this: accepted, and without effect.
    ValueError for a negative lr, eps or weight_decay, or a beta outside [0, 1).

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.9000, 1.9000], requires_grad=True)
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *, foreach=None,
                 maximize=False, capturable=False, differentiable=False, fused=None, decoupled_weight_decay=False):
        check_options(betas, lr=lr, eps=eps, weight_decay=weight_decay)
        if any(isinstance(beta, TensorBase) != isinstance(betas[0], TensorBase) for beta in betas):
            raise ValueError("betas must be either both floats or both Tensors")
        if isinstance(lr, TensorBase) and foreach and not capturable:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        for i, beta in enumerate(betas):
            if isinstance(beta, TensorBase) and foreach and not capturable:
                raise ValueError(f"betas[{i}] as a Tensor is not supported for capturable=False and foreach=True")
            if isinstance(beta, TensorBase) and beta.numel() != 1:
                raise ValueError(f"Tensor betas[{i}] must be 1-element")
        super().__init__(params, dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad,
            maximize=maximize, foreach=foreach, capturable=capturable, differentiable=differentiable, fused=fused,
            decoupled_weight_decay=decoupled_weight_decay))

    def _start(self, param, options):
        state = {"step": tensor(0.0), "exp_avg": zeros_like(param), "exp_avg_sq": zeros_like(param)}
        if options["amsgrad"]:
            state["max_exp_avg_sq"] = zeros_like(param)
        return state

    def _gradient(self, k, param, grad, options):
        decoupled = options["decoupled_weight_decay"]  # then it is a part of adam_step
        return super()._gradient(k, param, grad, {**options, "weight_decay": 0} if decoupled else options)

    def _update(self, k, param, grad, state, options):
        (beta1, beta2), t = options["betas"], count(state)
        shrink = 1 - options["lr"] * options["weight_decay"] if options["decoupled_weight_decay"] else 1
        largest = k.adam_step(
            param, grad, state["exp_avg"], state["exp_avg_sq"], state.get("max_exp_avg_sq"), beta1, beta2,
            options["lr"] / (1 - beta1**t), (1 - beta2**t) ** 0.5, options["eps"], shrink)
        if largest is not None:
            state["max_exp_avg_sq"] = largest
