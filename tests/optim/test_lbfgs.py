"""LBFGS walks PyTorch's path with as many evaluations, and either library goes on from the other's state dict."""
import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, check_same, import_torch

torch = import_torch()

CASES = [
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "max_iter": 4, "history_size": 2},
    {"line_search_fn": "strong_wolfe", "max_eval": 3},
    {"line_search_fn": "strong_wolfe", "max_eval": 1},
    {"line_search_fn": "strong_wolfe", "max_iter": 1, "lr": 0.01},
    {"line_search_fn": "strong_wolfe", "lr": 1e-4, "max_iter": 3},
    {"line_search_fn": "strong_wolfe", "lr": 30.0, "max_iter": 6},
    {"line_search_fn": "strong_wolfe", "lr": 300.0, "max_iter": 6},
    {"line_search_fn": "strong_wolfe", "lr": 1e4, "max_iter": 2},
    {"line_search_fn": "strong_wolfe", "tolerance_grad": 1.0, "tolerance_change": 1e-2},
    {"lr": 0.05, "max_iter": 5, "history_size": 3},
    {"lr": 1e-3, "max_iter": 7, "max_eval": 3},
    {"lr": 0.01, "tolerance_change": 0.1},
    {"lr": 0.01, "tolerance_grad": 10.0},
]
each = pytest.mark.parametrize("options", CASES, ids=str)


class Problem:
    """Two valleys in ten dimensions, and a parameter that has no part in them."""

    def __init__(self, lib, options):
        rng = np.random.default_rng(0)
        arrays = rng.normal(size=(3, 2)), np.zeros(2), rng.normal(size=4)
        self.params = self.x, _, self.y = [lib.tensor(array, requires_grad=True) for array in arrays]
        self.optimizer, self.evaluations = lib.optim.LBFGS(self.params, **options), 0

    def closure(self):
        x, y = self.x, self.y
        self.evaluations += 1
        self.optimizer.zero_grad()
        loss = ((1 - x) ** 2).sum() + 10 * ((x[:, 0] - x[:, 1] ** 2) ** 2).sum() + (y.exp() - 2 * y).sum()
        loss = loss + (y[1:] * y[:-1]).sum() ** 2
        loss.backward()
        return loss

    def walk(self, steps):
        """Where it is after each step, the loss that the step returned, and the evaluations so far."""
        path = []
        for _ in range(steps):
            loss = self.optimizer.step(self.closure).item()
            path.append([*self.x.detach().numpy().ravel(), *self.y.detach().numpy(), loss, self.evaluations])
        return np.array(path)


@each
def test_path(options):
    np.testing.assert_allclose(*(Problem(lib, options).walk(3) for lib in (minitorch, torch)), rtol=1e-9, atol=1e-9)


def moved(value, lib):
    """A state dict with its tensors as those of another library."""
    if hasattr(value, "numpy"):
        return lib.tensor(value.detach().numpy().copy())
    if isinstance(value, dict):
        return {key: moved(item, lib) for key, item in value.items()}
    return [moved(item, lib) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("here, there", [(minitorch, torch), (torch, minitorch)], ids=["to PyTorch", "from PyTorch"])
@each
def test_state_dict(options, here, there):
    problem, other = Problem(here, options), Problem(there, options)
    problem.walk(2)
    for param, value in zip(other.params, problem.params):
        param.data = there.tensor(value.detach().numpy().copy())
    other.evaluations = problem.evaluations
    other.optimizer.load_state_dict(moved(problem.optimizer.state_dict(), there))
    np.testing.assert_allclose(other.walk(2), problem.walk(2), rtol=1e-9, atol=1e-9)


def test_repr():
    check_same(lambda T: repr(Problem(T, {"max_iter": 3}).optimizer))


def test_the_minimum_is_left_alone():
    def step(T):
        x = T.zeros(2, requires_grad=True)

        def closure():
            (x * x).sum().backward()
            return x.sum()
        return T.optim.LBFGS([x]).step(closure), x
    check_same(step)


def test_a_straight_line_is_followed_down():
    def step(T):
        x = T.zeros(1, dtype=T.float64, requires_grad=True)
        optimizer = T.optim.LBFGS([x], line_search_fn="strong_wolfe", max_iter=2, max_eval=6)

        def closure():
            optimizer.zero_grad()
            loss = x.sum()
            loss.backward()
            return loss
        return optimizer.step(closure), x
    check_same(step)


def test_errors():
    check_raises(lambda T: T.optim.LBFGS([{"params": T.zeros(1)}, {"params": T.zeros(1)}]), "parameter groups")
    check_raises(lambda T: T.optim.LBFGS([T.zeros(1)], lr=-1), "Invalid learning rate: -1")
    check_raises(lambda T: Problem(T, {"line_search_fn": "armijo"}).walk(1), "only 'strong_wolfe' is supported")
