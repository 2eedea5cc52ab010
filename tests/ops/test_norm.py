"""Normalisation against PyTorch."""
import numpy as np
import pytest

import minitorch as T
from tests.oracle import check_op, check_raises, check_same

SHAPES = [(5, 3), (2, 3, 4), (2, 3, 4, 2), (2, 3, 2, 2, 2)]
VARIANCE = np.array([0.5, 1.5, 2.0])


def F(T):
    return T.nn.functional


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm(shape):
    check_op([shape, (3,), (3,)], lambda T, x, w, b: F(T).batch_norm(x, None, None, w, b, training=True, eps=1e-3),
             rtol=1e-7)
    check_op([shape, (3,), VARIANCE, (3,), (3,)], lambda T, x, m, v, w, b: F(T).batch_norm(x, m, v, w, b),
             grad=[True, False, False, True, True])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("momentum", [0.1, 0.7])
def test_running_statistics(shape, momentum):
    def use(T, x, mean, var):
        mean, var = mean.clone(), var.clone()
        F(T).batch_norm(x, mean, var, training=True, momentum=momentum)
        return mean, var

    for dtype in ("float64", "float32"):
        check_op([shape, (3,), VARIANCE.astype(dtype)], use, grad=False, dtype=dtype)


def test_writing_the_statistics_is_counted():
    """An operation that saved the old running mean notices the update."""
    mean, scale = T.zeros(3), T.ones(3, requires_grad=True)
    y = mean * scale
    F(T).batch_norm(T.ones(2, 3), mean, T.ones(3), training=True)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


@pytest.mark.parametrize("shape, normalized", [((4, 6), (6,)), ((2, 3, 4), (3, 4)), ((5,), (5,)), ((0, 3), (3,)),
                                               ((2, 0), (0,))])
def test_layer_norm(shape, normalized):
    second = normalized != (0,)
    check_op([shape, normalized, normalized], lambda T, x, w, b: F(T).layer_norm(x, normalized, w, b, 1e-3), rtol=1e-7,
             second=second)
    check_op([shape], lambda T, x: F(T).layer_norm(x, normalized), rtol=1e-6, second=second)


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("shape", [(3, 4), (2, 4, 3), (2, 4, 3, 2)])
def test_group_norm(shape, groups):
    if len(shape) > 2 or groups < 4:
        check_op([shape, (4,), (4,)], lambda T, x, w, b: F(T).group_norm(x, groups, w, b, 1e-3), rtol=1e-7)
    check_op([shape], lambda T, x: F(T).group_norm(x, groups), rtol=1e-5, atol=1e-9, second=False)


@pytest.mark.parametrize("shape", SHAPES[1:])
def test_instance_norm(shape):
    check_op([shape, (3,), (3,)], lambda T, x, w, b: F(T).instance_norm(x, None, None, w, b, eps=1e-3), rtol=1e-7)
    check_op([shape, (3,), VARIANCE], lambda T, x, m, v: F(T).instance_norm(x, m, v, use_input_stats=False),
             grad=[True, False, False])

    def running(T, x, mean, var):
        mean, var = mean.clone(), var.clone()
        F(T).instance_norm(x, mean, var, momentum=0.3)
        return mean, var

    check_op([shape, (3,), VARIANCE], running, grad=False)


@pytest.mark.parametrize("eps", [None, 0.1])
@pytest.mark.parametrize("shape, normalized", [((4, 6), (6,)), ((2, 3, 4), (3, 4)), ((5,), (5,))])
def test_rms_norm(shape, normalized, eps):
    check_op([shape, normalized], lambda T, x, w: F(T).rms_norm(x, normalized, w, eps))
    check_op([shape], lambda T, x: F(T).rms_norm(x, normalized, eps=eps), dtype="float32", second=False)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_normalize(p, dim):
    check_op([(3, 4, 2)], lambda T, x: F(T).normalize(x, p, dim))


def test_normalize_of_zeros():
    check_op([np.zeros((2, 3))], lambda T, x: F(T).normalize(x), second=False)


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("shape", [(2, 4, 3), (2, 4, 3, 2)])
def test_local_response_norm(shape, size):
    check_op([shape], lambda T, x: F(T).local_response_norm(x, size, alpha=0.5, beta=0.6, k=1.2))


def test_third_gradients():
    """Against the formula: the third gradient of PyTorch 2.13's layer_norm itself takes mean and variance for
    constants.
    """
    def formula(x):
        centred = x - x.mean(1, keepdim=True)
        return centred / ((centred * centred).mean(1, keepdim=True) + 0.01).sqrt()

    def use(T, x, weight, norm):
        g, = T.autograd.grad((norm(x) ** 3 * weight).sum(), x, create_graph=True)
        return (g * g * weight).sum()

    check_op([(3, 4), (3, 4)], lambda T, x, w: use(T, x, w, formula),
             lambda T, x, w: use(T, x, w, lambda x: F(T).layer_norm(x, (4,), eps=0.01)))


@pytest.mark.parametrize("name", ["batch", "layer", "group"])
def test_float16_computes_in_float32(name):
    def use(T, x):
        return {"batch": lambda: F(T).batch_norm(x, None, None, training=True),
                "layer": lambda: F(T).layer_norm(x, (40,)), "group": lambda: F(T).group_norm(x, 2)}[name]()

    check_op([(6, 40)], use, dtype="float16", low=20.0, high=60.0, second=False, rtol=5e-3, atol=5e-3)


def test_float32():
    check_op([(8, 3, 5)], lambda T, x: F(T).batch_norm(x, None, None, training=True), dtype="float32", second=False,
             rtol=1e-4)
    check_op([(8, 30)], lambda T, x: F(T).layer_norm(x, (30,)), dtype="float32", second=False, rtol=1e-4)


def test_nan_stays_in_its_row():
    check_op([np.array([[1.0, np.nan], [1.0, 3.0]])], lambda T, x: F(T).layer_norm(x, (2,)), second=False, rtol=1e-6)


def test_the_names_of_nodes():
    def names(T):
        x = T.ones(2, 4, 3, requires_grad=True)
        outs = [F(T).batch_norm(x, None, None, training=True), F(T).batch_norm(x, T.zeros(4), T.ones(4)),
                F(T).layer_norm(x, (3,)), F(T).group_norm(x, 2, T.ones(4)), F(T).rms_norm(x, (3,)), F(T).normalize(x)]
        return [out.grad_fn.name() for out in outs]

    check_same(names)


@pytest.mark.parametrize("use, match", [
    (lambda T: F(T).batch_norm(T.ones(1, 3), None, None, training=True),
     r"Expected more than 1 value per channel when training, got input size torch.Size\(\[1, 3\]\)"),
    (lambda T: F(T).batch_norm(T.ones(2, 3), None, None), "running_mean must be defined in evaluation mode"),
    (lambda T: F(T).batch_norm(T.ones(2, 3), T.ones(2), T.ones(3)), "running_mean should contain 3 elements not 2"),
    (lambda T: F(T).batch_norm(T.ones(2, 3), T.ones(3), T.ones(3), T.ones(2)),
     "weight should contain 3 elements not 2"),
    (lambda T: F(T).batch_norm(T.ones(3), None, None, training=True), "Dimension out of range"),
    (lambda T: F(T).instance_norm(T.ones(2, 3, 1)), "Expected more than 1 spatial element when training"),
    (lambda T: F(T).layer_norm(T.ones(2, 4), (3,)),
     r"Given normalized_shape=\[3\], expected input with shape \[\*, 3\], but got input of size\[2, 4\]"),
    (lambda T: F(T).layer_norm(T.ones(2, 3), (3,), T.ones(2)),
     "Expected weight to be of same shape as normalized_shape"),
    (lambda T: F(T).layer_norm(T.ones(2, 3), ()), "Expected normalized_shape to be at least 1-dimensional"),
    (lambda T: F(T).rms_norm(T.ones(2, 4), (3,)), r"Given normalized_shape=\[3\]"),
    (lambda T: F(T).group_norm(T.ones(2, 4), 3), "Expected number of channels in input to be divisible by num_groups"),
    (lambda T: F(T).group_norm(T.ones(2, 4), 2, T.ones(3)),
     "Expected weight to be a vector of size equal to the number of channels"),
    (lambda T: F(T).group_norm(T.ones(4), 2), "Expected at least 2 dimensions for input tensor but received 1"),
    (lambda T: F(T).group_norm(T.ones(1, 4), 4), "Expected more than 1 value per channel when training"),
    (lambda T: F(T).local_response_norm(T.ones(2, 3), 2), "Expected 3D or higher dimensionality"),
])
def test_errors(use, match):
    check_raises(use, match)
