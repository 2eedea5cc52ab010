"""The loops over time of recurrent layers.

All sequences lie in one matrix, ordered by time: of `input` (rows, ...), rows start to start + n are one time step of
the n sequences that last so long, the longest first. `steps` lists (start, n) in the order in which to compute.
The state (N, H) has a row for each sequence. A step reads and writes its first n rows: a sequence that has ended keeps
its last state, and one that has not begun (when time runs backwards) its first.

`input` is the part that does not need the state, x @ W_ih^T + b: one product for all time steps, made by the caller.
"""
import numpy as np

__all__ = "rnn_layer lstm_layer gru_layer".split()


def rnn_layer(input, hx, weight, steps, nonlinearity):
    """h = f(input + h @ weight^T), f "tanh" or "relu": (the state after each row's step (rows, H), the last (N, H))."""
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


def lstm_layer(input, hx, cx, weight, projection, steps):
    """i, f, g, o = input + h @ weight^T;   c = sigmoid(f) * c + sigmoid(i) * tanh(g);   h = sigmoid(o) * tanh(c)

    With a projection (P, H), h becomes h @ projection^T. Returns h, c and the gates (rows, 4H) after their sigmoid or
    tanh, for each row; and the last h and c.
    """
    h, c, H = hx.copy(), cx.copy(), cx.shape[1]
    rows, dtype = len(input), input.dtype
    hs, cs, gates = np.empty((rows, h.shape[1]), dtype), np.empty((rows, H), dtype), np.empty((rows, 4 * H), dtype)
    # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, so that one tanh computes all gates
    scale, shift = np.full(4 * H, 0.5, dtype), np.full(4 * H, 0.5, dtype)
    scale[2 * H : 3 * H], shift[2 * H : 3 * H] = 1, 0
    for start, n in steps:
        gate = gates[start : start + n]
        np.matmul(h[:n], weight.T, out=gate)
        gate += input[start : start + n]
        gate *= scale
        np.tanh(gate, out=gate)
        gate *= scale
        gate += shift
        i, f, g, o = np.split(gate, 4, axis=1)  # (n, 4H) -> 4 of (n, H)
        c[:n] *= f
        c[:n] += i * g
        new = o * np.tanh(c[:n])
        h[:n] = new if projection is None else new @ projection.T
        hs[start : start + n], cs[start : start + n] = h[:n], c[:n]
    return hs, cs, gates, h, c


def gru_layer(input, hx, weight, bias, steps):
    """r, z, m = h @ weight^T + bias;   r, z = sigmoid(r + input_r), sigmoid(z + input_z)
    n = tanh(input_n + r * m);   h = (1 - z) * n + z * h

    Returns h and the gates r, z, n, m (rows, 4H) for each row, and the last h.
    """
    h, H = hx.copy(), hx.shape[1]
    states, gates = np.empty((len(input), H), input.dtype), np.empty((len(input), 4 * H), input.dtype)
    for start, n in steps:
        x, gate = input[start : start + n], gates[start : start + n]
        hidden = h[:n] @ weight.T  # (n, 3H)
        if bias is not None:
            hidden += bias
        sigmoids = gate[:, : 2 * H]
        np.add(x[:, : 2 * H], hidden[:, : 2 * H], out=sigmoids)
        sigmoids *= 0.5  # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2
        np.tanh(sigmoids, out=sigmoids)
        sigmoids *= 0.5
        sigmoids += 0.5
        r, z, new, m = np.split(gate, 4, axis=1)  # (n, 4H) -> 4 of (n, H)
        m[...] = hidden[:, 2 * H :]
        np.tanh(x[:, 2 * H :] + r * m, out=new)
        h[:n] = new + z * (h[:n] - new)
        states[start : start + n] = h[:n]
    return states, gates, h
