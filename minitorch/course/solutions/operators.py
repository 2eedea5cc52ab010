"""Operations and their gradients."""
import numpy as np

from minitorch.engine import Op
from minitorch.ops.reduce import Reduction


class Abs(Op):
    def backward(self, grad):
        (x,) = self.saved
        return self.k.mul(grad, self.k.sign(x))


class Where(Op):
    def backward(self, grad):
        (condition,) = self.saved
        return None, self.k.where(condition, grad, 0.0), self.k.where(condition, 0.0, grad)


class Clamp(Op):
    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        if self.low is not None:
            grad = k.where(k.ge(x, self.low), grad, 0.0)
        if self.high is not None:
            grad = k.where(k.le(x, self.high), grad, 0.0)
        return grad


class Sum(Reduction):
    def backward(self, grad):
        return self.k.expand(self.restore(grad), self.shape)


class Mean(Reduction):
    def backward(self, grad):
        return self.k.expand(self.k.div(self.restore(grad), self.count()), self.shape)


class Cumsum(Op):
    def backward(self, grad):
        k, dims = self.k, (self.dim,)
        return k.flip(k.cumsum(k.flip(grad, dims), self.dim), dims)


class Extreme(Reduction):
    def backward(self, grad):
        x, out = self.saved
        k = self.k
        winners = k.eq(x, self.restore(out))
        shared = k.div(self.restore(grad), k.sum(winners, self.dim, True))
        return k.mul(winners, shared)


class Matmul(Op):
    def backward(self, grad):
        a, b = self.saved
        k = self.k

        def transposed(x):
            n = len(x.shape)
            return k.permute(x, (*range(n - 2), n - 1, n - 2))

        wants_a, wants_b = self.needs_input_grad
        grad_a = k.matmul(grad, transposed(b)) if wants_a else None
        return grad_a, k.matmul(transposed(a), grad) if wants_b else None


def softmax(input, dim):
    e = np.exp(input - input.max(axis=dim, keepdims=True))
    return e / e.sum(axis=dim, keepdims=True)


def log_softmax(input, dim):
    shifted = input - input.max(axis=dim, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))


def softmax_backward(grad, output, dim):
    weighted = grad * output
    return weighted - output * weighted.sum(axis=dim, keepdims=True)


def log_softmax_backward(grad, output, dim):
    return grad - np.exp(output) * grad.sum(axis=dim, keepdims=True)
