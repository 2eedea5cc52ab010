"""Modules, first values, and optimizers."""
import math

import numpy as np

from minitorch.nn.init import uniform_
from minitorch.optim.optimizer import Optimizer, count


def _calculate_fan_in_and_fan_out(tensor):
    if tensor.ndim < 2:
        raise ValueError("there are no fans")
    outputs, inputs, *image = tensor.shape
    taps = math.prod(image)
    return inputs * taps, outputs * taps


def xavier_uniform_(tensor, gain=1.0, generator=None):
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    bound = gain * math.sqrt(6 / (fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


class Module:
    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def train(self, mode=True):
        self.training = mode
        for module in self._modules.values():
            module.train(mode)
        return self


class SGD(Optimizer):
    def _update(self, k, param, grad, state, options):
        if options["momentum"]:
            if "momentum_buffer" in state:
                b = state["momentum_buffer"]
                b *= options["momentum"]
                b += (1 - options["dampening"]) * grad
            else:
                b = state["momentum_buffer"] = np.array(grad)
            grad = grad + options["momentum"] * b if options["nesterov"] else b
        param -= options["lr"] * grad


class Adagrad(Optimizer):
    def _update(self, k, param, grad, state, options):
        t, total = count(state), state["sum"]
        total += grad * grad
        lr = options["lr"] / (1 + (t - 1) * options["lr_decay"])
        param -= lr * grad / (k.sqrt(total) + options["eps"])


class Adam(Optimizer):
    def _update(self, k, param, grad, state, options):
        (beta1, beta2), t = options["betas"], count(state)
        m, v = state["exp_avg"], state["exp_avg_sq"]
        m += (1 - beta1) * (grad - m)
        v += (1 - beta2) * (grad * grad - v)
        if options["decoupled_weight_decay"]:
            param *= 1 - options["lr"] * options["weight_decay"]
        step = options["lr"] * m / (1 - beta1 ** t)
        param -= step / (k.sqrt(v / (1 - beta2 ** t)) + options["eps"])
