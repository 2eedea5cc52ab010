"""Batches of sequences of different lengths: pad them to one tensor, and take them out again.

Alphabet: N sequences, T time (the longest length), * the shape of one element.
"""
from ...ops import pad, stack


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
