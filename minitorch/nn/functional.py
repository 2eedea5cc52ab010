"""torch.nn.functional: the functions behind the modules of torch.nn. Most are `minitorch.ops` under torch's name."""
import warnings

import numpy as np

from .. import ops
from ..engine import wrap
from ..graph import check_tensors
from ..ops import (  # noqa: F401
    adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d, adaptive_max_pool1d, adaptive_max_pool2d,
    adaptive_max_pool3d, affine_grid, alpha_dropout, avg_pool1d, avg_pool2d, avg_pool3d, batch_norm,
    binary_cross_entropy, binary_cross_entropy_with_logits, celu, channel_shuffle,
    channel_shuffle as native_channel_shuffle, col2im as fold, conv1d, conv2d, conv3d, conv_transpose1d,
    conv_transpose2d, conv_transpose3d, cosine_embedding_loss, cosine_similarity, cross_entropy, dropout, dropout1d,
    dropout2d, dropout3d, elu, feature_alpha_dropout, fractional_max_pool2d, fractional_max_pool3d, gaussian_nll_loss,
    gelu, glu, grid_sample, group_norm, gumbel_softmax, hardshrink, hardsigmoid, hardswish, hardtanh,
    hinge_embedding_loss, huber_loss, im2col as unfold, instance_norm, interpolate, kl_div, l1_loss, layer_norm,
    leaky_relu, linear, local_response_norm, logsigmoid, lp_pool1d, lp_pool2d, lp_pool3d, margin_ranking_loss,
    max_pool1d, max_pool2d, max_pool3d, max_unpool1d, max_unpool2d, max_unpool3d, mish, mse_loss,
    multi_head_attention_forward, multi_margin_loss, multilabel_margin_loss, multilabel_soft_margin_loss, nll_loss,
    normalize, pad, pairwise_distance, pixel_shuffle, pixel_unshuffle, poisson_nll_loss, prelu, relu, relu6, rms_norm,
    rrelu, scaled_dot_product_attention, selu, sigmoid, silu, smooth_l1_loss, soft_margin_loss, softplus, softshrink,
    softsign, tanh, tanhshrink, threshold, triplet_margin_loss, triplet_margin_with_distance_loss, upsample,
    upsample_bilinear, upsample_nearest)
from ..ops.inplace import in_place
from ..ops.out import give_out

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

    With `max_norm`, rows that are read and longer are first shortened, in place. Gradients are dense, also if `sparse`.
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
        raise RuntimeError("Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, "
                           f"Int; but got torch.{input.dtype.scalar_name}Tensor instead (while checking arguments for "
                           "embedding)")
    V = len(weight.array)
    if padding_idx is not None:
        if not -V <= padding_idx < V:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= V
    if scale_grad_by_freq:
        raise NotImplementedError("embedding: scale_grad_by_freq is not supported")
    if max_norm is not None:
        _shorten_rows(weight, np.unique(input.array), max_norm, norm_type)
    return ops.embedding(weight, input, padding_idx)


def _shorten_rows(weight, rows, max_norm, norm_type):
    """Scale the rows of the table that are longer than max_norm to that length, in place."""
    table = weight.detach()
    picked = table[wrap(rows)]  # (n, E)
    lengths = ops.vector_norm(picked, norm_type, 1, keepdim=True)  # (n, 1)
    table[wrap(rows)] = ops.where(lengths > max_norm, picked * (max_norm / (lengths + 1e-7)), picked)


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
