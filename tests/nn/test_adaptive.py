"""AdaptiveLogSoftmaxWithLoss and LinearCrossEntropyLoss, losses with layers of their own, against PyTorch."""
import pytest

from tests.oracle import check_raises, check_same


def adaptive(T, *cutoffs, **options):
    T.manual_seed(0)
    return T.nn.AdaptiveLogSoftmaxWithLoss(16, 50, cutoffs, dtype=T.float64, **options)


@pytest.mark.parametrize("options", [{"div_value": 1.5}, {"div_value": 2.0, "head_bias": True}], ids=str)
def test_adaptive_softmax(options):
    def run(T):
        layer, x = adaptive(T, 5, 12, 30, **options), T.randn(6, 16, dtype=T.float64, requires_grad=True)
        targets = T.tensor([0, 29, 5, 4, 6, 11])  # none in the last cluster
        output, loss = layer(x, targets)
        loss.backward()
        layer.reset_parameters()
        one = layer(x[0], targets[0])
        return [repr(layer), list(layer.state_dict()), output, loss, x.grad, layer.head.weight.grad,
                layer.tail[0][1].weight.grad, layer.log_prob(x), layer.predict(x), tuple(one)]

    check_same(run)


def test_prediction_within_the_head():
    def run(T):
        layer = adaptive(T, 5, head_bias=True)
        layer.head.bias.data[:5] += 100
        return layer.predict(T.ones(2, 16, dtype=T.float64))

    check_same(run)


@pytest.mark.parametrize("input, target, message", [
    ((2, 16), [0, 50], r"Target values should be in \[0, 49\], but values in range \[0, 50\] were found."),
    ((2, 16), [0], "Input and target should have the same size in the batch dimension."),
    ((2, 16), 0, "0D target tensor expects 1D input tensors"),
    ((2, 16), [[0], [0]], "0D or 1D target tensor expected, multi-target not supported"),
])
def test_bad_targets(input, target, message):
    check_raises(lambda T: adaptive(T, 5)(T.zeros(input, dtype=T.float64), T.tensor(target)), message)


@pytest.mark.parametrize("cutoffs", [[], [3, 2], [2, 2], [0, 3], [50], [2.5]])
def test_bad_cutoffs(cutoffs):
    check_raises(lambda T: adaptive(T, *cutoffs), "cutoffs should be a sequence of")


def test_linear_cross_entropy_loss():
    def run(T):
        T.manual_seed(0)
        loss = T.nn.LinearCrossEntropyLoss(5, 10, out_features=(4, 3), bias=True, label_smoothing=0.1)
        value = loss(T.randn(2, 5), T.randint(0, 10, (2, 4, 3)))
        value.backward()
        return repr(loss), list(loss.state_dict()), value, loss.linear.weight.grad, loss.linear.bias.grad

    check_same(run)
    check_raises(lambda T: T.nn.LinearCrossEntropyLoss(5, 10, label_smoothing=2), "label_smoothing to be in range")
    check_raises(lambda T: T.nn.LinearCrossEntropyLoss(5, 10, weight=T.ones(3)), "expected weight shape to be")
