"""The simulated GPU: threads, barriers, and the mistakes that it finds."""
import numpy as np
import pytest

from minitorch.device import CPU, CUDA, place
from minitorch.kernels.cuda._runtime import SIMULATED, cuda, kernel

pytestmark = pytest.mark.skipif(not SIMULATED, reason="about the simulator")


def launch(function, grid, block, *arrays):
    """The arrays after a kernel has run."""
    arrays = [place(array, CUDA) for array in arrays]
    kernel(function)[grid, block](*arrays)
    return [place(array, CPU) for array in arrays]


def test_indices():
    def indices(out):
        x, y = cuda.grid(2)
        assert cuda.gridsize(2) == (6, 4) and cuda.laneid == cuda.threadIdx.x + 3 * cuda.threadIdx.y
        out[y * 6 + x] = 100 * cuda.blockIdx.y + 10 * cuda.blockIdx.x + cuda.threadIdx.x

    (out,) = launch(indices, (2, 2), (3, 2), np.zeros(24, np.int64))
    assert out.reshape(4, 6).tolist() == [[0, 1, 2, 10, 11, 12]] * 2 + [[100, 101, 102, 110, 111, 112]] * 2


def test_shared_memory_and_barriers():
    def reverse(x):
        shared = cuda.shared.array(96, np.float32)
        t = cuda.threadIdx.x
        shared[t] = x[t]
        cuda.syncthreads()
        x[t] = shared[95 - t]

    (out,) = launch(reverse, 1, 96, np.arange(96, dtype=np.float32))
    assert out.tolist() == list(range(95, -1, -1))


def test_a_missing_barrier_is_seen():
    def reverse(x):
        shared = cuda.shared.array(96, np.float32)
        t = cuda.threadIdx.x
        shared[t] = x[t]
        x[t] = shared[95 - t]

    (out,) = launch(reverse, 1, 96, np.arange(96, dtype=np.float32))
    assert np.isnan(out).any()  # what was read before it was written


def test_shuffles():
    def exchange(x):
        value = cuda.shfl_xor_sync(0xFFFFFFFF, x[cuda.threadIdx.x], 1)
        value = cuda.shfl_down_sync(0xFFFFFFFF, value, 2)
        x[cuda.threadIdx.x] = cuda.shfl_sync(0xFFFFFFFF, value, 4) if cuda.threadIdx.x < 32 else value

    (out,) = launch(lambda x: exchange(x), 1, 32, np.arange(32))
    assert out.tolist() == [7] * 32


def test_atomic_addition():
    def count(x):
        cuda.atomic.add(x, cuda.threadIdx.x % 2, 1)

    (out,) = launch(count, 3, 33, np.zeros(2, np.int64))
    assert out.tolist() == [51, 48]


def test_a_barrier_for_some_only_is_an_error():
    def half_a_warp(x):
        if cuda.threadIdx.x < 16:
            cuda.syncthreads()

    def one_warp_of_two(x):
        if cuda.threadIdx.x < 32:
            cuda.syncthreads()

    with pytest.raises(RuntimeError, match="have come to different places"):
        launch(half_a_warp, 1, 64, np.zeros(1))
    with pytest.raises(RuntimeError, match="32 of 64 threads of block 0 wait at syncthreads, and the others have left"):
        launch(one_warp_of_two, 1, 64, np.zeros(1))


@pytest.mark.parametrize("index", [-1, 3])
def test_memory_outside_of_an_array_is_an_error(index):
    def read(x):
        x[0] = x[index]

    def write(x):
        x[index] = 0

    for function in (read, write):
        with pytest.raises(IndexError, match="out of bounds"):
            launch(function, 1, 1, np.zeros(3))


def test_new_memory_holds_nothing_useful():
    def read(x):
        x[0] = cuda.shared.array(4, np.float32)[2]
        x[1] = cuda.local.array(4, np.int32)[2]

    (out,) = launch(read, 1, 1, np.zeros(2))
    assert np.isnan(out[0]) and out[1] == 2**31 - 1
