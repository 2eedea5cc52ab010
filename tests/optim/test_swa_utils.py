"""Averages of weights, as PyTorch makes them."""
import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, check_same


def net(T):
    """A small model, the same in both libraries."""
    model = T.nn.Sequential(T.nn.Linear(3, 2), T.nn.BatchNorm1d(2), T.nn.Dropout(0.0))
    for i, parameter in enumerate(model.parameters()):
        T.nn.init.constant_(parameter, 0.5 + i)
    return model


def batches(T):
    rng = np.random.default_rng(0)
    return [T.from_numpy(rng.normal(size=(4, 3)).astype("float32")) for _ in range(3)]


def moved(T, **options):
    """An average over three stages of a training."""
    model = net(T)
    average = T.optim.swa_utils.AveragedModel(model, **{name: f(T.optim.swa_utils) for name, f in options.items()})
    for x in batches(T):
        model(x)  # moves the running statistics
        with T.no_grad():
            for parameter in model.parameters():
                parameter *= 1.5
        average.update_parameters(model)
    return average


@pytest.mark.parametrize("options", [
    {}, {"use_buffers": lambda S: True},
    {"avg_fn": lambda S: S.get_ema_avg_fn(0.5)}, {"multi_avg_fn": lambda S: S.get_ema_multi_avg_fn(0.5)},
    {"multi_avg_fn": lambda S: S.get_swa_multi_avg_fn()}, {"avg_fn": lambda S: lambda a, b, n: a * n + b},
    {"avg_fn": lambda S: S.get_swa_avg_fn(), "use_buffers": lambda S: True},
], ids=lambda options: " ".join(options))
def test_averaged_model(options):
    check_same(lambda T: dict(moved(T, **options).state_dict()))
    check_same(lambda T: moved(T, **options).eval()(batches(T)[0]).detach())


def test_update_bn():
    def update(T, loader):
        average = moved(T)
        average.eval()
        T.optim.swa_utils.update_bn(loader, average)
        return dict(average.state_dict()), average.training, average.module[1].momentum
    check_same(lambda T: update(T, batches(T)))
    check_same(lambda T: update(T, [(x, 0) for x in batches(T)]))


def test_the_average_is_a_copy():
    model = net(minitorch)
    average = minitorch.optim.swa_utils.AveragedModel(model)
    assert average.module is not model and average.module[0].weight is not model[0].weight


def test_errors():
    check_raises(lambda T: T.optim.swa_utils.get_ema_avg_fn(2), "Invalid decay value 2 provided")
    check_raises(lambda T: T.optim.swa_utils.AveragedModel(net(T), avg_fn=max, multi_avg_fn=max),
                 "Only one of avg_fn and multi_avg_fn should be provided")
    check_raises(lambda T: T.optim.swa_utils.SWALR(T.optim.SGD(net(T).parameters()), 1, anneal_strategy="log"),
                 "anneal_strategy must be one of 'cos' or 'linear'")
    check_raises(lambda T: T.optim.swa_utils.SWALR(T.optim.SGD(net(T).parameters()), 1, anneal_epochs=-1),
                 "anneal_epochs must be equal or greater than 0, got -1")
