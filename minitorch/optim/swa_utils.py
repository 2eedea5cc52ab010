"""torch.optim.swa_utils: averages of a model's weights over training, which often do better than the last weights.

Stochastic weight averaging (SWA, https://arxiv.org/abs/1803.05407) weighs all alike; an exponential moving average
(EMA) forgets the old ones.
"""
import itertools
import math
from copy import deepcopy

from ..autograd import no_grad
from ..creation import tensor
from ..nn import Module
from ..nn.modules.batchnorm import _BatchNorm
from .lr_scheduler import LRScheduler, _per_group, _within_step

__all__ = ["AveragedModel", "update_bn", "SWALR", "get_ema_multi_avg_fn", "get_swa_multi_avg_fn", "get_ema_avg_fn",
           "get_swa_avg_fn"]


def get_swa_avg_fn():
    """average + (current - average) / (n + 1): all weights count alike. As function(average, current, n)."""
    @no_grad()
    def swa_update(averaged_param, current_param, num_averaged):
        return averaged_param + (current_param - averaged_param) / (num_averaged + 1)
    return swa_update


def get_ema_avg_fn(decay=0.999):
    """decay * average + (1 - decay) * current, as function(average, current, n). ValueError unless 0 <= decay <= 1."""
    if not 0 <= decay <= 1:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")

    @no_grad()
    def ema_update(ema_param, current_param, num_averaged):
        return decay * ema_param + (1 - decay) * current_param
    return ema_update


def _on_lists(avg_fn):
    """A function that replaces all the averages of a list."""
    def update(averaged_params, current_params, num_averaged):
        for averaged, current in zip(averaged_params, current_params):
            averaged.detach().copy_(avg_fn(averaged.detach(), current, num_averaged))
    return update


def get_swa_multi_avg_fn():
    """get_swa_avg_fn for lists: function(averages, currents, n) writes to the averages."""
    return _on_lists(get_swa_avg_fn())


def get_ema_multi_avg_fn(decay=0.999):
    """get_ema_avg_fn for lists: function(averages, currents, n) writes to the averages."""
    return _on_lists(get_ema_avg_fn(decay))


class AveragedModel(Module):
    """torch.optim.swa_utils.AveragedModel: a copy of `model` whose parameters are the average of those it is shown.

    avg_fn        function(average, current, n) that returns the next average, n having been averaged (get_swa_avg_fn())
    multi_avg_fn  the same for lists, which writes to the averages
    use_buffers   average the buffers too; otherwise they are copied

    AssertionError for both an avg_fn and a multi_avg_fn.

    >>> import minitorch as torch
    >>> model = torch.nn.Linear(1, 1, bias=False)
    >>> average = torch.optim.swa_utils.AveragedModel(model)
    >>> for value in (1.0, 2.0, 6.0):
    ...     _ = torch.nn.init.constant_(model.weight, value)
    ...     average.update_parameters(model)
    >>> average.module.weight.item(), average.n_averaged
    (3.0, tensor(3))
    """

    def __init__(self, model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False):
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model).to(device)
        self.register_buffer("n_averaged", tensor(0, device=device))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args, **kwargs):
        return self.module(*args, **kwargs)

    def update_parameters(self, model):
        """Take the present parameters of `model` into the average."""
        averages, currents = list(self.module.parameters()), list(model.parameters())
        copies = zip(self.module.buffers(), model.buffers())
        if self.use_buffers:
            averages, currents, copies = [*averages, *self.module.buffers()], [*currents, *model.buffers()], ()
        currents = [current.detach() for current in currents]
        if self.n_averaged == 0:
            copies = itertools.chain(copies, zip(averages, currents))
        else:
            update = self.multi_avg_fn or _on_lists(self.avg_fn or get_swa_avg_fn())
            update([average.detach() for average in averages], currents, self.n_averaged)
        for average, current in copies:
            average.detach().copy_(current.detach())
        self.n_averaged += 1


@no_grad()
def update_bn(loader, model, device=None):
    """Compute the running statistics of all batch norm layers anew, in one pass over the batches of `loader`.

    A batch is the input of the model, or a list or tuple that starts with it.
    """
    momenta = {module: module.momentum for module in model.modules() if isinstance(module, _BatchNorm)}
    if not momenta:
        return
    was_training = model.training
    model.train()
    for module in momenta:
        module.reset_running_stats()
        module.momentum = None  # the mean of all batches
    for batch in loader:
        model((batch[0] if isinstance(batch, (list, tuple)) else batch).to(device))
    for module, momentum in momenta.items():
        module.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    """From the optimizer's lr to `swa_lr` in anneal_epochs, along a "cos" wave or a "linear" line; then constant.

    ValueError for another strategy, negative anneal_epochs, or a list of swa_lr that has not one for each group.

    >>> import minitorch as torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    >>> scheduler = torch.optim.swa_utils.SWALR(optimizer, 0.5, anneal_epochs=2, anneal_strategy="linear")
    >>> for epoch in range(3):
    ...     optimizer.step(); scheduler.step(); print(scheduler.get_last_lr())
    [0.75]
    [0.5]
    [0.5]
    """

    def __init__(self, optimizer, swa_lr, anneal_epochs=10, anneal_strategy="cos", last_epoch=-1):
        for group, lr in zip(optimizer.param_groups, _per_group("swa_lr", optimizer, swa_lr)):
            group["swa_lr"] = lr
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self._anneal_strategy, self.anneal_epochs = anneal_strategy, anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _progress(self, step):
        """How much of the way from the old lr to swa_lr is done: 0 to 1."""
        t = max(0, min(1, step / max(1, self.anneal_epochs)))
        return (1 - math.cos(math.pi * t)) / 2 if self._anneal_strategy == "cos" else t

    @_within_step
    def get_lr(self):
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._progress(step - 1), self._progress(step)
        lrs = []
        for group in self.optimizer.param_groups:
            swa_lr, lr = group["swa_lr"], group["lr"]
            start = swa_lr if before == 1 else (lr - before * swa_lr) / (1 - before)
            lrs.append(swa_lr * now + start * (1 - now))
        return lrs
