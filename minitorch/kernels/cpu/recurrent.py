"""The loops over time of recurrent layers, forward and back.

All sequences lie in one matrix, ordered by time: of `input` (rows, ...), rows start to start + n are one time step of
the n sequences that last so long, the longest first. `steps` lists (start, n) in the order in which to compute.
The state (N, H) has a row for each sequence. A step reads and writes its first n rows: a sequence that has ended keeps
its last state, and one that has not begun (when time runs backwards) its first.

`input` is the part that does not need the state, x @ W_ih^T + b: one product for all time steps, made by the caller.

Going back through time, the gradient of a state is a linear recurrence: d(before) = factor * d(after). All factors are
computed at once before the loop, and the gradients of the weights at once after it.

Sequences have nothing to do with each other until then. So of an LSTM in float32 each core takes some of the sequences
through all of time, in kernels that need no other: the weights lie ready in panels (see _tile.py), and what belongs to
one step is still in the cache when the next one needs it.
"""
import numpy as np

from . import _math, _tile
from ._jit import get_num_threads, jit
from .matmul import matmul

__all__ = "rnn_layer rnn_layer_backward lstm_layer lstm_layer_backward gru_layer gru_layer_backward".split()

LARGE = 1 << 20  # multiplications per gate below which it takes longer to compile a loop than to do without


def _columns(gates, count):
    """(rows, count * H) -> count views of (rows, H)"""
    H = gates.shape[1] // count
    return [gates[:, j * H : (j + 1) * H] for j in range(count)]


def _previous(first, states, steps):
    """The state from which each row started: (N, H), (rows, H) -> (rows, H)."""
    latest, out = first.copy(), np.empty_like(states)
    for start, n in steps:
        out[start : start + n] = latest[:n]
        latest[:n] = states[start : start + n]
    return out


def _sigmoid(x):
    """1 / (1 + exp(-x)), in place, without overflow: tanh(x / 2) / 2 + 1 / 2."""
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    x += 0.5


# -------------------------------------------------------------------------------------------------------------- RNN
def rnn_layer(input, hx, weight, steps, nonlinearity):
    """h = f(input + h @ weight^T), f "tanh" or "relu": (the state at each row (rows, H), the last state (N, H))."""
    h, states = hx.copy(), np.empty(input.shape, input.dtype)
    for start, n in steps:
        new = states[start : start + n]
        np.matmul(h[:n], weight.T, out=new)
        new += input[start : start + n]
        if nonlinearity == "tanh":
            np.tanh(new, out=new)
        else:
            np.maximum(new, 0, out=new)
        h[:n] = new
    return states, h


def rnn_layer_backward(grads, input, hx, weight, states, steps, nonlinearity):
    """The gradients of input, hx and weight, from those of the states and the last state."""
    grad, dh = grads[0], grads[1].copy()
    d_input = 1 - np.square(states) if nonlinearity == "tanh" else (states > 0).astype(states.dtype)
    for start, n in reversed(steps):
        d = d_input[start : start + n]
        d *= dh[:n] + grad[start : start + n]
        np.matmul(d, weight, out=dh[:n])
    return d_input, dh, matmul(d_input.T, _previous(hx, states, steps))


# ------------------------------------------------------------------------------------------------------------- LSTM
def lstm_layer(input, hx, cx, weight, projection, steps):
    """i, f, g, o = input + h @ weight^T;   c = sigmoid(f) * c + sigmoid(i) * tanh(g);   h = sigmoid(o) * tanh(c)

    With a projection (P, H), h becomes h @ projection^T. Returns h at each row (rows, H or P), the last h and c; then,
    for backward, c at each row and the gates (rows, 4H) after their sigmoid or tanh.
    """
    if _worth_compiling(input, cx, projection):
        return _lstm_in_groups(input, hx, cx, weight, steps)
    h, c, H = hx.copy(), cx.copy(), cx.shape[1]
    hs, cs = np.empty((len(input), h.shape[1]), input.dtype), np.empty((len(input), H), input.dtype)
    # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2: so scaled and shifted, one tanh computes all four gates
    scale, shift = np.full(4 * H, 0.5, input.dtype), np.full(4 * H, 0.5, input.dtype)
    scale[2 * H : 3 * H], shift[2 * H : 3 * H] = 1, 0
    gates, to_gates = input * scale, (weight * scale[:, None]).T
    for start, n in steps:
        gate = gates[start : start + n]
        gate += h[:n] @ to_gates
        np.tanh(gate, out=gate)
        gate *= scale
        gate += shift
        i, f, g, o = _columns(gate, 4)  # (n, 4H) -> 4 of (n, H)
        new = cs[start : start + n]
        np.multiply(f, c[:n], out=new)
        new += i * g
        c[:n] = new
        new = np.tanh(new)
        new *= o
        h[:n] = new if projection is None else new @ projection.T
        hs[start : start + n] = h[:n]
    return hs, h, c, cs, gates


def lstm_layer_backward(grads, input, hx, cx, weight, projection, results, steps):
    """The gradients of input, hx, cx, weight and projection, from those of h, the last h and the last c.

    results: h, c and the gates at each row.
    """
    (grad, dh, dc), (h, c, gates) = grads, results
    if _worth_compiling(input, cx, projection):
        d_input, dh, dc = _lstm_backward_in_groups(grad, dh, dc, cx, weight, c, gates, steps)
        return d_input, dh, dc, matmul(d_input.T, _previous(hx, h, steps)), None
    dh, dc, H = dh.copy(), dc.copy(), c.shape[1]
    i, f, g, o = _columns(gates, 4)
    tanh_c = np.tanh(c)
    to_c = o * (1 - np.square(tanh_c))  # dh/dc
    d_input = np.empty_like(gates)  # at first what dc, dc, dc and dh are to be multiplied by
    d_i, d_f, d_g, d_o = _columns(d_input, 4)
    d_i[...] = g * i * (1 - i)
    d_f[...] = _previous(cx, c, steps) * f * (1 - f)
    d_g[...] = i * (1 - np.square(g))
    d_o[...] = tanh_c * o * (1 - o)
    d_h = np.empty_like(h)
    for start, n in reversed(steps):
        d = np.add(dh[:n], grad[start : start + n], out=d_h[start : start + n])
        if projection is not None:
            d = d @ projection  # (n, P) -> (n, H)
        dc[:n] += d * to_c[start : start + n]
        gate = d_input[start : start + n]
        gate.reshape(n, 4, H)[:, :3] *= dc[:n, None]
        gate[:, 3 * H :] *= d
        np.matmul(gate, weight, out=dh[:n])
        dc[:n] *= f[start : start + n]
    d_projection = None if projection is None else d_h.T @ (o * tanh_c)
    return d_input, dh, dc, matmul(d_input.T, _previous(hx, h, steps)), d_projection


def _worth_compiling(input, cx, projection):
    return input.dtype == np.float32 and projection is None and input.size * cx.shape[1] >= LARGE


def _lstm_in_groups(input, hx, cx, weight, steps):
    h, c, (rows, H) = hx.copy(), cx.copy(), (len(input), cx.shape[1])
    hs, cs, gates = np.empty((rows, H), np.float32), np.empty((rows, H), np.float32), np.empty((rows, 4, H), np.float32)
    bounds = _groups(len(h))
    _lstm[len(bounds) - 1](bounds, np.array(steps), np.ascontiguousarray(input).reshape(rows, 4, H),
                           _tile.panels_of(weight.T), h, c, hs, cs, gates)
    return hs, h, c, cs, gates.reshape(rows, 4 * H)


def _lstm_backward_in_groups(grad, dh, dc, cx, weight, c, gates, steps):
    dh, dc, (rows, H) = dh.copy(), dc.copy(), c.shape
    bounds, d_input = _groups(len(dh)), np.empty((rows, 4, H), np.float32)
    _lstm_backward[len(bounds) - 1](bounds, np.array(steps[::-1]), np.ascontiguousarray(grad), _tile.panels_of(weight),
                                    _previous(cx, c, steps), c, gates.reshape(rows, 4, H), dh, dc, d_input)
    return d_input.reshape(rows, 4 * H), dh, dc


def _groups(N):
    """Where the sequences of each thread begin, and the last one's end: groups of whole tiles."""
    tiles = -(-N // _tile.ROWS)
    groups = min(get_num_threads(), tiles)
    return np.minimum(np.arange(groups + 1) * tiles // groups * _tile.ROWS, N)


# An index is the variable of a loop here, never a sum, in the innermost loops: then they become SIMD code. Hence the
# many loops, of which each writes one array.

@jit(fused=True)
def _lstm(item, bounds, steps, x, panels, last_h, c, hs, cs, gates):
    """The loop of lstm_layer for one group of sequences; x and gates (rows, 4, H)"""
    first, last, H = bounds[item], bounds[item + 1], hs.shape[1]
    count, J = -(-(last - first) // _tile.ROWS) * _tile.ROWS, panels.size // H
    h, hidden = np.zeros(count * H, np.float32), np.empty(count * J, np.float32)
    states = h.reshape((count, H))
    for n in range(first, last):
        for j in range(H):
            states[n - first, j] = last_h[n, j]
    for s in range(len(steps)):
        _tile.multiply(h, count, H, panels, hidden)
        for n in range(first, min(steps[s, 1], last)):
            row, i = steps[s, 0] + n, n - first
            for k in range(4):
                sums = hidden[i * J + k * H:i * J + (k + 1) * H]
                for j in range(H):
                    sums[j] += x[row, k, j]
                if k == 2:
                    for j in range(H):
                        gates[row, k, j] = _math.tanh(sums[j])
                else:
                    for j in range(H):
                        gates[row, k, j] = _math.sigmoid(sums[j])
            for j in range(H):
                c[n, j] = gates[row, 1, j] * c[n, j] + gates[row, 0, j] * gates[row, 2, j]
            for j in range(H):
                cs[row, j] = c[n, j]
            for j in range(H):
                states[i, j] = gates[row, 3, j] * _math.tanh(c[n, j])
            for j in range(H):
                hs[row, j] = states[i, j]
    for n in range(first, last):
        for j in range(H):
            last_h[n, j] = states[n - first, j]


@jit(fused=True)
def _lstm_backward(item, bounds, steps, grads, panels, before, cs, gates, dh, dc, d_input):
    """The loop of lstm_layer_backward for one group of sequences; before: c before each row; gates (rows, 4, H)"""
    first, last, H, one = bounds[item], bounds[item + 1], cs.shape[1], np.float32(1)
    count, J = -(-(last - first) // _tile.ROWS) * _tile.ROWS, panels.size // (4 * H)
    d_gates, product = np.zeros(count * 4 * H, np.float32), np.empty(count * J, np.float32)
    d_gate, d_state = d_gates.reshape((count, 4, H)), product.reshape((count, J))
    d, t = np.empty(H, np.float32), np.empty(H, np.float32)
    for s in range(len(steps)):
        end = min(steps[s, 1], last)
        for n in range(first, end):
            row, i = steps[s, 0] + n, n - first
            for j in range(H):
                t[j] = _math.tanh(cs[row, j])
            for j in range(H):
                d[j] = dh[n, j] + grads[row, j]
            for j in range(H):
                dc[n, j] += d[j] * gates[row, 3, j] * (one - t[j] * t[j])
            for j in range(H):
                d_gate[i, 0, j] = dc[n, j] * gates[row, 2, j] * gates[row, 0, j] * (one - gates[row, 0, j])
            for j in range(H):
                d_gate[i, 1, j] = dc[n, j] * before[row, j] * gates[row, 1, j] * (one - gates[row, 1, j])
            for j in range(H):
                d_gate[i, 2, j] = dc[n, j] * gates[row, 0, j] * (one - gates[row, 2, j] * gates[row, 2, j])
            for j in range(H):
                d_gate[i, 3, j] = d[j] * t[j] * gates[row, 3, j] * (one - gates[row, 3, j])
            for j in range(H):
                dc[n, j] *= gates[row, 1, j]
            for k in range(4):
                for j in range(H):
                    d_input[row, k, j] = d_gate[i, k, j]
        _tile.multiply(d_gates, count, 4 * H, panels, product)
        for n in range(first, end):
            for j in range(H):
                dh[n, j] = d_state[n - first, j]


# -------------------------------------------------------------------------------------------------------------- GRU
def gru_layer(input, hx, weight, bias, steps):
    """r, z, m = h @ weight^T + bias;   r, z = sigmoid(input_r + r), sigmoid(input_z + z)
    n = tanh(input_n + r * m);   h = (1 - z) * n + z * h

    Returns h at each row (rows, H), the last h; then, for backward, r, z, n, m (rows, 4H).
    """
    h, H = hx.copy(), hx.shape[1]
    states, gates = np.empty((len(input), H), input.dtype), np.empty((len(input), 4 * H), input.dtype)
    for start, n in steps:
        x, gate, state = input[start : start + n], gates[start : start + n], states[start : start + n]
        hidden = h[:n] @ weight.T  # (n, 3H)
        if bias is not None:
            hidden += bias
        np.add(x[:, : 2 * H], hidden[:, : 2 * H], out=gate[:, : 2 * H])
        _sigmoid(gate[:, : 2 * H])
        r, z, new, m = _columns(gate, 4)  # (n, 4H) -> 4 of (n, H)
        m[...] = hidden[:, 2 * H :]
        np.multiply(r, m, out=new)
        new += x[:, 2 * H :]
        np.tanh(new, out=new)
        np.subtract(h[:n], new, out=state)
        state *= z
        state += new
        h[:n] = state
    return states, h, gates


def gru_layer_backward(grads, input, hx, weight, bias, results, steps):
    """The gradients of input, hx, weight and bias, from those of the states and the last state.

    results: the states and the gates at each row.
    """
    (grad, dh), (states, gates) = grads, results
    dh, before, (rows, H) = dh.copy(), _previous(hx, states, steps), states.shape
    r, z, new, m = _columns(gates, 4)
    to_new = (1 - z) * (1 - np.square(new))  # dh/d(n before its tanh)
    d_hidden = np.empty((rows, 3 * H), states.dtype)  # at first what dh is to be multiplied by
    d_r, d_z, d_m = _columns(d_hidden, 3)
    np.multiply(to_new, r, out=d_m)
    np.multiply(d_m, m * (1 - r), out=d_r)
    np.multiply(before - new, z * (1 - z), out=d_z)
    d_states = np.empty_like(states)
    for start, n in reversed(steps):
        d = np.add(dh[:n], grad[start : start + n], out=d_states[start : start + n])
        hidden = d_hidden[start : start + n]
        hidden.reshape(n, 3, H)[...] *= d[:, None]
        np.matmul(hidden, weight, out=dh[:n])
        dh[:n] += d * z[start : start + n]
    d_input = d_hidden.copy()
    np.multiply(d_states, to_new, out=d_input[:, 2 * H :])
    return d_input, dh, matmul(d_hidden.T, before), None if bias is None else d_hidden.sum(axis=0)
