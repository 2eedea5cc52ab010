"""Direct convolution of float32 images, in register tiles: what conv.py does, several times as fast.

A processor multiplies and adds faster than it loads. So a number that is loaded has to meet many others while it is in
a register. A *tile* is 12 vectors of sums that stay in registers while a loop runs over everything to be summed:

    tile[i, j] += column[i] * row[j]        6 numbers of a column, 2 vectors of a row

Each step loads 8 registers and multiplies and adds 12 times (GotoBLAS does matrix products like this: Goto and van de
Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008). With t for a channel and a tap of the filter, and o
for a position in the output,

    output         out[k, o]         = sum_t  weight[k, t] * image[o + shift[t]]       column: weight, row: image
    weight grad    weight_grad[t, k] = sum_o  image[o + shift[t]] * grad[o, k]         column: image,  row: grad

where the image lies flat, as in conv.py. The gradient of the input is a convolution too, of the output's gradient with
the turned filter; with stride 2 one for the even and one for the odd rows, each with every other tap.

One image at a time is laid out flat, and its padding added, in a buffer that stays in the cache. Buffers have room for
the vectors that reach past the end; what such lanes compute is dropped. Images and results are read and written through
first() lanes only, and never past their ends.

Letters: as in conv.py; B blocks of 6 out channels, J positions of the flat output, those between two rows included.
"""
import functools
import math

import numpy as np

from ._jit import jit, prange
from ._vector import broadcast, lanes, load, load_first, store, store_first

__all__ = ["convolution", "input_grad", "takes", "weight_grad"]

ROWS = 6        # of a tile; it is two vectors wide, so that its 12 sums leave room for 3 more vectors in 16 registers
PARTS = 8       # the work is cut into at least so many parts if it can be, whatever the number of threads


# ------------------------------------------------------------------------------------------------------------ launchers
def takes(a, b, result, channels):
    """Whether a and b are float32 images or sequences, and `channels` so many that half of a tile or more is of use."""
    return a.dtype == np.float32 and a.ndim <= 4 and channels >= ROWS // 2 and a.size and b.size and 0 not in result


def convolution(input, weight, bias, output, stride, padding, dilation, groups):
    """input (N, C, H, W), weight (K, C/G, R, S), bias (K,) -> (N, K, P, Q); or sequences, without H, R and P"""
    plan = forward_plan(input.shape[2:], weight.shape[2:], output, stride, padding, dilation)
    out = np.empty((len(input), len(weight), *output), np.float32)
    _run(plan, input, weight.ravel(), bias, groups, out)
    return out


def input_grad(grad, weight, image, stride, padding, dilation, groups):
    """grad (N, K, P, Q), weight (K, C/G, R, S) -> (N, C, H, W)"""
    (K, C_per_group, *filter), output = weight.shape, grad.shape[2:]
    C = C_per_group * groups
    out, zero = np.empty((len(grad), C, *image), np.float32), np.zeros(C, np.float32)
    weight = weight.reshape(groups, K // groups, C_per_group, -1, filter[-1]).swapaxes(1, 2)  # (G, C/G, K/G, R, S)
    for plan in backward_plans(image, tuple(filter), output, stride, padding, dilation):
        _run(plan, grad, weight[plan.taps].ravel(), zero, groups, out)                  # those of the phase
    return out


def weight_grad(grad, input, weight_shape, stride, padding, dilation, groups):
    """grad (N, K, P, Q), input (N, C, H, W) -> (K, C/G, R, S)"""
    (N, K, *output), C, (_, _, *filter) = grad.shape, input.shape[1] // groups, weight_shape
    plan = forward_plan(input.shape[2:], tuple(filter), tuple(output), stride, padding, dilation)
    shifts, K, wide = plan.all_shifts(C), K // groups, 2 * lanes()
    T, blocks = shifts.size, -(-K // wide)
    shifts = np.pad(shifts, (0, -T % ROWS))                                             # whole tiles
    parts = min(N, -(-2 * PARTS // (groups * blocks)))
    sums = np.zeros((parts, groups, blocks, shifts.size, wide), np.float32)
    _in_parallel(True, input.ravel(), N, groups, C, *plan.image, grad.ravel(), K, sums.ravel(), plan.lines,
                 plan.segments, shifts, plan.rows, plan.size, plan.targets, plan.width, plan.step, parts,
                 np.arange(parts * groups * blocks + 1), sums.ravel())
    sums = sums.sum(0)[:, :, :T].swapaxes(2, 3)                                         # (G, B, wide, C/G*T)
    return sums.reshape(groups, blocks * wide, T)[:, :K].reshape(weight_shape)


def _run(plan, image, weight, bias, groups, out):
    """image (N, C, H, W), weight (K*C/G*T,), bias (K,) -> out (N, K, P, Q), those of its pixels that the plan is for"""
    (N, C), K = image.shape[:2], bias.size // groups
    parts = min(-(-K // ROWS), -(-PARTS // (N * groups)))
    items = N * groups * parts
    chunks = min(items, 32)  # a chunk has one buffer for all its items
    _in_parallel(False, image.ravel(), N, groups, C // groups, *plan.image, weight, K, bias, plan.lines, plan.segments,
                 plan.all_shifts(C // groups), plan.rows, plan.size, plan.targets, plan.width, plan.step, parts,
                 np.arange(chunks + 1) * items // chunks, out.ravel())


# ---------------------------------------------------------------------------------------------------------------- plans
class Plan:
    """Where the pixels of one channel go in the flat buffer, and which of its positions make up the output.

    image (H, W), output (P, Q)  with H = P = 1 for a sequence
    lines (H,)        where a row of pixels begins in the buffer, or -1: nobody looks at it
    segments (s, 4)   source, step, target, count: pixels source, source + step, ... of a row lie together at target
    size              of the buffer, per channel
    shifts (T,)       the distance from an output position to the pixel under each tap
    rows (P,), width  where the rows of the output begin in the flat output, and how many positions they have
    targets (P,), step  where these rows go in the output's plane, and the distance between two pixels of a row there
    """

    def __init__(self, **fields):
        vars(self).update(fields)

    @functools.lru_cache(maxsize=None)
    def all_shifts(self, C):
        """(C*T,)"""
        return (np.arange(C)[:, None] * self.size + self.shifts).ravel()


@functools.lru_cache(maxsize=256)
def forward_plan(image, filter, output, stride, padding, dilation):
    """With stride s an axis has s phases: window p meets tap r in phase r*dilation % s, at p + r*dilation // s."""
    if len(image) == 1:
        return forward_plan((1, *image), (1, *filter), (1, *output), (1, *stride), (0, *padding), (1, *dilation))
    (H, W), (P, Q), (s, t), (top, left) = image, output, stride, padding
    tall, wide = -(-(H + 2 * top) // s), -(-(W + 2 * left) // t)                        # of a phase
    step, phase = np.divmod(np.arange(H) + top, s)
    lines = phase * t * tall * wide + step * wide
    segments = []
    for phase in range(t):
        first = (phase - left) % t  # the first pixel in this phase
        segments.append((first, t, phase * tall * wide + (first + left) // t, len(range(first, W, t))))
    step, phase = np.divmod(np.arange(filter[0]) * dilation[0], s)
    down = phase * t * tall * wide + step * wide                                        # (R,)
    step, phase = np.divmod(np.arange(filter[1]) * dilation[1], t)
    right = phase * tall * wide + step                                                  # (S,)
    return Plan(image=image, output=output, lines=lines, segments=np.array(segments), size=s * t * tall * wide,
                shifts=(down[:, None] + right).ravel(), rows=np.arange(P) * wide, width=Q,
                targets=np.arange(P) * Q, step=1)


@functools.lru_cache(maxsize=256)
def backward_plans(image, filter, output, stride, padding, dilation):
    """One plan for each phase of the input: which pixels of `output`, the grad, and which taps make up its pixels."""
    if len(image) == 1:
        return backward_plans((1, *image), (1, *filter), (1, *output), (1, *stride), (0, *padding), (1, *dilation))
    axes = [list(_backward_axis(*sizes)) for sizes in zip(image, filter, output, stride, padding, dilation)]
    plans = []
    for first, tall, count, taps, down, places in axes[0]:
        for left, wide, width, columns, right, column in axes[1]:
            if not count or not width:
                continue
            seen = np.flatnonzero(column >= 0)
            segment = (seen[0], 1, column[seen[0]], seen.size) if seen.size else (0, 1, 0, 0)
            plans.append(Plan(
                image=output, output=image,
                lines=np.where(places >= 0, places * wide, -1), segments=np.array([segment]),
                size=tall * wide, shifts=(down[:, None] * wide + right).ravel(),
                rows=np.arange(count) * wide, width=width,
                targets=(first + np.arange(count) * stride[0]) * image[1] + left, step=stride[1],
                taps=(..., taps, columns)))
    return plans


def _backward_axis(H, R, P, stride, padding, dilation):
    """For each phase: its first pixel, the size of its buffer, how many pixels it has, its taps, the shift of each, and
    where in the buffer each of the P pixels of the grad lies (or -1)."""
    back, phases = np.divmod(np.arange(R) * dilation, stride)
    for phase in range(stride):
        first = (phase - padding) % stride
        i = (first + padding) // stride  # pixel first + j*stride is the sum over taps of grad[i + j - back]
        count = len(range(first, H, stride))
        taps = np.flatnonzero(phases == phase)
        reach = back[taps].max(initial=0)
        every = slice(taps[0] if taps.size else R, None, stride // math.gcd(stride, dilation))
        places = np.arange(P) + reach - i
        size = count + reach
        places[(places < 0) | (places >= size)] = -1
        yield first, size, count, every, reach - back[taps], places


# -------------------------------------------------------------------------------------------------------------- kernels
# Arrays are flat here, with the sizes beside them: a slice of an array counts who holds it, and the cores would wait
# for each other at that counter.

@jit(parallel=True, fast=True)
def _in_parallel(backward, image, N, G, C, H, W, other, K, bias, lines, segments, shifts, rows, size, targets, width,
                 step, parts, bounds, out):
    """Items bounds[i] to bounds[i + 1] for every i: of _convolution, or if `backward` of _weight_grad.

    Of a parallel loop the compiler makes a new program, which takes it seconds: hence one for both.
    """
    for i in prange(len(bounds) - 1):
        if backward:
            _weight_grad(image, N, G, C, H, W, other, K, lines, segments, shifts, rows, size, width, parts,
                         bounds[i], bounds[i + 1], out)
        else:
            _convolution(image, N, G, C, H, W, other, K, bias, lines, segments, shifts, rows, size, targets, width,
                         step, parts, bounds[i], bounds[i + 1], out)


@jit(fast=True)
def _convolution(image, N, G, C, H, W, weight, K, bias, lines, segments, shifts, rows, size, targets, width, step,
                 parts, first, last, out):
    """image (N, G, C, H, W), weight (G, K, T), bias (G, K) -> out (N, G, K, P, Q); C and K are those of a group

    Items first to last: an item is a group of channels of an image, and a part of its out channels.
    """
    wide, blocks = 2 * lanes(), -(-K // ROWS)
    plane = out.size // (N * G * K)
    length = -(-(rows[-1] + width) // wide) * wide
    flat, run = np.empty(C * size + wide, np.float32), np.empty(ROWS * length, np.float32)
    _clear(flat)
    for item in range(first, last):
        source, part = divmod(item, parts)
        g = source % G
        _lay_out(image, source * C * H * W, C, H, W, lines, segments, size, flat)
        for block in range(part * blocks // parts, (part + 1) * blocks // parts):
            k = block * ROWS
            for j in range(0, length, wide):
                _convolution_tile(flat, j, shifts, weight, bias, g * K + k, (g + 1) * K - 1, run, length)
            for i in range(min(ROWS, K - k)):
                target = (source * K + k + i) * plane
                for p in range(rows.size):
                    _copy_row(run, i * length + rows[p], 1, out, target + targets[p], step, width)


@jit(fast=True)
def _convolution_tile(image, j, shifts, weight, bias, k, last, out, length):
    """out[i, j] = bias[k + i] + sum_t weight[k + i, t] * image[shifts[t] + j] for 6 rows i and two vectors of j

    Row `last` is the last there is; where k + i is beyond it, it is computed once more, and nobody will look.
    """
    L, T = lanes(), shifts.size
    a, b, c = k, min(k + 1, last), min(k + 2, last)
    d, e, f = min(k + 3, last), min(k + 4, last), min(k + 5, last)
    a0, a1, b0, b1 = broadcast(bias, a), broadcast(bias, a), broadcast(bias, b), broadcast(bias, b)
    c0, c1, d0, d1 = broadcast(bias, c), broadcast(bias, c), broadcast(bias, d), broadcast(bias, d)
    e0, e1, f0, f1 = broadcast(bias, e), broadcast(bias, e), broadcast(bias, f), broadcast(bias, f)
    for t in range(T):
        start = j + shifts[t]
        x0, x1 = load(image, start), load(image, start + L)
        w = broadcast(weight, a * T + t)
        a0 += w * x0
        a1 += w * x1
        w = broadcast(weight, b * T + t)
        b0 += w * x0
        b1 += w * x1
        w = broadcast(weight, c * T + t)
        c0 += w * x0
        c1 += w * x1
        w = broadcast(weight, d * T + t)
        d0 += w * x0
        d1 += w * x1
        w = broadcast(weight, e * T + t)
        e0 += w * x0
        e1 += w * x1
        w = broadcast(weight, f * T + t)
        f0 += w * x0
        f1 += w * x1
    _store_tile(out, j, length, a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1)


@jit(fast=True)
def _weight_grad(image, N, G, C, H, W, grad, K, lines, segments, shifts, rows, size, Q, parts, first, last, out):
    """image (N, G, C, H, W), grad (N, G, K, P, Q) -> out (parts, G, B, T, wide), zero before; C, K are those of a group

    B blocks of out channels: as many in each as the two vectors of a tile have lanes. Items first to last: an item is
    one part of the images, with one group and one block of their channels.
    """
    wide, P = 2 * lanes(), rows.size
    blocks = -(-K // wide)
    flat, columns = np.empty(C * size, np.float32), np.empty(P * Q * wide, np.float32)
    _clear(flat)
    _clear(columns)
    height = max(1, 256 // Q)  # rows whose grads stay in the innermost cache
    for item in range(first, last):
        rest, block = divmod(item, blocks)
        part, g = divmod(rest, G)
        for n in range(part * N // parts, (part + 1) * N // parts):
            source = n * G + g
            _lay_out(image, source * C * H * W, C, H, W, lines, segments, size, flat)
            k = block * wide
            _transpose(grad, (source * K + k) * P * Q, min(wide, K - k), P * Q, wide, columns)
            for p in range(0, P, height):
                for t in range(0, shifts.size, ROWS):
                    _weight_grad_tile(flat, shifts, t, columns, rows, p, min(P, p + height), Q, out,
                                      (item * shifts.size + t) * wide)


@jit(fast=True)
def _weight_grad_tile(image, shifts, t, grad, rows, first, last, Q, out, j):
    """out[j + t, k] += sum_p,q image[shifts[t] + rows[p] + q] * grad[p, q, k] for 6 taps t and two vectors of k"""
    L = lanes()
    a, b, c, d, e, f = shifts[t], shifts[t + 1], shifts[t + 2], shifts[t + 3], shifts[t + 4], shifts[t + 5]
    a0, a1, b0, b1 = load(out, j), load(out, j + L), load(out, j + 2 * L), load(out, j + 3 * L)
    c0, c1, d0, d1 = load(out, j + 4 * L), load(out, j + 5 * L), load(out, j + 6 * L), load(out, j + 7 * L)
    e0, e1, f0, f1 = load(out, j + 8 * L), load(out, j + 9 * L), load(out, j + 10 * L), load(out, j + 11 * L)
    for p in range(first, last):
        row, k = rows[p], 2 * L * Q * p
        for q in range(row, row + Q):
            g0, g1 = load(grad, k), load(grad, k + L)
            k += 2 * L
            x = broadcast(image, a + q)
            a0 += x * g0
            a1 += x * g1
            x = broadcast(image, b + q)
            b0 += x * g0
            b1 += x * g1
            x = broadcast(image, c + q)
            c0 += x * g0
            c1 += x * g1
            x = broadcast(image, d + q)
            d0 += x * g0
            d1 += x * g1
            x = broadcast(image, e + q)
            e0 += x * g0
            e1 += x * g1
            x = broadcast(image, f + q)
            f0 += x * g0
            f1 += x * g1
    _store_tile(out, j, 2 * L, a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1)


@jit
def _store_tile(out, j, stride, a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1):
    L = lanes()
    store(out, j, a0)
    store(out, j + L, a1)
    store(out, j + stride, b0)
    store(out, j + stride + L, b1)
    store(out, j + 2 * stride, c0)
    store(out, j + 2 * stride + L, c1)
    store(out, j + 3 * stride, d0)
    store(out, j + 3 * stride + L, d1)
    store(out, j + 4 * stride, e0)
    store(out, j + 4 * stride + L, e1)
    store(out, j + 5 * stride, f0)
    store(out, j + 5 * stride + L, f1)


@jit
def _clear(flat):
    for i in range(flat.size):
        flat[i] = 0


@jit
def _lay_out(image, start, C, H, W, lines, segments, size, flat):
    """image (C, H, W), which begins at start -> its pixels to their places in flat (C * size)"""
    for s in range(len(segments)):
        source, step, target, count = segments[s, 0], segments[s, 1], segments[s, 2], segments[s, 3]
        for c in range(C):
            for h in range(H):
                if lines[h] >= 0:
                    _copy_row(image, start + (c * H + h) * W + source, step, flat, c * size + lines[h] + target, 1,
                              count)


@jit
def _copy_row(source, start, source_step, target, place, target_step, count):
    """target[place + q * target_step] = source[start + q * source_step] for q < count"""
    L = lanes()
    if source_step > 1 or target_step > 1:
        for q in range(count):
            target[place + q * target_step] = source[start + q * source_step]
    elif count < L:
        store_first(target, place, load_first(source, start, count), count)
    else:
        for q in range(0, count - L, L):
            store(target, place + q, load(source, start + q))
        q = count - L  # this one may write some numbers again
        store(target, place + q, load(source, start + q))


@jit
def _transpose(grad, start, K, O, wide, out):
    """out[o, k] = grad[k, o] for k < K; out (O, wide), grad (K, O) begins at start"""
    for k in range(K):
        for o in range(O):
            out[o * wide + k] = grad[start + k * O + o]
