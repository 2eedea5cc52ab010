"""Connectionist temporal classification: the loss of a sequence of labels of which nobody knows when each comes."""
import numpy as np

from .. import dtypes
from ..engine import Op, unwrap, wrap
from ..graph import check_tensors
from ._recompute import differentiate
from .elementwise import add, div, exp, isinf, mul, neg, where
from .index import gather, take_along_dim
from .loss import _reduced, _reduction
from .reduce import logsumexp
from .shape import cat, squeeze, stack, unsqueeze


class CtcLoss(Op):
    """-log p(targets | log_probs) for each sample: (N).   Saves: inputs, losses, the kernel's alpha."""

    torch_name = "CtcLossBackward0"

    def forward(self, log_probs, targets, input_lengths, target_lengths, blank, zero_infinity):
        self.options = blank, zero_infinity
        losses, alpha = self.k.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank)
        self.save(log_probs, targets, input_lengths, target_lengths, losses, alpha)
        return self.k.where(self.k.isinf(losses), 0.0, losses) if zero_infinity else losses

    def backward(self, grad):
        return self.k.ctc_loss_backward(grad, *self.saved, *self.options), None, None, None


def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    """-log of the probability that log_probs (T, N, C) spell the targets: labels come in order, may last for several
    time steps, and the label `blank` may stand between them (but must between two equal ones).

    targets (N, S), or all in one vector; input_lengths and target_lengths (N), tensors or tuples of ints.
    One sample: log_probs (T, C), targets (S). "mean" divides each loss by its target's length before it takes the mean.
    A loss is inf where the target is too long for the input; `zero_infinity` makes it, and its gradient, 0.
    The gradient is right for log_probs from log_softmax, which passes it on unchanged.
    ValueError or RuntimeError for lengths, labels and shapes that do not fit.

    >>> import minitorch as torch
    >>> log_probs = torch.tensor([[0.1, 0.9], [0.6, 0.4]]).log()  # "1" is spelt "1 1", "1 blank" or "blank 1"
    >>> torch.nn.functional.ctc_loss(log_probs, torch.tensor([1]), (2,), (1,)).exp()
    tensor(1.0638)
    """
    reduction = _reduction(reduction)
    check_tensors("ctc_loss", log_probs=log_probs, targets=targets)
    batched = log_probs.array.ndim == 3
    if log_probs.array.ndim not in (2, 3):
        raise RuntimeError(f"ctc_loss: log_probs should have 2 or 3 dimensions, but got {log_probs.array.ndim}")
    if not batched:  # (T, C) -> (T, 1, C)
        log_probs = unsqueeze(log_probs, 1)
    labels, lengths, sizes = _check_labels(log_probs, targets, input_lengths, target_lengths, blank, batched)
    losses = CtcLoss.apply(log_probs, wrap(labels), wrap(lengths), wrap(sizes), blank=blank,
                           zero_infinity=zero_infinity)
    if reduction == "mean":
        losses = div(losses, wrap(np.maximum(sizes, 1).astype(losses.array.dtype)))
    return _reduced(losses if batched or reduction != "none" else squeeze(losses, 0), reduction)


def _check_labels(log_probs, targets, input_lengths, target_lengths, blank, batched):
    """(labels (N, S), input lengths (N), target lengths (N)). Raises as torch does where arguments do not fit."""
    T, N, C = log_probs.array.shape
    if log_probs.array.size == 0:
        raise RuntimeError("log_probs tensor must not be empty")
    if log_probs.array.dtype not in (np.float32, np.float64):
        raise dtypes.not_implemented("ctc_loss_cpu", log_probs.dtype)
    if not 0 <= blank < C:
        raise RuntimeError(f"blank must be in label range: got {blank} for {C} labels")
    lengths = []
    for name, given in (("input_lengths", input_lengths), ("target_lengths", target_lengths)):
        values = np.atleast_1d(np.asarray(unwrap(given)))
        if len(values) != N:
            raise RuntimeError(f"{name} must be of size batch_size: got {len(values)} for a batch of {N}")
        if values.dtype.kind not in "iu":
            raise RuntimeError(f"{name} must be integral")
        if values.min() < 0:
            raise RuntimeError(f"Expected {name} to have value at least 0, but got value {values.min()} (while "
                               "checking arguments for ctc_loss)")
        lengths.append(values.astype(np.int64))
    lengths, sizes = lengths
    if lengths.max() > T:
        raise RuntimeError(f"Expected input_lengths to have value at most {T}, but got value {lengths.max()} (while "
                           "checking arguments for ctc_loss)")
    labels = targets.array.astype(np.int64)
    if labels.ndim == 1 and batched:  # (sum of the lengths) -> (N, S)
        _check_size(labels, 0, sizes.sum(), "")
        labels = _padded(labels, sizes)
    elif labels.ndim == 1:  # (S) -> (1, S)
        labels = labels[None]
    _check_size(labels, 0, N, "")
    _check_size(labels, 1, sizes.max(), "at least ")
    used = np.arange(labels.shape[1]) < sizes[:, None]  # (N, S)
    wrong = used & ((labels < 0) | (labels >= C))
    if wrong.any():
        raise RuntimeError(f"ctc_loss: target {labels[wrong][0]} is out of range for {C} labels")
    return np.where(used, labels, blank), lengths, sizes


def _check_size(labels, dim, size, at_least):
    if labels.shape[dim] < size or not at_least and labels.shape[dim] != size:
        raise RuntimeError(f"Expected tensor to have size {at_least}{size} at dimension {dim}, but got size "
                           f"{labels.shape[dim]} for argument #2 'targets' (while checking arguments for ctc_loss)")


def _padded(labels, sizes):
    """Labels one after another -> (N, S)."""
    out = np.zeros((len(sizes), sizes.max()), np.int64)
    out[np.arange(out.shape[1]) < sizes[:, None]] = labels
    return out


def ctc_loss_backward(grad, log_probs, targets, input_lengths, target_lengths, losses, alpha, blank, zero_infinity):
    """The gradient of `ctc_loss` for each sample, recorded."""
    if zero_infinity:
        grad = where(isinf(losses), 0.0, grad)
    options = targets.array, input_lengths.array, target_lengths.array, blank
    found, = differentiate(lambda log_probs: _by_steps(log_probs, *options), [log_probs], [grad])
    T = len(log_probs.array)
    inside = wrap(np.arange(T)[:, None, None] < input_lengths.array[:, None])  # (T, N, 1)
    return add(found, where(inside, mul(exp(log_probs), unsqueeze(grad, 1)), 0.0))  # the term that log_softmax cancels


def _by_steps(log_probs, targets, input_lengths, target_lengths, blank):
    """The losses (N) from differentiable operations, one time step after another, for log_probs (T, N, C)."""
    (T, N, _), L = log_probs.array.shape, 2 * targets.shape[1] + 1
    labels, lowest = np.full((N, L), blank), -1e30  # log(0), but its gradients are numbers
    labels[:, 1::2] = targets
    other = np.zeros((N, L), bool)  # may a path arrive here from two places before?
    other[:, 2:] = labels[:, 2:] != labels[:, :-2]
    p = take_along_dim(log_probs, wrap(labels[None]), 2)  # (T, N, L)
    never = wrap(np.full((N, 2), lowest, log_probs.array.dtype))
    alpha = where(wrap(np.arange(L) < 2), p[0], lowest)  # (N, L)
    for t in range(1, T):
        before = cat([never, alpha], 1)  # (N, 2 + L)
        jump = where(wrap(other), before[:, :L], lowest)
        after = add(logsumexp(stack([alpha, before[:, 1 : L + 1], jump]), 0), p[t])
        alpha = where(wrap(t < input_lengths[:, None]), after, alpha)
    ends = 2 * target_lengths[:, None] + [0, -1]  # (N, 2)
    last = where(wrap(ends >= 0), gather(alpha, 1, wrap(np.maximum(ends, 0))), lowest)
    return neg(logsumexp(last, 1))
