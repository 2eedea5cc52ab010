"""The modules of torch.nn against PyTorch: repr, attributes, state dicts, first values, outputs and gradients."""
import io

import numpy as np
import pytest

import minitorch
from tests.oracle import check_raises, check_same, import_torch

torch = import_torch()

ACTIVATIONS = [
    lambda nn: nn.ReLU(), lambda nn: nn.ReLU(True), lambda nn: nn.RReLU(), lambda nn: nn.RReLU(0.1, 0.2, True),
    lambda nn: nn.Hardtanh(), lambda nn: nn.Hardtanh(-2, 2, True), lambda nn: nn.ReLU6(), lambda nn: nn.ReLU6(True),
    lambda nn: nn.Threshold(0.1, 20), lambda nn: nn.Sigmoid(), lambda nn: nn.Hardsigmoid(), lambda nn: nn.Tanh(),
    lambda nn: nn.SiLU(), lambda nn: nn.SiLU(True), lambda nn: nn.Mish(), lambda nn: nn.Hardswish(True),
    lambda nn: nn.ELU(), lambda nn: nn.ELU(2.0, True), lambda nn: nn.CELU(2.0), lambda nn: nn.SELU(),
    lambda nn: nn.GLU(), lambda nn: nn.GELU(), lambda nn: nn.GELU("tanh"), lambda nn: nn.Hardshrink(),
    lambda nn: nn.Softshrink(0.3), lambda nn: nn.LeakyReLU(), lambda nn: nn.LeakyReLU(0.2, True),
    lambda nn: nn.LogSigmoid(), lambda nn: nn.Softplus(), lambda nn: nn.Softplus(2, 3), lambda nn: nn.PReLU(),
    lambda nn: nn.PReLU(6, 0.1), lambda nn: nn.Softsign(), lambda nn: nn.Tanhshrink(), lambda nn: nn.Softmin(1),
    lambda nn: nn.Softmax(1), lambda nn: nn.LogSoftmax(1)]
ON_ROWS = [  # input (4, 6)
    lambda nn: nn.Identity(3, x=2), lambda nn: nn.Linear(6, 5), lambda nn: nn.Linear(6, 5, bias=False),
    lambda nn: nn.Linear(6, 1), lambda nn: nn.Dropout(), lambda nn: nn.Dropout(0.1, True), lambda nn: nn.Dropout1d(),
    lambda nn: nn.AlphaDropout(), lambda nn: nn.BatchNorm1d(6), lambda nn: nn.BatchNorm1d(6, momentum=None),
    lambda nn: nn.BatchNorm1d(6, affine=False), lambda nn: nn.BatchNorm1d(6, track_running_stats=False),
    lambda nn: nn.BatchNorm1d(6, 1e-3, 0.3, bias=False), lambda nn: nn.InstanceNorm1d(4), lambda nn: nn.LayerNorm(6),
    lambda nn: nn.LayerNorm((4, 6), 1e-3, False), lambda nn: nn.LayerNorm([6], bias=False),
    lambda nn: nn.GroupNorm(2, 6), lambda nn: nn.GroupNorm(2, 6, affine=False),
    lambda nn: nn.GroupNorm(1, 6, bias=False), lambda nn: nn.RMSNorm(6), lambda nn: nn.RMSNorm(6, 1e-3, False),
    lambda nn: nn.Flatten(), lambda nn: nn.Flatten(0), lambda nn: nn.Unflatten(1, (2, 3))]
ON_IMAGES = [  # input (2, 4, 3, 3)
    lambda nn: nn.BatchNorm2d(4), lambda nn: nn.InstanceNorm2d(4),
    lambda nn: nn.InstanceNorm2d(4, affine=True, track_running_stats=True),
    lambda nn: nn.InstanceNorm2d(4, affine=True, bias=False), lambda nn: nn.GroupNorm(2, 4),
    lambda nn: nn.LocalResponseNorm(2, 0.5), lambda nn: nn.Dropout2d(0.3), lambda nn: nn.FeatureAlphaDropout(0.3),
    lambda nn: nn.Softmax2d(), lambda nn: nn.PReLU(4), lambda nn: nn.Flatten(), lambda nn: nn.Flatten(2, 3)]
ON_VOLUMES = [  # input (2, 4, 2, 2, 2)
    lambda nn: nn.BatchNorm3d(4), lambda nn: nn.InstanceNorm3d(4), lambda nn: nn.Dropout3d(0.3)]
LAYERS = ([(make, (4, 6)) for make in ACTIVATIONS + ON_ROWS] + [(make, (2, 4, 3, 3)) for make in ON_IMAGES]
          + [(make, (2, 4, 2, 2, 2)) for make in ON_VOLUMES])
IDS = [f"{make(torch.nn)!r}{len(shape)}d" for make, shape in LAYERS]

ROWS, OTHER = ((4, 6), (4, 6)), ((4, 6), (4, 6), (4, 6))
LOSSES = [  # the module, the shapes of its floating inputs, and its integer targets
    (lambda T: T.nn.L1Loss(), ROWS, None), (lambda T: T.nn.MSELoss(reduction="sum"), ROWS, None),
    (lambda T: T.nn.SmoothL1Loss(beta=0.5), ROWS, None), (lambda T: T.nn.HuberLoss(delta=0.5), ROWS, None),
    (lambda T: T.nn.KLDivLoss(reduction="batchmean"), ROWS, None),
    (lambda T: T.nn.PoissonNLLLoss(full=True), ROWS, None), (lambda T: T.nn.GaussianNLLLoss(full=True), OTHER, None),
    (lambda T: T.nn.BCELoss(T.arange(6.0)), ROWS, None),
    (lambda T: T.nn.BCEWithLogitsLoss(pos_weight=T.arange(6.0)), ROWS, None),
    (lambda T: T.nn.CrossEntropyLoss(), ROWS[:1], [0, 5, 2, 1]),
    (lambda T: T.nn.CrossEntropyLoss(label_smoothing=0.1), ROWS, None),
    (lambda T: T.nn.CrossEntropyLoss(T.arange(6.0), ignore_index=2, reduction="none"), ROWS[:1], [0, 5, 2, 1]),
    (lambda T: T.nn.NLLLoss(T.arange(6.0)), ROWS[:1], [0, 5, 2, 1]),
    (lambda T: T.nn.MultiMarginLoss(2, 0.5), ROWS[:1], [0, 5, 2, 1]),
    (lambda T: T.nn.MultiLabelMarginLoss(), ROWS[:1], [[0, 3, -1, 0, 0, 0]] * 4),
    (lambda T: T.nn.MultiLabelSoftMarginLoss(), ROWS, None),
    (lambda T: T.nn.SoftMarginLoss(), ROWS[:1], [[1, -1, 1, -1, 1, 1]] * 4),
    (lambda T: T.nn.HingeEmbeddingLoss(0.3), ROWS[:1], [1, -1, 1, -1, 1, 1]),
    (lambda T: T.nn.MarginRankingLoss(0.3), ROWS, [[1, -1, 1, -1, 1, 1]]),
    (lambda T: T.nn.CosineEmbeddingLoss(0.3), ROWS, [1, -1, 1, -1]),
    (lambda T: T.nn.TripletMarginLoss(swap=True), OTHER, None),
    (lambda T: T.nn.TripletMarginWithDistanceLoss(margin=0.5), OTHER, None)]


def inputs(T, *shapes):
    """Numbers strictly between 0 and 1, as leaves that require grad."""
    def leaf(i, shape):
        count = T.zeros(shape).numel()
        return ((T.arange(float(count)) * (7 + i)).sin() * 0.45 + 0.5).reshape(shape).requires_grad_()

    return [leaf(i, shape) for i, shape in enumerate(shapes)]


def described(module):
    """Everything that a user can look at: repr, state, public attributes."""
    plain = {name: value for name, value in vars(module).items()
             if name[0] != "_" and isinstance(value, (bool, int, float, str, type(None), tuple))}
    return [repr(module), dict(module.state_dict()), dict(sorted(plain.items()))]


@pytest.mark.parametrize("make, shape", LAYERS, ids=IDS)
def test_layers(make, shape):
    """Two steps in training and one in evaluation; the running statistics and gradients afterwards."""
    def use(T):
        T.manual_seed(1)
        module = make(T.nn)
        first = described(module)
        x, = inputs(T, shape)
        outs = [module((x - 0.5) * 3), module((x - 0.4) * 2)]
        outs.append(module.eval()((x - 0.5) * 3))
        sum((out * out).sum() for out in outs).backward()
        return first, [out.detach() for out in outs], described(module)[1], x.grad,
        [p.grad for p in module.parameters()], T.rand(2)

    check_same(use, rtol=2e-4, atol=2e-5)  # normalisation divides by small numbers


@pytest.mark.parametrize("make, shapes, target", LOSSES,
                         ids=[repr(make(torch)).split("(")[0] + str(i) for i, (make, *_) in enumerate(LOSSES)])
def test_losses(make, shapes, target):
    def use(T):
        loss, xs = make(T), inputs(T, *shapes)
        if type(loss).__name__ in ("MultiMarginLoss", "CrossEntropyLoss", "NLLLoss", "MultiLabelMarginLoss"):
            out = loss(*xs, *([] if target is None else [T.tensor(target)]))
        else:
            out = loss(*xs, *([] if target is None else [T.tensor(target, dtype=T.float32)]))
        out.sum().backward()
        return described(loss), out.detach(), [x.grad for x in xs]

    check_same(use, rtol=1e-4)


@pytest.mark.parametrize("make", [
    lambda nn: nn.Linear(20, 30), lambda nn: nn.Linear(3, 2, dtype=None), lambda nn: nn.Bilinear(3, 4, 5),
    lambda nn: nn.Embedding(10, 3), lambda nn: nn.Embedding(10, 3, padding_idx=-1),
    lambda nn: nn.Embedding(4, 2, max_norm=1.0, norm_type=1.0, sparse=True),
    lambda nn: nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.BatchNorm1d(3), nn.Linear(3, 2))])
def test_the_same_seed_gives_the_same_parameters(make):
    """Bit for bit."""
    def use(T):
        T.manual_seed(11)
        module = make(T.nn)
        return repr(module), {name: x.detach().numpy() for name, x in module.state_dict().items()}, T.rand(1).numpy()

    check_same(use)


def test_linear_with_other_inputs():
    def use(T):
        T.manual_seed(0)
        layer = T.nn.Linear(3, 2)
        return [layer(x).detach() for x in inputs(T, (3,), (5, 3), (2, 5, 3), (0, 3))]

    check_same(use)
    check_raises(lambda T: T.nn.Linear(3, 2)(T.ones(4, 5)),
                 r"mat1 and mat2 shapes cannot be multiplied \(4x5 and 3x2\)")


def test_bilinear_and_distances():
    def use(T):
        T.manual_seed(0)
        x, y = inputs(T, (4, 3), (4, 3))
        modules = [T.nn.Bilinear(3, 3, 2), T.nn.PairwiseDistance(1.0, keepdim=True), T.nn.CosineSimilarity(0)]
        return [module(x, y).detach() for module in modules], [described(module) for module in modules]

    check_same(use)


def test_embedding():
    def use(T):
        T.manual_seed(0)
        table = T.nn.Embedding(6, 3, padding_idx=2)
        out = table(T.tensor([[0, 2], [5, 0]]))
        (out * out).sum().backward()
        pretrained = T.nn.Embedding.from_pretrained(T.arange(6.0).reshape(3, 2))
        return described(table), out.detach(), table.weight.grad, pretrained(T.tensor([2])),
        pretrained.weight.requires_grad

    check_same(use)


@pytest.mark.parametrize("make", [lambda nn: nn.Linear(4, 3), lambda nn: nn.BatchNorm2d(4),
                                  lambda nn: nn.Embedding(4, 3)])
def test_state_dicts_travel(make):
    """Ours loads what torch saved, and torch what we saved."""
    for source, target in (torch, minitorch), (minitorch, torch):
        saved, loaded, file = make(source.nn), make(target.nn), io.BytesIO()
        source.save(saved.state_dict(), file)
        file.seek(0)
        loaded.load_state_dict(target.load(file))
        for name, x in saved.state_dict().items():
            assert np.array_equal(x.numpy(), loaded.state_dict()[name].numpy()), name


@pytest.mark.parametrize("use, match", [
    (lambda T, nn: nn.Dropout(2), "dropout probability has to be between 0 and 1, but got 2"),
    (lambda T, nn: nn.Hardtanh(1, -1), r"max_val \(-1\) must be greater than min_val \(1\)"),
    (lambda T, nn: nn.BatchNorm1d(3)(T.ones(3)), r"expected 2D or 3D input \(got 1D input\)"),
    (lambda T, nn: nn.BatchNorm2d(3)(T.ones(3, 3)), r"expected 4D input \(got 2D input\)"),
    (lambda T, nn: nn.BatchNorm3d(3)(T.ones(3, 3)), r"expected 5D input \(got 2D input\)"),
    (lambda T, nn: nn.BatchNorm1d(3)(T.ones(1, 3)), "Expected more than 1 value per channel when training"),
    (lambda T, nn: nn.BatchNorm1d(3)(T.ones(2, 4)), "running_mean should contain 4 elements not 3"),
    (lambda T, nn: nn.InstanceNorm1d(3)(T.ones(3)), r"expected 2D or 3D input \(got 1D input\)"),
    (lambda T, nn: nn.InstanceNorm2d(3, affine=True)(T.ones(2, 4, 2, 1)),
     r"expected input's size at dim=1 to match num_features \(3\)"),
    (lambda T, nn: nn.GroupNorm(3, 4), r"num_channels \(4\) must be divisible by num_groups \(3\)"),
    (lambda T, nn: nn.Embedding(3, 4, padding_idx=3), "Padding_idx must be within num_embeddings"),
    (lambda T, nn: nn.Embedding(3, 4, _weight=T.ones(2, 2)), "Shape of weight does not match"),
    (lambda T, nn: nn.Embedding.from_pretrained(T.ones(3)), "Embeddings parameter is expected to be 2-dimensional"),
    (lambda T, nn: nn.Unflatten(1, 3), "unflattened_size must be a tuple of ints, but found type int"),
    (lambda T, nn: nn.Softmax2d()(T.ones(2, 3)), "Softmax2d: expected input to be 3D or 4D, got 2D instead"),
    (lambda T, nn: nn.TripletMarginLoss(margin=0), "TripletMarginLoss: expected margin to be greater than 0"),
    (lambda T, nn: nn.MultiMarginLoss(p=3), "only p == 1 and p == 2 supported"),
    (lambda T, nn: nn.Bilinear(0, 1, 1), "in1_features must be > 0"),
])
def test_errors(use, match):
    check_raises(lambda T: use(T, T.nn), match)


def test_warnings():
    def sizes(T):
        with pytest.warns(UserWarning, match="input's size at dim=1 does not match num_features"):
            return T.nn.InstanceNorm1d(3)(T.arange(16.0).reshape(2, 4, 2))

    def old_names(T):
        with pytest.warns(UserWarning, match="please use reduction='sum' instead"):
            return T.nn.MSELoss(size_average=False).reduction

    def no_dim(T):
        with pytest.warns(UserWarning, match="Implicit dimension choice for softmax"):
            return T.nn.Softmax()(T.ones(2, 3))

    for use in (sizes, old_names, no_dim):
        check_same(use)
