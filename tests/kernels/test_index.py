"""The compiled kernels of indexing against their specification."""
import numpy as np
import pytest

from minitorch.kernels import cpu
from tests.naive import index as naive

SHAPES = (6,), (3, 4, 5), (20000,), (40, 70), (3, 900, 2), (2, 150, 130), (300, 170)  # by NumPy and compiled
ALONG = pytest.mark.parametrize("shape, dim", [(shape, dim) for shape in SHAPES for dim in range(len(shape))], ids=str)


def numbers(shape, dtype, seed=0):
    """They round when they are added: a sum says in which order."""
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(dtype)


def strided(x):
    """The same numbers, with gaps in between."""
    return np.repeat(x, 2, axis=-1)[..., ::2]


@ALONG
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_elements_are_read_and_added_along_a_dimension(shape, dim, dtype):
    x, src = numbers(shape, dtype), numbers(shape, dtype, 1)
    index = np.random.default_rng(2).integers(0, shape[dim], shape)
    for form in slice(None), slice(None, -1):  # an index may be smaller than the others
        where = strided(index[(form,) * len(shape)])
        np.testing.assert_array_equal(cpu.gather(strided(x), dim, where), naive.gather(x, dim, where), strict=True)
        np.testing.assert_array_equal(cpu.scatter_add(strided(x), dim, where, strided(src)),
                                      naive.scatter_add(x, dim, where, src), strict=True)


@ALONG
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_slices_are_read_and_added_along_a_dimension(shape, dim, dtype):
    x = numbers(shape, dtype)
    index = np.random.default_rng(2).integers(0, shape[dim], 2 * shape[dim])
    source = numbers((*shape[:dim], index.size, *shape[dim + 1:]), dtype, 1)
    np.testing.assert_array_equal(cpu.index_select(strided(x), dim, strided(index)),
                                  naive.index_select(x, dim, index), strict=True)
    np.testing.assert_array_equal(cpu.index_add(strided(x), dim, strided(index), strided(source)),
                                  naive.index_add(x, dim, index, source), strict=True)


@pytest.mark.parametrize("size", [5, 50])
@pytest.mark.parametrize("indexed", [(0,), (2,), (0, 1), (1, 2), (0, 1, 2), (0, 2), (1, 2, 3), (3,)], ids=str)
def test_several_dimensions_are_indexed_at_once(indexed, size):
    shape = (size, 7, 4, 9)
    x, rng = numbers(shape, "float32"), np.random.default_rng(0)
    indices = [None] * (indexed[-1] + 1)
    for d, form in zip(indexed, [(30, 1), (8,), (30, 8)]):
        indices[d] = rng.integers(-shape[d], shape[d], form)
    where = tuple(np.s_[:] if i is None else i for i in indices)
    np.testing.assert_array_equal(cpu.index(x, indices), x[where], strict=True)
    for values in numbers(x[where].shape, "float32", 1), np.float32(0.1):
        out = x.copy()
        np.add.at(out, where, values)
        np.testing.assert_array_equal(cpu.index_put(x, indices, values, accumulate=True), out, strict=True)


@pytest.mark.parametrize("rows", [3, 300])
@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("wrong", [-1, 300, 1 << 40])
def test_no_element_is_read_or_written_outside(rows, dim, wrong):
    x, slices = np.zeros((rows, 300), np.float32), np.zeros(300, np.int64)
    index = np.zeros(x.shape, np.int64)
    index[-1, -1] = slices[-1] = wrong
    for call in (lambda: cpu.gather(x, dim, index), lambda: cpu.scatter_add(x, dim, index, x)):
        with pytest.raises(RuntimeError, match=f"index {wrong} is out of bounds for dimension {dim} with size"):
            call()
    source = np.zeros((300, 300), np.float32)[:x.shape[1 - dim]]
    for call in (lambda: cpu.index_select(x, dim, slices), lambda: cpu.embedding(x, slices),
                 lambda: cpu.index_add(x, dim, slices, source if dim else source.T)):
        with pytest.raises(IndexError, match=f"index out of range in self.* {wrong} "):
            call()
    with pytest.raises(IndexError, match=f"index {max(wrong, 300)} is out of bounds for dimension 1 with size 300"):
        cpu.index(x, [None, np.where(slices == wrong, max(wrong, 300), slices)])


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("rows, columns", [(5, 3), (50, 700), (40000, 1)])
def test_an_embedding_reads_rows(rows, columns, dtype):
    table, indices = numbers((rows, columns), dtype), np.random.default_rng(0).integers(0, rows, (20, 3)).T
    np.testing.assert_array_equal(cpu.embedding(table, indices), table[indices], strict=True)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("padding_idx", [None, 1])
def test_embedding_backward_adds_up(dtype, padding_idx):
    rng = np.random.default_rng(0)
    indices, grad = rng.integers(0, 4, (3, 5)).T, rng.integers(-8, 8, (5, 3, 2)).astype(dtype)
    expected = np.zeros((4, 2), dtype)
    np.add.at(expected, indices, grad)
    if padding_idx is not None:
        expected[padding_idx] = 0
    out = cpu.embedding_backward(grad, indices, 4, padding_idx)
    assert out.dtype == dtype
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("largest", [False, True])
@pytest.mark.parametrize("k", [0, 1, 7, 39, 40])
def test_the_first_k_are_those_of_a_sort(k, largest, dim):
    x = np.random.default_rng(0).permutation(1600).reshape(40, 40).astype(np.float32)
    x[3, 4] = x[5, 6] = np.nan
    x[3, 9], x[5, 8] = np.inf, -np.inf
    for out, everything in zip(cpu.topk(x, k, dim, largest), cpu.sort(x, dim, largest)):
        np.testing.assert_array_equal(out, everything[:k] if dim == 0 else everything[:, :k], strict=True)
