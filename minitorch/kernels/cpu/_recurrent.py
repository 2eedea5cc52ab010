"""The loops over time of recurrent layers, compiled for float32: what recurrent.py does, several times as fast.

The sequences of a batch do not need each other. So a kernel's item is some of the sequences, and takes them through all
time steps, without waiting for the other items. At each step the rows of their state are multiplied by the weight,
which lies ready in panels (see _tile.py).

Then come the gates, row by row. These loops are short, and each writes one array, or the compiler would have to make
sure of too many arrays that they do not overlap, and would give up using vectors.

Letters: N sequences of H numbers; rows are those of all time steps, see recurrent.py.
"""
import numpy as np

from ._jit import get_num_threads, jit
from ._math import sigmoid, tanh
from ._tile import ROWS, multiply, panels_of
from ._vector import lanes

__all__ = ["gru_layer", "gru_layer_backward", "lstm_layer", "lstm_layer_backward", "rnn_layer", "rnn_layer_backward",
           "takes"]

STEPS = 4  # for fewer it does not pay to pack the weight
PRODUCTS = 32  # as many as cost what an element costs elsewhere, where it is asked whether they are worth a thread
ONE = np.float32(1)


# ------------------------------------------------------------------------------------------------------------ launchers
def takes(steps, hx, *others):
    """Whether the loops below are for these arrays: float32, a state as wide as a tile, and more than a few steps."""
    if len(steps) < STEPS or any(x.dtype != np.float32 for x in (hx, *others)):
        return False
    return hx.size and hx.shape[1] >= 2 * lanes()


def rnn_layer(input, hx, weight, steps, nonlinearity):
    states, h = np.empty(input.shape, np.float32), _copy(hx)
    _run(_rnn, steps, h, weight, panels_of(weight.T), np.ascontiguousarray(input), nonlinearity == "tanh", states, h)
    return states, h


def rnn_layer_backward(grad, dh, weight, states, steps, nonlinearity):
    """Gradients of the states and the last state -> of the input and the first state."""
    d_input, dh = np.empty_like(states), _copy(dh)
    _run(_rnn_backward, steps, dh, weight, panels_of(weight), np.ascontiguousarray(grad), states,
         nonlinearity == "tanh", d_input, dh)
    return d_input, dh


def lstm_layer(input, hx, cx, weight, steps):
    rows, H = len(input), hx.shape[1]                                                   # hx (N, H)
    hs, cs, gates = (np.empty(shape, np.float32) for shape in ((rows, H), (rows, H), (rows, 4, H)))
    h, c = _copy(hx), _copy(cx)
    _run(_lstm, steps, h, weight, panels_of(weight.T), np.ascontiguousarray(input), hs, cs, gates, h, c)
    return hs, h, c, cs, gates.reshape(rows, 4 * H)


def lstm_layer_backward(grad, dh, dc, weight, c, before, gates, steps):
    """Gradients of h, the last h and the last c -> of the input, the first h and the first c; before: c before."""
    rows, H = c.shape
    d_input, dh, dc = np.empty((rows, 4, H), np.float32), _copy(dh), _copy(dc)
    _run(_lstm_backward, steps, dh, weight, panels_of(weight), np.ascontiguousarray(grad), c, before,
         gates.reshape(rows, 4, H), d_input, dh, dc)
    return d_input.reshape(rows, 4 * H), dh, dc


def gru_layer(input, hx, weight, bias, steps):
    rows, H = len(input), hx.shape[1]                                                   # hx (N, H)
    states, new, gates = (np.empty(shape, np.float32) for shape in ((rows, H), (rows, H), (rows, 3, H)))
    h, bias = _copy(hx), np.zeros(3 * H, np.float32) if bias is None else bias
    _run(_gru, steps, h, weight, panels_of(weight.T), np.ascontiguousarray(input).reshape(rows, 3, H), bias, states,
         gates, new, h)
    return states, h, gates.reshape(rows, 3 * H), new


def gru_layer_backward(grad, dh, weight, before, gates, new, steps):
    """Gradients of the states and the last state -> of the input, of h @ weight^T + bias and of the first state."""
    rows, H = new.shape
    d_input, d_hidden, dh = np.empty((rows, 3, H), np.float32), np.empty((rows, 3, H), np.float32), _copy(dh)
    _run(_gru_backward, steps, dh, weight, panels_of(weight), np.ascontiguousarray(grad), before,
         gates.reshape(rows, 3, H), new, d_input, d_hidden, dh)
    return d_input.reshape(rows, 3 * H), d_hidden.reshape(rows, 3 * H), dh


def _copy(x):
    return np.array(x, order="C")


def _run(kernel, steps, state, weight, *args):
    """Share the sequences between the threads, in whole tiles."""
    N, steps = len(state), np.array(steps)
    size = ROWS * -(-N // (ROWS * get_num_threads()))
    kernel[-(-N // size), steps[:, 1].sum() * weight.size // PRODUCTS](size, steps, *args)


# -------------------------------------------------------------------------------------------------------------- kernels
@jit(fused=True)
def _rnn(item, size, steps, panels, x, is_tanh, states, h):
    """x (rows, H) -> states (rows, H); h (N, H), from the first state to the last"""
    H, first = h.shape[1], item * size
    x_flat, states_flat, h_flat = x.reshape(-1), states.reshape(-1), h.reshape(-1)
    for step in range(len(steps)):
        start, end = steps[step, 0], min(steps[step, 1], first + size)
        here = (start + first) * H
        multiply(h_flat, first * H, H, panels, H, x_flat, here, H, states_flat, here, end - first)
        for i in range(first, end):
            row = start + i
            if is_tanh:
                for j in range(H):
                    states[row, j] = tanh(states[row, j])
            else:
                for j in range(H):
                    states[row, j] = 0 if states[row, j] <= 0 else states[row, j]
            for j in range(H):
                h[i, j] = states[row, j]


@jit(fused=True)
def _rnn_backward(item, size, steps, panels, grad, states, is_tanh, d_input, dh):
    """grad, states (rows, H) -> d_input (rows, H); dh (N, H), from the last state to the first"""
    H, first = dh.shape[1], item * size
    d_flat, dh_flat, zeros = d_input.reshape(-1), dh.reshape(-1), np.zeros(H, np.float32)
    for step in range(len(steps) - 1, -1, -1):
        start, end = steps[step, 0], min(steps[step, 1], first + size)
        for i in range(first, end):
            row = start + i
            if is_tanh:
                for j in range(H):
                    d_input[row, j] = (dh[i, j] + grad[row, j]) * (ONE - states[row, j] * states[row, j])
            else:
                for j in range(H):
                    d_input[row, j] = dh[i, j] + grad[row, j] if states[row, j] > 0 else 0
        multiply(d_flat, (start + first) * H, H, panels, H, zeros, 0, 0, dh_flat, first * H, end - first)


@jit(fused=True)
def _lstm(item, size, steps, panels, x, hs, cs, gates, h, c):
    """x (rows, 4H) -> hs and cs (rows, H), gates (rows, 4, H); h and c (N, H), from the first to the last"""
    H, first = h.shape[1], item * size
    x_flat, gates_flat, h_flat = x.reshape(-1), gates.reshape(-1), h.reshape(-1)
    for step in range(len(steps)):
        start, end = steps[step, 0], min(steps[step, 1], first + size)
        here = (start + first) * 4 * H
        multiply(h_flat, first * H, H, panels, 4 * H, x_flat, here, 4 * H, gates_flat, here, end - first)
        for i in range(first, end):
            row = start + i
            for gate in range(4):
                if gate == 2:
                    for j in range(H):
                        gates[row, gate, j] = tanh(gates[row, gate, j])
                else:
                    for j in range(H):
                        gates[row, gate, j] = sigmoid(gates[row, gate, j])
            for j in range(H):
                cs[row, j] = gates[row, 1, j] * c[i, j] + gates[row, 0, j] * gates[row, 2, j]
            for j in range(H):
                hs[row, j] = gates[row, 3, j] * tanh(cs[row, j])
            for j in range(H):
                c[i, j] = cs[row, j]
            for j in range(H):
                h[i, j] = hs[row, j]


@jit(fused=True)
def _lstm_backward(item, size, steps, panels, grad, cs, before, gates, d_input, dh, dc):
    """grad, cs, before (rows, H), gates (rows, 4, H) -> d_input (rows, 4, H); dh and dc (N, H), from the last to the
    first
    """
    H, first = dh.shape[1], item * size
    d_flat, dh_flat, zeros = d_input.reshape(-1), dh.reshape(-1), np.zeros(H, np.float32)
    for step in range(len(steps) - 1, -1, -1):
        start, end = steps[step, 0], min(steps[step, 1], first + size)
        for i in range(first, end):
            row = start + i
            for j in range(H):
                dh[i, j] += grad[row, j]
            for j in range(H):
                o, t = gates[row, 3, j], tanh(cs[row, j])
                d_input[row, 3, j] = dh[i, j] * t * (o * (ONE - o))
                dc[i, j] += dh[i, j] * (o * (ONE - t * t))
            for j in range(H):
                i_gate, g = gates[row, 0, j], gates[row, 2, j]
                d_input[row, 0, j] = dc[i, j] * g * (i_gate * (ONE - i_gate))
            for j in range(H):
                f = gates[row, 1, j]
                d_input[row, 1, j] = dc[i, j] * before[row, j] * (f * (ONE - f))
            for j in range(H):
                g = gates[row, 2, j]
                d_input[row, 2, j] = dc[i, j] * gates[row, 0, j] * (ONE - g * g)
            for j in range(H):
                dc[i, j] *= gates[row, 1, j]
        multiply(d_flat, (start + first) * 4 * H, 4 * H, panels, H, zeros, 0, 0, dh_flat, first * H, end - first)


@jit(fused=True)
def _gru(item, size, steps, panels, x, bias, states, gates, new, h):
    """x (rows, 3, H), bias (3H) -> states, new (rows, H) and gates (rows, 3, H); h (N, H), from the first to the last
    """
    H, first = h.shape[1], item * size
    gates_flat, h_flat = gates.reshape(-1), h.reshape(-1)
    for step in range(len(steps)):
        start, end = steps[step, 0], min(steps[step, 1], first + size)
        multiply(h_flat, first * H, H, panels, 3 * H, bias, 0, 0, gates_flat, (start + first) * 3 * H, end - first)
        for i in range(first, end):
            row = start + i
            for gate in range(2):
                for j in range(H):
                    gates[row, gate, j] = sigmoid(x[row, gate, j] + gates[row, gate, j])
            for j in range(H):
                new[row, j] = tanh(x[row, 2, j] + gates[row, 0, j] * gates[row, 2, j])
            for j in range(H):
                states[row, j] = (h[i, j] - new[row, j]) * gates[row, 1, j] + new[row, j]
            for j in range(H):
                h[i, j] = states[row, j]


@jit(fused=True)
def _gru_backward(item, size, steps, panels, grad, before, gates, new, d_input, d_hidden, dh):
    """grad, before, new (rows, H), gates (rows, 3, H) -> d_input and d_hidden (rows, 3, H); dh (N, H), from the last to
    the first
    """
    H, first = dh.shape[1], item * size
    d_flat, dh_flat, rest = d_hidden.reshape(-1), dh.reshape(-1), np.empty((size, H), np.float32)
    rest_flat = rest.reshape(-1)
    for step in range(len(steps) - 1, -1, -1):
        start, end = steps[step, 0], min(steps[step, 1], first + size)
        for i in range(first, end):
            row = start + i
            for j in range(H):
                dh[i, j] += grad[row, j]
            for j in range(H):
                z, n = gates[row, 1, j], new[row, j]
                d_input[row, 2, j] = dh[i, j] * (ONE - z) * (ONE - n * n)
            for j in range(H):
                z = gates[row, 1, j]
                d_input[row, 1, j] = dh[i, j] * (before[row, j] - new[row, j]) * (z * (ONE - z))
            for j in range(H):
                d_hidden[row, 2, j] = d_input[row, 2, j] * gates[row, 0, j]
            for j in range(H):
                d_input[row, 0, j] = d_hidden[row, 2, j] * gates[row, 2, j] * (ONE - gates[row, 0, j])
            for gate in range(2):
                for j in range(H):
                    d_hidden[row, gate, j] = d_input[row, gate, j]
            for j in range(H):
                rest[i - first, j] = dh[i, j] * gates[row, 1, j]
        multiply(d_flat, (start + first) * 3 * H, 3 * H, panels, H, rest_flat, 0, H, dh_flat, first * H, end - first)
