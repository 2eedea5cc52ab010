"""Direct convolution of float32 images, in register tiles: what conv.py does, several times as fast.

A processor multiplies and adds faster than it loads. So a number that is loaded has to meet many others while it is in
a register. A *tile* is 12 vectors of sums that stay in registers while a loop runs over everything to be summed:

    tile[i, j] += column[i] * row[j]        6 numbers of a column, 2 vectors of a row

Each step loads 8 registers and multiplies and adds 12 times (GotoBLAS does matrix products like this: Goto and van de
Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008). Here one of the matrices is an image, whose elements
are not where a matrix has them; tables say where. An image lies flat, as in conv.py, and with o for a position of the
output, window[o] for where its window begins, and m for a channel and a tap,

    by channel    out[o, k]         = sum_m  image[window[o] + shift[m]] * weight[m, k]
    by position   out[k, o]         = sum_m  weight[k, m] * image[shift[m] + o]
    weight grad   weight_grad[m, k] = sum_o  image[shift[m] + window[o]] * grad[o, k]

The image is the column in the first and the last, for which there is one loop, _multiply, and the row in the second:
_multiply_planes. Of the two ways to the output the one is taken that has fewer tiles: by position where there are few
channels. (Where a group has a single one, in depthwise convolution, the column has one number: _by_plane and
_plane_weight_grad.) The gradient of the input is a convolution too, of the output's gradient with the turned filter;
with stride 2 one for the even and one for the odd rows, each with every other tap.

An image that has padding is laid out flat with it, one at a time, in a buffer that stays in the cache. Buffers have
room for the vectors that reach past the end; what such lanes compute is dropped.

Letters: as in conv.py, but C and K are those of a group; M is C*T, O is P*Q.
"""
import functools
import math

import numpy as np

from ._jit import jit
from ._vector import (broadcast, keep_apart, keep_rolled, lanes, load, load_first, store, store_first,
                      transpose)

__all__ = ["convolution", "input_grad", "takes", "weight_grad"]

ROWS = 6         # of a tile; it is two vectors wide, so that its 12 sums leave room for 3 more vectors in 16 registers
SPAN = 288       # so many rows, 18 KiB of a block, stay in the innermost cache while they are used again and again
DEPTH = 192      # so many of them while there is an image beside
PARTS = 16       # the work is cut into at least so many parts if it can be, whatever the number of threads
BAND = 1 << 16   # so many numbers of an image, 256 KiB, stay in the second cache
BAND_ROWS = 8    # a band of an image, whose outer rows are laid out for its neighbours too, has at least so many
PRODUCTS = 32    # as many as cost what an element costs elsewhere, where it is asked whether they are worth a thread
BY_CHANNEL, BY_POSITION, WEIGHT_GRAD = range(3)
NONE = np.zeros(0, np.int64)


# ------------------------------------------------------------------------------------------------------------ launchers
def takes(a, b, result):
    """Whether a and b are float32 images or sequences."""
    return a.dtype == b.dtype == np.float32 and a.ndim <= 4 and a.size and b.size and 0 not in result


def convolution(input, weight, bias, output, stride, padding, dilation, groups):
    """input (N, C, H, W), weight (K, C/G, R, S), bias (K,) or None -> (N, K, P, Q); or sequences, without H, R and P"""
    plan = forward_plan(input.shape, weight.shape, output, stride, padding, dilation, groups)
    out = np.empty((len(input), len(weight), *output), np.float32)
    plan.run(input, weight, plan.zeros if bias is None else bias, out)
    return out


def input_grad(grad, weight, image, stride, padding, dilation, groups):
    """grad (N, K, P, Q), weight (K, C/G, R, S) -> (N, C, H, W)"""
    K, C, *filter = weight.shape
    weight = weight.reshape(groups, K // groups, C, *_image(filter, 1))                 # (G, K/G, C/G, R, S)
    out = np.empty((len(grad), C * groups, *image), np.float32)
    for taps, plan in backward_plans(grad.shape, (C, *filter), image, stride, padding, dilation, groups):
        some = weight[taps] if plan.runs > 1 else weight[taps].swapaxes(1, 2)           # (G, C/G, K/G, R, S)
        plan.run(grad, np.ascontiguousarray(some), plan.zeros, out)
    return out


def weight_grad(grad, input, weight_shape, stride, padding, dilation, groups):
    """grad (N, K, P, Q), input (N, C, H, W) -> (K, C/G, R, S)"""
    plan = forward_plan(input.shape, weight_shape, grad.shape[2:], stride, padding, dilation, groups, True)
    out = np.empty((plan.shares, *weight_shape), np.float32)
    plan.run(input, grad, plan.zeros, out)
    return out[0] if plan.shares == 1 else out.sum(0)


# ---------------------------------------------------------------------------------------------------------------- plans
class Plan:
    """What a kernel has to know of the shapes: which tables, and how the work is cut. Made once for the same shapes.

    frame         how an image becomes flat: see _frame
    windows (O,)  where in the flat image the windows begin
    shifts (M,)   from there to the pixel under each tap of each channel
    targets (O,)  where the outputs go in a plane of so many pixels
    length        by how many neighbours the windows are covered, if the output may be computed by position
    runs          what the kernel takes weights in: (G, runs, K, M/runs); 1, or, by channel, as many as are asked for
    """

    def __init__(self, N, G, K, P, frame, windows, shifts, targets, plane, length, runs=1):
        wide, O, M = 2 * lanes(), windows.size, shifts.size
        rows, columns, blocks = windows, shifts, -(-K // wide)  # of channels, as many as a tile is wide
        self.kernel, way, bands = _convolve, BY_CHANNEL, 1
        if targets is None and length and K == 1:
            self.kernel, targets = _plane_weight_grad, NONE
        elif targets is None:
            way, rows, columns, targets = WEIGHT_GRAD, shifts, windows, NONE
        elif length and K == 1:
            self.kernel = _by_plane
        elif length and -(-length // wide) * -(-K // ROWS) < -(-O // ROWS) * blocks:
            way, rows, blocks = BY_POSITION, np.arange(K) * M, -(-K // ROWS)
            *_, pitch, height, _, size = frame
            bands = max(1, min(P // BAND_ROWS, height, frame[0] * size // BAND))  # (height 1: copied as a whole)
            less = (P - -(-P // bands)) * pitch                                         # in a channel of a band
            columns, frame = shifts - shifts // size * less, (*frame[:-1], size - less)
        rows = np.append(rows, rows[-1:].repeat(-rows.size % ROWS))                     # whole tiles
        parts = min(blocks, max(M * K >> 17, -(-PARTS // (N * G * bands))))
        self.shares = min(N, -(-PARTS // (G * parts * bands)))
        self.runs = runs if self.kernel is _convolve and way == BY_CHANNEL else 1
        contiguous = np.array_equal(targets, np.arange(O))
        sizes = np.array([*frame, N, G, K, P, O // P, M, plane, contiguous, blocks, parts, self.shares, way, self.runs,
                          bands])
        self.tables = rows, columns, targets, sizes
        self.items, self.work = G * parts * self.shares * bands, N * G * K * O * M // PRODUCTS
        self.zeros = np.zeros(G * K, np.float32)

    def run(self, image, other, bias, out):
        image = image if image.flags.writeable else image.copy()  # the kernel would be compiled anew
        self.kernel[self.items, self.work](image.reshape(-1), other.reshape(-1), bias, *self.tables, out.reshape(-1))


def _frame(C, image, start, size):
    """How the part of `size` of the image that begins at -start becomes flat, with zeros where there is no image.

    The zeros behind a row serve as those before the next row too. Returns (C, pixels in a channel, the first of them
    to be copied, how far rows are from each other, where the first one goes, how far rows are from each other there:
    the pitch, how many rows there are, how many pixels in each, size of a flat channel).
    """
    (H, W), (top, left), (tall, wide) = image, start, size
    pitch = max(min(left + W, wide), wide - max(left, 0))
    h, w = max(0, -top), max(0, -left)
    rows, count = max(0, min(H, tall - top) - h), max(0, min(W, wide - left) - w)
    if count == pitch == W:  # the rows are neighbours in both
        rows, count = 1, rows * count
    return C, H * W, h * W + w, W, (h + top) * pitch + w + left, pitch, rows, count, tall * pitch + wide - pitch


def _sums(*axes):
    """Every sum of one number from each axis."""
    return functools.reduce(np.add.outer, axes).ravel()


def _image(shape, fill):
    """A shape with two axes: that of a sequence is one of an image of one row."""
    return shape if len(shape) == 2 else (fill, *shape)


@functools.lru_cache(maxsize=256)
def forward_plan(input_shape, weight_shape, output, stride, padding, dilation, groups, weight_grad=False):
    (N, C, *image), (K, _, *filter) = input_shape, weight_shape
    image, filter, (P, Q), (s, t), padding, (down, right) = map(
        _image, (image, filter, output, stride, padding, dilation), (1, 1, 1, 1, 0, 1))
    C, K = C // groups, K // groups
    frame = _frame(C, image, padding, [size + 2 * pad for size, pad in zip(image, padding)])
    pitch, size = frame[5], frame[-1]
    windows = _sums(np.arange(P) * s * pitch, np.arange(Q) * t)
    shifts = _sums(np.arange(C) * size, np.arange(filter[0]) * down * pitch, np.arange(filter[1]) * right)
    return Plan(N, groups, K, P, frame, windows, shifts, None if weight_grad else np.arange(P * Q), P * Q,
                windows[-1] + 1 if s == t == 1 else 0)


@functools.lru_cache(maxsize=256)
def backward_plans(grad_shape, filters, image, stride, padding, dilation, groups):
    """For each phase of the input, which taps make up its pixels, as an index of weights (..., R, S), and the plan."""
    (N, K, *output), (C, *filter) = grad_shape, filters
    image, filter, output, stride, padding, dilation = map(
        _image, (image, filter, output, stride, padding, dilation), (1, 1, 1, 1, 0, 1))
    K, (H, W) = K // groups, image
    axes = [list(_phases(*sizes)) for sizes in zip(image, filter, stride, padding, dilation)]
    plans = []
    for top, tall, first, rows, down in axes[0]:
        for left, wide, column, columns, right in axes[1]:
            P, Q = len(range(first, H, stride[0])), len(range(column, W, stride[1]))
            if P and Q:
                frame = _frame(K, output, (top, left), (tall, wide))
                pitch, size = frame[5], frame[-1]
                windows = _sums(np.arange(P) * pitch, np.arange(Q))
                plans.append((np.s_[..., rows, columns], Plan(
                    N, groups, C, P, frame, windows, _sums(np.arange(K) * size, down * pitch, right),
                    _sums(np.arange(first, H, stride[0]) * W, np.arange(column, W, stride[1])), H * W,
                    windows[-1] + 1, K)))
    return plans


def _phases(H, R, stride, padding, dilation):
    """For each phase of an axis: where the grad begins in its buffer, the size of that, the first pixel, the taps, and
    the shift of each."""
    back, phases = np.divmod(np.arange(R) * dilation, stride)
    step = stride // math.gcd(stride, dilation)  # from one tap of a phase to the next
    for phase in range(stride):
        first = (phase - padding) % stride
        i = (first + padding) // stride  # pixel first + j*stride is the sum over taps of grad[i + j - back]
        taps = np.flatnonzero(phases == phase)
        taps = slice(taps[0], None, step) if taps.size else slice(0)
        reach = back[taps].max(initial=0)
        yield reach - i, len(range(first, H, stride)) + reach, first, taps, reach - back[taps]


# -------------------------------------------------------------------------------------------------------------- kernels
# Arrays are flat here, with the sizes beside them: a slice of an array counts who holds it, and the cores would wait
# for each other at that counter.

@jit(fast=True)
def _convolve(item, image, other, bias, rows, columns, targets, sizes, out):
    """The three kernels in one: they share so much, and each of three would be compiled with all that it calls.

    by channel, by position   image (N, G, C, H, W), weight (G, runs, K, M/runs), bias (G, K) -> out (N, G, K, plane)
    weight grad               image (N, G, C, H, W), grad (N, G, K, O) -> out (shares, G, K, M)

    An item is a group, some blocks of its out channels, a share of the images, and, by position, a band of their rows.
    """
    C, HW, pitch, size = sizes[0], sizes[1], sizes[5], sizes[8]
    N, G, K, P, Q, M, plane, contiguous = (sizes[9], sizes[10], sizes[11], sizes[12], sizes[13], sizes[14],
                                              sizes[15], sizes[16])
    blocks, parts, shares, way, runs = sizes[17], sizes[18], sizes[19], sizes[20], sizes[21]
    L, O, T = lanes(), P * Q, M // runs
    wide = 2 * L
    item, band = divmod(item, sizes[22])
    share, part, g = item % shares, item // shares % parts, item // shares // parts
    top, bottom = band * P // sizes[22], (band + 1) * P // sizes[22]
    begin, end = part * blocks // parts, (part + 1) * blocks // parts
    length = -(-((bottom - top - 1) * pitch + Q) // wide) * wide
    panel = wide * (rows.size if way == WEIGHT_GRAD else M + 1)
    whole = size == HW == sizes[7] and way != BY_POSITION  # the image is flat as it is, and nothing behind it is read
    depth = M // -(-M // DEPTH) + 1 if M else 1
    a = image if whole else np.empty(C * size + wide, np.float32)
    panels = np.empty((end - begin) * panel, np.float32)
    sums = np.empty(ROWS * length if way == BY_POSITION else SPAN * wide, np.float32)
    if not whole:
        _clear(a)
    _clear(panels)
    _clear(sums)
    if way == BY_CHANNEL:  # in a panel are the weights of a block, (M, wide), and below them its bias
        for block in range(begin, end):
            k, b = block * wide, (block - begin) * panel
            for run in range(runs):
                _transpose(other, ((g * runs + run) * K + k) * T, T, min(wide, K - k), T, panels, b + run * T * wide,
                           wide)
            for j in range(min(wide, K - k)):
                keep_rolled()
                panels[b + M * wide + j] = bias[g * K + k + j]
    for n in range(share * N // shares, (share + 1) * N // shares):
        source = n * G + g
        start = source * C * HW if whole else 0
        if not whole:
            _lay_out(image, source * C * HW, sizes, top, a)
        if way == BY_POSITION:
            for k in range(begin * ROWS, min(K, end * ROWS), ROWS):
                for i in range(min(ROWS, K - k)):
                    for j in range(0, length, L):
                        keep_rolled()
                        store(sums, i * length + j, broadcast(bias, g * K + k + i))
                _multiply_planes(other, g * K * M, rows, k, a, columns, sums, length)
                for i in range(min(ROWS, K - k)):
                    _copy_rows(sums, i * length, sizes, targets, top, bottom, out, (source * K + k + i) * plane)
        else:
            for o in range(0, O, SPAN):
                count = min(SPAN, O - o)
                for block in range(begin, end):
                    k, b = block * wide, (block - begin) * panel
                    used = min(wide, K - k)
                    if way == WEIGHT_GRAD:  # a panel has the sums here, and the sums the grads: (count, wide)
                        _transpose(other, (source * K + k) * O + o, O, used, count, sums, 0, wide)
                        _multiply(a, start, rows, 0, rows.size, columns, o, o + count, sums, 0, panels, b)
                    else:
                        bias0, bias1 = load(panels, b + M * wide), load(panels, b + M * wide + L)
                        for i in range(count):
                            keep_rolled()
                            store(sums, i * wide, bias0)
                            store(sums, i * wide + L, bias1)
                        for m in range(0, M, depth):
                            _multiply(a, start, rows, o, o + count, columns, m, min(M, m + depth), panels,
                                      b + m * wide, sums, 0)
                        target = (source * K + k) * plane
                        if contiguous:
                            _transpose(sums, 0, wide, count, used, out, target + o, plane)
                        else:
                            for i in range(count):
                                for j in range(used):
                                    keep_rolled()
                                    out[target + j * plane + targets[o + i]] = sums[i * wide + j]
    if way == WEIGHT_GRAD:
        for block in range(begin, end):
            k = block * wide
            _transpose(panels, (block - begin) * panel, wide, M, min(wide, K - k), out, ((share * G + g) * K + k) * M,
                       M)


@jit(fast=True)
def _by_plane(item, image, weight, bias, rows, shifts, targets, sizes, out):
    """By position, where a group has one out channel, for which a tile would be too tall: here 4 vectors of one row

    image (N, G, C, H, W), weight (G, M), bias (G,) -> out (N, G, plane); an item is a group, and a share of the images.
    """
    HW, pitch, size, N, G, P, Q, shares = (sizes[1], sizes[5], sizes[8], sizes[9], sizes[10], sizes[12], sizes[13],
                                           sizes[19])
    L, g, share = lanes(), item // shares, item % shares
    length, start = -(-((P - 1) * pitch + Q) // (4 * L)) * 4 * L, g * shifts.size
    flat, sums = np.empty(sizes[0] * size + 4 * L, np.float32), np.empty(length, np.float32)
    _clear(flat)
    for n in range(share * N // shares, (share + 1) * N // shares):
        source = n * G + g
        _lay_out(image, source * sizes[0] * HW, sizes, 0, flat)
        for j in range(0, length, 4 * L):
            s0, s1, s2, s3 = broadcast(bias, g), broadcast(bias, g), broadcast(bias, g), broadcast(bias, g)
            for m in range(shifts.size):
                w, i = broadcast(weight, start + m), j + shifts[m]
                s0 += w * load(flat, i)
                s1 += w * load(flat, i + L)
                s2 += w * load(flat, i + 2 * L)
                s3 += w * load(flat, i + 3 * L)
            store(sums, j, s0)
            store(sums, j + L, s1)
            store(sums, j + 2 * L, s2)
            store(sums, j + 3 * L, s3)
        _copy_rows(sums, 0, sizes, targets, 0, P, out, source * sizes[15])


@jit(fast=True)
def _plane_weight_grad(item, image, grad, bias, windows, shifts, targets, sizes, out):
    """weight_grad[m] = sum_o image[shift[m] + o] * grad[o], where a group has one out channel: 6 taps at a time

    image (N, G, C, H, W), grad (N, G, O) -> out (shares, G, M); an item is a group, and a share of the images.
    """
    HW, pitch, size, N, G, P, Q, M, shares = (sizes[1], sizes[5], sizes[8], sizes[9], sizes[10], sizes[12], sizes[13],
                                              sizes[14], sizes[19])
    L, g, share = lanes(), item // shares, item % shares
    flat, sums = np.empty(sizes[0] * size, np.float32), np.empty((M + ROWS) * L, np.float32)
    _clear(flat)
    _clear(sums)
    for n in range(share * N // shares, (share + 1) * N // shares):
        source = n * G + g
        _lay_out(image, source * sizes[0] * HW, sizes, 0, flat)
        for m in range(0, M, ROWS):
            last, i = M - 1, m * L
            a, b, c = shifts[m], shifts[min(m + 1, last)], shifts[min(m + 2, last)]
            d, e, f = shifts[min(m + 3, last)], shifts[min(m + 4, last)], shifts[min(m + 5, last)]
            s0, s1, s2 = load(sums, i), load(sums, i + L), load(sums, i + 2 * L)
            s3, s4, s5 = load(sums, i + 3 * L), load(sums, i + 4 * L), load(sums, i + 5 * L)
            for p in range(P):
                for q in range(0, Q, L):
                    x, left = p * pitch + q, Q - q
                    y = _load_up_to(grad, source * P * Q + p * Q + q, left)
                    s0 += y * _load_up_to(flat, a + x, left)
                    s1 += y * _load_up_to(flat, b + x, left)
                    s2 += y * _load_up_to(flat, c + x, left)
                    s3 += y * _load_up_to(flat, d + x, left)
                    s4 += y * _load_up_to(flat, e + x, left)
                    s5 += y * _load_up_to(flat, f + x, left)
            store(sums, i, s0)
            store(sums, i + L, s1)
            store(sums, i + 2 * L, s2)
            store(sums, i + 3 * L, s3)
            store(sums, i + 4 * L, s4)
            store(sums, i + 5 * L, s5)
    for m in range(M):
        total = np.float32(0)
        for i in range(m * L, (m + 1) * L):
            total += sums[i]
        out[(share * G + g) * M + m] = total


@jit
def _load_up_to(array, start, count):
    """As load_first, which is slower where the vector is full."""
    return load(array, start) if count >= lanes() else load_first(array, start, count)


@jit(fast=True)
def _multiply(a, start, rows, first_row, last_row, columns, first, last, b, at, out, place):
    """out[i, j] += sum_m a[rows[i] + columns[m]] * b[m, j] for first_row <= i < last_row, first <= m < last

    a begins at `start`; at `at` is row `first` of b (M, wide), at `place` row `first_row` of out, in whole tiles.
    """
    keep_apart()
    L, M = lanes(), last - first
    columns = columns[first:last]
    for i in range(first_row, last_row, ROWS):
        a0, a1, a2 = start + rows[i], start + rows[i + 1], start + rows[i + 2]
        a3, a4, a5 = start + rows[i + 3], start + rows[i + 4], start + rows[i + 5]
        o0, y = place + (i - first_row) * 2 * L, at
        o1, o2, o3, o4, o5 = o0 + 2 * L, o0 + 4 * L, o0 + 6 * L, o0 + 8 * L, o0 + 10 * L
        c00, c01, c10, c11 = load(out, o0), load(out, o0 + L), load(out, o1), load(out, o1 + L)
        c20, c21, c30, c31 = load(out, o2), load(out, o2 + L), load(out, o3), load(out, o3 + L)
        c40, c41, c50, c51 = load(out, o4), load(out, o4 + L), load(out, o5), load(out, o5 + L)
        for m in range(M):
            keep_rolled()
            column = columns[m]
            y0, y1 = load(b, y), load(b, y + L)
            y += 2 * L
            x = broadcast(a, a0 + column)
            c00 += x * y0
            c01 += x * y1
            x = broadcast(a, a1 + column)
            c10 += x * y0
            c11 += x * y1
            x = broadcast(a, a2 + column)
            c20 += x * y0
            c21 += x * y1
            x = broadcast(a, a3 + column)
            c30 += x * y0
            c31 += x * y1
            x = broadcast(a, a4 + column)
            c40 += x * y0
            c41 += x * y1
            x = broadcast(a, a5 + column)
            c50 += x * y0
            c51 += x * y1
        store(out, o0, c00)
        store(out, o0 + L, c01)
        store(out, o1, c10)
        store(out, o1 + L, c11)
        store(out, o2, c20)
        store(out, o2 + L, c21)
        store(out, o3, c30)
        store(out, o3 + L, c31)
        store(out, o4, c40)
        store(out, o4 + L, c41)
        store(out, o5, c50)
        store(out, o5 + L, c51)


@jit(fast=True)
def _multiply_planes(weight, start, rows, row, image, shifts, out, width):
    """out[i, j] += sum_m weight[rows[row + i] + m] * image[shifts[m] + j] for i < 6, j < width

    weight begins at `start`; out is (6, width).
    """
    keep_apart()
    L, M = lanes(), shifts.size
    a0, a1, a2 = start + rows[row], start + rows[row + 1], start + rows[row + 2]
    a3, a4, a5 = start + rows[row + 3], start + rows[row + 4], start + rows[row + 5]
    for o0 in range(0, width, 2 * L):
        o1, o2, o3, o4, o5 = o0 + width, o0 + 2 * width, o0 + 3 * width, o0 + 4 * width, o0 + 5 * width
        c00, c01, c10, c11 = load(out, o0), load(out, o0 + L), load(out, o1), load(out, o1 + L)
        c20, c21, c30, c31 = load(out, o2), load(out, o2 + L), load(out, o3), load(out, o3 + L)
        c40, c41, c50, c51 = load(out, o4), load(out, o4 + L), load(out, o5), load(out, o5 + L)
        for m in range(M):
            keep_rolled()
            y = shifts[m] + o0
            y0, y1 = load(image, y), load(image, y + L)
            x = broadcast(weight, a0 + m)
            c00 += x * y0
            c01 += x * y1
            x = broadcast(weight, a1 + m)
            c10 += x * y0
            c11 += x * y1
            x = broadcast(weight, a2 + m)
            c20 += x * y0
            c21 += x * y1
            x = broadcast(weight, a3 + m)
            c30 += x * y0
            c31 += x * y1
            x = broadcast(weight, a4 + m)
            c40 += x * y0
            c41 += x * y1
            x = broadcast(weight, a5 + m)
            c50 += x * y0
            c51 += x * y1
        store(out, o0, c00)
        store(out, o0 + L, c01)
        store(out, o1, c10)
        store(out, o1 + L, c11)
        store(out, o2, c20)
        store(out, o2 + L, c21)
        store(out, o3, c30)
        store(out, o3 + L, c31)
        store(out, o4, c40)
        store(out, o4 + L, c41)
        store(out, o5, c50)
        store(out, o5 + L, c51)


@jit
def _clear(flat):
    for i in range(flat.size):
        flat[i] = 0


@jit
def _lay_out(image, start, sizes, top, flat):
    """image (C, H, W), which begins at start -> its pixels to their places in flat, which begins with row `top` of the
    layout; sizes begin with _frame"""
    keep_apart()
    channel, first, row, place, pitch, count, size = (sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[7],
                                                      sizes[8])
    begin, place = max(0, top - place // pitch), place - top * pitch
    end = min(sizes[6], (size - place - count) // pitch + 1)                            # where flat ends
    for c in range(sizes[0]):
        for h in range(begin, end):
            _copy(image, start + c * channel + first + h * row, flat, c * size + place + h * pitch, count)


@jit
def _copy_rows(sums, start, sizes, targets, top, bottom, out, target):
    """out[target + targets[p, q]] = sums[start + (p - top) * pitch + q] for top <= p < bottom"""
    keep_apart()
    pitch, Q, contiguous = sizes[5], sizes[13], sizes[16]
    for p in range(top, bottom):
        source = start + (p - top) * pitch
        if contiguous:
            _copy(sums, source, out, target + p * Q, Q)
        else:
            for q in range(Q):
                keep_rolled()
                out[target + targets[p * Q + q]] = sums[source + q]


@jit
def _copy(source, start, target, place, count):
    """target[place + i] = source[start + i] for i < count"""
    L = lanes()
    if count < L:
        store_first(target, place, load_first(source, start, count), count)
    else:
        for i in range(0, count - L, L):
            keep_rolled()
            store(target, place + i, load(source, start + i))
        i = count - L  # this one may write some numbers again
        store(target, place + i, load(source, start + i))


@jit
def _transpose(source, start, row, I, J, target, place, column):
    """target[j, i] = source[i, j] for i < I, j < J, whose rows and columns are so far from each other"""
    keep_apart()
    L = lanes()
    if I < L or J < L:
        for i in range(I):
            for j in range(J):
                keep_rolled()
                target[place + j * column + i] = source[start + i * row + j]
    else:
        for y in range(0, I, L):
            i = min(y, I - L)  # the last block may write some numbers again
            for x in range(0, J, L):
                j = min(x, J - L)
                transpose(source, start + i * row + j, row, target, place + j * column + i, column)
