"""Direct convolution of float32 images, in register tiles: what conv.py does, several times as fast.

A processor multiplies and adds faster than it loads. So a number that is loaded has to meet many others while it is in
a register. A *tile* is 12 vectors of sums that stay in registers while a loop runs over everything to be summed:

    tile[i, j] += column[i] * row[j]        6 numbers of a column, 2 vectors of a row

Each step loads 8 registers and multiplies and adds 12 times (GotoBLAS does matrix products like this: Goto and van de
Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008). Here one of the matrices is an image, whose elements
are not where a matrix has them; tables say where, and one loop, _multiply, serves the three kernels:

    out[i, j] += sum_m a[rows[i] + columns[m]] * b[places[m] + j]

because an image lies flat, as in conv.py, and with o for a position of the output, window[o] for where its window
begins, and m for a channel and a tap,

    by channel    out[o, k]         = sum_m  image[window[o] + shift[m]] * weight[m, k]
    by position   out[k, o]         = sum_m  weight[k, m] * image[shift[m] + o]
    weight grad   weight_grad[m, k] = sum_o  image[shift[m] + window[o]] * grad[o, k]

Of the two ways to the output the one is taken that has fewer tiles: by position where there are few channels. The
gradient of the input is a convolution too, of the output's gradient with the turned filter; with stride 2 one for the
even and one for the odd rows, each with every other tap.

One image at a time is laid out flat, and its padding added, in a buffer that stays in the cache. Buffers have room for
the vectors that reach past the end; what such lanes compute is dropped.

Letters: as in conv.py, but C and K are those of a group; M is C*T, O is P*Q.
"""
import functools

import numpy as np

from ._jit import jit
from ._vector import broadcast, keep_rolled, lanes, load, store, transpose

__all__ = ["convolution", "input_grad", "takes", "weight_grad"]

ROWS = 6         # of a tile; it is two vectors wide, so that its 12 sums leave room for 3 more vectors in 16 registers
SPAN = 288       # so many rows of b, 16 KiB, stay in the innermost cache while they meet all of a
PARTS = 16       # the work is cut into at least so many parts if it can be, whatever the number of threads
PRODUCTS = 32    # as many as cost what an element costs elsewhere, where it is asked whether they are worth a thread
NOTHING = np.zeros(0, np.int64)


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
    out = np.empty((len(grad), weight.shape[1] * groups, *image), np.float32)
    for plan in backward_plans(grad.shape, weight.shape, image, stride, padding, dilation, groups):
        plan.run(grad, weight, plan.zeros, out)
    return out


def weight_grad(grad, input, weight_shape, stride, padding, dilation, groups):
    """grad (N, K, P, Q), input (N, C, H, W) -> (K, C/G, R, S)"""
    plan = forward_plan(input.shape, weight_shape, grad.shape[2:], stride, padding, dilation, groups, True)
    out = np.empty((plan.shares, *weight_shape), np.float32)
    plan.run(input, grad, plan.zeros, out)
    return out[0] if plan.shares == 1 else out.sum(0)


# ---------------------------------------------------------------------------------------------------------------- plans
class Plan:
    """What a kernel has to know of the shapes; computed once for all calls with the same.

    frame         how an image becomes flat: see _frame
    windows (O,)  where in the flat image the windows begin
    shifts (M,)   from there to the pixel under each tap of each channel
    taps (M,)     where the weights of these taps are, for the first out channel; those of the next are `step` further
    targets (O,)  where the outputs go in a plane of so many pixels
    length        by how many neighbours the windows are covered, if they may be computed by position
    """

    def __init__(self, N, G, K, P, frame, windows, shifts, taps, step, targets, plane, length):
        wide, O, M = 2 * lanes(), windows.size, shifts.size
        channels = -(-K // wide)  # blocks of them, as many as a tile is wide
        if targets is None:
            self.kernel, blocks = _weight_grad, channels
            rows, columns, places, taps, targets = shifts, windows, np.arange(O) * wide, NOTHING, NOTHING
        elif length and -(-length // wide) * -(-K // ROWS) < -(-O // ROWS) * channels:
            self.kernel, blocks, rows, columns, places = _by_position, -(-K // ROWS), np.arange(K) * step, taps, shifts
        else:
            self.kernel, blocks, rows, columns, places = _by_channel, channels, windows, shifts, np.arange(M) * wide
        rows = np.append(rows, rows[-1:].repeat(-rows.size % ROWS))                     # whole tiles
        parts = min(blocks, max(M * K >> 17, -(-PARTS // (N * G))))
        self.shares = min(N, -(-PARTS // (G * parts)))
        contiguous = np.array_equal(targets, np.arange(O))
        sizes = np.array([*frame, N, G, K, parts, self.shares, P, O // P, step, plane, contiguous])
        self.tables = rows, columns, places, taps, targets, sizes
        self.items = G * parts * self.shares
        self.work = N * G * K * O * M // PRODUCTS
        self.zeros = np.zeros(G * K, np.float32)

    def run(self, image, other, bias, out):
        self.kernel[self.items, self.work](image.reshape(-1), other.reshape(-1), bias, *self.tables, out.reshape(-1))


def _frame(C, image, start, size):
    """The part of `size` of the image that begins at -start, with zeros where there is no image.

    The zeros behind a row serve as those before the next row too.
    """
    (H, W), (top, left), (tall, wide) = image, start, size
    pitch = max(min(left + W, wide), wide - max(left, 0))
    return C, H, W, top, left, tall, wide, pitch, tall * pitch + wide - pitch


def _sums(*axes):
    """Every sum of one number from each axis."""
    return functools.reduce(np.add.outer, axes).ravel()


def _images(*shapes):
    """Shapes with two axes after the first ones: those of a sequence are an image of one row."""
    return [shape if len(shape) == 2 else (fill, *shape) for shape, fill in shapes]


@functools.lru_cache(maxsize=256)
def forward_plan(input_shape, weight_shape, output, stride, padding, dilation, groups, weight_grad=False):
    (N, C, *image), (K, _, *filter) = input_shape, weight_shape
    image, filter, (P, Q), (s, t), padding, (down, right) = _images(
        (image, 1), (filter, 1), (output, 1), (stride, 1), (padding, 0), (dilation, 1))
    C, K = C // groups, K // groups
    frame = _frame(C, image, padding, [size + 2 * pad for size, pad in zip(image, padding)])
    *_, pitch, size = frame
    windows = _sums(np.arange(P) * s * pitch, np.arange(Q) * t)
    shifts = _sums(np.arange(C) * size, np.arange(filter[0]) * down * pitch, np.arange(filter[1]) * right)
    return Plan(N, groups, K, P, frame, windows, shifts, np.arange(shifts.size), shifts.size,
                None if weight_grad else np.arange(P * Q), P * Q, windows[-1] + 1 if s == t == 1 else 0)


@functools.lru_cache(maxsize=256)
def backward_plans(grad_shape, weight_shape, image, stride, padding, dilation, groups):
    """One plan for each phase of the input: which pixels of the grad, and which taps, make up its pixels."""
    (N, K, *output), (_, C, *filter) = grad_shape, weight_shape
    image, filter, output, stride, padding, dilation = _images(
        (image, 1), (filter, 1), (output, 1), (stride, 1), (padding, 0), (dilation, 1))
    K, (H, W), (R, S) = K // groups, image, filter
    axes = [list(_phases(*sizes)) for sizes in zip(image, filter, stride, padding, dilation)]
    plans = []
    for top, tall, first, rows, down in axes[0]:
        for left, wide, column, columns, right in axes[1]:
            P, Q = len(range(first, H, stride[0])), len(range(column, W, stride[1]))
            if P and Q:
                frame = _frame(K, output, (top, left), (tall, wide))
                *_, pitch, size = frame
                windows = _sums(np.arange(P) * pitch, np.arange(Q))
                plans.append(Plan(
                    N, groups, C, P, frame, windows, _sums(np.arange(K) * size, down * pitch, right),
                    _sums(np.arange(K) * C * R * S, rows * S, columns), R * S,
                    _sums(np.arange(first, H, stride[0]) * W, np.arange(column, W, stride[1])), H * W,
                    windows[-1] + 1))
    return plans


def _phases(H, R, stride, padding, dilation):
    """For each phase of an axis: where the grad begins in its buffer, the size of that, the first pixel, the taps, and
    the shift of each."""
    back, phases = np.divmod(np.arange(R) * dilation, stride)
    for phase in range(stride):
        first = (phase - padding) % stride
        i = (first + padding) // stride  # pixel first + j*stride is the sum over taps of grad[i + j - back]
        taps = np.flatnonzero(phases == phase)
        reach = back[taps].max(initial=0)
        yield reach - i, len(range(first, H, stride)) + reach, first, taps, reach - back[taps]


# -------------------------------------------------------------------------------------------------------------- kernels
# Arrays are flat here, with the sizes beside them: a slice of an array counts who holds it, and the cores would wait
# for each other at that counter.

@jit(fast=True)
def _by_channel(item, image, weight, bias, rows, columns, places, taps, targets, sizes, out):
    """image (N, G, C, H, W), weight (G, K, M), bias (G, K) -> out (N, G, K, plane)

    An item is a group, some blocks of its out channels, and a share of the images.
    """
    C, H, W, size, N, G, K, parts = sizes[0], sizes[1], sizes[2], sizes[8], sizes[9], sizes[10], sizes[11], sizes[12]
    shares, O, step, plane, contiguous = sizes[13], sizes[14] * sizes[15], sizes[16], sizes[17], sizes[18]
    wide, M = 2 * lanes(), columns.size
    blocks, panel = -(-K // wide), (M + 1) * wide
    share, part, g = item % shares, item // shares % parts, item // shares // parts
    begin, end = part * blocks // parts, (part + 1) * blocks // parts
    flat, sums = np.empty(C * size, np.float32), np.empty(SPAN * wide, np.float32)
    panels = np.empty((end - begin) * panel, np.float32)
    _clear(flat)
    _clear(panels)
    for k in range(begin * wide, min(K, end * wide)):  # the weights of each block, (M, wide), and below them its bias
        place, start = (k // wide - begin) * panel + k % wide, g * (weight.size // G) + k * step
        for m in range(M):
            panels[place + m * wide] = weight[start + taps[m]]
        panels[place + M * wide] = bias[g * K + k]
    for n in range(share * N // shares, (share + 1) * N // shares):
        source = n * G + g
        _lay_out(image, source * C * H * W, sizes, flat)
        for o in range(0, O, SPAN):
            count = min(SPAN, O - o)
            for block in range(begin, end):
                k, b = block * wide, (block - begin) * panel
                bias0, bias1 = load(panels, b + M * wide), load(panels, b + M * wide + lanes())
                for i in range(count):
                    store(sums, i * wide, bias0)
                    store(sums, i * wide + lanes(), bias1)
                for m in range(0, M, SPAN):
                    _multiply(flat, 0, rows, o, o + count, columns, panels, b, places, m, min(M, m + SPAN), sums, 0,
                              wide)
                target = (source * K + k) * plane
                if contiguous:
                    _transpose(sums, 0, wide, count, min(wide, K - k), out, target + o, plane)
                else:
                    for i in range(count):
                        for j in range(min(wide, K - k)):
                            out[target + j * plane + targets[o + i]] = sums[i * wide + j]


@jit(fast=True)
def _by_position(item, image, weight, bias, rows, columns, places, taps, targets, sizes, out):
    """image (N, G, C, H, W), weight (G, K, M), bias (G, K) -> out (N, G, K, plane)

    An item is a group, some blocks of 6 of its out channels, and a share of the images.
    """
    C, H, W, pitch, size, N, G = sizes[0], sizes[1], sizes[2], sizes[7], sizes[8], sizes[9], sizes[10]
    K, parts, shares, P, Q, plane, contiguous = (sizes[11], sizes[12], sizes[13], sizes[14], sizes[15], sizes[17],
                                                 sizes[18])
    wide, blocks, M = 2 * lanes(), -(-K // ROWS), columns.size
    length = -(-((P - 1) * pitch + Q) // wide) * wide
    share, part, g = item % shares, item // shares % parts, item // shares // parts
    flat, sums = np.empty(C * size + wide, np.float32), np.empty(ROWS * length, np.float32)
    _clear(flat)
    for n in range(share * N // shares, (share + 1) * N // shares):
        source = n * G + g
        _lay_out(image, source * C * H * W, sizes, flat)
        for k in range(part * blocks // parts * ROWS, min(K, (part + 1) * blocks // parts * ROWS), ROWS):
            for i in range(min(ROWS, K - k)):
                for j in range(i * length, (i + 1) * length):
                    sums[j] = bias[g * K + k + i]
            _multiply(weight, g * (weight.size // G), rows, k, k + ROWS, columns, flat, 0, places, 0, M, sums, 0,
                      length)
            for i in range(min(ROWS, K - k)):
                target = (source * K + k + i) * plane
                for p in range(P):
                    if contiguous:
                        _copy(sums, i * length + p * pitch, out, target + p * Q, Q)
                    else:
                        for q in range(Q):
                            out[target + targets[p * Q + q]] = sums[i * length + p * pitch + q]


@jit(fast=True)
def _weight_grad(item, image, grad, bias, rows, columns, places, taps, targets, sizes, out):
    """image (N, G, C, H, W), grad (N, G, K, O) -> out (shares, G, K, M)

    An item is a group, some blocks of its out channels, and a share of the images.
    """
    C, H, W, size, N, G, K, parts = sizes[0], sizes[1], sizes[2], sizes[8], sizes[9], sizes[10], sizes[11], sizes[12]
    shares, O, M = sizes[13], sizes[14] * sizes[15], sizes[16]
    wide = 2 * lanes()
    blocks, panel = -(-K // wide), rows.size * wide
    share, part, g = item % shares, item // shares % parts, item // shares // parts
    begin, end = part * blocks // parts, (part + 1) * blocks // parts
    flat, grads = np.empty(C * size, np.float32), np.empty(SPAN * wide, np.float32)
    sums = np.empty((end - begin) * panel, np.float32)
    _clear(flat)
    _clear(grads)
    _clear(sums)
    for n in range(share * N // shares, (share + 1) * N // shares):
        source = n * G + g
        _lay_out(image, source * C * H * W, sizes, flat)
        for o in range(0, O, SPAN):
            count = min(SPAN, O - o)
            for block in range(begin, end):
                k = block * wide
                _transpose(grad, (source * K + k) * O + o, O, min(wide, K - k), count, grads, 0, wide)
                _multiply(flat, 0, rows, 0, M, columns, grads, -o * wide, places, o, o + count, sums,
                          (block - begin) * panel, wide)
    for block in range(begin, end):
        k = block * wide
        _transpose(sums, (block - begin) * panel, wide, M, min(wide, K - k), out, ((share * G + g) * K + k) * M, M)


@jit(fast=True)
def _multiply(a, start, rows, first_row, last_row, columns, b, at, places, first, last, out, place, width):
    """out[i, j] += sum_m a[rows[i] + columns[m]] * b[places[m] + j] for first_row <= i < last_row, first <= m < last

    a begins at `start`, b at `at` and out, (last_row - first_row, width) in whole tiles, at `place`.
    """
    L, M = lanes(), last - first
    columns, places = columns[first:last], places[first:last]
    for i in range(first_row, last_row, ROWS):
        a0, a1, a2 = start + rows[i], start + rows[i + 1], start + rows[i + 2]
        a3, a4, a5 = start + rows[i + 3], start + rows[i + 4], start + rows[i + 5]
        for j in range(0, width, 2 * L):
            o0 = place + (i - first_row) * width + j
            o1, o2, o3, o4, o5 = o0 + width, o0 + 2 * width, o0 + 3 * width, o0 + 4 * width, o0 + 5 * width
            c00, c01, c10, c11 = load(out, o0), load(out, o0 + L), load(out, o1), load(out, o1 + L)
            c20, c21, c30, c31 = load(out, o2), load(out, o2 + L), load(out, o3), load(out, o3 + L)
            c40, c41, c50, c51 = load(out, o4), load(out, o4 + L), load(out, o5), load(out, o5 + L)
            for m in range(M):
                keep_rolled()
                column, y = columns[m], at + places[m] + j
                y0, y1 = load(b, y), load(b, y + L)
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


@jit
def _clear(flat):
    for i in range(flat.size):
        flat[i] = 0


@jit
def _lay_out(image, start, sizes, flat):
    """image (C, H, W), which begins at start -> its pixels to their places in flat, which has zeros elsewhere"""
    C, H, W, top, left = sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]
    tall, wide, pitch, size = sizes[5], sizes[6], sizes[7], sizes[8]
    first, last, count = max(0, -top), min(H, tall - top), min(W, wide - left) - max(0, -left)
    for c in range(C):
        source, target = start + c * H * W + max(0, -left), c * size + max(0, left)
        if count == pitch == W:  # the rows are neighbours in both
            _copy(image, source + first * W, flat, target + (first + top) * pitch, (last - first) * W)
        else:
            for h in range(first, last):
                _copy(image, source + h * W, flat, target + (h + top) * pitch, count)


@jit
def _copy(source, start, target, place, count):
    """target[place + i] = source[start + i] for i < count"""
    L = lanes()
    if count < L:
        for i in range(count):
            target[place + i] = source[start + i]
    else:
        for i in range(0, count - L, L):
            store(target, place + i, load(source, start + i))
        i = count - L  # this one may write some numbers again
        store(target, place + i, load(source, start + i))


@jit
def _transpose(source, start, row, I, J, target, place, column):
    """target[j, i] = source[i, j] for i < I, j < J, whose rows and columns are so far from each other"""
    L = lanes()
    if I < L or J < L:
        for i in range(I):
            for j in range(J):
                target[place + j * column + i] = source[start + i * row + j]
    else:
        for y in range(0, I, L):
            i = min(y, I - L)  # the last block may write some numbers again
            for x in range(0, J, L):
                j = min(x, J - L)
                transpose(source, start + i * row + j, row, target, place + j * column + i, column)
