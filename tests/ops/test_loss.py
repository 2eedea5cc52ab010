"""The losses of torch.nn.functional against PyTorch."""
import numpy as np
import pytest

import minitorch
from tests.oracle import check_op, check_raises, check_same

REDUCTIONS = ["mean", "sum", "none"]
# input: target
INDICES = {(6,): (), (4, 6): (4,), (2, 6, 3): (2, 3), (2, 6, 3, 2): (2, 3, 2), (2, 6, 1, 3, 2): (2, 1, 3, 2)}
WEIGHT = np.array([0.5, 2.0, 1.0, 0.1, 3.0, 0.7])


def targets(shape, ignored=None):
    """Class indices below 6; one of them `ignored`."""
    t = np.random.default_rng(1).integers(0, 6, INDICES[shape])
    if ignored is not None and t.ndim:
        t[(0,) * t.ndim] = ignored
    return t


def F(T):
    return T.nn.functional


# -------------------------------------------------------------------------------------------------- classification


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", INDICES)
def test_nll_loss(shape, reduction):
    contiguous = len(shape) == 4  # torch's gradient for images wants that
    check_op([shape, targets(shape)], lambda T, x, t: F(T).nll_loss(x, t, reduction=reduction), contiguous=contiguous)
    check_op([shape, targets(shape, -100), WEIGHT], lambda T, x, t, w: F(T).nll_loss(x, t, w, reduction=reduction),
             grad=[True, False, False], contiguous=contiguous)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", INDICES)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy(shape, reduction, smoothing):
    options = {"reduction": reduction, "label_smoothing": smoothing}
    check_op([shape, targets(shape)], lambda T, x, t: F(T).cross_entropy(x, t, **options))
    check_op([shape, targets(shape, 3), WEIGHT],
             lambda T, x, t, w: F(T).cross_entropy(x, t, w, ignore_index=3, **options), grad=[True, False, False])


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", INDICES)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_with_probabilities(shape, reduction, smoothing):
    options = {"reduction": reduction, "label_smoothing": smoothing}
    check_op([shape, shape], lambda T, x, p: F(T).cross_entropy(x, p, **options))
    check_op([shape, shape, WEIGHT], lambda T, x, p, w: F(T).cross_entropy(x, p, w, **options),
             grad=[True, True, False])


def test_cross_entropy_in_other_dtypes():
    check_op([(4, 6), targets((4, 6))], lambda T, x, t: F(T).cross_entropy(x, t), dtype=["float32", "int64"],
             second=False)
    check_op([(4, 6), targets((4, 6)).astype(np.uint8)], lambda T, x, t: F(T).cross_entropy(x, t))


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cross_entropy_of_nothing(reduction):
    """An empty batch, and one of which all is ignored: the mean is NaN, the sum 0."""
    check_op([(0, 6), np.zeros(0, int)], lambda T, x, t: F(T).cross_entropy(x, t, reduction=reduction), second=False)
    check_op([(2, 6), np.full(2, -100)], lambda T, x, t: F(T).cross_entropy(x, t, reduction=reduction), second=False)


def test_an_ignored_infinity_does_not_count():
    x = np.array([[-np.inf, 0.0], [0.5, 0.5]])
    check_op([x, np.array([-100, 1])], lambda T, x, t: F(T).nll_loss(x, t), second=False)


def test_one_target_for_one_dimension():
    # in torch the gradient raises
    check_op([(6,), np.array([2])], lambda T, x, t: F(T).cross_entropy(x, t), grad=False)


@pytest.mark.parametrize("input, target, match", [
    ((4, 6), [0, 10, 1, 2], "Target 10 is out of bounds."),
    ((4, 6), [0, -1, 1, 2], "Target -1 is out of bounds."),
    ((4, 6), [0, 1, 1], r"Expected input batch_size \(4\) to match target batch_size \(3\)."),
    ((4, 6), [[0, 1, 1, 2]], r"Expected input batch_size \(4\) to match target batch_size \(1\)."),
    ((2, 3, 4), [[0] * 5] * 2, r"Expected target size \[2, 4\], got \[2, 5\]"),
    ((4, 6), [0.0, 1.0, 1.0, 2.0], "expected target dtype to be Long or Byte, but got Float"),
    ((), 0, "Expected floating point type for target with class probabilities, got Long"),
])
def test_wrong_targets(input, target, match):
    check_raises(lambda T: F(T).cross_entropy(T.zeros(input), T.tensor(target)), match)


@pytest.mark.parametrize("options, match", [
    ({"weight": 5}, "weight tensor should be defined either for all 6 classes or no classes"),
    ({"reduction": "average"}, "average is not a valid value for reduction"),
    ({"label_smoothing": 2.0}, "label_smoothing must be between 0.0 and 1.0"),
])
def test_wrong_options(options, match):
    def use(T):
        given = {**options, "weight": T.ones(options["weight"])} if "weight" in options else options
        return F(T).cross_entropy(T.zeros(4, 6), T.zeros(4, dtype=T.int64), **given)

    check_raises(use, match)


def test_other_wrong_classification():
    check_raises(lambda T: F(T).cross_entropy(T.zeros(4, 6), T.zeros(4, 6), ignore_index=2),
                 "ignore_index is not supported")
    check_raises(lambda T: F(T).nll_loss(T.zeros(4, 6), T.zeros(4, 6).long()), "multi-target not supported")
    check_raises(lambda T: F(T).nll_loss(T.tensor(1.0), T.tensor(0)), "Expected 1 or more dimensions")
    check_raises(lambda T: F(T).cross_entropy(T.tensor([[1, 2]]), T.tensor([0])), "not implemented for 'Long'")


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_cross_entropy(reduction):
    probabilities = {"low": 0.01, "high": 0.99}
    check_op([(4, 3), (4, 3)], lambda T, x, t: F(T).binary_cross_entropy(x, t, reduction=reduction), **probabilities)
    check_op([(4, 3), (4, 3), (3,)], lambda T, x, t, w: F(T).binary_cross_entropy(x, t, w, reduction=reduction),
             grad=[True, True, False], **probabilities)


def test_binary_cross_entropy_at_the_bounds():
    x, t = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.0, 1.0])
    check_op([x, t], lambda T, x, t: F(T).binary_cross_entropy(x, t, reduction="none"), grad=[True, False],
             second=False, rtol=1e-8)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_cross_entropy_with_logits(reduction):
    check_op([(4, 3), (4, 3)], lambda T, x, t: F(T).binary_cross_entropy_with_logits(x, t, reduction=reduction), low=-6,
             high=6)
    check_op([(4, 3), (4, 3), (3,), (3,)], lambda T, x, t, w, p: F(T).binary_cross_entropy_with_logits(
        x, t, w, pos_weight=p, reduction=reduction), grad=[True, True, False, False], low=0.1)
    x = np.array([100.0, -100.0, 1000.0])
    check_op([x, np.array([0.0, 1.0, 1.0])],
             lambda T, x, t: F(T).binary_cross_entropy_with_logits(x, t, reduction=reduction))


def test_wrong_binary_targets():
    for name in ("binary_cross_entropy", "binary_cross_entropy_with_logits"):
        check_raises(lambda T: getattr(F(T), name)(T.ones(4, 1), T.ones(4)), r"size \(torch.Size\(\[4\]\)\)")
    check_raises(lambda T: F(T).binary_cross_entropy(T.tensor([1.5]), T.ones(1)),
                 "all elements of input should be between 0 and 1")
    check_raises(lambda T: F(T).binary_cross_entropy(T.tensor([0.5]), T.tensor([1])),
                 "Found dtype Long but expected Float")
    check_raises(lambda T: F(T).binary_cross_entropy_with_logits(T.zeros(1), T.tensor([1])),
                 "result type Float can't be cast")


@pytest.mark.parametrize("reduction", ["batchmean", "sum", "none"])
def test_kl_div(reduction):
    check_op([(4, 3), (4, 3)], lambda T, x, t: F(T).kl_div(x, t, reduction=reduction), low=0.1)
    check_op([(4, 3), (4, 3)], lambda T, x, t: F(T).kl_div(x, t, reduction=reduction, log_target=True))


def test_kl_div_mean_warns():
    def use(T):
        with pytest.warns(UserWarning, match="'batchmean' divides only by the batch size"):
            return F(T).kl_div(T.tensor([[0.5, 0.1]]), T.tensor([[0.4, 0.0]]))

    check_same(use)


# ------------------------------------------------------------------------------------------------------- regression


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name, options", [
    ("mse_loss", {}), ("l1_loss", {}), ("smooth_l1_loss", {}), ("smooth_l1_loss", {"beta": 0.3}),
    ("smooth_l1_loss", {"beta": 0}), ("huber_loss", {}), ("huber_loss", {"delta": 0.6})], ids=str)
def test_regression(name, options, reduction):
    check_op([(3, 4), (3, 4)], lambda T, x, t: getattr(F(T), name)(x, t, reduction=reduction, **options))
    check_op([(), ()], lambda T, x, t: getattr(F(T), name)(x, t, reduction=reduction, **options))
    check_op([(0, 2), (0, 2)], lambda T, x, t: getattr(F(T), name)(x, t, reduction=reduction, **options))


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_regression_with_weights(name, reduction):
    check_op([(3, 4), (3, 4), (3, 4)], lambda T, x, t, w: getattr(F(T), name)(x, t, weight=w, reduction=reduction),
             grad=[True, True, False], low=0.1)
    check_raises(lambda T: getattr(F(T), name)(T.ones(2), T.ones(2), weight=T.ones(3)),
                 "Weights and input must have the same size")


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"])
def test_a_target_of_another_shape_warns(name):
    def use(T):
        with pytest.warns(UserWarning, match=r"Using a target size \(torch.Size\(\[4\]\)\) that is different to"):
            return getattr(F(T), name)(T.arange(4.0).reshape(4, 1), T.ones(4))

    check_same(use)


def test_wrong_regression():
    check_raises(lambda T: F(T).mse_loss(T.tensor([1, 2]), T.tensor([2, 3])), '"mse_cpu" not implemented for')
    check_raises(lambda T: F(T).l1_loss(T.tensor([1, 2]), T.tensor([2, 3])), "could not infer output dtype")
    check_raises(lambda T: F(T).smooth_l1_loss(T.ones(2), T.ones(2), beta=-1),
                 "does not support negative values for beta")
    check_raises(lambda T: F(T).huber_loss(T.ones(2), T.ones(2), delta=0),
                 "does not support non-positive values for delta")
    check_raises(lambda T: F(T).mse_loss(T.ones(2), T.ones(2), reduction="x"), "x is not a valid value for reduction")


@pytest.mark.parametrize("old, new", [
    ({"size_average": False}, "sum"), ({"reduce": False}, "none"), ({"size_average": True}, "mean"),
    ({"reduce": True}, "mean")], ids=str)
def test_the_old_names_of_reduction(old, new):
    def use(T):
        with pytest.warns(UserWarning, match=f"please use reduction='{new}' instead"):
            return F(T).mse_loss(T.tensor([1.0, 2.0]), T.zeros(2), **old)

    check_same(use)


def test_float64_targets_widen():
    check_op([(3,), (3,)], lambda T, x, t: F(T).mse_loss(x, t), dtype=["float32", "float64"], second=False)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("options", [{}, {"log_input": False}, {"full": True}], ids=str)
def test_poisson_nll_loss(options, reduction):
    check_op([(3, 4), (3, 4)], lambda T, x, t: F(T).poisson_nll_loss(x, t, reduction=reduction, **options), low=0.1,
             high=3.0, grad=[True, False])


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("shape", [(3, 4), (3, 1), (3,)])
def test_gaussian_nll_loss(shape, full):
    check_op([(3, 4), (3, 4), shape], lambda T, x, t, v: F(T).gaussian_nll_loss(x, t, v, full=full, eps=0.3), low=0.1)
    check_raises(lambda T: F(T).gaussian_nll_loss(T.ones(2, 4), T.ones(2, 4), T.ones(3)), "var is of incorrect size")
    check_raises(lambda T: F(T).gaussian_nll_loss(T.ones(2), T.ones(2), -T.ones(2)), "var has negative entry")


# ---------------------------------------------------------------------------------------------------------- margins
SIGNS = np.array([1.0, -1.0, 1.0, -1.0])


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_margins(reduction):
    no_target = {"grad": [True, False]}
    check_op([(3, 4), SIGNS], lambda T, x, t: F(T).hinge_embedding_loss(x, t, 0.8, reduction=reduction), **no_target)
    check_op([(3, 4), SIGNS], lambda T, x, t: F(T).soft_margin_loss(x, t.expand(3, 4), reduction=reduction),
             **no_target)
    check_op([(3, 4), (3, 4), (3, 4)], lambda T, a, b, t: F(T).margin_ranking_loss(a, b, t.sign(), 0.2,
                                                                                   reduction=reduction),
             grad=[True, True, False])
    check_op([(4, 3), (4, 3), SIGNS], lambda T, a, b, t: F(T).cosine_embedding_loss(a, b, t, -0.5, reduction=reduction),
             grad=[True, True, False])
    check_op([(4, 3), (4, 3)], lambda T, x, t: F(T).multilabel_soft_margin_loss(x, t, reduction=reduction))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("p", [1, 2])
def test_multi_margin_loss(p, reduction):
    for shape in ((4, 6), (6,)):
        check_op([shape, targets(shape)], lambda T, x, t: F(T).multi_margin_loss(x, t, p, 0.5, reduction=reduction),
                 second=False)
    check_op([(4, 6), targets((4, 6)), WEIGHT],
             lambda T, x, t, w: F(T).multi_margin_loss(x, t, p, weight=w, reduction=reduction),
             grad=[True, False, False], second=False)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("labels", [[0, 2, -1, 1], [-1, 0, 1, 2], [3, 1, 2, 0], [1, 1, -1, -1]])
def test_multilabel_margin_loss(labels, reduction):
    check_op([(2, 4), np.array([labels, [3, -1, -1, -1]])],
             lambda T, x, t: F(T).multilabel_margin_loss(x, t, reduction=reduction), second=False)
    check_op([(4,), np.array(labels)], lambda T, x, t: F(T).multilabel_margin_loss(x, t, reduction=reduction),
             second=False)


@pytest.mark.parametrize("options", [{}, {"p": 1, "margin": 0.3}, {"swap": True}, {"reduction": "none"}], ids=str)
def test_triplet_margin_loss(options):
    check_op([(5, 3)] * 3, lambda T, a, p, n: F(T).triplet_margin_loss(a, p, n, **options))


def test_triplet_margin_with_distance_loss():
    check_op([(5, 3)] * 3, lambda T, a, p, n: F(T).triplet_margin_with_distance_loss(a, p, n))
    check_op([(5, 3)] * 3, lambda T, a, p, n: F(T).triplet_margin_with_distance_loss(
        a, p, n, distance_function=lambda x, y: (x - y).abs().sum(-1), swap=True, reduction="sum"))
    check_raises(lambda T: F(T).triplet_margin_loss(T.ones(2, 2), T.ones(2, 2), T.ones(2, 2), margin=0),
                 "greater than 0")


@pytest.mark.parametrize("shape, dim", [((4, 3), 1), ((4, 3), 0), ((2, 3, 4), -1), ((3,), 0)])
def test_cosine_similarity(shape, dim):
    check_op([shape, shape], lambda T, a, b: T.cosine_similarity(a, b, dim))
    check_op([shape, np.zeros(shape)], lambda T, a, b: T.cosine_similarity(a, b, dim), second=False)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, np.inf])
def test_pairwise_distance(p):
    check_op([(4, 3), (4, 3)], lambda T, a, b: T.pairwise_distance(a, b, p))
    check_op([(4, 3), (3,)], lambda T, a, b: T.pairwise_distance(a, b, p, keepdim=True))


def test_the_names_of_nodes():
    def names(T):
        x, p = T.zeros(4, 6, requires_grad=True), T.full((4, 6), 0.5)
        t = T.zeros(4, dtype=T.int64)
        losses = [F(T).cross_entropy(x, t), F(T).cross_entropy(x, p),
                  F(T).nll_loss(x[None], t[None][:, :1].expand(1, 6)), F(T).mse_loss(x, p), F(T).l1_loss(x, p),
                  F(T).smooth_l1_loss(x, p), F(T).huber_loss(x, p), F(T).binary_cross_entropy(x, p),
                  F(T).binary_cross_entropy_with_logits(x, p), F(T).kl_div(x, p, reduction="sum"),
                  F(T).soft_margin_loss(x, p), F(T).multi_margin_loss(x, t), F(T).pairwise_distance(x, p)]
        return [loss.grad_fn.name() for loss in losses]

    check_same(names)


def test_a_wrong_target_never_reaches_the_kernel():
    with pytest.raises(IndexError, match="Target 6 is out of bounds"):
        minitorch.nn.functional.cross_entropy(minitorch.zeros(2, 6), minitorch.tensor([6, -100]))
