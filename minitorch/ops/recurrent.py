"""Recurrent layers: RNN, LSTM and GRU, one direction of one layer at a time, and single cells.

The layout, rows ordered by time, is explained in kernels/cpu/recurrent.py. Backward goes through time the other way.
The gradient of a state is a linear recurrence, d(before) = d(after) * (a factor): all factors are computed at once
before the loop, and the gradients of the weights at once after it.
"""
import numpy as np

from ..engine import Op, named
from .elementwise import add
from .matmul import linear


class Recurrence(Op):
    """What the layers share. Parameters: steps, [(start, n)] in the order of computing; saved last: `before`."""

    def begin(self, steps, N):
        """Remember the steps. Returns where the state is that each row starts from: in [N first states; all rows]."""
        self.steps = steps
        latest, before = np.arange(N), np.empty(sum(n for _, n in steps), np.int64)
        for start, n in steps:
            before[start : start + n] = latest[:n]
            latest[:n] = np.arange(N + start, N + start + n)
        return before

    def previous(self, first, states, before):
        """The state from which each row started: (N, H), (rows, H) -> (rows, H)."""
        return self.k.index_select(self.k.cat([first, states]), 0, before)

    def rows(self, x, start, n):
        """x[start : start + n]"""
        return x if n == len(x) else self.k.basic_index(x, (slice(start, start + n),))

    def with_first(self, x, new):
        """x, its first rows replaced by `new`."""
        n, N = len(new), len(x)
        return new if n == N else self.k.cat([new, self.rows(x, n, N - n)])

    def parts(self, gates, count):
        """(rows, count * H) -> count of (rows, H)"""
        H = gates.shape[1] // count
        return [self.k.basic_index(gates, (slice(None), slice(j * H, (j + 1) * H))) for j in range(count)]

    def in_order(self, parts):
        """What the steps computed, last step first, as one matrix of rows."""
        if self.steps[0][0] == 0:
            parts = parts[::-1]
        return parts[0] if len(parts) == 1 else self.k.cat(parts)

    def product(self, grad, states):
        """grad^T @ states: (rows, out), (rows, in) -> (out, in), the gradient of a weight over all steps."""
        return self.k.matmul(self.k.permute(grad, (1, 0)), states)


class RnnLayer(Recurrence):
    """h = f(x + h @ weight^T): the states (rows, H) and the last (N, H).   Saves: the states, h0, weight."""

    def forward(self, x, h0, weight, steps, nonlinearity):
        self.nonlinearity, before = nonlinearity, self.begin(steps, len(h0))
        states, last = self.k.rnn_layer(x, h0, weight, steps, nonlinearity)
        self.save(states, h0, weight, before)
        return states, last

    def backward(self, grad, dh):
        (states, h0, weight, before), k = self.saved, self.k
        slope = k.sub(1.0, k.square(states)) if self.nonlinearity == "tanh" else k.gt(states, 0.0)
        parts = []
        for start, n in reversed(self.steps):
            d = k.add(self.rows(dh, 0, n), self.rows(grad, start, n))
            d = k.mul(d, self.rows(slope, start, n))
            parts.append(d)
            dh = self.with_first(dh, k.matmul(d, weight))
        dx = self.in_order(parts)
        return dx, dh, self.product(dx, self.previous(h0, states, before))


def rnn_layer(input, hx, weight, steps, nonlinearity):
    """h = f(input + h @ weight^T), f "tanh" or "relu", row by row: (all states (rows, H), the last (N, H))."""
    return RnnLayer.apply(input, hx, weight, steps=steps, nonlinearity=nonlinearity)


class LstmLayer(Recurrence):
    """i, f, g, o = x + h @ weight^T;   c = sigmoid(f) * c + sigmoid(i) * tanh(g);   h = sigmoid(o) * tanh(c)

    Returns h, c and the gates for each row, and the last h and c. Saves: all of them but the last, h0, c0, weights.
    The gates are a result so that a recorded backward can differentiate them.
    """

    def forward(self, x, h0, c0, weight, projection, steps):
        before = self.begin(steps, len(h0))
        h, c, gates, *last = self.k.lstm_layer(x, h0, c0, weight, projection, steps)
        self.save(h, c, gates, h0, c0, weight, projection, before)
        return h, c, gates, *last

    def backward(self, grad_h, grad_c, grad_gates, dh, dc):
        (h, c, gates, h0, c0, weight, projection, before), k = self.saved, self.k
        i, f, g, o = self.parts(gates, 4)
        tanh_c, c_before = k.tanh(c), self.previous(c0, c, before)
        slopes = [k.mul(s, k.sub(1.0, s)) for s in (i, f, o)]
        slope = k.cat([*slopes[:2], k.sub(1.0, k.square(g)), slopes[2]], 1)  # of the gates (rows, 4H)
        factor = k.mul(slope, k.cat([g, c_before, i, tanh_c], 1))  # times dc, dc, dc, dh, these are the gates' gradients
        given = k.mul(slope, grad_gates)
        to_c = k.mul(o, k.sub(1.0, k.square(tanh_c)))  # dc/dh
        parts, parts_h = [], []
        for start, n in reversed(self.steps):
            d = k.add(self.rows(dh, 0, n), self.rows(grad_h, start, n))
            parts_h.append(d)
            if projection is not None:
                d = k.matmul(d, projection)  # (n, P) -> (n, H)
            d_c = k.add(self.rows(dc, 0, n), self.rows(grad_c, start, n))
            d_c = k.add(d_c, k.mul(d, self.rows(to_c, start, n)))
            d = k.mul(k.cat([d_c, d_c, d_c, d], 1), self.rows(factor, start, n))  # (n, 4H)
            d = k.add(d, self.rows(given, start, n))
            parts.append(d)
            dh = self.with_first(dh, k.matmul(d, weight))
            dc = self.with_first(dc, k.mul(d_c, self.rows(f, start, n)))
        dx = self.in_order(parts)
        d_weight = self.product(dx, self.previous(h0, h, before))
        d_projection = None if projection is None else self.product(self.in_order(parts_h), k.mul(o, tanh_c))
        return dx, dh, dc, d_weight, d_projection


def lstm_layer(input, hx, cx, weight, projection, steps):
    """The LSTM's recurrence, row by row: (h, c, gates of all rows, last h (N, H), last c (N, H))."""
    return LstmLayer.apply(input, hx, cx, weight, projection, steps=steps)


class GruLayer(Recurrence):
    """r, z, m = h @ weight^T + bias;   n = tanh(x_n + r * m);   h = (1 - z) * n + z * h

    r and z are sigmoids, x added to them first. Returns h and the gates r, z, n, m for each row, and the last h.
    Saves: all of them but the last, h0, weight.
    """

    def forward(self, x, h0, weight, bias, steps):
        before = self.begin(steps, len(h0))
        states, gates, last = self.k.gru_layer(x, h0, weight, bias, steps)
        self.save(states, gates, h0, weight, before)
        return states, gates, last

    def backward(self, grad, grad_gates, dh):
        (states, gates, h0, weight, before), k = self.saved, self.k
        r, z, new, m = self.parts(gates, 4)
        h = self.previous(h0, states, before)

        def before_gates(d_r, d_z, d_new, d_m):
            """From the gradients of the gates to those of (r, z, m before their sigmoids (rows, 3H), n's tanh)."""
            d_new = k.mul(d_new, k.sub(1.0, k.square(new)))
            d_r = k.mul(k.add(d_r, k.mul(d_new, m)), k.mul(r, k.sub(1.0, r)))
            d_z = k.mul(d_z, k.mul(z, k.sub(1.0, z)))
            return k.cat([d_r, d_z, k.add(d_m, k.mul(d_new, r))], 1), d_new

        factor, factor_new = before_gates(0.0, k.sub(h, new), k.sub(1.0, z), 0.0)  # for dh = 1
        given, given_new = before_gates(*self.parts(grad_gates, 4))
        parts, parts_h = [], []
        for start, n in reversed(self.steps):
            d = k.add(self.rows(dh, 0, n), self.rows(grad, start, n))
            parts_h.append(d)
            d_hidden = k.add(k.mul(k.cat([d, d, d], 1), self.rows(factor, start, n)), self.rows(given, start, n))
            parts.append(d_hidden)
            d = k.add(k.mul(d, self.rows(z, start, n)), k.matmul(d_hidden, weight))
            dh = self.with_first(dh, d)
        d_hidden = self.in_order(parts)
        d_new = k.add(k.mul(self.in_order(parts_h), factor_new), given_new)
        dx = k.cat([*self.parts(d_hidden, 3)[:2], d_new], 1)
        return dx, dh, self.product(d_hidden, h), k.sum(d_hidden, 0) if self.needs_input_grad[3] else None


def gru_layer(input, hx, weight, bias, steps):
    """The GRU's recurrence, row by row: (h, gates of all rows, last h (N, H))."""
    return GruLayer.apply(input, hx, weight, bias, steps=steps)


# ------------------------------------------------------------------------------------------------------ single steps


def rnn_tanh_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """tanh(input @ w_ih^T + b_ih + hx @ w_hh^T + b_hh): (N, input_size), (N, H) -> (N, H)."""
    return named(_rnn_cell(input, hx, w_ih, w_hh, b_ih, b_hh, "tanh"), "TanhBackward0")


def rnn_relu_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """relu(input @ w_ih^T + b_ih + hx @ w_hh^T + b_hh): (N, input_size), (N, H) -> (N, H)."""
    return named(_rnn_cell(input, hx, w_ih, w_hh, b_ih, b_hh, "relu"), "ReluBackward0")


def _rnn_cell(input, hx, w_ih, w_hh, b_ih, b_hh, nonlinearity):
    _check_cell(input, [hx], w_ih, w_hh)
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
    _check_cell(input, hx, w_ih, w_hh)
    x = linear(input, w_ih, None if b_ih is None else add(b_ih, b_hh))
    h, c, *_ = lstm_layer(x, *hx, w_hh, None, [(0, len(hx[0]))])
    return h, c


def gru_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of a GRU: input (N, input_size) and hx (N, H) give the next (N, H)."""
    _check_cell(input, [hx], w_ih, w_hh)
    return named(gru_layer(linear(input, w_ih, b_ih), hx, w_hh, b_hh, [(0, len(hx))])[0], "AddBackward0")


def _check_cell(input, hidden, w_ih, w_hh):
    """RuntimeError, in torch's words, for shapes that do not fit."""
    N, read = input.array.shape
    if read != w_ih.array.shape[1]:
        raise RuntimeError(f"input has inconsistent input_size: got {read} expected {w_ih.array.shape[1]}")
    for i, x in enumerate(hidden):
        if len(x.array) != N:
            raise RuntimeError(f"Input batch size {N} doesn't match hidden{i} batch size {len(x.array)}")
        if x.array.shape[1] != w_hh.array.shape[1]:
            raise RuntimeError(f"hidden{i} has inconsistent hidden_size: got {x.array.shape[1]}, expected "
                               f"{w_hh.array.shape[1]}")
