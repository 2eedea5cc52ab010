"""Splits, turns and written views, where PyTorch's own samples do not look."""
import pytest

from tests.oracle import check_op, check_raises, check_same


@pytest.mark.parametrize("k", range(-2, 5))
def test_rot90(k):
    check_same(lambda T: T.rot90(T.arange(6).view(2, 3), k, (1, 0)))


def test_a_written_view_leaves_its_source_alone():
    def written(T):
        x = T.zeros(3, 3)
        return [T.select_scatter(x, T.ones(3), -1, 0), T.slice_scatter(x, T.ones(2, 3), 0, 0, None, 2),
                T.diagonal_scatter(x, T.ones(2), 1), T.as_strided_scatter(x, T.ones(2), (2,), (4,)), x]
    check_same(written)
    check_raises(lambda T: T.select_scatter(T.ones(2, 3), T.ones(2), 0, 1), "equal to the slice of self")
    check_raises(lambda T: T.slice_scatter(T.ones(2), T.ones(1), step=0), "step must be positive")


def test_a_written_view_has_gradients():
    check_op([(3, 4), (3,)], lambda T, x, src: T.select_scatter(x * x, src, 1, 2) * x)


def test_combining_nothing_and_scalars():
    check_same(lambda T: [T.block_diag(), T.block_diag(T.tensor([1, 2]), T.tensor(3.)), T.combinations(T.ones(2), 0),
                          T.combinations(T.arange(3), 2, True), T.cartesian_prod(T.arange(2)),
                          T.combinations(T.ones(1)), T.column_stack([T.tensor(1), T.tensor(2)]),
                          T.diagflat(T.arange(4).view(2, 2), 1)])


def test_places():
    check_same(lambda T: T.unravel_index(T.tensor([[1, 20], [5, -1]]), (2, 3)))
    check_same(lambda T: [T.nonzero_static(T.tensor([[1, 0], [2, 3]]), size=n, fill_value=9) for n in (0, 2, 5)])
    check_raises(lambda T: T.unravel_index(T.tensor([1.]), (2, 3)), "to be integer dtype")


def test_unique_consecutive_of_slices():
    check_same(lambda T: T.unique_consecutive(T.tensor([[1, 1, 2], [3, 3, 3]]), True, True, dim=1))
    check_same(lambda T: T.unique_consecutive(T.zeros(0), return_counts=True))
