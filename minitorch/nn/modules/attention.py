"""MultiheadAttention."""
from ... import creation
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .linear import Linear
from .module import Module

__all__ = ["MultiheadAttention"]


class NonDynamicallyQuantizableLinear(Linear):
    """Linear, under the name that PyTorch's attention gives its last layer."""


class MultiheadAttention(Module):
    """Attention with several heads: each projects queries, keys and values to D = embed_dim / num_heads numbers,
    attends with softmax(q k^T / sqrt(D)) v, and the heads' results, side by side, are projected once more.

    forward takes a query (T, N, E), key (S, N, kdim) and value (S, N, vdim), all without N if there is no batch, or
    with N first if batch_first; kdim and vdim are E = embed_dim by default. It returns the output (T, N, E) and the
    weights (N, T, S), None unless need_weights: the heads' mean, or (N, heads, T, S) if not average_attn_weights.

    key_padding_mask (N, S), attn_mask (T, S) or (N * heads, T, S): True, or -inf, where nobody may look.
    is_causal: a hint that attn_mask lets each query look back only.
    dropout: of the weights, in training. bias: of all projections.
    add_bias_kv: one more key and value, learned. add_zero_attn: one more key and value of zeros.

    Weights start as init.xavier_uniform_ makes them, biases at zero, those of add_bias_kv as init.xavier_normal_ does.
    ValueError unless embed_dim and num_heads are positive, AssertionError unless num_heads divides embed_dim.

    >>> import minitorch as torch
    >>> attention = MultiheadAttention(embed_dim=8, num_heads=2, batch_first=True)
    >>> x = torch.rand(4, 3, 8)
    >>> output, weights = attention(x, x, x)
    >>> output.shape, weights.shape
    (torch.Size([4, 3, 8]), torch.Size([4, 3, 3]))
    """

    def __init__(self, embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None,
                 vdim=None, batch_first=False, device=None, dtype=None):
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                             f"num_heads={num_heads} instead")
        if embed_dim % num_heads:
            raise AssertionError(f"embed_dim must be divisible by num_heads, got {embed_dim} and {num_heads}")
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim, self.vdim = embed_dim if kdim is None else kdim, embed_dim if vdim is None else vdim
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        form = {"device": device, "dtype": dtype}
        self._qkv_same_embed_dim = self.kdim == self.vdim == embed_dim  # then one matrix projects all three
        sizes = {"in_proj_weight": (3 * embed_dim, embed_dim)} if self._qkv_same_embed_dim else {
            "q_proj_weight": (embed_dim, embed_dim),
            "k_proj_weight": (embed_dim, self.kdim),
            "v_proj_weight": (embed_dim, self.vdim)}
        for name in ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"):
            weight = Parameter(creation.empty(sizes[name], **form)) if name in sizes else None
            self.register_parameter(name, weight)
        self.register_parameter("in_proj_bias", Parameter(creation.empty(3 * embed_dim, **form)) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias=bias, **form)
        for name in "bias_k", "bias_v":
            self.register_parameter(name, Parameter(creation.empty(1, 1, embed_dim, **form)) if add_bias_kv else None)
        self._reset_parameters()

    def _reset_parameters(self):
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        if self.bias_k is not None:
            init.xavier_normal_(self.bias_k)
            init.xavier_normal_(self.bias_v)

    def forward(self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
                average_attn_weights=True, is_causal=False):
        turn = self.batch_first and query.dim() == 3
        if turn:
            query, key, value = (x.transpose(0, 1) for x in (query, key, value))  # (N, T, E) -> (T, N, E)
        output, weights = F.multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight, self.in_proj_bias, self.bias_k,
            self.bias_v, self.add_zero_attn, self.dropout, self.out_proj.weight, self.out_proj.bias, self.training,
            key_padding_mask, need_weights, attn_mask, not self._qkv_same_embed_dim, self.q_proj_weight,
            self.k_proj_weight, self.v_proj_weight, average_attn_weights=average_attn_weights, is_causal=is_causal)
        return output.transpose(0, 1) if turn else output, weights  # (T, N, E) -> (N, T, E)
