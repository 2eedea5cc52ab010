"""What tests/parity/schedulers.py does not walk through: resuming, given epochs, groups added later, errors."""
import warnings

import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, check_same, import_torch
from tests.parity.schedulers import EPOCHS, Halve, make, sgd, walk

torch = import_torch()


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


def test_reduce_lr_on_plateau_and_a_later_group():
    def walk(T, min_lr):
        scheduler = make(T, "ReduceLROnPlateau", patience=0, min_lr=min_lr)
        scheduler.optimizer.add_param_group({"params": T.zeros(1), "lr": 4.0})
        for _ in range(3):
            scheduler.step(1)
        return scheduler.get_last_lr()
    check_same(lambda T: walk(T, 0.01))
    check_raises(lambda T: walk(T, [0.01, 0.02]), r"The number of param groups in the `optimizer` \(3\) differs from")


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
