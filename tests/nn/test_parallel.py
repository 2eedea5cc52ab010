"""Names for several devices, or for another implementation, that mean the ordinary thing on one CPU."""
import pytest

import minitorch
from minitorch import nn
from minitorch.nn.attention import SDPBackend, sdpa_kernel
from tests.oracle import check_raises, check_same


def test_data_parallel():
    def run(T):
        T.manual_seed(0)
        model = T.nn.DataParallel(T.nn.Linear(2, 3))
        return repr(model), dict(model.state_dict()), model(T.ones(4, 2)), model.device_ids

    check_same(run)
    layer, x = nn.Bilinear(2, 2, 1), minitorch.ones(1, 2)
    assert minitorch.equal(nn.parallel.data_parallel(layer, (x, x)), layer(x, x))  # without GPUs torch raises here
    assert minitorch.equal(nn.parallel.data_parallel(layer, x, module_kwargs={"input2": x}), layer(x, x))


def test_sync_batch_norm():
    def run(T):
        T.manual_seed(0)
        model = T.nn.Sequential(T.nn.BatchNorm2d(3, momentum=None), T.nn.Sequential(T.nn.BatchNorm1d(2, affine=False)))
        twin = T.nn.SyncBatchNorm.convert_sync_batchnorm(model.eval())
        layer = T.nn.SyncBatchNorm(3, 1e-3)
        shared = twin is model and twin[0].weight is model[0].weight
        return repr(twin), twin[0].training, shared, dict(twin.state_dict()), layer(T.rand(4, 3)), layer.running_mean

    check_same(run, rtol=1e-5)
    check_raises(lambda T: T.nn.SyncBatchNorm(3)(T.ones(3)), r"at least 2D input \(got 1D input\)")


def test_choosing_a_backend_of_attention():
    x = minitorch.eye(2)
    with sdpa_kernel([SDPBackend.MATH, SDPBackend.FLASH_ATTENTION], set_priority=True):
        chosen = nn.functional.scaled_dot_product_attention(x, x, x)
    assert minitorch.equal(chosen, nn.functional.scaled_dot_product_attention(x, x, x))
    check_same(lambda T: [(backend.name, backend.value) for backend in (SDPBackend if T is minitorch else list(
        __import__("torch.nn.attention").nn.attention.SDPBackend.__members__.values()))])
    with pytest.raises(AssertionError, match="instance of SDPBackend or a list of SDPBackend instances, got int"):
        with sdpa_kernel(3):
            pass


@pytest.mark.parametrize("make", [
    lambda nn: (nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4)),
    lambda nn: (nn.Conv1d(2, 4, 3), nn.BatchNorm1d(4, affine=False)),
    lambda nn: (nn.ConvTranspose2d(2, 4, 3), nn.BatchNorm2d(4, bias=False)),
    lambda nn: (nn.Linear(3, 4), nn.BatchNorm1d(4)),
], ids=range(4))
def test_fusing_with_batch_norm(make):
    def run(T):
        T.manual_seed(0)
        layer, norm = make(T.nn)
        for parameter in norm.parameters():
            T.nn.init.uniform_(parameter)
        x = T.rand({4: (3, 2, 5, 5), 3: (3, 2, 5), 2: (4, 3)}[layer.weight.dim()])
        norm(layer(x))
        layer.eval(), norm.eval()
        if isinstance(layer, T.nn.Linear):
            fused = T.nn.utils.fuse_linear_bn_eval(layer, norm)
        else:
            fused = T.nn.utils.fuse_conv_bn_eval(layer, norm, isinstance(layer, T.nn.ConvTranspose2d))
        assert T.allclose(fused(x), norm(layer(x)), atol=1e-5)
        return repr(fused), dict(fused.state_dict()), [p.requires_grad for p in fused.parameters()]

    check_same(run, rtol=1e-5)


@pytest.mark.parametrize("make, match", [
    (lambda nn: (nn.Linear(2, 3), nn.BatchNorm1d(3).eval()), "Fusion only for eval!"),
    (lambda nn: (nn.Linear(2, 3).eval(), nn.BatchNorm1d(2).eval()), "linear.out_features=3 and bn.num_features=2"),
    (lambda nn: (nn.Linear(2, 3).eval(), nn.BatchNorm1d(3, track_running_stats=False).eval()), "must not be None"),
], ids=range(3))
def test_what_cannot_be_fused(make, match):
    check_raises(lambda T: T.nn.utils.fuse_linear_bn_eval(*make(T.nn)), match)


def test_replacing_a_module():
    def run(T):
        model = T.nn.Sequential(T.nn.Linear(1, 1), T.nn.Sequential(T.nn.ReLU()))
        model.set_submodule("1.0", T.nn.Tanh(), strict=True)
        model.set_submodule("1.more", T.nn.Flatten())
        return repr(model)

    check_same(run)
    model = lambda T: T.nn.Sequential(T.nn.Linear(1, 1))
    check_raises(lambda T: model(T).set_submodule("", T.nn.Tanh()), "without a target name")
    check_raises(lambda T: model(T).set_submodule("0", 3), "is not an nn.Module, found <class 'int'>")
    check_raises(lambda T: model(T).set_submodule("3.0", T.nn.Tanh()), "Sequential has no attribute `3`")
    check_raises(lambda T: model(T).set_submodule("3", T.nn.Tanh(), strict=True), "Sequential has no attribute `3`")
    check_raises(lambda T: model(T).set_submodule("0.weight", T.nn.Tanh()), "`weight` is not an nn.Module")


def test_moving_without_the_numbers():
    layer = nn.Sequential(nn.BatchNorm1d(2).double())
    before = dict(layer.named_parameters()), layer[0].weight.data
    assert layer.to_empty(device="cpu") is layer
    assert all(one is two for one, two in zip(before[0].values(), layer.parameters(), strict=True))
    before[1].fill_(7)
    assert layer[0].weight.dtype == minitorch.float64 and not (layer[0].weight == 7).all()
