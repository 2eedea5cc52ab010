"""Learning rate schedulers: a formula each, for the `lr` of every group of an optimizer as a function of the epoch t.

    for epoch in range(10):
        train(...)            # calls optimizer.step()
        scheduler.step()

Most of them multiply the lr of epoch t - 1 by a `_ratio`, so that several can work on one optimizer (ChainedScheduler)
and a change by hand persists. The product of the ratios up to t is the `_factor` on the initial lr.
"""
import functools
import math
import types
import warnings
from bisect import bisect_right
from collections import Counter

from ..engine import TensorBase
from .optimizer import Optimizer

__all__ = """
LRScheduler LambdaLR MultiplicativeLR StepLR MultiStepLR ConstantLR LinearLR ExponentialLR PolynomialLR
CosineAnnealingLR CosineAnnealingWarmRestarts CyclicLR OneCycleLR ReduceLROnPlateau ChainedScheduler SequentialLR
""".split()

_EPOCH_DEPRECATED = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use "
    "`scheduler.step()` to step the scheduler. During the deprecation, if epoch is different from None, the closed "
    "form is used instead of the new chainable form, where available.")


def _set_lr(group, lr):
    if isinstance(group["lr"], TensorBase):
        group["lr"].fill_(lr)
    else:
        group["lr"] = lr


def _lrs(optimizer, option="lr"):
    """That option of each group; a tensor is copied, for _set_lr writes to it."""
    values = [group[option] for group in optimizer.param_groups]
    return [value.clone() if isinstance(value, TensorBase) else value for value in values]


def _per_group(name, optimizer, value):
    """A value for each group: a list has one for each already."""
    groups = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(f"{name} must have the same length as optimizer.param_groups. {name} has {len(value)} "
                         f"values, param_groups has {groups}.")
    return list(value)


def _check_optimizer(optimizer):
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")


def _within_step(get_lr):
    """get_lr, with a warning where a user calls it, for it may answer with the lr of the epoch to come."""
    @functools.wraps(get_lr)
    def wrapper(self):
        if not self._get_lr_called_within_step:
            warnings.warn("To get the last learning rate computed by the scheduler, please use `get_last_lr()`.",
                          stacklevel=2)
        return get_lr(self)
    return wrapper


class LRScheduler:
    """torch.optim.lr_scheduler.LRScheduler: sets the lr of an optimizer's groups at each `step()`, and once when made.

    optimizer   whose `initial_lr` (kept in its groups) the schedule starts from
    last_epoch  -1 starts anew; otherwise the epoch to continue after: KeyError if the groups lack an `initial_lr`

    A subclass writes get_lr(): the new lr of each group, from self.last_epoch, self.base_lrs and the groups.
    Raises TypeError unless `optimizer` is one.

    >>> import minitorch as torch
    >>> class InverseLR(torch.optim.lr_scheduler.LRScheduler):
    ...     def get_lr(self):
    ...         return [lr / (1 + self.last_epoch) for lr in self.base_lrs]
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.6)
    >>> scheduler = InverseLR(optimizer); optimizer.step(); scheduler.step(); scheduler.get_last_lr()
    [0.3]
    """

    _unsaved = ("optimizer",)  # what state_dict leaves out
    _is_initial = _get_lr_called_within_step = False

    def __init__(self, optimizer, last_epoch=-1):
        _check_optimizer(optimizer)
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                lr = group["lr"]
                group.setdefault("initial_lr", lr.clone() if isinstance(lr, TensorBase) else lr)
            elif "initial_lr" not in group:
                raise KeyError(f"param 'initial_lr' is not specified in param_groups[{i}] when resuming scheduler "
                               "with last_epoch >= 0. Load the optimizer's state_dict first, or leave last_epoch at "
                               "-1 for a fresh training run.")
        self.base_lrs = _lrs(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        self._initial_step()

    def _initial_step(self):
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def step(self, epoch=None):
        """Go to the next epoch. (With an epoch, which torch deprecates: to that one.)"""
        if self._step_count == 1 and not self.optimizer._opt_called:
            warnings.warn("Detected call of `lr_scheduler.step()` before `optimizer.step()`. In "
                          "PyTorch 1.1.0 and later, you should call them in the opposite order: "
                          "`optimizer.step()` before `lr_scheduler.step()`.  Failure to do this will "
                          "result in PyTorch skipping the first value of the learning rate schedule. "
                          "See more details at "
                          "https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate", stacklevel=2)
        self._step_count += 1
        if epoch is not None:
            warnings.warn(_EPOCH_DEPRECATED, stacklevel=2)
        self._update_lr(epoch)

    def _update_lr(self, epoch=None):
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._get_lr_called_within_step = True
        try:
            lrs = self.get_lr() if epoch is None else self._get_closed_form_lr()
        finally:
            self._get_lr_called_within_step = False
        for group, lr in zip(self.optimizer.param_groups, lrs):
            _set_lr(group, lr)
        self._last_lr = _lrs(self.optimizer)

    def get_last_lr(self):
        """The lr of each group as the last step set it."""
        return self._last_lr

    @_within_step
    def get_lr(self):
        """The lr of each group at epoch `self.last_epoch`, given that of the epoch before."""
        ratio = self._ratio(self.last_epoch)
        return [group["lr"] * ratio for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self):
        """The same from the epoch alone, where there is a formula for that."""
        if type(self)._factor is LRScheduler._factor:
            return self.get_lr()
        factor = self._factor(self.last_epoch)
        return [lr * factor for lr in self.base_lrs]

    def _ratio(self, t):
        raise NotImplementedError

    def _factor(self, t):
        raise NotImplementedError

    def state_dict(self):
        """All attributes but the optimizer (and functions): load_state_dict, here and in torch, continues from it."""
        return {name: value for name, value in vars(self).items() if name not in self._unsaved}

    def load_state_dict(self, state_dict):
        self.__dict__.update(state_dict)


class _LRScheduler(LRScheduler):
    """The name that LRScheduler had in PyTorch 1."""


class _LambdaScheduler(LRScheduler):
    """A function of the epoch, for all groups or one for each. If it is an object, its attributes are saved."""

    _unsaved = ("optimizer", "lr_lambdas")

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        groups = len(optimizer.param_groups)
        self.lr_lambdas = list(lr_lambda) if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * groups
        if len(self.lr_lambdas) != groups:
            raise ValueError(f"Expected {groups} lr_lambdas, but got {len(self.lr_lambdas)}")
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(f"lr_lambda should be a function, but got {type(function).__name__}")
        super().__init__(optimizer, last_epoch)

    def state_dict(self):
        saved = [None if isinstance(f, types.FunctionType) else vars(f).copy() for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": saved}

    def load_state_dict(self, state_dict):
        state_dict = dict(state_dict)
        for function, saved in zip(self.lr_lambdas, state_dict.pop("lr_lambdas")):
            if saved is not None:
                vars(function).update(saved)
        super().load_state_dict(state_dict)


class LambdaLR(_LambdaScheduler):
    """lr = initial lr * lr_lambda(t).

    >>> import minitorch as torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.5)
    >>> scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 0.5 ** t)
    >>> optimizer.step(); scheduler.step(); scheduler.get_last_lr()
    [0.25]
    """

    @_within_step
    def get_lr(self):
        return [lr * function(self.last_epoch) for lr, function in zip(self.base_lrs, self.lr_lambdas)]


class MultiplicativeLR(_LambdaScheduler):
    """lr *= lr_lambda(t) at every epoch t > 0."""

    @_within_step
    def get_lr(self):
        if self._is_initial:
            return _lrs(self.optimizer)
        groups = self.optimizer.param_groups
        return [group["lr"] * function(self.last_epoch) for group, function in zip(groups, self.lr_lambdas)]


class StepLR(LRScheduler):
    """lr *= gamma every `step_size` epochs.

    >>> import minitorch as torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.5)
    >>> scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> for epoch in range(4):
    ...     optimizer.step(); scheduler.step(); print(scheduler.get_last_lr())
    [0.5]
    [0.25]
    [0.25]
    [0.125]
    """

    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def _ratio(self, t):
        return self.gamma if t > 0 and t % self.step_size == 0 else 1

    def _factor(self, t):
        return self.gamma ** (t // self.step_size)


class MultiStepLR(LRScheduler):
    """lr *= gamma at each of the epochs `milestones`."""

    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def _ratio(self, t):
        return self.gamma ** self.milestones[t]

    def _factor(self, t):
        return self.gamma ** bisect_right(sorted(self.milestones.elements()), t)


class ConstantLR(LRScheduler):
    """lr = initial lr * factor for `total_iters` epochs, then the initial lr. ValueError unless 0 <= factor <= 1."""

    def __init__(self, optimizer, factor=1 / 3, total_iters=5, last_epoch=-1):
        if not 0 <= factor <= 1:
            raise ValueError("Constant multiplicative factor expected to be between 0 and 1.")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _ratio(self, t):
        return self.factor if t == 0 else 1 / self.factor if t == self.total_iters else 1

    def _factor(self, t):
        return self.factor + (t >= self.total_iters) * (1 - self.factor)


class LinearLR(LRScheduler):
    """lr = initial lr * a factor that goes from start_factor to end_factor in `total_iters` epochs, in equal steps.

    ValueError unless 0 < start_factor <= 1 and 0 <= end_factor <= 1.
    """

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5, last_epoch=-1):
        if not 0 < start_factor <= 1:
            raise ValueError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.")
        if not 0 <= end_factor <= 1:
            raise ValueError("Ending multiplicative factor expected to be between 0 and 1.")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _ratio(self, t):
        if t == 0:
            return self.start_factor
        if self._is_initial or t > self.total_iters:
            return 1
        slope = self.end_factor - self.start_factor  # times total_iters
        return 1 + slope / (self.total_iters * self.start_factor + (t - 1) * slope)

    def _factor(self, t):
        return self.start_factor + (self.end_factor - self.start_factor) * min(self.total_iters, t) / self.total_iters


class ExponentialLR(LRScheduler):
    """lr *= gamma at every epoch."""

    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _ratio(self, t):
        return 1 if self._is_initial else self.gamma

    def _factor(self, t):
        return self.gamma ** t


class PolynomialLR(LRScheduler):
    """lr = initial lr * (1 - t / total_iters) ** power, and 0 from total_iters on."""

    def __init__(self, optimizer, total_iters=5, power=1.0, last_epoch=-1):
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def _ratio(self, t):
        if self._is_initial or t > self.total_iters:
            return 1
        return ((1 - t / self.total_iters) / (1 - (t - 1) / self.total_iters)) ** self.power

    def _factor(self, t):
        return (1 - min(self.total_iters, t) / self.total_iters) ** self.power


class CosineAnnealingLR(LRScheduler):
    """lr = eta_min + (initial lr - eta_min) * (1 + cos(pi * t / T_max)) / 2: half a wave down in T_max epochs, then up.

    >>> import minitorch as torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=3)
    >>> for epoch in range(3):
    ...     optimizer.step(); scheduler.step(); print(f"{scheduler.get_last_lr()[0]:.2f}")
    0.75
    0.25
    0.00
    """

    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    @_within_step
    def get_lr(self):
        t, T, eta_min = self.last_epoch, self.T_max, self.eta_min
        groups = self.optimizer.param_groups
        if self._is_initial:
            return _lrs(self.optimizer)
        if self._step_count == 1 and t > 0:
            return self._get_closed_form_lr()
        if (t - 1 - T) % (2 * T) == 0:  # leaving the bottom, where lr - eta_min is 0 and has no ratio
            rise = (1 - math.cos(math.pi / T)) / 2
            return [group["lr"] + (lr - eta_min) * rise for group, lr in zip(groups, self.base_lrs)]
        ratio = (1 + math.cos(math.pi * t / T)) / (1 + math.cos(math.pi * (t - 1) / T))
        return [ratio * (group["lr"] - eta_min) + eta_min for group in groups]

    def _get_closed_form_lr(self):
        cosine = math.cos(math.pi * self.last_epoch / self.T_max)
        return [self.eta_min + (lr - self.eta_min) * (1 + cosine) / 2 for lr in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """CosineAnnealingLR that jumps back to the initial lr after T_0 epochs, then T_0 * T_mult, then T_0 * T_mult**2 ...

    lr = eta_min + (initial lr - eta_min) * (1 + cos(pi * T_cur / T_i)) / 2, T_cur epochs into a period of T_i.
    `step(epoch)` takes fractions too: step(epoch + batch / batches). ValueError unless T_0 and T_mult are positive
    integers.
    """

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        if not isinstance(T_0, int) or T_0 <= 0:
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if not isinstance(T_mult, int) or T_mult < 1:
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        if not isinstance(eta_min, (int, float)):
            raise ValueError(f"Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}")
        self.T_0, self.T_i, self.T_mult, self.eta_min, self.T_cur = T_0, T_0, T_mult, eta_min, last_epoch
        super().__init__(optimizer, last_epoch)

    @_within_step
    def get_lr(self):
        cosine = math.cos(math.pi * self.T_cur / self.T_i)
        return [self.eta_min + (lr - self.eta_min) * (1 + cosine) / 2 for lr in self.base_lrs]

    def step(self, epoch=None):
        """Go to the next epoch, or to `epoch`. ValueError for a negative one."""
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        else:
            epoch = epoch or 0
            if epoch < 0:
                raise ValueError(f"Expected non-negative epoch, but got {epoch}")
            self._seek(epoch)
        self._update_lr(math.floor(epoch))

    def _seek(self, epoch):
        """Set the period that holds `epoch`, and the place in it."""
        if self.T_mult == 1:
            self.T_cur = epoch % self.T_0
            return
        n = int(math.log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))  # periods that are over
        self.T_cur = epoch - self.T_0 * (self.T_mult ** n - 1) / (self.T_mult - 1)
        self.T_i = self.T_0 * self.T_mult ** n


class _MomentumCycler(LRScheduler):
    """What CyclicLR and OneCycleLR share: they move the momentum, or beta1, against the lr."""

    def _start_momentum(self, base_momentum, max_momentum, fresh):
        """Give each group its range of momentum."""
        optimizer = self.optimizer
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise ValueError("optimizer must support momentum or beta1 with `cycle_momentum` option enabled")
        self.use_beta1 = "betas" in optimizer.defaults
        base = _per_group("base_momentum", optimizer, base_momentum)
        maximum = _per_group("max_momentum", optimizer, max_momentum)
        if fresh:
            for group, low, high in zip(optimizer.param_groups, base, maximum):
                group["max_momentum"], group["base_momentum"] = high, low
                self._set_momentum(group, high)
        return base, maximum

    def _set_momentum(self, group, momentum):
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(_MomentumCycler):
    """lr climbs from base_lr to max_lr in step_size_up steps and falls back in step_size_down, again and again.

    The height of cycle c = 1, 2, ... is full ("triangular"), divided by 2**(c - 1) ("triangular2"), or multiplied by
    gamma**t ("exp_range"); or scale_fn(c), or scale_fn(t) for scale_mode="iterations". With cycle_momentum the momentum
    (or beta1) moves the other way, from max_momentum to base_momentum. ValueError for an unknown mode or lists of a
    wrong length.
    """

    _unsaved = ("optimizer", "_scale_fn_custom")

    def __init__(self, optimizer, base_lr, max_lr, step_size_up=2000, step_size_down=None, mode="triangular", gamma=1.0,
                 scale_fn=None, scale_mode="cycle", cycle_momentum=True, base_momentum=0.8, max_momentum=0.9,
                 last_epoch=-1):
        _check_optimizer(optimizer)
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError("mode is invalid and scale_fn is None")
        self.optimizer = optimizer
        base_lrs = _per_group("base_lr", optimizer, base_lr)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs):
                _set_lr(group, lr)
        self.max_lrs = _per_group("max_lr", optimizer, max_lr)
        step_size_down = step_size_up if step_size_down is None else step_size_down
        self.total_size = float(step_size_up + step_size_down)
        self.step_ratio = step_size_up / self.total_size
        self.mode, self.gamma, self._scale_fn_custom = mode, gamma, scale_fn
        self.scale_mode = scale_mode if scale_fn is not None else "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._start_momentum(
                base_momentum, max_momentum, fresh=last_epoch == -1)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x):
        """The height of cycle x, or of step x."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        return {"triangular": 1, "triangular2": 0.5 ** (x - 1), "exp_range": self.gamma ** x}[self.mode]

    @_within_step
    def get_lr(self):
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1 + self.last_epoch / self.total_size - cycle  # how far into the cycle: [0, 1)
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            for group, low, high in zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums):
                self._set_momentum(group, high - (high - low) * height * scale)
        return [low + (high - low) * height * scale for low, high in zip(self.base_lrs, self.max_lrs)]

    def state_dict(self):
        function = self._scale_fn_custom
        saved = None if function is None or isinstance(function, types.FunctionType) else vars(function).copy()
        return {**super().state_dict(), "_scale_fn_custom": saved}

    def load_state_dict(self, state_dict):
        state_dict = dict(state_dict)
        saved = state_dict.pop("_scale_fn_custom")
        if saved is not None:
            vars(self._scale_fn_custom).update(saved)
        super().load_state_dict(state_dict)


class OneCycleLR(_MomentumCycler):
    """One rise and one long fall of the lr: from max_lr / div_factor up to max_lr for the first pct_start of all steps,
    then down to max_lr / div_factor / final_div_factor. To be stepped after every batch.

    The number of steps is total_steps, or epochs * steps_per_epoch. anneal_strategy is "cos" or "linear"; three_phase
    falls as fast as it rose, and then to the minimum; cycle_momentum moves the momentum (or beta1) the other way.
    ValueError for arguments out of range, and for a step beyond the last.

    >>> import minitorch as torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0, momentum=0.9)
    >>> scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    >>> for step in range(3):
    ...     print(f"{scheduler.get_last_lr()[0]:.2f}"); optimizer.step(); scheduler.step()
    0.04
    0.52
    1.00
    """

    def __init__(self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None, pct_start=0.3,
                 anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85, max_momentum=0.95, div_factor=25.0,
                 final_div_factor=1e4, three_phase=False, last_epoch=-1):
        _check_optimizer(optimizer)
        self.optimizer = optimizer
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
            _check_positive_integer("epochs", epochs)
            _check_positive_integer("steps_per_epoch", steps_per_epoch)
            total_steps = epochs * steps_per_epoch
        _check_positive_integer("total_steps", total_steps)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self.total_steps, self._anneal_func_type = total_steps, anneal_strategy
        rise = pct_start * total_steps
        phases = [(rise - 1, "initial_lr", "max_lr", "max_momentum", "base_momentum"),
                  (total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        if three_phase:
            phases[1:] = [(2 * rise - 2, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
                          (total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum")]
        names = ("end_step", "start_lr", "end_lr", "start_momentum", "end_momentum")
        self._schedule_phases = [dict(zip(names, phase)) for phase in phases]
        max_lrs = _per_group("max_lr", optimizer, max_lr)
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, max_lrs):
                group["initial_lr"], group["max_lr"] = lr / div_factor, lr
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._start_momentum(base_momentum, max_momentum, fresh=last_epoch == -1)
        super().__init__(optimizer, last_epoch)

    def _anneal(self, start, end, x):
        """From `start` at x = 0 to `end` at x = 1."""
        if self._anneal_func_type == "linear":
            return (end - start) * x + start
        return end + (start - end) / 2 * (1 + math.cos(math.pi * x))

    @_within_step
    def get_lr(self):
        t, phases = self.last_epoch, self._schedule_phases
        if t > self.total_steps:
            raise ValueError(f"Tried to step {t} times. The specified number of total steps is {self.total_steps}")
        i = next((i for i, phase in enumerate(phases) if t <= phase["end_step"]), len(phases) - 1)
        phase, start = phases[i], phases[i - 1]["end_step"] if i else 0
        x = (t - start) / (phase["end_step"] - start)
        lrs = []
        for group in self.optimizer.param_groups:
            lrs.append(self._anneal(group[phase["start_lr"]], group[phase["end_lr"]], x))
            if self.cycle_momentum:
                self._set_momentum(group, self._anneal(group[phase["start_momentum"]], group[phase["end_momentum"]], x))
        return lrs


def _check_positive_integer(name, value):
    if not isinstance(value, int) or value <= 0:
        raise ValueError(f"Expected positive integer {name}, but got {value}")


class ReduceLROnPlateau(LRScheduler):
    """lr *= factor when a metric has not improved for more than `patience` epochs; `step(metric)` reports it.

    Improved means below best * (1 - threshold), or for threshold_mode="abs" below best - threshold; for mode="max"
    above best * (1 + threshold) or best + threshold. After a reduction `cooldown` epochs do not count. No lr goes below
    min_lr, and changes up to eps are not made. ValueError for a factor of 1 and more or an unknown mode.

    >>> import minitorch as torch
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    >>> scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     scheduler.step(loss); print(scheduler.get_last_lr())
    [1.0]
    [1.0]
    [1.0]
    [0.5]
    """

    def __init__(self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0,
                 min_lr=0, eps=1e-8):
        if factor >= 1:
            raise ValueError("Factor should be < 1.0.")
        _check_optimizer(optimizer)
        if mode not in ("min", "max"):
            raise ValueError(f"mode {mode} is unknown!")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold mode {threshold_mode} is unknown!")
        groups = len(optimizer.param_groups)
        if isinstance(min_lr, (list, tuple)) and len(min_lr) != groups:
            raise ValueError(f"expected {groups} min_lrs, got {len(min_lr)}")
        self.optimizer = optimizer
        self.default_min_lr = None if isinstance(min_lr, (list, tuple)) else min_lr
        self.min_lrs = _per_group("min_lr", optimizer, min_lr)
        self.mode, self.factor, self.patience, self.cooldown, self.eps = mode, factor, patience, cooldown, eps
        self.threshold, self.threshold_mode = threshold, threshold_mode
        self.best = self.mode_worse = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = self.num_bad_epochs = self.last_epoch = 0
        self._last_lr = _lrs(optimizer)

    def step(self, metrics, epoch=None):
        """Report the metric of an epoch, a number or a tensor of one element."""
        metrics = float(metrics)
        if epoch is not None:
            warnings.warn(_EPOCH_DEPRECATED, stacklevel=2)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(metrics):
            self.best, self.num_bad_epochs = metrics, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce_lr()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = _lrs(self.optimizer)

    def _is_better(self, metrics):
        sign = 1 if self.mode == "max" else -1
        if self.threshold_mode == "rel":
            return sign * metrics > sign * self.best * (1 + sign * self.threshold)
        return sign * metrics > sign * (self.best + sign * self.threshold)

    def _reduce_lr(self):
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise RuntimeError(f"The number of param groups in the `optimizer` ({len(groups)}) differs from when "
                                   f"`ReduceLROnPlateau` was initialized ({len(self.min_lrs)}), usually due to a new "
                                   "param group being added to the optimizer. Please modify the `min_lrs` field to "
                                   "match the length of the `optimizer` param groups.")
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, min_lr in zip(groups, self.min_lrs):
            lr = max(float(group["lr"]) * self.factor, min_lr)
            if float(group["lr"]) - lr > self.eps:
                _set_lr(group, lr)


class _Composite(LRScheduler):
    """A scheduler made of several of one optimizer: `self._schedulers`."""

    _unsaved = ("optimizer", "_schedulers")

    def _check(self, schedulers, optimizer):
        name = type(self).__name__
        for i, scheduler in enumerate(schedulers):
            if not hasattr(scheduler, "optimizer"):
                raise TypeError(f"{name} at index {i} should have `optimizer` as its attribute.")
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(f"{name} does not support `ReduceLROnPlateau` scheduler as it requires additional "
                                 f"kwargs to be specified when calling `step`, but got one at index {i} in the given "
                                 "schedulers sequence.")
            if scheduler.optimizer is not optimizer:
                raise ValueError(f"{name} expects all schedulers to belong to the same optimizer, but got scheduler "
                                 f"{type(scheduler).__name__} at index {i} has {scheduler.optimizer}, which is "
                                 f"different from {type(optimizer).__name__}.")

    def state_dict(self):
        return {**super().state_dict(), "_schedulers": [scheduler.state_dict() for scheduler in self._schedulers]}

    def load_state_dict(self, state_dict):
        state_dict = dict(state_dict)
        for scheduler, saved in zip(self._schedulers, state_dict.pop("_schedulers")):
            scheduler.load_state_dict(saved)
        super().load_state_dict(state_dict)


class ChainedScheduler(_Composite):
    """All `schedulers` at once: each step steps every one, and their ratios multiply."""

    def __init__(self, schedulers, optimizer=None):
        if not schedulers:
            raise ValueError("ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.")
        self.optimizer = optimizer or schedulers[0].optimizer
        self._check(schedulers, self.optimizer)
        self._schedulers = schedulers
        self._last_lr = _lrs(self.optimizer)

    def step(self):
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = _lrs(self.optimizer)


class SequentialLR(_Composite):
    """One of the `schedulers` after the other: the next takes over, at its own epoch 0, at each of `milestones`.

    ValueError unless there is one milestone less than there are schedulers.

    >>> import minitorch as torch
    >>> from minitorch.optim.lr_scheduler import ConstantLR, ExponentialLR, SequentialLR
    >>> optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    >>> scheduler = SequentialLR(optimizer, [ConstantLR(optimizer, 0.25), ExponentialLR(optimizer, 0.5)], [2])
    >>> for epoch in range(4):
    ...     print(scheduler.get_last_lr()); optimizer.step(); scheduler.step()
    [0.25]
    [0.25]
    [1.0]
    [0.5]
    """

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        if not schedulers:
            raise ValueError("SequentialLR expects at least one scheduler, but got no scheduler.")
        self._check(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError("Sequential Schedulers expects number of schedulers provided to be one more than the "
                             f"number of milestone points, but got number of schedulers {len(schedulers)} and the "
                             f"number of milestones to be equal to {len(milestones)}")
        self.optimizer, self._schedulers, self._milestones = optimizer, schedulers, milestones
        self.last_epoch = last_epoch + 1
        for group in optimizer.param_groups:  # each scheduler took a first step when it was made: undo all of them
            _set_lr(group, group["initial_lr"])
        _undo(schedulers)
        first = schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self):
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[i]
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


def _undo(schedulers):
    for scheduler in schedulers:
        if hasattr(scheduler, "_schedulers"):
            _undo(scheduler._schedulers)
        else:
            scheduler.last_epoch -= 1
