"""grid_sample and affine_grid against PyTorch: borders, what is no number, and errors."""
import numpy as np
import pytest

import minitorch
from minitorch.autograd import gradgradcheck
from tests.oracle import check_op, check_raises, check_same

CORNERS = np.array([[[[-1.0, -1.0], [1.0, 1.0], [-1.2, 0.3], [1.5, 0.3], [0.0, 0.0], [4.1, -7.3]]]])


def F(T):
    return T.nn.functional


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_on_and_outside_the_border(mode, padding, align_corners):
    check_op([(1, 2, 4, 4), CORNERS], lambda T, x, grid: F(T).grid_sample(x, grid, mode, padding, align_corners),
             second=False)
    check_op([(1, 2, 1, 3), CORNERS], lambda T, x, grid: F(T).grid_sample(x, grid, mode, padding, align_corners),
             second=False)


@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_volumes(padding):
    for mode in ("bilinear", "nearest"):
        check_op([(2, 2, 3, 2, 4), (2, 2, 3, 1, 3)], lambda T, x, grid: F(T).grid_sample(x, grid, mode, padding, True),
                 second=False)


def test_second_gradients():
    x, grid = (minitorch.rand(shape).double().requires_grad_() for shape in ((1, 1, 3, 3), (1, 1, 2, 2)))
    assert gradgradcheck(lambda x, grid: F(minitorch).grid_sample(x, grid, "bicubic", align_corners=True), (x, grid))


def test_places_that_are_no_numbers_stay_in_the_image():
    def sample(T):
        grid = T.tensor([[[[float("nan"), 0.0], [float("inf"), 0.0], [1e20, 0.0]]]])
        return F(T).grid_sample(T.arange(16.0).view(1, 1, 4, 4), grid, "bilinear", "border", False)

    check_same(sample)


def test_affine_grid():
    check_op([(2, 3, 4)], lambda T, theta: F(T).affine_grid(theta, (2, 1, 3, 4, 2), align_corners=True))
    check_op([(2, 2, 3)], lambda T, theta: F(T).affine_grid(theta, (2, 1, 3, 2), align_corners=False))

    def warned(T):
        with pytest.warns(UserWarning, match="affine_grid behavior has changed for unit-size grids"):
            F(T).affine_grid(T.ones(1, 2, 3), (1, 1, 1, 2), align_corners=True)
        with pytest.warns(UserWarning, match="Default grid_sample and affine_grid behavior has changed"):
            grid = F(T).affine_grid(T.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 1, 2, 2))
        with pytest.warns(UserWarning, match="See the documentation of grid_sample for details"):
            return F(T).grid_sample(T.ones(1, 1, 2, 2), grid)

    check_same(warned)


@pytest.mark.parametrize("match, call", [
    ("expected mode to be 'bilinear'", lambda T, x, grid: F(T).grid_sample(x, grid, "foo")),
    ("expected padding_mode to be", lambda T, x, grid: F(T).grid_sample(x, grid, "nearest", "foo")),
    ("expected grid and input to have same batch size",
     lambda T, x, grid: F(T).grid_sample(x, grid.expand(2, 2, 2, 2), align_corners=True)),
    ("expected grid to have size 2 in last dimension",
     lambda T, x, grid: F(T).grid_sample(x, T.zeros(1, 2, 2, 3), align_corners=True)),
    ("expected input to have non-empty spatial dimensions",
     lambda T, x, grid: F(T).grid_sample(x[:, :, :0], grid, align_corners=True)),
    ("bicubic interpolation only supports 4D input",
     lambda T, x, grid: F(T).grid_sample(x[None], T.zeros(1, 1, 1, 1, 3), "bicubic", align_corners=True)),
    ("expected scalar type", lambda T, x, grid: F(T).grid_sample(x, grid.double(), align_corners=True)),
    ("not implemented for 'Long'", lambda T, x, grid: F(T).grid_sample(x.long(), grid.long(), align_corners=True)),
    ("Expected a batch of 2D affine matrices of shape Nx2x3",
     lambda T, x, grid: F(T).affine_grid(x, (1, 1, 2, 2), False)),
    ("affine_grid only supports 4D and 5D sizes", lambda T, x, grid: F(T).affine_grid(x, (1, 1, 2), False)),
    ("Expected non-zero, positive output size",
     lambda T, x, grid: F(T).affine_grid(T.ones(1, 2, 3), (1, 1, 0, 2), False)),
    ("floating point type", lambda T, x, grid: F(T).affine_grid(x.long(), (1, 1, 2, 2), False)),
])
def test_errors(match, call):
    check_raises(lambda T: call(T, T.ones(1, 1, 2, 2), T.zeros(1, 2, 2, 2)), match=match)
