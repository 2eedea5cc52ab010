"""Pooling: a maximum or a mean over windows of an image.

A window is where some rows of the image cross some of its columns. Sliding, adaptive and fractional pooling differ only
in which: NumPy lists them first (class Windows), so that all share their loops. A volume is an image that has the rows
of all its slices.

The loops reduce a window in two steps: first each column of the image over the window's rows, where a vector of pixels
from one row meets those below; then the window's columns. For float32 they are written in vectors: comparing pixel by
pixel, a processor would guess wrong every other time which is larger, and each such guess costs it 20 steps.

Letters: N batch, C channels, D H W image, O P Q output, R S the rows and columns of a window; "..." is N, C, or C alone
for one image, M the number of its planes. The rank of an image is the number of entries of kernel_size, output_size or
`image`, which is its shape. A NaN in a window is its maximum.
"""
import functools
import math

import numpy as np

from ..._shapes import pool_output_size
from ._jit import WORTH_SHARING, jit, working_arrays
from ._vector import broadcast, evens, gather, lanes, load, load_first, select, store, store_first, stream, zeros
from .reduce import mean

__all__ = """
max_pool_with_indices adaptive_max_pool_with_indices fractional_max_pool_with_indices max_pool_backward max_pool_gather
max_unpool avg_pool avg_pool_backward adaptive_avg_pool adaptive_avg_pool_backward
""".split()


# ------------------------------------------------------------------------------------------------------------- maximum
def max_pool_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode):
    """out[n, c, p, q] = max_r,s input[n, c, p*stride + r*dilation - padding, q...], and where in the plane it stood

    input (..., H, W) -> out (..., P, Q), int32 indices (..., P, Q) into the H*W pixels of a plane: the first of equal
    maxima, or the last NaN.
    """
    image = input.shape[-len(kernel_size):]
    return _max_pool(input, _sliding_windows(image, kernel_size, stride, padding, dilation, ceil_mode))


def adaptive_max_pool_with_indices(input, output_size):
    """out[n, c, p, q] = max of input[n, c, p*H // P : ceil((p+1)*H / P), q...], and where in the plane it stood

    input (..., H, W), output_size (P, Q) -> out (..., P, Q), int32 indices (..., P, Q)
    """
    return _max_pool(input, _adaptive_windows(input.shape[-len(output_size):], output_size))


def fractional_max_pool_with_indices(input, random_samples, kernel_size, output_size):
    """out[n, c, p, q] = max_r,s input[n, c, start[n, c, p] + r, ...], and where in the plane it stood

    input (..., H, W), random_samples (N, C, rank), one number of [0, 1) for each axis -> out (..., P, Q), int64 indices
    (..., P, Q). For the sample u of an axis and a = (H - kernel_size) / (P - 1), window p starts at
    floor((p + u) * a) - floor(u * a), but the last one ends with the axis.
    """
    rank = len(output_size)
    samples = random_samples.reshape(-1, rank, 1)                                       # (M, rank, 1)
    if rank == 2:  # torch takes the first number for the columns, but for volumes the first for the slices
        samples = samples[:, ::-1]
    axes = []
    for axis, (size, kernel, count) in enumerate(zip(input.shape[-rank:], kernel_size, output_size)):
        step = samples.dtype.type(size - kernel) / samples.dtype.type(max(count - 1, 1))
        places = np.arange(count, dtype=samples.dtype) + samples[:, axis]               # (M, P)
        starts = ((places * step).astype(np.int64) - (samples[:, axis] * step).astype(np.int64))
        starts[:, -1] = size - kernel
        axes.append(starts[..., None] + np.arange(kernel))                              # (M, P, R)
    return _max_pool(input, Windows(input.shape[-rank:], axes))


def _max_pool(input, windows):
    planes, M, size = _planes(input, len(windows.image))
    dtype, (input,) = working_arrays(input)
    O = math.prod(windows.output)
    out, indices = np.empty((M, O), input.dtype), np.empty((M, O), np.int32 if size <= 1 << 31 else np.int64)
    if input.dtype == np.float32 and size <= 1 << 24:  # so far float32 can count
        parts = _parts(M, input)
        _max_in_vectors[parts](parts, input.reshape(-1), M, *windows.for_vectors, *windows.numbers,
                               out.reshape(-1), indices.reshape(-1))
    else:
        _max[M, input.size](input.reshape(M, size), *windows.for_loops(), out, indices)
    if windows.nowhere is not None:  # dilation steps over the whole of a very small image
        out[:, windows.nowhere] = -np.inf if dtype.kind == "f" else np.iinfo(dtype).min
        indices[:, windows.nowhere] = 0
    shape = *planes, *windows.output
    return out.reshape(shape).astype(dtype, copy=False), indices.reshape(shape)


def max_pool_backward(grad, indices, image):
    """input_grad[n, c].flat[indices[n, c, p, q]] += grad[n, c, p, q], for windows of any kind

    grad (..., P, Q), indices (..., P, Q) as the forward pass gave them -> (..., *image)
    """
    planes, M, O = _planes(grad, len(image))
    dtype, (grad,) = working_arrays(grad)
    size = math.prod(image)
    out, indices = np.empty((M, size), grad.dtype), np.ascontiguousarray(indices)
    parts = _parts(M, out)
    scatter = _scatter_past_caches if _past_caches(out, size) else _scatter
    scatter[parts](parts, grad.reshape(-1), indices.reshape(-1), M, O, size, out.reshape(-1))
    return out.reshape(*planes, *image).astype(dtype, copy=False)


def max_pool_gather(input, indices, image):
    """out[n, c, p, q] = input[n, c].flat[indices[n, c, p, q]], the gradient of max_pool_backward and of max_unpool

    input (..., *image), indices (..., P, Q) -> (..., P, Q)
    """
    _, M, O = _planes(indices, len(image))
    dtype, (input,) = working_arrays(input)
    out = np.empty((M, O), input.dtype)
    _gather[M, out.size](input.reshape(M, math.prod(image)), np.ascontiguousarray(indices).reshape(M, O), out)
    return out.reshape(indices.shape).astype(dtype, copy=False)


def max_unpool(input, indices, image):
    """out[n, c].flat[indices[n, c, p, q]] = input[n, c, p, q], zero elsewhere; the last of several wins

    input (..., P, Q), indices (..., P, Q) -> (..., *image). IndexError for an index outside the image.
    """
    planes, _, O = _planes(input, len(image))
    size = math.prod(image)
    if indices.size and not 0 <= indices.min() <= indices.max() < size:
        bad = indices[(indices < 0) | (indices >= size)].flat[0]
        raise RuntimeError(f"Found an invalid max index: {bad} (output volumes are of size {'x'.join(map(str, image))}")
    out = np.zeros((*planes, size), input.dtype)                                        # (..., H*W)
    np.put_along_axis(out, indices.reshape(*planes, O), input.reshape(*planes, O), axis=-1)
    return out.reshape(*planes, *image)


# ---------------------------------------------------------------------------------------------------------------- mean
def avg_pool(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """out[n, c, p, q] = sum_r,s input[n, c, p*stride + r - padding, q*stride + s - padding] / divisor[p, q]

    input (..., H, W) -> (..., P, Q). The divisor is divisor_override, or the size of the window, with the padding it
    covers or (count_include_pad=False) without.
    """
    image = input.shape[-len(kernel_size):]
    return _avg_pool(input, *_mean_windows(
        image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override))


def avg_pool_backward(grad, image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """input_grad[n, c, h, w] = sum of grad[n, c, p, q] / divisor[p, q] over the windows (p, q) that cover (h, w)

    grad (..., P, Q) -> (..., *image)
    """
    return _avg_pool_backward(grad, *_mean_windows(
        image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override))


def adaptive_avg_pool(input, output_size):
    """out[n, c, p, q] = mean of input[n, c, p*H // P : ceil((p+1)*H / P), q*W // Q : ceil((q+1)*W / Q)]

    input (..., H, W), output_size (P, Q) -> (..., P, Q)
    """
    if math.prod(output_size) == 1:
        return _mean_of_planes(input, len(output_size))
    windows = _adaptive_windows(input.shape[-len(output_size):], output_size)
    return _avg_pool(input, windows, windows.pixels)


def adaptive_avg_pool_backward(grad, image):
    """input_grad[n, c, h, w] = sum of grad[n, c, p, q] / size of the window (p, q), over the windows that cover (h, w)

    grad (..., P, Q) -> (..., *image)
    """
    windows = _adaptive_windows(image, grad.shape[-len(image):])
    return _avg_pool_backward(grad, windows, windows.pixels)


def _mean_of_planes(input, rank):
    """(..., H, W) -> (..., 1, 1)"""
    planes, M, size = _planes(input, rank)
    if input.dtype != np.float32 or size > LONGEST_SUM or not input.flags.c_contiguous:
        return mean(input, tuple(range(-rank, 0)), keepdim=True)
    out, parts = np.empty((*planes, *[1] * rank), np.float32), _parts(M, input)
    _means_in_vectors[parts](parts, input.reshape(-1), M, size, out.reshape(-1))
    return out


def _avg_pool(input, windows, divisor):
    """out[m, p, q] = sum of input[m, h, w] over the window (p, q) / divisor[p * Q + q]"""
    planes, M, size = _planes(input, len(windows.image))
    dtype, (input,) = working_arrays(input)
    out, divisor = np.empty((*planes, *windows.output), input.dtype), divisor.astype(input.dtype)
    if input.dtype == np.float32:
        parts = _parts(M, input)
        _sum_in_vectors[parts](parts, input.reshape(-1), M, *windows.for_vectors, divisor, out.reshape(-1))
    else:
        _sum[M, input.size](input.reshape(M, size), *windows.for_loops(), np.ones_like(input, shape=size), divisor,
                            out.reshape(M, divisor.size))
    return out.astype(dtype, copy=False)


def _avg_pool_backward(grad, windows, divisor):
    """A sum over windows again, with pixels and windows in each other's place."""
    windows, (planes, M, O) = windows.transposed, _planes(grad, len(windows.image))
    dtype, (grad,) = working_arrays(grad)
    out, share = np.empty((*planes, *windows.output), grad.dtype), (1 / divisor).astype(grad.dtype)
    size = math.prod(windows.output)
    if grad.dtype == np.float32:
        parts = _parts(M, out)
        _spread_in_vectors[parts](parts, grad.reshape(-1), M, *windows.for_vectors, share, _past_caches(out, size),
                                  out.reshape(-1))
    else:
        _sum[M, out.size](grad.reshape(M, O), *windows.for_loops(), share, np.ones_like(share, shape=size),
                          out.reshape(M, size))
    return out.astype(dtype, copy=False)


# ------------------------------------------------------------------------------------------------------------- windows
class Windows:
    """The windows of an image: for each axis an array (tables, P, R), the positions that they have on it. Those outside
    of the image do not count. There is one table for all planes, or each has its own.

    rows (tables, P, R), heights (tables, P)  the rows of a window, and how many there are
    columns (tables, S, Q')  as positions on a line of `width`, where `margin` places for padding come before the image,
                             and others behind it; Q' is Q rounded up, so that vectors of any width find a number
    step                     1 or 2 if the columns of all neighbouring windows are as far apart, else 0
    nowhere (P*Q,)           which windows have no pixel; None if there are none
    """

    def __init__(self, image, axes):
        self.image, self.axes, self.output, W = image, axes, tuple(axis.shape[1] for axis in axes), image[-1]
        rows = np.zeros((1, 1, 1), np.int64)  # of a sequence
        for size, axis in zip(image[:-1], axes[:-1]):
            axis = np.where(_inside(axis, size), axis, OUTSIDE)
            rows = rows[:, :, None, :, None] * size + axis[:, None, :, None, :]         # (tables, O, P, T, R)
            tables, O, P, T, R = rows.shape
            rows = rows.reshape(tables, O * P, T * R)
        rows.sort()
        self.heights = np.count_nonzero(rows < OUTSIDE, axis=-1)
        self.rows = np.where(rows < OUTSIDE, rows, 0)

        columns = np.ascontiguousarray(axes[-1].swapaxes(1, 2))                         # (tables, S, Q)
        inside = _inside(columns, W)
        self.margin = max(0, -int(columns.min(initial=0)))
        self.width = self.margin + max(W, int(columns.max(initial=0)) + 1)
        steps = {int(step) for step in np.unique(np.diff(columns))} or {1}              # no step from the only window
        self.step = steps.pop() if steps in ({1}, {2}) else 0
        self.firsts = np.where(inside, columns, W).min(axis=1, initial=W)               # (tables, Q)
        ragged = (0, -columns.shape[2] % 16)
        self.columns = np.pad(columns + self.margin, ((0, 0), (0, 0), ragged))          # (tables, S, Q')
        self.firsts = np.pad(self.firsts, ((0, 0), ragged))                             # (tables, Q')
        nowhere = np.logical_or.outer(self.heights[0] == 0, ~inside.any(axis=1)[0]).ravel()
        self.nowhere = nowhere if nowhere.any() else None

    def for_loops(self):
        return self.image[-1], self.rows, self.heights, self.columns, self.margin, self.output[-1]

    @functools.cached_property
    def for_vectors(self):
        """Flat arrays: of others, Numba takes longer to compile the indexing."""
        W, sizes = self.image[-1], (*self.rows.shape, self.columns.shape[1], self.output[-1], self.columns.shape[2])
        return (math.prod(self.image[:-1]), W, sizes, self.rows.ravel(), self.heights.ravel(), self.columns.ravel(),
                self.margin, self.width, self.step)

    @functools.cached_property
    def numbers(self):
        """For indices counted in float32: where rows begin, columns, and the first of each window."""
        return [array.ravel().astype(np.float32)
                for array in (self.rows * self.image[-1], self.columns - self.margin, self.firsts)]

    @functools.cached_property
    def pixels(self):
        """(P*Q,): how many pixels a window has."""
        return self.padded_pixels((0, 0, 0))

    def padded_pixels(self, padding):
        """The same, with `padding` around the image."""
        counts = [np.count_nonzero(_inside(axis[0], size, pad), axis=-1)
                  for axis, size, pad in zip(self.axes, self.image, padding)]
        return math.prod(np.ix_(*counts)).ravel()

    @functools.cached_property
    def transposed(self):
        """The windows with which the output looks at the image: at each pixel, the windows that cover it."""
        return Windows(self.output, [_invert(axis[0], size) for axis, size in zip(self.axes, self.image)])


OUTSIDE = 1 << 40  # of any image
LARGE = 1 << 24  # bytes
LONGEST_SUM = 1 << 14  # pixels; of more, sums of sums keep more digits


def _inside(positions, size, margin=0):
    return (positions >= -margin) & (positions < size + margin)


def _invert(axis, size):
    """axis (P, R): the positions of windows -> (1, size, K): the windows of positions, -1 behind the last one"""
    inside = _inside(axis, size)
    positions, windows = axis[inside], inside.nonzero()[0]
    order = np.argsort(positions, kind="stable")
    positions, windows = positions[order], windows[order]
    counts = np.bincount(positions, minlength=size)
    out = np.full((1, size, counts.max(initial=1)), -1)
    out[0, positions, np.arange(positions.size) - (np.cumsum(counts) - counts)[positions]] = windows
    return out


@functools.lru_cache(maxsize=256)
def _sliding_windows(image, kernel_size, stride, padding, dilation, ceil_mode):
    axes = []
    for size, kernel, step, pad, gap in zip(image, kernel_size, stride, padding, dilation):
        starts = np.arange(pool_output_size(size, kernel, step, pad, gap, ceil_mode)) * step - pad
        axes.append(starts[None, :, None] + np.arange(kernel) * gap)                    # (1, P, R)
    return Windows(image, axes)


@functools.lru_cache(maxsize=256)
def _adaptive_windows(image, output_size):
    """Windows that share the image out evenly; neighbours overlap where it does not come out even."""
    axes = []
    for size, count in zip(image, output_size):
        edges = np.arange(count + 1)[:, None] * size                                    # (P + 1, 1)
        starts, stops = edges[:-1] // max(count, 1), -(-edges[1:] // max(count, 1))     # (P, 1)
        axis = starts + np.arange((stops - starts).max(initial=1))                      # (P, R)
        axes.append(np.where(axis < stops, axis, -1)[None])
    return Windows(image, axes)


@functools.lru_cache(maxsize=256)
def _mean_windows(image, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """The windows of avg_pool, and its divisor (P*Q,)."""
    windows = _sliding_windows(image, kernel_size, stride, padding, (1, 1, 1), ceil_mode)
    divisor = windows.padded_pixels(padding) if count_include_pad else windows.pixels
    return windows, divisor if divisor_override is None else np.full_like(divisor, divisor_override)


def _parts(M, input):
    """Into how many parts the planes are cut, whatever the number of threads: each part has its own buffers."""
    return min(M, 64) if input.size >= WORTH_SHARING else 1


def _past_caches(out, size):
    """Whether a result, with so many pixels a plane, is written past the caches: they would not hold it anyway."""
    return out.dtype == np.float32 and out.nbytes >= LARGE and size % 4 == 0 and out.ctypes.data % 16 == 0


def _planes(array, rank):
    """(the shape of the planes, "...", their number M, the number of pixels of one)"""
    planes, image = array.shape[:-rank], array.shape[-rank:]
    return planes, math.prod(planes), math.prod(image)


# --------------------------------------------------------------------------------------------------- loops, in vectors
# An item of these is one of `parts` parts of the planes. What they keep of an image are lines: columns of the image,
# reduced over the rows of a window, with padding at both ends.

@jit
def _max_in_vectors(part, parts, input, M, H, W, sizes, rows, heights, columns, margin, width, step, begins, numbers,
                    firsts, out, indices):
    """input (M*H*W,) -> out (M*P*Q,), indices (M*P*Q,)

    best and index are those of so many neighbouring windows as a vector has lanes.
    """
    L, (tables, P, R, S, Q, wide) = lanes(), sizes
    lines = np.empty(H * width + 2 * L, np.float32)
    best_run, index_run = np.empty(P * Q + L, np.float32), np.empty(P * Q + L, np.float32)
    lines[0] = -np.inf
    lowest = broadcast(lines, 0)
    for i in range(0, lines.size - L, L):
        store(lines, i, lowest)
    for m in range(part * M // parts, (part + 1) * M // parts):
        table = m % tables
        _lay_out(input, m * H * W, H, W, lines, margin, width, lowest)
        for p in range(P):
            row = (table * P + p) * R
            for q in range(0, Q, L):
                best, index = lowest, broadcast(begins, row) + load(firsts, table * wide + q)
                for r in range(row, row + heights[table * P + p]):
                    begin, line = broadcast(begins, r), rows[r] * width
                    for tap in range(S):
                        s = (table * S + tap) * wide + q
                        value = _pick(lines, line, columns, s, step)
                        better = (value > best) | (value != value)  # only NaN differs from itself
                        best = select(better, value, best)
                        index = select(better, begin + load(numbers, s), index)
                store(best_run, p * Q + q, best)
                store(index_run, p * Q + q, index)
        _write(best_run, out, m * P * Q, P * Q, False)
        for i in range(P * Q):
            indices[np.uint64(m * P * Q + i)] = np.int32(index_run[i])


@jit
def _lay_out(input, start, H, W, lines, margin, width, padding):
    """input[start:] (H, W) -> the middle of lines (H, width)"""
    L = lanes()
    for h in range(H):
        line, row = h * width + margin, start + h * W
        for w in range(0, W, L):
            store(lines, line + w, _load(input, row + w))
        store(lines, line + W, padding)  # where the last vector stuck out


@jit
def _sum_in_vectors(part, parts, input, M, H, W, sizes, rows, heights, columns, margin, width, step, divisor, out):
    """input (M*H*W,), divisor (P*Q,) -> out (M*P*Q,)

    Columns are summed over the rows of a window, and then windows over these sums.
    """
    L, (_, P, R, S, Q, wide) = lanes(), sizes
    lines, run = np.empty(P * width + 2 * L, np.float32), np.empty(P * Q + L, np.float32)
    for i in range(0, lines.size - L, L):
        store(lines, i, zeros())
    for m in range(part * M // parts, (part + 1) * M // parts):
        for p in range(P):
            line = p * width + margin
            for w in range(0, W, L):
                total = zeros()
                for r in range(p * R, p * R + heights[p]):
                    total += _load(input, (m * H + rows[r]) * W + w)
                store(lines, line + w, total)
            store(lines, line + W, zeros())  # where the last vector stuck out
        for p in range(P):
            for q in range(0, Q, L):
                total = zeros()
                for s in range(S):
                    total += _pick(lines, p * width, columns, s * wide + q, step)
                store(run, p * Q + q, total / _load(divisor, p * Q + q))
        _write(run, out, m * P * Q, P * Q, False)


@jit
def _spread_in_vectors(part, parts, grad, M, P, Q, sizes, rows, heights, columns, margin, width, step, share,
                       past_caches, out):
    """grad (M*P*Q,), share (P*Q,) -> out (M*H*W,), by the windows with which an image looks at its windows

    Each row of windows becomes a row of pixels, which the rows of the image that these windows have then add up.
    """
    L, (_, H, R, S, W, wide) = lanes(), sizes
    lines, plane = np.empty((P + 1) * wide, np.float32), np.empty(H * W + L, np.float32)
    shares = np.empty(width + 2 * L, np.float32)
    for i in range(0, width + L, L):
        store(shares, i, zeros())
    for w in range(0, wide, L):
        store(lines, P * wide + w, zeros())  # for rows of the image that no window has
    for m in range(part * M // parts, (part + 1) * M // parts):
        for p in range(P):
            for q in range(0, Q, L):
                store(shares, margin + q, _load(share, p * Q + q) * _load(grad, (m * P + p) * Q + q))
            for w in range(0, W, L):
                total = zeros()
                for s in range(S):
                    total += _pick(shares, 0, columns, s * wide + w, step)
                store(lines, p * wide + w, total)
        for h in range(H):
            line = (rows[h * R] if heights[h] else P) * wide
            for w in range(0, W, L):
                store(plane, h * W + w, load(lines, line + w))  # where it sticks out, the next row follows
            for r in range(h * R + 1, h * R + heights[h]):
                for w in range(0, W, L):
                    store(plane, h * W + w, load(plane, h * W + w) + load(lines, rows[r] * wide + w))
        _write(plane, out, m * H * W, H * W, past_caches)


@jit
def _means_in_vectors(part, parts, input, M, size, out):
    """input (M*size,) -> out (M,)"""
    L = lanes()
    sums = np.empty(L, np.float32)
    for m in range(part * M // parts, (part + 1) * M // parts):
        start, end = m * size, (m + 1) * size
        s0, s1, s2, s3 = zeros(), zeros(), zeros(), zeros()  # four, because an addition takes as many steps
        for i in range(start, end - 4 * L + 1, 4 * L):
            s0 += load(input, i)
            s1 += load(input, i + L)
            s2 += load(input, i + 2 * L)
            s3 += load(input, i + 3 * L)
        for i in range(end - size % (4 * L), end, L):
            s0 += load_first(input, i, end - i)
        store(sums, 0, s0 + s1 + (s2 + s3))
        total = np.float32(0)
        for i in range(L):
            total += sums[i]
        out[m] = total / size


@jit
def _scatter_past_caches(part, parts, grad, indices, M, O, size, out):
    """As _scatter, plane by plane"""
    plane = np.empty(size + lanes(), np.float32)
    for m in range(part * M // parts, (part + 1) * M // parts):
        for i in range(0, size, lanes()):
            store(plane, i, zeros())
        for i in range(m * O, (m + 1) * O):
            plane[np.uint64(indices[np.uint64(i)])] += grad[np.uint64(i)]
        _write(plane, out, m * size, size, True)


@jit
def _write(plane, out, start, count, past_caches):
    """out[start : start + count] = plane[:count]"""
    L = lanes()
    for i in range(0, count - L + 1, L):
        if past_caches:
            stream(out, start + i, load(plane, i))
        else:
            store(out, start + i, load(plane, i))
    store_first(out, start + count // L * L, load(plane, count // L * L), count % L)


@jit
def _load(array, start):
    """As load, but at the end of the array zeros follow."""
    left = array.size - start
    return load(array, start) if left >= lanes() else load_first(array, start, left)


@jit
def _pick(line, start, columns, i, step):
    """line[start + columns[i]], line[start + columns[i + 1]], ..., where the columns are `step` apart"""
    if step == 1:
        return load(line, start + columns[i])
    if step == 2:
        return evens(load(line, start + columns[i]), load(line, start + columns[i] + lanes()))
    return gather(line, start, columns, i)


# ---------------------------------------------------------------------------------------------- loops, from definition
@jit
def _max(m, input, W, rows, heights, columns, margin, Q, out, indices):
    """input (M, H*W) -> out (M, P*Q), indices (M, P*Q)"""
    table = m % len(rows)
    for p in range(rows.shape[1]):
        for q in range(Q):
            best, index = input[m, 0], -1
            for r in range(heights[table, p]):
                for s in range(columns.shape[1]):
                    w = columns[table, s, q] - margin
                    if 0 <= w < W:
                        i = rows[table, p, r] * W + w
                        value = input[m, i]
                        if index < 0 or value > best or value != value:  # only NaN differs from itself
                            best, index = value, i
            out[m, p * Q + q] = best
            indices[m, p * Q + q] = index


@jit
def _sum(m, input, W, rows, heights, columns, margin, Q, weight, divisor, out):
    """input (M, H*W), weight (H*W,), divisor (P*Q,) -> out (M, P*Q)"""
    for p in range(rows.shape[1]):
        for q in range(Q):
            total = out.dtype.type(0)
            for r in range(heights[0, p]):
                for s in range(columns.shape[1]):
                    w = columns[0, s, q] - margin
                    if 0 <= w < W:
                        i = rows[0, p, r] * W + w
                        total += weight[i] * input[m, i]
            out[m, p * Q + q] = total / divisor[p * Q + q]


@jit
def _scatter(part, parts, grad, indices, M, O, size, out):
    """grad (M*O,), indices (M*O,) -> out (M*size,)"""
    begin, end = part * M // parts, (part + 1) * M // parts
    for i in range(begin * size, end * size):
        out[np.uint64(i)] = 0
    for m in range(begin, end):
        for i in range(m * O, (m + 1) * O):
            out[np.uint64(m * size + indices[np.uint64(i)])] += grad[np.uint64(i)]


@jit
def _gather(m, input, indices, out):
    """input (M, H*W), indices (M, P*Q) -> out (M, P*Q)"""
    plane, places, pixels = input[m], indices[m], out[m]
    for i in range(places.size):
        pixels[i] = plane[np.uint64(places[i])]
