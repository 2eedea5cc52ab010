"""Pooling layers against PyTorch."""
import pytest

from tests.oracle import check_same


@pytest.mark.parametrize("name, args, options", [
    ("MaxPool1d", (3, 2), {}), ("MaxPool1d", (3,), {"return_indices": True}), ("MaxPool2d", (2,), {}),
    ("MaxPool2d", ((2, 3), 2, 1, 2, True, True), {}), ("AvgPool1d", (2,), {}),
    ("AvgPool1d", (3, (2,), 1, True, False), {}), ("AvgPool2d", (2,), {}),
    ("AvgPool2d", ((2, 3), 1, 1, True, False, 3), {}), ("AdaptiveAvgPool1d", (3,), {}),
    ("AdaptiveAvgPool2d", (1,), {}), ("AdaptiveAvgPool2d", ((2, None),), {}), ("AdaptiveMaxPool1d", (3, True), {}),
    ("AdaptiveMaxPool2d", ((3, 2),), {"return_indices": True}), ("AdaptiveMaxPool2d", (3,), {}),
])
def test_layers(name, args, options):
    def everything(T):
        layer = getattr(T.nn, name)(*args, **options)
        attributes = {key: value for key, value in sorted(vars(layer).items()) if not key.startswith("_")}
        shape = (2, 3, 9) if name.endswith("1d") else (2, 3, 9, 8)
        T.manual_seed(0)
        return [repr(layer), attributes, list(layer.state_dict()), layer(T.randn(shape))]

    check_same(everything)
