"""Embedding, a table of vectors, and EmbeddingBag, sums of them."""
from ... import creation
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .module import Module

__all__ = ["Embedding", "EmbeddingBag"]


class Embedding(Module):
    """A table of vectors, read by number: indices (...) -> (..., embedding_dim).

    weight (num_embeddings, embedding_dim) starts standard normal. The row `padding_idx` starts at zero and gets no
    gradient; rows longer than `max_norm` are shortened when they are read. AssertionError for a padding_idx outside
    the table.

    >>> import minitorch as torch
    >>> table = Embedding(10, 3, padding_idx=0); table
    Embedding(10, 3, padding_idx=0)
    >>> table(torch.tensor([[0, 2]])).shape
    torch.Size([1, 2, 3])
    """

    def __init__(self, num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0,
                 scale_grad_by_freq=False, sparse=False, _weight=None, _freeze=False, device=None, dtype=None):
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise AssertionError("Padding_idx must be within num_embeddings")
            padding_idx %= num_embeddings
        self.padding_idx, self.max_norm, self.norm_type = padding_idx, max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        if _weight is None:
            weight = creation.empty(num_embeddings, embedding_dim, device=device, dtype=dtype)
            self.weight = Parameter(weight, requires_grad=not _freeze)
            self.reset_parameters()
        else:
            if tuple(_weight.shape) != (num_embeddings, embedding_dim):
                raise AssertionError("Shape of weight does not match num_embeddings and embedding_dim")
            self.weight = Parameter(_weight, requires_grad=not _freeze)

    @classmethod
    def from_pretrained(cls, embeddings, freeze=True, padding_idx=None, max_norm=None, norm_type=2.0,
                        scale_grad_by_freq=False, sparse=False):
        """A table of given vectors (num_embeddings, embedding_dim), by default not to be learned further.

        >>> import minitorch as torch
        >>> Embedding.from_pretrained(torch.eye(2))(torch.tensor([1]))
        tensor([[0., 1.]])
        """
        if embeddings.dim() != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        return cls(*embeddings.shape, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, _weight=embeddings,
                   _freeze=freeze)

    def reset_parameters(self):
        """Draw a new table."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            init.zeros_(self.weight.detach()[self.padding_idx])

    def forward(self, input):
        return F.embedding(input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq,
                           self.sparse)

    def extra_repr(self):
        options = {"padding_idx": (self.padding_idx, None), "max_norm": (self.max_norm, None),
                   "norm_type": (self.norm_type, 2), "scale_grad_by_freq": (self.scale_grad_by_freq, False),
                   "sparse": (self.sparse, False)}
        changed = [f"{name}={value}" for name, (value, default) in options.items() if value != default]
        return ", ".join([str(self.num_embeddings), str(self.embedding_dim), *changed])


class EmbeddingBag(Module):
    """The "mean", "sum" or "max" of the vectors of each bag of numbers: see F.embedding_bag for the arguments.

    weight (num_embeddings, embedding_dim) starts standard normal, its row `padding_idx` at zero.
    AssertionError for a padding_idx outside the table.

    >>> import minitorch as torch
    >>> bags = EmbeddingBag(10, 3, mode="sum"); bags
    EmbeddingBag(10, 3, mode='sum')
    >>> bags(torch.tensor([0, 2, 5, 1, 1]), offsets=torch.tensor([0, 3])).shape
    torch.Size([2, 3])
    """

    def __init__(self, num_embeddings, embedding_dim, max_norm=None, norm_type=2.0, scale_grad_by_freq=False,
                 mode="mean", sparse=False, _weight=None, include_last_offset=False, padding_idx=None, device=None,
                 dtype=None):
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise AssertionError("padding_idx must be within num_embeddings")
            padding_idx %= num_embeddings
        self.padding_idx, self.mode, self.sparse = padding_idx, mode, sparse
        self.include_last_offset = include_last_offset
        if _weight is None:
            self.weight = Parameter(creation.empty(num_embeddings, embedding_dim, device=device, dtype=dtype))
            self.reset_parameters()
        else:
            if tuple(_weight.shape) != (num_embeddings, embedding_dim):
                raise AssertionError("Shape of weight does not match num_embeddings and embedding_dim")
            self.weight = Parameter(_weight)

    @classmethod
    def from_pretrained(cls, embeddings, freeze=True, max_norm=None, norm_type=2.0, scale_grad_by_freq=False,
                        mode="mean", sparse=False, include_last_offset=False, padding_idx=None):
        """A table of given vectors (num_embeddings, embedding_dim), by default not to be learned further.

        >>> import minitorch as torch
        >>> EmbeddingBag.from_pretrained(torch.eye(2))(torch.tensor([[0, 1]]))
        tensor([[0.5000, 0.5000]])
        """
        if embeddings.dim() != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        bags = cls(*embeddings.shape, max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings,
                   include_last_offset, padding_idx)
        bags.weight.requires_grad = not freeze
        return bags

    reset_parameters = Embedding.reset_parameters

    def forward(self, input, offsets=None, per_sample_weights=None):
        return F.embedding_bag(input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq,
                               self.mode, self.sparse, per_sample_weights, self.include_last_offset, self.padding_idx)

    def extra_repr(self):
        options = {"max_norm": (self.max_norm, None), "norm_type": (self.norm_type, 2),
                   "scale_grad_by_freq": (self.scale_grad_by_freq, False), "mode": (self.mode, None),
                   "padding_idx": (self.padding_idx, None)}
        changed = [f"{name}={value!r}" for name, (value, default) in options.items() if value != default]
        return ", ".join([str(self.num_embeddings), str(self.embedding_dim), *changed])
