"""The loops over time of recurrent layers, forward and back.

All sequences lie in one matrix, ordered by time: of `input` (rows, ...), rows start to start + n are one time step of
the n sequences that last so long, the longest first. `steps` lists (start, n) in the order in which to compute.
The state (N, H) has a row for each sequence. A step reads and writes its first n rows: a sequence that has ended keeps
its last state, and one that has not begun (when time runs backwards) its first.

`input` is the part that does not need the state, x @ W_ih^T + b: one product for all time steps, made by the caller.

Going back through time, the gradient of a state is a linear recurrence: d(before) = factor * d(after). All factors are
computed at once before the loop, and the gradients of the weights at once after it.

Float32 has compiled loops, in _recurrent.py, which divide the sequences between the threads. What is here serves for
other dtypes, for a few steps, and for very small states.
"""
import numpy as np

from . import _recurrent
from .matmul import matmul

__all__ = "rnn_layer rnn_layer_backward lstm_layer lstm_layer_backward gru_layer gru_layer_backward".split()


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
    if _recurrent.takes(steps, hx, input, weight):
        return _recurrent.rnn_layer(input, hx, weight, steps, nonlinearity)
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
    grad, dh = grads
    before = _previous(hx, states, steps)
    if _recurrent.takes(steps, hx, weight, states):
        d_input, dh = _recurrent.rnn_layer_backward(grad, dh, weight, states, steps, nonlinearity)
        return d_input, dh, matmul(d_input.T, before)
    dh = dh.copy()
    d_input = 1 - np.square(states) if nonlinearity == "tanh" else (states > 0).astype(states.dtype)
    for start, n in reversed(steps):
        d = d_input[start : start + n]
        d *= dh[:n] + grad[start : start + n]
        np.matmul(d, weight, out=dh[:n])
    return d_input, dh, matmul(d_input.T, before)


# ------------------------------------------------------------------------------------------------------------- LSTM
def lstm_layer(input, hx, cx, weight, projection, steps):
    """i, f, g, o = input + h @ weight^T;   c = sigmoid(f) * c + sigmoid(i) * tanh(g);   h = sigmoid(o) * tanh(c)

    With a projection (P, H), h becomes h @ projection^T. Returns h at each row (rows, H or P), the last h and c; then,
    for backward, c at each row and the gates (rows, 4H) after their sigmoid or tanh.
    """
    if projection is None and _recurrent.takes(steps, hx, input, cx, weight):
        return _recurrent.lstm_layer(input, hx, cx, weight, steps)
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
    if projection is None and _recurrent.takes(steps, hx, weight, c):
        d_input, dh, dc = _recurrent.lstm_layer_backward(grad, dh, dc, weight, c, _previous(cx, c, steps), gates, steps)
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


# -------------------------------------------------------------------------------------------------------------- GRU
def gru_layer(input, hx, weight, bias, steps):
    """r, z, m = h @ weight^T + bias;   r, z = sigmoid(input_r + r), sigmoid(input_z + z)
    n = tanh(input_n + r * m);   h = (1 - z) * n + z * h

    Returns h at each row (rows, H), the last h; then, for backward, r, z, m (rows, 3H) and n (rows, H).
    """
    if _recurrent.takes(steps, hx, input, weight):
        return _recurrent.gru_layer(input, hx, weight, bias, steps)
    h, H = hx.copy(), hx.shape[1]
    states, gates = np.empty((len(input), H), input.dtype), np.empty((len(input), 3 * H), input.dtype)
    news = np.empty_like(states)
    for start, n in steps:
        x, gate = input[start : start + n], gates[start : start + n]
        new, state = news[start : start + n], states[start : start + n]
        np.matmul(h[:n], weight.T, out=gate)
        if bias is not None:
            gate += bias
        gate[:, : 2 * H] += x[:, : 2 * H]
        _sigmoid(gate[:, : 2 * H])
        r, z, m = _columns(gate, 3)  # (n, 3H) -> 3 of (n, H)
        np.multiply(r, m, out=new)
        new += x[:, 2 * H :]
        np.tanh(new, out=new)
        np.subtract(h[:n], new, out=state)
        state *= z
        state += new
        h[:n] = state
    return states, h, gates, news


def gru_layer_backward(grads, input, hx, weight, bias, results, steps):
    """The gradients of input, hx, weight and bias, from those of the states and the last state.

    results: the states, the gates and n at each row.
    """
    (grad, dh), (states, gates, new) = grads, results
    before, (rows, H) = _previous(hx, states, steps), states.shape
    if _recurrent.takes(steps, hx, weight, states):
        d_input, d_hidden, dh = _recurrent.gru_layer_backward(grad, dh, weight, before, gates, new, steps)
    else:
        dh = dh.copy()
        r, z, m = _columns(gates, 3)
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
