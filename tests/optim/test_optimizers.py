"""Every optimizer walks PyTorch's path, to the last bits, and either library goes on from the other's state dict."""
import copy

import numpy as np
import pytest

import minitorch
from tests.oracle import import_torch

torch = import_torch()
STEPS = 20

CASES = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.5, 0.7), "eps": 1e-3, "weight_decay": 0.1, "maximize": True}),
    ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("AdamW", {"lr": 0.1}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3, "amsgrad": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.05, "alpha": 0.8, "momentum": 0.5, "centered": True, "weight_decay": 0.1, "maximize": True}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.5, "weight_decay": 0.1}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 5.0, "rho": 0.5, "eps": 1e-3, "weight_decay": 0.1, "maximize": True}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "betas": (0.5, 0.7), "eps": 1e-3, "weight_decay": 0.1}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.1, "betas": (0.5, 0.7), "weight_decay": 0.1, "momentum_decay": 0.1}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("RAdam", {}),
    ("RAdam", {"lr": 0.1, "betas": (0.5, 0.95), "weight_decay": 0.1}),
    ("RAdam", {"lr": 0.1, "betas": (0.5, 0.95), "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.05, "lambd": 0.1, "alpha": 0.5, "t0": 1, "weight_decay": 0.1}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (0.01, 0.2)}),
    ("Adafactor", {}),
    ("Adafactor", {"lr": 0.1, "beta2_decay": -0.5, "eps": (1e-2, 0.5), "d": 1.5, "weight_decay": 0.1}),
    ("Adafactor", {"maximize": True}),
]


def name_of(case):
    return " ".join([case[0], *case[1]])


def make(lib, case, dtype="float64", seed=0):
    """Parameters of three shapes, one of them without a gradient at times, and their optimizer."""
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(size=shape).astype(dtype) for shape in [(3, 4), (5,), ()]]
    params = [lib.tensor(array, requires_grad=True) for array in arrays]
    name, options = case
    return params, getattr(lib.optim, name)(params, **options)


def train(params, optimizer, steps, start=0):
    """Minimise a function that is different at every step; returns the parameters after each."""
    path = []
    for t in range(start, start + steps):
        optimizer.zero_grad()
        used = params if t % 3 else params[:2]
        sum(((p * p - 1 + 0.1 * t) * p.exp()).sum() for p in used).backward()
        optimizer.step()
        path.append([p.detach().numpy().copy() for p in params])
    return path


def assert_same_path(theirs, ours, **tolerance):
    for t, (their, our) in enumerate(zip(theirs, ours, strict=True)):
        for i, (a, b) in enumerate(zip(their, our)):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(b, a, err_msg=f"parameter {i} after step {t}", **tolerance)


def converted(value, lib):
    """A state dict with its tensors as those of another library."""
    if hasattr(value, "numpy"):
        return lib.tensor(value.detach().numpy().copy())
    if isinstance(value, dict):
        return {key: converted(item, lib) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(converted(item, lib) for item in value)
    return value


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_path(case):
    assert_same_path(train(*make(torch, case), STEPS), train(*make(minitorch, case), STEPS), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_path_in_float32(case):
    paths = [train(*make(lib, case, "float32"), STEPS) for lib in (torch, minitorch)]
    assert_same_path(*paths, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_repr_and_state_dict(case):
    (their_params, theirs), (our_params, ours) = make(torch, case), make(minitorch, case)
    assert repr(ours) == repr(theirs)
    train(their_params, theirs, 3), train(our_params, ours, 3)
    their, our = theirs.state_dict(), ours.state_dict()
    assert our["param_groups"] == their["param_groups"]
    assert list(our["state"]) == list(their["state"])
    for i, state in their["state"].items():
        assert list(our["state"][i]) == list(state)
        for name, value in state.items():
            if hasattr(value, "dtype"):
                assert str(our["state"][i][name].dtype) == str(value.dtype)
                np.testing.assert_allclose(our["state"][i][name].numpy(), value.numpy(), rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("source", [torch, minitorch], ids=["from PyTorch", "to PyTorch"])
@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_state_dict_goes_on_in_either_library(case, source):
    params, optimizer = make(source, case)
    train(params, optimizer, 3)

    def rest(lib):
        twins, twin = make(lib, (case[0], {}), seed=1)
        for param, value in zip(twins, params):
            param.data = lib.tensor(value.detach().numpy().copy())
        twin.load_state_dict(converted(optimizer.state_dict(), lib))
        return train(twins, twin, 3, start=3)

    # a loaded eta of ASGD is float64 in both, but PyTorch still rounds its values to float32
    assert_same_path(rest(torch), rest(minitorch), rtol=1e-12, atol=1e-8 if case[0] == "ASGD" else 1e-12)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_gradients_are_left_alone_and_the_write_is_counted(case):
    params, optimizer = make(minitorch, case)
    for _ in range(2):
        loss = sum((p * p).sum() for p in params)
        optimizer.zero_grad()
        loss.backward(retain_graph=True)
        grads, arrays = [p.grad.numpy().copy() for p in params], [p.array for p in params]
        optimizer.step()
        for param, grad, array in zip(params, grads, arrays):
            np.testing.assert_array_equal(param.grad.numpy(), grad)
            assert param.array is array and param.is_leaf and param.requires_grad
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            loss.backward()


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_deep_copy_walks_on_alone(case):
    params, optimizer = make(minitorch, case)
    train(params, optimizer, 3)
    twin_params, twin = copy.deepcopy((params, optimizer))
    assert_same_path(train(params, optimizer, 3), train(twin_params, twin, 3), rtol=0)
    assert params[0] is not twin_params[0]


@pytest.mark.parametrize("lib", [torch, minitorch])
@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_tensor_as_lr(case, lib):
    """It may be changed in place, by a scheduler or by hand."""
    name, options = case
    number_params, by_number = make(lib, case)
    tensor_params, by_tensor = make(lib, (name, {**options, "lr": lib.tensor(0.5, dtype=lib.float64)}))
    for group in by_number.param_groups:
        group["lr"] = 0.25
    by_tensor.param_groups[0]["lr"].fill_(0.25)
    paths = train(number_params, by_number, 3), train(tensor_params, by_tensor, 3)
    assert_same_path(*paths, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name, options", [
    ("SGD", {"lr": -1}), ("SGD", {"momentum": -0.5}), ("SGD", {"weight_decay": -1}),
    ("SGD", {"nesterov": True}), ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
    ("SGD", {"fused": True, "foreach": True}),
    ("Adam", {"lr": -1.0}), ("Adam", {"eps": -1.0}), ("Adam", {"betas": (1.0, 0.9)}), ("Adam", {"betas": (0.9, -0.1)}),
    ("Adam", {"weight_decay": -1}), ("AdamW", {"lr": -0.5}),
    ("RMSprop", {"alpha": -1}), ("RMSprop", {"momentum": -0.1}), ("Adagrad", {"lr_decay": -1}),
    ("Adagrad", {"initial_accumulator_value": -1}), ("Adadelta", {"rho": 1.5}), ("Adamax", {"betas": (0.5, 1)}),
    ("NAdam", {"momentum_decay": -1}), ("RAdam", {"eps": -1}), ("ASGD", {"weight_decay": -1}),
    ("Rprop", {"etas": (1.5, 2)}),
    ("Adafactor", {"lr": -1}), ("Adafactor", {"beta2_decay": 1}), ("Adafactor", {"eps": (-1, 1)}),
    ("Adafactor", {"eps": (None, -1)}), ("Adafactor", {"d": 0.5}), ("Adafactor", {"weight_decay": -1}),
])
def test_bad_options(name, options):
    messages = []
    for lib in (torch, minitorch):
        with pytest.raises((ValueError, RuntimeError)) as caught:
            getattr(lib.optim, name)([lib.zeros(2)], **options)
        messages.append((caught.type, str(caught.value)))
    assert messages[1] == messages[0]


def test_a_tensor_of_many_elements_is_no_lr():
    for lib in (torch, minitorch):
        with pytest.raises(ValueError, match="Tensor lr must be 1-element"):
            lib.optim.SGD([lib.zeros(2)], lr=lib.ones(2))


def test_adamw_is_adamw_whatever_it_loads():
    params, adamw = make(minitorch, ("AdamW", {}))
    adamw.load_state_dict(minitorch.optim.Adam(params).state_dict())
    assert adamw.param_groups[0]["decoupled_weight_decay"] is True
