"""Functions of numbers that kernels may call: those of the GPU's mathematics library; in the simulator, NumPy's.

The library has each function twice, as sinf for float32 and sin for float64; here `sin` takes either.
"""
import numpy as np

from ._runtime import COMPILED

if COMPILED:
    from numba.cuda import libdevice, types
    from numba.cuda.extending import overload

    def _function(name, twin):
        single, double = getattr(libdevice, name + "f"), getattr(libdevice, name)

        def function(x):
            """Known to the compiler by its overload."""

        @overload(function)
        def choose(x):
            of_type = single if x == types.float32 else double
            return lambda x: of_type(x)

        return function

    def _function_of_two(name, twin):
        single, double = getattr(libdevice, name + "f"), getattr(libdevice, name)

        def function(x, y):
            """Known to the compiler by its overload."""

        @overload(function)
        def choose(x, y):
            of_type = single if x == types.float32 else double
            return lambda x, y: of_type(x, y)

        return function
else:
    def _function(name, twin):
        return twin

    _function_of_two = _function


def _special(name):
    """SciPy's function, imported when it is first called."""
    def function(x):
        from scipy import special
        return getattr(special, name)(x)
    return function


acos, acosh = _function("acos", np.arccos), _function("acosh", np.arccosh)
asin, asinh = _function("asin", np.arcsin), _function("asinh", np.arcsinh)
atan, atanh = _function("atan", np.arctan), _function("atanh", np.arctanh)
cos, cosh, sin, sinh, tan, tanh = [_function(name, getattr(np, name)) for name in "cos cosh sin sinh tan tanh".split()]
exp, exp2, expm1 = [_function(name, getattr(np, name)) for name in "exp exp2 expm1".split()]
log, log2, log10, log1p = [_function(name, getattr(np, name)) for name in "log log2 log10 log1p".split()]
sqrt, rsqrt = _function("sqrt", np.sqrt), _function("rsqrt", lambda x: 1 / np.sqrt(x))
ceil, floor, rint, trunc = [_function(name, getattr(np, name)) for name in "ceil floor rint trunc".split()]
erf, erfc, erfinv = [_function(name, _special(name)) for name in "erf erfc erfinv".split()]
lgamma = _function("lgamma", lambda x: _special("gammaln")(abs(x) if np.isinf(x) else x))  # SciPy says -inf at -inf
atan2, hypot = _function_of_two("atan2", np.arctan2), _function_of_two("hypot", np.hypot)
copysign, fmod, pow = [_function_of_two(name, twin) for name, twin in [
    ("copysign", np.copysign), ("fmod", np.fmod), ("pow", np.power)]]
nextafter = _function_of_two("nextafter", np.nextafter)
