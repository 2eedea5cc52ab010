"""Every class of torch.optim.lr_scheduler run against minitorch's, in several configurations.

    lr          30 epochs: the lr and the momentum of two groups, and get_last_lr(), to the last bit or so
    group       what the scheduler keeps in the optimizer's groups
    state       the state dict after 7 epochs: the same entries and values
    exchange    a state dict of either library continues in either library
    tensor lr   an optimizer whose lr is a tensor: the same numbers in the same tensor
    warning     calling get_lr(), stepping before the optimizer, giving an epoch: warned of in the same words
"""
import warnings

import numpy as np

import minitorch
from tests.oracle import import_torch
from tests.parity import optimizers
from tests.parity.score import Score

torch = import_torch()
EPOCHS = 30
METRICS = [5, 4, 4, 4.2, 4, 3.99999, 4, 4, 3, 3, 3, 3, 3, 3,
           3, -1, -1, -1, -1.0005, -1, -1, -2, 0, 0, float("nan"), 0, 0, 0, 0, 0]


class Halve:
    """A schedule with something to save."""

    def __init__(self):
        self.base = 0.5

    def __call__(self, t):
        return self.base ** (t // 5)


def sgd(T, lr=0.1):
    """An optimizer with two groups."""
    return T.optim.SGD([{"params": [T.zeros(1)]}, {"params": [T.zeros(1)], "lr": 2 * lr}], lr=lr, momentum=0.9)


def make(T, name, *args, **kwargs):
    """A scheduler of that name on `sgd`."""
    return scheduler_class(T, name)(sgd(T), *args, **kwargs)


def scheduler_class(T, name):
    return T.optim.swa_utils.SWALR if name == "SWALR" else getattr(T.optim.lr_scheduler, name)


def sequential(optimizer, S):
    parts = S.ConstantLR(optimizer, 0.1, 2), S.LinearLR(optimizer, 0.5), S.StepLR(optimizer, 2)
    return S.SequentialLR(optimizer, [*parts, S.CosineAnnealingLR(optimizer, 5)], [3, 7, 15])


def nested(optimizer, S):
    first = S.SequentialLR(optimizer, [S.LinearLR(optimizer), S.ExponentialLR(optimizer, 0.9)], [4])
    optimizer.step()  # or else PyTorch warns of the order in which it undoes the steps itself
    return S.SequentialLR(optimizer, [first, S.PolynomialLR(optimizer, 8, 2.0)], [10])


def chained(optimizer, S):
    return S.ChainedScheduler(
        [S.ConstantLR(optimizer), S.ExponentialLR(optimizer, 0.9), S.CosineAnnealingLR(optimizer, 10)])


CONFIGURATIONS = {  # name: argument lists; or functions of (optimizer, torch.optim.lr_scheduler)
    "LambdaLR": [((lambda t: 0.9 ** t,), {}), (([lambda t: 1 / (t + 1), Halve()],), {})],
    "MultiplicativeLR": [((lambda t: 1 - 0.5 / (t + 1),), {}), (((Halve(), lambda t: 1.1),), {})],
    "StepLR": [((4,), {}), ((1,), {"gamma": 0.9})],
    "MultiStepLR": [(([3, 8, 8, 20],), {"gamma": 0.3}), (([5],), {})],
    "ConstantLR": [((), {}), ((), {"factor": 0.25, "total_iters": 1})],
    "LinearLR": [((), {}), ((0.9, 0.1, 7), {})],
    "ExponentialLR": [((0.9,), {}), ((1.1,), {})],
    "PolynomialLR": [((), {}), ((20, 2.5), {})],
    "CosineAnnealingLR": [((8,), {}), ((10, 0.01), {})],
    "CosineAnnealingWarmRestarts": [((4,), {}), ((3, 2, 0.01), {})],
    "CyclicLR": [
        ((0.01, 0.5, 4), {}),
        (([0.01, 0.02], [0.5, 1.0], 4, 6), {"mode": "triangular2", "base_momentum": 0.5}),
        ((0.01, 0.5, 4), {"mode": "exp_range", "gamma": 0.9, "cycle_momentum": False}),
        ((0.01, 0.5, 4), {"mode": None, "scale_fn": Halve(), "scale_mode": "iterations"})],
    "OneCycleLR": [
        ((0.5,), {"total_steps": EPOCHS}),
        (([0.5, 1.0],), {"epochs": 4, "steps_per_epoch": 8, "anneal_strategy": "linear", "pct_start": 0.2,
                         "div_factor": 10, "final_div_factor": 100, "cycle_momentum": False}),
        ((0.5, 40), {"three_phase": True, "base_momentum": 0.5, "max_momentum": 0.8})],
    "ReduceLROnPlateau": [
        ((), {}), ((), {"patience": 1}), ((), {"patience": 2, "factor": 0.5, "mode": "max"}),
        ((), {"patience": 0, "threshold": 0.1, "cooldown": 2}),
        ((), {"patience": 1, "threshold": 0.5, "threshold_mode": "abs"}),
        ((), {"patience": 1, "threshold": 0.5, "threshold_mode": "abs", "mode": "max"}),
        ((), {"patience": 0, "min_lr": 0.01}), ((), {"patience": 0, "min_lr": [0.05, 0.001]}),
        ((), {"patience": 0, "factor": 0.9, "eps": 0.05})],
    "SWALR": [((0.5,), {}), (([0.01, 0.02], 5, "linear"), {}), ((0.5,), {"anneal_epochs": 0})],
    "SequentialLR": [sequential, nested],
    "ChainedScheduler": [chained],
}


def scores(names=None, limit=None):
    """A Score for each class, with `limit` configurations at most."""
    return [score(name, configurations[:limit]) for name, configurations in CONFIGURATIONS.items()
            if names is None or name in names]


def score(name, configurations):
    """Run one class's configurations in both libraries."""
    result = Score(name)
    for configuration in configurations:
        def of(T, optimizer=None, configuration=configuration):
            optimizer = optimizer or sgd(T)
            if callable(configuration):
                return configuration(optimizer, T.optim.lr_scheduler)
            return scheduler_class(T, name)(optimizer, *configuration[0], **configuration[1])

        where = getattr(configuration, "__name__", configuration)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with result.check("lr", where):
                np.testing.assert_allclose(walk(of(minitorch)), walk(of(torch)), rtol=1e-14, atol=0)
            with result.check("group", where):
                theirs, ours = ([group_options(of(T).optimizer) for T in (torch, minitorch)])
                assert ours == theirs, f"{ours}, not {theirs}"
            with result.check("state", where):
                theirs, ours = of(torch), of(minitorch)
                walk(theirs, 7), walk(ours, 7)
                optimizers.same_state("state_dict()", theirs.state_dict(), ours.state_dict(), 1e-12)
            for source, target in (minitorch, minitorch), (torch, minitorch), (minitorch, torch):
                with result.check("exchange", f"{where}, {source.__name__} to {target.__name__}"):
                    _exchange(of(source), of(target))
            with result.check("tensor lr", where):
                lrs = [T.tensor(0.5, dtype=T.float64) for T in (torch, minitorch)]
                paths = []
                for T, lr in zip((torch, minitorch), lrs):
                    optimizer = T.optim.SGD([{"params": [T.zeros(1)]}, {"params": [T.zeros(1)], "lr": 0.2}], lr=lr,
                                            momentum=0.9)
                    paths.append(walk(of(T, optimizer), 20))
                    assert optimizer.param_groups[0]["lr"] is lr
                np.testing.assert_allclose(paths[1], paths[0], rtol=1e-14)
        if name not in ("ReduceLROnPlateau", "ChainedScheduler", "SequentialLR"):  # which have no get_lr()
            with result.check("warning", where):
                theirs, ours = _warnings_of(of(torch)), _warnings_of(of(minitorch))
                assert ours == theirs, f"{ours}, not {theirs}"
    return result


def walk(scheduler, epochs=EPOCHS):
    """The lr and momentum of each group, and get_last_lr(), for each epoch."""
    path = []
    for metric in METRICS[:epochs]:
        groups = scheduler.optimizer.param_groups
        path.append([float(x) for group in groups for x in (group["lr"], group["momentum"])]
                    + [float(lr) for lr in scheduler.get_last_lr()])
        scheduler.optimizer.step()
        if type(scheduler).__name__ == "ReduceLROnPlateau":
            scheduler.step(metric)
        else:
            scheduler.step()
    return np.array(path)


def group_options(optimizer):
    return [{key: value for key, value in group.items() if key != "params"} for group in optimizer.param_groups]


def _exchange(scheduler, other):
    """One made anew walks on where another one stopped."""
    walk(scheduler, 7)
    state_dict = scheduler.state_dict()
    before = repr(state_dict)
    other.load_state_dict(state_dict)
    for ours, theirs in zip(other.optimizer.param_groups, scheduler.optimizer.param_groups):
        ours["lr"], ours["momentum"] = theirs["lr"], theirs["momentum"]
    if "minitorch" in type(other).__module__:  # PyTorch's CyclicLR takes an entry out
        assert repr(state_dict) == before, "load_state_dict has changed what it loaded"
    np.testing.assert_allclose(walk(other, 10), walk(scheduler, 10), rtol=1e-14)


def _warnings_of(scheduler):
    """The category and the beginning of every warning that three questionable calls give."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scheduler.get_lr()
        scheduler.step()
        scheduler.step(3)
    return [(warning.category.__name__, str(warning.message)[:60]) for warning in caught]
