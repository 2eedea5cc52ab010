"""Derivatives by rules, and by differences."""
import numpy as np

from minitorch.autograd.gradcheck import GradcheckError, _gradient, _outputs
from minitorch.engine import Op
from minitorch.graph import wrap


class Square(Op):
    def backward(self, grad):
        (x,) = self.saved
        return self.k.mul(grad, self.k.mul(x, 2))


class Reciprocal(Op):
    def backward(self, grad):
        (out,) = self.saved
        return self.k.neg(self.k.mul(grad, self.k.mul(out, out)))


class Exp(Op):
    def backward(self, grad):
        (out,) = self.saved
        return self.k.mul(grad, out)


class Log(Op):
    def backward(self, grad):
        (x,) = self.saved
        return self.k.div(grad, x)


class Sin(Op):
    def backward(self, grad):
        (x,) = self.saved
        return self.k.mul(grad, self.k.cos(x))


class Mul(Op):
    def backward(self, grad):
        a, b = self.saved
        wants_a, wants_b = self.needs_input_grad
        return self.k.mul(grad, b) if wants_a else None, self.k.mul(grad, a) if wants_b else None


class Div(Op):
    def backward(self, grad):
        a, b = self.saved
        k = self.k
        grad_b = k.neg(k.div(k.mul(grad, a), k.mul(b, b))) if self.needs_input_grad[1] else None
        return k.div(grad, b), grad_b


class Hypot(Op):
    def backward(self, grad):
        a, b, out = self.saved
        k = self.k
        return k.div(k.mul(grad, a), out), k.div(k.mul(grad, b), out)


def _difference(func, inputs, o, i, direction, eps):
    def at(step):
        moved = list(inputs)
        x = inputs[i].array
        moved[i] = wrap(np.asarray(x + step * direction.reshape(x.shape)))
        return _outputs(func, moved)[o].array.reshape(-1)

    return (at(eps) - at(-eps)) / (2 * eps)


def _compare(numerical, analytical, o, i, out, atol, rtol):
    difference = np.abs(analytical - numerical)
    if not (difference <= atol + rtol * np.abs(numerical)).all():
        raise GradcheckError(f"Jacobian mismatch for output {o} with respect to input {i}")


def _check_jacobian(func, inputs, o, i, out, eps, atol, rtol, nondet_tol):
    x = inputs[i]
    numerical = np.zeros((x.array.size, out.array.size))
    analytical = np.zeros((x.array.size, out.array.size))
    for row, direction in enumerate(np.eye(x.array.size)):
        numerical[row] = _difference(func, inputs, o, i, direction, eps)
    for column, upstream in enumerate(np.eye(out.array.size)):
        analytical[:, column] = _gradient(out, x, upstream, nondet_tol)
    _compare(numerical, analytical, o, i, out, atol, rtol)
