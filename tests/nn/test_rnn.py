"""Recurrent layers, cells and packed sequences against PyTorch."""
import importlib

import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, check_same, import_torch

torch = import_torch()

LAYERS = {
    "RNN": {}, "RNN relu": {"nonlinearity": "relu"}, "LSTM": {}, "LSTM projected": {"proj_size": 2}, "GRU": {}}
OPTIONS = [
    {}, {"num_layers": 2, "bias": False}, {"batch_first": True, "num_layers": 2, "dropout": 0.5},
    {"bidirectional": True, "num_layers": 2}, {"batch_first": True, "bidirectional": True}]


def rnn_utils(T):
    return importlib.import_module(T.__name__ + ".nn.utils.rnn")


def numbers(T, seed, *shape):
    return T.from_numpy(np.random.default_rng(seed).standard_normal(shape)).requires_grad_()


def flat(result):
    """The tensors in nested tuples and packed sequences."""
    return [x for part in result for x in flat(part)] if isinstance(result, tuple) else [result] * (result is not None)


def trained(T, name, options, input_of, states=None):
    """What a layer is and returns, and all gradients of the sum of squares of what it returns."""
    T.manual_seed(0)
    layer = getattr(T.nn, name.split()[0])(3, 4, dtype=T.float64, **LAYERS[name], **options)
    x = input_of(T)
    first = () if states is None else states(T, layer)
    hx = first if name.startswith("LSTM") else first[:1]
    result = layer(x) if states is None else layer(x, hx if name.startswith("LSTM") else hx[0])
    sum([part.square().sum() for part in flat(result) if part.is_floating_point()]).backward()
    grads = [x.grad for x in (*flat(x), *hx, *layer.parameters()) if x.is_leaf and x.requires_grad]
    return repr(layer), list(layer.state_dict()), list(layer.parameters()), result, grads


def states_for(*batch):
    def states(T, layer):
        D = 2 if layer.bidirectional else 1
        return tuple([numbers(T, 5 + i, layer.num_layers * D, *batch, size)
                      for i, size in enumerate((layer.proj_size or 4, 4))])

    return states


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_layer(name, options):
    check_same(lambda T: trained(T, name, options, lambda T: numbers(T, 0, 5, 2, 3), None if options else states_for(
        2)))


@pytest.mark.parametrize("name", LAYERS)
def test_layer_of_one_sequence(name):
    check_same(lambda T: trained(T, name, OPTIONS[4], lambda T: numbers(T, 0, 5, 3), states_for()))


@pytest.mark.parametrize("options", [OPTIONS[0], OPTIONS[3]], ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_layer_of_packed_sequences(name, options):
    """The shortest comes first, so states have to be permuted; and reading backwards, sequences begin at all times."""
    def packed(T):
        return rnn_utils(T).pack_padded_sequence(numbers(T, 0, 5, 3, 3), [1, 5, 3], enforce_sorted=False)

    check_same(lambda T: trained(T, name, options, packed, states_for(3)))


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_wide_layer_in_float32(name):
    def run(T):
        T.manual_seed(0)
        layer, x = getattr(T.nn, name)(5, 40, 2, bidirectional=True), numbers(T, 0, 6, 8, 5).float().detach()
        packed = rnn_utils(T).pack_padded_sequence(x.requires_grad_(), [6, 6, 5, 4, 4, 4, 2, 1])
        sum([part.float().square().sum() for part in flat((layer(x), layer(packed)[0].data))]).backward()
        return layer(x), x.grad, [parameter.grad for parameter in layer.parameters()]

    check_same(run, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_packed_sequences_that_contradict_themselves(name):
    def run(T, sizes, rows):
        return getattr(T.nn, name)(2, 40)(rnn_utils(T).PackedSequence(T.ones(rows, 2), T.tensor(sizes)))[0].data

    assert run(minitorch, [2, 2, 1, 1], 9).shape == run(torch, [2, 2, 1, 1], 9).shape == (6, 40)
    check_raises(lambda T: run(T, [1, 2, 1, 1], 5), "doesn't match")
    check_raises(lambda T: run(T, [2, 2, -1, 1], 5), "must be non-negative")
    with pytest.raises(RuntimeError, match="exceeds dimension size"):
        run(minitorch, [2, 2, 2, 2], 5)


def test_layer_in_float32_of_an_empty_batch():
    check_same(lambda T: [flat(getattr(T.nn, name)(2, 3)(T.zeros(4, 0, 2))) for name in ("RNN", "LSTM", "GRU")])


def test_large_gates_do_not_overflow():
    """And the gradient is 0 there, not nan."""
    def run(T):
        layer = T.nn.LSTM(1, 1)
        x = T.tensor([[[1e4]], [[-1e4]]], requires_grad=True)
        with T.no_grad():
            for p in layer.parameters():
                p.fill_(1.0)
        out, _ = layer(x)
        out.sum().backward()
        return out, x.grad

    check_same(run)


@pytest.mark.parametrize("cell", ["RNNCell", "LSTMCell", "GRUCell"])
@pytest.mark.parametrize("batch", [(), (2,)])
def test_cell(cell, batch):
    def run(T):
        T.manual_seed(0)
        layer = getattr(T.nn, cell)(3, 4, dtype=T.float64)
        x = numbers(T, 0, *batch, 3)
        state = layer(x)  # from zeros
        for _ in range(2):
            state = layer(x, state)
        sum([part.square().sum() for part in flat(state)]).backward()
        return repr(layer), list(layer.state_dict()), state, [x.grad, *[p.grad for p in layer.parameters()]]

    check_same(run)


def test_relu_cell_and_functions():
    check_same(lambda T: [repr(T.nn.RNNCell(1, 2, False, "relu")), T.rnn_relu_cell(
        T.ones(1, 1), T.ones(1, 2), T.tensor([[1.], [-3.]]), T.eye(2))])
    check_raises(lambda T: T.nn.RNNCell(2, 3, nonlinearity="x")(T.zeros(1, 2)), "Unknown nonlinearity: x")


@pytest.mark.parametrize("call, message", [
    (lambda nn: nn.RNN(2, 3, nonlinearity="x"), "Unknown nonlinearity 'x'. Select from 'tanh' or 'relu'."),
    (lambda nn: nn.GRU(2, 3, proj_size=1), "proj_size argument is only supported for LSTM, not RNN or GRU"),
    (lambda nn: nn.LSTM(2, 3, proj_size=3), "proj_size has to be smaller than hidden_size"),
    (lambda nn: nn.LSTM(2, 3, dropout=True), "dropout should be a number in range"),
    (lambda nn: nn.LSTM(2, 3, bias=1), "bias should be of type bool, got: int"),
    (lambda nn: nn.LSTM(2.5, 3), "input_size should be of type int, got: float"),
    (lambda nn: nn.LSTM(2, 0), "hidden_size must be greater than zero"),
    (lambda nn: nn.RNNBase("X", 2, 3), "Unrecognized RNN mode: X"),
])
def test_bad_arguments(call, message):
    check_raises(lambda T: call(T.nn), message)


def test_dropout_without_a_second_layer_warns():
    for T in (torch, minitorch):
        with pytest.warns(UserWarning, match="dropout option adds dropout after all but last recurrent layer"):
            T.nn.LSTM(2, 3, dropout=0.1)


@pytest.mark.parametrize("name, input, states, message", [
    ("RNN", (2,), [], "Expected input to be 2D or 3D, got 1D tensor instead"),
    ("LSTM", (2,), [], "Expected input to be 2D or 3D, got 1D instead"),
    ("GRU", (0, 1, 2), [], "Expected sequence length to be larger than 0 in RNN"),
    ("GRU", (3, 1, 4), [], "must be equal to input_size. Expected 2, got 4"),
    ("RNN", (3, 1, 2), [(1, 3)], "For batched 3-D input, hx should also be 3-D but got 2-D tensor"),
    ("GRU", (3, 2), [(1, 1, 3)], "For unbatched 2-D input, hx should also be 2-D but got 3-D tensor"),
    ("GRU", (3, 1, 2), [(1, 2, 3)], r"Expected hidden size \(1, 1, 3\), got \[1, 2, 3\]"),
    ("LSTM", (3, 1, 2), [(1, 1, 3), (1, 2, 3)], r"Expected hidden\[1\] size \(1, 1, 3\), got \[1, 2, 3\]"),
    ("LSTM", (3, 1, 2), [(1, 1, 3), (1, 3)], r"hx and cx should also be 3-D but got \(3-D, 2-D\) tensors"),
    ("RNNCell", (1, 1, 2), [], "Expected input to be 1D or 2D, got 3D instead"),
    ("GRUCell", (1, 3), [], "input has inconsistent input_size: got 3 expected 2"),
    ("GRUCell", (1, 2), [(2, 3)], "Input batch size 1 doesn't match hidden0 batch size 2"),
    ("LSTMCell", (1, 2), [(1, 3), (1, 4)], "hidden1 has inconsistent hidden_size: got 4, expected 3"),
    ("LSTMCell", (1, 2), [(1, 1, 3), (1, 3)], r"Expected hx\[0\] to be 1D or 2D, got 3D instead"),
])
def test_bad_shapes(name, input, states, message):
    def call(T):
        hx = tuple([T.zeros(shape) for shape in states])
        getattr(T.nn, name)(2, 3)(T.zeros(input), *([hx] if len(hx) == 2 else hx))

    check_raises(call, message)


def test_bad_dtypes():
    check_raises(lambda T: T.nn.LSTM(2, 3)(T.zeros(1, 1, 2).double()), "does not match weight dtype")
    check_raises(lambda T: T.nn.GRU(2, 3)(T.zeros(1, 1, 2), T.zeros(1, 1, 3).double()),
                 "mat1 and mat2 must have the same dtype, but got Double and Float")


def test_parameters_by_layer():
    def run(T):
        layer = T.nn.LSTM(2, 3, 2, bidirectional=True)
        layer.flatten_parameters()
        return [[tuple(w.shape) for w in weights] for weights in layer.all_weights], layer._flat_weights_names

    check_same(run)


# ------------------------------------------------------------------------------------------------- packed sequences


@pytest.mark.parametrize("batch_first", [False, True])
def test_pack_and_pad(batch_first):
    def run(T):
        R, x = rnn_utils(T), numbers(T, 0, 3, 3, 2)
        packed = R.pack_padded_sequence(x, T.tensor([1, 3, 2]), batch_first, enforce_sorted=False)
        padded, lengths = R.pad_packed_sequence(packed, batch_first, -1.0, total_length=4)
        padded.square().sum().backward()
        return tuple(packed), padded, lengths, x.grad

    check_same(run)


def test_pack_sequence_and_unpack():
    def run(T):
        R = rnn_utils(T)
        packed = R.pack_sequence([T.tensor([1]), T.tensor([2, 3, 4]), T.tensor([5, 6])], enforce_sorted=False)
        return tuple(packed), R.unpack_sequence(packed), R.pad_packed_sequence(packed, True, total_length=3)

    check_same(run)


def test_packed_sequences_convert():
    def run(T):
        packed = rnn_utils(T).pack_sequence([T.tensor([1.]), T.tensor([2., 3.])], enforce_sorted=False)
        kinds = [getattr(packed, name)().data for name in "double float half long int short char byte cpu".split()]
        return kinds, packed.to(T.float32) is packed, tuple(packed.to(T.float64)), packed.is_cuda, packed.is_pinned()

    check_same(run)


@pytest.mark.parametrize("lengths, message", [
    ([1, 2], "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True"),
    ([2, 0], "Length of all samples has to be greater than 0"),
    ([2], r"Expected `len\(lengths\)` to be equal to batch_size"),
])
def test_bad_lengths(lengths, message):
    check_raises(lambda T: rnn_utils(T).pack_padded_sequence(T.zeros(3, 2, 1), lengths), message)


def test_more_bad_packing():
    check_raises(lambda T: rnn_utils(T).pack_padded_sequence(T.zeros(3, 0, 1), []), "Cannot pack empty tensors.")
    check_raises(lambda T: rnn_utils(T).pad_packed_sequence(rnn_utils(T).pack_sequence([T.zeros(3)]), total_length=2),
                 "Expected total_length to be at least the length of the longest sequence")
    with pytest.raises(RuntimeError, match="expected lengths of at most 3"):  # PyTorch reads on behind the data
        rnn_utils(minitorch).pack_padded_sequence(minitorch.zeros(3, 1), [4])
