"""minitorch: the PyTorch you can read. `import minitorch as torch` and the program works.

This file only lists names. Read engine.py first, then ops/elementwise.py, kernels/cpu/elementwise.py and tensor.py.
"""
from math import e, inf, nan, pi

from . import (
    accelerator, amp, autograd, backends, compiler, cuda, distributed, distributions, fft, func, functional, hub,
    jit, linalg, masked, mps, multiprocessing, nn, onnx, ops, optim, profiler, signal, special, testing, utils,
    version, xpu)
from ._layout import channels_last, channels_last_3d, contiguous_format, layout, memory_format, preserve_format, strided
from ._lowrank import pca_lowrank, svd_lowrank
from ._printing import set_printoptions
from ._size import Size, broadcast_shapes
from .amp import autocast, get_autocast_dtype, is_autocast_available, is_autocast_enabled
from .autograd import (
    enable_grad, inference_mode, is_grad_enabled, is_inference_mode_enabled, no_grad, set_grad_enabled)
from .compiler import compile
from .creation import (
    BoolTensor, ByteTensor, CharTensor, DoubleTensor, FloatTensor, HalfTensor, IntTensor, LongTensor, ShortTensor,
    arange, as_tensor, asarray, empty, empty_like, empty_permuted, empty_strided, eye, from_dlpack, from_numpy,
    frombuffer, full, full_like, is_floating_point, is_tensor, linspace, logspace, numel, ones, ones_like, rand,
    rand_like, randint, randint_like, randn, randn_like, randperm, result_type, scalar_tensor, tensor, tril_indices,
    triu_indices, zeros, zeros_like)
from .device import device, get_default_device, set_default_device
from .dtypes import bool_ as bool
from .dtypes import (
    bfloat16, can_cast, dtype, finfo, float16, float16 as half, float32, float32 as float, float64, float64 as double,
    get_default_dtype, iinfo, int8, int16, int16 as short, int32, int32 as int, int64, int64 as long, promote_types,
    set_default_dtype, uint8, uint16, uint32, uint64)
from .func import vmap
from .nn.functional import bilinear, celu_, relu_, rrelu_, selu_, threshold_
from .ops import (
    abs, abs as absolute, acos, acos as arccos, acosh, acosh as arccosh, adaptive_avg_pool1d, add, addcdiv, addcmul,
    addmm, addmv, all, allclose, amax, amin, aminmax, angle, any, argmax, argmin, argsort, argwhere, as_strided,
    as_strided_scatter, asin, asin as arcsin, asinh, asinh as arcsinh, atan, atan as arctan, atan2, atan2 as arctan2,
    atanh, atanh as arctanh, atleast_1d, atleast_2d, atleast_3d, avg_pool1d, baddbmm, bernoulli, binomial, bincount,
    bitwise_and, bitwise_left_shift, bitwise_not, bitwise_or, bitwise_right_shift, bitwise_xor, block_diag, bmm,
    broadcast_tensors, broadcast_to, bucketize, cartesian_prod, cat, cat as concat, cat as concatenate, cdist, ceil,
    celu, chain_matmul, channel_shuffle, channel_shuffle as native_channel_shuffle, chunk, clamp, clamp as clip,
    clamp_max, clamp_min, clone, column_stack, combinations, conj, conj_physical, constant_pad_nd, conv1d, conv2d,
    conv3d, conv_tbc, conv_transpose1d, conv_transpose2d, conv_transpose3d, copysign, corrcoef, cos, cosh,
    cosine_similarity, count_nonzero, cov, cummax, cummin, cumprod, cumsum, cumulative_trapezoid, deg2rad, diag,
    diag_embed, diagflat, diagonal, diagonal_scatter, diff, digamma, dist, div, div as divide, div as true_divide, dot,
    dsplit, dstack, einsum, eq, equal, erf, erfc, erfinv, exp, exp2, expm1, fill, flatten, flatten as ravel, flip,
    fliplr, flipud, float_power, floor, floor_divide, fmax, fmin, fmod, frac, frexp, gather, gcd, ge,
    ge as greater_equal, gradient, gru_cell, gt, gt as greater, hardshrink, heaviside, histc, histogram, histogramdd,
    hsplit, hstack, hypot, imag, index_add, index_copy, index_fill, index_put, index_reduce, index_select, inner,
    is_complex, is_conj, is_neg, isclose, isfinite, isin, isinf, isnan, isneginf, isposinf, isreal, kthvalue, lcm,
    ldexp, le, le as less_equal, lerp, lgamma, log, log1p, log2, log10, log_softmax, logaddexp, logaddexp2,
    logcumsumexp, logical_and, logical_not, logical_or, logical_xor, logsumexp, lstm_cell, lt, lt as less, masked_fill,
    masked_scatter, masked_select, matmul, max, max_pool1d, max_pool2d, max_pool3d, maximum, mean, median, meshgrid,
    min, minimum, mm, mode, movedim, movedim as moveaxis, msort, mul, mul as multiply, multinomial, mv, nan_to_num,
    nanmean, nanmedian, nanquantile, nansum, narrow, narrow_copy, ne, ne as not_equal, neg, neg as negative, nextafter,
    nonzero, nonzero_static, norm, normal, outer, outer as ger, pairwise_distance, pdist, permute, pixel_shuffle,
    pixel_unshuffle, poisson, polygamma, positive, pow, prelu, prod, put, quantile, rad2deg, real, reciprocal, relu,
    remainder, renorm, repeat_interleave, reshape, resolve_conj, resolve_neg, rms_norm, rnn_relu_cell, rnn_tanh_cell,
    roll, rot90, round, row_stack, rrelu, rsqrt, rsub, scatter, scatter_add, scatter_reduce, searchsorted, select,
    select_scatter, selu, sgn, sigmoid, sign, signbit, sin, sinh, slice_scatter, softmax, sort, split, split_with_sizes,
    sqrt, square, squeeze, stack, std, std_mean, sub, sub as subtract, sum, t, take, take_along_dim, tan, tanh,
    tensor_split, tensordot, threshold, tile, topk, trace, transpose, transpose as swapaxes, transpose as swapdims,
    trapezoid, trapz, tril, triu, trunc, trunc as fix, unbind, unflatten, unique, unique_consecutive, unravel_index,
    unsafe_chunk, unsafe_split, unsafe_split_with_sizes, unsqueeze, var, var_mean, vsplit, vstack, where, xlogy)
from .ops.out import give_out
from .ops.factor import cholesky, geqrf, lu, lu_unpack, orgqr, ormqr, qr, svd
from .ops.linalg import (
    addbmm, addr, cholesky_inverse, cholesky_solve, cross, kron, linalg_det as det,
    linalg_inv as inverse, linalg_matrix_exp as matrix_exp, linalg_matrix_power as matrix_power,
    linalg_slogdet as slogdet, logdet, lu_solve, pinverse, triangular_solve, vander, vdot)
from .ops.special import i0, igamma, igammac, logit, mvlgamma, sinc
from .positional import (
    adaptive_max_pool1d, affine_grid_generator, alpha_dropout, alpha_dropout_, batch_norm,
    binary_cross_entropy_with_logits, cosine_embedding_loss, dropout, dropout_, embedding,
    feature_alpha_dropout, feature_alpha_dropout_, feature_dropout, feature_dropout_, grid_sampler, grid_sampler_2d,
    grid_sampler_3d, group_norm, hinge_embedding_loss, instance_norm, kl_div, layer_norm, margin_ranking_loss,
    max_pool1d_with_indices, poisson_nll_loss, triplet_margin_loss)
from .random import Generator, default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state
from .serialization import load, save
from .settings import (
    are_deterministic_algorithms_enabled, get_float32_matmul_precision, get_num_interop_threads, get_num_threads,
    is_deterministic_algorithms_warn_only_enabled, set_float32_matmul_precision, set_num_interop_threads,
    set_num_threads, typename, use_deterministic_algorithms)
from .signal.windows import bartlett_window, blackman_window, hamming_window, hann_window, kaiser_window
from .tensor import Tensor
from .version import __version__

# torch has these as functions too
abs_, acos_, acosh_, addmv_, adjoint = Tensor.abs_, Tensor.acos_, Tensor.acosh_, Tensor.addmv_, Tensor.adjoint
arccos_, arccosh_, arcsin_, arcsinh_, arctan_ = (
    Tensor.arccos_, Tensor.arccosh_, Tensor.arcsin_, Tensor.arcsinh_, Tensor.arctan_)
arctanh_, as_strided_, asin_, asinh_, atan_ = (
    Tensor.arctanh_, Tensor.as_strided_, Tensor.asin_, Tensor.asinh_, Tensor.atan_)
atanh_, ceil_, clamp_, clamp_max_, clamp_min_ = (
    Tensor.atanh_, Tensor.ceil_, Tensor.clamp_, Tensor.clamp_max_, Tensor.clamp_min_)
clip_, conj_physical_, cos_, cosh_, deg2rad_ = (
    Tensor.clip_, Tensor.conj_physical_, Tensor.cos_, Tensor.cosh_, Tensor.deg2rad_)
detach, detach_, erf_, erfc_, exp2_ = Tensor.detach, Tensor.detach_, Tensor.erf_, Tensor.erfc_, Tensor.exp2_
exp_, expm1_, fill_, fix_, floor_ = Tensor.exp_, Tensor.expm1_, Tensor.fill_, Tensor.fix_, Tensor.floor_
frac_, gcd_, get_device, i0_, index_put_ = Tensor.frac_, Tensor.gcd_, Tensor.get_device, Tensor.i0_, Tensor.index_put_
is_inference, is_nonzero, is_same_size, is_signed, lcm_ = (
    Tensor.is_inference, Tensor.is_nonzero, Tensor.is_same_size, Tensor.is_signed, Tensor.lcm_)
ldexp_, log1p_, log2_, log10_, log_ = Tensor.ldexp_, Tensor.log1p_, Tensor.log2_, Tensor.log10_, Tensor.log_
logit_, nan_to_num_, neg_, negative_, rad2deg_ = (
    Tensor.logit_, Tensor.nan_to_num_, Tensor.neg_, Tensor.negative_, Tensor.rad2deg_)
reciprocal_, resize_as_, round_, rsqrt_, sigmoid_ = (
    Tensor.reciprocal_, Tensor.resize_as_, Tensor.round_, Tensor.rsqrt_, Tensor.sigmoid_)
sin_, sinc_, sinh_, sqrt_, square_ = Tensor.sin_, Tensor.sinc_, Tensor.sinh_, Tensor.sqrt_, Tensor.square_
tan_, tanh_, trunc_, xlogy_, zero_ = Tensor.tan_, Tensor.tanh_, Tensor.trunc_, Tensor.xlogy_, Tensor.zero_


give_out(globals())  # last: every operation above also takes out=
