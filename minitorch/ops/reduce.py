"""Reductions over dimensions, and scans along one.

`dim` is None (all dimensions), an int or a tuple of ints; `keepdim` keeps the reduced dimensions with size 1.
"""
import builtins
import math
import warnings

from .. import dtypes, return_types
from .._shapes import normalize_dim, normalize_dims
from ..engine import Op, TensorBase, compute, named
from .elementwise import cast, maximum, minimum, sqrt
from .shape import span


class Reduction(Op):
    """A function of the elements along `dim`: a tuple of dimensions, or None for all."""

    def forward(self, x, dim, keepdim):
        self.shape, self.dim, self.keepdim = x.shape, dim, keepdim
        return self.reduce(x)

    def restore(self, reduced):
        """(reduced shape) -> (the input's shape, with 1 for the reduced dimensions), which broadcasts against it."""
        if self.keepdim or self.dim is None:
            return reduced  # or ()
        return self.k.view(reduced, [1 if self.dim is None or d in self.dim else n for d, n in enumerate(self.shape)])

    def count(self):
        """How many elements make one result."""
        return math.prod(n for d, n in enumerate(self.shape) if self.dim is None or d in self.dim)


def _dims(dim, input):
    """torch's `dim` as the kernels take it: None, or a tuple of dimensions from the front. torch reads () as all."""
    if dim is None:
        return None
    dims = normalize_dims(dim, input.array.ndim)
    return dims if dims and input.array.ndim else None


def _in(dtype, input):
    return input if dtype is None else cast(input, dtypes.to_numpy(dtype))


# ------------------------------------------------------------------------------------------------------ sums, means


class Sum(Reduction):
    """out = sum of x over dim: every element gets its sum's gradient."""

    def forward(self, x, dim, keepdim):
        self.shape, self.dim, self.keepdim = x.shape, dim, keepdim
        return self.k.sum(x, dim, keepdim)

    def backward(self, grad):
        return self.k.expand(self.restore(grad), self.shape)


def sum(input, dim=None, keepdim=False, *, dtype=None):
    """The sum over `dim`; integers add up as int64.

    >>> import minitorch as torch
    >>> torch.sum(torch.ones(2, 3), dim=1)
    tensor([3., 3.])
    """
    out = Sum.apply(_in(dtype, input), dim=_dims(dim, input), keepdim=keepdim)
    return out if dim is None else named(out, "SumBackward1")


class SumTo(Op):
    """out = x summed over the dimensions in which `shape` was broadcast to x.shape."""

    def forward(self, x, shape):
        self.shape = x.shape
        return self.k.sum_to(x, shape)

    def backward(self, grad):
        return self.k.expand(grad, self.shape)


def sum_to(input, shape):
    """Tensor.sum_to_size: the transpose of expand.

    >>> import minitorch as torch
    >>> torch.ones(3, 2).sum_to_size(1, 2)
    tensor([[3., 3.]])
    """
    x = input.array.shape
    if shape and x == tuple(shape):
        return input
    if len(x) < len(shape) or builtins.any(n not in (1, m) for n, m in zip(shape, x[len(x) - len(shape) :])):
        raise RuntimeError(f"size {{{list(shape)}}} is not expandable to size {{{list(x)}}}.")
    return SumTo.apply(input, shape=shape)


class Mean(Reduction):
    """out = sum of x over dim / count."""

    def reduce(self, x):
        return self.k.mean(x, self.dim, self.keepdim)

    def backward(self, grad):
        return self.k.expand(self.k.div(self.restore(grad), builtins.max(self.count(), 1)), self.shape)


def mean(input, dim=None, keepdim=False, *, dtype=None):
    """The mean over `dim`. RuntimeError for integers: name a floating-point dtype.

    >>> import minitorch as torch
    >>> torch.mean(torch.tensor([[1., 2.], [3., 4.]]), dim=0)
    tensor([2., 3.])
    """
    which = "Input" if dtype is None else "Optional"
    input = _in(dtype, input)
    if not input.dtype.is_floating_point:
        raise RuntimeError(f"mean(): could not infer output dtype. {which} dtype must be either a floating point or "
                           f"complex dtype. Got: {input.dtype.scalar_name}")
    out = Mean.apply(input, dim=_dims(dim, input), keepdim=keepdim)
    return out if dim is None else named(out, "MeanBackward1")


class Var(Reduction):
    """out = sum((x - mean)^2) / (count - correction).   Saves: x."""

    def forward(self, x, dim, correction, keepdim):
        self.correction = correction
        self.save(x)
        return super().forward(x, dim, keepdim)

    def reduce(self, x):
        return self.k.var(x, self.dim, self.correction, self.keepdim)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        freedom = builtins.max(self.count() - self.correction, 0)
        centred = k.sub(x, k.mean(x, self.dim, True))
        return k.mul(k.mul(self.restore(grad), 2.0 / freedom if freedom else math.nan), centred)


def var(input, dim=None, correction=1, keepdim=False, *, unbiased=None):
    """The variance over `dim`: sum((x - mean)^2) / (count - correction). `unbiased=False` means correction 0.

    >>> import minitorch as torch
    >>> torch.var(torch.tensor([1., 2., 4.]))
    tensor(2.3333)
    """
    return _var("var", input, dim, correction, keepdim, unbiased)


def _var(name, input, dim, correction, keepdim, unbiased):
    dim, correction = _old_unbiased(dim, correction, unbiased)
    if not input.dtype.is_floating_point:
        raise RuntimeError("std and var only support floating point and complex dtypes")
    out = Var.apply(input, dim=_dims(dim, input), correction=correction, keepdim=keepdim)
    if out.array.size and input.array.size // out.array.size <= correction:
        warnings.warn(f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the reduction "
                      "factor (input numel divided by output numel).", stacklevel=3)
    return out


def _old_unbiased(dim, correction, unbiased):
    """torch also takes `unbiased` for the correction, and in the place of `dim`."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if isinstance(correction, bool):
        correction = int(correction)
    if unbiased is not None:
        correction = int(unbiased)
    return dim, 1 if correction is None else correction


def std(input, dim=None, correction=1, keepdim=False, *, unbiased=None):
    """The standard deviation over `dim`: the square root of `var`.

    >>> import minitorch as torch
    >>> torch.std(torch.tensor([1., 2., 4.]))
    tensor(1.5275)
    """
    return named(sqrt(_var("std", input, dim, correction, keepdim, unbiased)), "StdBackward0")


def var_mean(input, dim=None, correction=1, keepdim=False, *, unbiased=None):
    """(variance, mean).

    >>> import minitorch as torch
    >>> torch.var_mean(torch.tensor([1., 2., 3.]))
    (tensor(1.), tensor(2.))
    """
    over = None if isinstance(dim, bool) else dim  # a bool is the old `unbiased`
    return var(input, dim, correction, keepdim, unbiased=unbiased), mean(input, over, keepdim)


def std_mean(input, dim=None, correction=1, keepdim=False, *, unbiased=None):
    """(standard deviation, mean)."""
    over = None if isinstance(dim, bool) else dim  # a bool is the old `unbiased`
    return std(input, dim, correction, keepdim, unbiased=unbiased), mean(input, over, keepdim)


class VectorNorm(Reduction):
    """out = (sum |x|^p)^(1/p): slope sign(x) * (|x| / out)^(p-1), 0 where out is 0.   Saves: x, out."""

    torch_name = "LinalgVectorNormBackward0"

    def forward(self, x, p, dim, keepdim):
        self.p = p
        return super().forward(x, dim, keepdim)

    def reduce(self, x):
        out = self.k.vector_norm(x, self.p, self.dim, self.keepdim)
        self.save(x, out)
        return out

    def backward(self, grad):
        x, out = self.saved
        k, p = self.k, self.p
        out, grad = self.restore(out), self.restore(grad)
        if p == 0:
            return None
        if abs(p) == math.inf:  # those that reach the extreme share its gradient
            winners = k.eq(k.abs(x), out)
            return k.mul(k.mul(winners, k.sign(x)), k.div(grad, k.sum(winners, self.dim, True)))
        if p == 1:
            return k.mul(grad, k.sign(x))
        if p == 2:
            return k.mul(grad, k.where(k.eq(out, 0), 0.0, k.div(x, out)))
        scale = k.where(k.eq(out, 0), 0.0, k.div(grad, k.pow(out, p - 1)))
        if p > 2:
            return k.mul(k.mul(x, k.pow(k.abs(x), p - 2)), scale)
        return k.mul(k.mul(k.sign(x), k.where(k.eq(x, 0), 0.0, k.pow(k.abs(x), p - 1))), scale)


def vector_norm(input, ord=2, dim=None, keepdim=False, *, dtype=None):
    """The norm of all elements, or of the vectors along `dim`, as torch.linalg.vector_norm.

    >>> import minitorch as torch
    >>> torch.tensor([[3., 4.], [0., 2.]]).norm(dim=1)
    tensor([5., 2.])
    """
    _check_norm(input, ord, dim, dtype)
    return VectorNorm.apply(_in(dtype, input), p=ord, dim=_dims(dim, input), keepdim=keepdim)


def _check_norm(input, ord, dim, dtype):
    name = "linalg.vector_norm"
    if not input.dtype.is_floating_point:
        raise RuntimeError(f"{name}: Expected a floating point or complex tensor as input. Got "
                           f"{input.dtype.scalar_name}")
    if dtype is not None and not dtypes.of_numpy(dtypes.to_numpy(dtype)).is_floating_point:
        raise RuntimeError(f"{name}: dtype should be floating point or complex, but got {dtype.scalar_name}")
    if dtype is not None and dtypes.promote_types(input.dtype, dtype) is not dtype:
        raise RuntimeError(f"{name}: the dtype of the input ({input.dtype.scalar_name}) should be convertible without "
                           f"narrowing to the specified dtype ({dtype.scalar_name})")
    if input.array.size or 0 <= ord < math.inf:
        return
    for d in _dims(dim, input) or ():
        if input.array.shape[d] == 0:
            raise RuntimeError(f"{name} cannot compute the {ord} norm on the dimension {d}because this dimension is "
                               "empty and the operation does not have an identity")
    if _dims(dim, input) is None:
        raise RuntimeError(f"{name} cannot compute the {ord} norm on an empty tensor because the operation does not "
                           "have an identity")


class Logsumexp(Reduction):
    """out = log(sum(exp(x))).   Saves: x, out."""

    def reduce(self, x):
        out = self.k.logsumexp(x, self.dim, self.keepdim)
        self.save(x, out)
        return out

    def backward(self, grad):
        x, out = self.saved
        k = self.k
        out = self.restore(out)
        return k.mul(self.restore(grad), k.exp(k.sub(x, k.where(k.isinf(out), 0.0, out))))


def logsumexp(input, dim, keepdim=False):
    """log(sum(exp(x))) over `dim`, without overflow.

    >>> import minitorch as torch
    >>> torch.logsumexp(torch.tensor([1000., 1000.]), dim=0)
    tensor(1000.6932)
    """
    return Logsumexp.apply(input, dim=_dims(dim, input), keepdim=keepdim)


class Prod(Reduction):
    """out = product of x over dim, one or all.   Saves: x."""

    def reduce(self, x):
        self.save(x)
        return self.k.prod(x, self.dim, self.keepdim)

    def backward(self, grad):
        (x,) = self.saved
        k = self.k
        if self.dim is not None:
            return k.mul(self.restore(grad), _product_of_others(k, x, self.dim[0]))
        others = _product_of_others(k, k.view(k.contiguous(x), (self.count(),)), 0)  # (...) -> (count)
        return k.mul(k.view(others, self.shape), grad)  # (count) -> (...), times a 0-d gradient


def _product_of_others(k, x, dim):
    """out[i] = product of x[j] over j != i: of all before i, times of all after i. So a zero does no harm."""
    n = x.shape[dim]
    if n == 0:
        return x
    one = k.pow(k.basic_index(x, span(dim, 0, 1)), 0)
    all_but_last, all_but_first = k.basic_index(x, span(dim, 0, n - 1)), k.basic_index(x, span(dim, 1, n))
    before = k.cat([one, k.cumprod(all_but_last, dim)], dim)
    after = k.flip(k.cat([one, k.cumprod(k.flip(all_but_first, (dim,)), dim)], dim), (dim,))
    return k.mul(before, after)


def prod(input, dim=None, keepdim=False, *, dtype=None):
    """The product over one dimension, or over all.

    >>> import minitorch as torch
    >>> torch.prod(torch.tensor([1., 2., 3.]))
    tensor(6.)
    """
    out = Prod.apply(_in(dtype, input), dim=_dims(dim, input), keepdim=keepdim)
    return out if dtype is None else _in(dtype, out)


# ---------------------------------------------------------------------------------------------------------- extremes


class Extreme(Reduction):
    """The largest or smallest element; those that equal it share its gradient.   Saves: x, out."""

    def backward(self, grad):
        x, out = self.saved
        k, out = self.k, self.restore(out)
        winners = k.logical_or(k.eq(x, out), k.logical_and(k.isnan(x), k.isnan(out)))
        return k.mul(winners, k.div(self.restore(grad), k.sum(winners, self.dim, True)))


class Amax(Extreme):
    """out = the largest x over dim."""

    def reduce(self, x):
        out = self.k.amax(x, self.dim, self.keepdim)
        self.save(x, out)
        return out


class Amin(Extreme):
    """out = the smallest x over dim."""

    def reduce(self, x):
        out = self.k.amin(x, self.dim, self.keepdim)
        self.save(x, out)
        return out


def amax(input, dim=None, keepdim=False):
    """The largest element over `dim`; equals share the gradient. IndexError over no elements.

    >>> import minitorch as torch
    >>> torch.amax(torch.tensor([[1., 3.], [5., 2.]]), dim=0)
    tensor([5., 3.])
    """
    _check_not_empty("amax", input, dim)
    return Amax.apply(input, dim=_dims(dim, input), keepdim=keepdim)


def amin(input, dim=None, keepdim=False):
    """The smallest element over `dim`; equals share the gradient. IndexError over no elements.

    >>> import minitorch as torch
    >>> torch.amin(torch.tensor([[1., 3.], [5., 2.]]), dim=0)
    tensor([1., 2.])
    """
    _check_not_empty("amin", input, dim)
    return Amin.apply(input, dim=_dims(dim, input), keepdim=keepdim)


def _check_not_empty(name, input, dim):
    shape = input.array.shape
    if dim is None and 0 in shape:
        error = IndexError if name.startswith("arg") else RuntimeError
        raise error(f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
                    "reduction dim with the 'dim' argument.")
    for d in normalize_dims(dim, len(shape)):
        if shape and shape[d] == 0:
            raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")


def aminmax(input, *, dim=None, keepdim=False):
    """(smallest, largest)."""
    if dim is None and not input.array.size:
        raise RuntimeError("aminmax(): cannot compute aminmax over an empty dimension as the operation has no "
                           "identity.")
    return return_types.aminmax(amin(input, dim, keepdim), amax(input, dim, keepdim))


class Pick(Op):
    """(values, indices): elements chosen along `dim`, to which the gradient of the values goes.   Saves: indices.

    Subclasses choose, in `pick`. `keepdim=False` says that they dropped the dimension.
    """

    def forward(self, x, dim, keepdim=True, **how):
        self.form, self.dim, self.keepdim = (x.shape, x.dtype), dim, keepdim
        values, indices = self.pick(x, **how)
        self.save(indices)
        return values, indices

    def backward(self, grad, _):
        (indices,) = self.saved
        k, (shape, dtype) = self.k, self.form
        if not self.keepdim and shape:  # (..., ...) -> (..., 1, ...): the reduced dimension comes back
            kept = shape[: self.dim] + (1,) + shape[self.dim + 1 :]
            grad, indices = k.view(k.contiguous(grad), kept), k.view(k.contiguous(indices), kept)
        return k.scatter_add(k.full(shape, 0, dtype), self.dim, indices, grad)


class Max(Pick):
    """The largest along dim; the first of equals."""

    def pick(self, x):
        return self.k.max(x, self.dim, self.keepdim)


class Min(Pick):
    """The smallest along dim; the first of equals."""

    def pick(self, x):
        return self.k.min(x, self.dim, self.keepdim)


def max(input, dim=None, keepdim=False):
    """The largest element; with `dim`, (values, indices) along it; with a tensor in its place, elementwise `maximum`.

    >>> import minitorch as torch
    >>> values, indices = torch.max(torch.tensor([[1., 3.], [5., 2.]]), dim=1)
    >>> values, indices
    (tensor([3., 5.]), tensor([1, 0]))
    """
    if isinstance(dim, TensorBase):
        return maximum(input, dim)
    _check_not_empty("max", input, dim)
    if dim is None:
        return named(Amax.apply(input, dim=None, keepdim=False), "MaxBackward1")
    return return_types.max(*Max.apply(input, dim=normalize_dim(dim, input.array.ndim), keepdim=keepdim))


def min(input, dim=None, keepdim=False):
    """The smallest element; with `dim`, (values, indices) along it; with a tensor for `dim`, `minimum`.

    >>> import minitorch as torch
    >>> torch.min(torch.tensor([4., 1., 3.]))
    tensor(1.)
    """
    if isinstance(dim, TensorBase):
        return minimum(input, dim)
    _check_not_empty("min", input, dim)
    if dim is None:
        return named(Amin.apply(input, dim=None, keepdim=False), "MinBackward1")
    return return_types.min(*Min.apply(input, dim=normalize_dim(dim, input.array.ndim), keepdim=keepdim))


def argmax(input, dim=None, keepdim=False):
    """Where the largest element is: in the flattened tensor, or along `dim`. The first of equals, the first NaN.

    >>> import minitorch as torch
    >>> torch.tensor([[1., 3.], [5., 2.]]).argmax(dim=1)
    tensor([1, 0])
    """
    return _argument("argmax", input, dim, keepdim)


def argmin(input, dim=None, keepdim=False):
    """Where the smallest element is.

    >>> import minitorch as torch
    >>> torch.argmin(torch.tensor([4., 1., 3.]))
    tensor(1)
    """
    return _argument("argmin", input, dim, keepdim)


def _argument(name, input, dim, keepdim):
    _check_not_empty(name, input, dim)
    if input.dtype is dtypes.bool_:
        raise RuntimeError(f"{name}(): does not support bool input")
    if dim is not None:
        dim = normalize_dim(dim, input.array.ndim) if input.array.ndim else None
    return compute(name, input, dim=dim, keepdim=keepdim)


# ------------------------------------------------------------------------------------------------- truth and counting


def any(input, dim=None, keepdim=False):
    """Is one element over `dim` not zero?

    >>> import minitorch as torch
    >>> torch.any(torch.tensor([[0, 1], [0, 0]]), dim=1)
    tensor([ True, False])
    """
    return compute("any", input, dim=_dims(dim, input), keepdim=keepdim)


def all(input, dim=None, keepdim=False):
    """Are all elements over `dim` not zero?

    >>> import minitorch as torch
    >>> torch.all(torch.tensor([[True, True], [True, False]]), dim=1)
    tensor([ True, False])
    """
    return compute("all", input, dim=_dims(dim, input), keepdim=keepdim)


def count_nonzero(input, dim=None):
    """How many elements over `dim` are not zero.

    >>> import minitorch as torch
    >>> torch.count_nonzero(torch.tensor([[0, 1], [2, 3]]), dim=1)
    tensor([1, 2])
    """
    return compute("count_nonzero", input, dim=_dims(dim, input))


# ------------------------------------------------------------------------------------------------------------- scans


class Cumsum(Op):
    """out[i] = x[0] + ... + x[i]: x[i] gets the gradients from i on."""

    def forward(self, x, dim):
        self.dim = dim
        return self.k.cumsum(x, dim)

    def backward(self, grad):
        k = self.k
        if not grad.shape:
            return grad
        return k.flip(k.cumsum(k.flip(grad, (self.dim,)), self.dim), (self.dim,))


def cumsum(input, dim, *, dtype=None):
    """The running sum along `dim`.

    >>> import minitorch as torch
    >>> torch.cumsum(torch.tensor([1, 2, 3]), dim=0)
    tensor([1, 3, 6])
    """
    return Cumsum.apply(_in(dtype, input), dim=normalize_dim(dim, input.array.ndim))


class Cumprod(Op):
    """out[i] = x[0] * ... * x[i].   Saves: x, out."""

    def forward(self, x, dim):
        self.dim = dim
        out = self.k.cumprod(x, dim)
        self.save(x, out)
        return out

    def backward(self, grad):
        x, out = self.saved
        k, dim = self.k, self.dim
        if not grad.shape:
            return grad
        # dx[i] = sum over j >= i of grad[j] * product of x[..j] without x[i]: one step a position, right with zeros
        parts, n = [], x.shape[dim]
        one = k.pow(k.basic_index(x, span(dim, 0, 1)), 0)
        for i in range(n):
            before = k.basic_index(out, span(dim, i - 1, i)) if i else one
            without = k.cumprod(k.cat([before, k.basic_index(x, span(dim, i + 1, n))], dim), dim)
            parts.append(k.sum(k.mul(k.basic_index(grad, span(dim, i, n)), without), (dim,), True))
        return k.cat(parts, dim) if parts else grad


def cumprod(input, dim, *, dtype=None):
    """The running product along `dim`.

    >>> import minitorch as torch
    >>> torch.cumprod(torch.tensor([1., 2., 3.]), dim=0)
    tensor([1., 2., 6.])
    """
    return Cumprod.apply(_in(dtype, input), dim=normalize_dim(dim, input.array.ndim))


class Cummax(Pick):
    """The largest so far along dim."""

    def pick(self, x):
        return self.k.cummax(x, self.dim)


class Cummin(Pick):
    """The smallest so far along dim."""

    def pick(self, x):
        return self.k.cummin(x, self.dim)


def cummax(input, dim):
    """(running maximum, where it is) along `dim`.

    >>> import minitorch as torch
    >>> torch.cummax(torch.tensor([1., 3., 2.]), dim=0).values
    tensor([1., 3., 3.])
    """
    return return_types.cummax(*Cummax.apply(input, dim=normalize_dim(dim, input.array.ndim)))


def cummin(input, dim):
    """(running minimum, where it is) along `dim`."""
    return return_types.cummin(*Cummin.apply(input, dim=normalize_dim(dim, input.array.ndim)))
