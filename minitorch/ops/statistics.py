"""Statistics: quantiles, modes, histograms, covariances; differences and integrals of samples; running log-sum-exps."""
import builtins
import math
import warnings

import numpy as np

from .. import dtypes, return_types
from .._shapes import normalize_dim, normalize_dims
from ..engine import Op, TensorBase, compute, named, unwrap, wrap
from .elementwise import (
    add, cast, ceil, clamp, clone, div, floor, isnan, lerp, logical_xor, lt, mul, round, sqrt, sub, where)
from .index import Kthvalue, gather, sort
from .matmul import matmul
from .reduce import _check_not_empty as check_not_empty, Pick, cumsum, sum
from .shape import basic_index, cat, diagonal, movedim, reshape, span, squeeze, transpose, unsqueeze, view

# --------------------------------------------------------------------------------------------------------- skipping NaN


def nansum(input, dim=None, keepdim=False, *, dtype=None):
    """The sum over `dim` of what is not NaN.

    >>> import minitorch as torch
    >>> torch.nansum(torch.tensor([1., float('nan'), 2.]))
    tensor(3.)
    """
    numbers = where(isnan(input), 0.0, input) if input.dtype.is_floating_point else input
    return sum(numbers, dim, keepdim, dtype=dtype)


def nanmean(input, dim=None, keepdim=False, *, dtype=None):
    """The mean over `dim` of what is not NaN.

    >>> import minitorch as torch
    >>> torch.nanmean(torch.tensor([1., float('nan'), 2.]))
    tensor(1.5000)
    """
    if not input.dtype.is_floating_point:
        raise RuntimeError("nanmean(): expected input to have floating point or complex dtype but got "
                           f"{input.dtype.scalar_name}")
    count = sum(isnan(input).logical_not(), dim, keepdim)
    return div(nansum(input, dim, keepdim, dtype=dtype), count)


class Nanmedian(Kthvalue):
    """The lower middle of what is not NaN in x along dim."""

    torch_name = "NanmedianBackward1"

    def pick(self, x):
        k, n = self.k, x.shape[self.dim] if x.shape else 1
        numbers = k.sub(n, k.sum(k.isnan(x), self.dim, True))
        return self.at(x, k.clamp(k.floor_divide(k.sub(numbers, 1), 2), 0))


def nanmedian(input, dim=None, keepdim=False):
    """The middle value (the lower of two) of what is not NaN: of all, or (values, indices) along `dim`.

    >>> import minitorch as torch
    >>> torch.nanmedian(torch.tensor([4., float('nan'), 3., 2.]))
    tensor(3.)
    """
    if dim is None:
        if input.array.size == 0:
            return input.median()
        return named(Nanmedian.apply(reshape(input, (-1,)), dim=0, keepdim=False)[0], "NanmedianBackward0")
    return return_types.nanmedian(*Nanmedian.apply(input, dim=_nonempty("nanmedian", input, dim), keepdim=keepdim))


def _nonempty(name, input, dim):
    """The dimension, counted from the front. IndexError if it is empty."""
    check_not_empty(name, input, dim)
    return normalize_dim(dim, input.array.ndim)


# -------------------------------------------------------------------------------------------------- quantiles and modes


def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """The value below which a share q of the elements lies, of all or along `dim`; NaN if there is one.

    q is a number or a vector, which becomes the first dimension of the result. A position between two elements gives
    what `interpolation` says: "linear", "lower", "higher", "midpoint" or "nearest".

    >>> import minitorch as torch
    >>> torch.quantile(torch.tensor([1., 2., 4.]), torch.tensor([0.5, 0.75]))
    tensor([2., 3.])
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation)


def nanquantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """As quantile, of what is not NaN.

    >>> import minitorch as torch
    >>> torch.nanquantile(torch.tensor([1., float('nan'), 4.]), 0.5)
    tensor(2.5000)
    """
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation)


def _quantile(name, input, q, dim, keepdim, interpolation):
    q = _check_quantile(name, input, q, interpolation)
    shape, ndim = input.array.shape, input.array.ndim
    if dim is None or ndim == 0:
        x, kept = reshape(input, (-1,)), (1,) * ndim  # (...) -> (n)
    else:
        dim = normalize_dim(dim, ndim)
        x, kept = movedim(input, dim, -1), shape[:dim] + (1,) + shape[dim + 1 :]  # (..., n)
    order, n = sort(x).values, x.array.shape[-1]
    count = sum(isnan(x).logical_not(), -1, True)  # (..., n) -> (..., 1)
    shares = reshape(q, (-1,))  # (Q)
    if name == "nanquantile":
        place = clamp(mul(shares, sub(count, 1)), min=0)  # (..., Q); with nothing but NaN the first
    else:
        place = where(lt(count, n), float(n - 1), mul(shares, n - 1))  # (..., Q); with a NaN the last, which is NaN
    values = _between(order, place, interpolation)
    if keepdim:
        kept = (*q.array.shape, *kept)
    else:
        kept = (*q.array.shape, *x.array.shape[:-1])
    return reshape(movedim(values, -1, 0), kept)  # (..., Q) -> (Q, ...) -> the same without Q, or with a 1 at dim


def _check_quantile(name, input, q, interpolation):
    """torch's rules for quantile; q as a tensor."""
    if input.array.size == 0:
        raise RuntimeError(f"{name}() input tensor must be non-empty")
    if input.array.dtype not in (np.float32, np.float64):
        raise RuntimeError(f"{name}() input tensor must be either float or double dtype")
    if not isinstance(q, TensorBase):
        if not 0 <= q <= 1:
            raise RuntimeError(f"{name}() q must be in the range [0, 1] but got {q}")
        q = wrap(np.asarray(q, input.array.dtype))
    if q.array.ndim > 1:
        raise RuntimeError(f"{name}() q must be a scalar or 1D tensor")
    if q.array.dtype != input.array.dtype:
        raise RuntimeError(f"{name}() q tensor must be same dtype as the input tensor")
    if not ((q.array >= 0) & (q.array <= 1)).all():
        raise RuntimeError(f"{name}() q values must be in the range [0, 1]")
    if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise RuntimeError(f"{name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got "
                           f"{interpolation}")
    return q


def _between(order, place, interpolation):
    """The elements of order (..., n) at fractional places (..., Q)."""
    def at(whole):
        return gather(order, -1, cast(whole, np.dtype(np.int64)))

    rounded = {"lower": floor, "higher": ceil, "nearest": round}
    if interpolation in rounded:
        return at(rounded[interpolation](place))
    below = floor(place)
    weight = 0.5 if interpolation == "midpoint" else sub(place, below)
    return lerp(at(below), at(ceil(place)), weight)


class Mode(Pick):
    """The most frequent of x along dim."""

    def pick(self, x):
        return self.k.mode(x, self.dim, self.keepdim)


def mode(input, dim=-1, keepdim=False):
    """(value, index) of the most frequent element along `dim`; the smallest of several, at its last place.

    >>> import minitorch as torch
    >>> torch.mode(torch.tensor([3, 1, 1, 2])).values
    tensor(1)
    """
    return return_types.mode(*Mode.apply(input, dim=_nonempty("mode", input, dim), keepdim=keepdim))


# ----------------------------------------------------------------------------------------------------------- covariance


def cov(input, *, correction=1, fweights=None, aweights=None):
    """The covariances of variables (rows) over observations (columns); a vector is one variable.

    `fweights` (integers) say how often an observation counts, `aweights` how important it is.

    >>> import minitorch as torch
    >>> torch.cov(torch.tensor([[1., 2., 3.], [3., 2., 1.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    shape = input.array.shape
    if len(shape) > 2:
        raise RuntimeError(f"cov(): expected input to have two or fewer dimensions but got an input with {len(shape)} "
                           "dimensions")
    x = input if len(shape) == 2 else reshape(input, (1, -1))  # (n) -> (1, n)
    n = x.array.shape[1]
    _check_weights("fweights", fweights, n, "iu", "integral")
    _check_weights("aweights", aweights, n, dtypes.FLOATS, "floating point")
    weights = aweights if fweights is None else fweights if aweights is None else mul(fweights, aweights)
    if weights is None:
        total, weighted = n, x
    else:
        total, weighted = sum(weights), mul(x, weights)
    x = sub(x, div(sum(weighted, 1, True), total))  # the mean of each row: (variables, 1)
    if aweights is not None and correction:
        freedom = sub(total, mul(div(sum(mul(weights, aweights)), total), correction))
    else:
        freedom = total - correction
    if float(freedom) <= 0:
        warnings.warn("cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of "
                      "observations.", stacklevel=2)
        freedom = 0
    weighted = x if weights is None else mul(x, weights)
    out = div(matmul(weighted, transpose(x, 0, 1)), freedom)  # (variables, n) @ (n, variables)
    return squeeze(out)  # (1, 1) -> ()


def _check_weights(name, weights, n, kinds, wanted):
    if weights is None:
        return
    found = weights.array
    if found.ndim > 1:
        raise RuntimeError(f"cov(): expected {name} to have one or fewer dimensions but got {name} with {found.ndim} "
                           "dimensions")
    if found.dtype.kind not in kinds:
        raise RuntimeError(f"cov(): expected {name} to have {wanted} dtype but got {name} with {weights.dtype} dtype")
    if found.size != n:
        raise RuntimeError(f"cov(): expected {name} to have the same numel as there are observations in the input but "
                           f"got {found.size} != {n}")
    if (found < 0).any():
        raise RuntimeError(f"cov(): {name} cannot be negative")


def corrcoef(input):
    """The correlations of variables (rows) over observations (columns).

    >>> import minitorch as torch
    >>> torch.corrcoef(torch.tensor([[1., 2., 3.], [3., 2., 1.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if input.array.ndim > 2:
        raise RuntimeError("corrcoef(): expected input to have two or fewer dimensions but got an input with "
                           f"{input.array.ndim} dimensions")
    c = cov(input)
    if c.array.ndim == 0:
        return div(c, c)
    deviation = sqrt(diagonal(c))  # (variables)
    return clamp(div(div(c, unsqueeze(deviation, 1)), deviation), -1, 1)


# ----------------------------------------------------------------------------------------------------------- histograms


def histc(input, bins=100, min=0, max=0):
    """How many elements fall into each of `bins` equal parts of [min, max], by default of what the elements span.

    >>> import minitorch as torch
    >>> torch.histc(torch.tensor([1., 2., 1.]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])
    """
    array = input.array
    if not input.dtype.is_floating_point:
        raise dtypes.not_implemented("histogram_cpu", input.dtype)
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    if min == max and array.size:
        min, max = float(array.min()), float(array.max())
    if min == max:
        min, max = min - 1, max + 1
    if not (math.isfinite(min) and math.isfinite(max)):
        raise RuntimeError(f"torch.histc: range of [{min}, {max}] is not finite")
    if min > max:
        raise RuntimeError(f"torch.histc: max must be larger than min, but got min {min} and max {max}")
    return compute("histc", input, bins=bins, min=min, max=max)


def histogram(input, bins, *, range=None, weight=None, density=False):
    """(hist, bin_edges): how many elements fall into each bin. `bins` is their number, or a vector of their edges.

    `range` is (lowest, highest edge), `weight` what an element counts, `density` asks for a total area of 1.

    >>> import minitorch as torch
    >>> torch.histogram(torch.tensor([1., 2., 1.]), 4, range=(0., 4.)).hist
    tensor([0., 2., 1., 0.])
    """
    points = reshape(input, (-1, 1))  # (...) -> (N, 1)
    weight = weight if weight is None else reshape(weight, (-1,))
    hist, (edges,) = histogramdd(points, [bins], range=range, weight=weight, density=density)
    return return_types.histogram(hist, edges)


def histogramdd(input, bins, *, range=None, weight=None, density=False):
    """(hist, bin_edges) of points input (..., D): `bins` is a number of bins or a vector of edges for each coordinate.

    >>> import minitorch as torch
    >>> torch.histogramdd(torch.tensor([[0., 1.], [1., 0.]]), [2, 2], range=[0., 1., 0., 1.]).hist
    tensor([[0., 1.],
            [1., 0.]])
    """
    shape = input.array.shape
    if input.array.dtype not in (np.float32, np.float64):
        raise dtypes.not_implemented("histogramdd", input.dtype)
    if len(shape) < 2:
        raise RuntimeError(f"torch.histogramdd: input tensor should have at least 2 dimensions, but got {len(shape)}")
    bins = [bins] * shape[-1] if isinstance(bins, int) else bins
    if len(bins) != shape[-1]:
        raise RuntimeError("histogramdd: The size of bins must be equal to the innermost dimension of the input.")
    if weight is not None and weight.array.shape != shape[:-1]:
        raise RuntimeError("torch.histogramdd: if weight tensor is provided it should have the same shape as the input "
                           f"tensor excluding its innermost dimension, but got input with shape {list(shape)} and "
                           f"weight with shape {list(weight.array.shape)}")
    _check_histogram(input, bins, range, weight)
    points = reshape(input, (-1, shape[-1]))  # (..., D) -> (N, D)
    limits = [None] * len(bins) if range is None else list(zip(range[::2], range[1::2]))
    edges = [b if isinstance(b, TensorBase) else _edges(points.array[:, d], b, limits[d], d)
             for d, b in enumerate(bins)]
    weight = None if weight is None else reshape(weight, (-1,))  # (...) -> (N)
    return return_types.histogramdd(count_in_boxes(points, edges, weight, density), tuple(edges))


def _check_histogram(input, bins, range, weight):
    """The rules for the tensors among the arguments, and for the length of `range`."""
    if range is not None and len(range) != 2 * len(bins):
        raise RuntimeError(f"torch.histogramdd: for a {len(bins)}-dimensional histogram range should have "
                           f"{2 * len(bins)} elements, but got {len(range)}")
    tensors = {f"bins[{d}]": b for d, b in enumerate(bins) if isinstance(b, TensorBase)}
    for name, b in tensors.items():
        if b.array.ndim != 1 or b.array.size < 2:
            raise RuntimeError(f"torch.histogramdd: {name} should be a vector of at least 2 edges, but got shape "
                               f"{list(b.array.shape)}")
    for name, x in {**tensors, "weight": weight}.items():
        if x is not None and x.array.dtype != input.array.dtype:
            raise RuntimeError(f"torch.histogramdd: input tensor and {name} should have the same dtype, but got "
                               f"{input.dtype} and {x.dtype}")


def count_in_boxes(input, edges, weight=None, density=False):
    """Counts (or sums of weights) of points input (N, D) in the boxes that D vectors of edges make."""
    return compute("count_in_boxes", input, edges=[e.array for e in edges], weight=unwrap(weight), density=density)


def _edges(values, bins, limits, d):
    """bins + 1 edges at equal distances, by default over what the values span."""
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension {d}")
    low, high = limits or ((values.min(), values.max()) if values.size else (0, 1))
    if not (np.isfinite(low) and np.isfinite(high)):
        raise RuntimeError(f"torch.histogramdd: dimension {d}'s range [{low}, {high}] is not finite")
    if low > high:
        raise RuntimeError(f"torch.histogramdd: min should not exceed max, but got min {low} max {high} for dimension "
                           f"{d}")
    if low == high:
        low, high = low - 0.5, high + 0.5
    return wrap(np.linspace(low, high, bins + 1, dtype=values.dtype))


# ----------------------------------------------------------------------------------------------- differences, integrals


def diff(input, n=1, dim=-1, prepend=None, append=None):
    """The n-th differences of neighbours along `dim`, after `prepend` and `append` are joined to it.

    >>> import minitorch as torch
    >>> torch.diff(torch.tensor([1, 4, 9])), torch.diff(torch.tensor([1, 4, 9]), n=2)
    (tensor([3, 5]), tensor([2]))
    """
    if input.array.ndim == 0:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    if n == 0:
        return clone(input)
    dim = normalize_dim(dim, input.array.ndim)
    if builtins.any(x is not None and x.array.ndim != input.array.ndim for x in (prepend, append)):
        raise RuntimeError("diff expects prepend or append to be the same dimension as input")
    x = cat([x for x in (prepend, input, append) if x is not None], dim)
    for _ in builtins.range(builtins.min(n, x.array.shape[dim])):  # then there is nothing left
        after, before = _neighbours(x, dim)
        x = logical_xor(after, before) if x.array.dtype.kind == "b" else sub(after, before)
    return x


def _neighbours(x, dim):
    """All but the first, and all but the last along a dimension."""
    n = x.array.shape[dim]
    return basic_index(x, span(dim, 1, None)), basic_index(x, span(dim, 0, builtins.max(n - 1, 0)))


def gradient(input, *, spacing=None, dim=None, edge_order=1):
    """The slope of sampled values along each dimension of `dim`, by central differences: a tuple of tensors.

    `spacing` is the distance of samples (by default 1), a list of distances, or a list of tensors with the places of
    the samples. At the edges, `edge_order` 1 uses two samples and 2 uses three.

    >>> import minitorch as torch
    >>> torch.gradient(torch.tensor([1., 4., 9., 16.]))
    (tensor([3., 4., 6., 7.]),)
    """
    shape = input.array.shape
    dims = normalize_dims(dim, len(shape))
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    if not isinstance(spacing, (list, tuple)):
        spacing = [1 if spacing is None else spacing] * len(dims)
    if len(spacing) != len(dims):
        given = "since dim argument was not given" if dim is None else f"because dim is {list(dims)}"
        raise RuntimeError("torch.gradient expected spacing to be unspecified, a scalar or a list of length "
                           f"{len(dims)}, {given}, but got a list of length {len(spacing)}")
    for d in dims:
        if shape[d] <= edge_order:
            raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1, but dimension "
                               f"{d} has size {shape[d]}")
    return tuple(_slope(input, d, gap, edge_order) for d, gap in zip(dims, spacing))


def _slope(x, dim, spacing, edge_order):
    """The slope along one dimension of n samples: of the parabola through a sample and its two neighbours."""
    shape, n = x.array.shape, x.array.shape[dim]

    def part(tensor, start, stop):
        return basic_index(tensor, span(dim, start, stop))

    if not isinstance(spacing, TensorBase):
        spacing = wrap(np.arange(n, dtype=x.array.dtype if x.dtype.is_floating_point else np.float32) * spacing)
    column = [-1 if d == dim else 1 for d in builtins.range(len(shape))]
    gaps = sub(*_neighbours(view(spacing, column), dim))  # (n) -> (1, ..., n - 1, ..., 1)
    steps = div(sub(*_neighbours(x, dim)), gaps)  # the slope between neighbours: n - 1 of them
    if n == 2:
        return cat([steps, steps], dim)
    before, after = part(gaps, 0, n - 2), part(gaps, 1, n - 1)
    share = div(before, add(before, after))
    inner = add(mul(part(steps, 0, n - 2), sub(1, share)), mul(part(steps, 1, n - 1), share))
    first, last = part(steps, 0, 1), part(steps, n - 2, n - 1)
    if edge_order == 2:  # a parabola's slopes at two points have the slope between these as their mean
        first = sub(mul(first, 2), part(inner, 0, 1))
        last = sub(mul(last, 2), part(inner, n - 3, n - 2))
    return cat([first, inner, last], dim)


def trapezoid(y, x=None, *, dx=None, dim=-1):
    """The integral along `dim` of samples y at the places x, or dx apart (by default 1): the area of trapezoids.

    >>> import minitorch as torch
    >>> torch.trapezoid(torch.tensor([1., 2., 4.]))
    tensor(4.5000)
    """
    dim, areas = _twice_areas("trapezoid", y, x, dx, dim)
    return div(sum(areas, dim), 2)


trapz = trapezoid


def cumulative_trapezoid(y, x=None, *, dx=None, dim=-1):
    """The running integral along `dim`: as trapezoid, up to each sample but the first.

    >>> import minitorch as torch
    >>> torch.cumulative_trapezoid(torch.tensor([1., 2., 4.]))
    tensor([1.5000, 4.5000])
    """
    dim, areas = _twice_areas("cumulative_trapezoid", y, x, dx, dim)
    return div(cumsum(areas, dim), 2)


def _twice_areas(name, y, x, dx, dim):
    """(the dimension from the front, width * (left + right) of each trapezoid)"""
    if x is not None and dx is not None:
        raise TypeError(f"{name}() received an invalid combination of arguments: it takes x or dx, not both")
    ndim = y.array.ndim
    if ndim == 0:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    dim = normalize_dim(dim, ndim)
    heights = add(*_neighbours(y, dim))
    if x is None:
        return dim, heights if dx in (None, 1) else mul(heights, dx)
    if x.array.ndim == 1:
        x = view(x, [-1 if d == dim else 1 for d in builtins.range(ndim)])  # (n) -> (1, ..., n, ..., 1)
    elif x.array.ndim < ndim:
        x = view(x, (1,) * (ndim - x.array.ndim) + x.array.shape)  # (..., n) -> (1, ..., n)
    if x.array.shape[dim] != y.array.shape[dim]:
        raise RuntimeError(f"{name}: There must be one `x` value for each sample point, but got {x.array.shape[dim]} "
                           f"for {y.array.shape[dim]} points")
    return dim, mul(heights, sub(*_neighbours(x, dim)))


# -------------------------------------------------------------------------------------------------- running log-sum-exp


class Logcumsumexp(Op):
    """out[i] = log(exp(x[0]) + ... + exp(x[i])).   Saves: x, out."""

    def forward(self, x, dim):
        self.dim = dim
        out = self.k.logcumsumexp(x, dim)
        self.save(x, out)
        return out

    def backward(self, grad):
        """dx[j] = sum over i >= j of grad[i] * exp(x[j] - out[i]): positive and negative parts in logarithms."""
        x, out = self.saved
        k = self.k
        return k.sub(self.part(k, grad, x, out), self.part(k, k.neg(grad), x, out))

    def part(self, k, grad, x, out):
        positive = k.gt(grad, 0)
        lowest = float(np.finfo(grad.dtype if isinstance(grad, np.ndarray) else grad.array.dtype).min)
        logs = k.where(positive, k.log(k.where(positive, grad, 1.0)), lowest)
        terms = k.flip(k.logcumsumexp(k.flip(k.sub(logs, out), (self.dim,)), self.dim), (self.dim,))
        return k.exp(k.add(terms, x))


def logcumsumexp(input, dim):
    """The logarithm of the running sum of exponentials along `dim`.

    >>> import minitorch as torch
    >>> torch.logcumsumexp(torch.zeros(3), 0)
    tensor([0.0000, 0.6931, 1.0986])
    """
    if not input.dtype.is_floating_point:
        raise dtypes.not_implemented("logcumsumexp_out_cpu", input.dtype)
    dim = normalize_dim(dim, input.array.ndim)
    return Logcumsumexp.apply(input, dim=dim) if input.array.ndim else clone(input)
