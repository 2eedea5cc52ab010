"""torch's own forms of functions of nn.functional against PyTorch."""
import numpy as np
import pytest

from tests.oracle import check_op, check_same

X = (2, 4, 6)
MODES = [(mode, padding, align) for mode in (0, 1, 2) for padding in (0, 1, 2) for align in (False, True)]


@pytest.mark.parametrize("function", [
    lambda T, x, w, b: T.batch_norm(x, w, b, None, None, True, 0.1, 1e-5, True),
    lambda T, x, w, b: T.batch_norm(x, w, b, T.zeros(4).double(), T.ones(4).double(), False, 0.1, 1e-5, False),
    lambda T, x, w, b: T.instance_norm(x, w, b, None, None, True, 0.1, 1e-5, True),
    lambda T, x, w, b: T.group_norm(x, 2, w, b, 1e-4, False),
    lambda T, x, w, b: T.layer_norm(x, (6,), None, None, 1e-4, True),
], ids=["batch", "batch, running", "instance", "group", "layer"])
def test_normalisation(function):
    check_op([X, (4,), (4,)], function)


@pytest.mark.parametrize("name", ["dropout", "alpha_dropout", "feature_dropout", "feature_alpha_dropout"])
def test_dropout(name):
    def drop(T):
        T.manual_seed(0)
        x, drop = T.ones(X), getattr(T, name)
        return [drop(x, 0.5, True), drop(x, 0.5, False), getattr(T, name + "_")(x, 0.3, True), x]

    check_same(drop)


@pytest.mark.parametrize("function", [
    lambda T, x: T.adaptive_max_pool1d(x, 3), lambda T, x: T.max_pool1d_with_indices(x, 2, padding=1),
    lambda T, x: T.max_pool1d_with_indices(x, [3], [2], ceil_mode=True), lambda T, x: T.max_pool2d(x, 2, (1, 2)),
    lambda T, x: T.conv1d(x, T.ones(1, 4, 2).double()), lambda T, x: T.constant_pad_nd(x, (1, 2), 3.0)],
    ids=["adaptive_max_pool1d", "max_pool1d", "ceil_mode", "max_pool2d", "conv1d", "pad"])
def test_sequences(function):
    check_op([X], function)


def test_conv_tbc():
    check_op([(5, 2, 4), (3, 4, 6), (6,)], lambda T, x, w, b: T.conv_tbc(x, w, b, 1), contiguous=True, second=False)


@pytest.mark.parametrize("mode, padding, align_corners", MODES)
def test_grid_sampler(mode, padding, align_corners):
    check_op([(1, 2, 3, 4), (1, 2, 3, 2)], lambda T, x, grid: T.grid_sampler(x, grid, mode, padding, align_corners),
             second=False)


def test_affine_grid_generator():
    check_op([(2, 2, 3)], lambda T, theta: T.affine_grid_generator(theta, (2, 1, 3, 4), False))


def test_embedding():
    check_op([(5, 3), np.array([[0, 4], [2, 2]])], lambda T, weight, i: T.embedding(weight, i, 2))
    check_op([(5, 3), np.array([[0, 4], [2, 2]])], lambda T, weight, i: T.embedding(weight, i))
    check_op([(5, 3), (5, 2), (4, 3, 2), (4,)], lambda T, x, y, weight, bias: T.bilinear(x, y, weight, bias))


SIGNS = np.array([1.0, -1.0, 1.0])


@pytest.mark.parametrize("reduction", [0, 1, 2])
@pytest.mark.parametrize("function", [
    lambda T, x, y, r: T.cosine_embedding_loss(x, y, T.from_numpy(SIGNS), 0.2, r),
    lambda T, x, y, r: T.hinge_embedding_loss(x[:, 0], T.from_numpy(SIGNS), 0.5, r) + 0 * y.sum(),
    lambda T, x, y, r: T.margin_ranking_loss(x[:, 0], y[:, 0], T.from_numpy(SIGNS), 0.1, r),
    lambda T, x, y, r: T.kl_div(x, y, r, log_target=True),
    lambda T, x, y, r: T.poisson_nll_loss(x, y, True, True, 1e-8, r),
    lambda T, x, y, r: T.triplet_margin_loss(x, y, x * y, 1.0, 2.0, 1e-6, True, r),
    lambda T, x, y, r: T.binary_cross_entropy_with_logits(x, y, None, None, r),
], ids=["cosine", "hinge", "ranking", "kl", "poisson", "triplet", "bce"])
def test_losses(function, reduction):
    check_op([(3, 4), (3, 4)], lambda T, x, y: function(T, x, y, reduction))
