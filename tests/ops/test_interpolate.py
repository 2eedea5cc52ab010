"""Resizing images against PyTorch: what op_db leaves out."""
import numpy as np
import pytest

from tests.oracle import check_op, check_raises, check_same

LINEAR = {3: "linear", 4: "bilinear", 5: "trilinear"}
IMAGES = [(2, 3, 5), (2, 3, 5, 4), (1, 2, 3, 4, 2)]


def F(T):
    return T.nn.functional


@pytest.mark.parametrize("options", [
    {"scale_factor": 1.7}, {"scale_factor": 1.7, "recompute_scale_factor": True}, {"scale_factor": 0.6}, {"size": 7},
    {"size": 1}], ids=str)
@pytest.mark.parametrize("shape", IMAGES, ids=str)
def test_every_mode(shape, options):
    for mode in ("nearest", "nearest-exact", "area", LINEAR[len(shape)]):
        check_op([shape], lambda T, x: F(T).interpolate(x, mode=mode, **options))
    check_op([shape], lambda T, x: F(T).interpolate(x, mode=LINEAR[len(shape)], align_corners=True, **options))


@pytest.mark.parametrize("size", [(7, 9), (2, 3), (1, 1), (5, 4)], ids=str)
@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "lanczos"])
def test_antialias(mode, size):
    check_op([(2, 3, 5, 4)], lambda T, x: F(T).interpolate(x, size, mode=mode, antialias=True))


def test_float32_positions_are_rounded_as_in_torch():
    check_op([(1, 1, 1000)], lambda T, x: F(T).interpolate(x, size=1700), dtype="float32")
    check_op([(1, 1, 700)], lambda T, x: F(T).interpolate(x, scale_factor=1.3, mode="nearest-exact"), dtype="float32")


def test_other_pixels_do_not_matter():
    x = np.array([[[1.0, np.inf, 3.0, np.nan]]])
    check_op([x], lambda T, x: F(T).interpolate(x, size=6), grad=False)
    check_op([x], lambda T, x: F(T).interpolate(x, size=5, mode="linear"), grad=False)


def test_bytes():
    check_op([(1, 1, 4, 6)], lambda T, x: F(T).interpolate(x, size=(7, 3)), dtype="uint8", low=0, high=255)


def test_names():
    def names(T):
        x, image = T.ones(1, 1, 4).requires_grad_(), T.ones(1, 1, 4, 4).requires_grad_()
        outs = [F(T).interpolate(x, size=2, mode=mode) for mode in ("nearest", "nearest-exact", "linear")]
        outs += [F(T).interpolate(image, size=2, mode="bicubic", antialias=aa) for aa in (False, True)]
        return [out.grad_fn.name() for out in outs]

    check_same(names)


@pytest.mark.parametrize("name", ["upsample", "upsample_nearest", "upsample_bilinear"])
def test_old_names_warn(name):
    def old(T):
        with pytest.warns(UserWarning, match=f"`nn.functional.{name}` is deprecated"):
            return getattr(F(T), name)(T.arange(4.0).view(1, 1, 2, 2), scale_factor=2)

    check_same(old)


@pytest.mark.parametrize("match, shape, options", [
    ("either size or scale_factor should be defined", (1, 1, 4), {}),
    ("only one of size or scale_factor should be defined", (1, 1, 4), {"size": 2, "scale_factor": 2}),
    ("align_corners option can only be set with", (1, 1, 4), {"size": 2, "align_corners": True}),
    ("same number of spatial dimensions", (1, 1, 4), {"size": (2, 2)}),
    ("same number of spatial dimensions", (1, 1, 4), {"scale_factor": (2, 2)}),
    ("recompute_scale_factor is not meaningful", (1, 1, 4), {"size": 2, "recompute_scale_factor": True}),
    ("Anti-alias option is restricted", (1, 1, 4), {"size": 2, "antialias": True}),
    ("Lanczos mode requires antialias", (1, 1, 4, 4), {"size": 2, "mode": "lanczos"}),
    ("Got 4D input, but linear mode needs 3D input", (1, 1, 4, 4), {"size": 2, "mode": "linear"}),
    ("Only 3D, 4D and 5D input Tensors supported", (4, 4), {"size": 2}),
    (r"Input and output sizes should be greater than 0, but got input \(H: 4, W: 4\)", (1, 1, 4, 4), {"size": (0, 2)}),
    ("Non-empty 3D data tensor expected but got a tensor with sizes", (1, 0, 4), {"size": 2}),
    (None, (1, 1, 4), {"size": 2.0}),
])
def test_errors(match, shape, options):
    check_raises(lambda T: F(T).interpolate(T.ones(shape), **options), match=match)
