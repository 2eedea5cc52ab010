"""The base class: groups, closures, hooks, loading, and what it refuses, all as PyTorch does."""
import pickle

import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, check_same, import_torch

torch = import_torch()


def leaf(T, *shape):
    return T.ones(*shape, requires_grad=True)


@pytest.mark.parametrize("match, params", [
    ("optimizer got an empty parameter list", lambda T: []),
    ("can't optimize a non-leaf Tensor", lambda T: [leaf(T, 2) * 2]),
    ("some parameters appear in more than one parameter group", lambda T: [{"params": x} for x in [leaf(T, 2)] * 2]),
    ("an iterable of Tensors or dicts, but got torch.FloatTensor", lambda T: leaf(T, 2)),
    ("optimizer can only optimize Tensors, but one of the params is int", lambda T: [1]),
    ("need to be organized in ordered collections", lambda T: [{"params": {leaf(T, 2)}}]),
    ("param_group must be a dict", lambda T: [{"params": leaf(T, 2)}, leaf(T, 2)]),
    ("Some param names are missing", lambda T: [("a", leaf(T, 2)), leaf(T, 2)]),
    ("cannot add param group without names", lambda T: [{"params": [("a", leaf(T, 2))]}, {"params": [leaf(T, 2)]}]),
    ("cannot add param group with names", lambda T: [{"params": [leaf(T, 2)]}, {"params": [("a", leaf(T, 2))]}]),
])
def test_bad_parameters(match, params):
    check_raises(lambda T: T.optim.SGD(params(T)), match)


@pytest.mark.parametrize("lib", [torch, minitorch])
def test_a_parameter_twice_in_a_group_is_warned_of(lib):
    x = leaf(lib, 2)
    with pytest.warns(UserWarning, match="optimizer contains a parameter group with duplicate parameters"):
        lib.optim.SGD([x, x])


def groups(T):
    first, second = {"params": leaf(T, 2), "lr": 0.5}, {"params": [leaf(T, 3), leaf(T, 1)]}
    optimizer = T.optim.SGD([first, second], lr=0.1, momentum=0.9)
    optimizer.add_param_group({"params": iter([leaf(T, 4)]), "momentum": 0})
    return optimizer


def test_groups():
    check_same(lambda T: repr(groups(T)))
    check_same(lambda T: groups(T).state_dict())
    check_same(lambda T: [[sorted(group), group["lr"], len(group["params"])] for group in groups(T).param_groups])


def test_each_group_has_its_options():
    def step(T):
        optimizer = groups(T)
        for group in optimizer.param_groups:
            for param in group["params"]:
                param.grad = T.ones_like(param)
        optimizer.step()
        return [param for group in optimizer.param_groups for param in group["params"]], optimizer.state_dict()
    check_same(step)


def test_named_parameters():
    def named(T):
        optimizer = T.optim.Adam([("weight", leaf(T, 2)), ("bias", leaf(T, 1))])
        other = T.optim.Adam([leaf(T, 2), leaf(T, 1)])
        state_dict = other.state_dict()
        optimizer.load_state_dict(state_dict)
        return optimizer.state_dict(), state_dict, repr(optimizer)
    check_same(named)


def test_a_retained_tensor_may_be_optimized():
    def step(T):
        x = leaf(T, 2) * 2
        x.retain_grad()
        optimizer = T.optim.SGD([x], lr=0.5)
        (x * x).sum().backward()
        optimizer.step()
        return x.detach()
    check_same(step)


def test_closure():
    def step(T):
        x = leaf(T, 2)
        optimizer = T.optim.SGD([x], lr=0.25)

        def closure():
            optimizer.zero_grad()
            loss = (x * x).sum()
            loss.backward()
            return loss

        with T.no_grad():
            loss = optimizer.step(closure)
        return loss, x
    check_same(step)


@pytest.mark.parametrize("set_to_none", [True, False])
def test_zero_grad(set_to_none):
    def zero(T):
        x, unused = leaf(T, 2), leaf(T, 1)
        optimizer = T.optim.SGD([x, unused])
        x.grad = grad = x * 3
        optimizer.zero_grad(set_to_none)
        return x.grad, unused.grad, grad.requires_grad, grad is x.grad
    check_same(zero)


def test_state_is_cast_to_the_parameters_dtype_but_not_the_step():
    def load(T):
        x = leaf(T, 2)
        optimizer = T.optim.Adam([x])
        x.grad = T.ones(2)
        optimizer.step()
        other = T.optim.Adam([T.ones(2, dtype=T.float64, requires_grad=True)])
        other.load_state_dict(optimizer.state_dict())
        return other.state_dict()
    check_same(load)


def test_loading_checks_the_groups_and_keeps_unknown_state():
    def load(T, state):
        optimizer = T.optim.SGD([leaf(T, 2)])
        optimizer.load_state_dict(state(T))
        return optimizer.state_dict()
    check_raises(lambda T: load(T, lambda T: groups(T).state_dict()), "different number of parameter groups")
    check_raises(lambda T: load(T, lambda T: T.optim.SGD([leaf(T, 1), leaf(T, 1)]).state_dict()),
                 "doesn't match the size of optimizer's group")
    unknown = {"more": 1, 0: {"a": [1, 2]}}
    check_same(lambda T: load(T, lambda T: {**T.optim.SGD([leaf(T, 2)], lr=0.5).state_dict(), "state": unknown}))


def test_a_loaded_state_dict_is_not_changed():
    state_dict = groups(minitorch).state_dict()
    before = repr(state_dict)
    optimizer = groups(minitorch)
    optimizer.load_state_dict(state_dict)
    optimizer.param_groups[0]["lr"] = 5
    assert repr(state_dict) == before


def test_step_hooks():
    def step(T):
        x, log = leaf(T, 1), []
        optimizer = T.optim.SGD([x], lr=0.5)
        optimizer.register_step_pre_hook(lambda *args: log.append(("before", x.item(), len(args[1]), list(args[2]))))
        handle = optimizer.register_step_post_hook(lambda *args: log.append(("after", x.item(), args[0] is optimizer)))
        x.grad = T.ones(1)
        optimizer.step()
        optimizer.step(closure=lambda: 1)
        handle.remove()
        optimizer.register_step_pre_hook(lambda optimizer, args, kwargs: ((optimizer, lambda: "other"), {}))
        return log, optimizer.step()
    check_same(step)

    def bad(T):
        optimizer = T.optim.SGD([leaf(T, 1)])
        optimizer.register_step_pre_hook(lambda *args: 3)
        optimizer.step()
    check_raises(bad, r"must return None or a tuple of \(new_args, new_kwargs\), but got 3")


def test_state_dict_hooks():
    def save_and_load(T):
        optimizer, log = T.optim.SGD([leaf(T, 1)]), []
        optimizer.register_state_dict_pre_hook(lambda o: log.append("save"))
        optimizer.register_state_dict_post_hook(lambda o, state: {**state, "note": 1})
        optimizer.register_state_dict_post_hook(lambda o, state: log.append(sorted(state)), prepend=True)
        optimizer.register_load_state_dict_pre_hook(lambda o, state: log.append(state.pop("note")))
        optimizer.register_load_state_dict_pre_hook(lambda o, state: log.append("load"), prepend=True)
        optimizer.register_load_state_dict_post_hook(lambda o: log.append("loaded"))
        state = optimizer.state_dict()
        optimizer.load_state_dict(state)
        return log, state
    check_same(save_and_load)


@pytest.mark.parametrize("lib", [torch, minitorch])
def test_an_optimizer_of_ones_own(lib):
    """It may write step() itself; hooks and schedulers still work."""
    class Descent(lib.optim.Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

        def step(self):
            for group in self.param_groups:
                for param in group["params"]:
                    param.data.sub_(group["lr"] * param.grad)
            return "stepped"

    x, log = leaf(lib, 1), []
    optimizer = Descent([x], lr=0.5)
    optimizer.register_step_post_hook(lambda *args: log.append(x.item()))
    scheduler = lib.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    x.grad = lib.ones(1)
    for _ in range(2):
        assert optimizer.step() == "stepped"
        scheduler.step()
    assert log == [0.5, 0.25]


@pytest.mark.parametrize("lib", [torch, minitorch])
def test_the_base_has_no_step_of_its_own(lib):
    x = leaf(lib, 1)
    x.grad = lib.ones(1)
    with pytest.raises(NotImplementedError):
        lib.optim.Optimizer([x], {}).step()


def test_pickle():
    optimizer = groups(minitorch)
    for group in optimizer.param_groups:
        for param in group["params"]:
            param.grad = minitorch.ones_like(param)
    optimizer.step()
    copy = pickle.loads(pickle.dumps(optimizer))
    assert repr(copy) == repr(optimizer)
    np.testing.assert_array_equal(copy.state_dict()["state"][1]["momentum_buffer"].numpy(), np.ones(3))
    copy.step()


@pytest.mark.parametrize("lib", [torch, minitorch])
def test_differentiable_is_not_fused(lib):
    with pytest.raises(RuntimeError, match="`fused` does not support `differentiable`"):
        lib.optim.SGD([leaf(lib, 1)], differentiable=True, fused=True)
