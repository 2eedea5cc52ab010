"""The transformer of "Attention is all you need" (Vaswani et al., 2017): layers, stacks of layers, and the whole.

A layer is a chain of blocks: attention to the sequence itself, in the decoder attention to the encoder's output, and a
small network for each position. Each block adds to what comes in, x + block(x), and a LayerNorm follows; or, with
norm_first, comes first: x + block(norm(x)).

Alphabet: N batch, T target and S source time, E = d_model embedding, F = dim_feedforward. Sequences are (T, N, E), or
(T, E) without a batch, or (N, T, E) if batch_first. Masks are those of MultiheadAttention: True, or -inf, where nobody
may look.
"""
import copy
import math

from ... import creation
from ...ops import triu
from .. import functional as F
from .. import init
from .attention import MultiheadAttention
from .container import ModuleList
from .dropout import Dropout
from .linear import Linear
from .module import Module
from .normalization import LayerNorm

__all__ = ["Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder",
           "TransformerEncoderLayer"]


class _Layer(Module):
    """What both layers do: residual blocks, and the last of them, the network for each position."""

    def _residual(self, x, norm, block):
        return x + block(norm(x)) if self.norm_first else norm(x + block(x))

    def _feed_forward(self, x):
        return self.linear2(self.dropout(self.activation(self.linear1(x))))  # (..., E) -> (..., F) -> (..., E)


def _attend(attention, query, memory, mask, key_padding_mask, is_causal):
    return attention(query, memory, memory, attn_mask=mask, key_padding_mask=key_padding_mask, need_weights=False,
                     is_causal=bool(is_causal))[0]


def _activation(activation):
    if not isinstance(activation, str):
        return activation
    if activation not in ("relu", "gelu"):
        raise RuntimeError(f"activation should be relu/gelu, not {activation}")
    return getattr(F, activation)


class TransformerEncoderLayer(_Layer):
    """Self-attention, then a network for each position: linear1, activation ("relu", "gelu" or a function), linear2.

    forward(src, src_mask (S, S), src_key_padding_mask (N, S), is_causal): (S, N, E) -> (S, N, E).

    >>> import minitorch as torch
    >>> layer = TransformerEncoderLayer(d_model=8, nhead=2, batch_first=True)
    >>> layer(torch.rand(4, 3, 8)).shape
    torch.Size([4, 3, 8])
    """

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=F.relu, layer_norm_eps=1e-5,
                 batch_first=False, norm_first=False, bias=True, device=None, dtype=None):
        super().__init__()
        form = {"bias": bias, "device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, **form)
        self.linear1 = Linear(d_model, dim_feedforward, **form)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **form)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, **form)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, **form)
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        self.activation = _activation(activation)

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        def attend(x):
            return self.dropout1(_attend(self.self_attn, x, x, src_mask, src_key_padding_mask, is_causal))

        x = self._residual(src, self.norm1, attend)
        return self._residual(x, self.norm2, lambda x: self.dropout2(self._feed_forward(x)))


class TransformerDecoderLayer(_Layer):
    """Self-attention, then attention to the encoder's output, `memory`, then a network for each position.

    forward(tgt, memory, tgt_mask (T, T), memory_mask (T, S), tgt_key_padding_mask (N, T), memory_key_padding_mask
    (N, S), tgt_is_causal, memory_is_causal): (T, N, E), (S, N, E) -> (T, N, E).

    >>> import minitorch as torch
    >>> layer = TransformerDecoderLayer(d_model=8, nhead=2, batch_first=True)
    >>> layer(torch.rand(4, 5, 8), memory=torch.rand(4, 3, 8)).shape
    torch.Size([4, 5, 8])
    """

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=F.relu, layer_norm_eps=1e-5,
                 batch_first=False, norm_first=False, bias=True, device=None, dtype=None):
        super().__init__()
        form = {"bias": bias, "device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, **form)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, batch_first=batch_first, **form)
        self.linear1 = Linear(d_model, dim_feedforward, **form)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **form)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, **form)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, **form)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, **form)
        self.dropout1, self.dropout2, self.dropout3 = Dropout(dropout), Dropout(dropout), Dropout(dropout)
        self.activation = _activation(activation)

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
                memory_key_padding_mask=None, tgt_is_causal=False, memory_is_causal=False):
        def attend(x):
            return self.dropout1(_attend(self.self_attn, x, x, tgt_mask, tgt_key_padding_mask, tgt_is_causal))

        def attend_to_memory(x):
            return self.dropout2(_attend(self.multihead_attn, x, memory, memory_mask, memory_key_padding_mask,
                                         memory_is_causal))

        x = self._residual(tgt, self.norm1, attend)
        x = self._residual(x, self.norm2, attend_to_memory)
        return self._residual(x, self.norm3, lambda x: self.dropout3(self._feed_forward(x)))


class _Stack(Module):
    """num_layers copies of a layer, one after the other, and, if given, a `norm` at the end."""

    def __init__(self, layer, num_layers, norm):
        super().__init__()
        self.layers = ModuleList(copy.deepcopy(layer) for _ in range(num_layers))
        self.num_layers, self.norm = num_layers, norm

    def _run(self, x, *args, **masks):
        for layer in self.layers:
            x = layer(x, *args, **masks)
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    """num_layers copies of encoder_layer, one after the other, and, if given, a `norm` at the end.

    forward(src, mask (S, S), src_key_padding_mask (N, S), is_causal): (S, N, E) -> (S, N, E).
    enable_nested_tensor and mask_check change nothing: there are no nested tensors.

    >>> import minitorch as torch
    >>> encoder = TransformerEncoder(TransformerEncoderLayer(d_model=8, nhead=2), num_layers=2)
    >>> encoder(torch.rand(3, 4, 8)).shape
    torch.Size([3, 4, 8])
    """

    def __init__(self, encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True):
        super().__init__(encoder_layer, num_layers, norm)
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check

    def forward(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
        return self._run(src, src_mask=mask, src_key_padding_mask=src_key_padding_mask, is_causal=is_causal)


class TransformerDecoder(_Stack):
    """num_layers copies of decoder_layer, one after the other, and, if given, a `norm` at the end.

    forward(tgt, memory, ...), with the masks of TransformerDecoderLayer: (T, N, E), (S, N, E) -> (T, N, E).

    >>> import minitorch as torch
    >>> decoder = TransformerDecoder(TransformerDecoderLayer(d_model=8, nhead=2), num_layers=2)
    >>> decoder(torch.rand(5, 4, 8), torch.rand(3, 4, 8)).shape
    torch.Size([5, 4, 8])
    """

    def __init__(self, decoder_layer, num_layers, norm=None):
        super().__init__(decoder_layer, num_layers, norm)

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None,
                memory_key_padding_mask=None, tgt_is_causal=None, memory_is_causal=False):
        return self._run(tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
                         tgt_key_padding_mask=tgt_key_padding_mask, memory_key_padding_mask=memory_key_padding_mask,
                         tgt_is_causal=tgt_is_causal, memory_is_causal=memory_is_causal)


class Transformer(Module):
    """An encoder, and a decoder that attends to its output: src (S, N, E), tgt (T, N, E) -> (T, N, E).

    custom_encoder, custom_decoder: modules to take instead. RuntimeError if batches or d_model do not agree.

    >>> import minitorch as torch
    >>> model = Transformer(d_model=8, nhead=2, num_encoder_layers=1, num_decoder_layers=1, dim_feedforward=16)
    >>> model(torch.rand(3, 4, 8), torch.rand(5, 4, 8), tgt_mask=Transformer.generate_square_subsequent_mask(5)).shape
    torch.Size([5, 4, 8])
    """

    def __init__(self, d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6, dim_feedforward=2048,
                 dropout=0.1, activation=F.relu, custom_encoder=None, custom_decoder=None, layer_norm_eps=1e-5,
                 batch_first=False, norm_first=False, bias=True, device=None, dtype=None):
        super().__init__()
        form = {"bias": bias, "device": device, "dtype": dtype}
        layer = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first)
        if custom_encoder is None:
            custom_encoder = TransformerEncoder(TransformerEncoderLayer(*layer, **form), num_encoder_layers,
                                                LayerNorm(d_model, layer_norm_eps, **form))
        self.encoder = custom_encoder
        if custom_decoder is None:
            custom_decoder = TransformerDecoder(TransformerDecoderLayer(*layer, **form), num_decoder_layers,
                                                LayerNorm(d_model, layer_norm_eps, **form))
        self.decoder = custom_decoder
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        self._reset_parameters()

    def _reset_parameters(self):
        for parameter in self.parameters():
            if parameter.dim() > 1:
                init.xavier_uniform_(parameter)

    def forward(self, src, tgt, src_mask=None, tgt_mask=None, memory_mask=None, src_key_padding_mask=None,
                tgt_key_padding_mask=None, memory_key_padding_mask=None, src_is_causal=None, tgt_is_causal=None,
                memory_is_causal=False):
        batch = 0 if self.batch_first else 1
        if src.dim() == 3 and src.size(batch) != tgt.size(batch):
            raise RuntimeError("the batch number of src and tgt must be equal, but got shapes "
                               f"{list(src.shape)} and {list(tgt.shape)}")
        if src.size(-1) != self.d_model or tgt.size(-1) != self.d_model:
            raise RuntimeError(f"the feature number of src and tgt must be equal to d_model ({self.d_model}), but got "
                               f"shapes {list(src.shape)} and {list(tgt.shape)}")
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        return self.decoder(tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask,
                            tgt_key_padding_mask=tgt_key_padding_mask,
                            memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=tgt_is_causal,
                            memory_is_causal=memory_is_causal)

    @staticmethod
    def generate_square_subsequent_mask(sz, device=None, dtype=None):
        """The mask (sz, sz) with which each position looks back only: 0 there, -inf above the diagonal.

        >>> Transformer.generate_square_subsequent_mask(2)
        tensor([[0., -inf],
                [0., 0.]])
        """
        return triu(creation.full((sz, sz), -math.inf, device=device, dtype=dtype), 1)
