"""AdamW: https://arxiv.org/abs/1711.05101"""
from .adam import Adam


class AdamW(Adam):
    """Adam with decoupled weight decay: param *= 1 - lr * weight_decay, then Adam's step without weight decay.

    A penalty in the loss, as in Adam, would be divided by sqrt(v) as the gradient is, and so hardly felt where
    gradients are large. The options are Adam's; weight_decay is 0.01 by default.

    >>> import minitorch as torch
    >>> w = torch.tensor([1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * w).sum().backward(); optimizer.step(); w
    tensor([0.8500, 1.8000], requires_grad=True)
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, *,
                 maximize=False, foreach=None, capturable=False, differentiable=False, fused=None):
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize,
                         capturable=capturable, differentiable=differentiable, fused=fused, decoupled_weight_decay=True)

    def load_state_dict(self, state_dict):
        super().load_state_dict(state_dict)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True  # also where Adam, or an older AdamW, saved it
