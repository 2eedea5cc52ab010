"""Recurrent layers: RNN, LSTM and GRU, one direction of one layer at a time, and single cells.

The kernels run the loop over time forwards and back; their layout, rows ordered by time, is explained in
kernels/cpu/recurrent.py. The gradient of a gradient needs no third loop: when backward is recorded, the layer is
computed once more from differentiable operations, cell by cell as the formulas say, and differentiated.
"""
from ..engine import Op, named
from ._recompute import differentiate
from .activation import relu
from .elementwise import add, mul, sigmoid, sub, tanh
from .matmul import linear
from .shape import cat, chunk


def _by_steps(cell, x, states, steps):
    """cell(x_t, *states) -> new states, step by step: (the first of them at all rows, *the last states)."""
    outputs = {}
    for start, n in steps:
        new = cell(x[start : start + n], *[state[:n] for state in states])
        states = [cat([first, state[n:]]) for first, state in zip(new, states)]
        outputs[start] = new[0]
    return (cat([outputs[start] for start in sorted(outputs)]), *states)


def _check(x, steps, *states):
    """RuntimeError, in torch's words, for dtypes that differ, and steps of more sequences or rows than there are."""
    for state in states:
        if state.dtype != x.dtype:
            raise RuntimeError("mat1 and mat2 must have the same dtype, but got "
                               f"{state.dtype.scalar_name} and {x.dtype.scalar_name}")
    N, rows = len(states[0].array), len(x.array)
    for start, n in steps:
        if n < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
        if n > N:
            raise RuntimeError(f"a step of {n} sequences doesn't match the first one, of {N}")
        if start + n > rows:
            raise RuntimeError(f"start ({start}) + length ({n}) exceeds dimension size ({rows}).")


# -------------------------------------------------------------------------------------------------------------- RNN


class RnnLayer(Op):
    """h = f(x + h @ weight^T): the states (rows, H) and the last (N, H).   Saves: inputs, states."""

    def forward(self, x, h0, weight, steps, nonlinearity):
        self.options = steps, nonlinearity
        states, last = self.k.rnn_layer(x, h0, weight, steps, nonlinearity)
        self.save(x, h0, weight, states)
        return states, last

    def backward(self, *grads):
        return self.k.rnn_layer_backward(grads, *self.saved, *self.options)


def rnn_layer(input, hx, weight, steps, nonlinearity):
    """h = f(input + h @ weight^T), f "tanh" or "relu", row by row: (the states (rows, H), the last state (N, H))."""
    _check(input, steps, hx)
    return RnnLayer.apply(input, hx, weight, steps=steps, nonlinearity=nonlinearity)


def rnn_layer_backward(grads, input, hx, weight, states, steps, nonlinearity):
    """The gradient of `rnn_layer`, recorded."""
    function = tanh if nonlinearity == "tanh" else relu

    def layer(x, h0, weight):
        return _by_steps(lambda x, h: (function(add(x, linear(h, weight))),), x, [h0], steps)

    return differentiate(layer, (input, hx, weight), grads)


# ------------------------------------------------------------------------------------------------------------- LSTM


class LstmLayer(Op):
    """i, f, g, o = x + h @ weight^T;   c = sigmoid(f) * c + sigmoid(i) * tanh(g);   h = sigmoid(o) * tanh(c)

    Returns h at each row, and the last h and c.   Saves: inputs, and h, c and the gates at each row.
    """

    def forward(self, x, h0, c0, weight, projection, steps):
        self.steps = steps
        h, last_h, last_c, *saved = self.k.lstm_layer(x, h0, c0, weight, projection, steps)
        self.save(x, h0, c0, weight, projection, h, *saved)
        return h, last_h, last_c

    def backward(self, *grads):
        *inputs, h, c, gates = self.saved
        return self.k.lstm_layer_backward(grads, *inputs, (h, c, gates), self.steps)


def lstm_layer(input, hx, cx, weight, projection, steps):
    """The LSTM's recurrence, row by row: (h at each row, the last h (N, H), the last c (N, H))."""
    _check(input, steps, hx, cx)
    return LstmLayer.apply(input, hx, cx, weight, projection, steps=steps)


def lstm_layer_backward(grads, input, hx, cx, weight, projection, results, steps):
    """The gradient of `lstm_layer`, recorded."""

    def layer(x, h0, c0, weight, projection):
        def cell(x, h, c):
            i, f, g, o = chunk(add(x, linear(h, weight)), 4, 1)  # (n, 4H) -> 4 of (n, H)
            c = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)))
            h = mul(sigmoid(o), tanh(c))
            return h if projection is None else linear(h, projection), c

        return _by_steps(cell, x, [h0, c0], steps)

    return differentiate(layer, (input, hx, cx, weight, projection), grads)


# -------------------------------------------------------------------------------------------------------------- GRU


class GruLayer(Op):
    """r, z, m = h @ weight^T + bias;   n = tanh(x_n + r * m);   h = (1 - z) * n + z * h

    r and z are sigmoids; x is added to them before. Returns h at each row, and the last h.
    Saves: inputs, and h, the gates r, z, m and n at each row.
    """

    def forward(self, x, h0, weight, bias, steps):
        self.steps = steps
        states, last, *saved = self.k.gru_layer(x, h0, weight, bias, steps)
        self.save(x, h0, weight, bias, states, *saved)
        return states, last

    def backward(self, *grads):
        *inputs, states, gates, new = self.saved
        return self.k.gru_layer_backward(grads, *inputs, (states, gates, new), self.steps)


def gru_layer(input, hx, weight, bias, steps):
    """The GRU's recurrence, row by row: (the states (rows, H), the last state (N, H))."""
    _check(input, steps, hx)
    return GruLayer.apply(input, hx, weight, bias, steps=steps)


def gru_layer_backward(grads, input, hx, weight, bias, results, steps):
    """The gradient of `gru_layer`, recorded."""

    def layer(x, h0, weight, bias):
        def cell(x, h):
            (x_r, x_z, x_n), (r, z, m) = chunk(x, 3, 1), chunk(linear(h, weight, bias), 3, 1)  # (n, 3H) -> 3 of (n, H)
            n = tanh(add(x_n, mul(sigmoid(add(x_r, r)), m)))
            return (add(n, mul(sigmoid(add(x_z, z)), sub(h, n))),)

        return _by_steps(cell, x, [h0], steps)

    return differentiate(layer, (input, hx, weight, bias), grads)


# ------------------------------------------------------------------------------------------------------ single steps


def rnn_tanh_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """tanh(input @ w_ih^T + b_ih + hx @ w_hh^T + b_hh): (N, input_size), (N, H) -> (N, H)."""
    return named(_rnn_cell(input, hx, w_ih, w_hh, b_ih, b_hh, "tanh"), "TanhBackward0")


def rnn_relu_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """relu(input @ w_ih^T + b_ih + hx @ w_hh^T + b_hh): (N, input_size), (N, H) -> (N, H)."""
    return named(_rnn_cell(input, hx, w_ih, w_hh, b_ih, b_hh, "relu"), "ReluBackward0")


def _rnn_cell(input, hx, w_ih, w_hh, b_ih, b_hh, nonlinearity):
    _check_cell(input, [hx], w_ih, w_hh, 1)
    x = linear(input, w_ih, None if b_ih is None else add(b_ih, b_hh))
    return rnn_layer(x, hx, w_hh, [(0, len(hx))], nonlinearity)[0]


def lstm_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of an LSTM: input (N, input_size) and hx = (h, c), each (N, H), give the next (h, c).

    >>> import minitorch as torch
    >>> h, c = torch.lstm_cell(torch.ones(1, 1), (torch.zeros(1, 1), torch.zeros(1, 1)), torch.ones(4, 1),
    ...                        torch.ones(4, 1))
    >>> h, c
    (tensor([[0.3696]]), tensor([[0.5568]]))
    """
    if not isinstance(hx, (tuple, list)):
        raise TypeError(f"lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not {type(hx).__name__}")
    _check_cell(input, hx, w_ih, w_hh, 4)
    x = linear(input, w_ih, None if b_ih is None else add(b_ih, b_hh))
    h, _, c = lstm_layer(x, *hx, w_hh, None, [(0, len(hx[0]))])
    return h, c


def gru_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of a GRU: input (N, input_size) and hx (N, H) give the next (N, H)."""
    _check_cell(input, [hx], w_ih, w_hh, 3)
    return named(gru_layer(linear(input, w_ih, b_ih), hx, w_hh, b_hh, [(0, len(hx))])[0], "AddBackward0")


def _check_cell(input, hidden, w_ih, w_hh, gates):
    """RuntimeError, in torch's words, for shapes that do not fit; a cell with that many gates has gates * H rows."""
    for name, x in ("input", input), *((f"hidden{i}", x) for i, x in enumerate(hidden)):
        if x.array.ndim != 2:
            raise RuntimeError(f"{name} of a cell must have 2 dimensions, but got {list(x.array.shape)}")
    N, read = input.array.shape
    if read != w_ih.array.shape[1]:
        raise RuntimeError(f"input has inconsistent input_size: got {read} expected {w_ih.array.shape[1]}")
    for i, x in enumerate(hidden):
        if len(x.array) != N:
            raise RuntimeError(f"Input batch size {N} doesn't match hidden{i} batch size {len(x.array)}")
        if x.array.shape[1] != w_hh.array.shape[1]:
            raise RuntimeError(f"hidden{i} has inconsistent hidden_size: got {x.array.shape[1]}, expected "
                               f"{w_hh.array.shape[1]}")
    H = w_hh.array.shape[1]
    for name, weight in ("weight_ih", w_ih), ("weight_hh", w_hh):
        if len(weight.array) != gates * H:
            raise RuntimeError(f"{name} first dim must be {gates} * hidden_size = {gates * H}, but got "
                               f"{len(weight.array)}")
