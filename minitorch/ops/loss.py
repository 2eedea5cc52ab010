"""Losses: how wrong a prediction is, as a number to minimise.

`reduction` is "mean", "sum" or "none"; `size_average` and `reduce` are its old names, which warn.
"""
import math
import warnings

import numpy as np

from .. import dtypes
from ..autocast import in_float32
from ..device import CPU, place
from ..engine import Op, TensorBase, named, wrap
from ..graph import check_tensors
from .activation import logsigmoid
from .distance import pairwise_distance
from .elementwise import abs as _abs
from .elementwise import add, cast, clamp_min, div, eq, exp, gt, le, log, log1p, lt, minimum, mul, ne, neg, sqrt
from .elementwise import square, sub, where, xlogy
from .index import gather, masked_fill
from .matmul import linear
from .reduce import mean, sum
from .shape import broadcast_tensors, reshape, unsqueeze, view
from .softmax import log_softmax, softmax


def legacy_reduction(reduction, size_average, reduce):
    """The reduction that its old names ask for, with a UserWarning; `reduction` where they are not used."""
    if size_average is None and reduce is None:
        return reduction
    reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
    warnings.warn(f"size_average and reduce args will be deprecated, please use reduction='{reduction}' instead.",
                  stacklevel=4)
    return reduction


def _reduction(reduction, size_average=None, reduce=None):
    """The reduction to use. ValueError if there is no such."""
    reduction = legacy_reduction(reduction, size_average, reduce)
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def _reduced(losses, reduction):
    return losses if reduction == "none" else mean(losses) if reduction == "mean" else sum(losses)


def _pair(input, target):
    """Both, broadcast; a UserWarning where that was needed, since it is nearly always a mistake."""
    if input.array.shape != target.array.shape:
        warnings.warn(f"Using a target size ({target.shape}) that is different to the input size ({input.shape}). This "
                      "will likely lead to incorrect results due to broadcasting. Please ensure they have the same "
                      "size.",
                      stacklevel=3)
        input, target = broadcast_tensors(input, target)
    return input, target


def _times(losses, weight):
    """losses * weight. ValueError if the shapes differ."""
    if weight.array.shape != losses.array.shape:
        raise ValueError("Weights and input must have the same size.")
    return mul(losses, weight)


def _weighted(losses, weight, reduction):
    """The reduction of losses * weight; the mean divides by the sum of the weights."""
    if weight is None:
        return _reduced(losses, reduction)
    losses = _times(losses, weight)
    return div(sum(losses), sum(weight)) if reduction == "mean" else _reduced(losses, reduction)


# -------------------------------------------------------------------------------------------------- classification


class NllLoss(Op):
    """out[n] = -weight[n] * x[n, index[n]], or their sum, or that sum / sum(weight).   Saves: index, weight.

    x (N, C, ...), index and weight (N, 1, ...), kept (N, 1, ...): False where the target is to be ignored.
    """

    def forward(self, x, index, weight, kept, dim, reduction):
        k = self.k
        self.dim, self.form = dim, (x.shape, x.dtype)
        losses = k.where(kept, k.neg(k.mul(k.gather(x, dim, index), weight)), 0.0)
        total = k.sum(weight) if reduction == "mean" else None
        self.save(index, weight if total is None else k.where(kept, k.div(weight, total), 0.0))
        if reduction == "none":
            return k.view(losses, losses.shape[:dim] + losses.shape[dim + 1 :])  # (N, 1, ...) -> (N, ...)
        return k.sum(losses) if total is None else k.div(k.sum(losses), total)

    def backward(self, grad):
        index, weight = self.saved
        k, (shape, dtype) = self.k, self.form
        if grad.shape:  # (N, ...) -> (N, 1, ...)
            grad = k.view(k.contiguous(grad), index.shape)
        return k.scatter(k.full(shape, 0, dtype), self.dim, index, k.neg(k.mul(grad, weight))), None, None, None


@in_float32
def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    """-input[n, target[n]]: the negative log likelihood of class targets, given log-probabilities.

    input (C), (N, C) or (N, C, d1, ...); target (), (N) or (N, d1, ...), integers; weight (C), one for each class.
    The mean is weighted too; targets equal to `ignore_index` count for nothing.
    IndexError for a target outside [0, C), ValueError and RuntimeError for shapes that do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.nll_loss(torch.tensor([[-0.1, -2.4]]), torch.tensor([1]))
    tensor(2.4000)
    """
    reduction = _reduction(reduction, size_average, reduce)
    dim = _check_class_targets(input, target, weight)
    index, kept = _class_indices(input, target, ignore_index, dim)
    x = input.array
    weights = kept if weight is None else np.where(kept, place(weight.array, CPU)[index], 0)
    index, weights, kept = (wrap(place(a, input.device)) for a in (index, weights.astype(x.dtype), kept))
    loss = NllLoss.apply(input, index, weights, kept, dim=dim, reduction=reduction)
    return named(loss, "NllLoss2DBackward0" if x.ndim > 2 else "NllLossBackward0")


class ClassLosses(Op):
    """out[n] = log(sum(e^x[n])) - x[n, index[n]], times weight[n]; or their sum / divisor. And that logarithm, which is
    for backward only.   Saves: x, index, the logarithm, weight.
    """

    torch_name = "NllLossBackward0"

    def forward(self, x, index, weight, divisor):
        k = self.k
        self.divisor = divisor
        losses, log_totals = k.class_losses(x, index)
        self.save(x, index, log_totals, *(() if weight is None else (weight,)))
        if weight is not None:
            losses = k.mul(losses, weight)
        return losses if divisor is None else k.div(k.sum(losses), divisor), log_totals

    def backward(self, grad, _log_totals):
        x, index, log_totals, *weight = self.saved
        k = self.k
        if self.divisor is not None:
            grad = k.div(grad, self.divisor)
        return k.class_losses_backward(k.mul(grad, weight[0]) if weight else grad, x, log_totals, index), None, None


def class_losses(input, index, weight=None, divisor=None):
    """(losses, log(sum(e^input))), losses[n] = -log(softmax(input)[n, index[n]]) * weight[n], or their sum / divisor.

    input (N, C), index (N), where -1 is none, weight (N), 0 there. Only the losses are for others to differentiate.
    """
    return ClassLosses.apply(input, index, weight, divisor=divisor)


def class_losses_backward(grad, input, log_totals, index):
    """The gradient of the losses: grad[n] * (softmax(input[n]) - one_hot(index[n])), and 0 where index[n] is -1."""
    kept = wrap(index.array[:, None] >= 0)
    one_hot = wrap(index.array[:, None] == np.arange(input.array.shape[1]))
    difference = sub(softmax(input, 1), cast(one_hot, input.array.dtype))
    column = grad if grad.array.ndim == 0 else unsqueeze(grad, 1)                           # (N) -> (N, 1)
    return where(kept, mul(difference, column), 0.0)


def _class_indices(input, target, ignore_index, dim):
    """(target with the class dimension of size 1, 0 where ignored; where it is not ignored). IndexError if out of
    range.
    """
    # (N, ...) -> (N, 1, ...)
    target = place(target.array, CPU)
    indices = np.expand_dims(target.reshape(()) if input.array.ndim == 1 else target, dim)
    kept = indices != ignore_index
    wrong = kept & ((indices < 0) | (indices >= input.array.shape[dim]))
    if wrong.any():
        raise IndexError(f"Target {indices[wrong][0]} is out of bounds.")
    return np.where(kept, indices, 0).astype(np.int64), kept


def _check_class_targets(input, target, weight):
    """Raise as torch does where shapes or dtypes do not fit; returns the dimension of the classes."""
    check_tensors("nll_loss", input=input, target=target)
    shape, expected = input.array.shape, target.array.shape
    if not shape:
        raise ValueError(f"Expected 1 or more dimensions (got {len(shape)})")
    dim = 0 if len(shape) == 1 else 1
    if dim == 1 and (not expected or expected[0] != shape[0]):
        raise ValueError(f"Expected input batch_size ({shape[0]}) to match target batch_size "
                         f"({expected[0] if expected else 0}).")
    if len(shape) <= 2 and len(expected) > 1:
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
    if dim == 0 and target.array.size != 1:
        raise ValueError(f"For 1D input, 1D target must have size 1, but got target size: {expected[0]}")
    if len(shape) > 2 and expected != (shape[0], *shape[2:]):
        raise RuntimeError(f"Expected target size {[shape[0], *shape[2:]]}, got {list(expected)}")
    if target.array.dtype not in (np.int64, np.uint8):
        raise RuntimeError(f"expected target dtype to be Long or Byte, but got {target.dtype.scalar_name}")
    classes = shape[dim]
    if weight is not None and weight.array.shape != (classes,):
        raise RuntimeError(f"weight tensor should be defined either for all {classes} classes or no classes but got "
                           f"weight tensor of shape: {list(weight.array.shape)}")
    if weight is not None and weight.array.dtype != input.array.dtype:
        raise RuntimeError(f"expected scalar type {input.dtype.scalar_name} but found {weight.dtype.scalar_name}")
    return dim


@in_float32
def cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
                  label_smoothing=0.0):
    """-log(softmax(input)[target]): the loss of a classifier's scores (logits).

    input (C), (N, C) or (N, C, d1, ...); target either class indices (), (N), (N, d1, ...), or probabilities of
    input's shape. weight (C), one for each class. label_smoothing s mixes the targets: (1 - s) * target + s / C.
    IndexError for a target outside [0, C), ValueError and RuntimeError for shapes that do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.cross_entropy(torch.tensor([[2., 0., 0.]]), torch.tensor([0]))
    tensor(0.2395)
    """
    reduction = _reduction(reduction, size_average, reduce)
    check_tensors("cross_entropy", input=input, target=target)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    if target.array.shape == input.array.shape:
        return _soft_cross_entropy(input, target, weight, ignore_index, reduction, label_smoothing)
    if input.array.ndim == 2 and input.array.dtype.char in "fd" and label_smoothing == 0:
        return _fused_cross_entropy(input, target, weight, ignore_index, reduction)
    log_p = log_softmax(input, 0 if input.array.ndim == 1 else 1)
    loss = nll_loss(log_p, target, weight, ignore_index=ignore_index, reduction=reduction)
    if label_smoothing == 0:
        return loss
    smooth = _uniform_loss(log_p, target, weight, ignore_index, reduction)
    return add(mul(loss, 1 - label_smoothing), mul(smooth, label_smoothing))


def _fused_cross_entropy(input, target, weight, ignore_index, reduction):
    """cross_entropy for input (N, C): softmax, logarithm and choice in one operation."""
    _check_class_targets(input, target, weight)
    index, classes = place(target.array, CPU), input.array.shape[1]
    count = len(index)
    if index.dtype != np.int64 or 0 <= ignore_index < classes or not (index.view(np.uint64) < classes).all():
        index, kept = _class_indices(input, target, ignore_index, 1)
        index, count = np.where(kept, index, -1)[:, 0], np.count_nonzero(kept)              # (N, 1) -> (N)
    if weight is not None:
        weight = np.where(index < 0, 0, place(weight.array, CPU)[index]).astype(weight.array.dtype)
        count = weight.sum()
    divisor = {"mean": float(count), "sum": 1.0, "none": None}[reduction]
    index, weight = (x if x is None else wrap(place(x, input.device)) for x in (index, weight))
    return class_losses(input, index, weight, divisor)[0]


def _uniform_loss(log_p, target, weight, ignore_index, reduction):
    """The loss against the uniform distribution: -sum(weight * log_p) / C, its mean weighted by the targets'
    weights.
    """
    x = log_p.array
    dim = 0 if x.ndim == 1 else 1
    index, kept = _class_indices(log_p, target, ignore_index, dim)
    if weight is not None:
        log_p = mul(log_p, _along_classes(weight, x))
    losses = div(neg(sum(log_p, dim)), x.shape[dim])
    losses = masked_fill(losses, wrap(np.asarray(~kept.squeeze(dim))), 0.0)
    if reduction != "mean":
        return _reduced(losses, reduction)
    total = kept.sum() if weight is None else np.where(kept, weight.array[index], 0).sum()
    return div(sum(losses), wrap(np.asarray(total, x.dtype)))


def _along_classes(weight, x):
    """(C) -> (C, 1, ...), which broadcasts against x (N, C, ...)."""
    return view(weight, (-1, *(1,) * (x.ndim - 2)))


def _soft_cross_entropy(input, target, weight, ignore_index, reduction, label_smoothing):
    """cross_entropy for targets that are probabilities."""
    if not target.dtype.is_floating_point:
        raise RuntimeError("Expected floating point type for target with class probabilities, got "
                           f"{target.dtype.scalar_name}")
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    x = input.array
    dim = 0 if x.ndim == 1 else 1
    if weight is not None and weight.array.shape != (x.shape[dim],):
        raise RuntimeError(f"cross_entropy: weight tensor should be defined either for all {x.shape[dim]} classes or "
                           f"no classes but got weight tensor of shape: {list(weight.array.shape)}")
    if label_smoothing > 0:
        target = add(mul(target, 1 - label_smoothing), label_smoothing / x.shape[dim])
    product = mul(log_softmax(input, dim), target)
    if weight is not None:
        product = mul(product, _along_classes(weight, x))
    losses = neg(sum(product, dim))
    if reduction == "mean":
        return named(div(sum(losses), x.size // x.shape[dim]), "DivBackward1")
    return _reduced(losses, reduction)


def linear_cross_entropy(input, linear_weight, target, *, linear_bias=None, weight=None, reduction="mean",
                         ignore_index=None, label_smoothing=0.0, options=None):
    """cross_entropy(linear(input, linear_weight, linear_bias), target, ...): scores from a last layer, and their loss.

    input (N, in) or (in), linear_weight (C, in) or, for targets (N, d1, ...), (C, d1, ..., in). `options`, PyTorch's
    ways to save memory, change nothing. RuntimeError for shapes that do not fit.

    >>> import minitorch as torch
    >>> torch.nn.functional.linear_cross_entropy(torch.tensor([[1., 0.]]), torch.eye(2) * 2, torch.tensor([0]))
    tensor(0.1269)
    """
    if input.array.ndim not in (1, 2):
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input.array.ndim}")
    if linear_weight.array.ndim < 2:
        raise RuntimeError(f"expected linear_weight with dimensionality at least 2, got {linear_weight.array.ndim}")
    *batch, features = input.array.shape
    classes, *inner, width = linear_weight.array.shape
    if features != width:
        raise RuntimeError("expected equal input and linear_weight last dimensions (in_features), got "
                           f"{features} and {width}, respectively")
    if linear_bias is not None and linear_bias.array.shape != (classes, *inner):
        raise RuntimeError(f"expected linear_bias shape {(classes, *inner)}, got {linear_bias.array.shape}")
    if inner and not batch:
        raise RuntimeError(f"K-dimensional loss defined by linear_weight shape {linear_weight.array.shape} requires "
                           f"batched input, (N, {features}), got unbatched input with shape {input.array.shape}")
    if target.array.shape == (*batch, classes, *inner) and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    if inner:  # (C, d1, ..., in) -> (C * d1 * ..., in)
        linear_weight = reshape(linear_weight, (-1, features))
        linear_bias = linear_bias if linear_bias is None else reshape(linear_bias, (-1,))
    logits = reshape(linear(input, linear_weight, linear_bias), (*batch, classes, *inner))  # (N, C, d1, ...)
    return cross_entropy(logits, target, weight, ignore_index=-100 if ignore_index is None else ignore_index,
                         reduction=reduction, label_smoothing=label_smoothing)


class BinaryCrossEntropy(Op):
    """out = -(t * log(x) + (1 - t) * log(1 - x)), with logarithms not below -100.   Saves: x, t."""

    def forward(self, x, t):
        self.save(x, t)
        log_x, log_1_x = self.logs(x)
        k = self.k
        return k.neg(k.add(k.mul(t, log_x), k.mul(k.sub(1.0, t), log_1_x)))

    def backward(self, grad):
        x, t = self.saved
        k = self.k
        wants_x, wants_t = self.needs_input_grad
        grad_x = grad_t = None
        if wants_x:
            grad_x = k.div(k.mul(grad, k.sub(x, t)), k.clamp(k.mul(k.sub(1.0, x), x), 1e-12))
        if wants_t:
            log_x, log_1_x = self.logs(x)
            grad_t = k.mul(grad, k.sub(log_1_x, log_x))
        return grad_x, grad_t

    def logs(self, x):
        k = self.k
        return k.clamp(k.log(x), -100.0), k.clamp(k.log1p(k.neg(x)), -100.0)


@in_float32
def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """-(t * log(x) + (1 - t) * log(1 - x)), logarithms not below -100; `weight` broadcasts.

    ValueError if the shapes differ, RuntimeError for an input outside [0, 1] or a target of another dtype.

    >>> import minitorch as torch
    >>> torch.nn.functional.binary_cross_entropy(torch.tensor([0.9, 0.2]), torch.tensor([1., 0.]))
    tensor(0.1643)
    """
    reduction = _reduction(reduction, size_average, reduce)
    if target.array.shape != input.array.shape:
        raise ValueError(f"Using a target size ({target.shape}) that is different to the input size ({input.shape}) is "
                         "deprecated. Please ensure they have the same size.")
    if target.dtype != input.dtype:
        raise RuntimeError(f"Found dtype {target.dtype.scalar_name} but expected {input.dtype.scalar_name}")
    x = input.array
    if not ((0 <= x) & (x <= 1)).all():
        raise RuntimeError("all elements of input should be between 0 and 1")
    losses = BinaryCrossEntropy.apply(input, target)
    if weight is not None:
        losses = mul(losses, weight)
    return named(_reduced(losses, reduction), "BinaryCrossEntropyBackward0")


@in_float32
def binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None, reduction="mean",
                                     pos_weight=None):
    """binary_cross_entropy(sigmoid(input), target) without overflow; `pos_weight` weighs the positive targets.

    ValueError if the shapes differ.

    >>> import minitorch as torch
    >>> torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor([2., -1.]), torch.tensor([1., 0.]))
    tensor(0.2201)
    """
    reduction = _reduction(reduction, size_average, reduce)
    if target.array.shape != input.array.shape:
        raise ValueError(f"Target size ({target.shape}) must be the same as input size ({input.shape})")
    if not target.dtype.is_floating_point:
        raise RuntimeError(f"result type {input.dtype.scalar_name} can't be cast to the desired output type "
                           f"{target.dtype.scalar_name}")
    log_p = logsigmoid(input)
    if pos_weight is not None:  # 1 + (pos_weight - 1) * t
        log_p = mul(log_p, add(mul(sub(pos_weight, 1.0), target), 1.0))
    losses = sub(mul(sub(1.0, target), input), log_p)
    if weight is not None:
        losses = mul(losses, weight)
    return named(_reduced(losses, reduction), "BinaryCrossEntropyWithLogitsBackward0")


@in_float32
def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """target * (log(target) - input): the Kullback-Leibler divergence, input (and, if log_target, target) as
    logarithms.

    `reduction` may also be "batchmean", the sum divided by the batch size, which is the mathematical definition.

    >>> import minitorch as torch
    >>> p = torch.tensor([[0.5, 0.5]])
    >>> torch.nn.functional.kl_div(torch.tensor([[0.9, 0.1]]).log(), p, reduction="batchmean")
    tensor(0.5108)
    """
    if reduction == "mean" and size_average is None and reduce is None:
        warnings.warn("reduction: 'mean' divides the total loss by both the batch size and the support size."
                      "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
                      "'mean' will be changed to behave the same as 'batchmean' in the next major release.",
                      stacklevel=2)
    batchmean = reduction == "batchmean"
    reduction = _reduction("sum" if batchmean else reduction, size_average, reduce)
    losses = mul(exp(target), sub(target, input)) if log_target else sub(xlogy(target, target), mul(target, input))
    loss = _reduced(losses, reduction)
    return div(loss, input.array.shape[0]) if batchmean and input.array.ndim else loss


# ------------------------------------------------------------------------------------------------------- regression


class MseLoss(Op):
    """out = (x - y)^2, or their mean or sum.   Saves: x, y."""

    def forward(self, x, y, reduction):
        k = self.k
        self.save(x, y)
        losses = k.square(k.sub(x, y))
        self.factor = 2 / losses.size if reduction == "mean" and losses.size else 2
        return losses if reduction == "none" else k.mean(losses) if reduction == "mean" else k.sum(losses)

    def backward(self, grad):
        k, (x, y) = self.k, self.saved
        grad = k.mul(k.mul(k.sub(x, y), self.factor), grad)
        return grad, k.neg(grad) if self.needs_input_grad[1] else None


@in_float32
def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """(input - target)^2. UserWarning where the shapes differ.

    >>> import minitorch as torch
    >>> torch.nn.functional.mse_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(2.)
    """
    reduction = _reduction(reduction, size_average, reduce)
    check_tensors("mse_loss", input=input, target=target)
    input, target = _pair(input, target)
    if not (input.is_floating_point() or target.is_floating_point()):
        raise dtypes.not_implemented("mse_cpu", input.dtype)
    if weight is None:
        return MseLoss.apply(input, target, reduction=reduction)
    return _weighted(MseLoss.apply(input, target, reduction="none"), weight, reduction)


def _floating_difference(input, target, kernel):
    """input - target. NotImplementedError, naming torch's kernel, if both are integers."""
    difference = sub(input, target)
    if not difference.dtype.is_floating_point:
        raise dtypes.not_implemented(kernel, difference.dtype)
    return difference


@in_float32
def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """|input - target|. UserWarning where the shapes differ.

    >>> import minitorch as torch
    >>> torch.nn.functional.l1_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    tensor(1.)
    """
    reduction = _reduction(reduction, size_average, reduce)
    return _weighted(_abs(sub(*_pair(input, target))), weight, reduction)


@in_float32
def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """d^2 / (2 beta) where d = |input - target| < beta, else d - beta / 2. RuntimeError if beta < 0.

    >>> import minitorch as torch
    >>> torch.nn.functional.smooth_l1_loss(torch.tensor([1., 2.]), torch.tensor([1.5, 4.]), reduction="none")
    tensor([0.1250, 1.5000])
    """
    reduction = _reduction(reduction, size_average, reduce)
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss does not support negative values for beta. Got: {beta}")
    input, target = _pair(input, target)
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    d = _abs(_floating_difference(input, target, "smooth_l1_cpu"))
    losses = where(lt(d, beta), mul(square(d), 0.5 / beta), sub(d, 0.5 * beta))
    return named(_reduced(losses, reduction), "SmoothL1LossBackward0")


@in_float32
def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """d^2 / 2 where d = |input - target| <= delta, else delta * (d - delta / 2). RuntimeError if delta <= 0.

    >>> import minitorch as torch
    >>> torch.nn.functional.huber_loss(torch.tensor([1., 2.]), torch.tensor([1.5, 4.]), reduction="none")
    tensor([0.1250, 1.5000])
    """
    reduction = _reduction(reduction)
    if not isinstance(delta, (int, float)):
        raise TypeError(f"huber_loss(): argument 'delta' (position 4) must be float, not {type(delta).__name__}")
    if delta <= 0:
        raise RuntimeError(f"huber_loss does not support non-positive values for delta. Got: {delta}")
    d = _abs(_floating_difference(*_pair(input, target), "huber_cpu"))
    losses = where(le(d, delta), mul(square(d), 0.5), mul(sub(d, 0.5 * delta), delta))
    if weight is not None:  # here torch's mean divides by the count
        losses = _times(losses, weight)
    return named(_reduced(losses, reduction), "HuberLossBackward0")


@in_float32
def poisson_nll_loss(input, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None,
                     reduction="mean"):
    """e^input - target * input; without log_input, input - target * log(input + eps). `full` adds Stirling's
    log(target!).

    >>> import minitorch as torch
    >>> torch.nn.functional.poisson_nll_loss(torch.tensor([0.]), torch.tensor([3.]))
    tensor(1.)
    """
    reduction = _reduction(reduction, size_average, reduce)
    losses = sub(exp(input), mul(target, input)) if log_input else sub(input, mul(target, log(add(input, eps))))
    if full:
        stirling = add(sub(xlogy(target, target), target), mul(log(mul(target, 2 * math.pi)), 0.5))
        losses = add(losses, where(gt(target, 1), stirling, 0.0))
    return _reduced(losses, reduction)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """(log(var) + (input - target)^2 / var) / 2, with var >= eps; `full` adds log(2 pi) / 2. ValueError for a negative
    var.

    >>> import minitorch as torch
    >>> torch.nn.functional.gaussian_nll_loss(torch.zeros(1), torch.ones(1), torch.ones(1))
    tensor(0.5000)
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not valid")
    if not isinstance(var, TensorBase):
        var = wrap(np.full(input.array.shape, var, input.array.dtype))
    if var.array.shape != input.array.shape:
        if var.array.shape == input.array.shape[:-1]:
            var = unsqueeze(var, -1)  # (..., D) -> (..., D, 1)
        elif var.array.ndim != input.array.ndim or [m for n, m in zip(input.array.shape, var.array.shape)
                                                    if n != m] != [1]:
            raise ValueError("var is of incorrect size")
    if (var.array < 0).any():
        raise ValueError("var has negative entry/entries")
    # var, not below eps; but torch lets the gradient through as if it had not been raised
    var = add(var, wrap(np.maximum(eps - var.array, 0).astype(var.array.dtype)))
    losses = mul(add(log(var), div(square(sub(input, target)), var)), 0.5)
    if full:
        losses = add(losses, 0.5 * math.log(2 * math.pi))
    return _reduced(losses, reduction)


# ---------------------------------------------------------------------------------------------------------- margins


@in_float32
def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """input where target is 1, max(0, margin - input) where it is -1.

    >>> import minitorch as torch
    >>> torch.nn.functional.hinge_embedding_loss(torch.tensor([0.5, 0.2]), torch.tensor([1., -1.]), reduction="none")
    tensor([0.5000, 0.8000])
    """
    reduction = _reduction(reduction, size_average, reduce)
    far = where(ne(target, 1), clamp_min(sub(margin, input), 0), 0.0)
    return _reduced(add(far, where(ne(target, -1), input, 0.0)), reduction)


@in_float32
def margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """max(0, -target * (input1 - input2) + margin): target 1 wants input1 to be the larger, -1 the smaller.

    >>> import minitorch as torch
    >>> torch.nn.functional.margin_ranking_loss(torch.tensor([1.]), torch.tensor([3.]), torch.tensor([1.]))
    tensor(2.)
    """
    reduction = _reduction(reduction, size_average, reduce)
    if not input1.array.ndim == input2.array.ndim == target.array.ndim:
        raise RuntimeError("margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: "
                           f"{input1.shape}, input2: {input2.shape}, target: {target.shape} ")
    return _reduced(clamp_min(add(mul(neg(target), sub(input1, input2)), margin), 0), reduction)


@in_float32
def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """log(1 + e^(-target * input)), targets 1 or -1.

    >>> import minitorch as torch
    >>> torch.nn.functional.soft_margin_loss(torch.tensor([0.]), torch.tensor([1.]))
    tensor(0.6931)
    """
    reduction = _reduction(reduction, size_average, reduce)
    losses = log1p(exp(mul(neg(input), target)))
    return named(_reduced(losses, reduction), "SoftMarginLossBackward0")


@in_float32
def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    """sum over j != y of weight[y] * max(0, margin - x[y] + x[j])^p / C, for x (N, C) or (C) and y = target.

    >>> import minitorch as torch
    >>> torch.nn.functional.multi_margin_loss(torch.tensor([[1., 0.5, 0.]]), torch.tensor([0]))
    tensor(0.1667)
    """
    reduction = _reduction(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if input.array.ndim == 0:
        input = unsqueeze(input, 0)  # () -> (1): one class
    dim, classes = _check_margin_targets(input, target, weight)
    index, _ = _class_indices(input, target, None, dim)
    terms = clamp_min(add(sub(margin, gather(input, dim, wrap(index))), input), 0)
    terms = terms if p == 1 else square(terms)
    if weight is not None:
        terms = mul(terms, wrap(weight.array[index]))
    others = np.arange(classes).reshape((-1,) if dim == 0 else (1, -1)) != index
    losses = div(sum(where(wrap(others), terms, 0.0), dim), classes)
    return named(_reduced(losses, reduction), "MultiMarginLossBackward0")


def _check_margin_targets(input, target, weight):
    """RuntimeError or ValueError for what does not fit; returns (the dimension of the classes, their number)."""
    shape, t = input.array.shape, target.array
    _check_vector_or_matrix(shape)
    rows = 1 if len(shape) == 1 else shape[0]
    if t.ndim > 1 or t.size != rows:
        raise RuntimeError("multi_margin_loss: target tensor should be 1-D with size equal to the number of input "
                           f"samples (batch size). Expected target size [{rows}], but got {list(t.shape)}. Input has "
                           f"shape {list(shape)}.")
    if weight is not None and weight.array.ndim != 1:
        raise ValueError("weight must be one-dimensional")
    if weight is not None and weight.array.shape != shape[-1:]:
        raise RuntimeError(f"inconsistent weight size, expected {shape[-1]} but got {list(weight.array.shape)}")
    if t.dtype != np.int64:
        raise RuntimeError(f"expected scalar type Long but found {target.dtype.scalar_name}")
    if ((t < 0) | (t >= shape[-1])).any():
        raise RuntimeError("target out of range")
    return len(shape) - 1, shape[-1]


def _check_vector_or_matrix(shape):
    if len(shape) not in (1, 2) or shape[-1] == 0:
        raise RuntimeError("Expected non-empty vector or matrix with optional 0-dim batch size, but got: "
                           f"{list(shape)}")


@in_float32
def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """sum over labels y and other classes j of max(0, 1 - x[y] + x[j]) / C, for x (N, C) or (C).

    A row of `target` lists its labels; they end before the first -1.

    >>> import minitorch as torch
    >>> torch.nn.functional.multilabel_margin_loss(torch.tensor([[1., 0.5, 0.]]), torch.tensor([[0, -1, -1]]))
    tensor(0.1667)
    """
    reduction = _reduction(reduction, size_average, reduce)
    if input.array.ndim == target.array.ndim == 0:
        input, target = unsqueeze(input, 0), unsqueeze(target, 0)  # () -> (1): one class
    x, t = input.array, target.array
    _check_vector_or_matrix(x.shape)
    if t.shape != x.shape:
        raise RuntimeError(f"inconsistent target size: {list(t.shape)} for input of size: {list(x.shape)}")
    valid = np.logical_and.accumulate(t >= 0, axis=-1)  # up to the first -1
    labels = np.where(valid, t, 0)
    if (labels >= x.shape[-1]).any():
        raise RuntimeError(f"argument #2 'target' is out of range: a label is {labels.max()}, but there are "
                           f"{x.shape[-1]} classes")
    is_label = np.zeros(x.shape, bool)
    np.put_along_axis(is_label, np.where(valid, t, labels[..., :1]), valid[..., :1], axis=-1)
    scores = gather(input, -1, wrap(labels))  # (N, C): the scores of the labels
    terms = clamp_min(add(sub(1.0, unsqueeze(scores, -1)), unsqueeze(input, -2)), 0)  # (N, label, other)
    counted = valid[..., :, None] & ~is_label[..., None, :]
    losses = div(sum(where(wrap(counted), terms, 0.0), (-2, -1)), x.shape[-1])
    return named(_reduced(losses, reduction), "MultilabelMarginLossBackward0")


def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """The mean over the classes of binary_cross_entropy_with_logits.

    >>> import minitorch as torch
    >>> torch.nn.functional.multilabel_soft_margin_loss(torch.zeros(1, 3), torch.ones(1, 3))
    tensor(0.6931)
    """
    reduction = _reduction(reduction, size_average, reduce)
    losses = neg(add(mul(target, logsigmoid(input)), mul(sub(1.0, target), logsigmoid(neg(input)))))
    if weight is not None:
        losses = mul(losses, weight)
    return _reduced(mean(losses, -1), reduction)


@in_float32
def cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    """1 - cos(input1, input2) where target is 1, max(0, cos - margin) where it is -1; inputs (N, D) or (D).

    >>> import minitorch as torch
    >>> x, y = torch.tensor([[1., 0.]]), torch.tensor([[1., 1.]])
    >>> torch.nn.functional.cosine_embedding_loss(x, y, torch.tensor([1.]))
    tensor(0.2929)
    """
    reduction = _reduction(reduction, size_average, reduce)
    if target.array.ndim not in (0, 1):
        raise RuntimeError("0D or 1D target tensor expected, multi-target not supported: got target of size "
                           f"{list(target.array.shape)}")
    if input1.array.ndim != target.array.ndim + 1:
        dims = ("1D", "0D") if target.array.ndim == 0 else ("2D", "1D")
        raise RuntimeError(f"{dims[1]} target tensor expects {dims[0]} input tensors, but found inputs with sizes "
                           f"{list(input1.array.shape)} and {list(input2.array.shape)}.")
    dim = input1.array.ndim - 1
    lengths = sqrt(mul(add(sum(square(input1), dim), 1e-12), add(sum(square(input2), dim), 1e-12)))
    cos = div(sum(mul(input1, input2), dim), lengths)
    near = where(eq(target, 1), sub(1.0, cos), 0.0)
    return _reduced(add(near, where(eq(target, -1), clamp_min(sub(cos, margin), 0), 0.0)), reduction)


@in_float32
def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, size_average=None,
                        reduce=None, reduction="mean"):
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), d the p-norm of the difference.

    `swap` also considers d(positive, negative), if that is the smaller. ValueError unless margin > 0.

    >>> import minitorch as torch
    >>> a, p, n = torch.tensor([[0., 0.], [3., 4.], [0., 5.]]).unsqueeze(1)
    >>> torch.nn.functional.triplet_margin_loss(a, p, n)
    tensor(1.0000)
    """
    def distance(x, y):
        return pairwise_distance(x, y, p, eps)

    reduction = _reduction(reduction, size_average, reduce)
    return triplet_margin_with_distance_loss(anchor, positive, negative, distance_function=distance, margin=margin,
                                             swap=swap, reduction=reduction)


def triplet_margin_with_distance_loss(anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False,
                                      reduction="mean"):
    """triplet_margin_loss with a distance of your own, by default pairwise_distance."""
    reduction = _reduction(reduction)
    if margin <= 0:
        raise ValueError(f"margin must be greater than 0, got {margin}")
    dims = [x.array.ndim for x in (anchor, positive, negative)]
    if len(set(dims)) > 1:
        raise RuntimeError("The anchor, positive, and negative tensors are expected to have the same number of "
                           "dimensions, but got: anchor {}D, positive {}D, and negative {}D inputs".format(*dims))
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return _reduced(clamp_min(add(sub(near, far), margin), 0), reduction)
