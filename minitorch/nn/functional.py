"""torch.nn.functional: the functions behind the modules of torch.nn. Most are `minitorch.ops` under torch's name."""
import functools
import warnings

import numpy as np

from .. import ops
from ..engine import named, wrap
from ..graph import check_tensors
from ..ops import (  # noqa: F401
    adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, adaptive_max_pool1d, adaptive_max_pool2d,
    adaptive_max_pool3d, affine_grid, alpha_dropout, avg_pool1d, avg_pool2d, avg_pool3d, batch_norm,
    binary_cross_entropy, binary_cross_entropy_with_logits, celu, channel_shuffle,
    channel_shuffle as native_channel_shuffle, col2im as fold, conv1d, conv2d, conv3d, conv_tbc, conv_transpose1d,
    conv_transpose2d, conv_transpose3d, cosine_embedding_loss, cosine_similarity, cross_entropy, ctc_loss, dropout,
    dropout1d, dropout2d, dropout3d, elu, feature_alpha_dropout, fractional_max_pool2d, fractional_max_pool3d,
    gaussian_nll_loss, gelu, glu, grid_sample, group_norm, gumbel_softmax, hardshrink, hardsigmoid, hardswish, hardtanh,
    hinge_embedding_loss, huber_loss, im2col as unfold, instance_norm, interpolate, kl_div, l1_loss, layer_norm,
    leaky_relu, linear, linear_cross_entropy, local_response_norm, logsigmoid, lp_pool1d, lp_pool2d, lp_pool3d,
    margin_ranking_loss, max_pool1d, max_pool2d, max_pool3d, max_unpool1d, max_unpool2d, max_unpool3d, mish, mse_loss,
    multi_head_attention_forward, multi_margin_loss, multilabel_margin_loss, multilabel_soft_margin_loss, nll_loss,
    normalize, pad, pairwise_distance, pdist, pixel_shuffle, pixel_unshuffle, poisson_nll_loss, prelu, relu, relu6,
    rms_norm, rrelu, scaled_dot_product_attention, selu, sigmoid, silu, smooth_l1_loss, soft_margin_loss, softplus,
    softshrink, softsign, tanh, tanhshrink, threshold, triplet_margin_loss, triplet_margin_with_distance_loss, upsample,
    upsample_bilinear, upsample_nearest)
from ..ops.inplace import in_place
from ..ops.out import give_out

adaptive_max_pool1d_with_indices, adaptive_max_pool2d_with_indices, adaptive_max_pool3d_with_indices = (
    functools.partial(pool, return_indices=True)
    for pool in (adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d))
max_pool1d_with_indices, max_pool2d_with_indices, max_pool3d_with_indices = (
    functools.partial(pool, return_indices=True) for pool in (max_pool1d, max_pool2d, max_pool3d))
fractional_max_pool2d_with_indices, fractional_max_pool3d_with_indices = (
    functools.partial(pool, return_indices=True) for pool in (fractional_max_pool2d, fractional_max_pool3d))
relu_, leaky_relu_, elu_, selu_, celu_, rrelu_, hardtanh_, threshold_ = map(
    in_place, (relu, leaky_relu, elu, selu, celu, rrelu, hardtanh, threshold))


# --------------------------------------------------------------------------------------------------------- softmax


def _implicit_dim(name, input, dim, stacklevel):
    """The dimension that torch takes where none is named, with its warning."""
    if dim is not None:
        return dim
    warnings.warn(f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an "
                  "argument.",
                  stacklevel=stacklevel + 1)
    return 0 if input.array.ndim in (0, 1, 3) else 1


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """e^x / sum(e^x) along `dim`. UserWarning if it is left out."""
    return ops.softmax(input, _implicit_dim("softmax", input, dim, _stacklevel), dtype)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    """softmax(-x) along `dim`. UserWarning if it is left out."""
    return ops.softmin(input, _implicit_dim("softmin", input, dim, _stacklevel), dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """log(softmax(x)) along `dim`, without overflow. UserWarning if it is left out."""
    return ops.log_softmax(input, _implicit_dim("log_softmax", input, dim, _stacklevel), dtype)


# -------------------------------------------------------------------------------------------------- tables of rows


def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    """Rows of a table: indices (...), weight (V, E) -> (..., E). The row `padding_idx` gets no gradient.

    With `max_norm`, rows that are read and longer are first shortened, in place. `scale_grad_by_freq` divides the
    gradient of a row by how often it was read. Gradients are dense, also if `sparse`.
    IndexError for an index outside the table.

    >>> import minitorch as torch
    >>> embedding(torch.tensor([2, 0]), torch.eye(3))
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """
    check_tensors("embedding", input=input, weight=weight)
    if weight.array.ndim != 2:
        raise RuntimeError(f"'weight' must be 2-D, but is of size {list(weight.array.shape)}")
    if input.array.dtype not in (np.int64, np.int32):
        raise _wrong_type("embedding", "indices", "Long, Int", input)
    V = len(weight.array)
    if padding_idx is not None:
        if not -V <= padding_idx < V:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= V
    if max_norm is not None:
        _shorten_rows(weight, np.unique(input.array), max_norm, norm_type)
    return ops.embedding(weight, input, padding_idx, scale_grad_by_freq)


def _shorten_rows(weight, rows, max_norm, norm_type):
    """Scale the rows of the table that are longer than max_norm to that length, in place."""
    table = weight.detach()
    picked = table[wrap(rows)]  # (n, E)
    lengths = ops.vector_norm(picked, norm_type, 1, keepdim=True)  # (n, 1)
    table[wrap(rows)] = ops.where(lengths > max_norm, picked * (max_norm / (lengths + 1e-7)), picked)


def embedding_bag(input, weight, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False, mode="mean",
                  sparse=False, per_sample_weights=None, include_last_offset=False, padding_idx=None):
    """The "sum", "mean" or "max" of rows of a table (V, E), for each bag of indices: (bags, E).

    input (bags, size), or all indices in a vector with `offsets` (bags) of where each bag starts; with
    `include_last_offset`, offsets has one more, the end of the last. An empty bag gives 0. per_sample_weights, shaped
    as input, multiply the rows of a sum. Indices equal to `padding_idx` do not count. The others: see embedding.
    ValueError, RuntimeError or NotImplementedError for arguments that do not fit together.

    >>> import minitorch as torch
    >>> embedding_bag(torch.tensor([0, 1, 2]), torch.eye(3), torch.tensor([0, 2]), mode="sum")
    tensor([[1., 1., 0.],
            [0., 0., 1.]])
    """
    _check_bags(input, weight, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights)
    V, E = weight.array.shape
    if padding_idx is not None:
        if not -V <= padding_idx < V:
            raise RuntimeError("padding_idx must be within the number of embeddings, "
                               f"{-V} through {V - 1}, but got {padding_idx}")
        padding_idx %= V
    bags, bag = _bags(input, offsets, include_last_offset)
    indices = input.array.reshape(-1)
    wrong = (indices < 0) | (indices >= V)
    if wrong.any():
        raise RuntimeError(f"embedding_bag: Index {wrong.argmax()} of input takes value {indices[wrong][0]} which is "
                           f"not in the valid range [0, {V})")
    counted = np.flatnonzero((bag >= 0) & (bag < bags) & (True if padding_idx is None else indices != padding_idx))
    bag, indices = bag[counted], indices[counted]
    if max_norm is not None:
        _shorten_rows(weight, np.unique(indices), max_norm, norm_type)
    rows = ops.embedding(weight, wrap(indices), None, scale_grad_by_freq)  # (n, E)
    if mode == "max":
        return named(_max_of_bags(rows, bag, bags), "EmbeddingBagBackward0")
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape(-1, 1)[wrap(counted)]  # (n, E) * (n, 1)
    out = ops.index_add(ops.full((bags, E), 0, rows.dtype), 0, wrap(bag), rows)
    if mode == "mean":
        sizes = np.maximum(np.bincount(bag, minlength=bags), 1)
        out = out / wrap(sizes[:, None])  # (bags, E) / (bags, 1)
    return named(out, "EmbeddingBagBackward0")


def _bags(input, offsets, include_last_offset):
    """(how many bags, the number of the bag of each index)."""
    if offsets is None:
        bags, size = input.array.shape
        return bags, np.repeat(np.arange(bags), size)
    starts, length = offsets.array, input.array.size
    if include_last_offset and not starts.size:
        raise RuntimeError("include_last_offset: number of offset should be at least 1")
    if starts.size and starts[0] != 0:
        raise RuntimeError("offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from "
                           f"position 0. However, got {starts[0]}")
    if (starts[1:] < starts[:-1]).any():
        raise IndexError(f"embedding_bag: offsets must not decrease, but got {starts.tolist()}")
    if starts.size and starts[-1] > length:
        raise RuntimeError(f"offsets[-1] can not be greater than input's length {length} but got offsets[-1] of "
                           f"{starts[-1]}")
    return starts.size - include_last_offset, np.searchsorted(starts, np.arange(length), "right") - 1


def _max_of_bags(rows, bag, bags):
    """The largest element of each column in each bag, which alone gets the gradient; 0 for a bag without rows."""
    sizes = np.bincount(bag, minlength=bags)
    first = np.cumsum(sizes) - sizes
    # (n, E) -> (bags, size of the largest, E)
    padded = np.full((bags, max(1, sizes.max(initial=0)), rows.array.shape[1]), -np.inf, rows.array.dtype)
    padded[bag, np.arange(len(bag)) - first[bag]] = rows.array
    largest = padded.argmax(axis=1)[sizes > 0] + first[sizes > 0, None]  # (bags that are not empty, E)
    out = ops.full((bags, rows.array.shape[1]), 0, rows.dtype)
    return ops.index_put(out, (wrap(np.flatnonzero(sizes)),), ops.gather(rows, 0, wrap(largest)))


def _check_bags(input, weight, offsets, scale_grad_by_freq, mode, sparse, per_sample_weights):
    """Raise as torch does for arguments of embedding_bag that do not fit together."""
    check_tensors("embedding_bag", input=input, weight=weight)
    if per_sample_weights is not None and per_sample_weights.shape != input.shape:
        raise ValueError(f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must "
                         f"have the same shape as the input ({input.shape})")
    if weight.ndim != 2:
        raise ValueError(f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}")
    if input.ndim == 2:
        if offsets is not None:
            raise ValueError("if input is 2D, then offsets has to be None, as input is treated is a mini-batch of "
                             f"fixed length sequences. However, found offsets of type {type(offsets)}")
    elif input.ndim != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}")
    elif offsets is None or offsets.ndim != 1:
        raise ValueError(f"offsets has to be a 1D Tensor{' but got None' if offsets is None else ''}")
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if mode == "max" and sparse:
        raise ValueError("max mode does not support sparse weights")
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError("embedding_bag: per_sample_weights was not None. per_sample_weights is only supported"
                                  f" for mode='sum' (got mode='{mode}'). Please open a feature request on GitHub.")
    for name, x in (("indices", input), ("indices", offsets)):
        if x is not None and x.array.dtype not in (np.int64, np.int32):
            raise _wrong_type("embedding_bag", name, "Long, Int", x)
    if not weight.is_floating_point():
        raise _wrong_type("embedding_bag", "weight", "Half, BFloat16, Float, Double", weight)
    if per_sample_weights is not None and per_sample_weights.dtype != weight.dtype:
        raise RuntimeError("Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 "
                           f"'per_sample_weights'; but type torch.{weight.dtype.scalar_name}Tensor does not equal "
                           f"torch.{per_sample_weights.dtype.scalar_name}Tensor (while checking arguments for "
                           "embedding_bag)")


def _wrong_type(function, name, wanted, x):
    return RuntimeError(f"Expected tensor for argument #1 '{name}' to have one of the following scalar types: {wanted};"
                        f" but got torch.{x.dtype.scalar_name}Tensor instead (while checking arguments for {function})")


def one_hot(tensor, num_classes=-1):
    """Integers (...) -> (..., num_classes): 1 at that position, else 0. num_classes -1: the largest + 1.

    RuntimeError for negative numbers or too few classes.

    >>> import minitorch as torch
    >>> one_hot(torch.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    index = tensor.array
    if index.dtype != np.int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor, but got "
                           f"{tensor.dtype.scalar_name}")
    if index.size == 0:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
    elif index.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    elif num_classes == -1:
        num_classes = int(index.max()) + 1
    elif num_classes < 1:
        raise RuntimeError("num_classes should be positive")
    elif index.max() >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return wrap((index[..., None] == np.arange(num_classes)).astype(np.int64))


# -------------------------------------------------------------------------------------------------- products


def bilinear(input1, input2, weight, bias=None):
    """out[..., k] = sum over i, j of input1[..., i] * weight[k, i, j] * input2[..., j] + bias[k].

    >>> import minitorch as torch
    >>> bilinear(torch.tensor([[2.]]), torch.tensor([[3.]]), torch.ones(1, 1, 1))
    tensor([[6.]])
    """
    K, first, second = weight.array.shape
    for name, x, n in (("input1", input1, first), ("input2", input2, second)):
        if x.array.shape[-1] != n:
            raise RuntimeError(f"bilinear(): {name} size does not match weight size: got {x.array.shape[-1]} but "
                               f"expected {n}")
    out = ops.einsum("ni,kij,nj->nk", input1.reshape(-1, first), weight, input2.reshape(-1, second))
    out = out.reshape(*input1.array.shape[:-1], K)  # (rows, K) -> (..., K)
    return out if bias is None else out + bias


give_out(globals())  # last: every operation imported above also takes out=
