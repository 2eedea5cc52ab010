"""Layers that resize images, cut them into blocks, or shuffle their pixels, against PyTorch."""
import pytest

from tests.oracle import check_same


@pytest.mark.parametrize("name, args, options, shape", [
    ("Upsample", (), {"scale_factor": 2}, (1, 2, 3)),
    ("Upsample", ((5, 7),), {"mode": "bicubic", "align_corners": True}, (1, 2, 3, 4)),
    ("Upsample", (), {"scale_factor": (2, 1.5), "mode": "bilinear", "recompute_scale_factor": True}, (1, 2, 3, 4)),
    ("UpsamplingNearest2d", (), {"scale_factor": 3}, (1, 2, 3, 4)),
    ("UpsamplingBilinear2d", (6,), {}, (1, 2, 3, 4)),
    ("Fold", ((4, 5), (2, 3)), {"padding": 1, "stride": (2, 1)}, (1, 12, 15)),
    ("Unfold", ((2, 3),), {"dilation": 2, "padding": 1, "stride": 2}, (1, 2, 5, 6)),
    ("PixelShuffle", (2,), {}, (1, 8, 3, 4)), ("PixelUnshuffle", (2,), {}, (8, 4, 6)),
    ("ChannelShuffle", (3,), {}, (1, 6, 2, 2)),
])
def test_layers(name, args, options, shape):
    def everything(T):
        layer = getattr(T.nn, name)(*args, **options)
        attributes = {key: value for key, value in sorted(vars(layer).items()) if not key.startswith("_")}
        T.manual_seed(0)
        return [repr(layer), attributes, list(layer.state_dict()), layer(T.randn(shape))]

    check_same(everything)
