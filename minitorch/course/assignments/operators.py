"""Assignment 4, operations and their gradients: pointwise, reductions, products of matrices, softmax."""
import numpy as np

import minitorch as torch

from ..task import Assignment, Case, Mutant, Task

ABS, WHERE, CLAMP = [f"minitorch.ops.elementwise:{name}.backward" for name in ("Abs", "Where", "Clamp")]
SUM, MEAN, CUMSUM, EXTREME = [f"minitorch.ops.reduce:{name}.backward" for name in ("Sum", "Mean", "Cumsum", "Extreme")]
MATMUL = "minitorch.ops.matmul:Matmul.backward"
SOFTMAX, LOG_SOFTMAX, SOFTMAX_BACK, LOG_SOFTMAX_BACK = [f"minitorch.kernels.cpu.softmax:{name}" for name in (
    "softmax", "log_softmax", "softmax_backward", "log_softmax_backward")]


def gradients(function, inputs, options, upstream):
    """The gradients of torch.<function>(*inputs, **options); inputs of bools have none."""
    tensors = [torch.tensor(x) for x in inputs]
    for x in tensors:
        x.requires_grad_(x.is_floating_point())
    getattr(torch, function)(*tensors, **options).backward(torch.tensor(upstream))
    return [x.grad for x in tensors if x.requires_grad]


def second_gradients(function, inputs, options):
    """The gradients of the sum of squared gradients: your formula, differentiated."""
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    out = getattr(torch, function)(*tensors, **options)
    first = torch.autograd.grad((out ** 2).sum(), tensors, create_graph=True)
    return list(torch.autograd.grad(sum([(x ** 2).sum() for x in first]), tensors))


def case(what, rng, function, *inputs, **options):
    """A case with a random gradient from above."""
    shape = np.shape(getattr(torch, function)(*map(torch.tensor, inputs), **options).numpy())
    return Case(what, gradients, dict(function=function, inputs=inputs, options=options,
                                      upstream=rng.normal(size=shape)))


# ---- 4.1


def pointwise(rng):
    x = np.array([-2.5, -0.5, 0., 0.5, 2.5]) * rng.uniform(0.9, 1.1)
    a, b = rng.normal(size=(2, 5))
    yield case("abs, with a 0: there the gradient is 0", rng, "abs", x)
    yield case("clamp to [-1, 1]", rng, "clamp", x, min=-1., max=1.)
    yield case("clamp with min alone", rng, "clamp", x, min=-1.)
    yield case("clamp with max alone", rng, "clamp", x, max=1.)
    yield case("clamp at numbers on the bound: they count as inside", rng, "clamp", np.array([-1., 0., 1.]),
               min=-1., max=1.)
    yield case("where", rng, "where", x > 0, a, b)
    yield case("where, with a and b of other shapes", rng, "where", rng.normal(size=(3, 5)) > 0, a, np.array(2.))


POINTWISE = Task(
    "4.1", "Kinks and choices", (ABS, WHERE, CLAMP), pointwise, mutants=(
        Mutant(ABS, "self.k.mul(grad, self.k.sign(x))", "self.k.abs(grad)",
               "You take the absolute value of the gradient. The slope counts: -1 left of 0, and 1 right of it."),
        Mutant(WHERE, "self.k.where(condition, grad, 0.0), self.k.where(condition, 0.0, grad)", "grad, grad",
               "Both get all of the gradient. An element that was not chosen has no influence: 0."),
        Mutant(WHERE, "self.k.where(condition, grad, 0.0), self.k.where(condition, 0.0, grad)",
               "self.k.where(condition, 0.0, grad), self.k.where(condition, grad, 0.0)",
               "You give the gradient to the one that was not chosen."),
        Mutant(CLAMP, "k.ge(x, self.low)", "k.gt(x, self.low)",
               "A number on the bound itself counts as inside: >=, not >. A convention, and PyTorch's."),
        Mutant(CLAMP, "if self.high is not None:", "if self.low is not None and self.high is not None:",
               "A bound may be missing alone: look at each of them."),
    ))


# ---- 4.2


def reductions(rng):
    x, ties = rng.normal(size=(3, 4)), np.array([[1., 3., 3.], [2., 0., 1.]])
    yield case("the sum of all", rng, "sum", x)
    yield case("sum over dimension 0", rng, "sum", x, dim=0)
    yield case("sum over dimension 1: the gradient of each row goes along the row", rng, "sum", x, dim=1)
    yield case("sum over dimension 1, keepdim", rng, "sum", x, dim=1, keepdim=True)
    yield case("the mean of all", rng, "mean", x)
    yield case("mean over dimension 1", rng, "mean", x, dim=1)
    yield case("mean over two dimensions of three", rng, "mean", rng.normal(size=(2, 3, 4)), dim=(0, 2))
    yield case("amax over dimension 1", rng, "amax", x, dim=1)
    yield case("amax where two are the largest: they share", rng, "amax", ties, dim=1)
    yield case("amin over dimension 0", rng, "amin", x, dim=0)
    yield case("cumsum along dimension 1", rng, "cumsum", x, dim=1)
    yield case("cumsum along dimension 0", rng, "cumsum", x, dim=0)


REDUCTIONS = Task(
    "4.2", "Reductions", (SUM, MEAN, EXTREME, CUMSUM), reductions, points=3, mutants=(
        Mutant(SUM, "self.restore(grad)", "grad",
               "The reduced dimension has to come back with size 1 before broadcasting, else the gradients line up "
               "with another dimension: self.restore does it."),
        Mutant(MEAN, "self.k.div(self.restore(grad), self.count())", "self.restore(grad)",
               "That is the gradient of the sum. Each element of a mean counts 1/n."),
        Mutant(MEAN, "self.count()", "len(self.shape) and self.shape[0]",
               "You divide by the size of the wrong dimension: self.count() is how many elements make a mean."),
        Mutant(EXTREME, "k.div(self.restore(grad), k.sum(winners, self.dim, True))", "self.restore(grad)",
               "Where several are the largest, each of yours gets the whole gradient. They share it equally."),
        Mutant(EXTREME, "k.mul(winners, shared)", "k.expand(shared, self.shape)",
               "Only the largest has an influence. The others have gradient 0."),
        Mutant(CUMSUM, "k.flip(k.cumsum(k.flip(grad, dims), self.dim), dims)", "k.cumsum(grad, self.dim)",
               "x[i] is part of the sums from i on, not of those before: sum the gradients from the end."),
    ))


# ---- 4.3


def products(rng):
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    yield case("(2, 3) @ (3, 4)", rng, "matmul", a, b)
    yield case("square matrices: a transpose too few or too many does not show in the shape", rng, "matmul",
               *rng.normal(size=(2, 3, 3)))
    yield case("a batch: (5, 2, 3) @ (5, 3, 4)", rng, "matmul", rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 3, 4)))
    yield case("a batch by one matrix: (5, 2, 3) @ (3, 4)", rng, "matmul", rng.normal(size=(5, 2, 3)), b)
    yield Case("the second gradients of (2, 3) @ (3, 4)", second_gradients,
               dict(function="matmul", inputs=[a, b], options={}))


PRODUCTS = Task(
    "4.3", "Products of matrices", (MATMUL,), products, points=3, mutants=(
        Mutant(MATMUL, "k.matmul(grad, transposed(b))", "k.matmul(grad, b)",
               "dA = dC Bᵀ: without the transpose rows and columns of B change places."),
        Mutant(MATMUL, "k.matmul(transposed(a), grad)", "k.matmul(grad, transposed(a))",
               "dB = Aᵀ dC, in this order: products of matrices do not commute."),
        Mutant(MATMUL, "k.permute(x, (*range(n - 2), n - 1, n - 2))", "k.permute(x, tuple(reversed(range(n))))",
               "You turn all dimensions round. In a batch of matrices only the last two change places."),
    ))


# ---- 4.4


def softmaxes(rng):
    x = rng.normal(size=(3, 4))
    for function in ("softmax", "log_softmax"):
        yield Case(f"{function} along dimension 1", value, dict(function=function, x=x, dim=1))
        yield Case(f"{function} along dimension 0", value, dict(function=function, x=x, dim=0))
        yield Case(f"{function} of numbers around 1000: e^1000 is no float any more", value,
                   dict(function=function, x=x + 1000, dim=1))
        yield Case(f"{function} of numbers that are far apart", value, dict(function=function, x=x * 1000, dim=1))
        yield Case(f"{function} of rows that are far apart", value,
                   dict(function=function, x=x + np.array([[0.], [-2000.], [2000.]]), dim=1))


def value(function, x, dim):
    return getattr(torch, function)(torch.tensor(x), dim=dim)


PROBABILITIES = Task(
    "4.4", "Probabilities", (SOFTMAX, LOG_SOFTMAX), softmaxes, mutants=(
        Mutant(SOFTMAX, "np.exp(input - input.max(axis=dim, keepdims=True))", "np.exp(input)",
               "e^1000 is inf, and inf / inf is NaN. Subtract the largest first: it cancels in the quotient."),
        Mutant(SOFTMAX, "input.max(axis=dim, keepdims=True)", "input.max()",
               "You subtract one number for all rows. In a row far below it every e^x is 0, and 0 / 0 is NaN: each row "
               "has its own largest."),
        Mutant(SOFTMAX, "e.sum(axis=dim, keepdims=True)", "e.sum(axis=-1, keepdims=True)",
               "You sum along the last dimension, whichever was asked for."),
        Mutant(LOG_SOFTMAX, "shifted - np.log(np.exp(shifted).sum(axis=dim, keepdims=True))",
               "np.log(np.exp(shifted) / np.exp(shifted).sum(axis=dim, keepdims=True))",
               "The logarithm of a softmax that has rounded to 0 is -inf. Write it as a difference: "
               "log(e^x / s) = x - log(s)."),
    ))


# ---- 4.5


def losses(rng):
    x = rng.normal(size=(3, 4))
    for function in ("softmax", "log_softmax"):
        yield case(f"the gradient of {function} along dimension 1", rng, function, x, dim=1)
        yield case(f"the gradient of {function} along dimension 0", rng, function, x, dim=0)
        yield Case(f"the gradient of {function}, where the gradients from above are all 1: probabilities sum to 1",
                   gradients, dict(function=function, inputs=[x], options=dict(dim=1), upstream=np.ones((3, 4))))


TO_THE_LOSS = Task(
    "4.5", "Gradients of probabilities", (SOFTMAX_BACK, LOG_SOFTMAX_BACK), losses, points=3, mutants=(
        Mutant(SOFTMAX_BACK, "weighted - output * weighted.sum(axis=dim, keepdims=True)",
               "weighted * (1 - output)",
               "You differentiate each probability by its own x alone. The sum below the line depends on all of them: "
               "the Jacobian has elements off the diagonal."),
        Mutant(SOFTMAX_BACK, "weighted - output * weighted.sum(axis=dim, keepdims=True)",
               "weighted - output * weighted.sum(axis=-1, keepdims=True)",
               "You sum along the last dimension, whichever was asked for."),
        Mutant(LOG_SOFTMAX_BACK, "np.exp(output)", "output",
               "The saved output is the logarithm of the probabilities: take its exp."),
        Mutant(LOG_SOFTMAX_BACK, "grad - np.exp(output) * grad.sum(axis=dim, keepdims=True)",
               "grad - np.exp(output)",
               "That holds where the gradients from above sum to 1, as in cross entropy with one target. In general "
               "multiply with their sum."),
    ))


OPERATORS = Assignment(
    4, "operators", "Operations and their gradients",
    (POINTWISE, REDUCTIONS, PRODUCTS, PROBABILITIES, TO_THE_LOSS), prerequisites=(1, 3))
