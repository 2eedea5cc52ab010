"""Elementwise operations: out[i] = f(a[i], b[i]), with broadcasting. Forward and backward of each side by side."""
import builtins
import math

from .. import dtypes
from ..device import CPU, device_of, kernels_for, place
from ..engine import Op, TensorBase, compute, named, wrap
from ..graph import check_tensors


class Step(Op):
    """A piecewise constant function: its gradient is zero."""

    def backward(self, grad):
        return (self.k.full(grad.shape, 0, grad.dtype),) * len(self.needs_input_grad)


# ------------------------------------------------------------------------------------------------------- arithmetic


class Add(Op):
    """out = a + b.   Saves: nothing."""

    def forward(self, a, b):
        return self.k.add(a, b)

    def backward(self, grad):
        return grad, grad


def add(input, other, *, alpha=1):
    """input + alpha * other.

    >>> import minitorch as torch
    >>> torch.add(torch.tensor([1., 2.]), 3, alpha=10)
    tensor([31., 32.])
    """
    return Add.apply(input, other if alpha == 1 else other * alpha)


class Sub(Op):
    """out = a - b.   Saves: nothing."""

    def forward(self, a, b):
        return self.k.sub(a, b)

    def backward(self, grad):
        return grad, self.k.neg(grad) if self.needs_input_grad[1] else None


def sub(input, other, *, alpha=1):
    """input - alpha * other.

    >>> import minitorch as torch
    >>> torch.sub(torch.tensor([1., 2.]), 3)
    tensor([-2., -1.])
    """
    return Sub.apply(input, other if alpha == 1 else other * alpha)


def rsub(input, other, *, alpha=1):
    """other - alpha * input."""
    check_tensors("rsub", input=input)
    return sub(other, input, alpha=alpha)


class Mul(Op):
    """out = a * b.   Saves: each factor that the other's gradient needs."""

    def forward(self, a, b):
        wants_a, wants_b = self.needs_input_grad
        self.save(a if wants_b else None, b if wants_a else None)
        return self.k.mul(a, b)

    def backward(self, grad):
        a, b = self.saved
        wants_a, wants_b = self.needs_input_grad
        return self.k.mul(grad, b) if wants_a else None, self.k.mul(grad, a) if wants_b else None


def mul(input, other):
    """input * other.

    >>> import minitorch as torch
    >>> torch.mul(torch.tensor([1., 2.]), 3)
    tensor([3., 6.])
    """
    return Mul.apply(input, other)


class Div(Op):
    """out = a / b; integers divide as the default float.   Saves: b, and a if b needs a gradient."""

    def forward(self, a, b):
        self.save(a if self.needs_input_grad[1] else None, b)
        return self.k.div(a, b)

    def backward(self, grad):
        a, b = self.saved
        k, (wants_a, wants_b) = self.k, self.needs_input_grad
        grad_a = k.div(grad, b) if wants_a or wants_b else None
        return grad_a, k.neg(k.mul(grad_a, k.div(a, b))) if wants_b else None


class FloorDivide(Step):
    """out = floor(a / b)."""

    def forward(self, a, b):
        return self.k.floor_divide(a, b)


class TruncDivide(Step):
    """out = trunc(a / b)."""

    def forward(self, a, b):
        return self.k.trunc_divide(a, b)


def div(input, other, *, rounding_mode=None):
    """input / other; `rounding_mode` "floor" or "trunc" rounds the quotient and keeps integers.

    >>> import minitorch as torch
    >>> torch.div(torch.tensor([-7, 7]), 2), torch.div(torch.tensor([-7, 7]), 2, rounding_mode="trunc")
    (tensor([-3.5000,  3.5000]), tensor([-3,  3]))
    """
    if rounding_mode is None:
        return Div.apply(input, other)
    if rounding_mode == "floor":
        return FloorDivide.apply(input, other)
    if rounding_mode == "trunc":
        return TruncDivide.apply(input, other)
    raise RuntimeError(f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'")


def floor_divide(input, other):
    """floor(input / other).

    >>> import minitorch as torch
    >>> torch.floor_divide(torch.tensor([-7, 7]), 2)
    tensor([-4,  3])
    """
    return FloorDivide.apply(input, other)


def trunc_divide(input, other):
    """trunc(input / other): what div(rounding_mode="trunc") computes."""
    return TruncDivide.apply(input, other)


class Remainder(Op):
    """out = a - b * floor(a / b): the sign of b.   Saves: a, b if b needs a gradient."""

    def forward(self, a, b):
        if self.needs_input_grad[1]:
            self.save(a, b)
        return self.k.remainder(a, b)

    def backward(self, grad):
        if not self.needs_input_grad[1]:
            return grad, None
        a, b = self.saved
        k = self.k
        return grad, k.neg(k.mul(grad, k.floor_divide(a, b)))


def remainder(input, other):
    """Python's input % other: the sign of `other`.

    >>> import minitorch as torch
    >>> torch.remainder(torch.tensor([-7, 7]), 3)
    tensor([2, 1])
    """
    return Remainder.apply(input, other)


class Fmod(Op):
    """out = a - b * trunc(a / b): the sign of a.   Saves: a, b if b needs a gradient."""

    def forward(self, a, b):
        if self.needs_input_grad[1]:
            self.save(a, b)
        return self.k.fmod(a, b)

    def backward(self, grad):
        if not self.needs_input_grad[1]:
            return grad, None
        a, b = self.saved
        k = self.k
        return grad, k.neg(k.mul(grad, k.trunc_divide(a, b)))


def fmod(input, other):
    """C's fmod(input, other): the sign of `input`.

    >>> import minitorch as torch
    >>> torch.fmod(torch.tensor([-7, 7]), 3)
    tensor([-1,  1])
    """
    check_tensors("fmod", input=input)
    return Fmod.apply(input, other)


class PowNumber(Op):
    """out = x ** n for a number n.   Saves: x."""

    torch_name = "PowBackward0"

    def forward(self, x, n):
        self.n = n
        self.save(x)
        return self.k.pow(x, n)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        slope = 0.0 if self.n == 0 else k.mul(k.pow(x, self.n - 1), self.n)
        return k.mul(grad, slope), None


class Pow(Op):
    """out = a ** b.   Saves: a, b, out."""

    torch_name = "PowBackward1"

    def forward(self, a, b):
        out = self.k.pow(a, b)
        self.save(a, b, out)
        return out

    def backward(self, grad):
        a, b, out = self.saved
        k, (wants_a, wants_b) = self.k, self.needs_input_grad
        grad_a = grad_b = None
        if wants_a:  # b * a^(b-1); a^0 is constant, also at a = 0
            grad_a = k.mul(grad, k.where(k.eq(b, 0), 0.0, k.mul(b, k.pow(a, k.sub(b, 1)))))
        if wants_b:  # a^b * log(a); 0^b is constant for b >= 0
            grad_b = k.mul(grad, k.where(k.logical_and(k.eq(a, 0), k.ge(b, 0)), 0.0, k.mul(out, k.log(a))))
        return grad_a, grad_b


def pow(input, exponent):
    """input ** exponent.

    >>> import minitorch as torch
    >>> torch.pow(torch.tensor([1., 2., 3.]), 2)
    tensor([1., 4., 9.])
    """
    if not isinstance(exponent, TensorBase):
        return PowNumber.apply(input, exponent)
    return Pow.apply(_as_tensor(input, exponent), exponent)


def _as_tensor(number, other):
    """A number as a 0-d tensor, of the dtype in which it would compute with `other`."""
    if isinstance(number, TensorBase):
        return number
    return full((), number, dtypes.result_type(number, other.array).numpy)


def float_power(input, exponent):
    """input ** exponent in float64."""
    return pow(_as_double(input), _as_double(exponent))


def _as_double(x):
    return cast(x, dtypes.float64.numpy) if isinstance(x, TensorBase) else float(x)


class Atan2(Op):
    """out = the angle of the point (b, a).   Saves: a, b."""

    def forward(self, a, b):
        self.save(a, b)
        return self.k.atan2(a, b)

    def backward(self, grad):
        a, b = self.saved
        k = self.k
        scaled = k.div(grad, k.add(k.mul(a, a), k.mul(b, b)))
        return k.mul(scaled, b), k.neg(k.mul(scaled, a))


def atan2(input, other):
    """The angle of the point (other, input), in radians.

    >>> import minitorch as torch
    >>> torch.atan2(torch.tensor([0., 1.]), torch.tensor([1., 0.]))
    tensor([0.0000, 1.5708])
    """
    check_tensors("atan2", input=input, other=other)
    return Atan2.apply(input, other)


class Hypot(Op):
    """out = sqrt(a^2 + b^2).   Saves: a, b, out."""

    def forward(self, a, b):
        out = self.k.hypot(a, b)
        self.save(a, b, out)
        return out

    def backward(self, grad):
        a, b, out = self.saved
        k = self.k
        return k.mul(grad, k.div(a, out)), k.mul(grad, k.div(b, out))


def hypot(input, other):
    """sqrt(input^2 + other^2).

    >>> import minitorch as torch
    >>> torch.hypot(torch.tensor(3.), torch.tensor(4.))
    tensor(5.)
    """
    check_tensors("hypot", input=input, other=other)
    return Hypot.apply(input, other)


class Extremum(Op):
    """The larger or smaller of two; equals get half the gradient each, as in torch.   Saves: a, b."""

    def backward(self, grad):
        a, b = self.saved
        k = self.k
        half = k.where(k.eq(a, b), k.mul(grad, 0.5), grad)
        return k.where(self.loses(a, b), 0.0, half), k.where(self.loses(b, a), 0.0, half)


class Maximum(Extremum):
    """out = max(a, b), NaN wins."""

    def forward(self, a, b):
        self.save(a, b)
        return self.k.maximum(a, b)

    def loses(self, a, b):
        return self.k.lt(a, b)


def maximum(input, other):
    """The larger of two, elementwise; NaN if one is NaN.

    >>> import minitorch as torch
    >>> torch.maximum(torch.tensor([1., 4.]), torch.tensor([3., 2.]))
    tensor([3., 4.])
    """
    check_tensors("maximum", input=input, other=other)
    return Maximum.apply(input, other)


class Minimum(Extremum):
    """out = min(a, b), NaN wins."""

    def forward(self, a, b):
        self.save(a, b)
        return self.k.minimum(a, b)

    def loses(self, a, b):
        return self.k.gt(a, b)


def minimum(input, other):
    """The smaller of two, elementwise; NaN if one is NaN.

    >>> import minitorch as torch
    >>> torch.minimum(torch.tensor([1., 4.]), torch.tensor([3., 2.]))
    tensor([1., 2.])
    """
    check_tensors("minimum", input=input, other=other)
    return Minimum.apply(input, other)


class Fmax(Op):
    """out = max(a, b), a number wins over NaN.   Saves: a, b."""

    def forward(self, a, b):
        self.save(a, b)
        return self.k.fmax(a, b)

    def backward(self, grad):  # a takes the gradient where the two are equal
        a, b = self.saved
        k = self.k
        takes_a = k.logical_or(k.ge(a, b), k.isnan(b))
        return k.where(takes_a, grad, 0.0), k.where(takes_a, 0.0, grad)


def fmax(input, other):
    """The larger of two, elementwise; a number wins over NaN.

    >>> import minitorch as torch
    >>> torch.fmax(torch.tensor([1., float('nan')]), torch.tensor([3., 2.]))
    tensor([3., 2.])
    """
    check_tensors("fmax", input=input, other=other)
    return Fmax.apply(input, other)


class Fmin(Op):
    """out = min(a, b), a number wins over NaN.   Saves: a, b."""

    def forward(self, a, b):
        self.save(a, b)
        return self.k.fmin(a, b)

    def backward(self, grad):
        a, b = self.saved
        k = self.k
        takes_a = k.logical_or(k.le(a, b), k.isnan(b))
        return k.where(takes_a, grad, 0.0), k.where(takes_a, 0.0, grad)


def fmin(input, other):
    """The smaller of two, elementwise; a number wins over NaN."""
    check_tensors("fmin", input=input, other=other)
    return Fmin.apply(input, other)


class Xlogy(Op):
    """out = a * log(b), 0 where a is 0.   Saves: a, b."""

    def forward(self, a, b):
        self.save(a, b)
        return self.k.xlogy(a, b)

    def backward(self, grad):
        a, b = self.saved
        k = self.k
        wants_a, wants_b = self.needs_input_grad
        grad_a = k.mul(grad, k.where(k.logical_and(k.eq(a, 0), k.le(b, 0)), 0.0, k.log(b))) if wants_a else None
        return grad_a, k.mul(grad, k.div(a, b)) if wants_b else None


def xlogy(input, other):
    """input * log(other), and 0 where input is 0.

    >>> import minitorch as torch
    >>> torch.xlogy(torch.tensor([0., 2.]), torch.tensor([0., 1.]))
    tensor([0., 0.])
    """
    if not isinstance(other, TensorBase):
        return Xlogy.apply(input, _as_tensor(other, input))
    return Xlogy.apply(_as_tensor(input, other), other)


# -------------------------------------------------------------------------------------------------- unary functions
LN2 = math.log(2)
LN10 = math.log(10)
TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)


class Neg(Op):
    """out = -x.   Saves: nothing."""

    def forward(self, x):
        return self.k.neg(x)

    def backward(self, grad):
        return self.k.neg(grad)


def neg(input):
    """-input.

    >>> import minitorch as torch
    >>> torch.neg(torch.tensor([1., -2.]))
    tensor([-1.,  2.])
    """
    return Neg.apply(input)


def positive(input):
    """+input: the tensor itself. RuntimeError for bools."""
    if input.array.dtype.kind == "b":
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


class Abs(Op):
    """out = |x|.   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.abs(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.sign(x))


def abs(input):
    """|input|; the gradient at 0 is 0.

    >>> import minitorch as torch
    >>> torch.abs(torch.tensor([1., -2.]))
    tensor([1., 2.])
    """
    return Abs.apply(input)


class Sign(Step):
    """out = -1, 0 or 1."""

    def forward(self, x):
        return self.k.sign(x)


def sign(input):
    """-1, 0 or 1, by the sign.

    >>> import minitorch as torch
    >>> torch.sign(torch.tensor([-3., 0., 2.]))
    tensor([-1.,  0.,  1.])
    """
    return Sign.apply(input)


class Square(Op):
    """out = x * x.   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.square(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.mul(x, 2.0))


def square(input):
    """input * input.

    >>> import minitorch as torch
    >>> torch.square(torch.tensor([-2., 3.]))
    tensor([4., 9.])
    """
    return Square.apply(input)


class Reciprocal(Op):
    """out = 1 / x.   Saves: out."""

    def forward(self, x):
        out = self.k.reciprocal(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        k = self.k
        return k.neg(k.mul(grad, k.mul(out, out)))


def reciprocal(input):
    """1 / input.

    >>> import minitorch as torch
    >>> torch.reciprocal(torch.tensor([2., 4.]))
    tensor([0.5000, 0.2500])
    """
    return Reciprocal.apply(input)


class Sqrt(Op):
    """out = x ** 0.5.   Saves: out."""

    def forward(self, x):
        out = self.k.sqrt(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        k = self.k
        return k.div(grad, k.mul(out, 2.0))


def sqrt(input):
    """The square root; NaN below 0.

    >>> import minitorch as torch
    >>> torch.sqrt(torch.tensor([4., -1.]))
    tensor([2., nan])
    """
    return Sqrt.apply(input)


class Rsqrt(Op):
    """out = x ** -0.5.   Saves: out."""

    def forward(self, x):
        out = self.k.rsqrt(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        k = self.k
        return k.mul(grad, k.mul(k.pow(out, 3), -0.5))


def rsqrt(input):
    """1 / sqrt(input).

    >>> import minitorch as torch
    >>> torch.rsqrt(torch.tensor([4., 0.]))
    tensor([0.5000,    inf])
    """
    return Rsqrt.apply(input)


class Exp(Op):
    """out = e ** x.   Saves: out."""

    def forward(self, x):
        out = self.k.exp(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        return self.k.mul(grad, out)


def exp(input):
    """e ** input.

    >>> import minitorch as torch
    >>> torch.exp(torch.tensor([0., 1.]))
    tensor([1.0000, 2.7183])
    """
    return Exp.apply(input)


class Exp2(Op):
    """out = 2 ** x.   Saves: out."""

    def forward(self, x):
        out = self.k.exp2(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        k = self.k
        return k.mul(grad, k.mul(out, LN2))


def exp2(input):
    """2 ** input."""
    return Exp2.apply(input)


class Expm1(Op):
    """out = e ** x - 1.   Saves: out."""

    def forward(self, x):
        out = self.k.expm1(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        k = self.k
        return k.mul(grad, k.add(out, 1.0))


def expm1(input):
    """e ** input - 1, accurate near 0.

    >>> import minitorch as torch
    >>> torch.expm1(torch.tensor([0., 1.]))
    tensor([0.0000, 1.7183])
    """
    return Expm1.apply(input)


class Log(Op):
    """out = log(x).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.log(x)

    def backward(self, grad):
        (x,) = self.saved
        return self.k.div(grad, x)


def log(input):
    """The natural logarithm.

    >>> import minitorch as torch
    >>> torch.log(torch.tensor([1., 0.]))
    tensor([0., -inf])
    """
    return Log.apply(input)


class Log2(Op):
    """out = log(x) / log(2).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.log2(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.div(grad, k.mul(x, LN2))


def log2(input):
    """The logarithm to base 2.

    >>> import minitorch as torch
    >>> torch.log2(torch.tensor([8., 0.5]))
    tensor([ 3., -1.])
    """
    return Log2.apply(input)


class Log10(Op):
    """out = log(x) / log(10).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.log10(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.div(grad, k.mul(x, LN10))


def log10(input):
    """The logarithm to base 10.

    >>> import minitorch as torch
    >>> torch.log10(torch.tensor([100., 0.1]))
    tensor([ 2., -1.])
    """
    return Log10.apply(input)


class Log1p(Op):
    """out = log(1 + x).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.log1p(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.div(grad, k.add(x, 1.0))


def log1p(input):
    """log(1 + input), accurate near 0.

    >>> import minitorch as torch
    >>> torch.log1p(torch.tensor([0., 1.]))
    tensor([0.0000, 0.6931])
    """
    return Log1p.apply(input)


class Sin(Op):
    """out = sin(x).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.sin(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.cos(x))


def sin(input):
    """The sine of an angle in radians.

    >>> import minitorch as torch
    >>> torch.sin(torch.tensor([0., 1.]))
    tensor([0.0000, 0.8415])
    """
    return Sin.apply(input)


class Cos(Op):
    """out = cos(x).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.cos(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.neg(k.mul(grad, k.sin(x)))


def cos(input):
    """The cosine of an angle in radians.

    >>> import minitorch as torch
    >>> torch.cos(torch.tensor([0., 1.]))
    tensor([1.0000, 0.5403])
    """
    return Cos.apply(input)


class Tan(Op):
    """out = tan(x).   Saves: out."""

    def forward(self, x):
        out = self.k.tan(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        k = self.k
        return k.mul(grad, k.add(k.mul(out, out), 1.0))


def tan(input):
    """The tangent of an angle in radians.

    >>> import minitorch as torch
    >>> torch.tan(torch.tensor([0., 1.]))
    tensor([0.0000, 1.5574])
    """
    return Tan.apply(input)


class Asin(Op):
    """out = arcsin(x).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.asin(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.rsqrt(k.sub(1.0, k.mul(x, x))))


def asin(input):
    """The angle whose sine this is."""
    return Asin.apply(input)


class Acos(Op):
    """out = arccos(x).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.acos(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.neg(k.mul(grad, k.rsqrt(k.sub(1.0, k.mul(x, x)))))


def acos(input):
    """The angle whose cosine this is."""
    return Acos.apply(input)


class Atan(Op):
    """out = arctan(x).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.atan(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.div(grad, k.add(k.mul(x, x), 1.0))


def atan(input):
    """The angle whose tangent this is."""
    return Atan.apply(input)


class Sinh(Op):
    """out = (e^x - e^-x) / 2.   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.sinh(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.cosh(x))


def sinh(input):
    """The hyperbolic sine."""
    return Sinh.apply(input)


class Cosh(Op):
    """out = (e^x + e^-x) / 2.   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.cosh(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.sinh(x))


def cosh(input):
    """The hyperbolic cosine."""
    return Cosh.apply(input)


class Tanh(Op):
    """out = sinh(x) / cosh(x).   Saves: out."""

    def forward(self, x):
        out = self.k.tanh(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        return self.k.tanh_backward(grad, out)


def tanh_backward(grad, output):
    """The gradient of tanh, given its output: grad * (1 - output^2)."""
    return named(mul(grad, sub(1.0, mul(output, output))), "TanhBackwardBackward0")


def tanh(input):
    """The hyperbolic tangent.

    >>> import minitorch as torch
    >>> torch.tanh(torch.tensor([0., 1.]))
    tensor([0.0000, 0.7616])
    """
    return Tanh.apply(input)


class Asinh(Op):
    """out = the inverse of sinh.   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.asinh(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.rsqrt(k.add(k.mul(x, x), 1.0)))


def asinh(input):
    """The inverse of sinh."""
    return Asinh.apply(input)


class Acosh(Op):
    """out = the inverse of cosh.   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.acosh(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.rsqrt(k.sub(k.mul(x, x), 1.0)))


def acosh(input):
    """The inverse of cosh."""
    return Acosh.apply(input)


class Atanh(Op):
    """out = the inverse of tanh.   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.atanh(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.div(grad, k.sub(1.0, k.mul(x, x)))


def atanh(input):
    """The inverse of tanh."""
    return Atanh.apply(input)


class Sigmoid(Op):
    """out = 1 / (1 + e^-x).   Saves: out."""

    def forward(self, x):
        out = self.k.sigmoid(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        return self.k.sigmoid_backward(grad, out)


def sigmoid_backward(grad, output):
    """The gradient of sigmoid, given its output: grad * output * (1 - output)."""
    return named(mul(grad, mul(output, sub(1.0, output))), "SigmoidBackwardBackward0")


def sigmoid(input):
    """1 / (1 + exp(-input)).

    >>> import minitorch as torch
    >>> torch.sigmoid(torch.tensor([0., 2.]))
    tensor([0.5000, 0.8808])
    """
    return Sigmoid.apply(input)


class Erf(Op):
    """out = 2/sqrt(pi) * integral of e^(-t^2) from 0 to x.   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.erf(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.mul(k.exp(k.neg(k.mul(x, x))), TWO_OVER_SQRT_PI))


def erf(input):
    """The error function.

    >>> import minitorch as torch
    >>> torch.erf(torch.tensor([0., 1.]))
    tensor([0.0000, 0.8427])
    """
    return Erf.apply(input)


class Erfc(Op):
    """out = 1 - erf(x).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.erfc(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.mul(k.exp(k.neg(k.mul(x, x))), -TWO_OVER_SQRT_PI))


def erfc(input):
    """1 - erf(input), accurate for large inputs."""
    return Erfc.apply(input)


class Erfinv(Op):
    """out = the inverse of erf.   Saves: out."""

    def forward(self, x):
        out = self.k.erfinv(x)
        self.save(out)
        return out

    def backward(self, grad):
        (out,) = self.saved
        k = self.k
        return k.mul(grad, k.div(k.exp(k.mul(out, out)), TWO_OVER_SQRT_PI))


def erfinv(input):
    """The inverse of erf; infinite at -1 and 1."""
    return Erfinv.apply(input)


class Lgamma(Op):
    """out = log |gamma(x)|.   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.lgamma(x)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        return k.mul(grad, k.digamma(x))


def lgamma(input):
    """The logarithm of |gamma(input)|.

    >>> import minitorch as torch
    >>> torch.lgamma(torch.tensor([1., 4.]))
    tensor([0.0000, 1.7918])
    """
    return Lgamma.apply(input)


class Digamma(Op):
    """out = the derivative of lgamma(x).   Saves: x."""

    def forward(self, x):
        self.save(x)
        return self.k.digamma(x)

    def backward(self, grad):
        (x,) = self.saved
        return self.k.mul(grad, self.k.polygamma(1, x))


def digamma(input):
    """The derivative of lgamma."""
    return Digamma.apply(input)


class Polygamma(Op):
    """out = the n-th derivative of digamma(x).   Saves: x."""

    def forward(self, x, n):
        self.n = n
        self.save(x)
        return self.k.polygamma(n, x)

    def backward(self, grad):
        (x,) = self.saved
        return self.k.mul(grad, self.k.polygamma(self.n + 1, x))


def polygamma(n, input):
    """The n-th derivative of digamma."""
    if not isinstance(n, int):
        raise TypeError(f"polygamma(): argument 'n' (position 1) must be int, not {type(n).__name__}")
    if n < 0:
        raise RuntimeError(f"polygamma(n, x) does not support negative n, but got n = {n}")
    return digamma(input) if n == 0 else Polygamma.apply(input, n=n)


# --------------------------------------------------------------------------------------------------------- rounding


class Floor(Step):
    """out = the largest integer <= x."""

    def forward(self, x):
        return self.k.floor(x)


def floor(input):
    """The largest integer that is not above.

    >>> import minitorch as torch
    >>> torch.floor(torch.tensor([-1.5, 1.5]))
    tensor([-2.,  1.])
    """
    return Floor.apply(input)


class Ceil(Step):
    """out = the smallest integer >= x."""

    def forward(self, x):
        return self.k.ceil(x)


def ceil(input):
    """The smallest integer that is not below.

    >>> import minitorch as torch
    >>> torch.ceil(torch.tensor([-1.5, 1.5]))
    tensor([-1.,  2.])
    """
    return Ceil.apply(input)


class Round(Step):
    """out = the nearest integer, halves to even."""

    def forward(self, x, decimals):
        return self.k.round(x, decimals)


def round(input, decimals=0):
    """The nearest number with so many decimals, halves to the even neighbour.

    >>> import minitorch as torch
    >>> torch.round(torch.tensor([0.5, 1.5, 2.4]))
    tensor([0., 2., 2.])
    """
    return Round.apply(input, decimals=decimals)


class Trunc(Step):
    """out = x without its fraction."""

    def forward(self, x):
        return self.k.trunc(x)


def trunc(input):
    """The integer part.

    >>> import minitorch as torch
    >>> torch.trunc(torch.tensor([-1.5, 1.5]))
    tensor([-1.,  1.])
    """
    return Trunc.apply(input)


def frac(input):
    """The fraction: input - trunc(input). NotImplementedError for integers.

    >>> import minitorch as torch
    >>> torch.frac(torch.tensor([-1.5, 1.25]))
    tensor([-0.5000,  0.2500])
    """
    if not input.dtype.is_floating_point:
        raise dtypes.not_implemented("frac_cpu", input.dtype)
    return sub(input, trunc(input))


class NanToNum(Op):
    """out = x with its NaNs and infinities replaced.   Saves: x."""

    def forward(self, x, nan, posinf, neginf):
        self.save(x)
        return self.k.nan_to_num(x, nan, posinf, neginf)

    def backward(self, grad):
        (x,) = self.saved
        return self.k.where(self.k.isfinite(x), grad, 0.0)


def nan_to_num(input, nan=0.0, posinf=None, neginf=None):
    """Replace NaN, inf and -inf (by default with 0 and the largest and smallest number).

    >>> import minitorch as torch
    >>> torch.nan_to_num(torch.tensor([1., float('nan')]), nan=-1.)
    tensor([ 1., -1.])
    """
    return NanToNum.apply(input, nan=nan, posinf=posinf, neginf=neginf)


# ---------------------------------------------------------------------------------------------- comparison and logic


def eq(input, other):
    """input == other, elementwise.

    >>> import minitorch as torch
    >>> torch.eq(torch.tensor([1, 2]), 2)
    tensor([False,  True])
    """
    return compute("eq", input, other)


def ne(input, other):
    """input != other, elementwise."""
    return compute("ne", input, other)


def lt(input, other):
    """input < other, elementwise.

    >>> import minitorch as torch
    >>> torch.lt(torch.tensor([1, 2, 3]), 2)
    tensor([ True, False, False])
    """
    return compute("lt", input, other)


def le(input, other):
    """input <= other, elementwise."""
    return compute("le", input, other)


def gt(input, other):
    """input > other, elementwise."""
    return compute("gt", input, other)


def ge(input, other):
    """input >= other, elementwise.

    >>> import minitorch as torch
    >>> torch.ge(torch.tensor([1, 2, 3]), 2)
    tensor([False,  True,  True])
    """
    return compute("ge", input, other)


def isnan(input):
    """Which elements are NaN.

    >>> import minitorch as torch
    >>> torch.isnan(torch.tensor([1., float('nan')]))
    tensor([False,  True])
    """
    return compute("isnan", input)


def isinf(input):
    """Which elements are infinite."""
    return compute("isinf", input)


def isfinite(input):
    """Which elements are neither infinite nor NaN.

    >>> import minitorch as torch
    >>> torch.isfinite(torch.tensor([1., float('inf'), float('nan')]))
    tensor([ True, False, False])
    """
    return compute("isfinite", input)


def logical_and(input, other):
    """Both are not zero.

    >>> import minitorch as torch
    >>> torch.logical_and(torch.tensor([0, 1, 2]), torch.tensor([1, 1, 0]))
    tensor([False,  True, False])
    """
    check_tensors("logical_and", input=input, other=other)
    return compute("logical_and", input, other)


def logical_or(input, other):
    """At least one is not zero."""
    check_tensors("logical_or", input=input, other=other)
    return compute("logical_or", input, other)


def logical_xor(input, other):
    """Exactly one is not zero."""
    check_tensors("logical_xor", input=input, other=other)
    return compute("logical_xor", input, other)


def logical_not(input):
    """It is zero.

    >>> import minitorch as torch
    >>> torch.logical_not(torch.tensor([0, 1, 2]))
    tensor([ True, False, False])
    """
    return compute("logical_not", input)


def _bitwise(name, input, other):
    """NotImplementedError for floats: they have no bits to speak of."""
    for x in (input, other):
        if isinstance(x, float) or isinstance(x, TensorBase) and x.is_floating_point():
            found = "Float" if isinstance(x, float) else x.dtype.scalar_name
            raise NotImplementedError(f"\"{name}_cpu\" not implemented for '{found}'")
    return compute(name, _as_tensor(input, other), other)


def bitwise_and(input, other):
    """input & other, bit by bit; for bools, and.

    >>> import minitorch as torch
    >>> torch.bitwise_and(torch.tensor([5, 6]), 3)
    tensor([1, 2])
    """
    return _bitwise("bitwise_and", input, other)


def bitwise_or(input, other):
    """input | other, bit by bit; for bools, or."""
    return _bitwise("bitwise_or", input, other)


def bitwise_xor(input, other):
    """input ^ other, bit by bit; for bools, exclusive or."""
    return _bitwise("bitwise_xor", input, other)


def bitwise_not(input):
    """~input, bit by bit; for bools, not.

    >>> import minitorch as torch
    >>> torch.bitwise_not(torch.tensor([True, False]))
    tensor([False,  True])
    """
    return compute("bitwise_not", input)


def bitwise_left_shift(input, other):
    """input << other.

    >>> import minitorch as torch
    >>> torch.bitwise_left_shift(torch.tensor([1, 5]), 2)
    tensor([ 4, 20])
    """
    return _bitwise("bitwise_left_shift", input, other)


def bitwise_right_shift(input, other):
    """input >> other."""
    return _bitwise("bitwise_right_shift", input, other)


def isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """|input - other| <= atol + rtol * |other|, elementwise.

    >>> import minitorch as torch
    >>> torch.isclose(torch.tensor([1., 2.]), torch.tensor([1.000001, 2.1]))
    tensor([ True, False])
    """
    check_tensors("isclose", input=input, other=other)
    if input.dtype != other.dtype:
        raise RuntimeError(f"{input.dtype} did not match {other.dtype}")
    for name, tolerance in (("rtol", rtol), ("atol", atol)):
        if tolerance < 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {tolerance}")
    if input.dtype is dtypes.bool_:
        return eq(input, other)
    near = logical_and(isfinite(sub(input, other)), le(abs(sub(input, other)), add(abs(mul(other, rtol)), atol)))
    close = logical_or(eq(input, other), near)
    return logical_or(close, logical_and(isnan(input), isnan(other))) if equal_nan else close


def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Are all elements close? A Python bool.

    >>> import minitorch as torch
    >>> torch.allclose(torch.tensor([1., 2.]), torch.tensor([1.000001, 2.]))
    True
    """
    return builtins.bool(isclose(input, other, rtol, atol, equal_nan).array.all())


def equal(input, other):
    """Same shape, same elements? A Python bool.

    >>> import minitorch as torch
    >>> torch.equal(torch.tensor([1, 2]), torch.tensor([1, 3]))
    False
    """
    return input.array.shape == other.array.shape and builtins.bool((input.array == other.array).all())


# ------------------------------------------------------------------------------------------- choosing, casting, filling


class Where(Op):
    """out = a where the condition holds, else b.   Saves: condition."""

    def forward(self, condition, a, b):
        self.save(condition)
        return self.k.where(condition, a, b)

    def backward(self, grad):
        (condition,) = self.saved
        return None, self.k.where(condition, grad, 0.0), self.k.where(condition, 0.0, grad)


def where(condition, input=None, other=None):
    """input where the condition holds, else other; where(condition) is nonzero(condition, as_tuple=True).

    >>> import minitorch as torch
    >>> x = torch.tensor([-1., 2.])
    >>> torch.where(x > 0, x, 0.)
    tensor([0., 2.])
    """
    check_tensors("where", condition=condition)
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if condition.array.dtype.kind not in "bu":
        raise RuntimeError("where expected condition to be a boolean tensor, but got a tensor with dtype "
                           f"{condition.dtype}")
    return Where.apply(condition, input, other)


class Clamp(Op):
    """out = min(max(x, low), high) for numbers.   Saves: x."""

    torch_name = "ClampBackward1"

    def forward(self, x, low, high):
        self.low, self.high = low, high
        self.save(x)
        return self.k.clamp(x, low, high)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        if self.low is not None:
            grad = k.where(k.ge(x, self.low), grad, 0.0)
        return grad if self.high is None else k.where(k.le(x, self.high), grad, 0.0)


def clamp(input, min=None, max=None):
    """Limit to [min, max]; either bound may be left out, or be a tensor. NaN stays NaN.

    >>> import minitorch as torch
    >>> torch.clamp(torch.tensor([-2., 0.5, 3.]), min=0, max=1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if isinstance(min, TensorBase) or isinstance(max, TensorBase):
        out = input if min is None else maximum(input, min)
        return out if max is None else minimum(out, max)
    return Clamp.apply(input, low=min, high=max)


def clamp_min(input, min):
    """max(input, min)."""
    check_tensors("clamp_min", input=input)
    return clamp(input, min=min)


def clamp_max(input, max):
    """min(input, max)."""
    check_tensors("clamp_max", input=input)
    return clamp(input, max=max)


class Cast(Op):
    """out = x in another dtype: the gradient goes back to x's dtype."""

    torch_name = "ToCopyBackward0"

    def forward(self, x, dtype):
        return self.k.cast(x, dtype)

    def backward(self, grad):
        return grad


def cast(input, dtype):
    """A copy of `input` in another dtype: what Tensor.to(dtype) computes."""
    return Cast.apply(input, dtype=dtypes.to_numpy(dtype))


class Move(Op):
    """out = x on another device: the gradient goes back to where x is."""

    torch_name = "ToCopyBackward0"

    def forward(self, x, device):
        self.home = device_of(x)
        return place(x, device)

    def backward(self, grad):
        return move(grad, self.home) if self.records_backward else place(grad, self.home)


def move(input, device):
    """The tensor on another device (from `resolve`), or itself if it is there."""
    return input if input.device is device else Move.apply(input, device=device)


class Clone(Op):
    """out = a copy of x."""

    def forward(self, x):
        return self.k.clone(x)

    def backward(self, grad):
        return grad


def clone(input, *, memory_format=None):
    """A differentiable copy with memory of its own."""
    return Clone.apply(input)


class Contiguous(Op):
    """out = a C-contiguous copy of x."""

    torch_name = "CloneBackward0"

    def forward(self, x):
        return self.k.contiguous(x)

    def backward(self, grad):
        return grad


def contiguous(input):
    """The tensor itself if it is C-contiguous, else a contiguous copy."""
    return input if input.array.flags.c_contiguous else Contiguous.apply(input)


def full(size, fill_value, dtype):
    """A new tensor filled with a number. `dtype` is NumPy's; torch.full in creation.py takes torch's arguments."""
    return wrap(kernels_for(CPU).full(size, fill_value, dtypes.to_numpy(dtype)))


def addcmul(input, tensor1, tensor2, *, value=1):
    """input + value * tensor1 * tensor2.

    >>> import minitorch as torch
    >>> torch.addcmul(torch.tensor([1., 1.]), torch.tensor([1., 2.]), torch.tensor([3., 4.]), value=10)
    tensor([31., 81.])
    """
    return add(input, mul(tensor1, tensor2), alpha=value)


def addcdiv(input, tensor1, tensor2, *, value=1):
    """input + value * tensor1 / tensor2."""
    return add(input, div(tensor1, tensor2), alpha=value)


def lerp(input, end, weight):
    """input + weight * (end - input).

    >>> import minitorch as torch
    >>> torch.lerp(torch.tensor([0., 10.]), torch.tensor([1., 20.]), 0.5)
    tensor([ 0.5000, 15.0000])
    """
    if input.dtype is not end.dtype:
        raise RuntimeError(f"expected dtype {input.dtype.c_name} for `end` but got dtype {end.dtype.c_name}")
    return add(input, mul(sub(end, input), weight))
