"""Fusing a layer with the batch norm after it: in evaluation both are linear, so one layer can do the work of two."""
import copy

from ...creation import ones_like, zeros_like
from ...ops import rsqrt
from ..parameter import Parameter


def fuse_conv_bn_eval(conv, bn, transpose=False):
    """A convolution that computes bn(conv(x)). AssertionError if one of them is in training."""
    return _fused(conv, bn, transpose)


def fuse_linear_bn_eval(linear, bn):
    """A Linear that computes bn(linear(x)). AssertionError if one of them is in training, or their sizes differ.

    >>> import minitorch as torch
    >>> linear, bn = torch.nn.Linear(3, 2).eval(), torch.nn.BatchNorm1d(2).eval()
    >>> x = torch.ones(1, 3)
    >>> torch.allclose(fuse_linear_bn_eval(linear, bn)(x), bn(linear(x)))
    True
    """
    if linear.out_features != bn.num_features and bn.num_features != 1:
        raise AssertionError("To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got "
                             f"linear.out_features={linear.out_features} and bn.num_features={bn.num_features}")
    return _fused(linear, bn)


def _fused(layer, bn, transpose=False):
    if layer.training or bn.training:
        raise AssertionError("Fusion only for eval!")
    if bn.running_mean is None or bn.running_var is None:
        raise AssertionError("bn.running_mean and bn.running_var must not be None")
    fused = copy.deepcopy(layer)
    fused.weight, fused.bias = fuse_conv_bn_weights(fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps,
                                                    bn.weight, bn.bias, transpose)
    return fused


def fuse_conv_bn_weights(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, transpose=False):
    """(weight, bias) of the convolution that also normalises with running mean bn_rm and variance bn_rv.

    weight = w * s, bias = (b - mean) * s + bn_b, where s = bn_w / sqrt(var + eps). transpose: the outputs are the
    second dimension of w.
    """
    conv_b, bn_b = (zeros_like(bn_rm) if b is None else b for b in (conv_b, bn_b))
    scale = (ones_like(bn_rm) if bn_w is None else bn_w) * rsqrt(bn_rv + bn_eps)  # (K)
    ones = [1] * (conv_w.dim() - 2)
    per_output = scale.reshape([1, -1, *ones] if transpose else [-1, 1, *ones])
    weight, bias = conv_w * per_output, (conv_b - bn_rm) * scale + bn_b
    return (Parameter(weight.detach().to(conv_w.dtype), conv_w.requires_grad),
            Parameter(bias.detach().to(conv_b.dtype), conv_b.requires_grad))


def fuse_linear_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b):
    """(weight, bias) of the Linear that also normalises; see fuse_conv_bn_weights."""
    return fuse_conv_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b)
