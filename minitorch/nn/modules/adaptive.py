"""AdaptiveLogSoftmaxWithLoss: a softmax over very many classes that computes few of them."""
from collections import namedtuple

from ... import ops
from .. import functional as F
from .container import ModuleList, Sequential
from .linear import Linear
from .module import Module

__all__ = ["AdaptiveLogSoftmaxWithLoss"]

_ASMoutput = namedtuple("_ASMoutput", "output loss")


class AdaptiveLogSoftmaxWithLoss(Module):
    """The log-probability of each target and their mean loss, for classes in order of frequency (Grave et al., 2017).

    cutoffs splits the classes: the first cutoffs[0] are in the head, the others in clusters, up to cutoffs[1] and so
    on. The head also gives the probability of each cluster; only the clusters that have a target are computed. Cluster
    i works with in_features / div_value^(i+1) features.
    input (N, in_features) and target (N), or without N: (output (N), loss ()).
    ValueError for cutoffs that do not increase, RuntimeError for shapes and targets that do not fit.

    >>> import minitorch as torch
    >>> _ = torch.manual_seed(0)
    >>> adaptive = AdaptiveLogSoftmaxWithLoss(16, 100, cutoffs=[10, 30])
    >>> output, loss = adaptive(torch.randn(3, 16), torch.tensor([4, 99, 12]))
    >>> output.shape, loss.shape, adaptive.log_prob(torch.zeros(3, 16)).shape
    (torch.Size([3]), torch.Size([]), torch.Size([3, 100]))
    """

    def __init__(self, in_features, n_classes, cutoffs, div_value=4.0, head_bias=False, device=None, dtype=None):
        super().__init__()
        cutoffs = list(cutoffs)
        if not cutoffs:
            raise ValueError("cutoffs should be a sequence of length larger than 0")
        if cutoffs != sorted(set(cutoffs)) or cutoffs[0] <= 0 or cutoffs[-1] > n_classes - 1 or any(
                int(c) != c for c in cutoffs):
            raise ValueError("cutoffs should be a sequence of unique, positive integers sorted in an increasing order, "
                             "where each value is between 1 and n_classes-1")
        self.in_features, self.n_classes, self.cutoffs = in_features, n_classes, cutoffs + [n_classes]
        self.div_value, self.head_bias = div_value, head_bias
        self.shortlist_size, self.n_clusters = cutoffs[0], len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        form = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **form)
        self.tail = ModuleList()
        for i, (low, high) in enumerate(self._clusters()):
            width = int(in_features // div_value ** (i + 1))
            self.tail.append(Sequential(Linear(in_features, width, bias=False, **form),
                                        Linear(width, high - low, bias=False, **form)))

    def _clusters(self):
        """The first class of each cluster, and the first after it."""
        return zip(self.cutoffs[:-1], self.cutoffs[1:])

    def reset_parameters(self):
        """Draw new parameters."""
        self.head.reset_parameters()
        for project, classify in self.tail:
            project.reset_parameters()
            classify.reset_parameters()

    def forward(self, input_, target_):
        batched = self._check_target(input_, target_)
        input, target = (input_, target_) if batched else (input_.unsqueeze(0), target_.unsqueeze(0))
        if len(target) and not 0 <= int(target.min()) <= int(target.max()) < self.n_classes:
            raise RuntimeError(f"Target values should be in [0, {self.n_classes - 1}], but values in range "
                               f"[{target.min().item()}, {target.max().item()}] were found. ")
        in_head, output = target, input.new_zeros(len(target))  # the entry of the head that leads to each target
        for i, (low, high) in enumerate(self._clusters()):
            inside = (target >= low) & (target < high)
            if inside.any():
                log_p = F.log_softmax(self.tail[i](input[inside]), 1)  # (n, classes of the cluster)
                chosen = log_p.gather(1, (target[inside] - low).unsqueeze(1)).squeeze(1)  # (n)
                output = output.masked_scatter(inside, chosen)
                in_head = in_head.masked_fill(inside, self.shortlist_size + i)
        log_p = F.log_softmax(self.head(input), 1)  # (N, head_size)
        output = output + log_p.gather(1, in_head.unsqueeze(1)).squeeze(1)  # (N)
        return _ASMoutput(output if batched else output.squeeze(0), (-output).mean())

    def _check_target(self, input, target):
        """Is this a batch? RuntimeError for shapes that do not fit."""
        if target.dim() > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        if target.dim() == 1 and input.size(0) != target.size(0):
            raise RuntimeError("Input and target should have the same size in the batch dimension.")
        if input.dim() != target.dim() + 1:
            raise RuntimeError(f"{target.dim()}D target tensor expects {target.dim() + 1}D input tensors, but found "
                               f"inputs with size {input.size()}")
        return target.dim() == 1

    def log_prob(self, input):
        """The log-probabilities of all classes: (N, in_features) -> (N, n_classes)."""
        head = F.log_softmax(self.head(input), 1)
        parts = [head[:, : self.shortlist_size]]
        for i, cluster in enumerate(self.tail):
            parts.append(F.log_softmax(cluster(input), 1) + head[:, self.shortlist_size + i].unsqueeze(1))
        return ops.cat(parts, 1)

    def predict(self, input):
        """The most likely class: (N, in_features) -> (N). Looks into the clusters only where the head points there."""
        output = self.head(input).argmax(1)
        in_tail = output >= self.shortlist_size
        if in_tail.any():
            output[in_tail] = self.log_prob(input[in_tail]).argmax(1)
        return output
