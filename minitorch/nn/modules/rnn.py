"""Recurrent layers, which read sequences step by step and keep a state: RNN, LSTM, GRU, and one step of each as a Cell.

Alphabet: T time, N sequences, H hidden size, L layers, D directions.
"""
import math
import numbers
import warnings

import numpy as np

from ... import creation, ops
from ...engine import named
from .. import functional as F
from .. import init
from ..parameter import Parameter
from ..utils.rnn import PackedSequence
from .module import Module

__all__ = "GRU GRUCell LSTM LSTMCell RNN RNNBase RNNCell RNNCellBase".split()

_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


class RNNBase(Module):
    """What RNN, LSTM and GRU share.

    input   (T, N, input_size); if `batch_first` (N, T, input_size); one sequence (T, input_size); or a PackedSequence
    hx      the first state, (L * D, N, H) or (L * D, H); zeros by default
    output  the last layer's state at each time, in the input's layout: (T, N, D * H); and the last states, as hx

    num_layers layers: each but the first reads what the one below it wrote, of which `dropout` drops a part. With
    `bidirectional`, D = 2, a second reader in each layer starts at the end.
    Parameters of layer l: weight_ih_l{l}, weight_hh_l{l}, bias_ih_l{l}, bias_hh_l{l}, and the same with the suffix
    _reverse; all start uniform on [-b, b), b = 1 / sqrt(H).
    ValueError, TypeError or RuntimeError for arguments and shapes that do not fit.
    """

    _node_name = "StackBackward0"  # of the output

    def __init__(self, mode, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
                 bidirectional=False, proj_size=0, device=None, dtype=None):
        super().__init__()
        self.mode, self.input_size, self.hidden_size, self.num_layers = mode, input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        self._check_arguments(dropout)
        gates, output_size = _GATES[mode] * hidden_size, proj_size or hidden_size
        self._all_weights = []  # the names of the parameters, a list for each layer and direction
        for layer in range(num_layers):
            read = output_size * (2 if bidirectional else 1) if layer else input_size
            for direction in [f"_l{layer}", f"_l{layer}_reverse"][: 1 + bool(bidirectional)]:
                shapes = {"weight_ih": (gates, read), "weight_hh": (gates, output_size)}
                if bias:
                    shapes.update(bias_ih=(gates,), bias_hh=(gates,))
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                for name, shape in shapes.items():
                    self.register_parameter(name + direction,
                                            Parameter(creation.empty(shape, device=device, dtype=dtype)))
                self._all_weights.append([name + direction for name in shapes])
        self.reset_parameters()

    def _check_arguments(self, dropout):
        if not isinstance(dropout, numbers.Number) or not 0 <= dropout <= 1 or isinstance(dropout, bool):
            raise ValueError("dropout should be a number in range [0, 1] representing the probability of an element "
                             "being zeroed")
        if dropout > 0 and self.num_layers == 1:
            warnings.warn("dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                          f"num_layers greater than 1, but got dropout={dropout} and num_layers={self.num_layers}",
                          stacklevel=4)
        for name, kind in {"bias": bool, "batch_first": bool, "input_size": int, "hidden_size": int}.items():
            if not isinstance(getattr(self, name), kind):
                raise TypeError(f"{name} should be of type {kind.__name__}, got: {type(getattr(self, name)).__name__}")
        for name in ("input_size", "hidden_size", "num_layers"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be greater than zero")
        if self.proj_size < 0:
            raise ValueError("proj_size should be a positive integer or zero to disable projections")
        if self.proj_size >= self.hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")
        if self.mode not in _GATES:
            raise ValueError(f"Unrecognized RNN mode: {self.mode}")

    def reset_parameters(self):
        """Draw new parameters."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    @property
    def all_weights(self):
        """The parameters, a list for each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    @property
    def _flat_weights_names(self):
        return sum(self._all_weights, [])

    @property
    def _flat_weights(self):
        return sum(self.all_weights, [])

    def flatten_parameters(self):
        """Does nothing: PyTorch moves the parameters into one block of memory here, for cuDNN."""

    # ------------------------------------------------------------------------------------------------------ checks
    def check_input(self, input, batch_sizes):
        dtype = self.all_weights[0][0].dtype
        if input.dtype != dtype:
            raise ValueError(f"RNN input dtype ({input.dtype}) does not match weight dtype ({dtype}). Convert input: "
                             f"input.to({dtype}), or convert model: model.to({input.dtype})")
        expected = 3 if batch_sizes is None else 2
        if input.dim() != expected:
            raise RuntimeError(f"input must have {expected} dimensions, got {input.dim()}")
        if input.size(-1) != self.input_size:
            raise RuntimeError(f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got "
                               f"{input.size(-1)}")

    def get_expected_hidden_size(self, input, batch_sizes):
        """The shape of a state: (L * D, N, H)."""
        N = int(batch_sizes[0]) if batch_sizes is not None else input.size(0 if self.batch_first else 1)
        return len(self._all_weights), N, self.proj_size or self.hidden_size

    def check_hidden_size(self, hx, expected_hidden_size, msg="Expected hidden size {}, got {}"):
        if hx.size() != expected_hidden_size:
            raise RuntimeError(msg.format(expected_hidden_size, list(hx.size())))

    def check_forward_args(self, input, hidden, batch_sizes):
        self.check_input(input, batch_sizes)
        self.check_hidden_size(hidden, self.get_expected_hidden_size(input, batch_sizes))

    def permute_hidden(self, hx, permutation):
        """The state with its sequences in another order; None: as it is."""
        return hx if permutation is None else hx.index_select(1, permutation)

    # ----------------------------------------------------------------------------------------------------- forward
    def forward(self, input, hx=None):
        if isinstance(input, PackedSequence):
            data, batch_sizes, sorted_indices, unsorted_indices = input
            hx = self._first_state(data, hx, batch_sizes, sorted_indices)
            sizes = batch_sizes.tolist()
            output, last = self._layers(data if sum(sizes) >= len(data) else data[: sum(sizes)], sizes, hx)
            output = named(output, "CatBackward0")
            return PackedSequence(output, batch_sizes, sorted_indices, unsorted_indices), \
                self.permute_hidden(last, unsorted_indices)
        if input.dim() not in (2, 3):
            raise ValueError(f"{type(self).__name__}: Expected input to be 2D or 3D, got {input.dim()}D"
                             f"{'' if self.mode == 'LSTM' else ' tensor'} instead")
        batched, batch_dim = input.dim() == 3, 0 if self.batch_first else 1
        if hx is not None:
            self._check_state_dims(hx, batched)
        if not batched:  # (T, input_size) -> (T, 1, input_size) or (1, T, input_size); (L * D, H) -> (L * D, 1, H)
            input, hx = input.unsqueeze(batch_dim), None if hx is None else self._each(lambda x: x.unsqueeze(1), hx)
        hx = self._first_state(input, hx, None, None)
        if self.batch_first:
            input = input.transpose(0, 1)  # (N, T, input_size) -> (T, N, input_size)
        T, N, _ = input.shape
        if T == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        # (T, N, input_size) -> (T * N, input_size)
        output, last = self._layers(input.reshape(T * N, self.input_size), [N] * T, hx)
        output = named(output.view(T, N, output.size(1)), "CatBackward0" if self.bidirectional else self._node_name)
        if self.batch_first:
            output = output.transpose(0, 1)  # (T, N, D * H) -> (N, T, D * H)
        if not batched:
            output, last = output.squeeze(batch_dim), self._each(lambda x: x.squeeze(1), last)
        return output, last

    def _each(self, function, state):
        """function(state), for a state of one tensor or of several."""
        return tuple(map(function, state)) if self.mode == "LSTM" else function(state)

    def _check_state_dims(self, hx, batched):
        if hx.dim() != (3 if batched else 2):
            raise RuntimeError(f"For {'batched 3-D' if batched else 'unbatched 2-D'} input, hx should also be "
                               f"{3 if batched else 2}-D but got {hx.dim()}-D tensor")

    def _first_state(self, input, hx, batch_sizes, sorted_indices):
        """The given state, checked and in the order of the packed sequences, or zeros."""
        if hx is None:
            self.check_input(input, batch_sizes)
            return self._zeros(input, self.get_expected_hidden_size(input, batch_sizes))
        hx = self.permute_hidden(hx, sorted_indices)
        self.check_forward_args(input, hx, batch_sizes)
        return hx

    def _zeros(self, input, shape):
        return input.new_zeros(shape)

    def _layers(self, rows, sizes, hx):
        """All layers on rows ordered by time, of which `sizes` says how many belong to each step.

        (rows, input_size), (L * D, N, H) -> (rows, D * H), (L * D, N, H)
        """
        starts = np.cumsum([0, *sizes[:-1]]).tolist()
        steps = list(zip(starts, sizes))
        directions = [steps, steps[::-1]] if self.bidirectional else [steps]
        hx = hx if self.mode == "LSTM" else (hx,)
        weights, states, last = iter(self.all_weights), zip(*map(ops.unbind, hx)), []
        for layer in range(self.num_layers):
            if layer:
                rows = F.dropout(rows, self.dropout, self.training)
            outputs = []
            for direction in directions:
                output, *state = self._layer(rows, next(states), direction, *next(weights))
                outputs.append(output)
                last.append(state)
            rows = outputs[0] if len(outputs) == 1 else ops.cat(outputs, 1)  # D of (rows, H) -> (rows, D * H)
        last = tuple(map(ops.stack, zip(*last)))  # L * D of (N, H) -> (L * D, N, H)
        return rows, last if self.mode == "LSTM" else last[0]

    def _layer(self, rows, state, steps, *weights):
        """One layer in one direction: (the states at all rows, *the last state)."""
        raise NotImplementedError

    def extra_repr(self):
        usual = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False, "dropout": 0,
                 "bidirectional": False}
        changed = [f"{name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value]
        return ", ".join([str(self.input_size), str(self.hidden_size), *changed])


def _linear(x, weight, bias1=None, bias2=None):
    return F.linear(x, weight, None if bias1 is None else bias1 + bias2)


class RNN(RNNBase):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh), or relu: `nonlinearity`. See RNNBase for shapes and arguments.

    RNN(input_size, hidden_size, num_layers=1, nonlinearity="tanh", bias=True, batch_first=False, dropout=0.0,
    bidirectional=False, device=None, dtype=None)

    >>> import minitorch as torch
    >>> rnn = RNN(10, 20, 2); rnn
    RNN(10, 20, num_layers=2)
    >>> output, h_n = rnn(torch.zeros(5, 3, 10))
    >>> output.shape, h_n.shape
    (torch.Size([5, 3, 20]), torch.Size([2, 3, 20]))
    """

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", *args, **kwargs):
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__("RNN_" + nonlinearity.upper(), input_size, hidden_size, num_layers, *args, **kwargs)
        self.nonlinearity = nonlinearity

    def _layer(self, rows, state, steps, w_ih, w_hh, *biases):
        return ops.rnn_layer(_linear(rows, w_ih, *biases), *state, w_hh, steps, self.nonlinearity)


class LSTM(RNNBase):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997). See RNNBase for shapes and arguments.

    i, f, g, o = W_ih x_t + b_ih + W_hh h_(t-1) + b_hh        in this order in the parameters (4H, ...)
    c_t = sigmoid(f) * c_(t-1) + sigmoid(i) * tanh(g)
    h_t = sigmoid(o) * tanh(c_t)

    The state is the pair (h, c). With proj_size P > 0, h_t is multiplied by weight_hr (P, H) and has P elements.

    >>> import minitorch as torch
    >>> lstm = LSTM(10, 20, batch_first=True); lstm
    LSTM(10, 20, batch_first=True)
    >>> output, (h_n, c_n) = lstm(torch.zeros(3, 5, 10))
    >>> output.shape, h_n.shape, c_n.shape
    (torch.Size([3, 5, 20]), torch.Size([1, 3, 20]), torch.Size([1, 3, 20]))
    """

    _node_name = "MkldnnRnnLayerBackward0"

    def __init__(self, *args, **kwargs):
        super().__init__("LSTM", *args, **kwargs)

    def get_expected_cell_size(self, input, batch_sizes):
        """The shape of c: (L * D, N, H)."""
        return (*self.get_expected_hidden_size(input, batch_sizes)[:2], self.hidden_size)

    def check_forward_args(self, input, hidden, batch_sizes):
        self.check_input(input, batch_sizes)
        self.check_hidden_size(hidden[0], self.get_expected_hidden_size(input, batch_sizes),
                               "Expected hidden[0] size {}, got {}")
        self.check_hidden_size(hidden[1], self.get_expected_cell_size(input, batch_sizes),
                               "Expected hidden[1] size {}, got {}")

    def permute_hidden(self, hx, permutation):
        return tuple([RNNBase.permute_hidden(self, x, permutation) for x in hx])

    def _check_state_dims(self, hx, batched):
        if len(hx) > 2:
            raise RuntimeError("lstm expects two hidden states")
        dims, expected = (hx[0].dim(), hx[1].dim()), 3 if batched else 2
        if dims != (expected, expected):
            raise RuntimeError(f"For {'batched 3-D' if batched else 'unbatched 2-D'} input, hx and cx should also be "
                               f"{expected}-D but got ({dims[0]}-D, {dims[1]}-D) tensors")

    def _zeros(self, input, shape):
        return input.new_zeros(shape), input.new_zeros(*shape[:2], self.hidden_size)

    def _layer(self, rows, state, steps, w_ih, w_hh, *others):
        biases, (projection,) = (others[:-1], others[-1:]) if self.proj_size else (others, (None,))
        return ops.lstm_layer(_linear(rows, w_ih, *biases), *state, w_hh, projection, steps)


class GRU(RNNBase):
    """Gated recurrent units (Cho et al., 2014). See RNNBase for shapes and arguments.

    r = sigmoid(W_ir x_t + b_ir + W_hr h_(t-1) + b_hr),   z likewise   r, z, n in this order in the parameters (3H, ...)
    n = tanh(W_in x_t + b_in + r * (W_hn h_(t-1) + b_hn))
    h_t = (1 - z) * n + z * h_(t-1)

    >>> import minitorch as torch
    >>> gru = GRU(10, 20, bidirectional=True); gru
    GRU(10, 20, bidirectional=True)
    >>> output, h_n = gru(torch.zeros(5, 3, 10))
    >>> output.shape, h_n.shape
    (torch.Size([5, 3, 40]), torch.Size([2, 3, 20]))
    """

    def __init__(self, *args, **kwargs):
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", *args, **kwargs)

    def _layer(self, rows, state, steps, w_ih, w_hh, b_ih=None, b_hh=None):
        return ops.gru_layer(F.linear(rows, w_ih, b_ih), *state, w_hh, b_hh, steps)


# ------------------------------------------------------------------------------------------------------ single steps


class RNNCellBase(Module):
    """What RNNCell, LSTMCell and GRUCell share: one step of one layer.

    input (N, input_size) and hx (N, H), by default zeros, give the next state (N, H); or all without N.
    weight_ih, weight_hh, bias_ih and bias_hh start uniform on [-b, b), b = 1 / sqrt(H).
    ValueError or RuntimeError for shapes that do not fit.
    """

    def __init__(self, input_size, hidden_size, bias, num_chunks, device=None, dtype=None):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        gates, form = num_chunks * hidden_size, {"device": device, "dtype": dtype}
        self.weight_ih = Parameter(creation.empty(gates, input_size, **form))
        self.weight_hh = Parameter(creation.empty(gates, hidden_size, **form))
        self.register_parameter("bias_ih", Parameter(creation.empty(gates, **form)) if bias else None)
        self.register_parameter("bias_hh", Parameter(creation.empty(gates, **form)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        """Draw new parameters."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def forward(self, input, hx=None):
        self._check_dims(input, "input")
        if hx is not None:
            self._check_dims(hx, "hidden")
        batched = input.dim() == 2
        if not batched:  # (input_size) -> (1, input_size), (H) -> (1, H)
            input, hx = input.unsqueeze(0), None if hx is None else hx.unsqueeze(0)
        if hx is None:
            hx = input.new_zeros(len(input), self.hidden_size)
        h = self._cell(input, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        return h if batched else h.squeeze(0)

    def _check_dims(self, x, what):
        if x.dim() not in (1, 2):
            raise ValueError(f"{type(self).__name__}: Expected {what} to be 1D or 2D, got {x.dim()}D instead")

    def extra_repr(self):
        options = [] if self.bias is True else [f"bias={self.bias}"]
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            options.append(f"nonlinearity={self.nonlinearity}")
        return ", ".join([str(self.input_size), str(self.hidden_size), *options])


class RNNCell(RNNCellBase):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu: `nonlinearity`.

    >>> import minitorch as torch
    >>> cell = RNNCell(10, 20); cell
    RNNCell(10, 20)
    >>> cell(torch.zeros(3, 10), torch.zeros(3, 20)).shape
    torch.Size([3, 20])
    """

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def _cell(self, *args):
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        return (ops.rnn_tanh_cell if self.nonlinearity == "tanh" else ops.rnn_relu_cell)(*args)


class LSTMCell(RNNCellBase):
    """One step of an LSTM (see there): input and the pair hx = (h, c) give the next pair.

    >>> import minitorch as torch
    >>> cell = LSTMCell(10, 20); cell
    LSTMCell(10, 20)
    >>> h, c = cell(torch.zeros(3, 10))
    >>> h.shape, c.shape
    (torch.Size([3, 20]), torch.Size([3, 20]))
    """

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input, hx=None):
        self._check_dims(input, "input")
        for i, x in enumerate(hx if isinstance(hx, (tuple, list)) else ()):
            self._check_dims(x, f"hx[{i}]")
        batched = input.dim() == 2
        if not batched:  # (input_size) -> (1, input_size), (H) -> (1, H)
            input, hx = input.unsqueeze(0), hx and [x.unsqueeze(0) for x in hx]
        if hx is None:
            hx = [input.new_zeros(len(input), self.hidden_size)] * 2
        hc = ops.lstm_cell(input, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        return hc if batched else tuple([x.squeeze(0) for x in hc])


class GRUCell(RNNCellBase):
    """One step of a GRU; see there.

    >>> import minitorch as torch
    >>> cell = GRUCell(10, 20, bias=False); cell
    GRUCell(10, 20, bias=False)
    >>> cell(torch.zeros(10)).shape
    torch.Size([20])
    """

    _cell = staticmethod(ops.gru_cell)

    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)
