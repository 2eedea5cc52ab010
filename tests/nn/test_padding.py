"""Padding layers against PyTorch."""
import pytest

from tests.oracle import check_same

WIDTHS = {"1d": [1, (2, 0)], "2d": [1, (2, 0, 1, 3), [1, 1, 0, 0]], "3d": [1, (1, 0, 2, 1, 0, 1)]}


@pytest.mark.parametrize("rank", ["1d", "2d", "3d"])
@pytest.mark.parametrize("name", ["ZeroPad", "ConstantPad", "ReflectionPad", "ReplicationPad", "CircularPad"])
def test_layers(name, rank):
    def everything(T):
        value = {"value": 3.5} if name == "ConstantPad" else {}
        layers = [getattr(T.nn, name + rank)(widths, **value) for widths in WIDTHS[rank]]
        T.manual_seed(0)
        x = T.randn((2, 3, 5, 4, 4)[:2 + int(rank[0])])
        return [(repr(layer), layer.padding, list(layer.state_dict()), layer(x)) for layer in layers]

    check_same(everything)
