"""L-BFGS, a quasi-Newton method: Nocedal and Wright, Numerical Optimization, chapters 3 (line search) and 7."""
import math
from typing import NamedTuple

from ..autograd import enable_grad
from ..creation import zeros_like
from ..engine import TensorBase
from ..ops import cat
from .optimizer import Optimizer, check_options, number


class LBFGS(Optimizer):
    """Newton's method, with the curvature guessed from the last `history_size` changes s of x and y of the gradient g:

        d = -H * g          H * y = s for each pair (s, y): the two loops of `_direction`
        x += t * d          t = lr, or found by the line search "strong_wolfe"

    `step(closure)` makes up to max_iter such iterations, with up to max_eval calls of `closure`, which must clear the
    gradients, compute the loss, call backward() and return the loss. It ends early where no gradient is larger than
    tolerance_grad, or neither x nor the loss changes by more than tolerance_change.

    For smooth losses on all the data at once. One group only. ValueError for a negative lr or more groups.

    >>> import minitorch as torch
    >>> x = torch.tensor([-1., 2.], requires_grad=True)
    >>> optimizer = torch.optim.LBFGS([x], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (1 - x[0]) ** 2 + 10 * (x[1] - x[0] ** 2) ** 2
    ...     loss.backward()
    ...     return loss
    >>> for _ in range(2):
    ...     loss = optimizer.step(closure)
    >>> x
    tensor([1.0000, 1.0000], requires_grad=True)
    """

    def __init__(self, params, lr=1, max_iter=20, max_eval=None, tolerance_grad=1e-7, tolerance_change=1e-9,
                 history_size=100, line_search_fn=None):
        check_options(lr=lr)
        super().__init__(params, dict(
            lr=lr, max_iter=max_iter, max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
            tolerance_grad=tolerance_grad, tolerance_change=tolerance_change, history_size=history_size,
            line_search_fn=line_search_fn))
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    def step(self, closure):
        """Minimise the loss that `closure` computes; returns the loss before."""
        group = self.param_groups[0]
        params, lr, max_iter, max_eval = group["params"], group["lr"], group["max_iter"], group["max_eval"]
        state = self.state[params[0]]  # one for all parameters; as torch, kept with the first
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        def evaluate():
            with enable_grad():
                loss = closure()
            state["func_evals"] += 1
            return loss, _flat_gradient(params)

        first_loss, grad = evaluate()
        loss, evals_before = float(first_loss), state["func_evals"] - 1
        if grad.abs().max() <= group["tolerance_grad"]:
            return first_loss
        for iteration in range(1, max_iter + 1):
            state["n_iter"] += 1
            d = state["d"] = _direction(state, grad, group["history_size"])
            state["t"] = lr if state["n_iter"] > 1 else min(1, 1 / grad.abs().sum().item()) * lr
            state["prev_flat_grad"], state["prev_loss"] = grad, loss
            slope = grad.dot(d).item()
            if slope > -group["tolerance_change"]:
                break
            t, start = number(state["t"]), [param.array.copy() for param in params]
            if group["line_search_fn"] is not None:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")

                def point_at(t):
                    _move(params, start, d, t)
                    loss, grad = evaluate()
                    return _Point(t, float(loss), grad, grad.dot(d).item())

                evals_left = max_eval - (state["func_evals"] - evals_before)
                origin = _Point(0, loss, grad, slope)
                best = _strong_wolfe(point_at, origin, t, d.abs().max().item(), evals_left)
                state["t"], loss, grad = best.t, best.loss, best.grad
                _move(params, start, d, best.t)
            else:
                _move(params, start, d, t)
                if iteration < max_iter:  # after the last one nobody asks for the loss
                    loss, grad = evaluate()
                    loss = float(loss)
            if (state["func_evals"] - evals_before >= max_eval
                    or grad.abs().max() <= group["tolerance_grad"]
                    or (d * state["t"]).abs().max() <= group["tolerance_change"]
                    or abs(loss - state["prev_loss"]) < group["tolerance_change"]):
                break
        return first_loss


def _flat_gradient(params):
    """The gradients of all parameters as one vector; zeros for one that has none."""
    grads = [zeros_like(param) if param.grad is None else param.grad.detach() for param in params]
    return cat([grad.reshape(-1) for grad in grads])  # (total,)


def _move(params, start, d, t):
    """params = start + t * d"""
    offset = 0
    for param, origin in zip(params, start):
        step = d.array[offset:offset + origin.size].reshape(origin.shape)
        param.array[...] = origin + t * step
        param.version()[0] += 1
        offset += origin.size


def _direction(state, grad, history_size):
    """-H * grad, after the last step's change is added to the history."""
    if state["n_iter"] == 1:
        state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
        return -grad
    ys, ss, rhos = state["old_dirs"], state["old_stps"], state["ro"]  # torch calls the changes of the gradient "dirs"
    y, s = grad - state["prev_flat_grad"], state["d"] * state["t"]
    curvature = y.dot(s)
    if curvature > 1e-10:  # H stays positive definite: d goes downhill
        if len(ys) == history_size:
            for history in (ys, ss, rhos):
                history.pop(0)
        ys.append(y)
        ss.append(s)
        rhos.append(1 / curvature)
        state["H_diag"] = curvature / y.dot(y)
    d, alphas = -grad, []
    for y, s, rho in zip(reversed(ys), reversed(ss), reversed(rhos)):
        alphas.append(rho * s.dot(d))
        d = d - alphas[-1] * y
    d = d * state["H_diag"]
    for y, s, rho, alpha in zip(ys, ss, rhos, reversed(alphas)):
        d = d + (alpha - rho * y.dot(d)) * s
    return d


class _Point(NamedTuple):
    """The loss on the line x + t * d: its value, its gradient, and its slope along d."""

    t: float
    loss: float
    grad: TensorBase
    slope: float


def _strong_wolfe(point_at, origin, t, d_size, max_iter, c1=1e-4, c2=0.9, tolerance=1e-9):
    """A point with loss <= origin.loss + c1 * t * origin.slope and |slope| <= c2 * |origin.slope|; or the lowest found.

    First step forward until two points have a minimum between them, then narrow that bracket down.
    """
    def too_high(point):
        return point.loss > origin.loss + c1 * point.t * origin.slope

    def is_flat(point):
        return abs(point.slope) <= -c2 * origin.slope

    previous, point = origin, point_at(t)
    for iteration in range(max_iter):
        if too_high(point) or (iteration > 1 and point.loss >= previous.loss):
            break
        if is_flat(point):
            return point
        if point.slope >= 0:
            break
        t = _cubic_minimum(previous, point, point.t + 0.01 * (point.t - previous.t), 10 * point.t)
        previous, point = point, point_at(t)
    else:
        return min(origin, point, key=lambda p: p.loss)

    bracket, stuck = [previous, point], False
    low = _lower(bracket)
    for _ in range(iteration, max_iter):
        left, right = sorted(p.t for p in bracket)
        if (right - left) * d_size < tolerance:
            break
        t = _cubic_minimum(*bracket, left, right)
        margin = 0.1 * (right - left)
        close = min(right - t, t - left) < margin
        if close and (stuck or not left < t < right):  # no progress twice, or none at all: keep away from the end
            t = right - margin if abs(t - right) < abs(t - left) else left + margin
            stuck = False
        else:
            stuck = close
        point = point_at(t)
        if too_high(point) or point.loss >= bracket[low].loss:
            bracket[1 - low] = point
            low = _lower(bracket)
        elif is_flat(point):
            return point
        else:
            if point.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
                bracket[1 - low] = bracket[low]
            bracket[low] = point
    return bracket[low]


def _lower(bracket):
    return 0 if bracket[0].loss <= bracket[1].loss else 1


def _cubic_minimum(a, b, low, high):
    """Where the cubic through two points, with their slopes, has its minimum, kept in [low, high]; or the middle."""
    a, b = sorted((a, b), key=lambda p: p.t)
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope  # inf where ** would raise OverflowError
    if not square >= 0:
        return (low + high) / 2
    d2 = math.sqrt(square)
    rise, run = b.slope + d2 - d1, b.slope - a.slope + 2 * d2
    t = b.t - (b.t - a.t) * (rise / run if run else math.copysign(math.inf, rise))  # run = 0: a straight line
    return min(max(t, low), high)
