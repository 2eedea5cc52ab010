"""Batches of sequences of different lengths: padded to one tensor, or packed without padding, and taken out again.

Alphabet: N sequences, T time (the longest length), * the shape of one element.
"""
from collections import namedtuple

import numpy as np

from ... import dtypes
from ...creation import as_tensor
from ...engine import named, wrap
from ...ops import full, index_put, index_select, pad, reshape, stack, transpose, view


class PackedSequence(namedtuple("PackedSequence", "data batch_sizes sorted_indices unsorted_indices")):
    """Sequences without padding, time step by time step: what recurrent layers take instead of a padded tensor.

    data              (sum of the lengths, *): the first elements of all sequences, longest first; then the second ...
    batch_sizes       (T), int64: how many sequences reach each time step
    sorted_indices    (N) the sequence at each place, unsorted_indices the place of each sequence; None if in order

    pack_sequence and pack_padded_sequence make one.

    >>> import minitorch as torch
    >>> pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4, 5])])[:2]
    (tensor([1, 4, 2, 5, 3]), tensor([2, 2, 1]))
    """

    def __new__(cls, data, batch_sizes=None, sorted_indices=None, unsorted_indices=None):
        if batch_sizes is None:
            if not isinstance(data, (list, tuple)) or len(data) != 2:
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args, **kwargs):
        """The same with other data, as Tensor.to makes it; the indices follow to its device."""
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        indices = [None if x is None else x.to(data.device) for x in (self.sorted_indices, self.unsorted_indices)]
        return type(self)(data, self.batch_sizes, *indices)

    def pin_memory(self):
        indices = [None if x is None else x.pin_memory() for x in (self.sorted_indices, self.unsorted_indices)]
        return type(self)(self.data.pin_memory(), self.batch_sizes, *indices)

    def cuda(self, device="cuda"):
        return self.to(device)

    def cpu(self):
        return self.to("cpu")

    def double(self):
        return self.to(dtypes.float64)

    def float(self):
        return self.to(dtypes.float32)

    def half(self):
        return self.to(dtypes.float16)

    def long(self):
        return self.to(dtypes.int64)

    def int(self):
        return self.to(dtypes.int32)

    def short(self):
        return self.to(dtypes.int16)

    def char(self):
        return self.to(dtypes.int8)

    def byte(self):
        return self.to(dtypes.uint8)

    @property
    def is_cuda(self):
        return self.data.is_cuda

    def is_pinned(self):
        return self.data.is_pinned()


def invert_permutation(permutation):
    """The permutation that undoes this one; None for None.

    >>> import minitorch as torch
    >>> invert_permutation(torch.tensor([2, 0, 1]))
    tensor([1, 2, 0])
    """
    return None if permutation is None else wrap(np.argsort(permutation.array))


def _packed_rows(lengths, T):
    """Which rows of a padded batch (T * N, *) hold elements, not padding, in order: time by time."""
    return wrap(np.flatnonzero(np.arange(T)[:, None] < lengths))  # (T, N) -> (rows)


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    """Leave out the padding of (T, N, *), or (N, T, *) if `batch_first`: a PackedSequence.

    lengths (N): a tensor or a list of ints. Unless `enforce_sorted`, the sequences may come in any order.
    RuntimeError for lengths that are not in [1, T], not N, or not decreasing as they should be.

    >>> import minitorch as torch
    >>> pack_padded_sequence(torch.tensor([[1, 2, 3], [4, 0, 0]]), [3, 1], batch_first=True)[:2]
    (tensor([1, 4, 2, 3]), tensor([2, 1, 1]))
    """
    lengths = as_tensor(lengths, dtype=dtypes.int64)
    if enforce_sorted:
        sorted_indices = None
    else:
        sorted_indices = wrap(np.argsort(-lengths.array, kind="stable"))
        lengths = lengths[sorted_indices]
        input = index_select(input, 0 if batch_first else 1, sorted_indices)
    if input.numel() == 0:
        raise RuntimeError("Cannot pack empty tensors.")
    if batch_first:
        input = transpose(input, 0, 1)  # (N, T, *) -> (T, N, *)
    (T, N), lengths = (input.size(0), input.size(1)), lengths.array
    if len(lengths) != N:
        raise RuntimeError(f"Expected `len(lengths)` to be equal to batch_size, but got {len(lengths)} "
                           f"(batch_size={N})")
    if lengths.min() <= 0:
        raise RuntimeError("Length of all samples has to be greater than 0, but found an element in 'lengths' that is "
                           "<= 0")
    if (np.diff(lengths) > 0).any():
        raise RuntimeError("`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can "
                           "pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this "
                           "requirement if you do not need ONNX exportability.")
    if lengths[0] > T:
        raise RuntimeError(f"pack_padded_sequence: expected lengths of at most {T}, as long as the input of shape "
                           f"{list(input.shape)}, but got {lengths[0]}")
    # (T, N, *) -> (T * N, *) -> (sum of the lengths, *)
    data = index_select(reshape(input, (T * N, *input.shape[2:])), 0, _packed_rows(lengths, T))
    batch_sizes = (np.arange(lengths[0])[:, None] < lengths).sum(axis=1)
    return PackedSequence(named(data, "PackPaddedSequenceBackward0"), wrap(batch_sizes), sorted_indices)


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    """Undo pack_padded_sequence: ((T, N, *) or, if `batch_first`, (N, T, *); the lengths (N)), in the first order.

    `total_length` asks for a longer T; ValueError if it is shorter.

    >>> import minitorch as torch
    >>> packed = pack_sequence([torch.tensor([4]), torch.tensor([1, 2, 3])], enforce_sorted=False)
    >>> pad_packed_sequence(packed, batch_first=True)
    (tensor([[4, 0, 0],
            [1, 2, 3]]), tensor([1, 3]))
    """
    sizes, data = sequence.batch_sizes.array, sequence.data
    T, N = len(sizes), sizes[0]
    if total_length is not None:
        if total_length < T:
            raise ValueError("Expected total_length to be at least the length of the longest sequence in input, but "
                             f"got total_length={total_length} and max sequence length being {T}")
        T = total_length
    lengths = (np.arange(N)[:, None] < sizes).sum(axis=1)  # (N, T) -> (N)
    padding = full((T * N, *data.shape[1:]), padding_value, data.dtype)
    padded = index_put(padding, (_packed_rows(lengths, T),), data)
    padded = named(view(padded, (T, N, *data.shape[1:])), "PadPackedSequenceBackward0")  # (T * N, *) -> (T, N, *)
    if batch_first:
        padded = transpose(padded, 0, 1)  # (T, N, *) -> (N, T, *)
    lengths, order = wrap(lengths), sequence.unsorted_indices
    if order is None:
        return padded, lengths
    return index_select(padded, 0 if batch_first else 1, order), lengths[order]


def pack_sequence(sequences, enforce_sorted=True):
    """Pack tensors of shapes (T_i, *): a PackedSequence. They come longest first, unless `enforce_sorted` is False.

    >>> import minitorch as torch
    >>> pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])]).batch_sizes
    tensor([2, 1, 1])
    """
    return pack_padded_sequence(pad_sequence(sequences), [x.size(0) for x in sequences], enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences):
    """The list of sequences (T_i, *) in a PackedSequence: undoes pack_sequence.

    >>> import minitorch as torch
    >>> unpack_sequence(pack_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])]))
    [tensor([1, 2, 3]), tensor([4])]
    """
    return unpad_sequence(*pad_packed_sequence(packed_sequences, batch_first=True), batch_first=True)


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """Stack tensors of shapes (T_i, *) into one of shape (T, N, *), or (N, T, *) if `batch_first`.

    >>> import minitorch as torch
    >>> pad_sequence([torch.tensor([1, 2, 3]), torch.tensor([4])], batch_first=True)
    tensor([[1, 2, 3],
            [4, 0, 0]])
    """
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    if not hasattr(sequences, "__iter__"):
        raise RuntimeError("pad_sequence: Expected iterable for input sequences, but got arg of type: "
                           f"{type(sequences)}")
    sequences = list(sequences)
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    longest = max(len(x) for x in sequences)
    padded = []
    for x in sequences:
        gap = longest - len(x)
        at_time = (gap, 0) if padding_side == "left" else (0, gap)
        padded.append(pad(x, (0, 0) * (x.ndim - 1) + at_time, value=padding_value))  # (T_i, *) -> (T, *)
    return stack(padded, 0 if batch_first else 1)  # N x (T, *) -> (N, T, *) or (T, N, *)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    """The sequences (T_i, *) in a padded tensor (T, N, *), or (N, T, *) if `batch_first`: undoes pad_sequence.

    >>> import minitorch as torch
    >>> unpad_sequence(torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([3, 1]), batch_first=True)
    [tensor([1, 2, 3]), tensor([4])]
    """
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)  # (T, N, *) -> (N, T, *)
    return [x[:length] for x, length in zip(padded_sequences, lengths.tolist())]
