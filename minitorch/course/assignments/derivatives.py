"""Assignment 1, derivatives: by rules, and by differences, each of which checks the other."""
import numpy as np

import minitorch as torch
from minitorch.autograd.gradcheck import GradcheckError, _check_jacobian, _compare, _difference, _outputs
from minitorch.engine import Op

from .. import slots
from ..task import Assignment, Case, Mutant, Task

RULES = {name: f"minitorch.ops.elementwise:{name}.backward"
         for name in ("Square", "Reciprocal", "Exp", "Log", "Sin", "Mul", "Div", "Hypot")}
DIFFERENCE, COMPARE, JACOBIAN = [f"minitorch.autograd.gradcheck:{name}"
                                 for name in ("_difference", "_compare", "_check_jacobian")]


# ---- 1.1


def derivative(function, x, upstream):
    """dL/dx, where L depends on function(x) by dL/d(function(x)) = upstream."""
    x = torch.tensor(x, requires_grad=True)
    getattr(torch, function)(x).backward(torch.tensor(upstream))
    return x.grad


def second_derivative(function, x):
    """The derivative of the derivative."""
    x = torch.tensor(x, requires_grad=True)
    (first,) = torch.autograd.grad(getattr(torch, function)(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    return second


def one_variable(rng):
    for function in ("square", "reciprocal", "exp", "log", "sin"):
        x, upstream = rng.uniform(0.5, 2, size=(2, 4))
        yield Case(f"the derivative of {function}", derivative, dict(function=function, x=x, upstream=upstream))
        yield Case(f"the second derivative of {function}: your formula, differentiated", second_derivative,
                   dict(function=function, x=x))


ONE_VARIABLE = Task(
    "1.1", "One variable", tuple([RULES[name] for name in ("Square", "Reciprocal", "Exp", "Log", "Sin")]),
    one_variable, points=3, mutants=(
        Mutant(RULES["Exp"], "self.k.mul(grad, out)", "out",
               "You return the derivative alone. By the chain rule, multiply it with the gradient from above."),
        Mutant(RULES["Exp"], "self.k.mul(grad, out)", "self.k.mul(grad, self.k.exp(out))",
               "Exp saves its output, which is e^x already. The class's docstring says what is saved."),
        Mutant(RULES["Square"], "self.k.mul(x, 2)", "x", "The derivative of x^2 is 2x."),
        Mutant(RULES["Reciprocal"], "self.k.neg(self.k.mul(grad, self.k.mul(out, out)))",
               "self.k.mul(grad, self.k.mul(out, out))", "1/x falls where x grows: its derivative is -1/x^2."),
        Mutant(RULES["Sin"], "self.k.cos(x)", "self.k.neg(self.k.cos(x))",
               "The derivative of sin is cos. The one with the minus is that of cos."),
        Mutant(RULES["Log"], "self.k.div(grad, x)", "self.k.mul(grad, x)", "The derivative of log(x) is 1/x, not x."),
    ))


# ---- 1.2


def two_derivatives(function, a, b, upstream):
    """dL/da and dL/db for L that depends on function(a, b) by upstream; a number in place of an array has none."""
    a, b = [torch.tensor(x, requires_grad=True) if isinstance(x, np.ndarray) else x for x in (a, b)]
    getattr(torch, function)(a, b).backward(torch.tensor(upstream))
    return [x.grad for x in (a, b) if isinstance(x, torch.Tensor)]


def two_variables(rng):
    for function in ("mul", "div", "hypot"):
        a, b, upstream = rng.uniform(0.5, 2, size=(3, 4))
        yield Case(f"the derivatives of {function}(a, b)", two_derivatives,
                   dict(function=function, a=a, b=b, upstream=upstream))
    yield Case("a * 3: a number wants no gradient", two_derivatives, dict(function="mul", a=a, b=3., upstream=upstream))
    yield Case("a / 3", two_derivatives, dict(function="div", a=a, b=3., upstream=upstream))


TWO_VARIABLES = Task(
    "1.2", "Two variables", (RULES["Mul"], RULES["Div"], RULES["Hypot"]), two_variables, mutants=(
        Mutant(RULES["Mul"], "self.k.mul(grad, b) if wants_a else None, self.k.mul(grad, a) if wants_b else None",
               "self.k.mul(grad, a), self.k.mul(grad, b)",
               "You gave each factor its own value. d(a b)/da is b, and d(a b)/db is a."),
        Mutant(RULES["Mul"], "self.k.mul(grad, b) if wants_a else None, self.k.mul(grad, a) if wants_b else None",
               "self.k.mul(grad, b), self.k.mul(grad, a)",
               "Mul saves only what a wanted gradient needs, and None otherwise. Look at self.needs_input_grad, and "
               "return None for what is not wanted."),
        Mutant(RULES["Div"], "k.neg(k.div(k.mul(grad, a), k.mul(b, b)))", "k.div(k.mul(grad, a), k.mul(b, b))",
               "a/b falls where b grows: d(a/b)/db is -a/b^2."),
        Mutant(RULES["Div"], "k.mul(b, b)", "b", "d(a/b)/db is -a/b^2: the b below is squared."),
        Mutant(RULES["Hypot"], "k.div(k.mul(grad, a), out), k.div(k.mul(grad, b), out)",
               "k.mul(grad, a), k.mul(grad, b)",
               "sqrt(a^2 + b^2) has an outer function too: the root, with derivative 1 / (2 root), cancels the 2."),
    ))


# ---- 1.3

FUNCTIONS = {
    "x^3": lambda x: x ** 3,
    "sum of x^3": lambda x: (x ** 3).sum(),
    "x y": lambda x, y: x * y,
    "x + y and x y": lambda x, y: (x + y, x * y),
    "the product of matrices": lambda x, y: x @ y,
    "x^2 exp(y)": lambda x, y: x ** 2 * torch.exp(y),
}


def difference(function, inputs, output, input, direction, eps):
    """How an output of the function moves as an input moves along a direction: the output's elements, flat."""
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    found = _difference(FUNCTIONS[function], tensors, output, input, direction, eps)
    return {"difference": found, "the inputs, afterwards": tensors}


def differences(rng):
    x, y, v = rng.uniform(0.5, 2, size=(3, 3))
    A, B = rng.normal(size=(2, 2, 2))
    one = np.array([1., 0., 0.])
    yield Case("along the first axis", difference,
               dict(function="x^3", inputs=[x], output=0, input=0, direction=one, eps=1e-6))
    yield Case("along any direction", difference,
               dict(function="x^3", inputs=[x], output=0, input=0, direction=v, eps=1e-6))
    yield Case("with a large step: x^3 bends, and central differences take that into account", difference,
               dict(function="x^3", inputs=[x], output=0, input=0, direction=v, eps=0.25))
    yield Case("of a function with one number as its output", difference,
               dict(function="sum of x^3", inputs=[x], output=0, input=0, direction=v, eps=1e-6))
    yield Case("of the second input", difference,
               dict(function="x^2 exp(y)", inputs=[x, y], output=0, input=1, direction=v, eps=1e-6))
    yield Case("of the second output", difference,
               dict(function="x + y and x y", inputs=[x, y], output=1, input=0, direction=v, eps=1e-6))
    yield Case("of matrices: the direction is flat", difference,
               dict(function="the product of matrices", inputs=[A, B], output=0, input=0,
                    direction=rng.normal(size=4), eps=1e-6))


DIFFERENCES = Task(
    "1.3", "Differences", (DIFFERENCE,), differences, mutants=(
        Mutant(DIFFERENCE, "(at(eps) - at(-eps)) / (2 * eps)", "(at(eps) - at(0)) / eps",
               "You look to one side only. The error of (f(x + eps) - f(x)) / eps shrinks with eps, that of the "
               "central difference (f(x + eps) - f(x - eps)) / 2 eps with eps^2."),
        Mutant(DIFFERENCE, "(2 * eps)", "eps", "From x - eps to x + eps the way is 2 eps long."),
        Mutant(DIFFERENCE, "step * direction.reshape(x.shape)", "step",
               "You move all elements by the same. Move along the direction."),
        Mutant(DIFFERENCE, "[o]", "[0]", "You look at the first output, whichever is asked for."),
        Mutant(DIFFERENCE, "moved[i] = wrap(np.asarray(x + step * direction.reshape(x.shape)))",
               "x += step * direction.reshape(x.shape)",
               "You move the inputs themselves, and leave them there: x += writes into the caller's array."),
    ))


# ---- 1.4


def compare(pairs, atol, rtol):
    """For each pair (numerical, analytical): does the comparison raise GradcheckError?"""
    found = []
    for numerical, analytical in pairs:
        try:
            _compare(numerical, analytical, 0, 0, torch.zeros(1, requires_grad=True), atol, rtol)
            found.append("passes")
        except GradcheckError:
            found.append("GradcheckError")
    return found


def comparisons(rng):
    def pairs(*distances):
        """Matrices that differ in one element, around 100, by these distances."""
        for distance in distances:
            numerical = rng.uniform(90, 110, size=(2, 3))
            numerical[0, 0] = 100.
            analytical = numerical.copy()
            analytical[0, 0] += distance
            yield [numerical, analytical]

    for sign in (1, -1):
        yield Case("without tolerance for the relative error", compare,
                   dict(pairs=list(pairs(0., sign * 0.009, sign * 0.011, sign * 5)), atol=0.01, rtol=0.))
        yield Case("with rtol=0.1 an element of 100 may be off by 10", compare,
                   dict(pairs=list(pairs(0., sign * 9.9, sign * 10.5, sign * 200)), atol=0., rtol=0.1))
        yield Case("both tolerances add up", compare,
                   dict(pairs=list(pairs(sign * 10.5, sign * 11.5)), atol=1., rtol=0.1))


COMPARISON = Task(
    "1.4", "Close enough", (COMPARE,), comparisons, points=1, mutants=(
        Mutant(COMPARE, "np.abs(analytical - numerical)", "(analytical - numerical)",
               "A difference below zero passes, however large: take its absolute value."),
        Mutant(COMPARE, ".all()", ".any()", "It is enough for you that one element is right. All of them have to be."),
        Mutant(COMPARE, "atol + rtol * np.abs(numerical)", "atol",
               "You leave rtol out: large numbers may be off by more."),
        Mutant(COMPARE, "rtol * np.abs(numerical)", "rtol * np.abs(analytical)",
               "Measure with the numerical one: a wrong gradient that is huge would excuse itself."),
    ))


# ---- 1.5


class WrongCube(Op):
    """out = x^3, with a mistake in its gradient."""

    def forward(self, x):
        self.save(x)
        return x ** 3

    def backward(self, grad):
        (x,) = self.saved
        return self.k.mul(grad, self.k.mul(x, 3))


def jacobians(function, inputs, output, input):
    """The two Jacobians that are compared: a row for each element of the input, a column for each of the output."""
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    out = _outputs(FUNCTIONS[function], tensors)[output]
    found = []
    with slots.replaced({COMPARE: lambda numerical, analytical, *rest: found.append([numerical, analytical])}):
        _check_jacobian(FUNCTIONS[function], tensors, output, input, out, 1e-6, 1e-5, 1e-3, 0.)
    return [{"numerical": numerical, "analytical": analytical} for numerical, analytical in found]


def is_right(x, wrong):
    """What gradcheck says of x^3, or of an operation with a mistake in its gradient."""
    x = torch.tensor(x, requires_grad=True)
    return torch.autograd.gradcheck(WrongCube.apply if wrong else FUNCTIONS["x^3"], x, raise_exception=False)


def checks(rng):
    x, y = rng.uniform(0.5, 2, size=(2, 3))
    A, B = rng.normal(size=(2, 2)), rng.normal(size=(2, 3))
    yield Case("x^3: the Jacobian is diagonal", jacobians, dict(function="x^3", inputs=[x], output=0, input=0))
    yield Case("sum of x^3: one column", jacobians, dict(function="sum of x^3", inputs=[x], output=0, input=0))
    yield Case("the second output by the first input", jacobians,
               dict(function="x + y and x y", inputs=[x, y], output=1, input=0))
    yield Case("the product of matrices by the first", jacobians,
               dict(function="the product of matrices", inputs=[A, B], output=0, input=0))
    yield Case("the product of matrices by the second", jacobians,
               dict(function="the product of matrices", inputs=[A, B], output=0, input=1))
    yield Case("a gradient that is right", is_right, dict(x=x, wrong=False))
    yield Case("a gradient that is wrong", is_right, dict(x=x, wrong=True))


GRADCHECK = Task(
    "1.5", "Check a gradient", (JACOBIAN,), checks, points=3, mutants=(
        Mutant(JACOBIAN, "analytical[:, column]", "analytical.reshape(out.array.size, -1)[column]",
               "Your analytical Jacobian is transposed. backward from one element of the output gives a column: the "
               "derivatives of that element by all inputs."),
        Mutant(JACOBIAN, "numerical[row] = _difference(func, inputs, o, i, direction, eps)",
               "numerical.reshape(out.array.size, -1)[:, row] = _difference(func, inputs, o, i, direction, eps)",
               "Your numerical Jacobian is transposed. Moving one element of the input gives a row: how all outputs "
               "move."),
        Mutant(JACOBIAN, "enumerate(np.eye(out.array.size))", "enumerate(np.eye(out.array.size)[:1])",
               "You go backward from the first element of the output alone. Each has a gradient of its own."),
        Mutant(JACOBIAN, "_gradient(out, x, upstream, nondet_tol)",
               "_gradient(out, x, np.ones(out.array.size), nondet_tol)",
               "You go backward from all outputs at once: that is the sum of the columns. Take a unit vector."),
        Mutant(JACOBIAN, "_compare(numerical, analytical, o, i, out, atol, rtol)", "pass",
               "You compute both Jacobians, and compare them not: then every gradient is right."),
    ))


DERIVATIVES = Assignment(
    1, "derivatives", "Derivatives, and how to check them",
    (ONE_VARIABLE, TWO_VARIABLES, DIFFERENCES, COMPARISON, GRADCHECK),
    given=tuple([f"minitorch.autograd.gradcheck:{name}" for name in ("_gradient", "_outputs", "GradcheckError")]))
