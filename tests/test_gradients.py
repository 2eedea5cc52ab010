"""Every operation's gradient, and its gradient's gradient, against finite differences. Needs no PyTorch.

`test_every_operation_has_a_case` finds each Op class of minitorch.ops, so a new operation cannot be forgotten.
"""

import numpy as np
import pytest

import minitorch as torch
from minitorch.autograd import gradcheck, gradgradcheck
from minitorch.engine import Op

F = torch.nn.functional
MASK = torch.tensor([[True, False, True], [False, False, True]])
EYE = torch.eye(2, dtype=torch.float64)
INDEX = torch.tensor([[0, 2, 1], [1, 0, 2]])
STEPS = [(0, 2), (2, 1)]  # two sequences, one of which goes on

SMOOTH = """neg exp exp2 expm1 sin cos sinh cosh tanh asinh atan sigmoid erf erfc square clone softplus logsigmoid mish
silu gelu""".split()
POSITIVE = "abs log log2 log10 log1p sqrt rsqrt reciprocal lgamma sign floor ceil round trunc nan_to_num".split()
SMALL = "tan asin acos atanh erfinv".split()
KINKED = "relu leaky_relu elu hardshrink hardsigmoid hardswish hardtanh softshrink".split()
SPECIAL = "logit sinc i0 i0e i1 i1e entr erfcx ndtr ndtri log_ndtr".split()
PAIRS = "add sub mul div atan2 hypot maximum minimum fmax fmin".split()


def of(name):
    return getattr(torch, name, None) or getattr(F, name)


def seeded_rrelu(x):
    torch.manual_seed(0)
    return F.rrelu(x, training=True)


CASES = {  # name: (function, shapes of its inputs, lowest value, highest value)
    **{name: (of(name), [(2, 3)], -2, 2) for name in SMOOTH},
    **{name: (of(name), [(2, 3)], 0.55, 0.95) for name in POSITIVE},
    **{name: (of(name), [(2, 3)], -0.8, 0.8) for name in SMALL},
    **{name: (of(name), [(2, 3)], -2, 2) for name in KINKED},
    **{name: (of(name), [(2, 3), (3,)], 0.5, 2) for name in PAIRS},
    "acosh": (torch.acosh, [(4,)], 1.5, 3),
    "gelu tanh": (lambda x: F.gelu(x, approximate="tanh"), [(4,)], -2, 2),
    "threshold": (lambda x: F.threshold(x, 0.1, 5.0), [(4,)], -2, 2),
    "prelu": (F.prelu, [(2, 3), (3,)], -2, 2),
    "rrelu": (seeded_rrelu, [(4,)], -2, 2),
    "remainder": (torch.remainder, [(4,), (4,)], 0.6, 0.95),
    "fmod": (torch.fmod, [(4,), (4,)], 0.6, 0.95),
    "xlogy": (torch.xlogy, [(4,), (4,)], 0.5, 2),
    "floor_divide": (torch.floor_divide, [(4,), (4,)], 0.6, 0.95),
    "trunc_divide": (lambda x, y: torch.div(x, y, rounding_mode="trunc"), [(4,), (4,)], 0.6, 0.95),
    "pow number": (lambda x: x**3, [(4,)], -2, 2),
    "pow": (torch.pow, [(4,), (4,)], 0.5, 2),
    "digamma": (torch.digamma, [(4,)], 0.5, 2),
    "polygamma": (lambda x: torch.polygamma(2, x), [(4,)], 0.5, 2),
    "where": (lambda x, y: torch.where(MASK, x, y), [(2, 3), (3,)], -2, 2),
    "clamp": (lambda x: x.clamp(-1, 1), [(5,)], -2, 2),
    "cast": (lambda x: x.float().double() + x, [(1,)], 0.5, 0.5),
    "contiguous": (lambda x: x.t().contiguous(), [(2, 3)], -2, 2),
    "lay": (lambda x: x.contiguous(memory_format=torch.channels_last), [(1, 2, 1, 2)], -2, 2),
    "copysign": (torch.copysign, [(4,), (4,)], 0.5, 2),
    "angle": (torch.angle, [(4,)], 0.5, 2),
    "frexp": (lambda x: torch.frexp(x).mantissa, [(4,)], 0.55, 0.95),
    "nextafter": (lambda x: torch.nextafter(x, torch.zeros(4, dtype=torch.float64)), [(4,)], 0.6, 0.95),
    "logaddexp": (torch.logaddexp, [(2, 3), (3,)], -2, 2),
    "logaddexp2": (torch.logaddexp2, [(2, 3), (3,)], -2, 2),
    # reductions and scans
    "nanmedian": (lambda x: torch.nanmedian(x, 1).values, [(2, 3)], -2, 2),
    "mode": (lambda x: torch.mode(x, 1).values, [(2, 3)], -2, 2),
    "logcumsumexp": (lambda x: torch.logcumsumexp(x, 1), [(2, 3)], -2, 2),
    **{f"scatter_reduce {how}": (lambda x, src, how=how: x.scatter_reduce(1, INDEX, src, how), [(2, 3), (2, 3)], 0.5, 2)
       for how in ("sum", "mean", "prod", "amax")},
    "sum": (lambda x: x.sum(1), [(2, 3)], -2, 2),
    "sum_to": (lambda x: x.sum_to_size(1, 3), [(2, 3)], -2, 2),
    "mean": (lambda x: x.mean(0, keepdim=True), [(2, 3)], -2, 2),
    "var": (lambda x: x.var(1), [(2, 3)], -2, 2),
    "norm": (lambda x: x.norm(3), [(2, 3)], 0.5, 2),
    "logsumexp": (lambda x: x.logsumexp(1), [(2, 3)], -2, 2),
    "prod": (lambda x: x.prod(1), [(2, 3)], -2, 2),
    "amax": (lambda x: x.amax(1), [(2, 3)], -2, 2),
    "amin": (lambda x: x.amin(), [(2, 3)], -2, 2),
    "max": (lambda x: x.max(1).values, [(2, 3)], -2, 2),
    "min": (lambda x: x.min(0).values, [(2, 3)], -2, 2),
    "cumsum": (lambda x: x.cumsum(1), [(2, 3)], -2, 2),
    "cumprod": (lambda x: x.cumprod(1), [(2, 3)], -2, 2),
    "cummax": (lambda x: x.cummax(1).values, [(2, 3)], -2, 2),
    "cummin": (lambda x: x.cummin(1).values, [(2, 3)], -2, 2),
    # products
    "matmul": (torch.matmul, [(2, 2, 3), (3, 2)], -2, 2),
    "batched matmul": (torch.matmul, [(2, 2, 3), (2, 3, 2)], -2, 2),
    "mv": (torch.mv, [(2, 3), (3,)], -2, 2),
    "dot": (torch.dot, [(3,), (3,)], -2, 2),
    "addmm": (torch.addmm, [(2,), (2, 3), (3, 2)], -2, 2),
    # linear algebra
    "cholesky": (lambda x: torch.linalg.cholesky(x @ x.mT + EYE), [(2, 2)], -2, 2),
    "cholesky_solve": (lambda b, x: torch.cholesky_solve(b, x.tril() + 3 * EYE), [(2, 1), (2, 2)], -2, 2),
    "lu": (lambda x: torch.linalg.lu(x)[1:], [(3, 3)], -2, 2),
    "lu of a wide matrix": (lambda x: torch.linalg.lu(x)[1:], [(2, 3)], -2, 2),
    "lu of a tall matrix": (lambda x: torch.linalg.lu(x)[1:], [(3, 2)], -2, 2),
    "lu_solve": (lambda x, b: torch.linalg.lu_solve(*torch.linalg.lu_factor(x), b), [(2, 2), (2, 1)], -2, 2),
    "qr": (torch.linalg.qr, [(3, 2)], -2, 2),
    "qr of a wide matrix": (torch.linalg.qr, [(2, 3)], -2, 2),
    "householder_product": (torch.linalg.householder_product, [(3, 2), (2,)], -2, 2),
    "eigh": (lambda x: torch.linalg.eigh(x + x.mT), [(3, 3)], -2, 2),
    "eigvalsh": (lambda x: torch.linalg.eigvalsh(x + x.mT), [(3, 3)], -2, 2),
    "svd": (lambda x: torch.linalg.svd(x, full_matrices=False), [(3, 2)], -2, 2),
    "svd of a wide matrix": (lambda x: torch.linalg.svd(x, full_matrices=False), [(2, 3)], -2, 2),
    "svdvals": (torch.linalg.svdvals, [(3, 2)], -2, 2),
    "solve": (torch.linalg.solve, [(2, 2), (2, 1)], 0.5, 2),
    "solve_triangular": (lambda a, b: torch.linalg.solve_triangular(a, b, upper=True), [(2, 2), (2, 1)], 0.5, 2),
    "inv": (torch.linalg.inv, [(2, 2)], 0.5, 2),
    "det": (torch.linalg.det, [(3, 3)], -2, 2),
    "det of a singular matrix": (lambda x: torch.linalg.det(x * (EYE[0] * EYE[0, :, None])), [(2, 2)], 0.5, 2),
    "slogdet": (lambda x: torch.linalg.slogdet(x).logabsdet, [(3, 3)], -2, 2),
    "pinv": (torch.linalg.pinv, [(3, 2)], -2, 2),
    "matrix_exp": (torch.linalg.matrix_exp, [(2, 2)], -2, 2),
    "hfft": (lambda x: torch.fft.hfftn(x, s=(3, 4)), [(2, 2)], -2, 2),
    # special functions
    **{name: (getattr(torch.special, name), [(4,)], 0.1, 0.9) for name in SPECIAL},
    "xlog1py": (torch.special.xlog1py, [(4,), (4,)], 0.5, 2),
    "zeta": (lambda x: torch.special.zeta(2.5, x), [(4,)], 0.5, 2),
    "igamma": (lambda x: torch.igamma(torch.tensor(2.5).double(), x), [(4,)], 0.5, 2),
    "igammac": (lambda x: torch.igammac(torch.tensor(2.5).double(), x), [(4,)], 0.5, 2),
    # shapes
    "view": (lambda x: x.view(3, 2), [(2, 3)], -2, 2),
    "reshape": (lambda x: x.t().reshape(-1), [(2, 3)], -2, 2),
    "permute": (lambda x: x.permute(2, 0, 1), [(2, 3, 2)], -2, 2),
    "transpose": (lambda x: x.transpose(0, 1), [(2, 3)], -2, 2),
    "t": (lambda x: x.t(), [(2, 3)], -2, 2),
    "expand": (lambda x: x.expand(2, 3), [(1, 3)], -2, 2),
    "as_strided": (lambda x: x.as_strided((2, 2), (1, 1)), [(3,)], -2, 2),
    "diagonal": (lambda x: x.diagonal(1), [(3, 3)], -2, 2),
    "diag_embed": (torch.diag_embed, [(2, 2)], -2, 2),
    "unfold": (lambda x: x.unfold(0, 2, 1), [(4,)], -2, 2),
    "basic index": (lambda x: x[1:, None, 0], [(3, 2)], -2, 2),
    "cat": (lambda x, y: torch.cat([x, y], 1), [(2, 2), (2, 1)], -2, 2),
    "flip": (lambda x: x.flip(1), [(2, 3)], -2, 2),
    "roll": (lambda x: x.roll(1, 1), [(2, 3)], -2, 2),
    "tril": (torch.tril, [(3, 3)], -2, 2),
    "triu": (torch.triu, [(3, 3)], -2, 2),
    # indexing
    "index": (lambda x: x[INDEX[0]], [(3, 2)], -2, 2),
    "index_put": (lambda x, v: x.index_put((INDEX[0],), v), [(3, 2), (3, 2)], -2, 2),
    "index_select": (lambda x: x.index_select(1, INDEX[1]), [(2, 3)], -2, 2),
    "index_add": (lambda x, v: x.index_add(0, INDEX[0], v), [(3, 2), (3, 2)], -2, 2),
    "gather": (lambda x: x.gather(1, INDEX), [(2, 3)], -2, 2),
    "scatter": (lambda x, v: x.scatter(1, INDEX, v), [(2, 3), (2, 3)], -2, 2),
    "scatter_add": (lambda x, v: x.scatter_add(1, INDEX, v), [(2, 3), (2, 3)], -2, 2),
    "embedding": (lambda w: F.embedding(INDEX, w), [(3, 2)], -2, 2),
    "masked_fill": (lambda x, v: x.masked_fill(MASK, v), [(2, 3), ()], -2, 2),
    "masked_select": (lambda x: x.masked_select(MASK), [(2, 3)], -2, 2),
    "masked_scatter": (lambda x, v: x.masked_scatter(MASK, v), [(2, 3), (4,)], -2, 2),
    "sort": (lambda x: x.sort(1).values, [(2, 3)], -2, 2),
    "topk": (lambda x: x.topk(2).values, [(2, 3)], -2, 2),
    "kthvalue": (lambda x: x.kthvalue(2).values, [(2, 3)], -2, 2),
    "median": (lambda x: x.median(1).values, [(2, 3)], -2, 2),
    # in place
    "fill_": (lambda x, v: (x * 1).fill_(v), [(2,), ()], -2, 2),
    "copy_": (lambda x, v: (x * 1).copy_(v), [(2, 3), (3,)], -2, 2),
    "writing to a view": (lambda x, v: (lambda y: (y[0].mul_(v), y)[1])(x * 1), [(2, 3), (3,)], -2, 2),
    # networks
    "softmax": (lambda x: F.softmax(x, 1), [(2, 3)], -2, 2),
    "log_softmax": (lambda x: F.log_softmax(x, 1), [(2, 3)], -2, 2),
    "nll_loss": (lambda x: F.nll_loss(x, INDEX[0][:2]), [(2, 3)], -2, 2),
    "cross_entropy": (lambda x: F.cross_entropy(x, INDEX[0][:2], weight=(x[0] * 0 + 0.5).detach()), [(2, 3)], -2, 2),
    "mse_loss": (F.mse_loss, [(2, 3), (2, 3)], -2, 2),
    "binary_cross_entropy": (lambda x: F.binary_cross_entropy(x, MASK.double()), [(2, 3)], 0.2, 0.8),
    "conv2d": (lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1), [(1, 2, 4, 3), (2, 2, 3, 2), (2,)], -2, 2),
    "conv_transpose1d": (lambda x, w: F.conv_transpose1d(x, w, stride=2), [(1, 2, 3), (2, 1, 2)], -2, 2),
    "max_pool2d": (lambda x: F.max_pool2d(x, 2, 1), [(1, 1, 3, 3)], -2, 2),
    "avg_pool2d": (lambda x: F.avg_pool2d(x, 2, padding=1), [(1, 1, 3, 3)], -2, 2),
    "adaptive_avg_pool2d": (lambda x: F.adaptive_avg_pool2d(x, 2), [(1, 1, 3, 3)], -2, 2),
    "adaptive_max_pool2d": (lambda x: F.adaptive_max_pool2d(x, 2), [(1, 1, 3, 3)], -2, 2),
    "fractional_max_pool2d": (
        lambda x: F.fractional_max_pool2d(x, 2, 2, _random_samples=torch.full((1, 1, 2), 0.3, dtype=torch.float64)),
        [(1, 1, 3, 3)], -2, 2),
    "interpolate": (lambda x: F.interpolate(x, size=3, mode="linear"), [(1, 1, 2)], -2, 2),
    "cdist": (torch.cdist, [(2, 2), (3, 2)], -2, 2),
    "unfold of images": (lambda x: F.unfold(x, 2), [(1, 1, 3, 3)], -2, 2),
    "fold": (lambda x: F.fold(x, (2, 3), 2), [(1, 4, 2)], -2, 2),
    "max_unpool2d": (lambda x: F.max_unpool2d(x, torch.tensor([[[[3, 6]]]]), 2), [(1, 1, 1, 2)], -2, 2),
    "pad": (lambda x: F.pad(x, (1, 1)), [(2, 2)], -2, 2),
    "pad reflect": (lambda x: F.pad(x, (1, 1), mode="reflect"), [(1, 3)], -2, 2),
    "batch_norm": (lambda x: F.batch_norm(x, None, None, training=True), [(3, 2)], -2, 2),
    "layer_norm": (lambda x: F.layer_norm(x, (3,)), [(2, 3)], -2, 2),
    "ctc_loss": (lambda x: F.ctc_loss(x.log_softmax(2), torch.tensor([[1, 1], [2, 0]]), (3, 2), (2, 1)),
                 [(3, 2, 3)], -2, 2),
    "attention": (lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
                  [(1, 2, 3, 2), (1, 2, 2, 2), (1, 2, 2, 2)], -2, 2),
    "rnn_layer": (lambda x, h, w: torch.ops.rnn_layer(x, h, w, STEPS, "tanh"), [(3, 2), (2, 2), (2, 2)], -1, 1),
    "lstm_layer": (lambda *args: torch.ops.lstm_layer(*args, STEPS), [(3, 8), (2, 1), (2, 2), (8, 1), (1, 2)], -1, 1),
    "gru_layer": (lambda *args: torch.ops.gru_layer(*args, STEPS), [(3, 6), (2, 2), (6, 2), (6,)], -1, 1),
}
ABSTRACT = {"Extreme", "Extremum", "Pick", "Reduction", "Step"}  # what others refine, and nobody calls
NO_GRADIENT = {"Geqrf", "Draw"}  # in torch neither; a random number's is zero by definition
OFF_THE_CPU = {"Move"}  # tests/cuda/test_tensor.py
FLOAT32 = {"cast"}  # finite differences cannot see through single precision


def inputs_of(name):
    _, shapes, low, high = CASES[name]
    rng = np.random.default_rng(0)
    return [torch.tensor(rng.uniform(low, high, shape), requires_grad=True) for shape in shapes]


@pytest.mark.parametrize("name", sorted(CASES.keys() - FLOAT32))
def test_gradient(name):
    assert gradcheck(CASES[name][0], inputs_of(name))
    assert gradgradcheck(CASES[name][0], inputs_of(name))


def nodes_below(tensors):
    """The class of every node from which these tensors come."""
    seen, stack = set(), [x.grad_fn for x in tensors if x.grad_fn is not None]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += [next_node for next_node, _ in node.next_functions if next_node is not None]
    return {type(node) for node in seen}


def operations(cls=Op):
    """Every class of operations in minitorch.ops."""
    for child in cls.__subclasses__():
        yield from operations(child)
    if cls.__module__.startswith("minitorch.ops."):
        yield cls


def gradients(outputs, inputs):
    """dL/d(inputs) where there is one, recorded, for an upstream gradient that is recorded too; and that gradient."""
    outputs = [x for x in outputs if x.requires_grad]
    upstream = [torch.ones_like(x, requires_grad=True) for x in outputs]
    grads = torch.autograd.grad(outputs, inputs, upstream, create_graph=True, allow_unused=True) if outputs else []
    return [grad for grad in grads if grad is not None], upstream


def test_every_operation_has_a_case():
    used = set()
    for name, (function, *_) in CASES.items():
        inputs = inputs_of(name)
        result = function(*inputs)
        results = result if isinstance(result, tuple) else (result,)
        for _ in range(3):
            used |= nodes_below(results)
            results, upstream = gradients(results, inputs)
            inputs = inputs + upstream
    assert {cls.__name__ for cls in set(operations()) - used} == ABSTRACT | NO_GRADIENT | OFF_THE_CPU
