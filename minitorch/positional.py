"""The functions of torch.nn.functional that also stand in `torch` itself, there in the order of its C++ library.

Programs seldom call these forms; the documented ones are in nn.functional. `reduction` is a number here: 0 for "none",
1 for "mean", 2 for "sum". Arguments that choose a CUDA library (cudnn_enabled) have no effect.
"""
from .nn import functional as F
from .ops.inplace import in_place

_REDUCTIONS = "none", "mean", "sum"


# ------------------------------------------------------------------------------------------------------- normalisation
def batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled):
    """F.batch_norm."""
    return F.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled):
    """F.instance_norm."""
    return F.instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-05, cudnn_enabled=True):
    """F.group_norm."""
    return F.group_norm(input, num_groups, weight, bias, eps)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05, cudnn_enable=True):
    """F.layer_norm."""
    return F.layer_norm(input, normalized_shape, weight, bias, eps)


# ------------------------------------------------------------------------------------------------------------- dropout
def dropout(input, p, train):
    """F.dropout."""
    return F.dropout(input, p, train)


def alpha_dropout(input, p, train):
    """F.alpha_dropout."""
    return F.alpha_dropout(input, p, train)


def feature_dropout(input, p, train):
    """F.dropout1d, dropout2d or dropout3d: dropout of whole channels of input (N, C, ...)."""
    return {3: F.dropout1d, 4: F.dropout2d, 5: F.dropout3d}[input.dim()](input, p, train)


def feature_alpha_dropout(input, p, train):
    """F.feature_alpha_dropout."""
    return F.feature_alpha_dropout(input, p, train)


dropout_, alpha_dropout_, feature_dropout_, feature_alpha_dropout_ = map(
    in_place, (dropout, alpha_dropout, feature_dropout, feature_alpha_dropout))


# -------------------------------------------------------------------------------------------- rows, pooling and images
def embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False):
    """F.embedding with the table first; padding_idx=-1 is none.

    >>> import minitorch as torch
    >>> torch.embedding(torch.eye(2), torch.tensor([1]))
    tensor([[0., 1.]])
    """
    return F.embedding(indices, weight, None if padding_idx < 0 else padding_idx, scale_grad_by_freq=scale_grad_by_freq,
                       sparse=sparse)


def adaptive_max_pool1d(input, output_size):
    """F.adaptive_max_pool1d with the indices."""
    return F.adaptive_max_pool1d(input, output_size, return_indices=True)


def max_pool1d_with_indices(input, kernel_size, stride=(), padding=0, dilation=1, ceil_mode=False):
    """F.max_pool1d with the indices."""
    return F.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices=True)


def affine_grid_generator(theta, size, align_corners):
    """F.affine_grid."""
    return F.affine_grid(theta, size, align_corners)


def grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners):
    """F.grid_sample with its modes as numbers, in the order in which its documentation lists them."""
    return F.grid_sample(input, grid, ("bilinear", "nearest", "bicubic")[interpolation_mode],
                         ("zeros", "border", "reflection")[padding_mode], align_corners)


grid_sampler_2d = grid_sampler_3d = grid_sampler


# -------------------------------------------------------------------------------------------------------------- losses
def binary_cross_entropy_with_logits(input, target, weight=None, pos_weight=None, reduction=1):
    """F.binary_cross_entropy_with_logits."""
    return F.binary_cross_entropy_with_logits(
        input, target, weight, reduction=_REDUCTIONS[reduction], pos_weight=pos_weight)


def cosine_embedding_loss(input1, input2, target, margin=0.0, reduction=1):
    """F.cosine_embedding_loss.

    >>> import minitorch as torch
    >>> torch.cosine_embedding_loss(torch.eye(2), torch.eye(2), torch.ones(2), reduction=2)
    tensor(0.)
    """
    return F.cosine_embedding_loss(input1, input2, target, margin, reduction=_REDUCTIONS[reduction])


def hinge_embedding_loss(input, target, margin=1.0, reduction=1):
    """F.hinge_embedding_loss."""
    return F.hinge_embedding_loss(input, target, margin, reduction=_REDUCTIONS[reduction])


def kl_div(input, target, reduction=1, *, log_target=False):
    """F.kl_div."""
    losses = F.kl_div(input, target, reduction="none", log_target=log_target)
    return (losses, losses.mean(), losses.sum())[reduction]


def margin_ranking_loss(input1, input2, target, margin=0.0, reduction=1):
    """F.margin_ranking_loss."""
    return F.margin_ranking_loss(input1, input2, target, margin, reduction=_REDUCTIONS[reduction])


def poisson_nll_loss(input, target, log_input, full, eps, reduction):
    """F.poisson_nll_loss."""
    return F.poisson_nll_loss(input, target, log_input, full, eps=eps, reduction=_REDUCTIONS[reduction])


def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2.0, eps=1e-06, swap=False, reduction=1):
    """F.triplet_margin_loss."""
    return F.triplet_margin_loss(
        anchor, positive, negative, margin, p, eps, swap, reduction=_REDUCTIONS[reduction])
