"""Pooling layers against PyTorch."""
import pytest

from tests.oracle import check_raises, check_same


@pytest.mark.parametrize("name, args, options", [
    ("MaxPool1d", (3, 2), {}), ("MaxPool1d", (3,), {"return_indices": True}), ("MaxPool2d", (2,), {}),
    ("MaxPool2d", ((2, 3), 2, 1, 2, True, True), {}), ("AvgPool1d", (2,), {}),
    ("AvgPool1d", (3, (2,), 1, True, False), {}), ("AvgPool2d", (2,), {}),
    ("AvgPool2d", ((2, 3), 1, 1, True, False, 3), {}), ("AdaptiveAvgPool1d", (3,), {}),
    ("AdaptiveAvgPool2d", (1,), {}), ("AdaptiveAvgPool2d", ((2, None),), {}), ("AdaptiveMaxPool1d", (3, True), {}),
    ("AdaptiveMaxPool2d", ((3, 2),), {"return_indices": True}), ("AdaptiveMaxPool2d", (3,), {}),
    ("MaxPool3d", (2, 1, 1), {}), ("AvgPool3d", ((1, 2, 2),), {"divisor_override": 3}), ("AdaptiveAvgPool3d", (2,), {}),
    ("AdaptiveMaxPool3d", ((1, None, 2),), {}), ("LPPool1d", (2, 3), {"stride": 2}), ("LPPool2d", (3, (2, 3)), {}),
    ("LPPool3d", (float("inf"), 2), {}), ("FractionalMaxPool2d", (2, 4), {"return_indices": True}),
    ("FractionalMaxPool3d", ((1, 2, 2),), {"output_ratio": 0.5}),
])
def test_layers(name, args, options):
    def everything(T):
        layer = getattr(T.nn, name)(*args, **options)
        attributes = {key: value for key, value in sorted(vars(layer).items()) if not key.startswith("_")}
        shape = (2, 3, 9, 8, 7)[:2 + int(name[-2])]
        T.manual_seed(0)
        return [repr(layer), attributes, list(layer.state_dict()), layer(T.randn(shape))]

    check_same(everything)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_way_back(rank):
    def back(T):
        T.manual_seed(0)
        x = T.randn((2, 3, 8, 6, 4)[:2 + rank])
        pool = getattr(T.nn, f"MaxPool{rank}d")(2, return_indices=True)
        unpool = getattr(T.nn, f"MaxUnpool{rank}d")(2)
        return [repr(unpool), unpool.kernel_size, unpool(*pool(x)), unpool(*pool(x), output_size=x.shape)]

    check_same(back)


@pytest.mark.parametrize("options", [
    {}, {"output_size": 2, "output_ratio": 0.5}, {"output_ratio": 1.5}, {"output_ratio": (0.5, 0)}], ids=str)
def test_errors_of_fractional_pools(options):
    check_raises(lambda T: T.nn.FractionalMaxPool2d(2, **options))
