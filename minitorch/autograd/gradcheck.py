"""Is the gradient right? Compare it with differences of the function itself: (f(x + eps) - f(x - eps)) / 2 eps."""
import warnings

import numpy as np

from ..differentiate import grad
from ..graph import TensorBase, wrap


class GradcheckError(RuntimeError):
    """Raised by gradcheck and gradgradcheck: the gradient is wrong."""


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, nondet_tol=0.0,
              check_undefined_grad=True, check_grad_dtypes=False, check_batched_grad=False,
              check_batched_forward_grad=False, check_forward_ad=False, check_backward_ad=True, fast_mode=False,
              masked=None):
    """True if backward agrees with finite differences, for every output and every input that requires grad (use
    float64).

    |analytical - numerical| <= atol + rtol * |numerical| for every element of the Jacobian; with `fast_mode`, for one
    random combination of them. Backward runs twice, and may differ by `nondet_tol`. GradcheckError if not, or False
    with `raise_exception=False`. The other options change nothing: each output is always differentiated without the
    others, the engine casts every gradient, and batched gradients and forward mode are made of backward passes.

    >>> import minitorch as torch
    >>> x = torch.rand(3, dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradcheck(lambda x: (x ** 3).sum(), x)
    True
    """
    inputs = (inputs,) if isinstance(inputs, TensorBase) else tuple(inputs)
    checked = _checked(inputs)
    try:
        for o, out in enumerate(_outputs(func, inputs)):
            for i in checked:
                check = _check_a_direction if fast_mode else _check_jacobian
                check(func, inputs, o, i, out, eps, atol, rtol, nondet_tol)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(func, inputs, grad_outputs=None, *, eps=1e-6, atol=1e-5, rtol=1e-3, gen_non_contig_grad_outputs=False,
                  raise_exception=True, nondet_tol=0.0, check_undefined_grad=True, check_grad_dtypes=False,
                  check_batched_grad=False, check_fwd_over_rev=False, check_rev_over_rev=True, fast_mode=False,
                  masked=False):
    """gradcheck of the gradient, as a function of the inputs and of `grad_outputs` (random unless given).

    >>> import minitorch as torch
    >>> x = torch.rand(3, dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradgradcheck(lambda x: (x ** 3).sum(), x)
    True
    """
    inputs = (inputs,) if isinstance(inputs, TensorBase) else tuple(inputs)
    _checked(inputs)
    if grad_outputs is None:
        grad_outputs = [_upstream(out, gen_non_contig_grad_outputs) for out in _outputs(func, inputs)]
    grad_outputs = (grad_outputs,) if isinstance(grad_outputs, TensorBase) else tuple(grad_outputs)

    def gradients(*args):
        args, upstream = args[: len(inputs)], args[len(inputs) :]
        wanted = [x for x in args if isinstance(x, TensorBase) and x.requires_grad]
        pairs = [(out, v) for out, v in zip(_outputs(func, args), upstream) if out.requires_grad]
        found = grad([out for out, _ in pairs], wanted, [v for _, v in pairs], create_graph=True, allow_unused=True)
        return [g for g in found if g is not None]

    return gradcheck(gradients, (*inputs, *grad_outputs), eps=eps, atol=atol, rtol=rtol,
                     raise_exception=raise_exception, nondet_tol=nondet_tol, fast_mode=fast_mode)


def _checked(inputs):
    """The positions of the inputs that require grad."""
    checked = [i for i, x in enumerate(inputs) if isinstance(x, TensorBase) and x.requires_grad]
    if not checked:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, but none of them have "
                         "requires_grad=True.")
    for i in checked:
        array = inputs[i].array
        if array.dtype != np.float64:
            warnings.warn(f"Input #{i} requires gradient and is not a double precision floating point or complex. "
                          "This check will likely "
                          "fail if all the inputs are not of double precision floating point or complex.", stacklevel=3)
        if any(stride == 0 and n > 1 for stride, n in zip(array.strides, array.shape)):
            raise RuntimeError(f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that "
                               "are non-overlapping to "
                               "be able to compute the numerical gradients correctly. You should call .contiguous on "
                               "the input before "
                               "passing it to gradcheck.")
    return checked


def _outputs(func, inputs):
    """The outputs that can have gradients."""
    out = func(*inputs)
    outputs = out if isinstance(out, (tuple, list)) else (out,)
    return [y for y in outputs if isinstance(y, TensorBase) and y.is_floating_point()]


def _upstream(out, strided):
    """A random dL/d(out) that requires grad; `strided`: not contiguous."""
    shape = out.array.shape
    array = np.asarray(np.random.default_rng(0).uniform(-1, 1, (*shape, 2) if strided else shape), out.array.dtype)
    return wrap(array[..., 0] if strided else array).requires_grad_()


def _difference(func, inputs, o, i, direction, eps):
    """The derivative of output o along a direction of input i, by central differences, flat: (output elements,)."""
    def at(step):
        x = inputs[i].array
        moved = wrap(np.asarray(x + step * direction.reshape(x.shape), x.dtype)).requires_grad_()
        return _outputs(func, [moved if j == i else x for j, x in enumerate(inputs)])[o].array.astype(np.float64)

    return ((at(eps) - at(-eps)) / (2 * eps)).reshape(-1)


def _gradient(out, x, upstream, nondet_tol):
    """What backward makes of an upstream gradient, flat: (input elements,)."""
    if not out.requires_grad:
        return np.zeros(x.array.size)
    upstream = wrap(upstream.reshape(out.array.shape).astype(out.array.dtype))
    first, again = (grad(out, x, upstream, retain_graph=True, materialize_grads=True)[0].array.reshape(-1)
                    for _ in range(2))
    if np.abs(first - again).max(initial=0) > nondet_tol:
        raise GradcheckError("Backward is not reentrant, i.e., running backward with same input and grad_output "
                             "multiple times gives "
                             f"different values. The tolerance for nondeterminism was {nondet_tol}.")
    return first


def _check_jacobian(func, inputs, o, i, out, eps, atol, rtol, nondet_tol):
    """Every d(output)/d(input): a difference for each element of the input, a backward for each of the output."""
    x = inputs[i]
    each_input, each_output = np.eye(x.array.size), np.eye(out.array.size)
    shape = (x.array.size, out.array.size)
    numerical = np.array([_difference(func, inputs, o, i, e, eps) for e in each_input]).reshape(shape)
    analytical = np.array([_gradient(out, x, e, nondet_tol) for e in each_output]).reshape(shape[::-1]).T
    _compare(numerical, analytical, o, i, out, atol, rtol)


def _check_a_direction(func, inputs, o, i, out, eps, atol, rtol, nondet_tol):
    """u . J v for random unit vectors: one difference and one backward."""
    rng = np.random.default_rng(o + i)
    v, u = (_unit(rng, x.array.size) for x in (inputs[i], out))
    numerical = _difference(func, inputs, o, i, v, eps) @ u
    analytical = v @ _gradient(out, inputs[i], u, nondet_tol)
    _compare(numerical, analytical, o, i, out, atol / max(1, out.array.size) ** 0.5, rtol)


def _unit(rng, n):
    v = rng.standard_normal(n)
    return v / np.linalg.norm(v) if n else v


def _compare(numerical, analytical, o, i, out, atol, rtol):
    if np.allclose(analytical, numerical, rtol, atol, equal_nan=True):
        return
    if not out.requires_grad:
        raise GradcheckError("Numerical gradient for function expected to be zero: it does not require grad, but "
                             "output "
                             f"{o} depends on input {i},\nnumerical:{numerical}")
    raise GradcheckError(f"Jacobian mismatch for output {o} with respect to input {i},\n"
                         f"numerical:{wrap(np.asarray(numerical))}\nanalytical:{wrap(np.asarray(analytical))}\n")
