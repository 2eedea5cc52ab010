"""The parts of numbers (sign, mantissa, exponent), their neighbours and divisors, and sums of logarithms."""
import math

from .. import dtypes, return_types
from ..engine import Op, TensorBase, compute, named
from ..graph import check_tensors
from .elementwise import Step, eq, full, mul, pow, sign

# ---------------------------------------------------------------------------------------------------------------- signs


class Copysign(Op):
    """out = |a| with the sign of b: slope out / a, and 0 at a = 0.   Saves: a, out."""

    def forward(self, a, b):
        out = self.k.copysign(a, b)
        self.save(a, out)
        return out

    def backward(self, grad):
        a, out = self.saved
        k = self.k
        return (k.mul(grad, k.where(k.eq(a, 0), 0.0, k.div(out, a))),
                k.full(grad.shape, 0, grad.dtype) if self.needs_input_grad[1] else None)


def copysign(input, other):
    """The size of `input` with the sign of `other`, a tensor or a number.

    >>> import minitorch as torch
    >>> torch.copysign(torch.tensor([1., -2.]), -0.)
    tensor([-1., -2.])
    """
    check_tensors("copysign", input=input)
    return Copysign.apply(input, other)


def heaviside(input, values):
    """The step function: 0 below zero, 1 above, `values` at zero. RuntimeError unless the dtypes agree.

    >>> import minitorch as torch
    >>> torch.heaviside(torch.tensor([-1., 0., 2.]), torch.tensor(0.5))
    tensor([0.0000, 0.5000, 1.0000])
    """
    check_tensors("heaviside", input=input, values=values)
    if input.dtype is not values.dtype:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes: got "
                           f"{input.dtype} and {values.dtype}")
    return compute("heaviside", input, values)


def sgn(input):
    """sign(input): of complex numbers, which minitorch does not have, it would be the direction.

    >>> import minitorch as torch
    >>> torch.sgn(torch.tensor([-2., 0., 3.]))
    tensor([-1.,  0.,  1.])
    """
    return named(sign(input), "SgnBackward0")


def signbit(input):
    """Which elements have a minus sign, -0 included.

    >>> import minitorch as torch
    >>> torch.signbit(torch.tensor([-1., 0., -0.]))
    tensor([ True, False,  True])
    """
    return compute("signbit", input)


class Angle(Step):
    """out = pi below zero, 0 above."""

    def forward(self, x):
        return self.k.angle(x)


def angle(input):
    """The angle in the complex plane: pi for negative numbers, 0 for the others, NaN for NaN.

    >>> import minitorch as torch
    >>> torch.angle(torch.tensor([-2., 3.]))
    tensor([3.1416, 0.0000])
    """
    return Angle.apply(input)


def isposinf(input):
    """Which elements are inf."""
    return eq(input, math.inf)


def isneginf(input):
    """Which elements are -inf."""
    return eq(input, -math.inf)


# ------------------------------------------------------------------------------- what real numbers have of complex ones


def real(input):
    """The real part: the tensor itself."""
    return input


def imag(input):
    """RuntimeError: real numbers have no imaginary part in torch."""
    raise RuntimeError(f"imag is not implemented for tensors with non-complex dtypes, but got {input.dtype}.")


def conj(input):
    """The complex conjugate: the tensor itself."""
    return input


conj_physical = resolve_conj = resolve_neg = conj


def is_complex(input):
    """False: minitorch has real numbers only."""
    return False


def is_conj(input):
    """False: nothing is conjugated."""
    return False


is_neg = is_conj


def isreal(input):
    """True everywhere.

    >>> import minitorch as torch
    >>> torch.isreal(torch.tensor([1., 2.]))
    tensor([True, True])
    """
    return full(input.array.shape, True, bool)


# ---------------------------------------------------------------------------- mantissas, exponents, neighbours, degrees


class Frexp(Op):
    """mantissa, exponent with x = mantissa * 2^exponent.   Saves: exponent."""

    def forward(self, x):
        mantissa, exponent = self.k.frexp(x)
        self.save(exponent)
        return mantissa, exponent

    def backward(self, grad, _):
        (exponent,) = self.saved
        return self.k.div(grad, self.k.exp2(exponent))


def frexp(input):
    """(mantissa, exponent): input = mantissa * 2^exponent with 0.5 <= |mantissa| < 1 and int32 exponents.

    >>> import minitorch as torch
    >>> tuple(torch.frexp(torch.tensor([1., 6.])))
    (tensor([0.5000, 0.7500]), tensor([1, 3], dtype=torch.int32))
    """
    if not input.dtype.is_floating_point:
        raise RuntimeError(f"torch.frexp() only supports floating-point dtypes, but got {input.dtype}")
    return return_types.frexp(*Frexp.apply(input))


def ldexp(input, other):
    """input * 2^other.

    >>> import minitorch as torch
    >>> torch.ldexp(torch.tensor([1., 3.]), torch.tensor([1, 2]))
    tensor([ 2., 12.])
    """
    check_tensors("ldexp", input=input, other=other)
    return mul(input, pow(2.0, other))


class Nextafter(Op):
    """out = the next floating-point number after a on the way to b: it moves with a, until a is b.   Saves: a, b."""

    def forward(self, a, b):
        self.save(a, b)
        return self.k.nextafter(a, b)

    def backward(self, grad):
        a, b = self.saved
        return self.k.mul(grad, self.k.ne(a, b)), None


def nextafter(input, other):
    """The next floating-point number after `input` on the way to `other`.

    >>> import minitorch as torch
    >>> torch.nextafter(torch.tensor(1.), torch.tensor(2.)) - 1
    tensor(1.1921e-07)
    """
    _only(dtypes.FLOATS, "nextafter_cpu", input, other)
    return Nextafter.apply(input, other)


def deg2rad(input):
    """Degrees as radians.

    >>> import minitorch as torch
    >>> torch.deg2rad(torch.tensor([180., 90.]))
    tensor([3.1416, 1.5708])
    """
    return named(mul(input, math.pi / 180), "Deg2RadBackward0")


def rad2deg(input):
    """Radians as degrees."""
    return named(mul(input, 180 / math.pi), "Rad2DegBackward0")


# -------------------------------------------------------------------------------------------------------- number theory


def gcd(input, other):
    """The greatest common divisor of integers.

    >>> import minitorch as torch
    >>> torch.gcd(torch.tensor([12, 7]), torch.tensor(18))
    tensor([6, 1])
    """
    check_tensors("gcd", input=input, other=other)
    _only("iu", "gcd_cpu", input, other)
    return compute("gcd", input, other)


def lcm(input, other):
    """The least common multiple of integers.

    >>> import minitorch as torch
    >>> torch.lcm(torch.tensor([4, 6]), torch.tensor(6))
    tensor([12,  6])
    """
    check_tensors("lcm", input=input, other=other)
    _only("iu", "lcm_cpu", input, other)
    return compute("lcm", input, other)


def _only(kinds, name, *inputs):
    """NotImplementedError for a tensor of another kind."""
    for x in inputs:
        if isinstance(x, TensorBase) and x.array.dtype.kind not in kinds:
            raise dtypes.not_implemented(name, x.dtype)


# --------------------------------------------------------------------------------------------------- sums of logarithms


class Logaddexp(Op):
    """out = log(exp(a) + exp(b)).   Saves: a, b."""

    def forward(self, a, b):
        self.save(a, b)
        return self.k.logaddexp(a, b)

    def backward(self, grad):
        a, b = self.saved
        k = self.k
        difference = k.sub(a, b)
        return k.mul(grad, k.sigmoid(difference)), k.mul(grad, k.sigmoid(k.neg(difference)))


def logaddexp(input, other):
    """log(exp(input) + exp(other)), without overflow.

    >>> import minitorch as torch
    >>> torch.logaddexp(torch.tensor(1000.), torch.tensor(1000.))
    tensor(1000.6932)
    """
    check_tensors("logaddexp", input=input, other=other)
    _only(dtypes.FLOATS, "logaddexp_cpu", input, other)
    return Logaddexp.apply(input, other)


class Logaddexp2(Op):
    """out = log2(2^a + 2^b).   Saves: a, b."""

    def forward(self, a, b):
        self.save(a, b)
        return self.k.logaddexp2(a, b)

    def backward(self, grad):
        a, b = self.saved
        k = self.k
        difference = k.mul(k.sub(a, b), math.log(2))
        return k.mul(grad, k.sigmoid(difference)), k.mul(grad, k.sigmoid(k.neg(difference)))


def logaddexp2(input, other):
    """log2(2^input + 2^other), without overflow.

    >>> import minitorch as torch
    >>> torch.logaddexp2(torch.tensor(3.), torch.tensor(3.))
    tensor(4.)
    """
    check_tensors("logaddexp2", input=input, other=other)
    _only(dtypes.FLOATS, "logaddexp2_cpu", input, other)
    return Logaddexp2.apply(input, other)
