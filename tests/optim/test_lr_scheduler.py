"""Every scheduler sets PyTorch's learning rates, epoch by epoch, and saves and loads as PyTorch does."""
import warnings

import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, check_same, import_torch

torch = import_torch()
EPOCHS = 30


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
    return getattr(T.optim.lr_scheduler, name)(sgd(T), *args, **kwargs)


def sequential(T):
    optimizer, S = sgd(T), T.optim.lr_scheduler
    parts = S.ConstantLR(optimizer, 0.1, 2), S.LinearLR(optimizer, 0.5), S.StepLR(optimizer, 2)
    return S.SequentialLR(optimizer, [*parts, S.CosineAnnealingLR(optimizer, 5)], [3, 7, 15])


def nested(T):
    optimizer, S = sgd(T), T.optim.lr_scheduler
    first = S.SequentialLR(optimizer, [S.LinearLR(optimizer), S.ExponentialLR(optimizer, 0.9)], [4])
    optimizer.step()  # or else PyTorch warns of the order in which it undoes the steps itself
    return S.SequentialLR(optimizer, [first, S.PolynomialLR(optimizer, 8, 2.0)], [10])


def chained(T):
    optimizer, S = sgd(T), T.optim.lr_scheduler
    parts = S.ConstantLR(optimizer), S.ExponentialLR(optimizer, 0.9), S.CosineAnnealingLR(optimizer, 10)
    return S.ChainedScheduler(parts)


CASES = {
    "LambdaLR": lambda T: make(T, "LambdaLR", lambda t: 0.9 ** t),
    "LambdaLR of two": lambda T: make(T, "LambdaLR", [lambda t: 1 / (t + 1), Halve()]),
    "MultiplicativeLR": lambda T: make(T, "MultiplicativeLR", lambda t: 1 - 0.5 / t),
    "MultiplicativeLR of two": lambda T: make(T, "MultiplicativeLR", (Halve(), lambda t: 1.1)),
    "StepLR": lambda T: make(T, "StepLR", 4),
    "StepLR gamma": lambda T: make(T, "StepLR", 1, gamma=0.9),
    "MultiStepLR": lambda T: make(T, "MultiStepLR", [3, 8, 8, 20], gamma=0.3),
    "ConstantLR": lambda T: make(T, "ConstantLR"),
    "ConstantLR of one epoch": lambda T: make(T, "ConstantLR", factor=0.25, total_iters=1),
    "LinearLR": lambda T: make(T, "LinearLR"),
    "LinearLR down": lambda T: make(T, "LinearLR", 0.9, 0.1, 7),
    "ExponentialLR": lambda T: make(T, "ExponentialLR", 0.9),
    "PolynomialLR": lambda T: make(T, "PolynomialLR"),
    "PolynomialLR power": lambda T: make(T, "PolynomialLR", 20, 2.5),
    "CosineAnnealingLR": lambda T: make(T, "CosineAnnealingLR", 8),
    "CosineAnnealingLR eta_min": lambda T: make(T, "CosineAnnealingLR", 10, 0.01),
    "CosineAnnealingWarmRestarts": lambda T: make(T, "CosineAnnealingWarmRestarts", 4),
    "CosineAnnealingWarmRestarts T_mult": lambda T: make(T, "CosineAnnealingWarmRestarts", 3, 2, 0.01),
    "CyclicLR": lambda T: make(T, "CyclicLR", 0.01, 0.5, 4),
    "CyclicLR triangular2": lambda T: make(
        T, "CyclicLR", [0.01, 0.02], [0.5, 1.0], 4, 6, mode="triangular2", base_momentum=0.5),
    "CyclicLR exp_range": lambda T: make(
        T, "CyclicLR", 0.01, 0.5, 4, mode="exp_range", gamma=0.9, cycle_momentum=False),
    "CyclicLR scale_fn": lambda T: make(
        T, "CyclicLR", 0.01, 0.5, 4, mode=None, scale_fn=Halve(), scale_mode="iterations"),
    "OneCycleLR": lambda T: make(T, "OneCycleLR", 0.5, total_steps=EPOCHS),
    "OneCycleLR linear": lambda T: make(
        T, "OneCycleLR", [0.5, 1.0], epochs=4, steps_per_epoch=8, anneal_strategy="linear", pct_start=0.2,
        div_factor=10, final_div_factor=100, cycle_momentum=False),
    "OneCycleLR three_phase": lambda T: make(
        T, "OneCycleLR", 0.5, 40, three_phase=True, base_momentum=0.5, max_momentum=0.8),
    "SequentialLR": sequential,
    "SequentialLR nested": nested,
    "ChainedScheduler": chained,
}
each = pytest.mark.parametrize("make_scheduler", CASES.values(), ids=CASES)


def walk(scheduler, epochs):
    """The lr and momentum of each group, and get_last_lr(), for each epoch."""
    path = []
    for _ in range(epochs):
        groups = scheduler.optimizer.param_groups
        path.append([*([group["lr"], group["momentum"]] for group in groups), scheduler.get_last_lr()])
        scheduler.optimizer.step()
        scheduler.step()
    return np.array(path)


@each
def test_path(make_scheduler):
    theirs, ours = walk(make_scheduler(torch), EPOCHS), walk(make_scheduler(minitorch), EPOCHS)
    np.testing.assert_allclose(ours, theirs, rtol=1e-15, atol=0)


@each
def test_groups_keep_what_pytorch_keeps(make_scheduler):
    check_same(lambda T: make_scheduler(T).optimizer.state_dict()["param_groups"][0])


@pytest.mark.parametrize("source, target", [(minitorch, minitorch), (torch, minitorch), (minitorch, torch)],
                         ids=["ours", "from PyTorch", "to PyTorch"])
@each
def test_state_dict(make_scheduler, source, target):
    """A scheduler made anew walks on where another one stopped."""
    scheduler, other = make_scheduler(source), make_scheduler(target)
    walk(scheduler, 7)
    state_dict = scheduler.state_dict()
    before = repr(state_dict)
    other.load_state_dict(state_dict)
    for ours, theirs in zip(other.optimizer.param_groups, scheduler.optimizer.param_groups):
        ours["lr"], ours["momentum"] = theirs["lr"], theirs["momentum"]
    assert repr(state_dict) == before or target is torch  # whose CyclicLR takes an entry out
    np.testing.assert_allclose(walk(other, 10), walk(scheduler, 10), rtol=1e-15)


@pytest.mark.parametrize("name, args", [
    ("LambdaLR", [lambda t: 0.9 ** t]), ("MultiplicativeLR", [lambda t: 0.9]), ("StepLR", [4]),
    ("MultiStepLR", [[3, 8]]), ("ConstantLR", []), ("LinearLR", []), ("ExponentialLR", [0.9]), ("PolynomialLR", [9]),
    ("CosineAnnealingLR", [8]), ("CosineAnnealingWarmRestarts", [4]), ("CyclicLR", [0.01, 0.5, 4]),
    ("OneCycleLR", [0.5, EPOCHS]),
])
def test_last_epoch_resumes(name, args):
    """With last_epoch the schedule goes on from the optimizer's state alone."""
    def resume(T):
        scheduler = make(T, name, *args)
        walk(scheduler, 7)
        return walk(type(scheduler)(scheduler.optimizer, *args, last_epoch=6), 10)
    np.testing.assert_allclose(resume(minitorch), resume(torch), rtol=1e-15)


@pytest.mark.parametrize("make_with", [
    lambda T, function: make(T, "LambdaLR", function),
    lambda T, function: make(T, "CyclicLR", 1, 2, scale_fn=function),
])
def test_functions_are_saved_by_their_attributes(make_with):
    def save_and_load(T):
        function, other = Halve(), Halve()
        scheduler = make_with(T, function)
        function.base = 0.25
        make_with(T, other).load_state_dict(scheduler.state_dict())
        return other.base
    check_same(save_and_load)


METRICS = [5, 4, 4, 4.2, 4, 3.99999, 4, 4, 3, 3, 3, 3, 3, 3,
           3, -1, -1, -1, -1.0005, -1, -1, -2, 0, 0, float("nan"), 0, 0]


@pytest.mark.parametrize("options", [
    {},
    {"patience": 1},
    {"patience": 2, "factor": 0.5, "mode": "max"},
    {"patience": 0, "threshold": 0.1, "cooldown": 2},
    {"patience": 1, "threshold": 0.5, "threshold_mode": "abs"},
    {"patience": 1, "threshold": 0.5, "threshold_mode": "abs", "mode": "max"},
    {"patience": 0, "min_lr": 0.01},
    {"patience": 0, "min_lr": [0.05, 0.001]},
    {"patience": 0, "factor": 0.9, "eps": 0.05},
], ids=str)
def test_reduce_lr_on_plateau(options):
    def walk(T):
        scheduler, path = make(T, "ReduceLROnPlateau", **options), []
        for i, metric in enumerate(METRICS):
            scheduler.step(T.tensor(float(metric)) if i % 2 else metric)
            path.append(scheduler.get_last_lr())
            if i == 14:
                state, scheduler = scheduler.state_dict(), make(T, "ReduceLROnPlateau", **options)
                for group, lr in zip(scheduler.optimizer.param_groups, path[-1]):
                    group["lr"] = lr
                scheduler.load_state_dict(state)
        return path
    check_same(walk)


def test_reduce_lr_on_plateau_and_a_later_group():
    def walk(T, min_lr):
        scheduler = make(T, "ReduceLROnPlateau", patience=0, min_lr=min_lr)
        scheduler.optimizer.add_param_group({"params": T.zeros(1), "lr": 4.0})
        for _ in range(3):
            scheduler.step(1)
        return scheduler.get_last_lr()
    check_same(lambda T: walk(T, 0.01))
    check_raises(lambda T: walk(T, [0.01, 0.02]), r"The number of param groups in the `optimizer` \(3\) differs from")


def test_states_have_the_same_entries():
    for name, make_scheduler in CASES.items():
        theirs, ours = make_scheduler(torch).state_dict(), make_scheduler(minitorch).state_dict()
        assert ours.keys() == theirs.keys() - {"_get_lr_called_within_step"}, name
    theirs, ours = (make(lib, "ReduceLROnPlateau").state_dict() for lib in (torch, minitorch))
    assert ours.keys() == theirs.keys() - {"mode_worse"}


@pytest.mark.parametrize("name, args, epochs", [
    ("StepLR", [4], [3, 4, 9, 1]), ("MultiStepLR", [[2, 5]], [6, 2, 1]), ("ExponentialLR", [0.9], [5, 2]),
    ("LinearLR", [], [3, 9, 1]), ("ConstantLR", [], [3, 9, 1]), ("PolynomialLR", [], [3, 9, 1]),
    ("CosineAnnealingLR", [4], [3, 9, 1]), ("LambdaLR", [lambda t: 1 / (t + 1)], [5, 2]),
])
def test_a_given_epoch_is_deprecated(name, args, epochs):
    def jump(T):
        scheduler, path = make(T, name, *args), []
        scheduler.optimizer.step()
        for epoch in epochs:
            with pytest.warns(UserWarning, match="The epoch parameter in `scheduler.step\\(\\)` was not necessary"):
                scheduler.step(epoch)
            path.append(scheduler.get_last_lr())
        return np.array(path)
    np.testing.assert_allclose(jump(minitorch), jump(torch), rtol=1e-15)


@pytest.mark.parametrize("args", [(4,), (3, 2), (3, 3, 0.01)])
def test_warm_restarts_take_fractions_of_epochs(args):
    def jump(T):
        scheduler, path = make(T, "CosineAnnealingWarmRestarts", *args), []
        scheduler.optimizer.step()
        for epoch in [0.5, 2, 2.75, 3.5, 8, 9, 20.25, 1]:
            scheduler.step(epoch)
            path.append([*scheduler.get_last_lr(), scheduler.last_epoch])
        return np.array(path)
    np.testing.assert_allclose(jump(minitorch), jump(torch), rtol=1e-14)
    check_raises(
        lambda T: make(T, "CosineAnnealingWarmRestarts", *args).step(-1), "Expected non-negative epoch, but got -1")


@pytest.mark.parametrize("lib", [torch, minitorch])
def test_the_wrong_order_is_warned_of_once(lib):
    scheduler = make(lib, "StepLR", 2)
    with pytest.warns(UserWarning, match="Detected call of `lr_scheduler.step\\(\\)` before `optimizer.step\\(\\)`"):
        scheduler.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler.step()


def test_an_lr_that_is_a_tensor_is_written_in_place():
    def walk(T):
        lr = T.tensor(0.5)
        optimizer = T.optim.SGD([T.zeros(1)], lr=lr)
        scheduler, path = T.optim.lr_scheduler.ExponentialLR(optimizer, 0.5), []
        for _ in range(3):
            optimizer.step()
            scheduler.step()
            path.append([lr.clone(), *scheduler.get_last_lr()])
        return path, optimizer.param_groups[0]["lr"] is lr, scheduler.base_lrs, optimizer.param_groups[0]["initial_lr"]
    check_same(walk)


def test_beta1_cycles_where_there_is_no_momentum():
    def walk(T, name, *args):
        optimizer = T.optim.Adam([T.zeros(1)])
        scheduler, path = getattr(T.optim.lr_scheduler, name)(optimizer, *args), []
        for _ in range(10):
            path.append(optimizer.param_groups[0]["betas"])
            optimizer.step()
            scheduler.step()
        return np.array(path)
    for args in [("CyclicLR", 0.1, 0.2, 3), ("OneCycleLR", 0.1, 10)]:
        np.testing.assert_allclose(walk(minitorch, *args), walk(torch, *args), rtol=1e-15)


@pytest.mark.parametrize("match, fail", [
    ("int is not an Optimizer", lambda S, o: S.StepLR(3, 2)),
    ("int is not an Optimizer", lambda S, o: S.ReduceLROnPlateau(3)),
    ("int is not an Optimizer", lambda S, o: S.CyclicLR(3, 1, 2)),
    ("int is not an Optimizer", lambda S, o: S.OneCycleLR(3, 1, 2)),
    ("'initial_lr' is not specified in param_groups\\[0\\]", lambda S, o: S.StepLR(o, 2, last_epoch=3)),
    ("Expected 2 lr_lambdas, but got 1", lambda S, o: S.LambdaLR(o, [abs])),
    ("lr_lambda should be a function, but got int", lambda S, o: S.MultiplicativeLR(o, 3)),
    ("Constant multiplicative factor expected to be between 0 and 1", lambda S, o: S.ConstantLR(o, 2)),
    ("Starting multiplicative factor expected", lambda S, o: S.LinearLR(o, 0)),
    ("Ending multiplicative factor expected", lambda S, o: S.LinearLR(o, 1, 2)),
    ("Expected positive integer T_0, but got 0", lambda S, o: S.CosineAnnealingWarmRestarts(o, 0)),
    ("Expected integer T_mult >= 1, but got 1.5", lambda S, o: S.CosineAnnealingWarmRestarts(o, 2, 1.5)),
    ("Expected float or int eta_min, but got 1j", lambda S, o: S.CosineAnnealingWarmRestarts(o, 2, 1, 1j)),
    ("base_lr must have the same length as optimizer.param_groups", lambda S, o: S.CyclicLR(o, [1], 2)),
    ("max_lr must have the same length as optimizer.param_groups", lambda S, o: S.OneCycleLR(o, [1], 5)),
    ("mode is invalid and scale_fn is None", lambda S, o: S.CyclicLR(o, 1, 2, mode="square")),
    ("You must define either total_steps", lambda S, o: S.OneCycleLR(o, 1)),
    ("Expected positive integer total_steps, but got 0", lambda S, o: S.OneCycleLR(o, 1, 0)),
    ("Expected positive integer epochs, but got -1", lambda S, o: S.OneCycleLR(o, 1, epochs=-1, steps_per_epoch=1)),
    ("Expected positive integer steps_per_epoch, but got 2.0",
     lambda S, o: S.OneCycleLR(o, 1, epochs=1, steps_per_epoch=2.0)),
    ("Expected float between 0 and 1 pct_start, but got 1.5", lambda S, o: S.OneCycleLR(o, 1, 5, pct_start=1.5)),
    ("anneal_strategy must be one of", lambda S, o: S.OneCycleLR(o, 1, 5, anneal_strategy="log")),
    ("Factor should be < 1.0", lambda S, o: S.ReduceLROnPlateau(o, factor=1)),
    ("mode sum is unknown", lambda S, o: S.ReduceLROnPlateau(o, "sum")),
    ("threshold mode sum is unknown", lambda S, o: S.ReduceLROnPlateau(o, threshold_mode="sum")),
    ("expected 2 min_lrs, got 1", lambda S, o: S.ReduceLROnPlateau(o, min_lr=[0])),
    ("expects at least one scheduler to be chained", lambda S, o: S.ChainedScheduler([])),
    ("expects at least one scheduler, but got no", lambda S, o: S.SequentialLR(o, [], [])),
    ("does not support `ReduceLROnPlateau`", lambda S, o: S.ChainedScheduler([S.ReduceLROnPlateau(o)])),
    ("index 1 should have `optimizer`", lambda S, o: S.SequentialLR(o, [S.StepLR(o, 1), 3], [1])),
    ("expects number of schedulers provided to be one more", lambda S, o: S.SequentialLR(o, [S.StepLR(o, 1)], [1])),
])
def test_bad_arguments(match, fail):
    check_raises(lambda T: fail(T.optim.lr_scheduler, sgd(T)), match)


def test_other_errors():
    def two_optimizers(T):
        T.optim.lr_scheduler.ChainedScheduler([make(T, "StepLR", 1), make(T, "StepLR", 1)])
    check_raises(two_optimizers, "expects all schedulers to belong to the same optimizer")

    def too_far(T):
        walk(make(T, "OneCycleLR", 1, 3, cycle_momentum=False), 5)
    check_raises(too_far, "Tried to step 4 times. The specified number of total steps is 3")

    def no_momentum(T, name):
        getattr(T.optim.lr_scheduler, name)(T.optim.Adagrad([T.zeros(1)]), 1, 2)
    for name in "CyclicLR", "OneCycleLR":
        check_raises(lambda T: no_momentum(T, name), "optimizer must support momentum or beta1")

    check_raises(lambda T: T.optim.lr_scheduler.LRScheduler(sgd(T)))
